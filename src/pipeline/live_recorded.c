/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The recorder's log and shared state to runs and meters as they are now. Shares come from the same frames and the same
 * segment as the book's postings, so what is shown is what will be posted. R-LIVE-01 to R-LIVE-03.
 */
#include "pipeline/live_int.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "account/account.h"
#include "base/num.h"
#include "carbon/carbon.h"
#include "ledger/ledger.h"
#include "pipeline/marks_file.h"
#include "pipeline/predicted.h"

#define MARKS_BLOCK 4096
#define LOOK_TRIES  4

static struct tally *tally_of(struct jb_live_view *view, const char *run_id)
{
    for (size_t i = 0; i < view->n_tallies; i++)
        if (strcmp(view->tallies[i].run_id, run_id) == 0)
            return &view->tallies[i];
    /* The places of runs that went are free again. */
    for (size_t i = 0; i < view->n_tallies; i++)
        if (!view->tallies[i].is_present)
            view->tallies[i--] = view->tallies[--view->n_tallies];
    if (view->n_tallies == JB_ARRAY_LEN(view->tallies))
        return NULL;
    struct tally *const tally = &view->tallies[view->n_tallies++];
    memset(tally, 0, sizeof *tally);
    memcpy(tally->run_id, run_id, sizeof tally->run_id);
    tally->power_uw = -1;
    return tally;
}

/* What the present segment holds goes over to the runs. */
static void end_segment(struct jb_live_view *view)
{
    for (size_t i = 0; view->is_in_segment && i < jb_segment_n_runs(view->segment); i++) {
        const struct jb_segment_run *const run = jb_segment_run(view->segment, i);
        struct tally *const tally = tally_of(view, run->run_id);
        if (!tally)
            continue;
        tally->run_uj = jb_add_sat_i64(tally->run_uj, run->run_uj);
        tally->total_uj = jb_add_sat_i64(tally->total_uj, run->total_uj);
    }
    view->is_in_segment = false;
}

static const struct jb_segment_run *in_segment(const struct jb_live_view *view, const char *run_id)
{
    for (size_t i = 0; view->is_in_segment && i < jb_segment_n_runs(view->segment); i++)
        if (strcmp(jb_segment_run(view->segment, i)->run_id, run_id) == 0)
            return jb_segment_run(view->segment, i);
    return NULL;
}

static int64_t run_uj(const struct jb_live_view *view, const struct tally *tally)
{
    const struct jb_segment_run *const run = in_segment(view, tally->run_id);

    return jb_add_sat_i64(tally->run_uj, run ? run->run_uj : 0);
}

struct posted {
    const struct jb_live_view *view;
    char account[JB_RUN_ID + 8];
    struct tally *tally;
};

static jb_rc add_interval(void *arg, int64_t seq, const struct jb_interval *interval,
                          const struct jb_line *lines, size_t n_lines, struct jb_error *err)
{
    const struct posted *const posted = arg;

    (void)seq;
    (void)err;
    if (interval->role != JB_ROLE_POST || interval->mono_end_ns > posted->view->begin_ns ||
        strcmp(interval->host, posted->view->host) != 0)
        return JB_OK;
    for (size_t i = 0; i < n_lines; i++)
        if (strcmp(lines[i].account, posted->account) == 0)
            posted->tally->run_uj = jb_add_sat_i64(posted->tally->run_uj, lines[i].amount_uj);
    posted->tally->total_uj = jb_add_sat_i64(posted->tally->total_uj, interval->energy_uj);
    return JB_OK;
}

/* R-LIVE-02: the log is cut at full hours; what a run used before is in the book. */
static void add_posted(const struct jb_live_view *view, struct tally *tally)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    struct posted posted = {.view = view, .tally = tally};

    (void)snprintf(posted.account, sizeof posted.account, "run:%s", tally->run_id);
    if (jb_ledger_open(view->book_path, JB_LEDGER_READ, view->env.clock, &ledger, NULL) < 0 ||
        jb_ledger_each_interval(ledger, tally->run_id, add_interval, &posted, NULL) < 0) {
        tally->run_uj = 0;
        tally->total_uj = 0;
    }
}

