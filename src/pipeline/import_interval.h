/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What imports of recorded readings post: the difference of two states of a channel as an interval, and beside it the
 * course of power. Nothing here decides what is posted, or whose it is. R-IMPORT-01, -02; R-BAND-01, -02.
 */
#ifndef JB_PIPELINE_IMPORT_INTERVAL_H
#define JB_PIPELINE_IMPORT_INTERVAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "ledger/ledger.h"
#include "model/channel.h"
#include "model/entry.h"
#include "model/sample.h"

/* Where the readings are told to be from. */
struct import_place {
    const char *host, *boot_id, *run_id;
};

/* Of a time of an import, R-IMPORT-02. */
int64_t import__utc_us(int64_t mono_ns);
int64_t import__hour_of(int64_t mono_ns);

/* From one state of an epoch to a later one; its band is the device's and so much more below and above. */
void import__interval(const struct import_place *place, const struct jb_channel *channel,
                      const struct jb_cumulative *from, int64_t from_ns,
                      const struct jb_cumulative *to, int64_t to_ns, int64_t below_uj,
                      int64_t above_uj, struct jb_interval *ret);

/* The whole meter is the run's: against the meter, a line of the run. Two lines. */
#define IMPORT_RUN_LINES 2
void import__run_lines(const struct import_place *place, const struct jb_interval *interval,
                       struct jb_line *ret_lines);

/* The state where the present epoch began: nothing counted, and seen no more than `before` had. */
struct jb_cumulative import__epoch_begin(const struct jb_cumulative *before,
                                         const struct jb_cumulative *now);
/* What the time between the end of one epoch and the begin of the next is the difference to, up to `begin`. */
struct jb_cumulative import__hole_begin(const struct jb_cumulative *before,
                                        const struct jb_cumulative *begin);

/* The course of one channel. */
struct import_course {
    struct jb_series_writer *writer;
    struct jb_buf bytes;
    int64_t last_ns;
};
JB_MUST_USE jb_rc import__course_begin(struct import_course *course, struct jb_error *err);
/* As live: a sample a second at most. `is_last` keeps what is left. */
JB_MUST_USE jb_rc import__course_write(struct import_course *course, struct jb_ledger *ledger,
                                       const struct import_place *place,
                                       const struct jb_channel *channel,
                                       const struct jb_cumulative *now, bool is_new_epoch,
                                       bool is_last, struct jb_error *err);
void import__course_release(struct import_course *course);

#endif
