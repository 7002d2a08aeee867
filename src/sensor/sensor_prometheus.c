/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A query to a Prometheus server as a meter. A plain selector is asked with a range, which gives the samples' own
 * instants: their spacing is how often the meter is renewed, and the last one's age whether it still lives. Must not add
 * up series or read one whose last sample is old. Rules R-SENSOR-80, R-SENSOR-87.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/num.h"
#include "sensor/meter_answer.h"
#include "sensor/net_meter.h"
#include "sensor/sensor_int.h"

/* Prometheus's own default for scraping, for queries that hide their samples. */
#define SCRAPE_NS       (60 * JB_NS_PER_S)
#define STALE_SCRAPES   3
#define STALE_MARGIN_US (5 * JB_US_PER_S)
#define RANGE           "[5m]"
#define MICRO           UINT64_C(1000000)
#define API_PATH        "/api/v1/query?query="

static const struct net_meter_traits traits = {
    .driver = "prometheus",
    .update_ns = JB_NS_PER_S, /* its scrapes are told below */
    .timeout_ns = 5 * JB_NS_PER_S,
    .accuracy_ppm = 50000,
};

struct prometheus {
    struct net_meter meter; /* first */
    bool is_matrix;
    int64_t scrape_ns;
};

/* Either sign: a clock that is wrong makes every age wrong. */
static bool is_stale(const struct prometheus *prometheus, const struct prometheus_answer *answer,
                     int64_t now_us)
{
    const int64_t limit_us = prometheus->scrape_ns / JB_NS_PER_US * STALE_SCRAPES + STALE_MARGIN_US;
    const int64_t age_us = now_us - answer->utc_us;

    return age_us > limit_us || age_us < -limit_us;
}

static jb_rc ask(struct net_meter *meter, const struct jb_sensor_env *env, uint64_t *ret_raw)
{
    const struct prometheus *const prometheus = (struct prometheus *)meter;
    struct prometheus_answer answer;
    const char *text;
    size_t len;

    jb_rc rc = net_meter__get(meter, &text, &len);
    if (rc == JB_OK)
        rc = prometheus__parse(text, len, &answer);
    if (rc < 0)
        return rc;
    if (answer.n_series != 1 || answer.is_matrix != prometheus->is_matrix ||
        is_stale(prometheus, &answer, jb_utc_us(env->clock)))
        return JB_E_AGAIN;
    *ret_raw = answer.micro;
    return JB_OK;
}

/* A metric's name or a selector in braces takes a range; an expression does not. */
static bool may_be_selector(const char *query)
{
    const size_t len = strlen(query);

    return len > 0 && (query[len - 1] == '}' || query[len - 1] == '_' || query[len - 1] == ':' ||
                       jb_clean_is_alnum(query[len - 1]));
}

static jb_rc put_url(const struct jb_meter *entry, const char *range, struct net_meter *meter,
                     struct jb_error *why)
{
    const jb_rc rc = net_meter__url(entry, API_PATH, meter->url, sizeof meter->url, why);

    if (rc == JB_OK && (!http__append_encoded(meter->url, sizeof meter->url, entry->query) ||
                        !http__append_encoded(meter->url, sizeof meter->url, range)))
        return jb_fail(why, JB_E_INPUT, "shorten the query", "its query is too long");
    return rc;
}

static jb_rc try_query(const struct jb_meter *entry, const char *range,
                       struct prometheus *prometheus, struct prometheus_answer *ret,
                       struct jb_error *why)
{
    const char *text;
    size_t len;

    jb_rc rc = put_url(entry, range, &prometheus->meter, why);
    if (rc == JB_OK)
        rc = http_client__get(prometheus->meter.client, prometheus->meter.url, &text, &len, why);
    if (rc == JB_OK && prometheus__parse(text, len, ret) < 0)
        rc = jb_fail(why, JB_E_INPUT, "check the url, and try the query in Prometheus itself",
                     "its answer is no number");
    return rc;
}

