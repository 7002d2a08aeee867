/* SPDX-License-Identifier: Apache-2.0 */
/* How draw follows utilisation, and how doubts join. R-PLAN-01, -06 to -08. */
#include "plan/plan_int.h"

#include <math.h>

#include "tap.h"

/* Round figures of our own: 20 % to 40 % to 80 % of the peak, draws of a tenth and half of the rating, a square root. */
static struct plan__refs refs_of(void)
{
    struct plan__refs refs = {.exponent_ppm = 500000};
    struct jb_error err = {0};
    if (jb_catalogue_training_load("board", &refs.board, &err) < 0)
        bail_out("%s", err.message);
    for (int size = 0; size < SIZE_N; size++)
        for (int kind = 0; kind < KIND_N; kind++)
            refs.utilisation[size][kind] = (struct jb_catalogue_band){
                .low = 200000, .best = 400000, .high = 800000, .n_rows = 9, .n_sources = 9};
    refs.draw = (struct jb_catalogue_band){.low = 500000, .best = 1000000, .high = 2000000};
    refs.board.best = 500000;
    refs.board.high = 900000;
    refs.board_idle = (struct jb_catalogue_band){.low = 100000, .best = 100000, .high = 100000};
    return refs;
}

static struct jb_plan_order order_of(void)
{
    struct jb_plan_order order = {.compute = JB_COMPUTE_UNKNOWN,
                                  .n_devices = 1,
                                  .tariff_micro_per_kwh = -1,
                                  .price_micro_per_device_hour = -1};
    order.compute.training_flop = (jb_i128)312000000000000 * 100000; /* 1e5 s of an A100's peak */
    order.accelerator.known = JB_KNOWN_VALUE;
    (void)snprintf(order.accelerator.text, sizeof order.accelerator.text, "A100-SXM4-80GB");
    return order;
}

static struct jb_plan plan_of(const struct jb_plan_order *order, const struct plan__refs *refs)
{
    struct jb_plan plan = {0};
    struct jb_error err = {0};
    if (plan__make(order, refs, &plan, &err) < 0 || !plan.is_computable)
        bail_out("%s%s", err.message, plan.why_not);
    return plan;
}

static void test_board(void)
{
    const struct plan__refs refs = refs_of();
    const struct plan__facts facts = {
        .refs = &refs, .hardware = {.board_mw = 400000, .kind = KIND_BF16}, .size = SIZE_LARGE};
    is_i64(plan__board_mw(&facts, 400000), 200000, "at the usual utilisation half of 400 W");
    is_i64(plan__board_mw(&facts, 100000), 120000,
           "at a quarter of it half of what is above idle: 40 W + 80 W");
    is_i64(plan__board_mw(&facts, 1600000), 360000, "at four times it 360 W");
    is_i64(plan__board_mw(&facts, 6400000), 400000, "and never more than its rating");
}

/* Time: 1e5 s / 0.4, a factor two to each side. */
static void test_time(void)
{
    const struct plan__refs refs = refs_of();
    struct jb_plan_order order = order_of();
    struct jb_plan plan = plan_of(&order, &refs);
    is_i64(plan.device_us.best, 250000000000, "1e5 s of the peak at 40 %% are 250,000 s");
    ok(llabs(plan.device_us.low - 125000000000) <= 250000 && plan.device_us.low <= 125000000000,
       "125,000 s at 80 %%, rounded outward");
    ok(llabs(plan.device_us.high - 500000000000) <= 250000 && plan.device_us.high >= 500000000000,
       "500,000 s at 20 %%");
    order.flop_low_ppm = 500000;
    order.flop_high_ppm = 2000000;
    plan = plan_of(&order, &refs);
    /* Two factors of two are 2^sqrt(2) = 2.6651. */
    ok(fabs((double)plan.device_us.high / 250000e6 - 2.665144) < 1e-5 &&
           fabs((double)plan.device_us.low / 250000e6 - 0.375214) < 1e-5,
       "a doubt of the operations joins in quadrature");
}

/* Energy: 250,000 s x ((200 + 25 + 16) W x 1.2); low: 80 % of the peak in half the time at 40 + 160 x sqrt 2 W. */
static void test_energy(void)
{
    struct plan__refs refs = refs_of();
    struct jb_plan_order order = order_of();
    struct jb_plan plan = plan_of(&order, &refs);
    is_i64(plan.power_uw, 289200000, "(200 + 25 + 16) W and 20 %% for the rest of the node");
    is_i64(plan.energy_mj.best, 72300000000, "289.2 W x 250,000 s");
    const double low = 0.5 * (40 + 160 * sqrt(2) + 41) / 241,
                 high = 2.0 * (40 + 160 * sqrt(0.5) + 41) / 241, two = log(2);
    ok(fabs((double)plan.energy_mj.low / 72300e6 - exp(-sqrt(log(low) * log(low) + two * two))) <
           1e-5,
       "less: fewer seconds with more draw, and half the draw of a node");
    ok(fabs((double)plan.energy_mj.high / 72300e6 - exp(sqrt(log(high) * log(high) + two * two))) <
           1e-5,
       "more: more seconds with less draw, and twice the draw of a node");
    refs.draw.best = 1500000;
    plan = plan_of(&order, &refs);
    is_i64(plan.energy_mj.best, 108450000000, "what nodes were measured to draw shifts the best");
    ok(plan.power_uw == 433800000, "with the power");
    order.accelerator_mw = (struct jb_quantity){JB_KNOWN_RANGE, true, 100000, 200000, 300000};
    plan = plan_of(&order, &refs);
    is_i64(plan.energy_mj.best, 72300000000, "a stated draw is not shifted");
}

/* A K80 is two devices: half as long on both, with the draw of one board. */
static void test_dies(void)
{
    const struct plan__refs refs = refs_of();
    struct jb_plan_order order = order_of();
    (void)snprintf(order.accelerator.text, sizeof order.accelerator.text, "K80");
    order.n_devices = 2;
    const struct jb_plan plan = plan_of(&order, &refs);
    is_i64(plan.peak_gflops, 8220, "two dies have the peak of the board");
    is_i64(plan.power_uw, 229200000, "and its draw: (150 + 25 + 16) W x 1.2");
    ok(plan.device_us.best / 2 - plan.wall_us.best <= 1, "the clock shows half of the device time");
}

/* Four of the instance's eight boards: half of its 96 threads and 1152 GiB. */
static void test_instance(void)
{
    const struct plan__refs refs = refs_of();
    struct jb_plan_order order = order_of();
    struct jb_plan plan;
    order.instance.known = JB_KNOWN_VALUE;
    (void)snprintf(order.instance.text, sizeof order.instance.text, "aws/p4d.24xlarge");
    order.accelerator = (struct jb_answer){.known = JB_KNOWN_UNKNOWN};
    order.n_devices = 4;
    plan = plan_of(&order, &refs);
    const int64_t four = plan.power_uw;
    order.n_devices = 8;
    plan = plan_of(&order, &refs);
    ok(llabs(plan.power_uw - 2 * four) <= 2000000, "an instance's host is shared by its boards");
    ok(plan.energy_mj.low < plan.energy_mj.best && plan.energy_mj.best < plan.energy_mj.high,
       "with a band");
}

int main(void)
{
    test_board();
    test_time();
    test_energy();
    test_dies();
    test_instance();
    return done_testing();
}
