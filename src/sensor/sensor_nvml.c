/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NVIDIA boards through the library of their driver: the energy counter where there is one, beside it a power reading
 * that only checks it; else the power reading posts. A board is one channel however many MIG instances share it.
 * Rules R-SENSOR-60 to R-SENSOR-66.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "sensor/nvml.h"
#include "sensor/sensor_int.h"
#include "sensor/sensor_nvml_int.h"

#define BOARDS_MAX     64
#define MW             INT64_C(1000) /* in uW, and mJ in uJ */
#define LIMIT_FACTOR   2 /* of the limit: peaks of milliseconds pass it, means of a renewal do not */
#define DEFAULT_MAX_UW (2000 * SENSOR_W)
#define LIMIT_MOST_MW  UINT32_C(5000000) /* beyond that a limit is no limit */
#define MODULE_MAX_UW  (4000 * SENSOR_W)

/* -- a board and its meters ------------------------------------------------------------------------------------------ */

static void board_put(struct nvml_board *board)
{
    if (!board || --board->n_users > 0)
        return;
    nvml__gpm_release(board);
    nvml__put(board->nvml);
    free(board);
}
JB_AUTO_POINTER(struct nvml_board, board_put)

static void meter_close(void *handle, const struct jb_sensor_env *env)
{
    struct nvml_meter *const meter = handle;

    (void)env;
    board_put(meter->board);
    free(meter);
}

static jb_rc meter_read(void *handle, const struct jb_sensor_env *env, unsigned long long *ret_raw)
{
    struct nvml_meter *const meter = handle;
    uint64_t raw = 0;

    (void)env;
    if (!meter->board->nvml)
        return JB_E_GONE;
    const int code =
        nvml__read_source(meter->board->nvml, meter->board->device, &meter->source, &raw);
    if (code != NVML_OK)
        return nvml__board_rc(meter->board, code);
    *ret_raw = raw;
    return JB_OK;
}

static jb_rc add_meter(struct jb_sensor_set *set, struct nvml_board *board,
                       const struct nvml_source *source, const struct jb_channel *channel,
                       struct jb_error *err)
{
    struct nvml_meter *const meter = calloc(1, sizeof *meter);

    if (!meter)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for channel '%s'", channel->id);
    meter->board = board;
    meter->source = *source;
    board->n_users++;
    return jb_sensor_add(set, channel, meter, meter_read, meter_close, err);
}

/* -- which call gives what ------------------------------------------------------------------------------------------- */

/* R-SENSOR-64, the better source first. */
static const struct nvml_source energy_sources[] = {
    {NVML_FROM_ENERGY, 0, 0},
    {NVML_FROM_FIELD, NVML_FIELD_TOTAL_ENERGY, NVML_SCOPE_GPU},
    {NVML_FROM_FIELD, NVML_FIELD_ENERGY, NVML_SCOPE_GPU},
};
static const struct nvml_source power_sources[] = {
    {NVML_FROM_FIELD, NVML_FIELD_POWER_INSTANT, NVML_SCOPE_GPU},
    {NVML_FROM_FIELD, NVML_FIELD_POWER_AVERAGE, NVML_SCOPE_GPU},
    {NVML_FROM_USAGE, 0, 0},
};

/* A source that has no value at this moment is a source; one that the board or the driver lacks is none. */
static bool is_source(int code)
{
    return code == NVML_OK || nvml__rc(code) == JB_E_AGAIN;
}

/* The first that works; NVML_OK, or the code of the first that failed for a reason other than that it is not there. */
static int choose(const struct nvml_board *board, const struct nvml_source *sources, size_t n,
                  struct nvml_source *ret)
{
    int first = NVML_NOT_SUPPORTED;
    uint64_t raw;

    for (size_t i = 0; i < n; i++) {
        const int code = nvml__read_source(board->nvml, board->device, &sources[i], &raw);
        if (is_source(code)) {
            *ret = sources[i];
            return NVML_OK;
        }
        /* "Invalid" is how an old driver answers for a field it does not know. */
        if (first == NVML_NOT_SUPPORTED && nvml__rc(code) != JB_E_UNAVAILABLE &&
            code != NVML_INVALID_ARGUMENT)
            first = code;
    }
    *ret = (struct nvml_source){0};
    return first;
}

