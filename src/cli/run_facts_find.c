/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a process tells about a run without being asked twice: its command, folder, commit, user and a few of its
 * variables (R-PRIVACY-01, R-PRIVACY-02). Must never fail, start a process, or ask a name service.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "base/clean.h"
#include "cli/git_commit.h"
#include "cli/redact.h"
#include "cli/run_facts.h"

#define PROC_MAX_BYTES ((size_t)256 * 1024)
#define PROC_TEXTS_MAX 4096
#define VALUE_MAX      160 /* of a variable; longer ones are cut */

/* R-PRIVACY-02: the only variables that are kept. */
static const char *const kept[] = {
    "CONDA_DEFAULT_ENV",
    "CUDA_DEVICE_ORDER",
    "CUDA_VISIBLE_DEVICES",
    "GPU_DEVICE_ORDINAL",
    "GROUP_RANK",
    "HIP_VISIBLE_DEVICES",
    "LOCAL_RANK",
    "LOCAL_WORLD_SIZE",
    "MKL_NUM_THREADS",
    "NVIDIA_VISIBLE_DEVICES",
    "OMPI_COMM_WORLD_RANK",
    "OMPI_COMM_WORLD_SIZE",
    "OMP_NUM_THREADS",
    "PMIX_RANK",
    "PMI_RANK",
    "RANK",
    "ROCR_VISIBLE_DEVICES",
    "SLURM_JOB_GPUS",
    "SLURM_JOB_ID",
    "SLURM_JOB_NUM_NODES",
    "SLURM_JOB_PARTITION",
    "SLURM_NNODES",
    "SLURM_PROCID",
    "SLURM_STEP_GPUS",
    "SLURM_STEP_ID",
    "TORCHELASTIC_RUN_ID",
    "VIRTUAL_ENV",
    "WORLD_SIZE",
    "ZE_AFFINITY_MASK",
};

/* The value of a variable in a NULL-ended list of NAME=VALUE; NULL if it is not there or empty. */
static const char *value_of(char *const *environment, const char *name)
{
    const size_t len = strlen(name);

    for (; environment && *environment; environment++)
        if (strncmp(*environment, name, len) == 0 && (*environment)[len] == '=')
            return (*environment)[len + 1] ? *environment + len + 1 : NULL;
    return NULL;
}

/* --- another process ---------------------------------------------------------------------------------------------- */

/* A file of zero-ended texts as a NULL-ended list, in one allocation; NULL if it cannot be read. */
static char **read_texts(int64_t pid, const char *name)
{
    char path[64];
    size_t len = 0;
    size_t n_texts = 0;
    const size_t head = (PROC_TEXTS_MAX + 1) * sizeof(char *);

    (void)snprintf(path, sizeof path, "/proc/%" PRId64 "/%s", pid, name);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    char **const list = malloc(head + PROC_MAX_BYTES + 1);
    char *const bytes = (char *)list + head;
    while (list && len < PROC_MAX_BYTES) {
        const ssize_t n = read(fd, bytes + len, PROC_MAX_BYTES - len);
        if (n <= 0)
            break;
        len += (size_t)n;
    }
    (void)close(fd);
    if (!list)
        return NULL;
    bytes[len] = '\0';
    for (size_t at = 0; at < len && n_texts < PROC_TEXTS_MAX; at += strlen(bytes + at) + 1)
        list[n_texts++] = bytes + at;
    list[n_texts] = NULL;
    return list;
}

/* --- group and rank ----------------------------------------------------------------------------------------------- */

static bool is_more_than_one(const char *text)
{
    return text && strspn(text, "0123456789") == strlen(text) && strlen(text) < 10 &&
           strcmp(text, "0") != 0 && strcmp(text, "1") != 0;
}

static void torchrun_group(char *const *environment, char *buf, size_t size)
{
    const char *const id = value_of(environment, "TORCHELASTIC_RUN_ID");

    /* "none" is torchrun's default and says nothing about which training it is. */
    if (id && strcmp(id, "none") != 0)
        jb_clean_copy(id, buf, size);
}

