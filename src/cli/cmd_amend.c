/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `joulebook amend RUN field=value...`: corrects facts of a run by an entry of its own, and makes its account anew from
 * the same postings. `--erase` takes a leaked value out of the book without breaking its tree; `--same-as` says that a
 * reconstructed run is the work of a measured one (R-REBUILT-08). Energy is never amended.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "account/account.h"
#include "base/clock.h"
#include "base/num.h"
#include "cli/amend_enter.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/plan_enter.h"
#include "cli/run_facts.h"
#include "cli/runs.h"
#include "cli/work_count.h"
#include "pipeline/reconstruct.h"

#define CHANGES_MAX 64
#define VALUE_MAX   4096
#define COUNT_NS    (10 * 60 * JB_NS_PER_S)

static const struct jb_option options[] = {
    {0, "reason", "TEXT", "why; it is entered with it", false},
    {0, "erase", "FIELD", "take the value of FIELD out of the book (command, directory, user, ...)",
     true},
    {0, "count", "FILE", "operations and parameters counted of this model file", false},
    {0, "bind", "NAME=N", "sizes that the file leaves open: seq=128", true},
    {0, "plan", "ID", "the plan that it carried out, as plan=ID", false},
    {0, "same-as", "RUN", "it is reconstructed, and the work of this measured run", false},
    {0, NULL, NULL, NULL, false},
};

/* Names as people use them, to the option of `run` that states the same, and to the name of the fact. */
static const struct {
    const char *name;
    const char *option;
    const char *fact;
} aliases[] = {
    {"pue", "pue", "pue_milli"},
    {"market", "market", "market_mgco2e_per_kwh"},
    {"tariff", "tariff", "tariff_micro_per_kwh"},
    {"version", "model-version", "model_version"},
    {"model_version", "model-version", "model_version"},
    {"config", "configuration", "configuration"},
    {"commit", "commit", "git_commit"},
    {"hourly", "hourly", "hourly_file"},
    {"examples", "examples", "n_examples"},
    {"epochs", "epochs", "n_epochs"},
    {"tokens", "tokens", "n_tokens"},
    {"parameters", "parameters", "n_parameters"},
    {"flop", "flop", "training_flop"},
    {"factor", "factor", "factor_milli"},
};

struct changes {
    size_t n;
    struct jb_field fields[CHANGES_MAX];
    char names[CHANGES_MAX][JB_FIELD_NAME];
    char values[CHANGES_MAX][VALUE_MAX]; /* of those that were checked */
    char plan[VALUE_MAX];                /* --plan as a change */
    struct jb_work_counted counted;
    struct jb_work_facts facts;
};

/* What `run` would refuse is refused here too. An empty value takes a fact away, and so does an empty tag. */
static jb_rc check_value(struct changes *changes, size_t at, const char *option, const char *value,
                         struct jb_error *err)
{
    struct jb_error why = {0};
    const size_t len = strlen(value);
    jb_rc rc;

    changes->fields[at].value = value;
    /* What no option states is known to the book alone. */
    if (len == 0 || !jb_run_fact_is(option) ||
        (strcmp(option, "tag") == 0 && strchr(value, '=') == value + len - 1))
        return JB_OK;
    rc = jb_run_fact_check(option, value, changes->values[at], sizeof changes->values[at], &why);
    if (rc < 0)
        return jb_fail(err, rc, why.hint[0] ? why.hint : NULL, "%s", why.message);
    changes->fields[at].value = changes->values[at];
    return JB_OK;
}

/* "pue=1.2" to the fact pue_milli of 1200; an empty value takes the fact away. */
static jb_rc take_change(struct changes *changes, const char *word, struct jb_error *err)
{
    const char *const equals = strchr(word, '=');
    const size_t len = equals ? (size_t)(equals - word) : 0;
    const size_t at = changes->n;

    if (len == 0 || len >= sizeof changes->names[0])
        return jb_fail(err, JB_E_USAGE, "write field=value, for example project=vision or pue=1.2",
                       "'%.80s' is no change", word);
    if (at >= CHANGES_MAX)
        return jb_fail(err, JB_E_USAGE, NULL, "more than %d changes at once", CHANGES_MAX);
    char *const name = changes->names[at];
    (void)snprintf(name, sizeof changes->names[at], "%.*s", (int)len, word);
    for (char *c = name; *c; c++)
        if (*c == '-')
            *c = '_';
    const char *option = name;
    const char *fact = name;
    for (size_t i = 0; i < JB_ARRAY_LEN(aliases); i++)
        if (strcmp(name, aliases[i].name) == 0) {
            option = aliases[i].option;
            fact = aliases[i].fact;
        }
    const jb_rc rc = check_value(changes, at, option, equals + 1, err);
    if (rc < 0)
        return rc;
    if (fact != name)
        (void)snprintf(name, sizeof changes->names[at], "%s", fact);
    changes->fields[at].name = name;
    changes->n++;
    return JB_OK;
}

