/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stand-in for libnvidia-ml.so.1 with the true binary interface: boards whose energy is known exactly, failures, lost
 * boards, MIG, processes. It uses nothing of the project but the courses of power that the other stand-ins use, and
 * writes every struct byte by byte, so that a wrong layout of ours cannot hide. JB_NVML_SCRIPT names its script; README.md
 * beside it says what may stand there.
 */
#include "nvml_double.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

/* -- every call passes here ------------------------------------------------------------------------------------------ */

static int fault_of(const char *call, int board)
{
    const int64_t ns = now_ns();

    for (size_t i = 0; i < all.n_faults; i++) {
        const struct fault *const fault = &all.faults[i];
        if ((strcmp(fault->call, call) != 0 && strcmp(fault->call, "all") != 0) ||
            (fault->board >= 0 && fault->board != board) || !is_within(fault->when, ns))
            continue;
        if (fault->delay_ns > 0) {
            const struct timespec delay = {.tv_sec = fault->delay_ns / NS_PER_S,
                                           .tv_nsec = fault->delay_ns % NS_PER_S};
            (void)nanosleep(&delay, NULL);
        } else {
            return fault->code;
        }
    }
    return OK;
}

int enter(const char *call)
{
    return all.n_inits > 0 ? fault_of(call, -1) : UNINITIALIZED;
}

/* The board that a handle stands for, a MIG instance's if that is what it is. */
int enter_board(const char *call, void *device, struct board **ret, struct mig **ret_mig)
{
    *ret = NULL;
    *ret_mig = NULL;
    if (all.n_inits == 0)
        return UNINITIALIZED;
    for (size_t i = 0; i < all.n_boards; i++) {
        struct board *const board = &all.boards[i];
        *ret = device == board ? board : *ret;
        for (size_t k = 0; k < board->n_migs; k++)
            if (device == &board->migs[k]) {
                *ret = board;
                *ret_mig = &board->migs[k];
            }
    }
    if (!*ret)
        return INVALID_ARGUMENT;
    if (is_within((*ret)->lost, now_ns()))
        return GPU_IS_LOST;
    return fault_of(call, (int)(*ret - all.boards));
}

static int put_text(char *buf, uint32_t size, const char *text)
{
    if (!buf)
        return INVALID_ARGUMENT;
    if (strlen(text) >= size)
        return INSUFFICIENT_SIZE;
    memcpy(buf, text, strlen(text) + 1);
    return OK;
}

/* -- system ---------------------------------------------------------------------------------------------------------- */

API int nvmlInit_v2(void);
API int nvmlInitWithFlags(uint32_t flags);
API int nvmlShutdown(void);
API const char *nvmlErrorString(int code);
API int nvmlSystemGetDriverVersion(char *buf, uint32_t size);
API int nvmlSystemGetNVMLVersion(char *buf, uint32_t size);
API int nvmlDeviceGetCount_v2(uint32_t *ret);
API int nvmlDeviceGetHandleByIndex_v2(uint32_t index, void **ret);
API int nvmlDeviceGetHandleByUUID(const char *uuid, void **ret);
API int nvmlDeviceGetHandleByPciBusId_v2(const char *bus_id, void **ret);

int nvmlInit_v2(void)
{
    if (all.n_inits == 0)
        read_script();
    const int code = fault_of("nvmlInit_v2", -1);
    if (code == OK)
        all.n_inits++;
    return code;
}

int nvmlInitWithFlags(uint32_t flags)
{
    (void)flags;
    return nvmlInit_v2();
}

int nvmlShutdown(void)
{
    if (all.n_inits == 0)
        return UNINITIALIZED;
    all.n_inits--;
    return OK;
}

const char *nvmlErrorString(int code)
{
    return code == OK ? "Success" : "an error of the stand-in";
}

int nvmlSystemGetDriverVersion(char *buf, uint32_t size)
{
    const int code = enter(__func__);

    return code == OK ? put_text(buf, size, all.driver) : code;
}

int nvmlSystemGetNVMLVersion(char *buf, uint32_t size)
{
    const int code = enter(__func__);

    return code == OK ? put_text(buf, size, "12.550.54.15") : code;
}

