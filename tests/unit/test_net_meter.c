/* SPDX-License-Identifier: Apache-2.0 */
/* What meters over a network share: units, urls and channels (R-SENSOR-80). */
#include "meter_rig.h"

#include "sensor/net_meter.h"

static const struct net_meter_traits traits = {
    .driver = "test", .update_ns = JB_NS_PER_S, .timeout_ns = JB_NS_PER_S, .accuracy_ppm = 30000};

static void units(void)
{
    struct jb_meter entry = {.unit_num = 0};
    struct jb_channel channel = {.semantics = JB_SEMANTICS_COUNTER};
    struct jb_error err = {0};

    is_i64(net_meter__set_unit(&entry, 1000000, 1000, &channel, &err), JB_OK,
           "a joule in thousandths");
    ok(channel.unit_num == 1000 && channel.unit_den == 1 && channel.quantum_uj == 1000000,
       "1000 uJ each, known to the joule");
    entry.unit_num = 3600; /* 1 uWh in nJ: 3600000 / 1000 */
    entry.unit_den = 7;
    is_i64(net_meter__set_unit(&entry, 1, 1000, &channel, &err), JB_OK, "3600/7 uJ in thousandths");
    ok(channel.unit_num == 18 && channel.unit_den == 35 && channel.quantum_uj == 515,
       "18/35, in lowest terms, its step rounded up");
    entry.unit_num = 1;
    entry.unit_den = UINT64_MAX / 2;
    is_i64(net_meter__set_unit(&entry, 1, 1000, &channel, &err), JB_E_RANGE, "a unit too small");
}

static void entries(void)
{
    struct jb_meter entry = {.scope = JB_SCOPE_NODE, .device = JB_DEVICE_NODE, .accuracy_ppm = -1};
    struct jb_channel channel;
    struct jb_error err = {0};
    char url[64];
    size_t outlet = 9;

    (void)snprintf(entry.name, sizeof entry.name, "wall");
    (void)snprintf(entry.parent, sizeof entry.parent, "snmp/rack");
    net_meter__describe(&entry, &traits, &channel);
    is_str(channel.id, "test/wall", "an id of driver and name");
    ok(strcmp(channel.parent, "snmp/rack") == 0 && channel.accuracy_ppm == 30000 &&
           channel.max_power_uw == INT64_C(20000000000) && channel.update_ns == JB_NS_PER_S &&
           strcmp(channel.correlation, "test:wall") == 0,
       "what the entry leaves open is the driver's or the scope's");
    entry.accuracy_ppm = 0;
    entry.period_ns = 7 * JB_NS_PER_S;
    entry.scope = JB_SCOPE_GPU;
    net_meter__describe(&entry, &traits, &channel);
    ok(channel.accuracy_ppm == 0 && channel.update_ns == 7 * JB_NS_PER_S &&
           channel.max_power_uw == INT64_C(2000000000),
       "an accuracy of 0 is one");
    (void)snprintf(entry.url, sizeof entry.url, "http://h/prefix//");
    ok(net_meter__url(&entry, "/api", url, sizeof url, &err) == JB_OK, "a url");
    is_str(url, "http://h/prefix/api", "is joined by one slash");
    is_i64(net_meter__url(&entry, "/api", url, 8, &err), JB_E_INPUT,
           "or refused where it does not fit");
    ok(net_meter__outlet(&entry, &outlet, &err) == JB_OK && outlet == 0, "no outlet is the first");
    (void)snprintf(entry.query, sizeof entry.query, "256");
    is_i64(net_meter__outlet(&entry, &outlet, &err), JB_E_INPUT, "there is no such number");
}

int main(void)
{
    units();
    entries();
    return done_testing();
}
