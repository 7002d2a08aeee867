/* SPDX-License-Identifier: Apache-2.0 */
/* Calibrations as people read them: the line, its picture, its residuals; or JSON. */
#ifndef JB_CLI_CALIBRATE_TELL_H
#define JB_CLI_CALIBRATE_TELL_H

#include <stddef.h>

#include "cli/cli.h"
#include "pipeline/calibration.h"

/* With the pictures of `points`, and the file of --plot. */
JB_MUST_USE jb_rc jb_calibrate_tell(struct jb_cli *cli, const struct jb_calibration *cal,
                                    const struct jb_fit_point *points, size_t n_points,
                                    struct jb_error *err);
JB_MUST_USE jb_rc jb_calibrate_tell_idle(struct jb_cli *cli, const struct jb_idle_calibration *idle,
                                         struct jb_error *err);
/* Every calibration of the book. */
JB_MUST_USE jb_rc jb_calibrate_tell_list(struct jb_cli *cli, struct jb_ledger *ledger,
                                         struct jb_error *err);

#endif
