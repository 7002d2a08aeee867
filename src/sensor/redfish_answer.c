/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Redfish resource to what it links to and reads. Links that leave the host are none. Must not guess: a reading that is
 * null or absent is none, and a sensor of another kind (temperature) reads nothing. Rules R-SENSOR-82, R-SENSOR-83.
 */
#include "sensor/redfish_answer.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/compiler.h"
#include "base/num.h"
#include "sensor/meter_json.h"

/* The schema's name in "#EnvironmentMetrics.v1_3_0.EnvironmentMetrics". */
static const struct {
    const char *prefix;
    enum redfish_kind kind;
} kinds[] = {
    {"#ServiceRoot.", REDFISH_ROOT}, {"#ChassisCollection.", REDFISH_COLLECTION},
    {"#Chassis.", REDFISH_CHASSIS},  {"#EnvironmentMetrics.", REDFISH_ENVIRONMENT},
    {"#Sensor.", REDFISH_SENSOR},    {"#Power.", REDFISH_POWER},
};

/* Decimals kept of each kind of reading. */
static const unsigned scales[] = {
    [REDFISH_NONE] = 0, [REDFISH_JOULES] = 3, [REDFISH_WATTS] = 6, [REDFISH_KWH] = 6};

static const struct {
    const char *reading_type;
    enum redfish_reading reading;
} sensor_types[] = {
    {"Power", REDFISH_WATTS},
    {"EnergyJoules", REDFISH_JOULES},
    {"EnergykWh", REDFISH_KWH},
};

jb_rc redfish__parse_duration(const char *text, size_t len, int64_t *ret_ns)
{
    static const struct {
        char letter;
        bool is_time;
        int64_t s;
    } units[] = {{'D', false, 86400}, {'H', true, 3600}, {'M', true, 60}, {'S', true, 1}};
    int64_t sum_ns = 0;
    bool is_time = false;
    size_t at = 1;
    size_t next_unit = 0;

    if (len < 3 || text[0] != 'P')
        return JB_E_INPUT;
    while (at < len) {
        if (text[at] == 'T' && !is_time && at + 1 < len) {
            is_time = true;
            at++;
            continue;
        }
        size_t n = 0;
        while (at + n < len &&
               ((text[at + n] >= '0' && text[at + n] <= '9') || text[at + n] == '.'))
            n++;
        while (next_unit < JB_ARRAY_LEN(units) && at + n < len &&
               (units[next_unit].letter != text[at + n] || units[next_unit].is_time != is_time))
            next_unit++;
        int64_t ns;
        if (at + n >= len || next_unit == JB_ARRAY_LEN(units) ||
            jb_parse_decimal(text + at, n, 9, &ns) < 0 ||
            jb_mul_i64(ns, units[next_unit].s, &ns) < 0 || jb_add_i64(sum_ns, ns, &sum_ns) < 0)
            return JB_E_INPUT;
        next_unit++;
        at += n + 1;
    }
    if (sum_ns > 24 * JB_NS_PER_HOUR)
        return JB_E_INPUT;
    *ret_ns = sum_ns;
    return JB_OK;
}

/* R-SENSOR-83: only an absolute path stays on the host that was configured. */
static void take_link(const json_t *object, const char *key, char *ret)
{
    const char *const path = json_string_value(json_object_get(object, key));

    ret[0] = '\0';
    if (!path || path[0] != '/' || path[1] == '/' || strlen(path) >= REDFISH_PATH)
        return;
    for (const char *at = path; *at != '\0'; at++)
        if (*at <= ' ' || *at > '~' || *at == '\\')
            return;
    memcpy(ret, path, strlen(path) + 1);
}

static void take_members(const json_t *root, struct redfish_resource *ret)
{
    const json_t *const members = json_object_get(root, "Members");
    const size_t n = json_array_size(members);

    for (size_t i = 0; i < n && ret->n_members < REDFISH_MEMBERS_MAX; i++) {
        take_link(json_array_get(members, i), "@odata.id", ret->members[ret->n_members]);
        if (ret->members[ret->n_members][0] != '\0')
            ret->n_members++;
    }
}

