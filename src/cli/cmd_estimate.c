/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `joulebook estimate [FILE]`: method B of what somebody knows, with its band and its doubts. Must never ask for more than
 * was said nor fill it in: what is missing is named.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/estimate_beside.h"
#include "cli/estimate_order.h"
#include "cli/estimate_software.h"
#include "cli/run_facts.h"
#include "estimate/estimate.h"
#include "pipeline/reconstruct.h"

static const struct jb_option options[] = {
    JB_SOFTWARE_OPTIONS,
    {0, "equivalents", NULL, "as so many refrigerator-years, flights and car kilometres", false},
    {0, "enter", NULL, "enter it as a run in the book's reconstructed layer", false},
    {0, "project", "NAME", "the project it belongs to", false},
    {0, "model", "NAME", "the model that was trained", false},
    {0, "model-version", "TEXT", "its version", false},
    {0, "stage", "WORD", "explore, search, train, tune, retrain, evaluate, infer, test ...", false},
    {0, "configuration", "TEXT", "how it was trained, in your own words", false},
    {0, "start", "MOMENT", "when it began: 2020-03-01, 2020-03-01T08:30:00Z", false},
    {0, "end", "MOMENT", "when it ended", false},
    {0, "tariff", "PER_KWH", "price of one kWh", false},
    {0, "currency", "CODE", "currency of the tariff, such as EUR", false},
    {0, NULL, NULL, NULL, false},
};

/* Everything of one estimate; large, so not on the stack. */
struct desk {
    struct jb_estimate_order order;
    struct jb_software software;
    struct jb_run run;
    struct jb_estimate estimate;
    struct jb_estimate_told told;
    struct jb_rebuilt rebuilt;
};

/* Place and PUE are the work's; the rest of what is stated may come from anywhere it usually does. */
static jb_rc take_facts(const struct jb_cli *cli, struct desk *desk, struct jb_error *err)
{
    struct jb_cli without = *cli;

    without.args.n_given = 0;
    for (size_t i = 0; i < cli->args.n_given; i++)
        if (strcmp(cli->args.given[i].option->name, "place") != 0 &&
            strcmp(cli->args.given[i].option->name, "pue") != 0)
            without.args.given[without.args.n_given++] = cli->args.given[i];
    const jb_rc rc = jb_run_facts_from_options(&without, &desk->run, err);
    if (rc < 0)
        return rc;
    jb_estimate_order_facts(&cli->args, &desk->order, &desk->run);
    desk->run.place[0] = desk->run.hourly_file[0] = '\0';
    desk->run.pue_milli = desk->run.market_mgco2e_per_kwh = -1;
    /* The user's own contract says nothing of somebody else's machine. */
    if (!jb_args_has(&cli->args, "tariff"))
        desk->run.tariff_micro_per_kwh = -1;
    return JB_OK;
}

static jb_rc take_order(const struct jb_cli *cli, struct desk *desk, struct jb_error *err)
{
    static const struct jb_work nothing;
    jb_rc rc = JB_OK;

    if (cli->args.n_words > 0)
        rc = jb_estimate_order_read(cli->args.words[0], &desk->order, err);
    if (rc == JB_OK)
        rc = jb_estimate_order_options(&cli->args, &desk->order, err);
    if (rc == JB_OK)
        rc = jb_software_from_options(&cli->args, &desk->software, err);
    if (rc < 0)
        return rc;
    if (cli->args.n_words == 0 && !jb_software_is_told(&desk->software) &&
        memcmp(&desk->order.work, &nothing, sizeof nothing) == 0)
        return jb_fail(err, JB_E_USAGE,
                       "such as --accelerator V100 --duration 12h; see joulebook estimate --help",
                       "nothing is said of the work");
    return take_facts(cli, desk, err);
}

/* All repeats one after another. */
static int64_t lasted_us(const struct jb_work *work)
{
    int64_t us = work->duration_ns.best / JB_NS_PER_US;

    for (size_t i = 0; i < work->n_repeats; i++)
        us = jb_muldiv_sat_i64(us, work->repeats[i].n_milli.best, 1000, JB_ROUND_NEAREST);
    return us;
}

