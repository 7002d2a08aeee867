/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sizes that may not be numbers yet: polynomials with integer coefficients over named symbols ("batch", "seq"), so that a
 * count of a model with open dimensions is a formula and no guess. What is no polynomial (a floor, a maximum) becomes a
 * symbol that is named by its own text. Most sizes are plain numbers, and those cost nothing. R-COUNT-03.
 */
#ifndef JB_COUNT_DIM_H
#define JB_COUNT_DIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

enum jb_dim_kind {
    JB_DIM_UNKNOWN, /* nobody can say; also what came out of an overflow */
    JB_DIM_NUMBER,
    JB_DIM_POLY,
};

struct jb_poly; /* owned by the pool, never changed once made */

struct jb_dim {
    enum jb_dim_kind kind;
    int64_t
        n; /* NUMBER; may be negative where it is not a size but a value (an axis, -1 of Reshape) */
    const struct jb_poly *poly; /* POLY */
};

/* Owns symbols and polynomials; what fails for lack of memory or by overflow is UNKNOWN and remembered here. */
struct jb_dims;
JB_MUST_USE jb_rc jb_dims_new(struct jb_dims **ret, struct jb_error *err);
void jb_dims_free(struct jb_dims *dims);
JB_AUTO_POINTER(struct jb_dims, jb_dims_free)
bool jb_dims_has_overflowed(const struct jb_dims *dims);
jb_rc jb_dims_failure(const struct jb_dims *dims); /* JB_OK or JB_E_NOMEM */

/* "--bind batch=32": from now on the symbol is that number. Before any use of it. JB_E_INPUT: bound twice, or < 0. */
JB_MUST_USE jb_rc jb_dims_bind(struct jb_dims *dims, const char *name, size_t len, int64_t value,
                               struct jb_error *err);
/* Whether each bound name was met; NULL or the first that was not (a typo: say so). */
const char *jb_dims_unused_binding(const struct jb_dims *dims);

static inline struct jb_dim jb_dim_number(int64_t n)
{
    return (struct jb_dim){.kind = JB_DIM_NUMBER, .n = n};
}
static inline struct jb_dim jb_dim_unknown(void)
{
    return (struct jb_dim){.kind = JB_DIM_UNKNOWN};
}
static inline bool jb_dim_is(struct jb_dim dim, int64_t n)
{
    return dim.kind == JB_DIM_NUMBER && dim.n == n;
}
/* A symbol, or the number it is bound to. Text from a file: cleaned for printing when it is printed. */
struct jb_dim jb_dim_symbol(struct jb_dims *dims, const char *name, size_t len);

/* UNKNOWN if either is. */
struct jb_dim jb_dim_add(struct jb_dims *dims, struct jb_dim a, struct jb_dim b);
struct jb_dim jb_dim_sub(struct jb_dims *dims, struct jb_dim a, struct jb_dim b);
struct jb_dim jb_dim_mul(struct jb_dims *dims, struct jb_dim a, struct jb_dim b);
/* Exact where it goes, else floor (toward minus infinity) or ceiling, as a symbol named by its text. b = 0: UNKNOWN. */
struct jb_dim jb_dim_div_floor(struct jb_dims *dims, struct jb_dim a, struct jb_dim b);
struct jb_dim jb_dim_div_ceil(struct jb_dims *dims, struct jb_dim a, struct jb_dim b);
struct jb_dim jb_dim_min(struct jb_dims *dims, struct jb_dim a, struct jb_dim b);
struct jb_dim jb_dim_max(struct jb_dims *dims, struct jb_dim a, struct jb_dim b);
/* Known to be the same number or the same polynomial. */
bool jb_dim_equal(struct jb_dim a, struct jb_dim b);
/* R-COUNT-04: two sizes that meet by broadcasting: 1 gives way; equal; a number > 1 against a symbol is the number;
 * two different symbols are taken for the same size (the first), as the standard demands it to be. */
struct jb_dim jb_dim_broadcast(struct jb_dims *dims, struct jb_dim a, struct jb_dim b);

/* "768*batch*seq + 12*batch*seq^2"; "?" for UNKNOWN. Terms in a fixed order. */
void jb_dim_print(const struct jb_dims *dims, struct jb_dim dim, struct jb_buf *out);
/* The symbols met so far that are not bound, in the order they came; borrowed texts, printable. */
size_t jb_dims_n_open(const struct jb_dims *dims);
const char *jb_dims_open_at(const struct jb_dims *dims, size_t i);

#endif
