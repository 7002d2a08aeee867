/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cray's pm_counters: joules of the node, its processors, its memory and each accelerator, renewed ten times a second.
 * All channels show one scan of the blade controller: the files are read between two equal readings of `freshness`.
 * Must never show the same part twice: where the processor's own counters are read, Cray's only check. R-SENSOR-92.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "sensor/node_answer.h"
#include "sensor/sensor.h"
#include "sensor/sensor_int.h"

#define FOLDER    "/sys/cray/pm_counters"
#define UPDATE_NS (100 * JB_NS_PER_MS)
#define STUCK_NS  (2 * JB_NS_PER_S)
#define FILES_MAX 12
#define TEXT_MAX  96
#define TRIES     3
#define PARTS_PPM 50000
#define NODE_ID   "node/cray"

static const struct part {
    const char *file;
    const char *id;
    const char *label;
    enum jb_scope scope;
    enum jb_device device;
    int64_t max_power_uw;
} parts[] = {
    {"energy", NODE_ID, "node, by its blade controller", JB_SCOPE_NODE, JB_DEVICE_NODE,
     20000 * SENSOR_W},
    {"cpu_energy", NODE_ID "/cpu", "processors, by the blade controller", JB_SCOPE_PACKAGE,
     JB_DEVICE_CPU, 4000 * SENSOR_W},
    {"memory_energy", NODE_ID "/memory", "memory, by the blade controller", JB_SCOPE_DRAM,
     JB_DEVICE_DRAM, 2000 * SENSOR_W},
    {"accel0_energy", NODE_ID "/accel0", "accelerator 0, by the blade controller", JB_SCOPE_GPU,
     JB_DEVICE_GPU, 3000 * SENSOR_W},
    {"accel1_energy", NODE_ID "/accel1", "accelerator 1, by the blade controller", JB_SCOPE_GPU,
     JB_DEVICE_GPU, 3000 * SENSOR_W},
    {"accel2_energy", NODE_ID "/accel2", "accelerator 2, by the blade controller", JB_SCOPE_GPU,
     JB_DEVICE_GPU, 3000 * SENSOR_W},
    {"accel3_energy", NODE_ID "/accel3", "accelerator 3, by the blade controller", JB_SCOPE_GPU,
     JB_DEVICE_GPU, 3000 * SENSOR_W},
    {"accel4_energy", NODE_ID "/accel4", "accelerator 4, by the blade controller", JB_SCOPE_GPU,
     JB_DEVICE_GPU, 3000 * SENSOR_W},
    {"accel5_energy", NODE_ID "/accel5", "accelerator 5, by the blade controller", JB_SCOPE_GPU,
     JB_DEVICE_GPU, 3000 * SENSOR_W},
    {"accel6_energy", NODE_ID "/accel6", "accelerator 6, by the blade controller", JB_SCOPE_GPU,
     JB_DEVICE_GPU, 3000 * SENSOR_W},
    {"accel7_energy", NODE_ID "/accel7", "accelerator 7, by the blade controller", JB_SCOPE_GPU,
     JB_DEVICE_GPU, 3000 * SENSOR_W},
};

/* One scan, shared by the channels. */
struct scan {
    size_t n_users;
    int freshness; /* handles */
    int files[FILES_MAX];
    size_t n_files;
    bool has_values;
    uint64_t fresh; /* the counter of scans that the values belong to */
    int64_t fresh_ns;
    jb_rc failures[FILES_MAX];
    uint64_t values[FILES_MAX];
};

struct handle {
    struct scan *scan;
    size_t file;
};

static void unref_scan(struct scan *scan, const struct jb_os *os)
{
    if (--scan->n_users > 0)
        return;
    if (scan->freshness >= 0)
        os->close(os->context, scan->freshness);
    for (size_t i = 0; i < scan->n_files; i++)
        os->close(os->context, scan->files[i]);
    free(scan);
}

static void close_channel(void *handle, const struct jb_sensor_env *env)
{
    struct handle *const mine = handle;

    unref_scan(mine->scan, env->os);
    free(mine);
}

/* Every value of one scan, as far as it can be read. */
static void read_values(struct scan *scan, const struct jb_os *os)
{
    char text[TEXT_MAX];

    for (size_t i = 0; i < scan->n_files; i++) {
        const ssize_t len = os->pread(os->context, scan->files[i], text, sizeof text, 0);
        scan->failures[i] = len < 0 ? sensor__rc_of_read(len)
                                    : cray__parse(text, (size_t)len, "J", &scan->values[i]);
    }
}

