/* SPDX-License-Identifier: Apache-2.0 */
/* A whole FOCUS file to its groups, against sums by hand. R-BILL-03, R-BILL-04, R-BILL-08. */
#include "unit/bill_rig.h"

#define FILE_10 "tests/data/bills/focus-1.0.csv"

static void test_groups(void)
{
    struct jb_error err = {0};
    JB_AUTO(jb_bill_free_auto)
    struct jb_bill *bill = bill_of("focus", JB_BILL_BY_ACCOUNT, NULL, FILE_10, NULL, &err);
    JB_AUTO(jb_buf_release) struct jb_buf buf = JB_BUF(65536);

    if (!bill)
        bail_out("%s", err.message);
    bill_print(bill, true, &buf);
    is_str(jb_buf_text(&buf),
           "alpha|instance||p3.2xlarge|2|2500000000|9000000000|7650000|2\n"
           "alpha|service|managed service||1|2000000000|0|1|4\n"
           "beta|function|||1|24000500000000|24000500000|400000|6\n"
           "beta|service|network||1|1000000000|0|45000|7\n"
           "beta|energy|||1|1500000000|5400000000000|300000|13\n"
           "beta|not|credit||1|0|0|-2500000|9\n"
           "beta|not|tax||1|0|0|1210000|8\n"
           "beta|not|commitment paid and not used||1|1000000000|0|0|11\n"
           "beta|not|correction||1|-1000000000|0|-3060000|10\n"
           "beta|unknown|hours of compute that name no instance type||1|1000000000|0|200000|12\n",
           "every row is in one group, as by hand");
    is_i64(jb_bill_n_rows(bill), 11, "each row is counted");
    const struct jb_bill_group *const first = jb_bill_group_at(bill, 0);
    is_i64(first->period_start_utc_us, INT64_C(1790812800000000), "the period begins on 1 October");
    is_i64(first->period_end_utc_us, INT64_C(1793491200000000), "and ends with it");
    is_i64(first->first_utc_us, INT64_C(1790899200000000), "the first charge is of 2 October");
    is_i64(first->last_utc_us, INT64_C(1790992800000000), "the last one ends at 2 on the third");
    is_str(first->account, "42", "account");
    is_str(first->provider, "AWS", "provider");
    is_str(first->region, "eu-west-1", "region");
    is_str(first->currency, "USD", "currency");
    ok(first->has_effective_cost && first->effective_cost_micro == 7650000, "effective cost");
    ok(!jb_bill_group_at(bill, 5)->has_quantity, "what has no quantity has none, not zero");
}

static void test_runs(void)
{
    struct jb_error err = {0};
    JB_AUTO(jb_bill_free_auto)
    struct jb_bill *bill = bill_of("focus", JB_BILL_BY_TAG, "Project", FILE_10, NULL, &err);

    if (!bill)
        bail_out("%s", err.message);
    const size_t n = jb_bill_n_groups(bill);
    is_str(jb_bill_group_at(bill, n - 1)->run, "vision", "the tag's value is the run");
    is_i64(jb_bill_group_at(bill, n - 1)->n_rows, 2, "of both rows that have it");
    is_str(jb_bill_group_at(bill, 0)->run, "", "rows without it have none");
    JB_AUTO(jb_bill_free_auto)
    struct jb_bill *other = bill_of("focus", JB_BILL_BY_RESOURCE, NULL, FILE_10, NULL, &err);
    ok(other && strcmp(jb_bill_group_at(other, jb_bill_n_groups(other) - 1)->run, "r-1") == 0,
       "a resource may be the run");
}

static void test_money(void)
{
    static const char head[] = "BilledCost,BillingAccountId,BillingCurrency,BillingPeriodStart,"
                               "BillingPeriodEnd,ChargeCategory,ServiceCategory,ServiceName,"
                               "PricingUnit,PricingQuantity,ChargePeriodStart,ChargePeriodEnd,"
                               "SubAccountId\n";
    JB_AUTO(jb_buf_release) struct jb_buf text = JB_BUF(65536);
    struct jb_error err = {0};
    int64_t sum = 0;

    jb_buf_add_text(&text, head);
    for (int i = 0; i < 7; i++)
        jb_buf_addf(&text,
                    "0.0000004,1,EUR,2026-10-01,2026-11-01,Usage,Storage,S3,GB,1,2026-10-01,"
                    "2026-10-02,r%d\n",
                    i);
    const char *const path = bill_file(jb_buf_text(&text), text.len);
    JB_AUTO(jb_bill_free_auto)
    struct jb_bill *bill = bill_of("focus", JB_BILL_BY_ACCOUNT, NULL, path, NULL, &err);
    (void)unlink(path);
    if (!bill)
        bail_out("%s", err.message);
    for (size_t i = 0; i < jb_bill_n_groups(bill); i++)
        sum += jb_bill_group_at(bill, i)->cost_micro;
    is_i64((int64_t)jb_bill_n_groups(bill), 7, "seven groups of 0.4 millionths each");
    is_i64(sum, 3, "sum to 2.8 millionths, rounded");
}

static void test_use(void)
{
    struct jb_error err = {0};
    struct jb_bill *bill = NULL;
    const struct jb_bill_rule nameless = {JB_BILL_BY_TAG, NULL};
    const struct jb_bill_rule rule = {JB_BILL_BY_ACCOUNT, NULL};

    ok(jb_bill_new(jb_bill_format_find("focus"), &nameless, &bill, &err) == JB_E_INPUT && !bill,
       "a tag has a name");
    ok(!jb_bill_format_find("abacus"), "a format that is none is not found");
    is_str(jb_bill_format_at(0).name, "focus", "FOCUS comes first");
    if (jb_bill_new(jb_bill_format_find("focus"), &rule, &bill, &err) < 0)
        bail_out("%s", err.message);
    ok(jb_bill_read(bill, "/nowhere/bill.csv", NULL, &err) == JB_E_NOT_FOUND, "no file, no bill");
    ok(jb_bill_finish(bill, &err) == JB_E_CONFLICT, "what failed is not finished");
    jb_bill_free(bill);
}

int main(void)
{
    test_groups();
    test_runs();
    test_money();
    test_use();
    return done_testing();
}
