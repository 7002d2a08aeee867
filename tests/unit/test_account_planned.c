/* SPDX-License-Identifier: Apache-2.0 */
/* A plan beside its run, every factor by hand: like with like, on both edges of the band, and what is not alike (R-PLAN-33). */
#include "account/account.h"

#include "tap.h"

static struct jb_account account;

static struct jb_figure figure(int64_t low, int64_t best, int64_t high)
{
    return (struct jb_figure){.is_known = true, .low = low, .best = best, .high = high};
}

/* Planned 2 kJ (1 to 3), 100 s (80 to 150), 4e24 operations within 10 %. */
static void fresh(void)
{
    struct jb_planned *const plan = &account.planned.plan;

    memset(&account, 0, sizeof account);
    account.work = JB_ACCOUNT_WORK_UNKNOWN;
    account.planned.is_told = true;
    plan->energy_mj = figure(1000000, 2000000, 3000000);
    plan->wall_us = figure(80000000, 100000000, 150000000);
    plan->device_us = figure(800000000, 1000000000, 1500000000);
    plan->utilisation_ppm = figure(200000, 400000, 500000);
    plan->location_ugco2e = figure(10, 30, 90);
    plan->cost_micro = figure(100, 200, 300);
    plan->training_flop = (jb_i128)4 * 1000000000000 * 1000000000000;
    plan->flop_low_ppm = 900000;
    plan->flop_high_ppm = 1100000;
    memcpy(plan->currency, "EUR", 4);
    memcpy(plan->peak_type, "bf16", 5);
    memcpy(account.run.currency, "EUR", 4);
}

static const struct jb_beside *row(enum jb_beside_row name)
{
    return &account.planned.rows[name];
}

static void is_row(enum jb_beside_row name, int64_t factor_ppm, bool is_inside, const char *claim)
{
    const struct jb_beside *const one = row(name);

    ok(one->is_planned && one->is_measured && !one->why_not && one->factor_ppm == factor_ppm &&
           one->is_inside == is_inside,
       "%s: factor %lld", claim, (long long)one->factor_ppm);
}

static void compared(void)
{
    fresh();
    account.energy_uj = figure(0, 1000000000, 9000000000);
    account.duration_ns = INT64_C(150000000499);
    account.location_ugco2e = figure(1, 91, 100);
    account.cost_micro = figure(1, 99, 100);
    account.work.is_known = true;
    account.work.training_flop = account.planned.plan.training_flop / 2;
    account.work.n_boards = 8;
    account.work.board_ns = INT64_C(1000000000000);
    account.work.mfu_ppm = figure(1, 300000, 500000);
    memcpy(account.work.peak_type, "bf16", 5);
    jb_account_beside_plan(&account);
    is_row(JB_BESIDE_ENERGY_UJ, 500000, true, "1 kJ of 2 kJ, the lower edge is inside");
    is_row(JB_BESIDE_WALL_US, 1500000, true, "150 s of 100 s, the upper edge is inside");
    is_row(JB_BESIDE_DEVICE_US, 1000000, true, "1000 s of boards, as planned");
    is_row(JB_BESIDE_FLOP, 500000, false, "half the operations, below 90 %");
    is_row(JB_BESIDE_UTILISATION_PPM, 750000, true, "30 % of 40 %");
    is_row(JB_BESIDE_UGCO2E, 3033333, false, "91 of 30, one above the band");
    is_row(JB_BESIDE_COST_MICRO, 495000, false, "99 of 200, one below the band");
}

static void not_alike(void)
{
    fresh();
    account.location_ugco2e = figure(1, 91, 100);
    account.cost_micro = figure(1, 99, 100);
    account.work.is_known = true;
    account.work.mfu_ppm = figure(1, 300000, 500000);
    memcpy(account.work.peak_type, "fp16", 5);
    account.is_facility_posted = true;
    jb_account_beside_plan(&account);
    ok(row(JB_BESIDE_UGCO2E)->why_not && row(JB_BESIDE_COST_MICRO)->why_not,
       "a run with a PUE is not compared with a plan without");
    is_str(row(JB_BESIDE_UTILISATION_PPM)->why_not, "of another peak", "nor MFU of another peak");
    ok(!row(JB_BESIDE_ENERGY_UJ)->is_measured && !row(JB_BESIDE_ENERGY_UJ)->why_not,
       "what was not measured has no reason");
    account.planned.plan.has_pue = true;
    jb_account_beside_plan(&account);
    is_row(JB_BESIDE_UGCO2E, 3033333, false, "with one in both it is");
    account.is_facility_posted = false;
    jb_account_beside_plan(&account);
    ok(row(JB_BESIDE_UGCO2E)->why_not, "nor the other way round");
    account.is_facility_posted = true;
    account.planned.plan.has_price = true;
    jb_account_beside_plan(&account);
    is_str(row(JB_BESIDE_COST_MICRO)->why_not, "the plan's has hours of devices in it",
           "nor a price of hours with a tariff");
    account.planned.plan.has_price = false;
    memcpy(account.run.currency, "USD", 4);
    jb_account_beside_plan(&account);
    is_str(row(JB_BESIDE_COST_MICRO)->why_not, "in another currency", "nor euros with dollars");
}

static void edges(void)
{
    fresh();
    account.energy_uj = figure(5, 5, 5);
    account.planned.plan.energy_mj = figure(0, 0, 1);
    account.planned.plan.training_flop = JB_FLOP_MAX;
    account.work.is_known = true;
    account.work.training_flop = JB_FLOP_MAX;
    jb_account_beside_plan(&account);
    ok(row(JB_BESIDE_ENERGY_UJ)->factor_ppm == -1 && row(JB_BESIDE_ENERGY_UJ)->is_inside,
       "there is no factor of nothing");
    is_row(JB_BESIDE_FLOP, 1000000, true, "1e30 operations");
    account.planned.plan.wall_us = figure(1, 1, 1);
    account.duration_ns = INT64_MAX;
    jb_account_beside_plan(&account);
    is_i64(row(JB_BESIDE_WALL_US)->factor_ppm, INT64_MAX, "a factor beyond 64 bits stops there");
    account.planned.is_itself = true;
    jb_account_beside_plan(&account);
    ok(row(JB_BESIDE_WALL_US)->is_planned && !row(JB_BESIDE_WALL_US)->is_measured,
       "of a plan itself nothing is measured");
}

int main(void)
{
    compared();
    not_alike();
    edges();
    return done_testing();
}
