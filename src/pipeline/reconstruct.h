/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs that papers tell of into the book's reconstructed layer: each paper once, a newer one in its place by reversal,
 * all of an order or nothing. R-REBUILT-01...: docs/method/reconstruction.md.
 */
#ifndef JB_PIPELINE_RECONSTRUCT_H
#define JB_PIPELINE_RECONSTRUCT_H

#include "base/clock.h"
#include "base/hash.h"
#include "ledger/ledger.h"
#include "model/rebuilt.h"

/* Entries of this kind say of each paper what it was; fields in docs/method/reconstruction.md. */
#define JB_PAPER_KIND "paper"

enum jb_paper_state {
    JB_PAPER_NEW,
    JB_PAPER_SAME,       /* in the book already, with the same content */
    JB_PAPER_SUPERSEDES, /* in the book with other content, which was reversed */
};

/* Told to the caller after each run was entered, or found to be there (its id is the one in the book). */
struct jb_reconstructed {
    enum jb_paper_state state;
    char run_id[JB_RUN_ID];
    struct jb_figure energy_uj, facility_uj;
    bool is_told_twice; /* what it took the place of was entered by this same order */
    char same_as
        [JB_RUN_ID]; /* a measured run that looks like the same work (R-REBUILT-07); "" if there is none */
};

/* What the paper begun took the place of. */
struct jb_replaced {
    int64_t n_runs;     /* that counted, and are void now */
    int64_t n_rows;     /* the version before was made of; 0: not known */
    int64_t machine_ns; /* of those runs */
};

struct jb_reconstruct;

/*
 * Between jb_ledger_begin and jb_ledger_commit, which are the caller's. `file` is named in the entries ("" for none),
 * `command` in the runs. Papers come in any order; the runs of one paper one after another.
 */
JB_MUST_USE jb_rc jb_reconstruct_new(struct jb_ledger *ledger, const struct jb_clock *clock,
                                     const char *file, const char *command,
                                     struct jb_reconstruct **ret, struct jb_error *err);
void jb_reconstruct_free(struct jb_reconstruct *reconstruct);
JB_AUTO_POINTER(struct jb_reconstruct, jb_reconstruct_free)

/*
 * Begins a paper: its source, its key and the digest of its content (of what it tells, not of its bytes: the order of
 * rows and a gzip around them change nothing). *ret_state SAME: its runs need not be given.
 */
JB_MUST_USE jb_rc jb_reconstruct_paper(struct jb_reconstruct *reconstruct, const char *source,
                                       const char *key, const struct jb_hash *digest,
                                       enum jb_paper_state *ret_state, struct jb_error *err);

/* Before the first paper: the layer of all runs of the order; reconstructed where it is not said. Plans are predicted. */
void jb_reconstruct_set_layer(struct jb_reconstruct *reconstruct, enum jb_layer layer);

/* Before jb_reconstruct_paper: of how many rows the next paper is made. They are kept with it, and are in no digest. */
void jb_reconstruct_set_rows(struct jb_reconstruct *reconstruct, int64_t n_rows);
/* Zeros unless the paper begun SUPERSEDES. */
struct jb_replaced jb_reconstruct_replaced(const struct jb_reconstruct *reconstruct);

/* Enters a run of the paper begun. `rebuilt` is completed by estimate/ where it has_work. JB_E_INPUT names what is wrong
 * with it; a run that is not computable (estimate.why_not) is JB_E_NOT_FOUND with that reason: nothing was entered. */
JB_MUST_USE jb_rc jb_reconstruct_enter(struct jb_reconstruct *reconstruct,
                                       const struct jb_rebuilt *rebuilt,
                                       struct jb_reconstructed *ret, struct jb_error *err);

/* SHA-256 over everything a rebuilt run tells (not where it was read), for papers of one run. */
JB_MUST_USE jb_rc jb_rebuilt_digest(const struct jb_rebuilt *rebuilt, struct jb_hash *ret_hash,
                                    struct jb_error *err);

/*
 * Papers of which runs of more than one version count, as a merge of two books can leave them (R-REBUILT-05): importing
 * the newest export again puts it in the place of all. *ret_n of them, and the first one's key.
 */
JB_MUST_USE jb_rc jb_reconstruct_find_doubles(struct jb_ledger *ledger, size_t *ret_n,
                                              char ret_key[JB_REBUILT_KEY], struct jb_error *err);

/*
 * Says that the reconstructed run `rebuilt_id` is the same work as the measured `measured_id`: its postings are reversed
 * and it stays as a memo beside the other (R-REBUILT-08). *ret_* are both energies as they were. JB_E_CONFLICT if either is
 * not of its layer, void, or reconciled already.
 */
JB_MUST_USE jb_rc jb_reconcile(struct jb_ledger *ledger, const char *rebuilt_id,
                               const char *measured_id, const char *reason,
                               struct jb_figure *ret_rebuilt_uj, struct jb_figure *ret_measured_uj,
                               struct jb_error *err);

#endif
