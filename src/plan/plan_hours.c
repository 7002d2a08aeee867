/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sums of intensity x time up to each row, so that any stretch is two differences. Must never say a start good of which the
 * series does not cover the end. R-PLAN-20, R-PLAN-21.
 */
#include "plan/plan_hours.h"

#include <stdlib.h>

#include "base/num.h"

#define MJ_MG_PER_UG 3600000 /* mJ x mg/kWh that make one ug: 3.6e9 mJ are a kWh, 1000 ug a mg */

struct row {
    int64_t start_utc_us, end_utc_us, mg_per_kwh;
    jb_i128 before;     /* mg/kWh x us of all rows before it */
    size_t first_of_it; /* of the rows that follow one another without a gap */
};

struct rows {
    size_t n;
    struct row *rows;
};

static void rows_release(struct rows *rows)
{
    free(rows->rows);
}

/* From the row that holds `from_utc_us`, or the first after it. */
static jb_rc take_rows(const struct jb_hourly *hourly, int64_t from_utc_us, struct rows *rows,
                       struct jb_error *err)
{
    const struct jb_hourly_about *const about = jb_hourly_about(hourly);
    int64_t at = from_utc_us > about->start_utc_us ? from_utc_us : about->start_utc_us;
    jb_i128 sum = 0;

    rows->rows = calloc(jb_hourly_n_rows(hourly) + 1, sizeof rows->rows[0]);
    if (!rows->rows)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the hours of a plan");
    while (at < about->end_utc_us) {
        struct row row = {.start_utc_us = at, .before = sum, .first_of_it = rows->n};
        if (!jb_hourly_at(hourly, at, &row.mg_per_kwh) ||
            !jb_hourly_end_at(hourly, at, &row.end_utc_us)) {
            at = jb_hourly_next_start(hourly, at);
            continue;
        }
        if (rows->n > 0 && rows->rows[rows->n - 1].end_utc_us == at)
            row.first_of_it = rows->rows[rows->n - 1].first_of_it;
        sum += (jb_i128)row.mg_per_kwh * (row.end_utc_us - at);
        rows->rows[rows->n++] = row;
        at = row.end_utc_us;
    }
    return JB_OK;
}

/* The row that `utc_us` is in, or that ends with it; `from` is one that starts no later. */
static size_t row_of_end(const struct rows *rows, size_t from, int64_t utc_us)
{
    size_t low = from, high = rows->n - 1;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (rows->rows[middle].end_utc_us >= utc_us)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static int64_t mass(int64_t energy_mj, int64_t mg_per_kwh, enum jb_round round)
{
    return jb_muldiv_sat_i64(energy_mj, mg_per_kwh, MJ_MG_PER_UG, round);
}

/* False: the series does not cover all of it. */
static bool start_at(const struct jb_plan *plan, const struct rows *rows, size_t i,
                     int64_t length_us, struct jb_plan_start *ret)
{
    const struct row *const first = &rows->rows[i];
    int64_t end_us = 0;

    if (jb_add_i64(first->start_utc_us, length_us, &end_us) < 0)
        return false;
    const struct row *const last = &rows->rows[row_of_end(rows, i, end_us)];
    if (last->end_utc_us < end_us || last->start_utc_us > end_us ||
        last->first_of_it != first->first_of_it)
        return false;
    const jb_i128 sum =
        last->before - first->before + (jb_i128)last->mg_per_kwh * (end_us - last->start_utc_us);
    ret->utc_us = first->start_utc_us;
    ret->mean_mg_per_kwh = (int64_t)((sum + length_us / 2) / length_us);
    ret->mass_ugco2e = (struct jb_figure){
        .is_known = plan->facility_mj.is_known,
        .low = mass(plan->facility_mj.low, ret->mean_mg_per_kwh, JB_ROUND_FLOOR),
        .best = mass(plan->facility_mj.best, ret->mean_mg_per_kwh, JB_ROUND_NEAREST),
        .high = mass(plan->facility_mj.high, ret->mean_mg_per_kwh, JB_ROUND_CEIL),
    };
    return true;
}

jb_rc jb_plan_hours(const struct jb_plan *plan, const struct jb_hourly *hourly, int64_t from_utc_us,
                    struct jb_plan_hours *ret, struct jb_error *err)
{
    JB_AUTO(rows_release) struct rows rows = {0};
    struct jb_plan_hours hours = {0};
    struct jb_plan_start start;
    const int64_t length_us = plan->wall_us.best;

    if (!plan->is_computable || !plan->wall_us.is_known || length_us <= 0)
        return jb_fail(err, JB_E_INPUT, NULL, "a training of unknown length has no hour to begin");
    const jb_rc rc = take_rows(hourly, from_utc_us, &rows, err);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < rows.n; i++) {
        if (!start_at(plan, &rows, i, length_us, &start))
            continue;
        if (hours.n_starts == 0)
            hours.first = hours.best = hours.worst = start;
        if (start.mean_mg_per_kwh < hours.best.mean_mg_per_kwh)
            hours.best = start;
        if (start.mean_mg_per_kwh > hours.worst.mean_mg_per_kwh)
            hours.worst = start;
        hours.n_starts++;
    }
    *ret = hours;
    return JB_OK;
}
