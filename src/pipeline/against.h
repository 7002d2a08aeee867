/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was logged against what was told: machine time and energy of measured runs beside those of the papers (bills,
 * schedulers), by project and month. Reads the book only. R-AGAINST-01 to -05: docs/method/reconstruction.md.
 */
#ifndef JB_PIPELINE_AGAINST_H
#define JB_PIPELINE_AGAINST_H

#include "base/error.h"
#include "ledger/ledger.h"
#include "model/account.h"

struct jb_against_side {
    int64_t n_runs;
    int64_t machine_ns; /* time of machines; of logged runs that shared one, once (R-AGAINST-02) */
    int64_t gpu_ns;     /* time of accelerators */
    struct jb_figure energy_uj; /* bands added up, as if all erred alike */
    struct jb_figure timed_uj;  /* of it, what is of runs with machine time */
    int64_t n_timeless;         /* runs whose machine time nobody told (R-AGAINST-04) */
};

struct jb_against_row {
    char project[JB_RUN_TEXT]; /* "" of runs that name none */
    char month[8];             /* "2026-11", UTC */
    struct jb_against_side logged, told;
    int64_t n_reconciled; /* of the told runs: said to be a logged one too */
};

struct jb_against {
    size_t n_rows;
    struct jb_against_row *rows; /* by project, then month */
    struct jb_against_row
        all;        /* machine time of logged runs of two projects on one machine is in here once */
    int64_t n_void; /* runs left out because they are void */
    int64_t n_open; /* or not yet closed */
    int64_t n_untimed; /* told runs without times: they stand in no month */
};
void jb_against_release(struct jb_against *against);

/*
 * `sources` are the formats of the papers to compare with ("focus", "sacct"), NULL at its end; NULL: every one.
 * `since` and `until` bound the begin of the runs, 0: no bound. *ret is released by jb_against_release.
 */
JB_MUST_USE jb_rc jb_against_make(struct jb_ledger *ledger, const char *const *sources,
                                  int64_t since_utc_us, int64_t until_utc_us,
                                  struct jb_against *ret, struct jb_error *err);

/*
 * The same without what it takes every posting of the book to know: energies and the time of accelerators stay unknown. Where nothing
 * was told, nothing that was logged is looked at.
 */
JB_MUST_USE jb_rc jb_against_make_time(struct jb_ledger *ledger, int64_t since_utc_us,
                                       int64_t until_utc_us, struct jb_against *ret,
                                       struct jb_error *err);

/* Part of the told time that was logged, in ppm; -1 where nothing was told. May be over a million. */
int64_t jb_against_coverage_ppm(const struct jb_against_row *row);

#endif
