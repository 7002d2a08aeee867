/* SPDX-License-Identifier: Apache-2.0 */
/*
 * subject/tree against a small kernel of our own, in which the truth is known to the nanosecond and anything may
 * happen between two reads of one scan. R-CPU-01...R-CPU-08. Real processes: test_tree_live.c.
 */
#include <errno.h>
#include <sys/resource.h>

#include "subject/tree.h"
#include "tap.h"

/* -- a kernel of processes ------------------------------------------------------------------------------------------- */

enum {
    WORLD_MAX = 400,
    REAPER = 100, /* the supervisor; 1 is init */
    ROOT = 101,
    LOADAVG_HANDLE = 90000,
    CGROUP_HANDLE = 90001,
};

#define TICK_NS INT64_C(10000000)

struct process {
    int pid;
    int parent;            /* index into the world; -1: the reaper, -2: init or another outsider */
    char state;            /* R, Z zombie, 0 gone */
    bool ignores_children; /* SIGCHLD ignored: its children are dropped, not waited for */
    bool is_subreaper;
    bool is_of_the_run;
    int64_t start_ticks;
    int64_t user_ns;
    int64_t system_ns;
    int64_t waited_user_ns;
    int64_t waited_system_ns;
    int64_t resident_pages;
};

struct world {
    struct process all[WORLD_MAX];
    int n;
    int next_pid;
    int64_t ticks;
    int64_t truth_ns; /* all CPU time of the run's processes, ever */
    bool has_clock;   /* process_cpu_ns works */
    bool has_loadavg;
    uint64_t chance;
    int n_reads;
    void (*between)(struct world *world); /* what happens beside each read */
    int n_open;
    const char *cgroup_text;
};

static uint64_t next_chance(struct world *world, uint64_t below)
{
    /* xorshift64*: the same worlds on every machine */
    world->chance ^= world->chance >> 12;
    world->chance ^= world->chance << 25;
    world->chance ^= world->chance >> 27;
    return (world->chance * UINT64_C(2685821657736338717) >> 16) % below;
}

static int add_process(struct world *world, int parent, bool is_of_the_run)
{
    if (world->n == WORLD_MAX)
        return -1;
    struct process *const p = &world->all[world->n];
    *p = (struct process){.pid = world->next_pid++,
                          .parent = parent,
                          .state = 'R',
                          .is_of_the_run = is_of_the_run,
                          .start_ticks = world->ticks,
                          .resident_pages = 10};
    return world->n++;
}

static void burn(struct world *world, int i, int64_t user_ns, int64_t system_ns)
{
    world->all[i].user_ns += user_ns;
    world->all[i].system_ns += system_ns;
    if (world->all[i].is_of_the_run)
        world->truth_ns += user_ns + system_ns;
}

static int orphan_home(const struct world *world, int dying)
{
    for (int i = world->all[dying].parent; i >= 0; i = world->all[i].parent)
        if (world->all[i].is_subreaper && world->all[i].state == 'R')
            return i;
    return -1;
}

static void end_process(struct world *world, int i)
{
    struct process *const p = &world->all[i];
    const int home = orphan_home(world, i);

    for (int k = 0; k < world->n; k++)
        if (world->all[k].parent == i && world->all[k].state != 0)
            world->all[k].parent = home;
    p->state = 'Z';
    p->resident_pages = 0;
    if (p->parent >= 0 && world->all[p->parent].ignores_children)
        p->state = 0;
}

static void wait_for(struct world *world, int i)
{
    struct process *const p = &world->all[i];
    struct process *const parent = &world->all[p->parent];

    parent->waited_user_ns += p->user_ns + p->waited_user_ns;
    parent->waited_system_ns += p->system_ns + p->waited_system_ns;
    p->state = 0;
}

static const struct process *find_process(const struct world *world, int pid)
{
    for (int i = world->n - 1; i >= 0; i--)
        if (world->all[i].pid == pid && world->all[i].state != 0)
            return &world->all[i];
    return NULL;
}

