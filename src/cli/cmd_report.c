/* SPDX-License-Identifier: Apache-2.0 */
/* `joulebook report RUN`: one run's account in a format for other programs, or for people. */
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/predictions.h"
#include "cli/report_export.h"
#include "cli/runs.h"
#include "cli/scope.h"
#include "predict/skill.h"
#include "report/report_skill.h"

static const struct jb_option options[] = {
    {'f', "format", "FORMAT", "text (the default), json, csv, or one of the documents below",
     false},
    {0, "skill", NULL, "how good the predictions of all runs have been, instead of one run", false},
    {'o', "out", "FILE", "write to FILE instead of standard output", false},
    JB_SCOPE_OPTIONS,
    {0, NULL, NULL, NULL, false},
};

static jb_rc report_skill(struct jb_cli *cli, struct jb_ledger *ledger, enum jb_format format,
                          struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct jb_skill_row *rows = NULL;
    const char *const file = jb_args_text(&cli->args, "out");
    struct jb_skill skill[JB_SKILL_PARTS];
    const struct jb_style plain = {0};
    size_t n = 0;
    jb_rc rc = jb_cli_skill_rows(ledger, NULL, &rows, &n, err);

    if (rc == JB_OK)
        rc = jb_skill_of(rows, n, skill, err);
    if (rc == JB_OK)
        rc = jb_report_skill(rows, n, skill, format, file ? &plain : &cli->style, &cli->out, err);
    if (rc < 0 || !file)
        return rc;
    rc = jb_cli_write_file(file, jb_buf_text(&cli->out), cli->out.len, err);
    jb_buf_clear(&cli->out);
    return rc;
}

static jb_rc run(struct jb_cli *cli, struct jb_error *err)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    JB_AUTO(jb_account_release) struct jb_account account = {0};
    JB_AUTO(jb_free_auto) char *json = NULL;
    enum jb_format format;
    const bool is_skill = jb_args_has(&cli->args, "skill");
    const char *const named = jb_args_text(&cli->args, "format");
    const struct jb_export_format *const document = named ? jb_export_find(named) : NULL;
    jb_rc rc = jb_report_export_check(cli, document, err);

    if (rc < 0)
        return rc;
    if (document && !is_skill)
        return jb_cli_report_export(cli, document, err);
    if (is_skill == (cli->args.n_words > 0))
        return jb_fail(err, JB_E_USAGE, "for example: joulebook report last",
                       "give a run, or --skill for all of them");
    rc = jb_cli_format(cli, &format, err);
    if (rc == JB_OK)
        rc = jb_cli_open_book(cli, JB_LEDGER_READ, &ledger, err);
    if (rc == JB_OK && is_skill)
        return report_skill(cli, ledger, format, err);
    if (rc == JB_OK)
        rc = jb_cli_load_account(ledger, cli->args.words[0], &account, &json, err);
    return rc < 0
               ? rc
               : jb_cli_report(cli, &account, json, format, jb_args_text(&cli->args, "out"), err);
}

const struct jb_command jb_cmd_report = {
    .name = "report",
    .summary = "a run's account as text, JSON or CSV",
    .usage = "RUN | last | group:NAME | --skill [--format FORMAT] [-o FILE] [--book PATH]",
    .about = "Writes the account of a run. JSON is the account that was entered in the book, with "
             "the facts of the run\n"
             "(docs/format/account.md: integers, units in the names); CSV has one row for each "
             "channel of each host.\n"
             "group:NAME is all runs of a distributed training together. --skill compares every "
             "prediction in the book\n"
             "with what its run came to. A file appears whole or not at all.",
    .examples = "  joulebook report last --format json\n"
                "  joulebook report 01939f7e --format csv -o run.csv\n"
                "  joulebook report --skill\n"
                "  joulebook report --model bert --format hf-card -o README.md\n",
    .options = options,
    .more_options = jb_report_export_options,
    .more_help = jb_report_export_help,
    .flags = JB_COMMAND_BOOK | JB_COMMAND_JSON,
    .words_min = 0,
    .words_max = 1,
    .run = run,
};
