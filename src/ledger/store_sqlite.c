/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The book in SQLite: making and opening the file, migrations, transactions, and how errors are told.
 * Durable: WAL with synchronous=FULL, one fsync a commit. The log is kept when the last program closes the book
 * (writing it back costs more fsyncs than the commit) and written back and emptied by the commit that finds it grown
 * to CHECKPOINT_PAGES; the next opener reads it again, so it must stay short. R-BOOK-10, R-BOOK-12.
 */
#include "ledger/store_sqlite_int.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/compiler.h"
#include "ledger/schema_int.h"

#define APPLICATION_ID   0x4a424f4b /* "JBOK" */
#define BUSY_MS          10000
#define CHECKPOINT_PAGES 128
#define PAGE_BYTES       4096

static const char *const sql_texts[SQL_COUNT] = {
    [SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SQL_BEGIN_READ] = "BEGIN",
    [SQL_COMMIT] = "COMMIT",
    [SQL_TREE_READ] = "SELECT size, edge FROM tree WHERE tree_id = 1",
    [SQL_TREE_WRITE] = "UPDATE tree SET size = ?1, edge = ?2 WHERE tree_id = 1",
    [SQL_LEAVES] = "SELECT seq - 1, leaf FROM entry WHERE seq > ?1 AND seq <= ?2 ORDER BY seq",
    [SQL_NODES] = "SELECT position, root FROM node WHERE level = ?3 AND position >= ?1"
                  " AND position < ?2 ORDER BY position",
    [SQL_NODE_ADD] = "INSERT INTO node (level, position, root) VALUES (?1, ?2, ?3)",
    [SQL_ENTRY_ADD] =
        "INSERT INTO entry (seq, kind, layer, utc_us, run_id, is_memo, about_seq, leaf, bytes)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    [SQL_OPENING_ADD] = "INSERT INTO opening (seq, position, salt, value) VALUES (?1, ?2, ?3, ?4)",
    [SQL_ACCOUNT_FIND] = "SELECT account_id FROM account WHERE name = ?1",
    [SQL_ACCOUNT_ADD] = "INSERT INTO account (name) VALUES (?1)",
    [SQL_LINE_ADD] =
        "INSERT INTO line (seq, position, account_id, amount_uj, low_uj, high_uj, reserved_uj,"
        " all_uj) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    [SQL_METER_FIND] =
        "SELECT meter_id FROM meter WHERE host = ?1 AND boot_id = ?2 AND channel = ?3",
    [SQL_METER_ADD] = "INSERT INTO meter (host, boot_id, channel) VALUES (?1, ?2, ?3)",
    [SQL_INTERVAL_ADD] =
        "INSERT INTO interval (seq, meter_id, mono_start_ns, mono_end_ns, utc_start_us,"
        " utc_end_us, energy_uj, parent, is_memo)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    [SQL_RUN_ADD] = "INSERT INTO run (run_id, seq, start_utc_us) VALUES (?1, ?2, ?3)",
    [SQL_SERIES_ADD] = "INSERT INTO series (seq, bytes) VALUES (?1, ?2)",
    [SQL_ERASE] = "UPDATE opening SET salt = NULL, value = NULL WHERE seq = ?1 AND position = ?2",
    [SQL_LEAF_FIND] = "SELECT seq, is_memo FROM entry WHERE leaf = ?1",
    [SQL_OVERLAP] = "SELECT seq, mono_start_ns FROM interval WHERE meter_id = ?1 AND is_memo = 0"
                    " AND mono_end_ns > ?2 ORDER BY mono_end_ns LIMIT 1",
    [SQL_LAST_INTERVAL] = "SELECT seq FROM interval WHERE meter_id = ?1 AND is_memo = 0"
                          " ORDER BY mono_end_ns DESC LIMIT 1",
    [SQL_RUN_FIND] = "SELECT seq FROM run WHERE run_id = ?1",
    [SQL_RUN_ENTRIES] = SQLITE_ENTRY_COLUMNS
    "WHERE run_id = ?1 AND run_id <> ''"
    " AND kind IN ('run-opened', 'run-closed', 'amend', 'void', 'reconciled') ORDER BY seq",
    [SQL_LAYER] = "SELECT layer FROM entry WHERE seq = ?1 UNION ALL SELECT -1",
    [SQL_REVERSAL_FIND] =
        "SELECT seq FROM entry WHERE run_id = ?1 AND run_id <> '' AND kind = 'reversal'"
        " AND about_seq = ?2 AND is_memo = 0",
    [SQL_ENTRY] = SQLITE_ENTRY_COLUMNS "WHERE seq = ?1",
    [SQL_OPENINGS] = "SELECT position, salt, value FROM opening WHERE seq = ?1 ORDER BY position",
    [SQL_SERIES] = "SELECT bytes FROM series WHERE seq = ?1",
};

