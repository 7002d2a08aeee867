/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the spool's log from its start, cuts it into segments, posts those the book does not have, and closes the runs
 * that ended in it. One transaction: after a crash the same log gives the same postings again, or finds them there.
 */
#include "pipeline/settle.h"

#include "base/num.h"
#include "pipeline/account_of_run.h"
#include "pipeline/board_notes.h"
#include "pipeline/calibrated.h"
#include "pipeline/run_track.h"
#include "pipeline/segment.h"
#include "sample/series.h"
#include "spool/log.h"

struct pending_series {
    uint32_t channel;
    size_t len;
    uint8_t *bytes;
};

struct settler {
    struct jb_spool *spool;
    struct jb_ledger *ledger;
    struct jb_settlement *result;
    char host[JB_HOST_NAME], boot_id[JB_BOOT_ID];
    struct jb_channel *channels; /* of the present session */
    size_t n_channels;
    struct jb_idle idle[JB_CHANNELS_MAX];
    int64_t
        posted_until_ns; /* of this host and boot: the end of the last posted interval of any channel */
    struct jb_segment *segment;
    bool is_in_segment;
    int64_t segment_start_ns;
    struct jb_frame last; /* valid while is_in_segment */
    struct jb_track_table tracks;
    struct pending_series *series;
    size_t n_series, series_capacity;
    struct jb_line lines[JB_ENTRY_LINES_MAX];
    bool has_calibration, has_idle_calibration, is_calibration_known;
    struct jb_calibration calibration;
    struct jb_idle_calibration idle_calibration;
    bool is_calibrated; /* no meter reads the node of this session: the calibration stands in */
    char calibration_note[JB_NOTE];
    struct jb_calibrated calibrated; /* of the segment being posted */
};

static void drop_series(struct settler *s)
{
    for (size_t i = 0; i < s->n_series; i++)
        free(s->series[i].bytes);
    s->n_series = 0;
}

static void settler_release(struct settler *s)
{
    drop_series(s);
    free(s->series);
    free(s->channels);
    jb_segment_free(s->segment);
    jb_track_table_release(&s->tracks);
}

/* R-SETTLE-01: what the book has of this boot is not posted again. */
static jb_rc load_posted_until(struct settler *s, struct jb_error *err)
{
    for (size_t i = 0; i < s->n_channels; i++) {
        struct jb_interval interval;
        bool is_found;
        jb_rc rc = jb_ledger_last_interval(s->ledger, s->host, s->boot_id, s->channels[i].id,
                                           &interval, &is_found, err);
        if (rc < 0)
            return rc;
        if (is_found && interval.mono_end_ns > s->posted_until_ns)
            s->posted_until_ns = interval.mono_end_ns;
    }
    return JB_OK;
}

static jb_rc note_all(struct settler *s, const char *note, struct jb_error *err)
{
    jb_rc rc = JB_OK;
    for (size_t i = 0; i < jb_segment_n_runs(s->segment) && rc == JB_OK; i++)
        rc = jb_track_note(&s->tracks, jb_segment_run(s->segment, i)->run_id, note, err);
    return rc;
}

/* R-CAL-06: where no meter read the node, the calibration stands in. */
static jb_rc post_calibrated(struct settler *s, struct jb_error *err)
{
    struct jb_interval interval;
    char note[JB_NOTE];
    size_t n_lines;
    bool is_there;
    if (!s->is_calibrated)
        return s->calibration_note[0] ? note_all(s, s->calibration_note, err) : JB_OK;
    jb_rc rc = jb_calibrated_interval(&s->calibrated, &is_there, &interval, s->lines, &n_lines,
                                      note, sizeof note, err);
    if (rc == JB_OK && note[0])
        rc = note_all(s, note, err);
    if (rc < 0 || !is_there)
        return rc;
    s->result->n_intervals++;
    return jb_ledger_post_interval(s->ledger, &interval, s->lines, n_lines, NULL, err);
}

