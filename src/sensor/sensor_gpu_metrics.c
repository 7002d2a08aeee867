/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AMD boards by the energy accumulator of amdgpu's gpu_metrics, which anybody may read. The count is taken as it stands,
 * in units of 2^-16 J; where the kernel does not say that this is its unit, it is left alone and the board's gauge
 * (hwmon) stands. Rules R-SENSOR-70, R-SENSOR-72.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "sensor/gpu_metrics.h"
#include "sensor/sensor.h"
#include "sensor/sensor_int.h"

#define DRIVER        "gpu-metrics"
#define FILE_NAME     "gpu_metrics"
#define BOARD_MAX_UW  (2000 * SENSOR_W)
#define BOARD_PPM     50000
#define BOARD_STEP_NS (10 * JB_NS_PER_MS) /* assumed: nobody states the firmware's own step */
#define MI200_FIRST   0x7408
#define MI200_LAST    0x7410
#define MI300A        0x74a0
#define LAST_KNOWN    9 /* content revision of format 1 */

static jb_rc read_table(const struct jb_os *os, int handle, struct gpu_metrics *ret)
{
    uint8_t bytes[GPU_METRICS_MAX];
    const ssize_t n = os->pread(os->context, handle, bytes, sizeof bytes, 0);

    /* amdgpu answers EPERM while the board is being reset; whoever could open the file may read it. */
    if (n == -EPERM)
        return JB_E_AGAIN;
    if (n < 0)
        return sensor__rc_of_read(n);
    return gpu_metrics__parse(bytes, (size_t)n, ret) < 0 ? JB_E_AGAIN : JB_OK;
}

static int folder_of(const struct drm_board *board, char *buf, size_t size)
{
    const int len = snprintf(buf, size, "/sys/class/drm/%s/device", board->card);

    return len > 0 && (size_t)len < size ? 0 : -ENAMETOOLONG;
}

bool sensor__amd_is_mi200(const struct drm_board *board)
{
    return board->device >= MI200_FIRST && board->device <= MI200_LAST;
}

/* R-SENSOR-72 */
static enum sensor_amd_meter judge(const struct gpu_metrics *metrics, const struct drm_board *board)
{
    if (!metrics->is_known && metrics->format == 1 && metrics->content > LAST_KNOWN)
        return SENSOR_AMD_UNREAD;
    if (!metrics->has_energy || !gpu_metrics__is_unit_stated(metrics, board->device))
        return SENSOR_AMD_NONE;
    if (sensor__amd_is_mi200(board) && metrics->energy == 0 &&
        (!metrics->has_power || metrics->power_w == 0))
        return SENSOR_AMD_OTHER_DIE;
    return board->device == MI300A ? SENSOR_AMD_PROCESSOR : SENSOR_AMD_COUNTER;
}

int sensor__amd_meter(const struct jb_os *os, const struct drm_board *board,
                      enum sensor_amd_meter *ret)
{
    char folder[SENSOR_PATH_MAX];
    struct gpu_metrics metrics;
    jb_rc rc = JB_E_AGAIN;
    int handle = folder_of(board, folder, sizeof folder);

    *ret = SENSOR_AMD_NONE;
    if (handle == 0)
        handle = sensor__open(os, folder, FILE_NAME);
    if (handle < 0)
        return handle;
    for (int i = 0; i < 3 && rc < 0; i++)
        rc = read_table(os, handle, &metrics);
    os->close(os->context, handle);
    if (rc < 0)
        return rc == JB_E_PERMISSION ? -EACCES : rc == JB_E_GONE ? -ENODEV : -EIO;
    *ret = judge(&metrics, board);
    return 0;
}

static jb_rc metrics_read(void *handle, const struct jb_sensor_env *env,
                          unsigned long long *ret_raw)
{
    struct sensor_file *const file = handle;
    struct gpu_metrics metrics;
    bool is_new = false;
    jb_rc rc = read_table(env->os, file->handle, &metrics);

    if (rc == JB_OK && metrics.energy == file->last_raw) {
        rc = sensor__file_follow(file, env, &is_new);
        if (rc == JB_OK && is_new)
            rc = read_table(env->os, file->handle, &metrics);
    }
    if (rc < 0)
        return rc;
    if (!metrics.has_energy)
        return JB_E_AGAIN;
    file->last_raw = metrics.energy;
    *ret_raw = metrics.energy;
    return JB_OK;
}

