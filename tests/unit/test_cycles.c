/* SPDX-License-Identifier: Apache-2.0 */
/*
 * subject/cycles: scripted kernels behind the table of the operating system, and the real system call with the clock of a
 * task (an event that every kernel has), which proves that counting begins at exec, goes into children, and ends with them.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/num.h"
#include "subject/cycles.h"
#include "subject/supervise.h"
#include "tap.h"

static void has(const char *text, const char *words, const char *name)
{
    if (!ok(strstr(text, words) != NULL, "%s", name))
        diag("got '%s'", text);
}

/* --- a scripted kernel -------------------------------------------------------------------------------------------- */

struct answer {
    int error;             /* of the event as a whole; 0 opens */
    int error_with_kernel; /* unless exclude_kernel is set */
    uint64_t words[3];
};

struct script {
    struct answer answers[JB_CYCLES_EVENTS][JB_CYCLES_KINDS_MAX];
    const char *kinds[JB_CYCLES_KINDS_MAX]; /* names of PMUs with a list of CPUs */
    uint64_t types[JB_CYCLES_KINDS_MAX];
    const char *paranoid; /* NULL: no such file */
    size_t n_open;
    bool is_attr_wrong;
    char file[64]; /* what open_read gave last */
};

static int event_of(uint64_t config)
{
    static const uint64_t known[] = {PERF_COUNT_HW_INSTRUCTIONS, PERF_COUNT_HW_CPU_CYCLES,
                                     PERF_COUNT_HW_REF_CPU_CYCLES};

    for (int i = 0; i < JB_CYCLES_EVENTS; i++)
        if (known[i] == (config & UINT32_MAX))
            return i;
    return -1;
}

static int scripted_perf(void *context, struct perf_event_attr *attr, pid_t pid, int cpu, int group,
                         unsigned long flags)
{
    struct script *const script = context;
    const int event = event_of(attr->config);
    size_t kind = 0;

    script->is_attr_wrong =
        script->is_attr_wrong || event < 0 || attr->type != PERF_TYPE_HARDWARE ||
        attr->size != sizeof *attr || !attr->inherit || !attr->enable_on_exec || !attr->disabled ||
        attr->read_format != (PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING) ||
        attr->sample_period != 0 || attr->exclude_kernel != attr->exclude_hv || pid != 0 ||
        cpu != -1 || group != -1 || flags != 0;
    if (event < 0)
        return -EINVAL;
    while (kind + 1 < JB_CYCLES_KINDS_MAX && script->types[kind] != attr->config >> 32)
        kind++;
    const struct answer *const answer = &script->answers[event][kind];
    if (answer->error)
        return -answer->error;
    if (answer->error_with_kernel && !attr->exclude_kernel)
        return -answer->error_with_kernel;
    const int handle = memfd_create("event", MFD_CLOEXEC);
    if (handle < 0 || write(handle, answer->words, sizeof answer->words) < 0)
        return -EIO;
    script->n_open++;
    return handle;
}

static int scripted_open(void *context, const char *path)
{
    struct script *const script = context;
    const char *text = NULL;
    char number[24];

    for (size_t i = 0; i < JB_CYCLES_KINDS_MAX && script->kinds[i]; i++) {
        char wanted[128];
        (void)snprintf(wanted, sizeof wanted, "/sys/bus/event_source/devices/%s/cpus",
                       script->kinds[i]);
        if (strcmp(path, wanted) == 0)
            text = "0-3\n";
        (void)snprintf(wanted, sizeof wanted, "/sys/bus/event_source/devices/%s/type",
                       script->kinds[i]);
        (void)snprintf(number, sizeof number, "%d\n", (int)script->types[i]);
        if (strcmp(path, wanted) == 0)
            text = number;
        if (text)
            break;
    }
    if (strcmp(path, "/proc/sys/kernel/perf_event_paranoid") == 0)
        text = script->paranoid;
    if (!text)
        return -ENOENT;
    const int handle = memfd_create("file", MFD_CLOEXEC);
    return handle >= 0 && write(handle, text, strlen(text)) > 0 ? handle : -EIO;
}

static ssize_t scripted_pread(void *context, int handle, void *buf, size_t size, int64_t offset)
{
    (void)context;
    const ssize_t n = pread(handle, buf, size, (off_t)offset);
    return n < 0 ? -errno : n;
}

static void scripted_close(void *context, int handle)
{
    (void)context;
    (void)close(handle);
}

