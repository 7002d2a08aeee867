/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The book in SQLite as a file: whether it is sound, whether tables and guards are as this program makes them
 * (R-BOOK-10), and a copy of it while it is in use.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/compiler.h"
#include "ledger/store_sqlite_int.h"

#define BACKUP_PAGES   256
#define BACKUP_WAIT_MS 20
#define BACKUP_TRIES   500 /* ten seconds of waiting in all */

jb_rc store__count(struct store *store, struct store__counts *ret, struct jb_error *err)
{
    sqlite3_stmt *stmt = NULL;
    bool has = false;
    static const char with_nodes[] =
        "SELECT (SELECT count(*) FROM opening), (SELECT count(*) FROM series),"
        " (SELECT count(*) FROM run), (SELECT count(*) FROM interval), (SELECT count(*) FROM node)";
    static const char without[] =
        "SELECT (SELECT count(*) FROM opening), (SELECT count(*) FROM series),"
        " (SELECT count(*) FROM run), (SELECT count(*) FROM interval), 0";
    jb_rc rc = sqlite__prepare(store, store__has_nodes(store) ? with_nodes : without, &stmt, err);

    if (rc == JB_OK)
        rc = sqlite__step(store, stmt, &has, err);
    if (rc == JB_OK && has)
        *ret = (struct store__counts){
            .n_openings = sqlite3_column_int64(stmt, 0),
            .n_series = sqlite3_column_int64(stmt, 1),
            .n_runs = sqlite3_column_int64(stmt, 2),
            .n_intervals = sqlite3_column_int64(stmt, 3),
            .n_nodes = sqlite3_column_int64(stmt, 4),
        };
    (void)sqlite3_finalize(stmt);
    return rc;
}

jb_rc store__check_file(struct store *store, char *ret_finding, size_t size, struct jb_error *err)
{
    sqlite3_stmt *stmt = NULL;
    bool has = false;
    jb_rc rc = sqlite__prepare(store, "PRAGMA integrity_check(1)", &stmt, err);

    if (rc == JB_OK)
        rc = sqlite__step(store, stmt, &has, err);
    if (rc == JB_OK) {
        const char *finding = has ? sqlite__text(stmt, 0) : "the check gave nothing";
        (void)snprintf(ret_finding, size, "%s", strcmp(finding, "ok") == 0 ? "" : finding);
    }
    (void)sqlite3_finalize(stmt);
    return rc;
}

static jb_rc next_object(struct store *store, sqlite3_stmt *stmt, bool *ret_has,
                         struct jb_buf *text, struct jb_error *err)
{
    const jb_rc rc = sqlite__step(store, stmt, ret_has, err);

    jb_buf_clear(text);
    if (rc < 0 || !*ret_has)
        return rc;
    for (int i = 0; i < 4; i++) {
        jb_buf_add_text(text, sqlite__text(stmt, i));
        jb_buf_add_u8(text, '\n');
    }
    return text->failed < 0 ? jb_fail(err, text->failed, NULL, "cannot hold the schema") : JB_OK;
}

/* Both lists are in the order of their names: the first difference is told. */
static jb_rc compare_schemas(struct store *store, sqlite3_stmt *stmt, struct store *as_made,
                             sqlite3_stmt *made_stmt, char *ret_finding, size_t size,
                             struct jb_error *err)
{
    struct jb_buf here = JB_BUF(1024 * 1024);
    struct jb_buf made = JB_BUF(1024 * 1024);
    bool has = true;
    bool made_has = true;
    jb_rc rc = JB_OK;

    ret_finding[0] = '\0';
    while (rc == JB_OK && has && made_has && ret_finding[0] == '\0') {
        rc = next_object(store, stmt, &has, &here, err);
        if (rc == JB_OK)
            rc = next_object(as_made, made_stmt, &made_has, &made, err);
        if (rc == JB_OK && (has != made_has || strcmp(jb_buf_text(&here), jb_buf_text(&made)) != 0))
            (void)snprintf(ret_finding, size, "'%s' of the schema is not as it was made",
                           made_has ? sqlite__text(made_stmt, 1) : sqlite__text(stmt, 1));
    }
    jb_buf_release(&here);
    jb_buf_release(&made);
    return rc;
}

#define SCHEMA_SQL "SELECT name, name, type, sql FROM sqlite_schema ORDER BY name, type"

jb_rc store__check_schema(struct store *store, char *ret_finding, size_t size, struct jb_error *err)
{
    char name[] = "(new)";
    struct store as_made = {.path = name};
    sqlite3_stmt *stmt = NULL;
    sqlite3_stmt *made_stmt = NULL;
    jb_rc rc = sqlite__new_in_memory(store->version, &as_made.db, err);

    if (rc == JB_OK)
        rc = sqlite__prepare(&as_made, SCHEMA_SQL, &made_stmt, err);
    if (rc == JB_OK)
        rc = sqlite__prepare(store, SCHEMA_SQL, &stmt, err);
    if (rc == JB_OK)
        rc = compare_schemas(store, stmt, &as_made, made_stmt, ret_finding, size, err);
    (void)sqlite3_finalize(stmt);
    (void)sqlite3_finalize(made_stmt);
    (void)sqlite3_close(as_made.db);
    return rc;
}

static int copy_pages(sqlite3_backup *backup)
{
    int n_tries = 0;
    int code = SQLITE_OK;

    while (n_tries < BACKUP_TRIES && code != SQLITE_DONE) {
        code = sqlite3_backup_step(backup, BACKUP_PAGES);
        if (code == SQLITE_BUSY || code == SQLITE_LOCKED) {
            n_tries++;
            (void)sqlite3_sleep(BACKUP_WAIT_MS);
        } else if (code != SQLITE_OK && code != SQLITE_DONE) {
            return code;
        }
    }
    return code;
}

jb_rc store__backup(struct store *store, const char *to_path, struct jb_error *err)
{
    struct store to = {.path = store->path};
    jb_rc rc = JB_OK;

    /* Held by us from the start: an existing file is never written over. */
    const int fd = open(to_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return jb_fail_errno(err, errno,
                             errno == EEXIST ? "name a file that does not exist yet"
                                             : "name a file in a folder you can write to",
                             "cannot make the copy '%s'", to_path);
    (void)close(fd);
    int code = sqlite3_open_v2(to_path, &to.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    sqlite3_backup *backup =
        code == SQLITE_OK ? sqlite3_backup_init(to.db, "main", store->db, "main") : NULL;
    if (backup) {
        code = copy_pages(backup);
        const int finished = sqlite3_backup_finish(backup);
        if (code == SQLITE_DONE)
            code = finished;
    } else if (code == SQLITE_OK) {
        code = sqlite3_extended_errcode(to.db);
    }
    if (code != SQLITE_OK)
        rc = sqlite__fail(&to, code, "copy", err);
    if (sqlite3_close(to.db) != SQLITE_OK && rc == JB_OK)
        rc = jb_fail(err, JB_E_IO, NULL, "cannot finish the copy '%s'", to_path);
    if (rc < 0)
        (void)unlink(to_path);
    return rc;
}
