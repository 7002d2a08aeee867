/* SPDX-License-Identifier: Apache-2.0 */
/* What papers tell becomes runs of the reconstructed layer: R-REBUILT-01, -04, -05. The figures are worked out by hand. */
#include "rebuilt.h"

static bool has_note(const struct jb_account *account, const char *text)
{
    for (size_t i = 0; i < account->n_notes; i++)
        if (strstr(account->notes[i], text))
            return true;
    return false;
}

static void account_of(struct jb_ledger *ledger, const char *run_id, struct jb_account *ret)
{
    struct jb_error err = {0};

    book_must(jb_pipeline_account_entered(ledger, run_id, ret, &err), &err, "account");
}

static void test_run(struct jb_ledger *ledger)
{
    struct jb_rebuilt *const rebuilt = rebuilt_new();
    struct jb_account account = {0};

    book_text(rebuilt->notes[rebuilt->n_notes++], JB_NOTE, "3 rows are corrections");
    rebuilt->factors[rebuilt->n_factors++] = (struct jb_factor){
        .name = "power of p3.2xlarge", .value = "300 W", .source = "the tests", .edition = "1"};
    rebuilt->told_gco2e_ug = rebuilt_figure(5000000, 5000000, 5000000);
    const struct jb_reconstructed told = rebuilt_enter(ledger, "run", rebuilt);
    const struct jb_run run = rebuilt_find(ledger, told.run_id);

    ok(told.state == JB_PAPER_NEW && told.same_as[0] == '\0', "a paper that was not there is new");
    is_i64((int64_t)run.layer, JB_LAYER_RECONSTRUCTED, "its run stands in the reconstructed layer");
    is_i64((int64_t)run.status, JB_RUN_DONE, "and is done");
    is_str(run.source, "focus", "it says where it is from");
    is_str(run.project, "asphalt", "with the facts that the paper tells");
    ok(run.boot_id[14] == '8' && strlen(run.boot_id) == 36, "its boot is of what it tells");
    account_of(ledger, told.run_id, &account);
    is_i64(account.energy_uj.low, REBUILT_KWH, "the low end is the paper's");
    is_i64(account.energy_uj.best, 2 * REBUILT_KWH, "so is the best figure");
    is_i64(account.energy_uj.high, 4 * REBUILT_KWH, "and the high end");
    is_i64((int64_t)account.method, JB_METHOD_B, "the method is what the paper says");
    is_i64(account.origin_uj[JB_ORIGIN_BILLED], 2 * REBUILT_KWH, "all of it is billed");
    is_i64(account.coverage.unobserved_ns, 2 * JB_NS_PER_HOUR, "nobody saw any of it");
    is_i64(account.duration_ns, 2 * JB_NS_PER_HOUR, "it took two hours");
    ok(!account.is_facility_posted && account.facility_uj.is_known && account.facility_uj.low == 0,
       "a default PUE is a band only: an instance is not a meter at the wall (R-PUE-03)");
    ok(has_note(&account, "reconstructed, source focus"), "that nothing was measured is said");
    ok(has_note(&account, "3 rows are corrections"), "and what the paper's reader had to say");
    ok(has_note(&account, "tells 5 g CO2e") || has_note(&account, "tells 5.00 g CO2e"),
       "and the carbon it tells, as a note");
    ok(!has_note(&account, "idle") && !has_note(&account, "no meter covers"),
       "and nothing about meters that were never there");
    ok(account.n_factors > 0 && strcmp(account.factors[0].name, "power of p3.2xlarge") == 0,
       "the factors it stands on are the account's");
    ok(account.location_ugco2e.is_known && account.location_ugco2e.best > 0, "carbon is by place");
    is_i64(rebuilt_sum(ledger, JB_LAYER_RECONSTRUCTED, "billed"), -2 * REBUILT_KWH,
           "the bill is credited");
    is_i64(rebuilt_sum(ledger, JB_LAYER_RECONSTRUCTED, "run"), 2 * REBUILT_KWH, "the run debited");
    is_i64(rebuilt_sum(ledger, JB_LAYER_MEASURED, "run"), 0, "and nothing of it is measured");
    jb_account_release(&account);
    free(rebuilt);
}

static jb_rc refused(struct jb_ledger *ledger, const struct jb_rebuilt *rebuilt,
                     struct jb_error *err)
{
    static const struct jb_hash digest = {{9}};
    struct jb_reconstructed told = {0};

    book_begin(ledger);
    struct jb_reconstruct *const reconstruct = rebuilt_order(ledger);
    (void)rebuilt_paper(reconstruct, "refused", &digest);
    const int64_t before = rebuilt_n_entries(ledger);
    const jb_rc rc = jb_reconstruct_enter(reconstruct, rebuilt, &told, err);
    is_i64(rebuilt_n_entries(ledger), before, "nothing of a run that is refused is entered");
    jb_reconstruct_free(reconstruct);
    jb_ledger_rollback(ledger);
    return rc;
}

