/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two columns, a time and a power or a cumulative energy, to readings. What the columns are, their header says, word by
 * word; nothing is guessed. Format: docs/format/csv-power.md.
 */
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "import/import.h"
#include "import/import_int.h"

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

static jb_rc parse_utc(const char *text, size_t len, int64_t *ret_ns)
{
    bool has_zone = false;
    const jb_rc rc = import__parse_time(text, len, ret_ns, &has_zone);

    return rc == JB_OK && !has_zone ? JB_E_INPUT : rc;
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
