/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of libcurl's ABI, which has not changed one since 2006 (libcurl.so.4); compared with curl.h by a test. */
#ifndef JB_SENSOR_HTTP_CURL_H
#define JB_SENSOR_HTTP_CURL_H

#define CURL_GLOBAL_DEFAULT 3L

#define CURL_OPT_WRITEDATA         10001
#define CURL_OPT_URL               10002
#define CURL_OPT_PROXY             10004
#define CURL_OPT_USERAGENT         10018
#define CURL_OPT_HTTPHEADER        10023
#define CURL_OPT_CAINFO            10065
#define CURL_OPT_CAPATH            10097
#define CURL_OPT_USERNAME          10173
#define CURL_OPT_PASSWORD          10174
#define CURL_OPT_NOPROXY           10177
#define CURL_OPT_XOAUTH2_BEARER    10220
#define CURL_OPT_WRITEFUNCTION     20011
#define CURL_OPT_SSLVERSION        32
#define CURL_OPT_FOLLOWLOCATION    52
#define CURL_OPT_SSL_VERIFYPEER    64
#define CURL_OPT_SSL_VERIFYHOST    81
#define CURL_OPT_NOSIGNAL          99
#define CURL_OPT_HTTPAUTH          107
#define CURL_OPT_MAXFILESIZE       114
#define CURL_OPT_TIMEOUT_MS        155
#define CURL_OPT_CONNECTTIMEOUT_MS 156
#define CURL_OPT_PROTOCOLS         181
#define CURL_OPT_TCP_KEEPALIVE     213

#define CURL_AUTH_BASIC         1L
#define CURL_AUTH_DIGEST        2L
#define CURL_AUTH_BEARER        64L
#define CURL_PROTO_HTTP         1L
#define CURL_PROTO_HTTPS        2L
#define CURL_SSLVERSION_TLSV1_2 6L
#define CURL_INFO_RESPONSE_CODE 0x200002

#define CURL_UNSUPPORTED_PROTOCOL 1
#define CURL_URL_MALFORMAT        3
#define CURL_RESOLVE_HOST         6
#define CURL_CONNECT              7
#define CURL_WRITE_ERROR          23
#define CURL_OUT_OF_MEMORY        27
#define CURL_TIMED_OUT            28
#define CURL_TLS_CONNECT          35
#define CURL_TLS_PEER             60
#define CURL_FILE_SIZE            63
#define CURL_TLS_CA_FILE          77

#endif