static jb_rc post_channels(struct settler *s, struct jb_error *err)
{
    jb_calibrated_begin(&s->calibrated, &s->calibration);
    for (size_t i = 0; i < s->n_channels; i++) {
        struct jb_interval interval;
        size_t n_lines;
        bool is_there;
        jb_rc rc = jb_segment_interval(s->segment, i, s->host, s->boot_id, &is_there, &interval,
                                       s->lines, &n_lines, err);
        if (rc < 0)
            return rc;
        if (!is_there)
            continue;
        if (n_lines == 0) {
            rc = jb_track_add_unposted(&s->tracks, s->segment, i, &interval, err);
        } else {
            rc = jb_ledger_post_interval(s->ledger, &interval, s->lines, n_lines, NULL, err);
            s->result->n_intervals++;
            jb_calibrated_add(&s->calibrated, &interval, s->lines, n_lines);
        }
        if (rc < 0)
            return rc;
    }
    return post_calibrated(s, err);
}

/* No meter is a doubt that stands in the account: by which model, of which part. */
static jb_rc note_models(struct settler *s, const char *run_id, struct jb_error *err)
{
    for (size_t i = 0; i < s->n_channels; i++) {
        const struct jb_channel *channel = &s->channels[i];
        char note[JB_CHANNEL_LABEL + 64];
        if (channel->role != JB_ROLE_POST || channel->origin != JB_ORIGIN_MODELLED)
            continue;
        (void)snprintf(note, sizeof note, "no meter for %s; modelled: %s",
                       jb_device_name(channel->device), channel->label);
        jb_rc rc = jb_track_note(&s->tracks, run_id, note, err);
        if (rc < 0)
            return rc;
    }
    return JB_OK;
}

static jb_rc post_series(struct settler *s, struct jb_error *err)
{
    for (size_t i = 0; i < s->n_series; i++) {
        const struct pending_series *one = &s->series[i];
        const uint32_t channel = one->channel & ~JB_LOG_SERIES_BUSY;
        const bool is_busy = (one->channel & JB_LOG_SERIES_BUSY) != 0;
        char name[JB_CHANNEL_ID + sizeof JB_SERIES_BUSY_SUFFIX];
        (void)snprintf(name, sizeof name, "%s%s",
                       channel < s->n_channels ? s->channels[channel].id : JB_SERIES_MACHINE,
                       channel < s->n_channels && is_busy ? JB_SERIES_BUSY_SUFFIX : "");
        for (size_t r = 0; r < jb_segment_n_runs(s->segment); r++) {
            const char *run_id = jb_segment_run(s->segment, r)->run_id;
            if (!jb_segment_is_in_account(s->segment, r, channel) &&
                !jb_track_is_calibration(&s->tracks, run_id))
                continue;
            jb_rc rc = jb_ledger_add_series(s->ledger, run_id, name, one->bytes, one->len, err);
            if (rc < 0)
                return rc;
        }
    }
    return JB_OK;
}

/* Posts the segment that ends at the last frame, unless the book has it or nobody was there to be charged. */
static jb_rc end_segment(struct settler *s, struct jb_error *err)
{
    jb_rc rc = JB_OK;
    jb_segment_drop_vanished(s->segment);
    if (s->is_in_segment && s->last.mono_ns > s->posted_until_ns &&
        s->last.mono_ns > s->segment_start_ns && jb_segment_n_runs(s->segment) > 0) {
        for (size_t i = 0; i < jb_segment_n_runs(s->segment) && rc == JB_OK; i++) {
            const char *run_id = jb_segment_run(s->segment, i)->run_id;
            rc = jb_track_ensure_open(&s->tracks, run_id, err);
            if (rc == JB_OK)
                rc = note_models(s, run_id, err);
            if (rc == JB_OK)
                rc = jb_board_notes(&s->tracks, s->segment, i, s->channels, s->n_channels, err);
        }
        if (rc == JB_OK)
            rc = post_channels(s, err);
        if (rc == JB_OK)
            rc = post_series(s, err);
        if (rc == JB_OK)
            jb_track_keep_segment(&s->tracks, s->segment);
    }
    jb_track_forget_segment(&s->tracks);
    drop_series(s);
    s->is_in_segment = false;
    return rc;
}

