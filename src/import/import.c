/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file to its lines, and lines to events by the one table of formats. Holds one buffer; believes nothing of a line's
 * length, bytes or time.
 */
#include "import/import.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clean.h"

#define BUFFER_BYTES   65536
#define PROGRESS_BYTES (INT64_C(1) << 20)

const struct jb_import_format *const jb_import_formats[] = {
    &jb_import_mlperf_power,
    &jb_import_csv_power,
    NULL,
};

const struct jb_import_format *jb_import_format_find(const char *name)
{
    for (size_t i = 0; jb_import_formats[i]; i++)
        if (strcmp(jb_import_formats[i]->name, name) == 0)
            return jb_import_formats[i];
    return NULL;
}

struct reader {
    const struct jb_import_format *format;
    const char *path;
    const struct jb_import_progress *progress;
    jb_import_fn fn;
    void *arg;
    struct jb_import_parser parser;
    struct jb_hasher hasher;
    int64_t n_lines, n_bytes, told_bytes;
    size_t len; /* of the line so far */
    char line[JB_IMPORT_LINE_MAX];
    char buffer[BUFFER_BYTES];
};

static jb_rc at_line(const struct reader *reader, jb_rc rc, const char *hint, const char *what,
                     struct jb_error *err)
{
    char path[160];

    jb_clean_copy(reader->path, path, sizeof path);
    return jb_fail(err, rc, hint && hint[0] ? hint : NULL, "'%s' line %lld: %s", path,
                   (long long)reader->n_lines, what);
}

static jb_rc take_line(struct reader *reader, struct jb_error *err)
{
    static const char mark[] = "\xEF\xBB\xBF";
    struct jb_import_event event = {.what = JB_IMPORT_NOTHING};
    struct jb_error why = {0};
    const char *line = reader->line;
    size_t len = reader->len;
    jb_rc rc;

    reader->len = 0;
    reader->n_lines++;
    if (len > 0 && line[len - 1] == '\r')
        len--;
    if (reader->n_lines == 1 && len >= 3 && memcmp(line, mark, 3) == 0) {
        line += 3;
        len -= 3;
    }
    rc = reader->format->take_line(&reader->parser, line, len, &event, &why);
    if (rc < 0)
        return at_line(reader, rc, why.hint, why.message, err);
    if (event.what == JB_IMPORT_NOTHING)
        return JB_OK;
    if (event.what != JB_IMPORT_OTHER &&
        (event.utc_ns < JB_IMPORT_EPOCH_UTC_NS ||
         event.utc_ns - JB_IMPORT_EPOCH_UTC_NS >= JB_IMPORT_TIME_END_NS))
        return at_line(reader, JB_E_INPUT, "seconds, milliseconds or a zone may be mixed up",
                       "its time is not between 2010 and 2046", err);
    return reader->fn(reader->arg, &reader->parser, &event, err);
}

static jb_rc take_bytes(struct reader *reader, size_t n, struct jb_error *err)
{
    const char *at = reader->buffer;
    const char *const end = at + n;

    while (at < end) {
        const char *const newline = memchr(at, '\n', (size_t)(end - at));
        const size_t len = (size_t)((newline ? newline : end) - at);
        if (len > sizeof reader->line - reader->len) {
            reader->n_lines++;
            return at_line(reader, JB_E_INPUT, "is it a text file of this format?",
                           "longer than 4096 bytes", err);
        }
        memcpy(reader->line + reader->len, at, len);
        reader->len += len;
        at += len;
        if (newline) {
            const jb_rc rc = take_line(reader, err);
            if (rc < 0)
                return rc;
            at++;
        }
    }
    return JB_OK;
}

static void tell(struct reader *reader)
{
    if (!reader->progress || reader->n_bytes - reader->told_bytes < PROGRESS_BYTES)
        return;
    reader->progress->fn(reader->progress->arg, reader->n_bytes - reader->told_bytes);
    reader->told_bytes = reader->n_bytes;
}

static jb_rc read_all(struct reader *reader, int fd, struct jb_error *err)
{
    jb_rc rc = JB_OK;

    while (rc == JB_OK) {
        const ssize_t n = read(fd, reader->buffer, sizeof reader->buffer);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return jb_fail_errno(err, errno, NULL, "cannot read '%s'", reader->path);
        if (n == 0)
            return reader->len > 0 ? take_line(reader, err) : JB_OK;
        jb_hasher_add(&reader->hasher, reader->buffer, (size_t)n);
        reader->n_bytes += n;
        rc = take_bytes(reader, (size_t)n, err);
        tell(reader);
    }
    return rc;
}

jb_rc jb_import_read(const struct jb_import_format *format, const char *path,
                     const struct jb_import_progress *progress, jb_import_fn fn, void *arg,
                     struct jb_hash *ret_hash, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct reader *reader = calloc(1, sizeof *reader);
    struct stat st;
    jb_rc rc;

    if (!reader)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to read '%s'", path);
    reader->format = format;
    reader->path = path;
    reader->progress = progress;
    reader->fn = fn;
    reader->arg = arg;
    jb_hasher_begin(&reader->hasher);
    /* It is read twice, so it must be a file that stays; a FIFO must not be waited for. */
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return jb_fail_errno(err, errno, NULL, "cannot open '%s'", path);
    if (fstat(fd, &st) < 0)
        rc = jb_fail_errno(err, errno, NULL, "cannot read '%s'", path);
    else if (!S_ISREG(st.st_mode))
        rc = jb_fail(err, JB_E_INPUT, "save what is to be imported in a file", "'%s' is not a file",
                     path);
    else
        rc = read_all(reader, fd, err);
    (void)close(fd);
    if (rc == JB_OK)
        *ret_hash = jb_hasher_end(&reader->hasher);
    return rc;
}
