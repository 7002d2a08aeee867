/* SPDX-License-Identifier: Apache-2.0 */
/* The plain formulas by hand, and table 4.1 as a decision. R-EST-30 to -33. */
#include "estimate_double.h"
#include "tap.h"

static struct estimate__facts rated_facts(void)
{
    struct estimate__facts facts = double_facts();

    facts.has_accelerator = true;
    facts.accelerator.board_mw = (struct jb_span){80000, 100000, 120000, 3};
    facts.accelerator.dies_per_board = 1;
    return facts;
}

static void test_readings(void)
{
    struct estimate__facts facts = rated_facts();
    struct jb_work work = {.pue_milli = {JB_KNOWN_RANGE, false, 1100, 1200, 1300}};
    struct jb_estimate made = {.is_computable = true};
    struct jb_error err = {0};

    facts.in[IN_DURATION_NS].high = 2 * HOUR_NS;
    ok(estimate__readings(&work, &facts, &made, &err) >= 0 && made.n_readings == 2, "4.4 and 4.8");
    const struct jb_figure *uj = &made.readings[0].energy_uj;
    ok(uj->low == 160 * WH_UJ && uj->best == 200 * WH_UJ && uj->high == 480 * WH_UJ,
       "2 boards: 80 W x 1 h, 100 W x 1 h, 120 W x 2 h, without load, host or rest");
    uj = &made.readings[1].energy_uj;
    ok(uj->low == 176 * WH_UJ && uj->best == 240 * WH_UJ && uj->high == 624 * WH_UJ,
       "x 1.1, 1.2, 1.3");

    work.pue_milli = (struct jb_quantity){0};
    made = (struct jb_estimate){.is_computable = true};
    ok(estimate__readings(&work, &facts, &made, &err) >= 0 && made.n_readings == 2 &&
           made.readings[1].energy_uj.best == 316 * WH_UJ &&
           strstr(made.readings[1].name, "default"),
       "no PUE: 4.8 with 1.58, and its name says default");
    facts.has_accelerator = false;
    made = (struct jb_estimate){.is_computable = true};
    ok(estimate__readings(&work, &facts, &made, &err) >= 0 && made.n_readings == 0,
       "no rating known: no reading of it");
}

static void test_part_of_a_board(void)
{
    struct estimate__facts facts = rated_facts();
    struct jb_work work = {.pue_milli = {JB_KNOWN_VALUE, false, 1500, 1500, 1500}};
    struct jb_estimate made = {.is_computable = true};
    struct jb_error err = {0};

    facts.accelerator.dies_per_board = 2;
    double_set(&facts, IN_BOARDS_MILLI, CAUSE_AMOUNT, 500, 500, 500);
    ok(estimate__readings(&work, &facts, &made, &err) >= 0 && made.n_readings == 4,
       "both readings of both formulas");
    ok(made.readings[1].energy_uj.best == 75 * WH_UJ &&
           made.readings[3].energy_uj.best == 150 * WH_UJ,
       "half of 100 W x 1.5, and the whole");
    ok(made.n_notes == 1 && strstr(made.notes[0], "2 dies"), "with a note of the dies");
}

static const struct jb_estimate_choice *choice(const struct jb_estimate *made, const char *formula)
{
    for (size_t i = 0; i < made->n_choices; i++)
        if (strcmp(made->choices[i].formula, formula) == 0)
            return &made->choices[i];
    bail_out("no row %s", formula);
}

static void test_choices(void)
{
    struct estimate__facts facts = rated_facts();
    struct jb_work work = {0};
    struct jb_estimate made = {.is_computable = true};

    estimate__choices(&work, &facts, &made);
    is_i64((int64_t)made.n_choices, 5, "A, B plain, B with PUE, C-1, C-2");
    ok(choice(&made, "4.4")->is_chosen && !choice(&made, "4.8")->is_possible,
       "no PUE: the plain one");
    ok(!choice(&made, "4.5")->is_possible && !choice(&made, "4.3")->is_possible,
       "nothing was read, nothing counted");
    work = (struct jb_work){.pue_milli = {JB_KNOWN_VALUE, false, 1200, 1200, 1200},
                            .has_sensors_now = true};
    made = (struct jb_estimate){.is_computable = true};
    estimate__choices(&work, &facts, &made);
    ok(choice(&made, "4.8")->is_chosen && !choice(&made, "4.4")->is_chosen, "with a PUE: 4.8");
    ok(choice(&made, "4.5")->is_possible && choice(&made, "4.7")->is_possible &&
           !choice(&made, "4.5")->is_chosen,
       "a machine that is still there can be measured next time");
    made = (struct jb_estimate){.why_not = "hardware unknown"};
    estimate__choices(&work, &facts, &made);
    ok(!choice(&made, "4.4")->is_possible && !choice(&made, "4.8")->is_possible,
       "without hardware, none");
    is_str(choice(&made, "4.8")->why, "hardware unknown", "and why");
}

int main(void)
{
    test_readings();
    test_part_of_a_board();
    test_choices();
    return done_testing();
}
