/* SPDX-License-Identifier: Apache-2.0 */
/* NVIDIA's library: where it is looked for, what it is asked by which name, and what its codes mean (R-SENSOR-60 to -62). */
#include "nvml_rig.h"

#include "sensor/nvml.h"

static void where(void)
{
    struct nvml_rig nr;
    char path[512];

    nvml_rig_set_up(&nr, NULL, "");
    struct jb_sensor_env *const env = &nr.rig.env;
    ok(!nvml__is_there(env), "a machine without a board is asked for nothing");
    rig_put(&nr.rig, "/proc/driver/nvidia/version", "x\n");
    ok(nvml__is_there(env), "the kernel's side of the driver");
    rig_unlink(&nr.rig, "/proc/driver/nvidia/version");
    rig_put(&nr.rig, "/dev/nvidiactl", "");
    ok(nvml__is_there(env), "its device, as containers show it");
    rig_unlink(&nr.rig, "/dev/nvidiactl");
    rig_put(&nr.rig, "/dev/dxg", "");
    ok(!nvml__is_there(env), "a guest of Windows without NVIDIA's library has none");
    rig_put(&nr.rig, "/usr/lib/wsl/lib/libnvidia-ml.so.1", "");
    ok(nvml__is_there(env), "with it, it has");
    rig_unlink(&nr.rig, "/dev/dxg");
    rig_put(&nr.rig, "/sys/bus/pci/devices/0000:65:00.0/vendor", "0x10de\n");
    rig_put(&nr.rig, "/sys/bus/pci/devices/0000:65:00.0/class", "0x040300\n");
    rig_put(&nr.rig, "/sys/bus/pci/devices/0000:00:02.0/vendor", "0x8086\n");
    rig_put(&nr.rig, "/sys/bus/pci/devices/0000:00:02.0/class", "0x030000\n");
    ok(!nvml__is_there(env), "its sound device and another maker's display are none");
    rig_put(&nr.rig, "/sys/bus/pci/devices/0000:65:00.0/class", "0x030200\n");
    ok(nvml__is_there(env), "a board on the bus is one");
    rig_unlink(&nr.rig, "/sys/bus/pci/devices/0000:65:00.0");

    (void)snprintf(path, sizeof path, "/nonexistent::%s", nr.folder);
    (void)setenv("LD_LIBRARY_PATH", path, 1);
    ok(!nvml__is_there(env), "folders of the user's without the library are none");
    nvml_rig_file(&nr, "libnvidia-ml.so.1", "");
    ok(nvml__is_there(env), "one with it is");
    env->is_privileged = true;
    ok(!nvml__is_there(env), "but not for an executable with a capability");
    (void)unsetenv("LD_LIBRARY_PATH");
    nvml_rig_tear_down(&nr);
}

static void missing(void)
{
    struct nvml_rig nr;
    struct nvml *nvml = NULL;
    struct nvml_trouble trouble = {0};
    void *const installed = dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);

    if (installed) {
        (void)dlclose(installed);
        skip("NVIDIA's library is installed here");
        return;
    }
    nvml_rig_set_up(&nr, NULL, "");
    is_i64(nvml__start(&nr.rig.env, &nvml, &trouble), JB_E_UNAVAILABLE,
           "without library or driver nothing starts");
    ok(strstr(trouble.reason, "kernel driver is not loaded") && strstr(trouble.step, "modprobe"),
       "a board on the bus alone: the driver is not loaded");
    rig_put(&nr.rig, "/proc/driver/nvidia/version", "x\n");
    is_i64(nvml__start(&nr.rig.env, &nvml, &trouble), JB_E_UNAVAILABLE, "the driver alone neither");
    ok(strstr(trouble.reason, "driver is loaded, but its library") &&
           strstr(trouble.reason, "libnvidia-ml.so.1") && strstr(trouble.step, "libnvidia-ml1"),
       "then the library is what is missing, by name, and the package is named");
    ok(!nvml, "nothing was handed over");
    nvml_rig_tear_down(&nr);
}

