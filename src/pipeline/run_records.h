/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is entered beside a run's postings, as JSON texts of entry fields, and back: marks (kind "marks", field "marks"),
 * notes of the recording (kind "run-notes", field "notes") and channels watched but not posted (kind "unposted", field
 * "interval"). Formats: docs/format/account.md. Every *ret_json is the caller's to free.
 */
#ifndef JB_PIPELINE_RUN_RECORDS_H
#define JB_PIPELINE_RUN_RECORDS_H

#include <stddef.h>

#include "account/account.h"
#include "base/error.h"
#include "model/entry.h"

#define JB_RECORDS_KIND_MARKS    "marks"
#define JB_RECORDS_KIND_NOTES    "run-notes"
#define JB_RECORDS_KIND_UNPOSTED "unposted"
#define JB_RECORDS_KIND_FACTORS  "factors"  /* field "factors" */
#define JB_RECORDS_KIND_BAND     "band"     /* fields "below_uj", "above_uj" (R-REBUILT-06) */
#define JB_RECORDS_KIND_FACILITY "facility" /* fields "pue_milli", "energy_uj" (R-REBUILT-04) */

/* So many marks fit a field of an entry whatever they say (JB_FIELD_VALUE_MAX): more go into further entries. */
#define JB_RECORDS_MARKS_PER_ENTRY 2000

JB_MUST_USE jb_rc jb_records_marks_to_json(const struct jb_account_mark *marks, size_t n_marks,
                                           char **ret_json, struct jb_error *err);
typedef jb_rc (*jb_records_mark_fn)(void *arg, const struct jb_account_mark *mark,
                                    struct jb_error *err);
/* In their order. */
JB_MUST_USE jb_rc jb_records_each_mark(const char *json, jb_records_mark_fn fn, void *arg,
                                       struct jb_error *err);
JB_MUST_USE jb_rc jb_records_marks_to_builder(const char *json, struct jb_account_builder *builder,
                                              struct jb_error *err);

JB_MUST_USE jb_rc jb_records_notes_to_json(const char *const *notes, size_t n_notes,
                                           char **ret_json, struct jb_error *err);
JB_MUST_USE jb_rc jb_records_notes_to_builder(const char *json, struct jb_account_builder *builder,
                                              struct jb_error *err);

/* An entry of the kind "band" to the builder. */
JB_MUST_USE jb_rc jb_records_band_to_builder(const struct jb_entry *entry,
                                             struct jb_account_builder *builder,
                                             struct jb_error *err);

JB_MUST_USE jb_rc jb_records_factors_to_json(const struct jb_factor *factors, size_t n_factors,
                                             char **ret_json, struct jb_error *err);
JB_MUST_USE jb_rc jb_records_factors_to_builder(const char *json,
                                                struct jb_account_builder *builder,
                                                struct jb_error *err);

JB_MUST_USE jb_rc jb_records_interval_to_json(const struct jb_interval *interval, char **ret_json,
                                              struct jb_error *err);
JB_MUST_USE jb_rc jb_records_interval_from_json(const char *json, struct jb_interval *ret_interval,
                                                struct jb_error *err);

#endif