/* With the range if it takes one and has samples in it, else as it stands. */
static jb_rc first_answer(const struct jb_meter *entry, struct prometheus *prometheus,
                          struct prometheus_answer *ret, struct jb_error *why)
{
    jb_rc rc = JB_E_INPUT;

    if (entry->query[0] == '\0')
        return jb_fail(why, JB_E_INPUT, "give the query that reads one power or energy",
                       "it has no query");
    if (may_be_selector(entry->query))
        rc = try_query(entry, RANGE, prometheus, ret, why);
    if (rc == JB_E_PERMISSION || rc == JB_E_AGAIN || rc == JB_E_NOT_FOUND)
        return rc;
    if (rc < 0 || ret->n_series == 0) {
        *why = (struct jb_error){0};
        rc = try_query(entry, "", prometheus, ret, why);
    }
    if (rc == JB_OK && ret->n_series == 0)
        return jb_fail(why, JB_E_NOT_FOUND, "check the query and that its target is up",
                       "its query finds nothing");
    if (rc == JB_OK && ret->n_series > 1)
        return jb_fail(why, JB_E_CONFLICT, "name one series by its labels, or add them with sum()",
                       "its query finds %zu series, not one", ret->n_series);
    return rc;
}

static jb_rc settle(const struct jb_sensor_env *env, const struct jb_meter *entry,
                    struct prometheus *prometheus, struct jb_channel *channel, struct jb_error *why)
{
    struct prometheus_answer answer;

    const jb_rc rc = first_answer(entry, prometheus, &answer, why);
    if (rc < 0)
        return rc;
    prometheus->is_matrix = answer.is_matrix;
    prometheus->scrape_ns = answer.step_us > 0     ? answer.step_us * JB_NS_PER_US
                            : entry->period_ns > 0 ? entry->period_ns
                                                   : SCRAPE_NS;
    const int64_t age_us = jb_utc_us(env->clock) - answer.utc_us;
    if (is_stale(prometheus, &answer, jb_utc_us(env->clock)))
        return jb_fail(why, JB_E_AGAIN,
                       "check that the target of the query is up, and the clocks of both machines",
                       "its last sample is %" PRId64 " s old by this machine's clock",
                       age_us / JB_US_PER_S);
    net_meter__describe(entry, &traits, channel);
    const bool is_counter = entry->semantics == JB_SEMANTICS_COUNTER;
    channel->semantics = is_counter ? JB_SEMANTICS_COUNTER : JB_SEMANTICS_GAUGE;
    channel->origin = is_counter ? JB_ORIGIN_COUNTER : JB_ORIGIN_GAUGE;
    if (channel->update_ns < prometheus->scrape_ns)
        channel->update_ns = prometheus->scrape_ns;
    /* J or W, as Prometheus's own conventions have it. */
    return net_meter__set_unit(entry, MICRO, MICRO, channel, why);
}

static jb_rc add(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                 const struct jb_meter *entry, struct jb_error *why)
{
    struct prometheus *const prometheus = calloc(1, sizeof *prometheus);
    struct jb_channel channel;
    struct meter_secret secret;

    if (!prometheus)
        return jb_fail(why, JB_E_NOMEM, NULL, "no memory for meter '%s'", entry->name);
    prometheus->meter.ask = ask;
    jb_rc rc = net_meter__read_secret(env, entry, &secret, why);
    if (rc == JB_OK)
        rc = net_meter__connect(entry, &traits, HTTP_AUTH_BASIC, false, &secret,
                                &prometheus->meter.client, why);
    meter_secret__wipe(&secret);
    if (rc == JB_OK)
        rc = settle(env, entry, prometheus, &channel, why);
    if (rc == JB_OK)
        return net_meter__add(set, &channel, &prometheus->meter, why);
    net_meter__close(prometheus, env);
    return rc;
}

static jb_rc prometheus_probe(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                              struct jb_error *err)
{
    return net_meter__probe(env, set, traits.driver, add, err);
}

const struct jb_sensor_driver jb_sensor_prometheus = {
    .name = "prometheus",
    .summary = "a query to Prometheus or what speaks its language, over HTTP",
    .probe = prometheus_probe,
    .is_apart = true,
    .is_configured = true,
};
