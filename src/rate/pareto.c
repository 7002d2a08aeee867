/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs in the order of time to the frontier of metric against energy (R-PARETO-01 to -05). Must never leave out what was spent
 * on runs that brought nothing, nor add layers.
 */
#include "rate/pareto.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/num.h"
#include "rate/rate_int.h"

#define ONE     INT64_C(1000000000) /* 10^JB_METRIC_SCALE */
#define PERCENT (ONE / 100)

void jb_pareto_release(struct jb_pareto *pareto)
{
    free(pareto->points);
    *pareto = (struct jb_pareto){0};
}

static const struct jb_inventory_metric *metric_of(const struct jb_inventory_run *run,
                                                   const char *name)
{
    for (size_t i = 0; i < run->n_metrics; i++)
        if (strcmp(run->metrics[i].name, name) == 0)
            return &run->metrics[i];
    return NULL;
}

/* How much better a is than b. */
static int64_t gain(const struct jb_pareto *pareto, int64_t a, int64_t b)
{
    int64_t ret;

    if ((pareto->way == JB_METRIC_WAY_MIN ? jb_sub_i64(b, a, &ret) : jb_sub_i64(a, b, &ret)) < 0)
        return (a > b) == (pareto->way == JB_METRIC_WAY_MAX) ? INT64_MAX : -INT64_MAX;
    return ret;
}

/* --- the runs: R-PARETO-01 ---------------------------------------------------------------------------------------------------- */

static bool counts(const struct jb_pareto *pareto, const struct jb_inventory_run *run)
{
    return run->layer == pareto->layer && run->part != JB_PART_INFERENCE;
}

/* Measured, if the metric was marked there. */
static bool choose_layer(const struct jb_inventory *inventory, struct jb_pareto *pareto)
{
    bool is_found = false;

    for (size_t i = 0; i < inventory->n_runs; i++) {
        const struct jb_inventory_run *const run = &inventory->runs[i];
        if (run->layer == JB_LAYER_PREDICTED || run->part == JB_PART_INFERENCE ||
            !metric_of(run, pareto->metric))
            continue;
        if (!is_found || run->layer == JB_LAYER_MEASURED)
            pareto->layer = run->layer;
        is_found = true;
    }
    return is_found;
}

static void add_figure(struct jb_figure *sum, const struct jb_figure *figure)
{
    sum->is_known = sum->is_known && figure->is_known;
    sum->low = jb_add_sat_i64(sum->low, figure->low);
    sum->best = jb_add_sat_i64(sum->best, figure->best);
    sum->high = jb_add_sat_i64(sum->high, figure->high);
}

/* The training that begins with run i: its ranks' energy, and the best of their values. */
static bool training(const struct jb_inventory *inventory, size_t i, const struct jb_pareto *pareto,
                     struct jb_pareto_point *ret)
{
    bool has_value = false;

    *ret = (struct jb_pareto_point){.run = i, .marginal_uj = -1};
    ret->energy_uj.is_known = true;
    for (size_t k = i; k < inventory->n_runs; k++) {
        const struct jb_inventory_run *const run = &inventory->runs[k];
        if (k != i && !rate__is_one_training(&inventory->runs[i], run))
            continue;
        add_figure(&ret->energy_uj, &run->energy_uj);
        const struct jb_inventory_metric *const metric = metric_of(run, pareto->metric);
        const struct jb_inventory_value *const value = !metric ? NULL
                                                       : pareto->way == JB_METRIC_WAY_MIN
                                                           ? &metric->least
                                                           : &metric->greatest;
        if (!value || (has_value && gain(pareto, value->value, ret->value) <= 0))
            continue;
        has_value = true;
        ret->value = value->value;
        ret->text = value->text;
        ret->at = value->at;
    }
    return has_value;
}

