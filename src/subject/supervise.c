/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command as a child that does not notice: signals, stops and ends of its process to events. Rules R-RUN-01...
 * It must never send the command a signal that it would not have got alone, nor keep one from it.
 */
#include "subject/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/num.h"
#include "base/os.h"
#include "subject/proc_text.h"
#include "subject/witness.h"

/* What env(1) exits with. */
enum { EXIT_NO_PROCESS = 125, EXIT_NOT_EXECUTABLE = 126, EXIT_NOT_FOUND = 127 };

/* Parents walked up from the sender of a signal; a real tree is nowhere near as deep. */
#define ANCESTORS_MAX 64

struct jb_supervise {
    sigset_t original_mask;
    struct sigaction original_chld;
    int original_subreaper;
    int signal_handle;
    bool has_mask; /* what jb_supervise_free has to undo */
    bool has_chld;
    bool has_subreaper;
    bool has_started;
    bool has_ended;
    bool
        has_children_news; /* SIGCHLD came; children are waited for until there is nothing to tell */
    bool is_stopped;       /* the command stands, by stop_signo */
    int stop_signo;
    int interrupt_signo; /* came after the command ended; 0 none */
    pid_t own_pid;
    pid_t pid;
    int status;
    int failed_exit_code; /* the command never ran: 125, 126 or 127 */
    struct jb_witness witness;
    jb_supervise_child_fn before_exec; /* NULL: none */
    const void *before_exec_arg;
    size_t n_ignored;
    pid_t ignored[JB_SUPERVISE_IGNORED_MAX];
};

/* -- before the command ---------------------------------------------------------------------------------------------- */

/* All but those that a fault of our own raises (blocked, the kernel would kill us all the same) and those that
 * cannot be blocked. */
static void fill_taken_signals(sigset_t *set)
{
    static const int left[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGSYS, SIGTRAP, SIGKILL, SIGSTOP};

    (void)sigfillset(set);
    for (size_t i = 0; i < JB_ARRAY_LEN(left); i++)
        (void)sigdelset(set, left[i]);
}

/* R-RUN-06: children that this process had before it became joulebook (a shell's `job & exec joulebook`). */
static void ignore_inherited_children(struct jb_supervise *supervise)
{
    siginfo_t info;
    char path[64];
    char text[4096];

    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0)
        return; /* ECHILD, as nearly always */
    const struct jb_os os = jb_os_real("");
    (void)snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)supervise->own_pid);
    const ssize_t len = jb_os_read_text(&os, path, text, sizeof text);
    for (ssize_t from = 0; from < len && supervise->n_ignored < JB_SUPERVISE_IGNORED_MAX;) {
        const char *const word = text + from;
        const size_t word_len = strcspn(word, " ");
        int64_t pid;

        if (jb_parse_i64(word, word_len, false, &pid) == JB_OK && pid > 0 && pid <= INT32_MAX)
            supervise->ignored[supervise->n_ignored++] = (pid_t)pid;
        from += (ssize_t)word_len + 1;
    }
}

static jb_rc take_signals(struct jb_supervise *supervise, struct jb_error *err)
{
    struct sigaction child_default = {.sa_handler = SIG_DFL};
    sigset_t taken;

    fill_taken_signals(&taken);
    if (sigprocmask(SIG_BLOCK, &taken, &supervise->original_mask) < 0)
        return jb_fail_errno(err, errno, NULL, "cannot block signals");
    supervise->has_mask = true;
    /* A parent that ignores SIGCHLD passes that on; the kernel would then drop the end of our children. */
    if (sigaction(SIGCHLD, &child_default, &supervise->original_chld) < 0)
        return jb_fail_errno(err, errno, NULL, "cannot set what happens on SIGCHLD");
    supervise->has_chld = true;
    supervise->signal_handle = signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK);
    if (supervise->signal_handle < 0)
        return jb_fail_errno(err, errno, NULL, "cannot open a signalfd");
    return JB_OK;
}

