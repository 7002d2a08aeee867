/* SPDX-License-Identifier: Apache-2.0 */
/* Within src/case: the small tables that are compiled in. */
#ifndef JB_CASE_CASE_INT_H
#define JB_CASE_CASE_INT_H

#include "case/case.h"

/* Texts that tools/gen_embed.py made of files; the list ends with a NULL name. */
struct jb_case__text {
    const char *name; /* "asphalt-damage.yaml", "codes.csv" */
    const char *text;
};
extern const struct jb_case__text jb_case__texts[];
/* NULL: no such file. */
const char *jb_case__text_of(const char *file);

/* Calls `row` with the fields of each line after the first of a plain CSV text; the last field takes the rest. */
#define JB_CASE__FIELDS_MAX 6
typedef void (*jb_case__row_fn)(void *context, char *const *fields, size_t n);
void jb_case__rows(const char *file, size_t n_fields, jb_case__row_fn row, void *context);

/* True where the code book has the code under one restriction alone. */
bool jb_case__restriction_of_code(const char *code, enum jb_restriction_id *ret);

#endif
