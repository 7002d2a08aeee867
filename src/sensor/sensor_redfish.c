/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server's BMC, or a rack's PDU, by Redfish: from the url of the entry (service root, chassis, EnvironmentMetrics, Power
 * or Sensor) to one resource that is read. Counted joules, else watts, else counted kWh. Must not log on, write, or leave
 * the host of the url. Rules R-SENSOR-80, R-SENSOR-83.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/num.h"
#include "sensor/net_meter.h"
#include "sensor/redfish_answer.h"
#include "sensor/sensor_int.h"

/* A sensor whose ReadingTime stands still for so long has stopped. */
#define STALE_NS        (60 * JB_NS_PER_S)
#define STALE_INTERVALS 5

static const struct net_meter_traits traits = {
    .driver = "redfish",
    .update_ns = 10 * JB_NS_PER_S, /* BMCs: 1 to 10 s; the slowest where one does not say */
    .timeout_ns = 10 * JB_NS_PER_S,
    .accuracy_ppm = 50000,
};

/* In this order: a count in joules loses nothing between two readings, one in 0.01 kWh is 36 kJ coarse. */
static const enum redfish_reading preference[] = {REDFISH_JOULES, REDFISH_WATTS, REDFISH_KWH};

static const struct {
    enum jb_semantics semantics;
    enum jb_origin origin;
    uint64_t unit_num; /* uJ or uW a raw unit */
    int64_t quantum_uj;
} units[] = {
    [REDFISH_NONE] = {JB_SEMANTICS_GAUGE, JB_ORIGIN_GAUGE, 1, 0},
    /* BMCs count whole joules at best. */
    [REDFISH_JOULES] = {JB_SEMANTICS_COUNTER, JB_ORIGIN_COUNTER, REDFISH_JOULES_STEP_UJ, 1000000},
    [REDFISH_WATTS] = {JB_SEMANTICS_GAUGE, JB_ORIGIN_GAUGE, 1, 0},
    /* Nobody promises more than 0.01 kWh. */
    [REDFISH_KWH] = {JB_SEMANTICS_COUNTER, JB_ORIGIN_COUNTER, REDFISH_KWH_STEP_UJ,
                     INT64_C(36000000000)},
};

struct redfish {
    struct net_meter meter; /* first */
    size_t n_power;
    enum redfish_reading reading;
    char reset_time[40];
    char reading_time[40];
    int64_t moved_ns; /* when reading_time was last seen to change */
    int64_t stale_ns;
};

/* What probing has in hand. */
struct search {
    const struct jb_meter *entry;
    struct http_client *client;
    size_t n_power;
    char origin[sizeof((struct jb_meter *)0)->url];
    char path[REDFISH_PATH]; /* the resource found */
    struct redfish_resource found;
    char names[160]; /* of the chassis that read something */
    size_t n_found;
};

static jb_rc get(struct search *search, const char *path, struct redfish_resource *ret,
                 struct jb_error *why)
{
    char url[HTTP_URL_MAX];
    const char *text;
    size_t len;

    (void)snprintf(url, sizeof url, "%s%s", search->origin, path);
    const jb_rc rc = http_client__get(search->client, url, &text, &len, why);
    if (rc < 0)
        return rc;
    if (redfish__parse(text, len, search->n_power, ret) < 0)
        return jb_fail(why, JB_E_INPUT, "check the url, and the driver of the entry",
                       "what answers there does not speak Redfish");
    return JB_OK;
}

static enum redfish_reading best_of(const struct jb_meter *entry,
                                    const struct redfish_resource *resource)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(preference); i++)
        if (resource->has[preference[i]] &&
            (!entry->has_semantics || entry->semantics == units[preference[i]].semantics))
            return preference[i];
    return REDFISH_NONE;
}

/* Takes what stands at `path` if it reads something; only a failure to ask is one. */
static jb_rc look_at(struct search *search, const char *path, struct redfish_resource *room,
                     bool *ret_reads, struct jb_error *why)
{
    *ret_reads = false;
    if (path[0] == '\0')
        return JB_OK;
    const jb_rc rc = get(search, path, room, why);
    if (rc == JB_E_NOT_FOUND || rc == JB_E_INPUT)
        return JB_OK; /* a link that leads nowhere is common */
    if (rc < 0)
        return rc;
    *ret_reads = best_of(search->entry, room) != REDFISH_NONE;
    return JB_OK;
}