jb_rc jb_supervise_prepare(struct jb_supervise **ret_supervise, struct jb_error *err)
{
    JB_AUTO(jb_supervise_free_auto) struct jb_supervise *supervise = calloc(1, sizeof *supervise);

    if (!supervise)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to look after a command");
    supervise->signal_handle = -1;
    supervise->own_pid = getpid();
    const jb_rc rc = take_signals(supervise, err);
    if (rc < 0)
        return rc;
    if (prctl(PR_GET_CHILD_SUBREAPER, &supervise->original_subreaper, 0, 0, 0) < 0 ||
        prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
        return jb_fail_errno(err, errno, NULL, "cannot become the reaper of the command's orphans");
    supervise->has_subreaper = true;
    ignore_inherited_children(supervise);
    *ret_supervise = supervise;
    supervise = NULL;
    return JB_OK;
}

void jb_supervise_restore_signals(const struct jb_supervise *supervise)
{
    if (supervise->has_chld)
        (void)sigaction(SIGCHLD, &supervise->original_chld, NULL);
    if (supervise->has_mask)
        (void)sigprocmask(SIG_SETMASK, &supervise->original_mask, NULL);
}

void jb_supervise_free(struct jb_supervise *supervise)
{
    struct signalfd_siginfo info;

    if (!supervise)
        return;
    jb_witness_end(&supervise->witness);
    /* What still waits was meant for the command: unblocked, it would hit this process. */
    if (supervise->signal_handle >= 0) {
        while (read(supervise->signal_handle, &info, sizeof info) == (ssize_t)sizeof info)
            continue;
        (void)close(supervise->signal_handle);
    }
    if (supervise->has_subreaper)
        (void)prctl(PR_SET_CHILD_SUBREAPER, supervise->original_subreaper, 0, 0, 0);
    jb_supervise_restore_signals(supervise);
    free(supervise);
}

jb_rc jb_supervise_ignore_pid(struct jb_supervise *supervise, pid_t pid, struct jb_error *err)
{
    if (supervise->n_ignored == JB_SUPERVISE_IGNORED_MAX)
        return jb_fail(err, JB_E_RANGE, NULL, "more than %d helper processes",
                       JB_SUPERVISE_IGNORED_MAX);
    supervise->ignored[supervise->n_ignored++] = pid;
    return JB_OK;
}

jb_rc jb_supervise_add_witness(struct jb_supervise *supervise, pid_t *ret_pid, struct jb_error *err)
{
    const jb_rc rc = jb_witness_begin(&supervise->witness, err);

    if (rc == JB_OK)
        *ret_pid = supervise->witness.pid;
    return rc;
}

void jb_supervise_before_exec(struct jb_supervise *supervise, jb_supervise_child_fn fn,
                              const void *arg)
{
    supervise->before_exec = fn;
    supervise->before_exec_arg = arg;
}

/* -- starting the command -------------------------------------------------------------------------------------------- */

static size_t count_texts(const char *const *texts)
{
    size_t n = 0;

    while (texts && texts[n])
        n++;
    return n;
}

static bool is_overridden(const char *entry, const char *const *extra)
{
    const size_t key_len = strcspn(entry, "=") + 1; /* with the '=' */

    for (size_t i = 0; extra && extra[i]; i++)
        if (strncmp(entry, extra[i], key_len) == 0)
            return true;
    return false;
}

/* Our environment with `extra` over it; pointers only, the texts stay where they are. */
static const char **merge_environment(const char *const *extra)
{
    const char *const *const ours = (const char *const *)environ;
    const char **const merged = calloc(count_texts(ours) + count_texts(extra) + 1, sizeof *merged);
    size_t n = 0;

    if (!merged)
        return NULL;
    for (size_t i = 0; ours && ours[i]; i++)
        if (!is_overridden(ours[i], extra))
            merged[n++] = ours[i];
    for (size_t i = 0; extra && extra[i]; i++)
        merged[n++] = extra[i];
    return merged;
}

/* exec*() takes pointers to non-const text that it never writes. */
static char *const *exec_texts(const char **texts)
{
    union {
        const char **from;
        char *const *to;
    } same = {.from = texts};

    return same.to;
}

/* In the child, with the parent's memory: nothing here may write to it but errno. */
static JB_NORETURN void become_command(const struct jb_supervise *supervise, char *const argv[],
                                       char *const envp[], int failure_handle)
{
    if (supervise->before_exec)
        supervise->before_exec(supervise->before_exec_arg);
    jb_supervise_restore_signals(supervise);
    (void)execvpe(argv[0], argv, envp);
    const int exec_errno = errno;
    /* Lost only if the parent is gone, and then nobody asks. */
    (void)!write(failure_handle, &exec_errno, sizeof exec_errno);
    _exit(exec_errno == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE);
}

/*
 * vfork, because a fork copies our page tables while the command waits: 0.3 ms more at 5 MiB. The signals taken are
 * blocked and nothing has a handler, so no code of ours runs in the child but become_command.
 */
static pid_t spawn(const struct jb_supervise *supervise, char *const argv[], char *const envp[],
                   int failure_handle)
{
    const pid_t pid = vfork(); /* NOLINT(clang-analyzer-security.insecureAPI.vfork) */

    if (pid == 0) {
        /* NOLINTNEXTLINE(clang-analyzer-unix.Vfork): it calls only what a signal handler may */
        become_command(supervise, argv, envp, failure_handle);
    }
    return pid;
}

/* The errno of a failed exec, 0 where the program runs: then the close-on-exec end closed without a word. */
static int read_exec_errno(int handle)
{
    int exec_errno = 0;
    ssize_t n;

    do
        n = read(handle, &exec_errno, sizeof exec_errno);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof exec_errno ? exec_errno : 0;
}

static jb_rc fail_exec(struct jb_supervise *supervise, int exec_errno, const char *name,
                       struct jb_error *err)
{
    const char *const hint =
        exec_errno == ENOENT ? "check the spelling and PATH; a script needs its interpreter"
                             : "check that the file may be executed and is a program or a script";

    supervise->failed_exit_code = exec_errno == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
    return jb_fail_errno(err, exec_errno, hint, "cannot run '%s'", name);
}

jb_rc jb_supervise_start(struct jb_supervise *supervise, char *const argv[],
                         const char *const extra_env[], pid_t *ret_pid, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) const char **envp = merge_environment(extra_env);
    int failure[2];

    supervise->failed_exit_code = EXIT_NO_PROCESS;
    if (!argv[0])
        return jb_fail(err, JB_E_USAGE, "name a program after --", "there is no command to run");
    if (!envp)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the environment of '%s'", argv[0]);
    if (pipe2(failure, O_CLOEXEC) < 0)
        return jb_fail_errno(err, errno, NULL, "cannot make a pipe to start '%s'", argv[0]);

    const pid_t pid = spawn(supervise, argv, exec_texts(envp), failure[1]);
    const int spawn_errno = errno;
    (void)close(failure[1]);
    const int exec_errno = pid < 0 ? 0 : read_exec_errno(failure[0]);
    (void)close(failure[0]);
    if (pid < 0)
        return jb_fail_errno(err, spawn_errno,
                             "see ulimit -u and the pids limit of the control group",
                             "cannot make a process for '%s'", argv[0]);
    if (exec_errno != 0) {
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
            continue;
        return fail_exec(supervise, exec_errno, argv[0], err);
    }
    supervise->pid = pid;
    supervise->has_started = true;
    *ret_pid = pid;
    return JB_OK;
}

