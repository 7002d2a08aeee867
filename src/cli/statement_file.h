/* SPDX-License-Identifier: Apache-2.0 */
/* Files of statements: the document as it is, or in an envelope with signatures. docs/format/statement.md. */
#ifndef JB_CLI_STATEMENT_FILE_H
#define JB_CLI_STATEMENT_FILE_H

#include "base/buf.h"
#include "cli/cli.h"
#include "model/statement.h"

struct jb_statement_signers {
    size_t n;            /* 0: the file is not signed */
    char names[16][192]; /* vkeys; the first is the issuer's */
};

/* The bytes of the file: the document and a line feed. */
JB_MUST_USE jb_rc jb_statement_file_make(const struct jb_cli *cli,
                                         const struct jb_statement *statement, struct jb_buf *out,
                                         struct jb_error *err);
/* JB_E_INPUT, JB_E_DAMAGED: not a statement, changed, or a signature that does not hold. "-" is standard input. */
JB_MUST_USE jb_rc jb_statement_file_read(const char *path, struct jb_statement *ret,
                                         struct jb_statement_signers *ret_signers,
                                         struct jb_error *err);

#endif
