/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the proof share: the list of claims, and the state of one walk through the book. */
#ifndef JB_LEDGER_LEDGER_BALANCE_INT_H
#define JB_LEDGER_LEDGER_BALANCE_INT_H

#include "base/compiler.h"
#include "ledger/ledger_int.h"

enum balance__claim {
    CLAIM_SUM,
    CLAIM_OVERLAP,
    CLAIM_COUNTS,
    CLAIM_RUNS,
    CLAIM_TRIAL,
    CLAIM_BYTES,
    CLAIM_MERGED,
    CLAIM_TREE,
    CLAIM_SERIES,
    CLAIM_FILE,
    CLAIM_REVERSAL,
    CLAIM_COUNT
};

/* An entry "merged": where it stands and what it says it brought. */
struct balance__merged {
    int64_t seq, first_seq, last_seq;
};

struct balance {
    struct jb_ledger *ledger;
    struct store *store;
    struct jb_balance *result;
    struct ledger__stored *stored; /* the entry at hand */
    struct ledger__stored *other;  /* one that it names */
    struct jb_merkle tree;         /* as the leaves give it */
    jb_i128 sums[JB_BALANCE_SUMS_MAX];
    struct store__cursor *lines, *postings; /* the index, walked beside the entries */
    struct store__line_row line;
    struct store__posting posting;
    bool has_line, has_posting;
    struct store__counts counts;         /* rows that entries account for */
    char layer_account[JB_ACCOUNT_NAME]; /* the run whose layer was asked last */
    enum jb_layer layer;
    struct jb_buf memos;  /* int64_t seqs, ascending */
    struct jb_buf merged; /* struct balance__merged, ascending */
};

void balance__checked(struct balance *b, enum balance__claim claim);
/* Counts a failure and keeps the first one's text. */
void balance__failed(struct balance *b, enum balance__claim claim, const char *format, ...)
    JB_PRINTF(3, 4);
const char *balance__i128_text(jb_i128 value, char buf[48]);

/* Everything about one entry. A finding is counted; an error is only what keeps the proof from going on. */
JB_MUST_USE jb_rc balance__entry(struct balance *b, const struct store__row *row,
                                 struct jb_error *err);
/* What is left of the index after the last entry belongs to none. */
JB_MUST_USE jb_rc balance__index_end(struct balance *b, struct jb_error *err);

JB_MUST_USE jb_rc balance__overlaps(struct balance *b, struct jb_error *err);
JB_MUST_USE jb_rc balance__runs(struct balance *b, struct jb_error *err);
JB_MUST_USE jb_rc balance__merges(struct balance *b, struct jb_error *err);

#endif
