/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The book in SQLite: what is read. Lookups use the kept statements; cursors have their own, so that a reader may
 * look up while it walks. Everything that comes out is checked by those who use it, never trusted.
 */
#include <string.h>

#include "base/compiler.h"
#include "ledger/store_sqlite_int.h"

jb_rc store__read_tree(struct store *store, struct jb_merkle *ret_tree, struct jb_error *err)
{
    sqlite3_stmt *stmt;
    bool has = false;
    jb_rc rc = sqlite__cached(store, SQL_TREE_READ, &stmt, err);

    if (rc == JB_OK)
        rc = sqlite__step(store, stmt, &has, err);
    if (rc < 0)
        return rc;
    struct jb_merkle tree = {.size = has ? sqlite3_column_int64(stmt, 0) : -1};
    const void *edge = sqlite3_column_blob(stmt, 1);
    const size_t len = (size_t)sqlite3_column_bytes(stmt, 1);
    const bool fits = tree.size >= 0 && len == jb_merkle_edge_len(tree.size) * JB_HASH_BYTES;
    if (fits && len > 0)
        memcpy(tree.edge, edge, len);
    (void)sqlite3_reset(stmt);
    if (!fits)
        return jb_fail(err, JB_E_DAMAGED, "go back to a backup",
                       "the tree of the book '%s' cannot be read", store->path);
    *ret_tree = tree;
    return JB_OK;
}

jb_rc store__find_leaf(struct store *store, const struct jb_hash *leaf, int64_t *ret_seq,
                       bool *ret_is_memo, struct jb_error *err)
{
    sqlite3_stmt *stmt;
    bool has = false;
    jb_rc rc = sqlite__cached(store, SQL_LEAF_FIND, &stmt, err);

    if (rc < 0)
        return rc;
    sqlite__bind_bytes(stmt, 1, leaf->bytes, JB_HASH_BYTES);
    rc = sqlite__step(store, stmt, &has, err);
    if (rc < 0)
        return rc;
    *ret_seq = has ? sqlite3_column_int64(stmt, 0) : 0;
    *ret_is_memo = has && sqlite3_column_int(stmt, 1) != 0;
    (void)sqlite3_reset(stmt);
    return JB_OK;
}

/* Intervals of a meter do not overlap, so the first that ends after `start` is the only one to look at. */
jb_rc store__find_overlap(struct store *store, const struct jb_interval *interval, int64_t *ret_seq,
                          struct jb_error *err)
{
    sqlite3_stmt *stmt;
    bool has = false;
    int64_t meter_id = 0;
    jb_rc rc = sqlite__find_meter(store, interval->host, interval->boot_id, interval->channel,
                                  &meter_id, err);

    if (rc == JB_OK)
        rc = sqlite__cached(store, SQL_OVERLAP, &stmt, err);
    if (rc < 0)
        return rc;
    (void)sqlite3_bind_int64(stmt, 1, meter_id);
    (void)sqlite3_bind_int64(stmt, 2, interval->mono_start_ns);
    rc = sqlite__step(store, stmt, &has, err);
    if (rc < 0)
        return rc;
    *ret_seq = has && sqlite3_column_int64(stmt, 1) < interval->mono_end_ns
                   ? sqlite3_column_int64(stmt, 0)
                   : 0;
    (void)sqlite3_reset(stmt);
    return JB_OK;
}

jb_rc store__last_interval(struct store *store, const char *host, const char *boot_id,
                           const char *channel, int64_t *ret_seq, struct jb_error *err)
{
    sqlite3_stmt *stmt;
    int64_t meter_id = 0;
    jb_rc rc = sqlite__find_meter(store, host, boot_id, channel, &meter_id, err);

    if (rc == JB_OK)
        rc = sqlite__cached(store, SQL_LAST_INTERVAL, &stmt, err);
    if (rc < 0)
        return rc;
    (void)sqlite3_bind_int64(stmt, 1, meter_id);
    return sqlite__number(store, stmt, ret_seq, err);
}

jb_rc store__find_run(struct store *store, const char *run_id, int64_t *ret_seq,
                      struct jb_error *err)
{
    sqlite3_stmt *stmt;
    const jb_rc rc = sqlite__cached(store, SQL_RUN_FIND, &stmt, err);

    if (rc < 0)
        return rc;
    sqlite__bind_text(stmt, 1, run_id);
    return sqlite__number(store, stmt, ret_seq, err);
}

