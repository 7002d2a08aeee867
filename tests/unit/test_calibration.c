/* SPDX-License-Identifier: Apache-2.0 */
/* Calibrations in a book: from runs whose line is known, through the entry, and back. */
#include "base/clock.h"
#include "book.h"
#include "pipeline/calibration.h"
#include "sample/series.h"

#define W        INT64_C(1000000)
#define STEP_NS  (250 * JB_NS_PER_MS)
#define LEVEL_S  40
#define LEVELS   4
#define LONG_S   (LEVELS * LEVEL_S)
#define NODE_PPM 20000
#define RUN_C    "0190cccc-0000-7000-8000-000000000003"

typedef int64_t (*power_fn)(int64_t t_ns);

static int64_t package_uw(int64_t t_ns)
{
    return (30 + 60 * (t_ns / (LEVEL_S * JB_NS_PER_S))) * W;
}

static int64_t memory_uw(int64_t t_ns)
{
    (void)t_ns;
    return 10 * W;
}

/* 50 W + 1.5 x */
static int64_t node_uw(int64_t t_ns)
{
    return 50 * W + (package_uw(t_ns) + memory_uw(t_ns)) * 3 / 2;
}

static int64_t idle_uw(int64_t t_ns)
{
    return 30 * W + (t_ns / JB_NS_PER_S % 2 ? W : -W);
}

static void post(struct jb_ledger *ledger, const char *run_id, const char *channel,
                 const char *parent, enum jb_scope scope, power_fn power_uw, int64_t begin_s)
{
    struct jb_series_writer *writer = NULL;
    struct jb_buf bytes = JB_BUF(1 << 20);
    struct jb_interval interval = book_interval(channel, begin_s, begin_s + LONG_S, 0, 1000);
    struct jb_line lines[3];
    struct jb_error err = {0};
    int64_t energy_uj = 0;

    interval.scope = scope;
    if (scope == JB_SCOPE_NODE)
        interval.accuracy_low_ppm = interval.accuracy_high_ppm = NODE_PPM;
    book_text(interval.parent, sizeof interval.parent, parent);
    book_lines(&interval, run_id, 1000, lines);
    book_must(jb_ledger_post_interval(ledger, &interval, lines, 3, NULL, &err), &err, "post");
    book_must(jb_series_writer_new(JB_SERIES_ENERGY_UJ, &writer), &err, "series");
    for (int64_t t_ns = 0; t_ns <= LONG_S * JB_NS_PER_S; t_ns += STEP_NS) {
        book_must(jb_series_write(writer, begin_s * JB_NS_PER_S + t_ns, energy_uj, &bytes), &err,
                  "write");
        energy_uj += power_uw(t_ns) / 4;
    }
    book_must(jb_series_writer_cut(writer, &bytes), &err, "cut");
    book_must(jb_ledger_add_series(ledger, run_id, channel, bytes.bytes, bytes.len, &err), &err,
              "add series");
    jb_series_writer_free(writer);
    jb_buf_release(&bytes);
}

/* A level; with a peak in the middle where `peak_ppm` is above it. */
static void post_level(struct jb_ledger *ledger, const char *run_id, const char *name, int64_t ppm,
                       int64_t peak_ppm, int64_t begin_s)
{
    struct jb_series_writer *writer = NULL;
    struct jb_buf bytes = JB_BUF(1 << 20);
    struct jb_error err = {0};

    book_must(jb_series_writer_new(JB_SERIES_LEVEL_PPM, &writer), &err, "series");
    for (int64_t t_s = 0; t_s <= LONG_S; t_s++)
        book_must(jb_series_write(writer, (begin_s + t_s) * JB_NS_PER_S,
                                  t_s == LONG_S / 2 ? peak_ppm : ppm, &bytes),
                  &err, "write");
    book_must(jb_series_writer_cut(writer, &bytes), &err, "cut");
    book_must(jb_ledger_add_series(ledger, run_id, name, bytes.bytes, bytes.len, &err), &err,
              "add series");
    jb_series_writer_free(writer);
    jb_buf_release(&bytes);
}

