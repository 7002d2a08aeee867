/* SPDX-License-Identifier: Apache-2.0 */
/* The spool's log: what was written is read back; a torn end costs the torn record alone. */
#include "spool/log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "remove_tree.h"
#include "tap.h"

static char folder[64];
static struct jb_spool spool;

struct seen {
    int n_channels, n_frames, n_idle, n_series, n_notes;
    int64_t last_mono_ns;
    uint32_t n_subjects;
    char note[64];
    int64_t count, board_ns, use_ns;
    uint64_t unseen;
    int64_t first_frame_offset, second_frame_offset;
};

static jb_rc see(void *arg, const struct jb_log_record *record, struct jb_error *err)
{
    (void)err;
    struct seen *seen = arg;
    switch (record->kind) {
    case JB_LOG_CHANNELS: seen->n_channels = (int)record->n_channels; break;
    case JB_LOG_FRAME:
        seen->n_frames++;
        seen->last_mono_ns = record->frame->mono_ns;
        seen->n_subjects = record->frame->n_subjects;
        seen->count = (int64_t)record->frame->channels[1].count;
        const struct jb_uses *uses = &record->frame->uses;
        seen->board_ns = jb_uses_board(uses, 1) ? jb_uses_board(uses, 1)->busy_ns : -1;
        seen->use_ns = jb_uses_find(uses, 42, 1) ? jb_uses_find(uses, 42, 1)->busy_ns : -1;
        seen->unseen = record->frame->subjects[0].unseen[1];
        if (seen->n_frames == 1)
            seen->first_frame_offset = record->offset;
        if (seen->n_frames == 2)
            seen->second_frame_offset = record->offset;
        break;
    case JB_LOG_IDLE: seen->n_idle = (int)record->n_idle; break;
    case JB_LOG_SERIES: seen->n_series++; break;
    case JB_LOG_NOTE:
        seen->n_notes++;
        (void)snprintf(seen->note, sizeof seen->note, "%s", record->note);
        break;
    }
    return JB_OK;
}

static int64_t read_all(struct seen *seen)
{
    int64_t end = -1;
    memset(seen, 0, sizeof *seen);
    if (jb_log_read(&spool, 0, see, seen, &end, NULL) < 0)
        return -1;
    return end;
}

static struct jb_channel channels[2];
static struct jb_idle idle[2];
static struct jb_frame frame;

static void write_session(struct jb_log_writer *log, int n_frames)
{
    bool is_good = jb_log_channels(log, channels, 2, NULL) == JB_OK &&
                   jb_log_idle(log, idle, 2, NULL) == JB_OK;
    for (int i = 1; i <= n_frames; i++) {
        frame.mono_ns = i * 1000;
        frame.n_channels = 2;
        frame.n_subjects = 1;
        frame.channels[1].count = (uint64_t)i;
        frame.subjects[0].unseen[1] = 5;
        frame.uses.n_boards = 1;
        frame.uses.boards[0] = (struct jb_board){.channel = 1, .busy_ns = 10 * i};
        frame.uses.n_uses = 2;
        frame.uses.uses[1] = (struct jb_use){.run = 42, .channel = 1, .busy_ns = 7 * i};
        is_good = is_good && jb_log_frame(log, &frame, NULL) == JB_OK;
    }
    is_good = is_good && jb_log_series(log, 1, 5, "abc", 3, NULL) == JB_OK &&
              jb_log_note(log, "a sentence", NULL) == JB_OK;
    ok(is_good, "a session is written");
}

static void test_round_trip(void)
{
    struct seen seen;
    is_i64(read_all(&seen), 0, "no log is an empty log");
    struct jb_log_writer log;
    if (jb_log_open(&spool, &log, NULL) < 0)
        bail_out("cannot open the log");
    write_session(&log, 3);
    is_i64(read_all(&seen), log.bytes, "it is read to its end");
    ok(seen.n_channels == 2 && seen.n_idle == 2 && seen.n_frames == 3 && seen.n_series == 1 &&
           seen.n_notes == 1,
       "every record is there");
    is_i64(seen.last_mono_ns, 3000, "frames keep their time");
    is_i64(seen.count, 3, "and their counts");
    is_i64(seen.n_subjects, 1, "and their runs");
    is_i64(seen.board_ns, 30, "and what is known of boards,");
    is_i64(seen.use_ns, 21, "of who uses them,");
    is_i64((int64_t)seen.unseen, 5, "and of who cannot see them");
    is_str(seen.note, "a sentence", "and notes their words");
    jb_log_close(&log);
}

