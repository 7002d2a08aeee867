/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The proof: a right book balances with sums made by hand; each claim fails on the book that breaks it and on no
 * other. Books are broken through SQLite, with the guards taken away and put back.
 */
#include <sqlite3.h>

#include "book.h"
#include "ledger/ledger_int.h"

static struct jb_balance balance_of(const char *path)
{
    struct jb_error err = {0};
    struct jb_balance balance;
    struct jb_ledger *ledger = book_open(path, JB_LEDGER_READ);

    book_must(jb_ledger_balance(ledger, &balance, &err), &err, "balance");
    jb_ledger_close(ledger);
    return balance;
}

static const struct jb_balance_check *check_of(const struct jb_balance *balance, const char *rule)
{
    for (size_t i = 0; i < balance->n_checks; i++) {
        if (strcmp(balance->checks[i].rule, rule) == 0)
            return &balance->checks[i];
    }
    bail_out("no check %s", rule);
    return NULL;
}

static const char *sum_text(const struct jb_balance *balance, const char *kind)
{
    for (size_t i = 0; i < balance->n_sums; i++) {
        if (strcmp(balance->sums[i].kind, kind) == 0 && balance->sums[i].layer == JB_LAYER_MEASURED)
            return balance->sums[i].total_text;
    }
    return "";
}

/* Node 61000000 uJ x 3 of package-0, of which 40000000 x 3 to run A; a parent with 10 uJ above and one below. */
static void fill(const char *path)
{
    struct jb_ledger *ledger = book_open(path, JB_LEDGER_CREATE);
    struct jb_error err = {0};
    struct jb_interval child = book_interval("rapl/package-1", 200, 210, 0, 1000);
    struct jb_interval parent = book_interval("bmc/node", 200, 210, 0, 61010);
    struct jb_line lines[3] = {book_line("meter", BOOK_HOST "/bmc/node", -10),
                               book_line("platform", BOOK_HOST, 10), book_line("run", RUN_A, 0)};

    book_fill(ledger);
    book_begin(ledger);
    book_text(child.parent, sizeof child.parent, "bmc/node");
    (void)book_post(ledger, &child, RUN_B, 0);
    parent.role = JB_ROLE_PARENT;
    parent.unit_num = 1;
    parent.energy_uj = 61010;
    book_must(jb_ledger_post_interval(ledger, &parent, lines, 3, NULL, &err), &err, "parent");
    book_open_run(ledger, RUN_B, 200);
    book_must(jb_ledger_add_series(ledger, RUN_A, "rapl/package-0", "\x01\x02\x03", 3, &err), &err,
              "series");
    book_commit(ledger);
    jb_ledger_close(ledger);
}

static void test_right_book(void)
{
    const struct book_folder folder = book_new_folder();

    fill(folder.book);
    const struct jb_balance balance = balance_of(folder.book);
    for (size_t i = 0; i < balance.n_checks; i++)
        is_str(balance.checks[i].first_failure, "", "%s: %s", balance.checks[i].rule,
               balance.checks[i].claim);
    ok(balance.is_balanced, "a right book balances");
    is_i64(balance.n_entries, 9, "every entry is looked at");
    is_i64(balance.n_intervals, 5, "every interval");
    is_i64(balance.n_runs, 2, "every run");
    is_str(sum_text(&balance, "meter"), "-183061010", "meters gave 3 x 61 J, 61000 uJ and 10 uJ");
    is_str(sum_text(&balance, "run"), "120000000", "runs have 3 x 40 J");
    is_str(sum_text(&balance, "idle"), "63061000", "idle has the rest of the packages");
    is_str(sum_text(&balance, "platform"), "10", "platform what the node read above them");
    is_i64(check_of(&balance, "R-BOOK-02")->n_checked, 5,
           "overlap is looked for in every interval");
    is_i64(check_of(&balance, "R-BOOK-03")->n_checked, 5,
           "counts are converted for every interval");
    is_i64(check_of(&balance, "R-BOOK-04")->n_checked, 2, "both runs are compared");
    book_remove_folder(&folder);
}