int nvmlDeviceGetCount_v2(uint32_t *ret)
{
    const int code = enter(__func__);

    if (code == OK)
        *ret = (uint32_t)all.n_boards;
    return code;
}

static int give_handle(const char *call, size_t index, void **ret)
{
    struct board *board;
    struct mig *mig;

    if (index >= all.n_boards)
        return INVALID_ARGUMENT;
    const int code = enter_board(call, &all.boards[index], &board, &mig);
    if (code == OK)
        *ret = board;
    return code;
}

int nvmlDeviceGetHandleByIndex_v2(uint32_t index, void **ret)
{
    const int code = enter(__func__);

    return code == OK ? give_handle(__func__, index, ret) : code;
}

int nvmlDeviceGetHandleByUUID(const char *uuid, void **ret)
{
    const int code = enter(__func__);

    if (code != OK)
        return code;
    for (size_t i = 0; i < all.n_boards; i++)
        if (strcmp(all.boards[i].uuid, uuid) == 0)
            return give_handle(__func__, i, ret);
    return NOT_FOUND;
}

int nvmlDeviceGetHandleByPciBusId_v2(const char *bus_id, void **ret)
{
    uint32_t domain;
    uint32_t bus;
    uint32_t device;
    const int code = enter(__func__);

    if (code != OK)
        return code;
    if (!is_pci(bus_id, &domain, &bus, &device))
        return INVALID_ARGUMENT;
    for (size_t i = 0; i < all.n_boards; i++)
        if (all.boards[i].domain == domain && all.boards[i].bus == bus &&
            all.boards[i].device == device)
            return give_handle(__func__, i, ret);
    return NOT_FOUND;
}

/* -- one board ------------------------------------------------------------------------------------------------------- */

API int nvmlDeviceGetUUID(void *device, char *buf, uint32_t size);
API int nvmlDeviceGetPowerUsage(void *device, uint32_t *ret_mw);

int nvmlDeviceGetUUID(void *device, char *buf, uint32_t size)
{
    ENTER(device);
    return put_text(buf, size, mig ? mig->uuid : board->uuid);
}

static int64_t reading(void)
{
    all.by_reads_ns += all.read_ns;
    return all.by_reads_ns;
}

/* Ampere but GA100, and everything later: the mean of a second. */
int nvmlDeviceGetPowerUsage(void *device, uint32_t *ret_mw)
{
    ENTER_WHOLE(device);
    if (!board->has_usage)
        return NOT_SUPPORTED;
    (void)reading();
    const bool is_ga100 = board->arch == ARCH_AMPERE && board->major == 8 && board->minor == 0;
    const bool is_averaged = board->arch >= ARCH_AMPERE && !is_ga100;
    *ret_mw = mean_mw(board, is_averaged ? NS_PER_S : board->window_ns);
    return OK;
}

#if DOUBLE_AGE >= 384
API int nvmlDeviceGetName(void *device, char *buf, uint32_t size);
API int nvmlDeviceGetIndex(void *device, uint32_t *ret);
API int nvmlDeviceGetMinorNumber(void *device, uint32_t *ret);
API int nvmlDeviceGetSerial(void *device, char *buf, uint32_t size);
API int nvmlDeviceGetPciInfo_v3(void *device, void *ret);
API int nvmlDeviceGetCudaComputeCapability(void *device, int *ret_major, int *ret_minor);
API int nvmlDeviceGetPersistenceMode(void *device, uint32_t *ret);
API int nvmlDeviceGetTotalEnergyConsumption(void *device, unsigned long long *ret_mj);
API int nvmlDeviceGetFieldValues(void *device, int n, void *values);
API int nvmlDeviceGetPowerManagementLimit(void *device, uint32_t *ret_mw);
API int nvmlDeviceGetPowerManagementLimitConstraints(void *device, uint32_t *ret_min,
                                                     uint32_t *ret_max);
API int nvmlDeviceGetEnforcedPowerLimit(void *device, uint32_t *ret_mw);
API int nvmlDeviceGetMemoryInfo(void *device, void *ret);
API int nvmlDeviceGetUtilizationRates(void *device, void *ret);
API int nvmlDeviceGetProcessUtilization(void *device, void *ret, uint32_t *n,
                                        unsigned long long last_seen_us);

