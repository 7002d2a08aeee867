/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Windows to shares and views: rules R-SHARE-*, R-VIEW-01 of docs/method/attribution.md; by hand, and by properties over
 * a million random windows, in four threads that share the channel.
 */
#include "attribute/attribute.h"

#include <pthread.h>

#include "tap.h"

#define S   INT64_C(1000000000)
#define J   INT64_C(1000000)
#define W   INT64_C(1000000)
#define GIB (INT64_C(1) << 30)

static const struct jb_channel cpu = {.id = "rapl/package-0", .device = JB_DEVICE_CPU};
static const struct jb_channel dram = {.id = "rapl/dram-0", .device = JB_DEVICE_DRAM};
static const struct jb_idle idle_20_w = {
    .source = JB_IDLE_CALIBRATED, .power_uw = 20 * W, .half_width_uw = 2 * W};
static const struct jb_idle idle_unknown = {.source = JB_IDLE_UNKNOWN};

/* Ten seconds of eight CPUs, of which `busy_ns` was used, by runs as given. Counters do not start at zero. */
static struct jb_window window_of(int64_t busy_ns, size_t n_runs, const int64_t *cpu_ns)
{
    struct jb_window window = {
        .duration_ns = 10 * S,
        .before = {.busy_ns = 7 * S,
                   .capacity_ns = 1000 * S,
                   .memory_used_bytes = 12 * GIB,
                   .memory_total_bytes = 64 * GIB},
        .after = {.busy_ns = 7 * S + busy_ns,
                  .capacity_ns = 1080 * S,
                  .memory_used_bytes = 20 * GIB,
                  .memory_total_bytes = 64 * GIB},
        .n_subjects = n_runs,
    };

    for (size_t i = 0; i < n_runs; i++) {
        window.subjects_before[i].cpu_ns = 3 * S;
        window.subjects_after[i].cpu_ns = 3 * S + cpu_ns[i];
    }
    return window;
}

static struct jb_shares shares_of(const struct jb_channel *channel, const struct jb_idle *idle,
                                  int64_t energy_uj, const struct jb_window *window)
{
    struct jb_shares shares = {0};

    if (jb_attribute_window(channel, idle, energy_uj, window, &shares, NULL) < 0)
        bail_out("a window is refused");
    return shares;
}

static void test_cpu(void)
{
    const int64_t cpu_ns[] = {30 * S, 6 * S};
    const struct jb_window window = window_of(40 * S, 2, cpu_ns);
    struct jb_shares shares = shares_of(&cpu, &idle_20_w, 1000 * J, &window);

    is_i64(shares.idle_uj, 200 * J, "idle is its power times the time (R-SHARE-01)");
    ok(shares.run_uj[0] == 600 * J && shares.run_uj[1] == 120 * J,
       "30 of 40 s of CPU time are three quarters of the rest, 6 s a sixth of it less "
       "(R-SHARE-02)");
    is_i64(shares.others_uj, 80 * J, "what no run used was used by others");
    ok(shares.total_uj == 1000 * J && shares.n_runs == 2, "the total stands beside it");
    /* (1000 - 220) x 29.99 / 40.01 and (1000 - 180) x 30.01 / 39.99 */
    is_i64(shares.run_low_uj[0], 584658835,
           "low: idle 2 W higher, a tick less of CPU time (R-SHARE-03)");
    is_i64(shares.run_high_uj[0], 615358840, "high: idle 2 W lower, a tick more");

    shares = shares_of(&cpu, &idle_unknown, 1000 * J, &window);
    is_i64(shares.idle_uj, 500 * J, "unknown idle: the half of the energy that falls on idle CPUs");
    ok(shares.run_uj[0] == 375 * J && shares.run_uj[1] == 75 * J && shares.others_uj == 50 * J,
       "the rest by CPU time");
    is_i64(shares.run_low_uj[0], 0, "low: everything might be idle");
    is_i64(shares.run_high_uj[0], 750437610, "high: nothing might be");

    shares = shares_of(&cpu, &(struct jb_idle){.source = JB_IDLE_UNKNOWN, .half_width_uw = 60 * W},
                       1000 * J, &window);
    is_i64(shares.run_low_uj[0], 299825043,
           "a power that idle never exceeds bounds it: (1000 - 600) x 29.99 / 40.01");

    shares = shares_of(&cpu, &idle_20_w, 150 * J, &window);
    ok(shares.idle_uj == 150 * J && shares.run_uj[0] == 0 && shares.others_uj == 0,
       "idle never exceeds the energy");
}

