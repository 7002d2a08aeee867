/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The band that would be left if some causes of doubt were known as they are at best: what it costs not to know them
 * (R-EST-24). Must never move the best figure.
 */
#include "base/num.h"
#include "estimate/estimate.h"
#include "estimate/estimate_int.h"

_Static_assert((int)JB_CAUSE_TIME == (int)CAUSE_TIME && (int)JB_CAUSE_AMOUNT == (int)CAUSE_AMOUNT &&
                   (int)JB_CAUSE_RATING == (int)CAUSE_RATING &&
                   (int)JB_CAUSE_LOAD == (int)CAUSE_LOAD && (int)JB_CAUSE_IDLE == (int)CAUSE_IDLE &&
                   (int)JB_CAUSE_PROCESSOR == (int)CAUSE_PROCESSOR &&
                   (int)JB_CAUSE_MEMORY == (int)CAUSE_MEMORY &&
                   (int)JB_CAUSE_REST == (int)CAUSE_REST && (int)JB_CAUSES == (int)CAUSE_N,
               "the causes of the header are those within");

jb_rc jb_estimate_narrowed(const struct jb_work *work, unsigned causes, struct jb_figure *ret_uj,
                           struct jb_error *err)
{
    struct estimate__load load;
    struct estimate__facts facts;
    struct jb_estimate unused = {.method = JB_METHOD_B};
    jb_rc rc = estimate__load_read(&load, err);

    if (rc >= 0)
        rc = estimate__facts_of(work, &load, &facts, &unused, err);
    if (rc < 0)
        return rc;
    if (!unused.is_computable)
        return jb_fail(err, JB_E_NOT_FOUND, NULL, "not computable: %s", unused.why_not);
    for (int id = 0; id < IN_N; id++)
        if (causes & JB_CAUSE_BIT(facts.in[id].cause))
            facts.in[id].low = facts.in[id].high = facts.in[id].best;
    return estimate__band(&facts, PARTS_ALL, ret_uj, err);
}
