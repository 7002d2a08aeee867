/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The past that a Prometheus server keeps to one measured run of one node: fetched or from saved answers, posted so that
 * nothing counts twice, all of it or nothing (one transaction). Refuses what the book has already. R-PROM-01 to -10.
 */
#ifndef JB_PIPELINE_HISTORY_RUN_H
#define JB_PIPELINE_HISTORY_RUN_H

#include "base/clock.h"
#include "base/error.h"
#include "import/prometheus.h"
#include "ledger/ledger.h"
#include "model/account.h"
#include "model/run.h"

#define JB_HISTORY_HOST 48

struct jb_history_order {
    const char *url;    /* of the server; NULL: the paths */
    char *const *paths; /* saved answers */
    size_t n_paths;
    struct jb_prometheus_wanted wanted;
    const char *match;                 /* matchers of PromQL, "" none */
    int64_t start_utc_us, end_utc_us;  /* of files 0: all of them */
    int64_t step_ns;                   /* of query_range; 0: the samples with their own times */
    const char *host;                  /* NULL: as `instance` says */
    int64_t accuracy_ppm;              /* -1: as the sensors of such meters */
    const char *credentials, *ca_file; /* "" none */
    const struct jb_run *facts;        /* what the user states about the run */
    const struct jb_clock *clock;
};

struct jb_history_channel {
    struct jb_channel channel; /* with its role */
    int64_t energy_uj;         /* of a parent all it read */
    size_t n_samples;
    int64_t n_failed, n_resets;
    struct jb_coverage coverage;
};

struct jb_history_result {
    struct jb_account account;
    char host[JB_HISTORY_HOST];
    struct jb_prometheus_set set;
    struct jb_history_channel *channels; /* as the set's */
};
void jb_history_result_release(struct jb_history_result *result);

/* *ret is released by jb_history_result_release. JB_E_CONFLICT if it is in the book already, wholly or in part. */
JB_MUST_USE jb_rc jb_history_run(struct jb_ledger *ledger, const struct jb_history_order *order,
                                 struct jb_history_result *ret, struct jb_error *err);

#endif