static jb_rc take_changes(const struct jb_args *args, struct changes *changes, struct jb_error *err)
{
    for (size_t i = 1; i < args->n_words; i++) {
        const jb_rc rc = take_change(changes, args->words[i], err);
        if (rc < 0)
            return rc;
    }
    const char *const plan = jb_args_text(args, "plan");
    if (plan) {
        (void)snprintf(changes->plan, sizeof changes->plan, "plan=%s", plan);
        const jb_rc rc = take_change(changes, changes->plan, err);
        if (rc < 0)
            return rc;
    }
    if (changes->n == 0 && !jb_args_has(args, "erase") && !jb_args_has(args, "count"))
        return jb_fail(err, JB_E_USAGE,
                       "for example: joulebook amend last project=vision --reason 'was missing'",
                       "there is nothing to change");
    return JB_OK;
}

/* The whole id of the plan, which has to be one (R-PLAN-32). */
static jb_rc link_plan(struct jb_ledger *ledger, struct changes *changes, struct jb_error *err)
{
    jb_rc rc = JB_OK;

    for (size_t i = 0; rc == JB_OK && i < changes->n; i++) {
        const struct jb_field *const field = &changes->fields[i];
        char id[JB_RUN_ID];
        if (strcmp(field->name, "plan") != 0 || field->value[0] == '\0')
            continue;
        rc = jb_plan_link(ledger, field->value, id, err);
        if (rc == JB_OK)
            (void)snprintf(changes->values[i], sizeof changes->values[i], "%s", id);
    }
    return rc;
}

/* What a model file tells, beside what is stated in the same step, which stays as stated. */
static jb_rc take_counted(struct jb_cli *cli, struct changes *changes, struct jb_error *err)
{
    struct jb_count_order order;
    jb_rc rc = jb_work_order(&cli->args, cli->is_privileged, &order, err);

    if (rc < 0 || !order.path)
        return rc;
    rc = jb_work_count(&order, COUNT_NS, &changes->counted, err);
    if (rc < 0)
        return rc;
    bool has_parameters = false;
    for (size_t i = 0; i < changes->n; i++)
        has_parameters = has_parameters || strcmp(changes->names[i], "n_parameters") == 0;
    jb_work_facts(&changes->counted, has_parameters, &changes->facts);
    if (changes->n + changes->facts.n > CHANGES_MAX)
        return jb_fail(err, JB_E_USAGE, NULL, "more than %d changes at once", CHANGES_MAX);
    for (size_t i = 0; i < changes->facts.n; i++)
        changes->fields[changes->n++] = changes->facts.fields[i];
    return JB_OK;
}

static jb_rc enter(struct jb_cli *cli, struct jb_ledger *ledger, const struct changes *changes,
                   const struct jb_run *run, bool *ret_has_account, struct jb_error *err)
{
    const char *erased[CHANGES_MAX];
    struct jb_amendment amendment = {.changes = changes->fields,
                                     .n_changes = changes->n,
                                     .erased = erased,
                                     .reason = jb_args_text(&cli->args, "reason"),
                                     .note = changes->counted.doubt};

    while (amendment.n_erased < JB_ARRAY_LEN(erased) &&
           (erased[amendment.n_erased] = jb_args_nth(&cli->args, "erase", amendment.n_erased)) !=
               NULL)
        amendment.n_erased++;
    return jb_amend_enter(ledger, run, &amendment, ret_has_account, err);
}

/* The account as the book now has it. */
static jb_rc print_json(struct jb_cli *cli, struct jb_ledger *ledger, const char *run_id,
                        struct jb_error *err)
{
    JB_AUTO(jb_account_release) struct jb_account account = {0};
    JB_AUTO(jb_free_auto) char *json = NULL;
    const jb_rc rc = jb_cli_load_account(ledger, run_id, &account, &json, err);

    return rc < 0 ? rc : jb_cli_report(cli, &account, json, JB_FORMAT_JSON, NULL, err);
}

static jb_rc enter_same(struct jb_ledger *ledger, const char *rebuilt_id, const char *measured_id,
                        const char *reason, struct jb_figure *ret_rebuilt_uj,
                        struct jb_figure *ret_measured_uj, struct jb_error *err)
{
    jb_rc rc = jb_ledger_begin(ledger, err);

    if (rc < 0)
        return rc;
    rc =
        jb_reconcile(ledger, rebuilt_id, measured_id, reason, ret_rebuilt_uj, ret_measured_uj, err);
    if (rc == JB_OK)
        rc = jb_ledger_commit(ledger, err);
    if (rc < 0)
        jb_ledger_rollback(ledger);
    return rc;
}

