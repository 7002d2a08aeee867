/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /proc/stat and /proc/meminfo to struct jb_machine. R-CPU-20, R-CPU-21, R-CPU-22. It never lets a figure fall, and
 * never fills in one that the kernel did not give.
 */
#include "subject/machine.h"

#include <string.h>

#include "base/num.h"
#include "subject/proc_text.h"

#define STAT_PATH    "/proc/stat"
#define MEMINFO_PATH "/proc/meminfo"

/* The first line of /proc/stat is "cpu" and ten numbers of at most 20 digits. */
#define STAT_BYTES 512
/* MemTotal, MemFree and MemAvailable are its first three lines. */
#define MEMINFO_BYTES 1024

/* The columns of proc_stat(5). A kernel too old for the later ones had no such time to tell. */
enum { USER, NICE, SYSTEM, IDLE, IOWAIT, IRQ, SOFTIRQ, STEAL, N_COLUMNS };
enum { N_COLUMNS_LEAST = IDLE + 1 };

struct jb_machine_reader {
    struct jb_os os;
    int stat_handle;
    int meminfo_handle;
    int64_t ticks_hz;
    int64_t memory_mono_ns; /* when the memory below was read */
    struct jb_machine last;
    bool has_memory;
};

static void close_handle(const struct jb_os *os, int handle)
{
    if (handle >= 0)
        os->close(os->context, handle);
}

void jb_machine_close(struct jb_machine_reader *reader)
{
    if (!reader)
        return;
    close_handle(&reader->os, reader->stat_handle);
    close_handle(&reader->os, reader->meminfo_handle);
    free(reader);
}

/* "cpu  1 2 3 ...\n" into ticks; columns that are not there stay 0. */
static jb_rc parse_cpu_line(const char *text, size_t len, int64_t ticks[N_COLUMNS])
{
    const char *const newline = len > 0 ? memchr(text, '\n', len) : NULL;
    const char *const end = newline ? newline : text + len;
    const char *at = text + 4;
    unsigned column = 0;

    if (len < 4 || memcmp(text, "cpu ", 4) != 0)
        return JB_E_INPUT;
    while (column < N_COLUMNS) {
        while (at < end && *at == ' ')
            at++;
        const char *const word = at;
        while (at < end && *at != ' ')
            at++;
        if (at == word)
            break;
        if (jb_parse_i64(word, (size_t)(at - word), false, &ticks[column]) < 0 || ticks[column] < 0)
            return JB_E_INPUT;
        column++;
    }
    return column >= N_COLUMNS_LEAST ? JB_OK : JB_E_INPUT;
}

static jb_rc ticks_to_ns(const struct jb_machine_reader *reader, const int64_t *ticks,
                         const int *columns, size_t n_columns, int64_t *ret_ns)
{
    int64_t sum = 0;

    for (size_t i = 0; i < n_columns; i++)
        if (jb_add_i64(sum, ticks[columns[i]], &sum) < 0)
            return JB_E_RANGE;
    return jb_muldiv_i64(sum, JB_NS_PER_S, reader->ticks_hz, JB_ROUND_FLOOR, ret_ns);
}

static jb_rc read_cpu(struct jb_machine_reader *reader, struct jb_machine *machine,
                      struct jb_error *err)
{
    static const int busy_columns[] = {USER, NICE, SYSTEM, IRQ, SOFTIRQ};
    static const int all_columns[] = {USER, NICE, SYSTEM, IDLE, IOWAIT, IRQ, SOFTIRQ, STEAL};
    char text[STAT_BYTES];
    int64_t ticks[N_COLUMNS] = {0};
    int64_t busy_ns;
    int64_t capacity_ns;

    const ssize_t len =
        reader->os.pread(reader->os.context, reader->stat_handle, text, sizeof text, 0);
    if (len < 0)
        return jb_fail_errno(err, (int)-len, NULL, "cannot read '%s'", STAT_PATH);
    if (parse_cpu_line(text, (size_t)len, ticks) < 0)
        return jb_fail(err, JB_E_INPUT, "its first line is to read 'cpu' and at least four numbers",
                       "'%s' is not as the kernel writes it", STAT_PATH);
    if (ticks_to_ns(reader, ticks, busy_columns, JB_ARRAY_LEN(busy_columns), &busy_ns) < 0 ||
        ticks_to_ns(reader, ticks, all_columns, JB_ARRAY_LEN(all_columns), &capacity_ns) < 0)
        return jb_fail(err, JB_E_RANGE, NULL, "a time in '%s' is too large", STAT_PATH);
    /* iowait may step back by some ticks: the contract of struct jb_machine says never. */
    if (busy_ns > machine->busy_ns)
        machine->busy_ns = busy_ns;
    if (capacity_ns > machine->capacity_ns)
        machine->capacity_ns = capacity_ns;
    return JB_OK;
}

