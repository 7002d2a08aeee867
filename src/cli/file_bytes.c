/* SPDX-License-Identifier: Apache-2.0 */
/* Named files to bytes or digests. Must never hold more of one than its reader has room for. */
#include "cli/file_bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define PIECE 65536

static void close_auto(const int *fd)
{
    if (*fd > STDERR_FILENO)
        (void)close(*fd);
}

jb_rc jb_cli_open_file(const char *path, int *ret_fd, struct jb_error *err)
{
    const int fd =
        strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

    if (fd < 0)
        return jb_fail_errno(err, errno, NULL, "cannot open '%.200s'", path);
    *ret_fd = fd;
    return JB_OK;
}

jb_rc jb_cli_read_some(int fd, const char *path, void *ret_bytes, size_t size, size_t *ret_n,
                       struct jb_error *err)
{
    for (;;) {
        const ssize_t n = read(fd, ret_bytes, size);
        if (n >= 0) {
            *ret_n = (size_t)n;
            return JB_OK;
        }
        if (errno != EINTR)
            return jb_fail_errno(err, errno, NULL, "cannot read '%.200s'", path);
    }
}

jb_rc jb_cli_read_bytes(const char *path, struct jb_buf *out, struct jb_error *err)
{
    JB_AUTO(close_auto) int fd = -1;
    char piece[PIECE];
    size_t n = 0;
    jb_rc rc = jb_cli_open_file(path, &fd, err);

    while (rc == JB_OK) {
        rc = jb_cli_read_some(fd, path, piece, sizeof piece, &n, err);
        if (rc == JB_OK && n == 0)
            break;
        if (rc == JB_OK)
            jb_buf_add(out, piece, n);
        if (rc == JB_OK && out->failed < 0)
            rc = jb_fail(err, out->failed == JB_E_NOMEM ? JB_E_NOMEM : JB_E_INPUT, NULL,
                         "'%.200s' has more than %zu bytes", path, out->max);
    }
    return rc;
}

jb_rc jb_cli_digest_file(const char *path, struct jb_hash *ret, struct jb_error *err)
{
    JB_AUTO(close_auto) int fd = -1;
    struct jb_hasher hasher;
    char piece[PIECE];
    size_t n = 1;
    jb_rc rc = jb_cli_open_file(path, &fd, err);

    jb_hasher_begin(&hasher);
    while (rc == JB_OK && n > 0) {
        rc = jb_cli_read_some(fd, path, piece, sizeof piece, &n, err);
        if (rc == JB_OK)
            jb_hasher_add(&hasher, piece, n);
    }
    if (rc == JB_OK)
        *ret = jb_hasher_end(&hasher);
    return rc;
}
