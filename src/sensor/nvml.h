/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The library of NVIDIA's driver, loaded at run time: where it may come from, which of its calls it has, what its codes
 * mean for a channel and, in words, for a person. Only for the driver of this folder.
 */
#ifndef JB_SENSOR_NVML_H
#define JB_SENSOR_NVML_H

#include <stdbool.h>
#include <stddef.h>

#include <joulebook/sys/sensor.h>

#include "base/error.h"
#include "sensor/nvml_abi.h"

#define NVML_SAMPLES_MAX   4096
#define NVML_PROCESSES_MAX 1024

/* A library that was started, shared by the boards found in it. */
struct nvml {
    void *library;
    size_t n_users;
    struct nvml_calls calls;
    /* Room for the lists of one call at a time: no read allocates. Untouched pages cost nothing. */
    struct nvml_process_sample samples[NVML_SAMPLES_MAX];
    struct nvml_process processes[NVML_PROCESSES_MAX];
};

/* One call; a call that the library does not have answers as the library itself would. */
#define NVML_CALL(nvml, call, ...) \
    ((nvml)->calls.call ? (nvml)->calls.call(__VA_ARGS__) : (int)NVML_FUNCTION_NOT_FOUND)

/* Why there is none, for jb_sensor_refuse. */
struct nvml_trouble {
    char reason[240];
    char step[320];
};

/*
 * R-SENSOR-60: whether to look for the library at all: NVIDIA's driver shows in the tree, or a board on its PCI bus, or
 * a plain executable's user put a library of that name into LD_LIBRARY_PATH. Reads a few files, loads nothing.
 */
bool nvml__is_there(const struct jb_sensor_env *env);

/*
 * Loads and starts it. *ret is released with nvml__put. JB_E_UNAVAILABLE with *ret_trouble where that is not possible.
 */
JB_MUST_USE jb_rc nvml__start(const struct jb_sensor_env *env, struct nvml **ret,
                              struct nvml_trouble *ret_trouble);
void nvml__ref(struct nvml *nvml);
void nvml__put(struct nvml *nvml);

/* R-SENSOR-62: what a code means for a channel; JB_OK for 0, JB_E_IO for one that nobody knows. */
jb_rc nvml__rc(int code);
/* The same for a person, about one board: "the driver lost it ...". Whole sentences, `step` too. */
void nvml__explain(int code, struct nvml_trouble *ret);

#endif
