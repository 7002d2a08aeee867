/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A prediction on its way to the book: priced as the account prices energy, written as a line of the run's seen file while
 * it goes on, entered as JSON when the spool is settled. R-PREDICT-12, -13: docs/method/prediction.md.
 */
#ifndef JB_PIPELINE_PREDICTED_H
#define JB_PIPELINE_PREDICTED_H

#include <stddef.h>

#include "base/error.h"
#include "model/predicted.h"
#include "predict/predict.h"

#define JB_PREDICTED_KIND  "prediction"
#define JB_PREDICTED_FIELD "prediction"

/* Carbon by the run's place (no hours: they are not known yet) and cost by its tariff, both of the energy times its PUE. */
void jb_predicted_make(const struct jb_run *run, const struct jb_prediction *prediction,
                       const char *unit, int64_t elapsed_ns, int64_t utc_us,
                       struct jb_predicted *ret);

/* A text for jb_marks_add, which no line of a training can look like. JB_E_RANGE where it does not fit. */
JB_MUST_USE jb_rc jb_predicted_to_line(const struct jb_predicted *predicted, char *line,
                                       size_t size, struct jb_error *err);
/* JB_E_INPUT where it is no such line. Fills all but run_id and utc_us. */
JB_MUST_USE jb_rc jb_predicted_from_line(const char *line, struct jb_predicted *ret,
                                         struct jb_error *err);

/* *ret_json is the caller's to free. */
JB_MUST_USE jb_rc jb_predicted_to_json(const struct jb_predicted *predicted, char **ret_json,
                                       struct jb_error *err);
/* Fills all but run_id. */
JB_MUST_USE jb_rc jb_predicted_from_json(const char *json, struct jb_predicted *ret,
                                         struct jb_error *err);

#endif