/* EnvironmentMetrics before Power: the one replaced the other. */
static jb_rc look_at_chassis(struct search *search, const struct redfish_resource *chassis,
                             const char *name, struct redfish_resource *room, struct jb_error *why)
{
    const char *const paths[] = {chassis->environment, chassis->power};
    bool reads = false;

    for (size_t i = 0; i < JB_ARRAY_LEN(paths) && !reads; i++) {
        const jb_rc rc = look_at(search, paths[i], room, &reads, why);
        if (rc < 0)
            return rc;
        if (!reads)
            continue;
        if (search->n_found++ == 0) {
            search->found = *room;
            (void)snprintf(search->path, sizeof search->path, "%s", paths[i]);
        }
        const size_t used = strlen(search->names);
        (void)snprintf(search->names + used, sizeof search->names - used, "%s'%.60s'",
                       used > 0 ? ", " : "", name);
    }
    return JB_OK;
}

static jb_rc look_at_members(struct search *search, const struct redfish_resource *collection,
                             struct jb_error *why)
{
    struct redfish_resource *const room = calloc(2, sizeof *room);
    jb_rc rc = JB_OK;

    if (!room)
        return jb_fail(why, JB_E_NOMEM, NULL, "no memory to look at its chassis");
    for (size_t i = 0; rc == JB_OK && i < collection->n_members; i++) {
        rc = get(search, collection->members[i], &room[0], why);
        if (rc == JB_OK && room[0].kind == REDFISH_CHASSIS)
            rc = look_at_chassis(search, &room[0], collection->members[i], &room[1], why);
        else if (rc == JB_E_NOT_FOUND || rc == JB_E_INPUT)
            rc = JB_OK;
    }
    free(room);
    return rc;
}

/* From wherever the url points down to what reads. `at` is overwritten on the way. */
static jb_rc descend(struct search *search, const char *path, struct redfish_resource *at,
                     struct jb_error *why)
{
    jb_rc rc = get(search, path, at, why);

    if (rc == JB_OK && at->kind == REDFISH_ROOT && at->chassis[0] != '\0') {
        char chassis[REDFISH_PATH];
        memcpy(chassis, at->chassis, sizeof chassis);
        rc = get(search, chassis, at, why);
    }
    if (rc < 0)
        return rc;
    if (at->kind == REDFISH_COLLECTION)
        return look_at_members(search, at, why);
    if (at->kind == REDFISH_CHASSIS) {
        struct redfish_resource *const room = calloc(1, sizeof *room);
        if (!room)
            return jb_fail(why, JB_E_NOMEM, NULL, "no memory to look at its chassis");
        rc = look_at_chassis(search, at, path, room, why);
        free(room);
        return rc;
    }
    if (best_of(search->entry, at) != REDFISH_NONE) {
        search->n_found = 1;
        search->found = *at;
        (void)snprintf(search->path, sizeof search->path, "%s", path);
    }
    return JB_OK;
}

static jb_rc find(struct search *search, struct jb_error *why)
{
    struct redfish_resource *const room = calloc(1, sizeof *room);
    size_t origin_len;

    if (!room)
        return jb_fail(why, JB_E_NOMEM, NULL, "no memory to look for its meter");
    if (!http__split_url(search->entry->url, &origin_len))
        origin_len = 0; /* net_meter__connect refused it before */
    (void)snprintf(search->origin, sizeof search->origin, "%.*s", (int)origin_len,
                   search->entry->url);
    const char *const path = search->entry->url + origin_len;
    const bool is_bare =
        path[0] == '\0' || strcmp(path, "/") == 0 || strcmp(path, "/redfish/v1") == 0;
    jb_rc rc = descend(search, is_bare ? "/redfish/v1/" : path, room, why);
    free(room);
    if (rc == JB_OK && search->n_found == 0)
        rc = jb_fail(why, JB_E_NOT_FOUND,
                     "name a Chassis, EnvironmentMetrics, Power or Sensor resource as url",
                     "nothing there reads power or energy");
    if (rc == JB_OK && search->n_found > 1)
        rc = jb_fail(why, JB_E_CONFLICT, "give the url of the one that is meant",
                     "%zu chassis have meters: %s", search->n_found, search->names);
    return rc;
}

static bool is_stale(struct redfish *redfish, const struct redfish_resource *now, int64_t now_ns)
{
    if (now->reading_time[0] == '\0' || strcmp(now->reading_time, redfish->reading_time) != 0) {
        memcpy(redfish->reading_time, now->reading_time, sizeof redfish->reading_time);
        redfish->moved_ns = now_ns;
    }
    return now_ns - redfish->moved_ns > redfish->stale_ns;
}

