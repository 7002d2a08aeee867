/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames to postings, against figures worked out by hand: every microjoule in one line, runs inside runs charged once,
 * parents above their children, epochs and gaps kept apart.
 */
#include "pipeline/segment.h"

#include "tap.h"

#define S INT64_C(1000000000)

static struct jb_channel channels[4];
static struct jb_idle idle[4];
static struct jb_frame frame;
static struct jb_segment *segment;

static void counter(struct jb_channel *channel, const char *id, enum jb_role role,
                    const char *parent)
{
    *channel = (struct jb_channel){
        .scope = JB_SCOPE_PACKAGE,
        .device = JB_DEVICE_CPU,
        .semantics = JB_SEMANTICS_COUNTER,
        .origin = JB_ORIGIN_COUNTER,
        .role = role,
        .unit_num = 1,
        .unit_den = 1,
        .modulus = 1000000000,
        .update_ns = 1000000,
        .max_power_uw = 1000000000,
        .accuracy_ppm = 30000,
    };
    (void)snprintf(channel->id, sizeof channel->id, "%s", id);
    (void)snprintf(channel->parent, sizeof channel->parent, "%s", parent);
}

/* Channel i stands at `count` of epoch `epoch` at time `at_s`, seen by counter all along. */
static void state(size_t i, int64_t at_s, uint64_t count, uint32_t epoch)
{
    struct jb_cumulative *to = &frame.channels[i];
    to->mono_ns = at_s * S;
    to->count = count;
    to->raw = 500 + count;
    to->begin_raw = 500;
    to->epoch = epoch;
    to->is_open = 1;
    to->counter_ns = at_s * S;
}

static void at(int64_t at_s, int64_t busy_s, uint32_t why)
{
    frame.mono_ns = at_s * S;
    frame.utc_us = 1800000000000000 + at_s * 1000000;
    frame.why = why;
    frame.machine = (struct jb_machine){
        .busy_ns = busy_s * S,
        .capacity_ns = 4 * at_s * S,
        .memory_used_bytes = 1 << 20,
        .memory_total_bytes = 1 << 21,
    };
}

static void subject(uint32_t i, const char *id, const char *parent, int64_t cpu_s, uint8_t flags)
{
    struct jb_frame_subject *to = &frame.subjects[i];
    *to = (struct jb_frame_subject){.reserved_ppm = 1000000, .cpu_ns = cpu_s * S, .flags = flags};
    (void)snprintf(to->run_id, sizeof to->run_id, "%s", id);
    (void)snprintf(to->parent_id, sizeof to->parent_id, "%s", parent);
    frame.n_subjects = i + 1;
}

static void start(size_t n)
{
    memset(&frame, 0, sizeof frame);
    frame.n_channels = (uint32_t)n;
    for (size_t i = 0; i < n; i++)
        idle[i] = (struct jb_idle){.source = JB_IDLE_STATED, .power_uw = 10000000};
}

static void begin(size_t n)
{
    jb_segment_begin(segment, channels, n, idle, &frame);
}

static void add(void)
{
    struct jb_error err = {0};
    if (jb_segment_add(segment, &frame, &err) < 0)
        bail_out("a window was refused: %s", err.message);
}

static struct jb_interval interval;
static struct jb_line lines[JB_ENTRY_LINES_MAX];
static size_t n_lines;

static bool post(size_t i)
{
    bool is_there = false;
    struct jb_error err = {0};
    if (jb_segment_interval(segment, i, "h", "b", &is_there, &interval, lines, &n_lines, &err) < 0)
        bail_out("no interval: %s", err.message);
    return is_there;
}

static int64_t line(const char *account)
{
    for (size_t i = 0; i < n_lines; i++)
        if (strcmp(lines[i].account, account) == 0)
            return lines[i].amount_uj;
    return INT64_MIN;
}

static int64_t sum(void)
{
    int64_t total = 0;
    for (size_t i = 0; i < n_lines; i++)
        total += lines[i].amount_uj;
    return total;
}

