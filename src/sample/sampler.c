/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Readings to cumulative energy: what a counter's difference means, gaps, epochs and coverage. It never invents a
 * joule and never drops one the counter still tells. Rules R-ENERGY-*, R-GAP-*, R-RATE-01 in docs/method/energy.md.
 */
#include "sample/sampler.h"

#include "base/clock.h"
#include "base/counter.h"
#include "base/num.h"
#include "sample/sampler_int.h"

/* R-ENERGY-05: how much later than its power a counter may move when its device does not say. */
#define UPDATE_UNKNOWN_NS JB_NS_PER_S

static bool is_counter(const struct jb_channel *channel)
{
    return channel->semantics == JB_SEMANTICS_COUNTER;
}

static jb_u128 raw_to_uj(const struct jb_channel *channel, jb_u128 raw)
{
    return raw * channel->unit_num / channel->unit_den;
}

/* R-ENERGY-02. */
int64_t jb_sampler_count_to_uj(const struct jb_channel *channel, uint64_t count)
{
    const jb_u128 uj = is_counter(channel) ? raw_to_uj(channel, count) : count / 1000;

    return uj > INT64_MAX ? INT64_MAX : (int64_t)uj;
}

void jb_sampler_begin(struct jb_cumulative *state)
{
    *state = (struct jb_cumulative){.mean_uw = -1};
}

/* R-GAP-04: low 0; best the mean power of the epoch before, without one the middle; high the greatest power. */
static void note_gap(const struct jb_channel *channel, struct jb_cumulative *state,
                     int64_t until_ns, enum jb_gap gap)
{
    const int64_t most_uw = channel->max_power_uw;
    const int64_t ns = until_ns - state->covered_ns;
    int64_t best_uw = state->mean_uw < 0 ? most_uw / 2 : state->mean_uw;

    state->last_gap = (uint8_t)gap;
    if (ns <= 0)
        return;
    if (best_uw > most_uw)
        best_uw = most_uw;
    state->n_gaps++;
    state->unobserved_ns = jb_add_sat_i64(state->unobserved_ns, ns);
    state->gap_best_uj = jb_add_sat_i64(
        state->gap_best_uj, jb_muldiv_sat_i64(ns, best_uw, JB_UW_NS_PER_UJ, JB_ROUND_NEAREST));
    state->gap_high_uj = jb_add_sat_i64(
        state->gap_high_uj, jb_muldiv_sat_i64(ns, most_uw, JB_UW_NS_PER_UJ, JB_ROUND_CEIL));
    state->covered_ns = until_ns;
}

static void learn_mean(const struct jb_channel *channel, struct jb_cumulative *state)
{
    const int64_t ns = state->mono_ns - state->begin_ns;

    if (ns > 0)
        state->mean_uw = jb_muldiv_sat_i64(jb_sampler_count_to_uj(channel, state->count),
                                           JB_UW_NS_PER_UJ, ns, JB_ROUND_NEAREST);
}

static void begin_epoch(struct jb_cumulative *state, int64_t mono_ns, uint64_t raw)
{
    state->epoch++;
    state->count = 0;
    state->low_uj = 0;
    state->high_uj = 0;
    state->begin_ns = mono_ns;
    state->begin_raw = raw;
}

void jb_sampler_open_gap(const struct jb_channel *channel, struct jb_cumulative *state,
                         int64_t mono_ns, uint64_t raw, enum jb_gap gap)
{
    learn_mean(channel, state);
    note_gap(channel, state, mono_ns, gap);
    begin_epoch(state, mono_ns, raw);
    state->mono_ns = mono_ns;
    state->raw = raw;
    state->moved_ns = mono_ns;
    state->rest = 0;
    state->low_rest = 0;
    state->high_rest = 0;
    state->level_ppb = 0;
    state->break_gap = JB_GAP_NONE;
    state->held_gap = JB_GAP_NONE;
    state->is_bridged = 0;
}

/* R-GAP-06: a posting must be able to hold what the epoch counts. */
static bool leaves_range(const struct jb_channel *channel, uint64_t count, uint64_t delta)
{
    if (count > UINT64_MAX - delta)
        return true;
    return is_counter(channel) && raw_to_uj(channel, count + delta) > INT64_MAX;
}

