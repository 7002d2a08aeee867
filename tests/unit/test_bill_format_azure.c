/* SPDX-License-Identifier: Apache-2.0 */
/* EA and MCA cost details: what each row is, and its hours, by hand. R-BILL-05 to R-BILL-08. */
#include "unit/bill_rig.h"

static void test_ea(void)
{
    struct jb_error err = {0};
    JB_AUTO(jb_bill_free_auto)
    struct jb_bill *bill =
        bill_of("azure", JB_BILL_BY_TAG, "project", "tests/data/bills/azure-ea.csv", NULL, &err);
    JB_AUTO(jb_buf_release) struct jb_buf buf = JB_BUF(65536);

    if (!bill)
        bail_out("%s", err.message);
    bill_print(bill, false, &buf);
    is_str(jb_buf_text(&buf),
           "|instance||D2 v3|1|2000000000|7200000000|200000\n"
           "|instance||NC6s v3|1|8000000000|28800000000|5000000\n"
           "|function|||1|6000000000|21600000000|300000\n"
           "|function|||1|3600000000000|3600000000|50000\n"
           "|service|data transfer||1|3000000000|0|240000\n"
           "|service|managed service||1|2000000000|0|10000\n"
           "|service|storage||1|500000000|0|9000000\n"
           "|not|commitment paid and not used||1|10000000000|0|7000000\n"
           "|not|refund||1|0|0|-1000000\n"
           "|not|fee for software, whose machine is billed apart||1|24000000000|0|4000000\n"
           "|not|rent of an address||1|24000000000|0|100000\n"
           "|unknown|hours of compute that name no instance type||1|1000000000|0|100000\n"
           "vision|instance||Standard_NC6|2|36000000000|129600000000|27750000\n",
           "Enterprise Agreement: braces of tags may be missing, a quantity is no multiple of its "
           "unit");
}

static void test_mca(void)
{
    struct jb_error err = {0};
    JB_AUTO(jb_bill_free_auto)
    struct jb_bill *bill =
        bill_of("azure", JB_BILL_BY_TAG, "project", "tests/data/bills/azure-mca.csv", NULL, &err);
    JB_AUTO(jb_buf_release) struct jb_buf buf = JB_BUF(65536);

    if (!bill)
        bail_out("%s", err.message);
    bill_print(bill, false, &buf);
    is_str(jb_buf_text(&buf),
           "|instance||D2 v3|1|2000000000|7200000000|200000\n"
           "|instance||NC6s v3|1|8000000000|28800000000|5000000\n"
           "|function|||1|6000000000|21600000000|300000\n"
           "|function|||1|3600000000000|3600000000|50000\n"
           "|service|data transfer||1|3000000000|0|240000\n"
           "|service|managed service||1|2000000000|0|10000\n"
           "|service|storage||1|500000000|0|9000000\n"
           "|not|commitment paid and not used||1|10000000000|0|7000000\n"
           "|not|refund||1|0|0|-1000000\n"
           "|not|fee for software, whose machine is billed apart||1|24000000000|0|4000000\n"
           "|not|rent of an address||1|24000000000|0|100000\n"
           "|unknown|hours of compute that name no instance type||1|1000000000|0|100000\n"
           "vision|instance||Standard_NC6|2|36000000000|129600000000|27750000\n",
           "Customer Agreement: the same in camel case");
}

static void test_days(void)
{
    struct jb_error err = {0};
    JB_AUTO(jb_bill_free_auto)
    struct jb_bill *bill =
        bill_of("azure", JB_BILL_BY_TAG, "project", "tests/data/bills/azure-ea.csv", NULL, &err);

    if (!bill)
        bail_out("%s", err.message);
    const struct jb_bill_group *const group = jb_bill_group_at(bill, jb_bill_n_groups(bill) - 1);
    is_i64(group->first_utc_us, INT64_C(1791158400000000), "5 October begins at midnight");
    is_i64(group->last_utc_us, INT64_C(1791331200000000), "6 October ends with the day");
    is_i64(group->period_end_utc_us, INT64_C(1793491200000000),
           "the period ends after its last day");
}

