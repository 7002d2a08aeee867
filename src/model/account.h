/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One run's account: energy by device and method, carbon, cost, epochs, and every doubt. No bare number: each figure
 * is low / best / high with method and origin (architecture.md, idea 3). Absent figures have is_known false.
 */
#ifndef JB_MODEL_ACCOUNT_H
#define JB_MODEL_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/channel.h"
#include "model/compute.h"
#include "model/cycles.h"
#include "model/run.h"

/* Table 4.1 of the thesis. */
enum jb_method {
    JB_METHOD_A,  /* software energy */
    JB_METHOD_B,  /* rated power x time */
    JB_METHOD_C1, /* hardware power draw (4.5, 4.6) */
    JB_METHOD_C2, /* use per process (4.7) */
};
const char *jb_method_name(enum jb_method method); /* "A", "B", "C-1", "C-2" */
int jb_method_from_name(const char *name);

/* 90 % interval unless is_hard_bound. Unit by the name of the member that holds it. */
struct jb_figure {
    bool is_known;
    bool is_hard_bound;
    int64_t low, best, high;
};

struct jb_coverage {
    int64_t counter_ns, gauge_ns, interpolated_ns, unobserved_ns;
};

/* One channel's part of the account. */
struct jb_account_line {
    char host[JB_HOST_NAME];
    char channel[JB_CHANNEL_ID];
    enum jb_scope scope;
    enum jb_device device;
    enum jb_origin origin;
    enum jb_role
        role; /* POST lines make the total; PARENT lines show platform; others are for comparison */
    struct jb_figure total_uj;      /* C-1: all the meter gave while the run was there */
    struct jb_figure above_idle_uj; /* C-1 minus the idle baseline */
    struct jb_figure run_uj;        /* C-2: the run's share, as posted */
    int64_t idle_uj, others_uj, platform_uj, discrepancy_uj; /* the rest of total, as posted */
    int64_t reserved_uj, all_uj;                             /* views */
    struct jb_coverage coverage;
    int64_t gap_best_uj, gap_high_uj;
    int64_t n_failed, n_gaps;
    char gaps[160]; /* reasons, comma-separated */
    char idle_source[16];
    int64_t idle_power_uw; /* of the last interval; -1 if its source is unknown */
    char correlation[48];
};

/* A mark of the training: an epoch, a step, a phase, a metric (formula 4.6 per epoch). */
struct jb_account_epoch {
    char name[64];     /* "epoch 3", "phase eval" */
    char metrics[192]; /* "accuracy=0.91 loss=0.31" */
    int64_t utc_us;    /* of its end */
    int64_t duration_ns;
    int64_t run_uj;   /* of the run's share, all posted devices */
    int64_t total_uj; /* of the posted meters */
    int64_t
        interpolated_uj; /* half-width: energy of the sampling windows the two edges fall into */
};

/* What was spent after the best value of a metric (R-OVERSHOOT-01). */
#define JB_OVERSHOOTS_MAX 4
struct jb_account_overshoot {
    char metric[64];  /* "accuracy" */
    char best[32];    /* as marked: "0.97" */
    char at[64];      /* the epoch it belongs to, "epoch 12"; "" where no epoch was marked before */
    int64_t n_epochs; /* of the run */
    int64_t until_uj, after_uj; /* of the run's share, up to the mark and from it to the end */
    int64_t after_ppm;
};

struct jb_factor {
    char name[48]; /* "grid intensity", "PUE", "tariff" */
    char value[64];
    char source[256];
    char edition[64];
};

/*
 * The work of a training beside its energy (docs/method/work.md). Numbers are -1 and figures not known where nobody said
 * enough; all of it means nothing unless is_known. Energy in it is the headline's, with the headline's band.
 */
struct jb_account_work {
    bool is_known;
    /* What was computed. */
    enum jb_flop_method method; /* of training_flop */
    jb_i128 training_flop;
    int64_t millipfsd;
    int64_t n_examples; /* seen: those of one epoch x epochs */
    int64_t n_epochs, n_tokens;
    int64_t n_parameters, n_trainable;
    int64_t forward_macs, forward_flop; /* of one example */
    int64_t factor_milli;
    /* By what (R-WORK-12): boards (GPUs) in the account, each over the time it was; and CPU time. */
    int64_t n_boards, board_ns, processor_ns;
    char board[JB_CHANNEL_LABEL]; /* name of them all; "" where they differ or are not told */
    struct jb_figure
        busy_ppm; /* R-WORK-13: part of board_ns in which a board did anything, for whomever */
    /* R-WORK-14: their greatest dense rate together and at rated power. */
    char peak_type[8]; /* "bf16"; "" not known */
    struct jb_figure
        mfu_ppm; /* R-WORK-15: training_flop over what the boards could have computed in board_ns */
    jb_i128 device_low_flop, device_best_flop, device_high_flop; /* R-WORK-02: by device time */
    struct jb_figure counted_per_device_ppm;                     /* training_flop over that */
    /* Energy over it. */
    struct jb_figure energy_per_example_nj, energy_per_token_nj, energy_per_parameter_nj;
    struct jb_figure energy_per_flop_aj; /* R-WORK-04 */
    struct jb_figure least_per_flop_aj;  /* R-WORK-14: what the boards reach at best */
    struct jb_figure share_of_best_ppm;  /* the least over what it was */
};
extern const struct jb_account_work JB_ACCOUNT_WORK_UNKNOWN;

