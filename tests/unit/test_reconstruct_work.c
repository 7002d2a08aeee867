/* SPDX-License-Identifier: Apache-2.0 */
/* R-REBUILT-06: what is known of the work becomes lines by way of an estimate, or is refused with its reason. */
#include "rebuilt.h"

static struct jb_estimate_part part(enum jb_device device, enum jb_scope scope,
                                    struct jb_figure energy_uj, const char *basis)
{
    struct jb_estimate_part one = {
        .device = device, .scope = scope, .origin = JB_ORIGIN_RATED, .energy_uj = energy_uj};

    book_text(one.basis, sizeof one.basis, basis);
    book_text(one.correlation, sizeof one.correlation, "load/reference");
    return one;
}

static void set_estimate(void)
{
    rebuilt_estimate = (struct jb_estimate){
        .is_computable = true,
        .method = JB_METHOD_B,
        .energy_uj = rebuilt_figure(900, 2220, 5000),
        .device_ns = rebuilt_figure(1, 9 * JB_NS_PER_HOUR, 10 * JB_NS_PER_HOUR),
        .n_parts = 3,
        .n_notes = 1,
        .n_factors = 1,
    };
    rebuilt_estimate.parts[0] =
        part(JB_DEVICE_CPU, JB_SCOPE_PACKAGE, rebuilt_figure(100, 200, 300), "1 x CPU");
    rebuilt_estimate.parts[1] =
        part(JB_DEVICE_GPU, JB_SCOPE_GPU, rebuilt_figure(1000, 2000, 3000), "2 x T4");
    rebuilt_estimate.parts[2] =
        part(JB_DEVICE_GPU, JB_SCOPE_GPU, rebuilt_figure(10, 20, 30), "1 x K80");
    book_text(rebuilt_estimate.notes[0], JB_NOTE, "the load was not told");
    book_text(rebuilt_estimate.factors[0].name, 48, "rated power of T4");
}

static const struct jb_account_line *line_of(const struct jb_account *account, const char *channel)
{
    for (size_t i = 0; i < account->n_lines; i++)
        if (strcmp(account->lines[i].channel, channel) == 0)
            return &account->lines[i];
    bail_out("no line '%s'", channel);
}

struct times {
    int64_t capacity_ns, busy_ns;
};

static jb_rc add_time(void *arg, int64_t seq, const struct jb_interval *interval,
                      const struct jb_line *lines, size_t n_lines, struct jb_error *err)
{
    struct times *const times = arg;

    (void)seq;
    (void)lines;
    (void)n_lines;
    (void)err;
    times->capacity_ns += interval->capacity_ns;
    times->busy_ns += interval->busy_ns;
    return JB_OK;
}

