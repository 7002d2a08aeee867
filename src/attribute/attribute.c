/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One channel's energy in one window to idle, runs and others, exactly; and the three views of who pays idle. It gives
 * a run nothing that the run's own CPU time or memory does not ask for. Rules R-SHARE-*, R-VIEW-01 in
 * docs/method/attribution.md.
 */
#include "attribute/attribute_int.h"

#include "base/num.h"

#define UW_NS_PER_UJ INT64_C(1000000000)
#define PPM          INT64_C(1000000)
/* R-SHARE-03: CPU time comes in clock ticks of 10 ms. */
#define TICK_NS INT64_C(10000000)

static jb_rc check(int64_t energy_uj, const struct jb_idle *idle, const struct jb_window *window,
                   struct jb_error *err)
{
    if (energy_uj < 0)
        return jb_fail(err, JB_E_RANGE, NULL, "energy to be shared is negative");
    if (idle->power_uw < 0 || idle->half_width_uw < 0)
        return jb_fail(err, JB_E_RANGE, NULL, "idle power is negative");
    if (window->n_subjects > JB_SUBJECTS_MAX)
        return jb_fail(err, JB_E_RANGE, NULL, "more than %d runs share a window", JB_SUBJECTS_MAX);
    if (window->duration_ns < 0 || window->after.busy_ns < window->before.busy_ns ||
        window->before.busy_ns < 0 || window->after.capacity_ns < window->before.capacity_ns ||
        window->before.capacity_ns < 0)
        return jb_fail(err, JB_E_RANGE, NULL, "the machine's time goes backwards in a window");
    if (window->before.memory_used_bytes < 0 || window->after.memory_used_bytes < 0 ||
        window->before.memory_total_bytes < 0 || window->after.memory_total_bytes < 0)
        return jb_fail(err, JB_E_RANGE, NULL, "the machine's memory is negative");
    for (size_t i = 0; i < window->n_subjects; i++) {
        const struct jb_subject *const before = &window->subjects_before[i];
        const struct jb_subject *const after = &window->subjects_after[i];

        if (before->cpu_ns < 0 || after->cpu_ns < before->cpu_ns || before->resident_bytes < 0 ||
            after->resident_bytes < 0)
            return jb_fail(err, JB_E_RANGE, NULL,
                           "use of the run in slot %u goes backwards in a window",
                           (unsigned)after->slot);
    }
    return window->board ? attribute__check_board(window, err) : JB_OK;
}

/* Mean of two values >= 0, which may not be added. */
static int64_t mean_of(int64_t a, int64_t b)
{
    return a / 2 + b / 2 + (a % 2 + b % 2) / 2;
}

jb_rc attribute__close_use(struct attribute_use *use, size_t n_runs, int64_t whole)
{
    int64_t of_runs = 0;

    for (size_t i = 0; i < n_runs; i++) {
        const jb_rc rc = jb_add_i64(of_runs, use->weights[i], &of_runs);

        if (rc < 0)
            return rc;
    }
    use->whole = attribute__larger(whole, of_runs);
    use->weights[n_runs] = use->whole - of_runs;
    return JB_OK;
}

/* Never less than was used. */
static void set_capacity(struct attribute_use *use, int64_t capacity)
{
    use->busy = use->whole;
    use->capacity = attribute__larger(capacity, use->whole);
}

/* R-SHARE-09: a run that cannot use what is measured has no part in it, and what it used of the CPUs is nobody's. */
static jb_rc use_of_cpu(const struct jb_window *window, struct attribute_use *ret_use)
{
    int64_t whole = window->after.busy_ns - window->before.busy_ns;

    for (size_t i = 0; i < window->n_subjects; i++) {
        const int64_t cpu_ns = window->subjects_after[i].cpu_ns - window->subjects_before[i].cpu_ns;
        const bool is_hidden = window->hidden >> i & 1;

        ret_use->weights[i] = is_hidden ? 0 : cpu_ns;
        if (is_hidden)
            whole = attribute__larger(0, whole - cpu_ns);
    }
    ret_use->quantum = TICK_NS;
    const jb_rc rc = attribute__close_use(ret_use, window->n_subjects, whole);
    set_capacity(ret_use, window->after.capacity_ns - window->before.capacity_ns);
    return rc;
}

