/* SPDX-License-Identifier: Apache-2.0 */
/* R-BOOK-08: roots of the tree against the reference vectors of Certificate Transparency (RFC 6962). */
#include "tap.h"

#include "journal/merkle.h"

/* The leaves and roots that the reference implementation's own tests use. */
static const char *const leaves[] = {
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
};
static const char *const roots[] = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

/* As RFC 6962 defines it, over all leaves at once: the other way to the same root. */
static struct jb_hash root_of(const struct jb_hash *hashes, size_t n)
{
    size_t split = 1;

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

static void test_reference_vectors(void)
{
    struct jb_merkle tree = {.size = 0};
    char hex[65];

    for (size_t i = 0; i <= 8; i++) {
        const struct jb_hash root = jb_merkle_root(&tree);
        is_str(jb_hex(root.bytes, JB_HASH_BYTES, hex, sizeof hex), roots[i],
               "root of %zu reference leaves", i);
        if (i == 8)
            break;
        uint8_t bytes[16];
        const size_t len = strlen(leaves[i]) / 2;
        if (jb_unhex(leaves[i], bytes, len) < 0)
            bail_out("leaf %zu is not hex", i);
        const struct jb_hash leaf = jb_merkle_leaf(bytes, len);
        jb_merkle_append(&tree, &leaf);
        is_i64(tree.size, (int64_t)i + 1, "appending counts leaf %zu", i);
    }
}

static void test_edge_equals_recursion(void)
{
    enum { N = 300 };
    struct jb_merkle tree = {.size = 0};
    struct jb_hash hashes[N];
    int n_equal = 0;

    for (size_t i = 0; i < N; i++) {
        const uint8_t bytes[2] = {(uint8_t)i, (uint8_t)(i >> 8)};
        hashes[i] = jb_merkle_leaf(bytes, sizeof bytes);
        jb_merkle_append(&tree, &hashes[i]);
        const struct jb_hash got = jb_merkle_root(&tree);
        const struct jb_hash want = root_of(hashes, i + 1);
        n_equal += jb_hash_equal(&got, &want);
    }
    is_i64(n_equal, N, "the edge gives the root of the recursive definition for 1 to %d leaves", N);
    is_i64((int64_t)jb_merkle_edge_len(tree.size), 4,
           "300 = 256 + 32 + 8 + 4 leaves leave an edge of four nodes");
}

int main(void)
{
    test_reference_vectors();
    test_edge_equals_recursion();
    return done_testing();
}
