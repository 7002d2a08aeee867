/* SPDX-License-Identifier: Apache-2.0 */
/* One line per command, defined in cmd_<name>.c; the table in main.c puts them in order. */
#ifndef JB_CLI_COMMANDS_H
#define JB_CLI_COMMANDS_H

#include "cli/cli.h"

extern const struct jb_command jb_cmd_amend;
extern const struct jb_command jb_cmd_backup;
extern const struct jb_command jb_cmd_balance;
extern const struct jb_command jb_cmd_calibrate;
extern const struct jb_command jb_cmd_case;
extern const struct jb_command jb_cmd_catalogue;
extern const struct jb_command jb_cmd_certify;
extern const struct jb_command jb_cmd_count;
extern const struct jb_command jb_cmd_estimate;
extern const struct jb_command jb_cmd_help;
extern const struct jb_command jb_cmd_import;
extern const struct jb_command jb_cmd_key;
extern const struct jb_command jb_cmd_mark;
extern const struct jb_command jb_cmd_merge;
extern const struct jb_command jb_cmd_meters;
extern const struct jb_command jb_cmd_plan;
extern const struct jb_command jb_cmd_rate;
extern const struct jb_command jb_cmd_recover;
extern const struct jb_command jb_cmd_report;
extern const struct jb_command jb_cmd_run;
extern const struct jb_command jb_cmd_runs;
extern const struct jb_command jb_cmd_show;
extern const struct jb_command jb_cmd_statement;
extern const struct jb_command jb_cmd_top;
extern const struct jb_command jb_cmd_verify;
extern const struct jb_command jb_cmd_version;
extern const struct jb_command jb_cmd_void;

#endif
