/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NVIDIA Jetson: supply rails behind INA3221 chips, named by label. Raw is bus voltage in mV times current in mA, which
 * is uW. VDD_IN is the module's input and holds every other rail; the carrier board is on none of them.
 * Rules R-SENSOR-35, R-TREE-05, R-TREE-06.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "sensor/sensor_int.h"

#define N_CHANNELS  3
#define RAIL_MAX_UW (300 * SENSOR_W)
#define RAIL_PPM    20000 /* shunt and gain of the INA3221, stated */

/* A rail that is not in this list is shown and compared only. Order and parents follow the boards' power trees. */
static const struct rail {
    const char *label;
    const char *parent;
    enum jb_scope scope;
    enum jb_device device;
} rails[] = {
    {"VDD_IN", NULL, JB_SCOPE_MODULE, JB_DEVICE_NODE},
    {"VDD_CPU_GPU_CV", "VDD_IN", JB_SCOPE_RAIL, JB_DEVICE_OTHER},
    {"VDD_SOC", "VDD_IN", JB_SCOPE_RAIL, JB_DEVICE_OTHER},
    {"VDD_GPU_SOC", NULL, JB_SCOPE_RAIL, JB_DEVICE_GPU},
    {"VDD_CPU_CV", NULL, JB_SCOPE_RAIL, JB_DEVICE_CPU},
    {"VIN_SYS_5V0", NULL, JB_SCOPE_RAIL, JB_DEVICE_OTHER},
    {"VDDQ_VDD2_1V8AO", "VIN_SYS_5V0", JB_SCOPE_RAIL, JB_DEVICE_DRAM},
    {"GPU", NULL, JB_SCOPE_RAIL, JB_DEVICE_GPU},
    {"CPU", NULL, JB_SCOPE_RAIL, JB_DEVICE_CPU},
    {"SOC", NULL, JB_SCOPE_RAIL, JB_DEVICE_OTHER},
    {"CV", NULL, JB_SCOPE_RAIL, JB_DEVICE_OTHER},
    {"VDDRQ", NULL, JB_SCOPE_RAIL, JB_DEVICE_DRAM},
    {"SYS5V", NULL, JB_SCOPE_RAIL, JB_DEVICE_OTHER},
};

struct pair {
    int voltage_mv;
    int current_ma;
};

static void pair_close(void *handle, const struct jb_sensor_env *env)
{
    struct pair *const pair = handle;

    if (pair->voltage_mv >= 0)
        env->os->close(env->os->context, pair->voltage_mv);
    if (pair->current_ma >= 0)
        env->os->close(env->os->context, pair->current_ma);
    free(pair);
}

static jb_rc read_signed(const struct jb_os *os, int handle, int64_t *ret)
{
    char text[32];
    const ssize_t n = os->pread(os->context, handle, text, sizeof text, 0);

    if (n < 0)
        return sensor__rc_of_read(n);
    const char *const end = n > 0 ? memchr(text, '\n', (size_t)n) : NULL;
    if (!end || jb_parse_i64(text, (size_t)(end - text), false, ret) < 0)
        return JB_E_AGAIN;
    return JB_OK;
}

static jb_rc pair_read(void *handle, const struct jb_sensor_env *env, unsigned long long *ret_raw)
{
    const struct pair *const pair = handle;
    int64_t voltage_mv;
    int64_t current_ma;
    jb_rc rc = read_signed(env->os, pair->voltage_mv, &voltage_mv);

    if (rc == JB_OK)
        rc = read_signed(env->os, pair->current_ma, &current_ma);
    if (rc < 0)
        return rc;
    if (voltage_mv < 0 || voltage_mv > INT32_MAX || current_ma > INT32_MAX)
        return JB_E_AGAIN;
    /* The shunt's offset shows a rail at rest a little below nothing. */
    *ret_raw = current_ma > 0 ? (unsigned long long)(voltage_mv * current_ma) : 0;
    return JB_OK;
}

static const struct rail *find_rail(const char *label)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(rails); i++)
        if (strcmp(rails[i].label, label) == 0)
            return &rails[i];
    return NULL;
}

static void describe(const struct sensor_chip *chip, const char *label, struct jb_channel *ret)
{
    const struct rail *const rail = find_rail(label);

    *ret = (struct jb_channel){
        .driver = "hwmon",
        .scope = rail ? rail->scope : JB_SCOPE_OTHER,
        .device = rail ? rail->device : JB_DEVICE_OTHER,
        .semantics = JB_SEMANTICS_GAUGE,
        .origin = JB_ORIGIN_GAUGE,
        .role = rail ? JB_ROLE_POST : JB_ROLE_CHECK,
        .unit_num = 1,
        .unit_den = 1,
        .max_power_uw = RAIL_MAX_UW,
        .accuracy_ppm = RAIL_PPM,
        .correlation = "hwmon:ina3221",
    };
    if (rail) {
        (void)snprintf(ret->id, sizeof ret->id, "jetson/%s", rail->label);
        (void)snprintf(ret->label, sizeof ret->label, "supply %s", rail->label);
        if (rail->parent)
            (void)snprintf(ret->parent, sizeof ret->parent, "jetson/%s", rail->parent);
    } else {
        (void)snprintf(ret->id, sizeof ret->id, "hwmon/ina3221-%.30s/%.40s", chip->place, label);
        (void)snprintf(ret->label, sizeof ret->label, "supply %.40s: what it overlaps is unknown",
                       label);
    }
}

static jb_rc add_rail(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                      const struct sensor_chip *chip, int k, const char *label,
                      struct jb_error *err)
{
    char voltage[SENSOR_NAME_MAX];
    char current[SENSOR_NAME_MAX];
    struct jb_channel channel;
    unsigned long long raw;
    struct pair *const pair = calloc(1, sizeof *pair);

    describe(chip, label, &channel);
    if (sensor__find(set, channel.id)) {
        free(pair);
        return jb_sensor_refuse(set, "hwmon", channel.id, "a second supply has the same label",
                                "nothing to do: the first one is read", err);
    }
    if (!pair)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for channel '%s'", channel.id);
    (void)snprintf(voltage, sizeof voltage, "in%d_input", k);
    (void)snprintf(current, sizeof current, "curr%d_input", k);
    pair->voltage_mv = sensor__open(env->os, chip->attributes, voltage);
    pair->current_ma = sensor__open(env->os, chip->attributes, current);
    int failed = pair->voltage_mv < 0 ? pair->voltage_mv : pair->current_ma;
    if (failed >= 0)
        failed = pair_read(pair, env, &raw) < 0 ? -EIO : 0;
    if (failed < 0) {
        pair_close(pair, env);
        return sensor__refuse_file(set, "hwmon", channel.id, failed, err);
    }
    return jb_sensor_add(set, &channel, pair, pair_read, pair_close, err);
}

jb_rc sensor__add_jetson(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                         const struct sensor_chip *chip, bool *ret_is_mine, struct jb_error *err)
{
    *ret_is_mine = strcmp(chip->name, "ina3221") == 0;
    for (int k = 1; k <= N_CHANNELS && *ret_is_mine; k++) {
        char file[SENSOR_NAME_MAX];
        char label[SENSOR_NAME_MAX];
        (void)snprintf(file, sizeof file, "in%d_label", k);
        /* "NC": not connected */
        if (sensor__text(env->os, chip->attributes, file, label, sizeof label) <= 0 ||
            strcmp(label, "NC") == 0)
            continue;
        const jb_rc rc = add_rail(env, set, chip, k, label, err);
        if (rc < 0)
            return rc;
    }
    return JB_OK;
}