int nvmlDeviceGetName(void *device, char *buf, uint32_t size)
{
    ENTER(device);
    return put_text(buf, size, board->name);
}

int nvmlDeviceGetIndex(void *device, uint32_t *ret)
{
    ENTER_WHOLE(device);
    *ret = (uint32_t)(board - all.boards);
    return OK;
}

int nvmlDeviceGetMinorNumber(void *device, uint32_t *ret)
{
    return nvmlDeviceGetIndex(device, ret);
}

int nvmlDeviceGetSerial(void *device, char *buf, uint32_t size)
{
    char text[16];

    ENTER_WHOLE(device);
    (void)snprintf(text, sizeof text, "13%08" PRIx32, board->bus);
    return put_text(buf, size, text);
}

int nvmlDeviceGetPciInfo_v3(void *device, void *ret)
{
    ENTER_WHOLE(device);
    memset(ret, 0, 68);
    (void)snprintf(ret, 16, "%04X:%02X:%02X.0", board->domain & 0xffff, board->bus & 0xff,
                   board->device & 0xff);
    put32(ret, 16, board->domain);
    put32(ret, 20, board->bus);
    put32(ret, 24, board->device);
    (void)snprintf((char *)ret + 36, 32, "%08X:%02X:%02X.0", board->domain, board->bus & 0xff,
                   board->device & 0xff);
    return OK;
}

int nvmlDeviceGetCudaComputeCapability(void *device, int *ret_major, int *ret_minor)
{
    ENTER(device);
    *ret_major = board->major;
    *ret_minor = board->minor;
    return OK;
}

int nvmlDeviceGetPersistenceMode(void *device, uint32_t *ret)
{
    ENTER_WHOLE(device);
    *ret = (uint32_t)board->persistence;
    return OK;
}

int nvmlDeviceGetTotalEnergyConsumption(void *device, unsigned long long *ret_mj)
{
    ENTER_WHOLE(device);
    if (!board->has_energy)
        return NOT_SUPPORTED;
    (void)reading();
    *ret_mj = counter_mj(board);
    return OK;
}

/* The value of one field; what it returns is the field's own code. */
static int field(struct board *board, uint32_t id, uint32_t scope, uint64_t *ret, int *ret_type)
{
    const bool is_whole = scope == 0 || board->is_scope_blind;

    *ret_type = 1;
    if (id >= 185 && DOUBLE_AGE < 530)
        return INVALID_ARGUMENT; /* it does not know these fields */
    switch (id) {
    case 83:
    case 191:
        *ret_type = 3;
        *ret = counter_mj(board);
        return board->has_energy && (id == 83 || is_whole) ? OK : NOT_SUPPORTED;
    case 185:
        *ret = mean_mw(board, NS_PER_S);
        return board->has_power && is_whole && board->arch >= ARCH_AMPERE ? OK : NOT_SUPPORTED;
    case 186:
        *ret = scope == 1 && board->has_module   ? course_mw(board, &board->module)
               : scope == 2 && board->has_memory ? course_mw(board, &board->memory)
                                                 : mean_mw(board, board->window_ns);
        return board->has_power && (is_whole || (scope == 1 && board->has_module) ||
                                    (scope == 2 && board->has_memory))
                   ? OK
                   : NOT_SUPPORTED;
    case 188: *ret = (uint64_t)board->limit_mw; return is_whole ? OK : NOT_SUPPORTED;
    default: return INVALID_ARGUMENT;
    }
}

int nvmlDeviceGetFieldValues(void *device, int n, void *values)
{
    ENTER_WHOLE(device);
    (void)reading();
    for (int i = 0; i < n; i++) {
        char *const entry = (char *)values + (size_t)i * 40;
        uint32_t id;
        uint32_t scope;
        uint64_t value = 0;
        int type = 1;
        memcpy(&id, entry, sizeof id);
        memcpy(&scope, entry + 4, sizeof scope);
        const int code = field(board, id, scope, &value, &type);
        put64(entry, 8, (uint64_t)(EPOCH_US + now_ns() / 1000));
        put64(entry, 16, 10);
        put32(entry, 24, (uint32_t)type);
        put32(entry, 28, (uint32_t)code);
        if (type == 1) {
            put32(entry, 32, (uint32_t)value);
            put32(entry, 36, 0xdeadbeef); /* beyond a value of 32 bits stands what stood there */
        } else {
            put64(entry, 32, value);
        }
    }
    return OK;
}

