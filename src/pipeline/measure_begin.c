/* SPDX-License-Identifier: Apache-2.0 */
/* The beginning of a run: its spool, its slot, the recorder or the joining of one, idle power, the quiet window. */
#include "pipeline/measure_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "account/account.h"
#include "base/num.h"
#include "pipeline/settle.h"
#include "sample/sampler.h"
#include "sensor/sensor.h"
#include "subject/reserved.h"
#include "subject/visible.h"

#define REQUEST_NS     (200 * JB_NS_PER_MS)
#define STALE_TRIES    200
#define STALE_PAUSE_NS (10 * JB_NS_PER_MS)
#define QUIET_BUSY_PPM 50000
#define LATE_NS        JB_NS_PER_S

jb_rc measure__write_run_file(struct measure *m, struct jb_error *err)
{
    char *json = NULL;
    jb_rc rc = jb_run_to_json(m->run, &json, err);
    if (rc == JB_OK)
        rc = jb_spool_write_run(&m->spool, m->run->id, json, &m->run_fd, err);
    free(json);
    return rc;
}

static jb_rc open_spool(struct measure *m, struct jb_error *err)
{
    bool is_stale;
    if (m->options->no_book.code != JB_OK) {
        *err = m->options->no_book;
        return m->options->no_book.code;
    }
    jb_rc rc = jb_os_host_name(&m->os, m->run->host, sizeof m->run->host, err);
    if (rc == JB_OK)
        rc = jb_os_boot_id(&m->os, m->run->boot_id, err);
    if (rc == JB_OK)
        rc = jb_spool_open(m->options->book_path, m->run->host, m->run->boot_id, &m->spool,
                           &is_stale, err);
    if (rc < 0)
        return rc;
    m->has_spool = true;
    if (!is_stale)
        return JB_OK;
    /* Of an earlier boot, another host or another build: told to the book before a new one begins. */
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    struct jb_settlement settlement;
    rc = jb_ledger_open(m->options->book_path, JB_LEDGER_CREATE, m->clock, &ledger, err);
    if (rc == JB_OK)
        rc = jb_recover(&m->spool, ledger, m->run->host, m->run->boot_id, &settlement, err);
    /* Another run that begins now may be at it: it takes as long as it takes us. */
    for (int i = 0; rc == JB_E_BUSY && i < STALE_TRIES; i++) {
        if (!jb_spool_is_stale(&m->spool, m->run->host, m->run->boot_id))
            return JB_OK;
        measure__sleep(STALE_PAUSE_NS);
    }
    if (rc == JB_OK && jb_spool_is_stale(&m->spool, m->run->host, m->run->boot_id))
        rc = jb_fail(err, JB_E_BUSY, "name another book with --book",
                     "'%s' has runs of another build of joulebook at work", m->spool.path);
    return rc;
}

/* Of the environment that the command gets, or that the process attached to got. R-USE-05. */
static void find_board_texts(const struct measure *m, char *ret_texts, size_t size)
{
    if (m->supervise)
        jb_visible_of_environment(environ, ret_texts, size);
    else
        jb_visible_of_process(&m->os, m->options->pid, ret_texts, size);
}

static jb_rc claim(struct measure *m, struct jb_error *err)
{
    char board_texts[JB_BOARD_TEXTS];
    find_board_texts(m, board_texts, sizeof board_texts);
    m->run->start_mono_ns = jb_mono_ns(m->clock);
    m->run->start_utc_us = jb_utc_us(m->clock);
    m->run->period_ns = m->recorder ? jb_recorder_period_ns(m->recorder) : 0;
    jb_rc rc = measure__write_run_file(m, err);
    const struct jb_spool_claimant claimant = {
        .run_id = m->run->id,
        .parent_id = m->run->parent_id,
        .board_texts = board_texts,
        .root_pid = m->supervise ? 0 : m->options->pid,
        .reserved_ppm = jb_reserved_ppm(&m->os, getpid()),
    };
    if (rc == JB_OK)
        rc = jb_spool_claim(&m->spool, &claimant, &m->slot, err);
    m->has_slot = rc == JB_OK;
    if (rc < 0) {
        jb_spool_remove_run(&m->spool, m->run->id);
        return rc;
    }
    /* Before the first reading: nothing that can wait stands between it and the command. */
    struct jb_error marks_err = {0};
    m->has_marks = jb_marks_open(&m->spool, m->run->id, &m->marks, &marks_err) == JB_OK;
    if (!m->has_marks)
        measure__keep_error(m, &marks_err);
    return JB_OK;
}

