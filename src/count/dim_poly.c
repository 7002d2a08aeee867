/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sums, products and exact quotients of polynomials (R-COUNT-03). Coefficients are 64 bits and checked: what does not fit
 * is UNKNOWN, never wrong.
 */
#include <stdlib.h>

#include "count/dim_int.h"

#define PRODUCTS_MAX ((size_t)JB_POLY_TERMS_MAX * 64)

const struct jb_mono jb_mono__one = {.hash = 1};

int jb_mono__compare(const struct jb_mono *a, const struct jb_mono *b)
{
    if (a == b)
        return 0;
    if (a->degree != b->degree) {
        if (a->degree == 0 || b->degree == 0)
            return a->degree == 0 ? 1 : -1;
        return a->degree < b->degree ? -1 : 1;
    }
    for (uint32_t i = 0; i < a->n && i < b->n; i++) {
        if (a->factors[i].symbol != b->factors[i].symbol)
            return a->factors[i].symbol < b->factors[i].symbol ? -1 : 1;
        if (a->factors[i].power != b->factors[i].power)
            return a->factors[i].power > b->factors[i].power ? -1 : 1;
    }
    return 0;
}

size_t jb_poly__terms(struct jb_dim dim, struct jb_term *own, const struct jb_term **ret_terms)
{
    if (dim.kind == JB_DIM_POLY) {
        *ret_terms = dim.poly->terms;
        return dim.poly->n;
    }
    *own = (struct jb_term){.coefficient = dim.n, .mono = &jb_mono__one};
    *ret_terms = own;
    return dim.n != 0;
}

bool jb_poly__is_size(const struct jb_dims *dims, struct jb_dim dim)
{
    if (dim.kind != JB_DIM_POLY)
        return dim.kind == JB_DIM_NUMBER && dim.n >= 0;
    for (uint32_t i = 0; i < dim.poly->n; i++) {
        const struct jb_term *const term = &dim.poly->terms[i];
        if (term->coefficient < 0)
            return false;
        for (uint32_t f = 0; f < term->mono->n; f++) {
            if (dims->symbols[term->mono->factors[f].symbol]->is_negative)
                return false;
        }
    }
    return true;
}

struct jb_dim jb_poly__add(struct jb_dims *dims, struct jb_dim a, int64_t factor, struct jb_dim b)
{
    struct jb_term own_a, own_b;
    const struct jb_term *left, *right;
    const size_t n_left = jb_poly__terms(a, &own_a, &left);
    const size_t n_right = jb_poly__terms(b, &own_b, &right);
    size_t n = 0, i = 0, j = 0;

    if (!jb_dims__charge(dims, n_left + n_right))
        return jb_dim_unknown();
    struct jb_term *const sum = jb_dims__scratch(dims, n_left + n_right + 1);
    if (!sum)
        return jb_dim_unknown();
    while (i < n_left || j < n_right) {
        const int order = i == n_left    ? 1
                          : j == n_right ? -1
                                         : jb_mono__compare(left[i].mono, right[j].mono);
        struct jb_term term = order <= 0 ? left[i] : right[j];
        if (order >= 0) {
            int64_t scaled;
            if (JB_MUL_OVERFLOWS(right[j].coefficient, factor, &scaled) ||
                JB_ADD_OVERFLOWS(order == 0 ? left[i].coefficient : 0, scaled, &term.coefficient))
                return jb_dims__overflow(dims);
            j++;
        }
        i += order <= 0;
        if (term.coefficient != 0)
            sum[n++] = term;
    }
    return jb_dims__poly(dims, sum, n);
}

static const struct jb_mono *mono_product(struct jb_dims *dims, const struct jb_mono *a,
                                          const struct jb_mono *b)
{
    struct jb_factor factors[2 * JB_POLY_DEGREE_MAX];
    size_t n = 0;
    uint32_t i = 0, j = 0;

    if (a == &jb_mono__one || b == &jb_mono__one)
        return a == &jb_mono__one ? b : a;
    while (i < a->n || j < b->n) {
        if (j == b->n || (i < a->n && a->factors[i].symbol < b->factors[j].symbol)) {
            factors[n++] = a->factors[i++];
        } else if (i == a->n || b->factors[j].symbol < a->factors[i].symbol) {
            factors[n++] = b->factors[j++];
        } else {
            factors[n] = a->factors[i++];
            factors[n++].power += b->factors[j++].power;
        }
    }
    return jb_dims__mono(dims, factors, n);
}

static int compare_terms(const void *a, const void *b)
{
    return jb_mono__compare(((const struct jb_term *)a)->mono, ((const struct jb_term *)b)->mono);
}

