/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A library on the machine to a table of calls. Looks for libnvidia-ml.so.1 only where the driver shows, takes each call
 * by the name that carries its version, and makes of every return code one of ours and a sentence with the next step.
 * A missing symbol is a missing ability, never an error. Rules R-SENSOR-60 to R-SENSOR-62.
 */
#include "sensor/nvml.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/os.h"
#include "sensor/sensor_int.h"

#define LIBRARY     "libnvidia-ml.so.1"
#define WSL_LIBRARY "/usr/lib/wsl/lib/" LIBRARY
#define PCI_FOLDER  "/sys/bus/pci/devices"

/* Two rows for one call: the first that the library has is taken; both take the same struct. */
static const struct symbol {
    const char *name;
    size_t offset;
} symbols[] = {
    {"nvmlInit_v2", offsetof(struct nvml_calls, init)},
    {"nvmlShutdown", offsetof(struct nvml_calls, shutdown)},
    {"nvmlDeviceGetCount_v2", offsetof(struct nvml_calls, device_count)},
    {"nvmlDeviceGetHandleByIndex_v2", offsetof(struct nvml_calls, device_by_index)},
    {"nvmlDeviceGetUUID", offsetof(struct nvml_calls, uuid)},
    {"nvmlDeviceGetName", offsetof(struct nvml_calls, name)},
    {"nvmlDeviceGetPciInfo_v3", offsetof(struct nvml_calls, pci)},
    {"nvmlDeviceGetArchitecture", offsetof(struct nvml_calls, architecture)},
    {"nvmlDeviceGetCudaComputeCapability", offsetof(struct nvml_calls, compute_capability)},
    {"nvmlDeviceGetTotalEnergyConsumption", offsetof(struct nvml_calls, total_energy)},
    {"nvmlDeviceGetPowerUsage", offsetof(struct nvml_calls, power_usage)},
    {"nvmlDeviceGetFieldValues", offsetof(struct nvml_calls, field_values)},
    {"nvmlDeviceGetPowerManagementLimitConstraints",
     offsetof(struct nvml_calls, limit_constraints)},
    {"nvmlDeviceGetEnforcedPowerLimit", offsetof(struct nvml_calls, enforced_limit)},
    {"nvmlDeviceGetMemoryInfo", offsetof(struct nvml_calls, memory)},
    {"nvmlDeviceGetUtilizationRates", offsetof(struct nvml_calls, utilization)},
    {"nvmlDeviceGetComputeRunningProcesses_v3", offsetof(struct nvml_calls, compute_processes)},
    {"nvmlDeviceGetComputeRunningProcesses_v2", offsetof(struct nvml_calls, compute_processes)},
    {"nvmlDeviceGetGraphicsRunningProcesses_v3", offsetof(struct nvml_calls, graphics_processes)},
    {"nvmlDeviceGetGraphicsRunningProcesses_v2", offsetof(struct nvml_calls, graphics_processes)},
    {"nvmlDeviceGetProcessUtilization", offsetof(struct nvml_calls, process_utilization)},
    {"nvmlDeviceGetMigMode", offsetof(struct nvml_calls, mig_mode)},
    {"nvmlDeviceGetMaxMigDeviceCount", offsetof(struct nvml_calls, mig_max)},
    {"nvmlDeviceGetMigDeviceHandleByIndex", offsetof(struct nvml_calls, mig_by_index)},
    {"nvmlDeviceGetAttributes_v2", offsetof(struct nvml_calls, attributes)},
    {"nvmlDeviceGetGpuInstanceId", offsetof(struct nvml_calls, gpu_instance)},
    {"nvmlGpmSampleAlloc", offsetof(struct nvml_calls, gpm_alloc)},
    {"nvmlGpmSampleFree", offsetof(struct nvml_calls, gpm_free)},
    {"nvmlGpmMigSampleGet", offsetof(struct nvml_calls, gpm_instance_sample)},
    {"nvmlGpmMetricsGet", offsetof(struct nvml_calls, gpm_metrics)},
};

/* -- codes ----------------------------------------------------------------------------------------------------------- */

#define STEP_NONE "nothing to do: the boards that answer are read"

