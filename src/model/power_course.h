/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The course of power of a run for pictures and tables: what each meter gave while the run was there, in slices of one width.
 * It is of the meters (view `all`), not the run's share, and no sum is made of it. Made by pipeline/power_course.h from the
 * series beside the journal (docs/format/series.md). R-REPORT-20 to -23: docs/method/report.md.
 */
#ifndef JB_MODEL_POWER_COURSE_H
#define JB_MODEL_POWER_COURSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/channel.h"

#define JB_POWER_SLICES_MAX 600

/* What one channel gave in one slice. R-REPORT-21: the energies of a channel's slices sum to the difference of its first and last
 * sample in the run, less what lies across its breaks. */
struct jb_power_slice {
    int64_t seen_ns;        /* of the slice, between two samples; 0: nothing is known of it */
    int64_t energy_uj;      /* in that time: mean power is energy_uj / seen_ns */
    int64_t mean_uw;        /* that, rounded to nearest; -1 where nothing was seen */
    int64_t min_uw, max_uw; /* of the steps from sample to sample that touch it; -1 likewise */
};

struct jb_power_channel {
    char name[JB_CHANNEL_ID];
    enum jb_device device;
    enum jb_role role; /* only those of JB_ROLE_POST may be stacked on each other */
    int64_t n_samples;
    int64_t seen_ns, energy_uj;    /* of all slices */
    struct jb_power_slice *slices; /* n_slices of them */
};

struct jb_power_course {
    int64_t start_utc_us; /* of the first slice: the run's begin */
    int64_t duration_ns;  /* of the run */
    int64_t slice_ns;     /* width of a slice; the last one may end beyond the run */
    size_t n_slices, n_channels;
    struct jb_power_channel *channels; /* posted ones first, then by name */
};
void jb_power_course_release(struct jb_power_course *course);

#endif