/* 30 J in 1 s of which 10 J idle; 4 CPU s busy: run a 1 s, run b 2 s, others 1 s -> 5, 10, 5 J. */
static void test_two_runs(void)
{
    counter(&channels[0], "rapl/package-0", JB_ROLE_POST, "");
    start(1);
    at(100, 50, JB_FRAME_RECORDER);
    state(0, 100, 7000000, 0);
    subject(0, "a", "", 3, 0);
    subject(1, "b", "", 0, 0);
    begin(1);
    at(101, 54, JB_FRAME_RUN_END);
    state(0, 101, 37000000, 0);
    subject(0, "a", "", 4, 0);
    subject(1, "b", "", 2, JB_SUBJECT_ENDS);
    add();
    ok(post(0), "a channel that was read is posted");
    is_i64(interval.energy_uj, 30000000, "energy is the difference of the counts");
    is_i64(line("meter:h/rapl/package-0"), -30000000, "the meter is credited with all of it");
    is_i64(line("idle:h"), 10000000, "idle pays its stated power");
    is_i64(line("run:a"), 5000000, "run a pays by its CPU time");
    is_i64(line("run:b"), 10000000, "run b pays by its CPU time");
    is_i64(line("others:h"), 5000000, "the rest of the machine pays the rest");
    is_i64(sum(), 0, "lines sum to zero");
    is_i64((int64_t)(interval.raw_end - interval.raw_start), 30000000, "raw truth is kept");
    is_i64(interval.counter_ns, S, "all of the second was seen by the counter");
    is_i64(interval.unobserved_ns, 0, "none of it was not");
    is_i64(interval.edge_uj, 1000000,
           "an edge may hide one update of 1 ms at the greatest power of the part, 1 kW");
    is_i64(interval.low_uj, 29100000, "3 %% below");
    is_i64(interval.high_uj, 30900000, "3 %% above");
    is_i64((int64_t)jb_segment_n_runs(segment), 2, "both runs are known");
    is_i64(jb_segment_run(segment, 1)->run_uj, 10000000, "and what each was charged");
}

