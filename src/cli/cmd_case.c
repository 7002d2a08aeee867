/* SPDX-License-Identifier: Apache-2.0 */
/* `joulebook case WORD`: documented cases, their accounts, restrictions, comparison, cross-tables; a new one by interview. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case/case_account.h"
#include "case/tables.h"
#include "cli/case_enter.h"
#include "cli/case_new.h"
#include "cli/case_tell.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "report/table.h"

#define CASES_MAX 64

static const struct jb_option options[] = {
    {0, "csv", NULL, "print CSV", false},
    {0, "enter", NULL, "account: enter it as a run in the book's reconstructed layer", false},
    {0, "equivalents", NULL, "account: the energy in years of refrigerators and the like", false},
    {0, "language", "WORD", "new: en or nl; else by LC_ALL, LC_MESSAGES or LANG", false},
    {0, "reading", "NAME", "account: enter this reading instead of the case's own", false},
    {0, "replace", NULL, "new: write over a file that is there", false},
    {0, NULL, NULL, NULL, false},
};

struct cases {
    size_t n;
    struct jb_case *list[CASES_MAX];
    struct jb_case_account *accounts[CASES_MAX];
};

static void release(struct cases *cases)
{
    for (size_t i = 0; i < CASES_MAX; i++) {
        jb_case_free(cases->list[i]);
        jb_case_account_free(cases->accounts[i]);
    }
}

/* The cases named by words[from..], or the shipped ones where there are none. */
static jb_rc open_cases(const struct jb_cli *cli, size_t from, bool with_accounts,
                        struct cases *cases, struct jb_error *err)
{
    const bool is_shipped = cli->args.n_words <= from;
    const char *name;

    for (size_t i = from; (name = is_shipped              ? jb_case_shipped_name(i - from)
                                  : i < cli->args.n_words ? cli->args.words[i]
                                                          : NULL);
         i++) {
        if (cases->n == CASES_MAX)
            return jb_fail(err, JB_E_USAGE, NULL, "more than %d cases", CASES_MAX);
        jb_rc rc = jb_case_open(name, &cases->list[cases->n], err);
        if (rc == JB_OK && with_accounts)
            rc = jb_case_account_make(cases->list[cases->n], &cases->accounts[cases->n], err);
        if (rc < 0)
            return rc;
        cases->n++;
    }
    return JB_OK;
}

static jb_rc run_list(struct jb_cli *cli, enum jb_format format, struct jb_error *err)
{
    static const char *const titles[] = {"case", "title"};
    JB_AUTO(release) struct cases cases = {0};
    struct jb_table table;
    const jb_rc rc = open_cases(cli, cli->args.n_words, false, &cases, err);

    if (rc < 0)
        return rc;
    if (format == JB_FORMAT_JSON)
        return jb_case_tell_list((const struct jb_case *const *)cases.list, cases.n, &cli->out,
                                 err);
    if (format == JB_FORMAT_CSV)
        jb_buf_add_text(&cli->out, "case,title\r\n");
    jb_table_begin(&table, "ll", titles);
    for (size_t i = 0; i < cases.n; i++) {
        if (format == JB_FORMAT_CSV) {
            jb_buf_addf(&cli->out, "%s,", cases.list[i]->id);
            jb_buf_add_csv(&cli->out, cases.list[i]->title);
            jb_buf_add_text(&cli->out, "\r\n");
        }
        jb_table_add(&table, cases.list[i]->id);
        jb_table_add(&table, cases.list[i]->title);
    }
    if (format == JB_FORMAT_TEXT)
        jb_table_end(&table, 0, &cli->style, &cli->out);
    else
        jb_buf_release(&table.cells);
    return JB_OK;
}

/* A shipped case as it stands in the executable, comments too; of a file what was understood. */
static jb_rc run_show(struct jb_cli *cli, enum jb_format format, struct jb_error *err)
{
    const char *const text = jb_case_shipped_text(cli->args.words[1]);
    JB_AUTO(jb_case_free_auto) struct jb_case *one = NULL;

    if (format != JB_FORMAT_TEXT)
        return jb_fail(err, JB_E_USAGE, NULL, "a case is shown as the YAML it is");
    if (text) {
        jb_buf_add_text(&cli->out, text);
        return JB_OK;
    }
    const jb_rc rc = jb_case_open(cli->args.words[1], &one, err);
    return rc < 0 ? rc : jb_case_write(one, &cli->out, err);
}

