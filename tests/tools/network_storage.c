/* SPDX-License-Identifier: Apache-2.0 */
/* Preloaded: folders below $NETWORK_FOLDER answer statfs(2) as NFS does. For tests of what happens there. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NFS_MAGIC 0x6969

/* Both names of the call, which are one on 64-bit machines; f_type is the first member. */
int statfs(const char *path, long *buf);
int statfs64(const char *path, long *buf);

int statfs(const char *path, long *buf)
{
    const char *folder = getenv("NETWORK_FOLDER");
    const int rc = (int)syscall(SYS_statfs, path, buf);

    if (rc == 0 && folder && strncmp(path, folder, strlen(folder)) == 0)
        buf[0] = NFS_MAGIC;
    return rc;
}

int statfs64(const char *path, long *buf)
{
    return statfs(path, buf);
}
