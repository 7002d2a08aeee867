/* SPDX-License-Identifier: Apache-2.0 */
/* The calls of drivers that know MIG: instances, the lists of processes with a number in their names, counters of SMs. */
#include "nvml_double.h"

#if DOUBLE_AGE >= 450
API int nvmlDeviceGetArchitecture(void *device, uint32_t *ret);
API int nvmlDeviceGetComputeRunningProcesses_v2(void *device, uint32_t *n, void *ret);
API int nvmlDeviceGetGraphicsRunningProcesses_v2(void *device, uint32_t *n, void *ret);
API int nvmlDeviceGetMigMode(void *device, uint32_t *ret_current, uint32_t *ret_pending);
API int nvmlDeviceGetMaxMigDeviceCount(void *device, uint32_t *ret);
API int nvmlDeviceGetMigDeviceHandleByIndex(void *device, uint32_t index, void **ret);
API int nvmlDeviceIsMigDeviceHandle(void *device, uint32_t *ret);
API int nvmlDeviceGetDeviceHandleFromMigDeviceHandle(void *device, void **ret);
API int nvmlDeviceGetGpuInstanceId(void *device, uint32_t *ret);
API int nvmlDeviceGetComputeInstanceId(void *device, uint32_t *ret);
API int nvmlDeviceGetAttributes_v2(void *device, void *ret);

int nvmlDeviceGetArchitecture(void *device, uint32_t *ret)
{
    ENTER(device);
    *ret = board->arch;
    return OK;
}

static int list(struct board *board, const struct mig *mig, bool is_graphics, uint32_t *n,
                void *ret)
{
    const int64_t ns = now_ns();
    const uint32_t capacity = *n;
    uint32_t n_found = 0;

    for (size_t i = 0; i < board->n_processes; i++) {
        const struct process *const process = &board->processes[i];
        if (!is_in(process, ns, mig ? (int)(mig - board->migs) : -1) ||
            process->is_graphics != is_graphics)
            continue;
        if (ret && n_found < capacity) {
            char *const entry = (char *)ret + (size_t)n_found * 24;
            memset(entry, 0xff, 24);
            put32(entry, 0, process->pid);
            put64(entry, 8, process->bytes);
            if (process->mig >= 0) {
                put32(entry, 16, board->migs[process->mig].gi);
                put32(entry, 20, board->migs[process->mig].ci);
            }
        }
        n_found++;
    }
    *n = n_found;
    return n_found <= capacity ? OK : INSUFFICIENT_SIZE;
}

int nvmlDeviceGetComputeRunningProcesses_v2(void *device, uint32_t *n, void *ret)
{
    ENTER(device);
    return list(board, mig, false, n, ret);
}

int nvmlDeviceGetGraphicsRunningProcesses_v2(void *device, uint32_t *n, void *ret)
{
    ENTER(device);
    return list(board, mig, true, n, ret);
}

int nvmlDeviceGetMigMode(void *device, uint32_t *ret_current, uint32_t *ret_pending)
{
    ENTER_WHOLE(device);
    if (board->arch < ARCH_AMPERE)
        return NOT_SUPPORTED;
    *ret_current = board->is_mig;
    *ret_pending = board->is_mig;
    return OK;
}

int nvmlDeviceGetMaxMigDeviceCount(void *device, uint32_t *ret)
{
    ENTER_WHOLE(device);
    *ret = board->mig_max;
    return OK;
}

int nvmlDeviceGetMigDeviceHandleByIndex(void *device, uint32_t index, void **ret)
{
    ENTER_WHOLE(device);
    if (index >= board->n_migs)
        return NOT_FOUND;
    *ret = &board->migs[index];
    return OK;
}

int nvmlDeviceIsMigDeviceHandle(void *device, uint32_t *ret)
{
    ENTER(device);
    *ret = mig != NULL;
    return OK;
}

int nvmlDeviceGetDeviceHandleFromMigDeviceHandle(void *device, void **ret)
{
    ENTER(device);
    if (!mig)
        return INVALID_ARGUMENT;
    *ret = board;
    return OK;
}

int nvmlDeviceGetGpuInstanceId(void *device, uint32_t *ret)
{
    ENTER(device);
    if (!mig)
        return INVALID_ARGUMENT;
    *ret = mig->gi;
    return OK;
}

int nvmlDeviceGetComputeInstanceId(void *device, uint32_t *ret)
{
    ENTER(device);
    if (!mig)
        return INVALID_ARGUMENT;
    *ret = mig->ci;
    return OK;
}

