/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Method A by hand: instructions x cycles per instruction x energy per cycle (formula 4.3), or activity x capacitance x
 * voltage^2 x frequency x time (4.1). Pure; R-CYCLES-11: docs/method/cycles.md.
 */
#ifndef JB_ESTIMATE_METHOD_A_H
#define JB_ESTIMATE_METHOD_A_H

#include "base/error.h"
#include "model/work.h"

/* Of one training. */
struct jb_software {
    struct jb_quantity instructions, cpi_ppm, epc_fj;
    struct jb_quantity
        activity_ppm; /* a: the share of the capacitance that is switched in a cycle */
    struct jb_quantity capacitance_ff; /* C, of all of it */
    struct jb_quantity voltage_uv, frequency_hz;
};

bool jb_software_is_told(const struct jb_software *software);

/*
 * Adds the figure to an estimate that was made of the same work: as a reading, and as a possible row of table 4.1; where nothing else
 * is computable it becomes the estimate, with its place in `parts` and a facility where a PUE is known. Low
 * ends meet low ends. JB_E_USAGE where a factor is missing, JB_E_RANGE where the energy does not fit.
 */
JB_MUST_USE jb_rc jb_software_add(const struct jb_software *software, const struct jb_work *work,
                                  struct jb_estimate *estimate, struct jb_error *err);

#endif
