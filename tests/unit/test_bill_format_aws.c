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

int main(void)
{
    test_cur_2();
    test_legacy();
    return done_testing();
}
