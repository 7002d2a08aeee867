/* SPDX-License-Identifier: Apache-2.0 */
/* RAPL through perf events: the call is scripted, so no machine and no privilege is needed. */
#include "sensor_rig.h"

#include "base/counter.h"

/* The scripted event of that number on that processor. */
static struct rig_event *event(struct rig *rig, uint64_t config, int cpu)
{
    for (size_t i = 0; i < rig->n_events; i++)
        if (rig->events[i].config == config && rig->events[i].cpu == cpu && rig->events[i].is_open)
            return &rig->events[i];
    bail_out("no event 0x%x on processor %d", (unsigned)config, cpu);
    return NULL;
}

static void two_sockets(void)
{
    struct rig rig;
    jb_rc rc;

    rig_set_up(&rig, "intel-2s-perf");
    struct jb_sensor_set *const set = rig_probe(&rig);
    is_i64((int64_t)jb_sensor_n_channels(set), 4, "two packages and their memories, each once");
    rig_expect(set, "rapl/package-0", JB_SCOPE_PACKAGE, JB_ROLE_POST, "");
    rig_expect(set, "rapl/package-1", JB_SCOPE_PACKAGE, JB_ROLE_POST, "");
    rig_expect(set, "rapl/package-0/dram", JB_SCOPE_DRAM, JB_ROLE_POST, "");
    rig_expect(set, "rapl/package-1/dram", JB_SCOPE_DRAM, JB_ROLE_POST, "");
    is_i64(rig.perf_attr_faults, 0, "as a counter of a processor, closed at exec");
    is_i64(event(&rig, 2, 0)->type, 21, "of the PMU's type");

    const struct jb_channel *const package = rig_channel(set, "rapl/package-1");
    is_str(package->driver, "rapl-perf", "perf events come first");
    ok(package->is_local, "the count starts with this process");
    /* 2^-32 J = 10^6 / 2^32 uJ = (15625 * 2^6) / 2^32 = 15625 / 2^26 */
    ok(package->unit_num == 15625 && package->unit_den == 67108864, "the unit is 2^-32 J exactly");
    is_i64(package->quantum_uj, 62, "the register's own step is 2^-14 J");

    event(&rig, 2, 2)->value = 123456789;
    is_i64(rig_read(set, "rapl/package-1", &rc), 123456789,
           "package 1 reads on its first processor of the cpumask");
    event(&rig, 3, 0)->value = 42;
    is_i64(rig_read(set, "rapl/package-0/dram", &rc), 42, "memory reads its own event");
    rig.n_preads = 0;
    rig_read(set, "rapl/package-0", &rc);
    is_i64(rig.n_preads, 1, "a read is one read of the event");
    is_i64((int64_t)jb_sensor_n_refusals(set), 0, "powercap has nothing to add");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

/*
 * R-SENSOR-18. A register of 2^-16 J, read after 40 kJ without a read between: the kernel sees 40 000 * 2^16 units,
 * more than 2^31, as negative and adds (40 000 * 2^16 - 2^32) << 16. The true count is 40 000 * 2^32.
 */
static void folded_negative(uint64_t before_j)
{
    struct rig rig;
    jb_rc rc;
    const uint64_t before = before_j << 32;
    const int64_t units = INT64_C(40000) << 16;
    const int64_t folded = units - (INT64_C(1) << 32);

    rig_set_up(&rig, "amd-perf");
    struct jb_sensor_set *const set = rig_probe(&rig);
    const uint64_t modulus = rig_channel(set, "rapl/package-0")->modulus;
    event(&rig, 2, 0)->value = before;
    const uint64_t first = (uint64_t)rig_read(set, "rapl/package-0", &rc);
    event(&rig, 2, 0)->value = before + ((uint64_t)folded << 16);
    const uint64_t second = (uint64_t)rig_read(set, "rapl/package-0", &rc);
    is_i64((int64_t)jb_counter_delta(first, second, modulus), INT64_C(40000) << 32,
           "40 kJ after %" PRIu64 " J that the kernel took for negative come out as they were",
           before_j);
    ok(first < modulus && second < modulus, "and every count lies below the modulus");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

static void client(void)
{
    struct rig rig;

    rig_set_up(&rig, "intel-client-perf");
    struct jb_sensor_set *const set = rig_probe(&rig);
    rig_expect(set, "rapl/package-0", JB_SCOPE_PACKAGE, JB_ROLE_POST, "");
    rig_expect(set, "rapl/package-0/dram", JB_SCOPE_DRAM, JB_ROLE_POST, "");
    rig_expect(set, "rapl/package-0/core", JB_SCOPE_CORE, JB_ROLE_DETAIL, "rapl/package-0");
    rig_expect(set, "rapl/package-0/uncore", JB_SCOPE_UNCORE, JB_ROLE_DETAIL, "rapl/package-0");
    rig_expect(set, "rapl/psys", JB_SCOPE_PSYS, JB_ROLE_CHECK, "");
    is_i64(rig_channel(set, "rapl/package-0")->accuracy_ppm, 100000,
           "before Haswell the counter was modelled");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

static void dies(void)
{
    struct rig rig;
    jb_rc rc;

    rig_set_up(&rig, "intel-multi-die-perf");
    struct jb_sensor_set *set = rig_probe(&rig);
    is_i64((int64_t)rig.n_events, 4, "one event for each die");
    event(&rig, 2, 3)->value = 9;
    is_i64(rig_read(set, "rapl/package-1-die-1", &rc), 9, "named by package and die");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);

    rig_set_up(&rig, "intel-multi-die-perf");
    rig_put(&rig, "/sys/devices/power/cpumask", "0,2\n");
    set = rig_probe(&rig);
    ok(rig_find(set, "rapl/package-0") >= 0 && rig_find(set, "rapl/package-1") >= 0,
       "where the kernel counts by package, no die is named");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

static void amd(void)
{
    struct rig rig;

    rig_set_up(&rig, "amd-perf");
    struct jb_sensor_set *const set = rig_probe(&rig);
    is_str(rig_channel(set, "rapl/package-0")->driver, "rapl-perf", "the package by perf");
    ok(rig_find(set, "rapl/package-0-die-0") < 0 && rig_find(set, "rapl/package-0-die-1") < 0,
       "powercap's dies are the same register and are not opened");
    is_i64(rig_channel(set, "rapl/package-0")->quantum_uj, 16, "AMD's step is 2^-16 J");
    ok(rig_refusal(set, "power_core"), "the counters of single cores are named, not read");
    is_i64((int64_t)rig.n_events, 1, "one event in all");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

static void permission(void)
{
    struct rig rig;

    rig_set_up(&rig, "intel-2s-perf");
    rig.perf_error = EACCES;
    struct jb_sensor_set *set = rig_probe(&rig);
    const struct jb_sensor_refusal *const refusal = rig_refusal(set, "perf events");
    if (!refusal)
        bail_out("no refusal");
    is_str(refusal->what, "RAPL perf events (energy-pkg, energy-ram)",
           "one refusal for all events");
    ok(strstr(refusal->reason, "perf_event_paranoid is 3"), "it says how the kernel is set");
    ok(strstr(refusal->step, "setcap cap_perfmon+ep joulebook") &&
           strstr(refusal->step, "sysctl kernel.perf_event_paranoid=0"),
       "and the exact steps an administrator may take");
    ok(!strstr(refusal->reason, "seccomp"), "a container is not suspected without a sign of one");
    is_str(rig_channel(set, "rapl/package-0")->driver, "rapl-powercap", "powercap takes over");
    jb_sensor_set_free(set);

    rig_put(&rig, "/.dockerenv", "");
    set = rig_probe(&rig);
    ok(strstr(rig_refusal(set, "perf events")->reason, "seccomp"),
       "in a container it may be seccomp");
    jb_sensor_set_free(set);

    rig.perf_error = ENOSYS;
    set = rig_probe(&rig);
    ok(strstr(rig_refusal(set, "perf events")->reason, "does not exist here"),
       "a kernel without the call is named as that");
    jb_sensor_set_free(set);

    rig.perf_error = EMFILE;
    set = rig_probe(&rig);
    ok(rig_refusal(set, "rapl/package-0") &&
           strstr(rig_refusal(set, "rapl/package-0")->reason, "Too many open files"),
       "any other refusal is given in the kernel's words");
    is_str(rig_channel(set, "rapl/package-0")->driver, "rapl-powercap", "and powercap takes over");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

static void expect_refused(const char *file, const char *text, const char *promise)
{
    struct rig rig;

    rig_set_up(&rig, "intel-client-perf");
    rig_put(&rig, file, text);
    struct jb_sensor_set *const set = rig_probe(&rig);
    ok(rig_find(set, "rapl/package-0") < 0 && jb_sensor_n_refusals(set) >= 1, "%s", promise);
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

static void strange_files(void)
{
    expect_refused("/sys/devices/power/events/energy-pkg.scale", "1.0e-06\n",
                   "another scale is not read as if it were the known one");
    expect_refused("/sys/devices/power/events/energy-pkg.unit", "Watts\n", "nor another unit");
    expect_refused("/sys/devices/power/events/energy-pkg", "event=0x02,umask=0x1\n",
                   "nor an event of more fields");
    expect_refused("/sys/devices/power/events/energy-pkg", "event=0x\n",
                   "nor one without a number");
    expect_refused("/sys/devices/power/cpumask", "zero\n", "a cpumask that is none is refused");
    expect_refused("/sys/devices/power/cpumask", "3-0\n", "so is one that runs down");
    expect_refused("/sys/devices/power/cpumask", "77\n", "or names no processor that is there");
}

static void going_away(void)
{
    struct rig rig;
    jb_rc rc;

    rig_set_up(&rig, "intel-2s-perf");
    struct jb_sensor_set *const set = rig_probe(&rig);
    const int before = rig_find(set, "rapl/package-1");
    event(&rig, 2, 2)->is_dead = true;
    rig_read(set, "rapl/package-1", &rc);
    is_i64(rc, JB_E_GONE, "an event in error is a device that went away");
    is_i64((int64_t)jb_sensor_reprobe(set), 1, "and comes back with a new event");
    event(&rig, 2, 2)->value = 5;
    ok(rig_find(set, "rapl/package-1") == before && rig_read(set, "rapl/package-1", &rc) == 5,
       "in its old place");
    is_i64(rig.n_open, 4, "no event is left open beside it");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

/* A perf event has no offset: the real table must read it all the same. */
static void real_event(void)
{
    const struct jb_os os = jb_os_real("");
    struct perf_event_attr attr = {
        .size = sizeof attr, .type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_TASK_CLOCK};
    uint64_t first = 0;
    uint64_t second = 0;
    const int handle = os.perf_event_open(os.context, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);

    if (handle < 0) {
        skip("no perf event may be opened here (%s)", strerror(-handle));
        return;
    }
    ok(os.pread(os.context, handle, &first, sizeof first, 0) == 8 &&
           os.pread(os.context, handle, &second, sizeof second, 0) == 8 && second > first,
       "an event of the real kernel is read through pread, again and again");
    os.close(os.context, handle);
}

int main(void)
{
    two_sockets();
    folded_negative(10000); /* the sum itself turns negative */
    folded_negative(30000);
    folded_negative(100000); /* beyond the modulus already */
    client();
    dies();
    amd();
    permission();
    strange_files();
    going_away();
    real_event();
    return done_testing();
}
