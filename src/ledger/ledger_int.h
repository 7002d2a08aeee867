/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the ledger share: the handle, entering, and an entry read back whole. */
#ifndef JB_LEDGER_LEDGER_INT_H
#define JB_LEDGER_LEDGER_INT_H

#include "journal/entry.h"
#include "journal/merkle.h"
#include "ledger/ledger.h"
#include "ledger/storage_int.h"
#include "ledger/store_int.h"

#define LEDGER_KIND_INTERVAL   "interval"
#define LEDGER_KIND_OPENED     "run-opened"
#define LEDGER_KIND_CLOSED     "run-closed"
#define LEDGER_KIND_AMEND      "amend"
#define LEDGER_KIND_VOID       "void"
#define LEDGER_KIND_REVERSAL   "reversal"
#define LEDGER_KIND_ERASE      "erase"
#define LEDGER_KIND_SERIES     "series"
#define LEDGER_KIND_MERGED     "merged"
#define LEDGER_KIND_RECONCILED "reconciled"

#define LEDGER_FIELD_METER    "meter"     /* of an interval: which meter */
#define LEDGER_FIELD_READING  "reading"   /* of an interval: what it read */
#define LEDGER_FIELD_ACCOUNT  "account"   /* of run-closed and amend: the account as JSON */
#define LEDGER_FIELD_REASON   "reason"    /* of corrections */
#define LEDGER_FIELD_REVERSES "reverses"  /* of a reversal: leaf of the interval, hex */
#define LEDGER_FIELD_ERASED   "field"     /* of an erase: the name of the field */
#define LEDGER_FIELD_LEAVES   "leaves"    /* of an erase: leaves of the entries, hex, a line each */
#define LEDGER_FIELD_SAME_AS  "same_as"   /* of reconciled: the measured run */
#define LEDGER_FIELD_NAME     "name"      /* of a series */
#define LEDGER_FIELD_SHA256   "sha256"    /* of a series: of its bytes, hex */
#define LEDGER_FIELD_FIRST    "first_seq" /* of merged: the entries brought in, all before it */
#define LEDGER_FIELD_LAST     "last_seq"
#define LEDGER_FIELD_MEMOS \
    "memos" /* of merged: those that were not posted, a number and a line each */

struct jb_ledger {
    struct store *store;
    char *path;
    const struct jb_clock *clock;
    enum jb_ledger_mode mode;
    bool is_writing;       /* between begin and commit */
    bool is_broken;        /* an entry is half in: commit must not happen */
    bool flush_after;      /* something was erased */
    struct jb_merkle tree; /* while writing */
};

/* As jb_ledger_open; a test gives another `storage_type`. */
JB_MUST_USE jb_rc ledger__open(const char *path, enum jb_ledger_mode mode,
                               const struct jb_clock *clock, storage__type_fn storage_type,
                               struct jb_ledger **ret_ledger, struct jb_error *err);

/* JB_E_USAGE outside of begin and commit. */
JB_MUST_USE jb_rc ledger__check_writing(const struct jb_ledger *ledger, struct jb_error *err);

/* What goes into the index besides the entry's own head. */
struct ledger__index {
    const struct jb_interval *interval; /* an interval entry */
    const struct jb_run *opened;        /* a run-opened entry: id and start_utc_us */
    int64_t about_seq;                  /* a reversal */
    const void *series;                 /* a series entry */
    size_t n_series_bytes;
};

/* Enters what has been checked: salts, commitments, leaf, rows and index. utc_us 0: now. `index` may be NULL. */
JB_MUST_USE jb_rc ledger__enter(struct jb_ledger *ledger, const struct jb_entry *entry,
                                const struct ledger__index *index, int64_t *ret_seq,
                                struct jb_error *err);
/* Adds the rows of an entry whose bytes and openings are given, as the next leaf. */
JB_MUST_USE jb_rc ledger__put(struct jb_ledger *ledger, const struct store__row *row,
                              const struct store__opening *openings, size_t n_openings,
                              const struct jb_line *lines, size_t n_lines,
                              const struct ledger__index *index, struct jb_error *err);

