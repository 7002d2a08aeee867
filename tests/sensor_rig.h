/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stand-in machine for tests of sensors: a recorded tree of tests/data/roots as the root of a real jb_os, and between
 * the two a layer that can deny a file, fail a read, and play perf events by a script. Counts what is opened and read.
 */
#ifndef JB_TESTS_SENSOR_RIG_H
#define JB_TESTS_SENSOR_RIG_H

#include "tap.h"

#include <errno.h>
#include <ftw.h>
#include <linux/perf_event.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/os.h"
#include "sensor/sensor.h"

#define RIG_PERF_HANDLE 5000
#define RIG_PERF_MAX    64
#define RIG_HANDLES_MAX 512
#define RIG_FAULTS_MAX  8

struct rig_fault {
    const char *part; /* of the path; NULL: no fault */
    int error;        /* an errno; 0: the read gives `text` */
    const char *text;
    int n_left; /* reads that fail yet; -1 for ever */
};

struct rig_event {
    uint32_t type;
    uint64_t config;
    int cpu;
    uint64_t value;
    bool is_open;
    bool is_dead; /* a read gives 0 bytes, as of an event in error */
};

struct rig {
    struct jb_os os; /* what the code under test sees */
    struct jb_os real;
    struct jb_clock clock;
    struct jb_clock_manual manual;
    struct jb_sensor_env env;
    char root[64];
    char *path_of[RIG_HANDLES_MAX];
    const char *denied; /* opening a path that contains it is EACCES */
    struct rig_fault faults[RIG_FAULTS_MAX];
    struct rig_event events[RIG_PERF_MAX];
    size_t n_events;
    int perf_error;       /* errno of perf_event_open */
    int perf_attr_faults; /* events asked for in a way the kernel would refuse */
    int n_open;           /* handles open now */
    int n_opens;
    int n_preads;
};

TAP__UNUSED static int rig_open_read(void *context, const char *path)
{
    struct rig *const rig = context;

    rig->n_opens++;
    if (rig->denied && strstr(path, rig->denied))
        return -EACCES;
    const int handle = rig->real.open_read(rig->real.context, path);
    if (handle >= RIG_HANDLES_MAX)
        bail_out("the rig has too few handles");
    if (handle >= 0) {
        rig->n_open++;
        rig->path_of[handle] = strdup(path);
    }
    return handle;
}

TAP__UNUSED static ssize_t rig_perf_read(const struct rig *rig, int handle, void *buf, size_t size)
{
    const struct rig_event *const event = &rig->events[handle - RIG_PERF_HANDLE];

    if (!event->is_open)
        return -EBADF;
    if (size < sizeof event->value)
        return -ENOSPC;
    if (event->is_dead)
        return 0;
    memcpy(buf, &event->value, sizeof event->value);
    return (ssize_t)sizeof event->value;
}

TAP__UNUSED static ssize_t rig_pread(void *context, int handle, void *buf, size_t size,
                                     int64_t offset)
{
    struct rig *const rig = context;

    rig->n_preads++;
    if (handle >= RIG_PERF_HANDLE)
        return rig_perf_read(rig, handle, buf, size);
    for (size_t i = 0; i < RIG_FAULTS_MAX; i++) {
        struct rig_fault *const fault = &rig->faults[i];
        if (!fault->part || fault->n_left == 0 || !strstr(rig->path_of[handle], fault->part))
            continue;
        fault->n_left -= fault->n_left > 0 ? 1 : 0;
        if (fault->error != 0)
            return -fault->error;
        const size_t len = strlen(fault->text);
        memcpy(buf, fault->text, len < size ? len : size);
        return (ssize_t)(len < size ? len : size);
    }
    return rig->real.pread(rig->real.context, handle, buf, size, offset);
}

TAP__UNUSED static void rig_close_handle(void *context, int handle)
{
    struct rig *const rig = context;

    rig->n_open--;
    if (handle >= RIG_PERF_HANDLE) {
        rig->events[handle - RIG_PERF_HANDLE].is_open = false;
        return;
    }
    free(rig->path_of[handle]);
    rig->path_of[handle] = NULL;
    rig->real.close(rig->real.context, handle);
}

TAP__UNUSED static int rig_list(void *context, const char *path, jb_os_name_fn fn, void *arg)
{
    const struct rig *const rig = context;

    return rig->real.list(rig->real.context, path, fn, arg);
}

TAP__UNUSED static ssize_t rig_real_path(void *context, const char *path, char *buf, size_t size)
{
    const struct rig *const rig = context;

    return rig->real.real_path(rig->real.context, path, buf, size);
}

/* As the kernel's RAPL PMU: no task, a processor, no group, no sampling. */
TAP__UNUSED static int rig_n_names(void *context, int handle)
{
    struct rig *const rig = context;

    return rig->real.n_names(rig->real.context, handle);
}

