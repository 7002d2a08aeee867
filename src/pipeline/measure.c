/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One run from its first reading to its account, in one thread. The order at the beginning is: read, start the command,
 * only then tell the book; at the end: read, tell the book, say it. The book never delays the command's start, and no
 * failure here is the command's.
 */
#include "pipeline/measure.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "account/account.h"
#include "base/hash.h"
#include "base/num.h"
#include "base/os.h"
#include "ledger/ledger.h"
#include "pipeline/account_of_run.h"
#include "pipeline/marks_file.h"
#include "pipeline/recorder.h"
#include "pipeline/settle.h"
#include "sample/sampler.h"
#include "spool/spool.h"
#include "subject/cgroup.h"
#include "subject/reserved.h"
#include "subject/supervise.h"
#include "subject/tree.h"

#define SCAN_NS        JB_NS_PER_S
#define JOINED_NS      (100 * JB_NS_PER_MS)
#define YOUNG_NS       (2 * JB_NS_PER_S)
#define TOUCH_NS       JB_NS_PER_S
#define SCAN_BEFORE_NS (20 * JB_NS_PER_MS)
#define MARK_LOOK_NS   (20 * JB_NS_PER_MS)
#define MARK_FRAME_NS  (100 * JB_NS_PER_MS)
#define SYNC_NS        (30 * JB_NS_PER_S)
#define REQUEST_NS     (200 * JB_NS_PER_MS)
#define END_REQUEST_NS JB_NS_PER_S
#define SHORT_RUN_NS   (500 * JB_NS_PER_MS)
#define END_READS      4
#define END_READ_NS    JB_NS_PER_MS
/* As env(1): a failure of ours before anything was started. */
#define EXIT_NOT_STARTED 125
#define STALE_TRIES      200
#define STALE_PAUSE_NS   (10 * JB_NS_PER_MS)
#define QUIET_BUSY_PPM   50000

struct measure {
    const struct jb_measure_options *options;
    struct jb_measure_result *result;
    struct jb_run *run;
    const struct jb_clock *clock;
    struct jb_supervise *supervise;
    struct jb_os os, sensor_os;
    struct jb_spool spool;
    bool has_spool, has_slot;
    uint32_t slot;
    int run_fd;
    struct jb_recorder *recorder; /* NULL: another process records, or nobody */
    struct jb_ledger *
        ledger; /* kept open through a short run only: a long one needs its memory less than others do */
    struct jb_marks_file marks;
    bool has_marks;
    struct jb_tree *tree;
    int pid_fd,
        signal_fd; /* attached process, and what asks us to let go of it; -1 with a command of our own */
    int64_t period_ns, next_ns, last_scan_ns, last_touch_ns, last_sync_ns, last_status_ns;
    int64_t settled_ns; /* marks before it are in the book */
    int64_t hour;
    int64_t begin_energy_uj, status_energy_uj;
    pid_t clerk; /* 0: none at work */
    int64_t clerk_mark;
    bool has_ended;
    bool has_settled_in;
    char own_group[4096]; /* the control group that holds us alone; "" if there is none */
};

static void keep_error(struct measure *m, const struct jb_error *err)
{
    if (m->result->error.code == JB_OK)
        m->result->error = *err;
}

static void sleep_ns(int64_t duration_ns)
{
    struct timespec ts = {.tv_sec = duration_ns / JB_NS_PER_S,
                          .tv_nsec = duration_ns % JB_NS_PER_S};
    while (nanosleep(&ts, &ts) < 0 && errno == EINTR)
        ;
}

/* --- begin ----------------------------------------------------------------------------------------------------- */

static jb_rc write_run_file(struct measure *m, struct jb_error *err)
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
        sleep_ns(STALE_PAUSE_NS);
    }
    if (rc == JB_OK && jb_spool_is_stale(&m->spool, m->run->host, m->run->boot_id))
        rc = jb_fail(err, JB_E_BUSY, "name another book with --book",
                     "'%s' has runs of another build of joulebook at work", m->spool.path);
    return rc;
}

