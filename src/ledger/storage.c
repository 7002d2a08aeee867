/* SPDX-License-Identifier: Apache-2.0 */
/* Known network filesystems by their magic numbers (statfs(2), linux/magic.h, and the projects' own headers). */
#include "ledger/ledger.h"
#include "ledger/storage_int.h"

#include <errno.h>
#include <stddef.h>
#include <sys/vfs.h>

#include "base/compiler.h"

static const struct {
    uint32_t f_type;
    const char *name;
} shared_types[] = {
    {0x00006969, "NFS"}, {0x0bd00bd0, "Lustre"}, {0xff534d42, "CIFS"},   {0xfe534d42, "SMB"},
    {0x0000517b, "SMB"}, {0x47504653, "GPFS"},   {0x19830326, "BeeGFS"}, {0x01021997, "9p"},
    {0x5346414f, "AFS"}, {0x6b414653, "AFS"},    {0x00c36400, "Ceph"},   {0x73757245, "Coda"},
    {0x0000564c, "NCP"}, {0xaad7aaea, "PanFS"},
};

const char *storage__shared_name(uint64_t f_type)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(shared_types); i++) {
        /* Some kernels sign-extend the 32-bit number. */
        if (shared_types[i].f_type == (uint32_t)f_type)
            return shared_types[i].name;
    }
    return NULL;
}

int storage__type(const char *folder, uint64_t *ret_f_type)
{
    struct statfs fs;

    while (statfs(folder, &fs) < 0) {
        if (errno != EINTR)
            return -errno;
    }
    *ret_f_type = (uint64_t)fs.f_type;
    return 0;
}

const char *jb_ledger_shared_storage(const char *path)
{
    char folder[4096];
    uint64_t f_type = 0;

    if (snprintf(folder, sizeof folder, "%s", path) >= (int)sizeof folder)
        return NULL;
    while (storage__type(folder, &f_type) < 0) {
        char *const slash = strrchr(folder, '/');
        if (!slash)
            return storage__type(".", &f_type) < 0 ? NULL : storage__shared_name(f_type);
        if (slash == folder)
            return NULL;
        *slash = '\0';
    }
    return storage__shared_name(f_type);
}
