/* SPDX-License-Identifier: Apache-2.0 */
/* The first row to the columns that matter. R-BILL-01, R-BILL-08. */
#include "import/bill_int.h"
#include "tap.h"

static const struct bill_column_names columns[] = {
    {BILL_COST, true, "Cost|Price"},
    {BILL_SERVICE, false, "Service"},
    {BILL_ACCOUNT, false, "Account"},
    {BILL_TIME_START, true, "Start"},
};
static const struct jb_bill_format format = {
    .info = {"made-up", ""},
    .columns = columns,
    .n_columns = 4,
    .by_account = "Sub|Account",
    .by_resource = "Resource",
    .by_service = "Service",
    .tags = "Tags",
    .tag_columns = "tag/user:|tag/",
};

/* Four columns of one kind, as they come to lie: alone, beside, between. */
static const struct bill_column_names many[] = {
    {BILL_SERVICE, false, "a"}, {BILL_METER, false, "b"}, {BILL_UNIT, false, "c"},
    {BILL_FAMILY, false, "d"},  {BILL_CLASS, false, "e"},
};
static const struct jb_bill_format wide_format = {
    .info = {"made-up", ""}, .columns = many, .n_columns = 5, .by_account = "Sub"};

static void test_spans(void)
{
    static const struct {
        const char *row;
        size_t n;
        int first[3], last[3];
    } cases[] = {
        {"Sub,c,x,a,x,b", 3, {1, 3, 5}, {1, 3, 5}},
        {"b,a,c,d,e,Sub", 1, {0}, {4}},
        {"a,c,b,Sub,x,e,d", 2, {0, 5}, {2, 6}},
        {"Sub,a,e,b,x,d,c", 2, {1, 5}, {3, 6}},
    };
    static struct bill_layout found;
    const struct jb_bill_rule by_account = {JB_BILL_BY_ACCOUNT, NULL};
    struct jb_error err = {0};

    for (size_t i = 0; i < JB_ARRAY_LEN(cases); i++) {
        const char *const row = cases[i].row;
        bool right =
            jb_bill__layout(&wide_format, &by_account, row, strlen(row), &found, &err) == JB_OK &&
            found.what.n == cases[i].n;
        for (size_t k = 0; right && k < cases[i].n; k++)
            right = found.what.one[k].first == cases[i].first[k] &&
                    found.what.one[k].last == cases[i].last[k];
        ok(right, "columns side by side: %s", row);
    }
}

static jb_rc layout(const struct jb_bill_rule *rule, const char *row, struct bill_layout *ret,
                    struct jb_error *err)
{
    return jb_bill__layout(&format, rule, row, strlen(row), ret, err);
}

int main(void)
{
    static struct bill_layout found;
    const struct jb_bill_rule by_account = {JB_BILL_BY_ACCOUNT, NULL};
    const struct jb_bill_rule by_tag = {JB_BILL_BY_TAG, "team"};
    struct jb_error err = {0};

    ok(layout(&by_account, "x,\"START\",account,y,price,service", &found, &err) == JB_OK,
       "names are found in any order and case");
    ok(found.n_columns == 6 && found.at[BILL_COST] == 4 && found.at[BILL_TIME_START] == 1 &&
           found.at[BILL_ACCOUNT] == 2 && found.at[BILL_SERVICE] == 5 && found.at[BILL_RUN] == 2,
       "each where it is");
    is_str(found.name[BILL_COST], "price", "as the file spells it");
    ok(found.what.n == 1 && found.what.one[0].first == 5 && found.what.one[0].last == 5,
       "what says what a row is");
    ok(found.where.n == 1 && found.where.one[0].first == 1 && found.where.one[0].last == 2,
       "without a period the time stands for it; columns side by side are one");
    ok(layout(&by_account, "Cost,Price,Start,Account,Sub", &found, &err) == JB_OK &&
           found.at[BILL_COST] == 0 && found.at[BILL_RUN] == 4,
       "the best name goes first");
    ok(layout(&by_account, "Start,Account", &found, &err) == JB_E_INPUT, "a needed one is needed");
    is_str(err.message, "line 1: no column 'Cost', which a bill of made-up has", "by its name");
    ok(layout(&by_tag, "Cost,Start,Tags", &found, &err) == JB_OK && found.is_run_json &&
           found.at[BILL_RUN] == 2,
       "tags may be JSON");
    ok(layout(&by_tag, "Cost,Start,Tags,tag/user:Team", &found, &err) == JB_OK &&
           !found.is_run_json && found.at[BILL_RUN] == 3,
       "or a column each");
    ok(layout(&by_tag, "Cost,Start", &found, &err) == JB_E_INPUT,
       "without either there are no runs");
    char *const wide = calloc(1, 2 * BILL_COLUMNS_MAX + 8);
    if (!wide)
        bail_out("no memory");
    memset(wide, ',', BILL_COLUMNS_MAX);
    ok(layout(&by_account, wide, &found, &err) == JB_E_INPUT, "more columns than any bill has");
    free(wide);
    test_spans();
    return done_testing();
}