jb_rc store__layer(struct store *store, int64_t seq, int64_t *ret_layer, struct jb_error *err)
{
    sqlite3_stmt *stmt;
    const jb_rc rc = sqlite__cached(store, SQL_LAYER, &stmt, err);

    if (rc < 0)
        return rc;
    (void)sqlite3_bind_int64(stmt, 1, seq);
    return sqlite__number(store, stmt, ret_layer, err);
}

jb_rc store__find_reversal(struct store *store, const char *run_id, int64_t about_seq,
                           int64_t *ret_seq, struct jb_error *err)
{
    sqlite3_stmt *stmt;
    const jb_rc rc = sqlite__cached(store, SQL_REVERSAL_FIND, &stmt, err);

    if (rc < 0)
        return rc;
    sqlite__bind_text(stmt, 1, run_id);
    (void)sqlite3_bind_int64(stmt, 2, about_seq);
    return sqlite__number(store, stmt, ret_seq, err);
}

/* Makes a cursor; texts are bound to ?1 and ?2 where given and copied. */
static jb_rc cursor_open(struct store *store, const char *sql, const char *first,
                         const char *second, struct store__cursor **ret_cursor,
                         struct jb_error *err)
{
    struct store__cursor *cursor = calloc(1, sizeof *cursor);
    int code = SQLITE_OK;

    if (!cursor)
        return jb_fail(err, JB_E_NOMEM, NULL, "cannot read the book '%s'", store->path);
    cursor->store = store;
    const jb_rc rc = sqlite__prepare(store, sql, &cursor->stmt, err);
    if (rc < 0) {
        free(cursor);
        return rc;
    }
    if (first)
        code = sqlite3_bind_text(cursor->stmt, 1, first, -1, SQLITE_TRANSIENT);
    if (code == SQLITE_OK && second)
        code = sqlite3_bind_text(cursor->stmt, 2, second, -1, SQLITE_TRANSIENT);
    if (code != SQLITE_OK) {
        store__cursor_close(cursor);
        return sqlite__fail(store, code, "read", err);
    }
    *ret_cursor = cursor;
    return JB_OK;
}

void store__cursor_close(struct store__cursor *cursor)
{
    if (!cursor)
        return;
    (void)sqlite3_finalize(cursor->stmt);
    free(cursor);
}

jb_rc store__entries(struct store *store, const char *kind, const char *run_id,
                     struct store__cursor **ret_cursor, struct jb_error *err)
{
    if (run_id && kind)
        return cursor_open(store,
                           SQLITE_ENTRY_COLUMNS
                           "WHERE run_id = ?1 AND run_id <> '' AND kind = ?2 ORDER BY seq",
                           run_id, kind, ret_cursor, err);
    if (run_id)
        return cursor_open(store,
                           SQLITE_ENTRY_COLUMNS "WHERE run_id = ?1 AND run_id <> '' ORDER BY seq",
                           run_id, NULL, ret_cursor, err);
    if (kind)
        return cursor_open(store, SQLITE_ENTRY_COLUMNS "WHERE kind = ?1 ORDER BY seq", kind, NULL,
                           ret_cursor, err);
    return cursor_open(store, SQLITE_ENTRY_COLUMNS "ORDER BY seq", NULL, NULL, ret_cursor, err);
}

jb_rc store__account_entries(struct store *store, const char *run_id,
                             struct store__cursor **ret_cursor, struct jb_error *err)
{
    return cursor_open(store,
                       SQLITE_ENTRY_COLUMNS
                       "WHERE run_id = ?1 AND run_id <> ''"
                       " AND kind IN ('run-closed', 'amend') ORDER BY seq DESC",
                       run_id, NULL, ret_cursor, err);
}

static jb_rc take_entry(struct store *store, sqlite3_stmt *stmt, struct store__row *ret_row,
                        struct jb_error *err)
{
    struct store__row row = {
        .seq = sqlite3_column_int64(stmt, 0),
        .kind = sqlite__text(stmt, 1),
        .layer = sqlite3_column_int64(stmt, 2),
        .utc_us = sqlite3_column_int64(stmt, 3),
        .run_id = sqlite__text(stmt, 4),
        .is_memo = sqlite3_column_int(stmt, 5) != 0,
        .about_seq = sqlite3_column_int64(stmt, 6),
    };
    const void *leaf = sqlite3_column_blob(stmt, 7);

    row.bytes = sqlite3_column_blob(stmt, 8);
    row.n_bytes = (size_t)sqlite3_column_bytes(stmt, 8);
    if (!leaf || sqlite3_column_bytes(stmt, 7) != JB_HASH_BYTES || !row.bytes)
        return jb_fail(err, JB_E_DAMAGED, "go back to a backup",
                       "entry %lld of the book '%s' cannot be read", (long long)row.seq,
                       store->path);
    memcpy(row.leaf.bytes, leaf, JB_HASH_BYTES);
    *ret_row = row;
    return JB_OK;
}