static void test_torn_end(void)
{
    struct seen seen;
    int64_t whole = read_all(&seen);
    char path[1100];
    (void)snprintf(path, sizeof path, "%s/log", spool.path);
    struct stat st;
    if (stat(path, &st) < 0)
        bail_out("no log");
    /* Every length that a dying writer can leave of the last record. */
    int n_good = 0, n_tried = 0;
    struct jb_log_writer log;
    if (jb_log_open(&spool, &log, NULL) < 0)
        bail_out("cannot open the log");
    frame.mono_ns = 4000;
    if (jb_log_frame(&log, &frame, NULL) < 0)
        bail_out("cannot write a frame");
    int64_t full = log.bytes;
    jb_log_close(&log);
    for (int64_t cut = full - 1; cut >= whole; cut -= 7) {
        n_tried++;
        if (truncate(path, cut) < 0)
            break;
        n_good += read_all(&seen) == whole && seen.n_frames == 3;
    }
    is_i64(n_good, n_tried, "a record cut at any byte ends the log before it");
    if (jb_log_open(&spool, &log, NULL) < 0)
        bail_out("cannot open the log");
    is_i64(log.bytes, whole, "opening cuts off the torn end");
    frame.mono_ns = 5000;
    ok(jb_log_frame(&log, &frame, NULL) == JB_OK && read_all(&seen) == log.bytes &&
           seen.n_frames == 4,
       "and the next record follows the last whole one");
    jb_log_close(&log);

    int fd = open(path, O_RDWR | O_CLOEXEC);
    uint8_t byte;
    if (fd < 0 || pread(fd, &byte, 1, seen.second_frame_offset + 40) != 1)
        bail_out("cannot look into the log");
    byte ^= 0x10;
    if (pwrite(fd, &byte, 1, seen.second_frame_offset + 40) != 1)
        bail_out("cannot damage the log");
    int64_t damaged = seen.second_frame_offset;
    is_i64(read_all(&seen), damaged, "a damaged record is never taken for a frame");
    is_i64(seen.n_frames, 1, "what is before it is read");
    close(fd);
}

static void test_cut(void)
{
    char path[1100];
    (void)snprintf(path, sizeof path, "%s/log", spool.path);
    unlink(path);
    struct jb_log_writer log;
    if (jb_log_open(&spool, &log, NULL) < 0)
        bail_out("cannot open the log");
    write_session(&log, 5);
    struct seen seen;
    (void)read_all(&seen);
    int64_t before = log.bytes, mark = seen.second_frame_offset, shift = 0;
    ok(jb_log_cut(&spool, &log, mark, channels, 2, idle, &shift, NULL) == JB_OK,
       "a settled log is cut");
    is_i64(read_all(&seen), before - shift, "what follows the mark is kept, byte for byte");
    ok(seen.n_frames == 4 && seen.n_channels == 2 && seen.n_idle == 2 && seen.last_mono_ns == 5000,
       "with the tables it needs");
    is_i64(seen.first_frame_offset, mark - shift, "and offsets move by the shift");
    jb_log_close(&log);
}

int main(void)
{
    (void)snprintf(folder, sizeof folder, "/tmp/jb-test-log-XXXXXX");
    if (!mkdtemp(folder))
        bail_out("no temporary folder");
    char book[96];
    bool is_stale;
    (void)snprintf(book, sizeof book, "%s/book.db", folder);
    if (jb_spool_open(book, "node1", "boot-a", &spool, &is_stale, NULL) < 0)
        bail_out("cannot open a spool");
    test_round_trip();
    test_torn_end();
    test_cut();
    jb_spool_close(&spool);
    remove_tree(folder);
    return done_testing();
}
