/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text to an object identifier, and an SNMP value to thousandths. Must not take an error marker (-1, "N/A") for a value.
 * Rules R-SENSOR-82, R-SENSOR-86.
 */
#include <string.h>

#include "base/num.h"
#include "sensor/meter_answer.h"

#define SCALE_DIGITS 3 /* of SNMP_SCALE */

jb_rc snmp__parse_oid(const char *text, size_t len, unsigned long *ret_parts, size_t *ret_n)
{
    unsigned long parts[SNMP_OID_MAX];
    size_t n = 0;
    size_t at = len > 0 && text[0] == '.' ? 1 : 0;

    while (at < len) {
        const char *const point = memchr(text + at, '.', len - at);
        const size_t n_digits = point ? (size_t)(point - (text + at)) : len - at;
        uint64_t part;
        if (n == SNMP_OID_MAX || jb_parse_u64(text + at, n_digits, false, &part) < 0 ||
            part > UINT32_MAX)
            return JB_E_INPUT;
        parts[n++] = (unsigned long)part;
        at += n_digits + 1;
    }
    /* A point at the end promises a part that is not there. */
    if (n < 3 || text[len - 1] == '.' || parts[0] > 2)
        return JB_E_INPUT;
    memcpy(ret_parts, parts, n * sizeof parts[0]);
    *ret_n = n;
    return JB_OK;
}

static jb_rc scaled(uint64_t size, uint64_t *ret_raw)
{
    if (size > UINT64_MAX / SNMP_SCALE)
        return JB_E_AGAIN;
    *ret_raw = size * SNMP_SCALE;
    return JB_OK;
}

/* "123.4", with blanks and a NUL at the end as some agents send them. */
static jb_rc of_text(const char *bytes, size_t len, uint64_t *ret_raw)
{
    int64_t number;

    while (len > 0 && (bytes[len - 1] == '\0' || bytes[len - 1] == ' '))
        len--;
    while (len > 0 && bytes[0] == ' ') {
        bytes++;
        len--;
    }
    if (jb_parse_decimal(bytes, len, SCALE_DIGITS, &number) < 0 || number < 0)
        return JB_E_AGAIN;
    *ret_raw = (uint64_t)number;
    return JB_OK;
}

jb_rc snmp__raw_of(const struct snmp_value *value, uint64_t *ret_raw)
{
    switch (value->type) {
    case SNMP_TYPE_INTEGER:
        return value->integer < 0 ? JB_E_AGAIN : scaled((uint64_t)value->integer, ret_raw);
    case SNMP_TYPE_COUNTER:
    case SNMP_TYPE_GAUGE:
        return value->size > UINT32_MAX ? JB_E_AGAIN : scaled(value->size, ret_raw);
    case SNMP_TYPE_COUNTER64: return scaled(value->size, ret_raw);
    case SNMP_TYPE_TEXT: return of_text(value->bytes, value->len, ret_raw);
    default: return JB_E_AGAIN;
    }
}
