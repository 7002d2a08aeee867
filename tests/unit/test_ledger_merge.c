/* SPDX-License-Identifier: Apache-2.0 */
/* R-BOOK-07: books brought together keep every entry, count every joule once, and may be merged again. */
#include "book.h"

struct books {
    struct book_folder here_folder, there_folder;
    struct jb_ledger *here, *there;
};

static struct books start(void)
{
    struct books books = {.here_folder = book_new_folder(), .there_folder = book_new_folder()};

    books.here = book_open(books.here_folder.book, JB_LEDGER_CREATE);
    books.there = book_open(books.there_folder.book, JB_LEDGER_CREATE);
    return books;
}

static void finish(struct books *books)
{
    jb_ledger_close(books->here);
    jb_ledger_close(books->there);
    book_remove_folder(&books->here_folder);
    book_remove_folder(&books->there_folder);
}

static struct jb_balance balance_of(struct jb_ledger *ledger)
{
    struct jb_error err = {0};
    struct jb_balance balance;

    book_must(jb_ledger_balance(ledger, &balance, &err), &err, "balance");
    for (size_t i = 0; i < balance.n_checks; i++) {
        if (balance.checks[i].n_failed > 0)
            diag("%s: %s", balance.checks[i].rule, balance.checks[i].first_failure);
    }
    return balance;
}

static int64_t sum_of(const struct jb_balance *balance, const char *kind)
{
    for (size_t i = 0; i < balance->n_sums; i++) {
        if (strcmp(balance->sums[i].kind, kind) == 0)
            return balance->sums[i].total_uj;
    }
    return 0;
}

static int64_t merge(struct jb_ledger *here, struct jb_ledger *there, int64_t *ret_n_runs)
{
    struct jb_error err = {0};
    int64_t n_entries = -1;

    book_begin(here);
    book_must(jb_ledger_merge(here, there, &n_entries, ret_n_runs, &err), &err, "merge");
    book_commit(here);
    return n_entries;
}

/* One run on another node. */
static void fill_other_node(struct jb_ledger *ledger)
{
    struct jb_interval interval = book_interval("rapl/package-0", 100, 110, 0, 1000);

    book_text(interval.host, sizeof interval.host, "node-2");
    book_begin(ledger);
    book_open_run(ledger, RUN_B, 100);
    (void)book_post(ledger, &interval, RUN_B, 500);
    book_commit(ledger);
}

static jb_rc count_marked(void *arg, int64_t seq, const struct jb_entry *entry,
                          struct jb_error *err)
{
    int *n = arg;

    (void)seq;
    (void)entry;
    (void)err;
    ++*n;
    return JB_OK;
}

static jb_rc see_series(void *arg, const char *name, const void *bytes, size_t len,
                        struct jb_error *err)
{
    int *n = arg;

    (void)err;
    *n += strcmp(name, "rapl/package-0") == 0 && len == 3 && memcmp(bytes, "abc", 3) == 0;
    return JB_OK;
}

static void test_two_nodes(void)
{
    struct books books = start();
    struct jb_error err = {0};
    int64_t n_runs = -1;
    int n_merges = 0;
    int n_series = 0;
    struct jb_run run;

    book_fill(books.here);
    fill_other_node(books.there);
    book_begin(books.there);
    book_must(jb_ledger_add_series(books.there, RUN_B, "rapl/package-0", "abc", 3, &err), &err,
              "series");
    book_commit(books.there);
    is_i64(merge(books.here, books.there, &n_runs), 3, "all entries of the other node come");
    is_i64(n_runs, 1, "with its run");
    const struct jb_balance balance = balance_of(books.here);
    ok(balance.is_balanced, "the merged book balances");
    is_i64(balance.n_entries, 9, "5 here, 3 from there, and the merge itself");
    is_i64(sum_of(&balance, "meter"), -183061000, "meters of both nodes are there");
    book_must(jb_ledger_find_run(books.here, RUN_B, &run, &err), &err, "find");
    is_i64((int64_t)run.status, JB_RUN_OPEN, "the other node's run is found, still open");
    book_must(jb_ledger_each_series(books.here, RUN_B, see_series, &n_series, &err), &err,
              "series");
    is_i64(n_series, 1, "its series came along");
    is_i64(merge(books.here, books.there, &n_runs), 0, "merging again brings nothing");
    is_i64(n_runs, 0, "and no run");
    book_must(jb_ledger_each_entry(books.here, "merged", NULL, count_marked, &n_merges, &err), &err,
              "each entry");
    is_i64(n_merges, 1, "nor an entry of its own");

    book_begin(books.there);
    book_close_run(books.there, RUN_B, 110, "rapl/package-0", 0);
    book_commit(books.there);
    book_must(jb_ledger_find_run(books.there, RUN_B, &run, &err), &err, "find");
    is_i64(merge(books.here, books.there, &n_runs), 1, "what was entered there later comes later");
    book_must(jb_ledger_find_run(books.here, RUN_B, &run, &err), &err, "find");
    is_i64((int64_t)run.status, JB_RUN_DONE, "and closes the run here");
    is_i64(merge(books.there, books.here, &n_runs), 7,
           "the other way brings what was here, merges included");
    ok(!balance_of(books.there).is_balanced, "a wrong account stays wrong in either book");
    finish(&books);
}

