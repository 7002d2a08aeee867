/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A load that climbs: a command, or one busy process on each CPU, let run for a part of each tenth of a second and stopped
 * for the rest, level by level. So any load gives windows from idle to full without being told how. R-CAL-10.
 */
#ifndef JB_SUBJECT_STAIRCASE_H
#define JB_SUBJECT_STAIRCASE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define JB_STAIRCASE_LEVELS_MAX 64

struct jb_staircase {
    size_t n_levels;
    int64_t levels_ppm
        [JB_STAIRCASE_LEVELS_MAX]; /* part of the time it runs; 0: stopped, 1000000: all of it */
    int64_t step_ns;               /* that each level lasts */
    char *const *
        argv; /* started again whenever it ends; NULL: every CPU of this process's affinity is kept busy */
    /* At the begin of each level; may be NULL. */
    void (*on_level)(void *arg, size_t level, int64_t level_ppm);
    void *arg;
};

/*
 * Climbs all levels in order, then ends the load (SIGTERM, after two seconds SIGKILL). SIGINT and SIGTERM to this
 * process end it early: JB_E_AGAIN. JB_E_INPUT if the command fails three times within a second of its start.
 */
JB_MUST_USE jb_rc jb_staircase_climb(const struct jb_staircase *staircase, struct jb_error *err);

#endif
