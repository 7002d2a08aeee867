/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every group of a bill to what becomes of it: energy of its own, a service that machines are marked up for, or left with a
 * reason. No row is in two of them or in none. R-BILL-10, R-BILL-13, R-BILL-17.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/num.h"
#include "pipeline/import_bill_int.h"

/* --- order ------------------------------------------------------------------------------------------------------ */

static int compare_numbers(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

/* Each step only where those before say the same: paper, name, region, then what one rate has. */
static int compare_paper(const struct jb_bill_group *a, const struct jb_bill_group *b)
{
    int order = strcmp(a->account, b->account);

    if (order == 0)
        order = compare_numbers(a->period_start_utc_us, b->period_start_utc_us);
    if (order == 0)
        order = compare_numbers(a->period_end_utc_us, b->period_end_utc_us);
    return order != 0 ? order : strcmp(a->provider, b->provider);
}

static int compare_places(const void *left, const void *right)
{
    const struct jb_bill_group *const a = ((const struct bill_place *)left)->group;
    const struct jb_bill_group *const b = ((const struct bill_place *)right)->group;
    int order = compare_paper(a, b);

    if (order == 0)
        order = strcmp(a->run, b->run);
    if (order == 0)
        order = strcmp(a->region, b->region);
    if (order == 0)
        order = compare_numbers(a->class, b->class);
    if (order == 0)
        order = compare_numbers(a->part, b->part);
    if (order == 0)
        order = strcmp(a->instance, b->instance);
    if (order == 0)
        order = strcmp(a->service, b->service);
    if (order == 0)
        order = strcmp(a->reason, b->reason);
    if (order == 0)
        order = strcmp(a->unit, b->unit);
    return order != 0 ? order : strcmp(a->currency, b->currency);
}

bool bill_is_same_paper(const struct bill_place *a, const struct bill_place *b)
{
    return compare_paper(a->group, b->group) == 0;
}

bool bill_is_same_name(const struct bill_place *a, const struct bill_place *b)
{
    return bill_is_same_paper(a, b) && strcmp(a->group->run, b->group->run) == 0;
}

bool bill_is_same_region(const struct bill_place *a, const struct bill_place *b)
{
    return bill_is_same_name(a, b) && strcmp(a->group->region, b->group->region) == 0;
}

/* --- fates ------------------------------------------------------------------------------------------------------ */

/* R-BILL-12: where a service bills processors in rows of their own, its memory is memory alone. */
static bool has_own_cpu(const struct jb_bill *bill, const struct jb_bill_group *group)
{
    if (group->class != JB_BILL_FUNCTION || group->part != JB_BILL_MEMORY_GIB)
        return false;
    for (size_t i = 0; i < jb_bill_n_groups(bill); i++) {
        const struct jb_bill_group *const other = jb_bill_group_at(bill, i);
        if (other->class == JB_BILL_FUNCTION && other->part == JB_BILL_VCPU &&
            strcmp(other->service, group->service) == 0 &&
            strcmp(other->provider, group->provider) == 0)
            return false;
    }
    return true;
}

static jb_rc place_time(struct bill_import *import, struct bill_place *place, struct jb_error *err)
{
    const struct jb_bill_group *const group = place->group;
    const jb_rc rc = bill_rate_find(&import->rates, group, has_own_cpu(import->order->bill, group),
                                    &place->rate, err);

    if (rc < 0)
        return rc;
    if (import->rates.list[place->rate].why_not[0] == '\0')
        place->fate = BILL_FATE_ENERGY; /* unless all of it sums to nothing */
    return JB_OK;
}

/* R-BILL-13: the one that names it, else the one for all. */
static void place_service(const struct jb_import_bill_order *order, struct bill_place *place)
{
    size_t general = JB_BILL_MARKUPS_MAX;

    place->why = place->group->reason;
    for (size_t i = 0; i < order->n_markups && place->fate == BILL_FATE_LEFT; i++) {
        const char *const name = order->markups[i].service;
        if (name[0] == '\0')
            general = i;
        if (name[0] != '\0' && (strcasecmp(name, place->group->service) == 0 ||
                                strcasecmp(name, place->group->reason) == 0)) {
            place->fate = BILL_FATE_MARKUP;
            place->markup = i;
        }
    }
    if (place->fate == BILL_FATE_LEFT && general < JB_BILL_MARKUPS_MAX) {
        place->fate = BILL_FATE_MARKUP;
        place->markup = general;
    }
}

static jb_rc place_one(struct bill_import *import, struct bill_place *place, struct jb_error *err)
{
    switch (place->group->class) {
    case JB_BILL_INSTANCE:
    case JB_BILL_FUNCTION: return place_time(import, place, err);
    case JB_BILL_SERVICE: place_service(import->order, place); return JB_OK;
    case JB_BILL_ENERGY:
        if (place->group->energy_uj > 0)
            place->fate = BILL_FATE_ENERGY;
        else
            place->why = "energy that sums to zero or less";
        return JB_OK;
    case JB_BILL_NOT:
    case JB_BILL_UNKNOWN: break;
    }
    place->why = place->group->reason;
    return JB_OK;
}

/* R-BILL-10: one machine's time in a region may stand in several groups (another unit or currency), and usage that is
 * taken back is below zero: only their sum says whether there was any. */
static void drop_no_time(struct bill_place *places, size_t n)
{
    int64_t sum_us = 0;

    for (size_t i = 0; i < n; i++)
        sum_us = jb_add_sat_i64(sum_us, places[i].group->instance_us);
    for (size_t i = 0; i < n && sum_us <= 0; i++) {
        places[i].fate = BILL_FATE_LEFT;
        places[i].why = sum_us == 0 ? "time that sums to zero" : "time that sums to less than zero";
    }
}

static bool is_time(const struct bill_place *place)
{
    return place->fate == BILL_FATE_ENERGY && place->group->class != JB_BILL_ENERGY;
}

static void drop_all_no_time(struct bill_import *import)
{
    size_t n;

    for (size_t at = 0; at < import->n; at += n) {
        struct bill_place *const first = &import->places[at];
        for (n = 1; is_time(first) && at + n < import->n && is_time(first + n) &&
                    first[n].rate == first->rate && bill_is_same_region(first, first + n);)
            n++;
        if (is_time(first))
            drop_no_time(first, n);
    }
}

static bool has_machines(const struct bill_place *places, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (places[i].fate == BILL_FATE_ENERGY && places[i].group->class == JB_BILL_INSTANCE)
            return true;
    return false;
}

/* A share of nothing is nothing: services of a run without machines stay out, with that as reason. */
static void drop_lone_markups(struct bill_import *import)
{
    size_t n;

    for (size_t at = 0; at < import->n; at += n) {
        struct bill_place *const first = &import->places[at];
        for (n = 1; at + n < import->n && bill_is_same_name(first, first + n);)
            n++;
        if (has_machines(first, n))
            continue;
        for (size_t i = 0; i < n; i++)
            if (first[i].fate == BILL_FATE_MARKUP) {
                first[i].fate = BILL_FATE_LEFT;
                first[i].why = "service of a run without machines to mark up";
            }
    }
}

static void mark_runs(struct bill_import *import)
{
    size_t n;

    for (size_t at = 0; at < import->n; at += n) {
        struct bill_place *const first = &import->places[at];
        for (n = 1; at + n < import->n && bill_is_same_region(first, first + n);)
            n++;
        const bool has_run = bill_has_energy(first, n);
        for (size_t i = 0; i < n; i++)
            first[i].has_run = has_run;
    }
}

jb_rc bill_place_all(struct bill_import *import, struct jb_error *err)
{
    const struct jb_bill *const bill = import->order->bill;
    jb_rc rc = JB_OK;

    import->n = jb_bill_n_groups(bill);
    import->places = calloc(import->n > 0 ? import->n : 1, sizeof import->places[0]);
    if (!import->places)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for %zu groups", import->n);
    for (size_t i = 0; i < import->n; i++)
        import->places[i].group = jb_bill_group_at(bill, i);
    if (import->n > 1)
        qsort(import->places, import->n, sizeof import->places[0], compare_places);
    for (size_t i = 0; i < import->n && rc == JB_OK; i++)
        rc = place_one(import, &import->places[i], err);
    if (rc < 0)
        return rc;
    drop_all_no_time(import);
    drop_lone_markups(import);
    mark_runs(import);
    return JB_OK;
}

const char *bill_why(const struct bill_import *import, const struct bill_place *place)
{
    const char *const why = place->why ? place->why : import->rates.list[place->rate].why_not;

    return why[0] != '\0' ? why : "no reason is known";
}

/* --- counting (R-BILL-17) --------------------------------------------------------------------------------------- */

jb_rc bill_add_costs(struct jb_bill_costs *costs, const struct jb_bill_group *group,
                     struct jb_error *err)
{
    const int64_t worth =
        group->has_effective_cost ? group->effective_cost_micro : group->cost_micro;
    size_t i = 0;

    while (i < costs->n && strncmp(costs->list[i].currency, group->currency,
                                   sizeof costs->list[i].currency - 1) != 0)
        i++;
    if (i == JB_BILL_CURRENCIES_MAX)
        return jb_fail(err, JB_E_RANGE, "give them in parts",
                       "the bill has more than %d currencies", JB_BILL_CURRENCIES_MAX);
    struct jb_bill_money *const money = &costs->list[i];
    if (i == costs->n) {
        *money = (struct jb_bill_money){.billed_micro = 0};
        (void)snprintf(money->currency, sizeof money->currency, "%s", group->currency);
        costs->n++;
    }
    if (jb_add_i64(money->billed_micro, group->cost_micro, &money->billed_micro) < 0 ||
        jb_add_i64(money->worth_micro, worth, &money->worth_micro) < 0)
        return jb_fail(err, JB_E_RANGE, NULL, "the costs of the bill pass 9 trillion");
    return JB_OK;
}

static jb_rc leave(struct bill_import *import, const struct bill_place *place, struct jb_error *err)
{
    struct jb_import_bill_result *const result = &import->result;
    const struct jb_bill_group *const group = place->group;
    char reason[sizeof result->left[0].reason];
    size_t i = 0;

    (void)snprintf(reason, sizeof reason, "%s%s",
                   group->class == JB_BILL_SERVICE && place->why == group->reason
                       ? "service without a stated mark-up: "
                       : "",
                   bill_why(import, place));
    while (i < result->n_left && strcmp(result->left[i].reason, reason) != 0)
        i++;
    if (i == result->n_left) {
        const jb_rc rc = bill_grow(&result->left, &import->left_size, result->n_left,
                                   sizeof result->left[0], err);
        if (rc < 0)
            return rc;
        result->left[i] = (struct jb_bill_left){.first_line = group->first_line};
        (void)snprintf(result->left[i].reason, sizeof reason, "%s", reason);
        result->n_left++;
    }
    struct jb_bill_left *const left = &result->left[i];
    left->n_rows += group->n_rows;
    if (group->first_line < left->first_line)
        left->first_line = group->first_line;
    return bill_add_costs(&left->costs, group, err);
}

static int64_t dearest(const struct jb_bill_left *left)
{
    return left->costs.n > 0 ? left->costs.list[0].worth_micro : 0;
}

static int compare_left(const void *a_pointer, const void *b_pointer)
{
    const struct jb_bill_left *const a = a_pointer;
    const struct jb_bill_left *const b = b_pointer;
    int order = compare_numbers(dearest(b), dearest(a));

    if (order == 0)
        order = compare_numbers(b->n_rows, a->n_rows);
    return order != 0 ? order : strcmp(a->reason, b->reason);
}

jb_rc bill_count_all(struct bill_import *import, struct jb_error *err)
{
    struct jb_import_bill_result *const result = &import->result;
    jb_rc rc = JB_OK;

    result->n_rows = jb_bill_n_rows(import->order->bill);
    for (size_t i = 0; i < import->n && rc == JB_OK; i++) {
        const struct bill_place *const place = &import->places[i];
        const bool is_left = place->fate == BILL_FATE_LEFT;
        *(is_left ? &result->n_rows_left : &result->n_rows_entered) += place->group->n_rows;
        rc = bill_add_costs(&result->costs, place->group, err);
        if (rc == JB_OK)
            rc = bill_add_costs(is_left ? &result->costs_left : &result->costs_entered,
                                place->group, err);
        if (rc == JB_OK && is_left)
            rc = leave(import, place, err);
    }
    if (rc == JB_OK && result->n_left > 1)
        qsort(result->left, result->n_left, sizeof result->left[0], compare_left);
    return rc;
}
