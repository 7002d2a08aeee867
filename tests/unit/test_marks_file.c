/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a growing file to marks: times, order, torn and wild input. */
#include "pipeline/marks_file.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "remove_tree.h"
#include "tap.h"

static char folder[64];
static struct jb_spool spool;
static struct jb_clock_manual hands = {
    .mono_ns = 1000, .boot_ns = 1000, .utc_us = 1700000000000000};
static const char run_id[] = "01900000-0000-7000-8000-000000000001";

static void append(const struct jb_marks_file *marks, const char *text)
{
    int fd = open(marks->path, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
        bail_out("cannot write marks");
    close(fd);
}

static const char *seen(void)
{
    static char text[65536];
    char path[1200];
    (void)jb_spool_run_path(&spool, "seen", run_id, path, sizeof path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = '\0';
    return text;
}

static const char *const ids[] = {"01900000-0000-7000-8000-000000000002",
                                  "01900000-0000-7000-8000-000000000003"};

static void open_other(struct jb_marks_file *marks, int i)
{
    if (jb_marks_open(&spool, ids[i], marks, NULL) < 0)
        bail_out("cannot open a file of marks");
}

/* `echo epoch 2 > $JOULEBOOK_MARKS` instead of >>. */
static void test_written_anew(const struct jb_clock *clock)
{
    struct jb_marks_file marks;

    open_other(&marks, 0);
    append(&marks, "epoch 1, a long line\n");
    (void)jb_marks_take(&marks, clock, 0, INT64_MAX, false);
    if (truncate(marks.path, 0) < 0)
        bail_out("cannot cut the file of marks");
    append(&marks, "epoch 2\n");
    is_i64((int64_t)jb_marks_take(&marks, clock, 0, INT64_MAX, false), 1,
           "R-MARK-03: a file written anew is read from its start");
    is_str(marks.last_text, "epoch 2", "R-MARK-03: its line is the mark");
    jb_marks_close(&marks);
}

static void test_flood(const struct jb_clock *clock)
{
    static char lines[1 << 20];
    struct jb_marks_file marks;
    int n_calls = 0;

    open_other(&marks, 1);
    jb_marks_watch(&marks);
    for (size_t i = 0; i + 8 <= sizeof lines; i += 8)
        memcpy(lines + i, "epoch 1\n", 8);
    int fd = open(marks.path, O_WRONLY | O_APPEND | O_CLOEXEC);
    for (int i = 0; i < 2; i++)
        if (write(fd, lines, sizeof lines) != (ssize_t)sizeof lines)
            bail_out("cannot write marks");
    if (ftruncate(fd, INT64_C(1) << 40) < 0)
        bail_out("cannot make a large file of marks");
    close(fd);
    while (jb_marks_take(&marks, clock, 0, INT64_MAX, false) > 0 && n_calls < 100)
        n_calls++;
    is_i64(marks.n_marks, JB_MARKS_MAX, "R-MARK-03: a flood ends at the greatest number of marks");
    ok(n_calls < 100, "R-MARK-03: and nothing is taken after it");
    ok(jb_marks_take(&marks, clock, 0, INT64_MAX, true) == 0, "R-MARK-03: at the end neither");
    append(&marks, "more\n");
    struct pollfd watched = {.fd = marks.notify_fd, .events = POLLIN};
    (void)jb_marks_take(&marks, clock, 0, INT64_MAX, false);
    char events[4096];
    while (marks.notify_fd >= 0 && read(marks.notify_fd, events, sizeof events) > 0)
        ;
    append(&marks, "and more\n");
    is_i64(poll(&watched, 1, 50), 0, "R-MARK-03: a file that is read no more wakes nobody");
    jb_marks_close(&marks);
}

int main(void)
{
    char book[96];
    bool is_stale;
    struct jb_clock clock = jb_clock_from_manual(&hands);
    struct jb_marks_file marks;
    (void)snprintf(folder, sizeof folder, "/tmp/jb-test-marks-XXXXXX");
    if (!mkdtemp(folder))
        bail_out("no temporary folder");
    (void)snprintf(book, sizeof book, "%s/book.db", folder);
    if (jb_spool_open(book, "node1", "boot-a", &spool, &is_stale, NULL) < 0 ||
        jb_marks_open(&spool, run_id, &marks, NULL) < 0)
        bail_out("cannot open a file of marks");

    is_i64((int64_t)jb_marks_take(&marks, &clock, 0, INT64_MAX, false), 0,
           "an empty file has no mark");
    jb_marks_watch(&marks);
    append(&marks, "epoch 1 accuracy=0.5\n");
    if (marks.notify_fd >= 0) {
        struct pollfd fd = {.fd = marks.notify_fd, .events = POLLIN};
        is_i64(poll(&fd, 1, 1000), 1, "the kernel tells of a new line");
    }
    hands.mono_ns = 5000;
    is_i64((int64_t)jb_marks_take(&marks, &clock, 0, INT64_MAX, false), 1, "a line is a mark");
    is_str(seen(), "5000 1700000000000000 epoch 1 accuracy=0.5\n", "at the time it was seen");
    append(&marks, "@3000 epoch 2");
    is_i64((int64_t)jb_marks_take(&marks, &clock, 0, INT64_MAX, false), 0,
           "half a line is none yet");
    append(&marks, "\n@4999000 late\n@1 early\n");
    hands.mono_ns = 9000000;
    is_i64((int64_t)jb_marks_take(&marks, &clock, 4000, INT64_MAX, false), 3, "three more");
    const char *text = seen();
    ok(strstr(text, "\n9000000 1700000000000000 epoch 2\n") != NULL,
       "a time before the run's present part is not believed");
    ok(strstr(text, "\n9000000 1700000000000000 late\n") != NULL, "marks never go back in time");
    hands.mono_ns = 20000000;
    append(&marks, "@19000000 its own time\n");
    (void)jb_marks_take(&marks, &clock, 4000, INT64_MAX, false);
    ok(strstr(seen(), "\n19000000 1699999999999000 its own time\n") != NULL,
       "a time that can be true is used");
    append(&marks, "\n\r\n  tab\there \x01 \r\n");
    is_i64((int64_t)jb_marks_take(&marks, &clock, 0, INT64_MAX, false), 1,
           "empty lines are no marks");
    ok(strstr(seen(), "  tab?here ?\n") != NULL, "control characters are replaced");
    char wild[20000];
    memset(wild, 'x', sizeof wild - 1);
    wild[sizeof wild - 1] = '\0';
    append(&marks, wild);
    (void)jb_marks_take(&marks, &clock, 0, INT64_MAX, false);
    append(&marks, "\nlast line without end");
    int64_t before = marks.n_marks;
    (void)jb_marks_take(&marks, &clock, 0, INT64_MAX, false);
    (void)jb_marks_take(&marks, &clock, 0, INT64_MAX, true);
    ok(marks.n_marks > before, "at the end a last line counts without its newline");
    ok(strstr(seen(), "last line without end\n") != NULL, "and is whole");
    size_t longest = 0;
    for (const char *at = seen(); *at;) {
        const char *end = strchr(at, '\n');
        size_t len = end ? (size_t)(end - at) : strlen(at);
        longest = len > longest ? len : longest;
        at = end ? end + 1 : at + len;
    }
    ok(longest < JB_MARK_TEXT + 64, "no line is longer than a mark may be");
    append(&marks, "after the end\n");
    (void)jb_marks_take(&marks, &clock, 0, hands.mono_ns - 5, true);
    ok(strstr(seen(), "\n20000000 1700000000000000 after the end\n") != NULL,
       "marks never go back, also where the run ended before they were seen");
    jb_marks_close(&marks);
    test_written_anew(&clock);
    test_flood(&clock);
    jb_spool_close(&spool);
    remove_tree(folder);
    return done_testing();
}