static int scripted_list(void *context, const char *path, jb_os_name_fn fn, void *arg)
{
    const struct script *const script = context;

    if (strcmp(path, "/sys/bus/event_source/devices") != 0)
        return -ENOENT;
    if (fn(arg, "software") != 0 || fn(arg, "msr") != 0)
        return 0;
    for (size_t i = 0; i < JB_CYCLES_KINDS_MAX && script->kinds[i]; i++)
        if (fn(arg, script->kinds[i]) != 0)
            return 0;
    return 0;
}

static struct jb_os scripted_os(struct script *script)
{
    return (struct jb_os){.open_read = scripted_open,
                          .pread = scripted_pread,
                          .close = scripted_close,
                          .list = scripted_list,
                          .perf_event_open = scripted_perf,
                          .context = script};
}

/* As a run does it, in a child that shares nothing but the socket. */
static void count(struct script *script, struct jb_cycles *ret)
{
    const struct jb_os os = scripted_os(script);
    struct jb_cycles_watch watch;

    jb_cycles_watch_prepare(&watch, &os);
    const pid_t pid = fork();
    if (pid == 0) {
        jb_cycles_watch_open(&watch);
        _exit(script->is_attr_wrong ? 1 : 0);
    }
    int status = -1;
    (void)waitpid(pid, &status, 0);
    ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, "each event is asked for as it should be");
    jb_cycles_watch_take(&watch);
    jb_cycles_watch_read(&watch, ret);
    jb_cycles_watch_close(&watch);
}

static void all_open(struct script *script)
{
    *script = (struct script){.paranoid = "-1\n"};
    script->answers[JB_CYCLES_INSTRUCTIONS][0] = (struct answer){.words = {2300, 100, 100}};
    script->answers[JB_CYCLES_CYCLES][0] = (struct answer){.words = {1230, 100, 100}};
    script->answers[JB_CYCLES_REFERENCE][0] = (struct answer){.words = {900, 100, 75}};
}

static void test_script(void)
{
    struct script script;
    struct jb_cycles cycles;

    all_open(&script);
    count(&script, &cycles);
    is_i64(cycles.counts[JB_CYCLES_INSTRUCTIONS].best, 2300, "instructions as the kernel counted");
    is_i64(cycles.counts[JB_CYCLES_CYCLES].best, 1230, "cycles");
    is_i64(cycles.counts[JB_CYCLES_REFERENCE].best, 1200, "a shared counter is scaled");
    is_i64(cycles.counts[JB_CYCLES_REFERENCE].low, 900, "with its band");
    ok(!cycles.is_user_only, "the kernel's own part is in it");

    for (int i = 0; i < JB_CYCLES_EVENTS; i++)
        script.answers[i][0].error_with_kernel = EACCES;
    count(&script, &cycles);
    is_i64(cycles.counts[JB_CYCLES_CYCLES].best, 1230,
           "R-CYCLES-04: where the kernel's part is denied, the user's is counted");
    ok(cycles.is_user_only, "and said to be the user's alone");

    all_open(&script);
    script.answers[JB_CYCLES_REFERENCE][0] = (struct answer){.error = EINVAL};
    count(&script, &cycles);
    ok(cycles.counts[JB_CYCLES_CYCLES].is_known && !cycles.counts[JB_CYCLES_REFERENCE].is_known,
       "one counter that the processor has not leaves the others");
    all_open(&script);
    script.answers[JB_CYCLES_INSTRUCTIONS][0] = (struct answer){.error = EBUSY};
    count(&script, &cycles);
    is_i64(cycles.counts[JB_CYCLES_CYCLES].best, 1230, "also where it is the first of them");
    has(cycles.counts[JB_CYCLES_INSTRUCTIONS].why_not, "for itself", "and says why");

    all_open(&script);
    script.answers[JB_CYCLES_CYCLES][0] = (struct answer){.words = {0, 100, 0}};
    count(&script, &cycles);
    has(cycles.counts[JB_CYCLES_CYCLES].why_not, "never on the processor",
        "a counter that was never scheduled is named");
    all_open(&script);
    script.answers[JB_CYCLES_CYCLES][0] = (struct answer){.words = {UINT64_MAX, 100, 100}};
    count(&script, &cycles);
    ok(!cycles.counts[JB_CYCLES_CYCLES].is_known, "beyond 63 bits there is no count");
}

