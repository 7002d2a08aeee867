/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The real operating system behind the table of os.h, with a root before every path. Under a root it must never
 * leave it: symbolic links are followed by the resolver here, not by the kernel. jb_os.pread is on the sampling path.
 */
#include "base/os.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/perf_event.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/num.h"

#define LINKS_MAX 40 /* as the kernel's own limit */

/* A bounded path that grows at its end. */
struct path {
    char text[PATH_MAX];
    size_t len;
};

static int path_append(struct path *path, const char *text, size_t len)
{
    if (len >= sizeof path->text - path->len)
        return -ENAMETOOLONG;
    memcpy(path->text + path->len, text, len);
    path->len += len;
    path->text[path->len] = '\0';
    return 0;
}

static void path_cut_last(struct path *path, size_t floor)
{
    while (path->len > floor && path->text[path->len - 1] != '/')
        path->len--;
    if (path->len > floor)
        path->len--;
    path->text[path->len] = '\0';
}

/* The target of a link and then what was left to walk, in `rest`. */
static int put_before(struct path *rest, const char *target, size_t target_len)
{
    if (target_len + 1 + rest->len >= sizeof rest->text)
        return -ENAMETOOLONG;
    memmove(rest->text + target_len + 1, rest->text, rest->len + 1);
    memcpy(rest->text, target, target_len);
    rest->text[target_len] = '/';
    rest->len += target_len + 1;
    return 0;
}

static void cut_front(struct path *rest, size_t len)
{
    rest->len -= len;
    memmove(rest->text, rest->text + len, rest->len + 1);
}

/*
 * Walks `path` from the root, following links as the kernel would if the root were "/". `done` begins with the root
 * and grows by what was resolved; *ret_root_len tells where the kernel's path begins in it.
 */
static int resolve(const char *root, const char *path, struct path *done, size_t *ret_root_len)
{
    struct path rest = {.len = 0};
    char target[PATH_MAX];
    unsigned n_links = 0;

    if (path[0] != '/')
        return -EINVAL;
    done->len = 0;
    size_t root_len = strlen(root);
    while (root_len > 0 && root[root_len - 1] == '/')
        root_len--;
    if (path_append(done, root, root_len) < 0 || path_append(&rest, path, strlen(path)) < 0)
        return -ENAMETOOLONG;

    while (rest.len > 0) {
        cut_front(&rest, strspn(rest.text, "/"));
        const size_t len = strcspn(rest.text, "/");
        if (len == 0)
            break;
        if (len == 2 && memcmp(rest.text, "..", 2) == 0) {
            path_cut_last(done, root_len);
            cut_front(&rest, len);
            continue;
        }
        if (len == 1 && rest.text[0] == '.') {
            cut_front(&rest, len);
            continue;
        }
        if (path_append(done, "/", 1) < 0 || path_append(done, rest.text, len) < 0)
            return -ENAMETOOLONG;
        cut_front(&rest, len);

        const ssize_t target_len = readlink(done->text, target, sizeof target);
        if (target_len < 0 && errno == EINVAL)
            continue; /* there, and not a link */
        if (target_len < 0)
            return -errno;
        if ((size_t)target_len >= sizeof target)
            return -ENAMETOOLONG;
        if (++n_links > LINKS_MAX)
            return -ELOOP;
        if (target_len > 0 && target[0] == '/') {
            done->len = root_len;
            done->text[root_len] = '\0';
        } else {
            path_cut_last(done, root_len);
        }
        if (put_before(&rest, target, (size_t)target_len) < 0)
            return -ENAMETOOLONG;
    }
    *ret_root_len = root_len;
    return 0;
}

static bool is_rooted(const char *root)
{
    return root[strspn(root, "/")] != '\0';
}

/* Where a path of the table lies on this machine. Without a root the kernel follows the links itself. */
static int locate(const char *root, const char *path, struct path *ret_place)
{
    size_t root_len;

    if (path[0] != '/')
        return -EINVAL;
    if (is_rooted(root))
        return resolve(root, path, ret_place, &root_len);
    ret_place->len = 0;
    return path_append(ret_place, path, strlen(path));
}

