/* SPDX-License-Identifier: Apache-2.0 */
/* Tasmota plugs beside a device on loopback (R-SENSOR-85). */
#include "http_rig.h"
#include "meter_rig.h"

#define ENERGY "{\"StatusSNS\":{\"ENERGY\":{\"Total\":337.433,\"Power\":367}}}"

int main(void)
{
    struct meter_rig m;
    struct http_rig http;
    char path[128];
    jb_rc rc;

    meter_rig_set_up(&m);
    http_rig_start(&http);
    http_rig_put(&http, "/cm?cmnd=Status%2010", 200, "{\"Command\":\"Unknown\"}");
    http_rig_put(&http, "/cm?cmnd=Status%208", 200, ENERGY);
    struct jb_meter *const entry = meter_rig_add(&m, "tasmota", "shelf", http.base);
    struct jb_sensor_set *set = meter_rig_probe(&m);
    is_i64(rig_read(set, "tasmota/shelf", &rc), 367000000, "367 W by the older command");
    jb_sensor_set_free(set);

    entry->has_semantics = true;
    entry->semantics = JB_SEMANTICS_COUNTER;
    http_rig_put(&http, "/cm?cmnd=Status%2010", 200, ENERGY);
    set = meter_rig_probe(&m);
    is_i64(rig_read(set, "tasmota/shelf", &rc), 33743300, "337.433 kWh in 0.00001 kWh");
    ok(rig_channel(set, "tasmota/shelf")->unit_num == 36000000 &&
           rig_channel(set, "tasmota/shelf")->quantum_uj == INT64_C(3600000000),
       "36 J each, known to the watt-hour it shows");
    jb_sensor_set_free(set);

    entry->has_semantics = false;
    meter_rig_secret(&m, "plug", "admin:p&ss word\n", 0600, path, sizeof path);
    (void)snprintf(entry->credentials, sizeof entry->credentials, "%s", path);
    http_rig_put(&http, "/cm?user=admin&password=p%26ss%20word&cmnd=Status%2010", 200, ENERGY);
    http_rig_put(&http, "/cm?cmnd=Status%2010", 401, "");
    set = meter_rig_probe(&m);
    is_i64(rig_read(set, "tasmota/shelf", &rc), 367000000, "name and password in the query");
    ok(http.last_authorization[0] == '\0', "and nowhere else");
    jb_sensor_set_free(set);

    http_rig_put(&http, "/cm?user=admin&password=p%26ss%20word&cmnd=Status%2010", 200,
                 "{\"WARNING\":\"Need user=<username>&password=<password>\"}");
    http_rig_put(&http, "/cm?user=admin&password=p%26ss%20word&cmnd=Status%208", 200,
                 "{\"WARNING\":\"Need user=<username>&password=<password>\"}");
    set = meter_rig_probe(&m);
    const struct jb_sensor_refusal *const refusal = rig_refusal(set, "tasmota/shelf");
    ok(refusal && strstr(refusal->step, "credentials"), "a wrong password is refused");
    ok(refusal && !strstr(refusal->reason, "p&ss") && !strstr(refusal->step, "p&ss") &&
           !strstr(refusal->reason, "p%26ss"),
       "and shown nowhere");
    jb_sensor_set_free(set);

    entry->credentials[0] = '\0';
    http_rig_put(&http, "/cm?cmnd=Status%2010", 200, ENERGY);
    (void)snprintf(entry->query, sizeof entry->query, "1");
    set = meter_rig_probe(&m);
    ok(strstr(meter_rig_reason(set, "tasmota/shelf"), "without power"), "it has no second outlet");
    jb_sensor_set_free(set);
    (void)snprintf(entry->query, sizeof entry->query, "one");
    set = meter_rig_probe(&m);
    ok(strstr(meter_rig_reason(set, "tasmota/shelf"), "no number"), "an outlet is a number");
    jb_sensor_set_free(set);
    http_rig_stop(&http);
    meter_rig_tear_down(&m);
    return done_testing();
}
