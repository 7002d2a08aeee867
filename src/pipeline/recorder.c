/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Channels to frames. On the sampling path there is no allocation, no lock, and one system call a channel. What fails
 * here is counted and said; it never stops the command.
 */
#include "pipeline/recorder_int.h"

#include "base/num.h"
#include "model/account.h"
#include "sample/sampler.h"

#define FRAME_NS       JB_RECORDER_FRAME_NS
#define SERIES_NS      (100 * JB_NS_PER_MS)
#define REPROBE_NS     JB_NS_PER_S
#define LIVENESS_NS    (5 * JB_NS_PER_S)
#define MACHINE_MIN_NS (100 * JB_NS_PER_MS)
#define CARRY_NS       (2 * JB_NS_PER_S)
#define SUSPEND_NS     (10 * JB_NS_PER_MS)
#define CLOCK_STEP_US  JB_US_PER_S

bool recorder__is_posted(const struct jb_channel *channel)
{
    return channel->role == JB_ROLE_POST || channel->role == JB_ROLE_PARENT;
}

const struct jb_clock *recorder__clock(const struct jb_recorder *recorder)
{
    return recorder->options.clock;
}

static int64_t posted_energy_uj(const struct jb_recorder *recorder)
{
    int64_t sum = 0;
    for (size_t i = 0; i < recorder->n_channels; i++) {
        const struct jb_channel *channel = jb_sensor_channel(recorder->sensors, i);
        if (channel->role == JB_ROLE_POST && recorder->states[i].is_open)
            sum = jb_add_sat_i64(sum, jb_sampler_count_to_uj(channel, recorder->states[i].count));
    }
    return sum;
}

/* An epoch that broke counts from zero: nothing is told of that stretch. Nor is it of what came before the first look. */
static void publish_posted(struct jb_recorder *recorder)
{
    const int64_t posted_uj = posted_energy_uj(recorder);
    if (recorder->has_posted && posted_uj > recorder->posted_uj)
        atomic_fetch_add(&recorder->spool->node->posted_uj, posted_uj - recorder->posted_uj);
    recorder->posted_uj = posted_uj;
    recorder->has_posted = true;
}

void recorder__publish(struct jb_recorder *recorder, int64_t mono_ns, int64_t utc_us)
{
    struct jb_spool_latest *latest = jb_spool_latest_begin(recorder->spool);
    latest->mono_ns = mono_ns;
    latest->utc_us = utc_us;
    latest->machine = recorder->machine;
    latest->table = recorder->table;
    latest->n_channels = (uint32_t)recorder->n_channels;
    memcpy(latest->channels, recorder->states, recorder->n_channels * sizeof recorder->states[0]);
    recorder__put_uses(recorder, mono_ns, &latest->uses);
    publish_posted(recorder);
    jb_spool_latest_publish(recorder->spool, latest);
}

/* R-GAP-05: suspend may reset counters; the boot clock runs on through it. */
static void check_clocks(struct jb_recorder *recorder, int64_t mono_ns, int64_t utc_us)
{
    int64_t suspended_ns = jb_boot_ns(recorder__clock(recorder)) - mono_ns;
    if (suspended_ns - recorder->suspended_ns > SUSPEND_NS)
        for (size_t i = 0; i < recorder->n_channels; i++)
            jb_sampler_break(&recorder->states[i], JB_GAP_SUSPEND);
    recorder->suspended_ns = suspended_ns;
    int64_t utc_minus_mono_us = utc_us - mono_ns / JB_NS_PER_US;
    int64_t step_us = utc_minus_mono_us - recorder->utc_minus_mono_us;
    if (step_us > CLOCK_STEP_US || step_us < -CLOCK_STEP_US) {
        char note[160], amount[32];
        snprintf(note, sizeof note,
                 "the wall clock was stepped by %s s during the run; energy is not affected, times "
                 "are labels",
                 jb_format_decimal(step_us, 6, amount, sizeof amount));
        jb_rc rc = jb_recorder_note(recorder, note, NULL);
        (void)rc;
    }
    recorder->utc_minus_mono_us = utc_minus_mono_us;
}

