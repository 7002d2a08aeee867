/* SPDX-License-Identifier: Apache-2.0 */
/* What `joulebook statement` prints: how the period closes, what a statement says, how it stands beside the own book. */
#ifndef JB_CLI_STATEMENT_TELL_H
#define JB_CLI_STATEMENT_TELL_H

#include "cli/cli.h"
#include "cli/statement_file.h"
#include "pipeline/statement.h"
#include "statement/beside.h"

/* To the provider, whatever is withheld from others: that the period closes. */
void jb_statement_tell_made(struct jb_cli *cli, const struct jb_statement *whole, const char *path);
void jb_statement_tell_read(struct jb_cli *cli, const struct jb_statement *statement,
                            const struct jb_statement_signers *signers);
void jb_statement_tell_entered(struct jb_cli *cli, const struct jb_statement_imported *imported);
JB_MUST_USE jb_rc jb_statement_tell_beside(struct jb_cli *cli,
                                           const struct jb_statement_beside *beside,
                                           struct jb_error *err);

#endif
