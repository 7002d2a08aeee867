/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Foreign files to lines, records and values: nothing of a line's length, bytes or numbers is believed, and what is
 * refused is told with file, line and field. R-BOOKS-02 (absent values), R-BOOKS-03 (times).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/num.h"
#include "import/book_int.h"
#include "import/import_int.h"

#define CHUNK_BYTES    ((size_t)65536)
#define PROGRESS_BYTES (INT64_C(1) << 20)
/* Trillionths of a kWh, 3.6 uJ each. */
#define KWH_SCALE 12

/* Of runs: from 1990 to 2100. */
#define TIME_MIN_US (INT64_C(631152000) * JB_US_PER_S)
#define TIME_MAX_US (INT64_C(4102444800) * JB_US_PER_S)

jb_rc book__fail(const struct book *book, const char *field, struct jb_error *err, const char *hint,
                 const char *format, ...)
{
    char path[128];
    char text[160];
    char at[96] = "";
    va_list args;

    jb_clean_copy(book->path, path, sizeof path);
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (book->line > 0 && field)
        (void)snprintf(at, sizeof at, " line %lld, '%.48s'", (long long)book->line, field);
    else if (book->line > 0)
        (void)snprintf(at, sizeof at, " line %lld", (long long)book->line);
    else if (field)
        (void)snprintf(at, sizeof at, " '%.48s'", field);
    return jb_fail(err, JB_E_INPUT,
                   hint ? hint : "mend it or take it out: nothing of the file was entered",
                   "'%s'%s: %s", path, at, text);
}

/* A FIFO must not be waited for, and some formats are read twice. */
static jb_rc open_file(const char *path, int *ret_fd, struct jb_error *err)
{
    struct stat st;
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0)
        return jb_fail_errno(err, errno, NULL, "cannot open '%s'", path);
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        (void)close(fd);
        return jb_fail(err, JB_E_INPUT, "save what is to be imported in a file",
                       "'%s' is not a file", path);
    }
    *ret_fd = fd;
    return JB_OK;
}

struct pump {
    struct book *book;
    int fd;
    int64_t n_bytes, told_bytes;
    char chunk[CHUNK_BYTES];
};

JB_UNUSED static void pump_free(struct pump *pump)
{
    if (pump->fd >= 0)
        (void)close(pump->fd);
    free(pump);
}
JB_AUTO_POINTER(struct pump, pump_free)

static jb_rc pump_new(struct book *book, const char *path, struct pump **ret, struct jb_error *err)
{
    struct pump *const pump = calloc(1, sizeof *pump);
    jb_rc rc;

    if (!pump)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to read '%s'", path);
    pump->book = book;
    pump->fd = -1;
    rc = open_file(path, &pump->fd, err);
    if (rc < 0) {
        pump_free(pump);
        return rc;
    }
    *ret = pump;
    return JB_OK;
}

static jb_rc pump_next(struct pump *pump, size_t *ret_n, struct jb_error *err)
{
    const struct jb_import_progress *const progress = pump->book->progress;
    ssize_t n;

    do
        n = read(pump->fd, pump->chunk, sizeof pump->chunk);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return jb_fail_errno(err, errno, NULL, "cannot read '%s'", pump->book->path);
    pump->n_bytes += n;
    if (progress && pump->n_bytes - pump->told_bytes >= PROGRESS_BYTES) {
        progress->fn(progress->arg, pump->n_bytes - pump->told_bytes);
        pump->told_bytes = pump->n_bytes;
    }
    *ret_n = (size_t)n;
    return JB_OK;
}

jb_rc book__slurp(const struct book *book, const char *path, struct jb_buf *buf,
                  struct jb_error *err)
{
    JB_AUTO(pump_free_auto) struct pump *pump = NULL;
    struct book quiet = *book;
    size_t n = 1;
    jb_rc rc;

