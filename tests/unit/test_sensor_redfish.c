/* SPDX-License-Identifier: Apache-2.0 */
/* BMCs beside a device on loopback: what is found from which url, and what is preferred (R-SENSOR-83). */
#include "http_rig.h"
#include "meter_rig.h"

#define TYPE(name)      "{\"@odata.type\":\"#" name "\","
#define LINK(key, path) "\"" key "\":{\"@odata.id\":\"" path "\"}"
#define ROOT            TYPE("ServiceRoot.v1_15_0.ServiceRoot") LINK("Chassis", "/redfish/v1/Chassis") "}"
#define COLLECTION                                                                            \
    TYPE("ChassisCollection.ChassisCollection")                                               \
    "\"Members\":[{\"@odata.id\":\"/redfish/v1/Chassis/Case\"},{\"@odata.id\":\"/redfish/v1/" \
    "Chassis/1\"}]}"
#define CASE TYPE("Chassis.v1_10_0.Chassis") "\"Id\":\"Case\"}"
#define CHASSIS                                                            \
    TYPE("Chassis.v1_23_0.Chassis")                                        \
    LINK("EnvironmentMetrics", "/redfish/v1/Chassis/1/EnvironmentMetrics") \
    "," LINK("Power", "/redfish/v1/Chassis/1/Power") "}"
#define ENVIRONMENT(rest) TYPE("EnvironmentMetrics.v1_3_0.EnvironmentMetrics") rest "}"
#define WATTS(n) \
    "\"PowerWatts\":{\"Reading\":" n ",\"DataSourceUri\":\"/redfish/v1/Chassis/1/Sensors/W\"}"
#define POWER(n) TYPE("Power.v1_5_3.Power") "\"PowerControl\":[{\"PowerConsumedWatts\":" n "}]}"
#define SENSOR(reading, time)                                                   \
    TYPE("Sensor.v1_7_0.Sensor")                                                \
    "\"ReadingType\":\"Power\",\"Reading\":" reading ",\"ReadingTime\":\"" time \
    "\",\"SensingInterval\":\"PT20S\",\"Accuracy\":1.5}"

static void put_tree(struct http_rig *http)
{
    http_rig_put(http, "/redfish/v1/", 200, ROOT);
    http_rig_put(http, "/redfish/v1/Chassis", 200, COLLECTION);
    http_rig_put(http, "/redfish/v1/Chassis/Case", 200, CASE);
    http_rig_put(http, "/redfish/v1/Chassis/1", 200, CHASSIS);
    http_rig_put(http, "/redfish/v1/Chassis/1/Power", 200, POWER("344"));
    http_rig_put(http, "/redfish/v1/Chassis/1/EnvironmentMetrics", 200,
                 ENVIRONMENT(WATTS("350.5")));
    http_rig_put(http, "/redfish/v1/Chassis/1/Sensors/W", 200,
                 SENSOR("350.5", "2026-11-23T07:00:00Z"));
}

static void point_at(struct meter_rig *m, const struct http_rig *http, const char *path)
{
    (void)snprintf(m->meters->meters[0].url, sizeof m->meters->meters[0].url, "%s%s", http->base,
                   path);
}

static void found(struct meter_rig *m, struct http_rig *http)
{
    static const char *const paths[] = {"",
                                        "/",
                                        "/redfish/v1",
                                        "/redfish/v1/",
                                        "/redfish/v1/Chassis",
                                        "/redfish/v1/Chassis/1",
                                        "/redfish/v1/Chassis/1/EnvironmentMetrics"};
    jb_rc rc;

    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        point_at(m, http, paths[i]);
        struct jb_sensor_set *const set = meter_rig_probe(m);
        is_i64(rig_read(set, "redfish/bmc", &rc), 350500000, "350.5 W from '%s'", paths[i]);
        const struct jb_channel *const channel = rig_channel(set, "redfish/bmc");
        ok(channel->update_ns == 20 * JB_NS_PER_S && channel->accuracy_ppm == 15000 &&
               channel->semantics == JB_SEMANTICS_GAUGE,
           "renewed and as accurate as its sensor says");
        jb_sensor_set_free(set);
    }
    http_rig_put(http, "/redfish/v1/Chassis/1/EnvironmentMetrics", 404, "");
    point_at(m, http, "");
    struct jb_sensor_set *set = meter_rig_probe(m);
    is_i64(rig_read(set, "redfish/bmc", &rc), 344000000, "344 W by the older schema alone");
    ok(rig_channel(set, "redfish/bmc")->update_ns == 10 * JB_NS_PER_S &&
           rig_channel(set, "redfish/bmc")->accuracy_ppm == 50000,
       "renewed every 10 s, 5 %%, where nothing is said");
    jb_sensor_set_free(set);
    point_at(m, http, "/redfish/v1/Chassis/1/Power");
    set = meter_rig_probe(m);
    is_i64(rig_read(set, "redfish/bmc", &rc), 344000000, "and by its own url");
    jb_sensor_set_free(set);
}

