/* SPDX-License-Identifier: Apache-2.0 */
/* R-REBUILT-05: two books with two versions of one paper, merged, are told of, and an import of the newest mends it. */
#include "rebuilt.h"

static size_t n_doubles(struct jb_ledger *ledger, char key[JB_REBUILT_KEY])
{
    struct jb_error err = {0};
    size_t n = 99;

    book_must(jb_reconstruct_find_doubles(ledger, &n, key, &err), &err, "doubles");
    return n;
}

int main(void)
{
    const struct book_folder folder = book_new_folder();
    const struct book_folder other_folder = book_new_folder();
    struct jb_ledger *const ledger = book_open(folder.book, JB_LEDGER_CREATE);
    struct jb_ledger *const other = book_open(other_folder.book, JB_LEDGER_CREATE);
    struct jb_rebuilt *const rebuilt = rebuilt_new();
    char key[JB_REBUILT_KEY];
    int64_t n_entries = 0;
    int64_t n_runs = 0;
    struct jb_error err = {0};

    is_i64((int64_t)n_doubles(ledger, key), 0, "a book without papers has none twice");
    (void)rebuilt_enter(ledger, "alike", rebuilt);
    (void)rebuilt_enter(other, "alike", rebuilt);
    (void)rebuilt_enter(ledger, "unlike", rebuilt);
    rebuilt->lines[0].energy_uj = rebuilt_figure(5, 5, 5);
    (void)rebuilt_enter(other, "unlike", rebuilt);
    (void)rebuilt_enter(ledger, "newer", rebuilt);
    rebuilt->lines[0].energy_uj = rebuilt_figure(7, 7, 7);
    (void)rebuilt_enter(ledger, "newer", rebuilt);
    is_i64((int64_t)n_doubles(ledger, key), 0, "what was superseded does not count");
    book_begin(ledger);
    book_must(jb_ledger_merge(ledger, other, &n_entries, &n_runs, &err), &err, "merge");
    book_commit(ledger);
    is_i64((int64_t)n_doubles(ledger, key), 1, "a paper in two versions is found after a merge");
    is_str(key, "unlike", "by its key");
    (void)rebuilt_enter(ledger, "unlike", rebuilt);
    is_i64((int64_t)n_doubles(ledger, key), 0, "and is mended by importing it again");
    is_i64(rebuilt_sum(ledger, JB_LAYER_RECONSTRUCTED, "run"), 2 * REBUILT_KWH + 7 + 7,
           "so that each counts once");
    ok(rebuilt_is_balanced(ledger), "the book balances");
    free(rebuilt);
    jb_ledger_close(other);
    jb_ledger_close(ledger);
    book_remove_folder(&other_folder);
    book_remove_folder(&folder);
    return done_testing();
}