/* R-USE-03. The first namespace of a boot has this number for good (PROC_PID_INIT_INO of the kernel). */
static bool is_other_pid_namespace(void)
{
    char target[64];
    ssize_t len = readlink("/proc/self/ns/pid", target, sizeof target - 1);
    if (len < 0)
        return false;
    target[len] = '\0';
    return strcmp(target, "pid:[4026531836]") != 0;
}

jb_rc measure__begin_recorder(struct measure *m, struct jb_error *err)
{
    struct jb_recorder_options options = {
        .os = &m->sensor_os,
        .machine_os = &m->os,
        .clock = m->clock,
        .replay_path = m->options->replay_path,
        .is_recorded_tree = m->options->sensors_root && m->options->sensors_root[0],
        .meters = m->options->meters,
        .is_privileged = m->options->is_privileged,
        .is_other_pid_namespace = is_other_pid_namespace(),
        .period_ns = m->options->period_ns,
    };
    jb_rc rc = jb_recorder_begin(&m->spool, &options, &m->recorder, err);
    if (rc < 0) {
        jb_spool_unlock(&m->spool);
        return rc;
    }
    m->period_ns = jb_recorder_period_ns(m->recorder);
    m->hour = jb_utc_us(m->clock) / JB_US_PER_HOUR;
    m->last_sync_ns = jb_mono_ns(m->clock);
    return JB_OK;
}

static bool is_stated_for(const struct jb_stated_idle *stated, const struct jb_channel *channel)
{
    return strcmp(stated->channel, channel->id) == 0 ||
           (channel->role == JB_ROLE_POST &&
            strcmp(stated->channel, jb_device_name(channel->device)) == 0);
}

static jb_rc state_idle(struct measure *m, struct jb_error *err)
{
    for (size_t s = 0; s < m->options->n_stated_idle; s++) {
        const struct jb_stated_idle *stated = &m->options->stated_idle[s];
        bool is_known = false;
        for (size_t i = 0; i < jb_recorder_n_channels(m->recorder); i++) {
            if (!is_stated_for(stated, jb_recorder_channel(m->recorder, i)))
                continue;
            struct jb_idle idle = {.source = JB_IDLE_STATED, .power_uw = stated->power_uw};
            is_known = true;
            jb_rc rc = jb_recorder_set_idle(m->recorder, i, &idle, err);
            if (rc < 0)
                return rc;
        }
        if (!is_known)
            return jb_fail(err, JB_E_INPUT,
                           "see `joulebook meters` for the channels of this machine",
                           "no channel '%s' to state an idle power for", stated->channel);
    }
    return JB_OK;
}

void measure__sleep(int64_t duration_ns)
{
    struct timespec ts = {.tv_sec = duration_ns / JB_NS_PER_S,
                          .tv_nsec = duration_ns % JB_NS_PER_S};
    while (nanosleep(&ts, &ts) < 0 && errno == EINTR)
        ;
}

/* Idle power of one channel over the quiet window, from its cumulative state at both ends. */
static jb_rc idle_of_channel(struct measure *m, size_t i, const struct jb_cumulative *before,
                             struct jb_error *err)
{
    const struct jb_channel *channel = jb_recorder_channel(m->recorder, i);
    const struct jb_cumulative *after = jb_recorder_state(m->recorder, i);
    int64_t time_ns = after->mono_ns - before->mono_ns;
    if (channel->role != JB_ROLE_POST || channel->semantics == JB_SEMANTICS_BUSY || time_ns <= 0 ||
        after->epoch != before->epoch || !before->is_open)
        return JB_OK;
    struct jb_idle idle = {.source = JB_IDLE_QUIET};
    int64_t energy_uj = jb_sampler_count_to_uj(channel, after->count) -
                        jb_sampler_count_to_uj(channel, before->count);
    jb_rc rc = jb_muldiv_i64(energy_uj, JB_NS_PER_S, time_ns, JB_ROUND_NEAREST, &idle.power_uw);
    if (rc < 0)
        return jb_fail(err, rc, NULL, "idle power of '%s' is out of range", channel->id);
    idle.half_width_uw =
        jb_muldiv_sat_i64(idle.power_uw, channel->update_ns, time_ns, JB_ROUND_CEIL);
    return jb_recorder_set_idle(m->recorder, i, &idle, err);
}

