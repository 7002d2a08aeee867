/* SPDX-License-Identifier: Apache-2.0 */
/* `joulebook show [RUN]`: one run's account for people. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/predictions.h"
#include "cli/runs.h"
#include "report/report_skill.h"

/* What was predicted of the run while it went on, beside what it came to. Of a group there is none: each run has its own. */
static jb_rc add_predictions(struct jb_cli *cli, struct jb_ledger *ledger, const char *run_id,
                             struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct jb_skill_row *rows = NULL;
    size_t n = 0;
    const jb_rc rc = jb_cli_skill_rows(ledger, run_id, &rows, &n, err);

    if (rc == JB_OK)
        jb_report_predictions(rows, n, &cli->style, &cli->out);
    return rc;
}

static jb_rc run(struct jb_cli *cli, struct jb_error *err)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    JB_AUTO(jb_account_release) struct jb_account account = {0};
    JB_AUTO(jb_free_auto) char *json = NULL;
    const char *const which = cli->args.n_words > 0 ? cli->args.words[0] : "last";
    enum jb_format format;
    jb_rc rc;

    rc = jb_cli_format(cli, &format, err);
    if (rc == JB_OK)
        rc = jb_cli_open_book(cli, JB_LEDGER_READ, &ledger, err);
    if (rc == JB_OK)
        rc = jb_cli_load_account(ledger, which, &account, &json, err);
    if (rc == JB_OK)
        rc = jb_cli_report(cli, &account, json, format, NULL, err);
    if (rc == JB_OK && format == JB_FORMAT_TEXT && strncmp(which, "group:", 6) != 0)
        rc = add_predictions(cli, ledger, account.run.id, err);
    return rc;
}

const struct jb_command jb_cmd_show = {
    .name = "show",
    .summary = "one run: its energy, how sure that is, and what it stands on",
    .usage = "[RUN | last | group:NAME] [--book PATH] [--json]",
    .about = "Prints the account of a run: the energy with its band, method and origin; facility, "
             "carbon and cost;\n"
             "each device; who pays for idle; epochs; the factors used; every doubt; and what was\n"
             "predicted of the run while it went on.\n"
             "RUN is an id, or its beginning (at least 4 characters); without it, the last run. "
             "group:NAME is all\n"
             "runs of a distributed training together, of one node or of several merged books.",
    .examples = "  joulebook show\n"
                "  joulebook show 01939f7e-0000-70\n"
                "  joulebook show last --json | jq .energy_uj\n",
    .flags = JB_COMMAND_BOOK | JB_COMMAND_JSON,
    .words_max = 1,
    .run = run,
};
