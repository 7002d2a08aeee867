/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts' postings of one segment to the node's, which posts what the line is above them to platform. The parts'
 * energy is never changed, and nothing is calibrated twice. R-CAL-06, R-CAL-07.
 */
#include "pipeline/calibrated.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"

void jb_calibrated_begin(struct jb_calibrated *calibrated, const struct jb_calibration *calibration)
{
    memset(calibrated, 0, sizeof *calibrated);
    calibrated->calibration = calibration;
}

static bool is_metered(enum jb_origin origin)
{
    return origin == JB_ORIGIN_COUNTER || origin == JB_ORIGIN_GAUGE;
}

static bool is_part(const struct jb_calibration *calibration, const char *id)
{
    for (size_t i = 0; i < calibration->parts.n; i++)
        if (strcmp(calibration->parts.ids[i], id) == 0)
            return true;
    return false;
}

static bool is_on_top(const struct jb_channel *channel)
{
    return channel->parent[0] == '\0' &&
           (channel->role == JB_ROLE_POST || channel->role == JB_ROLE_PARENT);
}

/* R-CAL-07. */
bool jb_calibrated_adopt(const struct jb_calibration *calibration, struct jb_channel *channels,
                         size_t n, char *note, size_t note_size)
{
    const char *unknown = NULL;
    size_t n_parts = 0;
    char day[32];

    note[0] = '\0';
    if (!calibration)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!is_on_top(&channels[i]) || !is_metered(channels[i].origin))
            continue;
        if (channels[i].scope == JB_SCOPE_NODE)
            return false;
        n_parts++;
        if (!is_part(calibration, channels[i].id))
            unknown = channels[i].id;
    }
    if (n_parts == 0)
        return false;
    if (unknown || n_parts != calibration->parts.n) {
        (void)snprintf(
            note, note_size,
            "the calibration of %.10s was not applied: %s%s; `joulebook calibrate` makes "
            "one for the meters that are read now",
            jb_format_utc(calibration->utc_us, false, day, sizeof day),
            unknown ? "it was made without " : "not all that it was made with are here",
            unknown ? unknown : "");
        return false;
    }
    for (size_t i = 0; i < n; i++)
        if (is_on_top(&channels[i]))
            (void)snprintf(channels[i].parent, sizeof channels[i].parent, "%s",
                           JB_CALIBRATION_CHANNEL);
    return true;
}

static void add_energy(struct jb_interval *whole, const struct jb_interval *part, bool is_first)
{
    if (is_first) {
        *whole = *part;
        return;
    }
    whole->energy_uj = jb_add_sat_i64(whole->energy_uj, part->energy_uj);
    whole->edge_uj = jb_add_sat_i64(whole->edge_uj, part->edge_uj);
    whole->gap_best_uj = jb_add_sat_i64(whole->gap_best_uj, part->gap_best_uj);
    whole->gap_high_uj = jb_add_sat_i64(whole->gap_high_uj, part->gap_high_uj);
    whole->n_failed += part->n_failed;
    /* As well seen as the part that was seen least. */
    if (part->unobserved_ns > whole->unobserved_ns) {
        whole->counter_ns = part->counter_ns;
        whole->gauge_ns = part->gauge_ns;
        whole->interpolated_ns = part->interpolated_ns;
        whole->unobserved_ns = part->unobserved_ns;
        memcpy(whole->gap, part->gap, sizeof whole->gap);
    }
}

static void add_runs(struct jb_calibrated *calibrated, const struct jb_line *lines, size_t n_lines)
{
    for (size_t i = 0; i < n_lines; i++) {
        if (strncmp(lines[i].account, "run:", 4) != 0)
            continue;
        size_t at = 0;
        while (at < calibrated->n_runs &&
               strcmp(calibrated->runs[at].account, lines[i].account) != 0)
            at++;
        if (at == JB_SUBJECTS_MAX)
            continue;
        if (at == calibrated->n_runs) {
            calibrated->runs[at] = lines[i];
            calibrated->n_runs++;
        } else {
            calibrated->runs[at].amount_uj =
                jb_add_sat_i64(calibrated->runs[at].amount_uj, lines[i].amount_uj);
        }
    }
}