/* What went wrong below SQLite. It keeps the number on some ways out only; on the others errno is still that of the
 * write that failed, of which only the want of room is told apart. */
static jb_rc rc_of_system(sqlite3 *db, int errno_value)
{
    const int kept = sqlite3_system_errno(db);

    if (kept == EFBIG || errno_value == EFBIG || errno_value == ENOSPC || errno_value == EDQUOT)
        return JB_E_FULL;
    return kept != 0 ? jb_rc_from_errno(kept) : JB_E_IO;
}

static jb_rc rc_of_sqlite(sqlite3 *db, int code, int errno_value)
{
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return JB_E_BUSY;
    case SQLITE_FULL: return JB_E_FULL;
    case SQLITE_READONLY: return JB_E_READONLY;
    case SQLITE_PERM:
    case SQLITE_AUTH: return JB_E_PERMISSION;
    case SQLITE_NOMEM: return JB_E_NOMEM;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_SCHEMA:
    case SQLITE_ERROR: return JB_E_DAMAGED; /* our SQL is right: the schema it meets is not */
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR: return rc_of_system(db, errno_value);
    case SQLITE_CONSTRAINT: return JB_E_DAMAGED; /* what may be entered was checked before */
    case SQLITE_TOOBIG: return JB_E_RANGE;
    default: return JB_E_INTERNAL;
    }
}

static const char *hint_for(jb_rc rc)
{
    switch (rc) {
    case JB_E_BUSY: return "another program is writing the book; try again";
    case JB_E_FULL:
        return "make room on that disk; what was measured waits for `joulebook recover`";
    case JB_E_READONLY:
    case JB_E_PERMISSION:
        return "give this user write access to the book's file and folder, or name another with "
               "--book";
    case JB_E_DAMAGED:
        return "keep a copy of the file, and go back to a backup (`joulebook backup` makes them)";
    default: return NULL;
    }
}

jb_rc sqlite__fail(struct store *store, int code, const char *doing, struct jb_error *err)
{
    const jb_rc rc = rc_of_sqlite(store->db, code, errno);

    if ((code & 0xff) == SQLITE_NOTADB)
        return jb_fail(err, rc, "name the book with --book; if it was one, go back to a backup",
                       "'%s' is not a book", store->path);
    return jb_fail(err, rc, hint_for(rc), "cannot %s the book '%s': %s", doing, store->path,
                   store->db ? sqlite3_errmsg(store->db) : sqlite3_errstr(code));
}

jb_rc sqlite__prepare(struct store *store, const char *sql, sqlite3_stmt **ret_stmt,
                      struct jb_error *err)
{
    const int code = sqlite3_prepare_v2(store->db, sql, -1, ret_stmt, NULL);

    return code == SQLITE_OK ? JB_OK : sqlite__fail(store, code, "read", err);
}

jb_rc sqlite__cached(struct store *store, enum sqlite__id id, sqlite3_stmt **ret_stmt,
                     struct jb_error *err)
{
    if (!store->cached[id]) {
        const jb_rc rc = sqlite__prepare(store, sql_texts[id], &store->cached[id], err);
        if (rc < 0)
            return rc;
    } else {
        (void)sqlite3_reset(store->cached[id]);
        (void)sqlite3_clear_bindings(store->cached[id]);
    }
    *ret_stmt = store->cached[id];
    return JB_OK;
}

jb_rc sqlite__run(struct store *store, sqlite3_stmt *stmt, struct jb_error *err)
{
    int code = sqlite3_step(stmt);

    while (code == SQLITE_ROW)
        code = sqlite3_step(stmt);
    if (code != SQLITE_DONE) {
        const jb_rc rc =
            sqlite__fail(store, code, sqlite3_column_count(stmt) > 0 ? "read" : "write", err);
        (void)sqlite3_reset(stmt);
        return rc;
    }
    (void)sqlite3_reset(stmt);
    return JB_OK;
}

