/* SPDX-License-Identifier: Apache-2.0 */
/*
 * R-BOOK-08: proofs against the reference vectors of Certificate Transparency, and in all trees of up to 130 leaves: each
 * proof holds for what it proves and for nothing else.
 */
#include "tap.h"

#include "base/compiler.h"
#include "journal/merkle.h"
#include "journal/merkle_proof.h"

enum { N_LEAVES = 130 };

static struct jb_hash leaves[N_LEAVES], roots[N_LEAVES + 1];

/*
 * The eight leaves, and proofs, of google/certificate-transparency's merkle_tree_test (transparency-dev/merkle has them
 * too). Computed once more from the recursive definitions of RFC 6962 with Python's hashlib.
 */
static const char *const reference_leaves[] = {
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
};
#define H0   "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
#define H1   "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
#define H4   "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
#define H6   "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f"
#define H01  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
#define H23  "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
#define H45  "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
#define H67  "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
#define H03  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"
#define H47  "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
#define ROOT "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
static const struct {
    int64_t at, size;
    const char *hashes[4];
} reference_paths[] =
    {
        {0, 1, {NULL}}, {0, 8, {H1, H23, H47}}, {5, 8, {H4, H67, H03}},
        {2, 3, {H01}},  {1, 5, {H0, H23, H4}},
},
  reference_growth[] = {
      {1, 1, {NULL}},    {1, 8, {H1, H23, H47}}, {6, 8, {H45, H67, H03}},
      {2, 5, {H23, H4}}, {6, 7, {H45, H6, H03}},
};

/* As RFC 6962 defines it, over all leaves at once. */
static struct jb_hash root_of(const struct jb_hash *hashes, int64_t n)
{
    int64_t split = 1;

    if (n == 0)
        return jb_hash_parts(NULL, 0);
    if (n == 1)
        return hashes[0];
    while (split * 2 < n)
        split *= 2;
    const struct jb_hash left = root_of(hashes, split);
    const struct jb_hash right = root_of(hashes + split, n - split);
    return jb_merkle_node(&left, &right);
}

static jb_rc subtree_of(void *arg, int64_t start, int64_t n, struct jb_hash *ret,
                        struct jb_error *err)
{
    int64_t unit = 1;

    (void)err;
    while (unit < n)
        unit *= 2;
    if (n < 1 || start < 0 || start % unit != 0 || start + n > N_LEAVES)
        ++*(int *)arg;
    else
        *ret = root_of(leaves + start, n);
    return JB_OK;
}

static jb_rc fail_subtree(void *arg, int64_t start, int64_t n, struct jb_hash *ret,
                          struct jb_error *err)
{
    (void)arg, (void)start, (void)n, (void)ret;
    return jb_fail(err, JB_E_DAMAGED, NULL, "no such leaves");
}

static bool is_proof(const struct jb_merkle_proof *proof, const char *const *hashes)
{
    char hex[65];
    size_t n = 0;

    for (; n < 4 && hashes[n]; n++)
        if (n >= proof->n ||
            strcmp(jb_hex(proof->hashes[n].bytes, JB_HASH_BYTES, hex, sizeof hex), hashes[n]) != 0)
            return false;
    return proof->n == n;
}

static void test_reference_vectors(void)
{
    struct jb_merkle_proof proof;
    char hex[65];
    int n_misasked = 0;

    for (size_t i = 0; i < 8; i++) {
        uint8_t bytes[16];
        const size_t len = strlen(reference_leaves[i]) / 2;
        if (jb_unhex(reference_leaves[i], bytes, len) < 0)
            bail_out("leaf %zu is not hex", i);
        leaves[i] = jb_merkle_leaf(bytes, len);
    }
    const struct jb_hash root = root_of(leaves, 8);
    is_str(jb_hex(root.bytes, JB_HASH_BYTES, hex, sizeof hex), ROOT, "the reference tree's root");
    for (size_t i = 0; i < JB_ARRAY_LEN(reference_paths); i++) {
        const int64_t at = reference_paths[i].at, size = reference_paths[i].size;
        const struct jb_hash of_size = root_of(leaves, size);
        ok(jb_merkle_inclusion(at, size, subtree_of, &n_misasked, &proof, NULL) == JB_OK &&
               is_proof(&proof, reference_paths[i].hashes) &&
               jb_merkle_check_inclusion(at, size, &leaves[at], &proof, &of_size),
           "the reference path of leaf %d in %d is made, and holds", (int)at, (int)size);
    }
    for (size_t i = 0; i < JB_ARRAY_LEN(reference_growth); i++) {
        const int64_t old = reference_growth[i].at, size = reference_growth[i].size;
        const struct jb_hash old_root = root_of(leaves, old), of_size = root_of(leaves, size);
        ok(jb_merkle_consistency(old, size, subtree_of, &n_misasked, &proof, NULL) == JB_OK &&
               is_proof(&proof, reference_growth[i].hashes) &&
               jb_merkle_check_consistency(old, size, &old_root, &of_size, &proof),
           "the reference proof from %d to %d is made, and holds", (int)old, (int)size);
    }
    is_i64(n_misasked, 0, "only subtrees that the definition has are asked for");
}

