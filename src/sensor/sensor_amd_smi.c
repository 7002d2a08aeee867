/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AMD boards by their maker's libraries, loaded while the program runs: AMD SMI (libamd_smi), else ROCm SMI
 * (librocm_smi64). Only for boards whose table in sysfs is of a later revision than we know; both libraries read the same
 * table. Of both only calls with plain arguments are used: their structures changed between releases. Read in a process of its
 * own. Rule R-SENSOR-75.
 */
#include <dlfcn.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/gpu_metrics.h"
#include "sensor/sensor_int.h"

#define DRIVER      "amd-smi"
#define FILES_MAX   8
#define DEVICES_MAX 64
#define SOCKETS_MAX 64

/* -- what the libraries export --------------------------------------------------------------------------------------- */

typedef int (*begin_fn)(uint64_t flags);
typedef int (*end_fn)(void);
typedef int (*rocm_count_fn)(uint32_t *n);
typedef int (*rocm_pci_fn)(uint32_t index, uint64_t *pci);
typedef int (*rocm_energy_fn)(uint32_t index, uint64_t *count, float *resolution, uint64_t *at_ns);
typedef int (*amd_sockets_fn)(uint32_t *n, void **sockets);
typedef int (*amd_processors_fn)(void *socket, uint32_t *n, void **processors);
typedef int (*amd_pci_fn)(void *processor, uint64_t *pci);
typedef int (*amd_energy_fn)(void *processor, uint64_t *count, float *resolution, uint64_t *at_ns);

struct smi_device {
    char pci[16];
    uint32_t index;  /* ROCm SMI's */
    void *processor; /* AMD SMI's */
};

struct smi {
    size_t n_refs;
    const struct maker *maker;
    void *library;
    begin_fn begin;
    end_fn end;
    union {
        struct {
            rocm_count_fn count;
            rocm_pci_fn pci;
            rocm_energy_fn energy;
        } rocm;
        struct {
            amd_sockets_fn sockets;
            amd_processors_fn processors;
            amd_pci_fn pci;
            amd_energy_fn energy;
        } amd;
    } calls;
    struct smi_device devices[DEVICES_MAX];
    size_t n;
};

/* One library; the first file that can be loaded is taken. */
struct maker {
    const char *name;
    const char *files[FILES_MAX];
    uint64_t begin_flags;
    struct symbol {
        const char *name;
        size_t offset; /* in struct smi */
    } symbols[6];
    int (*list)(struct smi *smi);
    int (*energy)(const struct smi *smi, const struct smi_device *device, uint64_t *count,
                  float *resolution);
    int permission, not_supported; /* its codes; 0 is success in both */
    int busy[3];
};

static void put_pci(struct smi *smi, uint64_t pci, struct smi_device device)
{
    if (smi->n == DEVICES_MAX)
        return;
    /* Bits 28 to 31 hold the partition of a board, which has no meter of its own. */
    if ((pci >> 28 & 0xf) != 0)
        return;
    (void)snprintf(device.pci, sizeof device.pci, "%04x:%02x:%02x.%x",
                   (unsigned)(pci >> 32) & 0xfffff, (unsigned)(pci >> 8) & 0xff,
                   (unsigned)(pci >> 3) & 0x1f, (unsigned)pci & 7);
    smi->devices[smi->n++] = device;
}

static int rocm_list(struct smi *smi)
{
    uint32_t n = 0;
    uint64_t pci = 0;
    const int code = smi->calls.rocm.count(&n);

    for (uint32_t i = 0; code == 0 && i < n && i < DEVICES_MAX; i++)
        if (smi->calls.rocm.pci(i, &pci) == 0)
            put_pci(smi, pci, (struct smi_device){.index = i});
    return code;
}

static int rocm_energy(const struct smi *smi, const struct smi_device *device, uint64_t *count,
                       float *resolution)
{
    uint64_t at_ns = 0;

    return smi->calls.rocm.energy(device->index, count, resolution, &at_ns);
}

