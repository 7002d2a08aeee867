/* SPDX-License-Identifier: Apache-2.0 */
/* What the readers of checkpoints and of proofs share: lines, counts and hashes, each of one spelling. */
#ifndef JB_SIGN_NOTE_INT_H
#define JB_SIGN_NOTE_INT_H

#include <stdbool.h>

#include "base/cursor.h"
#include "base/hash.h"

/* The next line without its line feed, borrowed; "" and failed if none ends. */
const char *note__line(struct jb_cursor *cursor, size_t *ret_len);
/* Decimal, not negative, no leading zeros. */
bool note__count(const char *text, size_t len, int64_t *ret);
bool note__hash(const char *text, size_t len, struct jb_hash *ret);

#endif
