/* SPDX-License-Identifier: Apache-2.0 */
/* R-BOOK-16: a book written as a log says what the book holds, opens what is about keys, and nothing else. */
#include "book.h"

#include <sqlite3.h>

#include "base/buf.h"
#include "journal/journal_log.h"

struct seen {
    struct jb_ledger *ledger;
    int n, n_roots, n_openings;
    char key_name[32];
};

/* Each root against the book's own, which test_ledger_tree proves. */
static jb_rc see(void *arg, const struct jb_journal_log_entry *entry, struct jb_error *err)
{
    struct seen *const seen = arg;
    const struct jb_hash root = jb_merkle_root(entry->tree);
    struct jb_hash want;

    book_must(jb_ledger_root_at(seen->ledger, entry->index + 1, &want, err), err, "root");
    seen->n_roots += jb_hash_equal(&root, &want);
    seen->n++;
    seen->n_openings += entry->openings != NULL;
    if (entry->openings && entry->openings[0].value)
        (void)snprintf(seen->key_name, sizeof seen->key_name, "%.*s", (int)entry->openings[0].len,
                       entry->openings[0].value);
    return JB_OK;
}

static jb_rc put(void *arg, const void *bytes, size_t len, struct jb_error *err)
{
    struct jb_buf *const out = arg;

    (void)err;
    jb_buf_add(out, bytes, len);
    return out->failed;
}

static jb_rc refuse(void *arg, const void *bytes, size_t len, struct jb_error *err)
{
    (void)arg, (void)bytes, (void)len;
    return jb_fail(err, JB_E_FULL, NULL, "no room");
}

static void append_key(struct jb_ledger *ledger)
{
    const struct jb_field fields[] = {{"name", "lab-2026"}, {"public_key", "lab-2026+00+AA"}};
    const struct jb_entry entry = {.kind = "key", .n_fields = 2, .fields = fields};
    struct jb_error err = {0};

    book_begin(ledger);
    book_must(jb_ledger_append(ledger, &entry, NULL, &err), &err, "append");
    book_commit(ledger);
}

static bool holds(const struct jb_buf *buf, const char *text)
{
    return memmem(buf->bytes, buf->len, text, strlen(text)) != NULL;
}

static void read_back(struct jb_ledger *ledger, const struct jb_buf *log, struct seen *seen)
{
    JB_AUTO(jb_journal_log_free_auto) struct jb_journal_log *reader = NULL;
    struct jb_error err = {0};

    *seen = (struct seen){.ledger = ledger};
    book_must(jb_journal_log_new(see, seen, &reader, &err), &err, "reader");
    book_must(jb_journal_log_feed(reader, log->bytes, log->len, &err), &err, "feed");
    book_must(jb_journal_log_end(reader, &err), &err, "end");
}

static void test_export(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *ledger = book_open(folder.book, JB_LEDGER_CREATE);
    struct jb_buf log = JB_BUF(1024 * 1024), early = JB_BUF(1024 * 1024);
    struct jb_error err = {0};
    struct seen seen;

    book_fill(ledger);
    append_key(ledger);
    is_i64(jb_ledger_export_log(ledger, 6, "lab/00", put, &log, &err), JB_OK,
           "a book is written as a log");
    read_back(ledger, &log, &seen);
    ok(seen.n == 6 && seen.n_roots == 6, "which gives every root the book has had");
    ok(seen.n_openings == 1 && strcmp(seen.key_name, "lab-2026") == 0, "and the name of the key");
    ok(!holds(&log, "asphalt") && !holds(&log, "train.py") && !holds(&log, BOOK_HOST) &&
           !holds(&log, "40000000"),
       "no project, command, host or figure can be found in it");
    is_i64(jb_ledger_export_log(ledger, 4, "lab/00", put, &early, &err), JB_OK,
           "it is written as of an earlier size");
    read_back(ledger, &early, &seen);
    is_i64(seen.n, 4, "with as many entries");
    ok(early.len < log.len && memcmp(early.bytes + 25, log.bytes + 25, early.len - 25) == 0,
       "which are how the later one begins");
    is_i64(jb_ledger_export_log(ledger, 7, "lab/00", put, &early, &err), JB_E_RANGE,
           "a size it never had is refused");
    is_i64(jb_ledger_export_log(ledger, 6, "two words", put, &early, &err), JB_E_INPUT,
           "so is an origin with a blank");
    is_i64(jb_ledger_export_log(ledger, 6, "lab/00", refuse, NULL, &err), JB_E_FULL,
           "where it cannot be put there is no log");
    book_begin(ledger);
    is_i64(jb_ledger_export_log(ledger, 6, "lab/00", put, &early, &err), JB_E_USAGE,
           "nor while the book is written");
    jb_ledger_rollback(ledger);
    jb_buf_release(&log);
    jb_buf_release(&early);
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
}

static void test_damaged(void)
{
    static const char *const breaks[] = {
        "UPDATE entry SET bytes = (SELECT bytes FROM entry WHERE seq = 2) WHERE seq = 3",
        "DELETE FROM entry WHERE seq = 3",
        "UPDATE opening SET value = 'another' WHERE seq = 6 AND position = 0",
    };

    for (size_t i = 0; i < sizeof breaks / sizeof breaks[0]; i++) {
        const struct book_folder folder = book_new_folder();
        struct jb_ledger *ledger = book_open(folder.book, JB_LEDGER_CREATE);
        struct jb_buf log = JB_BUF(1024 * 1024);
        struct jb_error err = {0};
        sqlite3 *db = NULL;

        book_fill(ledger);
        append_key(ledger);
        jb_ledger_close(ledger);
        if (sqlite3_open(folder.book, &db) != SQLITE_OK ||
            sqlite3_exec(db,
                         "DROP TRIGGER entry_keeps; DROP TRIGGER entry_stays;"
                         " DROP TRIGGER opening_keeps",
                         NULL, NULL, NULL) != SQLITE_OK ||
            sqlite3_exec(db, breaks[i], NULL, NULL, NULL) != SQLITE_OK)
            bail_out("%s", sqlite3_errmsg(db));
        (void)sqlite3_close(db);
        ledger = book_open(folder.book, JB_LEDGER_READ);
        is_i64(jb_ledger_export_log(ledger, 6, "lab/00", put, &log, &err), JB_E_DAMAGED,
               "a damaged book gives no log (%zu)", i);
        jb_buf_release(&log);
        jb_ledger_close(ledger);
        book_remove_folder(&folder);
    }
}

int main(void)
{
    test_export();
    test_damaged();
    return done_testing();
}