static void plant(void)
{
    for (int i = 0; i < N_LEAVES; i++) {
        const uint8_t bytes[2] = {(uint8_t)i, 0x55};
        leaves[i] = jb_merkle_leaf(bytes, sizeof bytes);
        roots[i + 1] = root_of(leaves, i + 1);
    }
    roots[0] = root_of(leaves, 0);
}

/* One check, of whichever sort, so that both go through the same changes. */
struct claim {
    bool is_growth;
    int64_t at, size;
    struct jb_hash from, root;
};

static bool holds(const struct claim *claim, const struct jb_merkle_proof *proof)
{
    return claim->is_growth ? jb_merkle_check_consistency(claim->at, claim->size, &claim->from,
                                                          &claim->root, proof)
                            : jb_merkle_check_inclusion(claim->at, claim->size, &claim->from, proof,
                                                        &claim->root);
}

/* How many changed forms of a proof that holds are taken all the same. */
static int n_taken(const struct claim *claim, const struct jb_merkle_proof *proof, unsigned bit)
{
    struct claim other = *claim;
    struct jb_merkle_proof changed = *proof;
    int n = 0;

    for (size_t i = 0; i < proof->n; i++) {
        changed.hashes[i].bytes[bit / 8] ^= (uint8_t)(1U << (bit % 8));
        n += holds(claim, &changed);
        changed.hashes[i] = proof->hashes[i];
        if (i + 1 < proof->n) {
            changed.hashes[i] = proof->hashes[i + 1];
            changed.hashes[i + 1] = proof->hashes[i];
            n += holds(claim, &changed);
            changed = *proof;
        }
    }
    const size_t lens[] = {0, proof->n - 1, proof->n + 1, JB_MERKLE_PROOF_MAX};
    for (size_t i = 0; i < JB_ARRAY_LEN(lens); i++) {
        changed.n = lens[i];
        for (size_t j = proof->n; j < lens[i] && j < JB_MERKLE_PROOF_MAX; j++)
            changed.hashes[j] = claim->root;
        n += lens[i] != proof->n && holds(claim, &changed);
    }
    other.from.bytes[bit / 8] ^= 1;
    n += holds(&other, proof);
    other.from = claim->from;
    other.root.bytes[bit / 8] ^= 1;
    n += holds(&other, proof);
    other.root = claim->root;
    for (other.at = -1; other.at <= claim->size + 1; other.at++)
        n += other.at != claim->at && holds(&other, proof);
    return n;
}

static void test_every_tree(void)
{
    int n_claims = 0, n_right = 0, n_wrong = 0, n_misasked = 0;
    struct jb_merkle_proof proof = {.n = 0};

    for (int64_t size = 1; size <= N_LEAVES; size++) {
        for (int64_t at = 0; at < size; at++) {
            const struct claim claim = {false, at, size, leaves[at], roots[size]};
            n_claims++;
            if (jb_merkle_inclusion(at, size, subtree_of, &n_misasked, &proof, NULL) == JB_OK)
                n_right += holds(&claim, &proof);
            n_wrong += n_taken(&claim, &proof, (unsigned)(size * 7 + at) % 256);
        }
    }
    is_i64(n_claims, 130 * 131 / 2, "every leaf of every tree of up to %d", N_LEAVES);
    is_i64(n_right, n_claims, "has a path that holds");
    is_i64(n_wrong, 0,
           "and no path with a bit changed, two hashes exchanged, one more or fewer, or of "
           "another leaf, root or place does");
    n_claims = n_right = n_wrong = 0;
    for (int64_t size = 1; size <= N_LEAVES; size++) {
        for (int64_t old = 1; old < size; old++) {
            const struct claim claim = {true, old, size, roots[old], roots[size]};
            n_claims++;
            if (jb_merkle_consistency(old, size, subtree_of, &n_misasked, &proof, NULL) == JB_OK)
                n_right += holds(&claim, &proof);
            n_wrong += n_taken(&claim, &proof, (unsigned)(size * 11 + old) % 256);
        }
    }
    is_i64(n_claims, 129 * 130 / 2, "every pair of sizes of up to %d", N_LEAVES);
    is_i64(n_right, n_claims, "has a consistency proof that holds");
    is_i64(n_wrong, 0, "and none that is changed does");
    is_i64(n_misasked, 0, "only subtrees that the definition has are asked for");
}

