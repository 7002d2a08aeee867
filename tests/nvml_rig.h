/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A machine with NVIDIA boards for tests: an empty root, the stand-in of tests/doubles/nvml loaded by its path (the
 * driver's search by name then finds it, whatever is installed here), a script, and a clock that both sides go by.
 */
#ifndef JB_TESTS_NVML_RIG_H
#define JB_TESTS_NVML_RIG_H

#include "sensor_rig.h"

#include <dlfcn.h>
#include <inttypes.h>

#include "sensor/sensor_int.h"

#define NVML_RIG_UTC_US INT64_C(1700000000000000)

struct nvml_rig {
    struct rig rig;
    void *library;
    char folder[64]; /* script and clock */
    int64_t now_ns;
};

TAP__UNUSED static void nvml_rig_file(const struct nvml_rig *nr, const char *name, const char *text)
{
    char path[128];

    (void)snprintf(path, sizeof path, "%s/%s", nr->folder, name);
    FILE *const file = fopen(path, "w");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        bail_out("cannot write '%s'", path);
}

/* Both clocks: the stand-in's begins at 0, the program's at a second. */
TAP__UNUSED static void nvml_rig_at(struct nvml_rig *nr, int64_t ms)
{
    char text[32];

    nr->now_ns = ms * JB_NS_PER_MS;
    nr->rig.manual.mono_ns = JB_NS_PER_S + nr->now_ns;
    nr->rig.manual.utc_us = NVML_RIG_UTC_US + ms * 1000;
    (void)snprintf(text, sizeof text, "%" PRId64 "\n", nr->now_ns);
    nvml_rig_file(nr, "clock", text);
}

/* `age` is "" for the newest stand-in, "r470", "r418", "bare", or NULL for none. */
TAP__UNUSED static void nvml_rig_set_up(struct nvml_rig *nr, const char *age, const char *script)
{
    const char *const build = getenv("JB_BUILD");
    char path[512];
    char text[4096];

    *nr = (struct nvml_rig){.folder = "/tmp/joulebook-nvml-XXXXXX"};
    rig_init(&nr->rig);
    if (!build || !mkdtemp(nr->folder))
        bail_out("run this through tools/tap_run");
    if (age) {
        (void)snprintf(path, sizeof path, "%s/tests/doubles/nvml/%s%slibnvidia-ml.so.1", build, age,
                       age[0] != '\0' ? "/" : "");
        nr->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
        if (!nr->library)
            bail_out("no stand-in: %s", dlerror());
    }
    (void)snprintf(text, sizeof text, "clock file %s/clock\n%s", nr->folder, script);
    nvml_rig_file(nr, "script", text);
    (void)snprintf(path, sizeof path, "%s/script", nr->folder);
    (void)setenv("JB_NVML_SCRIPT", path, 1);
    (void)unsetenv("LD_LIBRARY_PATH");
    nvml_rig_at(nr, 0);
}

TAP__UNUSED static void nvml_rig_tear_down(struct nvml_rig *nr)
{
    if (nr->library)
        (void)dlclose(nr->library);
    if (nftw(nr->folder, rig_remove, 16, FTW_DEPTH | FTW_PHYS) != 0)
        bail_out("cannot remove '%s'", nr->folder);
    rig_tear_down(&nr->rig);
}

/* What this one driver finds, in this process: the set is that of a machine without anything, then the driver is asked. */
TAP__UNUSED static struct jb_sensor_set *nvml_rig_probe(struct nvml_rig *nr)
{
    struct jb_error err = {0};
    struct jb_sensor_set *const set = rig_probe(&nr->rig);

    rig_put(&nr->rig, "/proc/driver/nvidia/version", "NVRM version: stand-in\n");
    if (jb_sensor_nvml.probe(&nr->rig.env, set, &err) < 0)
        bail_out("probing failed: %s", err.message);
    rig_unlink(&nr->rig, "/proc/driver/nvidia/version");
    return set;
}

#endif