int nvmlDeviceGetAttributes_v2(void *device, void *ret)
{
    ENTER(device);
    if (!mig)
        return INVALID_ARGUMENT;
    memset(ret, 0, 40);
    put32(ret, 0, 14 * mig->ci_slices);
    put32(ret, 24, mig->gi_slices);
    put32(ret, 28, mig->ci_slices);
    put64(ret, 32, mig->mb);
    return OK;
}
#endif

#if DOUBLE_AGE >= 510
API int nvmlDeviceGetComputeRunningProcesses_v3(void *device, uint32_t *n, void *ret);
API int nvmlDeviceGetGraphicsRunningProcesses_v3(void *device, uint32_t *n, void *ret);

int nvmlDeviceGetComputeRunningProcesses_v3(void *device, uint32_t *n, void *ret)
{
    ENTER(device);
    return list(board, mig, false, n, ret);
}

int nvmlDeviceGetGraphicsRunningProcesses_v3(void *device, uint32_t *n, void *ret)
{
    ENTER(device);
    return list(board, mig, true, n, ret);
}
#endif

#if DOUBLE_AGE >= 520
#define SAMPLES_MAX 64

/* What a sample of performance counters holds: per cent x ns that each instance's SMs were busy until then. */
static struct sample {
    bool is_taken;
    int64_t ns;
    int64_t busy;
} samples[SAMPLES_MAX];

API int nvmlGpmSampleAlloc(void **ret);
API int nvmlGpmSampleFree(void *sample);
API int nvmlGpmMigSampleGet(void *device, uint32_t gpu_instance, void *sample);
API int nvmlGpmMetricsGet(void *metrics);

int nvmlGpmSampleAlloc(void **ret)
{
    const int code = enter(__func__);

    if (code != OK)
        return code;
    for (size_t i = 0; i < SAMPLES_MAX; i++)
        if (!samples[i].is_taken) {
            samples[i] = (struct sample){.is_taken = true};
            *ret = &samples[i];
            return OK;
        }
    return 20; /* out of memory */
}

int nvmlGpmSampleFree(void *sample)
{
    const int code = enter(__func__);

    if (code == OK)
        ((struct sample *)sample)->is_taken = false;
    return code;
}

static int64_t busy_until(const struct process *process, int64_t ns)
{
    const int64_t end_ns = process->when.to_ns < ns ? process->when.to_ns : ns;

    return end_ns > process->when.from_ns ? (end_ns - process->when.from_ns) * (int64_t)process->sm
                                          : 0;
}

int nvmlGpmMigSampleGet(void *device, uint32_t gpu_instance, void *to)
{
    ENTER_WHOLE(device);
    struct sample *const sample = to;
    bool is_there = false;
    if (board->arch < 9)
        return NOT_SUPPORTED;
    sample->ns = now_ns();
    sample->busy = 0;
    for (size_t i = 0; i < board->n_processes; i++) {
        const struct process *const process = &board->processes[i];
        if (process->mig >= 0 && board->migs[process->mig].gi == gpu_instance)
            sample->busy += busy_until(process, sample->ns);
    }
    for (size_t k = 0; k < board->n_migs; k++)
        is_there = is_there || board->migs[k].gi == gpu_instance;
    return is_there ? OK : NOT_FOUND;
}

int nvmlGpmMetricsGet(void *metrics)
{
    const int code = enter(__func__);
    struct sample *earlier;
    struct sample *later;
    uint32_t words[2];

    if (code != OK)
        return code;
    memcpy(words, metrics, sizeof words);
    memcpy(&earlier, (char *)metrics + 8, sizeof earlier);
    memcpy(&later, (char *)metrics + 16, sizeof later);
    if (words[0] != 1)
        return 25; /* another version of the struct */
    if (!earlier || !later || later->ns - earlier->ns < 100000000)
        return INVALID_ARGUMENT;
    for (uint32_t i = 0; i < words[1]; i++) {
        char *const entry = (char *)metrics + 24 + (size_t)i * 40;
        uint32_t id;
        memcpy(&id, entry, sizeof id);
        const double value =
            (double)(later->busy - earlier->busy) / (double)(later->ns - earlier->ns);
        put32(entry, 4, id == 2 ? OK : NOT_SUPPORTED);
        memcpy(entry + 8, &value, sizeof value);
    }
    return OK;
}
#endif