/* "MemTotal:  16384 kB" in bytes. */
static jb_rc memory_value(const char *text, size_t len, const char *key, int64_t *ret_bytes)
{
    const char *value;
    size_t value_len;
    int64_t kib;
    const jb_rc rc = jb_proc_value(text, len, key, &value, &value_len);

    if (rc < 0)
        return rc;
    if (value_len < 3 || memcmp(value + value_len - 3, " kB", 3) != 0)
        return JB_E_INPUT;
    if (jb_parse_i64(value, value_len - 3, false, &kib) < 0 || kib < 0)
        return JB_E_INPUT;
    return jb_mul_i64(kib, 1024, ret_bytes);
}

static jb_rc read_memory(struct jb_machine_reader *reader, struct jb_machine *machine,
                         struct jb_error *err)
{
    char text[MEMINFO_BYTES];
    int64_t total_bytes;
    int64_t available_bytes;

    const ssize_t len =
        reader->os.pread(reader->os.context, reader->meminfo_handle, text, sizeof text, 0);
    if (len < 0)
        return jb_fail_errno(err, (int)-len, NULL, "cannot read '%s'", MEMINFO_PATH);
    if (memory_value(text, (size_t)len, "MemTotal", &total_bytes) < 0 ||
        memory_value(text, (size_t)len, "MemAvailable", &available_bytes) < 0)
        return jb_fail(err, JB_E_INPUT, "Linux writes both since 3.14",
                       "'%s' does not tell MemTotal and MemAvailable", MEMINFO_PATH);
    machine->memory_total_bytes = total_bytes;
    /* Available is an estimate of the kernel's, and a container's file may mix two sources. */
    machine->memory_used_bytes = total_bytes > available_bytes ? total_bytes - available_bytes : 0;
    return JB_OK;
}

jb_rc jb_machine_read(struct jb_machine_reader *reader, const struct jb_clock *clock,
                      struct jb_machine *ret_machine, struct jb_error *err)
{
    struct jb_machine machine = reader->last;
    const int64_t now_ns = jb_mono_ns(clock);

    const jb_rc cpu_rc = read_cpu(reader, &machine, err);
    if (cpu_rc < 0)
        return cpu_rc;
    if (!reader->has_memory || now_ns - reader->memory_mono_ns >= JB_MACHINE_MEMORY_PERIOD_NS) {
        const jb_rc memory_rc = read_memory(reader, &machine, err);
        if (memory_rc < 0)
            return memory_rc;
        reader->memory_mono_ns = now_ns;
        reader->has_memory = true;
    }
    reader->last = machine;
    *ret_machine = machine;
    return JB_OK;
}

static jb_rc open_file(const struct jb_os *os, const char *path, int *ret_handle,
                       struct jb_error *err)
{
    const int handle = os->open_read(os->context, path);

    if (handle < 0)
        return jb_fail_errno(err, -handle, "mount /proc so that this process can read it",
                             "cannot open '%s'", path);
    *ret_handle = handle;
    return JB_OK;
}

jb_rc jb_machine_open(const struct jb_os *os, struct jb_machine_reader **ret_reader,
                      struct jb_error *err)
{
    JB_AUTO(jb_machine_close_auto) struct jb_machine_reader *reader = calloc(1, sizeof *reader);
    struct jb_machine probe = {.busy_ns = 0};
    jb_rc rc;

    if (!reader)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to watch the machine");
    reader->os = *os;
    reader->stat_handle = -1;
    reader->meminfo_handle = -1;
    reader->ticks_hz = os->clock_ticks(os->context);
    if (reader->ticks_hz <= 0)
        return jb_fail(err, JB_E_UNAVAILABLE, NULL, "the length of a clock tick is not known");
    if ((rc = open_file(os, STAT_PATH, &reader->stat_handle, err)) < 0 ||
        (rc = open_file(os, MEMINFO_PATH, &reader->meminfo_handle, err)) < 0 ||
        (rc = read_cpu(reader, &probe, err)) < 0 || (rc = read_memory(reader, &probe, err)) < 0)
        return rc;
    *ret_reader = reader;
    reader = NULL;
    return JB_OK;
}
