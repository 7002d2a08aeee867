/* SPDX-License-Identifier: Apache-2.0 */
/* The work that a plan is for: from a model file, from parameters and tokens, or as stated. R-PLAN-22. */
#ifndef JB_CLI_PLAN_WORK_H
#define JB_CLI_PLAN_WORK_H

#include "cli/plan_order.h"

/* Fills wish->order.compute, its doubt, its class where the file tells it, and wish->work. JB_E_USAGE: none or two of the three were said. */
JB_MUST_USE jb_rc jb_plan_work_take(const struct jb_cli *cli, struct jb_plan_wish *wish,
                                    struct jb_error *err);

#endif