/* Method A, beside the headline and in no sum (R-CYCLES-01). */
struct jb_account_cycles {
    bool is_told;   /* the run has counts, or the reasons why not */
    bool has_inner; /* runs inside of this one are in the counts, and not in its energy */
    struct jb_cycles counts;
    struct jb_figure cpi_ppm; /* cycles per instruction */
    struct jb_epc epc;        /* that `energy_uj` was made with */
    struct jb_figure energy_uj;
    bool has_cpu;                     /* a processor's meter was posted: the following are known */
    int64_t cpu_run_uj, cpu_total_uj; /* C-2 and C-1 of the processors' posted meters */
    int64_t gap_run_ppm, gap_total_ppm; /* method A above either; 0 where the energy is unknown */
};

/*
 * A plan as it was entered (R-PLAN-31): what `joulebook plan` told of one hardware in one place before the training. Millijoules
 * and microseconds, as plans have them.
 */
struct jb_planned {
    char hardware[112]; /* "8 x NVIDIA A100 SXM4 80GB" */
    char place[128];    /* as it was said: "NL", "aws/eu-west-1"; "" none */
    char work[192];     /* where the operations come from */
    char basis[192];    /* of the utilisation */
    char catalogue[64]; /* edition that the figures stand on */
    char currency[8];
    char peak_type[8]; /* of utilisation_ppm: "bf16", "stated" */
    int64_t peak_gflops;
    enum jb_flop_method flop_method;
    jb_i128 training_flop;
    int64_t flop_low_ppm, flop_high_ppm; /* doubt of it: 1000000 none */
    int64_t start_utc_us;                /* the best hour to begin, where hours were looked at; 0 */
    bool has_pue;           /* facility, carbon and cost are with what the building adds */
    bool has_price;         /* cost holds hours of devices */
    bool is_carbon_by_hour; /* at the best start; else by the year's grid */
    struct jb_figure utilisation_ppm, device_us, wall_us;
    struct jb_figure energy_mj, facility_mj, location_ugco2e, cost_micro;
};

/* One figure of a plan and what it came to be (R-PLAN-33). */
enum jb_beside_row {
    JB_BESIDE_ENERGY_UJ,
    JB_BESIDE_WALL_US,
    JB_BESIDE_DEVICE_US,
    JB_BESIDE_FLOP,
    JB_BESIDE_UTILISATION_PPM,
    JB_BESIDE_UGCO2E,
    JB_BESIDE_COST_MICRO,
    JB_BESIDE_ROWS,
};
struct jb_beside {
    bool is_planned, is_measured;
    const char *why_not;     /* both are there and not alike; NULL: they are compared */
    jb_i128 low, best, high; /* planned */
    jb_i128 measured;        /* best figure */
    bool is_inside;          /* of low .. high */
    int64_t factor_ppm;      /* measured / planned best; -1: that is zero */
};

/* The plan of a run, beside it: found when it is shown, entered in no account. */
struct jb_account_planned {
    bool is_told;   /* the run has a plan, or is one */
    bool is_itself; /* is one: nothing is measured */
    char plan_id[JB_RUN_ID];
    char why_not[192]; /* why nothing is compared; "" */
    struct jb_planned plan;
    struct jb_beside rows[JB_BESIDE_ROWS];
};

#define JB_NOTE 320

struct jb_account {
    struct jb_run run;
    int64_t duration_ns;
    size_t n_lines, n_epochs, n_factors, n_notes;
    struct jb_account_line *lines;
    struct jb_account_epoch *epochs;
    size_t n_overshoots;
    struct jb_account_overshoot overshoots[JB_OVERSHOOTS_MAX];
    struct jb_factor *factors;
    char (*notes)[JB_NOTE];       /* doubts, defaults taken, disagreements, in words */
    enum jb_method method;        /* of the headline */
    struct jb_figure energy_uj;   /* the headline: IT energy of the run's share */
    struct jb_figure views_uj[3]; /* active, reserved, all */
    struct jb_figure facility_uj; /* what PUE adds; known only if a PUE was given or defaulted */
    bool is_facility_posted;      /* PUE given: a line of its own; defaulted: only a band */
    struct jb_figure location_ugco2e;
    struct jb_figure market_ugco2e;
    struct jb_figure cost_micro; /* micro-units of run.currency */
    struct jb_coverage coverage; /* of the posted lines together */
    struct jb_account_work work;
    struct jb_account_cycles cycles;
    struct jb_account_planned planned;
    int64_t origin_uj
        [7]; /* the headline's best, by jb_origin: how much is measured, how much modelled */
};

void jb_account_release(struct jb_account *account);

#endif
