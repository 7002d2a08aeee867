/* SPDX-License-Identifier: Apache-2.0 */
/* UTC as text. Expected seconds are date(1)'s; the calendar is checked day by day against a plain count of days. */
#include "base/num.h"
#include "tap.h"

static void is_both(int64_t seconds, const char *text)
{
    char got[32];
    int64_t back_us = 0;

    is_str(jb_format_utc(seconds * 1000000, false, got, sizeof got), text, "%" PRId64 " is %s",
           seconds, text);
    ok(jb_parse_utc(text, strlen(text), &back_us) == JB_OK && back_us == seconds * 1000000,
       "and back");
}

static void known_times(void)
{
    char got[32];
    int64_t utc_us = 0;

    is_both(0, "1970-01-01T00:00:00Z");
    is_both(-1, "1969-12-31T23:59:59Z");
    is_both(951782400, "2000-02-29T00:00:00Z");
    is_both(1709210096, "2024-02-29T12:34:56Z");
    is_both(1795416116, "2026-11-23T06:41:56Z");
    is_both(-2203891200, "1900-03-01T00:00:00Z");
    is_both(4107542400, "2100-03-01T00:00:00Z");
    is_both(-62135596800, "0001-01-01T00:00:00Z");
    is_both(-62167219200, "0000-01-01T00:00:00Z");
    is_both(253402300799, "9999-12-31T23:59:59Z");

    is_str(jb_format_utc(1795416116000007, true, got, sizeof got), "2026-11-23T06:41:56.000007Z",
           "microseconds are shown where asked for");
    is_str(jb_format_utc(1795416116999999, false, got, sizeof got), "2026-11-23T06:41:56Z",
           "and cut, not rounded into the next second, where not");
    is_str(jb_format_utc(-1, true, got, sizeof got), "1969-12-31T23:59:59.999999Z",
           "a microsecond before 1970");
    is_str(jb_format_utc(INT64_MAX, true, got, sizeof got), "294247-01-10T04:00:54.775807Z",
           "the last label");
    is_str(jb_format_utc(INT64_MIN, true, got, sizeof got), "-290308-12-21T19:59:05.224192Z",
           "the first label");
    is_str(jb_format_utc(0, false, got, 20), "", "a text that does not fit is not begun");

    is_i64(jb_utc_year(1583020799999999), 2020, "the last microsecond of February 2020 is in 2020");
    is_i64(jb_utc_year(1577836799999999), 2019, "that before 2020 in 2019");
    is_i64(jb_utc_year(INT64_MIN), 0, "a label below zero has no year");

    ok(jb_parse_utc("2026-11-23 06:41:56Z", 20, &utc_us) == JB_OK && utc_us == 1795416116000000,
       "a blank may stand for the T");
    ok(jb_parse_utc("2026-11-23T06:41:56.000007Z", 27, &utc_us) == JB_OK &&
           utc_us == 1795416116000007,
       "microseconds are read");
    ok(jb_parse_utc("2026-11-23T06:41:56Zjunk", 20, &utc_us) == JB_OK && utc_us == 1795416116000000,
       "nothing behind len is looked at");
}

static void refused_times(void)
{
    static const char *const refused[] = {
        "",
        "2026-11-23",
        "2026-11-23T06:41:56",
        "2026-11-23T06:41:56+00:00",
        "2026-11-23T06:41:56z",
        "2026-11-23t06:41:56Z",
        "2026-11-23_06:41:56Z",
        "2026/11/23T06:41:56Z",
        "2026-11-23T06.41.56Z",
        "2026-11-23T06:41:56.123Z",
        "2026-11-23T06:41:56,123456Z",
        "2026-11-23T06:41:56.12345xZ",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-01-32T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2025-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "2026-11-23T24:00:00Z",
        "2026-11-23T23:60:00Z",
        "2016-12-31T23:59:60Z",
        "-026-11-23T06:41:56Z",
        "2026-11-23T+6:41:56Z",
        "2026-11-23T06:41: 6Z",
    };

    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        int64_t utc_us = 424242;
        ok(jb_parse_utc(refused[i], strlen(refused[i]), &utc_us) == JB_E_INPUT && utc_us == 424242,
           "\"%s\" is refused", refused[i]);
    }
}

static bool is_leap(int year)
{
    return year % 400 == 0 || (year % 4 == 0 && year % 100 != 0);
}

/* Counts from 1600-01-01, which date(1) puts at -11676096000 s, through two cycles of the calendar. */
static void every_day(void)
{
    static const int month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const int64_t day_us = INT64_C(86400000000);
    int64_t utc_us = INT64_C(-11676096000) * 1000000;
    bool formats = true;
    bool parses = true;
    int n_days = 0;

    for (int year = 1600; year < 2400; year++) {
        for (int month = 1; month <= 12; month++) {
            const int n = month_days[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
            for (int day = 1; day <= n; day++) {
                char want[64];
                char got[32];
                int64_t back_us = 0;
                (void)snprintf(want, sizeof want, "%04d-%02d-%02dT23:59:59.999999Z", year, month,
                               day);
                formats =
                    formats &&
                    strcmp(jb_format_utc(utc_us + day_us - 1, true, got, sizeof got), want) == 0;
                parses = parses && jb_parse_utc(want, strlen(want), &back_us) == JB_OK &&
                         back_us == utc_us + day_us - 1;
                utc_us += day_us;
                n_days++;
            }
        }
    }
    is_i64(n_days, 2 * 146097, "800 years are 292194 days");
    ok(formats, "the last microsecond of each is written with its own date");
    ok(parses, "and read back");
}

int main(void)
{
    known_times();
    refused_times();
    every_day();
    return done_testing();
}