static void gather(const struct jb_inventory *inventory, struct jb_pareto *pareto)
{
    for (size_t i = 0; i < inventory->n_runs; i++) {
        struct jb_pareto_point point;
        if (!counts(pareto, &inventory->runs[i]) || rate__is_joined(inventory, i))
            continue;
        const bool has_value = training(inventory, i, pareto, &point);
        if (!point.energy_uj.is_known) {
            pareto->n_unknown++;
            continue;
        }
        pareto->total_uj = jb_add_sat_i64(pareto->total_uj, point.energy_uj.best);
        point.cumulative_uj = pareto->total_uj;
        pareto->n_without += !has_value;
        if (has_value)
            pareto->points[pareto->n++] = point;
    }
}

/* R-PARETO-02 */
static int64_t usual_point(const struct jb_pareto *pareto)
{
    for (size_t i = 0; i < pareto->n; i++)
        if (pareto->points[i].value > ONE || pareto->points[i].value < -ONE)
            return ONE;
    return PERCENT;
}

/* --- frontier, records, hull: R-PARETO-03, -04 ------------------------------------------------------------------------------- */

static int64_t per_point(const struct jb_pareto *pareto, const struct jb_pareto_point *from,
                         const struct jb_pareto_point *to)
{
    const int64_t more = gain(pareto, to->value, from->value);

    return more <= 0 ? INT64_MAX
                     : jb_muldiv_sat_i64(to->cumulative_uj - from->cumulative_uj, pareto->point,
                                         more, JB_ROUND_NEAREST);
}

static bool is_beaten(const struct jb_pareto *pareto, size_t i)
{
    const struct jb_pareto_point *const point = &pareto->points[i];

    for (size_t k = 0; k < pareto->n; k++) {
        const struct jb_pareto_point *const other = &pareto->points[k];
        const int64_t better = gain(pareto, other->value, point->value);
        const bool is_strictly = better > 0 || other->energy_uj.best < point->energy_uj.best;
        if (k != i && better >= 0 && other->energy_uj.best <= point->energy_uj.best &&
            (is_strictly || k < i))
            return true;
    }
    return false;
}

static void mark_records(struct jb_pareto *pareto)
{
    const struct jb_pareto_point *best = NULL;

    for (size_t i = 0; i < pareto->n; i++) {
        struct jb_pareto_point *const point = &pareto->points[i];
        point->is_frontier = !is_beaten(pareto, i);
        point->is_record = !best || gain(pareto, point->value, best->value) > 0;
        if (!point->is_record)
            continue;
        if (best)
            point->marginal_uj = per_point(pareto, best, point);
        best = point;
    }
}

/* How far b lies above the line from a to c; both products are of numbers >= 0. */
static jb_i128 above(const struct jb_pareto *pareto, const struct jb_pareto_point *a,
                     const struct jb_pareto_point *b, const struct jb_pareto_point *c)
{
    return (jb_i128)gain(pareto, b->value, a->value) * (c->cumulative_uj - a->cumulative_uj) -
           (jb_i128)gain(pareto, c->value, a->value) * (b->cumulative_uj - a->cumulative_uj);
}

/* The upper hull of the records; returns how many, their indices in `hull`. */
static size_t make_hull(struct jb_pareto *pareto, size_t *hull)
{
    struct jb_pareto_point *const points = pareto->points;
    size_t n = 0;

    for (size_t i = 0; i < pareto->n; i++) {
        if (!points[i].is_record)
            continue;
        while (n >= 2 && above(pareto, &points[hull[n - 2]], &points[hull[n - 1]], &points[i]) <= 0)
            n--;
        hull[n++] = i;
    }
    for (size_t i = 0; i < n; i++)
        points[hull[i]].is_on_hull = true;
    return n;
}

/* --- where it stops: R-PARETO-05 ---------------------------------------------------------------------------------------------- */

static size_t stop_by_worth(const struct jb_pareto *pareto, const size_t *hull, size_t n)
{
    size_t stop = hull[0];

    for (size_t i = 1; i < n; i++) {
        if (per_point(pareto, &pareto->points[hull[i - 1]], &pareto->points[hull[i]]) >
            pareto->worth_uj)
            break;
        stop = hull[i];
    }
    return stop;
}