static void try_reprobe(struct jb_recorder *recorder, int64_t mono_ns)
{
    if (!recorder->any_gone || mono_ns - recorder->last_reprobe_ns < REPROBE_NS)
        return;
    recorder->last_reprobe_ns = mono_ns;
    if (jb_sensor_reprobe(recorder->sensors) > 0)
        memset(recorder->is_gone, 0, sizeof recorder->is_gone); /* those still gone say so again */
}

/* Reads all channels; true if an epoch of any of them ended. */
static bool read_channels(struct jb_recorder *recorder)
{
    bool is_broken = false;
    bool any_gone = false;
    for (size_t i = 0; i < recorder->n_channels; i++) {
        const struct jb_channel *channel = jb_sensor_channel(recorder->sensors, i);
        struct jb_cumulative *state = &recorder->states[i];
        if (recorder->is_gone[i]) {
            any_gone = true;
            continue;
        }
        struct jb_reading reading;
        jb_rc rc = jb_sensor_read(recorder->sensors, i, &reading);
        if (rc == JB_OK) {
            uint32_t epoch = state->epoch;
            bool was_open = state->is_open != 0;
            jb_sampler_feed(channel, state, &reading);
            is_broken = is_broken || (was_open && state->epoch != epoch);
            continue;
        }
        jb_sampler_feed_failure(channel, state, jb_mono_ns(recorder__clock(recorder)));
        if (rc == JB_E_GONE) {
            jb_sampler_break(state, JB_GAP_GONE);
            recorder->is_gone[i] = true;
            any_gone = true;
        }
    }
    recorder->any_gone = any_gone;
    return is_broken;
}

/* R-SPOOL-03: a run whose supervisor no longer holds its file died. Asked seldom: it costs a few system calls a run. */
static bool is_dead(const struct jb_recorder *recorder, const struct jb_spool_slot *slot)
{
    return !jb_spool_is_alive(recorder->spool, slot->run_id);
}

/* R-REC-04: a session that goes on begins with the CPU times the last one ended with: what came since is in its first
 * window. */
static int64_t old_cpu_ns(const struct old_session *old, const char *run_id)
{
    for (uint32_t i = 0; i < old->n_subjects; i++)
        if (strcmp(old->subjects[i].run_id, run_id) == 0)
            return old->subjects[i].cpu_ns;
    return 0;
}

/*
 * R-REC-09: another process saw the CPU time of its run a moment ago. It is carried on to the frame at the rate of its
 * last two looks, for at most two seconds and never back. What was carried on too far is missing from the next window.
 */
static int64_t cpu_at(struct jb_recorder *recorder, uint32_t i, int64_t mono_ns)
{
    const struct jb_spool_slot *slot = &recorder->spool->node->slots[i];
    if (recorder->old)
        return old_cpu_ns(recorder->old, slot->run_id);
    int64_t cpu_ns = atomic_load(&slot->cpu_ns);
    int64_t age_ns = mono_ns - atomic_load(&slot->scan_mono_ns);
    if (strcmp(recorder->seen[i], slot->run_id) != 0)
        recorder->last_cpu_ns[i] = 0;
    if (atomic_load(&slot->state) == JB_SLOT_ACTIVE && age_ns > 0 && age_ns <= CARRY_NS)
        cpu_ns = jb_add_sat_i64(cpu_ns, jb_muldiv_sat_i64(age_ns, atomic_load(&slot->cpu_ppm),
                                                          1000000, JB_ROUND_FLOOR));
    if (cpu_ns < recorder->last_cpu_ns[i])
        cpu_ns = recorder->last_cpu_ns[i];
    recorder->last_cpu_ns[i] = cpu_ns;
    return cpu_ns;
}

