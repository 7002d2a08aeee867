/* SPDX-License-Identifier: Apache-2.0 */
/* What was predicted of a run while it went on, as it was shown, and what came of it. */
#ifndef JB_MODEL_PREDICTED_H
#define JB_MODEL_PREDICTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/account.h"

struct jb_predicted {
    char run_id[JB_RUN_ID];
    int64_t utc_us;     /* when */
    int64_t elapsed_ns; /* of the run by then */
    char unit[8];       /* of the work: "epoch", "step" */
    int64_t work, total_work;
    struct jb_figure
        energy_uj; /* of the whole run, all posted meters: not the run's share, known at settling only */
    struct jb_figure duration_ns;
    struct jb_figure location_ugco2e; /* known if the place is */
    struct jb_figure cost_micro;      /* known if the tariff is */
    char currency[8];
};

/* One prediction beside its outcome. */
struct jb_skill_row {
    struct jb_predicted predicted;
    const char *why_not; /* why it cannot be compared; NULL: it can */
    int64_t energy_uj, duration_ns;
};

/* How predictions came out; of no comparable one: all 0. */
struct jb_skill {
    int64_t from_ppm, to_ppm; /* of the work done when they were made */
    size_t n, n_runs;
    size_t n_energy_inside, n_duration_inside; /* of their 90 % intervals */
    int64_t energy_error_ppm,
        duration_error_ppm; /* median of the absolute errors of the best figures */
};
#define JB_SKILL_PARTS 6 /* all of them, then by fifths of the work */

#endif
