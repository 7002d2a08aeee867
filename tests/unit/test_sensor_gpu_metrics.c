/* SPDX-License-Identifier: Apache-2.0 */
/* Energy counters of AMD boards over trees of the kernel's layout: which post, and what is never counted twice. */
#include "sensor_rig.h"

/* gpu_metrics 1.3 of 40 bytes: power, then energy; the rest is not read. */
static const char table_1_3[] = "28000103ffffffffffffffffffffffffffffffffffff5c00";

static void put_energy(const struct rig *rig, const char *path, uint64_t energy)
{
    char hex[96];
    size_t len = strlen(table_1_3);

    memcpy(hex, table_1_3, len);
    for (unsigned i = 0; i < 8; i++)
        len += (size_t)snprintf(hex + len, sizeof hex - len, "%02x",
                                (unsigned)(energy >> (8 * i)) & 0xff);
    (void)snprintf(hex + len, sizeof hex - len, "0000000000000000");
    rig_put_hex(rig, path, hex);
}

#define MI210 "/sys/class/drm/card1/device/gpu_metrics"

static void mi210(void)
{
    struct rig rig;
    jb_rc rc;

    rig_set_up(&rig, "mi210");
    struct jb_sensor_set *const set = rig_probe(&rig);
    const struct jb_channel *const board = rig_channel(set, "gpu/0000:43:00.0");
    rig_expect(set, "gpu/0000:43:00.0", JB_SCOPE_GPU, JB_ROLE_POST, "");
    is_str(board->driver, "gpu-metrics", "the counter posts");
    ok(board->semantics == JB_SEMANTICS_COUNTER && board->origin == JB_ORIGIN_COUNTER &&
           board->modulus == 0 && !board->is_local,
       "a counter of 64 bits that another process may go on with");
    /* 2^16 units are one joule. */
    is_i64((int64_t)(UINT64_C(65536) * board->unit_num / board->unit_den), 1000000, "of 2^-16 J");
    is_i64(board->quantum_uj, 16, "15.2588 uJ, rounded up");
    ok(board->board == 1 && strcmp(board->pci, "0000:43:00.0") == 0 &&
           strcmp(board->uuid, "GPU-1f5c5b5d0a9c3e21") == 0,
       "known by address, place and name");
    is_i64(rig_read(set, "gpu/0000:43:00.0", &rc), 4750896266, "the accumulator as it stands");
    /* R-TREE-02, R-SENSOR-72 */
    rig_expect(set, "gpu/0000:43:00.0@hwmon", JB_SCOPE_GPU, JB_ROLE_DUPLICATE, "gpu/0000:43:00.0");
    is_i64(rig_read(set, "gpu/0000:43:00.0@hwmon", &rc), 92000000, "its gauge is compared");

    put_energy(&rig, MI210, 5000000000);
    is_i64(rig_read(set, "gpu/0000:43:00.0", &rc), 5000000000, "it is read again");
    rig_put(&rig, MI210, "12");
    ok(rig_read(set, "gpu/0000:43:00.0", &rc) == -1 && rc == JB_E_AGAIN,
       "a torn table is no value");
    put_energy(&rig, MI210, UINT64_MAX);
    ok(rig_read(set, "gpu/0000:43:00.0", &rc) == -1 && rc == JB_E_AGAIN, "nor are ones");
    put_energy(&rig, MI210, 5000000000);
    rig.faults[0] = (struct rig_fault){.part = "gpu_metrics", .error = EPERM, .n_left = 1};
    ok(rig_read(set, "gpu/0000:43:00.0", &rc) == -1 && rc == JB_E_AGAIN,
       "EPERM of an open file is a board in its reset");
    rig.faults[0] = (struct rig_fault){.part = "gpu_metrics", .error = ENODEV, .n_left = 1};
    ok(rig_read(set, "gpu/0000:43:00.0", &rc) == -1 && rc == JB_E_GONE, "ENODEV: it is gone");
    is_i64((int64_t)jb_sensor_reprobe(set), 1, "and comes back");
    is_i64(rig_read(set, "gpu/0000:43:00.0", &rc), 5000000000, "with its count");
    rig_unlink(&rig, "/sys/devices/pci0000:40/0000:40:01.1/0000:41:00.0/0000:42:00.0/0000:43:00.0/"
                     "gpu_metrics");
    ok(rig_read(set, "gpu/0000:43:00.0", &rc) == -1 && rc == JB_E_GONE,
       "a table that lost its name (R-SENSOR-04)");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

static void dies(void)
{
    struct rig rig;

    rig_set_up(&rig, "mi250x");
    struct jb_sensor_set *const set = rig_probe(&rig);
    rig_expect(set, "gpu/0000:c1:00.0", JB_SCOPE_GPU, JB_ROLE_POST, "");
    is_i64(rig_channel(set, "gpu/0000:c1:00.0")->board, 1, "the first die");
    ok(rig_find(set, "gpu/0000:c6:00.0") < 0 && rig_find(set, "gpu/0000:c6:00.0@hwmon") < 0,
       "the other die has neither counter nor gauge of its own (R-SENSOR-72)");
    ok(rig_refusal(set, "0000:c6:00.0") &&
           strstr(rig_refusal(set, "0000:c6:00.0")->reason, "counts the energy of both"),
       "and is told why");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

static void mi300(void)
{
    struct rig rig;
    jb_rc rc;

    rig_set_up(&rig, "mi300x");
    struct jb_sensor_set *set = rig_probe(&rig);
    is_i64(rig_read(set, "gpu/0000:05:00.0", &rc), 65536 * INT64_C(50000), "50 kJ, revision 1.5");
    is_i64(rig_read(set, "gpu/0000:25:00.0", &rc), 65536 * INT64_C(1000), "1 kJ, revision 1.9");
    rig_expect(set, "gpu/0000:05:00.0@hwmon", JB_SCOPE_GPU, JB_ROLE_DUPLICATE, "gpu/0000:05:00.0");
    ok(rig_channel(set, "gpu/0000:05:00.0")->board == 1 &&
           rig_channel(set, "gpu/0000:25:00.0")->board == 2,
       "their places");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);

    rig_set_up(&rig, "mi300a");
    set = rig_probe(&rig);
    rig_expect(set, "gpu/0000:01:00.0", JB_SCOPE_MODULE, JB_ROLE_POST, "");
    ok(strstr(rig_channel(set, "gpu/0000:01:00.0")->label, "processor") &&
           rig_find(set, "model/cpu") < 0 && rig_find(set, "model/dram") < 0,
       "cores under the same meter are measured, and not modelled beside it");
    rig_expect(set, "gpu/0000:01:00.0@hwmon", JB_SCOPE_GPU, JB_ROLE_DUPLICATE, "gpu/0000:01:00.0");
    jb_sensor_set_free(set);
    rig_put(&rig, "/sys/class/powercap/intel-rapl/enabled", "1\n");
    rig_put(&rig, "/sys/class/powercap/intel-rapl:0/name", "package-0\n");
    rig_put(&rig, "/sys/class/powercap/intel-rapl:0/energy_uj", "7000000\n");
    rig_put(&rig, "/sys/class/powercap/intel-rapl:0/max_energy_range_uj", "65532610987\n");
    set = rig_probe(&rig);
    rig_expect(set, "rapl/package-0", JB_SCOPE_PACKAGE, JB_ROLE_POST, "");
    rig_expect(set, "gpu/0000:01:00.0", JB_SCOPE_OTHER, JB_ROLE_CHECK, "");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

static void radeon(void)
{
    struct rig rig;
    jb_rc rc;

    rig_set_up(&rig, "rx7900");
    struct jb_sensor_set *const set = rig_probe(&rig);
    is_str(rig_channel(set, "gpu/0000:03:00.0")->driver, "hwmon",
           "a count without a stated unit is left alone: the gauge posts");
    rig_expect(set, "gpu/0000:03:00.0", JB_SCOPE_GPU, JB_ROLE_POST, "");
    is_i64(rig_read(set, "gpu/0000:03:00.0", &rc), 24000000, "in uW");
    is_i64(rig_channel(set, "gpu/0000:03:00.0")->board, 1, "its place is known");
    rig_expect(set, "gpu/0000:13:00.0", JB_SCOPE_OTHER, JB_ROLE_CHECK, "");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

static void refusals(void)
{
    struct rig rig;

    rig_set_up(&rig, "mi210");
    rig.denied = "gpu_metrics";
    struct jb_sensor_set *set = rig_probe(&rig);
    ok(rig_refusal(set, "gpu/0000:43:00.0") &&
           strstr(rig_refusal(set, "gpu/0000:43:00.0")->reason, "root alone"),
       "a table that may not be read is refused with the reason");
    is_str(rig_channel(set, "gpu/0000:43:00.0")->driver, "hwmon", "and the gauge stands in");
    jb_sensor_set_free(set);
    rig.denied = NULL;
    rig.faults[0] = (struct rig_fault){.part = "gpu_metrics", .error = EBUSY, .n_left = -1};
    set = rig_probe(&rig);
    ok(rig_refusal(set, "gpu/0000:43:00.0"), "so is one that gives nothing");
    jb_sensor_set_free(set);
    rig.faults[0] = (struct rig_fault){0};
    rig_unlink(&rig, "/sys/devices/pci0000:40/0000:40:01.1/0000:41:00.0/0000:42:00.0/0000:43:00.0/"
                     "gpu_metrics");
    set = rig_probe(&rig);
    ok(!rig_refusal(set, "gpu/0000:43:00.0"),
       "a kernel without the table has none, and that is all");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

int main(void)
{
    mi210();
    dies();
    mi300();
    radeon();
    refusals();
    return done_testing();
}
