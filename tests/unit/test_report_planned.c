/* SPDX-License-Identifier: Apache-2.0 */
/* report/report_planned: planned beside measured in words that a person reads; no factor of what is not alike (R-PLAN-33). */
#include "base/num.h"
#include "report/report_int.h"
#include "tap.h"

static struct jb_account account;

static void is_text(bool is_short, const char *want, const char *name)
{
    const struct jb_style style = {.width = 200};
    struct jb_buf out = JB_BUF(8192);

    if (is_short)
        jb_report_planned_short(&account, &out);
    else
        jb_report_planned(&account, &style, &out);
    is_str(jb_buf_text(&out), want, "%s", name);
    jb_buf_release(&out);
}

static void set_row(enum jb_beside_row name, int64_t low, int64_t best, int64_t high,
                    int64_t measured, int64_t factor_ppm)
{
    account.planned.rows[name] = (struct jb_beside){
        .is_planned = true,
        .is_measured = measured >= 0,
        .low = low,
        .best = best,
        .high = high,
        .measured = measured,
        .is_inside = low <= measured && measured <= high,
        .factor_ppm = factor_ppm,
    };
}

int main(void)
{
    struct jb_account_planned *const planned = &account.planned;

    is_text(false, "", "a run without a plan says nothing of plans");
    is_text(true, "", "nor does its summary");
    planned->is_told = true;
    memcpy(planned->plan_id, "01a20984-b36c-7581-9823-1d2ad40eb2df", JB_RUN_ID);
    memcpy(planned->why_not, "it is void", 11);
    is_text(false, "plan       01a20984-b36c-7581: it is void\n", "a plan that does not count");
    is_text(true, "  plan       it is void\n", "also in the summary");
    planned->why_not[0] = '\0';
    memcpy(planned->plan.hardware, "8 x A100", 9);
    memcpy(planned->plan.place, "FR", 3);
    memcpy(planned->plan.currency, "EUR", 4);
    set_row(JB_BESIDE_ENERGY_UJ, INT64_C(3600000000), INT64_C(7200000000), INT64_C(10800000000),
            INT64_C(9000000000), 1250000);
    set_row(JB_BESIDE_WALL_US, 50000000, 60000000, 70000000, 90000000, 1500000);
    set_row(JB_BESIDE_FLOP, 900000, 1000000, 1100000, -1, 0);
    set_row(JB_BESIDE_UTILISATION_PPM, 200000, 400000, 500000, 4000, 10000);
    set_row(JB_BESIDE_COST_MICRO, 1000000, 2000000, 3000000, 2000000, 0);
    planned->rows[JB_BESIDE_COST_MICRO].why_not = "in another currency";
    is_text(false,
            "\nbeside its plan: 8 x A100 in FR, 01a20984-b36c-7581\n"
            "                 planned  90 %                    measured  factor\n"
            "  energy, IT     2.00 Wh  1.00 Wh .. 3.00 Wh       2.50 Wh    1.25  inside\n"
            "  time        1 min 00 s  50.0 s .. 1 min 10 s  1 min 30 s     1.5  above the band\n"
            "  FLOP            1.00e6  900000 .. 1.10e6\n"
            "  of peak           40 %  20 % .. 50 %               0.4 %    0.01  below the band\n"
            "  cost             2 EUR  1 EUR .. 3 EUR             2 EUR          not compared: in "
            "another currency\n",
            "each figure with its band, what came of it and the factor");
    is_text(true,
            "  plan       1.25 of the planned energy, inside; 1.5 of the planned time, above the "
            "band\n",
            "one line of it");
    planned->rows[JB_BESIDE_ENERGY_UJ].is_measured = false;
    is_text(true, "  plan       1.5 of the planned time, above the band\n", "of what is measured");
    planned->is_itself = true;
    is_text(true, "", "a plan is not beside itself");
    return done_testing();
}
