/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Measure a run: start a command (or attach to a process), record while it goes, enter it in the book. The whole
 * sentence of ARCHITECTURE.md. Whatever fails here, the command runs as if alone; what failed is told at the end.
 * Rules R-REC-01...: docs/method/recording.md.
 */
#ifndef JB_PIPELINE_MEASURE_H
#define JB_PIPELINE_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/clock.h"
#include "base/error.h"
#include "model/account.h"
#include "model/predicted.h"
#include "model/run.h"

struct jb_meters;
struct jb_supervise;

/* Once a second, for a status line. */
struct jb_measure_status {
    int64_t elapsed_ns;
    bool has_ended;    /* the last look: there is nothing to renew, and nobody to signal */
    bool has_power;    /* the run is measured: the following are known */
    int64_t power_uw;  /* of all posted meters, the last second */
    int64_t energy_uj; /* of all posted meters since the run began */
    const struct jb_predicted *predicted; /* the latest prediction; NULL: none (yet) */
    const char *mark;                     /* the last one, "" if none */
};

/* What a status line's owner wants done; all zero: nothing. */
struct jb_measure_order {
    char mark[128]; /* entered as a mark of the run */
    int signal;     /* sent to the command */
};

struct jb_stated_idle {
    const char *channel; /* id, or a device word: "cpu", "dram", "gpu", "node" */
    int64_t power_uw;
};

struct jb_measure_options {
    const char *book_path;
    struct jb_error
        no_book;       /* why there is none: then nothing is measured; code JB_OK if there is one */
    char *const *argv; /* the command; NULL: attach to pid */
    pid_t pid;
    struct jb_run *run; /* facts given and found; id, host, times and counts are filled in here */
    int64_t period_ns;  /* 0: chosen from the channels */
    int64_t quiet_ns;   /* idle window before the command starts; 0: none */
    const struct jb_stated_idle *stated_idle;
    size_t n_stated_idle;
    const char *sensors_root;       /* a recorded tree instead of /sys; "" normally */
    const char *replay_path;        /* a recorded file instead of sensors; NULL normally */
    const struct jb_meters *meters; /* configured meters and overrides of the tree; NULL for none */
    bool is_privileged;
    const struct jb_clock *clock;
    int64_t total_epochs, total_steps; /* the whole work, for predictions; 0: not given */
    const char *const *stated_marks;   /* about the run, entered at its start: "total epochs=90" */
    size_t n_stated_marks;
    void (*on_status)(void *arg, const struct jb_measure_status *status,
                      struct jb_measure_order *ret_order); /* may be NULL */
    void *arg;
};

struct jb_measure_result {
    bool was_started; /* the command ran (or the process was there); else `start_error` */
    struct jb_error start_error;
    bool has_account; /* entered in the book, account filled */
    struct jb_account account;
    bool is_spooled;   /* measured, but the book could not be told yet: `joulebook recover` will */
    bool was_measured; /* at least from begin to end by somebody's frames */
    struct jb_error error; /* why not measured or not entered; code JB_OK if all went well */
    int exit_code;         /* of the command, 128 + signal; 125/126/127 if it did not start */
};

/*
 * Runs to the end. `supervise` was prepared by the caller before anything else (NULL when attaching); afterwards the
 * caller prints and calls jb_supervise_exit_like. Returns JB_OK also when measuring failed: look at the result.
 */
JB_MUST_USE jb_rc jb_measure(struct jb_supervise *supervise,
                             const struct jb_measure_options *options,
                             struct jb_measure_result *ret_result);
void jb_measure_result_release(struct jb_measure_result *result);

#endif
