/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The processes apart: the keeper, which starts readers, sees their ends and starts them again when it is asked to, and
 * the reader, which turns asks into answers for as long as its driver lets it. Neither touches anything of the process
 * they came from but the shared pages. Rules R-READER-01 to R-READER-04.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/num.h"
#include "sensor/reader_int.h"

/* How long the keeper stays for those it killed; less than it is given itself (KEEPER_END_NS). */
#define BURY_NS (15 * JB_NS_PER_MS)

void reader__sleep_while(_Atomic uint32_t *word, uint32_t value, int64_t timeout_ns)
{
    const struct timespec timeout = {.tv_sec = timeout_ns / JB_NS_PER_S,
                                     .tv_nsec = timeout_ns % JB_NS_PER_S};

    (void)syscall(SYS_futex, word, FUTEX_WAIT, value, timeout_ns < 0 ? NULL : &timeout, NULL, 0);
}

void reader__wake(_Atomic uint32_t *word)
{
    (void)syscall(SYS_futex, word, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}

static void tell_news(struct reader_shared *shared)
{
    atomic_fetch_add(&shared->news, 1);
    reader__wake(&shared->news);
}

static int64_t ns_of_usage(const struct rusage *usage)
{
    const int64_t s = (int64_t)usage->ru_utime.tv_sec + usage->ru_stime.tv_sec;
    const int64_t us = (int64_t)usage->ru_utime.tv_usec + usage->ru_stime.tv_usec;

    return jb_add_sat_i64(jb_muldiv_sat_i64(s, JB_NS_PER_S, 1, JB_ROUND_FLOOR), us * JB_NS_PER_US);
}

/* Its own, and of the commands it waited for. */
static int64_t own_cpu_ns(void)
{
    struct rusage self = {0};
    struct rusage children = {0};

    (void)getrusage(RUSAGE_SELF, &self);
    (void)getrusage(RUSAGE_CHILDREN, &children);
    return ns_of_usage(&self) + ns_of_usage(&children);
}

/* -- the reader ------------------------------------------------------------------------------------------------------- */

static int64_t shared_mono_ns(void *context)
{
    return atomic_load(&((struct reader_shared *)context)->mono_ns);
}

static int64_t shared_boot_ns(void *context)
{
    return atomic_load(&((struct reader_shared *)context)->boot_ns);
}

static int64_t shared_utc_us(void *context)
{
    return atomic_load(&((struct reader_shared *)context)->utc_us);
}

static void set_name(const struct reader_task *task)
{
    char name[16];

    (void)snprintf(name, sizeof name, "jb-%s",
                   task->meter ? task->meter->name : task->driver->name);
    (void)prctl(PR_SET_NAME, name, 0, 0, 0);
}

/* As a program expects to find itself. A peer that hangs up is an error of a write, not the end of the reader. */
static void reset_signals(void)
{
    const struct sigaction by_default = {.sa_handler = SIG_DFL};
    const struct sigaction ignored = {.sa_handler = SIG_IGN};
    sigset_t none;

    for (int signo = 1; signo < NSIG; signo++)
        (void)sigaction(signo, signo == SIGPIPE ? &ignored : &by_default, NULL);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* A library that crashes leaves no core in the user's folder. A limit of 1 also holds back those piped to a program. */
static void forbid_cores(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_CORE, &limit) < 0)
        return;
    limit.rlim_cur = limit.rlim_max < 1 ? limit.rlim_max : 1;
    (void)setrlimit(RLIMIT_CORE, &limit);
}

static void publish(struct reader_page *page, const struct jb_sensor_set *set)
{
    size_t n = set ? jb_sensor_n_channels(set) : 0;

    page->n_channels = (uint32_t)n;
    for (size_t i = 0; i < n; i++) {
        page->channels[i] = *jb_sensor_channel(set, i);
        page->has_use[i] = sensor__has_use(set, i);
    }
    n = set ? jb_sensor_n_refusals(set) : 0;
    n = n < READER_REFUSALS_MAX ? n : READER_REFUSALS_MAX;
    page->n_refusals = (uint32_t)n;
    for (size_t i = 0; i < n; i++)
        page->refusals[i] = *jb_sensor_refusal(set, i);
}

/* R-READER-01: what a driver fails in is said of it, and stops no other. */
static void publish_failure(struct reader_page *page, const struct reader_task *task,
                            const struct jb_error *err)
{
    struct jb_sensor_refusal *const refusal = &page->refusals[0];

    publish(page, NULL);
    page->n_refusals = 1;
    (void)snprintf(refusal->driver, sizeof refusal->driver, "%s", task->driver->name);
    (void)snprintf(refusal->what, sizeof refusal->what, "%s%s%s", task->driver->name,
                   task->meter ? "/" : "", task->meter ? task->meter->name : "");
    (void)snprintf(refusal->reason, sizeof refusal->reason, "%s", err->message);
    (void)snprintf(refusal->step, sizeof refusal->step, "%s", err->hint);
}

