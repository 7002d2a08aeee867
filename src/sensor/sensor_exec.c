/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program of the user's as a meter: started once, without a shell, in a process group of its own, and read line by
 * line (docs/format/exec-meter.md). Read apart; killed with all its group at the end. Must never start anything that
 * the file of meters does not name, nor with rights that its owner does not have. R-SENSOR-93.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "model/meter.h"
#include "sensor/net_meter.h"
#include "sensor/node_answer.h"
#include "sensor/sensor_int.h"

#define ARGUMENTS_MAX    64
#define FIRST_TIMEOUT_NS (2500 * JB_NS_PER_MS) /* a reader's probing has 3 s */
#define ACCURACY_PPM     100000

static const struct net_meter_traits traits = {
    .driver = "exec",
    .update_ns = JB_NS_PER_S,
    .timeout_ns = 2 * JB_NS_PER_S,
    .accuracy_ppm = ACCURACY_PPM,
};

struct program {
    pid_t pid; /* its group as well */
    int fd;
    int64_t timeout_ns;
    bool is_energy; /* every line has to be */
    bool has_time;
    bool is_unread; /* `raw` was not given to anybody yet */
    bool is_bad;    /* the last line was no reading */
    bool is_long;   /* the line that comes is too long: left out up to its end */
    int64_t utc_us; /* of the newest line that had one */
    uint64_t raw;
    size_t n_held;
    char held[EXEC_LINE_MAX + 2]; /* the line that has not ended yet */
};

/* Blanks part words; there are no quotes. false: none, or too many. `text` is written to. */
static bool split_words(char *text, char **words)
{
    size_t n = 0;

    for (char *at = text; *at != '\0';) {
        at += strspn(at, " \t");
        if (*at == '\0')
            break;
        if (n == ARGUMENTS_MAX)
            return false;
        words[n++] = at;
        at += strcspn(at, " \t");
        if (*at != '\0')
            *at++ = '\0';
    }
    words[n] = NULL;
    return n > 0;
}

/* In the child: only what may be called after fork. */
JB_NORETURN static void become(char **words, int out, pid_t parent)
{
    const int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    (void)setpgid(0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (getppid() != parent || null < 0 || dup2(null, STDIN_FILENO) < 0 ||
        dup2(null, STDERR_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0)
        _exit(126);
    sigset_t none;
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)signal(SIGPIPE, SIG_DFL);
    (void)execvp(words[0], words);
    _exit(127);
}

static jb_rc start(const struct jb_meter *entry, struct program *program, struct jb_error *why)
{
    char text[sizeof entry->command];
    char *words[ARGUMENTS_MAX + 1];
    int ends[2];
    const pid_t self = getpid();

    memcpy(text, entry->command, sizeof text);
    text[sizeof text - 1] = '\0';
    if (!split_words(text, words))
        return jb_fail(why, JB_E_INPUT, "give a program and at most 63 arguments",
                       "its command is none");
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
        return jb_fail_errno(why, errno, NULL, "cannot make a pipe");
    const pid_t pid = fork();
    if (pid == 0) {
        /* A program writes as to any pipe; only this end is not waited for. */
        (void)fcntl(ends[1], F_SETFL, 0);
        become(words, ends[1], self);
    }
    const int reason = errno;
    (void)close(ends[1]);
    if (pid < 0) {
        (void)close(ends[0]);
        return jb_fail_errno(why, reason, NULL, "cannot start its command");
    }
    (void)setpgid(pid, pid); /* here too, so that it is done whoever comes first */
    program->pid = pid;
    program->fd = ends[0];
    return JB_OK;
}

static void take_line(struct program *program, const char *text, size_t len, bool is_first)
{
    const bool was_unread = program->is_unread;
    struct exec_line line;

    program->is_bad = true;
    program->is_unread = false; /* what stood before is not the newest any more */
    if (exec_line__parse(text, len, &line) < 0 ||
        (!is_first && line.is_energy != program->is_energy))
        return;
    program->is_bad = false;
    /* The same reading told again, or an older one. */
    if (line.has_time && program->has_time && line.utc_us <= program->utc_us) {
        program->is_unread = was_unread;
        return;
    }
    program->has_time = line.has_time;
    program->utc_us = line.utc_us;
    program->is_energy = line.is_energy;
    program->raw = (uint64_t)line.value;
    program->is_unread = true;
}

static void take_bytes(struct program *program, const char *bytes, size_t len, bool is_first)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != '\n') {
            if (program->n_held < sizeof program->held)
                program->held[program->n_held++] = bytes[i];
            else
                program->is_long = true;
            continue;
        }
        if (program->is_long)
            program->is_bad = true;
        else
            take_line(program, program->held, program->n_held, is_first && !program->is_unread);
        program->n_held = 0;
        program->is_long = false;
    }
}

