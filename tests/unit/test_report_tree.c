/* SPDX-License-Identifier: Apache-2.0 */
/* R-TREE-10: every channel once, under what it lies in, with what the book does with it. */
#include "report/tree.h"
#include "tap.h"

static struct jb_channel channel(const char *id, const char *parent, enum jb_role role)
{
    struct jb_channel made = {.role = role};

    (void)snprintf(made.id, sizeof made.id, "%s", id);
    (void)snprintf(made.parent, sizeof made.parent, "%s", parent);
    return made;
}

static void is_drawn(const struct jb_channel *channels, size_t n, bool is_utf8, const char *want,
                     const char *promise)
{
    static struct jb_tree_line lines[JB_CHANNELS_MAX];
    static char got[16384];
    size_t len = 0;

    const size_t n_lines = jb_tree_draw(channels, n, is_utf8, lines);
    for (size_t i = 0; i < n_lines; i++)
        len += (size_t)snprintf(got + len, sizeof got - len, "%s%s\n", lines[i].branch,
                                channels[lines[i].channel].id);
    got[len] = '\0';
    is_str(got, want, "%s", promise);
    is_i64((int64_t)n_lines, (int64_t)n, "every channel has its line");
}

static void a_server(void)
{
    const struct jb_channel c[] = {
        channel("psys", "", JB_ROLE_CHECK),          channel("p0", "node", JB_ROLE_POST),
        channel("p0/core", "p0", JB_ROLE_DETAIL),    channel("bmc", "node", JB_ROLE_CHECK),
        channel("p0@mmio", "p0", JB_ROLE_DUPLICATE), channel("node", "", JB_ROLE_PARENT),
        channel("gpu", "node", JB_ROLE_POST)};
    static struct jb_tree_line lines[7];

    is_drawn(c, 7, false, "node\n|- p0\n|  |- p0/core\n|  `~ p0@mmio\n|- gpu\n`~ bmc\npsys\n",
             "parts below the whole, what is compared after them, what stands alone at the end");
    is_drawn(c, 7, true,
             "node\n\u251c\u2500 p0\n\u2502  \u251c\u2500 p0/core\n\u2502  \u2514~ p0@mmio\n"
             "\u251c\u2500 gpu\n\u2514~ bmc\npsys\n",
             "the same with lines");
    (void)jb_tree_draw(c, 7, false, lines);
    is_str(lines[0].meaning, "posts what it reads above its parts: platform", "a parent's rest");
    is_str(lines[1].meaning, "posts all it reads", "a part");
    is_str(lines[2].meaning, "inside p0: shown", "a detail");
    is_str(lines[3].meaning, "p0 once more: compared", "a duplicate");
    is_str(lines[5].meaning, "compared with node", "a check of something");
    is_str(lines[6].meaning, "overlaps others: shown", "and one of nothing that is known");
}

static void odd_trees(void)
{
    const struct jb_channel c[] = {channel("a", "b", JB_ROLE_POST), channel("b", "a", JB_ROLE_POST),
                                   channel("c", "c", JB_ROLE_POST),
                                   channel("d", "gone", JB_ROLE_POST)};
    static struct jb_channel deep[JB_CHANNELS_MAX];
    static struct jb_tree_line lines[JB_CHANNELS_MAX];

    is_drawn(c, 4, false, "c\nd\na\n`- b\n", "circles are drawn somewhere");
    for (size_t i = 0; i < JB_CHANNELS_MAX; i++) {
        deep[i] = channel("", "", JB_ROLE_PARENT);
        (void)snprintf(deep[i].id, sizeof deep[i].id, "n%zu", i);
        if (i > 0)
            (void)snprintf(deep[i].parent, sizeof deep[i].parent, "n%zu", i - 1);
    }
    is_i64((int64_t)jb_tree_draw(deep, JB_CHANNELS_MAX, true, lines), JB_CHANNELS_MAX,
           "a tree as deep as it can be is drawn whole");
    is_i64((int64_t)jb_tree_draw(deep, 0, true, lines), 0, "and an empty one");
}

int main(void)
{
    a_server();
    odd_trees();
    return done_testing();
}
