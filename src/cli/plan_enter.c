/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan as it was told to a run of the predicted layer. Must never enter one of several that nobody chose, nor more energy than
 * a run of the book holds. R-PLAN-30.
 */
#include "cli/plan_enter.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/num.h"
#include "catalogue/catalogue.h"
#include "cli/run_facts.h"
#include "pipeline/planned.h"

#define UJ_PER_MJ 1000
#define NS_PER_US 1000

const struct jb_option jb_plan_enter_options[] = {
    {0, "csv", NULL, "print CSV", false},
    {0, "choose", "WHICH", "of several plans: cheapest, cleanest, fastest or its number", false},
    {0, "enter", NULL, "enter it in the book, in the predicted layer", false},
    {0, "project", "NAME", "with --enter: the project it belongs to", false},
    {0, "model", "NAME", "the model that is to be trained", false},
    {0, "model-version", "TEXT", "its version", false},
    {0, "architecture", "NAME", "its architecture, for example resnet50", false},
    {0, "application", "NAME", "what it is for", false},
    {0, "configuration", "TEXT", "how it is to be trained, in your own words", false},
    {0, NULL, NULL, NULL, false},
};

/* --- choosing ------------------------------------------------------------------------------------------------------- */

static jb_rc choose_by_aim(enum jb_plan_aim aim, struct jb_plan_told *told, struct jb_error *err)
{
    static const char *const hints[JB_PLAN_AIMS] = {
        [JB_PLAN_CHEAPEST] = "give --tariff or --price",
        [JB_PLAN_CLEANEST] = "give --place",
        [JB_PLAN_FASTEST] = "none is computable",
    };
    const struct jb_plan_choice *const choice = &told->choices[aim];
    const char *const name = jb_plan_aim_name(aim);

    if (!choice->is_known)
        return jb_fail(err, JB_E_USAGE, hints[aim], "option '--choose': no plan is the %s", name);
    if (choice->n_alike > 0)
        return jb_fail(err, JB_E_USAGE, "choose one by its number",
                       "option '--choose': %zu plans are alike the %s", choice->n_alike + 1, name);
    told->entered = choice->chosen;
    return JB_OK;
}

jb_rc jb_plan_choose_row(const struct jb_args *args, struct jb_plan_told *told,
                         struct jb_error *err)
{
    const char *const text = jb_args_text(args, "choose");
    const int aim = text ? jb_plan_aim_from_name(text) : -1;
    int64_t number = 1;

    if (!text && jb_args_has(args, "enter") && told->n_cells > 1)
        return jb_fail(err, JB_E_USAGE, "--choose cheapest, cleanest, fastest, or its number",
                       "which of the %zu plans is entered is not said", told->n_cells);
    if (!text)
        return JB_OK;
    if (aim >= 0)
        return choose_by_aim((enum jb_plan_aim)aim, told, err);
    if (jb_parse_i64(text, strlen(text), false, &number) < 0 || number < 1 ||
        (uint64_t)number > told->n_cells)
        return jb_fail(err, JB_E_USAGE, "cheapest, cleanest, fastest, or the number of its row",
                       "option '--choose' cannot be '%.40s'", text);
    told->entered = (size_t)number - 1;
    return JB_OK;
}

/* --- what is entered -------------------------------------------------------------------------------------------------- */

static void copy(const char *from, char *to, size_t size)
{
    jb_clean_copy(from, to, size);
}

