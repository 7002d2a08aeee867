/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device that speaks HTTP on a loopback port, for unit tests: a table of paths and what they answer, which a test may
 * change while it runs. Keeps what it was last asked, and how often.
 */
#ifndef JB_TESTS_HTTP_RIG_H
#define JB_TESTS_HTTP_RIG_H

#include "tap.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#define HTTP_RIG_PATHS 24

struct http_rig_path {
    char path[512];
    int status;
    char body[4096];
};

struct http_rig {
    int fd;
    char base[64]; /* "http://127.0.0.1:40001" */
    pthread_t thread;
    pthread_mutex_t lock;
    struct http_rig_path paths[HTTP_RIG_PATHS];
    size_t n_paths;
    const char *challenge; /* WWW-Authenticate of whatever comes without Authorization */
    const char *location;  /* of a redirect */
    size_t long_answer;    /* so many bytes instead of a body */
    int delay_ms;          /* before each answer */
    int n_requests, n_connections;
    char last_path[1024];
    char last_authorization[1024];
};

struct http_rig_connection {
    struct http_rig *rig;
    int fd;
};

TAP__UNUSED static void http_rig_header(const char *request, const char *name, char *ret,
                                        size_t size)
{
    const char *const at = strstr(request, name);

    ret[0] = '\0';
    if (at)
        (void)snprintf(ret, size, "%.*s", (int)strcspn(at + strlen(name), "\r"), at + strlen(name));
}

TAP__UNUSED static void http_rig_send(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        const ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
        if (n <= 0)
            return;
        bytes += n;
        len -= (size_t)n;
    }
}

TAP__UNUSED static void http_rig_long(int fd, size_t len)
{
    char bytes[4096];

    memset(bytes, ' ', sizeof bytes);
    /* Without a length: whoever reads must count for itself. */
    http_rig_send(fd, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", 39);
    for (size_t sent = 0; sent < len; sent += sizeof bytes)
        http_rig_send(fd, bytes, sizeof bytes);
}

/* False: the connection is over. */
TAP__UNUSED static bool http_rig_answer(struct http_rig *rig, int fd, const char *request)
{
    char answer[8192];
    int status = 404;
    const char *body = "{}";
    char path[1024] = "";

    (void)pthread_mutex_lock(&rig->lock);
    rig->n_requests++;
    (void)snprintf(path, sizeof path, "%.*s", (int)strcspn(request + 4, " "), request + 4);
    (void)snprintf(rig->last_path, sizeof rig->last_path, "%s", path);
    http_rig_header(request, "Authorization: ", rig->last_authorization,
                    sizeof rig->last_authorization);
    for (size_t i = 0; i < rig->n_paths; i++)
        if (strcmp(rig->paths[i].path, path) == 0) {
            status = rig->paths[i].status;
            body = rig->paths[i].body;
        }
    if (rig->challenge && rig->last_authorization[0] == '\0')
        status = 401;
    (void)snprintf(answer, sizeof answer,
                   "HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
                   "%s%s%s%s%s%s\r\n%s",
                   status, status == 401 ? (size_t)0 : strlen(body),
                   rig->challenge && status == 401 ? "WWW-Authenticate: " : "",
                   rig->challenge && status == 401 ? rig->challenge : "",
                   rig->challenge && status == 401 ? "\r\n" : "", rig->location ? "Location: " : "",
                   rig->location ? rig->location : "", rig->location ? "\r\n" : "",
                   status == 401 ? "" : body);
    const size_t long_answer = rig->long_answer;
    const int delay_ms = rig->delay_ms;
    (void)pthread_mutex_unlock(&rig->lock);
    if (delay_ms > 0)
        (void)usleep((useconds_t)delay_ms * 1000);
    if (long_answer > 0) {
        http_rig_long(fd, long_answer);
        return false;
    }
    http_rig_send(fd, answer, strlen(answer));
    return true;
}

TAP__UNUSED static void *http_rig_talk(void *arg)
{
    struct http_rig_connection *const connection = arg;
    char request[8192];
    size_t len = 0;

    for (;;) {
        const ssize_t n = recv(connection->fd, request + len, sizeof request - 1 - len, 0);
        if (n <= 0)
            break;
        len += (size_t)n;
        request[len] = '\0';
        if (!strstr(request, "\r\n\r\n"))
            continue;
        if (!http_rig_answer(connection->rig, connection->fd, request))
            break;
        len = 0;
    }
    (void)close(connection->fd);
    free(connection);
    return NULL;
}

TAP__UNUSED static void *http_rig_serve(void *arg)
{
    struct http_rig *const rig = arg;

    for (;;) {
        const int fd = accept(rig->fd, NULL, NULL);
        pthread_t thread;
        if (fd < 0)
            return NULL;
        struct http_rig_connection *const connection = malloc(sizeof *connection);
        if (!connection)
            bail_out("no memory");
        *connection = (struct http_rig_connection){rig, fd};
        (void)pthread_mutex_lock(&rig->lock);
        rig->n_connections++;
        (void)pthread_mutex_unlock(&rig->lock);
        if (pthread_create(&thread, NULL, http_rig_talk, connection) != 0)
            bail_out("no thread");
        (void)pthread_detach(thread);
    }
}

TAP__UNUSED static void http_rig_start(struct http_rig *rig)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof address;

    memset(rig, 0, sizeof *rig);
    (void)pthread_mutex_init(&rig->lock, NULL);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    rig->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (rig->fd < 0 || bind(rig->fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(rig->fd, 16) != 0 || getsockname(rig->fd, (struct sockaddr *)&address, &len) != 0)
        bail_out("no loopback port");
    (void)snprintf(rig->base, sizeof rig->base, "http://127.0.0.1:%u", ntohs(address.sin_port));
    if (pthread_create(&rig->thread, NULL, http_rig_serve, rig) != 0)
        bail_out("no thread");
}

/* Nobody answers on its port any more. Connections that are open go on. */
TAP__UNUSED static void http_rig_stop(struct http_rig *rig)
{
    (void)shutdown(rig->fd, SHUT_RDWR);
    (void)pthread_join(rig->thread, NULL);
    (void)close(rig->fd);
}

TAP__UNUSED static void http_rig_put(struct http_rig *rig, const char *path, int status,
                                     const char *body)
{
    size_t i = 0;

    (void)pthread_mutex_lock(&rig->lock);
    while (i < rig->n_paths && strcmp(rig->paths[i].path, path) != 0)
        i++;
    if (i == HTTP_RIG_PATHS)
        bail_out("too many paths");
    if (i == rig->n_paths)
        rig->n_paths++;
    rig->paths[i].status = status;
    (void)snprintf(rig->paths[i].path, sizeof rig->paths[i].path, "%s", path);
    (void)snprintf(rig->paths[i].body, sizeof rig->paths[i].body, "%s", body);
    (void)pthread_mutex_unlock(&rig->lock);
}

#endif
