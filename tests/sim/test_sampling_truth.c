/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 500 runs of five counters on an injected clock against exact truth. A counter is f(t) at the read: the closed-form
 * integral of a power course, in integers of 1e-15 J, worked out here and nowhere in the code under test, floored to the
 * device's unit, wrapped, reset or torn as the run's fault has it. Every epoch must hold its truth to one counter unit,
 * and begin and end at the readings the fault leaves.
 */
#include "base/clock.h"
#include "sample/sampler.h"
#include "tap.h"

typedef unsigned __int128 u128;
typedef __int128 i128;

#define MS        JB_NS_PER_MS
#define S         JB_NS_PER_S
#define FJ_PER_UJ INT64_C(1000000000)
#define FJ_PER_J  ((u128)1000000 * FJ_PER_UJ)
#define W         INT64_C(1000000)
#define NEVER     INT64_MAX

enum shape { CONSTANT, SQUARE, RAMP, BURSTS, N_SHAPES };

static const char *const shape_names[N_SHAPES] = {"constant 50 W", "square 20/180 W", "ramp",
                                                  "bursts of 120 ms"};

/* Integral of a course that repeats: high for the first high_ns of each period. uW x ns = fJ. */
static u128 repeated_fj(int64_t t_ns, int64_t period_ns, int64_t high_ns, int64_t low_uw,
                        int64_t high_uw)
{
    const int64_t n_whole = t_ns / period_ns;
    const int64_t rest_ns = t_ns % period_ns;
    const int64_t rest_high_ns = rest_ns < high_ns ? rest_ns : high_ns;
    const u128 whole_fj =
        (u128)high_ns * (u128)high_uw + (u128)(period_ns - high_ns) * (u128)low_uw;

    return whole_fj * (uint64_t)n_whole + (u128)rest_high_ns * (u128)high_uw +
           (u128)(rest_ns - rest_high_ns) * (u128)low_uw;
}

/* Energy from 0 to t of one shape at full scale. */
static u128 course_fj(enum shape shape, int64_t t_ns)
{
    const int64_t rise_ns = 200 * S;
    const int64_t rising_ns = t_ns < rise_ns ? t_ns : rise_ns;

    switch (shape) {
    case CONSTANT: return (u128)t_ns * (u128)(50 * W);
    case SQUARE: return repeated_fj(t_ns, 1300 * MS, 650 * MS, 20 * W, 180 * W);
    case RAMP: /* 20 W rising to 180 W in 200 s, then level */
        return (u128)rising_ns * (u128)(20 * W) +
               (u128)rising_ns * (u128)rising_ns * (u128)(160 * W) / (u128)(2 * rise_ns) +
               (u128)(t_ns - rising_ns) * (u128)(180 * W);
    case BURSTS: /* nothing at all in between: the counter stands still */
        return repeated_fj(t_ns, S, 120 * MS, 0, 200 * W);
    case N_SHAPES: break;
    }
    return 0;
}

enum { PACKAGE_0, PACKAGE_1, DRAM, AMD, PSYS, N_METERS };

/* What the world holds of one counter. */
struct meter {
    const char *name;
    enum shape shape;
    int64_t phase_ns;
    int64_t percent;  /* of the course */
    u128 base_fj;     /* stands on it when the run begins */
    int64_t reset_ns; /* it starts from 0 there */
    int64_t unit_nj;  /* powercap: the kernel's truncated unit; 0: raw hardware units below */
    bool is_perf;     /* 2^-32 J in steps of 2^-14 J, 64 bits; else 2^-16 J, 32 bits */
};

static u128 true_fj(const struct meter *meter, int64_t t_ns)
{
    return (course_fj(meter->shape, t_ns + meter->phase_ns) -
            course_fj(meter->shape, meter->phase_ns)) *
           (uint64_t)meter->percent / 100;
}

static uint64_t read_raw(const struct meter *meter, int64_t t_ns)
{
    const u128 fj = t_ns < meter->reset_ns ? meter->base_fj + true_fj(meter, t_ns)
                                           : true_fj(meter, t_ns) - true_fj(meter, meter->reset_ns);

    if (meter->unit_nj > 0) /* what powercap prints: the 32-bit count times its unit, in uJ */
        return (uint64_t)((uint32_t)(fj / ((u128)meter->unit_nj * 1000000))) *
               (uint64_t)meter->unit_nj / 1000;
    if (meter->is_perf) /* 2^-14 J = 61035156250 fJ */
        return (uint64_t)(fj / UINT64_C(61035156250)) << 18;
    return (uint32_t)(fj * 2 / UINT64_C(30517578125)); /* 2^-16 J = 15258789062.5 fJ */
}

