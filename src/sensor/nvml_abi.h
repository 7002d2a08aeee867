/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of libnvidia-ml.so.1 that we call, in our own words: names, numbers and layouts of a binary interface, taken
 * from no header of the maker. Sizes and places are asserted, because a wrong one would be silent; calls are resolved by
 * the names that carry their version, because the bare names take older, shorter structs. Rule R-SENSOR-61.
 */
#ifndef JB_SENSOR_NVML_ABI_H
#define JB_SENSOR_NVML_ABI_H

#include <stddef.h>
#include <stdint.h>

/* What every call returns. */
enum nvml_return {
    NVML_OK = 0,
    NVML_UNINITIALIZED = 1,
    NVML_INVALID_ARGUMENT = 2,
    NVML_NOT_SUPPORTED = 3,
    NVML_NO_PERMISSION = 4,
    NVML_NOT_FOUND = 6,
    NVML_INSUFFICIENT_SIZE = 7,
    NVML_DRIVER_NOT_LOADED = 9,
    NVML_TIMEOUT = 10,
    NVML_IRQ_ISSUE = 11,
    NVML_LIBRARY_NOT_FOUND = 12,
    NVML_FUNCTION_NOT_FOUND = 13,
    NVML_CORRUPTED_INFOROM = 14,
    NVML_GPU_IS_LOST = 15,
    NVML_RESET_REQUIRED = 16,
    NVML_OPERATING_SYSTEM = 17,
    NVML_LIB_RM_VERSION_MISMATCH = 18,
    NVML_IN_USE = 19,
    NVML_MEMORY = 20,
    NVML_NO_DATA = 21,
    NVML_INSUFFICIENT_RESOURCES = 23,
    NVML_ARGUMENT_VERSION_MISMATCH = 25,
    NVML_DEPRECATED = 26,
    NVML_NOT_READY = 27,
    NVML_GPU_NOT_FOUND = 28,
    NVML_INVALID_STATE = 29,
    NVML_UNKNOWN = 999,
};

/* nvmlDeviceGetArchitecture */
enum nvml_architecture {
    NVML_KEPLER = 2,
    NVML_MAXWELL = 3,
    NVML_PASCAL = 4,
    NVML_VOLTA = 5,
    NVML_TURING = 6,
    NVML_AMPERE = 7, /* GA100 among them: told apart by compute capability 8.0 */
    NVML_ADA = 8,
    NVML_HOPPER = 9,
    NVML_BLACKWELL = 10,
};

/* nvmlDeviceGetFieldValues */
enum nvml_field {
    NVML_FIELD_TOTAL_ENERGY = 83,   /* mJ */
    NVML_FIELD_POWER_AVERAGE = 185, /* mW, of the last second */
    NVML_FIELD_POWER_INSTANT = 186, /* mW */
    NVML_FIELD_POWER_MAX_LIMIT = 188,
    NVML_FIELD_ENERGY = 191, /* as 83, with a scope */
};
enum nvml_scope {
    NVML_SCOPE_GPU = 0,
    NVML_SCOPE_MODULE = 1,
    NVML_SCOPE_MEMORY = 2,
    NVML_SCOPE_NONE_SUCH = 63, /* ours: a library that answers for it does not look at the scope */
};
enum nvml_type {
    NVML_TYPE_U32 = 1,
    NVML_TYPE_ULONG = 2,
    NVML_TYPE_U64 = 3,
};

typedef struct nvml_device_opaque *nvml_device;

struct nvml_field_value {
    uint32_t field;
    uint32_t scope;
    int64_t timestamp_us;
    int64_t latency_us;
    int32_t type;
    int32_t rc; /* of this one field */
    union {
        uint32_t u32;
        unsigned long ul;
        uint64_t u64;
    } value;
};
_Static_assert(sizeof(struct nvml_field_value) == 40, "40 bytes");
_Static_assert(offsetof(struct nvml_field_value, scope) == 4, "at 4");
_Static_assert(offsetof(struct nvml_field_value, timestamp_us) == 8, "at 8");
_Static_assert(offsetof(struct nvml_field_value, latency_us) == 16, "at 16");
_Static_assert(offsetof(struct nvml_field_value, type) == 24, "at 24");
_Static_assert(offsetof(struct nvml_field_value, rc) == 28, "at 28");
_Static_assert(offsetof(struct nvml_field_value, value) == 32, "at 32");

/* nvmlDeviceGetPciInfo_v3 */
struct nvml_pci {
    char bus_id_legacy[16];
    uint32_t domain;
    uint32_t bus;
    uint32_t device;
    uint32_t device_id;
    uint32_t subsystem_id;
    char bus_id[32];
};
_Static_assert(sizeof(struct nvml_pci) == 68, "68 bytes");
_Static_assert(offsetof(struct nvml_pci, domain) == 16, "at 16");
_Static_assert(offsetof(struct nvml_pci, bus_id) == 36, "at 36");

/* nvmlDeviceGetMemoryInfo; bytes */
struct nvml_memory {
    uint64_t total;
    uint64_t free;
    uint64_t used;
};
_Static_assert(sizeof(struct nvml_memory) == 24, "24 bytes");

/* nvmlDeviceGetUtilizationRates; percent of the time of the last sample */
struct nvml_utilization {
    uint32_t gpu;
    uint32_t memory;
};
_Static_assert(sizeof(struct nvml_utilization) == 8, "8 bytes");