static void test_lines(struct jb_ledger *ledger, struct jb_rebuilt *rebuilt)
{
    struct jb_account account = {0};
    struct times times = {0, 0};
    struct jb_error err = {0};
    bool has_basis = false;
    bool has_note = false;

    rebuilt->work.place = (struct jb_answer){JB_KNOWN_VALUE, "FR"};
    rebuilt->work.pue_milli = (struct jb_quantity){JB_KNOWN_VALUE, true, 1125, 1125, 1125};
    rebuilt->run.place[0] = '\0';
    const struct jb_reconstructed told = rebuilt_enter(ledger, "work", rebuilt);
    book_must(jb_pipeline_account_entered(ledger, told.run_id, &account, &err), &err, "account");
    is_i64(account.energy_uj.best, 2220, "the parts are the run's lines");
    /* One key would make 1110 .. 3330 of the lines. */
    ok(account.energy_uj.low == 900 && account.energy_uj.high == 5000,
       "the band is that of the estimate as a whole, which knows what the parts share");
    is_i64(line_of(&account, "estimate/cpu")->run_uj.high, 300, "a line's is its part's");
    is_i64(line_of(&account, "estimate/gpu 2")->run_uj.best, 20, "two lines have two names");
    is_i64(account.origin_uj[JB_ORIGIN_RATED], 2220, "with their origin");
    is_i64((int64_t)account.method, JB_METHOD_B, "and the method of the estimate");
    is_i64(account.facility_uj.best, 278, "a known PUE adds 12.5 %% (R-PUE-01)");
    is_str(account.run.place, "FR", "the place is the work's");
    for (size_t i = 0; i < account.n_notes; i++) {
        has_basis = has_basis || strcmp(account.notes[i], "estimate/gpu: 2 x T4") == 0;
        has_note = has_note || strcmp(account.notes[i], "the load was not told") == 0;
    }
    ok(has_basis && has_note, "what it stands on is in the notes");
    is_str(account.factors[0].name, "rated power of T4", "and its factors");
    is_i64(rebuilt_sum(ledger, JB_LAYER_RECONSTRUCTED, "modelled"), -2220,
           "a rating times time is credited as a model");
    book_must(jb_ledger_each_interval(ledger, told.run_id, add_time, &times, &err), &err, "times");
    ok(times.capacity_ns == 9 * JB_NS_PER_HOUR && times.busy_ns == 0,
       "the boards' time stands in the postings once");
    jb_account_release(&account);
}

/* R-REBUILT-05: so that the grid of the account is that of the year the work was done in. */
static void test_year(struct jb_ledger *ledger)
{
    struct jb_rebuilt *const rebuilt = rebuilt_new();
    struct jb_account account = {0};
    struct jb_error err = {0};
    bool is_said = false;

    rebuilt->has_work = rebuilt->has_no_times = true;
    rebuilt->n_lines = 0;
    rebuilt->work.year = 2020;
    rebuilt->run.pue_milli = -1;
    rebuilt->work.pue_milli = (struct jb_quantity){JB_KNOWN_RANGE, false, 1100, 1200, 1300};
    rebuilt->run.start_utc_us = rebuilt->run.end_utc_us = 0;
    const struct jb_reconstructed told = rebuilt_enter(ledger, "a year", rebuilt);
    book_must(jb_pipeline_account_entered(ledger, told.run_id, &account, &err), &err, "account");
    for (size_t i = 0; i < account.n_notes; i++)
        is_said = is_said || strstr(account.notes[i], "but the year");
    is_i64(account.run.start_utc_us, INT64_C(1577836800000000),
           "a run of no moment but a year stands at its beginning");
    ok(is_said, "and a note says so");
    is_i64(account.facility_uj.best, 444,
           "of a PUE of 1.1 to 1.3 the best is the account's: 0.2 of 2220");
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
    is_i64(rebuilt_n_entries(ledger), before, "nothing of it is entered");
    jb_reconstruct_free(reconstruct);
    jb_ledger_rollback(ledger);
    return rc;
}

int main(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *const ledger = book_open(folder.book, JB_LEDGER_CREATE);
    struct jb_rebuilt *const rebuilt = rebuilt_new();
    struct jb_error err = {0};

    rebuilt->has_work = true;
    rebuilt->n_lines = 0;
    set_estimate();
    test_lines(ledger, rebuilt);
    test_year(ledger);
    rebuilt->work.accelerator = (struct jb_answer){JB_KNOWN_VALUE, "V10"};
    is_i64(refused(ledger, rebuilt, &err), JB_E_INPUT, "a name that is not known is asked back");
    is_str(err.hint, "V100 or A10", "with the candidates");
    rebuilt->work.accelerator.text[0] = '\0';
    rebuilt_estimate = (struct jb_estimate){.why_not = "hardware unknown"};
    is_i64(refused(ledger, rebuilt, &err), JB_E_NOT_FOUND, "what cannot be estimated is told");
    is_str(err.message, "hardware unknown", "with the reason");
    ok(rebuilt_is_balanced(ledger), "the book balances");
    free(rebuilt);
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
    return done_testing();
}
