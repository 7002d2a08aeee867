/* SPDX-License-Identifier: Apache-2.0 */
/*
 * subject/supervise: the same command alone and supervised, side by side. This program is the test, the supervisor
 * ("drive", as joulebook would), the shell of a terminal ("shell" part of the terminal tests), and the commands.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/num.h"
#include "subject/supervise.h"
#include "tap.h"

#define SELF "/proc/self/exe"
/* Longer than anything here takes; a promise broken by then is broken. */
#define PATIENCE_MS 20000

/* -- the supervisor -------------------------------------------------------------------------------------------------- */

static JB_NORETURN void drive(char *const argv[])
{
    static const char *const extra_env[] = {"JB_TEST_MARK=inside", NULL};
    struct jb_supervise *supervise = NULL;
    struct jb_supervise_event event;
    struct jb_error err;
    pid_t pid;
    bool has_ended = false;

    if (jb_supervise_prepare(&supervise, &err) < 0)
        _exit(99);
    if (getenv("JB_TEST_WITNESS") && jb_supervise_add_witness(supervise, &pid, &err) < 0)
        _exit(96);
    if (jb_supervise_start(supervise, argv, extra_env, &pid, &err) < 0) {
        dprintf(STDERR_FILENO, "%s\n", err.message);
        jb_supervise_exit_like(supervise);
    }
    while (!has_ended) {
        struct pollfd poll_fd = {.fd = jb_supervise_fd(supervise), .events = POLLIN};
        (void)poll(&poll_fd, 1, -1);
        do {
            if (jb_supervise_handle(supervise, &event, &err) < 0)
                _exit(98);
            if (event.kind == JB_SUPERVISE_STOPPED)
                jb_supervise_stop_like(supervise);
            has_ended = has_ended || event.kind == JB_SUPERVISE_EXITED;
        } while (event.kind != JB_SUPERVISE_NONE);
    }
    jb_supervise_exit_like(supervise);
}

/* -- the commands ---------------------------------------------------------------------------------------------------- */

static void print_status_line(const char *key)
{
    FILE *const file = fopen("/proc/self/status", "re");
    char line[512];

    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, key, strlen(key)) == 0)
            printf("%s", line);
    if (file)
        (void)fclose(file);
}

/* All that a program can see of how it was started, but its own pid and its parent's. */
static int tell_facts(void)
{
    struct rlimit core;
    int subreaper = -1;
    int death_signo = -1;

    (void)getrlimit(RLIMIT_CORE, &core);
    (void)prctl(PR_GET_CHILD_SUBREAPER, &subreaper, 0, 0, 0);
    (void)prctl(PR_GET_PDEATHSIG, &death_signo, 0, 0, 0);
    printf("group %d session %d terminal %d slack %d dumpable %d subreaper %d death %d core %lu "
           "nice %d\n",
           (int)getpgrp(), (int)getsid(0), (int)tcgetpgrp(STDIN_FILENO),
           prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0), prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), subreaper,
           death_signo, (unsigned long)core.rlim_cur, getpriority(PRIO_PROCESS, 0));
    print_status_line("SigBlk");
    print_status_line("SigIgn");
    print_status_line("SigCgt");
    print_status_line("SigPnd");
    print_status_line("ShdPnd");
    print_status_line("Cpus_allowed:");
    for (int fd = 0; fd < 256; fd++) {
        struct stat st;
        if (fstat(fd, &st) == 0)
            printf("descriptor %d mode %o flags %x\n", fd, st.st_mode & S_IFMT, fcntl(fd, F_GETFL));
    }
    return 0;
}

static void say(const char *text)
{
    (void)!write(STDOUT_FILENO, text, strlen(text));
}

