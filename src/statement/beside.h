/* SPDX-License-Identifier: Apache-2.0 */
/* A provider's statement beside what the own book has of the same period. Pure functions. R-STATEMENT-13. */
#ifndef JB_STATEMENT_BESIDE_H
#define JB_STATEMENT_BESIDE_H

#include "base/error.h"
#include "model/statement.h"

enum jb_beside_verdict {
    JB_BESIDE_INSIDE,    /* the bands of the work overlap */
    JB_BESIDE_MORE,      /* more was stated than measured, beyond both bands */
    JB_BESIDE_LESS,      /* less */
    JB_BESIDE_UNMATCHED, /* the own book has nothing of that name */
    JB_BESIDE_UNSTATED,  /* the statement has nothing of it */
};
const char *jb_beside_verdict_name(enum jb_beside_verdict verdict);

struct jb_statement_row {
    const struct jb_statement_item *told, *own; /* borrowed; NULL: there is none */
    enum jb_beside_verdict verdict;
    int64_t difference_uj;  /* work, told less own; where one is missing, all of the other */
    int64_t difference_ppm; /* of own; -1 not to be told (nothing there) */
    int64_t coverage_ppm;   /* own hours over told hours; -1 no hours told */
};

struct jb_statement_beside {
    struct jb_statement_row total;
    bool is_by_name; /* items were matched by their names */
    size_t n_rows;
    struct jb_statement_row *rows; /* by name */
    int64_t n_unmatched,
        unmatched_uj; /* items of the statement that the own book lacks, their work */
    int64_t n_unstated, unstated_uj; /* the other way round */
};
void jb_statement_beside_release(struct jb_statement_beside *beside);

/* `own` may have no items. Both are grouped alike, else only the totals are compared. */
JB_MUST_USE jb_rc jb_statement_compare(const struct jb_statement *told,
                                       const struct jb_statement *own,
                                       struct jb_statement_beside *ret, struct jb_error *err);

#endif