static jb_rc find_reading(const struct jb_cli *cli, const struct jb_case_account *account,
                          const struct jb_case_told **ret, struct jb_error *err)
{
    const char *const name = jb_args_text(&cli->args, "reading");
    char hint[320] = "it has ";
    size_t len = strlen(hint);

    *ret = &account->told[0];
    if (!name)
        return JB_OK;
    for (size_t i = 1; i < account->n; i++) {
        if (strcmp(account->told[i].name, name) == 0) {
            *ret = &account->told[i];
            return JB_OK;
        }
        if (len < sizeof hint)
            len += (size_t)snprintf(hint + len, sizeof hint - len, "%s'%s'", i > 1 ? ", " : "",
                                    account->told[i].name);
    }
    return jb_fail(err, JB_E_INPUT, account->n > 1 ? hint : "it has none",
                   "the case has no reading '%s'", name);
}

static jb_rc run_account(struct jb_cli *cli, enum jb_format format, struct jb_error *err)
{
    static const char *const states[] = {
        [JB_PAPER_NEW] = "entered",
        [JB_PAPER_SAME] = "entered before with the same answers: nothing is changed",
        [JB_PAPER_SUPERSEDES] = "entered in place of an older one",
    };
    JB_AUTO(jb_case_free_auto) struct jb_case *one = NULL;
    JB_AUTO(jb_case_account_free_auto) struct jb_case_account *account = NULL;
    const struct jb_case_told *told = NULL;
    struct jb_reconstructed entered = {.state = JB_PAPER_NEW};
    struct jb_case_entered note = {0};
    const bool is_entered = jb_args_has(&cli->args, "enter");
    jb_rc rc = jb_case_open(cli->args.words[1], &one, err);

    if (rc == JB_OK && !is_entered && jb_args_has(&cli->args, "reading"))
        rc = jb_fail(err, JB_E_USAGE, "the account shows every reading",
                     "--reading goes with --enter");
    if (rc == JB_OK)
        rc = jb_case_account_make(one, &account, err);
    if (rc == JB_OK)
        rc = find_reading(cli, account, &told, err);
    if (rc == JB_OK && is_entered)
        rc = jb_case_enter(cli, one, told, cli->args.words[1], &entered, err);
    if (rc < 0)
        return rc;
    if (is_entered && told)
        note = (struct jb_case_entered){entered.run_id, states[entered.state], told->name};
    return jb_case_tell_account(one, account, is_entered ? &note : NULL,
                                jb_args_has(&cli->args, "equivalents"), format, &cli->style,
                                &cli->out, err);
}

static jb_rc run_restrictions(struct jb_cli *cli, enum jb_format format, struct jb_error *err)
{
    JB_AUTO(release) struct cases cases = {0};
    JB_AUTO(jb_free_auto)
    struct jb_found *found = calloc(JB_RESTRICTIONS, sizeof *found);
    jb_rc rc = found ? open_cases(cli, 1, true, &cases, err)
                     : jb_fail(err, JB_E_NOMEM, NULL, "no memory for restrictions");

    for (size_t i = 0; rc == JB_OK && i < cases.n; i++) {
        rc = jb_case_restrict(cases.list[i], &cases.accounts[i]->told[0].estimate, found, err);
        if (rc == JB_OK)
            rc = jb_case_tell_restrictions(cases.list[i], found, format, &cli->style, i == 0,
                                           i + 1 == cases.n, &cli->out, err);
    }
    return rc;
}

static jb_rc run_compare(struct jb_cli *cli, enum jb_format format, struct jb_error *err)
{
    JB_AUTO(release) struct cases cases = {0};
    const jb_rc rc = open_cases(cli, 1, true, &cases, err);

    if (rc < 0)
        return rc;
    return jb_case_tell_comparison((const struct jb_case *const *)cases.list,
                                   (const struct jb_case_account *const *)cases.accounts, cases.n,
                                   format, &cli->style, &cli->out, err);
}