/* R-SENSOR-62. What ends an epoch is JB_E_GONE: the counter behind it may begin anew. */
static const struct meaning {
    int code;
    jb_rc rc;
    const char *reason;
    const char *step;
} meanings[] = {
    {NVML_OK, JB_OK, "it answers", STEP_NONE},
    {NVML_UNINITIALIZED, JB_E_GONE, "the driver's library was shut down", "try once more"},
    {NVML_NOT_SUPPORTED, JB_E_UNAVAILABLE, "the board gives neither energy nor power",
     "nothing to do: a meter of the node or the wall can still see it"},
    {NVML_NO_PERMISSION, JB_E_PERMISSION, "this user may not ask the NVIDIA driver",
     "ask for a GPU where jobs are given one (Slurm: --gres=gpu:1); else an administrator adds you "
     "to the group that owns /dev/nvidiactl (`ls -l /dev/nvidia*` names it)"},
    {NVML_NOT_FOUND, JB_E_GONE, "the driver no longer lists it", "try once more"},
    {NVML_INSUFFICIENT_SIZE, JB_E_AGAIN, "the driver has more to tell than there is room for",
     "try once more"},
    {NVML_DRIVER_NOT_LOADED, JB_E_GONE, "NVIDIA's kernel driver is not loaded",
     "an administrator loads it with `modprobe nvidia`; if that fails, `dmesg` and `dkms status` "
     "say why"},
    {NVML_TIMEOUT, JB_E_AGAIN, "the driver did not answer in time", "try once more"},
    {NVML_LIBRARY_NOT_FOUND, JB_E_UNAVAILABLE, "a part of NVIDIA's driver is not installed",
     "an administrator installs the driver's libraries in the version of its kernel module"},
    {NVML_FUNCTION_NOT_FOUND, JB_E_UNAVAILABLE, "this version of the NVIDIA driver cannot tell it",
     "an administrator installs a newer driver; Volta boards and later have an energy counter"},
    {NVML_GPU_IS_LOST, JB_E_GONE, "the driver has lost the board: it fell off the bus",
     "an administrator resets it with `nvidia-smi --gpu-reset` or restarts the machine; the other "
     "boards are read"},
    {NVML_RESET_REQUIRED, JB_E_GONE, "the board must be reset before it answers again",
     "an administrator resets it with `nvidia-smi --gpu-reset`; the other boards are read"},
    {NVML_OPERATING_SYSTEM, JB_E_PERMISSION, "the system or the job's cgroup keeps the board back",
     "ask for this board where jobs are given one, or run outside the container"},
    {NVML_LIB_RM_VERSION_MISMATCH, JB_E_GONE,
     "the driver was upgraded: its library and the kernel module that is loaded are of different "
     "versions",
     "restart the machine, or an administrator reloads the nvidia modules while nothing uses a "
     "GPU"},
    {NVML_IN_USE, JB_E_AGAIN, "the board is busy with an administrator's change", "try once more"},
    {NVML_MEMORY, JB_E_AGAIN, "the driver ran out of memory", "try once more"},
    {NVML_NO_DATA, JB_E_AGAIN, "the driver has no value yet", "try once more"},
    {NVML_INSUFFICIENT_RESOURCES, JB_E_AGAIN, "the driver ran out of resources", "try once more"},
    {NVML_NOT_READY, JB_E_AGAIN, "the board is not ready yet", "try once more in a minute"},
    {NVML_GPU_NOT_FOUND, JB_E_GONE, "the driver no longer lists it", "try once more"},
    {NVML_INVALID_STATE, JB_E_AGAIN, "the board is in a state that has no value", "try once more"},
};

static const struct meaning *find_meaning(int code)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(meanings); i++)
        if (meanings[i].code == code)
            return &meanings[i];
    return NULL;
}

jb_rc nvml__rc(int code)
{
    const struct meaning *const meaning = find_meaning(code);

    return meaning ? meaning->rc : JB_E_IO;
}

void nvml__explain(int code, struct nvml_trouble *ret)
{
    const struct meaning *const meaning = find_meaning(code);

    if (meaning) {
        (void)snprintf(ret->reason, sizeof ret->reason, "%s", meaning->reason);
        (void)snprintf(ret->step, sizeof ret->step, "%s", meaning->step);
        return;
    }
    (void)snprintf(ret->reason, sizeof ret->reason, "NVIDIA's driver answers with its error %d",
                   code);
    (void)snprintf(ret->step, sizeof ret->step,
                   "see what `nvidia-smi` and `dmesg` say of it, then try once more");
}

/* -- where it may be ------------------------------------------------------------------------------------------------- */

static bool has_name(const struct jb_os *os, const char *path)
{
    char real[SENSOR_PATH_MAX];

    return os->real_path(os->context, path, real, sizeof real) > 0;
}

/* R-SENSOR-60: /dev/dxg is the door to the host's driver in a Linux guest of Windows. */
static bool has_driver(const struct jb_os *os)
{
    return has_name(os, "/proc/driver/nvidia/version") || has_name(os, "/dev/nvidiactl") ||
           (has_name(os, "/dev/dxg") && has_name(os, WSL_LIBRARY));
}