static jb_rc use_of_memory(const struct jb_window *window, struct attribute_use *ret_use)
{
    for (size_t i = 0; i < window->n_subjects; i++)
        ret_use->weights[i] = mean_of(window->subjects_before[i].resident_bytes,
                                      window->subjects_after[i].resident_bytes);
    ret_use->quantum = 0;
    const jb_rc rc = attribute__close_use(
        ret_use, window->n_subjects,
        mean_of(window->before.memory_used_bytes, window->after.memory_used_bytes));
    set_capacity(ret_use,
                 mean_of(window->before.memory_total_bytes, window->after.memory_total_bytes));
    return rc;
}

static jb_rc use_of(const struct jb_channel *channel, const struct jb_window *window,
                    struct attribute_use *ret_use)
{
    if (window->board)
        return attribute__use_of_board(channel, window, ret_use);
    return channel->device == JB_DEVICE_DRAM ? use_of_memory(window, ret_use)
                                             : use_of_cpu(window, ret_use);
}

static int64_t idle_at(int64_t power_uw, int64_t duration_ns, int64_t energy_uj)
{
    return attribute__smaller(
        energy_uj, jb_muldiv_sat_i64(duration_ns, power_uw, UW_NS_PER_UJ, JB_ROUND_NEAREST));
}

/*
 * R-SHARE-01. An unknown baseline may be anything from nothing to all of the energy; if the caller knows a power that
 * idle cannot exceed (the least power seen), it stands in power_uw + half_width_uw and bounds the upper end.
 */
static struct attribute_idle idle_of(const struct jb_idle *idle, int64_t energy_uj,
                                     int64_t duration_ns, int64_t capacity, int64_t busy)
{
    const int64_t most_uw = jb_add_sat_i64(idle->power_uw, idle->half_width_uw);
    struct attribute_idle band = {.high_uj = idle_at(most_uw, duration_ns, energy_uj)};

    if (idle->source != JB_IDLE_UNKNOWN) {
        band.best_uj = idle_at(idle->power_uw, duration_ns, energy_uj);
        band.low_uj = idle_at(attribute__larger(0, idle->power_uw - idle->half_width_uw),
                              duration_ns, energy_uj);
        return band;
    }
    band.best_uj = capacity > 0
                       ? jb_muldiv_sat_i64(energy_uj, capacity - busy, capacity, JB_ROUND_NEAREST)
                       : energy_uj;
    if (most_uw == 0)
        band.high_uj = energy_uj;
    band.high_uj = attribute__larger(band.high_uj, band.best_uj);
    return band;
}

/* R-SHARE-03. */
static void band_of_run(const struct jb_window *window, const struct attribute_use *use, size_t i,
                        int64_t energy_uj, const struct attribute_idle *idle, int64_t *ret_low_uj,
                        int64_t *ret_high_uj)
{
    const int64_t weight = use->weights[i];
    const int64_t least = attribute__larger(0, weight - use->quantum);
    const int64_t most = jb_add_sat_i64(weight, use->quantum);
    const int64_t whole_most = jb_add_sat_i64(use->whole, use->quantum);
    const int64_t whole_least = attribute__larger(use->whole - use->quantum, most);

    if (window->board) {
        attribute__band_of_board(window, use, i, energy_uj, idle, ret_low_uj, ret_high_uj);
        return;
    }
    *ret_low_uj = 0;
    *ret_high_uj = 0;
    if (window->hidden >> i & 1)
        return;
    *ret_low_uj = whole_most > 0 ? jb_muldiv_sat_i64(energy_uj - idle->high_uj, least, whole_most,
                                                     JB_ROUND_FLOOR)
                                 : 0;
    *ret_high_uj = whole_least > 0 ? jb_muldiv_sat_i64(energy_uj - idle->low_uj, most, whole_least,
                                                       JB_ROUND_CEIL)
                                   : 0;
}

jb_rc jb_attribute_window(const struct jb_channel *channel, const struct jb_idle *idle,
                          int64_t energy_uj, const struct jb_window *window,
                          struct jb_shares *ret_shares, struct jb_error *err)
{
    struct attribute_use use = {0};
    struct attribute_idle band;
    int64_t shares_uj[JB_SUBJECTS_MAX + 1] = {0};
    jb_rc rc = check(energy_uj, idle, window, err);

