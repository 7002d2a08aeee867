/* SPDX-License-Identifier: Apache-2.0 */
/* Plans as text, JSON (docs/format/plan.md) and CSV. Pure functions into a buffer. */
#ifndef JB_CLI_PLAN_TELL_H
#define JB_CLI_PLAN_TELL_H

#include "cli/plan_order.h"
#include "plan/plan_choice.h"
#include "plan/plan_hours.h"
#include "report/report.h"

/* One hardware in one place. */
struct jb_plan_cell {
    size_t hardware, place;
    struct jb_plan plan;
    bool has_hours; /* there is a series, and the plan is computable */
    struct jb_plan_hours
        hours; /* n_starts 0: no start of which the series covers the whole training */
};

struct jb_plan_told {
    const struct jb_plan_wish *wish;
    const struct jb_plan_cell *cells;
    size_t n_cells;
    struct jb_plan_choice choices[JB_PLAN_AIMS];
    int64_t n_per_year, n_per_life;        /* trainings; 1 where it is trained once */
    char run_id[JB_RUN_ID], run_state[80]; /* of what was entered; "" */
    size_t entered;                        /* the cell that was */
};

/* Carbon of a cell: by the hour at its best start where that is known and average, else of the year. */
struct jb_figure jb_plan_cell_carbon(const struct jb_plan_wish *wish,
                                     const struct jb_plan_cell *cell);

void jb_plan_tell_text(const struct jb_plan_told *told, const struct jb_style *style,
                       struct jb_buf *out);
void jb_plan_tell_csv(const struct jb_plan_told *told, struct jb_buf *out);
JB_MUST_USE jb_rc jb_plan_tell_json(const struct jb_plan_told *told, struct jb_buf *out,
                                    struct jb_error *err);

#endif
