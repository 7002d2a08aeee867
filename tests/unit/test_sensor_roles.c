/* SPDX-License-Identifier: Apache-2.0 */
/* R-TREE-01 to R-TREE-08 on channels written by hand: no driver, no machine. */
#include "tap.h"

#include "sensor/sensor.h"

static struct jb_channel channel(const char *id, const char *parent, enum jb_scope scope,
                                 enum jb_device device, enum jb_origin origin)
{
    struct jb_channel made = {.scope = scope, .device = device, .origin = origin};

    (void)snprintf(made.id, sizeof made.id, "%s", id);
    (void)snprintf(made.parent, sizeof made.parent, "%s", parent);
    return made;
}

#define PACKAGE(id)      channel(id, "", JB_SCOPE_PACKAGE, JB_DEVICE_CPU, JB_ORIGIN_COUNTER)
#define DRAM(id)         channel(id, "", JB_SCOPE_DRAM, JB_DEVICE_DRAM, JB_ORIGIN_COUNTER)
#define CORE(id, parent) channel(id, parent, JB_SCOPE_CORE, JB_DEVICE_CPU, JB_ORIGIN_COUNTER)
#define NODE(id)         channel(id, "", JB_SCOPE_NODE, JB_DEVICE_NODE, JB_ORIGIN_GAUGE)
#define MODULE(id, up)   channel(id, up, JB_SCOPE_MODULE, JB_DEVICE_NODE, JB_ORIGIN_GAUGE)
#define RAIL(id, up)     channel(id, up, JB_SCOPE_RAIL, JB_DEVICE_OTHER, JB_ORIGIN_GAUGE)
#define MODEL_CPU        channel("model/cpu", "", JB_SCOPE_PACKAGE, JB_DEVICE_CPU, JB_ORIGIN_MODELLED)
#define MODEL_DRAM       channel("model/dram", "", JB_SCOPE_DRAM, JB_DEVICE_DRAM, JB_ORIGIN_MODELLED)

static void expect(const struct jb_channel *at, enum jb_role role, const char *parent,
                   const char *promise)
{
    ok(at->role == role && strcmp(at->parent, parent) == 0, "%s", promise);
    if (at->role != role || strcmp(at->parent, parent) != 0)
        diag("%s is %s under '%s'", at->id, jb_role_name(at->role), at->parent);
}

static void servers(void)
{
    struct jb_channel c[] = {
        PACKAGE("rapl/package-0"),
        DRAM("rapl/package-0/dram"),
        CORE("rapl/package-0/core", "rapl/package-0"),
        channel("rapl/psys", "", JB_SCOPE_PSYS, JB_DEVICE_NODE, JB_ORIGIN_COUNTER),
        channel("battery/BAT0", "", JB_SCOPE_BATTERY, JB_DEVICE_NODE, JB_ORIGIN_GAUGE),
        channel("hwmon/x/power1", "", JB_SCOPE_OTHER, JB_DEVICE_OTHER, JB_ORIGIN_GAUGE),
    };

    jb_sensor_settle_roles(c, 6);
    expect(&c[0], JB_ROLE_POST, "", "a package posts");
    expect(&c[1], JB_ROLE_POST, "", "memory posts beside it, under no package (R-TREE-01)");
    expect(&c[2], JB_ROLE_DETAIL, "rapl/package-0", "cores are inside the package (R-TREE-05)");
    expect(&c[3], JB_ROLE_CHECK, "", "psys is compared, never added (R-TREE-03)");
    expect(&c[4], JB_ROLE_CHECK, "", "so is a battery");
    expect(&c[5], JB_ROLE_CHECK, "", "so is a meter whose overlap nobody knows");
}

static void node_meter(void)
{
    struct jb_channel c[] = {PACKAGE("rapl/package-0"), DRAM("rapl/package-0/dram"), NODE("node/b"),
                             NODE("node/a"), CORE("rapl/package-0/core", "rapl/package-0")};
    struct jb_channel alone[] = {NODE("node/a"), MODEL_CPU, MODEL_DRAM};

    jb_sensor_settle_roles(c, 5);
    expect(&c[3], JB_ROLE_PARENT, "", "a node's meter with parts is their parent (R-TREE-06)");
    expect(&c[2], JB_ROLE_CHECK, "node/a",
           "a second one sees the same box and checks the first (R-TREE-04)");
    expect(&c[0], JB_ROLE_POST, "node/a", "the package hangs under it");
    expect(&c[1], JB_ROLE_POST, "node/a", "so does memory");
    expect(&c[4], JB_ROLE_DETAIL, "rapl/package-0", "the core stays under its package");

    jb_sensor_settle_roles(alone, 3);
    expect(&alone[0], JB_ROLE_POST, "", "alone, a node's meter posts all of it");
    expect(&alone[1], JB_ROLE_CHECK, "", "and no model is added to it (R-TREE-07)");
    expect(&alone[2], JB_ROLE_CHECK, "", "nor one of the memory");
}

