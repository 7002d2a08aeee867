/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RAPL through /sys/class/powercap: every control type, zones known by control type, name and place in the tree, never
 * by index. Reads energy_uj as it stands. What it sees but may not read it refuses with the step that would allow it.
 * Rules R-SENSOR-02, R-SENSOR-10 to R-SENSOR-15, R-TREE-02.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "sensor/sensor_int.h"

#define CLASS_FOLDER "/sys/class/powercap"
#define ZONES_MAX    256

#define STEP_PERMISSION                                                                          \
    "run as root, or an administrator decides: `setcap cap_perfmon+ep joulebook` (perf events, " \
    "opens no file to anybody), or a udev rule that gives one trusted group read access: "       \
    "SUBSYSTEM==\"powercap\", RUN+=\"/bin/sh -c 'chgrp GROUP /sys%p/energy_uj && "               \
    "chmod 0440 /sys%p/energy_uj'\""

struct zone {
    char folder
        [SENSOR_PATH_MAX]; /* as reached through the class folder or through its parent zone */
    char entry[SENSOR_NAME_MAX]; /* "intel-rapl:0:1" */
    char type[SENSOR_NAME_MAX];  /* control type: "intel-rapl" */
    char name[SENSOR_NAME_MAX];  /* its `name` file: "package-0", "dram" */
};

struct probing {
    const struct jb_sensor_env *env;
    struct jb_sensor_set *set;
    struct sensor_cpu cpu;
    struct zone *zones;
    size_t n_zones;
    char denied[SENSOR_PATH_MAX]; /* names of the zones that may not be read */
    unsigned n_denied;
};

/* -- finding the zones ----------------------------------------------------------------------------------------------- */

static const struct zone *find_entry(const struct probing *probing, const char *entry)
{
    for (size_t i = 0; i < probing->n_zones; i++)
        if (strcmp(probing->zones[i].entry, entry) == 0)
            return &probing->zones[i];
    return NULL;
}

/* Takes in <parent>/<entry> if it is a zone; the class folder lists all of them flat, a zone its own children. */
static void take_zone(struct probing *probing, const char *parent, const char *entry)
{
    const size_t type_len = strcspn(entry, ":");
    struct zone zone = {0};

    if (entry[type_len] != ':' || probing->n_zones == ZONES_MAX || find_entry(probing, entry) ||
        !sensor__path(zone.folder, sizeof zone.folder, parent, entry) ||
        sensor__text(probing->env->os, zone.folder, "name", zone.name, sizeof zone.name) <= 0)
        return;
    memcpy(zone.type, entry, type_len);
    (void)snprintf(zone.entry, sizeof zone.entry, "%s", entry);
    probing->zones[probing->n_zones++] = zone;
}

static void take_zones_in(struct probing *probing, const char *folder)
{
    JB_AUTO(sensor__names_release) struct sensor_names names = {0};

    if (sensor__list(probing->env->os, folder, &names) < 0)
        return;
    for (size_t i = 0; i < names.n; i++)
        take_zone(probing, folder, names.items[i]);
}

/* The order of reading: the processor's own registers before any other path, then as the kernel numbered them. */
static int compare_zones(const void *a, const void *b)
{
    const struct zone *const za = a;
    const struct zone *const zb = b;
    const int is_msr_a = strcmp(za->type, "intel-rapl") == 0;
    const int is_msr_b = strcmp(zb->type, "intel-rapl") == 0;

    if (is_msr_a != is_msr_b)
        return is_msr_b - is_msr_a;
    return strverscmp(za->entry, zb->entry);
}

static const struct zone *parent_zone(const struct probing *probing, const struct zone *zone)
{
    const char *const last = strrchr(zone->entry, ':');
    char parent[SENSOR_NAME_MAX];

    if (!last || !memchr(zone->entry, ':', (size_t)(last - zone->entry)))
        return NULL;
    (void)snprintf(parent, sizeof parent, "%.*s", (int)(last - zone->entry), zone->entry);
    return find_entry(probing, parent);
}

/* -- what a zone is -------------------------------------------------------------------------------------------------- */

