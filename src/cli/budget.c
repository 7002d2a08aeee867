/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "500Wh", "200gCO2e", "1.5EUR" to the energy at which they are used up, and the moments when a run passes four fifths and all of
 * it. Must never end a command that nobody asked it to end.
 */
#include "cli/budget.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/compiler.h"
#include "base/num.h"
#include "catalogue/catalogue.h"

#define UJ_PER_KWH INT64_C(3600000000000)
#define UG_PER_MG  1000

enum good { GOOD_ENERGY, GOOD_CARBON };

/* Limits are read with six decimals: in uJ x 1, in ug x 1. */
static const struct {
    const char *name;
    enum good good;
    int64_t micro; /* uJ or ug in one millionth of the unit */
} units[] = {
    {"J", GOOD_ENERGY, 1},           {"kJ", GOOD_ENERGY, 1000},
    {"MJ", GOOD_ENERGY, 1000000},    {"Wh", GOOD_ENERGY, 3600},
    {"kWh", GOOD_ENERGY, 3600000},   {"MWh", GOOD_ENERGY, INT64_C(3600000000)},
    {"gCO2e", GOOD_CARBON, 1},       {"kgCO2e", GOOD_CARBON, 1000},
    {"tCO2e", GOOD_CARBON, 1000000},
};

static const struct {
    const char *name;
    int number;
} signals[] = {
    {"warn", 0},       {"TERM", SIGTERM}, {"INT", SIGINT},   {"HUP", SIGHUP},   {"QUIT", SIGQUIT},
    {"USR1", SIGUSR1}, {"USR2", SIGUSR2}, {"STOP", SIGSTOP}, {"KILL", SIGKILL},
};

/* R-BUDGET-01: a budget is passed at 80 % and at 100 %. */
static const struct {
    int64_t percent;
    const char *mark;
} levels[] = {{80, "80%"}, {100, "used up"}};

static jb_rc refuse(const char *text, const char *hint, struct jb_error *err)
{
    return jb_fail(err, JB_E_USAGE, hint, "'%.60s' is no budget", text);
}

/* What an amount is worth in energy at a factor per kWh, the PUE of the run taken off: as its account would count. */
static jb_rc worth(const char *text, int64_t amount, int64_t per_kwh, const struct jb_run *run,
                   int64_t *ret_uj, struct jb_error *err)
{
    const int64_t pue_milli = run->pue_milli > 0 ? run->pue_milli : 1000;
    int64_t energy_uj;

    if (per_kwh <= 0)
        return refuse(text, "the place or the tariff says that energy costs nothing", err);
    if (jb_muldiv_i64(amount, UJ_PER_KWH, per_kwh, JB_ROUND_NEAREST, &energy_uj) < 0 ||
        jb_muldiv_i64(energy_uj, 1000, pue_milli, JB_ROUND_NEAREST, ret_uj) < 0)
        return refuse(text, "give less", err);
    return JB_OK;
}

static jb_rc carbon(const char *text, int64_t mass_ug, const struct jb_run *run, int64_t *ret_uj,
                    struct jb_error *err)
{
    struct jb_grid_intensity grid;

    if (!run->place[0] || jb_catalogue_find_grid(run->place, 0, NULL, &grid, NULL) < 0)
        return refuse(text, "say with --place where the electricity comes from, such as NL", err);
    if (jb_muldiv_i64(grid.best_mg_per_kwh, UG_PER_MG, 1, JB_ROUND_NEAREST, &grid.best_mg_per_kwh) <
        0)
        return refuse(text, "give less", err);
    return worth(text, mass_ug, grid.best_mg_per_kwh, run, ret_uj, err);
}

