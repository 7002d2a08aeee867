/* SPDX-License-Identifier: Apache-2.0 */
/* `joulebook calibrate --cycles`: energy per cycle of this machine, found in past runs or stated. R-CYCLES-07 to -09. */
#ifndef JB_CLI_CALIBRATE_CYCLES_H
#define JB_CLI_CALIBRATE_CYCLES_H

#include <jansson.h>

#include "cli/cli.h"
#include "ledger/ledger.h"

/* Finds or takes it, enters it, and tells it. */
JB_MUST_USE jb_rc jb_calibrate_cycles(struct jb_cli *cli, struct jb_error *err);

/* Every one of the book: into `all` (borrowed) as JSON objects, or as text into cli->out where it is NULL. *inout_n counts
 * what was told. */
JB_MUST_USE jb_rc jb_calibrate_list_cycles(struct jb_cli *cli, struct jb_ledger *ledger,
                                           json_t *all, size_t *inout_n, struct jb_error *err);

#endif
