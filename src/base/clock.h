/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time is asked of an injected clock, never of the system, so that tests can step it. Intervals are monotonic
 * nanoseconds; wall time is UTC microseconds and only a label; boot time minus monotonic time is time suspended.
 */
#ifndef JB_BASE_CLOCK_H
#define JB_BASE_CLOCK_H

#include <stdint.h>

struct jb_clock {
    int64_t (*mono_ns)(void *context);
    int64_t (*boot_ns)(void *context); /* runs on through suspend */
    int64_t (*utc_us)(void *context);
    void *context;
};

#define JB_NS_PER_S    INT64_C(1000000000)
#define JB_NS_PER_MS   INT64_C(1000000)
#define JB_NS_PER_US   INT64_C(1000)
#define JB_US_PER_S    INT64_C(1000000)
#define JB_US_PER_HOUR INT64_C(3600000000)
#define JB_NS_PER_HOUR INT64_C(3600000000000)

static inline int64_t jb_mono_ns(const struct jb_clock *clock)
{
    return clock->mono_ns(clock->context);
}

static inline int64_t jb_boot_ns(const struct jb_clock *clock)
{
    return clock->boot_ns(clock->context);
}

static inline int64_t jb_utc_us(const struct jb_clock *clock)
{
    return clock->utc_us(clock->context);
}

/* The system's clocks (CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_REALTIME). */
extern const struct jb_clock jb_clock_system;

/* A clock that stands still until told: tests and replay. Point jb_clock.context at one of these. */
struct jb_clock_manual {
    int64_t mono_ns;
    int64_t boot_ns;
    int64_t utc_us;
};
struct jb_clock jb_clock_from_manual(struct jb_clock_manual *manual);
/* Advances all three by `step_ns`. */
void jb_clock_manual_advance(struct jb_clock_manual *manual, int64_t step_ns);

#endif
