/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames that say who uses a board to postings: rule R-USE-04, by hand. A board stands in the accounts of those who
 * use it or have it, and in nobody else's; its energy is posted all the same.
 */
#include "pipeline/segment.h"

#include "tap.h"

#define S INT64_C(1000000000)
#define J INT64_C(1000000)

enum { CPU, GPU_0, GPU_1, MEMORY_1, N_CHANNELS };

static struct jb_channel channels[N_CHANNELS];
static struct jb_idle idle[N_CHANNELS];
static struct jb_frame frame;
static struct jb_segment *segment;
static struct jb_interval interval;
static struct jb_line lines[JB_ENTRY_LINES_MAX];
static size_t n_lines;

static void counter(size_t i, const char *id, enum jb_scope scope, enum jb_device device,
                    const char *parent, int64_t idle_uw)
{
    channels[i] = (struct jb_channel){
        .scope = scope,
        .device = device,
        .semantics = JB_SEMANTICS_COUNTER,
        .origin = JB_ORIGIN_COUNTER,
        .role = JB_ROLE_POST,
        .unit_num = 1,
        .unit_den = 1,
        .max_power_uw = 1000000000,
    };
    (void)snprintf(channels[i].id, sizeof channels[i].id, "%s", id);
    (void)snprintf(channels[i].parent, sizeof channels[i].parent, "%s", parent);
    idle[i] = (struct jb_idle){.source = JB_IDLE_STATED, .power_uw = idle_uw};
}

/* `excluded` is of channels; 0 for a run whose environment says nothing. */
static void subject(uint32_t i, const char *id, uint64_t excluded)
{
    frame.subjects[i] = (struct jb_frame_subject){
        .reserved_ppm = 250000, .cpu_ns = frame.mono_ns, .unseen = {excluded}};
    if (excluded != 0)
        frame.subjects[i].named[0] = ~excluded;
    (void)snprintf(frame.subjects[i].run_id, sizeof frame.subjects[i].run_id, "%s", id);
    frame.n_subjects = i + 1;
}

static void at(int64_t at_s, uint32_t why, int64_t gpu_w)
{
    memset(&frame, 0, sizeof frame);
    frame.mono_ns = at_s * S;
    frame.why = why;
    frame.machine = (struct jb_machine){.busy_ns = 4 * at_s * S, .capacity_ns = 8 * at_s * S};
    frame.n_channels = N_CHANNELS;
    for (size_t i = 0; i < N_CHANNELS; i++) {
        frame.channels[i].mono_ns = at_s * S;
        frame.channels[i].is_open = 1;
        frame.channels[i].counter_ns = at_s * S;
        frame.channels[i].count = (uint64_t)(at_s * gpu_w * J);
    }
}

static struct jb_board *board(uint32_t channel, int64_t busy_ns)
{
    struct jb_board *const to = &frame.uses.boards[frame.uses.n_boards++];
    *to = (struct jb_board){.channel = channel,
                            .flags = JB_BOARD_BUSY,
                            .busy_ns = busy_ns,
                            .memory_used_bytes = 1000,
                            .memory_total_bytes = 1000};
    return to;
}

static void use(const char *run, uint32_t channel, int64_t busy_ns, int64_t memory_bytes)
{
    frame.uses.uses[frame.uses.n_uses++] = (struct jb_use){.run = jb_use_key(run),
                                                           .channel = channel,
                                                           .n_processes = 1,
                                                           .busy_ns = busy_ns,
                                                           .memory_bytes = memory_bytes};
}

static void add(void)
{
    struct jb_error err = {0};
    if (jb_segment_add(segment, &frame, &err) < 0)
        bail_out("a window was refused: %s", err.message);
}

static void post(size_t i)
{
    bool is_there = false;
    struct jb_error err = {0};
    if (jb_segment_interval(segment, i, "h", "b", &is_there, &interval, lines, &n_lines, &err) < 0)
        bail_out("no interval: %s", err.message);
    int64_t sum_uj = 0;
    for (size_t k = 0; k < n_lines; k++)
        sum_uj += lines[k].amount_uj;
    is_i64(sum_uj, 0, "the lines of '%s' sum to zero", channels[i].id);
}

static const struct jb_line *line(const char *account)
{
    for (size_t i = 0; i < n_lines; i++)
        if (strcmp(lines[i].account, account) == 0)
            return &lines[i];
    return NULL;
}

static int64_t amount(const char *account)
{
    const struct jb_line *const found = line(account);
    return found ? found->amount_uj : INT64_MIN;
}