static void open_run(struct jb_ledger *ledger, const char *id)
{
    static struct jb_run run;
    struct jb_error err = {0};

    run = (struct jb_run){.pue_milli = -1, .tariff_micro_per_kwh = -1, .market_mgco2e_per_kwh = -1};
    book_text(run.id, sizeof run.id, id);
    book_text(run.host, sizeof run.host, BOOK_HOST);
    book_must(jb_ledger_open_run(ledger, &run, &err), &err, "open run");
}

static void a_line_is_found_and_kept(struct jb_ledger *ledger)
{
    static struct jb_calibration cal, back;
    static struct jb_idle_calibration idle, idle_back;
    struct jb_fit_point *points = NULL;
    struct jb_error err = {0};
    size_t n = 0;
    bool has = true, has_idle = true;

    cal.n_runs = 1;
    book_text(cal.runs[0], sizeof cal.runs[0], RUN_A);
    cal.utc_us = 123;
    if (!is_i64(jb_calibration_from_runs(ledger, &cal, &points, &n, &err), JB_OK,
                "a run with both"))
        diag("%s", err.message);
    is_str(cal.meter, "node/wall", "the node's meter is found");
    ok(cal.parts.n == 2 && strcmp(cal.parts.ids[0], "rapl/package-0") == 0,
       "and its parts, in order");
    is_i64(cal.accuracy_ppm, NODE_PPM, "how far that meter may be off");
    is_i64(cal.fit.slope_ppm, 1500000, "the slope is exact");
    ok(llabs(cal.fit.offset_uw - 50 * W) <= 1, "the offset too, to the microwatt");
    is_i64((int64_t)n, 4 * LEVEL_S / 5 - 3, "windows of 5 s, but those after a step");
    free(points);

    is_i64(jb_calibration_find(ledger, BOOK_HOST, &back, &has, &idle_back, &has_idle, &err), JB_OK,
           "an empty shelf");
    ok(!has && !has_idle, "nothing is found on it");
    book_begin(ledger);
    is_i64(jb_calibration_enter(ledger, &cal, &err), JB_OK, "entered");
    book_commit(ledger);
    is_i64(jb_calibration_find(ledger, BOOK_HOST, &back, &has, &idle_back, &has_idle, &err), JB_OK,
           "found");
    ok(has && !has_idle && memcmp(&back.fit, &cal.fit, sizeof cal.fit) == 0 &&
           strcmp(back.meter, cal.meter) == 0 && back.parts.n == 2 && back.utc_us == 123 &&
           back.accuracy_ppm == NODE_PPM && strcmp(back.runs[0], RUN_A) == 0,
       "and the same (R-CAL-09)");
    is_i64(jb_calibration_find(ledger, "elsewhere", &back, &has, &idle_back, &has_idle, &err),
           JB_OK, "another host");
    ok(!has, "has none");

    book_text(idle.run_id, sizeof idle.run_id, RUN_B);
    is_i64(jb_calibration_idle_from_run(ledger, &idle, &err), JB_OK, "idle (R-CAL-08)");
    ok(idle.power_uw[1] == 30 * W && idle.half_width_uw[1] == W,
       "mean and reach of the idle power: %lld +- %lld uW", (long long)idle.power_uw[1],
       (long long)idle.half_width_uw[1]);
    ok(idle.channels.n == 2 && strcmp(idle.channels.ids[0], "gpu/GPU-b") == 0 &&
           idle.power_uw[0] == 10 * W,
       "a board that was busy 5 %% at most has one");
    ok(idle.busy.n == 1 && strcmp(idle.busy.ids[0], "gpu/GPU-a") == 0,
       "one that was busier in a single second has none, and is named (R-IDLE-02)");
    book_begin(ledger);
    is_i64(jb_calibration_enter_idle(ledger, &idle, &err), JB_OK, "entered");
    book_commit(ledger);
    is_i64(jb_calibration_find(ledger, BOOK_HOST, &back, &has, &idle_back, &has_idle, &err), JB_OK,
           "both are there");
    ok(has && has_idle && idle_back.power_uw[1] == 30 * W && idle_back.half_width_uw[1] == W,
       "and the same");
}