struct jb_dim jb_poly__mul(struct jb_dims *dims, struct jb_dim a, struct jb_dim b)
{
    struct jb_term own_a, own_b;
    const struct jb_term *left, *right;
    const size_t n_left = jb_poly__terms(a, &own_a, &left);
    const size_t n_right = jb_poly__terms(b, &own_b, &right);
    size_t n = 0, n_kept = 0;

    if (n_left * n_right == 0)
        return jb_dim_number(0);
    if (n_left * n_right > PRODUCTS_MAX)
        return jb_dims__overflow(dims);
    if (!jb_dims__charge(dims, n_left * n_right * JB_DIM_PRODUCT_WORK))
        return jb_dim_unknown();
    struct jb_term *const product = jb_dims__scratch(dims, n_left * n_right);
    if (!product)
        return jb_dim_unknown();
    for (size_t i = 0; i < n_left; i++) {
        for (size_t j = 0; j < n_right; j++, n++) {
            product[n].mono = mono_product(dims, left[i].mono, right[j].mono);
            if (!product[n].mono)
                return jb_dim_unknown();
            if (JB_MUL_OVERFLOWS(left[i].coefficient, right[j].coefficient,
                                 &product[n].coefficient))
                return jb_dims__overflow(dims);
        }
    }
    if (a.kind == JB_DIM_POLY && b.kind == JB_DIM_POLY)
        qsort(product, n, sizeof *product, compare_terms);
    for (size_t i = 0; i < n;) {
        struct jb_term term = product[i++];
        for (; i < n && product[i].mono == term.mono; i++) {
            if (JB_ADD_OVERFLOWS(term.coefficient, product[i].coefficient, &term.coefficient))
                return jb_dims__overflow(dims);
        }
        if (term.coefficient != 0)
            product[n_kept++] = term;
    }
    return jb_dims__poly(dims, product, n_kept);
}

/* The term of highest degree, the first of those in order. */
static struct jb_term leading(struct jb_dim dim)
{
    struct jb_term own;
    const struct jb_term *terms;
    const size_t n = jb_poly__terms(dim, &own, &terms);
    struct jb_term best = terms[0];
    for (size_t i = 1; i < n; i++) {
        if (terms[i].mono->degree > best.mono->degree)
            best = terms[i];
    }
    return best;
}

/* a / b where b's symbols all stand in a; NULL else. */
static const struct jb_mono *mono_quotient(struct jb_dims *dims, const struct jb_mono *a,
                                           const struct jb_mono *b)
{
    struct jb_factor factors[JB_POLY_DEGREE_MAX];
    size_t n = 0;
    uint32_t j = 0;

    for (uint32_t i = 0; i < a->n; i++) {
        struct jb_factor factor = a->factors[i];
        if (j < b->n && b->factors[j].symbol == factor.symbol) {
            if (b->factors[j].power > factor.power)
                return NULL;
            factor.power -= b->factors[j++].power;
        }
        if (factor.power > 0)
            factors[n++] = factor;
    }
    return j == b->n ? jb_dims__mono(dims, factors, n) : NULL;
}

static bool divides(struct jb_dims *dims, struct jb_dim a, struct jb_dim b, struct jb_dim *ret)
{
    struct jb_dim quotient = jb_dim_number(0);
    const struct jb_term divisor = leading(b);

    /* Leading terms fall one by one in the order of degree, then of symbols: a division that goes ends in zero. */
    for (size_t steps = 0; !jb_dim_is(a, 0); steps++) {
        if (steps > JB_POLY_TERMS_MAX || a.kind == JB_DIM_UNKNOWN)
            return false;
        const struct jb_term term = leading(a);
        if (divisor.coefficient == -1 ? term.coefficient == INT64_MIN
                                      : term.coefficient % divisor.coefficient != 0)
            return false;
        struct jb_term part = {.mono = mono_quotient(dims, term.mono, divisor.mono)};
        if (!part.mono)
            return false;
        part.coefficient = term.coefficient / divisor.coefficient;
        const struct jb_dim piece = jb_dims__poly(dims, &part, 1);
        quotient = jb_dim_add(dims, quotient, piece);
        a = jb_dim_sub(dims, a, jb_dim_mul(dims, piece, b));
    }
    *ret = quotient;
    return quotient.kind != JB_DIM_UNKNOWN;
}

bool jb_poly__divides(struct jb_dims *dims, struct jb_dim a, struct jb_dim b, struct jb_dim *ret)
{
    const bool had_overflowed = dims->has_overflowed;
    const bool is_exact = divides(dims, a, b, ret);
    dims->has_overflowed = had_overflowed; /* what was only tried */
    return is_exact;
}