enum jb_gap jb_sampler_add_count(const struct jb_channel *channel, struct jb_cumulative *state,
                                 uint64_t delta)
{
    enum jb_gap gap = JB_GAP_NONE;

    if (leaves_range(channel, state->count, delta)) {
        learn_mean(channel, state);
        begin_epoch(state, state->mono_ns, state->raw);
        gap = JB_GAP_RANGE;
        state->last_gap = (uint8_t)gap;
    }
    state->count += delta;
    return gap;
}

void jb_sampler_take(struct jb_cumulative *state, const struct jb_reading *reading,
                     int64_t *covered)
{
    if (reading->mono_ns > state->covered_ns) {
        *covered = jb_add_sat_i64(*covered, reading->mono_ns - state->covered_ns);
        state->covered_ns = reading->mono_ns;
    }
    state->mono_ns = reading->mono_ns;
    state->raw = reading->raw;
    state->is_bridged = 0;
}

/* R-ENERGY-05: the most a counter can have grown over `ns`: greatest power over that and two renewals, and a unit. */
static jb_u128 most_uj(const struct jb_channel *channel, int64_t ns)
{
    const int64_t update_ns = channel->update_ns > 0 ? channel->update_ns : UPDATE_UNKNOWN_NS;
    const jb_u128 span_ns = jb_wide(ns) + 2 * jb_wide(update_ns);

    return (span_ns * jb_wide(channel->max_power_uw)) / jb_wide(JB_UW_NS_PER_UJ) + 1 +
           jb_wide(channel->quantum_uj);
}

/* What a counter's step from one reading to a later one means: JB_GAP_NONE if it is energy, *ret_delta. */
static enum jb_gap judge(const struct jb_channel *channel, const struct jb_reading *from,
                         int64_t moved_ns, const struct jb_reading *to, uint64_t *ret_delta)
{
    const bool is_back = to->raw < from->raw;
    const int64_t elapsed_ns = to->mono_ns - from->mono_ns;
    uint64_t delta;

    /* R-GAP-01: a second wrap could hide in it. */
    if (channel->modulus > 0 &&
        most_uj(channel, elapsed_ns) >= raw_to_uj(channel, channel->modulus))
        return JB_GAP_TOO_LONG;
    if (channel->modulus == 0 && is_back)
        return JB_GAP_RESET;
    delta = jb_counter_delta(from->raw, to->raw, channel->modulus);
    /* Energy may show late, after a counter stood still, but a wrap must be explained by the time between reads. */
    if (raw_to_uj(channel, delta) > most_uj(channel, is_back ? elapsed_ns : to->mono_ns - moved_ns))
        return is_back ? JB_GAP_RESET : JB_GAP_TOO_MUCH;
    *ret_delta = delta;
    return JB_GAP_NONE;
}

static enum jb_gap take_counter(const struct jb_channel *channel, struct jb_cumulative *state,
                                const struct jb_reading *reading, uint64_t delta)
{
    const enum jb_gap gap = jb_sampler_add_count(channel, state, delta);

    if (delta > 0)
        state->moved_ns = reading->mono_ns;
    jb_sampler_take(state, reading, &state->counter_ns);
    return gap;
}

/*
 * R-GAP-02: a step that cannot be energy is either a torn read or a break. The next reading tells: if it follows from
 * the one held back, the counter did break there; if it follows from the last trusted one, nothing happened. Where
 * both would do, the step from the trusted one is energy in either case, for a counter that was reset has counted at
 * least as much since; what a break would have hidden besides is added to what gaps may hold.
 */
static enum jb_gap decide_held(const struct jb_channel *channel, struct jb_cumulative *state,
                               const struct jb_reading *reading)
{
    const struct jb_reading held = {.mono_ns = state->held_ns, .raw = state->held_raw};
    const struct jb_reading last = {.mono_ns = state->mono_ns, .raw = state->raw};
    const enum jb_gap gap = (enum jb_gap)state->held_gap;
    uint64_t from_held = 0;
    uint64_t from_last = 0;

    if (judge(channel, &held, held.mono_ns, reading, &from_held) != JB_GAP_NONE)
        return JB_GAP_NONE; /* torn, or torn again: the last trusted reading decides */
    if (judge(channel, &last, state->moved_ns, reading, &from_last) == JB_GAP_NONE) {
        const jb_u128 most = most_uj(channel, reading->mono_ns - last.mono_ns);
        const jb_u128 taken = raw_to_uj(channel, from_last);
        const jb_u128 hidden = most > taken ? most - taken : 0;
        state->gap_high_uj =
            jb_add_sat_i64(state->gap_high_uj, hidden > INT64_MAX ? INT64_MAX : (int64_t)hidden);
        return JB_GAP_NONE;
    }
    jb_sampler_open_gap(channel, state, held.mono_ns, held.raw, gap);
    (void)take_counter(channel, state, reading, from_held);
    return gap;
}

