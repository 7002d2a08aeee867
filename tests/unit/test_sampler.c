/* SPDX-License-Identifier: Apache-2.0 */
/* One channel's readings to energy: rules R-ENERGY-*, R-GAP-*, R-RATE-01 of docs/method/energy.md. Values by hand. */
#include "sample/sampler.h"

#include "base/clock.h"
#include "tap.h"

#define S  JB_NS_PER_S
#define MS JB_NS_PER_MS
#define J  INT64_C(1000000)
#define W  INT64_C(1000000)

/* The greatest value a 32-bit counter of 61.035 uJ shows through powercap, plus one of its steps. */
#define POWERCAP_MODULUS UINT64_C(262143328911)

static struct jb_channel counter_channel(void)
{
    return (struct jb_channel){
        .id = "rapl/package-0",
        .semantics = JB_SEMANTICS_COUNTER,
        .unit_num = 1,
        .unit_den = 1,
        .modulus = POWERCAP_MODULUS,
        .quantum_uj = 62,
        .update_ns = MS,
        .max_power_uw = 400 * W,
    };
}

static struct jb_channel gauge_channel(void)
{
    return (struct jb_channel){
        .id = "hwmon/power",
        .semantics = JB_SEMANTICS_GAUGE,
        .unit_num = 1,
        .unit_den = 1,
        .max_power_uw = 400 * W,
    };
}

static struct jb_channel busy_channel(int64_t n_threads)
{
    return (struct jb_channel){
        .id = "model/cpu",
        .semantics = JB_SEMANTICS_BUSY,
        .unit_num = 1,
        .unit_den = 1,
        .max_power_uw = 400 * W,
        .curve = {.low_uw = {1 * W, 2 * W, 4 * W, 6 * W},
                  .best_uw = {2 * W, 4 * W, 8 * W, 10 * W},
                  .high_uw = {3 * W, 6 * W, 12 * W, 20 * W},
                  .n_threads = n_threads},
    };
}

static enum jb_gap feed(const struct jb_channel *channel, struct jb_cumulative *state,
                        int64_t mono_ns, uint64_t raw)
{
    const struct jb_reading reading = {.mono_ns = mono_ns, .raw = raw};

    return jb_sampler_feed(channel, state, &reading);
}

static struct jb_cumulative opened(const struct jb_channel *channel, int64_t mono_ns, uint64_t raw)
{
    struct jb_cumulative state;

    jb_sampler_begin(&state);
    (void)feed(channel, &state, mono_ns, raw);
    return state;
}

static int64_t covered_ns(const struct jb_cumulative *state)
{
    return state->counter_ns + state->gauge_ns + state->interpolated_ns + state->unobserved_ns;
}

static int64_t energy_uj(const struct jb_channel *channel, const struct jb_cumulative *state)
{
    return jb_sampler_count_to_uj(channel, state->count);
}

static void test_counter(void)
{
    const struct jb_channel channel = counter_channel();
    struct jb_cumulative state;

    jb_sampler_begin(&state);
    ok(!state.is_open && state.epoch == 0, "a fresh state has read nothing");
    is_i64(feed(&channel, &state, 5 * S, 1000), JB_GAP_NONE, "the first reading is no gap");
    ok(state.is_open && state.count == 0 && state.mono_ns == 5 * S && state.begin_ns == 5 * S &&
           state.begin_raw == 1000,
       "it opens the epoch with nothing counted");
    is_i64(feed(&channel, &state, 6 * S, 1000 + 50 * J), JB_GAP_NONE, "50 J in a second are taken");
    is_i64(energy_uj(&channel, &state), 50 * J, "as 50 J");
    is_i64(state.counter_ns, S, "seen by counter for a second");
    is_i64(feed(&channel, &state, 7 * S, 1000 + 50 * J), JB_GAP_NONE,
           "a counter that does not move is no gap");
    ok(state.count == 50 * J && state.counter_ns == 2 * S, "and its time is seen");
    (void)feed(&channel, &state, 7 * S, 1000 + 60 * J);
    (void)feed(&channel, &state, 6 * S, 1000 + 60 * J);
    ok(state.count == 50 * J && state.mono_ns == 7 * S && state.n_failed == 0,
       "a reading not later than the last is ignored");

    state = opened(&channel, 0, POWERCAP_MODULUS - 20 * J);
    is_i64(feed(&channel, &state, S, 30 * J), JB_GAP_NONE,
           "a plausible wrap is no gap (R-ENERGY-01)");
    is_i64(energy_uj(&channel, &state), 50 * J, "and loses nothing");
    ok(state.epoch == 0 && state.low_uj == 0 && state.high_uj == 0,
       "in the same epoch, without a band of its own");
}