/* The grid is that of the year: the same one here as in the account of what is entered. */
static jb_rc take_year(struct jb_estimate_order *order, struct jb_error *err)
{
    const int64_t began_us = order->start > 0     ? order->start
                             : order->end_utc > 0 ? order->end_utc - lasted_us(&order->work)
                                                  : 0;
    const int64_t year = began_us > 0 ? jb_utc_year(began_us) : order->work.year;

    if (order->work.year > 0 && order->work.year != year)
        return jb_fail(err, JB_E_INPUT, "leave the year out: the moment tells it",
                       "the year is %lld, and it began in %lld", (long long)order->work.year,
                       (long long)year);
    order->work.year = year;
    return JB_OK;
}

static jb_rc tell(const struct jb_cli *cli, struct desk *desk, struct jb_error *err)
{
    struct jb_estimate_told *const told = &desk->told;

    memcpy(told->project, desk->run.project, sizeof told->project);
    memcpy(told->model, desk->run.model, sizeof told->model);
    jb_beside_total(told);
    jb_beside_missing(&desk->order.work, told);
    jb_rc rc = jb_beside_carbon(&desk->order.work, told, err);
    if (rc == JB_OK)
        rc = jb_beside_cost(desk->run.tariff_micro_per_kwh, desk->run.currency, told, err);
    if (rc == JB_OK && jb_args_has(&cli->args, "equivalents"))
        jb_beside_equivalents(told);
    return rc;
}

/* --- into the book --------------------------------------------------------------------------------------------- */

/* What tells one entered estimate from another: the same again with other figures takes the place of the older one. */
static jb_rc key_of(const struct jb_run *run, int64_t start_utc_us, char *key, struct jb_error *err)
{
    char start[32] = "";
    int n;

    if (!run->project[0] && !run->model[0])
        return jb_fail(err, JB_E_USAGE, "give --project or --model",
                       "what is entered needs a name to be found by");
    if (start_utc_us > 0)
        (void)jb_format_utc(start_utc_us, false, start, sizeof start);
    n = snprintf(key, JB_REBUILT_KEY, "%s; %s; %s; %s; %s; %s", run->project, run->model,
                 run->model_version, run->stage, run->configuration, start);
    if (n < 0 || n >= JB_REBUILT_KEY)
        return jb_fail(err, JB_E_INPUT, "shorten project, model or configuration",
                       "project, model and configuration together are too long");
    return JB_OK;
}

/* Between what was told: both ends, one and the time it took, or no moment at all. */
static void set_times(const struct jb_estimate_order *order, struct jb_rebuilt *rebuilt)
{
    const int64_t us = lasted_us(&order->work);

    rebuilt->has_no_times = order->start == 0 && order->end_utc == 0;
    rebuilt->run.start_utc_us = order->start > 0 ? order->start : 0;
    if (order->start == 0 && order->end_utc > us)
        rebuilt->run.start_utc_us = order->end_utc - us;
    rebuilt->run.end_utc_us =
        order->end_utc > 0 ? order->end_utc : jb_add_sat_i64(rebuilt->run.start_utc_us, us);
}

/* The digest is that of what was told; a run of no told moment ends when it is entered. */
static jb_rc post(struct jb_ledger *ledger, const struct jb_cli *cli, struct desk *desk,
                  struct jb_reconstructed *ret_entered, struct jb_error *err)
{
    struct jb_run *const run = &desk->rebuilt.run;
    JB_AUTO(jb_reconstruct_free_auto) struct jb_reconstruct *reconstruct = NULL;
    const char *const file = cli->args.n_words > 0 ? cli->args.words[0] : "";
    enum jb_paper_state state;
    struct jb_hash digest;
    jb_rc rc =
        jb_reconstruct_new(ledger, cli->clock, file, "joulebook estimate", &reconstruct, err);

    if (rc == JB_OK)
        rc = jb_rebuilt_digest(&desk->rebuilt, &digest, err);
    if (rc == JB_OK)
        rc = jb_reconstruct_paper(reconstruct, desk->rebuilt.source, desk->rebuilt.key, &digest,
                                  &state, err);
    if (rc < 0)
        return rc;
    if (desk->rebuilt.has_no_times) {
        const int64_t now_us = jb_utc_us(cli->clock);
        run->start_utc_us = run->end_utc_us < now_us ? now_us - run->end_utc_us : 1;
        run->end_utc_us = now_us;
    }
    return jb_reconstruct_enter(reconstruct, &desk->rebuilt, ret_entered, err);
}

