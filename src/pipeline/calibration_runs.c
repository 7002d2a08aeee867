/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs of the book to a calibration: which meter is the node's and which are its parts, their courses of energy, steady
 * windows of them, the line. Reads the book, enters nothing. R-CAL-01, R-CAL-02, R-CAL-08.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "calibrate/windows.h"
#include "pipeline/calibration.h"
#include "sample/series.h"

#define WINDOW_LEAST_NS (5 * JB_NS_PER_S)
#define STEPS_OF_WINDOW 8 /* of a slow meter */
#define HOLE_LEAST_NS   (2 * JB_NS_PER_S)
#define STEPS_OF_HOLE   4
#define POINTS_MAX      20000
#define COURSE_MAX      (8 * 1024 * 1024) /* readings of one meter in one run */
#define BUSY_MOST_PPM   50000             /* R-IDLE-02 */
#define IDLE_LEAST_NS   (10 * JB_NS_PER_S)

/* A meter's course in one run, as the book kept it for plots. */
struct track {
    char id[JB_CHANNEL_ID];
    int64_t *mono_ns, *value;
    size_t n, capacity;
};

/* One run: the node's meter first, then its parts; or, for idle, every posted channel. */
struct story {
    char host[JB_HOST_NAME], boot_id[JB_BOOT_ID];
    int64_t begin_ns, end_ns;  /* from the first posting to the last */
    char meter[JB_CHANNEL_ID]; /* "" : none found */
    int64_t accuracy_ppm;      /* the meter's */
    struct jb_calibration_parts parts;
    size_t n_tracks;
    struct track tracks[JB_CALIBRATION_PARTS_MAX + 2];
    int64_t boards_ppm[JB_CALIBRATION_PARTS_MAX]; /* of each part; 0 also where nothing is known */
};

static void story_free(struct story *story)
{
    for (size_t i = 0; story && i < story->n_tracks; i++) {
        free(story->tracks[i].mono_ns);
        free(story->tracks[i].value);
    }
    free(story);
}
JB_AUTO_POINTER(struct story, story_free)

static bool is_posted(const struct jb_interval *interval)
{
    return (interval->role == JB_ROLE_POST || interval->role == JB_ROLE_PARENT) &&
           (interval->origin == JB_ORIGIN_COUNTER || interval->origin == JB_ORIGIN_GAUGE);
}

static bool has_part(const struct jb_calibration_parts *parts, const char *id)
{
    for (size_t i = 0; i < parts->n; i++)
        if (strcmp(parts->ids[i], id) == 0)
            return true;
    return false;
}

static int64_t at_least(int64_t value, int64_t least)
{
    return value > least ? value : least;
}

static jb_rc see_meter(void *arg, int64_t seq, const struct jb_interval *interval,
                       const struct jb_line *lines, size_t n_lines, struct jb_error *err)
{
    struct story *const story = arg;

    (void)seq;
    (void)lines;
    (void)n_lines;
    (void)err;
    if (story->boot_id[0] == '\0' || interval->mono_start_ns < story->begin_ns)
        story->begin_ns = interval->mono_start_ns;
    if (interval->mono_end_ns > story->end_ns)
        story->end_ns = interval->mono_end_ns;
    memcpy(story->host, interval->host, sizeof story->host);
    memcpy(story->boot_id, interval->boot_id, sizeof story->boot_id);
    if (!is_posted(interval) || interval->scope != JB_SCOPE_NODE)
        return JB_OK;
    /* R-CAL-01: the one on top, where one lies in another. */
    if (story->meter[0] == '\0' || interval->parent[0] == '\0') {
        memcpy(story->meter, interval->channel, sizeof story->meter);
        story->accuracy_ppm = at_least(interval->accuracy_low_ppm, interval->accuracy_high_ppm);
    }
    return JB_OK;
}

static int by_id(const void *a, const void *b)
{
    return strcmp(a, b);
}

/*
 * The node's direct children, or every posted channel where idle is asked for: of all that was posted in the run's time,
 * for a board that it did not use stands in the node as well.
 */
struct see_parts {
    struct story *story;
    bool is_idle;
};

