/* SPDX-License-Identifier: Apache-2.0 */
/* CUR 2.0 and legacy: what each row is, and its hours, by hand. R-BILL-06 to R-BILL-08. */
#include "unit/bill_rig.h"

static void test_cur_2(void)
{
    struct jb_error err = {0};
    JB_AUTO(jb_bill_free_auto)
    struct jb_bill *bill =
        bill_of("aws-cur", JB_BILL_BY_TAG, "project", "tests/data/bills/aws-cur-2.csv", NULL, &err);
    JB_AUTO(jb_buf_release) struct jb_buf buf = JB_BUF(65536);

    if (!bill)
        bail_out("%s", err.message);
    bill_print(bill, false, &buf);
    is_str(jb_buf_text(&buf),
           "|instance||g5.xlarge|2|5000000000|18000000000|3300000\n"
           "|instance||trn1.2xlarge|1|1000000000|3600000000|1300000\n"
           "|instance||db.r5.large|1|1000000000|3600000000|250000\n"
           "|instance||db.r5.large|1|1000000000|7200000000|500000\n"
           "|instance||ml.p3.2xlarge|1|250000000|900000000|1000000\n"
           "|function|||1|7200000000000|7200000000|120000\n"
           "|function|||1|4000000000|14400000000|160000\n"
           "|service|data transfer||1|10000000000|0|900000\n"
           "|service|network||1|1000000000|0|45000\n"
           "|service|storage||1|100000000000|0|8000000\n"
           "|not|capacity reserved and not used||1|4000000000|0|80000000\n"
           "|not|credit||1|1000000000|0|-5000000\n"
           "|not|discount||1|1000000000|0|-1000000\n"
           "|not|fee for a feature of a machine that is billed apart||1|1000000000|0|20000\n"
           "|not|fee for a feature of a machine that is billed apart||1|1000000000|0|50000\n"
           "|not|purchase||1|744000000000|0|100000000\n"
           "|not|set off by a savings plan||1|3000000000|0|-3300000\n"
           "|not|tax||1|1000000000|0|21000000\n"
           "|not|rent of an address||1|1000000000|0|5000\n"
           "|not|fee of a savings plan||1|1000000000|0|2000000\n"
           "|not|fee on machines that are billed apart||1|1000000000|0|50000\n"
           "|unknown|hours of compute that name no instance type||1|1000000000|0|300000\n"
           "vision|instance||p3.2xlarge|2|1500000000|5400000000|3705000\n",
           "CUR 2.0: covered usage counts, fees and negations do not, two zones are two machines");
}

static void test_legacy(void)
{
    struct jb_error err = {0};
    JB_AUTO(jb_bill_free_auto)
    struct jb_bill *bill = bill_of("aws-cur", JB_BILL_BY_TAG, "project",
                                   "tests/data/bills/aws-cur-legacy.csv", NULL, &err);
    JB_AUTO(jb_buf_release) struct jb_buf buf = JB_BUF(65536);

    if (!bill)
        bail_out("%s", err.message);
    bill_print(bill, false, &buf);
    is_str(jb_buf_text(&buf),
           "|not|tax||1|0|0|1500000\n"
           "speech|instance||p3.2xlarge|1|250000000|900000000|826250\n"
           "vision|instance||p3.2xlarge|2|3000000000|10800000000|9915000\n",
           "the legacy report, with a column for each tag and carriage returns");
}

