/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starts the command and looks after it exactly as if it ran alone: same process group, terminal, descriptors, signal
 * mask and dispositions; signals sent to this process reach it once; stopping, continuing and dying pass through.
 * Nothing here may harm the command: no parent-death signal, no pipe to it, and if this process dies it runs on.
 * Rules R-RUN-01...R-RUN-07: docs/method/processes.md.
 *
 * No signal handler does any work: signals are blocked and read from a signalfd that the caller polls. One thread.
 * Life: prepare, start, {poll fd, handle until NONE}, exit_like. Everything the caller opens must be close-on-exec,
 * and whatever a child inherits (timer slack, niceness, limits) must not be changed before start.
 */
#ifndef JB_SUBJECT_SUPERVISE_H
#define JB_SUBJECT_SUPERVISE_H

#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "base/error.h"

struct jb_supervise;

#define JB_SUPERVISE_IGNORED_MAX 64

enum jb_supervise_kind {
    JB_SUPERVISE_NONE,   /* nothing more for now: poll again */
    JB_SUPERVISE_EXITED, /* the command ended: pid, status, usage (tell jb_tree_reaped) */
    JB_SUPERVISE_REAPED, /* an orphan of the command ended: pid, status, usage (tell jb_tree_reaped) */
    JB_SUPERVISE_HELPER, /* a child named with jb_supervise_ignore_pid ended: pid, status, usage */
    JB_SUPERVISE_STOPPED, /* the command was stopped by signal `signo`: call jb_supervise_stop_like */
    JB_SUPERVISE_CONTINUED, /* the command runs again */
    JB_SUPERVISE_INTERRUPT, /* after the command ended, `signo` asks this process itself to end */
};

struct jb_supervise_event {
    enum jb_supervise_kind kind;
    pid_t pid;
    int status; /* as wait4 gives it */
    int signo;
    struct rusage usage; /* the process and all it had waited for */
};

/*
 * Before anything else and before any thread: blocks signals, becomes the subreaper, opens the signalfd, keeps the
 * original mask and what was ignored for the command. Undone by jb_supervise_free.
 */
JB_MUST_USE jb_rc jb_supervise_prepare(struct jb_supervise **ret_supervise, struct jb_error *err);
void jb_supervise_free(
    struct jb_supervise *supervise); /* NULL is allowed; leaves a running command alone */

/* R-RUN-08, optional, before start: called in the child just before it executes its program, with this process's memory: it calls
 * only what a signal handler may, writes nothing of ours, and leaves no descriptor open across exec. */
typedef void (*jb_supervise_child_fn)(const void *arg);
void jb_supervise_before_exec(struct jb_supervise *supervise, jb_supervise_child_fn fn,
                              const void *arg);

/*
 * Runs argv[0] (looked up in PATH as execvp does) with our environment and `extra_env` ("K=V" each, NULL-terminated,
 * may be NULL) over it. Returns once the program was executed. On failure jb_supervise_exit_code tells what env(1)
 * would exit with: 127 not found, 126 found but not executable, 125 no process could be made.
 */
JB_MUST_USE jb_rc jb_supervise_start(struct jb_supervise *supervise, char *const argv[],
                                     const char *const extra_env[], pid_t *ret_pid,
                                     struct jb_error *err);

/* A child of the caller's own that is not part of the command. JB_E_RANGE beyond JB_SUPERVISE_IGNORED_MAX. */
JB_MUST_USE jb_rc jb_supervise_ignore_pid(struct jb_supervise *supervise, pid_t pid,
                                          struct jb_error *err);

/* In a helper child of the caller's own, after fork: gives back the original mask and dispositions. */
void jb_supervise_restore_signals(const struct jb_supervise *supervise);

/*
 * R-RUN-04, optional, after prepare: a helper process in our group that tells signals sent to the whole group, or to
 * every process of the job, from those sent to this process alone; before it is there the command may get the former twice.
 * `ret_pid` is for jb_tree_ignore; its end comes as HELPER only if somebody kills it. It dies with us.
 */
JB_MUST_USE jb_rc jb_supervise_add_witness(struct jb_supervise *supervise, pid_t *ret_pid,
                                           struct jb_error *err);

/* Becomes readable when jb_supervise_handle has something to do. */
int jb_supervise_fd(const struct jb_supervise *supervise);

/* Takes pending signals, forwards what is the command's, and gives one event; call it until kind is NONE. */
JB_MUST_USE jb_rc jb_supervise_handle(struct jb_supervise *supervise,
                                      struct jb_supervise_event *ret_event, struct jb_error *err);

/* After STOPPED: stops this process by the same signal, so that the shell sees the job stop. Returns when somebody
 * continued us, having continued the command if it still stood. */
void jb_supervise_stop_like(struct jb_supervise *supervise);

/* The command ended or never started: 0-255 its code, 128 + signal where it died of one. -1 while it runs. */
int jb_supervise_exit_code(const struct jb_supervise *supervise);

/* Ends this process as the command ended: by exit(code) or of the same signal, without a second core dump. Flush first. */
JB_NORETURN void jb_supervise_exit_like(struct jb_supervise *supervise);

JB_AUTO_POINTER(struct jb_supervise, jb_supervise_free)

#endif
