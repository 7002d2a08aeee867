/* SPDX-License-Identifier: Apache-2.0 */
/* The beginning of a recorder's session: channels, periods, idle, and going on where a dead recorder stopped. */
#include "pipeline/recorder_int.h"

#include "pipeline/probe.h"
#include "pipeline/settle.h"
#include "sample/sampler.h"

#define PERF_FOLD_NS   (10 * JB_NS_PER_S)
#define SERIES_BUF_MAX (64 * 1024)

static jb_rc see_session(void *arg, const struct jb_log_record *record, struct jb_error *err)
{
    struct old_session *old = arg;
    if (record->kind == JB_LOG_FRAME) {
        old->n_subjects = record->frame->n_subjects;
        memcpy(old->subjects, record->frame->subjects,
               record->frame->n_subjects * sizeof old->subjects[0]);
    }
    if (record->kind == JB_LOG_IDLE)
        memcpy(old->idle, record->idle, record->n_idle * sizeof old->idle[0]);
    if (record->kind != JB_LOG_CHANNELS)
        return JB_OK;
    size_t bytes = record->n_channels * sizeof *record->channels;
    struct jb_channel *channels = malloc(bytes ? bytes : 1);
    if (!channels)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the table of channels");
    memcpy(channels, record->channels, bytes);
    free(old->channels);
    old->channels = channels;
    old->n_channels = record->n_channels;
    memset(old->idle, 0, sizeof old->idle);
    return JB_OK;
}

/* One that was there before this process. ENDED: its supervisor waits for the frame that ends it, and is this process, or one that asked for the lock too. */
static bool has_active_run(const struct jb_spool *spool)
{
    for (uint32_t i = 0; i < JB_SUBJECTS_MAX; i++) {
        struct jb_spool_slot *slot = &spool->node->slots[i];
        uint32_t state = atomic_load(&slot->state);
        if ((state == JB_SLOT_ACTIVE || state == JB_SLOT_ENDED) && slot->run_id[0] &&
            !jb_spool_slot_is_new(slot))
            return true;
    }
    return false;
}

/*
 * R-REC-04: runs that are still alive go on being observed: the session begins with the last recorder's state, in the
 * order of this one's channels. A count that only the dead process could read on (perf) ends in a gap named handover.
 */
static jb_rc take_over(struct jb_recorder *recorder, const struct old_session *old,
                       struct jb_error *err)
{
    const struct jb_spool_latest *latest = jb_spool_latest_newest(recorder->spool);
    if (!latest || latest->table != jb_log_table_sum(old->channels, old->n_channels))
        return JB_OK;
    int places[JB_CHANNELS_MAX];
    memset(places, -1, sizeof places);
    for (size_t i = 0; i < recorder->n_channels; i++) {
        const struct jb_channel *channel = jb_sensor_channel(recorder->sensors, i);
        for (size_t j = 0; j < old->n_channels; j++) {
            if (strcmp(channel->id, old->channels[j].id) != 0 ||
                strcmp(channel->driver, old->channels[j].driver) != 0)
                continue;
            recorder->states[i] = latest->channels[j];
            recorder->idle[i] = old->idle[j];
            places[j] = (int)i;
        }
    }
    recorder__take_over_uses(recorder, &latest->uses, places, old->n_channels);
    recorder->machine = latest->machine;
    int64_t mono_ns = latest->mono_ns, utc_us = latest->utc_us;
    /* What was stated or measured of idle still holds. */
    jb_rc rc = jb_log_idle(&recorder->log, recorder->idle, recorder->n_channels, err);
    if (rc < 0)
        return rc;
    recorder->old = old;
    rc = recorder__write_frame(recorder, recorder->states, NULL, mono_ns, utc_us, JB_FRAME_RECORDER,
                               false, err);
    recorder->old = NULL;
    if (rc < 0)
        return rc;
    recorder->last_frame_ns = mono_ns;
    recorder__publish(recorder, mono_ns, utc_us);
    for (size_t i = 0; i < recorder->n_channels; i++)
        if (jb_sensor_channel(recorder->sensors, i)->is_local)
            jb_sampler_break(&recorder->states[i], JB_GAP_HANDOVER);
    return JB_OK;
}

static bool is_posted_package(const struct jb_channel *channel)
{
    return channel->scope == JB_SCOPE_PACKAGE && channel->role == JB_ROLE_POST &&
           channel->semantics != JB_SEMANTICS_BUSY;
}

/* What is known of a channel's idle power before anybody says or measures it (R-IDLE-01, -03). */
static struct jb_idle first_idle(const struct jb_channel *channel, int64_t bound_uw)
{
    if (channel->semantics == JB_SEMANTICS_BUSY)
        return (struct jb_idle){
            .source = JB_IDLE_MODELLED,
            .power_uw = jb_sampler_curve_uw(&channel->curve, 0, 1),
            .half_width_uw = (jb_sampler_curve_uw(&channel->curve, 0, 2) -
                              jb_sampler_curve_uw(&channel->curve, 0, 0)) /
                             2,
        };
    return (struct jb_idle){.source = JB_IDLE_UNKNOWN,
                            .half_width_uw = is_posted_package(channel) ? bound_uw : 0};
}