static void slurm_group(char *const *environment, char *buf, size_t size)
{
    static const char *const counts[] = {"SLURM_STEP_NUM_TASKS", "SLURM_NTASKS",
                                         "SLURM_JOB_NUM_NODES", "SLURM_NNODES"};
    const char *const job = value_of(environment, "SLURM_JOB_ID");
    const char *const step = value_of(environment, "SLURM_STEP_ID");
    const char *n_tasks = NULL;
    char text[128];

    for (size_t i = 0; !n_tasks && i < JB_ARRAY_LEN(counts); i++)
        n_tasks = value_of(environment, counts[i]);
    if (!job || !is_more_than_one(n_tasks))
        return;
    (void)snprintf(text, sizeof text, "slurm-%.48s%s%.48s", job, step ? "." : "", step ? step : "");
    jb_clean_copy(text, buf, size);
}

static void mpi_group(char *const *environment, char *buf, size_t size)
{
    const char *id = value_of(environment, "PMIX_NAMESPACE");
    char text[JB_RUN_TEXT];

    id = id ? id : value_of(environment, "OMPI_MCA_ess_base_jobid");
    if (!id || (!is_more_than_one(value_of(environment, "OMPI_COMM_WORLD_SIZE")) &&
                !is_more_than_one(value_of(environment, "PMI_SIZE"))))
        return;
    (void)snprintf(text, sizeof text, "mpi-%.200s", id);
    jb_clean_copy(text, buf, size);
}

/* Whoever starts the ranks of a training, in the order they are asked: the inner one first. */
static const struct {
    void (*group)(char *const *environment, char *buf, size_t size);
    const char *rank;
    const char *n_ranks;
} launchers[] = {
    {torchrun_group, "RANK", "WORLD_SIZE"},
    {slurm_group, "SLURM_PROCID", "SLURM_NTASKS"},
    {mpi_group, "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"},
    {mpi_group, "PMIX_RANK", "OMPI_COMM_WORLD_SIZE"},
    {mpi_group, "PMI_RANK", "PMI_SIZE"},
};

static bool is_rank(const char *text)
{
    return text && strspn(text, "0123456789") == strlen(text) &&
           strlen(text) < sizeof((struct jb_run *)0)->rank;
}

static void find_group(char *const *environment, struct jb_run *run)
{
    const bool is_stated = run->group[0] != '\0';

    for (size_t i = 0; i < JB_ARRAY_LEN(launchers); i++) {
        const char *const rank = value_of(environment, launchers[i].rank);
        if (!run->group[0])
            launchers[i].group(environment, run->group, sizeof run->group);
        if (run->rank[0]) {
            if (run->group[0])
                return;
            continue;
        }
        /* The rank and the group of one launcher; with a stated group, of the first that has ranks at all. */
        const bool belongs = is_stated || run->group[0] ||
                             is_more_than_one(value_of(environment, launchers[i].n_ranks));
        if (belongs && is_rank(rank))
            (void)snprintf(run->rank, sizeof run->rank, "%s", rank);
        if (run->rank[0] && run->group[0])
            return;
    }
}

/* --- the rest ----------------------------------------------------------------------------------------------------- */

static void find_environment(char *const *environment, struct jb_run *run)
{
    json_t *const object = json_object();
    char value[VALUE_MAX];

    for (size_t i = 0; object && i < JB_ARRAY_LEN(kept); i++) {
        const char *text = value_of(environment, kept[i]);
        if (!text)
            continue;
        /* Where it lies is nobody's business. */
        const char *const slash = strcmp(kept[i], "VIRTUAL_ENV") == 0 ? strrchr(text, '/') : NULL;
        jb_redact_value(slash && slash[1] ? slash + 1 : text, value, sizeof value);
        (void)json_object_set_new(object, kept[i], json_string(value));
    }
    for (size_t i = JB_ARRAY_LEN(kept); object; i--) {
        JB_AUTO(jb_free_auto) char *text = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);
        if (text && strlen(text) < sizeof run->environment) {
            (void)snprintf(run->environment, sizeof run->environment, "%s", text);
            break;
        }
        if (i == 0)
            break;
        (void)json_object_del(object, kept[i - 1]);
    }
    json_decref(object);
}

