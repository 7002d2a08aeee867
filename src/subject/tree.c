/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the processes of a run used: R-CPU-01...R-CPU-07 of docs/method/processes.md. `total_ns` is only ever added to,
 * so it cannot fall; every addition is growth that no other process has been credited with.
 */
#include "subject/tree.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "subject/tree_int.h"

/* utime and stime, and cutime and cstime, are each cut to a whole tick. */
#define ROUNDING_TICKS 2

/* -- members --------------------------------------------------------------------------------------------------------- */

/* Where `pid` stands, or would stand, in by_pid. */
static size_t place_of(const struct jb_tree *tree, pid_t pid)
{
    size_t low = 0;
    size_t high = tree->n_members;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (tree->by_pid[middle]->pid < pid)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct tree_member *tree__find(const struct jb_tree *tree, pid_t pid)
{
    const size_t place = place_of(tree, pid);

    return place < tree->n_members && tree->by_pid[place]->pid == pid ? tree->by_pid[place] : NULL;
}

static void forget_pid(struct jb_tree *tree, pid_t pid)
{
    const size_t place = place_of(tree, pid);

    tree->n_members--;
    memmove(&tree->by_pid[place], &tree->by_pid[place + 1],
            (tree->n_members - place) * sizeof tree->by_pid[0]);
}

static void close_member(struct jb_tree *tree, struct tree_member *member)
{
    if (member->handle < 0)
        return;
    tree->os.close(tree->os.context, member->handle);
    member->handle = -1;
    tree->n_handles--;
}

/* From now on it is found by nobody; it stays in the list until sweep(), because others may point to it. */
static void mark_gone(struct jb_tree *tree, struct tree_member *member)
{
    member->is_gone = true;
    forget_pid(tree, member->pid);
    close_member(tree, member);
}

static void sweep(struct jb_tree *tree)
{
    struct tree_member **link = &tree->first;

    for (struct tree_member *m = tree->first; m; m = m->next)
        if (m->parent && m->parent->is_gone)
            m->parent = NULL;
    while (*link) {
        struct tree_member *const member = *link;
        if (member->is_gone) {
            *link = member->next;
            free(member);
        } else {
            link = &member->next;
        }
    }
    tree->link_end = link;
}

static void path_of_stat(pid_t pid, char *buf, size_t size)
{
    (void)snprintf(buf, size, "/proc/%d/stat", (int)pid);
}

int tree__read_stat(const struct jb_tree *tree, int handle, pid_t pid,
                    struct jb_proc_stat *ret_stat)
{
    const struct jb_os *const os = &tree->os;
    char path[64];
    char text[TREE_STAT_BYTES];
    ssize_t len;

    if (handle >= 0) {
        len = os->pread(os->context, handle, text, sizeof text, 0);
    } else {
        path_of_stat(pid, path, sizeof path);
        len = jb_os_read_text(os, path, text, sizeof text);
    }
    if (len < 0)
        return (int)len;
    if (len == 0)
        return -ESRCH;
    return jb_proc_stat_parse(text, (size_t)len, ret_stat) < 0 ? -EBADMSG : 0;
}

static int64_t ticks_to_ns(const struct jb_tree *tree, int64_t ticks)
{
    return jb_muldiv_sat_i64(ticks, tree->tick_ns, 1, JB_ROUND_FLOOR);
}

/* R-CPU-02: the process's own clock where it can be asked, held within what the ticks say. */
static int64_t own_ns_of(const struct jb_tree *tree, const struct jb_proc_stat *stat)
{
    const int64_t ticks_ns = ticks_to_ns(tree, stat->own_ticks);
    int64_t clock_ns;

    if (!tree->os.process_cpu_ns ||
        tree->os.process_cpu_ns(tree->os.context, stat->pid, &clock_ns) < 0 || clock_ns < ticks_ns)
        return ticks_ns;
    const int64_t most_ns = jb_add_sat_i64(ticks_ns, ROUNDING_TICKS * tree->tick_ns);
    return clock_ns < most_ns ? clock_ns : most_ns;
}

static void set_memory(struct jb_tree *tree, struct tree_member *member,
                       const struct jb_proc_stat *stat)
{
    member->state = stat->state;
    member->resident_bytes =
        jb_muldiv_sat_i64(stat->resident_pages, tree->page_bytes, 1, JB_ROUND_FLOOR);
}

static jb_rc make_room(struct jb_tree *tree, struct jb_error *err)
{
    if (tree->n_members < tree->by_pid_capacity)
        return JB_OK;
    const size_t capacity = tree->by_pid_capacity > 0 ? 2 * tree->by_pid_capacity : 16;
    struct tree_member **const by_pid = realloc(tree->by_pid, capacity * sizeof by_pid[0]);
    if (!by_pid)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the processes of the run");
    tree->by_pid = by_pid;
    tree->by_pid_capacity = capacity;
    return JB_OK;
}

jb_rc tree__adopt(struct jb_tree *tree, const struct jb_proc_stat *stat, struct jb_error *err)
{
    char path[64];

    if (tree->n_members >= JB_TREE_MEMBERS_MAX)
        return JB_OK;
    const jb_rc rc = make_room(tree, err);
    if (rc < 0)
        return rc;
    struct tree_member *const member = calloc(1, sizeof *member);
    if (!member)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the processes of the run");

    member->pid = stat->pid;
    member->start_ticks = stat->start_ticks;
    member->parent = tree__find(tree, stat->parent_pid);
    member->own_ns = own_ns_of(tree, stat);
    member->waited_ns = ticks_to_ns(tree, stat->waited_ticks);
    set_memory(tree, member, stat);
    member->handle = -1;
    if (tree->n_handles < JB_TREE_HANDLES_MAX) {
        path_of_stat(stat->pid, path, sizeof path);
        const int handle = tree->os.open_read(tree->os.context, path);
        /* Without a handle it is opened at each scan: a limit on open files costs time, not truth. */
        if (handle >= 0) {
            member->handle = handle;
            tree->n_handles++;
        }
    }
    const size_t place = place_of(tree, member->pid);
    memmove(&tree->by_pid[place + 1], &tree->by_pid[place],
            (tree->n_members - place) * sizeof tree->by_pid[0]);
    tree->by_pid[place] = member;
    tree->n_members++;
    *tree->link_end = member;
    tree->link_end = &member->next;
    tree->total_ns =
        jb_add_sat_i64(tree->total_ns, jb_add_sat_i64(member->own_ns, member->waited_ns));
    return JB_OK;
}

/* -- what they used -------------------------------------------------------------------------------------------------- */

/* Takes from *owed what `amount` covers; what is left of the amount. */
static int64_t pay(int64_t *owed, int64_t amount)
{
    const int64_t paid = amount < *owed ? amount : *owed;

    *owed -= paid;
    return amount - paid;
}

/* Growth that no known debt explains: of processes never seen, or of those whose parent vanished with them. */
static void count_growth(struct jb_tree *tree, int64_t grown_ns)
{
    grown_ns = pay(&tree->orphan_old_ns, grown_ns);
    grown_ns = pay(&tree->orphan_new_ns, grown_ns);
    tree->total_ns = jb_add_sat_i64(tree->total_ns, grown_ns);
}

/* The part of the total that stands for this process and those it waited for. */
static int64_t counted_ns(const struct tree_member *member)
{
    return jb_add_sat_i64(member->own_ns, member->waited_ns - member->grown_ns);
}

static int64_t owed_ns(const struct tree_member *member)
{
    return jb_add_sat_i64(member->owed_old_ns, member->owed_new_ns);
}

/* R-CPU-03: own time counts as it grows; growth of waited-for time pays first what was due at this scan. */
static void take_stat(struct jb_tree *tree, struct tree_member *member,
                      const struct jb_proc_stat *stat)
{
    const int64_t own_ns = own_ns_of(tree, stat);
    const int64_t waited_ns = ticks_to_ns(tree, stat->waited_ticks);

    if (own_ns > member->own_ns) {
        tree->total_ns = jb_add_sat_i64(tree->total_ns, own_ns - member->own_ns);
        member->own_ns = own_ns;
    }
    if (waited_ns > member->waited_ns) {
        member->grown_ns += pay(&member->owed_old_ns, waited_ns - member->waited_ns);
        member->waited_ns = waited_ns;
    }
    set_memory(tree, member, stat);
    member->parent = tree__find(tree, stat->parent_pid);
    if (member->state == 'Z') {
        /* It waits for nobody any more; its children fell to somebody else. */
        tree->orphan_new_ns = jb_add_sat_i64(tree->orphan_new_ns, owed_ns(member));
        member->owed_old_ns = 0;
        member->owed_new_ns = 0;
    }
}

/* R-CPU-04: what it used stays counted; whoever waited for it will be credited with it, once. */
static void vanish(struct jb_tree *tree, struct tree_member *member)
{
    const int64_t used_ns = counted_ns(member);

    if (member->parent && !member->parent->is_gone)
        member->parent->owed_new_ns = jb_add_sat_i64(member->parent->owed_new_ns, used_ns);
    else if (member->parent)
        tree->orphan_new_ns = jb_add_sat_i64(tree->orphan_new_ns, used_ns);
    tree->orphan_new_ns = jb_add_sat_i64(tree->orphan_new_ns, owed_ns(member));
    mark_gone(tree, member);
}

void jb_tree_touch(struct jb_tree *tree)
{
    int64_t clock_ns;

    for (struct tree_member *m = tree->first; m && tree->os.process_cpu_ns; m = m->next) {
        if (m->is_gone || m->state == 'Z' ||
            tree->os.process_cpu_ns(tree->os.context, m->pid, &clock_ns) < 0)
            continue;
        if (clock_ns > m->own_ns) {
            tree->total_ns = jb_add_sat_i64(tree->total_ns, clock_ns - m->own_ns);
            m->own_ns = clock_ns;
        }
    }
}

/* Whether the process is still there; its figures are then up to date. One that cannot be read now keeps its last. */
static bool read_member(struct jb_tree *tree, struct tree_member *member)
{
    struct jb_proc_stat stat;
    const int rc = tree__read_stat(tree, member->handle, member->pid, &stat);

    if (rc == -ESRCH || rc == -ENOENT)
        return false;
    if (rc == 0 && stat.start_ticks != member->start_ticks)
        return false;
    if (rc == 0 && stat.pid == member->pid)
        take_stat(tree, member, &stat);
    return true;
}

/*
 * R-CPU-05: growth of this scan that is left pays for those found missing in it. What was due and did not come was
 * never waited for (SIGCHLD ignored): it stays counted and is owed no more. Less than the rounding may still come.
 */
static void settle(struct jb_tree *tree, struct tree_member *member)
{
    const int64_t rounding_ns = ROUNDING_TICKS * tree->tick_ns;

    count_growth(tree, pay(&member->owed_new_ns, member->grown_ns));
    member->grown_ns = 0;
    if (member->owed_old_ns > rounding_ns)
        member->owed_old_ns = rounding_ns;
    member->owed_old_ns = jb_add_sat_i64(member->owed_old_ns, member->owed_new_ns);
    member->owed_new_ns = 0;
}

/*
 * The same for what orphans were owed. It comes through the wait of any member, cut to ticks there: that much for each
 * may still come.
 */
static void settle_orphans(struct jb_tree *tree)
{
    const int64_t rounding_ns = ROUNDING_TICKS * tree->tick_ns * (int64_t)tree->n_members;

    if (tree->orphan_old_ns > rounding_ns)
        tree->orphan_old_ns = rounding_ns;
    tree->orphan_old_ns = jb_add_sat_i64(tree->orphan_old_ns, tree->orphan_new_ns);
    tree->orphan_new_ns = 0;
}

static void sum_up(struct jb_tree *tree)
{
    tree->resident_bytes = 0;
    tree->n_live = 0;
    for (const struct tree_member *m = tree->first; m; m = m->next) {
        tree->resident_bytes = jb_add_sat_i64(tree->resident_bytes, m->resident_bytes);
        if (m->state != 'Z' && m->state != 'X' && m->state != 'x')
            tree->n_live++;
    }
}

static void read_members(struct jb_tree *tree)
{
    for (struct tree_member *m = tree->first; m; m = m->next)
        if (!read_member(tree, m))
            vanish(tree, m);
    for (struct tree_member *m = tree->first; m; m = m->next)
        if (!m->is_gone)
            settle(tree, m);
    settle_orphans(tree);
    sweep(tree);
}

/* -- reaped by the caller -------------------------------------------------------------------------------------------- */

static int64_t usage_to_ns(const struct rusage *usage)
{
    const int64_t s = (int64_t)usage->ru_utime.tv_sec + usage->ru_stime.tv_sec;
    const int64_t us = (int64_t)usage->ru_utime.tv_usec + usage->ru_stime.tv_usec;

    return jb_add_sat_i64(jb_muldiv_sat_i64(s, JB_NS_PER_S, 1, JB_ROUND_FLOOR), us * JB_NS_PER_US);
}

/*
 * R-CPU-06: the process waited for is gone with those of its descendants that it had waited for: they are in its
 * usage, and their own record ends here. Descendants come after it in the list. What the records held is owed by the
 * usage, or by whoever else waited for them; those still there have a new parent.
 */
static void retire(struct jb_tree *tree, struct tree_member *member)
{
    member->parent = NULL;
    tree->orphan_new_ns = jb_add_sat_i64(tree->orphan_new_ns, counted_ns(member));
    vanish(tree, member);
    for (struct tree_member *m = member->next; m; m = m->next)
        if (!m->is_gone && m->parent && m->parent->is_gone && !read_member(tree, m))
            vanish(tree, m);
    sweep(tree);
}

static bool take_ignored(struct jb_tree *tree, pid_t pid)
{
    for (size_t i = 0; i < tree->n_ignored; i++) {
        if (tree->ignored[i] != pid)
            continue;
        tree->ignored[i] = tree->ignored[--tree->n_ignored];
        return true;
    }
    return false;
}

void jb_tree_reaped(struct jb_tree *tree, pid_t pid, const struct rusage *usage)
{
    const int64_t usage_ns = usage_to_ns(usage);
    struct tree_member *const member = tree__find(tree, pid);

    if (member) {
        retire(tree, member);
        count_growth(tree, usage_ns);
        sum_up(tree);
    } else if (!take_ignored(tree, pid)) {
        tree->total_ns = jb_add_sat_i64(tree->total_ns, usage_ns);
    }
    tree__refresh_cgroup(tree);
}

/* -- life ------------------------------------------------------------------------------------------------------------ */

jb_rc jb_tree_scan(struct jb_tree *tree, struct jb_error *err)
{
    read_members(tree);
    const jb_rc rc = tree__discover(tree, err);
    sum_up(tree);
    tree__refresh_cgroup(tree);
    return rc;
}

/* Those whose end nobody told: their place is needed. */
static void drop_dead_ignored(struct jb_tree *tree)
{
    struct jb_proc_stat stat;
    size_t n_kept = 0;

    for (size_t i = 0; i < tree->n_ignored; i++) {
        const int rc = tree__read_stat(tree, -1, tree->ignored[i], &stat);
        if (rc != -ENOENT && rc != -ESRCH)
            tree->ignored[n_kept++] = tree->ignored[i];
    }
    tree->n_ignored = n_kept;
}

jb_rc jb_tree_ignore(struct jb_tree *tree, pid_t pid, struct jb_error *err)
{
    if (tree->n_ignored == TREE_IGNORED_MAX)
        drop_dead_ignored(tree);
    if (tree->n_ignored == TREE_IGNORED_MAX)
        return jb_fail(err, JB_E_RANGE, NULL, "more than %d helper processes", TREE_IGNORED_MAX);
    tree->ignored[tree->n_ignored++] = pid;
    return JB_OK;
}

void jb_tree_free(struct jb_tree *tree)
{
    if (!tree)
        return;
    for (struct tree_member *m = tree->first; m;) {
        struct tree_member *const next = m->next;
        close_member(tree, m);
        free(m);
        m = next;
    }
    if (tree->cgroup_handle >= 0)
        tree->os.close(tree->os.context, tree->cgroup_handle);
    if (tree->loadavg_handle >= 0)
        tree->os.close(tree->os.context, tree->loadavg_handle);
    free(tree->by_pid);
    free(tree->outsiders.pids);
    free(tree);
}

static jb_rc begin(struct jb_tree *tree, pid_t root_pid, struct jb_error *err)
{
    struct jb_proc_stat stat;
    const int read_rc = tree__read_stat(tree, -1, root_pid, &stat);

    if (read_rc == -ENOENT || read_rc == -ESRCH)
        return jb_fail(err, JB_E_NOT_FOUND, "give the id of a running process",
                       "there is no process %d", (int)root_pid);
    if (read_rc == -EBADMSG)
        return jb_fail(err, JB_E_INPUT, NULL, "'/proc/%d/stat' is not as the kernel writes it",
                       (int)root_pid);
    if (read_rc < 0)
        return jb_fail_errno(err, -read_rc, NULL, "cannot read '/proc/%d/stat'", (int)root_pid);

    const long ticks_hz = tree->os.clock_ticks(tree->os.context);
    const long page_bytes = tree->os.page_bytes(tree->os.context);
    if (ticks_hz <= 0 || page_bytes <= 0)
        return jb_fail(err, JB_E_UNAVAILABLE, NULL,
                       "the length of a clock tick or the size of a page is not known");
    tree->tick_ns = JB_NS_PER_S / ticks_hz;
    tree->page_bytes = page_bytes;
    tree->root_start_ticks = stat.start_ticks;
    const jb_rc rc = tree__adopt(tree, &stat, err);
    if (rc < 0)
        return rc;
    if (tree->reaper_pid != 0) {
        /* All that can become a member is newer than the root: nothing to look for yet. */
        tree->last_pid = root_pid;
        sum_up(tree);
        return JB_OK;
    }
    const jb_rc scan_rc = jb_tree_scan(tree, err);
    tree->before_ns = tree->total_ns;
    return scan_rc;
}

jb_rc jb_tree_new(const struct jb_os *os, pid_t root_pid, pid_t reaper_pid,
                  struct jb_tree **ret_tree, struct jb_error *err)
{
    JB_AUTO(jb_tree_free_auto) struct jb_tree *tree = calloc(1, sizeof *tree);

    if (!tree)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the processes of the run");
    tree->os = *os;
    tree->reaper_pid = reaper_pid;
    tree->link_end = &tree->first;
    tree->cgroup_handle = -1;
    tree->last_pid = -1;
    tree->must_list = true;
    tree->loadavg_handle = os->open_read(os->context, "/proc/loadavg");
    const jb_rc rc = begin(tree, root_pid, err);
    if (rc < 0)
        return rc;
    *ret_tree = tree;
    tree = NULL;
    return JB_OK;
}

int64_t jb_tree_cpu_ns(const struct jb_tree *tree)
{
    const int64_t members_ns = tree->total_ns - tree->before_ns;

    return members_ns > tree->cgroup_ns ? members_ns : tree->cgroup_ns;
}

int64_t jb_tree_resident_bytes(const struct jb_tree *tree)
{
    return tree->resident_bytes;
}

size_t jb_tree_n_live(const struct jb_tree *tree)
{
    return tree->n_live;
}
