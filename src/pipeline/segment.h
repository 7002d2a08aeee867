/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A segment: the frames between two boundaries, during which the same runs are present. Windows go in, and for each
 * channel one interval with its lines comes out. Pure.
 */
#ifndef JB_PIPELINE_SEGMENT_H
#define JB_PIPELINE_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/channel.h"
#include "model/entry.h"
#include "model/share.h"
#include "spool/log.h"

struct jb_segment_run {
    char run_id[JB_RUN_ID];
    uint32_t reserved_ppm;
    int64_t run_uj;   /* its share of all posted channels in the segment */
    int64_t total_uj; /* all the posted channels gave in the segment */
    bool has_vanished;
};

struct jb_segment;

JB_MUST_USE jb_rc jb_segment_new(struct jb_segment **ret_segment);
void jb_segment_free(struct jb_segment *segment);
JB_AUTO_POINTER(struct jb_segment, jb_segment_free)

/* Begins at a frame: the subjects in it that do not end there are present in the segment. */
void jb_segment_begin(struct jb_segment *segment, const struct jb_channel *channels,
                      size_t n_channels, const struct jb_idle *idle, const struct jb_frame *frame);

/* The next frame. R-SETTLE-02: energy between two frames is the difference of converted cumulative counts. */
JB_MUST_USE jb_rc jb_segment_add(struct jb_segment *segment, const struct jb_frame *frame,
                                 struct jb_error *err);

/* Runs that went from the frames without an end, having used nothing: their commands never started (`joulebook run` on a
 * program that is not there). They leave no line. Before the intervals are asked for. */
void jb_segment_drop_vanished(struct jb_segment *segment);

/* So far, for marks: cumulative since the segment began, and what the last window added. */
size_t jb_segment_n_runs(const struct jb_segment *segment);
const struct jb_segment_run *jb_segment_run(const struct jb_segment *segment, size_t i);

/* Whether a line of the channel is the run's: a board that it neither can use nor does is not (R-USE-04). */
bool jb_segment_is_in_account(const struct jb_segment *segment, size_t run, size_t channel);

/* What is doubtful about a run's part of a posted board that stands in its account; bits. */
enum jb_segment_doubt {
    JB_SEGMENT_NO_LIST = 1,    /* the driver does not say who uses it */
    JB_SEGMENT_PRESENCE = 2,   /* it lists processes without their use */
    JB_SEGMENT_UNMATCHED = 4,  /* by pids that mean nothing here */
    JB_SEGMENT_SLICED = 8,     /* the board is split into slices */
    JB_SEGMENT_VARIABLES = 16, /* whether the run's environment names it is not certain */
    JB_SEGMENT_UNSEEN = 32,    /* in part by processes that ended before they were seen */
};
/* Its environment names a board that no channel is of. */
bool jb_segment_names_unmetered(const struct jb_segment *segment, size_t run);
unsigned jb_segment_board_doubts(const struct jb_segment *segment, size_t run, size_t channel);

/* Channel i as an interval with lines (posted roles), or without (n_lines 0). *ret_is_there false: nothing is known of
 * it in this segment. Lines: JB_ENTRY_LINES_MAX. Call for all channels after the last frame. */
JB_MUST_USE jb_rc jb_segment_interval(const struct jb_segment *segment, size_t i, const char *host,
                                      const char *boot_id, bool *ret_is_there,
                                      struct jb_interval *ret_interval, struct jb_line *ret_lines,
                                      size_t *ret_n_lines, struct jb_error *err);

#endif
