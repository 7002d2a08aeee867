/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command that knows when it ran and what it used: writes CLOCK_MONOTONIC at its first and last instruction and its
 * CPU time into a file. Test tool; uses nothing of the project.
 *
 *   burn [OPTION VALUE]...
 *     --out FILE       "begin_ns=... end_ns=... cpu_ns=... pid=..." when it ends; children add lines of their own
 *     --sleep S        sleeps so long;   --cpu S  burns so much CPU time in each thread;   --wall S  burns until then
 *     --threads N      burning threads;  --children N  so many more processes do the same, and are waited for
 *     --daemon N       so many do the same after a double fork, and nobody waits for them
 *     --memory MIB     resident memory;  --heartbeat FILE  grows by a byte every 10 ms;  --exit CODE
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S INT64_C(1000000000)

struct work {
    const char *out, *heartbeat;
    int64_t sleep_ns, cpu_ns, wall_ns, memory_mib;
    int64_t n_threads, n_children, n_daemons, exit_code;
    int64_t begin_ns;
};

static int64_t clock_ns(clockid_t id)
{
    struct timespec ts;

    clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

static void fail(const char *what)
{
    (void)fprintf(stderr, "burn: %s\n", what);
    _exit(99);
}

/* Seconds with up to nine places, or a whole number where scale is 1. */
static int64_t number(const char *text, int64_t scale)
{
    int64_t value = 0;
    int64_t rest = scale;

    for (; *text >= '0' && *text <= '9'; text++)
        value = value * 10 + (*text - '0');
    value *= scale;
    if (*text == '.')
        for (text++; *text >= '0' && *text <= '9' && rest >= 10; text++) {
            rest /= 10;
            value += rest * (*text - '0');
        }
    if (*text != '\0')
        fail("a number is no number");
    return value;
}

static void *burn(void *arg)
{
    const struct work *const work = arg;
    const int64_t until_ns = clock_ns(CLOCK_MONOTONIC) + work->wall_ns;
    volatile uint64_t sink = 1;

    for (;;) {
        const bool is_done = work->cpu_ns > 0 ? clock_ns(CLOCK_THREAD_CPUTIME_ID) >= work->cpu_ns
                                              : clock_ns(CLOCK_MONOTONIC) >= until_ns;
        if (is_done)
            return NULL;
        for (int i = 0; i < 20000; i++)
            sink = sink * UINT64_C(6364136223846793005) + 1;
    }
}

static void rest(const struct work *work)
{
    const int64_t until_ns = work->begin_ns + work->sleep_ns;
    const int fd = work->heartbeat
                       ? open(work->heartbeat, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)
                       : -1;

    while (clock_ns(CLOCK_MONOTONIC) < until_ns) {
        int64_t step_ns = clock_ns(CLOCK_MONOTONIC) + NS_PER_S / 100;
        if (fd < 0 || step_ns > until_ns)
            step_ns = until_ns;
        const struct timespec until = {.tv_sec = step_ns / NS_PER_S, .tv_nsec = step_ns % NS_PER_S};
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
            ;
        if (fd >= 0 && write(fd, ".", 1) != 1)
            fail("cannot write the heartbeat");
    }
    if (fd >= 0)
        close(fd);
}

static void report(const struct work *work)
{
    char text[256];
    const int64_t cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
    const int64_t end_ns = clock_ns(CLOCK_MONOTONIC);
    const int len = snprintf(text, sizeof text,
                             "begin_ns=%" PRId64 " end_ns=%" PRId64 " cpu_ns=%" PRId64 " pid=%d\n",
                             work->begin_ns, end_ns, cpu_ns, (int)getpid());
    const int fd =
        work->out ? open(work->out, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644) : -1;

    if (work->out && (fd < 0 || write(fd, text, (size_t)len) != len))
        fail("cannot write the report");
}

static void do_work(const struct work *work)
{
    pthread_t threads[64];

    if (work->memory_mib > 0) {
        const size_t size = (size_t)work->memory_mib << 20;
        void *const memory =
            mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED)
            fail("no memory");
        memset(memory, 1, size);
    }
    if (work->cpu_ns > 0 || work->wall_ns > 0) {
        for (int64_t i = 1; i < work->n_threads; i++)
            if (pthread_create(&threads[i], NULL, burn, (void *)(uintptr_t)work) != 0)
                fail("cannot start a thread");
        (void)burn((void *)(uintptr_t)work);
        for (int64_t i = 1; i < work->n_threads; i++)
            (void)pthread_join(threads[i], NULL);
    }
    rest(work);
}

/* A process of its own; a daemon is the child of a child that is gone. */
static void start(const struct work *work, bool is_daemon)
{
    const pid_t pid = fork();

    if (pid < 0)
        fail("cannot fork");
    if (pid > 0) {
        if (is_daemon)
            (void)waitpid(pid, NULL, 0);
        return;
    }
    if (is_daemon && fork() != 0)
        _exit(0);
    struct work own = *work;
    own.begin_ns = clock_ns(CLOCK_MONOTONIC);
    do_work(&own);
    report(&own);
    _exit(0);
}

int main(int argc, char **argv)
{
    struct work work = {.begin_ns = clock_ns(CLOCK_MONOTONIC), .n_threads = 1};

    for (int i = 1; i < argc; i += 2) {
        const char *const value = i + 1 < argc ? argv[i + 1] : "";
        const char *const option = argv[i];
        if (strcmp(option, "--out") == 0)
            work.out = value;
        else if (strcmp(option, "--heartbeat") == 0)
            work.heartbeat = value;
        else if (strcmp(option, "--sleep") == 0)
            work.sleep_ns = number(value, NS_PER_S);
        else if (strcmp(option, "--cpu") == 0)
            work.cpu_ns = number(value, NS_PER_S);
        else if (strcmp(option, "--wall") == 0)
            work.wall_ns = number(value, NS_PER_S);
        else if (strcmp(option, "--threads") == 0)
            work.n_threads = number(value, 1);
        else if (strcmp(option, "--children") == 0)
            work.n_children = number(value, 1);
        else if (strcmp(option, "--daemon") == 0)
            work.n_daemons = number(value, 1);
        else if (strcmp(option, "--memory") == 0)
            work.memory_mib = number(value, 1);
        else if (strcmp(option, "--exit") == 0)
            work.exit_code = number(value, 1);
        else
            fail("an option is not known");
    }
    if (work.n_threads < 1 || work.n_threads > 64)
        fail("1 to 64 threads");
    for (int64_t i = 0; i < work.n_children; i++)
        start(&work, false);
    for (int64_t i = 0; i < work.n_daemons; i++)
        start(&work, true);
    do_work(&work);
    for (int64_t i = 0; i < work.n_children; i++)
        (void)wait(NULL);
    report(&work);
    return (int)work.exit_code;
}
