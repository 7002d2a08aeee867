/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `joulebook import` of power logs: recorded meters of others into the book, as one run. Says what it did, node by node,
 * and the account; prints nothing of a book that was not changed.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/num.h"
#include "cli/import_cli.h"
#include "import/import.h"
#include "pipeline/import_run.h"

#define ACCURACY_SCALE   4 /* decimals of a per cent: ppm */
#define ACCURACY_MAX_PPM 1000000

/* Each file is read twice. */
static int64_t bytes_to_read(char *const *paths, size_t n_paths)
{
    int64_t sum = 0;
    struct stat st;

    for (size_t i = 0; i < n_paths; i++)
        if (stat(paths[i], &st) == 0)
            sum = jb_add_sat_i64(sum, 2 * (int64_t)st.st_size);
    return sum;
}

/* Names stand in accounts such as meter:HOST/CHANNEL. */
jb_rc jb_cli_import_check_node(const char *name, struct jb_error *err)
{
    const size_t len = strlen(name);
    size_t i = 0;

    while (i < len && (jb_clean_is_alnum(name[i]) || strchr("._-", name[i])))
        i++;
    if (len == 0 || i < len || len >= JB_IMPORT_LABEL)
        return jb_fail(err, JB_E_USAGE, "letters, digits, '.', '_' and '-', at most 47 of them",
                       "'%.60s' cannot be the name of a node", name);
    return JB_OK;
}

static jb_rc take_names(const struct jb_args *args, struct jb_import_order *order,
                        const char **names, struct jb_error *err)
{
    const char *name;
    size_t n = 0;

    while ((name = jb_args_nth(args, "node", n)) != NULL) {
        const jb_rc rc = jb_cli_import_check_node(name, err);
        if (rc < 0)
            return rc;
        if (n < order->n_paths)
            names[n] = name;
        n++;
    }
    if (n > 0 && n != order->n_paths)
        return jb_fail(err, JB_E_USAGE, "give --node once for each file, or not at all",
                       "%zu nodes are named for %zu files", n, order->n_paths);
    order->names = n > 0 ? names : NULL;
    return JB_OK;
}

static jb_rc take_options(const struct jb_cli *cli, struct jb_import_order *order,
                          struct jb_error *err)
{
    static const enum jb_scope scopes[] = {JB_SCOPE_NODE, JB_SCOPE_GPU, JB_SCOPE_PACKAGE,
                                           JB_SCOPE_DRAM, JB_SCOPE_FACILITY};
    const char *const scope = jb_args_text(&cli->args, "scope");
    bool is_scope = !scope;

    order->scope = JB_SCOPE_NODE;
    for (size_t i = 0; scope && i < JB_ARRAY_LEN(scopes); i++)
        if (strcmp(scope, jb_scope_name(scopes[i])) == 0) {
            order->scope = scopes[i];
            is_scope = true;
        }
    if (!is_scope)
        return jb_fail(err, JB_E_USAGE, "one of node, gpu, package, dram, facility",
                       "option '--scope': there is no scope '%s'", scope);
    return jb_args_decimal(&cli->args, "accuracy", ACCURACY_SCALE, 0, ACCURACY_MAX_PPM, -1,
                           &order->accuracy_ppm, err);
}

