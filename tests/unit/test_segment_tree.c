/* SPDX-License-Identifier: Apache-2.0 */
/*
 * R-SETTLE-04, R-SETTLE-08: over random trees of meters, for every root that was read, all lines of its subtree together
 * are what it read, to the microjoule: parents below their parts, parts that vanish or begin late, counts of new epochs,
 * counters and gauges mixed. Roles come from the rules of the tree, energies from this file.
 */
#include "pipeline/segment.h"
#include "sensor/sensor.h"
#include "tap.h"

#define S          INT64_C(1000000000)
#define N_MAX      14
#define N_TREES    3000
#define N_WINDOWS  6
#define N_RUNS_MAX 3

static struct jb_channel channels[N_MAX];
static struct jb_idle idle[N_MAX];
static struct jb_frame frame;
static struct jb_frame last;
static struct jb_segment *segment;
static uint64_t seed = 42;
static size_t n;

static int64_t n_segments, n_discrepancies, n_platforms, n_unread_parents, n_deep;
static int64_t n_wrong, n_unbalanced, n_unproved;

static uint64_t next(uint64_t below)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (seed >> 33) % below;
}

/* Two to four levels: each channel lies in an earlier one or in none, with a scope that fits its level most times. */
static void make_tree(void)
{
    static const enum jb_scope scopes[] = {JB_SCOPE_NODE,    JB_SCOPE_MODULE, JB_SCOPE_MODULE,
                                           JB_SCOPE_PACKAGE, JB_SCOPE_RAIL,   JB_SCOPE_GPU,
                                           JB_SCOPE_CORE,    JB_SCOPE_PSYS,   JB_SCOPE_DRAM};

    n = 3 + next(N_MAX - 2);
    for (size_t i = 0; i < n; i++) {
        const bool is_counter = next(2) == 0;
        const bool is_whole = i < 4 && next(3) > 0;
        channels[i] = (struct jb_channel){
            .scope = is_whole ? scopes[next(3)] : scopes[next(9)],
            .device = JB_DEVICE_CPU,
            .semantics = is_counter ? JB_SEMANTICS_COUNTER : JB_SEMANTICS_GAUGE,
            .origin = is_counter ? JB_ORIGIN_COUNTER : JB_ORIGIN_GAUGE,
            .unit_num = 1 + next(70000),
            .unit_den = 1 + next(1000),
            .update_ns = 1000000,
            .max_power_uw = 1000000000,
            .accuracy_ppm = 30000,
        };
        (void)snprintf(channels[i].id, sizeof channels[i].id, "m/%zu", i);
        if (i > 0 && next(5) > 0)
            (void)snprintf(channels[i].parent, sizeof channels[i].parent, "m/%d",
                           (int)(next(3) == 0 ? next(i) : (i > 2 ? i - 1 - next(2) : 0)));
        idle[i] = (struct jb_idle){.source = next(2) ? JB_IDLE_STATED : JB_IDLE_UNKNOWN,
                                   .power_uw = (int64_t)next(20000000)};
    }
    jb_sensor_settle_roles(channels, n);
}

/* Each channel moves by itself: a parent may read less than its parts, stand still, open late or begin a new epoch. */
static void move(int window, bool *ret_has_new_epoch)
{
    *ret_has_new_epoch = false;
    frame.mono_ns = (window + 1) * S;
    frame.utc_us = 1800000000000000 + (window + 1) * 1000000;
    frame.machine.capacity_ns += 4 * S;
    frame.machine.busy_ns += (int64_t)next(4 * S);
    frame.machine.memory_used_bytes = 1 << 20;
    frame.machine.memory_total_bytes = 1 << 21;
    for (uint32_t r = 0; r < frame.n_subjects; r++)
        frame.subjects[r].cpu_ns += (int64_t)next(2 * S);
    for (size_t i = 0; i < n; i++) {
        struct jb_cumulative *const to = &frame.channels[i];
        to->mono_ns = frame.mono_ns;
        if (!to->is_open && next(3) == 0)
            to->is_open = 1;
        else if (!to->is_open)
            continue;
        if (window > 0 && next(12) == 0) {
            to->epoch++;
            to->count = 0;
            *ret_has_new_epoch = *ret_has_new_epoch || last.channels[i].is_open;
        }
        if (next(6) == 0)
            continue; /* nothing was seen of it */
        to->count += next(UINT64_C(90000000000));
        to->counter_ns += S;
    }
}

static bool is_counted(size_t i)
{
    return channels[i].role == JB_ROLE_POST || channels[i].role == JB_ROLE_PARENT;
}

static size_t parent_of(size_t i)
{
    size_t p = 0;

    while (p < n && strcmp(channels[p].id, channels[i].parent) != 0)
        p++;
    return p;
}

