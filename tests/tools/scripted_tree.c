/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A machine whose energy is known exactly: a powercap tree in a folder, as the kernel lays it out, whose counters are
 * rewritten in place every millisecond from a closed form over CLOCK_MONOTONIC (R-VALID-03, R-VALID-04). Test tool; uses nothing of the project.
 *
 *   scripted_tree serve --root DIR [--vendor intel|amd] [--base UJ | --before-wrap UJ] --zone NAME=COURSE... [--file PATH:KIND=COURSE]...
 *       NAME: package-0, package-0/dram, package-0/core, package-0/uncore, psys; COURSE: see course.h
 *       a file below DIR that shows a course: KIND uw or uj, a gauge or a counter as text; q16@OFFSET, 64 bits of 2^-16 J
 *       within a table of bytes that is there already (gpu_metrics)
 *       says "ready T0" and obeys commands on standard input until that ends, answering "ok NS" to each:
 *         reset ZONE         counts from 0 from now on, as after a reload of the driver
 *         vanish ZONE        the zone leaves the tree;  return ZONE  comes back as a new file with its present count
 *         swap ZONE TARGET   in its place is a link to TARGET;  return ZONE  ends that too
 *         mode ZONE OCTAL    changes who may open energy_uj
 *         torn ZONE KIND MS  for so long it shows: half (no newline), short (cut number), empty, words
 *         hold ZONE MS       for so long the number stands still
 *         jump ZONE UJ       the number leaps by energy that nobody drew
 *         late FROM TO       answers "late NS": the longest time between two updates around [FROM, TO]
 *   scripted_tree energy DIR ZONE FROM TO     exact energy between two CLOCK_MONOTONIC instants, in uJ with 9 places
 *   scripted_tree fill DIR N                  the files of N zones standing still, for benchmarks
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "course.h"
#include "scripted_file.h"

#define ZONES_MAX 64
#define FILES_MAX 32
#define NS_PER_S  INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)
#define PATH_SIZE 512
#define RING      (1 << 19) /* updates remembered: more than eight minutes */

/* A 32-bit register of 61 uJ a unit: what the kernel shows is exact in uJ. */
#define UNIT_UJ     INT64_C(61)
#define MAX_RANGE   (UNIT_UJ * INT64_C(4294967295))
#define CLASS       "sys/class/powercap"
#define DEVICES     "sys/devices/virtual/powercap/intel-rapl"
#define CLASS_TO_UP "../../devices/virtual/powercap/intel-rapl"

enum torn { TORN_NOT, TORN_HALF, TORN_SHORT, TORN_EMPTY, TORN_WORDS };

struct zone {
    char name[64];  /* "package-0/dram" */
    char text[128]; /* of its course */
    struct course course;
    char entry[64];  /* "intel-rapl:0:0" */
    char folder[96]; /* below DEVICES: "intel-rapl:0/intel-rapl:0:0" */
    int fd;          /* -1: vanished or swapped */
    bool is_swapped;
    fj_t base_fj; /* on the counter at t0 */
    fj_t jump_fj;
    fj_t less_fj; /* what a reset took off */
    enum torn torn;
    int64_t torn_until_ns, hold_until_ns;
    uint64_t shown_uj;
    size_t shown_len;
};

struct tree {
    const char *root;
    const char *vendor;
    int root_fd;
    int64_t t0_ns;
    int64_t base_uj, before_wrap_uj;
    struct zone zones[ZONES_MAX];
    size_t n_zones;
    struct file files[FILES_MAX];
    size_t n_files;
    int64_t *updates; /* ring */
    size_t n_updates;
};

static int64_t now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

__attribute__((noreturn, format(printf, 1, 2))) static void die(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)fputs("scripted_tree: ", stderr);
    (void)vfprintf(stderr, format, args);
    (void)fputc('\n', stderr);
    va_end(args);
    _exit(2);
}

/* -- the tree on disk ------------------------------------------------------------------------------------------------ */

