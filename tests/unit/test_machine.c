/* SPDX-License-Identifier: Apache-2.0 */
/* subject/machine on texts as kernels write them, and on this machine. R-CPU-20, R-CPU-21, R-CPU-22. */
#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "subject/machine.h"
#include "tap.h"

enum { STAT_HANDLE, MEMINFO_HANDLE };

struct texts {
    const char *stat;
    const char *meminfo;
    int n_meminfo_reads;
    int n_open;
};

static int open_text(void *context, const char *path)
{
    struct texts *const texts = context;
    const bool is_stat = strcmp(path, "/proc/stat") == 0;

    if (is_stat ? !texts->stat : !texts->meminfo)
        return -ENOENT;
    texts->n_open++;
    return is_stat ? STAT_HANDLE : MEMINFO_HANDLE;
}

static ssize_t read_text(void *context, int handle, void *buf, size_t size, int64_t offset)
{
    struct texts *const texts = context;
    const char *const text = handle == STAT_HANDLE ? texts->stat : texts->meminfo;
    const size_t len = strlen(text);

    if (handle == MEMINFO_HANDLE)
        texts->n_meminfo_reads++;
    if (offset != 0)
        return 0;
    memcpy(buf, text, len < size ? len : size);
    return (ssize_t)(len < size ? len : size);
}

static void close_text(void *context, int handle JB_UNUSED)
{
    ((struct texts *)context)->n_open--;
}

static long hundred(void *context JB_UNUSED)
{
    return 100;
}

static struct jb_os os_of(struct texts *texts)
{
    return (struct jb_os){.open_read = open_text,
                          .pread = read_text,
                          .close = close_text,
                          .clock_ticks = hundred,
                          .context = texts};
}

#define MEMINFO                                                                                 \
    "MemTotal:        1000 kB\nMemFree:          100 kB\nMemAvailable:     400 kB\nBuffers: 1 " \
    "kB\n"

static void test_columns(void)
{
    struct texts texts = {
        /* user nice system idle iowait irq softirq steal guest guest_nice */
        .stat = "cpu  1000 200 30 40000 5000 6 7 800 900 90\ncpu0 1 2 3 4\nintr 5\n",
        .meminfo = MEMINFO,
    };
    struct jb_clock_manual time = {.mono_ns = 5};
    const struct jb_clock clock = jb_clock_from_manual(&time);
    const struct jb_os os = os_of(&texts);
    JB_AUTO(jb_machine_close_auto) struct jb_machine_reader *reader = NULL;
    struct jb_machine machine;
    struct jb_error err;

    ok(jb_machine_open(&os, &reader, &err) == JB_OK, "opened");
    ok(jb_machine_read(reader, &clock, &machine, &err) == JB_OK, "read");
    is_i64(machine.busy_ns, (1000 + 200 + 30 + 6 + 7) * INT64_C(10000000),
           "busy is user, nice, system, irq and softirq; guest is inside user");
    is_i64(machine.capacity_ns, (1000 + 200 + 30 + 40000 + 5000 + 6 + 7 + 800) * INT64_C(10000000),
           "capacity is that and idle, iowait and steal");
    is_i64(machine.memory_total_bytes, 1000 * 1024, "memory in all");
    is_i64(machine.memory_used_bytes, 600 * 1024, "memory in use is what is not available");

    /* iowait steps back by 30 ticks, idle stands */
    texts.stat = "cpu  1000 200 30 40000 4970 6 7 800 900 90\n";
    ok(jb_machine_read(reader, &clock, &machine, &err) == JB_OK, "read again");
    is_i64(machine.capacity_ns, 47043 * INT64_C(10000000), "capacity never falls");

    texts.stat = "cpu  torn";
    const struct jb_machine kept = machine;
    ok(jb_machine_read(reader, &clock, &machine, &err) == JB_E_INPUT, "torn text is refused");
    is_i64(machine.busy_ns, kept.busy_ns, "and leaves the figures alone");
    is_str(err.message, "'/proc/stat' is not as the kernel writes it", "with the file's name");
    texts.stat = "cpu  5000 0 0 50000 0 0 0 0 0 0\n";
    ok(jb_machine_read(reader, &clock, &machine, &err) == JB_OK, "the next text is read");
    is_i64(machine.busy_ns, 5000 * INT64_C(10000000), "as it is");
}

