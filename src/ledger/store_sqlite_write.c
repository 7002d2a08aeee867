/* SPDX-License-Identifier: Apache-2.0 */
/* The book in SQLite: what is written. Each row is added once; the only update erases an opening. */
#include "ledger/store_sqlite_int.h"

#include "base/compiler.h"

jb_rc store__write_tree(struct store *store, const struct jb_merkle *tree, struct jb_error *err)
{
    sqlite3_stmt *stmt;
    const jb_rc rc = sqlite__cached(store, SQL_TREE_WRITE, &stmt, err);

    if (rc < 0)
        return rc;
    (void)sqlite3_bind_int64(stmt, 1, tree->size);
    sqlite__bind_bytes(stmt, 2, tree->edge, jb_merkle_edge_len(tree->size) * JB_HASH_BYTES);
    return sqlite__run(store, stmt, err);
}

jb_rc store__add_entry(struct store *store, const struct store__row *row, struct jb_error *err)
{
    sqlite3_stmt *stmt;
    const jb_rc rc = sqlite__cached(store, SQL_ENTRY_ADD, &stmt, err);

    if (rc < 0)
        return rc;
    (void)sqlite3_bind_int64(stmt, 1, row->seq);
    sqlite__bind_text(stmt, 2, row->kind);
    (void)sqlite3_bind_int64(stmt, 3, row->layer);
    (void)sqlite3_bind_int64(stmt, 4, row->utc_us);
    sqlite__bind_text(stmt, 5, row->run_id);
    (void)sqlite3_bind_int(stmt, 6, row->is_memo);
    if (row->about_seq > 0)
        (void)sqlite3_bind_int64(stmt, 7, row->about_seq);
    sqlite__bind_bytes(stmt, 8, row->leaf.bytes, JB_HASH_BYTES);
    sqlite__bind_bytes(stmt, 9, row->bytes, row->n_bytes);
    return sqlite__run(store, stmt, err);
}

jb_rc store__add_opening(struct store *store, int64_t seq, const struct store__opening *opening,
                         struct jb_error *err)
{
    sqlite3_stmt *stmt;
    const jb_rc rc = sqlite__cached(store, SQL_OPENING_ADD, &stmt, err);

    if (rc < 0)
        return rc;
    (void)sqlite3_bind_int64(stmt, 1, seq);
    (void)sqlite3_bind_int64(stmt, 2, opening->position);
    if (opening->is_open) {
        sqlite__bind_bytes(stmt, 3, opening->salt, JB_SALT_BYTES);
        (void)sqlite3_bind_text64(stmt, 4, opening->value, opening->len, SQLITE_STATIC,
                                  SQLITE_UTF8);
    }
    return sqlite__run(store, stmt, err);
}

/* The account's row, made if it has none. */
static jb_rc account_id(struct store *store, const char *name, int64_t *ret_id,
                        struct jb_error *err)
{
    sqlite3_stmt *stmt;
    jb_rc rc = sqlite__cached(store, SQL_ACCOUNT_FIND, &stmt, err);

    if (rc < 0)
        return rc;
    sqlite__bind_text(stmt, 1, name);
    rc = sqlite__number(store, stmt, ret_id, err);
    if (rc < 0 || *ret_id > 0)
        return rc;
    rc = sqlite__cached(store, SQL_ACCOUNT_ADD, &stmt, err);
    if (rc < 0)
        return rc;
    sqlite__bind_text(stmt, 1, name);
    rc = sqlite__run(store, stmt, err);
    *ret_id = sqlite3_last_insert_rowid(store->db);
    return rc;
}

jb_rc store__add_line(struct store *store, int64_t seq, int64_t position,
                      const struct jb_line *line, struct jb_error *err)
{
    sqlite3_stmt *stmt;
    int64_t id = 0;
    jb_rc rc = account_id(store, line->account, &id, err);

    if (rc == JB_OK)
        rc = sqlite__cached(store, SQL_LINE_ADD, &stmt, err);
    if (rc < 0)
        return rc;
    (void)sqlite3_bind_int64(stmt, 1, seq);
    (void)sqlite3_bind_int64(stmt, 2, position);
    (void)sqlite3_bind_int64(stmt, 3, id);
    (void)sqlite3_bind_int64(stmt, 4, line->amount_uj);
    if (line->has_share) {
        (void)sqlite3_bind_int64(stmt, 5, line->low_uj);
        (void)sqlite3_bind_int64(stmt, 6, line->high_uj);
        (void)sqlite3_bind_int64(stmt, 7, line->reserved_uj);
        (void)sqlite3_bind_int64(stmt, 8, line->all_uj);
    }
    return sqlite__run(store, stmt, err);
}

