/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Meters that are read apart, with drivers that hang, fail, crash and vanish as this test says, in real processes: no
 * fault of one is seen by another, nothing waits, and nothing is left behind. Time is the test's own: a meter that hangs
 * for 30 s hangs while the clock is stepped by 30 s. R-READER-01 to R-READER-06.
 */
#include "sensor_rig.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "base/error.h"
#include "model/meter.h"
#include "sensor/reader_int.h"

#define S  JB_NS_PER_S
#define MS JB_NS_PER_MS
/* Far more than anything here takes; only a broken promise waits as long. */
#define PATIENCE_NS (20 * S)

enum fault { FINE, HANGS, GARBAGE, CRASHES, CRASHES_LATER, VANISHED };
enum { METER_A, METER_B, METER_OTHER, N_METERS };

/* What the processes of the stand-in meters are told, and tell. */
struct meter_world {
    _Atomic int fault;
    _Atomic int at_probe; /* fault of the probing */
    _Atomic int n_reads, n_probes;
    _Atomic int pid;
    _Atomic unsigned long long raw;
    _Atomic int64_t update_ns;
};

struct world {
    struct meter_world meters[N_METERS];
    _Atomic int is_there, is_local;
    _Atomic int has_command,
        left; /* a reader is to start a command; the pid of what that leaves behind */
};

static struct world *world;

static void nap(int64_t ns)
{
    const struct timespec pause = {.tv_sec = ns / S, .tv_nsec = ns % S};

    (void)nanosleep(&pause, NULL);
}

static int64_t real_ns(void)
{
    return jb_mono_ns(&jb_clock_system);
}

static void suffer(const _Atomic int *fault)
{
    while (atomic_load(fault) == HANGS)
        nap(MS);
    if (atomic_load(fault) == CRASHES)
        (void)raise(SIGSEGV);
}

static jb_rc read_apart(void *handle, const struct jb_sensor_env *env, unsigned long long *ret_raw)
{
    static int n_reads; /* of this process */
    struct meter_world *const meter = handle;

    (void)env;
    atomic_fetch_add(&meter->n_reads, 1);
    suffer(&meter->fault);
    if (atomic_load(&meter->fault) == CRASHES_LATER && ++n_reads > 1)
        (void)raise(SIGSEGV);
    if (atomic_load(&meter->fault) == VANISHED)
        return JB_E_GONE;
    if (atomic_load(&meter->fault) == GARBAGE)
        return JB_E_IO;
    *ret_raw = atomic_load(&meter->raw);
    return JB_OK;
}

static jb_rc use_apart(void *handle, const struct jb_sensor_env *env,
                       struct jb_sensor_board *ret_board, struct jb_sensor_use *ret_uses,
                       size_t capacity, size_t *ret_n)
{
    const struct meter_world *const meter = handle;

    (void)env;
    *ret_board = (struct jb_sensor_board){.busy_ns = 40, .memory_used_bytes = 3};
    for (size_t i = 0; i < 2 && i < capacity; i++)
        ret_uses[i] = (struct jb_sensor_use){.pid = (long long)(100 + i),
                                             .busy_ns = (long long)atomic_load(&meter->raw)};
    *ret_n = 2;
    return JB_OK;
}

static struct jb_channel made(const char *driver, const char *name, int64_t update_ns)
{
    struct jb_channel channel = {.scope = JB_SCOPE_OTHER,
                                 .semantics = JB_SEMANTICS_COUNTER,
                                 .unit_num = 1,
                                 .unit_den = 1,
                                 .update_ns = update_ns,
                                 .max_power_uw = 1000000};

    (void)snprintf(channel.driver, sizeof channel.driver, "%s", driver);
    (void)snprintf(channel.id, sizeof channel.id, "%s", name);
    return channel;
}

static JB_NORETURN void sleep_on(void)
{
    for (;;)
        (void)pause();
}

