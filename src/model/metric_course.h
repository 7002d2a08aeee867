/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a training's marks tell: after which epoch or step which metric stood where, and what the run had used by then. Made by
 * pipeline/metric_course.h from the marks in the book. R-REPORT-24: docs/method/report.md.
 */
#ifndef JB_MODEL_METRIC_COURSE_H
#define JB_MODEL_METRIC_COURSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JB_METRICS_MAX      8
#define JB_METRIC_POINTS    4096
#define JB_METRIC_NAME      64
#define JB_METRIC_NANO_NONE INT64_MIN /* not marked here, or no number */

struct jb_metric_point {
    char name[64];                /* "epoch 3", "step 1200" */
    bool is_epoch;                /* else a step */
    int64_t elapsed_ns;           /* since the run's begin */
    int64_t run_uj;               /* of the run's share up to the mark */
    int64_t half_width_uj;        /* what the sampling window held that the mark fell into */
    int64_t nano[JB_METRICS_MAX]; /* value x 1e9, exact to that; JB_METRIC_NANO_NONE */
};

struct jb_metric_course {
    size_t n_metrics; /* 0: no metric was marked, or none that is a number */
    char names[JB_METRICS_MAX][JB_METRIC_NAME]; /* in the order in which they came */
    size_t n_points;
    struct jb_metric_point *points; /* in the order of the marks */
    int64_t n_left_out;             /* marks beyond JB_METRIC_POINTS */
    int64_t n_metrics_left_out;     /* metrics beyond JB_METRICS_MAX */
};
void jb_metric_course_release(struct jb_metric_course *course);

#endif
