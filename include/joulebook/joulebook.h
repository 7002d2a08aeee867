/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libjoulebook: the account book for the energy of deep learning, for programs and bindings.
 *
 * ABI: handles are opaque; structs passed in begin with their own size, so that a later library knows which members
 * an older program has; functions and result codes are appended, never changed. Soname libjoulebook.so.0.
 *
 * Errors: functions return jb_rc (0 or negative) and fill *err, which may be NULL. Outputs are written only on success.
 * Threads: a handle belongs to one thread at a time; different handles may be used at once. Nothing here prints or
 * exits. Text is UTF-8. What is handed out as `char **ret_...` is freed with jb_free.
 */
#ifndef JOULEBOOK_JOULEBOOK_H
#define JOULEBOOK_JOULEBOOK_H

#include <stddef.h>
#include <stdint.h>

#include <joulebook/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The library's version, "0.1.0"; the edition of the facts it carries. Live as long as the program. */
JB_API const char *jb_version(void);
JB_API const char *jb_edition(void);

JB_API void jb_free(void *text);

/*
 * Marks this moment of the run that the calling program is in: "epoch 3 accuracy=0.91". One line of at most 255 bytes.
 * JB_E_UNAVAILABLE outside a run (JOULEBOOK_MARKS is not set): a training may ignore that. Costs one write to a plain
 * file; never blocks. May be called from any thread.
 */
JB_API jb_rc jb_mark(const char *text, struct jb_error *err);

struct jb_book;

enum jb_book_flags {
    JB_BOOK_READ = 0,   /* must exist, is never written */
    JB_BOOK_WRITE = 1,  /* must exist */
    JB_BOOK_CREATE = 3, /* made if it does not */
};

/*
 * Opens the book at `path`. JB_E_NOT_FOUND, JB_E_PERMISSION, JB_E_NEWER (made by a newer version), JB_E_DAMAGED,
 * JB_E_READONLY, JB_E_BUSY (another writer for longer than 10 s), JB_E_UNAVAILABLE (storage that no book can live on).
 */
JB_API jb_rc jb_book_open(const char *path, unsigned flags, struct jb_book **ret_book,
                          struct jb_error *err);
JB_API void jb_book_close(struct jb_book *book); /* NULL is allowed */

/*
 * The account of a run as JSON (docs/format/account.md). `run` is an id, a unique prefix of one, or "last".
 * JB_E_NOT_FOUND if there is none, or it has no account yet.
 */
JB_API jb_rc jb_book_account(struct jb_book *book, const char *run, char **ret_json,
                             struct jb_error *err);

/* One run of jb_book_each_run; the texts live until the callback returns. */
struct jb_run_view {
    size_t size; /* of this struct, set by the library: members beyond it are not there */
    const char *id, *project, *model, *stage, *status, *command;
    int64_t start_utc_us, end_utc_us; /* end: 0 while it is open */
};
/* Newest first; a negative return of `fn` stops and is returned. `project` NULL: all. `limit` 0: all. */
typedef jb_rc (*jb_run_view_fn)(void *arg, const struct jb_run_view *run, struct jb_error *err);
JB_API jb_rc jb_book_each_run(struct jb_book *book, const char *project, int64_t limit,
                              jb_run_view_fn fn, void *arg, struct jb_error *err);

/* Proves the book from its stored bytes. JB_OK: it balances; JB_E_DAMAGED: err says which claim failed first. The root of
 * its Merkle tree as lower-case hex in *ret_root_hex in either case, where it is not NULL. */
JB_API jb_rc jb_book_balance(struct jb_book *book, char **ret_root_hex, struct jb_error *err);

/* What a recovery entered. */
struct jb_recovery {
    size_t size; /* set by the caller: sizeof(struct jb_recovery) */
    size_t n_intervals, n_closed, n_interrupted;
    int is_recording; /* a recorder is at work on this book; only what had ended was entered */
};
/* Enters what interrupted runs left in the book's spool. The book must be open for writing. */
JB_API jb_rc jb_book_recover(struct jb_book *book, struct jb_recovery *inout_recovery,
                             struct jb_error *err);

#ifdef __cplusplus
}
#endif
#endif