static int amd_list(struct smi *smi)
{
    void *sockets[SOCKETS_MAX];
    void *processors[DEVICES_MAX];
    uint32_t n_sockets = SOCKETS_MAX;
    uint64_t pci = 0;
    const int code = smi->calls.amd.sockets(&n_sockets, sockets);

    for (uint32_t i = 0; code == 0 && i < n_sockets && i < SOCKETS_MAX; i++) {
        uint32_t n = DEVICES_MAX;
        if (smi->calls.amd.processors(sockets[i], &n, processors) != 0)
            continue;
        for (uint32_t k = 0; k < n && k < DEVICES_MAX; k++)
            if (smi->calls.amd.pci(processors[k], &pci) == 0)
                put_pci(smi, pci, (struct smi_device){.processor = processors[k]});
    }
    return code;
}

static int amd_energy(const struct smi *smi, const struct smi_device *device, uint64_t *count,
                      float *resolution)
{
    uint64_t at_ns = 0;

    return smi->calls.amd.energy(device->processor, count, resolution, &at_ns);
}

static const struct maker makers[] = {
    {
        .name = "AMD SMI",
        .files = {"libamd_smi.so", "libamd_smi.so.26", "libamd_smi.so.25", "libamd_smi.so.24",
                  "/opt/rocm/lib/libamd_smi.so"},
        .begin_flags = 2, /* graphics boards only: processors would be asked by root alone */
        .symbols = {{"amdsmi_init", offsetof(struct smi, begin)},
                    {"amdsmi_shut_down", offsetof(struct smi, end)},
                    {"amdsmi_get_socket_handles", offsetof(struct smi, calls.amd.sockets)},
                    {"amdsmi_get_processor_handles", offsetof(struct smi, calls.amd.processors)},
                    {"amdsmi_get_gpu_bdf_id", offsetof(struct smi, calls.amd.pci)},
                    {"amdsmi_get_energy_count", offsetof(struct smi, calls.amd.energy)}},
        .list = amd_list,
        .energy = amd_energy,
        .permission = 10,
        .not_supported = 2,
        .busy = {8, 11, 30}, /* time-out, interrupt, busy */
    },
    {
        .name = "ROCm SMI",
        .files = {"librocm_smi64.so", "librocm_smi64.so.7", "librocm_smi64.so.6",
                  "librocm_smi64.so.5", "librocm_smi64.so.1", "/opt/rocm/lib/librocm_smi64.so"},
        .symbols = {{"rsmi_init", offsetof(struct smi, begin)},
                    {"rsmi_shut_down", offsetof(struct smi, end)},
                    {"rsmi_num_monitor_devices", offsetof(struct smi, calls.rocm.count)},
                    {"rsmi_dev_pci_id_get", offsetof(struct smi, calls.rocm.pci)},
                    {"rsmi_dev_energy_count_get", offsetof(struct smi, calls.rocm.energy)}},
        .list = rocm_list,
        .energy = rocm_energy,
        .permission = 4,
        .not_supported = 2,
        .busy = {12, 14, 16}, /* interrupt, no data, busy */
    },
};

static jb_rc rc_of(const struct maker *maker, int code)
{
    if (code == 0)
        return JB_OK;
    if (code == maker->permission)
        return JB_E_PERMISSION;
    if (code == maker->not_supported)
        return JB_E_UNAVAILABLE;
    for (size_t i = 0; i < JB_ARRAY_LEN(maker->busy); i++)
        if (code == maker->busy[i])
            return JB_E_AGAIN;
    return JB_E_IO;
}

/* -- loading --------------------------------------------------------------------------------------------------------- */

static bool resolve(struct smi *smi)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(smi->maker->symbols) && smi->maker->symbols[i].name; i++) {
        void *const symbol = dlsym(smi->library, smi->maker->symbols[i].name);
        if (!symbol)
            return false;
        memcpy((char *)smi + smi->maker->symbols[i].offset, &symbol, sizeof symbol);
    }
    return true;
}

static void let_go(struct smi *smi)
{
    if (!smi || --smi->n_refs > 0)
        return;
    (void)smi->end();
    (void)dlclose(smi->library);
    free(smi);
}
JB_AUTO_POINTER(struct smi, let_go)

/* What kept the libraries from being used; the last word counts. */
struct trouble {
    char reason[200];
    const char *step;
};

static const char step_group[] =
    "an administrator adds the user to the group render (usermod -aG render NAME), who then logs "
    "in anew; no device's permissions need to be loosened";

