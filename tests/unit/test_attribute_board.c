/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who used a board to shares: rules R-SHARE-05 to -09 of docs/method/attribution.md, by hand and by properties over random
 * windows.
 */
#include "attribute/attribute.h"

#include "tap.h"

#define S   INT64_C(1000000000)
#define J   INT64_C(1000000)
#define W   INT64_C(1000000)
#define GIB (INT64_C(1) << 30)

static const struct jb_channel gpu = {
    .id = "gpu/0", .device = JB_DEVICE_GPU, .scope = JB_SCOPE_GPU};
static const struct jb_channel memory = {
    .id = "gpu/0/memory", .parent = "gpu/0", .device = JB_DEVICE_DRAM};
static const struct jb_idle idle_50_w = {.source = JB_IDLE_STATED, .power_uw = 50 * W};
static const struct jb_idle unknown = {.source = JB_IDLE_UNKNOWN};

static struct jb_window window;
static struct jb_board_window board;
static struct jb_shares shares;

/* Ten seconds; the runs' busy times in seconds, by run. */
static void use(int64_t busy_ns, int64_t others_ns, size_t n_runs, const int64_t *run_ns)
{
    window = (struct jb_window){.duration_ns = 10 * S, .n_subjects = n_runs, .board = &board};
    window.after.capacity_ns = 80 * S;
    window.after.busy_ns = 40 * S;
    board = (struct jb_board_window){.busy_ns = busy_ns,
                                     .others_ns = others_ns,
                                     .n_others = others_ns > 0,
                                     .memory_used_bytes = -1,
                                     .memory_total_bytes = -1};
    for (size_t i = 0; i < n_runs; i++) {
        board.run_ns[i] = run_ns[i];
        if (run_ns[i] > 0)
            board.present |= UINT64_C(1) << i;
    }
}

static void share(const struct jb_channel *channel, const struct jb_idle *idle, int64_t energy_uj)
{
    struct jb_error err = {0};

    if (jb_attribute_window(channel, idle, energy_uj, &window, &shares, &err) < 0)
        bail_out("a window is refused: %s", err.message);
}

/* 2500 J in 10 s, of which 50 W are idle: 2000 J of use by 30, 50 and 10 %. */
static void test_by_utilisation(void)
{
    use(9 * S, 1 * S, 2, (const int64_t[]){3 * S, 5 * S});
    share(&gpu, &idle_50_w, 2500 * J);
    is_i64(shares.idle_uj, 500 * J, "idle comes first");
    is_i64(shares.run_uj[0], 666666667, "30 of 90 %% of the rest, to the microjoule");
    is_i64(shares.run_uj[1], 1111111111, "50 of 90");
    is_i64(shares.others_uj, 222222222, "10 of 90 are other tenants'");
    is_i64(shares.run_uj[0] + shares.run_uj[1] + shares.others_uj + shares.idle_uj, 2500 * J,
           "and together they are the meter");
    /* One per cent of ten seconds: 2.9 of 9.0, 3.1 of 9.0. */
    is_i64(shares.run_low_uj[0], 644444444, "the band is one per cent of the time below");
    is_i64(shares.run_high_uj[0], 688888889, "and above");
    share(&gpu, &unknown, 2500 * J);
    is_i64(shares.idle_uj, 250 * J,
           "idle unknown: the part of the time that the board was not busy");
    is_i64(shares.run_uj[0], 750 * J, "then 30 %% of the energy are 30 %%");
    is_i64(shares.run_low_uj[0], 0, "idle may be all of it");

    use(5 * S, 1 * S, 2, (const int64_t[]){3 * S, 5 * S});
    share(&gpu, &unknown, 2500 * J);
    is_i64(shares.idle_uj, 250 * J, "the board is at least as busy as its users together");
    use(10 * S, 0, 1, (const int64_t[]){4 * S});
    share(&gpu, &idle_50_w, 2500 * J);
    is_i64(shares.others_uj, 1200 * J, "busy time of nobody who is listed is the others'");
    use(-1, 0, 1, (const int64_t[]){4 * S});
    share(&gpu, &unknown, 1000 * J);
    ok(shares.idle_uj == 600 * J && shares.run_uj[0] == 400 * J,
       "where the board does not tell, its users are the whole");
    use(0, 0, 1, (const int64_t[]){0});
    share(&gpu, &unknown, 1000 * J);
    ok(shares.idle_uj == 1000 * J && shares.run_high_uj[0] == 0,
       "a board that nobody used is idle, and no run has a part in it");
}

