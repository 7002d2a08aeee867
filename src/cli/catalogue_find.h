/* SPDX-License-Identifier: Apache-2.0 */
/* What a name that somebody wrote is understood as, in every table that it may be of (R-CAT-20). */
#ifndef JB_CLI_CATALOGUE_FIND_H
#define JB_CLI_CATALOGUE_FIND_H

#include "cli/cli.h"

/*
 * `kind` as --kind has it, NULL: all. Writes what each kind understands. JB_E_USAGE: no such kind. JB_E_NOT_FOUND: no
 * kind knows the name, or JB_E_INPUT of the one kind that was asked for; the hint lists the nearest.
 */
JB_MUST_USE jb_rc jb_catalogue_find_command(struct jb_cli *cli, const char *kind, const char *name,
                                            enum jb_format format, struct jb_error *err);

#endif