struct meaning {
    enum sensor_rapl_domain domain;
    int64_t package;
    int64_t die;
};

/* "<prefix><number><rest>": the number, and *rest moved behind it. */
static bool take_number(const char **rest, const char *prefix, int64_t *ret)
{
    const size_t prefix_len = strlen(prefix);

    if (strncmp(*rest, prefix, prefix_len) != 0)
        return false;
    const char *const digits = *rest + prefix_len;
    const size_t len = strspn(digits, "0123456789");
    if (jb_parse_i64(digits, len, false, ret) < 0)
        return false;
    *rest = digits + len;
    return true;
}

/* "package-0", "package-1-die-2" */
static bool read_package(const char *name, struct meaning *ret)
{
    *ret = (struct meaning){.domain = SENSOR_RAPL_PACKAGE, .die = SENSOR_DIE_NONE};
    if (!take_number(&name, "package-", &ret->package))
        return false;
    return *name == '\0' || (take_number(&name, "-die-", &ret->die) && *name == '\0');
}

/* R-SENSOR-10: name and parent say what a zone is; false where RAPL has no such domain. */
static bool read_meaning(const struct probing *probing, const struct zone *zone,
                         struct meaning *ret)
{
    static const struct {
        const char *name;
        enum sensor_rapl_domain domain;
    } parts[] = {
        {"core", SENSOR_RAPL_CORE}, {"uncore", SENSOR_RAPL_UNCORE}, {"dram", SENSOR_RAPL_DRAM}};
    const struct zone *const parent = parent_zone(probing, zone);
    const char *rest = zone->name;

    if (!parent) {
        if (read_package(zone->name, ret))
            return true;
        *ret = (struct meaning){.domain = SENSOR_RAPL_PSYS, .die = SENSOR_DIE_NONE};
        return strcmp(rest, "psys") == 0 ||
               (take_number(&rest, "psys-", &ret->package) && *rest == '\0');
    }
    if (!read_package(parent->name, ret))
        return false;
    for (size_t i = 0; i < JB_ARRAY_LEN(parts); i++) {
        if (strcmp(zone->name, parts[i].name) == 0) {
            ret->domain = parts[i].domain;
            return true;
        }
    }
    return false;
}

/* R-SENSOR-13: the greatest limit the zone states, four times over, where that is more than the default. */
static int64_t greatest_power_uw(const struct jb_os *os, const struct zone *zone,
                                 int64_t default_uw)
{
    static const char *const kinds[] = {"max_power_uw", "power_limit_uw"};
    int64_t greatest_uw = default_uw;

    for (int k = 0; k < 3; k++) {
        for (size_t i = 0; i < JB_ARRAY_LEN(kinds); i++) {
            char name[SENSOR_NAME_MAX];
            uint64_t limit_uw;
            (void)snprintf(name, sizeof name, "constraint_%d_%s", k, kinds[i]);
            /* Firmware writes nonsense such as 2^31 W into unused limits. */
            if (sensor__u64(os, zone->folder, name, &limit_uw) < 0 ||
                limit_uw > (uint64_t)(2500 * SENSOR_W))
                continue;
            if ((int64_t)limit_uw * 4 > greatest_uw)
                greatest_uw = (int64_t)limit_uw * 4;
        }
    }
    return greatest_uw;
}

/* -- adding channels ------------------------------------------------------------------------------------------------- */

/*
 * R-SENSOR-14: two counters are one if the second, read between two reads of the first, stands between them. Of two
 * independent counters of 2^32 units the chance is below one in a million.
 */
static bool is_mirror(const struct jb_os *os, const char *folder_a, const char *folder_b)
{
    uint64_t before;
    uint64_t between;
    uint64_t after;

    return sensor__u64(os, folder_a, "energy_uj", &before) == 0 &&
           sensor__u64(os, folder_b, "energy_uj", &between) == 0 &&
           sensor__u64(os, folder_a, "energy_uj", &after) == 0 && before > 0 && before <= between &&
           between <= after;
}

