/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `joulebook statement`: a provider tells a customer what its work took, and the customer checks, enters and compares it. What
 * is handed out goes through the disclosure, what comes in through the same checks as any stranger's file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/num.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/signing_key.h"
#include "cli/statement_file.h"
#include "cli/statement_tell.h"
#include "pipeline/statement.h"
#include "statement/beside.h"
#include "statement/disclosure.h"
#include "statement/document.h"

#define PUE_MAX_MILLI 10000

static const struct jb_option options[] = {
    {0, "customer", "NAME", "make: of the runs tagged customer=NAME", false},
    {0, "project", "NAME", "make: of its runs; import: where they go; reconcile: the own one",
     false},
    {0, "by", "WHAT", "make: an item is a job (default), vm, project, run, tag:NAME, or the whole",
     false},
    {0, "since", "TIME", "make: begin of the period, a whole hour of UTC", false},
    {0, "until", "TIME", "make: its end", false},
    {0, "provider", "NAME", "make: who states it", false},
    {0, "id", "TEXT",
     "make: instead of the customer's name; the same id takes an older one's place", false},
    {0, "idle", "VIEW", "make: who bears idle: reserved (default) or all", false},
    {0, "pue", "NUMBER", "make: PUE for the facility's part (else the runs')", false},
    {0, "disclose", "FILE", "make: YAML of what to disclose and how to round", false},
    {'o', "out", "FILE", "make: write it here", false},
    {0, "key", "FILE", "make: sign with this secret key; else: signers that are trusted", false},
    {0, "passphrase-file", "FILE", "make: the passphrase of the key", false},
    {0, "as", "WHAT",
     "import: runs (default), or bound: what stands beside the work in the high end", false},
    {0, NULL, NULL, NULL, false},
};

/* Which word takes which options, each between blanks. */
struct action {
    const char *name;
    size_t n_words;
    const char *takes;
    jb_command_fn run;
};

static jb_rc take_period(const struct jb_cli *cli, struct jb_statement_order *order,
                         struct jb_error *err)
{
    const int64_t now_us = jb_utc_us(cli->clock);
    jb_rc rc = jb_args_moment(&cli->args, "since", now_us, &order->since_utc_us, err);

    if (rc == JB_OK)
        rc = jb_args_moment(&cli->args, "until", now_us, &order->until_utc_us, err);
    if (rc == JB_OK && (order->since_utc_us == 0 || order->until_utc_us == 0))
        rc = jb_fail(err, JB_E_USAGE, "such as --since 2026-11-01 --until 2026-12-01",
                     "a statement is of a period: --since and --until are missing");
    return rc;
}

static jb_rc take_order(const struct jb_cli *cli, const struct jb_disclosure *disclosure,
                        const struct jb_secret_key *key, struct jb_statement_order *order,
                        struct jb_error *err)
{
    const struct jb_args *const args = &cli->args;
    const char *const idle = jb_args_text(args, "idle");
    const char *const by = jb_args_text(args, "by");
    const int rule = jb_idle_rule_from_name(idle ? idle : "reserved");
    jb_rc rc = take_period(cli, order, err);

    order->provider = jb_args_text(args, "provider");
    if (!order->provider && key)
        order->provider = key->public.name;
    order->customer = jb_args_text(args, "customer");
    order->project = jb_args_text(args, "project");
    order->id = jb_args_text(args, "id");
    order->by = by ? by : disclosure->by[0] ? disclosure->by : "job";
    order->clock = cli->clock;
    if (rc == JB_OK)
        rc = jb_args_decimal(args, "pue", 3, 1000, PUE_MAX_MILLI, -1, &order->pue_milli, err);
    if (rc < 0)
        return rc;
    if (!order->provider || !order->provider[0])
        return jb_fail(err, JB_E_USAGE, "--provider NAME, or --key FILE",
                       "nobody is said to state it");
    if (rule < 0)
        return jb_fail(err, JB_E_USAGE, "reserved or all", "option '--idle': '%.40s' is no view",
                       idle);
    order->idle_rule = (enum jb_idle_rule)rule;
    if (!jb_disclosure_is_by(order->by))
        return jb_fail(err, JB_E_USAGE, "job, vm, project, run, whole or tag:NAME",
                       "option '--by': items cannot be grouped by '%.60s'", order->by);
    if (order->customer && order->project)
        return jb_fail(err, JB_E_USAGE, "make two statements",
                       "options '--customer' and '--project' do not go together");
    return JB_OK;
}

static jb_rc write_out(struct jb_cli *cli, const struct jb_statement *whole,
                       const struct jb_buf *bytes, struct jb_error *err)
{
    const char *const path = jb_args_text(&cli->args, "out");
    jb_rc rc;

    if (!path) {
        jb_buf_add(&cli->out, bytes->bytes, bytes->len);
        return JB_OK;
    }
    rc = jb_cli_write_file(path, bytes->bytes, bytes->len, err);
    if (rc == JB_OK)
        jb_statement_tell_made(cli, whole, path);
    return rc;
}

