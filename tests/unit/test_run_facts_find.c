/* SPDX-License-Identifier: Apache-2.0 */
/* What a process tells about its run, and what it does not. R-PRIVACY-01, R-PRIVACY-02. */
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/compiler.h"
#include "cli/run_facts.h"
#include "tap.h"

#define ID     "0192f0c1-2b3c-7d4e-8f50-617283940a1b"
#define COMMIT "0123456789abcdef0123456789abcdef01234567"

static char root[PATH_MAX] = "/tmp/jb-find-XXXXXX";
static struct jb_run run;
static char *const command[] = {(char[]){"train"}, (char[]){"--token"}, (char[]){"abc"}, NULL};

/* Facts with nothing but these variables set; `stated` is the group of an option. */
static void find_with(const char *const *variables, const char *stated)
{
    (void)clearenv();
    for (size_t i = 0; variables && variables[i]; i += 2)
        (void)setenv(variables[i], variables[i + 1], 1);
    memset(&run, 0, sizeof run);
    (void)snprintf(run.group, sizeof run.group, "%s", stated);
    jb_run_facts_find(&run, command, &jb_clock_system);
}

#define FIND(...) find_with((const char *const[]){__VA_ARGS__, NULL}, "")

static void test_plain(void)
{
    char want[64];

    find_with(NULL, "");
    is_str(run.command, "train --token ***", "the command, without its secrets");
    is_str(run.directory, root, "the folder");
    is_str(run.git_commit, COMMIT, "the commit");
    (void)snprintf(want, sizeof want, "uid %lld", (long long)getuid());
    is_str(run.user, want, "a user without a name is a number");
    is_str(run.environment, "{}", "no variables");
    ok(!run.group[0] && !run.rank[0] && !run.parent_id[0], "no group, rank or parent");
    FIND("HOME", "/tmp", "USER", "ada\x1B", "LOGNAME", "bob");
    is_str(run.user, "ada?", "the user's name, clean");
    ok(run.directory[0] == '~' && strcmp(run.directory + 1, root + 4) == 0,
       "the home folder is not shown");
    FIND("HOME", "/tm", "LOGNAME", "bob");
    is_str(run.directory, root, "a folder that begins alike is not the home folder");
    is_str(run.user, "bob", "another variable for the name");
}

static void test_long_folder(void)
{
    char path[PATH_MAX + 256] = "";
    char back[PATH_MAX];

    (void)snprintf(back, sizeof back, "%s", root);
    for (int i = 0; i < 6; i++) {
        (void)snprintf(path, sizeof path, "%060d-\xC3\xA4", i);
        if (mkdir(path, 0700) < 0 || chdir(path) < 0)
            bail_out("cannot go there");
    }
    find_with(NULL, "");
    ok(strlen(run.directory) < sizeof run.directory && strlen(run.directory) > 240 &&
           strncmp(run.directory, "...", 3) == 0 &&
           strcmp(run.directory + strlen(run.directory) - 4, "5-\xC3\xA4") == 0,
       "of a long path the end is kept");
    is_str(run.git_commit, COMMIT, "and the repository above is found");
    if (chdir(back) < 0)
        bail_out("cannot go back");
}