/* By signalfd, because a sanitizer may hold back handlers. */
static void tell_signal(int handle)
{
    struct signalfd_siginfo info;

    if (read(handle, &info, sizeof info) != (ssize_t)sizeof info)
        return;
    switch (info.ssi_signo) {
    case SIGUSR1: say("USR1\n"); break;
    case SIGUSR2: say("USR2\n"); break;
    case SIGHUP: say("HUP\n"); break;
    case SIGINT: say("INT\n"); break;
    case SIGCONT: say("CONT\n"); break;
    case SIGWINCH: say("WINCH\n"); break;
    case SIGTERM: say("TERM\n"); _exit(5);
    default: say(info.ssi_code == SI_QUEUE && info.ssi_int == 77 ? "RT 77\n" : "RT ?\n");
    }
}

/* Says each signal that reaches it; "kill 0" in its stdin makes it signal its group, "quit" ends it with 7. */
static int catch_signals(void)
{
    const int signos[] = {SIGUSR1, SIGUSR2,  SIGHUP,  SIGINT,
                          SIGCONT, SIGWINCH, SIGTERM, SIGRTMIN + 3};
    char line[64];
    sigset_t set;

    (void)sigemptyset(&set);
    for (size_t i = 0; i < JB_ARRAY_LEN(signos); i++)
        (void)sigaddset(&set, signos[i]);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    struct pollfd fds[2] = {{.fd = signalfd(-1, &set, SFD_CLOEXEC), .events = POLLIN},
                            {.fd = STDIN_FILENO, .events = POLLIN}};
    dprintf(STDOUT_FILENO, "ready %d %d\n", (int)getpid(), (int)getppid());
    for (;;) {
        if (poll(fds, 2, -1) < 0)
            continue;
        if (fds[0].revents != 0)
            tell_signal(fds[0].fd);
        if (fds[1].revents == 0)
            continue;
        const ssize_t n = read(STDIN_FILENO, line, sizeof line - 1);
        if (n <= 0) { /* stdin ended, or the terminal was hung up: signals only */
            fds[1].fd = -1;
            continue;
        }
        line[n] = '\0';
        if (strncmp(line, "quit", 4) == 0)
            return 7;
        if (strncmp(line, "kill 0", 6) == 0)
            (void)kill(0, SIGUSR2);
    }
}

/* -- running both ways ----------------------------------------------------------------------------------------------- */

struct session {
    pid_t pid;       /* the supervisor, or the command itself */
    int input;       /* to its stdin */
    int output;      /* from its stdout and stderr */
    char text[8192]; /* what came so far */
    size_t len;
};

typedef void (*setup_fn)(void);

static void set_nothing(void)
{
}

static void begin_session(struct session *session, setup_fn setup, const char *const argv[])
{
    int input[2];
    int output[2];
    union {
        const char *const *from;
        char *const *to;
    } same = {.from = argv};

    memset(session, 0, sizeof *session);
    if (pipe2(input, O_CLOEXEC) < 0 || pipe2(output, O_CLOEXEC) < 0)
        bail_out("no pipe");
    session->pid = fork();
    if (session->pid == 0) {
        (void)dup2(input[0], STDIN_FILENO);
        (void)dup2(output[1], STDOUT_FILENO);
        (void)dup2(output[1], STDERR_FILENO);
        setup();
        (void)execv(SELF, same.to);
        _exit(97);
    }
    (void)close(input[0]);
    (void)close(output[1]);
    session->input = input[1];
    session->output = output[0];
}

/* Reads until `wanted` stands in the text, or to the end if NULL. */
static bool read_until(struct session *session, const char *wanted)
{
    while (!wanted || !strstr(session->text, wanted)) {
        struct pollfd poll_fd = {.fd = session->output, .events = POLLIN};
        if (session->len == sizeof session->text - 1 || poll(&poll_fd, 1, PATIENCE_MS) <= 0)
            return false;
        const ssize_t n = read(session->output, session->text + session->len,
                               sizeof session->text - 1 - session->len);
        if (n <= 0)
            return !wanted;
        session->len += (size_t)n;
        session->text[session->len] = '\0';
    }
    return true;
}

static int end_session(struct session *session)
{
    int status = -1;

    (void)waitpid(session->pid, &status, 0);
    (void)close(session->input);
    (void)close(session->output);
    return status;
}

