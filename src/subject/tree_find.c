/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who belongs to the run: R-CPU-01. A process is a member if its parent is one, or if it is an orphan that fell to the
 * reaper. One that is not can never become one, so it is looked at once; the kernel gives pids in turn and tells the
 * newest, so when nothing was started nothing is looked at, and when little was, only that.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "subject/tree_int.h"

/* So many new pids are looked up one by one; with more, /proc is listed. */
#define PROBES_MAX 32
/* As many processes as Linux can have. */
#define PIDS_MAX ((size_t)4 * 1024 * 1024)

static void release_pids(struct pid_list *list)
{
    free(list->pids);
}

/* -ENOMEM as jb_os.list gives errors. */
static int push_pid(struct pid_list *list, pid_t pid)
{
    if (list->n == list->capacity) {
        const size_t capacity = list->capacity > 0 ? 2 * list->capacity : 128;
        if (capacity > PIDS_MAX)
            return -ENOMEM;
        pid_t *const pids = realloc(list->pids, capacity * sizeof pids[0]);
        if (!pids)
            return -ENOMEM;
        list->pids = pids;
        list->capacity = capacity;
    }
    list->pids[list->n++] = pid;
    return 0;
}

struct listing {
    struct pid_list pids;
    bool is_out_of_memory;
};

static int take_name(void *arg, const char *name)
{
    struct listing *const listing = arg;
    int64_t pid;

    if (name[0] < '1' || name[0] > '9' || jb_parse_i64(name, strlen(name), false, &pid) < 0 ||
        pid > INT32_MAX)
        return 0;
    listing->is_out_of_memory = push_pid(&listing->pids, (pid_t)pid) < 0;
    return listing->is_out_of_memory ? 1 : 0;
}

static int compare_pids(const void *a, const void *b)
{
    const pid_t x = *(const pid_t *)a;
    const pid_t y = *(const pid_t *)b;

    return (x > y) - (x < y);
}

/* The kernel lists in order; a recorded tree does not. */
static void sort_pids(struct pid_list *list)
{
    for (size_t i = 1; i < list->n; i++) {
        if (list->pids[i - 1] > list->pids[i]) {
            qsort(list->pids, list->n, sizeof list->pids[0], compare_pids);
            return;
        }
    }
}

/* "0.20 0.18 0.12 1/80 11206": the last word is the newest pid of our pid namespace. -1 where it is not told. */
static int64_t read_last_pid(const struct jb_tree *tree)
{
    char text[128];
    int64_t last_pid;

    if (tree->loadavg_handle < 0)
        return -1;
    const ssize_t len =
        tree->os.pread(tree->os.context, tree->loadavg_handle, text, sizeof text, 0);
    if (len <= 0)
        return -1;
    const char *const blank = memrchr(text, ' ', (size_t)len);
    if (!blank)
        return -1;
    const size_t word_len = (size_t)(text + len - (blank + 1));
    if (jb_parse_i64(blank + 1, word_len, true, &last_pid) < 0 || last_pid < 0 ||
        last_pid > INT32_MAX)
        return -1;
    return last_pid;
}

/* Whether the kernel can have given out `pid` since the last discovery: pids go up, and begin anew at the top. */
static bool may_be_new(const struct jb_tree *tree, int64_t last_pid, pid_t pid)
{
    if (tree->last_pid < 0 || last_pid < 0)
        return true;
    if (last_pid >= tree->last_pid)
        return pid > tree->last_pid && pid <= last_pid;
    return pid > tree->last_pid || pid <= last_pid;
}

static bool is_ignored(const struct jb_tree *tree, pid_t pid)
{
    for (size_t i = 0; i < tree->n_ignored; i++)
        if (tree->ignored[i] == pid)
            return true;
    return false;
}

static bool contains(const struct pid_list *list, pid_t pid)
{
    return list->n > 0 &&
           bsearch(&pid, list->pids, list->n, sizeof list->pids[0], compare_pids) != NULL;
}

/* /proc/TID exists for every thread though it is not listed, and says the parent of the process. */
static bool leads_its_threads(const struct jb_tree *tree, pid_t pid)
{
    char path[64];
    char text[4096];
    const char *value;
    size_t len;
    int64_t leader_pid;

    (void)snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    const ssize_t text_len = jb_os_read_text(&tree->os, path, text, sizeof text);
    return text_len >= 0 && jb_proc_value(text, (size_t)text_len, "Tgid", &value, &len) == JB_OK &&
           jb_parse_i64(value, len, false, &leader_pid) == JB_OK && leader_pid == pid;
}

enum place { PLACE_OUTSIDE, PLACE_INSIDE, PLACE_UNKNOWN };

/* Where a process stands by its parent; unknown while the parent itself is still to be placed. */
static enum place place_by_parent(const struct jb_tree *tree, const struct jb_proc_stat *stat,
                                  const struct pid_list *unplaced)
{
    if (stat->start_ticks < tree->root_start_ticks || is_ignored(tree, stat->pid))
        return PLACE_OUTSIDE;
    if (tree->reaper_pid != 0 && stat->parent_pid == tree->reaper_pid)
        return PLACE_INSIDE;
    const struct tree_member *const parent = tree__find(tree, stat->parent_pid);
    if (parent && parent->start_ticks <= stat->start_ticks)
        return PLACE_INSIDE;
    return contains(unplaced, stat->parent_pid) ? PLACE_UNKNOWN : PLACE_OUTSIDE;
}

