/* SPDX-License-Identifier: Apache-2.0 */
/* FOCUS of several versions and providers: one row at a time, and what it is. R-BILL-06, R-BILL-07. */
#include "unit/bill_rig.h"

#define HEAD_1_4                                                                               \
    "BilledCost,BillingAccountId,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,"         \
    "ServiceProviderName,HostProviderName,ChargePeriodStart,ChargePeriodEnd,SubAccountId,"     \
    "ChargeCategory,ChargeClass,CommitmentDiscountStatus,CapacityReservationStatus,"           \
    "ServiceCategory,ServiceName,SkuMeter,ChargeDescription,SkuPriceDetails,ConsumedQuantity," \
    "ConsumedUnit,PricingQuantity,PricingUnit\n"
#define BEGIN                                                                            \
    "1,1,EUR,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,Maker,Host,2026-10-01T00:00:00Z," \
    "2026-10-01T01:00:00Z,a,"

static const struct {
    const char *row, *is;
} cases[] = {
    {"Usage,,,,Compute,Amazon EC2,BoxUsage:p3.2xlarge,,,2,Hours,2,Hours",
     "a|instance||p3.2xlarge|1|2000000000|7200000000|1000000"},
    {"Usage,,,,Compute,EC2,,p5.48xlarge Linux/UNIX Spot Instance-hour in US East,,2,Hours,2,Hours",
     "a|instance||p5.48xlarge|1|2000000000|7200000000|1000000"},
    {"Usage,,,,Compute,EC2,,$5 per hour for u-6tb1.metal,,1,Hours,1,Hours",
     "a|instance||u-6tb1.metal|1|1000000000|3600000000|1000000"},
    {"Usage,,,,AI and Machine Learning,Amazon SageMaker,,Training ml.g5.2xlarge per "
     "hour,,1,Hrs,1,Hrs",
     "a|instance||ml.g5.2xlarge|1|1000000000|3600000000|1000000"},
    {"Usage,,,,Compute,Virtual Machines,NC6s "
     "v3,,\"{\"\"ServiceType\"\":\"\"Standard_NC6s_v3\"\"}\",3,Hours,3,1 Hour",
     "a|instance||Standard_NC6s_v3|1|3000000000|10800000000|1000000"},
    {"Usage,,,,Compute,Virtual Machines,D2 v3/DS2 v3 Spot,,,1,Hours,1,1 Hour",
     "a|instance||D2 v3|1|1000000000|3600000000|1000000"},
    {"Usage,,,,Compute,Virtual Machines,NC6,,,NULL,NULL,0.5,100 Hours",
     "a|instance||NC6|1|500000000|180000000000|1000000"},
    {"Usage,,,,Compute,Compute Engine,,a2-highgpu-1g in Iowa,,1,Hours,1,Hours",
     "a|instance||a2-highgpu-1g|1|1000000000|3600000000|1000000"},
    {"Usage,,,,Compute,Compute Engine,,Nvidia Tesla V100 GPU attached to Spot VMs running in "
     "Iowa,,1,Hours,1,Hours",
     "a|instance||Nvidia Tesla V100|1|1000000000|3600000000|1000000"},
    {"Usage,,,,Compute,Compute Engine,,N1 Predefined Instance Core running in "
     "Iowa,,8,Hours,8,Hours",
     "a|instance||N1|1|8000000000|28800000000|1000000"},
    {"Usage,,,,Compute,Amazon EC2,BoxUsage:p3.2xlarge,,,,,,", "a|unknown|no unit||1|0|0|1000000"},
    {"Usage,,,,Compute,Amazon EC2,BoxUsage:p3.2xlarge,,,,Hours,,Hours",
     "a|unknown|no quantity|p3.2xlarge|1|0|0|1000000"},
    {"Usage,,,,Compute,Amazon EC2,,Capacity of p3.2,,1,Hours,1,Hours",
     "a|unknown|hours of compute that name no instance type||1|1000000000|0|1000000"},
    {"Usage,,,Unused,Compute,Amazon EC2,BoxUsage:p3.2xlarge,,,1,Hours,1,Hours",
     "a|not|capacity reserved and not used||1|1000000000|0|1000000"},
    {"Usage,,Unused,,Compute,Amazon EC2,BoxUsage:p3.2xlarge,,,1,Hours,1,Hours",
     "a|not|commitment paid and not used||1|1000000000|0|1000000"},
    {"Purchase,,,,Compute,Amazon EC2,BoxUsage:p3.2xlarge,,,1,Hours,1,Hours",
     "a|not|purchase||1|1000000000|0|1000000"},
    {"Adjustment,,,,Compute,Amazon EC2,,rounding,,,,,", "a|not|adjustment||1|0|0|1000000"},
    {"usage,correction,,,Compute,Amazon EC2,BoxUsage:p3.2xlarge,,,1,Hours,1,Hours",
     "a|not|correction||1|1000000000|0|1000000"},
    {"Gift,,,,Compute,Amazon EC2,,,,1,Hours,1,Hours",
     "a|unknown|charge category not known||1|1000000000|0|1000000"},
    {"Usage,,,,Compute,Amazon EC2,,AWS Marketplace software "
     "usage|eu-west-1|m5.xlarge,,1,Hours,1,Hours",
     "a|not|fee for software, whose machine is billed apart||1|1000000000|0|1000000"},
    {"Usage,,,,Analytics,Amazon Elastic MapReduce,,$0.096 for EMR m5.2xlarge,,1,Hours,1,Hours",
     "a|not|fee on machines that are billed apart||1|1000000000|0|1000000"},
    {"Usage,,,,Databases,Amazon RDS,EUW1-Multi-AZUsage:db.r5.large,,,1,Hours,1,Hours",
     "a|instance||db.r5.large|1|1000000000|7200000000|1000000"},
    {"Usage,,,,Compute,Amazon EC2,EUW1-HostUsage:m5,x m5.large,,1,Hours,1,Hours",
     "a|not|rent of a host, whose machines have rows of their own||1|1000000000|0|1000000"},
    {"Usage,,,,Compute,Amazon EC2,EUW1-HostBoxUsage:m5.large,,,1,Hours,1,Hours",
     "a|instance||m5.large|1|1000000000|3600000000|1000000"},
    {"Usage,,,,Compute,Amazon EC2,DedicatedRes:m5.large,,,1,Hours,1,Hours",
     "a|not|capacity reserved and not used||1|1000000000|0|1000000"},
    {"Usage,,,,Compute,Amazon EKS,USE1-EKS-Auto:m5.large,,,1,Hours,1,Hours",
     "a|not|fee on machines that are billed apart||1|1000000000|0|1000000"},
    {"Usage,,,,Compute,Amazon EKS,USE1-EKS-EC2-vCPU-Hours,m5.large,,1,vCPU-Hours,1,vCPU-Hours",
     "a|not|share of a machine that is billed apart||1|1000000000|0|1000000"},
    {"Usage,,,,Analytics,Amazon EMR,USE1-EMR-SERVERLESS-vCPUHours,,,1,vCPU-Hours,1,vCPU-Hours",
     "a|function|||1|1000000000|3600000000|1000000"},
    {"Usage,,,,Compute,Virtual Machines,2 vCPU VM "
     "License,,\"{\"\"ServiceType\"\":\"\"Standard_D2s_v3\"\"}\",1,Hours,1,Hours",
     "a|not|fee for software, whose machine is billed apart||1|1000000000|0|1000000"},
    {"Usage,,,,Compute,Compute Engine,,Sole Tenancy Premium for N1 Instance Core running in "
     "Iowa,,1,Hours,1,Hours",
     "a|not|fee on machines that are billed apart||1|1000000000|0|1000000"},
    {"Usage,,,,Compute,Compute Engine,,Commitment v1: N1 Cpu,,1,Hours,1,Hours",
     "a|not|purchase||1|1000000000|0|1000000"},
    {"Usage,,,,AI and Machine Learning,Model (Amazon Bedrock "
     "Edition),MP:USE1_InputTokenCount-Units,AWS Marketplace software usage,,1,Units,1,Units",
     "a|service|machine learning||1|1000000000|0|1000000"},
    {"Usage,,,,Other,Colocation,,power,,2.5,kWh,2.5,kWh",
     "a|energy|||1|2500000000|9000000000000|1000000"},
    {"Usage,,,,,,,,,1,GB,1,GB",
     "a|unknown|nothing in the row says what it is||1|1000000000|0|1000000"},
};

int main(void)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(cases); i++) {
        JB_AUTO(jb_buf_release) struct jb_buf text = JB_BUF(65536);
        JB_AUTO(jb_buf_release) struct jb_buf buf = JB_BUF(65536);
        struct jb_error err = {0};
        jb_buf_addf(&text, "%s%s%s\n", HEAD_1_4, BEGIN, cases[i].row);
        const char *const path = bill_file(jb_buf_text(&text), text.len);
        JB_AUTO(jb_bill_free_auto)
        struct jb_bill *bill = bill_of("focus", JB_BILL_BY_ACCOUNT, NULL, path, NULL, &err);
        (void)unlink(path);
        if (!bill)
            bail_out("%s", err.message);
        bill_print(bill, false, &buf);
        if (buf.len > 0)
            buf.bytes[buf.len - 1] = '\0';
        is_str(jb_buf_text(&buf), cases[i].is, "%s", cases[i].row);
        if (i == 0)
            is_str(jb_bill_group_at(bill, 0)->provider, "Maker", "the provider of 1.4 is found");
    }
    return done_testing();
}
