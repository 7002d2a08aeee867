/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Energy of a channel in one window to shares: idle first, the rest by use (methods C-1 and C-2). Pure; shares are
 * integers that sum to the energy exactly. Rules R-SHARE-01...
 */
#ifndef JB_ATTRIBUTE_ATTRIBUTE_H
#define JB_ATTRIBUTE_ATTRIBUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/channel.h"
#include "model/share.h"
#include "model/subject.h"

/* Who used a GPU's board in the window, by its driver's list; bit i and place i are run i's. */
struct jb_board_window {
    bool is_presence;  /* times are of presence, not of use */
    bool is_unmatched; /* the list could not be matched with runs: its users are in others */
    uint64_t present;  /* runs that the list shows on the board */
    uint32_t n_others; /* listed processes of no run */
    int64_t busy_ns;   /* of the board, by whomever; -1 unknown */
    int64_t others_ns;
    int64_t run_ns[JB_SUBJECTS_MAX];
    int64_t memory_used_bytes, memory_total_bytes; /* -1 unknown */
    int64_t others_bytes;
    int64_t run_bytes[JB_SUBJECTS_MAX];
    int64_t edge_ns; /* use that the driver's sampling may have told in the wrong window */
};

struct jb_window {
    int64_t duration_ns;
    struct jb_machine before, after;
    size_t n_subjects;
    struct jb_subject subjects_before
        [JB_SUBJECTS_MAX]; /* same order in both; a run that began inside the window */
    struct jb_subject subjects_after[JB_SUBJECTS_MAX]; /* has cpu_ns 0 before */
    const struct jb_board_window
        *board;      /* NULL: the channel has none, or nothing is known of its use */
    uint64_t hidden; /* bit i: run i cannot use what the channel measures */
};

/*
 * R-SHARE-01: idle_uj = min(energy, idle power x duration); with an unknown baseline, the part of the energy that
 * falls on idle CPU time. R-SHARE-02: a CPU channel's rest goes to runs and others by CPU time, a DRAM channel's by
 * resident memory against memory in use, a GPU's by what its board's driver lists (R-SHARE-05 to -08), a GPU or node
 * channel's of which nobody knows better by CPU time. Runs whose CPU time exceeds the machine's busy time (clock ticks) are scaled down to it, others get 0.
 * R-SHARE-03: run_low/run_high: the same split with idle at either end of its band and one clock tick of CPU time.
 * energy_uj >= 0. JB_E_RANGE on negative inputs.
 */
JB_MUST_USE jb_rc jb_attribute_window(const struct jb_channel *channel, const struct jb_idle *idle,
                                      int64_t energy_uj, const struct jb_window *window,
                                      struct jb_shares *ret_shares, struct jb_error *err);

/* Views of who pays idle (R-VIEW-01): never postings; over concurrent runs each view sums to at most the total. */
enum jb_view {
    JB_VIEW_ACTIVE,   /* the run's own share */
    JB_VIEW_RESERVED, /* plus idle in proportion to the CPUs it keeps reserved */
    JB_VIEW_ALL, /* everything the meter gave while the run was there, split over the runs present */
};
#define JB_VIEWS 3
const char *jb_view_name(enum jb_view view);

/* The view's energy for each run of one set of shares; reserved_ppm[i] as in jb_subject. */
JB_MUST_USE jb_rc jb_attribute_view(enum jb_view view, const struct jb_shares *shares,
                                    const uint32_t *reserved_ppm, int64_t *ret_run_uj,
                                    struct jb_error *err);

#endif