/* R-IDLE-02: of the first busy board, which is the one to look at. */
static jb_rc tell_busy_boards(const struct measure *m, const int64_t *ppm, size_t n,
                              struct jb_error *err)
{
    for (size_t i = 0; i < n; i++) {
        const struct jb_channel *channel = jb_recorder_channel(m->recorder, i);
        if (ppm[i] > QUIET_BUSY_PPM && channel->role == JB_ROLE_POST)
            return jb_fail(err, JB_E_AGAIN, "see who uses it: `joulebook top`, nvidia-smi",
                           "in the quiet window '%s' was busy up to %lld %% with other work: no "
                           "idle baseline of it",
                           channel->id, (long long)(ppm[i] / 10000));
    }
    return JB_OK;
}

/* R-IDLE-02: a quiet window counts as idle only if the machine was idle in it. */
static jb_rc quiet_window(struct measure *m, struct jb_error *err)
{
    size_t n = jb_recorder_n_channels(m->recorder);
    JB_AUTO(jb_free_auto) struct jb_cumulative *before = calloc(n, sizeof *before);
    int64_t boards_ppm[JB_CHANNELS_MAX] = {0};
    if (!before)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the quiet window");
    jb_rc rc = jb_recorder_frame(m->recorder, err);
    for (size_t i = 0; i < n; i++)
        before[i] = *jb_recorder_state(m->recorder, i);
    int64_t end_ns = jb_mono_ns(m->clock) + m->options->quiet_ns;
    int64_t busy_ppm = 0;
    while (rc == JB_OK && jb_mono_ns(m->clock) < end_ns) {
        int64_t left_ns = end_ns - jb_mono_ns(m->clock);
        measure__sleep(left_ns < JB_NS_PER_S ? left_ns : JB_NS_PER_S);
        rc = jb_recorder_frame(m->recorder, err);
        int64_t ppm = jb_recorder_utilisation_ppm(m->recorder);
        busy_ppm = ppm > busy_ppm ? ppm : busy_ppm;
        for (size_t i = 0; i < n; i++) {
            ppm = jb_recorder_boards_busy_ppm(m->recorder, i);
            boards_ppm[i] = ppm > boards_ppm[i] ? ppm : boards_ppm[i];
        }
    }
    for (size_t i = 0; i < n && rc == JB_OK && busy_ppm <= QUIET_BUSY_PPM; i++)
        if (boards_ppm[i] <= QUIET_BUSY_PPM)
            rc = idle_of_channel(m, i, &before[i], err);
    if (rc == JB_OK && busy_ppm <= QUIET_BUSY_PPM)
        return tell_busy_boards(m, boards_ppm, n, err);
    if (rc == JB_OK)
        return jb_fail(
            err, JB_E_AGAIN, NULL,
            "the quiet window was not quiet (CPUs busy up to %lld %%): no idle baseline from it",
            (long long)(busy_ppm / 10000));
    return rc;
}

/* The channels that whoever records reads: the newest table of its log. */
struct table {
    struct jb_channel channels[JB_CHANNELS_MAX];
    size_t n;
};

static jb_rc see_table(void *arg, const struct jb_log_record *record, struct jb_error *err)
{
    struct table *const table = arg;
    (void)err;
    if (record->kind != JB_LOG_CHANNELS)
        return JB_OK;
    table->n = record->n_channels < JB_CHANNELS_MAX ? record->n_channels : JB_CHANNELS_MAX;
    memcpy(table->channels, record->channels, table->n * sizeof table->channels[0]);
    return JB_OK;
}