static void test_empty_book(void)
{
    const struct book_folder folder = book_new_folder();

    jb_ledger_close(book_open(folder.book, JB_LEDGER_CREATE));
    const struct jb_balance balance = balance_of(folder.book);
    ok(balance.is_balanced && balance.n_entries == 0, "an empty book balances");
    book_remove_folder(&folder);
}

static void sql(sqlite3 *db, const char *text)
{
    char *message = NULL;

    if (sqlite3_exec(db, text, NULL, NULL, &message) != SQLITE_OK)
        bail_out("%s: %s", text, message ? message : "");
}

/* Takes the guards away, does it, and puts them back as they were. */
static void tamper(const char *path, const char *what)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;
    char *guards[32];
    char drop[256];
    size_t n = 0;

    if (sqlite3_open(path, &db) != SQLITE_OK ||
        sqlite3_prepare_v2(db, "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'", -1,
                           &stmt, NULL) != SQLITE_OK)
        bail_out("cannot open %s", path);
    char *names[32];
    while (sqlite3_step(stmt) == SQLITE_ROW && n < 32) {
        names[n] = strdup((const char *)sqlite3_column_text(stmt, 0));
        guards[n++] = strdup((const char *)sqlite3_column_text(stmt, 1));
    }
    (void)sqlite3_finalize(stmt);
    for (size_t i = 0; i < n; i++) {
        (void)snprintf(drop, sizeof drop, "DROP TRIGGER %s", names[i]);
        sql(db, drop);
    }
    sql(db, what);
    for (size_t i = 0; i < n; i++) {
        sql(db, guards[i]);
        free(guards[i]);
        free(names[i]);
    }
    (void)sqlite3_close(db);
}

static const struct {
    const char *rule, *what, *name;
} breaks[] = {
    {"R-BOOK-06", "UPDATE opening SET value = replace(value, '40000000', '40000001') WHERE seq = 2",
     "a figure of an opening"},
    {"R-BOOK-06", "UPDATE entry SET utc_us = utc_us + 1 WHERE seq = 2", "a column of an entry"},
    {"R-BOOK-06",
     "UPDATE entry SET bytes = CAST(replace(hex(bytes), '4A42', '4A43') AS BLOB) WHERE seq = 3",
     "an entry's bytes"},
    {"R-BOOK-06", "UPDATE line SET amount_uj = amount_uj + 1 WHERE seq = 2 AND position = 1",
     "a line in the index"},
    {"R-BOOK-06", "DELETE FROM line WHERE seq = 3 AND position = 2",
     "a line that is missing in the index"},
    {"R-BOOK-06", "INSERT INTO line VALUES (99, 0, 1, 5, NULL, NULL, NULL, NULL)",
     "a line that belongs to no entry"},
    {"R-BOOK-06", "UPDATE interval SET energy_uj = 1 WHERE seq = 2", "an energy in the index"},
    {"R-BOOK-06", "UPDATE interval SET is_memo = 1 WHERE seq = 2", "a posting hidden as a memo"},
    {"R-BOOK-06", "UPDATE account SET name = 'run:0190cccc' WHERE name LIKE 'run:0190aaaa%'",
     "an account's name"},
    {"R-BOOK-06", "UPDATE opening SET value = NULL, salt = NULL WHERE seq = 1 AND position = 2",
     "an erasure that was not entered"},
    {"R-BOOK-06", "DELETE FROM run WHERE run_id LIKE '0190bbbb%'",
     "a run that is missing in the index"},
    {"R-BOOK-06", "DELETE FROM opening WHERE seq = 9 AND position = 0", "a field that is missing"},
    {"R-BOOK-07",
     "UPDATE entry SET is_memo = 1 WHERE seq = 2; UPDATE interval SET is_memo = 1 WHERE seq = 2",
     "a memo that no merge named"},
    {"R-BOOK-08",
     "DELETE FROM entry WHERE seq = 9; DELETE FROM opening WHERE seq = 9; DELETE FROM series",
     "an entry taken from the end"},
    {"R-BOOK-08", "UPDATE tree SET size = 8, edge = zeroblob(32)", "a tree that forgot an entry"},
    {"R-BOOK-09", "UPDATE series SET bytes = x'010204'", "a series"},
    {"R-BOOK-09", "DELETE FROM series", "a series that is missing"},
    {"R-BOOK-10", "DROP INDEX line_by_account", "an index that is missing"},
};