static void test_alone(void)
{
    use(4 * S, 0, 2, (const int64_t[]){4 * S, 0});
    board.edge_ns = S;
    share(&gpu, &idle_50_w, 2500 * J);
    ok(shares.run_uj[0] == 2000 * J && shares.run_low_uj[0] == 2000 * J &&
           shares.run_high_uj[0] == 2000 * J,
       "alone on the board it has all that is not idle, whatever its utilisation is worth");
    ok(shares.run_low_uj[1] == 0 && shares.run_high_uj[1] == 0,
       "a run that is not on the board has nothing of it");
    use(4 * S, 2 * S, 1, (const int64_t[]){2 * S});
    board.edge_ns = S;
    share(&gpu, &idle_50_w, 2500 * J);
    /* 0.9 of 0.9 + 3.1, 3.1 of 4.0 */
    ok(shares.run_low_uj[0] == 450 * J && shares.run_high_uj[0] == 1550 * J,
       "with company, a second of sampling at an edge of the segment counts both ways");
}

static void test_presence(void)
{
    use(-1, 0, 1, (const int64_t[]){5 * S});
    board.is_presence = true;
    share(&gpu, &idle_50_w, 2500 * J);
    ok(shares.run_uj[0] == 2000 * J && shares.run_low_uj[0] == 2000 * J,
       "present alone: all that is not idle");
    use(-1, 5 * S, 2, (const int64_t[]){10 * S, 5 * S});
    board.is_presence = true;
    share(&gpu, &idle_50_w, 2500 * J);
    ok(shares.run_uj[0] == 1000 * J && shares.run_uj[1] == 500 * J && shares.others_uj == 500 * J,
       "several: by the time each was there");
    ok(shares.run_low_uj[0] == 0 && shares.run_high_uj[0] == 2000 * J,
       "and each may have used nothing, or all");
    share(&gpu, &unknown, 2500 * J);
    is_i64(shares.idle_uj, 0, "nobody knows how busy it was: no idle while somebody was there");
    board.busy_ns = 4 * S;
    share(&gpu, &unknown, 2500 * J);
    is_i64(shares.idle_uj, 1500 * J, "unless the board says it");
}

static void test_unmatched(void)
{
    use(8 * S, 8 * S, 2, (const int64_t[]){0, 0});
    board.is_unmatched = true;
    window.hidden = 2;
    share(&gpu, &idle_50_w, 2500 * J);
    ok(shares.others_uj == 2000 * J && shares.run_uj[0] == 0,
       "who could not be matched with a run is another tenant,");
    is_i64(shares.run_high_uj[0], 2000 * J, "but may be the run,");
    is_i64(shares.run_high_uj[1], 0, "unless the run cannot see the board");
}

static void test_memory(void)
{
    use(8 * S, 0, 2, (const int64_t[]){4 * S, 4 * S});
    board.memory_used_bytes = 40 * GIB;
    board.memory_total_bytes = 80 * GIB;
    board.run_bytes[0] = 30 * GIB;
    board.run_bytes[1] = 5 * GIB;
    share(&memory, &unknown, 800 * J);
    ok(shares.idle_uj == 400 * J && shares.run_uj[0] == 300 * J && shares.run_uj[1] == 50 * J &&
           shares.others_uj == 50 * J,
       "the memory of a board is shared by the board's memory");
    use(8 * S, 0, 1, (const int64_t[]){4 * S});
    share(&memory, &unknown, 800 * J);
    ok(shares.run_uj[0] == 320 * J, "where nobody knows who holds it, by time");
}

