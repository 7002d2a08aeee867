/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The members of a run and of an interval as named facts: one table each, from which entries are written and read.
 * A fact's name is its member's name and stands in the book.
 */
#ifndef JB_LEDGER_FACTS_INT_H
#define JB_LEDGER_FACTS_INT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"
#include "model/entry.h"
#include "model/run.h"

/* At which entry a fact of a run is entered, and whether "amend" may set it. */
enum facts__when {
    FACTS_AT_OPEN = 1,
    FACTS_AT_CLOSE = 2,
    FACTS_AMENDABLE = 4,
};

/* A run of which nothing is known: texts empty, numbers at what means "not given". */
void facts__clear_run(struct jb_run *run);

/*
 * The facts of a run that are entered at `when`, as fields; those not given are left out. Values lie in `texts`;
 * tags give one field "tag" each. ret_fields has room for `max`.
 */
JB_MUST_USE jb_rc facts__from_run(const struct jb_run *run, unsigned when, struct jb_buf *texts,
                                  struct jb_field *ret_fields, size_t max, size_t *ret_n_fields,
                                  struct jb_error *err);

/* Sets one fact. *ret_known false for a field that is no fact of a run (left alone). */
JB_MUST_USE jb_rc facts__set_run(struct jb_run *run, const char *name, const char *value,
                                 bool *ret_known, struct jb_error *err);

/* The same for amendments: JB_E_INPUT for a name that is unknown or not amendable, or a value that does not fit. */
JB_MUST_USE jb_rc facts__check_amendment(const char *name, const char *value, struct jb_error *err);

/* An interval as two texts of "name=value" lines: which meter it was, and what was read and made of it. */
JB_MUST_USE jb_rc facts__from_interval(const struct jb_interval *interval, struct jb_buf *meter,
                                       struct jb_buf *reading, struct jb_error *err);
/* Both texts in turn go in; facts of a later version are passed over. JB_E_DAMAGED where one cannot be read. */
JB_MUST_USE jb_rc facts__to_interval(const char *text, size_t len, struct jb_interval *interval,
                                     struct jb_error *err);

#endif
