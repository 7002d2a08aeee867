/* SPDX-License-Identifier: Apache-2.0 */
/*
 * subject/tree and subject/supervise together on real processes: daemons, short-lived children, children that nobody
 * waits for, threads. The truth is what each process says of its own CPU clock before it ends.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "subject/supervise.h"
#include "subject/tree.h"
#include "tap.h"

#define MS             JB_NS_PER_MS
#define SCAN_PERIOD_MS 20

/* Shared by all processes of a test: what they used, by their own clocks. */
struct truth {
    _Atomic int64_t used_ns;
    _Atomic int n_ended;
    _Atomic int n_scans;
    _Atomic int goes_on; /* a process that waits for it ends when it is set */
};

static struct truth *new_truth(void)
{
    void *const page =
        mmap(NULL, sizeof(struct truth), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (page == MAP_FAILED)
        bail_out("no shared page");
    return page;
}

static int64_t own_cpu_ns(void)
{
    struct timespec time;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (int64_t)time.tv_sec * JB_NS_PER_S + time.tv_nsec;
}

static int64_t thread_cpu_ns(void)
{
    struct timespec time;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (int64_t)time.tv_sec * JB_NS_PER_S + time.tv_nsec;
}

static void burn_ms(int64_t burnt_ms)
{
    const int64_t until_ns = thread_cpu_ns() + burnt_ms * MS;

    while (thread_cpu_ns() < until_ns)
        continue;
}

static void nap_ms(long nap)
{
    const struct timespec time = {.tv_sec = nap / 1000, .tv_nsec = nap % 1000 * 1000000};

    (void)nanosleep(&time, NULL);
}

static JB_NORETURN void end_with_truth(struct truth *truth)
{
    atomic_fetch_add(&truth->used_ns, own_cpu_ns());
    atomic_fetch_add(&truth->n_ended, 1);
    _exit(0);
}

typedef void (*work_fn)(struct truth *truth);

/* -- what the commands do -------------------------------------------------------------------------------------------- */

static void work_alone(struct truth *truth JB_UNUSED)
{
    burn_ms(150);
}

static void work_brief_children(struct truth *truth)
{
    for (int i = 0; i < 200; i++) {
        const pid_t pid = fork();
        if (pid == 0) {
            burn_ms(1);
            end_with_truth(truth);
        }
        (void)waitpid(pid, NULL, 0);
    }
}

/* Fork twice, so that the grandchild falls to the reaper; it outlives the command. */
static void work_daemons(struct truth *truth)
{
    for (int i = 0; i < 5; i++) {
        const pid_t middle = fork();
        if (middle == 0) {
            if (fork() == 0) {
                (void)setsid();
                burn_ms(20);
                while (!atomic_load(&truth->goes_on))
                    nap_ms(5);
                burn_ms(20);
                end_with_truth(truth);
            }
            burn_ms(2);
            end_with_truth(truth);
        }
        (void)waitpid(middle, NULL, 0);
    }
}

/* Until the tree was read from its beginning to its end. */
static void let_be_seen(struct truth *truth)
{
    const int n_scans = atomic_load(&truth->n_scans);

    while (atomic_load(&truth->n_scans) < n_scans + 3)
        nap_ms(5);
}

/* Children that the kernel drops; they stay until they were seen, and do nothing after. */
static void work_unwaited(struct truth *truth)
{
    (void)signal(SIGCHLD, SIG_IGN);
    for (int i = 0; i < 4; i++) {
        if (fork() == 0) {
            burn_ms(40);
            let_be_seen(truth);
            end_with_truth(truth);
        }
    }
    while (atomic_load(&truth->n_ended) < 4)
        nap_ms(5);
    let_be_seen(truth);
}

static void *burn_in_thread(void *arg JB_UNUSED)
{
    burn_ms(60);
    return NULL;
}

static void work_threads(struct truth *truth JB_UNUSED)
{
    pthread_t threads[3];

    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 3; i++)
            if (pthread_create(&threads[i], NULL, burn_in_thread, NULL) != 0)
                _exit(1);
        for (int i = 0; i < 3; i++)
            (void)pthread_join(threads[i], NULL);
    }
}

