/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Variables to boards, case by case as the makers' documents have it: rule R-USE-05. Four NVIDIA boards of one kind, two AMD, two
 * Intel; a letter each in the expected text: seen and named N, seen s, not seen '-'.
 */
#include "subject/visible.h"

#include <unistd.h>

#include "tap.h"

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

enum { PLAIN, MIXED, SLICED, ONE };

static struct jb_channel channels[16];
static size_t n;

static void add(const char *driver, int32_t board, const char *uuid, const char *label,
                int32_t slices)
{
    channels[n] = (struct jb_channel){.board = board, .slices = slices, .scope = JB_SCOPE_GPU};
    (void)snprintf(channels[n].id, sizeof channels[n].id, "gpu/%s-%d", driver, board);
    (void)snprintf(channels[n].driver, sizeof channels[n].driver, "%s", driver);
    (void)snprintf(channels[n].uuid, sizeof channels[n].uuid, "%s", uuid);
    (void)snprintf(channels[n].label, sizeof channels[n].label, "%s", label);
    n++;
}

static void machine(int kind)
{
    static const char *const uuids[] = {
        "GPU-8f9e2f5c-0001-aaaa-bbbb-000000000001", "GPU-8f9e2f5c-0002-aaaa-bbbb-000000000002",
        "GPU-11112222-0003-aaaa-bbbb-000000000003", "GPU-44445555-0004-aaaa-bbbb-000000000004"};

    n = 0;
    for (int32_t i = 0; i < (kind == ONE ? 1 : 4); i++)
        add("nvml", i + 1, uuids[i], kind == MIXED && i == 2 ? "NVIDIA T400" : "NVIDIA A100",
            kind == SLICED && i < 2 ? 7 : 0);
}

static void amd(void)
{
    n = 0;
    for (int32_t i = 0; i < 4; i++) {
        char uuid[48];
        (void)snprintf(uuid, sizeof uuid, "GPU-%016x", 0x1000 + i);
        add("rocm-smi", i + 1, uuid, "MI250X", 0);
    }
}

static void intel(void)
{
    n = 0;
    for (int32_t i = 0; i < 2; i++) {
        add("hwmon", i + 1, "", "GPU", 0);
        (void)snprintf(channels[n - 1].correlation, sizeof channels[0].correlation, "hwmon:xe");
    }
}

static struct jb_visible visible;

/* `texts` with blanks for newlines. */
static const char *seen(const char *texts)
{
    static char text[32];
    char lines[1024];

    (void)snprintf(lines, sizeof lines, "%s\n", texts);
    for (char *at = lines; *at; at++)
        *at = *at == '|' ? '\n' : *at;
    jb_visible_resolve(texts[0] ? lines : "", channels, n, &visible);
    for (size_t i = 0; i < n; i++)
        text[i] = visible.unseen[0] >> i & 1 ? '-' : visible.named[0] >> i & 1 ? 'N' : 's';
    text[n] = '\0';
    return text;
}

struct check {
    const char *texts, *want;
    bool is_doubtful;
    const char *name;
};

static void run(const struct check *checks, size_t n_checks)
{
    for (size_t i = 0; i < n_checks; i++) {
        is_str(seen(checks[i].texts), checks[i].want, "%s (%s)", checks[i].name, checks[i].texts);
        ok(visible.is_doubtful == checks[i].is_doubtful, "%s: %s", checks[i].texts,
           checks[i].is_doubtful ? "it is doubtful" : "it is certain");
    }
}

