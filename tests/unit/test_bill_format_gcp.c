/* SPDX-License-Identifier: Apache-2.0 */
/* Google's detailed export: what each row is, and its hours, by hand. R-BILL-06, R-BILL-07. */
#include "unit/bill_rig.h"

static void test_gcp(void)
{
    struct jb_error err = {0};
    JB_AUTO(jb_bill_free_auto)
    struct jb_bill *bill =
        bill_of("gcp", JB_BILL_BY_TAG, "project", "tests/data/bills/gcp.csv", NULL, &err);
    JB_AUTO(jb_buf_release) struct jb_buf buf = JB_BUF(65536);

    if (!bill)
        bail_out("%s", err.message);
    bill_print(bill, false, &buf);
    is_str(jb_buf_text(&buf),
           "|instance||A2|1|43200000000000|43200000000|100000\n"
           "|instance||C2|1|7200000000000|7200000000|200000\n"
           "|instance||Nvidia Tesla T4|1|1800000000000|1800000000|200000\n"
           "|function|||1|0|600000000|1000\n"
           "|function|||1|600000000000|600000000|10000\n"
           "|service|data transfer||1|1000000000000000000|0|100000\n"
           "|service|storage||1|0|0|400000\n"
           "|not|fee for software, whose machine is billed apart||1|3600000000000|0|10000\n"
           "|not|purchase||1|7200000000000|0|500000\n"
           "|not|rent of an address||1|3600000000000|0|4000\n"
           "|not|rounding||1|0|0|1\n"
           "|not|tax||1|0|0|1100000\n"
           "vision|instance||N1|1|0|108000000000|140000\n"
           "vision|instance||N1|1|28800000000000|28800000000|280000\n"
           "vision|instance||Nvidia Tesla V100|1|3600000000000|3600000000|770000\n",
           "processors, memory and accelerators are rows of their own");
}

static void test_parts(void)
{
    static const enum jb_bill_part parts[] = {JB_BILL_MEMORY_GIB, JB_BILL_VCPU, JB_BILL_GPU};
    struct jb_error err = {0};
    JB_AUTO(jb_bill_free_auto)
    struct jb_bill *bill =
        bill_of("gcp", JB_BILL_BY_TAG, "project", "tests/data/bills/gcp.csv", NULL, &err);

    if (!bill)
        bail_out("%s", err.message);
    for (size_t i = 0; i < 3; i++)
        ok(jb_bill_group_at(bill, jb_bill_n_groups(bill) - 3 + i)->part == parts[i],
           "part %zu is told", i);
    is_i64(jb_bill_group_at(bill, 0)->period_start_utc_us, INT64_C(1790812800000000),
           "the invoice's month is the period");
    is_i64(jb_bill_group_at(bill, 0)->period_end_utc_us, INT64_C(1793491200000000), "all of it");
    ok(!jb_bill_group_at(bill, 3)->has_quantity,
       "byte-seconds that pass int64 are absent, not cut");
}

int main(void)
{
    test_gcp();
    test_parts();
    return done_testing();
}