static enum jb_gap feed_counter(const struct jb_channel *channel, struct jb_cumulative *state,
                                const struct jb_reading *reading)
{
    const struct jb_reading last = {.mono_ns = state->mono_ns, .raw = state->raw};
    uint64_t delta = 0;
    enum jb_gap gap;

    if (state->held_gap != JB_GAP_NONE) {
        gap = decide_held(channel, state, reading);
        if (gap != JB_GAP_NONE)
            return gap;
        state->held_gap = JB_GAP_NONE;
        state->n_failed++;
    }
    gap = judge(channel, &last, state->moved_ns, reading, &delta);
    if (gap == JB_GAP_NONE)
        return take_counter(channel, state, reading, delta);
    if (gap == JB_GAP_TOO_LONG) {
        jb_sampler_open_gap(channel, state, reading->mono_ns, reading->raw, gap);
        return gap;
    }
    state->held_gap = (uint8_t)gap;
    state->held_ns = reading->mono_ns;
    state->held_raw = reading->raw;
    return JB_GAP_NONE;
}

/* R-ENERGY-04. */
static bool is_impossible(const struct jb_channel *channel, uint64_t raw)
{
    switch (channel->semantics) {
    case JB_SEMANTICS_COUNTER: return channel->modulus > 0 && raw >= channel->modulus;
    case JB_SEMANTICS_GAUGE:
    case JB_SEMANTICS_GAUGE_AVERAGE:
    case JB_SEMANTICS_GAUGE_SINCE: return jb_sampler_gauge_uw(channel, raw) > channel->max_power_uw;
    case JB_SEMANTICS_BUSY:
    case JB_SEMANTICS_TOLD: break;
    }
    return false;
}

static enum jb_gap feed_first(const struct jb_channel *channel, struct jb_cumulative *state,
                              const struct jb_reading *reading)
{
    enum jb_gap gap = JB_GAP_NONE;

    if (state->is_started && reading->mono_ns > state->covered_ns) {
        gap = state->break_gap != JB_GAP_NONE ? (enum jb_gap)state->break_gap : JB_GAP_UNREADABLE;
        note_gap(channel, state, reading->mono_ns, gap);
    }
    if (!state->is_started)
        state->covered_ns = reading->mono_ns;
    state->is_started = 1;
    state->is_open = 1;
    state->is_bridged = 0;
    state->break_gap = JB_GAP_NONE;
    state->mono_ns = reading->mono_ns;
    state->raw = reading->raw;
    state->begin_ns = reading->mono_ns;
    state->begin_raw = reading->raw;
    state->moved_ns = reading->mono_ns;
    return gap;
}

enum jb_gap jb_sampler_feed(const struct jb_channel *channel, struct jb_cumulative *state,
                            const struct jb_reading *reading)
{
    if (state->is_open && reading->mono_ns <= state->mono_ns)
        return JB_GAP_NONE;
    if (state->held_gap != JB_GAP_NONE && reading->mono_ns <= state->held_ns)
        return JB_GAP_NONE;
    if (is_impossible(channel, reading->raw)) {
        jb_sampler_feed_failure(channel, state, reading->mono_ns);
        return JB_GAP_NONE;
    }
    if (!state->is_open)
        return feed_first(channel, state, reading);
    if (state->break_gap != JB_GAP_NONE) {
        const enum jb_gap gap = (enum jb_gap)state->break_gap;

        jb_sampler_open_gap(channel, state, reading->mono_ns, reading->raw, gap);
        return gap;
    }
    switch (channel->semantics) {
    case JB_SEMANTICS_COUNTER: return feed_counter(channel, state, reading);
    case JB_SEMANTICS_GAUGE:
    case JB_SEMANTICS_GAUGE_AVERAGE:
    case JB_SEMANTICS_GAUGE_SINCE: return jb_sampler_feed_gauge(channel, state, reading);
    case JB_SEMANTICS_BUSY: return jb_sampler_feed_busy(channel, state, reading);
    case JB_SEMANTICS_TOLD: break; /* no channel of a sensor */
    }
    return JB_GAP_NONE;
}