static void fill_subjects(struct jb_recorder *recorder, struct jb_frame *frame, bool with_ends,
                          uint64_t *ret_ended)
{
    bool ask_liveness = with_ends && frame->mono_ns - recorder->last_liveness_ns >= LIVENESS_NS;
    if (ask_liveness)
        recorder->last_liveness_ns = frame->mono_ns;
    *ret_ended = 0;
    for (uint32_t i = 0; i < JB_SUBJECTS_MAX; i++) {
        struct jb_spool_slot *slot = &recorder->spool->node->slots[i];
        uint32_t state = atomic_load(&slot->state);
        if (state != JB_SLOT_ACTIVE && state != JB_SLOT_ENDED)
            continue;
        /* R-REC-04: the last recorder's state is older than a run that is just beginning. */
        if (recorder->old && jb_spool_slot_is_new(slot))
            continue;
        struct jb_frame_subject *subject = &frame->subjects[frame->n_subjects++];
        *subject = (struct jb_frame_subject){
            .reserved_ppm = atomic_load(&slot->reserved_ppm),
            .cpu_ns = cpu_at(recorder, i, frame->mono_ns),
            .resident_bytes = atomic_load(&slot->resident_bytes),
        };
        memcpy(subject->run_id, slot->run_id, sizeof subject->run_id);
        memcpy(subject->parent_id, slot->parent_id, sizeof subject->parent_id);
        /* Its command never started, and the next run may be taking the slot: names half of each are no run. */
        state = atomic_load(&slot->state);
        if (state != JB_SLOT_ACTIVE && state != JB_SLOT_ENDED) {
            frame->n_subjects--;
            continue;
        }
        recorder__put_visible(recorder, i, subject);
        if (strcmp(recorder->seen[i], slot->run_id) != 0) {
            memcpy(recorder->seen[i], slot->run_id, sizeof recorder->seen[i]);
            subject->flags |= JB_SUBJECT_BEGINS;
            frame->why |= JB_FRAME_RUN_BEGIN;
        }
        bool has_died = state == JB_SLOT_ACTIVE && ask_liveness && is_dead(recorder, slot);
        if ((with_ends && state == JB_SLOT_ENDED) || has_died) {
            subject->flags |= JB_SUBJECT_ENDS | (has_died ? JB_SUBJECT_DIED : 0);
            frame->why |= JB_FRAME_RUN_END;
            *ret_ended |= UINT64_C(1) << i;
        }
    }
}

/* The log had no room: who began there begins with the next frame, which is then a boundary. */
static void forget_begun(struct jb_recorder *recorder)
{
    for (uint32_t s = 0; s < recorder->frame.n_subjects; s++)
        for (uint32_t i = 0; i < JB_SUBJECTS_MAX; i++)
            if ((recorder->frame.subjects[s].flags & JB_SUBJECT_BEGINS) &&
                strcmp(recorder->frame.subjects[s].run_id, recorder->seen[i]) == 0)
                recorder->seen[i][0] = '\0';
}

/* An account never passes for one of this machine's meters where others stood in for them. */
static void note_replaced_sensors(struct jb_recorder *recorder)
{
    const char *note =
        recorder->options.replay_path
            ? "the meters were played from a recording (--replay), not read from this "
              "machine; it does not hold who used a GPU, nor the names that an environment calls "
              "it by"
        : recorder->options.is_recorded_tree
            ? "the meters were read from a folder (--sensors-root), not from this "
              "machine"
            : NULL;
    jb_rc rc = note ? jb_log_note(&recorder->log, note, NULL) : JB_OK;
    (void)rc; /* no room in the log: its frames fail too, and that is told */
}

/* R-REC-11: a board, or a meter that somebody configured, that could not be read is a doubt of every account it is missing from. */
static void note_missing_meters(struct jb_recorder *recorder)
{
    for (size_t i = 0; i < jb_sensor_n_refusals(recorder->sensors); i++) {
        const struct jb_sensor_refusal *refusal = jb_sensor_refusal(recorder->sensors, i);
        char note[JB_NOTE];
        if (!jb_sensor_is_missed(recorder->sensors, i))
            continue;
        snprintf(note, sizeof note, "the meter '%s' was not read: %s; %s", refusal->what,
                 refusal->reason, refusal->step);
        jb_rc rc = jb_log_note(&recorder->log, note, NULL);
        (void)rc;
    }
}

static void note_begin(struct jb_recorder *recorder)
{
    note_replaced_sensors(recorder);
    note_missing_meters(recorder);
}

