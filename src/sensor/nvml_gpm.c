/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How busy an instance of a board in slices is: performance counters of Hopper and later, as the mean between two samples.
 * Every failure means that it is unknown, and presence has to do. Rule R-SENSOR-66.
 */
#include "sensor/sensor_nvml_int.h"

#define PERCENT_PPM 10000.0

void nvml__gpm_init(struct nvml_board *board)
{
    for (uint32_t i = 0; i < board->n_migs_max; i++) {
        struct nvml_gpm *const gpm = &board->gpm[i];
        gpm->latest = -1;
        for (int k = 0; k < 2; k++)
            if (NVML_CALL(board->nvml, gpm_alloc, &gpm->samples[k]) != NVML_OK)
                gpm->samples[k] = NULL;
    }
}

void nvml__gpm_release(struct nvml_board *board)
{
    for (uint32_t i = 0; i < board->n_migs_max; i++)
        for (int k = 0; k < 2; k++) {
            if (board->nvml && board->gpm[i].samples[k])
                (void)NVML_CALL(board->nvml, gpm_free, board->gpm[i].samples[k]);
            board->gpm[i].samples[k] = NULL;
        }
}

int64_t nvml__gpm_busy_ppm(struct nvml_board *board, uint32_t i, nvml_device instance)
{
    struct nvml_gpm *const gpm = &board->gpm[i];
    const int before = gpm->latest;
    const int now = before == 0 ? 1 : 0;
    uint32_t id = 0;

    if (!gpm->samples[0] || !gpm->samples[1] ||
        NVML_CALL(board->nvml, gpu_instance, instance, &id) != NVML_OK ||
        NVML_CALL(board->nvml, gpm_instance_sample, board->device, id, gpm->samples[now]) !=
            NVML_OK) {
        gpm->latest = -1;
        return -1;
    }
    const bool is_same = before >= 0 && gpm->gpu_instance == id;
    gpm->latest = now;
    gpm->gpu_instance = id;
    if (!is_same)
        return -1;
    struct nvml_gpm_metrics metrics = {.version = NVML_GPM_VERSION,
                                       .n_metrics = 1,
                                       .earlier = gpm->samples[before],
                                       .later = gpm->samples[now],
                                       .metrics = {{.id = NVML_GPM_SM_UTIL, .rc = NVML_UNKNOWN}}};
    if (NVML_CALL(board->nvml, gpm_metrics, &metrics) != NVML_OK ||
        metrics.metrics[0].rc != NVML_OK)
        return -1;
    /* Written so that what is no number is unknown too. */
    const double percent = metrics.metrics[0].value;
    return percent >= 0 && percent <= 100 ? (int64_t)(percent * PERCENT_PPM) : -1;
}
