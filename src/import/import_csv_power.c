/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two columns, a time and a power or a cumulative energy, to readings. What the columns are, their header says, word by
 * word; nothing is guessed. Format: docs/format/csv-power.md.
 */
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "import/import.h"

/* At most "2024-05-10T11:38:00.123456789+05:30". */
#define TIME_TEXT_MAX 40
#define SECONDS_LEN   19 /* of "2024-05-10T11:38:00" */

struct field {
    const char *text;
    size_t len;
};

static bool is_text(const struct field *field, const char *text)
{
    return field->len == strlen(text) && memcmp(field->text, text, field->len) == 0;
}

static struct field trimmed(const char *text, size_t len)
{
    while (len > 0 && (text[0] == ' ' || text[0] == '\t')) {
        text++;
        len--;
    }
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        len--;
    return (struct field){text, len};
}

static bool two_digits(const char *text, int64_t *ret)
{
    if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
        return false;
    *ret = (text[0] - '0') * 10 + (text[1] - '0');
    return true;
}

/* "Z", "+01:00", "-0530" or "+01": what to take off the time to have UTC. */
static bool parse_zone(const char *text, size_t len, int64_t *ret_ns)
{
    int64_t hours = 0;
    int64_t minutes = 0;

    if (len == 1 && text[0] == 'Z') {
        *ret_ns = 0;
        return true;
    }
    if ((len != 3 && len != 5 && len != 6) || (text[0] != '+' && text[0] != '-') ||
        !two_digits(text + 1, &hours))
        return false;
    if ((len == 5 && !two_digits(text + 3, &minutes)) ||
        (len == 6 && (text[3] != ':' || !two_digits(text + 4, &minutes))) || hours > 14 ||
        minutes > 59)
        return false;
    *ret_ns = (hours * 60 + minutes) * 60 * JB_NS_PER_S * (text[0] == '-' ? -1 : 1);
    return true;
}

static jb_rc parse_utc(const char *text, size_t len, int64_t *ret_ns)
{
    char seconds[SECONDS_LEN + 2];
    int64_t utc_us = 0;
    int64_t fraction_ns = 0;
    int64_t zone_ns = 0;
    size_t at = SECONDS_LEN;

    if (len <= SECONDS_LEN || len > TIME_TEXT_MAX)
        return JB_E_INPUT;
    memcpy(seconds, text, SECONDS_LEN);
    seconds[SECONDS_LEN] = 'Z';
    if (jb_parse_utc(seconds, SECONDS_LEN + 1, &utc_us) < 0)
        return JB_E_INPUT;
    if (text[at] == '.') {
        int64_t digit_ns = JB_NS_PER_S / 10;
        size_t n = 0;
        for (at++; at < len && text[at] >= '0' && text[at] <= '9'; at++, n++) {
            fraction_ns += (text[at] - '0') * digit_ns;
            digit_ns /= 10;
        }
        if (n == 0)
            return JB_E_INPUT;
    }
    if (!parse_zone(text + at, len - at, &zone_ns))
        return JB_E_INPUT;
    /* jb_parse_utc takes years that nanoseconds cannot hold; the reader then refuses those outside of its own range. */
    if (jb_mul_i64(utc_us, JB_NS_PER_US, ret_ns) < 0)
        return JB_E_RANGE;
    return jb_add_i64(*ret_ns, fraction_ns - zone_ns, ret_ns);
}

static jb_rc parse_unix_s(const char *text, size_t len, int64_t *ret_ns)
{
    return jb_parse_decimal(text, len, 9, ret_ns);
}

static jb_rc parse_unix_ms(const char *text, size_t len, int64_t *ret_ns)
{
    return jb_parse_decimal(text, len, 6, ret_ns);
}

static const struct {
    const char *name;
    jb_rc (*parse)(const char *text, size_t len, int64_t *ret_ns);
    const char *example;
} time_columns[] = {
    {"utc", parse_utc, "write it as 2024-05-10T11:38:00.123Z or with an offset such as +02:00"},
    {"unix_s", parse_unix_s, "seconds since 1970 with a decimal point, such as 1715341080.337"},
    {"unix_ms", parse_unix_ms, "milliseconds since 1970, such as 1715341080337"},
};

