/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a book's rows are kept. All SQL is behind this header, in store_sqlite*.c; whatever means anything (what
 * balances, what may be entered, what a run is) is in front of it. A second store implements these functions.
 */
#ifndef JB_LEDGER_STORE_INT_H
#define JB_LEDGER_STORE_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "journal/merkle.h"
#include "model/entry.h"

struct store;

enum store__mode {
    STORE_READ,
    STORE_WRITE,
    STORE_READ_STILL, /* nobody writes it: no locks, no files beside it */
};

/* A row of `entry`; pointers are borrowed until the next call that reads. */
struct store__row {
    int64_t seq; /* from 1; the leaf's index in the tree is seq - 1 */
    const char *kind;
    int64_t layer;
    int64_t utc_us;
    const char *run_id;
    bool is_memo;      /* merged in, but not posted (R-BOOK-07) */
    int64_t about_seq; /* the entry it reverses; 0 none */
    struct jb_hash leaf;
    const void *bytes;
    size_t n_bytes;
};

struct store__opening {
    int64_t position;
    bool is_open; /* not erased */
    uint8_t salt[JB_SALT_BYTES];
    const char *value;
    size_t len;
};

/* A row of `interval` with its meter. */
struct store__posting {
    int64_t seq;
    const char *host, *boot_id, *channel, *parent;
    int64_t mono_start_ns, mono_end_ns, utc_start_us, utc_end_us, energy_uj;
    bool is_memo;
};

struct store__line_row {
    int64_t seq;
    struct jb_line line;
};

/* Makes an empty book at a path that does not exist, whole or not at all. JB_E_CONFLICT if it exists by then. */
JB_MUST_USE jb_rc store__create(const char *path, struct jb_error *err);
JB_MUST_USE jb_rc store__open(const char *path, enum store__mode mode, struct store **ret_store,
                              struct jb_error *err);
void store__close(struct store *store);
JB_AUTO_POINTER(struct store, store__close)

JB_MUST_USE jb_rc store__begin(struct store *store, struct jb_error *err);      /* to write */
JB_MUST_USE jb_rc store__begin_read(struct store *store, struct jb_error *err); /* one moment */
JB_MUST_USE jb_rc store__commit(struct store *store, struct jb_error *err);
void store__rollback(struct store *store);

JB_MUST_USE jb_rc store__read_tree(struct store *store, struct jb_merkle *ret_tree,
                                   struct jb_error *err);
JB_MUST_USE jb_rc store__write_tree(struct store *store, const struct jb_merkle *tree,
                                    struct jb_error *err);

/* R-BOOK-08: beside the leaves (level 0) are kept the roots of complete subtrees of 2^(8 level) leaves. */
#define STORE_NODE_BITS  8
#define STORE_NODE_LEVEL 7 /* the highest: 2^56 leaves */
/* False for a book of an older version that is only read. */
bool store__has_nodes(const struct store *store);
/* Keeps those of the subtrees that leaf number size - 1 completed (jb_merkle_append_noting) which are kept. */
JB_MUST_USE jb_rc store__add_nodes(struct store *store, int64_t size,
                                   const struct jb_hash *completed, size_t n_completed,
                                   struct jb_error *err);
/* The tree of n hashes of a level from number `first` on, counted in them. JB_E_DAMAGED where one is missing. */
JB_MUST_USE jb_rc store__fold(struct store *store, int level, int64_t first, int64_t n,
                              struct jb_merkle *ret_tree, struct jb_error *err);

JB_MUST_USE jb_rc store__add_entry(struct store *store, const struct store__row *row,
                                   struct jb_error *err);
JB_MUST_USE jb_rc store__add_opening(struct store *store, int64_t seq,
                                     const struct store__opening *opening, struct jb_error *err);
JB_MUST_USE jb_rc store__add_line(struct store *store, int64_t seq, int64_t position,
                                  const struct jb_line *line, struct jb_error *err);
