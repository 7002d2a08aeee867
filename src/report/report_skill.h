/* SPDX-License-Identifier: Apache-2.0 */
/* How good predictions have been, as text, JSON and CSV. */
#ifndef JB_REPORT_REPORT_SKILL_H
#define JB_REPORT_REPORT_SKILL_H

#include <stddef.h>

#include "model/predicted.h"
#include "report/report.h"

/* CSV has one row for each prediction, text and JSON the sums as well. */
JB_MUST_USE jb_rc jb_report_skill(const struct jb_skill_row *rows, size_t n_rows,
                                  const struct jb_skill skill[JB_SKILL_PARTS],
                                  enum jb_format format, const struct jb_style *style,
                                  struct jb_buf *out, struct jb_error *err);
/* The rows of one run for people: the first and the last few, and what it came to. Nothing without rows. */
void jb_report_predictions(const struct jb_skill_row *rows, size_t n_rows,
                           const struct jb_style *style, struct jb_buf *out);

#endif
