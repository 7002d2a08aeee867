/* SPDX-License-Identifier: Apache-2.0 */
/* Each key of a meter and of an override takes its own kind of text, with its unit, and nothing else. R-METER-01. */
#include "cli/meters_file.h"
#include "tap.h"

/* One meter of that driver with its needs met and one more line. */
static jb_rc parse_meter(const char *needs, const char *line, struct jb_meters **ret,
                         struct jb_error *err)
{
    char text[2048];
    const int len = snprintf(text, sizeof text, "meters:\n- name: m\n%s  %s\n", needs, line);

    return jb_meters_parse("f", text, (size_t)len, ret, err);
}

static const char shelly[] = "  driver: shelly\n  url: http://192.0.2.1\n";
static const char snmp[] = "  driver: snmp\n  url: udp:pdu:161\n  oid: .1.3.6.1\n";

static void takes_number(const char *line, size_t offset, int64_t want)
{
    struct jb_meters *meters = NULL;
    struct jb_error err = {0};
    int64_t got = -77;

    if (parse_meter(shelly, line, &meters, &err) == JB_OK)
        memcpy(&got, (const char *)&meters->meters[0] + offset, sizeof got);
    is_i64(got, want, "%s", line);
    if (!meters)
        diag("%s; %s", err.message, err.hint);
    free(meters);
}

static void test_numbers(void)
{
    takes_number("period: 2s", offsetof(struct jb_meter, period_ns), 2000000000);
    takes_number("period: 250 ms", offsetof(struct jb_meter, period_ns), 250000000);
    takes_number("timeout: \"1.5s\"", offsetof(struct jb_meter, timeout_ns), 1500000000);
    takes_number("max_power: 3kW", offsetof(struct jb_meter, max_power_uw), 3000000000);
    takes_number("max_power: 750 W", offsetof(struct jb_meter, max_power_uw), 750000000);
    takes_number("accuracy: 2 %", offsetof(struct jb_meter, accuracy_ppm), 20000);
    takes_number("accuracy: 500 ppm", offsetof(struct jb_meter, accuracy_ppm), 500);
    takes_number("label: x", offsetof(struct jb_meter, accuracy_ppm), -1);
    takes_number("label: y", offsetof(struct jb_meter, period_ns), 0);
}

static void takes_unit(const char *text, uint64_t num, uint64_t den, enum jb_semantics semantics)
{
    struct jb_meters *meters = NULL;
    char line[64];

    (void)snprintf(line, sizeof line, "unit: %s", text);
    const jb_rc rc = parse_meter(snmp, line, &meters, NULL);
    ok(rc == JB_OK && meters->meters[0].semantics == semantics &&
           (jb_u128)meters->meters[0].unit_num * den == (jb_u128)num * meters->meters[0].unit_den,
       "a step of %s is %llu/%llu %s", text, (unsigned long long)num, (unsigned long long)den,
       semantics == JB_SEMANTICS_GAUGE ? "uW" : "uJ");
    free(meters);
}

static void test_units(void)
{
    takes_unit("1 W", 1000000, 1, JB_SEMANTICS_GAUGE);
    takes_unit("1mW", 1000, 1, JB_SEMANTICS_GAUGE);
    takes_unit("0.1 W", 100000, 1, JB_SEMANTICS_GAUGE);
    takes_unit("10 nW", 1, 100, JB_SEMANTICS_GAUGE);
    takes_unit("1 J", 1000000, 1, JB_SEMANTICS_COUNTER);
    takes_unit("1 Wh", 3600000000, 1, JB_SEMANTICS_COUNTER);
    takes_unit("0.1 kWh", 360000000000, 1, JB_SEMANTICS_COUNTER);
    takes_unit("15.259 uJ", 15259, 1000, JB_SEMANTICS_COUNTER);
}

static void test_words(void)
{
    struct jb_meters *meters = NULL;

    ok(parse_meter(shelly, "outlet: 3", &meters, NULL) == JB_OK &&
           strcmp(meters->meters[0].query, "3") == 0,
       "an outlet is kept as the text that requests need");
    ok(meters && meters->meters[0].scope == JB_SCOPE_NODE &&
           meters->meters[0].device == JB_DEVICE_NODE,
       "what is not said otherwise is a meter of the node");
    free(meters);
    meters = NULL;
    ok(parse_meter(shelly, "scope: gpu", &meters, NULL) == JB_OK &&
           meters->meters[0].device == JB_DEVICE_GPU,
       "the device follows from the scope");
    free(meters);
    meters = NULL;
    ok(parse_meter(shelly, "scope: gpu\n  device: cpu", &meters, NULL) == JB_OK &&
           meters->meters[0].device == JB_DEVICE_CPU,
       "unless it is said");
    free(meters);
    meters = NULL;
    ok(parse_meter(shelly, "reads: energy", &meters, NULL) == JB_OK &&
           meters->meters[0].has_semantics && meters->meters[0].semantics == JB_SEMANTICS_COUNTER,
       "of a meter that shows both, the count");
    free(meters);
    meters = NULL;
    (void)setenv("HOME", "/me", 1);
    ok(parse_meter(shelly, "credentials: ~/plug", &meters, NULL) == JB_OK &&
           strcmp(meters->meters[0].credentials, "/me/plug") == 0,
       "~/ is the home folder");
    free(meters);
}

