/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Differences of sampler states as intervals of the book. No figure is made here that the states do not hold.
 * R-IMPORT-01 to -03; R-SETTLE-02, -05; R-BAND-01, -02.
 */
#include "pipeline/import_interval.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "import/import.h"
#include "sample/sampler.h"
#include "sample/series.h"

#define PPM          INT64_C(1000000)
#define SERIES_MAX   ((size_t)1024 * 1024)
#define SERIES_FLUSH ((size_t)256 * 1024)

int64_t import__utc_us(int64_t mono_ns)
{
    return (mono_ns + JB_IMPORT_EPOCH_UTC_NS) / JB_NS_PER_US;
}

int64_t import__hour_of(int64_t mono_ns)
{
    return import__utc_us(mono_ns) / JB_US_PER_HOUR;
}

static void describe(const struct import_place *place, const struct jb_channel *channel,
                     struct jb_interval *to)
{
    const bool is_counter = channel->semantics == JB_SEMANTICS_COUNTER;

    (void)snprintf(to->host, sizeof to->host, "%s", place->host);
    (void)snprintf(to->boot_id, sizeof to->boot_id, "%s", place->boot_id);
    memcpy(to->channel, channel->id, sizeof to->channel);
    memcpy(to->parent, channel->parent, sizeof to->parent);
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

static void fill_band(const struct jb_channel *channel, int64_t below_uj, int64_t above_uj,
                      struct jb_interval *to)
{
    const int64_t seen_ns = to->counter_ns + to->gauge_ns + to->interpolated_ns;
    const int64_t device_uj =
        jb_muldiv_sat_i64(to->energy_uj, channel->accuracy_ppm, PPM, JB_ROUND_CEIL);
    const int64_t less_uj = jb_add_sat_i64(device_uj, below_uj);

