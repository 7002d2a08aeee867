/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A matrix of Prometheus to series of the table: times to the millisecond, values exactly as written. What is no matrix is
 * refused with where it stands; a value that is no number is a failed read. Must not merge or judge. R-PROM-01, -04, -06.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/clean.h"
#include "base/compiler.h"
#include "base/num.h"
#include "import/import.h"
#include "import/prometheus_int.h"

#define SERIES_MAX 4096
/* From 2010, where times of imports begin, to where they end. */
#define TIME_MIN_S (JB_IMPORT_EPOCH_UTC_NS / INT64_C(1000000000))
#define TIME_MAX_S ((JB_IMPORT_EPOCH_UTC_NS + JB_IMPORT_TIME_END_NS) / INT64_C(1000000000))

struct source {
    const char *name;
    size_t series, sample; /* from 1; 0: not there yet */
    struct jb_error *err;
};

static jb_rc refuse(const struct source *at, const char *what)
{
    char name[128];
    char place[80] = " 'data'";

    jb_clean_copy(at->name, name, sizeof name);
    if (at->sample > 0)
        (void)snprintf(place, sizeof place, " 'data.result[%zu].values[%zu]'", at->series - 1,
                       at->sample - 1);
    else if (at->series > 0)
        (void)snprintf(place, sizeof place, " 'data.result[%zu]'", at->series - 1);
    return jb_fail(at->err, JB_E_INPUT, "save the whole answer of /api/v1/query_range",
                   "'%s'%s: %s", name, place, what);
}

jb_rc jb_prometheus_new(const struct jb_prometheus_wanted *wanted, struct jb_prometheus **ret,
                        struct jb_error *err)
{
    struct jb_prometheus *const history = calloc(1, sizeof *history);

    if (!history)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a history");
    history->wanted = *wanted;
    *ret = history;
    return JB_OK;
}

void jb_prometheus_free(struct jb_prometheus *history)
{
    if (!history)
        return;
    for (size_t i = 0; i < history->n_series; i++)
        free(history->series[i].samples);
    free(history->series);
    free(history);
}

static const char *label_of(const json_t *labels, const char *name)
{
    const char *const text = name ? json_string_value(json_object_get(labels, name)) : NULL;

    return text ? text : "";
}

static bool is_wanted(const struct jb_prometheus_wanted *wanted, const char *preset)
{
    for (size_t i = 0; i < wanted->n_presets; i++)
        if (strcmp(wanted->presets[i], preset) == 0)
            return true;
    return wanted->n_presets == 0;
}

static const struct jb_prometheus_metric *find_metric(const struct jb_prometheus *history,
                                                      const json_t *labels)
{
    const char *const name = label_of(labels, "__name__");

    for (const struct jb_prometheus_metric *at = jb_prometheus_metrics; at->preset; at++)
        if (strcmp(at->name, name) == 0 && is_wanted(&history->wanted, at->preset) &&
            (!at->label || strcmp(label_of(labels, at->label), at->value) == 0))
            return at;
    return NULL;
}

/* Appends a separator and the text, in characters that an account's name may have. */
static void add_name(char *buf, size_t size, char between, const char *text)
{
    size_t len = strlen(buf);

    if (text[0] == '\0' || len + 2 > size)
        return;
    buf[len++] = between;
    for (; *text && len + 1 < size; text++)
        buf[len++] = *text;
    buf[len] = '\0';
    for (char *at = buf; *at; at++)
        if (!jb_clean_is_alnum(*at) && !strchr("._-/", *at))
            *at = '_';
}

/* "node1:9100", "[fe80::1]:9100", "node1". */
static void host_of(const char *instance, char *buf, size_t size)
{
    const char *const colon = strrchr(instance, ':');
    const char *const bracket = strrchr(instance, ']');
    size_t len = strlen(instance);

    if (colon && (bracket ? colon > bracket : strchr(instance, ':') == colon))
        len = (size_t)(colon - instance);
    (void)snprintf(buf, size, "%.*s", (int)(len < size ? len : size - 1), instance);
}

