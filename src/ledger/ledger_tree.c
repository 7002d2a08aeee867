/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The book's tree: its root now and at any earlier size, and proofs over it from the leaves and the roots kept beside them
 * (R-BOOK-08). None leaves the house unchecked: what is to be signed must hold (R-BOOK-15).
 */
#include <inttypes.h>
#include <string.h>

#include "ledger/ledger_int.h"

static jb_rc read_tree(struct jb_ledger *ledger, struct jb_merkle *ret, struct jb_error *err)
{
    if (!ledger->is_writing)
        return store__read_tree(ledger->store, ret, err);
    *ret = ledger->tree;
    return JB_OK;
}

jb_rc jb_ledger_root(struct jb_ledger *ledger, int64_t *ret_size, struct jb_hash *ret_root,
                     struct jb_error *err)
{
    struct jb_merkle tree;
    const jb_rc rc = read_tree(ledger, &tree, err);

    if (rc < 0)
        return rc;
    *ret_size = tree.size;
    *ret_root = jb_merkle_root(&tree);
    return JB_OK;
}

/*
 * jb_merkle_subtree_fn: the complete subtrees that the leaves make, the largest that are kept first, folded from the right as
 * the edge of a tree is. A book without kept roots gives them from its leaves alone, in one pass over them.
 */
static jb_rc subtree_root(void *arg, int64_t start, int64_t n, struct jb_hash *ret,
                          struct jb_error *err)
{
    struct store *const store = ((struct jb_ledger *)arg)->store;
    struct jb_hash edge[JB_MERKLE_EDGE_MAX];
    size_t n_edge = 0;

    for (int level = store__has_nodes(store) ? STORE_NODE_LEVEL : 0; level >= 0; level--) {
        const int bits = level * STORE_NODE_BITS;
        const int64_t n_here = n >> bits;
        struct jb_merkle part;
        if (n_here == 0)
            continue;
        const jb_rc rc = store__fold(store, level, start >> bits, n_here, &part, err);
        if (rc < 0)
            return rc;
        const size_t len = jb_merkle_edge_len(n_here);
        memcpy(edge + n_edge, part.edge, len * sizeof edge[0]);
        n_edge += len;
        start += n_here << bits;
        n -= n_here << bits;
    }
    struct jb_hash root = edge[--n_edge];
    while (n_edge > 0)
        root = jb_merkle_node(&edge[--n_edge], &root);
    *ret = root;
    return JB_OK;
}

/* The root at a size that `tree`, the book's, has had. */
static jb_rc root_at(struct jb_ledger *ledger, const struct jb_merkle *tree, int64_t size,
                     struct jb_hash *ret, struct jb_error *err)
{
    if (size < 0 || size > tree->size)
        return jb_fail(err, JB_E_RANGE, NULL,
                       "the book '%s' has %" PRId64 " entries, and never had %" PRId64,
                       ledger->path, tree->size, size);
    if (size > 0 && size < tree->size)
        return subtree_root(ledger, 0, size, ret, err);
    *ret = size == 0 ? jb_hash_parts(NULL, 0) : jb_merkle_root(tree);
    return JB_OK;
}

jb_rc jb_ledger_root_at(struct jb_ledger *ledger, int64_t size, struct jb_hash *ret_root,
                        struct jb_error *err)
{
    struct jb_merkle tree;
    const jb_rc rc = read_tree(ledger, &tree, err);

    return rc < 0 ? rc : root_at(ledger, &tree, size, ret_root, err);
}

static jb_rc no_such_entry(const struct jb_ledger *ledger, int64_t index, struct jb_error *err)
{
    return jb_fail(err, JB_E_RANGE, NULL, "the book '%s' has no entry %" PRId64, ledger->path,
                   index + 1);
}

jb_rc jb_ledger_leaf_at(struct jb_ledger *ledger, int64_t index, struct jb_hash *ret_leaf,
                        struct jb_error *err)
{
    struct jb_merkle tree;
    const jb_rc rc = read_tree(ledger, &tree, err);

    if (rc < 0)
        return rc;
    if (index < 0 || index >= tree.size)
        return no_such_entry(ledger, index, err);
    return subtree_root(ledger, index, 1, ret_leaf, err);
}