static jb_rc claim(struct measure *m, struct jb_error *err)
{
    m->run->start_mono_ns = jb_mono_ns(m->clock);
    m->run->start_utc_us = jb_utc_us(m->clock);
    m->run->period_ns = m->recorder ? jb_recorder_period_ns(m->recorder) : 0;
    jb_rc rc = write_run_file(m, err);
    if (rc == JB_OK)
        rc = jb_spool_claim(&m->spool, m->run->id, m->run->parent_id,
                            jb_reserved_ppm(&m->os, getpid()), &m->slot, err);
    m->has_slot = rc == JB_OK;
    if (rc < 0)
        jb_spool_remove_run(&m->spool, m->run->id);
    return rc;
}

/* The run's CPU time so far into its slot, with the rate it grew at. */
static void put_cpu(struct measure *m, int64_t now_ns)
{
    struct jb_spool_slot *slot = &m->spool.node->slots[m->slot];
    int64_t cpu_ns = jb_tree_cpu_ns(m->tree);
    int64_t before_ns = atomic_load(&slot->scan_mono_ns);
    if (before_ns > 0 && now_ns > before_ns)
        atomic_store(&slot->cpu_ppm, jb_muldiv_sat_i64(cpu_ns - atomic_load(&slot->cpu_ns), 1000000,
                                                       now_ns - before_ns, JB_ROUND_NEAREST));
    atomic_store(&slot->cpu_ns, cpu_ns);
    atomic_store(&slot->scan_mono_ns, now_ns);
}

static void scan(struct measure *m, int64_t now_ns)
{
    if (!m->tree || !m->has_slot)
        return;
    jb_rc rc = jb_tree_scan(m->tree, NULL);
    (void)rc; /* the next one may succeed; totals stand as they were */
    put_cpu(m, now_ns);
    atomic_store(&m->spool.node->slots[m->slot].resident_bytes, jb_tree_resident_bytes(m->tree));
    m->last_scan_ns = now_ns;
    m->last_touch_ns = now_ns;
}

/* R-SPOOL-01: what the run used is in the spool once a second, for whoever must settle it without us. */
static void touch(struct measure *m, int64_t now_ns)
{
    jb_tree_touch(m->tree);
    put_cpu(m, now_ns);
    m->last_touch_ns = now_ns;
}

