/* SPDX-License-Identifier: Apache-2.0 */
/* Words and sums of statements, by hand. R-STATEMENT-06. */
#include "statements.h"

#include <limits.h>

static void test_words(void)
{
    is_str(jb_idle_rule_name(JB_IDLE_RESERVED), "reserved", "a rule has its word");
    is_i64(jb_idle_rule_from_name("all"), JB_IDLE_ALL, "and a word its rule");
    is_i64(jb_idle_rule_from_name("some"), -1, "another word none");
    is_str(jb_statement_part_name(JB_STATEMENT_BOOK), "book", "a part has its word");
    is_str(jb_statement_part_name(JB_STATEMENT_PARTS), "unknown", "no part has none");
}

static void test_total(void)
{
    struct jb_statement *const statement = sts_new();
    const struct jb_statement_item *const total = &statement->total;

    is_i64(total->energy.work_uj.low, 901, "lows are added");
    is_i64(total->energy.work_uj.best, 1001, "bests are");
    is_i64(total->energy.work_uj.high, 1201, "highs are");
    is_i64(total->energy.facility_uj.best, 212, "of the facility too");
    is_i64(total->n_runs, 3, "runs are counted");
    is_i64(total->method, JB_METHOD_C2, "one shared meter makes the sum C-2");
    is_i64(total->start_utc_us, STS_SINCE, "it begins with the first");
    is_i64(total->end_utc_us, STS_SINCE + 2 * STS_H_US, "and ends with the last");
    statement->items[1].energy.facility_uj.is_known = false;
    is_i64(jb_statement_total(statement), JB_OK, "a figure that is not known stops nothing");
    is_i64(total->energy.facility_uj.best, 152, "and is in no sum");
    statement->items[1].energy.work_uj.high = INT64_MAX;
    is_i64(jb_statement_total(statement), JB_E_RANGE, "what does not fit is told");
    is_i64(total->energy.work_uj.best, 1001, "and the sum stays as it was");
    statement->items[1].energy.work_uj.high = 301;
    statement->items[0].method = statement->items[1].method = JB_METHOD_B;
    is_i64(jb_statement_total(statement) == JB_OK && total->method == JB_METHOD_B, true,
           "only where all is rated the sum is");
    sts_free(statement);
}

int main(void)
{
    test_words();
    test_total();
    return done_testing();
}
