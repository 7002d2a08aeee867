/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as YAML: refused with a place, or a tree whose nodes are whole, clean, and in order. R-YAML-01. */
#include <stdint.h>

#include "base/clean.h"
#include "yaml/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
    if (!held)
        abort();
}

static void check_node(const struct jb_yaml_node *node, size_t depth)
{
    must(depth <= JB_YAML_DEPTH_MAX && node->line > 0 && node->column > 0);
    if (node->kind == JB_YAML_SCALAR) {
        must(node->n == 0);
        if (!node->text)
            abort();
        for (const char *at = node->text; *at; at++)
            must(*at == '\n' || (unsigned char)*at >= 0x20);
        return;
    }
    for (size_t i = 0; i < node->n; i++) {
        if (node->kind == JB_YAML_MAP) {
            must(node->keys[i]->text[0] && jb_clean_is(node->keys[i]->text));
            must(jb_yaml_get(node, node->keys[i]->text) == node->items[i]);
        }
        check_node(node->items[i], depth + 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct jb_yaml *yaml = NULL;
    struct jb_error err = {0};

    if (jb_yaml_parse("fuzz", data, size, &yaml, &err) < 0) {
        must(!yaml && err.message[0] && jb_clean_is(err.message));
        return 0;
    }
    if (jb_yaml_root(yaml))
        check_node(jb_yaml_root(yaml), 0);
    jb_yaml_free(yaml);
    return 0;
}
