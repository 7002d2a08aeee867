/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Zone and time to a provider's forecast, one question each (WattTime: a token first). Must never send credentials in the
 * clear, nor let a provider resolve the place from the caller's address. R-CARBON-24.
 */
#include "pipeline/grid_fetch.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "sensor/http_client.h"
#include "sensor/meter_secret.h"

#define TIMEOUT_NS (30 * JB_NS_PER_S)

struct provider {
    const char *name, *url;
    const char *path;         /* of the question: %s is the zone or the time, encoded */
    const char *token_header; /* of its key; NULL: Authorization */
    const char *login;        /* where a name and password get a token; NULL: no such thing */
    enum meter_secret_kind secret;
    bool is_by_time; /* asked by the time, and not by a zone */
    const char *secret_hint;
};

static const struct provider providers[] = {
    {"electricity-maps", "https://api.electricitymaps.com",
     "/v4/carbon-intensity/forecast?horizonHours=72&disableCallerLookup=true&zone=%s", "auth-token",
     NULL, METER_SECRET_TOKEN, false,
     "write 'token KEY' into a file of yours and give --credentials"},
    {"gb", "https://api.carbonintensity.org.uk", "/intensity/%s/fw48h", NULL, NULL,
     METER_SECRET_NONE, true, ""},
    {"watttime", "https://api.watttime.org",
     "/v3/forecast?signal_type=co2_moer&horizon_hours=72&region=%s", NULL, "/login",
     METER_SECRET_PASSWORD, false,
     "write NAME:PASSWORD into a file of yours and give --credentials"},
};

static const struct provider *find(const char *name)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(providers); i++)
        if (strcmp(providers[i].name, name) == 0)
            return &providers[i];
    return NULL;
}

bool jb_grid_is_provider(const char *word)
{
    return find(word) != NULL;
}

static jb_rc make_url(const struct provider *provider, const struct jb_grid_order *order,
                      const char *path, char *url, struct jb_error *err)
{
    const char *const base = order->url ? order->url : provider->url;
    size_t len = strlen(base);
    char time[32], asked[256] = "", rest[512];

    while (len > 0 && base[len - 1] == '/')
        len--;
    (void)jb_format_utc(order->from_utc_us, false, time, sizeof time);
    memcpy(time + strlen("2026-11-23T06:41"), "Z", 2); /* GB wants no seconds */
    if (provider->is_by_time)
        memcpy(asked, time, sizeof time); /* its colons are the provider's own */
    else if (!http__append_encoded(asked, sizeof asked, order->zone))
        return jb_fail(err, JB_E_USAGE, "give the zone as the provider names it",
                       "the zone is too long");
    const char *const at = strstr(path, "%s");
    const int n =
        at ? snprintf(rest, sizeof rest, "%.*s%s%s", (int)(at - path), path, asked, at + 2)
           : snprintf(rest, sizeof rest, "%s", path);
    if (n < 0 || (size_t)n >= sizeof rest || len + (size_t)n >= HTTP_URL_MAX)
        return jb_fail(err, JB_E_USAGE, "give it as https://HOST", "the url is too long");
    memcpy(url, base, len);
    memcpy(url + len, rest, (size_t)n + 1);
    return JB_OK;
}

static jb_rc check(const struct provider *provider, const struct jb_grid_order *order,
                   const struct meter_secret *secret, struct jb_error *err)
{
    const char *const base = order->url ? order->url : provider->url;
    size_t origin_len;

    if (!provider->is_by_time && order->zone[0] == '\0')
        return jb_fail(err, JB_E_USAGE, "such as electricity-maps:NL or watttime:CAISO_NORTH",
                       "'%s' is asked for a zone", provider->name);
    if (!http__split_url(base, &origin_len))
        return jb_fail(err, JB_E_USAGE, "write it as https://HOST", "the url is none");
    if (secret->kind != provider->secret)
        return jb_fail(err, JB_E_PERMISSION,
                       provider->secret_hint[0] ? provider->secret_hint : "leave --credentials out",
                       provider->secret == METER_SECRET_NONE
                           ? "'%s' needs no credentials"
                           : "'%s' needs credentials of another kind",
                       provider->name);
    if (secret->kind != METER_SECRET_NONE && !http__is_tls(base) && !http__is_loopback(base))
        return jb_fail(err, JB_E_PERMISSION, "write the url with https://",
                       "the credentials would go over the network in the clear");
    return JB_OK;
}

