/* SPDX-License-Identifier: Apache-2.0 */
/* GET by a libcurl loaded at run time, and what it must never do (R-SENSOR-80). TLS: tests/live/70-network-meters.py. */
#include "http_rig.h"

#include <dlfcn.h>

#include "base/clock.h"
#include "sensor/http_client.h"
#include "sensor/http_curl.h"

/* curl.h has every name as a macro or an enumerator; a number of ours that differs does not compile. */
#if __has_include(<curl/curl.h>)
#include <curl/curl.h>
#define SAME(ours, theirs) _Static_assert((long)(ours) == (long)(theirs), #theirs)
SAME(CURL_OPT_WRITEDATA, CURLOPT_WRITEDATA);
SAME(CURL_OPT_URL, CURLOPT_URL);
SAME(CURL_OPT_PROXY, CURLOPT_PROXY);
SAME(CURL_OPT_USERAGENT, CURLOPT_USERAGENT);
SAME(CURL_OPT_HTTPHEADER, CURLOPT_HTTPHEADER);
SAME(CURL_OPT_CAINFO, CURLOPT_CAINFO);
SAME(CURL_OPT_CAPATH, CURLOPT_CAPATH);
SAME(CURL_OPT_USERNAME, CURLOPT_USERNAME);
SAME(CURL_OPT_PASSWORD, CURLOPT_PASSWORD);
SAME(CURL_OPT_NOPROXY, CURLOPT_NOPROXY);
SAME(CURL_OPT_XOAUTH2_BEARER, CURLOPT_XOAUTH2_BEARER);
SAME(CURL_OPT_WRITEFUNCTION, CURLOPT_WRITEFUNCTION);
SAME(CURL_OPT_SSLVERSION, CURLOPT_SSLVERSION);
SAME(CURL_OPT_FOLLOWLOCATION, CURLOPT_FOLLOWLOCATION);
SAME(CURL_OPT_SSL_VERIFYPEER, CURLOPT_SSL_VERIFYPEER);
SAME(CURL_OPT_SSL_VERIFYHOST, CURLOPT_SSL_VERIFYHOST);
SAME(CURL_OPT_NOSIGNAL, CURLOPT_NOSIGNAL);
SAME(CURL_OPT_HTTPAUTH, CURLOPT_HTTPAUTH);
SAME(CURL_OPT_MAXFILESIZE, CURLOPT_MAXFILESIZE);
SAME(CURL_OPT_TIMEOUT_MS, CURLOPT_TIMEOUT_MS);
SAME(CURL_OPT_CONNECTTIMEOUT_MS, CURLOPT_CONNECTTIMEOUT_MS);
SAME(CURL_OPT_PROTOCOLS, 181); /* its own name is marked as old, and would warn */
SAME(CURL_OPT_TCP_KEEPALIVE, CURLOPT_TCP_KEEPALIVE);
SAME(CURL_GLOBAL_DEFAULT, CURL_GLOBAL_ALL);
SAME(CURL_AUTH_BASIC, CURLAUTH_BASIC);
SAME(CURL_AUTH_DIGEST, CURLAUTH_DIGEST);
SAME(CURL_AUTH_BEARER, CURLAUTH_BEARER);
SAME(CURL_PROTO_HTTP, CURLPROTO_HTTP);
SAME(CURL_PROTO_HTTPS, CURLPROTO_HTTPS);
SAME(CURL_SSLVERSION_TLSV1_2, CURL_SSLVERSION_TLSv1_2);
SAME(CURL_INFO_RESPONSE_CODE, CURLINFO_RESPONSE_CODE);
SAME(CURL_UNSUPPORTED_PROTOCOL, CURLE_UNSUPPORTED_PROTOCOL);
SAME(CURL_URL_MALFORMAT, CURLE_URL_MALFORMAT);
SAME(CURL_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_HOST);
SAME(CURL_CONNECT, CURLE_COULDNT_CONNECT);
SAME(CURL_WRITE_ERROR, CURLE_WRITE_ERROR);
SAME(CURL_OUT_OF_MEMORY, CURLE_OUT_OF_MEMORY);
SAME(CURL_TIMED_OUT, CURLE_OPERATION_TIMEDOUT);
SAME(CURL_TLS_CONNECT, CURLE_SSL_CONNECT_ERROR);
SAME(CURL_TLS_PEER, CURLE_PEER_FAILED_VERIFICATION);
SAME(CURL_FILE_SIZE, CURLE_FILESIZE_EXCEEDED);
SAME(CURL_TLS_CA_FILE, CURLE_SSL_CACERT_BADFILE);
#endif