jb_rc store__next_entry(struct store__cursor *cursor, struct store__row *ret_row, bool *ret_has,
                        struct jb_error *err)
{
    const jb_rc rc = sqlite__step(cursor->store, cursor->stmt, ret_has, err);

    return rc == JB_OK && *ret_has ? take_entry(cursor->store, cursor->stmt, ret_row, err) : rc;
}

void store__done(struct store *store)
{
    (void)sqlite3_reset(store->cached[SQL_ENTRY]);
    (void)sqlite3_reset(store->cached[SQL_OPENINGS]);
}

jb_rc store__entry(struct store *store, int64_t seq, struct store__row *ret_row, bool *ret_has,
                   struct jb_error *err)
{
    sqlite3_stmt *stmt;
    jb_rc rc = sqlite__cached(store, SQL_ENTRY, &stmt, err);

    if (rc < 0)
        return rc;
    (void)sqlite3_bind_int64(stmt, 1, seq);
    rc = sqlite__step(store, stmt, ret_has, err);
    return rc == JB_OK && *ret_has ? take_entry(store, stmt, ret_row, err) : rc;
}

jb_rc store__run_entry(struct store *store, const char *run_id, struct store__row *ret_row,
                       bool *ret_has, struct jb_error *err)
{
    sqlite3_stmt *stmt = store->cached[SQL_RUN_ENTRIES];
    jb_rc rc = JB_OK;

    if (run_id) {
        rc = sqlite__cached(store, SQL_RUN_ENTRIES, &stmt, err);
        if (rc < 0)
            return rc;
        sqlite__bind_text(stmt, 1, run_id);
    }
    rc = sqlite__step(store, stmt, ret_has, err);
    return rc == JB_OK && *ret_has ? take_entry(store, stmt, ret_row, err) : rc;
}

void store__run_done(struct store *store)
{
    (void)sqlite3_reset(store->cached[SQL_RUN_ENTRIES]);
}

jb_rc store__opening(struct store *store, int64_t seq, struct store__opening *ret_opening,
                     bool *ret_has, struct jb_error *err)
{
    sqlite3_stmt *stmt = store->cached[SQL_OPENINGS];
    jb_rc rc = JB_OK;

    if (seq > 0) {
        rc = sqlite__cached(store, SQL_OPENINGS, &stmt, err);
        if (rc < 0)
            return rc;
        (void)sqlite3_bind_int64(stmt, 1, seq);
    }
    rc = sqlite__step(store, stmt, ret_has, err);
    if (rc < 0 || !*ret_has)
        return rc;
    struct store__opening opening = {.position = sqlite3_column_int64(stmt, 0)};
    const void *salt = sqlite3_column_blob(stmt, 1);
    const int salt_len = sqlite3_column_bytes(stmt, 1);
    const bool has_value = sqlite3_column_type(stmt, 2) == SQLITE_TEXT;
    if ((salt != NULL) != has_value || (salt && salt_len != JB_SALT_BYTES)) {
        (void)sqlite3_reset(stmt);
        return jb_fail(err, JB_E_DAMAGED, "go back to a backup",
                       "a field of the book '%s' cannot be read", store->path);
    }
    opening.is_open = has_value;
    if (has_value) {
        memcpy(opening.salt, salt, JB_SALT_BYTES);
        opening.value = sqlite__text(stmt, 2);
        opening.len = (size_t)sqlite3_column_bytes(stmt, 2);
    }
    *ret_opening = opening;
    return JB_OK;
}

jb_rc store__lines(struct store *store, struct store__cursor **ret_cursor, struct jb_error *err)
{
    return cursor_open(
        store,
        "SELECT line.seq, account.name, amount_uj, low_uj, high_uj, reserved_uj, all_uj"
        " FROM line LEFT JOIN account USING (account_id) ORDER BY line.seq, position",
        NULL, NULL, ret_cursor, err);
}

jb_rc store__next_line(struct store__cursor *cursor, struct store__line_row *ret_row, bool *ret_has,
                       struct jb_error *err)
{
    sqlite3_stmt *stmt = cursor->stmt;
    const jb_rc rc = sqlite__step(cursor->store, stmt, ret_has, err);

