/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Wall time of commands, one after the other in turns, so that whatever the machine does meanwhile meets all of them
 * alike. Prints the median, the tenth and the ninetieth of a hundred in microseconds, a line each. Uses nothing of the
 * project.
 *
 *   spawn ROUNDS NAME COMMAND... -- NAME COMMAND... -- ...
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COMMANDS_MAX 16
#define ROUNDS_MAX   2000

extern char **environ;

struct command {
    const char *name;
    char **argv;
    int64_t wall_ns[ROUNDS_MAX];
};

static int64_t now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

static void fail(const char *what)
{
    (void)fprintf(stderr, "spawn: %s\n", what);
    exit(2);
}

static int compare(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a;
    const int64_t y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static int64_t run_once(const posix_spawn_file_actions_t *actions, char **argv)
{
    int status;
    pid_t pid;
    const int64_t begin_ns = now_ns();

    if (posix_spawnp(&pid, argv[0], actions, NULL, argv, environ) != 0)
        fail("cannot start a command");
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            fail("cannot wait");
    const int64_t wall_ns = now_ns() - begin_ns;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail(argv[0]);
    return wall_ns;
}

static size_t take_commands(int argc, char **argv, struct command *commands)
{
    size_t n = 0;

    for (int i = 0; i + 1 < argc && n < COMMANDS_MAX; i++) {
        commands[n].name = argv[i];
        commands[n].argv = &argv[i + 1];
        while (i < argc && argv[i] && strcmp(argv[i], "--") != 0)
            i++;
        /* A command's own "--" is written as "---". */
        if (i < argc)
            argv[i] = NULL;
        for (char **word = commands[n].argv; *word; word++)
            if (strcmp(*word, "---") == 0)
                *word = *word + 1;
        n++;
    }
    return n;
}

int main(int argc, char **argv)
{
    struct command *const commands = calloc(COMMANDS_MAX, sizeof *commands);
    posix_spawn_file_actions_t actions;
    int rounds = 0;

    for (const char *at = argc > 1 ? argv[1] : ""; *at >= '0' && *at <= '9'; at++)
        rounds = rounds * 10 + (*at - '0');
    if (!commands || rounds < 1 || rounds > ROUNDS_MAX)
        fail("usage: spawn ROUNDS NAME COMMAND... -- NAME COMMAND...");
    const size_t n = take_commands(argc - 2, argv + 2, commands);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    /* Two rounds to warm up. */
    for (int round = -2; round < rounds; round++)
        for (size_t i = 0; i < n; i++) {
            const int64_t wall_ns = run_once(&actions, commands[i].argv);
            if (round >= 0)
                commands[i].wall_ns[round] = wall_ns;
        }
    for (size_t i = 0; i < n; i++) {
        qsort(commands[i].wall_ns, (size_t)rounds, sizeof commands[i].wall_ns[0], compare);
        printf("%s %" PRId64 " %" PRId64 " %" PRId64 "\n", commands[i].name,
               commands[i].wall_ns[rounds / 2] / 1000, commands[i].wall_ns[rounds / 10] / 1000,
               commands[i].wall_ns[rounds * 9 / 10] / 1000);
    }
    free(commands);
    return 0;
}
