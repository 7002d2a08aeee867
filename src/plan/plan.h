/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Before a training: operations to compute, on which hardware, to time, energy, carbon and cost, each with a band that comes from
 * what published trainings reached. Pure; R-PLAN-*: docs/method/plan.md. Utilisations: catalogue training_utilisation;
 * power: estimate/.
 */
#ifndef JB_PLAN_PLAN_H
#define JB_PLAN_PLAN_H

#include "base/error.h"
#include "model/compute.h"
#include "model/work.h"

/* What kind of model it is. The band does not depend on it (R-PLAN-05); a note tells how little the references know of it. */
enum jb_plan_class {
    JB_PLAN_CLASS_ANY,
    JB_PLAN_CLASS_TRANSFORMER,
    JB_PLAN_CLASS_CONVOLUTION,
    JB_PLAN_CLASS_RECURRENT,
    JB_PLAN_CLASS_RECOMMENDER,
    JB_PLAN_CLASSES,
};
const char *jb_plan_class_name(enum jb_plan_class model_class); /* "any", "transformer" ... */
int jb_plan_class_from_name(const char *name);                  /* -1 */

/* Zeroed, then set: what is zero is unknown, but tariff and price, which are -1 where there is none. */
struct jb_plan_order {
    struct jb_compute compute;           /* training_flop is needed */
    int64_t flop_low_ppm, flop_high_ppm; /* doubt of it: 1000000 both where it is counted; 0: so */
    enum jb_plan_class model_class;
    struct jb_answer accelerator; /* else that of the instance */
    int64_t n_devices;            /* as the driver lists them; 1 to 1,000,000 */
    struct jb_quantity
        utilisation_ppm; /* stated share of peak (MFU); UNKNOWN: what published trainings reached */
    struct jb_quantity peak_gflops;       /* stated, of one device; else the catalogue's */
    struct jb_quantity accelerator_mw;    /* stated mean draw of one board; else by its rating */
    struct jb_answer instance, processor; /* may be unknown, as in jb_work */
    struct jb_quantity memory_mib, node_overhead_mw; /* of all nodes together, as in jb_work */
    struct jb_quantity idle_ppm; /* share of the time held in which nothing works, beyond what
                                    utilisations of whole runs have in them */
    struct jb_quantity pue_milli;
    struct jb_answer place; /* zone, or "provider/region" */
    int64_t year;
    int64_t tariff_micro_per_kwh;        /* -1 none */
    int64_t price_micro_per_device_hour; /* -1 none */
    char currency[8];
};

/*
 * One hardware in one place. Millijoules and microseconds, not microjoules and nanoseconds: the trainings it is asked about
 * go beyond 2.56 GWh and 292 device-years.
 */
struct jb_plan {
    bool is_computable;
    char why_not[256];
    char hardware[112]; /* "8 x NVIDIA A100 SXM4 80GB" */
    char basis[192];    /* of the utilisation: "45 trainings of 1e22 operations and more on ..." */
    int64_t n_reference_runs, n_reference_sources; /* 0 where the utilisation is stated */
    int64_t peak_gflops; /* of all devices together, the peak the utilisation is of */
    char peak_type[8];   /* "fp16", "fp32", "bf16", "stated" */
    struct jb_figure utilisation_ppm;
    struct jb_figure device_us, wall_us; /* held: with the idle share */
    struct jb_figure energy_mj;          /* IT */
    struct jb_figure
        facility_mj; /* with PUE: energy x PUE; the same where none is known (a note says so) */
    struct jb_quantity pue_milli;     /* that was used; unknown: none */
    struct jb_figure location_ugco2e; /* of facility_mj, yearly mean of the grid */
    struct jb_figure cost_micro; /* tariff x facility + price x device hours, whichever are given */
    int64_t millipfsd;           /* of the work */
    int64_t power_uw;            /* best, IT, mean over the time held */
    size_t n_notes, n_factors;
    char notes[JB_ESTIMATE_NOTES_MAX][JB_NOTE];
    struct jb_factor factors[JB_ESTIMATE_FACTORS_MAX];
};

/* JB_E_INPUT: names asked back, as estimate/ does, and figures that cannot be. Not computable (no peak, no power known) is an
 * answer. */
JB_MUST_USE jb_rc jb_plan_make(const struct jb_plan_order *order, struct jb_plan *ret_plan,
                               struct jb_error *err);

#endif