static void describe(const struct jb_prometheus_metric *metric, const json_t *labels,
                     struct prometheus__series *ret)
{
    const char *id = label_of(labels, metric->ids[0]);

    *ret = (struct prometheus__series){.metric = metric};
    if (id[0] == '\0')
        id = label_of(labels, metric->ids[1]);
    (void)snprintf(ret->domain, sizeof ret->domain, "%s", metric->domain);
    /* The kernel's own names end in a number: "rapl/package-0". */
    add_name(ret->domain, sizeof ret->domain, metric->is_numbered ? '-' : '/', id);
    add_name(ret->domain, sizeof ret->domain, '/', label_of(labels, metric->more));
    ret->is_duplicate = metric->duplicate_label &&
                        strstr(label_of(labels, metric->duplicate_label), metric->duplicate_value);
    for (size_t i = 0; i < JB_ARRAY_LEN(metric->parts); i++)
        add_name(ret->part, sizeof ret->part, '/', label_of(labels, metric->parts[i]));
    (void)snprintf(ret->instance, sizeof ret->instance, "%s", label_of(labels, "instance"));
    host_of(ret->instance, ret->host, sizeof ret->host);
}

static jb_rc find_series(struct jb_prometheus *history, const struct prometheus__series *wanted,
                         const struct source *at, struct prometheus__series **ret)
{
    struct prometheus__series *grown;

    for (size_t i = 0; i < history->n_series; i++) {
        struct prometheus__series *const one = &history->series[i];
        if (one->metric == wanted->metric && one->is_duplicate == wanted->is_duplicate &&
            strcmp(one->domain, wanted->domain) == 0 && strcmp(one->part, wanted->part) == 0 &&
            strcmp(one->instance, wanted->instance) == 0) {
            *ret = one;
            return JB_OK;
        }
    }
    if (history->n_series == SERIES_MAX)
        return refuse(at, "more than 4096 meters: name those of one node with --match");
    if (history->n_series == history->capacity) {
        const size_t capacity = history->capacity ? 2 * history->capacity : 16;
        grown = realloc(history->series, capacity * sizeof *grown);
        if (!grown)
            return jb_fail(at->err, JB_E_NOMEM, NULL, "no memory for a history");
        history->series = grown;
        history->capacity = capacity;
    }
    *ret = &history->series[history->n_series++];
    **ret = *wanted;
    return JB_OK;
}

static jb_rc push(struct jb_prometheus *history, struct prometheus__series *series,
                  const struct jb_prometheus_sample *sample, const struct source *at)
{
    if (history->n_samples == JB_PROMETHEUS_SAMPLES_MAX)
        return refuse(at, "more than 8388608 samples: import a shorter time at once");
    if (series->n_samples == series->capacity) {
        const size_t capacity = series->capacity ? 2 * series->capacity : 64;
        struct jb_prometheus_sample *const grown =
            realloc(series->samples, capacity * sizeof *grown);
        if (!grown)
            return jb_fail(at->err, JB_E_NOMEM, NULL, "no memory for a history");
        series->samples = grown;
        series->capacity = capacity;
    }
    series->samples[series->n_samples++] = *sample;
    history->n_samples++;
    return JB_OK;
}

/* 1700000000 or 1700000000.123: milliseconds, as that server keeps its times. */
static bool take_time(const json_t *time, int64_t *ret_utc_ms)
{
    if (json_is_integer(time)) {
        const json_int_t s = json_integer_value(time);
        *ret_utc_ms = s > TIME_MIN_S && s < TIME_MAX_S ? s * 1000 : -1;
    } else if (json_is_real(time)) {
        const int64_t min_s = TIME_MIN_S;
        const int64_t max_s = TIME_MAX_S;
        const double s = json_real_value(time);
        *ret_utc_ms = s > (double)min_s && s < (double)max_s ? llround(s * 1000) : -1;
    } else {
        return false;
    }
    return *ret_utc_ms > 0;
}