    if (rc < 0 || !*ret_has)
        return rc;
    memset(ret_row, 0, sizeof *ret_row);
    ret_row->seq = sqlite3_column_int64(stmt, 0);
    (void)snprintf(ret_row->line.account, sizeof ret_row->line.account, "%s",
                   sqlite__text(stmt, 1));
    ret_row->line.amount_uj = sqlite3_column_int64(stmt, 2);
    ret_row->line.has_share = sqlite3_column_type(stmt, 3) != SQLITE_NULL;
    ret_row->line.low_uj = sqlite3_column_int64(stmt, 3);
    ret_row->line.high_uj = sqlite3_column_int64(stmt, 4);
    ret_row->line.reserved_uj = sqlite3_column_int64(stmt, 5);
    ret_row->line.all_uj = sqlite3_column_int64(stmt, 6);
    return JB_OK;
}

jb_rc store__runs(struct store *store, const char *prefix, struct store__cursor **ret_cursor,
                  struct jb_error *err)
{
    if (prefix)
        return cursor_open(store,
                           "SELECT run_id, seq, start_utc_us FROM run WHERE run_id >= ?1"
                           " AND substr(run_id, 1, length(?1)) = ?1 ORDER BY run_id LIMIT 8",
                           prefix, NULL, ret_cursor, err);
    return cursor_open(
        store, "SELECT run_id, seq, start_utc_us FROM run ORDER BY start_utc_us DESC, seq DESC",
        NULL, NULL, ret_cursor, err);
}

jb_rc store__next_run(struct store__cursor *cursor, const char **ret_run_id, int64_t *ret_seq,
                      int64_t *ret_start_utc_us, struct jb_error *err)
{
    bool has = false;
    const jb_rc rc = sqlite__step(cursor->store, cursor->stmt, &has, err);

    if (rc < 0)
        return rc;
    *ret_run_id = has ? sqlite__text(cursor->stmt, 0) : NULL;
    *ret_seq = has ? sqlite3_column_int64(cursor->stmt, 1) : 0;
    *ret_start_utc_us = has ? sqlite3_column_int64(cursor->stmt, 2) : 0;
    return JB_OK;
}

jb_rc store__interval_seqs(struct store *store, const char *account,
                           struct store__cursor **ret_cursor, struct jb_error *err)
{
    if (account)
        return cursor_open(store,
                           "SELECT DISTINCT interval.seq FROM account JOIN line USING (account_id)"
                           " JOIN interval ON interval.seq = line.seq WHERE account.name = ?1"
                           " ORDER BY interval.seq",
                           account, NULL, ret_cursor, err);
    return cursor_open(store, "SELECT seq FROM interval WHERE is_memo = 0 ORDER BY seq", NULL, NULL,
                       ret_cursor, err);
}

jb_rc store__next_seq(struct store__cursor *cursor, int64_t *ret_seq, struct jb_error *err)
{
    bool has = false;
    const jb_rc rc = sqlite__step(cursor->store, cursor->stmt, &has, err);

    if (rc == JB_OK)
        *ret_seq = has ? sqlite3_column_int64(cursor->stmt, 0) : 0;
    return rc;
}

#define POSTING_COLUMNS                                                                          \
    "SELECT seq, host, boot_id, channel, mono_start_ns, mono_end_ns, utc_start_us, utc_end_us, " \
    "energy_uj,"                                                                                 \
    " is_memo, parent FROM interval LEFT JOIN meter USING (meter_id) "

jb_rc store__postings(struct store *store, bool by_meter, struct store__cursor **ret_cursor,
                      struct jb_error *err)
{
    return cursor_open(store,
                       by_meter ? POSTING_COLUMNS "WHERE is_memo = 0 ORDER BY meter_id, mono_end_ns"
                                : POSTING_COLUMNS "ORDER BY seq",
                       NULL, NULL, ret_cursor, err);
}

jb_rc store__next_posting(struct store__cursor *cursor, struct store__posting *ret, bool *ret_has,
                          struct jb_error *err)
{
    sqlite3_stmt *stmt = cursor->stmt;
    const jb_rc rc = sqlite__step(cursor->store, stmt, ret_has, err);

    if (rc < 0 || !*ret_has)
        return rc;
    *ret = (struct store__posting){
        .seq = sqlite3_column_int64(stmt, 0),
        .host = sqlite__text(stmt, 1),
        .boot_id = sqlite__text(stmt, 2),
        .channel = sqlite__text(stmt, 3),
        .mono_start_ns = sqlite3_column_int64(stmt, 4),
        .mono_end_ns = sqlite3_column_int64(stmt, 5),
        .utc_start_us = sqlite3_column_int64(stmt, 6),
        .utc_end_us = sqlite3_column_int64(stmt, 7),
        .energy_uj = sqlite3_column_int64(stmt, 8),
        .is_memo = sqlite3_column_int(stmt, 9) != 0,
        .parent = sqlite__text(stmt, 10),
    };
    return JB_OK;
}

