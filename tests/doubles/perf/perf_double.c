/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The C library's `syscall` with perf_event_open answered from the file named in JB_PERF_SCRIPT (README.md). It is called in a
 * vforked child: what it needs is read when the program starts, and it changes nothing later.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define N_EVENTS 3

static const struct {
    const char *name;
    uint64_t config;
} events[N_EVENTS] = {
    {"instructions ", PERF_COUNT_HW_INSTRUCTIONS},
    {"cycles ", PERF_COUNT_HW_CPU_CYCLES},
    {"ref-cycles ", PERF_COUNT_HW_REF_CPU_CYCLES},
};

static struct {
    int error; /* ENOENT unless the script says otherwise */
    uint64_t words[3];
} answers[N_EVENTS];
static int kernel_error;
static long (*real_syscall)(long number, ...);

/* A number with an optional '-'; what follows it in *at. */
static int64_t number(const char **at)
{
    const bool is_negative = **at == '-';
    int64_t value = 0;

    *at += is_negative;
    for (; **at >= '0' && **at <= '9'; (*at)++)
        value = value * 10 + (**at - '0');
    while (**at == ' ')
        (*at)++;
    return is_negative ? -value : value;
}

static void read_line(const char *line)
{
    if (strncmp(line, "kernel ", 7) == 0) {
        line += 7;
        kernel_error = (int)-number(&line);
    }
    for (int i = 0; i < N_EVENTS; i++) {
        if (strncmp(line, events[i].name, strlen(events[i].name)) != 0)
            continue;
        line += strlen(events[i].name);
        const int64_t first = number(&line);
        answers[i].error = first < 0 ? (int)-first : 0;
        answers[i].words[0] = (uint64_t)first;
        answers[i].words[1] = (uint64_t)number(&line);
        answers[i].words[2] = (uint64_t)number(&line);
    }
}

__attribute__((constructor)) static void begin(void)
{
    const char *const path = getenv("JB_PERF_SCRIPT");
    char text[4096];

    real_syscall = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
    for (int i = 0; i < N_EVENTS; i++)
        answers[i].error = ENOENT;
    const int handle = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (handle < 0)
        return;
    const ssize_t len = read(handle, text, sizeof text - 1);
    text[len > 0 ? len : 0] = '\0';
    (void)close(handle);
    for (char *line = text; line;) {
        char *const end = strchr(line, '\n');
        if (end)
            *end = '\0';
        read_line(line);
        line = end ? end + 1 : NULL;
    }
}

/* -1 with errno, as the C library tells it. */
static long refuse(int error)
{
    errno = error;
    return -1;
}

static long answer(const struct perf_event_attr *attr, long pid, long cpu, long group,
                   unsigned long flags)
{
    /* Those that count the machine (RAPL's) are none of a process, and this kernel has none of them. */
    if (attr->type != PERF_TYPE_HARDWARE)
        return refuse(ENOENT);
    if (attr->size != sizeof *attr || !attr->inherit || !attr->enable_on_exec || !attr->disabled ||
        attr->read_format != (PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING) ||
        attr->sample_period != 0 || attr->pinned || attr->exclude_kernel != attr->exclude_hv ||
        pid != 0 || cpu != -1 || group != -1 || flags != PERF_FLAG_FD_CLOEXEC)
        return refuse(E2BIG);
    if (kernel_error != 0 && !attr->exclude_kernel)
        return refuse(kernel_error);
    for (int i = 0; i < N_EVENTS; i++) {
        if (events[i].config != attr->config)
            continue;
        if (answers[i].error != 0)
            return refuse(answers[i].error);
        const int handle = memfd_create("perf", MFD_CLOEXEC);
        if (handle < 0)
            return -1;
        if (write(handle, answers[i].words, sizeof answers[i].words) !=
            (ssize_t)sizeof answers[i].words) {
            (void)close(handle);
            return refuse(EIO);
        }
        return handle;
    }
    return refuse(ENOENT);
}

__attribute__((visibility("default"))) long syscall(long which, ...)
{
    va_list args;
    long values[6];

    va_start(args, which);
    for (int i = 0; i < 6; i++)
        values[i] = va_arg(args, long);
    va_end(args);
    if (which == SYS_perf_event_open) {
        struct perf_event_attr *attr;
        memcpy(&attr, &values[0], sizeof attr);
        /* Integers come as ints: only their low half is told. */
        return answer(attr, (int)values[1], (int)values[2], (int)values[3],
                      (unsigned long)values[4]);
    }
    return real_syscall(which, values[0], values[1], values[2], values[3], values[4], values[5]);
}