/* Raw values have `scale` decimals of the column's unit; the unit says how many uW or uJ one of them is. */
static const struct {
    const char *name;
    unsigned scale;
    struct jb_import_unit unit;
} value_columns[] = {
    {"watts", 6, {JB_SEMANTICS_GAUGE, 1, 1}},
    {"mean_watts", 6, {JB_SEMANTICS_GAUGE_SINCE, 1, 1}},
    {"joules", 6, {JB_SEMANTICS_COUNTER, 1, 1}},
    {"wh", 6, {JB_SEMANTICS_COUNTER, 3600, 1}},
    {"kwh", 9, {JB_SEMANTICS_COUNTER, 3600, 1}},
};

static jb_rc take_header(struct jb_import_parser *parser, const struct field *time,
                         const struct field *value, struct jb_error *err)
{
    size_t t = 0;
    size_t v = 0;

    while (t < JB_ARRAY_LEN(time_columns) && !is_text(time, time_columns[t].name))
        t++;
    while (v < JB_ARRAY_LEN(value_columns) && !is_text(value, value_columns[v].name))
        v++;
    if (t == JB_ARRAY_LEN(time_columns) || v == JB_ARRAY_LEN(value_columns))
        return jb_fail(err, JB_E_INPUT,
                       "the first line is one of utc, unix_s, unix_ms, a comma, and one of watts, "
                       "mean_watts, joules, wh, kwh",
                       "it does not name the two columns");
    parser->has_header = true;
    parser->time_column = t;
    parser->value_column = v;
    parser->unit = value_columns[v].unit;
    return JB_OK;
}

/* R-IMPORT-05 */
static bool is_missing(const struct field *value)
{
    static const char *const words[] = {"", "nan", "NaN", "null", "NA", "N/A"};

    for (size_t i = 0; i < JB_ARRAY_LEN(words); i++)
        if (is_text(value, words[i]))
            return true;
    return false;
}

static jb_rc take_row(const struct jb_import_parser *parser, const struct field *time,
                      const struct field *value, struct jb_import_event *ret, struct jb_error *err)
{
    struct jb_import_event event = {.what = JB_IMPORT_READING};
    int64_t raw = 0;

    if (time_columns[parser->time_column].parse(time->text, time->len, &event.utc_ns) < 0)
        return jb_fail(err, JB_E_INPUT, time_columns[parser->time_column].example,
                       "its first column is no time");
    if (is_missing(value))
        event.what = JB_IMPORT_FAILED;
    else if (jb_parse_decimal(value->text, value->len, value_columns[parser->value_column].scale,
                              &raw) < 0 ||
             raw < 0)
        return jb_fail(
            err, JB_E_INPUT, "a number, 0 or more, with a decimal point; nothing if it is missing",
            "its second column is no number of %s", value_columns[parser->value_column].name);
    event.raw = (uint64_t)raw;
    *ret = event;
    return JB_OK;
}

static jb_rc take_csv_line(struct jb_import_parser *parser, const char *line, size_t len,
                           struct jb_import_event *ret, struct jb_error *err)
{
    const struct field all = trimmed(line, len);
    const char *const comma = all.len > 0 ? memchr(all.text, ',', all.len) : NULL;

    if (all.len == 0 || all.text[0] == '#')
        return JB_OK;
    if (!comma || memchr(comma + 1, ',', all.len - (size_t)(comma + 1 - all.text)))
        return jb_fail(err, JB_E_INPUT, "a time, a comma and a value; decimals have a point",
                       "it has not two columns");
    const struct field time = trimmed(all.text, (size_t)(comma - all.text));
    const struct field value = trimmed(comma + 1, all.len - (size_t)(comma + 1 - all.text));
    return parser->has_header ? take_row(parser, &time, &value, ret, err)
                              : take_header(parser, &time, &value, err);
}

const struct jb_import_format jb_import_csv_power = {
    .name = "csv-power",
    .summary = "two columns: utc, unix_s or unix_ms, and watts, mean_watts, joules, wh or kwh",
    .take_line = take_csv_line,
};
