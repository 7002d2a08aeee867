/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs of an inventory to its sums (R-INVENTORY-03). Layers are never added together; what is not known is counted, and
 * makes no sum smaller in silence.
 */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "pipeline/inventory_int.h"

static void add_i64(int64_t *sum, int64_t value, bool *is_over)
{
    *is_over = jb_add_i64(*sum, value, sum) < 0 || *is_over;
}

/* Of what is known; the others are counted. */
static void add_figure(struct jb_figure *sum, const struct jb_figure *figure, int64_t *n_without,
                       bool *is_over)
{
    if (!figure->is_known) {
        (*n_without)++;
        return;
    }
    /* A sum is a hard bound only where all of it is. */
    sum->is_hard_bound =
        sum->is_known ? sum->is_hard_bound && figure->is_hard_bound : figure->is_hard_bound;
    sum->is_known = true;
    add_i64(&sum->low, figure->low, is_over);
    add_i64(&sum->best, figure->best, is_over);
    add_i64(&sum->high, figure->high, is_over);
}

static void add_coverage(struct jb_coverage *sum, const struct jb_coverage *coverage, bool *is_over)
{
    add_i64(&sum->counter_ns, coverage->counter_ns, is_over);
    add_i64(&sum->gauge_ns, coverage->gauge_ns, is_over);
    add_i64(&sum->interpolated_ns, coverage->interpolated_ns, is_over);
    add_i64(&sum->unobserved_ns, coverage->unobserved_ns, is_over);
}

/* R-PUE-02: what a default PUE would add is a band, and never joins what was posted. */
static void add_facility(struct jb_inventory_sum *sum, const struct jb_inventory_run *run,
                         bool *is_over)
{
    static const struct jb_figure unknown = {.is_known = false};
    int64_t n_unknown = 0;

    add_figure(&sum->facility_uj, run->is_facility_posted ? &run->facility_uj : &unknown,
               &sum->n_without_facility, is_over);
    if (run->is_facility_posted || !run->facility_uj.is_known)
        return;
    add_figure(&sum->facility_default_uj, &run->facility_uj, &n_unknown, is_over);
    sum->n_facility_default++;
}

static void add_run(struct jb_inventory_sum *sum, const struct jb_inventory_run *run,
                    bool is_one_currency, bool is_told, bool *is_over)
{
    static const struct jb_figure unknown = {.is_known = false};

    sum->n_runs++;
    add_i64(&sum->duration_ns, run->duration_ns, is_over);
    if (run->board_ns > 0)
        add_i64(&sum->board_ns, run->board_ns, is_over);
    add_figure(&sum->energy_uj, &run->energy_uj, &sum->n_unknown, is_over);
    add_facility(sum, run, is_over);
    add_figure(&sum->location_ugco2e, &run->location_ugco2e, &sum->n_without_location, is_over);
    add_figure(&sum->market_ugco2e, &run->market_ugco2e, &sum->n_without_market, is_over);
    add_figure(&sum->cost_micro, is_one_currency ? &run->cost_micro : &unknown,
               &sum->n_without_cost, is_over);
    add_coverage(&sum->coverage, &run->coverage, is_over);
    for (int i = 0; i < JB_N_DEVICES; i++) {
        add_i64(&sum->device_uj[i], run->device_uj[i], is_over);
        add_i64(&sum->device_low_uj[i], run->device_low_uj[i], is_over);
        add_i64(&sum->device_high_uj[i], run->device_high_uj[i], is_over);
    }
    for (int i = 0; i < JB_N_ORIGINS; i++)
        add_i64(&sum->origin_uj[i], run->origin_uj[i], is_over);
    if (is_told)
        return;
    if (run->training_flop < 0)
        sum->n_without_flop++;
    else
        *is_over =
            __builtin_add_overflow(sum->training_flop, run->training_flop, &sum->training_flop) ||
            *is_over;
}

/* --- ranks of one training -------------------------------------------------------------------------------------- */

static int by_training(const struct jb_inventory_run *a, const struct jb_inventory_run *b)
{
    const int order = strcmp(a->group, b->group);

    if (order != 0)
        return order;
    return a->layer != b->layer ? (a->layer < b->layer ? -1 : 1) : strcmp(a->stage, b->stage);
}

/* That which tells most comes first. */
static int by_operations(const void *a, const void *b)
{
    const struct jb_inventory_run *const x = *(const struct jb_inventory_run *const *)a;
    const struct jb_inventory_run *const y = *(const struct jb_inventory_run *const *)b;
    const int order = by_training(x, y);

    if (order != 0)
        return order;
    if (x->training_flop != y->training_flop)
        return x->training_flop > y->training_flop ? -1 : 1;
    return x < y ? -1 : x > y;
}

/* R-INVENTORY-03: ranks each tell the operations of the whole training, which count once. The caller's to free; NULL without memory. */
static bool *find_told(const struct jb_inventory *inventory)
{
    JB_AUTO(jb_free_auto)
    const struct jb_inventory_run **ranks = calloc(inventory->n_runs + 1, sizeof *ranks);
    bool *const is_told = calloc(inventory->n_runs + 1, sizeof *is_told);
    size_t n = 0;

    if (!ranks || !is_told) {
        free(is_told);
        return NULL;
    }
    for (size_t i = 0; i < inventory->n_runs; i++)
        if (inventory->runs[i].group[0] != '\0')
            ranks[n++] = &inventory->runs[i];
    qsort(ranks, n, sizeof ranks[0], by_operations);
    for (size_t i = 1, first = 0; i < n; i++) {
        if (by_training(ranks[first], ranks[i]) != 0)
            first = i;
        else
            is_told[ranks[i] - inventory->runs] = ranks[first]->training_flop >= 0;
    }
    return is_told;
}

/* The currency of all costs that are known; false where there are several. */
static bool find_currency(struct jb_inventory *inventory)
{
    inventory->currency = "";
    for (size_t i = 0; i < inventory->n_runs; i++) {
        const struct jb_inventory_run *const run = &inventory->runs[i];
        if (!run->cost_micro.is_known || strcmp(run->currency, inventory->currency) == 0)
            continue;
        if (inventory->currency[0] != '\0') {
            inventory->currency = "";
            return false;
        }
        inventory->currency = run->currency;
    }
    return true;
}

jb_rc inventory__sum(struct jb_inventory *inventory, struct jb_error *err)
{
    const bool is_one_currency = find_currency(inventory);
    JB_AUTO(jb_free_auto) bool *is_told = find_told(inventory);
    bool is_over = false;

    if (!is_told)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for %zu runs", inventory->n_runs);
    for (size_t i = 0; i < inventory->n_runs; i++) {
        const struct jb_inventory_run *const run = &inventory->runs[i];
        add_run(&inventory->sums[run->layer], run, is_one_currency, is_told[i], &is_over);
        add_run(&inventory->parts[run->layer][run->part], run, is_one_currency, is_told[i],
                &is_over);
    }
    if (is_over)
        return jb_fail(err, JB_E_RANGE, "select fewer: one project, or a shorter time",
                       "the runs that were selected have more than 2.56 GWh, or more time or "
                       "operations than a sum can hold");
    return JB_OK;
}
