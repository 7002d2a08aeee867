/* SPDX-License-Identifier: Apache-2.0 */
/* Predictions beside what happened to how good they have been. A pure function; R-PREDICT-14: docs/method/prediction.md. */
#ifndef JB_PREDICT_SKILL_H
#define JB_PREDICT_SKILL_H

#include <stddef.h>

#include "base/error.h"
#include "model/predicted.h"

/* Rows of one run stand together. Rows with `why_not` are left out of every figure. */
JB_MUST_USE jb_rc jb_skill_of(const struct jb_skill_row *rows, size_t n_rows,
                              struct jb_skill ret[JB_SKILL_PARTS], struct jb_error *err);

#endif
