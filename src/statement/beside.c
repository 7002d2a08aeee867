/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two statements of one period item by item. Must never call a difference explained that is outside both bands, nor match
 * items whose names were withheld. R-STATEMENT-13.
 */
#include "statement/beside.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"

#define PPM INT64_C(1000000)

const char *jb_beside_verdict_name(enum jb_beside_verdict verdict)
{
    static const char *const names[] = {
        [JB_BESIDE_INSIDE] = "inside",       [JB_BESIDE_MORE] = "more stated",
        [JB_BESIDE_LESS] = "less stated",    [JB_BESIDE_UNMATCHED] = "not measured",
        [JB_BESIDE_UNSTATED] = "not stated",
    };

    return (size_t)verdict < JB_ARRAY_LEN(names) ? names[verdict] : "unknown";
}

void jb_statement_beside_release(struct jb_statement_beside *beside)
{
    free(beside->rows);
    beside->rows = NULL;
    beside->n_rows = 0;
}

static struct jb_statement_row row_of(const struct jb_statement_item *told,
                                      const struct jb_statement_item *own)
{
    const struct jb_figure none = {.is_known = false};
    const struct jb_figure a = told ? told->energy.work_uj : none;
    const struct jb_figure b = own ? own->energy.work_uj : none;
    struct jb_statement_row row = {
        .told = told,
        .own = own,
        .difference_uj = a.best - b.best,
        .difference_ppm = -1,
        .coverage_ppm = -1,
        .verdict = !own             ? JB_BESIDE_UNMATCHED
                   : !told          ? JB_BESIDE_UNSTATED
                   : a.low > b.high ? JB_BESIDE_MORE
                   : a.high < b.low ? JB_BESIDE_LESS
                                    : JB_BESIDE_INSIDE,
    };

    if (told && own && b.best > 0)
        row.difference_ppm =
            jb_muldiv_sat_i64(llabs(row.difference_uj), PPM, b.best, JB_ROUND_NEAREST);
    if (told && told->duration_ns > 0)
        row.coverage_ppm =
            jb_muldiv_sat_i64(own ? own->duration_ns : 0, PPM, told->duration_ns, JB_ROUND_FLOOR);
    return row;
}

static void add_row(struct jb_statement_beside *beside, const struct jb_statement_item *told,
                    const struct jb_statement_item *own)
{
    const struct jb_statement_row row = row_of(told, own);

    beside->rows[beside->n_rows++] = row;
    if (!own) {
        beside->n_unmatched++;
        beside->unmatched_uj = jb_add_sat_i64(beside->unmatched_uj, row.difference_uj);
    }
    if (!told) {
        beside->n_unstated++;
        beside->unstated_uj = jb_add_sat_i64(beside->unstated_uj, -row.difference_uj);
    }
}

/* Both lists by name; a provider's file need not be sorted. */
static int by_name(const void *a, const void *b)
{
    return strcmp((*(const struct jb_statement_item *const *)a)->name,
                  (*(const struct jb_statement_item *const *)b)->name);
}

/* The caller's to free; NULL without memory. */
static const struct jb_statement_item **sorted(const struct jb_statement *statement)
{
    const struct jb_statement_item **const list = calloc(statement->n_items + 1, sizeof *list);

    for (size_t i = 0; list && i < statement->n_items; i++)
        list[i] = &statement->items[i];
    if (list)
        qsort(list, statement->n_items, sizeof list[0], by_name);
    return list;
}

static jb_rc match(const struct jb_statement *told, const struct jb_statement *own,
                   struct jb_statement_beside *beside, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) const struct jb_statement_item **a = sorted(told);
    JB_AUTO(jb_free_auto) const struct jb_statement_item **b = sorted(own);
    size_t i = 0;
    size_t k = 0;

    beside->rows = calloc(told->n_items + own->n_items + 1, sizeof beside->rows[0]);
    if (!a || !b || !beside->rows)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to compare statements");
    while (i < told->n_items || k < own->n_items) {
        const int order = i == told->n_items  ? 1
                          : k == own->n_items ? -1
                                              : strcmp(a[i]->name, b[k]->name);
        add_row(beside, order <= 0 ? a[i] : NULL, order >= 0 ? b[k] : NULL);
        i += order <= 0;
        k += order >= 0;
    }
    return JB_OK;
}

jb_rc jb_statement_compare(const struct jb_statement *told, const struct jb_statement *own,
                           struct jb_statement_beside *ret, struct jb_error *err)
{
    struct jb_statement_beside beside = {
        .total = row_of(&told->total, own->n_items > 0 ? &own->total : NULL),
        .is_by_name = !(told->withheld & 1U << JB_STATEMENT_NAMES) &&
                      strcmp(told->by, own->by) == 0 && strcmp(told->by, "whole") != 0,
    };
    const jb_rc rc = beside.is_by_name ? match(told, own, &beside, err) : JB_OK;

    if (rc == JB_OK)
        *ret = beside;
    else
        jb_statement_beside_release(&beside);
    return rc;
}
