/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a growing file to marks with a time. Whatever the training writes, nothing here can fail its run. */
#include "pipeline/marks_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/num.h"

#define BLOCK 8192
/* Of one call: while the run goes on the meters wait for it, at its end only the account does. */
#define CALL_MAX (INT64_C(1024) * 1024)
#define END_MAX  (INT64_C(64) * 1024 * 1024)

static int open_run_file(const struct jb_spool *spool, const char *kind, const char *run_id,
                         int flags)
{
    char path[1200];
    if (!jb_spool_run_path(spool, kind, run_id, path, sizeof path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    return open(path, flags | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
}

jb_rc jb_marks_open(const struct jb_spool *spool, const char *run_id, struct jb_marks_file *ret,
                    struct jb_error *err)
{
    struct jb_marks_file marks = {.marks_fd = -1, .seen_fd = -1, .notify_fd = -1};
    marks.marks_fd = open_run_file(spool, "marks", run_id, O_RDONLY);
    if (marks.marks_fd < 0 ||
        !jb_spool_run_path(spool, "marks", run_id, marks.path, sizeof marks.path) ||
        !jb_spool_run_path(spool, "seen", run_id, marks.seen_path, sizeof marks.seen_path)) {
        int saved = errno;
        jb_marks_close(&marks);
        return jb_fail_errno(err, saved, NULL, "cannot make the file of marks in '%s'",
                             spool->path);
    }
    *ret = marks;
    return JB_OK;
}

void jb_marks_watch(struct jb_marks_file *marks)
{
    if (marks->notify_fd >= 0)
        return;
    marks->notify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (marks->notify_fd < 0)
        return;
    marks->watch = inotify_add_watch(marks->notify_fd, marks->path, IN_MODIFY);
    if (marks->watch < 0) {
        close(marks->notify_fd);
        marks->notify_fd = -1;
    }
}

void jb_marks_close(struct jb_marks_file *marks)
{
    if (marks->marks_fd >= 0)
        close(marks->marks_fd);
    if (marks->seen_fd >= 0)
        close(marks->seen_fd);
    if (marks->notify_fd >= 0)
        close(marks->notify_fd);
    marks->marks_fd = marks->seen_fd = marks->notify_fd = -1;
}

static void drain_notify(const struct jb_marks_file *marks)
{
    char events[4096];
    while (marks->notify_fd >= 0 && read(marks->notify_fd, events, sizeof events) > 0)
        ;
}

/* "@12345 text": its own time, if it can be true. */
static const char *own_time(const char *line, size_t *inout_len, int64_t not_before_ns,
                            int64_t now_ns, int64_t *inout_mono_ns)
{
    const char *blank = line[0] == '@' ? memchr(line, ' ', *inout_len) : NULL;
    int64_t mono_ns;
    if (!blank || jb_parse_i64(line + 1, (size_t)(blank - line - 1), false, &mono_ns) < 0)
        return line;
    if (mono_ns >= not_before_ns && mono_ns <= now_ns)
        *inout_mono_ns = mono_ns;
    *inout_len -= (size_t)(blank + 1 - line);
    return blank + 1;
}

/* Whole or not at all: what follows a torn line would be read as part of it. */
static bool write_seen(struct jb_marks_file *marks, const char *line, size_t len)
{
    struct stat st;
    /* Made with the first mark: most short runs have none. */
    if (marks->seen_fd < 0)
        marks->seen_fd =
            open(marks->seen_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    ssize_t n = write(marks->seen_fd, line, len);
    if (n == (ssize_t)len)
        return true;
    if (n > 0 && fstat(marks->seen_fd, &st) == 0) {
        int rc = ftruncate(marks->seen_fd, st.st_size - n);
        (void)rc; /* two marks in one line, at worst */
    }
    return false;
}

static bool add_line(struct jb_marks_file *marks, int64_t mono_ns, int64_t utc_us, const char *text)
{
    char out[JB_MARK_TEXT + 64];
    int len =
        snprintf(out, sizeof out, "%lld %lld %s\n", (long long)mono_ns, (long long)utc_us, text);
    if (len < 0 || (size_t)len >= sizeof out || !write_seen(marks, out, (size_t)len))
        return false;
    marks->last_mono_ns = mono_ns;
    marks->n_marks++;
    return true;
}

bool jb_marks_add(struct jb_marks_file *marks, const struct jb_clock *clock, int64_t not_after_ns,
                  const char *text)
{
    int64_t now_ns = jb_mono_ns(clock), utc_us = jb_utc_us(clock);
    if (now_ns > not_after_ns) {
        utc_us -= (now_ns - not_after_ns) / JB_NS_PER_US;
        now_ns = not_after_ns;
    }
    if (now_ns < marks->last_mono_ns)
        now_ns = marks->last_mono_ns;
    return marks->n_marks < JB_MARKS_MAX && add_line(marks, now_ns, utc_us, text);
}

static void take_line(struct jb_marks_file *marks, const char *line, size_t len,
                      int64_t not_before_ns, int64_t now_ns, int64_t now_utc_us)
{
    int64_t mono_ns = now_ns;
    const char *text = own_time(line, &len, not_before_ns, now_ns, &mono_ns);
    while (len > 0 && (text[len - 1] == '\r' || text[len - 1] == ' '))
        len--;
    if (len == 0)
        return;
    if (mono_ns < marks->last_mono_ns)
        mono_ns = marks->last_mono_ns;
    char clean[JB_MARK_TEXT];
    size_t n = len < sizeof clean - 1 ? len : sizeof clean - 1;
    for (size_t i = 0; i < n; i++)
        clean[i] = (unsigned char)text[i] < 0x20 || text[i] == 0x7f ? '?' : text[i];
    clean[n] = '\0';
    int64_t utc_us = now_utc_us - (now_ns - mono_ns) / JB_NS_PER_US;
    if (!add_line(marks, mono_ns, utc_us, clean))
        return;
    memcpy(marks->last_text, clean, n + 1);
    if (marks->on_mark)
        marks->on_mark(marks->arg, clean);
}

/* The lines of a block; how many bytes of it are done with. */
static size_t take_lines(struct jb_marks_file *marks, const struct jb_clock *clock,
                         const char *block, size_t len, int64_t not_before_ns, int64_t not_after_ns,
                         bool at_end)
{
    int64_t now_ns = jb_mono_ns(clock), now_utc_us = jb_utc_us(clock);
    if (now_ns > not_after_ns) {
        now_utc_us -= (now_ns - not_after_ns) / JB_NS_PER_US;
        now_ns = not_after_ns;
    }
    size_t at = 0;
    while (at < len && marks->n_marks < JB_MARKS_MAX) {
        const char *end = memchr(block + at, '\n', len - at);
        /* A line longer than the block, or the last one at the end, is taken as far as it goes. */
        size_t line_len = end ? (size_t)(end - block) - at : len - at;
        bool is_whole = end || at_end || (at == 0 && len == BLOCK);
        if (!is_whole)
            break;
        take_line(marks, block + at, line_len, not_before_ns, now_ns, now_utc_us);
        at += line_len + (end ? 1 : 0);
    }
    return at;
}

size_t jb_marks_take(struct jb_marks_file *marks, const struct jb_clock *clock,
                     int64_t not_before_ns, int64_t not_after_ns, bool at_end)
{
    char block[BLOCK];
    struct stat st;
    int64_t before = marks->n_marks;
    drain_notify(marks);
    if (marks->marks_fd < 0 || before >= JB_MARKS_MAX || fstat(marks->marks_fd, &st) < 0)
        return 0;
    if (st.st_size < marks->offset)
        marks->offset = 0;
    int64_t most = at_end ? END_MAX : CALL_MAX;
    int64_t until = st.st_size - marks->offset < most ? st.st_size : marks->offset + most;
    while (marks->offset < until && marks->n_marks < JB_MARKS_MAX) {
        ssize_t n = pread(marks->marks_fd, block, sizeof block, marks->offset);
        size_t done =
            n > 0 ? take_lines(marks, clock, block, (size_t)n, not_before_ns, not_after_ns, at_end)
                  : 0;
        if (done == 0)
            break;
        marks->offset += (int64_t)done;
    }
    /* A file that nobody reads any more need wake nobody. */
    if (marks->n_marks >= JB_MARKS_MAX && marks->notify_fd >= 0)
        (void)inotify_rm_watch(marks->notify_fd, marks->watch);
    return (size_t)(marks->n_marks - before);
}
