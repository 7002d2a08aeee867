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
    course->has_number = false;
    course->shift = 0;
    course->total_work = total_epochs > 0 ? total_epochs : total_steps;
    course->unit = units[total_epochs > 0 || total_steps <= 0 ? 0 : 1].unit;
}

/* "step 1200", "epoch 3 of 90", "epoch 3/90": the number that stands first; -1 if none does. */
static int64_t number_of(const char *name)
{
    const char *const blank = strchr(name, ' ');
    const char *const digits = blank ? blank + 1 : "";
    const size_t len = strspn(digits, "0123456789");
    int64_t number;

    if (len == 0 || !strchr(" /,:;", digits[len]) || jb_parse_i64(digits, len, false, &number) < 0)
        return -1;
    return number;
}

/*
 * Epochs may be numbered from 0, from 1, from where a training was taken up, or not at all. Several processes may mark the
 * same one, and a training that fell back to its last checkpoint does some again: neither is new work. One that begins
 * again at its first number (a fold, a candidate) is.
 */
static int64_t work_of_epoch(struct jb_course *course, int64_t number)
{
    if (number < 0)
        return course->work + 1;
    if (!course->has_number) {
        const bool is_beyond = course->total_work > 0 && number > course->total_work;
        course->has_number = true;
        course->first_number = number;
        course->shift = number == 0 || is_beyond ? 1 - number : 0;
    } else if (number == course->first_number && number <= 1 && course->last_number > number) {
        course->shift = course->work + 1 - number;
    }
    course->last_number = number;
    return jb_add_sat_i64(number, course->shift);
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
        const int64_t number = number_of(mark.name);
        const int64_t work = mark.kind == JB_MARK_EPOCH ? work_of_epoch(course, number) : number;
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
           off > jb_muldiv_sat_i64(before->best, MOVED_PPM, 1000000, JB_ROUND_NEAREST) ||
           now->high - now->low < (before->high - before->low) / 2;
}

/* A training that was taken up again: work that its first mark tells of and this run has not done. Marks come about
 * evenly, so the second one tells how much the first one was of this run. */
static void find_start(struct jb_course *course)
{
    const int64_t first = course->points[1].work;
    const int64_t step = course->points[2].work - first;

    if (first / 2 > step)
        course->points[0].work = first - step;
}

static bool is_to_be_entered(const struct jb_course *course)
{
    const struct jb_prediction *const now = &course->latest, *const before = &course->entered;

    return course->n_entered == 0 ||
           (!course->has_fifth && now->work >= (now->total_work + FIFTH - 1) / FIFTH) ||
           has_moved(&now->energy_uj, &before->energy_uj) ||
           has_moved(&now->duration_ns, &before->duration_ns);
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
    if (course->n_points == 3)
        find_start(course);
    course->latest.state = JB_PREDICT_EARLY;
    if (course->total_work == 0 ||
        jb_predict(course->points, course->n_points, course->total_work, &prediction, NULL) < 0)
        return false;
    course->latest = prediction;
    if (prediction.state != JB_PREDICT_STEADY || !is_to_be_entered(course))
        return false;
    if (course->n_entered == ENTERED_MAX) /* what is not entered is not shown */
        course->latest.state = JB_PREDICT_UNCERTAIN;
    return course->n_entered < ENTERED_MAX;
}

void jb_course_entered(struct jb_course *course)
{
    course->entered = course->latest;
    course->n_entered++;
    course->has_fifth =
        course->has_fifth || course->latest.work >= (course->latest.total_work + FIFTH - 1) / FIFTH;
}