/* R-BOOK-01, and known kinds of accounts. */
JB_MUST_USE jb_rc ledger__check_lines(const struct jb_line *lines, size_t n_lines,
                                      struct jb_error *err);

/* One opening as read back; the value lies in stored.values. */
struct ledger__opening {
    bool is_open;
    uint8_t salt[JB_SALT_BYTES];
    size_t at;
    size_t len;
};

/* An entry as it lies in the store, decoded. `entry` points into the rest. */
struct ledger__stored {
    int64_t seq;
    bool is_memo;
    int64_t about_seq;
    struct jb_hash leaf;
    struct jb_buf bytes;
    struct jb_entry_head head;
    struct jb_buf values;
    struct ledger__opening openings[JB_ENTRY_STORED_MAX];
    struct jb_field fields[JB_ENTRY_STORED_MAX];
    struct jb_line lines[JB_ENTRY_LINES_MAX];
    struct jb_entry entry;
};

JB_MUST_USE jb_rc ledger__stored_new(struct ledger__stored **ret_stored, struct jb_error *err);
void ledger__stored_free(struct ledger__stored *stored);
JB_AUTO_POINTER(struct ledger__stored, ledger__stored_free)

/*
 * Fills `stored` from a row and its openings and proves it: leaf, commitments, columns (R-BOOK-06). JB_E_DAMAGED
 * says which entry and what. The row's pointers may be dead afterwards.
 */
JB_MUST_USE jb_rc ledger__load(struct store *store, const struct store__row *row,
                               struct ledger__stored *stored, struct jb_error *err);
JB_MUST_USE jb_rc ledger__load_seq(struct store *store, int64_t seq, struct ledger__stored *stored,
                                   struct jb_error *err);

/* The value of a field, NULL if there is none or it was erased. */
const char *ledger__field(const struct ledger__stored *stored, const char *name);

/* The interval that an interval entry holds. */
JB_MUST_USE jb_rc ledger__interval_of(const struct ledger__stored *stored, struct jb_interval *ret,
                                      struct jb_error *err);

/* The bytes of a series entry, proved (R-BOOK-09); borrowed until store__series_done. */
JB_MUST_USE jb_rc ledger__series_of(struct store *store, const struct ledger__stored *stored,
                                    const void **ret_bytes, size_t *ret_len, struct jb_error *err);

/* The layer that a run was opened in; *ret_has false where it was not. */
JB_MUST_USE jb_rc ledger__layer_of_run(struct store *store, const char *run_id,
                                       enum jb_layer *ret_layer, bool *ret_has,
                                       struct jb_error *err);
/* R-BOOK-05: what was read is measured, what was told is reconstructed or predicted, as its run is. */
bool ledger__may_stand_in(const struct jb_interval *interval, enum jb_layer layer);
/* The account that stands against the debits of an interval. */
void ledger__contra_account(const struct jb_interval *interval, char ret_account[JB_ACCOUNT_NAME]);
/* R-BOOK-13: the account that a reversal of the interval charges. */
void ledger__reversal_account(const struct jb_interval *interval,
                              char ret_account[JB_ACCOUNT_NAME]);

/* R-BOOK-03: energy, counts and lines of an interval fit together. */
JB_MUST_USE jb_rc ledger__check_interval(const struct jb_interval *interval,
                                         const struct jb_line *lines, size_t n_lines,
                                         struct jb_error *err);

/* Sets what one entry of a run tells; nothing if it is of another kind. */
JB_MUST_USE jb_rc ledger__apply_to_run(struct jb_run *run, const struct ledger__stored *stored,
                                       struct jb_error *err);

/* Leaves as hex, a line each: how entries name other entries. */
#define LEDGER_LEAF_TEXT 65
const char *ledger__leaf_text(const struct jb_hash *leaf, char buf[LEDGER_LEAF_TEXT]);

/* What may not be erased: figures and what the index is made of. */
bool ledger__is_protected(const char *kind, const char *field_name);

/* The run as its entries tell it; JB_E_NOT_FOUND. */
JB_MUST_USE jb_rc ledger__load_run(struct jb_ledger *ledger, const char *run_id,
                                   struct jb_run *ret_run, struct jb_error *err);

#endif