/* R-REC-12: a file of meters that whoever records does not go by. */
static void note_other_meters(struct measure *m)
{
    struct jb_error err = {0};
    char id[JB_CHANNEL_ID];
    int64_t end;
    if (!m->options->meters)
        return;
    JB_AUTO(jb_free_auto) struct table *table = calloc(1, sizeof *table);
    if (!table || jb_log_read(&m->spool, 0, see_table, table, &end, &err) < 0 || table->n == 0 ||
        jb_sensor_follows(m->options->meters, table->channels, table->n, id, sizeof id))
        return;
    err = (struct jb_error){0};
    (void)!jb_fail(&err, JB_E_BUSY,
                   "wait for the other run to end, or measure this one into a book of its own "
                   "(--book)",
                   "another run records the meters for this book, and what this run's file of "
                   "meters says of '%s' does not hold there",
                   id);
    measure__keep_error(m, &err);
}

/* Nothing that was asked for is passed over in silence. */
static void note_what_joining_ignores(struct measure *m)
{
    struct jb_error err = {0};
    if (m->options->quiet_ns == 0 && m->options->n_stated_idle == 0 && m->options->period_ns == 0)
        return;
    jb_rc rc = jb_fail(&err, JB_E_BUSY, "give them to the run that begins first",
                       "another run records the meters for this book: --interval, --quiet and "
                       "--idle-power of this run are not used");
    (void)rc;
    measure__keep_error(m, &err);
}

/* Finding the meters may take seconds (a maker's library, a BMC): the run begins with its first frame, and says so. */
static jb_rc begin_with_frame(struct measure *m, struct jb_error *err)
{
    int64_t late_ns = jb_recorder_last_frame_ns(m->recorder) - m->run->start_mono_ns;
    char note[160], text[32];
    m->run->start_mono_ns += late_ns;
    m->run->start_utc_us += late_ns / JB_NS_PER_US;
    if (late_ns < LATE_NS)
        return JB_OK;
    (void)snprintf(note, sizeof note,
                   "the command was started %s later: meters were slow to answer first (see "
                   "`joulebook meters`)",
                   jb_format_duration(late_ns, text, sizeof text));
    jb_rc rc = jb_recorder_note(m->recorder, note, err);
    return rc == JB_OK ? measure__write_run_file(m, err) : rc;
}

jb_rc measure__begin(struct measure *m, struct jb_error *err)
{
    jb_rc rc = open_spool(m, err);
    if (rc < 0)
        return rc;
    bool is_quiet_first = m->options->quiet_ns > 0;
    if (!is_quiet_first)
        rc = claim(m, err);
    if (rc < 0)
        return rc; /* also where every slot is taken: that is no recorder to join */
    rc = jb_spool_lock(&m->spool, err);
    if (rc == JB_E_BUSY) {
        /* Somebody records: this run joins as a subject, and its begin is a frame of theirs. */
        rc = is_quiet_first ? claim(m, err) : JB_OK;
        note_what_joining_ignores(m);
        note_other_meters(m);
        m->period_ns = JOINED_NS;
        if (rc == JB_OK && jb_spool_request_frame(&m->spool, REQUEST_NS) < 0 &&
            jb_spool_lock(&m->spool, NULL) == JB_OK)
            rc = measure__begin_recorder(m, err);
        return rc;
    }
    if (rc == JB_OK)
        rc = measure__begin_recorder(m, err);
    if (rc == JB_OK && !is_quiet_first)
        rc = begin_with_frame(m, err);
    struct jb_error idle_err = {0};
    if (rc == JB_OK && state_idle(m, &idle_err) < 0)
        measure__keep_error(m, &idle_err);
    if (rc == JB_OK && is_quiet_first) {
        struct jb_error quiet_err = {0};
        if (quiet_window(m, &quiet_err) < 0)
            measure__keep_error(m, &quiet_err);
        rc = claim(m, err);
        if (rc == JB_OK)
            rc = jb_recorder_frame(m->recorder, err);
    }
    return rc;
}