jb_rc recorder__write_frame(struct jb_recorder *recorder, const struct jb_cumulative *states,
                            const struct jb_uses *uses, int64_t mono_ns, int64_t utc_us,
                            uint32_t why, bool with_ends, struct jb_error *err)
{
    struct jb_frame *frame = &recorder->frame;
    frame->mono_ns = mono_ns;
    frame->utc_us = utc_us;
    frame->why = why;
    frame->machine = recorder->machine;
    frame->n_channels = (uint32_t)recorder->n_channels;
    frame->n_subjects = 0;
    memcpy(frame->channels, states, recorder->n_channels * sizeof states[0]);
    if (uses)
        jb_uses_copy(&frame->uses, uses);
    else
        recorder__put_uses(recorder, mono_ns, &frame->uses);
    uint64_t ended = 0;
    fill_subjects(recorder, frame, with_ends, &ended);
    int64_t offset = recorder->log.bytes;
    jb_rc rc = jb_log_frame(&recorder->log, frame, err);
    if (rc < 0) {
        forget_begun(recorder);
        return rc;
    }
    if (frame->why != JB_FRAME_WINDOW)
        recorder->boundary_offset = offset;
    if (frame->why & JB_FRAME_RUN_BEGIN)
        note_begin(recorder);
    for (uint32_t i = 0; i < JB_SUBJECTS_MAX; i++)
        if (ended >> i & 1)
            atomic_store(&recorder->spool->node->slots[i].state, JB_SLOT_DONE);
    jb_spool_frame_done(recorder->spool);
    return JB_OK;
}

/*
 * R-REC-03: one interval holds one epoch. Where an epoch broke at this tick, the state before it (the newest published)
 * is written as a boundary first, so that nothing the old epoch knew is lost.
 */
static jb_rc frame_before_break(struct jb_recorder *recorder, struct jb_error *err)
{
    const struct jb_spool_latest *latest = jb_spool_latest_newest(recorder->spool);
    if (!latest || latest->table != recorder->table || latest->mono_ns <= recorder->last_frame_ns)
        return JB_OK;
    return recorder__write_frame(recorder, recorder__before_break(recorder, latest), &latest->uses,
                                 latest->mono_ns, latest->utc_us, JB_FRAME_BREAK, false, err);
}

static void read_machine(struct jb_recorder *recorder)
{
    struct jb_machine machine;
    if (recorder->machine_reader &&
        jb_machine_read(recorder->machine_reader, recorder__clock(recorder), &machine, NULL) ==
            JB_OK)
        recorder->machine = machine;
    recorder->last_machine_ns = recorder->now_ns;
}

static void after_frame(struct jb_recorder *recorder, int64_t mono_ns)
{
    recorder->last_frame_ns = mono_ns;
    recorder__boards_at_frame(recorder);
    recorder__write_levels(recorder, mono_ns);
}

/* Between frames, for whoever must settle them without us: often while a run is young, seldom when it is old, for it is
 * the dearest thing to read. */
static bool is_machine_due(const struct jb_recorder *recorder)
{
    int64_t wanted_ns = (recorder->now_ns - recorder->begin_ns) / 4;
    if (wanted_ns < MACHINE_MIN_NS)
        wanted_ns = MACHINE_MIN_NS;
    return recorder->now_ns - recorder->last_machine_ns >=
           (wanted_ns < FRAME_NS ? wanted_ns : FRAME_NS);
}

/* Reads everything and publishes it; the frame before a break, if one broke, is written. */
static jb_rc observe(struct jb_recorder *recorder, bool with_machine, struct jb_error *err)
{
    recorder->now_ns = jb_mono_ns(recorder__clock(recorder));
    recorder->now_utc_us = jb_utc_us(recorder__clock(recorder));
    jb_rc rc = JB_OK;
    check_clocks(recorder, recorder->now_ns, recorder->now_utc_us);
    try_reprobe(recorder, recorder->now_ns);
    if (read_channels(recorder))
        rc = frame_before_break(recorder, err);
    recorder__look_at_boards(recorder, with_machine);
    if (with_machine || is_machine_due(recorder))
        read_machine(recorder);
    if (with_machine) {
        recorder->machine_before = recorder->machine_at_frame;
        recorder->machine_at_frame = recorder->machine;
    }
    recorder__publish(recorder, recorder->now_ns, recorder->now_utc_us);
    return rc;
}