static jb_rc begin_channels(struct jb_recorder *recorder, struct jb_error *err)
{
    size_t n = jb_sensor_n_channels(recorder->sensors);
    if (n > JB_CHANNELS_MAX)
        n = JB_CHANNELS_MAX;
    recorder->n_channels = n;
    if (n == 0)
        return jb_fail(err, JB_E_UNAVAILABLE,
                       "see `joulebook meters` for what is missing and how to allow it",
                       "there is nothing to read on this machine");
    int64_t bound_uw = 0;
    for (size_t i = 0; i < n; i++)
        if (is_posted_package(jb_sensor_channel(recorder->sensors, i))) {
            bound_uw = jb_probe_idle_bound_uw(recorder->options.os);
            break;
        }
    int64_t shortest_ns = JB_NS_PER_S, longest_ns = INT64_MAX;
    for (size_t i = 0; i < n; i++) {
        const struct jb_channel *channel = jb_sensor_channel(recorder->sensors, i);
        jb_sampler_begin(&recorder->states[i]);
        recorder->idle[i] = first_idle(channel, bound_uw);
        if (!recorder__is_posted(channel))
            continue;
        int64_t wanted_ns = jb_sampler_default_period_ns(channel);
        int64_t bound_ns = jb_sampler_longest_ns(channel);
        shortest_ns = wanted_ns < shortest_ns ? wanted_ns : shortest_ns;
        longest_ns = bound_ns < longest_ns ? bound_ns : longest_ns;
        /* The kernel folds perf's 32-bit counts only when they are read (docs/method/sensors.md). */
        if (channel->is_local && longest_ns > PERF_FOLD_NS)
            longest_ns = PERF_FOLD_NS;
        if (jb_series_writer_new(JB_SERIES_ENERGY_UJ, &recorder->series[i]) < 0)
            return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the series");
    }
    /* R-RATE-01: the user's period stands unless a counter could wrap twice within it. */
    int64_t period_ns = recorder->options.period_ns > 0 ? recorder->options.period_ns : shortest_ns;
    recorder->period_ns = period_ns < longest_ns ? period_ns : longest_ns;
    for (size_t i = 0; i < n; i++) {
        const int64_t update_ns = jb_sensor_channel(recorder->sensors, i)->update_ns;
        /* What is read apart is asked as often as it renews its value (R-READER-02). */
        const bool is_slow =
            jb_sensor_is_apart(recorder->sensors, i) && update_ns > recorder->period_ns;
        recorder->states[i].period_ns = is_slow ? update_ns : recorder->period_ns;
    }
    return jb_series_writer_new(JB_SERIES_LEVEL_PPM, &recorder->machine_series);
}

static jb_rc write_session(struct jb_recorder *recorder, struct jb_error *err)
{
    struct jb_channel *channels = calloc(recorder->n_channels, sizeof *channels);
    if (!channels)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the table of channels");
    for (size_t i = 0; i < recorder->n_channels; i++)
        channels[i] = *jb_sensor_channel(recorder->sensors, i);
    recorder->table = jb_log_table_sum(channels, recorder->n_channels);
    jb_rc rc = jb_log_channels(&recorder->log, channels, recorder->n_channels, err);
    free(channels);
    return rc == JB_OK ? jb_log_idle(&recorder->log, recorder->idle, recorder->n_channels, err)
                       : rc;
}

static jb_rc begin(struct jb_recorder *recorder, struct jb_error *err)
{
    struct old_session old = {0};
    int64_t end;
    jb_rc rc = jb_settle_last_frame(recorder->spool, err);
    if (rc == JB_OK)
        rc = jb_log_read(recorder->spool, 0, see_session, &old, &end, err);
    bool is_takeover = rc == JB_OK && old.n_channels > 0 &&
                       jb_spool_latest_newest(recorder->spool) && has_active_run(recorder->spool) &&
                       old.channels;
    if (rc == JB_OK)
        rc = jb_log_open(recorder->spool, &recorder->log, err);
    if (rc == JB_OK)
        rc = jb_probe(&recorder->env, &recorder->sensors, err);
    if (rc == JB_OK)
        rc = begin_channels(recorder, err);
    if (rc == JB_OK)
        rc = write_session(recorder, err);
    if (rc == JB_OK) {
        int64_t mono_ns = jb_mono_ns(recorder__clock(recorder));
        recorder->suspended_ns = jb_boot_ns(recorder__clock(recorder)) - mono_ns;
        recorder->utc_minus_mono_us = jb_utc_us(recorder__clock(recorder)) - mono_ns / JB_NS_PER_US;
        recorder->hour = jb_utc_us(recorder__clock(recorder)) / JB_US_PER_HOUR;
        recorder->begin_ns = mono_ns;
        recorder->last_liveness_ns = mono_ns;
        if (is_takeover)
            rc = take_over(recorder, &old, err);
    }
    free(old.channels);
    /* A machine whose CPU time cannot be read is measured all the same; what is above idle then stays unshared. */
    if (rc == JB_OK &&
        jb_machine_open(recorder->options.machine_os, &recorder->machine_reader, NULL) < 0)
        recorder->machine_reader = NULL;
    return rc == JB_OK ? recorder__observe_and_frame(recorder, JB_FRAME_RECORDER, err) : rc;
}

jb_rc jb_recorder_begin(struct jb_spool *spool, const struct jb_recorder_options *options,
                        struct jb_recorder **ret_recorder, struct jb_error *err)
{
    struct jb_recorder *recorder = calloc(1, sizeof *recorder);
    if (!recorder)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the recorder");
    recorder->spool = spool;
    recorder->options = *options;
    recorder->log.fd = -1;
    recorder->series_bytes = JB_BUF(SERIES_BUF_MAX);
    recorder->env = (struct jb_sensor_env){
        .drivers = options->drivers,
        .os = options->os,
        .clock = options->clock,
        .replay_path = options->replay_path,
        .meters = options->meters,
        .is_privileged = options->is_privileged,
    };
    jb_rc rc = recorder__uses_new(&recorder->uses);
    if (rc < 0)
        (void)jb_fail(err, rc, NULL, "no memory for the recorder");
    else
        rc = begin(recorder, err);
    if (rc < 0) {
        jb_recorder_free(recorder);
        return rc;
    }
    *ret_recorder = recorder;
    return JB_OK;
}