    to->low_uj = less_uj < to->energy_uj ? to->energy_uj - less_uj : 0;
    to->high_uj = jb_add_sat_i64(to->energy_uj, jb_add_sat_i64(device_uj, above_uj));
    if (channel->semantics == JB_SEMANTICS_COUNTER)
        to->edge_uj = jb_muldiv_sat_i64(channel->max_power_uw, channel->update_ns, JB_NS_PER_S,
                                        JB_ROUND_CEIL);
    else if (seen_ns > 0)
        to->edge_uj = jb_muldiv_sat_i64(to->energy_uj, channel->update_ns, seen_ns, JB_ROUND_CEIL);
}

void import__interval(const struct import_place *place, const struct jb_channel *channel,
                      const struct jb_cumulative *from, int64_t from_ns,
                      const struct jb_cumulative *to, int64_t to_ns, int64_t below_uj,
                      int64_t above_uj, struct jb_interval *ret)
{
    *ret = (struct jb_interval){.epoch = to->epoch};
    describe(place, channel, ret);
    ret->mono_start_ns = from_ns;
    ret->mono_end_ns = to_ns;
    ret->utc_start_us = import__utc_us(from_ns);
    ret->utc_end_us = import__utc_us(to_ns);
    ret->raw_start = from->raw;
    ret->raw_end = to->raw;
    ret->count_start = from->count;
    ret->count_end = to->count;
    ret->energy_uj =
        jb_sampler_count_to_uj(channel, to->count) - jb_sampler_count_to_uj(channel, from->count);
    ret->counter_ns = to->counter_ns - from->counter_ns;
    ret->gauge_ns = to->gauge_ns - from->gauge_ns;
    ret->interpolated_ns = to->interpolated_ns - from->interpolated_ns;
    ret->unobserved_ns = to->unobserved_ns - from->unobserved_ns;
    ret->gap_best_uj = to->gap_best_uj - from->gap_best_uj;
    ret->gap_high_uj = to->gap_high_uj - from->gap_high_uj;
    ret->n_failed = to->n_failed - from->n_failed;
    if (to->n_gaps != from->n_gaps)
        (void)snprintf(ret->gap, sizeof ret->gap, "%s", jb_gap_name((enum jb_gap)to->last_gap));
    fill_band(channel, below_uj, above_uj, ret);
}

void import__run_lines(const struct import_place *place, const struct jb_interval *interval,
                       struct jb_line *ret_lines)
{
    memset(ret_lines, 0, IMPORT_RUN_LINES * sizeof *ret_lines);
    (void)snprintf(ret_lines[0].account, sizeof ret_lines[0].account, "meter:%s/%s", interval->host,
                   interval->channel);
    ret_lines[0].amount_uj = -interval->energy_uj;
    (void)snprintf(ret_lines[1].account, sizeof ret_lines[1].account, "run:%s", place->run_id);
    ret_lines[1].amount_uj = interval->energy_uj;
    ret_lines[1].has_share = true;
    ret_lines[1].low_uj = ret_lines[1].high_uj = interval->energy_uj;
    ret_lines[1].reserved_uj = ret_lines[1].all_uj = interval->energy_uj;
}

struct jb_cumulative import__epoch_begin(const struct jb_cumulative *before,
                                         const struct jb_cumulative *now)
{
    struct jb_cumulative begin = *now;

    begin.mono_ns = now->begin_ns;
    begin.raw = now->begin_raw;
    begin.count = 0;
    begin.low_uj = 0;
    begin.high_uj = 0;
    begin.counter_ns = before->counter_ns;
    begin.gauge_ns = before->gauge_ns;
    begin.interpolated_ns = before->interpolated_ns;
    return begin;
}

struct jb_cumulative import__hole_begin(const struct jb_cumulative *before,
                                        const struct jb_cumulative *begin)
{
    struct jb_cumulative from = *begin;

    from.unobserved_ns = before->unobserved_ns;
    from.gap_best_uj = before->gap_best_uj;
    from.gap_high_uj = before->gap_high_uj;
    from.n_failed = before->n_failed;
    from.n_gaps = before->n_gaps;
    return from;
}

jb_rc import__course_begin(struct import_course *course, struct jb_error *err)
{
    jb_rc rc;

    *course = (struct import_course){.bytes = JB_BUF(SERIES_MAX), .last_ns = -1};
    rc = jb_series_writer_new(JB_SERIES_ENERGY_UJ, &course->writer);
    return rc < 0 ? jb_fail(err, rc, NULL, "no memory for the course of power") : JB_OK;
}

void import__course_release(struct import_course *course)
{
    jb_series_writer_free(course->writer);
    jb_buf_release(&course->bytes);
    course->writer = NULL;
}

static jb_rc flush(struct import_course *course, struct jb_ledger *ledger,
                   const struct import_place *place, const struct jb_channel *channel,
                   struct jb_error *err)
{
    jb_rc rc = course->bytes.failed;

    if (rc < 0)
        return jb_fail(err, rc, NULL, "no memory for the course of power");
    if (course->bytes.len == 0)
        return JB_OK;
    rc = jb_ledger_add_series(ledger, place->run_id, channel->id, course->bytes.bytes,
                              course->bytes.len, err);
    jb_buf_clear(&course->bytes);
    return rc;
}

jb_rc import__course_write(struct import_course *course, struct jb_ledger *ledger,
                           const struct import_place *place, const struct jb_channel *channel,
                           const struct jb_cumulative *now, bool is_new_epoch, bool is_last,
                           struct jb_error *err)
{
    jb_rc rc = JB_OK;

    if (is_new_epoch)
        rc = jb_series_writer_cut(course->writer, &course->bytes);
    if (rc == JB_OK && now->mono_ns > course->last_ns &&
        (is_new_epoch || is_last || now->mono_ns - course->last_ns >= JB_NS_PER_S)) {
        rc = jb_series_write(course->writer, now->mono_ns,
                             jb_sampler_count_to_uj(channel, now->count), &course->bytes);
        course->last_ns = now->mono_ns;
    }
    if (rc == JB_OK && is_last)
        rc = jb_series_writer_cut(course->writer, &course->bytes);
    if (rc < 0)
        return jb_fail(err, rc, NULL, "the course of power cannot be kept");
    return is_last || course->bytes.len >= SERIES_FLUSH ? flush(course, ledger, place, channel, err)
                                                        : JB_OK;
}
