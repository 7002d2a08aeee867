/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who uses a board: utilisation samples of processes to busy time, lists of processes to memory and presence. Where a
 * board is split into instances (MIG) the driver tells no use: then presence x the instance's part of the board, which
 * is a model and says so. Must not allocate. Rules R-SENSOR-66 and R-SENSOR-67.
 */
#include "base/clock.h"
#include "base/num.h"
#include "sensor/nvml.h"
#include "sensor/sensor_nvml_int.h"

#define ASK_EVERY_NS   (200 * JB_NS_PER_MS) /* samples come every 1/6 to 1 s */
#define LIST_EVERY_NS  JB_NS_PER_S
#define SAMPLE_MAX_US  UINT64_C(1000000) /* one sample speaks for no more than that, */
#define SAMPLE_MIN_US  UINT64_C(160000)  /* and none is taken more often: 1/6 s */
#define LINGER_NS      (2 * JB_NS_PER_S) /* after a process left the list its last samples come */
#define UNLISTED_NS    (60 * JB_NS_PER_S)
#define PERCENT_PPM    INT64_C(10000)
#define WHOLE_PPM      INT64_C(1000000)
#define NS_PER_PERCENT INT64_C(10) /* of a us */

static struct nvml_pid *find_pid(struct nvml_use *use, uint32_t pid, int64_t now_ns)
{
    for (size_t i = 0; i < use->n; i++)
        if (use->pids[i].pid == pid)
            return &use->pids[i];
    if (use->n == NVML_PIDS_MAX)
        return NULL;
    struct nvml_pid *const found = &use->pids[use->n++];
    *found =
        (struct nvml_pid){.pid = pid, .memory_bytes = -1, .seen_ns = now_ns, .part_ppm = WHOLE_PPM};
    return found;
}

static int64_t part_of(int64_t ns, int64_t ppm)
{
    return jb_muldiv_sat_i64(ns, ppm, WHOLE_PPM, JB_ROUND_FLOOR);
}

/* -- use by samples -------------------------------------------------------------------------------------------------- */

/* They come almost in order; qsort may allocate. */
static void sort_samples(struct nvml_process_sample *samples, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        const struct nvml_process_sample one = samples[i];
        size_t k = i;
        for (; k > 0 && samples[k - 1].timestamp_us > one.timestamp_us; k--)
            samples[k] = samples[k - 1];
        samples[k] = one;
    }
}

/* Some drivers mix in entries of no process, of no time, or beyond the whole board: they are no samples. */
static bool is_sample(const struct nvml_use *use, const struct nvml_process_sample *sample)
{
    return sample->pid != 0 && sample->timestamp_us > use->cursor_us && sample->sm_percent <= 100;
}

/*
 * Who uses a board now and then has no sample in between. The first one after a pause speaks for one period of the
 * driver's, as far as that was seen; taken for a second, short bursts would count several times.
 */
static uint64_t span_us(struct nvml_use *use, const struct nvml_pid *pid, uint64_t at_us)
{
    const uint64_t from_us = pid->last_us > use->cursor_us ? pid->last_us : use->cursor_us;
    const uint64_t us = at_us > from_us ? at_us - from_us : 0;
    const uint64_t step_us = pid->last_us > 0 && at_us > pid->last_us ? at_us - pid->last_us : 0;

    if (step_us >= SAMPLE_MIN_US && step_us <= SAMPLE_MAX_US &&
        (use->period_us == 0 || step_us < use->period_us))
        use->period_us = step_us;
    if (us <= SAMPLE_MAX_US)
        return us;
    return use->period_us > 0 ? use->period_us : SAMPLE_MAX_US;
}

/* A sample is the mean since the one before it of the same process, or since the driver was last asked. */
static void take_samples(struct nvml_use *use, struct nvml_process_sample *samples, size_t n,
                         int64_t now_ns)
{
    uint64_t newest_us = use->cursor_us;

    sort_samples(samples, n);
    for (size_t i = 0; i < n; i++) {
        const struct nvml_process_sample *const sample = &samples[i];
        if (!is_sample(use, sample))
            continue;
        newest_us = sample->timestamp_us;
        struct nvml_pid *const pid = use->has_cursor ? find_pid(use, sample->pid, now_ns) : NULL;
        if (!pid)
            continue;
        const uint64_t us = span_us(use, pid, sample->timestamp_us);
        pid->busy_ns = jb_add_sat_i64(pid->busy_ns,
                                      (int64_t)us * NS_PER_PERCENT * (int64_t)sample->sm_percent);
        pid->last_us = sample->timestamp_us;
        pid->seen_ns = now_ns;
    }
    use->cursor_us = newest_us;
    use->has_cursor = true;
}