static void test_cuda(void)
{
    static const struct check checks[] = {
        {"", "ssss", false, "nothing is said: all, and none by name"},
        {"PATH=/bin", "ssss", false, "another variable says nothing"},
        {"CUDA_VISIBLE_DEVICES=2", "--N-", false, "one by its index"},
        {"CUDA_VISIBLE_DEVICES=3,1", "-N-N", false, "in any order"},
        {"CUDA_VISIBLE_DEVICES= 0, 1", "NN--", false, "blanks are passed over"},
        {"CUDA_VISIBLE_DEVICES=0,1,2,3", "NNNN", false, "all by name"},
        {"CUDA_VISIBLE_DEVICES=", "----", false, "empty: none"},
        {"CUDA_VISIBLE_DEVICES=-1", "----", false, "-1: none"},
        {"CUDA_VISIBLE_DEVICES=0,-1,1", "N---", false, "what follows an invalid entry is not seen"},
        {"CUDA_VISIBLE_DEVICES=1,7,0", "-N--", false, "an index beyond the boards is invalid"},
        {"CUDA_VISIBLE_DEVICES=99999999999999999999", "----", false, "however great it is"},
        {"CUDA_VISIBLE_DEVICES=none", "----", false, "a word is invalid"},
        {"CUDA_VISIBLE_DEVICES=1,1", "----", false, "a board twice: none"},
        {"CUDA_VISIBLE_DEVICES=1gpu,2x", "-NN-", false, "digits at the front count"},
        {"CUDA_VISIBLE_DEVICES=GPU-44445555-0004-aaaa-bbbb-000000000004", "---N", false,
         "by its UUID"},
        {"CUDA_VISIBLE_DEVICES=GPU-11112,GPU-4", "--NN", false, "by the front of it"},
        {"CUDA_VISIBLE_DEVICES=GPU-8f9e2f5c", "----", false, "which must be one board's alone"},
        {"CUDA_VISIBLE_DEVICES=GPU-11112,GPU-8f9e,0", "--N-", false, "or it is invalid"},
        {"CUDA_VISIBLE_DEVICES=MIG-GPU-11112222-0003-aaaa-bbbb-000000000003/1/0", "--N-", false,
         "a slice by its board"},
        {"CUDA_VISIBLE_DEVICES=MIG-b8ea3855-276c-c9cb-b366-c6fa655957c5", "----", false,
         "a slice where no board has any is invalid"},
    };

    machine(PLAIN);
    run(checks, LEN(checks));
}

static void test_kinds(void)
{
    static const struct check mixed[] = {
        {"CUDA_VISIBLE_DEVICES=2", "--N-", true, "boards that differ are numbered by speed"},
        {"CUDA_VISIBLE_DEVICES=2|CUDA_DEVICE_ORDER=PCI_BUS_ID", "--N-", false, "unless by address"},
        {"CUDA_VISIBLE_DEVICES=2|CUDA_DEVICE_ORDER=FASTEST_FIRST", "--N-", true, "or asked for"},
        {"CUDA_VISIBLE_DEVICES=GPU-11112", "--N-", false, "a UUID needs no order"},
        {"CUDA_VISIBLE_DEVICES=0,1,2,3", "NNNN", false, "and all of them neither"},
    };
    static const struct check sliced[] = {
        {"CUDA_VISIBLE_DEVICES=MIG-b8ea3855-276c-c9cb-b366-c6fa655957c5", "NN--", true,
         "a slice is on one of the boards that have some"},
        {"CUDA_VISIBLE_DEVICES=0", "N---", true, "and numbers may be of slices"},
    };

    machine(MIXED);
    run(mixed, LEN(mixed));
    machine(SLICED);
    run(sliced, LEN(sliced));
}