static uint64_t seed;

static int64_t below(int64_t n)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int64_t)((seed >> 16) % (uint64_t)n);
}

/* 61 uJ steps of 32 bits, 15.3 uJ steps as the kernel truncates them, 2^-16 J, and perf's 2^-32 J. */
static const struct jb_channel channels[N_METERS] = {
    [PACKAGE_0] = {.id = "rapl/package-0",
                   .unit_num = 1,
                   .unit_den = 1,
                   .modulus = UINT64_C(61) << 32,
                   .quantum_uj = 61,
                   .update_ns = MS,
                   .max_power_uw = 400 * W},
    [PACKAGE_1] = {.id = "rapl/package-1",
                   .unit_num = 1,
                   .unit_den = 1,
                   .modulus = UINT64_C(61) << 32,
                   .quantum_uj = 61,
                   .update_ns = MS,
                   .max_power_uw = 400 * W},
    [DRAM] = {.id = "rapl/dram-0",
              .parent = "rapl/package-0",
              .unit_num = 1,
              .unit_den = 1,
              .modulus = UINT64_C(65712999629),
              .quantum_uj = 16,
              .update_ns = MS,
              .max_power_uw = 100 * W},
    [AMD] = {.id = "amd/package-0",
             .unit_num = 1000000,
             .unit_den = 65536,
             .modulus = UINT64_C(1) << 32,
             .quantum_uj = 16,
             .update_ns = MS,
             .max_power_uw = 400 * W},
    [PSYS] = {.id = "perf/psys",
              .unit_num = 1000000,
              .unit_den = UINT64_C(1) << 32,
              .modulus = 0,
              .quantum_uj = 62,
              .update_ns = MS,
              .max_power_uw = 800 * W},
};

/* One unit of the device in fJ; where it is no whole number of uJ, showing it in uJ costs up to one more. */
static const int64_t tolerance_fj[N_METERS] = {
    [PACKAGE_0] = 61 * FJ_PER_UJ,         [PACKAGE_1] = 61 * FJ_PER_UJ,
    [DRAM] = 15300000000 + 2 * FJ_PER_UJ, [AMD] = 15258789063 + FJ_PER_UJ,
    [PSYS] = 61035156250 + FJ_PER_UJ,
};

enum fault { NO_FAULT, WRAP, BAD_READS, RESET, TORN_FIRST, TOO_LONG, END_UNREAD, N_FAULTS };

static const char *const fault_names[N_FAULTS] = {
    "no fault",
    "a wrap",
    "failed and torn reads",
    "a reset",
    "a torn first reading",
    "two wraps unread",
    "no reading at the end",
};

/* What one reading is to the test. */
enum kind { GOOD, FAILED, TORN };

struct plan {
    enum shape shape;
    enum fault fault;
    int64_t length_ns, period_ns;
    int64_t break_ns; /* reset or beginning of the stretch unread */
    int64_t stall_ns; /* that long nobody reads */
};

/* What the readings allow to be known: stretches between good readings that belong together. */
struct stretch {
    int64_t from_ns, to_ns;
    int n_readings;
};

struct follow {
    struct meter meter;
    struct jb_cumulative state;
    struct stretch want[3];
    int n_want;
    struct stretch got[8];
    int64_t got_uj[8];
    int n_got;
    int n_failed;
    bool is_torn; /* the last reading was: two torn alike in a row are a break to anybody */
};

struct tally {
    int n_runs, n_epochs, n_wraps, n_wrong, n_outliers, n_bad_coverage, n_bad_band,
        n_gaps_without_fault;
    double worst_units;
};