static int run_with_input(struct session *session, setup_fn setup, const char *const argv[],
                          const char *input)
{
    begin_session(session, setup, argv);
    (void)!write(session->input, input, strlen(input));
    (void)close(session->input);
    session->input = -1;
    (void)read_until(session, NULL);
    return end_session(session);
}

static void nap_ms(long nap)
{
    const struct timespec time = {.tv_nsec = nap * 1000000};

    (void)nanosleep(&time, NULL);
}

#define DRIVEN(...) ((const char *const[]){"test", "drive", __VA_ARGS__, NULL})

/* The pid and the parent's pid that catch_signals said. */
static bool read_ready(struct session *session, pid_t *ret_pid, pid_t *ret_parent)
{
    int64_t pid;
    int64_t parent;

    if (!read_until(session, "\n") || strncmp(session->text, "ready ", 6) != 0)
        return false;
    const char *const first = session->text + 6;
    const size_t first_len = strcspn(first, " ");
    const char *const second = first + first_len + 1;
    if (jb_parse_i64(first, first_len, false, &pid) < 0 ||
        jb_parse_i64(second, strcspn(second, "\r\n"), false, &parent) < 0)
        return false;
    *ret_pid = (pid_t)pid;
    *ret_parent = (pid_t)parent;
    session->len = 0;
    session->text[0] = '\0';
    return true;
}

/* -- how it is started ----------------------------------------------------------------------------------------------- */

static void ignore_hangup(void)
{
    (void)signal(SIGHUP, SIG_IGN);
}

static void ignore_children(void)
{
    (void)signal(SIGCHLD, SIG_IGN);
}

static void ignore_many(void)
{
    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGTSTP, SIG_IGN);
    (void)signal(SIGRTMIN, SIG_IGN);
}

static void block_some(void)
{
    sigset_t set;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGUSR1);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGRTMAX);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
}

static void hold_a_descriptor(void)
{
    (void)dup2(STDIN_FILENO, 77);
}

static void test_same_facts(void)
{
    static const struct {
        const char *what;
        setup_fn setup;
    } cases[] = {
        {"as it is", set_nothing},
        {"under nohup", ignore_hangup},
        {"with SIGCHLD ignored", ignore_children},
        {"with many signals ignored", ignore_many},
        {"with signals blocked", block_some},
        {"with a descriptor handed down", hold_a_descriptor},
    };
    struct session alone;
    struct session driven;

    for (size_t i = 0; i < JB_ARRAY_LEN(cases); i++) {
        static const char *const facts[] = {"test", "facts", NULL};
        const int alone_status = run_with_input(&alone, cases[i].setup, facts, "");
        const int driven_status =
            run_with_input(&driven, cases[i].setup, DRIVEN(SELF, "facts"), "");
        ok(alone_status == 0 && driven_status == 0 && alone.len > 100, "facts are told, %s",
           cases[i].what);
        is_str(driven.text, alone.text, "the command sees nothing of us, %s", cases[i].what);
    }
    const int status =
        run_with_input(&driven, set_nothing, DRIVEN("sh", "-c", "cat; echo $JB_TEST_MARK"), "in\n");
    is_str(driven.text, "in\ninside\n",
           "stdin is the command's, and our variable is in its environment");
    is_i64(status, 0, "and it ends well");
    (void)setenv("JB_TEST_MARK", "outside", 1);
    (void)run_with_input(&driven, set_nothing,
                         DRIVEN("sh", "-c", "env | grep -c JB_TEST_MARK; echo $JB_TEST_MARK"), "");
    is_str(driven.text, "1\ninside\n", "a variable of that name is replaced, not doubled");
}

/* -- how it ends ----------------------------------------------------------------------------------------------------- */

