/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Channels to a tree in which nothing counts twice: parents, and for each channel its role. Carries out R-TREE-01 to
 * R-TREE-08 (docs/method/sensors.md). A pure function of the channels: no reading, no memory, settled twice the same.
 */
#include <string.h>

#include "sensor/sensor.h"
#include "sensor/sensor_int.h"

static struct jb_channel *find(struct jb_channel *channels, size_t n, const char *id, size_t id_len)
{
    for (size_t i = 0; i < n; i++)
        if (strlen(channels[i].id) == id_len && memcmp(channels[i].id, id, id_len) == 0)
            return &channels[i];
    return NULL;
}

static struct jb_channel *parent_of(struct jb_channel *channels, size_t n,
                                    const struct jb_channel *channel)
{
    if (channel->parent[0] == '\0' || strcmp(channel->parent, channel->id) == 0)
        return NULL;
    return find(channels, n, channel->parent, strlen(channel->parent));
}

/* R-TREE-01: a parent that is not in the set contains nothing. */
static void drop_missing_parent(struct jb_channel *channels, size_t n, struct jb_channel *channel)
{
    if (!parent_of(channels, n, channel))
        channel->parent[0] = '\0';
}

static bool is_measured(const struct jb_channel *channel)
{
    return channel->origin == JB_ORIGIN_COUNTER || channel->origin == JB_ORIGIN_GAUGE ||
           channel->origin == JB_ORIGIN_CALIBRATED;
}

/* What a part of it leaves over is charged to the platform; every other parent already is one device. */
static bool is_container(const struct jb_channel *channel)
{
    return channel->scope == JB_SCOPE_NODE || channel->scope == JB_SCOPE_MODULE;
}

/* R-TREE-02: "<id>@<path>" is the domain <id> through another kernel path. */
static void settle_duplicate(struct jb_channel *channels, size_t n, struct jb_channel *channel)
{
    const char *const at = strchr(channel->id, '@');
    const struct jb_channel *const same =
        at ? find(channels, n, channel->id, (size_t)(at - channel->id)) : NULL;

    if (same && same->role != JB_ROLE_DUPLICATE) {
        channel->role = JB_ROLE_DUPLICATE;
        memcpy(channel->parent, same->id, sizeof channel->parent);
    }
}

/*
 * R-TREE-09: what is only compared contains nothing that posts, or its part would be taken out of no sum. The part lies
 * in the next one above that posts.
 */
static void climb_over_compared(struct jb_channel *channels, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct jb_channel *const channel = &channels[i];
        for (size_t steps = 0; channel->role == JB_ROLE_POST && steps < n; steps++) {
            const struct jb_channel *const parent = parent_of(channels, n, channel);
            if (!parent || (parent->role != JB_ROLE_CHECK && parent->role != JB_ROLE_DUPLICATE))
                break;
            memcpy(channel->parent, parent->parent, sizeof channel->parent);
        }
    }
}

/* R-TREE-03: overlaps that no rule can subtract are compared, never added. */
static void settle_check(struct jb_channel *channel)
{
    if (channel->role == JB_ROLE_POST &&
        (channel->scope == JB_SCOPE_PSYS || channel->scope == JB_SCOPE_BATTERY ||
         channel->scope == JB_SCOPE_FACILITY || channel->scope == JB_SCOPE_OTHER))
        channel->role = JB_ROLE_CHECK;
}

static bool is_node(const struct jb_channel *channel)
{
    return channel->scope == JB_SCOPE_NODE && channel->role == JB_ROLE_POST && is_measured(channel);
}

/* Said to lie in another meter of the node: a power supply's output behind the plug. */
static bool is_inner_node(struct jb_channel *channels, size_t n, const struct jb_channel *channel)
{
    const struct jb_channel *const parent = parent_of(channels, n, channel);

    return is_node(channel) && parent && is_node(parent);
}

/* R-TREE-04: the whole machine lies in no part of it. */
static void drop_parts_as_parents(struct jb_channel *channels, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (is_node(&channels[i]) && !is_inner_node(channels, n, &channels[i]))
            channels[i].parent[0] = '\0';
}

/* Whether another meter of the node was said to lie in it. */
static bool holds_inner_node(struct jb_channel *channels, size_t n, const struct jb_channel *node)
{
    for (size_t i = 0; i < n; i++)
        if (is_inner_node(channels, n, &channels[i]) && strcmp(channels[i].parent, node->id) == 0)
            return true;
    return false;
}

/* What holds another meter of the node is known to be the whole; of the others none is known better than the rest. */
static struct jb_channel *find_node(struct jb_channel *channels, size_t n)
{
    struct jb_channel *node = NULL;
    bool holds = false;

    for (size_t i = 0; i < n; i++) {
        if (!is_node(&channels[i]) || is_inner_node(channels, n, &channels[i]))
            continue;
        const bool holds_too = holds_inner_node(channels, n, &channels[i]);
        if (node && (holds_too == holds ? strcmp(channels[i].id, node->id) >= 0 : holds))
            continue;
        node = &channels[i];
        holds = holds_too;
    }
    return node;
}

