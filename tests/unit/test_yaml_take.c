/* SPDX-License-Identifier: Apache-2.0 */
/* A mapping fills a struct by its table, and no key of it is dropped. R-YAML-01. */
#include <stddef.h>

#include "tap.h"
#include "yaml/yaml.h"

struct target {
    char name[8];
    bool is_told;
    const struct jb_yaml_node *list;
};

static jb_rc take_list(const struct jb_yaml *yaml, const struct jb_yaml_field *field,
                       const struct jb_yaml_node *value, void *target, struct jb_error *err)
{
    if (value->kind != JB_YAML_LIST)
        return jb_yaml_fail(yaml, value, err, field->expected, "no list");
    *(const struct jb_yaml_node **)((char *)target + field->offset) = value;
    return JB_OK;
}

static const struct jb_yaml_field fields[] = {
    {.key = "name",
     .take = jb_yaml_take_text,
     .offset = offsetof(struct target, name),
     .size = 8,
     .expected = "a short name",
     .is_needed = true},
    {.key = "told",
     .take = jb_yaml_take_flag,
     .offset = offsetof(struct target, is_told),
     .size = sizeof(bool),
     .expected = "'yes' or 'no'"},
    {.key = "list",
     .take = take_list,
     .offset = offsetof(struct target, list),
     .expected = "a list"},
    {.key = NULL},
};

int main(void)
{
    static const struct {
        const char *text, *message, *hint;
    } cases[] = {
        {"nmae: x\n", "t:1:1: there is no 'nmae'", "did you mean 'name'?"},
        {"quite_another: x\n", "t:1:1: there is no 'quite_another'", "it knows name, told, list"},
        {"told: yes\n", "t:1:1: 'name' is missing", "it takes a short name"},
        {"name: 12345678\n", "t:1:7: 'name' is longer than 7 bytes", "shorten it"},
        {"name:\n", "t:1:6: 'name' cannot be ''", "it takes a short name"},
        {"name: [a]\n", "t:1:7: 'name' is a text or number, not a list", "it takes a short name"},
        {"name: |\n  a\n  b\n", "t:1:7: 'name' cannot be 'a?b?'", "it takes a short name"},
        {"name: a\ntold: 1\n", "t:2:7: 'told' cannot be '1'", "it takes 'yes' or 'no'"},
        {"name: a\ntold: {}\n", "t:2:7: 'told' is a text or number, not a mapping",
         "it takes 'yes' or 'no'"},
        {"name: a\nlist: x\n", "t:2:7: no list", "a list"},
        {"- a\n", "t:1:1: a mapping is expected here", "write 'key: value', one in a line"},
    };
    struct target target = {.name = ""};
    struct jb_error err = {0};
    struct jb_yaml *yaml = NULL;

    static const char whole[] = "name: 1234567\ntold: true\nlist: [a]\n";
    if (jb_yaml_parse("t", whole, sizeof whole - 1, &yaml, &err) < 0)
        bail_out("%s", err.message);
    ok(jb_yaml_take(yaml, jb_yaml_root(yaml), fields, &target, &err) == JB_OK, "all is taken");
    is_str(target.name, "1234567", "a text that just fits");
    ok(target.is_told, "a flag");
    ok(target.list && target.list->n == 1, "what the caller takes itself");
    jb_yaml_free(yaml);
    for (size_t i = 0; i < JB_ARRAY_LEN(cases); i++) {
        if (jb_yaml_parse("t", cases[i].text, strlen(cases[i].text), &yaml, &err) < 0)
            bail_out("%s", err.message);
        is_i64(jb_yaml_take(yaml, jb_yaml_root(yaml), fields, &target, &err), JB_E_INPUT,
               "refused: %zu", i);
        is_str(err.message, cases[i].message, "its message");
        is_str(err.hint, cases[i].hint, "its hint");
        jb_yaml_free(yaml);
    }
    return done_testing();
}