static jb_rc see_part(void *arg, int64_t seq, const struct jb_interval *interval,
                      const struct jb_line *lines, size_t n_lines, struct jb_error *err)
{
    const struct see_parts *const see = arg;
    const struct story *const story = see->story;
    struct jb_calibration_parts *const parts = &see->story->parts;

    (void)seq;
    (void)lines;
    (void)n_lines;
    if (!is_posted(interval) || strcmp(interval->host, story->host) != 0 ||
        strcmp(interval->boot_id, story->boot_id) != 0 ||
        interval->mono_end_ns <= story->begin_ns || interval->mono_start_ns >= story->end_ns)
        return JB_OK;
    if (has_part(parts, interval->channel) ||
        (see->is_idle ? interval->role != JB_ROLE_POST
                      : strcmp(interval->parent, story->meter) != 0 ||
                            strcmp(interval->channel, story->meter) == 0))
        return JB_OK;
    if (parts->n == JB_CALIBRATION_PARTS_MAX)
        return jb_fail(err, JB_E_UNAVAILABLE, NULL, "a node of more than %d meters",
                       JB_CALIBRATION_PARTS_MAX);
    memcpy(parts->ids[parts->n++], interval->channel, JB_CHANNEL_ID);
    return JB_OK;
}

static struct track *add_track(struct story *story, const char *id)
{
    struct track *const track = &story->tracks[story->n_tracks++];

    memset(track, 0, sizeof *track);
    (void)snprintf(track->id, sizeof track->id, "%s", id);
    return track;
}

static bool make_room(struct track *track, size_t n)
{
    if (track->n + n <= track->capacity)
        return true;
    const size_t capacity = (track->n + n) * 2;
    int64_t *const mono_ns = realloc(track->mono_ns, capacity * sizeof *mono_ns);
    if (mono_ns)
        track->mono_ns = mono_ns;
    int64_t *const value = realloc(track->value, capacity * sizeof *value);
    if (value)
        track->value = value;
    if (!mono_ns || !value)
        return false;
    track->capacity = capacity;
    return true;
}

static jb_rc see_series(void *arg, const char *name, const void *bytes, size_t len,
                        struct jb_error *err)
{
    struct story *const story = arg;
    struct track *track = NULL;

    for (size_t i = 0; i < story->n_tracks; i++)
        if (strcmp(story->tracks[i].id, name) == 0)
            track = &story->tracks[i];
    if (!track || track->n > COURSE_MAX)
        return JB_OK;
    for (size_t at = 0; at < len;) {
        struct jb_series_point points[JB_SERIES_CHUNK_SAMPLES];
        enum jb_series_kind kind;
        size_t n, used;
        const jb_rc rc =
            jb_series_read((const char *)bytes + at, len - at, &kind, points, &n, &used, err);
        if (rc < 0)
            return rc;
        if (!make_room(track, n))
            return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the course of '%s'", name);
        for (size_t i = 0; i < n; i++) {
            if (track->n > 0 && points[i].mono_ns <= track->mono_ns[track->n - 1])
                continue;
            track->mono_ns[track->n] = points[i].mono_ns;
            track->value[track->n++] = points[i].value;
        }
        at += used;
    }
    return JB_OK;
}

/* R-IDLE-02: how busy the boards behind a part were in their busiest second. */
static jb_rc see_busy(void *arg, const char *name, const void *bytes, size_t len,
                      struct jb_error *err)
{
    struct story *const story = arg;
    const char *const suffix = strstr(name, JB_SERIES_BUSY_SUFFIX);
    const size_t id_len = suffix ? (size_t)(suffix - name) : 0;
    size_t part = 0;

    while (part < story->parts.n && (strlen(story->parts.ids[part]) != id_len ||
                                     memcmp(story->parts.ids[part], name, id_len) != 0))
        part++;
    if (!suffix || part == story->parts.n)
        return JB_OK;
    for (size_t at = 0; at < len;) {
        struct jb_series_point points[JB_SERIES_CHUNK_SAMPLES];
        enum jb_series_kind kind;
        size_t n, used;
        const jb_rc rc =
            jb_series_read((const char *)bytes + at, len - at, &kind, points, &n, &used, err);
        if (rc < 0)
            return rc;
        for (size_t i = 0; i < n; i++)
            story->boards_ppm[part] = points[i].value > story->boards_ppm[part]
                                          ? points[i].value
                                          : story->boards_ppm[part];
        at += used;
    }
    return JB_OK;
}

static jb_rc load_story(struct jb_ledger *ledger, const char *run_id, bool is_idle,
                        struct story *story, struct jb_error *err)
{
    struct see_parts see = {.story = story, .is_idle = is_idle};
    jb_rc rc = jb_ledger_each_interval(ledger, run_id, see_meter, story, err);

