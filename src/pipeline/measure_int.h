/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of measuring a run share: its state, its beginning (measure_begin.c), the book (measure_book.c). */
#ifndef JB_PIPELINE_MEASURE_INT_H
#define JB_PIPELINE_MEASURE_INT_H

#include "base/os.h"
#include "ledger/ledger.h"
#include "pipeline/course.h"
#include "pipeline/marks_file.h"
#include "pipeline/measure.h"
#include "pipeline/predicted.h"
#include "pipeline/recorder.h"
#include "spool/spool.h"
#include "subject/cycles.h"
#include "subject/supervise.h"
#include "subject/tree.h"

#define JOINED_NS (100 * JB_NS_PER_MS)

struct measure {
    const struct jb_measure_options *options;
    struct jb_measure_result *result;
    struct jb_run *run;
    const struct jb_clock *clock;
    struct jb_supervise *supervise;
    struct jb_os os, sensor_os;
    struct jb_spool spool;
    bool has_spool, has_slot;
    uint32_t slot;
    int run_fd;
    struct jb_recorder *recorder; /* NULL: another process records, or nobody */
    struct jb_ledger *
        ledger; /* kept open through a short run only: a long one needs its memory less than others do */
    struct jb_marks_file marks;
    bool has_marks;
    struct jb_tree *tree;
    int pid_fd,
        signal_fd; /* attached process, and what asks us to let go of it; -1 with a command of our own */
    int64_t period_ns, next_ns, last_scan_ns, last_touch_ns, last_sync_ns, last_status_ns;
    int64_t settled_ns; /* marks before it are in the book */
    int64_t hour;
    int64_t
        begin_energy_uj; /* the node's sum at the run's begin; what came since at the last status */
    int64_t status_energy_uj;
    struct jb_course course;
    bool is_course_due;            /* work was done since its last point */
    struct jb_predicted predicted; /* as entered last; valid if course.n_entered > 0 */
    pid_t helper;                  /* the recorder's child for slow meters; 0: none */
    pid_t clerk;                   /* 0: none at work */
    int64_t clerk_mark;
    struct jb_cycles_watch cycles;
    bool has_cycles; /* somebody watches the counters, or knows why not */
    bool has_ended;
    bool has_settled_in;
    char own_group[4096]; /* the control group that holds us alone; "" if there is none */
};

void measure__keep_error(struct measure *m, const struct jb_error *err);
JB_MUST_USE jb_rc measure__write_run_file(struct measure *m, struct jb_error *err);
JB_MUST_USE jb_rc measure__begin_recorder(struct measure *m, struct jb_error *err);
JB_MUST_USE jb_rc measure__begin(struct measure *m, struct jb_error *err);
void measure__begin_course(struct measure *m);
void measure__follow_course(struct measure *m);
void measure__tell_status(struct measure *m, int64_t now_ns);
void measure__tell_end(struct measure *m);
void measure__sleep(int64_t duration_ns);
void measure__drop_ledger(struct measure *m);
void measure__open_in_book(struct measure *m);
void measure__settle(struct measure *m);
/* R-READER-06: what the recorder's own processes use is not the run's. */
void measure__look_for_helper(struct measure *m);
void measure__helper_is_done(struct measure *m);
/* R-SETTLE-06 */
void measure__start_clerk(struct measure *m);
void measure__clerk_is_done(struct measure *m, int status);
/* With a command of our own its end comes with the others'. */
void measure__look_for_clerk(struct measure *m);
/* R-CYCLES-04: before the command starts, once it runs, and at its end. */
void measure__watch_cycles(struct measure *m);
void measure__begin_cycles(struct measure *m);
void measure__read_cycles(struct measure *m, struct jb_cycles *ret);
void measure__enter_cycles(struct measure *m, const struct jb_cycles *cycles);

#endif
