/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Intensities by time: a sorted table of stretches that do not overlap, read from a file (R-CARBON-04, -20). It must never
 * mend what it reads: a doubtful row stops it with its place.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/num.h"
#include "carbon/carbon_int.h"

struct jb_hourly {
    struct jb_hourly_about about;
    size_t n_rows;
    size_t capacity;
    struct hourly__row *rows; /* ascending, none overlaps */
};

const char *jb_signal_name(enum jb_signal signal)
{
    return signal == JB_SIGNAL_MARGINAL ? "marginal" : "average";
}

void jb_hourly_free(struct jb_hourly *hourly)
{
    if (!hourly)
        return;
    free(hourly->rows);
    free(hourly);
}

size_t jb_hourly_n_rows(const struct jb_hourly *hourly)
{
    return hourly->n_rows;
}

const struct jb_hourly_about *jb_hourly_about(const struct jb_hourly *hourly)
{
    return &hourly->about;
}

struct jb_hourly_about *hourly__about(struct jb_hourly *hourly)
{
    return &hourly->about;
}

/* The number of rows that start at or before `utc_us`. */
static size_t n_rows_until(const struct jb_hourly *hourly, int64_t utc_us)
{
    size_t low = 0, high = hourly->n_rows;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (hourly->rows[middle].start_utc_us <= utc_us)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* NULL: none contains it. */
static const struct hourly__row *row_at(const struct jb_hourly *hourly, int64_t utc_us)
{
    const size_t n = n_rows_until(hourly, utc_us);

    return n > 0 && utc_us < hourly->rows[n - 1].end_utc_us ? &hourly->rows[n - 1] : NULL;
}

bool jb_hourly_at(const struct jb_hourly *hourly, int64_t utc_us, int64_t *ret_mg_per_kwh)
{
    const struct hourly__row *const row = row_at(hourly, utc_us);

    if (row)
        *ret_mg_per_kwh = row->mg_per_kwh;
    return row != NULL;
}

bool jb_hourly_end_at(const struct jb_hourly *hourly, int64_t utc_us, int64_t *ret_end_utc_us)
{
    const struct hourly__row *const row = row_at(hourly, utc_us);

    if (row)
        *ret_end_utc_us = row->end_utc_us;
    return row != NULL;
}

bool jb_hourly_covers(const struct jb_hourly *hourly, int64_t start_utc_us, int64_t end_utc_us)
{
    while (start_utc_us < end_utc_us)
        if (!jb_hourly_end_at(hourly, start_utc_us, &start_utc_us))
            return false;
    return true;
}

int64_t jb_hourly_next_start(const struct jb_hourly *hourly, int64_t utc_us)
{
    const size_t n = n_rows_until(hourly, utc_us);
    return n < hourly->n_rows ? hourly->rows[n].start_utc_us : INT64_MAX;
}

/* --- filling ---------------------------------------------------------------------------------------------------- */

jb_rc hourly__new(const char *name, struct jb_hourly **ret, struct jb_error *err)
{
    struct jb_hourly *const hourly = calloc(1, sizeof *hourly);

    if (!hourly)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the hours of '%s'", name);
    *ret = hourly;
    return JB_OK;
}

jb_rc hourly__add(struct jb_hourly *hourly, const char *name, const struct hourly__row *row,
                  struct jb_error *err)
{
    if (hourly->n_rows == hourly->capacity) {
        if (hourly->n_rows >= JB_HOURLY_ROWS_MAX)
            return jb_fail(err, JB_E_RANGE, "cut the file to the years of the run",
                           "%s:%zu: more than %d hours", name, row->at, JB_HOURLY_ROWS_MAX);
        size_t capacity = hourly->capacity > 0 ? 2 * hourly->capacity : 256;
        if (capacity > JB_HOURLY_ROWS_MAX)
            capacity = JB_HOURLY_ROWS_MAX;
        struct hourly__row *const rows = realloc(hourly->rows, capacity * sizeof *rows);
        if (!rows)
            return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the hours of '%s'", name);
        hourly->rows = rows;
        hourly->capacity = capacity;
    }
    hourly->rows[hourly->n_rows++] = *row;
    return JB_OK;
}

static int compare_rows(const void *a, const void *b)
{
    const struct hourly__row *const x = a, *const y = b;
    if (x->start_utc_us != y->start_utc_us)
        return x->start_utc_us < y->start_utc_us ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at;
}

jb_rc hourly__sort(struct jb_hourly *hourly, const char *name, const char *unit,
                   struct jb_error *err)
{
    char time[32];

    if (hourly->n_rows == 0)
        return JB_OK;
    qsort(hourly->rows, hourly->n_rows, sizeof hourly->rows[0], compare_rows);
    for (size_t i = 1; i < hourly->n_rows; i++)
        if (hourly->rows[i].start_utc_us < hourly->rows[i - 1].end_utc_us)
            return jb_fail(err, JB_E_INPUT, "keep one of the two",
                           "%s:%zu: the hour %s stands in %s %zu already", name, hourly->rows[i].at,
                           jb_format_utc(hourly->rows[i].start_utc_us, false, time, sizeof time),
                           unit, hourly->rows[i - 1].at);
    hourly->about.start_utc_us = hourly->rows[0].start_utc_us;
    hourly->about.end_utc_us = hourly->rows[hourly->n_rows - 1].end_utc_us;
    return JB_OK;
}

/* --- reading ---------------------------------------------------------------------------------------------------- */

static bool is_json(const char *text, size_t len)
{
    while (len > 0 && (*text == ' ' || *text == '\t' || *text == '\r' || *text == '\n')) {
        text++;
        len--;
    }
    return len > 0 && *text == '{';
}

jb_rc jb_hourly_parse(const char *name, const void *bytes, size_t len,
                      struct jb_hourly **ret_hourly, struct jb_error *err)
{
    JB_AUTO(jb_hourly_free_auto) struct jb_hourly *hourly = NULL;

    if (len > JB_HOURLY_BYTES_MAX)
        return jb_fail(err, JB_E_RANGE, "cut the file to the years of the run",
                       "'%s' is larger than %d bytes", name, JB_HOURLY_BYTES_MAX);
    jb_rc rc = hourly__new(name, &hourly, err);
    if (rc < 0)
        return rc;
    rc = is_json(bytes, len) ? grid__parse(name, bytes, len, hourly, err)
                             : hourly__parse_csv(name, bytes, len, hourly, err);
    if (rc < 0)
        return rc;
    *ret_hourly = hourly;
    hourly = NULL;
    return JB_OK;
}

static void close_auto(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

jb_rc jb_hourly_read_signal(const char *path, struct jb_hourly **ret_hourly, struct jb_error *err)
{
    static const char hint[] = "give a readable CSV file of hourly intensities";
    JB_AUTO(close_auto) const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return jb_fail_errno(err, errno, hint, "cannot open '%s'", path);
    struct stat st;
    if (fstat(fd, &st) < 0)
        return jb_fail_errno(err, errno, hint, "cannot read '%s'", path);
    if (!S_ISREG(st.st_mode))
        return jb_fail(err, JB_E_INPUT, hint, "'%s' is not a regular file", path);

    JB_AUTO(jb_buf_release) struct jb_buf buf = JB_BUF(JB_HOURLY_BYTES_MAX + 1);
    char chunk[16384];
    for (;;) {
        const ssize_t n = read(fd, chunk, sizeof chunk);
        if (n == 0)
            break;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return jb_fail_errno(err, errno, hint, "cannot read '%s'", path);
        jb_buf_add(&buf, chunk, (size_t)n);
        if (buf.failed < 0)
            return jb_fail(err, buf.failed, "cut the file to the years of the run",
                           "'%s' does not fit into memory", path);
    }
    return jb_hourly_parse(path, jb_buf_text(&buf), buf.len, ret_hourly, err);
}

jb_rc jb_hourly_read(const char *path, struct jb_hourly **ret_hourly, struct jb_error *err)
{
    JB_AUTO(jb_hourly_free_auto) struct jb_hourly *hourly = NULL;
    const jb_rc rc = jb_hourly_read_signal(path, &hourly, err);

    if (rc < 0)
        return rc;
    if (hourly->about.signal == JB_SIGNAL_MARGINAL)
        return jb_fail(err, JB_E_INPUT,
                       "account with average intensities; marginal ones are for choosing a time",
                       "'%s' holds marginal intensities", path);
    *ret_hourly = hourly;
    hourly = NULL;
    return JB_OK;
}