static int world_open(void *context, const char *path)
{
    struct world *const world = context;

    if (strcmp(path, "/proc/loadavg") == 0)
        return world->has_loadavg ? LOADAVG_HANDLE : -ENOENT;
    if (strcmp(path, "/group/cpu.stat") == 0)
        return world->cgroup_text ? CGROUP_HANDLE : -ENOENT;
    if (strcmp(path, "/old/cpuacct.usage") == 0)
        return world->cgroup_text ? CGROUP_HANDLE : -ENOENT;
    char name[64];
    for (int i = world->n - 1; i >= 0; i--) {
        (void)snprintf(name, sizeof name, "/proc/%d/stat", world->all[i].pid);
        if (world->all[i].state != 0 && strcmp(path, name) == 0) {
            world->n_open++;
            return i;
        }
        (void)snprintf(name, sizeof name, "/proc/%d/status", world->all[i].pid);
        if (world->all[i].state != 0 && strcmp(path, name) == 0) {
            world->n_open++;
            return WORLD_MAX + i;
        }
    }
    return -ENOENT;
}

static int pid_of_parent(const struct process *p, const struct world *world)
{
    if (p->parent >= 0)
        return world->all[p->parent].pid;
    return p->parent == -1 ? REAPER : 1;
}

static ssize_t world_pread(void *context, int handle, void *buf, size_t size, int64_t offset)
{
    struct world *const world = context;
    char text[512];
    int len;

    if (handle == LOADAVG_HANDLE) {
        len = snprintf(text, sizeof text, "0.10 0.20 0.30 1/80 %d\n", world->next_pid - 1);
    } else if (handle == CGROUP_HANDLE) {
        len = snprintf(text, sizeof text, "%s", world->cgroup_text);
    } else if (handle >= WORLD_MAX) {
        len = snprintf(text, sizeof text, "Name:\tx\nTgid:\t%d\n",
                       world->all[handle - WORLD_MAX].pid);
    } else {
        const struct process *const p = &world->all[handle];
        if (offset == 0)
            world->n_reads++;
        if (world->between && offset == 0)
            world->between(world);
        if (p->state == 0)
            return -ESRCH;
        len = snprintf(text, sizeof text,
                       "%d (a) b) %c) %c %d 1 1 0 -1 0 0 0 0 0 %" PRId64 " %" PRId64 " %" PRId64
                       " %" PRId64 " 20 0 1 0 %" PRId64 " 1000 %" PRId64 " 99 1 1 0\n",
                       p->pid, 'Z', p->state, pid_of_parent(p, world), p->user_ns / TICK_NS,
                       p->system_ns / TICK_NS, p->waited_user_ns / TICK_NS,
                       p->waited_system_ns / TICK_NS, p->start_ticks, p->resident_pages);
    }
    if (offset >= len)
        return 0;
    const size_t left = (size_t)(len - offset);
    const size_t n = left < size ? left : size;
    memcpy(buf, text + offset, n);
    return (ssize_t)n;
}

static void world_close(void *context, int handle)
{
    struct world *const world = context;

    if (handle < 2 * WORLD_MAX)
        world->n_open--;
}

/* In no order, as a recorded tree is listed; with names that are no processes. */
static int world_list(void *context, const char *path, jb_os_name_fn fn, void *arg)
{
    struct world *const world = context;
    char name[32];

    if (strcmp(path, "/proc") != 0)
        return -ENOENT;
    if (fn(arg, "meminfo") != 0 || fn(arg, "1") != 0)
        return 0;
    for (int i = world->n - 1; i >= 0; i--) {
        if (world->all[i].state == 0)
            continue;
        (void)snprintf(name, sizeof name, "%d", world->all[i].pid);
        if (fn(arg, name) != 0)
            return 0;
    }
    return 0;
}

static int world_cpu_ns(void *context, pid_t pid, int64_t *ret_ns)
{
    const struct world *const world = context;
    const struct process *const p = find_process(world, pid);

    if (!world->has_clock)
        return -ENOSYS;
    if (!p && pid != REAPER)
        return -ESRCH;
    *ret_ns = p ? p->user_ns + p->system_ns : 0;
    return 0;
}

static long hundred(void *context JB_UNUSED)
{
    return 100;
}

static long page(void *context JB_UNUSED)
{
    return 4096;
}

