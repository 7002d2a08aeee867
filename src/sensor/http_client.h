/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GET of one resource of a configured meter, by libcurl loaded at run time (R-SENSOR-80). TLS is always verified, no
 * redirect is followed, no proxy is asked, and an answer longer than 1 MiB, or than the caller says, is none. One client per meter: it keeps its
 * connection. May block until the timeout; for drivers that are read apart.
 */
#ifndef JB_SENSOR_HTTP_CLIENT_H
#define JB_SENSOR_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "sensor/meter_secret.h"

#define HTTP_ANSWER_MAX ((size_t)1 << 20)
#define HTTP_URL_MAX    4096

enum http_auth {
    HTTP_AUTH_BASIC,
    HTTP_AUTH_DIGEST, /* the password itself never travels */
};

struct http_settings {
    const char *ca_file;               /* "" the system's authorities; else this one alone */
    const struct meter_secret *secret; /* copied by libcurl; may be wiped afterwards */
    enum http_auth auth;
    const char
        *token_header; /* a token travels in this header instead of Authorization; NULL: there */
    int64_t timeout_ns;
    size_t answer_max; /* whole MiB; 0: HTTP_ANSWER_MAX */
};

struct http_client;

/* JB_E_UNAVAILABLE with the step where libcurl is not there. */
JB_MUST_USE jb_rc http_client__new(const struct http_settings *settings, struct http_client **ret,
                                   struct jb_error *err);
void http_client__free(struct http_client *client);

/*
 * The body of a 2xx answer, borrowed until the next call, NUL-terminated. err->message says what went wrong without the
 * URL (which may hold a password), err->hint the step. JB_E_PERMISSION: 401, 403, or a certificate that does not hold;
 * JB_E_NOT_FOUND: 404; JB_E_AGAIN: 429, 5xx, timeouts, no connection; JB_E_INPUT: a redirect, an answer too long, a
 * url that is none; JB_E_IO: the rest.
 */
JB_MUST_USE jb_rc http_client__get(struct http_client *client, const char *url,
                                   const char **ret_text, size_t *ret_len, struct jb_error *err);

/* The body of the last answer, whatever its status: a server says in it what is wrong with the question. Borrowed like it;
 * empty where nothing came, cut off where the connection broke. */
const char *http_client__body(struct http_client *client, size_t *ret_len);

/* "http" or "https" URLs without a user in them; where the path begins is *ret_origin_len. False for others. */
JB_MUST_USE bool http__split_url(const char *url, size_t *ret_origin_len);
JB_MUST_USE bool http__is_tls(const char *url);
/* 127.0.0.0/8, ::1 and localhost, by the text: nothing is looked up. */
JB_MUST_USE bool http__is_loopback(const char *url);
/* Appends `text` to buf, percent-encoded but for the unreserved characters of RFC 3986; false if it does not fit. */
JB_MUST_USE bool http__append_encoded(char *buf, size_t size, const char *text);

#endif
