/* SPDX-License-Identifier: Apache-2.0 */
/* The formats a model may have, one row each (count.c), and what a reader gets and gives. */
#ifndef JB_COUNT_COUNT_INT_H
#define JB_COUNT_COUNT_INT_H

#include "count/count.h"
#include "count/map_int.h"
#include "count/span_int.h"

struct jb_count_job {
    const char *path;       /* of the file itself, where a folder was given */
    struct jb_span bytes;   /* of it */
    struct jb_dims *dims;   /* names are bound already */
    struct jb_arena *arena; /* what a count points to lives here */
};

/*
 * Fills what it can tell; format, dims, n_open and owned are the caller's. Names are printable and in the arena. A message of an error needs
 * no path: the caller puts it before.
 */
typedef jb_rc (*jb_count_reader)(const struct jb_count_job *job, struct jb_count *ret,
                                 struct jb_error *err);

jb_rc jb_count_read_onnx(const struct jb_count_job *job, struct jb_count *ret,
                         struct jb_error *err);
jb_rc jb_count_read_safetensors(const struct jb_count_job *job, struct jb_count *ret,
                                struct jb_error *err);
jb_rc jb_count_read_gguf(const struct jb_count_job *job, struct jb_count *ret,
                         struct jb_error *err);

/* As jb_count_file, of bytes in memory, which nothing points to afterwards; `path` is what they are called, and may be the name of a
 * file that other files lie beside. */
JB_MUST_USE jb_rc jb_count_bytes(struct jb_span bytes, const char *path,
                                 const struct jb_count_order *order, struct jb_count *ret,
                                 struct jb_error *err);

/* A copy that may be shown, cut to 255 bytes; NULL: no memory. */
const char *jb_count_text(struct jb_arena *arena, struct jb_span text);

#endif