/* The first die of the same package, through the same control type, that this one repeats; NULL if it is its own. */
static const struct zone *mirrored(const struct probing *probing, const struct zone *zone,
                                   const struct meaning *meaning)
{
    if (meaning->domain != SENSOR_RAPL_PACKAGE || meaning->die == SENSOR_DIE_NONE)
        return NULL;
    for (const struct zone *other = probing->zones; other < zone; other++) {
        struct meaning others;
        if (strcmp(other->type, zone->type) != 0 || !read_meaning(probing, other, &others) ||
            others.domain != SENSOR_RAPL_PACKAGE || others.package != meaning->package)
            continue;
        /* AMD has one such register for the whole package, whatever the topology says. */
        if (probing->cpu.is_amd || is_mirror(probing->env->os, other->folder, zone->folder))
            return other;
    }
    return NULL;
}

static void note_denied(struct probing *probing, const char *id)
{
    const size_t len = strlen(probing->denied);

    probing->n_denied++;
    (void)snprintf(probing->denied + len, sizeof probing->denied - len, "%s%s", len ? ", " : "",
                   strncmp(id, "rapl/", 5) == 0 ? id + 5 : id);
}

/* R-SENSOR-12: the wrap of the register, of which the kernel gives the greatest value. */
static uint64_t modulus_of(uint64_t max_range_uj, uint64_t *ret_unit_uj)
{
    const uint64_t unit_uj = max_range_uj / UINT32_MAX;
    const uint64_t step_uj = unit_uj > 0 ? unit_uj : 1;

    *ret_unit_uj = max_range_uj % UINT32_MAX != 0 ? unit_uj + 1 : step_uj;
    return max_range_uj > UINT64_MAX - step_uj ? 0 : max_range_uj + step_uj;
}

static jb_rc refuse_zone(struct probing *probing, const char *id, int failed, struct jb_error *err)
{
    char reason[200];

    if (failed == -EACCES || failed == -EPERM) {
        note_denied(probing, id);
        return JB_OK;
    }
    if (failed == -ENOMEM)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for channel '%s'", id);
    (void)snprintf(reason, sizeof reason, "its energy_uj could not be read (%s)",
                   strerror(-failed));
    return jb_sensor_refuse(probing->set, "rapl-powercap", id, reason,
                            "try again; if it stays, the kernel log may say why the driver fails",
                            err);
}

static jb_rc add_counter(struct probing *probing, const struct zone *zone,
                         struct jb_channel *channel, struct jb_error *err)
{
    const struct jb_os *const os = probing->env->os;
    struct sensor_file *file = NULL;
    uint64_t max_range_uj = 0;
    uint64_t unit_uj = 0;

    if (sensor__u64(os, zone->folder, "max_energy_range_uj", &max_range_uj) < 0)
        max_range_uj = 0; /* unknown: no wrap is assumed, and a count that falls is a gap */
    channel->modulus = max_range_uj > 0 ? modulus_of(max_range_uj, &unit_uj) : 0;
    channel->quantum_uj = unit_uj > 0 ? (int64_t)unit_uj : 1;
    channel->unit_num = 1;
    channel->unit_den = 1;
    channel->max_power_uw = greatest_power_uw(os, zone, channel->max_power_uw);
    (void)snprintf(channel->driver, sizeof channel->driver, "rapl-powercap");

    const int failed =
        sensor__file_new(probing->env, zone->folder, "energy_uj", true, channel->modulus, &file);
    if (failed < 0)
        return refuse_zone(probing, channel->id, failed, err);
    return jb_sensor_add(probing->set, channel, file, sensor__file_read, sensor__file_close, err);
}

/* Appends "@<type>" (and "+2", "+3" for a repeated one) until the id is free. */
static void rename_duplicate(const struct probing *probing, const struct zone *zone,
                             struct jb_channel *channel)
{
    char id[JB_CHANNEL_ID];

