/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the live view: live.c chooses and shows, live_recorded.c reads what a recorder has told. */
#ifndef JB_PIPELINE_LIVE_INT_H
#define JB_PIPELINE_LIVE_INT_H

#include "catalogue/catalogue.h"
#include "pipeline/live.h"
#include "pipeline/segment.h"
#include "spool/log.h"
#include "spool/spool.h"

#define LIVE_POWER_LEAST_NS (900 * JB_NS_PER_MS) /* between the two readings a power is made of */

#define LIVE_MARK_BYTES 64 /* of a record of the log: its checksum and its time are in them */

/* A run's energy so far: of ended segments, and what the present one adds. */
struct tally {
    char run_id[JB_RUN_ID];
    int64_t run_uj, total_uj;
    int64_t last_uj, last_ns; /* at the frame before the last one */
    int64_t power_uw;
    bool is_present; /* in the last frame, and did not end there */
    bool has_facts;
    struct jb_run facts;
    bool has_grid;
    struct jb_grid_intensity grid;
    int64_t seen_offset; /* of its marks, read up to here */
    char mark[128];      /* the last, "" */
    bool has_predicted;
    struct jb_predicted predicted;
};

/* The state that a channel's power is counted from. */
struct before {
    struct jb_cumulative state;
    bool has_power;
    int64_t power_uw;
};

struct jb_live_view {
    char book_path[1024], host[JB_HOST_NAME], boot_id[JB_BOOT_ID];
    struct jb_sensor_env env;
    struct jb_spool spool;
    bool has_spool;
    /* Recorded by another process. */
    int64_t offset; /* of the log, read up to here */
    bool
        has_mark; /* whether the log is still the one that was read tells the head of its last frame */
    int64_t mark_offset;
    uint8_t mark[LIVE_MARK_BYTES];
    bool is_other_log; /* another one than was read before, and none of its frames seen yet */
    int64_t begin_ns;  /* its first frame: what was before stands in the book */
    uint64_t table;    /* of its channels */
    struct jb_channel *channels;
    size_t n_channels;
    struct jb_idle idle[JB_CHANNELS_MAX];
    struct jb_segment *segment;
    bool is_in_segment;
    struct jb_frame last;
    struct jb_cumulative first[JB_CHANNELS_MAX];
    struct tally tallies[JB_SUBJECTS_MAX * 2];
    size_t n_tallies;
    /* Read here. */
    struct jb_sensor_set *sensors;
    struct jb_cumulative own[JB_CHANNELS_MAX];
    bool is_gone[JB_CHANNELS_MAX];
    /* Shown. */
    struct before before[JB_CHANNELS_MAX];
    int64_t last_history_ns;
    struct jb_live live;
};

/* Fills the channel's place in view->live; energy is counted from `first`. */
void live__show_channel(struct jb_live_view *view, size_t i, const struct jb_channel *channel,
                        const struct jb_cumulative *state, const struct jb_cumulative *first);
void live__keep_history(struct jb_live_view *view);

/* What the recorder of the book has told by now, to view->live. */
JB_MUST_USE jb_rc live__look_recorded(struct jb_live_view *view, struct jb_error *err);

#endif