static void test_units(void)
{
    struct jb_channel amd = counter_channel();
    struct jb_channel gauge = gauge_channel();
    struct jb_channel coarse = counter_channel();

    amd.unit_num = 1000000;
    amd.unit_den = 65536;
    is_i64(jb_sampler_count_to_uj(&amd, 65536), J,
           "65536 units of 2^-16 J are a joule (R-ENERGY-02)");
    is_i64(jb_sampler_count_to_uj(&amd, 1), 15, "one of them is 15.2588 uJ, floored");
    is_i64(jb_sampler_count_to_uj(&amd, 3), 45, "three are 45.8, floored once");
    is_i64(jb_sampler_count_to_uj(&gauge, 1999), 1, "gauges count nJ");
    coarse.unit_num = 1000;
    is_i64(jb_sampler_count_to_uj(&coarse, UINT64_MAX), INT64_MAX, "beyond int64 it saturates");
}

static void test_failures(void)
{
    const struct jb_channel channel = counter_channel();
    struct jb_cumulative state = opened(&channel, 0, 0);

    (void)feed(&channel, &state, S, 40 * J);
    jb_sampler_feed_failure(&channel, &state, 2 * S);
    jb_sampler_feed_failure(&channel, &state, 3 * S);
    is_i64(state.mono_ns, S, "a failed read moves nothing");
    is_i64(feed(&channel, &state, 4 * S, 160 * J), JB_GAP_NONE, "the next good read is no gap");
    ok(state.count == 160 * J && state.n_failed == 2 && state.epoch == 0 &&
           state.counter_ns == 4 * S,
       "failed reads cost no energy of a counter (R-ENERGY-03)");

    (void)feed(&channel, &state, 5 * S, POWERCAP_MODULUS);
    ok(state.n_failed == 3 && state.mono_ns == 4 * S,
       "a value beyond the modulus is a failed read (R-ENERGY-04)");

    jb_sampler_begin(&state);
    jb_sampler_feed_failure(&channel, &state, S);
    jb_sampler_feed_failure(&channel, &state, 2 * S);
    is_i64(feed(&channel, &state, 3 * S, 7), JB_GAP_UNREADABLE,
           "reads that fail from the start leave a gap");
    ok(state.unobserved_ns == 2 * S && state.n_gaps == 1 && state.epoch == 0 && state.count == 0,
       "as long as they failed");
    ok(state.gap_best_uj == 400 * J && state.gap_high_uj == 800 * J,
       "between nothing and the greatest power, best in the middle (R-GAP-04)");
}

static void test_reset(void)
{
    const struct jb_channel channel = counter_channel();
    struct jb_cumulative state = opened(&channel, 0, 1000 * J);
    struct jb_cumulative before;

    (void)feed(&channel, &state, 2 * S, 1200 * J);
    before = state;
    is_i64(feed(&channel, &state, 3 * S, 5 * J), JB_GAP_NONE,
           "a counter that falls is held back (R-GAP-02)");
    ok(state.mono_ns == 2 * S && state.count == 200 * J && state.epoch == 0 &&
           state.held_gap == JB_GAP_RESET,
       "the last trusted reading stands meanwhile");
    (void)feed(&channel, &state, 3 * S, 6 * J);
    ok(state.held_ns == 3 * S && state.held_raw == 5 * J,
       "a reading not later than the one held is ignored");
    is_i64(feed(&channel, &state, 4 * S, 105 * J), JB_GAP_RESET,
           "if it goes on from there, it was reset");
    ok(state.epoch == before.epoch + 1 && state.begin_ns == 3 * S && state.begin_raw == 5 * J,
       "the next epoch begins at the reading held");
    is_i64((int64_t)state.count, 100 * J, "and nothing counted since is lost");
    ok(state.unobserved_ns == S && state.counter_ns == 3 * S,
       "one second is unobserved, the others are seen");
    is_i64(state.gap_best_uj, 100 * J, "the gap's best is the mean power before, 100 W (R-GAP-04)");
    is_i64(state.gap_high_uj, 400 * J, "its high the greatest power");
    ok(state.n_gaps == 1 && state.last_gap == JB_GAP_RESET && state.n_failed == 0,
       "one gap, no failure");

    jb_sampler_end_unread(&channel, &state, 4 * S, JB_GAP_UNREADABLE);
    ok(state.unobserved_ns == S && state.n_gaps == 1,
       "an end at a good reading leaves nothing unobserved");
}

