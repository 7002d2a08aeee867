/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file of hourly intensities into a sorted table (R-CARBON-04). It must never mend what it reads: a doubtful line
 * stops it with the line's number.
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

#define HEADER "utc_hour_start,gco2e_per_kwh"

struct hour {
    int64_t start_utc_us;
    int64_t mg_per_kwh;
    size_t line;
};

struct jb_hourly {
    size_t n_rows;
    size_t capacity;
    struct hour *rows; /* ascending, no hour twice */
};

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

bool jb_hourly_at(const struct jb_hourly *hourly, int64_t utc_us, int64_t *ret_mg_per_kwh)
{
    const size_t n = n_rows_until(hourly, utc_us);
    /* The row starts at or before utc_us, so the unsigned difference is right even where the signed one overflows. */
    if (n == 0 ||
        (uint64_t)utc_us - (uint64_t)hourly->rows[n - 1].start_utc_us >= (uint64_t)JB_US_PER_HOUR)
        return false;
    *ret_mg_per_kwh = hourly->rows[n - 1].mg_per_kwh;
    return true;
}

int64_t hourly__next_start(const struct jb_hourly *hourly, int64_t utc_us)
{
    const size_t n = n_rows_until(hourly, utc_us);
    return n < hourly->n_rows ? hourly->rows[n].start_utc_us : INT64_MAX;
}

/* --- reading --------------------------------------------------------------------------------------------------- */

struct line {
    const char *text; /* not terminated */
    size_t len;
    size_t number;
};

static void trim(const char **text, size_t *len)
{
    while (*len > 0 && (**text == ' ' || **text == '\t')) {
        (*text)++;
        (*len)--;
    }
    while (*len > 0 &&
           ((*text)[*len - 1] == ' ' || (*text)[*len - 1] == '\t' || (*text)[*len - 1] == '\r'))
        (*len)--;
}

static jb_rc fail_line(const char *name, const struct line *line, const char *hint,
                       const char *what, struct jb_error *err)
{
    const int shown = line->len < 60 ? (int)line->len : 60;
    return jb_fail(err, JB_E_INPUT, hint, "%s:%zu: %s: '%.*s'", name, line->number, what, shown,
                   line->text);
}

static jb_rc parse_row(const char *name, const struct line *line, struct hour *ret,
                       struct jb_error *err)
{
    const char *const comma = memchr(line->text, ',', line->len);
    if (!comma)
        return fail_line(name, line, "write 2026-11-23T06:00:00Z,253.31", "two cells wanted", err);

    const char *time = line->text, *figure = comma + 1;
    size_t time_len = (size_t)(comma - line->text), figure_len = line->len - time_len - 1;
    trim(&time, &time_len);
    trim(&figure, &figure_len);
    struct hour hour = {.line = line->number};
    if (jb_parse_utc(time, time_len, &hour.start_utc_us) < 0)
        return fail_line(name, line, "write 2026-11-23T06:00:00Z; UTC only", "not a time in UTC",
                         err);
    if (hour.start_utc_us % JB_US_PER_HOUR != 0)
        return fail_line(name, line, "give the full hour it begins at", "not the start of an hour",
                         err);
    if (jb_parse_decimal(figure, figure_len, 3, &hour.mg_per_kwh) < 0)
        return fail_line(name, line, "write gram CO2e per kWh such as 253.31", "not a number", err);
    if (hour.mg_per_kwh < 0 || hour.mg_per_kwh > JB_HOURLY_MG_MAX)
        return fail_line(name, line, "gram CO2e per kWh lie between 0 and 10000",
                         "not an intensity", err);
    *ret = hour;
    return JB_OK;
}

static jb_rc add_row(struct jb_hourly *hourly, const char *name, const struct line *line,
                     struct jb_error *err)
{
    struct hour hour;
    const jb_rc rc = parse_row(name, line, &hour, err);
    if (rc < 0)
        return rc;
    if (hourly->n_rows == hourly->capacity) {
        if (hourly->n_rows >= JB_HOURLY_ROWS_MAX)
            return jb_fail(err, JB_E_RANGE, "cut the file to the years of the run",
                           "%s:%zu: more than %d hours", name, line->number, JB_HOURLY_ROWS_MAX);
        size_t capacity = hourly->capacity > 0 ? 2 * hourly->capacity : 256;
        if (capacity > JB_HOURLY_ROWS_MAX)
            capacity = JB_HOURLY_ROWS_MAX;
        struct hour *const rows = realloc(hourly->rows, capacity * sizeof *rows);
        if (!rows)
            return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the hours of '%s'", name);
        hourly->rows = rows;
        hourly->capacity = capacity;
    }
    hourly->rows[hourly->n_rows++] = hour;
    return JB_OK;
}

static int compare_hours(const void *a, const void *b)
{
    const struct hour *const x = a, *const y = b;
    if (x->start_utc_us != y->start_utc_us)
        return x->start_utc_us < y->start_utc_us ? -1 : 1;
    return x->line < y->line ? -1 : x->line > y->line;
}

static jb_rc sort_rows(struct jb_hourly *hourly, const char *name, struct jb_error *err)
{
    if (hourly->n_rows > 1)
        qsort(hourly->rows, hourly->n_rows, sizeof hourly->rows[0], compare_hours);
    for (size_t i = 1; i < hourly->n_rows; i++) {
        char hour[32];
        if (hourly->rows[i].start_utc_us == hourly->rows[i - 1].start_utc_us)
            return jb_fail(err, JB_E_INPUT, "keep one of the two lines",
                           "%s:%zu: the hour %s stands in line %zu already", name,
                           hourly->rows[i].line,
                           jb_format_utc(hourly->rows[i].start_utc_us, false, hour, sizeof hour),
                           hourly->rows[i - 1].line);
    }
    return JB_OK;
}

jb_rc jb_hourly_parse(const char *name, const void *bytes, size_t len,
                      struct jb_hourly **ret_hourly, struct jb_error *err)
{
    if (len > JB_HOURLY_BYTES_MAX)
        return jb_fail(err, JB_E_RANGE, "cut the file to the years of the run",
                       "'%s' is larger than %d bytes", name, JB_HOURLY_BYTES_MAX);
    JB_AUTO(jb_hourly_free_auto) struct jb_hourly *hourly = calloc(1, sizeof *hourly);
    if (!hourly)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the hours of '%s'", name);

    bool has_header = false;
    const char *at = bytes;
    size_t left = len;
    for (struct line line = {.number = 1}; left > 0; line.number++) {
        const char *const newline = memchr(at, '\n', left);
        const size_t with_newline = newline ? (size_t)(newline - at) + 1 : left;
        line.text = at;
        line.len = newline ? with_newline - 1 : left;
        at += with_newline;
        left -= with_newline;
        trim(&line.text, &line.len);
        if (line.len == 0 || line.text[0] == '#')
            continue;
        jb_rc rc = JB_OK;
        if (has_header)
            rc = add_row(hourly, name, &line, err);
        else if (line.len == strlen(HEADER) && memcmp(line.text, HEADER, line.len) == 0)
            has_header = true;
        else
            rc = fail_line(name, &line, "begin the file with " HEADER, "not the header", err);
        if (rc < 0)
            return rc;
    }
    if (hourly->n_rows == 0)
        return jb_fail(err, JB_E_INPUT, "begin the file with " HEADER ", then one line per hour",
                       "'%s' holds no hourly intensities", name);

    const jb_rc rc = sort_rows(hourly, name, err);
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

jb_rc jb_hourly_read(const char *path, struct jb_hourly **ret_hourly, struct jb_error *err)
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
