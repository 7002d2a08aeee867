/* SPDX-License-Identifier: Apache-2.0 */
/* Events to the sampler's state, and what of it was bridged. Values by hand. R-IMPORT-01, R-IMPORT-03 to -05. */
#include "import_log.h"
#include "sample/sampler.h"

static const struct jb_import_survey plain = {
    .unit = {JB_SEMANTICS_GAUGE_SINCE, 1, 1},
    .first_ns = LOG_NS,
    .last_ns = LOG_NS + 100 * LOG_S,
    .least_uw = 50 * LOG_J,
    .most_uw = 300 * LOG_J,
    .usual_ns = 2 * LOG_S,
    .gap_ns = 3 * LOG_S,
    .bridge_ns = 60 * LOG_S,
};

static void begin(struct jb_import_meter *meter, const struct jb_import_survey *survey)
{
    jb_import_meter_begin(meter, &jb_import_mlperf_power, survey, "node_0", JB_SCOPE_NODE, 50000);
}

static void feed(struct jb_import_meter *meter, int64_t s, int64_t watts)
{
    const struct jb_import_event event = {
        .what = watts < 0 ? JB_IMPORT_FAILED : JB_IMPORT_READING,
        .utc_ns = LOG_NS + JB_IMPORT_EPOCH_UTC_NS + s * LOG_S,
        .raw = watts < 0 ? 0 : (uint64_t)(watts * LOG_J),
    };
    jb_import_meter_feed(meter, &event);
}

static int64_t energy_uj(const struct jb_import_meter *meter)
{
    return jb_sampler_count_to_uj(&meter->channel, meter->state.count);
}

static void test_since(void)
{
    struct jb_import_meter meter;

    begin(&meter, &plain);
    is_str(meter.channel.id, "mlperf-power/node_0", "the channel is named after format and node");
    ok(meter.channel.origin == JB_ORIGIN_GAUGE && meter.channel.role == JB_ROLE_POST &&
           meter.channel.device == JB_DEVICE_NODE && meter.channel.accuracy_ppm == 50000,
       "a posted gauge of the node (R-IMPORT-01)");
    feed(&meter, 0, 300);
    feed(&meter, 2, 100);
    feed(&meter, 12, 200);
    is_i64(energy_uj(&meter), 2200 * LOG_J, "100 W x 2 s + 200 W x 10 s");
    ok(meter.n_gaps == 1 && meter.longest_gap_ns == 10 * LOG_S &&
           meter.interpolated_uj == 2000 * LOG_J && meter.state.interpolated_ns == 10 * LOG_S,
       "of which 2000 J in 10 s are bridged (R-IMPORT-03)");
    ok(meter.interpolated_low_uj == 1500 * LOG_J && meter.interpolated_high_uj == 1000 * LOG_J,
       "and may have been 50 W or 300 W");
    feed(&meter, 11, 300);
    is_i64(energy_uj(&meter), 2200 * LOG_J, "a step back says nothing (R-IMPORT-04)");
    feed(&meter, 14, -1);
    feed(&meter, 15, 100);
    ok(energy_uj(&meter) == 2500 * LOG_J && meter.state.n_failed == 1 && meter.n_gaps == 1 &&
           meter.interpolated_uj == 2300 * LOG_J,
       "a failed read is bridged, no gap and no zero (R-IMPORT-05)");
    feed(&meter, 75, 100);
    ok(meter.state.epoch == 0 && energy_uj(&meter) == 8500 * LOG_J, "a minute is bridged");
    feed(&meter, 136, 100);
    ok(meter.state.epoch == 1 && meter.state.unobserved_ns == 61 * LOG_S && meter.n_gaps == 3,
       "more is unobserved");
}

static void test_start(void)
{
    struct jb_import_survey survey = plain;
    struct jb_import_meter meter;

    survey.has_start = true;
    survey.start_ns = LOG_NS - 4 * LOG_S;
    begin(&meter, &survey);
    feed(&meter, 0, 100);
    ok(meter.state.unobserved_ns == 4 * LOG_S && energy_uj(&meter) == 0 &&
           meter.state.gap_high_uj == 1200 * LOG_J,
       "from the start stamp to the first reading nothing is known but the greatest power");
}

static void test_others(void)
{
    struct jb_import_survey survey = plain;
    struct jb_import_meter meter;

    survey.unit.semantics = JB_SEMANTICS_GAUGE;
    begin(&meter, &survey);
    feed(&meter, 0, 300);
    feed(&meter, 2, 100);
    is_i64(energy_uj(&meter), 400 * LOG_J, "instants are integrated by trapezoid, as live");
    feed(&meter, 13, 100);
    ok(meter.state.epoch == 1 && meter.n_gaps == 1 && meter.interpolated_uj == 0,
       "and held for five periods, as live");

    survey.unit = (struct jb_import_unit){JB_SEMANTICS_COUNTER, 1, 1};
    begin(&meter, &survey);
    feed(&meter, 0, 1000);
    feed(&meter, 20, 5000);
    ok(energy_uj(&meter) == 4000 * LOG_J && meter.n_gaps == 1 && meter.interpolated_uj == 0 &&
           meter.channel.origin == JB_ORIGIN_COUNTER,
       "a counter loses nothing in a gap");

    jb_import_meter_begin(&meter, &jb_import_csv_power, &survey, "x", JB_SCOPE_GPU, 0);
    is_i64(meter.channel.device, JB_DEVICE_GPU, "a meter of a board is charged as one");
}

int main(void)
{
    test_since();
    test_start();
    test_others();
    return done_testing();
}