JB_MUST_USE jb_rc store__add_interval(struct store *store, int64_t seq,
                                      const struct jb_interval *interval, bool is_memo,
                                      struct jb_error *err);
JB_MUST_USE jb_rc store__add_run(struct store *store, const char *run_id, int64_t seq,
                                 int64_t start_utc_us, struct jb_error *err);
JB_MUST_USE jb_rc store__add_series(struct store *store, int64_t seq, const void *bytes, size_t len,
                                    struct jb_error *err);
JB_MUST_USE jb_rc store__erase(struct store *store, int64_t seq, int64_t position,
                               struct jb_error *err);
/* Writes the log back and empties it, so that no erased byte is left in it. */
JB_MUST_USE jb_rc store__flush(struct store *store, struct jb_error *err);

/* *ret_seq 0 where there is none. */
JB_MUST_USE jb_rc store__find_leaf(struct store *store, const struct jb_hash *leaf,
                                   int64_t *ret_seq, bool *ret_is_memo, struct jb_error *err);
/* A posted interval of the meter that has time in common with [start, end). */
JB_MUST_USE jb_rc store__find_overlap(struct store *store, const struct jb_interval *interval,
                                      int64_t *ret_seq, struct jb_error *err);
JB_MUST_USE jb_rc store__last_interval(struct store *store, const char *host, const char *boot_id,
                                       const char *channel, int64_t *ret_seq, struct jb_error *err);
JB_MUST_USE jb_rc store__find_run(struct store *store, const char *run_id, int64_t *ret_seq,
                                  struct jb_error *err);
/* The reversal of interval `about_seq` for a run. */
JB_MUST_USE jb_rc store__find_reversal(struct store *store, const char *run_id, int64_t about_seq,
                                       int64_t *ret_seq, struct jb_error *err);

/* Rows, one after the other. Rows of several cursors at once are allowed. */
struct store__cursor;
void store__cursor_close(struct store__cursor *cursor);
JB_AUTO_POINTER(struct store__cursor, store__cursor_close)

/* Entries by seq; kind and run_id NULL for any. */
JB_MUST_USE jb_rc store__entries(struct store *store, const char *kind, const char *run_id,
                                 struct store__cursor **ret_cursor, struct jb_error *err);
/* Those of a run that say what it is (opened, closed, amended, void, reconciled) by seq: the first with its id, then NULL for the
 * next one. The row lives until then; store__run_done ends it. */
JB_MUST_USE jb_rc store__run_entry(struct store *store, const char *run_id,
                                   struct store__row *ret_row, bool *ret_has, struct jb_error *err);
void store__run_done(struct store *store);
/* Those of a run that may hold its account, newest first. */
JB_MUST_USE jb_rc store__account_entries(struct store *store, const char *run_id,
                                         struct store__cursor **ret_cursor, struct jb_error *err);
JB_MUST_USE jb_rc store__next_entry(struct store__cursor *cursor, struct store__row *ret_row,
                                    bool *ret_has, struct jb_error *err);
/* Ends what store__entry and store__opening have lent. */
void store__done(struct store *store);
/* One entry; *ret_has false if there is none. The row lives until store__done. */
JB_MUST_USE jb_rc store__entry(struct store *store, int64_t seq, struct store__row *ret_row,
                               bool *ret_has, struct jb_error *err);
/* Openings of an entry in order; borrowed until the next call. Start over with seq, then 0 for the next one. */
JB_MUST_USE jb_rc store__opening(struct store *store, int64_t seq,
                                 struct store__opening *ret_opening, bool *ret_has,
                                 struct jb_error *err);
/* Lines as the index has them, by seq and position. */
JB_MUST_USE jb_rc store__lines(struct store *store, struct store__cursor **ret_cursor,
                               struct jb_error *err);
JB_MUST_USE jb_rc store__next_line(struct store__cursor *cursor, struct store__line_row *ret_row,
                                   bool *ret_has, struct jb_error *err);
