/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The samples of a node's channels in the order of their times into the sampler of live readings; differences of its states
 * are posted. A parent posts what it read above its parts in the same span, so spans end at UTC hours and wherever a parent's
 * reading begins, breaks off or ends. R-PROM-07, -08; R-SETTLE-02, -04; R-ACCOUNT-04.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "import/import.h"
#include "pipeline/history_int.h"
#include "pipeline/run_records.h"
#include "sample/sampler.h"

#define PARENT_LINES 3
#define MS_NS        JB_NS_PER_MS
/* R-IMPORT-03: no gap up to so much, or half as much again as usual. */
#define GAP_NS (3 * JB_NS_PER_S)

struct track {
    const struct jb_prometheus_channel *of;
    const struct jb_channel *channel;
    struct jb_history_channel *told;
    size_t next;
    struct jb_cumulative state;
    struct jb_cumulative start; /* what is posted up to it, */
    int64_t posted_ns;          /* and the end of the last interval, which may lie a little later */
    int64_t parts_uj;           /* of a parent: what its parts had since the last cut */
    bool is_read;               /* of a parent: between two cuts, that it was */
    int64_t last_raw;
    struct import_course course;
};

/* Where spans end: an hour, or a begin or end of a parent's reading. */
struct cut {
    int64_t mono_ns;
    size_t place;         /* of those of one time the earlier first */
    struct track *parent; /* NULL: an hour */
    bool is_begin;
};

struct poster {
    struct jb_ledger *ledger;
    const struct import_place *place;
    bool is_grid;
    bool has_start, has_end;
    int64_t start_ns, end_ns;
    struct track *tracks;
    size_t n_tracks;
    struct cut *cuts; /* ascending */
    size_t n_cuts, capacity, next_cut;
    int64_t span_ns; /* the last cut */
};

static int64_t mono_of(int64_t utc_ms)
{
    return utc_ms * MS_NS - JB_IMPORT_EPOCH_UTC_NS;
}

static jb_rc post_parent(struct poster *p, const struct jb_interval *interval, int64_t rest_uj,
                         struct jb_error *err)
{
    struct jb_line lines[PARENT_LINES] = {0};

    (void)snprintf(lines[0].account, sizeof lines[0].account, "meter:%s/%s", interval->host,
                   interval->channel);
    lines[0].amount_uj = -rest_uj;
    (void)snprintf(lines[1].account, sizeof lines[1].account, "%s:%s",
                   rest_uj < 0 ? "discrepancy" : "platform", interval->host);
    lines[1].amount_uj = rest_uj;
    (void)snprintf(lines[2].account, sizeof lines[2].account, "run:%s", p->place->run_id);
    lines[2].has_share = true;
    lines[2].all_uj = rest_uj > 0 ? rest_uj : 0;
    return jb_ledger_post_interval(p->ledger, interval, lines, PARENT_LINES, NULL, err);
}

static jb_rc enter_unposted(struct poster *p, const struct jb_interval *interval,
                            struct jb_error *err)
{
    JB_AUTO(jb_free_auto) char *json = NULL;
    struct jb_field field = {.name = "interval"};
    struct jb_entry entry = {.layer = JB_LAYER_MEASURED, .n_fields = 1, .fields = &field};
    const jb_rc rc = jb_records_interval_to_json(interval, &json, err);

    if (rc < 0)
        return rc;
    field.value = json;
    (void)snprintf(entry.kind, sizeof entry.kind, "%s", JB_RECORDS_KIND_UNPOSTED);
    (void)snprintf(entry.run_id, sizeof entry.run_id, "%s", p->place->run_id);
    return jb_ledger_append(p->ledger, &entry, NULL, err);
}

/*
 * The parent that takes a part out of its own reading: the next one above that was read in this span (R-SETTLE-08). NULL:
 * none.
 */
static struct track *parent_of(const struct poster *p, const struct track *part)
{
    const struct jb_channel *channel = part->channel;

    for (size_t steps = 0; channel->parent[0] != '\0' && steps < p->n_tracks; steps++) {
        struct track *parent = NULL;
        for (size_t i = 0; i < p->n_tracks && !parent; i++)
            if (strcmp(p->tracks[i].channel->id, channel->parent) == 0)
                parent = &p->tracks[i];
        if (!parent || (parent->is_read && parent->channel->role == JB_ROLE_PARENT))
            return parent;
        channel = parent->channel;
    }
    return NULL;
}

static void name_parent(const struct poster *p, const struct track *track,
                        struct jb_interval *interval)
{
    struct track *const parent = parent_of(p, track);

    interval->parent[0] = '\0';
    if (!parent)
        return;
    memcpy(interval->parent, parent->channel->id, sizeof interval->parent);
    parent->parts_uj = jb_add_sat_i64(parent->parts_uj, interval->energy_uj);
}

