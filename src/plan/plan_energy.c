/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operations over what the hardware makes of its peak to time, and time x draw to energy, with the band of both (R-PLAN-01,
 * -06 to -08). It must never take utilisation and draw as doubts apart: a board that computes less also draws less.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "estimate/estimate.h"
#include "plan/plan_int.h"

#define PPM       INT64_C(1000000)
#define MILLI     INT64_C(1000)
#define MINUTE_NS INT64_C(60000000000)

static struct jb_quantity value_of(int64_t n)
{
    return (struct jb_quantity){JB_KNOWN_VALUE, false, n, n, n};
}

static bool is_given(const struct jb_quantity *quantity)
{
    return quantity->known == JB_KNOWN_VALUE || quantity->known == JB_KNOWN_RANGE;
}

/* --- draw --------------------------------------------------------------------------------------------------------- */

int64_t plan__board_mw(const struct plan__facts *facts, int64_t utilisation_ppm)
{
    const struct plan__refs *const refs = facts->refs;
    const int64_t usual_ppm = refs->utilisation[facts->size][facts->hardware.kind].best;
    const double idle = (double)refs->board_idle.best, best = (double)refs->board.best;
    const double times =
        pow((double)utilisation_ppm / (double)usual_ppm, (double)refs->exponent_ppm / (double)PPM);
    const double most = (double)(refs->board.high > PPM ? refs->board.high : PPM);
    const double share = fmin(most, idle + (best - idle) * times);

    return llround((double)facts->hardware.board_mw * share / (double)PPM);
}

/* An instance that is told gives its processors and memory, as many instances as hold the devices. */
static void take_instance(const struct plan__facts *facts, struct jb_work *work)
{
    const struct jb_instance *const instance = &facts->hardware.instance;
    const int64_t n_devices = facts->order->n_devices;
    const int64_t each_milli = instance->n_accelerators_milli * facts->hardware.n_dies;
    const int64_t of = facts->hardware.is_boards && each_milli > 0 ? each_milli : MILLI;

    if (work->processor.known != JB_KNOWN_VALUE && instance->processor[0] != '\0') {
        work->processor.known = JB_KNOWN_VALUE;
        (void)snprintf(work->processor.text, sizeof work->processor.text, "%s",
                       instance->processor);
    }
    if (instance->n_vcpus > 0)
        work->n_threads =
            value_of(jb_muldiv_sat_i64(instance->n_vcpus * MILLI, n_devices, of, JB_ROUND_NEAREST));
    if (!is_given(&work->memory_mib) && instance->memory_mib > 0)
        work->memory_mib = value_of(
            jb_muldiv_sat_i64(instance->memory_mib * MILLI, n_devices, of, JB_ROUND_NEAREST));
}

jb_rc plan__power(const struct plan__facts *facts, int64_t board_mw,
                  struct jb_estimate *ret_estimate, struct jb_error *err)
{
    const struct jb_plan_order *const order = facts->order;
    struct jb_work work = {.processor = order->processor,
                           .memory_mib = order->memory_mib,
                           .node_overhead_mw = order->node_overhead_mw,
                           .duration_ns = value_of(MINUTE_NS)};

    if (facts->hardware.is_boards) {
        work.accelerator_mw = value_of(board_mw);
        work.n_accelerators_milli = value_of(
            jb_muldiv_sat_i64(order->n_devices, MILLI, facts->hardware.n_dies, JB_ROUND_NEAREST));
    } else {
        work.n_processors_milli = value_of(order->n_devices * MILLI);
    }
    if (facts->hardware.has_instance)
        take_instance(facts, &work);
    return jb_estimate_make(&work, ret_estimate, err);
}

/* --- what the hardware draws at each end --------------------------------------------------------------------------- */

/* Watts of all of it, unrounded ratios of which make the band. */
struct draws {
    double low, best, high; /* at the utilisation of that end */
    double idle;
    double host_low, host_high; /* what the host leaves open, over best */
};

