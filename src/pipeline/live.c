/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is shown live: from a recorder where there is one, else from the sensors, which are then read here. R-LIVE-01,
 * R-LIVE-04: docs/method/live.md.
 */
#include "pipeline/live_int.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/num.h"
#include "pipeline/probe.h"
#include "sample/sampler.h"

#define HOLD_NS (15 * JB_NS_PER_S) /* so long a slow meter's last power is shown */

void jb_live_close(struct jb_live_view *view)
{
    if (!view)
        return;
    if (view->has_spool)
        jb_spool_close(&view->spool);
    jb_segment_free(view->segment);
    jb_sensor_set_free(view->sensors);
    free(view->channels);
    free(view);
}

jb_rc jb_live_open(const char *book_path, const struct jb_sensor_env *env,
                   struct jb_live_view **ret_view, struct jb_error *err)
{
    JB_AUTO(jb_live_close_auto) struct jb_live_view *view = calloc(1, sizeof *view);

    if (!view || jb_segment_new(&view->segment) < 0)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to look at the meters");
    view->env = *env;
    if (strlen(book_path) >= sizeof view->book_path)
        return jb_fail(err, JB_E_RANGE, "use a shorter path", "the book's path is too long");
    (void)snprintf(view->book_path, sizeof view->book_path, "%s", book_path);
    const struct jb_os machine = jb_os_real("");
    jb_rc rc = jb_os_host_name(&machine, view->host, sizeof view->host, err);
    if (rc == JB_OK)
        rc = jb_os_boot_id(&machine, view->boot_id, err);
    if (rc < 0)
        return rc;
    *ret_view = view;
    view = NULL;
    return JB_OK;
}

/* --- what is shown ---------------------------------------------------------------------------------------------- */

static void show_power(struct before *before, const struct jb_channel *channel,
                       const struct jb_cumulative *now, int64_t mono_ns,
                       struct jb_live_channel *shown)
{
    const int64_t step_ns = now->mono_ns - before->state.mono_ns;

    if (!before->state.is_open || before->state.epoch != now->epoch) {
        before->state = *now;
        before->has_power = false;
    } else if (step_ns >= LIVE_POWER_LEAST_NS) {
        before->power_uw =
            jb_muldiv_sat_i64(jb_sampler_count_to_uj(channel, now->count) -
                                  jb_sampler_count_to_uj(channel, before->state.count),
                              JB_NS_PER_S, step_ns, JB_ROUND_NEAREST);
        before->has_power = true;
        before->state = *now;
    }
    shown->has_power = before->has_power && mono_ns - now->mono_ns < HOLD_NS;
    shown->power_uw = before->power_uw;
}

void live__show_channel(struct jb_live_view *view, size_t i, const struct jb_channel *channel,
                        const struct jb_cumulative *state, const struct jb_cumulative *first)
{
    const int64_t mono_ns = view->live.mono_ns;
    struct jb_live_channel *const shown = &view->live.channels[i];

    memset(shown, 0, sizeof *shown);
    shown->channel = *channel;
    /* Read a moment after the look began. */
    shown->age_ns = !state->is_open ? -1 : mono_ns > state->mono_ns ? mono_ns - state->mono_ns : 0;
    shown->n_failed = state->n_failed;
    shown->n_gaps = state->n_gaps;
    shown->gap = state->break_gap != JB_GAP_NONE  ? jb_gap_name((enum jb_gap)state->break_gap)
                 : state->last_gap != JB_GAP_NONE ? jb_gap_name((enum jb_gap)state->last_gap)
                                                  : "";
    if (!state->is_open)
        return;
    show_power(&view->before[i], channel, state, mono_ns, shown);
    const bool is_same = first->is_open && first->epoch == state->epoch;
    shown->energy_uj = jb_sampler_count_to_uj(channel, state->count) -
                       (is_same ? jb_sampler_count_to_uj(channel, first->count) : 0);
}

/* R-LIVE-06: of what lies in nothing else; -1 where none of it has a power yet. */
static int64_t whole_power_uw(const struct jb_live *live)
{
    int64_t sum_uw = 0;
    bool is_any = false;

    for (size_t i = 0; i < live->n_channels; i++) {
        const struct jb_live_channel *const one = &live->channels[i];
        const bool is_root = one->channel.parent[0] == '\0';
        if (!is_root || (one->channel.role != JB_ROLE_POST && one->channel.role != JB_ROLE_PARENT))
            continue;
        if (!one->has_power)
            continue;
        is_any = true;
        sum_uw = jb_add_sat_i64(sum_uw, one->power_uw);
    }
    return is_any ? sum_uw : -1;
}