static struct meter meter_of(int which, const struct plan *plan, int64_t end_ns)
{
    static const int64_t percents[N_METERS] = {100, 90, 25, 110, 260};
    struct meter meter = {
        .name = channels[which].id,
        .shape = plan->shape,
        .phase_ns = which * 333 * MS,
        .percent = percents[which],
        .reset_ns = plan->fault == RESET ? plan->break_ns : NEVER,
        .unit_nj = which == DRAM                              ? 15300
                   : which == PACKAGE_0 || which == PACKAGE_1 ? 61000
                                                              : 0,
        .is_perf = which == PSYS,
    };
    const u128 range_fj = which == DRAM  ? (u128)15300000000 << 32
                          : which == AMD ? 65536 * FJ_PER_J
                                         : ((u128)61 * FJ_PER_UJ) << 32;
    const u128 used_fj = true_fj(&meter, end_ns);

    if (plan->fault == WRAP ||
        plan->fault == NO_FAULT) /* the range ends within the run, or in every other run not */
        meter.base_fj =
            range_fj - used_fj * (uint64_t)below(plan->fault == WRAP ? 1000 : 2000) / 1000;
    else /* clear of both ends, so that a fall is no wrap by accident */
        meter.base_fj = 30000 * FJ_PER_J + (u128)below(1000) * FJ_PER_J / 1000;
    return meter;
}

static enum kind kind_of(const struct plan *plan, int64_t t_ns, bool is_first, bool is_last)
{
    if (plan->fault == TORN_FIRST && is_first)
        return TORN;
    if (plan->fault == END_UNREAD && is_last)
        return FAILED;
    if (plan->fault == TOO_LONG && t_ns >= plan->break_ns && t_ns < plan->break_ns + plan->stall_ns)
        return FAILED;
    if (plan->fault != BAD_READS || is_first || is_last)
        return GOOD;
    return below(100) < 10 ? FAILED : below(100) < 3 ? TORN : GOOD;
}

/* The text cut after some of its digits: 12345678 becomes 1234. */
static uint64_t torn(uint64_t raw)
{
    for (int64_t n = 1 + below(4); n > 0; n--)
        raw /= 10;
    return raw;
}

static bool is_broken_between(const struct follow *follow, const struct plan *plan, int which,
                              int64_t from_ns, int64_t to_ns)
{
    if (plan->fault == RESET)
        return from_ns < follow->meter.reset_ns && to_ns >= follow->meter.reset_ns;
    return plan->fault == TOO_LONG && which != PSYS && to_ns - from_ns >= plan->stall_ns;
}

/* The test's own account of what can be known; the torn first reading opens a stretch of one reading. */
static void note_good(struct follow *follow, const struct plan *plan, int which, int64_t t_ns)
{
    struct stretch *last = follow->n_want > 0 ? &follow->want[follow->n_want - 1] : NULL;

    if (!last || is_broken_between(follow, plan, which, last->to_ns, t_ns)) {
        follow->want[follow->n_want++] =
            (struct stretch){.from_ns = t_ns, .to_ns = t_ns, .n_readings = 1};
        return;
    }
    last->to_ns = t_ns;
    last->n_readings++;
}

static void close_epoch(struct follow *follow, int which, const struct jb_cumulative *state)
{
    if (follow->n_got == 8)
        bail_out("epochs without end");
    follow->got[follow->n_got] =
        (struct stretch){.from_ns = state->begin_ns, .to_ns = state->mono_ns};
    follow->got_uj[follow->n_got++] = jb_sampler_count_to_uj(&channels[which], state->count);
}

static void read_once(struct follow *follow, const struct plan *plan, int which, int64_t t_ns,
                      enum kind kind)
{
    const struct jb_cumulative before = follow->state;
    struct jb_reading reading = {.mono_ns = t_ns, .raw = read_raw(&follow->meter, t_ns)};

    if (kind == TORN && follow->is_torn)
        kind = GOOD;
    if (kind == FAILED) {
        jb_sampler_feed_failure(&channels[which], &follow->state, t_ns);
        follow->n_failed++;
        return;
    }
    follow->is_torn = kind == TORN;
    if (kind == TORN) {
        reading.raw = torn(reading.raw);
        if (plan->fault == BAD_READS)
            follow->n_failed++;
    } else {
        note_good(follow, plan, which, t_ns);
    }
    (void)jb_sampler_feed(&channels[which], &follow->state, &reading);
    if (follow->state.epoch != before.epoch)
        close_epoch(follow, which, &before);
}

