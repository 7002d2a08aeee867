/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Series of a run, chunk by chunk, to slices of power (R-REPORT-20 to -23). Memory goes by channels and slices, not by samples. Must
 * never join two counts of a channel: a posting whose count begins at 0 began a new one.
 */
#include "pipeline/power_course.h"

#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "sample/power_slices.h"
#include "sample/series.h"

/* A count of a channel began here. */
struct begin {
    size_t line;
    int64_t mono_ns;
};

struct track {
    size_t line;           /* of the account */
    int64_t next_begin_ns; /* of a count, behind the last sample; INT64_MAX: none */
    struct jb_power_slicer slicer;
    struct jb_power_channel channel;
};

struct making {
    const struct jb_account *account;
    struct jb_power_course course;
    struct track *tracks;
    size_t n_tracks;
    struct begin *begins;
    size_t n_begins, begins_size;
};

static void making_release(struct making *making)
{
    for (size_t i = 0; i < making->n_tracks; i++)
        free(making->tracks[i].channel.slices);
    free(making->tracks);
    free(making->begins);
}

static jb_rc no_memory(struct jb_error *err)
{
    return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a course of power");
}

/* n_lines: it is none of the account. */
static size_t line_of(const struct jb_account *account, const char *channel)
{
    size_t i = 0;

    while (i < account->n_lines && strcmp(account->lines[i].channel, channel) != 0)
        i++;
    return i;
}

static jb_rc see_interval(void *arg, int64_t seq, const struct jb_interval *interval,
                          const struct jb_line *lines, size_t n_lines, struct jb_error *err)
{
    struct making *const making = arg;
    const size_t line = line_of(making->account, interval->channel);

    (void)seq;
    (void)lines;
    (void)n_lines;
    if (interval->count_start != 0 || line == making->account->n_lines)
        return JB_OK;
    if (making->n_begins == making->begins_size) {
        const size_t size = making->begins_size > 0 ? 2 * making->begins_size : 64;
        struct begin *const bigger = realloc(making->begins, size * sizeof *bigger);
        if (!bigger)
            return no_memory(err);
        making->begins = bigger;
        making->begins_size = size;
    }
    making->begins[making->n_begins++] = (struct begin){line, interval->mono_start_ns};
    return JB_OK;
}

/* R-REPORT-23: nothing lies between a sample before it and one behind it. */
static int64_t next_begin(const struct making *making, size_t line, int64_t mono_ns)
{
    int64_t next_ns = INT64_MAX;

    for (size_t i = 0; i < making->n_begins; i++)
        if (making->begins[i].line == line && making->begins[i].mono_ns > mono_ns &&
            making->begins[i].mono_ns < next_ns)
            next_ns = making->begins[i].mono_ns;
    return next_ns;
}

static void add_sample(const struct making *making, struct track *track,
                       const struct jb_series_point *point)
{
    if (point->mono_ns >= track->next_begin_ns) {
        jb_power_slicer_cut(&track->slicer);
        track->next_begin_ns = next_begin(making, track->line, point->mono_ns);
    }
    jb_power_slicer_add(&track->slicer, point->mono_ns, point->value);
}

/* NULL in *ret: not of the account. */
static jb_rc track_of(struct making *making, const char *name, struct track **ret,
                      struct jb_error *err)
{
    const struct jb_power_course *const course = &making->course;
    const size_t line = line_of(making->account, name);
    const struct jb_run *const run = &making->account->run;

    *ret = NULL;
    if (line == making->account->n_lines)
        return JB_OK;
    for (size_t i = 0; i < making->n_tracks; i++)
        if (making->tracks[i].line == line) {
            *ret = &making->tracks[i];
            return JB_OK;
        }
    struct track *const track = &making->tracks[making->n_tracks];
    struct jb_power_slice *const slices = calloc(course->n_slices, sizeof *slices);
    if (!slices)
        return no_memory(err);
    *track = (struct track){.line = line,
                            .next_begin_ns = next_begin(making, line, INT64_MIN),
                            .channel = {.device = making->account->lines[line].device,
                                        .role = making->account->lines[line].role,
                                        .slices = slices}};
    memcpy(track->channel.name, making->account->lines[line].channel, sizeof track->channel.name);
    jb_power_slicer_begin(&track->slicer, run->start_mono_ns,
                          run->start_mono_ns + course->duration_ns, course->slice_ns, slices,
                          course->n_slices);
    making->n_tracks++;
    *ret = track;
    return JB_OK;
}

