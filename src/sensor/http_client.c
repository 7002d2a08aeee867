/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A URL to the bytes of its answer, by libcurl if it is there: no header and no link of it, ten functions and the
 * numbers of its stable ABI (tests/unit/test_http_client.c compares them with curl.h where that is installed). Must not
 * follow, look at proxies of the environment, send a secret anywhere but to the host configured, or interpret an answer.
 * Rule R-SENSOR-80.
 */
#include "sensor/http_client.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/clean.h"
#include "base/clock.h"
#include "base/compiler.h"
#include "sensor/http_curl.h"

/* What of libcurl is used. A variadic function must be called through a variadic pointer. */
struct curl_api {
    int (*global_init)(long flags);
    void *(*easy_init)(void);
    void (*easy_cleanup)(void *easy);
    int (*easy_setopt)(void *easy, int option, ...);
    int (*easy_perform)(void *easy);
    int (*easy_getinfo)(void *easy, int info, ...);
    const char *(*easy_strerror)(int code);
    void *(*slist_append)(void *list, const char *text);
    void (*slist_free_all)(void *list);
};

static const struct {
    const char *name;
    size_t offset;
} symbols[] = {
    {"curl_global_init", offsetof(struct curl_api, global_init)},
    {"curl_easy_init", offsetof(struct curl_api, easy_init)},
    {"curl_easy_cleanup", offsetof(struct curl_api, easy_cleanup)},
    {"curl_easy_setopt", offsetof(struct curl_api, easy_setopt)},
    {"curl_easy_perform", offsetof(struct curl_api, easy_perform)},
    {"curl_easy_getinfo", offsetof(struct curl_api, easy_getinfo)},
    {"curl_easy_strerror", offsetof(struct curl_api, easy_strerror)},
    {"curl_slist_append", offsetof(struct curl_api, slist_append)},
    {"curl_slist_free_all", offsetof(struct curl_api, slist_free_all)},
};

static const char *const libraries[] = {"libcurl.so.4", "libcurl-gnutls.so.4"};

struct http_client {
    struct curl_api api;
    void *easy;
    void *headers;      /* a list of libcurl's */
    struct jb_buf body; /* its ceiling is the longest answer */
};

/* What curl's code means for the meter, and what to do. */
static const struct failure {
    int code;
    jb_rc rc;
    const char *reason;
    const char *step;
} failures[] = {
    {CURL_URL_MALFORMAT, JB_E_INPUT, "the url is none", "write it as https://HOST/PATH"},
    {CURL_UNSUPPORTED_PROTOCOL, JB_E_INPUT, "the url is neither http nor https",
     "write it as https://HOST/PATH"},
    {CURL_RESOLVE_HOST, JB_E_AGAIN, "its host has no address", "check the name in the url"},
    {CURL_CONNECT, JB_E_AGAIN, "nobody answers at its address",
     "check that it is on and reachable from here"},
    {CURL_TIMED_OUT, JB_E_AGAIN, "it did not answer in time",
     "check that it is reachable, or give it a longer timeout"},
    {CURL_TLS_CONNECT, JB_E_AGAIN, "no TLS connection could be made",
     "check that the port speaks TLS 1.2 or newer"},
    {CURL_TLS_PEER, JB_E_PERMISSION, "its certificate does not hold",
     "name the authority that signed it as ca_file, and the host as the certificate does"},
    {CURL_TLS_CA_FILE, JB_E_PERMISSION, "the ca_file cannot be read",
     "name a readable PEM file as ca_file"},
    {CURL_OUT_OF_MEMORY, JB_E_NOMEM, "no memory for its answer", "try again"},
};

bool http__split_url(const char *url, size_t *ret_origin_len)
{
    static const char *const schemes[] = {"https://", "http://"};

    for (size_t i = 0; i < JB_ARRAY_LEN(schemes); i++) {
        const size_t n = strlen(schemes[i]);
        if (strncasecmp(url, schemes[i], n) != 0)
            continue;
        const size_t n_host = strcspn(url + n, "/?#");
        /* A password in a url would stand in the configuration, and in every message that names it. */
        if (n_host == 0 || memchr(url + n, '@', n_host))
            return false;
        for (const char *at = url; *at != '\0'; at++)
            if (*at <= ' ' || *at == 0x7f)
                return false;
        *ret_origin_len = n + n_host;
        return true;
    }
    return false;
}

bool http__is_tls(const char *url)
{
    return strncasecmp(url, "https://", 8) == 0;
}

static bool is_127(const char *host, size_t len)
{
    if (len < 9 || memcmp(host, "127.", 4) != 0)
        return false;
    for (size_t i = 4; i < len; i++)
        if (host[i] != '.' && (host[i] < '0' || host[i] > '9'))
            return false;
    return true;
}

