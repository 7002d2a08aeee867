/* SPDX-License-Identifier: Apache-2.0 */
/* Counts work by the marks of a run and asks for a prediction at each new unit. Must never grow with the run. */
#include "pipeline/course.h"

#include <string.h>

#include "account/account_marks.h"
#include "base/compiler.h"
#include "base/num.h"

#define FIFTH       5
#define MOVED_PPM   50000
#define ENTERED_MAX 100

static const struct {
    const char *unit;
    const char *total; /* as a mark tells it */
    enum jb_mark_kind kind;
} units[] = {
    {"epoch", "epochs=", JB_MARK_EPOCH},
    {"step", "steps=", JB_MARK_STEP},
};

void jb_course_init(struct jb_course *course, int64_t total_epochs, int64_t total_steps)
{
    /* Member by member: a run without marks shall not touch the memory of the points. */
    course->work = 0;
    course->n_points = 1;
    course->points[0] = (struct jb_predict_point){0};
    course->latest = (struct jb_prediction){.state = JB_PREDICT_EARLY};
    course->n_entered = 0;
    course->has_fifth = false;
    course->total_work = total_epochs > 0 ? total_epochs : total_steps;
    course->unit = units[total_epochs > 0 || total_steps <= 0 ? 0 : 1].unit;
}

/* The number that ends a name, "step 1200"; -1 if none does. */
static int64_t number_of(const char *name)
{
    const char *const blank = strrchr(name, ' ');
    int64_t number;

    if (!blank || jb_parse_i64(blank + 1, strlen(blank + 1), false, &number) < 0)
        return -1;
    return number;
}

static void take_total(struct jb_course *course, const char *metrics)
{
    int64_t total;

    for (size_t i = 0; i < JB_ARRAY_LEN(units) && course->total_work == 0; i++) {
        const size_t len = strlen(units[i].total);
        const char *const value = metrics + len;
        if (strncmp(metrics, units[i].total, len) != 0 ||
            jb_parse_i64(value, strcspn(value, " "), false, &total) < 0 || total <= 0)
            continue;
        course->total_work = total;
        course->unit = units[i].unit;
    }
}

bool jb_course_mark(struct jb_course *course, const char *text)
{
    struct jb_mark mark;
    jb_mark_parse(text, strlen(text), &mark);
    if (mark.kind == JB_MARK_STATED && strcmp(mark.name, "total") == 0)
        take_total(course, mark.metrics);
    for (size_t i = 0; i < JB_ARRAY_LEN(units); i++) {
        if (mark.kind != units[i].kind || strcmp(course->unit, units[i].unit) != 0)
            continue;
        /* Epochs may be numbered from 0 or from 1, or not at all: they are counted. Steps may be marked now and then. */
        const int64_t work = mark.kind == JB_MARK_EPOCH ? course->work + 1 : number_of(mark.name);
        if (work <= course->work)
            return false;
        course->work = work;
        return true;
    }
    return false;
}

/* Every second one goes, so that what is kept covers the whole course evenly. */
static void thin_out(struct jb_course *course)
{
    size_t n = 1;
    for (size_t i = 2; i < course->n_points; i += 2)
        course->points[n++] = course->points[i];
    course->n_points = n;
}

static bool has_moved(const struct jb_figure *now, const struct jb_figure *before)
{
    const int64_t off =
        now->best > before->best ? now->best - before->best : before->best - now->best;
    return now->best < before->low || now->best > before->high ||
           off > jb_muldiv_sat_i64(before->best, MOVED_PPM, 1000000, JB_ROUND_NEAREST);
}

bool jb_course_add(struct jb_course *course, int64_t elapsed_ns, int64_t energy_uj)
{
    struct jb_prediction prediction;
    if (course->n_points == JB_COURSE_POINTS_MAX)
        thin_out(course);
    const struct jb_predict_point *const last = &course->points[course->n_points - 1];
    if (elapsed_ns < last->mono_ns || energy_uj < last->energy_uj)
        return false;
    course->points[course->n_points++] =
        (struct jb_predict_point){course->work, elapsed_ns, energy_uj};
    course->latest.state = JB_PREDICT_EARLY;
    if (course->total_work == 0 ||
        jb_predict(course->points, course->n_points, course->total_work, &prediction, NULL) < 0)
        return false;
    course->latest = prediction;
    if (prediction.state != JB_PREDICT_STEADY || course->n_entered == ENTERED_MAX)
        return false;
    const bool is_fifth =
        !course->has_fifth && prediction.work >= (prediction.total_work + FIFTH - 1) / FIFTH;
    if (course->n_entered > 0 && !is_fifth &&
        !has_moved(&prediction.energy_uj, &course->entered.energy_uj) &&
        !has_moved(&prediction.duration_ns, &course->entered.duration_ns))
        return false;
    course->has_fifth = course->has_fifth || is_fifth;
    course->entered = prediction;
    course->n_entered++;
    return true;
}
