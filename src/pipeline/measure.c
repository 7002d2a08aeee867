/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One run from its first reading to its account, in one thread. The order at the beginning is: read, start the command,
 * only then tell the book; at the end: read, tell the book, say it. The book never delays the command's start, and no
 * failure here is the command's.
 */
#include "pipeline/measure_int.h"

#include <errno.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/num.h"
#include "subject/cgroup.h"

#define SCAN_NS          JB_NS_PER_S
#define YOUNG_NS         (2 * JB_NS_PER_S)
#define TOUCH_NS         JB_NS_PER_S
#define SCAN_BEFORE_NS   (20 * JB_NS_PER_MS)
#define MARK_LOOK_NS     (20 * JB_NS_PER_MS)
#define MARK_FRAME_NS    (100 * JB_NS_PER_MS)
#define SYNC_NS          (30 * JB_NS_PER_S)
#define END_REQUEST_NS   JB_NS_PER_S
#define SHORT_RUN_NS     (500 * JB_NS_PER_MS)
#define END_LOOK_NS      (100 * JB_NS_PER_MS)
#define END_READS        4
#define END_READ_NS      JB_NS_PER_MS
#define EXIT_NOT_STARTED 125

void measure__keep_error(struct measure *m, const struct jb_error *err)
{
    if (m->result->error.code == JB_OK)
        m->result->error = *err;
}

/* The run's CPU time so far into its slot, with the rate it grew at. */
static void put_cpu(struct measure *m, int64_t now_ns)
{
    struct jb_spool_slot *slot = &m->spool.node->slots[m->slot];
    if (!jb_spool_is_slot_of(&m->spool, m->slot, m->run->id))
        return;
    int64_t cpu_ns = jb_tree_cpu_ns(m->tree);
    int64_t before_ns = atomic_load(&slot->scan_mono_ns);
    if (before_ns > 0 && now_ns > before_ns)
        atomic_store(&slot->cpu_ppm, jb_muldiv_sat_i64(cpu_ns - atomic_load(&slot->cpu_ns), 1000000,
                                                       now_ns - before_ns, JB_ROUND_NEAREST));
    atomic_store(&slot->cpu_ns, cpu_ns);
    atomic_store(&slot->scan_mono_ns, now_ns);
    atomic_store(&slot->resident_bytes, jb_tree_resident_bytes(m->tree));
}