/* Who uses a board is asked of the driver less often than its energy: where nothing is new, what it said `before` (NULL for
 * the first answer) stands. */
static void answer(struct reader_answer *to, const struct reader_answer *before,
                   struct jb_sensor_set *set)
{
    const size_t n = jb_sensor_n_channels(set);

    for (size_t i = 0; i < n; i++) {
        struct jb_reading reading = {0};
        to->values[i].rc = jb_sensor_read(set, i, &reading);
        to->values[i].mono_ns = reading.mono_ns;
        to->values[i].raw = reading.raw;
        if (!sensor__has_use(set, i))
            continue;
        struct reader_use *const use = &to->uses[i];
        size_t n_uses = 0;
        use->rc = jb_sensor_board_use(set, i, &use->board, use->uses, READER_USES_MAX, &n_uses);
        use->n_uses = (uint32_t)(use->rc == JB_OK ? n_uses : 0);
        if (use->rc == JB_E_AGAIN && before && before != to)
            *use = before->uses[i];
    }
}

static JB_NORETURN void answer_asks(struct reader_shared *shared, struct reader_page *page,
                                    struct jb_sensor_set *set)
{
    const struct reader_answer *before = NULL;

    for (;;) {
        const uint32_t ask = atomic_load(&page->ask);

        if (ask == atomic_load(&page->answer)) {
            reader__sleep_while(&page->ask, ask, -1);
            continue;
        }
        struct reader_answer *const to = &page->answers[ask % 2];
        const int64_t begin_ns = jb_mono_ns(&jb_clock_system);
        if (atomic_exchange(&page->must_reprobe, 0) != 0)
            (void)jb_sensor_reprobe(set);
        answer(to, before, set);
        before = to;
        to->took_ns = jb_mono_ns(&jb_clock_system) - begin_ns;
        atomic_store(&page->cpu_ns, own_cpu_ns());
        atomic_store(&page->answer, ask);
        tell_news(shared);
    }
}

static JB_NORETURN void read_apart(const struct reader_plan *plan, size_t i, uint32_t life,
                                   pid_t keeper)
{
    const struct jb_clock shared_clock = {.mono_ns = shared_mono_ns,
                                          .boot_ns = shared_boot_ns,
                                          .utc_us = shared_utc_us,
                                          .context = plan->shared};
    const struct reader_task *const task = &plan->tasks[i];
    struct reader_page *const page = &plan->shared->pages[i];
    struct jb_sensor_env env = plan->env;
    struct jb_sensor_set *set = NULL;
    struct jb_error err = {0};

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (getppid() != keeper)
        _exit(0);
    (void)setpgid(0, 0);
    set_name(task);
    reset_signals();
    forbid_cores();
    if (!plan->is_system_clock)
        env.clock = &shared_clock;
    /* Large, but of it only what is written takes memory. */
    struct jb_meters *const meters = task->meter ? calloc(1, sizeof *meters) : NULL;
    if (meters) {
        meters->n_meters = 1;
        meters->meters[0] = *task->meter;
        env.meters = meters;
    }
    if (task->meter && !meters)
        err.code = jb_fail(&err, JB_E_NOMEM, NULL, "no memory to ask '%s'", task->meter->name);
    else
        page->probe_rc = sensor__probe_one(&env, task->driver, &set, &err);
    if (set)
        publish(page, set);
    else
        publish_failure(page, task, &err);
    atomic_store(&page->life_probed, life);
    tell_news(plan->shared);
    if (!set || jb_sensor_n_channels(set) == 0)
        _exit(0);
    answer_asks(plan->shared, page, set);
}

/* -- the keeper ------------------------------------------------------------------------------------------------------- */

struct kept {
    pid_t pid; /* 0: none */
    uint32_t life;
};

/* Nothing that the recorder holds (a lock, the end of a pipe) may outlive it by way of us. */
static void let_go_of_files(void)
{
    closefrom(0); /* also where close_range(2) is not, or is kept back by a container */
    for (int i = 0; i < 3; i++)
        (void)open("/dev/null", O_RDWR);
}

/*
 * The commands that a reader started are leaders of groups of their own. They die with the reader; what they started in
 * turn does not.
 */
static void end_commands(pid_t reader)
{
    char path[64];
    char text[512];
    pid_t pid = 0;

    (void)snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)reader, (int)reader);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    const ssize_t n = read(fd, text, sizeof text);
    (void)close(fd);
    /* "12 345 ": a number that is cut off at the end has no blank after it. */
    for (ssize_t i = 0; i < n; i++) {
        if (text[i] >= '0' && text[i] <= '9' && pid < INT32_MAX / 10) {
            pid = pid * 10 + (text[i] - '0');
            continue;
        }
        if (pid > 1)
            (void)kill(-pid, SIGKILL);
        pid = 0;
    }
}