static void begin_segment(struct settler *s, const struct jb_frame *frame)
{
    jb_segment_begin(s->segment, s->channels, s->n_channels, s->idle, frame);
    s->segment_start_ns = frame->mono_ns;
    jb_frame_copy(&s->last, frame);
    s->is_in_segment = true;
}

static jb_rc take_channels(struct settler *s, const struct jb_log_record *record,
                           struct jb_error *err)
{
    jb_rc rc = end_segment(s, err);
    if (rc < 0)
        return rc;
    size_t bytes = record->n_channels * sizeof *record->channels;
    struct jb_channel *channels = malloc(bytes ? bytes : 1);
    if (!channels)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the table of channels");
    memcpy(channels, record->channels, bytes);
    free(s->channels);
    s->channels = channels;
    s->n_channels = record->n_channels;
    memset(s->idle, 0, sizeof s->idle);
    if (!s->is_calibration_known) {
        rc = jb_calibration_find(s->ledger, s->host, &s->calibration, &s->has_calibration,
                                 &s->idle_calibration, &s->has_idle_calibration, err);
        if (rc < 0)
            return rc;
        s->is_calibration_known = true;
    }
    s->is_calibrated =
        jb_calibrated_adopt(s->has_calibration ? &s->calibration : NULL, s->channels, s->n_channels,
                            s->calibration_note, sizeof s->calibration_note);
    return load_posted_until(s, err);
}

/* An epoch that changed between two frames ends the segment at the first of them (one interval, one epoch). */
static bool has_new_epoch(const struct settler *s, const struct jb_frame *frame)
{
    for (uint32_t i = 0; i < frame->n_channels && i < s->last.n_channels; i++)
        if (s->last.channels[i].is_open && frame->channels[i].is_open &&
            s->last.channels[i].epoch != frame->channels[i].epoch)
            return true;
    return false;
}

static jb_rc take_ends(struct settler *s, const struct jb_frame *frame, struct jb_error *err)
{
    for (uint32_t i = 0; i < frame->n_subjects; i++) {
        const struct jb_frame_subject *subject = &frame->subjects[i];
        if (!(subject->flags & JB_SUBJECT_ENDS))
            continue;
        jb_rc rc = jb_track_end(&s->tracks, subject, frame->mono_ns, frame->utc_us, err);
        if (rc < 0)
            return rc;
    }
    return JB_OK;
}

/* What all posted channels together can draw, generously. */
static int64_t greatest_power_uw(const struct settler *s)
{
    int64_t sum_uw = 0;
    for (size_t i = 0; i < s->n_channels; i++)
        if (s->channels[i].role == JB_ROLE_POST)
            sum_uw = jb_add_sat_i64(sum_uw, s->channels[i].max_power_uw);
    return sum_uw;
}

static jb_rc take_frame(struct settler *s, const struct jb_frame *frame, struct jb_error *err)
{
    jb_rc rc = JB_OK;
    if (s->is_in_segment && frame->mono_ns > s->last.mono_ns) {
        int64_t last_mono_ns = s->last.mono_ns;
        if (has_new_epoch(s, frame)) {
            rc = end_segment(s, err);
            if (rc < 0)
                return rc;
            jb_segment_begin(s->segment, s->channels, s->n_channels, s->idle, &s->last);
            s->segment_start_ns = last_mono_ns;
            s->is_in_segment = true;
        }
        rc = jb_segment_add(s->segment, frame, err);
        if (rc == JB_OK && frame->mono_ns > s->posted_until_ns)
            rc = jb_track_marks(&s->tracks, s->segment, last_mono_ns, frame->mono_ns,
                                greatest_power_uw(s), err);
        jb_frame_copy(&s->last, frame);
        if (rc == JB_OK && frame->why != JB_FRAME_WINDOW)
            rc = end_segment(s, err);
    } else if (s->is_in_segment && frame->why != JB_FRAME_WINDOW) {
        /* A boundary at the instant of the last window: whoever ends a dead recorder's session finds it there. */
        rc = end_segment(s, err);
    }
    if (rc == JB_OK && !s->is_in_segment)
        begin_segment(s, frame);
    return rc == JB_OK ? take_ends(s, frame, err) : rc;
}

