/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recorded power logs to one run in the book: each file a node, all of them or none (one transaction). Refuses what the
 * book has already. R-IMPORT-01 to -08.
 */
#ifndef JB_PIPELINE_IMPORT_RUN_H
#define JB_PIPELINE_IMPORT_RUN_H

#include "base/clock.h"
#include "base/error.h"
#include "import/import.h"
#include "ledger/ledger.h"
#include "model/account.h"
#include "model/run.h"

#define JB_IMPORT_NODES_MAX 1024
#define JB_IMPORT_LABEL     48

/* Entries of this kind say of each file what it was: fields of docs/method/import.md. */
#define JB_IMPORT_KIND "imported"

struct jb_import_order {
    const struct jb_import_format *format;
    char *const *paths;
    size_t n_paths;
    const char *const
        *names; /* of the nodes, in the order of the paths; NULL: from the files' names */
    enum jb_scope scope;
    int64_t accuracy_ppm;       /* -1: unknown, R-IMPORT-06 */
    const struct jb_run *facts; /* what the user states about the run */
    const struct jb_clock *clock;
    const struct jb_import_progress *progress;
};

struct jb_import_node {
    const char *path; /* the order's */
    char label[JB_IMPORT_LABEL];
    char host[JB_HOST_NAME];
    char boot_id[JB_BOOT_ID];
    struct jb_import_survey survey;
    bool is_used;                /* has two readings or more */
    size_t same_as;              /* 1 + the place of an earlier one with the same bytes; 0 none */
    int64_t overlap_ns;          /* with a log of the same label in the book, */
    char overlap_run[JB_RUN_ID]; /* of this run; 0: none */
    int64_t energy_uj;
    int64_t interpolated_uj;
    int64_t n_gaps, longest_gap_ns;
    struct jb_coverage coverage;
};

struct jb_import_result {
    struct jb_account account;
    size_t n_nodes; /* of the order */
    struct jb_import_node *nodes;
};
void jb_import_result_release(struct jb_import_result *result);

/* *ret is released by jb_import_result_release. JB_E_CONFLICT if a file is in the book already. */
JB_MUST_USE jb_rc jb_import_run(struct jb_ledger *ledger, const struct jb_import_order *order,
                                struct jb_import_result *ret, struct jb_error *err);

/* import_notes.c: what a reader of the account has to know about these logs, R-IMPORT-07; entered with the run. */
JB_MUST_USE jb_rc jb_import_enter_notes(struct jb_ledger *ledger,
                                        const struct jb_import_order *order, const char *run_id,
                                        const struct jb_import_node *nodes, size_t n_nodes,
                                        struct jb_error *err);

#endif
