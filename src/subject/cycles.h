/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The processors' counters of a command and all it starts, by perf events: opened in the child just before it executes its
 * program (enable_on_exec, inherit), handed to this process by a socket, read once at the end. Costs the command some
 * microseconds before it begins and nothing while it runs; whatever fails here is told as a reason, never as an error.
 * R-CYCLES-02, -04, -05: docs/method/cycles.md.
 */
#ifndef JB_SUBJECT_CYCLES_H
#define JB_SUBJECT_CYCLES_H

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/os.h"
#include "model/cycles.h"

/* Kinds of core that one machine has (cpu_core and cpu_atom; two or three on ARM). */
#define JB_CYCLES_KINDS_MAX 4
#define JB_CYCLES_SLOTS     (JB_CYCLES_EVENTS * JB_CYCLES_KINDS_MAX)

struct jb_cycles_watch {
    const struct jb_os *os;
    size_t n_kinds;                                /* of core; each event is opened once for each */
    struct perf_event_attr attrs[JB_CYCLES_SLOTS]; /* event by event, kind by kind */
    int handles[JB_CYCLES_SLOTS];                  /* -1: see `errors` */
    int errors[JB_CYCLES_SLOTS];                   /* errno, 0 where it is open */
    int ours, theirs;                              /* the ends of the socket; -1 */
    bool is_user_only;
    int64_t paranoid; /* JB_PARANOID_UNKNOWN: not read */
};

/* Before the command is started. `os` must outlive the watch. */
void jb_cycles_watch_prepare(struct jb_cycles_watch *watch, const struct jb_os *os);
/* In the child, just before exec, also one that shares our memory: calls only what a signal handler may, and writes nothing of ours.
 * The signature is that of jb_supervise_before_exec; `watch` is the watch. */
void jb_cycles_watch_open(const void *watch);
/* In this process, once the child executes its program. */
void jb_cycles_watch_take(struct jb_cycles_watch *watch);
/* The counts so far: of what has ended, and of what still runs. */
void jb_cycles_watch_read(const struct jb_cycles_watch *watch, struct jb_cycles *ret);
void jb_cycles_watch_close(struct jb_cycles_watch *watch);

/* Asks the kernel for each counter of this process and closes it again: what a run would find. */
void jb_cycles_probe(const struct jb_os *os, struct jb_cycles *ret);

#endif
