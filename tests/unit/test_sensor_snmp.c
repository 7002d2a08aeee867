/* SPDX-License-Identifier: Apache-2.0 */
/* An outlet of a PDU beside an agent on loopback (R-SENSOR-86). */
#include "snmp_rig.h"

#include "meter_rig.h"

#include <dlfcn.h>

#include "sensor/snmp_abi.h"

#define POWER_OID ".1.3.6.1.4.1.318.1.1.26.9.4.3.1.7.12"

static void read_it(struct meter_rig *m, struct snmp_rig *agent)
{
    struct jb_meter *const entry = &m->meters->meters[0];
    jb_rc rc;

    entry->semantics = JB_SEMANTICS_GAUGE;
    snmp_rig_put(agent, 0x02, "\x01\x9c", 2);
    struct jb_sensor_set *set = meter_rig_probe(m);
    const struct jb_channel *channel = rig_channel(set, "snmp/outlet");
    ok(channel->semantics == JB_SEMANTICS_GAUGE && channel->unit_num == 1000 &&
           channel->unit_den == 1,
       "thousandths of a watt");
    is_i64(rig_read(set, "snmp/outlet", &rc), 412000, "412 W");
    snmp_rig_put(agent, 0x04, "411", 3);
    (void)rig_read(set, "snmp/outlet", &rc);
    is_i64(rc, JB_E_AGAIN, "an object that changes its type is not read on");
    jb_sensor_set_free(set);

    /* APC: tenths of a kWh, an INTEGER that does not wrap. */
    entry->semantics = JB_SEMANTICS_COUNTER;
    entry->unit_num = UINT64_C(360000000000);
    entry->unit_den = 1;
    snmp_rig_put(agent, 0x02, "\x10", 1);
    set = meter_rig_probe(m);
    channel = rig_channel(set, "snmp/outlet");
    ok(channel->modulus == 0 && channel->unit_num == 360000000 && channel->unit_den == 1 &&
           channel->quantum_uj == INT64_C(360000000000),
       "0.1 kWh is 360 kJ, and its step is as coarse");
    is_i64(rig_read(set, "snmp/outlet", &rc), 16000, "16 of them");
    jb_sensor_set_free(set);

    snmp_rig_put(agent, 0x41, "\x10", 1);
    set = meter_rig_probe(m);
    is_i64((int64_t)rig_channel(set, "snmp/outlet")->modulus, INT64_C(4294967296000),
           "a Counter32 wraps");
    jb_sensor_set_free(set);
}

static const char *reason(struct meter_rig *m, char *buf, size_t size)
{
    struct jb_sensor_set *const set = meter_rig_probe(m);

    (void)snprintf(buf, size, "%s", meter_rig_reason(set, "snmp/outlet"));
    jb_sensor_set_free(set);
    return buf;
}

static void refused(struct meter_rig *m, struct snmp_rig *agent)
{
    struct jb_meter *const entry = &m->meters->meters[0];
    char path[128];
    char why[256];

    snmp_rig_put(agent, SNMP_RIG_NO_SUCH, "", 0);
    ok(strstr(reason(m, why, sizeof why), "no such object"), "an outlet that is not there");
    meter_rig_secret(m, "pdu", "community private-x\n", 0600, path, sizeof path);
    (void)snprintf(entry->credentials, sizeof entry->credentials, "%s", path);
    entry->timeout_ns = 200 * JB_NS_PER_MS;
    ok(strstr(reason(m, why, sizeof why), "no answer"), "a community it does not know");
    agent->community = "private-x";
    snmp_rig_put(agent, 0x02, "\x10", 1);
    is_str(reason(m, why, sizeof why), "", "and one it does");
    ok(chmod(path, 0640) == 0 && strstr(reason(m, why, sizeof why), "can be read by others"),
       "of which others must know nothing");
    entry->credentials[0] = '\0';
    (void)snprintf(entry->query, sizeof entry->query, "sysUpTime.0");
    ok(strstr(reason(m, why, sizeof why), "no object identifier"), "a name is no number");
    (void)snprintf(entry->query, sizeof entry->query, POWER_OID);
    static const char *const urls[] = {"unix:/tmp/x", "pdu.example", "udp:", "http://h/",
                                       "udp:h /x"};
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        (void)snprintf(entry->url, sizeof entry->url, "%s", urls[i]);
        ok(strstr(reason(m, why, sizeof why), "none of SNMP"), "url '%s'", urls[i]);
    }
}

int main(void)
{
    struct meter_rig m;
    struct snmp_rig agent;

    if (!dlopen(SNMP_ABI_LIBRARY, RTLD_NOW)) {
        ok(true, "# SKIP no net-snmp here");
        return done_testing();
    }
    meter_rig_set_up(&m);
    snmp_rig_start(&agent);
    struct jb_meter *const entry = meter_rig_add(&m, "snmp", "outlet", agent.url);
    (void)snprintf(entry->query, sizeof entry->query, POWER_OID);
    read_it(&m, &agent);
    refused(&m, &agent);
    snmp_rig_stop(&agent);
    meter_rig_tear_down(&m);
    return done_testing();
}
