/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The book: entries in, entries out, never updated. SQLite underneath; the tables' columns are an index of the
 * entries' canonical bytes, and jb_ledger_balance proves that they agree. Rules R-BOOK-01...; formats in
 * docs/format/entry.md. One handle is for one thread.
 */
#ifndef JB_LEDGER_LEDGER_H
#define JB_LEDGER_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/hash.h"
#include "journal/entry.h"
#include "journal/merkle_proof.h"
#include "model/entry.h"
#include "model/run.h"

struct jb_ledger;

enum jb_ledger_mode {
    JB_LEDGER_READ, /* must exist; its file is never written, though readers share the log's memory beside it */
    JB_LEDGER_WRITE,  /* must exist */
    JB_LEDGER_CREATE, /* made, with its folder (mode 0700) and file (0600), if it does not exist */
};

/*
 * R-BOOK-11: the name of the network filesystem that `path` lies on or would be made on ("NFS", "Lustre"), where a book
 * cannot be shared safely; NULL on any other storage. Looks at the nearest folder above that is there.
 */
const char *jb_ledger_shared_storage(const char *path);

/*
 * Opens a book. JB_E_NEWER from a newer program, JB_E_DAMAGED if SQLite or the schema says so, JB_E_READONLY,
 * JB_E_FULL, JB_E_BUSY (another writer for longer than 10 s), JB_E_PERMISSION, JB_E_NOT_FOUND. Migrates forward.
 * On storage where WAL cannot work (NFS, Lustre and the like by statfs) JB_E_UNAVAILABLE with the hint to use a book on
 * local disk and `joulebook merge`; a copy without a log (jb_ledger_backup) can be read there, and from a read-only place.
 */
JB_MUST_USE jb_rc jb_ledger_open(const char *path, enum jb_ledger_mode mode,
                                 const struct jb_clock *clock, struct jb_ledger **ret_ledger,
                                 struct jb_error *err);
void jb_ledger_close(struct jb_ledger *ledger);
JB_AUTO_POINTER(struct jb_ledger, jb_ledger_close)
const char *jb_ledger_path(const struct jb_ledger *ledger);

/* BEGIN IMMEDIATE ... COMMIT (durable: synchronous=FULL). Everything that appends must stand between them. */
JB_MUST_USE jb_rc jb_ledger_begin(struct jb_ledger *ledger, struct jb_error *err);
JB_MUST_USE jb_rc jb_ledger_commit(struct jb_ledger *ledger, struct jb_error *err);
void jb_ledger_rollback(struct jb_ledger *ledger);

/*
 * Appends an entry of a kind that has no function of its own below (JB_E_USAGE for those). JB_E_CONFLICT if its lines
 * do not sum to zero (R-BOOK-01) or credit a meter (R-BOOK-03). utc_us 0 is now. *ret_seq may be NULL. What is refused
 * leaves the transaction as it was.
 */
JB_MUST_USE jb_rc jb_ledger_append(struct jb_ledger *ledger, const struct jb_entry *entry,
                                   int64_t *ret_seq, struct jb_error *err);

/*
 * Appends an "interval" entry. JB_E_CONFLICT if it overlaps a posted interval of the same (host, boot, channel), or
 * its energy is not the converted difference of its counts, or the lines do not fit (R-BOOK-02, -03). Its layer is
 * reconstructed where its energy was told, else measured; a run of another layer cannot be charged (R-BOOK-05).
 */
JB_MUST_USE jb_rc jb_ledger_post_interval(struct jb_ledger *ledger,
                                          const struct jb_interval *interval,
                                          const struct jb_line *lines, size_t n_lines,
                                          int64_t *ret_seq, struct jb_error *err);

/* The latest posted interval of a channel of this host and boot; *ret_found false if there is none. */
JB_MUST_USE jb_rc jb_ledger_last_interval(struct jb_ledger *ledger, const char *host,
                                          const char *boot_id, const char *channel,
                                          struct jb_interval *ret, bool *ret_found,
                                          struct jb_error *err);

