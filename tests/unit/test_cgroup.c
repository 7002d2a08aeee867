/* SPDX-License-Identifier: Apache-2.0 */
/* A control group of one's own, found in recorded trees of every kind of hierarchy; a shared one never. */
#include "subject/cgroup.h"

#include <sys/stat.h>

#include "remove_tree.h"
#include "tap.h"

static char root[64];

static void put(const char *path, const char *text)
{
    char whole[512];
    (void)snprintf(whole, sizeof whole, "%s%s", root, path);
    for (char *slash = strchr(whole + strlen(root) + 1, '/'); slash;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(whole, 0755);
        *slash = '/';
    }
    FILE *file = fopen(whole, "we");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        bail_out("cannot write %s", whole);
}

static const char *own(void)
{
    static char folder[256];
    const struct jb_os os = jb_os_real(root);
    return jb_cgroup_of_own(&os, 42, folder, sizeof folder) == JB_OK ? folder : "none";
}

int main(void)
{
    (void)snprintf(root, sizeof root, "/tmp/jb-test-cgroup-XXXXXX");
    if (!mkdtemp(root))
        bail_out("no temporary folder");
    is_str(own(), "none", "without control groups there is none");
    put("/proc/42/cgroup", "0::/user.slice/run.scope\n");
    is_str(own(), "none", "one that cannot be looked into is none");
    put("/sys/fs/cgroup/user.slice/run.scope/cgroup.procs", "42\n");
    is_str(own(), "/sys/fs/cgroup/user.slice/run.scope", "version 2: alone in a scope");
    put("/sys/fs/cgroup/user.slice/run.scope/cgroup.procs", "42\n43\n");
    is_str(own(), "none", "with somebody else it is not our own");
    put("/sys/fs/cgroup/user.slice/run.scope/cgroup.procs", "43\n");
    is_str(own(), "none", "and one of somebody else's is not either");
    put("/proc/42/cgroup", "5:memory:/job\n4:cpu,cpuacct:/job\n0::/job\n");
    put("/sys/fs/cgroup/cpu,cpuacct/job/cgroup.procs", "42\n");
    is_str(own(), "/sys/fs/cgroup/cpu,cpuacct/job",
           "version 1: by the controller that counts CPU time");
    put("/proc/42/cgroup", "3:cpuacct:/job\n");
    put("/sys/fs/cgroup/cpuacct/job/cgroup.procs", "42\n");
    is_str(own(), "/sys/fs/cgroup/cpuacct/job", "version 1, mounted apart");
    put("/proc/42/cgroup", "1:name=systemd:/x\n0::/x\n");
    put("/sys/fs/cgroup/unified/x/cgroup.procs", "42\n");
    is_str(own(), "/sys/fs/cgroup/unified/x", "version 2 beside version 1");
    put("/proc/42/cgroup", "5:memory:/job\n");
    put("/sys/fs/cgroup/memory/job/cgroup.procs", "42\n");
    is_str(own(), "none", "a controller that counts no CPU time does not serve");
    put("/proc/42/cgroup", "nonsense\n::\n0:\n\n0::relative\n");
    is_str(own(), "none", "torn lines are no groups");
    remove_tree(root);
    return done_testing();
}