static jb_rc draw_at(const struct plan__facts *facts, int64_t utilisation_ppm, struct jb_plan *plan,
                     struct jb_estimate *ret_estimate, struct jb_error *err)
{
    const struct jb_quantity *const stated = &facts->order->accelerator_mw;
    const jb_rc rc =
        plan__power(facts, is_given(stated) ? stated->best : plan__board_mw(facts, utilisation_ppm),
                    ret_estimate, err);

    if (rc >= 0 && !ret_estimate->is_computable) {
        plan->is_computable = false;
        (void)snprintf(plan->why_not, sizeof plan->why_not, "%s", ret_estimate->why_not);
    }
    return rc;
}

static void take_told(const struct jb_estimate *estimate, struct jb_plan *plan)
{
    for (size_t i = 0; i < estimate->n_notes; i++)
        plan__note(plan, "%s", estimate->notes[i]);
    for (size_t i = 0; i < estimate->n_factors; i++)
        if (plan->n_factors < JB_ESTIMATE_FACTORS_MAX)
            plan->factors[plan->n_factors++] = estimate->factors[i];
}

static jb_rc read_draws(const struct plan__facts *facts, struct draws *ret_draws,
                        struct jb_plan *plan, struct jb_error *err)
{
    const struct jb_quantity *const u = &facts->utilisation;
    struct jb_estimate estimate = {0};
    struct draws draws = {0};
    jb_rc rc = draw_at(facts, u->low, plan, &estimate, err);

    draws.low = (double)estimate.energy_uj.best;
    if (rc >= 0 && plan->is_computable)
        rc = draw_at(facts, u->high, plan, &estimate, err);
    draws.high = (double)estimate.energy_uj.best;
    if (rc >= 0 && plan->is_computable && facts->hardware.is_boards) {
        const int64_t idle_mw = jb_muldiv_sat_i64(
            facts->hardware.board_mw, facts->refs->board_idle.best, PPM, JB_ROUND_NEAREST);
        rc = plan__power(facts, idle_mw, &estimate, err);
    }
    draws.idle = (double)estimate.energy_uj.best;
    if (rc >= 0 && plan->is_computable)
        rc = draw_at(facts, u->best, plan, &estimate, err);
    if (rc < 0 || !plan->is_computable)
        return rc;
    draws.best = (double)estimate.energy_uj.best;
    if (draws.best <= 0)
        return jb_fail(err, JB_E_INPUT, "state the draw of a board above zero",
                       "the hardware draws nothing");
    draws.host_low = (double)estimate.energy_uj.low / draws.best;
    draws.host_high = (double)estimate.energy_uj.high / draws.best;
    take_told(&estimate, plan);
    *ret_draws = draws;
    return JB_OK;
}

/* --- band (R-PLAN-08) ----------------------------------------------------------------------------------------------- */

/* One doubt at one end: what it does to time and to energy, over the best. */
struct ratio {
    double time, energy;
};
#define DOUBTS 5

/* Idle watts for each watt-second of work: i / (1 - i) of them. */
static double idle_times(int64_t idle_ppm)
{
    return (double)idle_ppm / (double)(PPM - idle_ppm);
}

static void ratios_of(const struct plan__facts *facts, const struct draws *draws, int side,
                      struct ratio ret[DOUBTS])
{
    const struct plan__hardware *const hardware = &facts->hardware;
    const struct plan__refs *const refs = facts->refs;
    const struct jb_plan_order *const order = facts->order;
    const struct jb_quantity *const u = &facts->utilisation, *const idle = &order->idle_ppm;
    const double u_ratio = (double)u->best / (double)(side < 0 ? u->high : u->low);
    const double at_u = side < 0 ? draws->high : draws->low;
    const double kept = idle_times(idle->best) * draws->idle;
    const int64_t idle_ppm = side < 0 ? idle->low : idle->high;
    const int64_t flop_ppm = side < 0 ? order->flop_low_ppm : order->flop_high_ppm;
    double draw = side < 0 ? draws->host_low : draws->host_high;

