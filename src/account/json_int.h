/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Structs to JSON objects and back by one table of members for both directions, so that neither can forget one. Texts
 * are made valid UTF-8 on the way out and cut to their member on the way in.
 */
#ifndef JB_ACCOUNT_JSON_INT_H
#define JB_ACCOUNT_JSON_INT_H

#include <jansson.h>
#include <stddef.h>

#include "base/error.h"

enum jb_json_type {
    JB_JSON_TEXT, /* char[size] */
    JB_JSON_I64,
    JB_JSON_KNOWN_I64,  /* never below 0; null, and -1 in C, if it is not known */
    JB_JSON_KNOWN_I128, /* the same in decimal digits, as a text */
    JB_JSON_BOOL,
    JB_JSON_WORD,     /* an enum by its words */
    JB_JSON_FIGURE,   /* struct jb_figure; null if it is not known */
    JB_JSON_COVERAGE, /* struct jb_coverage */
};

struct jb_json_member {
    const char *name;
    enum jb_json_type type;
    size_t offset;
    size_t size;
    const char *(*word_name)(int value);
    int (*word_value)(const char *word);
};

#define JB_JSON(type_of, field, kind)                                       \
    {                                                                       \
        .name = #field, .type = (kind), .offset = offsetof(type_of, field), \
        .size = sizeof(((type_of *)0)->field)                               \
    }

/* A new object with every member; NULL where memory ran out. */
json_t *jb_json_put(const void *from, const struct jb_json_member *members, size_t n);
/* Fills *to from the object; what it lacks stays as it is. JB_E_INPUT names a member of the wrong type. */
JB_MUST_USE jb_rc jb_json_take(const json_t *object, const struct jb_json_member *members, size_t n,
                               void *to, struct jb_error *err);

/* A string of any bytes: what is not UTF-8 becomes '?'. NULL where memory ran out. */
json_t *jb_json_text(const char *text);
/* Sorted, compact text of a value that is given up; *ret_text is the caller's to free. */
JB_MUST_USE jb_rc jb_json_dump(json_t *value, char **ret_text, struct jb_error *err);
/* A whole document; JB_E_INPUT with line and reason. */
JB_MUST_USE jb_rc jb_json_load(const char *text, json_t **ret_value, struct jb_error *err);

JB_UNUSED static inline void jb_json_auto(json_t **value)
{
    json_decref(*value);
}

/* --- account_cycles_json.c ---------------------------------------------------------------------------------------- */

struct jb_account_cycles;
/* null where nothing is told. NULL where memory ran out. */
json_t *jb_account_cycles_put(const struct jb_account_cycles *cycles);
/* Of NULL and null: nothing is told. */
JB_MUST_USE jb_rc jb_account_cycles_take(const json_t *object, struct jb_account_cycles *ret,
                                         struct jb_error *err);

/* --- account_planned_json.c --------------------------------------------------------------------------------------- */

struct jb_account_planned;
/* The plan beside the run. NULL where memory ran out. */
json_t *jb_account_planned_put(const struct jb_account_planned *planned);

/* --- run_json.c -------------------------------------------------------------------------------------------------- */

struct jb_run;
json_t *jb_run_put(const struct jb_run *run);
/* Only what an account stands on. */
json_t *jb_run_put_base(const struct jb_run *run);
JB_MUST_USE jb_rc jb_run_take(const json_t *object, struct jb_run *ret_run, struct jb_error *err);

#endif
