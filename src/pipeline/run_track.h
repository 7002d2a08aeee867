/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a settlement keeps of each run while it reads the log: energy so far for its marks, notes, channels watched but
 * not posted; and how a run is opened late and closed in the book.
 */
#ifndef JB_PIPELINE_RUN_TRACK_H
#define JB_PIPELINE_RUN_TRACK_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "ledger/ledger.h"
#include "pipeline/segment.h"
#include "pipeline/settle.h"
#include "spool/log.h"
#include "spool/spool.h"

struct jb_track;

struct jb_track_table {
    struct jb_spool *spool;
    struct jb_ledger *ledger;
    struct jb_track **tracks;
    size_t n, capacity;
    struct jb_wanted_account *wanted; /* NULL: nobody waits for one */
};

void jb_track_table_init(struct jb_track_table *table, struct jb_spool *spool,
                         struct jb_ledger *ledger);
void jb_track_table_release(struct jb_track_table *table);

/* The run is in the book: entered now from its file in the spool if its own supervisor could not. */
JB_MUST_USE jb_rc jb_track_ensure_open(struct jb_track_table *table, const char *run_id,
                                       struct jb_error *err);

/* R-CAL-01: of these the courses of all meters are kept. Of a run that is open. */
bool jb_track_is_calibration(const struct jb_track_table *table, const char *run_id);

/* Marks of the runs present that fall into the window just added, (from, to]; R-MARK-02: energy at a mark inside a
 * window is interpolated by time; greatest_uw, what all posted channels can draw, bounds what that leaves open. */
JB_MUST_USE jb_rc jb_track_marks(struct jb_track_table *table, const struct jb_segment *segment,
                                 int64_t from_mono_ns, int64_t to_mono_ns, int64_t greatest_uw,
                                 struct jb_error *err);

JB_MUST_USE jb_rc jb_track_note(struct jb_track_table *table, const char *run_id, const char *note,
                                struct jb_error *err);
JB_MUST_USE jb_rc jb_track_add_unposted(struct jb_track_table *table,
                                        const struct jb_segment *segment, size_t channel,
                                        const struct jb_interval *interval, struct jb_error *err);

/* The segment was posted: its energy and what was gathered in it belong to the runs. Or it was not: forgotten. */
void jb_track_keep_segment(struct jb_track_table *table, const struct jb_segment *segment);
void jb_track_forget_segment(struct jb_track_table *table);

/* The run ends at this frame. */
JB_MUST_USE jb_rc jb_track_end(struct jb_track_table *table, const struct jb_frame_subject *subject,
                               int64_t mono_ns, int64_t utc_us, struct jb_error *err);

/* Enters marks, notes and unposted channels of all runs, then closes those that ended and are open in the book. */
JB_MUST_USE jb_rc jb_track_close_ended(struct jb_track_table *table, size_t *inout_n_closed,
                                       size_t *inout_n_interrupted, struct jb_error *err);
/* After the commit: files and slots of the closed runs go. */
void jb_track_remove_closed(struct jb_track_table *table);

/* Run files whose supervisor is dead and that no frame ever showed: entered and closed as interrupted, without energy. */
JB_MUST_USE jb_rc jb_track_close_orphans(struct jb_spool *spool, struct jb_ledger *ledger,
                                         struct jb_settlement *inout_result, struct jb_error *err);

#endif
