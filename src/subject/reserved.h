/* SPDX-License-Identifier: Apache-2.0 */
/* The share of the node's CPUs that a process may use: affinity, cpuset and CPU quota. Rule R-CPU-09. */
#ifndef JB_SUBJECT_RESERVED_H
#define JB_SUBJECT_RESERVED_H

#include <stdint.h>
#include <sys/types.h>

#include "base/os.h"

/*
 * R-CPU-09: CPUs both online and in Cpus_allowed_list of /proc/PID/status, or the smallest CPU quota of its control
 * group and those above it (cpu.max, cpu.cfs_quota_us) if that is less, over the CPUs online: 1 to 1000000. Where
 * nothing can be read nothing is known to hold it back: 1000000.
 */
uint32_t jb_reserved_ppm(const struct jb_os *os, pid_t pid);

#endif
