/* SPDX-License-Identifier: Apache-2.0 */
/* Files of statements: the document as it is, or in an envelope with signatures. docs/format/statement.md. */
#ifndef JB_CLI_STATEMENT_FILE_H
#define JB_CLI_STATEMENT_FILE_H

#include "base/buf.h"
#include "cli/cli.h"
#include "model/statement.h"
#include "sign/dsse.h"

struct jb_statement_signers {
    size_t n;                                          /* 0: the file is not signed */
    struct jb_public_key keys[JB_DSSE_SIGNATURES_MAX]; /* the first is the issuer's */
    bool is_known; /* the issuer stands in the list that was given */
};

/* "signed by 'dc1', fingerprint ..., which is in the list of keys"; NULL where nobody signed. */
const char *jb_statement_signer_text(const struct jb_statement_signers *signers, char *buf,
                                     size_t size);

/* The bytes of the file: the document and a line feed, or its envelope where there is a `key`. */
JB_MUST_USE jb_rc jb_statement_file_make(const struct jb_statement *statement,
                                         const struct jb_secret_key *key, struct jb_buf *out,
                                         struct jb_error *err);
/*
 * JB_E_INPUT: not a statement, changed, or a signature that does not hold. With `keys`, a file of public keys, it must be signed
 * by one of them that was valid when it was issued (R-STATEMENT-14). Paths may be "-", standard input.
 */
JB_MUST_USE jb_rc jb_statement_file_read(const char *path, const char *keys,
                                         struct jb_statement *ret,
                                         struct jb_statement_signers *ret_signers,
                                         struct jb_error *err);

#endif
