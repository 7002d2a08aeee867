/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Marks as they were entered, each with the energy until it, to points of a course (R-REPORT-24). The energies of the account's
 * epochs are not added up: steps and phases overlap them. Must never take what is no number for one.
 */
#include "pipeline/metric_course.h"

#include <stdlib.h>
#include <string.h>

#include "account/account_marks.h"
#include "base/num.h"
#include "model/metric.h"
#include "pipeline/run_records.h"

struct making {
    const struct jb_run *run;
    struct jb_metric_course course;
    size_t size;
    char left_out[JB_METRIC_NAME]; /* the last metric for which there was no room */
};

static void making_release(struct making *making)
{
    jb_metric_course_release(&making->course);
}

/* JB_METRICS_MAX: no room. */
static size_t metric_of(struct making *making, const char *name, size_t len)
{
    struct jb_metric_course *const course = &making->course;

    for (size_t i = 0; i < course->n_metrics; i++)
        if (strlen(course->names[i]) == len && memcmp(course->names[i], name, len) == 0)
            return i;
    if (course->n_metrics == JB_METRICS_MAX) {
        course->n_metrics_left_out +=
            strlen(making->left_out) != len || memcmp(making->left_out, name, len) != 0;
        memcpy(making->left_out, name, len);
        making->left_out[len] = '\0';
        return JB_METRICS_MAX;
    }
    memcpy(course->names[course->n_metrics], name, len);
    course->names[course->n_metrics][len] = '\0';
    return course->n_metrics++;
}

/* "accuracy=0.91", also "accuracy=91%": what is no number is no value. */
static void add_value(struct making *making, struct jb_metric_point *point, const char *word,
                      size_t len)
{
    const char *const equals = memchr(word, '=', len);
    const size_t name_len = equals ? (size_t)(equals - word) : 0;
    size_t value_len = equals ? len - name_len - 1 : 0;
    int64_t nano;

    value_len -= value_len > 0 && word[len - 1] == '%';
    if (name_len == 0 || name_len >= JB_METRIC_NAME ||
        jb_parse_decimal(equals + 1, value_len, JB_METRIC_SCALE, &nano) < 0)
        return;
    const size_t i = metric_of(making, word, name_len);
    if (i < JB_METRICS_MAX)
        point->nano[i] = nano;
}

static void add_values(struct making *making, struct jb_metric_point *point, const char *metrics)
{
    while (*metrics) {
        const size_t len = strcspn(metrics, " ");
        add_value(making, point, metrics, len);
        metrics += len + (metrics[len] == ' ');
    }
}

static jb_rc add_point(struct making *making, const struct jb_account_mark *written,
                       const struct jb_mark *mark, struct jb_error *err)
{
    struct jb_metric_course *const course = &making->course;

    if (course->n_points == JB_METRIC_POINTS) {
        course->n_left_out++;
        return JB_OK;
    }
    if (course->n_points == making->size) {
        const size_t size = making->size > 0 ? 2 * making->size : 64;
        struct jb_metric_point *const bigger = realloc(course->points, size * sizeof *bigger);
        if (!bigger)
            return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a course of metrics");
        course->points = bigger;
        making->size = size;
    }
    struct jb_metric_point *const point = &course->points[course->n_points++];
    *point = (struct jb_metric_point){.is_epoch = mark->kind == JB_MARK_EPOCH,
                                      .run_uj = written->run_uj,
                                      .half_width_uj = written->half_width_uj};
    if (written->mono_ns > making->run->start_mono_ns)
        point->elapsed_ns = written->mono_ns - making->run->start_mono_ns;
    memcpy(point->name, mark->name, sizeof point->name);
    for (size_t i = 0; i < JB_METRICS_MAX; i++)
        point->nano[i] = JB_METRIC_NANO_NONE;
    add_values(making, point, mark->metrics);
    return JB_OK;
}

/* R-MARK-11: metrics alone belong to the mark before them. */
static jb_rc see_mark(void *arg, const struct jb_account_mark *written, struct jb_error *err)
{
    struct making *const making = arg;
    struct jb_metric_course *const course = &making->course;
    struct jb_mark mark;

    jb_mark_parse(written->text, strnlen(written->text, sizeof written->text), &mark);
    if (mark.kind == JB_MARK_EPOCH || mark.kind == JB_MARK_STEP)
        return add_point(making, written, &mark, err);
    if (mark.kind == JB_MARK_METRIC && course->n_points > 0 && course->n_left_out == 0)
        add_values(making, &course->points[course->n_points - 1], mark.metrics);
    return JB_OK;
}

static jb_rc see_entry(void *arg, int64_t seq, const struct jb_entry *entry, struct jb_error *err)
{
    (void)seq;
    for (size_t i = 0; i < entry->n_fields; i++)
        if (strcmp(entry->fields[i].name, "marks") == 0 && entry->fields[i].value)
            return jb_records_each_mark(entry->fields[i].value, see_mark, arg, err);
    return JB_OK;
}

jb_rc jb_metric_course_make(struct jb_ledger *ledger, const struct jb_run *run,
                            struct jb_metric_course *ret, struct jb_error *err)
{
    JB_AUTO(making_release) struct making making = {.run = run};
    const jb_rc rc =
        jb_ledger_each_entry(ledger, JB_RECORDS_KIND_MARKS, run->id, see_entry, &making, err);

    if (rc < 0)
        return rc;
    if (making.course.n_points == 0)
        return jb_fail(err, JB_E_NOT_FOUND, NULL, "run %.18s marked neither epoch nor step",
                       run->id);
    *ret = making.course;
    making.course = (struct jb_metric_course){0};
    return JB_OK;
}
