/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What meters of a whole machine answer, as bytes from outside: a BMC's DCMI responses, Cray's pm_counters, lines of a
 * program of the user's. Pure; takes what it understands whole, and nothing else.
 */
#ifndef JB_SENSOR_NODE_ANSWER_H
#define JB_SENSOR_NODE_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* --- DCMI 1.5: the data of a response as the kernel hands it over, completion code first ------------------------- */

#define DCMI_NETFN            0x2c
#define DCMI_GROUP            0xdc
#define DCMI_GET_CAPABILITIES 0x01
#define DCMI_GET_POWER        0x02
#define DCMI_DATA_MAX         272 /* IPMI_MAX_MSG_LENGTH */

struct dcmi_power {
    uint16_t current_w, least_w, greatest_w, average_w;
    uint32_t stamp_s;   /* of the BMC's own clock */
    uint32_t period_ms; /* over which least, greatest and average were taken */
    bool is_active;     /* the BMC measures now */
};

/*
 * JB_E_AGAIN: the BMC is busy, or what it sent is no answer to this; JB_E_UNAVAILABLE: it knows no such command;
 * JB_E_PERMISSION: not for us. Fields beyond those of the standard are ignored.
 */
JB_MUST_USE jb_rc dcmi__parse_power(const uint8_t *bytes, size_t len, struct dcmi_power *ret);
/* The answer to parameter 1, "supported capabilities": whether the BMC says that it manages power. */
JB_MUST_USE jb_rc dcmi__parse_capabilities(const uint8_t *bytes, size_t len, bool *ret_has_power);

/* --- Cray ------------------------------------------------------------------------------------------------------- */

/* "12345 J 1700000000 us": the number before `unit`; the time after it, which older ones leave out, only has to be
 * one. JB_E_AGAIN for anything else: it may be cut short. */
JB_MUST_USE jb_rc cray__parse(const char *text, size_t len, const char *unit, uint64_t *ret);

/* --- a program's line (docs/format/exec-meter.md) --------------------------------------------------------------- */

#define EXEC_LINE_MAX 256

struct exec_line {
    bool is_energy; /* joules; else watts */
    bool has_time;
    int64_t value; /* uJ or uW */
    int64_t utc_us;
};

/* A line without its newline. JB_E_INPUT where it is none. */
JB_MUST_USE jb_rc exec_line__parse(const char *text, size_t len, struct exec_line *ret);

#endif
