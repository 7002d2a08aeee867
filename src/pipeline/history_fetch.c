/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions to a Prometheus server, piece by piece of time, answers to the parser. By default a selector with a range, which
 * gives the samples with their own times; query_range where a step is asked for. Must not interpret an answer, but for the
 * server's reason where it refuses. R-PROM-03, -09.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/clean.h"
#include "base/num.h"
#include "pipeline/history_int.h"
#include "sensor/http_client.h"
#include "sensor/meter_secret.h"

#define CHUNK_MS          INT64_C(3600000)
#define STEPS_MAX         10000 /* a server answers 11,000 a series at most */
#define TIMEOUT_NS        (120 * JB_NS_PER_S)
#define PIECES_MAX        20000
#define US_PER_MS         1000
#define SELECTOR_MAX      3000
#define REASON_MAX        200 /* of what a server says, in an error */
#define REASON_ANSWER_MAX ((size_t)64 * 1024)

/* What a password must not be sent over. */
static jb_rc check_url(const struct jb_history_order *order, const struct meter_secret *secret,
                       struct jb_error *err)
{
    size_t origin_len;

    if (!http__split_url(order->url, &origin_len))
        return jb_fail(err, JB_E_USAGE,
                       "write it as https://HOST:9090; a name and password go into a file for "
                       "--credentials",
                       "the url is none, or holds a name and password");
    if (secret->kind == METER_SECRET_NONE)
        return JB_OK;
    if (secret->kind != METER_SECRET_PASSWORD && secret->kind != METER_SECRET_TOKEN)
        return jb_fail(err, JB_E_INPUT, "write NAME:PASSWORD or 'token TEXT' into it",
                       "the credentials file is one for SNMP");
    if (!http__is_tls(order->url) && !http__is_loopback(order->url))
        return jb_fail(err, JB_E_INPUT, "write the url with https://",
                       "the password would go over the network in the clear");
    return JB_OK;
}

static jb_rc connect_to(const struct jb_history_order *order, struct http_client **ret,
                        struct jb_error *err)
{
    struct meter_secret secret;
    jb_rc rc = meter_secret__read(order->credentials, &secret, err);

    if (rc == JB_OK)
        rc = check_url(order, &secret, err);
    const struct http_settings settings = {
        .ca_file = order->ca_file,
        .secret = &secret,
        .auth = HTTP_AUTH_BASIC,
        .timeout_ns = TIMEOUT_NS,
        .answer_max = JB_PROMETHEUS_ANSWER_MAX,
    };
    if (rc == JB_OK)
        rc = http_client__new(&settings, ret, err);
    meter_secret__wipe(&secret);
    return rc;
}

static const char *seconds(int64_t ms, char *buf, size_t size)
{
    return jb_format_decimal(ms, 3, buf, size);
}

/* The url of one piece, the selector percent-encoded. */
static jb_rc make_url(const struct jb_history_order *order, const char *selector, int64_t from_ms,
                      int64_t to_ms, char *buf, size_t size, struct jb_error *err)
{
    size_t len = strlen(order->url);
    char range[40] = "";
    char rest[160];
    char texts[3][32];
    bool fits;

    while (len > 0 && order->url[len - 1] == '/')
        len--;
    if (order->step_ns > 0) {
        (void)snprintf(rest, sizeof rest, "&start=%s&end=%s&step=%s",
                       seconds(from_ms, texts[0], sizeof texts[0]),
                       seconds(to_ms, texts[1], sizeof texts[1]),
                       seconds(order->step_ns / JB_NS_PER_MS, texts[2], sizeof texts[2]));
    } else {
        (void)snprintf(range, sizeof range, "[%" PRId64 "ms]", to_ms - from_ms);
        (void)snprintf(rest, sizeof rest, "&time=%s", seconds(to_ms, texts[0], sizeof texts[0]));
    }
    const int n = snprintf(buf, size, "%.*s/api/v1/%s?query=", (int)len, order->url,
                           order->step_ns > 0 ? "query_range" : "query");
    fits = n > 0 && (size_t)n < size && http__append_encoded(buf, size, selector) &&
           http__append_encoded(buf, size, range) && strlen(buf) + strlen(rest) < size;
    if (!fits)
        return jb_fail(err, JB_E_USAGE, "shorten --match, or choose with --preset",
                       "the question to the server is too long");
    memcpy(buf + strlen(buf), rest, strlen(rest) + 1);
    return JB_OK;
}