/* A file that is gone, or hidden from us (hidepid), or no such file at all, will not be there next time either. */
static bool is_lasting(int read_rc)
{
    return read_rc == 0 || read_rc == -ENOENT || read_rc == -ESRCH || read_rc == -EACCES ||
           read_rc == -EPERM || read_rc == -EBADMSG;
}

/*
 * One pass over those not yet placed; removes the placed ones from the list and counts them. A parent that is neither
 * a member nor to be placed was placed outside before: it is older than its child, so it was looked at before it.
 */
static jb_rc place_once(struct jb_tree *tree, struct pid_list *unplaced, bool must_lead,
                        size_t *ret_n_placed, struct jb_error *err)
{
    struct jb_proc_stat stat;
    size_t n_left = 0;
    size_t n_placed = 0;
    jb_rc rc = JB_OK;

    for (size_t i = 0; i < unplaced->n; i++) {
        const pid_t pid = unplaced->pids[i];
        enum place place = PLACE_UNKNOWN;

        if (rc == JB_OK) {
            const int read_rc = tree__read_stat(tree, -1, pid, &stat);
            if (read_rc == 0 && stat.pid == pid)
                place = place_by_parent(tree, &stat, unplaced);
            else if (is_lasting(read_rc))
                place = PLACE_OUTSIDE;
        }
        if (place == PLACE_UNKNOWN) {
            unplaced->pids[n_left++] = pid;
            continue;
        }
        n_placed++;
        if (place == PLACE_INSIDE && (!must_lead || leads_its_threads(tree, pid)))
            rc = tree__adopt(tree, &stat, err);
    }
    unplaced->n = n_left;
    *ret_n_placed = n_placed;
    return rc;
}

static jb_rc place_all(struct jb_tree *tree, struct pid_list *unplaced, bool must_lead,
                       struct jb_error *err)
{
    size_t n_placed = 1;

    while (unplaced->n > 0 && n_placed > 0) {
        const jb_rc rc = place_once(tree, unplaced, must_lead, &n_placed, err);
        if (rc < 0)
            return rc;
    }
    tree->must_list = unplaced->n > 0;
    return JB_OK;
}

static jb_rc probe(struct jb_tree *tree, int64_t last_pid, struct jb_error *err)
{
    JB_AUTO(release_pids) struct pid_list unplaced = {.pids = NULL};

    for (int64_t pid = tree->last_pid + 1; pid <= last_pid; pid++)
        if (!tree__find(tree, (pid_t)pid) && push_pid(&unplaced, (pid_t)pid) < 0)
            return jb_fail(err, JB_E_NOMEM, NULL, "no memory to look for new processes");
    return place_all(tree, &unplaced, true, err);
}

static void release_listing(struct listing *listing)
{
    release_pids(&listing->pids);
}

static jb_rc list_proc(struct jb_tree *tree, int64_t last_pid, struct jb_error *err)
{
    JB_AUTO(release_listing) struct listing listing = {.is_out_of_memory = false};
    JB_AUTO(release_pids) struct pid_list unplaced = {.pids = NULL};
    const bool was_listed = tree->outsiders.n > 0;

    const int list_rc = tree->os.list(tree->os.context, "/proc", take_name, &listing);
    if (listing.is_out_of_memory)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to list the processes");
    if (list_rc < 0)
        return jb_fail_errno(err, -list_rc, NULL, "cannot list '/proc'");
    sort_pids(&listing.pids);
    for (size_t i = 0; i < listing.pids.n; i++) {
        const pid_t pid = listing.pids.pids[i];
        const bool is_old =
            !may_be_new(tree, last_pid, pid) && (!was_listed || contains(&tree->outsiders, pid));
        if (is_old || tree__find(tree, pid))
            continue;
        if (push_pid(&unplaced, pid) < 0)
            return jb_fail(err, JB_E_NOMEM, NULL, "no memory to list the processes");
    }
    const jb_rc rc = place_all(tree, &unplaced, false, err);
    if (rc < 0)
        return rc;
    /* Members among them do no harm: they are looked up first. Those not yet placed must be looked at again. */
    size_t n_outside = 0;
    for (size_t i = 0; i < listing.pids.n; i++)
        if (!contains(&unplaced, listing.pids.pids[i]))
            listing.pids.pids[n_outside++] = listing.pids.pids[i];
    listing.pids.n = n_outside;
    const struct pid_list replaced = tree->outsiders;
    tree->outsiders = listing.pids;
    listing.pids = replaced;
    return JB_OK;
}

jb_rc tree__discover(struct jb_tree *tree, struct jb_error *err)
{
    const int64_t last_pid = read_last_pid(tree);

    if (!tree->must_list && last_pid >= 0 && last_pid == tree->last_pid)
        return JB_OK;
    const bool is_little =
        tree->last_pid >= 0 && last_pid > tree->last_pid && last_pid - tree->last_pid <= PROBES_MAX;
    const bool was_due = tree->must_list;
    const jb_rc rc =
        is_little && !was_due ? probe(tree, last_pid, err) : list_proc(tree, last_pid, err);
    if (rc < 0) {
        tree->must_list = true;
        return rc;
    }
    tree->last_pid = last_pid;
    return JB_OK;
}
