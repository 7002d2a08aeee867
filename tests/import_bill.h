/* SPDX-License-Identifier: Apache-2.0 */
/* For tests of bills in the book: small bills of FOCUS, row by row, and what comes of them. */
#ifndef JB_TESTS_IMPORT_BILL_H
#define JB_TESTS_IMPORT_BILL_H

#include "book.h"

#include "base/buf.h"
#include "base/num.h"
#include "pipeline/import_bill_int.h"

#define HOUR_US INT64_C(3600000000)
#define WH_UJ   INT64_C(3600000000)

static struct jb_run bill_facts = {
    .market_mgco2e_per_kwh = -1, .pue_milli = -1, .tariff_micro_per_kwh = -1, .exit_code = -1};

static const char bill_head[] =
    "BilledCost,BillingAccountId,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,"
    "ChargeCategory,"
    "ServiceCategory,ServiceName,ChargeDescription,PricingUnit,PricingQuantity,ChargePeriodStart,"
    "ChargePeriodEnd,SubAccountId,RegionId,ProviderName\n";

/* A row of October 2026, from the first on for an hour. */
TAP__UNUSED static void bill_row(struct jb_buf *text, const char *run, const char *category,
                                 const char *family, const char *service, const char *description,
                                 const char *quantity, const char *unit, const char *region)
{
    jb_buf_addf(text,
                "1.25,42,USD,2026-10-01,2026-11-01,%s,%s,%s,%s,%s,%s,2026-10-01T00:00:00Z,"
                "2026-10-01T01:00:00Z,%s,%s,AWS\n",
                category, family, service, description, unit, quantity, run, region);
}

TAP__UNUSED static void bill_hours(struct jb_buf *text, const char *run, const char *type,
                                   const char *hours, const char *region)
{
    char description[128];

    (void)snprintf(description, sizeof description, "$1 per On Demand Linux %s Instance Hour",
                   type);
    bill_row(text, run, "Usage", "Compute", "Amazon Elastic Compute Cloud", description, hours,
             "Hours", region);
}

TAP__UNUSED static struct jb_bill *bill_of_rows(const struct jb_buf *rows)
{
    const struct jb_bill_rule rule = {JB_BILL_BY_ACCOUNT, NULL};
    char path[] = "/tmp/jb-bill-XXXXXX";
    struct jb_bill *bill = NULL;
    struct jb_error err = {0};
    const int fd = mkstemp(path);

    if (fd < 0 || write(fd, bill_head, strlen(bill_head)) < 0 ||
        write(fd, rows->bytes, rows->len) != (ssize_t)rows->len || close(fd) != 0)
        bail_out("cannot write a bill");
    book_must(jb_bill_new(jb_bill_format_find("focus"), &rule, &bill, &err), &err, "new");
    book_must(jb_bill_read(bill, path, NULL, &err), &err, "read");
    book_must(jb_bill_finish(bill, &err), &err, "finish");
    (void)unlink(path);
    return bill;
}

TAP__UNUSED static struct jb_import_bill_order bill_order(const struct jb_bill *bill)
{
    return (struct jb_import_bill_order){.bill = bill,
                                         .source = "focus",
                                         .rule = {JB_BILL_BY_ACCOUNT, NULL},
                                         .facts = &bill_facts,
                                         .file = "bill.csv",
                                         .command = "",
                                         .clock = &jb_clock_system};
}

/* Parts per million that `got` is off `want`. */
TAP__UNUSED static int64_t off_ppm(int64_t got, int64_t want)
{
    return jb_muldiv_sat_i64(got > want ? got - want : want - got, 1000000, want, JB_ROUND_CEIL);
}

#endif