/* Run ids: those that begin with `prefix` by id, or, `prefix` NULL, all of them by start, newest first. */
JB_MUST_USE jb_rc store__runs(struct store *store, const char *prefix,
                              struct store__cursor **ret_cursor, struct jb_error *err);
JB_MUST_USE jb_rc store__next_run(struct store__cursor *cursor, const char **ret_run_id,
                                  int64_t *ret_seq, int64_t *ret_start_utc_us,
                                  struct jb_error *err);
/* The layer of an entry as its column says, -1 if there is none. */
JB_MUST_USE jb_rc store__layer(struct store *store, int64_t seq, int64_t *ret_layer,
                               struct jb_error *err);
/* Seqs of intervals in which the account has a line, memos included, or (NULL) of all that are posted. */
JB_MUST_USE jb_rc store__interval_seqs(struct store *store, const char *account,
                                       struct store__cursor **ret_cursor, struct jb_error *err);
JB_MUST_USE jb_rc store__next_seq(struct store__cursor *cursor, int64_t *ret_seq, /* 0 at the end */
                                  struct jb_error *err);
/* All of `interval`: by seq, or those posted by meter and time. */
JB_MUST_USE jb_rc store__postings(struct store *store, bool by_meter,
                                  struct store__cursor **ret_cursor, struct jb_error *err);
JB_MUST_USE jb_rc store__next_posting(struct store__cursor *cursor, struct store__posting *ret,
                                      bool *ret_has, struct jb_error *err);
/* Lines of an account in intervals, by host and channel of the meter; memos included. */
JB_MUST_USE jb_rc store__account_lines(struct store *store, const char *account,
                                       struct store__cursor **ret_cursor, struct jb_error *err);
JB_MUST_USE jb_rc store__next_account_line(struct store__cursor *cursor, const char **ret_host,
                                           const char **ret_channel, int64_t *ret_amount_uj,
                                           bool *ret_has, struct jb_error *err);
/* Names of accounts that begin with "run:", each once. */
JB_MUST_USE jb_rc store__run_accounts(struct store *store, struct store__cursor **ret_cursor,
                                      struct jb_error *err);
JB_MUST_USE jb_rc store__next_name(struct store__cursor *cursor, const char **ret_name,
                                   struct jb_error *err);
/* Amounts of an account over all entries that are no memo. */
JB_MUST_USE jb_rc store__account_amounts(struct store *store, const char *account,
                                         struct store__cursor **ret_cursor, struct jb_error *err);
/* Energies of the posted children of a parent that lie within its time. */
JB_MUST_USE jb_rc store__children(struct store *store, const struct jb_interval *parent,
                                  struct store__cursor **ret_cursor, struct jb_error *err);
JB_MUST_USE jb_rc store__next_amount(struct store__cursor *cursor, int64_t *ret_amount_uj,
                                     bool *ret_has, struct jb_error *err);
/* The bytes of a series entry; *ret_bytes NULL if there are none. Borrowed until store__series_done. */
JB_MUST_USE jb_rc store__series(struct store *store, int64_t seq, const void **ret_bytes,
                                size_t *ret_len, struct jb_error *err);
void store__series_done(struct store *store);
/* Rows of opening, series, run, interval and node. */
struct store__counts {
    int64_t n_openings, n_series, n_runs, n_intervals, n_nodes;
};
JB_MUST_USE jb_rc store__count(struct store *store, struct store__counts *ret,
                               struct jb_error *err);

/* The file's own soundness: what SQLite finds wrong ("" if nothing), and whether tables and guards are as made. */
JB_MUST_USE jb_rc store__check_file(struct store *store, char *ret_finding, size_t size,
                                    struct jb_error *err);
JB_MUST_USE jb_rc store__check_schema(struct store *store, char *ret_finding, size_t size,
                                      struct jb_error *err);
JB_MUST_USE jb_rc store__backup(struct store *store, const char *to_path, struct jb_error *err);

#endif
