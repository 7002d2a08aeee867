/* SPDX-License-Identifier: Apache-2.0 */
/* RAPL through powercap, over recorded trees. Counts stand in the trees; wraps are worked out by hand below. */
#include "sensor_rig.h"

#define ZONE0     "/sys/devices/virtual/powercap/intel-rapl/intel-rapl:0"
#define ENERGY0   ZONE0 "/energy_uj"
#define COUNTERED JB_SEMANTICS_COUNTER

/*
 * R-SENSOR-12. Intel, unit 2^-14 J as the kernel has it: 61 035 nJ. max = 4294967295 * 61035 / 1000 = 262143328850;
 * the register wraps one unit later: 262143328850 + 61 = 262143328911.
 * Memory, 15 300 nJ: 4294967295 * 15300 / 1000 = 65712999613, + 15 = 65712999628. AMD, 15 258 nJ: 65532610987 + 15.
 */
static void two_sockets(void)
{
    struct rig rig;
    jb_rc rc;

    rig_set_up(&rig, "intel-2s-server");
    struct jb_sensor_set *const set = rig_probe(&rig);
    is_i64((int64_t)jb_sensor_n_channels(set), 4, "two packages and their memories, no model");
    rig_expect(set, "rapl/package-0", JB_SCOPE_PACKAGE, JB_ROLE_POST, "");
    rig_expect(set, "rapl/package-1", JB_SCOPE_PACKAGE, JB_ROLE_POST, "");
    rig_expect(set, "rapl/package-0/dram", JB_SCOPE_DRAM, JB_ROLE_POST, "");
    rig_expect(set, "rapl/package-1/dram", JB_SCOPE_DRAM, JB_ROLE_POST, "");
    is_i64(rig_read(set, "rapl/package-0", &rc), 1000000, "package 0 reads its own count");
    is_i64(rig_read(set, "rapl/package-0/dram", &rc), 2000000, "so does its memory");
    is_i64(rig_read(set, "rapl/package-1", &rc), 3000000, "so does package 1");
    is_i64(rig_read(set, "rapl/package-1/dram", &rc), 4000000, "so does the other memory");

    const struct jb_channel *const package = rig_channel(set, "rapl/package-0");
    const struct jb_channel *const dram = rig_channel(set, "rapl/package-0/dram");
    ok(package->unit_num == 1 && package->unit_den == 1, "raw is uJ");
    is_i64((int64_t)package->modulus, 262143328911, "a package wraps after 2^32 units");
    is_i64((int64_t)dram->modulus, 65712999628, "memory has a unit of its own");
    is_i64(package->quantum_uj, 62, "one unit, rounded up");
    is_i64(dram->quantum_uj, 16, "one unit of memory, rounded up");
    is_i64(package->max_power_uw, 1000 * INT64_C(1000000), "4 x 185 W is less than 1 kW");
    is_i64(dram->max_power_uw, 500 * INT64_C(1000000), "500 W of memory");
    ok(package->device == JB_DEVICE_CPU && dram->device == JB_DEVICE_DRAM, "and each its device");
    ok(package->origin == JB_ORIGIN_COUNTER && package->semantics == COUNTERED, "counters");
    ok(!package->is_local, "another process can go on where this one stops");
    is_i64(package->accuracy_ppm, 30000, "measured RAPL");
    is_str(package->driver, "rapl-powercap", "read by this driver");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

static void indices(void)
{
    struct rig rig;
    jb_rc rc;

    rig_set_up(&rig, "intel-swapped-index");
    struct jb_sensor_set *const set = rig_probe(&rig);
    is_i64(rig_read(set, "rapl/package-0", &rc), 1000000,
           "package 0 is the zone that says so, not the zone of index 0");
    is_i64(rig_read(set, "rapl/package-1/dram", &rc), 4000000, "and memory goes with its package");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

static void duplicates(void)
{
    struct rig rig;
    jb_rc rc;

    rig_set_up(&rig, "intel-tpmi-dup");
    struct jb_sensor_set *set = rig_probe(&rig);
    rig_expect(set, "rapl/package-0", JB_SCOPE_PACKAGE, JB_ROLE_POST, "");
    rig_expect(set, "rapl/package-0@intel-rapl", JB_SCOPE_PACKAGE, JB_ROLE_DUPLICATE,
               "rapl/package-0");
    rig_expect(set, "rapl/package-0/dram@intel-rapl", JB_SCOPE_DRAM, JB_ROLE_DUPLICATE,
               "rapl/package-0/dram");
    rig_expect(set, "rapl/package-1@intel-rapl", JB_SCOPE_PACKAGE, JB_ROLE_DUPLICATE,
               "rapl/package-1");
    rig_expect(set, "rapl/psys", JB_SCOPE_PSYS, JB_ROLE_CHECK, "");
    is_i64(rig_channel(set, "rapl/psys")->quantum_uj, 1000000, "a server's psys counts in joules");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);

    rig_set_up(&rig, "intel-client");
    set = rig_probe(&rig);
    rig_expect(set, "rapl/package-0", JB_SCOPE_PACKAGE, JB_ROLE_POST, "");
    rig_expect(set, "rapl/package-0/core", JB_SCOPE_CORE, JB_ROLE_DETAIL, "rapl/package-0");
    rig_expect(set, "rapl/package-0/uncore", JB_SCOPE_UNCORE, JB_ROLE_DETAIL, "rapl/package-0");
    rig_expect(set, "rapl/psys", JB_SCOPE_PSYS, JB_ROLE_CHECK, "");
    rig_expect(set, "rapl/package-0@intel-rapl-mmio", JB_SCOPE_PACKAGE, JB_ROLE_DUPLICATE,
               "rapl/package-0");
    is_str(rig_channel(set, "rapl/package-0@intel-rapl-mmio")->label,
           "CPU package 0, again by intel-rapl-mmio", "its label says which path it is");
    is_i64(rig_read(set, "rapl/package-0@intel-rapl-mmio", &rc), 5000050,
           "each reads its own path");
    rig_expect(set, "model/dram", JB_SCOPE_DRAM, JB_ROLE_POST, "");
    is_i64(rig_channel(set, "rapl/package-0")->max_power_uw, 1000 * INT64_C(1000000),
           "a limit of 2^31 W is nonsense and ignored");
    is_i64((int64_t)jb_sensor_n_refusals(set), 0,
           "control types without a meter are not mentioned");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

static void amd(void)
{
    struct rig rig;

    rig_set_up(&rig, "amd-epyc");
    struct jb_sensor_set *set = rig_probe(&rig);
    rig_expect(set, "rapl/package-0", JB_SCOPE_PACKAGE, JB_ROLE_POST, "");
    is_i64((int64_t)rig_channel(set, "rapl/package-0")->modulus, 65532611002, "AMD wraps sooner");
    is_i64(rig_channel(set, "rapl/package-0")->accuracy_ppm, 100000, "AMD's counter is modelled");
    ok(rig_find(set, "rapl/package-0/core") < 0, "the core zone of one single core is left out");
    ok(rig_refusal(set, "core") && strstr(rig_refusal(set, "core")->reason, "one single core"),
       "and the reason is given");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);

    rig_set_up(&rig, "amd-mirrored-dies");
    set = rig_probe(&rig);
    rig_expect(set, "rapl/package-0-die-0", JB_SCOPE_PACKAGE, JB_ROLE_POST, "");
    rig_expect(set, "rapl/package-0-die-1", JB_SCOPE_PACKAGE, JB_ROLE_DUPLICATE,
               "rapl/package-0-die-0");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

static void dies(void)
{
    struct rig rig;
    jb_rc rc;

    rig_set_up(&rig, "intel-multi-die");
    struct jb_sensor_set *set = rig_probe(&rig);
    rig_expect(set, "rapl/package-0-die-0", JB_SCOPE_PACKAGE, JB_ROLE_POST, "");
    rig_expect(set, "rapl/package-0-die-1", JB_SCOPE_PACKAGE, JB_ROLE_POST, "");
    rig_expect(set, "rapl/package-1-die-1/dram", JB_SCOPE_DRAM, JB_ROLE_POST, "");
    is_i64(rig_read(set, "rapl/package-1-die-1/dram", &rc), 500003, "each die has its own memory");
    jb_sensor_set_free(set);

    /* R-SENSOR-14: by value. Intel's dies count apart, unless one shows what the other does. */
    rig_put(&rig, "/sys/devices/virtual/powercap/intel-rapl/intel-rapl:1/energy_uj", "4000000\n");
    set = rig_probe(&rig);
    rig_expect(set, "rapl/package-0-die-1", JB_SCOPE_PACKAGE, JB_ROLE_DUPLICATE,
               "rapl/package-0-die-0");
    rig_expect(set, "rapl/package-1-die-0", JB_SCOPE_PACKAGE, JB_ROLE_POST, "");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

static void permission(void)
{
    struct rig rig;

    rig_set_up(&rig, "intel-2s-server");
    rig.denied = "energy_uj"; /* not max_energy_range_uj */
    struct jb_sensor_set *const set = rig_probe(&rig);
    const struct jb_sensor_refusal *const refusal = rig_refusal(set, "powercap zones");
    ok(rig_find(set, "rapl/package-0") < 0, "what may not be read is no channel");
    if (!refusal)
        bail_out("no refusal");
    is_str(refusal->what, "4 powercap zones (package-0, package-0/dram, package-1, package-1/dram)",
           "one refusal names all of them");
    ok(strstr(refusal->reason, "root only"), "permission is not absence");
    ok(strstr(refusal->step, "setcap cap_perfmon+ep joulebook") &&
           strstr(refusal->step, "chmod 0440"),
       "the exact steps are given");
    ok(rig_find(set, "model/cpu") >= 0, "and the processor is modelled instead");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

static void absence(void)
{
    struct rig rig;

    rig_set_up(&rig, "masked-container");
    struct jb_sensor_set *set = rig_probe(&rig);
    ok(rig_refusal(set, "RAPL") && strstr(rig_refusal(set, "RAPL")->reason, "masked"),
       "a container's masked tree is named as that");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);

    rig_set_up(&rig, "empty-vm");
    set = rig_probe(&rig);
    ok(rig_refusal(set, "RAPL") && strstr(rig_refusal(set, "RAPL")->reason, "virtual machine"),
       "a virtual machine is named as that");
    is_i64((int64_t)jb_sensor_n_channels(set), 2, "it has its two models");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);

    rig_set_up(&rig, "xe");
    set = rig_probe(&rig);
    ok(rig_refusal(set, "RAPL") &&
           strstr(rig_refusal(set, "RAPL")->step, "modprobe intel_rapl_msr"),
       "bare metal without the driver is told which one");
    jb_sensor_set_free(set);
    rig_put(&rig, "/.dockerenv", "");
    set = rig_probe(&rig);
    ok(rig_refusal(set, "RAPL") && strstr(rig_refusal(set, "RAPL")->reason, "this is a container"),
       "a container without the class is named as that");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);

    rig_set_up(&rig, "grace-hopper");
    set = rig_probe(&rig);
    ok(!rig_refusal(set, "RAPL"), "where RAPL was never made, nothing is said");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

static void expect_again(struct rig *rig, struct jb_sensor_set *set, const char *text,
                         const char *promise)
{
    jb_rc rc;

    rig_put(rig, ENERGY0, text);
    ok(rig_read(set, "rapl/package-0", &rc) == -1 && rc == JB_E_AGAIN, "%s", promise);
}

static void torn_text(void)
{
    struct rig rig;
    jb_rc rc;

    rig_set_up(&rig, "intel-2s-server");
    struct jb_sensor_set *const set = rig_probe(&rig);
    expect_again(&rig, set, "", "an empty file is no value this time");
    expect_again(&rig, set, "12", "digits without their newline may be cut short");
    expect_again(&rig, set, "\n", "a newline alone is no count");
    expect_again(&rig, set, "-5\n", "a sign is no count");
    expect_again(&rig, set, "12x\n", "nor is a letter");
    expect_again(&rig, set, "0x12\n", "nor another base");
    expect_again(&rig, set, "18446744073709551616\n", "nor 2^64");
    expect_again(&rig, set, "262143328911\n", "nor what the register cannot hold");
    expect_again(&rig, set, "11111111111111111111111111111111111111\n", "nor an endless number");
    rig_put(&rig, ENERGY0, "262143328910\n");
    is_i64(rig_read(set, "rapl/package-0", &rc), 262143328910, "its last count is good");
    rig_put(&rig, ENERGY0, "5\n2143328910\n");
    is_i64(rig_read(set, "rapl/package-0", &rc), 5, "the rest of a longer text is not read");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

static void expect_code(struct rig *rig, struct jb_sensor_set *set, int error, jb_rc want,
                        const char *promise)
{
    jb_rc rc;

    rig->faults[0] =
        (struct rig_fault){.part = "intel-rapl:0/energy_uj", .error = error, .n_left = 1};
    ok(rig_read(set, "rapl/package-0", &rc) == -1 && rc == want, "%s", promise);
}

static void failed_reads(void)
{
    struct rig rig;
    jb_rc rc;

    rig_set_up(&rig, "intel-2s-server");
    struct jb_sensor_set *const set = rig_probe(&rig);
    expect_code(&rig, set, EINVAL, JB_E_AGAIN,
                "EINVAL is a failed read: the kernel hides the cause");
    expect_code(&rig, set, EIO, JB_E_IO, "EIO is input and output");
    expect_code(&rig, set, EACCES, JB_E_PERMISSION, "EACCES is permission");
    is_i64(rig_read(set, "rapl/package-0", &rc), 1000000, "the next read is good again");
    expect_code(&rig, set, ENODEV, JB_E_GONE, "ENODEV is a zone that went away");
    rig_read(set, "rapl/package-0", &rc);
    is_i64(rc, JB_E_GONE, "and stays away until it is probed");
    rig.n_preads = 0;
    rig_read(set, "rapl/package-0", &rc);
    is_i64(rig.n_preads, 0, "without touching its file");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

/* Not worth a channel: a zone whose driver never answers. One bad read at the start is not that. */
static void at_probing(void)
{
    struct rig rig;

    rig_set_up(&rig, "intel-2s-server");
    rig.faults[0] =
        (struct rig_fault){.part = "intel-rapl:0/energy_uj", .error = EINVAL, .n_left = 2};
    rig.faults[1] =
        (struct rig_fault){.part = "intel-rapl:1/energy_uj", .error = EINVAL, .n_left = -1};
    struct jb_sensor_set *const set = rig_probe(&rig);
    ok(rig_find(set, "rapl/package-0") >= 0, "two failed reads at the start are forgiven");
    ok(rig_find(set, "rapl/package-1") < 0 && rig_refusal(set, "rapl/package-1"),
       "a zone that never answers is refused");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

static void vanishing(void)
{
    struct rig rig;
    jb_rc rc;

    rig_set_up(&rig, "intel-2s-server");
    struct jb_sensor_set *const set = rig_probe(&rig);
    is_i64((int64_t)jb_sensor_reprobe(set), 0, "nothing is gone, nothing comes back");
    rig.faults[0] =
        (struct rig_fault){.part = "intel-rapl:0/energy_uj", .error = ENODEV, .n_left = 1};
    rig_read(set, "rapl/package-0", &rc);
    is_i64(rc, JB_E_GONE, "the package's processors went offline");
    rig_unlink(&rig, ZONE0);
    is_i64((int64_t)jb_sensor_reprobe(set), 0, "still gone");

    /* Back under another index, as the kernel may number it. */
    rig_put(&rig, "/sys/class/powercap/intel-rapl:7/name", "package-0\n");
    rig_put(&rig, "/sys/class/powercap/intel-rapl:7/max_energy_range_uj", "262143328850\n");
    rig_put(&rig, "/sys/class/powercap/intel-rapl:7/energy_uj", "77\n");
    const int before = rig_find(set, "rapl/package-0");
    is_i64((int64_t)jb_sensor_reprobe(set), 1, "back under another index");
    ok(rig_find(set, "rapl/package-0") == before && rig_read(set, "rapl/package-0", &rc) == 77,
       "it has its old place and reads again");
    is_i64((int64_t)jb_sensor_n_channels(set), 4, "no other channel came or went");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

/* R-SENSOR-06: a zone of that name with another register is another meter. */
static void another_register(void)
{
    struct rig rig;
    jb_rc rc;

    rig_set_up(&rig, "intel-2s-server");
    struct jb_sensor_set *const set = rig_probe(&rig);
    rig.faults[0] =
        (struct rig_fault){.part = "intel-rapl:0/energy_uj", .error = ENODEV, .n_left = 1};
    rig_read(set, "rapl/package-0", &rc);
    rig_put(&rig, ZONE0 "/max_energy_range_uj", "65532610987\n");
    is_i64((int64_t)jb_sensor_reprobe(set), 0, "counts of another unit do not go on in this epoch");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

/* R-SENSOR-04 */
static void standing_still(void)
{
    struct rig rig;
    jb_rc rc;

    rig_set_up(&rig, "intel-2s-server");
    struct jb_sensor_set *const set = rig_probe(&rig);
    is_i64(rig_read(set, "rapl/package-0", &rc), 1000000, "a count that stands still is a count");
    rig_unlink(&rig, ENERGY0);
    rig_read(set, "rapl/package-0", &rc);
    is_i64(rc, JB_E_GONE, "one whose file was deleted is gone");

    is_i64(rig_read(set, "rapl/package-1", &rc), 3000000, "the other one moves on");
    rig_unlink(&rig, "/sys/devices/virtual/powercap/intel-rapl/intel-rapl:1/energy_uj");
    rig_put(&rig, "/sys/devices/virtual/powercap/intel-rapl/intel-rapl:1/energy_uj", "3100000\n");
    is_i64(rig_read(set, "rapl/package-1", &rc), 3100000,
           "a file that was replaced is followed at once");
    rig.denied = "energy_uj";
    is_i64(rig_read(set, "rapl/package-1", &rc), 3100000,
           "where opening is not allowed any more, the open file goes on");
    rig_unlink(&rig, "/sys/devices/virtual/powercap/intel-rapl/intel-rapl:1/energy_uj");
    rig_put(&rig, "/sys/devices/virtual/powercap/intel-rapl/intel-rapl:1/energy_uj", "3200000\n");
    rig_read(set, "rapl/package-1", &rc);
    is_i64(rc, JB_E_PERMISSION, "but one that was replaced is never believed");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

static void cost(void)
{
    struct rig rig;
    jb_rc rc;
    char text[32];

    rig_set_up(&rig, "intel-2s-server");
    struct jb_sensor_set *const set = rig_probe(&rig);
    rig.n_preads = 0;
    rig.n_opens = 0;
    for (int i = 0; i < 100; i++) {
        (void)snprintf(text, sizeof text, "%d\n", 2000000 + i);
        rig_put(&rig, ENERGY0, text);
        rig_read(set, "rapl/package-0", &rc);
    }
    is_i64(rig.n_preads, 100, "a read is one pread");
    is_i64(rig.n_opens, 0, "and opens nothing");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

/* A tree without links, as scripts build it: children only inside their parents. */
static void plain_tree(void)
{
    struct rig rig;
    jb_rc rc;

    rig_init(&rig);
    rig_put(&rig, "/sys/class/powercap/intel-rapl:0/name", "package-0\n");
    rig_put(&rig, "/sys/class/powercap/intel-rapl:0/energy_uj", "10\n");
    rig_put(&rig, "/sys/class/powercap/intel-rapl:0/intel-rapl:0:0/name", "dram\n");
    rig_put(&rig, "/sys/class/powercap/intel-rapl:0/intel-rapl:0:0/energy_uj", "20\n");
    struct jb_sensor_set *const set = rig_probe(&rig);
    is_i64(rig_read(set, "rapl/package-0/dram", &rc), 20, "children are found inside their parent");
    is_i64((int64_t)rig_channel(set, "rapl/package-0")->modulus, 0,
           "without a stated range no wrap is assumed");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

static void other_types(void)
{
    struct rig rig;
    jb_rc rc;

    rig_init(&rig);
    rig_put(&rig, "/sys/class/powercap/arm-scmi:0/name", "SOC POWER\n");
    rig_put(&rig, "/sys/class/powercap/arm-scmi:0/energy_uj", "30\n");
    rig_put(&rig, "/sys/class/powercap/dtpm:0/name", "dtpm\n");
    rig_put(&rig, "/sys/class/powercap/intel-rapl:0/name", "package-0\n");
    rig_put(&rig, "/sys/class/powercap/intel-rapl:0/energy_uj", "10\n");
    rig_put(&rig, "/sys/class/powercap/intel-rapl:0/intel-rapl:0:0/name", "mystery\n");
    rig_put(&rig, "/sys/class/powercap/intel-rapl:0/intel-rapl:0:0/energy_uj", "40\n");
    struct jb_sensor_set *const set = rig_probe(&rig);
    rig_expect(set, "powercap/arm-scmi/SOC_POWER", JB_SCOPE_OTHER, JB_ROLE_CHECK, "");
    is_i64(rig_read(set, "powercap/arm-scmi/SOC_POWER", &rc), 30, "another control type is shown");
    rig_expect(set, "powercap/intel-rapl/mystery", JB_SCOPE_OTHER, JB_ROLE_CHECK, "");
    ok(rig_find(set, "powercap/dtpm/dtpm") < 0, "a zone without a meter is none");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

int main(void)
{
    two_sockets();
    indices();
    duplicates();
    amd();
    dies();
    permission();
    absence();
    torn_text();
    failed_reads();
    at_probing();
    vanishing();
    another_register();
    standing_still();
    cost();
    plain_tree();
    other_types();
    return done_testing();
}
