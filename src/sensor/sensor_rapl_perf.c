/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RAPL through perf events, the preferred path: no file is opened to anybody, and a capability is enough. One event per
 * domain on the first processor of each package or die, as the PMU's cpumask names them. Reads the count as it stands.
 * Rules R-SENSOR-10, R-SENSOR-17, R-SENSOR-18.
 */
#include <errno.h>
#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "sensor/sensor_int.h"

#define PMU_FOLDER      "/sys/bus/event_source/devices/power"
#define CORE_PMU_FOLDER "/sys/bus/event_source/devices/power_core"
#define CPU_FOLDER      "/sys/devices/system/cpu"
#define PLACES_MAX      64

/* R-SENSOR-17: the kernel scales every domain to 2^-32 J, and says so in each event's scale file. */
#define SCALE_TEXT "2.3283064365386962890625e-10"
#define UNIT_NUM   15625
#define UNIT_DEN   67108864

/*
 * R-SENSOR-18: the kernel adds up signed 32-bit differences of a register of 2^-16 J or coarser. A difference of more
 * than half the range is taken for a negative one, which is off by whole multiples of 2^48 counts: modulo 2^48 the
 * count is right whatever happened between two reads, as long as less than 65 536 J did.
 */
#define MODULUS (UINT64_C(1) << 48)

#define STEP_PERMISSION                                                                       \
    "run as root, or an administrator decides: `setcap cap_perfmon+ep joulebook` gives this " \
    "program alone the right to count; `sysctl kernel.perf_event_paranoid=0` would open "     \
    "per-processor events to every user of this machine"

static const struct event {
    const char *name;
    enum sensor_rapl_domain domain;
} events[] = {
    {"energy-pkg", SENSOR_RAPL_PACKAGE}, {"energy-ram", SENSOR_RAPL_DRAM},
    {"energy-cores", SENSOR_RAPL_CORE},  {"energy-gpu", SENSOR_RAPL_UNCORE},
    {"energy-psys", SENSOR_RAPL_PSYS},
};

/* A processor that reads for its package or die. */
struct place {
    int cpu;
    int64_t package;
    int64_t die; /* SENSOR_DIE_NONE where every package has one */
};

struct probing {
    const struct jb_sensor_env *env;
    struct jb_sensor_set *set;
    struct sensor_cpu cpu;
    uint64_t type;
    struct place places[PLACES_MAX];
    size_t n_places;
    char denied[64]; /* names of the events that may not be opened */
    bool is_without_perf;
};

struct count {
    int handle;
};

static jb_rc count_read(void *handle, const struct jb_sensor_env *env, unsigned long long *ret_raw)
{
    const struct count *const count = handle;
    uint64_t value;
    const ssize_t n = env->os->pread(env->os->context, count->handle, &value, sizeof value, 0);

    if (n < 0)
        return sensor__rc_of_read(n);
    if (n == 0) /* the event is in error: its processors went offline */
        return JB_E_GONE;
    if (n != (ssize_t)sizeof value)
        return JB_E_AGAIN;
    *ret_raw = value % MODULUS;
    return JB_OK;
}

static void count_close(void *handle, const struct jb_sensor_env *env)
{
    struct count *const count = handle;

    env->os->close(env->os->context, count->handle);
    free(count);
}

/* "0,18" or "0-3": one number of such a list, *at moved behind it. */
static bool next_cpu(const char **at, int64_t *ret_first, int64_t *ret_last)
{
    size_t len = strspn(*at, "0123456789");

    if (jb_parse_i64(*at, len, false, ret_first) < 0)
        return false;
    *ret_last = *ret_first;
    *at += len;
    if (**at == '-') {
        (*at)++;
        len = strspn(*at, "0123456789");
        if (jb_parse_i64(*at, len, false, ret_last) < 0)
            return false;
        *at += len;
    }
    if (**at == ',')
        (*at)++;
    return *ret_last >= *ret_first && *ret_last <= INT32_MAX;
}

static void take_place(struct probing *probing, int64_t cpu)
{
    const struct jb_os *const os = probing->env->os;
    char folder[SENSOR_PATH_MAX];
    uint64_t package;
    uint64_t die;

    (void)snprintf(folder, sizeof folder, CPU_FOLDER "/cpu%" PRId64 "/topology", cpu);
    if (probing->n_places == PLACES_MAX ||
        sensor__u64(os, folder, "physical_package_id", &package) < 0 || package > INT32_MAX)
        return;
    if (sensor__u64(os, folder, "die_id", &die) < 0 || die > INT32_MAX)
        die = 0;
    for (size_t i = 0; i < probing->n_places; i++)
        if (probing->places[i].package == (int64_t)package &&
            probing->places[i].die == (int64_t)die)
            return; /* it already has a processor that reads for it */
    probing->places[probing->n_places++] =
        (struct place){.cpu = (int)cpu, .package = (int64_t)package, .die = (int64_t)die};
}