static void test_exit_codes(void)
{
    static const struct {
        const char *script;
        int code;
    } exits[] = {{"exit 0", 0}, {"exit 1", 1}, {"exit 42", 42}, {"exit 255", 255}};
    static const struct {
        const char *script;
        int signo;
    } deaths[] = {{"kill -9 $$", SIGKILL},
                  {"kill -15 $$", SIGTERM},
                  {"kill -2 $$", SIGINT},
                  {"kill -1 $$", SIGHUP},
                  {"cd \"${JB_TMP:-/tmp}\"; ulimit -c unlimited; kill -6 $$", SIGABRT},
                  {"kill -13 $$", SIGPIPE},
                  {"kill -64 $$", 64}};
    struct session session;

    for (size_t i = 0; i < JB_ARRAY_LEN(exits); i++) {
        const int status =
            run_with_input(&session, set_nothing, DRIVEN("sh", "-c", exits[i].script), "");
        ok(WIFEXITED(status) && WEXITSTATUS(status) == exits[i].code, "'%s' ends with %d",
           exits[i].script, exits[i].code);
    }
    for (size_t i = 0; i < JB_ARRAY_LEN(deaths); i++) {
        const int status =
            run_with_input(&session, set_nothing, DRIVEN("sh", "-c", deaths[i].script), "");
        ok(WIFSIGNALED(status) && WTERMSIG(status) == deaths[i].signo, "'%s' dies of signal %d",
           deaths[i].script, deaths[i].signo);
        ok(!WCOREDUMP(status), "without a second core dump");
    }
    const int status = run_with_input(&session, ignore_children, DRIVEN("sh", "-c", "exit 9"), "");
    ok(WIFEXITED(status) && WEXITSTATUS(status) == 9,
       "the code comes through where our parent ignores SIGCHLD");
}

static void test_exec_failure(void)
{
    struct session session;
    int status = run_with_input(&session, set_nothing, DRIVEN("/no/such/program"), "");

    ok(WIFEXITED(status) && WEXITSTATUS(status) == 127,
       "a program that is not there ends with 127");
    is_str(session.text, "cannot run '/no/such/program': no such file or directory\n",
           "and is named");
    status = run_with_input(&session, set_nothing, DRIVEN("jb-no-such-name"), "");
    ok(WIFEXITED(status) && WEXITSTATUS(status) == 127, "so does a name that is not in PATH");
    status = run_with_input(&session, set_nothing, DRIVEN("/etc/passwd"), "");
    ok(WIFEXITED(status) && WEXITSTATUS(status) == 126, "a file that is no program ends with 126");
    status = run_with_input(&session, set_nothing, DRIVEN("/tmp"), "");
    ok(WIFEXITED(status) && WEXITSTATUS(status) == 126, "a folder ends with 126");
}

static void test_background(void)
{
    struct session session;
    int64_t pid;

    begin_session(&session, set_nothing,
                  DRIVEN("sh", "-c", "sleep 60 >/dev/null 2>&1 & echo $!; exit 3"));
    (void)read_until(&session, NULL);
    const int status = end_session(&session);
    ok(WIFEXITED(status) && WEXITSTATUS(status) == 3, "the run is over when the command is");
    const bool has_pid = jb_parse_i64(session.text, session.len, true, &pid) == JB_OK;
    ok(has_pid && kill((pid_t)pid, 0) == 0, "what it left in the background lives on");
    if (has_pid)
        (void)kill((pid_t)pid, SIGKILL);
}

/* -- signals --------------------------------------------------------------------------------------------------------- */

static void own_group(void)
{
    (void)setpgid(0, 0);
}

