/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arithmetic of sizes (R-COUNT-03, R-COUNT-04). Plain numbers are computed here and touch no memory; with a symbol in it a
 * size goes to dim_poly.c. A floor is brought to one form, so that two ways to the same size are the same polynomial:
 * whole multiples stand before it, what remains is reduced, a floor of a floor is one floor.
 */
#include "base/num.h"
#include "count/dim_int.h"

static bool is_unknown(struct jb_dim a, struct jb_dim b)
{
    return a.kind == JB_DIM_UNKNOWN || b.kind == JB_DIM_UNKNOWN;
}

static bool is_number(struct jb_dim a, struct jb_dim b)
{
    return a.kind == JB_DIM_NUMBER && b.kind == JB_DIM_NUMBER;
}

struct jb_dim jb_dim_add(struct jb_dims *dims, struct jb_dim a, struct jb_dim b)
{
    int64_t sum;
    if (is_unknown(a, b))
        return jb_dim_unknown();
    if (is_number(a, b))
        return JB_ADD_OVERFLOWS(a.n, b.n, &sum) ? jb_dims__overflow(dims) : jb_dim_number(sum);
    return jb_poly__add(dims, a, 1, b);
}

struct jb_dim jb_dim_sub(struct jb_dims *dims, struct jb_dim a, struct jb_dim b)
{
    int64_t rest;
    if (is_unknown(a, b))
        return jb_dim_unknown();
    if (is_number(a, b))
        return JB_SUB_OVERFLOWS(a.n, b.n, &rest) ? jb_dims__overflow(dims) : jb_dim_number(rest);
    return jb_poly__add(dims, a, -1, b);
}

struct jb_dim jb_dim_mul(struct jb_dims *dims, struct jb_dim a, struct jb_dim b)
{
    int64_t product;
    if (is_unknown(a, b))
        return jb_dim_unknown();
    if (is_number(a, b))
        return JB_MUL_OVERFLOWS(a.n, b.n, &product) ? jb_dims__overflow(dims)
                                                    : jb_dim_number(product);
    return jb_poly__mul(dims, a, b);
}

/* --- floors ------------------------------------------------------------------------------------------------------ */

