/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A user's overrides of the tree to channels as drivers found them, before roles are settled: scope, parent, role, left
 * out. Rules R-METER-03 to R-METER-05. Must never drop an override in silence: what cannot be followed is said.
 */
#include <stdio.h>
#include <string.h>

#include "model/meter.h"
#include "sensor/sensor.h"
#include "sensor/sensor_int.h"

static size_t index_of(const struct jb_channel *channels, size_t n, const char *id)
{
    size_t i = 0;

    while (i < n && strcmp(channels[i].id, id) != 0)
        i++;
    return i;
}

static jb_rc say(struct jb_sensor_set *set, const char *channel, const char *reason,
                 const char *step, struct jb_error *err)
{
    return jb_sensor_refuse(set, "tree", channel, reason, step, err);
}

/* Whether the file itself makes the channel: where it is not there, its meter was refused, and the entry is right. */
static bool is_configured(const struct jb_meters *meters, const char *channel)
{
    char id[JB_CHANNEL_ID];

    for (size_t m = 0; m < meters->n_meters; m++) {
        (void)snprintf(id, sizeof id, "%s/%s", meters->meters[m].driver, meters->meters[m].name);
        if (strcmp(id, channel) == 0)
            return true;
    }
    return false;
}

static jb_rc say_missing_channel(struct jb_sensor_set *set, const struct jb_meters *meters,
                                 const char *channel, struct jb_error *err)
{
    if (is_configured(meters, channel))
        return say(set, channel,
                   "The file of meters says where this channel stands, but its meter gives no "
                   "reading.",
                   "Nothing to do to this entry: it holds as soon as the meter can be read.", err);
    return say(set, channel, "The file of meters speaks of this channel, and it was not found.",
               "Correct the id or take the entry out: `joulebook meters` shows the channels "
               "there are.",
               err);
}

static jb_rc say_missing_parent(struct jb_sensor_set *set, const struct jb_meters *meters,
                                const char *channel, const char *parent, bool is_left_out,
                                struct jb_error *err)
{
    char reason[JB_CHANNEL_ID + 96];
    const char *why = "there is no such channel";
    const char *step = "Correct the id: `joulebook meters` shows those there are.";

    if (is_left_out) {
        why = "leaves that one out";
        step = "Keep one of the two: what is left out contains nothing.";
    } else if (is_configured(meters, parent)) {
        why = "its meter gives no reading";
        step = "Nothing to do to this entry: it holds as soon as that meter can be read.";
    }
    (void)snprintf(reason, sizeof reason, "The file of meters calls '%s' its parent, and %s.",
                   parent, why);
    return say(set, channel, reason, step, err);
}

static jb_rc check_parent(const struct jb_meters *meters, struct jb_sensor_set *set,
                          const struct jb_channel *channels, size_t n, const bool *is_left_out,
                          const char *channel, const char *parent, struct jb_error *err)
{
    const size_t at = index_of(channels, n, parent);

    if (!parent[0] || (at < n && !is_left_out[at]))
        return JB_OK;
    return say_missing_parent(set, meters, channel, parent, at < n, err);
}

/* Parents that stand with the meters themselves, and those of the overrides. */
static jb_rc check_parents(const struct jb_meters *meters, struct jb_sensor_set *set,
                           const struct jb_channel *channels, size_t n, const bool *is_left_out,
                           struct jb_error *err)
{
    jb_rc rc = JB_OK;

    for (size_t m = 0; m < meters->n_meters && rc == JB_OK; m++) {
        const struct jb_meter *const meter = &meters->meters[m];
        char id[JB_CHANNEL_ID];
        (void)snprintf(id, sizeof id, "%s/%s", meter->driver, meter->name);
        const size_t at = index_of(channels, n, id);
        if (at < n && !is_left_out[at])
            rc = check_parent(meters, set, channels, n, is_left_out, id, meter->parent, err);
    }
    for (size_t r = 0; r < meters->n_rules && rc == JB_OK; r++) {
        const struct jb_tree_rule *const rule = &meters->rules[r];
        const size_t at = index_of(channels, n, rule->channel);
        if (rule->has_parent && at < n && !is_left_out[at])
            rc = check_parent(meters, set, channels, n, is_left_out, rule->channel, rule->parent,
                              err);
    }
    return rc;
}

/* What it is charged as follows its scope, unless its driver or its entry knew better: a model looks at it (R-TREE-07). */
static void set_scope(struct jb_channel *channel, enum jb_scope scope)
{
    if (channel->device == jb_device_of_scope(channel->scope))
        channel->device = jb_device_of_scope(scope);
    channel->scope = scope;
}

jb_rc sensor__rules_apply(const struct jb_meters *meters, struct jb_sensor_set *set,
                          struct jb_channel *channels, size_t n, bool *ret_is_left_out,
                          struct jb_error *err)
{
    jb_rc rc = JB_OK;

