/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One object of an SNMP agent as a meter: an outlet or inlet of a PDU, an UPS. Object, unit and whether it counts are the
 * entry's; docs/method/sensors.md lists some. Must never set an object. Rules R-SENSOR-80, R-SENSOR-86.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "sensor/meter_answer.h"
#include "sensor/net_meter.h"
#include "sensor/sensor_int.h"
#include "sensor/snmp_session.h"

/* W or J a unit where the entry gives none. */
#define OWN_UNIT UINT64_C(1000000)

static const struct net_meter_traits traits = {
    .driver = "snmp",
    .update_ns = 3 * JB_NS_PER_S, /* PDUs: 1 to 3 s; none says so over SNMP */
    .timeout_ns = 2 * JB_NS_PER_S,
    .accuracy_ppm = 20000,
};

struct snmp {
    struct net_meter meter; /* first */
    struct snmp_session_handle *session;
    unsigned long oid[SNMP_OID_MAX];
    size_t oid_len;
    unsigned type;
};

static void release(struct net_meter *meter)
{
    struct snmp *const snmp = (struct snmp *)meter;

    snmp_session__close(snmp->session);
}

/* An agent that changes an object's type counts otherwise from then on. */
static jb_rc ask(struct net_meter *meter, const struct jb_sensor_env *env, uint64_t *ret_raw)
{
    struct snmp *const snmp = (struct snmp *)meter;
    unsigned type;
    uint64_t raw;

    (void)env;
    if (snmp_session__get(snmp->session, snmp->oid, snmp->oid_len, &type, &raw) < 0 ||
        type != snmp->type)
        return JB_E_AGAIN;
    *ret_raw = raw;
    return JB_OK;
}

/* net-snmp knows more transports (unix sockets, programs); only these two go to a host. */
static bool is_peer(const char *url)
{
    static const char *const prefixes[] = {"udp:", "tcp:", "udp6:", "tcp6:"};

    for (size_t i = 0; i < JB_ARRAY_LEN(prefixes); i++) {
        const size_t n = strlen(prefixes[i]);
        if (strncmp(url, prefixes[i], n) == 0 && url[n] != '\0' && !strpbrk(url, " \t/"))
            return true;
    }
    return false;
}

static jb_rc connect_to(const struct jb_sensor_env *env, const struct jb_meter *entry,
                        struct snmp *snmp, struct jb_error *why)
{
    struct meter_secret secret;

    if (!is_peer(entry->url))
        return jb_fail(why, JB_E_INPUT, "write it as udp:HOST:161", "url '%.100s' is none of SNMP",
                       entry->url);
    if (snmp__parse_oid(entry->query, strlen(entry->query), snmp->oid, &snmp->oid_len) < 0)
        return jb_fail(why, JB_E_INPUT,
                       "give it in numbers, as .1.3.6.1.4.1.318.1.1.26.9.4.3.1.7.1",
                       "query '%.100s' is no object identifier", entry->query);
    jb_rc rc = net_meter__read_secret(env, entry, &secret, why);
    if (rc == JB_OK)
        rc = snmp_session__open(entry->url, &secret, net_meter__timeout_ns(entry, &traits),
                                &snmp->session, why);
    meter_secret__wipe(&secret);
    return rc;
}

static jb_rc first_answer(struct snmp *snmp, struct jb_error *why)
{
    uint64_t raw;
    const jb_rc rc = snmp_session__get(snmp->session, snmp->oid, snmp->oid_len, &snmp->type, &raw);

    if (rc == JB_E_NOT_FOUND)
        return jb_fail(why, rc, "check the object identifier, its last number is the outlet",
                       "its agent has no such object");
    if (rc < 0)
        return jb_fail(why, rc,
                       "check the url, the credentials, and that the object is a number: "
                       "snmpget -v2c -c COMMUNITY HOST OID",
                       "its agent gives no answer that is a number");
    return JB_OK;
}

static jb_rc describe(const struct jb_meter *entry, const struct snmp *snmp,
                      struct jb_channel *channel, struct jb_error *why)
{
    const bool is_counter = entry->semantics == JB_SEMANTICS_COUNTER;

    net_meter__describe(entry, &traits, channel);
    channel->semantics = is_counter ? JB_SEMANTICS_COUNTER : JB_SEMANTICS_GAUGE;
    channel->origin = is_counter ? JB_ORIGIN_COUNTER : JB_ORIGIN_GAUGE;
    /* Only a Counter32 is said to wrap; the others stop or start again, which is a reset. */
    if (is_counter && snmp->type == SNMP_TYPE_COUNTER)
        channel->modulus = (UINT64_C(1) << 32) * SNMP_SCALE;
    return net_meter__set_unit(entry, OWN_UNIT, SNMP_SCALE, channel, why);
}

static jb_rc add(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                 const struct jb_meter *entry, struct jb_error *why)
{
    struct snmp *const snmp = calloc(1, sizeof *snmp);
    struct jb_channel channel;

    if (!snmp)
        return jb_fail(why, JB_E_NOMEM, NULL, "no memory for meter '%s'", entry->name);
    snmp->meter.ask = ask;
    snmp->meter.release = release;
    jb_rc rc = connect_to(env, entry, snmp, why);
    if (rc == JB_OK)
        rc = first_answer(snmp, why);
    if (rc == JB_OK)
        rc = describe(entry, snmp, &channel, why);
    if (rc == JB_OK)
        return net_meter__add(set, &channel, &snmp->meter, why);
    net_meter__close(snmp, env);
    return rc;
}

static jb_rc snmp_probe(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                        struct jb_error *err)
{
    return net_meter__probe(env, set, traits.driver, add, err);
}

const struct jb_sensor_driver jb_sensor_snmp = {
    .name = "snmp",
    .summary = "an outlet of a PDU or any object of an SNMP agent, v2c and v3",
    .probe = snmp_probe,
    .is_apart = true,
    .is_configured = true,
};
