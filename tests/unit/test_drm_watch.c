/* SPDX-License-Identifier: Apache-2.0 */
/* Who uses a board, over time: scripted /proc trees and an injected clock (R-SENSOR-73, R-SENSOR-74). */
#include "sensor_rig.h"

#include "sensor/drm_watch.h"

#define N_USES 8

static struct jb_sensor_board board;
static struct jb_sensor_use uses[N_USES];
static size_t n_uses;
static const char *denied_list; /* listing it is EACCES */

static int list_or_deny(void *context, const char *path, jb_os_name_fn fn, void *arg)
{
    if (denied_list && strcmp(path, denied_list) == 0)
        return -EACCES;
    return rig_list(context, path, fn, arg);
}

static void put_line(const struct rig *rig, const char *format, ...) JB_PRINTF(2, 3);

static void put_line(const struct rig *rig, const char *format, ...)
{
    char line[1024];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(line, sizeof line, format, args);
    va_end(args);
    rig_unpack_line(rig, line);
}

/* Process `pid` has board's render node open as file `fd`, which is client `id`. */
static void open_board(const struct rig *rig, int pid, int fd)
{
    put_line(rig, "/proc/%d/fd/%d -> /dev/dri/renderD128", pid, fd);
}

static void put_info(const struct rig *rig, int pid, int fd, int id, uint64_t compute_ns, int kib)
{
    put_line(rig,
             "/proc/%d/fdinfo/%d = pos:\\t0\\ndrm-driver:\\tamdgpu\\ndrm-pdev:\\t0000:43:00.0\\n"
             "drm-client-id:\\t%d\\ndrm-memory-vram:\\t%d KiB\\ndrm-engine-gfx:\\t0 ns\\n"
             "drm-engine-compute:\\t%llu ns",
             pid, fd, id, kib, (unsigned long long)compute_ns);
}

static jb_rc look(struct rig *rig, struct drm_watch *watch, int64_t after_ns)
{
    jb_clock_manual_advance(&rig->manual, after_ns);
    return drm_watch__use(watch, &rig->env, 0, &board, uses, N_USES, &n_uses);
}

/* What the latest look says of a process; -1 if it is not listed. */
static int64_t busy_of(int64_t pid)
{
    for (size_t i = 0; i < n_uses; i++)
        if (uses[i].pid == pid)
            return uses[i].busy_ns;
    return -1;
}

static struct drm_watch *set_up(struct rig *rig, const char *machine, const char *pci)
{
    struct drm_watch *const watch = drm_watch__new();
    size_t number = 99;

    rig_set_up(rig, machine);
    rig->os.list = list_or_deny;
    denied_list = NULL;
    put_line(rig, "/dev/dri/renderD128 = ");
    put_line(rig, "/dev/null = ");
    put_line(rig, "/proc/100/fd/0 -> /dev/null");
    if (!watch || drm_watch__add_board(watch, &rig->os, pci, &number) < 0 || number != 0)
        bail_out("no watch");
    return watch;
}