static void test_applied_elsewhere(void)
{
    static const struct check checks[] = {
        {"NVIDIA_VISIBLE_DEVICES=all", "ssss", false, "a container with all"},
        {"NVIDIA_VISIBLE_DEVICES=", "ssss", false, "no container"},
        {"NVIDIA_VISIBLE_DEVICES=void", "ssss", false, "the same"},
        {"NVIDIA_VISIBLE_DEVICES=none", "----", false, "a container with none"},
        {"NVIDIA_VISIBLE_DEVICES=1,2", "-NN-", false, "a container seen from outside"},
        {"NVIDIA_VISIBLE_DEVICES=GPU-11112222-0003-aaaa-bbbb-000000000003", "--N-", false,
         "by its UUID"},
        {"NVIDIA_VISIBLE_DEVICES=1,2|CUDA_VISIBLE_DEVICES=0", "-N--", false,
         "CUDA counts among the container's"},
        {"SLURM_JOB_GPUS=2-3", "--NN", false, "a job's boards"},
        {"SLURM_JOB_GPUS=0,2-3", "N-NN", false, "several stretches"},
        {"SLURM_JOB_GPUS=2-3|SLURM_STEP_GPUS=3", "---N", false, "a step's before the job's"},
        {"SLURM_JOB_GPUS=2-3|CUDA_VISIBLE_DEVICES=2,3", "--NN", false,
         "CUDA by the node's numbers"},
        {"SLURM_JOB_GPUS=2-3|CUDA_VISIBLE_DEVICES=0", "--N-", false, "or by the job's own"},
        {"SLURM_JOB_GPUS=1,2|CUDA_VISIBLE_DEVICES=1", "-N--", true, "where it may be either"},
        {"SLURM_JOB_GPUS=9", "ssss", true, "a board that is not here"},
        {"SLURM_JOB_GPUS=4,5,6,7", "NNNN", false, "as many as are here: other numbers"},
    };
    static const struct check one[] = {
        {"SLURM_JOB_GPUS=5|CUDA_VISIBLE_DEVICES=0", "N", false,
         "one of many, kept by a control group"},
        {"NVIDIA_VISIBLE_DEVICES=3", "N", false, "one of many, in a container"},
    };

    machine(PLAIN);
    run(checks, LEN(checks));
    machine(ONE);
    run(one, LEN(one));
}

static void test_other_makers(void)
{
    static const struct check of_amd[] = {
        {"ROCR_VISIBLE_DEVICES=1,3", "-N-N", false, "ROCm by index"},
        {"ROCR_VISIBLE_DEVICES=0,GPU-0000000000001003", "N--N", false, "and by UUID"},
        {"ROCR_VISIBLE_DEVICES=", "----", false, "empty: none"},
        {"ROCR_VISIBLE_DEVICES=1,3|HIP_VISIBLE_DEVICES=1", "---N", false,
         "HIP counts among what ROCm left"},
        {"HIP_VISIBLE_DEVICES=2|CUDA_VISIBLE_DEVICES=0", "--N-", false, "HIP before CUDA"},
        {"HIP_VISIBLE_DEVICES=|CUDA_VISIBLE_DEVICES=1", "-N--", false,
         "an empty one is none given"},
        {"HIP_VISIBLE_DEVICES=0,-1,2", "N---", false, "up to the first that is invalid"},
        {"HIP_VISIBLE_DEVICES=-1", "----", false, "-1: none"},
        {"ROCR_VISIBLE_DEVICES=2,3|CUDA_VISIBLE_DEVICES=2,3", "--NN", true,
         "the same numbers twice"},
        {"GPU_DEVICE_ORDINAL=1", "-N--", false, "OpenCL's, where nothing else is given"},
        {"GPU_DEVICE_ORDINAL=1|ROCR_VISIBLE_DEVICES=2", "--N-", false, "and not where it is"},
        {"NVIDIA_VISIBLE_DEVICES=none", "ssss", false, "another maker's says nothing"},
    };
    static const struct check of_intel[] = {
        {"ZE_AFFINITY_MASK=1", "-N", false, "Level Zero by index"},
        {"ZE_AFFINITY_MASK=0.1,0.0", "N-", false, "by tile"},
        {"ZE_AFFINITY_MASK=", "ss", false, "empty: all"},
        {"ZE_AFFINITY_MASK=3", "ss", true, "a number that counts tiles"},
    };

    amd();
    run(of_amd, LEN(of_amd));
    intel();
    run(of_intel, LEN(of_intel));
    /* Slurm's numbers on a node with boards of two makers. */
    n = 0;
    add("nvml", 1, "GPU-1", "a", 0);
    add("nvml", 2, "GPU-2", "a", 0);
    add("rocm-smi", 1, "GPU-3", "b", 0);
    is_str(seen("SLURM_JOB_GPUS=0"), "sss", "boards of two makers: Slurm does not say whose");
    is_str(seen("CUDA_VISIBLE_DEVICES=1|ROCR_VISIBLE_DEVICES="), "-N-", "each maker by its own");
}

