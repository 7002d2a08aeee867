/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What plugs, Prometheus and SNMP agents answer, as integers. Pure functions of foreign bytes: whatever is not a reading
 * is JB_E_AGAIN, a failed read, never a number (R-SENSOR-82).
 */
#ifndef JB_SENSOR_METER_ANSWER_H
#define JB_SENSOR_METER_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* GET /shelly: 1, or 2 for all later generations, which speak one language. JB_E_INPUT: no Shelly. */
JB_MUST_USE jb_rc shelly__generation(const char *text, size_t len, int *ret);

/* Energy in the device's own step: W min (Gen1), mWh (Gen2), 10^-5 kWh (Tasmota). */
struct plug_answer {
    bool has_power, has_energy;
    uint64_t power_uw;
    uint64_t energy;
};
#define SHELLY1_STEP_UJ UINT64_C(60000000)
#define SHELLY2_STEP_UJ UINT64_C(3600000)
#define TASMOTA_STEP_UJ UINT64_C(36000000)

/* GET /meter/N. */
JB_MUST_USE jb_rc shelly__parse_gen1(const char *text, size_t len, struct plug_answer *ret);
/* GET /rpc/Switch.GetStatus?id=N, and PM1.GetStatus. */
JB_MUST_USE jb_rc shelly__parse_gen2(const char *text, size_t len, struct plug_answer *ret);
/* GET /cm?cmnd=Status%208 or 10; `outlet` counts where the device has several, from 0. */
JB_MUST_USE jb_rc tasmota__parse(const char *text, size_t len, size_t outlet,
                                 struct plug_answer *ret);

/* GET /api/v1/query: the newest sample of the one series, or of the scalar. */
struct prometheus_answer {
    size_t n_series; /* 0 and more than 1 carry no value */
    bool is_matrix;  /* the instant is the sample's own, not that of the evaluation */
    uint64_t micro;  /* the value x 10^6 */
    int64_t utc_us;
    int64_t step_us; /* the longest time between two samples; 0 unknown */
};
JB_MUST_USE jb_rc prometheus__parse(const char *text, size_t len, struct prometheus_answer *ret);

/* Object identifiers: ".1.3.6.1.4.1.318" or without the first point. */
#define SNMP_OID_MAX 128
JB_MUST_USE jb_rc snmp__parse_oid(const char *text, size_t len, unsigned long *ret_parts,
                                  size_t *ret_n);

/* Types of SNMP values that can be a reading. */
#define SNMP_TYPE_INTEGER   0x02
#define SNMP_TYPE_TEXT      0x04
#define SNMP_TYPE_COUNTER   0x41
#define SNMP_TYPE_GAUGE     0x42
#define SNMP_TYPE_COUNTER64 0x46
struct snmp_value {
    unsigned type;
    int64_t integer;   /* INTEGER */
    uint64_t size;     /* COUNTER, GAUGE, COUNTER64 */
    const char *bytes; /* TEXT, borrowed */
    size_t len;
};
/* Thousandths of the value: agents give decimals as text. */
#define SNMP_SCALE 1000
JB_MUST_USE jb_rc snmp__raw_of(const struct snmp_value *value, uint64_t *ret_raw);

#endif
