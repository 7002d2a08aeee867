/* SPDX-License-Identifier: Apache-2.0 */
/*
 * R-BOOK-08, R-BOOK-15: roots at any size and proofs, against the recursive definition of RFC 6962 over the leaves as SQLite
 * has them; books of the version before, and books whose kept roots are not theirs.
 */
#include "book.h"

#include <sqlite3.h>

#include "base/compiler.h"
#include "journal/merkle.h"

enum { N_NOTES = 65536 + 3 * 256 + 77 }; /* a subtree of each kept level, and leaves of none */

struct leaves {
    int64_t n;
    struct jb_hash *hashes;
};

static sqlite3 *open_sqlite(const char *path)
{
    sqlite3 *db = NULL;

    if (sqlite3_open(path, &db) != SQLITE_OK)
        bail_out("cannot open %s", path);
    return db;
}

static void sql(const char *path, const char *text)
{
    sqlite3 *const db = open_sqlite(path);

    if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
        bail_out("%s: %s", text, sqlite3_errmsg(db));
    (void)sqlite3_close(db);
}

static struct leaves read_leaves(const char *path)
{
    sqlite3 *const db = open_sqlite(path);
    struct leaves leaves = {.hashes = calloc(N_NOTES + 1000, sizeof *leaves.hashes)};
    sqlite3_stmt *stmt = NULL;

    if (!leaves.hashes ||
        sqlite3_prepare_v2(db, "SELECT leaf FROM entry ORDER BY seq", -1, &stmt, NULL) != SQLITE_OK)
        bail_out("cannot read %s", path);
    while (sqlite3_step(stmt) == SQLITE_ROW && leaves.n < N_NOTES + 1000)
        memcpy(leaves.hashes[leaves.n++].bytes, sqlite3_column_blob(stmt, 0), JB_HASH_BYTES);
    (void)sqlite3_finalize(stmt);
    (void)sqlite3_close(db);
    return leaves;
}

static struct jb_hash root_of(const struct jb_hash *hashes, int64_t n)
{
    int64_t split = 1;

    if (n == 0)
        return jb_hash_parts(NULL, 0);
    if (n == 1)
        return hashes[0];
    while (split * 2 < n)
        split *= 2;
    const struct jb_hash left = root_of(hashes, split);
    const struct jb_hash right = root_of(hashes + split, n - split);
    return jb_merkle_node(&left, &right);
}

static void append_notes(struct jb_ledger *ledger, int n)
{
    static int64_t utc_us = 1; /* each leaf unlike any other */
    struct jb_error err = {0};

    for (int i = 0; i < n; i++) {
        const struct jb_entry entry = {.kind = "note", .utc_us = utc_us++};
        book_must(jb_ledger_append(ledger, &entry, NULL, &err), &err, "append");
    }
}

static const int64_t sizes[] = {1,    2,     255,   256,   257,   511,         512,
                                1000, 65535, 65536, 65537, 65792, N_NOTES - 1, N_NOTES};