    if (hardware->is_boards && !is_given(&order->accelerator_mw)) {
        /* Measured draws of nodes have the host's doubt in them: the wider of the two. */
        const double measured =
            (double)(side < 0 ? refs->draw.low : refs->draw.high) / (double)refs->draw.best;
        draw = side < 0 ? fmin(draw, measured) : fmax(draw, measured);
    } else if (hardware->is_boards && order->accelerator_mw.known == JB_KNOWN_RANGE) {
        const double told =
            (double)(side < 0 ? order->accelerator_mw.low : order->accelerator_mw.high) /
            fmax((double)order->accelerator_mw.best, 1);
        draw = side < 0 ? fmin(draw, told) : fmax(draw, told);
    }
    ret[0] = (struct ratio){u_ratio, u_ratio * (at_u + kept) / (draws->best + kept)};
    ret[1] = (struct ratio){1, draw};
    ret[2].time = ret[2].energy = flop_ppm > 0 ? (double)flop_ppm / (double)PPM : 1;
    ret[3].time =
        (double)(side < 0 ? hardware->time_low_ppm : hardware->time_high_ppm) / (double)PPM;
    ret[3].energy =
        (double)(side < 0 ? hardware->energy_low_ppm : hardware->energy_high_ppm) / (double)PPM;
    ret[4].time = (1 + idle_times(idle_ppm)) / (1 + idle_times(idle->best));
    ret[4].energy = (draws->best + idle_times(idle_ppm) * draws->idle) / (draws->best + kept);
}

/* Quadrature of logarithms, as R-EST-20; rounded outward. */
static int64_t edge(int64_t best, const struct ratio ratios[DOUBTS], bool is_time, int side)
{
    double squares = 0;

    for (int i = 0; i < DOUBTS; i++) {
        const double ratio = is_time ? ratios[i].time : ratios[i].energy;
        if (side < 0 ? ratio < 1 : ratio > 1)
            squares += log(ratio) * log(ratio);
    }
    if (squares == 0)
        return best;
    const double factor = exp(side * sqrt(squares)) * (double)PPM;
    return side < 0
               ? jb_muldiv_sat_i64(best, (int64_t)floor(factor), PPM, JB_ROUND_FLOOR)
               : jb_muldiv_sat_i64(best, (int64_t)ceil(fmin(factor, 1e15)), PPM, JB_ROUND_CEIL);
}

static struct jb_figure join(const struct plan__facts *facts, const struct draws *draws,
                             int64_t best, bool is_time)
{
    struct ratio low[DOUBTS], high[DOUBTS];

    ratios_of(facts, draws, -1, low);
    ratios_of(facts, draws, 1, high);
    return (struct jb_figure){.is_known = true,
                              .low = edge(best, low, is_time, -1),
                              .best = best,
                              .high = edge(best, high, is_time, 1)};
}

/* --- the best figures, in whole numbers ------------------------------------------------------------------------------ */

/* a / b to nearest, both above zero; false beyond 64 bits. */
static bool divide(jb_u128 a, jb_u128 b, int64_t *ret)
{
    const jb_u128 result = a / b + (a % b >= b - b / 2 ? (jb_u128)1 : (jb_u128)0);

    *ret = (int64_t)result;
    return result <= INT64_MAX;
}

static bool too_long(struct jb_plan *plan)
{
    plan->is_computable = false;
    plan->device_us = plan->wall_us = plan->energy_mj = (struct jb_figure){0};
    plan->power_uw = 0;
    (void)snprintf(plan->why_not, sizeof plan->why_not,
                   "the training is beyond 292,000 device-years or 2.56 TWh: divide it, or take "
                   "other hardware");
    return false;
}