static jb_rc money(const char *text, const char *unit, int64_t micro, const struct jb_run *run,
                   int64_t *ret_uj, struct jb_error *err)
{
    if (strlen(unit) != 3 || strspn(unit, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3)
        return refuse(text, "write it as 500Wh, 2kWh, 200gCO2e or 1.5EUR", err);
    if (run->tariff_micro_per_kwh < 0)
        return refuse(text, "say with --tariff and --currency what a kWh costs", err);
    if (strcmp(unit, run->currency) != 0) {
        char hint[80];
        (void)snprintf(hint, sizeof hint, "the tariff is in %s", run->currency);
        return refuse(text, run->currency[0] ? hint : "say with --currency what the tariff is in",
                      err);
    }
    return worth(text, micro, run->tariff_micro_per_kwh, run, ret_uj, err);
}

static jb_rc parse(const char *text, const struct jb_run *run, int64_t *ret_uj,
                   struct jb_error *err)
{
    const size_t len = strspn(text, "0123456789.");
    const char *const unit = text + len;
    int64_t amount;

    if (jb_parse_decimal(text, len, 6, &amount) < 0 || amount <= 0)
        return refuse(text, "write it as 500Wh, 2kWh, 200gCO2e or 1.5EUR", err);
    for (size_t i = 0; i < JB_ARRAY_LEN(units); i++) {
        if (strcmp(unit, units[i].name) != 0)
            continue;
        if (jb_mul_i64(amount, units[i].micro, &amount) < 0)
            return refuse(text, "give less", err);
        if (units[i].good == GOOD_CARBON)
            return carbon(text, amount, run, ret_uj, err);
        *ret_uj = amount;
        return JB_OK;
    }
    return money(text, unit, amount, run, ret_uj, err);
}

static jb_rc take_signal(const struct jb_args *args, struct jb_budgets *budgets,
                         struct jb_error *err)
{
    const char *const name = jb_args_text(args, "on-budget");

    for (size_t i = 0; name && i < JB_ARRAY_LEN(signals); i++)
        if (strcmp(name, signals[i].name) == 0) {
            budgets->signal = signals[i].number;
            budgets->signal_name = signals[i].name;
            return JB_OK;
        }
    return name ? jb_fail(err, JB_E_USAGE,
                          "choose warn, TERM, INT, HUP, QUIT, USR1, USR2, STOP, KILL",
                          "'%.60s' is nothing to do at a budget", name)
                : JB_OK;
}

jb_rc jb_budgets_from_options(const struct jb_args *args, const struct jb_run *run,
                              struct jb_budgets *ret, struct jb_error *err)
{
    struct jb_budgets budgets = {0};
    const char *text;
    jb_rc rc = take_signal(args, &budgets, err);

    while (rc == JB_OK && (text = jb_args_nth(args, "budget", budgets.n)) != NULL) {
        if (budgets.n == JB_BUDGETS_MAX)
            return jb_fail(err, JB_E_USAGE, NULL, "a run has at most %d budgets", JB_BUDGETS_MAX);
        budgets.all[budgets.n].text = text;
        rc = parse(text, run, &budgets.all[budgets.n].limit_uj, err);
        budgets.n++;
    }
    if (rc == JB_OK && budgets.n == 0 && jb_args_has(args, "on-budget"))
        rc = jb_fail(err, JB_E_USAGE, "give one, such as --budget 500Wh",
                     "there is no budget to act on");
    if (rc == JB_OK)
        *ret = budgets;
    return rc;
}

/* R-BUDGET-02: the highest level that was passed is said, once. */
static bool pass(struct jb_budgets *budgets, struct jb_budget *budget,
                 const struct jb_measure_status *status, struct jb_measure_order *order, char *line,
                 size_t size)
{
    int stage = budget->stage;
    char energy[32], elapsed[32];

    while (stage < (int)JB_ARRAY_LEN(levels) &&
           status->energy_uj >=
               jb_muldiv_sat_i64(budget->limit_uj, levels[stage].percent, 100, JB_ROUND_NEAREST))
        stage++;
    if (stage == budget->stage)
        return false;
    budget->stage = stage;
    const bool is_all = stage == (int)JB_ARRAY_LEN(levels);
    (void)snprintf(order->mark, sizeof order->mark, "budget %s %s", budget->text,
                   levels[stage - 1].mark);
    const bool is_signalled = is_all && budgets->signal && !status->has_ended;
    if (is_signalled)
        order->signal = budgets->signal;
    (void)snprintf(line, size, "%s the budget of %s is used%s: %s after %s (all meters)%s%s%s",
                   is_all ? "all of" : "80 % of", budget->text, is_all ? " up" : "",
                   jb_format_energy(status->energy_uj, energy, sizeof energy),
                   jb_format_duration(status->elapsed_ns, elapsed, sizeof elapsed),
                   is_signalled ? "; SIG" : "", is_signalled ? budgets->signal_name : "",
                   is_signalled ? " goes to the command" : "");
    return true;
}

bool jb_budgets_watch(struct jb_budgets *budgets, const struct jb_measure_status *status,
                      struct jb_measure_order *ret_order, char *line, size_t size)
{
    if (budgets->n == 0)
        return false;
    if (!status->has_power) { /* R-BUDGET-03 */
        const bool is_first = !budgets->has_said_why_not;
        budgets->has_said_why_not = true;
        (void)snprintf(line, size, "the budget is not watched: this run is not measured");
        return is_first;
    }
    for (size_t i = 0; i < budgets->n; i++)
        if (pass(budgets, &budgets->all[i], status, ret_order, line, size))
            return true;
    return false;
}
