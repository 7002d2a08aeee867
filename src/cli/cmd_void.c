/* SPDX-License-Identifier: Apache-2.0 */
/* `joulebook void RUN`: takes a run out of all sums by reversing its postings; what was entered stays readable. */
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/commands.h"

static const struct jb_option options[] = {
    {0, "reason", "TEXT", "why; it is entered with it", false},
    {0, NULL, NULL, NULL, false},
};

static jb_rc run(struct jb_cli *cli, struct jb_error *err)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    JB_AUTO(jb_free_auto) struct jb_run *found = malloc(sizeof *found);
    const char *const reason = jb_args_text(&cli->args, "reason");
    jb_rc rc;

    if (!found)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a run");
    if (!reason || !reason[0])
        return jb_fail(err, JB_E_USAGE, "for example --reason 'measured with the wrong meter'",
                       "a reason is missing");
    rc = jb_cli_open_book(cli, JB_LEDGER_WRITE, &ledger, err);
    if (rc == JB_OK)
        rc = jb_ledger_begin(ledger, err);
    if (rc < 0)
        return rc;
    rc = jb_ledger_find_run(ledger, cli->args.words[0], found, err);
    if (rc == JB_OK)
        rc = jb_ledger_void(ledger, found->id, reason, err);
    if (rc == JB_OK)
        rc = jb_ledger_commit(ledger, err);
    if (rc < 0) {
        jb_ledger_rollback(ledger);
        return rc;
    }
    if (jb_args_has(&cli->args, "json"))
        jb_buf_addf(&cli->out, "{\"status\":\"void\",\"id\":\"%s\"}\n", found->id);
    else
        jb_buf_addf(&cli->out, "run %s is void; %s\n", found->id,
                    found->layer == JB_LAYER_PREDICTED ? "the plan counts no longer"
                    : found->layer == JB_LAYER_RECONSTRUCTED
                        ? "its energy is back in the account of the paper that told it"
                        : "its energy is charged to others on its host");
    return JB_OK;
}

const struct jb_command jb_cmd_void = {
    .name = "void",
    .summary = "take a run out of all sums, with a reason",
    .usage = "RUN | last --reason TEXT [--book PATH]",
    .about =
        "Reverses every posting of the run by entries of its own and marks it void. Nothing "
        "is deleted: the\n"
        "energy the meters gave is charged to others on that host (what a paper told is charged to "
        "nobody), and\n"
        "the run stays readable with `show`.",
    .examples = "  joulebook void last --reason 'forgot to start the GPU job'\n",
    .options = options,
    .flags = JB_COMMAND_BOOK | JB_COMMAND_JSON,
    .words_min = 1,
    .words_max = 1,
    .run = run,
};
