/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records of the spool's log: "length, kind, checksum, bytes". Written with one write each, so that the death of the
 * recorder can tear the last record only; read strictly, stopping at the first that does not check.
 */
#include "spool/log.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/hash.h"

/* The longest is a table of JB_CHANNELS_MAX channels; below what malloc takes from the system and gives back each time. */
#define RECORD_MAX (120 * 1024)
_Static_assert(JB_CHANNELS_MAX * sizeof(struct jb_channel) < RECORD_MAX,
               "a table of channels fits");
_Static_assert(sizeof(struct jb_frame) < RECORD_MAX, "a frame fits");

struct record_head {
    uint32_t length; /* of what follows the head */
    uint32_t kind;
    uint64_t checksum; /* of what follows, with length and kind as its seed */
};

/* A frame as stored: its arrays cut to what is used. */
struct frame_head {
    int64_t mono_ns, utc_us;
    uint32_t why;
    uint32_t n_channels, n_subjects;
    uint32_t n_boards, n_uses;
    uint32_t pad;
    struct jb_machine machine;
};

struct series_head {
    int64_t mono_ns;
    uint32_t channel;
    uint32_t pad;
};

struct log_reader {
    int fd;
    int64_t offset;
    uint8_t *bytes; /* RECORD_MAX */
    struct jb_frame *frame;
    jb_log_fn fn;
    void *arg;
};

uint64_t jb_log_table_sum(const struct jb_channel *channels, size_t n)
{
    uint64_t sum = n;
    for (size_t i = 0; i < n; i++)
        sum = jb_checksum(sum, channels[i].id, strnlen(channels[i].id, sizeof channels[i].id));
    return sum;
}

void jb_frame_copy(struct jb_frame *to, const struct jb_frame *from)
{
    to->mono_ns = from->mono_ns;
    to->utc_us = from->utc_us;
    to->why = from->why;
    to->n_channels = from->n_channels;
    to->n_subjects = from->n_subjects;
    to->machine = from->machine;
    memcpy(to->channels, from->channels, from->n_channels * sizeof from->channels[0]);
    memcpy(to->subjects, from->subjects, from->n_subjects * sizeof from->subjects[0]);
    jb_uses_copy(&to->uses, &from->uses);
}

static uint64_t checksum_of(const struct record_head *head, const void *bytes)
{
    return jb_checksum((uint64_t)head->kind << 32 | head->length, bytes, head->length);
}

/* Put together first, then written with one call: the death of the recorder tears the last record only. */
static jb_rc append(struct jb_log_writer *log, uint32_t kind, const struct iovec *parts,
                    int n_parts, struct jb_error *err)
{
    struct record_head head = {.kind = kind};
    jb_buf_clear(&log->record);
    jb_buf_add(&log->record, &head, sizeof head);
    for (int i = 0; i < n_parts; i++)
        jb_buf_add(&log->record, parts[i].iov_base, parts[i].iov_len);
    if (log->record.failed < 0)
        return jb_fail(err, log->record.failed, NULL, "a record is too long for the spool's log");
    head.length = (uint32_t)(log->record.len - sizeof head);
    head.checksum = checksum_of(&head, log->record.bytes + sizeof head);
    memcpy(log->record.bytes, &head, sizeof head);
    ssize_t n;
    do
        n = pwrite(log->fd, log->record.bytes, log->record.len, log->bytes);
    while (n < 0 && errno == EINTR);
    if (n != (ssize_t)log->record.len) {
        /* A short write is cut off again, so the next record does not follow a torn one. */
        int saved = n < 0 ? errno : ENOSPC;
        if (ftruncate(log->fd, log->bytes) < 0)
            return jb_fail_errno(err, errno, NULL, "cannot mend the spool's log");
        return jb_fail_errno(err, saved, "make room on the book's disk",
                             "cannot append to the spool's log");
    }
    log->bytes += (int64_t)log->record.len;
    return JB_OK;
}

static jb_rc ignore_record(void *arg, const struct jb_log_record *record, struct jb_error *err)
{
    (void)arg;
    (void)record;
    (void)err;
    return JB_OK;
}

jb_rc jb_log_open(const struct jb_spool *spool, struct jb_log_writer *ret, struct jb_error *err)
{
    int64_t end = 0;
    jb_rc rc = jb_log_read(spool, 0, ignore_record, NULL, &end, err);
    if (rc < 0)
        return rc;
    int fd = openat(spool->folder_fd, "log", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
                    0600);
    if (fd < 0)
        return jb_fail_errno(err, errno, NULL, "cannot open '%s/log'", spool->path);
    struct stat st;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        return jb_fail(err, JB_E_CONFLICT, "remove it", "'%s/log' is not a file", spool->path);
    }
    if (st.st_size > end && ftruncate(fd, end) < 0) {
        int saved = errno;
        close(fd);
        return jb_fail_errno(err, saved, NULL, "cannot cut the torn end of '%s/log'", spool->path);
    }
    *ret = (struct jb_log_writer){.fd = fd, .bytes = end, .record = JB_BUF(RECORD_MAX)};
    return JB_OK;
}

