/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by run_track.c and run_marks.c: what a settlement keeps of a run while it goes through the log. */
#ifndef JB_PIPELINE_RUN_TRACK_INT_H
#define JB_PIPELINE_RUN_TRACK_INT_H

#include "pipeline/run_track.h"

#include "account/account.h"

#define RUN_TRACK_NOTES_MAX 64

struct jb_track {
    char run_id[JB_RUN_ID];
    bool is_open_in_book, is_calibration;
    int64_t run_uj, total_uj; /* up to the segment's begin, the book's part included */
    int64_t segment_run_uj, segment_total_uj; /* of the present segment, up to the last window */
    char *seen;                               /* the file of marks */
    size_t seen_len, seen_at;
    struct jb_account_mark *marks;
    size_t n_marks, n_marks_kept, marks_capacity;
    char *notes[RUN_TRACK_NOTES_MAX];
    size_t n_notes;
    struct jb_interval *unposted; /* sums by channel */
    size_t n_unposted;
    struct jb_interval *pending_unposted; /* of the present segment */
    size_t n_pending_unposted;
    bool has_ended, has_died, is_closed;
    struct jb_frame_subject last;
    int64_t end_mono_ns, end_utc_us;
};

/* The run's track, made where there is none yet. */
JB_MUST_USE jb_rc run_track__get(struct jb_track_table *table, const char *run_id,
                                 struct jb_track **ret, struct jb_error *err);
/* The run's marks as they were seen, into the track; none where they cannot be read. */
void run_track__load_seen(const struct jb_spool *spool, struct jb_track *track);

#endif