/* A frame of what was observed last. */
static jb_rc frame_now(struct jb_recorder *recorder, uint32_t why, struct jb_error *err)
{
    int64_t hour = recorder->now_utc_us / JB_US_PER_HOUR;
    if (hour != recorder->hour) {
        recorder__carry_all(recorder);
        why |= JB_FRAME_HOUR;
    }
    jb_rc rc = recorder__write_frame(recorder, recorder->states, NULL, recorder->now_ns,
                                     recorder->now_utc_us, why, true, err);
    if (rc < 0)
        return rc;
    recorder->hour = hour;
    after_frame(recorder, recorder->now_ns);
    return JB_OK;
}

jb_rc recorder__observe_and_frame(struct jb_recorder *recorder, uint32_t why, struct jb_error *err)
{
    recorder__ask_at_boundary(recorder, false);
    jb_rc rc = observe(recorder, true, err);
    recorder__carry_all(recorder);
    jb_rc frame_rc = frame_now(recorder, why, err);
    return rc < 0 ? rc : frame_rc;
}

jb_rc jb_recorder_tick(struct jb_recorder *recorder, struct jb_error *err)
{
    int64_t mono_ns = jb_mono_ns(recorder__clock(recorder));
    int64_t slack_ns = recorder->period_ns / 2;
    bool is_due = mono_ns - recorder->last_frame_ns >= FRAME_NS - slack_ns ||
                  jb_utc_us(recorder__clock(recorder)) / JB_US_PER_HOUR != recorder->hour;
    /* For the next tick: what was answered since the last one is read now. */
    jb_sensor_ask(recorder->sensors);
    jb_rc rc = observe(recorder, is_due, err);
    if (mono_ns - recorder->last_series_ns >= SERIES_NS - slack_ns)
        recorder__write_series(recorder, mono_ns);
    jb_rc frame_rc = is_due ? frame_now(recorder, JB_FRAME_WINDOW, err) : JB_OK;
    return rc < 0 ? rc : frame_rc;
}

jb_rc jb_recorder_frame(struct jb_recorder *recorder, struct jb_error *err)
{
    recorder__ask_at_boundary(recorder, true);
    jb_rc rc = observe(recorder, true, err);
    recorder__carry_all(recorder);
    recorder__end_series(recorder);
    jb_rc frame_rc = frame_now(recorder, JB_FRAME_WINDOW, err);
    return rc < 0 ? rc : frame_rc;
}

jb_rc jb_recorder_read(struct jb_recorder *recorder, struct jb_error *err)
{
    recorder__ask_at_end(recorder);
    return observe(recorder, true, err);
}

/* Reads channel i once more; true if it is fresh now. A break found here is framed like any other (R-REC-03). */
static bool read_again(struct jb_recorder *recorder, size_t i, struct jb_error *err)
{
    struct jb_cumulative *state = &recorder->states[i];
    struct jb_reading reading;
    if (recorder->is_gone[i] || jb_sensor_read(recorder->sensors, i, &reading) < 0)
        return false;
    uint32_t epoch = state->epoch;
    bool was_open = state->is_open != 0;
    jb_sampler_feed(jb_sensor_channel(recorder->sensors, i), state, &reading);
    if (was_open && state->epoch != epoch) {
        jb_rc rc = frame_before_break(recorder, err);
        (void)rc; /* the end frame meets the same log and says so */
        recorder->now_ns = jb_mono_ns(recorder__clock(recorder));
    }
    return state->mono_ns >= recorder->now_ns;
}

/*
 * R-REC-05: channels whose read failed at the end are read again, up to the last try; then the rest is unobserved. For one that
 * is only compared nobody waits, but what it did not see has its reason too.
 */
