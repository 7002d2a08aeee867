/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands about one run share: finding it, and its account as the book has it. */
#ifndef JB_CLI_RUNS_H
#define JB_CLI_RUNS_H

#include <stdbool.h>

#include "cli/cli.h"
#include "model/account.h"

/*
 * The account of a run as last entered, parsed; its run as the book has it now (amended, void). A run that is still
 * open has none entered: it is made from what has been posted so far, and has a note that says so.
 * *ret_account is released by jb_account_release; *ret_json is the caller's to free.
 */
JB_MUST_USE jb_rc jb_cli_load_account(struct jb_ledger *ledger, const char *run,
                                      struct jb_account *ret_account, char **ret_json,
                                      struct jb_error *err);

/* Appends to `out`, or with -o writes the file. */
JB_MUST_USE jb_rc jb_cli_report(struct jb_cli *cli, const struct jb_account *account,
                                const char *json, enum jb_format format, const char *file,
                                struct jb_error *err);

#endif