static struct jb_os os_of(struct world *world)
{
    return (struct jb_os){.open_read = world_open,
                          .pread = world_pread,
                          .close = world_close,
                          .list = world_list,
                          .process_cpu_ns = world_cpu_ns,
                          .clock_ticks = hundred,
                          .page_bytes = page,
                          .context = world};
}

/* A root below the reaper, in a world that began long before. */
static void begin_world(struct world *world)
{
    *world = (struct world){.next_pid = 50,
                            .ticks = 1000,
                            .has_clock = true,
                            .has_loadavg = true,
                            .chance = 88172645463325252U};
    (void)add_process(world, -2, false);
    world->next_pid = ROOT;
    world->ticks = 2000;
    (void)add_process(world, -1, true);
    world->ticks = 2001;
}

enum { ROOT_AT = 1 }; /* its place in the world */

static struct rusage usage_of(const struct process *p)
{
    const int64_t user_us = (p->user_ns + p->waited_user_ns) / 1000;
    const int64_t system_us = (p->system_ns + p->waited_system_ns) / 1000;
    struct rusage usage = {.ru_maxrss = 0};

    usage.ru_utime.tv_sec = (time_t)(user_us / 1000000);
    usage.ru_utime.tv_usec = (suseconds_t)(user_us % 1000000);
    usage.ru_stime.tv_sec = (time_t)(system_us / 1000000);
    usage.ru_stime.tv_usec = (suseconds_t)(system_us % 1000000);
    return usage;
}

static void reap(struct world *world, struct jb_tree *tree, int i)
{
    const struct rusage usage = usage_of(&world->all[i]);

    world->all[i].state = 0;
    jb_tree_reaped(tree, world->all[i].pid, &usage);
}

static struct jb_tree *new_tree(struct world *world, pid_t reaper)
{
    const struct jb_os os = os_of(world);
    struct jb_tree *tree = NULL;
    struct jb_error err;

    if (jb_tree_new(&os, ROOT, reaper, &tree, &err) < 0)
        bail_out("no tree: %s", err.message);
    return tree;
}

static void scan(struct jb_tree *tree)
{
    struct jb_error err;

    if (jb_tree_scan(tree, &err) < 0)
        bail_out("no scan: %s", err.message);
}

#define MS INT64_C(1000000)

/* -- promises told one by one ---------------------------------------------------------------------------------------- */

static void test_waited_children(void)
{
    struct world world;
    begin_world(&world);
    JB_AUTO(jb_tree_free_auto) struct jb_tree *tree = new_tree(&world, REAPER);

    const int child = add_process(&world, ROOT_AT, true);
    burn(&world, child, 5000 * MS, 0);
    burn(&world, ROOT_AT, 30 * MS, 10 * MS);
    scan(tree);
    is_i64(jb_tree_cpu_ns(tree), 5040 * MS, "a child seen alive counts");
    is_i64((int64_t)jb_tree_n_live(tree), 2, "and is one of two alive");
    is_i64(jb_tree_resident_bytes(tree), 20 * 4096, "resident memory is summed over both");

    end_process(&world, child);
    scan(tree);
    is_i64((int64_t)jb_tree_n_live(tree), 1, "a zombie is not alive");
    is_i64(jb_tree_cpu_ns(tree), 5040 * MS, "but what it used stays");
    wait_for(&world, child);
    scan(tree);
    is_i64(jb_tree_cpu_ns(tree), 5040 * MS, "waited for by its parent it is not counted again");
    scan(tree);
    scan(tree);
    is_i64(jb_tree_cpu_ns(tree), 5040 * MS, "nor at any later scan");

    const int brief = add_process(&world, ROOT_AT, true);
    burn(&world, brief, 700 * MS, 0);
    end_process(&world, brief);
    wait_for(&world, brief);
    scan(tree);
    is_i64(jb_tree_cpu_ns(tree), 5740 * MS, "a child never seen counts through its parent's wait");
}

static void test_tail_after_last_sight(void)
{
    struct world world;
    begin_world(&world);
    JB_AUTO(jb_tree_free_auto) struct jb_tree *tree = new_tree(&world, REAPER);

    const int child = add_process(&world, ROOT_AT, true);
    burn(&world, child, 5000 * MS, 0);
    scan(tree);
    burn(&world, child, 800 * MS, 0);
    end_process(&world, child);
    wait_for(&world, child);
    scan(tree);
    is_i64(jb_tree_cpu_ns(tree), 5800 * MS,
           "what a child used after it was last seen is added once");
}