/* A break is only known for one when a second reading follows behind it: what a single one leaves is unread. */
static void settle_wants(struct follow *follow, const struct plan *plan)
{
    const struct stretch *const last = &follow->want[follow->n_want - 1];

    if (plan->fault == TORN_FIRST && last->n_readings == 1)
        follow->n_want = 0;
    if (plan->fault == RESET && follow->n_want == 2 && last->n_readings == 1)
        follow->n_want = 1;
}

static void check_epochs(struct follow *follow, const struct plan *plan, int which,
                         struct tally *tally)
{
    /* The epoch of the torn first reading, closed with nothing in it, or never left. */
    const int skip = plan->fault == TORN_FIRST ? 1 : 0;

    if (follow->n_got != follow->n_want + skip || (skip && follow->got_uj[0] != 0)) {
        tally->n_wrong++;
        diag("%s, %s, %s, %.1f s, period %" PRId64 " ns: %d epochs, not %d", follow->meter.name,
             shape_names[plan->shape], fault_names[plan->fault], (double)plan->length_ns / 1e9,
             plan->period_ns, follow->n_got, follow->n_want + skip);
        return;
    }
    for (int i = 0; i < follow->n_want; i++) {
        const struct stretch *const want = &follow->want[i];
        const struct stretch *const got = &follow->got[i + skip];
        const i128 truth_fj =
            (i128)(true_fj(&follow->meter, want->to_ns) - true_fj(&follow->meter, want->from_ns));
        const i128 error_fj = (i128)follow->got_uj[i + skip] * FJ_PER_UJ - truth_fj;
        const double units =
            (double)(error_fj < 0 ? -error_fj : error_fj) / (double)tolerance_fj[which];

        tally->n_epochs++;
        tally->n_wrong += want->from_ns != got->from_ns || want->to_ns != got->to_ns;
        tally->n_outliers += error_fj > tolerance_fj[which] || error_fj < -tolerance_fj[which];
        if (units > tally->worst_units)
            tally->worst_units = units;
    }
}

static void check_coverage(const struct follow *follow, const struct plan *plan, int64_t end_ns,
                           struct tally *tally)
{
    const struct jb_cumulative *const state = &follow->state;
    i128 gap_fj = (i128)true_fj(&follow->meter, end_ns);
    int64_t seen_ns = 0;

    for (int i = 0; i < follow->n_want; i++) {
        seen_ns += follow->want[i].to_ns - follow->want[i].from_ns;
        gap_fj -= (i128)(true_fj(&follow->meter, follow->want[i].to_ns) -
                         true_fj(&follow->meter, follow->want[i].from_ns));
    }
    tally->n_bad_coverage += state->counter_ns != seen_ns ||
                             state->unobserved_ns != end_ns - seen_ns || state->gauge_ns != 0 ||
                             (int)state->n_failed != follow->n_failed;
    /* To the reading of a uJ. */
    tally->n_bad_band += gap_fj > ((i128)state->gap_high_uj + 1) * FJ_PER_UJ ||
                         state->gap_best_uj > state->gap_high_uj;
    if (plan->fault == NO_FAULT || plan->fault == WRAP || plan->fault == BAD_READS)
        tally->n_gaps_without_fault += state->n_gaps > 0 || state->unobserved_ns > 0;
}

static void read_all(struct follow *follows, const struct plan *plan, int64_t t_ns, bool is_first,
                     bool is_last)
{
    for (int which = 0; which < N_METERS; which++)
        read_once(&follows[which], plan, which, t_ns, kind_of(plan, t_ns, is_first, is_last));
}

