/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The least that a sampler can be: sleeps to a deadline of the monotonic clock and preads the same files, keeping nothing.
 * The bound that Joulebook's sampling is held against. Prints its CPU time, missed deadlines and memory.
 *
 *   sampler PERIOD_MS SECONDS FILE...
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define FILES_MAX 256
#define NS_PER_S  INT64_C(1000000000)

static int64_t clock_ns(clockid_t id)
{
    struct timespec ts;

    clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

static int64_t number(const char *text)
{
    int64_t value = 0;

    for (; *text >= '0' && *text <= '9'; text++)
        value = value * 10 + (*text - '0');
    return value;
}

int main(int argc, char **argv)
{
    int fds[FILES_MAX];
    int n = 0;
    char text[64];
    int64_t missed = 0;
    int64_t reads = 0;

    if (argc < 4 || argc - 3 > FILES_MAX)
        return 2;
    const int64_t period_ns = number(argv[1]) * 1000000;
    if (period_ns <= 0)
        return 2;
    const int64_t end_ns = clock_ns(CLOCK_MONOTONIC) + number(argv[2]) * NS_PER_S;
    for (int i = 3; i < argc; i++) {
        fds[n] = open(argv[i], O_RDONLY | O_CLOEXEC);
        if (fds[n++] < 0)
            return 3;
    }
    prctl(PR_SET_TIMERSLACK, 1UL);
    const int64_t cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
    for (int64_t next_ns = clock_ns(CLOCK_MONOTONIC) + period_ns; next_ns < end_ns;
         next_ns += period_ns) {
        const struct timespec until = {.tv_sec = next_ns / NS_PER_S, .tv_nsec = next_ns % NS_PER_S};
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
            ;
        const int64_t late = (clock_ns(CLOCK_MONOTONIC) - next_ns) / period_ns;
        missed += late;
        next_ns += late * period_ns;
        for (int i = 0; i < n; i++)
            reads += pread(fds[i], text, sizeof text, 0) > 0 ? 1 : 0;
    }
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("cpu_ns=%" PRId64 " missed=%" PRId64 " reads=%" PRId64 " resident_kib=%ld\n",
           clock_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu_ns, missed, reads, usage.ru_maxrss);
    return 0;
}
