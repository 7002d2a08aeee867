/* SPDX-License-Identifier: Apache-2.0 */
/* Corrections: R-BOOK-13 (void), R-BOOK-14 (amend), R-BOOK-06 (erase). The book balances after each of them. */
#include "book.h"

static bool is_balanced(struct jb_ledger *ledger)
{
    struct jb_error err = {0};
    struct jb_balance balance;

    book_must(jb_ledger_balance(ledger, &balance, &err), &err, "balance");
    for (size_t i = 0; i < balance.n_checks; i++) {
        if (balance.checks[i].n_failed > 0)
            diag("%s: %s", balance.checks[i].rule, balance.checks[i].first_failure);
    }
    return balance.is_balanced;
}

static jb_rc amend_one(struct jb_ledger *ledger, const char *name, const char *value)
{
    const struct jb_field change = {name, value};
    struct jb_error err = {0};

    return jb_ledger_amend(ledger, RUN_A, &change, 1, "typing error", NULL, &err);
}

static void test_amend(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *ledger = book_open(folder.book, JB_LEDGER_CREATE);
    struct jb_error err = {0};
    struct jb_run run;
    char *json = NULL;

    book_fill(ledger);
    book_begin(ledger);
    is_i64(amend_one(ledger, "project", "concrete"), JB_OK, "a project is amended");
    is_i64(amend_one(ledger, "place", "NL"), JB_OK, "a place is given later");
    is_i64(amend_one(ledger, "pue_milli", "1125"), JB_OK, "a PUE too");
    is_i64(amend_one(ledger, "tag", "team=vision"), JB_OK, "a tag is added");
    is_i64(amend_one(ledger, "tag", "team=speech"), JB_OK,
           "a tag of the same name takes its place");
    is_i64(amend_one(ledger, "tag", "old=1"), JB_OK, "another tag is added");
    is_i64(amend_one(ledger, "tag", "old="), JB_OK, "and taken away");
    is_i64(amend_one(ledger, "stage", ""), JB_OK, "a fact is taken back");
    is_i64(amend_one(ledger, "end_utc_us", "5"), JB_E_INPUT, "a time is never amended");
    is_i64(amend_one(ledger, "host", "other"), JB_E_INPUT, "nor the host");
    is_i64(amend_one(ledger, "joules", "5"), JB_E_INPUT, "nor what is no fact");
    is_i64(amend_one(ledger, "pue_milli", "1,1"), JB_E_INPUT, "a number must be one");
    is_i64(amend_one(ledger, "currency", "gold bars"), JB_E_RANGE, "a text must fit");
    book_commit(ledger);
    book_must(jb_ledger_find_run(ledger, RUN_A, &run, &err), &err, "find");
    is_str(run.project, "concrete", "the amended project is the run's");
    is_str(run.place, "NL", "so is the place");
    is_i64(run.pue_milli, 1125, "and the PUE");
    is_str(run.stage, "", "and what was taken back is not given");
    ok(run.n_tags == 1 && strcmp(run.tags[0], "team=speech") == 0, "and the one tag that is left");
    is_i64((int64_t)run.status, JB_RUN_DONE, "an amended run is still done");

    char account[512];
    book_account(account, sizeof account, "rapl/package-0", 120000000);
    const size_t len = strlen(account);
    (void)snprintf(account + len - 1, sizeof account - len, ",\"place\":\"NL\"}");
    book_begin(ledger);
    book_must(jb_ledger_amend(ledger, RUN_A, NULL, 0, NULL, account, &err), &err,
              "amend the account");
    book_commit(ledger);
    book_must(jb_ledger_run_account(ledger, RUN_A, &json, &err), &err, "account");
    is_str(json, account, "the account is the one entered last");
    free(json);
    ok(is_balanced(ledger), "an amended book balances");
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
}

static int64_t sum_of(const struct jb_balance *balance, const char *kind)
{
    for (size_t i = 0; i < balance->n_sums; i++) {
        if (strcmp(balance->sums[i].kind, kind) == 0)
            return balance->sums[i].total_uj;
    }
    return 0;
}