static void test_edges(void)
{
    const int64_t three[] = {S, S, S};
    const int64_t much[] = {30 * S, 20 * S};
    const int64_t nothing[] = {0};
    const struct jb_idle none = {.source = JB_IDLE_STATED};
    struct jb_window window = window_of(3 * S, 3, three);
    struct jb_shares shares = shares_of(&cpu, &none, 100, &window);

    ok(shares.run_uj[0] == 34 && shares.run_uj[1] == 33 && shares.run_uj[2] == 33 &&
           shares.others_uj == 0,
       "100 uJ over three equals are 34, 33, 33");
    window = window_of(40 * S, 2, much);
    shares = shares_of(&cpu, &none, 100 * J, &window);
    ok(shares.run_uj[0] == 60 * J && shares.run_uj[1] == 40 * J && shares.others_uj == 0,
       "runs that exceed the machine's busy time share all, others get nothing");
    window = window_of(0, 1, nothing);
    shares = shares_of(&cpu, &idle_20_w, 500 * J, &window);
    ok(shares.idle_uj == 500 * J && shares.run_uj[0] == 0 && shares.others_uj == 0,
       "where nobody ran, all is idle (R-SHARE-04)");
    shares = shares_of(&cpu, &idle_unknown, 500 * J, &window);
    is_i64(shares.idle_uj, 500 * J, "with an unknown baseline too");
    window = window_of(5 * S, 1, nothing);
    shares = shares_of(&cpu, &none, 500 * J, &window);
    ok(shares.run_uj[0] == 0 && shares.others_uj == 500 * J, "a run that did nothing pays nothing");
    window = window_of(5 * S, 0, NULL);
    shares = shares_of(&cpu, &none, 500 * J, &window);
    ok(shares.n_runs == 0 && shares.others_uj == 500 * J, "without runs there are only others");
    window.after.capacity_ns = window.before.capacity_ns;
    shares = shares_of(&cpu, &idle_unknown, 500 * J, &window);
    is_i64(shares.others_uj, 500 * J, "busy time beyond an unknown capacity is not idle");
}

static void test_dram(void)
{
    struct jb_window window = window_of(40 * S, 2, (const int64_t[]){30 * S, 0});
    struct jb_shares shares;

    window.subjects_before[0].resident_bytes = 2 * GIB;
    window.subjects_after[0].resident_bytes = 6 * GIB;
    window.subjects_before[1].resident_bytes = 8 * GIB;
    window.subjects_after[1].resident_bytes = 8 * GIB;
    /* In use 16 of 64 GiB on average; the runs 4 and 8. */
    shares = shares_of(&dram, &idle_unknown, 64 * J, &window);
    is_i64(shares.idle_uj, 48 * J, "DRAM: unused memory is idle (R-SHARE-01)");
    ok(shares.run_uj[0] == 4 * J && shares.run_uj[1] == 8 * J && shares.others_uj == 4 * J,
       "used memory by who holds it, whoever had the CPU (R-SHARE-02)");
    ok(shares.run_low_uj[0] == 0 && shares.run_high_uj[0] == 16 * J, "its band has no clock ticks");
    shares = shares_of(&dram, &(struct jb_idle){.source = JB_IDLE_QUIET, .power_uw = 4 * W}, 80 * J,
                       &window);
    ok(shares.idle_uj == 40 * J && shares.run_uj[0] == 10 * J && shares.run_uj[1] == 20 * J &&
           shares.others_uj == 10 * J,
       "with a known baseline only what is above it");
    ok(shares.run_low_uj[0] == 10 * J && shares.run_high_uj[0] == 10 * J,
       "known exactly, it has no band");
}

