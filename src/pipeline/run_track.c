/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The runs of a settlement. Everything about a run that is not a posting passes through here: marks with their
 * energies, notes, watched channels, and the entry that closes it.
 */
#include "pipeline/run_track.h"

#include <fcntl.h>

#include "account/account.h"
#include "base/num.h"
#include "pipeline/account_of_run.h"
#include "pipeline/calibration.h"
#include "pipeline/cycles_record.h"
#include "pipeline/marks_file.h"
#include "pipeline/predicted.h"
#include "pipeline/run_records.h"
#include "pipeline/run_track_int.h"

static void track_free(struct jb_track *track)
{
    for (size_t i = 0; i < track->n_notes; i++)
        free(track->notes[i]);
    free(track->seen);
    free(track->marks);
    free(track->unposted);
    free(track->pending_unposted);
    free(track);
}

void jb_track_table_init(struct jb_track_table *table, struct jb_spool *spool,
                         struct jb_ledger *ledger)
{
    *table = (struct jb_track_table){.spool = spool, .ledger = ledger};
}

void jb_track_table_release(struct jb_track_table *table)
{
    for (size_t i = 0; i < table->n; i++)
        track_free(table->tracks[i]);
    free(table->tracks);
}

/* What the book has of the run already, from settlements before this one. */
static jb_rc add_posted(void *arg, int64_t seq, const struct jb_interval *interval,
                        const struct jb_line *lines, size_t n_lines, struct jb_error *err)
{
    (void)seq;
    struct jb_track *track = arg;
    char account[JB_ACCOUNT_NAME];
    if (interval->role != JB_ROLE_POST)
        return JB_OK;
    snprintf(account, sizeof account, "run:%s", track->run_id);
    for (size_t i = 0; i < n_lines; i++) {
        if (strcmp(lines[i].account, account) != 0)
            continue;
        if (jb_add_i64(track->run_uj, lines[i].amount_uj, &track->run_uj) < 0)
            return jb_fail(err, JB_E_RANGE, NULL, "run '%s' has more energy than fits",
                           track->run_id);
        track->total_uj = jb_add_sat_i64(track->total_uj, interval->energy_uj);
    }
    return JB_OK;
}

jb_rc run_track__get(struct jb_track_table *table, const char *run_id, struct jb_track **ret,
                     struct jb_error *err)
{
    for (size_t i = 0; i < table->n; i++) {
        if (strcmp(table->tracks[i]->run_id, run_id) == 0) {
            *ret = table->tracks[i];
            return JB_OK;
        }
    }
    if (table->n == table->capacity) {
        size_t capacity = table->capacity ? table->capacity * 2 : 8;
        struct jb_track **grown = realloc(table->tracks, capacity * sizeof(struct jb_track *));
        if (!grown)
            return jb_fail(err, JB_E_NOMEM, NULL, "no memory for run '%s'", run_id);
        table->tracks = grown;
        table->capacity = capacity;
    }
    struct jb_track *track = calloc(1, sizeof *track);
    if (!track)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for run '%s'", run_id);
    snprintf(track->run_id, sizeof track->run_id, "%s", run_id);
    jb_rc rc = jb_ledger_each_interval(table->ledger, run_id, add_posted, track, err);
    if (rc < 0) {
        track_free(track);
        return rc;
    }
    run_track__load_seen(table->spool, track);
    table->tracks[table->n++] = track;
    *ret = track;
    return JB_OK;
}

/* The run's facts: from its file, or, where that is lost, no more than its name. */
static jb_rc read_facts(const struct jb_track_table *table, const char *run_id,
                        struct jb_run *ret_run)
{
    char *json = NULL;
    bool is_alive;
    jb_rc rc = jb_spool_read_run(table->spool, run_id, &json, &is_alive, NULL);
    if (rc == JB_OK)
        rc = jb_run_from_json(json, ret_run, NULL);
    free(json);
    if (rc == JB_OK && strcmp(ret_run->id, run_id) == 0)
        return JB_OK;
    memset(ret_run, 0, sizeof *ret_run);
    snprintf(ret_run->id, sizeof ret_run->id, "%s", run_id);
    memcpy(ret_run->host, table->spool->node->host, sizeof ret_run->host);
    memcpy(ret_run->boot_id, table->spool->node->boot_id, sizeof ret_run->boot_id);
    ret_run->market_mgco2e_per_kwh = -1;
    ret_run->pue_milli = -1;
    ret_run->tariff_micro_per_kwh = -1;
    ret_run->exit_code = -1;
    return JB_E_NOT_FOUND;
}

