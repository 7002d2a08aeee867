/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One recorded log, read a second time: each reading moves the sampler's state, and differences of that state are posted.
 * No figure is made here that the state does not hold. R-IMPORT-01, -03; R-SETTLE-02, -05.
 */
#include "pipeline/import_post.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/num.h"
#include "sample/sampler.h"
#include "sample/series.h"

#define PPM          INT64_C(1000000)
#define SERIES_MAX   ((size_t)1024 * 1024)
#define SERIES_FLUSH ((size_t)256 * 1024)

struct poster {
    struct jb_ledger *ledger;
    const struct jb_import_source *source;
    struct jb_import_meter *meter;
    struct jb_cumulative start;          /* of the interval that is being gathered */
    int64_t start_low_uj, start_high_uj; /* the meter's interpolated band then */
    int64_t energy_uj;
    struct jb_series_writer *series;
    struct jb_buf series_bytes;
    int64_t last_series_ns;
};

static int64_t utc_us(int64_t mono_ns)
{
    return (mono_ns + JB_IMPORT_EPOCH_UTC_NS) / JB_NS_PER_US;
}

static int64_t hour_of(int64_t mono_ns)
{
    return utc_us(mono_ns) / JB_US_PER_HOUR;
}

static int64_t count_uj(const struct poster *p, const struct jb_cumulative *state)
{
    return jb_sampler_count_to_uj(&p->meter->channel, state->count);
}

static void describe(const struct poster *p, struct jb_interval *to)
{
    const struct jb_channel *const channel = &p->meter->channel;
    const bool is_counter = channel->semantics == JB_SEMANTICS_COUNTER;

    (void)snprintf(to->host, sizeof to->host, "%s", p->source->host);
    (void)snprintf(to->boot_id, sizeof to->boot_id, "%s", p->source->boot_id);
    memcpy(to->channel, channel->id, sizeof to->channel);
    memcpy(to->correlation, channel->correlation, sizeof to->correlation);
    to->scope = channel->scope;
    to->device = channel->device;
    to->semantics = channel->semantics;
    to->origin = channel->origin;
    to->role = channel->role;
    to->unit_num = is_counter ? channel->unit_num : 1;
    to->unit_den = is_counter ? channel->unit_den : 1000;
    to->modulus = channel->modulus;
    to->accuracy_low_ppm = channel->accuracy_ppm;
    to->accuracy_high_ppm = channel->accuracy_ppm;
}

/* R-BAND-01, R-BAND-02; what was bridged has its own band on top of the device's (R-IMPORT-03). */
static void fill_band(const struct poster *p, struct jb_interval *to)
{
    const struct jb_channel *const channel = &p->meter->channel;
    const int64_t seen_ns = to->counter_ns + to->gauge_ns + to->interpolated_ns;
    const int64_t device_uj =
        jb_muldiv_sat_i64(to->energy_uj, channel->accuracy_ppm, PPM, JB_ROUND_CEIL);
    const int64_t below_uj =
        jb_add_sat_i64(device_uj, p->meter->interpolated_low_uj - p->start_low_uj);
    const int64_t above_uj =
        jb_add_sat_i64(device_uj, p->meter->interpolated_high_uj - p->start_high_uj);

    to->low_uj = below_uj < to->energy_uj ? to->energy_uj - below_uj : 0;
    to->high_uj = jb_add_sat_i64(to->energy_uj, above_uj);
    if (channel->semantics == JB_SEMANTICS_COUNTER)
        to->edge_uj = jb_muldiv_sat_i64(channel->max_power_uw, channel->update_ns, JB_NS_PER_S,
                                        JB_ROUND_CEIL);
    else if (seen_ns > 0)
        to->edge_uj = jb_muldiv_sat_i64(to->energy_uj, channel->update_ns, seen_ns, JB_ROUND_CEIL);
}

/* The difference of two states of one epoch as a posting. Nothing for no time. */
static jb_rc post(struct poster *p, const struct jb_cumulative *from, int64_t from_ns,
                  const struct jb_cumulative *to, int64_t to_ns, struct jb_error *err)
{
    struct jb_interval interval = {.epoch = to->epoch};
    struct jb_line lines[2] = {0};

    if (to_ns <= from_ns)
        return JB_OK;
    describe(p, &interval);
    interval.mono_start_ns = from_ns;
    interval.mono_end_ns = to_ns;
    interval.utc_start_us = utc_us(from_ns);
    interval.utc_end_us = utc_us(to_ns);
    interval.raw_start = from->raw;
    interval.raw_end = to->raw;
    interval.count_start = from->count;
    interval.count_end = to->count;
    interval.energy_uj = count_uj(p, to) - count_uj(p, from);
    interval.counter_ns = to->counter_ns - from->counter_ns;
    interval.gauge_ns = to->gauge_ns - from->gauge_ns;
    interval.interpolated_ns = to->interpolated_ns - from->interpolated_ns;
    interval.unobserved_ns = to->unobserved_ns - from->unobserved_ns;
    interval.gap_best_uj = to->gap_best_uj - from->gap_best_uj;
    interval.gap_high_uj = to->gap_high_uj - from->gap_high_uj;
    interval.n_failed = to->n_failed - from->n_failed;
    if (to->n_gaps != from->n_gaps)
        (void)snprintf(interval.gap, sizeof interval.gap, "%s",
                       jb_gap_name((enum jb_gap)to->last_gap));
    fill_band(p, &interval);
    /* The whole meter is the run's: nobody else was on the node, as far as the log says. */
    (void)snprintf(lines[0].account, sizeof lines[0].account, "meter:%s/%s", interval.host,
                   interval.channel);
    lines[0].amount_uj = -interval.energy_uj;
    (void)snprintf(lines[1].account, sizeof lines[1].account, "run:%s", p->source->run_id);
    lines[1].amount_uj = interval.energy_uj;
    lines[1].has_share = true;
    lines[1].low_uj = lines[1].high_uj = interval.energy_uj;
    lines[1].reserved_uj = lines[1].all_uj = interval.energy_uj;
    p->energy_uj = jb_add_sat_i64(p->energy_uj, interval.energy_uj);
    return jb_ledger_post_interval(p->ledger, &interval, lines, JB_ARRAY_LEN(lines), NULL, err);
}

