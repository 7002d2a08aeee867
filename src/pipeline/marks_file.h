/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file named in JOULEBOOK_MARKS: a plain file that the training appends lines to, so that no reader can block it.
 * Lines are seen as soon as the kernel says so (inotify), get a time, and go to the spool's seen file.
 * R-MARK-01: docs/method/recording.md.
 */
#ifndef JB_PIPELINE_MARKS_FILE_H
#define JB_PIPELINE_MARKS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "spool/spool.h"

#define JB_MARK_TEXT 256
/* Begins a line of our own that is no mark: in what a training writes, control characters are replaced. */
#define JB_MARK_OURS '\x01'
/* A run has no more marks than this: a training that writes without end costs neither disk nor readings (R-MARK-03). */
#define JB_MARKS_MAX 100000

struct jb_marks_file {
    int marks_fd, seen_fd;
    int notify_fd; /* -1: not watched (yet); the caller asks at every tick */
    int watch;     /* of it */
    int64_t offset;
    int64_t last_mono_ns; /* marks are in order of time */
    int64_t n_marks;
    char path[1200], seen_path[1200];
    char last_text[JB_MARK_TEXT];                 /* for the status line */
    void (*on_mark)(void *arg, const char *text); /* each one taken; may be NULL */
    void *arg;
};

JB_MUST_USE jb_rc jb_marks_open(const struct jb_spool *spool, const char *run_id,
                                struct jb_marks_file *ret, struct jb_error *err);
/* Has the kernel tell of new lines from here on: notify_fd becomes readable. Not from the start: taking a watch down
 * again costs the kernel ten milliseconds, which a short run shall not pay. */
void jb_marks_watch(struct jb_marks_file *marks);
void jb_marks_close(struct jb_marks_file *marks);

/*
 * Takes what was appended since. A line "@MONO_NS text", as `joulebook mark` writes it, has its own time, used if it
 * lies between not_before_ns and now; any other line has the time it is seen, not later than not_after_ns (the end of
 * the run). Lines are cut at JB_MARK_TEXT - 1 bytes, control characters become '?'. `at_end`: a last line without
 * newline counts too. R-MARK-03: a call takes what was there when it began and no more than its time allows, the rest is
 * for the next one; a file that became shorter was written anew and is read from its start. Returns how many were new.
 */
size_t jb_marks_take(struct jb_marks_file *marks, const struct jb_clock *clock,
                     int64_t not_before_ns, int64_t not_after_ns, bool at_end);

/* A line of our own into the seen file, at this moment but not after the run's end: what was stated for the run, a budget that was crossed, or
 * (JB_MARK_OURS) a prediction. False if it could not be written. */
bool jb_marks_add(struct jb_marks_file *marks, const struct jb_clock *clock, int64_t not_after_ns,
                  const char *text);

#endif