static void take_planned(const struct jb_plan_told *told, struct jb_planned *ret)
{
    const struct jb_plan_wish *const wish = told->wish;
    const struct jb_plan_cell *const cell = &told->cells[told->entered];
    const struct jb_plan *const plan = &cell->plan;
    const struct jb_figure carbon = jb_plan_cell_carbon(wish, cell);
    const bool has_start = cell->has_hours && cell->hours.n_starts > 0;

    *ret = (struct jb_planned){
        .peak_gflops = plan->peak_gflops,
        .flop_method = wish->order.compute.method,
        .training_flop = wish->order.compute.training_flop,
        .flop_low_ppm = wish->order.flop_low_ppm,
        .flop_high_ppm = wish->order.flop_high_ppm,
        .start_utc_us = has_start ? cell->hours.best.utc_us : 0,
        .has_pue =
            plan->pue_milli.known == JB_KNOWN_VALUE || plan->pue_milli.known == JB_KNOWN_RANGE,
        .has_price = wish->order.price_micro_per_device_hour >= 0,
        .utilisation_ppm = plan->utilisation_ppm,
        .device_us = plan->device_us,
        .wall_us = plan->wall_us,
        .energy_mj = plan->energy_mj,
        .facility_mj = plan->facility_mj,
        .location_ugco2e = carbon,
        .cost_micro = plan->cost_micro,
    };
    ret->is_carbon_by_hour =
        has_start && jb_hourly_about(wish->places[cell->place].hourly)->signal == JB_SIGNAL_AVERAGE;
    copy(plan->hardware, ret->hardware, sizeof ret->hardware);
    copy(wish->places[cell->place].name, ret->place, sizeof ret->place);
    copy(wish->work, ret->work, sizeof ret->work);
    copy(plan->basis, ret->basis, sizeof ret->basis);
    copy(jb_catalogue_edition(), ret->catalogue, sizeof ret->catalogue);
    copy(wish->order.currency, ret->currency, sizeof ret->currency);
    copy(plan->peak_type, ret->peak_type, sizeof ret->peak_type);
}

/* The account is made with the grid of a zone. */
static void take_zone(const char *place, int64_t year, char *zone, size_t size)
{
    struct jb_grid_intensity grid;
    struct jb_region region;

    if (!place[0])
        return;
    if (jb_catalogue_find_grid(place, year, NULL, &grid, NULL) == JB_OK)
        copy(grid.zone, zone, size);
    else if (jb_catalogue_find_region(NULL, place, year, &region, NULL) == JB_OK)
        copy(region.zone, zone, size);
}

static jb_rc take_names(const struct jb_plan_told *told, const struct jb_args *args,
                        struct jb_run *run, struct jb_error *err)
{
    const struct {
        const char *option;
        char *to;
    } names[] = {
        {"project", run->project},
        {"model", run->model},
        {"model-version", run->model_version},
        {"architecture", run->architecture},
        {"application", run->application},
        {"configuration", run->configuration},
    };

    for (size_t i = 0; i < JB_ARRAY_LEN(names); i++) {
        const char *const text = jb_args_text(args, names[i].option);
        struct jb_error why = {.code = JB_OK};
        if (text && jb_run_fact_check(names[i].option, text, names[i].to, JB_RUN_TEXT, &why) < 0)
            return jb_fail(err, JB_E_USAGE, why.hint[0] ? why.hint : NULL, "option '--%s': %s",
                           names[i].option, why.message);
    }
    if (!run->model[0])
        copy(told->wish->model_name, run->model, sizeof run->model);
    if (!run->project[0] && !run->model[0])
        return jb_fail(err, JB_E_USAGE, "give --project or --model",
                       "what is entered needs a name to be found by");
    return JB_OK;
}

static void take_facts(const struct jb_plan_told *told, const struct jb_planned *planned,
                       struct jb_run *run)
{
    const struct jb_plan_order *const order = &told->wish->order;
    const struct jb_plan *const plan = &told->cells[told->entered].plan;

    run->exit_code = -1;
    run->market_mgco2e_per_kwh = -1;
    run->pue_milli = planned->has_pue ? plan->pue_milli.best : -1;
    run->tariff_micro_per_kwh = order->tariff_micro_per_kwh;
    copy(order->currency, run->currency, sizeof run->currency);
    take_zone(planned->place, order->year, run->place, sizeof run->place);
    copy("train", run->stage, sizeof run->stage);
    (void)jb_format_i128(planned->training_flop, run->training_flop, sizeof run->training_flop);
    if (order->compute.n_parameters > 0)
        run->n_parameters = order->compute.n_parameters;
}

