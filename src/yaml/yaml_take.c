/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A mapping into a struct, by a table of its keys. Must never drop one: what the table does not know is an error with the
 * nearest key, and so is what is needed and is not there (R-YAML-01).
 */
#include <stdint.h>
#include <stdio.h>

#include "base/apart.h"
#include "base/clean.h"
#include "yaml/yaml.h"

static jb_rc unknown_key(const struct jb_yaml *yaml, const struct jb_yaml_node *key,
                         const struct jb_yaml_field *fields, struct jb_error *err)
{
    size_t least = SIZE_MAX, len = 0;
    const char *nearest = "";
    char hint[320] = "";

    for (const struct jb_yaml_field *field = fields; field->key; field++) {
        const size_t apart = jb_words_apart(key->text, field->key);
        if (apart < least) {
            least = apart;
            nearest = field->key;
        }
    }
    if (least <= 1 + strlen(key->text) / 3)
        (void)snprintf(hint, sizeof hint, "did you mean '%s'?", nearest);
    else
        for (const struct jb_yaml_field *field = fields; field->key && len < sizeof hint; field++)
            len += (size_t)snprintf(hint + len, sizeof hint - len, "%s%s",
                                    field == fields ? "it knows " : ", ", field->key);
    return jb_yaml_fail(yaml, key, err, hint, "there is no '%.60s'", key->text);
}

static const struct jb_yaml_field *find_field(const struct jb_yaml_field *fields, const char *key)
{
    for (; fields->key; fields++)
        if (strcmp(fields->key, key) == 0)
            return fields;
    return NULL;
}

jb_rc jb_yaml_take(const struct jb_yaml *yaml, const struct jb_yaml_node *map,
                   const struct jb_yaml_field *fields, void *target, struct jb_error *err)
{
    char hint[320];

    if (map->kind != JB_YAML_MAP)
        return jb_yaml_fail(yaml, map, err, "write 'key: value', one in a line",
                            "a mapping is expected here");
    for (size_t i = 0; i < map->n; i++) {
        const struct jb_yaml_field *const field = find_field(fields, map->keys[i]->text);
        if (!field)
            return unknown_key(yaml, map->keys[i], fields, err);
        const jb_rc rc = field->take(yaml, field, map->items[i], target, err);
        if (rc < 0)
            return rc;
    }
    for (const struct jb_yaml_field *field = fields; field->key; field++) {
        if (!field->is_needed || jb_yaml_get(map, field->key))
            continue;
        (void)snprintf(hint, sizeof hint, "it takes %s", field->expected);
        return jb_yaml_fail(yaml, map, err, hint, "'%s' is missing", field->key);
    }
    return JB_OK;
}

static jb_rc refuse(const struct jb_yaml *yaml, const struct jb_yaml_field *field,
                    const struct jb_yaml_node *value, struct jb_error *err)
{
    char hint[320];

    (void)snprintf(hint, sizeof hint, "it takes %s", field->expected);
    if (value->kind != JB_YAML_SCALAR)
        return jb_yaml_fail(yaml, value, err, hint, "'%s' is a text or number, not a %s",
                            field->key, value->kind == JB_YAML_LIST ? "list" : "mapping");
    return jb_yaml_fail(yaml, value, err, hint, "'%s' cannot be '%.80s'", field->key, value->text);
}

jb_rc jb_yaml_take_text(const struct jb_yaml *yaml, const struct jb_yaml_field *field,
                        const struct jb_yaml_node *value, void *target, struct jb_error *err)
{
    /* Only ends of lines are not clean in what the reader lets through. */
    if (value->kind != JB_YAML_SCALAR || !value->text[0] || !jb_clean_is(value->text))
        return refuse(yaml, field, value, err);
    if (strlen(value->text) >= field->size)
        return jb_yaml_fail(yaml, value, err, "shorten it", "'%s' is longer than %zu bytes",
                            field->key, field->size - 1);
    memcpy((char *)target + field->offset, value->text, strlen(value->text) + 1);
    return JB_OK;
}

jb_rc jb_yaml_take_flag(const struct jb_yaml *yaml, const struct jb_yaml_field *field,
                        const struct jb_yaml_node *value, void *target, struct jb_error *err)
{
    static const char *const words[] = {"no", "false", "yes", "true"};

    for (size_t i = 0; value->kind == JB_YAML_SCALAR && i < JB_ARRAY_LEN(words); i++)
        if (strcmp(value->text, words[i]) == 0) {
            *(bool *)((char *)target + field->offset) = i >= 2;
            return JB_OK;
        }
    return refuse(yaml, field, value, err);
}
