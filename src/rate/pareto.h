/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a project's runs gained in a metric against the energy they took: the frontier, what each further point cost, and the
 * run at which it stopped being worth it. R-PARETO-01 to -05: docs/method/rate.md. Pure; integers throughout.
 */
#ifndef JB_RATE_PARETO_H
#define JB_RATE_PARETO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/inventory.h"
#include "model/metric.h"

/* One training that has the metric. Values are scaled by 10^JB_METRIC_SCALE. */
struct jb_pareto_point {
    size_t run;            /* of the inventory */
    const char *text, *at; /* its best value as marked, and the mark: "0.931", "epoch 12" */
    int64_t value;
    struct jb_figure energy_uj; /* of the training alone */
    int64_t cumulative_uj;      /* of all that was run up to it, it included */
    bool is_frontier;           /* none took less or as much and is as good or better */
    bool is_record;             /* better than all before */
    bool is_on_hull;            /* R-PARETO-04 */
    int64_t
        marginal_uj; /* of a record that is not the first: of each point above the one before; -1 */
};

enum jb_pareto_rule {
    JB_PARETO_TOO_FEW, /* fewer than three records on the hull, and no threshold */
    JB_PARETO_KNEE,
    JB_PARETO_WORTH,
};

struct jb_pareto {
    const char *metric;
    enum jb_metric_way way; /* MAX or MIN */
    enum jb_layer layer;
    int64_t point; /* what one point of the metric is, scaled */
    size_t n;      /* by their begin */
    struct jb_pareto_point *points;
    int64_t n_without,
        n_unknown; /* runs without the metric (their energy counts), without energy (not counted) */
    int64_t total_uj; /* of all */
    enum jb_pareto_rule rule;
    int64_t worth_uj;   /* of a point, where the rule is that */
    size_t stop;        /* the point at which it stopped being worth it, unless too few */
    int64_t after_uj;   /* spent after it */
    int64_t after_gain; /* and what that brought, scaled, >= 0 */
};

/*
 * `way` JB_METRIC_WAY_UNKNOWN: by the metric's name. `point` 0: by the values (R-PARETO-02). `worth_uj` -1: the knee.
 * JB_E_INPUT where the name does not tell which way is better; JB_E_NOT_FOUND where no run has the metric, with those there are
 * in the hint. *ret is released by jb_pareto_release.
 */
JB_MUST_USE jb_rc jb_pareto_make(const struct jb_inventory *inventory, const char *metric,
                                 enum jb_metric_way way, int64_t point, int64_t worth_uj,
                                 struct jb_pareto *ret, struct jb_error *err);
void jb_pareto_release(struct jb_pareto *pareto);

#endif
