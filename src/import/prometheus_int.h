/* SPDX-License-Identifier: Apache-2.0 */
/* Shared within src/import only. */
#ifndef JB_IMPORT_PROMETHEUS_INT_H
#define JB_IMPORT_PROMETHEUS_INT_H

#include "import/prometheus.h"

/* The samples of one channel's part from one instance, over all answers; out of order and with repetitions. */
struct prometheus__series {
    const struct jb_prometheus_metric *metric;
    char domain[JB_CHANNEL_ID]; /* "gpu/GPU-8f9e" */
    bool is_duplicate;
    char part[JB_PROMETHEUS_NAME];
    char instance[JB_PROMETHEUS_NAME];
    char host[JB_PROMETHEUS_NAME];
    struct jb_prometheus_sample *samples;
    size_t n_samples, capacity;
};

struct jb_prometheus {
    struct jb_prometheus_wanted wanted;
    struct prometheus__series *series;
    size_t n_series, capacity;
    size_t n_samples;
    size_t n_unknown, n_modelled;
    char unknown[JB_PROMETHEUS_NAME];
};

#endif