    for (size_t r = 0; r < meters->n_rules && rc == JB_OK; r++) {
        const struct jb_tree_rule *const rule = &meters->rules[r];
        const size_t i = index_of(channels, n, rule->channel);
        if (i == n) {
            rc = say_missing_channel(set, meters, rule->channel, err);
            continue;
        }
        ret_is_left_out[i] = rule->is_left_out;
        if (rule->has_scope)
            set_scope(&channels[i], rule->scope);
        if (rule->has_role)
            channels[i].role = rule->role;
        if (rule->has_parent)
            memcpy(channels[i].parent, rule->parent, sizeof channels[i].parent);
    }
    return rc < 0 ? rc : check_parents(meters, set, channels, n, ret_is_left_out, err);
}

jb_rc sensor__rules_check_loops(const struct jb_channel *channels, size_t n, struct jb_error *err)
{
    for (size_t i = 0; i < n; i++) {
        size_t at = index_of(channels, n, channels[i].parent);
        for (size_t steps = 0; at < n && at != i && steps < n; steps++)
            at = index_of(channels, n, channels[at].parent);
        if (at == i)
            return jb_fail(
                err, JB_E_INPUT,
                "correct 'parent' in the file of meters: one of them has to be the whole",
                "channel '%s' lies in '%s', which lies in '%s' again", channels[i].id,
                channels[i].parent, channels[i].id);
    }
    return JB_OK;
}

static jb_rc say_other_parent(struct jb_sensor_set *set, const struct jb_tree_rule *rule,
                              const struct jb_channel *channel, struct jb_error *err)
{
    char reason[2 * JB_CHANNEL_ID + 96];

    (void)snprintf(reason, sizeof reason,
                   "The file of meters puts it into '%s', but by the rules of the tree it lies in "
                   "'%s'.",
                   rule->parent[0] ? rule->parent : "none",
                   channel->parent[0] ? channel->parent : "none");
    return say(
        set, rule->channel, reason,
        "Give one of them another scope, or leave the parent out: a whole machine lies in no "
        "part of it, and what is only compared contains nothing.",
        err);
}

jb_rc sensor__rules_compare(const struct jb_meters *meters, struct jb_sensor_set *set,
                            const struct jb_channel *channels, size_t n, struct jb_error *err)
{
    char reason[160];
    jb_rc rc = JB_OK;

    for (size_t r = 0; r < meters->n_rules && rc == JB_OK; r++) {
        const struct jb_tree_rule *const rule = &meters->rules[r];
        const size_t i = index_of(channels, n, rule->channel);
        if (i < n && rule->has_parent && strcmp(channels[i].parent, rule->parent) != 0 &&
            (!rule->parent[0] || index_of(channels, n, rule->parent) < n))
            rc = say_other_parent(set, rule, &channels[i], err);
        if (rc < 0 || i == n || !rule->has_role || channels[i].role == rule->role ||
            (rule->role == JB_ROLE_POST && channels[i].role == JB_ROLE_PARENT))
            continue;
        (void)snprintf(reason, sizeof reason,
                       "The file of meters says role %s, but by its scope and parent it is %s.",
                       jb_role_name(rule->role), jb_role_name(channels[i].role));
        rc = say(set, rule->channel, reason,
                 "Give it another scope or parent as well, or leave the role out.", err);
    }
    return rc;
}

/* A parent or role that the rules of the tree do not allow is another matter, and was said (sensor__rules_compare). */
static bool follows_rule(const struct jb_tree_rule *rule, const struct jb_channel *channels,
                         size_t n)
{
    const size_t i = index_of(channels, n, rule->channel);

    if (i == n || rule->is_left_out)
        return i == n;
    if (rule->has_role && rule->role != JB_ROLE_POST && channels[i].role != rule->role)
        return false;
    return !rule->has_scope || channels[i].scope == rule->scope;
}

bool jb_sensor_follows(const struct jb_meters *meters, const struct jb_channel *channels, size_t n,
                       char *ret_id, size_t size)
{
    char id[JB_CHANNEL_ID];

    for (size_t m = 0; meters && m < meters->n_meters; m++) {
        (void)snprintf(id, sizeof id, "%s/%s", meters->meters[m].driver, meters->meters[m].name);
        bool is_left_out = false;
        for (size_t r = 0; r < meters->n_rules; r++)
            is_left_out = is_left_out || (meters->rules[r].is_left_out &&
                                          strcmp(meters->rules[r].channel, id) == 0);
        if (is_left_out || index_of(channels, n, id) < n)
            continue;
        (void)snprintf(ret_id, size, "%s", id);
        return false;
    }
    for (size_t r = 0; meters && r < meters->n_rules; r++) {
        if (follows_rule(&meters->rules[r], channels, n))
            continue;
        (void)snprintf(ret_id, size, "%s", meters->rules[r].channel);
        return false;
    }
    return true;
}
