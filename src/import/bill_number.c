/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers, times and units of bills to integers: decimals as 1e-15 units in 128 bits, so that sums are exact and rounded
 * once (R-BILL-04), times as six exporters write them (R-BILL-05), units to microseconds and microjoules.
 */
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "import/bill_int.h"

#define WHOLE_DIGITS 21 /* of a row's number at most: sums then have room */
#define SHORT_DIGITS 18 /* fit 64 bits whatever they are */

static const int64_t powers[] = {
    INT64_C(1),
    INT64_C(10),
    INT64_C(100),
    INT64_C(1000),
    INT64_C(10000),
    INT64_C(100000),
    INT64_C(1000000),
    INT64_C(10000000),
    INT64_C(100000000),
    INT64_C(1000000000),
    INT64_C(10000000000),
    INT64_C(100000000000),
    INT64_C(1000000000000),
    INT64_C(10000000000000),
    INT64_C(100000000000000),
    INT64_C(1000000000000000),
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The exponent of "...e-7" from text[0] on, held at +-9999; false where it is none. */
static bool parse_exponent(const char *text, size_t len, int *ret)
{
    const bool is_down = len > 0 && text[0] == '-';
    size_t at = len > 0 && (text[0] == '-' || text[0] == '+') ? 1 : 0;
    int exponent = 0;

    if (at == len)
        return false;
    for (; at < len; at++) {
        if (!is_digit(text[at]))
            return false;
        exponent = exponent > 999 ? 9999 : exponent * 10 + (text[at] - '0');
    }
    *ret = is_down ? -exponent : exponent;
    return true;
}

/* Any number of digits, and an exponent. Two passes: where the point is, then the digits that are kept. */
static jb_rc long_decimal(const char *text, size_t len, jb_i128 *ret)
{
    const bool is_negative = len > 0 && text[0] == '-';
    const size_t begin = is_negative ? 1 : 0;
    size_t end = begin;
    size_t n_whole = 0;
    size_t n_digits = 0;
    bool has_point = false;
    int exponent = 0;
    jb_i128 value = 0;

    for (; end < len && (is_digit(text[end]) || (text[end] == '.' && !has_point)); end++) {
        if (text[end] == '.') {
            has_point = true;
            continue;
        }
        n_digits++;
        n_whole += has_point ? 0 : 1;
    }
    if (n_digits == 0)
        return JB_E_INPUT;
    if (end < len && ((text[end] != 'e' && text[end] != 'E') ||
                      !parse_exponent(text + end + 1, len - end - 1, &exponent)))
        return JB_E_INPUT;

    const int64_t n_kept = (int64_t)n_whole + exponent + BILL_SCALE;
    int64_t place = 0;
    bool rounds_up = false;
    for (size_t at = begin; at < end; at++) {
        if (text[at] == '.')
            continue;
        if (place < n_kept) {
            value = value * 10 + (text[at] - '0');
            if (value >= (jb_i128)powers[BILL_SCALE] * powers[BILL_SCALE] * powers[6])
                return JB_E_RANGE;
        } else if (place == n_kept) {
            rounds_up = text[at] >= '5';
        }
        place++;
    }
    for (; place < n_kept && value != 0; place++) {
        value *= 10;
        if (value >= (jb_i128)powers[BILL_SCALE] * powers[BILL_SCALE] * powers[6])
            return JB_E_RANGE;
    }
    value += rounds_up ? 1 : 0;
    *ret = is_negative ? -value : value;
    return JB_OK;
}
_Static_assert(WHOLE_DIGITS + BILL_SCALE == 36, "the limit above is that of the header");

jb_rc jb_bill__decimal(const char *text, size_t len, jb_i128 *ret)
{
    const bool is_negative = len > 0 && text[0] == '-';
    size_t at = is_negative ? 1 : 0;
    const size_t begin = at;
    int64_t value = 0;
    size_t n_fraction = 0;

    if (len - begin > SHORT_DIGITS || len == begin)
        return long_decimal(text, len, ret);
    for (; at < len && is_digit(text[at]); at++)
        value = value * 10 + (text[at] - '0');
    if (at < len && text[at] == '.') {
        const size_t point = at++;
        for (; at < len && is_digit(text[at]); at++)
            value = value * 10 + (text[at] - '0');
        n_fraction = at - point - 1;
    }
    if (at != len || n_fraction > BILL_SCALE)
        return long_decimal(text, len, ret);
    if (text[begin] == '.' && n_fraction == 0)
        return JB_E_INPUT;
    *ret = (jb_i128)(is_negative ? -value : value) * powers[BILL_SCALE - n_fraction];
    return JB_OK;
}

static int64_t gcd(int64_t a, int64_t b)
{
    while (b != 0) {
        const int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

jb_rc jb_bill__scaled(jb_i128 value, int64_t num, int64_t den, int64_t *ret)
{
    int64_t scale = powers[BILL_SCALE];
    jb_i128 product;
    jb_i128 divisor;

    if (num <= 0 || den <= 0)
        return JB_E_RANGE;
    /* Made small first, so that the product has room. */
    const int64_t by = gcd(num, den);
    num /= by;
    den /= by;
    const int64_t by_scale = gcd(num, scale);
    num /= by_scale;
    scale /= by_scale;
    divisor = (jb_i128)den * scale;
    if (JB_MUL_OVERFLOWS(value, (jb_i128)num, &product))
        return JB_E_RANGE;
    const jb_i128 half = divisor / 2;
    if (JB_ADD_OVERFLOWS(product, product < 0 ? -half : half, &product))
        return JB_E_RANGE;
    product /= divisor;
    if (product > INT64_MAX || product < INT64_MIN)
        return JB_E_RANGE;
    *ret = (int64_t)product;
    return JB_OK;
}

/* `n` digits of text as a number; -1 where they are not that. */
static int digits(const char *text, size_t n)
{
    int value = 0;

    for (size_t i = 0; i < n; i++) {
        if (!is_digit(text[i]))
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

/* "Z", " UTC", "+00:00", "-0530", "+02" or nothing, which is UTC. */
static bool parse_zone(const char *text, size_t len, int64_t *ret_minutes)
{
    *ret_minutes = 0;
    while (len > 0 && text[0] == ' ') {
        text++;
        len--;
    }
    if (len == 0 || (len == 1 && text[0] == 'Z') || (len == 3 && memcmp(text, "UTC", 3) == 0))
        return true;
    if ((text[0] != '+' && text[0] != '-') || (len != 3 && len != 5 && len != 6))
        return false;
    const int hours = digits(text + 1, 2);
    const int minutes = len == 3 ? 0 : digits(text + len - 2, 2);
    if (hours < 0 || hours > 14 || minutes < 0 || minutes > 59 || (len == 6 && text[3] != ':'))
        return false;
    *ret_minutes = (text[0] == '-' ? -1 : 1) * (hours * INT64_C(60) + minutes);
    return true;
}

/* What follows the date: hours and minutes at least. Left of *text and *len is the zone. */
static bool parse_clock(const char **text, size_t *len, char put[20], int64_t *ret_us)
{
    const char *at = *text;
    const char *const end = at + *len;
    int64_t unit_us = JB_US_PER_S / 10;

    *ret_us = 0;
    if (*len < 6 || (at[0] != 'T' && at[0] != ' ') || at[3] != ':')
        return false;
    memcpy(put + 11, at + 1, 5);
    at += 6;
    if (end - at >= 3 && at[0] == ':') {
        memcpy(put + 16, at, 3);
        at += 3;
    }
    if (end - at >= 2 && at[0] == '.' && is_digit(at[1]))
        for (at++; at < end && is_digit(*at); at++) {
            *ret_us += (*at - '0') * unit_us;
            unit_us /= 10;
        }
    *len = (size_t)(end - at);
    *text = at;
    return true;
}

jb_rc jb_bill__time(const char *text, size_t len, bool is_month_first, int64_t *ret_utc_us,
                    bool *ret_is_day)
{
    char put[] = "0000-00-01T00:00:00Z";
    int64_t utc_us;
    int64_t part_us = 0;
    int64_t zone_minutes = 0;
    size_t n = 10;

    if (len >= 10 && text[4] == '-') {
        memcpy(put, text, 10);
    } else if (len >= 10 && is_month_first && text[2] == '/' && text[5] == '/') {
        memcpy(put, text + 6, 4);
        memcpy(put + 5, text, 2);
        memcpy(put + 8, text + 3, 2);
    } else if (len == 6 && digits(text, 6) > 0) { /* 202409 */
        memcpy(put, text, 4);
        memcpy(put + 5, text + 4, 2);
        n = 6;
    } else {
        return JB_E_INPUT;
    }
    text += n;
    len -= n;
    *ret_is_day = len == 0;
    if (len > 0 &&
        (!parse_clock(&text, &len, put, &part_us) || !parse_zone(text, len, &zone_minutes)))
        return JB_E_INPUT;
    if (jb_parse_utc(put, sizeof put - 1, &utc_us) < 0)
        return JB_E_INPUT;
    *ret_utc_us = utc_us + part_us - zone_minutes * 60 * JB_US_PER_S;
    return JB_OK;
}

void jb_bill__month(int64_t utc_us, int64_t *ret_start_us, int64_t *ret_end_us)
{
    char text[32];
    int64_t next_us = 0;

    (void)jb_format_utc(utc_us, false, text, sizeof text);
    memcpy(text + 8, "01T00:00:00Z", sizeof "01T00:00:00Z");
    if (jb_parse_utc(text, 20, ret_start_us) < 0)
        *ret_start_us = utc_us;
    /* A day of the next month, whatever the lengths of both. */
    (void)jb_format_utc(*ret_start_us + 40 * 24 * JB_US_PER_HOUR, false, text, sizeof text);
    memcpy(text + 8, "01T00:00:00Z", sizeof "01T00:00:00Z");
    if (jb_parse_utc(text, 20, &next_us) < 0)
        next_us = *ret_start_us;
    *ret_end_us = next_us;
}

static bool two_digits(const char *text, int64_t max, int64_t *ret)
{
    const unsigned tens = (unsigned)(text[0] - '0');
    const unsigned ones = (unsigned)(text[1] - '0');

    *ret = tens * 10 + ones;
    return tens < 10 && ones < 10 && *ret <= max;
}

/* "2026-10-03 14:00:00", perhaps with a Z, in a month met before. */
static bool quick_time(const struct bill_time_memo *memo, const char *text, size_t len,
                       int64_t *ret_utc_us)
{
    int64_t day;
    int64_t hour;
    int64_t minute;
    int64_t second;

    if ((len != 19 && !(len == 20 && text[19] == 'Z')) ||
        memcmp(text, memo->month, sizeof memo->month) != 0 ||
        (text[10] != ' ' && text[10] != 'T') || text[13] != ':' || text[16] != ':')
        return false;
    if (!two_digits(text + 8, memo->n_days, &day) || day == 0 ||
        !two_digits(text + 11, 23, &hour) || !two_digits(text + 14, 59, &minute) ||
        !two_digits(text + 17, 59, &second))
        return false;
    *ret_utc_us =
        memo->month_us + (((day - 1) * 24 + hour) * 3600 + minute * 60 + second) * 1000000;
    return true;
}

static void keep_month(struct bill_time_memo *memo, const char *text, size_t len)
{
    int64_t end_us;

    /* Longer ones may have a zone, by which the month is another one. */
    if (len != 19 && len != 20)
        return;
    jb_bill__month(memo->utc_us, &memo->month_us, &end_us);
    memo->n_days = (end_us - memo->month_us) / (24 * JB_US_PER_HOUR);
    memcpy(memo->month, text, sizeof memo->month);
}

jb_rc jb_bill__time_again(struct bill_time_memo *memo, const char *text, size_t len,
                          bool is_month_first, int64_t *ret_utc_us, bool *ret_is_day)
{
    *ret_is_day = false;
    if (quick_time(memo, text, len, ret_utc_us))
        return JB_OK;
    if (len != memo->len || memcmp(text, memo->text, len) != 0) {
        memo->len = 0;
        if (len > sizeof memo->text ||
            jb_bill__time(text, len, is_month_first, &memo->utc_us, &memo->is_day) < 0)
            return JB_E_INPUT;
        memo->len = len;
        memcpy(memo->text, text, len);
        keep_month(memo, text, len);
    }
    *ret_utc_us = memo->utc_us;
    *ret_is_day = memo->is_day;
    return JB_OK;
}

#define US_PER_MS INT64_C(1000)
#define GIB       INT64_C(1073741824)

static const struct bill_unit units[] = {
    {"hour|hours|hrs|hr|h|instance-hours|instance hours|instance-hrs", BILL_UNIT_TIME,
     JB_US_PER_HOUR, 1},
    {"second|seconds|secs|sec|s", BILL_UNIT_TIME, JB_US_PER_S, 1},
    {"minute|minutes|mins|min", BILL_UNIT_TIME, 60 * JB_US_PER_S, 1},
    {"millisecond|milliseconds|ms", BILL_UNIT_TIME, US_PER_MS, 1},
    {"day|days", BILL_UNIT_TIME, 24 * JB_US_PER_HOUR, 1},
    {"vcpu-hours|vcpu hours|vcpu-hour|vcpu hour|core hours|core hour|core-hours|cpu-hours",
     BILL_UNIT_TIME, JB_US_PER_HOUR, 1},
    {"vcpu-seconds|vcpu seconds|vcpu second|cpu-seconds", BILL_UNIT_TIME, JB_US_PER_S, 1},
    {"gb-seconds|gb-second|gb seconds|gb second|lambda-gb-seconds|lambda-gb-second|gib-seconds|gib "
     "second|gibibyte second|gibibyte seconds|gibibyte-seconds",
     BILL_UNIT_MEMORY_TIME, JB_US_PER_S, 1},
    {"gb-hours|gb-hour|gb hours|gb hour|gib-hours|gib hour|gib hours|gibibyte hour|gibibyte hours",
     BILL_UNIT_MEMORY_TIME, JB_US_PER_HOUR, 1},
    {"byte-seconds|byte-second|byte seconds", BILL_UNIT_MEMORY_TIME, JB_US_PER_S, GIB},
    {"kwh|kilowatt hour|kilowatt hours|kilowatt-hours", BILL_UNIT_ENERGY, INT64_C(3600000000000),
     1},
    {"wh|watt hours|watt-hours", BILL_UNIT_ENERGY, INT64_C(3600000000), 1},
    {"mwh|megawatt-hours|megawatt hours", BILL_UNIT_ENERGY, INT64_C(3600000000000000), 1},
    {"joule|joules", BILL_UNIT_ENERGY, INT64_C(1000000), 1},
};

const struct bill_unit *jb_bill__unit(const char *text, int64_t *ret_multiple)
{
    int64_t multiple = 0;

    for (; is_digit(*text) || *text == ','; text++)
        if (*text != ',' && multiple < 1000000)
            multiple = multiple * 10 + (*text - '0');
    *ret_multiple = multiple > 0 ? multiple : 1;
    while (*text == ' ')
        text++;
    for (size_t i = 0; i < JB_ARRAY_LEN(units); i++)
        if (jb_bill__matches(BILL_IS, text, units[i].name))
            return &units[i];
    return NULL;
}