/* R-PLAN-30: what tells one entered plan from another. */
static jb_rc take_key(const struct jb_planned *planned, struct jb_rebuilt *rebuilt,
                      struct jb_error *err)
{
    const struct jb_run *const run = &rebuilt->run;
    const int n = snprintf(rebuilt->key, sizeof rebuilt->key, "%s; %s; %s; %s; %s; %s",
                           run->project, run->model, run->model_version, run->configuration,
                           planned->hardware, planned->place);

    return n >= 0 && (size_t)n < sizeof rebuilt->key
               ? JB_OK
               : jb_fail(err, JB_E_INPUT, "shorten project, model or configuration",
                         "project, model and configuration together are too long");
}

/* The energy as one line: boards and the rest of a node share their doubts. */
static jb_rc take_energy(const struct jb_planned *planned, struct jb_rebuilt *rebuilt,
                         struct jb_error *err)
{
    struct jb_rebuilt_line *const line = &rebuilt->lines[0];
    struct jb_figure uj = planned->energy_mj;

    if (planned->energy_mj.high > INT64_MAX / UJ_PER_MJ ||
        planned->facility_mj.high > INT64_MAX / UJ_PER_MJ)
        return jb_fail(err, JB_E_RANGE, "enter parts of it, such as a pod each, by --flop and --on",
                       "the plan is not entered: a run of the book holds up to 2.56 GWh, and the "
                       "upper end of the plan is beyond");
    uj.low *= UJ_PER_MJ;
    uj.best *= UJ_PER_MJ;
    uj.high *= UJ_PER_MJ;
    *line = (struct jb_rebuilt_line){
        .channel = "plan/it",
        .scope = JB_SCOPE_NODE,
        .device = JB_DEVICE_NODE,
        .origin = JB_ORIGIN_MODELLED,
        .energy_uj = uj,
        .correlation = "plan",
    };
    if (planned->device_us.best <= INT64_MAX / NS_PER_US)
        line->device_ns = planned->device_us.best * NS_PER_US;
    copy(planned->basis, line->basis, sizeof line->basis);
    rebuilt->n_lines = 1;
    return JB_OK;
}

static void take_notes(const struct jb_plan_told *told, const struct jb_planned *planned,
                       struct jb_rebuilt *rebuilt)
{
    const struct jb_plan *const plan = &told->cells[told->entered].plan;
    char moment[32];

    if (planned->start_utc_us > 0)
        (void)snprintf(rebuilt->notes[rebuilt->n_notes++], JB_NOTE,
                       "the run stands at the moment the plan was entered; the best hour to begin "
                       "was %s",
                       jb_format_utc(planned->start_utc_us, false, moment, sizeof moment));
    else
        (void)snprintf(rebuilt->notes[rebuilt->n_notes++], JB_NOTE,
                       "the run stands at the moment the plan was entered");
    for (size_t i = 0; i < plan->n_notes && rebuilt->n_notes < JB_REBUILT_NOTES_MAX; i++)
        copy(plan->notes[i], rebuilt->notes[rebuilt->n_notes++], JB_NOTE);
    for (size_t i = 0; i < plan->n_factors && i < JB_ESTIMATE_FACTORS_MAX; i++)
        rebuilt->factors[rebuilt->n_factors++] = plan->factors[i];
}

/* --- entering --------------------------------------------------------------------------------------------------------- */

static jb_rc rebuild(const struct jb_plan_told *told, const struct jb_args *args,
                     const struct jb_planned *planned, struct jb_rebuilt *rebuilt,
                     struct jb_error *err)
{
    jb_rc rc = take_names(told, args, &rebuilt->run, err);

    if (rc < 0)
        return rc;
    rebuilt->method = JB_METHOD_B;
    take_facts(told, planned, &rebuilt->run);
    take_notes(told, planned, rebuilt);
    rc = take_key(planned, rebuilt, err);
    return rc == JB_OK ? take_energy(planned, rebuilt, err) : rc;
}

