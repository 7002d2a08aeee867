/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Members of a meter's JSON to integers. Must never take what is not a number for one, nor let the locale choose the
 * decimal point. Rule R-SENSOR-82.
 */
#include "sensor/meter_json.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"

#define DIGITS_OF_DOUBLE 15
#define NUMBER_MAX       64

json_t *meter_json__object(const char *text, size_t len)
{
    json_t *const value = json_loadb(text, len, 0, NULL);

    if (value && !json_is_object(value)) {
        json_decref(value);
        return NULL;
    }
    return value;
}

jb_rc meter_json__decimal(const json_t *value, unsigned scale, uint64_t *ret)
{
    char text[NUMBER_MAX];
    int64_t number;
    const char *at = text;
    size_t len;

    if (json_is_string(value)) {
        at = json_string_value(value);
        len = json_string_length(value);
    } else if (json_is_number(value)) {
        /* jansson writes a point whatever the locale, and 15 digits give back what was read. */
        len = json_dumpb(value, text, sizeof text,
                         JSON_ENCODE_ANY | JSON_REAL_PRECISION(DIGITS_OF_DOUBLE));
        if (len == 0 || len > sizeof text)
            return JB_E_AGAIN;
    } else {
        return JB_E_AGAIN;
    }
    if (len > NUMBER_MAX || jb_parse_decimal(at, len, scale, &number) < 0 || number < 0)
        return JB_E_AGAIN;
    *ret = (uint64_t)number;
    return JB_OK;
}

const char *meter_json__text(const json_t *object, const char *key, char *buf, size_t size)
{
    const char *const text = json_string_value(json_object_get(object, key));

    buf[0] = '\0';
    if (text && strlen(text) < size)
        (void)snprintf(buf, size, "%s", text);
    return buf;
}