jb_rc jb_track_ensure_open(struct jb_track_table *table, const char *run_id, struct jb_error *err)
{
    struct jb_track *track = NULL;
    jb_rc rc = run_track__get(table, run_id, &track, err);
    if (rc < 0 || track->is_open_in_book)
        return rc;
    struct jb_run *run = calloc(1, sizeof *run);
    if (!run)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for run '%s'", run_id);
    rc = jb_ledger_find_run(table->ledger, run_id, run, err);
    if (rc == JB_E_NOT_FOUND) {
        if (read_facts(table, run_id, run) < 0)
            rc = jb_track_note(table, run_id,
                               "the facts of this run were lost with its file in the spool", err);
        else
            rc = JB_OK;
        if (rc == JB_OK)
            rc = jb_ledger_open_run(table->ledger, run, err);
    }
    track->is_calibration = strcmp(run->stage, JB_CALIBRATION_STAGE) == 0;
    free(run);
    track->is_open_in_book = rc == JB_OK;
    return rc;
}

bool jb_track_is_calibration(const struct jb_track_table *table, const char *run_id)
{
    for (size_t i = 0; i < table->n; i++)
        if (strcmp(table->tracks[i]->run_id, run_id) == 0)
            return table->tracks[i]->is_calibration;
    return false;
}

jb_rc jb_track_note(struct jb_track_table *table, const char *run_id, const char *note,
                    struct jb_error *err)
{
    struct jb_track *track = NULL;
    jb_rc rc = run_track__get(table, run_id, &track, err);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < track->n_notes; i++)
        if (strcmp(track->notes[i], note) == 0)
            return JB_OK;
    if (track->n_notes == RUN_TRACK_NOTES_MAX)
        return JB_OK;
    char *copy = strdup(note);
    if (!copy)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a note");
    track->notes[track->n_notes++] = copy;
    return JB_OK;
}

static jb_rc push_interval(struct jb_interval **array, size_t *n, const struct jb_interval *one,
                           struct jb_error *err)
{
    struct jb_interval *grown = realloc(*array, (*n + 1) * sizeof *grown);
    if (!grown)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a watched channel");
    grown[(*n)++] = *one;
    *array = grown;
    return JB_OK;
}

jb_rc jb_track_add_unposted(struct jb_track_table *table, const struct jb_segment *segment,
                            size_t channel, const struct jb_interval *interval,
                            struct jb_error *err)
{
    for (size_t i = 0; i < jb_segment_n_runs(segment); i++) {
        struct jb_track *track = NULL;
        if (!jb_segment_is_in_account(segment, i, channel))
            continue;
        jb_rc rc = run_track__get(table, jb_segment_run(segment, i)->run_id, &track, err);
        if (rc == JB_OK)
            rc = push_interval(&track->pending_unposted, &track->n_pending_unposted, interval, err);
        if (rc < 0)
            return rc;
    }
    return JB_OK;
}

/* The sum of a watched channel over segments: energies and coverage add up, the raw ends are those of the last. */
static void merge_interval(struct jb_interval *sum, const struct jb_interval *next)
{
    struct jb_interval merged = *next;
    merged.mono_start_ns = sum->mono_start_ns;
    merged.utc_start_us = sum->utc_start_us;
    merged.energy_uj = jb_add_sat_i64(sum->energy_uj, next->energy_uj);
    merged.low_uj = jb_add_sat_i64(sum->low_uj, next->low_uj);
    merged.high_uj = jb_add_sat_i64(sum->high_uj, next->high_uj);
    merged.counter_ns = sum->counter_ns + next->counter_ns;
    merged.gauge_ns = sum->gauge_ns + next->gauge_ns;
    merged.interpolated_ns = sum->interpolated_ns + next->interpolated_ns;
    merged.unobserved_ns = sum->unobserved_ns + next->unobserved_ns;
    merged.gap_best_uj = jb_add_sat_i64(sum->gap_best_uj, next->gap_best_uj);
    merged.gap_high_uj = jb_add_sat_i64(sum->gap_high_uj, next->gap_high_uj);
    merged.n_failed = sum->n_failed + next->n_failed;
    if (!next->gap[0])
        memcpy(merged.gap, sum->gap, sizeof merged.gap);
    *sum = merged;
}

