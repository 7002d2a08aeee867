/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A path to bytes: a file as it is, or what was put in gzip, one member or many. Reads into the caller's room; never maps a
 * file, whose pages would count as memory. R-BILL-01.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "import/bill_int.h"

#define INPUT_BYTES 65536

struct bill_source {
    const char *path;
    int fd;
    bool is_begun, is_gzip, is_between; /* between two members */
    bool is_end;                        /* of the file */
    z_stream stream;
    unsigned char *input;
    size_t at, len; /* read and not yet given, of `input` */
};

jb_rc jb_bill__source_open(const char *path, struct bill_source **ret, struct jb_error *err)
{
    struct bill_source *const source = calloc(1, sizeof *source);

    if (source)
        source->input = malloc(INPUT_BYTES);
    if (!source || !source->input) {
        free(source);
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to read '%s'", path);
    }
    source->path = path;
    source->fd = strcmp(path, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                                        : open(path, O_RDONLY | O_CLOEXEC);
    if (source->fd < 0) {
        const jb_rc rc = jb_fail_errno(err, errno, NULL, "cannot open '%s'", path);
        free(source->input);
        free(source);
        return rc;
    }
    *ret = source;
    return JB_OK;
}

void jb_bill__source_close(struct bill_source *source)
{
    if (!source)
        return;
    if (source->is_gzip)
        (void)inflateEnd(&source->stream);
    (void)close(source->fd);
    free(source->input);
    free(source);
}

static jb_rc read_some(struct bill_source *source, void *bytes, size_t size, size_t *ret_n,
                       struct jb_error *err)
{
    ssize_t n = -1;

    do
        n = read(source->fd, bytes, size);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return jb_fail_errno(err, errno, NULL, "cannot read '%s'", source->path);
    *ret_n = (size_t)n;
    return JB_OK;
}

static jb_rc refill(struct bill_source *source, struct jb_error *err)
{
    source->at = 0;
    source->len = 0;
    const jb_rc rc = read_some(source, source->input, INPUT_BYTES, &source->len, err);
    if (rc == JB_OK && source->len == 0)
        source->is_end = true;
    return rc;
}

/* The first bytes tell whether it is gzip; a pipe may give them one by one. */
static jb_rc begin(struct bill_source *source, struct jb_error *err)
{
    static const unsigned char magic[2] = {0x1f, 0x8b};

    source->is_begun = true;
    while (source->len < sizeof magic && !source->is_end) {
        size_t n = 0;
        const jb_rc rc =
            read_some(source, source->input + source->len, INPUT_BYTES - source->len, &n, err);
        if (rc < 0)
            return rc;
        source->is_end = n == 0;
        source->len += n;
    }
    if (source->len < sizeof magic || memcmp(source->input, magic, sizeof magic) != 0)
        return JB_OK;
    if (inflateInit2(&source->stream, 16 + MAX_WBITS) != Z_OK)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to read '%s'", source->path);
    source->is_gzip = true;
    return JB_OK;
}

static jb_rc read_plain(struct bill_source *source, char *bytes, size_t size, size_t *ret_n,
                        struct jb_error *err)
{
    const size_t left = source->len - source->at;

    if (left == 0 && source->is_end) {
        *ret_n = 0;
        return JB_OK;
    }
    if (left == 0)
        return read_some(source, bytes, size, ret_n, err);
    *ret_n = left < size ? left : size;
    memcpy(bytes, source->input + source->at, *ret_n);
    source->at += *ret_n;
    return JB_OK;
}

static jb_rc read_gzip(struct bill_source *source, char *bytes, size_t size, size_t *ret_n,
                       struct jb_error *err)
{
    z_stream *const stream = &source->stream;

    stream->next_out = (unsigned char *)bytes;
    stream->avail_out = (unsigned)size;
    while (stream->avail_out == size) {
        if (source->at == source->len && !source->is_end) {
            const jb_rc rc = refill(source, err);
            if (rc < 0)
                return rc;
        }
        if (source->at == source->len) {
            if (source->is_between)
                break;
            return jb_fail(err, JB_E_INPUT, "copy the file again", "'%s' ends inside its gzip",
                           source->path);
        }
        if (source->is_between && inflateReset(stream) != Z_OK)
            return jb_fail(err, JB_E_NOMEM, NULL, "no memory to read '%s'", source->path);
        source->is_between = false;
        stream->next_in = source->input + source->at;
        stream->avail_in = (unsigned)(source->len - source->at);
        const int result = inflate(stream, Z_NO_FLUSH);
        source->at = source->len - stream->avail_in;
        source->is_between = result == Z_STREAM_END;
        /* What came before the break is given first; the next call meets it again. */
        if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR &&
            stream->avail_out == size)
            return jb_fail(err, JB_E_INPUT, "copy the file again", "'%s' has broken gzip: %s",
                           source->path, stream->msg ? stream->msg : "no reason given");
    }
    *ret_n = size - stream->avail_out;
    return JB_OK;
}

jb_rc jb_bill__source_read(struct bill_source *source, char *bytes, size_t size, size_t *ret_n,
                           struct jb_error *err)
{
    if (!source->is_begun) {
        const jb_rc rc = begin(source, err);
        if (rc < 0)
            return rc;
    }
    return source->is_gzip ? read_gzip(source, bytes, size, ret_n, err)
                           : read_plain(source, bytes, size, ret_n, err);
}
