/* SPDX-License-Identifier: Apache-2.0 */
/* What exporters call what they read. A metric stands here only if it is sure what it contains. R-PROM-01, R-PROM-02. */
#include <string.h>

#include "import/prometheus.h"

#define DCGM  "dcgm"
#define KEPL  "kepler"
#define NODE  "node-exporter"
#define IPMI  "ipmi"
#define WATT  INT64_C(1000000)
#define JOULE 6 /* decimals of a joule, or watt, to the millionth */
#define MJ    3 /* of a millijoule */

/* Systematic half-widths, as the sensors of the same meters have them (docs/method/sensors.md). */
#define GPU_PPM 50000
#define RAPL_PPM \
    100000 /* which processor it is, and so whether it measures or models, no label says */
#define NODE_PPM 50000

#define GPU_MAX   (5000 * WATT)
#define RAPL_MAX  (5000 * WATT)
#define WHOLE_MAX (40000 * WATT)
#define NODE_MAX  (100000 * WATT)

#define GPU_BY(...)                                                                           \
    .domain = "gpu", .scope = JB_SCOPE_GPU, .accuracy_ppm = GPU_PPM, .max_power_uw = GPU_MAX, \
    .ids = {__VA_ARGS__}
#define RAPL_OF(zone, of_scope)                                                                \
    .domain = "rapl/" zone, .scope = (of_scope), .accuracy_ppm = RAPL_PPM, .is_counter = true, \
    .decimals = JOULE
#define NODE_AS(name)                                                         \
    .domain = "node/" name, .scope = JB_SCOPE_NODE, .accuracy_ppm = NODE_PPM, \
    .max_power_uw = NODE_MAX, .decimals = JOULE

/* Kepler from 0.10 on: a series a zone; where a zone has several paths they are its sockets. */
#define KEPLER_ZONE(zone, of_scope, ...)                                                        \
    {                                                                                           \
        .preset = KEPL, .name = "kepler_node_cpu_joules_total", .label = "zone", .value = zone, \
        RAPL_OF(zone, of_scope), .parts = {"path"}, .is_whole = true, .rank = 2,                \
        .max_power_uw = WHOLE_MAX, __VA_ARGS__                                                  \
    }
/* Kepler up to 0.9: what is attributed and what is idle in two series. */
#define KEPLER_OLD(zone, of_scope, ...)                                                       \
    {                                                                                         \
        .preset = KEPL, .name = "kepler_node_" zone "_joules_total", RAPL_OF(zone, of_scope), \
        .parts = {"mode", "package"}, .is_whole = true, .rank = 3, .max_power_uw = WHOLE_MAX, \
        __VA_ARGS__                                                                           \
    }
#define NODE_ZONE(zone, of_scope, ...)                                                      \
    {                                                                                       \
        .preset = NODE, .name = "node_rapl_" zone "_joules_total", RAPL_OF(zone, of_scope), \
        .ids = {"index"}, .is_numbered = true, .duplicate_label = "path",                   \
        .duplicate_value = "mmio", .rank = 1, .max_power_uw = RAPL_MAX, __VA_ARGS__         \
    }
/* What the boards of some makers call the power of the whole machine. */
#define IPMI_NODE(called, as)                                                                      \
    {                                                                                              \
        .preset = IPMI, .name = "ipmi_power_watts", .label = "name", .value = called, NODE_AS(as), \
        .rank = 2                                                                                  \
    }