    memcpy(channel->parent, channel->id, sizeof channel->parent);
    for (unsigned k = 1; k < ZONES_MAX; k++) {
        if (k == 1)
            (void)snprintf(id, sizeof id, "%.*s@%.*s", 50, channel->parent, 30, zone->type);
        else
            (void)snprintf(id, sizeof id, "%.*s@%.*s+%u", 50, channel->parent, 30, zone->type, k);
        if (!sensor__find(probing->set, id))
            break;
    }
    memcpy(channel->id, id, sizeof channel->id);
    channel->role = JB_ROLE_DUPLICATE;
    const size_t len = strlen(channel->label);
    (void)snprintf(channel->label + len, sizeof channel->label - len, ", again by %.30s",
                   zone->type);
}

/* Whether perf events already read this domain: then nothing is opened here (R-TREE-02). */
static bool is_read_by_perf(const struct probing *probing, const struct meaning *meaning,
                            const char *id)
{
    struct jb_channel whole;
    const struct jb_channel *found = sensor__find(probing->set, id);

    if (!found && meaning->die != SENSOR_DIE_NONE && probing->cpu.is_amd) {
        sensor__rapl_describe(&probing->cpu, meaning->domain, meaning->package, SENSOR_DIE_NONE,
                              &whole);
        found = sensor__find(probing->set, whole.id);
    }
    return found && strcmp(found->driver, "rapl-perf") == 0;
}

static jb_rc add_rapl_zone(struct probing *probing, const struct zone *zone,
                           const struct meaning *meaning, struct jb_error *err)
{
    struct jb_channel channel;

    sensor__rapl_describe(&probing->cpu, meaning->domain, meaning->package, meaning->die, &channel);
    if (is_read_by_perf(probing, meaning, channel.id))
        return JB_OK;
    /* R-SENSOR-15: the register is one core's; the zone shows whichever core leads. */
    if (probing->cpu.is_amd && meaning->domain == SENSOR_RAPL_CORE)
        return jb_sensor_refuse(probing->set, "rapl-powercap", channel.id,
                                "on AMD this zone counts one single core, not all of them",
                                "nothing is lost: the package holds every core", err);
    if (sensor__find(probing->set, channel.id)) {
        rename_duplicate(probing, zone, &channel);
        return add_counter(probing, zone, &channel, err);
    }
    const struct zone *const twin = mirrored(probing, zone, meaning);
    if (twin) {
        struct meaning twins;
        struct jb_channel first;
        if (read_meaning(probing, twin, &twins)) {
            sensor__rapl_describe(&probing->cpu, twins.domain, twins.package, twins.die, &first);
            memcpy(channel.parent, first.id, sizeof channel.parent);
        }
        channel.role = JB_ROLE_DUPLICATE;
    }
    return add_counter(probing, zone, &channel, err);
}

/* Zones of other control types (arm-scmi and what may come): shown and compared, since nobody knows their overlap. */
static jb_rc add_unknown_zone(struct probing *probing, const struct zone *zone,
                              struct jb_error *err)
{
    uint64_t energy_uj;
    struct jb_channel channel = {
        .scope = JB_SCOPE_OTHER,
        .device = JB_DEVICE_OTHER,
        .semantics = JB_SEMANTICS_COUNTER,
        .origin = JB_ORIGIN_COUNTER,
        .role = JB_ROLE_CHECK,
        .max_power_uw = 4000 * SENSOR_W,
        .accuracy_ppm = 100000,
    };

    const int rc = sensor__u64(probing->env->os, zone->folder, "energy_uj", &energy_uj);
    if (rc == -ENOENT)
        return JB_OK; /* a limit without a meter, such as idle-inject */
    (void)snprintf(channel.id, sizeof channel.id, "powercap/%.40s/%.40s", zone->type, zone->name);
    (void)snprintf(channel.label, sizeof channel.label, "%.40s of %.40s", zone->name, zone->type);
    (void)snprintf(channel.correlation, sizeof channel.correlation, "powercap:%.38s", zone->type);
    if (sensor__find(probing->set, channel.id))
        return jb_sensor_refuse(probing->set, "rapl-powercap", channel.id,
                                "a second zone has the same control type and name",
                                "nothing to do: the first one is read", err);
    return add_counter(probing, zone, &channel, err);
}

