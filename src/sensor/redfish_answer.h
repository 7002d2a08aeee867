/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Resources of Redfish (DSP0266) as far as energy goes: where they lead, and what they read. A pure function of foreign
 * bytes (R-SENSOR-82, R-SENSOR-83).
 */
#ifndef JB_SENSOR_REDFISH_ANSWER_H
#define JB_SENSOR_REDFISH_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define REDFISH_PATH        256
#define REDFISH_MEMBERS_MAX 32

enum redfish_kind {
    REDFISH_OTHER,
    REDFISH_ROOT,
    REDFISH_COLLECTION,
    REDFISH_CHASSIS,
    REDFISH_ENVIRONMENT, /* EnvironmentMetrics, from 2020.4 on */
    REDFISH_SENSOR,
    REDFISH_POWER, /* Power, deprecated since 2020.4 and still the only one on many machines */
};

/* What a resource reads. */
enum redfish_reading {
    REDFISH_NONE,
    REDFISH_JOULES, /* counter, mJ */
    REDFISH_WATTS,  /* gauge, uW */
    REDFISH_KWH,    /* counter, uKWh: 10^-6 kWh */
};
#define REDFISH_JOULES_STEP_UJ UINT64_C(1000)
#define REDFISH_KWH_STEP_UJ    UINT64_C(3600000)

struct redfish_resource {
    enum redfish_kind kind;
    /* Paths on the same host, "" if there is none. */
    char chassis[REDFISH_PATH];                 /* of the root: the collection */
    char environment[REDFISH_PATH];             /* of a chassis */
    char power[REDFISH_PATH];                   /* of a chassis */
    char source[REDFISH_KWH + 1][REDFISH_PATH]; /* the Sensor behind each reading */
    size_t n_members;
    char members[REDFISH_MEMBERS_MAX][REDFISH_PATH];
    bool has[REDFISH_KWH + 1];
    uint64_t value[REDFISH_KWH + 1];
    char reading_time[40]; /* ReadingTime of a sensor: moves when the value was taken anew */
    char reset_time[40];   /* SensorResetTime of the counter */
    int64_t interval_ns;   /* SensingInterval; 0 unknown */
    int64_t accuracy_ppm;  /* Accuracy, of the maker; -1 unknown */
};

/* `n_power`: which of Power's PowerControl, from 0. JB_E_AGAIN: no JSON object. */
JB_MUST_USE jb_rc redfish__parse(const char *text, size_t len, size_t n_power,
                                 struct redfish_resource *ret);

/* "PT1S", "PT0.5S", "PT1M30S", "P1DT2H": ISO 8601 without years and months; up to a day. JB_E_INPUT on others. */
JB_MUST_USE jb_rc redfish__parse_duration(const char *text, size_t len, int64_t *ret_ns);

#endif