static void test_breaks(void)
{
    for (size_t i = 0; i < sizeof breaks / sizeof breaks[0]; i++) {
        const struct book_folder folder = book_new_folder();
        fill(folder.book);
        tamper(folder.book, breaks[i].what);
        const struct jb_balance balance = balance_of(folder.book);
        const struct jb_balance_check *check = check_of(&balance, breaks[i].rule);
        ok(!balance.is_balanced && check->n_failed > 0 && check->first_failure[0], "%s fails on %s",
           breaks[i].rule, breaks[i].name);
        book_remove_folder(&folder);
    }
}

static void test_guard(void)
{
    const struct book_folder folder = book_new_folder();
    sqlite3 *db = NULL;

    fill(folder.book);
    if (sqlite3_open(folder.book, &db) != SQLITE_OK)
        bail_out("cannot open");
    static const char *const tables[] = {"entry", "opening",  "account", "line",
                                         "meter", "interval", "run",     "series"};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        char text[128];
        (void)snprintf(text, sizeof text, "DELETE FROM %s", tables[i]);
        ok(sqlite3_exec(db, text, NULL, NULL, NULL) == SQLITE_CONSTRAINT,
           "nothing is deleted from %s by accident", tables[i]);
    }
    ok(sqlite3_exec(db, "UPDATE entry SET kind = kind", NULL, NULL, NULL) == SQLITE_CONSTRAINT,
       "no entry is updated");
    ok(sqlite3_exec(db, "UPDATE opening SET value = 'x'", NULL, NULL, NULL) == SQLITE_CONSTRAINT,
       "a field cannot be given another value");
    sql(db, "DROP TRIGGER entry_stays");
    (void)sqlite3_close(db);
    const struct jb_balance balance = balance_of(folder.book);
    ok(check_of(&balance, "R-BOOK-10")->n_failed == 1 &&
           strstr(check_of(&balance, "R-BOOK-10")->first_failure, "entry_stays"),
       "a guard that was taken away is missed by name");
    book_remove_folder(&folder);
}

/* Right entries that together are wrong: the account, the parent. */
static void test_wrong_account(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *ledger = book_open(folder.book, JB_LEDGER_CREATE);
    const struct jb_interval interval = book_interval("rapl/package-0", 100, 110, 0, 1000);

    book_begin(ledger);
    book_open_run(ledger, RUN_A, 100);
    (void)book_post(ledger, &interval, RUN_A, 500);
    book_close_run(ledger, RUN_A, 110, "rapl/package-0", 501);
    book_commit(ledger);
    jb_ledger_close(ledger);
    const struct jb_balance balance = balance_of(folder.book);
    is_i64(check_of(&balance, "R-BOOK-04")->n_failed, 1,
           "an account one microjoule off its postings is found");
    ok(strstr(check_of(&balance, "R-BOOK-04")->first_failure, "501") &&
           strstr(check_of(&balance, "R-BOOK-04")->first_failure, "500"),
       "with both figures");
    book_remove_folder(&folder);
}

static void test_wrong_headline(int64_t best_uj, int64_t n_failed, const char *promise)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *ledger = book_open(folder.book, JB_LEDGER_CREATE);
    const struct jb_interval interval = book_interval("rapl/package-0", 100, 110, 0, 1000);
    char json[256];

    (void)snprintf(json, sizeof json,
                   "{\"energy_uj\":{\"best\":%" PRId64
                   "},\"lines\":[{\"channel\":\"rapl/package-0\",\"host\":\"" BOOK_HOST
                   "\",\"role\":\"post\",\"run_uj\":{\"best\":500}}]}",
                   best_uj);
    book_begin(ledger);
    book_open_run(ledger, RUN_A, 100);
    (void)book_post(ledger, &interval, RUN_A, 500);
    book_close_run(ledger, RUN_A, 110, "rapl/package-0", 500);
    if (jb_ledger_amend(ledger, RUN_A, NULL, 0, "test", json, NULL) < 0)
        bail_out("no amendment");
    book_commit(ledger);
    jb_ledger_close(ledger);
    const struct jb_balance balance = balance_of(folder.book);
    is_i64(check_of(&balance, "R-BOOK-04")->n_failed, n_failed, "%s", promise);
    book_remove_folder(&folder);
}

