/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A book of somebody else into ours: each run of it a paper of its own in the reconstructed layer, all of the file or
 * nothing. What is no run, or cannot be worked out, is told by reason. R-BOOKS-01 to -05: docs/method/import.md.
 */
#ifndef JB_PIPELINE_IMPORT_BOOK_H
#define JB_PIPELINE_IMPORT_BOOK_H

#include "base/clock.h"
#include "import/book.h"
#include "ledger/ledger.h"
#include "pipeline/reconstruct.h"

/* Told of each run after it was entered, or found to be in the book. */
typedef jb_rc (*jb_import_book_fn)(void *arg, const struct jb_rebuilt *rebuilt,
                                   const struct jb_reconstructed *entered, struct jb_error *err);

struct jb_import_book_order {
    const struct jb_import_book *book;
    const char *path;
    const struct jb_import_asked *asked;
    const struct jb_import_progress *progress; /* NULL: nobody looks */
    const struct jb_clock *clock;
    const char *command; /* as the runs shall have it */
    bool is_dry_run;     /* everything is done and then undone */
    jb_import_book_fn fn;
    void *arg;
};

struct jb_import_book_result {
    struct jb_import_told told;
    int64_t n_new, n_same, n_superseded;
    int64_t n_look_measured;    /* look like the same work as a measured run */
    struct jb_figure energy_uj; /* of all of them together; their doubts are taken to be the same */
    bool is_vast;               /* more than 64 bits of uJ hold, 2.56 GWh: energy_uj is not known */
};

/* JB_E_INPUT names file, line and field; the book is then as it was. */
JB_MUST_USE jb_rc jb_import_book_enter(struct jb_ledger *ledger,
                                       const struct jb_import_book_order *order,
                                       struct jb_import_book_result *ret, struct jb_error *err);

#endif
