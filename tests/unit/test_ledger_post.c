/* SPDX-License-Identifier: Apache-2.0 */
/* Postings: R-BOOK-02 (no overlap), R-BOOK-03 (energy is the converted difference of the counts). */
#include "book.h"

#define PKG "rapl/package-0"

static struct jb_ledger *start(struct book_folder *folder)
{
    *folder = book_new_folder();
    struct jb_ledger *ledger = book_open(folder->book, JB_LEDGER_CREATE);
    book_begin(ledger);
    return ledger;
}

static void finish(struct jb_ledger *ledger, const struct book_folder *folder)
{
    jb_ledger_close(ledger);
    book_remove_folder(folder);
}

/* Posts what the test made of a right interval; 500 uJ of it go to run A. */
static jb_rc try_post(struct jb_ledger *ledger, const struct jb_interval *interval)
{
    struct jb_error err = {0};
    struct jb_line lines[3];

    book_lines(interval, RUN_A, 500, lines);
    return jb_ledger_post_interval(ledger, interval, lines, 3, NULL, &err);
}

static void test_overlap(void)
{
    struct book_folder folder;
    struct jb_ledger *ledger = start(&folder);
    struct jb_interval interval = book_interval(PKG, 10, 20, 0, 1000);

    is_i64(try_post(ledger, &interval), JB_OK, "an interval is posted");
    is_i64(try_post(ledger, &interval), JB_E_CONFLICT, "not twice");
    interval = book_interval(PKG, 20, 30, 1000, 2000);
    is_i64(try_post(ledger, &interval), JB_OK, "one that touches it is posted");
    interval = book_interval(PKG, 5, 10, 0, 1000);
    is_i64(try_post(ledger, &interval), JB_OK, "on either side");
    interval = book_interval(PKG, 29, 31, 0, 1000);
    is_i64(try_post(ledger, &interval), JB_E_CONFLICT, "one that overlaps the end is refused");
    interval = book_interval(PKG, 1, 100, 0, 1000);
    is_i64(try_post(ledger, &interval), JB_E_CONFLICT, "one that covers several is refused");
    interval = book_interval(PKG, 12, 13, 0, 1000);
    is_i64(try_post(ledger, &interval), JB_E_CONFLICT, "one that lies inside is refused");
    interval = book_interval("rapl/package-1", 12, 13, 0, 1000);
    is_i64(try_post(ledger, &interval), JB_OK, "another channel has its own time");
    interval = book_interval(PKG, 12, 13, 0, 1000);
    book_text(interval.boot_id, sizeof interval.boot_id, "22222222-2222-3333-4444-555555555555");
    is_i64(try_post(ledger, &interval), JB_OK, "so has another boot");
    interval = book_interval(PKG, 40, 40, 0, 1000);
    is_i64(try_post(ledger, &interval), JB_E_CONFLICT, "an interval without time is refused");
    finish(ledger, &folder);
}

