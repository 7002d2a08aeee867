/* SPDX-License-Identifier: Apache-2.0 */
/* R-REPORT-24: the course of metrics from marks as they were entered. */
#include "pipeline/metric_course.h"

#include "book.h"

#include "pipeline/run_records.h"

#define S JB_NS_PER_S

static void enter(struct jb_ledger *ledger, const char *run_id, const struct jb_account_mark *marks,
                  size_t n)
{
    struct jb_entry entry = {.n_fields = 1};
    struct jb_error err = {0};
    char *json = NULL;

    book_must(jb_records_marks_to_json(marks, n, &json, &err), &err, "json");
    const struct jb_field field = {.name = "marks", .value = json};
    entry.fields = &field;
    book_text(entry.kind, sizeof entry.kind, JB_RECORDS_KIND_MARKS);
    book_text(entry.run_id, sizeof entry.run_id, run_id);
    book_must(jb_ledger_append(ledger, &entry, NULL, &err), &err, "append");
    free(json);
}

/* Steps lie inside of epochs: the energies until them are those of the marks, not sums of rows. */
static const struct jb_account_mark marks[] = {
    {.text = "metric accuracy:max", .mono_ns = 100 * S},
    {.text = "early=1", .mono_ns = 101 * S, .run_uj = 1}, /* before any: belongs to none */
    {.text = "step 10 loss=2.5", .mono_ns = 105 * S, .run_uj = 50, .half_width_uj = 1},
    {.text = "epoch 1 loss=2.25 accuracy=61.5% lr=1e-3",
     .mono_ns = 110 * S,
     .run_uj = 100,
     .half_width_uj = 2},
    {.text = "phase eval", .mono_ns = 112 * S, .run_uj = 120},
    {.text = "bleu=nan f1=0.5", .mono_ns = 113 * S, .run_uj = 130},
    {.text = "epoch 2 loss=-0.000000001 accuracy=", .mono_ns = 120 * S, .run_uj = 300},
    {.text = "hello", .mono_ns = 121 * S, .run_uj = 310},
};

static void test_course(struct jb_ledger *ledger, const struct jb_run *run)
{
    struct jb_metric_course course = {.n_points = 0};
    struct jb_error err = {0};

    book_must(jb_metric_course_make(ledger, run, &course, &err), &err, "course");
    const struct jb_metric_point *const points = course.points;
    is_i64((int64_t)course.n_points, 3, "R-REPORT-24: a step and two epochs");
    ok(course.n_metrics == 4 && strcmp(course.names[0], "loss") == 0 &&
           strcmp(course.names[1], "accuracy") == 0 && strcmp(course.names[2], "lr") == 0 &&
           strcmp(course.names[3], "f1") == 0,
       "four metrics in their order; what is no number is none");
    ok(!points[0].is_epoch && strcmp(points[0].name, "step 10") == 0 &&
           points[0].elapsed_ns == 5 * S && points[0].run_uj == 50 &&
           points[0].half_width_uj == 1 && points[0].nano[0] == 2500000000 &&
           points[0].nano[1] == JB_METRIC_NANO_NONE,
       "the step");
    ok(points[1].is_epoch && points[1].elapsed_ns == 10 * S && points[1].run_uj == 100 &&
           points[1].nano[0] == 2250000000 && points[1].nano[1] == 61500000000 &&
           points[1].nano[2] == 1000000,
       "the first epoch: 100 uJ until it, of which the step is a part");
    is_i64(points[1].nano[3], 500000000, "what its evaluation told stands with it");
    ok(points[2].run_uj == 300 && points[2].nano[0] == -1 &&
           points[2].nano[1] == JB_METRIC_NANO_NONE,
       "the second: a billionth below 0, and no accuracy");
    is_i64(course.n_left_out + course.n_metrics_left_out, 0, "nothing was left out");
    jb_metric_course_release(&course);
}

static void test_limits(struct jb_ledger *ledger)
{
    static struct jb_account_mark many[JB_METRIC_POINTS + 3];
    struct jb_metric_course course = {.n_points = 0};
    struct jb_error err = {0};
    struct jb_run run;

    for (size_t i = 0; i < JB_METRIC_POINTS + 3; i++) {
        many[i] = (struct jb_account_mark){.run_uj = (int64_t)i};
        (void)snprintf(many[i].text, sizeof many[i].text, "step %zu loss=%zu", i, i);
    }
    book_text(many[0].text, sizeof many[0].text, "step 0 a=1 b=2 c=3 d=4 e=5 f=6 g=7 h=8 i=9 i=9");
    book_begin(ledger);
    book_open_run(ledger, RUN_B, 100);
    for (size_t at = 0; at < JB_METRIC_POINTS + 3; at += 1000)
        enter(ledger, RUN_B, many + at,
              at + 1000 < JB_METRIC_POINTS + 3 ? 1000 : JB_METRIC_POINTS + 3 - at);
    book_commit(ledger);
    book_run(&run, RUN_B, 100);
    book_must(jb_metric_course_make(ledger, &run, &course, &err), &err, "course");
    ok(course.n_points == JB_METRIC_POINTS && course.n_left_out == 3,
       "marks beyond the last point are counted");
    ok(course.n_metrics == JB_METRICS_MAX && course.n_metrics_left_out > 0 &&
           course.points[0].nano[7] == 8000000000,
       "metrics beyond the eighth too");
    ok(course.points[0].elapsed_ns == 0, "a mark before the run's begin is at it");
    jb_metric_course_release(&course);
}

int main(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *const ledger = book_open(folder.book, JB_LEDGER_CREATE);
    struct jb_metric_course course = {.n_points = 0};
    struct jb_error err = {0};
    struct jb_run run;

    book_run(&run, RUN_A, 100);
    book_begin(ledger);
    book_open_run(ledger, RUN_A, 100);
    book_commit(ledger);
    is_i64(jb_metric_course_make(ledger, &run, &course, &err), JB_E_NOT_FOUND,
           "a run without marks has no course");
    book_begin(ledger);
    enter(ledger, RUN_A, marks, 4);
    enter(ledger, RUN_A, marks + 4, sizeof marks / sizeof marks[0] - 4);
    book_commit(ledger);
    test_course(ledger, &run);
    test_limits(ledger);
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
    return done_testing();
}