static jb_rc begin_recorder(struct measure *m, struct jb_error *err)
{
    struct jb_recorder_options options = {
        .os = &m->sensor_os,
        .machine_os = &m->os,
        .clock = m->clock,
        .replay_path = m->options->replay_path,
        .is_privileged = m->options->is_privileged,
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

/* R-IDLE-02: a quiet window counts as idle only if the machine was idle in it. */
static jb_rc quiet_window(struct measure *m, struct jb_error *err)
{
    size_t n = jb_recorder_n_channels(m->recorder);
    struct jb_cumulative *before = calloc(n, sizeof *before);
    if (!before)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the quiet window");
    jb_rc rc = jb_recorder_frame(m->recorder, err);
    for (size_t i = 0; i < n; i++)
        before[i] = *jb_recorder_state(m->recorder, i);
    int64_t end_ns = jb_mono_ns(m->clock) + m->options->quiet_ns;
    int64_t busy_ppm = 0;
    while (rc == JB_OK && jb_mono_ns(m->clock) < end_ns) {
        int64_t left_ns = end_ns - jb_mono_ns(m->clock);
        sleep_ns(left_ns < JB_NS_PER_S ? left_ns : JB_NS_PER_S);
        rc = jb_recorder_frame(m->recorder, err);
        int64_t ppm = jb_recorder_utilisation_ppm(m->recorder);
        busy_ppm = ppm > busy_ppm ? ppm : busy_ppm;
    }
    for (size_t i = 0; i < n && rc == JB_OK && busy_ppm <= QUIET_BUSY_PPM; i++) {
        rc = idle_of_channel(m, i, &before[i], err);
    }
    free(before);
    if (rc == JB_OK && busy_ppm > QUIET_BUSY_PPM)
        return jb_fail(
            err, JB_E_AGAIN, NULL,
            "the quiet window was not quiet (CPUs busy up to %lld %%): no idle baseline from it",
            (long long)(busy_ppm / 10000));
    return rc;
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
    keep_error(m, &err);
}

static jb_rc begin_measuring(struct measure *m, struct jb_error *err)
{
    jb_rc rc = open_spool(m, err);
    if (rc < 0)
        return rc;
    bool is_quiet_first = m->options->quiet_ns > 0;
    if (!is_quiet_first)
        rc = claim(m, err);
    if (rc == JB_OK)
        rc = jb_spool_lock(&m->spool, err);
    if (rc == JB_E_BUSY && m->spool.lock_fd >= 0) {
        /* Somebody records: this run joins as a subject, and its begin is a frame of theirs. */
        rc = is_quiet_first ? claim(m, err) : JB_OK;
        note_what_joining_ignores(m);
        m->period_ns = JOINED_NS;
        if (rc == JB_OK && jb_spool_request_frame(&m->spool, REQUEST_NS) < 0 &&
            jb_spool_lock(&m->spool, NULL) == JB_OK)
            rc = begin_recorder(m, err);
        return rc;
    }
    if (rc == JB_OK)
        rc = begin_recorder(m, err);
    struct jb_error idle_err = {0};
    if (rc == JB_OK && state_idle(m, &idle_err) < 0)
        keep_error(m, &idle_err);
    if (rc == JB_OK && is_quiet_first) {
        struct jb_error quiet_err = {0};
        if (quiet_window(m, &quiet_err) < 0)
            keep_error(m, &quiet_err);
        rc = claim(m, err);
        if (rc == JB_OK)
            rc = jb_recorder_frame(m->recorder, err);
    }
    m->begin_energy_uj = rc == JB_OK ? jb_recorder_posted_uj(m->recorder) : 0;
    return rc;
}

/* --- the book -------------------------------------------------------------------------------------------------- */

static jb_rc need_ledger(struct measure *m, struct jb_error *err)
{
    return m->ledger
               ? JB_OK
               : jb_ledger_open(m->options->book_path, JB_LEDGER_CREATE, m->clock, &m->ledger, err);
}

static void drop_ledger(struct measure *m)
{
    jb_ledger_close(m->ledger);
    m->ledger = NULL;
}

static void open_in_book(struct measure *m)
{
    struct jb_error err = {0};
    jb_rc rc = need_ledger(m, &err);
    if (rc == JB_OK)
        rc = jb_ledger_begin(m->ledger, &err);
    if (rc < 0)
        return;
    rc = jb_ledger_open_run(m->ledger, m->run, &err);
    if (rc == JB_OK)
        rc = jb_ledger_commit(m->ledger, &err);
    if (rc < 0)
        jb_ledger_rollback(m->ledger);
    /* A failure is not said yet: the end tries again, and only that one counts. */
}

static void settle(struct measure *m)
{
    struct jb_error err = {0};
    struct jb_settlement settlement;
    jb_rc rc = need_ledger(m, &err);
    if (rc == JB_OK)
        rc = jb_settle(&m->spool, m->ledger, &settlement, &err);
    if (rc == JB_OK)
        rc = jb_pipeline_account_entered(m->ledger, m->run->id, &m->result->account, &err);
    m->result->has_account = rc == JB_OK;
    m->result->is_spooled = rc < 0 && m->has_slot;
    if (rc < 0) {
        keep_error(m, &err);
        return;
    }
    if (m->recorder)
        jb_spool_reset_if_idle(&m->spool, m->run->host, m->run->boot_id);
}

/* --- clerk: a child that may wait for the disk, so that sampling does not ---------------------------------------- */

static int clerk_settle(const struct measure *m)
{
    struct jb_spool spool = m->spool;
    struct jb_settlement settlement;
    struct jb_ledger *ledger = NULL;
    jb_rc rc = jb_ledger_open(m->options->book_path, JB_LEDGER_CREATE, m->clock, &ledger, NULL);
    if (rc == JB_OK)
        rc = jb_settle(&spool, ledger, &settlement, NULL);
    jb_ledger_close(ledger);
    return rc == JB_OK ? 0 : 1;
}

/* R-SETTLE-06 */
static void start_clerk(struct measure *m)
{
    if (m->clerk > 0 || !m->recorder)
        return;
    drop_ledger(m); /* SQLite must not be carried through a fork */
    int64_t mark = jb_recorder_log_mark(m->recorder);
    pid_t pid = fork();
    if (pid == 0) {
        if (m->supervise)
            jb_supervise_restore_signals(m->supervise);
        _exit(clerk_settle(m));
    }
    if (pid < 0)
        return;
    if (m->supervise && jb_supervise_ignore_pid(m->supervise, pid, NULL) < 0)
        return;
    if (m->tree && jb_tree_ignore(m->tree, pid, NULL) < 0)
        return;
    m->clerk = pid;
    m->clerk_mark = mark;
}

static void clerk_is_done(struct measure *m, int status)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && m->recorder) {
        struct jb_error err = {0};
        if (jb_recorder_cut_log(m->recorder, m->clerk_mark, &err) < 0)
            keep_error(m, &err);
    }
    m->clerk = 0;
}

