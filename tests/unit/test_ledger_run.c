/* SPDX-License-Identifier: Apache-2.0 */
/* Runs: what is entered at open and close comes back; lookups by id, prefix and time; the account as last entered. */
#include "book.h"

static void fill_everything(struct jb_run *run)
{
    book_run(run, RUN_A, 100);
    book_text(run->group, sizeof run->group, "job 4711");
    book_text(run->rank, sizeof run->rank, "3");
    book_text(run->parent_id, sizeof run->parent_id, RUN_B);
    book_text(run->model, sizeof run->model, "mask-rcnn");
    book_text(run->model_version, sizeof run->model_version, "2");
    book_text(run->architecture, sizeof run->architecture, "R-CNN");
    book_text(run->application, sizeof run->application, "asphalt damage");
    book_text(run->configuration, sizeof run->configuration, "lr=0.1\nbatch=32");
    book_text(run->directory, sizeof run->directory, "work");
    book_text(run->git_commit, sizeof run->git_commit, "0123abc+");
    book_text(run->user, sizeof run->user, "ann");
    book_text(run->environment, sizeof run->environment, "{\"OMP_NUM_THREADS\":\"2\"}");
    book_text(run->tags[0], sizeof run->tags[0], "team=vision");
    book_text(run->tags[1], sizeof run->tags[1], "gpu");
    run->n_tags = 2;
    book_text(run->place, sizeof run->place, "NL");
    book_text(run->hourly_file, sizeof run->hourly_file, "nl.csv");
    run->market_mgco2e_per_kwh = 0;
    run->pue_milli = 1125;
    run->tariff_micro_per_kwh = 250000;
    book_text(run->currency, sizeof run->currency, "EUR");
    run->pid = 4242;
    run->period_ns = 100000000;
}

static void test_everything_comes_back(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *ledger = book_open(folder.book, JB_LEDGER_CREATE);
    struct jb_error err = {0};
    struct jb_run run;
    struct jb_run got;
    char json[512];
    char *account = NULL;
    const struct jb_field extra[] = {{"mark", "epoch 1 accuracy=0.9"},
                                     {"mark", "epoch 2 accuracy=0.91"}};

    fill_everything(&run);
    book_begin(ledger);
    is_i64(jb_ledger_open_run(ledger, &run, &err), JB_OK, "a run is opened");
    is_i64(jb_ledger_open_run(ledger, &run, &err), JB_E_CONFLICT, "and not a second time");
    book_commit(ledger);
    book_must(jb_ledger_find_run(ledger, RUN_A, &got, &err), &err, "find");
    ok(memcmp(&run, &got, sizeof run) == 0, "every fact known at the start comes back as it was");
    is_i64(jb_ledger_run_account(ledger, RUN_A, &account, &err), JB_E_NOT_FOUND,
           "an open run has no account yet");

    run.status = JB_RUN_DONE;
    run.exit_code = 3;
    run.end_mono_ns = 130 * JB_NS_PER_S;
    run.end_utc_us = run.start_utc_us + 30 * JB_US_PER_S;
    run.n_ticks = 300;
    run.n_missed = 1;
    run.cpu_ns = 29 * JB_NS_PER_S;
    run.n_left = 2;
    book_account(json, sizeof json, "rapl/package-0", 0);
    book_begin(ledger);
    is_i64(jb_ledger_close_run(ledger, &run, json, extra, 2, &err), JB_OK, "a run is closed");
    is_i64(jb_ledger_close_run(ledger, &run, json, NULL, 0, &err), JB_E_CONFLICT,
           "and not a second time");
    book_commit(ledger);
    book_must(jb_ledger_find_run(ledger, RUN_A, &got, &err), &err, "find");
    ok(memcmp(&run, &got, sizeof run) == 0, "so does every fact known at the end");
    book_must(jb_ledger_run_account(ledger, RUN_A, &account, &err), &err, "account");
    is_str(account, json, "the account comes back byte for byte");
    free(account);
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
}

static void test_absent_is_absent(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *ledger = book_open(folder.book, JB_LEDGER_CREATE);
    struct jb_error err = {0};
    struct jb_run run;

    book_begin(ledger);
    book_open_run(ledger, RUN_A, 100);
    book_commit(ledger);
    book_must(jb_ledger_find_run(ledger, RUN_A, &run, &err), &err, "find");
    is_str(run.place, "", "a place that was not given is empty");
    is_i64(run.pue_milli, -1, "a PUE that was not given is -1");
    is_i64(run.exit_code, -1, "an exit code is unknown while the run is open");
    is_i64((int64_t)run.status, JB_RUN_OPEN, "a run without an end is open");
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
}

static void test_lookup(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *ledger = book_open(folder.book, JB_LEDGER_CREATE);
    struct jb_error err = {0};
    struct jb_run run;

    is_i64(jb_ledger_find_run(ledger, "last", &run, &err), JB_E_NOT_FOUND,
           "an empty book has no last run");
    book_begin(ledger);
    book_open_run(ledger, RUN_B, 500);
    book_open_run(ledger, RUN_A, 100);
    book_commit(ledger);
    book_must(jb_ledger_find_run(ledger, "last", &run, &err), &err, "last");
    is_str(run.id, RUN_B, "the last run is the one that began last, not the one entered last");
    book_must(jb_ledger_find_run(ledger, "0190a", &run, &err), &err, "prefix");
    is_str(run.id, RUN_A, "a prefix that is unique finds its run");
    is_i64(jb_ledger_find_run(ledger, "0190", &run, &err), JB_E_CONFLICT,
           "one that is not is refused");
    is_i64(jb_ledger_find_run(ledger, "019", &run, &err), JB_E_NOT_FOUND,
           "three characters are too few");
    is_i64(jb_ledger_find_run(ledger, "0190%", &run, &err), JB_E_NOT_FOUND,
           "no character is a wildcard");
    is_i64(jb_ledger_find_run(ledger, RUN_A "x", &run, &err), JB_E_NOT_FOUND,
           "more than an id is no run");
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
}

