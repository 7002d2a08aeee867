/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole log as its owner hands it out: canonical bytes of every entry, and the openings of those that tell of keys. Read once,
 * piece by piece (journal/journal_log.h); what is kept is a hash for each entry and the keys. docs/format/log.md. R-CERT-09, R-CERT-10.
 */
#ifndef JB_CERTIFICATE_TLOG_H
#define JB_CERTIFICATE_TLOG_H

#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"
#include "certificate/certificate.h"
#include "sign/key_file.h"

#define JB_TLOG_ENTRIES_MAX  INT64_C(100000000)
#define JB_TLOG_KEYS_MAX     64
#define JB_TLOG_KIND_KEY     "key" /* fields name, public_key, valid_from_utc, replaces, signature */
#define JB_TLOG_KIND_REVOKED "key-revoked" /* fields public_key, revoked_utc, reason */

struct jb_tlog_seen {
    int64_t size, capacity;
    struct jb_hash *leaves;
    int64_t n_opened; /* entries of the kind run-opened */
    size_t n_keys;
    struct jb_tlog_key {
        struct jb_listed_key key;
        int64_t revoked_index; /* of the entry that revoked it; -1: none did */
    } keys[JB_TLOG_KEYS_MAX];
};
void jb_tlog_seen_free(struct jb_tlog_seen *seen);
JB_AUTO_POINTER(struct jb_tlog_seen, jb_tlog_seen_free)

/* As many bytes as there are, at most `size`; 0 at the end. */
typedef jb_rc (*jb_tlog_read_fn)(void *arg, void *ret_bytes, size_t size, size_t *ret_n,
                                 struct jb_error *err);
JB_MUST_USE jb_rc jb_tlog_read(jb_tlog_read_fn read, void *arg, struct jb_tlog_seen **ret_seen,
                               struct jb_error *err);

/* Root of the first `size` entries; false beyond the log. */
bool jb_tlog_root(const struct jb_tlog_seen *seen, int64_t size, struct jb_hash *ret_root);
/* NULL if the log tells nothing of this key. */
const struct jb_tlog_key *jb_tlog_find_key(const struct jb_tlog_seen *seen,
                                           const struct jb_public_key *key);

#endif
