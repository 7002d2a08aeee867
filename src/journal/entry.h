/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An entry and its canonical bytes, byte for byte as in docs/format/entry.md. The bytes hold a commitment to each
 * field, never its value; values and salts (the openings) are kept beside them. Decoding takes bytes of strangers.
 */
#ifndef JB_JOURNAL_ENTRY_H
#define JB_JOURNAL_ENTRY_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/hash.h"
#include "model/entry.h"

#define JB_ENTRY_MAGIC      "JBEN"
#define JB_ENTRY_VERSION    1
#define JB_ENTRY_LINES_NAME "lines" /* the field that holds the lines, always the last */
#define JB_ENTRY_STORED_MAX (JB_ENTRY_FIELDS_MAX + 1) /* with the lines */
#define JB_ENTRY_BYTES_MAX  8192 /* 97 fields of the longest name and their heads */

struct jb_entry_commitment {
    char name[JB_FIELD_NAME];
    struct jb_hash hash;
};

/* What canonical bytes say. */
struct jb_entry_head {
    char kind[24];
    enum jb_layer layer;
    int64_t utc_us;
    char run_id[JB_RUN_ID];
    size_t n_fields; /* the lines counted */
    struct jb_entry_commitment fields[JB_ENTRY_STORED_MAX];
};

/* SHA-256(0x02 || salt || length of name in one byte || name || value). */
struct jb_hash jb_entry_commit(const uint8_t salt[JB_SALT_BYTES], const char *name,
                               const void *value, size_t len);

/* Appends the canonical bytes. JB_E_INPUT where a kind, run id or name is not well-formed. */
JB_MUST_USE jb_rc jb_entry_encode(const struct jb_entry_head *head, struct jb_buf *bytes,
                                  struct jb_error *err);

/* JB_E_DAMAGED unless the bytes are exactly what jb_entry_encode would write for *ret_head. */
JB_MUST_USE jb_rc jb_entry_decode(const void *bytes, size_t len, struct jb_entry_head *ret_head,
                                  struct jb_error *err);

/* The text of the field "lines": a line each, "AMOUNT ACCOUNT" or "AMOUNT LOW HIGH RESERVED ALL ACCOUNT". */
JB_MUST_USE jb_rc jb_entry_lines_to_text(const struct jb_line *lines, size_t n_lines,
                                         struct jb_buf *text, struct jb_error *err);
/* Into lines[JB_ENTRY_LINES_MAX]; JB_E_DAMAGED unless it is exactly what jb_entry_lines_to_text writes. */
JB_MUST_USE jb_rc jb_entry_lines_from_text(const char *text, size_t len, struct jb_line *lines,
                                           size_t *ret_n_lines, struct jb_error *err);

#endif
