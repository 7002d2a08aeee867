/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of thousands of sizes: terms are added in place, and the polynomial is made once, at the end. R-COUNT-03. */
#include <stdlib.h>

#include "count/dim_int.h"

#define SYMBOL_MAGNITUDE 64.0

static void add_term(struct jb_dims *dims, struct jb_dim_sum *sum, struct jb_term term)
{
    if (sum->is_broken)
        return; /* nothing is asked of it any more */
    if (!jb_dims__charge(dims, sum->n + 1)) {
        sum->is_broken = true;
        return;
    }
    for (size_t i = 0; i < sum->n; i++) {
        if (sum->terms[i].mono != term.mono)
            continue;
        int64_t *const own = &sum->terms[i].coefficient;
        sum->is_broken |= JB_ADD_OVERFLOWS(*own, term.coefficient, own);
        return;
    }
    if (sum->n >= JB_POLY_TERMS_MAX) {
        sum->is_broken = true;
        return;
    }
    if (sum->n == sum->capacity) {
        const size_t wanted = sum->capacity ? sum->capacity * 2 : 8;
        struct jb_term *const more = reallocarray(sum->terms, wanted, sizeof *more);
        if (!more) {
            dims->failure = JB_E_NOMEM;
            sum->is_broken = true;
            return;
        }
        sum->terms = more;
        sum->capacity = wanted;
    }
    sum->terms[sum->n++] = term;
}

void jb_dim_sum_add(struct jb_dims *dims, struct jb_dim_sum *sum, struct jb_dim dim)
{
    if (dim.kind == JB_DIM_NUMBER)
        sum->is_broken |= JB_ADD_OVERFLOWS(sum->number, dim.n, &sum->number);
    for (uint32_t i = 0; dim.kind == JB_DIM_POLY && i < dim.poly->n; i++)
        add_term(dims, sum, dim.poly->terms[i]);
}

static int compare_terms(const void *a, const void *b)
{
    return jb_mono__compare(((const struct jb_term *)a)->mono, ((const struct jb_term *)b)->mono);
}

struct jb_dim jb_dim_sum_end(struct jb_dims *dims, struct jb_dim_sum *sum)
{
    struct jb_dim ret;
    size_t n = 0;

    if (sum->n > 1)
        qsort(sum->terms, sum->n, sizeof *sum->terms, compare_terms);
    for (size_t i = 0; i < sum->n; i++) {
        if (sum->terms[i].coefficient != 0)
            sum->terms[n++] = sum->terms[i];
    }
    if (sum->is_broken)
        ret = jb_dims__overflow(dims);
    else
        ret = jb_dim_add(dims, jb_dims__poly(dims, sum->terms, n), jb_dim_number(sum->number));
    free(sum->terms);
    *sum = (struct jb_dim_sum){0};
    return ret;
}

double jb_dim__magnitude(struct jb_dim dim)
{
    double sum = dim.kind == JB_DIM_NUMBER ? (double)dim.n : 0;
    for (uint32_t i = 0; dim.kind == JB_DIM_POLY && i < dim.poly->n; i++) {
        double product = (double)dim.poly->terms[i].coefficient;
        for (uint32_t degree = 0; degree < dim.poly->terms[i].mono->degree; degree++)
            product *= SYMBOL_MAGNITUDE;
        sum += product;
    }
    return sum;
}
