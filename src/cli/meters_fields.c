/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys that a meter and an override may have, and how the text after each becomes a value: two tables, and one
 * function per kind of value. Must never take a number without its unit (R-METER-01).
 */
#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/num.h"
#include "cli/meters_file.h"
#include "cli/meters_int.h"

/* One bit a driver, for what its meters have and need. */
enum driver_bit {
    REDFISH = 1,
    SHELLY = 2,
    TASMOTA = 4,
    SNMP = 8,
    PROMETHEUS = 16,
    EXEC = 32,
};

static const struct meters_driver drivers[] = {
    {"redfish", REDFISH, "https:// http://"},       {"shelly", SHELLY, "http:// https://"},
    {"tasmota", TASMOTA, "http:// https://"},       {"snmp", SNMP, "udp: udp6: tcp: tcp6:"},
    {"prometheus", PROMETHEUS, "https:// http://"}, {"exec", EXEC, ""},
};

static const char drivers_hint[] = "one of redfish, shelly, tasmota, snmp, prometheus, exec";
static const char scopes_hint[] = "one of facility, node, psys, module, package, core, uncore, "
                                  "dram, gpu, rail, battery, other";

const struct meters_driver *meters__driver(const char *name)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(drivers); i++)
        if (strcmp(drivers[i].name, name) == 0)
            return &drivers[i];
    return NULL;
}

static jb_rc refuse(const struct meters_parse *parse, const struct meters_field *field,
                    const char *text, size_t line, struct jb_error *err)
{
    char hint[320];

    (void)snprintf(hint, sizeof hint, "it takes %s; see joulebook-meters(5)", field->expected);
    return jb_fail(err, JB_E_INPUT, hint, "%s:%zu: %s: '%s' cannot be '%.80s'", parse->path, line,
                   parse->subject, field->key, text);
}

/* --- one function per kind of value ------------------------------------------------------------------------------- */

static jb_rc take_text(const struct meters_parse *parse, const struct meters_field *field,
                       const char *text, void *target, size_t line, struct jb_error *err)
{
    if (!text[0] || strlen(text) >= field->size)
        return refuse(parse, field, text, line, err);
    (void)snprintf((char *)target + field->offset, field->size, "%s", text);
    return JB_OK;
}

/* An id, or a part of one. */
static jb_rc take_id(const struct meters_parse *parse, const struct meters_field *field,
                     const char *text, void *target, size_t line, struct jb_error *err)
{
    for (const char *at = text; *at != '\0'; at++)
        if (!jb_clean_is_alnum(*at) && !strchr("._:/@+-", *at))
            return refuse(parse, field, text, line, err);
    return take_text(parse, field, text, target, line, err);
}

/* "<id>@<path>" is the same domain by another path (R-TREE-02), which only a driver can know. */
static jb_rc take_name(const struct meters_parse *parse, const struct meters_field *field,
                       const char *text, void *target, size_t line, struct jb_error *err)
{
    return strchr(text, '@') ? refuse(parse, field, text, line, err)
                             : take_id(parse, field, text, target, line, err);
}

static jb_rc take_parent(const struct meters_parse *parse, const struct meters_field *field,
                         const char *text, void *target, size_t line, struct jb_error *err)
{
    if (strcmp(text, "none") != 0)
        return take_id(parse, field, text, target, line, err);
    *((char *)target + field->offset) = '\0';
    return JB_OK;
}

/* A file: its full path, or from ~/. */
static jb_rc take_path(const struct meters_parse *parse, const struct meters_field *field,
                       const char *text, void *target, size_t line, struct jb_error *err)
{
    const char *const home = getenv("HOME");
    char path[JB_METERS_PATH];
    int n = -1;

    if (text[0] == '/')
        n = snprintf(path, sizeof path, "%s", text);
    else if (strncmp(text, "~/", 2) == 0 && home && home[0] == '/')
        n = snprintf(path, sizeof path, "%s/%s", home, text + 2);
    if (n <= 0 || (size_t)n >= sizeof path)
        return refuse(parse, field, text, line, err);
    return take_text(parse, field, path, target, line, err);
}