static void scan(struct measure *m, int64_t now_ns)
{
    if (!m->tree || !m->has_slot)
        return;
    measure__look_for_helper(m);
    jb_rc rc = jb_tree_scan(m->tree, NULL);
    (void)rc; /* the next one may succeed; totals stand as they were */
    put_cpu(m, now_ns);
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

static void take_marks(struct measure *m, bool at_end)
{
    if (!m->has_marks)
        return;
    int64_t not_before_ns =
        m->settled_ns > m->run->start_mono_ns ? m->settled_ns : m->run->start_mono_ns;
    if (jb_marks_take(&m->marks, m->clock, not_before_ns, at_end ? m->run->end_mono_ns : INT64_MAX,
                      at_end) == 0 ||
        at_end)
        return;
    /* R-MARK-02: a frame near the mark narrows what must be interpolated. */
    int64_t now_ns = jb_mono_ns(m->clock);
    if (m->recorder && now_ns - jb_recorder_last_frame_ns(m->recorder) >= MARK_FRAME_NS) {
        struct jb_error err = {0};
        scan(m, now_ns);
        if (jb_recorder_frame(m->recorder, &err) < 0)
            measure__keep_error(m, &err);
    }
    measure__follow_course(m);
}

/* R-REC-02: the lease passes on when the recorder ends or dies. */
static void try_to_take_over(struct measure *m)
{
    struct jb_error err = {0};
    if (m->recorder || !m->has_slot || jb_spool_lock(&m->spool, NULL) < 0)
        return;
    if (measure__begin_recorder(m, &err) < 0)
        measure__keep_error(m, &err);
}

/* A run that is not over at once: what a long one needs, and what it does not need any more. */
static void settle_in(struct measure *m)
{
    pid_t witness;
    measure__drop_ledger(m);
    if (m->has_settled_in || !m->supervise)
        return;
    m->has_settled_in = true;
    /* Without it a signal to the whole group would reach the command twice (R-RUN-04). */
    struct jb_error err = {0};
    jb_rc rc = jb_supervise_add_witness(m->supervise, &witness, &err);
    if (rc == JB_OK && m->tree)
        rc = jb_tree_ignore(m->tree, witness, &err);
    if (rc < 0)
        measure__keep_error(m, &err);
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
            measure__keep_error(m, &err);
        int64_t hour = jb_utc_us(m->clock) / JB_US_PER_HOUR;
        if (hour != m->hour) {
            m->hour = hour;
            m->settled_ns = now_ns;
            measure__start_clerk(m);
        } else if (now_ns - m->last_sync_ns >= SYNC_NS) {
            m->last_sync_ns = now_ns;
            jb_spool_write_through(&m->spool);
        }
    }
    measure__look_for_clerk(m);
    measure__tell_status(m, now_ns);
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
        measure__keep_error(m, &err);
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
            measure__keep_error(m, &err);
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
                measure__clerk_is_done(m, event.status);
            if (event.pid == m->helper)
                measure__helper_is_done(m);
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

/*
 * R-REC-10: a run that joined ends with a frame of the recorder: with the next one, where one was being written while it ended. If
 * the recorder leaves meanwhile, as where many runs end at once, whoever gets its place ends them all.
 */
static jb_rc end_joined(struct measure *m, struct jb_error *err)
{
    const struct jb_spool_slot *slot = &m->spool.node->slots[m->slot];
    int64_t until_ns = jb_mono_ns(m->clock) + END_REQUEST_NS;
    while (jb_mono_ns(m->clock) < until_ns) {
        jb_rc rc = jb_spool_request_frame(&m->spool, END_LOOK_NS);
        if (atomic_load(&slot->state) != JB_SLOT_ENDED)
            return JB_OK;
        if (rc == JB_OK)
            continue;
        if (jb_spool_lock(&m->spool, NULL) < 0) {
            measure__sleep(END_READ_NS);
            continue;
        }
        if (atomic_load(&slot->state) == JB_SLOT_ENDED)
            return measure__begin_recorder(m, err); /* its first frame ends this run */
        jb_spool_unlock(&m->spool);
        return JB_OK;
    }
    return jb_fail(err, JB_E_AGAIN,
                   "it will be entered when that process goes on, or by `joulebook recover`",
                   "process %lld records for this book and does not answer",
                   (long long)atomic_load(&m->spool.node->recorder_pid));
}

/* A channel whose last read failed is tried again: a moment later costs less than what it knows. */
static void end_frame(struct measure *m)
{
    struct jb_error err = {0};
    jb_rc rc = JB_E_AGAIN;
    if (m->recorder) {
        for (int i = 0; i < END_READS && rc == JB_E_AGAIN; i++) {
            rc = jb_recorder_end_frame(m->recorder, i == END_READS - 1, &err);
            if (rc == JB_E_AGAIN)
                measure__sleep(END_READ_NS);
        }
    } else {
        rc = end_joined(m, &err);
    }
    m->result->was_measured = rc == JB_OK;
    if (rc < 0)
        measure__keep_error(m, &err);
}

/* Orphans fall to this process: without a child of its own it has no descendant, and nobody need be looked for. */
static bool has_descendants(const struct measure *m)
{
    siginfo_t child;
    return !m->supervise || waitid(P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/* R-REC-10: before the book is told, which may take its time: the runs that go on, or end now, need not wait for it. */
static void stop_recording(struct measure *m)
{
    jb_recorder_free(m->recorder);
    m->recorder = NULL;
    jb_spool_unlock(&m->spool);
}

static void end_measuring(struct measure *m)
{
    struct jb_error err = {0};
    struct jb_cycles cycles;
    m->run->end_mono_ns = jb_mono_ns(m->clock);
    m->run->end_utc_us = jb_utc_us(m->clock);
    if (m->recorder && jb_recorder_read(m->recorder, &err) < 0)
        measure__keep_error(m, &err);
    measure__read_cycles(m, &cycles);
    take_marks(m, true);
    measure__enter_cycles(m, &cycles);
    /* Orphans that ended with the command; the meters did not wait for them. */
    if (m->supervise)
        handle_signals(m);
    if (has_descendants(m))
        scan(m, m->run->end_mono_ns);
    else if (m->tree && jb_spool_is_slot_of(&m->spool, m->slot, m->run->id))
        atomic_store(&m->spool.node->slots[m->slot].cpu_ns, jb_tree_cpu_ns(m->tree));
    m->run->cpu_ns = m->tree ? jb_tree_cpu_ns(m->tree) : 0;
    m->run->n_left = m->tree && has_descendants(m) ? (int64_t)jb_tree_n_live(m->tree) : 0;
    m->run->status = JB_RUN_DONE;
    if (measure__write_run_file(m, &err) < 0)
        measure__keep_error(m, &err);
    if (!jb_spool_end_slot(&m->spool, m->slot, m->run->id, m->run->end_mono_ns)) {
        jb_rc rc = jb_fail(&err, JB_E_GONE, "let nobody clean up in there while runs go on",
                           "the file of this run was removed from '%s': it is entered up to there",
                           m->spool.path);
        (void)rc;
        measure__keep_error(m, &err);
    }
    end_frame(m);
    measure__tell_end(m);
    stop_recording(m);
    measure__settle(m);
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
        measure__watch_cycles(m);
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
    measure__begin_cycles(m);
    struct jb_error err = {0};
    pid_t reaper = m->supervise ? getpid() : 0;
    if (m->has_slot && jb_tree_new(&m->os, pid, reaper, &m->tree, &err) < 0 &&
        err.code != JB_E_NOT_FOUND)
        measure__keep_error(
            m, &err); /* not found: it ended already, and its usage comes with its exit */
    measure__look_for_helper(m);
    watch_own_group(m);
    return JB_OK;
}

static void release(struct measure *m)
{
    jb_tree_free(m->tree);
    if (m->has_cycles)
        jb_cycles_watch_close(&m->cycles);
    measure__drop_ledger(m);
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
    if (measure__begin(m, &err) < 0) {
        measure__keep_error(m, &err);
        if (m->has_slot)
            drop_run(m);
        m->has_slot = false;
    }
    if (!m->has_slot && m->has_marks) {
        jb_marks_close(&m->marks);
        m->has_marks = false;
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
    measure__begin_course(m);
    if (m->has_slot)
        measure__open_in_book(m);
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
