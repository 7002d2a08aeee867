/* SPDX-License-Identifier: Apache-2.0 */
/* Borrowed bytes of a mapped file, and memory that lives as long as a count. */
#ifndef JB_COUNT_SPAN_INT_H
#define JB_COUNT_SPAN_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/error.h"

struct jb_span {
    const uint8_t *at; /* NULL only if len is 0 */
    size_t len;
};

static inline bool jb_span_is(struct jb_span span, const char *text)
{
    const size_t len = strlen(text);
    return span.len == len && (len == 0 || memcmp(span.at, text, len) == 0);
}
static inline bool jb_span_equal(struct jb_span a, struct jb_span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}
static inline struct jb_span jb_span_of(const char *text)
{
    return (struct jb_span){.at = (const uint8_t *)text, .len = strlen(text)};
}

/* Zeroed memory, freed all at once; `max_bytes` in all, so that no file makes it grow without bound. */
struct jb_arena;
JB_MUST_USE jb_rc jb_arena_new(size_t max_bytes, struct jb_arena **ret, struct jb_error *err);
void jb_arena_free(struct jb_arena *arena);
JB_AUTO_POINTER(struct jb_arena, jb_arena_free)
void *jb_arena_get(struct jb_arena *arena, size_t n,
                   size_t size); /* NULL: no memory, overflow, or over the ceiling */
/* What to return after a NULL: JB_E_RANGE where the ceiling was met, else JB_E_NOMEM. */
jb_rc jb_arena_fail(const struct jb_arena *arena, struct jb_error *err);
/* clang's analyzer reads one file at a time: see base/error.h */
#if defined(__clang_analyzer__)
#define jb_arena_fail(arena, err) (jb_arena_fail((arena), (err)), JB_E_NOMEM)
#endif

#endif
