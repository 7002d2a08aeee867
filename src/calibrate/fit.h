/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a node draws as a straight line over what its parts draw: y = offset + slope * x. Made from windows in which both
 * were measured, used where only the parts are. Rules R-CAL-01...: docs/method/calibration.md.
 */
#ifndef JB_CALIBRATE_FIT_H
#define JB_CALIBRATE_FIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Mean powers of one window. */
struct jb_fit_point {
    int64_t x_uw;     /* sum of the parts' meters */
    int64_t y_uw;     /* the node's or wall's meter */
    bool is_left_out; /* set by jb_fit: too far from the line (R-CAL-04) */
};

/*
 * The line with what is needed for a band at any x. "Weighted": where the windows scatter in proportion to their power,
 * each counts by the inverse square of it, and residual_ppm holds instead of residual_uw (R-CAL-03).
 */
struct jb_fit {
    int64_t offset_uw, slope_ppm;
    int64_t offset_half_uw, slope_half_ppm; /* half-widths of 95 % intervals */
    bool is_weighted;
    int64_t residual_uw;            /* standard deviation about the line; 0 if weighted */
    int64_t residual_ppm;           /* the same as a part of the line's value; 0 if not */
    int64_t x_mean_uw, x_spread_uw; /* weighted mean and standard deviation of x */
    int64_t weight_scale_uw;        /* y at which a weighted window weighs 1; 0 if not weighted */
    int64_t x_min_uw, x_max_uw;     /* range of validity */
    int64_t n_points, n_left_out;
};

#define JB_FIT_POINTS_MIN 12
#define JB_FIT_POINTS_MAX 100000

/*
 * Fits; marks what it leaves out. JB_E_UNAVAILABLE, with the reason and what to do, where the points cannot carry a line:
 * too few, a range of x too narrow, a slope that is not positive or not known to 20 %. JB_E_RANGE for negative powers.
 */
JB_MUST_USE jb_rc jb_fit(struct jb_fit_point *points, size_t n, struct jb_fit *ret_fit,
                         struct jb_error *err);

/* The line's power at x. */
int64_t jb_fit_at(const struct jb_fit *fit, int64_t x_uw);

/*
 * Half-width of the 95 % interval of one window's mean power at x: scatter, uncertainty of the line, and, outside the range
 * of validity, a tenth of the slope for each watt beyond (R-CAL-05). Of a longer time the scatter averages out, so for
 * the energy of a run this is on the wide side.
 */
int64_t jb_fit_half_width_uw(const struct jb_fit *fit, int64_t x_uw);

#endif
