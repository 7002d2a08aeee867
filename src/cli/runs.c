/* SPDX-License-Identifier: Apache-2.0 */
/* The book's account of a run to a report. The figures shown are those entered; nothing is computed anew but for a run
 * that has not ended. */
#include "cli/runs.h"

#include <stdlib.h>

#include "account/account.h"
#include "pipeline/account_of_group.h"
#include "pipeline/account_of_run.h"
#include "pipeline/planned.h"

#define REPORT_MAX_BYTES ((size_t)256 * 1024 * 1024)

static jb_rc account_so_far(struct jb_ledger *ledger, const struct jb_run *run,
                            struct jb_account *ret_account, char **ret_json, struct jb_error *err)
{
    JB_AUTO(jb_account_release) struct jb_account account = {0};
    jb_rc rc = jb_pipeline_account_with(ledger, run, &account, err);

    if (rc == JB_OK)
        rc = jb_planned_beside(ledger, &account, err);
    if (rc == JB_OK)
        rc = jb_account_to_json_with_run(&account, ret_json, err);
    if (rc < 0)
        return rc;
    *ret_account = account;
    account = (struct jb_account){0};
    return JB_OK;
}

/* As entered, with the facts of the run as the book now has them: amended, erased, void. */
static jb_rc account_entered(struct jb_ledger *ledger, const char *entered,
                             const struct jb_run *run, struct jb_account *ret_account,
                             char **ret_json, struct jb_error *err)
{
    JB_AUTO(jb_account_release) struct jb_account account = {0};
    jb_rc rc = jb_account_from_json(entered, &account, err);

    if (rc < 0)
        return rc;
    account.run = *run;
    rc = jb_planned_beside(ledger, &account, err);
    if (rc == JB_OK)
        rc = jb_account_to_json_with_run(&account, ret_json, err);
    if (rc < 0)
        return rc;
    *ret_account = account;
    account = (struct jb_account){0};
    return JB_OK;
}

static jb_rc load_group(struct jb_ledger *ledger, const char *group, struct jb_account *ret_account,
                        char **ret_json, struct jb_error *err)
{
    JB_AUTO(jb_account_release) struct jb_account account = {0};
    jb_rc rc = jb_pipeline_account_of_group(ledger, group, &account, err);

    if (rc == JB_OK)
        rc = jb_planned_beside(ledger, &account, err);
    if (rc == JB_OK)
        rc = jb_account_to_json_with_run(&account, ret_json, err);
    if (rc < 0)
        return rc;
    *ret_account = account;
    account = (struct jb_account){0};
    return JB_OK;
}

jb_rc jb_cli_load_account(struct jb_ledger *ledger, const char *run_text,
                          struct jb_account *ret_account, char **ret_json, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct jb_run *run = malloc(sizeof *run);
    JB_AUTO(jb_free_auto) char *entered = NULL;
    jb_rc rc;

    if (!run)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a run");
    if (strncmp(run_text, "group:", 6) == 0)
        return load_group(ledger, run_text + 6, ret_account, ret_json, err);
    rc = jb_ledger_find_run(ledger, run_text, run, err);
    if (rc < 0)
        return rc;
    rc = jb_ledger_run_account(ledger, run->id, &entered, err);
    if (rc == JB_E_NOT_FOUND)
        return account_so_far(ledger, run, ret_account, ret_json, err);
    return rc < 0 ? rc : account_entered(ledger, entered, run, ret_account, ret_json, err);
}

jb_rc jb_cli_report(struct jb_cli *cli, const struct jb_account *account, const char *json,
                    enum jb_format format, const char *file, struct jb_error *err)
{
    const struct jb_style plain = {.is_colour = false, .width = 0};
    struct jb_buf text = JB_BUF(REPORT_MAX_BYTES);
    jb_rc rc;

    if (!file)
        return jb_report_account(account, json, format, &cli->style, &cli->out, err);
    rc = jb_report_account(account, json, format, &plain, &text, err);
    if (rc == JB_OK)
        rc = jb_cli_write_file(file, jb_buf_text(&text), text.len, err);
    jb_buf_release(&text);
    return rc;
}