/* 30 W for a second by a gauge, counted in nJ: what an edge hides is a renewal, or half of what the device averages over. */
static void test_edge_of_gauge(void)
{
    static const struct {
        enum jb_semantics semantics;
        int64_t update_ms, window_ms, edge_uj;
        const char *what;
    } rows[] = {
        {JB_SEMANTICS_GAUGE, 100, 1000, 3000000, "a momentary value: a renewal"},
        {JB_SEMANTICS_GAUGE_AVERAGE, 100, 1000, 15000000, "a mean of 1 s: half of that"},
        {JB_SEMANTICS_GAUGE_AVERAGE, 1000, 1000, 30000000, "renewed as slowly: a renewal"},
        {JB_SEMANTICS_GAUGE_AVERAGE, 100, 0, 3000000, "a mean of nobody knows what: a renewal"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        counter(&channels[0], "node/acpi", JB_ROLE_POST, "");
        channels[0].semantics = rows[i].semantics;
        channels[0].origin = JB_ORIGIN_GAUGE;
        channels[0].modulus = 0;
        channels[0].update_ns = rows[i].update_ms * 1000000;
        channels[0].window_ns = rows[i].window_ms * 1000000;
        start(1);
        at(100, 50, JB_FRAME_RECORDER);
        state(0, 100, 0, 0);
        subject(0, "a", "", 3, 0);
        begin(1);
        at(101, 54, JB_FRAME_RUN_END);
        state(0, 101, UINT64_C(30000000000), 0);
        subject(0, "a", "", 4, JB_SUBJECT_ENDS);
        add();
        ok(post(0) && interval.energy_uj == 30000000, "a gauge posts its integral");
        is_i64(interval.edge_uj, rows[i].edge_uj, "%s", rows[i].what);
    }
}

/* The inner run's 2 s are in the outer one's 3 s: 20 J above idle, all 4 busy: outer 1 s, inner 2 s, others 1 s. */
static void test_inner_run(void)
{
    start(1);
    at(10, 0, JB_FRAME_RECORDER);
    state(0, 10, 0, 0);
    subject(0, "outer", "", 0, 0);
    subject(1, "inner", "outer", 0, 0);
    begin(1);
    at(11, 4, JB_FRAME_RUN_END);
    state(0, 11, 30000000, 0);
    subject(0, "outer", "", 3, 0);
    subject(1, "inner", "outer", 2, 0);
    add();
    (void)post(0);
    is_i64(line("run:outer"), 5000000, "the outer run pays what its inner run did not use");
    is_i64(line("run:inner"), 10000000, "the inner run pays its own");
    is_i64(line("others:h"), 5000000, "nothing is charged twice");
    is_i64(sum(), 0, "lines sum to zero");
}

/* Module 100 J over cpu 30 J and sysio 20 J: 50 J platform. Then module 40 J over 50 J: 10 J of discrepancy. */
static void test_parent(void)
{
    counter(&channels[0], "module", JB_ROLE_PARENT, "");
    counter(&channels[1], "cpu", JB_ROLE_POST, "module");
    counter(&channels[2], "sysio", JB_ROLE_POST, "module");
    counter(&channels[3], "core", JB_ROLE_DETAIL, "cpu");
    for (int i = 0; i < 2; i++) {
        start(4);
        at(0, 0, JB_FRAME_RECORDER);
        for (size_t c = 0; c < 4; c++)
            state(c, 0, 0, 0);
        subject(0, "a", "", 0, 0);
        begin(4);
        at(1, 4, JB_FRAME_RUN_END);
        state(0, 1, i == 0 ? 100000000 : 40000000, 0);
        state(1, 1, 30000000, 0);
        state(2, 1, 20000000, 0);
        state(3, 1, 25000000, 0);
        subject(0, "a", "", 4, 0);
        add();
        (void)post(0);
        is_i64(interval.energy_uj, i == 0 ? 100000000 : 40000000,
               "the parent's own reading is kept");
        is_i64(sum(), 0, "its lines sum to zero");
        if (i == 0) {
            is_i64(line("meter:h/module"), -50000000, "it posts what its children do not");
            is_i64(line("platform:h"), 50000000, "as platform");
            is_i64(line("run:a"), 0, "no run is charged for it");
            is_i64(lines[n_lines - 1].all_uj, 50000000, "but sees it in the view of everything");
        } else {
            is_i64(line("discrepancy:h"), -10000000,
                   "below its children it is a signed discrepancy");
            is_i64(line("platform:h"), INT64_MIN, "and no platform");
        }
        ok(post(3) && n_lines == 0, "a detail is watched and never posted");
        is_i64(interval.energy_uj, 25000000, "but its energy is told");
    }
}

/* An epoch that opened 0.4 s before the frame: its count alone counts, the gap is unobserved, raw starts at its begin. */
static void test_new_epoch(void)
{
    counter(&channels[0], "rapl/package-0", JB_ROLE_POST, "");
    start(1);
    at(20, 0, JB_FRAME_BREAK);
    state(0, 20, 90000000, 0);
    subject(0, "a", "", 0, 0);
    begin(1);
    at(21, 4, JB_FRAME_RUN_END);
    state(0, 21, 4000000, 1);
    frame.channels[0].raw = 1004000;
    frame.channels[0].begin_raw = 997004000; /* a wrap lies between */
    frame.channels[0].counter_ns = 20 * S + S * 4 / 10;
    frame.channels[0].unobserved_ns = S * 6 / 10;
    frame.channels[0].n_gaps = 1;
    frame.channels[0].last_gap = JB_GAP_RESET;
    frame.channels[0].gap_high_uj = 600000000;
    subject(0, "a", "", 4, 0);
    add();
    (void)post(0);
    is_i64(interval.energy_uj, 4000000, "only what the new epoch counted is posted");
    is_i64((int64_t)interval.count_start, 0, "from its own zero");
    is_i64((int64_t)interval.raw_start, 997004000, "from its own first reading");
    is_i64(interval.epoch, 1, "one interval, one epoch");
    is_i64(interval.unobserved_ns, S * 6 / 10, "the gap is unobserved");
    is_i64(interval.gap_high_uj, 600000000, "with what it may have held");
    is_str(interval.gap, "counter reset", "and why");
    is_i64(sum(), 0, "lines sum to zero");
}

/*
 * A count renewed every minute that was reset: the interval before ended 0.6 s after its last reading, which is no more
 * than it may lag, so that those 0.6 s are told by this one. Of a fast counter the one before told them (R-SETTLE-05).
 */
static void test_gap_before(int64_t update_ns, int64_t want_ns)
{
    counter(&channels[0], "shelly/desk", JB_ROLE_POST, "");
    channels[0].update_ns = update_ns;
    start(1);
    at(20, 0, JB_FRAME_BREAK);
    state(0, 20, 90000000, 0);
    frame.channels[0].counter_ns = 19 * S + S * 4 / 10;
    subject(0, "a", "", 0, 0);
    begin(1);
    at(21, 4, JB_FRAME_RUN_END);
    state(0, 21, 4000000, 1);
    frame.channels[0].counter_ns = 20 * S + S * 4 / 10;
    frame.channels[0].unobserved_ns = S * 6 / 10;
    frame.channels[0].n_gaps = 1;
    frame.channels[0].last_gap = JB_GAP_RESET;
    subject(0, "a", "", 4, 0);
    add();
    (void)post(0);
    is_i64(interval.counter_ns, S, "all of the interval was counted");
    is_i64(interval.unobserved_ns, want_ns, "and what nobody saw is told once");
}

static void test_nothing_read(void)
{
    start(1);
    at(0, 0, JB_FRAME_RECORDER);
    subject(0, "a", "", 0, 0);
    begin(1);
    at(1, 1, JB_FRAME_RUN_END);
    subject(0, "a", "", 1, 0);
    add();
    ok(!post(0), "a channel that was never read posts nothing: absent is not zero");
    state(0, 1, 0, 0);
    begin(1);
    at(2, 2, JB_FRAME_RUN_END);
    frame.machine.busy_ns = 0; /* another recorder had read less of it */
    add();
    ok(post(0) && interval.energy_uj == 0, "a channel that was not read again posts no energy");
    is_i64(interval.unobserved_ns, S, "and its time is unobserved");
}

int main(void)
{
    if (jb_segment_new(&segment) < 0)
        bail_out("no memory");
    test_two_runs();
    test_inner_run();
    test_parent();
    test_new_epoch();
    test_gap_before(60 * S, S * 6 / 10);
    test_gap_before(S / 1000, 0);
    test_nothing_read();
    test_edge_of_gauge();
    jb_segment_free(segment);
    return done_testing();
}
