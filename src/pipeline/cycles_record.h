/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counts of a run on their way to the book: a line of the run's seen file when it has ended, an entry of kind "cycles" when
 * the spool is settled. A run whose supervisor died has none. R-CYCLES-06: docs/method/cycles.md.
 */
#ifndef JB_PIPELINE_CYCLES_RECORD_H
#define JB_PIPELINE_CYCLES_RECORD_H

#include <stddef.h>

#include "base/error.h"
#include "model/cycles.h"

#define JB_CYCLES_KIND  "cycles"
#define JB_CYCLES_FIELD "cycles"

/* A text for jb_marks_add, which no line of a training can look like. JB_E_RANGE where it does not fit. */
JB_MUST_USE jb_rc jb_cycles_to_line(const struct jb_cycles *cycles, char *line, size_t size,
                                    struct jb_error *err);
/* JB_E_INPUT where it is no such line. */
JB_MUST_USE jb_rc jb_cycles_from_line(const char *line, struct jb_cycles *ret,
                                      struct jb_error *err);

#endif
