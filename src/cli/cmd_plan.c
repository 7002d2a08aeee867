/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `joulebook plan`: what a training will take, before it begins, for each hardware in each place. Must never call something the
 * best of what it could not compare.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/plan_enter.h"
#include "cli/plan_order.h"
#include "cli/plan_tell.h"

#define YEAR_NS (365 * 24 * JB_NS_PER_HOUR)

/* All of one order; large, so not on the stack. */
struct desk {
    struct jb_plan_wish wish;
    struct jb_plan_told told;
    struct jb_plan_cell *cells;
};

static void desk_free(struct desk *desk)
{
    if (!desk)
        return;
    jb_plan_wish_release(&desk->wish);
    free(desk->cells);
    free(desk);
}
JB_AUTO_POINTER(struct desk, desk_free)

static jb_rc make_cell(const struct jb_plan_wish *wish, struct jb_plan_cell *cell,
                       struct jb_error *err)
{
    const struct jb_hourly *const hourly = wish->places[cell->place].hourly;
    struct jb_plan_order order;
    jb_rc rc = jb_plan_wish_cell(wish, cell->hardware, cell->place, &order, err);

    if (rc == JB_OK)
        rc = jb_plan_make(&order, &cell->plan, err);
    if (rc < 0 || !hourly || !cell->plan.is_computable)
        return rc;
    cell->has_hours = true;
    return jb_plan_hours(&cell->plan, hourly, wish->from_utc_us, &cell->hours, err);
}

static jb_rc make_cells(struct desk *desk, struct jb_error *err)
{
    const struct jb_plan_wish *const wish = &desk->wish;
    const size_t n = wish->n_hardware * wish->n_places;
    jb_rc rc = JB_OK;

    desk->cells = calloc(n, sizeof desk->cells[0]);
    if (!desk->cells)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for %zu plans", n);
    for (size_t i = 0; rc == JB_OK && i < n; i++) {
        desk->cells[i].hardware = i / wish->n_places;
        desk->cells[i].place = i % wish->n_places;
        rc = make_cell(wish, &desk->cells[i], err);
    }
    desk->told.cells = desk->cells;
    desk->told.n_cells = n;
    return rc;
}

static jb_rc choose(struct desk *desk, struct jb_error *err)
{
    const size_t n = desk->told.n_cells;
    JB_AUTO(jb_free_auto) struct jb_figure *figures = calloc(n, sizeof figures[0]);

    if (!figures)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to choose");
    for (int aim = 0; aim < JB_PLAN_AIMS; aim++) {
        for (size_t i = 0; i < n; i++) {
            const struct jb_plan_cell *const cell = &desk->cells[i];
            figures[i] = aim == JB_PLAN_CHEAPEST   ? cell->plan.cost_micro
                         : aim == JB_PLAN_CLEANEST ? jb_plan_cell_carbon(&desk->wish, cell)
                                                   : cell->plan.wall_us;
            figures[i].is_known = figures[i].is_known && cell->plan.is_computable;
        }
        desk->told.choices[aim] = jb_plan_choose(figures, n);
    }
    return JB_OK;
}

static bool is_any_computable(const struct jb_plan_told *told)
{
    for (size_t i = 0; i < told->n_cells; i++)
        if (told->cells[i].plan.is_computable)
            return true;
    return false;
}

static jb_rc run(struct jb_cli *cli, struct jb_error *err)
{
    JB_AUTO(desk_free_auto) struct desk *desk = calloc(1, sizeof *desk);

    if (!desk)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a plan");
    desk->told.wish = &desk->wish;
    jb_rc rc = jb_plan_wish_take(cli, &desk->wish, err);
    if (rc == JB_OK)
        rc = make_cells(desk, err);
    if (rc == JB_OK)
        rc = choose(desk, err);
    if (rc < 0)
        return rc;
    desk->told.n_per_year = jb_plan_n_trainings(desk->wish.every_ns, YEAR_NS);
    desk->told.n_per_life = jb_plan_n_trainings(desk->wish.every_ns, desk->wish.life_ns);
    rc = jb_plan_choose_row(&cli->args, &desk->told, err);
    if (rc == JB_OK)
        rc = jb_plan_enter(cli, &desk->told, err);
    if (rc < 0)
        return rc;
    if (!is_any_computable(&desk->told))
        cli->exit_code = JB_EXIT_UNAVAILABLE;
    if (jb_args_has(&cli->args, "json"))
        return jb_plan_tell_json(&desk->told, &cli->out, err);
    if (jb_args_has(&cli->args, "csv"))
        jb_plan_tell_csv(&desk->told, &cli->out);
    else
        jb_plan_tell_text(&desk->told, &cli->style, &cli->out);
    return JB_OK;
}

const struct jb_command jb_cmd_plan = {
    .name = "plan",
    .summary = "before a training: its time, energy, carbon and cost, by hardware, place and hour",
    .usage = "[MODEL] --on HARDWARE [OPTION...]",
    .about =
        "Tells what a training will take, each figure with a band from what published trainings "
        "reached.\n"
        "MODEL is a file that `joulebook count` reads, with --examples and --epochs; or say "
        "--parameters and\n"
        "--tokens, or --flop. Give --on and --place again to compare: the cheapest, the cleanest "
        "and the fastest\n"
        "are named. With --hourly, the best hour to begin. --enter puts it in the book's predicted "
        "layer, and\n"
        "`joulebook run --plan ID` beside what it came to be. Exit code 5 where nothing can be "
        "computed.",
    .examples =
        "  joulebook plan --parameters 7e9 --tokens 2e12 --on '512 x A100' --place FR --place PL\n"
        "  joulebook plan resnet50.onnx --bind batch=1 --examples 1281167 --epochs 90 --on '8 x "
        "V100'\n"
        "  joulebook plan --flop 3e19 --on '4 x A100' --place GB --hourly gb --retrain weekly\n"
        "  joulebook plan --flop 3e19 --on '4 x A100' --on '8 x V100' --choose fastest --enter "
        "--model vit\n",
    .options = jb_plan_options,
    .more_options = jb_plan_enter_options,
    .flags = JB_COMMAND_BOOK | JB_COMMAND_JSON,
    .words_max = 1,
    .run = run,
};
