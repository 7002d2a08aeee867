/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers from text and back, independent of the locale. The parsers take foreign text: they look at `len` bytes and
 * no further, and accept nothing they do not understand. jb_parse_u64 is on the sampling path.
 */
#include "base/num.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/compiler.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Digits from text[at]; *ret_fits false where they pass 2^64 - 1. Returns where they end. */
static size_t scan_digits(const char *text, size_t len, size_t at, uint64_t *ret_value,
                          bool *ret_fits)
{
    const size_t surely = at + 19 < len ? at + 19 : len; /* 19 nines are below 2^64 */
    uint64_t value = 0;
    bool fits = true;

    for (; at < surely && is_digit(text[at]); at++)
        value = value * 10 + (uint64_t)(text[at] - '0');
    for (; at < len && is_digit(text[at]); at++) {
        const uint64_t digit = (uint64_t)(text[at] - '0');
        if (value > UINT64_MAX / 10 || value * 10 > UINT64_MAX - digit)
            fits = false;
        else
            value = value * 10 + digit;
    }
    *ret_value = value;
    *ret_fits = fits;
    return at;
}

/* Whether only what may follow a number does. */
static bool ends_well(const char *text, size_t len, size_t at, bool allow_trailing_space)
{
    while (allow_trailing_space && at < len &&
           (text[at] == ' ' || text[at] == '\t' || text[at] == '\n'))
        at++;
    return at == len;
}

jb_rc jb_parse_u64(const char *text, size_t len, bool allow_trailing_space, uint64_t *ret)
{
    uint64_t value;
    bool fits;
    const size_t end = scan_digits(text, len, 0, &value, &fits);

    if (end == 0 || !ends_well(text, len, end, allow_trailing_space))
        return JB_E_INPUT;
    if (!fits)
        return JB_E_RANGE;
    *ret = value;
    return JB_OK;
}

/* Gives a size its sign; false where it does not fit. */
static bool signed_from(uint64_t size, bool negative, int64_t *ret)
{
    if (size > (uint64_t)INT64_MAX + (negative ? 1 : 0))
        return false;
    *ret = negative ? (int64_t)(0 - size) : (int64_t)size;
    return true;
}

jb_rc jb_parse_i64(const char *text, size_t len, bool allow_trailing_space, int64_t *ret)
{
    const bool negative = len > 0 && text[0] == '-';
    const size_t start = negative ? 1 : 0;
    uint64_t size;
    bool fits;
    const size_t end = scan_digits(text, len, start, &size, &fits);

    if (end == start || !ends_well(text, len, end, allow_trailing_space))
        return JB_E_INPUT;
    if (!fits || !signed_from(size, negative, ret))
        return JB_E_RANGE;
    return JB_OK;
}

/* The parts of "-12.50e3", found before anything is computed. */
struct decimal_parts {
    bool negative;
    const char *whole;
    size_t n_whole;
    const char *fraction;
    size_t n_fraction;
    int64_t exponent; /* held at +-EXPONENT_LIMIT */
};

/* Far beyond the length of any text, so that a digit's place computed from it is on the right side. */
#define EXPONENT_LIMIT (INT64_MAX / 4)

static size_t count_digits(const char *text, size_t len, size_t at)
{
    size_t n = 0;

    while (at + n < len && is_digit(text[at + n]))
        n++;
    return n;
}

static bool split_decimal(const char *text, size_t len, struct decimal_parts *ret_parts)
{
    struct decimal_parts parts = {0};
    size_t at = 0;

    if (len == 0)
        return false;
    if (text[at] == '-') {
        parts.negative = true;
        at++;
    }
    parts.whole = text + at;
    parts.n_whole = count_digits(text, len, at);
    at += parts.n_whole;
    parts.fraction = text + at;
    if (at < len && text[at] == '.') {
        at++;
        parts.fraction = text + at;
        parts.n_fraction = count_digits(text, len, at);
        at += parts.n_fraction;
    }
    if (parts.n_whole + parts.n_fraction == 0)
        return false;

    if (at < len && (text[at] == 'e' || text[at] == 'E')) {
        at++;
        const bool down = at < len && text[at] == '-';
        if (at < len && (text[at] == '-' || text[at] == '+'))
            at++;
        uint64_t size;
        bool fits;
        const size_t end = scan_digits(text, len, at, &size, &fits);
        if (end == at)
            return false;
        at = end;
        if (!fits || size > (uint64_t)EXPONENT_LIMIT)
            size = (uint64_t)EXPONENT_LIMIT;
        parts.exponent = down ? -(int64_t)size : (int64_t)size;
    }
    if (at != len)
        return false;
    *ret_parts = parts;
    return true;
}

