/* SPDX-License-Identifier: Apache-2.0 */
/* What the two halves of the SQLite store share: the handle, its prepared statements, and how errors are told. */
#ifndef JB_LEDGER_STORE_SQLITE_INT_H
#define JB_LEDGER_STORE_SQLITE_INT_H

#include <sqlite3.h>

#include "ledger/store_int.h"

/* Prepared on first use and kept. Each is run to its end and reset before anything else may use it. */
enum sqlite__id {
    SQL_BEGIN,
    SQL_BEGIN_READ,
    SQL_COMMIT,
    SQL_TREE_READ,
    SQL_TREE_WRITE,
    SQL_LEAVES,
    SQL_NODES,
    SQL_NODE_ADD,
    SQL_ENTRY_ADD,
    SQL_OPENING_ADD,
    SQL_ACCOUNT_FIND,
    SQL_ACCOUNT_ADD,
    SQL_LINE_ADD,
    SQL_METER_FIND,
    SQL_METER_ADD,
    SQL_INTERVAL_ADD,
    SQL_RUN_ADD,
    SQL_SERIES_ADD,
    SQL_ERASE,
    SQL_LEAF_FIND,
    SQL_OVERLAP,
    SQL_LAST_INTERVAL,
    SQL_RUN_FIND,
    SQL_RUN_ENTRIES,
    SQL_LAYER,
    SQL_REVERSAL_FIND,
    SQL_ENTRY,
    SQL_OPENINGS,
    SQL_SERIES,
    SQL_COUNT
};

struct store {
    sqlite3 *db;
    char *path;
    int version; /* of its schema: this program's, or an older one of a book that is only read */
    int n_log_pages; /* after the last commit */
    sqlite3_stmt *cached[SQL_COUNT];
};

struct store__cursor {
    struct store *store;
    sqlite3_stmt *stmt;
};

/* jb_fail with the code and text of SQLite's last error; `doing` as in "cannot read". */
jb_rc sqlite__fail(struct store *store, int code, const char *doing, struct jb_error *err);

/* The statement, reset and without bindings. */
JB_MUST_USE jb_rc sqlite__cached(struct store *store, enum sqlite__id id, sqlite3_stmt **ret_stmt,
                                 struct jb_error *err);
JB_MUST_USE jb_rc sqlite__prepare(struct store *store, const char *sql, sqlite3_stmt **ret_stmt,
                                  struct jb_error *err);
/* Runs a statement that gives no rows. Binding errors show here as well. */
JB_MUST_USE jb_rc sqlite__run(struct store *store, sqlite3_stmt *stmt, struct jb_error *err);
/* The next row; resets the statement at the end. */
JB_MUST_USE jb_rc sqlite__step(struct store *store, sqlite3_stmt *stmt, bool *ret_has,
                               struct jb_error *err);
/* Runs a statement whose first row holds one number; 0 if there is no row. */
JB_MUST_USE jb_rc sqlite__number(struct store *store, sqlite3_stmt *stmt, int64_t *ret,
                                 struct jb_error *err);

/* Both borrow: the text must outlive the run of the statement. */
void sqlite__bind_text(sqlite3_stmt *stmt, int at, const char *text);
void sqlite__bind_bytes(sqlite3_stmt *stmt, int at, const void *bytes, size_t len);
/* "" where the column is NULL. */
const char *sqlite__text(sqlite3_stmt *stmt, int column);

/* The meter's row, 0 if it has none. */
JB_MUST_USE jb_rc sqlite__find_meter(struct store *store, const char *host, const char *boot_id,
                                     const char *channel, int64_t *ret_meter_id,
                                     struct jb_error *err);

#define SQLITE_ENTRY_COLUMNS \
    "SELECT seq, kind, layer, utc_us, run_id, is_memo, about_seq, leaf, bytes FROM entry "

/* An empty book of a version, in memory. */
JB_MUST_USE jb_rc sqlite__new_in_memory(int version, sqlite3 **ret_db, struct jb_error *err);

/* The first version that has the table `node`, and what fills it from the leaves. */
#define SQLITE_NODES_SINCE 2
JB_MUST_USE jb_rc sqlite__make_nodes(struct store *store, struct jb_error *err);

#endif
