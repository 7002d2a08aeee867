/* SPDX-License-Identifier: Apache-2.0 */
/* `joulebook report RUN`: one run's account in a format for other programs, or for people. */
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/runs.h"

static const struct jb_option options[] = {
    {'f', "format", "FORMAT", "text (the default), json or csv", false},
    {'o', "out", "FILE", "write to FILE instead of standard output", false},
    {0, NULL, NULL, NULL, false},
};

static jb_rc run(struct jb_cli *cli, struct jb_error *err)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    JB_AUTO(jb_account_release) struct jb_account account = {0};
    JB_AUTO(jb_free_auto) char *json = NULL;
    enum jb_format format;
    jb_rc rc;

    rc = jb_cli_format(cli, &format, err);
    if (rc == JB_OK)
        rc = jb_cli_open_book(cli, JB_LEDGER_READ, &ledger, err);
    if (rc == JB_OK)
        rc = jb_cli_load_account(ledger, cli->args.words[0], &account, &json, err);
    return rc < 0
               ? rc
               : jb_cli_report(cli, &account, json, format, jb_args_text(&cli->args, "out"), err);
}

const struct jb_command jb_cmd_report = {
    .name = "report",
    .summary = "a run's account as text, JSON or CSV",
    .usage = "RUN | last | group:NAME [--format text|json|csv] [-o FILE] [--book PATH]",
    .about = "Writes the account of a run. JSON is the account that was entered in the book, with "
             "the facts of the run\n"
             "(docs/format/account.md: integers, units in the names); CSV has one row for each "
             "channel of each host.\n"
             "group:NAME is all runs of a distributed training together. A file appears whole or "
             "not at all.",
    .examples = "  joulebook report last --format json\n"
                "  joulebook report 01939f7e --format csv -o run.csv\n",
    .options = options,
    .flags = JB_COMMAND_BOOK | JB_COMMAND_JSON,
    .words_min = 1,
    .words_max = 1,
    .run = run,
};