static void test_torn(void)
{
    const struct jb_channel channel = counter_channel();
    struct jb_cumulative state = opened(&channel, 0, 100000 * J);

    (void)feed(&channel, &state, S, 10 * J);
    is_i64(feed(&channel, &state, 2 * S, 100100 * J), JB_GAP_NONE,
           "a short read that is made good is no gap");
    ok(state.count == 100 * J && state.n_failed == 1 && state.epoch == 0 &&
           state.counter_ns == 2 * S,
       "and costs no energy (R-GAP-02)");

    (void)feed(&channel, &state, 3 * S, 200000 * J);
    is_i64(state.mono_ns, 2 * S, "a jump of 100 kJ in a second is held back");
    is_i64(feed(&channel, &state, 4 * S, 100300 * J), JB_GAP_NONE,
           "a glitch up and back is no gap");
    ok(state.count == 300 * J && state.n_failed == 2, "and adds no energy");

    (void)feed(&channel, &state, 5 * S, 200000 * J);
    is_i64(feed(&channel, &state, 6 * S, 200050 * J), JB_GAP_TOO_MUCH,
           "a jump that stays is a gap");
    ok(state.epoch == 1 && state.count == 50 * J && state.begin_ns == 5 * S &&
           state.unobserved_ns == S,
       "never energy, and the count goes on behind it");

    state = opened(&channel, 0, 100000 * J);
    (void)feed(&channel, &state, S, 10 * J);
    (void)feed(&channel, &state, 2 * S, 50000 * J);
    ok(state.n_failed == 1 && state.held_raw == 50000 * J && state.held_gap == JB_GAP_RESET,
       "two torn readings in a row: the second is held in its turn");
    is_i64(feed(&channel, &state, 3 * S, 100150 * J), JB_GAP_NONE,
           "and the good one after them brings all");
    ok(state.count == 150 * J && state.n_failed == 2, "of the energy");

    state = opened(&channel, 0, 50 * J);
    (void)feed(&channel, &state, S, 10 * J);
    is_i64(feed(&channel, &state, 2 * S, 60 * J), JB_GAP_NONE,
           "where a reset and a torn read both explain it, the step from the trusted one stands");
    ok(state.count == 10 * J && state.n_failed == 1,
       "less than either can have been, and counted once");
    ok(state.gap_high_uj >= 790 * J && state.gap_high_uj <= 791 * J,
       "what a reset would have hidden, up to 400 W for 2 s, may be in the gap");
}

static void test_too_long(void)
{
    const struct jb_channel channel = counter_channel();
    struct jb_channel wide = counter_channel();
    struct jb_cumulative state = opened(&channel, 0, 0);

    /* 262143.3 J at 400 W: 655.36 s. */
    is_i64(feed(&channel, &state, 655 * S, 50 * J), JB_GAP_NONE,
           "655 s at up to 400 W cannot wrap twice");
    is_i64((int64_t)state.count, 50 * J, "and are taken as they stand");
    is_i64(feed(&channel, &state, (655 + 656) * S, 90 * J), JB_GAP_TOO_LONG,
           "656 s could: a gap (R-GAP-01)");
    ok(state.count == 0 && state.epoch == 1 && state.unobserved_ns == 656 * S &&
           state.begin_ns == 1311 * S,
       "and no number");
    is_i64(state.gap_high_uj, 656 * 400 * J, "the band reaches to the greatest power");

    wide.modulus = 0;
    state = opened(&wide, 0, 0);
    is_i64(feed(&wide, &state, 100000 * S, 9000000 * J), JB_GAP_NONE,
           "a counter of 64 bits may go unread for a day");
    is_i64(energy_uj(&wide, &state), 9000000 * J, "and tells all of it");
    (void)feed(&wide, &state, 100001 * S, 3 * J);
    is_i64(feed(&wide, &state, 100002 * S, 4 * J), JB_GAP_RESET,
           "but it never goes back without a reset");
}

