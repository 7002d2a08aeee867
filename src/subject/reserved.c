/* SPDX-License-Identifier: Apache-2.0 */
/* The share of the node's CPUs that a process may use: R-CPU-09. What cannot be read is not taken for a limit. */
#include "subject/reserved.h"

#include <stdbool.h>
#include <string.h>

#include "base/num.h"
#include "subject/proc_text.h"

#define PPM_ALL INT64_C(1000000)
/* CPUs told apart; Linux is built for at most 8192. */
#define CPUS_MAX   8192
#define PATH_BYTES 4096

struct cpu_set {
    uint8_t bits[CPUS_MAX / 8];
};

static void add_range(void *arg, int64_t first, int64_t last)
{
    struct cpu_set *const set = arg;

    for (int64_t cpu = first; cpu <= last && cpu < CPUS_MAX; cpu++)
        set->bits[cpu / 8] = (uint8_t)(set->bits[cpu / 8] | (1U << (unsigned)(cpu % 8)));
}

static int64_t count_both(const struct cpu_set *a, const struct cpu_set *b)
{
    int64_t n = 0;

    for (size_t i = 0; i < sizeof a->bits; i++)
        for (unsigned both = a->bits[i] & b->bits[i]; both != 0; both &= both - 1)
            n++;
    return n;
}

/* CPUs that are online and allowed; n_online where the kernel does not say. */
static int64_t count_allowed(const struct jb_os *os, pid_t pid, int64_t n_online)
{
    struct cpu_set allowed = {.bits = {0}};
    struct cpu_set online = {.bits = {0}};
    char path[64];
    char text[PATH_BYTES];
    const char *value;
    size_t value_len;

    (void)snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    ssize_t len = jb_os_read_text(os, path, text, sizeof text);
    if (len < 0 || jb_proc_value(text, (size_t)len, "Cpus_allowed_list", &value, &value_len) < 0 ||
        jb_cpu_list_parse(value, value_len, add_range, &allowed) < 0)
        return n_online;
    len = jb_os_read_text(os, "/sys/devices/system/cpu/online", text, sizeof text);
    if (len < 0 || jb_cpu_list_parse(text, (size_t)len, add_range, &online) < 0)
        add_range(&online, 0, n_online - 1);
    return count_both(&allowed, &online);
}

/* quota / period in CPUs x 1000000; -1 for none ("max", or -1 in version 1). */
static int64_t quota_ppm(int64_t quota_us, int64_t period_us)
{
    int64_t ppm;

    if (quota_us <= 0 || period_us <= 0 ||
        jb_muldiv_i64(quota_us, PPM_ALL, period_us, JB_ROUND_NEAREST, &ppm) < 0)
        return -1;
    return ppm;
}

/* "max 100000" or "150000 100000". */
static int64_t read_cpu_max(const struct jb_os *os, const char *group)
{
    char path[PATH_BYTES];
    char text[128];
    int64_t quota_us;
    int64_t period_us;

    if (snprintf(path, sizeof path, "/sys/fs/cgroup%s/cpu.max", group) >= (int)sizeof path)
        return -1;
    const ssize_t len = jb_os_read_text(os, path, text, sizeof text);
    const char *const blank = len > 0 ? memchr(text, ' ', (size_t)len) : NULL;
    if (!blank || jb_parse_i64(text, (size_t)(blank - text), false, &quota_us) < 0 ||
        jb_parse_i64(blank + 1, (size_t)(text + len - blank - 1), true, &period_us) < 0)
        return -1;
    return quota_ppm(quota_us, period_us);
}

static int64_t read_cfs_quota(const struct jb_os *os, const char *group)
{
    static const char form[] = "/sys/fs/cgroup/cpu%s/%s";
    char path[PATH_BYTES];
    int64_t quota_us;
    int64_t period_us;

    if (snprintf(path, sizeof path, form, group, "cpu.cfs_quota_us") >= (int)sizeof path ||
        jb_os_read_i64(os, path, &quota_us) < 0)
        return -1;
    if (snprintf(path, sizeof path, form, group, "cpu.cfs_period_us") >= (int)sizeof path ||
        jb_os_read_i64(os, path, &period_us) < 0)
        return -1;
    return quota_ppm(quota_us, period_us);
}

