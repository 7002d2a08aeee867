/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A machine of two packages and a memory on an injected clock, whole: counters whose energy is known in closed form, CPU
 * time that is handed out exactly, files that fail when told. A jb_os for sensors and machine both. It knows nothing of
 * how anything is measured (R-VALID-02).
 */
#ifndef JB_TESTS_WORLD_H
#define JB_TESTS_WORLD_H

#include "tap.h"

#include <errno.h>
#include <unistd.h>

#include "../tools/course.h"
#include "base/clock.h"
#include "base/os.h"

#define MS      JB_NS_PER_MS
#define S       JB_NS_PER_S
#define UNIT_UJ 61
#define N_CPUS  4
#define T0      (INT64_C(1000) * S)
/* 2027-01-15 08:00:00 UTC, ten minutes before an hour is told by who needs it. */
#define UTC0 INT64_C(1800000000000000)

enum { PACKAGE_0, DRAM_0, PACKAGE_1, N_ZONES };

struct world_zone {
    const char *entry; /* of powercap */
    const char *name;
    const char *channel;
    const char *text;
    struct course course;
    fj_t base_fj;
    int64_t reset_ns; /* counts from 0 since then; 0: never */
    fj_t extra_fj;    /* counted while the clock stood still */
    /* In [from, until) a read fails with `error`, or shows `shown`; -ENODEV is also a file that is not there. */
    int64_t from_ns, until_ns;
    int error;
    const char *shown;
};

struct world {
    struct jb_clock_manual manual;
    struct jb_clock clock;
    struct jb_os os;
    struct world_zone zones[N_ZONES];
    int64_t busy_milli; /* CPUs at work, all together, in thousandths */
};

static struct world world;

enum { FILE_ENERGY, FILE_NAME, FILE_RANGE, N_FILES_OF_ZONE };
enum { HANDLE_CPUINFO = 1000, HANDLE_MEMINFO, HANDLE_STAT, HANDLE_TOPOLOGY };

static const char *const zone_files[N_FILES_OF_ZONE] = {"energy_uj", "name", "max_energy_range_uj"};

static int64_t now_ns(void)
{
    return world.manual.mono_ns;
}

/* What was drawn in [from, to): the truth. */
static fj_t world_fj(int zone, int64_t from_ns, int64_t to_ns)
{
    const struct course *const course = &world.zones[zone].course;

    return course_fj(course, to_ns - T0) - course_fj(course, from_ns - T0);
}

static uint64_t world_raw(int zone)
{
    const struct world_zone *const from = &world.zones[zone];
    const fj_t fj = from->reset_ns > 0
                        ? world_fj(zone, from->reset_ns, now_ns())
                        : from->base_fj + from->extra_fj + world_fj(zone, T0, now_ns());

    return (uint64_t)(uint32_t)(fj / (FJ_PER_UJ * UNIT_UJ)) * UNIT_UJ;
}

static bool is_faulty(const struct world_zone *zone)
{
    return now_ns() >= zone->from_ns && now_ns() < zone->until_ns;
}

static int world_open(void *context TAP__UNUSED, const char *path)
{
    char name[256];

    if (strcmp(path, "/proc/cpuinfo") == 0)
        return HANDLE_CPUINFO;
    if (strcmp(path, "/proc/meminfo") == 0)
        return HANDLE_MEMINFO;
    if (strcmp(path, "/proc/stat") == 0)
        return HANDLE_STAT;
    for (int cpu = 0; cpu < N_CPUS; cpu++) {
        (void)snprintf(name, sizeof name,
                       "/sys/devices/system/cpu/cpu%d/topology/physical_package_id", cpu);
        if (strcmp(path, name) == 0)
            return HANDLE_TOPOLOGY + cpu;
    }
    for (int zone = 0; zone < N_ZONES; zone++)
        for (int file = 0; file < N_FILES_OF_ZONE; file++) {
            const struct world_zone *const of = &world.zones[zone];
            (void)snprintf(name, sizeof name, "/sys/class/powercap/%s/%s", of->entry,
                           zone_files[file]);
            if (strcmp(path, name) != 0)
                continue;
            if (is_faulty(of) && (of->error == ENODEV || of->error == EACCES))
                return of->error == ENODEV ? -ENOENT : -EACCES;
            return zone * N_FILES_OF_ZONE + file;
        }
    return -ENOENT;
}

/* One tick is 10 ms: the tests keep to times at which ticks are whole. */
static int print_stat(char *buf, size_t size)
{
    const int64_t ticks = (now_ns() - T0) / (10 * MS);
    const int64_t busy = ticks * world.busy_milli / 1000;

    return snprintf(buf, size, "cpu  %" PRId64 " 0 0 %" PRId64 " 0 0 0 0 0 0\n", busy,
                    ticks * N_CPUS - busy);
}

