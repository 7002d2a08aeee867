/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the control group of a run used, where it has one of its own: processes that came and went unseen are in it too. Opens the
 * group's file once and reads it at each scan. R-CPU-07 in docs/method/processes.md.
 */
#include <string.h>

#include "base/clock.h"
#include "base/compiler.h"
#include "base/num.h"
#include "subject/tree.h"
#include "subject/tree_int.h"

/* "usage_usec 123" is the first line of a v2 cpu.stat; a v1 cpuacct.usage holds one number of nanoseconds. */
static jb_rc parse_usage(const struct jb_tree *tree, const char *text, size_t len, int64_t *ret_ns)
{
    static const char key[] = "usage_usec ";
    const size_t key_len = sizeof key - 1;
    int64_t usage_us;

    if (!tree->is_cgroup_v2)
        return jb_parse_i64(text, len, true, ret_ns);
    if (len < key_len || memcmp(text, key, key_len) != 0)
        return JB_E_INPUT;
    const char *const newline = memchr(text, '\n', len);
    const size_t line_len = newline ? (size_t)(newline - text) : len;
    const jb_rc rc = jb_parse_i64(text + key_len, line_len - key_len, true, &usage_us);
    return rc < 0 ? rc : jb_mul_i64(usage_us, JB_NS_PER_US, ret_ns);
}

/* The group's usage, less what the reaper used if it is in there. */
static jb_rc read_cgroup(const struct jb_tree *tree, int64_t *ret_ns)
{
    char text[TREE_STAT_BYTES];
    int64_t usage_ns, own_ns = 0;
    const ssize_t len = tree->os.pread(tree->os.context, tree->cgroup_handle, text, sizeof text, 0);
    jb_rc rc = len < 0 ? JB_E_IO : parse_usage(tree, text, (size_t)len, &usage_ns);

    if (rc == JB_OK && tree->is_reaper_in_cgroup &&
        (!tree->os.process_cpu_ns ||
         tree->os.process_cpu_ns(tree->os.context, tree->reaper_pid, &own_ns) < 0))
        rc = JB_E_UNAVAILABLE;
    if (rc == JB_OK)
        *ret_ns = usage_ns - own_ns - (tree->is_reaper_in_cgroup ? tree->helpers_ns : 0);
    return rc;
}

void jb_tree_set_helpers_cpu_ns(struct jb_tree *tree, int64_t cpu_ns)
{
    tree->helpers_ns = cpu_ns;
}

jb_rc jb_tree_use_cgroup(struct jb_tree *tree, const char *directory, bool with_reaper,
                         struct jb_error *err)
{
    static const char *const names[] = {"cpu.stat", "cpuacct.usage"};
    char path[4096];
    int64_t usage_ns;

    tree->is_reaper_in_cgroup = with_reaper;
    for (size_t i = 0; i < JB_ARRAY_LEN(names) && tree->cgroup_handle < 0; i++) {
        const int len = snprintf(path, sizeof path, "%s/%s", directory, names[i]);
        if (len < 0 || (size_t)len >= sizeof path)
            return jb_fail(err, JB_E_RANGE, NULL, "the path of a control group is too long");
        tree->cgroup_handle = tree->os.open_read(tree->os.context, path);
        tree->is_cgroup_v2 = i == 0;
        /* A v1 group of the cpu controller has a cpu.stat too, with throttling alone. */
        if (tree->cgroup_handle >= 0 && read_cgroup(tree, &usage_ns) < 0) {
            tree->os.close(tree->os.context, tree->cgroup_handle);
            tree->cgroup_handle = -1;
        }
    }
    if (tree->cgroup_handle < 0)
        return jb_fail(err, JB_E_UNAVAILABLE, NULL, "control group '%s' does not tell its CPU time",
                       directory);
    /* A group made for the run began with it; one that was there before has a past. */
    tree->cgroup_before_ns =
        tree->reaper_pid != 0 && !with_reaper ? 0 : usage_ns - jb_tree_cpu_ns(tree);
    return JB_OK;
}

/* A group that cannot be read now keeps its last figure. */
void tree__refresh_cgroup(struct jb_tree *tree)
{
    int64_t usage_ns;

    if (tree->cgroup_handle < 0 || read_cgroup(tree, &usage_ns) < 0)
        return;
    if (usage_ns - tree->cgroup_before_ns > tree->cgroup_ns)
        tree->cgroup_ns = usage_ns - tree->cgroup_before_ns;
}
