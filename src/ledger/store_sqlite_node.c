/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tree's hashes in SQLite: leaves, which stand with their entries, and the roots of complete subtrees of 256^level
 * leaves beside them. A book that was made before there were any gets them when it is first written to. R-BOOK-08.
 */
#include <inttypes.h>
#include <string.h>

#include "base/compiler.h"
#include "ledger/store_sqlite_int.h"

bool store__has_nodes(const struct store *store)
{
    return store->version >= SQLITE_NODES_SINCE;
}

jb_rc store__add_nodes(struct store *store, int64_t size, const struct jb_hash *completed,
                       size_t n_completed, struct jb_error *err)
{
    jb_rc rc = JB_OK;

    for (size_t bits = STORE_NODE_BITS; bits < n_completed && rc == JB_OK;
         bits += STORE_NODE_BITS) {
        sqlite3_stmt *stmt;
        rc = sqlite__cached(store, SQL_NODE_ADD, &stmt, err);
        if (rc < 0)
            break;
        (void)sqlite3_bind_int64(stmt, 1, (int64_t)(bits / STORE_NODE_BITS));
        (void)sqlite3_bind_int64(stmt, 2, (size >> bits) - 1);
        sqlite__bind_bytes(stmt, 3, completed[bits].bytes, JB_HASH_BYTES);
        rc = sqlite__run(store, stmt, err);
    }
    return rc;
}

/* The row's number and hash, which must be the next one. */
static bool take_hash(sqlite3_stmt *stmt, int64_t want, struct jb_hash *ret)
{
    const void *const bytes = sqlite3_column_blob(stmt, 1);

    if (sqlite3_column_int64(stmt, 0) != want || !bytes ||
        sqlite3_column_bytes(stmt, 1) != JB_HASH_BYTES)
        return false;
    memcpy(ret->bytes, bytes, JB_HASH_BYTES);
    return true;
}

jb_rc store__fold(struct store *store, int level, int64_t first, int64_t n,
                  struct jb_merkle *ret_tree, struct jb_error *err)
{
    struct jb_merkle tree = {.size = 0};
    sqlite3_stmt *stmt;
    bool has = false;
    jb_rc rc = sqlite__cached(store, level == 0 ? SQL_LEAVES : SQL_NODES, &stmt, err);

    if (rc < 0)
        return rc;
    (void)sqlite3_bind_int64(stmt, 1, first);
    (void)sqlite3_bind_int64(stmt, 2, first + n);
    if (level > 0)
        (void)sqlite3_bind_int(stmt, 3, level);
    rc = sqlite__step(store, stmt, &has, err);
    while (rc == JB_OK && has && tree.size < n) {
        struct jb_hash hash;
        if (!take_hash(stmt, first + tree.size, &hash))
            break;
        jb_merkle_append(&tree, &hash);
        rc = sqlite__step(store, stmt, &has, err);
    }
    (void)sqlite3_reset(stmt);
    if (rc == JB_OK && tree.size != n)
        return jb_fail(err, JB_E_DAMAGED, "`joulebook balance` tells more; go back to a backup",
                       "hash %" PRId64 " of level %d of the tree is missing in '%s'",
                       first + tree.size, level, store->path);
    if (rc == JB_OK)
        *ret_tree = tree;
    return rc;
}

/* A hole in the numbers ends it: what such a book lacks, `joulebook balance` tells. */
jb_rc sqlite__make_nodes(struct store *store, struct jb_error *err)
{
    struct jb_hash completed[JB_MERKLE_COMPLETED_MAX];
    struct jb_merkle tree = {.size = 0};
    sqlite3_stmt *stmt;
    bool has = false;
    jb_rc rc = sqlite__cached(store, SQL_LEAVES, &stmt, err);

    if (rc < 0)
        return rc;
    (void)sqlite3_bind_int64(stmt, 1, 0);
    (void)sqlite3_bind_int64(stmt, 2, INT64_MAX);
    rc = sqlite__step(store, stmt, &has, err);
    while (rc == JB_OK && has) {
        struct jb_hash leaf;
        if (!take_hash(stmt, tree.size, &leaf))
            break;
        const size_t n_completed = jb_merkle_append_noting(&tree, &leaf, completed);
        rc = store__add_nodes(store, tree.size, completed, n_completed, err);
        if (rc == JB_OK)
            rc = sqlite__step(store, stmt, &has, err);
    }
    (void)sqlite3_reset(stmt);
    return rc;
}
