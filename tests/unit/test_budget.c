/* SPDX-License-Identifier: Apache-2.0 */
/* R-BUDGET-01 to -03: amounts to energies by hand, the two levels, and who cannot watch. */
#include "cli/budget.h"

#include <signal.h>

#include "tap.h"

static const struct jb_option options[] = {
    {0, "budget", "AMOUNT", "", true},
    {0, "on-budget", "SIGNAL", "", false},
    {0, NULL, NULL, NULL, false},
};

static jb_rc parse(struct jb_run *run, const char *budget, const char *action,
                   struct jb_budgets *ret)
{
    static const struct jb_option *const tables[] = {options};
    char *argv[] = {(char[]){"--budget"}, strdup(budget), (char[]){"--on-budget"},
                    action ? strdup(action) : NULL};
    struct jb_args args;
    struct jb_error err = {0};
    jb_rc rc = jb_args_parse(tables, 1, false, action ? 4 : 2, argv, &args, &err);

    if (rc == JB_OK)
        rc = jb_budgets_from_options(&args, run, ret, &err);
    if (ret->n > 0)
        ret->all[0].text = "it"; /* argv goes */
    free(argv[1]);
    free(argv[3]);
    return rc;
}

static int64_t limit_of(struct jb_run *run, const char *budget)
{
    struct jb_budgets budgets = {0};

    return parse(run, budget, NULL, &budgets) == JB_OK ? budgets.all[0].limit_uj : -1;
}

static void amounts(void)
{
    struct jb_run run = {.pue_milli = -1, .tariff_micro_per_kwh = -1};

    is_i64(limit_of(&run, "500Wh"), INT64_C(1800000000000), "500 Wh are 1.8 MJ");
    is_i64(limit_of(&run, "0.5kWh"), INT64_C(1800000000000), "and half a kWh");
    is_i64(limit_of(&run, "10J"), 10000000, "joules are taken");
    is_i64(limit_of(&run, "200gCO2e"), -1, "carbon needs a place");
    is_i64(limit_of(&run, "1.5EUR"), -1, "money needs a tariff");
    run.tariff_micro_per_kwh = 250000;
    memcpy(run.currency, "EUR", 4);
    memcpy(run.place, "NL", 3);
    is_i64(limit_of(&run, "1.5EUR"), INT64_C(21600000000000), "1.50 at 0.25 are 6 kWh");
    is_i64(limit_of(&run, "1.5USD"), -1, "in the tariff's currency");
    run.pue_milli = 1200;
    is_i64(limit_of(&run, "1.5EUR"), INT64_C(18000000000000), "5 kWh with a PUE of 1.2");
    ok(limit_of(&run, "1kgCO2e") == 5 * limit_of(&run, "200gCO2e") && limit_of(&run, "1gCO2e") > 0,
       "a kilogram is five times 200 g");
    static const char *const wrong[] = {"",     "500", "Wh",      "0Wh",   "-5Wh",
                                        "5 Wh", "5wh", "1e30MWh", "5gCO2", "5euro"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        is_i64(limit_of(&run, wrong[i]), -1, "'%s' is no budget", wrong[i]);
}

static void levels(void)
{
    struct jb_run run = {.pue_milli = -1, .tariff_micro_per_kwh = -1};
    struct jb_budgets budgets = {0};
    struct jb_measure_status status = {.has_power = true};
    struct jb_measure_order order = {0};
    char line[256];

    ok(parse(&run, "100J", "TERM", &budgets) == JB_OK, "a budget of 100 J that ends the command");
    status.energy_uj = 79999999;
    ok(!jb_budgets_watch(&budgets, &status, &order, line, sizeof line), "below 80 %% nothing");
    status.energy_uj = 80000000;
    ok(jb_budgets_watch(&budgets, &status, &order, line, sizeof line) && strstr(line, "80 %"),
       "a line at 80 %%");
    is_str(order.mark, "budget it 80%", "and a mark");
    is_i64(order.signal, 0, "but no signal");
    order = (struct jb_measure_order){0};
    ok(!jb_budgets_watch(&budgets, &status, &order, line, sizeof line) && !order.mark[0],
       "said once");
    status.energy_uj = 100000000;
    ok(jb_budgets_watch(&budgets, &status, &order, line, sizeof line) &&
           strstr(line, "SIGTERM goes to the command"),
       "a line at the whole");
    is_i64(order.signal, SIGTERM, "with the signal that was asked for");
    is_str(order.mark, "budget it used up", "and a mark");
    order = (struct jb_measure_order){0};
    status.energy_uj *= 2;
    ok(!jb_budgets_watch(&budgets, &status, &order, line, sizeof line) && order.signal == 0,
       "once as well");
    ok(parse(&run, "100J", NULL, &budgets) == JB_OK &&
           jb_budgets_watch(&budgets, &status, &order, line, sizeof line) && order.signal == 0 &&
           strstr(order.mark, "used up"),
       "both levels at once are one line, and without being asked nothing is ended");
    budgets.signal = SIGTERM;
    budgets.all[0].stage = 0;
    status.has_ended = true;
    order = (struct jb_measure_order){0};
    ok(jb_budgets_watch(&budgets, &status, &order, line, sizeof line) && order.signal == 0 &&
           strstr(line, "used up") && !strstr(line, "SIG") && strstr(order.mark, "used up"),
       "what is found when the run has ended is said and marked, and no signal is promised");
    status.has_ended = false;
    ok(parse(&run, "100J", "BANG", &budgets) == JB_E_USAGE, "a signal that is none is refused");
    ok(parse(&run, "100J", "warn", &budgets) == JB_OK && budgets.signal == 0,
       "warn is the default");
    status.has_power = false;
    ok(jb_budgets_watch(&budgets, &status, &order, line, sizeof line) &&
           strstr(line, "is not watched") &&
           !jb_budgets_watch(&budgets, &status, &order, line, sizeof line),
       "where nothing is measured that is said once");
}

int main(void)
{
    amounts();
    levels();
    return done_testing();
}
