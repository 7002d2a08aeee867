/* SPDX-License-Identifier: Apache-2.0 */
/* Between the tables of keys (meters_fields.c) and the document they are found in (meters_parse.c). */
#ifndef JB_CLI_METERS_INT_H
#define JB_CLI_METERS_INT_H

#include <stddef.h>
#include <stdint.h>
#include <yaml.h>

#include "base/error.h"
#include "model/channel.h"

#define METERS_EVERY_DRIVER (~0U)

struct meters_driver {
    const char *name;
    unsigned bit;
    const char *schemes; /* what its url begins with, a blank between two */
};
/* NULL if there is none of that name that is configured by the file. */
const struct meters_driver *meters__driver(const char *name);

/* What an error speaks of. */
struct meters_parse {
    const char *path;
    yaml_document_t *document;
    char subject[64]; /* "meter 'plug'" */
};

struct meters_field;
/* `text` is clean; the member lies at the field's offset within `target`. */
typedef jb_rc (*meters_take_fn)(const struct meters_parse *parse, const struct meters_field *field,
                                const char *text, void *target, size_t line, struct jb_error *err);

struct meters_field {
    const char *key;
    meters_take_fn take;
    size_t offset, size;
    const char *expected; /* completes "it takes ..." */
    unsigned drivers;     /* whose meters have it; 0: all */
    unsigned needed_by;   /* and which cannot do without */
    int64_t min, max;
};

struct meters_table {
    const struct meters_field *fields;
    size_t n;
};
extern const struct meters_table meters__meter_table; /* of struct jb_meter */
extern const struct meters_table meters__rule_table;  /* of struct jb_tree_rule */

#endif
