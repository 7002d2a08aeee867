/* SPDX-License-Identifier: Apache-2.0 */
/* One row of the table of formats, and the words that formats share. */
#ifndef JB_REPORT_REPORT_INT_H
#define JB_REPORT_REPORT_INT_H

#include "report/report.h"

#define JB_SHORT_ID 18 /* of a run's id in tables: the moment and 12 random bits */

struct jb_report_format {
    const char *name;
    void (*account)(const struct jb_account *account, const char *json,
                    const struct jb_style *style, struct jb_buf *out);
    jb_rc (*runs)(const struct jb_report_run_row *rows, size_t n_rows, const struct jb_style *style,
                  struct jb_buf *out, struct jb_error *err);
};
extern const struct jb_report_format jb_report_text;
extern const struct jb_report_format jb_report_json;
extern const struct jb_report_format jb_report_csv;

/* R-WORK-16: small energies with three digits and the unit that fits, "12.3 uJ", "1.43 pJ"; returns buf. */
const char *jb_report_nj(int64_t energy_nj, char *buf, size_t size);
const char *jb_report_aj(int64_t energy_aj, char *buf, size_t size);
/* Time of devices together, always in hours: "0.025 h"; returns buf. */
const char *jb_report_hours(int64_t time_ns, char *buf, size_t size);
/* Lines of what is known of the work, none where nothing is. */
void jb_report_work(const struct jb_account *account, const struct jb_style *style,
                    struct jb_buf *out);
/* The same in one line of the summary. */
void jb_report_work_short(const struct jb_account *account, struct jb_buf *out);

/* "measured by counter 78 %, modelled 22 %" of the headline; returns buf. */
const char *jb_report_origins(const struct jb_account *account, char *buf, size_t size);
/* "0.0123 EUR"; returns buf. */
const char *jb_report_money(int64_t micro, const char *currency, char *buf, size_t size);
/* "1.23e12"; below a million all digits; returns buf. */
const char *jb_report_count(int64_t count, char *buf, size_t size);
/* R-CYCLES-01: two lines, what was counted and method A beside C-1; nothing of runs that tell nothing. Short: nothing either where
 * nothing was counted. */
void jb_report_cycles(const struct jb_account *account, const char *indent, bool is_short,
                      const struct jb_style *style, struct jb_buf *out);
/* R-PLAN-33: the plan of the run beside it; nothing of runs that have none. Short: one line of the summary. */
void jb_report_planned(const struct jb_account *account, const struct jb_style *style,
                       struct jb_buf *out);
void jb_report_planned_short(const struct jb_account *account, struct jb_buf *out);

/* part of whole as "12.3 %", "0 %", "<0.1 %"; returns buf. */
const char *jb_report_percent(int64_t part, int64_t whole, char *buf, size_t size);

#endif