static void test_environment(void)
{
    FIND("RANK", "3", "CUDA_VISIBLE_DEVICES", "0,1", "PATH", "/bin", "HF_TOKEN", "abc",
         "VIRTUAL_ENV", "/srv/envs/torch2", "SLURM_JOB_PARTITION", "hf_QwErTyUiOpAsDfGhJkLzXcVb",
         "OMP_NUM_THREADS", "", "CONDA_DEFAULT_ENV", "a\"b");
    is_str(run.environment,
           "{\"CONDA_DEFAULT_ENV\":\"a\\\"b\",\"CUDA_VISIBLE_DEVICES\":\"0,1\",\"RANK\":\"3\","
           "\"SLURM_JOB_PARTITION\":\"***\",\"VIRTUAL_ENV\":\"torch2\"}",
           "only variables of the list, sorted, redacted, an environment by its name alone");

    char big[400];
    memset(big, 'x', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    FIND("CONDA_DEFAULT_ENV", big, "CUDA_VISIBLE_DEVICES", big, "GROUP_RANK", big,
         "HIP_VISIBLE_DEVICES", big, "LOCAL_RANK", big, "LOCAL_WORLD_SIZE", big, "MKL_NUM_THREADS",
         big, "OMP_NUM_THREADS", big, "RANK", big, "ROCR_VISIBLE_DEVICES", big, "SLURM_JOB_ID", big,
         "SLURM_NNODES", big, "WORLD_SIZE", big, "ZE_AFFINITY_MASK", big);
    const size_t len = strlen(run.environment);
    ok(len > 1800 && run.environment[0] == '{' && run.environment[len - 1] == '}' &&
           !strstr(run.environment, "ZE_AFFINITY_MASK"),
       "more than fits is left out from the end, and it is still JSON");
}

static void is_group(const char *group, const char *rank, const char *promise)
{
    const bool right = strcmp(run.group, group) == 0 && strcmp(run.rank, rank) == 0;

    if (!ok(right, "%s", promise))
        diag("got '%s' rank '%s', want '%s' rank '%s'", run.group, run.rank, group, rank);
}

static void test_groups(void)
{
    FIND("TORCHELASTIC_RUN_ID", "job7", "RANK", "5", "WORLD_SIZE", "8");
    is_group("job7", "5", "torchrun with an id");
    FIND("TORCHELASTIC_RUN_ID", "none", "RANK", "5", "WORLD_SIZE", "8");
    is_group("", "5", "torchrun without one names no group");
    FIND("RANK", "0", "WORLD_SIZE", "1");
    is_group("", "", "one process alone has no rank");
    FIND("SLURM_JOB_ID", "123", "SLURM_STEP_ID", "0", "SLURM_STEP_NUM_TASKS", "4", "SLURM_NTASKS",
         "8", "SLURM_PROCID", "2");
    is_group("slurm-123.0", "2", "a step of Slurm with several tasks");
    FIND("SLURM_JOB_ID", "123", "SLURM_NNODES", "2", "SLURM_PROCID", "0");
    is_group("slurm-123", "0", "a job of Slurm on several nodes");
    FIND("SLURM_JOB_ID", "123", "SLURM_STEP_ID", "0", "SLURM_STEP_NUM_TASKS", "1", "SLURM_NTASKS",
         "8", "SLURM_PROCID", "0");
    is_group("", "0", "a step of one task is no group");
    FIND("SLURM_JOB_ID", "123", "SLURM_NTASKS", "1", "SLURM_NNODES", "1", "SLURM_PROCID", "0");
    is_group("", "", "a job of one task is none either");
    FIND("PMIX_NAMESPACE", "prterun-n1-77@1", "OMPI_COMM_WORLD_SIZE", "4", "OMPI_COMM_WORLD_RANK",
         "3", "PMIX_RANK", "3");
    is_group("mpi-prterun-n1-77@1", "3", "Open MPI by PMIx");
    FIND("OMPI_MCA_ess_base_jobid", "991", "OMPI_COMM_WORLD_SIZE", "4", "OMPI_COMM_WORLD_RANK",
         "1");
    is_group("mpi-991", "1", "Open MPI before it");
    FIND("PMI_RANK", "2", "PMI_SIZE", "4");
    is_group("", "2", "MPICH tells a rank and no job");
    FIND("TORCHELASTIC_RUN_ID", "job7", "RANK", "5", "WORLD_SIZE", "8", "SLURM_JOB_ID", "123",
         "SLURM_NTASKS", "2", "SLURM_PROCID", "1");
    is_group("job7", "5", "torchrun within Slurm is the inner one, with its rank");
    find_with((const char *const[]){"SLURM_JOB_ID", "123", "SLURM_NTASKS", "2", "SLURM_PROCID", "1",
                                    NULL},
              "mine");
    is_group("mine", "1", "a stated group wins, the rank is found");
    FIND("TORCHELASTIC_RUN_ID", "job7", "RANK", "not-a-number");
    is_group("job7", "", "a rank that is no number is none");
}

static void test_parent(void)
{
    FIND("JOULEBOOK_RUN", ID);
    is_str(run.parent_id, ID, "the run around is the parent");
    FIND("JOULEBOOK_RUN", "0192F0C1-2b3c-7d4e-8f50-617283940a1b");
    is_str(run.parent_id, "", "what is not written as we write it is none");
    FIND("JOULEBOOK_RUN", ID "0");
    is_str(run.parent_id, "", "nor a longer text");
    FIND("JOULEBOOK_RUN", "0192f0c1-2b3c-7d4e-8f50-617283940a1/");
    is_str(run.parent_id, "", "nor another character");
}

static void test_process(void)
{
    char here[PATH_MAX];
    int ready[2];

    if (pipe(ready) < 0 || !getcwd(here, sizeof here))
        bail_out("no pipe");
    (void)clearenv();
    const pid_t pid = fork();
    if (pid < 0)
        bail_out("no process");
    if (pid == 0) {
        char *const argv[] = {(char[]){"sh"}, (char[]){"-c"},
                              (char[]){"echo; read x; : --password=abc"}, NULL};
        char *const variables[] = {(char[]){"RANK=4"}, (char[]){"TORCHELASTIC_RUN_ID=job8"},
                                   (char[]){"USER=eve"}, (char[]){"JOULEBOOK_RUN=" ID}, NULL};
        (void)dup2(ready[1], STDOUT_FILENO);
        int never[2];
        if (pipe(never) == 0)
            (void)dup2(never[0], STDIN_FILENO);
        (void)execve("/bin/sh", argv, variables);
        _exit(127);
    }
    char c;
    if (read(ready[0], &c, 1) != 1)
        bail_out("the process does not start");
    memset(&run, 0, sizeof run);
    run.pid = pid;
    jb_run_facts_find(&run, NULL, &jb_clock_system);
    is_str(run.command, "sh -c 'echo; read x; : --password=***'", "the command of another process");
    is_str(run.directory, here, "its folder");
    is_str(run.git_commit, COMMIT, "its commit");
    is_str(run.user, "eve", "its user");
    is_str(run.environment, "{\"RANK\":\"4\",\"TORCHELASTIC_RUN_ID\":\"job8\"}", "its variables");
    is_group("job8", "4", "its group and rank");
    is_str(run.parent_id, ID, "its parent");
    (void)kill(pid, SIGKILL);
    (void)waitpid(pid, NULL, 0);

    memset(&run, 0, sizeof run);
    run.pid = pid;
    jb_run_facts_find(&run, NULL, &jb_clock_system);
    ok(!run.command[0] && !run.directory[0] && !run.user[0],
       "of a process that has gone nothing is known");
    memset(&run, 0, sizeof run);
    jb_run_facts_find(&run, NULL, &jb_clock_system);
    ok(!run.command[0] && !run.directory[0], "and of none nothing");
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

int main(void)
{
    char real[PATH_MAX];

    if (!mkdtemp(root) || !realpath(root, real) || chdir(real) < 0 || mkdir(".git", 0700) < 0)
        bail_out("cannot make a folder");
    (void)snprintf(root, sizeof root, "%s", real);
    FILE *const head = fopen(".git/HEAD", "we");
    if (!head || fputs(COMMIT "\n", head) < 0 || fclose(head) != 0)
        bail_out("cannot write");
    test_plain();
    test_long_folder();
    test_environment();
    test_groups();
    test_parent();
    test_process();
    (void)nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return done_testing();
}