static struct http_client *make(const struct meter_secret *secret, enum http_auth auth,
                                int64_t timeout_ns)
{
    const struct http_settings settings = {
        .ca_file = "", .secret = secret, .auth = auth, .timeout_ns = timeout_ns};
    struct http_client *client = NULL;
    struct jb_error err = {0};

    if (http_client__new(&settings, &client, &err) < 0)
        bail_out("no client: %s", err.message);
    return client;
}

static jb_rc ask(struct http_client *client, const struct http_rig *rig, const char *path,
                 const char **ret_text, struct jb_error *err)
{
    char url[512];
    size_t len = 0;

    (void)snprintf(url, sizeof url, "%s%s", rig->base, path);
    return http_client__get(client, url, ret_text, &len, err);
}

static void answers(struct http_rig *rig)
{
    struct http_client *const client = make(NULL, HTTP_AUTH_BASIC, 5 * JB_NS_PER_S);
    struct jb_error err = {0};
    const char *text = "";

    http_rig_put(rig, "/a", 200, "{\"a\":1}");
    is_i64(ask(client, rig, "/a", &text, &err), JB_OK, "an answer");
    is_str(text, "{\"a\":1}", "its body");
    http_rig_put(rig, "/a", 200, "{\"a\":2}");
    ok(ask(client, rig, "/a", &text, &err) == JB_OK && strcmp(text, "{\"a\":2}") == 0,
       "the next one stands alone");
    is_i64(rig->n_connections, 1, "both over one connection");
    ok(rig->last_authorization[0] == '\0', "nothing is shown that was not given");
    is_i64(ask(client, rig, "/b", &text, &err), JB_E_NOT_FOUND, "404");
    http_rig_put(rig, "/c", 503, "");
    is_i64(ask(client, rig, "/c", &text, &err), JB_E_AGAIN, "503 may pass");
    http_rig_put(rig, "/c", 403, "");
    is_i64(ask(client, rig, "/c", &text, &err), JB_E_PERMISSION, "403 is permission");
    http_rig_put(rig, "/c", 400, "");
    is_i64(ask(client, rig, "/c", &text, &err), JB_E_IO, "400 is none of these");

    const int n_before = rig->n_requests;
    rig->location = "/a";
    http_rig_put(rig, "/c", 302, "");
    is_i64(ask(client, rig, "/c", &text, &err), JB_E_INPUT, "a redirect is an error");
    is_i64(rig->n_requests, n_before + 1, "and not followed, on the same host either");
    rig->location = NULL;

    rig->long_answer = 2 * HTTP_ANSWER_MAX;
    is_i64(ask(client, rig, "/a", &text, &err), JB_E_INPUT, "an answer without end is cut off");
    ok(strstr(err.message, "1 MiB"), "and says so");
    rig->long_answer = 0;
    is_i64(ask(client, rig, "/a", &text, &err), JB_OK, "after which the next one is read");
    http_client__free(client);
}

static void slow(struct http_rig *rig)
{
    struct http_client *const client = make(NULL, HTTP_AUTH_BASIC, 100 * JB_NS_PER_MS);
    struct jb_error err = {0};
    const char *text;

    rig->delay_ms = 2000;
    const int64_t begin_ns = jb_mono_ns(&jb_clock_system);
    is_i64(ask(client, rig, "/a", &text, &err), JB_E_AGAIN, "a device that hangs is given up");
    ok(jb_mono_ns(&jb_clock_system) - begin_ns < 1900 * JB_NS_PER_MS, "after its timeout");
    ok(strstr(err.message, "in time"), "and says so");
    rig->delay_ms = 0;
    http_client__free(client);
}

