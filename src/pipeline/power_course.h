/* SPDX-License-Identifier: Apache-2.0 */
/* The series of a run to its course of power (model/power_course.h). Reads only. */
#ifndef JB_PIPELINE_POWER_COURSE_H
#define JB_PIPELINE_POWER_COURSE_H

#include "base/error.h"
#include "ledger/ledger.h"
#include "model/account.h"
#include "model/power_course.h"

/*
 * R-REPORT-20 to -23. Of the channels that stand in the run's account. JB_E_NOT_FOUND where the book has no series of it: a run of
 * less than a second, one whose course was not kept, one no meter of ours saw. *ret is released by jb_power_course_release.
 */
JB_MUST_USE jb_rc jb_power_course_make(struct jb_ledger *ledger, const struct jb_account *account,
                                       struct jb_power_course *ret, struct jb_error *err);

#endif