static void containers(void)
{
    struct jb_channel grace[] = {MODULE("m", ""), MODULE("g", "m"), RAIL("cpu", "g"),
                                 RAIL("io", "g")};
    struct jb_channel jetson[] = {
        RAIL("5v", "in"), channel("ddr", "5v", JB_SCOPE_RAIL, JB_DEVICE_DRAM, JB_ORIGIN_GAUGE),
        MODEL_DRAM, MODEL_CPU};

    jb_sensor_settle_roles(grace, 4);
    expect(&grace[0], JB_ROLE_PARENT, "", "a module holds a module");
    expect(&grace[1], JB_ROLE_PARENT, "m", "which holds its parts");
    expect(&grace[2], JB_ROLE_POST, "g", "and the parts post");
    expect(&grace[3], JB_ROLE_POST, "g", "all of them");

    jb_sensor_settle_roles(jetson, 4);
    expect(&jetson[0], JB_ROLE_POST, "", "a parent that is not there contains nothing");
    expect(&jetson[1], JB_ROLE_DETAIL, "5v", "a supply behind a supply is inside it");
    expect(&jetson[2], JB_ROLE_CHECK, "", "memory seen by a detail is not modelled on top");
    expect(&jetson[3], JB_ROLE_POST, "", "the processor nobody sees is");
}

static void duplicates(void)
{
    struct jb_channel c[] = {CORE("rapl/package-0@mmio", ""), PACKAGE("rapl/package-0"),
                             PACKAGE("rapl/package-1@mmio")};

    jb_sensor_settle_roles(c, 3);
    expect(&c[0], JB_ROLE_DUPLICATE, "rapl/package-0",
           "the same domain by another path (R-TREE-02)");
    expect(&c[1], JB_ROLE_POST, "", "is posted once");
    expect(&c[2], JB_ROLE_POST, "", "another path stands in where the first is missing");
}

static void models(void)
{
    struct jb_channel amd[] = {PACKAGE("rapl/package-0"), MODEL_CPU, MODEL_DRAM};
    struct jb_channel vm[] = {MODEL_CPU, MODEL_DRAM};
    struct jb_channel psys[] = {
        channel("rapl/psys", "", JB_SCOPE_PSYS, JB_DEVICE_NODE, JB_ORIGIN_COUNTER), MODEL_CPU};

    jb_sensor_settle_roles(amd, 3);
    expect(&amd[1], JB_ROLE_CHECK, "", "a measured package leaves no room for a model of it");
    expect(&amd[2], JB_ROLE_POST, "", "memory that nothing measures is modelled");
    jb_sensor_settle_roles(vm, 2);
    ok(vm[0].role == JB_ROLE_POST && vm[1].role == JB_ROLE_POST,
       "without sensors both models post");
    jb_sensor_settle_roles(psys, 2);
    expect(&psys[1], JB_ROLE_POST, "", "what only checks covers nothing");
}

/* What only a user's override can say. */
static void overrides(void)
{
    struct jb_channel supply[] = {NODE("bmc"), NODE("plug"), PACKAGE("rapl/package-0"),
                                  NODE("ups")};
    struct jb_channel psys[] = {
        channel("rapl/psys", "", JB_SCOPE_PSYS, JB_DEVICE_NODE, JB_ORIGIN_COUNTER),
        PACKAGE("rapl/package-0"), NODE("node/a"), CORE("rapl/package-0/core", "rapl/package-0")};

    (void)snprintf(supply[0].parent, sizeof supply[0].parent, "plug");
    jb_sensor_settle_roles(supply, 4);
    expect(&supply[1], JB_ROLE_PARENT, "", "the plug holds the supply that is said to lie in it");
    expect(&supply[0], JB_ROLE_PARENT, "plug", "which holds what has no other parent");
    expect(&supply[2], JB_ROLE_POST, "bmc", "and not the plug, or it would be taken out twice");
    expect(&supply[3], JB_ROLE_CHECK, "plug", "a third that is said to lie in none checks");

    (void)snprintf(psys[1].parent, sizeof psys[1].parent, "rapl/psys");
    jb_sensor_settle_roles(psys, 4);
    expect(&psys[1], JB_ROLE_POST, "node/a",
           "a part of what is only compared lies in what posts above it (R-TREE-09)");
    expect(&psys[2], JB_ROLE_PARENT, "", "whose rest it is taken out of");
    expect(&psys[3], JB_ROLE_DETAIL, "rapl/package-0", "its own parts stay");
    psys[1].role = JB_ROLE_CHECK;
    jb_sensor_settle_roles(psys, 4);
    expect(&psys[1], JB_ROLE_CHECK, "node/a", "a channel may be made to check");
    expect(&psys[3], JB_ROLE_DETAIL, "rapl/package-0", "what was settled stays settled");
}