static jb_rc take_driver(const struct meters_parse *parse, const struct meters_field *field,
                         const char *text, void *target, size_t line, struct jb_error *err)
{
    return meters__driver(text) ? take_text(parse, field, text, target, line, err)
                                : refuse(parse, field, text, line, err);
}

static jb_rc take_scope(const struct meters_parse *parse, const struct meters_field *field,
                        const char *text, void *target, size_t line, struct jb_error *err)
{
    const int scope = jb_scope_from_name(text);

    if (scope < 0)
        return refuse(parse, field, text, line, err);
    *(enum jb_scope *)(void *)((char *)target + field->offset) = (enum jb_scope)scope;
    return JB_OK;
}

static jb_rc take_device(const struct meters_parse *parse, const struct meters_field *field,
                         const char *text, void *target, size_t line, struct jb_error *err)
{
    const int device = jb_device_from_name(text);

    if (device < 0)
        return refuse(parse, field, text, line, err);
    *(enum jb_device *)(void *)((char *)target + field->offset) = (enum jb_device)device;
    return JB_OK;
}

static jb_rc put_number(const struct meters_parse *parse, const struct meters_field *field,
                        const char *text, jb_rc parsed, int64_t value, void *target, size_t line,
                        struct jb_error *err)
{
    if (parsed < 0 || value < field->min || value > field->max)
        return refuse(parse, field, text, line, err);
    memcpy((char *)target + field->offset, &value, sizeof value);
    return JB_OK;
}

static jb_rc take_time(const struct meters_parse *parse, const struct meters_field *field,
                       const char *text, void *target, size_t line, struct jb_error *err)
{
    static const struct jb_unit units[] = {
        {"ms", JB_NS_PER_MS}, {"s", JB_NS_PER_S}, {"min", 60 * JB_NS_PER_S}};
    int64_t value = 0;
    const jb_rc rc = jb_parse_quantity(text, units, JB_ARRAY_LEN(units), &value);

    return put_number(parse, field, text, rc, value, target, line, err);
}

static jb_rc take_power(const struct meters_parse *parse, const struct meters_field *field,
                        const char *text, void *target, size_t line, struct jb_error *err)
{
    static const struct jb_unit units[] = {
        {"mW", 1000}, {"W", 1000000}, {"kW", 1000000000}, {"MW", 1000000000000}};
    int64_t value = 0;
    const jb_rc rc = jb_parse_quantity(text, units, JB_ARRAY_LEN(units), &value);

    return put_number(parse, field, text, rc, value, target, line, err);
}

static jb_rc take_percent(const struct meters_parse *parse, const struct meters_field *field,
                          const char *text, void *target, size_t line, struct jb_error *err)
{
    static const struct jb_unit units[] = {{"%", 10000}, {"ppm", 1}};
    int64_t value = 0;
    const jb_rc rc = jb_parse_quantity(text, units, JB_ARRAY_LEN(units), &value);

    return put_number(parse, field, text, rc, value, target, line, err);
}

/* "1 mW": what one step of the answer is worth, and by it whether the answer is a power or a count of energy. */
static jb_rc take_unit(const struct meters_parse *parse, const struct meters_field *field,
                       const char *text, void *target, size_t line, struct jb_error *err)
{
    static const struct jb_unit powers[] = {
        {"nW", 1},         {"uW", 1000},          {"mW", 1000000},
        {"W", 1000000000}, {"kW", 1000000000000}, {"MW", 1000000000000000}};
    static const struct jb_unit energies[] = {
        {"nJ", 1},
        {"uJ", 1000},
        {"mJ", 1000000},
        {"J", 1000000000},
        {"kJ", 1000000000000},
        {"MJ", 1000000000000000},
        {"mWh", 3600000000},
        {"Wh", 3600000000000},
        {"kWh", 3600000000000000},
        {"MWh", 3600000000000000000},
    };
    struct jb_meter *const meter = target;
    int64_t nano = 0;
    enum jb_semantics semantics = JB_SEMANTICS_GAUGE;

    if (jb_parse_quantity(text, powers, JB_ARRAY_LEN(powers), &nano) < 0) {
        semantics = JB_SEMANTICS_COUNTER;
        if (jb_parse_quantity(text, energies, JB_ARRAY_LEN(energies), &nano) < 0)
            nano = 0;
    }
    if (nano <= 0)
        return refuse(parse, field, text, line, err);
    meter->semantics = semantics;
    meter->unit_num = (uint64_t)nano;
    meter->unit_den = 1000;
    while (meter->unit_den > 1 && meter->unit_num % 10 == 0) {
        meter->unit_num /= 10;
        meter->unit_den /= 10;
    }
    return JB_OK;
}