static void test_autoreaped(void)
{
    struct world world;
    begin_world(&world);
    JB_AUTO(jb_tree_free_auto) struct jb_tree *tree = new_tree(&world, REAPER);

    world.all[ROOT_AT].ignores_children = true;
    const int child = add_process(&world, ROOT_AT, true);
    burn(&world, child, 5000 * MS, 0);
    scan(tree);
    end_process(&world, child);
    scan(tree);
    is_i64(jb_tree_cpu_ns(tree), 5000 * MS,
           "a child that nobody waits for keeps what it was seen to use");
    scan(tree);
    world.all[ROOT_AT].ignores_children = false;
    const int brief = add_process(&world, ROOT_AT, true);
    burn(&world, brief, 400 * MS, 0);
    end_process(&world, brief);
    wait_for(&world, brief);
    scan(tree);
    /* Two ticks may still have been on their way, so as many of the next growth are taken for them. */
    const int64_t later_ns = jb_tree_cpu_ns(tree);
    ok(later_ns >= 5380 * MS && later_ns <= 5400 * MS,
       "and does not swallow what its parent waits for later");
    end_process(&world, ROOT_AT);
    reap(&world, tree, ROOT_AT);
    is_i64(jb_tree_cpu_ns(tree), later_ns, "nor does the end of the root take it back");
}

static void test_orphans(void)
{
    struct world world;
    begin_world(&world);
    JB_AUTO(jb_tree_free_auto) struct jb_tree *tree = new_tree(&world, REAPER);

    const int middle = add_process(&world, ROOT_AT, true);
    const int daemon = add_process(&world, middle, true);
    end_process(&world, middle);
    wait_for(&world, middle);
    burn(&world, daemon, 100 * MS, 0);
    scan(tree);
    is_i64(jb_tree_cpu_ns(tree), 100 * MS,
           "a daemon first seen as an orphan is found below the reaper");
    end_process(&world, ROOT_AT);
    reap(&world, tree, ROOT_AT);
    burn(&world, daemon, 100 * MS, 0);
    scan(tree);
    is_i64(jb_tree_cpu_ns(tree), 200 * MS, "it counts on when the root is gone");
    is_i64((int64_t)jb_tree_n_live(tree), 1, "and is what is left");
    burn(&world, daemon, 7 * MS, 0);
    end_process(&world, daemon);
    reap(&world, tree, daemon);
    is_i64(jb_tree_cpu_ns(tree), 207 * MS, "its end is counted to the microsecond, once");
    const int stranger = add_process(&world, -1, true);
    burn(&world, stranger, 3 * MS, 2 * MS);
    end_process(&world, stranger);
    reap(&world, tree, stranger);
    is_i64(jb_tree_cpu_ns(tree), 212 * MS, "an orphan never seen alive counts when it is reaped");
    is_i64((int64_t)jb_tree_n_live(tree), 0, "nobody is left");
    is_i64(world.n_open, 0, "and no file is open");
}

static void test_strangers(void)
{
    struct world world;
    begin_world(&world);
    JB_AUTO(jb_tree_free_auto) struct jb_tree *tree = new_tree(&world, REAPER);

    const int helper = add_process(&world, -1, false);
    ok(jb_tree_ignore(tree, world.all[helper].pid, NULL) == JB_OK, "a helper is named");
    const int other = add_process(&world, 0, false);
    burn(&world, helper, 900 * MS, 0);
    burn(&world, other, 900 * MS, 0);
    scan(tree);
    is_i64(jb_tree_cpu_ns(tree), 0,
           "a helper of the reaper and a stranger's child are not the run's");
    end_process(&world, helper);
    reap(&world, tree, helper);
    is_i64(jb_tree_cpu_ns(tree), 0, "the end of a helper is not the run's");
    const int late = add_process(&world, -1, false);
    bool named = true;
    for (int i = 0; i < 200; i++) /* of helpers that are no more */
        named = jb_tree_ignore(tree, 50000 + i, NULL) == JB_OK && named;
    ok(named && jb_tree_ignore(tree, world.all[late].pid, NULL) == JB_OK,
       "helpers whose end was not told make room");
    burn(&world, late, 900 * MS, 0);
    scan(tree);
    is_i64(jb_tree_cpu_ns(tree), 0, "for one that lives");
    for (int i = 0; i < 40; i++) /* so many that /proc is listed */
        (void)add_process(&world, 0, false);
    scan(tree);
    is_i64(jb_tree_cpu_ns(tree), 0, "strangers by the dozen stay strangers");
}

