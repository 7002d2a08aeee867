/* SPDX-License-Identifier: Apache-2.0 */
/*
 * R-CASE-04 and -05: the figures of the thesis come out of the shipped files. Known truth: 1.125 x 300 W x 360 to 672 h =
 * 121.5 to 226.8 kWh (B.2), half of it for one die of two; 1.58 x 215 W x 6000 h = 2038.2 kWh (B.3).
 */
#include "../tap.h"

#include "case/case_account.h"

#define WH INT64_C(3600000000)

static const struct jb_case_told *told_of(const struct jb_case_account *account, const char *name)
{
    for (size_t i = 0; i < account->n; i++)
        if (strcmp(account->told[i].name, name) == 0)
            return &account->told[i];
    return NULL;
}

/* Low and high of the first plain reading by (4.8). */
static void plain_is(const struct jb_case_told *told, int64_t low_wh, int64_t high_wh,
                     const char *name)
{
    for (size_t i = 0; told && i < told->estimate.n_readings; i++)
        if (strcmp(told->estimate.readings[i].formula, "4.8") == 0) {
            is_i64(told->estimate.readings[i].energy_uj.low, low_wh * WH, "%s", name);
            is_i64(told->estimate.readings[i].energy_uj.high, high_wh * WH, "%s", name);
            return;
        }
    ok(false, "%s: there is a reading by (4.8)", name);
}

static bool account_of(const char *name, struct jb_case **ret_case, struct jb_case_account **ret)
{
    struct jb_error err = {0};
    const bool is_made = jb_case_open(name, ret_case, &err) == JB_OK &&
                         jb_case_account_make(*ret_case, ret, &err) == JB_OK;

    ok(is_made, "%s: the account is made", name);
    if (!is_made)
        diag("%s", err.message);
    return is_made;
}

static void test_cloud(void)
{
    JB_AUTO(jb_case_free_auto) struct jb_case *one = NULL;
    JB_AUTO(jb_case_account_free_auto) struct jb_case_account *account = NULL;

    if (!account_of("situation-recognition", &one, &account))
        return;
    plain_is(told_of(account, "whole board"), 121500, 226800, "the whole board, as the thesis");
    plain_is(told_of(account, ""), 60750, 113400, "the die that was rented: half of it");
    ok(account->is_reproduced, "what was published comes out again");
    const struct jb_estimate *const estimate = &account->told[0].estimate;
    ok(estimate->energy_uj.is_known && estimate->energy_uj.low < estimate->energy_uj.best &&
           estimate->energy_uj.best < estimate->energy_uj.high,
       "the estimate of the whole machine has a band");
}

static void test_office(void)
{
    JB_AUTO(jb_case_free_auto) struct jb_case *one = NULL;
    JB_AUTO(jb_case_account_free_auto) struct jb_case_account *account = NULL;

    if (!account_of("asphalt-damage", &one, &account))
        return;
    plain_is(told_of(account, "100 configurations"), 2038200, 2038200, "6000 hours at PUE 1.58");
    ok(account->is_reproduced, "what was published comes out again");
    one->documented.high_uj++;
    JB_AUTO(jb_case_account_free_auto) struct jb_case_account *other = NULL;
    ok(jb_case_account_make(one, &other, NULL) == JB_OK && !other->is_reproduced,
       "and a microjoule more is not the same");
}

static void test_not_computable(const char *name)
{
    JB_AUTO(jb_case_free_auto) struct jb_case *one = NULL;
    JB_AUTO(jb_case_account_free_auto) struct jb_case_account *account = NULL;

    if (!account_of(name, &one, &account))
        return;
    ok(!account->told[0].estimate.is_computable, "%s is not computable", name);
    is_str(account->told[0].estimate.why_not, "hardware unknown", "because of the hardware");
    ok(account->is_reproduced, "as was published");
}

static void test_wrong_name(void)
{
    static const char text[] = "case: a\ntitle: b\nwork: {accelerator: GeForce, duration: 1 h}\n"
                               "readings: [{name: r, why: w, work: {}}]\n";
    JB_AUTO(jb_case_free_auto) struct jb_case *one = NULL;
    JB_AUTO(jb_case_account_free_auto) struct jb_case_account *account = NULL;
    struct jb_error err = {0};

    ok(jb_case_parse("f", text, strlen(text), &one, NULL) == JB_OK &&
           jb_case_account_make(one, &account, &err) == JB_E_INPUT && !account &&
           strncmp(err.message, "a: ", 3) == 0,
       "a name that the catalogue does not know is asked back, with the case");
}

int main(void)
{
    test_cloud();
    test_office();
    test_not_computable("bank-credit");
    test_not_computable("product-information");
    test_wrong_name();
    return done_testing();
}