/* One row at a time: what is billed beside its machine is none. */
static void test_rows(void)
{
    static const char head[] =
        "BillingAccountId,BillingCurrency,ChargeType,PublisherType,MeterCategory,MeterName,"
        "UnitOfMeasure,AdditionalInfo,Quantity,CostInBillingCurrency,Date,SubscriptionId\n";
    static const struct {
        const char *row, *is;
    } cases[] = {
        {"9,EUR,Usage,Azure,Virtual Machines,D2s v3,100 "
         "Hours,\"{\"\"ServiceType\"\":\"\"Standard_D2s_v3\"\"}\",2,1,10/05/2026,a",
         "a|instance||Standard_D2s_v3|1|2000000000|7200000000|1000000"},
        {"9,EUR,Usage,Azure,Virtual Machines,D2s v3,1 "
         "Hour,\"{\"\"ServiceType\"\":\"\"Standard_D2s_v3\"\"}\",2,1,10/05/2026,a",
         "a|instance||Standard_D2s_v3|1|2000000000|7200000000|1000000"},
        {"9,EUR,Usage,Azure,Virtual Machines Licenses,2 vCPU VM License,1 "
         "Hour,\"{\"\"ServiceType\"\":\"\"Standard_D2s_v3\"\"}\",2,1,10/05/2026,a",
         "a|not|fee for software, whose machine is billed apart||1|2000000000|0|1000000"},
        {"9,EUR,Usage,Azure,Virtual Machines,2 vCPU VM Support,1 "
         "Hour,\"{\"\"ServiceType\"\":\"\"Standard_D2s_v3\"\"}\",2,1,10/05/2026,a",
         "a|not|fee for software, whose machine is billed apart||1|2000000000|0|1000000"},
        {"9,EUR,Usage,Marketplace,Virtual Machines,Image 2 cores,1 "
         "Hour,\"{\"\"ServiceType\"\":\"\"Standard_D2s_v3\"\"}\",2,1,10/05/2026,a",
         "a|not|fee for software, whose machine is billed apart||1|2000000000|0|1000000"},
        {"9,EUR,Usage,Marketplace,SaaS,Model Input Tokens,1K,,2,1,10/05/2026,a",
         "a|service|machine learning||1|2000000000|0|1000000"},
        {"9,EUR,Usage,Azure,Azure Machine Learning,Standard vCPU Surcharge,1 "
         "Hour,\"{\"\"ServiceType\"\":\"\"Standard_D2s_v3\"\"}\",2,1,10/05/2026,a",
         "a|not|fee on machines that are billed apart||1|2000000000|0|1000000"},
        {"9,EUR,Usage,Azure,Azure Databricks,Premium Jobs Compute DBU,1 "
         "Hour,\"{\"\"ServiceType\"\":\"\"Standard_D2s_v3\"\"}\",2,1,10/05/2026,a",
         "a|not|fee on machines that are billed apart||1|2000000000|0|1000000"},
        {"9,EUR,Usage,Azure,Azure Databricks,Premium Serverless SQL DBU,1 Hour,,2,1,10/05/2026,a",
         "a|service|managed service||1|2000000000|0|1000000"},
        {"9,EUR,Usage,Azure,Storage,Hot LRS Data Stored,1 GB/Month,,2,1,10/05/2026,a",
         "a|service|storage||1|2000000000|0|1000000"},
    };

    for (size_t i = 0; i < JB_ARRAY_LEN(cases); i++) {
        JB_AUTO(jb_buf_release) struct jb_buf text = JB_BUF(65536);
        JB_AUTO(jb_buf_release) struct jb_buf buf = JB_BUF(65536);
        struct jb_error err = {0};
        jb_buf_addf(&text, "%s%s\n", head, cases[i].row);
        const char *const path = bill_file(jb_buf_text(&text), text.len);
        JB_AUTO(jb_bill_free_auto)
        struct jb_bill *bill = bill_of("azure", JB_BILL_BY_ACCOUNT, NULL, path, NULL, &err);
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
    test_ea();
    test_mca();
    test_days();
    return done_testing();
}