static void test_forwarding(void)
{
    struct session session;
    pid_t pid;
    pid_t parent;

    begin_session(&session, own_group, DRIVEN(SELF, "catch"));
    ok(read_ready(&session, &pid, &parent) && parent == session.pid, "the command is our child");
    (void)kill(session.pid, SIGUSR1);
    ok(read_until(&session, "USR1\n"), "SIGUSR1 sent to us reaches it");
    (void)kill(session.pid, SIGHUP);
    ok(read_until(&session, "HUP\n"), "SIGHUP too");
    (void)kill(session.pid, SIGINT);
    ok(read_until(&session, "INT\n"), "SIGINT sent by kill too");
    (void)sigqueue(session.pid, SIGRTMIN + 3, (union sigval){.sival_int = 77});
    ok(read_until(&session, "RT 77\n"), "a real-time signal comes with its value");
    (void)!write(session.input, "kill 0\n", 7);
    ok(read_until(&session, "USR2\n"), "the command signals its group, of which we are part");
    (void)kill(session.pid, SIGPIPE);
    (void)kill(session.pid, SIGTERM);
    (void)read_until(&session, NULL);
    const int status = end_session(&session);
    /* SIGPIPE is not caught by the command: it dies of it, or, should TERM come first, of that. */
    ok(WIFSIGNALED(status) ? WTERMSIG(status) == SIGPIPE : WEXITSTATUS(status) == 5,
       "SIGPIPE sent by kill is the command's, not ours");
    if (WIFSIGNALED(status))
        is_str(session.text, "USR1\nHUP\nINT\nRT 77\nUSR2\n", "and each signal reached it once");
    else
        is_str(session.text, "USR1\nHUP\nINT\nRT 77\nUSR2\nTERM\n",
               "and each signal reached it once");

    begin_session(&session, set_nothing, DRIVEN(SELF, "catch"));
    ok(read_ready(&session, &pid, &parent), "another command is ready");
    (void)kill(session.pid, SIGTERM);
    (void)read_until(&session, NULL);
    const int term_status = end_session(&session);
    ok(WIFEXITED(term_status) && WEXITSTATUS(term_status) == 5,
       "what it makes of SIGTERM is its own affair");
    is_str(session.text, "TERM\n", "and it got it once");
}

/* Reads until `wanted` came `n` times. */
static bool read_times(struct session *session, const char *wanted, size_t n)
{
    while (session->len < n * strlen(wanted)) {
        const size_t before = session->len;
        struct pollfd poll_fd = {.fd = session->output, .events = POLLIN};
        if (poll(&poll_fd, 1, PATIENCE_MS) <= 0)
            return false;
        const ssize_t n_read =
            read(session->output, session->text + before, sizeof session->text - 1 - before);
        if (n_read <= 0)
            return false;
        session->len += (size_t)n_read;
        session->text[session->len] = '\0';
    }
    return true;
}

static void set_witness(void)
{
    own_group();
    (void)setenv("JB_TEST_WITNESS", "1", 1);
}

static void test_witness(void)
{
    enum { N = 12 };
    struct session session;
    pid_t pid;
    pid_t parent;
    bool came = true;

    begin_session(&session, set_witness, DRIVEN(SELF, "catch"));
    ok(read_ready(&session, &pid, &parent), "a command with a witness is ready");
    for (size_t i = 0; i < N; i++) {
        /* In turn to the group and to us alone; the witness must tell them apart each time. */
        (void)kill(i % 2 == 0 ? -session.pid : session.pid, SIGUSR1);
        came = read_times(&session, "USR1\n", i + 1) && came;
        nap_ms(10);
    }
    ok(came, "what is sent to the group and what is sent to us both reach it");
    (void)kill(session.pid, SIGTERM);
    (void)read_until(&session, NULL);
    const int status = end_session(&session);
    ok(WIFEXITED(status) && WEXITSTATUS(status) == 5, "it ends as it wants to");
    size_t n_came = 0;
    for (const char *at = session.text; (at = strstr(at, "USR1\n")) != NULL; at++)
        n_came++;
    is_i64((int64_t)n_came, N, "each of them once");
    ok(kill(-session.pid, 0) < 0 && errno == ESRCH, "and no witness is left in the group");
}

static void set_alarm(void)
{
    const struct itimerval timer = {.it_value = {.tv_usec = 50000}};

    (void)setitimer(ITIMER_REAL, &timer, NULL);
}

static void test_alarm(void)
{
    struct session session;
    const int status = run_with_input(&session, set_alarm, DRIVEN("sleep", "60"), "");

    ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM,
       "an alarm set before us ends the command as it would alone");
}

