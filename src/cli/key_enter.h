/* SPDX-License-Identifier: Apache-2.0 */
/* Keys in the book: entries `key` and `key-revoked` (docs/format/entry.md), and the list that they make. R-KEY-06, R-KEY-07. */
#ifndef JB_CLI_KEY_ENTER_H
#define JB_CLI_KEY_ENTER_H

#include "ledger/ledger.h"
#include "sign/key_file.h"

struct jb_book_keys {
    size_t n;
    size_t n_unproved; /* entries left out, because a signature in them does not hold */
    struct jb_listed_key keys[JB_KEY_LIST_MAX];
};

/* Every key that the book tells of, in the order of its entries. */
JB_MUST_USE jb_rc jb_key_of_book(struct jb_ledger *ledger, struct jb_book_keys *ret,
                                 struct jb_error *err);

/* Enters `fresh` in the place of `old`, signed by both, and the end of `old`; in a transaction of its own. */
JB_MUST_USE jb_rc jb_key_enter_rotation(struct jb_ledger *ledger, const struct jb_secret_key *old,
                                        const struct jb_secret_key *fresh, int64_t now_utc_us,
                                        struct jb_error *err);
/* `reason` as jb_listed_key takes it. */
JB_MUST_USE jb_rc jb_key_enter_revocation(struct jb_ledger *ledger, const struct jb_public_key *key,
                                          int64_t since_utc_us, const char *reason,
                                          struct jb_error *err);

#endif