/* The difference of two states of one epoch; of a parent less what its parts had. Nothing for no time. */
static jb_rc post(struct poster *p, struct track *track, const struct jb_cumulative *from,
                  int64_t from_ns, const struct jb_cumulative *to, int64_t to_ns, int64_t parts_uj,
                  struct jb_error *err)
{
    struct jb_interval interval;
    struct jb_line lines[IMPORT_RUN_LINES];
    /* R-ENERGY-10 */
    const int64_t between_uj =
        track->channel->semantics == JB_SEMANTICS_COUNTER
            ? 0
            : ((to->high_uj - from->high_uj) - (to->low_uj - from->low_uj) + 1) / 2;

    if (to_ns <= from_ns)
        return JB_OK;
    import__interval(p->place, track->channel, from, from_ns, to, to_ns, between_uj, between_uj,
                     &interval);
    track->told->energy_uj = jb_add_sat_i64(track->told->energy_uj, interval.energy_uj);
    if (track->channel->role != JB_ROLE_POST && track->channel->role != JB_ROLE_PARENT)
        return enter_unposted(p, &interval, err);
    name_parent(p, track, &interval);
    if (track->channel->role == JB_ROLE_PARENT)
        return post_parent(p, &interval, interval.energy_uj - parts_uj, err);
    import__run_lines(p->place, &interval, lines);
    return jb_ledger_post_interval(p->ledger, &interval, lines, IMPORT_RUN_LINES, NULL, err);
}

/*
 * What was read since, as an interval that ends at `at_ns`: the spans of a parent and of its parts are the same, although
 * they are scraped one after the other. A part that has been silent for longer ends where it was read.
 */
static jb_rc post_up_to(struct poster *p, struct track *track, int64_t at_ns, int64_t parts_uj,
                        struct jb_error *err)
{
    const struct jb_cumulative start = track->start;
    const struct jb_cumulative *const now = &track->state;
    const bool is_spanned =
        track->channel->role == JB_ROLE_POST || track->channel->role == JB_ROLE_PARENT;
    const int64_t from_ns =
        is_spanned && p->span_ns > track->posted_ns ? p->span_ns : track->posted_ns;
    const bool is_silent =
        track->channel->role != JB_ROLE_PARENT && at_ns - now->mono_ns > track->channel->update_ns;

    if (!start.is_open || now->mono_ns == start.mono_ns)
        return JB_OK;
    track->start = *now;
    track->posted_ns = is_silent ? now->mono_ns : at_ns;
    return post(p, track, &start, from_ns, now, track->posted_ns, parts_uj, err);
}

/* Ends the span of every channel; the watched ones have no need of spans. */
static jb_rc end_span(struct poster *p, const struct cut *cut, struct jb_error *err)
{
    jb_rc rc = JB_OK;

    for (size_t i = 0; i < p->n_tracks && rc == JB_OK; i++)
        if (p->tracks[i].channel->role == JB_ROLE_POST)
            rc = post_up_to(p, &p->tracks[i], cut->mono_ns, 0, err);
    for (size_t i = 0; i < p->n_tracks && rc == JB_OK; i++) {
        struct track *const track = &p->tracks[i];
        if (track->channel->role != JB_ROLE_PARENT)
            continue;
        rc = post_up_to(p, track, cut->mono_ns, track->parts_uj, err);
        track->parts_uj = 0;
    }
    p->span_ns = cut->mono_ns;
    if (cut->parent)
        cut->parent->is_read = cut->is_begin;
    return rc;
}

static void feed(const struct poster *p, struct track *track, int64_t *last_raw,
                 struct jb_cumulative *state, const struct jb_prometheus_sample *sample)
{
    const struct jb_reading reading = {.mono_ns = mono_of(sample->utc_ms),
                                       .raw = (uint64_t)sample->raw};

    if (sample->raw == JB_PROMETHEUS_FAILED) {
        jb_sampler_feed_failure(track->channel, state, reading.mono_ns);
        return;
    }
    /* R-PROM-03: on a grid the same power again may be the last sample held, which is no observation. */
    if (p->is_grid && state->is_open && track->channel->semantics != JB_SEMANTICS_COUNTER &&
        *last_raw == sample->raw)
        state->is_bridged = 1;
    *last_raw = sample->raw;
    (void)jb_sampler_feed(track->channel, state, &reading);
}

static void begin_state(const struct poster *p, const struct track *track,
                        struct jb_cumulative *state)
{
    const int64_t usual_ns = track->of->usual_ms * MS_NS;
    const int64_t gap_ns = usual_ns > GAP_NS ? usual_ns + usual_ns / 2 : GAP_NS;

