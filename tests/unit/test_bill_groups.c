/* SPDX-License-Identifier: Apache-2.0 */
/* Each text and each group is kept once; too many groups are refused; sums do not wrap. R-BILL-03, R-BILL-04. */
#include "import/bill_int.h"
#include "tap.h"

static void test_texts(struct bill_groups *groups)
{
    char dirty[8];
    bool same = true;

    (void)snprintf(dirty, sizeof dirty, "a\x01%s", "b");
    is_str(jb_bill__intern(groups, dirty), "a?b", "texts are clean");
    ok(jb_bill__intern(groups, "x") == jb_bill__intern(groups, "x"), "and kept once");
    ok(jb_bill__intern(groups, "x") != jb_bill__intern(groups, "y"), "each of them");
    for (int i = 0; i < 10000; i++) {
        char text[16];
        (void)snprintf(text, sizeof text, "text %d", i);
        const char *const kept = jb_bill__intern(groups, text);
        same = same && kept && strcmp(kept, text) == 0 && jb_bill__intern(groups, text) == kept;
    }
    ok(same, "ten thousand of them");
}

static void test_groups(struct bill_groups *groups)
{
    struct bill_where where;
    struct bill_what what;
    struct bill_key key = {NULL, NULL, "run"};
    struct jb_error err = {0};
    size_t at = 0;
    bool good = true;

    memset(&where, 0, sizeof where);
    memset(&what, 0, sizeof what);
    key.where = jb_bill__where(groups, &where);
    ok(key.where && jb_bill__where(groups, &where) == key.where, "a place is kept once");
    for (int64_t i = 0; i < JB_BILL_GROUPS_MAX; i++) {
        what.multiple = i;
        key.what = jb_bill__what(groups, &what);
        good = good && key.what && jb_bill__group_of(groups, &key, &at, &err) == JB_OK &&
               at == (size_t)i;
    }
    ok(good && jb_bill__groups_n(groups) == JB_BILL_GROUPS_MAX, "as many groups as there may be");
    what.multiple = 7;
    key.what = jb_bill__what(groups, &what);
    ok(jb_bill__group_of(groups, &key, &at, &err) == JB_OK && at == 7, "one is found again");
    what.multiple = -1;
    key.what = jb_bill__what(groups, &what);
    ok(jb_bill__group_of(groups, &key, &at, &err) == JB_E_RANGE && err.hint[0],
       "one more is refused, with what to do");
}

static void test_sums(void)
{
    struct bill_sums a;
    struct bill_sums b;

    jb_bill__sums_clear(&a);
    jb_bill__sums_clear(&b);
    b.n_rows = 2;
    b.first_line = 5;
    b.first_utc_us = 10;
    b.last_utc_us = 20;
    b.has[0] = true;
    b.sum[0] = (jb_i128)INT64_MAX * INT64_MAX;
    ok(jb_bill__sums_add(&a, &b) && a.n_rows == 2 && a.first_line == 5 && a.first_utc_us == 10 &&
           a.last_utc_us == 20 && a.has[0] && !a.has[1],
       "what was nothing is the other");
    ok(jb_bill__sums_add(&a, &b) && a.n_rows == 4, "a sum may pass 64 bits");
    ok(!jb_bill__sums_add(&a, &b) && a.n_rows == 4, "not 128, and then nothing is added");
}

int main(void)
{
    struct bill_groups *const groups = jb_bill__groups_new();

    if (!groups)
        bail_out("no memory");
    test_texts(groups);
    test_groups(groups);
    test_sums();
    jb_bill__groups_free(groups);
    return done_testing();
}
