/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run's postings to its account: exact sums by host and channel (R-ACCOUNT-01 to -06). Nothing is added that was not
 * posted: what gaps may have held stands in the band only.
 */
#include "account/account.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "account/account_int.h"
#include "base/clock.h"
#include "model/sample.h"
#include "model/share.h"

void jb_account_release(struct jb_account *account)
{
    if (!account)
        return;
    free(account->lines);
    free(account->epochs);
    free(account->factors);
    free(account->notes);
    *account = (struct jb_account){0};
}

jb_rc jb_account_builder_new(const struct jb_run *run, struct jb_account_builder **ret_builder,
                             struct jb_error *err)
{
    struct jb_account_builder *const builder = calloc(1, sizeof *builder);

    if (!builder)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the account of run '%s'", run->id);
    builder->run = *run;
    (void)snprintf(builder->run_account, sizeof builder->run_account, "run:%s", run->id);
    *ret_builder = builder;
    return JB_OK;
}

void jb_account_builder_free(struct jb_account_builder *builder)
{
    if (!builder)
        return;
    free(builder->rows);
    free(builder->hours);
    free(builder->marks);
    free(builder->notes);
    free(builder->factors);
    free(builder);
}

jb_rc jb_account_grow(void *array_pointer, size_t *size, size_t n, size_t max, size_t each,
                      const char *what, struct jb_error *err)
{
    void *array;

    if (n < *size)
        return JB_OK;
    if (n >= max)
        return jb_fail(err, JB_E_RANGE, NULL, "an account cannot hold more than %zu %s", max, what);
    size_t wanted = *size > 0 ? *size * 2 : 16;
    if (wanted > max)
        wanted = max;
    memcpy(&array, array_pointer, sizeof array);
    array = realloc(array, wanted * each);
    if (!array)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for %zu %s of an account", wanted, what);
    memcpy(array_pointer, &array, sizeof array);
    *size = wanted;
    return JB_OK;
}

/* The row of the interval's host and channel; made if it is the first of them. */
static jb_rc find_row(struct jb_account_builder *builder, const struct jb_interval *interval,
                      bool is_unposted, struct jb_account_row **ret_row, struct jb_error *err)
{
    jb_rc rc;

    for (size_t i = 0; i < builder->n_rows; i++) {
        struct jb_account_row *const row = &builder->rows[i];
        if (strcmp(row->line.channel, interval->channel) == 0 &&
            strcmp(row->line.host, interval->host) == 0 && row->line.role == interval->role &&
            row->is_unposted == is_unposted) {
            *ret_row = row;
            return JB_OK;
        }
    }
    rc = jb_account_grow(&builder->rows, &builder->rows_size, builder->n_rows, JB_ACCOUNT_LINES_MAX,
                         sizeof builder->rows[0], "channels", err);
    if (rc < 0)
        return rc;
    struct jb_account_row *const row = &builder->rows[builder->n_rows++];
    *row = (struct jb_account_row){.is_unposted = is_unposted};
    memcpy(row->line.host, interval->host, sizeof row->line.host);
    memcpy(row->line.channel, interval->channel, sizeof row->line.channel);
    memcpy(row->line.correlation, interval->correlation, sizeof row->line.correlation);
    memcpy(row->parent, interval->parent, sizeof row->parent);
    row->line.scope = interval->scope;
    row->line.device = interval->device;
    row->line.origin = interval->origin;
    row->line.role = interval->role;
    *ret_row = row;
    return JB_OK;
}

/* What one interval's lines say, before it goes to its row. */
struct parts {
    bool has_run;
    int64_t run_uj, idle_uj, others_uj, platform_uj, discrepancy_uj, reserved_uj, all_uj;
    struct jb_half share; /* of the run's line */
    struct jb_half idle;  /* of all runs' lines */
};