/* R-SENSOR-65: a part's power, if the driver looks at the scope it is asked for and the part is not the whole. */
static bool has_scope(const struct nvml_board *board, uint32_t scope)
{
    const struct nvml_source whole = {NVML_FROM_FIELD, NVML_FIELD_POWER_INSTANT, NVML_SCOPE_GPU};
    const struct nvml_source part = {NVML_FROM_FIELD, NVML_FIELD_POWER_INSTANT, scope};
    const struct nvml_source none = {NVML_FROM_FIELD, NVML_FIELD_POWER_INSTANT,
                                     NVML_SCOPE_NONE_SUCH};
    uint64_t whole_mw;
    uint64_t part_mw;
    uint64_t none_mw;

    if (nvml__read_source(board->nvml, board->device, &whole, &whole_mw) != NVML_OK ||
        nvml__read_source(board->nvml, board->device, &part, &part_mw) != NVML_OK ||
        nvml__read_source(board->nvml, board->device, &none, &none_mw) == NVML_OK || part_mw == 0)
        return false;
    return scope == NVML_SCOPE_MODULE || part_mw < whole_mw;
}

/* R-SENSOR-63 */
static int64_t max_power_uw(const struct nvml_board *board)
{
    const struct nvml_source field = {NVML_FROM_FIELD, NVML_FIELD_POWER_MAX_LIMIT, NVML_SCOPE_GPU};
    uint32_t least_mw = 0;
    uint32_t most_mw = 0;
    uint64_t raw = 0;

    if (NVML_CALL(board->nvml, limit_constraints, board->device, &least_mw, &most_mw) != NVML_OK)
        most_mw = 0;
    if (most_mw == 0 && nvml__read_source(board->nvml, board->device, &field, &raw) == NVML_OK &&
        raw <= LIMIT_MOST_MW)
        most_mw = (uint32_t)raw;
    if (most_mw == 0 && NVML_CALL(board->nvml, enforced_limit, board->device, &most_mw) != NVML_OK)
        most_mw = 0;
    return most_mw > 0 && most_mw <= LIMIT_MOST_MW ? LIMIT_FACTOR * MW * most_mw : DEFAULT_MAX_UW;
}

/* -- channels -------------------------------------------------------------------------------------------------------- */

static void describe(const struct nvml_board *board, struct jb_channel *ret)
{
    *ret = (struct jb_channel){
        .driver = "nvml",
        .scope = JB_SCOPE_GPU,
        .device = JB_DEVICE_GPU,
        .role = JB_ROLE_POST,
        .unit_num = MW,
        .unit_den = 1,
        .update_ns = board->generation->update_ns,
        .max_power_uw = max_power_uw(board),
        .accuracy_ppm = board->generation->accuracy_ppm,
        .board = board->place,
        .slices = board->n_slices,
    };
    (void)snprintf(ret->id, sizeof ret->id, "gpu/%.80s", board->uuid);
    (void)snprintf(ret->label, sizeof ret->label, "%.90s", board->name);
    (void)snprintf(ret->uuid, sizeof ret->uuid, "%s", board->uuid);
    (void)snprintf(ret->correlation, sizeof ret->correlation, "nvml:%.42s", board->uuid);
    (void)snprintf(ret->pci, sizeof ret->pci, "%04" PRIx32 ":%02" PRIx32 ":%02" PRIx32 ".0",
                   board->pci.domain & 0xffff, board->pci.bus & 0xff, board->pci.device & 0x1f);
}

/* R-SENSOR-64: what a power reading means depends on the call and the generation. */
static void describe_power(const struct nvml_board *board, const struct nvml_source *source,
                           struct jb_channel *channel)
{
    const struct nvml_generation *const generation = board->generation;
    const bool is_averaged = source->from == NVML_FROM_USAGE
                                 ? generation->is_usage_averaged
                                 : source->field == NVML_FIELD_POWER_AVERAGE;

    channel->semantics = is_averaged ? JB_SEMANTICS_GAUGE_AVERAGE : JB_SEMANTICS_GAUGE;
    channel->origin = JB_ORIGIN_GAUGE;
    channel->window_ns = is_averaged ? JB_NS_PER_S : generation->window_ns;
    channel->quantum_uj = 0;
}

static jb_rc add_part(struct jb_sensor_set *set, struct nvml_board *board, const char *part,
                      const char *words, const struct nvml_source *source,
                      struct jb_channel *channel, struct jb_error *err)
{
    (void)snprintf(channel->id, sizeof channel->id, "gpu/%.60s/%s", board->uuid, part);
    (void)snprintf(channel->label, sizeof channel->label, "%s %.60s", words, board->name);
    describe_power(board, source, channel);
    return add_meter(set, board, source, channel, err);
}

