/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Postings of a period to what each run used and what it bears of idle, platform and facility. Each microjoule of a posting
 * goes to one run or to nobody; who is asked for makes no difference to it. R-STATEMENT-01 to -05.
 */
#ifndef JB_STATEMENT_SHARE_H
#define JB_STATEMENT_SHARE_H

#include "base/error.h"
#include "model/entry.h"
#include "model/statement.h"

/* A run that may stand in the postings. The caller fills the first three; the rest begins as zeros. */
struct jb_share_run {
    char id[JB_RUN_ID];
    bool is_void; /* what it used is another's (R-BOOK-13), what it would bear is nobody's */
    int64_t tag;  /* the caller's own */
    bool is_there;
    bool is_shared;  /* somebody else had a part of what it was charged from */
    bool is_metered; /* not all of it is rated power x time */
    bool has_boards_of_kinds;
    char board[JB_CHANNEL_LABEL];
    int64_t first_utc_us, last_utc_us; /* of its postings */
    int64_t board_ns;
    struct jb_statement_energy energy; /* facility known where any was reckoned */
    int64_t device_uj[JB_STATEMENT_DEVICES], origin_uj[JB_STATEMENT_ORIGINS];
    struct jb_coverage coverage;
    int64_t n_gaps;
};

/* What is no run's. */
struct jb_share_rest {
    int64_t metered_uj;
    int64_t others_uj; /* used by what is no run, and by void ones */
    int64_t nobody_idle_uj, nobody_platform_uj;
    int64_t discrepancy_uj;
    int64_t facility_uj; /* all of it */
    int64_t facility_others_uj, facility_nobody_uj;
    int64_t wall_uj; /* of hosts metered at the wall: without facility (R-PUE-03) */
    int64_t n_postings;
};

struct jb_share;

/* `runs` are sorted by id here and stay the caller's. `pue_milli` -1: no facility. */
JB_MUST_USE jb_rc jb_share_new(int64_t since_utc_us, int64_t until_utc_us, enum jb_idle_rule rule,
                               int64_t pue_milli, struct jb_share_run *runs, size_t n_runs,
                               struct jb_share **ret, struct jb_error *err);
void jb_share_free(struct jb_share *share);
JB_AUTO_POINTER(struct jb_share, jb_share_free)

/* First every posting to this one where a PUE is given: which hosts are metered at the wall. */
JB_MUST_USE jb_rc jb_share_look(struct jb_share *share, const struct jb_interval *interval,
                                struct jb_error *err);
/* Then every posting, oldest first. JB_E_INPUT: one that the period cuts through. JB_E_RANGE: a sum of more than 2.56 GWh. */
JB_MUST_USE jb_rc jb_share_take(struct jb_share *share, const struct jb_interval *interval,
                                const struct jb_line *lines, size_t n_lines, struct jb_error *err);
/* R-STATEMENT-06: the facility's band is that of what it is reckoned from, in proportion. Once, when all are taken. */
void jb_share_facility_band(struct jb_statement_energy *energy);
const struct jb_share_rest *jb_share_rest(const struct jb_share *share);

#endif
