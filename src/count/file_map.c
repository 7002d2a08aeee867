/* SPDX-License-Identifier: Apache-2.0 */
/* Maps a model file: of 100 GB only the pages of the header are ever read. Must never write to it. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "count/file_map_int.h"

static jb_rc map(int fd, const char *path, struct jb_file_map *ret, struct jb_error *err)
{
    struct stat status;

    if (fstat(fd, &status) < 0)
        return jb_fail_errno(err, errno, NULL, "cannot read '%s'", path);
    if (!S_ISREG(status.st_mode))
        return jb_fail(err, JB_E_INPUT, "give a file", "'%s' is no file", path);
    *ret = (struct jb_file_map){0};
    if (status.st_size == 0)
        return JB_OK;
    void *const at = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (at == MAP_FAILED)
        return jb_fail_errno(err, errno, NULL, "cannot map '%s'", path);
    /* Reading ahead would fetch weights that nobody looks at. */
    (void)madvise(at, (size_t)status.st_size, MADV_RANDOM);
    ret->bytes = (struct jb_span){at, (size_t)status.st_size};
    return JB_OK;
}

jb_rc jb_file_map_open(const char *path, struct jb_file_map *ret, struct jb_error *err)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0)
        return jb_fail_errno(err, errno, NULL, "cannot open '%s'", path);
    const jb_rc rc = map(fd, path, ret, err);
    (void)close(fd);
    return rc;
}

void jb_file_map_close(struct jb_file_map *map)
{
    if (map->bytes.len > 0)
        (void)munmap((void *)(uintptr_t)map->bytes.at, map->bytes.len);
    *map = (struct jb_file_map){0};
}
