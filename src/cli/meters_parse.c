/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML to configured meters and overrides of the tree, by two tables of fields. Must never mend what it reads: a
 * doubtful line stops it with file, line, field and what was expected (R-METER-01). libyaml gives the document with
 * the line of every node; nothing of YAML but mappings, sequences and scalars has a meaning here.
 */
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "base/apart.h"
#include "base/clean.h"
#include "cli/meters_file.h"
#include "cli/meters_int.h"

/* libyaml looks through every open bracket at each token: 256 KiB of them take it a minute. */
#define BRACKETS_MAX 1024
#define NO_DRIVER \
    0x80000000U /* a bit that no driver has: what every one needs is missed all the same */

static size_t line_of(const yaml_node_t *node)
{
    return node->start_mark.line + 1;
}

static const yaml_node_t *node_at(const struct meters_parse *parse, int index)
{
    return yaml_document_get_node(parse->document, index);
}

/* The text of a scalar, which may hold no zero byte nor any other control character. */
static jb_rc text_of(const struct meters_parse *parse, const yaml_node_t *node, const char *what,
                     const char **ret_text, struct jb_error *err)
{
    if (!node || node->type != YAML_SCALAR_NODE)
        return jb_fail(err, JB_E_INPUT, "see joulebook-meters(5) for its form",
                       "%s:%zu: %s: '%.60s' is a text or number, not a list", parse->path,
                       node ? line_of(node) : 0, parse->subject, what);
    const char *const text = (const char *)node->data.scalar.value;
    if (strlen(text) != node->data.scalar.length || !jb_clean_is(text))
        return jb_fail(err, JB_E_INPUT, "write it in UTF-8, in one line",
                       "%s:%zu: %s: '%.60s' is not plain text", parse->path, line_of(node),
                       parse->subject, what);
    *ret_text = text;
    return JB_OK;
}

static jb_rc unknown_key(const struct meters_parse *parse, const char *key, size_t line,
                         const struct meters_table *table, struct jb_error *err)
{
    const char *nearest = "";
    size_t least = SIZE_MAX;
    char hint[160] = "see joulebook-meters(5) for the keys it may have";

    for (size_t i = 0; i < table->n; i++) {
        const size_t apart = jb_words_apart(key, table->fields[i].key);
        if (apart < least) {
            least = apart;
            nearest = table->fields[i].key;
        }
    }
    if (least <= 1 + strlen(key) / 3)
        (void)snprintf(hint, sizeof hint, "did you mean '%s'? see joulebook-meters(5)", nearest);
    return jb_fail(err, JB_E_INPUT, hint, "%s:%zu: %s: there is no '%.60s'", parse->path, line,
                   parse->subject, key);
}

/* The keys of a mapping, each of the table and once. *ret_seen: bit i for fields[i]. */
static jb_rc take_pairs(const struct meters_parse *parse, const yaml_node_t *mapping,
                        const struct meters_table *table, unsigned driver, void *target,
                        uint64_t *ret_seen, struct jb_error *err)
{
    const yaml_node_pair_t *const end = mapping->data.mapping.pairs.top;
    const struct meters_field *const fields = table->fields;
    uint64_t seen = 0;

    for (const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start; pair < end; pair++) {
        const yaml_node_t *const key_node = node_at(parse, pair->key);
        const yaml_node_t *const value_node = node_at(parse, pair->value);
        const char *key, *text;
        size_t i = 0;
        jb_rc rc = text_of(parse, key_node, "a key", &key, err);
        if (rc < 0)
            return rc;
        while (i < table->n && strcmp(fields[i].key, key) != 0)
            i++;
        if (i == table->n)
            return unknown_key(parse, key, line_of(key_node), table, err);
        if (seen & (UINT64_C(1) << i))
            return jb_fail(err, JB_E_INPUT, "keep one of the two", "%s:%zu: %s: '%s' stands twice",
                           parse->path, line_of(key_node), parse->subject, key);
        seen |= UINT64_C(1) << i;
        if (fields[i].drivers && !(fields[i].drivers & driver))
            return jb_fail(err, JB_E_INPUT, "take the line out; see joulebook-meters(5)",
                           "%s:%zu: %s: its driver has no use for '%s'", parse->path,
                           line_of(key_node), parse->subject, key);
        rc = text_of(parse, value_node, key, &text, err);
        if (rc == JB_OK)
            rc = fields[i].take(parse, &fields[i], text, target, line_of(value_node), err);
        if (rc < 0)
            return rc;
    }
    *ret_seen = seen;
    return JB_OK;
}