/* The counter's check, and the parts that newer drivers tell apart. None of them is ever added to a sum. */
static jb_rc add_others(struct jb_sensor_set *set, struct nvml_board *board,
                        const struct jb_channel *whole, const struct nvml_source *power,
                        struct jb_error *err)
{
    const struct nvml_source memory = {NVML_FROM_FIELD, NVML_FIELD_POWER_INSTANT,
                                       NVML_SCOPE_MEMORY};
    const struct nvml_source module = {NVML_FROM_FIELD, NVML_FIELD_POWER_INSTANT,
                                       NVML_SCOPE_MODULE};
    struct jb_channel channel = *whole;
    jb_rc rc = JB_OK;

    channel.role = JB_ROLE_CHECK;
    channel.slices = 0;
    memcpy(channel.parent, whole->id, sizeof channel.parent);
    if (whole->semantics == JB_SEMANTICS_COUNTER && power->from != NVML_FROM_NOTHING)
        rc = add_part(set, board, "power", "power readings of", power, &channel, err);
    if (rc == JB_OK && has_scope(board, NVML_SCOPE_MEMORY)) {
        channel.scope = JB_SCOPE_DRAM;
        channel.role = JB_ROLE_DETAIL;
        rc = add_part(set, board, "memory", "memory of", &memory, &channel, err);
    }
    /* Grace Hopper: the module's own meter is the kernel's (R-SENSOR-34); a second one beside it only checks. */
    if (rc == JB_OK && has_scope(board, NVML_SCOPE_MODULE)) {
        channel.parent[0] = '\0';
        channel.scope = JB_SCOPE_MODULE;
        channel.device = JB_DEVICE_NODE;
        channel.role = JB_ROLE_CHECK;
        channel.max_power_uw = MODULE_MAX_UW;
        rc = add_part(set, board, "module", "module (CPU, GPU, memory) of", &module, &channel, err);
    }
    return rc;
}

static jb_rc refuse_board(struct jb_sensor_set *set, const char *what, int code,
                          struct jb_error *err)
{
    struct nvml_trouble trouble;

    nvml__explain(code, &trouble);
    return jb_sensor_refuse(set, "nvml", what, trouble.reason, trouble.step, err);
}

static jb_rc add_board(struct jb_sensor_set *set, struct nvml_board *board, struct jb_error *err)
{
    struct jb_channel channel;
    struct nvml_source energy;
    struct nvml_source power;

    const int no_energy = choose(board, energy_sources, JB_ARRAY_LEN(energy_sources), &energy);
    const int no_power = choose(board, power_sources, JB_ARRAY_LEN(power_sources), &power);
    describe(board, &channel);
    if (no_energy != NVML_OK && no_power != NVML_OK)
        return refuse_board(set, channel.id, no_energy != NVML_NOT_SUPPORTED ? no_energy : no_power,
                            err);
    if (no_energy == NVML_OK) {
        channel.semantics = JB_SEMANTICS_COUNTER;
        channel.origin = JB_ORIGIN_COUNTER;
        channel.quantum_uj = MW;
    } else {
        describe_power(board, &power, &channel);
    }
    jb_rc rc = add_meter(set, board, no_energy == NVML_OK ? &energy : &power, &channel, err);
    if (rc == JB_OK && sensor__find(set, channel.id))
        rc = jb_sensor_add_use(set, channel.id, nvml__use, err);
    if (rc == JB_OK)
        rc = add_others(set, board, &channel, &power, err);
    return rc;
}

/* -- finding boards -------------------------------------------------------------------------------------------------- */

/* R-SENSOR-66: the instances that share a board, counted and never measured. */
static void find_slices(struct nvml_board *board)
{
    uint32_t is_on = 0;
    uint32_t is_wanted = 0;
    nvml_device instance;

    if (NVML_CALL(board->nvml, mig_mode, board->device, &is_on, &is_wanted) != NVML_OK ||
        is_on != 1)
        return;
    board->is_mig = true;
    if (NVML_CALL(board->nvml, mig_max, board->device, &board->n_migs_max) != NVML_OK)
        board->n_migs_max = 0;
    if (board->n_migs_max > NVML_MIGS_MAX)
        board->n_migs_max = NVML_MIGS_MAX;
    for (uint32_t i = 0; i < board->n_migs_max; i++)
        board->n_slices +=
            NVML_CALL(board->nvml, mig_by_index, board->device, i, &instance) == NVML_OK ? 1 : 0;
    nvml__gpm_init(board);
}

