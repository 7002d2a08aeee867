/* SPDX-License-Identifier: Apache-2.0 */
/* subject/reserved on small recorded trees. R-CPU-09. */
#include <errno.h>
#include <unistd.h>

#include "subject/reserved.h"
#include "tap.h"

struct file {
    const char *path;
    const char *text;
};

struct recorded {
    long n_online;
    struct file files[10];
};

static int open_file(void *context, const char *path)
{
    const struct recorded *const recorded = context;

    for (int i = 0; i < 10 && recorded->files[i].path; i++)
        if (strcmp(recorded->files[i].path, path) == 0)
            return i;
    return -ENOENT;
}

static ssize_t read_file(void *context, int handle, void *buf, size_t size, int64_t offset)
{
    const char *const text = ((const struct recorded *)context)->files[handle].text;
    const size_t len = strlen(text);

    if ((size_t)offset >= len)
        return 0;
    const size_t n = len - (size_t)offset < size ? len - (size_t)offset : size;
    memcpy(buf, text + offset, n);
    return (ssize_t)n;
}

static void close_file(void *context JB_UNUSED, int handle JB_UNUSED)
{
}

static long online(void *context)
{
    return ((const struct recorded *)context)->n_online;
}

static uint32_t reserved(struct recorded recorded)
{
    const struct jb_os os = {.open_read = open_file,
                             .pread = read_file,
                             .close = close_file,
                             .cpus_online = online,
                             .context = &recorded};

    return jb_reserved_ppm(&os, 42);
}

#define STATUS  "/proc/42/status"
#define CGROUP  "/proc/42/cgroup"
#define ONLINE  "/sys/devices/system/cpu/online"
#define ALLOWED "Name:\tx\nCpus_allowed:\tff\nCpus_allowed_list:\t"

int main(void)
{
    is_i64(reserved((struct recorded){.n_online = 8}), 1000000,
           "with nothing to read nothing holds it back");
    is_i64(reserved((struct recorded){.n_online = 8, .files = {{STATUS, ALLOWED "0-7\n"}}}),
           1000000, "all CPUs are all");
    is_i64(reserved((struct recorded){.n_online = 8, .files = {{STATUS, ALLOWED "0-1,4\n"}}}),
           375000, "three of eight");
    is_i64(reserved((struct recorded){.n_online = 3, .files = {{STATUS, ALLOWED "2\n"}}}), 333333,
           "a third, to the nearest");
    is_i64(reserved((struct recorded){.n_online = 2,
                                      .files = {{STATUS, ALLOWED "0-239\n"}, {ONLINE, "0-1\n"}}}),
           1000000, "CPUs that are possible but not online do not count");
    is_i64(reserved((struct recorded){.n_online = 4,
                                      .files = {{STATUS, ALLOWED "6-7\n"}, {ONLINE, "4-7\n"}}}),
           500000, "nor do numbers say which are online");
    is_i64(reserved((struct recorded){.n_online = 4, .files = {{STATUS, ALLOWED "x-7\n"}}}),
           1000000, "torn text holds nobody back");

    is_i64(
        reserved((struct recorded){
            .n_online = 4,
            .files = {{CGROUP, "0::/a/b\n"}, {"/sys/fs/cgroup/a/b/cpu.max", "150000 100000\n"}}}),
        375000, "a quota of one and a half CPUs of four");
    is_i64(reserved((struct recorded){.n_online = 4,
                                      .files = {{CGROUP, "0::/a/b\n"},
                                                {"/sys/fs/cgroup/a/b/cpu.max", "max 100000\n"},
                                                {"/sys/fs/cgroup/a/cpu.max", "50000 100000\n"},
                                                {"/sys/fs/cgroup/cpu.max", "200000 100000\n"}}}),
           125000, "the smallest quota above it counts");
    is_i64(reserved((struct recorded){
               .n_online = 4,
               .files = {{CGROUP, "0::/\n"}, {"/sys/fs/cgroup/cpu.max", "100000 100000\n"}}}),
           250000, "in a container the group is the root of what is seen");
    is_i64(reserved((struct recorded){.n_online = 4,
                                      .files = {{STATUS, ALLOWED "0\n"},
                                                {CGROUP, "0::/\n"},
                                                {"/sys/fs/cgroup/cpu.max", "300000 100000\n"}}}),
           250000, "a quota above the affinity changes nothing");
    is_i64(reserved(
               (struct recorded){.n_online = 4,
                                 .files = {{CGROUP, "5:cpuset:/a\n4:cpu,cpuacct:/job\n0::/a\n"},
                                           {"/sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "200000\n"},
                                           {"/sys/fs/cgroup/cpu/job/cpu.cfs_period_us", "100000\n"},
                                           {"/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n"},
                                           {"/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"}}}),
           500000, "a quota of version 1");
    is_i64(reserved((struct recorded){
               .n_online = 1,
               .files = {{CGROUP, "0::/\n"}, {"/sys/fs/cgroup/cpu.max", "1 1000000000\n"}}}),
           1, "however little, it is something");

    const struct jb_os real = jb_os_real("");
    const uint32_t own_ppm = jb_reserved_ppm(&real, getpid());
    ok(own_ppm > 0 && own_ppm <= 1000000, "this process has a share of this machine");
    return done_testing();
}