    jb_sampler_begin(state);
    state->period_ns = gap_ns / 2;
    /* Less than a scrape is in the band of the edge. */
    if (p->has_start && mono_of(track->of->samples[0].utc_ms) - p->start_ns > usual_ns)
        jb_sampler_end_unread(track->channel, state, p->start_ns, JB_GAP_UNREADABLE);
}

static bool is_new_epoch(const struct jb_cumulative *before, const struct jb_cumulative *now)
{
    return now->is_open && (!before->is_open || before->epoch != now->epoch);
}

/* What the epoch that ended had, up to its last reading. A parent was cut there, and has nothing left. */
static jb_rc post_rest(struct poster *p, struct track *track, const struct jb_cumulative *last,
                       struct jb_error *err)
{
    const struct jb_cumulative now = track->state;
    jb_rc rc;

    track->state = *last;
    rc = post_up_to(p, track, last->mono_ns, 0, err);
    track->state = now;
    return rc;
}

static jb_rc step(struct poster *p, struct track *track, struct jb_error *err)
{
    const struct jb_cumulative before = track->state;
    jb_rc rc = JB_OK;

    feed(p, track, &track->last_raw, &track->state, &track->of->samples[track->next++]);
    if (!track->state.is_open || track->state.mono_ns == before.mono_ns)
        return JB_OK;
    const bool is_new = is_new_epoch(&before, &track->state);
    if (is_new) {
        const struct jb_cumulative begin = import__epoch_begin(&before, &track->state);
        const struct jb_cumulative hole = import__hole_begin(&before, &begin);
        const int64_t unread_ns = begin.mono_ns - track->state.unobserved_ns;
        track->told->n_resets += before.is_open && track->state.last_gap == JB_GAP_RESET;
        if (before.is_open)
            rc = post_rest(p, track, &before, err);
        else
            track->posted_ns = unread_ns;
        /* A hole that ended before the last cut was known stands in the next interval, with no energy of its own. */
        const bool is_past = begin.mono_ns <= track->posted_ns;
        track->start = is_past ? hole : begin;
        if (rc == JB_OK && !is_past) {
            rc = post(p, track, &hole, track->posted_ns, &begin, begin.mono_ns, 0, err);
            track->posted_ns = begin.mono_ns;
        }
    }
    return rc == JB_OK ? import__course_write(&track->course, p->ledger, p->place, track->channel,
                                              &track->state, is_new, false, err)
                       : rc;
}

static jb_rc add_cut(struct poster *p, int64_t mono_ns, struct track *parent, bool is_begin,
                     struct jb_error *err)
{
    if (p->n_cuts == p->capacity) {
        const size_t capacity = p->capacity ? 2 * p->capacity : 64;
        struct cut *const grown = realloc(p->cuts, capacity * sizeof *grown);
        if (!grown)
            return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a history");
        p->cuts = grown;
        p->capacity = capacity;
    }
    p->cuts[p->n_cuts] = (struct cut){mono_ns, p->n_cuts, parent, is_begin};
    p->n_cuts++;
    return JB_OK;
}

/* Where the reading of a parent begins, breaks off, goes on and ends: beside that its parts lie in nothing that was read. */
static jb_rc add_cuts_of_parent(struct poster *p, struct track *track, struct jb_error *err)
{
    struct jb_cumulative state;
    int64_t last_raw = JB_PROMETHEUS_FAILED;
    jb_rc rc = JB_OK;

    begin_state(p, track, &state);
    for (size_t i = 0; i < track->of->n_samples && rc == JB_OK; i++) {
        const struct jb_cumulative before = state;
        feed(p, track, &last_raw, &state, &track->of->samples[i]);
        if (!is_new_epoch(&before, &state))
            continue;
        if (before.is_open)
            rc = add_cut(p, before.mono_ns, track, false, err);
        if (rc == JB_OK)
            rc = add_cut(p, state.begin_ns, track, true, err);
    }
    return rc == JB_OK && state.is_open ? add_cut(p, state.mono_ns, track, false, err) : rc;
}

static int compare_cuts(const void *a, const void *b)
{
    const struct cut *const x = a;
    const struct cut *const y = b;

    if (x->mono_ns != y->mono_ns)
        return x->mono_ns < y->mono_ns ? -1 : 1;
    return (x->place > y->place) - (x->place < y->place);
}

static jb_rc add_hours(struct poster *p, struct jb_error *err)
{
    int64_t from_ns = INT64_MAX;
    int64_t to_ns = 0;
    jb_rc rc = JB_OK;

    for (size_t i = 0; i < p->n_tracks; i++) {
        const struct jb_prometheus_channel *const of = p->tracks[i].of;
        const int64_t first_ns = mono_of(of->samples[0].utc_ms);
        const int64_t last_ns = mono_of(of->samples[of->n_samples - 1].utc_ms);
        from_ns = first_ns < from_ns ? first_ns : from_ns;
        to_ns = last_ns > to_ns ? last_ns : to_ns;
    }
    for (int64_t hour = import__hour_of(from_ns) + 1; hour <= import__hour_of(to_ns) && rc == JB_OK;
         hour++)
        rc = add_cut(p, hour * JB_US_PER_HOUR * JB_NS_PER_US - JB_IMPORT_EPOCH_UTC_NS, NULL, false,
                     err);
    return rc;
}

