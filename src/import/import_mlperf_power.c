/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Power logs of MLPerf Training: lines ":::MLLOG {json}" with time_ms in UTC and watts; anything else in the file is
 * somebody else's output. A reading counts for the time since the one before it (MLPerf's rule, R-ENERGY-09).
 */
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "import/import.h"

#define MAGIC     ":::MLLOG"
#define MAGIC_LEN 8

/* Microwatts; 10 GW is more than any node's. */
#define POWER_END_UW  1e16
#define UW_PER_W      1e6
#define TIME_MS_LIMIT 9.2e12

JB_UNUSED static inline void json_auto(json_t **value)
{
    json_decref(*value);
}

static const char *find_magic(const char *line, size_t len)
{
    for (size_t i = 0; i + MAGIC_LEN <= len; i++)
        if (memcmp(line + i, MAGIC, MAGIC_LEN) == 0)
            return line + i;
    return NULL;
}

/* Some loggers write whole milliseconds, some fractions. */
static jb_rc take_time(const json_t *record, struct jb_import_event *event, struct jb_error *err)
{
    const json_t *const time_ms = json_object_get(record, "time_ms");
    const double ms = json_is_number(time_ms) ? json_number_value(time_ms) : -1;

    if (!(ms >= 0 && ms < TIME_MS_LIMIT))
        return jb_fail(err, JB_E_INPUT, "time_ms is milliseconds since 1970, UTC",
                       "it has no time_ms that is a time");
    event->utc_ns = json_is_integer(time_ms) ? json_integer_value(time_ms) * JB_NS_PER_MS
                                             : llround(ms * 1e3) * JB_NS_PER_US;
    return JB_OK;
}

/* R-IMPORT-05: what has no value is a failed reading; what has another kind of value is no log of this format. */
static jb_rc take_value(const json_t *record, struct jb_import_event *event, struct jb_error *err)
{
    const json_t *const value = json_object_get(record, "value");
    const char *const text = json_string_value(value);
    double watts;

    if (!value || json_is_null(value) ||
        (text && (strcmp(text, "null") == 0 || strcmp(text, "") == 0))) {
        event->what = JB_IMPORT_FAILED;
        return JB_OK;
    }
    watts = json_is_number(value) ? json_number_value(value) : -1;
    if (!(watts >= 0 && watts * UW_PER_W < POWER_END_UW))
        return jb_fail(err, JB_E_INPUT, "a power_reading is watts, 0 or more",
                       "its value is not a power");
    event->what = JB_IMPORT_READING;
    event->raw = (uint64_t)llround(watts * UW_PER_W);
    return JB_OK;
}

static jb_rc take_mlperf_line(struct jb_import_parser *parser, const char *line, size_t len,
                              struct jb_import_event *ret, struct jb_error *err)
{
    JB_AUTO(json_auto) json_t *record = NULL;
    const char *const magic = find_magic(line, len);
    struct jb_import_event event = {.what = JB_IMPORT_OTHER};
    json_error_t why;
    const char *key;
    jb_rc rc = JB_OK;

    parser->unit = (struct jb_import_unit){JB_SEMANTICS_GAUGE_SINCE, 1, 1};
    if (!magic)
        return JB_OK;
    record = json_loadb(magic + MAGIC_LEN, len - (size_t)(magic - line) - MAGIC_LEN,
                        JSON_REJECT_DUPLICATES, &why);
    if (!record)
        return jb_fail(err, JB_E_INPUT, "a torn last line can be removed",
                       "what follows :::MLLOG is not a JSON object: its column %d: %.80s",
                       why.column, why.text);
    key = json_string_value(json_object_get(record, "key"));
    if (!key)
        return jb_fail(err, JB_E_INPUT, "a torn last line can be removed",
                       "what follows :::MLLOG is not a JSON object with a key");
    jb_clean_copy(key, event.key, sizeof event.key);
    if (strcmp(key, "power_measurement_start") == 0)
        event.what = JB_IMPORT_START;
    else if (strcmp(key, "power_measurement_stop") == 0)
        event.what = JB_IMPORT_STOP;
    else if (strcmp(key, "power_reading") == 0)
        rc = take_value(record, &event, err);
    if (rc == JB_OK && event.what != JB_IMPORT_OTHER)
        rc = take_time(record, &event, err);
    if (rc == JB_OK)
        *ret = event;
    return rc;
}

const struct jb_import_format jb_import_mlperf_power = {
    .name = "mlperf-power",
    .summary = "power readings of MLPerf Training (:::MLLOG lines, one file a node)",
    .take_line = take_mlperf_line,
};
