/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts, run lists, meters and balances as text, JSON and CSV: pure functions into a buffer, one table of formats. */
#ifndef JB_REPORT_REPORT_H
#define JB_REPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"
#include "model/account.h"

enum jb_format {
    JB_FORMAT_TEXT,
    JB_FORMAT_JSON,
    JB_FORMAT_CSV,
};
/* "text", "json", "csv"; JB_E_USAGE with the list of them in the hint. */
JB_MUST_USE jb_rc jb_format_from_name(const char *name, enum jb_format *ret, struct jb_error *err);

struct jb_style {
    bool is_colour; /* a terminal that wants it */
    int width; /* columns of the terminal, to wrap and cut to; 0: none, nothing is cut and prose wraps at 80 */
};

/* Energy per cycle, "1.23 nJ"; size >= 40; returns buf. */
const char *jb_report_epc(int64_t fj, char *buf, size_t size);

typedef const char *(*jb_format_fn)(int64_t value, char *buf, size_t size);

/* "11.1 .. 14.0 Wh": the unit once where both have the same; returns buf. */
const char *jb_report_band(const struct jb_figure *figure, jb_format_fn format, char *buf,
                           size_t size);

/* The whole account of one run; JSON as jb_account_to_json gave it (pass it in `json`). */
JB_MUST_USE jb_rc jb_report_account(const struct jb_account *account, const char *json,
                                    enum jb_format format, const struct jb_style *style,
                                    struct jb_buf *out, struct jb_error *err);
/* What `joulebook run` prints at the end: about ten lines, the headline with its band first. */
JB_MUST_USE jb_rc jb_report_summary(const struct jb_account *account, const struct jb_style *style,
                                    struct jb_buf *out, struct jb_error *err);

/* A table of runs: begin, one row each, end (JSON array, CSV with title line, text columns). */
struct jb_report_run_row {
    const struct jb_run *run;
    struct jb_figure energy_uj, location_ugco2e;
    struct jb_account_work work;
    char *work_json; /* the same as jb_account_work_to_json gives it; NULL: none */
};
JB_MUST_USE jb_rc jb_report_runs(const struct jb_report_run_row *rows, size_t n_rows,
                                 enum jb_format format, const struct jb_style *style,
                                 struct jb_buf *out, struct jb_error *err);

#endif