static jb_rc run_tables(struct jb_cli *cli, enum jb_format format, struct jb_error *err)
{
    JB_AUTO(release) struct cases cases = {0};
    JB_AUTO(jb_free_auto) struct jb_cross *cross = calloc(1, sizeof *cross);
    const bool is_of_files = cli->args.n_words > 2;
    jb_rc rc = cross ? JB_OK : jb_fail(err, JB_E_NOMEM, NULL, "no memory for the table");

    if (rc == JB_OK && cli->args.n_words < 2)
        return jb_case_tell_tables(format, &cli->style, &cli->out, err);
    if (rc == JB_OK && is_of_files)
        rc = open_cases(cli, 2, false, &cases, err);
    if (rc == JB_OK)
        rc = jb_cross_make(cli->args.words[1],
                           is_of_files ? (const struct jb_case *const *)cases.list : NULL, cases.n,
                           cross, err);
    if (rc == JB_OK)
        rc = jb_case_tell_table(cross, format, &cli->style, &cli->out, err);
    return rc;
}

static const struct word {
    const char *name;
    size_t words_min, words_max; /* the word itself counted */
    jb_rc (*run)(struct jb_cli *cli, enum jb_format format, struct jb_error *err);
} words[] = {
    {"account", 2, 2, run_account},
    {"compare", 1, SIZE_MAX, run_compare},
    {"list", 1, 1, run_list},
    {"new", 1, 2, jb_case_new},
    {"restrictions", 1, SIZE_MAX, run_restrictions},
    {"show", 2, 2, run_show},
    {"tables", 1, SIZE_MAX, run_tables},
};

static jb_rc run(struct jb_cli *cli, struct jb_error *err)
{
    static const char hint[] =
        "words are account, compare, list, new, restrictions, show and tables";
    enum jb_format format;
    const jb_rc rc = jb_cli_format(cli, &format, err);

    if (rc < 0)
        return rc;
    for (size_t i = 0; i < JB_ARRAY_LEN(words); i++) {
        if (strcmp(words[i].name, cli->args.words[0]) != 0)
            continue;
        if (cli->args.n_words < words[i].words_min)
            return jb_fail(err, JB_E_USAGE, "`joulebook case list` names the shipped cases",
                           "'case %s' needs a case", words[i].name);
        if (cli->args.n_words > words[i].words_max)
            return jb_fail(err, JB_E_USAGE, NULL, "unexpected argument '%s'",
                           cli->args.words[words[i].words_max]);
        return words[i].run(cli, format, err);
    }
    return jb_fail(err, JB_E_USAGE, hint, "there is no 'case %s'", cli->args.words[0]);
}

const struct jb_command jb_cmd_case = {
    .name = "case",
    .summary = "documented trainings without sensors: account, restrictions, tables",
    .usage = "account|compare|list|new|restrictions|show|tables [TABLE] [CASE...]",
    .about =
        "A case is a YAML file of answers, each a value, a range, unknown or withheld, or the name "
        "of a shipped case.\n"
        "account: its energy with a band, for each way of reading it, beside what was published. "
        "restrictions: what\n"
        "keeps its account from being better, on what evidence, at what cost. compare: answers "
        "side by side. tables:\n"
        "cross-tables of what was coded in interviews, held against print. Without CASE: the "
        "shipped four. new:\n"
        "an interview that writes such a file, in English or Dutch.",
    .examples = "  joulebook case list\n"
                "  joulebook case new my-case.yaml --language nl\n"
                "  joulebook case account asphalt-damage --equivalents\n"
                "  joulebook case restrictions my-case.yaml\n"
                "  joulebook case tables D.2\n",
    .options = options,
    .flags = JB_COMMAND_BOOK | JB_COMMAND_JSON,
    .words_min = 1,
    .words_max = SIZE_MAX,
    .run = run,
};
