/* SPDX-License-Identifier: Apache-2.0 */
/* Enters an amendment with its account. What is refused leaves the book as it was. R-BOOK-14. */
#include "cli/amend_enter.h"

#include <stdlib.h>
#include <string.h>

#include "account/account.h"
#include "pipeline/account_of_run.h"
#include "pipeline/run_records.h"

static jb_rc erase(struct jb_ledger *ledger, const struct jb_run *run,
                   const struct jb_amendment *amendment, struct jb_error *err)
{
    jb_rc rc = JB_OK;

    for (size_t i = 0; rc == JB_OK && i < amendment->n_erased; i++)
        rc = jb_ledger_erase(ledger, run->id, amendment->erased[i], amendment->reason, err);
    return rc;
}

static jb_rc add_note(struct jb_ledger *ledger, const struct jb_run *run,
                      const struct jb_amendment *amendment, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) char *json = NULL;

    if (!amendment->note || !amendment->note[0])
        return JB_OK;
    const jb_rc rc = jb_records_notes_to_json(&amendment->note, 1, &json, err);
    if (rc < 0)
        return rc;
    const struct jb_field field = {"notes", json};
    struct jb_entry entry = {
        .kind = JB_RECORDS_KIND_NOTES, .layer = run->layer, .n_fields = 1, .fields = &field};
    memcpy(entry.run_id, run->id, sizeof entry.run_id);
    return jb_ledger_append(ledger, &entry, NULL, err);
}

/* All of it but the account. */
static jb_rc apply(struct jb_ledger *ledger, const struct jb_run *run,
                   const struct jb_amendment *amendment, const char *json, struct jb_error *err)
{
    jb_rc rc = erase(ledger, run, amendment, err);

    if (rc == JB_OK)
        rc = add_note(ledger, run, amendment, err);
    if (rc == JB_OK && (amendment->n_changes > 0 || json))
        rc = jb_ledger_amend(ledger, run->id, amendment->changes, amendment->n_changes,
                             amendment->reason, json, err);
    return rc;
}

/* The account as it will be: everything is entered, looked at, and taken back. */
static jb_rc preview(struct jb_ledger *ledger, const struct jb_run *run,
                     const struct jb_amendment *amendment, char **ret_json, struct jb_error *err)
{
    JB_AUTO(jb_account_release) struct jb_account account = {0};
    jb_rc rc = jb_ledger_begin(ledger, err);

    if (rc < 0)
        return rc;
    rc = apply(ledger, run, amendment, NULL, err);
    if (rc == JB_OK)
        rc = jb_pipeline_account(ledger, run->id, &account, err);
    if (rc == JB_OK)
        rc = jb_account_to_json(&account, ret_json, err);
    jb_ledger_rollback(ledger);
    return rc;
}

jb_rc jb_amend_enter(struct jb_ledger *ledger, const struct jb_run *run,
                     const struct jb_amendment *amendment, bool *ret_has_account,
                     struct jb_error *err)
{
    JB_AUTO(jb_free_auto) char *json = NULL;
    jb_rc rc = JB_OK;

    if (run->status != JB_RUN_OPEN)
        rc = preview(ledger, run, amendment, &json, err);
    if (rc == JB_OK)
        rc = jb_ledger_begin(ledger, err);
    if (rc < 0)
        return rc;
    rc = apply(ledger, run, amendment, json, err);
    if (rc == JB_OK)
        rc = jb_ledger_commit(ledger, err);
    if (rc < 0) {
        jb_ledger_rollback(ledger);
        return rc;
    }
    *ret_has_account = json != NULL;
    return JB_OK;
}
