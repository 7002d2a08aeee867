/* SPDX-License-Identifier: Apache-2.0 */
/* A small recorded tree in a temporary folder stands in for the machine; a script for a file that reads oddly. */
#include "base/os.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

static void put(const char *root, const char *path, const char *text)
{
    char place[PATH_MAX];

    (void)snprintf(place, sizeof place, "%s%s", root, path);
    for (char *at = strchr(place + strlen(root) + 1, '/'); at; at = strchr(at + 1, '/')) {
        *at = '\0';
        if (mkdir(place, 0700) != 0 && errno != EEXIST)
            bail_out("cannot make %s", place);
        *at = '/';
    }
    FILE *file = fopen(place, "we");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        bail_out("cannot write %s", place);
}

static void put_link(const char *root, const char *path, const char *target)
{
    char place[PATH_MAX];

    (void)snprintf(place, sizeof place, "%s%s", root, path);
    if (symlink(target, place) != 0)
        bail_out("cannot link %s", place);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    (void)st;
    (void)kind;
    (void)where;
    return remove(path);
}

static void plant(const char *root)
{
    put(root, "/sys/devices/virtual/powercap/intel-rapl/intel-rapl:0/energy_uj", "262143328850\n");
    put(root, "/sys/devices/virtual/powercap/intel-rapl/intel-rapl:0/name", "package-0\n");
    put(root, "/sys/devices/system/cpu/online", "0-3,8\n");
    put(root, "/sys/class/powercap/README", "");
    put_link(root, "/sys/class/powercap/intel-rapl:0",
             "../../devices/virtual/powercap/intel-rapl/intel-rapl:0");
    put_link(root, "/sys/class/powercap/absolute",
             "/sys/devices/virtual/powercap//intel-rapl/./intel-rapl:0/");
    put_link(root, "/sys/class/powercap/escape", "../../../../../../../../../../etc");
    put_link(root, "/sys/class/powercap/nowhere", "/sys/missing");
    put_link(root, "/sys/class/powercap/here", "here");
    put(root, "/etc/hostname", "inside the tree\n");
    put(root, "/proc/sys/kernel/random/boot_id", "0b3f1c1e-7a55-4d2c-9d7e-5f6a7b8c9d0e\n");
    put(root, "/proc/sys/kernel/hostname", "node-7\n");
    put(root, "/n/negative", "-12\n");
    put(root, "/n/large", "18446744073709551615\n");
    put(root, "/n/larger", "18446744073709551616\n");
    put(root, "/n/text", "<not supported>\n");
    put(root, "/n/empty", "");
    put(root, "/n/many",
        "111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111"
        "11111111111\n");
    put(root, "/n/eight", "12345678");
    put(root, "/n/two_lines", "a\n\n");
}

static void links(const struct jb_os *os)
{
    char path[PATH_MAX];
    char text[64];
    static const char zone[] = "/sys/devices/virtual/powercap/intel-rapl/intel-rapl:0";

    is_i64(os->real_path(os->context, "/sys/class/powercap/intel-rapl:0", path, sizeof path),
           (int64_t)strlen(zone), "a relative link resolves, its length returned");
    is_str(path, zone, "to the path as the kernel knows it, without the root");
    ok(os->real_path(os->context, "/sys/class/powercap/absolute/name", path, sizeof path) > 0 &&
           strcmp(path, "/sys/devices/virtual/powercap/intel-rapl/intel-rapl:0/name") == 0,
       "an absolute link resolves inside the root");
    ok(os->real_path(os->context, "/sys/class/powercap/escape/hostname", path, sizeof path) > 0 &&
           strcmp(path, "/etc/hostname") == 0,
       "a link cannot climb out of the root");
    is_i64(os->real_path(os->context, "/", path, sizeof path), 1,
           "the root itself is one character");
    is_str(path, "/", "namely /");
    ok(os->real_path(os->context, "//sys/./class/../devices//", path, sizeof path) > 0 &&
           strcmp(path, "/sys/devices") == 0,
       "dots and double slashes are taken out");
    is_i64(os->real_path(os->context, "/sys/class/powercap/nowhere", path, sizeof path), -ENOENT,
           "a link to nothing is not found");
    is_i64(os->real_path(os->context, "/sys/class/powercap/here", path, sizeof path), -ELOOP,
           "a circle is ELOOP");
    is_i64(os->real_path(os->context, "sys", path, sizeof path), -EINVAL,
           "a relative path is refused");
    is_i64(os->real_path(os->context, "/sys/devices", path, 12), -ENAMETOOLONG,
           "a result that does not fit is refused");
    is_i64(os->real_path(os->context, "/sys/devices", path, 13), 12, "one that just fits is given");
    is_i64(os->real_path(os->context, "/n/eight/x", path, sizeof path), -ENOTDIR,
           "a file is no directory");

    ok(jb_os_read_text(os, "/sys/class/powercap/escape/hostname", text, sizeof text) > 0 &&
           strcmp(text, "inside the tree") == 0,
       "reading through a link stays inside the root, too");
    ok(jb_os_read_text(os, "/sys/class/powercap/absolute/name", text, sizeof text) == 9 &&
           strcmp(text, "package-0") == 0,
       "reading through an absolute link as well");
}