/* -- a run ----------------------------------------------------------------------------------------------------------- */

struct outcome {
    int64_t cpu_ns;
    int64_t truth_ns; /* what the processes say of themselves */
    int64_t
        waited_ns; /* what the kernel says of the root and of orphans, and of all they had waited for */
    bool fell;
    size_t n_left; /* alive when the command had ended */
    size_t most_live;
};

/* Forked, not executed: the truth comes through a page that a fork shares. */
static pid_t start(work_fn work, struct truth *truth)
{
    const pid_t pid = fork();

    if (pid == 0) {
        work(truth);
        end_with_truth(truth);
    }
    return pid;
}

static void watch(struct outcome *outcome, const struct jb_tree *tree)
{
    const int64_t cpu_ns = jb_tree_cpu_ns(tree);

    outcome->fell = outcome->fell || cpu_ns < outcome->cpu_ns;
    outcome->cpu_ns = cpu_ns;
    if (jb_tree_n_live(tree) > outcome->most_live)
        outcome->most_live = jb_tree_n_live(tree);
}

/* Reaps as the supervisor does, one at a time, and tells the tree; without WNOHANG until nobody is left. True once the
 * root has ended. */
static bool reap_all(struct jb_tree *tree, pid_t root, int options, struct outcome *outcome)
{
    struct rusage usage;
    bool has_ended = false;
    pid_t pid;

    while ((pid = wait4(-1, NULL, options, &usage)) > 0) {
        jb_tree_reaped(tree, pid, &usage);
        outcome->waited_ns += (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * JB_NS_PER_S +
                              (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * JB_NS_PER_US;
        has_ended = has_ended || pid == root;
    }
    return has_ended;
}

static struct outcome run(work_fn work)
{
    struct truth *const truth = new_truth();
    const struct jb_os os = jb_os_real("");
    JB_AUTO(jb_supervise_free_auto) struct jb_supervise *supervise = NULL;
    JB_AUTO(jb_tree_free_auto) struct jb_tree *tree = NULL;
    struct outcome outcome = {.fell = false};
    struct jb_error err;

    if (jb_supervise_prepare(&supervise, &err) < 0)
        bail_out("%s", err.message);
    const pid_t root = start(work, truth);
    if (jb_tree_new(&os, root, getpid(), &tree, &err) < 0)
        bail_out("%s", err.message);
    while (!reap_all(tree, root, WNOHANG, &outcome)) {
        nap_ms(SCAN_PERIOD_MS);
        if (jb_tree_scan(tree, &err) < 0)
            bail_out("%s", err.message);
        atomic_fetch_add(&truth->n_scans, 1);
        watch(&outcome, tree);
    }
    if (jb_tree_scan(tree, &err) < 0)
        bail_out("%s", err.message);
    watch(&outcome, tree);
    outcome.n_left = jb_tree_n_live(tree);
    atomic_store(&truth->goes_on, 1);
    (void)reap_all(tree, root, 0, &outcome);
    watch(&outcome, tree);
    outcome.truth_ns = atomic_load(&truth->used_ns);
    (void)munmap(truth, sizeof *truth);
    return outcome;
}

/*
 * The kernel's figure is exact where everybody is waited for: what it lacks then is the fraction of a microsecond that
 * a rusage leaves out, twice for each process that fell to us.
 */
static void judge(const char *what, const struct outcome *outcome)
{
    const int64_t rounding_ns = 20 * JB_NS_PER_US;

    ok(!outcome->fell, "%s: it never falls", what);
    ok(outcome->cpu_ns >= outcome->truth_ns - rounding_ns,
       "%s: nothing that a process used is missing", what);
    ok(outcome->cpu_ns >= outcome->waited_ns && outcome->cpu_ns <= outcome->waited_ns + rounding_ns,
       "%s: nothing is counted twice", what);
    diag("counted %" PRId64 " us, waited for %" PRId64 " us, the processes say %" PRId64 " us",
         outcome->cpu_ns / 1000, outcome->waited_ns / 1000, outcome->truth_ns / 1000);
}

/* A process cannot count its own exit: some tenths of a millisecond each, more under a sanitizer. */
static void judge_unwaited(const struct outcome *outcome)
{
    ok(!outcome->fell, "children that nobody waits for: it never falls");
    ok(outcome->cpu_ns >= outcome->truth_ns - 5 * MS, "what they were seen to use is not missing");
    ok(outcome->cpu_ns <= outcome->truth_ns + 30 * MS, "nothing is counted twice");
    ok(outcome->waited_ns < outcome->truth_ns / 2, "though the kernel tells nobody of it");
}

enum { MEMORY_BYTES = 16 * 1024 * 1024 };

static void test_attached(void)
{
    static unsigned char own_memory[MEMORY_BYTES];
    struct truth *const truth = new_truth();
    const struct jb_os os = jb_os_real("");
    JB_AUTO(jb_tree_free_auto) struct jb_tree *tree = NULL;
    struct jb_error err;
    const pid_t root = fork();

    if (root == 0) {
        memset(own_memory, 1, sizeof own_memory);
        burn_ms(100);
        atomic_store(&truth->n_ended, 1);
        while (!atomic_load(&truth->goes_on))
            nap_ms(5);
        work_brief_children(truth);
        atomic_store(&truth->goes_on, 2);
        (void)pause();
    }
    while (atomic_load(&truth->n_ended) == 0)
        nap_ms(5);
    ok(jb_tree_new(&os, root, 0, &tree, &err) == JB_OK, "attached to a process that runs");
    is_i64(jb_tree_cpu_ns(tree), 0, "what it had used does not count");
    /* The kernel lags by some pages for each CPU; a sanitizer needs several bytes for each. */
    const int64_t resident_bytes = jb_tree_resident_bytes(tree);
    ok(resident_bytes > MEMORY_BYTES * 3 / 4 && resident_bytes < MEMORY_BYTES * INT64_C(16),
       "its memory does");
    atomic_store(&truth->goes_on, 1);
    while (atomic_load(&truth->goes_on) == 1) {
        nap_ms(SCAN_PERIOD_MS);
        if (jb_tree_scan(tree, &err) < 0)
            bail_out("%s", err.message);
    }
    if (jb_tree_scan(tree, &err) < 0)
        bail_out("%s", err.message);
    ok(jb_tree_cpu_ns(tree) >= atomic_load(&truth->used_ns) - 20 * MS,
       "children that came and went between scans count through their parent, to two ticks");
    diag("counted %" PRId64 " us, the children say %" PRId64 " us", jb_tree_cpu_ns(tree) / 1000,
         atomic_load(&truth->used_ns) / 1000);
    (void)kill(root, SIGKILL);
    (void)waitpid(root, NULL, 0);
    (void)munmap(truth, sizeof *truth);
}

static void test_process_clock(void)
{
    const struct jb_os os = jb_os_real("");
    const struct jb_os rooted = jb_os_real("/tmp");
    int64_t cpu_ns = -1;

    const int64_t before_ns = own_cpu_ns();
    ok(os.process_cpu_ns(os.context, getpid(), &cpu_ns) == 0,
       "the system tells a process's CPU time");
    ok(cpu_ns >= before_ns && cpu_ns <= own_cpu_ns(), "to the nanosecond");
    is_i64(rooted.process_cpu_ns(rooted.context, getpid(), &cpu_ns), -ENOSYS,
           "but not for a recorded tree");
    const pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    (void)waitpid(pid, NULL, 0);
    ok(os.process_cpu_ns(os.context, pid, &cpu_ns) < 0, "nor of one that is gone");
}

int main(void)
{
    struct outcome outcome;

    outcome = run(work_alone);
    judge("one process", &outcome);
    outcome = run(work_brief_children);
    judge("200 children of a millisecond", &outcome);
    outcome = run(work_daemons);
    judge("five daemons that outlive the command", &outcome);
    is_i64((int64_t)outcome.n_left, 5, "five are left when the command has ended");
    outcome = run(work_unwaited);
    judge_unwaited(&outcome);
    outcome = run(work_threads);
    judge("threads that come and go", &outcome);
    is_i64((int64_t)outcome.most_live, 1, "a thread is not a process");
    test_attached();
    test_process_clock();
    return done_testing();
}