/* The loader's own search, which leaves LD_LIBRARY_PATH out for an executable with a capability. */
static void *load(const struct maker *maker)
{
    for (size_t i = 0; i < FILES_MAX && maker->files[i]; i++) {
        void *const library = dlopen(maker->files[i], RTLD_NOW | RTLD_LOCAL);
        if (library)
            return library;
    }
    return NULL;
}

static jb_rc begin_one(const struct maker *maker, struct smi **ret, struct trouble *trouble)
{
    struct smi *const smi = calloc(1, sizeof *smi);
    int code = -1;

    if (!smi)
        return JB_E_NOMEM;
    smi->maker = maker;
    smi->n_refs = 1;
    smi->library = load(maker);
    if (!smi->library) {
        free(smi);
        return JB_E_NOT_FOUND;
    }
    const bool is_whole = resolve(smi);
    if (is_whole) {
        code = smi->begin(maker->begin_flags);
        if (code == 0) {
            code = maker->list(smi);
            if (code == 0) {
                *ret = smi;
                return JB_OK;
            }
            (void)smi->end();
        }
    }
    if (is_whole)
        (void)snprintf(trouble->reason, sizeof trouble->reason,
                       "AMD's library %s is there, but does not start (its code %d)", maker->name,
                       code);
    else
        (void)snprintf(trouble->reason, sizeof trouble->reason,
                       "AMD's library %s is there, but of a release without the calls we use",
                       maker->name);
    trouble->step = is_whole ? step_group : "install a release of 2023 or later";
    (void)dlclose(smi->library);
    free(smi);
    return JB_E_UNAVAILABLE;
}

/* -- boards ---------------------------------------------------------------------------------------------------------- */

struct board {
    struct smi *smi;
    struct smi_device device;
    struct sensor_users users;
};

static jb_rc read_count(const struct smi *smi, const struct smi_device *device, uint64_t *ret_count,
                        float *ret_resolution)
{
    uint64_t count = UINT64_MAX;
    float resolution = 0;
    const jb_rc rc = rc_of(smi->maker, smi->maker->energy(smi, device, &count, &resolution));

    if (rc < 0)
        return rc;
    if (count == UINT64_MAX || count == UINT32_MAX)
        return JB_E_UNAVAILABLE; /* the table's word for "not supported", passed through */
    *ret_count = count;
    *ret_resolution = resolution;
    return JB_OK;
}

static jb_rc board_read(void *handle, const struct jb_sensor_env *env, unsigned long long *ret_raw)
{
    const struct board *const board = handle;
    uint64_t count;
    float resolution;

    (void)env;
    const jb_rc rc = read_count(board->smi, &board->device, &count, &resolution);
    if (rc < 0)
        return rc == JB_E_UNAVAILABLE ? JB_E_AGAIN : rc;
    *ret_raw = count;
    return JB_OK;
}

static jb_rc board_use(void *handle, const struct jb_sensor_env *env,
                       struct jb_sensor_board *ret_board, struct jb_sensor_use *ret_uses,
                       size_t capacity, size_t *ret_n)
{
    const struct board *const board = handle;

    return drm_watch__use(board->users.watch, env, board->users.board, ret_board, ret_uses,
                          capacity, ret_n);
}

static void board_close(void *handle, const struct jb_sensor_env *env)
{
    struct board *const board = handle;

    (void)env;
    drm_watch__unref(board->users.watch);
    let_go(board->smi);
    free(board);
}

/* R-SENSOR-75: both libraries say 15.3 for the hardware's 2^-16 J (15.2588 uJ); any other unit is taken to the nJ. */
static bool put_unit(float resolution, struct jb_channel *channel)
{
    if (!isfinite(resolution) || resolution < 0.001F || resolution > 1.0e6F)
        return false;
    if (resolution > 15.25F && resolution < 15.35F)
        return true; /* as the channel was described */
    channel->unit_num = (uint64_t)llroundf(resolution * 1000);
    channel->unit_den = 1000;
    channel->quantum_uj = (int64_t)((channel->unit_num + 999) / 1000);
    return true;
}

static jb_rc refuse(struct jb_sensor_set *set, const struct drm_board *board, const char *reason,
                    const char *step, struct jb_error *err)
{
    char what[SENSOR_NAME_MAX];

    (void)snprintf(what, sizeof what, "gpu/%s", board->pci);
    return jb_sensor_refuse(set, DRIVER, what, reason, step, err);
}

