/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A case to its account: the work as we understand it and each other reading of it, held against what was published
 * (R-CASE-04 to -06); and which restrictions it shows, on what evidence, at what cost (R-CASE-11 to -14).
 */
#ifndef JB_CASE_CASE_ACCOUNT_H
#define JB_CASE_CASE_ACCOUNT_H

#include "case/case.h"

/* One understanding of the case. */
struct jb_case_told {
    const char *name; /* "" for the case's own work; borrowed from the case, as `why` */
    const char *why;
    const struct jb_work *work;
    struct jb_estimate estimate;
};

struct jb_case_account {
    size_t n; /* at least 1: the case's own work is the first */
    struct jb_case_told told[1 + JB_CASE_READINGS_MAX];
    /* Against what was published; where case.documented.is_told: */
    size_t documented; /* which of `told` it is */
    struct jb_figure
        plain_uj;       /* that reading by the published formula; unknown where it has none */
    bool is_reproduced; /* to the microjoule, or not computable either */
};
void jb_case_account_free(struct jb_case_account *account);
JB_AUTO_POINTER(struct jb_case_account, jb_case_account_free)

/* JB_E_INPUT names case and reading where a name in it is not in the catalogue. `one` must outlive the account. */
JB_MUST_USE jb_rc jb_case_account_make(const struct jb_case *one, struct jb_case_account **ret,
                                       struct jb_error *err);

enum jb_cost {
    JB_COST_NONE,             /* the restriction does not show */
    JB_COST_NOT_QUANTIFIABLE, /* it shows, and no input of the account hangs on it */
    JB_COST_BAND,             /* the band would be narrower by saved_uj */
    JB_COST_ACCOUNT,          /* without it there is no account at all */
};

#define JB_EVIDENCE_MAX 6
struct jb_found {
    const struct jb_restriction *restriction;
    bool is_observed; /* coded in an interview; else by the answers alone */
    int64_t n_observed;
    size_t n_evidence; /* 0: nothing in the case shows it */
    char evidence[JB_EVIDENCE_MAX][192];
    enum jb_cost cost;
    int64_t width_uj, saved_uj; /* COST_BAND: high - low now, and how much of it goes */
    char of[128];               /* COST_BAND: what would be known; COST_ACCOUNT: what is needed */
};

/* In the order of jb_restrictions. `estimate` is that of the case's own work. */
JB_MUST_USE jb_rc jb_case_restrict(const struct jb_case *one, const struct jb_estimate *estimate,
                                   struct jb_found ret[JB_RESTRICTIONS], struct jb_error *err);

#endif