/* R-SENSOR-10: a die is named where some package has more than one that counts. */
static void name_dies(struct probing *probing)
{
    bool has_dies = false;

    for (size_t i = 0; i < probing->n_places; i++)
        for (size_t k = 0; k < i; k++)
            if (probing->places[k].package == probing->places[i].package)
                has_dies = true;
    for (size_t i = 0; i < probing->n_places && !has_dies; i++)
        probing->places[i].die = SENSOR_DIE_NONE;
}

static bool find_places(struct probing *probing)
{
    char cpumask[1024];
    const char *at = cpumask;
    int64_t first;
    int64_t last;

    if (sensor__text(probing->env->os, PMU_FOLDER, "cpumask", cpumask, sizeof cpumask) <= 0)
        return false;
    while (*at != '\0') {
        if (!next_cpu(&at, &first, &last))
            return false;
        for (int64_t cpu = first; cpu <= last && probing->n_places < PLACES_MAX; cpu++)
            take_place(probing, cpu);
    }
    name_dies(probing);
    return probing->n_places > 0;
}

/* "event=0x02": its number. */
static bool read_config(const char *text, uint64_t *ret)
{
    static const char digits[] = "0123456789abcdef";
    uint64_t value = 0;

    if (strncmp(text, "event=0x", 8) != 0 || text[8] == '\0' || strlen(text) > 8 + 8)
        return false;
    for (const char *at = text + 8; *at != '\0'; at++) {
        const char *const digit = strchr(digits, *at);
        if (!digit)
            return false;
        value = value * 16 + (uint64_t)(digit - digits);
    }
    *ret = value;
    return true;
}

/* 0 with the event's number; -ENOENT where the PMU has no such event; -EBADMSG where we do not understand it. */
static int find_event(const struct jb_os *os, const char *name, uint64_t *ret_config)
{
    char file[SENSOR_NAME_MAX];
    char text[SENSOR_NAME_MAX];

    if (sensor__text(os, PMU_FOLDER "/events", name, text, sizeof text) < 0)
        return -ENOENT;
    if (!read_config(text, ret_config))
        return -EBADMSG;
    (void)snprintf(file, sizeof file, "%s.scale", name);
    if (sensor__text(os, PMU_FOLDER "/events", file, text, sizeof text) < 0 ||
        strcmp(text, SCALE_TEXT) != 0)
        return -EBADMSG;
    (void)snprintf(file, sizeof file, "%s.unit", name);
    if (sensor__text(os, PMU_FOLDER "/events", file, text, sizeof text) < 0 ||
        strcmp(text, "Joules") != 0)
        return -EBADMSG;
    return 0;
}

/* What one step of the register is worth at the coarsest in common use: the band of an edge needs it, not the sum. */
static int64_t quantum_uj(const struct sensor_cpu *cpu, enum sensor_rapl_domain domain)
{
    if (domain == SENSOR_RAPL_PSYS)
        return 1000000;           /* 1 J on some servers */
    return cpu->is_amd ? 16 : 62; /* 2^-16 J, 2^-14 J, rounded up */
}

static void note_denied(struct probing *probing, const char *name)
{
    const size_t len = strlen(probing->denied);

    if (!strstr(probing->denied, name))
        (void)snprintf(probing->denied + len, sizeof probing->denied - len, "%s%s", len ? ", " : "",
                       name);
}

static jb_rc add_count(struct probing *probing, const struct event *event,
                       const struct place *place, uint64_t config, struct jb_error *err)
{
    const struct jb_os *const os = probing->env->os;
    struct perf_event_attr attr = {
        .type = (uint32_t)probing->type, .size = sizeof attr, .config = config};
    struct jb_channel channel;
    unsigned long long raw;

    sensor__rapl_describe(&probing->cpu, event->domain, place->package, place->die, &channel);
    const int handle =
        os->perf_event_open(os->context, &attr, -1, place->cpu, -1, PERF_FLAG_FD_CLOEXEC);
    if (handle == -EACCES || handle == -EPERM || handle == -ENOSYS) {
        probing->is_without_perf = probing->is_without_perf || handle == -ENOSYS;
        note_denied(probing, event->name);
        return JB_OK;
    }
    if (handle < 0) {
        char reason[160];
        (void)snprintf(reason, sizeof reason, "the kernel refused the event (%s)",
                       strerror(-handle));
        return jb_sensor_refuse(probing->set, "rapl-perf", channel.id, reason,
                                "nothing to do here: powercap is tried instead", err);
    }
    struct count *const count = calloc(1, sizeof *count);
    if (!count) {
        os->close(os->context, handle);
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for channel '%s'", channel.id);
    }
    count->handle = handle;
    const jb_rc rc = count_read(count, probing->env, &raw);
    if (rc < 0) {
        count_close(count, probing->env);
        return jb_sensor_refuse(probing->set, "rapl-perf", channel.id,
                                "the event opened, but its count cannot be read",
                                "nothing to do here: powercap is tried instead", err);
    }
    (void)snprintf(channel.driver, sizeof channel.driver, "rapl-perf");
    channel.unit_num = UNIT_NUM;
    channel.unit_den = UNIT_DEN;
    channel.modulus = MODULUS;
    channel.quantum_uj = quantum_uj(&probing->cpu, event->domain);
    channel.is_local = true;
    return jb_sensor_add(probing->set, &channel, count, count_read, count_close, err);
}

