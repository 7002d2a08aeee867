/* SPDX-License-Identifier: Apache-2.0 */
/* JSON of meters: members that are numbers, exactly as written (R-SENSOR-82). Pure functions. */
#ifndef JB_SENSOR_METER_JSON_H
#define JB_SENSOR_METER_JSON_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/error.h"

/* NULL unless all of the text is one JSON object; the caller's to json_decref. */
json_t *meter_json__object(const char *text, size_t len);

/*
 * A number, or text that is one, times 10^scale, rounded half away from zero where it has more decimals. Numbers of up to
 * 15 significant digits, which a double holds, come through exactly as written. JB_E_AGAIN: there is none (absent, null,
 * "NaN", garbage); also where it is below zero or does not fit.
 */
JB_MUST_USE jb_rc meter_json__decimal(const json_t *value, unsigned scale, uint64_t *ret);

/* The text of a member, "" if there is none or it does not fit; borrowed from the buffer. */
const char *meter_json__text(const json_t *object, const char *key, char *buf, size_t size);

#endif
