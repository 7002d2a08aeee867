/* SPDX-License-Identifier: Apache-2.0 */
/* What /proc and /sys say of the machine. */
#include "sensor_rig.h"

static struct jb_sensor_machine read_machine(const char *tree, const char *path, const char *text)
{
    struct rig rig;
    struct jb_sensor_machine machine;

    rig_set_up(&rig, tree);
    if (path)
        rig_put(&rig, path, text);
    jb_sensor_machine_read(&rig.os, &machine);
    rig_tear_down(&rig);
    return machine;
}

int main(void)
{
    struct jb_sensor_machine machine = read_machine("intel-2s-server", NULL, NULL);
    is_str(machine.cpu_model, "Intel(R) Xeon(R) Gold 6326 CPU @ 2.90GHz", "the processor's name");
    is_i64(machine.n_threads, 4, "0-3 are four threads");
    is_i64(machine.n_packages, 2, "in two packages");
    is_i64(machine.memory_bytes, INT64_C(68719476736), "67108864 kB of 1024 bytes are 64 GiB");
    ok(!machine.is_virtual && !machine.is_container, "on bare metal");

    machine = read_machine("empty-vm", NULL, NULL);
    ok(machine.is_virtual && !machine.is_container, "the hypervisor flag is seen");
    machine = read_machine("empty-vm", "/proc/cpuinfo",
                           "vendor_id : GenuineIntel\nmodel name : x\nflags : fpu nohypervisor\n");
    ok(!machine.is_virtual, "as a word, not as a part of one");
    machine = read_machine("masked-container", NULL, NULL);
    ok(machine.is_container, "/.dockerenv is seen");
    machine = read_machine("empty-vm", "/proc/1/cgroup", "0::/kubepods/burstable/pod1/abc\n");
    ok(machine.is_container, "so is a pod's control group");
    machine = read_machine("empty-vm", "/proc/1/cgroup", "0::/init.scope\n");
    ok(!machine.is_container, "init's own is none");

    machine = read_machine("grace-hopper", NULL, NULL);
    is_str(machine.cpu_model, "implementer 0x41 part 0xd4f",
           "Arm says numbers, and no name is invented");
    machine = read_machine("empty-vm", "/proc/meminfo", "MemFree: 12 kB\n");
    is_i64(machine.memory_bytes, 0, "what is not said stays absent");
    machine = read_machine("empty-vm", "/proc/meminfo", "MemTotal: 9223372036854775807 kB\n");
    is_i64(machine.memory_bytes, 0, "a size beyond 2^63 bytes is none");
    machine = read_machine("empty-vm", "/proc/cpuinfo", "");
    is_str(machine.cpu_model, "", "an empty cpuinfo names nothing");

    /* Many processors: the file is longer than what is read of it. */
    char *const long_text = malloc(40000);
    if (!long_text)
        bail_out("no memory");
    size_t len = 0;
    while (len < 39000)
        len += (size_t)snprintf(long_text + len, 40000 - len,
                                "processor : 1\nvendor_id : GenuineIntel\nmodel name : Long\n\n");
    machine = read_machine("empty-vm", "/proc/cpuinfo", long_text);
    free(long_text);
    is_str(machine.cpu_model, "Long", "the first processor of many is enough");
    return done_testing();
}
