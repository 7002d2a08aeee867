/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A book with runs of known cycles and energy: their accounts beside C-1, the energy per cycle found from them, entered, found
 * again, and used. R-CYCLES-01, -07 to -09. The numbers are by hand.
 */
#include "account/account.h"
#include "base/num.h"
#include "book.h"
#include "pipeline/account_of_run.h"
#include "pipeline/calibration_cycles.h"
#include "pipeline/cycles_record.h"

#define N_RUNS 20

static void run_name(char *ret, size_t size, int i)
{
    (void)snprintf(ret, size, "0190%04x-0000-7000-8000-%012x", i, i);
}

static void append_cycles(struct jb_ledger *ledger, const char *id, const struct jb_cycles *cycles)
{
    struct jb_error err = {0};
    struct jb_field field = {.name = JB_CYCLES_FIELD};
    struct jb_entry entry = {
        .kind = JB_CYCLES_KIND, .layer = JB_LAYER_MEASURED, .n_fields = 1, .fields = &field};
    char *json = NULL;

    book_must(jb_cycles_to_json(cycles, &json, &err), &err, "cycles");
    field.value = json;
    book_text(entry.run_id, sizeof entry.run_id, id);
    book_must(jb_ledger_append(ledger, &entry, NULL, &err), &err, "append");
    free(json);
}

static struct jb_cycles counts(int64_t cycles)
{
    struct jb_cycles ret = {.is_user_only = false};

    jb_cycles_settle(cycles * 2, 1, 1, &ret.counts[JB_CYCLES_INSTRUCTIONS]);
    jb_cycles_settle(cycles, 1, 1, &ret.counts[JB_CYCLES_CYCLES]);
    jb_cycles_absent(JB_CYCLES_NO_COUNTER, 2, &ret.counts[JB_CYCLES_REFERENCE]);
    return ret;
}

struct made {
    int64_t units, run_units; /* of 61 uJ: the meter's and the run's */
    int64_t cycles;           /* 0: not counted at all */
    const char *idle;
    const char *parent_id;
};

/* A whole run of one second at second i x 10. */
static void make_run(struct jb_ledger *ledger, int i, const struct made *made,
                     struct jb_account *ret_account)
{
    const int64_t at_s = i * 10;
    struct jb_interval interval =
        book_interval("rapl/package-0", at_s, at_s + 1, 0, (uint64_t)made->units);
    struct jb_error err = {0};
    struct jb_line lines[3];
    struct jb_run run;
    char id[JB_RUN_ID];
    char *json = NULL;

    run_name(id, sizeof id, i);
    book_run(&run, id, at_s);
    if (made->parent_id)
        book_text(run.parent_id, sizeof run.parent_id, made->parent_id);
    book_text(interval.idle_source, sizeof interval.idle_source, made->idle);
    interval.idle_power_uw = 5000000;
    book_begin(ledger);
    book_must(jb_ledger_open_run(ledger, &run, &err), &err, "open");
    book_lines(&interval, id, made->run_units * 61, lines);
    lines[1].low_uj = lines[1].high_uj = lines[1].amount_uj;
    book_must(jb_ledger_post_interval(ledger, &interval, lines, 3, NULL, &err), &err, "post");
    if (made->cycles > 0) {
        const struct jb_cycles cycles = counts(made->cycles);
        append_cycles(ledger, id, &cycles);
    }
    run.status = JB_RUN_DONE;
    run.end_mono_ns = run.start_mono_ns + JB_NS_PER_S;
    run.end_utc_us = run.start_utc_us + JB_US_PER_S;
    run.exit_code = 0;
    book_must(jb_pipeline_account_with(ledger, &run, ret_account, &err), &err, "account");
    book_must(jb_account_to_json(ret_account, &json, &err), &err, "json");
    book_must(jb_ledger_close_run(ledger, &run, json, NULL, 0, &err), &err, "close");
    book_commit(ledger);
    free(json);
}

static void make(struct jb_ledger *ledger, int i, const struct made *made)
{
    struct jb_account account;

    make_run(ledger, i, made, &account);
    jb_account_release(&account);
}

/* Quantiles of the normal law, 5 %, in an order of their own: in ppm. */
static const int64_t noise_ppm[N_RUNS] = {-3135,  98000,  -37770, 22690, 71975,  -9455, -71975,
                                          46730,  -29890, 15930,  57515, -98000, 3135,  -57515,
                                          -22690, 29890,  9455,   37770, -46730, -15930};

