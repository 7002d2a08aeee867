/* SPDX-License-Identifier: Apache-2.0 */
/* R-PREDICT-11 and -12: marks to work, and which predictions are entered. */
#include "pipeline/course.h"

#include "tap.h"

#define SECOND INT64_C(1000000000)
#define JOULE  INT64_C(1000000)

static struct jb_course *course; /* too large for a stack */

static void counts(void)
{
    jb_course_init(course, 0, 0);
    ok(!jb_course_mark(course, "phase train") && !jb_course_mark(course, "loss=2"),
       "phases and metrics are no work");
    ok(jb_course_mark(course, "epoch 0 loss=2") && jb_course_mark(course, "epoch 1") &&
           course->work == 2,
       "epochs are counted, also from 0");
    is_i64(course->total_work, 0, "the total is not known by itself");
    (void)jb_course_mark(course, "total epochs=90");
    is_i64(course->total_work, 90, "a mark tells it");
    (void)jb_course_mark(course, "total epochs=10");
    is_i64(course->total_work, 90, "the first one holds");
    jb_course_init(course, 0, 9000);
    ok(jb_course_mark(course, "step 100 loss=3") && course->work == 100,
       "of steps the number is taken");
    ok(!jb_course_mark(course, "step 100") && !jb_course_mark(course, "step 50"),
       "and only what is more");
    ok(!jb_course_mark(course, "epoch 1") && course->work == 100, "epochs are not counted then");
    jb_course_init(course, 0, 0);
    (void)jb_course_mark(course, "total steps=500");
    is_str(course->unit, "step", "a total in steps has steps counted");
}

static void enters(void)
{
    int n_entered = 0, first = 0, fifth = 0;
    jb_course_init(course, 100, 0);
    for (int epoch = 1; epoch <= 60; epoch++) {
        const bool has_work = jb_course_mark(course, "epoch");
        /* 10 s and 1 kJ each, from the 40th on 1.3 kJ. */
        const int64_t dear = epoch > 40 ? epoch - 40 : 0;
        if (has_work &&
            jb_course_add(course, epoch * 10 * SECOND, (epoch * 1000 + dear * 300) * JOULE)) {
            n_entered++;
            first = first ? first : epoch;
            fifth = epoch >= 20 && !fifth ? epoch : fifth;
        }
        if (epoch == 5)
            is_i64(course->latest.state, JB_PREDICT_EARLY, "nothing in the first minute");
        if (epoch == 30)
            is_i64(course->latest.energy_uj.best, 100000 * JOULE, "100 epochs of 1 kJ");
    }
    is_i64(first, 6, "the first steady prediction is entered");
    is_i64(fifth, 20, "and the one at a fifth of the work, though it is the same");
    ok(n_entered >= 3, "and one after epochs became dearer");
    ok(n_entered <= 12, "but not each: %d", n_entered);
    is_i64(course->n_entered, n_entered, "they are counted");
}

static void bounded(void)
{
    jb_course_init(course, 0, 1000000);
    for (int64_t step = 1; step <= 5000; step++) {
        char text[32];
        (void)snprintf(text, sizeof text, "step %lld", (long long)step * 10);
        if (jb_course_mark(course, text))
            (void)jb_course_add(course, step * SECOND, step * 10 * JOULE);
    }
    ok(course->n_points <= JB_COURSE_POINTS_MAX && course->points[0].work == 0 &&
           course->points[course->n_points - 1].work == 50000,
       "any number of steps has room, from the start to the last");
    is_i64(course->latest.energy_uj.best, 1000000 * JOULE, "and is predicted as if all were there");
    ok(!jb_course_add(course, 1, 1), "a point before the last one is not taken");
    (void)jb_course_mark(course, "step 2000000");
    ok(!jb_course_add(course, 6000 * SECOND, 60000 * JOULE) &&
           course->latest.state != JB_PREDICT_STEADY,
       "more work than was told ends all predictions");
}

int main(void)
{
    course = calloc(1, sizeof *course);
    counts();
    enters();
    bounded();
    free(course);
    return done_testing();
}
