/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of a computation that no sensor watched: hardware, use, time, place. Filled by flags, a YAML file, a
 * documented case, a bill's row, a scheduler's job or another tool's book; turned into energy by estimate/ alone.
 */
#ifndef JB_MODEL_WORK_H
#define JB_MODEL_WORK_H

#include "model/account.h"
#include "model/quantity.h"

/* Something the time is multiplied by: 6-7 architectures x 5-6 configurations. */
#define JB_WORK_REPEATS_MAX 4
struct jb_work_repeat {
    char name[32]; /* "architectures" */
    struct jb_quantity n_milli;
};

/* All hardware is what is used at the same time, all nodes together. */
struct jb_work {
    struct jb_answer accelerator;            /* as the user writes it */
    struct jb_quantity n_accelerators_milli; /* whole boards; 500: one of the two dies of a K80 */
    struct jb_quantity
        accelerator_mw; /* stated mean draw of one board; else by rating and reference runs */
    struct jb_quantity
        accelerator_use_ppm; /* mean share of time busy, as the driver's utilisation tells */
    struct jb_answer processor;
    struct jb_quantity
        n_processors_milli; /* packages; a share of one where only some of its threads are used */
    struct jb_quantity
        n_threads; /* hardware threads (vCPU), instead of packages; all threads in use together */
    struct jb_quantity processor_use_ppm; /* mean of those */
    struct jb_quantity memory_mib;
    struct jb_quantity
        node_overhead_mw; /* board, fans, disks, losses of power supplies; all nodes */
    struct jb_answer
        instance; /* "aws/p3.2xlarge" or "p3.2xlarge": gives the hardware where it is not told */
    struct jb_quantity n_instances_milli;
    struct jb_quantity instance_mw; /* stated mean draw of one instance, everything in it */
    struct jb_quantity
        idle_ppm; /* share of the time in which the hardware was held and did nothing */
    struct jb_quantity duration_ns; /* wall clock of one training */
    bool
        is_time_held; /* that is how long the hardware was held, as on a bill or in a job's log, not how long it worked */
    size_t n_repeats;
    struct jb_work_repeat repeats[JB_WORK_REPEATS_MAX];
    struct jb_quantity pue_milli;
    struct jb_answer place; /* zone of the grid, or "provider/region" */
    int64_t year;           /* of the work, for factors; 0 unknown */
    bool has_sensors_now;   /* the machine is still there and can be measured: opens methods C */
};

/* One part of an estimate: a device class. */
struct jb_estimate_part {
    enum jb_device device;
    enum jb_scope scope;
    enum jb_origin origin; /* MODELLED, STATED */
    struct jb_figure energy_uj;
    char correlation[48]; /* doubts that are the same doubt in other runs (factor edition) */
    char basis[192];      /* "2 x NVIDIA T4, 70 W, x 12.5 h, x 0.58 (0.31 to 0.93)" */
};

/* What one doubt contributes: the energy with this input at either end and all others at their best. */
struct jb_estimate_doubt {
    char name[48]; /* "duration", "board's draw" */
    enum jb_known known;
    int64_t low_uj, high_uj;
    char step[128]; /* what would narrow it: "read the limit: nvidia-smi -q -d POWER" */
};

/* A row of table 4.1 as a decision. */
struct jb_estimate_choice {
    enum jb_method method;
    char formula[8]; /* "4.4", "4.8" */
    bool is_possible, is_chosen;
    char why[160]; /* chosen because, or not possible because */
};

/* The same facts by one plain formula, for comparison: (4.4) rated power x time, (4.8) with PUE. */
struct jb_estimate_reading {
    char name[64];
    char formula[8];
    struct jb_figure energy_uj;
};

#define JB_ESTIMATE_PARTS_MAX    8
#define JB_ESTIMATE_DOUBTS_MAX   24
#define JB_ESTIMATE_CHOICES_MAX  8
#define JB_ESTIMATE_READINGS_MAX 8
#define JB_ESTIMATE_NOTES_MAX    16
#define JB_ESTIMATE_FACTORS_MAX  16

struct jb_estimate {
    bool is_computable;
    char why_not[256]; /* "hardware unknown": of an estimate that is not computable */
    enum jb_method method;
    struct jb_figure energy_uj;   /* IT energy of all of it; 90 % interval */
    struct jb_figure devices_uj;  /* boards, processors and memory: what their sensors would read */
    struct jb_figure facility_uj; /* what PUE adds; known if one was given */
    struct jb_figure device_ns;   /* boards (else processors) x time */
    int64_t power_uw;             /* best figure of all parts together while it ran */
    size_t n_parts, n_doubts, n_choices, n_readings, n_notes, n_factors;
    struct jb_estimate_part parts[JB_ESTIMATE_PARTS_MAX];
    struct jb_estimate_doubt doubts[JB_ESTIMATE_DOUBTS_MAX]; /* the widest first */
    struct jb_estimate_choice choices[JB_ESTIMATE_CHOICES_MAX];
    struct jb_estimate_reading readings[JB_ESTIMATE_READINGS_MAX];
    char notes[JB_ESTIMATE_NOTES_MAX][JB_NOTE];
    struct jb_factor factors[JB_ESTIMATE_FACTORS_MAX];
};

#endif
