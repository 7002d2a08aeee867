/* SPDX-License-Identifier: Apache-2.0 */
/* Which runs a command is about, as one says it: a run, a group, or project, model and period. */
#ifndef JB_CLI_SCOPE_H
#define JB_CLI_SCOPE_H

#include "cli/cli.h"
#include "model/inventory.h"

/* Rows of a command's table of options. */
#define JB_SCOPE_OPTIONS                                                               \
    {0, "project", "NAME", "the runs of this project", false},                         \
        {0, "model", "NAME", "the runs of this model", false},                         \
        {0, "model-version", "TEXT", "the runs of this version of it", false},         \
        {0, "since", "WHEN", "begun then or later: a date, or 30d before now", false}, \
    {                                                                                  \
        0, "until", "WHEN", "begun before then", false                                 \
    }

/* Is any of these options given? */
bool jb_cli_has_scope(const struct jb_cli *cli);
/*
 * "last", "group:NAME" or a run's id as the first word, else the options; JB_E_USAGE for none of both, or for both. *ret borrows
 * from the command line.
 */
JB_MUST_USE jb_rc jb_cli_scope(const struct jb_cli *cli, struct jb_inventory_scope *ret,
                               struct jb_error *err);

#endif
