/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `joulebook import prometheus`: the time, the meters and the node that the user asks for to one run, told channel by channel.
 * Prints nothing of a book that was not changed. R-PROM-01 to -10.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/num.h"
#include "cli/import_cli.h"
#include "pipeline/history_run.h"
#include "report/report.h"

#define ACCURACY_SCALE   4 /* decimals of a per cent: ppm */
#define ACCURACY_MAX_PPM 1000000
#define PRESETS_MAX      8
#define STEP_MAX_NS      (3600 * JB_NS_PER_S)

static jb_rc take_presets(const struct jb_args *args, const char **presets,
                          struct jb_history_order *order, struct jb_error *err)
{
    const char *name;
    size_t n = 0;

    for (size_t i = 0; (name = jb_args_nth(args, "preset", i)) != NULL; i++) {
        if (strcmp(name, "auto") == 0)
            continue;
        if (!jb_prometheus_is_preset(name) || n == PRESETS_MAX)
            return jb_fail(err, JB_E_USAGE, "one of auto, dcgm, kepler, node-exporter, ipmi",
                           "option '--preset': there is no preset '%s'", name);
        presets[n++] = name;
    }
    order->wanted = (struct jb_prometheus_wanted){presets, n};
    return JB_OK;
}

static jb_rc take_sources(const struct jb_args *args, struct jb_history_order *order,
                          struct jb_error *err)
{
    const bool is_url = strstr(args->words[1], "://") != NULL;

    if (is_url && args->n_words > 2)
        return jb_fail(err, JB_E_USAGE, NULL, "one server at a time, or files");
    if (is_url)
        order->url = args->words[1];
    else
        order->paths = args->words + 1;
    order->n_paths = is_url ? 0 : args->n_words - 1;
    if (!is_url && (order->step_ns > 0 || order->match[0] || order->credentials[0]))
        return jb_fail(err, JB_E_USAGE, "they ask a server: give its url, or leave them out",
                       "options '--match', '--step' and '--credentials' are not for files");
    if (is_url && order->start_utc_us == 0)
        return jb_fail(err, JB_E_USAGE, "such as --start 2026-11-23T06:00:00Z, or --start 2h",
                       "of what time is not said: option '--start' is missing");
    return JB_OK;
}

static jb_rc take_times(struct jb_cli *cli, struct jb_history_order *order, struct jb_error *err)
{
    const int64_t now_us = jb_utc_us(cli->clock);
    jb_rc rc = jb_args_moment(&cli->args, "start", now_us, &order->start_utc_us, err);

    if (rc == JB_OK)
        rc = jb_args_moment(&cli->args, "end", now_us, &order->end_utc_us, err);
    if (rc == JB_OK)
        rc = jb_args_duration(&cli->args, "step", 0, &order->step_ns, err);
    if (rc < 0)
        return rc;
    if (order->step_ns > 0 && (order->step_ns < JB_NS_PER_MS || order->step_ns > STEP_MAX_NS))
        return jb_fail(err, JB_E_USAGE, "as often as the server asks its targets, such as 15s",
                       "option '--step' is from 1 ms to an hour");
    rc = take_sources(&cli->args, order, err);
    if (rc == JB_OK && order->url && order->end_utc_us == 0)
        order->end_utc_us = now_us;
    if (rc == JB_OK && order->end_utc_us > 0 && order->end_utc_us <= order->start_utc_us)
        return jb_fail(err, JB_E_USAGE, NULL, "the end is not after the start");
    return rc;
}

static jb_rc take_options(struct jb_cli *cli, const char **presets, struct jb_history_order *order,
                          struct jb_error *err)
{
    const struct jb_args *const args = &cli->args;
    const char *const match = jb_args_text(args, "match");
    const char *const credentials = jb_args_text(args, "credentials");
    const char *const ca_file = jb_args_text(args, "ca-file");
    jb_rc rc;

    order->match = match ? match : "";
    order->credentials = credentials ? credentials : "";
    order->ca_file = ca_file ? ca_file : "";
    order->host = jb_args_text(args, "node");
    if (jb_args_nth(args, "node", 1))
        return jb_fail(err, JB_E_USAGE, "import each node by itself, with one --group",
                       "a history is of one node");
    rc = order->host ? jb_cli_import_check_node(order->host, err) : JB_OK;
    if (rc == JB_OK)
        rc = jb_args_decimal(args, "accuracy", ACCURACY_SCALE, 0, ACCURACY_MAX_PPM, -1,
                             &order->accuracy_ppm, err);
    if (rc == JB_OK)
        rc = take_presets(args, presets, order, err);
    return rc == JB_OK ? take_times(cli, order, err) : rc;
}

static void print_json(const struct jb_history_result *result, struct jb_buf *out)
{
    char sha256[2 * JB_HASH_BYTES + 1];

    jb_buf_add_text(out, "{\"channels\":[");
    for (size_t i = 0; i < result->set.n_channels; i++) {
        const struct jb_history_channel *const one = &result->channels[i];
        /* Ids are letters, digits and '._-/@': none needs to be escaped. */
        jb_buf_addf(out,
                    "%s{\"channel\":\"%s\",\"energy_uj\":%" PRId64 ",\"interpolated_ns\":%" PRId64
                    ",\"n_failed\":%" PRId64 ",\"n_readings\":%zu,\"n_resets\":%" PRId64
                    ",\"role\":\"%s\",\"unobserved_ns\":%" PRId64 "}",
                    i > 0 ? "," : "", one->channel.id, one->energy_uj,
                    one->coverage.interpolated_ns, one->n_failed, one->n_samples, one->n_resets,
                    jb_role_name(one->channel.role), one->coverage.unobserved_ns);
    }
    jb_buf_addf(
        out, "],\"energy_uj\":%" PRId64 ",\"host\":\"%s\",\"run_id\":\"%s\",\"sha256\":\"%s\"}\n",
        result->account.energy_uj.best, result->host, result->account.run.id,
        jb_hex(result->set.hash.bytes, sizeof result->set.hash.bytes, sha256, sizeof sha256));
}

static jb_rc print(struct jb_cli *cli, const struct jb_history_result *result, struct jb_error *err)
{
    char energy[32];

    if (jb_args_has(&cli->args, "json")) {
        print_json(result, &cli->out);
        return JB_OK;
    }
    for (size_t i = 0; i < result->set.n_channels; i++) {
        const struct jb_history_channel *const one = &result->channels[i];
        jb_buf_addf(&cli->out, "%s: %zu samples, %s (%s)\n", one->channel.id, one->n_samples,
                    jb_format_energy(one->energy_uj, energy, sizeof energy),
                    one->channel.role == JB_ROLE_POST     ? "the run's"
                    : one->channel.role == JB_ROLE_PARENT ? "the rest is the platform's"
                                                          : "compared, not added");
    }
    return jb_report_summary(&result->account, &cli->style, &cli->out, err);
}

jb_rc jb_cli_import_prometheus(struct jb_cli *cli, const struct jb_run *facts, struct jb_error *err)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    JB_AUTO(jb_history_result_release) struct jb_history_result result = {0};
    const char *presets[PRESETS_MAX];
    struct jb_history_order order = {.facts = facts, .clock = cli->clock};
    jb_rc rc = take_options(cli, presets, &order, err);

    if (rc == JB_OK)
        rc = jb_cli_open_book(cli, JB_LEDGER_CREATE, &ledger, err);
    if (rc == JB_OK)
        rc = jb_history_run(ledger, &order, &result, err);
    return rc == JB_OK ? print(cli, &result, err) : rc;
}