static void test_our_death(void)
{
    struct session session;
    pid_t pid;
    pid_t parent;

    begin_session(&session, set_nothing, DRIVEN(SELF, "catch"));
    ok(read_ready(&session, &pid, &parent), "a command is ready");
    (void)kill(session.pid, SIGKILL);
    int status;
    (void)waitpid(session.pid, &status, 0);
    (void)kill(pid, SIGUSR1);
    ok(read_until(&session, "USR1\n"), "it runs on when we are killed");
    (void)!write(session.input, "quit\n", 5);
    (void)read_until(&session, NULL);
    is_str(session.text, "USR1\n", "unharmed");
    (void)close(session.input);
    (void)close(session.output);
}

/* -- in one process: events ------------------------------------------------------------------------------------------ */

static enum jb_supervise_kind next_event(struct jb_supervise *supervise,
                                         struct jb_supervise_event *event)
{
    struct jb_error err;

    for (int waited_ms = 0; waited_ms < PATIENCE_MS; waited_ms += 100) {
        struct pollfd poll_fd = {.fd = jb_supervise_fd(supervise), .events = POLLIN};
        if (jb_supervise_handle(supervise, event, &err) < 0)
            bail_out("handle: %s", err.message);
        if (event->kind != JB_SUPERVISE_NONE)
            return event->kind;
        (void)poll(&poll_fd, 1, 100);
    }
    return JB_SUPERVISE_NONE;
}

static void test_events(void)
{
    char *const argv[] = {(char[]){"sh"}, (char[]){"-c"},
                          (char[]){"(sleep 0.05 & ); kill -STOP $$; exit 4"}, NULL};
    JB_AUTO(jb_supervise_free_auto) struct jb_supervise *supervise = NULL;
    struct jb_supervise_event event;
    struct jb_error err;
    sigset_t before;
    sigset_t after;
    pid_t pid = 0;

    (void)sigprocmask(SIG_SETMASK, NULL, &before);
    ok(jb_supervise_prepare(&supervise, &err) == JB_OK, "prepared");
    is_i64(jb_supervise_exit_code(supervise), 125, "nothing was started yet");
    const pid_t helper = fork();
    if (helper == 0)
        _exit(6);
    ok(jb_supervise_ignore_pid(supervise, helper, &err) == JB_OK, "a helper is named");
    ok(next_event(supervise, &event) == JB_SUPERVISE_HELPER && event.pid == helper &&
           WEXITSTATUS(event.status) == 6,
       "its end is told as a helper's");
    ok(jb_supervise_start(supervise, argv, NULL, &pid, &err) == JB_OK && pid > 0, "started");
    is_i64(jb_supervise_exit_code(supervise), -1, "a running command has no code");
    ok(next_event(supervise, &event) == JB_SUPERVISE_STOPPED && event.signo == SIGSTOP,
       "its stop is told");
    ok(next_event(supervise, &event) == JB_SUPERVISE_REAPED && event.pid != pid,
       "the end of its orphan is told");
    (void)kill(pid, SIGCONT);
    const enum jb_supervise_kind first = next_event(supervise, &event);
    ok(first == JB_SUPERVISE_CONTINUED || first == JB_SUPERVISE_EXITED, "its going on is told");
    ok(first == JB_SUPERVISE_EXITED || next_event(supervise, &event) == JB_SUPERVISE_EXITED,
       "and its end");
    is_i64(jb_supervise_exit_code(supervise), 4, "with its code");
    (void)kill(getpid(), SIGTERM);
    ok(next_event(supervise, &event) == JB_SUPERVISE_INTERRUPT && event.signo == SIGTERM,
       "then a signal that asks to end is ours");
    (void)kill(getpid(), SIGUSR1); /* would kill this test if it came through */
    jb_supervise_free(supervise);
    supervise = NULL;
    (void)sigprocmask(SIG_SETMASK, NULL, &after);
    ok(memcmp(&before, &after, sizeof before) == 0, "afterwards the mask is what it was");
}

/* -- a terminal ------------------------------------------------------------------------------------------------------ */

