/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One recorded log, read a second time: each reading moves the sampler's state, and differences of that state are posted.
 * No figure is made here that the state does not hold. R-IMPORT-01, -03; R-SETTLE-02, -05.
 */
#include "pipeline/import_post.h"

#include <string.h>

#include "base/num.h"
#include "pipeline/import_interval.h"
#include "sample/sampler.h"

struct poster {
    struct jb_ledger *ledger;
    const struct jb_import_source *source;
    struct import_place place;
    struct jb_import_meter *meter;
    struct jb_cumulative start;          /* of the interval that is being gathered */
    int64_t start_low_uj, start_high_uj; /* the meter's interpolated band then */
    int64_t energy_uj;
    struct import_course course;
};

/* The difference of two states of one epoch as a posting. Nothing for no time. What was bridged has its own band on top of
 * the device's (R-IMPORT-03). */
static jb_rc post(struct poster *p, const struct jb_cumulative *from, int64_t from_ns,
                  const struct jb_cumulative *to, int64_t to_ns, struct jb_error *err)
{
    struct jb_interval interval;
    struct jb_line lines[IMPORT_RUN_LINES];

    if (to_ns <= from_ns)
        return JB_OK;
    import__interval(&p->place, &p->meter->channel, from, from_ns, to, to_ns,
                     p->meter->interpolated_low_uj - p->start_low_uj,
                     p->meter->interpolated_high_uj - p->start_high_uj, &interval);
    /* Nobody else was on the node, as far as the log says. */
    import__run_lines(&p->place, &interval, lines);
    p->energy_uj = jb_add_sat_i64(p->energy_uj, interval.energy_uj);
    return jb_ledger_post_interval(p->ledger, &interval, lines, IMPORT_RUN_LINES, NULL, err);
}

static jb_rc write_series(struct poster *p, bool is_new_epoch, bool is_last, struct jb_error *err)
{
    return import__course_write(&p->course, p->ledger, &p->place, &p->meter->channel,
                                &p->meter->state, is_new_epoch, is_last, err);
}

static void start_at(struct poster *p, const struct jb_cumulative *state)
{
    p->start = *state;
    p->start_low_uj = p->meter->interpolated_low_uj;
    p->start_high_uj = p->meter->interpolated_high_uj;
}

static jb_rc follow(struct poster *p, const struct jb_cumulative *before, struct jb_error *err)
{
    const struct jb_cumulative *const now = &p->meter->state;
    const bool is_new_epoch = !before->is_open || before->epoch != now->epoch;
    jb_rc rc = JB_OK;

    if (!now->is_open || now->mono_ns == before->mono_ns)
        return JB_OK;
    if (is_new_epoch) {
        const struct jb_cumulative begin = import__epoch_begin(before, now);
        const struct jb_cumulative hole = import__hole_begin(before, &begin);
        const int64_t from_ns =
            before->is_open ? before->mono_ns : begin.mono_ns - now->unobserved_ns;
        if (before->is_open)
            rc = post(p, &p->start, p->start.mono_ns, before, before->mono_ns, err);
        start_at(p, &begin);
        if (rc == JB_OK)
            rc = post(p, &hole, from_ns, &begin, begin.mono_ns, err);
    }
    if (rc == JB_OK)
        rc = write_series(p, is_new_epoch, false, err);
    if (rc == JB_OK && import__hour_of(now->mono_ns) != import__hour_of(p->start.mono_ns)) {
        rc = post(p, &p->start, p->start.mono_ns, now, now->mono_ns, err);
        start_at(p, now);
    }
    return rc;
}

static jb_rc on_event(void *arg, const struct jb_import_parser *parser,
                      const struct jb_import_event *event, struct jb_error *err)
{
    struct poster *const p = arg;
    const struct jb_cumulative before = p->meter->state;

    (void)parser;
    jb_import_meter_feed(p->meter, event);
    return follow(p, &before, err);
}

/* What is left to post, and the time up to the stop stamp, in which nothing was read. */
static jb_rc finish(struct poster *p, struct jb_error *err)
{
    const struct jb_import_survey *const survey = p->meter->survey;
    struct jb_cumulative *const now = &p->meter->state;
    const int64_t stop_ns =
        survey->has_stop && survey->stop_ns > survey->last_ns ? survey->stop_ns : survey->last_ns;
    const struct jb_cumulative before = *now;
    jb_rc rc = write_series(p, false, true, err);

    if (rc == JB_OK)
        rc = post(p, &p->start, p->start.mono_ns, &before, before.mono_ns, err);
    start_at(p, &before);
    if (stop_ns > before.mono_ns)
        jb_sampler_end_unread(&p->meter->channel, now, stop_ns, JB_GAP_UNREADABLE);
    return rc == JB_OK ? post(p, &before, before.mono_ns, now, stop_ns, err) : rc;
}

jb_rc jb_import_post(struct jb_ledger *ledger, const struct jb_import_source *source,
                     struct jb_import_meter *meter, int64_t *ret_energy_uj, struct jb_error *err)
{
    struct poster p = {
        .ledger = ledger,
        .source = source,
        .place = {source->host, source->boot_id, source->run_id},
        .meter = meter,
    };
    struct jb_hash hash;
    jb_rc rc = import__course_begin(&p.course, err);

    if (rc < 0)
        return rc;
    rc = jb_import_read(source->format, source->path, source->progress, on_event, &p, &hash, err);
    if (rc == JB_OK && memcmp(hash.bytes, meter->survey->hash.bytes, sizeof hash.bytes) != 0)
        rc = jb_fail(err, JB_E_CONFLICT, "import a copy that nobody writes to",
                     "'%s' changed while it was read", source->path);
    if (rc == JB_OK)
        rc = finish(&p, err);
    if (rc == JB_OK)
        *ret_energy_uj = p.energy_uj;
    import__course_release(&p.course);
    return rc;
}