/* "run-opened": enters a run with everything known at its start (each of its texts a field of its own). */
JB_MUST_USE jb_rc jb_ledger_open_run(struct jb_ledger *ledger, const struct jb_run *run,
                                     struct jb_error *err);

/*
 * "run-closed": end time, status, exit code, and the account as JSON (account/account_json). `extra` fields (marks,
 * digests of the series) are entered with it. JB_E_CONFLICT if the run is not open.
 */
JB_MUST_USE jb_rc jb_ledger_close_run(struct jb_ledger *ledger, const struct jb_run *run,
                                      const char *account_json, const struct jb_field *extra,
                                      size_t n_extra, struct jb_error *err);

/* Runs. `text` may be a full id, a unique prefix of at least 4 characters, or "last". Amendments are applied. */
JB_MUST_USE jb_rc jb_ledger_find_run(struct jb_ledger *ledger, const char *text,
                                     struct jb_run *ret_run, struct jb_error *err);
struct jb_run_filter {
    const char *project, *model, *stage, *tag, *group; /* NULL: any */
    const char *layer;                                 /* its word; NULL: any */
    int64_t since_utc_us, until_utc_us;                /* 0: no bound */
    int status;                                        /* enum jb_run_status, -1 any */
    bool with_void;
    int64_t limit; /* newest first; 0: all */
};
typedef jb_rc (*jb_run_fn)(void *arg, const struct jb_run *run, struct jb_error *err);
JB_MUST_USE jb_rc jb_ledger_each_run(struct jb_ledger *ledger, const struct jb_run_filter *filter,
                                     jb_run_fn fn, void *arg, struct jb_error *err);

/* The same, each with its account as last entered; NULL where it has none. Gone after the call. */
struct jb_run_account {
    const char *json;
    int64_t seq; /* of the entry that has it */
    struct jb_hash leaf;
};
typedef jb_rc (*jb_run_account_fn)(void *arg, const struct jb_run *run,
                                   const struct jb_run_account *account, struct jb_error *err);
JB_MUST_USE jb_rc jb_ledger_each_run_account(struct jb_ledger *ledger,
                                             const struct jb_run_filter *filter,
                                             jb_run_account_fn fn, void *arg, struct jb_error *err);

/* The account of a run as last entered (run-closed or amended), JSON; *ret_json is the caller's to free. */
JB_MUST_USE jb_rc jb_ledger_run_account(struct jb_ledger *ledger, const char *run_id,
                                        char **ret_json, struct jb_error *err);

/*
 * Every interval in which the run has a line, oldest first, with its lines: what was posted, and the memos of a merge
 * (R-BOOK-07), which are part of its account. For `run_id` NULL every posted one, no memo, so that sums are right.
 */
typedef jb_rc (*jb_interval_fn)(void *arg, int64_t seq, const struct jb_interval *interval,
                                const struct jb_line *lines, size_t n_lines, struct jb_error *err);
JB_MUST_USE jb_rc jb_ledger_each_interval(struct jb_ledger *ledger, const char *run_id,
                                          jb_interval_fn fn, void *arg, struct jb_error *err);

/* Entries of one kind about one run (NULL: any run; kind NULL: any), oldest first. Fields and lines as entered. */
typedef jb_rc (*jb_entry_fn)(void *arg, int64_t seq, const struct jb_entry *entry,
                             struct jb_error *err);
JB_MUST_USE jb_rc jb_ledger_each_entry(struct jb_ledger *ledger, const char *kind,
                                       const char *run_id, jb_entry_fn fn, void *arg,
                                       struct jb_error *err);

/* Compressed chunks of power and utilisation (docs/format/series.md); kept beside the journal, their digest in it. */
JB_MUST_USE jb_rc jb_ledger_add_series(struct jb_ledger *ledger, const char *run_id,
                                       const char *name, const void *bytes, size_t len,
                                       struct jb_error *err);
