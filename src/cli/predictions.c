/* SPDX-License-Identifier: Apache-2.0 */
/* Predictions as they were entered and accounts as they were closed, to pairs. What cannot be paired says why. */
#include "cli/predictions.h"

#include <stdlib.h>
#include <string.h>

#include "account/account.h"
#include "base/num.h"
#include "pipeline/course.h"
#include "pipeline/predicted.h"
#include "pipeline/run_records.h"

struct rows {
    struct jb_skill_row *rows;
    size_t n, capacity;
};

static jb_rc on_entry(void *arg, int64_t seq, const struct jb_entry *entry, struct jb_error *err)
{
    struct rows *const rows = arg;
    struct jb_skill_row row = {.why_not = NULL};

    (void)seq;
    for (size_t i = 0; i < entry->n_fields; i++) {
        const struct jb_field *const field = &entry->fields[i];
        if (strcmp(field->name, JB_PREDICTED_FIELD) != 0 || !field->value)
            continue;
        jb_rc rc = jb_predicted_from_json(field->value, &row.predicted, err);
        if (rc < 0)
            return rc;
        memcpy(row.predicted.run_id, entry->run_id, sizeof row.predicted.run_id);
        if (rows->n == rows->capacity) {
            const size_t capacity = rows->capacity ? rows->capacity * 2 : 64;
            struct jb_skill_row *const grown = realloc(rows->rows, capacity * sizeof *grown);
            if (!grown)
                return jb_fail(err, JB_E_NOMEM, NULL, "no memory for %zu predictions", capacity);
            rows->rows = grown;
            rows->capacity = capacity;
        }
        rows->rows[rows->n++] = row;
    }
    return JB_OK;
}

static jb_rc on_mark(void *arg, const struct jb_account_mark *mark, struct jb_error *err)
{
    (void)err;
    (void)jb_course_mark(arg, mark->text);
    return JB_OK;
}

static jb_rc on_marks(void *arg, int64_t seq, const struct jb_entry *entry, struct jb_error *err)
{
    jb_rc rc = JB_OK;

    (void)seq;
    for (size_t i = 0; i < entry->n_fields && rc == JB_OK; i++)
        if (strcmp(entry->fields[i].name, "marks") == 0 && entry->fields[i].value)
            rc = jb_records_each_mark(entry->fields[i].value, on_mark, arg, err);
    return rc;
}

/* Work that the run did, counted from its marks as it was while it went on. */
static jb_rc work_done(struct jb_ledger *ledger, const struct jb_predicted *predicted,
                       int64_t *ret_work, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct jb_course *course = malloc(sizeof *course);
    const bool is_epoch = strcmp(predicted->unit, "epoch") == 0;

    if (!course)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the marks of a run");
    jb_course_init(course, is_epoch ? predicted->total_work : 0,
                   is_epoch ? 0 : predicted->total_work);
    const jb_rc rc = jb_ledger_each_entry(ledger, JB_RECORDS_KIND_MARKS, predicted->run_id,
                                          on_marks, course, err);
    *ret_work = course->work;
    return rc;
}

static const char *why_not(const struct jb_run *run)
{
    if (run->status == JB_RUN_OPEN)
        return "the run is still open";
    if (run->status == JB_RUN_VOID)
        return "the run is void";
    if (run->status == JB_RUN_INTERRUPTED)
        return "the run was interrupted";
    return run->exit_code == 0 ? NULL : "the command failed";
}

static jb_rc outcome(struct jb_ledger *ledger, struct jb_skill_row *row, struct jb_run *run,
                     struct jb_error *err)
{
    JB_AUTO(jb_account_release) struct jb_account account = {0};
    JB_AUTO(jb_free_auto) char *json = NULL;
    int64_t work = 0;
    jb_rc rc = jb_ledger_find_run(ledger, row->predicted.run_id, run, err);

    if (rc == JB_OK)
        row->why_not = why_not(run);
    if (rc < 0 || row->why_not)
        return rc;
    rc = jb_ledger_run_account(ledger, run->id, &json, err);
    if (rc == JB_OK)
        rc = jb_account_from_json(json, &account, err);
    if (rc < 0)
        return rc;
    rc = work_done(ledger, &row->predicted, &work, err);
    if (rc < 0)
        return rc;
    if (work < row->predicted.total_work)
        row->why_not = "the run stopped before its work was done";
    for (size_t i = 0; i < account.n_lines; i++)
        if (account.lines[i].role == JB_ROLE_POST && account.lines[i].total_uj.is_known)
            row->energy_uj = jb_add_sat_i64(row->energy_uj, account.lines[i].total_uj.best);
    row->duration_ns = account.duration_ns;
    return JB_OK;
}

/* Predictions of a long run are entered hour by hour, between those of others. */
static int by_run(const void *a, const void *b)
{
    const struct jb_skill_row *const x = a, *const y = b;
    const int order = strcmp(x->predicted.run_id, y->predicted.run_id);

    if (order != 0)
        return order;
    return (x->predicted.elapsed_ns > y->predicted.elapsed_ns) -
           (x->predicted.elapsed_ns < y->predicted.elapsed_ns);
}

jb_rc jb_cli_skill_rows(struct jb_ledger *ledger, const char *run_id,
                        struct jb_skill_row **ret_rows, size_t *ret_n, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct jb_run *run = malloc(sizeof *run);
    struct rows rows = {.n = 0};
    jb_rc rc = run ? jb_ledger_each_entry(ledger, JB_PREDICTED_KIND, run_id, on_entry, &rows, err)
                   : jb_fail(err, JB_E_NOMEM, NULL, "no memory for a run");

    if (rows.n > 0)
        qsort(rows.rows, rows.n, sizeof rows.rows[0], by_run);
    for (size_t i = 0; i < rows.n && rc == JB_OK; i++) {
        struct jb_skill_row *const row = &rows.rows[i];
        const struct jb_skill_row *const before = i > 0 ? row - 1 : NULL;
        if (before && strcmp(before->predicted.run_id, row->predicted.run_id) == 0) {
            row->why_not = before->why_not;
            row->energy_uj = before->energy_uj;
            row->duration_ns = before->duration_ns;
        } else {
            rc = outcome(ledger, row, run, err);
        }
    }
    if (rc < 0) {
        free(rows.rows);
        return rc;
    }
    *ret_rows = rows.rows;
    *ret_n = rows.n;
    return JB_OK;
}
