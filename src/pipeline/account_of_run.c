/* SPDX-License-Identifier: Apache-2.0 */
/* The book to one run's account, by the stages of account/. Must add nothing that the book does not hold. */
#include "pipeline/account_of_run.h"

#include <string.h>

#include "account/account.h"
#include "pipeline/run_records.h"

static jb_rc on_interval(void *arg, int64_t seq, const struct jb_interval *interval,
                         const struct jb_line *lines, size_t n_lines, struct jb_error *err)
{
    (void)seq;
    return jb_account_add_interval(arg, interval, lines, n_lines, err);
}

/* The field of an entry; NULL if it has none, or it was erased. */
static const char *field(const struct jb_entry *entry, const char *name)
{
    for (size_t i = 0; i < entry->n_fields; i++)
        if (strcmp(entry->fields[i].name, name) == 0)
            return entry->fields[i].value;
    return NULL;
}

static jb_rc on_marks(void *arg, int64_t seq, const struct jb_entry *entry, struct jb_error *err)
{
    const char *const json = field(entry, "marks");

    (void)seq;
    return json ? jb_records_marks_to_builder(json, arg, err) : JB_OK;
}

static jb_rc on_notes(void *arg, int64_t seq, const struct jb_entry *entry, struct jb_error *err)
{
    const char *const json = field(entry, "notes");

    (void)seq;
    return json ? jb_records_notes_to_builder(json, arg, err) : JB_OK;
}

static jb_rc on_unposted(void *arg, int64_t seq, const struct jb_entry *entry, struct jb_error *err)
{
    const char *const json = field(entry, "interval");
    struct jb_interval interval;
    jb_rc rc;

    (void)seq;
    if (!json)
        return JB_OK;
    rc = jb_records_interval_from_json(json, &interval, err);
    return rc < 0 ? rc : jb_account_add_unposted(arg, &interval, err);
}

jb_rc jb_pipeline_account_with(struct jb_ledger *ledger, const struct jb_run *run,
                               struct jb_account *ret_account, struct jb_error *err)
{
    JB_AUTO(jb_account_builder_free_auto) struct jb_account_builder *builder = NULL;
    jb_rc rc;

    rc = jb_account_builder_new(run, &builder, err);
    if (rc == JB_OK)
        rc = jb_ledger_each_interval(ledger, run->id, on_interval, builder, err);
    if (rc == JB_OK)
        rc = jb_ledger_each_entry(ledger, JB_RECORDS_KIND_UNPOSTED, run->id, on_unposted, builder,
                                  err);
    if (rc == JB_OK)
        rc = jb_ledger_each_entry(ledger, JB_RECORDS_KIND_MARKS, run->id, on_marks, builder, err);
    if (rc == JB_OK)
        rc = jb_ledger_each_entry(ledger, JB_RECORDS_KIND_NOTES, run->id, on_notes, builder, err);
    return rc < 0 ? rc : jb_account_finish(builder, ret_account, err);
}

jb_rc jb_pipeline_account(struct jb_ledger *ledger, const char *run_id,
                          struct jb_account *ret_account, struct jb_error *err)
{
    struct jb_run run;
    const jb_rc rc = jb_ledger_find_run(ledger, run_id, &run, err);

    return rc < 0 ? rc : jb_pipeline_account_with(ledger, &run, ret_account, err);
}

jb_rc jb_pipeline_account_entered(struct jb_ledger *ledger, const char *run_id,
                                  struct jb_account *ret_account, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct jb_run *run = malloc(sizeof *run);
    JB_AUTO(jb_free_auto) char *json = NULL;
    jb_rc rc;

    if (!run)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a run");
    rc = jb_ledger_find_run(ledger, run_id, run, err);
    if (rc == JB_OK)
        rc = jb_ledger_run_account(ledger, run->id, &json, err);
    if (rc == JB_OK)
        rc = jb_account_from_json(json, ret_account, err);
    if (rc == JB_OK)
        ret_account->run = *run;
    return rc;
}