static void test_counts(void)
{
    struct book_folder folder;
    struct jb_ledger *ledger = start(&folder);
    struct jb_interval interval = book_interval(PKG, 0, 10, 0, 1000);

    interval.energy_uj++;
    is_i64(try_post(ledger, &interval), JB_E_CONFLICT,
           "one microjoule more than the counts give is refused");
    interval = book_interval(PKG, 0, 10, 1000, 0);
    interval.energy_uj = 1000;
    is_i64(try_post(ledger, &interval), JB_E_CONFLICT, "a count that falls is refused");
    interval = book_interval(PKG, 0, 10, 0, 1000);
    interval.raw_end++;
    is_i64(try_post(ledger, &interval), JB_E_CONFLICT,
           "raw values that differ otherwise than the counts are refused");
    interval = book_interval(PKG, 0, 10, 0, 1000);
    interval.raw_start += UINT64_C(1) << 32;
    is_i64(try_post(ledger, &interval), JB_E_CONFLICT, "a raw value beyond the modulus is refused");
    interval = book_interval(PKG, 0, 10, 0, (UINT64_C(1) << 32) + 1000);
    is_i64(try_post(ledger, &interval), JB_OK, "counts may pass the modulus, raw values wrap");
    /* 2^32 / 3 uJ a unit: 10 units end at 14316557653, 20 at 28633115306; 1 unit at 1431655765. */
    interval = book_interval(PKG, 10, 20, 10, 20);
    interval.unit_num = UINT64_C(1) << 32;
    interval.unit_den = 3;
    interval.energy_uj = INT64_C(28633115306) - INT64_C(14316557653);
    is_i64(try_post(ledger, &interval), JB_OK, "counts are converted first, then differenced");
    interval = book_interval(PKG, 20, 30, 1001, 3002);
    interval.unit_num = 5;
    interval.unit_den = 2;
    interval.energy_uj = 5003; /* 7505 - floor(2502.5); the difference alone gives 5002 */
    is_i64(try_post(ledger, &interval), JB_OK, "so that halves are not lost");
    interval = book_interval(PKG, 30, 40, UINT64_MAX - 1000, UINT64_MAX);
    interval.energy_uj = 61000;
    interval.modulus = 0;
    interval.raw_start = interval.count_start;
    interval.raw_end = interval.count_end;
    is_i64(try_post(ledger, &interval), JB_E_RANGE,
           "counts beyond 64 bits of microjoules are refused, not wrapped");
    interval = book_interval("gauge", 0, 10, 1999, 5000);
    interval.semantics = JB_SEMANTICS_GAUGE;
    interval.energy_uj = 4; /* nJ: floor(5.0) - floor(1.999) */
    interval.raw_end = 7;
    is_i64(try_post(ledger, &interval), JB_E_CONFLICT,
           "a share beyond the energy leaves idle negative and is refused");
    interval.count_end = 5001000;
    interval.energy_uj = 5000;
    is_i64(try_post(ledger, &interval), JB_OK,
           "a gauge's count is nanojoules, its raw values are power");
    interval = book_interval(PKG, 50, 60, 0, 1000);
    interval.role = JB_ROLE_DETAIL;
    is_i64(try_post(ledger, &interval), JB_E_CONFLICT,
           "a channel inside a posted one is never posted");
    finish(ledger, &folder);
}

static jb_rc post_lines(struct jb_ledger *ledger, const struct jb_interval *interval,
                        const struct jb_line *lines, size_t n_lines)
{
    struct jb_error err = {0};

    return jb_ledger_post_interval(ledger, interval, lines, n_lines, NULL, &err);
}

static void test_lines(void)
{
    struct book_folder folder;
    struct jb_ledger *ledger = start(&folder);
    const struct jb_interval interval = book_interval(PKG, 0, 10, 0, 1000);
    struct jb_line lines[3];

    book_lines(&interval, RUN_A, 500, lines);
    lines[2].amount_uj--;
    is_i64(post_lines(ledger, &interval, lines, 3), JB_E_CONFLICT,
           "lines that lose a microjoule are refused");
    book_lines(&interval, RUN_A, 500, lines);
    is_i64(post_lines(ledger, &interval, lines + 1, 2), JB_E_CONFLICT,
           "lines without the meter are refused");
    lines[0] = book_line("meter", BOOK_HOST "/rapl/package-9", -61000);
    is_i64(post_lines(ledger, &interval, lines, 3), JB_E_CONFLICT,
           "lines of another meter are refused");
    book_lines(&interval, RUN_A, 500, lines);
    lines[2] = book_line("platform", BOOK_HOST, 60500);
    is_i64(post_lines(ledger, &interval, lines, 3), JB_E_CONFLICT,
           "a posted channel charges no platform");
    lines[0] = book_line("meter", BOOK_HOST "/" PKG, -500);
    is_i64(post_lines(ledger, &interval, lines, 2), JB_E_CONFLICT,
           "a posted channel charges all it gave");
    finish(ledger, &folder);
}

