/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a provider discloses: a file of YAML (docs/format/statement.md) to flags, and flags to a statement in which what is
 * withheld is nowhere. R-STATEMENT-07, -08.
 */
#ifndef JB_STATEMENT_DISCLOSURE_H
#define JB_STATEMENT_DISCLOSURE_H

#include "base/error.h"
#include "model/statement.h"

struct jb_disclosure {
    bool does_tell[JB_STATEMENT_PARTS];
    int64_t round_uj;     /* energies are told in whole ones of this; 1: exactly */
    char by[JB_RUN_TEXT]; /* what an item is; "": not said */
};
/* What is disclosed where nobody says otherwise: all but runs, hosts and the book. */
extern const struct jb_disclosure jb_disclosure_usual;

/* JB_E_INPUT with file, line and key. What the file does not name is as usual. */
JB_MUST_USE jb_rc jb_disclosure_read(const char *path, struct jb_disclosure *ret,
                                     struct jb_error *err);
JB_MUST_USE jb_rc jb_disclosure_parse(const char *name, const void *bytes, size_t len,
                                      struct jb_disclosure *ret, struct jb_error *err);

/* R-STATEMENT-08: whether `by` is a word that an item can be grouped by. */
bool jb_disclosure_is_by(const char *by);

/*
 * Rounds, and takes out what is withheld. JB_E_CONFLICT where a host or run that is withheld is named by what is disclosed
 * (a name of a job, a factor, a note): nothing may then be handed out.
 */
JB_MUST_USE jb_rc jb_disclosure_apply(const struct jb_disclosure *disclosure,
                                      struct jb_statement *statement, struct jb_error *err);

#endif
