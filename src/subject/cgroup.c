/* SPDX-License-Identifier: Apache-2.0 */
/* /proc/PID/cgroup and the members of a group to a folder. Reads only; makes no group and moves no process. */
#include "subject/cgroup.h"

#include <stdio.h>
#include <string.h>

#include "base/compiler.h"
#include "base/num.h"

/* "self" and nobody else. A longer list is cut, and is then not one number either. */
static bool holds_only(const struct jb_os *os, const char *folder, pid_t self)
{
    char path[4200];
    int64_t only;
    const int len = snprintf(path, sizeof path, "%s/cgroup.procs", folder);

    return len > 0 && (size_t)len < sizeof path && jb_os_read_i64(os, path, &only) == 0 &&
           only == (int64_t)self;
}

/* Where hierarchies are mounted: version 2 alone, or beside version 1 as "unified". */
static const struct {
    const char *controllers; /* of the line in /proc/PID/cgroup: "" is version 2 */
    const char *mount;
} mounts[] = {
    {"", "/sys/fs/cgroup"},
    {"", "/sys/fs/cgroup/unified"},
    {"cpuacct", "/sys/fs/cgroup/cpuacct"},
    {"cpu,cpuacct", "/sys/fs/cgroup/cpu,cpuacct"},
};

/* One line of /proc/PID/cgroup: "0::/path" or "4:cpu,cpuacct:/path". */
static bool own_folder(const struct jb_os *os, const char *line, pid_t self, char *ret_folder,
                       size_t size)
{
    const char *const first = strchr(line, ':');
    const char *const second = first ? strchr(first + 1, ':') : NULL;

    if (!second || second[1] != '/')
        return false;
    const size_t n = (size_t)(second - first - 1);
    for (size_t i = 0; i < JB_ARRAY_LEN(mounts); i++) {
        if (strlen(mounts[i].controllers) != n || memcmp(mounts[i].controllers, first + 1, n) != 0)
            continue;
        const int len = snprintf(ret_folder, size, "%s%s", mounts[i].mount, second + 1);
        if (len > 0 && (size_t)len < size && holds_only(os, ret_folder, self))
            return true;
    }
    return false;
}

jb_rc jb_cgroup_of_own(const struct jb_os *os, pid_t self, char *ret_folder, size_t size)
{
    char path[64], text[4096], folder[4096];

    (void)snprintf(path, sizeof path, "/proc/%d/cgroup", (int)self);
    if (jb_os_read_text(os, path, text, sizeof text) < 0)
        return JB_E_NOT_FOUND;
    for (char *line = text; line;) {
        char *const end = strchr(line, '\n');
        if (end)
            *end = '\0';
        if (own_folder(os, line, self, folder, sizeof folder)) {
            if (snprintf(ret_folder, size, "%s", folder) >= (int)size)
                return JB_E_RANGE;
            return JB_OK;
        }
        line = end ? end + 1 : NULL;
    }
    return JB_E_NOT_FOUND;
}