    if (rc == JB_OK && !is_idle && !story->meter[0])
        return jb_fail(err, JB_E_UNAVAILABLE,
                       "a plug, a BMC or a PDU can be named in meters.yaml; see `joulebook meters` "
                       "for what is "
                       "seen and why not",
                       "no meter of the whole node was read in run %.18s", run_id);
    if (rc == JB_OK)
        rc = jb_ledger_each_interval(ledger, NULL, see_part, &see, err);
    if (rc < 0)
        return rc;
    if (story->parts.n == 0)
        return jb_fail(err, JB_E_UNAVAILABLE, "see `joulebook meters` for what is missing",
                       "no part of the node was read in run %.18s", run_id);
    qsort(story->parts.ids, story->parts.n, sizeof story->parts.ids[0], by_id);
    add_track(story, is_idle ? JB_SERIES_MACHINE : story->meter);
    for (size_t i = 0; i < story->parts.n; i++)
        add_track(story, story->parts.ids[i]);
    rc = jb_ledger_each_series(ledger, run_id, see_series, story, err);
    for (size_t i = 0; i < story->n_tracks && rc == JB_OK; i++)
        if (story->tracks[i].n < 2)
            return jb_fail(err, JB_E_UNAVAILABLE,
                           "`joulebook calibrate` keeps the course of every meter; other runs "
                           "that of those they used, if they last longer than a second",
                           "run %.18s has no course of '%s'", run_id, story->tracks[i].id);
    return rc;
}

static struct jb_course course_of(const struct track *track)
{
    return (struct jb_course){.n = track->n, .mono_ns = track->mono_ns, .energy_uj = track->value};
}

/* How often the slowest of them was renewed: the mean time between its readings. */
static int64_t slowest_step_ns(const struct story *story)
{
    int64_t slowest_ns = 0;

    for (size_t i = 0; i < story->n_tracks; i++) {
        const struct track *const track = &story->tracks[i];
        const int64_t step_ns =
            (track->mono_ns[track->n - 1] - track->mono_ns[0]) / (int64_t)(track->n - 1);
        slowest_ns = step_ns > slowest_ns ? step_ns : slowest_ns;
    }
    return slowest_ns;
}

static jb_rc add_windows(const struct story *story, struct jb_calibration *cal,
                         struct jb_fit_point *points, size_t *inout_n, struct jb_error *err)
{
    struct jb_course parts[JB_CALIBRATION_PARTS_MAX];
    const struct jb_course node = course_of(&story->tracks[0]);
    const int64_t step_ns = slowest_step_ns(story);
    const int64_t window_ns = at_least(STEPS_OF_WINDOW * step_ns, WINDOW_LEAST_NS);
    size_t n;

    for (size_t i = 0; i < story->parts.n; i++)
        parts[i] = course_of(&story->tracks[i + 1]);
    const jb_rc rc = jb_windows(&node, parts, story->parts.n, window_ns,
                                at_least(STEPS_OF_HOLE * step_ns, HOLE_LEAST_NS), &points[*inout_n],
                                POINTS_MAX - *inout_n, &n, err);
    if (rc < 0)
        return rc;
    *inout_n += n;
    cal->window_ns = at_least(cal->window_ns, window_ns);
    return JB_OK;
}

/* All runs of one node, with the same parts below the same meter. */
static jb_rc agree(struct jb_calibration *cal, const struct story *story, const char *run_id,
                   struct jb_error *err)
{
    if (cal->parts.n == 0) {
        memcpy(cal->host, story->host, sizeof cal->host);
        memcpy(cal->meter, story->meter, sizeof cal->meter);
        cal->accuracy_ppm = story->accuracy_ppm;
        cal->parts = story->parts;
        return JB_OK;
    }
    bool is_same = strcmp(cal->host, story->host) == 0 && strcmp(cal->meter, story->meter) == 0 &&
                   cal->parts.n == story->parts.n;
    for (size_t i = 0; is_same && i < cal->parts.n; i++)
        is_same = strcmp(cal->parts.ids[i], story->parts.ids[i]) == 0;
    cal->accuracy_ppm = at_least(cal->accuracy_ppm, story->accuracy_ppm);
    return is_same
               ? JB_OK
               : jb_fail(err, JB_E_INPUT, "name runs of one node with the same meters",
                         "run %.18s has other meters than the first one, or another node", run_id);
}

/* When a run was, so that no window of it counts twice. */
struct span {
    char boot_id[JB_BOOT_ID];
    int64_t begin_ns, end_ns;
};

static jb_rc check_apart(const struct jb_calibration *cal, struct span *spans, size_t i,
                         const struct story *story, struct jb_error *err)
{
    for (size_t k = 0; k < i; k++)
        if (strcmp(spans[k].boot_id, story->boot_id) == 0 && spans[k].begin_ns < story->end_ns &&
            story->begin_ns < spans[k].end_ns)
            return jb_fail(err, JB_E_INPUT, "name one of them",
                           "runs %.18s and %.18s are of the same time: what was read then would "
                           "count twice",
                           cal->runs[k], cal->runs[i]);
    memcpy(spans[i].boot_id, story->boot_id, sizeof spans[i].boot_id);
    spans[i].begin_ns = story->begin_ns;
    spans[i].end_ns = story->end_ns;
    return JB_OK;
}