static jb_rc ask(struct net_meter *meter, const struct jb_sensor_env *env, uint64_t *ret_raw)
{
    struct redfish *const redfish = (struct redfish *)meter;
    struct redfish_resource now;
    const char *text;
    size_t len;

    jb_rc rc = net_meter__get(meter, &text, &len);
    if (rc == JB_OK)
        rc = redfish__parse(text, len, redfish->n_power, &now);
    if (rc < 0)
        return rc;
    if (!now.has[redfish->reading] || is_stale(redfish, &now, jb_mono_ns(env->clock)))
        return JB_E_AGAIN;
    /* Counted from another instant: what lies between the two is unknown, and must not look like a step. */
    if (redfish->reading != REDFISH_WATTS && strcmp(now.reset_time, redfish->reset_time) != 0)
        return JB_E_GONE;
    *ret_raw = now.value[redfish->reading];
    return JB_OK;
}

/* The sensor behind an excerpt says how often it is renewed and how accurate it is. */
static void ask_source(struct search *search)
{
    struct redfish_resource *const room = calloc(1, sizeof *room);
    const char *const source = search->found.source[best_of(search->entry, &search->found)];

    if (room && source[0] != '\0' && get(search, source, room, NULL) == JB_OK &&
        room->kind == REDFISH_SENSOR) {
        search->found.interval_ns = room->interval_ns;
        search->found.accuracy_ppm = room->accuracy_ppm;
    }
    free(room);
}

static jb_rc add_found(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                       struct search *search, struct jb_error *why)
{
    const struct redfish_resource *const found = &search->found;
    struct redfish *const redfish = calloc(1, sizeof *redfish);
    struct jb_channel channel;

    if (!redfish)
        return jb_fail(why, JB_E_NOMEM, NULL, "no memory for meter '%s'", search->entry->name);
    net_meter__describe(search->entry, &traits, &channel);
    redfish->reading = best_of(search->entry, found);
    redfish->n_power = search->n_power;
    redfish->moved_ns = jb_mono_ns(env->clock);
    redfish->stale_ns = jb_muldiv_sat_i64(found->interval_ns, STALE_INTERVALS, 1, JB_ROUND_CEIL);
    if (redfish->stale_ns < STALE_NS)
        redfish->stale_ns = STALE_NS;
    memcpy(redfish->reset_time, found->reset_time, sizeof redfish->reset_time);
    memcpy(redfish->reading_time, found->reading_time, sizeof redfish->reading_time);
    (void)snprintf(redfish->meter.url, sizeof redfish->meter.url, "%s%s", search->origin,
                   search->path);
    redfish->meter.ask = ask;
    redfish->meter.client = search->client;
    search->client = NULL;
    channel.semantics = units[redfish->reading].semantics;
    channel.origin = units[redfish->reading].origin;
    channel.unit_num = units[redfish->reading].unit_num;
    channel.unit_den = 1;
    channel.quantum_uj = units[redfish->reading].quantum_uj;
    if (found->interval_ns > 0)
        channel.update_ns = found->interval_ns > search->entry->period_ns
                                ? found->interval_ns
                                : search->entry->period_ns;
    if (search->entry->accuracy_ppm < 0 && found->accuracy_ppm >= 0)
        channel.accuracy_ppm = found->accuracy_ppm;
    return net_meter__add(set, &channel, &redfish->meter, why);
}

static jb_rc add(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                 const struct jb_meter *entry, struct jb_error *why)
{
    struct search *const search = calloc(1, sizeof *search);
    struct meter_secret secret;

    if (!search)
        return jb_fail(why, JB_E_NOMEM, NULL, "no memory for meter '%s'", entry->name);
    search->entry = entry;
    jb_rc rc = net_meter__outlet(entry, &search->n_power, why);
    if (rc == JB_OK) {
        rc = net_meter__read_secret(env, entry, &secret, why);
        if (rc == JB_OK)
            rc = net_meter__connect(entry, &traits, HTTP_AUTH_BASIC, false, &secret,
                                    &search->client, why);
        meter_secret__wipe(&secret);
    }
    if (rc == JB_OK)
        rc = find(search, why);
    if (rc == JB_OK) {
        ask_source(search);
        rc = add_found(env, set, search, why);
    }
    http_client__free(search->client);
    free(search);
    return rc;
}

static jb_rc redfish_probe(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                           struct jb_error *err)
{
    return net_meter__probe(env, set, traits.driver, add, err);
}

const struct jb_sensor_driver jb_sensor_redfish = {
    .name = "redfish",
    .summary = "BMCs and PDUs by Redfish: EnvironmentMetrics, Sensor, or the older Power",
    .probe = redfish_probe,
    .is_apart = true,
    .is_configured = true,
    .if_silent =
        "see that it is on and answers from here; to a slow controller give the url of the "
        "resource itself (.../EnvironmentMetrics, .../Power or a Sensor), which takes the fewest "
        "requests",
};
