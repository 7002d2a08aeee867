/* SPDX-License-Identifier: Apache-2.0 */
/* A plan to JSON and back, digit by digit, and what no plan can be (R-PLAN-31). */
#include "account/account.h"

#include <stdlib.h>
#include <string.h>

#include "account/json_int.h"
#include "base/num.h"
#include "tap.h"

static void has(const char *text, const char *part, const char *claim)
{
    ok(strstr(text, part) != NULL, "%s: %s", claim, text);
}

static const struct jb_planned whole = {
    .hardware = "8 x NVIDIA A100 SXM4 80GB",
    .place = "aws/eu-west-1",
    .work = "as stated",
    .basis = "stated",
    .catalogue = "2026-11-23",
    .currency = "EUR",
    .peak_type = "bf16",
    .peak_gflops = 2496000,
    .flop_method = JB_FLOP_STATED,
    .training_flop = (jb_i128)315 * 1000000000000 * 1000000000000,
    .flop_low_ppm = 900000,
    .flop_high_ppm = 1100000,
    .start_utc_us = INT64_C(1767225600000000),
    .has_pue = true,
    .utilisation_ppm = {true, false, 1, 2, 3},
    .device_us = {true, false, 4, 5, INT64_MAX},
    .wall_us = {true, false, 7, 8, 9},
    .energy_mj = {true, false, 10, 11, 12},
    .facility_mj = {true, false, 13, 14, 15},
    .location_ugco2e = {true, false, 16, 17, 18},
};

static void there_and_back(void)
{
    struct jb_planned back;
    struct jb_error err = {0};
    char *json = NULL;
    char *again = NULL;

    is_i64(jb_planned_to_json(&whole, &json, &err), JB_OK, "to JSON");
    has(json, "\"training_flop\":\"315000000000000000000000000\"", "operations are digits");
    has(json, "\"cost_micro\":null", "what is not known is null");
    is_i64(jb_planned_from_json(json, &back, &err), JB_OK, "and back: %s", err.message);
    is_i64(jb_planned_to_json(&back, &again, &err), JB_OK, "and again");
    is_str(again, json, "it is the same");
    ok(back.training_flop == whole.training_flop && back.device_us.high == INT64_MAX &&
           back.has_pue && !back.has_price && back.flop_method == JB_FLOP_STATED &&
           !back.cost_micro.is_known && back.wall_us.best == 8,
       "with what was in it");
    free(json);
    free(again);
}

static void refused(void)
{
    static const char *const texts[] = {
        "",
        "[]x",
        "{\"wall_us\":7}",
        "{\"wall_us\":{\"low\":5,\"best\":4,\"high\":6,\"is_hard_bound\":false}}",
        "{\"energy_mj\":{\"low\":-1,\"best\":4,\"high\":6,\"is_hard_bound\":false}}",
        "{\"training_flop\":\"2000000000000000000000000000000\"}",
        "{\"flop_high_ppm\":9000000000000}",
    };
    struct jb_planned back;
    struct jb_error err = {0};

    for (size_t i = 0; i < JB_ARRAY_LEN(texts); i++)
        ok(jb_planned_from_json(texts[i], &back, &err) < 0, "'%s' is no plan", texts[i]);
}

static void beside(void)
{
    struct jb_account_planned planned = {.is_told = true, .plan_id = "p", .why_not = "void"};
    char *json = NULL;
    struct jb_error err = {0};

    is_i64(jb_json_dump(jb_account_planned_put(&planned), &json, &err), JB_OK, "beside a run");
    is_str(json,
           "{\"id\":\"p\",\"is_itself\":false,\"plan\":null,\"rows\":null,\"why_not\":\"void\"}",
           "a plan that does not count has no figures");
    free(json);
    planned.why_not[0] = '\0';
    planned.rows[JB_BESIDE_FLOP] = (struct jb_beside){.is_planned = true,
                                                      .is_measured = true,
                                                      .low = JB_FLOP_MAX,
                                                      .best = JB_FLOP_MAX,
                                                      .high = JB_FLOP_MAX,
                                                      .measured = 1,
                                                      .factor_ppm = 0};
    is_i64(jb_json_dump(jb_account_planned_put(&planned), &json, &err), JB_OK, "and one that does");
    has(json,
        "\"rows\":{\"training_flop\":{\"best\":\"1000000000000000000000000000000\",\"factor_ppm\":"
        "0,",
        "has its rows, those that are there");
    has(json, "\"is_inside\":false,\"low\":\"1000000000000000000000000000000\",\"measured\":\"1\"",
        "with what was measured");
    free(json);
}

int main(void)
{
    there_and_back();
    refused();
    beside();
    return done_testing();
}