/* The first answer only says where the driver's clock stands: what it tells was before the begin. */
static int ask_samples(struct nvml_board *board, const struct jb_sensor_env *env, int64_t now_ns)
{
    struct nvml_use *const use = &board->use;
    uint32_t n = NVML_SAMPLES_MAX;
    const int code = NVML_CALL(board->nvml, process_utilization, board->device,
                               board->nvml->samples, &n, use->cursor_us);

    /* Not found: nothing since the last time. */
    if (code == NVML_NOT_FOUND || code == NVML_OK) {
        take_samples(use, board->nvml->samples, code == NVML_OK && n <= NVML_SAMPLES_MAX ? n : 0,
                     now_ns);
        return NVML_OK;
    }
    if (code == NVML_INSUFFICIENT_SIZE) {
        /* More than there is room for: what is older than a second is let go. */
        const int64_t since_us = jb_utc_us(env->clock) - (int64_t)SAMPLE_MAX_US;
        if (since_us > 0 && (uint64_t)since_us > use->cursor_us)
            use->cursor_us = (uint64_t)since_us;
        return NVML_OK;
    }
    const jb_rc rc = nvml__rc(code);
    if (rc == JB_E_UNAVAILABLE || rc == JB_E_PERMISSION || (rc == JB_E_IO && !use->has_cursor))
        use->is_presence = true;
    return rc == JB_E_GONE ? code : (int)NVML_OK;
}

/* -- lists ----------------------------------------------------------------------------------------------------------- */

/*
 * The processes of a board or an instance by one of the two calls; their number, -1 where it cannot say. They share
 * part_ppm of the board evenly; -1: each was there, and that is all.
 */
static int64_t take_list(struct nvml_board *board, nvml_device device, bool is_graphics,
                         int64_t part_ppm, int64_t now_ns)
{
    struct nvml_process *const list = board->nvml->processes;
    uint32_t n = NVML_PROCESSES_MAX;
    const int code = is_graphics ? NVML_CALL(board->nvml, graphics_processes, device, &n, list)
                                 : NVML_CALL(board->nvml, compute_processes, device, &n, list);

    if (code != NVML_OK)
        return -1;
    n = n > NVML_PROCESSES_MAX ? NVML_PROCESSES_MAX : n;
    for (uint32_t i = 0; i < n; i++) {
        struct nvml_pid *const pid =
            list[i].pid != 0 ? find_pid(&board->use, list[i].pid, now_ns) : NULL;
        if (!pid)
            continue;
        const int64_t bytes =
            list[i].memory_bytes <= INT64_MAX ? (int64_t)list[i].memory_bytes : -1;
        /* On both lists with the same figure. */
        if (!pid->is_listed || bytes > pid->memory_bytes)
            pid->memory_bytes = bytes;
        pid->is_listed = true;
        pid->seen_ns = now_ns;
        pid->part_ppm = part_ppm >= 0 ? part_ppm / (int64_t)n : WHOLE_PPM;
    }
    return (int64_t)n;
}

/*
 * R-SENSOR-66: an instance's part of the board is its compute slices of the most there can be, times how busy it was where
 * the driver tells, and its processes share it evenly. Whole instances that nobody is in are idle.
 */
static void list_instances(struct nvml_board *board, int64_t now_ns)
{
    struct nvml_use *const use = &board->use;
    struct nvml_attributes attributes;
    nvml_device instance;

    use->busy_ppm = 0;
    for (uint32_t i = 0; i < board->n_migs_max; i++) {
        if (NVML_CALL(board->nvml, mig_by_index, board->device, i, &instance) != NVML_OK)
            continue;
        int64_t part_ppm = WHOLE_PPM / (int64_t)board->n_migs_max;
        if (NVML_CALL(board->nvml, attributes, instance, &attributes) == NVML_OK &&
            attributes.compute_instance_slices > 0 &&
            attributes.compute_instance_slices <= board->n_migs_max)
            part_ppm = WHOLE_PPM * (int64_t)attributes.compute_instance_slices /
                       (int64_t)board->n_migs_max;
        const int64_t busy_ppm = nvml__gpm_busy_ppm(board, i, instance);
        if (busy_ppm >= 0)
            part_ppm = part_of(part_ppm, busy_ppm);
        const int64_t n = take_list(board, instance, false, part_ppm, now_ns);
        use->has_lists = use->has_lists || n >= 0;
        use->busy_ppm += n > 0 ? part_ppm : 0;
    }
    use->has_busy = use->has_lists;
}

