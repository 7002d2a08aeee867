/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The texts of /proc about processes, read from foreign bytes: never past the end, never a number that is not there.
 */
#ifndef JB_SUBJECT_PROC_TEXT_H
#define JB_SUBJECT_PROC_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* What /proc/PID/stat says; the name may hold blanks and brackets, so fields are counted after the last ')'. */
struct jb_proc_stat {
    int32_t pid;
    char state; /* R S D Z T t X ... */
    int32_t parent_pid;
    int64_t own_ticks;    /* utime + stime of all threads, dead ones included */
    int64_t waited_ticks; /* cutime + cstime: of children that were waited for, and theirs */
    int64_t start_ticks;  /* since boot; with the pid it names a process for good */
    int64_t resident_pages;
};

/* JB_E_INPUT where the text is not such a file, JB_E_RANGE where a number does not fit; ret untouched. */
JB_MUST_USE jb_rc jb_proc_stat_parse(const char *text, size_t len, struct jb_proc_stat *ret_stat);

/* The value of "Key:\tvalue" in /proc/PID/status or /proc/meminfo, without blanks around it; borrowed.
 * JB_E_NOT_FOUND if no line has that key. */
JB_MUST_USE jb_rc jb_proc_value(const char *text, size_t len, const char *key,
                                const char **ret_value, size_t *ret_len);

/* A CPU list such as "0-3,8": one call of `fn` for each range. JB_E_INPUT where it is not one (fn may have been
 * called for ranges before the fault). An empty list is allowed. */
typedef void (*jb_cpu_range_fn)(void *arg, int64_t first, int64_t last);
JB_MUST_USE jb_rc jb_cpu_list_parse(const char *text, size_t len, jb_cpu_range_fn fn, void *arg);

#endif