static void test_slow_counter(void)
{
    struct jb_channel channel = counter_channel();
    struct jb_cumulative state;
    int n_gaps = 0;

    /* A counter renewed every 2 s, which the driver does not know, read at 1 kHz: 300 W. */
    channel.update_ns = 0;
    state = opened(&channel, 0, 0);
    for (int64_t ms = 1; ms <= 10000; ms++)
        n_gaps += feed(&channel, &state, ms * MS, (uint64_t)(ms / 2000 * 600 * J)) != JB_GAP_NONE;
    ok(n_gaps == 0 && state.count == 3000 * J && state.n_failed == 0,
       "energy that shows late, after a counter stood still, is energy (R-ENERGY-05)");
}

/* Ten minutes unmoved would explain 240 kJ forward, and so a wrap of 200 kJ; the minute since the last read does not. */
static void test_still_then_back(void)
{
    const struct jb_channel channel = counter_channel();
    struct jb_cumulative state = opened(&channel, 0, 70000 * J);

    for (int64_t minute = 1; minute <= 10; minute++)
        (void)feed(&channel, &state, minute * 60 * S, 70000 * J);
    (void)feed(&channel, &state, 660 * S, 8000 * J);
    is_i64(state.mono_ns, 600 * S,
           "a counter that stood still and falls has not wrapped (R-ENERGY-05)");
    is_i64(feed(&channel, &state, 661 * S, 8050 * J), JB_GAP_RESET, "but was reset");
    ok(state.count == 50 * J && state.counter_ns == 601 * S, "and its standing still was seen");
}

static void test_range(void)
{
    struct jb_channel channel = counter_channel();
    struct jb_cumulative state;
    int64_t seconds = 0;
    uint64_t before = 0;
    enum jb_gap gap = JB_GAP_NONE;

    /* 1 MJ a unit at 10 GW: 10000 units a second, so int64 uJ ends after 9.2e8 s; a day a reading. */
    channel.unit_num = 1000000 * (uint64_t)J;
    channel.modulus = 0;
    channel.max_power_uw = 20000000000 * W;
    state = opened(&channel, 0, 0);
    while (gap == JB_GAP_NONE && seconds < 2000000000) {
        before = state.count;
        seconds += 86400;
        gap = feed(&channel, &state, seconds * S / 100, (uint64_t)seconds * 100);
    }
    is_i64(gap, JB_GAP_RANGE, "before uJ leave 63 bits a new epoch begins (R-GAP-06)");
    ok(state.epoch == 1 && state.count == 86400 * 100 && state.begin_raw == before,
       "at the last reading, so that nothing is lost");
    ok(state.n_gaps == 0 && state.unobserved_ns == 0, "and nothing is unobserved");
    ok(before * 1000000 <= INT64_MAX / 1000000 &&
           (before + 86400 * 100) * 1000000 > INT64_MAX / 1000000,
       "not earlier than needed");
}

