/* SPDX-License-Identifier: Apache-2.0 */
/* The predictions of a book, each beside what its run came to. R-PREDICT-14: docs/method/prediction.md. */
#ifndef JB_CLI_PREDICTIONS_H
#define JB_CLI_PREDICTIONS_H

#include <stddef.h>

#include "cli/cli.h"
#include "model/predicted.h"

/* Of all runs (run_id NULL) or one. The rows of a run stand together, in their order. *ret_rows is the caller's to free. */
JB_MUST_USE jb_rc jb_cli_skill_rows(struct jb_ledger *ledger, const char *run_id,
                                    struct jb_skill_row **ret_rows, size_t *ret_n,
                                    struct jb_error *err);

#endif
