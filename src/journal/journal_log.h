/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A journal as a file for others (docs/format/log.md): the canonical bytes of each entry, which hold commitments and no values, and the
 * openings of those that say which keys are in force. Whoever reads it in one pass knows every root the book has had, and the
 * kind of every entry. Reading takes bytes of strangers and holds one entry at a time. R-BOOK-16.
 */
#ifndef JB_JOURNAL_JOURNAL_LOG_H
#define JB_JOURNAL_JOURNAL_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/compiler.h"
#include "base/error.h"
#include "journal/entry.h"
#include "journal/merkle.h"

#define JB_JOURNAL_LOG_ORIGIN    192 /* with the NUL */
#define JB_JOURNAL_LOG_VALUE_MAX 4096
/* The longest entry with its openings: at most so many fields as fit its bytes. */
#define JB_JOURNAL_LOG_RECORD_MAX \
    (2 + JB_ENTRY_BYTES_MAX + JB_ENTRY_STORED_MAX * (4 + JB_SALT_BYTES + JB_JOURNAL_LOG_VALUE_MAX))

/* Whether a log opens entries of this kind: "key" and "key-revoked". */
bool jb_journal_log_opens(const char *kind);

struct jb_journal_log_opening {
    uint8_t salt[JB_SALT_BYTES];
    const char *value; /* NULL: erased in the book; not NUL-terminated */
    size_t len;
};

/* Appends. JB_E_INPUT for an origin that has no place in a line, JB_E_RANGE for a value or an entry that is too long. */
JB_MUST_USE jb_rc jb_journal_log_put_header(int64_t size, const char *origin, struct jb_buf *out,
                                            struct jb_error *err);
/* Openings as many as the entry has fields; none are written where its kind is not opened. */
JB_MUST_USE jb_rc jb_journal_log_put_entry(const void *bytes, size_t len,
                                           const struct jb_entry_head *head,
                                           const struct jb_journal_log_opening *openings,
                                           struct jb_buf *out, struct jb_error *err);

/* What is given of an entry; borrowed, and gone after the call. */
struct jb_journal_log_entry {
    int64_t index; /* of its leaf */
    struct jb_hash leaf;
    const struct jb_entry_head *head;
    const struct jb_journal_log_opening
        *openings; /* as many as head->n_fields, proved; NULL: its kind is not opened */
    const struct jb_merkle *tree; /* up to this entry */
};
typedef jb_rc (*jb_journal_log_fn)(void *arg, const struct jb_journal_log_entry *entry,
                                   struct jb_error *err);

struct jb_journal_log;
JB_MUST_USE jb_rc jb_journal_log_new(jb_journal_log_fn fn, void *arg,
                                     struct jb_journal_log **ret_log, struct jb_error *err);
void jb_journal_log_free(struct jb_journal_log *log);
JB_AUTO_POINTER(struct jb_journal_log, jb_journal_log_free)

/* The file piece by piece, in pieces of any length. JB_E_INPUT names the entry that is not as the format says; what `fn`
 * returns ends it too. After a failure the log is only to be freed. */
JB_MUST_USE jb_rc jb_journal_log_feed(struct jb_journal_log *log, const void *bytes, size_t len,
                                      struct jb_error *err);
/* JB_E_INPUT unless every entry that the header tells of was there. */
JB_MUST_USE jb_rc jb_journal_log_end(struct jb_journal_log *log, struct jb_error *err);

/* As the header says: "" and -1 before it was read. */
const char *jb_journal_log_origin(const struct jb_journal_log *log);
int64_t jb_journal_log_size(const struct jb_journal_log *log);

#endif
