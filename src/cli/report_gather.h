/* SPDX-License-Identifier: Apache-2.0 */
/* What a report is made from, gathered from the book and the catalogue: one place for all formats. */
#ifndef JB_CLI_REPORT_GATHER_H
#define JB_CLI_REPORT_GATHER_H

#include "cli/cli.h"
#include "model/inventory.h"
#include "report/report_inventory.h"

struct jb_gathered {
    struct jb_inventory inventory;
    struct jb_account account; /* of one run or group */
    char *account_json;
    struct jb_power_course power;
    struct jb_metric_course metrics;
    struct jb_report_equivalent equivalents[JB_REPORT_EQUIVALENTS_MAX];
    struct jb_report_input input; /* borrows from all of it: a gathered report stays where it is */
};
void jb_gathered_release(struct jb_gathered *gathered);

/*
 * Of a run that counts in no sum (open, void, reconciled) the inventory has no runs and says why; its account is there. Fails
 * as jb_inventory_make where no run of a selection counts.
 */
JB_MUST_USE jb_rc jb_cli_gather(struct jb_ledger *ledger, const struct jb_inventory_scope *scope,
                                struct jb_gathered *ret, struct jb_error *err);

#endif