jb_rc sqlite__step(struct store *store, sqlite3_stmt *stmt, bool *ret_has, struct jb_error *err)
{
    const int code = sqlite3_step(stmt);

    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        const jb_rc rc = sqlite__fail(store, code, "read", err);
        (void)sqlite3_reset(stmt);
        return rc;
    }
    if (code == SQLITE_DONE)
        (void)sqlite3_reset(stmt);
    *ret_has = code == SQLITE_ROW;
    return JB_OK;
}

jb_rc sqlite__number(struct store *store, sqlite3_stmt *stmt, int64_t *ret, struct jb_error *err)
{
    bool has;
    const jb_rc rc = sqlite__step(store, stmt, &has, err);

    if (rc < 0)
        return rc;
    *ret = has ? sqlite3_column_int64(stmt, 0) : 0;
    (void)sqlite3_reset(stmt);
    return JB_OK;
}

/* A failed binding leaves NULL, which a NOT NULL column or the missing row then tells. */
void sqlite__bind_text(sqlite3_stmt *stmt, int at, const char *text)
{
    (void)sqlite3_bind_text(stmt, at, text, -1, SQLITE_STATIC);
}

void sqlite__bind_bytes(sqlite3_stmt *stmt, int at, const void *bytes, size_t len)
{
    (void)sqlite3_bind_blob64(stmt, at, bytes ? bytes : "", len, SQLITE_STATIC);
}

const char *sqlite__text(sqlite3_stmt *stmt, int column)
{
    const char *text = (const char *)sqlite3_column_text(stmt, column);

    return text ? text : "";
}

static jb_rc exec(struct store *store, const char *sql, const char *doing, struct jb_error *err)
{
    const int code = sqlite3_exec(store->db, sql, NULL, NULL, NULL);

    return code == SQLITE_OK ? JB_OK : sqlite__fail(store, code, doing, err);
}

static jb_rc read_number(struct store *store, const char *sql, int64_t *ret, struct jb_error *err)
{
    sqlite3_stmt *stmt = NULL;
    jb_rc rc = sqlite__prepare(store, sql, &stmt, err);

    if (rc == JB_OK)
        rc = sqlite__number(store, stmt, ret, err);
    (void)sqlite3_finalize(stmt);
    return rc;
}

static jb_rc set_version(struct store *store, int version, struct jb_error *err)
{
    char sql[64];

    (void)snprintf(sql, sizeof sql, "PRAGMA user_version=%d", version);
    return exec(store, sql, "migrate", err);
}

/* Runs the steps that lead from one version to another, inside the caller's transaction. */
static jb_rc migrate_from(struct store *store, int version, int to_version, struct jb_error *err)
{
    jb_rc rc = JB_OK;

    for (int i = version; i < to_version && rc == JB_OK; i++) {
        rc = exec(store, store__schema_steps[i], "migrate", err);
        if (rc == JB_OK && i + 1 == SQLITE_NODES_SINCE)
            rc = sqlite__make_nodes(store, err);
    }
    return rc == JB_OK ? set_version(store, to_version, err) : rc;
}

static void release_cached(struct store *store)
{
    for (int i = 0; i < SQL_COUNT; i++)
        (void)sqlite3_finalize(store->cached[i]);
}

jb_rc sqlite__new_in_memory(int version, sqlite3 **ret_db, struct jb_error *err)
{
    char name[] = "(new)";
    struct store scratch = {.path = name};
    char sql[96];
    jb_rc rc;
    const int code =
        sqlite3_open_v2(":memory:", &scratch.db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);

    (void)snprintf(sql, sizeof sql, "PRAGMA page_size=%d;PRAGMA application_id=%d;BEGIN",
                   PAGE_BYTES, APPLICATION_ID);
    rc = code == SQLITE_OK ? exec(&scratch, sql, "make", err)
                           : sqlite__fail(&scratch, code, "make", err);
    if (rc == JB_OK)
        rc = migrate_from(&scratch, 0, version, err);
    if (rc == JB_OK)
        rc = exec(&scratch, "COMMIT", "make", err);
    release_cached(&scratch);
    if (rc < 0) {
        (void)sqlite3_close(scratch.db);
        return rc;
    }
    *ret_db = scratch.db;
    return JB_OK;
}

static int write_all(int fd, const unsigned char *bytes, size_t len)
{
    while (len > 0) {
        const ssize_t n = write(fd, bytes, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        bytes += n;
        len -= (size_t)n;
    }
    return fsync(fd) < 0 ? -errno : 0;
}

static int sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    JB_AUTO(jb_free_auto)
    char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    int rc = 0;

    if (!folder)
        return -ENOMEM;
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) < 0)
        rc = -errno;
    if (fd >= 0)
        (void)close(fd);
    return rc;
}

