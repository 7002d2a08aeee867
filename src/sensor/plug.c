/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A smart plug's answer to the raw value of its channel. Power unless the entry asks for the count: a count in steps of a
 * minute or a watt-hour says little of a run of minutes. Rules R-SENSOR-84, R-SENSOR-85.
 */
#include "sensor/plug.h"

#include <stdlib.h>

static jb_rc raw_of(const struct plug *plug, const struct plug_answer *answer, uint64_t *ret_raw)
{
    if (plug->is_counter ? !answer->has_energy : !answer->has_power)
        return JB_E_AGAIN;
    *ret_raw = plug->is_counter ? answer->energy : answer->power_uw;
    return JB_OK;
}

static jb_rc ask(struct net_meter *meter, const struct jb_sensor_env *env, uint64_t *ret_raw)
{
    struct plug *const plug = (struct plug *)meter;
    struct plug_answer answer;
    const char *text;
    size_t len;

    (void)env;
    jb_rc rc = net_meter__get(meter, &text, &len);
    if (rc == JB_OK)
        rc = plug->parse(text, len, plug->outlet, &answer);
    return rc == JB_OK ? raw_of(plug, &answer, ret_raw) : rc;
}

jb_rc plug__new(const struct jb_meter *entry, struct plug **ret, struct jb_error *why)
{
    struct plug *const plug = calloc(1, sizeof *plug);

    if (!plug)
        return jb_fail(why, JB_E_NOMEM, NULL, "no memory for plug '%s'", entry->name);
    plug->meter.ask = ask;
    const jb_rc rc = net_meter__outlet(entry, &plug->outlet, why);
    if (rc < 0) {
        free(plug);
        return rc;
    }
    *ret = plug;
    return JB_OK;
}

jb_rc plug__first_answer(struct plug *plug, struct jb_error *why)
{
    const char *text;
    size_t len;

    const jb_rc rc = http_client__get(plug->meter.client, plug->meter.url, &text, &len, why);
    if (rc < 0)
        return rc;
    if (plug->parse(text, len, plug->outlet, &plug->first) < 0)
        return jb_fail(why, JB_E_INPUT,
                       "check that this outlet has a meter, and the credentials if it wants some",
                       "it answers without power or energy");
    return JB_OK;
}

jb_rc plug__add(struct jb_sensor_set *set, const struct jb_meter *entry,
                const struct net_meter_traits *traits, struct plug *plug, uint64_t step_uj,
                int64_t shown_uj, struct jb_error *why)
{
    struct jb_channel channel;

    net_meter__describe(entry, traits, &channel);
    plug->is_counter = plug->first.has_energy &&
                       (!plug->first.has_power ||
                        (entry->has_semantics && entry->semantics == JB_SEMANTICS_COUNTER));
    if (plug->is_counter) {
        channel.semantics = JB_SEMANTICS_COUNTER;
        channel.origin = JB_ORIGIN_COUNTER;
        channel.unit_num = step_uj;
        channel.quantum_uj = shown_uj;
        if (channel.update_ns < PLUG_COUNT_UPDATE_NS)
            channel.update_ns = PLUG_COUNT_UPDATE_NS;
    } else {
        channel.semantics = JB_SEMANTICS_GAUGE;
        channel.origin = JB_ORIGIN_GAUGE;
        channel.unit_num = 1;
    }
    channel.unit_den = 1;
    return net_meter__add(set, &channel, &plug->meter, why);
}

jb_rc plug__with_secret(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                        const struct jb_meter *entry, plug_add_fn add, struct jb_error *why)
{
    struct meter_secret secret;

    jb_rc rc = net_meter__read_secret(env, entry, &secret, why);
    if (rc < 0)
        return rc;
    rc = add(set, entry, &secret, why);
    meter_secret__wipe(&secret);
    return rc;
}