static void link_chains(const char *root, const struct jb_os *os)
{
    char path[PATH_MAX];
    char from[64];
    char to[64];

    put(root, "/chain/0", "end");
    for (int i = 1; i <= 41; i++) {
        (void)snprintf(from, sizeof from, "/chain/%d", i);
        (void)snprintf(to, sizeof to, i % 2 ? "%d" : "/chain/%d", i - 1);
        put_link(root, from, to);
    }
    ok(os->real_path(os->context, "/chain/40", path, sizeof path) == 8 &&
           strcmp(path, "/chain/0") == 0,
       "40 links in a row resolve, as in the kernel");
    is_i64(os->real_path(os->context, "/chain/41", path, sizeof path), -ELOOP, "41 do not");
}

static void long_paths(const struct jb_os *os)
{
    static char path[PATH_MAX + 10];
    char out[PATH_MAX];

    memset(path, 'x', sizeof path - 1);
    path[0] = '/';
    is_i64(os->open_read(os->context, path), -ENAMETOOLONG, "a path longer than any is refused");
    is_i64(os->real_path(os->context, path, out, sizeof out), -ENAMETOOLONG, "and not resolved");
    path[PATH_MAX - 2] = '\0';
    is_i64(os->open_read(os->context, path), -ENAMETOOLONG,
           "one that is too long only with its root, too");
}

static void reading(const struct jb_os *os)
{
    char text[16];
    char raw[8] = "";

    is_i64(jb_os_read_text(os, "/n/eight", text, 9), 8, "a text that just fits is read");
    is_str(text, "12345678", "whole");
    is_i64(jb_os_read_text(os, "/n/eight", text, 8), -EOVERFLOW,
           "one without room for its NUL is refused");
    is_str(text, "", "and nothing of it is left");
    is_i64(jb_os_read_text(os, "/n/two_lines", text, sizeof text), 2,
           "one trailing newline is cut, not two");
    is_i64(jb_os_read_text(os, "/n/empty", text, sizeof text), 0, "an empty file is empty");
    is_i64(jb_os_read_text(os, "/n/missing", text, sizeof text), -ENOENT,
           "a missing file is ENOENT");
    is_i64(jb_os_read_text(os, "/n", text, sizeof text), -EISDIR, "a directory is EISDIR");

    const int handle = os->open_read(os->context, "/n/eight");
    ok(handle >= 0 && (fcntl(handle, F_GETFD) & FD_CLOEXEC),
       "a file is open until exec and no longer");
    ok(os->pread(os->context, handle, raw, 3, 4) == 3 && memcmp(raw, "567", 3) == 0,
       "it is read at an offset");
    is_i64(os->pread(os->context, handle, raw, 3, 8), 0, "at its end there is nothing");
    os->close(os->context, handle);
    is_i64(os->pread(os->context, handle, raw, 3, 0), -EBADF, "a closed file is closed");
}

static void numbers(const struct jb_os *os)
{
    int64_t value = 77;
    uint64_t count = 77;

    ok(jb_os_read_u64(os, "/sys/class/powercap/intel-rapl:0/energy_uj", &count) == 0 &&
           count == 262143328850,
       "a counter is read");
    ok(jb_os_read_u64(os, "/n/large", &count) == 0 && count == UINT64_MAX, "up to 64 bits");
    ok(jb_os_read_i64(os, "/n/negative", &value) == 0 && value == -12, "a signed number is read");
    value = 77;
    is_i64(jb_os_read_i64(os, "/n/large", &value), -ERANGE, "a number past int64 is ERANGE");
    is_i64(jb_os_read_u64(os, "/n/larger", &count), -ERANGE, "a number past 64 bits is ERANGE");
    is_i64(jb_os_read_u64(os, "/n/negative", &count), -EBADMSG, "a sign is no count");
    is_i64(jb_os_read_i64(os, "/n/text", &value), -EBADMSG, "a text is no number");
    is_i64(jb_os_read_i64(os, "/n/empty", &value), -EBADMSG, "nothing is no number, and not 0");
    is_i64(jb_os_read_i64(os, "/n/many", &value), -EBADMSG,
           "a line longer than any number is none");
    is_i64(jb_os_read_i64(os, "/n/missing", &value), -ENOENT, "a missing file is ENOENT");
    ok(value == 77 && count == UINT64_MAX, "a failure leaves the output alone");
}