    quiet.progress = NULL;
    rc = pump_new(&quiet, path, &pump, err);
    while (rc == JB_OK && n > 0 && buf->failed == JB_OK) {
        rc = pump_next(pump, &n, err);
        if (rc == JB_OK)
            jb_buf_add(buf, pump->chunk, n);
    }
    if (rc == JB_OK && buf->failed == JB_E_RANGE)
        return jb_fail(err, JB_E_INPUT, "is it a file of this format?",
                       "'%s' is longer than a file of this format ever is", path);
    if (rc == JB_OK && buf->failed < 0)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to read '%s'", path);
    return rc;
}

struct splitter {
    struct book *book;
    book__line_fn fn;
    void *arg;
    struct jb_buf line;
};

static jb_rc take_line(struct splitter *s, struct jb_error *err)
{
    static const char mark[] = "\xEF\xBB\xBF";
    const char *text = jb_buf_text(&s->line);
    size_t len = s->line.len;
    jb_rc rc;

    s->book->line++;
    if (s->line.failed == JB_E_RANGE)
        return book__fail(s->book, NULL, err, "is it a text file of this format?",
                          "longer than a line of this format ever is");
    if (s->line.failed < 0)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to read '%s'", s->book->path);
    if (len > 0 && text[len - 1] == '\r')
        len--;
    if (s->book->line == 1 && len >= 3 && memcmp(text, mark, 3) == 0) {
        text += 3;
        len -= 3;
    }
    rc = s->fn(s->arg, text, len, err);
    jb_buf_clear(&s->line);
    return rc;
}

static jb_rc split_chunk(struct splitter *s, const char *at, size_t n, struct jb_error *err)
{
    const char *const end = at + n;
    jb_rc rc = JB_OK;

    while (rc == JB_OK && at < end) {
        const char *const newline = memchr(at, '\n', (size_t)(end - at));
        const char *const stop = newline ? newline : end;
        jb_buf_add(&s->line, at, (size_t)(stop - at));
        at = stop;
        if (newline || s->line.failed < 0) {
            rc = take_line(s, err);
            at += newline != NULL;
        }
    }
    return rc;
}

jb_rc book__lines(struct book *book, book__line_fn fn, void *arg, struct jb_error *err)
{
    JB_AUTO(pump_free_auto) struct pump *pump = NULL;
    struct splitter s = {.book = book, .fn = fn, .arg = arg, .line = JB_BUF(BOOK__LINE_MAX)};
    size_t n = 1;
    jb_rc rc = pump_new(book, book->path, &pump, err);

    book->line = 0;
    while (rc == JB_OK && n > 0) {
        rc = pump_next(pump, &n, err);
        if (rc == JB_OK)
            rc = split_chunk(&s, pump->chunk, n, err);
    }
    if (rc == JB_OK && s.line.len > 0)
        rc = take_line(&s, err);
    jb_buf_release(&s.line);
    return rc;
}

jb_rc book__records(struct book *book, const struct jb_csv_rules *rules, book__record_fn fn,
                    void *arg, struct jb_error *err)
{
    JB_AUTO(pump_free_auto) struct pump *pump = NULL;
    JB_AUTO(jb_csv_free_auto) struct jb_csv *csv = NULL;
    enum jb_csv_got got = JB_CSV_MORE;
    const struct jb_csv_field *fields = NULL;
    size_t n_fields = 0;
    size_t n = 0;
    jb_rc rc = pump_new(book, book->path, &pump, err);

    if (rc == JB_OK)
        rc = jb_csv_new(rules, &csv, err);
    while (rc == JB_OK && got != JB_CSV_END) {
        if (got == JB_CSV_MORE) {
            rc = pump_next(pump, &n, err);
            if (rc < 0)
                break;
            jb_csv_feed(csv, pump->chunk, n, n == 0);
        }
        rc = jb_csv_next(csv, book->path, &got, &fields, &n_fields, err);
        if (rc == JB_OK && got == JB_CSV_RECORD && (n_fields > 1 || fields[0].len > 0)) {
            book->line = fields[0].line;
            rc = fn(arg, fields, n_fields, err);
        }
    }
    return rc;
}

