/* SPDX-License-Identifier: Apache-2.0 */
/* Two statements beside one another, by hand. R-STATEMENT-13. */
#include "statements.h"

#include "statement/beside.h"

static void test_items(void)
{
    struct jb_statement *const told = sts_new();
    struct jb_statement *const own = sts_new();
    struct jb_statement_beside beside;
    struct jb_error err = {0};

    /* 41: 590 (580 .. 600) touches 600 .. 900; 42 is 43 here. */
    own->items[0].energy.work_uj = sts_figure(580, 590, 600);
    own->items[0].duration_ns = INT64_C(1800000000000);
    (void)snprintf(own->items[1].name, JB_RUN_TEXT, "43");
    is_i64(jb_statement_total(own), JB_OK, "an own side");
    is_i64(jb_statement_compare(told, own, &beside, &err), JB_OK, "is compared");
    is_i64((int64_t)beside.n_rows, 3, "three items in all");
    is_i64(beside.rows[0].verdict, JB_BESIDE_INSIDE, "bands that touch overlap");
    is_i64(beside.rows[0].difference_uj, 110, "the difference is told all the same");
    is_i64(beside.rows[0].difference_ppm, 186441, "110 of 590");
    is_i64(beside.rows[0].coverage_ppm, 250000, "half an hour of two is a quarter");
    is_i64(beside.rows[1].verdict, JB_BESIDE_UNMATCHED, "one is in the statement alone");
    is_i64(beside.rows[1].coverage_ppm, 0, "of which nothing was measured");
    is_i64(beside.rows[2].verdict, JB_BESIDE_UNSTATED, "one in the book alone");
    is_i64(beside.unmatched_uj, 301, "with its work");
    is_i64(beside.unstated_uj, 301, "each");
    is_i64(beside.total.difference_uj, 1001 - 891, "and the sums");
    jb_statement_beside_release(&beside);
    own->items[0].energy.work_uj = sts_figure(580, 590, 599);
    is_i64(jb_statement_compare(told, own, &beside, &err), JB_OK, "a microjoule less");
    is_i64(beside.rows[0].verdict, JB_BESIDE_MORE, "is outside: more was stated");
    jb_statement_beside_release(&beside);
    own->items[0].energy.work_uj = sts_figure(901, 950, 999);
    is_i64(jb_statement_compare(told, own, &beside, &err), JB_OK, "above it");
    is_i64(beside.rows[0].verdict, JB_BESIDE_LESS, "less was stated");
    is_str(jb_beside_verdict_name(beside.rows[0].verdict), "less stated", "in words");
    jb_statement_beside_release(&beside);
    sts_free(told);
    sts_free(own);
}

static void test_sums_only(void)
{
    struct jb_statement *const told = sts_new();
    struct jb_statement *const own = sts_new();
    struct jb_statement none = {.by = "job"};
    struct jb_statement_beside beside;
    struct jb_error err = {0};

    told->withheld = 1U << JB_STATEMENT_NAMES;
    is_i64(jb_statement_compare(told, own, &beside, &err), JB_OK, "without names");
    ok(!beside.is_by_name && beside.n_rows == 0, "only the sums are compared");
    is_i64(beside.total.verdict, JB_BESIDE_INSIDE, "which are the same");
    jb_statement_beside_release(&beside);
    told->withheld = 0;
    is_i64(jb_statement_compare(told, &none, &beside, &err), JB_OK, "beside nothing");
    is_i64(beside.total.verdict, JB_BESIDE_UNMATCHED, "nothing was measured");
    is_i64(beside.n_unmatched, 2, "of either item");
    is_i64(beside.total.difference_ppm, -1, "and no part of it can be told");
    jb_statement_beside_release(&beside);
    sts_free(told);
    sts_free(own);
}

int main(void)
{
    test_items();
    test_sums_only();
    return done_testing();
}