/* Toward minus infinity; b > 0. */
static int64_t floor_of(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static int64_t common_divisor(int64_t a, int64_t b)
{
    while (b != 0) {
        const int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a < 0 ? -a : a;
}

/* a = whole * b + rest with every coefficient of rest in [0, b). */
static void split(struct jb_dims *dims, struct jb_dim a, int64_t b, struct jb_dim *ret_whole,
                  struct jb_dim *ret_rest)
{
    struct jb_term whole[JB_POLY_TERMS_MAX], rest[JB_POLY_TERMS_MAX];
    size_t n_whole = 0, n_rest = 0;
    for (uint32_t i = 0; i < a.poly->n; i++) {
        const struct jb_term term = a.poly->terms[i];
        const int64_t times = floor_of(term.coefficient, b);
        const int64_t left = term.coefficient - times * b;
        if (times != 0)
            whole[n_whole++] = (struct jb_term){.coefficient = times, .mono = term.mono};
        if (left != 0)
            rest[n_rest++] = (struct jb_term){.coefficient = left, .mono = term.mono};
    }
    *ret_whole = jb_dims__poly(dims, whole, n_whole);
    *ret_rest = jb_dims__poly(dims, rest, n_rest);
}

/* What divides every coefficient that stands with a symbol, and b. */
static int64_t common_of(const struct jb_poly *poly, int64_t b)
{
    for (uint32_t i = 0; i < poly->n; i++) {
        if (poly->terms[i].mono != &jb_mono__one)
            b = common_divisor(b, poly->terms[i].coefficient);
    }
    return b;
}

/* floor((floor(p / d) + r) / b) = floor((p + d r) / (d b)): false where `a` is no such sum. */
static bool is_floor_of_floor(struct jb_dims *dims, struct jb_dim a, int64_t b, struct jb_dim *ret,
                              int64_t *ret_divisor)
{
    for (uint32_t i = 0; i < a.poly->n; i++) {
        const struct jb_term *const term = &a.poly->terms[i];
        if (term->coefficient != 1 || term->mono->degree != 1)
            continue;
        const struct jb_symbol *const symbol = dims->symbols[term->mono->factors[0].symbol];
        if (symbol->divisor == 0)
            continue;
        const struct jb_dim inner = {.kind = JB_DIM_POLY, .poly = symbol->numerator};
        const struct jb_dim rest = jb_dim_sub(dims, a, jb_dims__dim_of(dims, symbol));
        *ret = jb_dim_add(dims, inner, jb_dim_mul(dims, rest, jb_dim_number(symbol->divisor)));
        return ret->kind == JB_DIM_POLY && !JB_MUL_OVERFLOWS(symbol->divisor, b, ret_divisor);
    }
    return false;
}

/* A symbol "name(a OP b)"; NULL: too long, or no memory. */
static struct jb_symbol *compose(struct jb_dims *dims, const char *name, struct jb_dim a,
                                 const char *between, struct jb_dim b)
{
    JB_AUTO(jb_buf_release) struct jb_buf text = JB_BUF(JB_DIM_TEXT_MAX);
    const bool is_division = between[0] == '/';
    const bool is_long = is_division && a.kind == JB_DIM_POLY && a.poly->n > 1;
    const bool is_low = is_division && b.kind == JB_DIM_POLY;

    jb_buf_addf(&text, "%s(%s", name, is_long ? "(" : "");
    jb_dim_print(dims, a, &text);
    jb_buf_addf(&text, "%s%s%s", is_long ? ")" : "", between, is_low ? "(" : "");
    jb_dim_print(dims, b, &text);
    jb_buf_addf(&text, "%s)", is_low ? ")" : "");
    if (text.failed) {
        if (text.failed == JB_E_NOMEM)
            dims->failure = JB_E_NOMEM;
        else
            (void)jb_dims__overflow(dims);
        return NULL;
    }
    return jb_dims__composed(dims, text.bytes, text.len, a, b);
}

/* a is a polynomial, b > 0 a number. */
static struct jb_dim floor_by_number(struct jb_dims *dims, struct jb_dim a, int64_t b)
{
    struct jb_dim before = jb_dim_number(0), whole, rest, flat;
    int64_t flat_divisor = 1;

    for (;;) {
        split(dims, a, b, &whole, &rest);
        before = jb_dim_add(dims, before, whole);
        if (rest.kind == JB_DIM_NUMBER) /* 0 <= rest < b */
            return before;
        if (rest.kind == JB_DIM_UNKNOWN)
            return rest;
        if (is_floor_of_floor(dims, rest, b, &flat, &flat_divisor)) {
            a = flat;
            b = flat_divisor;
            continue;
        }
        const int64_t common = common_of(rest.poly, b);
        if (common == 1)
            break;
        /* The constant loses its remainder, which no whole multiple of `common` can make up for. */
        split(dims, rest, common, &a, &rest);
        b /= common;
    }
    struct jb_symbol *const symbol = compose(dims, "floor", rest, "/", jb_dim_number(b));
    if (!symbol)
        return jb_dim_unknown();
    if (symbol->divisor == 0) {
        symbol->divisor = b;
        symbol->numerator = rest.poly;
        symbol->is_negative = !jb_poly__is_size(dims, rest);
    }
    return jb_dim_add(dims, before, jb_dims__dim_of(dims, symbol));
}

struct jb_dim jb_dim_div_floor(struct jb_dims *dims, struct jb_dim a, struct jb_dim b)
{
    struct jb_dim exact;

    if (is_unknown(a, b) || jb_dim_is(b, 0))
        return jb_dim_unknown();
    if (b.kind == JB_DIM_NUMBER && b.n < 0) {
        a = jb_dim_sub(dims, jb_dim_number(0), a);
        if (a.kind == JB_DIM_UNKNOWN || b.n == INT64_MIN)
            return jb_dim_unknown();
        b = jb_dim_number(-b.n);
    }
    if (is_number(a, b))
        return jb_dim_number(floor_of(a.n, b.n));
    if (b.kind == JB_DIM_NUMBER)
        return floor_by_number(dims, a, b.n);
    if (jb_poly__divides(dims, a, b, &exact))
        return exact;
    struct jb_symbol *const symbol = compose(dims, "floor", a, "/", b);
    if (symbol)
        symbol->is_negative = !jb_poly__is_size(dims, a) || !jb_poly__is_size(dims, b);
    return jb_dims__dim_of(dims, symbol);
}

struct jb_dim jb_dim_div_ceil(struct jb_dims *dims, struct jb_dim a, struct jb_dim b)
{
    /* ceil(a / b) = -floor(-a / b), so that it has the one form of floors. */
    const struct jb_dim negated = jb_dim_sub(dims, jb_dim_number(0), a);
    if (is_number(a, b) || b.kind != JB_DIM_POLY) {
        if (b.kind == JB_DIM_NUMBER && b.n > 0 && a.kind == JB_DIM_POLY)
            return jb_dim_div_floor(dims, jb_dim_add(dims, a, jb_dim_number(b.n - 1)), b);
        return jb_dim_sub(dims, jb_dim_number(0), jb_dim_div_floor(dims, negated, b));
    }
    struct jb_dim exact;
    if (is_unknown(a, b) || jb_poly__divides(dims, a, b, &exact))
        return is_unknown(a, b) ? jb_dim_unknown() : exact;
    const struct jb_dim above = jb_dim_add(dims, a, jb_dim_sub(dims, b, jb_dim_number(1)));
    return jb_dim_div_floor(dims, above, b);
}

/* --- comparisons ------------------------------------------------------------------------------------------------- */

/* Whether a >= b for every value of the symbols, none of which is below zero. */
static bool is_at_least(struct jb_dims *dims, struct jb_dim a, struct jb_dim b)
{
    return jb_poly__is_size(dims, jb_dim_sub(dims, a, b));
}

static struct jb_dim extreme(struct jb_dims *dims, struct jb_dim a, struct jb_dim b, bool is_max)
{
    if (is_unknown(a, b))
        return jb_dim_unknown();
    if (is_number(a, b))
        return (a.n > b.n) == is_max ? a : b;
    const bool had_overflowed = dims->has_overflowed;
    const bool a_wins = is_at_least(dims, a, b), b_wins = is_at_least(dims, b, a);
    dims->has_overflowed = had_overflowed;
    if (a_wins || b_wins)
        return a_wins == is_max ? a : b;
    if (a.kind == JB_DIM_NUMBER ||
        (b.kind == JB_DIM_POLY &&
         jb_mono__compare(b.poly->terms[0].mono, a.poly->terms[0].mono) < 0)) {
        const struct jb_dim first = b; /* the same text whichever came first */
        b = a;
        a = first;
    }
    struct jb_symbol *const symbol = compose(dims, is_max ? "max" : "min", a, ", ", b);
    if (symbol) {
        const bool a_is_size = jb_poly__is_size(dims, a), b_is_size = jb_poly__is_size(dims, b);
        symbol->is_negative = is_max ? !a_is_size && !b_is_size : !a_is_size || !b_is_size;
    }
    return jb_dims__dim_of(dims, symbol);
}

struct jb_dim jb_dim_min(struct jb_dims *dims, struct jb_dim a, struct jb_dim b)
{
    return extreme(dims, a, b, false);
}

struct jb_dim jb_dim_max(struct jb_dims *dims, struct jb_dim a, struct jb_dim b)
{
    return extreme(dims, a, b, true);
}

bool jb_dim_equal(struct jb_dim a, struct jb_dim b)
{
    if (a.kind != b.kind || a.kind == JB_DIM_UNKNOWN)
        return false;
    return a.kind == JB_DIM_NUMBER ? a.n == b.n : a.poly == b.poly;
}

struct jb_dim jb_dim_broadcast(struct jb_dims *dims, struct jb_dim a, struct jb_dim b)
{
    (void)dims;
    if (jb_dim_is(a, 1))
        return b;
    if (jb_dim_is(b, 1) || jb_dim_equal(a, b))
        return a;
    if (is_number(a, b))
        return jb_dim_unknown(); /* no two sizes of a valid model */
    if (a.kind == JB_DIM_NUMBER || b.kind == JB_DIM_NUMBER)
        return a.kind == JB_DIM_NUMBER ? a : b;
    return is_unknown(a, b) ? jb_dim_unknown() : a;
}
