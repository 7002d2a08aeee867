/* SPDX-License-Identifier: Apache-2.0 */
/* A load brought to levels: it runs as much of the time as it is told, ends when it should, and leaves nobody behind. */
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/num.h"
#include "subject/staircase.h"
#include "tap.h"

#define LEVELS 8

struct seen {
    size_t n;
    int64_t levels_ppm[LEVELS];
};

static void see_level(void *arg, size_t level, int64_t level_ppm)
{
    struct seen *const seen = arg;

    seen->levels_ppm[level] = level_ppm;
    seen->n = level + 1;
}

/* CPU time of ended children. */
static int64_t children_ns(void)
{
    struct rusage usage;

    getrusage(RUSAGE_CHILDREN, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * JB_NS_PER_S +
           (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * JB_NS_PER_US;
}

static bool has_children(void)
{
    return !(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
}

static void levels_are_kept(void)
{
    static char sh[] = "/bin/sh", c[] = "-c", text[] = "while :; do :; done";
    static char *const busy[] = {sh, c, text, NULL};
    struct seen seen = {0};
    struct jb_staircase staircase = {.n_levels = 2,
                                     .levels_ppm = {0, 500000},
                                     .step_ns = 400 * JB_NS_PER_MS,
                                     .argv = busy,
                                     .on_level = see_level,
                                     .arg = &seen};
    const int64_t before_ns = children_ns();

    is_i64(jb_staircase_climb(&staircase, NULL), JB_OK, "two levels");
    ok(seen.n == 2 && seen.levels_ppm[0] == 0 && seen.levels_ppm[1] == 500000,
       "each level is announced (R-CAL-10)");
    const int64_t used_ns = children_ns() - before_ns;
    /* A busy machine gives it less; never more than the half it was let run, and the end. */
    ok(used_ns > 0 && used_ns < 330 * JB_NS_PER_MS,
       "half of 400 ms lets it run for about 200 ms: %lld ms", (long long)(used_ns / JB_NS_PER_MS));
    ok(!has_children(), "nobody is left behind");
}

static void an_ended_command_is_started_again(void)
{
    static char sleep_word[] = "sleep", time_word[] = "0.05";
    static char *const brief[] = {sleep_word, time_word, NULL};
    static char false_word[] = "false";
    static char *const failing[] = {false_word, NULL};
    struct jb_staircase staircase = {
        .n_levels = 1, .levels_ppm = {1000000}, .step_ns = 450 * JB_NS_PER_MS, .argv = brief};
    struct jb_error err = {0};

    is_i64(jb_staircase_climb(&staircase, &err), JB_OK,
           "a short command is started again and again");
    staircase.argv = failing;
    staircase.step_ns = 20 * JB_NS_PER_S;
    is_i64(jb_staircase_climb(&staircase, &err), JB_E_INPUT, "one that fails at once is no load");
    ok(strstr(err.message, "false") != NULL, "and the error names it: %s", err.message);
    ok(!has_children(), "nobody is left behind by it");
}

/* Ends a climb of `argv` by a signal after 300 ms; its exit status, 7 where it said so and left nobody. */
static int end_by(int signo, char *const *argv)
{
    struct jb_staircase staircase = {
        .n_levels = 1, .levels_ppm = {500000}, .step_ns = 60 * JB_NS_PER_S, .argv = argv};
    const pid_t pid = fork();

    if (pid == 0) {
        (void)setpgid(0, 0);
        _exit(jb_staircase_climb(&staircase, NULL) == JB_E_AGAIN && !has_children() ? 7 : 8);
    }
    const struct timespec pause = {.tv_nsec = 300 * JB_NS_PER_MS};
    int status = 0;
    nanosleep(&pause, NULL);
    (void)kill(pid, signo);
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -signo;
}

static void it_can_be_ended_early(void)
{
    static char sh[] = "/bin/sh", c[] = "-c", text[] = "sleep 60 & wait";
    static char *const parent[] = {sh, c, text, NULL};

    is_i64(end_by(SIGTERM, NULL), 7, "SIGTERM ends the load of every CPU at once, and it says so");
    is_i64(end_by(SIGHUP, parent), 7, "so does a terminal that closes");
    is_i64(end_by(SIGQUIT, parent), 7, "and SIGQUIT, which would leave a stopped group behind");
}

/* Each of the load's own processes, killed from outside (the kernel's, for want of memory) as soon as it is there. */
static void its_own_load_may_be_killed(void)
{
    struct jb_staircase staircase = {
        .n_levels = 1, .levels_ppm = {1000000}, .step_ns = 20 * JB_NS_PER_S};
    const pid_t pid = fork();
    char path[64];
    int status = 0;

    if (pid == 0) {
        (void)setpgid(0, 0);
        _exit(jb_staircase_climb(&staircase, NULL) == JB_E_INPUT ? 7 : 8);
    }
    (void)snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)pid, (int)pid);
    const struct timespec pause = {.tv_nsec = 5 * JB_NS_PER_MS};
    for (int i = 0; i < 2000 && waitpid(pid, &status, WNOHANG) == 0; i++) {
        FILE *const file = fopen(path, "re");
        char text[4096] = "";
        int64_t child;
        if (file && !fgets(text, sizeof text, file))
            text[0] = '\0';
        if (file)
            (void)fclose(file);
        for (const char *at = text; *at; at += strcspn(at, " ") + (strchr(at, ' ') != NULL))
            if (jb_parse_i64(at, strcspn(at, " \n"), false, &child) == JB_OK)
                (void)kill((pid_t)child, SIGKILL);
        nanosleep(&pause, NULL);
    }
    ok(WIFEXITED(status) && WEXITSTATUS(status) == 7,
       "its own load, killed again and again, is an error that names no command: status %d",
       status);
}

int main(void)
{
    levels_are_kept();
    an_ended_command_is_started_again();
    it_can_be_ended_early();
    its_own_load_may_be_killed();
    return done_testing();
}