bool http__is_loopback(const char *url)
{
    size_t origin_len;

    if (!http__split_url(url, &origin_len))
        return false;
    const char *const host = strstr(url, "://") + 3;
    const size_t n = origin_len - (size_t)(host - url);
    if (n >= 5 && memcmp(host, "[::1]", 5) == 0)
        return n == 5 || host[5] == ':';
    const size_t n_name = strcspn(host, ":/?#") < n ? strcspn(host, ":/?#") : n;
    return (n_name == 9 && strncasecmp(host, "localhost", 9) == 0) || is_127(host, n_name);
}

bool http__append_encoded(char *buf, size_t size, const char *text)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t len = strlen(buf);

    for (; *text != '\0'; text++) {
        if (len + 4 > size)
            return false;
        const unsigned char c = (unsigned char)*text;
        if (jb_clean_is_alnum(*text) || strchr("-._~", *text)) {
            buf[len++] = *text;
        } else {
            buf[len++] = '%';
            buf[len++] = hex[c >> 4];
            buf[len++] = hex[c & 15];
        }
        buf[len] = '\0';
    }
    return true;
}

/*
 * Not closed again: libcurl brings a TLS library that leaves handlers for the end of the process behind, which must find
 * their code. dlopen counts, so that the next meter gets the same one.
 */
static jb_rc load(struct curl_api *ret, struct jb_error *err)
{
    void *library = NULL;

    for (size_t i = 0; i < JB_ARRAY_LEN(libraries) && !library; i++)
        library = dlopen(libraries[i], RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return jb_fail(err, JB_E_UNAVAILABLE, "apt install libcurl4",
                       "libcurl, which asks meters over HTTP, is not installed");
    for (size_t i = 0; i < JB_ARRAY_LEN(symbols); i++) {
        void *const symbol = dlsym(library, symbols[i].name);
        if (!symbol)
            return jb_fail(err, JB_E_UNAVAILABLE, "apt install libcurl4",
                           "the libcurl that is installed has no '%s'", symbols[i].name);
        memcpy((char *)ret + symbols[i].offset, &symbol, sizeof symbol);
    }
    if (ret->global_init(CURL_GLOBAL_DEFAULT) != 0)
        return jb_fail(err, JB_E_UNAVAILABLE, "apt install --reinstall libcurl4",
                       "libcurl could not be started");
    return JB_OK;
}

static size_t take_body(char *bytes, size_t size, size_t n, void *arg)
{
    struct jb_buf *const body = arg;

    jb_buf_add(body, bytes, size * n);
    return body->failed < 0 ? 0 : size * n;
}

static bool put_long(const struct http_client *client, int option, long value)
{
    return client->api.easy_setopt(client->easy, option, value) == 0;
}

static bool put_text(const struct http_client *client, int option, const char *text)
{
    return client->api.easy_setopt(client->easy, option, text) == 0;
}

/* "NAME: TOKEN" as a header of every request. */
static bool put_header(struct http_client *client, const char *name, const char *token)
{
    char line[640];
    const int n = snprintf(line, sizeof line, "%s: %s", name, token);

    if (n > 0 && (size_t)n < sizeof line)
        client->headers = client->api.slist_append(NULL, line);
    explicit_bzero(line, sizeof line);
    return client->headers &&
           client->api.easy_setopt(client->easy, CURL_OPT_HTTPHEADER, client->headers) == 0;
}

static bool put_secret(struct http_client *client, const struct http_settings *settings)
{
    const struct meter_secret *const secret = settings->secret;

    if (!secret || secret->kind == METER_SECRET_NONE)
        return true;
    if (secret->kind == METER_SECRET_TOKEN && settings->token_header)
        return put_header(client, settings->token_header, secret->secret);
    if (secret->kind == METER_SECRET_TOKEN)
        return put_long(client, CURL_OPT_HTTPAUTH, CURL_AUTH_BEARER) &&
               put_text(client, CURL_OPT_XOAUTH2_BEARER, secret->secret);
    return put_long(client, CURL_OPT_HTTPAUTH,
                    settings->auth == HTTP_AUTH_DIGEST ? CURL_AUTH_DIGEST : CURL_AUTH_BASIC) &&
           put_text(client, CURL_OPT_USERNAME, secret->user) &&
           put_text(client, CURL_OPT_PASSWORD, secret->secret);
}

/* Every option is checked: one that libcurl does not know must not quietly be off. */
static bool set_up(struct http_client *client, const struct http_settings *settings)
{
    const long timeout_ms = (long)(settings->timeout_ns / JB_NS_PER_MS);
    bool is_set = put_long(client, CURL_OPT_NOSIGNAL, 1) &&
                  put_long(client, CURL_OPT_TIMEOUT_MS, timeout_ms > 0 ? timeout_ms : 1) &&
                  put_long(client, CURL_OPT_CONNECTTIMEOUT_MS, timeout_ms > 0 ? timeout_ms : 1) &&
                  put_long(client, CURL_OPT_FOLLOWLOCATION, 0) &&
                  put_long(client, CURL_OPT_PROTOCOLS, CURL_PROTO_HTTP | CURL_PROTO_HTTPS) &&
                  put_text(client, CURL_OPT_PROXY, "") && put_text(client, CURL_OPT_NOPROXY, "*") &&
                  put_long(client, CURL_OPT_SSL_VERIFYPEER, 1) &&
                  put_long(client, CURL_OPT_SSL_VERIFYHOST, 2) &&
                  put_long(client, CURL_OPT_SSLVERSION, CURL_SSLVERSION_TLSV1_2) &&
                  put_long(client, CURL_OPT_MAXFILESIZE, (long)client->body.max) &&
                  put_long(client, CURL_OPT_TCP_KEEPALIVE, 1) &&
                  put_text(client, CURL_OPT_USERAGENT, "joulebook/" JB_VERSION) &&
                  client->api.easy_setopt(client->easy, CURL_OPT_WRITEFUNCTION, take_body) == 0 &&
                  client->api.easy_setopt(client->easy, CURL_OPT_WRITEDATA, &client->body) == 0;

    /* With an authority of one's own, the system's would let others in. */
    if (is_set && settings->ca_file && settings->ca_file[0] != '\0')
        is_set = put_text(client, CURL_OPT_CAINFO, settings->ca_file) &&
                 put_text(client, CURL_OPT_CAPATH, NULL);
    return is_set && put_secret(client, settings);
}

jb_rc http_client__new(const struct http_settings *settings, struct http_client **ret,
                       struct jb_error *err)
{
    struct http_client *const client = calloc(1, sizeof *client);

    if (!client)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to ask a meter over HTTP");
    client->body = JB_BUF(settings->answer_max > 0 ? settings->answer_max : HTTP_ANSWER_MAX);
    jb_rc rc = load(&client->api, err);
    if (rc == JB_OK) {
        client->easy = client->api.easy_init();
        if (!client->easy || !set_up(client, settings))
            rc = jb_fail(err, JB_E_UNAVAILABLE, "apt install libcurl4 (7.61 or newer)",
                         "the libcurl that is installed lacks what a safe request needs");
    }
    if (rc < 0) {
        http_client__free(client);
        return rc;
    }
    *ret = client;
    return JB_OK;
}

void http_client__free(struct http_client *client)
{
    if (!client)
        return;
    if (client->easy)
        client->api.easy_cleanup(client->easy);
    if (client->headers)
        client->api.slist_free_all(client->headers);
    jb_buf_release(&client->body);
    free(client);
}

static jb_rc fail_transport(const struct http_client *client, int code, struct jb_error *err)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(failures); i++)
        if (failures[i].code == code)
            return jb_fail(err, failures[i].rc, failures[i].step, "%s", failures[i].reason);
    if (code == CURL_WRITE_ERROR || code == CURL_FILE_SIZE)
        return jb_fail(err, JB_E_INPUT, "check that the url is that of a meter",
                       "its answer is longer than %zu MiB", client->body.max >> 20);
    return jb_fail(err, JB_E_IO, "check the url and the device", "libcurl: %s",
                   client->api.easy_strerror(code));
}

