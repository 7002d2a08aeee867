/* SPDX-License-Identifier: Apache-2.0 */
/* The compute driver's list of processes on a board (R-SENSOR-74), over a tree of the kernel's layout. */
#include "sensor_rig.h"

#include "sensor/kfd.h"

#define PROC "/sys/class/kfd/kfd/proc/"

struct seen {
    size_t n;
    struct kfd_use uses[8];
};

static void take(void *arg, const struct kfd_use *use)
{
    struct seen *const seen = arg;

    if (seen->n < 8)
        seen->uses[seen->n++] = *use;
}

static const struct kfd_use *use_of(const struct seen *seen, int64_t pid)
{
    for (size_t i = 0; i < seen->n; i++)
        if (seen->uses[i].pid == pid)
            return &seen->uses[i];
    return NULL;
}

int main(void)
{
    struct rig rig;
    struct kfd_board board;
    struct seen seen = {0};

    rig_set_up(&rig, "mi300x");
    kfd__find_board(&rig.os, "0000:05:00.0", &board);
    ok(board.n == 1 && board.gpu_ids[0] == 20000, "the board by its location");
    kfd__find_board(&rig.os, "0000:25:00.0", &board);
    ok(board.n == 1 && board.gpu_ids[0] == 30000, "the other");
    /* A partition is at the same place, but for the function. */
    rig_put(&rig, "/sys/class/kfd/kfd/topology/nodes/3/gpu_id", "30001\n");
    rig_put(&rig, "/sys/class/kfd/kfd/topology/nodes/3/properties",
            "simd_count 128\nsimd_per_cu 4\nlocation_id 9473\ndomain 0\n");
    kfd__find_board(&rig.os, "0000:25:00.0", &board);
    ok(board.n == 2 && board.gpu_ids[1] == 30001, "a partition belongs to its board");
    kfd__find_board(&rig.os, "0000:99:00.0", &board);
    ok(board.n == 0, "an address without a board");

    kfd__find_board(&rig.os, "0000:05:00.0", &board);
    is_i64(kfd__each_use(&rig.os, &board, take, &seen), -ENOENT, "no process has computed yet");
    rig_put(&rig, PROC "4100/pasid", "32771\n");
    rig_put(&rig, PROC "4100/vram_20000", "1073741824\n");
    rig_put(&rig, PROC "4100/stats_20000/cu_occupancy", "76\n");
    rig_put(&rig, PROC "4200/vram_20000", "4096\n"); /* no occupancy: a chip that cannot say */
    rig_put(&rig, PROC "4300/vram_20000", "0\n");
    rig_put(&rig, PROC "4300/vram_30000", "99\n");
    rig_put(&rig, PROC "4300/stats_20000/cu_occupancy", "0\n");
    rig_put(&rig, PROC "4400/vram_20000", "5\n");
    rig_put(&rig, PROC "4400/stats_20000/cu_occupancy", "99999999\n");
    rig_put(&rig, PROC "self/vram_20000", "5\n");
    is_i64(kfd__each_use(&rig.os, &board, take, &seen), 0, "processes");
    is_i64((int64_t)seen.n, 3, "a process that only opened the board does not use it");
    const struct kfd_use *use = use_of(&seen, 4100);
    ok(use && use->has_units && use->units == 76 && use->memory_bytes == 1073741824,
       "memory and compute units of one");
    use = use_of(&seen, 4200);
    ok(use && !use->has_units && use->memory_bytes == 4096, "without occupancy it is only there");
    use = use_of(&seen, 4400);
    ok(use && !use->has_units, "an occupancy beyond any board is none");
    rig_tear_down(&rig);
    return done_testing();
}
