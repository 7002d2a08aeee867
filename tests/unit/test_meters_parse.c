/* SPDX-License-Identifier: Apache-2.0 */
/* The file of meters is taken whole or refused by line, with what was expected. R-METER-01. */
#include "cli/meters_file.h"
#include "sensor/sensor.h"
#include "tap.h"

#define SHELLY "  driver: shelly\n  url: http://192.0.2.1\n"

/* The example says that the plug feeds the machine; by the rules of the tree it then has to. */
static void test_example_tree(const struct jb_meters *meters)
{
    static struct jb_channel channels[JB_METERS_MAX + 2];
    size_t n = 0;

    for (size_t i = 0; i < meters->n_meters; i++) {
        const struct jb_meter *const meter = &meters->meters[i];
        channels[n] = (struct jb_channel){.scope = meter->scope, .origin = JB_ORIGIN_GAUGE};
        (void)snprintf(channels[n++].id, sizeof channels[0].id, "%s/%s", meter->driver,
                       meter->name);
    }
    channels[n++] =
        (struct jb_channel){.id = "node/dcmi", .scope = JB_SCOPE_NODE, .origin = JB_ORIGIN_GAUGE};
    channels[n++] = (struct jb_channel){.id = "rapl/package-0", .scope = JB_SCOPE_PACKAGE};
    for (size_t r = 0; r < meters->n_rules; r++)
        for (size_t i = 0; i < n; i++) {
            const struct jb_tree_rule *const rule = &meters->rules[r];
            if (strcmp(rule->channel, channels[i].id) != 0)
                continue;
            channels[i].scope = rule->has_scope ? rule->scope : channels[i].scope;
            channels[i].role = rule->has_role ? rule->role : channels[i].role;
            if (rule->has_parent)
                memcpy(channels[i].parent, rule->parent, sizeof rule->parent);
        }
    jb_sensor_settle_roles(channels, n);
    for (size_t i = 0; i < n; i++) {
        const bool is_plug = strcmp(channels[i].id, "shelly/desk") == 0;
        const bool is_inner = strcmp(channels[i].id, "node/dcmi") == 0;
        const bool is_part = strcmp(channels[i].id, "rapl/package-0") == 0;
        const enum jb_role want = is_plug || is_inner ? JB_ROLE_PARENT
                                  : is_part           ? JB_ROLE_POST
                                                      : JB_ROLE_CHECK;
        ok(channels[i].role == want, "%s: %s", channels[i].id, jb_role_name(channels[i].role));
        if (is_inner || strcmp(channels[i].id, "redfish/bmc") == 0)
            is_str(channels[i].parent, "shelly/desk", "below the plug");
    }
}

static void test_example(void)
{
    static char text[JB_METERS_BYTES_MAX];
    FILE *const file = fopen("examples/meters.yaml", "re");
    struct jb_meters *meters = NULL;
    struct jb_error err = {0};

    if (!file)
        bail_out("no examples/meters.yaml");
    const size_t len = fread(text, 1, sizeof text, file);
    (void)fclose(file);
    ok(jb_meters_parse("examples/meters.yaml", text, len, &meters, &err) == JB_OK,
       "the example is taken");
    if (!meters)
        bail_out("%s; %s", err.message, err.hint);
    static const char *const drivers[] = {"redfish", "shelly",     "tasmota",
                                          "snmp",    "prometheus", "exec"};
    is_i64((int64_t)meters->n_meters, 6, "it has a meter of every driver");
    for (size_t i = 0; i < 6 && i < meters->n_meters; i++)
        is_str(meters->meters[i].driver, drivers[i], "among them %s", drivers[i]);
    is_str(meters->meters[0].url, "https://bmc.example.org/redfish/v1/Chassis/1", "an address");
    is_str(meters->meters[4].query, "node_energy_joules_total{instance=\"node7\"}", "a query");
    is_str(meters->meters[3].query, "1.3.6.1.4.1.318.1.1.26.9.4.3.1.7.12", "an OID");
    ok(meters->meters[4].semantics == JB_SEMANTICS_COUNTER &&
           meters->meters[4].unit_num == 1000000 && meters->meters[4].unit_den == 1,
       "a count of joules");
    is_i64((int64_t)meters->n_rules, 4, "and four channels of the tree");
    is_str(meters->rules[1].parent, "shelly/desk", "with a parent");
    test_example_tree(meters);
    free(meters);
}

static void test_nothing(void)
{
    static const char *const empty[] = {
        "", "# remarks\n", "meters:\ntree:\n", "meters: []\n", "{}\n", "---\nmeters:\n...\n"};

    for (size_t i = 0; i < sizeof empty / sizeof empty[0]; i++) {
        struct jb_meters *meters = NULL;
        ok(jb_meters_parse("f", empty[i], strlen(empty[i]), &meters, NULL) == JB_OK &&
               meters->n_meters == 0 && meters->n_rules == 0,
           "an empty file says nothing");
        free(meters);
    }
}