jb_rc book__take_header(struct book *book, struct book__columns *columns,
                        const struct jb_csv_field *fields, size_t n_fields, struct jb_error *err)
{
    columns->n_fields = n_fields;
    for (size_t i = 0; i < BOOK__COLUMNS_MAX && columns->names[i]; i++) {
        columns->at[i] = -1;
        for (size_t j = 0; j < n_fields; j++) {
            if (strcasecmp(fields[j].text, columns->names[i]) != 0)
                continue;
            if (columns->at[i] >= 0)
                return book__fail(book, columns->names[i], err, "keep one of the two columns",
                                  "the header has this column twice");
            columns->at[i] = (int)j;
        }
    }
    return JB_OK;
}

/* --- values of foreign text ------------------------------------------------------------------------------------ */

/* R-BOOKS-02 */
bool book__is_absent(const char *text, size_t len)
{
    static const char *const words[] = {"none", "nan", "null", "unknown", "n/a", "na", "<na>"};

    for (size_t i = 0; i < JB_ARRAY_LEN(words); i++)
        if (len == strlen(words[i]) && strncasecmp(text, words[i], len) == 0)
            return true;
    return len == 0;
}

/* R-BOOKS-03 */
jb_rc book__time(struct book *book, const char *text, size_t len, int64_t *ret_utc_us)
{
    int64_t ns = 0;
    int64_t utc_us;
    bool has_zone = false;
    const jb_rc rc = import__parse_time(text, len, &ns, &has_zone);

    if (rc < 0)
        return rc;
    utc_us = ns / JB_NS_PER_US;
    if (!has_zone) {
        book->is_local_time = true;
        if (book->asked->utc_offset_s != INT64_MIN &&
            jb_sub_i64(utc_us, book->asked->utc_offset_s * JB_US_PER_S, &utc_us) < 0)
            return JB_E_RANGE;
    }
    if (utc_us < TIME_MIN_US || utc_us > TIME_MAX_US)
        return JB_E_RANGE;
    *ret_utc_us = utc_us;
    return JB_OK;
}

jb_rc book__kwh(const char *text, size_t len, int64_t *ret_uj)
{
    int64_t pico = 0;
    /* 1e-13 kWh is 0.36 uJ; what does not fit so (above 922 MWh) is taken to 3.6 uJ. */
    const jb_rc fine = jb_parse_decimal(text, len, KWH_SCALE + 1, &pico);
    const jb_rc rc = fine == JB_E_RANGE ? jb_parse_decimal(text, len, KWH_SCALE, &pico) : fine;

    if (rc < 0)
        return rc;
    if (pico < 0)
        return JB_E_INPUT;
    return jb_muldiv_i64(pico, 36, fine < 0 ? 10 : 100, JB_ROUND_NEAREST, ret_uj);
}

jb_rc book__json_number(const struct book *book, const json_t *object, const char *key,
                        unsigned scale, int64_t *ret_value, bool *ret_has, struct jb_error *err)
{
    const json_t *const value = json_object_get(object, key);
    char text[48] = "";

    *ret_value = 0;
    *ret_has = value && !json_is_null(value);
    if (!*ret_has)
        return JB_OK;
    /* A double is written out with all its digits, so that the one decimal parser reads it. */
    if (json_is_real(value))
        (void)snprintf(text, sizeof text, "%.17g", json_real_value(value));
    else if (json_is_integer(value))
        (void)snprintf(text, sizeof text, "%lld", (long long)json_integer_value(value));
    else if (json_is_string(value) && json_string_length(value) < sizeof text)
        (void)snprintf(text, sizeof text, "%s", json_string_value(value));
    if (jb_parse_decimal(text, strlen(text), scale, ret_value) < 0 || *ret_value < 0)
        return book__fail(book, key, err, NULL, "it is no number that is not negative");
    return JB_OK;
}
