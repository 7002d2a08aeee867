/* SPDX-License-Identifier: Apache-2.0 */
/* Meters of /sys/class/hwmon that are neither Grace's nor a Jetson's, over recorded trees. */
#include "sensor_rig.h"

static void amdgpu(void)
{
    struct rig rig;
    jb_rc rc;

    rig_set_up(&rig, "amdgpu");
    struct jb_sensor_set *const set = rig_probe(&rig);
    rig_expect(set, "gpu/0000:03:00.0", JB_SCOPE_GPU, JB_ROLE_POST, "");
    is_i64(rig_read(set, "gpu/0000:03:00.0", &rc), 43000000, "in uW, as hwmon has it");
    const struct jb_channel *const board = rig_channel(set, "gpu/0000:03:00.0");
    ok(board->semantics == JB_SEMANTICS_GAUGE_AVERAGE && board->origin == JB_ORIGIN_GAUGE,
       "an average of power, not a counter");
    ok(board->unit_num == 1 && board->unit_den == 1 && board->quantum_uj == 0, "uW, no quantum");
    is_i64(board->max_power_uw, 2000 * INT64_C(1000000), "2 kW is beyond any board");
    /* R-SENSOR-32 */
    rig_expect(set, "gpu/0000:0f:00.0", JB_SCOPE_OTHER, JB_ROLE_CHECK, "");
    is_i64(rig_read(set, "gpu/0000:0f:00.0", &rc), 21000000,
           "graphics in the processor: its average is taken before its input");
    is_i64((int64_t)jb_sensor_n_channels(set), 4,
           "package, board, processor, modelled memory: a temperature is no meter");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

static void intel_gpus(void)
{
    struct rig rig;
    jb_rc rc;

    rig_set_up(&rig, "xe");
    struct jb_sensor_set *set = rig_probe(&rig);
    rig_expect(set, "gpu/0000:03:00.0", JB_SCOPE_GPU, JB_ROLE_POST, "");
    rig_expect(set, "gpu/0000:03:00.0/package", JB_SCOPE_GPU, JB_ROLE_DETAIL, "gpu/0000:03:00.0");
    is_i64(rig_read(set, "gpu/0000:03:00.0", &rc), 123456789, "the card's counter in uJ");
    ok(rig_channel(set, "gpu/0000:03:00.0")->semantics == JB_SEMANTICS_COUNTER, "a counter");
    is_i64(rig_channel(set, "gpu/0000:03:00.0")->quantum_uj, 1, "of 1 uJ");
    jb_sensor_set_free(set);
    rig_unlink(&rig, "/sys/class/hwmon/hwmon4/energy1_input");
    rig_unlink(&rig, "/sys/class/hwmon/hwmon4/energy1_label");
    set = rig_probe(&rig);
    rig_expect(set, "gpu/0000:03:00.0/package", JB_SCOPE_GPU, JB_ROLE_POST, "");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);

    rig_set_up(&rig, "i915");
    set = rig_probe(&rig);
    rig_expect(set, "gpu/0000:4d:00.0", JB_SCOPE_GPU, JB_ROLE_POST, "");
    rig_expect(set, "gpu/0000:4d:00.0/gt0", JB_SCOPE_GPU, JB_ROLE_DETAIL, "gpu/0000:4d:00.0");
    rig_expect(set, "gpu/0000:4d:00.0/gt1", JB_SCOPE_GPU, JB_ROLE_DETAIL, "gpu/0000:4d:00.0");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

/* R-SENSOR-32, R-SENSOR-71 */
static void intel_cards(void)
{
    struct rig rig;
    jb_rc rc;

    rig_set_up(&rig, "arc-xe");
    struct jb_sensor_set *set = rig_probe(&rig);
    rig_expect(set, "gpu/0000:03:00.0", JB_SCOPE_GPU, JB_ROLE_POST, "");
    rig_expect(set, "gpu/0000:03:00.0/package", JB_SCOPE_GPU, JB_ROLE_DETAIL, "gpu/0000:03:00.0");
    is_i64(rig_read(set, "gpu/0000:03:00.0", &rc), 2200000000, "the card's counter");
    ok(rig_channel(set, "gpu/0000:03:00.0")->board == 1 &&
           strcmp(rig_channel(set, "gpu/0000:03:00.0")->pci, "0000:03:00.0") == 0,
       "by place and address");
    jb_sensor_set_free(set);
    /* Arc A and Flex: xe has the package's register alone. */
    rig_unlink(&rig, "/sys/class/hwmon/hwmon4/energy1_input");
    set = rig_probe(&rig);
    rig_expect(set, "gpu/0000:03:00.0/package", JB_SCOPE_GPU, JB_ROLE_POST, "");
    is_i64(rig_channel(set, "gpu/0000:03:00.0/package")->board, 1, "then the chip is the board");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);

    rig_set_up(&rig, "flex-i915");
    set = rig_probe(&rig);
    rig_expect(set, "gpu/0000:4d:00.0", JB_SCOPE_GPU, JB_ROLE_POST, "");
    rig_expect(set, "gpu/0000:b4:00.0", JB_SCOPE_GPU, JB_ROLE_POST, "");
    is_i64(rig_read(set, "gpu/0000:b4:00.0", &rc), 122070, "uJ");
    ok(rig_channel(set, "gpu/0000:4d:00.0")->board == 2 &&
           rig_channel(set, "gpu/0000:b4:00.0")->board == 3,
       "the processor's graphics are Intel's first");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

static void node_meter(void)
{
    struct rig rig;
    jb_rc rc;

    rig_set_up(&rig, "server-node-meter");
    struct jb_sensor_set *const set = rig_probe(&rig);
    rig_expect(set, "node/acpi-ACPI000D:00", JB_SCOPE_NODE, JB_ROLE_PARENT, "");
    rig_expect(set, "rapl/package-0", JB_SCOPE_PACKAGE, JB_ROLE_POST, "node/acpi-ACPI000D:00");
    rig_expect(set, "rapl/package-0/dram", JB_SCOPE_DRAM, JB_ROLE_POST, "node/acpi-ACPI000D:00");
    is_i64(rig_read(set, "node/acpi-ACPI000D:00", &rc), 310000000,
           "an old driver's files are found on its device");
    is_i64(rig_channel(set, "node/acpi-ACPI000D:00")->window_ns, JB_NS_PER_S,
           "its averaging window is known");
    rig_expect(set, "hwmon/pmbus_psu-0-0058/power1", JB_SCOPE_OTHER, JB_ROLE_CHECK, "");
    rig_expect(set, "hwmon/pmbus_psu-0-0058/power2", JB_SCOPE_OTHER, JB_ROLE_CHECK, "");
    ok(strstr(rig_channel(set, "hwmon/pmbus_psu-0-0058/power1")->label, "pin") &&
           strstr(rig_channel(set, "hwmon/pmbus_psu-0-0058/power1")->label, "unknown"),
       "an unknown chip says its own name for it, and that its overlap is unknown");
    is_i64(rig_channel(set, "node/acpi-ACPI000D:00")->accuracy_ppm, 50000,
           "what the firmware does not say is 5 %%");
    jb_sensor_set_free(set);
    static const struct {
        const char *text;
        int64_t ppm;
    } accuracies[] = {{"96.0%\n", 40000}, {"2.5%\n", 25000},  {"100.0%\n", 50000},
                      {"0.0%\n", 50000},  {"99.9%\n", 10000}, {"good\n", 50000},
                      {"-3.0%\n", 50000}, {"%\n", 50000},     {"250.0%\n", 50000}};
    for (size_t i = 0; i < sizeof accuracies / sizeof accuracies[0]; i++) {
        rig_put(&rig, "/sys/devices/LNXSYSTM:00/LNXSYBUS:00/ACPI000D:00/power1_accuracy",
                accuracies[i].text);
        struct jb_sensor_set *const again = rig_probe(&rig);
        is_i64(rig_channel(again, "node/acpi-ACPI000D:00")->accuracy_ppm, accuracies[i].ppm,
               "its accuracy by '%.*s'", (int)strcspn(accuracies[i].text, "\n"),
               accuracies[i].text);
        jb_sensor_set_free(again);
    }
    rig_tear_down(&rig);
}

static void refusals(void)
{
    struct rig rig;

    rig_set_up(&rig, "amdgpu");
    rig.denied = "power1_average";
    struct jb_sensor_set *set = rig_probe(&rig);
    ok(rig_refusal(set, "gpu/0000:03:00.0") &&
           strstr(rig_refusal(set, "gpu/0000:03:00.0")->reason, "root alone"),
       "a board that may not be read is there, with the reason");
    jb_sensor_set_free(set);
    rig.denied = NULL;
    rig.faults[0] = (struct rig_fault){.part = "power1_average", .error = EPERM, .n_left = 1};
    rig.faults[1] =
        (struct rig_fault){.part = "hwmon2/power1_average", .error = EBUSY, .n_left = -1};
    set = rig_probe(&rig);
    ok(rig_refusal(set, "gpu/0000:03:00.0") &&
           strstr(rig_refusal(set, "gpu/0000:03:00.0")->reason, "gives no number"),
       "a board that sleeps gives no number");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

static void unknown_chips(void)
{
    struct rig rig;
    jb_rc rc;
    char path[128];

    rig_init(&rig);
    for (int i = 1; i <= 12; i++) {
        (void)snprintf(path, sizeof path, "/sys/class/hwmon/hwmon0/energy%d_input", i);
        rig_put(&rig, path, "5\n");
    }
    rig_put(&rig, "/sys/class/hwmon/hwmon0/name", "amd_energy\n");
    rig_put(&rig, "/sys/class/hwmon/hwmon0/energy3_label", "Esocket 0\x01\n");
    rig_put(&rig, "/sys/class/hwmon/hwmon0/power1_input", "5\n");
    rig_put(&rig, "/sys/class/hwmon/hwmon1/name", "amd_energy\n");
    rig_put(&rig, "/sys/class/hwmon/hwmon1/energy1_input", "6\n");
    rig_put(&rig, "/sys/class/hwmon/hwmon3/name", "psu\n");
    rig_put(&rig, "/sys/class/hwmon/hwmon3/power1_average", "8\n");
    rig_put(&rig, "/sys/class/hwmon/hwmon3/power1_input", "9\n");
    rig_put(&rig, "/sys/class/hwmon/hwmon3/power2_input", "10\n");
    rig_put(&rig, "/sys/class/hwmon/hwmon2/name", "amdgpu\n");
    rig_put(&rig, "/sys/class/hwmon/hwmon2/power1_average", "7\n");
    struct jb_sensor_set *const set = rig_probe(&rig);
    ok(rig_find(set, "hwmon/amd_energy/energy8") >= 0 &&
           rig_find(set, "hwmon/amd_energy/energy9") < 0 && rig_refusal(set, "amd_energy"),
       "of a chip with many unknown meters eight are shown, and the rest is mentioned");
    ok(rig_find(set, "hwmon/amd_energy/power1") < 0, "a counter is taken before a gauge");
    is_str(rig_channel(set, "hwmon/amd_energy/energy3")->label,
           "amd_energy Esocket 0?: what it overlaps is unknown", "a label is one printable line");
    ok(rig_refusal(set, "hwmon/amd_energy/energy1"),
       "a second one of the same name without a device is refused");
    rig_expect(set, "hwmon/amdgpu/power1", JB_SCOPE_OTHER, JB_ROLE_CHECK, "");
    ok(rig_read(set, "hwmon/psu/power1", &rc) == 8 &&
           rig_read(set, "hwmon/psu/power2", &rc) == 10 && !rig_refusal(set, "psu"),
       "of each meter one gauge, the average if there is one (R-SENSOR-30)");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

int main(void)
{
    amdgpu();
    intel_gpus();
    intel_cards();
    node_meter();
    refusals();
    unknown_chips();
    return done_testing();
}
