/* SPDX-License-Identifier: Apache-2.0 */
/* The marks of a run, as they were entered, to the course of its metrics (model/metric_course.h). Reads only. */
#ifndef JB_PIPELINE_METRIC_COURSE_H
#define JB_PIPELINE_METRIC_COURSE_H

#include "base/error.h"
#include "ledger/ledger.h"
#include "model/metric_course.h"
#include "model/run.h"

/* R-REPORT-24. JB_E_NOT_FOUND where neither an epoch nor a step was marked. *ret is released by jb_metric_course_release. */
JB_MUST_USE jb_rc jb_metric_course_make(struct jb_ledger *ledger, const struct jb_run *run,
                                        struct jb_metric_course *ret, struct jb_error *err);

#endif
