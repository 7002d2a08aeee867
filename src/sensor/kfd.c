/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /sys/class/kfd to compute processes per board. The runtime opens every board at its start, so a process counts as a
 * user only of those where it holds memory or compute units. Reads, and keeps nothing. Rule R-SENSOR-74.
 */
#include "sensor/kfd.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "sensor/sensor_int.h"

#define NODES_FOLDER     "/sys/class/kfd/kfd/topology/nodes"
#define PROCESSES_FOLDER "/sys/class/kfd/kfd/proc"
#define PROPERTIES_MAX   4096
#define UNITS_MAX        65536

/* "name 123" on a line of its own. */
static bool find_property(const char *text, const char *name, uint64_t *ret)
{
    const size_t len = strlen(name);

    for (const char *at = text; *at != '\0'; at += strcspn(at, "\n"), at += *at == '\n') {
        const size_t line = strcspn(at, "\n");
        if (line > len + 1 && strncmp(at, name, len) == 0 && at[len] == ' ')
            return jb_parse_u64(at + len + 1, line - len - 1, true, ret) == JB_OK;
    }
    return false;
}

/* The address that a node's location stands for: bus, device and function in 16 bits. */
static bool is_at(const char *properties, const char *pci)
{
    char address[32];
    uint64_t location;
    uint64_t domain = 0;

    if (!find_property(properties, "location_id", &location))
        return false;
    (void)find_property(properties, "domain", &domain);
    (void)snprintf(address, sizeof address, "%04x:%02x:%02x.%x", (unsigned)(domain & 0xfffff),
                   (unsigned)(location >> 8) & 0xff, (unsigned)(location >> 3) & 0x1f,
                   (unsigned)location & 7);
    /* The function's bits name the partition; a board's own is 0. */
    return strncmp(address, pci, strlen(pci) - 1) == 0;
}

void kfd__find_board(const struct jb_os *os, const char *pci, struct kfd_board *ret)
{
    JB_AUTO(sensor__names_release) struct sensor_names nodes = {0};
    char folder[SENSOR_PATH_MAX];
    char properties[PROPERTIES_MAX];
    uint64_t gpu_id;

    *ret = (struct kfd_board){0};
    if (sensor__list(os, NODES_FOLDER, &nodes) < 0)
        return;
    for (size_t i = 0; i < nodes.n && ret->n < KFD_PARTITIONS_MAX; i++) {
        if (!sensor__path(folder, sizeof folder, NODES_FOLDER, nodes.items[i]) ||
            sensor__u64(os, folder, "gpu_id", &gpu_id) < 0 || gpu_id == 0 ||
            sensor__text(os, folder, "properties", properties, sizeof properties) <= 0)
            continue;
        if (is_at(properties, pci))
            ret->gpu_ids[ret->n++] = gpu_id;
    }
}

struct walk {
    const struct jb_os *os;
    const struct kfd_board *board;
    kfd_use_fn fn;
    void *arg;
};

/* What a process holds of one partition; false where it ended meanwhile. */
static bool add_partition(const struct jb_os *os, const char *folder, uint64_t gpu_id,
                          struct kfd_use *use)
{
    char vram[SENSOR_NAME_MAX];
    char occupancy[SENSOR_NAME_MAX];
    uint64_t value;

    (void)snprintf(vram, sizeof vram, "vram_%llu", (unsigned long long)gpu_id);
    (void)snprintf(occupancy, sizeof occupancy, "stats_%llu/cu_occupancy",
                   (unsigned long long)gpu_id);
    if (sensor__u64(os, folder, vram, &value) < 0)
        return true; /* it never opened that one */
    if (value <= INT64_MAX)
        use->memory_bytes = jb_add_sat_i64(use->memory_bytes, (int64_t)value);
    if (sensor__u64(os, folder, occupancy, &value) == 0 && value <= UNITS_MAX)
        use->units += (int64_t)value;
    else if (sensor__u64(os, folder, vram, &value) < 0)
        return false; /* "cannot say" and "is no more" look alike */
    else
        use->has_units = false;
    return true;
}

static int take_process(void *arg, const char *name)
{
    const struct walk *const walk = arg;
    struct kfd_use use = {.has_units = true};
    char folder[SENSOR_PATH_MAX];

    if (jb_parse_i64(name, strlen(name), false, &use.pid) < 0 || use.pid <= 0 ||
        !sensor__path(folder, sizeof folder, PROCESSES_FOLDER, name))
        return 0;
    for (size_t i = 0; i < walk->board->n; i++)
        if (!add_partition(walk->os, folder, walk->board->gpu_ids[i], &use))
            return 0;
    if (use.memory_bytes > 0 || use.units > 0)
        walk->fn(walk->arg, &use);
    return 0;
}

int kfd__each_use(const struct jb_os *os, const struct kfd_board *board, kfd_use_fn fn, void *arg)
{
    struct walk walk = {.os = os, .board = board, .fn = fn, .arg = arg};

    return os->list(os->context, PROCESSES_FOLDER, take_process, &walk);
}