/* Every step-th size with every index of a list of corners: how many roots, paths and consistency proofs hold. */
static void check_tree(struct jb_ledger *ledger, const struct leaves *leaves, size_t step,
                       const char *name)
{
    int n_roots = 0, n_paths = 0, n_paths_wanted = 0, n_growths = 0, n_growths_wanted = 0;
    struct jb_hash roots[JB_ARRAY_LEN(sizes)], root;
    struct jb_merkle_proof proof;
    struct jb_error err = {0};

    for (size_t i = step - 1; i < JB_ARRAY_LEN(sizes); i += step) {
        roots[i] = root_of(leaves->hashes, sizes[i]);
        n_roots += jb_ledger_root_at(ledger, sizes[i], &root, &err) == JB_OK &&
                   jb_hash_equal(&root, &roots[i]);
        const int64_t corners[] = {0, sizes[i] / 2, sizes[i] / 3 * 2, sizes[i] - 1};
        for (size_t k = 0; k < JB_ARRAY_LEN(corners); k++) {
            struct jb_hash leaf;
            n_paths_wanted++;
            n_paths += jb_ledger_leaf_at(ledger, corners[k], &leaf, &err) == JB_OK &&
                       jb_hash_equal(&leaf, &leaves->hashes[corners[k]]) &&
                       jb_ledger_inclusion(ledger, corners[k], sizes[i], &proof, &err) == JB_OK &&
                       jb_merkle_check_inclusion(corners[k], sizes[i], &leaf, &proof, &roots[i]);
        }
        for (size_t k = step - 1; k <= i; k += step) {
            n_growths_wanted++;
            n_growths +=
                jb_ledger_consistency(ledger, sizes[k], sizes[i], &proof, &err) == JB_OK &&
                jb_merkle_check_consistency(sizes[k], sizes[i], &roots[k], &roots[i], &proof);
        }
    }
    is_i64(n_roots, (int64_t)(JB_ARRAY_LEN(sizes) / step), "%s: the root at each size", name);
    is_i64(n_paths, n_paths_wanted, "%s: the path of each entry", name);
    is_i64(n_growths, n_growths_wanted, "%s: the growth between each two sizes", name);
}

static void check_ranges(struct jb_ledger *ledger)
{
    struct jb_ledger_opened *opened = NULL;
    struct jb_merkle_proof proof;
    struct jb_hash hash;
    struct jb_error err = {0};

    ok(jb_ledger_root_at(ledger, N_NOTES + 1, &hash, &err) == JB_E_RANGE &&
           jb_ledger_root_at(ledger, -1, &hash, &err) == JB_E_RANGE &&
           jb_ledger_leaf_at(ledger, N_NOTES, &hash, &err) == JB_E_RANGE &&
           jb_ledger_leaf_at(ledger, -1, &hash, &err) == JB_E_RANGE &&
           jb_ledger_inclusion(ledger, 0, N_NOTES + 1, &proof, &err) == JB_E_RANGE &&
           jb_ledger_inclusion(ledger, 256, 256, &proof, &err) == JB_E_RANGE &&
           jb_ledger_inclusion(ledger, -1, 256, &proof, &err) == JB_E_RANGE &&
           jb_ledger_consistency(ledger, 257, 256, &proof, &err) == JB_E_RANGE &&
           jb_ledger_consistency(ledger, 0, N_NOTES + 1, &proof, &err) == JB_E_RANGE &&
           jb_ledger_entry_opened(ledger, N_NOTES, &opened, &err) == JB_E_RANGE && !opened,
       "there is nothing beyond the book");
    is_i64(jb_ledger_root_at(ledger, 0, &hash, &err), JB_OK, "but there was a time before it");
    const struct jb_hash empty = jb_hash_parts(NULL, 0);
    ok(jb_hash_equal(&hash, &empty), "with the root of nothing");
}

/* The rows of `node` as one text. */
static char *nodes_of(const char *path)
{
    static const char all[] = "SELECT coalesce(group_concat(level || ' ' || position || ' ' ||"
                              " hex(root), ','), '') FROM (SELECT * FROM node ORDER BY 1, 2)";
    sqlite3 *const db = open_sqlite(path);
    sqlite3_stmt *stmt = NULL;

    if (sqlite3_prepare_v2(db, all, -1, &stmt, NULL) != SQLITE_OK ||
        sqlite3_step(stmt) != SQLITE_ROW)
        bail_out("no nodes: %s", sqlite3_errmsg(db));
    char *const text = strdup((const char *)sqlite3_column_text(stmt, 0));
    (void)sqlite3_finalize(stmt);
    (void)sqlite3_close(db);
    return text;
}

/* Which of the rules the book breaks. */
static bool breaks_rule(struct jb_ledger *ledger, const char *rule)
{
    static struct jb_balance balance;
    struct jb_error err = {0};
    bool is_broken = false;

    book_must(jb_ledger_balance(ledger, &balance, &err), &err, "balance");
    for (size_t i = 0; i < balance.n_checks; i++)
        is_broken = is_broken ||
                    (balance.checks[i].n_failed > 0 && strcmp(balance.checks[i].rule, rule) == 0);
    return rule[0] ? is_broken : !balance.is_balanced;
}