typedef jb_rc (*jb_series_fn)(void *arg, const char *name, const void *bytes, size_t len,
                              struct jb_error *err);
JB_MUST_USE jb_rc jb_ledger_each_series(struct jb_ledger *ledger, const char *run_id,
                                        jb_series_fn fn, void *arg, struct jb_error *err);

/* Corrections, all by entries. */
/* "amend": sets named facts of a run (place, project, tags ...), with a reason; the old entry stays. */
JB_MUST_USE jb_rc jb_ledger_amend(struct jb_ledger *ledger, const char *run_id,
                                  const struct jb_field *changes, size_t n_changes,
                                  const char *reason, const char *account_json,
                                  struct jb_error *err);
/* "void": reverses every posting of the run and marks it void. What a meter gave is charged to others:HOST; what a paper
 * told goes back to where it came from. */
JB_MUST_USE jb_rc jb_ledger_void(struct jb_ledger *ledger, const char *run_id, const char *reason,
                                 struct jb_error *err);
/*
 * "reconciled": the reconstructed run is the same work as the measured one: its postings are reversed as by a void, and it
 * stays as a memo beside the other. `fields` are entered with it. JB_E_CONFLICT if either is not of its layer, not ended,
 * void or reconciled already (R-REBUILT-08).
 */
JB_MUST_USE jb_rc jb_ledger_reconcile(struct jb_ledger *ledger, const char *rebuilt_id,
                                      const char *measured_id, const struct jb_field *fields,
                                      size_t n_fields, const char *reason, struct jb_error *err);
/*
 * Erases value and salt of a field in every entry of the run (a leaked secret, a name); commitments and the tree stay.
 * Entered. JB_E_INPUT for figures, JB_E_NOT_FOUND. The commit empties the log too; JB_E_BUSY from it means: committed, but
 * a reader keeps the old bytes in the log until it is written back.
 */
JB_MUST_USE jb_rc jb_ledger_erase(struct jb_ledger *ledger, const char *run_id,
                                  const char *field_name, const char *reason, struct jb_error *err);

/*
 * Brings the entries of another book in (another node's): same entries again are skipped, so it may be repeated.
 * Entries keep their bytes and leaf hashes. Counts what was new. R-BOOK-07: an interval that both posted becomes a memo,
 * named by the "merged" entry (field "memos"); JB_E_CONFLICT if both have a different run of one id, JB_E_DAMAGED if the
 * other book's entries do not hold; nothing of it can then be committed.
 */
JB_MUST_USE jb_rc jb_ledger_merge(struct jb_ledger *ledger, struct jb_ledger *other,
                                  int64_t *ret_n_entries, int64_t *ret_n_runs,
                                  struct jb_error *err);

/* A consistent copy of the whole book while it is in use (SQLite's online backup), to a path that must not exist. */
JB_MUST_USE jb_rc jb_ledger_backup(struct jb_ledger *ledger, const char *to_path,
                                   struct jb_error *err);

/* RFC 6962 tree over all entries: size and root (SHA-256("") for an empty book). */
JB_MUST_USE jb_rc jb_ledger_root(struct jb_ledger *ledger, int64_t *ret_size,
                                 struct jb_hash *ret_root, struct jb_error *err);

/*
 * The tree as it was, and proofs over it (R-BOOK-15). An index is that of a leaf, from 0: an entry's number less one. Between
 * begin and commit what was entered counts too. JB_E_RANGE beyond the book's size. A proof is checked before it is given:
 * JB_E_DAMAGED where the book does not hold together.
 */
JB_MUST_USE jb_rc jb_ledger_root_at(struct jb_ledger *ledger, int64_t size,
                                    struct jb_hash *ret_root, struct jb_error *err);
JB_MUST_USE jb_rc jb_ledger_leaf_at(struct jb_ledger *ledger, int64_t index,
                                    struct jb_hash *ret_leaf, struct jb_error *err);
JB_MUST_USE jb_rc jb_ledger_inclusion(struct jb_ledger *ledger, int64_t index, int64_t size,
                                      struct jb_merkle_proof *ret, struct jb_error *err);