/* The digit at place `at` from the first one written; zeros follow the last. */
static unsigned decimal_digit(const struct decimal_parts *parts, int64_t at)
{
    const uint64_t place = (uint64_t)at;

    if (at < 0)
        return 0;
    if (place < parts->n_whole)
        return (unsigned)(parts->whole[place] - '0');
    if (place - parts->n_whole < parts->n_fraction)
        return (unsigned)(parts->fraction[place - parts->n_whole] - '0');
    return 0;
}

jb_rc jb_parse_decimal(const char *text, size_t len, unsigned scale, int64_t *ret)
{
    struct decimal_parts parts;
    uint64_t size = 0;

    if (scale > JB_DECIMAL_SCALE_MAX)
        return JB_E_RANGE;
    if (!split_decimal(text, len, &parts))
        return JB_E_INPUT;

    /* How many digits stand before the point once it is moved by exponent and scale. */
    const int64_t n_written = (int64_t)(parts.n_whole + parts.n_fraction);
    const int64_t n_kept = (int64_t)parts.n_whole + parts.exponent + (int64_t)scale;
    for (int64_t i = 0; i < n_kept; i++) {
        if (i >= n_written && size == 0)
            break; /* zero times any power of ten */
        const unsigned digit = decimal_digit(&parts, i);
        if (size > (UINT64_MAX - digit) / 10)
            return JB_E_RANGE;
        size = size * 10 + digit;
    }
    /* Half away from zero needs only the first digit that is cut. */
    if (decimal_digit(&parts, n_kept) >= 5) {
        if (size == UINT64_MAX)
            return JB_E_RANGE;
        size++;
    }
    return signed_from(size, parts.negative, ret) ? JB_OK : JB_E_RANGE;
}