/* A book as the version before made it: without the table. */
static void make_old(const char *path)
{
    sql(path, "DROP TABLE node; PRAGMA user_version = 1");
}

static void test_a_large_book(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *ledger = book_open(folder.book, JB_LEDGER_CREATE);

    book_begin(ledger);
    append_notes(ledger, N_NOTES);
    book_commit(ledger);
    const struct leaves leaves = read_leaves(folder.book);
    is_i64(leaves.n, N_NOTES, "the book has its entries");
    check_tree(ledger, &leaves, 1, "as it was made");
    check_ranges(ledger);
    jb_ledger_close(ledger);
    char *const made = nodes_of(folder.book);
    int n_rows = 1;
    for (const char *at = made; *at; at++)
        n_rows += *at == ',';
    is_i64(n_rows, 256 + 3 + 1, "a root for each complete 256, and for the complete 65,536");

    make_old(folder.book);
    ledger = book_open(folder.book, JB_LEDGER_READ);
    check_tree(ledger, &leaves, 7, "an older book that is read");
    ok(!breaks_rule(ledger, ""), "it balances");
    jb_ledger_close(ledger);
    ledger = book_open(folder.book, JB_LEDGER_WRITE);
    char *const migrated = nodes_of(folder.book);
    is_str(migrated, made, "opened to be written, it gets the roots it would have had");
    check_tree(ledger, &leaves, 2, "migrated");
    ok(!breaks_rule(ledger, ""), "it balances");
    jb_ledger_close(ledger);
    free(made);
    free(migrated);
    free(leaves.hashes);
    book_remove_folder(&folder);
}

static void test_within_a_transaction(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *ledger = book_open(folder.book, JB_LEDGER_CREATE);
    struct jb_error err = {0};
    struct jb_merkle_proof proof;
    struct jb_hash leaf, root, again;
    int64_t size = 0;

    book_begin(ledger);
    append_notes(ledger, 300);
    book_commit(ledger);
    book_begin(ledger);
    append_notes(ledger, 300);
    book_must(jb_ledger_root(ledger, &size, &root, &err), &err, "root");
    is_i64(size, 600, "what was entered in a transaction counts in it");
    ok(jb_ledger_leaf_at(ledger, 599, &leaf, &err) == JB_OK &&
           jb_ledger_inclusion(ledger, 599, 600, &proof, &err) == JB_OK &&
           jb_merkle_check_inclusion(599, 600, &leaf, &proof, &root),
       "and has its path before it is committed");
    jb_ledger_rollback(ledger);
    is_i64(jb_ledger_leaf_at(ledger, 599, &leaf, &err), JB_E_RANGE, "rolled back, it is gone");
    book_begin(ledger);
    append_notes(ledger, 300);
    book_commit(ledger);
    const struct leaves leaves = read_leaves(folder.book);
    again = root_of(leaves.hashes, 512);
    ok(leaves.n == 600 && jb_ledger_root_at(ledger, 512, &root, &err) == JB_OK &&
           jb_hash_equal(&root, &again),
       "and the roots kept are those of what was committed");
    jb_ledger_close(ledger);
    free(leaves.hashes);
    book_remove_folder(&folder);
}

static const struct {
    const char *what, *name;
    bool spoils_proof;
} breaks[] = {
    {"UPDATE node SET root = zeroblob(32) WHERE position = 0", "a kept root changed", true},
    {"DELETE FROM node WHERE position = 0", "a kept root missing", true},
    {"UPDATE node SET root = x'00' WHERE position = 0", "a kept root cut off", true},
    {"UPDATE node SET position = 2 WHERE position = 1", "a kept root in another place", true},
    {"UPDATE entry SET leaf = zeroblob(32) WHERE seq = 513", "a leaf changed", true},
    {"INSERT INTO node VALUES (1, 9, zeroblob(32))", "a root of leaves that are not there", false},
    {"INSERT INTO node VALUES (2, 0, zeroblob(32))", "a root of a level that is not there", false},
};

