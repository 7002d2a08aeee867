/* SPDX-License-Identifier: Apache-2.0 */
/* `joulebook balance --against`: what was logged beside what was billed or allocated. */
#ifndef JB_CLI_BALANCE_AGAINST_H
#define JB_CLI_BALANCE_AGAINST_H

#include "cli/cli.h"

/* `what`: "bills", "jobs", "papers" (all of them), or the name of a format. */
JB_MUST_USE jb_rc jb_balance_against(struct jb_cli *cli, struct jb_ledger *ledger, const char *what,
                                     struct jb_error *err);

#endif
