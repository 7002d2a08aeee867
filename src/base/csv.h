/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reader of CSV (RFC 4180) in any size: bytes are fed in chunks, records are pulled out. R-CSV-01 to R-CSV-03
 * (docs/method/numbers.md). It converts nothing and guesses nothing: neither the delimiter nor the header.
 */
#ifndef JB_BASE_CSV_H
#define JB_BASE_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct jb_csv_rules {
    char delimiter;          /* ',', ';', '\t', '|' ...; neither a quote nor the end of a line */
    bool has_quotes;         /* false: '"' is a byte like any other (sacct --parsable2) */
    size_t fields_max;       /* of a record; more is an error */
    size_t record_bytes_max; /* of its fields together; more is an error */
};

struct jb_csv_field {
    const char *text; /* unquoted, NUL-terminated, without a NUL within; not checked for UTF-8 */
    size_t len;
    int64_t line, column; /* where it begins in the file, from 1; columns are bytes */
    bool is_quoted;       /* "" is a text, nothing at all may mean that it is absent */
};

enum jb_csv_got {
    JB_CSV_RECORD, /* fields[0..n_fields), n_fields > 0; valid until the next call */
    JB_CSV_MORE,   /* the chunk is used up: feed the next one */
    JB_CSV_END,    /* after the last chunk */
};

struct jb_csv;

JB_MUST_USE jb_rc jb_csv_new(const struct jb_csv_rules *rules, struct jb_csv **ret,
                             struct jb_error *err);
void jb_csv_free(struct jb_csv *csv);
JB_AUTO_POINTER(struct jb_csv, jb_csv_free)

/* The next bytes of the file, borrowed until jb_csv_next says JB_CSV_MORE or JB_CSV_END. `is_last`: none follow. */
void jb_csv_feed(struct jb_csv *csv, const void *bytes, size_t len, bool is_last);

/*
 * JB_E_INPUT: not CSV by these rules, or over a limit; the message names `path`, line and column, and every later call
 * fails too. JB_E_NOMEM.
 */
JB_MUST_USE jb_rc jb_csv_next(struct jb_csv *csv, const char *path, enum jb_csv_got *ret_got,
                              const struct jb_csv_field **ret_fields, size_t *ret_n_fields,
                              struct jb_error *err);

#endif