static jb_rc make(struct jb_cli *cli, struct jb_error *err)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    JB_AUTO(jb_buf_release) struct jb_buf bytes = {.max = 2 * JB_STATEMENT_BYTES_MAX};
    JB_AUTO(jb_free_auto) struct jb_statement *statement = calloc(1, sizeof *statement);
    JB_AUTO(jb_free_auto) struct jb_statement *whole = calloc(1, sizeof *whole);
    const char *const path = jb_args_text(&cli->args, "disclose");
    struct jb_disclosure disclosure = jb_disclosure_usual;
    struct jb_statement_order order = {.pue_milli = -1};
    JB_AUTO(jb_secret_key_wipe) struct jb_secret_key secret = {.bytes = {0}};
    const struct jb_secret_key *const key = jb_args_has(&cli->args, "key") ? &secret : NULL;
    jb_rc rc = path ? jb_disclosure_read(path, &disclosure, err) : JB_OK;

    if (!statement || !whole)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a statement");
    if (rc == JB_OK && key)
        rc = jb_signing_key_read(&cli->args, &secret, err);
    if (rc == JB_OK)
        rc = take_order(cli, &disclosure, key, &order, err);
    if (rc == JB_OK)
        rc = jb_cli_open_book(cli, JB_LEDGER_READ, &ledger, err);
    if (rc == JB_OK)
        rc = jb_statement_make(ledger, &order, statement, err);
    if (rc < 0)
        return rc;
    *whole = *statement;
    rc = jb_disclosure_apply(&disclosure, statement, err);
    if (rc == JB_OK)
        rc = jb_statement_file_make(statement, key, &bytes, err);
    if (rc == JB_OK)
        rc = write_out(cli, whole, &bytes, err);
    jb_statement_release(statement);
    return rc;
}

static jb_rc verify(struct jb_cli *cli, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct jb_statement *statement = calloc(1, sizeof *statement);
    struct jb_statement_signers signers = {.n = 0};
    jb_rc rc;

    if (!statement)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a statement");
    rc = jb_statement_file_read(cli->args.words[1], jb_args_text(&cli->args, "key"), statement,
                                &signers, err);
    if (rc == JB_OK)
        jb_statement_tell_read(cli, statement, &signers);
    jb_statement_release(statement);
    return rc;
}

static jb_rc import(struct jb_cli *cli, struct jb_error *err)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    JB_AUTO(jb_free_auto) struct jb_statement *statement = calloc(1, sizeof *statement);
    const char *const as = jb_args_text(&cli->args, "as");
    struct jb_statement_signers signers = {.n = 0};
    struct jb_statement_imported imported = {.n_runs = 0};
    char signer[JB_KEY_NAME + JB_FINGERPRINT + 64];
    struct jb_statement_import order = {
        .file = cli->args.words[1],
        .project = jb_args_text(&cli->args, "project"),
        .is_bound = as && strcmp(as, "bound") == 0,
        .clock = cli->clock,
        .command = "joulebook statement import",
    };
    jb_rc rc;

    if (!statement)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a statement");
    if (as && !order.is_bound && strcmp(as, "runs") != 0)
        return jb_fail(err, JB_E_USAGE, "runs or bound", "option '--as': '%.40s' is neither", as);
    rc = jb_statement_file_read(order.file, jb_args_text(&cli->args, "key"), statement, &signers,
                                err);
    if (rc == JB_OK)
        rc = jb_cli_open_book(cli, JB_LEDGER_CREATE, &ledger, err);
    order.signer = jb_statement_signer_text(&signers, signer, sizeof signer);
    if (rc == JB_OK)
        rc = jb_statement_enter(ledger, statement, &order, &imported, err);
    if (rc == JB_OK)
        jb_statement_tell_entered(cli, &imported);
    jb_statement_release(statement);
    return rc;
}