static bool begins(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static int64_t positive(int64_t value)
{
    return value > 0 ? value : 0;
}

static struct jb_half half_add(struct jb_half a, struct jb_half b)
{
    return (struct jb_half){jb_add_sat_i64(a.low_uj, b.low_uj),
                            jb_add_sat_i64(a.high_uj, b.high_uj)};
}

static jb_rc add_run_line(struct parts *parts, const struct jb_line *line, bool is_this)
{
    struct jb_half half = {0, 0};
    const int64_t reserved_uj = line->has_share ? line->reserved_uj : line->amount_uj;
    const int64_t all_uj = line->has_share ? line->all_uj : line->amount_uj;
    jb_rc rc = JB_OK;

    if (line->has_share) {
        half.low_uj = positive(jb_add_sat_i64(line->amount_uj, -positive(line->low_uj)));
        half.high_uj = positive(jb_add_sat_i64(line->high_uj, -positive(line->amount_uj)));
    }
    parts->idle = half_add(parts->idle, half);
    if (!is_this)
        return jb_add_i64(parts->others_uj, line->amount_uj, &parts->others_uj);
    parts->has_run = true;
    parts->share = half_add(parts->share, half);
    rc = jb_add_i64(parts->run_uj, line->amount_uj, &parts->run_uj);
    if (rc == JB_OK)
        rc = jb_add_i64(parts->reserved_uj, reserved_uj, &parts->reserved_uj);
    if (rc == JB_OK)
        rc = jb_add_i64(parts->all_uj, all_uj, &parts->all_uj);
    return rc;
}

/* R-ACCOUNT-01: the debit side of an interval by kind of account; the meter's own line is energy_uj. */
static jb_rc read_lines(const struct jb_account_builder *builder, const struct jb_line *lines,
                        size_t n_lines, struct parts *ret_parts)
{
    struct parts parts = {0};
    jb_rc rc = JB_OK;

    for (size_t i = 0; i < n_lines && rc == JB_OK; i++) {
        const struct jb_line *const line = &lines[i];
        int64_t *to = NULL;

        if (begins(line->account, "run:")) {
            rc = add_run_line(&parts, line, strcmp(line->account, builder->run_account) == 0);
            continue;
        }
        if (begins(line->account, "idle:"))
            to = &parts.idle_uj;
        else if (begins(line->account, "others:"))
            to = &parts.others_uj;
        else if (begins(line->account, "platform:"))
            to = &parts.platform_uj;
        else if (begins(line->account, "discrepancy:"))
            to = &parts.discrepancy_uj;
        if (to)
            rc = jb_add_i64(*to, line->amount_uj, to);
    }
    if (rc == JB_OK)
        *ret_parts = parts;
    return rc;
}

/* Adds a reason to the list of a line unless it stands there. */
static void add_gap(struct jb_account_line *line, const char *gap)
{
    const size_t used = strlen(line->gaps);

    line->n_gaps++;
    if (strstr(line->gaps, gap) || used + strlen(gap) + 3 > sizeof line->gaps)
        return;
    (void)snprintf(line->gaps + used, sizeof line->gaps - used, "%s%s", used > 0 ? ", " : "", gap);
}

static void add_observation(struct jb_account_row *row, const struct jb_interval *interval)
{
    struct jb_account_line *const line = &row->line;
    struct jb_coverage *const coverage = &line->coverage;
    const bool is_first = !row->is_seen;

    row->is_seen = true;
    coverage->counter_ns = jb_add_sat_i64(coverage->counter_ns, interval->counter_ns);
    coverage->gauge_ns = jb_add_sat_i64(coverage->gauge_ns, interval->gauge_ns);
    coverage->interpolated_ns =
        jb_add_sat_i64(coverage->interpolated_ns, interval->interpolated_ns);
    coverage->unobserved_ns = jb_add_sat_i64(coverage->unobserved_ns, interval->unobserved_ns);
    line->gap_best_uj = jb_add_sat_i64(line->gap_best_uj, interval->gap_best_uj);
    line->gap_high_uj = jb_add_sat_i64(line->gap_high_uj, interval->gap_high_uj);
    line->n_failed = jb_add_sat_i64(line->n_failed, interval->n_failed);
    /* A count that outgrew 64 bits goes on in a new epoch with nothing lost: no gap. */
    if (interval->gap[0] && strcmp(interval->gap, jb_gap_name(JB_GAP_NONE)) != 0 &&
        strcmp(interval->gap, jb_gap_name(JB_GAP_RANGE)) != 0)
        add_gap(line, interval->gap);
    if (line->idle_source[0] && strcmp(line->idle_source, interval->idle_source) != 0)
        (void)snprintf(line->idle_source, sizeof line->idle_source, "mixed");
    else
        memcpy(line->idle_source, interval->idle_source, sizeof line->idle_source);
    line->idle_power_uw = interval->idle_power_uw;
    /* Without any word of idle the meter was not split: nothing was estimated, and nothing is known (R-IMPORT-01). */
    const bool is_estimated =
        strcmp(interval->idle_source, jb_idle_source_name(JB_IDLE_UNKNOWN)) == 0;
    if (is_estimated || !interval->idle_source[0]) {
        row->is_idle_unknown = true;
        row->is_idle_estimated = row->is_idle_estimated || is_estimated;
        line->idle_power_uw = -1;
    }

    /* R-BAND-04 */
    if (is_first) {
        row->first_mono_ns = interval->mono_start_ns;
        row->last_mono_ns = interval->mono_end_ns;
        row->first_edge_uj = row->last_edge_uj = interval->edge_uj;
        return;
    }
    if (interval->mono_start_ns < row->first_mono_ns) {
        row->first_mono_ns = interval->mono_start_ns;
        row->first_edge_uj = interval->edge_uj;
    }
    if (interval->mono_end_ns > row->last_mono_ns) {
        row->last_mono_ns = interval->mono_end_ns;
        row->last_edge_uj = interval->edge_uj;
    }
}

/* R-BAND-01: a parent's rest is a difference, so it is off by all that the parent is; a run by its part of that. */
static struct jb_half device_half(const struct jb_interval *interval, const struct parts *parts,
                                  int64_t amount_uj)
{
    struct jb_half half;

    if (interval->role != JB_ROLE_PARENT || parts->platform_uj <= 0 ||
        amount_uj > parts->platform_uj)
        return jb_account_device_half(interval, amount_uj);
    half = jb_account_device_half(interval, interval->energy_uj);
    half.low_uj = jb_muldiv_sat_i64(half.low_uj, amount_uj, parts->platform_uj, JB_ROUND_CEIL);
    half.high_uj = jb_muldiv_sat_i64(half.high_uj, amount_uj, parts->platform_uj, JB_ROUND_CEIL);
    return half;
}

static jb_rc add_amounts(struct jb_account_row *row, const struct jb_interval *interval,
                         const struct parts *parts)
{
    const int64_t amounts[JB_AMOUNTS] = {
        [JB_AMOUNT_RUN] = parts->run_uj,
        [JB_AMOUNT_TOTAL] = interval->energy_uj,
        [JB_AMOUNT_ABOVE_IDLE] =
            positive(jb_add_sat_i64(interval->energy_uj, -positive(parts->idle_uj))),
        [JB_AMOUNT_RESERVED] = parts->reserved_uj,
        [JB_AMOUNT_ALL] = parts->all_uj,
    };
    struct jb_account_line *const line = &row->line;
    jb_rc rc = JB_OK;

    for (size_t i = 0; i < JB_AMOUNTS && rc == JB_OK; i++) {
        rc = jb_add_i64(row->amount_uj[i], amounts[i], &row->amount_uj[i]);
        row->device[i] = half_add(row->device[i], device_half(interval, parts, amounts[i]));
    }
    row->share = half_add(row->share, parts->share);
    row->idle = half_add(row->idle, parts->idle);
    if (rc == JB_OK)
        rc = jb_add_i64(line->idle_uj, parts->idle_uj, &line->idle_uj);
    if (rc == JB_OK)
        rc = jb_add_i64(line->others_uj, parts->others_uj, &line->others_uj);
    if (rc == JB_OK)
        rc = jb_add_i64(line->platform_uj, parts->platform_uj, &line->platform_uj);
    if (rc == JB_OK)
        rc = jb_add_i64(line->discrepancy_uj, parts->discrepancy_uj, &line->discrepancy_uj);
    if (parts->run_uj != interval->energy_uj && interval->role == JB_ROLE_POST)
        row->is_split = true;
    return rc;
}

/* The hour's sum; made in its place by time if it is the first of it. */
static jb_rc add_to_hour(struct jb_account_builder *builder, int64_t start_utc_us, int64_t run_uj,
                         struct jb_error *err)
{
    size_t at = builder->n_hours;
    jb_rc rc;

    while (at > 0 && builder->hours[at - 1].start_utc_us > start_utc_us)
        at--;
    if (at > 0 && builder->hours[at - 1].start_utc_us == start_utc_us)
        return jb_add_i64(builder->hours[at - 1].run_uj, run_uj, &builder->hours[at - 1].run_uj);
    rc = jb_account_grow(&builder->hours, &builder->hours_size, builder->n_hours,
                         JB_ACCOUNT_HOURS_MAX, sizeof builder->hours[0], "hours", err);
    if (rc < 0)
        return rc;
    memmove(&builder->hours[at + 1], &builder->hours[at],
            (builder->n_hours - at) * sizeof builder->hours[0]);
    builder->hours[at] = (struct jb_account_hour){start_utc_us, run_uj};
    builder->n_hours++;
    return JB_OK;
}

/* R-ACCOUNT-04: postings are split at UTC hours; one that is not is spread over its hours by time, exactly. */
static jb_rc add_hours(struct jb_account_builder *builder, const struct jb_interval *interval,
                       int64_t run_uj, struct jb_error *err)
{
    const int64_t start_us = interval->utc_start_us;
    const int64_t end_us = interval->utc_end_us > start_us ? interval->utc_end_us : start_us + 1;
    int64_t weights_us[JB_SPLIT_MAX];
    int64_t shares_uj[JB_SPLIT_MAX];
    int64_t hour_us = start_us - ((start_us % JB_US_PER_HOUR) + JB_US_PER_HOUR) % JB_US_PER_HOUR;
    const int64_t first_hour_us = hour_us;
    size_t n = 0;
    jb_rc rc;

    do {
        const int64_t from_us = start_us > hour_us ? start_us : hour_us;
        const int64_t to_us = end_us < hour_us + JB_US_PER_HOUR ? end_us : hour_us + JB_US_PER_HOUR;
        if (n >= JB_SPLIT_MAX)
            return jb_fail(err, JB_E_RANGE, NULL, "an interval of '%s' lasts more than %d hours",
                           interval->channel, JB_SPLIT_MAX);
        weights_us[n++] = to_us - from_us;
        hour_us += JB_US_PER_HOUR;
    } while (hour_us < end_us);
    rc = jb_split_i64(run_uj, weights_us, n, shares_uj);
    for (size_t i = 0; i < n && rc == JB_OK; i++)
        rc = add_to_hour(builder, first_hour_us + (int64_t)i * JB_US_PER_HOUR, shares_uj[i], err);
    return rc;
}

static jb_rc too_large(const struct jb_interval *interval, struct jb_error *err)
{
    return jb_fail(err, JB_E_RANGE, NULL,
                   "the sum of channel '%s' does not fit 64 bits of microjoule", interval->channel);
}

jb_rc jb_account_add_interval(struct jb_account_builder *builder,
                              const struct jb_interval *interval, const struct jb_line *lines,
                              size_t n_lines, struct jb_error *err)
{
    struct jb_account_row *row;
    struct parts parts;
    jb_rc rc;

    if (interval->energy_uj < 0)
        return jb_fail(err, JB_E_INPUT, NULL, "an interval of '%s' has negative energy",
                       interval->channel);
    rc = read_lines(builder, lines, n_lines, &parts);
    if (rc < 0)
        return too_large(interval, err);
    if (interval->role == JB_ROLE_POST && !parts.has_run)
        return jb_fail(err, JB_E_INPUT, NULL, "an interval of '%s' has no line of run '%s'",
                       interval->channel, builder->run.id);
    rc = find_row(builder, interval, false, &row, err);
    if (rc < 0)
        return rc;
    add_observation(row, interval);
    jb_account_add_board(row, interval);
    rc = add_amounts(row, interval, &parts);
    if (rc < 0)
        return too_large(interval, err);
    return interval->role == JB_ROLE_POST ? add_hours(builder, interval, parts.run_uj, err) : JB_OK;
}

jb_rc jb_account_add_unposted(struct jb_account_builder *builder,
                              const struct jb_interval *interval, struct jb_error *err)
{
    const struct parts nothing = {0};
    struct jb_account_row *row;
    jb_rc rc;

    if (interval->energy_uj < 0)
        return jb_fail(err, JB_E_INPUT, NULL, "an interval of '%s' has negative energy",
                       interval->channel);
    rc = find_row(builder, interval, true, &row, err);
    if (rc < 0)
        return rc;
    add_observation(row, interval);
    return add_amounts(row, interval, &nothing) < 0 ? too_large(interval, err) : JB_OK;
}

void jb_account_marks_end(struct jb_account_builder *builder, const struct jb_account_mark *end)
{
    builder->has_marks_end = true;
    builder->marks_end = *end;
}

jb_rc jb_account_add_mark(struct jb_account_builder *builder, const struct jb_account_mark *mark,
                          struct jb_error *err)
{
    /* A training that marks every step for a year must not lose its account over it. */
    if (builder->n_marks >= JB_ACCOUNT_MARKS_MAX) {
        builder->n_marks_dropped++;
        return JB_OK;
    }
    const jb_rc rc = jb_account_grow(&builder->marks, &builder->marks_size, builder->n_marks,
                                     JB_ACCOUNT_MARKS_MAX, sizeof builder->marks[0], "marks", err);
    if (rc < 0)
        return rc;
    builder->marks[builder->n_marks] = *mark;
    builder->marks[builder->n_marks].text[sizeof mark->text - 1] = '\0';
    builder->n_marks++;
    return JB_OK;
}

jb_rc jb_account_add_note(struct jb_account_builder *builder, const char *note,
                          struct jb_error *err)
{
    if (builder->n_notes >= JB_ACCOUNT_NOTES_MAX)
        return JB_OK; /* the first of them tell what the others would */
    const jb_rc rc = jb_account_grow(&builder->notes, &builder->notes_size, builder->n_notes,
                                     JB_ACCOUNT_NOTES_MAX, sizeof builder->notes[0], "notes", err);
    if (rc < 0)
        return rc;
    (void)snprintf(builder->notes[builder->n_notes++], JB_NOTE, "%s", note);
    return JB_OK;
}

jb_rc jb_account_add_factor(struct jb_account_builder *builder, const struct jb_factor *factor,
                            struct jb_error *err)
{
    const jb_rc rc =
        jb_account_grow(&builder->factors, &builder->factors_size, builder->n_factors,
                        JB_ACCOUNT_NOTES_MAX, sizeof builder->factors[0], "factors", err);

    if (rc == JB_OK)
        builder->factors[builder->n_factors++] = *factor;
    return rc;
}

void jb_account_told_facility(struct jb_account_builder *builder, int64_t pue_milli,
                              int64_t energy_uj)
{
    builder->has_told_facility = true;
    builder->told_pue_milli = pue_milli;
    builder->told_facility_uj = energy_uj;
}

/* --- finishing --------------------------------------------------------------------------------------------------- */

static jb_rc finish_line(const struct jb_account_builder *builder, const struct jb_account_row *row,
                         struct jb_account_line *ret_line, struct jb_error *err)
{
    struct jb_account_line line = row->line;
    jb_rc rc;

    line.reserved_uj = row->amount_uj[JB_AMOUNT_RESERVED];
    line.all_uj = row->amount_uj[JB_AMOUNT_ALL];
    rc = jb_account_figure(builder, JB_AMOUNT_TOTAL, row, &line.total_uj, err);
    if (rc == JB_OK && line.role == JB_ROLE_POST)
        rc = jb_account_figure(builder, JB_AMOUNT_RUN, row, &line.run_uj, err);
    /* R-ACCOUNT-03: without a baseline there is nothing to take off, and nothing to say. */
    if (rc == JB_OK && line.role == JB_ROLE_POST && !row->is_idle_unknown)
        rc = jb_account_figure(builder, JB_AMOUNT_ABOVE_IDLE, row, &line.above_idle_uj, err);
    if (rc == JB_OK)
        *ret_line = line;
    return rc;
}

/* R-ACCOUNT-06: method of the headline. */
static enum jb_method method_of(const struct jb_account_builder *builder)
{
    bool is_split = false;
    bool is_all_rated = true;
    const int told = jb_method_from_name(builder->run.method);

    if (told >= 0)
        return (enum jb_method)told;
    for (size_t i = 0; i < builder->n_rows; i++) {
        const struct jb_account_row *const row = &builder->rows[i];
        if (row->line.role != JB_ROLE_POST || row->is_unposted)
            continue;
        is_split = is_split || row->is_split;
        is_all_rated = is_all_rated && row->line.origin == JB_ORIGIN_RATED;
    }
    if (is_all_rated && builder->n_rows > 0)
        return JB_METHOD_B;
    return is_split ? JB_METHOD_C2 : JB_METHOD_C1;
}

static jb_rc finish_sums(const struct jb_account_builder *builder, struct jb_account *account,
                         struct jb_error *err)
{
    static const enum jb_amount views[] = {JB_AMOUNT_RUN, JB_AMOUNT_RESERVED, JB_AMOUNT_ALL};
    jb_rc rc = JB_OK;

    for (size_t i = 0; i < builder->n_rows && rc == JB_OK; i++) {
        struct jb_account_line *const line = &account->lines[account->n_lines++];
        struct jb_coverage *const to = &account->coverage;

        rc = finish_line(builder, &builder->rows[i], line, err);
        if (rc < 0 || line->role != JB_ROLE_POST || builder->rows[i].is_unposted)
            continue;
        to->counter_ns = jb_add_sat_i64(to->counter_ns, line->coverage.counter_ns);
        to->gauge_ns = jb_add_sat_i64(to->gauge_ns, line->coverage.gauge_ns);
        to->interpolated_ns = jb_add_sat_i64(to->interpolated_ns, line->coverage.interpolated_ns);
        to->unobserved_ns = jb_add_sat_i64(to->unobserved_ns, line->coverage.unobserved_ns);
        rc = jb_add_i64(account->origin_uj[line->origin], line->run_uj.best,
                        &account->origin_uj[line->origin]);
    }
    for (size_t i = 0; i < JB_ARRAY_LEN(views) && rc == JB_OK; i++)
        rc = jb_account_figure(builder, views[i], NULL, &account->views_uj[i], err);
    for (size_t i = 0; i < JB_ARRAY_LEN(views); i++)
        jb_account_widen(builder, &account->views_uj[i]);
    account->energy_uj = account->views_uj[0];
    return rc;
}

static int compare_lines(const void *a, const void *b)
{
    const struct jb_account_line *const x = a;
    const struct jb_account_line *const y = b;
    int order = strcmp(x->host, y->host);

    if (order == 0)
        order = (x->role != JB_ROLE_POST) - (y->role != JB_ROLE_POST);
    if (order == 0)
        order = (x->device > y->device) - (x->device < y->device);
    if (order == 0)
        order = strcmp(x->channel, y->channel);
    return order;
}

static jb_rc allocate(const struct jb_account_builder *builder, struct jb_account *account,
                      struct jb_error *err)
{
    account->lines = calloc(builder->n_rows + 1, sizeof account->lines[0]);
    account->factors =
        calloc(builder->n_factors + JB_ACCOUNT_FACTORS_MAX, sizeof account->factors[0]);
    account->notes = calloc(JB_ACCOUNT_NOTES_MAX, sizeof account->notes[0]);
    if (!account->lines || !account->factors || !account->notes)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the account of run '%s'",
                       builder->run.id);
    if (builder->n_factors > 0)
        memcpy(account->factors, builder->factors, builder->n_factors * sizeof account->factors[0]);
    account->n_factors = builder->n_factors;
    return JB_OK;
}

