/* SPDX-License-Identifier: Apache-2.0 */
/* Ratings and the frontier of a project for people and for programs. docs/man/joulebook-rate.1. */
#ifndef JB_CLI_RATE_TELL_H
#define JB_CLI_RATE_TELL_H

#include "base/buf.h"
#include "base/error.h"
#include "rate/pareto.h"
#include "rate/rate.h"
#include "report/report.h"

struct jb_rate_told {
    const struct jb_rate_subject *subjects;
    const struct jb_rating *ratings;
    size_t n;
    const struct jb_rate_refs *refs;
    const char *from; /* where references come from: "the catalogue 2026-11-23-..., refs.csv" */
};

JB_MUST_USE jb_rc jb_rate_tell(const struct jb_rate_told *told, enum jb_format format,
                               const struct jb_style *style, struct jb_buf *out,
                               struct jb_error *err);
JB_MUST_USE jb_rc jb_rate_tell_json(const struct jb_rate_told *told, struct jb_buf *out,
                                    struct jb_error *err);
/* "1.23 pJ", "12.3 kWh"; size >= 40; returns buf. */
const char *jb_rate_value_text(int64_t value, enum jb_rate_measure measure, char *buf, size_t size);
/* The options that widen a class: "--relax size --any-method"; "" for none. size >= 64; returns buf. */
const char *jb_rate_widening_text(const struct jb_rate_class *of, char *buf, size_t size);

JB_MUST_USE jb_rc jb_pareto_tell(const struct jb_pareto *pareto,
                                 const struct jb_inventory *inventory, enum jb_format format,
                                 const struct jb_style *style, struct jb_buf *out,
                                 struct jb_error *err);
JB_MUST_USE jb_rc jb_pareto_tell_json(const struct jb_pareto *pareto,
                                      const struct jb_inventory *inventory, struct jb_buf *out,
                                      struct jb_error *err);
/* One picture, self-contained. */
void jb_pareto_svg(const struct jb_pareto *pareto, struct jb_buf *out);

#endif
