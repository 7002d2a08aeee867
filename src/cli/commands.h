/* SPDX-License-Identifier: Apache-2.0 */
/* One line per command, defined in cmd_<name>.c; the table in main.c puts them in order. */
#ifndef JB_CLI_COMMANDS_H
#define JB_CLI_COMMANDS_H

#include "cli/cli.h"

extern const struct jb_command jb_cmd_help;
extern const struct jb_command jb_cmd_version;

#endif
