/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Groups of a bill into the book's reconstructed layer: hours to energy through the catalogue, one paper for each account,
 * billing period and provider, all of an order or nothing. Every row ends in a run or in the list of what has none, with
 * its reason. R-BILL-09 to -17: docs/method/bills.md.
 */
#ifndef JB_PIPELINE_IMPORT_BILL_H
#define JB_PIPELINE_IMPORT_BILL_H

#include "base/clock.h"
#include "import/bill.h"
#include "ledger/ledger.h"
#include "pipeline/reconstruct.h"

/* What a managed service is charged with: a share of the energy of its run's machines. */
#define JB_BILL_MARKUPS_MAX 8
struct jb_bill_markup {
    char service[64]; /* its name, or kind ("storage"), in any case; "": every one not named */
    struct jb_quantity share_ppm;
};

#define JB_BILL_CURRENCY 16
struct jb_bill_money {
    char currency[JB_BILL_CURRENCY];
    int64_t billed_micro;
    int64_t worth_micro; /* amortised where the bill tells it, else billed */
};
#define JB_BILL_CURRENCIES_MAX 8
struct jb_bill_costs {
    size_t n;
    struct jb_bill_money list[JB_BILL_CURRENCIES_MAX]; /* in the order they were met */
};

/* A run that was made. Texts live during the call. */
struct jb_bill_entered {
    const struct jb_rebuilt *rebuilt;
    const struct jb_reconstructed *entered; /* of a dry run: no id, state NEW */
    const char *account, *provider;
    const char *name; /* what the user's rule found; "" none */
    const char *region;
    int64_t n_rows;
    int64_t instance_us;        /* whole machines */
    struct jb_figure energy_uj; /* IT, as worked out now */
    struct jb_figure ugco2e;    /* of the year and place, with PUE; unknown where the region is */
    const struct jb_bill_costs *costs;
};
typedef jb_rc (*jb_import_bill_fn)(void *arg, const struct jb_bill_entered *run,
                                   struct jb_error *err);

struct jb_import_bill_order {
    const struct jb_bill *bill; /* finished */
    const char *source;         /* its format's name */
    struct jb_bill_rule rule;   /* it was read with */
    const struct jb_run *facts; /* what the user states of every run */
    size_t n_markups;
    struct jb_bill_markup markups[JB_BILL_MARKUPS_MAX];
    const char *file;    /* as the entries shall name it */
    const char *command; /* as the runs shall have it */
    const struct jb_clock *clock;
    jb_import_bill_fn fn; /* NULL: nobody listens */
    void *arg;
};

/* Rows that came to no energy. */
struct jb_bill_left {
    char reason[192];
    int64_t n_rows;
    int64_t first_line; /* of the first of the files that has one */
    struct jb_bill_costs costs;
};

struct jb_import_bill_result {
    int64_t n_rows, n_rows_entered, n_rows_left; /* the last two sum to the first (R-BILL-17) */
    struct jb_bill_costs costs, costs_entered, costs_left;
    int64_t n_papers, n_new, n_same, n_superseded;
    int64_t n_voided;                    /* runs of older versions that were taken out */
    int64_t n_rows_before, n_rows_after; /* of superseded papers whose older rows are known */
    int64_t before_us, after_us;         /* machine time of superseded papers */
    int64_t n_shrunk; /* papers of fewer rows, or less machine time, than the version before */
    int64_t n_runs;
    int64_t n_look_measured;    /* runs that look like a measured one */
    int64_t instance_us;        /* saturates */
    struct jb_figure energy_uj; /* of all runs; their doubts are taken to be the same */
    bool is_vast;               /* more than 64 bits of uJ hold, 2.56 GWh: energy_uj is not known */
    size_t n_left;
    struct jb_bill_left *left; /* the dearest first, then by rows and reason */
};
void jb_import_bill_release(struct jb_import_bill_result *result);

/* `ledger` NULL: works all out and enters nothing. The result is released by jb_import_bill_release. JB_E_RANGE: a run of
 * more than 2.56 million machine hours or 2.56 GWh. */
JB_MUST_USE jb_rc jb_import_bill(struct jb_ledger *ledger, const struct jb_import_bill_order *order,
                                 struct jb_import_bill_result *ret, struct jb_error *err);

#endif