static void test_breaks(void)
{
    const struct jb_channel channel = counter_channel();
    struct jb_cumulative state = opened(&channel, 0, 0);
    struct jb_cumulative stored;

    (void)feed(&channel, &state, 10 * S, 500 * J);
    jb_sampler_break(&state, JB_GAP_SUSPEND);
    is_i64(feed(&channel, &state, 12 * S, 600 * J), JB_GAP_SUSPEND,
           "after a suspend nothing is differenced (R-GAP-03)");
    ok(state.epoch == 1 && state.count == 0 && state.unobserved_ns == 2 * S &&
           state.gap_best_uj == 100 * J,
       "the time is unobserved");
    is_i64(feed(&channel, &state, 13 * S, 650 * J), JB_GAP_NONE,
           "the break is over with the reading after it");
    is_i64((int64_t)state.count, 50 * J, "and the new epoch counts");

    stored = state;
    (void)feed(&channel, &stored, 14 * S, 700 * J);
    ok(stored.count == 100 * J && stored.epoch == 1, "another process goes on from a stored state");

    jb_sampler_end_unread(&channel, &state, 15 * S, JB_GAP_UNREADABLE);
    ok(state.unobserved_ns == 4 * S && state.n_gaps == 2 && state.last_gap == JB_GAP_UNREADABLE,
       "a cut without a reading leaves its time unobserved (R-GAP-05)");
    jb_sampler_end_unread(&channel, &state, 15 * S, JB_GAP_UNREADABLE);
    is_i64(state.unobserved_ns, 4 * S, "told twice, it counts once");
    is_i64(feed(&channel, &state, 17 * S, 800 * J), JB_GAP_NONE,
           "a good reading after the cut is of the same epoch");
    ok(state.count == 200 * J && state.epoch == 1, "and brings the counter's energy");
    is_i64(covered_ns(&state), 17 * S, "coverage adds up to the time");

    (void)feed(&channel, &state, 18 * S, 3);
    jb_sampler_end_unread(&channel, &state, 18 * S, JB_GAP_UNREADABLE);
    ok(state.last_gap == JB_GAP_RESET && covered_ns(&state) == 18 * S,
       "a reading held at the end is told as what it means");
    is_i64(feed(&channel, &state, 19 * S, 3 + 20 * J), JB_GAP_RESET, "and settled by a later one");
    ok(state.count == 20 * J && covered_ns(&state) == 19 * S, "without covering time twice");

    (void)feed(&channel, &state, 20 * S, 1);
    jb_sampler_break(&state, JB_GAP_GONE);
    ok(state.held_gap == JB_GAP_NONE && state.n_failed == 1, "a break ends what is held back");
    is_i64(feed(&channel, &state, 21 * S, 5), JB_GAP_GONE, "for the break's own reason");

    jb_sampler_begin(&state);
    jb_sampler_end_unread(&channel, &state, S, JB_GAP_UNREADABLE);
    jb_sampler_end_unread(&channel, &state, 3 * S, JB_GAP_UNREADABLE);
    ok(!state.is_open && state.unobserved_ns == 2 * S,
       "a channel never read is unobserved from the first try on");
}

static void test_gauge(void)
{
    const struct jb_channel channel = gauge_channel();
    struct jb_cumulative state = opened(&channel, 0, (uint64_t)(100 * W));
    struct jb_channel milli = gauge_channel();

    (void)feed(&channel, &state, S, (uint64_t)(200 * W));
    is_i64((int64_t)state.count, 150 * J * 1000,
           "power is integrated by trapezoid, in nJ (R-ENERGY-06)");
    ok(state.gauge_ns == S && state.counter_ns == 0, "seen by gauge");
    ok(state.low_uj == 100 * J && state.high_uj == 200 * J,
       "it may have leapt at once, or only just now (R-ENERGY-10)");
    (void)feed(&channel, &state, 2 * S, (uint64_t)(200 * W));
    ok(state.low_uj == 300 * J && state.high_uj == 400 * J, "what does not move adds nothing");
    milli.semantics = JB_SEMANTICS_GAUGE_AVERAGE;
    milli.window_ns = S;
    state = opened(&milli, 0, (uint64_t)(100 * W));
    (void)feed(&milli, &state, S, (uint64_t)(200 * W));
    ok(state.low_uj == 150 * J && state.high_uj == 150 * J,
       "what the device averages over all of the time is known");
    milli = gauge_channel();

    state = opened(&channel, 0, 333333);
    for (int64_t i = 1; i <= 100000; i++)
        (void)feed(&channel, &state, i * MS + i % 7, 333333);
    /* 333333 uW x (100 s + 5 ns), 100000 % 7 = 5. */
    is_i64((int64_t)state.count, INT64_C(33333300001),
           "100000 steps lose less than a nanojoule together");

    milli.unit_num = 1000;
    state = opened(&milli, 0, 50000);
    (void)feed(&milli, &state, 2 * S, 50000);
    is_i64(energy_uj(&milli, &state), 100 * J, "a gauge in mW");
}

