/* SPDX-License-Identifier: Apache-2.0 */
/* Which of several plans is the cheapest, the cleanest, the fastest; what retraining sums to. Pure. R-PLAN-23, -24. */
#ifndef JB_PLAN_PLAN_CHOICE_H
#define JB_PLAN_PLAN_CHOICE_H

#include <stddef.h>

#include "plan/plan.h"

enum jb_plan_aim { JB_PLAN_CHEAPEST, JB_PLAN_CLEANEST, JB_PLAN_FASTEST, JB_PLAN_AIMS };
const char *jb_plan_aim_name(enum jb_plan_aim aim); /* "cheapest" ... */
int jb_plan_aim_from_name(const char *name);        /* -1 */

struct jb_plan_choice {
    bool is_known;     /* false: no plan has the figure */
    size_t chosen;     /* the lowest best figure; the earlier one of two alike */
    size_t n_compared; /* plans that have the figure */
    size_t n_alike;    /* others with the very same best figure */
    size_t n_within;   /* others whose best figure lies within the chosen one's band */
};

/* Over one figure of each plan: cost, carbon (by the hour of the best start where that is known), time. */
struct jb_plan_choice jb_plan_choose(const struct jb_figure *figures, size_t n);

/* R-PLAN-24: how many trainings a span holds, the first one included: one at its begin, then one every `every_ns`. */
int64_t jb_plan_n_trainings(int64_t every_ns, int64_t span_ns);
/* All of them: the doubts of one are those of all, so that low, best and high are each multiplied; saturates. */
struct jb_figure jb_plan_sum(const struct jb_figure *one, int64_t n);

#endif