static void start_coverage(struct jb_cumulative *state, int64_t mono_ns)
{
    if (state->is_started)
        return;
    state->is_started = 1;
    state->covered_ns = mono_ns;
}

void jb_sampler_feed_failure(const struct jb_channel *channel, struct jb_cumulative *state,
                             int64_t mono_ns)
{
    (void)channel;
    start_coverage(state, mono_ns);
    state->n_failed++;
    state->is_bridged = 1;
}

void jb_sampler_break(struct jb_cumulative *state, enum jb_gap gap)
{
    if (state->held_gap != JB_GAP_NONE) {
        /* Nothing can follow from it any more. */
        state->held_gap = JB_GAP_NONE;
        state->n_failed++;
    }
    state->break_gap = (uint8_t)gap;
}

void jb_sampler_end_unread(const struct jb_channel *channel, struct jb_cumulative *state,
                           int64_t mono_ns, enum jb_gap gap)
{
    start_coverage(state, mono_ns);
    if (mono_ns <= state->covered_ns)
        return;
    if (state->is_open)
        learn_mean(channel, state);
    note_gap(channel, state, mono_ns,
             state->held_gap != JB_GAP_NONE ? (enum jb_gap)state->held_gap : gap);
}

/* R-GAP-07. */
bool jb_sampler_carry(const struct jb_channel *channel, struct jb_cumulative *state,
                      int64_t mono_ns, int64_t slack_ns)
{
    const int64_t renewal_ns =
        channel->update_ns > state->period_ns ? channel->update_ns : state->period_ns;
    const int64_t bound_ns = jb_add_sat_i64(state->mono_ns, jb_add_sat_i64(renewal_ns, slack_ns));
    const int64_t until_ns = mono_ns < bound_ns ? mono_ns : bound_ns;

    if (!state->is_open || state->break_gap != JB_GAP_NONE || state->held_gap != JB_GAP_NONE)
        return false;
    if (is_counter(channel)) {
        if (until_ns > state->covered_ns) {
            state->counter_ns = jb_add_sat_i64(state->counter_ns, until_ns - state->covered_ns);
            state->covered_ns = until_ns;
        }
    } else if (until_ns > state->mono_ns) {
        const struct jb_reading same = {.mono_ns = until_ns, .raw = state->raw};
        state->is_bridged = 1;
        (void)jb_sampler_feed(channel, state, &same);
    }
    return until_ns == mono_ns;
}

/* R-RATE-01. */
int64_t jb_sampler_longest_ns(const struct jb_channel *channel)
{
    jb_u128 ns;

    if (!is_counter(channel) || channel->modulus == 0)
        return INT64_MAX;
    ns = raw_to_uj(channel, channel->modulus);
    if (ns > INT64_MAX)
        ns = INT64_MAX;
    ns = ns * jb_wide(JB_UW_NS_PER_UJ) / jb_wide(channel->max_power_uw) / 4;
    if (ns > INT64_MAX)
        return INT64_MAX;
    return ns > 0 ? (int64_t)ns : 1;
}

int64_t jb_sampler_default_period_ns(const struct jb_channel *channel)
{
    const bool is_gauge = channel->semantics == JB_SEMANTICS_GAUGE ||
                          channel->semantics == JB_SEMANTICS_GAUGE_AVERAGE ||
                          channel->semantics == JB_SEMANTICS_GAUGE_SINCE;
    /* A model's constant is the same however often it is read. */
    const bool is_measured = channel->origin != JB_ORIGIN_MODELLED;
    const int64_t period_ns = is_gauge && is_measured ? 100 * JB_NS_PER_MS : JB_NS_PER_S;
    const int64_t longest_ns = jb_sampler_longest_ns(channel);

    return longest_ns < period_ns ? longest_ns : period_ns;
}