static void list_processes(struct nvml_board *board, int64_t now_ns)
{
    struct nvml_use *const use = &board->use;
    struct nvml_memory memory;

    for (size_t i = 0; i < use->n; i++)
        use->pids[i].is_listed = false;
    use->has_lists = false;
    if (board->is_mig) {
        list_instances(board, now_ns);
    } else {
        const int64_t n_compute = take_list(board, board->device, false, -1, now_ns);
        const int64_t n_graphics = take_list(board, board->device, true, -1, now_ns);
        use->has_lists = n_compute >= 0 || n_graphics >= 0;
    }
    for (size_t i = 0; i < use->n; i++)
        if (use->has_lists && !use->pids[i].is_listed)
            use->pids[i].memory_bytes = 0;
    use->memory_used_bytes = -1;
    use->memory_total_bytes = -1;
    if (NVML_CALL(board->nvml, memory, board->device, &memory) == NVML_OK &&
        memory.used <= memory.total && memory.total <= INT64_MAX) {
        use->memory_used_bytes = (int64_t)memory.used;
        use->memory_total_bytes = (int64_t)memory.total;
    }
    use->listed_ns = now_ns;
}

static void forget(struct nvml_use *use, int64_t now_ns)
{
    const int64_t linger_ns = use->has_lists ? LINGER_NS : UNLISTED_NS;
    size_t n = 0;

    for (size_t i = 0; i < use->n; i++)
        if (use->pids[i].is_listed || now_ns - use->pids[i].seen_ns < linger_ns)
            use->pids[n++] = use->pids[i];
    use->n = n;
}

/* -- both ------------------------------------------------------------------------------------------------------------ */

/* What was so when the driver was last asked held until now. */
static void add_presence(struct nvml_use *use, int64_t elapsed_ns)
{
    for (size_t i = 0; i < use->n; i++)
        if (use->pids[i].is_listed)
            use->pids[i].busy_ns =
                jb_add_sat_i64(use->pids[i].busy_ns, part_of(elapsed_ns, use->pids[i].part_ppm));
}

static int ask(struct nvml_board *board, const struct jb_sensor_env *env, int64_t now_ns)
{
    struct nvml_use *const use = &board->use;
    const int64_t elapsed_ns = use->has_begun ? now_ns - use->asked_ns : 0;
    struct nvml_utilization utilization;
    int code = NVML_OK;

    if (!board->is_mig) {
        code = NVML_CALL(board->nvml, utilization, board->device, &utilization);
        if (code == NVML_OK) {
            use->busy_ppm = (utilization.gpu > 100 ? 100 : (int64_t)utilization.gpu) * PERCENT_PPM;
            use->has_busy = true;
        }
        if (nvml__rc(code) != JB_E_GONE && !use->is_presence)
            code = ask_samples(board, env, now_ns);
    }
    if (nvml__rc(code) == JB_E_GONE)
        return code;
    if (use->is_presence)
        add_presence(use, elapsed_ns);
    use->busy_ns = jb_add_sat_i64(use->busy_ns, part_of(elapsed_ns, use->busy_ppm));
    if (!use->has_begun || now_ns - use->listed_ns >= LIST_EVERY_NS) {
        list_processes(board, now_ns);
        forget(use, now_ns);
    }
    use->asked_ns = now_ns;
    use->has_begun = true;
    return NVML_OK;
}

static bool is_busier(const struct nvml_pid *a, const struct nvml_pid *b)
{
    return a->busy_ns > b->busy_ns || (a->busy_ns == b->busy_ns && a->pid < b->pid);
}

static void sort_pids(struct nvml_use *use)
{
    for (size_t i = 1; i < use->n; i++) {
        const struct nvml_pid one = use->pids[i];
        size_t k = i;
        for (; k > 0 && is_busier(&one, &use->pids[k - 1]); k--)
            use->pids[k] = use->pids[k - 1];
        use->pids[k] = one;
    }
}

jb_rc nvml__use(void *handle, const struct jb_sensor_env *env, struct jb_sensor_board *ret_board,
                struct jb_sensor_use *ret_uses, size_t capacity, size_t *ret_n)
{
    struct nvml_board *const board = ((struct nvml_meter *)handle)->board;
    struct nvml_use *const use = &board->use;
    const int64_t now_ns = jb_mono_ns(env->clock);

    if (!board->nvml)
        return JB_E_GONE;
    /* Asked again so soon, it would say the same. */
    if (!use->has_begun || now_ns - use->asked_ns >= ASK_EVERY_NS) {
        use->is_presence = use->is_presence || board->is_mig;
        const int code = ask(board, env, now_ns);
        if (code != NVML_OK)
            return nvml__board_rc(board, code);
        sort_pids(use);
    }
    const size_t n = use->n < capacity ? use->n : capacity;
    for (size_t i = 0; i < n; i++)
        ret_uses[i] = (struct jb_sensor_use){.pid = (long long)use->pids[i].pid,
                                             .busy_ns = use->pids[i].busy_ns,
                                             .memory_bytes = use->pids[i].memory_bytes};
    *ret_board = (struct jb_sensor_board){.busy_ns = use->has_busy ? use->busy_ns : -1,
                                          .memory_used_bytes = use->memory_used_bytes,
                                          .memory_total_bytes = use->memory_total_bytes,
                                          .is_presence = use->is_presence,
                                          .has_host_pids = true};
    *ret_n = n;
    return JB_OK;
}
