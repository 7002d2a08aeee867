/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers of a Prometheus server about the past to the channels of one node: which series is what, by a table of
 * exporters, and its samples as integers with their own times. Nothing is integrated here, and nothing added but the parts
 * of one meter (a zone by socket, idle and dynamic). Rules R-PROM-01 to -08: docs/method/import.md.
 */
#ifndef JB_IMPORT_PROMETHEUS_H
#define JB_IMPORT_PROMETHEUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/hash.h"
#include "model/channel.h"

/* One import holds its samples: 16 bytes each. */
#define JB_PROMETHEUS_SAMPLES_MAX ((size_t)8 * 1024 * 1024)
#define JB_PROMETHEUS_ANSWER_MAX  ((size_t)64 * 1024 * 1024)
#define JB_PROMETHEUS_FAILED      INT64_C(-1)
#define JB_PROMETHEUS_NAME        96

struct jb_prometheus_sample {
    int64_t utc_ms;
    int64_t raw; /* uJ of a counter, uW of a gauge; JB_PROMETHEUS_FAILED: scraped, and no number */
};

/* A row of the table: what a metric of an exporter reads. */
struct jb_prometheus_metric {
    const char *preset;
    const char *name;          /* of the metric */
    const char *label, *value; /* only series with this label of this value; NULL: all */
    const char *domain;        /* first part of the channel's id: "rapl/package" */
    const char *ids[2];        /* labels of which the first that is there ends the id, */
    const char *more;          /* and one that follows */
    const char *parts[2];      /* labels that tell apart what is added up; NULL */
    const char *duplicate_label,
        *duplicate_value; /* "path", "mmio": the same domain by another way */
    bool is_numbered;     /* the id follows a dash */
    bool is_counter;
    bool is_whole;    /* one figure for all sockets, beside which others give each */
    bool is_watched;  /* shown, never added: nobody knows what it lies in */
    uint8_t decimals; /* of the unit, to uJ or uW */
    uint8_t rank;     /* of two that read the same domain the lower posts */
    enum jb_scope scope;
    int64_t accuracy_ppm;
    int64_t max_power_uw; /* beyond it is no reading */
};
/* Every row; preset NULL at the end. */
extern const struct jb_prometheus_metric jb_prometheus_metrics[];
/* Whether the table has rows of this preset. */
bool jb_prometheus_is_preset(const char *name);

/* What an import takes; NULL for all presets. */
struct jb_prometheus_wanted {
    const char *const *presets;
    size_t n_presets;
};
/* `{__name__=~"a|b",MATCH}`: every metric of the presets, `match` "" or matchers as PromQL has them. */
void jb_prometheus_selector(const struct jb_prometheus_wanted *wanted, const char *match,
                            struct jb_buf *out);

/* Gathers answers. */
struct jb_prometheus;
JB_MUST_USE jb_rc jb_prometheus_new(const struct jb_prometheus_wanted *wanted,
                                    struct jb_prometheus **ret, struct jb_error *err);
void jb_prometheus_free(struct jb_prometheus *history);
JB_AUTO_POINTER(struct jb_prometheus, jb_prometheus_free)

/*
 * The answer of /api/v1/query or query_range: a matrix, with status and data or the data alone. JB_E_INPUT for what is none,
 * naming `source` and where in it; the history is then of no use any more.
 */
JB_MUST_USE jb_rc jb_prometheus_add(struct jb_prometheus *history, const char *source,
                                    const char *text, size_t len, struct jb_error *err);

/* One channel's samples in order of time, each time once. */
struct jb_prometheus_channel {
    struct jb_channel
        channel; /* its role is POST, DETAIL or CHECK; who contains whom is not settled yet */
    const struct jb_prometheus_metric *metric;
    struct jb_prometheus_sample *samples; /* the set's */
    size_t n_samples;
    int64_t n_failed;
    int64_t usual_ms; /* the median time between two readings */
    int64_t least_uw, most_uw;
};

struct jb_prometheus_set {
    char host
        [JB_PROMETHEUS_NAME]; /* as `instance` has it, without its port; "" where no series says it */
    bool is_grid;             /* steps of query_range, not the samples' own times (R-PROM-03) */
    struct jb_prometheus_channel *channels; /* sorted by id */
    size_t n_channels;
    size_t n_unknown;                 /* series that no preset knows, */
    char unknown[JB_PROMETHEUS_NAME]; /* the first one's metric */
    size_t n_modelled;                /* and series of a model, no meter */
    size_t n_short;                   /* channels with less than two readings, */
    char short_id[JB_CHANNEL_ID];     /* the first of them: in no run */
    struct jb_hash hash;              /* of all of it */
};
/*
 * Merges, orders and cuts to [start_ms, end_ms] (UTC). JB_E_INPUT: two nodes, two values of one channel at one time, or
 * nothing with two readings. `is_one_node`: whatever `instance` says. *ret is released by jb_prometheus_set_release.
 */
JB_MUST_USE jb_rc jb_prometheus_settle(struct jb_prometheus *history, int64_t start_ms,
                                       int64_t end_ms, bool is_one_node,
                                       struct jb_prometheus_set *ret, struct jb_error *err);
void jb_prometheus_set_release(struct jb_prometheus_set *set);

#endif
