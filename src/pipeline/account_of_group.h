/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One account of a distributed training: all runs of a group, on one node or on several whose books were merged.
 * Reads only; nothing of it is entered.
 */
#ifndef JB_PIPELINE_ACCOUNT_OF_GROUP_H
#define JB_PIPELINE_ACCOUNT_OF_GROUP_H

#include "base/error.h"
#include "ledger/ledger.h"
#include "model/account.h"

/*
 * R-GROUP-01: the members' lines of each posted interval are added before anything else, so that a meter that two of
 * them shared counts once. Project, model, place, tariff and marks are those of rank 0, or of the first member to
 * begin where ranks are not known; the time is from the first begin to the last end. Void runs are
 * left out. JB_E_NOT_FOUND if the book has no run of the group. *ret_account is released by jb_account_release.
 */
JB_MUST_USE jb_rc jb_pipeline_account_of_group(struct jb_ledger *ledger, const char *group,
                                               struct jb_account *ret_account,
                                               struct jb_error *err);

#endif
