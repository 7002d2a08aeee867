/* SPDX-License-Identifier: Apache-2.0 */
/* One of several plans into the book's predicted layer; the plan that a run carries out. R-PLAN-30, R-PLAN-32. */
#ifndef JB_CLI_PLAN_ENTER_H
#define JB_CLI_PLAN_ENTER_H

#include "cli/plan_tell.h"
#include "ledger/ledger.h"

extern const struct jb_option jb_plan_enter_options[];

/* --choose: which row retraining and --enter are of; the first where it is not said. JB_E_USAGE: it cannot be told from others. */
JB_MUST_USE jb_rc jb_plan_choose_row(const struct jb_args *args, struct jb_plan_told *told,
                                     struct jb_error *err);

/* --enter: sets told->run_id and run_state. Nothing without the option. */
JB_MUST_USE jb_rc jb_plan_enter(struct jb_cli *cli, struct jb_plan_told *told,
                                struct jb_error *err);

/*
 * The id of the plan that `text` names, whole. A whole id that the book does not have is taken as it is: the plan may stand in
 * another book that is merged later. JB_E_INPUT: that run is no plan, or is void.
 */
JB_MUST_USE jb_rc jb_plan_link(struct jb_ledger *ledger, const char *text, char ret_id[JB_RUN_ID],
                               struct jb_error *err);

#endif
