/* SPDX-License-Identifier: Apache-2.0 */
/* What reader.c (asking) and reader_slot.c (what was answered) know of the readers of a set. Nobody else does. */
#ifndef JB_SENSOR_READER_SET_INT_H
#define JB_SENSOR_READER_SET_INT_H

#include "sensor/reader_int.h"

/* Between two starts of one reader, doubling from the first to the second: a crash costs the kernel's log a line. */
#define READER_RESTART_NS     JB_NS_PER_S
#define READER_RESTART_MAX_NS (64 * JB_NS_PER_S)

struct reader {
    int64_t period_ns;    /* 0: at each ask */
    int64_t asked_turn;   /* of its periods since the clock began, the one it was asked in */
    int64_t asked_ns;     /* by the clock of the set, as all instants of a reader */
    int64_t usual_ns;     /* how long an answer takes */
    uint32_t seen_answer; /* the last one that usual_ns knows of */
    uint32_t life;        /* the one asked for */
    int64_t begun_ns;     /* its life */
    int64_t restart_ns;   /* not before */
    int64_t restart_step; /* how long to wait after the next end */
    int64_t reprobe_ns;   /* look for what is gone: not before */
    int64_t gone_ns;      /* something of it is gone since then; 0: nothing */
    const char *why; /* it was refused at the beginning and is asked no more; NULL: it is at work */
    char why_text[160];
};

struct readers {
    struct reader_plan plan;
    struct reader_task tasks[READERS_MAX];
    struct reader all[READERS_MAX];
    size_t shared_bytes;
    int64_t begin_ns;
    int64_t cpu_ns; /* as last told: never falls */
    pid_t keeper;   /* 0: there is none */
};

/* By the clock of the set. */
static inline int64_t reader__set_ns(const struct readers *readers)
{
    return jb_mono_ns(readers->plan.env.clock);
}

static inline struct reader_page *reader__page_of(const struct readers *readers, size_t i)
{
    return &readers->plan.shared->pages[i];
}

static inline bool reader__is_busy(const struct reader_page *page)
{
    return atomic_load(&page->answer) != atomic_load(&page->ask);
}

static inline bool reader__is_ended(const struct readers *readers, size_t i)
{
    return atomic_load(&reader__page_of(readers, i)->life_ended) >= readers->all[i].life;
}

#endif
