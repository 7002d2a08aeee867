/* SPDX-License-Identifier: Apache-2.0 */
/* R-METER-03 to R-METER-05: overrides of the tree on a recorded server with a meter of the node. */
#include "model/meter.h"
#include "sensor_rig.h"

static struct jb_meters meters;

static struct jb_tree_rule *rule(const char *channel)
{
    struct jb_tree_rule *const made = &meters.rules[meters.n_rules++];

    *made = (struct jb_tree_rule){.has_role = false};
    (void)snprintf(made->channel, sizeof made->channel, "%s", channel);
    return made;
}

static void set_parent(struct jb_tree_rule *of, const char *parent)
{
    of->has_parent = true;
    (void)snprintf(of->parent, sizeof of->parent, "%s", parent);
}

static bool refuses(const struct jb_sensor_set *set, const char *what, const char *reason)
{
    for (size_t i = 0; i < jb_sensor_n_refusals(set); i++) {
        const struct jb_sensor_refusal *const refusal = jb_sensor_refusal(set, i);
        if (strcmp(refusal->driver, "tree") == 0 && strcmp(refusal->what, what) == 0 &&
            strstr(refusal->reason, reason) && refusal->step[0])
            return true;
    }
    return false;
}

static void followed(struct rig *rig)
{
    meters.n_rules = 0;
    rule("rapl/package-0/dram")->is_left_out = true;
    struct jb_tree_rule *const checked = rule("rapl/package-1");
    checked->has_role = true;
    checked->role = JB_ROLE_CHECK;
    struct jb_tree_rule *const renamed = rule("rapl/package-0");
    renamed->has_scope = true;
    renamed->scope = JB_SCOPE_MODULE;
    set_parent(rule("rapl/package-1/dram"), "rapl/package-0");
    struct jb_sensor_set *const set = rig_probe(rig);
    ok(rig_find(set, "rapl/package-0/dram") < 0, "a channel that is left out is not there");
    ok(rig_channel(set, "rapl/package-1")->role == JB_ROLE_CHECK, "a role is what the file says");
    ok(rig_channel(set, "rapl/package-0")->scope == JB_SCOPE_MODULE &&
           rig_channel(set, "rapl/package-0")->role == JB_ROLE_PARENT,
       "a scope too, and the roles follow from it");
    is_str(jb_device_name(rig_channel(set, "rapl/package-0")->device), "other",
           "and what it is charged as");
    is_str(rig_channel(set, "rapl/package-1/dram")->parent, "rapl/package-0", "and so is a parent");
    int n_said = 0;
    for (size_t i = 0; i < jb_sensor_n_refusals(set); i++)
        n_said += strcmp(jb_sensor_refusal(set, i)->driver, "tree") == 0;
    is_i64(n_said, 0, "what was followed needs no word");
    is_i64((int64_t)jb_sensor_reprobe(set), 0, "nothing is gone");
    jb_sensor_set_free(set);
    is_i64(rig->n_open, 0, "what was left out is closed too");
}

static void said(struct rig *rig)
{
    meters.n_rules = 0;
    rule("rapl/package-7")->is_left_out = true;
    set_parent(rule("rapl/package-0"), "node/none");
    struct jb_tree_rule *const other = rule("rapl/package-1");
    other->has_role = true;
    other->role = JB_ROLE_DETAIL;
    other->has_scope = true;
    other->scope = JB_SCOPE_FACILITY;
    struct jb_tree_rule *const memory = rule("rapl/package-1/dram");
    memory->has_role = true;
    memory->role = JB_ROLE_POST;
    memory->has_scope = true;
    memory->scope = JB_SCOPE_OTHER;
    struct jb_tree_rule *const compared = rule("rapl/package-0/dram");
    set_parent(compared, "rapl/package-1/dram");
    struct jb_sensor_set *const set = rig_probe(rig);
    ok(refuses(set, "rapl/package-0/dram", "puts it into 'rapl/package-1/dram'"),
       "a parent that is only compared contains nothing, which is said");
    ok(refuses(set, "rapl/package-7", "was not found"), "a channel that is not there is named");
    ok(refuses(set, "rapl/package-0", "'node/none'"), "so is a parent");
    ok(refuses(set, "rapl/package-1/dram", "role post, but by its scope and parent it is check"),
       "and a role that cannot be");
    jb_sensor_set_free(set);
}