/* What `joulebook balance` proves of a parent from the book alone (R-BOOK-03). */
static void check_book(const bool *is_there, const int64_t *reading_uj, const int64_t *rest_uj,
                       char parent_in_book[][JB_CHANNEL_ID])
{
    for (size_t i = 0; i < n; i++) {
        int64_t left_uj = reading_uj[i];
        if (!is_there[i] || channels[i].role != JB_ROLE_PARENT)
            continue;
        for (size_t c = 0; c < n; c++)
            if (is_there[c] && is_counted(c) && strcmp(parent_in_book[c], channels[i].id) == 0)
                left_uj -= reading_uj[c];
        n_unproved += left_uj != rest_uj[i];
    }
}

static void end_segment(void)
{
    static struct jb_line lines[JB_ENTRY_LINES_MAX];
    bool is_there[N_MAX] = {false};
    int64_t of_subtree_uj[N_MAX] = {0};
    int64_t reading_uj[N_MAX] = {0};
    int64_t rest_uj[N_MAX] = {0};
    char parent_in_book[N_MAX][JB_CHANNEL_ID];
    struct jb_error err = {0};

    n_segments++;
    for (size_t i = 0; i < n; i++) {
        struct jb_interval interval;
        size_t n_lines = 0;
        int64_t sum = 0;
        if (jb_segment_interval(segment, i, "h", "b", &is_there[i], &interval, lines, &n_lines,
                                &err) < 0)
            bail_out("no interval: %s", err.message);
        if (!is_there[i])
            continue;
        reading_uj[i] = interval.energy_uj;
        memcpy(parent_in_book[i], interval.parent, sizeof parent_in_book[i]);
        int64_t debits_uj = 0;
        for (size_t k = 0; k < n_lines; k++) {
            sum += lines[k].amount_uj;
            if (strncmp(lines[k].account, "meter:", 6) != 0)
                debits_uj += lines[k].amount_uj;
            n_discrepancies += strncmp(lines[k].account, "discrepancy:", 12) == 0;
            n_platforms += strncmp(lines[k].account, "platform:", 9) == 0;
        }
        n_unbalanced += sum != 0;
        rest_uj[i] = debits_uj;
        /* All that stands above it in the tree holds what it posts. */
        size_t at = i;
        for (size_t steps = 0; at < n && steps <= n; steps++) {
            of_subtree_uj[at] += debits_uj;
            at = parent_of(at);
            n_deep += steps == 3;
        }
    }
    check_book(is_there, reading_uj, rest_uj, parent_in_book);
    for (size_t i = 0; i < n; i++) {
        const size_t p = parent_of(i);
        const bool is_root = is_counted(i) && (p == n || !is_counted(p));
        n_unread_parents += channels[i].role == JB_ROLE_PARENT && !is_root && !is_there[i];
        if (!is_root || !is_there[i])
            continue;
        if (of_subtree_uj[i] != reading_uj[i]) {
            n_wrong++;
            if (n_wrong < 4)
                diag("root %s read %lld uJ, its subtree posts %lld", channels[i].id,
                     (long long)reading_uj[i], (long long)of_subtree_uj[i]);
        }
    }
}

static void one_tree(void)
{
    make_tree();
    memset(&frame, 0, sizeof frame);
    frame.n_channels = (uint32_t)n;
    frame.n_subjects = (uint32_t)next(N_RUNS_MAX + 1);
    for (uint32_t r = 0; r < frame.n_subjects; r++) {
        frame.subjects[r].reserved_ppm = 500000;
        (void)snprintf(frame.subjects[r].run_id, sizeof frame.subjects[r].run_id, "r%u", r);
    }
    for (size_t i = 0; i < n; i++)
        frame.channels[i].is_open = next(3) > 0;
    last = frame;
    jb_segment_begin(segment, channels, n, idle, &frame);
    for (int w = 0; w < N_WINDOWS; w++) {
        struct jb_error err = {0};
        bool has_new_epoch;
        move(w, &has_new_epoch);
        /* As settling does it: a new epoch begins a new segment (R-REC-03). */
        if (has_new_epoch) {
            end_segment();
            jb_segment_begin(segment, channels, n, idle, &last);
        }
        if (jb_segment_add(segment, &frame, &err) < 0)
            bail_out("a window was refused: %s", err.message);
        last = frame;
    }
    end_segment();
}

int main(void)
{
    if (jb_segment_new(&segment) < 0)
        bail_out("no memory");
    for (int i = 0; i < N_TREES; i++)
        one_tree();
    jb_segment_free(segment);
    ok(n_segments > N_TREES, "%d trees in %" PRId64 " segments", N_TREES, n_segments);
    ok(n_discrepancies > 100 && n_platforms > 100,
       "parents read more than their parts %" PRId64 " times, less %" PRId64 " times", n_platforms,
       n_discrepancies);
    ok(n_unread_parents > 100, "inner parents gave nothing %" PRId64 " times", n_unread_parents);
    ok(n_deep > 100, "some parts lie four levels deep");
    is_i64(n_unbalanced, 0, "every interval's lines sum to zero");
    is_i64(n_unproved, 0, "what a parent posts follows from the intervals in the book");
    is_i64(n_wrong, 0, "every root's reading is what its subtree posts, to the microjoule");
    return done_testing();
}
