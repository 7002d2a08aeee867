/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plans in the book's predicted layer, and beside the runs that carry them out. R-PLAN-30 to -33: docs/method/plan.md.
 */
#ifndef JB_PIPELINE_PLANNED_H
#define JB_PIPELINE_PLANNED_H

#include "model/account.h"
#include "model/rebuilt.h"
#include "pipeline/reconstruct.h"

/* Entries of this kind have what was planned, field of the same name, JSON. */
#define JB_PLAN_KIND "plan"

/*
 * Enters a plan as a run of the predicted layer, between jb_ledger_begin and jb_ledger_commit, which are the caller's: source "plan",
 * under rebuilt->key. The same again changes nothing; other figures under the same key take its place by reversal. `file` is the
 * model's ("" none). rebuilt->has_no_times is set: a plan stands at the moment it is entered.
 */
JB_MUST_USE jb_rc jb_planned_enter(struct jb_ledger *ledger, const struct jb_clock *clock,
                                   const char *file, const struct jb_planned *planned,
                                   struct jb_rebuilt *rebuilt, struct jb_reconstructed *ret,
                                   struct jb_error *err);

/* Fills account->planned of a run that has a plan or is one. A plan that is void, missing or no plan is told, and is no error. */
JB_MUST_USE jb_rc jb_planned_beside(struct jb_ledger *ledger, struct jb_account *account,
                                    struct jb_error *err);

#endif
