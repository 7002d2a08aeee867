/* SPDX-License-Identifier: Apache-2.0 */
/* Cases as text, JSON and CSV: what `joulebook case` prints. Pure functions into a buffer. */
#ifndef JB_CLI_CASE_TELL_H
#define JB_CLI_CASE_TELL_H

#include "base/buf.h"
#include "case/case_account.h"
#include "case/tables.h"
#include "report/report.h"

/* "2038.2 kWh", to 10 Wh; size >= 32; returns buf. */
const char *jb_case_kwh(int64_t energy_uj, char *buf, size_t size);

/* Where it stands in the book now. */
struct jb_case_entered {
    const char *run_id, *state; /* "entered" */
    const char *reading;        /* "" for the case's own work */
};

/* `entered` NULL: it was not entered. */
JB_MUST_USE jb_rc jb_case_tell_account(const struct jb_case *one,
                                       const struct jb_case_account *account,
                                       const struct jb_case_entered *entered, bool with_equivalents,
                                       enum jb_format format, const struct jb_style *style,
                                       struct jb_buf *out, struct jb_error *err);

/* One block, object or set of lines per case; the caller brackets JSON and heads CSV by `is_first` and `is_last`. */
JB_MUST_USE jb_rc jb_case_tell_restrictions(const struct jb_case *one,
                                            const struct jb_found found[JB_RESTRICTIONS],
                                            enum jb_format format, const struct jb_style *style,
                                            bool is_first, bool is_last, struct jb_buf *out,
                                            struct jb_error *err);

/* Table 5.1 across cases; accounts[i] belongs to cases[i]. */
JB_MUST_USE jb_rc jb_case_tell_comparison(const struct jb_case *const *cases,
                                          const struct jb_case_account *const *accounts, size_t n,
                                          enum jb_format format, const struct jb_style *style,
                                          struct jb_buf *out, struct jb_error *err);

/* Names and titles as JSON. */
JB_MUST_USE jb_rc jb_case_tell_list(const struct jb_case *const *cases, size_t n,
                                    struct jb_buf *out, struct jb_error *err);

/* All tables, each with how far it agrees with print. */
JB_MUST_USE jb_rc jb_case_tell_tables(enum jb_format format, const struct jb_style *style,
                                      struct jb_buf *out, struct jb_error *err);
JB_MUST_USE jb_rc jb_case_tell_table(const struct jb_cross *cross, enum jb_format format,
                                     const struct jb_style *style, struct jb_buf *out,
                                     struct jb_error *err);

/* Writes `value` and takes it; JB_E_NOMEM where it is NULL or memory runs out. */
struct json_t;
JB_MUST_USE jb_rc jb_case_dump(struct json_t *value, struct jb_buf *out, struct jb_error *err);

#endif
