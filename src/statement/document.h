/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A statement as a document, and back: JSON in one canonical form (docs/format/statement.md), so that its bytes can be
 * signed. What is read is encoded again and must be the same bytes, and its sums must hold. R-STATEMENT-09, -10.
 */
#ifndef JB_STATEMENT_DOCUMENT_H
#define JB_STATEMENT_DOCUMENT_H

#include "base/buf.h"
#include "base/error.h"
#include "base/hash.h"
#include "model/statement.h"

#define JB_STATEMENT_BYTES_MAX    ((size_t)128 * 1024 * 1024)
#define JB_STATEMENT_PAYLOAD_TYPE "application/vnd.joulebook.statement+json"

/* The document, without a line feed at its end. */
JB_MUST_USE jb_rc jb_statement_encode(const struct jb_statement *statement, struct jb_buf *out,
                                      struct jb_error *err);
/* JB_E_INPUT names the field: not JSON, not this schema, not canonical, a sum that does not hold. *ret is released by
 * jb_statement_release. */
JB_MUST_USE jb_rc jb_statement_decode(const char *bytes, size_t len, struct jb_statement *ret,
                                      struct jb_error *err);
/* R-STATEMENT-10: what can be wrong with the figures of a statement by whomever. */
JB_MUST_USE jb_rc jb_statement_check(const struct jb_statement *statement, struct jb_error *err);
/* SHA-256 of what it says, but not of when and by what program it was issued. */
JB_MUST_USE jb_rc jb_statement_digest(const struct jb_statement *statement, struct jb_hash *ret,
                                      struct jb_error *err);

#endif
