/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of a run once a second while it goes on: one line, never wider than the terminal. A pure function. */
#ifndef JB_CLI_STATUS_TEXT_H
#define JB_CLI_STATUS_TEXT_H

#include <stdint.h>

#include "base/buf.h"
#include "pipeline/measure.h"

/* Appends the line, without newline. mg_per_kwh 0: no carbon is shown. width 0: nothing is cut. */
void jb_status_text(const struct jb_measure_status *status, int64_t mg_per_kwh, int width,
                    struct jb_buf *out);

#endif