int nvmlDeviceGetPowerManagementLimit(void *device, uint32_t *ret_mw)
{
    ENTER_WHOLE(device);
    *ret_mw = (uint32_t)board->limit_mw;
    return OK;
}

int nvmlDeviceGetPowerManagementLimitConstraints(void *device, uint32_t *ret_min, uint32_t *ret_max)
{
    ENTER_WHOLE(device);
    *ret_min = 100000;
    *ret_max = (uint32_t)board->limit_mw;
    return OK;
}

int nvmlDeviceGetEnforcedPowerLimit(void *device, uint32_t *ret_mw)
{
    return nvmlDeviceGetPowerManagementLimit(device, ret_mw);
}

bool is_in(const struct process *process, int64_t ns, int mig)
{
    return is_within(process->when, ns) && (mig < 0 || process->mig == mig);
}

int nvmlDeviceGetMemoryInfo(void *device, void *ret)
{
    ENTER(device);
    uint64_t used = 0;
    for (size_t i = 0; i < board->n_processes; i++)
        if (is_in(&board->processes[i], now_ns(), mig ? (int)(mig - board->migs) : -1) &&
            board->processes[i].bytes != UINT64_MAX)
            used += board->processes[i].bytes;
    const uint64_t total = mig ? mig->mb << 20 : board->memory_bytes;
    put64(ret, 0, total);
    put64(ret, 8, total - used);
    put64(ret, 16, used);
    return OK;
}

int nvmlDeviceGetUtilizationRates(void *device, void *ret)
{
    ENTER_WHOLE(device);
    uint32_t sum = 0;
    if (board->is_mig)
        return NOT_SUPPORTED;
    for (size_t i = 0; i < board->n_processes; i++)
        sum += is_in(&board->processes[i], now_ns(), -1) ? board->processes[i].sm : 0;
    put32(ret, 0, board->util >= 0 ? (uint32_t)board->util : sum > 100 ? 100 : sum);
    put32(ret, 4, 0);
    return OK;
}

/* One sample of each process that was there, at every multiple of the sampling period since the last one seen. */
int nvmlDeviceGetProcessUtilization(void *device, void *ret, uint32_t *n,
                                    unsigned long long last_seen_us)
{
    ENTER_WHOLE(device);
    const int64_t ns = now_ns();
    uint32_t n_found = 0;
    if (board->is_mig)
        return NOT_SUPPORTED;
    int64_t at_ns = ns - ns % board->sample_ns - 20 * board->sample_ns;
    for (at_ns = at_ns < 0 ? 0 : at_ns; at_ns <= ns; at_ns += board->sample_ns) {
        const uint64_t us = (uint64_t)(EPOCH_US + at_ns / 1000);
        for (size_t i = 0; i < board->n_processes && us > last_seen_us; i++) {
            const struct process *const process = &board->processes[i];
            if (!is_in(process, at_ns, -1) || process->sm == 0)
                continue;
            if (ret && n_found < *n) {
                char *const entry = (char *)ret + (size_t)n_found * 32;
                memset(entry, 0, 32);
                put32(entry, 0, process->pid);
                put64(entry, 8, us);
                put32(entry, 16, process->sm);
                put32(entry, 20, process->sm / 2);
            }
            n_found++;
        }
    }
    const uint32_t capacity = *n;
    *n = n_found;
    if (n_found == 0)
        return NOT_FOUND;
    return ret && n_found <= capacity ? OK : INSUFFICIENT_SIZE;
}
#endif

#if DOUBLE_AGE < 450
/* 16 bytes each: whoever takes this for the call with a number gets nonsense. */
API int nvmlDeviceGetComputeRunningProcesses(void *device, uint32_t *n, void *ret);

int nvmlDeviceGetComputeRunningProcesses(void *device, uint32_t *n, void *ret)
{
    ENTER_WHOLE(device);
    if (*n < 1)
        return INSUFFICIENT_SIZE;
    *n = 1;
    put32(ret, 0, 4711);
    put64(ret, 8, UINT64_C(1) << 30);
    return OK;
}
#endif