void jb_track_keep_segment(struct jb_track_table *table, const struct jb_segment *segment)
{
    for (size_t i = 0; i < jb_segment_n_runs(segment); i++) {
        const struct jb_segment_run *run = jb_segment_run(segment, i);
        for (size_t t = 0; t < table->n; t++) {
            struct jb_track *track = table->tracks[t];
            if (strcmp(track->run_id, run->run_id) != 0)
                continue;
            track->run_uj = jb_add_sat_i64(track->run_uj, run->run_uj);
            track->total_uj = jb_add_sat_i64(track->total_uj, run->total_uj);
            track->n_marks_kept = track->n_marks;
            for (size_t p = 0; p < track->n_pending_unposted; p++) {
                size_t u = 0;
                while (u < track->n_unposted &&
                       strcmp(track->unposted[u].channel, track->pending_unposted[p].channel) != 0)
                    u++;
                if (u < track->n_unposted)
                    merge_interval(&track->unposted[u], &track->pending_unposted[p]);
                else if (push_interval(&track->unposted, &track->n_unposted,
                                       &track->pending_unposted[p], NULL) < 0)
                    break; /* a channel for comparison only is left out rather than the run */
            }
        }
    }
}

void jb_track_forget_segment(struct jb_track_table *table)
{
    for (size_t t = 0; t < table->n; t++) {
        struct jb_track *track = table->tracks[t];
        track->segment_run_uj = 0;
        track->segment_total_uj = 0;
        track->n_marks = track->n_marks_kept;
        track->n_pending_unposted = 0;
    }
}

jb_rc jb_track_end(struct jb_track_table *table, const struct jb_frame_subject *subject,
                   int64_t mono_ns, int64_t utc_us, struct jb_error *err)
{
    struct jb_track *track = NULL;
    jb_rc rc = run_track__get(table, subject->run_id, &track, err);
    if (rc < 0)
        return rc;
    track->has_ended = true;
    track->has_died = (subject->flags & JB_SUBJECT_DIED) != 0;
    track->last = *subject;
    track->end_mono_ns = mono_ns;
    track->end_utc_us = utc_us;
    return JB_OK;
}

static jb_rc append_json(struct jb_track_table *table, const struct jb_track *track,
                         const char *kind, const char *field, const char *json,
                         struct jb_error *err)
{
    struct jb_field one = {.name = field, .value = json};
    struct jb_entry entry = {.layer = JB_LAYER_MEASURED, .n_fields = 1, .fields = &one};
    if (strcmp(kind, JB_PREDICTED_KIND) == 0)
        entry.layer = JB_LAYER_PREDICTED;
    snprintf(entry.kind, sizeof entry.kind, "%s", kind);
    memcpy(entry.run_id, track->run_id, sizeof entry.run_id);
    entry.utc_us = jb_utc_us(&jb_clock_system);
    return jb_ledger_append(table->ledger, &entry, NULL, err);
}

/* R-PREDICT-12, R-CYCLES-06: what a line of our own among the marks tells, as it was written; of another version: nothing. */
static jb_rc enter_own_line(struct jb_track_table *table, const struct jb_track *track,
                            const struct jb_account_mark *mark, struct jb_error *err)
{
    struct jb_predicted predicted;
    struct jb_cycles cycles;
    char *json = NULL;
    jb_rc rc = JB_OK;
    if (jb_predicted_from_line(mark->text, &predicted, NULL) == JB_OK) {
        predicted.utc_us = mark->utc_us;
        rc = jb_predicted_to_json(&predicted, &json, err);
        if (rc == JB_OK)
            rc = append_json(table, track, JB_PREDICTED_KIND, JB_PREDICTED_FIELD, json, err);
    } else if (jb_cycles_from_line(mark->text, &cycles, NULL) == JB_OK) {
        rc = jb_cycles_to_json(&cycles, &json, err);
        if (rc == JB_OK)
            rc = append_json(table, track, JB_CYCLES_KIND, JB_CYCLES_FIELD, json, err);
    }
    free(json);
    return rc;
}

