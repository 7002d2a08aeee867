/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A FOCUS file of any number of rows, always the same for the same seed: twenty columns, instance-hours of a few types and
 * some storage, tax and credits, of 200 projects by sub-account and tag. Uses nothing of the project.
 *
 *   bill_rows ROWS [SEED] >FILE
 */
#include <inttypes.h>
#include <stdio.h>

#define PROJECTS 200

static uint64_t next(uint64_t *state)
{
    uint64_t word = *state += UINT64_C(0x9E3779B97F4A7C15);

    word = (word ^ (word >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    word = (word ^ (word >> 27)) * UINT64_C(0x94D049BB133111EB);
    return word ^ (word >> 31);
}

static const struct {
    const char *type;
    uint64_t price_micro;
} machines[] = {
    {"p3.2xlarge", 3060000},     {"p3.8xlarge", 12240000}, {"p4d.24xlarge", 32772600},
    {"g4dn.xlarge", 526000},     {"g5.4xlarge", 1624000},  {"m5.2xlarge", 384000},
    {"c5.4xlarge", 680000},      {"r5.xlarge", 252000},    {"p5.48xlarge", 98320000},
    {"trn1.32xlarge", 21500000},
};
static const char *const regions[] = {"us-east-1", "us-west-2", "eu-west-1", "eu-central-1",
                                      "ap-northeast-1"};

static void put_row(uint64_t *state)
{
    const uint64_t word = next(state);
    const unsigned project = (unsigned)(word % PROJECTS);
    const unsigned machine = (unsigned)(word >> 16) % 10;
    const unsigned region = (unsigned)(word >> 24) % 5;
    const unsigned kind = (unsigned)(word >> 32) % 100;
    const unsigned hour = (unsigned)(word >> 40) % (30 * 24);
    /* Millionths of an hour: most rows are whole hours. */
    const uint64_t micro = kind % 4 == 0 ? next(state) % 1000000 + 1 : 1000000;
    const char *category = kind < 97    ? "Usage"
                           : kind == 97 ? "Tax"
                           : kind == 98 ? "Credit"
                                        : "Purchase";
    const int is_storage = kind >= 80 && kind < 97;
    const uint64_t cost = is_storage ? micro / 10 : machines[machine].price_micro * micro / 1000000;
    char what[96];

    if (is_storage)
        (void)snprintf(what, sizeof what,
                       "$0.10 per GB-month of General Purpose SSD (gp2), per month");
    else
        (void)snprintf(what, sizeof what, "$%" PRIu64 ".%04u per On Demand Linux %s Instance Hour",
                       machines[machine].price_micro / 1000000,
                       (unsigned)(machines[machine].price_micro % 1000000 / 100),
                       machines[machine].type);
    printf("%s%" PRIu64 ".%06u,1234567890123,USD,2026-11-01 00:00:00,2026-10-01 00:00:00,%s,NULL,"
           "\"%s\",2026-10-%02u %02u:59:59,2026-10-%02u %02u:00:00,%" PRIu64 ".%06u,%s,"
           "%" PRIu64 ".%06u,%s,AWS,%s,%s,\"Amazon Elastic Compute Cloud\",%u,"
           "\"{\"\"project\"\": \"\"project-%03u\"\", \"\"owner\"\": \"\"team %u\"\"}\"\n",
           kind == 98 ? "-" : "", cost / 1000000, (unsigned)(cost % 1000000), category, what,
           hour / 24 + 1, hour % 24, hour / 24 + 1, hour % 24, micro / 1000000,
           (unsigned)(micro % 1000000), is_storage ? "GB-Months" : "Hours", micro / 1000000,
           (unsigned)(micro % 1000000), is_storage ? "GB-Months" : "Hours", regions[region],
           is_storage ? "Storage" : "Compute", 100000000 + project, project, project % 17);
}

static uint64_t number(const char *text)
{
    uint64_t value = 0;

    for (; *text >= '0' && *text <= '9'; text++)
        value = value * 10 + (uint64_t)(*text - '0');
    return value;
}

int main(int argc, char **argv)
{
    static char room[1 << 20];
    const uint64_t n_rows = argc > 1 ? number(argv[1]) : 0;
    uint64_t state = argc > 2 ? number(argv[2]) : 1;

    (void)setvbuf(stdout, room, _IOFBF, sizeof room);
    puts("BilledCost,BillingAccountId,BillingCurrency,BillingPeriodEnd,BillingPeriodStart,"
         "ChargeCategory,ChargeClass,ChargeDescription,ChargePeriodEnd,ChargePeriodStart,"
         "ConsumedQuantity,ConsumedUnit,PricingQuantity,PricingUnit,ProviderName,RegionId,"
         "ServiceCategory,ServiceName,SubAccountId,Tags");
    for (uint64_t i = 0; i < n_rows; i++)
        put_row(&state);
    return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
