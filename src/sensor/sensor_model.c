/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The channels of a machine without sensors: busy time of all its processors, and memory by size. The driver reads;
 * the factors that make energy of it come from the catalogue through jb_sensor_set_curve and jb_sensor_set_constant_uw.
 * Rules R-SENSOR-20, R-SENSOR-21.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "sensor/sensor.h"
#include "sensor/sensor_int.h"

/* Greatest power a hardware thread or a gigabyte could be taken for: far above any part made. */
#define THREAD_MAX_UW   (30 * SENSOR_W)
#define GIBIBYTE        (INT64_C(1) << 30)
#define GIBIBYTE_MAX_UW (2 * SENSOR_W)

struct busy {
    int handle; /* /proc/stat */
    uint64_t tick_ns;
};

struct constant {
    int64_t power_uw;
};

/* The number that begins at *at, and *at moved behind it. */
static bool next_number(const char **at, const char *end, uint64_t *ret)
{
    const char *start = *at;

    while (start < end && *start == ' ')
        start++;
    const char *stop = start;
    while (stop < end && *stop >= '0' && *stop <= '9')
        stop++;
    if (jb_parse_u64(start, (size_t)(stop - start), false, ret) < 0)
        return false;
    *at = stop;
    return true;
}

/*
 * R-SENSOR-20: "cpu user nice system idle iowait irq softirq steal guest guest_nice". Busy is user, nice, system, irq
 * and softirq. Stolen time ran somebody else's machine; guest time is already inside user and nice.
 */
static jb_rc busy_read(void *handle, const struct jb_sensor_env *env, unsigned long long *ret_raw)
{
    static const bool is_busy[] = {true, true, true, false, false, true, true};
    const struct busy *const busy = handle;
    char text[256];
    uint64_t n_ticks = 0;
    const ssize_t n = env->os->pread(env->os->context, busy->handle, text, sizeof text, 0);

    if (n < 0)
        return sensor__rc_of_read(n);
    const char *const end = n > 0 ? memchr(text, '\n', (size_t)n) : NULL;
    if (!end || end - text < 5 || memcmp(text, "cpu ", 4) != 0)
        return JB_E_AGAIN;
    const char *at = text + 4;
    for (size_t i = 0; i < JB_ARRAY_LEN(is_busy); i++) {
        uint64_t field;
        if (!next_number(&at, end, &field))
            return JB_E_AGAIN;
        if (is_busy[i] && __builtin_add_overflow(n_ticks, field, &n_ticks))
            return JB_E_AGAIN;
    }
    if (n_ticks > UINT64_MAX / busy->tick_ns)
        return JB_E_AGAIN;
    *ret_raw = n_ticks * busy->tick_ns;
    return JB_OK;
}

static void busy_close(void *handle, const struct jb_sensor_env *env)
{
    struct busy *const busy = handle;

    env->os->close(env->os->context, busy->handle);
    free(busy);
}

static jb_rc constant_read(void *handle, const struct jb_sensor_env *env JB_UNUSED,
                           unsigned long long *ret_raw)
{
    const struct constant *const constant = handle;

    *ret_raw = (unsigned long long)constant->power_uw;
    return JB_OK;
}

static void constant_close(void *handle, const struct jb_sensor_env *env JB_UNUSED)
{
    free(handle);
}

void sensor__model_set_constant(void *handle, int64_t power_uw)
{
    struct constant *const constant = handle;

    constant->power_uw = power_uw;
}

static jb_rc add_cpu(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                     const struct jb_sensor_machine *machine, struct jb_error *err)
{
    const long ticks_hz = env->os->clock_ticks(env->os->context);
    const int handle = env->os->open_read(env->os->context, "/proc/stat");
    struct busy *const busy = handle >= 0 ? calloc(1, sizeof *busy) : NULL;
    unsigned long long raw;

    if (handle < 0 || ticks_hz <= 0 || ticks_hz > JB_NS_PER_S || machine->n_threads == 0) {
        if (handle >= 0)
            env->os->close(env->os->context, handle);
        free(busy);
        return jb_sensor_refuse(set, "model", "/proc/stat",
                                "the busy time of the processors cannot be read",
                                "mount /proc, or let this process read /proc/stat", err);
    }
    if (!busy) {
        env->os->close(env->os->context, handle);
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for channel 'model/cpu'");
    }
    busy->handle = handle;
    busy->tick_ns = (uint64_t)(JB_NS_PER_S / ticks_hz);
    if (busy_read(busy, env, &raw) < 0) {
        busy_close(busy, env);
        return jb_sensor_refuse(set, "model", "/proc/stat",
                                "its first line is not the processors' times",
                                "run where /proc/stat is the kernel's own", err);
    }
    const int64_t max_power_uw = machine->n_threads * THREAD_MAX_UW;
    struct jb_channel channel = {
        .id = "model/cpu",
        .driver = "model",
        .scope = JB_SCOPE_PACKAGE,
        .device = JB_DEVICE_CPU,
        .semantics = JB_SEMANTICS_BUSY,
        .origin = JB_ORIGIN_MODELLED,
        .role = JB_ROLE_POST,
        .unit_num = 1,
        .unit_den = 1,
        .update_ns = (int64_t)busy->tick_ns,
        .max_power_uw = max_power_uw > 1000 * SENSOR_W ? max_power_uw : 1000 * SENSOR_W,
        .correlation = "model:cpu",
        .curve.n_threads = machine->n_threads,
    };
    (void)snprintf(channel.label, sizeof channel.label, "%s",
                   machine->cpu_model[0] != '\0' ? machine->cpu_model : "unknown processor");
    return jb_sensor_add(set, &channel, busy, busy_read, busy_close, err);
}

static jb_rc add_memory(struct jb_sensor_set *set, const struct jb_sensor_machine *machine,
                        struct jb_error *err)
{
    struct constant *constant;

    if (machine->memory_bytes == 0)
        return jb_sensor_refuse(set, "model", "/proc/meminfo",
                                "the size of the memory cannot be read",
                                "mount /proc, or let this process read /proc/meminfo", err);
    constant = calloc(1, sizeof *constant);
    if (!constant)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for channel 'model/dram'");
    struct jb_channel channel = {
        .id = "model/dram",
        .driver = "model",
        .scope = JB_SCOPE_DRAM,
        .device = JB_DEVICE_DRAM,
        .semantics = JB_SEMANTICS_GAUGE,
        .origin = JB_ORIGIN_MODELLED,
        .role = JB_ROLE_POST,
        .unit_num = 1,
        .unit_den = 1,
        .max_power_uw = (machine->memory_bytes / GIBIBYTE + 1) * GIBIBYTE_MAX_UW,
        .correlation = "model:dram",
    };
    (void)snprintf(channel.label, sizeof channel.label, "memory by size, %" PRId64 " MiB",
                   machine->memory_bytes / (1024 * 1024));
    return jb_sensor_add(set, &channel, constant, constant_read, constant_close, err);
}

static jb_rc model_probe(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                         struct jb_error *err)
{
    struct jb_sensor_machine machine;

    jb_sensor_machine_read(env->os, &machine);
    const jb_rc rc = add_cpu(env, set, &machine, err);
    return rc < 0 ? rc : add_memory(set, &machine, err);
}

const struct jb_sensor_driver jb_sensor_model = {
    .name = "model",
    .summary = "busy time x power curve, memory by size; only where no sensor covers them",
    .probe = model_probe,
};
