/* SPDX-License-Identifier: Apache-2.0 */
/* Shared within src/pipeline only: the steps of jb_history_run. */
#ifndef JB_PIPELINE_HISTORY_INT_H
#define JB_PIPELINE_HISTORY_INT_H

#include "pipeline/history_run.h"
#include "pipeline/import_interval.h"

/* history_fetch.c: everything between the order's times into `history`. */
JB_MUST_USE jb_rc history__fetch(const struct jb_history_order *order,
                                 struct jb_prometheus *history, struct jb_error *err);

/* history_post.c: within the caller's transaction. Roles and parents of result->channels are settled; fills the rest. */
JB_MUST_USE jb_rc history__post(struct jb_ledger *ledger, const struct import_place *place,
                                const struct jb_history_order *order,
                                struct jb_history_result *result, struct jb_error *err);

/* history_notes.c: what a reader of the account has to know, R-PROM-10. */
JB_MUST_USE jb_rc history__enter_notes(struct jb_ledger *ledger,
                                       const struct jb_history_order *order, const char *run_id,
                                       const struct jb_history_result *result,
                                       struct jb_error *err);

#endif