/* Which outlet or relay: a small number, kept as text, which is what the drivers put into their requests. */
static jb_rc take_outlet(const struct meters_parse *parse, const struct meters_field *field,
                         const char *text, void *target, size_t line, struct jb_error *err)
{
    uint64_t outlet;

    if (jb_parse_u64(text, strlen(text), false, &outlet) < 0 || outlet > 255)
        return refuse(parse, field, text, line, err);
    return take_text(parse, field, text, target, line, err);
}

/* Of a meter that shows both. */
static jb_rc take_reads(const struct meters_parse *parse, const struct meters_field *field,
                        const char *text, void *target, size_t line, struct jb_error *err)
{
    struct jb_meter *const meter = target;
    const bool is_energy = strcmp(text, "energy") == 0;

    if (!is_energy && strcmp(text, "power") != 0)
        return refuse(parse, field, text, line, err);
    meter->semantics = is_energy ? JB_SEMANTICS_COUNTER : JB_SEMANTICS_GAUGE;
    meter->has_semantics = true;
    return JB_OK;
}

static jb_rc take_oid(const struct meters_parse *parse, const struct meters_field *field,
                      const char *text, void *target, size_t line, struct jb_error *err)
{
    const char *const digits = text[0] == '.' ? text + 1 : text;
    const size_t len = strlen(digits);

    if (len < 3 || strspn(digits, "0123456789.") != len || strstr(digits, "..") ||
        digits[0] == '.' || digits[len - 1] == '.')
        return refuse(parse, field, text, line, err);
    return take_text(parse, field, text, target, line, err);
}

static jb_rc take_role(const struct meters_parse *parse, const struct meters_field *field,
                       const char *text, void *target, size_t line, struct jb_error *err)
{
    struct jb_tree_rule *const rule = target;
    const int role = jb_role_from_name(text);

    /* A parent is one that has parts: it is found, not stated. */
    if (role < 0 || role == JB_ROLE_PARENT)
        return refuse(parse, field, text, line, err);
    rule->has_role = true;
    rule->role = (enum jb_role)role;
    return JB_OK;
}

static jb_rc take_rule_scope(const struct meters_parse *parse, const struct meters_field *field,
                             const char *text, void *target, size_t line, struct jb_error *err)
{
    ((struct jb_tree_rule *)target)->has_scope = true;
    return take_scope(parse, field, text, target, line, err);
}

static jb_rc take_rule_parent(const struct meters_parse *parse, const struct meters_field *field,
                              const char *text, void *target, size_t line, struct jb_error *err)
{
    ((struct jb_tree_rule *)target)->has_parent = true;
    return take_parent(parse, field, text, target, line, err);
}

static jb_rc take_left_out(const struct meters_parse *parse, const struct meters_field *field,
                           const char *text, void *target, size_t line, struct jb_error *err)
{
    const bool is_yes = strcmp(text, "yes") == 0 || strcmp(text, "true") == 0;

    if (!is_yes && strcmp(text, "no") != 0 && strcmp(text, "false") != 0)
        return refuse(parse, field, text, line, err);
    ((struct jb_tree_rule *)target)->is_left_out = is_yes;
    return JB_OK;
}

/* --- the two kinds of entries ------------------------------------------------------------------------------------- */

#define OF_METER(member) offsetof(struct jb_meter, member), sizeof(((struct jb_meter *)0)->member)
#define OF_RULE(member) \
    offsetof(struct jb_tree_rule, member), sizeof(((struct jb_tree_rule *)0)->member)
