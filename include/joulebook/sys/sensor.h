/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Contract for people who write sensor drivers. A driver finds what it can read (probe) and reads it. It does not
 * convert, retry, difference, store or print. It reaches the machine only through env->os.
 *
 * A driver must provide name, summary and probe; read and close are given per channel to jb_sensor_add. What it
 * sees but cannot read it refuses with the reason and the exact step that would allow it (permission is not
 * absence). Probing must not need privileges, must not block for more than 100 ms, and a machine without the
 * device is not an error: return JB_OK and add nothing.
 */
#ifndef JOULEBOOK_SYS_SENSOR_H
#define JOULEBOOK_SYS_SENSOR_H

#include <stdbool.h>
#include <stddef.h>

#include <joulebook/error.h>

struct jb_os;
struct jb_clock;
struct jb_channel;
struct jb_reading;
struct jb_sensor_set;
struct jb_meters;
struct jb_sensor_driver;

struct jb_sensor_env {
    const struct jb_sensor_driver *const *drivers; /* NULL-terminated; NULL: all there are */
    const struct jb_os *os;
    const struct jb_clock *clock;
    const char *replay_path; /* a recorded file to play instead of the machine; NULL normally */
    const struct jb_meters *meters; /* configured meters and overrides of the tree; NULL for none */
    bool
        is_privileged; /* the executable carries a capability: user-chosen files and libraries are ignored */
};

/*
 * One value of a channel: *ret_raw as the device gives it, nothing else. JB_E_AGAIN: nothing new or a torn value,
 * the next read may work. JB_E_GONE: the device vanished; probing again may find it. JB_E_PERMISSION, JB_E_IO: as
 * named. Must not allocate and must not block longer than the device needs.
 */
typedef jb_rc (*jb_sensor_read_fn)(void *handle, const struct jb_sensor_env *env,
                                   unsigned long long *ret_raw);
typedef void (*jb_sensor_close_fn)(void *handle, const struct jb_sensor_env *env);

/* One process on a board; the parts that a board's energy is shared by (method C-2). */
struct jb_sensor_use {
    long long pid;     /* as the driver gives it */
    long long busy_ns; /* time x part of the board's compute units it kept busy, since the driver
                               began to look; never falls while the process is listed */
    long long memory_bytes; /* of the board, now; -1 unknown */
};

/* The board those processes share. */
struct jb_sensor_board {
    long long busy_ns; /* by whomever, since the driver began to look; never falls; -1 unknown */
    long long memory_used_bytes, memory_total_bytes; /* -1 unknown */
    bool is_presence; /* the driver lists processes, not their use: busy_ns is time of presence */
    bool
        has_host_pids; /* its pids are the kernel's own (a kernel driver's list), which mean nothing in a container; false: found in /proc here */
};

/*
 * Who uses the channel's board: up to `capacity` processes, the busiest first. JB_E_AGAIN: nothing new. Called at each
 * tick of a channel that has it; the same rules as for a read.
 */
typedef jb_rc (*jb_sensor_use_fn)(void *handle, const struct jb_sensor_env *env,
                                  struct jb_sensor_board *ret_board, struct jb_sensor_use *ret_uses,
                                  size_t capacity, size_t *ret_n);

struct jb_sensor_driver {
    const char *name;    /* "rapl-perf": first part of its channels' ids is the family, "rapl" */
    const char *summary; /* one line for `joulebook meters --drivers` */
    jb_rc (*probe)(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                   struct jb_error *err);
    /*
     * It asks a maker's library, a bus or a network, which may be slow, hang or crash: it is probed and read in a
     * process of its own, and may then block as long as it likes (R-READER-01). That process may be killed at any
     * instant: whatever must not outlive it (a command it started) asks for the parent-death signal.
     */
    bool is_apart;
    /* Apart, for what a user configures: it has one channel for each entry of env->meters that names it, and is asked
     * once for each, in a process of its own with that entry alone, so that one that hangs stops no other. */
    bool is_configured;
    /* Apart, optional, cheap: false where there is nothing to ask (no library, no device), and no process is made. */
    bool (*is_there)(const struct jb_sensor_env *env);
    /* Apart, optional: how long a command's start may wait for its probing, where that is longer than for others, and
     * the next step for a person where it takes longer still, or crashes. */
    long long patience_ns;
    const char *if_silent;
    /* Without what it cannot read an account would be wrong by much: each says what that is, and why. */
    bool is_missed;
};

/* For probe: takes a copy of *channel and ownership of handle (closed by close_fn at the end, also on failure). */
jb_rc jb_sensor_add(struct jb_sensor_set *set, const struct jb_channel *channel, void *handle,
                    jb_sensor_read_fn read_fn, jb_sensor_close_fn close_fn, struct jb_error *err);

/* For probe, after jb_sensor_add of that channel: its board can say who uses it. `use_fn` is given the channel's handle. */
jb_rc jb_sensor_add_use(struct jb_sensor_set *set, const char *channel_id, jb_sensor_use_fn use_fn,
                        struct jb_error *err);

/* For probe: something is there that cannot be used. `what` names it, `reason` and `step` are whole sentences. */
jb_rc jb_sensor_refuse(struct jb_sensor_set *set, const char *driver, const char *what,
                       const char *reason, const char *step, struct jb_error *err);

#endif