/* As the driver of programs does: a leader of a group of its own, which dies with the reader; it starts another. */
static void start_command(void)
{
    const pid_t pid = fork();

    if (pid != 0)
        return;
    (void)setpgid(0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    const pid_t left = fork();
    if (left > 0)
        atomic_store(&world->left, left);
    sleep_on();
}

static jb_rc add_meter(struct jb_sensor_set *set, const char *driver, const char *id, int which,
                       struct jb_error *err)
{
    struct meter_world *const meter = &world->meters[which];
    struct jb_channel channel = made(driver, id, atomic_load(&meter->update_ns));

    channel.is_local = atomic_load(&world->is_local) != 0;
    atomic_store(&meter->pid, getpid());
    atomic_fetch_add(&meter->n_probes, 1);
    if (which == METER_OTHER && atomic_load(&world->has_command))
        start_command();
    suffer(&meter->at_probe);
    if (atomic_load(&meter->at_probe) == GARBAGE)
        return jb_fail(err, JB_E_IO, "ask its maker", "it talks nonsense");
    if (atomic_load(&meter->at_probe) == VANISHED)
        return jb_sensor_refuse(set, driver, id, "it is locked", "unlock it", err);
    const jb_rc rc = jb_sensor_add(set, &channel, meter, read_apart, NULL, err);
    return rc < 0 ? rc : jb_sensor_add_use(set, id, use_apart, err);
}

static jb_rc probe_configured(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                              struct jb_error *err)
{
    jb_rc rc = JB_OK;
    char id[64];

    for (size_t i = 0; i < env->meters->n_meters && rc == JB_OK; i++) {
        const char *const name = env->meters->meters[i].name;
        (void)snprintf(id, sizeof id, "plug/%s", name);
        rc = add_meter(set, "plug", id, strcmp(name, "a") == 0 ? METER_A : METER_B, err);
    }
    return rc;
}

static jb_rc probe_other(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                         struct jb_error *err)
{
    (void)env;
    return add_meter(set, "library", "library/board", METER_OTHER, err);
}

static bool other_is_there(const struct jb_sensor_env *env)
{
    (void)env;
    return atomic_load(&world->is_there) != 0;
}

static jb_rc read_fast(void *handle, const struct jb_sensor_env *env, unsigned long long *ret_raw)
{
    (void)handle;
    *ret_raw = (unsigned long long)jb_mono_ns(env->clock);
    return JB_OK;
}

static jb_rc probe_fast(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                        struct jb_error *err)
{
    const struct jb_channel channel = made("fast", "fast/one", 0);

    (void)env;
    return jb_sensor_add(set, &channel, NULL, read_fast, NULL, err);
}

/* Reads what `other` reads: whoever comes first in the table has it. */
static jb_rc probe_rival(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                         struct jb_error *err)
{
    const struct jb_channel channel = made("rival", "library/board", 0);

    (void)env;
    return jb_sensor_add(set, &channel, NULL, read_fast, NULL, err);
}

static const struct jb_sensor_driver configured = {.name = "plug",
                                                   .summary = "two plugs",
                                                   .probe = probe_configured,
                                                   .is_apart = true,
                                                   .is_configured = true};
static const struct jb_sensor_driver other = {.name = "library",
                                              .summary = "a library",
                                              .probe = probe_other,
                                              .is_apart = true,
                                              .is_there = other_is_there};
static const struct jb_sensor_driver fast = {
    .name = "fast", .summary = "read here", .probe = probe_fast};
static const struct jb_sensor_driver rival = {
    .name = "rival", .summary = "read here too", .probe = probe_rival};

static const struct jb_sensor_driver *const table[] = {&configured, &fast, &other, &rival, NULL};

struct bench {
    struct rig rig;
    struct jb_meters *meters;
    struct jb_sensor_set *set;
    size_t a, b, fast, board; /* places of the channels */
};

static size_t place(const struct bench *bench, const char *id)
{
    for (size_t i = 0; i < jb_sensor_n_channels(bench->set); i++)
        if (strcmp(jb_sensor_channel(bench->set, i)->id, id) == 0)
            return i;
    return SIZE_MAX;
}

static void fine_world(void)
{
    memset(world, 0, sizeof *world);
    atomic_store(&world->is_there, 1);
    for (int i = 0; i < N_METERS; i++)
        atomic_store(&world->meters[i].raw, 1000ull * (unsigned)(i + 1));
}

static void set_up(struct bench *bench)
{
    struct jb_error err = {0};

    rig_init(&bench->rig);
    bench->rig.manual.mono_ns = 1000 * S;
    bench->meters = calloc(1, sizeof *bench->meters);
    bench->meters->n_meters = 2;
    for (int i = 0; i < 2; i++) {
        (void)snprintf(bench->meters->meters[i].name, 48, "%c", 'a' + i);
        (void)snprintf(bench->meters->meters[i].driver, 16, "plug");
    }
    bench->rig.env.meters = bench->meters;
    bench->rig.env.drivers = table;
    if (jb_sensor_probe_all(&bench->rig.env, &bench->set, &err) < 0)
        bail_out("probing failed: %s", err.message);
    bench->a = place(bench, "plug/a");
    bench->b = place(bench, "plug/b");
    bench->fast = place(bench, "fast/one");
    bench->board = place(bench, "library/board");
}

static void tear_down(struct bench *bench)
{
    jb_sensor_set_free(bench->set);
    free(bench->meters);
    rig_tear_down(&bench->rig);
}

/* Steps the clock, asks, and waits for whoever answers quickly. */
static bool step(struct bench *bench, int64_t ns)
{
    jb_clock_manual_advance(&bench->rig.manual, ns);
    jb_sensor_ask(bench->set);
    return jb_sensor_wait(bench->set, bench->rig.manual.mono_ns + PATIENCE_NS);
}

/* The same without waiting: what a tick of the recorder does. */
static void tick(struct bench *bench, int64_t ns)
{
    jb_clock_manual_advance(&bench->rig.manual, ns);
    jb_sensor_ask(bench->set);
}

static jb_rc read_one(struct bench *bench, size_t i, struct jb_reading *ret)
{
    *ret = (struct jb_reading){.mono_ns = -1, .raw = 99};
    return jb_sensor_read(bench->set, i, ret);
}

/* Until the channel reads as wanted; the clock stands still. */
static bool comes_to(struct bench *bench, size_t i, jb_rc wanted)
{
    const int64_t until_ns = real_ns() + PATIENCE_NS;
    struct jb_reading reading;
    jb_rc rc = jb_sensor_read(bench->set, i, &reading);

    while (rc != wanted && real_ns() < until_ns) {
        nap(MS);
        rc = jb_sensor_read(bench->set, i, &reading);
    }
    return rc == wanted;
}

/* The clock goes on a second with each look, and what is gone is looked for. */
static bool comes_back(struct bench *bench, size_t i)
{
    const int64_t until_ns = real_ns() + PATIENCE_NS;
    struct jb_reading reading;
    const int64_t from_ns = bench->rig.manual.mono_ns;

    while (real_ns() < until_ns) {
        tick(bench, S);
        nap(20 * MS);
        (void)jb_sensor_reprobe(bench->set);
        if (jb_sensor_read(bench->set, i, &reading) == JB_OK && reading.mono_ns > from_ns)
            return true;
    }
    return false;
}

/* A zombie that waits for whoever buries orphans here is dead enough. */
static bool is_alive(pid_t pid)
{
    const struct jb_os os = jb_os_real("");
    char path[64];
    char text[1024];

    (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    return pid > 0 && jb_os_read_text(&os, path, text, sizeof text) > 0 && !strstr(text, ") Z ");
}

static bool dies(pid_t pid)
{
    const int64_t until_ns = real_ns() + PATIENCE_NS;

    while (is_alive(pid) && real_ns() < until_ns)
        nap(MS);
    return !is_alive(pid);
}

static void nothing_there(void)
{
    struct bench bench;
    struct jb_error err = {0};
    static const struct jb_sensor_driver *const few[] = {&other, &fast, &configured, NULL};

    fine_world();
    atomic_store(&world->is_there, 0);
    rig_init(&bench.rig);
    bench.rig.env.drivers = few;
    is_i64(jb_sensor_probe_all(&bench.rig.env, &bench.set, &err), JB_OK, "probing works");
    is_i64(jb_sensor_helper(bench.set), 0, "where nothing is to be asked no process is made");
    is_i64((int64_t)jb_sensor_n_channels(bench.set), 1, "what is read here is there");
    ok(jb_sensor_wait(bench.set, bench.rig.manual.mono_ns + S), "and there is nobody to wait for");
    jb_sensor_set_free(bench.set);
    rig_tear_down(&bench.rig);
}

static void order(void)
{
    struct bench bench;

    fine_world();
    set_up(&bench);
    is_i64((int64_t)jb_sensor_n_channels(bench.set), 4, "every channel is found once");
    ok(bench.a == 0 && bench.b == 1 && bench.fast == 2 && bench.board == 3,
       "in the order of the table of drivers");
    is_str(jb_sensor_channel(bench.set, bench.board)->driver, "library",
           "what is read apart and comes first is preferred to a later path");
    ok(rig_refusal(bench.set, "library/board"), "which is refused, as among drivers read here");
    ok(world->meters[METER_A].pid != world->meters[METER_B].pid &&
           world->meters[METER_A].pid != getpid(),
       "each configured meter is probed in a process of its own");
    ok(jb_sensor_is_apart(bench.set, bench.a) && !jb_sensor_is_apart(bench.set, bench.fast),
       "a channel says whether it is read apart");
    tear_down(&bench);
}

static void values(void)
{
    struct bench bench;
    struct jb_reading reading;
    struct jb_reading again;
    struct jb_sensor_board board = {0};
    struct jb_sensor_use uses[4] = {{0}};
    size_t n = 0;

    fine_world();
    set_up(&bench);
    ok(step(&bench, S), "they answer");
    is_i64(read_one(&bench, bench.a, &reading), JB_OK, "a meter read apart reads");
    ok(reading.raw == 1000 && reading.mono_ns == 1001 * S, "its value, and when it was taken");
    jb_clock_manual_advance(&bench.rig.manual, 200 * MS);
    is_i64(read_one(&bench, bench.a, &again), JB_OK, "unasked it reads the same again");
    ok(again.raw == reading.raw && again.mono_ns == reading.mono_ns, "with the time it was taken");
    atomic_store(&world->meters[METER_A].raw, 1234);
    ok(step(&bench, S) && read_one(&bench, bench.a, &reading) == JB_OK && reading.raw == 1234 &&
           reading.mono_ns == 1002 * S + 200 * MS,
       "asked again it is read again");
    is_i64(jb_sensor_board_use(bench.set, bench.a, &board, uses, 4, &n), JB_OK, "who uses it");
    ok(n == 2 && uses[1].pid == 101 && uses[0].busy_ns == 1234 && board.busy_ns == 40,
       "comes with its reading");
    is_i64(jb_sensor_board_use(bench.set, bench.a, &board, uses, 1, &n), JB_OK, "asked for one");
    is_i64((int64_t)n, 1, "one is told");
    is_i64(jb_sensor_board_use(bench.set, bench.fast, &board, uses, 4, &n), JB_E_UNAVAILABLE,
           "a channel that cannot say says so");
    ok(jb_sensor_helper_cpu_ns(bench.set) > 0, "what the processes use is known");
    tear_down(&bench);
}

static void periods(void)
{
    struct bench bench;

    fine_world();
    atomic_store(&world->meters[METER_A].update_ns, 2 * S);
    set_up(&bench);
    (void)step(&bench, 0);
    const int a0 = world->meters[METER_A].n_reads;
    const int b0 = world->meters[METER_B].n_reads;
    for (int i = 0; i < 40; i++) { /* 4 s in steps of 100 ms */
        tick(&bench, 100 * MS);
        (void)comes_to(&bench, bench.b, JB_OK);
        nap(2 * MS);
    }
    const int a = world->meters[METER_A].n_reads - a0;
    const int b = world->meters[METER_B].n_reads - b0;
    ok(a >= 1 && a <= 2, "a meter is not asked more often than it renews its value (%d)", a);
    ok(b > 10 && b <= 41, "one that says nothing is asked each time it has answered (%d)", b);
    is_i64(jb_sensor_channel(bench.set, bench.a)->update_ns, 2 * S, "the channel says so");
    tear_down(&bench);
}

static void hanging(void)
{
    struct bench bench;
    struct jb_reading reading;
    int n_fast = 0;
    int n_b = 0;
    int64_t longest_ns = 0;
    bool was_silent = false;
    jb_rc late_rc = JB_OK;
    int64_t last_b_ns = 0;

    fine_world();
    set_up(&bench);
    (void)step(&bench, S);
    (void)read_one(&bench, bench.a, &reading);
    atomic_store(&world->meters[METER_A].fault, HANGS);
    for (int i = 0; i < 300; i++) { /* 30 s at ten a second */
        const int64_t begin_ns = real_ns();
        tick(&bench, 100 * MS);
        n_fast += read_one(&bench, bench.fast, &reading) == JB_OK &&
                  reading.mono_ns == bench.rig.manual.mono_ns;
        late_rc = read_one(&bench, bench.a, &reading);
        const int64_t took_ns = real_ns() - begin_ns;
        longest_ns = took_ns > longest_ns ? took_ns : longest_ns;
        nap(2 * MS);
        if (read_one(&bench, bench.b, &reading) == JB_OK && reading.mono_ns != last_b_ns) {
            last_b_ns = reading.mono_ns;
            n_b++;
        }
        was_silent = was_silent || jb_sensor_is_silent(bench.set, bench.a);
    }
    is_i64(n_fast, 300, "while one hangs for 30 s a fast one has every sample");
    ok(n_b > 100, "and so has another of the same driver that answers (%d of 300)", n_b);
    ok(longest_ns < S, "no tick waited for it (%lld us)", (long long)(longest_ns / 1000));
    is_i64(late_rc, JB_E_AGAIN, "it has no value any more, but is not gone");
    atomic_store(&world->meters[METER_A].fault, FINE);
    ok(comes_back(&bench, bench.a), "it goes on when it answers again");
    ok(!was_silent || !jb_sensor_is_silent(bench.set, bench.a), "and is not silent any more");
    is_i64(world->meters[METER_A].n_probes, 1, "in the same process");
    tear_down(&bench);
}

static void boundary(void)
{
    struct bench bench;

    fine_world();
    set_up(&bench);
    for (int i = 0; i < 4; i++)
        (void)step(&bench, S);
    atomic_store(&world->meters[METER_A].fault, HANGS);
    jb_clock_manual_advance(&bench.rig.manual, S);
    const int64_t begin_ns = real_ns();
    ok(!jb_sensor_wait(bench.set, bench.rig.manual.mono_ns + 30 * MS),
       "at a boundary one that was quick is waited for, and it is told that it did not answer");
    const int64_t took_ns = real_ns() - begin_ns;
    ok(took_ns >= 30 * MS && took_ns < 5 * S, "as long as was allowed (%lld us)",
       (long long)(took_ns / 1000));
    atomic_store(&world->meters[METER_A].fault, FINE);
    ok(comes_back(&bench, bench.a), "it answers late");
    tear_down(&bench);
}

static void garbage(void)
{
    struct bench bench;
    struct jb_reading reading;

    fine_world();
    set_up(&bench);
    (void)step(&bench, S);
    is_i64(read_one(&bench, bench.board, &reading), JB_OK, "a meter reads");
    atomic_store(&world->meters[METER_OTHER].fault, GARBAGE);
    (void)step(&bench, S);
    is_i64(read_one(&bench, bench.board, &reading), JB_E_IO, "what fails says so");
    ok(reading.raw == 99, "and is no number");
    is_i64(read_one(&bench, bench.board, &reading), JB_OK,
           "one failure counts once: then the last good value stands, with its time");
    is_i64(reading.mono_ns, 1001 * S, "as long as it is fresh");
    for (int i = 0; i < 6; i++)
        (void)step(&bench, S);
    (void)read_one(&bench, bench.board, &reading);
    is_i64(read_one(&bench, bench.board, &reading), JB_E_AGAIN, "an old one does not");
    atomic_store(&world->meters[METER_OTHER].fault, FINE);
    (void)step(&bench, S);
    is_i64(read_one(&bench, bench.board, &reading), JB_OK, "it recovers");
    tear_down(&bench);
}

static void crashing(void)
{
    struct bench bench;
    struct jb_reading reading;

    fine_world();
    set_up(&bench);
    (void)step(&bench, S);
    const pid_t before = world->meters[METER_OTHER].pid;
    atomic_store(&world->meters[METER_OTHER].fault, CRASHES);
    tick(&bench, S);
    ok(dies(before), "a library that crashes takes its process with it, which is buried");
    atomic_store(&world->meters[METER_OTHER].fault, FINE);
    is_i64(read_one(&bench, bench.fast, &reading), JB_OK, "another meter reads on");
    ok(read_one(&bench, bench.board, &reading) == JB_OK && reading.mono_ns == 1001 * S,
       "its last value stands while it is fresh");
    ok(comes_back(&bench, bench.board), "it is started again, without anybody waiting");
    ok(world->meters[METER_OTHER].pid != before, "in a process of its own");
    is_i64(world->meters[METER_OTHER].n_probes, 2, "which looked for its meters anew");
    tear_down(&bench);
}

/* R-READER-04: each life answers once and crashes at the next ask. */
static void crashing_again_and_again(void)
{
    struct bench bench;

    fine_world();
    set_up(&bench);
    atomic_store(&world->meters[METER_OTHER].fault, CRASHES_LATER);
    for (int i = 0; i < 60; i++) {
        tick(&bench, S);
        nap(10 * MS);
    }
    const int n = world->meters[METER_OTHER].n_probes;
    ok(n > 2 && n < 9, "the waits grow though each life answers once: %d processes in a minute", n);
    atomic_store(&world->meters[METER_OTHER].fault, FINE);
    ok(comes_back(&bench, bench.board), "it comes back");
    for (int i = 0; i < 10; i++)
        (void)step(&bench, 64 * S);
    const int before = world->meters[METER_OTHER].n_probes;
    (void)kill(world->meters[METER_OTHER].pid, SIGKILL);
    ok(dies(world->meters[METER_OTHER].pid), "and, when it has lived long, dies once more");
    /* Far less than the wait had grown to; when its end is seen depends on the machine. */
    for (int i = 0; i < 40 && world->meters[METER_OTHER].n_probes <= before; i++) {
        tick(&bench, 100 * MS);
        nap(10 * MS);
    }
    ok(world->meters[METER_OTHER].n_probes > before, "it is back after a second or so");
    tear_down(&bench);
}

/* A count that lives in the process cannot be continued by the next one. */
static void local_count(void)
{
    struct bench bench;
    struct jb_reading reading;

    fine_world();
    atomic_store(&world->is_local, 1);
    set_up(&bench);
    (void)step(&bench, S);
    is_i64(read_one(&bench, bench.board, &reading), JB_OK, "a count of the process itself reads");
    (void)kill(world->meters[METER_OTHER].pid, SIGKILL);
    ok(comes_to(&bench, bench.board, JB_E_GONE), "it is gone with the process (R-READER-05)");
    ok(comes_back(&bench, bench.board), "and comes back with the next one");
    tear_down(&bench);
}

static void hanging_for_good(void)
{
    struct bench bench;

    fine_world();
    set_up(&bench);
    (void)step(&bench, S);
    const pid_t before = world->meters[METER_B].pid;
    atomic_store(&world->meters[METER_B].fault, HANGS);
    tick(&bench, S);
    nap(5 * MS);
    tick(&bench, 59 * S);
    nap(20 * MS);
    ok(is_alive(before), "a minute is what a meter may take");
    tick(&bench, 2 * S);
    ok(dies(before), "one that has not answered by then is killed (R-READER-04)");
    atomic_store(&world->meters[METER_B].fault, FINE);
    ok(comes_back(&bench, bench.b), "and started again");
    ok(world->meters[METER_B].pid != before && world->meters[METER_A].n_probes == 1,
       "alone: its neighbour is not");
    tear_down(&bench);
}

static void vanishing(void)
{
    struct bench bench;
    struct jb_reading reading;

    fine_world();
    set_up(&bench);
    (void)step(&bench, S);
    atomic_store(&world->meters[METER_OTHER].fault, VANISHED);
    (void)step(&bench, S);
    is_i64(read_one(&bench, bench.board, &reading), JB_E_GONE, "a device that went away is gone");
    is_i64((int64_t)jb_sensor_reprobe(bench.set), 0, "looking for it does not find it");
    (void)step(&bench, S);
    is_i64(read_one(&bench, bench.board, &reading), JB_E_GONE, "nor does it read");
    atomic_store(&world->meters[METER_OTHER].fault, FINE);
    ok(comes_back(&bench, bench.board), "when it is there again it reads again");
    tear_down(&bench);
}

static void probing(void)
{
    struct bench bench;
    const struct jb_sensor_refusal *refusal;

    fine_world();
    atomic_store(&world->meters[METER_A].at_probe, HANGS);
    atomic_store(&world->meters[METER_B].at_probe, CRASHES);
    atomic_store(&world->meters[METER_OTHER].at_probe, GARBAGE);
    const int64_t begin_ns = real_ns();
    set_up(&bench);
    const int64_t took_ns = real_ns() - begin_ns;
    ok(took_ns > 2 * S && took_ns < 15 * S, "probing waits for no meter for ever (%lld ms)",
       (long long)(took_ns / MS));
    is_i64((int64_t)jb_sensor_n_channels(bench.set), 2, "the others are there");
    is_str(jb_sensor_channel(bench.set, 1)->driver, "rival",
           "and a second path stands in for the one that failed");
    refusal = rig_refusal(bench.set, "plug/a");
    ok(refusal && strstr(refusal->reason, "no answer within 3 s"), "who gave no answer is refused");
    refusal = rig_refusal(bench.set, "plug/b");
    ok(refusal && strstr(refusal->reason, "signal 11"), "so is who crashed");
    refusal = rig_refusal(bench.set, "library");
    ok(refusal && strcmp(refusal->reason, "it talks nonsense") == 0 &&
           strcmp(refusal->step, "ask its maker") == 0,
       "and who failed, with its reason and step");
    ok(dies(world->meters[METER_A].pid), "the process that hung is ended");
    is_i64(jb_sensor_helper(bench.set), 0, "and with nothing to read no process stays");
    tear_down(&bench);

    fine_world();
    atomic_store(&world->meters[METER_OTHER].at_probe, VANISHED);
    set_up(&bench);
    refusal = rig_refusal(bench.set, "library/board");
    ok(refusal && strcmp(refusal->step, "unlock it") == 0,
       "a driver's own refusal comes through as it is");
    tear_down(&bench);
}

/* Ctrl-C while the start waits for a meter. */
static void interrupted(void)
{
    struct bench bench;
    sigset_t set;
    sigset_t mask;

    fine_world();
    atomic_store(&world->meters[METER_A].at_probe, HANGS);
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGINT);
    (void)sigprocmask(SIG_BLOCK, &set, &mask);
    (void)raise(SIGINT);
    const int64_t begin_ns = real_ns();
    set_up(&bench);
    ok(real_ns() - begin_ns < 2 * S, "nobody waits for a meter to be rid of a command");
    const struct jb_sensor_refusal *const refusal = rig_refusal(bench.set, "a");
    ok(refusal && strstr(refusal->reason, "end was asked for"), "which is why it is not read");
    (void)sigtimedwait(&set, NULL, &(const struct timespec){0});
    (void)sigprocmask(SIG_SETMASK, &mask, NULL);
    tear_down(&bench);
}

static void keeper(void)
{
    struct bench bench;
    int status;
    char path[64];
    char target[64];

    fine_world();
    set_up(&bench);
    (void)step(&bench, S);
    const pid_t helper = jb_sensor_helper(bench.set);
    const pid_t a = world->meters[METER_A].pid;
    ok(is_alive(helper) && getpgid(helper) != getpgrp() && getsid(a) == helper,
       "they are in a session of their own: no signal for the command reaches them");
    (void)snprintf(path, sizeof path, "/proc/%d/fd/3", (int)a);
    ok(readlink(path, target, sizeof target) < 0, "they hold no file of ours");
    (void)kill(helper, SIGKILL);
    ok(waitpid(helper, &status, 0) == helper && dies(a), "without their keeper they end");
    jb_sensor_helper_ended(bench.set, helper);
    is_i64(jb_sensor_helper(bench.set), 0, "who waited for it says so");
    ok(comes_back(&bench, bench.a), "then there is another one");
    ok(jb_sensor_helper(bench.set) > 0, "with a number of its own");
    tear_down(&bench);
}

static void files(void)
{
    struct bench bench;
    char path[64];

    fine_world();
    (void)snprintf(path, sizeof path, "/tmp/test_reader.%d", (int)getpid());
    const int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    const int second = open(path, O_RDWR | O_CLOEXEC);
    ok(lock >= 0 && second >= 0 && flock(lock, LOCK_EX) == 0, "a lock is held");
    set_up(&bench);
    (void)step(&bench, S);
    (void)close(lock);
    ok(flock(second, LOCK_EX | LOCK_NB) == 0, "it passes on though readers live");
    (void)close(second);
    (void)unlink(path);
    tear_down(&bench);
}

static void ending(void)
{
    struct bench bench;

    fine_world();
    set_up(&bench);
    atomic_store(&world->meters[METER_A].fault, HANGS);
    tick(&bench, S);
    nap(5 * MS);
    const pid_t a = world->meters[METER_A].pid;
    const pid_t b = world->meters[METER_B].pid;
    const int64_t begin_ns = real_ns();
    tear_down(&bench);
    ok(real_ns() - begin_ns < 5 * S, "the end waits for nobody who hangs");
    ok(dies(a) && dies(b), "and nobody is left");
    ok(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD, "not even a zombie");
}

static pid_t left_behind(void)
{
    const int64_t until_ns = real_ns() + PATIENCE_NS;

    while (atomic_load(&world->left) == 0 && real_ns() < until_ns)
        nap(MS);
    return atomic_load(&world->left);
}

/* What a command of a reader started ends with it, however that ends. */
static void commands(void)
{
    struct bench bench;

    fine_world();
    atomic_store(&world->has_command, 1);
    set_up(&bench);
    pid_t left = left_behind();
    ok(is_alive(left), "a reader's command starts another");
    tear_down(&bench);
    ok(dies(left), "which ends with the recording");

    fine_world();
    atomic_store(&world->has_command, 1);
    set_up(&bench);
    left = left_behind();
    (void)kill(atomic_load(&world->meters[METER_OTHER].pid), SIGKILL);
    ok(dies(left), "and with the reader");
    tear_down(&bench);

    fine_world();
    atomic_store(&world->has_command, 1);
    const pid_t recorder = fork();
    if (recorder == 0) {
        set_up(&bench);
        sleep_on();
    }
    left = left_behind();
    const pid_t reader = atomic_load(&world->meters[METER_OTHER].pid);
    ok(is_alive(left) && is_alive(reader), "so it is in another process");
    (void)kill(recorder, SIGKILL);
    (void)waitpid(recorder, NULL, 0);
    ok(dies(left) && dies(reader), "and where that is killed");
}

int main(void)
{
    world = mmap(NULL, sizeof *world, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (world == MAP_FAILED)
        bail_out("no shared memory");
    nothing_there();
    order();
    values();
    periods();
    hanging();
    boundary();
    garbage();
    crashing();
    crashing_again_and_again();
    local_count();
    hanging_for_good();
    vanishing();
    probing();
    interrupted();
    keeper();
    files();
    ending();
    commands();
    return done_testing();
}
