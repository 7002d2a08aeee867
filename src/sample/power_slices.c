/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cumulative energy of one channel to slices of power that keep its energy (R-REPORT-21 to -23). Must never give power to a time
 * between whose ends no two samples of one count lie.
 */
#include "sample/power_slices.h"

#include "base/compiler.h"
#include "base/num.h"

#define MS       INT64_C(1000000)
#define S        (1000 * MS)
#define MINUTE   (60 * S)
#define HOUR     (60 * MINUTE)
#define DAY      (24 * HOUR)
#define NS_PER_S INT64_C(1000000000)

static const int64_t widths[] = {
    1 * MS,   2 * MS,     5 * MS,     10 * MS,    20 * MS,     50 * MS,     100 * MS,
    200 * MS, 500 * MS,   1 * S,      2 * S,      5 * S,       10 * S,      15 * S,
    30 * S,   1 * MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE,
    1 * HOUR, 2 * HOUR,   3 * HOUR,   6 * HOUR,   12 * HOUR,   1 * DAY,     2 * DAY,
    5 * DAY,  10 * DAY,   20 * DAY,   50 * DAY,   100 * DAY,
};

int64_t jb_power_slice_width(int64_t duration_ns)
{
    const int64_t least_ns = (duration_ns - 1) / JB_POWER_SLICES_MAX + 1;

    for (size_t i = 0; i < JB_ARRAY_LEN(widths); i++)
        if (widths[i] >= least_ns)
            return widths[i];
    return least_ns;
}

size_t jb_power_slice_count(int64_t duration_ns, int64_t slice_ns)
{
    return (size_t)((duration_ns - 1) / slice_ns + 1);
}

void jb_power_slicer_begin(struct jb_power_slicer *slicer, int64_t start_ns, int64_t end_ns,
                           int64_t slice_ns, struct jb_power_slice *slices, size_t n_slices)
{
    *slicer = (struct jb_power_slicer){.start_ns = start_ns,
                                       .end_ns = end_ns,
                                       .slice_ns = slice_ns,
                                       .n_slices = n_slices,
                                       .slices = slices};
    for (size_t i = 0; i < n_slices; i++)
        slices[i] = (struct jb_power_slice){.mean_uw = -1, .min_uw = -1, .max_uw = -1};
}

void jb_power_slicer_cut(struct jb_power_slicer *slicer)
{
    slicer->has_last = false;
}

/* Energy of a step from its begin to `ns`: rounded down, so that neighbours' differences sum to the whole. */
static int64_t energy_until(int64_t ns, int64_t from_ns, int64_t to_ns, int64_t step_uj)
{
    return jb_muldiv_sat_i64(step_uj, ns - from_ns, to_ns - from_ns, JB_ROUND_FLOOR);
}

static void add_step(struct jb_power_slicer *slicer, int64_t from_ns, int64_t to_ns,
                     int64_t step_uj)
{
    const int64_t power_uw =
        jb_muldiv_sat_i64(step_uj, NS_PER_S, to_ns - from_ns, JB_ROUND_NEAREST);
    const int64_t begin_ns = from_ns > slicer->start_ns ? from_ns : slicer->start_ns;
    const int64_t end_ns = to_ns < slicer->end_ns ? to_ns : slicer->end_ns;

    for (int64_t at_ns = begin_ns; at_ns < end_ns;) {
        const int64_t n = (at_ns - slicer->start_ns) / slicer->slice_ns;
        const int64_t left_ns = slicer->slice_ns - (at_ns - slicer->start_ns) % slicer->slice_ns;
        const int64_t next_ns = left_ns < end_ns - at_ns ? at_ns + left_ns : end_ns;
        struct jb_power_slice *const slice = &slicer->slices[n];

        slice->seen_ns += next_ns - at_ns;
        slice->energy_uj =
            jb_add_sat_i64(slice->energy_uj, energy_until(next_ns, from_ns, to_ns, step_uj) -
                                                 energy_until(at_ns, from_ns, to_ns, step_uj));
        slice->min_uw = slice->min_uw < 0 || power_uw < slice->min_uw ? power_uw : slice->min_uw;
        slice->max_uw = power_uw > slice->max_uw ? power_uw : slice->max_uw;
        at_ns = next_ns;
    }
}

void jb_power_slicer_add(struct jb_power_slicer *slicer, int64_t mono_ns, int64_t value_uj)
{
    if (slicer->has_last && mono_ns <= slicer->last_ns)
        return;
    if (slicer->has_last && value_uj >= slicer->last_uj && mono_ns > slicer->start_ns &&
        slicer->last_ns < slicer->end_ns)
        add_step(slicer, slicer->last_ns, mono_ns, value_uj - slicer->last_uj);
    slicer->n_samples += mono_ns >= slicer->start_ns && mono_ns <= slicer->end_ns;
    slicer->has_last = true;
    slicer->last_ns = mono_ns;
    slicer->last_uj = value_uj;
}

void jb_power_slicer_end(const struct jb_power_slicer *slicer, struct jb_power_channel *channel)
{
    channel->n_samples = slicer->n_samples;
    channel->seen_ns = 0;
    channel->energy_uj = 0;
    for (size_t i = 0; i < slicer->n_slices; i++) {
        struct jb_power_slice *const slice = &slicer->slices[i];
        if (slice->seen_ns == 0)
            continue;
        slice->mean_uw =
            jb_muldiv_sat_i64(slice->energy_uj, NS_PER_S, slice->seen_ns, JB_ROUND_NEAREST);
        channel->seen_ns += slice->seen_ns;
        channel->energy_uj = jb_add_sat_i64(channel->energy_uj, slice->energy_uj);
    }
}