static jb_rc enter(struct jb_cli *cli, struct desk *desk, struct jb_error *err)
{
    static const char *const states[] = {
        [JB_PAPER_NEW] = "entered",
        [JB_PAPER_SAME] = "entered before with the same answers: nothing is changed",
        [JB_PAPER_SUPERSEDES] = "entered in place of an older one",
    };
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    struct jb_rebuilt *const rebuilt = &desk->rebuilt;
    struct jb_reconstructed entered;

    (void)snprintf(rebuilt->source, sizeof rebuilt->source, "estimate");
    rebuilt->run = desk->run;
    rebuilt->run.exit_code = -1;
    (void)snprintf(rebuilt->run.place, sizeof rebuilt->run.place, "%s", desk->told.place);
    rebuilt->method = desk->estimate.method;
    rebuilt->has_work = true;
    rebuilt->work = desk->order.work;
    set_times(&desk->order, rebuilt);
    jb_rc rc = key_of(&desk->run, desk->order.start, rebuilt->key, err);
    if (rc == JB_OK)
        rc = jb_cli_open_book(cli, JB_LEDGER_CREATE, &ledger, err);
    if (rc == JB_OK)
        rc = jb_ledger_begin(ledger, err);
    if (rc < 0)
        return rc;
    rc = post(ledger, cli, desk, &entered, err);
    if (rc == JB_OK)
        rc = jb_ledger_commit(ledger, err);
    else
        jb_ledger_rollback(ledger);
    if (rc < 0)
        return rc;
    (void)snprintf(desk->told.run_id, sizeof desk->told.run_id, "%s", entered.run_id);
    (void)snprintf(desk->told.run_state, sizeof desk->told.run_state, "%s", states[entered.state]);
    return JB_OK;
}

static jb_rc run(struct jb_cli *cli, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct desk *desk = calloc(1, sizeof *desk);
    jb_rc rc;

    if (!desk)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for an estimate");
    rc = take_order(cli, desk, err);
    if (rc == JB_OK) {
        desk->told.estimate = &desk->estimate;
        jb_beside_inputs(&desk->order.work, &desk->told);
        jb_software_inputs(&desk->software, &desk->told);
        rc = take_year(&desk->order, err);
    }
    if (rc == JB_OK)
        rc = jb_beside_region(&desk->order.work, &desk->told, err);
    if (rc == JB_OK)
        rc = jb_estimate_make(&desk->order.work, &desk->estimate, err);
    if (rc == JB_OK && jb_software_is_told(&desk->software))
        rc = jb_software_add(&desk->software, &desk->order.work, &desk->estimate, err);
    if (rc == JB_OK)
        rc = tell(cli, desk, err);
    if (rc < 0)
        return rc;
    if (desk->estimate.is_computable && jb_args_has(&cli->args, "enter"))
        rc = desk->estimate.method == JB_METHOD_A
                 ? jb_fail(err, JB_E_USAGE, "say the hardware and the time as well",
                           "method A alone is shown, and not entered in the book")
                 : enter(cli, desk, err);
    if (rc < 0)
        return rc;
    if (!desk->estimate.is_computable)
        cli->exit_code = JB_EXIT_UNAVAILABLE;
    if (jb_args_has(&cli->args, "json"))
        return jb_report_estimate_json(&desk->told, &cli->out, err);
    jb_report_estimate_text(&desk->told, &cli->style, &cli->out);
    return JB_OK;
}

const struct jb_command jb_cmd_estimate = {
    .name = "estimate",
    .summary = "the energy of a training that nothing measured, from what is known of it",
    .usage = "[FILE] [OPTION...]",
    .about =
        "Turns what somebody knows of a training (hardware, time, use, place) into energy with a "
        "band: low, best\n"
        "and high, what each doubt contributes, the method and why no better one was possible, and "
        "the step that\n"
        "would narrow it most. FILE is YAML with the same names ('-' reads standard input); "
        "options "
        "override it.\n"
        "Every value may be a number with its unit, a range (360..672h, 6-7), a bound ('<= 6000 "
        "h'), unknown or\n"
        "withheld. Exit code 5 where nothing can be computed: what is missing is named.",
    .examples = "  joulebook estimate --accelerator 'RTX 2080' --duration 6000h --pue 1.58\n"
                "  joulebook estimate --instance aws/p3.2xlarge --duration 12..16h --place IE\n"
                "  joulebook estimate training.yaml --equivalents --json\n"
                "  joulebook estimate --instructions 2e12 --cpi 0.8 --epc 1.1nJ\n",
    .options = jb_estimate_options,
    .more_options = options,
    .flags = JB_COMMAND_BOOK | JB_COMMAND_JSON,
    .words_max = 1,
    .run = run,
};
