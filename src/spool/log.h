/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The spool's log: records with length and checksum, appended by the recorder only. A torn last record (the recorder
 * died while writing it) ends the log; everything before it is whole. docs/format/spool.md.
 */
#ifndef JB_SPOOL_LOG_H
#define JB_SPOOL_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "model/channel.h"
#include "model/sample.h"
#include "model/share.h"
#include "model/subject.h"
#include "model/use.h"
#include "spool/spool.h"

/* Series that are no channel's energy: how busy the machine was, and the boards behind a channel (or'ed to its place). */
#define JB_LOG_SERIES_MACHINE UINT32_MAX
#define JB_LOG_SERIES_BUSY    UINT32_C(0x80000000)

enum jb_log_kind {
    JB_LOG_CHANNELS =
        1, /* the table of channels; frames after it follow its order, a new session begins */
    JB_LOG_FRAME = 2,
    JB_LOG_IDLE = 3,   /* idle baselines, in the order of the channels */
    JB_LOG_SERIES = 4, /* one compressed chunk of one channel */
    JB_LOG_NOTE = 5,   /* a sentence for the accounts of all runs present */
};

/* Why a frame was taken; bits. A frame with any boundary bit ends every posting interval. */
enum jb_frame_why {
    JB_FRAME_WINDOW = 0,
    JB_FRAME_RUN_BEGIN = 1,
    JB_FRAME_RUN_END = 2,
    JB_FRAME_HOUR = 4,      /* a UTC hour began */
    JB_FRAME_BREAK = 8,     /* the last state before an epoch of some channel ended */
    JB_FRAME_RECORDER = 16, /* the recorder began, ended or changed */
};

enum jb_frame_subject_flags {
    JB_SUBJECT_BEGINS = 1,            /* first frame with it: cpu_ns counts from here */
    JB_SUBJECT_ENDS = 2,              /* last frame with it */
    JB_SUBJECT_DIED = 4,              /* its supervisor was found dead: ends as interrupted */
    JB_SUBJECT_BOARDS_DOUBT = 8,      /* which boards its environment means is not certain */
    JB_SUBJECT_BOARDS_UNMETERED = 16, /* it names a board that no channel is of */
};

struct jb_frame_subject {
    char run_id[JB_RUN_ID];
    char parent_id[JB_RUN_ID];
    uint8_t flags;
    uint8_t pad;
    uint32_t reserved_ppm;
    int64_t cpu_ns;
    int64_t resident_bytes;
    /* Bits of the channels of boards that its environment excludes, and of those that it names. */
    uint64_t unseen[JB_CHANNELS_MAX / 64], named[JB_CHANNELS_MAX / 64];
};

struct jb_frame {
    int64_t mono_ns, utc_us;
    uint32_t why;
    uint32_t n_channels, n_subjects;
    uint32_t pad;
    struct jb_machine machine;
    struct jb_cumulative channels[JB_CHANNELS_MAX];
    struct jb_frame_subject subjects[JB_SUBJECTS_MAX];
    struct jb_uses uses;
};

/* The same frame, of its arrays only what is used: a whole one is tens of kilobytes. */
void jb_frame_copy(struct jb_frame *to, const struct jb_frame *from);

struct jb_log_writer {
    int fd;
    int64_t bytes;        /* so far */
    struct jb_buf record; /* being put together */
};

/* Tells tables of channels apart: of their ids, in order. */
uint64_t jb_log_table_sum(const struct jb_channel *channels, size_t n);

/* Opens the log for appending, cutting off a torn end. Needs the lock. */
JB_MUST_USE jb_rc jb_log_open(const struct jb_spool *spool, struct jb_log_writer *ret,
                              struct jb_error *err);
void jb_log_close(struct jb_log_writer *log);
JB_MUST_USE jb_rc jb_log_channels(struct jb_log_writer *log, const struct jb_channel *channels,
                                  size_t n, struct jb_error *err);
JB_MUST_USE jb_rc jb_log_frame(struct jb_log_writer *log, const struct jb_frame *frame,
                               struct jb_error *err);
JB_MUST_USE jb_rc jb_log_idle(struct jb_log_writer *log, const struct jb_idle *idle, size_t n,
                              struct jb_error *err);
JB_MUST_USE jb_rc jb_log_series(struct jb_log_writer *log, uint32_t channel, int64_t mono_ns,
                                const void *bytes, size_t len, struct jb_error *err);
JB_MUST_USE jb_rc jb_log_note(struct jb_log_writer *log, const char *text, struct jb_error *err);

/*
 * Cuts off everything before the record at `mark`, which must be a frame: a new log of the channels, the idle baselines
 * and the records from there on takes the old one's place. *ret_shift is what to take off later offsets.
 */
JB_MUST_USE jb_rc jb_log_cut(const struct jb_spool *spool, struct jb_log_writer *log, int64_t mark,
                             const struct jb_channel *channels, size_t n,
                             const struct jb_idle *idle, int64_t *ret_shift, struct jb_error *err);

/* What a reader is given; members of the record's kind are set, the pointers borrowed until the next record. */
struct jb_log_record {
    enum jb_log_kind kind;
    int64_t offset; /* of this record in the log */
    const struct jb_channel *channels;
    size_t n_channels;
    const struct jb_frame *frame;
    const struct jb_idle *idle;
    size_t n_idle;
    uint32_t series_channel;
    int64_t series_mono_ns;
    const void *series_bytes;
    size_t series_len;
    const char *note;
};
typedef jb_rc (*jb_log_fn)(void *arg, const struct jb_log_record *record, struct jb_error *err);

/* Reads from `offset` (0: the start) to the end or the first torn record; *ret_end is where it stopped. A missing log
 * is empty. */
JB_MUST_USE jb_rc jb_log_read(const struct jb_spool *spool, int64_t offset, jb_log_fn fn, void *arg,
                              int64_t *ret_end, struct jb_error *err);

#endif