/* --- while it runs --------------------------------------------------------------------------------------------- */

static void take_marks(struct measure *m, bool at_end)
{
    if (!m->has_marks)
        return;
    int64_t not_before_ns =
        m->settled_ns > m->run->start_mono_ns ? m->settled_ns : m->run->start_mono_ns;
    if (jb_marks_take(&m->marks, m->clock, not_before_ns, at_end ? m->run->end_mono_ns : INT64_MAX,
                      at_end) == 0 ||
        !m->recorder)
        return;
    /* R-MARK-02: a frame near the mark narrows what must be interpolated. */
    int64_t now_ns = jb_mono_ns(m->clock);
    if (!at_end && now_ns - jb_recorder_last_frame_ns(m->recorder) >= MARK_FRAME_NS) {
        struct jb_error err = {0};
        scan(m, now_ns);
        if (jb_recorder_frame(m->recorder, &err) < 0)
            keep_error(m, &err);
    }
}

static void tell_status(struct measure *m, int64_t now_ns)
{
    if (!m->options->on_status || now_ns - m->last_status_ns < JB_NS_PER_S)
        return;
    int64_t since_ns = now_ns - (m->last_status_ns > 0 ? m->last_status_ns : m->run->start_mono_ns);
    m->last_status_ns = now_ns;
    struct jb_measure_status status = {
        .elapsed_ns = now_ns - m->run->start_mono_ns,
        .has_power = m->recorder != NULL,
        .mark = m->has_marks ? m->marks.last_text : "",
    };
    if (m->recorder) {
        int64_t energy_uj = jb_recorder_posted_uj(m->recorder) - m->begin_energy_uj;
        int64_t grown_uj = energy_uj - m->status_energy_uj;
        /* An epoch that broke counts from zero: no power is told for that second. */
        status.power_uw =
            grown_uj > 0 ? jb_muldiv_sat_i64(grown_uj, JB_NS_PER_S, since_ns, JB_ROUND_NEAREST) : 0;
        status.energy_uj = energy_uj;
        m->status_energy_uj = energy_uj;
    }
    m->options->on_status(m->options->arg, &status);
}

/* R-REC-02: the lease passes on when the recorder ends or dies. */
static void try_to_take_over(struct measure *m)
{
    struct jb_error err = {0};
    if (m->recorder || !m->has_slot || jb_spool_lock(&m->spool, NULL) < 0)
        return;
    if (begin_recorder(m, &err) < 0)
        keep_error(m, &err);
    else
        m->begin_energy_uj = jb_recorder_posted_uj(m->recorder);
}

