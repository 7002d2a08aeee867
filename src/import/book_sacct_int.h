/* SPDX-License-Identifier: Apache-2.0 */
/* Shared between book_sacct*.c only: rows of Slurm's accounting, its ways to write values, and the run of a job. */
#ifndef JB_IMPORT_BOOK_SACCT_INT_H
#define JB_IMPORT_BOOK_SACCT_INT_H

#include "import/book_int.h"

enum sacct_column {
    SACCT_JOB_ID,
    SACCT_JOB_ID_RAW,
    SACCT_JOB_NAME,
    SACCT_CLUSTER,
    SACCT_ACCOUNT,
    SACCT_USER,
    SACCT_PARTITION,
    SACCT_STATE,
    SACCT_EXIT_CODE,
    SACCT_SUBMIT,
    SACCT_START,
    SACCT_END,
    SACCT_ELAPSED,
    SACCT_ELAPSED_RAW,
    SACCT_ALLOC_TRES,
    SACCT_ALLOC_CPUS,
    SACCT_N_CPUS,
    SACCT_N_NODES,
    SACCT_ALLOC_NODES,
    SACCT_NODE_LIST,
    SACCT_REQ_MEM,
    SACCT_TOTAL_CPU,
    SACCT_ENERGY,
    SACCT_ENERGY_RAW,
    SACCT_USAGE,
    SACCT_WORK_DIR,
};

/* "cpu=32,mem=250G,node=1,billing=32,gres/gpu=4,gres/gpu:a100=4": 0 and "" for what is not in it. */
struct sacct_tres {
    int64_t n_cpus, n_nodes, memory_mib;
    int64_t n_gpus;             /* the sum of the types, where they are told */
    size_t n_gpu_types;         /* that were told */
    char gpu_type[64];          /* of the first */
    struct jb_figure energy_uj; /* energy=, of usage */
};
JB_MUST_USE jb_rc sacct__tres(const char *text, size_t len, struct sacct_tres *ret);

/* "[DD-[HH:]]MM:SS[.mmm]"; JB_E_INPUT, JB_E_RANGE. */
JB_MUST_USE jb_rc sacct__duration(const char *text, size_t len, int64_t *ret_ns);

/* "250G", "6760Mc" (of each CPU), "4Gn" (of each node), "1.5T", "0"; absent text changes nothing. */
JB_MUST_USE jb_rc sacct__memory(const char *text, size_t len, int64_t n_cpus, int64_t n_nodes,
                                int64_t *ret_mib);

/* Joules, "12345" or "12.35K": its last digit is its band. Absent text, 0 and Slurm's words for no value leave it
 * unknown (R-BOOKS-22). */
JB_MUST_USE jb_rc sacct__energy(const char *text, size_t len, struct jb_figure *ret_uj);

/* One job: its own row, and of its steps what is needed. Absent: "", 0, times INT64_MIN, durations -1. */
struct sacct_job {
    int64_t line;
    char id[96], id_raw[96], name[JB_RUN_TEXT], cluster[64], account[JB_RUN_TEXT], user[64];
    char partition[64], state[48], exit_code[16], nodes[JB_HOST_NAME], directory[JB_RUN_TEXT];
    int64_t submit_utc_us, start_utc_us, end_utc_us, duration_ns, cpu_ns;
    bool is_local_time;
    struct sacct_tres tres;
    struct jb_figure energy_uj;
    int64_t extern_uj, most_uj, sum_uj, n_steps; /* of the steps' energy */
};

/* The run of a job; *ret_reason is set instead where it is none. */
JB_MUST_USE jb_rc sacct__rebuild(struct book *book, const struct sacct_job *job,
                                 struct jb_rebuilt *rebuilt, const char **ret_reason,
                                 struct jb_error *err);

#endif