static jb_rc add_id(void *arg, const struct jb_run *run, struct jb_error *err)
{
    char *list = arg;
    const size_t len = strlen(list);

    (void)err;
    (void)snprintf(list + len, 16, "%.5s ", run->id);
    return JB_OK;
}

static const char *listed(struct jb_ledger *ledger, struct jb_run_filter filter, char list[256])
{
    struct jb_error err = {0};

    list[0] = '\0';
    book_must(jb_ledger_each_run(ledger, &filter, add_id, list, &err), &err, "each run");
    return list;
}

static void test_filters(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *ledger = book_open(folder.book, JB_LEDGER_CREATE);
    struct jb_error err = {0};
    struct jb_run run;
    char list[256];

    book_begin(ledger);
    fill_everything(&run);
    book_must(jb_ledger_open_run(ledger, &run, &err), &err, "open run");
    book_open_run(ledger, RUN_B, 500);
    book_close_run(ledger, RUN_B, 600, "rapl/package-0", 0);
    book_commit(ledger);
    is_str(listed(ledger, (struct jb_run_filter){.status = -1}, list), "0190b 0190a ",
           "all runs, newest first");
    is_str(listed(ledger, (struct jb_run_filter){.status = -1, .limit = 1}, list), "0190b ",
           "the newest one");
    is_str(listed(ledger, (struct jb_run_filter){.status = JB_RUN_OPEN}, list), "0190a ",
           "by status");
    is_str(listed(ledger, (struct jb_run_filter){.status = -1, .model = "mask-rcnn"}, list),
           "0190a ", "by model");
    is_str(listed(ledger, (struct jb_run_filter){.status = -1, .project = "asphalt"}, list),
           "0190b 0190a ", "by project");
    is_str(listed(ledger, (struct jb_run_filter){.status = -1, .tag = "team=vision"}, list),
           "0190a ", "by tag and value");
    is_str(listed(ledger, (struct jb_run_filter){.status = -1, .tag = "team"}, list), "0190a ",
           "by tag of any value");
    is_str(listed(ledger, (struct jb_run_filter){.status = -1, .tag = "tea"}, list), "",
           "not by half a tag");
    is_str(listed(ledger, (struct jb_run_filter){.status = -1, .since_utc_us = run.start_utc_us},
                  list),
           "0190b 0190a ", "since includes its instant");
    is_str(listed(ledger,
                  (struct jb_run_filter){.status = -1, .until_utc_us = run.start_utc_us + 1}, list),
           "0190a ", "until ends before its instant");
    is_str(listed(ledger, (struct jb_run_filter){.status = -1, .until_utc_us = run.start_utc_us},
                  list),
           "", "and does not include it");
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
}

struct accounts {
    int n, n_without;
    int64_t seq_of_a;
    struct jb_hash leaf_of_a;
    char json_of_a[512];
};

static jb_rc take_account(void *arg, const struct jb_run *run, const struct jb_run_account *account,
                          struct jb_error *err)
{
    struct accounts *const accounts = arg;

    (void)err;
    accounts->n++;
    accounts->n_without += account == NULL;
    if (account && strcmp(run->id, RUN_A) == 0) {
        accounts->seq_of_a = account->seq;
        accounts->leaf_of_a = account->leaf;
        book_text(accounts->json_of_a, sizeof accounts->json_of_a, account->json);
    }
    return JB_OK;
}

static void test_with_accounts(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *ledger = book_open(folder.book, JB_LEDGER_CREATE);
    const struct jb_run_filter told = {.layer = "reconstructed", .status = -1};
    const struct jb_run_filter measured = {.layer = "measured", .status = -1};
    struct accounts accounts = {.n = 0};
    struct jb_error err = {0};
    struct jb_hash leaf;
    char *json = NULL;
    int64_t seq = 0;

    book_fill(ledger);
    book_begin(ledger);
    book_must(jb_ledger_amend(ledger, RUN_A, NULL, 0, "seen again", "{\"lines\":[]}", &err), &err,
              "amend");
    book_open_run(ledger, RUN_B, 200);
    book_commit(ledger);
    is_i64(jb_ledger_each_run_account(ledger, NULL, take_account, &accounts, &err), JB_OK,
           "runs come with their accounts");
    ok(accounts.n == 2 && accounts.n_without == 1, "the open one without");
    book_must(jb_ledger_run_account(ledger, RUN_A, &json, &err), &err, "account");
    book_must(jb_ledger_account_entry(ledger, RUN_A, &seq, &leaf, &err), &err, "entry");
    is_str(accounts.json_of_a, json, "as each would be found by itself");
    is_str(json, "{\"lines\":[]}", "the last one entered");
    ok(accounts.seq_of_a == seq && seq == 6 && memcmp(&accounts.leaf_of_a, &leaf, sizeof leaf) == 0,
       "with the entry that has it");
    accounts.n = 0;
    book_must(jb_ledger_each_run_account(ledger, &told, take_account, &accounts, &err), &err,
              "told");
    is_i64(accounts.n, 0, "none is of a layer that no run was opened in");
    book_must(jb_ledger_each_run_account(ledger, &measured, take_account, &accounts, &err), &err,
              "measured");
    is_i64(accounts.n, 2, "and both of that which they were opened in");
    free(json);
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
}

int main(void)
{
    test_everything_comes_back();
    test_absent_is_absent();
    test_lookup();
    test_filters();
    test_with_accounts();
    return done_testing();
}
