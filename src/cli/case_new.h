/* SPDX-License-Identifier: Apache-2.0 */
/* `joulebook case new [FILE]`: the interview on a terminal or from a pipe, and the case file that comes of it. */
#ifndef JB_CLI_CASE_NEW_H
#define JB_CLI_CASE_NEW_H

#include "cli/cli.h"

/* words[0] is "new". exit_code is JB_EXIT_INPUT where it ended before the last question; what was answered is kept. */
JB_MUST_USE jb_rc jb_case_new(struct jb_cli *cli, enum jb_format format, struct jb_error *err);

#endif
