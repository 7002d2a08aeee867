/* SPDX-License-Identifier: Apache-2.0 */
/* NVIDIA Grace's ACPI meters over a recorded tree. */
#include "sensor_rig.h"

static void grace_hopper(void)
{
    struct rig rig;
    jb_rc rc;

    rig_set_up(&rig, "grace-hopper");
    struct jb_sensor_set *const set = rig_probe(&rig);
    rig_expect(set, "grace/socket-0/module", JB_SCOPE_MODULE, JB_ROLE_PARENT, "");
    rig_expect(set, "grace/socket-0/grace", JB_SCOPE_MODULE, JB_ROLE_PARENT,
               "grace/socket-0/module");
    rig_expect(set, "grace/socket-0/cpu", JB_SCOPE_PACKAGE, JB_ROLE_POST, "grace/socket-0/grace");
    rig_expect(set, "grace/socket-0/sysio", JB_SCOPE_RAIL, JB_ROLE_POST, "grace/socket-0/grace");
    is_i64(rig_read(set, "grace/socket-0/module", &rc), 600000000, "600 W of the module");
    is_i64(rig_read(set, "grace/socket-0/cpu", &rc), 120000000, "120 W of the CPU");
    is_i64(rig_channel(set, "grace/socket-0/module")->window_ns, 100 * JB_NS_PER_MS,
           "the module is averaged over 100 ms");
    is_i64(rig_channel(set, "grace/socket-0/cpu")->window_ns, 50 * JB_NS_PER_MS,
           "the CPU over 50 ms");
    ok(rig_channel(set, "grace/socket-0/cpu")->semantics == JB_SEMANTICS_GAUGE_AVERAGE,
       "power only: no counter");
    is_i64((int64_t)jb_sensor_n_channels(set), 4, "nothing is modelled on top");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

static void other_texts(void)
{
    struct rig rig;

    rig_set_up(&rig, "grace-hopper");
    rig_put(&rig, "/sys/devices/LNXSYSTM:00/LNXSYBUS:00/ACPI000D:03/power1_oem_info",
            "CPU Power Socket 1 \n");
    rig_put(&rig, "/sys/devices/LNXSYSTM:00/LNXSYBUS:00/ACPI000D:04/power1_oem_info",
            "SysIO Power Socket x\n");
    rig_put(&rig, "/sys/devices/LNXSYSTM:00/LNXSYBUS:00/ACPI000D:02/power1_oem_info",
            "Module Power Socket 0\n");
    struct jb_sensor_set *const set = rig_probe(&rig);
    ok(rig_find(set, "grace/socket-1/cpu") >= 0, "blanks after the socket's number do no harm");
    ok(rig_find(set, "grace/socket-0/sysio") < 0, "a text that is not understood names no part");
    ok(rig_refusal(set, "grace/socket-0/module"), "a part named twice is read once");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

int main(void)
{
    grace_hopper();
    other_texts();
    return done_testing();
}
