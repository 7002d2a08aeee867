/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When to begin: a planned training over a series of intensities, for each moment it could start at. Pure. R-PLAN-20, R-PLAN-21:
 * docs/method/plan.md.
 */
#ifndef JB_PLAN_PLAN_HOURS_H
#define JB_PLAN_PLAN_HOURS_H

#include "base/error.h"
#include "carbon/carbon.h"
#include "plan/plan.h"

struct jb_plan_start {
    int64_t utc_us;
    int64_t
        mean_mg_per_kwh; /* over the training's time, by the intersections with the series' rows */
    struct jb_figure mass_ugco2e;
};

struct jb_plan_hours {
    size_t
        n_starts; /* at which the series covers the whole training; 0: there is none, and the rest is 0 */
    struct jb_plan_start first, best, worst;
};

/*
 * The starts are `from_utc_us` (where the series has it) and each row's start after it. The training lasts its best figure and draws
 * evenly; the band of the mass is that of the energy, the series' figures are taken as given. The plan is computable.
 */
JB_MUST_USE jb_rc jb_plan_hours(const struct jb_plan *plan, const struct jb_hourly *hourly,
                                int64_t from_utc_us, struct jb_plan_hours *ret,
                                struct jb_error *err);

#endif