/* A meter of the file that does not answer is the reason, and not the id; so is what was left out. */
static void not_there(struct rig *rig)
{
    meters.n_rules = 0;
    meters.n_meters = 1;
    meters.meters[0] = (struct jb_meter){.name = "desk", .driver = "shelly", .url = "none"};
    rule("shelly/desk")->has_role = true;
    set_parent(rule("rapl/package-0"), "shelly/desk");
    set_parent(rule("rapl/package-1/dram"), "rapl/package-1");
    rule("rapl/package-1")->is_left_out = true;
    struct jb_tree_rule *const both = rule("rapl/package-0/dram");
    set_parent(both, "node/none");
    both->is_left_out = true;
    struct jb_sensor_set *const set = rig_probe(rig);
    ok(refuses(set, "shelly/desk", "its meter gives no reading"),
       "an override of a meter that was refused is said to wait for it");
    ok(!refuses(set, "shelly/desk", "was not found"), "and its id not to be wrong");
    ok(refuses(set, "rapl/package-0", "calls 'shelly/desk' its parent, and its meter gives no"),
       "so is one that calls it the parent");
    ok(refuses(set, "rapl/package-1/dram", "leaves that one out"),
       "a parent that the same file leaves out is said");
    ok(!refuses(set, "rapl/package-0/dram", ""), "what is left out needs no parent");
    jb_sensor_set_free(set);
    meters.n_meters = 0;
}

/* A run that joins goes by what another one probed (R-REC-12). */
static void followed_by_another(struct rig *rig)
{
    struct jb_channel channels[JB_CHANNELS_MAX];
    char id[JB_CHANNEL_ID] = "";

    meters.n_rules = 0;
    struct jb_sensor_set *const set = rig_probe(rig);
    const size_t n = jb_sensor_n_channels(set);
    for (size_t i = 0; i < n; i++)
        channels[i] = *jb_sensor_channel(set, i);
    jb_sensor_set_free(set);
    ok(jb_sensor_follows(NULL, channels, n, id, sizeof id) &&
           jb_sensor_follows(&meters, channels, n, id, sizeof id),
       "nothing said is followed");
    meters.n_meters = 1;
    meters.meters[0] = (struct jb_meter){.name = "desk", .driver = "shelly"};
    ok(!jb_sensor_follows(&meters, channels, n, id, sizeof id) && strcmp(id, "shelly/desk") == 0,
       "a meter that is not read is named");
    rule("shelly/desk")->is_left_out = true;
    ok(jb_sensor_follows(&meters, channels, n, id, sizeof id), "unless it is left out");
    meters.n_meters = 0;
    struct jb_tree_rule *const other = rule("rapl/package-0");
    other->is_left_out = true;
    ok(!jb_sensor_follows(&meters, channels, n, id, sizeof id) && strcmp(id, "rapl/package-0") == 0,
       "so is a channel that is read and was to be left out");
    other->is_left_out = false;
    other->has_role = true;
    other->role = JB_ROLE_CHECK;
    ok(!jb_sensor_follows(&meters, channels, n, id, sizeof id), "one that was only to check");
    other->role = JB_ROLE_POST;
    ok(jb_sensor_follows(&meters, channels, n, id, sizeof id), "not one that posts as it should");
    other->has_scope = true;
    other->scope = JB_SCOPE_MODULE;
    ok(!jb_sensor_follows(&meters, channels, n, id, sizeof id), "and one of another scope");
}

static void circles(struct rig *rig)
{
    struct jb_sensor_set *set = NULL;
    struct jb_error err = {0};

    meters.n_rules = 0;
    set_parent(rule("rapl/package-0"), "rapl/package-1");
    set_parent(rule("rapl/package-1"), "rapl/package-0/dram");
    set_parent(rule("rapl/package-0/dram"), "rapl/package-0");
    ok(jb_sensor_probe_all(&rig->env, &set, &err) == JB_E_INPUT && !set &&
           strstr(err.message, "rapl/package-0") && strstr(err.hint, "file of meters"),
       "parents that run in a circle are an error that names one of them");
    diag("%s; %s", err.message, err.hint);
    is_i64(rig->n_open, 0, "which leaves nothing open");
}

int main(void)
{
    struct rig rig;

    rig_set_up(&rig, "intel-2s-server");
    rig.env.meters = &meters;
    followed(&rig);
    said(&rig);
    not_there(&rig);
    followed_by_another(&rig);
    circles(&rig);
    rig_tear_down(&rig);
    return done_testing();
}