static jb_rc does_not_hold(const struct jb_ledger *ledger, struct jb_error *err)
{
    return jb_fail(err, JB_E_DAMAGED, "`joulebook balance` tells more; go back to a backup",
                   "the tree of the book '%s' is not that of its entries", ledger->path);
}

jb_rc jb_ledger_inclusion(struct jb_ledger *ledger, int64_t index, int64_t size,
                          struct jb_merkle_proof *ret, struct jb_error *err)
{
    struct jb_merkle_proof proof;
    struct jb_merkle tree;
    struct jb_hash leaf, root;
    jb_rc rc = read_tree(ledger, &tree, err);

    if (rc == JB_OK)
        rc = root_at(ledger, &tree, size, &root, err);
    if (rc == JB_OK)
        rc = jb_merkle_inclusion(index, size, subtree_root, ledger, &proof, err);
    if (rc == JB_OK)
        rc = subtree_root(ledger, index, 1, &leaf, err);
    if (rc < 0)
        return rc;
    if (!jb_merkle_check_inclusion(index, size, &leaf, &proof, &root))
        return does_not_hold(ledger, err);
    *ret = proof;
    return JB_OK;
}

jb_rc jb_ledger_consistency(struct jb_ledger *ledger, int64_t old_size, int64_t size,
                            struct jb_merkle_proof *ret, struct jb_error *err)
{
    struct jb_merkle_proof proof;
    struct jb_merkle tree;
    struct jb_hash old_root, root;
    jb_rc rc = read_tree(ledger, &tree, err);

    if (rc == JB_OK)
        rc = root_at(ledger, &tree, size, &root, err);
    if (rc == JB_OK)
        rc = root_at(ledger, &tree, old_size, &old_root, err);
    if (rc == JB_OK)
        rc = jb_merkle_consistency(old_size, size, subtree_root, ledger, &proof, err);
    if (rc < 0)
        return rc;
    if (!jb_merkle_check_consistency(old_size, size, &old_root, &root, &proof))
        return does_not_hold(ledger, err);
    *ret = proof;
    return JB_OK;
}

/* What is given out, and what it points into. */
struct opened {
    struct jb_ledger_opened given; /* first: a pointer to it is one to the whole */
    struct ledger__stored *stored;
};

void jb_ledger_opened_free(struct jb_ledger_opened *opened)
{
    if (!opened)
        return;
    ledger__stored_free(((struct opened *)opened)->stored);
    free(opened);
}

jb_rc jb_ledger_entry_opened(struct jb_ledger *ledger, int64_t index,
                             struct jb_ledger_opened **ret_opened, struct jb_error *err)
{
    JB_AUTO(jb_ledger_opened_free_auto) struct jb_ledger_opened *given = NULL;
    struct opened *const opened = calloc(1, sizeof *opened);
    struct jb_merkle tree;
    jb_rc rc = read_tree(ledger, &tree, err);

    if (!opened)
        return jb_fail(err, JB_E_NOMEM, NULL, "cannot read an entry");
    given = &opened->given;
    if (rc == JB_OK && (index < 0 || index >= tree.size))
        rc = no_such_entry(ledger, index, err);
    if (rc == JB_OK)
        rc = ledger__stored_new(&opened->stored, err);
    if (rc == JB_OK)
        rc = ledger__load_seq(ledger->store, index + 1, opened->stored, err);
    const struct ledger__stored *const stored = opened->stored;
    if (rc < 0 || !stored)
        return rc;
    given->index = index;
    given->leaf = stored->leaf;
    given->head = stored->head;
    given->bytes = stored->bytes.bytes;
    given->n_bytes = stored->bytes.len;
    for (size_t i = 0; i < stored->head.n_fields; i++) {
        const struct ledger__opening *const from = &stored->openings[i];
        struct jb_ledger_opening *const to = &given->openings[i];
        if (!from->is_open)
            continue;
        memcpy(to->salt, from->salt, JB_SALT_BYTES);
        to->value = stored->values.bytes + from->at;
        to->len = from->len;
    }
    *ret_opened = given;
    given = NULL;
    return JB_OK;
}
