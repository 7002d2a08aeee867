/* SPDX-License-Identifier: Apache-2.0 */
/* R-REBUILT-08: a reconstructed run and a measured one of the same work; R-BOOK-13 in both layers. */
#include "rebuilt.h"

/* Run A of tests/book.h, with an account as the reconciliation reads it: 120 J of 183 J. */
static void fill_measured(struct jb_ledger *ledger)
{
    JB_AUTO(jb_account_release) struct jb_account account = {0};
    JB_AUTO(jb_free_auto) char *json = NULL;
    struct jb_error err = {0};
    struct jb_run run;

    book_begin(ledger);
    book_open_run(ledger, RUN_A, 100);
    const struct jb_interval interval = book_interval("rapl/package-0", 100, 130, 0, 3000000);
    (void)book_post(ledger, &interval, RUN_A, 120000000);
    book_run(&run, RUN_A, 100);
    run.status = JB_RUN_DONE;
    run.end_mono_ns = 130 * JB_NS_PER_S;
    run.end_utc_us = run.start_utc_us + 30 * JB_US_PER_S;
    book_must(jb_pipeline_account_with(ledger, &run, &account, &err), &err, "account");
    book_must(jb_account_to_json(&account, &json, &err), &err, "json");
    book_must(jb_ledger_close_run(ledger, &run, json, NULL, 0, &err), &err, "close");
    book_commit(ledger);
}

static jb_rc reconcile(struct jb_ledger *ledger, const char *rebuilt_id, const char *measured_id,
                       struct jb_figure *rebuilt_uj, struct jb_figure *measured_uj)
{
    struct jb_error err = {0};

    book_begin(ledger);
    const jb_rc rc = jb_reconcile(ledger, rebuilt_id, measured_id, "the same job", rebuilt_uj,
                                  measured_uj, &err);
    if (rc == JB_OK)
        book_commit(ledger);
    else
        jb_ledger_rollback(ledger);
    if (rc < 0)
        diag("%s", err.message);
    return rc;
}

int main(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *const ledger = book_open(folder.book, JB_LEDGER_CREATE);
    struct jb_rebuilt *const rebuilt = rebuilt_new();
    struct jb_figure told = {0};
    struct jb_figure measured = {0};
    struct jb_error err = {0};

    fill_measured(ledger);
    const struct jb_reconstructed a = rebuilt_enter(ledger, "a", rebuilt);
    rebuilt->lines[0].energy_uj = rebuilt_figure(11, 11, 11);
    const struct jb_reconstructed b = rebuilt_enter(ledger, "b", rebuilt);

    is_i64(reconcile(ledger, RUN_A, a.run_id, &told, &measured), JB_E_CONFLICT,
           "a measured run is never set aside for a paper");
    is_i64(reconcile(ledger, a.run_id, b.run_id, &told, &measured), JB_E_CONFLICT,
           "nor one paper for another");
    is_i64(reconcile(ledger, a.run_id, RUN_A, &told, &measured), JB_OK,
           "a reconstructed run is the same work as a measured one");
    ok(told.best == 2 * REBUILT_KWH && measured.best == 120000000, "both energies are told");
    const struct jb_run run = rebuilt_find(ledger, a.run_id);
    is_i64((int64_t)run.status, JB_RUN_RECONCILED, "it stays, as a memo");
    is_str(run.same_as, RUN_A, "beside the run that was measured");
    is_i64(rebuilt_sum(ledger, JB_LAYER_RECONSTRUCTED, "run"), 11, "and is in no sum");
    is_i64(rebuilt_sum(ledger, JB_LAYER_RECONSTRUCTED, "billed"), -11, "its bill is uncredited");
    is_i64(rebuilt_sum(ledger, JB_LAYER_MEASURED, "run"), 120000000, "the measured one stays");
    is_i64(reconcile(ledger, a.run_id, RUN_A, &told, &measured), JB_E_CONFLICT, "only once");

    book_begin(ledger);
    is_i64(jb_ledger_void(ledger, a.run_id, "why", &err), JB_E_CONFLICT,
           "what is out of the sums is not taken out again");
    book_must(jb_ledger_void(ledger, b.run_id, "wrong bill", &err), &err, "void");
    book_commit(ledger);
    is_i64(rebuilt_sum(ledger, JB_LAYER_RECONSTRUCTED, "run"), 0, "a void takes one out as well");
    is_i64(rebuilt_sum(ledger, JB_LAYER_RECONSTRUCTED, "others"), 0, "and charges nobody with it");
    is_i64(reconcile(ledger, b.run_id, RUN_A, &told, &measured), JB_E_CONFLICT,
           "a void run is no run to reconcile");
    book_begin(ledger);
    book_must(jb_ledger_void(ledger, RUN_A, "why", &err), &err, "void measured");
    book_commit(ledger);
    is_i64(rebuilt_sum(ledger, JB_LAYER_MEASURED, "others"), 120000000,
           "what a meter gave is charged to others, as ever");
    ok(rebuilt_is_balanced(ledger), "the book balances");
    free(rebuilt);
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
    return done_testing();
}