static void test_damage(void)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(breaks); i++) {
        const struct book_folder folder = book_new_folder();
        struct jb_ledger *ledger = book_open(folder.book, JB_LEDGER_CREATE);
        struct jb_merkle_proof proof = {.n = 63};
        struct jb_error err = {0};
        char text[512];

        book_begin(ledger);
        append_notes(ledger, 600);
        book_commit(ledger);
        jb_ledger_close(ledger);
        (void)snprintf(text, sizeof text,
                       "DROP TRIGGER node_keeps; DROP TRIGGER node_stays; DROP TRIGGER entry_keeps;"
                       " %s",
                       breaks[i].what);
        sql(folder.book, text);
        ledger = book_open(folder.book, JB_LEDGER_READ);
        if (breaks[i].spoils_proof) {
            is_i64(jb_ledger_inclusion(ledger, 512, 600, &proof, &err), JB_E_DAMAGED,
                   "%s: no path is given", breaks[i].name);
            is_i64(jb_ledger_consistency(ledger, 512, 600, &proof, &err), JB_E_DAMAGED,
                   "%s: no growth is given", breaks[i].name);
            is_i64((int64_t)proof.n, 63, "%s: none is half written", breaks[i].name);
        }
        ok(breaks_rule(ledger, "R-BOOK-08"), "%s: the proof of the book finds it", breaks[i].name);
        jb_ledger_close(ledger);
        book_remove_folder(&folder);
    }
}

static void test_guards(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *ledger = book_open(folder.book, JB_LEDGER_CREATE);

    book_begin(ledger);
    append_notes(ledger, 256);
    book_commit(ledger);
    jb_ledger_close(ledger);
    sqlite3 *const db = open_sqlite(folder.book);
    ok(sqlite3_exec(db, "DELETE FROM node", NULL, NULL, NULL) == SQLITE_CONSTRAINT,
       "no kept root is deleted by accident");
    ok(sqlite3_exec(db, "UPDATE node SET root = root", NULL, NULL, NULL) == SQLITE_CONSTRAINT,
       "or changed");
    (void)sqlite3_close(db);
    book_remove_folder(&folder);
}

static void test_merge(void)
{
    const struct book_folder here = book_new_folder(), there = book_new_folder();
    struct jb_ledger *ledger = book_open(here.book, JB_LEDGER_CREATE);
    struct jb_ledger *other = book_open(there.book, JB_LEDGER_CREATE);
    struct jb_error err = {0};
    int64_t n_entries = 0, n_runs = 0;

    book_begin(ledger);
    append_notes(ledger, 200);
    book_commit(ledger);
    book_begin(other);
    append_notes(other, 400);
    book_commit(other);
    jb_ledger_close(other);
    make_old(there.book);
    other = book_open(there.book, JB_LEDGER_READ);
    book_begin(ledger);
    book_must(jb_ledger_merge(ledger, other, &n_entries, &n_runs, &err), &err, "merge");
    book_commit(ledger);
    is_i64(n_entries, 400, "an older book is merged as it is");
    ok(!breaks_rule(ledger, ""), "and the roots are kept of what came in");
    const struct leaves leaves = read_leaves(here.book);
    const struct jb_hash want = root_of(leaves.hashes, 512);
    struct jb_hash root;
    ok(leaves.n == 601 && jb_ledger_root_at(ledger, 512, &root, &err) == JB_OK &&
           jb_hash_equal(&root, &want),
       "which give the root in the middle of it");
    jb_ledger_close(ledger);
    jb_ledger_close(other);
    free(leaves.hashes);
    book_remove_folder(&here);
    book_remove_folder(&there);
}