/* The folder with the home as ~; of a long path its end says more than its beginning. */
static void find_directory(const char *path, struct jb_run *run)
{
    const char *const home = getenv("HOME");
    const size_t len = home ? strlen(home) : 0;
    const size_t most = sizeof run->directory - 4;
    char text[PATH_MAX + 4];

    if (len > 1 && strncmp(path, home, len) == 0 && (path[len] == '/' || path[len] == '\0'))
        (void)snprintf(text, sizeof text, "~%s", path + len);
    else
        (void)snprintf(text, sizeof text, "%s", path);
    const size_t n = strlen(text);
    const char *from = n > most ? text + n - most : text;
    while (((unsigned char)*from & 0xC0) == 0x80)
        from++;
    char cut[PATH_MAX + 8];
    (void)snprintf(cut, sizeof cut, "%s%s", from == text ? "" : "...", from);
    jb_clean_copy(cut, run->directory, sizeof run->directory);
}

static void find_user(char *const *environment, uid_t uid, struct jb_run *run)
{
    const char *name = value_of(environment, "USER");

    name = name ? name : value_of(environment, "LOGNAME");
    if (name)
        jb_clean_copy(name, run->user, sizeof run->user);
    else
        (void)snprintf(run->user, sizeof run->user, "uid %lld", (long long)uid);
}

static bool is_run_id(const char *text)
{
    if (!text || strlen(text) != JB_RUN_ID - 1)
        return false;
    for (size_t i = 0; i < JB_RUN_ID - 1; i++) {
        const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (is_dash ? text[i] != '-' : !strchr("0123456789abcdef", text[i]))
            return false;
    }
    return true;
}

static void find_from(char *const *argv, char *const *environment, const char *directory,
                      const struct jb_clock *clock, struct jb_run *run)
{
    char commit[JB_GIT_COMMIT];
    const char *const parent = value_of(environment, "JOULEBOOK_RUN");

    if (argv)
        jb_redact_command(argv, run->command, sizeof run->command);
    if (directory) {
        find_directory(directory, run);
        if (jb_git_commit_find(directory, clock, commit))
            (void)snprintf(run->git_commit, sizeof run->git_commit, "%s", commit);
    }
    find_group(environment, run);
    find_environment(environment, run);
    if (is_run_id(parent))
        (void)snprintf(run->parent_id, sizeof run->parent_id, "%s", parent);
}

static void find_of_process(struct jb_run *run, const struct jb_clock *clock)
{
    JB_AUTO(jb_free_auto) char **argv = read_texts(run->pid, "cmdline");
    JB_AUTO(jb_free_auto) char **variables = read_texts(run->pid, "environ");
    char path[64];
    char directory[PATH_MAX];
    struct stat st;

    (void)snprintf(path, sizeof path, "/proc/%" PRId64 "/cwd", run->pid);
    const ssize_t n = readlink(path, directory, sizeof directory - 1);
    directory[n > 0 ? n : 0] = '\0';
    find_from(argv, variables, n > 0 ? directory : NULL, clock, run);
    (void)snprintf(path, sizeof path, "/proc/%" PRId64, run->pid);
    if (stat(path, &st) == 0)
        find_user(st.st_uid == getuid() ? variables : NULL, st.st_uid, run);
}

void jb_run_facts_find(struct jb_run *run, char *const *argv, const struct jb_clock *clock)
{
    char directory[PATH_MAX];

    if (!argv) {
        if (run->pid > 0)
            find_of_process(run, clock);
        return;
    }
    find_from(argv, environ, getcwd(directory, sizeof directory), clock, run);
    find_user(environ, getuid(), run);
}
