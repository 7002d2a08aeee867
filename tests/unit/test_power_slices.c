/* SPDX-License-Identifier: Apache-2.0 */
/* R-REPORT-21 to -23: slices of power against sums done by hand. */
#include "sample/power_slices.h"

#include "tap.h"

#define S INT64_C(1000000000)
#define J INT64_C(1000000)

static void test_widths(void)
{
    static const struct {
        int64_t duration_ns, slice_ns;
        size_t n;
    } known[] = {
        {1, 1000000, 1},
        {600 * INT64_C(1000000), 1000000, 600},
        {600 * INT64_C(1000000) + 1, 2000000, 301},
        {600 * S, S, 600},
        {601 * S, 2 * S, 301},
        {3600 * S, 10 * S, 360},    /* 6 s are too few, the next is 10 s */
        {100000 * S, 300 * S, 334}, /* 166.7 s: five minutes; 333.3 of them */
        {S * 86400 * 100 * 600, S * 86400 * 100, 600},
        {S * 86400 * 100 * 600 + 1, S * 86400 * 100 + 1, 600},
        {INT64_MAX, INT64_MAX / 600 + 1, 600},
    };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        const int64_t slice_ns = jb_power_slice_width(known[i].duration_ns);
        ok(slice_ns == known[i].slice_ns &&
               jb_power_slice_count(known[i].duration_ns, slice_ns) == known[i].n,
           "R-REPORT-21: %" PRId64 " ns are %zu slices of %" PRId64 " ns", known[i].duration_ns,
           known[i].n, known[i].slice_ns);
    }
}

/* 10 W from 9.5 s to 12.5 s, 20 W to 13.5 s; the run is there from 10 s to 13 s. */
static void test_slices(void)
{
    struct jb_power_slice slices[3];
    struct jb_power_channel channel = {.name = ""};
    struct jb_power_slicer slicer;

    jb_power_slicer_begin(&slicer, 10 * S, 13 * S, S, slices, 3);
    jb_power_slicer_add(&slicer, 9 * S + S / 2, 100 * J);
    jb_power_slicer_add(&slicer, 10 * S + S / 2, 110 * J);
    jb_power_slicer_add(&slicer, 10 * S + S / 2, 115 * J); /* the same time: left out */
    jb_power_slicer_add(&slicer, 12 * S + S / 2, 130 * J);
    jb_power_slicer_add(&slicer, 13 * S + S / 2, 150 * J);
    jb_power_slicer_end(&slicer, &channel);
    ok(slices[0].seen_ns == S && slices[0].energy_uj == 10 * J && slices[0].mean_uw == 10 * J &&
           slices[0].min_uw == 10 * J && slices[0].max_uw == 10 * J,
       "R-REPORT-21: what lies before the run is not in it");
    ok(slices[1].energy_uj == 10 * J && slices[1].mean_uw == 10 * J, "a step over three slices");
    ok(slices[2].energy_uj == 15 * J && slices[2].mean_uw == 15 * J && slices[2].min_uw == 10 * J &&
           slices[2].max_uw == 20 * J && slices[2].seen_ns == S,
       "R-REPORT-22: half a second at 10 W and half a one at 20 W");
    ok(channel.energy_uj == 35 * J && channel.seen_ns == 3 * S && channel.n_samples == 2,
       "35 J in 3 s, two samples inside");
}

static void test_rounding(void)
{
    struct jb_power_slice slices[3];
    struct jb_power_channel channel = {.name = ""};
    struct jb_power_slicer slicer;

    jb_power_slicer_begin(&slicer, 0, 3, 1, slices, 3);
    jb_power_slicer_add(&slicer, 0, 0);
    jb_power_slicer_add(&slicer, 3, 10);
    jb_power_slicer_end(&slicer, &channel);
    ok(slices[0].energy_uj == 3 && slices[1].energy_uj == 3 && slices[2].energy_uj == 4 &&
           channel.energy_uj == 10,
       "R-REPORT-21: 10 uJ in thirds are 3, 3 and 4, and nothing is lost");
}

static void test_breaks(void)
{
    struct jb_power_slice slices[4];
    struct jb_power_channel channel = {.name = ""};
    struct jb_power_slicer slicer;

    jb_power_slicer_begin(&slicer, 0, 4 * S, S, slices, 4);
    jb_power_slicer_add(&slicer, 0, 50 * J);
    jb_power_slicer_add(&slicer, S, 57 * J);
    jb_power_slicer_add(&slicer, 2 * S, 0); /* it fell: a new count */
    jb_power_slicer_add(&slicer, 3 * S, 3 * J);
    jb_power_slicer_cut(&slicer);
    jb_power_slicer_add(&slicer, 4 * S, 90 * J);
    jb_power_slicer_end(&slicer, &channel);
    ok(slices[1].seen_ns == 0 && slices[1].mean_uw == -1 && slices[1].min_uw == -1 &&
           slices[1].max_uw == -1 && slices[3].mean_uw == -1,
       "R-REPORT-23: nothing is known between two counts, which is not 0 W");
    ok(slices[0].mean_uw == 7 * J && slices[2].mean_uw == 3 * J && channel.energy_uj == 10 * J &&
           channel.seen_ns == 2 * S,
       "on both sides of it there is");
}

/* 1e6 samples of pseudo-random steps: all slices together hold all of it, each within its least and greatest. */
static void test_many(void)
{
    static struct jb_power_slice slices[JB_POWER_SLICES_MAX];
    struct jb_power_channel channel = {.name = ""};
    struct jb_power_slicer slicer;
    const int64_t end_ns = 7 * S;
    const int64_t slice_ns = jb_power_slice_width(end_ns);
    const size_t n = jb_power_slice_count(end_ns, slice_ns);
    uint64_t state = 1;
    int64_t value = 0;
    bool is_between = true;

    jb_power_slicer_begin(&slicer, 0, end_ns, slice_ns, slices, n);
    jb_power_slicer_add(&slicer, 0, 0);
    for (int64_t i = 1; i <= 1000000; i++) {
        state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        value += (int64_t)(state >> 54);
        jb_power_slicer_add(&slicer, i * (end_ns / 1000000), value);
    }
    jb_power_slicer_end(&slicer, &channel);
    for (size_t i = 0; i < n; i++)
        is_between = is_between && slices[i].min_uw <= slices[i].mean_uw &&
                     slices[i].mean_uw <= slices[i].max_uw;
    is_i64(channel.energy_uj, value, "R-REPORT-21: the energy of a million samples is kept");
    is_i64(channel.seen_ns, end_ns, "and their time");
    ok(is_between, "means lie between least and greatest");
}

int main(void)
{
    test_widths();
    test_slices();
    test_rounding();
    test_breaks();
    test_many();
    return done_testing();
}
