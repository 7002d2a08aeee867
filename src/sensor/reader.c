/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Readers as the process sees them that is to be protected: it asks, looks at what was answered, and never waits for a
 * device. Only the beginning (probing) and a boundary (readers__wait) wait, and both have a bound. Rules R-READER-01 to
 * R-READER-06 in docs/method/sensors.md.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sensor/reader_int.h"
#include "sensor/reader_set_int.h"

/*
 * R-READER-01: what a command's start may wait for meters that are read apart. A BMC needs a second or two for its
 * first answer over TLS; nobody waits longer for a command to start.
 */
#define PROBE_NS (3 * JB_NS_PER_S)
#define LOOK_NS  (100 * JB_NS_PER_MS) /* while it waits, for a signal */
/* R-READER-03: whoever usually answers within this is waited for at a boundary. */
#define QUICK_NS (50 * JB_NS_PER_MS)
/* An ask no older than this is not made again at a boundary. */
#define JUST_NS JB_NS_PER_MS
/* What a slow answer takes is rounded up to as much: it goes into the channel's renewal, not into its name. */
#define LAG_NS (100 * JB_NS_PER_MS)
/* R-READER-04: a reader that has not answered for as long hangs for good; a meter's own timeouts are shorter. */
#define HANG_NS (60 * JB_NS_PER_S)
/* One that lived so many times the next wait is trusted again: then no more than as great a part of the time is lost. */
#define LIVED_TIMES 8
/* The keeper waits for nothing: it ends at once, or somebody stopped it. */
#define KEEPER_END_NS (20 * JB_NS_PER_MS)

static int64_t system_ns(void)
{
    return jb_mono_ns(&jb_clock_system);
}

/* -- the keeper ------------------------------------------------------------------------------------------------------ */

static jb_rc start_keeper(struct readers *readers, struct jb_error *err)
{
    sigset_t all;
    sigset_t mask;

    readers->plan.parent = getpid();
    /* It takes signals from its first instant on as it does later: told something at once, it must not die of it. */
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, &mask);
    const pid_t pid = fork();
    if (pid == 0)
        reader__keep(&readers->plan);
    (void)sigprocmask(SIG_SETMASK, &mask, NULL);
    if (pid < 0)
        return jb_fail_errno(err, errno, "see ulimit -u and the pids limit of the control group",
                             "cannot make a process to read slow meters in");
    readers->keeper = pid;
    return JB_OK;
}

static void tell_keeper(const struct readers *readers)
{
    /* Not waited for by anybody but us without our hearing of it: the number is its own. */
    if (readers->keeper > 0)
        (void)kill(readers->keeper, SIGUSR1);
}

/* Its readers died with it. */
static void keeper_is_gone(struct readers *readers)
{
    readers->keeper = 0;
    for (size_t i = 0; i < readers->plan.n; i++)
        atomic_store(&reader__page_of(readers, i)->life_ended, readers->all[i].life);
}

static void look_for_keeper(struct readers *readers)
{
    if (readers->keeper > 0 && waitpid(readers->keeper, NULL, WNOHANG) != 0)
        keeper_is_gone(readers);
}

pid_t readers__pid(const struct readers *readers)
{
    return readers ? readers->keeper : 0;
}

void readers__pid_ended(struct readers *readers, pid_t pid)
{
    if (readers && readers->keeper == pid)
        keeper_is_gone(readers);
}

/* A clock that is not the system's stands still in another process; readers take the time of what they are told last. */
static void tell_time(const struct readers *readers)
{
    const struct jb_clock *const clock = readers->plan.env.clock;

    if (readers->plan.is_system_clock)
        return;
    atomic_store(&readers->plan.shared->mono_ns, jb_mono_ns(clock));
    atomic_store(&readers->plan.shared->boot_ns, jb_boot_ns(clock));
    atomic_store(&readers->plan.shared->utc_us, jb_utc_us(clock));
}

/* -- the beginning --------------------------------------------------------------------------------------------------- */

static void add_task(struct readers *readers, const struct jb_sensor_driver *driver,
                     const struct jb_meter *meter)
{
    if (readers->plan.n < READERS_MAX)
        readers->tasks[readers->plan.n++] = (struct reader_task){.driver = driver, .meter = meter};
}