static void test_void(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *ledger = book_open(folder.book, JB_LEDGER_CREATE);
    struct jb_error err = {0};
    struct jb_balance before;
    struct jb_balance after;
    struct jb_run run;

    book_fill(ledger);
    book_begin(ledger);
    book_open_run(ledger, RUN_B, 500);
    is_i64(jb_ledger_void(ledger, RUN_B, "test", &err), JB_E_CONFLICT,
           "an open run cannot be voided");
    book_commit(ledger);
    book_must(jb_ledger_balance(ledger, &before, &err), &err, "balance");
    book_begin(ledger);
    is_i64(jb_ledger_void(ledger, RUN_A, "wrong machine", &err), JB_OK, "a run is voided");
    is_i64(jb_ledger_void(ledger, RUN_A, "again", &err), JB_E_CONFLICT, "but not twice");
    is_i64(amend_one(ledger, "project", "x"), JB_E_CONFLICT, "and not amended any more");
    book_commit(ledger);
    book_must(jb_ledger_find_run(ledger, RUN_A, &run, &err), &err, "find");
    is_i64((int64_t)run.status, JB_RUN_VOID, "it is void");
    book_must(jb_ledger_balance(ledger, &after, &err), &err, "balance");
    ok(is_balanced(ledger), "the book balances");
    is_i64(sum_of(&before, "run"), 120000000, "what stood in the run's account,");
    is_i64(sum_of(&after, "run"), 0, "stands there no more");
    is_i64(sum_of(&after, "others"), 120000000, "but with the others of the host");
    is_i64(sum_of(&after, "meter"), sum_of(&before, "meter"),
           "what the meter gave is posted as before");
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
}

/* Whether any file of the book's folder holds the text. */
static bool is_on_disk(const struct book_folder *folder, const char *text)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    bool found = false;

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        char path[1024];
        (void)snprintf(path, sizeof path, "%s%s", folder->book, ends[i]);
        FILE *const file = fopen(path, "rbe");
        if (!file)
            continue;
        static char bytes[4 * 1024 * 1024];
        const size_t len = fread(bytes, 1, sizeof bytes, file);
        found = found || memmem(bytes, len, text, strlen(text)) != NULL;
        (void)fclose(file);
    }
    return found;
}

static void test_erase(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *ledger = book_open(folder.book, JB_LEDGER_CREATE);
    struct jb_error err = {0};
    struct jb_run run;
    struct jb_hash before;
    struct jb_hash after;
    int64_t size = 0;

    book_begin(ledger);
    book_run(&run, RUN_A, 100);
    book_text(run.command, sizeof run.command, "train --token s3cr3t-t0ken");
    book_must(jb_ledger_open_run(ledger, &run, &err), &err, "open run");
    const struct jb_interval interval = book_interval("rapl/package-0", 100, 110, 0, 1000);
    (void)book_post(ledger, &interval, RUN_A, 500);
    book_close_run(ledger, RUN_A, 110, "rapl/package-0", 500);
    book_commit(ledger);
    ok(is_on_disk(&folder, "s3cr3t-t0ken"), "a secret slipped in");
    book_must(jb_ledger_root(ledger, &size, &before, &err), &err, "root");
    book_begin(ledger);
    is_i64(jb_ledger_erase(ledger, RUN_A, "place", "none", &err), JB_E_NOT_FOUND,
           "what is not there is not erased");
    is_i64(jb_ledger_erase(ledger, RUN_A, "account", "why not", &err), JB_E_INPUT,
           "figures are never erased");
    is_i64(jb_ledger_erase(ledger, RUN_A, "command", "a token in it", &err), JB_OK,
           "a field is erased");
    book_commit(ledger);
    ok(!is_on_disk(&folder, "s3cr3t-t0ken"), "no file of the book holds the secret any more");
    book_must(jb_ledger_find_run(ledger, RUN_A, &run, &err), &err, "find");
    is_str(run.command, "", "the run has no command");
    is_str(run.project, "asphalt", "and everything else");
    ok(is_balanced(ledger), "the book still proves itself");
    book_must(jb_ledger_root(ledger, &size, &after, &err), &err, "root");
    is_i64(size, 4, "the erasure is an entry");
    book_begin(ledger);
    is_i64(jb_ledger_erase(ledger, RUN_A, "command", "again", &err), JB_E_NOT_FOUND,
           "nothing is erased twice");
    jb_ledger_rollback(ledger);
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
}

int main(void)
{
    test_amend();
    test_void();
    test_erase();
    return done_testing();
}