/* -- while it runs --------------------------------------------------------------------------------------------------- */

int jb_supervise_fd(const struct jb_supervise *supervise)
{
    return supervise->signal_handle;
}

/* The parent of a process, or 0 where nobody can say any more. */
static pid_t parent_of(const struct jb_os *os, pid_t pid)
{
    struct jb_proc_stat stat;
    char path[64];
    char text[1024];

    (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    const ssize_t len = jb_os_read_text(os, path, text, sizeof text);
    if (len < 0 || jb_proc_stat_parse(text, (size_t)len, &stat) < 0)
        return 0;
    return stat.parent_pid;
}

/* R-RUN-03: what a process of the command sends here it sends to its whole group (kill 0), itself included. */
static bool is_of_the_command(const struct jb_supervise *supervise, pid_t sender)
{
    const struct jb_os os = jb_os_real("");

    for (unsigned i = 0; sender > 0 && i < ANCESTORS_MAX; i++) {
        if (sender == supervise->pid || sender == supervise->own_pid)
            return true;
        sender = parent_of(&os, sender);
    }
    return false;
}

/* Told of its stop already, or standing without our having been told. */
static bool stands_still(const struct jb_supervise *supervise)
{
    siginfo_t info = {.si_pid = 0};

    if (supervise->is_stopped)
        return true;
    const int rc = waitid(P_PID, (id_t)supervise->pid, &info, WSTOPPED | WNOHANG | WNOWAIT);
    return rc == 0 && info.si_pid == supervise->pid;
}

/*
 * R-RUN-03. The kernel sends a terminal's signals to the whole foreground group: the command has them. It sends to us
 * alone what belongs to this process and would have been the command's: the alarm set before exec, and the hang-up of
 * a terminal whose session we lead.
 */
static bool is_for_the_command(struct jb_supervise *supervise, const struct signalfd_siginfo *info)
{
    const int signo = (int)info->ssi_signo;

    if (info->ssi_code > SI_USER) {
        if (signo == SIGALRM)
            return true;
        return (signo == SIGHUP || signo == SIGCONT) && getsid(0) == supervise->own_pid;
    }
    if (signo == SIGCONT && !stands_still(supervise))
        return false; /* the shell continues the whole group */
    return !is_of_the_command(supervise, (pid_t)info->ssi_pid) &&
           !jb_witness_received(&supervise->witness, signo);
}

static void forward(const struct jb_supervise *supervise, const struct signalfd_siginfo *info)
{
    const int signo = (int)info->ssi_signo;
    const union sigval value = {.sival_ptr = (void *)(uintptr_t)info->ssi_ptr};

    /* The child is not yet waited for, so the pid is its own. Failure (a setuid command) is what the sender would
     * have met. */
    if (info->ssi_code == SI_QUEUE)
        (void)sigqueue(supervise->pid, signo, value);
    else
        (void)kill(supervise->pid, signo);
}

static void take_signal(struct jb_supervise *supervise, const struct signalfd_siginfo *info)
{
    const int signo = (int)info->ssi_signo;
    const bool asks_to_end =
        signo == SIGINT || signo == SIGTERM || signo == SIGHUP || signo == SIGQUIT;

    if (signo == SIGCHLD)
        supervise->has_children_news = true;
    else if (supervise->has_ended && asks_to_end)
        supervise->interrupt_signo = signo;
    else if (supervise->has_started && !supervise->has_ended && is_for_the_command(supervise, info))
        forward(supervise, info);
}

static jb_rc drain_signals(struct jb_supervise *supervise, struct jb_error *err)
{
    struct signalfd_siginfo infos[8];

    for (;;) {
        const ssize_t n = read(supervise->signal_handle, infos, sizeof infos);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return JB_OK;
        if (n < 0)
            return jb_fail_errno(err, errno, NULL, "cannot read signals");
        for (size_t i = 0; i < (size_t)n / sizeof infos[0]; i++)
            take_signal(supervise, &infos[i]);
    }
}

/* A helper's pid is free for anybody once it was waited for. */
static bool take_ignored(struct jb_supervise *supervise, pid_t pid)
{
    for (size_t i = 0; i < supervise->n_ignored; i++) {
        if (supervise->ignored[i] != pid)
            continue;
        supervise->ignored[i] = supervise->ignored[--supervise->n_ignored];
        return true;
    }
    return false;
}

static enum jb_supervise_kind end_of_child(struct jb_supervise *supervise, pid_t pid, int status)
{
    if (supervise->witness.pid != 0 && pid == supervise->witness.pid) {
        jb_witness_forget(&supervise->witness);
        return JB_SUPERVISE_HELPER;
    }
    if (supervise->has_started && !supervise->has_ended && pid == supervise->pid) {
        supervise->status = status;
        supervise->has_ended = true;
        supervise->is_stopped = false;
        return JB_SUPERVISE_EXITED;
    }
    return take_ignored(supervise, pid) ? JB_SUPERVISE_HELPER : JB_SUPERVISE_REAPED;
}

/* What wait4 said of a child; NONE where it is not worth telling. */
static enum jb_supervise_kind judge_child(struct jb_supervise *supervise, pid_t pid, int status)
{
    if (WIFEXITED(status) || WIFSIGNALED(status))
        return end_of_child(supervise, pid, status);
    if (!supervise->has_started || supervise->has_ended || pid != supervise->pid)
        return JB_SUPERVISE_NONE;
    if (WIFSTOPPED(status)) {
        supervise->is_stopped = true;
        supervise->stop_signo = WSTOPSIG(status);
        return JB_SUPERVISE_STOPPED;
    }
    supervise->is_stopped = false;
    return JB_SUPERVISE_CONTINUED;
}

/* One SIGCHLD may stand for many children: wait until there is nothing to tell. */
static void next_child_event(struct jb_supervise *supervise, struct jb_supervise_event *event)
{
    while (supervise->has_children_news) {
        int status;
        const pid_t pid = wait4(-1, &status, WNOHANG | WUNTRACED | WCONTINUED, &event->usage);

        if (pid < 0 && errno == EINTR)
            continue;
        if (pid <= 0) {
            supervise->has_children_news = false;
            return;
        }
        event->kind = judge_child(supervise, pid, status);
        if (event->kind == JB_SUPERVISE_NONE)
            continue;
        event->pid = pid;
        event->status = status;
        event->signo = event->kind == JB_SUPERVISE_STOPPED ? WSTOPSIG(status) : 0;
        return;
    }
}

jb_rc jb_supervise_handle(struct jb_supervise *supervise, struct jb_supervise_event *ret_event,
                          struct jb_error *err)
{
    struct jb_supervise_event event = {.kind = JB_SUPERVISE_NONE};
    const jb_rc rc = drain_signals(supervise, err);

    if (rc < 0)
        return rc;
    next_child_event(supervise, &event);
    if (event.kind == JB_SUPERVISE_NONE && supervise->interrupt_signo != 0) {
        event.kind = JB_SUPERVISE_INTERRUPT;
        event.signo = supervise->interrupt_signo;
        supervise->interrupt_signo = 0;
    }
    *ret_event = event;
    return JB_OK;
}

/* Sends ourselves `signo` with its default effect; returns when it had it, or when somebody continued us. */
static void suffer(int signo)
{
    const struct sigaction by_default = {.sa_handler = SIG_DFL};
    struct sigaction before;
    sigset_t only;
    sigset_t mask;

    (void)sigemptyset(&only);
    (void)sigaddset(&only, signo);
    const bool has_disposition = sigaction(signo, &by_default, &before) == 0;
    (void)sigprocmask(SIG_UNBLOCK, &only, &mask);
    (void)kill(getpid(), signo);
    (void)sigprocmask(SIG_SETMASK, &mask, NULL);
    if (has_disposition)
        (void)sigaction(signo, &before, NULL);
}

/* R-RUN-05 */
void jb_supervise_stop_like(struct jb_supervise *supervise)
{
    siginfo_t info = {.si_pid = 0};
    sigset_t pending;

    if (!supervise->is_stopped)
        return;
    suffer(supervise->stop_signo);
    /* No SIGCONT waits: the kernel did not stop us (a group that no shell looks after). The command stands alone then,
     * and a SIGCONT to us is passed on. */
    if (sigpending(&pending) < 0 || sigismember(&pending, SIGCONT) != 1)
        return;
    /* fg and bg continue the whole group; whoever continued us alone means the command too. */
    const int rc = waitid(P_PID, (id_t)supervise->pid, &info, WCONTINUED | WNOHANG | WNOWAIT);
    if (rc == 0 && info.si_pid == 0)
        (void)kill(supervise->pid, SIGCONT);
    supervise->is_stopped = false;
}

/* -- its end --------------------------------------------------------------------------------------------------------- */

int jb_supervise_exit_code(const struct jb_supervise *supervise)
{
    if (!supervise->has_started)
        return supervise->failed_exit_code != 0 ? supervise->failed_exit_code : EXIT_NO_PROCESS;
    if (!supervise->has_ended)
        return -1;
    return WIFSIGNALED(supervise->status) ? 128 + WTERMSIG(supervise->status)
                                          : WEXITSTATUS(supervise->status);
}

/* R-RUN-02 */
void jb_supervise_exit_like(struct jb_supervise *supervise)
{
    const int code = jb_supervise_exit_code(supervise);

    jb_witness_end(&supervise->witness);
    if (supervise->has_ended && WIFSIGNALED(supervise->status)) {
        const struct rlimit no_core = {.rlim_cur = 0, .rlim_max = 0};

        /* The limit alone does not hold back a core that is piped to a program. */
        (void)setrlimit(RLIMIT_CORE, &no_core);
        (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
        suffer(WTERMSIG(supervise->status));
        /* Still here: process 1 of a container does not die of signals. */
        _exit(code);
    }
    exit(code >= 0 ? code : EXIT_NO_PROCESS);
}