/* R-LIVE-02: power of a run is its share of the last window. */
static void see_subjects(struct jb_live_view *view, const struct jb_frame *frame)
{
    for (size_t i = 0; i < view->n_tallies; i++)
        view->tallies[i].is_present = false;
    for (uint32_t i = 0; i < frame->n_subjects; i++) {
        const struct jb_frame_subject *const subject = &frame->subjects[i];
        struct tally *const tally = tally_of(view, subject->run_id);
        if (!tally)
            continue;
        if (view->begin_ns == frame->mono_ns && !(subject->flags & JB_SUBJECT_BEGINS))
            add_posted(view, tally);
        tally->is_present = !(subject->flags & JB_SUBJECT_ENDS);
        const int64_t now_uj = run_uj(view, tally);
        if (tally->last_ns > 0 && frame->mono_ns - tally->last_ns >= LIVE_POWER_LEAST_NS / 9)
            tally->power_uw = jb_muldiv_sat_i64(now_uj - tally->last_uj, JB_NS_PER_S,
                                                frame->mono_ns - tally->last_ns, JB_ROUND_NEAREST);
        tally->last_uj = now_uj;
        tally->last_ns = frame->mono_ns;
    }
}

static bool has_new_epoch(const struct jb_live_view *view, const struct jb_frame *frame)
{
    for (uint32_t i = 0; i < frame->n_channels && i < view->last.n_channels; i++)
        if (view->last.channels[i].is_open && frame->channels[i].is_open &&
            view->last.channels[i].epoch != frame->channels[i].epoch)
            return true;
    return false;
}

static void begin_segment(struct jb_live_view *view, const struct jb_frame *frame)
{
    jb_segment_begin(view->segment, view->channels, view->n_channels, view->idle, frame);
    view->is_in_segment = true;
}

/* Nothing of this log was seen: what a run of it used before is in the book, and runs that are not in it have ended. */
static void forget_runs(struct jb_live_view *view)
{
    view->is_in_segment = false;
    view->n_tallies = 0;
    view->last.mono_ns = 0;
    memset(view->before, 0, sizeof view->before);
}

/* As settling does it (R-SETTLE-01, -02), without the book. */
static jb_rc see_frame(struct jb_live_view *view, const struct jb_frame *frame,
                       struct jb_error *err)
{
    jb_rc rc = JB_OK;

    if (!view->channels)
        return JB_OK;
    if (view->is_other_log && frame->mono_ns > view->last.mono_ns)
        forget_runs(view);
    view->is_other_log = false;
    if (view->last.mono_ns > 0 && frame->mono_ns < view->last.mono_ns)
        return JB_OK; /* a log that was cut begins with what was seen */
    if (view->is_in_segment && frame->mono_ns > view->last.mono_ns) {
        if (has_new_epoch(view, frame)) {
            end_segment(view);
            begin_segment(view, &view->last);
        }
        rc = jb_segment_add(view->segment, frame, err);
    }
    if (rc < 0)
        return rc;
    if (view->last.mono_ns == 0)
        view->begin_ns = frame->mono_ns;
    see_subjects(view, frame);
    if (view->is_in_segment && frame->why != JB_FRAME_WINDOW)
        end_segment(view);
    if (view->last.mono_ns == 0)
        memcpy(view->first, frame->channels, frame->n_channels * sizeof frame->channels[0]);
    if (!view->is_in_segment)
        begin_segment(view, frame);
    jb_frame_copy(&view->last, frame);
    return JB_OK;
}

static jb_rc see_channels(struct jb_live_view *view, const struct jb_log_record *record,
                          struct jb_error *err)
{
    const uint64_t table = jb_log_table_sum(record->channels, record->n_channels);
    const bool is_same = view->channels && table == view->table;
    const size_t bytes = record->n_channels * sizeof *record->channels;
    struct jb_channel *const channels = malloc(bytes ? bytes : 1);

