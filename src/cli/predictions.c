/* SPDX-License-Identifier: Apache-2.0 */
/* Predictions as they were entered and accounts as they were closed, to pairs. What cannot be paired says why. */
#include "cli/predictions.h"

#include <stdlib.h>
#include <string.h>

#include "account/account.h"
#include "base/num.h"
#include "pipeline/predicted.h"

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

/* Work that the run did, by its marks. */
static int64_t work_done(const struct jb_account *account, const char *unit)
{
    const size_t len = strlen(unit);
    int64_t n = 0, last = 0;

    for (size_t i = 0; i < account->n_epochs; i++) {
        const char *const name = account->epochs[i].name;
        int64_t number;
        if (strncmp(name, unit, len) != 0 || (name[len] != ' ' && name[len] != '\0'))
            continue;
        n++;
        if (name[len] == ' ' &&
            jb_parse_i64(name + len + 1, strlen(name + len + 1), false, &number) == JB_OK &&
            number > last)
            last = number;
    }
    return strcmp(unit, "epoch") == 0 ? n : last;
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
    if (work_done(&account, row->predicted.unit) < row->predicted.total_work)
        row->why_not = "the run stopped before its work was done";
    for (size_t i = 0; i < account.n_lines; i++)
        if (account.lines[i].role == JB_ROLE_POST && account.lines[i].total_uj.is_known)
            row->energy_uj = jb_add_sat_i64(row->energy_uj, account.lines[i].total_uj.best);
    row->duration_ns = account.duration_ns;
    return JB_OK;
}

jb_rc jb_cli_skill_rows(struct jb_ledger *ledger, struct jb_skill_row **ret_rows, size_t *ret_n,
                        struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct jb_run *run = malloc(sizeof *run);
    struct rows rows = {.n = 0};
    jb_rc rc = run ? jb_ledger_each_entry(ledger, JB_PREDICTED_KIND, NULL, on_entry, &rows, err)
                   : jb_fail(err, JB_E_NOMEM, NULL, "no memory for a run");

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