/* What the server itself says of a query that it refused: which part of it is wrong. A stranger's text: cut and cleaned. */
static void take_reason(struct http_client *client, char *buf, size_t size)
{
    size_t len;
    const char *const text = http_client__body(client, &len);
    json_t *const root = len <= REASON_ANSWER_MAX ? json_loadb(text, len, 0, NULL) : NULL;
    const char *const reason = json_string_value(json_object_get(root, "error"));

    buf[0] = '\0';
    if (reason)
        jb_clean_copy(reason, buf, size);
    json_decref(root);
}

/* The client speaks of meters; here it is a server with a query. */
static jb_rc fail_asking(struct http_client *client, jb_rc rc, const struct jb_error *why,
                         struct jb_error *err)
{
    char reason[REASON_MAX];

    take_reason(client, reason, sizeof reason);
    return jb_fail(err, rc,
                   rc == JB_E_IO ? "check --match, and whether the url is that of the server"
                                 : why->hint,
                   "Prometheus: %s%s%s", why->message, reason[0] != '\0' ? ": " : "", reason);
}

static jb_rc ask(struct http_client *client, const struct jb_history_order *order,
                 const char *selector, int64_t from_ms, int64_t to_ms,
                 struct jb_prometheus *history, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) char *url = malloc(HTTP_URL_MAX);
    struct jb_error why;
    const char *text;
    size_t len;
    jb_rc rc;

    if (!url)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to ask a server");
    rc = make_url(order, selector, from_ms, to_ms, url, HTTP_URL_MAX, err);
    if (rc < 0)
        return rc;
    rc = http_client__get(client, url, &text, &len, &why);
    return rc < 0 ? fail_asking(client, rc, &why, err)
                  : jb_prometheus_add(history, order->url, text, len, err);
}

jb_rc history__fetch(const struct jb_history_order *order, struct jb_prometheus *history,
                     struct jb_error *err)
{
    const int64_t step_ms = order->step_ns / JB_NS_PER_MS;
    const int64_t piece_ms = step_ms > 0 ? step_ms * STEPS_MAX : CHUNK_MS;
    const int64_t end_ms = order->end_utc_us / US_PER_MS;
    /* A server of version 3 leaves out the sample at the very begin of a range; what is twice is taken once. */
    int64_t from_ms = order->start_utc_us / US_PER_MS - (step_ms > 0 ? 0 : 1);
    struct http_client *client = NULL;
    struct jb_buf selector = JB_BUF(SELECTOR_MAX);
    jb_rc rc = JB_OK;

    jb_prometheus_selector(&order->wanted, order->match, &selector);
    if (selector.failed < 0)
        rc = jb_fail(err, JB_E_USAGE, NULL, "--match is too long");
    else if ((end_ms - from_ms) / piece_ms >= PIECES_MAX)
        rc = jb_fail(err, JB_E_USAGE, "import a shorter time at once",
                     "the time asked for is more than %d questions to the server", PIECES_MAX);
    if (rc == JB_OK)
        rc = connect_to(order, &client, err);
    while (rc == JB_OK && from_ms <= end_ms) {
        const int64_t to_ms = end_ms - from_ms > piece_ms ? from_ms + piece_ms : end_ms;
        rc = ask(client, order, jb_buf_text(&selector), from_ms, to_ms, history, err);
        from_ms = to_ms == end_ms ? end_ms + 1 : to_ms + step_ms;
    }
    http_client__free(client);
    jb_buf_release(&selector);
    return rc;
}