jb_rc jb_calibration_from_runs(struct jb_ledger *ledger, struct jb_calibration *cal,
                               struct jb_fit_point **ret_points, size_t *ret_n_points,
                               struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct jb_fit_point *points = calloc(POINTS_MAX, sizeof *points);
    struct span spans[JB_CALIBRATION_RUNS_MAX];
    size_t n = 0;
    jb_rc rc = JB_OK;

    if (!points)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the windows");
    cal->parts.n = 0;
    cal->window_ns = 0;
    for (size_t i = 0; i < cal->n_runs && rc == JB_OK; i++) {
        JB_AUTO(story_free_auto) struct story *story = calloc(1, sizeof *story);
        if (!story)
            return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a run's meters");
        rc = load_story(ledger, cal->runs[i], false, story, err);
        if (rc == JB_OK)
            rc = agree(cal, story, cal->runs[i], err);
        if (rc == JB_OK)
            rc = check_apart(cal, spans, i, story, err);
        if (rc == JB_OK)
            rc = add_windows(story, cal, points, &n, err);
    }
    if (rc == JB_OK)
        rc = jb_fit(points, n, &cal->fit, err);
    if (rc < 0)
        return rc;
    *ret_points = points;
    *ret_n_points = n;
    points = NULL;
    return JB_OK;
}

/* R-IDLE-02: no second of it saw the CPUs busier than 5 %. */
static bool was_quiet(const struct track *utilisation)
{
    for (size_t i = 0; i < utilisation->n; i++)
        if (utilisation->value[i] > BUSY_MOST_PPM)
            return false;
    return true;
}

/* Mean over the whole, and the most that a second of it lies from that. */
static void idle_of(const struct track *track, int64_t *ret_power_uw, int64_t *ret_half_uw)
{
    const size_t last = track->n - 1;
    size_t from = 0;

    *ret_power_uw = jb_muldiv_sat_i64(track->value[last] - track->value[0], JB_NS_PER_S,
                                      track->mono_ns[last] - track->mono_ns[0], JB_ROUND_NEAREST);
    *ret_half_uw = 0;
    for (size_t i = 1; i <= last; i++) {
        const int64_t step_ns = track->mono_ns[i] - track->mono_ns[from];
        if (step_ns < JB_NS_PER_S)
            continue;
        const int64_t power_uw = jb_muldiv_sat_i64(track->value[i] - track->value[from],
                                                   JB_NS_PER_S, step_ns, JB_ROUND_NEAREST);
        *ret_half_uw = at_least(*ret_half_uw, power_uw > *ret_power_uw ? power_uw - *ret_power_uw
                                                                       : *ret_power_uw - power_uw);
        from = i;
    }
}

jb_rc jb_calibration_idle_from_run(struct jb_ledger *ledger, struct jb_idle_calibration *idle,
                                   struct jb_error *err)
{
    JB_AUTO(story_free_auto) struct story *story = calloc(1, sizeof *story);

    if (!story)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a run's meters");
    jb_rc rc = load_story(ledger, idle->run_id, true, story, err);
    if (rc < 0)
        return rc;
    if (!was_quiet(&story->tracks[0]))
        return jb_fail(
            err, JB_E_UNAVAILABLE, "stop what else runs, and try again",
            "the machine was busier than 5 %% while it should have been idle (R-IDLE-02)");
    rc = jb_ledger_each_series(ledger, idle->run_id, see_busy, story, err);
    if (rc < 0)
        return rc;
    memcpy(idle->host, story->host, sizeof idle->host);
    idle->channels.n = idle->busy.n = 0;
    for (size_t i = 0; i < story->parts.n; i++) {
        const struct track *const track = &story->tracks[i + 1];
        if (story->boards_ppm[i] > BUSY_MOST_PPM) {
            memcpy(idle->busy.ids[idle->busy.n++], track->id, JB_CHANNEL_ID);
            continue;
        }
        if (track->mono_ns[track->n - 1] - track->mono_ns[0] < IDLE_LEAST_NS ||
            track->value[track->n - 1] < track->value[0])
            return jb_fail(err, JB_E_UNAVAILABLE, "give it a minute with --for 60s",
                           "'%s' was seen for too short a time", track->id);
        const size_t to = idle->channels.n++;
        memcpy(idle->channels.ids[to], track->id, JB_CHANNEL_ID);
        idle_of(track, &idle->power_uw[to], &idle->half_width_uw[to]);
    }
    if (idle->channels.n == 0)
        return jb_fail(err, JB_E_UNAVAILABLE, "stop what else runs on the boards, and try again",
                       "'%s' was busier than 5 %% while it should have been idle (R-IDLE-02)",
                       idle->busy.ids[0]);
    return JB_OK;
}