static int real_open_read(void *context, const char *path)
{
    struct path place;
    const int rc = locate(context, path, &place);

    if (rc < 0)
        return rc;
    const int handle = open(place.text, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    return handle < 0 ? -errno : handle;
}

static ssize_t real_pread(void *context JB_UNUSED, int handle, void *buf, size_t size,
                          int64_t offset)
{
    ssize_t n;

    do
        n = pread(handle, buf, size, (off_t)offset);
    while (n < 0 && errno == EINTR);
    /* A perf event has no offsets; each read of it begins anew. */
    if (n < 0 && errno == ESPIPE && offset == 0) {
        do
            n = read(handle, buf, size);
        while (n < 0 && errno == EINTR);
    }
    return n < 0 ? -errno : n;
}

static void real_close(void *context JB_UNUSED, int handle)
{
    (void)close(handle); /* opened for reading: nothing of ours can be lost by a late error */
}

static int real_list(void *context, const char *path, jb_os_name_fn fn, void *arg)
{
    struct path place;
    int rc = locate(context, path, &place);

    if (rc < 0)
        return rc;
    DIR *dir = opendir(place.text);
    if (!dir)
        return -errno;
    for (;;) {
        errno = 0; /* the only way to tell the end from an error */
        const struct dirent *entry = readdir(dir);
        if (!entry) {
            rc = -errno;
            break;
        }
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (fn(arg, entry->d_name) != 0)
            break;
    }
    (void)closedir(dir);
    return rc;
}

static ssize_t real_real_path(void *context, const char *path, char *buf, size_t size)
{
    struct path done;
    size_t root_len;
    const int rc = resolve(context, path, &done, &root_len);

    if (rc < 0)
        return rc;
    if (done.len == root_len && path_append(&done, "/", 1) < 0)
        return -ENAMETOOLONG;
    const size_t len = done.len - root_len;
    if (len >= size)
        return -ENAMETOOLONG;
    memcpy(buf, done.text + root_len, len + 1);
    return (ssize_t)len;
}

static int real_perf_event_open(void *context, struct perf_event_attr *attr, pid_t pid, int cpu,
                                int group_handle, unsigned long flags)
{
    if (is_rooted(context))
        return -ENOSYS;
    const long handle =
        syscall(SYS_perf_event_open, attr, pid, cpu, group_handle, flags | PERF_FLAG_FD_CLOEXEC);
    return handle < 0 ? -errno : (int)handle;
}

static int real_ioctl(void *context, int handle, unsigned long request, void *arg)
{
    if (is_rooted(context))
        return -ENOSYS;
    const int rc = ioctl(handle, request, arg);
    return rc < 0 ? -errno : rc;
}

static int real_wait_read(void *context, int handle, int timeout_ms)
{
    struct pollfd wait = {.fd = handle, .events = POLLIN};

    if (is_rooted(context))
        return -ENOSYS;
    const int n = poll(&wait, 1, timeout_ms);
    return n < 0 ? -errno : n;
}

static int real_n_names(void *context, int handle)
{
    struct stat st;

    (void)context;
    if (fstat(handle, &st) < 0)
        return -errno;
    return st.st_nlink > 0 ? 1 : 0;
}

static int real_process_cpu_ns(void *context, pid_t pid, int64_t *ret_ns)
{
    struct timespec time;
    clockid_t clock_id;

    if (is_rooted(context))
        return -ENOSYS;
    const int rc = clock_getcpuclockid(pid, &clock_id);
    if (rc != 0)
        return -rc;
    if (clock_gettime(clock_id, &time) < 0)
        return errno == EINVAL ? -ESRCH : -errno;
    *ret_ns = (int64_t)time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
    return 0;
}

/* sysconf() says -1 without touching errno where the system has no answer. */
static long ask_sysconf(int name)
{
    errno = 0;
    const long value = sysconf(name);
    if (value >= 0)
        return value;
    return errno != 0 ? -errno : -ENOSYS;
}

static long real_clock_ticks(void *context JB_UNUSED)
{
    return ask_sysconf(_SC_CLK_TCK);
}

static long real_page_bytes(void *context JB_UNUSED)
{
    return ask_sysconf(_SC_PAGESIZE);
}

/* One "first-last" or "only" of a list such as "0-3,8"; its count, or -EBADMSG. */
static long count_cpu_range(const char *text, size_t len)
{
    const char *dash = memchr(text, '-', len);
    const size_t first_len = dash ? (size_t)(dash - text) : len;
    int64_t first;
    int64_t last;

    if (jb_parse_i64(text, first_len, false, &first) < 0 || first < 0)
        return -EBADMSG;
    if (!dash)
        return 1;
    if (jb_parse_i64(dash + 1, len - first_len - 1, false, &last) < 0 || last < first ||
        last > INT_MAX)
        return -EBADMSG;
    return (long)(last - first + 1);
}

static long real_cpus_online(void *context)
{
    char text[4096];
    long n_cpus = 0;

    if (!is_rooted(context))
        return ask_sysconf(_SC_NPROCESSORS_ONLN);

    const struct jb_os os = jb_os_real(context);
    const ssize_t len = jb_os_read_text(&os, "/sys/devices/system/cpu/online", text, sizeof text);
    if (len < 0)
        return (long)len;
    for (const char *at = text;;) {
        const size_t range_len = strcspn(at, ",");
        const long n_range = count_cpu_range(at, range_len);
        if (n_range < 0 || n_range > INT_MAX - n_cpus)
            return -EBADMSG;
        n_cpus += n_range;
        if (at[range_len] == '\0')
            return n_cpus;
        at += range_len + 1;
    }
}

/* The table's context is not const, because a stand-in may keep state there; the root is only ever read. */
static void *context_of(const char *root)
{
    union {
        const char *text;
        void *context;
    } same = {.text = root};

    return same.context;
}

struct jb_os jb_os_real(const char *root)
{
    return (struct jb_os){
        .open_read = real_open_read,
        .pread = real_pread,
        .close = real_close,
        .list = real_list,
        .real_path = real_real_path,
        .perf_event_open = real_perf_event_open,
        .n_names = real_n_names,
        .ioctl = real_ioctl,
        .wait_read = real_wait_read,
        .process_cpu_ns = real_process_cpu_ns,
        .clock_ticks = real_clock_ticks,
        .cpus_online = real_cpus_online,
        .page_bytes = real_page_bytes,
        .context = context_of(root),
    };
}

/* Reads until the end or until buf is full; a file of the kernel may give less than asked in the middle. */
static ssize_t read_whole(const struct jb_os *os, int handle, char *buf, size_t size)
{
    size_t len = 0;

    while (len < size) {
        const ssize_t n = os->pread(os->context, handle, buf + len, size - len, (int64_t)len);
        if (n < 0)
            return n;
        if (n == 0)
            return (ssize_t)len;
        len += (size_t)n;
    }
    return -EOVERFLOW; /* no room for the NUL */
}

ssize_t jb_os_read_text(const struct jb_os *os, const char *path, char *buf, size_t size)
{
    if (size == 0)
        return -EOVERFLOW;
    buf[0] = '\0';
    const int handle = os->open_read(os->context, path);
    if (handle < 0)
        return handle;
    ssize_t len = read_whole(os, handle, buf, size);
    os->close(os->context, handle);
    if (len < 0) {
        buf[0] = '\0';
        return len;
    }
    if (len > 0 && buf[len - 1] == '\n')
        len--;
    buf[len] = '\0';
    return len;
}

/* Longer than any number, with the blanks that some drivers write around it. */
#define NUMBER_TEXT_MAX 64

static ssize_t read_number_text(const struct jb_os *os, const char *path, char buf[NUMBER_TEXT_MAX])
{
    const ssize_t len = jb_os_read_text(os, path, buf, NUMBER_TEXT_MAX);

    return len == -EOVERFLOW ? -EBADMSG : len;
}

static int errno_of_parse(jb_rc rc)
{
    if (rc == JB_OK)
        return 0;
    return rc == JB_E_RANGE ? -ERANGE : -EBADMSG;
}

int jb_os_read_i64(const struct jb_os *os, const char *path, int64_t *ret)
{
    char text[NUMBER_TEXT_MAX];
    const ssize_t len = read_number_text(os, path, text);

    if (len < 0)
        return (int)len;
    return errno_of_parse(jb_parse_i64(text, (size_t)len, true, ret));
}

int jb_os_read_u64(const struct jb_os *os, const char *path, uint64_t *ret)
{
    char text[NUMBER_TEXT_MAX];
    const ssize_t len = read_number_text(os, path, text);

    if (len < 0)
        return (int)len;
    return errno_of_parse(jb_parse_u64(text, (size_t)len, true, ret));
}

#define BOOT_ID_PATH   "/proc/sys/kernel/random/boot_id"
#define HOST_NAME_PATH "/proc/sys/kernel/hostname"

static bool is_uuid(const char *text, size_t len)
{
    if (len != 36)
        return false;
    for (size_t i = 0; i < len; i++) {
        const bool wants_dash = i == 8 || i == 13 || i == 18 || i == 23;
        const bool is_hex =
            (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
        if (wants_dash ? text[i] != '-' : !is_hex)
            return false;
    }
    return true;
}

jb_rc jb_os_boot_id(const struct jb_os *os, char ret_text[37], struct jb_error *err)
{
    char text[64];
    const ssize_t len = jb_os_read_text(os, BOOT_ID_PATH, text, sizeof text);

    if (len < 0 && len != -EOVERFLOW)
        return jb_fail_errno(err, (int)-len, "mount /proc so that this process can read it",
                             "cannot read '%s'", BOOT_ID_PATH);
    if (len < 0 || !is_uuid(text, (size_t)len))
        return jb_fail(err, JB_E_INPUT,
                       "the kernel writes a UUID there; a recorded tree must keep it",
                       "'%s' does not hold a boot id", BOOT_ID_PATH);
    memcpy(ret_text, text, 37);
    return JB_OK;
}

jb_rc jb_os_host_name(const struct jb_os *os, char *buf, size_t size, struct jb_error *err)
{
    char text[256]; /* the kernel's limit is 64 */
    const ssize_t len = jb_os_read_text(os, HOST_NAME_PATH, text, sizeof text);

    if (len < 0 && len != -EOVERFLOW)
        return jb_fail_errno(err, (int)-len, "mount /proc so that this process can read it",
                             "cannot read '%s'", HOST_NAME_PATH);
    if (len < 0 || (size_t)len >= size)
        return jb_fail(err, JB_E_RANGE, NULL, "the host name in '%s' is too long", HOST_NAME_PATH);
    if (len == 0)
        return jb_fail(err, JB_E_INPUT, "set a host name", "'%s' is empty", HOST_NAME_PATH);
    memcpy(buf, text, (size_t)len + 1);
    return JB_OK;
}