static void test_refused(void)
{
    static const struct {
        const char *text, *message, *hint;
    } bad[] = {
        {"meters\n", "f:1: not a file of meters", "meters:"},
        {"metres:\n", "f:1: the file: there is no 'metres'", "did you mean 'meters'?"},
        {"meters:\n  a: 1\n", "f:2: 'meters' is not a list", "'- '"},
        {"meters:\n- shelly\n", "f:2: an entry of 'meters' has no keys", "key: value"},
        {"meters:\n- name: m\n" SHELLY "  lable: x\n", "f:5: meter 'm': there is no 'lable'",
         "did you mean 'label'?"},
        {"meters:\n- name: m\n" SHELLY "  zzzzzz: x\n", "f:5: meter 'm': there is no 'zzzzzz'",
         "joulebook-meters(5)"},
        {"meters:\n- name: m\n" SHELLY "  name: x\n", "f:5: meter 'm': 'name' stands twice",
         "keep one"},
        {"meters:\n- name: m\n" SHELLY "  oid: 1.3.6\n",
         "f:5: meter 'm': its driver has no use for 'oid'", "take the line out"},
        {"meters:\n- name: m\n  driver: shelly\n", "f:2: meter 'm': 'url' is missing", "address"},
        {"meters:\n- name: m\n  url: http://x\n", "f:2: meter 'm': 'driver' is missing", "snmp"},
        {"meters:\n- driver: exec\n  command: x\n", "f:2: meter '': 'name' is missing", "letters"},
        {"meters:\n- name: m\n  driver: snmp\n  url: udp:x:1\n  oid: 1.3.6\n",
         "f:2: meter 'm': 'unit' is missing", "such as 1 W"},
        {"meters:\n- name: m\n  driver: redfish\n  url: bmc.example.org\n",
         "f:2: meter 'm': 'url' cannot be 'bmc.example.org'", "https://"},
        {"meters:\n- name: m\n  driver: redfish\n  url: https://root:calvin@bmc\n",
         "f:2: meter 'm': 'url' holds a user or password", "'credentials'"},
        {"meters:\n- name: m\n" SHELLY "- name: m\n" SHELLY,
         "f:5: two meters of driver 'shelly' are called 'm'", "another name"},
        {"meters:\n- name: m\n" SHELLY "  label: [a, b]\n", "f:5: meter 'm': 'label' is a text",
         "joulebook-meters(5)"},
        {"meters:\n- name: m\n" SHELLY "  label: \"a\\nb\"\n",
         "f:5: meter 'm': 'label' is not plain text", "one line"},
        {"meters:\n- name: \"m\\0\"\n" SHELLY, "f:2: meter 'm': 'name' is not plain text",
         "one line"},
        {"meters:\n- name: m@desk\n" SHELLY, "f:2: meter 'm@desk': 'name' cannot be 'm@desk'",
         "letters, digits"},
        {"meters:\n- name: m\n\tdriver: x\n", "f:3: not YAML", "no tabs"},
        {"meters: [\n", "f:2: not YAML", "pairs"},
        {"meters: *x\n", "f:1: not YAML", "quotes"},
        {"meters:\n---\nmeters:\n", "f:3: a second document begins", "---"},
        {"tree:\ntree:\n", "f:2: 'tree' stands twice", "into one"},
        {"tree:\n- channel: a\n  parent: a\n", "f:2: channel 'a' cannot be its own parent", "none"},
        {"tree:\n- channel: a\n- channel: a\n", "f:3: channel 'a' stands twice", "one entry"},
        {"tree:\n- role: check\n", "f:2: channel '': 'channel' is missing", "joulebook meters"},
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct jb_meters *meters = NULL;
        struct jb_error err = {0};
        const jb_rc rc = jb_meters_parse("f", bad[i].text, strlen(bad[i].text), &meters, &err);
        ok(rc == JB_E_INPUT && !meters && strstr(err.message, bad[i].message) &&
               strstr(err.hint, bad[i].hint),
           "refused: %s", bad[i].message);
        diag("%s; %s", err.message, err.hint);
    }
    struct jb_meters *meters = NULL;
    struct jb_error err = {0};
    ok(jb_meters_parse("f", "meters:\n\xff", 9, &meters, &err) == JB_E_INPUT && !meters,
       "bytes that are not UTF-8 are refused");
}

static void test_bounds(void)
{
    static char text[JB_METERS_BYTES_MAX + 1];
    struct jb_meters *meters = NULL;
    struct jb_error err = {0};
    size_t len = (size_t)snprintf(text, sizeof text, "meters:\n");

    for (int i = 0; i <= JB_METERS_MAX; i++) {
        const int n = snprintf(text + len, sizeof text - len, "- name: m%d\n" SHELLY, i);
        if (i == JB_METERS_MAX)
            ok(jb_meters_parse("f", text, len, &meters, &err) == JB_OK &&
                   meters->n_meters == JB_METERS_MAX,
               "as many meters as there is room for");
        len += (size_t)n;
    }
    free(meters);
    meters = NULL;
    ok(jb_meters_parse("f", text, len, &meters, &err) == JB_E_INPUT && !meters &&
           strstr(err.message, "more than 64 meters"),
       "and one more is refused");
    memset(text, '#', sizeof text);
    ok(jb_meters_parse("f", text, sizeof text, &meters, &err) == JB_E_INPUT &&
           strstr(err.message, "is larger than 262144 bytes"),
       "so is a file beyond its size");
    memset(text, '[', sizeof text);
    ok(jb_meters_parse("f", text, sizeof text - 1, &meters, &err) == JB_E_INPUT &&
           strstr(err.message, "has more than 1024 brackets"),
       "so are more brackets than any file needs");
}

int main(void)
{
    test_example();
    test_nothing();
    test_refused();
    test_bounds();
    return done_testing();
}
