/* SPDX-License-Identifier: Apache-2.0 */
/* Perf events of a command to its counts. Must never keep the command from running, nor count what is not its own. */
#include "subject/cycles.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/num.h"

#define DEVICES  "/sys/bus/event_source/devices"
#define PARANOID "/proc/sys/kernel/perf_event_paranoid"

/* In the order of enum jb_cycles_event. */
static const uint64_t event_configs[] = {
    [JB_CYCLES_INSTRUCTIONS] = PERF_COUNT_HW_INSTRUCTIONS,
    [JB_CYCLES_CYCLES] = PERF_COUNT_HW_CPU_CYCLES,
    [JB_CYCLES_REFERENCE] = PERF_COUNT_HW_REF_CPU_CYCLES,
};

/* What the child tells: the descriptors come beside it, one for each slot without an error, in order. */
struct message {
    int errors[JB_CYCLES_SLOTS];
    int is_user_only;
};

union control {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(JB_CYCLES_SLOTS * sizeof(int))];
};

/* --- before the command ------------------------------------------------------------------------------------------- */

struct kinds {
    const struct jb_os *os;
    size_t n;
    uint64_t types[JB_CYCLES_KINDS_MAX];
};

/* A source of events that tells for which CPUs it holds is one kind of core of several; one of all cores has no list. */
static int see_device(void *arg, const char *name)
{
    struct kinds *const kinds = arg;
    char path[512];
    char text[64];
    uint64_t type;

    if (kinds->n == JB_CYCLES_KINDS_MAX)
        return 1;
    (void)snprintf(path, sizeof path, DEVICES "/%.200s/cpus", name);
    const int handle = kinds->os->open_read(kinds->os->context, path);
    if (handle < 0)
        return 0;
    kinds->os->close(kinds->os->context, handle);
    (void)snprintf(path, sizeof path, DEVICES "/%.200s/type", name);
    const ssize_t len = jb_os_read_text(kinds->os, path, text, sizeof text);
    if (len > 0 && jb_parse_u64(text, (size_t)len, true, &type) == JB_OK && type <= UINT32_MAX)
        kinds->types[kinds->n++] = type;
    return 0;
}

/* R-CYCLES-05 */
static void fill_attrs(struct jb_cycles_watch *watch)
{
    struct kinds kinds = {.os = watch->os};

    if (watch->os->list(watch->os->context, DEVICES, see_device, &kinds) < 0)
        kinds.n = 0; /* no such folder: one kind, or none */
    watch->n_kinds = kinds.n > 1 ? kinds.n : 1;
    for (size_t event = 0; event < JB_CYCLES_EVENTS; event++)
        for (size_t kind = 0; kind < watch->n_kinds; kind++)
            watch->attrs[event * watch->n_kinds + kind] = (struct perf_event_attr){
                .type = PERF_TYPE_HARDWARE,
                .size = sizeof(struct perf_event_attr),
                .config = event_configs[event] | (kinds.n > 1 ? kinds.types[kind] << 32 : 0),
                .read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
                .disabled = 1,
                .inherit = 1,
                .enable_on_exec = 1,
            };
}

static size_t n_slots(const struct jb_cycles_watch *watch)
{
    return JB_CYCLES_EVENTS * watch->n_kinds;
}

static void fail_all(struct jb_cycles_watch *watch, int error)
{
    for (size_t i = 0; i < JB_CYCLES_SLOTS; i++) {
        watch->handles[i] = -1;
        watch->errors[i] = error;
    }
}

void jb_cycles_watch_prepare(struct jb_cycles_watch *watch, const struct jb_os *os)
{
    int ends[2];

    *watch = (struct jb_cycles_watch){
        .os = os, .ours = -1, .theirs = -1, .paranoid = JB_PARANOID_UNKNOWN};
    fail_all(watch, EBADMSG);
    fill_attrs(watch);
    if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0) {
        fail_all(watch, errno);
        return;
    }
    watch->ours = ends[0];
    watch->theirs = ends[1];
}

/* --- in the child ------------------------------------------------------------------------------------------------- */

/* R-CYCLES-04: where the kernel's own part may not be counted, the user's part is. */
static int open_slot(const struct jb_cycles_watch *watch, size_t slot, bool may_change,
                     struct message *message)
{
    struct perf_event_attr attr = watch->attrs[slot];

