/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `joulebook import FORMAT FILE...`: finds who reads the format, a power log or somebody else's book, and hands over. To
 * add a kind of paper: one file beside import_book_cli.c, one row where kinds are told apart here.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "cli/commands.h"
#include "cli/import_cli.h"
#include "cli/run_facts.h"

#define PROGRESS_NS (200 * JB_NS_PER_MS)
#define HISTORY     "prometheus"

static const struct jb_option options[] = {
    {0, "node", "NAME", "what the node of each file is called, in the order of the files", true},
    {0, "scope", "SCOPE", "what the meter sees: node (the default), gpu, package, dram, facility",
     false},
    {0, "accuracy", "PERCENT", "how far the meter may be off, such as 1 (else 5 is assumed)",
     false},
    {0, "delimiter", "CHARACTER", "between the columns of sacct (else its header shows it)", false},
    {0, "utc-offset", "HOURS", "of local times without a zone, east positive: 1, 5.5, -8", false},
    {0, "cluster", "NAME", "whose log it is, where sacct does not tell", false},
    {0, "partitions", "FILE", "YAML: what a node of each partition has", false},
    {0, "by", "RULE", "of a bill, what becomes a run: account, resource, service or tag:NAME",
     false},
    {0, "markup", "[SERVICE=]SHARE", "of a bill, managed services as a share of its machines: 20%",
     true},
    {0, "dry-run", NULL, "say what would be entered, and enter nothing", false},
    {0, "start", "TIME", "of a history: 2026-11-23T06:41:56Z, or 2h ago as 2h", false},
    {0, "end", "TIME", "of a history (else now, or all that the files have)", false},
    {0, "preset", "NAME", "dcgm, kepler, node-exporter or ipmi (else all: auto)", true},
    {0, "match", "MATCHERS", "of PromQL, which series: 'instance=~\"node1:.*\"'", false},
    {0, "step", "DURATION", "ask by query_range in such steps, not for the samples", false},
    {0, "credentials", "FILE", "NAME:PASSWORD or 'token TEXT' for the server", false},
    {0, "ca-file", "FILE", "the authority that signed the server's certificate", false},
    {0, NULL, NULL, NULL, false},
};

/* Each option is of one kind of file or two: given for another it would silently do nothing. */
enum { OF_LOGS = 1, OF_BOOKS = 2, OF_BILLS = 4, OF_HISTORIES = 8 };
static const struct {
    const char *name;
    int kinds;
} options_of[] = {
    {"node", OF_LOGS | OF_HISTORIES},
    {"scope", OF_LOGS},
    {"accuracy", OF_LOGS | OF_HISTORIES},
    {"delimiter", OF_BOOKS},
    {"utc-offset", OF_BOOKS},
    {"cluster", OF_BOOKS},
    {"partitions", OF_BOOKS},
    {"by", OF_BILLS},
    {"markup", OF_BILLS},
    {"dry-run", OF_BOOKS | OF_BILLS},
    {"start", OF_HISTORIES},
    {"end", OF_HISTORIES},
    {"preset", OF_HISTORIES},
    {"match", OF_HISTORIES},
    {"step", OF_HISTORIES},
    {"credentials", OF_HISTORIES},
    {"ca-file", OF_HISTORIES},
};

void jb_cli_import_show(void *arg, int64_t n_bytes)
{
    struct jb_cli_import_progress *const progress = arg;
    const int64_t now_ns = jb_mono_ns(progress->clock);

    progress->done_bytes += n_bytes;
    if (progress->all_bytes <= 0 || now_ns - progress->last_ns < PROGRESS_NS)
        return;
    progress->last_ns = now_ns;
    progress->is_shown = true;
    (void)fprintf(stderr, "\r\033[Kimport: %" PRId64 " %% of %" PRId64 " MB",
                  jb_muldiv_sat_i64(progress->done_bytes, 100, progress->all_bytes, JB_ROUND_FLOOR),
                  progress->all_bytes / 2000000);
}

static jb_rc no_format(const char *name, struct jb_error *err)
{
    char hint[320] = "one of";
    size_t used = strlen(hint);

    for (size_t i = 0; jb_import_formats[i] && used < sizeof hint; i++)
        used +=
            (size_t)snprintf(hint + used, sizeof hint - used, " %s,", jb_import_formats[i]->name);
    for (size_t i = 0; jb_import_books[i] && used < sizeof hint; i++)
        used += (size_t)snprintf(hint + used, sizeof hint - used, " %s,", jb_import_books[i]->name);
    for (size_t i = 0; i < jb_bill_n_formats() && used < sizeof hint; i++)
        used +=
            (size_t)snprintf(hint + used, sizeof hint - used, " %s,", jb_bill_format_at(i).name);
    if (used < sizeof hint)
        (void)snprintf(hint + used, sizeof hint - used, " %s", HISTORY);
    return jb_fail(err, JB_E_USAGE, hint, "there is no format '%s' to import", name);
}