static void test_opened(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *ledger = book_open(folder.book, JB_LEDGER_CREATE);
    struct jb_ledger_opened *opened = NULL;
    struct jb_error err = {0};
    size_t i = 0;

    book_fill(ledger);
    book_must(jb_ledger_entry_opened(ledger, 0, &opened, &err), &err, "open");
    is_str(opened->head.kind, "run-opened", "an entry is given by its number");
    is_str(opened->head.run_id, RUN_A, "with its head");
    const struct jb_hash leaf = jb_merkle_leaf(opened->bytes, opened->n_bytes);
    ok(opened->index == 0 && jb_hash_equal(&leaf, &opened->leaf), "its bytes give its leaf");
    size_t n_fit = 0, n_project = 0;
    for (i = 0; i < opened->head.n_fields; i++) {
        const struct jb_ledger_opening *const opening = &opened->openings[i];
        const struct jb_hash hash = jb_entry_commit(opening->salt, opened->head.fields[i].name,
                                                    opening->value, opening->len);
        n_fit += jb_hash_equal(&hash, &opened->head.fields[i].hash);
        n_project += strcmp(opened->head.fields[i].name, "project") == 0 &&
                     strcmp(opening->value, "asphalt") == 0;
    }
    is_i64((int64_t)n_fit, (int64_t)opened->head.n_fields, "its openings fit its commitments");
    is_i64((int64_t)n_project, 1, "and say what was entered");
    jb_ledger_opened_free(opened);
    book_begin(ledger);
    book_must(jb_ledger_erase(ledger, RUN_A, "command", "a password", &err), &err, "erase");
    book_commit(ledger);
    book_must(jb_ledger_entry_opened(ledger, 0, &opened, &err), &err, "open");
    while (i > 0 && strcmp(opened->head.fields[i - 1].name, "command") != 0)
        i--;
    ok(i > 0 && !opened->openings[i - 1].value && opened->openings[i - 1].len == 0,
       "what was erased has no opening");
    jb_ledger_opened_free(opened);
    jb_ledger_opened_free(NULL);
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
}

static void test_account_entry(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *ledger = book_open(folder.book, JB_LEDGER_CREATE);
    const struct jb_field place = {"place", "DE"};
    struct jb_error err = {0};
    struct jb_hash leaf, at;
    char json[512];
    char *have = NULL;
    int64_t seq = 0;

    is_i64(jb_ledger_account_entry(ledger, RUN_A, &seq, &leaf, &err), JB_E_NOT_FOUND,
           "a run that is not there has no account");
    book_fill(ledger);
    book_must(jb_ledger_account_entry(ledger, RUN_A, &seq, &leaf, &err), &err, "account");
    ok(seq == 5 && jb_ledger_leaf_at(ledger, 4, &at, &err) == JB_OK && jb_hash_equal(&leaf, &at),
       "the account was entered when the run was closed");
    book_begin(ledger);
    book_must(jb_ledger_amend(ledger, RUN_A, &place, 1, "known now", NULL, &err), &err, "amend");
    book_commit(ledger);
    book_must(jb_ledger_account_entry(ledger, RUN_A, &seq, &leaf, &err), &err, "account");
    is_i64(seq, 5, "an amendment without an account does not change that");
    book_account(json, sizeof json, "rapl/package-0", 120000000);
    book_begin(ledger);
    append_notes(ledger, 1);
    book_must(jb_ledger_amend(ledger, RUN_A, &place, 1, "again", json, &err), &err, "amend");
    append_notes(ledger, 1);
    book_commit(ledger);
    book_must(jb_ledger_account_entry(ledger, RUN_A, &seq, &leaf, &err), &err, "account");
    ok(seq == 8 && jb_ledger_leaf_at(ledger, 7, &at, &err) == JB_OK && jb_hash_equal(&leaf, &at),
       "one with an account does");
    book_must(jb_ledger_run_account(ledger, RUN_A, &have, &err), &err, "account");
    is_str(have, json, "and that is the account the run has");
    free(have);
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
}

int main(void)
{
    test_a_large_book();
    test_within_a_transaction();
    test_damage();
    test_guards();
    test_merge();
    test_opened();
    test_account_entry();
    return done_testing();
}
