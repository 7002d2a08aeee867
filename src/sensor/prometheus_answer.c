/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An answer of /api/v1/query to one value and its instant. Must not add up series, choose among them, or take "NaN" (a
 * series that ended) for a number. Rules R-SENSOR-82, R-SENSOR-87.
 */
#include <string.h>

#include "sensor/meter_answer.h"
#include "sensor/meter_json.h"

#define SCALE_MICRO 6

/* [1700000000.123, "42.5"] */
static jb_rc take_sample(const json_t *pair, uint64_t *ret_micro, int64_t *ret_utc_us)
{
    uint64_t utc_us;
    uint64_t micro;

    if (json_array_size(pair) != 2 || !json_is_number(json_array_get(pair, 0)) ||
        !json_is_string(json_array_get(pair, 1)) ||
        meter_json__decimal(json_array_get(pair, 0), SCALE_MICRO, &utc_us) < 0 ||
        meter_json__decimal(json_array_get(pair, 1), SCALE_MICRO, &micro) < 0)
        return JB_E_AGAIN;
    *ret_micro = micro;
    *ret_utc_us = (int64_t)utc_us;
    return JB_OK;
}

/* The last sample holds; those before it tell only how often there is one. */
static jb_rc take_values(const json_t *values, struct prometheus_answer *answer)
{
    const size_t n = json_array_size(values);
    int64_t before_us = 0;
    uint64_t micro;

    if (n == 0)
        return JB_E_AGAIN;
    for (size_t i = 0; i < n; i++) {
        int64_t utc_us;
        const jb_rc rc = take_sample(json_array_get(values, i), &micro, &utc_us);
        if (rc < 0 && i + 1 == n)
            return rc;
        if (rc < 0)
            continue;
        if (before_us > 0 && utc_us <= before_us)
            return JB_E_AGAIN;
        if (before_us > 0 && utc_us - before_us > answer->step_us)
            answer->step_us = utc_us - before_us;
        before_us = utc_us;
        answer->micro = micro;
        answer->utc_us = utc_us;
    }
    return JB_OK;
}

static jb_rc take_result(const char *type, const json_t *result, struct prometheus_answer *answer)
{
    if (strcmp(type, "scalar") == 0) {
        answer->n_series = 1;
        return take_sample(result, &answer->micro, &answer->utc_us);
    }
    answer->is_matrix = strcmp(type, "matrix") == 0;
    if ((!answer->is_matrix && strcmp(type, "vector") != 0) || !json_is_array(result))
        return JB_E_AGAIN;
    answer->n_series = json_array_size(result);
    if (answer->n_series != 1)
        return JB_OK;
    const json_t *const series = json_array_get(result, 0);
    if (answer->is_matrix)
        return take_values(json_object_get(series, "values"), answer);
    return take_sample(json_object_get(series, "value"), &answer->micro, &answer->utc_us);
}

jb_rc prometheus__parse(const char *text, size_t len, struct prometheus_answer *ret)
{
    json_t *const root = meter_json__object(text, len);
    const char *const status = json_string_value(json_object_get(root, "status"));
    const json_t *const inner = json_object_get(root, "data");
    const char *const type = json_string_value(json_object_get(inner, "resultType"));
    struct prometheus_answer answer = {0};
    jb_rc rc = JB_E_AGAIN;

    if (status && strcmp(status, "success") == 0 && type)
        rc = take_result(type, json_object_get(inner, "result"), &answer);
    json_decref(root);
    if (rc == JB_OK)
        *ret = answer;
    return rc;
}