void jb_log_close(struct jb_log_writer *log)
{
    if (log->fd >= 0)
        close(log->fd);
    log->fd = -1;
    jb_buf_release(&log->record);
}

jb_rc jb_log_channels(struct jb_log_writer *log, const struct jb_channel *channels, size_t n,
                      struct jb_error *err)
{
    struct iovec part = {.iov_base = (void *)(uintptr_t)channels, .iov_len = n * sizeof *channels};
    return append(log, JB_LOG_CHANNELS, &part, 1, err);
}

jb_rc jb_log_frame(struct jb_log_writer *log, const struct jb_frame *frame, struct jb_error *err)
{
    struct frame_head head = {
        .mono_ns = frame->mono_ns,
        .utc_us = frame->utc_us,
        .why = frame->why,
        .n_channels = frame->n_channels,
        .n_subjects = frame->n_subjects,
        .n_boards = frame->uses.n_boards,
        .n_uses = frame->uses.n_uses,
        .machine = frame->machine,
    };
    struct iovec parts[5] = {
        {.iov_base = &head, .iov_len = sizeof head},
        {.iov_base = (void *)(uintptr_t)frame->channels,
         .iov_len = frame->n_channels * sizeof frame->channels[0]},
        {.iov_base = (void *)(uintptr_t)frame->subjects,
         .iov_len = frame->n_subjects * sizeof frame->subjects[0]},
        {.iov_base = (void *)(uintptr_t)frame->uses.boards,
         .iov_len = frame->uses.n_boards * sizeof frame->uses.boards[0]},
        {.iov_base = (void *)(uintptr_t)frame->uses.uses,
         .iov_len = frame->uses.n_uses * sizeof frame->uses.uses[0]},
    };
    return append(log, JB_LOG_FRAME, parts, 5, err);
}

jb_rc jb_log_idle(struct jb_log_writer *log, const struct jb_idle *idle, size_t n,
                  struct jb_error *err)
{
    struct iovec part = {.iov_base = (void *)(uintptr_t)idle, .iov_len = n * sizeof *idle};
    return append(log, JB_LOG_IDLE, &part, 1, err);
}

jb_rc jb_log_series(struct jb_log_writer *log, uint32_t channel, int64_t mono_ns, const void *bytes,
                    size_t len, struct jb_error *err)
{
    struct series_head head = {.mono_ns = mono_ns, .channel = channel};
    struct iovec parts[2] = {
        {.iov_base = &head, .iov_len = sizeof head},
        {.iov_base = (void *)(uintptr_t)bytes, .iov_len = len},
    };
    return append(log, JB_LOG_SERIES, parts, 2, err);
}

jb_rc jb_log_note(struct jb_log_writer *log, const char *text, struct jb_error *err)
{
    struct iovec part = {.iov_base = (void *)(uintptr_t)text, .iov_len = strlen(text) + 1};
    return append(log, JB_LOG_NOTE, &part, 1, err);
}

/* Fills record->frame from stored bytes; false if the lengths contradict each other. */
static bool take_frame(struct log_reader *reader, size_t length, struct jb_log_record *record)
{
    struct frame_head head;
    if (length < sizeof head)
        return false;
    memcpy(&head, reader->bytes, sizeof head);
    if (head.n_channels > JB_CHANNELS_MAX || head.n_subjects > JB_SUBJECTS_MAX ||
        head.n_boards > JB_BOARDS_MAX || head.n_uses > JB_USES_MAX)
        return false;
    struct jb_frame *frame = reader->frame;
    size_t channel_bytes = head.n_channels * sizeof frame->channels[0];
    size_t subject_bytes = head.n_subjects * sizeof frame->subjects[0];
    size_t board_bytes = head.n_boards * sizeof frame->uses.boards[0];
    size_t use_bytes = head.n_uses * sizeof frame->uses.uses[0];
    if (length != sizeof head + channel_bytes + subject_bytes + board_bytes + use_bytes)
        return false;
    frame->mono_ns = head.mono_ns;
    frame->utc_us = head.utc_us;
    frame->why = head.why;
    frame->n_channels = head.n_channels;
    frame->n_subjects = head.n_subjects;
    frame->machine = head.machine;
    frame->uses.n_boards = head.n_boards;
    frame->uses.n_uses = head.n_uses;
    const uint8_t *at = reader->bytes + sizeof head;
    memcpy(frame->channels, at, channel_bytes);
    memcpy(frame->subjects, at += channel_bytes, subject_bytes);
    memcpy(frame->uses.boards, at += subject_bytes, board_bytes);
    memcpy(frame->uses.uses, at + board_bytes, use_bytes);
    record->frame = frame;
    return true;
}

static bool take_series(const struct log_reader *reader, size_t length,
                        struct jb_log_record *record)
{
    struct series_head head;
    if (length < sizeof head)
        return false;
    memcpy(&head, reader->bytes, sizeof head);
    record->series_channel = head.channel;
    record->series_mono_ns = head.mono_ns;
    record->series_bytes = reader->bytes + sizeof head;
    record->series_len = length - sizeof head;
    return true;
}

