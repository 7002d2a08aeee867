/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UTC microseconds to RFC 3339 text and back, by the proleptic Gregorian calendar; no time zone, no leap seconds (as
 * the system's UTC has none). It must never ask the system for a time or a zone.
 */
#include "base/num.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/compiler.h"

#define US_PER_DAY (24 * JB_US_PER_HOUR)

/* The calendar repeats every 400 years; counted from 1 March 0000 a leap day is the last of its year. */
#define DAYS_PER_ERA     146097
#define DAYS_BEFORE_1970 719468 /* from 0000-03-01 to 1970-01-01 */

struct date {
    int64_t year;
    int month; /* 1 to 12 */
    int day;   /* 1 to 31 */
};

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

static int64_t days_from_date(struct date date)
{
    const int64_t year =
        date.month > 2 ? date.year : date.year - 1; /* of a year that begins in March */
    const int64_t era = floor_div(year, 400);
    const int64_t year_of_era = year - era * 400;
    const int64_t month = (date.month + 9) % 12; /* March is 0 */
    const int64_t day_of_year = (153 * month + 2) / 5 + date.day - 1;

    return era * DAYS_PER_ERA + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
           day_of_year - DAYS_BEFORE_1970;
}

static struct date date_from_days(int64_t days)
{
    const int64_t shifted = days + DAYS_BEFORE_1970;
    const int64_t era = floor_div(shifted, DAYS_PER_ERA);
    const int64_t day_of_era = shifted - era * DAYS_PER_ERA;
    /* Takes out the leap days passed: one in 1461 days, not in 36524, and again in 146096. */
    const int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int64_t month = (5 * day_of_year + 2) / 153;
    const int calendar_month = (int)(month < 10 ? month + 3 : month - 9);

    return (struct date){
        .year = era * 400 + year_of_era + (calendar_month <= 2 ? 1 : 0),
        .month = calendar_month,
        .day = (int)(day_of_year - (153 * month + 2) / 5 + 1),
    };
}

const char *jb_format_utc(int64_t utc_us, bool with_us, char *buf, size_t size)
{
    const int64_t days = floor_div(utc_us, US_PER_DAY);
    /* Not utc_us - days * US_PER_DAY, which passes the scale next to INT64_MIN. */
    const int64_t rest_us = utc_us % US_PER_DAY + (utc_us % US_PER_DAY < 0 ? US_PER_DAY : 0);
    const struct date date = date_from_days(days);
    const int seconds = (int)(rest_us / JB_US_PER_S);
    char fraction[16] = "";
    char text[80];

    if (size == 0)
        return "";
    if (with_us)
        (void)snprintf(fraction, sizeof fraction, ".%06d", (int)(rest_us % JB_US_PER_S));
    const int len =
        snprintf(text, sizeof text, "%s%04" PRId64 "-%02d-%02dT%02d:%02d:%02d%sZ",
                 date.year < 0 ? "-" : "", date.year < 0 ? -date.year : date.year, date.month,
                 date.day, seconds / 3600, seconds / 60 % 60, seconds % 60, fraction);
    buf[0] = '\0';
    if (len > 0 && (size_t)len < size)
        memcpy(buf, text, (size_t)len + 1);
    return buf;
}

/* `n` digits at text[at] as a number in [0, max]; -1 where they are not that. */
static int fixed_digits(const char *text, size_t at, size_t n, int max)
{
    int value = 0;

    for (size_t i = at; i < at + n; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value <= max ? value : -1;
}

static int days_in_month(int year, int month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

/* The whole text is exactly one of the two shapes, or it is refused: a lenient reader guesses a zone some day. */
jb_rc jb_parse_utc(const char *text, size_t len, int64_t *ret_utc_us)
{
    const size_t plain_len = strlen("2026-11-23T06:41:56Z");
    const size_t long_len = strlen("2026-11-23T06:41:56.123456Z");
    int fraction_us = 0;

    if (len != plain_len && len != long_len)
        return JB_E_INPUT;
    if (text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != ' ') ||
        text[13] != ':' || text[16] != ':' || text[len - 1] != 'Z')
        return JB_E_INPUT;
    if (len == long_len) {
        if (text[19] != '.')
            return JB_E_INPUT;
        fraction_us = fixed_digits(text, 20, 6, 999999);
    }

    const int year = fixed_digits(text, 0, 4, 9999);
    const int month = fixed_digits(text, 5, 2, 12);
    const int day = fixed_digits(text, 8, 2, 31);
    const int hour = fixed_digits(text, 11, 2, 23);
    const int minute = fixed_digits(text, 14, 2, 59);
    const int second = fixed_digits(text, 17, 2, 59);
    if (year < 0 || month < 1 || day < 1 || hour < 0 || minute < 0 || second < 0 || fraction_us < 0)
        return JB_E_INPUT;
    if (day > days_in_month(year, month))
        return JB_E_INPUT;

    const int64_t days = days_from_date((struct date){.year = year, .month = month, .day = day});
    *ret_utc_us = days * US_PER_DAY + (hour * INT64_C(3600) + minute * 60 + second) * JB_US_PER_S +
                  fraction_us;
    return JB_OK;
}

int64_t jb_utc_year(int64_t utc_us)
{
    char text[32];
    int64_t year = 0;

    (void)jb_format_utc(utc_us, false, text, sizeof text);
    return jb_parse_i64(text, strcspn(text, "-"), false, &year) == JB_OK ? year : 0;
}