static void what_cannot_be_is_refused(struct jb_ledger *ledger)
{
    static struct jb_calibration cal;
    static struct jb_idle_calibration idle;
    struct jb_fit_point *points = NULL;
    struct jb_error err = {0};
    size_t n = 0;

    cal.n_runs = 1;
    book_text(cal.runs[0], sizeof cal.runs[0], RUN_B);
    is_i64(jb_calibration_from_runs(ledger, &cal, &points, &n, &err), JB_E_UNAVAILABLE,
           "a run without a meter of the node");
    ok(!points && err.hint[0], "nothing was written, and there is a next step");
    err = (struct jb_error){0};
    cal.n_runs = 2;
    book_text(cal.runs[0], sizeof cal.runs[0], RUN_A);
    book_text(cal.runs[1], sizeof cal.runs[1], RUN_A);
    is_i64(jb_calibration_from_runs(ledger, &cal, &points, &n, &err), JB_E_INPUT,
           "the same time twice would count each window twice: %s", err.message);

    /* A board that the load did not use: posted in its time, in nobody's account, with no course. */
    struct jb_interval board = book_interval("gpu/GPU-1", 1000, 1000 + LONG_S, 0, 1000);
    struct jb_line lines[3];
    book_lines(&board, RUN_A, 0, lines);
    lines[1] = lines[2];
    board.scope = JB_SCOPE_GPU;
    book_text(board.parent, sizeof board.parent, "node/wall");
    book_begin(ledger);
    book_must(jb_ledger_post_interval(ledger, &board, lines, 2, NULL, &err), &err, "post board");
    book_commit(ledger);
    cal.n_runs = 1;
    is_i64(jb_calibration_from_runs(ledger, &cal, &points, &n, &err), JB_E_UNAVAILABLE,
           "a board that the run did not use is a part of the node all the same (R-CAL-01)");
    ok(strstr(err.message, "gpu/GPU-1") != NULL, "and it is named: %s", err.message);

    book_text(idle.run_id, sizeof idle.run_id, RUN_A);
    is_i64(jb_calibration_idle_from_run(ledger, &idle, &err), JB_E_UNAVAILABLE,
           "a busy machine is not idle (R-IDLE-02)");
    book_text(idle.run_id, sizeof idle.run_id, RUN_C);
    is_i64(jb_calibration_idle_from_run(ledger, &idle, &err), JB_E_UNAVAILABLE,
           "nor is one whose only meter is of a busy board");
    ok(strstr(err.message, "GPU-a") && err.hint[0], "which is named: %s", err.message);
}

int main(void)
{
    const struct book_folder folder = book_new_folder();
    struct jb_ledger *ledger = book_open(folder.book, JB_LEDGER_CREATE);

    book_begin(ledger);
    open_run(ledger, RUN_A);
    post(ledger, RUN_A, "node/wall", "", JB_SCOPE_NODE, node_uw, 1000);
    post(ledger, RUN_A, "rapl/package-0", "node/wall", JB_SCOPE_PACKAGE, package_uw, 1000);
    post(ledger, RUN_A, "rapl/package-0/dram", "node/wall", JB_SCOPE_DRAM, memory_uw, 1000);
    post_level(ledger, RUN_A, "machine/cpu", 900000, 900000, 1000);
    open_run(ledger, RUN_B);
    post(ledger, RUN_B, "rapl/package-0", "", JB_SCOPE_PACKAGE, idle_uw, 5000);
    post_level(ledger, RUN_B, "machine/cpu", 20000, 20000, 5000);
    post(ledger, RUN_B, "gpu/GPU-a", "", JB_SCOPE_GPU, memory_uw, 5000);
    post_level(ledger, RUN_B, "gpu/GPU-a#busy", 0, 50001, 5000);
    post(ledger, RUN_B, "gpu/GPU-b", "", JB_SCOPE_GPU, memory_uw, 5000);
    post_level(ledger, RUN_B, "gpu/GPU-b#busy", 0, 50000, 5000);
    open_run(ledger, RUN_C);
    post(ledger, RUN_C, "gpu/GPU-a", "", JB_SCOPE_GPU, memory_uw, 9000);
    post_level(ledger, RUN_C, "machine/cpu", 0, 0, 9000);
    post_level(ledger, RUN_C, "gpu/GPU-a#busy", 900000, 900000, 9000);
    book_commit(ledger);
    a_line_is_found_and_kept(ledger);
    what_cannot_be_is_refused(ledger);
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
    return done_testing();
}
