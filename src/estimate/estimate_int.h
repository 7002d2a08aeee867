/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The steps of an estimate: what is told and looked up becomes a list of inputs with low / best / high; power and energy
 * of every part follow from one choice of all inputs; the band follows from moving the inputs, cause by cause.
 */
#ifndef JB_ESTIMATE_ESTIMATE_INT_H
#define JB_ESTIMATE_ESTIMATE_INT_H

#include "catalogue/catalogue.h"
#include "estimate/estimate.h"

/* --- what was measured in other trainings (R-EST-10) ------------------------------------------------------------ */

/* Rows of the catalogue's table training_load, by their keys in estimate_load.c. */
enum estimate__load_row {
    LOAD_BOARD,        /* mean draw / rated power of a board, ppm */
    LOAD_BOARD_IDLE,   /* idle draw / rated power of a board, ppm */
    LOAD_PROCESSOR,    /* mean package power / TDP where the processor does the training, ppm */
    LOAD_MOBILE,       /* the same for processors of MOBILE_TDP_MW and less, ppm */
    LOAD_HOST,         /* the same where it feeds boards, ppm */
    LOAD_HOST_CPU,     /* processors per board where nothing is told of them, mW */
    LOAD_HOST_MEMORY,  /* memory per board where nothing is told of it, mW */
    LOAD_GIB_PER_VCPU, /* memory per hardware thread where nothing is told of it, MiB */
    LOAD_REST,         /* what a node draws beside boards, processors and memory / those, ppm */
    LOAD_N,
};
#define MOBILE_TDP_MW 28000

struct estimate__load {
    struct jb_catalogue_band rows[LOAD_N]; /* 90 % of runs between low and high */
};
/* From the catalogue. */
JB_MUST_USE jb_rc estimate__load_read(struct estimate__load *ret_load, struct jb_error *err);

/* --- inputs ----------------------------------------------------------------------------------------------------- */

enum estimate__input_id {
    IN_DURATION_NS,
    IN_REPEAT_MILLI, /* JB_WORK_REPEATS_MAX of them */
    IN_BOARDS_MILLI = IN_REPEAT_MILLI + JB_WORK_REPEATS_MAX,
    IN_BOARD_MW, /* rated, or stated mean draw; per board */
    IN_BOARD_LOAD_PPM,
    IN_BOARD_USE_PPM,
    IN_BOARD_IDLE_MW,
    IN_UNITS_MILLI, /* packages, or hardware threads */
    IN_UNIT_UW,     /* TDP of one */
    IN_PROCESSOR_LOAD_PPM,
    IN_PROCESSOR_USE_PPM, /* where the use is told: read off the curve */
    IN_PROCESSOR_CURVE,   /* and which curve: 0 low, 1 best, 2 high */
    IN_HOST_CPU_MW,       /* per board, where no processor is told */
    IN_MEMORY_MIB,
    IN_MEMORY_UW_PER_GIB,
    IN_HOST_MEMORY_MW, /* per board, where no memory is told */
    IN_REST_MW,
    IN_REST_PPM,
    IN_INSTANCES_MILLI,
    IN_INSTANCE_MW,
    IN_IDLE_PPM,
    IN_N,
};

/* Doubts of one cause move together, doubts of different causes do not (R-EST-20). */
enum estimate__cause {
    CAUSE_TIME,
    CAUSE_AMOUNT, /* how much hardware */
    CAUSE_RATING,
    CAUSE_LOAD,
    CAUSE_IDLE,
    CAUSE_PROCESSOR,
    CAUSE_MEMORY,
    CAUSE_REST,
    CAUSE_N,
};

struct estimate__input {
    enum estimate__cause cause;
    enum jb_known known;
    bool is_told; /* a bound that somebody gave: the band contains it (R-EST-21) */
    int64_t low, best, high;
    char name[48];
    const char *step; /* what would narrow it */
};

