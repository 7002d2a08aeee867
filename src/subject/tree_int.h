/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by tree.c (what members used), tree_find.c (who is a member) and tree_cgroup.c; not for other folders. */
#ifndef JB_SUBJECT_TREE_INT_H
#define JB_SUBJECT_TREE_INT_H

#include <stdbool.h>

#include "subject/proc_text.h"
#include "subject/tree.h"

#define TREE_IGNORED_MAX 64
/* A /proc/PID/stat is some 350 bytes; the name is at most 64 of them. */
#define TREE_STAT_BYTES 1024

/*
 * One process of the run. What it has used is own + waited; `owed` stands for children that vanished and whose time
 * has not yet appeared in `waited` (R-CPU-04).
 */
struct tree_member {
    struct tree_member
        *next; /* in order of discovery: a process comes after all that may wait for it */
    struct tree_member *parent; /* NULL: the reaper or a process outside the run */
    pid_t pid;
    char state;
    bool is_gone; /* found missing, to be removed at the end of the scan */
    int handle;   /* /proc/PID/stat, -1 where it is opened at each scan */
    int64_t start_ticks;
    int64_t own_ns;
    int64_t waited_ns;
    int64_t grown_ns;    /* growth of `waited` that paid no old debt and is not yet counted */
    int64_t owed_old_ns; /* of children found missing at the last scan: due at this one */
    int64_t owed_new_ns; /* of children found missing at this scan */
    int64_t resident_bytes;
};

struct pid_list {
    pid_t *pids; /* ascending */
    size_t n;
    size_t capacity;
};

struct jb_tree {
    struct jb_os os;
    pid_t reaper_pid; /* 0 when only watched */
    int64_t root_start_ticks;
    int64_t tick_ns;
    int64_t page_bytes;

    struct tree_member *first;
    struct tree_member **link_end; /* where the next discovered one is hung */
    struct tree_member **by_pid;   /* sorted; those gone are not in it */
    size_t n_members;
    size_t by_pid_capacity;
    size_t n_handles;

    int64_t total_ns;  /* all that was counted; only ever added to */
    int64_t before_ns; /* of it, used before a watched tree began */
    int64_t
        orphan_old_ns; /* owed by nobody in particular: children of processes that vanished too */
    int64_t orphan_new_ns;
    int64_t resident_bytes;
    size_t n_live;

    int cgroup_handle;
    bool is_cgroup_v2;
    bool is_reaper_in_cgroup;
    int64_t helpers_ns; /* of the reaper's helpers, in there too */
    int64_t cgroup_before_ns;
    int64_t cgroup_ns;

    int loadavg_handle;
    int64_t last_pid;          /* the newest pid at the last discovery; -1 unknown */
    bool must_list;            /* somebody could not be placed last time */
    struct pid_list outsiders; /* of the last listing */
    pid_t ignored[TREE_IGNORED_MAX];
    size_t n_ignored;
};

struct tree_member *tree__find(const struct jb_tree *tree, pid_t pid);

/* Reads /proc/PID/stat through `handle`, or by name where that is -1. -ESRCH or -ENOENT: no such process. */
int tree__read_stat(const struct jb_tree *tree, int handle, pid_t pid,
                    struct jb_proc_stat *ret_stat);

/* A new member with all that it has used so far. JB_E_NOMEM; at JB_TREE_MEMBERS_MAX it does nothing. */
JB_MUST_USE jb_rc tree__adopt(struct jb_tree *tree, const struct jb_proc_stat *stat,
                              struct jb_error *err);

/* Finds and adopts new members. */
JB_MUST_USE jb_rc tree__discover(struct jb_tree *tree, struct jb_error *err);

/* A group that cannot be read now keeps its last figure. */
void tree__refresh_cgroup(struct jb_tree *tree);

#endif