static void test_reused_pid(void)
{
    struct world world;
    begin_world(&world);
    JB_AUTO(jb_tree_free_auto) struct jb_tree *tree = new_tree(&world, REAPER);

    const int child = add_process(&world, ROOT_AT, true);
    burn(&world, child, 500 * MS, 0);
    scan(tree);
    end_process(&world, child);
    wait_for(&world, child);
    world.ticks += 50;
    const int stranger = add_process(&world, 0, false);
    world.all[stranger].pid = world.all[child].pid;
    burn(&world, stranger, 9000 * MS, 0);
    scan(tree);
    scan(tree);
    is_i64(jb_tree_cpu_ns(tree), 500 * MS,
           "a stranger with a dead child's pid is not taken for it");
}

static void test_watching(void)
{
    struct world world;
    begin_world(&world);
    burn(&world, ROOT_AT, 3000 * MS, 0);
    const int child = add_process(&world, ROOT_AT, true);
    burn(&world, child, 2000 * MS, 0);
    JB_AUTO(jb_tree_free_auto) struct jb_tree *tree = new_tree(&world, 0);

    is_i64(jb_tree_cpu_ns(tree), 0, "watched, what was used before does not count");
    is_i64((int64_t)jb_tree_n_live(tree), 2, "the processes there already are found");
    burn(&world, child, 250 * MS, 0);
    end_process(&world, child);
    wait_for(&world, child);
    scan(tree);
    is_i64(jb_tree_cpu_ns(tree), 250 * MS,
           "what was used since does, through the wait of its parent");
    burn(&world, ROOT_AT, 50 * MS, 0);
    scan(tree);
    end_process(&world, ROOT_AT);
    world.all[ROOT_AT].state = 0;
    scan(tree);
    is_i64(jb_tree_cpu_ns(tree), 300 * MS, "a root that vanishes keeps what it was seen to use");
    is_i64((int64_t)jb_tree_n_live(tree), 0, "and nobody is left");

    const struct jb_os os = os_of(&world);
    struct jb_tree *none = NULL;
    struct jb_error err;
    ok(jb_tree_new(&os, 4711, 0, &none, &err) == JB_E_NOT_FOUND && !none,
       "no such process is said to be none");
    is_str(err.message, "there is no process 4711", "by its number");
}

static void test_cheap_when_idle(void)
{
    struct world world;
    begin_world(&world);
    for (int i = 0; i < 50; i++)
        (void)add_process(&world, 0, false);
    JB_AUTO(jb_tree_free_auto) struct jb_tree *tree = new_tree(&world, REAPER);

    scan(tree);
    world.n_reads = 0;
    scan(tree);
    is_i64(world.n_reads, 1, "while nothing is started only the root is read");
    (void)add_process(&world, ROOT_AT, true);
    (void)add_process(&world, 0, false);
    world.n_reads = 0;
    scan(tree);
    is_i64(world.n_reads, 3, "two new ones are two more reads, strangers of before none");
    is_i64((int64_t)jb_tree_n_live(tree), 2, "and the child is found");
    is_i64(world.n_open, 2, "the files of the run's processes stay open, no other");
}