jb_rc jb_recorder_end_frame(struct jb_recorder *recorder, bool is_last_try, struct jb_error *err)
{
    bool is_unread[JB_CHANNELS_MAX] = {false};
    size_t n_stale = 0;
    recorder__wait_at_end(recorder);
    for (size_t i = 0; i < recorder->n_channels; i++) {
        const bool is_posted = recorder__is_posted(jb_sensor_channel(recorder->sensors, i));
        if (recorder->states[i].mono_ns >= recorder->now_ns)
            continue;
        if ((is_posted || jb_sensor_is_apart(recorder->sensors, i)) &&
            (read_again(recorder, i, err) || recorder__carry(recorder, i)))
            continue;
        is_unread[i] = true;
        n_stale += is_posted ? 1 : 0;
    }
    if (n_stale > 0 && !is_last_try)
        return jb_fail(err, JB_E_AGAIN, NULL, "%zu channels could not be read at the end", n_stale);
    for (size_t i = 0; i < recorder->n_channels; i++)
        if (is_unread[i])
            jb_sampler_end_unread(jb_sensor_channel(recorder->sensors, i), &recorder->states[i],
                                  recorder->now_ns, recorder__why_unread(recorder, i));
    recorder__end_series(recorder);
    /* What was read again: whoever takes over goes on from the state that the frame has. */
    recorder__publish(recorder, recorder->now_ns, recorder->now_utc_us);
    return frame_now(recorder, JB_FRAME_WINDOW, err);
}

void jb_recorder_free(struct jb_recorder *recorder)
{
    if (!recorder)
        return;
    for (size_t i = 0; i < JB_CHANNELS_MAX; i++)
        jb_series_writer_free(recorder->series[i]);
    for (size_t i = 0; i < JB_CHANNELS_MAX; i++)
        jb_series_writer_free(recorder->busy_series[i]);
    jb_series_writer_free(recorder->machine_series);
    recorder__uses_free(recorder->uses);
    jb_buf_release(&recorder->series_bytes);
    jb_machine_close(recorder->machine_reader);
    jb_sensor_set_free(recorder->sensors);
    jb_log_close(&recorder->log);
    free(recorder);
}

int64_t jb_recorder_period_ns(const struct jb_recorder *recorder)
{
    return recorder->period_ns;
}

size_t jb_recorder_n_channels(const struct jb_recorder *recorder)
{
    return recorder->n_channels;
}

const struct jb_channel *jb_recorder_channel(const struct jb_recorder *recorder, size_t i)
{
    return jb_sensor_channel(recorder->sensors, i);
}

const struct jb_cumulative *jb_recorder_state(const struct jb_recorder *recorder, size_t i)
{
    return &recorder->states[i];
}

int64_t jb_recorder_last_frame_ns(const struct jb_recorder *recorder)
{
    return recorder->last_frame_ns;
}

int64_t jb_recorder_utilisation_ppm(const struct jb_recorder *recorder)
{
    int64_t busy_ns = recorder->machine_at_frame.busy_ns - recorder->machine_before.busy_ns;
    int64_t capacity_ns =
        recorder->machine_at_frame.capacity_ns - recorder->machine_before.capacity_ns;
    if (capacity_ns <= 0 || busy_ns < 0)
        return 0;
    int64_t ppm = jb_muldiv_sat_i64(busy_ns, 1000000, capacity_ns, JB_ROUND_NEAREST);
    return ppm > 1000000 ? 1000000 : ppm;
}

jb_rc jb_recorder_set_idle(struct jb_recorder *recorder, size_t i, const struct jb_idle *idle,
                           struct jb_error *err)
{
    recorder->idle[i] = *idle;
    return jb_log_idle(&recorder->log, recorder->idle, recorder->n_channels, err);
}

jb_rc jb_recorder_note(struct jb_recorder *recorder, const char *text, struct jb_error *err)
{
    return jb_log_note(&recorder->log, text, err);
}

int64_t jb_recorder_log_mark(const struct jb_recorder *recorder)
{
    return recorder->boundary_offset;
}

jb_rc jb_recorder_cut_log(struct jb_recorder *recorder, int64_t mark, struct jb_error *err)
{
    struct jb_channel *channels = calloc(recorder->n_channels, sizeof *channels);
    if (!channels)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to cut the log");
    for (size_t i = 0; i < recorder->n_channels; i++)
        channels[i] = *jb_sensor_channel(recorder->sensors, i);
    int64_t shift;
    jb_rc rc = jb_log_cut(recorder->spool, &recorder->log, mark, channels, recorder->n_channels,
                          recorder->idle, &shift, err);
    free(channels);
    if (rc == JB_OK)
        recorder->boundary_offset -= shift;
    return rc;
}
