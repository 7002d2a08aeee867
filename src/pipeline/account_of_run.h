/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The account of a run from what the book holds about it: postings, marks, notes, channels watched but not posted.
 * Reads only. Made when a run closes, and again whenever a fact that it stands on is amended.
 */
#ifndef JB_PIPELINE_ACCOUNT_OF_RUN_H
#define JB_PIPELINE_ACCOUNT_OF_RUN_H

#include "base/error.h"
#include "ledger/ledger.h"
#include "model/account.h"
#include "model/run.h"

/* By the facts of `run` as they are given, whatever the book has of them: at its close, or to see what another PUE
 * would make of it. *ret_account is released by jb_account_release. */
JB_MUST_USE jb_rc jb_pipeline_account_with(struct jb_ledger *ledger, const struct jb_run *run,
                                           struct jb_account *ret_account, struct jb_error *err);

/* By the facts in the book, amendments applied. `run_id` as jb_ledger_find_run takes it. */
JB_MUST_USE jb_rc jb_pipeline_account(struct jb_ledger *ledger, const char *run_id,
                                      struct jb_account *ret_account, struct jb_error *err);

/* As it was last entered, with the facts of its run as the book has them now (amended, void, erased). JB_E_NOT_FOUND if
 * none was entered yet. */
JB_MUST_USE jb_rc jb_pipeline_account_entered(struct jb_ledger *ledger, const char *run_id,
                                              struct jb_account *ret_account, struct jb_error *err);

#endif