    if (!channels)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the table of channels");
    memcpy(channels, record->channels, bytes);
    if (!is_same) {
        end_segment(view);
        memset(view->before, 0, sizeof view->before);
        view->last.mono_ns = 0;
    }
    if (view->is_in_segment)
        end_segment(view);
    free(view->channels);
    view->channels = channels;
    view->n_channels = record->n_channels;
    view->table = table;
    return JB_OK;
}

static bool read_mark(const struct jb_live_view *view, int64_t offset, uint8_t *ret)
{
    const int fd = openat(view->spool.folder_fd, "log", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    const ssize_t n = fd >= 0 ? pread(fd, ret, LIVE_MARK_BYTES, offset) : -1;

    if (fd >= 0)
        (void)close(fd);
    return n == LIVE_MARK_BYTES;
}

/* Whether the log was cut at an hour, or emptied and begun anew: by its size that cannot be told. */
static bool is_other_log(const struct jb_live_view *view)
{
    uint8_t mark[LIVE_MARK_BYTES];

    if (view->offset == 0)
        return false;
    return !view->has_mark || !read_mark(view, view->mark_offset, mark) ||
           memcmp(mark, view->mark, sizeof mark) != 0;
}

static jb_rc see_record(void *arg, const struct jb_log_record *record, struct jb_error *err)
{
    struct jb_live_view *const view = arg;

    switch (record->kind) {
    case JB_LOG_CHANNELS: return see_channels(view, record, err);
    case JB_LOG_IDLE:
        memcpy(view->idle, record->idle, record->n_idle * sizeof view->idle[0]);
        return JB_OK;
    case JB_LOG_FRAME:
        view->has_mark = read_mark(view, record->offset, view->mark);
        view->mark_offset = record->offset;
        return see_frame(view, record->frame, err);
    case JB_LOG_SERIES:
    case JB_LOG_NOTE: return JB_OK;
    }
    return JB_OK;
}

static jb_rc read_log(struct jb_live_view *view, struct jb_error *err)
{
    if (is_other_log(view)) {
        view->offset = 0;
        view->has_mark = false;
        view->is_other_log = true;
    }
    int64_t end = view->offset;
    const jb_rc rc = jb_log_read(&view->spool, view->offset, see_record, view, &end, err);
    if (rc == JB_OK)
        view->offset = end;
    return rc;
}

/* A line of the marks seen, "mono_ns utc_us text": a mark, or a prediction of ours (R-PREDICT-12). */
static void see_line(struct tally *tally, const char *line)
{
    const char *text = line;
    struct jb_predicted predicted;

    for (int i = 0; i < 2 && text; i++) {
        text = strchr(text, ' ');
        text = text ? text + 1 : NULL;
    }
    if (!text)
        return;
    if (text[0] != JB_MARK_OURS) {
        (void)snprintf(tally->mark, sizeof tally->mark, "%s", text);
    } else if (jb_predicted_from_line(text, &predicted, NULL) == JB_OK) {
        tally->predicted = predicted;
        tally->has_predicted = true;
    }
}

/* What came to the marks since the last look; a line that is being written is left for the next one. */
static void see_marks(const struct jb_live_view *view, struct tally *tally)
{
    char path[1200], text[MARKS_BLOCK + 1];

    if (!jb_spool_run_path(&view->spool, "seen", tally->run_id, path, sizeof path))
        return;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n;
    if (fd >= 0 && lseek(fd, 0, SEEK_END) < tally->seen_offset)
        tally->seen_offset = 0;
    while (fd >= 0 && (n = pread(fd, text, MARKS_BLOCK, tally->seen_offset)) > 0) {
        char *line = text, *end;
        text[n] = '\0';
        while ((end = memchr(line, '\n', (size_t)(text + n - line))) != NULL) {
            *end = '\0';
            see_line(tally, line);
            line = end + 1;
        }
        if (line == text && n < MARKS_BLOCK)
            break;
        tally->seen_offset += line > text ? line - text : n; /* lines are shorter than a block */
    }
    if (fd >= 0)
        (void)close(fd);
}

static void load_facts(struct jb_live_view *view, struct tally *tally)
{
    char *json = NULL;
    bool is_alive;

    if (tally->has_facts ||
        jb_spool_read_run(&view->spool, tally->run_id, &json, &is_alive, NULL) < 0)
        return;
    tally->has_facts = jb_run_from_json(json, &tally->facts, NULL) == JB_OK;
    tally->has_grid =
        tally->has_facts && tally->facts.place[0] != '\0' &&
        jb_catalogue_find_grid(tally->facts.place, 0, NULL, &tally->grid, NULL) == JB_OK;
    free(json);
}

/* R-LIVE-03: at the year's mean of the place and at the tariff given; the account knows the hours. */
static void show_factors(const struct tally *tally, struct jb_live_run *shown)
{
    const struct jb_figure energy = {.is_known = true,
                                     .low = shown->energy_uj,
                                     .best = shown->energy_uj,
                                     .high = shown->energy_uj};
    const struct jb_carbon_factor factor = {.low_mg_per_kwh = tally->grid.low_mg_per_kwh,
                                            .best_mg_per_kwh = tally->grid.best_mg_per_kwh,
                                            .high_mg_per_kwh = tally->grid.high_mg_per_kwh};

    if (tally->has_grid && jb_carbon_of_energy(&energy, &factor, &shown->location_ugco2e, NULL) < 0)
        shown->location_ugco2e.is_known = false;
    if (tally->has_facts && tally->facts.tariff_micro_per_kwh >= 0 &&
        jb_cost_of_energy(&energy, tally->facts.tariff_micro_per_kwh, &shown->cost_micro, NULL) < 0)
        shown->cost_micro.is_known = false;
}

static void show_runs(struct jb_live_view *view)
{
    struct jb_live *const live = &view->live;

    live->n_runs = 0;
    for (size_t i = 0; i < view->n_tallies && live->n_runs < JB_SUBJECTS_MAX; i++) {
        struct tally *const tally = &view->tallies[i];
        if (!tally->is_present)
            continue;
        load_facts(view, tally);
        struct jb_live_run *const shown = &live->runs[live->n_runs++];
        const struct jb_segment_run *const present = in_segment(view, tally->run_id);
        memset(shown, 0, sizeof *shown);
        shown->run = tally->facts;
        memcpy(shown->run.id, tally->run_id, sizeof shown->run.id);
        shown->elapsed_ns = tally->has_facts ? live->mono_ns - tally->facts.start_mono_ns : -1;
        shown->power_uw = tally->power_uw;
        shown->energy_uj = run_uj(view, tally);
        shown->meters_uj = jb_add_sat_i64(tally->total_uj, present ? present->total_uj : 0);
        show_factors(tally, shown);
        see_marks(view, tally);
        memcpy(shown->mark, tally->mark, sizeof shown->mark);
        shown->has_predicted = tally->has_predicted;
        shown->predicted = tally->predicted;
    }
}

/* A copy that the recorder did not write into meanwhile. */
static bool copy_latest(const struct jb_live_view *view, struct jb_spool_latest *ret)
{
    for (int i = 0; i < LOOK_TRIES; i++) {
        const struct jb_spool_latest *const latest = jb_spool_latest_newest(&view->spool);
        if (!latest)
            return false;
        const uint64_t begun = atomic_load(&latest->begun);
        memcpy(ret, latest, sizeof *ret);
        if (atomic_load(&latest->begun) == begun && latest->table == view->table)
            return latest->n_channels == view->n_channels;
    }
    return false;
}

jb_rc live__look_recorded(struct jb_live_view *view, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct jb_spool_latest *latest = malloc(sizeof *latest);
    struct jb_live *const live = &view->live;

    if (!latest)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to look at the meters");
    const jb_rc rc = read_log(view, err);
    if (rc < 0)
        return rc;
    live->n_channels = 0;
    if (copy_latest(view, latest)) {
        live->n_channels = view->n_channels;
        for (size_t i = 0; i < view->n_channels; i++)
            live__show_channel(view, i, &view->channels[i], &latest->channels[i], &view->first[i]);
    }
    show_runs(view);
    live__keep_history(view);
    return JB_OK;
}
