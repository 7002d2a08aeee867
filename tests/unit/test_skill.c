/* SPDX-License-Identifier: Apache-2.0 */
/* R-PREDICT-14: hit rates and medians worked out by hand, and what cannot be compared. */
#include "predict/skill.h"

#include "tap.h"

static struct jb_skill_row row(const char *run_id, int64_t work, int64_t low, int64_t best,
                               int64_t high, int64_t truth)
{
    struct jb_skill_row row = {
        .predicted = {.work = work,
                      .total_work = 100,
                      .energy_uj = {.is_known = true, .low = low, .best = best, .high = high},
                      .duration_ns = {.is_known = true, .low = 90, .best = 100, .high = 110}},
        .energy_uj = truth,
        .duration_ns = 125,
    };
    (void)snprintf(row.predicted.run_id, sizeof row.predicted.run_id, "%s", run_id);
    return row;
}

int main(void)
{
    struct jb_skill_row rows[] = {
        row("a", 10, 900, 1000, 1100, 1000),  /* inside, 0 % */
        row("a", 20, 900, 1100, 1200, 1000),  /* inside, 10 % */
        row("b", 25, 900, 1000, 1100, 2000),  /* outside, 50 % */
        row("b", 100, 900, 1900, 2000, 2000), /* inside, 5 % */
        row("c", 30, 1, 1, 1, 2000),
    };
    struct jb_skill skill[JB_SKILL_PARTS];

    rows[4].why_not = "the command failed";
    ok(jb_skill_of(rows, 5, skill, NULL) == JB_OK, "five predictions of three runs");
    is_i64((int64_t)skill[0].n, 4, "one cannot be compared and counts as nothing");
    is_i64((int64_t)skill[0].n_runs, 2, "nor does its run");
    is_i64((int64_t)skill[0].n_energy_inside, 3, "three of four were inside");
    is_i64(skill[0].energy_error_ppm, 75000, "the median of 0, 5, 10 and 50 %% is 7.5 %%");
    is_i64((int64_t)skill[0].n_duration_inside, 0, "none of the times was");
    is_i64(skill[0].duration_error_ppm, 200000, "100 s of 125 s are 20 %% off");
    is_i64((int64_t)skill[1].n, 1, "one was made before a fifth of the work");
    is_i64((int64_t)skill[2].n, 2, "two from there on, the fifth included");
    is_i64(skill[2].energy_error_ppm, 300000, "the median of 10 and 50 %%");
    is_i64((int64_t)skill[5].n, 1, "and one at its end");
    is_i64((int64_t)(skill[3].n + skill[4].n), 0, "none between");
    ok(jb_skill_of(NULL, 0, skill, NULL) == JB_OK && skill[0].n == 0 &&
           skill[0].energy_error_ppm == 0,
       "no prediction at all");
    return done_testing();
}
