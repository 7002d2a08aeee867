/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Merkle tree of RFC 6962, section 2.1 (unchanged in RFC 9162): leaf SHA-256(0x00 || bytes), node
 * SHA-256(0x01 || left || right), left subtree the largest power of two below n, empty tree SHA-256(""). Only the
 * right edge is kept: the roots of the complete subtrees that the leaves so far make. Rule R-BOOK-08.
 */
#ifndef JB_JOURNAL_MERKLE_H
#define JB_JOURNAL_MERKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"

#define JB_MERKLE_EDGE_MAX      63
#define JB_MERKLE_COMPLETED_MAX 64

/* One node in `edge` for each bit set in `size`, the largest subtree first. All zero is the empty tree. */
struct jb_merkle {
    int64_t size;
    struct jb_hash edge[JB_MERKLE_EDGE_MAX];
};

struct jb_hash jb_merkle_leaf(const void *bytes, size_t len);
struct jb_hash jb_merkle_node(const struct jb_hash *left, const struct jb_hash *right);

/* How many nodes the edge of a tree of this size has. */
size_t jb_merkle_edge_len(int64_t size);
void jb_merkle_append(struct jb_merkle *tree, const struct jb_hash *leaf);
/* The same; completed[k] becomes the root of the complete subtree of 2^k leaves that ends in this leaf, [0] the leaf.
 * Returns how many there are, at most JB_MERKLE_COMPLETED_MAX. */
size_t jb_merkle_append_noting(struct jb_merkle *tree, const struct jb_hash *leaf,
                               struct jb_hash *ret_completed);
struct jb_hash jb_merkle_root(const struct jb_merkle *tree);

bool jb_hash_equal(const struct jb_hash *a, const struct jb_hash *b);

#endif