/* Ten seconds of two boards at 200 W, 50 W idle; a uses 30 % of the first, b 50 %, somebody else 10 %. */
static void test_shares(void)
{
    at(0, JB_FRAME_RECORDER, 200);
    (void)board(GPU_0, 0);
    (void)board(GPU_1, 0);
    subject(0, "a", 0);
    subject(1, "b", 0);
    subject(2, "c", 1 << GPU_0);
    jb_segment_begin(segment, channels, N_CHANNELS, idle, &frame);
    for (int64_t s = 5; s <= 10; s += 5) {
        at(s, s == 10 ? JB_FRAME_RUN_END : JB_FRAME_WINDOW, 200);
        struct jb_board *const first = board(GPU_0, s * S * 9 / 10);
        first->others_ns = s * S / 10;
        first->n_others = 1;
        (void)board(GPU_1, 0);
        use("a", GPU_0, s * S * 3 / 10, 100);
        use("b", GPU_0, s * S * 5 / 10, 100);
        subject(0, "a", 0);
        subject(1, "b", 0);
        subject(2, "c", 1 << GPU_0);
        add();
    }
    post(GPU_0);
    is_i64(amount("idle:h"), 500 * J, "idle first");
    is_i64(amount("run:a"), 500 * J, "30 of 90 %% of 1500 J");
    ok(amount("run:b") > 833 * J && amount("run:b") < 834 * J, "50 of 90");
    ok(amount("others:h") > 166 * J && amount("others:h") < 167 * J, "the others' 10");
    ok(!line("run:c"), "a run that cannot see the board has no line of it");
    is_i64(line("run:a")->all_uj + line("run:b")->all_uj, 2000 * J,
           "and the view of everything is split over those who use it");
    post(GPU_1);
    ok(!line("run:a") && !line("run:b"),
       "a board that a run could use, and did not, is not in its account");
    ok(line("run:c") && amount("run:c") == 0 && line("run:c")->all_uj == 2000 * J,
       "but it is in that of the run that has it by name,");
    is_i64(line("run:c")->reserved_uj, 2000 * J, "whose reservation it is");
    is_i64(amount("idle:h"), 2000 * J, "and all of it is idle");
    post(CPU);
    ok(line("run:a") && line("run:b") && line("run:c"), "the processor is in everybody's");
    ok(!jb_segment_is_in_account(segment, 0, GPU_1) && jb_segment_is_in_account(segment, 2, GPU_1),
       "and the segment says so");
}

/* Its environment hides the board; its processes are on it: what is seen counts. Memory follows the board's memory. */
static void test_use_beats_variables(void)
{
    at(0, JB_FRAME_RECORDER, 200);
    (void)board(GPU_1, 0);
    subject(0, "a", 1 << GPU_1 | 1 << MEMORY_1);
    subject(1, "b", 0);
    use("a", GPU_1, 0, 750);
    use("b", GPU_1, 0, 250);
    jb_segment_begin(segment, channels, N_CHANNELS, idle, &frame);
    at(10, JB_FRAME_RUN_END, 200);
    (void)board(GPU_1, 10 * S);
    use("a", GPU_1, 5 * S, 750);
    use("b", GPU_1, 5 * S, 250);
    subject(0, "a", 1 << GPU_1 | 1 << MEMORY_1);
    subject(1, "b", 0);
    add();
    post(GPU_1);
    is_i64(amount("run:a"), 750 * J, "a board that the variables hide counts where it is used");
    post(MEMORY_1);
    is_i64(amount("run:a"), 1500 * J, "a board's memory energy follows its memory");
    is_i64(amount("run:b"), 500 * J, "for each");
}

/* Nobody says who uses it: those who can see it share by CPU time. And pids that mean nothing here. */
static void test_unknown(void)
{
    for (int is_unmatched = 0; is_unmatched < 2; is_unmatched++) {
        at(0, JB_FRAME_RECORDER, 200);
        subject(0, "a", 1 << GPU_0);
        subject(1, "b", 0);
        jb_segment_begin(segment, channels, N_CHANNELS, idle, &frame);
        at(10, JB_FRAME_RUN_END, 200);
        subject(0, "a", 1 << GPU_0);
        subject(1, "b", 0);
        if (is_unmatched) {
            struct jb_board *const to = board(GPU_0, 5 * S);
            to->flags |= JB_BOARD_UNMATCHED;
            to->others_ns = 5 * S;
        }
        add();
        post(GPU_0);
        ok(!line("run:a"), "a run that cannot see the board is not charged for it");
        if (is_unmatched) {
            ok(amount("run:b") == 0 && amount("others:h") == 1500 * J &&
                   line("run:b")->high_uj == 1500 * J,
               "users without a name are other tenants, but may be the run that sees the board");
        } else {
            /* 10 s of the 30 s that a left. */
            is_i64(amount("run:b"), 500 * J, "the other by its CPU time");
        }
    }
}

/* A run that leaves the frames unused: the others keep their places. */
static void test_vanished(void)
{
    at(0, JB_FRAME_RECORDER, 200);
    subject(0, "a", 0);
    subject(1, "b", 0);
    jb_segment_begin(segment, channels, N_CHANNELS, idle, &frame);
    at(10, JB_FRAME_RUN_END, 200);
    (void)board(GPU_0, 5 * S);
    use("b", GPU_0, 5 * S, 0);
    subject(0, "b", 0);
    add();
    jb_segment_drop_vanished(segment);
    post(GPU_0);
    ok(!line("run:a") && amount("run:b") == 1500 * J && jb_segment_is_in_account(segment, 0, GPU_0),
       "one that vanished takes no board along");
}

int main(void)
{
    if (jb_segment_new(&segment) < 0)
        bail_out("no segment");
    counter(CPU, "rapl/package-0", JB_SCOPE_PACKAGE, JB_DEVICE_CPU, "", 0);
    counter(GPU_0, "gpu/0000:01:00.0", JB_SCOPE_GPU, JB_DEVICE_GPU, "", 50 * J);
    counter(GPU_1, "gpu/0000:02:00.0", JB_SCOPE_GPU, JB_DEVICE_GPU, "", 50 * J);
    counter(MEMORY_1, "gpu/0000:02:00.0/memory", JB_SCOPE_DRAM, JB_DEVICE_DRAM, "gpu/0000:02:00.0",
            0);
    test_shares();
    test_use_beats_variables();
    test_unknown();
    test_vanished();
    jb_segment_free(segment);
    return done_testing();
}
