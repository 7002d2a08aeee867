/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proofs from the roots of subtrees, and their checks: RFC 6962, 2.1.1 and 2.1.2, walked from the root down; RFC 9162,
 * 2.1.3.2 and 2.1.4.2, walked from the leaf up. A check reads no hash beyond the proof's count and wants every one of
 * them used. It never says that a size is right: that is the signed checkpoint's to say. R-BOOK-08.
 */
#include "journal/merkle_proof.h"

#include <inttypes.h>
#include <string.h>

#include "journal/merkle.h"

/* The largest power of two below n, n >= 2: where RFC 6962 splits n leaves. */
static int64_t split_of(int64_t n)
{
    return (int64_t)1 << (63 - __builtin_clzll((unsigned long long)(n - 1)));
}

struct proof_walk {
    jb_merkle_subtree_fn subtree;
    void *arg;
    struct jb_merkle_proof proof; /* from the root down, until it is turned */
};

static jb_rc add_subtree(struct proof_walk *walk, int64_t start, int64_t n, struct jb_error *err)
{
    /* 63 splits and one end at most: a size has 63 bits. */
    const jb_rc rc = walk->subtree(walk->arg, start, n, &walk->proof.hashes[walk->proof.n], err);

    if (rc == JB_OK)
        walk->proof.n++;
    return rc;
}

static void turn(const struct jb_merkle_proof *down, struct jb_merkle_proof *ret)
{
    ret->n = down->n;
    for (size_t i = 0; i < down->n; i++)
        ret->hashes[i] = down->hashes[down->n - 1 - i];
}

jb_rc jb_merkle_inclusion(int64_t index, int64_t size, jb_merkle_subtree_fn subtree, void *arg,
                          struct jb_merkle_proof *ret, struct jb_error *err)
{
    struct proof_walk walk = {.subtree = subtree, .arg = arg, .proof.n = 0};
    int64_t start = 0;

    if (index < 0 || index >= size)
        return jb_fail(err, JB_E_RANGE, NULL,
                       "entry %" PRId64 " does not lie in a tree of %" PRId64, index, size);
    for (int64_t n = size; n > 1;) {
        const int64_t split = split_of(n);
        const bool is_left = index - start < split;
        const jb_rc rc = is_left ? add_subtree(&walk, start + split, n - split, err)
                                 : add_subtree(&walk, start, split, err);
        if (rc < 0)
            return rc;
        start += is_left ? 0 : split;
        n = is_left ? split : n - split;
    }
    turn(&walk.proof, ret);
    return JB_OK;
}

jb_rc jb_merkle_consistency(int64_t old_size, int64_t size, jb_merkle_subtree_fn subtree, void *arg,
                            struct jb_merkle_proof *ret, struct jb_error *err)
{
    struct proof_walk walk = {.subtree = subtree, .arg = arg, .proof.n = 0};
    int64_t start = 0, n = size;
    jb_rc rc = JB_OK;

    if (old_size < 0 || old_size > size)
        return jb_fail(err, JB_E_RANGE, NULL,
                       "a tree of %" PRId64 " cannot begin with one of %" PRId64, size, old_size);
    while (old_size > 0 && start + n > old_size) {
        const int64_t split = split_of(n);
        const bool is_left = old_size - start <= split;
        rc = is_left ? add_subtree(&walk, start + split, n - split, err)
                     : add_subtree(&walk, start, split, err);
        if (rc < 0)
            return rc;
        start += is_left ? 0 : split;
        n = is_left ? split : n - split;
    }
    /* Where the walk never went right, what is left is the old tree itself, whose root the checker knows. */
    if (start > 0)
        rc = add_subtree(&walk, start, n, err);
    if (rc < 0)
        return rc;
    turn(&walk.proof, ret);
    return JB_OK;
}

/* Where a check stands: the node's number in its level, and that of the level's last node. */
struct check_place {
    int64_t node, last;
};

static bool is_right(const struct check_place *place)
{
    return (place->node & 1) || place->node == place->last;
}

/* Up one level; beyond a last node without a sibling, to the level where it has one. */
static void go_up(struct check_place *place)
{
    if (is_right(place))
        while (!(place->node & 1) && place->node > 0) {
            place->node >>= 1;
            place->last >>= 1;
        }
    place->node >>= 1;
    place->last >>= 1;
}

bool jb_merkle_check_inclusion(int64_t index, int64_t size, const struct jb_hash *leaf,
                               const struct jb_merkle_proof *proof, const struct jb_hash *root)
{
    struct check_place place = {index, size - 1};
    struct jb_hash node = *leaf;

    if (index < 0 || index >= size || proof->n > JB_MERKLE_PROOF_MAX)
        return false;
    for (size_t i = 0; i < proof->n; i++) {
        if (place.last == 0)
            return false;
        node = is_right(&place) ? jb_merkle_node(&proof->hashes[i], &node)
                                : jb_merkle_node(&node, &proof->hashes[i]);
        go_up(&place);
    }
    return place.last == 0 && jb_hash_equal(&node, root);
}

/* Trees of which neither is empty and the old one is the smaller. */
static bool check_growth(struct check_place place, const struct jb_hash *old_root,
                         const struct jb_hash *root, const struct jb_merkle_proof *proof)
{
    size_t i = 0;

    while (place.node & 1) {
        place.node >>= 1;
        place.last >>= 1;
    }
    /* A complete old tree is a node of the new one, and its root is not said again. */
    if (place.node > 0 && proof->n == 0)
        return false;
    const struct jb_hash *const seed = place.node > 0 ? &proof->hashes[i++] : old_root;
    struct jb_hash old_node = *seed, node = *seed;
    for (; i < proof->n; i++) {
        if (place.last == 0)
            return false;
        if (is_right(&place)) {
            old_node = jb_merkle_node(&proof->hashes[i], &old_node);
            node = jb_merkle_node(&proof->hashes[i], &node);
        } else {
            node = jb_merkle_node(&node, &proof->hashes[i]);
        }
        go_up(&place);
    }
    return place.last == 0 && jb_hash_equal(&old_node, old_root) && jb_hash_equal(&node, root);
}

bool jb_merkle_check_consistency(int64_t old_size, int64_t size, const struct jb_hash *old_root,
                                 const struct jb_hash *root, const struct jb_merkle_proof *proof)
{
    if (old_size < 0 || old_size > size || proof->n > JB_MERKLE_PROOF_MAX)
        return false;
    if (old_size == size)
        return proof->n == 0 && jb_hash_equal(old_root, root);
    if (old_size == 0) {
        const struct jb_hash empty = jb_hash_parts(NULL, 0);
        return proof->n == 0 && jb_hash_equal(old_root, &empty);
    }
    return check_growth((struct check_place){old_size - 1, size - 1}, old_root, root, proof);
}