/* The same plan may have been voided since: then it stays so. */
static jb_rc tell(struct jb_ledger *ledger, const struct jb_reconstructed *entered,
                  struct jb_plan_told *told, struct jb_error *err)
{
    static const char *const states[] = {
        [JB_PAPER_NEW] = "entered",
        [JB_PAPER_SAME] = "entered before with the same figures",
        [JB_PAPER_SUPERSEDES] = "entered in place of an older one",
    };
    JB_AUTO(jb_free_auto) struct jb_run *run = malloc(sizeof *run);
    jb_rc rc;

    if (!run)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a run");
    rc = jb_ledger_find_run(ledger, entered->run_id, run, err);
    if (rc < 0)
        return rc;
    (void)snprintf(told->run_id, sizeof told->run_id, "%s", entered->run_id);
    (void)snprintf(told->run_state, sizeof told->run_state, "%s%s", states[entered->state],
                   run->status == JB_RUN_VOID ? " and void since" : "");
    return JB_OK;
}

static jb_rc enter(struct jb_cli *cli, const struct jb_planned *planned, struct jb_rebuilt *rebuilt,
                   struct jb_plan_told *told, struct jb_error *err)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    const char *const file = cli->args.n_words > 0 ? cli->args.words[0] : "";
    struct jb_reconstructed entered;
    jb_rc rc = jb_cli_open_book(cli, JB_LEDGER_CREATE, &ledger, err);

    if (rc == JB_OK)
        rc = jb_ledger_begin(ledger, err);
    if (rc < 0)
        return rc;
    rc = jb_planned_enter(ledger, cli->clock, file, planned, rebuilt, &entered, err);
    if (rc == JB_OK)
        rc = jb_ledger_commit(ledger, err);
    else
        jb_ledger_rollback(ledger);
    return rc == JB_OK ? tell(ledger, &entered, told, err) : rc;
}

jb_rc jb_plan_enter(struct jb_cli *cli, struct jb_plan_told *told, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct jb_rebuilt *rebuilt = NULL;
    struct jb_planned planned;

    if (!jb_args_has(&cli->args, "enter"))
        return JB_OK;
    const struct jb_plan *const plan = &told->cells[told->entered].plan;
    if (!plan->is_computable)
        return jb_fail(err, JB_E_UNAVAILABLE, NULL, "the plan is not entered: not computable: %s",
                       plan->why_not);
    rebuilt = calloc(1, sizeof *rebuilt);
    if (!rebuilt)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the run");
    take_planned(told, &planned);
    const jb_rc rc = rebuild(told, &cli->args, &planned, rebuilt, err);
    return rc == JB_OK ? enter(cli, &planned, rebuilt, told, err) : rc;
}

/* --- linking ---------------------------------------------------------------------------------------------------------- */

jb_rc jb_plan_link(struct jb_ledger *ledger, const char *text, char ret_id[JB_RUN_ID],
                   struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct jb_run *run = malloc(sizeof *run);
    jb_rc rc;

    if (!run)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a run");
    rc = jb_ledger_find_run(ledger, text, run, err);
    if (rc == JB_E_NOT_FOUND && strlen(text) == JB_RUN_ID - 1) {
        memcpy(ret_id, text, JB_RUN_ID);
        return JB_OK;
    }
    if (rc < 0)
        return rc;
    if (run->layer != JB_LAYER_PREDICTED)
        return jb_fail(err, JB_E_INPUT, "`joulebook runs --layer predicted` lists them",
                       "run %s is no plan", run->id);
    if (run->status == JB_RUN_VOID)
        return jb_fail(err, JB_E_INPUT, "`joulebook runs --layer predicted` lists those that count",
                       "plan %s is void", run->id);
    memcpy(ret_id, run->id, JB_RUN_ID);
    return JB_OK;
}
