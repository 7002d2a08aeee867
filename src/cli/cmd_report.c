/* SPDX-License-Identifier: Apache-2.0 */
/* `joulebook report`: a run, a model with all that led to it, or a project and period, for other programs or for people. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/predictions.h"
#include "cli/report_export.h"
#include "cli/report_gather.h"
#include "cli/scope.h"
#include "page/pdf.h"
#include "predict/skill.h"
#include "report/report_page.h"
#include "report/report_skill.h"

#define REPORT_MAX_BYTES ((size_t)256 * 1024 * 1024)

static const struct jb_option options[] = {
    {'f', "format", "FORMAT",
     "text (the default), json, csv, html, pdf, or one of the documents below", false},
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

/* R-REPORT-06: of one run CSV has its channels, and JSON is its account with the report in it. */
static jb_rc write_report(const struct jb_report_input *input, enum jb_format format,
                          const struct jb_style *style, struct jb_buf *out, struct jb_error *err)
{
    const char *const json = input->account_json;

    if (!input->account || format == JB_FORMAT_TEXT) {
        const jb_rc rc = jb_report_inventory(input, format, style, out, err);
        jb_buf_add_text(out, format == JB_FORMAT_JSON ? "\n" : "");
        return rc;
    }
    if (format == JB_FORMAT_CSV)
        return jb_report_account(input->account, json, format, style, out, err);
    jb_buf_add(out, json, strlen(json) - 1); /* without its last brace */
    jb_buf_add_text(out, ",\"report\":");
    const jb_rc rc = jb_report_inventory(input, format, style, out, err);
    jb_buf_add_text(out, "}\n");
    return rc;
}

/* R-PAGE-15: the same document as HTML or PDF. */
static jb_rc write_page(const struct jb_cli *cli, const struct jb_report_input *input, bool is_pdf,
                        struct jb_buf *out, struct jb_error *err)
{
    JB_AUTO(jb_document_release) struct jb_document document = {.failed = JB_OK};
    jb_rc rc = jb_report_page(input, &document, err);

    if (rc == JB_OK)
        rc = is_pdf ? jb_document_pdf(&document, cli->is_privileged, out, NULL, err)
                    : jb_document_html(&document, out, err);
    return rc;
}

static jb_rc report_page(struct jb_cli *cli, bool is_pdf, struct jb_error *err)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    JB_AUTO(jb_gathered_release) struct jb_gathered gathered = {.account_json = NULL};
    JB_AUTO(jb_buf_release) struct jb_buf page = JB_BUF(REPORT_MAX_BYTES);
    const char *const file = jb_args_text(&cli->args, "out");
    struct jb_inventory_scope scope;
    jb_rc rc = jb_cli_scope(cli, &scope, err);

    if (jb_args_has(&cli->args, "json"))
        return jb_fail(err, JB_E_USAGE, NULL, "more than one format is asked for");
    if (rc == JB_OK && is_pdf && !file)
        return jb_fail(err, JB_E_USAGE, "for example -o report.pdf", "a PDF needs a file: -o FILE");
    if (rc == JB_OK)
        rc = jb_cli_open_book(cli, JB_LEDGER_READ, &ledger, err);
    if (rc == JB_OK)
        rc = jb_cli_gather(ledger, &scope, &gathered, err);
    if (rc == JB_OK)
        rc = write_page(cli, &gathered.input, is_pdf, &page, err);
    if (rc == JB_OK && file)
        return jb_cli_write_file(file, jb_buf_text(&page), page.len, err);
    if (rc == JB_OK)
        jb_buf_add(&cli->out, jb_buf_text(&page), page.len);
    return rc;
}

static jb_rc report_runs(struct jb_cli *cli, enum jb_format format, struct jb_error *err)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    JB_AUTO(jb_gathered_release) struct jb_gathered gathered = {.account_json = NULL};
    JB_AUTO(jb_buf_release) struct jb_buf text = JB_BUF(REPORT_MAX_BYTES);
    const char *const file = jb_args_text(&cli->args, "out");
    const struct jb_style plain = {0};
    struct jb_inventory_scope scope;
    jb_rc rc = jb_cli_scope(cli, &scope, err);

    if (rc == JB_OK)
        rc = jb_cli_open_book(cli, JB_LEDGER_READ, &ledger, err);
    if (rc == JB_OK)
        rc = jb_cli_gather(ledger, &scope, &gathered, err);
    if (rc == JB_OK && !file)
        return write_report(&gathered.input, format, &cli->style, &cli->out, err);
    if (rc == JB_OK)
        rc = write_report(&gathered.input, format, &plain, &text, err);
    return rc < 0 ? rc : jb_cli_write_file(file, jb_buf_text(&text), text.len, err);
}

static jb_rc run(struct jb_cli *cli, struct jb_error *err)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    enum jb_format format;
    const bool is_skill = jb_args_has(&cli->args, "skill");
    const char *const named = jb_args_text(&cli->args, "format");
    const struct jb_export_format *const document = named ? jb_export_find(named) : NULL;
    jb_rc rc = jb_report_export_check(cli, document, err);

    if (rc < 0)
        return rc;
    if (document && !is_skill)
        return jb_cli_report_export(cli, document, err);
    if (is_skill == (cli->args.n_words > 0 || jb_cli_has_scope(cli)))
        return jb_fail(err, JB_E_USAGE, "for example: joulebook report last",
                       "give a run, a project or a model, or --skill for all of them");
    const bool is_pdf = named && strcmp(named, "pdf") == 0;
    if (!is_skill && (is_pdf || (named && strcmp(named, "html") == 0)))
        return report_page(cli, is_pdf, err);
    rc = jb_cli_format(cli, &format, err);
    if (rc < 0 && named && !is_skill)
        return jb_fail(err, rc,
                       "text, json, csv, html, pdf, or a document of `joulebook report --help`",
                       "there is no format '%s'", named);
    if (rc == JB_OK && !is_skill)
        return report_runs(cli, format, err);
    if (rc == JB_OK)
        rc = jb_cli_open_book(cli, JB_LEDGER_READ, &ledger, err);
    return rc < 0 ? rc : report_skill(cli, ledger, format, err);
}

const struct jb_command jb_cmd_report = {
    .name = "report",
    .summary = "a run, a model with all that led to it, or a project, as a report",
    .usage = "RUN | group:NAME | --project P | --model NAME | --skill [--format FORMAT] [-o FILE]",
    .about = "Tells of one run, or of all runs of a selection together: what was measured and what "
             "not, energy by\n"
             "device and by part of the model's life with bands, facility apart from IT, carbon by "
             "place and by\n"
             "contract, cost, equivalents, power over time and epochs of one run, the method in "
             "words, factors,\n"
             "notes. Measured, reconstructed and predicted runs are never added together. JSON: "
             "docs/format/report.md;\n"
             "of one run it stands in its account (docs/format/account.md). CSV has a row for each "
             "run, or for each\n"
             "channel of one run. --skill compares every prediction in the book with what its run "
             "came to. A file\n"
             "appears whole or not at all.",
    .examples = "  joulebook report last --format json\n"
                "  joulebook report --model resnet50 --model-version 2\n"
                "  joulebook report --project vision --since 2026-01-01 --format csv -o runs.csv\n"
                "  joulebook report last --format html -o run.html\n"
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