static jb_rc take_series(struct settler *s, const struct jb_log_record *record,
                         struct jb_error *err)
{
    if (s->n_series == s->series_capacity) {
        size_t capacity = s->series_capacity ? s->series_capacity * 2 : 64;
        struct pending_series *grown = realloc(s->series, capacity * sizeof *grown);
        if (!grown)
            return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the series");
        s->series = grown;
        s->series_capacity = capacity;
    }
    struct pending_series one = {.channel = record->series_channel, .len = record->series_len};
    one.bytes = malloc(one.len ? one.len : 1);
    if (!one.bytes)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the series");
    memcpy(one.bytes, record->series_bytes, one.len);
    s->series[s->n_series++] = one;
    return JB_OK;
}

static jb_rc take_note(struct settler *s, const char *note, struct jb_error *err)
{
    return s->is_in_segment ? note_all(s, note, err) : JB_OK;
}

/* R-CAL-08: where nothing is known of a channel's idle power, what `calibrate --idle` found. */
static void fill_idle(struct settler *s)
{
    const struct jb_idle_calibration *idle = &s->idle_calibration;
    for (size_t i = 0; s->has_idle_calibration && i < s->n_channels; i++)
        for (size_t k = 0; k < idle->channels.n; k++)
            if (s->idle[i].source == JB_IDLE_UNKNOWN &&
                strcmp(s->channels[i].id, idle->channels.ids[k]) == 0)
                s->idle[i] = (struct jb_idle){.source = JB_IDLE_CALIBRATED,
                                              .power_uw = idle->power_uw[k],
                                              .half_width_uw = idle->half_width_uw[k]};
}

/* What is stated or measured of idle right after the frame that begins a segment holds for that segment. */
static jb_rc take_idle(struct settler *s, const struct jb_log_record *record)
{
    memcpy(s->idle, record->idle, record->n_idle * sizeof s->idle[0]);
    fill_idle(s);
    if (s->is_in_segment && s->last.mono_ns == s->segment_start_ns)
        jb_segment_begin(s->segment, s->channels, s->n_channels, s->idle, &s->last);
    return JB_OK;
}

static jb_rc take_record(void *arg, const struct jb_log_record *record, struct jb_error *err)
{
    struct settler *s = arg;
    switch (record->kind) {
    case JB_LOG_CHANNELS: return take_channels(s, record, err);
    case JB_LOG_IDLE: return take_idle(s, record);
    case JB_LOG_FRAME: return s->channels ? take_frame(s, record->frame, err) : JB_OK;
    case JB_LOG_SERIES: return take_series(s, record, err);
    case JB_LOG_NOTE: return take_note(s, record->note, err);
    }
    return JB_OK;
}

static jb_rc settle_all(struct settler *s, struct jb_error *err)
{
    jb_rc rc = jb_segment_new(&s->segment);
    if (rc < 0)
        return jb_fail(err, rc, NULL, "no memory to settle the spool");
    int64_t end;
    rc = jb_log_read(s->spool, 0, take_record, s, &end, err);
    /* What follows the last boundary is posted with a later one. */
    if (rc == JB_OK)
        rc = jb_track_close_ended(&s->tracks, &s->result->n_closed, &s->result->n_interrupted, err);
    return rc;
}