static void counted(struct meter_rig *m, struct http_rig *http)
{
    const char *const path = "/redfish/v1/Chassis/1/EnvironmentMetrics";
    jb_rc rc;

    point_at(m, http, "");
    http_rig_put(http, path, 200,
                 ENVIRONMENT(WATTS("350.5") ",\"EnergyJoules\":{\"Reading\":1000.5,"
                                            "\"SensorResetTime\":\"A\"}"));
    struct jb_sensor_set *set = meter_rig_probe(m);
    const struct jb_channel *const channel = rig_channel(set, "redfish/bmc");
    ok(channel->semantics == JB_SEMANTICS_COUNTER && channel->unit_num == 1000 &&
           channel->unit_den == 1 && channel->quantum_uj == 1000000,
       "joules are preferred to watts, in mJ, known to the joule");
    is_i64(rig_read(set, "redfish/bmc", &rc), 1000500, "1000.5 J");
    http_rig_put(http, path, 200, ENVIRONMENT("\"EnergyJoules\":{\"Reading\":null}"));
    meter_rig_wait(m, 5 * JB_NS_PER_S);
    (void)rig_read(set, "redfish/bmc", &rc);
    is_i64(rc, JB_E_AGAIN, "null is a failed read");
    http_rig_put(http, path, 200,
                 ENVIRONMENT("\"EnergyJoules\":{\"Reading\":2000,\"SensorResetTime\":\"B\"}"));
    meter_rig_wait(m, 5 * JB_NS_PER_S);
    (void)rig_read(set, "redfish/bmc", &rc);
    is_i64(rc, JB_E_GONE, "counted from another instant, though more: the old meter is gone");
    is_i64((int64_t)jb_sensor_reprobe(set), 1, "and found again");
    is_i64(rig_read(set, "redfish/bmc", &rc), 2000000, "as it counts now");
    jb_sensor_set_free(set);

    http_rig_put(http, path, 200, ENVIRONMENT(WATTS("9") ",\"EnergykWh\":{\"Reading\":12.34}"));
    set = meter_rig_probe(m);
    is_i64(rig_read(set, "redfish/bmc", &rc), 9000000, "watts are preferred to kWh");
    jb_sensor_set_free(set);
    m->meters->meters[0].has_semantics = true;
    m->meters->meters[0].semantics = JB_SEMANTICS_COUNTER;
    set = meter_rig_probe(m);
    is_i64(rig_read(set, "redfish/bmc", &rc), 12340000, "unless the entry asks for energy");
    jb_sensor_set_free(set);
    m->meters->meters[0].has_semantics = false;
    http_rig_put(http, path, 200, ENVIRONMENT("\"EnergykWh\":{\"Reading\":12.34}"));
    set = meter_rig_probe(m);
    is_i64(rig_read(set, "redfish/bmc", &rc), 12340000, "kWh if there is nothing else");
    ok(rig_channel(set, "redfish/bmc")->unit_num == 3600000 &&
           rig_channel(set, "redfish/bmc")->quantum_uj == INT64_C(36000000000),
       "3.6 J each, known to 36 kJ");
    jb_sensor_set_free(set);
}

static void stale(struct meter_rig *m, struct http_rig *http)
{
    const char *const path = "/redfish/v1/Chassis/1/Sensors/W";
    jb_rc rc;

    point_at(m, http, path);
    struct jb_sensor_set *const set = meter_rig_probe(m);
    is_i64(rig_read(set, "redfish/bmc", &rc), 350500000, "a sensor by its own url");
    meter_rig_wait(m, 90 * JB_NS_PER_S);
    is_i64(rig_read(set, "redfish/bmc", &rc), 350500000, "still good within five of its 20 s");
    meter_rig_wait(m, 20 * JB_NS_PER_S);
    (void)rig_read(set, "redfish/bmc", &rc);
    is_i64(rc, JB_E_AGAIN, "a ReadingTime that stands still is no reading");
    http_rig_put(http, path, 200, SENSOR("360", "2026-11-23T07:02:00Z"));
    meter_rig_wait(m, 40 * JB_NS_PER_S);
    is_i64(rig_read(set, "redfish/bmc", &rc), 360000000, "until it moves");
    jb_sensor_set_free(set);
}

static void refused(struct meter_rig *m, struct http_rig *http)
{
    struct jb_meter *const entry = &m->meters->meters[0];
    char path[128];

    point_at(m, http, "/redfish/v1/Chassis/Case");
    struct jb_sensor_set *set = meter_rig_probe(m);
    ok(strstr(meter_rig_reason(set, "redfish/bmc"), "nothing there"), "a chassis without a meter");
    jb_sensor_set_free(set);
    http_rig_put(http, "/redfish/v1/Chassis/Case", 200, CHASSIS);
    point_at(m, http, "");
    set = meter_rig_probe(m);
    ok(strstr(meter_rig_reason(set, "redfish/bmc"), "Chassis/Case") &&
           strstr(meter_rig_reason(set, "redfish/bmc"), "Chassis/1"),
       "two with one: both are named, none is chosen");
    jb_sensor_set_free(set);
    meter_rig_secret(m, "bmc", "reader:pw\n", 0600, path, sizeof path);
    (void)snprintf(entry->credentials, sizeof entry->credentials, "%s", path);
    (void)snprintf(entry->url, sizeof entry->url, "http://192.0.2.1/redfish/v1/");
    set = meter_rig_probe(m);
    ok(strstr(meter_rig_reason(set, "redfish/bmc"), "in the clear"),
       "no password leaves this machine without TLS");
    jb_sensor_set_free(set);
    http_rig_put(http, "/redfish/v1/", 200, "<html>");
    point_at(m, http, "");
    set = meter_rig_probe(m);
    ok(strstr(meter_rig_reason(set, "redfish/bmc"), "does not speak Redfish"), "something else");
    jb_sensor_set_free(set);
}

int main(void)
{
    struct meter_rig m;
    struct http_rig http;

    meter_rig_set_up(&m);
    http_rig_start(&http);
    put_tree(&http);
    (void)meter_rig_add(&m, "redfish", "bmc", "");
    found(&m, &http);
    counted(&m, &http);
    stale(&m, &http);
    refused(&m, &http);
    http_rig_stop(&http);
    meter_rig_tear_down(&m);
    return done_testing();
}
