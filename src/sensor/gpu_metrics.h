/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table that amdgpu shows as gpu_metrics: what of it tells energy. The layouts are the kernel's own
 * (drivers/gpu/drm/amd/include/kgd_pp_interface.h), by format and content revision of the header. Rule R-SENSOR-70.
 */
#ifndef JB_SENSOR_GPU_METRICS_H
#define JB_SENSOR_GPU_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define GPU_METRICS_MAX 4096 /* one page: sysfs shows no more of an attribute */

/* uJ = energy * 15625 / 1024: the accumulator's unit is 2^-16 J, 15.2588 uJ (not the 15.3 of AMD's libraries). */
#define GPU_METRICS_UNIT_NUM 15625
#define GPU_METRICS_UNIT_DEN 1024

struct gpu_metrics {
    uint8_t format; /* 1: boards; 2, 3: processors with graphics, which show no energy */
    uint8_t content;
    bool is_known;   /* we know where the fields of this revision lie */
    bool has_energy; /* false: not in the table, or all ones (not supported) */
    bool has_power;
    bool has_clock;
    uint64_t energy;   /* accumulator */
    uint16_t power_w;  /* of the socket, now or averaged */
    uint64_t clock_ns; /* when the driver filled the table, by its own clock */
};

/* A table shorter than its header says, or without one, is torn: JB_E_INPUT, *ret untouched. A revision we do not know
 * is JB_OK with is_known false. */
JB_MUST_USE jb_rc gpu_metrics__parse(const void *bytes, size_t len, struct gpu_metrics *ret);

/* R-SENSOR-70: whether the kernel says that this revision's accumulator counts 2^-16 J in 64 bits. */
bool gpu_metrics__is_unit_stated(const struct gpu_metrics *metrics, uint16_t pci_device);

#endif