static jb_rc flush_series(struct poster *p, struct jb_error *err)
{
    jb_rc rc = p->series_bytes.failed;

    if (rc < 0)
        return jb_fail(err, rc, NULL, "no memory for the course of power");
    if (p->series_bytes.len == 0)
        return JB_OK;
    rc = jb_ledger_add_series(p->ledger, p->source->run_id, p->meter->channel.id,
                              p->series_bytes.bytes, p->series_bytes.len, err);
    jb_buf_clear(&p->series_bytes);
    return rc;
}

/* As live: a sample a second at most. */
static jb_rc write_series(struct poster *p, bool is_new_epoch, bool is_last, struct jb_error *err)
{
    const struct jb_cumulative *const now = &p->meter->state;
    jb_rc rc = JB_OK;

    if (is_new_epoch)
        rc = jb_series_writer_cut(p->series, &p->series_bytes);
    if (rc == JB_OK && now->mono_ns > p->last_series_ns &&
        (is_new_epoch || is_last || now->mono_ns - p->last_series_ns >= JB_NS_PER_S)) {
        rc = jb_series_write(p->series, now->mono_ns, count_uj(p, now), &p->series_bytes);
        p->last_series_ns = now->mono_ns;
    }
    if (rc == JB_OK && is_last)
        rc = jb_series_writer_cut(p->series, &p->series_bytes);
    if (rc < 0)
        return jb_fail(err, rc, NULL, "the course of power cannot be kept");
    return is_last || p->series_bytes.len >= SERIES_FLUSH ? flush_series(p, err) : JB_OK;
}

static void start_at(struct poster *p, const struct jb_cumulative *state)
{
    p->start = *state;
    p->start_low_uj = p->meter->interpolated_low_uj;
    p->start_high_uj = p->meter->interpolated_high_uj;
}

/* The state where the present epoch began: nothing counted, and seen no more than `before` had. */
static struct jb_cumulative at_begin(const struct jb_cumulative *before,
                                     const struct jb_cumulative *now)
{
    struct jb_cumulative begin = *now;

    begin.mono_ns = now->begin_ns;
    begin.raw = now->begin_raw;
    begin.count = 0;
    begin.counter_ns = before->counter_ns;
    begin.gauge_ns = before->gauge_ns;
    begin.interpolated_ns = before->interpolated_ns;
    return begin;
}

/* Time in which nothing was read, between the end of one epoch and the begin of the next. */
static jb_rc post_hole(struct poster *p, const struct jb_cumulative *before, int64_t from_ns,
                       const struct jb_cumulative *begin, struct jb_error *err)
{
    struct jb_cumulative from = *begin;

    from.unobserved_ns = before->unobserved_ns;
    from.gap_best_uj = before->gap_best_uj;
    from.gap_high_uj = before->gap_high_uj;
    from.n_failed = before->n_failed;
    from.n_gaps = before->n_gaps;
    return post(p, &from, from_ns, begin, begin->mono_ns, err);
}

static jb_rc follow(struct poster *p, const struct jb_cumulative *before, struct jb_error *err)
{
    const struct jb_cumulative *const now = &p->meter->state;
    const bool is_new_epoch = !before->is_open || before->epoch != now->epoch;
    jb_rc rc = JB_OK;

    if (!now->is_open || now->mono_ns == before->mono_ns)
        return JB_OK;
    if (is_new_epoch) {
        const struct jb_cumulative begin = at_begin(before, now);
        const int64_t from_ns =
            before->is_open ? before->mono_ns : begin.mono_ns - now->unobserved_ns;
        if (before->is_open)
            rc = post(p, &p->start, p->start.mono_ns, before, before->mono_ns, err);
        start_at(p, &begin);
        if (rc == JB_OK)
            rc = post_hole(p, before, from_ns, &begin, err);
    }
    if (rc == JB_OK)
        rc = write_series(p, is_new_epoch, false, err);
    if (rc == JB_OK && hour_of(now->mono_ns) != hour_of(p->start.mono_ns)) {
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
        .meter = meter,
        .series_bytes = JB_BUF(SERIES_MAX),
        .last_series_ns = -1,
    };
    struct jb_hash hash;
    jb_rc rc = jb_series_writer_new(JB_SERIES_ENERGY_UJ, &p.series);

    if (rc < 0)
        return jb_fail(err, rc, NULL, "no memory for the course of power");
    rc = jb_import_read(source->format, source->path, source->progress, on_event, &p, &hash, err);
    if (rc == JB_OK && memcmp(hash.bytes, meter->survey->hash.bytes, sizeof hash.bytes) != 0)
        rc = jb_fail(err, JB_E_CONFLICT, "import a copy that nobody writes to",
                     "'%s' changed while it was read", source->path);
    if (rc == JB_OK)
        rc = finish(&p, err);
    if (rc == JB_OK)
        *ret_energy_uj = p.energy_uj;
    jb_series_writer_free(p.series);
    jb_buf_release(&p.series_bytes);
    return rc;
}
