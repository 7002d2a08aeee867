/* SPDX-License-Identifier: Apache-2.0 */
/* Each paper once, a newer one in its place, all or nothing: R-REBUILT-02, -03, and with two books R-BOOK-07. */
#include "rebuilt.h"

static void test_once(struct jb_ledger *ledger)
{
    struct jb_rebuilt *const rebuilt = rebuilt_new();
    const struct jb_reconstructed first = rebuilt_enter(ledger, "once", rebuilt);
    const int64_t before = rebuilt_n_entries(ledger);
    const struct jb_reconstructed again = rebuilt_enter(ledger, "once", rebuilt);

    is_i64((int64_t)again.state, JB_PAPER_SAME, "the same paper again is known (R-REBUILT-02)");
    is_str(again.run_id, first.run_id, "as the run that it is in the book");
    is_i64(again.energy_uj.best, first.energy_uj.best, "with its energy");
    is_i64(rebuilt_n_entries(ledger), before, "and changes nothing");
    free(rebuilt);
}

static void test_supersede(struct jb_ledger *ledger)
{
    struct jb_rebuilt *const rebuilt = rebuilt_new();
    const int64_t others_uj = rebuilt_sum(ledger, JB_LAYER_RECONSTRUCTED, "run");
    const struct jb_reconstructed first = rebuilt_enter(ledger, "newer", rebuilt);

    rebuilt->lines[0].energy_uj = rebuilt_figure(1, 3, 5);
    const struct jb_reconstructed second = rebuilt_enter(ledger, "newer", rebuilt);
    is_i64((int64_t)second.state, JB_PAPER_SUPERSEDES, "other content supersedes (R-REBUILT-03)");
    is_i64((int64_t)rebuilt_find(ledger, first.run_id).status, JB_RUN_VOID,
           "the older run is void");
    is_i64(rebuilt_sum(ledger, JB_LAYER_RECONSTRUCTED, "run"), others_uj + 3,
           "only the newer counts");
    is_i64(rebuilt_sum(ledger, JB_LAYER_RECONSTRUCTED, "others"), 0,
           "what a bill no longer tells is charged to nobody");
    is_i64(rebuilt_sum(ledger, JB_LAYER_RECONSTRUCTED, "billed"), -others_uj - 3,
           "it went back to the bill");
    ok(rebuilt_is_balanced(ledger), "the book balances");

    rebuilt->lines[0].energy_uj = rebuilt_figure(REBUILT_KWH, 2 * REBUILT_KWH, 4 * REBUILT_KWH);
    const struct jb_reconstructed third = rebuilt_enter(ledger, "newer", rebuilt);
    is_i64((int64_t)third.state, JB_PAPER_SUPERSEDES, "and back: the first content is newer again");
    is_i64(rebuilt_sum(ledger, JB_LAYER_RECONSTRUCTED, "run"), others_uj + 2 * REBUILT_KWH,
           "it counts once");
    ok(rebuilt_is_balanced(ledger), "and the book balances");
    free(rebuilt);
}

static void test_several(struct jb_ledger *ledger)
{
    struct jb_rebuilt *const rebuilt = rebuilt_new();
    const struct jb_hash one = {{1}};
    const struct jb_hash two = {{2}};
    const int64_t before_uj = rebuilt_sum(ledger, JB_LAYER_RECONSTRUCTED, "run");
    struct jb_reconstructed told[2];
    struct jb_error err = {0};

    rebuilt->lines[0].energy_uj = rebuilt_figure(5, 5, 5);
    book_begin(ledger);
    struct jb_reconstruct *reconstruct = rebuilt_order(ledger);
    (void)rebuilt_paper(reconstruct, "bill", &one);
    for (int i = 0; i < 2; i++)
        book_must(jb_reconstruct_enter(reconstruct, rebuilt, &told[i], &err), &err, "twin");
    is_i64((int64_t)rebuilt_paper(reconstruct, "bill", &one), JB_PAPER_SAME,
           "a paper is known in the order that brought it");
    is_i64((int64_t)rebuilt_paper(reconstruct, "bill", &two), JB_PAPER_SUPERSEDES,
           "and superseded in it");
    book_must(jb_reconstruct_enter(reconstruct, rebuilt, &told[0], &err), &err, "newer");
    is_i64((int64_t)rebuilt_paper(reconstruct, "bill", &one), JB_PAPER_SUPERSEDES, "and again");
    for (int i = 0; i < 2; i++)
        book_must(jb_reconstruct_enter(reconstruct, rebuilt, &told[i], &err), &err, "twin again");
    jb_reconstruct_free(reconstruct);
    book_commit(ledger);
    is_i64(rebuilt_sum(ledger, JB_LAYER_RECONSTRUCTED, "run"), before_uj + 10,
           "two runs of a bill that tell the same are two, and only the last version counts");

    book_begin(ledger);
    reconstruct = rebuilt_order(ledger);
    (void)rebuilt_paper(reconstruct, "bill", &one);
    for (int i = 0; i < 2; i++) {
        struct jb_reconstructed again;
        book_must(jb_reconstruct_enter(reconstruct, rebuilt, &again, &err), &err, "known");
        is_str(again.run_id, told[i].run_id, "run %d of a known paper is found", i + 1);
    }
    (void)rebuilt_paper(reconstruct, "bill", &two);
    jb_reconstruct_free(reconstruct);
    book_commit(ledger);
    is_i64(rebuilt_sum(ledger, JB_LAYER_RECONSTRUCTED, "run"), before_uj,
           "a newer export without a run takes the runs out");
    free(rebuilt);
}

