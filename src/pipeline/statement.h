/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The book to a statement, and a statement into the book's reconstructed layer. R-STATEMENT-01 to -13:
 * docs/method/statement.md.
 */
#ifndef JB_PIPELINE_STATEMENT_H
#define JB_PIPELINE_STATEMENT_H

#include "base/clock.h"
#include "ledger/ledger.h"
#include "model/statement.h"
#include "pipeline/reconstruct.h"

struct jb_statement_order {
    const char *provider;
    const char *customer; /* runs tagged customer=NAME; NULL: any */
    const char *project;  /* runs of this project; NULL: any */
    const char *id;       /* NULL: the customer, else the project, else "everybody" */
    const char *by;       /* R-STATEMENT-08: "job", "vm", "project", "run", "whole", "tag:NAME" */
    int64_t since_utc_us, until_utc_us; /* whole hours */
    enum jb_idle_rule idle_rule;
    int64_t pue_milli; /* -1: the one that the period's runs tell alike */
    const struct jb_clock *clock;
};

/* Everything that the book has, nothing withheld or rounded. JB_E_NOT_FOUND where no run of the order is in the period. Reads
 * only. *ret is released by jb_statement_release. */
JB_MUST_USE jb_rc jb_statement_make(struct jb_ledger *ledger,
                                    const struct jb_statement_order *order,
                                    struct jb_statement *ret, struct jb_error *err);

struct jb_statement_import {
    const char *file;    /* as the entries shall name it */
    const char *project; /* NULL: none */
    bool is_bound; /* R-STATEMENT-12: an upper bound, work and what stands beside it in `high` */
    const char *signer; /* in words, for a note: who signed it; in no digest */
    const struct jb_clock *clock;
    const char *command;
};
struct jb_statement_imported {
    enum jb_paper_state state;
    int64_t n_runs, n_voided, n_look_measured;
    struct jb_figure energy_uj;
};
/* One paper, known by provider, period and id; all of it or nothing (a transaction of its own). R-STATEMENT-11. */
JB_MUST_USE jb_rc jb_statement_enter(struct jb_ledger *ledger, const struct jb_statement *statement,
                                     const struct jb_statement_import *order,
                                     struct jb_statement_imported *ret, struct jb_error *err);

#endif