/* A run that is not over at once: what a long one needs, and what it does not need any more. */
static void settle_in(struct measure *m)
{
    pid_t witness;
    drop_ledger(m);
    if (m->has_settled_in || !m->supervise)
        return;
    m->has_settled_in = true;
    /* Without it a signal to the whole group would reach the command twice (R-RUN-04). */
    struct jb_error err = {0};
    jb_rc rc = jb_supervise_add_witness(m->supervise, &witness, &err);
    if (rc == JB_OK && m->tree)
        rc = jb_tree_ignore(m->tree, witness, &err);
    if (rc < 0)
        keep_error(m, &err);
}

/* With a command of our own its end comes with the others'. */
static void look_for_clerk(struct measure *m)
{
    int status;
    if (!m->supervise && m->clerk > 0 && waitpid(m->clerk, &status, WNOHANG) == m->clerk)
        clerk_is_done(m, status);
}

/* A recorder looks where it takes a frame. A run that joined looks often while it has no rate yet that its CPU time could
 * be carried on with (R-REC-09), later once a second. */
static int64_t scan_period_ns(const struct measure *m, int64_t now_ns)
{
    if (m->recorder)
        return JB_RECORDER_FRAME_NS;
    return now_ns - m->run->start_mono_ns < YOUNG_NS ? JOINED_NS : SCAN_NS;
}

static void tick(struct measure *m, int64_t now_ns)
{
    struct jb_error err = {0};
    if (now_ns - m->run->start_mono_ns > SHORT_RUN_NS)
        settle_in(m);
    if (now_ns - m->last_scan_ns >= scan_period_ns(m, now_ns) - m->period_ns / 2) {
        scan(m, now_ns);
    } else if (m->tree && m->has_slot && now_ns - m->last_touch_ns >= TOUCH_NS - m->period_ns / 2) {
        touch(m, now_ns);
    }
    try_to_take_over(m);
    if (m->recorder) {
        if (jb_recorder_tick(m->recorder, &err) < 0)
            keep_error(m, &err);
        int64_t hour = jb_utc_us(m->clock) / JB_US_PER_HOUR;
        if (hour != m->hour) {
            m->hour = hour;
            m->settled_ns = now_ns;
            start_clerk(m);
        } else if (now_ns - m->last_sync_ns >= SYNC_NS) {
            m->last_sync_ns = now_ns;
            jb_spool_write_through(&m->spool);
        }
    }
    look_for_clerk(m);
    tell_status(m, now_ns);
}

/* R-REC-06 */
static void count_deadlines(struct measure *m, int64_t now_ns)
{
    int64_t late = (now_ns - m->next_ns) / m->period_ns;
    if (m->recorder) { /* who joined reads no meter */
        m->run->n_ticks++;
        m->run->n_missed += late;
    }
    m->next_ns += (late + 1) * m->period_ns;
}

static void answer_requests(struct measure *m)
{
    struct jb_error err = {0};
    char bytes[256];
    while (read(m->spool.wake_fd, bytes, sizeof bytes) > 0)
        ;
    scan(m, jb_mono_ns(m->clock));
    if (jb_recorder_frame(m->recorder, &err) < 0)
        keep_error(m, &err);
}

/* R-REC-06: on a grid of the monotonic clock, so that processes of one node look at the same instants: a run that joined a little
 * before the recorder's frame, which then carries what it saw. */
static void next_deadline(struct measure *m)
{
    int64_t before_ns = m->recorder ? 0 : SCAN_BEFORE_NS;
    m->next_ns = ((jb_mono_ns(m->clock) + before_ns) / m->period_ns + 1) * m->period_ns - before_ns;
}

