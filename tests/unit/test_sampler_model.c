/* SPDX-License-Identifier: Apache-2.0 */
/* Busy time through a power curve: rules R-MODEL-01 to R-MODEL-03 of docs/method/energy.md. Values by hand. */
#include "base/clock.h"
#include "sample/sampler.h"
#include "tap.h"

#define S  JB_NS_PER_S
#define MS JB_NS_PER_MS
#define J  INT64_C(1000000)
#define W  INT64_C(1000000)

static struct jb_channel busy_channel(int64_t n_threads, int64_t update_ns)
{
    return (struct jb_channel){
        .id = "model/cpu",
        .semantics = JB_SEMANTICS_BUSY,
        .unit_num = 1,
        .unit_den = 1,
        .update_ns = update_ns,
        .max_power_uw = 400 * W,
        .curve = {.low_uw = {1 * W, 2 * W, 4 * W, 6 * W},
                  .best_uw = {2 * W, 4 * W, 8 * W, 10 * W},
                  .high_uw = {3 * W, 6 * W, 12 * W, 20 * W},
                  .n_threads = n_threads},
    };
}

static enum jb_gap feed(const struct jb_channel *channel, struct jb_cumulative *state,
                        int64_t mono_ns, int64_t busy_ns)
{
    const struct jb_reading reading = {.mono_ns = mono_ns, .raw = (uint64_t)busy_ns};

    return jb_sampler_feed(channel, state, &reading);
}

static struct jb_cumulative opened(const struct jb_channel *channel)
{
    struct jb_cumulative state;

    jb_sampler_begin(&state);
    (void)feed(channel, &state, 0, 0);
    return state;
}

static void test_curve(void)
{
    const struct jb_power_curve curve = busy_channel(4, 0).curve;

    is_i64(jb_sampler_curve_uw(&curve, 0, 1), 8 * W,
           "four threads at no load: 4 x 2 W (R-MODEL-01)");
    is_i64(jb_sampler_curve_uw(&curve, 100000, 1), 16 * W, "at 10 %%: 4 x 4 W");
    is_i64(jb_sampler_curve_uw(&curve, 50000, 1), 12 * W, "at 5 %%: half way");
    is_i64(jb_sampler_curve_uw(&curve, 300000, 0), 12 * W, "low at 30 %%: 4 x 3 W");
    is_i64(jb_sampler_curve_uw(&curve, 750000, 2), 64 * W, "high at 75 %%: 4 x 16 W");
    is_i64(jb_sampler_curve_uw(&curve, 1000000, 1), 40 * W, "at full load: 4 x 10 W");
    is_i64(jb_sampler_curve_uw(&curve, 1500000, 1), 40 * W, "never beyond the machine");
    is_i64(jb_sampler_curve_uw(&curve, 1, 1), 8 * W + 80, "one ppm is 20 uW of each thread");
}

static void test_energy(void)
{
    const struct jb_channel channel = busy_channel(4, 10 * MS);
    struct jb_cumulative state = opened(&channel);

    is_i64(feed(&channel, &state, 10 * S, 20 * S), JB_GAP_NONE,
           "20 s of CPU in 10 s of four threads are taken");
    is_i64(jb_sampler_count_to_uj(&channel, state.count), 320 * J, "as 50 %%: 32 W x 10 s");
    ok(state.low_uj == 160 * J && state.high_uj == 480 * J,
       "low 16 W and high 48 W are integrated beside it");
    ok(state.gauge_ns == 10 * S && state.counter_ns == 0, "nothing is seen by counter");
    (void)feed(&channel, &state, 11 * S, 30 * S);
    is_i64(jb_sampler_count_to_uj(&channel, state.count), 360 * J,
           "more CPU time than the machine has is full load");
    jb_sampler_feed_failure(&channel, &state, 12 * S);
    (void)feed(&channel, &state, 100 * S, 30 * S);
    ok(state.interpolated_ns == 89 * S && state.epoch == 0,
       "failed reads are bridged, for any time (R-MODEL-03)");
    is_i64(jb_sampler_count_to_uj(&channel, state.count), (360 + 89 * 8) * J,
           "at the mean load of the step");
    is_i64(feed(&channel, &state, 101 * S, 29 * S), JB_GAP_RESET,
           "busy time that goes back is a reset");
    ok(state.count == 0 && state.low_uj == 0 && state.high_uj == 0 && state.unobserved_ns == S,
       "a gap");
}

/* Two threads, half loaded; the kernel books 10 ms at a time; read every millisecond for 20 s. */
static void test_ticks(void)
{
    const struct jb_channel channel = busy_channel(2, 10 * MS);
    struct jb_cumulative state = opened(&channel);
    int64_t energy_uj;

    for (int64_t ms = 1; ms <= 20000; ms++)
        (void)feed(&channel, &state, ms * MS, ms / 10 * 10 * MS);
    energy_uj = jb_sampler_count_to_uj(&channel, state.count);
    diag("20 s at 50 %% in ticks: %" PRId64 " uJ, 320000000 without ticks", energy_uj);
    ok(energy_uj > 316800000 && energy_uj < 321600000,
       "ticks seen at 1 kHz cost less than 1 %% (R-MODEL-02)");
    ok(state.low_uj < energy_uj && energy_uj < state.high_uj, "within the band");
}

/* A tenth of one thread, one tick every 100 ms. */
static void test_sparse_ticks(void)
{
    const struct jb_channel channel = busy_channel(1, 10 * MS);
    struct jb_cumulative state = opened(&channel);
    int64_t energy_uj;

    for (int64_t ms = 1; ms <= 20000; ms++)
        (void)feed(&channel, &state, ms * MS, ms / 100 * 10 * MS);
    energy_uj = jb_sampler_count_to_uj(&channel, state.count);
    diag("20 s at 10 %% in ticks: %" PRId64 " uJ, 80000000 without ticks", energy_uj);
    ok(energy_uj > 72000000 && energy_uj < 84000000,
       "a tick that falls into 1 ms is not ten machines (R-MODEL-02)");
}

/* Rounding at 1 kHz: a curve of 333333 uW flat must give 333333 uJ a second. */
static void test_no_drift(void)
{
    struct jb_channel channel = busy_channel(1, 0);
    struct jb_cumulative state;

    for (size_t i = 0; i < JB_CURVE_POINTS; i++)
        channel.curve.low_uw[i] = channel.curve.best_uw[i] = channel.curve.high_uw[i] = 333333;
    state = opened(&channel);
    for (int64_t i = 1; i <= 30000; i++)
        (void)feed(&channel, &state, i * MS, i * 1000);
    ok(state.count == 9999990000 && state.low_uj == 9999990 && state.high_uj == 9999990,
       "30000 steps lose nothing to rounding, in the energy and in its band");
}

int main(void)
{
    test_curve();
    test_energy();
    test_ticks();
    test_sparse_ticks();
    test_no_drift();
    return done_testing();
}
