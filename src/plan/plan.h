/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Before a training: operations to compute, on which hardware, to time, energy, carbon and cost, each with a band that comes from
 * what published trainings reached. Pure; R-PLAN-01: docs/method/plan.md. Utilisations: catalogue training_utilisation;
 * power: estimate/.
 */
#ifndef JB_PLAN_PLAN_H
#define JB_PLAN_PLAN_H

#include "base/error.h"
#include "model/compute.h"
#include "model/work.h"

/* Classes of models whose published utilisations differ; rows of training_utilisation. */
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

struct jb_plan_order {
    struct jb_compute compute;           /* training_flop is needed */
    int64_t flop_low_ppm, flop_high_ppm; /* doubt of it: 1000000 both where it is counted */
    enum jb_plan_class model_class;
    struct jb_answer accelerator;
    int64_t n_devices; /* as the driver lists them; >= 1 */
    struct jb_quantity
        utilisation_ppm; /* stated share of peak (MFU); UNKNOWN: what published trainings reached */
    struct jb_answer instance, processor; /* may be unknown, as in jb_work */
    struct jb_quantity memory_mib, node_overhead_mw, idle_ppm;
    struct jb_quantity pue_milli;
    struct jb_answer place; /* zone, or "provider/region" */
    int64_t year;
    int64_t tariff_micro_per_kwh;        /* -1 none */
    int64_t price_micro_per_device_hour; /* -1 none */
    char currency[8];
};

/* One hardware in one place. */
struct jb_plan {
    bool is_computable;
    char why_not[256];
    char hardware[96]; /* "8 x NVIDIA A100 SXM4 80GB" */
    char basis
        [192]; /* of the utilisation: "23 trainings of transformers on data-centre boards, 11 sources" */
    int64_t n_reference_runs, n_reference_sources;
    int64_t peak_gflops; /* of all devices together, the peak the utilisation is of */
    char peak_type[8];   /* "fp16", "fp32", "bf16" */
    struct jb_figure utilisation_ppm, device_ns, wall_ns;
    struct jb_figure energy_uj; /* IT */
    struct jb_figure
        facility_uj; /* with PUE: energy x PUE; the same where none is given (says so in notes) */
    struct jb_figure location_ugco2e; /* of facility_uj, yearly mean of the grid */
    struct jb_figure cost_micro; /* tariff x facility + price x device hours, whichever are given */
    int64_t millipfsd;           /* of the work */
    int64_t power_uw;            /* best, while it runs */
    size_t n_notes, n_factors;
    char notes[JB_ESTIMATE_NOTES_MAX][JB_NOTE];
    struct jb_factor factors[JB_ESTIMATE_FACTORS_MAX];
};

/* JB_E_INPUT: names asked back, as estimate/ does. Not computable (no peak, no power known) is an answer. */
JB_MUST_USE jb_rc jb_plan_make(const struct jb_plan_order *order, struct jb_plan *ret_plan,
                               struct jb_error *err);

#endif