static jb_rc check_status(long status, struct jb_error *err)
{
    if (status >= 200 && status < 300)
        return JB_OK;
    if (status == 401 || status == 403)
        return jb_fail(err, JB_E_PERMISSION,
                       "put a name and password that may read it into the credentials file",
                       "it refuses to answer without other credentials (HTTP %ld)", status);
    if (status == 404)
        return jb_fail(err, JB_E_NOT_FOUND, "check the path of the url",
                       "it knows nothing by that path (HTTP 404)");
    if (status >= 300 && status < 400)
        return jb_fail(err, JB_E_INPUT, "give the url it points to, if that is the meter's",
                       "it points elsewhere (HTTP %ld), which is not followed", status);
    if (status == 429 || status >= 500)
        return jb_fail(err, JB_E_AGAIN, "try again, or ask it less often",
                       "it cannot answer now (HTTP %ld)", status);
    return jb_fail(err, JB_E_IO, "check the url", "it answers HTTP %ld", status);
}

const char *http_client__body(struct http_client *client, size_t *ret_len)
{
    *ret_len = client->body.len;
    return jb_buf_text(&client->body);
}

jb_rc http_client__get(struct http_client *client, const char *url, const char **ret_text,
                       size_t *ret_len, struct jb_error *err)
{
    long status = 0;
    size_t origin_len;

    if (!http__split_url(url, &origin_len))
        return jb_fail(err, JB_E_INPUT,
                       "write it as https://HOST/PATH; a name and password go into a "
                       "credentials file",
                       "the url is none, or holds a name and password");
    jb_buf_clear(&client->body);
    if (!put_text(client, CURL_OPT_URL, url))
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a url");
    const int code = client->api.easy_perform(client->easy);
    if (code != 0)
        return fail_transport(client, code, err);
    if (client->api.easy_getinfo(client->easy, CURL_INFO_RESPONSE_CODE, &status) != 0)
        status = 0;
    const jb_rc rc = check_status(status, err);
    if (rc < 0)
        return rc;
    *ret_text = jb_buf_text(&client->body);
    *ret_len = client->body.len;
    return JB_OK;
}