enum estimate__part {
    PART_BOARDS,
    PART_PROCESSORS,
    PART_MEMORY,
    PART_REST,
    PART_INSTANCE, /* a stated draw that covers everything */
    PART_N,
};
#define PARTS_ALL ((1U << PART_N) - 1)

struct estimate__facts {
    struct estimate__input in[IN_N];
    bool has_boards, is_board_stated;
    bool has_processor;
    bool is_by_curve;                      /* the processor's use is told */
    bool is_thread;                        /* a unit is a hardware thread, not a package */
    int64_t curve_ppm[3][JB_CURVE_POINTS]; /* share of TDP at 0, 10, 50, 100 %: low, best, high */
    bool has_host_cpu, has_host_memory;    /* by the board, nothing being told */
    bool is_rest_stated;
    bool has_instance_mw;
    struct jb_accelerator accelerator;
    struct jb_cpu_power cpu;
    struct jb_instance instance;
    bool has_accelerator, has_instance; /* found in the catalogue */
};

/* JB_E_INPUT where a figure of `work` cannot be: out of order, below zero, a share above all, a PUE below 1. */
JB_MUST_USE jb_rc estimate__check(const struct jb_work *work, struct jb_error *err);

/* Looks up what `work` names and fills all inputs. `estimate` gets notes and factors, and why_not where an input that
 * cannot be done without is missing (is_computable false then). R-EST-01 to -15. */
JB_MUST_USE jb_rc estimate__facts_of(const struct jb_work *work, const struct estimate__load *load,
                                     struct estimate__facts *ret_facts,
                                     struct jb_estimate *estimate, struct jb_error *err);

/* --- power and energy ------------------------------------------------------------------------------------------- */

/* One value of every input. */
struct estimate__choice {
    int64_t x[IN_N];
};
struct estimate__choice estimate__best(const struct estimate__facts *facts);
/* Sets input `id` to its end of less (side < 0) or more energy. */
void estimate__move(const struct estimate__facts *facts, struct estimate__choice *choice, int id,
                    int side);

/* Energy of every part, in uJ. JB_E_RANGE beyond 2.56 GWh. */
JB_MUST_USE jb_rc estimate__energy(const struct estimate__facts *facts,
                                   const struct estimate__choice *choice, int64_t ret_uj[PART_N],
                                   int64_t *ret_time_ns, struct jb_error *err);

/* Sum over the parts of `mask`. */
JB_MUST_USE jb_rc estimate__sum(const struct estimate__facts *facts,
                                const struct estimate__choice *choice, unsigned mask,
                                int64_t *ret_uj, struct jb_error *err);

/* R-EST-20 to -23. */
JB_MUST_USE jb_rc estimate__band(const struct estimate__facts *facts, unsigned mask,
                                 struct jb_figure *ret_uj, struct jb_error *err);
/* One doubt per input that moves the energy, the widest first. */
JB_MUST_USE jb_rc estimate__doubts(const struct estimate__facts *facts,
                                   struct jb_estimate *estimate, struct jb_error *err);

/* --- the plain formulas, table 4.1, notes ----------------------------------------------------------------------- */

JB_MUST_USE jb_rc estimate__readings(const struct jb_work *work,
                                     const struct estimate__facts *facts,
                                     struct jb_estimate *estimate, struct jb_error *err);
void estimate__choices(const struct jb_work *work, const struct estimate__facts *facts,
                       struct jb_estimate *estimate);
void estimate__note(struct jb_estimate *estimate, const char *format, ...) JB_PRINTF(2, 3);
void estimate__factor(struct jb_estimate *estimate, const char *name, const char *source,
                      const char *format, ...) JB_PRINTF(4, 5);

/* jb_estimate_make with other quantiles than the catalogue's: for the study (docs/method/validation.md). */
JB_MUST_USE jb_rc estimate__make(const struct jb_work *work, const struct estimate__load *load,
                                 struct jb_estimate *ret_estimate, struct jb_error *err);

#endif