/* nvmlDeviceGetComputeRunningProcesses_v2 and _v3; the call without a number writes 16 bytes each */
struct nvml_process {
    uint32_t pid;
    uint64_t memory_bytes; /* NVML_NO_VALUE_U64: not said */
    uint32_t gpu_instance;
    uint32_t compute_instance;
};
_Static_assert(sizeof(struct nvml_process) == 24, "24 bytes");
_Static_assert(offsetof(struct nvml_process, memory_bytes) == 8, "at 8");
_Static_assert(offsetof(struct nvml_process, gpu_instance) == 16, "at 16");
_Static_assert(offsetof(struct nvml_process, compute_instance) == 20, "at 20");
#define NVML_NO_VALUE_U64 UINT64_MAX

/* nvmlDeviceGetProcessUtilization */
struct nvml_process_sample {
    uint32_t pid;
    uint64_t timestamp_us;
    uint32_t sm_percent;
    uint32_t memory_percent;
    uint32_t encoder_percent;
    uint32_t decoder_percent;
};
_Static_assert(sizeof(struct nvml_process_sample) == 32, "32 bytes");
_Static_assert(offsetof(struct nvml_process_sample, timestamp_us) == 8, "at 8");
_Static_assert(offsetof(struct nvml_process_sample, sm_percent) == 16, "at 16");
_Static_assert(offsetof(struct nvml_process_sample, decoder_percent) == 28, "at 28");

/* nvmlDeviceGetAttributes_v2, of a MIG device */
struct nvml_attributes {
    uint32_t multiprocessors;
    uint32_t copy_engines, decoders, encoders, jpegs, ofas;
    uint32_t gpu_instance_slices;
    uint32_t compute_instance_slices;
    uint64_t memory_mb;
};
_Static_assert(sizeof(struct nvml_attributes) == 40, "40 bytes");
_Static_assert(offsetof(struct nvml_attributes, gpu_instance_slices) == 24, "at 24");
_Static_assert(offsetof(struct nvml_attributes, compute_instance_slices) == 28, "at 28");
_Static_assert(offsetof(struct nvml_attributes, memory_mb) == 32, "at 32");

/* nvmlGpmMetricsGet, with room for the one metric that is asked for: the library looks at n_metrics. */
#define NVML_GPM_VERSION 1
#define NVML_GPM_SM_UTIL 2 /* per cent of the SMs that were busy between two samples */
typedef struct nvml_gpm_opaque *nvml_gpm_sample;
struct nvml_gpm_metric {
    uint32_t id;
    int32_t rc;
    double value;
    const char *names[3];
};
struct nvml_gpm_metrics {
    uint32_t version;
    uint32_t n_metrics;
    nvml_gpm_sample earlier, later;
    struct nvml_gpm_metric metrics[1];
};
_Static_assert(sizeof(struct nvml_gpm_metric) == 40, "40 bytes");
_Static_assert(offsetof(struct nvml_gpm_metric, rc) == 4, "at 4");
_Static_assert(offsetof(struct nvml_gpm_metric, value) == 8, "at 8");
_Static_assert(offsetof(struct nvml_gpm_metrics, earlier) == 8, "at 8");
_Static_assert(offsetof(struct nvml_gpm_metrics, later) == 16, "at 16");
_Static_assert(offsetof(struct nvml_gpm_metrics, metrics) == 24, "at 24");

#define NVML_UUID_SIZE 96
#define NVML_NAME_SIZE 96

/* Every member may be NULL: a call that this library does not have. The symbols are in nvml.c. */
struct nvml_calls {
    int (*init)(void);
    int (*shutdown)(void);
    int (*device_count)(uint32_t *ret_n);
    int (*device_by_index)(uint32_t index, nvml_device *ret);
    int (*uuid)(nvml_device device, char *buf, uint32_t size);
    int (*name)(nvml_device device, char *buf, uint32_t size);
    int (*pci)(nvml_device device, struct nvml_pci *ret);
    int (*architecture)(nvml_device device, uint32_t *ret);
    int (*compute_capability)(nvml_device device, int *ret_major, int *ret_minor);
    int (*total_energy)(nvml_device device, unsigned long long *ret_mj);
    int (*power_usage)(nvml_device device, uint32_t *ret_mw);
    int (*field_values)(nvml_device device, int n, struct nvml_field_value *values);
    int (*limit_constraints)(nvml_device device, uint32_t *ret_min_mw, uint32_t *ret_max_mw);
    int (*enforced_limit)(nvml_device device, uint32_t *ret_mw);
    int (*memory)(nvml_device device, struct nvml_memory *ret);
    int (*utilization)(nvml_device device, struct nvml_utilization *ret);
    int (*compute_processes)(nvml_device device, uint32_t *n, struct nvml_process *ret);
    int (*graphics_processes)(nvml_device device, uint32_t *n, struct nvml_process *ret);
    int (*process_utilization)(nvml_device device, struct nvml_process_sample *ret, uint32_t *n,
                               unsigned long long last_seen_us);
    int (*mig_mode)(nvml_device device, uint32_t *ret_current, uint32_t *ret_pending);
    int (*mig_max)(nvml_device device, uint32_t *ret_n);
    int (*mig_by_index)(nvml_device device, uint32_t index, nvml_device *ret);
    int (*attributes)(nvml_device device, struct nvml_attributes *ret);
    int (*gpu_instance)(nvml_device device, uint32_t *ret);
    int (*gpm_alloc)(nvml_gpm_sample *ret);
    int (*gpm_free)(nvml_gpm_sample sample);
    int (*gpm_instance_sample)(nvml_device device, uint32_t gpu_instance, nvml_gpm_sample sample);
    int (*gpm_metrics)(struct nvml_gpm_metrics *metrics);
};

#endif