struct names {
    int n_seen;
    int n_stop;
    bool dots;
    bool zone;
};

static int take_name(void *arg, const char *name)
{
    struct names *names = arg;

    names->n_seen++;
    names->dots = names->dots || strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
    names->zone = names->zone || strcmp(name, "intel-rapl:0") == 0;
    return names->n_seen == names->n_stop ? 1 : 0;
}

static void listing(const struct jb_os *os)
{
    struct names all = {0};
    struct names two = {.n_stop = 2};
    struct names none = {0};

    is_i64(os->list(os->context, "/sys/class/powercap", take_name, &all), 0,
           "a directory is listed");
    is_i64(all.n_seen, 6, "each name once");
    ok(all.zone && !all.dots, "links among them, . and .. not");
    is_i64(os->list(os->context, "/sys/class/powercap", take_name, &two), 0,
           "a listing can be stopped");
    is_i64(two.n_seen, 2, "where the callback says so");
    is_i64(os->list(os->context, "/sys/none", take_name, &none), -ENOENT,
           "a missing directory is ENOENT");
    is_i64(os->list(os->context, "/n/eight", take_name, &none), -ENOTDIR, "a file is ENOTDIR");
    is_i64(none.n_seen, 0, "and nothing is called");
}

static void machine(const char *root, const struct jb_os *os)
{
    struct perf_event_attr attr = {
        .size = sizeof attr, .type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_DUMMY};

    is_i64(os->cpus_online(os->context), 5, "0-3,8 are five processors");
    put(root, "/sys/devices/system/cpu/online", "0\n");
    is_i64(os->cpus_online(os->context), 1, "0 is one");
    put(root, "/sys/devices/system/cpu/online", "0-3,\n");
    is_i64(os->cpus_online(os->context), -EBADMSG, "a list that ends in a comma is damaged");
    put(root, "/sys/devices/system/cpu/online", "3-0\n");
    is_i64(os->cpus_online(os->context), -EBADMSG, "a range that runs down is damaged");
    put(root, "/sys/devices/system/cpu/online", "0-9223372036854775807\n");
    is_i64(os->cpus_online(os->context), -EBADMSG, "more processors than can be is damaged");
    is_i64(os->perf_event_open(os->context, &attr, 0, -1, -1, 0), -ENOSYS,
           "a recorded tree never opens an event of this machine");
}

static void identity(const char *root, const struct jb_os *os)
{
    struct jb_error err = {0};
    char boot_id[37] = "before";
    char name[16] = "before";

    ok(jb_os_boot_id(os, boot_id, &err) == JB_OK &&
           strcmp(boot_id, "0b3f1c1e-7a55-4d2c-9d7e-5f6a7b8c9d0e") == 0,
       "the boot id is read");
    put(root, "/proc/sys/kernel/random/boot_id", "0b3f1c1e-7a55-4d2c-9d7e\n");
    is_i64(jb_os_boot_id(os, boot_id, &err), JB_E_INPUT, "a boot id cut short is refused");
    is_str(err.message, "'/proc/sys/kernel/random/boot_id' does not hold a boot id",
           "with its path");
    ok(strlen(boot_id) == 36, "and the output left alone");

    ok(jb_os_host_name(os, name, sizeof name, &err) == JB_OK && strcmp(name, "node-7") == 0,
       "the host name is read");
    is_i64(jb_os_host_name(os, name, 6, &err), JB_E_RANGE,
           "a host name without room for its NUL is refused");
    is_str(name, "node-7", "and the output left alone");
    put(root, "/proc/sys/kernel/hostname", "\n");
    is_i64(jb_os_host_name(os, name, sizeof name, NULL), JB_E_INPUT,
           "an empty host name is refused");

    const struct jb_os elsewhere = jb_os_real("/nonexistent-root");
    is_i64(jb_os_boot_id(&elsewhere, boot_id, &err), JB_E_NOT_FOUND, "no /proc is not found");
    is_str(err.message, "cannot read '/proc/sys/kernel/random/boot_id': no such file or directory",
           "and says so");
    is_i64(jb_os_host_name(&elsewhere, name, sizeof name, &err), JB_E_NOT_FOUND,
           "nor the host name");
}

/* A file that gives one byte at a time and fails once it is asked for the byte at `fail_at`. */
struct script {
    const char *text;
    int64_t fail_at;
    int n_open;
};

