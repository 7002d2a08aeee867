/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Energy where there is no counter: power integrated between readings, and busy CPU time through a power curve. What
 * division leaves over is carried to the next step, so that a year at 1 kHz has the same sum as one at 1 Hz.
 * Rules R-ENERGY-06, -07, -09, -10, R-MODEL-01 to R-MODEL-03 in docs/method/energy.md.
 */
#include <assert.h>

#include "base/clock.h"
#include "base/num.h"
#include "sample/sampler_int.h"

/* Two power values summed, times ns, over this is nJ (R-ENERGY-06). */
#define TWICE_UW_NS_PER_NJ 2000000u
/* R-ENERGY-07: a gauge's value is bridged over at most so many of its periods. */
#define HOLD_PERIODS 5
/* R-MODEL-02: shorter steps of a busy time that comes in ticks are smoothed over so many ticks. */
#define SMOOTH_TICKS 10

#define PPB INT64_C(1000000000)
#define PPM INT64_C(1000000)

int64_t jb_sampler_gauge_uw(const struct jb_channel *channel, uint64_t raw)
{
    const jb_u128 twice = 2 * ((jb_u128)raw * channel->unit_num / channel->unit_den);
    const jb_u128 left = (jb_u128)raw * channel->unit_num % channel->unit_den;
    const jb_u128 uw = twice / 2 + (2 * left >= channel->unit_den ? 1 : 0);

    return uw > INT64_MAX ? INT64_MAX : (int64_t)uw;
}

/* *acc += (amount + *rest) / den, the remainder kept. Saturates, which max_power_uw keeps out of reach. */
static uint64_t divide_rest(jb_u128 amount, uint32_t den, uint32_t *rest)
{
    const jb_u128 sum = amount + *rest;
    const jb_u128 whole = sum / den;

    *rest = (uint32_t)(sum % den);
    return whole > INT64_MAX ? (uint64_t)INT64_MAX : (uint64_t)whole;
}

static int64_t hold_ns(const struct jb_channel *channel, const struct jb_cumulative *state)
{
    int64_t period_ns = JB_NS_PER_S;

    if (state->period_ns > period_ns)
        period_ns = state->period_ns;
    if (channel->update_ns > period_ns)
        period_ns = channel->update_ns;
    if (channel->window_ns > period_ns)
        period_ns = channel->window_ns;
    return period_ns > INT64_MAX / HOLD_PERIODS ? INT64_MAX : period_ns * HOLD_PERIODS;
}

/* Seen, or bridged: reads failed in between, or the reading came more than a period late. */
static int64_t *coverage_of(struct jb_cumulative *state, int64_t elapsed_ns)
{
    const bool is_late = state->period_ns > 0 && elapsed_ns / 2 > state->period_ns;

    return state->is_bridged || is_late ? &state->interpolated_ns : &state->gauge_ns;
}

/*
 * R-ENERGY-10: between two readings of a power as it is at an instant, nobody knows when it moved from one to the other.
 * What the device averages over all of the time between is known.
 */
static int64_t unknown_between_uj(const struct jb_channel *channel, int64_t before_uw,
                                  int64_t now_uw, int64_t elapsed_ns)
{
    const int64_t step_uw = now_uw > before_uw ? now_uw - before_uw : before_uw - now_uw;

    if (channel->semantics == JB_SEMANTICS_GAUGE_SINCE ||
        (channel->semantics == JB_SEMANTICS_GAUGE_AVERAGE && channel->window_ns >= elapsed_ns))
        return 0;
    return jb_muldiv_sat_i64(step_uw, elapsed_ns, 2 * JB_NS_PER_S, JB_ROUND_CEIL);
}

/* R-ENERGY-06, R-ENERGY-09, R-ENERGY-10. */
enum jb_gap jb_sampler_feed_gauge(const struct jb_channel *channel, struct jb_cumulative *state,
                                  const struct jb_reading *reading)
{
    const int64_t elapsed_ns = reading->mono_ns - state->mono_ns;
    const bool is_since = channel->semantics == JB_SEMANTICS_GAUGE_SINCE;
    jb_u128 twice_uw;
    uint64_t delta_nj;
    enum jb_gap gap;

    if (!is_since && elapsed_ns > hold_ns(channel, state)) {
        jb_sampler_open_gap(channel, state, reading->mono_ns, reading->raw, JB_GAP_STALE);
        return JB_GAP_STALE;
    }
    twice_uw = jb_wide(jb_sampler_gauge_uw(channel, is_since ? reading->raw : state->raw)) +
               jb_wide(jb_sampler_gauge_uw(channel, reading->raw));
    delta_nj = divide_rest(twice_uw * jb_wide(elapsed_ns), TWICE_UW_NS_PER_NJ, &state->rest);
    int64_t unknown_uj =
        jb_add_sat_i64(state->high_uj - jb_sampler_count_to_uj(channel, state->count),
                       unknown_between_uj(channel, jb_sampler_gauge_uw(channel, state->raw),
                                          jb_sampler_gauge_uw(channel, reading->raw), elapsed_ns));
    gap = jb_sampler_add_count(channel, state, delta_nj);
    if (gap != JB_GAP_NONE)
        unknown_uj = 0; /* a new epoch, which holds nothing of the old one */
    state->low_uj = jb_sampler_count_to_uj(channel, state->count) - unknown_uj;
    state->high_uj = jb_add_sat_i64(jb_sampler_count_to_uj(channel, state->count), unknown_uj);
    jb_sampler_take(state, reading, coverage_of(state, elapsed_ns));
    return gap;
}

