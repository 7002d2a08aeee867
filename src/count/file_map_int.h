/* SPDX-License-Identifier: Apache-2.0 */
/* A file as bytes in memory, read as it is touched and not before. */
#ifndef JB_COUNT_FILE_MAP_INT_H
#define JB_COUNT_FILE_MAP_INT_H

#include "base/error.h"
#include "count/span_int.h"

struct jb_file_map {
    struct jb_span bytes;
};
/* A regular file only. JB_E_NOT_FOUND, JB_E_PERMISSION ... name the path; an empty file has no bytes. */
JB_MUST_USE jb_rc jb_file_map_open(const char *path, struct jb_file_map *ret, struct jb_error *err);
void jb_file_map_close(struct jb_file_map *map);

#endif