TAP__UNUSED static int rig_perf_event_open(void *context, struct perf_event_attr *attr, pid_t pid,
                                           int cpu, int group_handle, unsigned long flags)
{
    struct rig *const rig = context;

    if (rig->perf_error != 0)
        return -rig->perf_error;
    if (pid != -1 || cpu < 0 || group_handle != -1 || attr->sample_period != 0 || attr->size == 0 ||
        !(flags & PERF_FLAG_FD_CLOEXEC))
        rig->perf_attr_faults++;
    if (rig->n_events == RIG_PERF_MAX)
        return -EMFILE;
    rig->events[rig->n_events] =
        (struct rig_event){.type = attr->type, .config = attr->config, .cpu = cpu, .is_open = true};
    rig->n_open++;
    return RIG_PERF_HANDLE + (int)rig->n_events++;
}

TAP__UNUSED static long rig_clock_ticks(void *context TAP__UNUSED)
{
    return 100;
}

TAP__UNUSED static long rig_cpus_online(void *context)
{
    const struct rig *const rig = context;

    return rig->real.cpus_online(rig->real.context);
}

TAP__UNUSED static int rig_remove(const char *path, const struct stat *st TAP__UNUSED,
                                  int flag TAP__UNUSED, struct FTW *ftw TAP__UNUSED)
{
    return remove(path);
}

/* The folders on the way to root/path. */
TAP__UNUSED static void rig_make_folders(const char *full)
{
    char folder[1024];

    (void)snprintf(folder, sizeof folder, "%s", full);
    for (char *at = strchr(folder + 1, '/'); at; at = strchr(at + 1, '/')) {
        *at = '\0';
        (void)mkdir(folder, 0755);
        *at = '/';
    }
}

/* The text as it is: no newline is added. The file keeps its inode. */
TAP__UNUSED static void rig_put(const struct rig *rig, const char *path, const char *text)
{
    char full[1024];

    (void)snprintf(full, sizeof full, "%s%.900s", rig->root, path);
    rig_make_folders(full);
    FILE *const file = fopen(full, "w");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        bail_out("cannot write '%s'", full);
}

TAP__UNUSED static void rig_unlink(const struct rig *rig, const char *path)
{
    char full[1024];

    (void)snprintf(full, sizeof full, "%s%.900s", rig->root, path);
    if (nftw(full, rig_remove, 16, FTW_DEPTH | FTW_PHYS) != 0)
        bail_out("cannot remove '%s'", full);
}

TAP__UNUSED static void rig_put_file(const struct rig *rig, const char *path, const char *text)
{
    char content[8192];
    size_t len = 0;

    for (const char *at = text; *at != '\0' && len + 2 < sizeof content; at++) {
        if (at[0] == '\\' && (at[1] == 'n' || at[1] == 't')) {
            content[len++] = at[1] == 'n' ? '\n' : '\t';
            at++;
        } else {
            content[len++] = *at;
        }
    }
    content[len++] = '\n';
    content[len] = '\0';
    rig_put(rig, path, content);
}

/* Bytes in hexadecimal, as a file of the kernel's that is no text. */
TAP__UNUSED static void rig_put_hex(const struct rig *rig, const char *path, const char *hex)
{
    char full[1024];
    static const char digits[] = "0123456789abcdef";

    (void)snprintf(full, sizeof full, "%s%.900s", rig->root, path);
    rig_make_folders(full);
    FILE *const file = fopen(full, "w");
    if (!file)
        bail_out("cannot write '%s'", full);
    for (; hex[0] != '\0' && hex[1] != '\0'; hex += 2) {
        const char *const high = strchr(digits, hex[0]);
        const char *const low = strchr(digits, hex[1]);
        if (!high || !low)
            bail_out("'%s' is not in hexadecimal", path);
        (void)fputc((int)((high - digits) * 16 + (low - digits)), file);
    }
    if (fclose(file) != 0)
        bail_out("cannot write '%s'", full);
}

/* One line of a recorded machine; see tests/data/roots/README.md. */
TAP__UNUSED static void rig_unpack_line(const struct rig *rig, char *line)
{
    char full[1024];
    char *const link_at = strstr(line, " -> ");
    char *const text_at = strstr(line, " = ");
    char *const hex_at = strstr(line, " =x ");

    if (line[0] == '#' || line[0] == '\0')
        return;
    if (hex_at && (!link_at || hex_at < link_at)) {
        *hex_at = '\0';
        rig_put_hex(rig, line, hex_at + 4);
        return;
    }
    if (text_at && (!link_at || text_at < link_at)) {
        *text_at = '\0';
        rig_put_file(rig, line, text_at + 3);
        return;
    }
    if (link_at)
        *link_at = '\0';
    (void)snprintf(full, sizeof full, "%s%.900s", rig->root, line);
    rig_make_folders(full);
    if (link_at && symlink(link_at + 4, full) != 0)
        bail_out("cannot link '%s'", full);
}