/* Who the board is; a code of the library. */
static int meet(struct nvml_board *board, uint32_t index)
{
    int code = NVML_CALL(board->nvml, device_by_index, index, &board->device);

    if (code == NVML_OK)
        code = NVML_CALL(board->nvml, uuid, board->device, board->uuid, sizeof board->uuid - 1);
    if (code == NVML_OK && board->uuid[0] == '\0')
        code = NVML_UNKNOWN;
    if (code != NVML_OK)
        return code;
    if (NVML_CALL(board->nvml, name, board->device, board->name, sizeof board->name - 1) != NVML_OK)
        (void)snprintf(board->name, sizeof board->name, "NVIDIA board");
    if (NVML_CALL(board->nvml, pci, board->device, &board->pci) != NVML_OK)
        board->pci = (struct nvml_pci){0};
    board->generation = nvml__generation(board->nvml, board->device);
    find_slices(board);
    return NVML_OK;
}

static uint64_t pci_rank(const struct nvml_board *board)
{
    return ((uint64_t)board->pci.domain << 32) | ((uint64_t)(board->pci.bus & 0xffff) << 16) |
           (board->pci.device & 0xffff);
}

static void settle_places(struct nvml_board *const *boards, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        boards[i]->place = 1;
        for (size_t k = 0; k < n; k++)
            boards[i]->place += pci_rank(boards[k]) < pci_rank(boards[i]) ||
                                        (pci_rank(boards[k]) == pci_rank(boards[i]) && k < i)
                                    ? 1
                                    : 0;
    }
}

static jb_rc find_board(struct jb_sensor_set *set, struct nvml *nvml, uint32_t index,
                        struct nvml_board **boards, size_t *n, struct jb_error *err)
{
    JB_AUTO(board_put_auto) struct nvml_board *board = calloc(1, sizeof *board);
    char what[48];

    if (!board)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a board");
    board->n_users = 1;
    board->nvml = nvml;
    nvml__ref(nvml);
    const int code = meet(board, index);
    if (code != NVML_OK) {
        (void)snprintf(what, sizeof what, "NVIDIA board %" PRIu32 " of this machine", index);
        return refuse_board(set, what, code, err);
    }
    boards[(*n)++] = board;
    board = NULL;
    return JB_OK;
}

static jb_rc find_boards(struct jb_sensor_set *set, struct nvml *nvml, struct jb_error *err)
{
    struct nvml_board *boards[BOARDS_MAX];
    uint32_t n_listed = 0;
    size_t n = 0;
    jb_rc rc = JB_OK;

    const int code = NVML_CALL(nvml, device_count, &n_listed);
    if (code != NVML_OK)
        return refuse_board(set, "boards of NVIDIA", code, err);
    for (uint32_t i = 0; i < n_listed && i < BOARDS_MAX && rc == JB_OK; i++)
        rc = find_board(set, nvml, i, boards, &n, err);
    settle_places(boards, n);
    for (size_t i = 0; i < n; i++) {
        if (rc == JB_OK)
            rc = add_board(set, boards[i], err);
        board_put(boards[i]);
    }
    return rc;
}

static jb_rc nvml_probe(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                        struct jb_error *err)
{
    struct nvml_trouble trouble;
    struct nvml *nvml = NULL;

    if (!nvml__is_there(env))
        return JB_OK;
    jb_rc rc = nvml__start(env, &nvml, &trouble);
    if (rc == JB_E_UNAVAILABLE)
        return jb_sensor_refuse(set, "nvml", "boards of NVIDIA", trouble.reason, trouble.step, err);
    if (rc < 0)
        return jb_fail(err, rc, NULL, "no memory for NVIDIA's library");
    rc = find_boards(set, nvml, err);
    nvml__put(nvml);
    return rc;
}

const struct jb_sensor_driver jb_sensor_nvml = {
    .name = "nvml",
    .summary = "NVIDIA boards through the library of their driver: energy, power, users",
    .probe = nvml_probe,
    .is_apart = true,
    .is_there = nvml__is_there,
    .patience_ns = 15 * JB_NS_PER_S,
    .if_silent =
        "an administrator turns persistence on, so that boards need not be started each time "
        "(systemctl enable --now nvidia-persistenced, or nvidia-smi -pm 1); if nvidia-smi "
        "hangs too, `dmesg` says why",
    .is_missed = true,
};
