/* SPDX-License-Identifier: Apache-2.0 */
/* The lowest of known figures, and sums over retrainings, by hand. R-PLAN-23, -24. */
#include "base/clock.h"
#include "plan/plan_choice.h"
#include "tap.h"

#define KNOWN(l, b, h)                                         \
    {                                                          \
        .is_known = true, .low = (l), .best = (b), .high = (h) \
    }
#define DAY_NS (24 * JB_NS_PER_HOUR)

int main(void)
{
    const struct jb_figure figures[] = {{.is_known = false},
                                        KNOWN(90, 100, 200),
                                        KNOWN(40, 50, 120),
                                        KNOWN(50, 50, 50),
                                        KNOWN(1, 300, 400)};
    struct jb_plan_choice choice = jb_plan_choose(figures, JB_ARRAY_LEN(figures));

    ok(choice.is_known && choice.chosen == 2,
       "the lowest best figure, the first of two alike; never an unknown one");
    is_i64((int64_t)choice.n_compared, 4, "four have the figure");
    is_i64((int64_t)choice.n_alike, 1, "one is alike");
    is_i64((int64_t)choice.n_within, 2, "two lie within its band: 100 and 50, not 300");
    choice = jb_plan_choose(figures, 1);
    ok(!choice.is_known && choice.n_compared == 0, "nothing known is no choice");
    choice = jb_plan_choose(NULL, 0);
    ok(!choice.is_known, "nor is nothing at all");

    is_i64(jb_plan_n_trainings(DAY_NS, 365 * DAY_NS), 365,
           "daily for a year: 365, the first included");
    is_i64(jb_plan_n_trainings(7 * DAY_NS, 365 * DAY_NS), 53,
           "weekly for a year: at day 0, 7 ... 364");
    is_i64(jb_plan_n_trainings(JB_NS_PER_HOUR, 365 * DAY_NS), 8760, "hourly for a year");
    is_i64(jb_plan_n_trainings(0, 365 * DAY_NS), 1, "never again: once");
    is_i64(jb_plan_n_trainings(400 * DAY_NS, 365 * DAY_NS), 1, "after its life: once");
    const struct jb_figure sum = jb_plan_sum(&figures[1], 365);
    ok(sum.is_known && sum.low == 32850 && sum.best == 36500 && sum.high == 73000,
       "low, best and high each 365 times");
    ok(!jb_plan_sum(&figures[0], 2).is_known, "twice unknown is unknown");
    ok(!jb_plan_sum(&figures[1], INT64_MAX).is_known, "so is what is beyond the scale");
    for (int i = 0; i < JB_PLAN_AIMS; i++)
        is_i64(jb_plan_aim_from_name(jb_plan_aim_name((enum jb_plan_aim)i)), i,
               "aims have their names");
    is_i64(jb_plan_aim_from_name("greenest"), -1, "and no others");
    return done_testing();
}