const struct jb_prometheus_metric jb_prometheus_metrics[] = {
    {.preset = DCGM,
     .name = "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION",
     GPU_BY("UUID", "gpu"),
     .is_counter = true,
     .decimals = MJ,
     .rank = 1},
    {.preset = DCGM,
     .name = "DCGM_FI_DEV_POWER_USAGE",
     GPU_BY("UUID", "gpu"),
     .decimals = JOULE,
     .rank = 3},
    {.preset = DCGM,
     .name = "DCGM_FI_DEV_BOARD_POWER_WATTS",
     GPU_BY("UUID", "gpu"),
     .decimals = JOULE,
     .rank = 4},

    KEPLER_ZONE("package", JB_SCOPE_PACKAGE),
    KEPLER_ZONE("dram", JB_SCOPE_DRAM),
    KEPLER_ZONE("core", JB_SCOPE_CORE, .is_watched = true),
    KEPLER_ZONE("uncore", JB_SCOPE_UNCORE, .is_watched = true),
    KEPLER_ZONE("psys", JB_SCOPE_PSYS, .is_watched = true),
    KEPLER_OLD("package", JB_SCOPE_PACKAGE),
    KEPLER_OLD("dram", JB_SCOPE_DRAM),
    KEPLER_OLD("core", JB_SCOPE_CORE, .is_watched = true),
    KEPLER_OLD("uncore", JB_SCOPE_UNCORE, .is_watched = true),
    {.preset = KEPL,
     .name = "kepler_node_gpu_joules_total",
     GPU_BY("gpu_uuid", "gpu"),
     .parts = {"mode"},
     .is_counter = true,
     .decimals = JOULE,
     .rank = 2},
    {.preset = KEPL,
     .name = "kepler_node_platform_joules_total",
     .label = "source",
     .value = "acpi",
     NODE_AS("acpi"),
     .parts = {"mode"},
     .is_counter = true,
     .rank = 3},
    {.preset = KEPL,
     .name = "kepler_node_platform_joules_total",
     .label = "source",
     .value = "redfish",
     NODE_AS("redfish"),
     .parts = {"mode"},
     .is_counter = true,
     .rank = 2},

    NODE_ZONE("package", JB_SCOPE_PACKAGE),
    NODE_ZONE("dram", JB_SCOPE_DRAM),
    NODE_ZONE("core", JB_SCOPE_CORE, .is_watched = true),
    NODE_ZONE("uncore", JB_SCOPE_UNCORE, .is_watched = true),
    NODE_ZONE("psys", JB_SCOPE_PSYS, .is_watched = true),
    {.preset = NODE,
     .name = "node_hwmon_power_average_watt",
     .domain = "hwmon",
     .ids = {"chip"},
     .more = "sensor",
     .scope = JB_SCOPE_OTHER,
     .is_watched = true,
     .decimals = JOULE,
     .accuracy_ppm = RAPL_PPM,
     .max_power_uw = NODE_MAX,
     .rank = 1},
    {.preset = NODE,
     .name = "node_hwmon_power_watt",
     .domain = "hwmon",
     .ids = {"chip"},
     .more = "sensor",
     .scope = JB_SCOPE_OTHER,
     .is_watched = true,
     .decimals = JOULE,
     .accuracy_ppm = RAPL_PPM,
     .max_power_uw = NODE_MAX,
     .rank = 2},
    {.preset = NODE,
     .name = "node_hwmon_energy_joule_total",
     .domain = "hwmon",
     .ids = {"chip"},
     .more = "sensor",
     .scope = JB_SCOPE_OTHER,
     .is_watched = true,
     .is_counter = true,
     .decimals = JOULE,
     .accuracy_ppm = RAPL_PPM,
     .max_power_uw = NODE_MAX,
     .rank = 1},

    {.preset = IPMI, .name = "ipmi_dcmi_power_consumption_watts", NODE_AS("dcmi"), .rank = 1},
    IPMI_NODE("Pwr Consumption", "pwr-consumption"),
    IPMI_NODE("Power Meter", "power-meter"),
    IPMI_NODE("Sys Power", "sys-power"),
    IPMI_NODE("System Power", "system-power"),
    IPMI_NODE("Total Power", "total-power"),
    {.preset = IPMI,
     .name = "ipmi_power_watts",
     .domain = "ipmi",
     .ids = {"name"},
     .more = "id",
     .scope = JB_SCOPE_OTHER,
     .is_watched = true,
     .decimals = JOULE,
     .accuracy_ppm = NODE_PPM,
     .max_power_uw = NODE_MAX,
     .rank = 9},
    {0},
};

bool jb_prometheus_is_preset(const char *name)
{
    for (const struct jb_prometheus_metric *at = jb_prometheus_metrics; at->preset; at++)
        if (strcmp(at->preset, name) == 0)
            return true;
    return false;
}

static bool is_wanted(const struct jb_prometheus_wanted *wanted, const char *preset)
{
    for (size_t i = 0; i < wanted->n_presets; i++)
        if (strcmp(wanted->presets[i], preset) == 0)
            return true;
    return wanted->n_presets == 0;
}

void jb_prometheus_selector(const struct jb_prometheus_wanted *wanted, const char *match,
                            struct jb_buf *out)
{
    const struct jb_prometheus_metric *before = NULL;

    jb_buf_add_text(out, "{__name__=~\"");
    for (const struct jb_prometheus_metric *at = jb_prometheus_metrics; at->preset; at++) {
        if (!is_wanted(wanted, at->preset) || (before && strcmp(before->name, at->name) == 0))
            continue;
        jb_buf_addf(out, "%s%s", before ? "|" : "", at->name);
        before = at;
    }
    jb_buf_addf(out, "\"%s%s}", match[0] ? "," : "", match);
}