static void test_edges(void)
{
    struct jb_merkle_proof proof = {.n = 7};
    struct jb_error err;
    int n_misasked = 0;

    for (int64_t size = 0; size <= 3; size++) {
        ok(jb_merkle_consistency(0, size, subtree_of, &n_misasked, &proof, NULL) == JB_OK &&
               proof.n == 0 &&
               jb_merkle_check_consistency(0, size, &roots[0], &roots[size], &proof) &&
               !jb_merkle_check_consistency(0, size, &roots[1], &roots[size], &proof),
           "the empty tree is the beginning of one of %d without a hash, and has one root",
           (int)size);
        ok(jb_merkle_consistency(size, size, subtree_of, &n_misasked, &proof, NULL) == JB_OK &&
               proof.n == 0 &&
               jb_merkle_check_consistency(size, size, &roots[size], &roots[size], &proof) &&
               !jb_merkle_check_consistency(size, size, &roots[size], &roots[size + 1], &proof),
           "a tree of %d is the beginning of itself and of no other of its size", (int)size);
    }
    ok(!jb_merkle_check_inclusion(0, 0, &leaves[0], &proof, &leaves[0]) &&
           !jb_merkle_check_inclusion(-1, 1, &leaves[0], &proof, &leaves[0]) &&
           !jb_merkle_check_inclusion(1, 1, &leaves[0], &proof, &leaves[0]) &&
           !jb_merkle_check_inclusion(0, -1, &leaves[0], &proof, &leaves[0]) &&
           !jb_merkle_check_consistency(-1, 1, &roots[0], &roots[1], &proof) &&
           !jb_merkle_check_consistency(-1, -1, &roots[0], &roots[0], &proof) &&
           !jb_merkle_check_consistency(2, 1, &roots[1], &roots[1], &proof),
       "places outside the tree and trees that shrink are refused");
    proof.n = JB_MERKLE_PROOF_MAX + 1;
    ok(!jb_merkle_check_inclusion(5, INT64_MAX, &leaves[0], &proof, &roots[3]) &&
           !jb_merkle_check_consistency(5, INT64_MAX, &roots[5], &roots[3], &proof),
       "more hashes than a proof can have are not looked at");
    proof.n = 7;
    is_i64(jb_merkle_inclusion(3, 3, subtree_of, &n_misasked, &proof, &err), JB_E_RANGE,
           "no path of a leaf beyond the tree");
    is_i64(jb_merkle_inclusion(-1, 3, subtree_of, &n_misasked, &proof, NULL), JB_E_RANGE,
           "or before it");
    is_i64(jb_merkle_consistency(4, 3, subtree_of, &n_misasked, &proof, NULL), JB_E_RANGE,
           "no proof that a tree shrank");
    is_i64(jb_merkle_consistency(-1, 3, subtree_of, &n_misasked, &proof, NULL), JB_E_RANGE,
           "or from a size below nothing");
    ok(jb_merkle_inclusion(1, 3, fail_subtree, NULL, &proof, NULL) == JB_E_DAMAGED &&
           jb_merkle_consistency(1, 3, fail_subtree, NULL, &proof, NULL) == JB_E_DAMAGED &&
           jb_merkle_consistency(3, 4, fail_subtree, NULL, &proof, NULL) == JB_E_DAMAGED &&
           proof.n == 7,
       "where a subtree cannot be had there is no proof, and none is half written");
}

/* Hashes of subtrees made up from where they stand: enough to see how deep a walk goes. */
static jb_rc made_up(void *arg, int64_t start, int64_t n, struct jb_hash *ret, struct jb_error *err)
{
    const struct jb_hash_part parts[] = {{&start, sizeof start}, {&n, sizeof n}};

    (void)arg, (void)err;
    *ret = jb_hash_parts(parts, JB_ARRAY_LEN(parts));
    return JB_OK;
}

static void test_the_largest_tree(void)
{
    struct jb_merkle_proof proof;

    ok(jb_merkle_inclusion(0, INT64_MAX, made_up, NULL, &proof, NULL) == JB_OK && proof.n == 63,
       "the first leaf of the largest tree lies 63 nodes deep");
    ok(jb_merkle_inclusion(INT64_MAX - 1, INT64_MAX, made_up, NULL, &proof, NULL) == JB_OK &&
           proof.n == 62,
       "its last one, of a size of 63 ones, 62 deep");
    ok(jb_merkle_consistency(INT64_MAX - 2, INT64_MAX, made_up, NULL, &proof, NULL) == JB_OK &&
           proof.n <= JB_MERKLE_PROOF_MAX,
       "its longest consistency proofs have room (%zu)", proof.n);
}

int main(void)
{
    test_reference_vectors();
    plant();
    test_every_tree();
    test_edges();
    test_the_largest_tree();
    return done_testing();
}