static void clients(void)
{
    struct rig rig;
    struct drm_watch *const watch = set_up(&rig, "mi210", "0000:43:00.0");

    open_board(&rig, 200, 5);
    put_info(&rig, 200, 5, 7, 50 * JB_NS_PER_S, 1024);
    put_line(&rig, "/proc/200/fd/3 -> /dev/null");
    ok(look(&rig, watch, 0) == JB_OK && n_uses == 1 && uses[0].pid == 200, "a user is found");
    is_i64(uses[0].busy_ns, 0, "what it did before the watch is not the watch's");
    is_i64(uses[0].memory_bytes, 1024 * 1024, "its memory");
    ok(board.busy_ns == 0 && !board.is_presence && !board.has_host_pids, "nobody was busy yet");
    ok(look(&rig, watch, JB_NS_PER_S / 2) == JB_E_AGAIN, "not more than once a second");

    put_info(&rig, 200, 5, 7, 50 * JB_NS_PER_S + JB_NS_PER_S / 4, 2048);
    ok(look(&rig, watch, JB_NS_PER_S / 2) == JB_OK && busy_of(200) == JB_NS_PER_S / 4,
       "busy a quarter of the second");
    is_i64(board.busy_ns, JB_NS_PER_S / 4, "so was the board");
    /* Another file and another process with the same client. */
    open_board(&rig, 200, 6);
    put_info(&rig, 200, 6, 7, 50 * JB_NS_PER_S + JB_NS_PER_S / 2, 2048);
    open_board(&rig, 201, 6);
    put_info(&rig, 201, 6, 7, 50 * JB_NS_PER_S + JB_NS_PER_S / 2, 2048);
    put_info(&rig, 200, 5, 7, 50 * JB_NS_PER_S + JB_NS_PER_S / 2, 2048);
    ok(look(&rig, watch, JB_NS_PER_S) == JB_OK && n_uses == 1 && busy_of(200) == JB_NS_PER_S / 2,
       "a client that is shared counts once");
    is_i64(uses[0].memory_bytes, 2048 * 1024, "its memory too");
    /* The count falls back, then goes on. */
    put_info(&rig, 200, 5, 7, 50 * JB_NS_PER_S, 2048);
    put_info(&rig, 200, 6, 7, 50 * JB_NS_PER_S, 2048);
    ok(look(&rig, watch, JB_NS_PER_S) == JB_OK && busy_of(200) == JB_NS_PER_S / 2,
       "a count that fell back is waited for");
    put_info(&rig, 200, 5, 7, 51 * JB_NS_PER_S, 2048);
    put_info(&rig, 200, 6, 7, 51 * JB_NS_PER_S, 2048);
    ok(look(&rig, watch, JB_NS_PER_S) == JB_OK && busy_of(200) == JB_NS_PER_S, "until it goes on");
    /* It ends; the one that shares its client goes on with it. */
    rig_unlink(&rig, "/proc/200");
    put_info(&rig, 201, 6, 7, 51 * JB_NS_PER_S + JB_NS_PER_S / 10, 2048);
    ok(look(&rig, watch, JB_NS_PER_S) == JB_OK && n_uses == 1 && busy_of(201) == JB_NS_PER_S / 10,
       "a process that ended is gone, its client is not counted anew");
    is_i64(board.busy_ns, JB_NS_PER_S + JB_NS_PER_S / 10, "and the board's sum keeps what it did");
    drm_watch__unref(watch);
    rig_tear_down(&rig);
}

static void newcomers(void)
{
    struct rig rig;
    struct drm_watch *const watch = set_up(&rig, "mi210", "0000:43:00.0");

    ok(look(&rig, watch, 0) == JB_OK && n_uses == 0, "nobody");
    open_board(&rig, 300, 4);
    put_info(&rig, 300, 4, 9, JB_NS_PER_S / 2, 64);
    open_board(&rig, 100, 4);
    put_info(&rig, 100, 4, 10, JB_NS_PER_S / 5, 64);
    ok(look(&rig, watch, JB_NS_PER_S) == JB_OK && busy_of(300) == JB_NS_PER_S / 2,
       "a process that began since counts whole");
    is_i64(busy_of(100), JB_NS_PER_S / 5, "so does a new file of an old one");
    ok(n_uses == 2 && uses[0].pid == 300, "the busiest first");
    put_info(&rig, 300, 4, 9, 90 * JB_NS_PER_S, 64);
    ok(look(&rig, watch, JB_NS_PER_S) == JB_OK && busy_of(300) == JB_NS_PER_S / 2 + JB_NS_PER_S,
       "nobody is busy for longer than the time that passed");
    is_i64(board.busy_ns, JB_NS_PER_S + 7 * JB_NS_PER_S / 10, "the board's sum");
    put_info(&rig, 100, 4, 10, 90 * JB_NS_PER_S, 64);
    put_info(&rig, 300, 4, 9, 95 * JB_NS_PER_S, 64);
    ok(look(&rig, watch, JB_NS_PER_S) == JB_OK && board.busy_ns == 3 * JB_NS_PER_S,
       "a board is busy once at a time");
    drm_watch__unref(watch);
    rig_tear_down(&rig);
}