jb_rc jb_settle(struct jb_spool *spool, struct jb_ledger *ledger, struct jb_settlement *ret,
                struct jb_error *err)
{
    return jb_settle_for(spool, ledger, NULL, ret, err);
}

jb_rc jb_settle_for(struct jb_spool *spool, struct jb_ledger *ledger,
                    struct jb_wanted_account *wanted, struct jb_settlement *ret,
                    struct jb_error *err)
{
    struct settler *s = calloc(1, sizeof *s);
    if (!s)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to settle the spool");
    struct jb_settlement result = {0};
    s->spool = spool;
    s->ledger = ledger;
    s->result = &result;
    memcpy(s->host, spool->node->host, sizeof s->host);
    memcpy(s->boot_id, spool->node->boot_id, sizeof s->boot_id);
    jb_track_table_init(&s->tracks, spool, ledger);
    s->tracks.wanted = wanted;
    jb_rc rc = jb_ledger_begin(ledger, err);
    if (rc == JB_OK) {
        rc = settle_all(s, err);
        if (rc == JB_OK)
            rc = jb_ledger_commit(ledger, err);
        if (rc < 0)
            jb_ledger_rollback(ledger);
    }
    if (rc == JB_OK) {
        jb_track_remove_closed(&s->tracks);
        *ret = result;
    } else if (wanted && wanted->is_there) {
        jb_account_release(&wanted->account); /* it is not in the book after all */
        wanted->is_there = false;
    }
    settler_release(s);
    free(s);
    return rc;
}

struct newest_frame {
    int64_t mono_ns;
    uint64_t table; /* of the last session's channels */
    uint32_t n_subjects;
    bool is_session;
    struct jb_frame_subject subjects[JB_SUBJECTS_MAX];
};

static jb_rc see_newest(void *arg, const struct jb_log_record *record, struct jb_error *err)
{
    (void)err;
    struct newest_frame *newest = arg;
    if (record->kind == JB_LOG_CHANNELS) {
        newest->is_session = true;
        newest->table = jb_log_table_sum(record->channels, record->n_channels);
    } else if (record->kind == JB_LOG_FRAME) {
        newest->mono_ns = record->frame->mono_ns;
        newest->n_subjects = record->frame->n_subjects;
        memcpy(newest->subjects, record->frame->subjects,
               record->frame->n_subjects * sizeof newest->subjects[0]);
    }
    return JB_OK;
}

/* R-SPOOL-03: every run whose supervisor does not hold its file any more ends at the last state known. Returns the
 * slots of those that end, a bit each: they are done with once the frame is in the log. */
static uint64_t fill_last_subjects(struct jb_spool *spool, const struct newest_frame *newest,
                                   struct jb_frame *frame)
{
    uint64_t ended = 0;
    for (uint32_t i = 0; i < JB_SUBJECTS_MAX; i++) {
        struct jb_spool_slot *slot = &spool->node->slots[i];
        uint32_t state = atomic_load(&slot->state);
        if (state != JB_SLOT_ACTIVE && state != JB_SLOT_ENDED)
            continue;
        bool is_alive = jb_spool_is_alive(spool, slot->run_id);
        if (is_alive && jb_spool_slot_is_new(slot))
            continue; /* it begins with the first frame of the recorder to come */
        struct jb_frame_subject *subject = &frame->subjects[frame->n_subjects++];
        *subject = (struct jb_frame_subject){
            .reserved_ppm = atomic_load(&slot->reserved_ppm),
            .cpu_ns = atomic_load(&slot->cpu_ns),
            .resident_bytes = atomic_load(&slot->resident_bytes),
        };
        memcpy(subject->run_id, slot->run_id, sizeof subject->run_id);
        memcpy(subject->parent_id, slot->parent_id, sizeof subject->parent_id);
        /* At the same instant a run has used the same; what it used since is the next window's. */
        for (uint32_t j = 0; j < newest->n_subjects; j++) {
            const struct jb_frame_subject *known = &newest->subjects[j];
            if (strcmp(known->run_id, subject->run_id) != 0)
                continue;
            if (frame->mono_ns == newest->mono_ns)
                subject->cpu_ns = known->cpu_ns;
            memcpy(subject->unseen, known->unseen, sizeof subject->unseen);
            memcpy(subject->named, known->named, sizeof subject->named);
            subject->flags = known->flags & (JB_SUBJECT_BOARDS_DOUBT | JB_SUBJECT_BOARDS_UNMETERED);
        }
        /* One that ended later, and has its supervisor, ends with the first frame of the recorder to come. */
        bool has_ended =
            state == JB_SLOT_ENDED && atomic_load(&slot->end_mono_ns) <= frame->mono_ns;
        if (has_ended || !is_alive) {
            subject->flags |= JB_SUBJECT_ENDS | (state == JB_SLOT_ENDED ? 0 : JB_SUBJECT_DIED);
            frame->why |= JB_FRAME_RUN_END;
            ended |= UINT64_C(1) << i;
        }
    }
    return ended;
}