JB_MUST_USE jb_rc jb_ledger_consistency(struct jb_ledger *ledger, int64_t old_size, int64_t size,
                                        struct jb_merkle_proof *ret, struct jb_error *err);

/* An entry with its openings, proved (R-BOOK-06); head.fields has names and commitments, in the order of the openings. */
struct jb_ledger_opening {
    uint8_t salt[JB_SALT_BYTES];
    const char *value; /* NULL: erased, and the salt with it */
    size_t len;
};
struct jb_ledger_opened {
    int64_t index;
    struct jb_hash leaf;
    struct jb_entry_head head;
    const char *bytes; /* canonical */
    size_t n_bytes;
    struct jb_ledger_opening openings[JB_ENTRY_STORED_MAX];
};
void jb_ledger_opened_free(struct jb_ledger_opened *opened);
JB_AUTO_POINTER(struct jb_ledger_opened, jb_ledger_opened_free)
JB_MUST_USE jb_rc jb_ledger_entry_opened(struct jb_ledger *ledger, int64_t index,
                                         struct jb_ledger_opened **ret_opened,
                                         struct jb_error *err);

/* The entry that jb_ledger_run_account takes the account from: its number (index + 1) and leaf. JB_E_NOT_FOUND. */
JB_MUST_USE jb_rc jb_ledger_account_entry(struct jb_ledger *ledger, const char *run_id,
                                          int64_t *ret_seq, struct jb_hash *ret_leaf,
                                          struct jb_error *err);

/*
 * The first `size` entries as docs/format/log.md has them, in pieces to `put` (R-BOOK-16): no values, but those of entries
 * of kind "key" and "key-revoked". JB_E_RANGE beyond the book's size; JB_E_DAMAGED, at the end, where the entries do not give the
 * root: what was put is then worth nothing.
 */
typedef jb_rc (*jb_put_fn)(void *arg, const void *bytes, size_t len, struct jb_error *err);
JB_MUST_USE jb_rc jb_ledger_export_log(struct jb_ledger *ledger, int64_t size, const char *origin,
                                       jb_put_fn put, void *arg, struct jb_error *err);

/* One check of the proof and how it came out. */
struct jb_balance_check {
    const char *rule;  /* "R-BOOK-01" */
    const char *claim; /* "every entry sums to zero" */
    int64_t n_checked;
    int64_t n_failed;
    char first_failure[256]; /* names entry and figures; "" if none */
};
#define JB_BALANCE_CHECKS_MAX 16
/* Sums by account kind, in 128 bits, per layer: the trial balance. */
struct jb_balance_sum {
    enum jb_layer layer;
    char kind[16];    /* "meter", "run", "idle" ... */
    int64_t total_uj; /* saturated; total_text is exact */
    char total_text[48];
    int64_t n_lines;
};
#define JB_BALANCE_SUMS_MAX 48
struct jb_balance {
    int64_t n_entries, n_intervals, n_runs;
    struct jb_hash root;
    size_t n_checks, n_sums;
    struct jb_balance_check checks[JB_BALANCE_CHECKS_MAX];
    struct jb_balance_sum sums[JB_BALANCE_SUMS_MAX];
    bool is_balanced; /* no check failed */
};
/*
 * Proves the book from its stored bytes: every entry sums to zero; posted energy equals the converted difference of
 * the stored raw counts; intervals do not overlap; every run's account lines equal its postings; meters equal runs +
 * idle + others + platform + discrepancy; blobs match the columns; leaves and the Merkle root match. Reads in one
 * transaction, so a writer at work does not disturb it. Damage that stops the walk is a failed claim of R-BOOK-10;
 * JB_E_DAMAGED comes only where the proof cannot even begin.
 */
JB_MUST_USE jb_rc jb_ledger_balance(struct jb_ledger *ledger, struct jb_balance *ret,
                                    struct jb_error *err);

#endif
