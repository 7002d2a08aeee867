/* SPDX-License-Identifier: Apache-2.0 */
/* A reconstructed run and a measured one of the same work: the measured stays in the sums, the other beside it as a memo,
 * with both energies as they were. R-REBUILT-08. */
#include <inttypes.h>
#include <stdio.h>

#include "account/account.h"
#include "pipeline/account_of_run.h"
#include "pipeline/reconstruct.h"

static jb_rc energy_of(struct jb_ledger *ledger, const char *run_id, struct jb_figure *ret,
                       struct jb_error *err)
{
    JB_AUTO(jb_account_release) struct jb_account account = {0};
    const jb_rc rc = jb_pipeline_account_entered(ledger, run_id, &account, err);

    if (rc == JB_OK)
        *ret = account.energy_uj;
    return rc;
}

/* "low best high", "" where nothing is known. */
static void figure_text(const struct jb_figure *figure, char *text, size_t size)
{
    text[0] = '\0';
    if (figure->is_known)
        (void)snprintf(text, size, "%" PRId64 " %" PRId64 " %" PRId64, figure->low, figure->best,
                       figure->high);
}

jb_rc jb_reconcile(struct jb_ledger *ledger, const char *rebuilt_id, const char *measured_id,
                   const char *reason, struct jb_figure *ret_rebuilt_uj,
                   struct jb_figure *ret_measured_uj, struct jb_error *err)
{
    struct jb_figure rebuilt_uj = {0};
    struct jb_figure measured_uj = {0};
    char rebuilt[80];
    char measured[80];
    const struct jb_field fields[] = {{"measured_uj", measured}, {"rebuilt_uj", rebuilt}};
    jb_rc rc = energy_of(ledger, rebuilt_id, &rebuilt_uj, err);

    if (rc == JB_OK)
        rc = energy_of(ledger, measured_id, &measured_uj, err);
    if (rc < 0)
        return rc;
    figure_text(&rebuilt_uj, rebuilt, sizeof rebuilt);
    figure_text(&measured_uj, measured, sizeof measured);
    rc = jb_ledger_reconcile(ledger, rebuilt_id, measured_id, fields, JB_ARRAY_LEN(fields), reason,
                             err);
    if (rc < 0)
        return rc;
    *ret_rebuilt_uj = rebuilt_uj;
    *ret_measured_uj = measured_uj;
    return JB_OK;
}