jb_rc jb_settle_last_frame(struct jb_spool *spool, struct jb_error *err)
{
    struct newest_frame newest = {0};
    int64_t end;
    jb_rc rc = jb_log_read(spool, 0, see_newest, &newest, &end, err);
    const struct jb_spool_latest *latest = jb_spool_latest_newest(spool);
    /* A node of another build cannot be read. */
    if (rc < 0 || !newest.is_session || spool->node->bytes != sizeof *spool->node || !latest ||
        latest->table != newest.table)
        return rc;
    struct jb_frame *frame = calloc(1, sizeof *frame);
    if (!frame)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the last frame");
    /* Never before the last frame: the log is in order of time. */
    frame->mono_ns = latest->mono_ns > newest.mono_ns ? latest->mono_ns : newest.mono_ns;
    frame->utc_us = latest->utc_us;
    frame->why = JB_FRAME_RECORDER;
    frame->machine = latest->machine;
    frame->n_channels = latest->n_channels;
    memcpy(frame->channels, latest->channels, latest->n_channels * sizeof frame->channels[0]);
    if (latest->uses.n_boards <= JB_BOARDS_MAX && latest->uses.n_uses <= JB_USES_MAX)
        jb_uses_copy(&frame->uses, &latest->uses);
    uint64_t ended = fill_last_subjects(spool, &newest, frame);
    struct jb_log_writer log = {.fd = -1};
    if (frame->n_subjects > 0 || latest->mono_ns > newest.mono_ns) {
        rc = jb_log_open(spool, &log, err);
        if (rc == JB_OK)
            rc = jb_log_frame(&log, frame, err);
        jb_log_close(&log);
    }
    for (uint32_t i = 0; i < JB_SUBJECTS_MAX && rc == JB_OK; i++)
        if (ended >> i & 1)
            atomic_store(&spool->node->slots[i].state, JB_SLOT_DONE);
    free(frame);
    return rc;
}

jb_rc jb_recover(struct jb_spool *spool, struct jb_ledger *ledger, const char *host,
                 const char *boot_id, struct jb_settlement *ret, struct jb_error *err)
{
    jb_rc rc = jb_spool_lock(spool, err);
    if (rc < 0)
        return rc;
    rc = jb_settle_last_frame(spool, err);
    if (rc == JB_OK)
        rc = jb_settle(spool, ledger, ret, err);
    if (rc == JB_OK)
        rc = jb_spool_free_dead_slots(spool, err);
    if (rc == JB_OK)
        rc = jb_track_close_orphans(spool, ledger, ret, err);
    if (rc == JB_OK)
        jb_spool_reset_if_idle(spool, host, boot_id);
    jb_spool_unlock(spool);
    return rc;
}
