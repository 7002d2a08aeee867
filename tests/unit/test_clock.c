/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "tap.h"

static void manual_clock(void)
{
    struct jb_clock_manual hand = {.mono_ns = 1000, .boot_ns = 5000, .utc_us = 1764000000000000};
    const struct jb_clock clock = jb_clock_from_manual(&hand);

    is_i64(jb_mono_ns(&clock), 1000, "a manual clock shows the monotonic time it was given");
    is_i64(jb_boot_ns(&clock), 5000, "and the boot time");
    is_i64(jb_utc_us(&clock), 1764000000000000, "and the wall time");
    is_i64(jb_mono_ns(&clock), 1000, "it stands still between two looks");

    jb_clock_manual_advance(&hand, 2500000);
    is_i64(jb_mono_ns(&clock), 2501000, "an advance moves the monotonic time");
    is_i64(jb_boot_ns(&clock), 2505000, "and the boot time by as much");
    is_i64(jb_utc_us(&clock), 1764000000002500, "and the wall time by as many microseconds");

    hand.utc_us -= 3600000000;
    hand.boot_ns += 60 * JB_NS_PER_S;
    is_i64(jb_utc_us(&clock), 1763996400002500, "the wall clock can be stepped alone");
    is_i64(jb_boot_ns(&clock) - jb_mono_ns(&clock), 60000004000,
           "a suspend is boot time that passed alone");
}

static void short_steps(void)
{
    struct jb_clock_manual hand = {.mono_ns = 0, .boot_ns = 0, .utc_us = 0};

    for (int i = 0; i < 4000; i++)
        jb_clock_manual_advance(&hand, 250);
    is_i64(hand.mono_ns, 1000000, "4000 steps of 250 ns are 1 ms of monotonic time");
    is_i64(hand.utc_us, 1000, "and 1 ms of wall time: steps below a microsecond are not lost");
}

static void system_clock(void)
{
    int64_t before = jb_mono_ns(&jb_clock_system);
    bool backwards = false;

    for (int i = 0; i < 10000; i++) {
        const int64_t now = jb_mono_ns(&jb_clock_system);
        backwards = backwards || now < before;
        before = now;
    }
    ok(!backwards, "the system's monotonic time never runs backwards");
    const int64_t mono_ns = jb_mono_ns(&jb_clock_system);
    ok(jb_boot_ns(&jb_clock_system) >= mono_ns, "boot time is at least monotonic time");
    /* 2020 to 2200: seconds or nanoseconds in place of microseconds would fall outside. */
    const int64_t utc_us = jb_utc_us(&jb_clock_system);
    ok(utc_us > INT64_C(1577836800000000) && utc_us < INT64_C(7258118400000000),
       "wall time is in microseconds");
}

int main(void)
{
    manual_clock();
    short_steps();
    system_clock();
    return done_testing();
}