static void handle_signals(struct measure *m)
{
    struct jb_supervise_event event;
    for (;;) {
        struct jb_error err = {0};
        if (jb_supervise_handle(m->supervise, &event, &err) < 0) {
            keep_error(m, &err);
            return;
        }
        switch (event.kind) {
        case JB_SUPERVISE_NONE: return;
        case JB_SUPERVISE_EXITED:
            m->has_ended = true;
            m->run->exit_code = jb_supervise_exit_code(m->supervise);
            if (m->tree)
                jb_tree_reaped(m->tree, event.pid, &event.usage);
            return; /* the meters are read before anything else */
        case JB_SUPERVISE_REAPED:
            if (m->tree)
                jb_tree_reaped(m->tree, event.pid, &event.usage);
            break;
        case JB_SUPERVISE_HELPER:
            if (event.pid == m->clerk)
                clerk_is_done(m, event.status);
            if (m->tree)
                jb_tree_reaped(m->tree, event.pid, &event.usage);
            break;
        case JB_SUPERVISE_STOPPED: jb_supervise_stop_like(m->supervise); break;
        case JB_SUPERVISE_CONTINUED:
        case JB_SUPERVISE_INTERRUPT: break;
        }
    }
}

/* Until the next deadline; while the marks are not watched yet, no longer than between two looks at them. */
static int64_t wait_ns(struct measure *m)
{
    int64_t now_ns = jb_mono_ns(m->clock);
    int64_t left_ns = m->next_ns - now_ns;
    if (!m->has_marks || m->marks.notify_fd >= 0)
        return left_ns;
    if (now_ns - m->run->start_mono_ns >= SHORT_RUN_NS)
        jb_marks_watch(&m->marks);
    take_marks(m, false);
    return left_ns < MARK_LOOK_NS ? left_ns : MARK_LOOK_NS;
}

static void loop(struct measure *m)
{
    if (m->period_ns <= 0)
        m->period_ns = JOINED_NS;
    next_deadline(m);
    while (!m->has_ended) {
        struct pollfd fds[4] = {
            {.fd = m->supervise ? jb_supervise_fd(m->supervise) : m->pid_fd, .events = POLLIN},
            {.fd = m->recorder ? m->spool.wake_fd : -1, .events = POLLIN},
            {.fd = m->has_marks ? m->marks.notify_fd : -1, .events = POLLIN},
            {.fd = m->signal_fd, .events = POLLIN},
        };
        int64_t left_ns = wait_ns(m);
        struct timespec timeout = {0};
        if (left_ns > 0)
            timeout = (struct timespec){.tv_sec = left_ns / JB_NS_PER_S,
                                        .tv_nsec = left_ns % JB_NS_PER_S};
        int n = ppoll(fds, 4, &timeout, NULL);
        if (n > 0 && fds[0].revents != 0) {
            if (m->supervise)
                handle_signals(m);
            else
                m->has_ended = true;
        }
        if (n > 0 && fds[3].revents != 0)
            m->has_ended = true; /* asked to let go: the process goes on, the run ends here */
        if (m->has_ended)
            return;
        if (n > 0 && fds[1].revents != 0)
            answer_requests(m);
        if (n > 0 && fds[2].revents != 0)
            take_marks(m, false);
        int64_t now_ns = jb_mono_ns(m->clock);
        if (now_ns >= m->next_ns) {
            int64_t period_ns = m->period_ns;
            count_deadlines(m, now_ns);
            tick(m, now_ns);
            if (m->period_ns != period_ns) /* took over */
                next_deadline(m);
        }
    }
}

/* --- end ------------------------------------------------------------------------------------------------------- */

