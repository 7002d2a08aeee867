/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Smart plugs with Tasmota: /cm?cmnd=Status 10 (8 with older ones), StatusSNS.ENERGY. Name and password stand in the
 * query, as Tasmota wants it: the URL is never shown, and wiped at the end. Must never switch anything. R-SENSOR-85.
 */
#include <stdio.h>
#include <string.h>

#include "sensor/meter_answer.h"
#include "sensor/net_meter.h"
#include "sensor/plug.h"
#include "sensor/sensor_int.h"

static const struct net_meter_traits traits = {
    .driver = "tasmota",
    .update_ns = JB_NS_PER_S,
    .timeout_ns = 3 * JB_NS_PER_S,
    .accuracy_ppm = PLUG_ACCURACY_PPM,
    .max_power_uw = PLUG_MAX_POWER_UW,
};

/* By default Tasmota shows three decimals of kWh, whatever finer step it counts in. */
#define SHOWN_STEP_UJ INT64_C(3600000000)

static const char *const commands[] = {"Status%2010", "Status%208"};

static jb_rc put_url(const struct jb_meter *entry, const struct meter_secret *secret,
                     const char *command, struct net_meter *meter, struct jb_error *why)
{
    char *const url = meter->url;
    const size_t size = sizeof meter->url;

    const jb_rc rc = net_meter__url(entry, "/cm?", url, size, why);
    if (rc < 0)
        return rc;
    size_t len = strlen(url);
    if (secret->kind == METER_SECRET_PASSWORD) {
        (void)snprintf(url + len, size - len, "user=");
        if (!http__append_encoded(url, size, secret->user) || strlen(url) + 32 > size)
            return jb_fail(why, JB_E_INPUT, "shorten it", "the name for this plug is too long");
        len = strlen(url);
        (void)snprintf(url + len, size - len, "&password=");
        if (!http__append_encoded(url, size, secret->secret) || strlen(url) + 32 > size)
            return jb_fail(why, JB_E_INPUT, "shorten it", "the password for this plug is too long");
        len = strlen(url);
        (void)snprintf(url + len, size - len, "&");
        len++;
    }
    (void)snprintf(url + len, size - len, "cmnd=%s", command);
    return JB_OK;
}

/* Wrong credentials answer 200 with {"WARNING": "Need user=<username>&password=<password>"} (some versions: 401). */
static jb_rc add_plug(struct jb_sensor_set *set, const struct jb_meter *entry,
                      const struct meter_secret *secret, struct jb_error *why)
{
    struct plug *plug = NULL;

    if (secret->kind != METER_SECRET_NONE && secret->kind != METER_SECRET_PASSWORD)
        return jb_fail(why, JB_E_INPUT, "write NAME:PASSWORD into its credentials file",
                       "Tasmota takes a name and a password");
    jb_rc rc = plug__new(entry, &plug, why);
    if (rc < 0)
        return rc;
    plug->parse = tasmota__parse;
    rc = net_meter__connect(entry, &traits, HTTP_AUTH_BASIC, true, NULL, &plug->meter.client, why);
    for (size_t i = 0; rc == JB_OK && i < JB_ARRAY_LEN(commands); i++) {
        rc = put_url(entry, secret, commands[i], &plug->meter, why);
        if (rc == JB_OK)
            rc = plug__first_answer(plug, why);
        if (rc == JB_OK)
            return plug__add(set, entry, &traits, plug, TASMOTA_STEP_UJ, SHOWN_STEP_UJ, why);
        if (rc == JB_E_INPUT && i + 1 < JB_ARRAY_LEN(commands))
            rc = JB_OK;
    }
    net_meter__close(plug, NULL);
    return rc;
}

static jb_rc add(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                 const struct jb_meter *entry, struct jb_error *why)
{
    return plug__with_secret(env, set, entry, add_plug, why);
}

static jb_rc tasmota_probe(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                           struct jb_error *err)
{
    return net_meter__probe(env, set, traits.driver, add, err);
}

const struct jb_sensor_driver jb_sensor_tasmota = {
    .name = "tasmota",
    .summary = "smart plugs with Tasmota, over HTTP",
    .probe = tasmota_probe,
    .is_apart = true,
    .is_configured = true,
};
