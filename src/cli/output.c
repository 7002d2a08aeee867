/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes to a stream or a file, and what the stream looks like. A write that failed is never taken for done. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/num.h"
#include "cli/cli.h"

struct jb_style jb_cli_style(int fd)
{
    struct jb_style style = {.is_colour = false, .width = 0};
    const char *const term = getenv("TERM");
    const char *const no_colour = getenv("NO_COLOR");
    struct winsize size;

    if (!isatty(fd))
        return style;
    style.is_colour = term && term[0] && strcmp(term, "dumb") != 0 && !(no_colour && no_colour[0]);
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40)
        style.width = size.ws_col;
    return style;
}

jb_rc jb_cli_write(int fd, const char *what, const char *bytes, size_t len, bool *ret_is_quiet,
                   struct jb_error *err)
{
    while (len > 0) {
        const ssize_t n = write(fd, bytes, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            const int reason = errno;
            *ret_is_quiet = reason == EPIPE;
            return jb_fail_errno(err, reason, NULL, "cannot write to %s", what);
        }
        bytes += n;
        len -= (size_t)n;
    }
    return JB_OK;
}

jb_rc jb_cli_write_file(const char *path, const char *bytes, size_t len, struct jb_error *err)
{
    char beside[4096];
    struct stat st;
    bool is_quiet = false;
    jb_rc rc;

    /* A device or a pipe is written to as it is; a file appears whole. */
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
        const int direct = open(path, O_WRONLY | O_CLOEXEC);
        if (direct < 0)
            return jb_fail_errno(err, errno, NULL, "cannot open '%s'", path);
        rc = jb_cli_write(direct, path, bytes, len, &is_quiet, err);
        if (close(direct) < 0 && rc == JB_OK)
            rc = jb_fail_errno(err, errno, NULL, "cannot write '%s'", path);
        return rc;
    }
    const int n = snprintf(beside, sizeof beside, "%s.%ld.tmp", path, (long)getpid());
    if (n < 0 || (size_t)n >= sizeof beside)
        return jb_fail(err, JB_E_RANGE, NULL, "the path '%.100s...' is too long", path);
    const int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return jb_fail_errno(err, errno, NULL, "cannot create '%s'", beside);
    rc = jb_cli_write(fd, path, bytes, len, &is_quiet, err);
    if (rc == JB_OK && fsync(fd) < 0)
        rc = jb_fail_errno(err, errno, NULL, "cannot write '%s'", path);
    if (close(fd) < 0 && rc == JB_OK)
        rc = jb_fail_errno(err, errno, NULL, "cannot write '%s'", path);
    if (rc == JB_OK && rename(beside, path) < 0)
        rc = jb_fail_errno(err, errno, NULL, "cannot name '%s'", path);
    if (rc < 0)
        (void)unlink(beside);
    return rc;
}

jb_rc jb_cli_check_writable(const char *path, struct jb_error *err)
{
    const char *const slash = strrchr(path, '/');
    char folder[4096];
    struct stat st;

    const int n = slash ? snprintf(folder, sizeof folder, "%.*s",
                                   slash == path ? 1 : (int)(slash - path), path)
                        : snprintf(folder, sizeof folder, ".");
    if (n < 0 || (size_t)n >= sizeof folder)
        return jb_fail(err, JB_E_RANGE, NULL, "the path '%.100s...' is too long", path);
    const bool is_there = stat(path, &st) == 0;
    if (is_there && S_ISDIR(st.st_mode))
        return jb_fail(err, JB_E_INPUT, "give the name of a file", "'%s' is a folder", path);
    const char *const written = is_there && !S_ISREG(st.st_mode) ? path : folder;
    return access(written, W_OK) == 0 ? JB_OK
                                      : jb_fail_errno(err, errno, NULL, "cannot write '%s'", path);
}