static size_t stop_by_knee(const struct jb_pareto *pareto, const size_t *hull, size_t n)
{
    const struct jb_pareto_point *const points = pareto->points;
    jb_i128 most = -1;
    size_t stop = hull[0];

    for (size_t i = 1; i + 1 < n; i++) {
        const jb_i128 height =
            above(pareto, &points[hull[0]], &points[hull[i]], &points[hull[n - 1]]);
        if (height > most) {
            most = height;
            stop = hull[i];
        }
    }
    return stop;
}

static jb_rc find_stop(struct jb_pareto *pareto, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) size_t *hull = calloc(pareto->n, sizeof hull[0]);

    if (!hull)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for %zu runs", pareto->n);
    const size_t n = make_hull(pareto, hull);
    if (pareto->worth_uj >= 0) {
        pareto->rule = JB_PARETO_WORTH;
        pareto->stop = stop_by_worth(pareto, hull, n);
    } else if (n >= 3) {
        pareto->rule = JB_PARETO_KNEE;
        pareto->stop = stop_by_knee(pareto, hull, n);
    } else {
        pareto->rule = JB_PARETO_TOO_FEW;
        return JB_OK;
    }
    pareto->after_uj = pareto->total_uj - pareto->points[pareto->stop].cumulative_uj;
    pareto->after_gain =
        gain(pareto, pareto->points[hull[n - 1]].value, pareto->points[pareto->stop].value);
    return JB_OK;
}

/* --- what can go wrong --------------------------------------------------------------------------------------------------------- */

static jb_rc fail_way(const char *metric, struct jb_error *err)
{
    char shown[64], hint[200];

    jb_clean_copy(metric, shown, sizeof shown);
    (void)snprintf(hint, sizeof hint, "say --metric %s:max or --metric %s:min", shown, shown);
    return jb_fail(err, JB_E_USAGE, hint, "which way '%s' is better is not known", shown);
}

static jb_rc fail_none(const struct jb_inventory *inventory, const char *metric,
                       struct jb_error *err)
{
    char shown[64], there[240] = "";

    for (size_t i = 0; i < inventory->n_runs; i++)
        for (size_t k = 0; k < inventory->runs[i].n_metrics; k++) {
            const char *const name = inventory->runs[i].metrics[k].name;
            const size_t used = strlen(there);
            if (!strstr(there, name) && used + strlen(name) + 3 < sizeof there)
                (void)snprintf(there + used, sizeof there - used, "%s%s", used ? ", " : "", name);
        }
    jb_clean_copy(metric, shown, sizeof shown);
    return jb_fail(
        err, JB_E_NOT_FOUND,
        there[0] ? there : "mark it while the run goes: joulebook mark epoch 3 accuracy=0.93",
        "no run of the selection has the metric '%s'%s", shown, there[0] ? "; there are" : "");
}

jb_rc jb_pareto_make(const struct jb_inventory *inventory, const char *metric,
                     enum jb_metric_way way, int64_t point, int64_t worth_uj, struct jb_pareto *ret,
                     struct jb_error *err)
{
    JB_AUTO(jb_pareto_release)
    struct jb_pareto pareto = {.metric = metric, .way = way, .worth_uj = worth_uj};

    if (way == JB_METRIC_WAY_UNKNOWN)
        pareto.way = jb_metric_way(metric);
    if (!choose_layer(inventory, &pareto))
        return fail_none(inventory, metric, err);
    if (pareto.way != JB_METRIC_WAY_MAX && pareto.way != JB_METRIC_WAY_MIN)
        return fail_way(metric, err);
    pareto.points = calloc(inventory->n_runs, sizeof pareto.points[0]);
    if (!pareto.points)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for %zu runs", inventory->n_runs);
    gather(inventory, &pareto);
    if (pareto.n == 0)
        return jb_fail(err, JB_E_NOT_FOUND, "what took no known energy cannot be weighed",
                       "no run with the metric '%s' has a known energy", metric);
    pareto.point = point > 0 ? point : usual_point(&pareto);
    mark_records(&pareto);
    const jb_rc rc = find_stop(&pareto, err);
    if (rc < 0)
        return rc;
    *ret = pareto;
    pareto = (struct jb_pareto){0};
    return JB_OK;
}
