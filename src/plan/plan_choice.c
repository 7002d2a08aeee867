/* SPDX-License-Identifier: Apache-2.0 */
/* The lowest of figures that are known. Must never take an unknown figure for a low one. R-PLAN-23, -24. */
#include "plan/plan_choice.h"

#include <string.h>

#include "base/compiler.h"
#include "base/num.h"

static const char *const names[JB_PLAN_AIMS] = {
    [JB_PLAN_CHEAPEST] = "cheapest",
    [JB_PLAN_CLEANEST] = "cleanest",
    [JB_PLAN_FASTEST] = "fastest",
};

const char *jb_plan_aim_name(enum jb_plan_aim aim)
{
    return names[aim];
}

int jb_plan_aim_from_name(const char *name)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(names); i++)
        if (strcmp(names[i], name) == 0)
            return (int)i;
    return -1;
}

struct jb_plan_choice jb_plan_choose(const struct jb_figure *figures, size_t n)
{
    struct jb_plan_choice choice = {.is_known = false};

    for (size_t i = 0; i < n; i++) {
        if (!figures[i].is_known)
            continue;
        if (!choice.is_known || figures[i].best < figures[choice.chosen].best)
            choice.chosen = i;
        choice.is_known = true;
        choice.n_compared++;
    }
    for (size_t i = 0; choice.is_known && i < n; i++) {
        if (i == choice.chosen || !figures[i].is_known)
            continue;
        choice.n_alike += figures[i].best == figures[choice.chosen].best;
        choice.n_within += figures[i].best <= figures[choice.chosen].high;
    }
    return choice;
}

int64_t jb_plan_n_trainings(int64_t every_ns, int64_t span_ns)
{
    return every_ns > 0 && span_ns > 0 ? (span_ns - 1) / every_ns + 1 : 1;
}

struct jb_figure jb_plan_sum(const struct jb_figure *one, int64_t n)
{
    struct jb_figure sum = *one;

    if (!one->is_known)
        return sum;
    sum.low = jb_muldiv_sat_i64(one->low, n, 1, JB_ROUND_FLOOR);
    sum.best = jb_muldiv_sat_i64(one->best, n, 1, JB_ROUND_NEAREST);
    sum.high = jb_muldiv_sat_i64(one->high, n, 1, JB_ROUND_CEIL);
    if (sum.high == INT64_MAX) /* beyond the scale: no figure */
        sum = (struct jb_figure){.is_known = false};
    return sum;
}