jb_rc jb_account_finish(struct jb_account_builder *builder, struct jb_account *ret_account,
                        struct jb_error *err)
{
    JB_AUTO(jb_account_release) struct jb_account account = {.run = builder->run};
    const struct jb_run *const run = &builder->run;
    jb_rc rc;

    rc = allocate(builder, &account, err);
    if (rc < 0)
        return rc;
    if (run->end_mono_ns > run->start_mono_ns)
        account.duration_ns = run->end_mono_ns - run->start_mono_ns;
    account.method = method_of(builder);
    rc = finish_sums(builder, &account, err);
    if (rc == JB_OK)
        rc = jb_account_facility(builder, &account, err);
    if (rc == JB_OK)
        rc = jb_account_carbon(builder, &account, err);
    if (rc == JB_OK)
        rc = jb_account_epochs(builder, &account, err);
    if (rc < 0)
        return rc;
    jb_account_overshoots(builder, &account);
    jb_account_cycles(builder, &account);
    jb_account_doubts(builder, &account);
    jb_account_add_work(builder, &account);
    for (size_t i = 0; i < builder->n_notes; i++)
        jb_account_note(&account, "%s", builder->notes[i]);
    qsort(account.lines, account.n_lines, sizeof account.lines[0], compare_lines);
    *ret_account = account;
    account = (struct jb_account){0};
    return JB_OK;
}