static void test_refusals(void)
{
    const struct jb_window good = window_of(5 * S, 1, (const int64_t[]){S});
    struct jb_window bad = good;
    struct jb_shares shares = {.total_uj = -7};
    struct jb_error err = {0};

    is_i64(jb_attribute_window(&cpu, &idle_20_w, -1, &good, &shares, &err), JB_E_RANGE,
           "negative energy is refused");
    ok(err.code == JB_E_RANGE && strstr(err.message, "negative"), "with a reason");
    bad.after.busy_ns = 0;
    is_i64(jb_attribute_window(&cpu, &idle_20_w, 1, &bad, &shares, NULL), JB_E_RANGE,
           "so is time that goes back");
    bad = good;
    bad.subjects_after[0].cpu_ns = 0;
    is_i64(jb_attribute_window(&cpu, &idle_20_w, 1, &bad, &shares, NULL), JB_E_RANGE,
           "and a run's");
    bad = good;
    bad.n_subjects = JB_SUBJECTS_MAX + 1;
    is_i64(jb_attribute_window(&cpu, &idle_20_w, 1, &bad, &shares, NULL), JB_E_RANGE,
           "and too many runs");
    bad = good;
    bad.after.memory_used_bytes = -1;
    is_i64(jb_attribute_window(&dram, &idle_20_w, 1, &bad, &shares, NULL), JB_E_RANGE,
           "and memory below nothing");
    is_i64(
        jb_attribute_window(&cpu, &(struct jb_idle){.half_width_uw = -1}, 1, &good, &shares, NULL),
        JB_E_RANGE, "and a negative baseline");
    bad = window_of(5 * S, 2, (const int64_t[]){INT64_MAX - 3 * S, INT64_MAX - 3 * S});
    is_i64(jb_attribute_window(&cpu, &idle_20_w, 1, &bad, &shares, NULL), JB_E_RANGE,
           "and more CPU time than a number holds");
    is_i64(shares.total_uj, -7, "a refusal leaves the output alone");
}

static void test_views(void)
{
    struct jb_shares shares = {
        .total_uj = 1000, .idle_uj = 300, .others_uj = 100, .n_runs = 2, .run_uj = {400, 200}};
    int64_t run_uj[JB_SUBJECTS_MAX] = {-1, -1, -1};
    const uint32_t half_quarter[] = {500000, 250000};
    const uint32_t all_all[] = {1000000, 1000000};

    is_str(jb_view_name(JB_VIEW_ACTIVE), "active", "views have names");
    is_str(jb_view_name(JB_VIEW_RESERVED), "reserved", "that stand in reports");
    is_str(jb_view_name(JB_VIEW_ALL), "all", "and never change");
    ok(jb_attribute_view(JB_VIEW_ACTIVE, &shares, half_quarter, run_uj, NULL) == JB_OK &&
           run_uj[0] == 400 && run_uj[1] == 200,
       "active: the runs' own shares (R-VIEW-01)");
    ok(jb_attribute_view(JB_VIEW_RESERVED, &shares, half_quarter, run_uj, NULL) == JB_OK &&
           run_uj[0] == 550 && run_uj[1] == 275,
       "reserved: plus idle by the CPUs they keep");
    ok(jb_attribute_view(JB_VIEW_RESERVED, &shares, all_all, run_uj, NULL) == JB_OK &&
           run_uj[0] == 550 && run_uj[1] == 350,
       "reservations beyond the node are scaled to it");
    ok(jb_attribute_view(JB_VIEW_ALL, &shares, half_quarter, run_uj, NULL) == JB_OK &&
           run_uj[0] == 667 && run_uj[1] == 333,
       "all: the whole meter by active share");
    shares.run_uj[0] = shares.run_uj[1] = 0;
    ok(jb_attribute_view(JB_VIEW_ALL, &shares, half_quarter, run_uj, NULL) == JB_OK &&
           run_uj[0] == 500 && run_uj[1] == 500,
       "equally where no run did anything");
    is_i64(run_uj[2], -1, "only the runs' places are written");
    shares.n_runs = 0;
    is_i64(jb_attribute_view(JB_VIEW_ALL, &shares, NULL, NULL, NULL), JB_OK,
           "without runs there is nothing to say");
    shares.n_runs = JB_SUBJECTS_MAX + 1;
    is_i64(jb_attribute_view(JB_VIEW_ALL, &shares, NULL, NULL, NULL), JB_E_RANGE,
           "too many runs are refused");
}

enum { N_THREADS = 4, N_WINDOWS = 250000 };

struct worker {
    uint64_t seed;
    int64_t n_unequal, n_outside, n_views, n_refused;
};

static uint64_t next(struct worker *worker)
{
    worker->seed = worker->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return worker->seed >> 11;
}

/* From 0 to the very large, every magnitude as likely. */
static int64_t any(struct worker *worker, unsigned bits_max)
{
    const unsigned bits = (unsigned)(next(worker) % (bits_max + 1));

    return (int64_t)(next(worker) << 10 & ((UINT64_C(1) << bits) - 1));
}

