/* SPDX-License-Identifier: Apache-2.0 */
/* Shelly plugs of both languages beside a device on loopback (R-SENSOR-84). */
#include "http_rig.h"
#include "meter_rig.h"

#define KIND1 "{\"type\":\"SHPLG-S\",\"mac\":\"E868E7AABBCC\",\"auth\":false}"
#define KIND2 "{\"id\":\"shellyplusplugs-e46\",\"gen\":2,\"auth_en\":false}"

static void first_generation(void)
{
    struct meter_rig m;
    struct http_rig http;
    jb_rc rc;

    meter_rig_set_up(&m);
    http_rig_start(&http);
    http_rig_put(&http, "/shelly", 200, KIND1);
    http_rig_put(&http, "/meter/0", 200, "{\"power\":20.5,\"is_valid\":true,\"total\":439237}");
    (void)meter_rig_add(&m, "shelly", "desk", http.base);
    struct jb_sensor_set *set = meter_rig_probe(&m);
    const struct jb_channel *const channel = rig_channel(set, "shelly/desk");
    ok(channel->scope == JB_SCOPE_NODE && channel->device == JB_DEVICE_NODE &&
           channel->semantics == JB_SEMANTICS_GAUGE && channel->origin == JB_ORIGIN_GAUGE,
       "a wall meter of power");
    ok(channel->accuracy_ppm == 20000 && channel->update_ns == JB_NS_PER_S &&
           channel->unit_num == 1 && channel->unit_den == 1,
       "2 %%, once a second, in uW");
    is_i64(rig_read(set, "shelly/desk", &rc), 20500000, "20.5 W");
    http_rig_put(&http, "/meter/0", 200, "{\"power\":30,\"is_valid\":true,\"total\":439238}");
    is_i64(rig_read(set, "shelly/desk", &rc), 30000000, "30 W a moment later");
    http_rig_put(&http, "/meter/0", 200, "{\"power\":30,\"is_valid\":false}");
    (void)rig_read(set, "shelly/desk", &rc);
    is_i64(rc, JB_E_AGAIN, "a value that does not hold is a failed read");
    http_rig_put(&http, "/meter/0", 500, "");
    (void)rig_read(set, "shelly/desk", &rc);
    is_i64(rc, JB_E_AGAIN, "so is an error");
    jb_sensor_set_free(set);

    struct jb_meter *const entry = &m.meters->meters[0];
    entry->has_semantics = true;
    entry->semantics = JB_SEMANTICS_COUNTER;
    entry->max_power_uw = 500 * INT64_C(1000000);
    entry->accuracy_ppm = 10000;
    (void)snprintf(entry->label, sizeof entry->label, "under the desk");
    http_rig_put(&http, "/meter/0", 200, "{\"power\":30,\"is_valid\":true,\"total\":439238}");
    set = meter_rig_probe(&m);
    const struct jb_channel *const counter = rig_channel(set, "shelly/desk");
    ok(counter->semantics == JB_SEMANTICS_COUNTER && counter->unit_num == 60000000 &&
           counter->quantum_uj == 60000000 && counter->update_ns == 60 * JB_NS_PER_S,
       "where the entry says so the count of W min, of which nobody says how often it is renewed");
    ok(counter->max_power_uw == 500000000 && counter->accuracy_ppm == 10000 &&
           strcmp(counter->label, "under the desk") == 0,
       "and the entry's other words");
    is_i64(rig_read(set, "shelly/desk", &rc), 439238, "439238 W min");
    jb_sensor_set_free(set);
    http_rig_stop(&http);
    meter_rig_tear_down(&m);
}

static void second_generation(void)
{
    struct meter_rig m;
    struct http_rig http;
    char path[128];
    jb_rc rc;

    meter_rig_set_up(&m);
    http_rig_start(&http);
    http_rig_put(&http, "/shelly", 200, KIND2);
    http_rig_put(&http, "/rpc/PM1.GetStatus?id=1", 200,
                 "{\"id\":1,\"apower\":15.8,\"aenergy\":{\"total\":9492.468}}");
    struct jb_meter *const entry = meter_rig_add(&m, "shelly", "rack", http.base);
    (void)snprintf(entry->query, sizeof entry->query, "1");
    struct jb_sensor_set *set = meter_rig_probe(&m);
    is_i64(rig_read(set, "shelly/rack", &rc), 15800000, "a meter without a switch");
    jb_sensor_set_free(set);

    http_rig_put(&http, "/rpc/Switch.GetStatus?id=1", 200, "{\"id\":1,\"output\":true}");
    http_rig_put(&http, "/rpc/PM1.GetStatus?id=1", 404, "");
    set = meter_rig_probe(&m);
    ok(rig_refusal(set, "shelly/rack"), "a switch without a meter is refused");
    jb_sensor_set_free(set);

    http_rig_put(&http, "/rpc/Switch.GetStatus?id=1", 200,
                 "{\"id\":1,\"apower\":15.8,\"aenergy\":{\"total\":9492.468}}");
    meter_rig_secret(&m, "plug", "admin:plugpass\n", 0600, path, sizeof path);
    (void)snprintf(entry->credentials, sizeof entry->credentials, "%s", path);
    set = meter_rig_probe(&m);
    is_i64(rig_read(set, "shelly/rack", &rc), 15800000, "a switch with one");
    jb_sensor_set_free(set);

    ok(chmod(path, 0644) == 0, "others can read the password now");
    set = meter_rig_probe(&m);
    const struct jb_sensor_refusal *const refusal = rig_refusal(set, "shelly/rack");
    ok(refusal && strstr(refusal->step, "chmod 600 "), "the plug is refused with the step");
    jb_sensor_set_free(set);
    m.rig.env.is_privileged = true;
    ok(chmod(path, 0600) == 0, "alone again");
    set = meter_rig_probe(&m);
    ok(strstr(meter_rig_reason(set, "shelly/rack"), "capability"),
       "an executable with a capability opens no file of the user's");
    jb_sensor_set_free(set);
    m.rig.env.is_privileged = false;
    entry->credentials[0] = '\0';

    http.challenge = "Digest qop=\"auth\", realm=\"s\", nonce=\"1\", algorithm=SHA-256";
    http_rig_put(&http, "/shelly", 200, KIND2);
    set = meter_rig_probe(&m);
    ok(strstr(meter_rig_reason(set, "shelly/rack"), "credentials"),
       "without the password it wants, it is refused");
    jb_sensor_set_free(set);
    http.challenge = NULL;
    http_rig_put(&http, "/shelly", 200, "{\"hello\":1}");
    set = meter_rig_probe(&m);
    ok(strstr(meter_rig_reason(set, "shelly/rack"), "no Shelly"), "something else is no Shelly");
    jb_sensor_set_free(set);
    http_rig_stop(&http);
    set = meter_rig_probe(&m);
    ok(strstr(meter_rig_reason(set, "shelly/rack"), "nobody answers"), "a plug that is off");
    jb_sensor_set_free(set);
    (void)snprintf(entry->url, sizeof entry->url, "http://ann:pw@127.0.0.1/");
    set = meter_rig_probe(&m);
    ok(rig_refusal(set, "shelly/rack") && !strstr(meter_rig_reason(set, "shelly/rack"), "pw@"),
       "a password in the url is refused, and not repeated");
    jb_sensor_set_free(set);
    (void)snprintf(entry->query, sizeof entry->query, "first");
    (void)snprintf(entry->url, sizeof entry->url, "http://127.0.0.1:1");
    meter_rig_tear_down(&m);
}

int main(void)
{
    first_generation();
    second_generation();
    return done_testing();
}