/* The least that a shell with job control does; it tells what it sees of its job and obeys one-letter orders. */
static JB_NORETURN void be_shell(int orders, int news, const char *const argv[])
{
    union {
        const char *const *from;
        char *const *to;
    } same = {.from = argv};
    char order;
    int status;

    (void)signal(SIGTTOU, SIG_IGN);
    const pid_t job = fork();
    if (job == 0) {
        (void)setpgid(0, 0);
        (void)tcsetpgrp(STDIN_FILENO, getpid());
        (void)signal(SIGTTOU, SIG_DFL);
        (void)execv(SELF, same.to);
        _exit(97);
    }
    (void)setpgid(job, job);
    dprintf(news, "job %d\n", (int)job);
    for (;;) {
        if (waitpid(job, &status, WUNTRACED) != job)
            _exit(1);
        if (!WIFSTOPPED(status)) {
            dprintf(news, WIFEXITED(status) ? "exited %d\n" : "killed %d\n",
                    WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
            _exit(0);
        }
        (void)tcsetpgrp(STDIN_FILENO, getpid());
        dprintf(news, "stopped %d\n", WSTOPSIG(status));
        if (read(orders, &order, 1) != 1)
            _exit(1);
        (void)tcsetpgrp(STDIN_FILENO, job);
        (void)kill(order == 'f' ? -job : job, SIGCONT); /* fg, or only the supervisor */
    }
}

struct terminal {
    struct session screen; /* input and output are the master */
    struct session news;
    int orders;
    pid_t job;
};

static void begin_terminal(struct terminal *terminal, const char *const argv[])
{
    int orders[2];
    int news[2];
    int master;
    struct termios quiet;
    pid_t unused;
    int64_t job = 0;

    memset(terminal, 0, sizeof *terminal);
    if (pipe2(orders, O_CLOEXEC) < 0 || pipe2(news, O_CLOEXEC) < 0)
        bail_out("no pipe");
    const pid_t shell = forkpty(&master, NULL, NULL, NULL);
    if (shell == 0) {
        (void)tcgetattr(STDIN_FILENO, &quiet);
        quiet.c_lflag &= (tcflag_t)~ECHO;
        quiet.c_lflag |= NOFLSH; /* a stop key would throw away what the command just said */
        quiet.c_oflag &= (tcflag_t)~OPOST;
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &quiet);
        be_shell(orders[0], news[1], argv);
    }
    (void)fcntl(master, F_SETFD, FD_CLOEXEC);
    (void)close(orders[0]);
    (void)close(news[1]);
    terminal->orders = orders[1];
    terminal->screen.pid = shell;
    terminal->screen.input = master;
    terminal->screen.output = master;
    terminal->news.output = news[0];
    if (!read_until(&terminal->news, "\n") ||
        jb_parse_i64(terminal->news.text + 4, terminal->news.len - 4, true, &job) < 0)
        bail_out("the shell of the terminal does not speak: %s", terminal->news.text);
    terminal->job = (pid_t)job;
    if (!read_ready(&terminal->screen, &unused, &terminal->job))
        diag("the command is not ready: %s", terminal->screen.text);
}

static void end_terminal(struct terminal *terminal)
{
    int status;

    (void)close(terminal->screen.input);
    (void)waitpid(terminal->screen.pid, &status, 0);
    (void)close(terminal->orders);
    (void)close(terminal->news.output);
}

static void type(const struct terminal *terminal, const char *keys)
{
    (void)!write(terminal->screen.input, keys, strlen(keys));
}

static void test_terminal_interrupt(void)
{
    struct terminal terminal;

    begin_terminal(&terminal, DRIVEN(SELF, "catch"));
    type(&terminal, "\x03");
    ok(read_until(&terminal.screen, "INT\n"), "Ctrl-C reaches the command");
    const struct winsize size = {.ws_row = 10, .ws_col = 20};
    (void)ioctl(terminal.screen.input, TIOCSWINSZ, &size);
    ok(read_until(&terminal.screen, "WINCH\n"), "so does a change of the window");
    type(&terminal, "quit\n");
    ok(read_until(&terminal.news, "exited 7\n"),
       "what is typed is the command's, and its code the shell's");
    is_str(terminal.screen.text, "INT\nWINCH\n", "and each came once");
    end_terminal(&terminal);

    begin_terminal(&terminal, DRIVEN("sh", "-c", "echo ready $$ $PPID; exec sleep 60"));
    type(&terminal, "\x03");
    ok(read_until(&terminal.news, "killed 2\n"),
       "the shell sees a command that dies of Ctrl-C die of it");
    end_terminal(&terminal);
}