/* 1.22 nJ: 61 uJ are 50,000 cycles. Runs of 10^6 to 2 x 10^7 units, 61 J to 1.2 kJ; counters off by the noise. */
static void fill(struct jb_ledger *ledger)
{
    for (int i = 0; i < N_RUNS; i++) {
        const int64_t units = INT64_C(1000000) * (i + 1);
        const struct made made = {.units = units * 2,
                                  .run_units = units,
                                  .cycles = units * 50000 / 1000000 * (1000000 + noise_ppm[i]),
                                  .idle = "stated"};
        make(ledger, i + 1, &made);
    }
}

static void is_found(struct jb_ledger *ledger)
{
    static struct jb_cycles_calibration cal;
    struct jb_error err = {0};
    struct jb_epc epc = {.best_fj = 7};

    is_i64(jb_cycles_calibration_find(ledger, BOOK_HOST, &epc, &err), JB_OK, "an empty shelf");
    ok(!epc.is_known, "has none");
    book_text(cal.host, sizeof cal.host, BOOK_HOST);
    cal.epc.utc_us = 123;
    if (!is_i64(jb_cycles_calibration_fit(ledger, &cal, &err), JB_OK, "20 runs are fitted"))
        diag("%s; %s", err.message, err.hint);
    diag("1.22 nJ found as %" PRId64 " fJ (%" PRId64 " .. %" PRId64 ")", cal.epc.best_fj,
         cal.epc.low_fj, cal.epc.high_fj);
    ok(llabs(cal.epc.best_fj - 1220000) < 12200,
       "R-CYCLES-07: the energy per cycle is recovered within 1 %% from 20 runs with 5 %% noise");
    is_i64(cal.epc.n_runs, 20, "of all of them");
    ok(cal.epc.low_fj < 1220000 * 0.95 && cal.epc.high_fj > 1220000 * 1.05,
       "one more run may be off by more than its noise");
    ok(cal.fit.mean_half_ppm > 15000 && cal.fit.mean_half_ppm < 25000,
       "and the mean is known to 2 %%: 5 %% x 1.73 / sqrt(20)");
    book_begin(ledger);
    book_must(jb_cycles_calibration_enter(ledger, &cal, &err), &err, "enter");
    book_commit(ledger);
    is_i64(jb_cycles_calibration_find(ledger, BOOK_HOST, &epc, &err), JB_OK, "entered and found");
    ok(epc.is_known && !epc.is_given && epc.best_fj == cal.epc.best_fj && epc.utc_us == 123 &&
           epc.low_fj == cal.epc.low_fj && epc.high_fj == cal.epc.high_fj && epc.n_runs == 20,
       "as it was");
    is_i64(jb_cycles_calibration_find(ledger, "elsewhere", &epc, &err), JB_OK, "another machine");
    ok(!epc.is_known, "has none");
    /* A stated one takes its place: 1.1 nJ, 0.9 to 1.2. */
    cal.epc = (struct jb_epc){.is_known = true,
                              .is_given = true,
                              .low_fj = 900000,
                              .best_fj = 1100000,
                              .high_fj = 1200000,
                              .utc_us = 456};
    book_begin(ledger);
    book_must(jb_cycles_calibration_enter(ledger, &cal, &err), &err, "enter");
    book_commit(ledger);
    book_must(jb_cycles_calibration_find(ledger, BOOK_HOST, &epc, &err), &err, "find");
    ok(epc.is_given && epc.best_fj == 1100000, "R-CYCLES-09: the latest holds");
}

/* 10^9 cycles at 1.1 nJ: 1.1 J; C-2 1.22 J (20,000 units), C-1 2.44 J. */
static void is_used(struct jb_ledger *ledger)
{
    const struct made made = {
        .units = 40000, .run_units = 20000, .cycles = 1000000000, .idle = "stated"};
    struct jb_account account, back;
    struct jb_error err = {0};
    char *json = NULL;
    char *again = NULL;

    make_run(ledger, 50, &made, &account);
    const struct jb_account_cycles *const cycles = &account.cycles;
    is_i64(cycles->energy_uj.best, 1100000,
           "R-CYCLES-01: 10^9 x 1.1 nJ = 1.1 J, to the microjoule");
    is_i64(cycles->energy_uj.low, 900000, "0.9 J");
    is_i64(cycles->energy_uj.high, 1200000, "1.2 J");
    is_i64(cycles->cpi_ppm.best, 500000, "half a cycle for an instruction");
    is_i64(cycles->cpu_run_uj, 1220000, "beside C-2");
    is_i64(cycles->cpu_total_uj, 2440000, "and C-1");
    is_i64(cycles->gap_run_ppm, -98361, "1.1 / 1.22 - 1 = -9.8361 %%");
    is_i64(cycles->gap_total_ppm, -549180, "1.1 / 2.44 - 1 = -54.9180 %%");
    is_i64(account.energy_uj.best, 1220000, "the headline is what the meters say");
    ok(account.method == JB_METHOD_C2, "by their method");
    book_must(jb_account_to_json(&account, &json, &err), &err, "json");
    is_i64(jb_account_from_json(json, &back, &err), JB_OK, "the account is read again");
    book_must(jb_account_to_json(&back, &again, &err), &err, "json again");
    is_str(again, json, "and is the same, cycles and all");
    is_str(back.cycles.counts.counts[JB_CYCLES_REFERENCE].why_not,
           "this machine's kernel shows no such counter (a virtual machine?)",
           "R-CYCLES-02: what was not counted keeps its reason");
    free(json);
    free(again);
    jb_account_release(&account);
    jb_account_release(&back);
}