static void end_reader(const struct kept *kept)
{
    if (kept->pid == 0)
        return;
    end_commands(kept->pid);
    (void)kill(-kept->pid, SIGKILL); /* with the commands it started */
    (void)kill(kept->pid, SIGKILL);
}

/* An orphan of a reader: with what is left of its group, while its number is its own. */
static void bury_orphan(pid_t pid)
{
    (void)kill(-pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);
}

static void note_end(const struct reader_plan *plan, struct kept *kept, size_t i)
{
    struct reader_page *const page = &plan->shared->pages[i];
    struct rusage usage = {0};
    int status = 0;

    /* What it left behind in its group; while it is not waited for, the number is its own. */
    end_reader(&kept[i]);
    (void)wait4(kept[i].pid, &status, 0, &usage);
    atomic_store(&page->cpu_ns, 0);
    atomic_fetch_add(&page->cpu_ended_ns, ns_of_usage(&usage));
    atomic_store(&page->status, status);
    atomic_store(&page->life_ended, kept[i].life);
    kept[i].pid = 0;
    tell_news(plan->shared);
}

static void note_ends(const struct reader_plan *plan, struct kept *kept)
{
    siginfo_t info = {.si_pid = 0};

    while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid > 0) {
        size_t i = 0;
        while (i < plan->n && kept[i].pid != info.si_pid)
            i++;
        if (i < plan->n)
            note_end(plan, kept, i);
        else
            bury_orphan(info.si_pid);
        info.si_pid = 0;
    }
}

static void start_reader(const struct reader_plan *plan, struct kept *kept, size_t i, uint32_t life)
{
    struct reader_page *const page = &plan->shared->pages[i];
    const pid_t keeper = getpid();
    const pid_t pid = fork();

    if (pid == 0)
        read_apart(plan, i, life, keeper);
    kept[i].life = life;
    kept[i].pid = pid < 0 ? 0 : pid;
    if (pid > 0) {
        (void)setpgid(pid, pid); /* whoever of the two comes first */
        return;
    }
    atomic_store(&page->status, 0);
    atomic_store(&page->life_ended, life);
    tell_news(plan->shared);
}

/* R-READER-04: never two processes of one meter, however long the first takes to die. */
static void look_after(const struct reader_plan *plan, struct kept *kept)
{
    for (size_t i = 0; i < plan->n; i++) {
        struct reader_page *const page = &plan->shared->pages[i];
        const uint32_t wanted = atomic_load(&page->life_wanted);
        const uint32_t unwanted = atomic_load(&page->life_unwanted);

        if (kept[i].pid != 0 && kept[i].life <= unwanted)
            end_reader(&kept[i]);
        else if (kept[i].pid == 0 && wanted > unwanted && wanted > atomic_load(&page->life_ended))
            start_reader(plan, kept, i, wanted);
    }
}

/* Ends all readers and buries them. One that cannot die (it waits inside the kernel) is left to whoever gets orphans. */
static JB_NORETURN void end_all(const struct reader_plan *plan, struct kept *kept,
                                const sigset_t *all)
{
    const int64_t until_ns = jb_mono_ns(&jb_clock_system) + BURY_NS;
    const struct timespec patience = {.tv_nsec = BURY_NS};

    for (size_t i = 0; i < plan->n; i++)
        end_reader(&kept[i]);
    for (;;) {
        siginfo_t info = {.si_pid = 0};
        if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 ||
            jb_mono_ns(&jb_clock_system) >= until_ns)
            _exit(0);
        if (info.si_pid > 0)
            bury_orphan(info.si_pid);
        else
            (void)sigtimedwait(all, NULL, &patience);
    }
}

JB_NORETURN void reader__keep(const struct reader_plan *plan)
{
    const struct sigaction by_default = {.sa_handler = SIG_DFL};
    struct kept kept[READERS_MAX] = {{0}};
    sigset_t all;

    (void)sigfillset(&all);                      /* blocked since the fork */
    (void)sigaction(SIGCHLD, &by_default, NULL); /* ignored, it would hide the ends */
    (void)prctl(PR_SET_NAME, "jb-keeper", 0, 0, 0);
    /* Not SIGKILL: what the readers started is to be ended too. */
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
    if (getppid() != plan->parent)
        _exit(0);
    /* Signals of the terminal and to the whole group are the command's; orphans of a reader are ours to bury. */
    (void)setsid();
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    let_go_of_files();
    for (;;) {
        note_ends(plan, kept);
        look_after(plan, kept);
        if (sigwaitinfo(&all, NULL) == SIGTERM)
            end_all(plan, kept, &all);
    }
}