/* The smallest quota of the group and of all above it: "/a/b", "/a", "". Cuts `group` as it goes up. */
static int64_t least_quota_ppm(const struct jb_os *os, char *group, bool is_v2)
{
    int64_t least_ppm = -1;

    for (size_t len = strlen(group);; len--) {
        while (len > 0 && group[len] != '/' && group[len] != '\0')
            len--;
        group[len] = '\0';
        const int64_t ppm = is_v2 ? read_cpu_max(os, group) : read_cfs_quota(os, group);
        if (ppm >= 0 && (least_ppm < 0 || ppm < least_ppm))
            least_ppm = ppm;
        if (len == 0)
            return least_ppm;
    }
}

/* Whether "cpu" is among "cpu,cpuacct". */
static bool names_cpu(const char *names, size_t len)
{
    for (size_t from = 0; from <= len;) {
        const char *const comma = from < len ? memchr(names + from, ',', len - from) : NULL;
        const size_t to = comma ? (size_t)(comma - names) : len;
        if (to - from == 3 && memcmp(names + from, "cpu", 3) == 0)
            return true;
        from = to + 1;
    }
    return false;
}

/* One line "number:controllers:/path" of /proc/PID/cgroup; -1 where it says nothing of a quota. */
static int64_t quota_of_line(const struct jb_os *os, const char *line, size_t len)
{
    char group[PATH_BYTES];
    const char *const end = line + len;
    const char *const first = memchr(line, ':', len);
    const char *const second = first ? memchr(first + 1, ':', (size_t)(end - first - 1)) : NULL;

    if (!second || second + 1 == end || second[1] != '/')
        return -1;
    const size_t names_len = (size_t)(second - first) - 1;
    const size_t group_len = (size_t)(end - second) - 1;
    const bool is_v2 = names_len == 0;
    if (group_len >= sizeof group || (!is_v2 && !names_cpu(first + 1, names_len)))
        return -1;
    memcpy(group, second + 1, group_len);
    group[group_len] = '\0';
    return least_quota_ppm(os, group, is_v2);
}

static int64_t quota_of(const struct jb_os *os, pid_t pid)
{
    char path[64];
    char text[PATH_BYTES];
    int64_t least_ppm = -1;

    (void)snprintf(path, sizeof path, "/proc/%d/cgroup", (int)pid);
    const ssize_t len = jb_os_read_text(os, path, text, sizeof text);
    for (size_t from = 0; len > 0 && from < (size_t)len;) {
        const char *const newline = memchr(text + from, '\n', (size_t)len - from);
        const size_t to = newline ? (size_t)(newline - text) : (size_t)len;
        const int64_t ppm = quota_of_line(os, text + from, to - from);
        if (ppm >= 0 && (least_ppm < 0 || ppm < least_ppm))
            least_ppm = ppm;
        from = to + 1;
    }
    return least_ppm;
}

uint32_t jb_reserved_ppm(const struct jb_os *os, pid_t pid)
{
    const int64_t n_online = os->cpus_online(os->context);

    if (n_online <= 0)
        return (uint32_t)PPM_ALL;
    int64_t cpus_ppm = count_allowed(os, pid, n_online) * PPM_ALL;
    const int64_t limit_ppm = quota_of(os, pid);
    if (limit_ppm >= 0 && limit_ppm < cpus_ppm)
        cpus_ppm = limit_ppm;
    const int64_t share_ppm = jb_muldiv_sat_i64(cpus_ppm, 1, n_online, JB_ROUND_NEAREST);
    if (share_ppm < 1)
        return 1;
    return share_ppm < PPM_ALL ? (uint32_t)share_ppm : (uint32_t)PPM_ALL;
}