int64_t jb_sampler_curve_uw(const struct jb_power_curve *curve, int64_t utilisation_ppm, int which)
{
    static const int64_t at_ppm[JB_CURVE_POINTS] = {0, 100000, 500000, 1000000};
    const int64_t *const uw = which == 0   ? curve->low_uw
                              : which == 1 ? curve->best_uw
                                           : curve->high_uw;
    const int64_t u = utilisation_ppm < 0 ? 0 : utilisation_ppm > PPM ? PPM : utilisation_ppm;
    size_t i = 0;
    __int128 scaled;
    __int128 width;

    while (i + 2 < JB_CURVE_POINTS && u > at_ppm[i + 1])
        i++;
    width = at_ppm[i + 1] - at_ppm[i];
    scaled = (__int128)uw[i] * width + ((__int128)uw[i + 1] - uw[i]) * (u - at_ppm[i]);
    scaled = scaled * curve->n_threads;
    if (scaled < 0)
        return 0;
    scaled = (scaled + width / 2) / width;
    return scaled > INT64_MAX ? INT64_MAX : (int64_t)scaled;
}

/*
 * R-MODEL-02: busy time that comes in ticks (10 ms) would be nothing in one step of 1 ms and ten times the machine in
 * the next. Steps shorter than SMOOTH_TICKS ticks enter a running mean over that time (from the epoch's start, a plain
 * mean), which keeps the area; only the mean is limited to the machine.
 */
static int64_t busy_level_ppm(const struct jb_channel *channel, struct jb_cumulative *state,
                              const struct jb_reading *reading)
{
    const int64_t n_threads = channel->curve.n_threads > 0 ? channel->curve.n_threads : 1;
    const int64_t smooth_ns = channel->update_ns > 0 ? channel->update_ns * SMOOTH_TICKS : 0;
    const int64_t elapsed_ns = reading->mono_ns - state->mono_ns;
    const int64_t age_ns = reading->mono_ns - state->begin_ns;
    const __int128 most_ns = ((__int128)elapsed_ns + smooth_ns) * n_threads;
    const uint64_t delta = reading->raw - state->raw;
    const __int128 busy_ns = (__int128)delta > most_ns ? most_ns : (__int128)delta;
    const __int128 step_ppb = busy_ns * PPB / ((__int128)elapsed_ns * n_threads);
    int64_t over_ns = age_ns < smooth_ns ? age_ns : smooth_ns;
    int64_t level_ppm;

    assert(elapsed_ns > 0); /* jb_sampler_feed lets no other reading through */
    if (over_ns < elapsed_ns)
        over_ns = elapsed_ns;
    state->level_ppb += (int64_t)((step_ppb - state->level_ppb) * elapsed_ns / over_ns);
    level_ppm = (state->level_ppb + PPB / PPM / 2) / (PPB / PPM);
    return level_ppm > PPM ? PPM : level_ppm;
}

static int64_t add_band(int64_t band_uj, int64_t power_uw, int64_t elapsed_ns, uint32_t *rest)
{
    const uint64_t delta =
        divide_rest(jb_wide(power_uw) * jb_wide(elapsed_ns), (uint32_t)JB_UW_NS_PER_UJ, rest);

    return delta > (uint64_t)(INT64_MAX - band_uj) ? INT64_MAX : band_uj + (int64_t)delta;
}

/* R-MODEL-01. */
enum jb_gap jb_sampler_feed_busy(const struct jb_channel *channel, struct jb_cumulative *state,
                                 const struct jb_reading *reading)
{
    const struct jb_power_curve *const curve = &channel->curve;
    const int64_t elapsed_ns = reading->mono_ns - state->mono_ns;
    int64_t level_ppm;
    uint64_t delta_nj;
    enum jb_gap gap;

    if (reading->raw < state->raw) {
        jb_sampler_open_gap(channel, state, reading->mono_ns, reading->raw, JB_GAP_RESET);
        return JB_GAP_RESET;
    }
    level_ppm = busy_level_ppm(channel, state, reading);
    delta_nj =
        divide_rest(2 * jb_wide(jb_sampler_curve_uw(curve, level_ppm, 1)) * jb_wide(elapsed_ns),
                    TWICE_UW_NS_PER_NJ, &state->rest);
    gap = jb_sampler_add_count(channel, state, delta_nj);
    state->low_uj = add_band(state->low_uj, jb_sampler_curve_uw(curve, level_ppm, 0), elapsed_ns,
                             &state->low_rest);
    state->high_uj = add_band(state->high_uj, jb_sampler_curve_uw(curve, level_ppm, 2), elapsed_ns,
                              &state->high_rest);
    jb_sampler_take(state, reading, coverage_of(state, elapsed_ns));
    return gap;
}