/* One question; *ret_text is the caller's to free. */
static jb_rc ask(const struct provider *provider, const struct jb_grid_order *order,
                 const struct meter_secret *secret, const char *path, char **ret_text,
                 size_t *ret_len, struct jb_error *err)
{
    const struct http_settings settings = {
        .ca_file = order->ca_file,
        .secret = secret,
        .auth = HTTP_AUTH_BASIC,
        .token_header = provider->token_header,
        .timeout_ns = TIMEOUT_NS,
        .answer_max = JB_HOURLY_BYTES_MAX,
    };
    struct http_client *client = NULL;
    char url[HTTP_URL_MAX];
    struct jb_error why = {.code = JB_OK};
    const char *text = NULL;

    jb_rc rc = make_url(provider, order, path, url, err);
    if (rc == JB_OK)
        rc = http_client__new(&settings, &client, err);
    if (rc < 0)
        return rc;
    rc = http_client__get(client, url, &text, ret_len, &why);
    if (rc < 0) {
        rc = jb_fail(err, rc, why.hint[0] ? why.hint : NULL, "%s: %s", provider->name, why.message);
    } else {
        *ret_text = malloc(*ret_len + 1);
        if (*ret_text)
            memcpy(*ret_text, text, *ret_len + 1);
        else
            rc = jb_fail(err, JB_E_NOMEM, NULL, "no memory for an answer of %s", provider->name);
    }
    http_client__free(client);
    return rc;
}

/* Name and password to a token that lives half an hour. */
static jb_rc log_in(const struct provider *provider, const struct jb_grid_order *order,
                    struct meter_secret *secret, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) char *text = NULL;
    size_t len = 0;
    const jb_rc rc = ask(provider, order, secret, provider->login, &text, &len, err);

    if (rc < 0)
        return rc;
    json_t *const root = json_loadb(text, len, 0, NULL);
    const char *const token = json_string_value(json_object_get(root, "token"));
    meter_secret__wipe(secret);
    explicit_bzero(text, len);
    const bool is_token =
        token && token[0] && strlen(token) < sizeof secret->secret && !strpbrk(token, "\r\n");
    if (is_token) {
        secret->kind = METER_SECRET_TOKEN;
        memcpy(secret->secret, token, strlen(token) + 1);
    }
    json_decref(root);
    return is_token ? JB_OK
                    : jb_fail(err, JB_E_PERMISSION, "check name and password in the file",
                              "%s gave no token", provider->name);
}

jb_rc jb_grid_fetch(const struct jb_grid_order *order, struct jb_hourly **ret, struct jb_error *err)
{
    const struct provider *const provider = find(order->provider);
    JB_AUTO(jb_free_auto) char *text = NULL;
    struct meter_secret secret;
    size_t len = 0;

    if (!provider)
        return jb_fail(err, JB_E_USAGE, "electricity-maps:ZONE, gb or watttime:REGION",
                       "nobody is known as '%.40s'", order->provider);
    jb_rc rc = meter_secret__read(order->credentials, &secret, err);
    if (rc < 0)
        return rc;
    rc = check(provider, order, &secret, err);
    if (rc == JB_OK && provider->login)
        rc = log_in(provider, order, &secret, err);
    if (rc == JB_OK)
        rc = ask(provider, order, &secret, provider->path, &text, &len, err);
    meter_secret__wipe(&secret);
    return rc == JB_OK ? jb_hourly_parse(provider->name, text, len, ret, err) : rc;
}
