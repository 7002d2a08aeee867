/* SPDX-License-Identifier: Apache-2.0 */
/* Samples of cumulative energy to slices of power (R-REPORT-21 to -23). Pure; memory is the caller's. */
#ifndef JB_SAMPLE_POWER_SLICES_H
#define JB_SAMPLE_POWER_SLICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/power_course.h"

/* R-REPORT-21: the width for a time, which is > 0; and how many slices of it there are, at most JB_POWER_SLICES_MAX. */
int64_t jb_power_slice_width(int64_t duration_ns);
size_t jb_power_slice_count(int64_t duration_ns, int64_t slice_ns);

/* One channel while its samples come in. */
struct jb_power_slicer {
    int64_t start_ns, end_ns; /* of the run, on the clock of the samples */
    int64_t slice_ns;
    size_t n_slices;
    struct jb_power_slice *slices;
    bool has_last;
    int64_t last_ns, last_uj;
    int64_t n_samples; /* inside of the run or next to it */
};

/* slices: n_slices of them, which are set to unseen. */
void jb_power_slicer_begin(struct jb_power_slicer *slicer, int64_t start_ns, int64_t end_ns,
                           int64_t slice_ns, struct jb_power_slice *slices, size_t n_slices);
/* The next sample; a time that is not later than the last one's is left out. */
void jb_power_slicer_add(struct jb_power_slicer *slicer, int64_t mono_ns, int64_t value_uj);
/* R-REPORT-23: nothing lies between the last sample and the next one. */
void jb_power_slicer_cut(struct jb_power_slicer *slicer);
/* Means, and the channel's totals. */
void jb_power_slicer_end(const struct jb_power_slicer *slicer, struct jb_power_channel *channel);

#endif