void live__keep_history(struct jb_live_view *view)
{
    struct jb_live *const live = &view->live;

    live->power_uw = whole_power_uw(live);
    if (live->mono_ns - view->last_history_ns < LIVE_POWER_LEAST_NS)
        return;
    view->last_history_ns = live->mono_ns;
    if (live->n_history == JB_LIVE_HISTORY) {
        memmove(live->history_uw, live->history_uw + 1,
                (JB_LIVE_HISTORY - 1) * sizeof live->history_uw[0]);
        memmove(live->history_ns, live->history_ns + 1,
                (JB_LIVE_HISTORY - 1) * sizeof live->history_ns[0]);
        live->n_history--;
    }
    live->history_ns[live->n_history] = live->mono_ns;
    live->history_uw[live->n_history++] = live->power_uw;
}

/* --- read here -------------------------------------------------------------------------------------------------- */

static jb_rc look_at_sensors(struct jb_live_view *view, struct jb_error *err)
{
    struct jb_live *const live = &view->live;
    static const struct jb_cumulative nothing = {0};

    if (!view->sensors) {
        const jb_rc rc = jb_probe(&view->env, &view->sensors, err);
        if (rc < 0)
            return rc;
        memset(view->before, 0, sizeof view->before);
        memset(view->is_gone, 0, sizeof view->is_gone);
        for (size_t i = 0; i < JB_CHANNELS_MAX; i++)
            jb_sampler_begin(&view->own[i]);
    }
    if (jb_sensor_reprobe(view->sensors) > 0)
        memset(view->is_gone, 0, sizeof view->is_gone);
    jb_sensor_ask(view->sensors);
    live->n_runs = 0;
    live->n_channels = jb_sensor_n_channels(view->sensors);
    for (size_t i = 0; i < live->n_channels; i++) {
        const struct jb_channel *const channel = jb_sensor_channel(view->sensors, i);
        struct jb_reading reading;
        const jb_rc rc = view->is_gone[i] ? JB_E_GONE : jb_sensor_read(view->sensors, i, &reading);
        if (rc == JB_OK)
            jb_sampler_feed(channel, &view->own[i], &reading);
        else
            jb_sampler_feed_failure(channel, &view->own[i], live->mono_ns);
        if (rc == JB_E_GONE && !view->is_gone[i]) {
            jb_sampler_break(&view->own[i], JB_GAP_GONE);
            view->is_gone[i] = true;
        }
        live__show_channel(view, i, channel, &view->own[i], &nothing);
    }
    live__keep_history(view);
    return JB_OK;
}

/* --- which of the two ------------------------------------------------------------------------------------------- */

static bool is_recorded(struct jb_live_view *view)
{
    char path[1100];
    struct stat st;
    bool is_stale;

    if (!view->has_spool) {
        (void)snprintf(path, sizeof path, "%s.spool", view->book_path);
        if (stat(path, &st) < 0 || jb_spool_open(view->book_path, view->host, view->boot_id,
                                                 &view->spool, &is_stale, NULL) < 0)
            return false;
        view->has_spool = true;
    }
    if (jb_spool_is_stale(&view->spool, view->host, view->boot_id))
        return false;
    for (uint32_t i = 0; i < JB_SUBJECTS_MAX; i++) {
        const uint32_t state = atomic_load(&view->spool.node->slots[i].state);
        if (state == JB_SLOT_ACTIVE || state == JB_SLOT_ENDED)
            return true;
    }
    return false;
}

static void forget_recording(struct jb_live_view *view)
{
    jb_spool_close(&view->spool);
    view->has_spool = false;
    view->is_in_segment = false;
    view->offset = 0;
    view->has_mark = false;
    view->is_other_log = false;
    view->n_tallies = 0;
    view->last.mono_ns = 0;
    free(view->channels);
    view->channels = NULL;
    memset(view->before, 0, sizeof view->before);
}

jb_rc jb_live_look(struct jb_live_view *view, const struct jb_live **ret_live, struct jb_error *err)
{
    struct jb_live *const live = &view->live;
    const bool was_recording = live->is_recording;
    jb_rc rc;

    live->mono_ns = jb_mono_ns(view->env.clock);
    live->utc_us = jb_utc_us(view->env.clock);
    live->is_recording = is_recorded(view);
    /* R-LIVE-04: while somebody records, the meters are not read twice. */
    if (live->is_recording && view->sensors) {
        jb_sensor_set_free(view->sensors);
        view->sensors = NULL;
        memset(view->before, 0, sizeof view->before);
    }
    if (!live->is_recording && was_recording && view->has_spool)
        forget_recording(view);
    rc = live->is_recording ? live__look_recorded(view, err) : look_at_sensors(view, err);
    if (rc == JB_OK)
        *ret_live = live;
    return rc;
}

size_t jb_live_n_refusals(const struct jb_live_view *view)
{
    return view->sensors ? jb_sensor_n_refusals(view->sensors) : 0;
}

const struct jb_sensor_refusal *jb_live_refusal(const struct jb_live_view *view, size_t i)
{
    return view->sensors ? jb_sensor_refusal(view->sensors, i) : NULL;
}