static void unseen(void)
{
    struct rig rig;
    struct drm_watch *const watch = set_up(&rig, "mi210", "0000:43:00.0");

    open_board(&rig, 200, 5);
    put_info(&rig, 200, 5, 7, JB_NS_PER_S, 64);
    denied_list = "/proc/100/fd";
    ok(look(&rig, watch, 0) == JB_OK && n_uses == 1, "one may be read");
    is_i64(board.busy_ns, -1, "what the others do on the board is unknown, not nought");
    /* Another's file cannot be read for a while. */
    denied_list = "/proc/200/fd";
    ok(look(&rig, watch, JB_NS_PER_S) == JB_OK && busy_of(200) == 0, "it stays listed");
    put_info(&rig, 200, 5, 7, JB_NS_PER_S + JB_NS_PER_S / 3, 64);
    denied_list = NULL;
    for (int i = 0; i < 16; i++)
        (void)look(&rig, watch, JB_NS_PER_S);
    is_i64(busy_of(200), JB_NS_PER_S / 3, "and goes on where it was: nothing counts twice");
    drm_watch__unref(watch);
    rig_tear_down(&rig);
}

static void cycles(void)
{
    struct rig rig;
    struct drm_watch *const watch = set_up(&rig, "arc-xe", "0000:03:00.0");
    static const char info[] =
        "/proc/200/fdinfo/5 = drm-driver:\\txe\\ndrm-pdev:\\t0000:03:00.0\\ndrm-client-id:\\t3\\n"
        "drm-cycles-rcs:\\t%d\\ndrm-total-cycles-rcs:\\t%d\\ndrm-cycles-ccs:\\t%d\\n"
        "drm-total-cycles-ccs:\\t%d\\ndrm-engine-capacity-ccs:\\t4";

    open_board(&rig, 200, 5);
    put_line(&rig, info, 1000, 50000, 0, 50000);
    ok(look(&rig, watch, 0) == JB_OK && busy_of(200) == 0, "first seen");
    /* 2000 of 20000 cycles, and 40000 of 20000 x 4: 1/10 + 1/2 of two seconds. */
    put_line(&rig, info, 3000, 70000, 40000, 70000);
    ok(look(&rig, watch, 2 * JB_NS_PER_S) == JB_OK, "two seconds later");
    is_i64(busy_of(200), 1200000000, "cycles are a part of the clock's");
    put_line(&rig, info, 9000, 70000, 90000, 70000);
    ok(look(&rig, watch, JB_NS_PER_S) == JB_OK && busy_of(200) == 1200000000,
       "a clock that stood still says nothing");
    drm_watch__unref(watch);
    rig_tear_down(&rig);
}