static void take_reading(const json_t *value, enum redfish_reading reading,
                         struct redfish_resource *ret)
{
    ret->has[reading] = meter_json__decimal(value, scales[reading], &ret->value[reading]) == JB_OK;
}

/* An excerpt of a sensor inside EnvironmentMetrics. */
static void take_excerpt(const json_t *root, const char *key, enum redfish_reading reading,
                         struct redfish_resource *ret)
{
    const json_t *const excerpt = json_object_get(root, key);

    if (!json_is_object(excerpt))
        return;
    take_reading(json_object_get(excerpt, "Reading"), reading, ret);
    take_link(excerpt, "DataSourceUri", ret->source[reading]);
    if (reading != REDFISH_WATTS && ret->reset_time[0] == '\0')
        (void)meter_json__text(excerpt, "SensorResetTime", ret->reset_time, sizeof ret->reset_time);
}

static void take_sensor(const json_t *root, struct redfish_resource *ret)
{
    const char *const type = json_string_value(json_object_get(root, "ReadingType"));
    const char *const interval = json_string_value(json_object_get(root, "SensingInterval"));
    uint64_t percent_ppm;

    for (size_t i = 0; type && i < JB_ARRAY_LEN(sensor_types); i++)
        if (strcmp(type, sensor_types[i].reading_type) == 0)
            take_reading(json_object_get(root, "Reading"), sensor_types[i].reading, ret);
    (void)meter_json__text(root, "ReadingTime", ret->reading_time, sizeof ret->reading_time);
    (void)meter_json__text(root, "SensorResetTime", ret->reset_time, sizeof ret->reset_time);
    if (interval && redfish__parse_duration(interval, strlen(interval), &ret->interval_ns) < 0)
        ret->interval_ns = 0;
    /* Percent, plus or minus: 4 decimals of it are ppm. No meter is without error: 0 is a field that nobody filled in. */
    if (meter_json__decimal(json_object_get(root, "Accuracy"), 4, &percent_ppm) == JB_OK &&
        percent_ppm > 0 && percent_ppm <= 1000000)
        ret->accuracy_ppm = (int64_t)percent_ppm;
}

static const json_t *of(const json_t *root, const char *key)
{
    return json_object_get(root, key);
}

static void take_kind(const json_t *root, size_t n_power, struct redfish_resource *ret)
{
    switch (ret->kind) {
    case REDFISH_ROOT: take_link(of(root, "Chassis"), "@odata.id", ret->chassis); break;
    case REDFISH_COLLECTION: take_members(root, ret); break;
    case REDFISH_CHASSIS:
        take_link(of(root, "EnvironmentMetrics"), "@odata.id", ret->environment);
        take_link(of(root, "Power"), "@odata.id", ret->power);
        break;
    case REDFISH_ENVIRONMENT:
        take_excerpt(root, "EnergyJoules", REDFISH_JOULES, ret);
        take_excerpt(root, "PowerWatts", REDFISH_WATTS, ret);
        take_excerpt(root, "EnergykWh", REDFISH_KWH, ret);
        break;
    case REDFISH_SENSOR: take_sensor(root, ret); break;
    case REDFISH_POWER:
        take_reading(of(json_array_get(of(root, "PowerControl"), n_power), "PowerConsumedWatts"),
                     REDFISH_WATTS, ret);
        break;
    case REDFISH_OTHER: break;
    }
}

jb_rc redfish__parse(const char *text, size_t len, size_t n_power, struct redfish_resource *ret)
{
    json_t *const root = meter_json__object(text, len);
    const char *const type = json_string_value(json_object_get(root, "@odata.type"));

    if (!root)
        return JB_E_AGAIN;
    memset(ret, 0, sizeof *ret);
    ret->accuracy_ppm = -1;
    for (size_t i = 0; type && i < JB_ARRAY_LEN(kinds); i++)
        if (strncmp(type, kinds[i].prefix, strlen(kinds[i].prefix)) == 0)
            ret->kind = kinds[i].kind;
    take_kind(root, n_power, ret);
    json_decref(root);
    return JB_OK;
}
