/* SPDX-License-Identifier: Apache-2.0 */
/* Differences of states as intervals. R-IMPORT-01, R-SETTLE-02, R-BAND-01, R-BAND-02. */
#include "tap.h"

#include "base/clock.h"
#include "import/import.h"
#include "pipeline/import_interval.h"

int main(void)
{
    const struct import_place place = {"h", "b", "r"};
    const struct jb_channel counter = {
        .id = "c",
        .parent = "p",
        .semantics = JB_SEMANTICS_COUNTER,
        .origin = JB_ORIGIN_COUNTER,
        .unit_num = 15,
        .unit_den = 10,
        .update_ns = 2 * JB_NS_PER_S,
        .max_power_uw = 7,
        .accuracy_ppm = 100000,
    };
    const struct jb_cumulative from = {.count = 1, .counter_ns = 5, .n_failed = 1, .n_gaps = 1};
    const struct jb_cumulative to = {.count = 101,
                                     .counter_ns = 9,
                                     .unobserved_ns = 3,
                                     .n_failed = 3,
                                     .n_gaps = 2,
                                     .last_gap = JB_GAP_RESET,
                                     .epoch = 4};
    struct jb_interval interval;
    struct jb_line lines[IMPORT_RUN_LINES];
    struct jb_cumulative begin;

    import__interval(&place, &counter, &from, 10, &to, 20, 2, 3, &interval);
    is_i64(interval.energy_uj, 150, "counts are converted, then differenced: 151 - 1");
    is_i64(interval.low_uj, 133, "below: the device's accuracy and what the caller says");
    is_i64(interval.high_uj, 168, "and above");
    is_i64(interval.edge_uj, 14, "an edge is a renewal of the greatest power");
    ok(interval.counter_ns == 4 && interval.unobserved_ns == 3 && interval.n_failed == 2 &&
           interval.epoch == 4 && strcmp(interval.gap, jb_gap_name(JB_GAP_RESET)) == 0,
       "coverage is the difference, and a new gap is named");
    ok(strcmp(interval.parent, "p") == 0 && interval.mono_start_ns == 10 &&
           interval.utc_start_us == JB_IMPORT_EPOCH_UTC_NS / 1000,
       "with its parent and times");
    import__run_lines(&place, &interval, lines);
    ok(strcmp(lines[0].account, "meter:h/c") == 0 && lines[0].amount_uj == -150 &&
           strcmp(lines[1].account, "run:r") == 0 && lines[1].all_uj == 150,
       "all of it is the run's");
    begin = import__epoch_begin(&from, &to);
    ok(begin.count == 0 && begin.counter_ns == 5 && begin.unobserved_ns == 3,
       "an epoch begins with nothing counted");
    begin = import__hole_begin(&from, &begin);
    ok(begin.unobserved_ns == 0 && begin.n_gaps == 1,
       "and the hole before it is what was not seen");
    return done_testing();
}
