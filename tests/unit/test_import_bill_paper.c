/* SPDX-License-Identifier: Apache-2.0 */
/* When a bill is the same bill, and when it tells the same. R-BILL-15, R-BILL-16. */
#include "import_bill.h"

static struct jb_bill_group usual = {
    .account = "42",
    .provider = "AWS",
    .period_start_utc_us = INT64_C(1790812800000000),
    .period_end_utc_us = INT64_C(1793491200000000),
    .run = "alpha",
    .reason = "",
    .instance = "t2.micro",
    .service = "EC2",
    .region = "eu-west-1",
    .unit = "Hours",
    .currency = "USD",
    .n_rows = 1,
    .first_line = 2,
    .instance_us = HOUR_US,
};

static struct jb_rebuilt rebuilt;

static struct jb_hash digest(const struct jb_bill_group *group, enum bill_fate fate,
                             const struct jb_import_bill_order *order)
{
    const struct bill_import import = {.order = order, .rebuilt = &rebuilt};
    const struct bill_place place = {.group = group, .fate = fate};
    struct jb_error err = {0};
    struct jb_hash hash = {0};

    book_must(bill_paper_digest(&import, &place, 1, &hash, &err), &err, "digest");
    return hash;
}

static bool is_equal(struct jb_hash a, struct jb_hash b)
{
    return memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}

static void test_keys(void)
{
    char key[JB_REBUILT_KEY];
    char other[JB_REBUILT_KEY];
    char name[300];
    struct jb_bill_group group = usual;

    bill_paper_key(&group, key);
    is_str(key, "42 2026-10-01 2026-11-01 AWS", "account, period and provider");
    group.period_end_utc_us += 20 * JB_US_PER_HOUR;
    bill_paper_key(&group, key);
    is_str(key, "42 2026-10-01 2026-11-01T20:00:00Z AWS",
           "a period that ends within a day is another");
    group.period_start_utc_us = group.period_end_utc_us = 0;
    bill_paper_key(&group, key);
    is_str(key, "42 - - AWS", "a bill without a period");
    memset(name, 'a', sizeof name);
    name[255] = '\0';
    group.account = name;
    bill_paper_key(&group, key);
    char twin[300];
    memcpy(twin, name, sizeof twin);
    twin[254] = 'b';
    group.account = twin;
    bill_paper_key(&group, other);
    ok(strcmp(key, other) != 0, "two long accounts that differ at their end are two bills");
}

static void test_digests(void)
{
    struct jb_import_bill_order order = bill_order(NULL);
    const struct jb_hash base = digest(&usual, BILL_FATE_ENERGY, &order);
    struct jb_bill_group group = usual;

    group.first_line = 99;
    ok(is_equal(digest(&group, BILL_FATE_ENERGY, &order), base), "where a row stood is not in it");
    group = usual;
    group.instance_us++;
    ok(!is_equal(digest(&group, BILL_FATE_ENERGY, &order), base), "time is");
    group = usual;
    group.cost_micro = 1;
    ok(!is_equal(digest(&group, BILL_FATE_ENERGY, &order), base), "cost is");
    group = usual;
    group.has_effective_cost = true;
    ok(!is_equal(digest(&group, BILL_FATE_ENERGY, &order), base), "no cost is not a cost of zero");
    ok(!is_equal(digest(&usual, BILL_FATE_LEFT, &order), base),
       "whether the catalogue knows it is");
    order.n_markups = 1;
    order.markups[0].share_ppm =
        (struct jb_quantity){.known = JB_KNOWN_VALUE, .low = 1, .best = 1, .high = 1};
    ok(!is_equal(digest(&usual, BILL_FATE_ENERGY, &order), base), "a stated mark-up is");
    order = bill_order(NULL);
    struct jb_run facts = bill_facts;
    book_text(facts.project, sizeof facts.project, "vision");
    order.facts = &facts;
    ok(!is_equal(digest(&usual, BILL_FATE_ENERGY, &order), base), "a stated project is");
    order = bill_order(NULL);
    order.file = "other.csv";
    ok(is_equal(digest(&usual, BILL_FATE_ENERGY, &order), base), "the file is not");
}

int main(void)
{
    test_keys();
    test_digests();
    return done_testing();
}
