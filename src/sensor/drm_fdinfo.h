/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /proc/PID/fdinfo/FD of an open DRM device: which client it is, how long its work kept the board's compute engines
 * busy, how much of the board's memory it holds. Keys as in the kernel's Documentation/gpu/drm-usage-stats.rst; of the
 * engines only those that share the compute units are kept (copy and video engines are not). Rule R-SENSOR-73.
 */
#ifndef JB_SENSOR_DRM_FDINFO_H
#define JB_SENSOR_DRM_FDINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define DRM_FDINFO_MAX 16384 /* beyond it a text is none of the kernel's */
#define DRM_ENGINES_MAX \
    2 /* compute engines by name: "gfx" and "compute", "render" and "compute", "rcs" and "ccs" */

struct drm_engine {
    bool has_busy;
    uint64_t busy; /* ns, or cycles where the driver counts those */
    bool has_total;
    uint64_t
        total_cycles; /* of the clock that the cycles are of; the engine's busy part is cycles / total */
    uint64_t capacity; /* engines under that name, > 0 */
};

struct drm_client {
    char driver[16];
    char pci[16]; /* "" where it does not say */
    bool has_id;
    uint64_t id;
    bool is_cycles; /* busy is in cycles, of total_cycles */
    struct drm_engine engines[DRM_ENGINES_MAX];
    int64_t memory_bytes; /* in the board's own memory; -1: the text names no such memory */
};

/* JB_E_INPUT where it is not the text of a DRM file of a driver we know; *ret untouched. */
JB_MUST_USE jb_rc drm_fdinfo__parse(const char *text, size_t len, struct drm_client *ret);

#endif