static jb_rc add_event(struct probing *probing, const struct event *event, struct jb_error *err)
{
    uint64_t config;
    const int found = find_event(probing->env->os, event->name, &config);

    if (found == -ENOENT)
        return JB_OK;
    if (found < 0)
        return jb_sensor_refuse(probing->set, "rapl-perf", event->name,
                                "the event's number, scale or unit is not the known one",
                                "please report the files of " PMU_FOLDER "/events", err);
    for (size_t i = 0; i < probing->n_places; i++) {
        const jb_rc rc = add_count(probing, event, &probing->places[i], config, err);
        if (rc < 0)
            return rc;
        /* The platform is one, and only the first package's register is sure to be wired. */
        if (event->domain == SENSOR_RAPL_PSYS)
            break;
    }
    return JB_OK;
}

static jb_rc refuse_denied(const struct probing *probing, struct jb_error *err)
{
    const struct jb_os *const os = probing->env->os;
    int64_t paranoid;
    char what[96];
    char reason[240];

    (void)snprintf(what, sizeof what, "RAPL perf events (%s)", probing->denied);
    if (probing->is_without_perf)
        return jb_sensor_refuse(probing->set, "rapl-perf", what,
                                "perf_event_open does not exist here: a kernel without perf "
                                "events, a seccomp filter, or a recorded tree in place of /sys",
                                "nothing to do here: powercap is tried instead", err);
    if (jb_os_read_i64(os, "/proc/sys/kernel/perf_event_paranoid", &paranoid) < 0)
        (void)snprintf(reason, sizeof reason,
                       "the kernel does not let this process count a whole processor");
    else
        (void)snprintf(reason, sizeof reason,
                       "perf_event_paranoid is %" PRId64
                       ": counting a whole processor needs CAP_PERFMON or a value of 0 or less%s",
                       paranoid,
                       sensor__is_container(os)
                           ? ", and a container's seccomp profile may forbid it besides"
                           : "");
    return jb_sensor_refuse(probing->set, "rapl-perf", what, reason, STEP_PERMISSION, err);
}

static jb_rc perf_probe(const struct jb_sensor_env *env, struct jb_sensor_set *set,
                        struct jb_error *err)
{
    struct probing probing = {.env = env, .set = set};
    uint64_t core_type;

    if (sensor__u64(env->os, PMU_FOLDER, "type", &probing.type) < 0 || probing.type > UINT32_MAX)
        return JB_OK;
    sensor__read_cpu(env->os, &probing.cpu);
    if (!find_places(&probing))
        return jb_sensor_refuse(set, "rapl-perf", PMU_FOLDER,
                                "its cpumask or the processors' topology cannot be understood",
                                "nothing to do here: powercap is tried instead", err);
    for (size_t i = 0; i < JB_ARRAY_LEN(events); i++) {
        const jb_rc rc = add_event(&probing, &events[i], err);
        if (rc < 0)
            return rc;
    }
    if (sensor__u64(env->os, CORE_PMU_FOLDER, "type", &core_type) == 0) {
        const jb_rc rc = jb_sensor_refuse(
            set, "rapl-perf", "power_core (one counter per core)",
            "left out: the package's counter already holds every core, and reading all of them "
            "would cost more than they tell",
            "nothing to do", err);
        if (rc < 0)
            return rc;
    }
    return probing.denied[0] != '\0' ? refuse_denied(&probing, err) : JB_OK;
}

const struct jb_sensor_driver jb_sensor_rapl_perf = {
    .name = "rapl-perf",
    .summary = "RAPL counters of Intel and AMD through perf events (preferred)",
    .probe = perf_probe,
};