void sensor__amd_describe(const struct drm_board *board, const char *driver, struct jb_channel *ret)
{
    const bool is_processor = board->device == MI300A;
    struct jb_channel channel = {
        .scope = is_processor ? JB_SCOPE_OTHER : JB_SCOPE_GPU,
        .device = is_processor ? JB_DEVICE_OTHER : JB_DEVICE_GPU,
        .role = is_processor ? JB_ROLE_CHECK : JB_ROLE_POST,
        .semantics = JB_SEMANTICS_COUNTER,
        .origin = JB_ORIGIN_COUNTER,
        .unit_num = GPU_METRICS_UNIT_NUM,
        .unit_den = GPU_METRICS_UNIT_DEN,
        .quantum_uj = (GPU_METRICS_UNIT_NUM + GPU_METRICS_UNIT_DEN - 1) / GPU_METRICS_UNIT_DEN,
        .update_ns = BOARD_STEP_NS,
        .max_power_uw = BOARD_MAX_UW,
        .accuracy_ppm = BOARD_PPM,
        .board = board->place,
    };

    (void)snprintf(channel.driver, sizeof channel.driver, "%s", driver);
    (void)snprintf(channel.id, sizeof channel.id, "gpu/%s", board->pci);
    (void)snprintf(channel.pci, sizeof channel.pci, "%s", board->pci);
    (void)snprintf(channel.uuid, sizeof channel.uuid, "%s", board->uuid);
    (void)snprintf(channel.label, sizeof channel.label,
                   is_processor ? "processor with graphics %s" : "GPU %s (amdgpu)", board->pci);
    (void)snprintf(channel.correlation, sizeof channel.correlation, "hwmon:amdgpu");
    *ret = channel;
}

static bool has_package(const struct jb_sensor_set *set)
{
    for (size_t i = 0; i < jb_sensor_n_channels(set); i++)
        if (jb_sensor_channel(set, i)->scope == JB_SCOPE_PACKAGE)
            return true;
    return false;
}

static jb_rc add_board(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                       const struct drm_board *board, struct jb_error *err)
{
    struct jb_channel channel;
    char folder[SENSOR_PATH_MAX];

    sensor__amd_describe(board, DRIVER, &channel);
    /* R-SENSOR-72: where nothing else measures its cores, a processor with graphics is a module, and nothing overlaps. */
    if (channel.role == JB_ROLE_CHECK && !has_package(set)) {
        channel.scope = JB_SCOPE_MODULE;
        channel.device = JB_DEVICE_GPU;
        channel.role = JB_ROLE_POST;
    }
    if (sensor__find(set, channel.id))
        return JB_OK; /* two cards on one device: the first one's table is the device's */
    struct sensor_file *const file = calloc(1, sizeof *file);
    if (!file)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for channel '%s'", channel.id);
    file->is_counter = true;
    file->handle = folder_of(board, folder, sizeof folder);
    if (file->handle == 0)
        file->handle = sensor__path(file->path, sizeof file->path, folder, FILE_NAME)
                           ? env->os->open_read(env->os->context, file->path)
                           : -ENAMETOOLONG;
    if (file->handle < 0) {
        const int failed = file->handle;
        free(file);
        return sensor__refuse_file(set, DRIVER, channel.id, failed, err);
    }
    const jb_rc rc = jb_sensor_add(set, &channel, file, metrics_read, sensor__file_close, err);
    if (rc < 0 || !sensor__find(set, channel.id))
        return rc;
    return sensor__watch_board(env, set, channel.id, sensor__file_use, &file->users, err);
}

/* R-SENSOR-05: what keeps a board's counter from being read. The kernel before gpu_metrics simply has none. */
static jb_rc refuse_board(struct jb_sensor_set *set, const struct drm_board *board, int failed,
                          struct jb_error *err)
{
    char what[SENSOR_NAME_MAX];

    (void)snprintf(what, sizeof what, "gpu/%s", board->pci);
    if (failed == -ENOENT)
        return JB_OK;
    return sensor__refuse_file(set, DRIVER, what, failed, err);
}

static jb_rc metrics_probe(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                           struct jb_error *err)
{
    struct drm_board boards[DRM_BOARDS_MAX];
    const size_t n = drm__boards(env->os, boards);
    enum sensor_amd_meter meter;

    for (size_t i = 0; i < n; i++) {
        jb_rc rc = JB_OK;
        if (boards[i].vendor != DRM_VENDOR_AMD)
            continue;
        const int failed = sensor__amd_meter(env->os, &boards[i], &meter);
        if (failed < 0)
            rc = refuse_board(set, &boards[i], failed, err);
        else if (meter == SENSOR_AMD_COUNTER || meter == SENSOR_AMD_PROCESSOR)
            rc = add_board(env, set, &boards[i], err);
        else if (meter == SENSOR_AMD_OTHER_DIE)
            rc = jb_sensor_refuse(set, DRIVER, boards[i].pci,
                                  "the other die of its module counts the energy of both",
                                  "nothing to do: the module is counted once, with that die", err);
        if (rc < 0)
            return rc;
    }
    return JB_OK;
}

const struct jb_sensor_driver jb_sensor_gpu_metrics = {
    .name = DRIVER,
    .summary = "energy counters of AMD Instinct boards in amdgpu's gpu_metrics",
    .probe = metrics_probe,
};