/* The own book's side of the same period; it has none where nothing was measured. */
static jb_rc make_own(struct jb_cli *cli, const struct jb_statement *told, struct jb_statement *ret,
                      struct jb_error *err)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    const struct jb_statement_order order = {
        .provider = "this book",
        .project = jb_args_text(&cli->args, "project"),
        .by = told->by,
        .since_utc_us = told->since_utc_us,
        .until_utc_us = told->until_utc_us,
        .idle_rule = told->idle_rule,
        .pue_milli = -1,
        .clock = cli->clock,
    };
    struct jb_error why = {.code = JB_OK};
    jb_rc rc;

    if (!jb_disclosure_is_by(told->by))
        return jb_fail(err, JB_E_INPUT, NULL, "the statement groups by '%.60s', which is not known",
                       told->by);
    if (!order.project)
        return jb_fail(err, JB_E_USAGE, "--project NAME",
                       "which of the own runs stand beside it is not said");
    rc = jb_cli_open_book(cli, JB_LEDGER_READ, &ledger, err);
    if (rc == JB_OK)
        rc = jb_statement_make(ledger, &order, ret, &why);
    if (rc == JB_E_NOT_FOUND && why.code == JB_E_NOT_FOUND) {
        *ret = (struct jb_statement){.n_items = 0};
        (void)snprintf(ret->by, sizeof ret->by, "%s", told->by);
        return JB_OK;
    }
    return rc < 0 && why.code < 0 ? jb_fail(err, rc, why.hint, "%s", why.message) : rc;
}

static jb_rc reconcile(struct jb_cli *cli, struct jb_error *err)
{
    JB_AUTO(jb_statement_beside_release) struct jb_statement_beside beside = {.n_rows = 0};
    JB_AUTO(jb_free_auto) struct jb_statement *told = calloc(1, sizeof *told);
    JB_AUTO(jb_free_auto) struct jb_statement *own = calloc(1, sizeof *own);
    struct jb_statement_signers signers = {.n = 0};
    jb_rc rc;

    if (!told || !own)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a statement");
    rc = jb_statement_file_read(cli->args.words[1], jb_args_text(&cli->args, "key"), told, &signers,
                                err);
    if (rc == JB_OK)
        rc = make_own(cli, told, own, err);
    if (rc == JB_OK)
        rc = jb_statement_compare(told, own, &beside, err);
    if (rc == JB_OK)
        rc = jb_statement_tell_beside(cli, &beside, err);
    jb_statement_release(told);
    jb_statement_release(own);
    return rc;
}

static const struct action actions[] = {
    {"make", 1,
     " customer project by since until provider id idle pue disclose key passphrase-file out json "
     "book ",
     make},
    {"verify", 2, " key json ", verify},
    {"import", 2, " project key as json book ", import},
    {"reconcile", 2, " project key json book ", reconcile},
};

static jb_rc check_options(const struct jb_cli *cli, const struct action *action,
                           struct jb_error *err)
{
    char word[64];

    for (size_t i = 0; i < cli->args.n_given; i++) {
        const char *const name = cli->args.given[i].option->name;
        (void)snprintf(word, sizeof word, " %s ", name);
        if (!strstr(action->takes, word))
            return jb_fail(err, JB_E_USAGE, "`joulebook statement --help` says what each takes",
                           "'statement %s' takes no option '--%s'", action->name, name);
    }
    if (cli->args.n_words != action->n_words)
        return jb_fail(
            err, JB_E_USAGE, action->n_words == 1 ? "-o FILE says where to" : "name one file",
            "'statement %s' takes %s", action->name, action->n_words == 1 ? "no file" : "one file");
    return JB_OK;
}

static jb_rc run(struct jb_cli *cli, struct jb_error *err)
{
    const char *const word = cli->args.words[0];

    for (size_t i = 0; i < JB_ARRAY_LEN(actions); i++)
        if (strcmp(actions[i].name, word) == 0) {
            const jb_rc rc = check_options(cli, &actions[i], err);
            return rc == JB_OK ? actions[i].run(cli, err) : rc;
        }
    return jb_fail(err, JB_E_USAGE, "make, verify, import or reconcile",
                   "there is no 'statement %.40s'", word);
}

const struct jb_command jb_cmd_statement = {
    .name = "statement",
    .summary = "what a provider tells a customer of its energy: make, verify, import, reconcile",
    .usage = "make|verify|import|reconcile [FILE] [OPTION...]",
    .about =
        "make tells of a customer, or of everybody by item, what its work took in a period and "
        "what "
        "it bears\n"
        "of idle, platform and facility, each apart; all of it sums to what the book's meters "
        "gave.\n"
        "verify checks a statement; import enters it in the reconstructed layer, once; reconcile "
        "puts it\n"
        "beside the own measurement of a project: hours, energy, inside the band or not, what is "
        "missing.",
    .examples =
        "  joulebook statement make --provider dc1 --customer acme --since 2026-11-01 "
        "--until 2026-12-01 -o acme.json\n"
        "  joulebook statement make --provider dc1 --by tag:customer --since 2026-11-01 --until "
        "2026-12-01\n"
        "  joulebook statement verify acme.json\n"
        "  joulebook statement import acme.json --project asphalt --as bound\n"
        "  joulebook statement reconcile acme.json --project asphalt\n",
    .options = options,
    .flags = JB_COMMAND_BOOK | JB_COMMAND_JSON,
    .words_min = 1,
    .words_max = 2,
    .run = run,
};
