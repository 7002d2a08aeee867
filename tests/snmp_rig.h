/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An SNMP v2c agent with one object on a loopback port, for unit tests: enough BER (RFC 3416) to answer a GET. The real
 * snmpd is asked by tests/live/70-network-meters.py.
 */
#ifndef JB_TESTS_SNMP_RIG_H
#define JB_TESTS_SNMP_RIG_H

#include "tap.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#define SNMP_RIG_NO_SUCH 0x81 /* noSuchInstance */

struct snmp_rig {
    int fd;
    char url[64];
    pthread_t thread;
    pthread_mutex_t lock;
    const char *community;
    unsigned char type;
    unsigned char value[64];
    size_t value_len;
    bool is_silent, is_garbage;
    int n_requests;
};

struct snmp_rig_piece {
    const unsigned char *at;
    size_t len;
    const unsigned char *next;
};

/* One TLV with a length of one or two bytes, as all of these are. */
TAP__UNUSED static struct snmp_rig_piece snmp_rig_piece(const unsigned char *at, unsigned char type)
{
    size_t len = at[1];
    const unsigned char *inside = at + 2;

    if (at[0] != type)
        bail_out("the agent expected %02x, got %02x", type, at[0]);
    if (len == 0x81) {
        len = at[2];
        inside = at + 3;
    } else if (len == 0x82) {
        len = (size_t)at[2] << 8 | at[3];
        inside = at + 4;
    }
    return (struct snmp_rig_piece){inside, len, inside + len};
}

/* Puts type and length before what lies at the end of buf, from *at on. */
TAP__UNUSED static void snmp_rig_wrap(const unsigned char *end, unsigned char **at,
                                      unsigned char type)
{
    const size_t len = (size_t)(end - *at);

    if (len > 127) {
        *--*at = (unsigned char)len;
        *--*at = 0x81;
    } else {
        *--*at = (unsigned char)len;
    }
    *--*at = type;
}

TAP__UNUSED static void snmp_rig_prepend(unsigned char **at, const unsigned char *bytes, size_t len)
{
    *at -= len;
    memcpy(*at, bytes, len);
}

TAP__UNUSED static size_t snmp_rig_answer(const struct snmp_rig *rig, const unsigned char *request,
                                          unsigned char *ret, size_t size)
{
    const struct snmp_rig_piece message = snmp_rig_piece(request, 0x30);
    const struct snmp_rig_piece version = snmp_rig_piece(message.at, 0x02);
    const struct snmp_rig_piece community = snmp_rig_piece(version.next, 0x04);
    const struct snmp_rig_piece pdu = snmp_rig_piece(community.next, 0xa0);
    const struct snmp_rig_piece id = snmp_rig_piece(pdu.at, 0x02);
    const struct snmp_rig_piece status = snmp_rig_piece(id.next, 0x02);
    const struct snmp_rig_piece index = snmp_rig_piece(status.next, 0x02);
    const struct snmp_rig_piece bindings = snmp_rig_piece(index.next, 0x30);
    const struct snmp_rig_piece binding = snmp_rig_piece(bindings.at, 0x30);
    const struct snmp_rig_piece oid = snmp_rig_piece(binding.at, 0x06);
    const unsigned char *const end = ret + size;
    unsigned char *at = ret + size;

    if (community.len != strlen(rig->community) ||
        memcmp(community.at, rig->community, community.len) != 0)
        return 0;
    snmp_rig_prepend(&at, rig->value, rig->value_len);
    snmp_rig_wrap(end, &at, rig->type);
    snmp_rig_prepend(&at, binding.at, (size_t)(oid.next - binding.at));
    snmp_rig_wrap(end, &at, 0x30);
    snmp_rig_wrap(end, &at, 0x30);
    snmp_rig_prepend(&at, pdu.at, (size_t)(index.next - pdu.at));
    snmp_rig_wrap(end, &at, 0xa2);
    snmp_rig_prepend(&at, message.at, (size_t)(community.next - message.at));
    snmp_rig_wrap(end, &at, 0x30);
    const size_t len = (size_t)(end - at);
    memmove(ret, at, len);
    return len;
}

TAP__UNUSED static void *snmp_rig_serve(void *arg)
{
    struct snmp_rig *const rig = arg;

    for (;;) {
        unsigned char request[1500];
        unsigned char answer[1500];
        struct sockaddr_in from;
        socklen_t from_len = sizeof from;
        const ssize_t n =
            recvfrom(rig->fd, request, sizeof request, 0, (struct sockaddr *)&from, &from_len);
        if (n <= 0)
            return NULL;
        if (n == 1)
            return NULL; /* snmp_rig_stop */
        (void)pthread_mutex_lock(&rig->lock);
        rig->n_requests++;
        size_t len = rig->is_silent ? 0 : snmp_rig_answer(rig, request, answer, sizeof answer);
        if (rig->is_garbage && len > 0)
            memset(answer, 0x30, len);
        (void)pthread_mutex_unlock(&rig->lock);
        if (len > 0)
            (void)sendto(rig->fd, answer, len, 0, (struct sockaddr *)&from, from_len);
    }
}

TAP__UNUSED static void snmp_rig_put(struct snmp_rig *rig, unsigned char type, const void *value,
                                     size_t len)
{
    (void)pthread_mutex_lock(&rig->lock);
    rig->type = type;
    rig->value_len = len;
    memcpy(rig->value, value, len);
    (void)pthread_mutex_unlock(&rig->lock);
}

TAP__UNUSED static void snmp_rig_start(struct snmp_rig *rig)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof address;

    memset(rig, 0, sizeof *rig);
    rig->community = "public";
    (void)pthread_mutex_init(&rig->lock, NULL);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    rig->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (rig->fd < 0 || bind(rig->fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        getsockname(rig->fd, (struct sockaddr *)&address, &len) != 0)
        bail_out("no loopback port");
    (void)snprintf(rig->url, sizeof rig->url, "udp:127.0.0.1:%u", ntohs(address.sin_port));
    if (pthread_create(&rig->thread, NULL, snmp_rig_serve, rig) != 0)
        bail_out("no thread");
}

TAP__UNUSED static void snmp_rig_stop(struct snmp_rig *rig)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof address;

    (void)getsockname(rig->fd, (struct sockaddr *)&address, &len);
    (void)sendto(rig->fd, "", 1, 0, (struct sockaddr *)&address, len);
    (void)pthread_join(rig->thread, NULL);
    (void)close(rig->fd);
}

#endif
