/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The course of a run that is being measured: marks and energies in, predictions out, and which of them is entered. Knows
 * neither meters nor book. R-PREDICT-11, -12: docs/method/prediction.md.
 */
#ifndef JB_PIPELINE_COURSE_H
#define JB_PIPELINE_COURSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "predict/predict.h"

#define JB_COURSE_POINTS_MAX 1024

struct jb_course {
    int64_t total_work; /* 0: nobody has told it */
    const char *unit;   /* "epoch" or "step" */
    int64_t work;
    size_t n_points; /* [0] is the start of the run */
    struct jb_predict_point points[JB_COURSE_POINTS_MAX];
    struct jb_prediction latest;
    struct jb_prediction
        entered; /* what is shown while `latest` is steady; valid if n_entered > 0 */
    int n_entered;
    bool has_fifth;
    bool has_number; /* an epoch's */
    int64_t first_number, last_number;
    int64_t shift; /* from the number of an epoch to the work done */
};

/* The total as given for the run; 0 for what was not. Of the two, epochs are counted first. */
void jb_course_init(struct jb_course *course, int64_t total_epochs, int64_t total_steps);

/* A mark as written. True if it says that work was done since the last point: jb_course_add comes next. A mark "total
 * epochs=90" or "total steps=9000" tells the total where none was given. */
bool jb_course_mark(struct jb_course *course, const char *text);

/* Time and energy since the start of the run, now. True if course->latest is to be entered: the first one, one that moved
 * materially or became twice as sure, the first at a fifth of the work. Then jb_course_entered, if it could be. */
bool jb_course_add(struct jb_course *course, int64_t elapsed_ns, int64_t energy_uj);
void jb_course_entered(struct jb_course *course);

#endif
