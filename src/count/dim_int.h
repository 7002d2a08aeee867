/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside of dim.h: symbols, monomials and polynomials, each kept once in the pool, so that equal ones are the same
 * pointer. Terms stand by degree upward, the constant last; within a degree the symbol met first, highest power first.
 */
#ifndef JB_COUNT_DIM_INT_H
#define JB_COUNT_DIM_INT_H

#include "count/dim.h"

/* Beyond these a size is UNKNOWN and the pool remembers an overflow: a formula nobody can read, or a hostile file. */
#define JB_POLY_TERMS_MAX   512
#define JB_POLY_DEGREE_MAX  64
#define JB_DIM_SYMBOLS_MAX  16384
#define JB_DIM_TEXT_MAX     2048
#define JB_DIM_NAME_MAX     256
#define JB_DIMS_BYTES_MAX   ((size_t)256 * 1024 * 1024)
#define JB_DIM_FLOORS_DEPTH 32
/* Terms touched in all, a product of two counted as some: seconds of work. Beyond it sizes with symbols are UNKNOWN. */
#define JB_DIMS_WORK_MAX    ((uint64_t)1 << 30)
#define JB_DIM_PRODUCT_WORK 32

struct jb_symbol {
    uint64_t hash;
    uint32_t id;
    bool is_bound;    /* by the user */
    bool is_composed; /* a floor, minimum or maximum: named by its own text, not to be bound */
    bool is_negative; /* may be below zero; a size of a file never is */
    bool was_met;
    int64_t value; /* is_bound */
    size_t len;
    const char *name; /* as the file has it */
    const char *text; /* printable, as it stands in a formula */
    /* floor(numerator / divisor) with a number as divisor; 0: not of that kind */
    const struct jb_poly *numerator;
    int64_t divisor;
    uint32_t depth; /* of compositions within compositions */
};

struct jb_factor {
    uint32_t symbol, power; /* power >= 1; by symbol upward */
};

struct jb_mono {
    uint64_t hash;
    uint32_t n, degree;
    struct jb_factor factors[];
};

struct jb_term {
    int64_t coefficient; /* not 0 */
    const struct jb_mono *mono;
};

struct jb_poly {
    uint64_t hash;
    uint32_t n; /* >= 1 */
    struct jb_term terms[];
};

/* A table of pointers to things that begin with their hash. */
struct jb_dims_table {
    void **slots;
    size_t n, capacity; /* a power of two, or 0 */
};

struct jb_dims_chunk;
struct jb_dims {
    struct jb_dims_chunk *chunk; /* the newest */
    size_t n_bytes;
    struct jb_dims_table by_name, monos, polys;
    struct jb_symbol **symbols; /* by id */
    size_t n_symbols, capacity;
    const char **open; /* printable names */
    size_t n_open, open_capacity;
    struct jb_term *scratch; /* of one product or sum, while it is made */
    size_t scratch_capacity;
    uint64_t n_work;
    bool has_overflowed;
    jb_rc failure;
};

/* --- dim_pool.c -------------------------------------------------------------------------------------------------- */

void *jb_dims__get(struct jb_dims *dims, size_t size); /* zeroed; NULL: remembered in dims */
struct jb_dim jb_dims__overflow(struct jb_dims *dims); /* UNKNOWN, remembered */
/* Whether n more terms may be touched; false: remembered as an overflow. */
bool jb_dims__charge(struct jb_dims *dims, size_t n);
/* Room for n terms, or NULL. */
struct jb_term *jb_dims__scratch(struct jb_dims *dims, size_t n);
const struct jb_mono *jb_dims__mono(struct jb_dims *dims, const struct jb_factor *factors,
                                    size_t n);
/* terms in order, none twice, none 0 */
struct jb_dim jb_dims__poly(struct jb_dims *dims, const struct jb_term *terms, size_t n);
struct jb_symbol *jb_dims__find(const struct jb_dims *dims, const char *name, size_t len,
                                bool is_composed);
/* A new symbol of that name; NULL: remembered. */
struct jb_symbol *jb_dims__enter(struct jb_dims *dims, const char *name, size_t len,
                                 bool is_composed);
struct jb_dim jb_dims__dim_of(struct jb_dims *dims, const struct jb_symbol *symbol);
/* The symbol of a composition named by `text`: met before, or made. */
struct jb_symbol *jb_dims__composed(struct jb_dims *dims, const char *text, size_t len,
                                    struct jb_dim a, struct jb_dim b);

/* --- dim_poly.c: at least one of the two is a polynomial ---------------------------------------------------------- */

/* a + factor * b */
struct jb_dim jb_poly__add(struct jb_dims *dims, struct jb_dim a, int64_t factor, struct jb_dim b);
struct jb_dim jb_poly__mul(struct jb_dims *dims, struct jb_dim a, struct jb_dim b);
/* a / b where that leaves nothing; false else. */
bool jb_poly__divides(struct jb_dims *dims, struct jb_dim a, struct jb_dim b, struct jb_dim *ret);
/* The terms of either kind; a number's into *ret_own. */
size_t jb_poly__terms(struct jb_dim dim, struct jb_term *own, const struct jb_term **ret_terms);
/* Whether nothing in it can be below zero. */
bool jb_poly__is_size(const struct jb_dims *dims, struct jb_dim dim);
/* -1, 0, 1 in the order of terms */
int jb_mono__compare(const struct jb_mono *a, const struct jb_mono *b);
extern const struct jb_mono jb_mono__one;

/* --- dim_sum.c: many sizes added up without a polynomial for each step ---------------------------------------------- */

struct jb_dim_sum {
    int64_t number;
    bool is_broken; /* overflow, or no memory: remembered in dims */
    struct jb_term *terms;
    size_t n, capacity;
};
/* UNKNOWN is left out: whoever adds knows what to say of it. */
void jb_dim_sum_add(struct jb_dims *dims, struct jb_dim_sum *sum, struct jb_dim dim);
/* The sum; releases it. */
struct jb_dim jb_dim_sum_end(struct jb_dims *dims, struct jb_dim_sum *sum);
/* How large a size is about, each open symbol taken for 64: to put rows in order, nothing else. */
double jb_dim__magnitude(struct jb_dim dim);

#endif