/* R-READER-01: a process only where there is something to ask. */
static void plan_driver(struct readers *readers, const struct jb_sensor_env *env,
                        const struct jb_sensor_driver *driver)
{
    if (!driver->is_apart)
        return;
    for (size_t m = 0; driver->is_configured && env->meters && m < env->meters->n_meters; m++)
        if (strcmp(env->meters->meters[m].driver, driver->name) == 0)
            add_task(readers, driver, &env->meters->meters[m]);
    if (!driver->is_configured && (!driver->is_there || driver->is_there(env)))
        add_task(readers, driver, NULL);
}

jb_rc readers__begin(const struct jb_sensor_env *env, struct readers **ret_readers,
                     struct jb_error *err)
{
    struct readers *const readers = calloc(1, sizeof *readers);

    if (!readers)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for slow meters");
    for (size_t d = 0; env->drivers[d]; d++)
        plan_driver(readers, env, env->drivers[d]);
    if (readers->plan.n == 0) {
        free(readers);
        *ret_readers = NULL;
        return JB_OK;
    }
    readers->shared_bytes =
        sizeof *readers->plan.shared + readers->plan.n * sizeof readers->plan.shared->pages[0];
    /* Of it only what is written takes memory: a reader of two channels some 10 KiB. */
    void *const shared = mmap(NULL, readers->shared_bytes, PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (shared == MAP_FAILED) {
        free(readers);
        return jb_fail(err, JB_E_NOMEM, NULL, "no shared memory to read slow meters through");
    }
    readers->plan.env = *env;
    readers->plan.tasks = readers->tasks;
    readers->plan.shared = shared;
    readers->plan.is_system_clock = env->clock->mono_ns == jb_clock_system.mono_ns;
    readers->begin_ns = system_ns();
    tell_time(readers);
    for (size_t i = 0; i < readers->plan.n; i++) {
        /* The first answer follows the probing unasked. */
        atomic_store(&reader__page_of(readers, i)->ask, 1);
        atomic_store(&reader__page_of(readers, i)->life_wanted, 1);
        readers->all[i].life = 1;
        readers->all[i].asked_ns = reader__set_ns(readers);
        readers->all[i].begun_ns = readers->all[i].asked_ns;
        readers->all[i].asked_turn = -1;
        readers->all[i].restart_step = READER_RESTART_NS;
    }
    const jb_rc rc = start_keeper(readers, err);
    if (rc < 0) {
        readers__end(readers);
        return rc;
    }
    *ret_readers = readers;
    return JB_OK;
}

void readers__end(struct readers *readers)
{
    if (!readers)
        return;
    if (readers->keeper > 0) {
        const struct timespec pause = {.tv_nsec = JB_NS_PER_MS / 5};
        const int64_t until_ns = system_ns() + KEEPER_END_NS;

        (void)kill(readers->keeper, SIGTERM);
        while (readers->keeper > 0 && system_ns() < until_ns) {
            look_for_keeper(readers);
            if (readers->keeper > 0)
                (void)nanosleep(&pause, NULL);
        }
    }
    if (readers->keeper > 0) {
        (void)kill(readers->keeper, SIGKILL);
        while (waitpid(readers->keeper, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    (void)munmap(readers->plan.shared, readers->shared_bytes);
    free(readers);
}

size_t readers__n(const struct readers *readers)
{
    return readers ? readers->plan.n : 0;
}

const struct reader_task *readers__task(const struct readers *readers, size_t i)
{
    return &readers->tasks[i];
}

/* A running mean over eight answers. */
static void learn(struct readers *readers, size_t i)
{
    struct reader *const reader = &readers->all[i];
    const struct reader_page *const page = reader__page_of(readers, i);
    const uint32_t n = atomic_load(&page->answer);

    if (n == reader->seen_answer)
        return;
    const int64_t took_ns = page->answers[n % 2].took_ns;
    reader->usual_ns =
        reader->seen_answer == 0 ? took_ns : reader->usual_ns + (took_ns - reader->usual_ns) / 8;
    reader->seen_answer = n;
    /* A first answer proves little: a library may crash at each second one. */
    if (reader__set_ns(readers) - reader->begun_ns >= LIVED_TIMES * reader->restart_step)
        reader->restart_step = READER_RESTART_NS;
    reader->restart_ns = 0;
}

/* Whoever supervises a command holds these back until it looks; nobody is to wait for a meter to be rid of a command. */
static bool is_end_wanted(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    sigset_t pending;

    if (sigpending(&pending) < 0)
        return false;
    for (size_t i = 0; i < JB_ARRAY_LEN(signals); i++)
        if (sigismember(&pending, signals[i]) == 1)
            return true;
    return false;
}

static int64_t patience_ns(const struct readers *readers, size_t i)
{
    const int64_t own_ns = readers->tasks[i].driver->patience_ns;

    return own_ns > PROBE_NS ? own_ns : PROBE_NS;
}

/* It is told to the user and asked no more. */
static void give_up(struct readers *readers, size_t i)
{
    struct reader *const reader = &readers->all[i];
    const struct reader_page *const page = reader__page_of(readers, i);
    const int status = atomic_load(&page->status);

    reader->why = reader->why_text;
    if (reader__is_ended(readers, i) && WIFSIGNALED(status))
        (void)snprintf(reader->why_text, sizeof reader->why_text,
                       "what was asked crashed while it looked for meters (signal %d)",
                       WTERMSIG(status));
    else if (reader__is_ended(readers, i))
        (void)snprintf(reader->why_text, sizeof reader->why_text,
                       "the process that looked for its meters ended before it had any");
    else if (is_end_wanted())
        (void)snprintf(reader->why_text, sizeof reader->why_text,
                       "it had not answered when the end was asked for");
    else
        (void)snprintf(reader->why_text, sizeof reader->why_text, "it gave no answer within %d s",
                       (int)(patience_ns(readers, i) / JB_NS_PER_S));
    atomic_store(&reader__page_of(readers, i)->life_unwanted, reader->life);
    tell_keeper(readers);
}

/* Until `word` is `value`, the time is up, or the reader is gone. */
static bool waits_for(struct readers *readers, size_t i, const _Atomic uint32_t *word,
                      uint32_t value)
{
    for (;;) {
        const uint32_t news = atomic_load(&readers->plan.shared->news);
        const int64_t left_ns = readers->begin_ns + patience_ns(readers, i) - system_ns();
        if (atomic_load(word) == value)
            return true;
        look_for_keeper(readers);
        if (left_ns <= 0 || reader__is_ended(readers, i) || is_end_wanted())
            return atomic_load(word) == value;
        reader__sleep_while(&readers->plan.shared->news, news,
                            left_ns < LOOK_NS ? left_ns : LOOK_NS);
    }
}

const struct reader_page *readers__probed(struct readers *readers, size_t i, const char **ret_why)
{
    struct reader *const reader = &readers->all[i];
    const struct reader_page *const page = reader__page_of(readers, i);

    if (!waits_for(readers, i, &page->life_probed, reader->life)) {
        give_up(readers, i);
        *ret_why = reader->why;
        return NULL;
    }
    if (page->n_channels == 0)
        reader->why = "it has no meters";
    else if (waits_for(readers, i, &page->answer,
                       1)) /* a count must begin before the command does */
        learn(readers, i);
    const struct jb_meter *const meter = readers->tasks[i].meter;
    for (size_t c = 0; c < page->n_channels; c++) {
        const int64_t update_ns = page->channels[c].update_ns;
        if (update_ns > 0 && (reader->period_ns == 0 || update_ns < reader->period_ns))
            reader->period_ns = update_ns;
    }
    if (meter && meter->period_ns > 0)
        reader->period_ns = meter->period_ns;
    return page;
}

bool readers__any_at_work(const struct readers *readers)
{
    for (size_t i = 0; i < readers->plan.n; i++)
        if (!readers->all[i].why)
            return true;
    return false;
}

int64_t readers__renewal_ns(const struct readers *readers, size_t i)
{
    const struct reader *const reader = &readers->all[i];
    const int64_t usual_ns = reader->usual_ns;

    if (usual_ns <= QUICK_NS)
        return reader->period_ns;
    /* A period that an answer outlasts passes unused. */
    const int64_t asked_ns =
        reader->period_ns > 0 ? (usual_ns / reader->period_ns + 1) * reader->period_ns : usual_ns;
    return asked_ns + (usual_ns / LAG_NS + 1) * LAG_NS;
}

/* -- asking ---------------------------------------------------------------------------------------------------------- */

/* Time is cut into its periods; it is asked once in each, so that ticks that come a little late do not slow it down. */
static int64_t turn_of(const struct readers *readers, size_t i)
{
    const int64_t period_ns = readers->all[i].period_ns;

    return period_ns > 0 ? reader__set_ns(readers) / period_ns : reader__set_ns(readers);
}

static void send_ask(struct readers *readers, size_t i)
{
    struct reader_page *const page = reader__page_of(readers, i);

    readers->all[i].asked_ns = reader__set_ns(readers);
    readers->all[i].asked_turn = turn_of(readers, i);
    atomic_fetch_add(&page->ask, 1);
    reader__wake(&page->ask);
}

/* R-READER-04: one that died is started again, after a while that grows. */
static void revive(struct readers *readers, size_t i, int64_t now_ns)
{
    struct reader *const reader = &readers->all[i];
    struct reader_page *const page = reader__page_of(readers, i);

    if (reader->restart_ns == 0) {
        reader->restart_ns = now_ns + reader->restart_step;
        reader->restart_step = reader->restart_step < READER_RESTART_MAX_NS
                                   ? 2 * reader->restart_step
                                   : READER_RESTART_MAX_NS;
    }
    if (now_ns < reader->restart_ns)
        return;
    reader->restart_ns = 0;
    reader->begun_ns = now_ns;
    reader->asked_ns = now_ns;
    reader->asked_turn = turn_of(readers, i);
    reader->life++;
    /* It died with this ask unanswered, or without one; its half of the answers is looked at by nobody. */
    atomic_store(&page->ask, atomic_load(&page->answer) + 1);
    atomic_store(&page->life_wanted, reader->life);
    if (readers->keeper > 0)
        tell_keeper(readers);
    else if (start_keeper(readers, NULL) < 0)
        keeper_is_gone(readers); /* the next time, then */
}

void readers__ask(struct readers *readers)
{
    const int64_t now_ns = reader__set_ns(readers);

    tell_time(readers);
    for (size_t i = 0; i < readers->plan.n; i++) {
        struct reader *const reader = &readers->all[i];
        const struct jb_meter *const meter = readers->tasks[i].meter;
        if (reader->why)
            continue;
        learn(readers, i);
        if (reader__is_ended(readers, i)) {
            revive(readers, i, now_ns);
            continue;
        }
        const int64_t hang_ns =
            meter && meter->timeout_ns > HANG_NS / 2 ? 2 * meter->timeout_ns : HANG_NS;
        if (!reader__is_busy(reader__page_of(readers, i))) {
            if (turn_of(readers, i) != reader->asked_turn)
                send_ask(readers, i);
        } else if (now_ns - reader->asked_ns > JB_NS_PER_S) {
            look_for_keeper(readers);
            if (now_ns - reader->asked_ns > hang_ns) {
                atomic_store(&reader__page_of(readers, i)->life_unwanted, reader->life);
                tell_keeper(readers);
            }
        }
    }
}

/* True if a quick reader still has to answer an ask of `since_ns` (by the set's clock) or later. */
static bool ask_the_quick(struct readers *readers, int64_t since_ns)
{
    bool is_any_due = false;

    for (size_t i = 0; i < readers->plan.n; i++) {
        struct reader *const reader = &readers->all[i];
        if (reader->why || reader__is_ended(readers, i))
            continue;
        learn(readers, i);
        if (reader->seen_answer > 0 && reader->usual_ns > QUICK_NS)
            continue; /* R-READER-03: slow, nobody waits for it */
        if (!reader__is_busy(reader__page_of(readers, i)) && reader->asked_ns < since_ns - JUST_NS)
            send_ask(readers, i);
        is_any_due = is_any_due || reader__is_busy(reader__page_of(readers, i));
    }
    return is_any_due;
}

bool readers__wait(struct readers *readers, int64_t budget_ns)
{
    const int64_t since_ns = reader__set_ns(readers);
    const int64_t until_ns = system_ns() + budget_ns;

    tell_time(readers);
    for (;;) {
        const uint32_t news = atomic_load(&readers->plan.shared->news);
        if (!ask_the_quick(readers, since_ns))
            return true;
        const int64_t left_ns = until_ns - system_ns();
        if (left_ns <= 0)
            return false;
        reader__sleep_while(&readers->plan.shared->news, news, left_ns);
    }
}

int64_t readers__cpu_ns(struct readers *readers)
{
    int64_t sum_ns = 0;

    for (size_t i = 0; readers && i < readers->plan.n; i++)
        sum_ns += atomic_load(&reader__page_of(readers, i)->cpu_ns) +
                  atomic_load(&reader__page_of(readers, i)->cpu_ended_ns);
    if (readers && sum_ns > readers->cpu_ns)
        readers->cpu_ns = sum_ns;
    return readers ? readers->cpu_ns : 0;
}
