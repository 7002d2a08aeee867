/* SPDX-License-Identifier: Apache-2.0 */
/* The words of statements, their sums and their memory. Must never add what is not known as if it were nothing. */
#include "model/statement.h"

#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/num.h"

static const char *const rules[] = {[JB_IDLE_RESERVED] = "reserved", [JB_IDLE_ALL] = "all"};
static const char *const parts[] = {
    [JB_STATEMENT_NAMES] = "names",
    [JB_STATEMENT_RUNS] = "runs",
    [JB_STATEMENT_HOSTS] = "hosts",
    [JB_STATEMENT_HARDWARE] = "hardware",
    [JB_STATEMENT_TIMES] = "times",
    [JB_STATEMENT_DEVICE] = "device",
    [JB_STATEMENT_ORIGIN] = "origin",
    [JB_STATEMENT_COVERAGE] = "coverage",
    [JB_STATEMENT_FACTORS_PART] = "factors",
    [JB_STATEMENT_NOTES_PART] = "notes",
    [JB_STATEMENT_BOOK] = "book",
};

const char *jb_idle_rule_name(enum jb_idle_rule rule)
{
    return (size_t)rule < JB_ARRAY_LEN(rules) ? rules[rule] : "unknown";
}

int jb_idle_rule_from_name(const char *name)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(rules); i++)
        if (strcmp(rules[i], name) == 0)
            return (int)i;
    return -1;
}

const char *jb_statement_part_name(enum jb_statement_part part)
{
    return (size_t)part < JB_ARRAY_LEN(parts) ? parts[part] : "unknown";
}

void jb_statement_release(struct jb_statement *statement)
{
    for (size_t i = 0; i < statement->n_items; i++) {
        free(statement->items[i].hosts);
        free(statement->items[i].runs);
    }
    free(statement->items);
    statement->items = NULL;
    statement->n_items = 0;
}

/* Nothing of a figure that is not known is in a sum. */
static jb_rc add_figure(struct jb_figure *sum, const struct jb_figure *figure)
{
    jb_rc rc;

    if (!figure->is_known)
        return JB_OK;
    rc = jb_add_i64(sum->best, figure->best, &sum->best);
    if (rc == JB_OK)
        rc = jb_add_i64(sum->high, figure->high, &sum->high);
    if (rc == JB_OK)
        rc = jb_add_i64(sum->low, figure->low, &sum->low);
    sum->is_known = true;
    return rc;
}

jb_rc jb_statement_add(struct jb_statement_item *sum, const struct jb_statement_item *item)
{
    const struct jb_statement_energy *const energy = &item->energy;
    jb_rc rc = add_figure(&sum->energy.work_uj, &energy->work_uj);

    if (rc == JB_OK)
        rc = add_figure(&sum->energy.idle_uj, &energy->idle_uj);
    if (rc == JB_OK)
        rc = add_figure(&sum->energy.platform_uj, &energy->platform_uj);
    if (rc == JB_OK)
        rc = add_figure(&sum->energy.facility_uj, &energy->facility_uj);
    for (size_t i = 0; i < JB_STATEMENT_DEVICES && rc == JB_OK; i++)
        rc = jb_add_i64(sum->device_uj[i], item->device_uj[i], &sum->device_uj[i]);
    for (size_t i = 0; i < JB_STATEMENT_ORIGINS && rc == JB_OK; i++)
        rc = jb_add_i64(sum->origin_uj[i], item->origin_uj[i], &sum->origin_uj[i]);
    sum->coverage.counter_ns = jb_add_sat_i64(sum->coverage.counter_ns, item->coverage.counter_ns);
    sum->coverage.gauge_ns = jb_add_sat_i64(sum->coverage.gauge_ns, item->coverage.gauge_ns);
    sum->coverage.interpolated_ns =
        jb_add_sat_i64(sum->coverage.interpolated_ns, item->coverage.interpolated_ns);
    sum->coverage.unobserved_ns =
        jb_add_sat_i64(sum->coverage.unobserved_ns, item->coverage.unobserved_ns);
    sum->duration_ns = jb_add_sat_i64(sum->duration_ns, item->duration_ns);
    sum->board_ns = jb_add_sat_i64(sum->board_ns, item->board_ns);
    sum->n_gaps = jb_add_sat_i64(sum->n_gaps, item->n_gaps);
    if (item->start_utc_us != 0 &&
        (sum->start_utc_us == 0 || item->start_utc_us < sum->start_utc_us))
        sum->start_utc_us = item->start_utc_us;
    if (item->end_utc_us > sum->end_utc_us)
        sum->end_utc_us = item->end_utc_us;
    /* Rated only where all is; shared as soon as one is. */
    if (sum->n_runs == 0 || item->method == JB_METHOD_C2 ||
        (sum->method == JB_METHOD_B && item->method == JB_METHOD_C1))
        sum->method = item->method;
    sum->n_runs = jb_add_sat_i64(sum->n_runs, item->n_runs);
    return rc;
}

jb_rc jb_statement_total(struct jb_statement *statement)
{
    static const struct jb_figure nothing = {.is_known = true};
    struct jb_statement_item total = {.n_runs = 0};
    jb_rc rc = JB_OK;

    total.energy.work_uj = total.energy.idle_uj = total.energy.platform_uj = nothing;
    for (size_t i = 0; i < statement->n_items && rc == JB_OK; i++)
        rc = jb_statement_add(&total, &statement->items[i]);
    if (rc == JB_OK)
        statement->total = total;
    return rc;
}