static void bind_meter(sqlite3_stmt *stmt, const char *host, const char *boot_id,
                       const char *channel)
{
    sqlite__bind_text(stmt, 1, host);
    sqlite__bind_text(stmt, 2, boot_id);
    sqlite__bind_text(stmt, 3, channel);
}

jb_rc sqlite__find_meter(struct store *store, const char *host, const char *boot_id,
                         const char *channel, int64_t *ret_meter_id, struct jb_error *err)
{
    sqlite3_stmt *stmt;
    const jb_rc rc = sqlite__cached(store, SQL_METER_FIND, &stmt, err);

    if (rc < 0)
        return rc;
    bind_meter(stmt, host, boot_id, channel);
    return sqlite__number(store, stmt, ret_meter_id, err);
}

jb_rc store__add_interval(struct store *store, int64_t seq, const struct jb_interval *interval,
                          bool is_memo, struct jb_error *err)
{
    sqlite3_stmt *stmt;
    int64_t meter_id = 0;
    jb_rc rc = sqlite__find_meter(store, interval->host, interval->boot_id, interval->channel,
                                  &meter_id, err);

    if (rc == JB_OK && meter_id == 0) {
        rc = sqlite__cached(store, SQL_METER_ADD, &stmt, err);
        if (rc < 0)
            return rc;
        bind_meter(stmt, interval->host, interval->boot_id, interval->channel);
        rc = sqlite__run(store, stmt, err);
        meter_id = sqlite3_last_insert_rowid(store->db);
    }
    if (rc == JB_OK)
        rc = sqlite__cached(store, SQL_INTERVAL_ADD, &stmt, err);
    if (rc < 0)
        return rc;
    (void)sqlite3_bind_int64(stmt, 1, seq);
    (void)sqlite3_bind_int64(stmt, 2, meter_id);
    (void)sqlite3_bind_int64(stmt, 3, interval->mono_start_ns);
    (void)sqlite3_bind_int64(stmt, 4, interval->mono_end_ns);
    (void)sqlite3_bind_int64(stmt, 5, interval->utc_start_us);
    (void)sqlite3_bind_int64(stmt, 6, interval->utc_end_us);
    (void)sqlite3_bind_int64(stmt, 7, interval->energy_uj);
    sqlite__bind_text(stmt, 8, interval->parent);
    (void)sqlite3_bind_int(stmt, 9, is_memo);
    return sqlite__run(store, stmt, err);
}

jb_rc store__add_run(struct store *store, const char *run_id, int64_t seq, int64_t start_utc_us,
                     struct jb_error *err)
{
    sqlite3_stmt *stmt;
    const jb_rc rc = sqlite__cached(store, SQL_RUN_ADD, &stmt, err);

    if (rc < 0)
        return rc;
    sqlite__bind_text(stmt, 1, run_id);
    (void)sqlite3_bind_int64(stmt, 2, seq);
    (void)sqlite3_bind_int64(stmt, 3, start_utc_us);
    return sqlite__run(store, stmt, err);
}

jb_rc store__add_series(struct store *store, int64_t seq, const void *bytes, size_t len,
                        struct jb_error *err)
{
    sqlite3_stmt *stmt;
    const jb_rc rc = sqlite__cached(store, SQL_SERIES_ADD, &stmt, err);

    if (rc < 0)
        return rc;
    (void)sqlite3_bind_int64(stmt, 1, seq);
    sqlite__bind_bytes(stmt, 2, bytes, len);
    return sqlite__run(store, stmt, err);
}

jb_rc store__erase(struct store *store, int64_t seq, int64_t position, struct jb_error *err)
{
    sqlite3_stmt *stmt;
    const jb_rc rc = sqlite__cached(store, SQL_ERASE, &stmt, err);

    if (rc < 0)
        return rc;
    (void)sqlite3_bind_int64(stmt, 1, seq);
    (void)sqlite3_bind_int64(stmt, 2, position);
    return sqlite__run(store, stmt, err);
}

jb_rc store__flush(struct store *store, struct jb_error *err)
{
    const int code =
        sqlite3_wal_checkpoint_v2(store->db, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);

    return code == SQLITE_OK ? JB_OK : sqlite__fail(store, code, "write back", err);
}
