/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who computes on an AMD board through ROCm: the kernel's list of compute processes in sysfs, which DRM's fdinfo does not
 * show. Its process ids are the kernel's own. Rule R-SENSOR-74.
 */
#ifndef JB_SENSOR_KFD_H
#define JB_SENSOR_KFD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/os.h"

#define KFD_PARTITIONS_MAX 8

/* A board as the compute driver knows it; a partitioned board is several. */
struct kfd_board {
    size_t n;
    uint64_t gpu_ids[KFD_PARTITIONS_MAX];
};

/* n is 0 where the board does no compute. */
void kfd__find_board(const struct jb_os *os, const char *pci, struct kfd_board *ret);

struct kfd_use {
    int64_t pid;
    int64_t memory_bytes;
    bool has_units;
    int64_t
        units; /* compute units that its waves would fill; a busy board need not be full of waves */
};

/* Calls back for each process that holds memory or compute units of the board; 0 or -errno of the list. */
typedef void (*kfd_use_fn)(void *arg, const struct kfd_use *use);
int kfd__each_use(const struct jb_os *os, const struct kfd_board *board, kfd_use_fn fn, void *arg);

#endif