/* R-TREE-04: what is known of the meters of one box goes before the order of their names. */
static void meters_of_one_box(void)
{
    struct jb_channel said[] = {NODE("node/acpi"), PACKAGE("rapl/package-0"), NODE("redfish/bmc"),
                                NODE("shelly/desk")};
    struct jb_channel two[] = {NODE("z"), NODE("z/in"), NODE("a"), NODE("a/in"), PACKAGE("p")};
    struct jb_channel checked[] = {NODE("a"), NODE("b"), NODE("c"), PACKAGE("p")};

    (void)snprintf(said[0].parent, sizeof said[0].parent, "shelly/desk");
    jb_sensor_settle_roles(said, 4);
    expect(&said[3], JB_ROLE_PARENT, "", "what holds another meter of the node is the whole");
    expect(&said[0], JB_ROLE_PARENT, "shelly/desk", "with that one in it, as was said");
    expect(&said[2], JB_ROLE_CHECK, "shelly/desk", "and not what comes first by its name");
    expect(&said[1], JB_ROLE_POST, "node/acpi", "parts lie in the innermost");

    (void)snprintf(two[1].parent, sizeof two[1].parent, "z");
    (void)snprintf(two[3].parent, sizeof two[3].parent, "a");
    jb_sensor_settle_roles(two, 5);
    expect(&two[2], JB_ROLE_PARENT, "", "of two that hold one the first by id");
    expect(&two[0], JB_ROLE_CHECK, "a", "the second checks");
    expect(&two[1], JB_ROLE_CHECK, "z", "with what lies in it, wherever it stands in the list");
    expect(&two[4], JB_ROLE_POST, "a/in", "and holds nothing that posts");

    checked[1].role = JB_ROLE_CHECK;
    checked[2].role = JB_ROLE_DUPLICATE;
    jb_sensor_settle_roles(checked, 4);
    expect(&checked[1], JB_ROLE_CHECK, "a", "one that is to check is compared with the node's");
    expect(&checked[2], JB_ROLE_DUPLICATE, "a", "so is one that is to be a duplicate");
    expect(&checked[3], JB_ROLE_POST, "a", "parts lie in the one that posts");
}

/* What random trees found: a container within a device, a node within a part. */
static void odd_scopes(void)
{
    struct jb_channel board[] = {channel("gpu", "", JB_SCOPE_GPU, JB_DEVICE_GPU, JB_ORIGIN_GAUGE),
                                 MODULE("m", "gpu"), PACKAGE("p")};
    struct jb_channel part[] = {RAIL("rail", ""), NODE("node"), PACKAGE("p")};

    (void)snprintf(board[2].parent, sizeof board[2].parent, "m");
    jb_sensor_settle_roles(board, 3);
    expect(&board[1], JB_ROLE_DETAIL, "gpu", "a module on a board that posts is a detail of it");
    expect(&board[2], JB_ROLE_DETAIL, "m", "and what lies in it too, or it would post twice");
    (void)snprintf(part[1].parent, sizeof part[1].parent, "rail");
    jb_sensor_settle_roles(part, 3);
    expect(&part[1], JB_ROLE_PARENT, "", "the whole machine lies in no part of it");
    expect(&part[0], JB_ROLE_POST, "node", "the part lies in the machine");
}

/* A replay file may hold anything; settling must end, and twice must be once. */
static void odd_trees(void)
{
    struct jb_channel loop[] = {MODULE("a", "b"), MODULE("b", "a"), MODULE("c", "c"),
                                RAIL("d", "e"),   RAIL("e", "d"),   NODE("n")};
    struct jb_channel once[6];

    jb_sensor_settle_roles(loop, 6);
    memcpy(once, loop, sizeof once);
    jb_sensor_settle_roles(loop, 6);
    ok(memcmp(once, loop, sizeof once) == 0, "settled twice is settled once, loops and all");
    jb_sensor_settle_roles(NULL, 0);
    ok(true, "no channel is no trouble");
}

/* Every combination of three scopes in three places: no channel inside a posted one may post. */
static void nothing_counts_twice(void)
{
    int n_bad = 0;
    int n_trees = 0;

    for (int scope = 0; scope < 12 * 12 * 12; scope++) {
        struct jb_channel c[] = {
            channel("a", "", (enum jb_scope)(scope % 12), JB_DEVICE_CPU, JB_ORIGIN_GAUGE),
            channel("a/b", "a", (enum jb_scope)(scope / 12 % 12), JB_DEVICE_CPU, JB_ORIGIN_GAUGE),
            channel("a/b/c", "a/b", (enum jb_scope)(scope / 144), JB_DEVICE_CPU, JB_ORIGIN_GAUGE)};
        jb_sensor_settle_roles(c, 3);
        n_trees++;
        for (int i = 1; i < 3; i++)
            n_bad += c[i].role == JB_ROLE_POST && c[i - 1].role == JB_ROLE_POST;
        n_bad += c[2].role == JB_ROLE_POST && c[1].role == JB_ROLE_DETAIL;
    }
    is_i64(n_trees, 1728, "all trees of three were settled");
    is_i64(n_bad, 0, "none posts a channel together with its parent, or within a detail");
}

int main(void)
{
    servers();
    node_meter();
    containers();
    duplicates();
    models();
    overrides();
    meters_of_one_box();
    odd_scopes();
    odd_trees();
    nothing_counts_twice();
    return done_testing();
}
