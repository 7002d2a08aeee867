/* SPDX-License-Identifier: Apache-2.0 */
/* `joulebook balance`: the proof that the book adds up, from its stored bytes. */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>

#include "cli/balance_against.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "report/table.h"

static const struct jb_option options[] = {
    {0, "against", "WHAT", "hours and energy logged, against bills, jobs, papers or a format",
     false},
    {0, "since", "TIME", "with --against: runs that began then or later (2026-11-01, 30d)", false},
    {0, "until", "TIME", "with --against: runs that began before", false},
    {0, NULL, NULL, NULL, false},
};

static void text_checks(const struct jb_balance *balance, const struct jb_style *style,
                        struct jb_buf *out)
{
    static const char *const titles[] = {"rule", "claim", "checked", "failed"};
    struct jb_table table;

    jb_table_begin(&table, "llrr", titles);
    for (size_t i = 0; i < balance->n_checks; i++) {
        const struct jb_balance_check *const check = &balance->checks[i];
        jb_table_add(&table, check->rule);
        jb_table_add(&table, check->claim);
        jb_table_addf(&table, "%" PRId64, check->n_checked);
        jb_table_addf(&table, "%" PRId64, check->n_failed);
    }
    jb_table_end(&table, 2, style, out);
    for (size_t i = 0; i < balance->n_checks; i++)
        if (balance->checks[i].n_failed > 0)
            jb_buf_addf(out, "\n%s fails: %s\n  first: %s\n", balance->checks[i].rule,
                        balance->checks[i].claim, balance->checks[i].first_failure);
}

static void text_sums(const struct jb_balance *balance, const struct jb_style *style,
                      struct jb_buf *out)
{
    static const char *const titles[] = {"layer", "account", "lines", "sum in uJ"};
    struct jb_table table;

    if (balance->n_sums == 0)
        return;
    jb_buf_add_text(out, "\ntrial balance\n");
    jb_table_begin(&table, "llrr", titles);
    for (size_t i = 0; i < balance->n_sums; i++) {
        const struct jb_balance_sum *const sum = &balance->sums[i];
        jb_table_add(&table, jb_layer_name(sum->layer));
        jb_table_add(&table, sum->kind);
        jb_table_addf(&table, "%" PRId64, sum->n_lines);
        jb_table_add(&table, sum->total_text);
    }
    jb_table_end(&table, 2, style, out);
}

static void as_text(const struct jb_balance *balance, const char *path,
                    const struct jb_style *style, struct jb_buf *out)
{
    char root[2 * JB_HASH_BYTES + 1];
    const char *const colour = !style->is_colour      ? ""
                               : balance->is_balanced ? "\033[1;32m"
                                                      : "\033[1;31m";

    jb_buf_addf(out, "%sthe book %s%s  %s\n", colour,
                balance->is_balanced ? "balances" : "DOES NOT BALANCE",
                style->is_colour ? "\033[0m" : "", path);
    jb_buf_addf(
        out, "%" PRId64 " entries, %" PRId64 " meter intervals, %" PRId64 " run%s\nroot %s\n\n",
        balance->n_entries, balance->n_intervals, balance->n_runs, balance->n_runs == 1 ? "" : "s",
        jb_hex(balance->root.bytes, sizeof balance->root.bytes, root, sizeof root));
    text_checks(balance, style, out);
    text_sums(balance, style, out);
}

static json_t *json_checks(const struct jb_balance *balance)
{
    json_t *const list = json_array();

    for (size_t i = 0; i < balance->n_checks; i++) {
        const struct jb_balance_check *const check = &balance->checks[i];
        json_t *const one =
            json_pack("{s:s, s:s, s:I, s:I, s:s}", "rule", check->rule, "claim", check->claim,
                      "n_checked", (json_int_t)check->n_checked, "n_failed",
                      (json_int_t)check->n_failed, "first_failure", check->first_failure);
        if (json_array_append_new(list, one) < 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

/* Sums may exceed 64 bits: they stand as decimal text. */
static json_t *json_sums(const struct jb_balance *balance)
{
    json_t *const list = json_array();

    for (size_t i = 0; i < balance->n_sums; i++) {
        const struct jb_balance_sum *const sum = &balance->sums[i];
        json_t *const one =
            json_pack("{s:s, s:s, s:s, s:I}", "layer", jb_layer_name(sum->layer), "kind", sum->kind,
                      "total_uj", sum->total_text, "n_lines", (json_int_t)sum->n_lines);
        if (json_array_append_new(list, one) < 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static jb_rc as_json(const struct jb_balance *balance, struct jb_buf *out, struct jb_error *err)
{
    char root[2 * JB_HASH_BYTES + 1];
    json_t *const object =
        json_pack("{s:b, s:I, s:I, s:I, s:s, s:o, s:o}", "is_balanced", (int)balance->is_balanced,
                  "n_entries", (json_int_t)balance->n_entries, "n_intervals",
                  (json_int_t)balance->n_intervals, "n_runs", (json_int_t)balance->n_runs, "root",
                  jb_hex(balance->root.bytes, sizeof balance->root.bytes, root, sizeof root),
                  "checks", json_checks(balance), "sums", json_sums(balance));
    JB_AUTO(jb_free_auto)
    char *text = object ? json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS) : NULL;

    json_decref(object);
    if (!text)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the balance");
    jb_buf_addf(out, "%s\n", text);
    return JB_OK;
}

static jb_rc run(struct jb_cli *cli, struct jb_error *err)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    JB_AUTO(jb_free_auto) struct jb_balance *balance = calloc(1, sizeof *balance);
    jb_rc rc;

    if (!balance)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the balance");
    const char *const against = jb_args_text(&cli->args, "against");
    if (!against && (jb_args_has(&cli->args, "since") || jb_args_has(&cli->args, "until")))
        return jb_fail(err, JB_E_USAGE, "the proof is of the whole book",
                       "'--since' and '--until' belong to '--against'");
    rc = jb_cli_open_book(cli, JB_LEDGER_READ, &ledger, err);
    if (rc == JB_OK && against)
        return jb_balance_against(cli, ledger, against, err);
    if (rc == JB_OK)
        rc = jb_ledger_balance(ledger, balance, err);
    if (rc < 0)
        return rc;
    if (!balance->is_balanced)
        cli->exit_code = JB_EXIT_DAMAGED;
    if (jb_args_has(&cli->args, "json"))
        return as_json(balance, &cli->out, err);
    as_text(balance, jb_ledger_path(ledger), &cli->style, &cli->out);
    return JB_OK;
}

const struct jb_command jb_cmd_balance = {
    .name = "balance",
    .summary = "prove that the book adds up",
    .usage = "[--against WHAT] [--book PATH] [--json]",
    .about =
        "Checks the whole book from its stored bytes: every entry sums to zero, posted energy "
        "equals the\n"
        "difference of the raw counts, no interval overlaps another, every run's account "
        "equals its postings,\n"
        "meters equal runs and everything else, and the Merkle root fits. Exit code 4 if "
        "anything fails.\n"
        "With --against, instead: machine hours and energy logged beside those that imported bills "
        "or "
        "schedulers\n"
        "tell, by project and month: how much of the work the book covers, and what is missing.",
    .examples = "  joulebook balance\n"
                "  joulebook balance --json | jq .root\n"
                "  joulebook balance --against bills --since 2026-01-01\n"
                "  joulebook balance --against jobs --json\n",
    .options = options,
    .flags = JB_COMMAND_BOOK | JB_COMMAND_JSON,
    .run = run,
};