static void secrets(struct http_rig *rig)
{
    struct meter_secret secret = {
        .kind = METER_SECRET_PASSWORD, .user = "ann", .secret = "top secret"};
    struct jb_error err = {0};
    const char *text;

    struct http_client *client = make(&secret, HTTP_AUTH_BASIC, 5 * JB_NS_PER_S);
    meter_secret__wipe(&secret);
    is_i64(ask(client, rig, "/a", &text, &err), JB_OK, "with a name and a password");
    is_str(rig->last_authorization, "Basic YW5uOnRvcCBzZWNyZXQ=", "basic, after ours was wiped");
    http_client__free(client);

    secret =
        (struct meter_secret){.kind = METER_SECRET_PASSWORD, .user = "ann", .secret = "top secret"};
    client = make(&secret, HTTP_AUTH_DIGEST, 5 * JB_NS_PER_S);
    rig->challenge = "Digest qop=\"auth\", realm=\"shellyplus\", nonce=\"6a1b\", algorithm=SHA-256";
    is_i64(ask(client, rig, "/a", &text, &err), JB_OK, "with a digest");
    ok(strncmp(rig->last_authorization, "Digest ", 7) == 0 &&
           strstr(rig->last_authorization, "algorithm=SHA-256"),
       "by SHA-256");
    rig->challenge = "Basic realm=\"x\"";
    rig->last_authorization[0] = '\0';
    (void)ask(client, rig, "/a", &text, &err);
    ok(strncmp(rig->last_authorization, "Basic", 5) != 0,
       "a device that asks for the password itself does not get it");
    rig->challenge = NULL;
    http_client__free(client);

    secret = (struct meter_secret){.kind = METER_SECRET_TOKEN, .secret = "abc.def"};
    client = make(&secret, HTTP_AUTH_BASIC, 5 * JB_NS_PER_S);
    is_i64(ask(client, rig, "/a", &text, &err), JB_OK, "with a token");
    is_str(rig->last_authorization, "Bearer abc.def", "as bearer");
    http_client__free(client);
}

static void urls(void)
{
    size_t len = 0;
    char buf[64] = "q=";

    ok(http__split_url("https://bmc.example:8443/redfish/v1", &len) && len == 24,
       "where a path begins");
    ok(http__split_url("http://h", &len) && len == 8, "a host alone");
    ok(!http__split_url("https://ann:pw@bmc.example/", &len), "no password in a url");
    ok(http__split_url("http://h/a@b", &len) && len == 8, "an @ in a path is none");
    ok(!http__split_url("ftp://h/", &len) && !http__split_url("file:///etc/passwd", &len) &&
           !http__split_url("h/x", &len) && !http__split_url("http:///x", &len) &&
           !http__split_url("http://h/a b", &len) && !http__split_url("", &len),
       "what is no url of ours");
    ok(http__is_tls("HTTPS://h/") && !http__is_tls("http://h/"), "TLS or not");
    static const char *const local[] = {"http://127.0.0.1/", "http://127.0.0.1:80",
                                        "http://localhost:1/x", "http://[::1]:80/", "http://[::1]"};
    for (size_t i = 0; i < sizeof local / sizeof local[0]; i++)
        ok(http__is_loopback(local[i]), "%s is this machine", local[i]);
    static const char *const remote[] = {"http://127.example.org/", "http://128.0.0.1/",
                                         "http://localhost.evil/",  "http://[::1].evil/",
                                         "http://h/127.0.0.1",      "x"};
    for (size_t i = 0; i < sizeof remote / sizeof remote[0]; i++)
        ok(!http__is_loopback(remote[i]), "%s is not", remote[i]);
    ok(http__append_encoded(buf, sizeof buf, "a{b=\"\xc3\xa9\"}[5m]"), "encoding");
    is_str(buf, "q=a%7Bb%3D%22%C3%A9%22%7D%5B5m%5D", "all but the unreserved");
    ok(!http__append_encoded(buf, sizeof buf, "0123456789012345678901234567890123456789"),
       "what does not fit is refused");
}

int main(void)
{
    struct http_rig rig;

    urls();
    if (!dlopen("libcurl.so.4", RTLD_NOW) && !dlopen("libcurl-gnutls.so.4", RTLD_NOW)) {
        ok(true, "# SKIP no libcurl here");
        return done_testing();
    }
    /* Whatever the environment says of proxies, a meter is asked itself. */
    (void)setenv("http_proxy", "http://127.0.0.1:1", 1);
    (void)setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
    http_rig_start(&rig);
    answers(&rig);
    slow(&rig);
    secrets(&rig);
    http_rig_stop(&rig);
    struct http_client *const client = make(NULL, HTTP_AUTH_BASIC, JB_NS_PER_S);
    struct jb_error err = {0};
    const char *text;
    is_i64(ask(client, &rig, "/a", &text, &err), JB_E_AGAIN, "a device that is gone may be back");
    http_client__free(client);
    return done_testing();
}