static void test_rollback(struct jb_ledger *ledger)
{
    struct jb_rebuilt *const rebuilt = rebuilt_new();
    const struct jb_hash digest = {{7}};
    const int64_t before = rebuilt_n_entries(ledger);
    struct jb_reconstructed told;
    struct jb_error err = {0};

    book_begin(ledger);
    struct jb_reconstruct *const reconstruct = rebuilt_order(ledger);
    (void)rebuilt_paper(reconstruct, "once", &digest);
    book_must(jb_reconstruct_enter(reconstruct, rebuilt, &told, &err), &err, "enter");
    jb_reconstruct_free(reconstruct);
    jb_ledger_rollback(ledger);
    is_i64(rebuilt_n_entries(ledger), before, "an order that is not committed leaves no trace");
    is_i64((int64_t)rebuilt_enter(ledger, "once", rebuilt).state, JB_PAPER_SAME,
           "and the paper it would have superseded is as it was");
    free(rebuilt);
}

static void test_names(struct jb_ledger *ledger)
{
    const struct jb_hash digest = {{7}};
    struct jb_rebuilt *const rebuilt = rebuilt_new();
    struct jb_reconstructed told;
    struct jb_error err = {0};
    enum jb_paper_state state;
    char key[JB_REBUILT_KEY + 1];

    memset(key, 'x', sizeof key - 1);
    key[sizeof key - 1] = '\0';
    book_begin(ledger);
    struct jb_reconstruct *const reconstruct = rebuilt_order(ledger);
    is_i64(jb_reconstruct_enter(reconstruct, rebuilt, &told, &err), JB_E_USAGE,
           "a run needs a paper");
    is_i64(jb_reconstruct_paper(reconstruct, "focus", key, &digest, &state, &err), JB_E_INPUT,
           "a key that does not fit is refused, not cut");
    is_i64(jb_reconstruct_paper(reconstruct, "focus", "", &digest, &state, &err), JB_E_INPUT,
           "and so is none");
    is_i64(jb_reconstruct_enter(reconstruct, rebuilt, &told, &err), JB_E_USAGE,
           "nothing is entered of it");
    jb_reconstruct_free(reconstruct);
    jb_ledger_rollback(ledger);
    free(rebuilt);
}

/* Both books have the paper: one of them counts. */
static void test_merge(void)
{
    const struct book_folder folder = book_new_folder();
    const struct book_folder other_folder = book_new_folder();
    struct jb_ledger *const ledger = book_open(folder.book, JB_LEDGER_CREATE);
    struct jb_ledger *const other = book_open(other_folder.book, JB_LEDGER_CREATE);
    struct jb_rebuilt *const rebuilt = rebuilt_new();
    int64_t n_entries = 0;
    int64_t n_runs = 0;
    struct jb_error err = {0};

    (void)rebuilt_enter(ledger, "both", rebuilt);
    (void)rebuilt_enter(other, "both", rebuilt);
    rebuilt->lines[0].energy_uj = rebuilt_figure(3, 3, 3);
    (void)rebuilt_enter(other, "there", rebuilt);
    book_begin(ledger);
    book_must(jb_ledger_merge(ledger, other, &n_entries, &n_runs, &err), &err, "merge");
    book_commit(ledger);
    is_i64(rebuilt_sum(ledger, JB_LAYER_RECONSTRUCTED, "run"), 2 * REBUILT_KWH + 3,
           "the same paper of two books counts once");
    ok(rebuilt_is_balanced(ledger), "the merged book balances");
    is_i64((int64_t)rebuilt_enter(ledger, "there", rebuilt).state, JB_PAPER_SAME,
           "a paper that came with the other book is known");
    free(rebuilt);
    jb_ledger_close(other);
    jb_ledger_close(ledger);
    book_remove_folder(&other_folder);
    book_remove_folder(&folder);
}

int main(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *const ledger = book_open(folder.book, JB_LEDGER_CREATE);

    test_once(ledger);
    test_supersede(ledger);
    test_several(ledger);
    test_rollback(ledger);
    test_names(ledger);
    ok(rebuilt_is_balanced(ledger), "the book balances");
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
    test_merge();
    return done_testing();
}