/* A channel whose last read failed is tried again: a moment later costs less than what it knows. */
static void end_frame(struct measure *m)
{
    struct jb_error err = {0};
    jb_rc rc = JB_E_AGAIN;
    if (m->recorder) {
        for (int i = 0; i < END_READS && rc == JB_E_AGAIN; i++) {
            rc = jb_recorder_end_frame(m->recorder, i == END_READS - 1, &err);
            if (rc == JB_E_AGAIN)
                sleep_ns(END_READ_NS);
        }
    } else {
        rc = jb_spool_request_frame(&m->spool, END_REQUEST_NS);
        if (rc < 0 && jb_spool_lock(&m->spool, NULL) == JB_OK)
            rc = begin_recorder(m, &err); /* its first frame ends this run */
        else if (rc < 0)
            rc = jb_fail(&err, JB_E_AGAIN,
                         "it will be entered when that process goes on, or by `joulebook recover`",
                         "process %lld records for this book and does not answer",
                         (long long)atomic_load(&m->spool.node->recorder_pid));
    }
    m->result->was_measured = rc == JB_OK;
    if (rc < 0)
        keep_error(m, &err);
}

/* Orphans fall to this process: without a child of its own it has no descendant, and nobody need be looked for. */
static bool has_descendants(const struct measure *m)
{
    siginfo_t child;
    return !m->supervise || waitid(P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT) == 0;
}

static void end_measuring(struct measure *m)
{
    struct jb_error err = {0};
    m->run->end_mono_ns = jb_mono_ns(m->clock);
    m->run->end_utc_us = jb_utc_us(m->clock);
    if (m->recorder && jb_recorder_read(m->recorder, &err) < 0)
        keep_error(m, &err);
    take_marks(m, true);
    /* Orphans that ended with the command; the meters did not wait for them. */
    if (m->supervise)
        handle_signals(m);
    if (has_descendants(m))
        scan(m, m->run->end_mono_ns);
    else if (m->tree)
        atomic_store(&m->spool.node->slots[m->slot].cpu_ns, jb_tree_cpu_ns(m->tree));
    m->run->cpu_ns = m->tree ? jb_tree_cpu_ns(m->tree) : 0;
    m->run->n_left = m->tree && has_descendants(m) ? (int64_t)jb_tree_n_live(m->tree) : 0;
    m->run->status = JB_RUN_DONE;
    if (write_run_file(m, &err) < 0)
        keep_error(m, &err);
    struct jb_spool_slot *slot = &m->spool.node->slots[m->slot];
    atomic_store(&slot->end_mono_ns, m->run->end_mono_ns);
    atomic_store(&slot->state, JB_SLOT_ENDED);
    end_frame(m);
    settle(m);
}

/* R-CPU-07: alone in a control group (a container, a Slurm step, a systemd scope), nothing the run uses can escape. */
static void watch_own_group(struct measure *m)
{
    if (!m->tree || !m->own_group[0])
        return;
    jb_rc rc = jb_tree_use_cgroup(m->tree, m->own_group, true, NULL);
    (void)rc; /* the tree alone is a good account */
}

/* R-REC-07: the meters were read, the book comes later. R-REC-08: a run inside of this one knows it by the variable. */
static jb_rc start_subject(struct measure *m)
{
    char run_env[64], book_env[1100], marks_env[1300];
    const char *env[4] = {NULL};
    size_t n = 0;
    if (m->has_slot) {
        snprintf(run_env, sizeof run_env, "JOULEBOOK_RUN=%s", m->run->id);
        snprintf(book_env, sizeof book_env, "JOULEBOOK_BOOK=%s", m->options->book_path);
        env[n++] = run_env;
        env[n++] = book_env;
    }
    if (m->has_marks) {
        snprintf(marks_env, sizeof marks_env, "JOULEBOOK_MARKS=%s", m->marks.path);
        env[n++] = marks_env;
    }
    pid_t pid = m->options->pid;
    jb_rc rc = JB_OK;
    if (m->supervise) {
        if (jb_cgroup_of_own(&m->os, getpid(), m->own_group, sizeof m->own_group) < 0)
            m->own_group[0] = '\0';
        rc = jb_supervise_start(m->supervise, m->options->argv, env, &pid, &m->result->start_error);
    } else {
        sigset_t asked;
        sigemptyset(&asked);
        sigaddset(&asked, SIGINT);
        sigaddset(&asked, SIGTERM);
        sigaddset(&asked, SIGHUP);
        if (sigprocmask(SIG_BLOCK, &asked, NULL) == 0)
            m->signal_fd = signalfd(-1, &asked, SFD_CLOEXEC | SFD_NONBLOCK);
        m->pid_fd = (int)syscall(SYS_pidfd_open, pid, 0);
        if (m->pid_fd < 0)
            rc = jb_fail_errno(&m->result->start_error, errno, "give the id of a running process",
                               "cannot attach to process %lld", (long long)pid);
    }
    if (rc < 0)
        return rc;
    m->run->pid = pid;
    m->result->was_started = true;
    struct jb_error err = {0};
    pid_t reaper = m->supervise ? getpid() : 0;
    if (m->has_slot && jb_tree_new(&m->os, pid, reaper, &m->tree, &err) < 0 &&
        err.code != JB_E_NOT_FOUND)
        keep_error(m, &err); /* not found: it ended already, and its usage comes with its exit */
    watch_own_group(m);
    return JB_OK;
}