static void test_cgroup(void)
{
    struct world world;
    begin_world(&world);
    JB_AUTO(jb_tree_free_auto) struct jb_tree *tree = new_tree(&world, REAPER);
    struct jb_error err;

    ok(jb_tree_use_cgroup(tree, "/none", false, &err) == JB_E_UNAVAILABLE,
       "a group that tells nothing is refused");
    world.cgroup_text = "nr_periods 0\nnr_throttled 0\n";
    ok(jb_tree_use_cgroup(tree, "/group", false, &err) == JB_E_UNAVAILABLE,
       "throttling alone is not CPU time");
    world.cgroup_text = "usage_usec 1234567\nuser_usec 1\nsystem_usec 2\n";
    ok(jb_tree_use_cgroup(tree, "/group", false, &err) == JB_OK, "a group of version 2 is used");
    scan(tree);
    is_i64(jb_tree_cpu_ns(tree), 1234567000,
           "its time counts where it is more than the processes'");
    burn(&world, ROOT_AT, 2000 * MS, 0);
    scan(tree);
    is_i64(jb_tree_cpu_ns(tree), 2000 * MS, "and the processes' where that is more");
    world.cgroup_text = "usage_usec x\n";
    scan(tree);
    is_i64(jb_tree_cpu_ns(tree), 2000 * MS, "torn text changes nothing");

    world.cgroup_text = "5000000001\n";
    JB_AUTO(jb_tree_free_auto) struct jb_tree *old = new_tree(&world, REAPER);
    ok(jb_tree_use_cgroup(old, "/old", false, &err) == JB_OK, "a group of version 1 is used");
    scan(old);
    is_i64(jb_tree_cpu_ns(old), 5000000001, "in nanoseconds");
}

static void test_helpers(void)
{
    struct world world;
    begin_world(&world);
    world.has_clock = true;
    JB_AUTO(jb_tree_free_auto) struct jb_tree *tree = new_tree(&world, REAPER);
    struct jb_error err;

    world.cgroup_text = "usage_usec 7000000\n";
    jb_tree_set_helpers_cpu_ns(tree, 1000 * MS);
    ok(jb_tree_use_cgroup(tree, "/group", true, &err) == JB_OK, "a group shared with the reaper");
    const int64_t before_ns = jb_tree_cpu_ns(tree);
    world.cgroup_text = "usage_usec 9000000\n";
    jb_tree_set_helpers_cpu_ns(tree, 1500 * MS);
    scan(tree);
    is_i64(jb_tree_cpu_ns(tree) - before_ns, 1500 * MS,
           "what the reaper's readers used in it is not the run's (R-READER-06)");
}

/* -- random worlds --------------------------------------------------------------------------------------------------- */

struct random_rules {
    bool has_autoreap;
    bool has_subreapers;
    bool has_clock;
    bool has_loadavg;
    bool moves_while_scanned;
};

static struct random_rules rules;

static int pick(struct world *world, char state)
{
    int chosen = -1;
    uint64_t n = 0;

    for (int i = ROOT_AT; i < world->n; i++)
        if (world->all[i].is_of_the_run && world->all[i].state == state &&
            next_chance(world, ++n) == 0)
            chosen = i;
    return chosen;
}

/* One thing happens that does not need the reaper. */
static void step(struct world *world)
{
    const uint64_t what = next_chance(world, 100);
    const int alive = pick(world, 'R');

    world->ticks += (int64_t)next_chance(world, 3);
    if (alive < 0)
        return;
    if (what < 25) {
        const int child = add_process(world, alive, true);
        if (child >= 0 && rules.has_autoreap && next_chance(world, 4) == 0)
            world->all[child].ignores_children = true;
        if (child >= 0 && rules.has_subreapers && next_chance(world, 4) == 0)
            world->all[child].is_subreaper = true;
    } else if (what < 60) {
        burn(world, alive, (int64_t)next_chance(world, 30000) * 1000,
             (int64_t)next_chance(world, 9000) * 1000);
    } else if (what < 80) {
        if (alive != ROOT_AT)
            end_process(world, alive);
    } else {
        const int zombie = pick(world, 'Z');
        if (zombie >= 0 && world->all[zombie].parent >= 0)
            wait_for(world, zombie);
    }
}

static void steps_beside(struct world *world)
{
    if (rules.moves_while_scanned)
        for (uint64_t n = next_chance(world, 4); n > 0; n--)
            step(world);
}

/* The reaper's turn: it tells of each before the next. */
static void reap_orphans(struct world *world, struct jb_tree *tree)
{
    for (int i = ROOT_AT; i < world->n; i++)
        if (world->all[i].state == 'Z' && world->all[i].parent == -1)
            reap(world, tree, i);
}

struct verdict {
    int n_fell;
    int n_above;
    int n_inexact;
    int64_t missing_ns;
    int64_t truth_ns;
};

