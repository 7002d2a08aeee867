/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Energy per cycle of a machine from runs in which both were measured: energy above idle / cycles, through zero. Pure. Rules
 * R-CYCLES-07, -08: docs/method/cycles.md.
 */
#ifndef JB_CALIBRATE_EPC_H
#define JB_CALIBRATE_EPC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/cycles.h"

/* One run. */
struct jb_epc_point {
    int64_t cycles;    /* best */
    int64_t energy_uj; /* the run's share of the processors' meters, idle taken out */
    int64_t half_uj;   /* half-width of its 90 % band */
    bool is_left_out;  /* set by jb_epc_fit: too far from the others */
};

struct jb_epc_fit {
    int64_t best_fj;         /* per cycle */
    int64_t low_fj, high_fj; /* 90 % interval of one more run */
    int64_t
        mean_half_ppm; /* half-width of the 90 % interval of best_fj itself, meters' own doubt left out */
    int64_t scatter_ppm; /* standard deviation of the runs about it */
    int64_t n_points, n_left_out;
    int64_t cycles_min, cycles_max;
};

#define JB_EPC_POINTS_MIN 5
#define JB_EPC_POINTS_MAX 100000

/*
 * Marks what it leaves out. JB_E_UNAVAILABLE with the reason and what to do: fewer than five runs, all of one size, or a
 * scatter that says nothing. JB_E_RANGE for runs without cycles or energy.
 */
JB_MUST_USE jb_rc jb_epc_fit(struct jb_epc_point *points, size_t n, struct jb_epc_fit *ret_fit,
                             struct jb_error *err);

#endif