static void print_same(struct jb_cli *cli, const char *rebuilt_id, const char *measured_id,
                       const struct jb_figure *rebuilt_uj, const struct jb_figure *measured_uj)
{
    char told[32];
    char measured[32];
    char ratio[32] = "unknown";

    if (jb_args_has(&cli->args, "json")) {
        jb_buf_addf(&cli->out,
                    "{\"id\":\"%s\",\"measured_uj\":%" PRId64 ",\"rebuilt_uj\":%" PRId64
                    ",\"same_as\":\"%s\",\"status\":\"reconciled\"}\n",
                    rebuilt_id, measured_uj->best, rebuilt_uj->best, measured_id);
        return;
    }
    if (measured_uj->best > 0)
        (void)jb_format_decimal(
            jb_muldiv_sat_i64(rebuilt_uj->best, 100, measured_uj->best, JB_ROUND_NEAREST), 2, ratio,
            sizeof ratio);
    jb_buf_addf(&cli->out,
                "run %s is the same work as run %s, and in no sum any more\n"
                "  reconstructed %s, measured %s: ratio %s\n",
                rebuilt_id, measured_id, jb_format_energy(rebuilt_uj->best, told, sizeof told),
                jb_format_energy(measured_uj->best, measured, sizeof measured), ratio);
}

static jb_rc reconcile(struct jb_cli *cli, const char *reason, struct jb_error *err)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    JB_AUTO(jb_free_auto) struct jb_run *runs = calloc(2, sizeof *runs);
    struct jb_figure rebuilt_uj = {0};
    struct jb_figure measured_uj = {0};
    jb_rc rc;

    if (!runs)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a run");
    if (cli->args.n_words > 1 || jb_args_has(&cli->args, "erase"))
        return jb_fail(err, JB_E_USAGE, "amend facts in a step of its own",
                       "--same-as stands alone");
    rc = jb_cli_open_book(cli, JB_LEDGER_WRITE, &ledger, err);
    if (rc == JB_OK)
        rc = jb_ledger_find_run(ledger, cli->args.words[0], &runs[0], err);
    if (rc == JB_OK)
        rc = jb_ledger_find_run(ledger, jb_args_text(&cli->args, "same-as"), &runs[1], err);
    if (rc == JB_OK)
        rc = enter_same(ledger, runs[0].id, runs[1].id, reason, &rebuilt_uj, &measured_uj, err);
    if (rc == JB_OK)
        print_same(cli, runs[0].id, runs[1].id, &rebuilt_uj, &measured_uj);
    return rc;
}

static jb_rc run(struct jb_cli *cli, struct jb_error *err)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    JB_AUTO(jb_free_auto) struct jb_run *found = malloc(sizeof *found);
    JB_AUTO(jb_free_auto) struct changes *changes = calloc(1, sizeof *changes);
    const char *const reason = jb_args_text(&cli->args, "reason");
    bool has_account = false;
    jb_rc rc;

    if (!found || !changes)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a run");
    if (jb_args_has(&cli->args, "same-as"))
        return reconcile(cli, reason, err);
    if (!reason || !reason[0])
        return jb_fail(err, JB_E_USAGE, "for example --reason 'the place was missing'",
                       "a reason is missing");
    rc = take_changes(&cli->args, changes, err);
    if (rc == JB_OK)
        rc = take_counted(cli, changes, err);
    if (rc == JB_OK)
        rc = jb_cli_open_book(cli, JB_LEDGER_WRITE, &ledger, err);
    if (rc == JB_OK)
        rc = jb_ledger_find_run(ledger, cli->args.words[0], found, err);
    if (rc == JB_OK)
        rc = link_plan(ledger, changes, err);
    if (rc == JB_OK)
        rc = enter(cli, ledger, changes, found, &has_account, err);
    if (rc < 0)
        return rc;
    if (jb_args_has(&cli->args, "json"))
        return print_json(cli, ledger, found->id, err);
    jb_buf_addf(&cli->out, "run %s is amended%s\n", found->id,
                has_account ? "; its account was made anew" : "");
    return JB_OK;
}
const struct jb_command jb_cmd_amend = {
    .name = "amend",
    .summary = "correct facts of a run, with a reason; erase what leaked",
    .usage = "RUN field=value... --reason TEXT [--erase FIELD] | RUN --same-as RUN",
    .about =
        "Enters the correction as an entry of its own and makes the account anew from the same "
        "postings; what\n"
        "was entered before stays. Fields: project model version architecture application config "
        "stage place\n"
        "hourly market pue tariff currency group rank commit tag; examples epochs tokens "
        "parameters flop factor plan.\n"
        "An empty value takes a field away;\n"
        "tag=name=value sets one tag. Energy and times are never amended: `void` is for those.\n"
        "--erase takes a value out of the book for good: its commitment stays, so that the tree "
        "still proves.\n"
        "--same-as says that a reconstructed run (from a bill, a scheduler's log) is the work of a "
        "run that "
        "was\n"
        "measured: its postings are reversed, it stays in the book beside the other, and both "
        "energies "
        "are told.",
    .examples =
        "  joulebook amend last project=vision place=NL --reason 'was missing'\n"
        "  joulebook amend 01939f7e pue=1.2 tariff=0.25 currency=EUR --reason 'from the contract'\n"
        "  joulebook amend last --erase command --reason 'a key was typed into it'\n"
        "  joulebook amend 0193a200 --same-as 01939f7e\n",
    .options = options,
    .flags = JB_COMMAND_BOOK | JB_COMMAND_JSON,
    .words_min = 1,
    .words_max = CHANGES_MAX + 1,
    .run = run,
};