static void is_refused(struct jb_ledger *ledger, const struct made *made, const char *words)
{
    static struct jb_cycles_calibration cal;
    struct jb_error err = {0};

    for (int i = 1; i <= 8; i++) {
        struct made one = *made;
        one.units *= i;
        one.run_units *= i;
        one.cycles *= i;
        make(ledger, i, &one);
    }
    memset(&cal, 0, sizeof cal);
    book_text(cal.host, sizeof cal.host, BOOK_HOST);
    is_i64(jb_cycles_calibration_fit(ledger, &cal, &err), JB_E_UNAVAILABLE, "not fitted");
    if (!ok(strstr(err.message, words) != NULL, "because %s", words))
        diag("%s", err.message);
}

/* An outer run's counts hold the inner one's. */
static void inner_runs(struct jb_ledger *ledger)
{
    static struct jb_cycles_calibration cal;
    char outer[JB_RUN_ID];
    struct jb_error err = {0};
    const struct made made = {
        .units = 40000, .run_units = 20000, .cycles = 1000000000, .idle = "stated"};
    struct jb_interval interval = book_interval("rapl/package-1", 60, 61, 0, 30000);
    struct jb_account account;
    struct jb_line lines[4];
    struct jb_run run;
    char inner[JB_RUN_ID];

    cal.epc = (struct jb_epc){
        .is_known = true, .is_given = true, .low_fj = 1, .best_fj = 1, .high_fj = 1};
    book_text(cal.host, sizeof cal.host, BOOK_HOST);
    book_begin(ledger);
    book_must(jb_cycles_calibration_enter(ledger, &cal, &err), &err, "enter");
    run_name(outer, sizeof outer, 7);
    run_name(inner, sizeof inner, 6);
    book_run(&run, inner, 60);
    book_text(run.parent_id, sizeof run.parent_id, outer);
    book_must(jb_ledger_open_run(ledger, &run, &err), &err, "open inner");
    book_run(&run, outer, 60);
    book_must(jb_ledger_open_run(ledger, &run, &err), &err, "open outer");
    book_lines(&interval, outer, 61000, lines);
    lines[3] = lines[1];
    (void)snprintf(lines[3].account, sizeof lines[3].account, "run:%s", inner);
    lines[2].amount_uj -= 61000;
    book_must(jb_ledger_post_interval(ledger, &interval, lines, 4, NULL, &err), &err, "post");
    const struct jb_cycles cycles = counts(made.cycles);
    append_cycles(ledger, outer, &cycles);
    run.status = JB_RUN_DONE;
    run.end_mono_ns = run.start_mono_ns + JB_NS_PER_S;
    book_must(jb_pipeline_account_with(ledger, &run, &account, &err), &err, "account");
    book_commit(ledger);
    ok(account.cycles.is_told && account.cycles.has_inner && !account.cycles.energy_uj.is_known,
       "with a run inside of it, a run has counts, and no energy by them");
    jb_account_release(&account);
}

int main(void)
{
    static const struct {
        struct made made;
        const char *words;
    } refused[] = {
        {{.units = 2000, .run_units = 1000, .cycles = 50000000, .idle = "unknown"}, "idle power"},
        {{.units = 2000, .run_units = 1000, .cycles = 0, .idle = "stated"}, "0 runs"},
    };
    struct book_folder folder = book_new_folder();
    struct jb_ledger *ledger = book_open(folder.book, JB_LEDGER_CREATE);

    fill(ledger);
    is_found(ledger);
    is_used(ledger);
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
    for (size_t i = 0; i < JB_ARRAY_LEN(refused); i++) {
        folder = book_new_folder();
        ledger = book_open(folder.book, JB_LEDGER_CREATE);
        is_refused(ledger, &refused[i].made, refused[i].words);
        jb_ledger_close(ledger);
        book_remove_folder(&folder);
    }
    folder = book_new_folder();
    ledger = book_open(folder.book, JB_LEDGER_CREATE);
    inner_runs(ledger);
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
    return done_testing();
}