static jb_rc check_needed(const struct meters_parse *parse, const yaml_node_t *mapping,
                          const struct meters_table *table, unsigned driver, uint64_t seen,
                          struct jb_error *err)
{
    const struct meters_field *const fields = table->fields;
    char hint[320];

    for (size_t i = 0; i < table->n; i++) {
        if (!(fields[i].needed_by & driver) || (seen & (UINT64_C(1) << i)))
            continue;
        (void)snprintf(hint, sizeof hint, "it takes %s; see joulebook-meters(5)",
                       fields[i].expected);
        return jb_fail(err, JB_E_INPUT, hint, "%s:%zu: %s: '%s' is missing", parse->path,
                       line_of(mapping), parse->subject, fields[i].key);
    }
    return JB_OK;
}

/* The scalar under `key`, to name the entry and its driver before the rest is read; "" if it is not there. */
static const char *peek(const struct meters_parse *parse, const yaml_node_t *mapping,
                        const char *key)
{
    const yaml_node_pair_t *const end = mapping->data.mapping.pairs.top;

    for (const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start; pair < end; pair++) {
        const yaml_node_t *const key_node = node_at(parse, pair->key);
        const yaml_node_t *const node = node_at(parse, pair->value);
        if (key_node && node && key_node->type == YAML_SCALAR_NODE &&
            node->type == YAML_SCALAR_NODE &&
            strcmp((const char *)key_node->data.scalar.value, key) == 0 &&
            jb_clean_is((const char *)node->data.scalar.value))
            return (const char *)node->data.scalar.value;
    }
    return "";
}

/* A password in an address would be shown wherever the meter is named. */
static jb_rc check_url(const struct meters_parse *parse, const yaml_node_t *mapping,
                       const struct meters_driver *driver, const char *url, struct jb_error *err)
{
    bool is_known = false;
    char hint[96];

    for (const char *at = driver->schemes; *at != '\0';) {
        const size_t len = strcspn(at, " ");
        is_known = is_known || strncmp(url, at, len) == 0;
        at += len + (at[len] == ' ');
    }
    if (url[0] && !is_known) {
        (void)snprintf(hint, sizeof hint, "begin it with one of %s", driver->schemes);
        return jb_fail(err, JB_E_INPUT, hint, "%s:%zu: %s: 'url' cannot be '%.80s'", parse->path,
                       line_of(mapping), parse->subject, url);
    }
    if (strchr(url, '@'))
        return jb_fail(err, JB_E_INPUT,
                       "put user and password into a file of your own and name it by 'credentials'",
                       "%s:%zu: %s: 'url' holds a user or password", parse->path, line_of(mapping),
                       parse->subject);
    return JB_OK;
}

static jb_rc take_meter(struct meters_parse *parse, const yaml_node_t *mapping,
                        struct jb_meters *meters, struct jb_error *err)
{
    const struct meters_driver *const driver = meters__driver(peek(parse, mapping, "driver"));
    /* Where it is unknown or missing, that is what the error will say. */
    const unsigned bit = driver ? driver->bit : METERS_EVERY_DRIVER;
    struct jb_meter meter = {
        .scope = JB_SCOPE_NODE, .semantics = JB_SEMANTICS_GAUGE, .accuracy_ppm = -1};
    uint64_t seen;