static void test_hidden(void)
{
    window = (struct jb_window){.duration_ns = 10 * S, .n_subjects = 2, .hidden = 1};
    window.after.capacity_ns = 80 * S;
    window.after.busy_ns = 40 * S;
    window.subjects_after[0].cpu_ns = 20 * S;
    window.subjects_after[1].cpu_ns = 10 * S;
    share(&gpu, &idle_50_w, 2500 * J);
    ok(shares.run_uj[0] == 0 && shares.run_high_uj[0] == 0 && shares.run_uj[1] == 1000 * J &&
           shares.others_uj == 1000 * J,
       "a run that cannot see the board has no part in it by CPU time");
}

static void test_refused(void)
{
    struct jb_error err = {0};

    use(-2, 0, 1, (const int64_t[]){S});
    is_i64(jb_attribute_window(&gpu, &unknown, 1, &window, &shares, &err), JB_E_RANGE,
           "a board's busy time is not negative");
    use(0, 0, 1, (const int64_t[]){-1});
    is_i64(jb_attribute_window(&gpu, &unknown, 1, &window, &shares, &err), JB_E_RANGE,
           "nor is a run's");
}

static uint64_t seed = 20261123;

static int64_t any(unsigned bits)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return bits == 0 ? 0 : (int64_t)(seed >> (64 - bits));
}

static void test_random(void)
{
    int n_refused = 0, n_unequal = 0, n_outside = 0;

    for (int i = 0; i < 200000; i++) {
        const unsigned bits = (unsigned)any(6) % 62 + 1;
        const struct jb_idle idle = {.source = (enum jb_idle_source)(any(8) % 5),
                                     .power_uw = any(30),
                                     .half_width_uw = any(30)};
        const int64_t energy_uj = any(any(4) == 0 ? 63 : 40);
        __int128 sum = 0;

        window = (struct jb_window){.duration_ns = any(40), .board = &board};
        window.n_subjects = any(5) == 0 ? JB_SUBJECTS_MAX : (size_t)any(3);
        window.hidden = (uint64_t)any(63);
        board = (struct jb_board_window){
            .is_presence = any(1), .is_unmatched = any(2) == 0, .present = (uint64_t)any(63)};
        board.n_others = (uint32_t)any(1);
        board.busy_ns = any(2) == 0 ? -1 : any(bits);
        board.others_ns = any(1) ? any(bits) : 0;
        board.others_bytes = any(1) ? any(30) : 0;
        board.memory_used_bytes = any(2) == 0 ? -1 : any(37);
        board.memory_total_bytes = any(37);
        board.edge_ns = any(1) ? S : 0;
        for (size_t k = 0; k < window.n_subjects; k++) {
            board.run_ns[k] = any(1) ? any(bits) : 0;
            board.run_bytes[k] = any(30);
        }
        if (jb_attribute_window(any(1) ? &gpu : &memory, &idle, energy_uj, &window, &shares, NULL) <
            0) {
            n_refused++;
            continue;
        }
        sum = (__int128)shares.idle_uj + shares.others_uj;
        for (size_t k = 0; k < shares.n_runs; k++) {
            sum += shares.run_uj[k];
            n_outside += shares.run_low_uj[k] < 0 || shares.run_low_uj[k] > shares.run_uj[k] ||
                         shares.run_high_uj[k] < shares.run_uj[k] ||
                         shares.run_high_uj[k] > energy_uj;
        }
        n_unequal += sum != energy_uj || shares.idle_uj < 0 || shares.others_uj < 0;
    }
    is_i64(n_unequal, 0, "over 200000 random windows the shares are the energy, exactly");
    is_i64(n_outside, 0, "and every share lies in its band, every band in the energy");
    ok(n_refused < 20000, "only use that does not fit 64 bits is refused (%d)", n_refused);
}

int main(void)
{
    test_by_utilisation();
    test_alone();
    test_presence();
    test_unmatched();
    test_memory();
    test_hidden();
    test_refused();
    test_random();
    return done_testing();
}