static struct track *next_track(const struct poster *p)
{
    struct track *next = NULL;

    for (size_t i = 0; i < p->n_tracks; i++) {
        struct track *const one = &p->tracks[i];
        if (one->next < one->of->n_samples &&
            (!next || one->of->samples[one->next].utc_ms < next->of->samples[next->next].utc_ms))
            next = one;
    }
    return next;
}

/* What is left, and the time up to the end that was asked for, in which nothing was read. */
static jb_rc finish(struct poster *p, struct track *track, struct jb_error *err)
{
    const struct jb_cumulative before = track->state;
    jb_rc rc = import__course_write(&track->course, p->ledger, p->place, track->channel,
                                    &track->state, false, true, err);

    if (rc == JB_OK)
        rc = post_up_to(p, track, before.mono_ns, 0, err);
    if (p->has_end && p->end_ns - before.mono_ns > track->channel->update_ns) {
        jb_sampler_end_unread(track->channel, &track->state, p->end_ns, JB_GAP_UNREADABLE);
        if (rc == JB_OK)
            rc = post(p, track, &before,
                      track->posted_ns > before.mono_ns ? track->posted_ns : before.mono_ns,
                      &track->state, p->end_ns, 0, err);
    }
    track->told->coverage = (struct jb_coverage){
        .counter_ns = track->state.counter_ns,
        .gauge_ns = track->state.gauge_ns,
        .interpolated_ns = track->state.interpolated_ns,
        .unobserved_ns = track->state.unobserved_ns,
    };
    track->told->n_failed = track->state.n_failed;
    return rc;
}

static jb_rc post_all(struct poster *p, struct jb_error *err)
{
    struct track *track;
    jb_rc rc = add_hours(p, err);

    for (size_t i = 0; i < p->n_tracks && rc == JB_OK; i++)
        if (p->tracks[i].channel->role == JB_ROLE_PARENT)
            rc = add_cuts_of_parent(p, &p->tracks[i], err);
    if (p->n_cuts > 0)
        qsort(p->cuts, p->n_cuts, sizeof *p->cuts, compare_cuts);
    while (rc == JB_OK && (track = next_track(p)) != NULL) {
        const int64_t mono_ns = mono_of(track->of->samples[track->next].utc_ms);
        if (p->next_cut < p->n_cuts && p->cuts[p->next_cut].mono_ns < mono_ns) {
            rc = end_span(p, &p->cuts[p->next_cut++], err);
        } else {
            rc = step(p, track, err);
        }
    }
    for (; p->next_cut < p->n_cuts && rc == JB_OK; p->next_cut++)
        rc = end_span(p, &p->cuts[p->next_cut], err);
    for (size_t i = 0; i < p->n_tracks && rc == JB_OK; i++)
        rc = finish(p, &p->tracks[i], err);
    return rc;
}

jb_rc history__post(struct jb_ledger *ledger, const struct import_place *place,
                    const struct jb_history_order *order, struct jb_history_result *result,
                    struct jb_error *err)
{
    struct poster p = {
        .ledger = ledger,
        .place = place,
        .is_grid = result->set.is_grid,
        .has_start = order->start_utc_us > 0,
        .has_end = order->end_utc_us > 0,
        .start_ns = order->start_utc_us * JB_NS_PER_US - JB_IMPORT_EPOCH_UTC_NS,
        .end_ns = order->end_utc_us * JB_NS_PER_US - JB_IMPORT_EPOCH_UTC_NS,
        .n_tracks = result->set.n_channels,
    };
    jb_rc rc = JB_OK;

    p.tracks = calloc(p.n_tracks, sizeof *p.tracks);
    if (!p.tracks)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a history");
    for (size_t i = 0; i < p.n_tracks && rc == JB_OK; i++) {
        struct track *const track = &p.tracks[i];
        track->of = &result->set.channels[i];
        track->told = &result->channels[i];
        track->channel = &track->told->channel;
        track->last_raw = JB_PROMETHEUS_FAILED;
        begin_state(&p, track, &track->state);
        rc = import__course_begin(&track->course, err);
    }
    if (rc == JB_OK)
        rc = post_all(&p, err);
    for (size_t i = 0; i < p.n_tracks; i++)
        import__course_release(&p.tracks[i].course);
    free(p.tracks);
    free(p.cuts);
    return rc;
}
