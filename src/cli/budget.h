/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Budgets of a run in energy, carbon or money: watched while it goes, a warning and a mark at 80 % and at the whole, a signal
 * to the command only where one was asked for. Rules R-BUDGET-01 to -03: docs/method/prediction.md.
 */
#ifndef JB_CLI_BUDGET_H
#define JB_CLI_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "cli/options.h"
#include "model/run.h"
#include "pipeline/measure.h"

#define JB_BUDGETS_MAX 8

struct jb_budget {
    const char *text; /* as given: "500Wh" */
    int64_t limit_uj; /* the energy at which it is used up */
    int stage;        /* how many of the levels were said */
};

struct jb_budgets {
    size_t n;
    struct jb_budget all[JB_BUDGETS_MAX];
    int signal; /* 0: none */
    const char *signal_name;
    bool has_said_why_not;
};

/* The options --budget and --on-budget. Carbon needs the run's place, money its tariff: JB_E_USAGE where they are not there. */
JB_MUST_USE jb_rc jb_budgets_from_options(const struct jb_args *args, const struct jb_run *run,
                                          struct jb_budgets *ret, struct jb_error *err);

/* Once a second: at most one level is passed at a time. True if `line` (without newline) is to be said. */
bool jb_budgets_watch(struct jb_budgets *budgets, const struct jb_measure_status *status,
                      struct jb_measure_order *ret_order, char *line, size_t size);

#endif
