/* SPDX-License-Identifier: Apache-2.0 */
/* A file as bytes that can be looked at anywhere without reading all of it. */
#ifndef JB_COUNT_MAP_INT_H
#define JB_COUNT_MAP_INT_H

#include "base/compiler.h"
#include "count/span_int.h"

struct jb_map {
    struct jb_span bytes; /* borrowed by what is made of them; gone with jb_map_close */
    void *owned;          /* a copy of a small file, or the mapping */
    size_t mapped_bytes;  /* 0: a copy */
};

/*
 * JB_E_NOT_FOUND, JB_E_PERMISSION, JB_E_IO; JB_E_INPUT where it is no ordinary file, or an empty one. Up to 1 MiB are read, more is
 * mapped and its pages are read when they are touched. A mapped file that somebody makes shorter meanwhile ends the process
 * with SIGBUS when a page that is gone is touched: no reader of mapped files can turn that into an error without taking over the
 * signals of its host.
 */
JB_MUST_USE jb_rc jb_map_open(const char *path, struct jb_map *ret, struct jb_error *err);
void jb_map_close(struct jb_map *map);

#endif