static jb_rc add_board(const struct jb_sensor_env *env, struct jb_sensor_set *set, struct smi *smi,
                       const struct smi_device *device, const struct drm_board *drm,
                       struct jb_error *err)
{
    struct jb_channel channel;
    uint64_t count = 0;
    float resolution = 0;
    jb_rc rc = JB_E_AGAIN;

    for (int i = 0; i < 3 && rc == JB_E_AGAIN; i++)
        rc = read_count(smi, device, &count, &resolution);
    sensor__amd_describe(drm, DRIVER, &channel);
    if (rc == JB_E_PERMISSION)
        return refuse(set, drm, "the board is there, but this user may not ask it", step_group,
                      err);
    if (rc < 0 || !put_unit(resolution, &channel))
        return refuse(set, drm, "AMD's library gives no energy count for it",
                      "nothing to do: its power gauge is read where it has one", err);
    if (count == 0 && sensor__amd_is_mi200(drm))
        return refuse(set, drm, "the other die of its module counts the energy of both",
                      "nothing to do: the module is counted once, with that die", err);
    struct board *const board = calloc(1, sizeof *board);
    if (!board)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for channel '%s'", channel.id);
    board->smi = smi;
    board->device = *device;
    smi->n_refs++;
    rc = jb_sensor_add(set, &channel, board, board_read, board_close, err);
    if (rc < 0 || !sensor__find(set, channel.id))
        return rc;
    return sensor__watch_board(env, set, channel.id, board_use, &board->users, err);
}

static jb_rc add_found(const struct jb_sensor_env *env, struct jb_sensor_set *set, struct smi *smi,
                       const struct drm_board *drm, struct jb_error *err)
{
    for (size_t i = 0; i < smi->n; i++)
        if (strcmp(smi->devices[i].pci, drm->pci) == 0)
            return add_board(env, set, smi, &smi->devices[i], drm, err);
    return refuse(set, drm, "AMD's library does not list the board",
                  "nothing to do: its power gauge is read where it has one", err);
}

/* The boards that no better path reads: first moved to the front of `boards`, their number is the result. */
static size_t keep_unread(const struct jb_os *os, struct drm_board *boards, size_t n)
{
    enum sensor_amd_meter meter;
    size_t n_kept = 0;

    for (size_t i = 0; i < n; i++) {
        if (boards[i].vendor != DRM_VENDOR_AMD)
            continue;
        (void)sensor__amd_meter(os, &boards[i], &meter);
        if (meter == SENSOR_AMD_UNREAD)
            boards[n_kept++] = boards[i];
    }
    return n_kept;
}

static jb_rc smi_probe(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                       struct jb_error *err)
{
    JB_AUTO(let_go_auto) struct smi *smi = NULL;
    struct trouble trouble = {
        .reason =
            "its table in sysfs is newer than this version of joulebook, and neither of AMD's "
            "libraries is there",
        .step = "install amd-smi-lib or rocm-smi-lib (Debian: librocm-smi64-1); until then its "
                "power gauge is read"};
    struct drm_board boards[DRM_BOARDS_MAX];
    const size_t n = keep_unread(env->os, boards, drm__boards(env->os, boards));
    jb_rc rc = JB_OK;

    for (size_t i = 0; n > 0 && i < JB_ARRAY_LEN(makers) && !smi; i++)
        if (begin_one(&makers[i], &smi, &trouble) == JB_E_NOMEM)
            return jb_fail(err, JB_E_NOMEM, NULL, "no memory for AMD's libraries");
    for (size_t i = 0; i < n && rc == JB_OK; i++) {
        if (smi)
            rc = add_found(env, set, smi, &boards[i], err);
        else
            rc = refuse(set, &boards[i], trouble.reason, trouble.step, err);
    }
    return rc;
}

/* No process is made for boards whose table is known. */
static bool is_any_unread(const struct jb_sensor_env *env)
{
    struct drm_board boards[DRM_BOARDS_MAX];

    return keep_unread(env->os, boards, drm__boards(env->os, boards)) > 0;
}

const struct jb_sensor_driver jb_sensor_amd_smi = {
    .name = DRIVER,
    .summary = "energy counters of AMD boards newer than we know, by AMD SMI or ROCm SMI",
    .probe = smi_probe,
    .is_apart = true,
    .is_there = is_any_unread,
};
