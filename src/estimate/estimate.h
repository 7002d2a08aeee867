/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Method B: what is known of a computation to its energy with a band, what each doubt contributes, the method chosen and
 * why no better one was possible. Pure; rules R-EST-*: docs/method/estimate.md. Looks facts up in catalogue/.
 */
#ifndef JB_ESTIMATE_ESTIMATE_H
#define JB_ESTIMATE_ESTIMATE_H

#include "base/error.h"
#include "model/work.h"

/*
 * Not computable is an answer (is_computable false, why_not), not an error. JB_E_INPUT where a name is not in the
 * catalogue or fits several (the hint lists the candidates): nothing is guessed. JB_E_RANGE: more than 2.56 GWh.
 */
JB_MUST_USE jb_rc jb_estimate_make(const struct jb_work *work, struct jb_estimate *ret_estimate,
                                   struct jb_error *err);

/* What kind of thing is in doubt: doubts of one cause move together (R-EST-20). */
enum jb_estimate_cause {
    JB_CAUSE_TIME,
    JB_CAUSE_AMOUNT, /* how much hardware */
    JB_CAUSE_RATING,
    JB_CAUSE_LOAD,
    JB_CAUSE_IDLE,
    JB_CAUSE_PROCESSOR,
    JB_CAUSE_MEMORY,
    JB_CAUSE_REST,
    JB_CAUSES,
};
#define JB_CAUSE_BIT(cause) (1U << (unsigned)(cause))

/*
 * R-EST-24: the energy if all of `causes` (bits) were known, as they are at best now: what is left of the band. Errors as
 * above; JB_E_NOT_FOUND where the work is not computable.
 */
JB_MUST_USE jb_rc jb_estimate_narrowed(const struct jb_work *work, unsigned causes,
                                       struct jb_figure *ret_uj, struct jb_error *err);

#endif
