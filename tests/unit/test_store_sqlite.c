/* SPDX-License-Identifier: Apache-2.0 */
/* The file: books of earlier versions open and prove themselves; the log is used, and does not grow without end. */
#include <sqlite3.h>

#include "book.h"

#include "ledger/schema_int.h"

static void copy_book(const char *from, const char *to)
{
    static char bytes[1 << 20];
    FILE *const in = fopen(from, "rbe");
    FILE *const out = fopen(to, "wbe");
    const size_t len = in ? fread(bytes, 1, sizeof bytes, in) : 0;

    if (!in || !out || fwrite(bytes, 1, len, out) != len || fclose(out) != 0)
        bail_out("cannot copy %s", from);
    (void)fclose(in);
}

static const char *sum_of(const struct jb_balance *balance, const char *kind)
{
    for (size_t i = 0; i < balance->n_sums; i++) {
        if (strcmp(balance->sums[i].kind, kind) == 0)
            return balance->sums[i].total_text;
    }
    return "";
}

static void test_version_1(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_error err = {0};
    struct jb_balance balance;
    struct jb_run run;
    char hex[65];
    int64_t size;
    struct jb_hash root;

    copy_book("tests/data/books/v1.db", folder.book);
    struct jb_ledger *ledger = book_open(folder.book, JB_LEDGER_WRITE);
    book_must(jb_ledger_balance(ledger, &balance, &err), &err, "balance");
    for (size_t i = 0; i < balance.n_checks; i++)
        is_str(balance.checks[i].first_failure, "", "a book of version 1: %s",
               balance.checks[i].claim);
    is_str(jb_hex(balance.root.bytes, 32, hex, sizeof hex),
           "96b646b0ad60857687adf8768ccb1678e007c25607c36f7dd6be9128516c0fc7",
           "its root is what it was");
    is_i64(balance.n_entries, 16, "so is its size");
    is_str(sum_of(&balance, "meter"), "-183061000", "3 x 61 J and 61000 uJ");
    is_str(sum_of(&balance, "run"), "120000000", "3 x 40 J");
    is_str(sum_of(&balance, "others"), "500", "and what the void run had");
    book_must(jb_ledger_find_run(ledger, RUN_A, &run, &err), &err, "find");
    ok(strcmp(run.place, "NL") == 0 && strcmp(run.project, "asphalt") == 0 &&
           run.command[0] == '\0' && run.n_tags == 1 && run.status == JB_RUN_DONE,
       "run A is as it was amended and erased");
    book_must(jb_ledger_find_run(ledger, RUN_B, &run, &err), &err, "find");
    is_i64((int64_t)run.status, JB_RUN_VOID, "run B is void");
    book_begin(ledger);
    const struct jb_entry entry = {.kind = "note"};
    book_must(jb_ledger_append(ledger, &entry, NULL, &err), &err, "append");
    book_commit(ledger);
    book_must(jb_ledger_root(ledger, &size, &root, &err), &err, "root");
    is_i64(size, 17, "it can be written on");
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
}

static int64_t pragma(const char *path, const char *text, char *ret_text, size_t text_size)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;

    if (sqlite3_open(path, &db) != SQLITE_OK ||
        sqlite3_prepare_v2(db, text, -1, &stmt, NULL) != SQLITE_OK ||
        sqlite3_step(stmt) != SQLITE_ROW)
        bail_out("%s: %s", text, sqlite3_errmsg(db));
    const int64_t number = sqlite3_column_int64(stmt, 0);
    (void)snprintf(ret_text, text_size, "%s", (const char *)sqlite3_column_text(stmt, 0));
    (void)sqlite3_finalize(stmt);
    (void)sqlite3_close(db);
    return number;
}

static void test_new_file(void)
{
    const struct book_folder folder = book_new_folder();
    char text[64];

    jb_ledger_close(book_open(folder.book, JB_LEDGER_CREATE));
    is_i64(pragma(folder.book, "PRAGMA application_id", text, sizeof text), 0x4a424f4b,
           "a book says what it is");
    is_i64(pragma(folder.book, "PRAGMA user_version", text, sizeof text), store__schema_version,
           "and of which version");
    (void)pragma(folder.book, "PRAGMA journal_mode", text, sizeof text);
    is_str(text, "wal", "it has a write-ahead log from the start");
    (void)pragma(folder.book, "PRAGMA integrity_check", text, sizeof text);
    is_str(text, "ok", "SQLite finds it whole");
    book_remove_folder(&folder);
}

/* Each program enters one thing and ends, as `joulebook run` does: the log must be emptied between them. */
static void test_log_stays_short(void)
{
    const struct book_folder folder = book_new_folder();
    const struct jb_entry entry = {.kind = "note"};
    struct jb_error err = {0};
    char log[1024];
    off_t longest = 0;
    int n_emptied = 0;
    off_t last = 0;
    struct stat st;

    (void)snprintf(log, sizeof log, "%s-wal", folder.book);
    for (int i = 0; i < 150; i++) {
        struct jb_ledger *ledger = book_open(folder.book, JB_LEDGER_CREATE);
        book_begin(ledger);
        book_must(jb_ledger_append(ledger, &entry, NULL, &err), &err, "append");
        book_commit(ledger);
        jb_ledger_close(ledger);
        if (stat(log, &st) < 0)
            bail_out("no log");
        longest = st.st_size > longest ? st.st_size : longest;
        n_emptied += st.st_size < last;
        last = st.st_size;
    }
    ok(longest > 0 && longest < 1000000, "the log stays below a megabyte (%lld bytes)",
       (long long)longest);
    ok(n_emptied >= 2 && n_emptied <= 20,
       "since it was emptied now and then, not each time (%d of 150)", n_emptied);
    book_remove_folder(&folder);
}

/* A reader that holds its view must not make writers wait or fail. */
static void test_reader_in_the_way(void)
{
    const struct book_folder folder = book_new_folder();
    const struct jb_entry entry = {.kind = "note"};
    struct jb_error err = {0};
    sqlite3 *db = NULL;
    int64_t size = 0;
    struct jb_hash root;

    struct jb_ledger *ledger = book_open(folder.book, JB_LEDGER_CREATE);
    if (sqlite3_open(folder.book, &db) != SQLITE_OK ||
        sqlite3_exec(db, "BEGIN; SELECT count(*) FROM entry", NULL, NULL, NULL) != SQLITE_OK)
        bail_out("cannot read");
    for (int i = 0; i < 100; i++) {
        book_begin(ledger);
        book_must(jb_ledger_append(ledger, &entry, NULL, &err), &err, "append");
        book_commit(ledger);
    }
    book_must(jb_ledger_root(ledger, &size, &root, &err), &err, "root");
    is_i64(size, 100, "writers go on while a reader keeps its view");
    (void)sqlite3_close(db);
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
}

int main(void)
{
    test_version_1();
    test_new_file();
    test_log_stays_short();
    test_reader_in_the_way();
    return done_testing();
}
