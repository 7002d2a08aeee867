/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a run was planned to take, beside what it took: like with like, inside of the plan's band or not, and by what factor. Must
 * never compare a figure with the building in it with one without. R-PLAN-33.
 */
#include "account/account.h"

#include <string.h>

#include "base/num.h"

#define PPM       1000000
#define UJ_PER_MJ 1000
#define NS_PER_US 1000

static void plan_figure(struct jb_beside *row, const struct jb_figure *planned, int64_t unit)
{
    row->is_planned = planned->is_known;
    row->low = (jb_i128)planned->low * unit;
    row->best = (jb_i128)planned->best * unit;
    row->high = (jb_i128)planned->high * unit;
}

static void measure(struct jb_beside *row, bool is_known, jb_i128 value)
{
    row->is_measured = is_known;
    row->measured = is_known ? value : 0;
}

static void plan_rows(const struct jb_planned *plan, struct jb_beside *rows)
{
    struct jb_beside *const flop = &rows[JB_BESIDE_FLOP];

    plan_figure(&rows[JB_BESIDE_ENERGY_UJ], &plan->energy_mj, UJ_PER_MJ);
    plan_figure(&rows[JB_BESIDE_WALL_US], &plan->wall_us, 1);
    plan_figure(&rows[JB_BESIDE_DEVICE_US], &plan->device_us, 1);
    plan_figure(&rows[JB_BESIDE_UTILISATION_PPM], &plan->utilisation_ppm, 1);
    plan_figure(&rows[JB_BESIDE_UGCO2E], &plan->location_ugco2e, 1);
    plan_figure(&rows[JB_BESIDE_COST_MICRO], &plan->cost_micro, 1);
    flop->is_planned = plan->training_flop > 0;
    flop->best = plan->training_flop;
    /* Operations go up to 1e30: a millionth part first would lose what small ones have. */
    flop->low = plan->training_flop * plan->flop_low_ppm / PPM;
    flop->high = plan->training_flop * plan->flop_high_ppm / PPM;
}

static void measured_rows(const struct jb_account *account, struct jb_beside *rows)
{
    const struct jb_account_work *const work = &account->work;

    measure(&rows[JB_BESIDE_ENERGY_UJ], account->energy_uj.is_known, account->energy_uj.best);
    measure(&rows[JB_BESIDE_WALL_US], account->duration_ns > 0,
            jb_muldiv_sat_i64(account->duration_ns, 1, NS_PER_US, JB_ROUND_NEAREST));
    measure(&rows[JB_BESIDE_DEVICE_US], work->is_known && work->n_boards > 0,
            jb_muldiv_sat_i64(work->board_ns, 1, NS_PER_US, JB_ROUND_NEAREST));
    measure(&rows[JB_BESIDE_FLOP], work->is_known && work->training_flop > 0, work->training_flop);
    measure(&rows[JB_BESIDE_UTILISATION_PPM], work->is_known && work->mfu_ppm.is_known,
            work->mfu_ppm.best);
    measure(&rows[JB_BESIDE_UGCO2E], account->location_ugco2e.is_known,
            account->location_ugco2e.best);
    measure(&rows[JB_BESIDE_COST_MICRO], account->cost_micro.is_known, account->cost_micro.best);
}

/* What both have and is not the same. */
static void tell_unlike(const struct jb_account *account, const struct jb_planned *plan,
                        struct jb_beside *rows)
{
    const char *pue = NULL;

    if (plan->has_pue && !account->is_facility_posted)
        pue = "the plan's has a PUE in it, the run's has none";
    if (!plan->has_pue && account->is_facility_posted)
        pue = "the run's has a PUE in it, the plan's has none";
    rows[JB_BESIDE_UGCO2E].why_not = pue;
    rows[JB_BESIDE_COST_MICRO].why_not = pue;
    if (plan->has_price)
        rows[JB_BESIDE_COST_MICRO].why_not = "the plan's has hours of devices in it";
    if (strcmp(plan->currency, account->run.currency) != 0)
        rows[JB_BESIDE_COST_MICRO].why_not = "in another currency";
    if (strcmp(plan->peak_type, account->work.peak_type) != 0)
        rows[JB_BESIDE_UTILISATION_PPM].why_not = "of another peak";
}

static void compare(struct jb_beside *row)
{
    if (!row->is_planned || !row->is_measured || row->why_not)
        return;
    row->is_inside = row->low <= row->measured && row->measured <= row->high;
    if (row->best <= 0) {
        row->factor_ppm = -1;
        return;
    }
    const jb_i128 factor = (row->measured * PPM + row->best / 2) / row->best;
    row->factor_ppm = factor > INT64_MAX ? INT64_MAX : (int64_t)factor;
}

void jb_account_beside_plan(struct jb_account *account)
{
    struct jb_account_planned *const planned = &account->planned;

    memset(planned->rows, 0, sizeof planned->rows);
    plan_rows(&planned->plan, planned->rows);
    if (planned->is_itself)
        return;
    measured_rows(account, planned->rows);
    tell_unlike(account, &planned->plan, planned->rows);
    for (int i = 0; i < JB_BESIDE_ROWS; i++) {
        struct jb_beside *const row = &planned->rows[i];
        if (!row->is_planned || !row->is_measured)
            row->why_not = NULL;
        compare(row);
    }
}
