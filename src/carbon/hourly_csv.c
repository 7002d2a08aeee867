/* SPDX-License-Identifier: Apache-2.0 */
/* A CSV file of hourly intensities into rows (R-CARBON-04). A doubtful line stops it with the line's number. */
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "carbon/carbon_int.h"

#define HEADER "utc_hour_start,gco2e_per_kwh"

struct line {
    const char *text; /* not terminated */
    size_t len;
    size_t number;
};

static void trim(const char **text, size_t *len)
{
    while (*len > 0 && (**text == ' ' || **text == '\t')) {
        (*text)++;
        (*len)--;
    }
    while (*len > 0 &&
           ((*text)[*len - 1] == ' ' || (*text)[*len - 1] == '\t' || (*text)[*len - 1] == '\r'))
        (*len)--;
}

static jb_rc fail_line(const char *name, const struct line *line, const char *hint,
                       const char *what, struct jb_error *err)
{
    const int shown = line->len < 60 ? (int)line->len : 60;
    return jb_fail(err, JB_E_INPUT, hint, "%s:%zu: %s: '%.*s'", name, line->number, what, shown,
                   line->text);
}

static jb_rc parse_row(const char *name, const struct line *line, struct hourly__row *ret,
                       struct jb_error *err)
{
    const char *const comma = memchr(line->text, ',', line->len);
    if (!comma)
        return fail_line(name, line, "write 2026-11-23T06:00:00Z,253.31", "two cells wanted", err);

    const char *time = line->text, *figure = comma + 1;
    size_t time_len = (size_t)(comma - line->text), figure_len = line->len - time_len - 1;
    trim(&time, &time_len);
    trim(&figure, &figure_len);
    struct hourly__row hour = {.at = line->number};
    if (jb_parse_utc(time, time_len, &hour.start_utc_us) < 0)
        return fail_line(name, line, "write 2026-11-23T06:00:00Z; UTC only", "not a time in UTC",
                         err);
    if (hour.start_utc_us % JB_US_PER_HOUR != 0)
        return fail_line(name, line, "give the full hour it begins at", "not the start of an hour",
                         err);
    if (jb_parse_decimal(figure, figure_len, 3, &hour.mg_per_kwh) < 0)
        return fail_line(name, line, "write gram CO2e per kWh such as 253.31", "not a number", err);
    if (hour.mg_per_kwh < 0 || hour.mg_per_kwh > JB_HOURLY_MG_MAX)
        return fail_line(name, line, "gram CO2e per kWh lie between 0 and 10000",
                         "not an intensity", err);
    if (jb_add_i64(hour.start_utc_us, JB_US_PER_HOUR, &hour.end_utc_us) < 0)
        return fail_line(name, line, "give a year of four digits", "not a time in UTC", err);
    *ret = hour;
    return JB_OK;
}

static jb_rc add_row(struct jb_hourly *hourly, const char *name, const struct line *line,
                     struct jb_error *err)
{
    struct hourly__row hour;
    const jb_rc rc = parse_row(name, line, &hour, err);

    return rc < 0 ? rc : hourly__add(hourly, name, &hour, err);
}

jb_rc hourly__parse_csv(const char *name, const char *text, size_t len, struct jb_hourly *hourly,
                        struct jb_error *err)
{
    bool has_header = false;
    const char *at = text;
    size_t left = len;

    for (struct line line = {.number = 1}; left > 0; line.number++) {
        const char *const newline = memchr(at, '\n', left);
        const size_t with_newline = newline ? (size_t)(newline - at) + 1 : left;
        line.text = at;
        line.len = newline ? with_newline - 1 : left;
        at += with_newline;
        left -= with_newline;
        trim(&line.text, &line.len);
        if (line.len == 0 || line.text[0] == '#')
            continue;
        jb_rc rc = JB_OK;
        if (has_header)
            rc = add_row(hourly, name, &line, err);
        else if (line.len == strlen(HEADER) && memcmp(line.text, HEADER, line.len) == 0)
            has_header = true;
        else
            rc = fail_line(name, &line, "begin the file with " HEADER, "not the header", err);
        if (rc < 0)
            return rc;
    }
    if (jb_hourly_n_rows(hourly) == 0)
        return jb_fail(err, JB_E_INPUT, "begin the file with " HEADER ", then one line per hour",
                       "'%s' holds no hourly intensities", name);
    return hourly__sort(hourly, name, "line", err);
}