static void test_denied(void)
{
    static const struct {
        int error;
        const char *paranoid, *words;
    } rows[] = {
        {ENOENT, "2\n", "virtual machine"}, {EACCES, "3\n", "perf_event_paranoid is 3: `sysctl"},
        {EACCES, "1\n", "security module"}, {EACCES, NULL, "does not allow"},
        {EPERM, "2\n", "seccomp"},          {ENOSYS, "2\n", "no perf events"},
        {EMFILE, "2\n", "ulimit -n"},       {EIO, "2\n", "could not be read"},
    };

    for (size_t i = 0; i < JB_ARRAY_LEN(rows); i++) {
        struct script script = {.paranoid = rows[i].paranoid};
        struct jb_cycles cycles;
        for (int event = 0; event < JB_CYCLES_EVENTS; event++)
            script.answers[event][0].error = rows[i].error;
        count(&script, &cycles);
        ok(jb_cycles_is_absent(&cycles), "R-CYCLES-02: errno %d gives no count", rows[i].error);
        has(cycles.counts[JB_CYCLES_CYCLES].why_not, rows[i].words, "and its reason");
        const struct jb_os os = scripted_os(&script);
        jb_cycles_probe(&os, &cycles);
        has(cycles.counts[JB_CYCLES_CYCLES].why_not, rows[i].words,
            "which is told before a run as well");
    }
}

/* R-CYCLES-05: 300 on the large cores and 200 on the small ones, half the time each: 500, and no scaling. */
static void test_kinds(void)
{
    struct script script = {.kinds = {"cpu_core", "cpu_atom"}, .types = {4, 10}, .paranoid = "2\n"};
    struct jb_cycles cycles;

    for (int event = 0; event < JB_CYCLES_EVENTS; event++) {
        script.answers[event][0] = (struct answer){.words = {300, 100, 50}};
        script.answers[event][1] = (struct answer){.words = {200, 100, 50}};
    }
    count(&script, &cycles);
    is_i64(cycles.counts[JB_CYCLES_CYCLES].best, 500, "kinds of core add up");
    is_i64(cycles.counts[JB_CYCLES_CYCLES].high, 500,
           "and waiting for the other kind is not sharing a counter");
    for (int event = 0; event < JB_CYCLES_EVENTS; event++)
        script.answers[event][1] = (struct answer){.words = {100, 100, 30}};
    count(&script, &cycles);
    is_i64(cycles.counts[JB_CYCLES_CYCLES].best, 500, "what both missed is scaled: 400 x 100 / 80");
    script.answers[JB_CYCLES_CYCLES][1] = (struct answer){.error = ENOENT};
    count(&script, &cycles);
    ok(!cycles.counts[JB_CYCLES_CYCLES].is_known, "half of the cores is no count");
}

static void test_no_room(void)
{
    struct script script;
    const struct jb_os os = scripted_os(&script);
    struct jb_cycles_watch watch;
    struct jb_cycles cycles;
    struct rlimit limit, none;

    all_open(&script);
    (void)getrlimit(RLIMIT_NOFILE, &limit);
    none = limit;
    none.rlim_cur = 0;
    (void)setrlimit(RLIMIT_NOFILE, &none);
    jb_cycles_watch_prepare(&watch, &os);
    jb_cycles_watch_open(&watch);
    jb_cycles_watch_take(&watch);
    jb_cycles_watch_read(&watch, &cycles);
    jb_cycles_watch_close(&watch);
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    has(cycles.counts[JB_CYCLES_CYCLES].why_not, "no descriptor", "no room for a socket is told");
    /* The socket opens, the child opens the events, and this process cannot take them. */
    jb_cycles_watch_prepare(&watch, &os);
    jb_cycles_watch_open(&watch);
    (void)setrlimit(RLIMIT_NOFILE, &none);
    jb_cycles_watch_take(&watch);
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    jb_cycles_watch_read(&watch, &cycles);
    jb_cycles_watch_close(&watch);
    has(cycles.counts[JB_CYCLES_CYCLES].why_not, "no descriptor", "nor for the counters");
}

/* --- the real call ------------------------------------------------------------------------------------------------- */

static int clock_of_task(void *context, struct perf_event_attr *attr, pid_t pid, int cpu, int group,
                         unsigned long flags)
{
    (void)context;
    attr->type = PERF_TYPE_SOFTWARE;
    attr->config = PERF_COUNT_SW_TASK_CLOCK;
    const long handle =
        syscall(SYS_perf_event_open, attr, pid, cpu, group, flags | PERF_FLAG_FD_CLOEXEC);
    return handle < 0 ? -errno : (int)handle;
}

static int64_t cpu_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static void burn(int64_t ns)
{
    const int64_t until_ns = cpu_ns() + ns;

    while (cpu_ns() < until_ns)
        ;
}

#define BURN_NS INT64_C(60000000)

