/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A case to its account by method B, reading by reading. Must never choose between readings: each stands beside the
 * others, and the published figure beside the reading it belongs to (R-CASE-04 to -06).
 */
#include "case/case_account.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "estimate/estimate.h"

void jb_case_account_free(struct jb_case_account *account)
{
    free(account);
}

static jb_rc tell(const struct jb_case *one, struct jb_case_told *told, struct jb_error *err)
{
    struct jb_error inner = {0};
    const jb_rc rc = jb_estimate_make(told->work, &told->estimate, &inner);

    if (rc < 0)
        return jb_fail(err, rc, inner.hint, "%s%s%s%s: %s", one->id,
                       told->name[0] ? ", reading '" : "", told->name, told->name[0] ? "'" : "",
                       inner.message[0] ? inner.message : jb_rc_text(rc));
    return JB_OK;
}

/* R-CASE-05: the published formula on the same facts gives the published figure, to the microjoule. */
static void compare(const struct jb_case *one, struct jb_case_account *account)
{
    const struct jb_case_documented *const documented = &one->documented;

    for (size_t i = 1; i < account->n; i++)
        if (documented->reading[0] && strcmp(account->told[i].name, documented->reading) == 0)
            account->documented = i;
    const struct jb_estimate *const estimate = &account->told[account->documented].estimate;
    if (!documented->is_computable) {
        account->is_reproduced = !estimate->is_computable;
        return;
    }
    for (size_t i = 0; i < estimate->n_readings; i++)
        if (strcmp(estimate->readings[i].formula, documented->formula) == 0)
            account->plain_uj = estimate->readings[i].energy_uj;
    account->is_reproduced = account->plain_uj.is_known &&
                             account->plain_uj.low == documented->low_uj &&
                             account->plain_uj.high == documented->high_uj;
}

jb_rc jb_case_account_make(const struct jb_case *one, struct jb_case_account **ret,
                           struct jb_error *err)
{
    JB_AUTO(jb_case_account_free_auto)
    struct jb_case_account *account = calloc(1, sizeof *account);

    if (!account)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the account");
    account->told[account->n++] = (struct jb_case_told){.name = "", .why = "", .work = &one->work};
    for (size_t i = 0; i < one->n_readings; i++)
        account->told[account->n++] = (struct jb_case_told){
            .name = one->readings[i].name,
            .why = one->readings[i].why,
            .work = &one->readings[i].work,
        };
    for (size_t i = 0; i < account->n; i++) {
        const jb_rc rc = tell(one, &account->told[i], err);
        if (rc < 0)
            return rc;
    }
    if (one->documented.is_told)
        compare(one, account);
    *ret = account;
    account = NULL;
    return JB_OK;
}