/* Two MI250 modules: the second die of each has no meter, and counts all the same. */
static void test_without_meter(void)
{
    static const struct {
        const char *texts, *want;
        bool is_unmetered;
    } cases[] = {
        {"ROCR_VISIBLE_DEVICES=0", "N-", false},
        {"ROCR_VISIBLE_DEVICES=2,3", "-N", false},
        {"ROCR_VISIBLE_DEVICES=1", "--", true},
        {"ROCR_VISIBLE_DEVICES=3", "--", true},
        {"ROCR_VISIBLE_DEVICES=", "--", false},
        {"HIP_VISIBLE_DEVICES=1,2", "-N", true},
        {"HIP_VISIBLE_DEVICES=2", "-N", false},
        {"ROCR_VISIBLE_DEVICES=-1", "--", false},
        {"ROCR_VISIBLE_DEVICES=0,1,2,3", "NN", false},
        {"ROCR_VISIBLE_DEVICES=0,3", "N-", true},
        {"ROCR_VISIBLE_DEVICES=0,1|HIP_VISIBLE_DEVICES=1", "--", true},
        {"ROCR_VISIBLE_DEVICES=GPU-b", "--", true},
        {"ROCR_VISIBLE_DEVICES=GPU-a,GPU-b", "N-", false},
    };

    n = 0;
    add("gpu-metrics", 1, "GPU-a", "MI250X", 0);
    add("gpu-metrics", 3, "GPU-c", "MI250X", 0);
    for (size_t i = 0; i < LEN(cases); i++) {
        is_str(seen(cases[i].texts), cases[i].want, "R-USE-05, R-SENSOR-72: %s", cases[i].texts);
        ok(visible.is_unmetered == cases[i].is_unmetered, "a board without a meter, told or not");
    }
}

static void test_parts(void)
{
    machine(PLAIN);
    add("nvml", 0, "", "memory", 0);
    (void)snprintf(channels[4].parent, sizeof channels[4].parent, "%s", channels[1].id);
    add("hwmon", 0, "", "rail", 0);
    is_str(seen("CUDA_VISIBLE_DEVICES=0"), "N----s",
           "a part is seen as its board is; no board, always");
    is_str(seen("CUDA_VISIBLE_DEVICES=1"), "-N--Ns", "either way");
}

static void test_texts(void)
{
    char texts[64] = "";
    char other[] = "A=b", cuda[] = "CUDA_VISIBLE_DEVICES=0", longer[] = "CUDA_VISIBLE_DEVICES_=1",
         hip[] = "HIP_VISIBLE_DEVICES=";
    char *const environment[] = {other, cuda, longer, hip, NULL};

    ok(jb_visible_add(texts, sizeof texts, "PATH=/bin") && texts[0] == '\0',
       "another variable is left out");
    ok(jb_visible_add(texts, sizeof texts, "ZE_AFFINITY_MASK=0") &&
           strcmp(texts, "ZE_AFFINITY_MASK=0\n") == 0,
       "one of them is a line");
    ok(!jb_visible_add(texts, sizeof texts,
                       "CUDA_VISIBLE_DEVICES=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14") &&
           strcmp(texts, "ZE_AFFINITY_MASK=0\n") == 0,
       "one that does not fit is not cut");
    ok(!jb_visible_add(texts, sizeof texts, "CUDA_VISIBLE_DEVICES=0\n"), "nor one of two lines");
    jb_visible_of_environment(environment, texts, sizeof texts);
    is_str(texts, "CUDA_VISIBLE_DEVICES=0\nHIP_VISIBLE_DEVICES=\n", "an environment's");
    const struct jb_os os = jb_os_real("");
    jb_visible_of_process(&os, getpid(), texts, sizeof texts);
    ok(!strstr(texts, "PATH"), "a process's");
    jb_visible_of_process(&os, -1, texts, sizeof texts);
    is_str(texts, "", "no process says nothing");
}

int main(void)
{
    test_cuda();
    test_kinds();
    test_applied_elsewhere();
    test_other_makers();
    test_without_meter();
    test_parts();
    test_texts();
    return done_testing();
}