static void live_one_world(uint64_t seed, struct verdict *verdict)
{
    struct world world;
    int64_t last_ns = 0;

    begin_world(&world);
    world.chance = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
    world.has_clock = rules.has_clock;
    world.has_loadavg = rules.has_loadavg;
    JB_AUTO(jb_tree_free_auto) struct jb_tree *tree = new_tree(&world, REAPER);
    world.between = steps_beside;

    for (int round = 0; round < 120; round++) {
        for (uint64_t n = next_chance(&world, 12); n > 0; n--)
            step(&world);
        if (next_chance(&world, 2) == 0)
            reap_orphans(&world, tree);
        if (next_chance(&world, 3) == 0)
            scan(tree);
        const int64_t now_ns = jb_tree_cpu_ns(tree);
        verdict->n_fell += now_ns < last_ns;
        verdict->n_above += now_ns > world.truth_ns;
        last_ns = now_ns;
    }
    world.between = NULL;
    /* All die, children first, and each is waited for. */
    for (int i = world.n - 1; i >= ROOT_AT; i--) {
        if (world.all[i].state == 'R')
            end_process(&world, i);
        if (world.all[i].state == 'Z' && world.all[i].parent >= 0)
            wait_for(&world, i);
        reap_orphans(&world, tree);
    }
    const int64_t end_ns = jb_tree_cpu_ns(tree);
    verdict->n_fell += end_ns < last_ns;
    verdict->n_above += end_ns > world.truth_ns;
    verdict->n_inexact += end_ns != world.truth_ns;
    verdict->missing_ns += world.truth_ns - end_ns;
    verdict->truth_ns += world.truth_ns;
}

static struct verdict live_worlds(struct random_rules with, int n_worlds)
{
    struct verdict verdict = {.n_fell = 0};

    rules = with;
    for (int i = 1; i <= n_worlds; i++)
        live_one_world((uint64_t)i, &verdict);
    return verdict;
}

static void test_random_worlds(void)
{
    enum { N = 400 };
    struct verdict v;

    v = live_worlds(
        (struct random_rules){.has_clock = true, .has_loadavg = true, .moves_while_scanned = true},
        N);
    is_i64(v.n_fell, 0, "%d random worlds that move while they are read: it never falls", N);
    is_i64(v.n_above, 0, "it never exceeds the truth");
    is_i64(v.n_inexact, 0, "and at the end it is the truth exactly");

    v = live_worlds((struct random_rules){.moves_while_scanned = true}, N);
    is_i64(v.n_fell, 0, "by clock ticks and listings alone: it never falls");
    is_i64(v.n_above, 0, "it never exceeds the truth");
    is_i64(v.n_inexact, 0, "and at the end it is the truth exactly");

    v = live_worlds((struct random_rules){.has_autoreap = true,
                                          .has_clock = true,
                                          .has_loadavg = true,
                                          .moves_while_scanned = true},
                    N);
    is_i64(v.n_fell, 0, "where some ignore their children: it never falls");
    is_i64(v.n_above, 0, "and never exceeds the truth");

    v = live_worlds((struct random_rules){.has_subreapers = true,
                                          .has_clock = true,
                                          .has_loadavg = true,
                                          .moves_while_scanned = true},
                    N);
    is_i64(v.n_fell, 0, "with reapers inside the run: it never falls");
    is_i64(v.n_above, 0, "it never exceeds the truth");
    is_i64(v.n_inexact, 0, "and at the end it is the truth exactly");

    v = live_worlds((struct random_rules){.has_autoreap = true,
                                          .has_subreapers = true,
                                          .has_loadavg = true,
                                          .moves_while_scanned = true},
                    N);
    is_i64(v.n_fell, 0, "with all of it at once: it never falls");
    is_i64(v.n_above, 0, "and never exceeds the truth");
    ok(v.missing_ns * 10 < v.truth_ns, "nor misses a tenth of it");
}

int main(void)
{
    test_waited_children();
    test_tail_after_last_sight();
    test_autoreaped();
    test_orphans();
    test_strangers();
    test_reused_pid();
    test_watching();
    test_cheap_when_idle();
    test_cgroup();
    test_helpers();
    test_random_worlds();
    return done_testing();
}
