/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the course of a run so far to the energy and time of the whole, with a 90 % interval, or to the reason why that
 * cannot be said yet. A pure function; integers in and out. Rules R-PREDICT-01...: docs/method/prediction.md.
 */
#ifndef JB_PREDICT_PREDICT_H
#define JB_PREDICT_PREDICT_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/account.h"

/* A moment of the run, all three counted from its start: units of work done, time, energy. */
struct jb_predict_point {
    int64_t work, mono_ns, energy_uj;
};

enum jb_predict_state {
    JB_PREDICT_STEADY,  /* there is a prediction */
    JB_PREDICT_EARLY,   /* less than a minute has gone, or too few units are done */
    JB_PREDICT_WARMING, /* the latest part does not yet stand apart from a warm-up */
    JB_PREDICT_DRIFTING, /* energy or time per unit goes on rising or falling too much to be extrapolated */
    JB_PREDICT_UNCERTAIN, /* the interval would be wider than half of the figure */
    JB_PREDICT_DONE,      /* all of the work is done: nothing is left to predict */
    JB_PREDICT_N_STATES,
};
/* Why not, as the end of "no prediction yet: ..."; "" for JB_PREDICT_STEADY. */
const char *jb_predict_reason(enum jb_predict_state state);

struct jb_prediction {
    enum jb_predict_state state;
    int64_t work, total_work;
    int64_t warm_work;          /* of it, left out as warm-up */
    struct jb_figure energy_uj; /* of the whole run, what was consumed included; known if STEADY */
    struct jb_figure duration_ns; /* of the whole run, what has gone included */
};

/*
 * points[0] is the start of the run; each later one has no less work, time and energy than the one before. JB_E_INPUT
 * where that does not hold, where there is no work to do, or where more is done than there is.
 */
JB_MUST_USE jb_rc jb_predict(const struct jb_predict_point *points, size_t n_points,
                             int64_t total_work, struct jb_prediction *ret_prediction,
                             struct jb_error *err);

#endif
