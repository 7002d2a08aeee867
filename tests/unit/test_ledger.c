/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a book, transactions and entering: R-BOOK-01, -10, -12; what cannot be opened says why. */
#include "book.h"

#include <fcntl.h>

static void test_create(void)
{
    const struct book_folder folder = book_new_folder();
    char path[1024];
    char inside[1024];
    struct jb_error err = {0};
    struct jb_ledger *ledger = NULL;
    struct stat st;
    int64_t size = -1;
    struct jb_hash root;
    char hex[65];

    (void)snprintf(path, sizeof path, "%s/a/b/book.db", folder.path);
    is_i64(jb_ledger_open(path, JB_LEDGER_WRITE, &jb_clock_system, &ledger, &err), JB_E_NOT_FOUND,
           "writing does not make a book that is not there");
    is_i64(jb_ledger_open(path, JB_LEDGER_READ, &jb_clock_system, &ledger, &err), JB_E_NOT_FOUND,
           "reading does not make one either");
    ledger = book_open(path, JB_LEDGER_CREATE);
    is_str(jb_ledger_path(ledger), path, "a book knows its path");
    ok(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600, "only its owner can read a new book");
    (void)snprintf(inside, sizeof inside, "%s/a", folder.path);
    ok(stat(inside, &st) == 0 && (st.st_mode & 0777) == 0700,
       "only its owner can enter a new folder");
    is_i64(jb_ledger_root(ledger, &size, &root, &err), JB_OK, "an empty book has a root");
    is_i64(size, 0, "an empty book has no entries");
    is_str(jb_hex(root.bytes, 32, hex, sizeof hex),
           "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
           "its root is SHA-256 of nothing");
    jb_ledger_close(ledger);
    ledger = book_open(path, JB_LEDGER_CREATE);
    ok(ledger, "a book that exists is opened, not made again");
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
}

static jb_rc append_note(struct jb_ledger *ledger, const struct jb_line *lines, size_t n_lines,
                         int64_t *ret_seq, struct jb_error *err)
{
    const struct jb_field field = {"text", "hello"};
    const struct jb_entry entry = {
        .kind = "note", .n_fields = 1, .fields = &field, .n_lines = n_lines, .lines = lines};

    return jb_ledger_append(ledger, &entry, ret_seq, err);
}

static void test_append(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *ledger = book_open(folder.book, JB_LEDGER_CREATE);
    struct jb_error err = {0};
    struct jb_line lines[2] = {book_line("stated", "paper", -700), book_line("run", RUN_A, 700)};
    struct jb_hash before;
    struct jb_hash after;
    int64_t size = 0;
    int64_t seq = 0;

    is_i64(append_note(ledger, NULL, 0, &seq, &err), JB_E_USAGE,
           "nothing is entered outside of a transaction");
    book_begin(ledger);
    is_i64(append_note(ledger, lines, 2, &seq, &err), JB_OK,
           "an entry that sums to zero is entered");
    is_i64(seq, 1, "the first entry has number 1");
    lines[1].amount_uj = 699;
    is_i64(append_note(ledger, lines, 2, &seq, &err), JB_E_CONFLICT,
           "one microjoule off is refused (R-BOOK-01)");
    lines[1].amount_uj = INT64_MAX;
    lines[0].amount_uj = INT64_MAX;
    is_i64(append_note(ledger, lines, 2, &seq, &err), JB_E_CONFLICT,
           "a sum beyond 64 bits does not wrap to zero");
    lines[0] = book_line("meter", "node-1/x", -5);
    lines[1].amount_uj = 5;
    is_i64(append_note(ledger, lines, 2, &seq, &err), JB_E_CONFLICT,
           "no meter is credited without its counts");
    lines[0] = book_line("gift", "x", -5);
    is_i64(append_note(ledger, lines, 2, &seq, &err), JB_E_INPUT,
           "an account of unknown kind is refused");
    is_i64(append_note(ledger, NULL, 0, &seq, &err), JB_OK,
           "a refused entry does not spoil the next");
    is_i64(seq, 2, "and takes no number");
    book_commit(ledger);
    book_must(jb_ledger_root(ledger, &size, &before, &err), &err, "root");
    is_i64(size, 2, "committed entries count");
    book_begin(ledger);
    book_must(append_note(ledger, NULL, 0, &seq, &err), &err, "append");
    jb_ledger_rollback(ledger);
    book_must(jb_ledger_root(ledger, &size, &after, &err), &err, "root");
    ok(size == 2 && memcmp(&before, &after, sizeof before) == 0,
       "what is rolled back leaves no trace");
    book_begin(ledger);
    is_i64(jb_ledger_begin(ledger, &err), JB_E_USAGE, "transactions do not nest");
    book_must(append_note(ledger, NULL, 0, &seq, &err), &err, "append");
    is_i64(seq, 3, "numbers have no holes");
    jb_ledger_close(ledger);
    ledger = book_open(folder.book, JB_LEDGER_WRITE);
    book_must(jb_ledger_root(ledger, &size, &after, &err), &err, "root");
    is_i64(size, 2, "closing without commit enters nothing");
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
}