static void test_gauge_holds(void)
{
    const struct jb_channel channel = gauge_channel();
    struct jb_cumulative state = opened(&channel, 0, (uint64_t)(100 * W));

    jb_sampler_feed_failure(&channel, &state, S);
    (void)feed(&channel, &state, 2 * S, (uint64_t)(100 * W));
    ok(state.interpolated_ns == 2 * S && state.gauge_ns == 0,
       "failed reads of a gauge are bridged, and told (R-ENERGY-07)");
    (void)feed(&channel, &state, 3 * S, (uint64_t)(100 * W));
    is_i64(state.gauge_ns, S, "only until the next good one");
    (void)feed(&channel, &state, 4 * S, (uint64_t)(401 * W));
    ok(state.n_failed == 2 && state.mono_ns == 3 * S,
       "more than the part can draw is a failed read (R-ENERGY-04)");
    is_i64(feed(&channel, &state, 8 * S, (uint64_t)(100 * W)), JB_GAP_NONE,
           "five seconds are held");
    is_i64(feed(&channel, &state, 13 * S + 1, (uint64_t)(100 * W)), JB_GAP_STALE, "more are a gap");
    ok(state.count == 0 && state.unobserved_ns == 5 * S + 1 && state.gap_best_uj == 500 * J,
       "without energy");

    jb_sampler_begin(&state);
    state.period_ns = 10 * S;
    (void)feed(&channel, &state, 0, (uint64_t)(10 * W));
    is_i64(feed(&channel, &state, 10 * S, (uint64_t)(10 * W)), JB_GAP_NONE,
           "a caller that reads every 10 s says so");
    (void)feed(&channel, &state, 31 * S, (uint64_t)(10 * W));
    ok(state.gauge_ns == 10 * S && state.interpolated_ns == 21 * S,
       "more than a period late is interpolated");
}

/* A meter that is read apart, at a cut: R-GAP-07. */
static void test_carry(void)
{
    const struct jb_channel channel = gauge_channel();
    struct jb_channel counter = counter_channel();
    struct jb_cumulative state = opened(&channel, 0, (uint64_t)(100 * W));

    state.period_ns = 2 * S;
    ok(jb_sampler_carry(&channel, &state, S, 0), "a gauge's value is held up to a cut (R-GAP-07)");
    ok(energy_uj(&channel, &state) == 100 * J && state.interpolated_ns == S && state.gauge_ns == 0,
       "its energy counts, as interpolated");
    (void)feed(&channel, &state, S / 2, (uint64_t)(300 * W));
    is_i64(energy_uj(&channel, &state), 100 * J, "a reading from before the cut changes nothing");
    (void)feed(&channel, &state, 2 * S, (uint64_t)(100 * W));
    ok(energy_uj(&channel, &state) == 200 * J && state.gauge_ns == S, "the next one goes on");
    ok(!jb_sampler_carry(&channel, &state, 9 * S, S / 2), "it is not held for ever");
    ok(state.mono_ns == 4 * S + S / 2 && energy_uj(&channel, &state) == 450 * J &&
           state.interpolated_ns == 3 * S + S / 2,
       "but for its renewal and what the caller allows");
    jb_sampler_break(&state, JB_GAP_GONE);
    ok(!jb_sampler_carry(&channel, &state, 5 * S, S) && energy_uj(&channel, &state) == 450 * J,
       "nor over a break");

    counter.update_ns = 3 * S;
    state = opened(&counter, 0, 1000);
    ok(jb_sampler_carry(&counter, &state, 2 * S, 0), "a counter's time counts as seen up to a cut");
    ok(state.count == 0 && state.mono_ns == 0 && state.counter_ns == 2 * S,
       "its energy waits for the next reading");
    (void)feed(&counter, &state, S, 1500);
    ok(state.count == 500 && state.counter_ns == 2 * S,
       "one from before the cut brings energy alone");
    (void)feed(&counter, &state, 3 * S, 1700);
    ok(state.count == 700 && state.counter_ns == 3 * S, "and one after it both, once");
    ok(!jb_sampler_carry(&counter, &state, 10 * S, 0) && covered_ns(&state) == 6 * S,
       "beyond its renewal it was not seen");
}

