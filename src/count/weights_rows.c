/* SPDX-License-Identifier: Apache-2.0 */
/* Figures by layer, by operator and by type of number, while weights are gone through. R-COUNT-25. */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "count/weights_int.h"

struct jb_weight_row *weights__row(struct jb_weight_rows *rows, struct jb_arena *arena,
                                   const char *name, bool is_last_only)
{
    for (size_t i = rows->n; i > 0; i--) {
        if (strcmp(rows->items[i - 1].name, name) == 0)
            return &rows->items[i - 1];
        if (is_last_only)
            break;
    }
    if (rows->n == rows->capacity) {
        const size_t capacity = rows->capacity ? rows->capacity * 2 : 32;
        struct jb_weight_row *const items = jb_arena_get(arena, capacity, sizeof *items);
        if (!items)
            return NULL;
        if (rows->n > 0)
            memcpy(items, rows->items, rows->n * sizeof *items);
        rows->items = items;
        rows->capacity = capacity;
    }
    const char *const copy = jb_arena_text(arena, jb_span_of(name));
    if (!copy)
        return NULL;
    rows->items[rows->n] = (struct jb_weight_row){.name = copy};
    return &rows->items[rows->n++];
}

jb_rc weights__row_add(struct jb_weight_row *row, enum jb_work_unit unit, int64_t macs)
{
    return jb_add_i64(row->macs[unit], macs, &row->macs[unit]);
}

/* Of a mixture a token meets some; all its experts are of one size, so that the division goes without a rest. */
jb_rc weights__row_end(struct jb_weight_row *row, int64_t n_experts)
{
    if (row->experts == 0)
        return JB_OK;
    const int64_t met = row->experts / n_experts;
    row->experts = 0;
    return weights__row_add(row, JB_PER_TOKEN, met);
}

static jb_rc join(struct jb_weight_row *into, const struct jb_weight_row *row)
{
    jb_rc rc = jb_add_i64(into->n_parameters, row->n_parameters, &into->n_parameters);

    into->n += row->n;
    if (rc == JB_OK)
        rc = jb_add_i64(into->experts, row->experts, &into->experts);
    for (int unit = 0; unit < JB_WORK_UNITS && rc == JB_OK; unit++)
        rc = weights__row_add(into, (enum jb_work_unit)unit, row->macs[unit]);
    return rc;
}

/* "h.2" before "h.10". */
static int natural(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    const size_t n_a = strspn(a, "0123456789"), n_b = strspn(b, "0123456789");
    if (n_a > 0 && n_b > 0 && n_a != n_b)
        return n_a < n_b ? -1 : 1;
    return (unsigned char)*a - (unsigned char)*b;
}

static int by_place(const void *a, const void *b)
{
    const struct jb_weight_row *const x = a, *const y = b;

    return x->group != y->group ? x->group - y->group : natural(x->name, y->name);
}

/* Rows of one kind have mostly one unit; those with the most in any come first. */
static int64_t most(const struct jb_weight_row *row)
{
    int64_t macs = 0;

    for (int unit = 0; unit < JB_WORK_UNITS; unit++)
        if (unit != JB_PER_EXAMPLE && row->macs[unit] > macs)
            macs = row->macs[unit];
    return macs;
}

static int by_work(const void *a, const void *b)
{
    const int64_t x = most(a), y = most(b);

    if (x != y)
        return x > y ? -1 : 1;
    return strcmp(((const struct jb_weight_row *)a)->name, ((const struct jb_weight_row *)b)->name);
}

jb_rc weights__rows_end(struct jb_weight_rows *rows, int64_t n_experts, bool is_by_macs)
{
    size_t kept = 0;
    jb_rc rc = JB_OK;

    if (rows->n == 0)
        return JB_OK;
    qsort(rows->items, rows->n, sizeof *rows->items, by_place);
    for (size_t i = 0; i < rows->n && rc == JB_OK; i++) {
        if (kept > 0 && strcmp(rows->items[kept - 1].name, rows->items[i].name) == 0)
            rc = join(&rows->items[kept - 1], &rows->items[i]);
        else
            rows->items[kept++] = rows->items[i];
    }
    rows->n = kept;
    for (size_t i = 0; i < kept && rc == JB_OK; i++)
        rc = weights__row_end(&rows->items[i], n_experts);
    if (is_by_macs && rc == JB_OK)
        qsort(rows->items, rows->n, sizeof *rows->items, by_work);
    return rc;
}
