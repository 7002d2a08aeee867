/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Courses of energy to windows of mean power: where the node's meter and all of its parts were read, and nothing changed
 * in between. Pure. Rules R-CAL-01, R-CAL-02.
 */
#ifndef JB_CALIBRATE_WINDOWS_H
#define JB_CALIBRATE_WINDOWS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "calibrate/fit.h"

/* Cumulative energy of one meter; times grow. A value below the one before it begins an epoch. */
struct jb_course {
    size_t n;
    const int64_t *mono_ns;
    const int64_t *energy_uj;
};

/*
 * Steady windows of window_ns, one after the other, from where all courses have begun to where the first one ends.
 * A window counts if every course has readings no further apart in it than `hole_ns`, no epoch begins in it, and neither
 * the node nor the parts moved: its two halves, and the window before it, differ by less than a twentieth of the range
 * seen, so that a slow meter has caught up. *ret_n: how many of `capacity` were written. JB_E_NOMEM.
 */
JB_MUST_USE jb_rc jb_windows(const struct jb_course *node, const struct jb_course *parts,
                             size_t n_parts, int64_t window_ns, int64_t hole_ns,
                             struct jb_fit_point *ret_points, size_t capacity, size_t *ret_n,
                             struct jb_error *err);

#endif