/* The command: burns, and has a child that burns as much, which it waits for or leaves behind. */
static int command(bool leaves_one)
{
    int burnt[2];
    char byte = 0;

    if (pipe(burnt) < 0)
        return 1;
    const pid_t pid = fork();
    burn(BURN_NS);
    if (pid == 0) {
        (void)!write(burnt[1], &byte, 1);
        if (leaves_one)
            (void)pause();
        _exit(0);
    }
    if (read(burnt[0], &byte, 1) != 1)
        return 1;
    return leaves_one || waitpid(pid, NULL, 0) == pid ? 0 : 1;
}

/* It fell to this process, which is its reaper now. */
static void end_those_left(void)
{
    char path[64], text[256] = "";
    int64_t pid;

    (void)snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    const struct jb_os os = jb_os_real("");
    const ssize_t len = jb_os_read_text(&os, path, text, sizeof text);
    if (len > 0 && jb_parse_i64(text, strcspn(text, " "), true, &pid) == JB_OK) {
        (void)kill((pid_t)pid, SIGKILL);
        (void)waitpid((pid_t)pid, NULL, 0);
    }
}

static void test_real(const char *word)
{
    char self[] = "/proc/self/exe", argument[16];
    char *const argv[] = {self, argument, NULL};
    struct jb_supervise *supervise = NULL;
    struct jb_supervise_event event = {.kind = JB_SUPERVISE_NONE};
    struct jb_os os = jb_os_real("");
    struct jb_cycles_watch watch;
    struct jb_cycles cycles;
    struct jb_error err;
    pid_t pid;

    (void)snprintf(argument, sizeof argument, "%s", word);
    os.perf_event_open = clock_of_task;
    if (jb_supervise_prepare(&supervise, &err) < 0) {
        ok(false, "a supervisor");
        return;
    }
    jb_cycles_watch_prepare(&watch, &os);
    jb_supervise_before_exec(supervise, jb_cycles_watch_open, &watch);
    is_i64(jb_supervise_start(supervise, argv, NULL, &pid, &err), JB_OK, "the command runs");
    jb_cycles_watch_take(&watch);
    /* Not its own: must not be counted. */
    burn(4 * BURN_NS);
    while (event.kind != JB_SUPERVISE_EXITED) {
        struct pollfd news = {.fd = jb_supervise_fd(supervise), .events = POLLIN};
        (void)poll(&news, 1, -1);
        do
            if (jb_supervise_handle(supervise, &event, &err) < 0)
                break;
        while (event.kind != JB_SUPERVISE_NONE && event.kind != JB_SUPERVISE_EXITED);
    }
    jb_cycles_watch_read(&watch, &cycles);
    end_those_left();
    const struct jb_cycles_count *const counted = &cycles.counts[JB_CYCLES_CYCLES];
    if (!counted->is_known) {
        ok(true, "# SKIP this kernel gives no perf events: %s", counted->why_not);
    } else {
        diag("%s: %" PRId64 " ns of %" PRId64 " asked for", word, counted->best, 2 * BURN_NS);
        ok(counted->best >= 2 * BURN_NS, "the command's and its child's time are counted (%s)",
           word);
        ok(counted->best < 4 * BURN_NS, "and not this process's beside it");
        is_i64(counted->enabled_ns >= counted->running_ns, 1, "with the times of the counter");
    }
    jb_cycles_watch_close(&watch);
    jb_supervise_free(supervise);
}

static void test_failed_exec(void)
{
    char name[] = "/no/such/program";
    char *const argv[] = {name, NULL};
    struct jb_supervise *supervise = NULL;
    struct jb_os os = jb_os_real("");
    struct jb_cycles_watch watch;
    struct jb_cycles cycles;
    struct jb_error err;
    pid_t pid;

    if (jb_supervise_prepare(&supervise, &err) < 0)
        return;
    os.perf_event_open = clock_of_task;
    jb_cycles_watch_prepare(&watch, &os);
    jb_supervise_before_exec(supervise, jb_cycles_watch_open, &watch);
    ok(jb_supervise_start(supervise, argv, NULL, &pid, &err) < 0 &&
           jb_supervise_exit_code(supervise) == 127,
       "a command that is not there ends with 127 as ever");
    jb_cycles_watch_read(&watch, &cycles);
    ok(jb_cycles_is_absent(&cycles), "and has no counts");
    jb_cycles_watch_close(&watch);
    jb_supervise_free(supervise);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return command(strcmp(argv[1], "leave") == 0);
    test_script();
    test_denied();
    test_kinds();
    test_no_room();
    test_real("wait");
    test_real("leave");
    test_failed_exec();
    return done_testing();
}