static void simulate(const struct plan *plan, struct tally *tally)
{
    const int64_t end_ns = plan->length_ns + plan->stall_ns;
    struct jb_clock_manual manual = {0};
    const struct jb_clock clock = jb_clock_from_manual(&manual);
    struct follow follows[N_METERS] = {0};
    int64_t due_ns = plan->period_ns;

    for (int which = 0; which < N_METERS; which++) {
        follows[which].meter = meter_of(which, plan, end_ns);
        jb_sampler_begin(&follows[which].state);
    }
    read_all(follows, plan, jb_mono_ns(&clock), true, false);
    while (due_ns < end_ns) {
        /* Late by up to a fifth of a period, as a loaded machine is; deadlines do not drift. */
        const int64_t at_ns = due_ns + below(plan->period_ns / 5);

        if (plan->stall_ns > 0 && at_ns >= plan->break_ns &&
            at_ns < plan->break_ns + plan->stall_ns) {
            due_ns += plan->stall_ns; /* one failed read at the stretch's beginning, then none */
            jb_clock_manual_advance(&manual, at_ns - jb_mono_ns(&clock));
            read_all(follows, plan, jb_mono_ns(&clock), false, false);
            continue;
        }
        if (at_ns >= end_ns)
            break;
        jb_clock_manual_advance(&manual, at_ns - jb_mono_ns(&clock));
        read_all(follows, plan, jb_mono_ns(&clock), false, false);
        due_ns += plan->period_ns;
    }
    jb_clock_manual_advance(&manual, end_ns - jb_mono_ns(&clock));
    read_all(follows, plan, jb_mono_ns(&clock), false, true);
    for (int which = 0; which < N_METERS; which++) {
        struct follow *const follow = &follows[which];

        jb_sampler_end_unread(&channels[which], &follow->state, end_ns, JB_GAP_UNREADABLE);
        close_epoch(follow, which, &follow->state);
        settle_wants(follow, plan);
        tally->n_wraps += read_raw(&follow->meter, end_ns) < read_raw(&follow->meter, 0);
        check_epochs(follow, plan, which, tally);
        check_coverage(follow, plan, end_ns, tally);
    }
    tally->n_runs++;
}

static struct plan plan_of(int run)
{
    static const int64_t lengths_ns[] = {S / 2, 5 * S, 60 * S};
    static const int64_t periods_ns[] = {S, S / 10, S / 100, S / 1000};
    static const enum fault faults[] = {NO_FAULT,   WRAP, BAD_READS, RESET, TORN_FIRST, TOO_LONG,
                                        END_UNREAD, WRAP, BAD_READS, RESET, NO_FAULT};
    struct plan plan = {
        .shape = (enum shape)(run % N_SHAPES),
        .length_ns = lengths_ns[run / 4 % 3],
        .period_ns = periods_ns[run / 12 % 4],
        .fault = faults[run / 48 % 11],
    };

    plan.break_ns = plan.length_ns / 4 + below(plan.length_ns / 2);
    if (plan.fault ==
        TOO_LONG) /* 25000 s at 24 W and more, or a quarter of it in DRAM, are two wraps at least */
        plan.stall_ns = 25000 * S;
    return plan;
}

int main(void)
{
    struct tally by_fault[N_FAULTS] = {0};
    int n_runs = 0;

    for (int run = 0; run < 500; run++) {
        struct plan plan;

        seed = (uint64_t)run + 1;
        plan = plan_of(run);
        simulate(&plan, &by_fault[plan.fault]);
        n_runs++;
    }
    is_i64(n_runs, 500,
           "500 runs of five counters: shapes x 0.5, 5, 60 s x 1 Hz to 1 kHz x faults");
    for (int fault = 0; fault < N_FAULTS; fault++) {
        const struct tally *const tally = &by_fault[fault];
        const char *const name = fault_names[fault];

        diag("%s: %d runs, %d epochs, worst error %.3f of one counter unit", name, tally->n_runs,
             tally->n_epochs, tally->worst_units);
        ok(tally->n_runs > 0 && tally->n_epochs > 0, "%s: was tried", name);
        is_i64(tally->n_outliers, 0, "%s: every epoch holds its truth to one counter unit", name);
        is_i64(tally->n_wrong, 0,
               "%s: epochs begin and end where the readings allow, none is invented or lost", name);
        is_i64(tally->n_bad_coverage, 0, "%s: coverage and failed reads are told to the nanosecond",
               name);
        is_i64(tally->n_bad_band, 0, "%s: what gaps held lies within their band", name);
        is_i64(tally->n_gaps_without_fault, 0, "%s: no gap without a reason", name);
    }
    ok(by_fault[WRAP].n_wraps >= 3 * by_fault[WRAP].n_runs,
       "the counters of 32 bits did wrap, %d times in %d runs", by_fault[WRAP].n_wraps,
       by_fault[WRAP].n_runs);
    return done_testing();
}