/* The present scan: read anew only where there is another; between two scans, tried again. */
static jb_rc refresh(struct scan *scan, const struct jb_sensor_env *env)
{
    const struct jb_os *const os = env->os;
    const int64_t now_ns = jb_mono_ns(env->clock);
    uint64_t before;
    uint64_t after;

    jb_rc rc = sensor__read_count(os, scan->freshness, &before);
    if (rc < 0)
        return rc;
    if (scan->has_values && before == scan->fresh)
        /* A controller that stopped scanning shows its last count for ever: no news is not no power. */
        return now_ns - scan->fresh_ns > STUCK_NS ? JB_E_AGAIN : JB_OK;
    for (int i = 0; i < TRIES; i++) {
        read_values(scan, os);
        rc = sensor__read_count(os, scan->freshness, &after);
        if (rc < 0)
            break;
        if (after == before) {
            scan->has_values = true;
            scan->fresh = after;
            scan->fresh_ns = now_ns;
            return JB_OK;
        }
        before = after;
    }
    scan->has_values = false;
    return rc < 0 ? rc : JB_E_AGAIN;
}

static jb_rc read_channel(void *handle, const struct jb_sensor_env *env,
                          unsigned long long *ret_raw)
{
    const struct handle *const mine = handle;
    const jb_rc rc = refresh(mine->scan, env);

    if (rc < 0)
        return rc;
    if (mine->scan->failures[mine->file] < 0)
        return mine->scan->failures[mine->file];
    *ret_raw = mine->scan->values[mine->file];
    return JB_OK;
}

/* R-TREE-02: whether a meter of the part itself was found before. */
static bool is_read_already(const struct jb_sensor_set *set, enum jb_scope scope)
{
    for (size_t i = 0; i < jb_sensor_n_channels(set); i++) {
        const struct jb_channel *const channel = jb_sensor_channel(set, i);
        if (channel->scope == scope && channel->role == JB_ROLE_POST &&
            strcmp(channel->driver, "cray") != 0)
            return true;
    }
    return false;
}

static jb_rc add_part(struct jb_sensor_set *set, const struct part *part, struct scan *scan,
                      struct jb_error *err)
{
    struct jb_channel channel = {
        .driver = "cray",
        .correlation = "cray",
        .scope = part->scope,
        .device = part->device,
        .semantics = JB_SEMANTICS_COUNTER,
        .origin = JB_ORIGIN_COUNTER,
        .role = JB_ROLE_POST,
        .unit_num = 1000000,
        .unit_den = 1,
        .quantum_uj = 1000000,
        .update_ns = UPDATE_NS,
        .max_power_uw = part->max_power_uw,
        .accuracy_ppm = PARTS_PPM,
    };
    struct handle *const handle = malloc(sizeof *handle);

    if (!handle)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for '%s'", part->id);
    *handle = (struct handle){scan, scan->n_files - 1};
    scan->n_users++;
    (void)snprintf(channel.id, sizeof channel.id, "%s", part->id);
    (void)snprintf(channel.label, sizeof channel.label, "%s", part->label);
    if (part->scope != JB_SCOPE_NODE) {
        (void)snprintf(channel.parent, sizeof channel.parent, "%s", NODE_ID);
        if (is_read_already(set, part->scope))
            channel.role = JB_ROLE_CHECK;
    }
    return jb_sensor_add(set, &channel, handle, read_channel, close_channel, err);
}

static jb_rc add_parts(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                       struct scan *scan, struct jb_error *err)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(parts); i++) {
        char text[TEXT_MAX];
        uint64_t value;
        const int handle = sensor__open(env->os, FOLDER, parts[i].file);
        if (handle == -ENOENT)
            continue;
        const ssize_t len =
            handle < 0 ? handle : env->os->pread(env->os->context, handle, text, sizeof text, 0);
        if (len < 0 || cray__parse(text, (size_t)len, "J", &value) < 0) {
            if (handle >= 0)
                env->os->close(env->os->context, handle);
            const jb_rc rc =
                sensor__refuse_file(set, "cray", parts[i].id, len < 0 ? (int)len : -EBADMSG, err);
            if (rc < 0)
                return rc;
            continue;
        }
        scan->files[scan->n_files++] = handle;
        const jb_rc rc = add_part(set, &parts[i], scan, err);
        if (rc < 0)
            return rc;
    }
    return JB_OK;
}

static jb_rc cray_probe(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                        struct jb_error *err)
{
    const int freshness = sensor__open(env->os, FOLDER, "freshness");

    if (freshness == -ENOENT || freshness == -ENOTDIR)
        return JB_OK;
    if (freshness < 0)
        return sensor__refuse_file(set, "cray", NODE_ID, freshness, err);
    struct scan *const scan = calloc(1, sizeof *scan);
    if (!scan) {
        env->os->close(env->os->context, freshness);
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for Cray's counters");
    }
    scan->n_users = 1;
    scan->freshness = freshness;
    const jb_rc rc = add_parts(env, set, scan, err);
    unref_scan(scan, env->os);
    return rc;
}

const struct jb_sensor_driver jb_sensor_cray = {
    .name = "cray",
    .summary = "Cray's pm_counters: node, processors, memory, accelerators",
    .probe = cray_probe,
};