static void test_refused(void)
{
    static const struct {
        const char *needs, *line, *message, *hint;
    } bad[] = {
        {shelly, "period: 2", "f:5: meter 'm': 'period' cannot be '2'", "such as 2s"},
        {shelly, "period: 1ms", "'period' cannot be '1ms'", "from 100ms to 10min"},
        {shelly, "timeout: 2 sec", "'timeout' cannot be '2 sec'", "such as 2s"},
        {shelly, "max_power: 0 W", "'max_power' cannot be '0 W'", "such as 3kW"},
        {shelly, "max_power: 3000", "'max_power' cannot be '3000'", "such as 3kW"},
        {shelly, "accuracy: 2", "'accuracy' cannot be '2'", "such as 2 %"},
        {shelly, "accuracy: 101 %", "'accuracy' cannot be '101 %'", "up to 100 %"},
        {shelly, "scope: socket", "'scope' cannot be 'socket'", "package"},
        {shelly, "device: tpu", "'device' cannot be 'tpu'", "gpu"},
        {shelly, "reads: joules", "'reads' cannot be 'joules'", "energy or power"},
        {shelly, "outlet: first", "'outlet' cannot be 'first'", "0 to 255"},
        {shelly, "credentials: plug.txt", "'credentials' cannot be 'plug.txt'", "full path"},
        {shelly, "parent: a b", "'parent' cannot be 'a b'", "id of a channel"},
        {snmp, "unit: W", "'unit' cannot be 'W'", "such as 1 W"},
        {snmp, "unit: 0 W", "'unit' cannot be '0 W'", "such as 1 W"},
        {snmp, "unit: 1 Ws", "'unit' cannot be '1 Ws'", "such as 1 W"},
        {"  driver: snmp\n  url: udp:x:161\n  unit: 1 W\n", "oid: 1.3.x", "'oid' cannot be '1.3.x'",
         "with points"},
        {"  driver: snmp\n  url: udp:x:161\n  unit: 1 W\n", "oid: 1..3", "'oid' cannot be '1..3'",
         "with points"},
        {"", "driver: shely", "'driver' cannot be 'shely'", "shelly"},
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct jb_meters *meters = NULL;
        struct jb_error err = {0};
        const jb_rc rc = parse_meter(bad[i].needs, bad[i].line, &meters, &err);
        ok(rc == JB_E_INPUT && !meters && strstr(err.message, bad[i].message) &&
               strstr(err.hint, bad[i].hint),
           "refused: %s", bad[i].line);
        diag("%s; %s", err.message, err.hint);
    }
}

static void test_rules(void)
{
    static const char text[] = "tree:\n- channel: rapl/package-0\n  parent: none\n  scope: module\n"
                               "- channel: a\n  role: check\n- channel: b\n  leave_out: yes\n"
                               "- channel: c\n  leave_out: no\n";
    struct jb_meters *meters = NULL;
    struct jb_error err = {0};

    ok(jb_meters_parse("f", text, sizeof text - 1, &meters, &err) == JB_OK &&
           meters->n_rules == 4 && meters->n_meters == 0,
       "four channels are spoken of");
    if (!meters)
        bail_out("%s", err.message);
    const struct jb_tree_rule *const rules = meters->rules;
    ok(rules[0].has_parent && !rules[0].parent[0] && rules[0].has_scope &&
           rules[0].scope == JB_SCOPE_MODULE && !rules[0].has_role && !rules[0].is_left_out,
       "none is a parent's absence; what is not said stays open");
    ok(rules[1].has_role && rules[1].role == JB_ROLE_CHECK && !rules[1].has_parent, "a role");
    ok(rules[2].is_left_out && !rules[3].is_left_out, "yes and no");
    free(meters);
    meters = NULL;
    static const char parent[] = "tree:\n- channel: a\n  role: parent\n";
    ok(jb_meters_parse("f", parent, sizeof parent - 1, &meters, &err) == JB_E_INPUT &&
           strstr(err.message, "'role' cannot be 'parent'"),
       "who is a parent follows from the tree and is not stated");
}

int main(void)
{
    test_numbers();
    test_units();
    test_words();
    test_refused();
    test_rules();
    return done_testing();
}
