/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds and reads the file of meters. Must never take one that somebody else could have written: it names commands
 * and credentials (R-METER-02).
 */
#include "cli/meters_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

bool jb_meters_usual_path(char *path, size_t size)
{
    const char *const config = getenv("XDG_CONFIG_HOME");
    const char *const home = getenv("HOME");
    int n = 0;

    /* The XDG specification: a relative folder is to be ignored. */
    if (config && config[0] == '/')
        n = snprintf(path, size, "%s/joulebook/meters.yaml", config);
    else if (home && home[0] == '/')
        n = snprintf(path, size, "%s/.config/joulebook/meters.yaml", home);
    return n > 0 && (size_t)n < size;
}

static void close_auto(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

static jb_rc check_owner(const char *path, const struct stat *st, struct jb_error *err)
{
    char hint[JB_METERS_PATH + 32];

    if (!S_ISREG(st->st_mode))
        return jb_fail(err, JB_E_INPUT, "name a file of meters, see joulebook-meters(5)",
                       "'%s' is not a regular file", path);
    if (st->st_uid != geteuid() && st->st_uid != 0)
        return jb_fail(err, JB_E_PERMISSION, "make a copy that is yours",
                       "'%s' belongs to another user, and it may name commands", path);
    if (st->st_mode & (S_IWGRP | S_IWOTH)) {
        (void)snprintf(hint, sizeof hint, "chmod go-w '%s'", path);
        return jb_fail(err, JB_E_PERMISSION, hint,
                       "'%s' can be written by others, and it may name commands", path);
    }
    return JB_OK;
}

static jb_rc read_all(int fd, const char *path, char *bytes, size_t size, size_t *ret_len,
                      struct jb_error *err)
{
    size_t len = 0;

    while (len < size) {
        const ssize_t n = read(fd, bytes + len, size - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return jb_fail_errno(err, errno, NULL, "cannot read '%s'", path);
        if (n == 0)
            break;
        len += (size_t)n;
    }
    *ret_len = len;
    return JB_OK;
}

jb_rc jb_meters_read(const char *path, struct jb_meters **ret, struct jb_error *err)
{
    const bool is_own = !path;
    char usual[JB_METERS_PATH];
    struct stat st;
    size_t len = 0;

    if (is_own && !jb_meters_usual_path(usual, sizeof usual)) {
        *ret = NULL;
        return JB_OK;
    }
    if (is_own)
        path = usual;
    JB_AUTO(close_auto) const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    /* As with the file of facts: what this user may not read holds nothing for them, and does not stop a training. */
    if (fd < 0 && is_own && errno == EACCES)
        (void)fprintf(stderr, "joulebook: cannot read '%s': going on without it\n", path);
    if (fd < 0 && is_own && (errno == ENOENT || errno == ENOTDIR || errno == EACCES)) {
        *ret = NULL;
        return JB_OK;
    }
    if (fd < 0 || fstat(fd, &st) < 0)
        return jb_fail_errno(err, errno, "name a file of meters, see joulebook-meters(5)",
                             "cannot read '%s'", path);
    jb_rc rc = check_owner(path, &st, err);
    if (rc < 0)
        return rc;
    JB_AUTO(jb_free_auto) char *bytes = malloc(JB_METERS_BYTES_MAX + 1);
    if (!bytes)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for '%s'", path);
    rc = read_all(fd, path, bytes, JB_METERS_BYTES_MAX + 1, &len, err);
    return rc < 0 ? rc : jb_meters_parse(path, bytes, len, ret, err);
}
