/* SPDX-License-Identifier: Apache-2.0 */
/* The system's clocks as a table, and one that only moves when told. Nothing else in the project reads a clock. */
#include "base/clock.h"

#include <time.h>

#include "base/compiler.h"

static struct timespec read_clock(clockid_t id)
{
    struct timespec at = {0};

    /* Fails only for an unknown id or a bad pointer; the three ids used here exist since Linux 2.6.39. */
    (void)clock_gettime(id, &at);
    return at;
}

static int64_t ns_of(struct timespec at)
{
    return (int64_t)at.tv_sec * JB_NS_PER_S + (int64_t)at.tv_nsec;
}

static int64_t system_mono_ns(void *context JB_UNUSED)
{
    return ns_of(read_clock(CLOCK_MONOTONIC));
}

static int64_t system_boot_ns(void *context JB_UNUSED)
{
    return ns_of(read_clock(CLOCK_BOOTTIME));
}

static int64_t system_utc_us(void *context JB_UNUSED)
{
    const struct timespec at = read_clock(CLOCK_REALTIME);

    return (int64_t)at.tv_sec * JB_US_PER_S + (int64_t)at.tv_nsec / JB_NS_PER_US;
}

const struct jb_clock jb_clock_system = {
    .mono_ns = system_mono_ns,
    .boot_ns = system_boot_ns,
    .utc_us = system_utc_us,
    .context = NULL,
};

static int64_t manual_mono_ns(void *context)
{
    return ((const struct jb_clock_manual *)context)->mono_ns;
}

static int64_t manual_boot_ns(void *context)
{
    return ((const struct jb_clock_manual *)context)->boot_ns;
}

static int64_t manual_utc_us(void *context)
{
    return ((const struct jb_clock_manual *)context)->utc_us;
}

struct jb_clock jb_clock_from_manual(struct jb_clock_manual *manual)
{
    return (struct jb_clock){
        .mono_ns = manual_mono_ns,
        .boot_ns = manual_boot_ns,
        .utc_us = manual_utc_us,
        .context = manual,
    };
}

void jb_clock_manual_advance(struct jb_clock_manual *manual, int64_t step_ns)
{
    const int64_t before_us = manual->mono_ns / JB_NS_PER_US;

    manual->mono_ns += step_ns;
    manual->boot_ns += step_ns;
    /* By whole microseconds crossed, so that steps shorter than one are not lost. */
    manual->utc_us += manual->mono_ns / JB_NS_PER_US - before_us;
}