static void test_refused(struct jb_ledger *ledger)
{
    struct jb_rebuilt *rebuilt = rebuilt_new();
    struct jb_error err = {0};

    rebuilt->lines[0].origin = JB_ORIGIN_GAUGE;
    is_i64(refused(ledger, rebuilt, &err), JB_E_INPUT, "no paper measured: %s", err.message);
    rebuilt->lines[0].origin = JB_ORIGIN_STATED;
    rebuilt->lines[0].energy_uj.low = 3 * REBUILT_KWH;
    is_i64(refused(ledger, rebuilt, &err), JB_E_INPUT, "a low above the best: %s", err.message);
    rebuilt->lines[0].energy_uj = (struct jb_figure){0};
    is_i64(refused(ledger, rebuilt, &err), JB_E_INPUT, "unknown is not zero: %s", err.message);
    rebuilt->lines[0].energy_uj = rebuilt_figure(0, INT64_MAX - 5, INT64_MAX - 5);
    rebuilt_line(rebuilt, "focus/b", JB_ORIGIN_BILLED, rebuilt_figure(6, 6, 6));
    is_i64(refused(ledger, rebuilt, &err), JB_E_RANGE, "too much: %s", err.message);
    rebuilt->lines[0].energy_uj = rebuilt_figure(6, 6, 6);
    book_text(rebuilt->lines[1].channel, JB_CHANNEL_ID, rebuilt->lines[0].channel);
    is_i64(refused(ledger, rebuilt, &err), JB_E_INPUT, "two lines alike: %s", err.message);
    rebuilt->n_lines = 1;
    rebuilt->is_pue_included = true;
    is_i64(refused(ledger, rebuilt, &err), JB_E_INPUT, "a PUE nobody knows: %s", err.message);
    rebuilt->run.pue_milli = 900;
    is_i64(refused(ledger, rebuilt, &err), JB_E_INPUT, "a PUE below 1: %s", err.message);
    rebuilt->is_pue_included = false;
    rebuilt->run.end_utc_us = rebuilt->run.start_utc_us - 1;
    is_i64(refused(ledger, rebuilt, &err), JB_E_INPUT, "an end before the begin: %s", err.message);
    free(rebuilt);
}

/* 3 uJ with PUE 1.5 are 2 of IT and 1 of the facility; 1 uJ is 1 and 0, though 1 x 0.5 would round to 1. */
static void test_pue(struct jb_ledger *ledger)
{
    struct jb_rebuilt *const rebuilt = rebuilt_new();
    struct jb_account account = {0};

    rebuilt->run.pue_milli = 1500;
    rebuilt->is_pue_included = true;
    rebuilt->lines[0].energy_uj = rebuilt_figure(3, 3, 3);
    rebuilt_line(rebuilt, "focus/b", JB_ORIGIN_STATED, rebuilt_figure(1, 1, 1));
    const struct jb_reconstructed told = rebuilt_enter(ledger, "pue", rebuilt);
    account_of(ledger, told.run_id, &account);
    is_i64(account.energy_uj.best, 3, "PUE is taken out of each line (R-REBUILT-04)");
    is_i64(account.facility_uj.best, 1, "and the rest is the facility's: together what was told");
    ok(account.is_facility_posted && told.facility_uj.best == 1, "which is a line of its own");
    jb_account_release(&account);

    rebuilt->lines[0].energy_uj = rebuilt_figure(999999999, 1000000007, 2000000011);
    rebuilt->run.pue_milli = 1337;
    rebuilt->n_lines = 1;
    const struct jb_reconstructed odd = rebuilt_enter(ledger, "pue 2", rebuilt);
    is_i64(odd.energy_uj.best + odd.facility_uj.best, 1000000007,
           "no microjoule is lost with an odd PUE");
    free(rebuilt);
}

static void test_times(struct jb_ledger *ledger)
{
    struct jb_rebuilt *const rebuilt = rebuilt_new();
    struct jb_account account = {0};

    rebuilt->run.end_utc_us = rebuilt->run.start_utc_us + 9000 * REBUILT_H_US;
    rebuilt->lines[0].energy_uj = rebuilt_figure(7, 1000000007, 3000000011);
    struct jb_reconstructed told = rebuilt_enter(ledger, "a year", rebuilt);
    account_of(ledger, told.run_id, &account);
    ok(account.energy_uj.best == 1000000007 && account.energy_uj.low == 7 &&
           account.energy_uj.high == 3000000011,
       "a run of more than a year is posted in pieces that sum to it, and so do their bands");
    jb_account_release(&account);

    rebuilt->has_no_times = true;
    rebuilt->run.start_utc_us = rebuilt->run.end_utc_us = 0;
    rebuilt->work.duration_ns.best = 5 * JB_NS_PER_HOUR;
    told = rebuilt_enter(ledger, "no times", rebuilt);
    account_of(ledger, told.run_id, &account);
    ok(account.duration_ns == 5 * JB_NS_PER_HOUR && has_note(&account, "no time is known"),
       "a run without a moment has its length, and the note");
    jb_account_release(&account);

    rebuilt->has_no_times = false;
    rebuilt->run.start_utc_us = rebuilt->run.end_utc_us = REBUILT_UTC_US;
    told = rebuilt_enter(ledger, "a moment", rebuilt);
    is_i64(told.energy_uj.best, 1000000007, "what took no time that the paper knows is entered");
    free(rebuilt);
}

static void test_texts(struct jb_ledger *ledger)
{
    struct jb_rebuilt *const rebuilt = rebuilt_new();

    book_text(rebuilt->run.project, sizeof rebuilt->run.project, "a\nb\xff");
    rebuilt->run.pue_milli = 0;
    rebuilt->run.tariff_micro_per_kwh = 0;
    const struct jb_reconstructed told = rebuilt_enter(ledger, "texts", rebuilt);
    const struct jb_run run = rebuilt_find(ledger, told.run_id);
    is_str(run.project, "a?b?", "texts of strangers are cleaned");
    ok(run.pue_milli == -1 && run.tariff_micro_per_kwh == -1,
       "a PUE of 0, or a tariff in no currency, is none");
    free(rebuilt);
}

int main(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *const ledger = book_open(folder.book, JB_LEDGER_CREATE);

    test_run(ledger);
    test_refused(ledger);
    test_pue(ledger);
    test_times(ledger);
    test_texts(ledger);
    ok(rebuilt_is_balanced(ledger), "the book balances");
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
    return done_testing();
}