static void random_window(struct worker *worker, struct jb_window *window)
{
    const unsigned bits = next(worker) % 16 == 0 ? 56 : 44;

    window->duration_ns = any(worker, 50);
    window->before.busy_ns = any(worker, bits);
    window->after.busy_ns = window->before.busy_ns + any(worker, bits);
    window->before.capacity_ns = any(worker, bits);
    window->after.capacity_ns = window->before.capacity_ns + any(worker, bits);
    window->before.memory_used_bytes = any(worker, 42);
    window->after.memory_used_bytes = any(worker, 42);
    window->before.memory_total_bytes = any(worker, 42);
    window->after.memory_total_bytes = any(worker, 42);
    window->n_subjects = next(worker) % 32 == 0 ? JB_SUBJECTS_MAX : next(worker) % 6;
    for (size_t i = 0; i < window->n_subjects; i++) {
        window->subjects_before[i].cpu_ns = any(worker, bits);
        window->subjects_after[i].cpu_ns = window->subjects_before[i].cpu_ns + any(worker, bits);
        window->subjects_before[i].resident_bytes = any(worker, 40);
        window->subjects_after[i].resident_bytes = any(worker, 40);
    }
}

static bool view_holds(struct worker *worker, const struct jb_shares *shares, enum jb_view view)
{
    uint32_t reserved_ppm[JB_SUBJECTS_MAX];
    int64_t run_uj[JB_SUBJECTS_MAX];
    __int128 sum = 0;

    for (size_t i = 0; i < shares->n_runs; i++)
        reserved_ppm[i] = (uint32_t)(next(worker) % 1000001);
    if (jb_attribute_view(view, shares, reserved_ppm, run_uj, NULL) < 0)
        return false;
    for (size_t i = 0; i < shares->n_runs; i++) {
        if (run_uj[i] < shares->run_uj[i])
            return false;
        sum += run_uj[i];
    }
    return view == JB_VIEW_ALL && shares->n_runs > 0 ? sum == shares->total_uj
                                                     : sum <= shares->total_uj;
}

static void *work(void *arg)
{
    struct worker *const worker = arg;
    struct jb_window window = {0};
    struct jb_shares shares;

    for (int i = 0; i < N_WINDOWS; i++) {
        const struct jb_idle idle = {
            .source = (enum jb_idle_source)(next(worker) % 5),
            .power_uw = any(worker, 30),
            .half_width_uw = any(worker, 30),
        };
        const int64_t energy_uj = any(worker, next(worker) % 16 == 0 ? 63 : 40);
        __int128 sum;
        bool is_outside = false;

        random_window(worker, &window);
        if (jb_attribute_window(i % 2 ? &cpu : &dram, &idle, energy_uj, &window, &shares, NULL) <
            0) {
            worker->n_refused++;
            continue;
        }
        sum = (__int128)shares.idle_uj + shares.others_uj;
        is_outside = shares.idle_uj < 0 || shares.others_uj < 0;
        for (size_t k = 0; k < shares.n_runs; k++) {
            sum += shares.run_uj[k];
            is_outside =
                is_outside || shares.run_low_uj[k] < 0 || shares.run_low_uj[k] > shares.run_uj[k] ||
                shares.run_high_uj[k] < shares.run_uj[k] || shares.run_high_uj[k] > energy_uj;
        }
        worker->n_unequal +=
            sum != energy_uj || shares.total_uj != energy_uj || shares.n_runs != window.n_subjects;
        worker->n_outside += is_outside;
        for (int view = 0; view < JB_VIEWS; view++)
            worker->n_views += !view_holds(worker, &shares, (enum jb_view)view);
    }
    return NULL;
}

static void test_million_windows(void)
{
    struct worker workers[N_THREADS] = {0};
    struct worker sum = {0};
    pthread_t threads[N_THREADS];

    for (int i = 0; i < N_THREADS; i++) {
        workers[i].seed = (uint64_t)i + 1;
        if (pthread_create(&threads[i], NULL, work, &workers[i]) != 0)
            bail_out("no thread");
    }
    for (int i = 0; i < N_THREADS; i++) {
        (void)pthread_join(threads[i], NULL);
        sum.n_unequal += workers[i].n_unequal;
        sum.n_outside += workers[i].n_outside;
        sum.n_views += workers[i].n_views;
        sum.n_refused += workers[i].n_refused;
    }
    is_i64(sum.n_refused, 0, "a million random windows are all shared");
    is_i64(sum.n_unequal, 0, "in each, idle, others and runs sum to the energy exactly");
    is_i64(sum.n_outside, 0, "every share lies within its band, and the band within the energy");
    is_i64(sum.n_views, 0,
           "every view gives a run at least its own, and all runs at most the energy");
}

int main(void)
{
    test_cpu();
    test_edges();
    test_dram();
    test_refusals();
    test_views();
    test_million_windows();
    return done_testing();
}
