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

struct jb_sensor_env {
    const struct jb_os *os;
    const struct jb_clock *clock;
    const char *replay_path; /* a recorded file to play instead of the machine; NULL normally */
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

struct jb_sensor_driver {
    const char *name;    /* "rapl-perf": first part of its channels' ids is the family, "rapl" */
    const char *summary; /* one line for `joulebook meters --drivers` */
    jb_rc (*probe)(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                   struct jb_error *err);
};

/* For probe: takes a copy of *channel and ownership of handle (closed by close_fn at the end, also on failure). */
jb_rc jb_sensor_add(struct jb_sensor_set *set, const struct jb_channel *channel, void *handle,
                    jb_sensor_read_fn read_fn, jb_sensor_close_fn close_fn, struct jb_error *err);

/* For probe: something is there that cannot be used. `what` names it, `reason` and `step` are whole sentences. */
jb_rc jb_sensor_refuse(struct jb_sensor_set *set, const char *driver, const char *what,
                       const char *reason, const char *step, struct jb_error *err);

#endif