static jb_rc note_seen(void *arg, int64_t seq, const struct jb_entry *entry, struct jb_error *err)
{
    int64_t *sum = arg;

    (void)err;
    if (strcmp(entry->kind, "note") == 0 && entry->n_fields == 1 &&
        strcmp(entry->fields[0].value, "hello") == 0)
        *sum += seq;
    return JB_OK;
}

static void test_each_entry(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *ledger = book_open(folder.book, JB_LEDGER_CREATE);
    struct jb_error err = {0};
    int64_t sum = 0;
    int64_t seq;

    book_fill(ledger);
    book_begin(ledger);
    book_must(append_note(ledger, NULL, 0, &seq, &err), &err, "append");
    book_commit(ledger);
    is_i64(jb_ledger_each_entry(ledger, "note", NULL, note_seen, &sum, &err), JB_OK,
           "entries of a kind are found");
    is_i64(sum, 6, "and only they");
    is_i64(jb_ledger_each_entry(ledger, "note", RUN_A, note_seen, &sum, &err), JB_OK,
           "entries of a run are asked for");
    is_i64(sum, 6, "a note about no run is not given for one");
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
}

static void overwrite(const char *path, off_t at, const void *bytes, size_t len)
{
    const int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd < 0 || pwrite(fd, bytes, len, at) != (ssize_t)len || close(fd) < 0)
        bail_out("cannot write %s", path);
}

static void test_refusals(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *ledger = book_open(folder.book, JB_LEDGER_CREATE);
    struct jb_error err = {0};
    const uint8_t newer[4] = {0, 0, 0, 99};
    char other[1024];

    jb_ledger_close(ledger);
    overwrite(folder.book, 60, newer, sizeof newer); /* user_version, big-endian */
    is_i64(jb_ledger_open(folder.book, JB_LEDGER_WRITE, &jb_clock_system, &ledger, &err),
           JB_E_NEWER, "a book from a newer version is refused");
    ok(strstr(err.message, "99") && err.hint[0] != '\0', "with both versions named and what to do");
    (void)snprintf(other, sizeof other, "%s/notes.txt", folder.path);
    FILE *const file = fopen(other, "we");
    ok(file &&
           fputs("this is not a book, it is a shopping list that is long enough to be looked at "
                 "twice\n",
                 file) >= 0 &&
           fclose(file) == 0,
       "a text file is written");
    is_i64(jb_ledger_open(other, JB_LEDGER_CREATE, &jb_clock_system, &ledger, &err), JB_E_DAMAGED,
           "a file that is no book is refused, and not written over");
    is_i64(jb_ledger_open(folder.path, JB_LEDGER_CREATE, &jb_clock_system, &ledger, &err),
           JB_E_INPUT, "a folder is no book");
    book_remove_folder(&folder);
}

static void test_reading_mode(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *writer = book_open(folder.book, JB_LEDGER_CREATE);
    struct jb_ledger *reader;
    struct jb_error err = {0};
    struct jb_hash root;
    int64_t size = 0;

    book_fill(writer);
    reader = book_open(folder.book, JB_LEDGER_READ);
    is_i64(jb_ledger_begin(reader, &err), JB_E_READONLY, "a book opened to be read is not written");
    book_must(jb_ledger_root(reader, &size, &root, &err), &err, "root");
    is_i64(size, 5, "a reader sees what was committed, log included");
    book_begin(writer);
    book_open_run(writer, RUN_B, 1);
    book_must(jb_ledger_root(reader, &size, &root, &err), &err, "root");
    is_i64(size, 5, "a reader does not wait for a writer, nor see what is not committed");
    book_commit(writer);
    book_must(jb_ledger_root(reader, &size, &root, &err), &err, "root");
    is_i64(size, 6, "and sees it once it is");
    jb_ledger_close(reader);
    jb_ledger_close(writer);
    book_remove_folder(&folder);
}

int main(void)
{
    test_create();
    test_append();
    test_each_entry();
    test_refusals();
    test_reading_mode();
    return done_testing();
}