static void make_folders(int root_fd, const char *path)
{
    char part[PATH_SIZE];

    for (size_t i = 0; path[i] != '\0'; i++) {
        if (path[i] != '/' || i == 0)
            continue;
        (void)snprintf(part, sizeof part, "%.*s", (int)i, path);
        if (mkdirat(root_fd, part, 0755) < 0 && errno != EEXIST)
            die("cannot make '%s': %s", part, strerror(errno));
    }
}

__attribute__((format(printf, 3, 4))) static void put(int root_fd, const char *path,
                                                      const char *format, ...)
{
    char text[2048];
    va_list args;

    va_start(args, format);
    const int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    make_folders(root_fd, path);
    const int fd = openat(root_fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0 || len < 0 || write(fd, text, (size_t)len) != len)
        die("cannot write '%s': %s", path, strerror(errno));
    close(fd);
}

static void put_machine(const struct tree *tree, int n_packages)
{
    const int is_amd = strcmp(tree->vendor, "amd") == 0;
    char path[PATH_SIZE];

    put(tree->root_fd, "proc/cpuinfo",
        "processor\t: 0\nvendor_id\t: %s\ncpu family\t: %d\nmodel\t\t: %d\nmodel name\t: %s\n"
        "physical id\t: 0\nflags\t\t: fpu vme sse2 ht\n",
        is_amd ? "AuthenticAMD" : "GenuineIntel", is_amd ? 25 : 6, is_amd ? 1 : 106,
        is_amd ? "AMD EPYC 7313 16-Core Processor" : "Intel(R) Xeon(R) Gold 6326 CPU @ 2.90GHz");
    put(tree->root_fd, "proc/meminfo",
        "MemTotal:       67108864 kB\nMemFree:        33554432 kB\nMemAvailable:   33554432 kB\n");
    put(tree->root_fd, "proc/stat", "cpu  100 20 30 4000 50 6 7 80 9 1\n");
    put(tree->root_fd, "sys/devices/system/cpu/online", "0-%d\n", 2 * n_packages - 1);
    put(tree->root_fd, "sys/devices/system/cpu/possible", "0-%d\n", 2 * n_packages - 1);
    for (int cpu = 0; cpu < 2 * n_packages; cpu++) {
        (void)snprintf(path, sizeof path,
                       "sys/devices/system/cpu/cpu%d/topology/physical_package_id", cpu);
        put(tree->root_fd, path, "%d\n", cpu / 2);
        (void)snprintf(path, sizeof path, "sys/devices/system/cpu/cpu%d/topology/die_id", cpu);
        put(tree->root_fd, path, "0\n");
    }
}

static void file_of(const struct zone *zone, const char *name, char path[PATH_SIZE])
{
    (void)snprintf(path, PATH_SIZE, DEVICES "/%s/%s", zone->folder, name);
}

static void link_class(const struct tree *tree, const struct zone *zone)
{
    char path[PATH_SIZE];
    char target[PATH_SIZE];

    (void)snprintf(path, sizeof path, CLASS "/%s", zone->entry);
    (void)snprintf(target, sizeof target, CLASS_TO_UP "/%s", zone->folder);
    if (symlinkat(target, tree->root_fd, path) < 0 && errno != EEXIST)
        die("cannot link '%s': %s", path, strerror(errno));
}