    (void)snprintf(parse->subject, sizeof parse->subject, "meter '%.40s'",
                   peek(parse, mapping, "name"));
    jb_rc rc = take_pairs(parse, mapping, &meters__meter_table, bit, &meter, &seen, err);
    if (rc == JB_OK)
        rc =
            check_needed(parse, mapping, &meters__meter_table, driver ? bit : NO_DRIVER, seen, err);
    if (rc == JB_OK && driver)
        rc = check_url(parse, mapping, driver, meter.url, err);
    if (rc < 0)
        return rc;
    if (!peek(parse, mapping, "device")[0])
        meter.device = jb_device_of_scope(meter.scope);
    for (size_t i = 0; i < meters->n_meters; i++)
        if (strcmp(meters->meters[i].name, meter.name) == 0 &&
            strcmp(meters->meters[i].driver, meter.driver) == 0)
            return jb_fail(err, JB_E_INPUT, "give one of them another name",
                           "%s:%zu: two meters of driver '%s' are called '%s'", parse->path,
                           line_of(mapping), meter.driver, meter.name);
    if (meters->n_meters == JB_METERS_MAX)
        return jb_fail(err, JB_E_INPUT, NULL, "%s:%zu: more than %d meters", parse->path,
                       line_of(mapping), JB_METERS_MAX);
    meters->meters[meters->n_meters++] = meter;
    return JB_OK;
}

static jb_rc take_rule(struct meters_parse *parse, const yaml_node_t *mapping,
                       struct jb_meters *meters, struct jb_error *err)
{
    struct jb_tree_rule rule = {.has_role = false};
    uint64_t seen;

    (void)snprintf(parse->subject, sizeof parse->subject, "channel '%.40s'",
                   peek(parse, mapping, "channel"));
    jb_rc rc =
        take_pairs(parse, mapping, &meters__rule_table, METERS_EVERY_DRIVER, &rule, &seen, err);
    if (rc == JB_OK)
        rc = check_needed(parse, mapping, &meters__rule_table, METERS_EVERY_DRIVER, seen, err);
    if (rc < 0)
        return rc;
    if (strcmp(rule.channel, rule.parent) == 0)
        return jb_fail(err, JB_E_INPUT, "name another channel, or none",
                       "%s:%zu: channel '%s' cannot be its own parent", parse->path,
                       line_of(mapping), rule.channel);
    for (size_t i = 0; i < meters->n_rules; i++)
        if (strcmp(meters->rules[i].channel, rule.channel) == 0)
            return jb_fail(err, JB_E_INPUT, "put both into one entry",
                           "%s:%zu: channel '%s' stands twice", parse->path, line_of(mapping),
                           rule.channel);
    if (meters->n_rules == JB_CHANNELS_MAX)
        return jb_fail(err, JB_E_INPUT, NULL, "%s:%zu: more than %d channels", parse->path,
                       line_of(mapping), JB_CHANNELS_MAX);
    meters->rules[meters->n_rules++] = rule;
    return JB_OK;
}

typedef jb_rc (*take_entry_fn)(struct meters_parse *parse, const yaml_node_t *mapping,
                               struct jb_meters *meters, struct jb_error *err);

static jb_rc take_list(struct meters_parse *parse, const yaml_node_t *list, const char *key,
                       take_entry_fn take, struct jb_meters *meters, struct jb_error *err)
{
    /* A key with nothing after it: nothing is said yet. */
    if (list->type == YAML_SCALAR_NODE && list->data.scalar.length == 0)
        return JB_OK;
    if (list->type != YAML_SEQUENCE_NODE)
        return jb_fail(err, JB_E_INPUT, "begin each entry with '- '; see joulebook-meters(5)",
                       "%s:%zu: '%s' is not a list", parse->path, line_of(list), key);
    for (const yaml_node_item_t *item = list->data.sequence.items.start;
         item < list->data.sequence.items.top; item++) {
        const yaml_node_t *const entry = node_at(parse, *item);
        if (!entry || entry->type != YAML_MAPPING_NODE)
            return jb_fail(err, JB_E_INPUT, "write its keys as 'key: value'",
                           "%s:%zu: an entry of '%s' has no keys", parse->path,
                           entry ? line_of(entry) : line_of(list), key);
        const jb_rc rc = take(parse, entry, meters, err);
        if (rc < 0)
            return rc;
    }
    return JB_OK;
}

static jb_rc take_document(struct meters_parse *parse, struct jb_meters *meters,
                           struct jb_error *err)
{
    static const struct meters_field sections[] = {{.key = "meters"}, {.key = "tree"}};
    static const struct meters_table table = {sections, JB_ARRAY_LEN(sections)};
    static const take_entry_fn takes[] = {take_meter, take_rule};
    const yaml_node_t *const root = yaml_document_get_root_node(parse->document);
    bool seen[JB_ARRAY_LEN(sections)] = {false};