static jb_rc add_zones(struct probing *probing, struct jb_error *err)
{
    for (size_t i = 0; i < probing->n_zones; i++) {
        const struct zone *const zone = &probing->zones[i];
        struct meaning meaning;
        jb_rc rc;
        if (read_meaning(probing, zone, &meaning))
            rc = add_rapl_zone(probing, zone, &meaning, err);
        else
            rc = add_unknown_zone(probing, zone, err);
        if (rc < 0)
            return rc;
    }
    if (probing->n_denied == 0)
        return JB_OK;
    char what[96];
    (void)snprintf(what, sizeof what, "%u powercap zones (%.60s)", probing->n_denied,
                   probing->denied);
    return jb_sensor_refuse(probing->set, "rapl-powercap", what,
                            "the zones are there, but energy_uj may be read by root only: the "
                            "kernel's default since CVE-2020-8694",
                            STEP_PERMISSION, err);
}

/* -- when there is nothing ------------------------------------------------------------------------------------------- */

/* R-SENSOR-16: absence, a masked tree and a guest are three things. */
static jb_rc explain_absence(struct probing *probing, bool has_zones, bool has_class,
                             struct jb_error *err)
{
    const char *reason;
    const char *step;

    if (has_zones || (has_class && sensor__is_container(probing->env->os))) {
        reason = "the powercap tree is masked: its class is listed, but "
                 "/sys/devices/virtual/powercap is empty or closed, as container runtimes make it";
        step = "run joulebook on the host, or whoever runs the container decides to unmask "
               "/sys/devices/virtual/powercap for it (it reveals the host's power to the guest)";
    } else if (probing->cpu.is_virtual) {
        reason = "this is a virtual machine (the processor shows the hypervisor flag): the host "
                 "does not pass RAPL through";
        step = "measure on the host or on bare metal; here the processor's energy is modelled";
    } else if (sensor__is_container(probing->env->os)) {
        reason = "this is a container that does not show /sys/class/powercap";
        step = "run joulebook on the host, or whoever runs the container decides to mount /sys "
               "with it";
    } else if (probing->cpu.is_x86) {
        reason = "the kernel offers no powercap zone";
        step = "an administrator may load the driver: modprobe intel_rapl_msr (Intel and AMD), or "
               "intel_rapl_tpmi on newer Xeons";
    } else {
        return JB_OK; /* no such thing on this architecture */
    }
    return jb_sensor_refuse(probing->set, "rapl-powercap", "RAPL (" CLASS_FOLDER ")", reason, step,
                            err);
}

static bool has_rapl(const struct jb_sensor_set *set)
{
    return sensor__find(set, "rapl/package-0") != NULL ||
           sensor__find(set, "rapl/package-0-die-0") != NULL;
}

static jb_rc powercap_probe(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                            struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct zone *zones = calloc(ZONES_MAX, sizeof *zones);
    JB_AUTO(sensor__names_release) struct sensor_names names = {0};
    struct probing probing = {.env = env, .set = set, .zones = zones};
    size_t n_listed = 0;

    if (!zones)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to look through '%s'", CLASS_FOLDER);
    sensor__read_cpu(env->os, &probing.cpu);
    const int listed = sensor__list(env->os, CLASS_FOLDER, &names);
    for (size_t i = 0; i < names.n; i++) {
        n_listed += strchr(names.items[i], ':') ? 1 : 0;
        take_zone(&probing, CLASS_FOLDER, names.items[i]);
    }
    /* Grows while it is walked: children of children are found too. */
    for (size_t i = 0; i < probing.n_zones; i++)
        take_zones_in(&probing, zones[i].folder);
    if (probing.n_zones == 0)
        return has_rapl(set) ? JB_OK : explain_absence(&probing, n_listed > 0, listed == 0, err);
    qsort(zones, probing.n_zones, sizeof zones[0], compare_zones);
    return add_zones(&probing, err);
}

const struct jb_sensor_driver jb_sensor_rapl_powercap = {
    .name = "rapl-powercap",
    .summary = "RAPL counters of Intel and AMD through /sys/class/powercap",
    .probe = powercap_probe,
};