static void test_account_of_other_channel(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *ledger = book_open(folder.book, JB_LEDGER_CREATE);
    const struct jb_interval interval = book_interval("rapl/package-0", 100, 110, 0, 1000);

    book_begin(ledger);
    book_open_run(ledger, RUN_A, 100);
    (void)book_post(ledger, &interval, RUN_A, 500);
    book_close_run(ledger, RUN_A, 110, "rapl/package-1", 500);
    book_commit(ledger);
    jb_ledger_close(ledger);
    const struct jb_balance balance = balance_of(folder.book);
    is_i64(check_of(&balance, "R-BOOK-04")->n_failed, 2,
           "a channel too many and one too few are both found");
    book_remove_folder(&folder);
}

static void test_unopened_run(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *ledger = book_open(folder.book, JB_LEDGER_CREATE);
    const struct jb_interval interval = book_interval("rapl/package-0", 100, 110, 0, 1000);

    book_begin(ledger);
    (void)book_post(ledger, &interval, RUN_A, 500);
    book_commit(ledger);
    jb_ledger_close(ledger);
    const struct jb_balance balance = balance_of(folder.book);
    is_i64(check_of(&balance, "R-BOOK-04")->n_failed, 1,
           "energy of a run that was never opened is found");
    book_remove_folder(&folder);
}

static void test_wrong_parent(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *ledger = book_open(folder.book, JB_LEDGER_CREATE);
    struct jb_error err = {0};
    struct jb_interval child = book_interval("rapl/package-1", 200, 210, 0, 1000);
    struct jb_interval parent = book_interval("bmc/node", 200, 210, 0, 1001);
    struct jb_line lines[2] = {book_line("meter", BOOK_HOST "/bmc/node", -60),
                               book_line("platform", BOOK_HOST, 60)};

    book_begin(ledger);
    book_open_run(ledger, RUN_A, 100);
    book_text(child.parent, sizeof child.parent, "bmc/node");
    (void)book_post(ledger, &child, RUN_A, 0);
    parent.role = JB_ROLE_PARENT;
    book_must(jb_ledger_post_interval(ledger, &parent, lines, 2, NULL, &err), &err, "parent");
    book_commit(ledger);
    jb_ledger_close(ledger);
    const struct jb_balance balance = balance_of(folder.book);
    is_i64(check_of(&balance, "R-BOOK-03")->n_failed, 1,
           "a parent that posts 60 where 61 uJ are left is found");
    book_remove_folder(&folder);
}

/* Seven uJ that a bill told, posted to RUN_B. */
static int64_t post_billed(struct jb_ledger *ledger)
{
    struct jb_interval told = book_interval("focus/p3", 100, 110, 0, 7);
    const struct jb_line lines[2] = {book_line("billed", BOOK_HOST "/focus/p3", -7),
                                     book_line("run", RUN_B, 7)};
    struct jb_error err = {0};
    struct jb_run run;
    int64_t seq = 0;

    told.semantics = JB_SEMANTICS_TOLD;
    told.origin = JB_ORIGIN_BILLED;
    told.unit_num = told.unit_den = 1;
    told.modulus = told.raw_start = 0;
    told.raw_end = 7;
    told.energy_uj = 7;
    book_run(&run, RUN_B, 100);
    run.layer = JB_LAYER_RECONSTRUCTED;
    book_must(jb_ledger_open_run(ledger, &run, &err), &err, "open");
    book_must(jb_ledger_post_interval(ledger, &told, lines, 2, &seq, &err), &err, "post");
    return seq;
}

