/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Levels to a load by stopping and continuing its process group. No handler, no thread: waiting is sigtimedwait, which
 * also hears who asks us to end. Never touches a process that is not its own child's group. R-CAL-10.
 */
#include "subject/staircase.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define PERIOD_NS   (100 * JB_NS_PER_MS)
#define PATIENCE_NS (2 * JB_NS_PER_S)
#define SHORT_NS    JB_NS_PER_S
#define FAILS_MOST  3
#define CPUS_MAX    4096

struct load {
    const struct jb_staircase *staircase;
    sigset_t signals; /* that end us: blocked, waited for */
    sigset_t before;
    pid_t group; /* 0: none runs */
    int64_t started_ns;
    int n_fails;
    int n_children;
};

static int64_t now_ns(void)
{
    return jb_mono_ns(&jb_clock_system);
}

/* Sleeps; true if somebody asked us to end. */
static bool rest(const struct load *load, int64_t duration_ns)
{
    const int64_t until_ns = now_ns() + duration_ns;

    for (int64_t left_ns = duration_ns; left_ns > 0; left_ns = until_ns - now_ns()) {
        const struct timespec ts = {.tv_sec = left_ns / JB_NS_PER_S,
                                    .tv_nsec = left_ns % JB_NS_PER_S};
        if (sigtimedwait(&load->signals, NULL, &ts) > 0)
            return true;
    }
    return false;
}

static JB_NORETURN void spin(void)
{
    for (volatile uint64_t n = 0;; n++) {
    }
}

/* In the child: in the load's group, gone when we are, and with the signals as they were. */
static void become(const struct load *load, pid_t parent)
{
    (void)setpgid(0, load->group);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(EXIT_FAILURE);
    (void)sigprocmask(SIG_SETMASK, &load->before, NULL);
}

static jb_rc start_one(struct load *load, struct jb_error *err)
{
    const pid_t parent = getpid();
    const pid_t pid = fork();

    if (pid < 0)
        return jb_fail_errno(err, errno, NULL, "cannot start the load");
    if (pid == 0) {
        become(load, parent);
        if (!load->staircase->argv)
            spin();
        (void)execvp(load->staircase->argv[0], load->staircase->argv);
        _exit(errno == ENOENT ? 127 : 126);
    }
    if (load->group == 0)
        load->group = pid;
    (void)setpgid(pid, load->group);
    load->n_children++;
    return JB_OK;
}

static int n_cpus(void)
{
    cpu_set_t set;

    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

static jb_rc start(struct load *load, struct jb_error *err)
{
    const int n = load->staircase->argv ? 1 : n_cpus();
    jb_rc rc = JB_OK;

    load->group = 0;
    load->n_children = 0;
    load->started_ns = now_ns();
    for (int i = 0; i < n && i < CPUS_MAX && rc == JB_OK; i++)
        rc = start_one(load, err);
    return rc;
}

static void signal_load(const struct load *load, int signo)
{
    if (load->group > 0)
        (void)kill(-load->group, signo);
}

/* A command that has ended is started again; one that cannot stay is no load. */
static jb_rc renew(struct load *load, struct jb_error *err)
{
    char *const *const argv = load->staircase->argv;
    int status = 0;

    while (waitpid(-1, &status, WNOHANG) > 0)
        load->n_children--;
    if (load->n_children > 0)
        return JB_OK;
    const bool has_failed = load->group != 0 && (!WIFEXITED(status) || WEXITSTATUS(status) != 0);
    if (has_failed && now_ns() - load->started_ns < SHORT_NS) {
        load->n_fails++;
        if (load->n_fails >= FAILS_MOST)
            return jb_fail(err, JB_E_INPUT, "try it by itself first",
                           "%s%s%s ended at once, %d times", argv ? "'" : "",
                           argv ? argv[0] : "the load of its own", argv ? "'" : "", FAILS_MOST);
    }
    /* What it left behind in its group would go on beside the next one, at no level. */
    signal_load(load, SIGKILL);
    return start(load, err);
}

static void end(struct load *load)
{
    const int64_t until_ns = now_ns() + PATIENCE_NS;

    signal_load(load, SIGTERM);
    signal_load(load, SIGCONT);
    while (load->n_children > 0 && now_ns() < until_ns) {
        while (waitpid(-1, NULL, WNOHANG) > 0)
            load->n_children--;
        (void)rest(load, 10 * JB_NS_PER_MS);
    }
    signal_load(load, SIGKILL);
    while (load->n_children > 0 && waitpid(-1, NULL, 0) > 0)
        load->n_children--;
}

static jb_rc climb_level(struct load *load, int64_t level_ppm, struct jb_error *err)
{
    const int64_t until_ns = now_ns() + load->staircase->step_ns;
    const int64_t on_ns = PERIOD_NS / 1000000 * level_ppm;
    bool is_asked = false;

    while (!is_asked && now_ns() < until_ns) {
        if (level_ppm > 0) {
            const jb_rc rc = renew(load, err);
            if (rc < 0)
                return rc;
            signal_load(load, SIGCONT);
            is_asked = rest(load, on_ns);
        }
        if (level_ppm < 1000000) {
            signal_load(load, SIGSTOP);
            is_asked = is_asked || rest(load, PERIOD_NS - on_ns);
        }
    }
    return is_asked ? jb_fail(err, JB_E_AGAIN, NULL, "the load was ended early") : JB_OK;
}

jb_rc jb_staircase_climb(const struct jb_staircase *staircase, struct jb_error *err)
{
    /* Whatever ends us ends the load first: what a command started is in its group, and would stay stopped for good. */
    static const int enders[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    struct load load = {.staircase = staircase};
    jb_rc rc = JB_OK;

    (void)sigemptyset(&load.signals);
    for (size_t i = 0; i < JB_ARRAY_LEN(enders); i++)
        (void)sigaddset(&load.signals, enders[i]);
    (void)sigprocmask(SIG_BLOCK, &load.signals, &load.before);
    for (size_t i = 0; i < staircase->n_levels && rc == JB_OK; i++) {
        if (staircase->on_level)
            staircase->on_level(staircase->arg, i, staircase->levels_ppm[i]);
        rc = climb_level(&load, staircase->levels_ppm[i], err);
    }
    end(&load);
    (void)sigprocmask(SIG_SETMASK, &load.before, NULL);
    return rc;
}