static bool take_record(struct log_reader *reader, uint32_t kind, size_t length,
                        struct jb_log_record *record)
{
    record->kind = (enum jb_log_kind)kind;
    switch (kind) {
    case JB_LOG_CHANNELS:
        record->channels = (const struct jb_channel *)(const void *)reader->bytes;
        record->n_channels = length / sizeof(struct jb_channel);
        return length % sizeof(struct jb_channel) == 0 && record->n_channels <= JB_CHANNELS_MAX;
    case JB_LOG_FRAME: return take_frame(reader, length, record);
    case JB_LOG_IDLE:
        record->idle = (const struct jb_idle *)(const void *)reader->bytes;
        record->n_idle = length / sizeof(struct jb_idle);
        return length % sizeof(struct jb_idle) == 0 && record->n_idle <= JB_CHANNELS_MAX;
    case JB_LOG_SERIES: return take_series(reader, length, record);
    case JB_LOG_NOTE:
        record->note = (const char *)reader->bytes;
        return length > 0 && reader->bytes[length - 1] == '\0';
    default: return false;
    }
}

/* One record. JB_E_NOT_FOUND at the end of what is whole. */
static jb_rc read_one(struct log_reader *reader, struct jb_error *err)
{
    struct record_head head;
    if (pread(reader->fd, &head, sizeof head, reader->offset) != (ssize_t)sizeof head ||
        head.length > RECORD_MAX)
        return JB_E_NOT_FOUND;
    if (pread(reader->fd, reader->bytes, head.length, reader->offset + (int64_t)sizeof head) !=
        (ssize_t)head.length)
        return JB_E_NOT_FOUND;
    struct jb_log_record record = {.offset = reader->offset};
    if (checksum_of(&head, reader->bytes) != head.checksum ||
        !take_record(reader, head.kind, head.length, &record))
        return JB_E_NOT_FOUND;
    jb_rc rc = reader->fn(reader->arg, &record, err);
    if (rc == JB_OK)
        reader->offset += (int64_t)sizeof head + head.length;
    return rc;
}

jb_rc jb_log_read(const struct jb_spool *spool, int64_t offset, jb_log_fn fn, void *arg,
                  int64_t *ret_end, struct jb_error *err)
{
    int fd = openat(spool->folder_fd, "log", O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) {
        if (errno != ENOENT)
            return jb_fail_errno(err, errno, NULL, "cannot open '%s/log'", spool->path);
        *ret_end = 0;
        return JB_OK;
    }
    struct log_reader reader = {
        .fd = fd,
        .offset = offset,
        .fn = fn,
        .arg = arg,
        .bytes = malloc(RECORD_MAX),
        .frame = malloc(sizeof *reader.frame),
    };
    jb_rc rc = reader.bytes && reader.frame
                   ? JB_OK
                   : jb_fail(err, JB_E_NOMEM, NULL, "no memory for the log");
    while (rc == JB_OK)
        rc = read_one(&reader, err);
    close(fd);
    free(reader.bytes);
    free(reader.frame);
    if (rc != JB_E_NOT_FOUND)
        return rc;
    *ret_end = reader.offset;
    return JB_OK;
}

static jb_rc copy_tail(int from_fd, int64_t from, struct jb_log_writer *to, int64_t to_end,
                       struct jb_error *err)
{
    char block[16384];
    while (from < to_end) {
        size_t want =
            to_end - from < (int64_t)sizeof block ? (size_t)(to_end - from) : sizeof block;
        ssize_t n = pread(from_fd, block, want, from);
        if (n <= 0 || pwrite(to->fd, block, (size_t)n, to->bytes) != n)
            return jb_fail(err, JB_E_IO, "make room on the book's disk",
                           "cannot copy the spool's log");
        from += n;
        to->bytes += n;
    }
    return JB_OK;
}

jb_rc jb_log_cut(const struct jb_spool *spool, struct jb_log_writer *log, int64_t mark,
                 const struct jb_channel *channels, size_t n, const struct jb_idle *idle,
                 int64_t *ret_shift, struct jb_error *err)
{
    int fd = openat(spool->folder_fd, "log.next",
                    O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return jb_fail_errno(err, errno, NULL, "cannot open '%s/log.next'", spool->path);
    struct jb_log_writer next = {.fd = fd, .record = JB_BUF(RECORD_MAX)};
    jb_rc rc = jb_log_channels(&next, channels, n, err);
    if (rc == JB_OK)
        rc = jb_log_idle(&next, idle, n, err);
    int64_t shift = mark - next.bytes;
    if (rc == JB_OK)
        rc = copy_tail(log->fd, mark, &next, log->bytes, err);
    if (rc == JB_OK && renameat(spool->folder_fd, "log.next", spool->folder_fd, "log") < 0)
        rc = jb_fail_errno(err, errno, NULL, "cannot rename '%s/log.next'", spool->path);
    if (rc < 0) {
        unlinkat(spool->folder_fd, "log.next", 0);
        jb_log_close(&next);
        return rc;
    }
    jb_log_close(log);
    *log = next;
    *ret_shift = shift;
    return JB_OK;
}
