/* SPDX-License-Identifier: Apache-2.0 */
/* A documented case into the book's reconstructed layer (R-CASE-08). */
#ifndef JB_CLI_CASE_ENTER_H
#define JB_CLI_CASE_ENTER_H

#include "case/case_account.h"
#include "cli/cli.h"
#include "pipeline/reconstruct.h"

/* Enters `told`, one understanding of `one`, or finds it there. JB_E_NOT_FOUND where it is not computable: nothing is
 * entered then, and no book is made. */
JB_MUST_USE jb_rc jb_case_enter(struct jb_cli *cli, const struct jb_case *one,
                                const struct jb_case_told *told, const char *file,
                                struct jb_reconstructed *ret, struct jb_error *err);

#endif