jb_rc store__account_lines(struct store *store, const char *account,
                           struct store__cursor **ret_cursor, struct jb_error *err)
{
    return cursor_open(store,
                       "SELECT host, channel, amount_uj FROM account JOIN line USING (account_id)"
                       " JOIN interval ON interval.seq = line.seq JOIN meter USING (meter_id)"
                       " WHERE account.name = ?1 ORDER BY host, channel",
                       account, NULL, ret_cursor, err);
}

jb_rc store__next_account_line(struct store__cursor *cursor, const char **ret_host,
                               const char **ret_channel, int64_t *ret_amount_uj, bool *ret_has,
                               struct jb_error *err)
{
    const jb_rc rc = sqlite__step(cursor->store, cursor->stmt, ret_has, err);

    if (rc < 0 || !*ret_has)
        return rc;
    *ret_host = sqlite__text(cursor->stmt, 0);
    *ret_channel = sqlite__text(cursor->stmt, 1);
    *ret_amount_uj = sqlite3_column_int64(cursor->stmt, 2);
    return JB_OK;
}

jb_rc store__run_accounts(struct store *store, struct store__cursor **ret_cursor,
                          struct jb_error *err)
{
    return cursor_open(
        store, "SELECT name FROM account WHERE name >= 'run:' AND name < 'run;' ORDER BY name",
        NULL, NULL, ret_cursor, err);
}

jb_rc store__next_name(struct store__cursor *cursor, const char **ret_name, struct jb_error *err)
{
    bool has = false;
    const jb_rc rc = sqlite__step(cursor->store, cursor->stmt, &has, err);

    if (rc == JB_OK)
        *ret_name = has ? sqlite__text(cursor->stmt, 0) : NULL;
    return rc;
}

jb_rc store__series(struct store *store, int64_t seq, const void **ret_bytes, size_t *ret_len,
                    struct jb_error *err)
{
    sqlite3_stmt *stmt;
    bool has = false;
    jb_rc rc = sqlite__cached(store, SQL_SERIES, &stmt, err);

    if (rc < 0)
        return rc;
    (void)sqlite3_bind_int64(stmt, 1, seq);
    rc = sqlite__step(store, stmt, &has, err);
    if (rc < 0)
        return rc;
    const void *bytes = has ? sqlite3_column_blob(stmt, 0) : NULL;
    *ret_len = has ? (size_t)sqlite3_column_bytes(stmt, 0) : 0;
    *ret_bytes = has && !bytes ? "" : bytes;
    return JB_OK;
}

void store__series_done(struct store *store)
{
    (void)sqlite3_reset(store->cached[SQL_SERIES]);
}

jb_rc store__account_amounts(struct store *store, const char *account,
                             struct store__cursor **ret_cursor, struct jb_error *err)
{
    return cursor_open(
        store,
        "SELECT amount_uj FROM account JOIN line USING (account_id)"
        " JOIN entry ON entry.seq = line.seq WHERE account.name = ?1 AND entry.is_memo = 0",
        account, NULL, ret_cursor, err);
}

jb_rc store__children(struct store *store, const struct jb_interval *parent,
                      struct store__cursor **ret_cursor, struct jb_error *err)
{
    const jb_rc rc =
        cursor_open(store,
                    "SELECT energy_uj FROM meter JOIN interval USING (meter_id)"
                    " WHERE host = ?1 AND boot_id = ?2 AND parent = ?3 AND is_memo = 0"
                    " AND mono_end_ns > ?4 AND mono_end_ns <= ?5 AND mono_start_ns >= ?4",
                    parent->host, parent->boot_id, ret_cursor, err);

    if (rc < 0)
        return rc;
    sqlite__bind_text((*ret_cursor)->stmt, 3, parent->channel);
    (void)sqlite3_bind_int64((*ret_cursor)->stmt, 4, parent->mono_start_ns);
    (void)sqlite3_bind_int64((*ret_cursor)->stmt, 5, parent->mono_end_ns);
    return JB_OK;
}

jb_rc store__next_amount(struct store__cursor *cursor, int64_t *ret_amount_uj, bool *ret_has,
                         struct jb_error *err)
{
    const jb_rc rc = sqlite__step(cursor->store, cursor->stmt, ret_has, err);

    if (rc == JB_OK && *ret_has)
        *ret_amount_uj = sqlite3_column_int64(cursor->stmt, 0);
    return rc;
}