    if (rc < 0)
        return rc;
    rc = use_of(channel, window, &use);
    if (rc < 0)
        return jb_fail(err, rc, NULL, "use of '%s' by all runs together does not fit", channel->id);
    band = idle_of(idle, energy_uj, window->duration_ns, use.capacity, use.busy);
    if (use.whole > 0) {
        rc = jb_split_i64(energy_uj - band.best_uj, use.weights, window->n_subjects + 1, shares_uj);
        if (rc < 0)
            return jb_fail(err, rc, NULL, "energy of '%s' cannot be shared", channel->id);
    } else {
        band.best_uj = energy_uj; /* R-SHARE-04: nobody used it */
    }

    *ret_shares = (struct jb_shares){
        .total_uj = energy_uj,
        .idle_uj = band.best_uj,
        .others_uj = shares_uj[window->n_subjects],
        .n_runs = window->n_subjects,
    };
    for (size_t i = 0; i < window->n_subjects; i++) {
        ret_shares->run_uj[i] = shares_uj[i];
        band_of_run(window, &use, i, energy_uj, &band, &ret_shares->run_low_uj[i],
                    &ret_shares->run_high_uj[i]);
    }
    return JB_OK;
}

const char *jb_view_name(enum jb_view view)
{
    static const char *const names[JB_VIEWS] = {
        [JB_VIEW_ACTIVE] = "active",
        [JB_VIEW_RESERVED] = "reserved",
        [JB_VIEW_ALL] = "all",
    };

    return (unsigned)view < JB_VIEWS ? names[view] : "unknown";
}

/* Idle by reserved CPUs; what nobody keeps reserved stays with nobody, and reservations beyond the node are scaled. */
static jb_rc add_reserved(const struct jb_shares *shares, const uint32_t *reserved_ppm,
                          int64_t *shares_uj)
{
    int64_t weights[JB_SUBJECTS_MAX + 1] = {0};
    int64_t parts_uj[JB_SUBJECTS_MAX + 1] = {0};
    int64_t reserved = 0;
    jb_rc rc;

    for (size_t i = 0; i < shares->n_runs; i++) {
        weights[i] = attribute__smaller(reserved_ppm[i], PPM);
        reserved += weights[i];
    }
    weights[shares->n_runs] = attribute__larger(0, PPM - reserved);
    rc = jb_split_i64(shares->idle_uj, weights, shares->n_runs + 1, parts_uj);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < shares->n_runs; i++)
        shares_uj[i] = shares->run_uj[i] + parts_uj[i];
    return JB_OK;
}

static jb_rc split_all(const struct jb_shares *shares, int64_t *shares_uj)
{
    int64_t weights[JB_SUBJECTS_MAX];
    bool is_any = false;

    for (size_t i = 0; i < shares->n_runs; i++)
        is_any = is_any || shares->run_uj[i] > 0;
    for (size_t i = 0; i < shares->n_runs; i++)
        weights[i] = is_any ? shares->run_uj[i] : 1;
    return jb_split_i64(shares->total_uj, weights, shares->n_runs, shares_uj);
}

/* R-VIEW-01. */
jb_rc jb_attribute_view(enum jb_view view, const struct jb_shares *shares,
                        const uint32_t *reserved_ppm, int64_t *ret_run_uj, struct jb_error *err)
{
    int64_t shares_uj[JB_SUBJECTS_MAX] = {0};
    jb_rc rc = JB_OK;

    if (shares->n_runs > JB_SUBJECTS_MAX)
        return jb_fail(err, JB_E_RANGE, NULL, "more than %d runs share a window", JB_SUBJECTS_MAX);
    if (shares->n_runs == 0)
        return JB_OK;
    switch (view) {
    case JB_VIEW_ACTIVE:
        for (size_t i = 0; i < shares->n_runs; i++)
            shares_uj[i] = shares->run_uj[i];
        break;
    case JB_VIEW_RESERVED: rc = add_reserved(shares, reserved_ppm, shares_uj); break;
    case JB_VIEW_ALL: rc = split_all(shares, shares_uj); break;
    }
    if (rc < 0)
        return jb_fail(err, rc, NULL, "the view '%s' cannot be made", jb_view_name(view));
    for (size_t i = 0; i < shares->n_runs; i++)
        ret_run_uj[i] = shares_uj[i];
    return JB_OK;
}