static void test_origins(void)
{
    struct book_folder folder;
    struct jb_ledger *ledger = start(&folder);
    struct jb_interval interval = book_interval("model/package-0", 0, 10, 0, 61000000);
    struct jb_line lines[2] = {book_line("modelled", BOOK_HOST "/model/package-0", -61000),
                               book_line("idle", BOOK_HOST, 61000)};

    interval.semantics = JB_SEMANTICS_BUSY;
    interval.origin = JB_ORIGIN_MODELLED;
    interval.energy_uj = 61000;
    is_i64(post_lines(ledger, &interval, lines, 2), JB_OK, "a model credits an account of its own");
    lines[0] = book_line("meter", BOOK_HOST "/model/package-0", -61000);
    interval.mono_start_ns += 20 * JB_NS_PER_S;
    interval.mono_end_ns += 20 * JB_NS_PER_S;
    is_i64(post_lines(ledger, &interval, lines, 2), JB_E_CONFLICT, "never a meter");
    finish(ledger, &folder);
}

static void test_parent(void)
{
    struct book_folder folder;
    struct jb_ledger *ledger = start(&folder);
    struct jb_interval interval = book_interval("bmc/node", 0, 10, 0, 1000);
    struct jb_line lines[2] = {book_line("meter", BOOK_HOST "/bmc/node", -11000),
                               book_line("platform", BOOK_HOST, 11000)};

    interval.role = JB_ROLE_PARENT;
    is_i64(post_lines(ledger, &interval, lines, 2), JB_OK,
           "a parent posts what it read above its children");
    interval.mono_start_ns += 10 * JB_NS_PER_S;
    interval.mono_end_ns += 10 * JB_NS_PER_S;
    lines[0].amount_uj = 300;
    lines[1] = book_line("discrepancy", BOOK_HOST, -300);
    is_i64(post_lines(ledger, &interval, lines, 2), JB_OK,
           "one that read less posts a discrepancy");
    interval.mono_start_ns += 10 * JB_NS_PER_S;
    interval.mono_end_ns += 10 * JB_NS_PER_S;
    lines[1] = book_line("platform", BOOK_HOST, -300);
    is_i64(post_lines(ledger, &interval, lines, 2), JB_E_CONFLICT, "which no platform can hold");
    lines[0].amount_uj = -61001;
    lines[1] = book_line("platform", BOOK_HOST, 61001);
    is_i64(post_lines(ledger, &interval, lines, 2), JB_E_CONFLICT,
           "the rest is never more than the whole");
    lines[0].amount_uj = -11000;
    lines[1] = book_line("run", RUN_A, 11000);
    is_i64(post_lines(ledger, &interval, lines, 2), JB_E_CONFLICT, "and no run pays for it");
    finish(ledger, &folder);
}

static void test_last_interval(void)
{
    struct book_folder folder;
    struct jb_ledger *ledger = start(&folder);
    const struct jb_interval first = book_interval(PKG, 10, 20, 0, 1000);
    struct jb_interval second = book_interval(PKG, 20, 30, 1000, 5000);
    struct jb_interval got;
    struct jb_error err = {0};
    bool found = true;

    book_text(second.parent, sizeof second.parent, "bmc/node");
    book_text(second.gap, sizeof second.gap, "counter reset");
    second.epoch = 7;
    second.n_failed = 3;
    second.accuracy_low_ppm = 1;
    second.accuracy_high_ppm = 2;
    second.edge_uj = 3;
    second.gauge_ns = 4;
    second.interpolated_ns = 5;
    second.unobserved_ns = 6;
    second.gap_best_uj = 7;
    second.gap_high_uj = 8;
    second.idle_power_uw = 9;
    second.busy_ns = 10;
    second.capacity_ns = 11;
    is_i64(jb_ledger_last_interval(ledger, BOOK_HOST, BOOK_BOOT, PKG, &got, &found, &err), JB_OK,
           "asking is no error");
    ok(!found, "there is no last interval in an empty book");
    (void)book_post(ledger, &second, RUN_A, 500);
    (void)book_post(ledger, &first, RUN_A, 500);
    book_must(jb_ledger_last_interval(ledger, BOOK_HOST, BOOK_BOOT, PKG, &got, &found, &err), &err,
              "last");
    ok(found && memcmp(&got, &second, sizeof got) == 0,
       "the last one is the latest in time, every member as posted");
    finish(ledger, &folder);
}

