/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Marks as they were seen to marks with their energies, between two frames: R-MARK-02. What is torn at the end of the file is
 * left out.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "account/account.h"
#include "base/num.h"
#include "pipeline/marks_file.h"
#include "pipeline/run_track_int.h"

/* JB_MARKS_MAX lines of two times and a text. */
#define SEEN_MAX (JB_MARKS_MAX * (JB_MARK_TEXT + 64))

void run_track__load_seen(const struct jb_spool *spool, struct jb_track *track)
{
    char path[1200];
    if (!jb_spool_run_path(spool, "seen", track->run_id, path, sizeof path))
        return;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat st;
    if (fd < 0)
        return;
    if (fstat(fd, &st) == 0 && st.st_size > 0) {
        size_t len = st.st_size < SEEN_MAX ? (size_t)st.st_size : SEEN_MAX;
        track->seen = malloc(len);
        ssize_t n = track->seen ? pread(fd, track->seen, len, 0) : -1;
        track->seen_len = n > 0 ? (size_t)n : 0;
    }
    close(fd);
}

/* The next "mono_ns utc_us text" line of the seen file, without moving on; false at the end. */
static bool peek_mark(const struct jb_track *track, struct jb_account_mark *ret, size_t *ret_next)
{
    size_t at = track->seen_at;
    while (at < track->seen_len) {
        const char *line = track->seen + at;
        const char *end = memchr(line, '\n', track->seen_len - at);
        if (!end)
            return false; /* torn: its writer died */
        size_t len = (size_t)(end - line);
        *ret_next = at + len + 1;
        const char *first = memchr(line, ' ', len);
        const char *second =
            first ? memchr(first + 1, ' ', len - (size_t)(first + 1 - line)) : NULL;
        memset(ret, 0, sizeof *ret);
        if (second && jb_parse_i64(line, (size_t)(first - line), false, &ret->mono_ns) == JB_OK &&
            jb_parse_i64(first + 1, (size_t)(second - first - 1), false, &ret->utc_us) == JB_OK) {
            size_t text_len = len - (size_t)(second + 1 - line);
            if (text_len >= sizeof ret->text)
                text_len = sizeof ret->text - 1;
            memcpy(ret->text, second + 1, text_len);
            return true;
        }
        at = *ret_next;
    }
    return false;
}

static jb_rc add_mark(struct jb_track *track, const struct jb_account_mark *mark,
                      struct jb_error *err)
{
    if (track->n_marks == JB_MARKS_MAX)
        return JB_OK; /* jb_track_close_ended says so in a note */
    if (track->n_marks == track->marks_capacity) {
        size_t capacity = track->marks_capacity ? track->marks_capacity * 2 : 16;
        struct jb_account_mark *grown = realloc(track->marks, capacity * sizeof *grown);
        if (!grown)
            return jb_fail(err, JB_E_NOMEM, NULL, "no memory for marks");
        track->marks = grown;
        track->marks_capacity = capacity;
    }
    track->marks[track->n_marks++] = *mark;
    return JB_OK;
}

/*
 * R-MARK-02: between the mark and the nearer frame the run cannot have used more than the window held, nor more than
 * all meters can draw in that time; interpolation stays within that too.
 */
static int64_t left_open_uj(int64_t window_uj, int64_t into_ns, int64_t length_ns,
                            int64_t greatest_uw)
{
    int64_t nearest_ns = into_ns < length_ns - into_ns ? into_ns : length_ns - into_ns;
    int64_t most_uj =
        jb_muldiv_sat_i64(nearest_ns, greatest_uw, INT64_C(1000000000), JB_ROUND_CEIL);
    return most_uj < window_uj ? most_uj : window_uj;
}

static jb_rc marks_of_run(struct jb_track *track, const struct jb_segment_run *run, int64_t from,
                          int64_t to, int64_t greatest_uw, struct jb_error *err)
{
    int64_t window_run = run->run_uj - track->segment_run_uj;
    int64_t window_total = run->total_uj - track->segment_total_uj;
    struct jb_account_mark mark;
    size_t next;
    while (peek_mark(track, &mark, &next) && mark.mono_ns <= to) {
        track->seen_at = next;
        if (mark.mono_ns <= from)
            continue; /* entered by a settlement before this one */
        int64_t into = mark.mono_ns - from, length = to - from;
        mark.run_uj = track->run_uj + track->segment_run_uj +
                      jb_muldiv_sat_i64(window_run, into, length, JB_ROUND_NEAREST);
        mark.total_uj = track->total_uj + track->segment_total_uj +
                        jb_muldiv_sat_i64(window_total, into, length, JB_ROUND_NEAREST);
        mark.half_width_uj = left_open_uj(window_run, into, length, greatest_uw);
        jb_rc rc = add_mark(track, &mark, err);
        if (rc < 0)
            return rc;
    }
    track->segment_run_uj = run->run_uj;
    track->segment_total_uj = run->total_uj;
    return JB_OK;
}

jb_rc jb_track_marks(struct jb_track_table *table, const struct jb_segment *segment,
                     int64_t from_mono_ns, int64_t to_mono_ns, int64_t greatest_uw,
                     struct jb_error *err)
{
    for (size_t i = 0; i < jb_segment_n_runs(segment); i++) {
        const struct jb_segment_run *run = jb_segment_run(segment, i);
        struct jb_track *track = NULL;
        jb_rc rc = run_track__get(table, run->run_id, &track, err);
        if (rc == JB_OK)
            rc = marks_of_run(track, run, from_mono_ns, to_mono_ns, greatest_uw, err);
        if (rc < 0)
            return rc;
    }
    return JB_OK;
}