static void open_counter(const struct tree *tree, struct zone *zone)
{
    char path[PATH_SIZE];

    file_of(zone, "energy_uj", path);
    zone->fd = openat(tree->root_fd, path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    zone->shown_len = 0;
    if (zone->fd < 0)
        die("cannot make '%s': %s", path, strerror(errno));
}

/* Packages are numbered as they come; a part stands below its package, in the order it came. */
static void place_zones(struct tree *tree)
{
    int n_top = 0;

    for (size_t i = 0; i < tree->n_zones; i++) {
        struct zone *const zone = &tree->zones[i];
        const char *const slash = strchr(zone->name, '/');
        int n_before = 0;
        if (!slash) {
            (void)snprintf(zone->entry, sizeof zone->entry, "intel-rapl:%d", n_top++);
            (void)snprintf(zone->folder, sizeof zone->folder, "%.63s", zone->entry);
            continue;
        }
        const size_t len = (size_t)(slash - zone->name);
        const struct zone *parent = NULL;
        for (size_t k = 0; k < i; k++) {
            if (strncmp(tree->zones[k].name, zone->name, len) != 0)
                continue;
            if (tree->zones[k].name[len] == '\0')
                parent = &tree->zones[k];
            else if (tree->zones[k].name[len] == '/')
                n_before++;
        }
        if (!parent)
            die("'%s' comes before its package", zone->name);
        (void)snprintf(zone->entry, sizeof zone->entry, "%.40s:%d", parent->entry, n_before);
        (void)snprintf(zone->folder, sizeof zone->folder, "%.40s/%.50s", parent->entry,
                       zone->entry);
    }
}

static void put_zone(const struct tree *tree, struct zone *zone)
{
    const char *const slash = strchr(zone->name, '/');
    char path[PATH_SIZE];

    file_of(zone, "name", path);
    put(tree->root_fd, path, "%s\n", slash ? slash + 1 : zone->name);
    file_of(zone, "max_energy_range_uj", path);
    put(tree->root_fd, path, "%" PRId64 "\n", MAX_RANGE);
    file_of(zone, "enabled", path);
    put(tree->root_fd, path, "1\n");
    link_class(tree, zone);
    open_counter(tree, zone);
}

/* -- the counters ---------------------------------------------------------------------------------------------------- */

static fj_t drawn_fj(const struct tree *tree, const struct zone *zone, int64_t mono_ns)
{
    return course_fj(&zone->course, mono_ns - tree->t0_ns);
}

static uint64_t count_uj(const struct tree *tree, const struct zone *zone, int64_t mono_ns)
{
    const fj_t fj = zone->base_fj + zone->jump_fj + drawn_fj(tree, zone, mono_ns) - zone->less_fj;

    return (uint64_t)(uint32_t)(fj / (FJ_PER_UJ * (fj_t)UNIT_UJ)) * (uint64_t)UNIT_UJ;
}

static size_t torn_text(enum torn torn, uint64_t uj, char *text, size_t size)
{
    const size_t len = (size_t)snprintf(text, size, "%" PRIu64 "\n", uj);

    switch (torn) {
    case TORN_NOT: return len;
    case TORN_HALF: return len / 2;
    case TORN_SHORT: text[len / 2] = '\n'; return len / 2 + 1;
    case TORN_EMPTY: return 0;
    case TORN_WORDS: return (size_t)snprintf(text, size, "not a number\n");
    }
    return len;
}

static void show(const struct tree *tree, struct zone *zone, int64_t mono_ns)
{
    char text[64];

    if (zone->fd < 0 || mono_ns < zone->hold_until_ns)
        return;
    if (zone->torn != TORN_NOT && mono_ns >= zone->torn_until_ns)
        zone->torn = TORN_NOT;
    const uint64_t uj = count_uj(tree, zone, mono_ns);
    const size_t len = torn_text(zone->torn, uj, text, sizeof text);
    /* A shorter text leaves digits behind its newline, which no reader looks at, unless it has none. */
    if (len < zone->shown_len && ftruncate(zone->fd, (off_t)len) < 0)
        die("cannot cut a counter: %s", strerror(errno));
    if (pwrite(zone->fd, text, len, 0) != (ssize_t)len)
        die("cannot show '%s': %s", zone->name, strerror(errno));
    zone->shown_len = len;
    zone->shown_uj = uj;
}

static void show_all(struct tree *tree)
{
    for (size_t i = 0; i < tree->n_files; i++)
        show_file(&tree->files[i], tree->base_uj, now_ns() - tree->t0_ns);
    for (size_t i = 0; i < tree->n_zones; i++)
        show(tree, &tree->zones[i], now_ns());
    tree->updates[tree->n_updates++ % RING] = now_ns();
}

/* -- commands -------------------------------------------------------------------------------------------------------- */

/* The longest time between two updates of which one is within 20 ms of the span: what the tree itself was late by. */
static int64_t lateness_ns(const struct tree *tree, int64_t from_ns, int64_t to_ns)
{
    const size_t n = tree->n_updates < RING ? tree->n_updates : RING;
    int64_t longest_ns = 0;

    for (size_t i = tree->n_updates - n + 1; i < tree->n_updates; i++) {
        const int64_t before_ns = tree->updates[(i - 1) % RING];
        const int64_t at_ns = tree->updates[i % RING];
        if (at_ns < from_ns - 20 * NS_PER_MS || before_ns > to_ns + 20 * NS_PER_MS)
            continue;
        longest_ns = at_ns - before_ns > longest_ns ? at_ns - before_ns : longest_ns;
    }
    return longest_ns;
}

static struct zone *find_zone(struct tree *tree, const char *name)
{
    for (size_t i = 0; name && i < tree->n_zones; i++)
        if (strcmp(tree->zones[i].name, name) == 0)
            return &tree->zones[i];
    return NULL;
}

/* The zone's place in the tree, and where it is kept while it is away. */
static void move_zone(const struct tree *tree, struct zone *zone, bool is_back)
{
    char here[PATH_SIZE];
    char away[PATH_SIZE];
    char link[PATH_SIZE];

    (void)snprintf(here, sizeof here, DEVICES "/%s", zone->folder);
    (void)snprintf(away, sizeof away, "away-%s", zone->entry);
    (void)snprintf(link, sizeof link, CLASS "/%s", zone->entry);
    if (is_back) {
        if (renameat(tree->root_fd, away, tree->root_fd, here) < 0)
            die("cannot bring '%s' back: %s", zone->name, strerror(errno));
        open_counter(tree, zone);
        zone->shown_len = 0;
        show(tree, zone, now_ns());
        link_class(tree, zone);
        return;
    }
    char file[PATH_SIZE];
    file_of(zone, "energy_uj", file);
    (void)unlinkat(tree->root_fd, link, 0);
    (void)unlinkat(tree->root_fd, file, 0);
    close(zone->fd);
    zone->fd = -1;
    if (renameat(tree->root_fd, here, tree->root_fd, away) < 0)
        die("cannot take '%s' away: %s", zone->name, strerror(errno));
}

/* As if the driver answered every read of it with the target's error: a link to a file whose reads fail. */
static bool swap_counter(const struct tree *tree, struct zone *zone, const char *target)
{
    char path[PATH_SIZE];
    char fresh[PATH_SIZE];

    file_of(zone, "energy_uj", path);
    file_of(zone, "swapped", fresh);
    if (!target || zone->fd < 0 || symlinkat(target, tree->root_fd, fresh) < 0 ||
        renameat(tree->root_fd, fresh, tree->root_fd, path) < 0)
        return false;
    close(zone->fd);
    zone->fd = -1;
    zone->is_swapped = true;
    return true;
}

/* The counter is a file of its own again, in one step. */
static void swap_back(const struct tree *tree, struct zone *zone)
{
    char path[PATH_SIZE];
    char fresh[PATH_SIZE];

    file_of(zone, "energy_uj", path);
    file_of(zone, "swapped", fresh);
    zone->fd = openat(tree->root_fd, fresh, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (zone->fd < 0)
        die("cannot make '%s': %s", fresh, strerror(errno));
    zone->shown_len = 0;
    zone->is_swapped = false;
    show(tree, zone, now_ns());
    if (renameat(tree->root_fd, fresh, tree->root_fd, path) < 0)
        die("cannot bring '%s' back: %s", zone->name, strerror(errno));
}

static bool change_mode(const struct tree *tree, const struct zone *zone, const char *octal)
{
    char path[PATH_SIZE];
    mode_t mode = 0;

    for (; octal && *octal >= '0' && *octal <= '7'; octal++)
        mode = mode * 8 + (mode_t)(*octal - '0');
    file_of(zone, "energy_uj", path);
    return fchmodat(tree->root_fd, path, mode, 0) == 0;
}

static bool tear(struct zone *zone, const char *kind, const char *ms)
{
    static const char *const kinds[] = {"", "half", "short", "empty", "words"};
    int64_t ns;

    if (!kind || !ms || !course_number(&ms, 6, &ns))
        return false;
    for (size_t i = 1; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kind, kinds[i]) == 0)
            zone->torn = (enum torn)i;
    zone->torn_until_ns = now_ns() + ns;
    return zone->torn != TORN_NOT;
}

static bool obey_zone(struct tree *tree, char *words[4])
{
    struct zone *const zone = find_zone(tree, words[1]);
    const char *number = words[2];
    int64_t value = 0;

    if (!zone)
        return false;
    if (strcmp(words[0], "reset") == 0) {
        zone->less_fj = zone->base_fj + zone->jump_fj + drawn_fj(tree, zone, now_ns());
    } else if (strcmp(words[0], "vanish") == 0 && zone->fd >= 0) {
        move_zone(tree, zone, false);
    } else if (strcmp(words[0], "swap") == 0) {
        return swap_counter(tree, zone, words[2]);
    } else if (strcmp(words[0], "return") == 0 && zone->is_swapped) {
        swap_back(tree, zone);
    } else if (strcmp(words[0], "return") == 0 && zone->fd < 0) {
        move_zone(tree, zone, true);
    } else if (strcmp(words[0], "mode") == 0) {
        return change_mode(tree, zone, words[2]);
    } else if (strcmp(words[0], "torn") == 0) {
        return tear(zone, words[2], words[3]);
    } else if (strcmp(words[0], "hold") == 0 && number && course_number(&number, 6, &value)) {
        zone->hold_until_ns = now_ns() + value;
    } else if (strcmp(words[0], "jump") == 0 && number && course_number(&number, 0, &value)) {
        zone->jump_fj += (fj_t)value * FJ_PER_UJ;
    } else {
        return false;
    }
    return true;
}

static void obey(struct tree *tree, char *line)
{
    char *words[4] = {NULL};
    size_t n = 0;

    for (char *at = line; at && n < 4; n++) {
        words[n] = at;
        at = strchr(at, ' ');
        if (at)
            *at++ = '\0';
    }
    if (strcmp(words[0], "late") == 0 && words[1] && words[2]) {
        const char *from = words[1];
        const char *to = words[2];
        int64_t from_ns;
        int64_t to_ns;
        if (course_number(&from, 0, &from_ns) && course_number(&to, 0, &to_ns)) {
            printf("late %" PRId64 "\n", lateness_ns(tree, from_ns, to_ns));
            return;
        }
    }
    if (words[1] && obey_zone(tree, words))
        printf("ok %" PRId64 "\n", now_ns());
    else
        printf("not understood\n");
}

/* False once standard input has ended: then nobody needs the tree any more. */
static bool take_commands(struct tree *tree)
{
    static char line[256];
    static size_t len;
    char byte;
    ssize_t n;

    while ((n = read(STDIN_FILENO, &byte, 1)) == 1) {
        if (byte != '\n') {
            if (len + 1 < sizeof line)
                line[len++] = byte;
            continue;
        }
        line[len] = '\0';
        len = 0;
        obey(tree, line);
        (void)fflush(stdout);
    }
    return n < 0 && (errno == EAGAIN || errno == EINTR);
}

/* -- programs -------------------------------------------------------------------------------------------------------- */

static void serve_loop(struct tree *tree)
{
    const struct sched_param param = {.sched_priority = 50};
    int64_t next_ns = now_ns();

    /* Where it is allowed the world is never late. */
    (void)sched_setscheduler(0, SCHED_FIFO, &param);
    (void)mlockall(MCL_CURRENT | MCL_FUTURE);
    (void)fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);
    while (take_commands(tree)) {
        const int64_t now = now_ns();
        next_ns += NS_PER_MS;
        if (next_ns < now)
            next_ns = now;
        const struct timespec until = {.tv_sec = next_ns / NS_PER_S, .tv_nsec = next_ns % NS_PER_S};
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
            ;
        show_all(tree);
    }
}