static void print_json(const struct jb_import_result *result, struct jb_buf *out)
{
    const char *between = "";

    jb_buf_addf(out, "{\"energy_uj\":%" PRId64 ",\"nodes\":[", result->account.energy_uj.best);
    for (size_t i = 0; i < result->n_nodes; i++) {
        const struct jb_import_node *const node = &result->nodes[i];
        char sha256[2 * JB_HASH_BYTES + 1];
        /* Names are letters, digits and dashes: none needs to be escaped. */
        jb_buf_addf(
            out,
            "%s{\"energy_uj\":%" PRId64 ",\"host\":\"%s\",\"interpolated_ns\":%" PRId64
            ",\"interpolated_uj\":%" PRId64 ",\"is_used\":%s,\"n_back\":%" PRId64
            ",\"n_failed\":%" PRId64 ",\"n_gaps\":%" PRId64 ",\"n_readings\":%" PRId64
            ",\"node\":\"%s\",\"sha256\":\"%s\",\"unobserved_ns\":%" PRId64 "}",
            between, node->energy_uj, node->host, node->coverage.interpolated_ns,
            node->interpolated_uj, node->is_used ? "true" : "false", node->survey.n_back,
            node->survey.n_failed, node->n_gaps, node->survey.n_readings, node->label,
            jb_hex(node->survey.hash.bytes, sizeof node->survey.hash.bytes, sha256, sizeof sha256),
            node->coverage.unobserved_ns);
        between = ",";
    }
    jb_buf_addf(out, "],\"run_id\":\"%s\"}\n", result->account.run.id);
}

static void print_node(const struct jb_import_node *node, struct jb_buf *out)
{
    char energy[32];
    char kwh[32];
    char time[32];

    if (!node->is_used) {
        jb_buf_addf(out, "%s: no readings\n", node->label);
        return;
    }
    /* kWh to six decimals: what others published is compared with these. */
    jb_buf_addf(out, "%s: %" PRId64 " readings, %s (%s kWh)", node->label, node->survey.n_readings,
                jb_format_energy(node->energy_uj, energy, sizeof energy),
                jb_format_decimal(jb_muldiv_sat_i64(node->energy_uj, 1, 3600000, JB_ROUND_NEAREST),
                                  6, kwh, sizeof kwh));
    if (node->coverage.interpolated_ns > 0)
        jb_buf_addf(out, ", of which %s in %s interpolated",
                    jb_format_energy(node->interpolated_uj, energy, sizeof energy),
                    jb_format_duration(node->coverage.interpolated_ns, time, sizeof time));
    jb_buf_add_u8(out, '\n');
}

static jb_rc print(struct jb_cli *cli, const struct jb_import_result *result, struct jb_error *err)
{
    if (jb_args_has(&cli->args, "json")) {
        print_json(result, &cli->out);
        return JB_OK;
    }
    for (size_t i = 0; i < result->n_nodes; i++)
        print_node(&result->nodes[i], &cli->out);
    return jb_report_summary(&result->account, &cli->style, &cli->out, err);
}

static jb_rc import(struct jb_cli *cli, const struct jb_import_order *wanted, struct jb_error *err)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    JB_AUTO(jb_import_result_release) struct jb_import_result result = {0};
    struct jb_import_order order = *wanted;
    struct jb_cli_import_progress progress = {
        .clock = cli->clock,
        .all_bytes = bytes_to_read(order.paths, order.n_paths),
        .last_ns = jb_mono_ns(cli->clock),
    };
    const struct jb_import_progress shown = {jb_cli_import_show, &progress};
    jb_rc rc = jb_cli_open_book(cli, JB_LEDGER_CREATE, &ledger, err);

    if (rc < 0)
        return rc;
    order.progress = isatty(STDERR_FILENO) == 1 ? &shown : NULL;
    rc = jb_import_run(ledger, &order, &result, err);
    if (progress.is_shown)
        (void)fputs("\r\033[K", stderr);
    return rc == JB_OK ? print(cli, &result, err) : rc;
}

jb_rc jb_cli_import_power(struct jb_cli *cli, const struct jb_import_format *format,
                          const struct jb_run *facts, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) const char **names = calloc(cli->args.n_words, sizeof *names);
    struct jb_import_order order = {
        .format = format,
        .paths = cli->args.words + 1,
        .n_paths = cli->args.n_words - 1,
        .facts = facts,
        .clock = cli->clock,
    };
    jb_rc rc;

    if (!names)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory");
    rc = take_options(cli, &order, err);
    if (rc == JB_OK)
        rc = take_names(&cli->args, &order, names, err);
    return rc == JB_OK ? import(cli, &order, err) : rc;
}
