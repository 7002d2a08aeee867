/* SPDX-License-Identifier: Apache-2.0 */
/* A query as a meter beside a server on loopback; the clock stands at 1700000000 (R-SENSOR-87). */
#include "http_rig.h"
#include "meter_rig.h"

#define AROUND(type, result) \
    "{\"status\":\"success\",\"data\":{\"resultType\":\"" type "\",\"result\":" result "}}"
#define RANGE_PATH "/api/v1/query?query=node_joules_total%7Bnode%3D%22a%22%7D%5B5m%5D"
#define PLAIN_PATH "/api/v1/query?query=node_joules_total%7Bnode%3D%22a%22%7D"

static void selector(struct meter_rig *m, struct http_rig *http)
{
    jb_rc rc;

    http_rig_put(http, RANGE_PATH, 200,
                 AROUND("matrix", "[{\"values\":[[1699999965,\"100\"],[1699999980,\"200\"],"
                                  "[1699999995,\"300.25\"]]}]"));
    struct jb_sensor_set *set = meter_rig_probe(m);
    const struct jb_channel *channel = rig_channel(set, "prometheus/node");
    ok(channel->semantics == JB_SEMANTICS_COUNTER && channel->update_ns == 15 * JB_NS_PER_S,
       "a selector is asked with a range: scraped every 15 s");
    ok(channel->unit_num == 1 && channel->unit_den == 1, "in uJ");
    is_i64(rig_read(set, "prometheus/node", &rc), 300250000, "300.25 J");
    meter_rig_wait(m, 40 * JB_NS_PER_S);
    is_i64(rig_read(set, "prometheus/node", &rc), 300250000, "45 s old: three scrapes");
    meter_rig_wait(m, 10 * JB_NS_PER_S);
    (void)rig_read(set, "prometheus/node", &rc);
    is_i64(rc, JB_E_AGAIN, "older than that it is no reading");
    http_rig_put(http, RANGE_PATH, 200, AROUND("matrix", "[{\"values\":[[1700000050,\"400\"]]}]"));
    meter_rig_wait(m, 10 * JB_NS_PER_S);
    is_i64(rig_read(set, "prometheus/node", &rc), 400000000, "until there is a new one");
    http_rig_put(http, RANGE_PATH, 200, AROUND("matrix", "[]"));
    meter_rig_wait(m, 10 * JB_NS_PER_S);
    (void)rig_read(set, "prometheus/node", &rc);
    is_i64(rc, JB_E_AGAIN, "a series that ended is no reading");
    jb_sensor_set_free(set);

    http_rig_put(http, RANGE_PATH, 200,
                 AROUND("matrix", "[{\"values\":[[1699999000,\"100\"],[1699999015,\"200\"]]}]"));
    set = meter_rig_probe(m);
    ok(strstr(meter_rig_reason(set, "prometheus/node"), "s old"),
       "one that ended before is refused");
    jb_sensor_set_free(set);
}

static void expression(struct meter_rig *m, struct http_rig *http)
{
    struct jb_meter *const entry = &m->meters->meters[0];
    jb_rc rc;

    m->rig.manual.utc_us = INT64_C(1700000000) * JB_US_PER_S;
    entry->semantics = JB_SEMANTICS_GAUGE;
    entry->unit_num = INT64_C(1000000000); /* kW */
    entry->unit_den = 1;
    (void)snprintf(entry->query, sizeof entry->query, "sum(rack_kilowatts)");
    http_rig_put(http, "/api/v1/query?query=sum%28rack_kilowatts%29", 200,
                 AROUND("vector", "[{\"metric\":{},\"value\":[1700000000,\"1.25\"]}]"));
    struct jb_sensor_set *set = meter_rig_probe(m);
    const struct jb_channel *const channel = rig_channel(set, "prometheus/node");
    ok(channel->semantics == JB_SEMANTICS_GAUGE && channel->update_ns == 60 * JB_NS_PER_S,
       "an expression hides its samples: a minute, Prometheus's own default");
    is_i64(rig_read(set, "prometheus/node", &rc), 1250000, "1.25 in millionths");
    ok(channel->unit_num == 1000 && channel->unit_den == 1, "of a kW: 1250 W");
    jb_sensor_set_free(set);
    http_rig_put(
        http, "/api/v1/query?query=sum%28rack_kilowatts%29", 200,
        AROUND("vector", "[{\"value\":[1700000000,\"1\"]},{\"value\":[1700000000,\"2\"]}]"));
    set = meter_rig_probe(m);
    ok(strstr(meter_rig_reason(set, "prometheus/node"), "2 series"),
       "two series are not one meter");
    jb_sensor_set_free(set);
    http_rig_put(http, "/api/v1/query?query=sum%28rack_kilowatts%29", 200, AROUND("vector", "[]"));
    set = meter_rig_probe(m);
    ok(strstr(meter_rig_reason(set, "prometheus/node"), "finds nothing"), "nor is none");
    jb_sensor_set_free(set);
    http_rig_put(http, "/api/v1/query?query=sum%28rack_kilowatts%29", 400,
                 "{\"status\":\"error\"}");
    set = meter_rig_probe(m);
    ok(rig_refusal(set, "prometheus/node"), "nor a query that Prometheus does not understand");
    jb_sensor_set_free(set);
}

int main(void)
{
    struct meter_rig m;
    struct http_rig http;

    meter_rig_set_up(&m);
    http_rig_start(&http);
    struct jb_meter *const entry = meter_rig_add(&m, "prometheus", "node", http.base);
    (void)snprintf(entry->query, sizeof entry->query, "node_joules_total{node=\"a\"}");
    selector(&m, &http);
    expression(&m, &http);
    http_rig_stop(&http);
    meter_rig_tear_down(&m);
    return done_testing();
}
