/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The calibration of a node, kept in the book: found from runs in which the node's own meter and its parts were read, and
 * put in the node's place in runs where only the parts are. Rules R-CAL-01...: docs/method/calibration.md.
 */
#ifndef JB_PIPELINE_CALIBRATION_H
#define JB_PIPELINE_CALIBRATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "calibrate/fit.h"
#include "ledger/ledger.h"
#include "model/channel.h"
#include "model/share.h"

#define JB_CALIBRATION_KIND      "calibration"
#define JB_CALIBRATION_STAGE     "calibrate" /* of the runs that are made for it */
#define JB_CALIBRATION_PARTS_MAX 64
#define JB_CALIBRATION_CHANNEL   "node/calibrated"
#define JB_CALIBRATION_RUNS_MAX  64

/* The names of channels, in the order of their ids. */
struct jb_calibration_parts {
    size_t n;
    char ids[JB_CALIBRATION_PARTS_MAX][JB_CHANNEL_ID];
};

/* A node's line over the sum of its parts. */
struct jb_calibration {
    char host[JB_HOST_NAME];
    char meter[JB_CHANNEL_ID]; /* that the line was fitted to */
    struct jb_calibration_parts parts;
    struct jb_fit fit;
    int64_t accuracy_ppm; /* of that meter: the line is no nearer to the truth than it */
    int64_t window_ns;
    int64_t utc_us; /* when it was made */
    size_t n_runs;
    char runs[JB_CALIBRATION_RUNS_MAX][JB_RUN_ID]; /* that it was made from */
};

/* Idle power of each channel of a node. */
struct jb_idle_calibration {
    char host[JB_HOST_NAME];
    struct jb_calibration_parts channels;
    /* Those that boards were at other work behind, and that have no idle power from here; not kept in the book. */
    struct jb_calibration_parts busy;
    int64_t power_uw[JB_CALIBRATION_PARTS_MAX], half_width_uw[JB_CALIBRATION_PARTS_MAX];
    int64_t utc_us;
    char run_id[JB_RUN_ID];
};

/*
 * From runs (cal->runs, n_runs, all of one host) to host, meter, parts, window and fit. *ret_points (the caller frees) are
 * the windows with those left out marked. JB_E_UNAVAILABLE with reason and step: no node meter beside the parts, no
 * course of power, or nothing that carries a line; JB_E_INPUT for runs of two hosts, of different parts or of the same time,
 * and for a run in whose time a part was read that has no course in it.
 */
JB_MUST_USE jb_rc jb_calibration_from_runs(struct jb_ledger *ledger, struct jb_calibration *cal,
                                           struct jb_fit_point **ret_points, size_t *ret_n_points,
                                           struct jb_error *err);

/* R-CAL-08: mean and scatter of each posted channel over the run `idle->run_id`, which did nothing. JB_E_UNAVAILABLE if
 * it is too short, or the machine was busier than R-IDLE-02 allows. */
JB_MUST_USE jb_rc jb_calibration_idle_from_run(struct jb_ledger *ledger,
                                               struct jb_idle_calibration *idle,
                                               struct jb_error *err);

/* Entered as an entry of kind "calibration"; within a transaction. */
JB_MUST_USE jb_rc jb_calibration_enter(struct jb_ledger *ledger, const struct jb_calibration *cal,
                                       struct jb_error *err);
JB_MUST_USE jb_rc jb_calibration_enter_idle(struct jb_ledger *ledger,
                                            const struct jb_idle_calibration *idle,
                                            struct jb_error *err);

/* Every calibration of the book, oldest first; one of the two pointers is given. */
typedef jb_rc (*jb_calibration_fn)(void *arg, const struct jb_calibration *cal,
                                   const struct jb_idle_calibration *idle, struct jb_error *err);
JB_MUST_USE jb_rc jb_calibration_each(struct jb_ledger *ledger, jb_calibration_fn fn, void *arg,
                                      struct jb_error *err);
/* The latest of each kind of this host; false where there is none. */
JB_MUST_USE jb_rc jb_calibration_find(struct jb_ledger *ledger, const char *host,
                                      struct jb_calibration *ret_cal, bool *ret_has_cal,
                                      struct jb_idle_calibration *ret_idle, bool *ret_has_idle,
                                      struct jb_error *err);

#endif