static uint64_t size_of(int64_t value)
{
    return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

/* The text if it fits, "" if not: half a number is worse than none. */
static const char *put_whole(const char *text, char *buf, size_t size)
{
    const size_t len = strlen(text);

    if (size == 0)
        return "";
    if (len >= size)
        buf[0] = '\0';
    else
        memcpy(buf, text, len + 1);
    return buf;
}

const char *jb_format_decimal(int64_t value, unsigned scale, char *buf, size_t size)
{
    char text[32];
    char *at = text + sizeof text - 1;
    uint64_t left = size_of(value);
    unsigned n_fraction = scale <= JB_DECIMAL_SCALE_MAX ? scale : JB_DECIMAL_SCALE_MAX;

    *at = '\0';
    for (; n_fraction > 0 && left % 10 == 0; n_fraction--)
        left /= 10;
    if (n_fraction > 0) {
        for (; n_fraction > 0; n_fraction--, left /= 10)
            *--at = (char)('0' + left % 10);
        *--at = '.';
    }
    do
        *--at = (char)('0' + left % 10);
    while ((left /= 10) > 0);
    if (value < 0)
        *--at = '-';
    return put_whole(at, buf, size);
}

struct unit {
    uint64_t size; /* in the stored unit */
    const char *name;
    unsigned n_decimals_max; /* what the stored unit can tell */
};

/* Three significant digits; false where rounding reaches 1000 and a larger unit would say it better. */
static bool format_in_unit(uint64_t size, const struct unit *unit, bool is_last, const char *sign,
                           char *text, size_t text_size)
{
    unsigned n_decimals = 0;
    jb_u128 scaled = size;
    uint64_t power = 1;

    while (n_decimals < unit->n_decimals_max && scaled < (jb_u128)unit->size * 100) {
        scaled *= 10;
        power *= 10;
        n_decimals++;
    }
    uint64_t rounded = (uint64_t)((scaled + unit->size / 2) / unit->size);
    if (rounded >= 1000 && n_decimals > 0) { /* 9.996 is 10.0, not 10.00 */
        rounded = (rounded + 5) / 10;
        power /= 10;
        n_decimals--;
    }
    if (rounded >= 1000 && !is_last)
        return false;
    if (n_decimals == 0)
        (void)snprintf(text, text_size, "%s%" PRIu64 " %s", sign, rounded, unit->name);
    else
        (void)snprintf(text, text_size, "%s%" PRIu64 ".%0*" PRIu64 " %s", sign, rounded / power,
                       (int)n_decimals, rounded % power, unit->name);
    return true;
}

static const char *format_with_units(int64_t value, const struct unit *units, size_t n_units,
                                     char *buf, size_t size)
{
    char text[64];

    if (value == 0) {
        (void)snprintf(text, sizeof text, "0 %s", units[0].name);
        return put_whole(text, buf, size);
    }
    for (size_t i = 0; i < n_units; i++) {
        if (format_in_unit(size_of(value), &units[i], i == n_units - 1, value < 0 ? "-" : "", text,
                           sizeof text))
            break;
    }
    return put_whole(text, buf, size);
}

const char *jb_format_energy(int64_t energy_uj, char *buf, size_t size)
{
    static const struct unit units[] = {
        {UINT64_C(1000000), "J", 6},
        {UINT64_C(3600000000), "Wh", 3},
        {UINT64_C(3600000000000), "kWh", 3},
        {UINT64_C(3600000000000000), "MWh", 3},
        {UINT64_C(3600000000000000000), "GWh", 3},
    };

    return format_with_units(energy_uj, units, JB_ARRAY_LEN(units), buf, size);
}

const char *jb_format_power(int64_t power_uw, char *buf, size_t size)
{
    static const struct unit units[] = {
        {UINT64_C(1000), "mW", 3},
        {UINT64_C(1000000), "W", 3},
        {UINT64_C(1000000000), "kW", 3},
        {UINT64_C(1000000000000), "MW", 3},
    };

    return format_with_units(power_uw, units, JB_ARRAY_LEN(units), buf, size);
}

const char *jb_format_co2e(int64_t mass_ugco2e, char *buf, size_t size)
{
    static const struct unit units[] = {
        {UINT64_C(1000), "mg", 3},
        {UINT64_C(1000000), "g", 3},
        {UINT64_C(1000000000), "kg", 3},
        {UINT64_C(1000000000000), "t", 3},
    };

    return format_with_units(mass_ugco2e, units, JB_ARRAY_LEN(units), buf, size);
}

const char *jb_format_duration(int64_t duration_ns, char *buf, size_t size)
{
    static const struct unit units[] = {
        {UINT64_C(1000000), "ms", 6},
        {UINT64_C(1000000000), "s", 3},
    };
    const uint64_t ns = size_of(duration_ns);
    const char *sign = duration_ns < 0 ? "-" : "";
    char text[64];

    /* Each limit is where rounding in the smaller form would reach the larger one. */
    if (ns < UINT64_C(59950000000))
        return format_with_units(duration_ns, units, JB_ARRAY_LEN(units), buf, size);
    const uint64_t seconds = (ns + 500000000) / 1000000000;
    if (seconds < 3600) {
        (void)snprintf(text, sizeof text, "%s%" PRIu64 " min %02" PRIu64 " s", sign, seconds / 60,
                       seconds % 60);
    } else {
        const uint64_t minutes = (ns + UINT64_C(30000000000)) / UINT64_C(60000000000);
        (void)snprintf(text, sizeof text, "%s%" PRIu64 " h %02" PRIu64 " min", sign, minutes / 60,
                       minutes % 60);
    }
    return put_whole(text, buf, size);
}
