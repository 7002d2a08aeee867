/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operating system as a table, with a root prefix: a recorded tree can stand in for /sys and /proc, and a
 * script for a counter or for the perf_event_open call. Only sensor/ and subject/ and what they need go through
 * it; ordinary files of our own (book, spool) do not.
 *
 * Every function gets `context`. Paths are absolute as the kernel knows them ("/sys/class/powercap"); the real
 * implementation puts `root` before them. Functions return 0 or more on success, -errno on failure (never -1 with
 * errno set), so a stand-in needs no errno.
 */
#ifndef JB_BASE_OS_H
#define JB_BASE_OS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct perf_event_attr;

/* Called for each name in a directory except "." and "..", in no order; return non-zero to stop early (`list` then
 * returns 0 as well). */
typedef int (*jb_os_name_fn)(void *arg, const char *name);

struct jb_os {
    int (*open_read)(void *context, const char *path); /* O_RDONLY | O_CLOEXEC; a handle >= 0 */
    ssize_t (*pread)(void *context, int handle, void *buf, size_t size, int64_t offset);
    /* Names that an open file still has: 0 once it was deleted or another took its place. May be NULL in a stand-in,
     * whose files are then never replaced. */
    int (*n_names)(void *context, int handle);
    void (*close)(void *context, int handle);
    int (*list)(void *context, const char *path, jb_os_name_fn fn, void *arg);
    /* Resolves symbolic links; writes the path as the kernel knows it (root prefix removed). Length or -errno. */
    ssize_t (*real_path)(void *context, const char *path, char *buf, size_t size);
    int (*perf_event_open)(void *context, struct perf_event_attr *attr, pid_t pid, int cpu,
                           int group_handle, unsigned long flags);
    /* CPU time of a process with all its threads, finer than the ticks of /proc/PID/stat. -ENOSYS
     * under a root; may be NULL in a stand-in. */
    int (*process_cpu_ns)(void *context, pid_t pid, int64_t *ret_ns);
    /* A request to a device, and waiting until it has something to read: 1, or 0 at the end of the time. Both may be NULL
     * in a stand-in, and answer -ENOSYS under a root: a recorded tree has no devices. */
    int (*ioctl)(void *context, int handle, unsigned long request, void *arg);
    int (*wait_read)(void *context, int handle, int timeout_ms);
    long (*clock_ticks)(void *context); /* sysconf(_SC_CLK_TCK) */
    long (*cpus_online)(void *context);
    long (*page_bytes)(void *context);
    void *context;
};

/*
 * The real system. `root` ("" for the machine itself) must outlive the table. The context is the root text.
 * Under a root, links are resolved inside it, cpus_online is read from its /sys/devices/system/cpu/online, and
 * perf_event_open answers -ENOSYS: the events of a recorded tree are not those of this machine.
 */
struct jb_os jb_os_real(const char *root);

/* Reads a whole small file into buf, NUL-terminated, trailing newline cut; length or -errno (-EOVERFLOW if larger;
 * buf then holds ""). */
ssize_t jb_os_read_text(const struct jb_os *os, const char *path, char *buf, size_t size);
/* A file that holds one decimal number. 0 or -errno; -EBADMSG if it holds anything else, -ERANGE if it does not fit. */
int jb_os_read_i64(const struct jb_os *os, const char *path, int64_t *ret);
int jb_os_read_u64(const struct jb_os *os, const char *path, uint64_t *ret);

/* The node's boot id and host name through the table ("/proc/sys/kernel/random/boot_id", ".../hostname"). */
JB_MUST_USE jb_rc jb_os_boot_id(const struct jb_os *os, char ret_text[37], struct jb_error *err);
JB_MUST_USE jb_rc jb_os_host_name(const struct jb_os *os, char *buf, size_t size,
                                  struct jb_error *err);

#endif