/* Two recorders on one node, each with a book: the meter was read twice at the same time. */
static void test_same_meter_twice(void)
{
    struct books books = start();
    struct jb_interval interval = book_interval("rapl/package-0", 105, 125, 0, 2000000);
    struct jb_error err = {0};
    int64_t n_runs;

    book_fill(books.here);
    book_begin(books.there);
    book_open_run(books.there, RUN_B, 105);
    (void)book_post(books.there, &interval, RUN_B, 20000000);
    interval = book_interval("rapl/package-0", 130, 140, 0, 1000);
    (void)book_post(books.there, &interval, RUN_B, 500);
    char account[512];
    struct jb_run run;
    book_run(&run, RUN_B, 105);
    run.status = JB_RUN_DONE;
    book_account(account, sizeof account, "rapl/package-0", 20000500);
    book_must(jb_ledger_close_run(books.there, &run, account, NULL, 0, &err), &err, "close");
    book_commit(books.there);
    ok(balance_of(books.there).is_balanced, "the other book balances");
    is_i64(merge(books.here, books.there, &n_runs), 4, "every entry is kept");
    const struct jb_balance balance = balance_of(books.here);
    ok(balance.is_balanced, "the merged book balances, the other run's account included");
    is_i64(sum_of(&balance, "meter"), -183061000, "the time that both read is posted once");
    is_i64(sum_of(&balance, "run"), 120000500, "by the book that had it first");

    book_begin(books.there);
    book_must(jb_ledger_void(books.there, RUN_B, "a trial", &err), &err, "void");
    book_commit(books.there);
    is_i64(merge(books.here, books.there, &n_runs), 3,
           "a void over there comes with its two reversals");
    const struct jb_balance voided = balance_of(books.here);
    ok(voided.is_balanced, "and balances: a memo is reversed by a memo");
    is_i64(sum_of(&voided, "run"), 120000000,
           "only the posted part of the other run is taken back");
    is_i64(sum_of(&voided, "others"), 500, "and charged to the others");
    finish(&books);
}

static void test_void_in_both(void)
{
    struct books books = start();
    struct jb_error err = {0};
    int64_t n_runs;

    book_fill(books.here);
    (void)merge(books.there, books.here, &n_runs);
    book_begin(books.here);
    book_must(jb_ledger_void(books.here, RUN_A, "here", &err), &err, "void");
    book_commit(books.here);
    book_begin(books.there);
    book_must(jb_ledger_void(books.there, RUN_A, "there", &err), &err, "void");
    book_commit(books.there);
    (void)merge(books.here, books.there, &n_runs);
    const struct jb_balance balance = balance_of(books.here);
    ok(balance.is_balanced, "a run voided in two copies of a book is taken back once");
    is_i64(sum_of(&balance, "others"), 120000000, "and charged once");
    finish(&books);
}

static void test_erasure_travels(void)
{
    struct books books = start();
    struct jb_error err = {0};
    struct jb_run run;
    int64_t n_runs;

    book_fill(books.here);
    (void)merge(books.there, books.here, &n_runs);
    book_begin(books.here);
    book_must(jb_ledger_erase(books.here, RUN_A, "command", "a secret", &err), &err, "erase");
    book_commit(books.here);
    (void)merge(books.there, books.here, &n_runs);
    book_must(jb_ledger_find_run(books.there, RUN_A, &run, &err), &err, "find");
    is_str(run.command, "", "what was erased in one book is erased where it is merged");
    ok(balance_of(books.there).is_balanced, "which balances");
    finish(&books);
}

static void test_same_id_twice(void)
{
    struct books books = start();
    struct jb_error err = {0};
    struct jb_hash before;
    struct jb_hash after;
    int64_t size = 0;
    int64_t n_entries = -1;
    int64_t n_runs = -1;

    book_fill(books.here);
    book_begin(books.there);
    book_open_run(books.there, RUN_A, 7);
    book_commit(books.there);
    book_must(jb_ledger_root(books.here, &size, &before, &err), &err, "root");
    book_begin(books.here);
    is_i64(jb_ledger_merge(books.here, books.there, &n_entries, &n_runs, &err), JB_E_CONFLICT,
           "two different runs of one id are refused");
    is_i64(jb_ledger_commit(books.here, &err), JB_E_CONFLICT,
           "and what came before them cannot be committed");
    book_must(jb_ledger_root(books.here, &size, &after, &err), &err, "root");
    ok(memcmp(&before, &after, sizeof before) == 0 && n_entries == -1, "nothing was brought in");
    finish(&books);
}

static void test_backup(void)
{
    struct books books = start();
    struct jb_error err = {0};
    char path[1024];
    struct jb_hash here;
    struct jb_hash copy;
    int64_t size = 0;
    struct stat st;

    book_fill(books.here);
    (void)snprintf(path, sizeof path, "%s/copy.db", books.there_folder.path);
    is_i64(jb_ledger_backup(books.here, path, &err), JB_OK, "a book in use is copied");
    is_i64(jb_ledger_backup(books.here, path, &err), JB_E_IO, "never over another file");
    ok(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600, "only its owner can read the copy");
    book_must(jb_ledger_root(books.here, &size, &here, &err), &err, "root");
    struct jb_ledger *ledger = book_open(path, JB_LEDGER_READ);
    book_must(jb_ledger_root(ledger, &size, &copy, &err), &err, "root");
    ok(memcmp(&here, &copy, sizeof here) == 0, "the copy has the same root");
    ok(balance_of(ledger).is_balanced, "and balances");
    jb_ledger_close(ledger);
    finish(&books);
}

int main(void)
{
    test_two_nodes();
    test_same_meter_twice();
    test_void_in_both();
    test_erasure_travels();
    test_same_id_twice();
    test_backup();
    return done_testing();
}
