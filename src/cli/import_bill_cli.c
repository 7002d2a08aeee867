/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `joulebook import` of a cloud's bill: the rule that makes runs, the mark-ups, and what came of every row: a run, or a
 * reason with its share of the cost. Prints nothing of a book that was not changed. R-BILL-09, R-BILL-17.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/num.h"
#include "cli/import_bill_tell.h"
#include "cli/import_cli.h"
#include "model/quantity_text.h"

static jb_rc take_rule(const struct jb_args *args, struct jb_bill_rule *ret, struct jb_error *err)
{
    static const struct {
        const char *name;
        enum jb_bill_by by;
    } rules[] = {{"account", JB_BILL_BY_ACCOUNT},
                 {"resource", JB_BILL_BY_RESOURCE},
                 {"service", JB_BILL_BY_SERVICE}};
    const char *const text = jb_args_text(args, "by") ? jb_args_text(args, "by") : "account";

    if (strncmp(text, "tag:", 4) == 0 && text[4] != '\0' && jb_clean_is(text + 4)) {
        *ret = (struct jb_bill_rule){JB_BILL_BY_TAG, text + 4};
        return JB_OK;
    }
    for (size_t i = 0; i < JB_ARRAY_LEN(rules); i++)
        if (strcmp(text, rules[i].name) == 0) {
            *ret = (struct jb_bill_rule){rules[i].by, NULL};
            return JB_OK;
        }
    return jb_fail(err, JB_E_USAGE, "one of account, resource, service, tag:NAME",
                   "option '--by': runs cannot be made by '%.60s'", text);
}

/* "20%" for every service, "storage=5..10%" for one; each once. */
static jb_rc take_markup(const char *text, struct jb_import_bill_order *order, struct jb_error *err)
{
    const char *const equals = strchr(text, '=');
    const size_t len = equals ? (size_t)(equals - text) : 0;
    struct jb_bill_markup markup = {.service = ""};
    struct jb_error why = {.code = JB_OK};

    if (order->n_markups == JB_BILL_MARKUPS_MAX)
        return jb_fail(err, JB_E_USAGE, NULL, "option '--markup': more than %d",
                       JB_BILL_MARKUPS_MAX);
    if (len >= sizeof markup.service || (equals && len == 0))
        return jb_fail(err, JB_E_USAGE, "write --markup storage=20% or --markup 20%",
                       "option '--markup': '%.60s' names no service", text);
    memcpy(markup.service, text, len);
    markup.service[len] = '\0';
    if (jb_quantity_parse(equals ? equals + 1 : text, &jb_form_share_ppm, &markup.share_ppm, &why) <
            0 ||
        (markup.share_ppm.known != JB_KNOWN_VALUE && markup.share_ppm.known != JB_KNOWN_RANGE))
        return jb_fail(err, JB_E_USAGE, "write --markup storage=20% or --markup 10..30%",
                       "option '--markup': '%.60s' is not a share of the machines' energy", text);
    for (size_t i = 0; i < order->n_markups; i++)
        if (strcasecmp(order->markups[i].service, markup.service) == 0)
            return jb_fail(err, JB_E_USAGE, NULL, "option '--markup': '%.60s' is given twice",
                           markup.service[0] != '\0' ? markup.service : "every service");
    order->markups[order->n_markups++] = markup;
    return JB_OK;
}

static jb_rc take_options(const struct jb_args *args, struct jb_import_bill_order *order,
                          struct jb_error *err)
{
    const char *text;
    jb_rc rc = take_rule(args, &order->rule, err);

    for (size_t i = 0; rc == JB_OK && (text = jb_args_nth(args, "markup", i)) != NULL; i++)
        rc = take_markup(text, order, err);
    return rc;
}

/* What the progress is shown of counts each byte twice. */
static void show_read(void *arg, int64_t n_bytes)
{
    struct jb_cli_import_progress *const progress = arg;

    if (progress->done_bytes + 2 * n_bytes <= progress->all_bytes)
        jb_cli_import_show(progress, 2 * n_bytes);
}

static jb_rc read_files(struct jb_cli *cli, struct jb_bill *bill, struct jb_error *err)
{
    struct jb_cli_import_progress progress = {.clock = cli->clock,
                                              .last_ns = jb_mono_ns(cli->clock)};
    const struct jb_import_progress shown = {show_read, &progress};
    const bool is_watched = isatty(STDERR_FILENO) == 1;
    struct stat st;
    jb_rc rc = JB_OK;

    for (size_t i = 1; i < cli->args.n_words; i++)
        if (stat(cli->args.words[i], &st) == 0)
            progress.all_bytes = jb_add_sat_i64(progress.all_bytes, 2 * (int64_t)st.st_size);
    for (size_t i = 1; i < cli->args.n_words && rc == JB_OK; i++)
        rc = jb_bill_read(bill, cli->args.words[i], is_watched ? &shown : NULL, err);
    if (progress.is_shown)
        (void)fputs("\r\033[K", stderr);
    return rc == JB_OK ? jb_bill_finish(bill, err) : rc;
}

static jb_rc enter(struct jb_cli *cli, struct jb_import_bill_order *order, struct jb_error *err)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    JB_AUTO(jb_import_bill_release) struct jb_import_bill_result result = {.n_rows = 0};
    JB_AUTO(jb_free_auto) struct jb_bill_listing *listing = NULL;
    const bool is_dry_run = jb_args_has(&cli->args, "dry-run");
    jb_rc rc = JB_OK;

    if (!is_dry_run)
        rc = jb_cli_open_book(cli, JB_LEDGER_CREATE, &ledger, err);
    if (rc < 0)
        return rc;
    listing = jb_bill_listing_new(&cli->out, jb_args_has(&cli->args, "json"), is_dry_run);
    if (!listing)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to list a bill");
    order->fn = jb_bill_listing_add;
    order->arg = listing;
    rc = jb_import_bill(ledger, order, &result, err);
    if (rc == JB_OK)
        jb_bill_listing_end(listing, &result, &cli->style);
    return rc;
}

jb_rc jb_cli_import_bill(struct jb_cli *cli, const struct jb_bill_format *format,
                         const struct jb_run *facts, struct jb_error *err)
{
    JB_AUTO(jb_bill_free_auto) struct jb_bill *bill = NULL;
    char file[512];
    struct jb_import_bill_order order = {
        .source = cli->args.words[0],
        .facts = facts,
        .file = file,
        .command = "",
        .clock = cli->clock,
    };
    jb_rc rc = take_options(&cli->args, &order, err);

    if (rc == JB_OK)
        rc = jb_bill_new(format, &order.rule, &bill, err);
    if (rc == JB_OK)
        rc = read_files(cli, bill, err);
    if (rc < 0)
        return rc;
    order.bill = bill;
    (void)snprintf(file, sizeof file, "%.400s", cli->args.words[1]);
    if (cli->args.n_words > 2)
        (void)snprintf(file, sizeof file, "%.400s and %zu more", cli->args.words[1],
                       cli->args.n_words - 2);
    return enter(cli, &order, err);
}
