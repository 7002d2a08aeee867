/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Readers: processes that probe and read what is slow, may hang or may crash (drivers with is_apart), one for a driver,
 * or for each configured meter. Between them and this process stands the keeper, a process that only starts them,
 * waits for their ends and starts them again. All that passes lies in shared memory; nobody here waits for a device.
 * Rules R-READER-01...: docs/method/sensors.md.
 *
 * Who writes what: a reader answers ask n into answers[n % 2] and then stores n; the next ask is made by whoever reads
 * the answers, when it wants it, and goes into the other half. So what is read is never being written.
 */
#ifndef JB_SENSOR_READER_INT_H
#define JB_SENSOR_READER_INT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <joulebook/sys/sensor.h>

#include "base/clock.h"
#include "base/error.h"
#include "model/channel.h"
#include "model/meter.h"
#include "model/reading.h"
#include "sensor/sensor.h"

/* A table of drivers names each configured meter once, and a few libraries. */
#define READERS_MAX         (JB_METERS_MAX + 32)
#define READER_REFUSALS_MAX 32
#define READER_USES_MAX     64

struct reader_value {
    int64_t mono_ns;
    uint64_t raw;
    int32_t rc; /* jb_rc */
};

struct reader_use {
    struct jb_sensor_board board;
    struct jb_sensor_use uses[READER_USES_MAX];
    uint32_t n_uses;
    int32_t rc; /* jb_rc; JB_E_UNAVAILABLE: the channel cannot say */
};

struct reader_answer {
    int64_t took_ns; /* by the system's clock, from the ask seen to the answer */
    struct reader_value values[JB_CHANNELS_MAX];
    struct reader_use uses[JB_CHANNELS_MAX];
};

/* One reader's memory. A life is one process of it: the first is 1. */
struct reader_page {
    _Atomic uint32_t ask;           /* by the parent; a reader sleeps on it */
    _Atomic uint32_t answer;        /* by the reader: the last ask answered */
    _Atomic uint32_t life_wanted;   /* by the parent */
    _Atomic uint32_t life_unwanted; /* by the parent: up to this one they are killed */
    _Atomic uint32_t life_ended;    /* by the keeper: up to this one they are gone */
    _Atomic uint32_t life_probed;   /* by the reader: the tables below are this life's */
    _Atomic uint32_t must_reprobe; /* by the parent: look for what is gone before the next answer */
    _Atomic int32_t status;        /* by the keeper: of the last end, as waitpid gives it */
    _Atomic int64_t cpu_ns;        /* by the reader: of its process */
    _Atomic int64_t cpu_ended_ns;  /* by the keeper: of those that are gone */
    int32_t probe_rc;
    uint32_t n_channels;
    uint32_t n_refusals;
    bool has_use[JB_CHANNELS_MAX];
    struct jb_channel channels[JB_CHANNELS_MAX];
    struct jb_sensor_refusal refusals[READER_REFUSALS_MAX];
    struct reader_answer answers[2];
};

struct reader_shared {
    _Atomic uint32_t news; /* grows with each answer and each end; the parent sleeps on it */
    /* The parent's clock at the last ask, where it is not the system's: a test steps it, and readers follow. */
    _Atomic int64_t mono_ns, boot_ns, utc_us;
    struct reader_page pages[]; /* as many as readers */
};

/* What a reader is to do; the same for all its lives. */
struct reader_task {
    const struct jb_sensor_driver *driver;
    const struct jb_meter *meter; /* NULL: not of a configured meter */
};

struct reader_plan {
    struct jb_sensor_env env;
    struct reader_shared *shared;
    const struct reader_task *tasks;
    size_t n;
    bool is_system_clock;
    pid_t parent;
};

/* In the child of a fork: starts and ends readers until its parent dies or tells it to stop (SIGTERM). SIGUSR1 says
 * that the pages want something. Never returns. */
JB_NORETURN void reader__keep(const struct reader_plan *plan);

/* futex(2) on shared memory: sleeps while *word is `value`, for at most timeout_ns (-1: for ever); wakes all. */
void reader__sleep_while(_Atomic uint32_t *word, uint32_t value, int64_t timeout_ns);
void reader__wake(_Atomic uint32_t *word);

/* ---- the side of the process that is to be protected ---- */

struct readers;

/* Where a channel's values come from, and what was last seen of them; kept with the channel. */
struct reader_slot {
    struct readers *readers;
    uint32_t reader;
    uint32_t place;  /* in the reader's tables */
    uint32_t life;   /* whose tables these are */
    uint32_t answer; /* the last one looked at */
    bool has_last;
    struct jb_reading last; /* the last good one */
};

/*
 * Starts a reader for each apart driver of env->drivers that has something to ask. *ret_readers is NULL if none has. Where no process
 * can be made it says so in *err and the machine is measured without them.
 */
JB_MUST_USE jb_rc readers__begin(const struct jb_sensor_env *env, struct readers **ret_readers,
                                 struct jb_error *err);
void readers__end(struct readers *readers); /* NULL is allowed */
JB_AUTO_POINTER(struct readers, readers__end)

size_t readers__n(const struct readers *readers);
const struct reader_task *readers__task(const struct readers *readers, size_t i);

/* Waits for reader i's probing, and its first answer, until PROBE_NS after the beginning. NULL where it did not come, *ret_why says why; it is
 * then asked no more. Borrowed, valid while the reader lives its first life. */
const struct reader_page *readers__probed(struct readers *readers, size_t i, const char **ret_why);
/* How old a reading of reader i may be where all is well: the period it is asked in, and where it is slow what its
 * answers take. To be called when it was probed. 0: as old as the last jb_sensor_ask. */
int64_t readers__renewal_ns(const struct readers *readers, size_t i);

/* Whether any has meters to be read; to be called when all were probed. */
bool readers__any_at_work(const struct readers *readers);

void readers__ask(struct readers *readers);
bool readers__wait(struct readers *readers, int64_t budget_ns);
/* JB_E_GONE: the device, or the process of a count that only it could continue. */
JB_MUST_USE jb_rc readers__read(struct reader_slot *slot, const struct jb_channel *channel,
                                int64_t now_ns, struct jb_reading *ret);
JB_MUST_USE jb_rc readers__use(const struct reader_slot *slot, struct jb_sensor_board *ret_board,
                               struct jb_sensor_use *ret_uses, size_t capacity, size_t *ret_n);
/* Whether a channel that was gone reads again; if not, its reader looks for it anew before some later answer. */
bool readers__is_back(struct reader_slot *slot, const struct jb_channel *channel);
/* It was asked and has not answered yet, or is dead. */
bool readers__is_silent(const struct reader_slot *slot);

pid_t readers__pid(const struct readers *readers);
void readers__pid_ended(struct readers *readers, pid_t pid);
int64_t readers__cpu_ns(struct readers *readers); /* of all, ended ones too; never falls */

/* sensor.c: the same meter is back only if its counts mean the same (R-SENSOR-06). */
bool sensor__is_same_meter(const struct jb_channel *a, const struct jb_channel *b);
/* An empty set for a reader's process, and the probing of its one driver. */
JB_MUST_USE jb_rc sensor__probe_one(const struct jb_sensor_env *env,
                                    const struct jb_sensor_driver *driver,
                                    struct jb_sensor_set **ret_set, struct jb_error *err);
bool sensor__has_use(const struct jb_sensor_set *set, size_t i);

#endif