/* A display controller (class 03) of the maker (10de). */
static bool has_board(const struct jb_os *os)
{
    JB_AUTO(sensor__names_release) struct sensor_names devices = {0};
    char folder[SENSOR_PATH_MAX];
    char text[SENSOR_NAME_MAX];

    if (sensor__list(os, PCI_FOLDER, &devices) < 0)
        return false;
    for (size_t i = 0; i < devices.n; i++)
        if (sensor__path(folder, sizeof folder, PCI_FOLDER, devices.items[i]) &&
            sensor__text(os, folder, "class", text, sizeof text) > 0 &&
            strncmp(text, "0x03", 4) == 0 &&
            sensor__text(os, folder, "vendor", text, sizeof text) > 0 &&
            strcmp(text, "0x10de") == 0)
            return true;
    return false;
}

/* Whether the loader would find it in a folder that the user named. Never for an executable with a capability. */
static bool is_users_choice(const struct jb_sensor_env *env)
{
    const char *at = env->is_privileged ? NULL : secure_getenv("LD_LIBRARY_PATH");
    char path[SENSOR_PATH_MAX];

    while (at && *at != '\0') {
        const size_t len = strcspn(at, ":;");
        if (len > 0 && len < sizeof path - sizeof LIBRARY - 1) {
            (void)snprintf(path, sizeof path, "%.*s/" LIBRARY, (int)len, at);
            if (access(path, R_OK) == 0)
                return true;
        }
        at += len + (at[len] != '\0' ? 1 : 0);
    }
    return false;
}

bool nvml__is_there(const struct jb_sensor_env *env)
{
    return has_driver(env->os) || is_users_choice(env) || has_board(env->os);
}

/* -- loading --------------------------------------------------------------------------------------------------------- */

static void resolve(struct nvml *nvml)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(symbols); i++) {
        char *const place = (char *)&nvml->calls + symbols[i].offset;
        void *const symbol = dlsym(nvml->library, symbols[i].name);
        void *there;
        memcpy(&there, place, sizeof there);
        if (symbol && !there)
            memcpy(place, &symbol, sizeof symbol);
    }
}

/* R-SENSOR-60: the loader's own search, which leaves LD_LIBRARY_PATH out for an executable with a capability. */
static void *load(char *why, size_t size)
{
    void *const library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);

    if (library)
        return library;
    const char *const text = dlerror();
    (void)snprintf(why, size, "%s", text ? text : "the loader does not say why");
    return dlopen(WSL_LIBRARY, RTLD_NOW | RTLD_LOCAL);
}

static void explain_missing(const struct jb_sensor_env *env, const char *why,
                            struct nvml_trouble *ret)
{
    if (!has_driver(env->os)) {
        nvml__explain(NVML_DRIVER_NOT_LOADED, ret);
        return;
    }
    (void)snprintf(ret->reason, sizeof ret->reason,
                   "NVIDIA's kernel driver is loaded, but its library cannot be (%.140s)", why);
    (void)snprintf(ret->step, sizeof ret->step,
                   "an administrator installs the driver's library in the same version (Debian: "
                   "libnvidia-ml1, Ubuntu: libnvidia-compute-<version>); a container is started "
                   "with NVIDIA_DRIVER_CAPABILITIES=utility");
}

jb_rc nvml__start(const struct jb_sensor_env *env, struct nvml **ret,
                  struct nvml_trouble *ret_trouble)
{
    char why[160] = "";
    struct nvml *const nvml = calloc(1, sizeof *nvml);

    if (!nvml)
        return JB_E_NOMEM;
    nvml->n_users = 1;
    nvml->library = load(why, sizeof why);
    if (!nvml->library) {
        explain_missing(env, why, ret_trouble);
        free(nvml);
        return JB_E_UNAVAILABLE;
    }
    resolve(nvml);
    const int code = NVML_CALL(nvml, init);
    if (code == NVML_OK) {
        *ret = nvml;
        return JB_OK;
    }
    nvml__explain(code, ret_trouble);
    (void)dlclose(nvml->library);
    free(nvml);
    return JB_E_UNAVAILABLE;
}

void nvml__ref(struct nvml *nvml)
{
    nvml->n_users++;
}

void nvml__put(struct nvml *nvml)
{
    if (!nvml || --nvml->n_users > 0)
        return;
    (void)NVML_CALL(nvml, shutdown);
    (void)dlclose(nvml->library);
    free(nvml);
}