static int print_file(int handle, char *buf, size_t size)
{
    switch (handle) {
    case HANDLE_CPUINFO:
        return snprintf(buf, size,
                        "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: "
                        "106\nmodel name\t: Intel(R) Xeon(R) Gold 6326 CPU @ 2.90GHz\nflags\t\t: "
                        "fpu ht\n");
    case HANDLE_MEMINFO:
        return snprintf(buf, size, "MemTotal: 16777216 kB\nMemAvailable: 8388608 kB\n");
    case HANDLE_STAT: return print_stat(buf, size);
    default: break;
    }
    if (handle >= HANDLE_TOPOLOGY)
        return snprintf(buf, size, "%d\n", (handle - HANDLE_TOPOLOGY) / 2);

    const struct world_zone *const zone = &world.zones[handle / N_FILES_OF_ZONE];
    switch (handle % N_FILES_OF_ZONE) {
    case FILE_NAME: return snprintf(buf, size, "%s\n", zone->name);
    case FILE_RANGE: return snprintf(buf, size, "%" PRId64 "\n", UNIT_UJ * INT64_C(4294967295));
    default: break;
    }
    if (is_faulty(zone))
        return zone->shown ? snprintf(buf, size, "%s", zone->shown) : -zone->error;
    return snprintf(buf, size, "%" PRIu64 "\n", world_raw(handle / N_FILES_OF_ZONE));
}

static ssize_t world_pread(void *context TAP__UNUSED, int handle, void *buf, size_t size,
                           int64_t offset)
{
    char text[1024];
    const int len = print_file(handle, text, sizeof text);

    if (len < 0)
        return len;
    if (offset >= len)
        return 0;
    const size_t left = (size_t)(len - offset);
    const size_t n = left < size ? left : size;
    memcpy(buf, text + offset, n);
    return (ssize_t)n;
}

static void world_close(void *context TAP__UNUSED, int handle TAP__UNUSED)
{
}

static int world_list(void *context TAP__UNUSED, const char *path, jb_os_name_fn fn, void *arg)
{
    char name[16];

    if (strcmp(path, "/sys/class/powercap") == 0) {
        for (int zone = 0; zone < N_ZONES; zone++)
            if (!(is_faulty(&world.zones[zone]) && world.zones[zone].error == ENODEV) &&
                fn(arg, world.zones[zone].entry) != 0)
                return 0;
        return 0;
    }
    if (strcmp(path, "/sys/devices/system/cpu") != 0)
        return -ENOENT;
    for (int cpu = 0; cpu < N_CPUS; cpu++) {
        (void)snprintf(name, sizeof name, "cpu%d", cpu);
        if (fn(arg, name) != 0)
            return 0;
    }
    return 0;
}

static ssize_t world_real_path(void *context TAP__UNUSED, const char *path, char *buf, size_t size)
{
    return snprintf(buf, size, "%s", path);
}

static int world_perf(void *context TAP__UNUSED, struct perf_event_attr *attr TAP__UNUSED,
                      pid_t pid TAP__UNUSED, int cpu TAP__UNUSED, int group TAP__UNUSED,
                      unsigned long flags TAP__UNUSED)
{
    return -ENOSYS;
}

static long world_hz(void *context TAP__UNUSED)
{
    return 100;
}

static long world_cpus(void *context TAP__UNUSED)
{
    return N_CPUS;
}

static long world_page(void *context TAP__UNUSED)
{
    return 4096;
}

/* A healthy machine at T0: 50 W, 10 W, and a square of 20 and 180 W; counters far from their ends. */
static void world_begin(void)
{
    world = (struct world){
        .manual = {.mono_ns = T0, .boot_ns = T0, .utc_us = UTC0},
        .os = {.open_read = world_open,
               .pread = world_pread,
               .close = world_close,
               .list = world_list,
               .real_path = world_real_path,
               .perf_event_open = world_perf,
               .clock_ticks = world_hz,
               .cpus_online = world_cpus,
               .page_bytes = world_page},
        .zones = {[PACKAGE_0] = {.entry = "intel-rapl:0",
                                 .name = "package-0",
                                 .channel = "rapl/package-0",
                                 .text = "const:50"},
                  [DRAM_0] = {.entry = "intel-rapl:0:0",
                              .name = "dram",
                              .channel = "rapl/package-0/dram",
                              .text = "const:10"},
                  [PACKAGE_1] = {.entry = "intel-rapl:1",
                                 .name = "package-1",
                                 .channel = "rapl/package-1",
                                 .text = "square:20:180:1300"}},
        .busy_milli = 1500,
    };
    world.clock = jb_clock_from_manual(&world.manual);
    for (int zone = 0; zone < N_ZONES; zone++) {
        world.zones[zone].base_fj = FJ_PER_UJ * 1000000 * (100000 + 7 * (fj_t)zone);
        if (!course_parse(world.zones[zone].text, &world.zones[zone].course))
            bail_out("a course is no course");
    }
}

static void world_goes_on(int64_t step_ns)
{
    jb_clock_manual_advance(&world.manual, step_ns);
}

#endif
