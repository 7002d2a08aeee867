/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proofs over the journal's tree (RFC 6962, sections 2.1.1 and 2.1.2; RFC 9162, 2.1.3 and 2.1.4 for how they are checked):
 * that a leaf is in a tree, and that a tree begins with an older one. Pure; the checks take hashes of strangers and
 * accept exactly as many as there must be. R-BOOK-08.
 */
#ifndef JB_JOURNAL_MERKLE_PROOF_H
#define JB_JOURNAL_MERKLE_PROOF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"

#define JB_MERKLE_PROOF_MAX 64

struct jb_merkle_proof {
    size_t n;
    struct jb_hash hashes[JB_MERKLE_PROOF_MAX]; /* in the order of the RFC: from the leaf upwards */
};

/* The root of the leaves start .. start + n - 1 (n >= 1, as RFC 6962 asks for: start a multiple of the power of two >= n). */
typedef jb_rc (*jb_merkle_subtree_fn)(void *arg, int64_t start, int64_t n, struct jb_hash *ret,
                                      struct jb_error *err);

/* PATH(index, D[size]) and PROOF(old_size, D[size]). JB_E_RANGE unless 0 <= index < size; 0 <= old_size <= size (0 and
 * size itself: no hashes). */
JB_MUST_USE jb_rc jb_merkle_inclusion(int64_t index, int64_t size, jb_merkle_subtree_fn subtree,
                                      void *arg, struct jb_merkle_proof *ret, struct jb_error *err);
JB_MUST_USE jb_rc jb_merkle_consistency(int64_t old_size, int64_t size,
                                        jb_merkle_subtree_fn subtree, void *arg,
                                        struct jb_merkle_proof *ret, struct jb_error *err);

bool jb_merkle_check_inclusion(int64_t index, int64_t size, const struct jb_hash *leaf,
                               const struct jb_merkle_proof *proof, const struct jb_hash *root);
bool jb_merkle_check_consistency(int64_t old_size, int64_t size, const struct jb_hash *old_root,
                                 const struct jb_hash *root, const struct jb_merkle_proof *proof);

#endif