static void compute(void)
{
    struct rig rig;
    struct drm_watch *const watch = set_up(&rig, "mi300x", "0000:05:00.0");

    put_line(&rig, "/sys/class/drm/card1/device/mem_info_vram_used = 5000");
    put_line(&rig, "/sys/class/drm/card1/device/mem_info_vram_total = 206000000000");
    put_line(&rig, "/sys/class/kfd/kfd/proc/9000/vram_20000 = 4000");
    put_line(&rig, "/sys/class/kfd/kfd/proc/9000/stats_20000/cu_occupancy = 76");
    ok(look(&rig, watch, 0) == JB_OK && n_uses == 1 && uses[0].busy_ns == 0, "at the first look");
    ok(look(&rig, watch, JB_NS_PER_S) == JB_OK && busy_of(9000) == JB_NS_PER_S,
       "alone at work it has the board, however few of its 304 units are full of waves");
    ok(board.has_host_pids && !board.is_presence, "its pids are the kernel's");
    ok(board.memory_used_bytes == 5000 && board.memory_total_bytes == 206000000000 &&
           uses[0].memory_bytes == 4000,
       "the board's memory and its own");
    put_line(&rig, "/sys/class/kfd/kfd/proc/9001/vram_20000 = 10");
    ok(look(&rig, watch, JB_NS_PER_S) == JB_OK && !board.is_presence && busy_of(9001) == 0,
       "one read that failed on a board that can say is no presence");
    is_i64(busy_of(9000), 2 * JB_NS_PER_S, "and takes nothing from the others");
    put_line(&rig, "/sys/class/kfd/kfd/proc/9001/stats_20000/cu_occupancy = 228");
    ok(look(&rig, watch, 2 * JB_NS_PER_S) == JB_OK &&
           busy_of(9000) == 2 * JB_NS_PER_S + JB_NS_PER_S / 2 &&
           busy_of(9001) == 3 * JB_NS_PER_S / 2,
       "two share the time as 76 to 228 units");
    is_i64(board.busy_ns, 4 * JB_NS_PER_S, "which is the board's");
    rig_unlink(&rig, "/sys/class/kfd/kfd/proc/9001");
    ok(look(&rig, watch, JB_NS_PER_S) == JB_OK && busy_of(9001) == -1, "it ended");
    drm_watch__unref(watch);
    rig_tear_down(&rig);
}

/* A chip that cannot say how many of its units are filled. */
static void presence(void)
{
    struct rig rig;
    struct drm_watch *const watch = set_up(&rig, "mi300x", "0000:05:00.0");

    put_line(&rig, "/sys/class/kfd/kfd/proc/9001/vram_20000 = 10");
    ok(look(&rig, watch, 0) == JB_OK && board.is_presence && busy_of(9001) == 0, "it is there");
    put_line(&rig, "/sys/class/kfd/kfd/proc/9002/vram_20000 = 10");
    ok(look(&rig, watch, 2 * JB_NS_PER_S) == JB_OK && busy_of(9001) == 2 * JB_NS_PER_S &&
           busy_of(9002) == 2 * JB_NS_PER_S,
       "as long as it is there");
    is_i64(board.busy_ns, 2 * JB_NS_PER_S, "and the board, while anybody is");
    rig_unlink(&rig, "/sys/class/kfd/kfd/proc/9001");
    rig_unlink(&rig, "/sys/class/kfd/kfd/proc/9002");
    ok(look(&rig, watch, JB_NS_PER_S) == JB_OK && n_uses == 0 && board.busy_ns == 2 * JB_NS_PER_S,
       "and no longer");
    drm_watch__unref(watch);
    rig_tear_down(&rig);
}

/* Through the channels of a set. */
static void channels(void)
{
    struct rig rig;

    rig_set_up(&rig, "mi210");
    put_line(&rig, "/dev/dri/renderD128 = ");
    open_board(&rig, 200, 5);
    put_info(&rig, 200, 5, 7, JB_NS_PER_S, 64);
    struct jb_sensor_set *const set = rig_probe(&rig);
    const int counter = rig_find(set, "gpu/0000:43:00.0");
    const int gauge = rig_find(set, "gpu/0000:43:00.0@hwmon");
    ok(counter >= 0 &&
           jb_sensor_board_use(set, (size_t)counter, &board, uses, N_USES, &n_uses) == JB_OK &&
           n_uses == 1 && uses[0].pid == 200,
       "a board's channel says who uses it");
    ok(gauge >= 0 && jb_sensor_board_use(set, (size_t)gauge, &board, uses, N_USES, &n_uses) ==
                         JB_E_UNAVAILABLE,
       "a second view of the board does not");
    jb_sensor_set_free(set);
    rig_tear_down(&rig);
}

int main(void)
{
    clients();
    newcomers();
    unseen();
    cycles();
    compute();
    presence();
    channels();
    return done_testing();
}