/* One row at a time: what is billed beside its machine is none. */
static void test_rows(void)
{
    static const char head[] =
        "bill_payer_account_id,bill_billing_period_start_date,bill_billing_period_end_date,line_"
        "item_currency_code,line_item_line_item_type,bill_billing_entity,line_item_product_code,"
        "line_item_operation,line_item_usage_type,line_item_line_item_description,pricing_unit,"
        "line_item_usage_amount,line_item_unblended_cost,line_item_usage_start_date,line_item_"
        "usage_end_date,line_item_usage_account_id\n";
    static const struct {
        const char *row, *is;
    } cases[] = {
        {"9,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,USD,Usage,AWS,AmazonEC2,RunInstances,EUW1-"
         "BoxUsage:m5.large,,Hrs,2,1,2026-10-01T00:00:00Z,2026-10-01T01:00:00Z,a",
         "a|instance||m5.large|1|2000000000|7200000000|1000000"},
        {"9,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,USD,Usage,AWS,AmazonEC2,RunInstances,APN1-"
         "SpotUsage:p3.2xlarge,,Hrs,2,1,2026-10-01T00:00:00Z,2026-10-01T01:00:00Z,a",
         "a|instance||p3.2xlarge|1|2000000000|7200000000|1000000"},
        {"9,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,USD,Usage,AWS,AmazonEC2,RunInstances,"
         "HostBoxUsage:m5.large,,Hrs,2,1,2026-10-01T00:00:00Z,2026-10-01T01:00:00Z,a",
         "a|instance||m5.large|1|2000000000|7200000000|1000000"},
        {"9,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,USD,Usage,AWS,AmazonEC2,Hosts,EU-HostUsage:"
         "m5,m5.large,Hrs,2,1,2026-10-01T00:00:00Z,2026-10-01T01:00:00Z,a",
         "a|not|rent of a host, whose machines have rows of their own||1|2000000000|0|1000000"},
        {"9,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,USD,Usage,AWS,AmazonEC2,RunInstances,"
         "DedicatedUsage:m5.large,,Hrs,2,1,2026-10-01T00:00:00Z,2026-10-01T01:00:00Z,a",
         "a|instance||m5.large|1|2000000000|7200000000|1000000"},
        {"9,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,USD,Usage,AWS,AmazonEC2,RunInstances,"
         "DedicatedRes:m5.large,,Hrs,2,1,2026-10-01T00:00:00Z,2026-10-01T01:00:00Z,a",
         "a|not|capacity reserved and not used||1|2000000000|0|1000000"},
        {"9,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,USD,Usage,AWS,AmazonEC2,RunInstances,"
         "BoxUsage:m5.large,,,2,1,2026-10-01T00:00:00Z,2026-10-01T01:00:00Z,a",
         "a|unknown|no unit||1|2000000000|0|1000000"},
        {"9,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,USD,Usage,AWS "
         "Marketplace,abc,Hourly,USE1-Usage:m5.large,,Hrs,2,1,2026-10-01T00:00:00Z,2026-10-01T01:"
         "00:00Z,a",
         "a|not|fee for software, whose machine is billed apart||1|2000000000|0|1000000"},
        {"9,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,USD,Usage,AWS "
         "Marketplace,abc,,MP:USE1_InputTokenCount-Units,AWS Marketplace software "
         "usage,Units,2,1,2026-10-01T00:00:00Z,2026-10-01T01:00:00Z,a",
         "a|service|machine learning||1|2000000000|0|1000000"},
        {"9,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,USD,Usage,AWS,ElasticMapReduce,Hadoop,EUW1-"
         "BoxUsage:m5.xlarge,,Hrs,2,1,2026-10-01T00:00:00Z,2026-10-01T01:00:00Z,a",
         "a|not|fee on machines that are billed apart||1|2000000000|0|1000000"},
        {"9,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,USD,Usage,AWS,ElasticMapReduce,,EMR-"
         "SERVERLESS-vCPUHours,,vCPU-Hours,2,1,2026-10-01T00:00:00Z,2026-10-01T01:00:00Z,a",
         "a|function|||1|2000000000|7200000000|1000000"},
        {"9,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,USD,Usage,AWS,ElasticMapReduce,,EMR-"
         "SERVERLESS-MemoryGBHours,,GB-Hours,2,1,2026-10-01T00:00:00Z,2026-10-01T01:00:00Z,a",
         "a|function|||1|2000000000|7200000000|1000000"},
        {"9,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,USD,Usage,AWS,AmazonEKS,,USE1-EKS-Auto:m5."
         "large,,Hours,2,1,2026-10-01T00:00:00Z,2026-10-01T01:00:00Z,a",
         "a|not|fee on machines that are billed apart||1|2000000000|0|1000000"},
        {"9,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,USD,Usage,AWS,AmazonEKS,,USE1-EKS-EC2-vCPU-"
         "Hours,m5.large,vCPU-Hours,2,1,2026-10-01T00:00:00Z,2026-10-01T01:00:00Z,a",
         "a|not|share of a machine that is billed apart||1|2000000000|0|1000000"},
        {"9,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,USD,Usage,AWS,AmazonEKS,,USE1-AmazonEKS-"
         "Hours:perCluster,,Hours,2,1,2026-10-01T00:00:00Z,2026-10-01T01:00:00Z,a",
         "a|service|managed service||1|2000000000|0|1000000"},
        {"9,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,USD,Usage,AWS,AWSLambda,,Lambda-Provisioned-"
         "GB-Second,,Lambda-GB-Second,2,1,2026-10-01T00:00:00Z,2026-10-01T01:00:00Z,a",
         "a|function|||1|2000000000|2000000|1000000"},
        {"9,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,USD,Usage,AWS,AWSLambda,,Lambda-Provisioned-"
         "Concurrency,,Lambda-GB-Second,2,1,2026-10-01T00:00:00Z,2026-10-01T01:00:00Z,a",
         "a|not|capacity kept ready, whose runs are billed apart||1|2000000000|0|1000000"},
        {"9,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,USD,Usage,AWS,AmazonElastiCache,,EUC1-"
         "NodeUsage:cache.r6g.large,,Hrs,2,1,2026-10-01T00:00:00Z,2026-10-01T01:00:00Z,a",
         "a|instance||cache.r6g.large|1|2000000000|7200000000|1000000"},
        {"9,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,USD,EdpDiscount,AWS,AmazonEC2,,BoxUsage:m5."
         "large,,Hrs,2,1,2026-10-01T00:00:00Z,2026-10-01T01:00:00Z,a",
         "a|not|discount||1|2000000000|0|1000000"},
    };

    for (size_t i = 0; i < JB_ARRAY_LEN(cases); i++) {
        JB_AUTO(jb_buf_release) struct jb_buf text = JB_BUF(65536);
        JB_AUTO(jb_buf_release) struct jb_buf buf = JB_BUF(65536);
        struct jb_error err = {0};
        jb_buf_addf(&text, "%s%s\n", head, cases[i].row);
        const char *const path = bill_file(jb_buf_text(&text), text.len);
        JB_AUTO(jb_bill_free_auto)
        struct jb_bill *bill = bill_of("aws-cur", JB_BILL_BY_ACCOUNT, NULL, path, NULL, &err);
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
    test_cur_2();
    test_legacy();
    return done_testing();
}
