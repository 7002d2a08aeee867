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

#endif
