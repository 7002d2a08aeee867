/* SPDX-License-Identifier: Apache-2.0 */
/* Rows whose texts are all different, so that nothing that is remembered helps and all is forgotten again and again. R-BILL-02. */
#include "unit/bill_rig.h"

#define ROWS 60000

int main(void)
{
    JB_AUTO(jb_buf_release) struct jb_buf text = JB_BUF(32 << 20);
    struct jb_error err = {0};
    int64_t n[7] = {0};
    bool right = true;

    jb_buf_add_text(&text,
                    "BilledCost,BillingAccountId,BillingCurrency,BillingPeriodStart,"
                    "BillingPeriodEnd,ChargeCategory,ServiceCategory,ServiceName,PricingUnit,"
                    "PricingQuantity,ChargePeriodStart,ChargePeriodEnd,SubAccountId,"
                    "ChargeDescription,Tags\n");
    for (int i = 0; i < ROWS; i++)
        jb_buf_addf(&text,
                    "0.5,1,EUR,2026-10-01,2026-11-01,Usage,Compute,EC2,Hours,2,2026-10-%02d "
                    "%02d:00:00,2026-10-31T23:59:59.%03dZ,a,number %d of p3.2xlarge,"
                    "\"{\"\"n\"\": \"\"%d\"\", \"\"project\"\":\"\"p%d\"\"}\"\n",
                    i % 31 + 1, i % 24, i % 1000, i, i, i % 7);
    const char *const path = bill_file(jb_buf_text(&text), text.len);
    struct jb_bill *bill = bill_of("focus", JB_BILL_BY_TAG, "project", path, NULL, &err);
    (void)unlink(path);
    if (!bill)
        bail_out("%s", err.message);
    is_i64((int64_t)jb_bill_n_groups(bill), 7, "seven projects are seven groups");
    for (int i = 0; i < ROWS; i++)
        n[i % 7]++;
    for (size_t i = 0; i < 7; i++) {
        const struct jb_bill_group *const group = jb_bill_group_at(bill, i);
        right = right && group->n_rows == n[i] && group->cost_micro == n[i] * 500000 &&
                group->quantity_nano == n[i] * 2000000000 &&
                group->instance_us == n[i] * INT64_C(7200000000);
    }
    ok(right, "each with its rows, hours and cost");
    is_i64(jb_bill_group_at(bill, 0)->first_utc_us, INT64_C(1790812800000000), "from the first");
    is_i64(jb_bill_group_at(bill, 3)->last_utc_us / 1000000, INT64_C(1793491199), "to the last");
    jb_bill_free(bill);
    return done_testing();
}