/* Takes all there is. JB_E_GONE: it has ended. */
static jb_rc drain(struct program *program, bool is_first)
{
    char bytes[4096];

    for (;;) {
        const ssize_t n = read(program->fd, bytes, sizeof bytes);
        if (n > 0)
            take_bytes(program, bytes, (size_t)n, is_first);
        else if (n == 0)
            return JB_E_GONE;
        else if (errno == EAGAIN)
            return JB_OK;
        else if (errno != EINTR)
            return jb_rc_from_errno(errno);
        if (n > 0 && (size_t)n < sizeof bytes)
            return JB_OK;
    }
}

/* The newest line, waited for where there is none since the last. */
static jb_rc next_reading(struct program *program, const struct jb_sensor_env *env,
                          int64_t timeout_ns, bool is_first)
{
    const int64_t deadline_ns = jb_mono_ns(env->clock) + timeout_ns;

    for (;;) {
        program->is_bad = false;
        const jb_rc rc = drain(program, is_first);
        if (rc < 0 && (rc != JB_E_GONE || !program->is_unread))
            return rc;
        if (program->is_bad)
            return JB_E_AGAIN;
        if (program->is_unread)
            return JB_OK;
        const int64_t left_ns = deadline_ns - jb_mono_ns(env->clock);
        if (left_ns <= 0)
            return JB_E_AGAIN;
        struct pollfd wait = {.fd = program->fd, .events = POLLIN};
        (void)poll(&wait, 1, (int)(left_ns / JB_NS_PER_MS) + 1);
    }
}

static jb_rc exec_read(void *handle, const struct jb_sensor_env *env, unsigned long long *ret_raw)
{
    struct program *const program = handle;

    const jb_rc rc = next_reading(program, env, program->timeout_ns, false);
    if (rc < 0)
        return rc;
    program->is_unread = false;
    *ret_raw = program->raw;
    return JB_OK;
}

static void exec_close(void *handle, const struct jb_sensor_env *env JB_UNUSED)
{
    struct program *const program = handle;

    if (program->pid > 0) {
        (void)kill(-program->pid, SIGKILL);
        (void)kill(program->pid, SIGKILL);
        while (waitpid(program->pid, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    if (program->fd >= 0)
        (void)close(program->fd);
    free(program);
}

static jb_rc first_reading(struct program *program, const struct jb_sensor_env *env,
                           struct jb_error *why)
{
    const jb_rc rc = next_reading(program, env, FIRST_TIMEOUT_NS, true);

    if (rc == JB_E_GONE)
        return jb_fail(why, JB_E_UNAVAILABLE, "start its command by hand and see what it prints",
                       "its command ended, or cannot be executed");
    if (rc < 0)
        return jb_fail(why, JB_E_UNAVAILABLE,
                       "have it print a line such as 'watts 231.5' at once; see "
                       "docs/format/exec-meter.md",
                       program->is_bad ? "its command printed a line that is no reading"
                                       : "its command printed no reading within 2.5 s");
    return JB_OK;
}

static jb_rc add(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                 const struct jb_meter *entry, struct jb_error *why)
{
    struct jb_channel channel;

    if (env->is_privileged)
        return jb_fail(why, JB_E_PERMISSION, "run a copy of the executable without the capability",
                       "an executable that carries a capability starts nothing that a user names");
    struct program *const program = calloc(1, sizeof *program);
    if (!program)
        return jb_fail(why, JB_E_NOMEM, NULL, "no memory for it");
    program->fd = -1;
    program->timeout_ns = net_meter__timeout_ns(entry, &traits);
    jb_rc rc = start(entry, program, why);
    if (rc == JB_OK)
        rc = first_reading(program, env, why);
    if (rc < 0) {
        exec_close(program, env);
        return rc;
    }
    net_meter__describe(entry, &traits, &channel);
    channel.semantics = program->is_energy ? JB_SEMANTICS_COUNTER : JB_SEMANTICS_GAUGE;
    channel.origin = program->is_energy ? JB_ORIGIN_COUNTER : JB_ORIGIN_GAUGE;
    channel.unit_num = 1;
    channel.unit_den = 1;
    channel.quantum_uj = program->is_energy ? 1 : 0;
    channel.update_ns = entry->period_ns > 0 ? entry->period_ns : traits.update_ns;
    /* Another process would start another program, whose count may begin anywhere. */
    channel.is_local = program->is_energy;
    return jb_sensor_add(set, &channel, program, exec_read, exec_close, why);
}

static jb_rc exec_probe(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                        struct jb_error *err)
{
    return net_meter__probe(env, set, traits.driver, add, err);
}

const struct jb_sensor_driver jb_sensor_exec = {
    .name = "exec",
    .summary = "programs of your own that print watts or joules, line by line",
    .probe = exec_probe,
    .is_apart = true,
    .is_configured = true,
};
