/* SPDX-License-Identifier: Apache-2.0 */
/* An amendment of a run's facts to the book: the entry, and the account made anew from the same postings with it. */
#ifndef JB_CLI_AMEND_ENTER_H
#define JB_CLI_AMEND_ENTER_H

#include "ledger/ledger.h"

struct jb_amendment {
    const struct jb_field *changes;
    size_t n_changes;
    const char *const *erased; /* names of fields whose values go */
    size_t n_erased;
    const char *reason;
    const char *note; /* a doubt that the account is to tell from now on; NULL or "": none */
};

/* In two steps, so that nothing is entered unless its account can be made. A run that is open gets its account when it ends. */
JB_MUST_USE jb_rc jb_amend_enter(struct jb_ledger *ledger, const struct jb_run *run,
                                 const struct jb_amendment *amendment, bool *ret_has_account,
                                 struct jb_error *err);

#endif