void jb_calibrated_add(struct jb_calibrated *calibrated, const struct jb_interval *interval,
                       const struct jb_line *lines, size_t n_lines)
{
    if (strcmp(interval->parent, JB_CALIBRATION_CHANNEL) != 0)
        return;
    if (!is_metered(interval->origin)) {
        calibrated->modelled_uj = jb_add_sat_i64(calibrated->modelled_uj, interval->energy_uj);
        return;
    }
    add_energy(&calibrated->whole, interval, calibrated->n_parts == 0);
    calibrated->n_parts++;
    add_runs(calibrated, lines, n_lines);
}

static int64_t mean_uw(int64_t energy_uj, int64_t duration_ns)
{
    return jb_muldiv_sat_i64(energy_uj, JB_NS_PER_S, duration_ns, JB_ROUND_NEAREST);
}

static int64_t energy_uj(int64_t power_uw, int64_t duration_ns)
{
    return jb_muldiv_sat_i64(power_uw, duration_ns, JB_NS_PER_S, JB_ROUND_NEAREST);
}

/* R-CAL-06: counts in nJ from 0, as each interval's own, so that the posting is proved like any other. */
static void fill_interval(const struct jb_calibrated *calibrated, struct jb_interval *to)
{
    const struct jb_calibration *const calibration = calibrated->calibration;
    const struct jb_fit *const fit = &calibration->fit;
    char day[32];

    *to = calibrated->whole;
    const int64_t duration_ns = to->mono_end_ns - to->mono_start_ns;
    const int64_t x_uw = mean_uw(calibrated->whole.energy_uj, duration_ns);
    const int64_t line_uj = energy_uj(jb_fit_at(fit, x_uw), duration_ns);
    /* R-CAL-05: of the line, and of the meter that it was fitted to. */
    const int64_t half_uj =
        jb_hypot_i64(energy_uj(jb_fit_half_width_uw(fit, x_uw), duration_ns),
                     jb_muldiv_sat_i64(line_uj > 0 ? line_uj : 0, calibration->accuracy_ppm,
                                       1000000, JB_ROUND_CEIL));
    (void)snprintf(to->channel, sizeof to->channel, "%s", JB_CALIBRATION_CHANNEL);
    (void)snprintf(to->correlation, sizeof to->correlation, "calibration/%.10s",
                   jb_format_utc(calibration->utc_us, false, day, sizeof day));
    to->parent[0] = '\0';
    to->scope = JB_SCOPE_NODE;
    to->device = JB_DEVICE_NODE;
    to->semantics = JB_SEMANTICS_GAUGE;
    to->origin = JB_ORIGIN_CALIBRATED;
    to->role = JB_ROLE_PARENT;
    to->unit_num = 1;
    to->unit_den = 1000;
    to->modulus = 0;
    to->epoch = 0;
    to->energy_uj = line_uj;
    /* No node draws less than nothing, and the count must fit. */
    if (to->energy_uj < 0)
        to->energy_uj = 0;
    if (to->energy_uj > INT64_MAX / 1000)
        to->energy_uj = INT64_MAX / 1000;
    to->raw_start = 0;
    to->raw_end = 0;
    to->count_start = 0;
    to->count_end = (uint64_t)to->energy_uj * 1000;
    to->low_uj = to->energy_uj > half_uj ? to->energy_uj - half_uj : 0;
    to->high_uj = jb_add_sat_i64(to->energy_uj, half_uj);
    to->accuracy_low_ppm = to->accuracy_high_ppm =
        to->energy_uj > 0 ? jb_muldiv_sat_i64(half_uj, 1000000, to->energy_uj, JB_ROUND_CEIL) : 0;
    to->edge_uj = jb_muldiv_sat_i64(to->edge_uj, fit->slope_ppm, 1000000, JB_ROUND_CEIL);
    to->gap_best_uj = jb_muldiv_sat_i64(to->gap_best_uj, fit->slope_ppm, 1000000, JB_ROUND_NEAREST);
    to->gap_high_uj = jb_muldiv_sat_i64(to->gap_high_uj, fit->slope_ppm, 1000000, JB_ROUND_CEIL);
    (void)snprintf(to->idle_source, sizeof to->idle_source, "%s",
                   jb_idle_source_name(JB_IDLE_CALIBRATED));
    to->idle_power_uw = 0;
}

static struct jb_line *add_line(struct jb_line *lines, size_t *n, const char *account,
                                int64_t amount_uj)
{
    struct jb_line *const line = &lines[(*n)++];

    memset(line, 0, sizeof *line);
    (void)snprintf(line->account, sizeof line->account, "%s", account);
    line->amount_uj = amount_uj;
    return line;
}