static void test_memory_is_read_seldom(void)
{
    struct texts texts = {.stat = "cpu  1 2 3 4\n", .meminfo = MEMINFO};
    struct jb_clock_manual time = {.mono_ns = 5};
    const struct jb_clock clock = jb_clock_from_manual(&time);
    const struct jb_os os = os_of(&texts);
    JB_AUTO(jb_machine_close_auto) struct jb_machine_reader *reader = NULL;
    struct jb_machine machine;

    ok(jb_machine_open(&os, &reader, NULL) == JB_OK,
       "four columns, as old kernels have, are enough");
    texts.n_meminfo_reads = 0;
    for (int i = 0; i < 20000; i++) {
        if (jb_machine_read(reader, &clock, &machine, NULL) < 0)
            bail_out("no machine");
        jb_clock_manual_advance(&time, JB_NS_PER_MS);
    }
    is_i64(texts.n_meminfo_reads, 2,
           "memory is read every ten seconds, however often the machine is");
    is_i64(machine.capacity_ns, 100000000, "CPU time at each read");
    texts.meminfo = "MemTotal: 10 kB\nMemAvailable: 12 kB\n";
    jb_clock_manual_advance(&time, JB_MACHINE_MEMORY_PERIOD_NS);
    ok(jb_machine_read(reader, &clock, &machine, NULL) == JB_OK, "more available than there is");
    is_i64(machine.memory_used_bytes, 0, "is nothing in use");
}

static void test_refusals(void)
{
    static const struct {
        const char *what;
        const char *stat;
        const char *meminfo;
        jb_rc rc;
    } cases[] = {
        {"no /proc/stat", NULL, MEMINFO, JB_E_NOT_FOUND},
        {"no /proc/meminfo", "cpu  1 2 3 4\n", NULL, JB_E_NOT_FOUND},
        {"an empty /proc/stat", "", MEMINFO, JB_E_INPUT},
        {"a first line of one CPU", "cpu0 1 2 3 4\n", MEMINFO, JB_E_INPUT},
        {"three columns", "cpu  1 2 3\n", MEMINFO, JB_E_INPUT},
        {"a negative time", "cpu  1 -2 3 4\n", MEMINFO, JB_E_INPUT},
        {"a time beyond 64 bits", "cpu  1 99999999999999999999 3 4\n", MEMINFO, JB_E_INPUT},
        {"a time beyond 64 bits of nanoseconds", "cpu  1 9000000000000000000 3 4\n", MEMINFO,
         JB_E_RANGE},
        {"no MemAvailable", "cpu  1 2 3 4\n", "MemTotal: 10 kB\n", JB_E_INPUT},
        {"memory in another unit", "cpu  1 2 3 4\n", "MemTotal: 10 MB\nMemAvailable: 5 MB\n",
         JB_E_INPUT},
    };

    for (size_t i = 0; i < JB_ARRAY_LEN(cases); i++) {
        struct texts texts = {.stat = cases[i].stat, .meminfo = cases[i].meminfo};
        const struct jb_os os = os_of(&texts);
        struct jb_machine_reader *reader = NULL;
        is_i64(jb_machine_open(&os, &reader, NULL), cases[i].rc, "%s is refused", cases[i].what);
        ok(!reader && texts.n_open == 0, "and leaves nothing open");
    }
}

static int64_t system_ns(clockid_t id)
{
    struct timespec time;

    (void)clock_gettime(id, &time);
    return (int64_t)time.tv_sec * JB_NS_PER_S + time.tv_nsec;
}

/* What this process burns must be in the machine's busy time, and fit in its capacity. */
static void test_this_machine(void)
{
    const struct jb_os os = jb_os_real("");
    JB_AUTO(jb_machine_close_auto) struct jb_machine_reader *reader = NULL;
    JB_AUTO(jb_machine_close_auto) struct jb_machine_reader *other = NULL;
    struct jb_machine before;
    struct jb_machine after;
    struct jb_machine beside;
    struct jb_error err;

    if (jb_machine_open(&os, &reader, &err) < 0) {
        skip("this machine: %s", err.message);
        return;
    }
    ok(jb_machine_read(reader, &jb_clock_system, &before, &err) == JB_OK, "this machine is read");
    const int64_t from_ns = system_ns(CLOCK_PROCESS_CPUTIME_ID);
    while (system_ns(CLOCK_PROCESS_CPUTIME_ID) < from_ns + 200 * JB_NS_PER_MS)
        continue;
    ok(jb_machine_read(reader, &jb_clock_system, &after, &err) == JB_OK, "and again");
    /* The kernel may charge by ticks: some of them may be missed. */
    ok(after.busy_ns - before.busy_ns >= 100 * JB_NS_PER_MS, "0.2 s burnt are busy time");
    ok(after.busy_ns < after.capacity_ns && after.capacity_ns > before.capacity_ns,
       "busy is less than capacity, which grows");
    ok(jb_machine_open(&os, &other, &err) == JB_OK &&
           jb_machine_read(other, &jb_clock_system, &beside, &err) == JB_OK,
       "a second reader begins later");
    ok(beside.capacity_ns >= after.capacity_ns &&
           beside.capacity_ns - after.capacity_ns < 60 * JB_NS_PER_S,
       "and agrees with the first");
    ok(after.memory_used_bytes > 0 && after.memory_used_bytes < after.memory_total_bytes,
       "memory is in use");
}

int main(void)
{
    test_columns();
    test_memory_is_read_seldom();
    test_refusals();
    test_this_machine();
    return done_testing();
}
