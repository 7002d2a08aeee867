/* SPDX-License-Identifier: Apache-2.0 */
/* R-PREDICT-11 and -12: marks to work, and which predictions are entered. */
#include "pipeline/course.h"

#include "base/compiler.h"
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
    static const struct {
        const char *marks[9];
        int64_t work;
        const char *promise;
    } cases[] = {
        {{"epoch 1", "epoch 1", "epoch 2", "epoch 2", "epoch 2"}, 2, "each once, whoever marks it"},
        {{"epoch 1", "epoch 2", "epoch 3", "epoch 2", "epoch 3", "epoch 4"},
         4,
         "what is done again after a fall to a checkpoint is no new work"},
        {{"epoch 1", "epoch 2", "epoch 1", "epoch 2", "epoch 1"}, 5, "another fold is"},
        {{"epoch 0", "epoch 1", "epoch 0", "epoch 1"}, 4, "from 0 as well"},
        {{"epoch 3 of 90", "epoch 4 of 90"}, 4, "of the total only the epoch is taken"},
        {{"epoch 3/90", "epoch 4/90"}, 4, "however it is written"},
        {{"epoch 10", "epoch 20"}, 20, "marked now and then"},
        {{"epoch", "epoch", "epoch"}, 3, "without numbers they are counted"},
        {{"epoch 101", "epoch 102"}, 2, "beyond the total they are those of this run"},
    };
    for (size_t i = 0; i < JB_ARRAY_LEN(cases); i++) {
        jb_course_init(course, 90, 0);
        for (size_t k = 0; k < 9 && cases[i].marks[k]; k++)
            (void)jb_course_mark(course, cases[i].marks[k]);
        is_i64(course->work, cases[i].work, "%s", cases[i].promise);
    }
}

/* 20 s and 1 kJ each, from the one after `first` on. */
static void takes_up(const char *unit, int64_t total_epochs, int64_t total_steps, int64_t first,
                     int64_t by, const char *promise)
{
    jb_course_init(course, total_epochs, total_steps);
    for (int64_t i = 1; i <= 10; i++) {
        char text[32];
        (void)snprintf(text, sizeof text, "%s %lld", unit, (long long)(first + i * by));
        if (jb_course_mark(course, text))
            (void)jb_course_add(course, i * 20 * SECOND, i * 1000 * JOULE);
    }
    is_i64(course->latest.energy_uj.best, 40 * 1000 * JOULE, "%s", promise);
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
            jb_course_entered(course);
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
    jb_course_init(course, 100, 0);
    int n_tried = 0;
    for (int epoch = 1; epoch <= 9; epoch++)
        n_tried += jb_course_mark(course, "epoch") &&
                   jb_course_add(course, epoch * 10 * SECOND, epoch * 1000 * JOULE);
    is_i64(n_tried, 4, "one that could not be entered is tried again");
    is_i64(course->n_entered, 0, "and does not count");
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

/* 10 s and 1 kJ each, every other one 1.2 kJ: the interval shrinks while the best figure stays. */
static void grows_sure(void)
{
    int64_t energy = 0;
    bool is_new = false;
    jb_course_init(course, 200, 0);
    for (int epoch = 1; epoch < 200; epoch++) {
        energy += (epoch % 2 ? 1000 : 1200) * JOULE;
        if (jb_course_mark(course, "epoch") && jb_course_add(course, epoch * 10 * SECOND, energy))
            jb_course_entered(course);
        is_new = course->latest.state != JB_PREDICT_STEADY || course->n_entered == 0 ||
                 course->entered.energy_uj.high - course->entered.energy_uj.low <=
                     2 * (course->latest.energy_uj.high - course->latest.energy_uj.low) + 2;
        if (!is_new)
            break;
    }
    ok(is_new, "what stands entered is never more than twice as unsure as what is known");
    ok(course->n_entered > 3 && course->n_entered < 20, "in few entries: %d", course->n_entered);
}

int main(void)
{
    course = calloc(1, sizeof *course);
    counts();
    takes_up("epoch", 90, 0, 50, 1, "a training taken up at epoch 50 of 90 has 40 to go");
    takes_up("step", 0, 90000, 50000, 1000, "or at a step");
    takes_up("step", 0, 40000, 0, 1000, "one from the beginning has all");
    enters();
    grows_sure();
    bounded();
    free(course);
    return done_testing();
}