/* What `energy` needs to know of a tree, in a file of its own beside /proc and /sys. */
static void put_script(const struct tree *tree)
{
    char text[ZONES_MAX * 256 + FILES_MAX * 512];
    size_t len = (size_t)snprintf(text, sizeof text, "%" PRId64 "\n", tree->t0_ns);

    for (size_t i = 0; i < tree->n_zones; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%s %s\n", tree->zones[i].name,
                                tree->zones[i].text);
    for (size_t i = 0; i < tree->n_files; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%s %s\n", tree->files[i].path,
                                tree->files[i].text);
    const int fd = openat(tree->root_fd, "script", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0 || write(fd, text, len) != (ssize_t)len)
        die("cannot write the script: %s", strerror(errno));
    close(fd);
}

static void add_zone(struct tree *tree, const char *text)
{
    const char *const equals = strchr(text, '=');
    struct zone *const zone = &tree->zones[tree->n_zones];

    if (!equals || tree->n_zones == ZONES_MAX || (size_t)(equals - text) >= sizeof zone->name ||
        !course_parse(equals + 1, &zone->course))
        die("cannot make a zone of '%s'", text);
    *zone = (struct zone){.course = zone->course, .fd = -1};
    memcpy(zone->name, text, (size_t)(equals - text));
    (void)snprintf(zone->text, sizeof zone->text, "%s", equals + 1);
    tree->n_zones++;
}