/* R-PROM-06: as written, to the uJ or uW; "NaN", "+Inf", below zero and beyond 64 bits: a failed read. */
static int64_t take_value(const struct jb_prometheus_metric *metric, const char *text)
{
    int64_t raw;

    return jb_parse_decimal(text, strlen(text), metric->decimals, &raw) == JB_OK && raw >= 0
               ? raw
               : JB_PROMETHEUS_FAILED;
}

static jb_rc take_pair(struct jb_prometheus *history, struct prometheus__series *series,
                       const json_t *pair, const struct source *at)
{
    const char *const text = json_string_value(json_array_get(pair, 1));
    struct jb_prometheus_sample sample;

    if (json_array_size(pair) != 2 || !text)
        return refuse(at, "a sample is not [time, \"value\"]");
    if (!take_time(json_array_get(pair, 0), &sample.utc_ms))
        return refuse(at, "the time of a sample is not one of the years 2010 to 2046");
    sample.raw = take_value(series->metric, text);
    return push(history, series, &sample, at);
}

static jb_rc take_series(struct jb_prometheus *history, const json_t *entry, struct source *at)
{
    const json_t *const labels = json_object_get(entry, "metric");
    const json_t *const values = json_object_get(entry, "values");
    const struct jb_prometheus_metric *metric;
    struct prometheus__series wanted;
    struct prometheus__series *series = NULL;
    jb_rc rc;

    if (!json_is_object(labels) || !json_is_array(values))
        return refuse(at, "it has no labels and values");
    metric = find_metric(history, labels);
    if (!metric) {
        if (history->n_unknown++ == 0)
            jb_clean_copy(label_of(labels, "__name__"), history->unknown, sizeof history->unknown);
        return JB_OK;
    }
    /* Kepler up to 0.9 estimates what it cannot read, and says so only here. */
    if (strstr(label_of(labels, "source"), "model")) {
        history->n_modelled++;
        return JB_OK;
    }
    describe(metric, labels, &wanted);
    rc = find_series(history, &wanted, at, &series);
    for (size_t i = 0; i < json_array_size(values) && rc == JB_OK; i++) {
        at->sample = i + 1;
        rc = take_pair(history, series, json_array_get(values, i), at);
    }
    at->sample = 0;
    return rc;
}

static jb_rc take_matrix(struct jb_prometheus *history, const json_t *root, struct source *at)
{
    const char *const status = json_string_value(json_object_get(root, "status"));
    const json_t *data = json_object_get(root, "data");
    const char *type;
    const json_t *result;
    jb_rc rc = JB_OK;

    if (status && strcmp(status, "success") != 0)
        return refuse(at, "it is the answer of a query that failed");
    data = data ? data : root;
    type = json_string_value(json_object_get(data, "resultType"));
    result = json_object_get(data, "result");
    if (!type || strcmp(type, "matrix") != 0 || !json_is_array(result))
        return refuse(at, "it is not a matrix, which /api/v1/query_range answers");
    for (size_t i = 0; i < json_array_size(result) && rc == JB_OK; i++) {
        at->series = i + 1;
        rc = take_series(history, json_array_get(result, i), at);
    }
    return rc;
}

jb_rc jb_prometheus_add(struct jb_prometheus *history, const char *source, const char *text,
                        size_t len, struct jb_error *err)
{
    struct source at = {.name = source, .err = err};
    json_error_t where;
    json_t *root;
    jb_rc rc;

    if (len > JB_PROMETHEUS_ANSWER_MAX)
        return refuse(&at, "it is longer than 64 MiB");
    root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &where);
    if (!root) {
        char name[128];
        char what[sizeof where.text];
        jb_clean_copy(source, name, sizeof name);
        jb_clean_copy(where.text, what, sizeof what);
        return jb_fail(err, JB_E_INPUT, "save the whole answer of /api/v1/query_range",
                       "'%s', line %d, column %d: not JSON: %.100s", name, where.line, where.column,
                       what);
    }
    rc = take_matrix(history, root, &at);
    json_decref(root);
    return rc;
}