/* The layer over an empty root; files are put one by one. */
TAP__UNUSED static void rig_init(struct rig *rig)
{
    *rig = (struct rig){.manual = {.mono_ns = JB_NS_PER_S, .boot_ns = JB_NS_PER_S}};
    (void)snprintf(rig->root, sizeof rig->root, "/tmp/joulebook-rig-XXXXXX");
    if (!mkdtemp(rig->root))
        bail_out("no temporary folder");
    rig->real = jb_os_real(rig->root);
    rig->os = (struct jb_os){.open_read = rig_open_read,
                             .pread = rig_pread,
                             .close = rig_close_handle,
                             .n_names = rig_n_names,
                             .list = rig_list,
                             .real_path = rig_real_path,
                             .perf_event_open = rig_perf_event_open,
                             .clock_ticks = rig_clock_ticks,
                             .cpus_online = rig_cpus_online,
                             .context = rig};
    rig->clock = jb_clock_from_manual(&rig->manual);
    rig->env = (struct jb_sensor_env){.os = &rig->os, .clock = &rig->clock};
}

/* `machine` names a file of tests/data/roots. */
TAP__UNUSED static void rig_set_up(struct rig *rig, const char *machine)
{
    char path[256];
    char line[8192];

    rig_init(rig);
    (void)snprintf(path, sizeof path, "tests/data/roots/%s.tree", machine);
    FILE *const file = fopen(path, "r");
    if (!file)
        bail_out("no recorded machine '%s': run from the source root", path);
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        rig_unpack_line(rig, line);
    }
    (void)fclose(file);
}

/* Also promises that nothing was left open. */
TAP__UNUSED static void rig_tear_down(struct rig *rig)
{
    is_i64(rig->n_open, 0, "every handle is closed again");
    if (nftw(rig->root, rig_remove, 16, FTW_DEPTH | FTW_PHYS) != 0)
        bail_out("cannot remove '%s'", rig->root);
}

TAP__UNUSED static struct jb_sensor_set *rig_probe(struct rig *rig)
{
    struct jb_sensor_set *set = NULL;
    struct jb_error err = {0};

    if (jb_sensor_probe_all(&rig->env, &set, &err) < 0)
        bail_out("probing failed: %s", err.message);
    return set;
}

/* The place of a channel by id; -1 if it is not there. */
TAP__UNUSED static int rig_find(const struct jb_sensor_set *set, const char *id)
{
    for (size_t i = 0; i < jb_sensor_n_channels(set); i++)
        if (strcmp(jb_sensor_channel(set, i)->id, id) == 0)
            return (int)i;
    return -1;
}

TAP__UNUSED static const struct jb_channel *rig_channel(const struct jb_sensor_set *set,
                                                        const char *id)
{
    const int i = rig_find(set, id);

    if (i < 0) {
        for (size_t k = 0; k < jb_sensor_n_channels(set); k++)
            diag("channel %s", jb_sensor_channel(set, k)->id);
        for (size_t k = 0; k < jb_sensor_n_refusals(set); k++)
            diag("refused %s: %s", jb_sensor_refusal(set, k)->what,
                 jb_sensor_refusal(set, k)->reason);
        bail_out("no channel '%s'", id);
    }
    return jb_sensor_channel(set, (size_t)i);
}

/* What a channel reads now; -1 with the code in *ret_rc where it does not. */
TAP__UNUSED static int64_t rig_read(struct jb_sensor_set *set, const char *id, jb_rc *ret_rc)
{
    struct jb_reading reading = {0};
    const int i = rig_find(set, id);

    *ret_rc = i < 0 ? JB_E_NOT_FOUND : jb_sensor_read(set, (size_t)i, &reading);
    return *ret_rc < 0 ? -1 : (int64_t)reading.raw;
}

/* A refusal whose `what` contains the text; NULL if there is none. */
TAP__UNUSED static const struct jb_sensor_refusal *rig_refusal(const struct jb_sensor_set *set,
                                                               const char *what)
{
    for (size_t i = 0; i < jb_sensor_n_refusals(set); i++)
        if (strstr(jb_sensor_refusal(set, i)->what, what))
            return jb_sensor_refusal(set, i);
    return NULL;
}

/* One promise per channel: where it hangs and what the book does with it. */
TAP__UNUSED static void rig_expect(const struct jb_sensor_set *set, const char *id,
                                   enum jb_scope scope, enum jb_role role, const char *parent)
{
    const struct jb_channel *const channel = rig_channel(set, id);

    ok(channel->scope == scope && channel->role == role && strcmp(channel->parent, parent) == 0,
       "%s: %s, %s, under '%s'", id, jb_scope_name(scope), jb_role_name(role), parent);
    if (channel->scope != scope || channel->role != role || strcmp(channel->parent, parent) != 0)
        diag("got %s, %s, under '%s'", jb_scope_name(channel->scope), jb_role_name(channel->role),
             channel->parent);
}

#endif