static jb_rc see_series(void *arg, const char *name, const void *bytes, size_t len,
                        struct jb_error *err)
{
    struct making *const making = arg;
    struct track *track = NULL;

    for (size_t at = 0; at < len;) {
        struct jb_series_point points[JB_SERIES_CHUNK_SAMPLES];
        enum jb_series_kind kind;
        size_t n = 0, used = 0;
        jb_rc rc =
            jb_series_read((const char *)bytes + at, len - at, &kind, points, &n, &used, err);
        if (rc == JB_OK && kind == JB_SERIES_ENERGY_UJ && !track)
            rc = track_of(making, name, &track, err);
        if (rc < 0 || kind != JB_SERIES_ENERGY_UJ || !track)
            return rc;
        for (size_t i = 0; i < n; i++)
            add_sample(making, track, &points[i]);
        at += used;
    }
    return JB_OK;
}

static int compare_channels(const void *a, const void *b)
{
    const struct jb_power_channel *const left = a;
    const struct jb_power_channel *const right = b;

    if ((left->role == JB_ROLE_POST) != (right->role == JB_ROLE_POST))
        return left->role == JB_ROLE_POST ? -1 : 1;
    return strcmp(left->name, right->name);
}

/* A channel that was never seen inside of the run has no course. */
static jb_rc finish(struct making *making, struct jb_error *err)
{
    struct jb_power_course *const course = &making->course;

    course->channels =
        calloc(making->n_tracks > 0 ? making->n_tracks : 1, sizeof *course->channels);
    if (!course->channels)
        return no_memory(err);
    for (size_t i = 0; i < making->n_tracks; i++) {
        struct track *const track = &making->tracks[i];
        jb_power_slicer_end(&track->slicer, &track->channel);
        if (track->channel.seen_ns == 0)
            continue;
        course->channels[course->n_channels++] = track->channel;
        track->channel.slices = NULL;
    }
    if (course->n_channels == 0) {
        free(course->channels);
        course->channels = NULL;
        return jb_fail(err, JB_E_NOT_FOUND, NULL, "the book has no course of power of run %.18s",
                       making->account->run.id);
    }
    qsort(course->channels, course->n_channels, sizeof course->channels[0], compare_channels);
    return JB_OK;
}

jb_rc jb_power_course_make(struct jb_ledger *ledger, const struct jb_account *account,
                           struct jb_power_course *ret, struct jb_error *err)
{
    JB_AUTO(making_release) struct making making = {.account = account};
    const struct jb_run *const run = &account->run;
    struct jb_power_course *const course = &making.course;
    jb_rc rc;

    if (account->duration_ns <= 0 || run->start_mono_ns > INT64_MAX - account->duration_ns)
        return jb_fail(err, JB_E_NOT_FOUND, NULL, "run %.18s took no time", run->id);
    course->start_utc_us = run->start_utc_us;
    course->duration_ns = account->duration_ns;
    course->slice_ns = jb_power_slice_width(account->duration_ns);
    course->n_slices = jb_power_slice_count(account->duration_ns, course->slice_ns);
    making.tracks = calloc(account->n_lines > 0 ? account->n_lines : 1, sizeof *making.tracks);
    if (!making.tracks)
        return no_memory(err);
    rc = jb_ledger_each_interval(ledger, run->id, see_interval, &making, err);
    if (rc == JB_OK)
        rc = jb_ledger_each_series(ledger, run->id, see_series, &making, err);
    if (rc == JB_OK)
        rc = finish(&making, err);
    if (rc == JB_OK)
        *ret = *course;
    return rc;
}