static void release(struct measure *m)
{
    jb_tree_free(m->tree);
    drop_ledger(m);
    if (m->has_marks)
        jb_marks_close(&m->marks);
    jb_recorder_free(m->recorder);
    if (m->run_fd >= 0)
        close(m->run_fd);
    if (m->pid_fd >= 0)
        close(m->pid_fd);
    if (m->signal_fd >= 0)
        close(m->signal_fd);
    if (m->has_spool) {
        jb_spool_unlock(&m->spool);
        jb_spool_close(&m->spool);
    }
}

/* The command never started: nothing of the run stays behind. */
static void drop_run(struct measure *m)
{
    if (!m->has_slot)
        return;
    jb_spool_remove_run(&m->spool, m->run->id);
    jb_spool_free_slot(&m->spool, m->slot);
    if (m->recorder)
        jb_spool_reset_if_idle(&m->spool, m->run->host, m->run->boot_id);
}

jb_rc jb_measure(struct jb_supervise *supervise, const struct jb_measure_options *options,
                 struct jb_measure_result *ret_result)
{
    memset(ret_result, 0, sizeof *ret_result);
    struct measure *m = calloc(1, sizeof *m);
    if (!m)
        return JB_E_NOMEM;
    m->options = options;
    m->result = ret_result;
    m->run = options->run;
    m->clock = options->clock;
    m->supervise = supervise;
    m->os = jb_os_real("");
    m->sensor_os = jb_os_real(options->sensors_root ? options->sensors_root : "");
    m->run_fd = -1;
    m->pid_fd = -1;
    m->signal_fd = -1;
    jb_uuid7(jb_utc_us(m->clock), m->run->id);
    m->run->exit_code = -1;
    struct jb_error err = {0};
    if (begin_measuring(m, &err) < 0) {
        keep_error(m, &err);
        if (m->has_slot)
            drop_run(m);
        m->has_slot = false;
    }
    if (m->has_slot) {
        m->has_marks = jb_marks_open(&m->spool, m->run->id, &m->marks, &err) == JB_OK;
        if (!m->has_marks)
            keep_error(m, &err);
    }
    if (start_subject(m) < 0) {
        ret_result->exit_code = supervise ? jb_supervise_exit_code(supervise) : EXIT_NOT_STARTED;
        drop_run(m);
        release(m);
        free(m);
        return JB_OK;
    }
    /* After the start: a command must not inherit it. 50 us of slack would be missed deadlines at 1 kHz. */
    prctl(PR_SET_TIMERSLACK, 1UL);
    if (m->has_slot)
        open_in_book(m);
    loop(m);
    if (m->has_slot)
        end_measuring(m);
    ret_result->exit_code = (int)m->run->exit_code;
    release(m);
    free(m);
    return JB_OK;
}

void jb_measure_result_release(struct jb_measure_result *result)
{
    if (result->has_account)
        jb_account_release(&result->account);
    result->has_account = false;
}
