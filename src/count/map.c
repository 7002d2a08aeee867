/* SPDX-License-Identifier: Apache-2.0 */
/* A path to the bytes of an ordinary file. It never waits for a pipe or a device, and never writes. */
#include "count/map_int.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define COPIED_BYTES_MAX (1 << 20)
/* Below that a file is read ahead: its description is most of it. Above, weights are, and nobody looks at those. */
#define AHEAD_BYTES_MAX ((size_t)16 << 20)

static void close_auto(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

static jb_rc check(const char *path, const struct stat *status, struct jb_error *err)
{
    if (S_ISDIR(status->st_mode))
        return jb_fail(err, JB_E_INPUT, "name the model file in it", "'%s' is a folder", path);
    if (!S_ISREG(status->st_mode))
        return jb_fail(err, JB_E_INPUT, "save it as a file first", "'%s' is no ordinary file",
                       path);
    if (status->st_size == 0)
        return jb_fail(err, JB_E_INPUT, "export or fetch it again", "'%s' is empty", path);
    if ((uintmax_t)status->st_size > SIZE_MAX / 2)
        return jb_fail(err, JB_E_RANGE, NULL, "'%s' is too large to be mapped", path);
    return JB_OK;
}

/* A file that became shorter since its size was asked is taken as it is now. */
static jb_rc copy(const char *path, int fd, size_t size, struct jb_map *ret, struct jb_error *err)
{
    uint8_t *const bytes = malloc(size);
    size_t len = 0;

    if (!bytes)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to read '%s'", path);
    while (len < size) {
        const ssize_t n = read(fd, bytes + len, size - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            const int why = errno;
            free(bytes);
            return jb_fail_errno(err, why, NULL, "cannot read '%s'", path);
        }
        if (n == 0)
            break;
        len += (size_t)n;
    }
    *ret = (struct jb_map){.bytes = {.at = bytes, .len = len}, .owned = bytes};
    return JB_OK;
}

static jb_rc map(const char *path, int fd, size_t size, struct jb_map *ret, struct jb_error *err)
{
    void *const at = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);

    if (at == MAP_FAILED)
        return jb_fail_errno(err, errno, NULL, "cannot map '%s'", path);
    /* Advice: what the kernel makes of it changes no byte. */
    (void)madvise(at, size, size <= AHEAD_BYTES_MAX ? MADV_WILLNEED : MADV_RANDOM);
    *ret = (struct jb_map){.bytes = {.at = at, .len = size}, .owned = at, .mapped_bytes = size};
    return JB_OK;
}

jb_rc jb_map_open(const char *path, struct jb_map *ret, struct jb_error *err)
{
    struct stat status;
    /* O_NONBLOCK: a pipe without a writer is refused below, and not waited for. */
    JB_AUTO(close_auto) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd < 0)
        return jb_fail_errno(err, errno, NULL, "cannot open '%s'", path);
    if (fstat(fd, &status) < 0)
        return jb_fail_errno(err, errno, NULL, "cannot look at '%s'", path);
    const jb_rc rc = check(path, &status, err);
    if (rc < 0)
        return rc;
    const size_t size = (size_t)status.st_size;
    return size <= COPIED_BYTES_MAX ? copy(path, fd, size, ret, err)
                                    : map(path, fd, size, ret, err);
}

void jb_map_close(struct jb_map *map)
{
    if (map->mapped_bytes > 0)
        (void)munmap(map->owned, map->mapped_bytes);
    else
        free(map->owned);
    *map = (struct jb_map){0};
}
