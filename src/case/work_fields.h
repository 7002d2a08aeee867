/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fields of struct jb_work as people write them, in one table: keys of a YAML file and, with '-' for '_', options of
 * `joulebook estimate`. Must never fill in what was not said: what is not there stays unknown (R-KNOWN-01).
 */
#ifndef JB_CASE_WORK_FIELDS_H
#define JB_CASE_WORK_FIELDS_H

#include "model/quantity_text.h"
#include "model/work.h"
#include "yaml/yaml.h"

/* For jb_yaml_take; the target is a struct jb_work. Ends with the key NULL. */
extern const struct jb_yaml_field jb_work_fields[];

/* NULL if there is none. */
const struct jb_yaml_field *jb_work_field_find(const char *key);

/*
 * One field from text. `is_quoted` as in jb_yaml_node. "repeats" takes one "architectures=6-7" and adds it, or replaces
 * the one of that name. JB_E_INPUT: `message` names the text and not the field. Untouched on failure.
 */
JB_MUST_USE jb_rc jb_work_field_set(const struct jb_yaml_field *field, const char *text,
                                    bool is_quoted, struct jb_work *work, struct jb_error *err);

/* What was said of a field, as it can be written again; "" where nothing was. size >= 512; returns buf. */
const char *jb_work_field_text(const struct jb_yaml_field *field, const struct jb_work *work,
                               char *buf, size_t size);

/* For tables of others: a struct jb_quantity (`more` is its form), a struct jb_answer, a mapping into a struct jb_work. */
jb_rc jb_take_quantity(const struct jb_yaml *yaml, const struct jb_yaml_field *field,
                       const struct jb_yaml_node *value, void *target, struct jb_error *err);
jb_rc jb_take_answer(const struct jb_yaml *yaml, const struct jb_yaml_field *field,
                     const struct jb_yaml_node *value, void *target, struct jb_error *err);
jb_rc jb_take_work(const struct jb_yaml *yaml, const struct jb_yaml_field *field,
                   const struct jb_yaml_node *value, void *target, struct jb_error *err);

#endif
