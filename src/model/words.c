/* SPDX-License-Identifier: Apache-2.0 */
/* The words of the nouns, each list in one table. They stand in books and files and never change. */
#include <string.h>

#include "base/compiler.h"
#include "model/account.h"
#include "model/channel.h"
#include "model/entry.h"
#include "model/quantity.h"
#include "model/run.h"
#include "model/sample.h"
#include "model/share.h"

static const char *const scope_names[] = {
    [JB_SCOPE_FACILITY] = "facility", [JB_SCOPE_NODE] = "node",       [JB_SCOPE_PSYS] = "psys",
    [JB_SCOPE_MODULE] = "module",     [JB_SCOPE_PACKAGE] = "package", [JB_SCOPE_CORE] = "core",
    [JB_SCOPE_UNCORE] = "uncore",     [JB_SCOPE_DRAM] = "dram",       [JB_SCOPE_GPU] = "gpu",
    [JB_SCOPE_RAIL] = "rail",         [JB_SCOPE_BATTERY] = "battery", [JB_SCOPE_OTHER] = "other",
};

static const char *const device_names[] = {
    [JB_DEVICE_CPU] = "cpu",   [JB_DEVICE_DRAM] = "dram",   [JB_DEVICE_GPU] = "gpu",
    [JB_DEVICE_NODE] = "node", [JB_DEVICE_OTHER] = "other",
};

static const char *const semantics_names[] = {
    [JB_SEMANTICS_COUNTER] = "counter",
    [JB_SEMANTICS_GAUGE] = "gauge",
    [JB_SEMANTICS_GAUGE_AVERAGE] = "gauge-average",
    [JB_SEMANTICS_BUSY] = "busy-time",
    [JB_SEMANTICS_GAUGE_SINCE] = "gauge-since-last",
    [JB_SEMANTICS_TOLD] = "told",
};

static const char *const origin_names[] = {
    [JB_ORIGIN_COUNTER] = "counter",       [JB_ORIGIN_GAUGE] = "gauge",
    [JB_ORIGIN_CALIBRATED] = "calibrated", [JB_ORIGIN_MODELLED] = "modelled",
    [JB_ORIGIN_RATED] = "rated",           [JB_ORIGIN_BILLED] = "billed",
    [JB_ORIGIN_STATED] = "stated",
};

static const char *const role_names[] = {
    [JB_ROLE_POST] = "post",   [JB_ROLE_PARENT] = "parent",       [JB_ROLE_DETAIL] = "detail",
    [JB_ROLE_CHECK] = "check", [JB_ROLE_DUPLICATE] = "duplicate",
};

static const char *const gap_names[] = {
    [JB_GAP_NONE] = "none",
    [JB_GAP_RESET] = "counter reset",
    [JB_GAP_TOO_LONG] = "unread too long",
    [JB_GAP_TOO_MUCH] = "implausible",
    [JB_GAP_SUSPEND] = "suspend",
    [JB_GAP_GONE] = "device gone",
    [JB_GAP_UNREADABLE] = "unreadable",
    [JB_GAP_HANDOVER] = "handover",
    [JB_GAP_RANGE] = "range",
    [JB_GAP_STALE] = "stale gauge",
    [JB_GAP_SILENT] = "no answer",
};

static const char *const idle_source_names[] = {
    [JB_IDLE_UNKNOWN] = "unknown",    [JB_IDLE_CALIBRATED] = "calibrated",
    [JB_IDLE_QUIET] = "quiet window", [JB_IDLE_STATED] = "stated",
    [JB_IDLE_MODELLED] = "modelled",
};

static const char *const layer_names[] = {
    [JB_LAYER_MEASURED] = "measured",
    [JB_LAYER_RECONSTRUCTED] = "reconstructed",
    [JB_LAYER_PREDICTED] = "predicted",
};

static const char *const run_status_names[] = {
    [JB_RUN_OPEN] = "open",
    [JB_RUN_DONE] = "done",
    [JB_RUN_INTERRUPTED] = "interrupted",
    [JB_RUN_VOID] = "void",
    [JB_RUN_RECONCILED] = "reconciled",
};

static const char *const method_names[] = {
    [JB_METHOD_A] = "A",
    [JB_METHOD_B] = "B",
    [JB_METHOD_C1] = "C-1",
    [JB_METHOD_C2] = "C-2",
};

static const char *const known_names[] = {
    [JB_KNOWN_UNKNOWN] = "unknown",
    [JB_KNOWN_VALUE] = "value",
    [JB_KNOWN_RANGE] = "range",
    [JB_KNOWN_WITHHELD] = "withheld",
};

static const char *name_of(const char *const *names, size_t n, unsigned value)
{
    return value < n ? names[value] : "unknown";
}

static int value_of(const char *const *names, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0)
            return (int)i;
    return -1;
}

#define JB_WORDS(function, type, names)                              \
    const char *jb_##function##_name(enum type value)                \
    {                                                                \
        return name_of(names, JB_ARRAY_LEN(names), (unsigned)value); \
    }                                                                \
    int jb_##function##_from_name(const char *name)                  \
    {                                                                \
        return value_of(names, JB_ARRAY_LEN(names), name);           \
    }

JB_WORDS(scope, jb_scope, scope_names)
JB_WORDS(device, jb_device, device_names)
JB_WORDS(semantics, jb_semantics, semantics_names)
JB_WORDS(origin, jb_origin, origin_names)
JB_WORDS(role, jb_role, role_names)
JB_WORDS(gap, jb_gap, gap_names)
JB_WORDS(idle_source, jb_idle_source, idle_source_names)
JB_WORDS(layer, jb_layer, layer_names)
JB_WORDS(run_status, jb_run_status, run_status_names)
JB_WORDS(method, jb_method, method_names)
JB_WORDS(known, jb_known, known_names)

enum jb_device jb_device_of_scope(enum jb_scope scope)
{
    switch (scope) {
    case JB_SCOPE_PACKAGE:
    case JB_SCOPE_CORE:
    case JB_SCOPE_UNCORE: return JB_DEVICE_CPU;
    case JB_SCOPE_DRAM: return JB_DEVICE_DRAM;
    case JB_SCOPE_GPU: return JB_DEVICE_GPU;
    case JB_SCOPE_FACILITY:
    case JB_SCOPE_NODE:
    case JB_SCOPE_PSYS: return JB_DEVICE_NODE;
    default: return JB_DEVICE_OTHER;
    }
}