static bool lies_in(struct jb_channel *channels, size_t n, const struct jb_channel *channel,
                    const struct jb_channel *whole)
{
    for (size_t steps = 0; channel && channel != whole && steps < n; steps++)
        channel = parent_of(channels, n, channel);
    return channel == whole;
}

/*
 * R-TREE-04: one meter of the node, and what was said to lie in it; any other sees the same box and only checks, with
 * what was said to lie in that one.
 */
static struct jb_channel *settle_node(struct jb_channel *channels, size_t n)
{
    struct jb_channel *const node = find_node(channels, n);

    for (size_t i = 0; node && i < n; i++)
        if (is_node(&channels[i]) && !lies_in(channels, n, &channels[i], node))
            channels[i].role = JB_ROLE_CHECK;
    for (size_t i = 0; node && i < n; i++)
        if (channels[i].scope == JB_SCOPE_NODE && is_measured(&channels[i]) &&
            channels[i].parent[0] == '\0' &&
            (channels[i].role == JB_ROLE_CHECK || channels[i].role == JB_ROLE_DUPLICATE))
            memcpy(channels[i].parent, node->id, sizeof channels[i].parent);
    return node;
}

/* The innermost of the node's meters, where one was said to lie in the other: what has no parent lies in that one. */
static const struct jb_channel *innermost(struct jb_channel *channels, size_t n,
                                          const struct jb_channel *node)
{
    for (size_t steps = 0; steps < n; steps++) {
        const struct jb_channel *inner = NULL;
        for (size_t i = 0; i < n && !inner; i++)
            if (is_inner_node(channels, n, &channels[i]) &&
                strcmp(channels[i].parent, node->id) == 0)
                inner = &channels[i];
        if (!inner)
            break;
        node = inner;
    }
    return node;
}

/* R-TREE-04: what nothing else contains, the node's meter contains. */
static void hang_under(const struct jb_channel *node, const struct jb_channel *inner,
                       struct jb_channel *channels, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct jb_channel *const channel = &channels[i];
        if (channel != node && channel->role == JB_ROLE_POST && channel->parent[0] == '\0' &&
            is_measured(channel))
            memcpy(channel->parent, inner->id, sizeof channel->parent);
    }
}

/* R-TREE-05: a part of a device that posts, at whatever depth, is shown, never added. */
static void settle_details(struct jb_channel *channels, size_t n)
{
    bool is_changed = true;

    while (is_changed) {
        is_changed = false;
        for (size_t i = 0; i < n; i++) {
            const struct jb_channel *const parent = parent_of(channels, n, &channels[i]);
            if (channels[i].role != JB_ROLE_POST || !parent ||
                (is_container(parent) && parent->role != JB_ROLE_DETAIL))
                continue;
            channels[i].role = JB_ROLE_DETAIL;
            is_changed = true;
        }
    }
}

/* R-TREE-07: whether a measured channel that posts already holds this model's device. */
static bool is_covered(const struct jb_channel *channels, size_t n, const struct jb_channel *model)
{
    for (size_t i = 0; i < n; i++) {
        const struct jb_channel *const channel = &channels[i];
        /* A part that is shown only (a Jetson's memory supply) is inside one that posts. */
        if (is_measured(channel) &&
            ((channel->role == JB_ROLE_POST &&
              (is_container(channel) || channel->device == model->device)) ||
             (channel->role == JB_ROLE_DETAIL && channel->device == model->device)))
            return true;
    }
    return false;
}

/* R-TREE-06: a container with posted parts posts only what they leave over. */
static bool has_parts(const struct jb_channel *channels, size_t n,
                      const struct jb_channel *container)
{
    for (size_t i = 0; i < n; i++)
        if ((channels[i].role == JB_ROLE_POST || channels[i].role == JB_ROLE_PARENT) &&
            &channels[i] != container && strcmp(channels[i].parent, container->id) == 0)
            return true;
    return false;
}

void jb_sensor_settle_roles(struct jb_channel *channels, size_t n)
{
    /* A driver's own DUPLICATE, CHECK or DETAIL stands; what posts is found anew. */
    for (size_t i = 0; i < n; i++)
        if (channels[i].role == JB_ROLE_PARENT)
            channels[i].role = JB_ROLE_POST;
    for (size_t i = 0; i < n; i++)
        settle_duplicate(channels, n, &channels[i]);
    for (size_t i = 0; i < n; i++)
        drop_missing_parent(channels, n, &channels[i]);
    for (size_t i = 0; i < n; i++)
        settle_check(&channels[i]);

    climb_over_compared(channels, n);
    drop_parts_as_parents(channels, n);
    const struct jb_channel *const node = settle_node(channels, n);
    climb_over_compared(channels, n);
    settle_details(channels, n);
    if (node)
        hang_under(node, innermost(channels, n, node), channels, n);
    for (size_t i = 0; i < n; i++)
        if (channels[i].role == JB_ROLE_POST && !is_measured(&channels[i]) &&
            is_covered(channels, n, &channels[i]))
            channels[i].role = JB_ROLE_CHECK;
    for (size_t i = 0; i < n; i++)
        if (channels[i].role == JB_ROLE_POST && is_container(&channels[i]) &&
            has_parts(channels, n, &channels[i]))
            channels[i].role = JB_ROLE_PARENT;
}
