/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entries of the meters file to channels, and requests to their hosts. Must not ask any host but the one of the entry,
 * nor interpret an answer. Rules R-SENSOR-80, R-SENSOR-81.
 */
#include "sensor/net_meter.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/num.h"
#include "sensor/sensor_int.h"

/* Greatest power where neither entry nor driver knows: for gaps and wraps only. */
static const struct {
    enum jb_scope scope;
    int64_t max_power_uw;
} scope_limits[] = {
    {JB_SCOPE_FACILITY, 100000000 * SENSOR_W}, {JB_SCOPE_NODE, 20000 * SENSOR_W},
    {JB_SCOPE_MODULE, 3000 * SENSOR_W},        {JB_SCOPE_PACKAGE, 1000 * SENSOR_W},
    {JB_SCOPE_DRAM, 500 * SENSOR_W},           {JB_SCOPE_GPU, 2000 * SENSOR_W},
};

jb_rc net_meter__probe(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                       const char *driver, net_meter_add_fn add, struct jb_error *err)
{
    for (size_t i = 0; env->meters && i < env->meters->n_meters; i++) {
        const struct jb_meter *const entry = &env->meters->meters[i];
        struct jb_error why = {0};
        char what[96];
        if (strcmp(entry->driver, driver) != 0)
            continue;
        jb_rc rc = add(env, set, entry, &why);
        if (rc == JB_OK)
            continue;
        (void)snprintf(what, sizeof what, "%s/%s", driver, entry->name);
        rc = jb_sensor_refuse(set, driver, what, why.message,
                              why.hint[0] != '\0' ? why.hint : "check its entry", err);
        if (rc < 0)
            return rc;
    }
    return JB_OK;
}

static int64_t max_power_uw(const struct jb_meter *entry, const struct net_meter_traits *traits)
{
    if (entry->max_power_uw > 0)
        return entry->max_power_uw;
    if (traits->max_power_uw > 0)
        return traits->max_power_uw;
    for (size_t i = 0; i < JB_ARRAY_LEN(scope_limits); i++)
        if (scope_limits[i].scope == entry->scope)
            return scope_limits[i].max_power_uw;
    return 20000 * SENSOR_W;
}

int64_t net_meter__timeout_ns(const struct jb_meter *entry, const struct net_meter_traits *traits)
{
    return entry->timeout_ns > 0 ? entry->timeout_ns : traits->timeout_ns;
}

void net_meter__describe(const struct jb_meter *entry, const struct net_meter_traits *traits,
                         struct jb_channel *ret)
{
    *ret = (struct jb_channel){
        .scope = entry->scope,
        .device = entry->device,
        .role = JB_ROLE_POST,
        .max_power_uw = max_power_uw(entry, traits),
        .accuracy_ppm = entry->accuracy_ppm >= 0 ? entry->accuracy_ppm : traits->accuracy_ppm,
        .update_ns = entry->period_ns > traits->update_ns ? entry->period_ns : traits->update_ns,
    };
    (void)snprintf(ret->id, sizeof ret->id, "%s/%s", traits->driver, entry->name);
    (void)snprintf(ret->driver, sizeof ret->driver, "%s", traits->driver);
    (void)snprintf(ret->parent, sizeof ret->parent, "%s", entry->parent);
    (void)snprintf(ret->correlation, sizeof ret->correlation, "%.15s:%.31s", traits->driver,
                   entry->name);
    if (entry->label[0] != '\0')
        (void)snprintf(ret->label, sizeof ret->label, "%s", entry->label);
    else
        (void)snprintf(ret->label, sizeof ret->label, "%s meter '%s'", traits->driver, entry->name);
}

jb_rc net_meter__read_secret(const struct jb_sensor_env *env, const struct jb_meter *entry,
                             struct meter_secret *ret, struct jb_error *why)
{
    if (env->is_privileged && (entry->credentials[0] != '\0' || entry->ca_file[0] != '\0'))
        return jb_fail(why, JB_E_PERMISSION,
                       "run a copy of the executable without the capability for this meter",
                       "an executable that carries a capability opens no file that a user names");
    return meter_secret__read(entry->credentials, ret, why);
}

jb_rc net_meter__connect(const struct jb_meter *entry, const struct net_meter_traits *traits,
                         enum http_auth auth, bool is_clear_allowed,
                         const struct meter_secret *secret, struct http_client **ret,
                         struct jb_error *why)
{
    const bool has_secret = secret && secret->kind != METER_SECRET_NONE;
    size_t origin_len;