struct seen {
    int n_intervals;
    int64_t run_uj;
    bool has_shares;
};

static jb_rc see(void *arg, int64_t seq, const struct jb_interval *interval,
                 const struct jb_line *lines, size_t n_lines, struct jb_error *err)
{
    struct seen *seen = arg;

    (void)err;
    seen->n_intervals++;
    for (size_t i = 0; i < n_lines; i++) {
        if (strncmp(lines[i].account, "run:" RUN_A, sizeof "run:" RUN_A) != 0)
            continue;
        seen->run_uj += lines[i].amount_uj;
        seen->has_shares = lines[i].has_share && lines[i].all_uj == interval->energy_uj && seq > 0;
    }
    return JB_OK;
}

static void test_each_interval(void)
{
    struct book_folder folder;
    struct jb_ledger *ledger = start(&folder);
    struct jb_interval interval = book_interval(PKG, 0, 10, 0, 1000);
    struct jb_error err = {0};
    struct seen seen = {0};

    (void)book_post(ledger, &interval, RUN_A, 500);
    interval = book_interval(PKG, 10, 20, 1000, 2000);
    (void)book_post(ledger, &interval, RUN_B, 600);
    interval = book_interval(PKG, 20, 30, 2000, 3000);
    (void)book_post(ledger, &interval, RUN_A, 700);
    book_must(jb_ledger_each_interval(ledger, RUN_A, see, &seen, &err), &err, "each interval");
    ok(seen.n_intervals == 2 && seen.run_uj == 1200 && seen.has_shares,
       "a run's intervals are those it has a line in");
    memset(&seen, 0, sizeof seen);
    book_must(jb_ledger_each_interval(ledger, NULL, see, &seen, &err), &err, "each interval");
    is_i64(seen.n_intervals, 3, "without a run, all of them");
    finish(ledger, &folder);
}

/* Refused, or entered: the same posting as a bill would tell it, each time with one thing wrong. */
static jb_rc post_told(struct jb_ledger *ledger, const struct jb_interval *interval,
                       const char *contra, const char *debit, struct jb_error *err)
{
    const struct jb_line lines[] = {
        book_line(contra, BOOK_HOST "/focus/p3", -interval->energy_uj),
        book_line(debit, strcmp(debit, "run") == 0 ? RUN_B : BOOK_HOST, interval->energy_uj),
    };

    return jb_ledger_post_interval(ledger, interval, lines, 2, NULL, err);
}

static void test_told(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *ledger = book_open(folder.book, JB_LEDGER_CREATE);
    struct jb_interval told = book_interval("focus/p3", 100, 110, 0, 7);
    struct jb_error err = {0};
    struct jb_run run;

    told.semantics = JB_SEMANTICS_TOLD;
    told.origin = JB_ORIGIN_BILLED;
    told.unit_num = told.unit_den = 1;
    told.modulus = 0;
    told.raw_start = 0;
    told.raw_end = 7;
    told.energy_uj = 7;
    book_run(&run, RUN_B, 100);
    run.layer = JB_LAYER_RECONSTRUCTED;
    book_begin(ledger);
    book_open_run(ledger, RUN_A, 100);
    book_must(jb_ledger_open_run(ledger, &run, &err), &err, "open");
    is_i64(post_told(ledger, &told, "billed", "idle", &err), JB_E_CONFLICT,
           "of what a bill told nobody is idle: %s", err.message);
    is_i64(post_told(ledger, &told, "stated", "run", &err), JB_E_CONFLICT,
           "a bill is credited as a bill: %s", err.message);
    told.raw_end = 8;
    is_i64(post_told(ledger, &told, "billed", "run", &err), JB_E_CONFLICT,
           "raw values are the uJ told: %s", err.message);
    told.raw_end = 7;
    told.origin = JB_ORIGIN_COUNTER;
    is_i64(post_told(ledger, &told, "meter", "run", &err), JB_E_CONFLICT, "no meter was told: %s",
           err.message);
    const struct jb_interval read = book_interval("rapl/package-0", 100, 110, 0, 9);
    const struct jb_line to_other_layer[] = {
        book_line("meter", BOOK_HOST "/rapl/package-0", -read.energy_uj),
        book_line("run", RUN_B, read.energy_uj),
    };
    is_i64(jb_ledger_post_interval(ledger, &read, to_other_layer, 2, NULL, &err), JB_E_CONFLICT,
           "a meter charges no reconstructed run (R-BOOK-05): %s", err.message);
    told.origin = JB_ORIGIN_RATED;
    is_i64(post_told(ledger, &told, "modelled", "run", &err), JB_OK,
           "a rating times time is credited as a model");
    book_commit(ledger);
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
}