static char state_of(pid_t pid)
{
    char path[64];
    char text[512] = "";

    (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *const file = fopen(path, "re");
    if (!file)
        return '?';
    (void)!fread(text, 1, sizeof text - 1, file);
    (void)fclose(file);
    const char *const close = strrchr(text, ')');
    return close && close[1] != '\0' ? close[2] : '?';
}

/* Nobody types a stop key in the millisecond after fg: until the supervisor waits again. */
static void let_settle(const struct terminal *terminal)
{
    for (int waited_ms = 0; state_of(terminal->job) != 'S' && waited_ms < PATIENCE_MS; waited_ms++)
        nap_ms(1);
    nap_ms(20);
}

static void test_terminal_stop(void)
{
    struct terminal terminal;

    begin_terminal(&terminal, DRIVEN(SELF, "catch"));
    type(&terminal, "\x1a");
    ok(read_until(&terminal.news, "stopped 20\n"),
       "the shell sees Ctrl-Z stop the job, by SIGTSTP");
    ok(state_of(terminal.job) == 'T', "and we stand");
    (void)!write(terminal.orders, "f", 1);
    ok(read_until(&terminal.screen, "CONT\n"), "fg continues the command");
    let_settle(&terminal);
    type(&terminal, "\x1a");
    terminal.news.text[0] = '\0';
    terminal.news.len = 0;
    ok(read_until(&terminal.news, "stopped 20\n"), "a second Ctrl-Z stops it again");
    terminal.screen.text[0] = '\0';
    terminal.screen.len = 0;
    (void)!write(terminal.orders, "o", 1);
    ok(read_until(&terminal.screen, "CONT\n"), "whoever continues us alone continues the command");
    type(&terminal, "quit\n");
    ok(read_until(&terminal.news, "exited 7\n"), "it reads the terminal again and ends");
    is_str(terminal.screen.text, "CONT\n", "one SIGCONT came");
    end_terminal(&terminal);
}

static void test_hangup(void)
{
    struct session session = {.len = 0};
    int news[2];
    pid_t pid;
    pid_t parent;

    if (pipe2(news, O_CLOEXEC) < 0)
        bail_out("no pipe");
    /* The supervisor leads the session, as under `ssh -t host joulebook run`; the command speaks into a pipe. */
    session.pid = forkpty(&session.input, NULL, NULL, NULL);
    if (session.pid == 0) {
        (void)dup2(news[1], STDOUT_FILENO);
        (void)execl(SELF, "test", "drive", SELF, "catch", (char *)NULL);
        _exit(97);
    }
    (void)close(news[1]);
    session.output = news[0];
    ok(read_ready(&session, &pid, &parent),
       "a command runs below a supervisor that leads its session");
    (void)close(session.input);
    ok(read_until(&session, "HUP\n"), "the hang-up of its terminal reaches it");
    (void)kill(pid, SIGTERM);
    (void)read_until(&session, NULL);
    (void)close(session.output);
    int status;
    (void)waitpid(session.pid, &status, 0);
    ok(WIFEXITED(status) && WEXITSTATUS(status) == 5, "and we live to tell its end");
}

int main(int argc, char **argv)
{
    if (argc > 2 && strcmp(argv[1], "drive") == 0)
        drive(argv + 2);
    if (argc > 1 && strcmp(argv[1], "facts") == 0)
        return tell_facts();
    if (argc > 1 && strcmp(argv[1], "catch") == 0)
        return catch_signals();

    test_same_facts();
    test_exit_codes();
    test_exec_failure();
    test_background();
    test_forwarding();
    test_witness();
    test_alarm();
    test_our_death();
    test_events();
    test_terminal_interrupt();
    test_terminal_stop();
    test_hangup();
    return done_testing();
}