static void open_files(struct tree *tree)
{
    for (size_t i = 0; i < tree->n_files; i++) {
        struct file *const file = &tree->files[i];
        make_folders(tree->root_fd, file->path);
        file->fd = openat(tree->root_fd, file->path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        if (file->fd < 0)
            die("cannot open '%s': %s", file->path, strerror(errno));
    }
}

static void build(struct tree *tree)
{
    int n_packages = 0;
    const fj_t range_fj = (fj_t)(MAX_RANGE + UNIT_UJ) * FJ_PER_UJ;

    place_zones(tree);
    for (size_t i = 0; i < tree->n_zones; i++) {
        struct zone *const zone = &tree->zones[i];
        n_packages += strncmp(zone->name, "package-", 8) == 0 && !strchr(zone->name, '/') ? 1 : 0;
        zone->base_fj = tree->before_wrap_uj > 0
                            ? range_fj - (fj_t)tree->before_wrap_uj * FJ_PER_UJ
                            : (fj_t)(tree->base_uj + 1000003 * (int64_t)(i + 1)) * FJ_PER_UJ;
    }
    put_machine(tree, n_packages > 0 ? n_packages : 1);
    put(tree->root_fd, DEVICES "/enabled", "1\n");
    make_folders(tree->root_fd, CLASS "/");
    if (symlinkat("../../../../class/powercap", tree->root_fd, DEVICES "/subsystem") < 0 ||
        symlinkat(CLASS_TO_UP, tree->root_fd, CLASS "/intel-rapl") < 0)
        die("cannot link '%s': %s", CLASS "/intel-rapl", strerror(errno));
    for (size_t i = 0; i < tree->n_zones; i++)
        put_zone(tree, &tree->zones[i]);
}

static struct tree *new_tree(const char *root)
{
    struct tree *const tree = calloc(1, sizeof *tree);
    int64_t *const updates = calloc(RING, sizeof *updates);

    if (!tree || !updates)
        die("no memory");
    tree->updates = updates;
    tree->vendor = "intel";
    tree->root = root;
    if (root) {
        (void)mkdir(root, 0755);
        tree->root_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (tree->root_fd < 0)
            die("cannot open '%s': %s", root, strerror(errno));
    }
    return tree;
}

static int serve(int argc, char **argv)
{
    struct tree *const tree = new_tree(NULL);

    for (int i = 0; i + 1 < argc; i += 2) {
        const char *number = argv[i + 1];
        if (strcmp(argv[i], "--root") == 0)
            tree->root = argv[i + 1];
        else if (strcmp(argv[i], "--vendor") == 0)
            tree->vendor = argv[i + 1];
        else if (strcmp(argv[i], "--zone") == 0)
            add_zone(tree, argv[i + 1]);
        else if (strcmp(argv[i], "--file") == 0 && tree->n_files < FILES_MAX)
            tree->files[tree->n_files++] = parse_file(argv[i + 1]);
        else if (!course_number(&number, 0,
                                strcmp(argv[i], "--base") == 0 ? &tree->base_uj
                                                               : &tree->before_wrap_uj))
            die("cannot understand '%s'", argv[i]);
    }
    if (!tree->root || tree->n_zones + tree->n_files == 0)
        die("--root and --zone or --file are needed");
    (void)umask(022);
    (void)mkdir(tree->root, 0755);
    tree->root_fd = open(tree->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (tree->root_fd < 0)
        die("cannot open '%s': %s", tree->root, strerror(errno));
    tree->t0_ns = now_ns();
    build(tree);
    open_files(tree);
    put_script(tree);
    show_all(tree);
    printf("ready %" PRId64 "\n", tree->t0_ns);
    (void)fflush(stdout);
    serve_loop(tree);
    return 0;
}

/* energy DIR ZONE FROM TO */
static int energy(char **argv)
{
    char path[PATH_SIZE];
    char line[512];
    int64_t t0_ns;
    int64_t span_ns[2];

    (void)snprintf(path, sizeof path, "%s/script", argv[0]);
    FILE *const file = fopen(path, "re");
    if (!file || !fgets(line, sizeof line, file))
        die("cannot read '%s'", path);
    const char *number = line;
    if (!course_number(&number, 0, &t0_ns))
        die("'%s' is no script", path);
    for (int i = 0; i < 2; i++) {
        number = argv[2 + i];
        if (!course_number(&number, 0, &span_ns[i]))
            die("'%s' is no time", argv[2 + i]);
    }
    const size_t len = strlen(argv[1]);
    while (fgets(line, sizeof line, file)) {
        struct course course;
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, argv[1], len) != 0 || line[len] != ' ' ||
            !course_parse(line + len + 1, &course))
            continue;
        const fj_t fj =
            course_fj(&course, span_ns[1] - t0_ns) - course_fj(&course, span_ns[0] - t0_ns);
        printf("%" PRIu64 ".%09" PRIu64 "\n", (uint64_t)(fj / FJ_PER_UJ),
               (uint64_t)(fj % FJ_PER_UJ));
        (void)fclose(file);
        return 0;
    }
    die("no zone '%s' in '%s'", argv[1], path);
}

/* Packages with core and dram, standing still. */
static int fill(const char *root, const char *count)
{
    struct tree *const tree = new_tree(root);
    static const char *const parts[] = {"", "/core", "/dram"};
    int64_t n;

    if (!course_number(&count, 0, &n) || n < 1 || n > ZONES_MAX)
        die("'%s' is no number of zones", count);
    for (int i = 0; i < (int)n; i++) {
        char text[96];
        (void)snprintf(text, sizeof text, "package-%d%s=const:0", i / 3, parts[i % 3]);
        add_zone(tree, text);
    }
    tree->t0_ns = now_ns();
    build(tree);
    put_script(tree);
    show_all(tree);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc >= 4 && strcmp(argv[1], "serve") == 0)
        return serve(argc - 2, argv + 2);
    if (argc == 6 && strcmp(argv[1], "energy") == 0)
        return energy(argv + 2);
    if (argc == 4 && strcmp(argv[1], "fill") == 0)
        return fill(argv[2], argv[3]);
    die("usage: scripted_tree serve --root DIR --zone NAME=COURSE... | energy DIR ZONE FROM TO | "
        "fill DIR N");
}