static jb_rc enter_own_lines(struct jb_track_table *table, struct jb_track *track,
                             struct jb_error *err)
{
    size_t kept = 0;
    jb_rc rc = JB_OK;
    for (size_t i = 0; i < track->n_marks && rc == JB_OK; i++) {
        const struct jb_account_mark *mark = &track->marks[i];
        if (mark->text[0] == JB_MARK_OURS)
            rc = enter_own_line(table, track, mark, err);
        else
            track->marks[kept++] = *mark;
    }
    if (rc == JB_OK)
        track->n_marks = kept;
    return rc;
}

static jb_rc enter_records(struct jb_track_table *table, struct jb_track *track,
                           struct jb_error *err)
{
    jb_rc rc = JB_OK;
    char *json = NULL;
    if (track->n_marks == JB_MARKS_MAX)
        rc = jb_track_note(table, track->run_id,
                           "more marks were written than are kept; the later ones are left out",
                           err);
    if (rc == JB_OK)
        rc = enter_own_lines(table, track, err);
    for (size_t at = 0; at < track->n_marks && rc == JB_OK; at += JB_RECORDS_MARKS_PER_ENTRY) {
        size_t n = track->n_marks - at;
        json = NULL;
        rc = jb_records_marks_to_json(
            track->marks + at, n < JB_RECORDS_MARKS_PER_ENTRY ? n : JB_RECORDS_MARKS_PER_ENTRY,
            &json, err);
        if (rc == JB_OK)
            rc = append_json(table, track, JB_RECORDS_KIND_MARKS, "marks", json, err);
        free(json);
    }
    for (size_t i = 0; i < track->n_unposted && rc == JB_OK; i++) {
        json = NULL;
        rc = jb_records_interval_to_json(&track->unposted[i], &json, err);
        if (rc == JB_OK)
            rc = append_json(table, track, JB_RECORDS_KIND_UNPOSTED, "interval", json, err);
        free(json);
    }
    if (rc == JB_OK && track->n_notes > 0) {
        json = NULL;
        rc =
            jb_records_notes_to_json((const char *const *)track->notes, track->n_notes, &json, err);
        if (rc == JB_OK)
            rc = append_json(table, track, JB_RECORDS_KIND_NOTES, "notes", json, err);
        free(json);
    }
    return rc;
}

/* Its account is made from the book as it now is, and closes it. */
static jb_rc close_run(struct jb_track_table *table, struct jb_run *run, struct jb_error *err)
{
    struct jb_account account;
    jb_rc rc = jb_pipeline_account_with(table->ledger, run, &account, err);
    if (rc < 0)
        return rc;
    char *json = NULL;
    rc = jb_account_to_json(&account, &json, err);
    if (rc == JB_OK)
        rc = jb_ledger_close_run(table->ledger, run, json, NULL, 0, err);
    free(json);
    struct jb_wanted_account *wanted = table->wanted;
    if (rc == JB_OK && wanted && !wanted->is_there && strcmp(wanted->run_id, run->id) == 0) {
        wanted->account = account;
        wanted->is_there = true;
    } else {
        jb_account_release(&account);
    }
    return rc;
}

static jb_rc close_track(struct jb_track_table *table, struct jb_track *track, bool *ret_is_closed,
                         struct jb_error *err)
{
    struct jb_run *run = calloc(1, sizeof *run);
    if (!run)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to close run '%s'", track->run_id);
    *ret_is_closed = false;
    jb_rc rc = jb_ledger_find_run(table->ledger, track->run_id, run, err);
    if (rc == JB_OK && run->status == JB_RUN_OPEN) {
        /* What the supervisor wrote at the end stands in the file; the book has what was known at the start. */
        if (read_facts(table, track->run_id, run) < 0)
            rc = jb_ledger_find_run(table->ledger, track->run_id, run, err);
        run->status = track->has_died ? JB_RUN_INTERRUPTED : JB_RUN_DONE;
        if (run->end_mono_ns == 0 || track->has_died) {
            run->end_mono_ns = track->end_mono_ns;
            run->end_utc_us = track->end_utc_us;
        }
        /* Killed before any frame had it: the last state known may be older than the run. */
        if (run->end_mono_ns < run->start_mono_ns) {
            run->end_mono_ns = run->start_mono_ns;
            run->end_utc_us = run->start_utc_us;
        }
        run->cpu_ns = track->last.cpu_ns;
        if (rc == JB_OK)
            rc = close_run(table, run, err);
        *ret_is_closed = rc == JB_OK;
    }
    free(run);
    return rc;
}

