/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NVIDIA Grace: ACPI power meters that name their part in power1_oem_info, "Module Power Socket 0". The module holds
 * Grace, Grace holds CPU and SysIO; what they leave over is memory and losses. Averages over power1_average_interval,
 * no counter. Rules R-SENSOR-34, R-TREE-06.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "sensor/sensor_int.h"

#define MODULE_MAX_UW (3000 * SENSOR_W)
#define SOCKET_MAX_UW (1000 * SENSOR_W)
#define GRACE_PPM     50000

static const struct part {
    const char *prefix; /* of the firmware's text, before the socket's number */
    const char *name;
    const char *parent; /* name of the part that holds it */
    const char *label;
    enum jb_scope scope;
    enum jb_device device;
    int64_t max_power_uw;
} parts[] = {
    {"Module Power Socket ", "module", NULL, "module (CPU, GPU, memory, losses) of socket",
     JB_SCOPE_MODULE, JB_DEVICE_NODE, MODULE_MAX_UW},
    {"Grace Power Socket ", "grace", "module", "Grace (CPU, SysIO, memory) of socket",
     JB_SCOPE_MODULE, JB_DEVICE_CPU, SOCKET_MAX_UW},
    {"CPU Power Socket ", "cpu", "grace", "CPU of socket", JB_SCOPE_PACKAGE, JB_DEVICE_CPU,
     SOCKET_MAX_UW},
    {"SysIO Power Socket ", "sysio", "grace", "SysIO of socket", JB_SCOPE_RAIL, JB_DEVICE_CPU,
     SOCKET_MAX_UW},
};

static const struct part *find_part(const char *text, int64_t *ret_socket)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(parts); i++) {
        const size_t len = strlen(parts[i].prefix);
        if (strncmp(text, parts[i].prefix, len) == 0 &&
            jb_parse_i64(text + len, strlen(text + len), true, ret_socket) == JB_OK &&
            *ret_socket >= 0)
            return &parts[i];
    }
    return NULL;
}

jb_rc sensor__add_grace(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                        const struct sensor_chip *chip, bool *ret_is_mine, struct jb_error *err)
{
    char text[SENSOR_NAME_MAX];
    int64_t socket;

    *ret_is_mine = false;
    if (strcmp(chip->name, "power_meter") != 0 ||
        sensor__text(env->os, chip->attributes, "power1_oem_info", text, sizeof text) <= 0)
        return JB_OK;
    const struct part *const part = find_part(text, &socket);
    if (!part)
        return JB_OK;
    *ret_is_mine = true;
    struct jb_channel channel = {
        .scope = part->scope,
        .device = part->device,
        .role = JB_ROLE_POST,
        .max_power_uw = part->max_power_uw,
        .accuracy_ppm = GRACE_PPM,
    };
    (void)snprintf(channel.id, sizeof channel.id, "grace/socket-%" PRId64 "/%s", socket,
                   part->name);
    if (part->parent)
        (void)snprintf(channel.parent, sizeof channel.parent, "grace/socket-%" PRId64 "/%s", socket,
                       part->parent);
    (void)snprintf(channel.label, sizeof channel.label, "%s %" PRId64, part->label, socket);
    return sensor__add_gauge(env, set, chip, "power1_average", &channel, err);
}