static void test_gauge_since(void)
{
    struct jb_channel channel = gauge_channel();
    struct jb_cumulative state;

    channel.semantics = JB_SEMANTICS_GAUGE_SINCE;
    jb_sampler_begin(&state);
    state.period_ns = 3 * S / 2;
    (void)feed(&channel, &state, 0, (uint64_t)(400 * W));
    (void)feed(&channel, &state, 2 * S, (uint64_t)(100 * W));
    is_i64(energy_uj(&channel, &state), 200 * J,
           "a mean since the reading before counts for that time alone (R-ENERGY-09)");
    (void)feed(&channel, &state, 5 * S, (uint64_t)(200 * W));
    ok(state.gauge_ns == 5 * S && state.interpolated_ns == 0, "3 s are no more than a period late");
    is_i64(feed(&channel, &state, 5 * S + 19 * S, (uint64_t)(10 * W)), JB_GAP_NONE,
           "and for all of it, however long");
    ok(energy_uj(&channel, &state) == 990 * J && state.interpolated_ns == 19 * S,
       "200 + 600 + 190 J, the last of which are interpolated");
    (void)feed(&channel, &state, 23 * S, (uint64_t)(400 * W));
    is_i64(energy_uj(&channel, &state), 990 * J, "a step back in time is no reading");
    jb_sampler_break(&state, JB_GAP_STALE);
    is_i64(feed(&channel, &state, 124 * S, (uint64_t)(10 * W)), JB_GAP_STALE,
           "who does not believe it breaks the epoch");
    ok(state.count == 0 && state.unobserved_ns == 100 * S, "and then it is unobserved");
}

static void test_rates(void)
{
    struct jb_channel channel = counter_channel();
    const struct jb_channel gauge = gauge_channel();
    const struct jb_channel busy = busy_channel(1);

    is_i64(jb_sampler_longest_ns(&channel), INT64_C(163839580569),
           "a quarter of 262143.328911 J at 400 W is 163.839580569 s (R-RATE-01)");
    is_i64(jb_sampler_default_period_ns(&channel), S, "a second by default");
    channel.modulus = (uint64_t)(400 * J);
    is_i64(jb_sampler_default_period_ns(&channel), S / 4, "more often where it wraps every second");
    channel.modulus = 0;
    is_i64(jb_sampler_longest_ns(&channel), INT64_MAX, "no limit where it does not wrap");
    is_i64(jb_sampler_default_period_ns(&gauge), 100 * MS, "a gauge every 100 ms");
    is_i64(jb_sampler_default_period_ns(&busy), S, "busy time every second");
}

/* Any sequence of readings, failures, breaks and cuts. */
static void test_any_sequence(void)
{
    const struct jb_channel channel = counter_channel();
    uint64_t seed = 42;
    int n_bad = 0;

    for (int run = 0; run < 200; run++) {
        struct jb_cumulative state = opened(&channel, 0, 0);
        int64_t now_ns = 0;
        int64_t most_uj = 0;

        for (int i = 0; i < 500; i++) {
            const struct jb_cumulative before = state;

            seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            now_ns += (int64_t)(seed >> 40) * 60;
            switch (seed >> 33 & 7) {
            case 0: jb_sampler_feed_failure(&channel, &state, now_ns); break;
            case 1: jb_sampler_break(&state, JB_GAP_GONE); break;
            case 2: jb_sampler_end_unread(&channel, &state, now_ns, JB_GAP_UNREADABLE); break;
            default: (void)feed(&channel, &state, now_ns, (seed >> 20) % (2 * POWERCAP_MODULUS));
            }
            /* An epoch may hold no more than the greatest power over its time and renewals (1 ms) at each reading. */
            most_uj = (state.mono_ns - state.begin_ns) / 1000 * 400 + (i + 2) * INT64_C(800100);
            n_bad += energy_uj(&channel, &state) > most_uj ||
                     state.unobserved_ns < before.unobserved_ns || state.epoch < before.epoch ||
                     state.counter_ns < before.counter_ns ||
                     covered_ns(&state) != state.covered_ns ||
                     state.gap_best_uj > state.gap_high_uj;
        }
    }
    is_i64(n_bad, 0,
           "whatever comes: coverage is the whole time, nothing falls, no epoch holds more than "
           "the part can draw");
}

int main(void)
{
    test_counter();
    test_units();
    test_failures();
    test_reset();
    test_torn();
    test_too_long();
    test_slow_counter();
    test_still_then_back();
    test_range();
    test_breaks();
    test_gauge();
    test_gauge_holds();
    test_carry();
    test_gauge_since();
    test_rates();
    test_any_sequence();
    return done_testing();
}