/* Enters past the checks a reversal of that posting which charges `kind`, in proper form otherwise. */
static int64_t n_failed_reversing_to(const char *kind, const char *name)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *const ledger = book_open(folder.book, JB_LEDGER_CREATE);
    const struct jb_line lines[2] = {book_line("run", RUN_B, -7), book_line(kind, name, 7)};
    struct ledger__stored *stored = NULL;
    char leaf[LEDGER_LEAF_TEXT];
    const struct jb_field field = {LEDGER_FIELD_REVERSES, leaf};
    struct jb_entry entry = {.layer = JB_LAYER_RECONSTRUCTED,
                             .n_fields = 1,
                             .fields = &field,
                             .n_lines = 2,
                             .lines = lines};
    struct ledger__index index = {.about_seq = 0};
    struct jb_error err = {0};

    book_begin(ledger);
    index.about_seq = post_billed(ledger);
    book_must(ledger__stored_new(&stored, &err), &err, "stored");
    book_must(ledger__load_seq(ledger->store, index.about_seq, stored, &err), &err, "load");
    (void)ledger__leaf_text(&stored->leaf, leaf);
    ledger__stored_free(stored);
    book_text(entry.kind, sizeof entry.kind, LEDGER_KIND_REVERSAL);
    book_text(entry.run_id, sizeof entry.run_id, RUN_B);
    book_must(ledger__enter(ledger, &entry, &index, NULL, &err), &err, "reversal");
    book_commit(ledger);
    jb_ledger_close(ledger);
    const struct jb_balance balance = balance_of(folder.book);
    is_i64(check_of(&balance, "R-BOOK-13")->n_checked, 1, "the reversal is looked at");
    book_remove_folder(&folder);
    return check_of(&balance, "R-BOOK-13")->n_failed;
}

static void test_wrong_contra(void)
{
    is_i64(n_failed_reversing_to("billed", BOOK_HOST "/focus/p3"), 0,
           "what a bill told goes back to the bill");
    is_i64(n_failed_reversing_to("others", BOOK_HOST), 1,
           "charged to the others of the host it would be energy nobody measured");
    is_i64(n_failed_reversing_to("billed", BOOK_HOST "/focus/p4"), 1, "nor to another bill line");
}

static void test_wide_sums(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *ledger = book_open(folder.book, JB_LEDGER_CREATE);
    struct jb_error err = {0};

    book_begin(ledger);
    book_open_run(ledger, RUN_A, 100);
    for (int i = 0; i < 3; i++) {
        const struct jb_line lines[2] = {book_line("stated", "paper", -INT64_MAX),
                                         book_line("run", RUN_A, INT64_MAX)};
        const struct jb_entry entry = {
            .kind = "stated", .layer = JB_LAYER_RECONSTRUCTED, .n_lines = 2, .lines = lines};
        book_must(jb_ledger_append(ledger, &entry, NULL, &err), &err, "append");
    }
    book_commit(ledger);
    jb_ledger_close(ledger);
    const struct jb_balance balance = balance_of(folder.book);
    ok(balance.is_balanced && balance.n_sums == 2, "sums beyond 64 bits balance");
    is_str(balance.sums[1].total_text, "27670116110564327421",
           "and are told exactly"); /* 3 x (2^63 - 1) */
    is_i64(balance.sums[1].total_uj, INT64_MAX, "while the short form stops at its end");
    is_i64((int64_t)balance.sums[1].layer, JB_LAYER_RECONSTRUCTED,
           "in the layer they were entered in");
    book_remove_folder(&folder);
}

int main(void)
{
    test_right_book();
    test_empty_book();
    test_breaks();
    test_guard();
    test_wrong_account();
    test_wrong_headline(500, 0, "a headline that is the sum of its lines is right");
    test_wrong_headline(499, 1, "one that is not is found");
    test_account_of_other_channel();
    test_unopened_run();
    test_wrong_parent();
    test_wrong_contra();
    test_wide_sums();
    return done_testing();
}