jb_rc jb_track_close_ended(struct jb_track_table *table, size_t *inout_n_closed,
                           size_t *inout_n_interrupted, struct jb_error *err)
{
    for (size_t i = 0; i < table->n; i++) {
        struct jb_track *track = table->tracks[i];
        if (!track->has_ended && !track->is_open_in_book)
            continue;
        jb_rc rc = jb_track_ensure_open(table, track->run_id, err);
        if (rc == JB_OK && (track->has_ended || track->n_marks > 0 || track->n_unposted > 0)) {
            struct jb_run *run = calloc(1, sizeof *run);
            if (!run)
                return jb_fail(err, JB_E_NOMEM, NULL, "no memory for run '%s'", track->run_id);
            rc = jb_ledger_find_run(table->ledger, track->run_id, run, err);
            bool is_open = rc == JB_OK && run->status == JB_RUN_OPEN;
            free(run);
            if (is_open)
                rc = enter_records(table, track, err);
        }
        if (rc == JB_OK && track->has_ended) {
            bool is_closed = false;
            rc = close_track(table, track, &is_closed, err);
            track->is_closed = rc == JB_OK;
            if (is_closed) {
                (*inout_n_closed)++;
                *inout_n_interrupted += track->has_died;
            }
        }
        if (rc < 0)
            return rc;
    }
    return JB_OK;
}

void jb_track_remove_closed(struct jb_track_table *table)
{
    for (size_t i = 0; i < table->n; i++) {
        const struct jb_track *track = table->tracks[i];
        if (!track->is_closed)
            continue;
        jb_spool_remove_run(table->spool, track->run_id);
        for (uint32_t slot = 0; slot < JB_SUBJECTS_MAX; slot++) {
            struct jb_spool_slot *at = &table->spool->node->slots[slot];
            if (atomic_load(&at->state) == JB_SLOT_DONE && strcmp(at->run_id, track->run_id) == 0)
                jb_spool_free_slot(table->spool, slot);
        }
    }
}

struct orphans {
    struct jb_spool *spool;
    struct jb_track_table *table;
};

static bool has_slot(const struct jb_spool *spool, const char *run_id)
{
    for (uint32_t i = 0; i < JB_SUBJECTS_MAX; i++) {
        const struct jb_spool_slot *slot = &spool->node->slots[i];
        if (atomic_load(&slot->state) != JB_SLOT_FREE && strcmp(slot->run_id, run_id) == 0)
            return true;
    }
    return false;
}

static jb_rc close_orphan(void *arg, const char *run_id, struct jb_error *err)
{
    struct orphans *orphans = arg;
    char *json = NULL;
    bool is_alive = false;
    jb_rc rc = jb_spool_read_run(orphans->spool, run_id, &json, &is_alive, err);
    free(json);
    if (rc < 0 || is_alive || has_slot(orphans->spool, run_id))
        return rc == JB_E_NOT_FOUND ? JB_OK : rc;
    struct jb_track *track = NULL;
    rc = run_track__get(orphans->table, run_id, &track, err);
    if (rc < 0)
        return rc;
    track->has_ended = true;
    track->has_died = true;
    return jb_track_note(orphans->table, run_id,
                         "its recorder died before it had read a meter twice", err);
}

jb_rc jb_track_close_orphans(struct jb_spool *spool, struct jb_ledger *ledger,
                             struct jb_settlement *inout_result, struct jb_error *err)
{
    struct jb_track_table table;
    jb_track_table_init(&table, spool, ledger);
    struct orphans orphans = {.spool = spool, .table = &table};
    jb_rc rc = jb_ledger_begin(ledger, err);
    if (rc == JB_OK) {
        rc = jb_spool_each_run(spool, close_orphan, &orphans, err);
        if (rc == JB_OK)
            rc = jb_track_close_ended(&table, &inout_result->n_closed, &inout_result->n_interrupted,
                                      err);
        if (rc == JB_OK)
            rc = jb_ledger_commit(ledger, err);
        if (rc < 0)
            jb_ledger_rollback(ledger);
    }
    if (rc == JB_OK)
        jb_track_remove_closed(&table);
    jb_track_table_release(&table);
    return rc;
}