static int script_open(void *context, const char *path)
{
    (void)path;
    ((struct script *)context)->n_open++;
    return 5;
}

static ssize_t script_pread(void *context, int handle, void *buf, size_t size, int64_t offset)
{
    const struct script *script = context;

    if (offset == script->fail_at)
        return -EIO;
    if (handle != 5 || size == 0 || (size_t)offset >= strlen(script->text))
        return 0;
    memcpy(buf, script->text + offset, 1);
    return 1;
}

static void script_close(void *context, int handle)
{
    ((struct script *)context)->n_open -= handle == 5;
}

static void scripted(void)
{
    struct script script = {.text = "1234567\n", .fail_at = -1};
    const struct jb_os os = {
        .open_read = script_open, .pread = script_pread, .close = script_close, .context = &script};
    uint64_t count = 77;

    ok(jb_os_read_u64(&os, "/any", &count) == 0 && count == 1234567,
       "a file that comes in pieces is put together");
    script.fail_at = 4;
    is_i64(jb_os_read_u64(&os, "/any", &count), -EIO,
           "a read that fails in the middle is a failure, not 1234");
    ok(count == 1234567, "and leaves the output alone");
    is_i64(script.n_open, 0, "every handle was closed, after the failure as well");
}

static void real_machine(void)
{
    const struct jb_os os = jb_os_real("");
    struct perf_event_attr attr = {
        .size = sizeof attr, .type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_DUMMY};
    char path[PATH_MAX];
    char want[64];

    (void)snprintf(want, sizeof want, "/proc/%ld", (long)getpid());
    ok(os.real_path(os.context, "/proc/self", path, sizeof path) > 0 && strcmp(path, want) == 0,
       "without a root the machine's own links resolve");
    is_i64(os.clock_ticks(os.context), sysconf(_SC_CLK_TCK), "clock ticks are the system's");
    is_i64(os.page_bytes(os.context), sysconf(_SC_PAGESIZE), "so is the size of a page");
    is_i64(os.cpus_online(os.context), sysconf(_SC_NPROCESSORS_ONLN),
           "so is the number of processors");
    is_i64(os.open_read(os.context, "/proc/self/none"), -ENOENT, "a missing file is ENOENT");

    const int handle = os.perf_event_open(os.context, &attr, 0, -1, -1, 0);
    if (handle < 0) {
        skip("no perf events for this process: %s", strerrorname_np(-handle));
        return;
    }
    ok(fcntl(handle, F_GETFD) & FD_CLOEXEC, "an event is open until exec and no longer");
    os.close(os.context, handle);
}

static void test_devices(void)
{
    const struct jb_os real = jb_os_real("");
    const struct jb_os rooted = jb_os_real("/tmp");
    int ends[2];
    int n_bytes = -1;

    if (pipe(ends) < 0)
        bail_out("no pipe");
    is_i64(real.wait_read(real.context, ends[0], 0), 0, "an empty pipe has nothing to read");
    if (write(ends[1], "abc", 3) != 3)
        bail_out("cannot write");
    is_i64(real.wait_read(real.context, ends[0], 1000), 1, "one with bytes does");
    ok(real.ioctl(real.context, ends[0], FIONREAD, &n_bytes) == 0 && n_bytes == 3,
       "a device answers a request");
    is_i64(real.ioctl(real.context, ends[0], 0xdead, &n_bytes), -ENOTTY,
           "one that it does not know is refused");
    ok(rooted.ioctl(rooted.context, ends[0], FIONREAD, &n_bytes) == -ENOSYS &&
           rooted.wait_read(rooted.context, ends[0], 0) == -ENOSYS,
       "a recorded tree has no devices");
    (void)close(ends[0]);
    (void)close(ends[1]);
}

int main(void)
{
    char root[] = "/tmp/joulebook-test-os-XXXXXX";
    char slashed[64];

    if (!mkdtemp(root))
        bail_out("no temporary folder");
    plant(root);
    const struct jb_os os = jb_os_real(root);
    links(&os);
    link_chains(root, &os);
    long_paths(&os);
    reading(&os);
    numbers(&os);
    listing(&os);
    machine(root, &os);
    identity(root, &os);

    (void)snprintf(slashed, sizeof slashed, "%s//", root);
    const struct jb_os same = jb_os_real(slashed);
    char path[64];
    ok(same.real_path(same.context, "/sys/devices", path, sizeof path) == 12 &&
           strcmp(path, "/sys/devices") == 0,
       "a root that ends in slashes is the same root");

    scripted();
    real_machine();
    (void)nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    test_devices();
    return done_testing();
}
