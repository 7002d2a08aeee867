/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of one channel's energy in one window, charged to accounts; they sum to the energy exactly. */
#ifndef JB_MODEL_SHARE_H
#define JB_MODEL_SHARE_H

#include <stddef.h>
#include <stdint.h>

#include "model/subject.h"

/* Where an idle baseline comes from, in order of preference (architecture.md, "Idle needs a source"). */
enum jb_idle_source {
    JB_IDLE_UNKNOWN, /* then idle is estimated from idle CPU time, and the band covers both extremes */
    JB_IDLE_CALIBRATED,
    JB_IDLE_QUIET, /* a quiet window before the run */
    JB_IDLE_STATED,
    JB_IDLE_MODELLED, /* the curve's own value at no load */
};
const char *jb_idle_source_name(enum jb_idle_source source);
int jb_idle_source_from_name(const char *name);

struct jb_idle {
    enum jb_idle_source source;
    int64_t power_uw; /* of the channel with nothing running; 0 if unknown */
    int64_t half_width_uw;
};

/* Energy of one channel over one window, split. run_uj[i] belongs to subjects[i] of the same call. */
struct jb_shares {
    int64_t total_uj;
    int64_t idle_uj;
    int64_t others_uj;
    size_t n_runs;
    int64_t run_uj[JB_SUBJECTS_MAX];
    int64_t run_low_uj[JB_SUBJECTS_MAX]; /* attribution's own band: idle unknown, tick quantum */
    int64_t run_high_uj[JB_SUBJECTS_MAX];
};

#endif
