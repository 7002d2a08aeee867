/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Smart plugs of Shelly: Gen1 by /meter/N, all later ones by /rpc/Switch.GetStatus or PM1.GetStatus. Power by default;
 * the energy counter where the entry asks for it. Must never switch anything. Rules R-SENSOR-80, R-SENSOR-84.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/meter_answer.h"
#include "sensor/net_meter.h"
#include "sensor/plug.h"
#include "sensor/sensor_int.h"

static const struct net_meter_traits traits = {
    .driver = "shelly",
    .update_ns = JB_NS_PER_S,
    .timeout_ns = 3 * JB_NS_PER_S,
    .accuracy_ppm = PLUG_ACCURACY_PPM,
    .max_power_uw = PLUG_MAX_POWER_UW,
};

static jb_rc parse_gen1(const char *text, size_t len, size_t outlet, struct plug_answer *ret)
{
    (void)outlet;
    return shelly__parse_gen1(text, len, ret);
}

static jb_rc parse_gen2(const char *text, size_t len, size_t outlet, struct plug_answer *ret)
{
    (void)outlet;
    return shelly__parse_gen2(text, len, ret);
}

/* In the order tried; the first that answers for the device's generation is read. */
static const struct dialect {
    int generation;
    const char *path; /* the number of the outlet follows */
    enum http_auth auth;
    plug_parse_fn parse;
    uint64_t step_uj;
} dialects[] = {
    {1, "/meter/", HTTP_AUTH_BASIC, parse_gen1, SHELLY1_STEP_UJ},
    {2, "/rpc/Switch.GetStatus?id=", HTTP_AUTH_DIGEST, parse_gen2, SHELLY2_STEP_UJ},
    {2, "/rpc/PM1.GetStatus?id=", HTTP_AUTH_DIGEST, parse_gen2, SHELLY2_STEP_UJ},
};

/* /shelly answers without credentials, whatever the plug is set to. */
static jb_rc find_generation(const struct jb_meter *entry, int *ret, struct jb_error *why)
{
    char url[HTTP_URL_MAX];
    struct http_client *client = NULL;
    const char *text;
    size_t len;

    jb_rc rc = net_meter__url(entry, "/shelly", url, sizeof url, why);
    if (rc == JB_OK)
        rc = net_meter__connect(entry, &traits, HTTP_AUTH_BASIC, true, NULL, &client, why);
    if (rc == JB_OK)
        rc = http_client__get(client, url, &text, &len, why);
    if (rc == JB_OK && shelly__generation(text, len, ret) < 0)
        rc = jb_fail(why, JB_E_INPUT, "check the url, and the driver of the entry",
                     "what answers there is no Shelly");
    http_client__free(client);
    return rc;
}

/* Gen1 has neither TLS nor digest: its own password goes in the clear or not at all. */
static jb_rc try_dialect(const struct jb_meter *entry, const struct dialect *dialect,
                         const struct meter_secret *secret, struct plug *plug, struct jb_error *why)
{
    char path[64];

    (void)snprintf(path, sizeof path, "%s%zu", dialect->path, plug->outlet);
    http_client__free(plug->meter.client);
    plug->meter.client = NULL;
    plug->parse = dialect->parse;
    jb_rc rc = net_meter__url(entry, path, plug->meter.url, sizeof plug->meter.url, why);
    if (rc == JB_OK)
        rc = net_meter__connect(entry, &traits, dialect->auth, dialect->generation == 1, secret,
                                &plug->meter.client, why);
    return rc == JB_OK ? plug__first_answer(plug, why) : rc;
}

static jb_rc add_plug(struct jb_sensor_set *set, const struct jb_meter *entry,
                      const struct meter_secret *secret, struct jb_error *why)
{
    struct plug *plug = NULL;
    const struct dialect *found = NULL;
    int generation;

    jb_rc rc = find_generation(entry, &generation, why);
    if (rc == JB_OK)
        rc = plug__new(entry, &plug, why);
    for (size_t i = 0; rc == JB_OK && !found && i < JB_ARRAY_LEN(dialects); i++) {
        /* What the last dialect says of it stands, but for a password that was not enough. */
        if (dialects[i].generation != generation || why->code == JB_E_PERMISSION)
            continue;
        *why = (struct jb_error){0};
        if (try_dialect(entry, &dialects[i], secret, plug, why) == JB_OK)
            found = &dialects[i];
    }
    if (found)
        return plug__add(set, entry, &traits, plug, found->step_uj, (int64_t)found->step_uj, why);
    if (plug)
        net_meter__close(plug, NULL);
    return rc < 0 ? rc : why->code;
}

static jb_rc add(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                 const struct jb_meter *entry, struct jb_error *why)
{
    return plug__with_secret(env, set, entry, add_plug, why);
}

static jb_rc shelly_probe(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                          struct jb_error *err)
{
    return net_meter__probe(env, set, traits.driver, add, err);
}

const struct jb_sensor_driver jb_sensor_shelly = {
    .name = "shelly",
    .summary = "smart plugs of Shelly, all generations, over HTTP",
    .probe = shelly_probe,
    .is_apart = true,
    .is_configured = true,
};