static void starting(void)
{
    static const struct {
        int code;
        const char *reason;
        const char *step;
    } cases[] = {{9, "kernel driver is not loaded", "modprobe nvidia"},
                 {18, "different versions", "restart the machine"},
                 {4, "may not ask", "--gres=gpu:1"},
                 {999, "error 999", "nvidia-smi"},
                 {77, "error 77", "dmesg"}};
    struct nvml_rig nr;
    char script[64];

    for (size_t i = 0; i < JB_ARRAY_LEN(cases); i++) {
        struct nvml *nvml = NULL;
        struct nvml_trouble trouble = {0};
        (void)snprintf(script, sizeof script, "fail nvmlInit_v2 %d\n", cases[i].code);
        nvml_rig_set_up(&nr, "", script);
        is_i64(nvml__start(&nr.rig.env, &nvml, &trouble), JB_E_UNAVAILABLE, "code %d at the start",
               cases[i].code);
        ok(strstr(trouble.reason, cases[i].reason) && strstr(trouble.step, cases[i].step),
           "is told with its step: %s", trouble.reason);
        nvml_rig_tear_down(&nr);
    }
}

static void symbols(void)
{
    struct nvml_rig nr;
    struct nvml *nvml = NULL;
    struct nvml_trouble trouble;
    struct nvml_process list[2];
    nvml_device device = NULL;
    uint32_t n = 0;

    nvml_rig_set_up(&nr, "bare", "board GPU-a\n");
    is_i64(nvml__start(&nr.rig.env, &nvml, &trouble), JB_OK, "a library with hardly a call starts");
    is_i64(NVML_CALL(nvml, device_count, &n), NVML_OK, "a call that it has is made");
    is_i64(n, 1, "and answers");
    is_i64(NVML_CALL(nvml, total_energy, device, NULL), NVML_FUNCTION_NOT_FOUND,
           "one that it lacks is an ability that is missing, not a crash");
    nvml__ref(nvml);
    nvml__put(nvml);
    is_i64(NVML_CALL(nvml, device_count, &n), NVML_OK, "one user less leaves it to the other");
    nvml__put(nvml);
    nvml_rig_tear_down(&nr);

    nvml_rig_set_up(&nr, "r470", "board GPU-a\nprocess 5 10 1\nprocess 6 10 2\n");
    is_i64(nvml__start(&nr.rig.env, &nvml, &trouble), JB_OK, "a library of the middle");
    is_i64(NVML_CALL(nvml, device_by_index, 0, &device), NVML_OK, "has a board");
    n = 2;
    is_i64(NVML_CALL(nvml, compute_processes, device, &n, list), NVML_OK,
           "lists by _v2 where there is no _v3");
    ok(n == 2 && list[0].pid == 5 && list[1].pid == 6 && list[1].memory_bytes == 2 << 20,
       "with entries of 24 bytes");
    nvml__put(nvml);
    nvml_rig_tear_down(&nr);

    nvml_rig_set_up(&nr, "r418", "board GPU-a\n");
    is_i64(nvml__start(&nr.rig.env, &nvml, &trouble), JB_OK, "an old library");
    ok(!nvml->calls.compute_processes,
       "its call without a number writes 16 bytes an entry, and is not taken for the other");
    nvml__put(nvml);
    nvml_rig_tear_down(&nr);
}

/* By the maker's numbers, written out here once more. */
static void codes(void)
{
    static const struct {
        int code;
        jb_rc rc;
    } cases[] = {
        {0, JB_OK},           {1, JB_E_GONE},   {2, JB_E_IO},           {3, JB_E_UNAVAILABLE},
        {4, JB_E_PERMISSION}, {6, JB_E_GONE},   {7, JB_E_AGAIN},        {9, JB_E_GONE},
        {10, JB_E_AGAIN},     {11, JB_E_IO},    {12, JB_E_UNAVAILABLE}, {13, JB_E_UNAVAILABLE},
        {14, JB_E_IO},        {15, JB_E_GONE},  {16, JB_E_GONE},        {17, JB_E_PERMISSION},
        {18, JB_E_GONE},      {19, JB_E_AGAIN}, {20, JB_E_AGAIN},       {21, JB_E_AGAIN},
        {23, JB_E_AGAIN},     {25, JB_E_IO},    {27, JB_E_AGAIN},       {28, JB_E_GONE},
        {29, JB_E_AGAIN},     {999, JB_E_IO},   {12345, JB_E_IO},       {-1, JB_E_IO}};

    for (size_t i = 0; i < JB_ARRAY_LEN(cases); i++) {
        struct nvml_trouble trouble = {0};
        is_i64(nvml__rc(cases[i].code), cases[i].rc, "code %d", cases[i].code);
        nvml__explain(cases[i].code, &trouble);
        ok(trouble.reason[0] != '\0' && trouble.step[0] != '\0', "has words: %s", trouble.reason);
    }
}

int main(void)
{
    where();
    missing();
    starting();
    symbols();
    codes();
    return done_testing();
}
