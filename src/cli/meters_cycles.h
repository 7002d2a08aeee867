/* SPDX-License-Identifier: Apache-2.0 */
/* Whether this machine counts cycles and instructions of runs, for `joulebook meters`. R-CYCLES-02. */
#ifndef JB_CLI_METERS_CYCLES_H
#define JB_CLI_METERS_CYCLES_H

#include <jansson.h>

#include "base/buf.h"
#include "model/cycles.h"
#include "report/report.h"

void jb_meters_cycles_text(const struct jb_cycles *cycles, const struct jb_style *style,
                           struct jb_buf *out);
/* A new object; NULL where memory ran out. */
json_t *jb_meters_cycles_json(const struct jb_cycles *cycles);

#endif
