/* SPDX-License-Identifier: Apache-2.0 */
/* `joulebook runs`: the runs of the book, newest first, each with its headline. */
#include <stdio.h>
#include <stdlib.h>

#include "account/account.h"
#include "base/num.h"
#include "cli/cli.h"
#include "cli/commands.h"

#define LIMIT_MAX INT64_C(100000000)

static const struct jb_option options[] = {
    {0, "project", "NAME", "of this project", false},
    {0, "model", "NAME", "of this model", false},
    {0, "stage", "STAGE",
     "of this stage: explore, search, train, tune, retrain, evaluate, infer ...", false},
    {0, "tag", "NAME=VALUE", "with this tag", false},
    {0, "group", "NAME", "of this group: ranks and nodes of one training", false},
    {0, "status", "STATUS", "open, done, interrupted, void or reconciled", false},
    {0, "layer", "LAYER", "measured, reconstructed or predicted; they are never added", false},
    {0, "since", "WHEN", "begun at or after: 2026-11-23, 2026-11-23T06:41:56Z, or how long ago: 7d",
     false},
    {0, "until", "WHEN", "begun before", false},
    {0, "all", NULL, "void runs as well", false},
    {'n', "limit", "NUMBER", "the newest so many", false},
    {0, "csv", NULL, "print CSV", false},
    {0, NULL, NULL, NULL, false},
};

struct list {
    struct jb_run **runs;
    size_t n, size;
};

static void list_release(struct list *list)
{
    for (size_t i = 0; i < list->n; i++)
        free(list->runs[i]);
    free(list->runs);
}

struct rows {
    struct jb_report_run_row *at;
    size_t n;
};

static void rows_release(struct rows *rows)
{
    for (size_t i = 0; i < rows->n; i++)
        free(rows->at[i].work_json);
    free(rows->at);
}

static jb_rc on_run(void *arg, const struct jb_run *run, struct jb_error *err)
{
    struct list *const list = arg;

    if (list->n == list->size) {
        const size_t size = list->size > 0 ? list->size * 2 : 64;
        struct jb_run **const runs = realloc(list->runs, size * sizeof(struct jb_run *));
        if (!runs)
            return jb_fail(err, JB_E_NOMEM, NULL, "no memory for %zu runs", size);
        list->runs = runs;
        list->size = size;
    }
    struct jb_run *const copy = malloc(sizeof *copy);
    if (!copy)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for %zu runs", list->n + 1);
    *copy = *run;
    list->runs[list->n++] = copy;
    return JB_OK;
}

static jb_rc take_filter(const struct jb_cli *cli, struct jb_run_filter *ret, struct jb_error *err)
{
    const struct jb_args *const args = &cli->args;
    const char *const status = jb_args_text(args, "status");
    const int64_t now_us = jb_utc_us(cli->clock);
    struct jb_run_filter filter = {
        .project = jb_args_text(args, "project"),
        .model = jb_args_text(args, "model"),
        .stage = jb_args_text(args, "stage"),
        .tag = jb_args_text(args, "tag"),
        .group = jb_args_text(args, "group"),
        .layer = jb_args_text(args, "layer"),
        .status = -1,
    };
    jb_rc rc;

    if (status) {
        filter.status = jb_run_status_from_name(status);
        if (filter.status < 0)
            return jb_fail(err, JB_E_USAGE, "one of: open done interrupted void reconciled",
                           "option '--status' cannot be '%s'", status);
    }
    if (filter.layer && jb_layer_from_name(filter.layer) < 0)
        return jb_fail(err, JB_E_USAGE, "one of: measured reconstructed predicted",
                       "option '--layer' cannot be '%s'", filter.layer);
    filter.with_void = jb_args_has(args, "all") || filter.status == JB_RUN_VOID;
    rc = jb_args_moment(args, "since", now_us, &filter.since_utc_us, err);
    if (rc == JB_OK)
        rc = jb_args_moment(args, "until", now_us, &filter.until_utc_us, err);
    if (rc == JB_OK)
        rc = jb_args_decimal(args, "limit", 0, 1, LIMIT_MAX, 0, &filter.limit, err);
    if (rc == JB_OK)
        *ret = filter;
    return rc;
}

/* The headline of a run's account; unknown for a run that has none yet. */
static jb_rc add_figures(struct jb_ledger *ledger, struct jb_report_run_row *row,
                         struct jb_error *err)
{
    JB_AUTO(jb_account_release) struct jb_account account = {0};
    JB_AUTO(jb_free_auto) char *json = NULL;
    jb_rc rc = jb_ledger_run_account(ledger, row->run->id, &json, err);

    if (rc == JB_E_NOT_FOUND)
        return JB_OK;
    if (rc == JB_OK)
        rc = jb_account_from_json(json, &account, err);
    if (rc < 0)
        return rc;
    row->energy_uj = account.energy_uj;
    row->location_ugco2e = account.location_ugco2e;
    row->work = account.work;
    return account.work.is_known ? jb_account_work_to_json(&account.work, &row->work_json, err)
                                 : JB_OK;
}

static jb_rc run(struct jb_cli *cli, struct jb_error *err)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    JB_AUTO(list_release) struct list list = {0};
    JB_AUTO(rows_release) struct rows rows = {0};
    struct jb_run_filter filter;
    enum jb_format format;
    jb_rc rc;

    rc = jb_cli_format(cli, &format, err);
    if (rc == JB_OK)
        rc = take_filter(cli, &filter, err);
    if (rc == JB_OK)
        rc = jb_cli_open_book(cli, JB_LEDGER_READ, &ledger, err);
    if (rc == JB_OK)
        rc = jb_ledger_each_run(ledger, &filter, on_run, &list, err);
    if (rc < 0)
        return rc;
    rows.at = calloc(list.n + 1, sizeof rows.at[0]);
    if (!rows.at)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for %zu runs", list.n);
    for (size_t i = 0; i < list.n && rc == JB_OK; i++) {
        rows.at[i].run = list.runs[i];
        rows.n++;
        rc = add_figures(ledger, &rows.at[i], err);
    }
    return rc < 0 ? rc : jb_report_runs(rows.at, list.n, format, &cli->style, &cli->out, err);
}

const struct jb_command jb_cmd_runs = {
    .name = "runs",
    .summary = "the runs in the book, newest first",
    .usage = "[OPTION...]",
    .about =
        "Lists runs with their energy, band and carbon. All filters given have to hold. Void "
        "runs are left out\n"
        "unless asked for. Runs that were reconstructed from a bill, a log or a case, and plans, "
        "are marked by their\n"
        "layer; layers are never added to each other.",
    .examples = "  joulebook runs\n"
                "  joulebook runs --project vision --stage train --since 30d\n"
                "  joulebook runs --csv >runs.csv\n",
    .options = options,
    .flags = JB_COMMAND_BOOK | JB_COMMAND_JSON,
    .run = run,
};
