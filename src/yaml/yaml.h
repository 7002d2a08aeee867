/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A YAML file as a tree whose every node knows its line, and tables that turn its mappings into structs. Must never mend
 * what it reads: a key twice, an unknown key, an anchor, a control character stop it with file, line and field, what was
 * expected, and the nearest key (R-YAML-01). libyaml parses; nothing but mappings, lists and scalars has a meaning.
 */
#ifndef JB_YAML_YAML_H
#define JB_YAML_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define JB_YAML_BYTES_MAX ((size_t)1024 * 1024)
#define JB_YAML_DEPTH_MAX 16
#define JB_YAML_NODES_MAX 100000
#define JB_YAML_KEYS_MAX  1024 /* of one mapping */

enum jb_yaml_kind {
    JB_YAML_SCALAR,
    JB_YAML_LIST,
    JB_YAML_MAP,
};

struct jb_yaml_node {
    enum jb_yaml_kind kind;
    size_t line, column; /* from 1 */
    const char *text; /* SCALAR: its value, clean UTF-8, "" for none; may hold newlines where it was
                         written on several lines */
    bool is_quoted;   /* SCALAR: in quotes or a block, so that "unknown" is the word itself */
    size_t n;         /* of items or pairs */
    const struct jb_yaml_node *const *keys;  /* MAP: scalars, each once */
    const struct jb_yaml_node *const *items; /* LIST: items; MAP: values */
};

struct jb_yaml; /* owns the nodes */

/* A file, or standard input where the path is "-". `name` is the path as errors shall tell it. JB_E_INPUT
 * "NAME:LINE:COLUMN: ...". */
JB_MUST_USE jb_rc jb_yaml_read(const char *path, struct jb_yaml **ret_yaml, struct jb_error *err);
JB_MUST_USE jb_rc jb_yaml_parse(const char *name, const void *bytes, size_t len,
                                struct jb_yaml **ret_yaml, struct jb_error *err);
void jb_yaml_free(struct jb_yaml *yaml);
JB_AUTO_POINTER(struct jb_yaml, jb_yaml_free)
const struct jb_yaml_node *jb_yaml_root(const struct jb_yaml *yaml); /* NULL: an empty document */
const char *jb_yaml_name(const struct jb_yaml *yaml);

/* The value under `key`; NULL if there is none. */
const struct jb_yaml_node *jb_yaml_get(const struct jb_yaml_node *map, const char *key);

/* JB_E_INPUT with "NAME:LINE:COLUMN: " before the message, which is cleaned; `node` NULL: the file's beginning. */
jb_rc jb_yaml_fail(const struct jb_yaml *yaml, const struct jb_yaml_node *node,
                   struct jb_error *err, const char *hint, const char *format, ...) JB_PRINTF(5, 6);

/* One key of a mapping. `take` gets the value and the struct that is filled. */
struct jb_yaml_field;
typedef jb_rc (*jb_yaml_take_fn)(const struct jb_yaml *yaml, const struct jb_yaml_field *field,
                                 const struct jb_yaml_node *value, void *target,
                                 struct jb_error *err);
struct jb_yaml_field {
    const char *key;
    jb_yaml_take_fn take;
    size_t offset, size;  /* of the member within the target */
    const char *expected; /* completes "it takes ...", for errors and --help */
    bool is_needed;
    const void *more; /* what `take` alone knows: a table of units or words */
};

/* Every key of `map` by the table (whose end has the key NULL), in the order of the file; unknown and missing ones are
 * errors. On failure the target may be filled in part. */
JB_MUST_USE jb_rc jb_yaml_take(const struct jb_yaml *yaml, const struct jb_yaml_node *map,
                               const struct jb_yaml_field *fields, void *target,
                               struct jb_error *err);

/* For `take`: a text of one line, not empty, into a char[size] that holds it whole. */
jb_rc jb_yaml_take_text(const struct jb_yaml *yaml, const struct jb_yaml_field *field,
                        const struct jb_yaml_node *value, void *target, struct jb_error *err);
/* A bool: "yes" or "true", "no" or "false". */
jb_rc jb_yaml_take_flag(const struct jb_yaml *yaml, const struct jb_yaml_field *field,
                        const struct jb_yaml_node *value, void *target, struct jb_error *err);

#endif