    if (!root || (root->type == YAML_SCALAR_NODE && root->data.scalar.length == 0))
        return JB_OK; /* remarks only */
    if (root->type != YAML_MAPPING_NODE)
        return jb_fail(err, JB_E_INPUT, "it begins with 'meters:' or 'tree:'",
                       "%s:%zu: not a file of meters", parse->path, line_of(root));
    for (const yaml_node_pair_t *pair = root->data.mapping.pairs.start;
         pair < root->data.mapping.pairs.top; pair++) {
        const yaml_node_t *const key_node = node_at(parse, pair->key);
        const yaml_node_t *const list = node_at(parse, pair->value);
        const char *key;
        size_t i = 0;
        (void)snprintf(parse->subject, sizeof parse->subject, "the file");
        jb_rc rc = text_of(parse, key_node, "a key", &key, err);
        if (rc < 0)
            return rc;
        while (i < JB_ARRAY_LEN(sections) && strcmp(sections[i].key, key) != 0)
            i++;
        if (i == JB_ARRAY_LEN(sections))
            return unknown_key(parse, key, line_of(key_node), &table, err);
        if (seen[i])
            return jb_fail(err, JB_E_INPUT, "put both lists into one", "%s:%zu: '%s' stands twice",
                           parse->path, line_of(key_node), key);
        seen[i] = true;
        if (list)
            rc = take_list(parse, list, key, takes[i], meters, err);
        if (rc < 0)
            return rc;
    }
    return JB_OK;
}

static jb_rc not_yaml(const char *path, const yaml_parser_t *parser, struct jb_error *err)
{
    if (parser->error == YAML_MEMORY_ERROR)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for '%s'", path);
    return jb_fail(err, JB_E_INPUT, "a blank after ':' and '-', no tabs, quotes in pairs",
                   "%s:%zu: not YAML: %.120s", path, parser->problem_mark.line + 1,
                   parser->problem ? parser->problem : "it cannot be read");
}

static jb_rc load(const char *path, yaml_parser_t *parser, struct jb_meters *meters,
                  struct jb_error *err)
{
    struct meters_parse parse = {.path = path};
    yaml_document_t document;

    if (!yaml_parser_load(parser, &document))
        return not_yaml(path, parser, err);
    parse.document = &document;
    const jb_rc rc = take_document(&parse, meters, err);
    yaml_document_delete(&document);
    if (rc < 0)
        return rc;
    if (!yaml_parser_load(parser, &document))
        return not_yaml(path, parser, err);
    const yaml_node_t *const second = yaml_document_get_root_node(&document);
    const size_t line = second ? line_of(second) : 0;
    yaml_document_delete(&document);
    return line == 0 ? JB_OK
                     : jb_fail(err, JB_E_INPUT, "take the line '---' before it out",
                               "%s:%zu: a second document begins", path, line);
}

jb_rc jb_meters_parse(const char *path, const char *bytes, size_t len, struct jb_meters **ret,
                      struct jb_error *err)
{
    yaml_parser_t parser;

    if (len > JB_METERS_BYTES_MAX)
        return jb_fail(err, JB_E_INPUT, "it needs a few lines", "'%s' is larger than %zu bytes",
                       path, JB_METERS_BYTES_MAX);
    size_t n_brackets = 0;
    for (size_t i = 0; i < len; i++)
        n_brackets += bytes[i] == '[' || bytes[i] == '{';
    if (n_brackets > BRACKETS_MAX)
        return jb_fail(err, JB_E_INPUT, "write each entry as lines of 'key: value'",
                       "'%s' has more than %d brackets", path, BRACKETS_MAX);
    JB_AUTO(jb_free_auto) struct jb_meters *meters = calloc(1, sizeof *meters);
    if (!meters || !yaml_parser_initialize(&parser))
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for '%s'", path);
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)bytes, len);
    const jb_rc rc = load(path, &parser, meters, err);
    yaml_parser_delete(&parser);
    if (rc < 0)
        return rc;
    *ret = meters;
    meters = NULL;
    return JB_OK;
}
