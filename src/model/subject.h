/* SPDX-License-Identifier: Apache-2.0 */
/* Who could be charged: a run's processes, and the machine they share. All times are cumulative. */
#ifndef JB_MODEL_SUBJECT_H
#define JB_MODEL_SUBJECT_H

#include <stdint.h>

#define JB_SUBJECTS_MAX 64 /* runs at once on one node and book */

/* One run at one instant. */
struct jb_subject {
    uint32_t slot; /* its place in the spool's table of runs */
    uint32_t
        reserved_ppm; /* share of the node's CPUs it is allowed to use (affinity, cpuset), 1000000 = all */
    int64_t
        cpu_ns; /* CPU time of all its processes, dead ones included, since it began; never falls */
    int64_t resident_bytes; /* resident memory of its live processes now */
};

/* The machine at the same instant. */
struct jb_machine {
    int64_t busy_ns;           /* CPU time of everything that ran, since boot; never falls */
    int64_t capacity_ns;       /* CPUs online times elapsed time, cumulative; never falls */
    int64_t memory_used_bytes; /* total - available */
    int64_t memory_total_bytes;
};

#endif
