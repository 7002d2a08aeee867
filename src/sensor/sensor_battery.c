/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A battery while it discharges: all the machine takes then flows out of it. power_now, or voltage_now x current_now.
 * Must not read a battery that charges: its figure is then what flows in. Rules R-SENSOR-40, R-TREE-03.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "sensor/sensor_int.h"

#define CLASS_FOLDER   "/sys/class/power_supply"
#define BATTERY_MAX_UW (500 * SENSOR_W)
#define HANDLE_NONE    (-1)

struct battery {
    int status;
    int power;   /* power_now in uW, or HANDLE_NONE */
    int voltage; /* voltage_now in uV and current_now in uA, their product in pW */
    int current;
};

static void close_one(const struct jb_sensor_env *env, int handle)
{
    if (handle >= 0)
        env->os->close(env->os->context, handle);
}

static void battery_close(void *handle, const struct jb_sensor_env *env)
{
    struct battery *const battery = handle;

    close_one(env, battery->status);
    close_one(env, battery->power);
    close_one(env, battery->voltage);
    close_one(env, battery->current);
    free(battery);
}

/* Some drivers give a discharging current or power a minus sign. */
static jb_rc read_size(const struct jb_os *os, int handle, uint64_t *ret)
{
    char text[32];
    int64_t value;
    const ssize_t n = os->pread(os->context, handle, text, sizeof text, 0);

    if (n < 0)
        return sensor__rc_of_read(n);
    const char *const end = n > 0 ? memchr(text, '\n', (size_t)n) : NULL;
    if (!end || jb_parse_i64(text, (size_t)(end - text), false, &value) < 0 || value == INT64_MIN)
        return JB_E_AGAIN;
    *ret = (uint64_t)(value < 0 ? -value : value);
    return JB_OK;
}

static bool is_discharging(const char *text, size_t len)
{
    static const char word[] = "Discharging";

    return len >= sizeof word - 1 && memcmp(text, word, sizeof word - 1) == 0;
}

static jb_rc battery_read(void *handle, const struct jb_sensor_env *env,
                          unsigned long long *ret_raw)
{
    const struct battery *const battery = handle;
    char status[32];
    uint64_t first;
    uint64_t second = 1;
    const ssize_t n = env->os->pread(env->os->context, battery->status, status, sizeof status, 0);

    if (n < 0)
        return sensor__rc_of_read(n);
    if (!is_discharging(status, (size_t)n))
        return JB_E_AGAIN; /* the mains came back: nothing to say about the machine */
    jb_rc rc;
    if (battery->power != HANDLE_NONE) {
        rc = read_size(env->os, battery->power, &first);
    } else {
        rc = read_size(env->os, battery->voltage, &first);
        if (rc == JB_OK)
            rc = read_size(env->os, battery->current, &second);
    }
    if (rc < 0)
        return rc;
    if (first > UINT32_MAX || second > UINT32_MAX)
        return JB_E_AGAIN; /* 4 kV, 4 kA, 4 kW: no battery */
    *ret_raw = first * second;
    return JB_OK;
}

static int open_battery(const struct jb_os *os, const char *folder, struct battery *ret)
{
    *ret = (struct battery){.status = sensor__open(os, folder, "status"),
                            .power = sensor__open(os, folder, "power_now"),
                            .voltage = HANDLE_NONE,
                            .current = HANDLE_NONE};
    if (ret->status < 0)
        return ret->status;
    if (ret->power >= 0)
        return 0;
    ret->power = HANDLE_NONE;
    ret->voltage = sensor__open(os, folder, "voltage_now");
    ret->current = sensor__open(os, folder, "current_now");
    if (ret->voltage < 0)
        return ret->voltage;
    return ret->current < 0 ? ret->current : 0;
}

static jb_rc add_battery(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                         const char *folder, const char *name, struct jb_error *err)
{
    struct battery *const battery = calloc(1, sizeof *battery);
    struct jb_channel channel = {
        .driver = "battery",
        .scope = JB_SCOPE_BATTERY,
        .device = JB_DEVICE_NODE,
        .semantics = JB_SEMANTICS_GAUGE,
        .origin = JB_ORIGIN_GAUGE,
        .role = JB_ROLE_CHECK,
        .unit_num = 1,
        .max_power_uw = BATTERY_MAX_UW,
        .accuracy_ppm = 100000,
    };

    if (!battery)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for battery '%s'", name);
    const int failed = open_battery(env->os, folder, battery);
    (void)snprintf(channel.id, sizeof channel.id, "battery/%s", name);
    if (failed < 0) {
        battery_close(battery, env);
        return jb_sensor_refuse(set, "battery", channel.id,
                                failed == -EACCES
                                    ? "its power may not be read by this user"
                                    : "it shows neither power_now nor voltage_now and current_now",
                                failed == -EACCES ? "run as root" : "nothing to do", err);
    }
    channel.unit_den = battery->power != HANDLE_NONE ? 1 : 1000000;
    (void)snprintf(channel.label, sizeof channel.label, "battery %s while discharging", name);
    (void)snprintf(channel.correlation, sizeof channel.correlation, "battery:%.30s", name);
    return jb_sensor_add(set, &channel, battery, battery_read, battery_close, err);
}

static jb_rc probe_supply(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                          const char *name, struct jb_error *err)
{
    char folder[SENSOR_PATH_MAX];
    char text[SENSOR_NAME_MAX];
    char what[96];

    if (!sensor__path(folder, sizeof folder, CLASS_FOLDER, name) ||
        sensor__text(env->os, folder, "type", text, sizeof text) < 0 ||
        strcmp(text, "Battery") != 0)
        return JB_OK;
    /* A mouse's or a headset's own battery says nothing about this machine. */
    if (sensor__text(env->os, folder, "scope", text, sizeof text) > 0 &&
        strcmp(text, "Device") == 0)
        return JB_OK;
    const ssize_t len = sensor__text(env->os, folder, "status", text, sizeof text);
    if (len > 0 && is_discharging(text, (size_t)len))
        return add_battery(env, set, folder, name, err);
    (void)snprintf(what, sizeof what, "battery/%s", name);
    char reason[128];
    (void)snprintf(reason, sizeof reason,
                   "it is not discharging (%.40s): its figure is not what the machine takes",
                   len > 0 ? text : "no status");
    return jb_sensor_refuse(set, "battery", what, reason,
                            "unplug the mains if the whole machine is to be checked", err);
}

static jb_rc battery_probe(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                           struct jb_error *err)
{
    JB_AUTO(sensor__names_release) struct sensor_names names = {0};

    if (sensor__list(env->os, CLASS_FOLDER, &names) < 0)
        return JB_OK;
    for (size_t i = 0; i < names.n; i++) {
        const jb_rc rc = probe_supply(env, set, names.items[i], err);
        if (rc < 0)
            return rc;
    }
    return JB_OK;
}

const struct jb_sensor_driver jb_sensor_battery = {
    .name = "battery",
    .summary = "a laptop's battery while it discharges, as a check of everything else",
    .probe = battery_probe,
};