/* As a metered parent has them (R-SETTLE-04): the runs see their part of the rest in the view that charges everything. */
static jb_rc fill_lines(const struct jb_calibrated *calibrated, const struct jb_interval *interval,
                        struct jb_line *lines, size_t *ret_n, struct jb_error *err)
{
    const int64_t rest_uj =
        interval->energy_uj - calibrated->whole.energy_uj - calibrated->modelled_uj;
    int64_t weights[JB_SUBJECTS_MAX], parts[JB_SUBJECTS_MAX] = {0};
    char account[JB_ACCOUNT_NAME];
    bool is_any = false;

    *ret_n = 0;
    (void)snprintf(account, sizeof account, "calibrated:%s/%s", interval->host, interval->channel);
    add_line(lines, ret_n, account, -rest_uj);
    (void)snprintf(account, sizeof account, "%s:%s", rest_uj < 0 ? "discrepancy" : "platform",
                   interval->host);
    add_line(lines, ret_n, account, rest_uj);
    for (size_t r = 0; r < calibrated->n_runs; r++)
        is_any = is_any || calibrated->runs[r].amount_uj > 0;
    for (size_t r = 0; r < calibrated->n_runs; r++)
        weights[r] = is_any ? calibrated->runs[r].amount_uj : 1;
    if (calibrated->n_runs > 0 && rest_uj > 0) {
        const jb_rc rc = jb_split_i64(rest_uj, weights, calibrated->n_runs, parts);
        if (rc < 0)
            return jb_fail(err, rc, NULL, "cannot split the calibrated rest of the node");
    }
    for (size_t r = 0; r < calibrated->n_runs; r++) {
        struct jb_line *const line = add_line(lines, ret_n, calibrated->runs[r].account, 0);
        line->has_share = true;
        line->all_uj = parts[r];
    }
    return JB_OK;
}

static void say_how(const struct jb_calibrated *calibrated, const struct jb_interval *interval,
                    char *note, size_t note_size)
{
    const struct jb_calibration *const calibration = calibrated->calibration;
    const struct jb_fit *const fit = &calibration->fit;
    const int64_t x_uw =
        mean_uw(calibrated->whole.energy_uj, interval->mono_end_ns - interval->mono_start_ns);
    const bool is_outside = x_uw < fit->x_min_uw || x_uw > fit->x_max_uw;
    char offset[32], slope[32], day[32], low[32], high[32];

    (void)snprintf(
        note, note_size,
        "no meter read the node: %s + %s x its parts, by the calibration of %.10s against "
        "%s, made between %s and %s%s",
        jb_format_power(fit->offset_uw, offset, sizeof offset),
        jb_format_decimal((fit->slope_ppm + 500) / 1000, 3, slope, sizeof slope),
        jb_format_utc(calibration->utc_us, false, day, sizeof day), calibration->meter,
        jb_format_power(fit->x_min_uw, low, sizeof low),
        jb_format_power(fit->x_max_uw, high, sizeof high),
        is_outside ? "; part of this run lies outside, and its band is wider" : "");
}

/* R-CAL-07 */
static void say_why_not(const struct jb_calibration *calibration, char *note, size_t note_size)
{
    char day[32];

    (void)snprintf(note, note_size,
                   "the calibration of %.10s was not applied to a part of this run: not all meters "
                   "that it was made with were read then",
                   jb_format_utc(calibration->utc_us, false, day, sizeof day));
}

jb_rc jb_calibrated_interval(const struct jb_calibrated *calibrated, bool *ret_is_there,
                             struct jb_interval *ret_interval, struct jb_line *ret_lines,
                             size_t *ret_n_lines, char *note, size_t note_size,
                             struct jb_error *err)
{
    note[0] = '\0';
    *ret_n_lines = 0;
    *ret_is_there = calibrated->n_parts == calibrated->calibration->parts.n;
    if (!*ret_is_there) {
        say_why_not(calibrated->calibration, note, note_size);
        return JB_OK;
    }
    fill_interval(calibrated, ret_interval);
    jb_rc rc = fill_lines(calibrated, ret_interval, ret_lines, ret_n_lines, err);
    if (rc < 0)
        return rc;
    say_how(calibrated, ret_interval, note, note_size);
    return JB_OK;
}
