/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files of the NVIDIA driver: one board, what it can tell, and who uses it. */
#ifndef JB_SENSOR_SENSOR_NVML_INT_H
#define JB_SENSOR_SENSOR_NVML_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <joulebook/sys/sensor.h>

#include "model/channel.h"
#include "sensor/nvml.h"

#define NVML_PIDS_MAX 256
#define NVML_MIGS_MAX 16

/* One process as the driver showed it so far. */
struct nvml_pid {
    uint32_t pid;
    bool is_listed; /* in the latest list */
    int64_t busy_ns;
    int64_t memory_bytes;
    int64_t seen_ns;  /* when it was last listed or sampled, by our clock */
    uint64_t last_us; /* its latest utilisation sample, by the driver's */
    int64_t part_ppm; /* of the board, where only presence is known */
};

/* Two samples of one instance's counters, taken in turn. */
struct nvml_gpm {
    nvml_gpm_sample samples[2]; /* NULL: the driver cannot */
    uint32_t gpu_instance;      /* that the earlier one is of */
    int latest;                 /* of the two; -1: none was taken yet */
};

/* Who uses one board. R-SENSOR-67. */
struct nvml_use {
    struct nvml_pid pids[NVML_PIDS_MAX];
    size_t n;
    bool has_begun;
    bool is_presence;   /* the driver lists processes, not their use */
    bool has_lists;     /* it does list them */
    bool has_busy;      /* it says how busy the board is */
    bool has_cursor;    /* samples at or before cursor_us are known, or from before the begin */
    uint64_t cursor_us; /* by the driver's clock */
    uint64_t
        period_us;     /* the least time seen between two samples of one process; 0: not seen yet */
    int64_t asked_ns;  /* by ours, the last time that it was asked */
    int64_t listed_ns; /* and the last time for its lists */
    int64_t busy_ns;   /* of the board */
    int64_t busy_ppm;  /* as last told */
    int64_t memory_used_bytes, memory_total_bytes;
};

/* One call that gives a number. */
enum nvml_from { NVML_FROM_NOTHING, NVML_FROM_ENERGY, NVML_FROM_USAGE, NVML_FROM_FIELD };
struct nvml_source {
    enum nvml_from from;
    uint32_t field;
    uint32_t scope;
};

/* What is published about the power sensor of a generation. R-SENSOR-63. */
struct nvml_generation {
    uint32_t architecture;
    int capability; /* major x 10 + minor it is limited to; 0: all */
    int64_t update_ns;
    int64_t window_ns; /* of each renewal, the part that is sampled; 0 unknown */
    int64_t accuracy_ppm;
    bool is_usage_averaged; /* nvmlDeviceGetPowerUsage is the mean of a second */
};

/* A board, shared by its channels; freed with the last one. */
struct nvml_board {
    struct nvml *nvml; /* NULL once the board is lost: the library may have to start anew */
    nvml_device device;
    size_t n_users;
    const struct nvml_generation *generation;
    struct nvml_pci pci;
    char uuid[NVML_UUID_SIZE];
    char name[NVML_NAME_SIZE];
    int32_t place;
    bool is_mig;
    int32_t n_slices;
    uint32_t n_migs_max;
    struct nvml_gpm gpm[NVML_MIGS_MAX];
    struct nvml_use use;
};

/* The handle of a channel. */
struct nvml_meter {
    struct nvml_board *board;
    struct nvml_source source;
};

const struct nvml_generation *nvml__generation(const struct nvml *nvml, nvml_device device);

/* One number; a return code of the library. *ret untouched on failure. */
int nvml__read_source(const struct nvml *nvml, nvml_device device, const struct nvml_source *source,
                      uint64_t *ret);

/* R-SENSOR-62: the code for the channel; a board that is lost lets go of the library. */
jb_rc nvml__board_rc(struct nvml_board *board, int code);

/* R-SENSOR-66: room for the samples of each instance, where the driver has them; let go before the library is. */
void nvml__gpm_init(struct nvml_board *board);
void nvml__gpm_release(struct nvml_board *board);
/* How busy instance i was since this was last asked, in ppm of its SMs; -1 unknown. */
int64_t nvml__gpm_busy_ppm(struct nvml_board *board, uint32_t i, nvml_device instance);

/* A jb_sensor_use_fn on a struct nvml_meter. */
jb_rc nvml__use(void *handle, const struct jb_sensor_env *env, struct jb_sensor_board *ret_board,
                struct jb_sensor_use *ret_uses, size_t capacity, size_t *ret_n);

#endif
