/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A report over runs: one run, a model with all that led to it, a project and period. Pure functions of the plain struct
 * below into a buffer: the same book gives the same bytes, for there is no clock in it. JSON: docs/format/report.schema.json.
 * Layers are never added together; what is not known is absent and never 0. R-REPORT-01 to -03: docs/method/report.md.
 */
#ifndef JB_REPORT_REPORT_INVENTORY_H
#define JB_REPORT_REPORT_INVENTORY_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "model/account.h"
#include "model/inventory.h"
#include "model/metric_course.h"
#include "model/power_course.h"
#include "report/report.h"

#define JB_REPORT_SCHEMA "joulebook.report/1"

/* The figure of one layer as so many of a thing, worked out by whoever has the catalogue. */
struct jb_report_equivalent {
    enum jb_layer layer;
    char key[48], name[96]; /* "fridge_year", "refrigerator, one year" */
    bool is_carbon;         /* of the location-based carbon, else of the IT energy */
    struct jb_figure n_milli;
    char source[256];
};
#define JB_REPORT_EQUIVALENTS_MAX 24

/* All that a report is made from; everything is borrowed. */
struct jb_report_input {
    const struct jb_inventory *inventory;
    const struct jb_account
        *account;             /* of the run, where the scope is one run or group; else NULL */
    const char *account_json; /* the same, docs/format/account.md; NULL where account is */
    const struct jb_power_course
        *power; /* of the run; NULL: no series was kept, or more than one run */
    const struct jb_metric_course
        *metrics; /* of the run; NULL where there are no marks, or more than one run */
    size_t n_equivalents;
    const struct jb_report_equivalent *equivalents;
    const char *software; /* "joulebook 0.1.0" */
};

/* What the inventory's sums say of some parts of one layer together, R-REPORT-03. Saturates at the ends of the scale. */
enum jb_report_share {
    JB_REPORT_MAKING, /* development, search, failed, training, retraining, not told: what made the model */
    JB_REPORT_EVALUATION, /* apart from that */
    JB_REPORT_INFERENCE,
};
#define JB_REPORT_SHARES 3
const char *jb_report_share_name(enum jb_report_share share); /* "making the model" ... */
void jb_report_share_of(const struct jb_inventory *inventory, enum jb_layer layer,
                        enum jb_report_share share, struct jb_inventory_sum *ret);

/* Sentences of the method in words, of what was measured and what not: the same in every format. Each line ends with "\n". */
JB_MUST_USE jb_rc jb_report_method(const struct jb_report_input *input, struct jb_buf *out,
                                   struct jb_error *err);

JB_MUST_USE jb_rc jb_report_inventory(const struct jb_report_input *input, enum jb_format format,
                                      const struct jb_style *style, struct jb_buf *out,
                                      struct jb_error *err);

#endif
