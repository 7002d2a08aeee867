/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The processes of one run: the root and all its descendants, those that outlived their parent and those that were
 * never seen alive included, to CPU time and resident memory. The CPU time never falls and counts nothing twice;
 * where the kernel does not tell, it counts too little, never too much. Rules R-CPU-01...R-CPU-08:
 * docs/method/processes.md. It never sends a signal, waits for a process, or writes anything.
 *
 * A tree belongs to one thread at a time.
 */
#ifndef JB_SUBJECT_TREE_H
#define JB_SUBJECT_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/os.h"

struct jb_tree;

/* Processes tracked one by one; beyond it a process counts only through its parent's wait. */
#define JB_TREE_MEMBERS_MAX 16384
/* /proc/PID/stat kept open for as many; beyond it the file is opened at each scan. */
#define JB_TREE_HANDLES_MAX 256

/*
 * Begins with the root and every descendant it has now. `os` is copied.
 *
 * `reaper_pid` is the process to which orphans of the run fall, and which tells jb_tree_reaped of each that it waits
 * for: the caller's own pid where it supervises the command (its other children must be named with jb_tree_ignore
 * before they appear in a scan). 0 where the tree is only watched (attach): then an orphan that was never seen before
 * it was orphaned is not found.
 *
 * Supervised, all CPU time of the root and its descendants is the run's; watched, what they had used before is not:
 * the total then begins at 0. JB_E_NOT_FOUND if there is no such process.
 */
JB_MUST_USE jb_rc jb_tree_new(const struct jb_os *os, pid_t root_pid, pid_t reaper_pid,
                              struct jb_tree **ret_tree, struct jb_error *err);
void jb_tree_free(struct jb_tree *tree); /* NULL is allowed */

/* A child of the reaper that is not part of the run. JB_E_RANGE when too many are named. Tell jb_tree_reaped of its end
 * too: its pid is then free for others, and nothing is counted. */
JB_MUST_USE jb_rc jb_tree_ignore(struct jb_tree *tree, pid_t pid, struct jb_error *err);

/*
 * Reads every known process and looks for new ones: about once a second, and at the end. A scan that fails (no
 * memory, /proc cannot be listed) has read the known ones and may have missed new ones; the next finds them.
 */
JB_MUST_USE jb_rc jb_tree_scan(struct jb_tree *tree, struct jb_error *err);

/*
 * The same for the processes known already, by their CPU clocks alone: a system call each, for between two scans. What
 * ended or began since is for the next scan.
 */
void jb_tree_touch(struct jb_tree *tree);

/*
 * The reaper waited for `pid`, a member or an orphan never seen; `usage` is what wait4 gave: its CPU time and that of
 * all it had waited for. Call it for each before the next wait and before the next scan: only so is nothing counted
 * twice.
 */
void jb_tree_reaped(struct jb_tree *tree, pid_t pid, const struct rusage *usage);

/* Beside the processes, the run's own control group (v2 directory with cpu.stat or v1 with cpuacct.usage): the CPU
 * time is then the greater of the two. The group must hold the run alone, or the run and the reaper: `with_reaper` then
 * takes off what the reaper itself used. JB_E_UNAVAILABLE if it has neither file. */
JB_MUST_USE jb_rc jb_tree_use_cgroup(struct jb_tree *tree, const char *directory, bool with_reaper,
                                     struct jb_error *err);

/* CPU time so far of the reaper's own helpers in that group, ended ones included; taken off like the reaper's. */
void jb_tree_set_helpers_cpu_ns(struct jb_tree *tree, int64_t cpu_ns);

int64_t jb_tree_cpu_ns(
    const struct jb_tree *tree); /* since jb_tree_new, as of the last scan or reaping */
/* Sum of the resident sets at the last scan: pages shared between processes count once for each (R-CPU-08). */
int64_t jb_tree_resident_bytes(const struct jb_tree *tree);
size_t jb_tree_n_live(
    const struct jb_tree *tree); /* processes alive (not zombies) at the last scan */

JB_AUTO_POINTER(struct jb_tree, jb_tree_free)

#endif
