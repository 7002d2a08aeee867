/* SPDX-License-Identifier: Apache-2.0 */
/* /proc/PID/cgroup and the members of a group to a folder. Reads only; makes no group and moves no process. */
#include "subject/cgroup.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"

#define MOUNT "/sys/fs/cgroup"

/* "self" and nobody else. A longer list is cut, and is then not one number either. */
static bool holds_only(const struct jb_os *os, const char *folder, pid_t self)
{
    char path[4200];
    int64_t only;
    const int len = snprintf(path, sizeof path, "%s/cgroup.procs", folder);

    return len > 0 && (size_t)len < sizeof path && jb_os_read_i64(os, path, &only) == 0 &&
           only == (int64_t)self;
}

/* One line of /proc/PID/cgroup: "0::/path" (version 2) or "4:cpu,cpuacct:/path" (version 1). */
static bool folder_of_line(const char *line, char *ret_folder, size_t size)
{
    const char *const controllers = strchr(line, ':');
    const char *const path = controllers ? strchr(controllers + 1, ':') : NULL;
    int len;

    if (!path || path[1] != '/')
        return false;
    const size_t n = (size_t)(path - controllers - 1);
    if (n == 0)
        len = snprintf(ret_folder, size, MOUNT "%s", path + 1);
    else if (strstr(controllers, "cpuacct") && strstr(controllers, "cpuacct") < path)
        len = snprintf(ret_folder, size, MOUNT "/cpuacct%s", path + 1);
    else
        return false;
    return len > 0 && (size_t)len < size;
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
        if (folder_of_line(line, folder, sizeof folder) && holds_only(os, folder, self)) {
            if (snprintf(ret_folder, size, "%s", folder) >= (int)size)
                return JB_E_RANGE;
            return JB_OK;
        }
        line = end ? end + 1 : NULL;
    }
    return JB_E_NOT_FOUND;
}