    if (!http__split_url(entry->url, &origin_len))
        return jb_fail(why, JB_E_INPUT,
                       "write it as https://HOST/PATH; a name and password go into a credentials "
                       "file",
                       "the url is none, or holds a name and password");
    if (has_secret && secret->kind != METER_SECRET_PASSWORD && secret->kind != METER_SECRET_TOKEN)
        return jb_fail(why, JB_E_INPUT, "write NAME:PASSWORD or 'token TEXT' into it",
                       "its credentials file is one for SNMP");
    if (has_secret && !is_clear_allowed && !http__is_tls(entry->url) &&
        !http__is_loopback(entry->url) &&
        (auth != HTTP_AUTH_DIGEST || secret->kind == METER_SECRET_TOKEN))
        return jb_fail(why, JB_E_INPUT, "write the url with https://",
                       "its password would go over the network in the clear");
    const struct http_settings settings = {
        .ca_file = entry->ca_file,
        .secret = secret,
        .auth = auth,
        .timeout_ns = net_meter__timeout_ns(entry, traits),
    };
    return http_client__new(&settings, ret, why);
}

jb_rc net_meter__url(const struct jb_meter *entry, const char *path, char *buf, size_t size,
                     struct jb_error *why)
{
    size_t len = strlen(entry->url);

    while (len > 0 && entry->url[len - 1] == '/')
        len--;
    const int written = snprintf(buf, size, "%.*s%s", (int)len, entry->url, path);
    if (written < 0 || (size_t)written >= size)
        return jb_fail(why, JB_E_INPUT, "shorten the url or the query", "its url is too long");
    return JB_OK;
}

static uint64_t greatest_divisor(uint64_t a, uint64_t b)
{
    while (b != 0) {
        const uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

jb_rc net_meter__set_unit(const struct jb_meter *entry, uint64_t own, uint64_t per,
                          struct jb_channel *channel, struct jb_error *why)
{
    const bool is_given = entry->unit_den > 0 && entry->unit_num > 0;
    const uint64_t num = is_given ? entry->unit_num : own;
    const uint64_t den = is_given ? entry->unit_den : 1;
    /* num / (den x per), in lowest terms before anything is multiplied. */
    const uint64_t by_den = greatest_divisor(num, den);
    const uint64_t by_per = greatest_divisor(num / by_den, per);

    if (den / by_den > UINT64_MAX / (per / by_per))
        return jb_fail(why, JB_E_RANGE, "give a larger unit", "its unit is too small to count in");
    channel->unit_num = num / by_den / by_per;
    channel->unit_den = (den / by_den) * (per / by_per);
    if (channel->semantics == JB_SEMANTICS_COUNTER) {
        const uint64_t step = num / den + (num % den != 0);
        channel->quantum_uj = step > INT64_MAX ? INT64_MAX : (int64_t)step;
    }
    return JB_OK;
}

jb_rc net_meter__outlet(const struct jb_meter *entry, size_t *ret, struct jb_error *why)
{
    uint64_t n = 0;

    if (entry->query[0] != '\0' &&
        (jb_parse_u64(entry->query, strlen(entry->query), false, &n) < 0 || n > 255))
        return jb_fail(why, JB_E_INPUT, "give its number, from 0", "outlet '%.40s' is no number",
                       entry->query);
    *ret = (size_t)n;
    return JB_OK;
}

void net_meter__close(void *handle, const struct jb_sensor_env *env)
{
    struct net_meter *const meter = handle;

    (void)env;
    if (meter->release)
        meter->release(meter);
    http_client__free(meter->client);
    explicit_bzero(meter->url, sizeof meter->url);
    free(meter);
}

jb_rc net_meter__add(struct jb_sensor_set *set, const struct jb_channel *channel,
                     struct net_meter *meter, struct jb_error *why)
{
    return jb_sensor_add(set, channel, meter, net_meter__read, net_meter__close, why);
}

jb_rc net_meter__read(void *handle, const struct jb_sensor_env *env, unsigned long long *ret_raw)
{
    struct net_meter *const meter = handle;
    uint64_t raw;
    const jb_rc rc = meter->ask(meter, env, &raw);

    if (rc == JB_OK)
        *ret_raw = raw;
    return rc;
}

jb_rc net_meter__get(struct net_meter *meter, const char **ret_text, size_t *ret_len)
{
    const jb_rc rc = http_client__get(meter->client, meter->url, ret_text, ret_len, NULL);

    return rc == JB_OK || rc == JB_E_PERMISSION ? rc : JB_E_AGAIN;
}