static void open_in(struct jb_ledger *ledger, const char *run_id, enum jb_layer layer)
{
    struct jb_error err = {0};
    struct jb_run run;

    book_run(&run, run_id, 100);
    run.layer = layer;
    book_must(jb_ledger_open_run(ledger, &run, &err), &err, "open");
}

/* Told of a run of one layer, and of two at once. */
static jb_rc post_to(struct jb_ledger *ledger, const struct jb_interval *told, const char *first,
                     const char *second)
{
    struct jb_error err = {0};
    const struct jb_line lines[] = {
        book_line("stated", BOOK_HOST "/plan/it", -told->energy_uj),
        book_line("run", first, second ? told->energy_uj - 1 : told->energy_uj),
        book_line("run", second ? second : "", 1),
    };

    return jb_ledger_post_interval(ledger, told, lines, second ? 3 : 2, NULL, &err);
}

static void test_told_layers(void)
{
    static const char measured[] = "019b7700-0009-7000-8000-000000000009";
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *ledger = book_open(folder.book, JB_LEDGER_CREATE);
    struct jb_interval told = book_interval("plan/it", 100, 110, 0, 7);
    struct jb_error err = {0};
    struct jb_balance balance;

    told.semantics = JB_SEMANTICS_TOLD;
    told.origin = JB_ORIGIN_STATED;
    told.unit_num = told.unit_den = 1;
    told.modulus = told.raw_start = 0;
    told.raw_end = 7;
    told.energy_uj = 7;
    book_begin(ledger);
    open_in(ledger, RUN_A, JB_LAYER_RECONSTRUCTED);
    open_in(ledger, RUN_B, JB_LAYER_PREDICTED);
    open_in(ledger, measured, JB_LAYER_MEASURED);
    is_i64(post_to(ledger, &told, RUN_A, RUN_B), JB_E_CONFLICT,
           "no interval is of a reconstructed and a predicted run (R-BOOK-05)");
    is_i64(post_to(ledger, &told, RUN_B, RUN_A), JB_E_CONFLICT, "the other way round neither");
    is_i64(post_to(ledger, &told, measured, NULL), JB_E_CONFLICT, "nothing told is measured");
    is_i64(post_to(ledger, &told, RUN_B, measured), JB_E_CONFLICT, "nor in part");
    is_i64(post_to(ledger, &told, RUN_B, NULL), JB_OK, "what is told of a plan is predicted");
    book_commit(ledger);
    book_must(jb_ledger_balance(ledger, &balance, &err), &err, "balance");
    ok(balance.is_balanced && balance.n_sums == 2, "and balances in one layer");
    ok(balance.sums[0].layer == JB_LAYER_PREDICTED && balance.sums[1].layer == JB_LAYER_PREDICTED,
       "that of its run");
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
}

int main(void)
{
    test_overlap();
    test_counts();
    test_lines();
    test_origins();
    test_parent();
    test_last_interval();
    test_each_interval();
    test_told();
    test_told_layers();
    return done_testing();
}