/* Gives the finished file its name, unless another was quicker. */
static int give_name(const char *from, const char *to)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -errno;
    return link(from, to) == 0
               ? 0
               : -errno; /* an old filesystem or kernel; the caller removes `from` */
}

static int write_file(const char *path, const unsigned char *bytes, size_t len)
{
    const size_t size = strlen(path) + 32;
    JB_AUTO(jb_free_auto) char *made = malloc(size);
    uint8_t random[8];
    char hex[17];

    if (!made)
        return -ENOMEM;
    jb_random(random, sizeof random);
    (void)snprintf(made, size, "%s.new-%s", path, jb_hex(random, sizeof random, hex, sizeof hex));
    const int fd = open(made, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    int rc = write_all(fd, bytes, len);
    (void)close(fd);
    if (rc == 0)
        rc = give_name(made, path);
    (void)unlink(made);
    return rc == 0 ? sync_folder(path) : rc;
}

jb_rc store__create(const char *path, struct jb_error *err)
{
    sqlite3 *db = NULL;
    sqlite3_int64 len = 0;
    jb_rc rc = sqlite__new_in_memory(store__schema_version, &db, err);

    if (rc < 0)
        return rc;
    unsigned char *bytes = sqlite3_serialize(db, "main", &len, 0);
    (void)sqlite3_close(db);
    if (!bytes)
        return jb_fail(err, JB_E_NOMEM, NULL, "cannot make the book '%s'", path);
    bytes[18] = 2; /* file format, 1.3: version to write and to read; 2 is WAL */
    bytes[19] = 2;
    const int sys = write_file(path, bytes, (size_t)len);
    sqlite3_free(bytes);
    if (sys == -EEXIST)
        return jb_fail(err, JB_E_CONFLICT, NULL, "'%s' exists already", path);
    if (sys < 0)
        return jb_fail_errno(err, -sys, hint_for(jb_rc_from_errno(-sys)),
                             "cannot make the book '%s'", path);
    return JB_OK;
}

/* "file:" with everything escaped that a URI would take apart. */
static char *still_uri(const char *path)
{
    struct jb_buf uri = JB_BUF(65536);

    jb_buf_add_text(&uri, "file:");
    for (const char *at = path; *at; at++) {
        if (*at == '%' || *at == '?' || *at == '#')
            jb_buf_addf(&uri, "%%%02X", (unsigned)*at);
        else
            jb_buf_add(&uri, at, 1);
    }
    jb_buf_add_text(&uri, "?immutable=1");
    if (uri.failed < 0) {
        jb_buf_release(&uri);
        return NULL;
    }
    return uri.bytes;
}

static int note_log_pages(void *context, sqlite3 *db JB_UNUSED, const char *name JB_UNUSED,
                          int n_pages)
{
    struct store *store = context;

    store->n_log_pages = n_pages;
    return SQLITE_OK;
}

static jb_rc open_file(struct store *store, enum store__mode mode, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) char *uri = mode == STORE_READ_STILL ? still_uri(store->path) : NULL;
    const int flags = mode == STORE_WRITE  ? SQLITE_OPEN_READWRITE
                      : mode == STORE_READ ? SQLITE_OPEN_READONLY
                                           : SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;

    if (mode == STORE_READ_STILL && !uri)
        return jb_fail(err, JB_E_NOMEM, NULL, "cannot open the book '%s'", store->path);
    const int code =
        sqlite3_open_v2(uri ? uri : store->path, &store->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (code != SQLITE_OK)
        return sqlite__fail(store, code, "open", err);
    (void)sqlite3_extended_result_codes(store->db, 1);
    (void)sqlite3_busy_timeout(store->db, BUSY_MS);
    (void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    (void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    (void)sqlite3_wal_hook(store->db, note_log_pages, store); /* instead of its own checkpoints */
    return exec(store, "PRAGMA cache_size=-256;PRAGMA synchronous=FULL;PRAGMA secure_delete=ON",
                "open", err);
}

static jb_rc migrate(struct store *store, struct jb_error *err)
{
    int64_t version = 0;
    jb_rc rc = exec(store, "BEGIN IMMEDIATE", "migrate", err);

    if (rc < 0)
        return rc;
    /* Another program may have done it in the meantime. */
    rc = read_number(store, "PRAGMA user_version", &version, err);
    if (rc == JB_OK && version < store__schema_version)
        rc = migrate_from(store, (int)version, store__schema_version, err);
    if (rc == JB_OK)
        rc = exec(store, "COMMIT", "migrate", err);
    if (rc < 0)
        (void)sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    return rc;
}

static jb_rc check_version(struct store *store, enum store__mode mode, struct jb_error *err)
{
    int64_t id = 0;
    int64_t version = 0;
    jb_rc rc = read_number(store, "PRAGMA application_id", &id, err);

    if (rc == JB_OK)
        rc = read_number(store, "PRAGMA user_version", &version, err);
    if (rc < 0)
        return rc;
    if (id != APPLICATION_ID || version < 1)
        return jb_fail(err, JB_E_DAMAGED,
                       "name the book with --book; one is made where there is no file yet",
                       "'%s' is not a book", store->path);
    if (version > store__schema_version)
        return jb_fail(err, JB_E_NEWER, "use the newer program; nothing was changed",
                       "the book '%s' was made by a newer version (%d, this one knows %d)",
                       store->path, (int)version, store__schema_version);
    store->version = mode == STORE_WRITE ? store__schema_version : (int)version;
    return version < store->version ? migrate(store, err) : JB_OK;
}

/* A book that came from elsewhere may have lost the mark in its header. */
static jb_rc ensure_wal(struct store *store, struct jb_error *err)
{
    sqlite3_stmt *stmt = NULL;
    bool has = false;
    jb_rc rc;

    if (sqlite3_db_readonly(store->db, "main") == 1)
        return jb_fail(err, JB_E_READONLY, hint_for(JB_E_READONLY),
                       "the book '%s' cannot be written", store->path);
    rc = sqlite__prepare(store, "PRAGMA journal_mode=WAL", &stmt, err);
    if (rc == JB_OK)
        rc = sqlite__step(store, stmt, &has, err);
    if (rc == JB_OK && (!has || strcmp(sqlite__text(stmt, 0), "wal") != 0))
        rc = jb_fail(err, JB_E_UNAVAILABLE, "use a book on local disk, and `joulebook merge`",
                     "the storage of '%s' cannot keep a write-ahead log", store->path);
    (void)sqlite3_finalize(stmt);
    return rc;
}

jb_rc store__open(const char *path, enum store__mode mode, struct store **ret_store,
                  struct jb_error *err)
{
    JB_AUTO(store__close_auto) struct store *store = calloc(1, sizeof *store);
    jb_rc rc;

    if (!store || !(store->path = strdup(path)))
        return jb_fail(err, JB_E_NOMEM, NULL, "cannot open the book '%s'", path);
    rc = open_file(store, mode, err);
    if (rc == JB_OK)
        rc = check_version(store, mode, err);
    if (rc == JB_OK && mode == STORE_WRITE)
        rc = ensure_wal(store, err);
    if (rc < 0)
        return rc;
    *ret_store = store;
    store = NULL;
    return JB_OK;
}

void store__close(struct store *store)
{
    if (!store)
        return;
    release_cached(store);
    (void)sqlite3_close_v2(store->db);
    free(store->path);
    free(store);
}

static jb_rc run_cached(struct store *store, enum sqlite__id id, struct jb_error *err)
{
    sqlite3_stmt *stmt;
    const jb_rc rc = sqlite__cached(store, id, &stmt, err);

    return rc == JB_OK ? sqlite__run(store, stmt, err) : rc;
}

jb_rc store__begin(struct store *store, struct jb_error *err)
{
    return run_cached(store, SQL_BEGIN, err);
}

jb_rc store__begin_read(struct store *store, struct jb_error *err)
{
    return run_cached(store, SQL_BEGIN_READ, err);
}

/*
 * Emptied, not only written back: what was written back is noted in shared memory alone, so that the next program
 * would read the whole log again and never start it over. Where a reader is in the way, a later commit does it.
 */
static void write_back(struct store *store)
{
    (void)sqlite3_busy_timeout(store->db, 0);
    (void)sqlite3_wal_checkpoint_v2(store->db, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    (void)sqlite3_busy_timeout(store->db, BUSY_MS);
    store->n_log_pages = 0;
}

jb_rc store__commit(struct store *store, struct jb_error *err)
{
    const jb_rc rc = run_cached(store, SQL_COMMIT, err);

    if (rc < 0)
        store__rollback(store);
    else if (store->n_log_pages >= CHECKPOINT_PAGES)
        write_back(store);
    return rc;
}

void store__rollback(struct store *store)
{
    if (sqlite3_get_autocommit(store->db) == 0)
        (void)sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
}
