/* SPDX-License-Identifier: Apache-2.0 */
/* How busy an instance of a board in slices was between two samples of its counters (R-SENSOR-66). */
#include "nvml_rig.h"

#include "sensor/sensor_nvml_int.h"

#define SLICES "mig 1 0 3 3 40000 MIG-a\nmig 2 0 4 4 40000 MIG-b\n"

static void set_up(struct nvml_rig *nr, struct nvml_board *board, const char *age,
                   const char *script)
{
    struct nvml_trouble trouble;

    nvml_rig_set_up(nr, age, script);
    *board = (struct nvml_board){.n_migs_max = 7};
    if (nvml__start(&nr->rig.env, &board->nvml, &trouble) < 0 ||
        board->nvml->calls.device_by_index(0, &board->device) != NVML_OK)
        bail_out("no board");
    nvml__gpm_init(board);
}

static void tear_down(struct nvml_rig *nr, struct nvml_board *board)
{
    nvml__gpm_release(board);
    nvml__put(board->nvml);
    nvml_rig_tear_down(nr);
}

static int64_t busy_ppm(struct nvml_rig *nr, struct nvml_board *board, uint32_t i, int64_t ms)
{
    nvml_device instance = NULL;

    nvml_rig_at(nr, ms);
    if (board->nvml->calls.mig_by_index(board->device, i, &instance) != NVML_OK)
        bail_out("no instance");
    return nvml__gpm_busy_ppm(board, i, instance);
}

static void means(void)
{
    struct nvml_rig nr;
    struct nvml_board board;

    set_up(&nr, &board, "",
           "board GPU-h\n" SLICES
           "process 1 60 1 0 4 mig 0\nprocess 2 10 1 mig 0\nprocess 3 25 1 mig 1\n");
    is_i64(busy_ppm(&nr, &board, 0, 1000), -1, "one sample tells nothing");
    is_i64(busy_ppm(&nr, &board, 1, 1000), -1, "of either instance");
    is_i64(busy_ppm(&nr, &board, 0, 3000), 700000, "60 and 10 %% of the first");
    is_i64(busy_ppm(&nr, &board, 1, 3000), 250000, "25 %% of the second");
    is_i64(busy_ppm(&nr, &board, 0, 5000), 400000, "the mean since it was last asked");
    is_i64(busy_ppm(&nr, &board, 0, 5050), -1, "two samples too near to each other tell nothing");
    is_i64(busy_ppm(&nr, &board, 0, 6050), 100000, "but are where the next begins");
    tear_down(&nr, &board);
}

static void unknown(void)
{
    static const struct {
        const char *words;
        const char *age;
        const char *script;
    } cases[] = {
        {"an A100 has no such counters", "", "board GPU-h\narch 7\n" SLICES},
        {"a library without the calls", "r470", "board GPU-h\n" SLICES},
        {"no room for samples", "", "fail nvmlGpmSampleAlloc 20\nboard GPU-h\n" SLICES},
        {"no instance", "", "board GPU-h\n" SLICES "fail nvmlDeviceGetGpuInstanceId 3\n"},
        {"a metric that fails", "", "fail nvmlGpmMetricsGet 999\nboard GPU-h\n" SLICES},
    };

    for (size_t i = 0; i < JB_ARRAY_LEN(cases); i++) {
        struct nvml_rig nr;
        struct nvml_board board;
        set_up(&nr, &board, cases[i].age, cases[i].script);
        (void)busy_ppm(&nr, &board, 0, 1000);
        is_i64(busy_ppm(&nr, &board, 0, 2000), -1, "%s: unknown, which is not idle",
               cases[i].words);
        tear_down(&nr, &board);
    }
}

/* A failure in between: the sample before it is not taken for the one of the last second. */
static void after_a_failure(void)
{
    struct nvml_rig nr;
    struct nvml_board board;

    set_up(&nr, &board, "",
           "board GPU-h\n" SLICES "process 1 60 1 mig 0\nfail nvmlGpmMigSampleGet 27 1.5 2.5\n");
    (void)busy_ppm(&nr, &board, 0, 1000);
    is_i64(busy_ppm(&nr, &board, 0, 2000), -1, "a sample that failed");
    is_i64(busy_ppm(&nr, &board, 0, 3000), -1, "begins anew");
    is_i64(busy_ppm(&nr, &board, 0, 4000), 600000, "and goes on");
    tear_down(&nr, &board);
}

int main(void)
{
    means();
    unknown();
    after_a_failure();
    return done_testing();
}