static jb_rc check_options(const struct jb_args *args, int kind, struct jb_error *err)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(options_of); i++)
        if (!(options_of[i].kinds & kind) && jb_args_has(args, options_of[i].name))
            return jb_fail(err, JB_E_USAGE, "`joulebook import --help` tells which are for what",
                           "option '--%s' is not for the format '%s'", options_of[i].name,
                           args->words[0]);
    return JB_OK;
}

static jb_rc run(struct jb_cli *cli, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct jb_run *facts = calloc(1, sizeof *facts);
    const char *const name = cli->args.words[0];
    const struct jb_import_format *const format = jb_import_format_find(name);
    const struct jb_import_book *const book = jb_import_book_find(name);
    const struct jb_bill_format *const bill = jb_bill_format_find(name);
    const bool is_history = strcmp(name, HISTORY) == 0;
    jb_rc rc;

    if (!facts)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory");
    if (!format && !book && !bill && !is_history)
        return no_format(name, err);
    rc = check_options(&cli->args,
                       format       ? OF_LOGS
                       : book       ? OF_BOOKS
                       : is_history ? OF_HISTORIES
                                    : OF_BILLS,
                       err);
    if (rc == JB_OK)
        rc = jb_run_facts_from_options(cli, facts, err);
    if (rc < 0)
        return rc;
    if (is_history)
        return jb_cli_import_prometheus(cli, facts, err);
    if (bill)
        return jb_cli_import_bill(cli, bill, facts, err);
    return format ? jb_cli_import_power(cli, format, facts, err)
                  : jb_cli_import_book(cli, book, facts, err);
}

const struct jb_command jb_cmd_import = {
    .name = "import",
    .summary =
        "enter what others recorded: power logs, bills, jobs of a scheduler, other tools' results",
    .usage = "FORMAT FILE|URL... [OPTION...]",
    .about =
        "Enters what somebody else recorded. Everything is checked first; all of it is entered or "
        "nothing.\n"
        "\n"
        "Power logs are measured: each file is the meter of a node, all files together are one "
        "run. "
        "What lies\n"
        "in a gap is told apart from what was observed. A file that is in the book already is "
        "refused.\n"
        "  mlperf-power   lines :::MLLOG of MLPerf Training\n"
        "  csv-power      two columns: utc, unix_s or unix_ms, and watts, mean_watts, joules, wh "
        "or "
        "kwh\n"
        "\n"
        "The history of a Prometheus server (its url, or saved answers of query_range) is measured "
        "too:\n"
        "all meters of one node are one run, and nothing counts twice.\n"
        "  prometheus     by DCGM's, Kepler's, IPMI's and the node exporter, as far as they are "
        "there\n"
        "\n"
        "Books of others are reconstructed: each job or result is a run, of the energy that was "
        "told, "
        "else\n"
        "estimated from its hardware and time. The same run again changes nothing; told "
        "differently "
        "it takes\n"
        "the place of the one before. What is no run is listed by reason.\n"
        "  sacct          Slurm's accounting: sacct -P, with a header, any delimiter\n"
        "  codecarbon     emissions.csv or a task file, any version\n"
        "  carbontracker  either of its two logs; the other one is read with it\n"
        "  impact-tracker, green-algorithms, boamps   data.json, exported CSV, a report in JSON\n"
        "  hf-card        README.md of a model; its CO2e becomes energy by the grid of its place\n"
        "\n"
        "Bills of clouds are reconstructed: hours of machines become energy through the catalogue, "
        "one run for\n"
        "each project and region. A bill in several files is given in one command. What cannot be "
        "accounted is\n"
        "listed by reason with its share of the cost.\n"
        "  focus          FOCUS 1.0 to 1.4, of any provider, CSV or CSV in gzip, as those below\n"
        "  aws-cur, azure, gcp   cost and usage report, cost details, detailed export",
    .examples = "  joulebook import mlperf-power node_0.txt --model bert --project mlperf\n"
                "  joulebook import mlperf-power result_1/node_*.txt   # one run on several nodes\n"
                "  joulebook import csv-power plug.csv --node desk --accuracy 1 --place NL\n"
                "  joulebook import prometheus https://prom:9090 --start 3h --end 1h "
                "--match 'instance=~\"n1:.*\"'\n"
                "  joulebook import codecarbon emissions.csv --utc-offset 1\n"
                "  joulebook import sacct jobs.txt --cluster ham --partitions ham.yaml --dry-run\n"
                "  joulebook import focus bill-*.csv.gz --by tag:project --markup storage=10%\n",
    .options = options,
    .more_options = jb_run_fact_options,
    .flags = JB_COMMAND_BOOK | JB_COMMAND_JSON,
    .words_min = 2,
    .words_max = SIZE_MAX,
    .run = run,
};