#define NETWORK (REDFISH | SHELLY | TASMOTA | SNMP | PROMETHEUS)

static const struct meters_field meter_fields[] = {
    {"name", take_name, OF_METER(name), "letters, digits and any of ._:/+-, at most 47", 0,
     METERS_EVERY_DRIVER, 0, 0},
    {"driver", take_driver, OF_METER(driver), drivers_hint, 0, METERS_EVERY_DRIVER, 0, 0},
    {"url", take_text, OF_METER(url), "an address of at most 511 bytes", NETWORK, NETWORK, 0, 0},
    {"query", take_text, OF_METER(query), "a query of at most 1023 bytes", PROMETHEUS, PROMETHEUS,
     0, 0},
    {"oid", take_oid, OF_METER(query), "numbers with points, such as 1.3.6.1.4.1.318.1.1.26.4.3",
     SNMP, SNMP, 0, 0},
    {"outlet", take_outlet, OF_METER(query), "a number from 0 to 255", REDFISH | SHELLY | TASMOTA,
     0, 0, 0},
    {"reads", take_reads, OF_METER(semantics), "energy or power", REDFISH | SHELLY | TASMOTA, 0, 0,
     0},
    {"command", take_text, OF_METER(command), "a program with its arguments, at most 1023 bytes",
     EXEC, EXEC, 0, 0},
    {"credentials", take_path, OF_METER(credentials), "a file by its full path or from ~/", NETWORK,
     0, 0, 0},
    {"ca_file", take_path, OF_METER(ca_file), "a file by its full path or from ~/",
     NETWORK & ~(unsigned)SNMP, 0, 0, 0},
    {"label", take_text, OF_METER(label), "text of at most 95 bytes", 0, 0, 0, 0},
    {"scope", take_scope, OF_METER(scope), scopes_hint, 0, 0, 0, 0},
    {"device", take_device, OF_METER(device), "one of cpu, dram, gpu, node, other", 0, 0, 0, 0},
    {"parent", take_parent, OF_METER(parent), "the id of a channel, or none", 0, 0, 0, 0},
    {"unit", take_unit, OF_METER(unit_num),
     "what one step of its value is: a power such as 1 W or 0.1 mW, an energy such as 1 Wh or 1 J",
     SNMP | PROMETHEUS, SNMP | PROMETHEUS, 0, 0},
    {"period", take_time, OF_METER(period_ns), "a time from 100ms to 10min, such as 2s", 0, 0,
     100 * JB_NS_PER_MS, 600 * JB_NS_PER_S},
    {"timeout", take_time, OF_METER(timeout_ns), "a time from 10ms to 60s, such as 2s", 0, 0,
     10 * JB_NS_PER_MS, 60 * JB_NS_PER_S},
    {"max_power", take_power, OF_METER(max_power_uw), "a power up to 1 GW, such as 3kW", 0, 0, 1,
     INT64_C(1000000000000000)},
    {"accuracy", take_percent, OF_METER(accuracy_ppm), "a part up to 100 %, such as 2 %", 0, 0, 0,
     1000000},
};

static const struct meters_field rule_fields[] = {
    {"channel", take_id, OF_RULE(channel), "the id of a channel, as `joulebook meters` shows it", 0,
     METERS_EVERY_DRIVER, 0, 0},
    {"scope", take_rule_scope, OF_RULE(scope), scopes_hint, 0, 0, 0, 0},
    {"parent", take_rule_parent, OF_RULE(parent), "the id of a channel, or none", 0, 0, 0, 0},
    {"role", take_role, OF_RULE(role),
     "post, detail, check or duplicate (which channels are parents follows from the tree)", 0, 0, 0,
     0},
    {"leave_out", take_left_out, OF_RULE(is_left_out), "yes or no", 0, 0, 0, 0},
};

const struct meters_table meters__meter_table = {meter_fields, JB_ARRAY_LEN(meter_fields)};
const struct meters_table meters__rule_table = {rule_fields, JB_ARRAY_LEN(rule_fields)};