    attr.exclude_kernel = attr.exclude_hv = message->is_user_only != 0;
    int handle = watch->os->perf_event_open(watch->os->context, &attr, 0, -1, -1, 0);
    if ((handle != -EACCES && handle != -EPERM) || message->is_user_only || !may_change)
        return handle;
    attr.exclude_kernel = attr.exclude_hv = 1;
    const int again = watch->os->perf_event_open(watch->os->context, &attr, 0, -1, -1, 0);
    if (again >= 0)
        message->is_user_only = 1;
    return again >= 0 ? again : handle;
}

static size_t open_all(const struct jb_cycles_watch *watch, struct message *message,
                       int handles[JB_CYCLES_SLOTS])
{
    size_t n = 0;

    memset(message, 0, sizeof *message);
    for (size_t i = 0; i < n_slots(watch); i++) {
        const int handle = open_slot(watch, i, n == 0, message);
        if (handle >= 0)
            handles[n++] = handle;
        else
            message->errors[i] = -handle;
    }
    return n;
}

void jb_cycles_watch_open(const void *arg)
{
    const struct jb_cycles_watch *const watch = arg;
    struct message message;
    union control control;
    int handles[JB_CYCLES_SLOTS];
    struct iovec part = {.iov_base = &message, .iov_len = sizeof message};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};

    if (watch->theirs < 0)
        return;
    const size_t n = open_all(watch, &message, handles);
    if (n > 0) {
        memset(&control, 0, sizeof control);
        header.msg_control = &control;
        header.msg_controllen = CMSG_SPACE(n * sizeof(int));
        struct cmsghdr *const first = CMSG_FIRSTHDR(&header);
        first->cmsg_level = SOL_SOCKET;
        first->cmsg_type = SCM_RIGHTS;
        first->cmsg_len = CMSG_LEN(n * sizeof(int));
        memcpy(CMSG_DATA(first), handles, n * sizeof(int));
    }
    /* Lost only where no memory is left: then there are no counts. What is on its way holds the counters open. */
    (void)!sendmsg(watch->theirs, &header, MSG_NOSIGNAL);
    for (size_t i = 0; i < n; i++)
        watch->os->close(watch->os->context, handles[i]);
}

/* --- afterwards --------------------------------------------------------------------------------------------------- */