/* R-PLAN-01: device time in microseconds = operations x 1000 / (GFLOP/s x ppm), with the idle share on top. */
static bool best_time(const struct plan__facts *facts, struct jb_plan *plan, int64_t *ret_busy_us)
{
    const jb_u128 flop = (jb_u128)facts->order->compute.training_flop;
    const jb_u128 rate = (jb_u128)facts->hardware.peak_gflops * (jb_u128)facts->utilisation.best;
    const jb_u128 busy = (jb_u128)(PPM - facts->order->idle_ppm.best);
    const jb_u128 n = (jb_u128)facts->order->n_devices;
    int64_t device_us = 0;

    if (flop / rate > (jb_u128)INT64_MAX / 1000)
        return too_long(plan);
    plan->device_us.is_known = plan->wall_us.is_known = true;
    if (!divide(flop * 1000, rate, &device_us) || !divide(flop * 1000, rate * n, ret_busy_us) ||
        !divide((jb_u128)device_us * (jb_u128)PPM, busy, &plan->device_us.best) ||
        !divide((jb_u128)*ret_busy_us * (jb_u128)PPM, busy, &plan->wall_us.best))
        return too_long(plan);
    if (plan->wall_us.best == 0) {
        (void)too_long(plan);
        (void)snprintf(plan->why_not, sizeof plan->why_not,
                       "it takes less than a microsecond there: see the number of operations");
        return false;
    }
    return true;
}

static bool best_energy(const struct plan__facts *facts, const struct draws *draws, int64_t busy_us,
                        struct jb_plan *plan)
{
    /* In a minute a microwatt is 60 uJ; what is measured of nodes shifts the best figure too. */
    const bool is_measured = facts->hardware.is_boards && !is_given(&facts->order->accelerator_mw);
    const int64_t draw_ppm = is_measured ? facts->refs->draw.best : PPM;
    const jb_u128 work_uj = (jb_u128)llround(draws->best) * (jb_u128)draw_ppm / (jb_u128)PPM;
    const jb_u128 idle_uj = (jb_u128)llround(draws->idle);
    const jb_u128 idle_us = (jb_u128)(plan->wall_us.best - busy_us);
    const jb_u128 minute_nj = (jb_u128)60000000 * 1000; /* us of a minute, uJ of a mJ */

    plan->energy_mj.is_known = true;
    const jb_u128 busy_us_wide = (jb_u128)busy_us;
    jb_u128 all = work_uj * busy_us_wide;
    all += idle_uj * idle_us;
    if (!divide(all, minute_nj, &plan->energy_mj.best))
        return too_long(plan);
    plan->power_uw = plan->wall_us.best > 0
                         ? jb_muldiv_sat_i64(plan->energy_mj.best, INT64_C(1000000000),
                                             plan->wall_us.best, JB_ROUND_NEAREST)
                         : 0;
    return true;
}

jb_rc plan__energy(const struct plan__facts *facts, struct jb_plan *plan, struct jb_error *err)
{
    struct draws draws = {0};
    int64_t busy_us = 0;
    const jb_rc rc = read_draws(facts, &draws, plan, err);

    if (rc < 0 || !plan->is_computable)
        return rc;
    if (!best_time(facts, plan, &busy_us) || !best_energy(facts, &draws, busy_us, plan))
        return JB_OK;
    plan->utilisation_ppm = (struct jb_figure){.is_known = true,
                                               .is_hard_bound = facts->is_stated,
                                               .low = facts->utilisation.low,
                                               .best = facts->utilisation.best,
                                               .high = facts->utilisation.high};
    plan->device_us = join(facts, &draws, plan->device_us.best, true);
    plan->wall_us = join(facts, &draws, plan->wall_us.best, true);
    plan->energy_mj = join(facts, &draws, plan->energy_mj.best, false);
    /* An end of the scale is no end of a band. */
    if (plan->device_us.high == INT64_MAX || plan->energy_mj.high == INT64_MAX)
        (void)too_long(plan);
    return JB_OK;
}
