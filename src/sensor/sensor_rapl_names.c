/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a RAPL domain is called and how far it can be trusted, the same for both kernel paths, so that either path
 * gives the same id. Rules R-SENSOR-10, R-SENSOR-11; the figures' sources are in docs/method/sensors.md.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "sensor/sensor_int.h"

#define PACKAGE_MAX_UW (1000 * SENSOR_W)
#define DRAM_MAX_UW    (500 * SENSOR_W)
#define PSYS_MAX_UW    (4000 * SENSOR_W)

#define MEASURED_PPM 30000  /* Intel from Haswell on: measured at the voltage regulator */
#define MODELLED_PPM 100000 /* AMD, and Intel before Haswell: the processor's own activity model */
#define DRAM_PPM     100000 /* a roughly constant offset, worst when idle */
#define PSYS_PPM     200000 /* what the board's maker made of it */

/* Sandy Bridge and Ivy Bridge: family 6, the models whose RAPL is computed from activity. */
static bool is_before_haswell(const struct sensor_cpu *cpu)
{
    return cpu->family == 6 &&
           (cpu->model == 42 || cpu->model == 45 || cpu->model == 58 || cpu->model == 62);
}

static void name_parts(enum sensor_rapl_domain domain, const char *package_id,
                       const char *package_label, int64_t package, struct jb_channel *ret)
{
    switch (domain) {
    case SENSOR_RAPL_PACKAGE:
        (void)snprintf(ret->id, sizeof ret->id, "%s", package_id);
        (void)snprintf(ret->label, sizeof ret->label, "CPU %s", package_label);
        return;
    case SENSOR_RAPL_CORE:
        (void)snprintf(ret->id, sizeof ret->id, "%s/core", package_id);
        (void)snprintf(ret->label, sizeof ret->label, "cores of %s", package_label);
        break;
    case SENSOR_RAPL_UNCORE:
        (void)snprintf(ret->id, sizeof ret->id, "%s/uncore", package_id);
        (void)snprintf(ret->label, sizeof ret->label, "integrated graphics of %s", package_label);
        break;
    case SENSOR_RAPL_DRAM:
        /* R-TREE-01: a child in sysfs, but its energy is not in the package's: no parent here. */
        (void)snprintf(ret->id, sizeof ret->id, "%s/dram", package_id);
        (void)snprintf(ret->label, sizeof ret->label, "memory of %s", package_label);
        return;
    case SENSOR_RAPL_PSYS:
        if (package > 0)
            (void)snprintf(ret->id, sizeof ret->id, "rapl/psys-%" PRId64, package);
        else
            (void)snprintf(ret->id, sizeof ret->id, "rapl/psys");
        (void)snprintf(ret->label, sizeof ret->label, "platform of package %" PRId64 " (psys)",
                       package);
        return;
    }
    (void)snprintf(ret->parent, sizeof ret->parent, "%s", package_id);
}

void sensor__rapl_describe(const struct sensor_cpu *cpu, enum sensor_rapl_domain domain,
                           int64_t package, int64_t die, struct jb_channel *ret)
{
    static const enum jb_scope scopes[] = {
        [SENSOR_RAPL_PACKAGE] = JB_SCOPE_PACKAGE, [SENSOR_RAPL_CORE] = JB_SCOPE_CORE,
        [SENSOR_RAPL_UNCORE] = JB_SCOPE_UNCORE,   [SENSOR_RAPL_DRAM] = JB_SCOPE_DRAM,
        [SENSOR_RAPL_PSYS] = JB_SCOPE_PSYS,
    };
    static const int64_t max_power_uw[] = {
        [SENSOR_RAPL_PACKAGE] = PACKAGE_MAX_UW, [SENSOR_RAPL_CORE] = PACKAGE_MAX_UW,
        [SENSOR_RAPL_UNCORE] = PACKAGE_MAX_UW,  [SENSOR_RAPL_DRAM] = DRAM_MAX_UW,
        [SENSOR_RAPL_PSYS] = PSYS_MAX_UW,
    };
    char package_id[48];
    char package_label[48];

    if (die == SENSOR_DIE_NONE) {
        (void)snprintf(package_id, sizeof package_id, "rapl/package-%" PRId64, package);
        (void)snprintf(package_label, sizeof package_label, "package %" PRId64, package);
    } else {
        (void)snprintf(package_id, sizeof package_id, "rapl/package-%" PRId64 "-die-%" PRId64,
                       package, die);
        (void)snprintf(package_label, sizeof package_label, "package %" PRId64 " die %" PRId64,
                       package, die);
    }
    *ret = (struct jb_channel){
        .scope = scopes[domain],
        .device = domain == SENSOR_RAPL_DRAM   ? JB_DEVICE_DRAM
                  : domain == SENSOR_RAPL_PSYS ? JB_DEVICE_NODE
                                               : JB_DEVICE_CPU,
        .semantics = JB_SEMANTICS_COUNTER,
        .origin = JB_ORIGIN_COUNTER,
        .role = JB_ROLE_POST,
        .update_ns = JB_NS_PER_MS,
        .max_power_uw = max_power_uw[domain],
        .accuracy_ppm = domain == SENSOR_RAPL_DRAM              ? DRAM_PPM
                        : domain == SENSOR_RAPL_PSYS            ? PSYS_PPM
                        : cpu->is_amd || is_before_haswell(cpu) ? MODELLED_PPM
                                                                : MEASURED_PPM,
        .correlation = "rapl",
    };
    name_parts(domain, package_id, package_label, package, ret);
}
