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

/* One row at a time: what is billed beside its machine is none. */
static void test_rows(void)
{
    static const char head[] =
        "billing_account_id,currency,invoice.month,service.description,sku.description,usage.unit,"
        "usage.amount,cost,usage_start_time,usage_end_time,project.id\n";
    static const struct {
        const char *row, *is;
    } cases[] = {
        {"9,EUR,202610,Compute Engine,N1 Predefined Instance Core running in "
         "Belgium,seconds,7200,1,2026-10-01 00:00:00 UTC,2026-10-01 01:00:00 UTC,a",
         "a|instance||N1|1|7200000000000|7200000000|1000000"},
        {"9,EUR,202610,Compute Engine,Custom Instance Core running in "
         "Belgium,seconds,7200,1,2026-10-01 00:00:00 UTC,2026-10-01 01:00:00 UTC,a",
         "a|instance||N1|1|7200000000000|7200000000|1000000"},
        {"9,EUR,202610,Compute Engine,Memory-optimized Instance Core running in "
         "Belgium,seconds,7200,1,2026-10-01 00:00:00 UTC,2026-10-01 01:00:00 UTC,a",
         "a|instance||M1|1|7200000000000|7200000000|1000000"},
        {"9,EUR,202610,Compute Engine,Sole Tenancy Premium for N1 Sole Tenancy Instance "
         "Core,seconds,7200,1,2026-10-01 00:00:00 UTC,2026-10-01 01:00:00 UTC,a",
         "a|not|fee on machines that are billed apart||1|7200000000000|0|1000000"},
        {"9,EUR,202610,Compute Engine,Memory-optimized Upgrade Premium for Memory-optimized "
         "Instance Core,seconds,7200,1,2026-10-01 00:00:00 UTC,2026-10-01 01:00:00 UTC,a",
         "a|not|fee on machines that are billed apart||1|7200000000000|0|1000000"},
        {"9,EUR,202610,Compute Engine,Confidential Computing for N2D AMD Instance "
         "Core,seconds,7200,1,2026-10-01 00:00:00 UTC,2026-10-01 01:00:00 UTC,a",
         "a|not|fee on machines that are billed apart||1|7200000000000|0|1000000"},
        {"9,EUR,202610,Compute Engine,Vertex AI Workbench: Management fee for N1 "
         "vCPU,seconds,7200,1,2026-10-01 00:00:00 UTC,2026-10-01 01:00:00 UTC,a",
         "a|not|fee on machines that are billed apart||1|7200000000000|0|1000000"},
        {"9,EUR,202610,Compute Engine,Commitment v1: N1 Cpu in Belgium for 1 "
         "Year,seconds,7200,1,2026-10-01 00:00:00 UTC,2026-10-01 01:00:00 UTC,a",
         "a|not|purchase||1|7200000000000|0|1000000"},
    };

    for (size_t i = 0; i < JB_ARRAY_LEN(cases); i++) {
        JB_AUTO(jb_buf_release) struct jb_buf text = JB_BUF(65536);
        JB_AUTO(jb_buf_release) struct jb_buf buf = JB_BUF(65536);
        struct jb_error err = {0};
        jb_buf_addf(&text, "%s%s\n", head, cases[i].row);
        const char *const path = bill_file(jb_buf_text(&text), text.len);
        JB_AUTO(jb_bill_free_auto)
        struct jb_bill *bill = bill_of("gcp", JB_BILL_BY_ACCOUNT, NULL, path, NULL, &err);
        (void)unlink(path);
        if (!bill)
            bail_out("%s", err.message);
        bill_print(bill, false, &buf);
        if (buf.len > 0)
            buf.bytes[buf.len - 1] = '\0';
        is_str(jb_buf_text(&buf), cases[i].is, "%s", cases[i].row);
    }
}

int main(void)
{
    test_rows();
    test_gcp();
    test_parts();
    return done_testing();
}
