/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is going on now: the meters and runs of a book on this node, as its recorder sees them (the spool's shared state and
 * log), or the meters alone, read here, where nobody records. Looks only: writes nothing. R-LIVE-01...
 */
#ifndef JB_PIPELINE_LIVE_H
#define JB_PIPELINE_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "model/account.h"
#include "model/channel.h"
#include "model/predicted.h"
#include "model/run.h"
#include "model/subject.h"
#include "sensor/sensor.h"

#define JB_LIVE_HISTORY 600 /* looks, a second apart at least */

struct jb_live_channel {
    struct jb_channel channel;
    bool has_power;
    int64_t power_uw;  /* between its last two readings, over about a second */
    int64_t energy_uj; /* since the recorder's log or this view began */
    int64_t age_ns;    /* of its last good reading; -1: none yet */
    uint32_t n_failed, n_gaps;
    const char *gap; /* why it is not seen just now, or was not last; "" */
};

struct jb_live_run {
    struct jb_run run; /* id, facts, start */
    int64_t elapsed_ns;
    int64_t power_uw;  /* its share over the last window; -1 unknown yet */
    int64_t energy_uj; /* its share since it began */
    int64_t meters_uj; /* all that the posted meters gave meanwhile */
    struct jb_figure location_ugco2e, cost_micro;
    char mark[128]; /* the last, "" */
    bool has_predicted;
    struct jb_predicted predicted; /* the last, as its own status line has it */
};

struct jb_live {
    bool is_recording; /* false: the meters are read here, and no run is known */
    int64_t mono_ns, utc_us;
    size_t n_channels, n_runs, n_history;
    struct jb_live_channel channels[JB_CHANNELS_MAX];
    struct jb_live_run runs[JB_SUBJECTS_MAX];
    int64_t power_uw;                    /* of all posted meters; -1 unknown yet */
    int64_t history_uw[JB_LIVE_HISTORY]; /* that, look by look, oldest first; -1 unknown */
    int64_t history_ns[JB_LIVE_HISTORY]; /* when */
};

struct jb_live_view;

/* `book_path` need not exist. The sensors of env are probed only while nobody records. */
JB_MUST_USE jb_rc jb_live_open(const char *book_path, const struct jb_sensor_env *env,
                               struct jb_live_view **ret_view, struct jb_error *err);
void jb_live_close(struct jb_live_view *view);
JB_AUTO_POINTER(struct jb_live_view, jb_live_close)

/* Looks again; the result is the view's own until the next call. To be called about once a second. */
JB_MUST_USE jb_rc jb_live_look(struct jb_live_view *view, const struct jb_live **ret_live,
                               struct jb_error *err);

/* What could not be read at all, where the meters are read here; else NULL, and 0. */
size_t jb_live_n_refusals(const struct jb_live_view *view);
const struct jb_sensor_refusal *jb_live_refusal(const struct jb_live_view *view, size_t i);

#endif
