/* SPDX-License-Identifier: Apache-2.0 */
/* Appending to a Merkle tree of which only the right edge is kept (R-BOOK-08). */
#include "journal/merkle.h"

#include <string.h>

#include "base/compiler.h"

struct jb_hash jb_merkle_leaf(const void *bytes, size_t len)
{
    const uint8_t prefix = 0x00;
    const struct jb_hash_part parts[] = {{&prefix, 1}, {bytes, len}};

    return jb_hash_parts(parts, JB_ARRAY_LEN(parts));
}

struct jb_hash jb_merkle_node(const struct jb_hash *left, const struct jb_hash *right)
{
    const uint8_t prefix = 0x01;
    const struct jb_hash_part parts[] = {
        {&prefix, 1}, {left->bytes, JB_HASH_BYTES}, {right->bytes, JB_HASH_BYTES}};

    return jb_hash_parts(parts, JB_ARRAY_LEN(parts));
}

size_t jb_merkle_edge_len(int64_t size)
{
    return size > 0 ? (size_t)__builtin_popcountll((unsigned long long)size) : 0;
}

size_t jb_merkle_append_noting(struct jb_merkle *tree, const struct jb_hash *leaf,
                               struct jb_hash *ret_completed)
{
    size_t n_edge = jb_merkle_edge_len(tree->size);
    size_t n = 0;

    ret_completed[n++] = *leaf;
    /* As in a binary counter: each trailing one is a complete subtree of the new one's size. */
    for (int64_t left = tree->size; left & 1; left >>= 1) {
        n_edge--;
        ret_completed[n] = jb_merkle_node(&tree->edge[n_edge], &ret_completed[n - 1]);
        n++;
    }
    tree->edge[n_edge] = ret_completed[n - 1];
    tree->size++;
    return n;
}

void jb_merkle_append(struct jb_merkle *tree, const struct jb_hash *leaf)
{
    struct jb_hash completed[JB_MERKLE_COMPLETED_MAX];

    (void)jb_merkle_append_noting(tree, leaf, completed);
}

struct jb_hash jb_merkle_root(const struct jb_merkle *tree)
{
    size_t n_edge = jb_merkle_edge_len(tree->size);

    if (n_edge == 0)
        return jb_hash_parts(NULL, 0);
    struct jb_hash root = tree->edge[--n_edge];
    while (n_edge > 0)
        root = jb_merkle_node(&tree->edge[--n_edge], &root);
    return root;
}

bool jb_hash_equal(const struct jb_hash *a, const struct jb_hash *b)
{
    return memcmp(a->bytes, b->bytes, JB_HASH_BYTES) == 0;
}