/* How many descriptors came, and which. */
static size_t handles_in(struct msghdr *header, int handles[JB_CYCLES_SLOTS])
{
    struct cmsghdr *const first = CMSG_FIRSTHDR(header);

    if (!first || first->cmsg_level != SOL_SOCKET || first->cmsg_type != SCM_RIGHTS ||
        first->cmsg_len < CMSG_LEN(0))
        return 0;
    const size_t n = (first->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    if (n > JB_CYCLES_SLOTS)
        return 0;
    memcpy(handles, CMSG_DATA(first), n * sizeof(int));
    return n;
}

static void close_ends(struct jb_cycles_watch *watch)
{
    if (watch->ours >= 0)
        (void)close(watch->ours);
    if (watch->theirs >= 0)
        (void)close(watch->theirs);
    watch->ours = watch->theirs = -1;
}

void jb_cycles_watch_take(struct jb_cycles_watch *watch)
{
    struct message message;
    union control control;
    int handles[JB_CYCLES_SLOTS];
    size_t n = 0;
    struct iovec part = {.iov_base = &message, .iov_len = sizeof message};
    struct msghdr header = {.msg_iov = &part,
                            .msg_iovlen = 1,
                            .msg_control = &control,
                            .msg_controllen = sizeof control};

    if (watch->ours < 0)
        return;
    const ssize_t len = recvmsg(watch->ours, &header, MSG_CMSG_CLOEXEC);
    close_ends(watch);
    if (len != (ssize_t)sizeof message)
        return;
    const size_t n_handles = handles_in(&header, handles);
    for (size_t i = 0; i < n_slots(watch); i++) {
        watch->errors[i] = message.errors[i];
        if (message.errors[i] != 0)
            continue;
        /* Fewer came than were opened: there was no room for them in this process. */
        watch->errors[i] = n < n_handles ? 0 : EMFILE;
        watch->handles[i] = n < n_handles ? handles[n++] : -1;
    }
    watch->is_user_only = message.is_user_only != 0;
    int64_t paranoid;
    if (jb_os_read_i64(watch->os, PARANOID, &paranoid) == 0)
        watch->paranoid = paranoid;
}

static const struct {
    int error;
    enum jb_cycles_absence absence;
} absences[] = {
    {ENOENT, JB_CYCLES_NO_COUNTER},
    {ENODEV, JB_CYCLES_NO_COUNTER},
    {EOPNOTSUPP, JB_CYCLES_NO_COUNTER},
    {EINVAL, JB_CYCLES_NO_COUNTER},
    {EACCES, JB_CYCLES_DENIED},
    {EPERM, JB_CYCLES_FORBIDDEN},
    {ENOSYS, JB_CYCLES_NO_EVENTS},
    {EMFILE, JB_CYCLES_NO_ROOM},
    {ENFILE, JB_CYCLES_NO_ROOM},
    {ENOMEM, JB_CYCLES_NO_ROOM},
    {EBUSY, JB_CYCLES_BUSY},
};

static void tell_error(const struct jb_cycles_watch *watch, int error, struct jb_cycles_count *ret)
{
    enum jb_cycles_absence absence = JB_CYCLES_UNREAD;

    for (size_t i = 0; i < JB_ARRAY_LEN(absences); i++)
        if (absences[i].error == error)
            absence = absences[i].absence;
    /* Debian's kernels know 3, and EACCES below that is somebody else's. */
    if (absence == JB_CYCLES_DENIED && watch->paranoid != JB_PARANOID_UNKNOWN &&
        watch->paranoid < 2)
        absence = JB_CYCLES_FORBIDDEN;
    jb_cycles_absent(absence, watch->paranoid, ret);
}

/* value, time enabled, time running: as read_format asks. False where the kernel gives something else. */
static bool read_slot(const struct jb_cycles_watch *watch, size_t slot, int64_t ret[3])
{
    uint64_t words[3];

    if (watch->os->pread(watch->os->context, watch->handles[slot], words, sizeof words, 0) !=
        (ssize_t)sizeof words)
        return false;
    for (size_t i = 0; i < 3; i++) {
        if (words[i] > INT64_MAX)
            return false;
        ret[i] = (int64_t)words[i];
    }
    return true;
}

/*
 * R-CYCLES-05: a process is on one kind of core at a time, and the counter of the other waits meanwhile: counts and times on
 * the processor add up over the kinds, the time enabled is that of any of them.
 */
static void read_event(const struct jb_cycles_watch *watch, size_t event,
                       struct jb_cycles_count *ret)
{
    int64_t raw = 0, enabled_ns = 0, running_ns = 0;

    for (size_t kind = 0; kind < watch->n_kinds; kind++) {
        const size_t slot = event * watch->n_kinds + kind;
        int64_t words[3];
        if (watch->handles[slot] < 0) {
            tell_error(watch, watch->errors[slot], ret);
            return;
        }
        if (!read_slot(watch, slot, words) || jb_add_i64(raw, words[0], &raw) < 0) {
            jb_cycles_absent(JB_CYCLES_UNREAD, JB_PARANOID_UNKNOWN, ret);
            return;
        }
        enabled_ns = words[1] > enabled_ns ? words[1] : enabled_ns;
        running_ns = jb_add_sat_i64(running_ns, words[2]);
    }
    jb_cycles_settle(raw, enabled_ns, running_ns, ret);
}

void jb_cycles_watch_read(const struct jb_cycles_watch *watch, struct jb_cycles *ret)
{
    memset(ret, 0, sizeof *ret);
    for (size_t event = 0; event < JB_CYCLES_EVENTS; event++)
        read_event(watch, event, &ret->counts[event]);
    ret->is_user_only = watch->is_user_only;
    ret->paranoid = watch->paranoid;
}

void jb_cycles_watch_close(struct jb_cycles_watch *watch)
{
    close_ends(watch);
    for (size_t i = 0; i < JB_CYCLES_SLOTS; i++) {
        if (watch->handles[i] >= 0)
            watch->os->close(watch->os->context, watch->handles[i]);
        watch->handles[i] = -1;
    }
}

void jb_cycles_probe(const struct jb_os *os, struct jb_cycles *ret)
{
    struct jb_cycles_watch watch;

    jb_cycles_watch_prepare(&watch, os);
    jb_cycles_watch_open(&watch);
    jb_cycles_watch_take(&watch);
    memset(ret, 0, sizeof *ret);
    for (size_t event = 0; event < JB_CYCLES_EVENTS; event++) {
        struct jb_cycles_count *const count = &ret->counts[event];
        count->is_known = true; /* nothing of it ran: what is known is that it would count */
        for (size_t kind = 0; kind < watch.n_kinds; kind++)
            if (watch.handles[event * watch.n_kinds + kind] < 0)
                tell_error(&watch, watch.errors[event * watch.n_kinds + kind], count);
    }
    ret->is_user_only = watch.is_user_only;
    ret->paranoid = watch.paranoid;
    jb_cycles_watch_close(&watch);
}
