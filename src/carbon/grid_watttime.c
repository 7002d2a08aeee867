/* SPDX-License-Identifier: Apache-2.0 */
/*
 * WattTime v3: historical and forecast, in pounds of CO2 per MWh. Marginal (co2_moer) or average (co2_aoer), which the answer must
 * say; rows of one model only. R-CARBON-23.
 */
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "carbon/carbon_int.h"

#define MG_PER_KWH_OF_LB_PER_MWH 453.59237 /* 1 lb = 453.59237 g, 1 MWh = 1000 kWh */
#define USUAL_S                  300

static bool is_mine(const json_t *root)
{
    const json_t *const meta = json_object_get(root, "meta");

    return json_is_array(json_object_get(root, "data")) &&
           (json_object_get(meta, "signal_type") || json_object_get(meta, "region"));
}

static jb_rc take_row(const struct grid__answer *answer, size_t i, const json_t *row,
                      int64_t length_us, struct jb_error *err)
{
    struct hourly__row taken = {.at = i};

    if (!grid__time(json_object_get(row, "point_time"), &taken.start_utc_us))
        return grid__fail(answer, i, "'point_time' is not a time in UTC",
                          "save the answer as it came", err);
    if (!grid__mg(json_object_get(row, "value"), MG_PER_KWH_OF_LB_PER_MWH, &taken.mg_per_kwh))
        return grid__fail(answer, i, "'value' is no intensity",
                          "pounds per MWh lie between 0 and 22000", err);
    taken.end_utc_us = taken.start_utc_us + length_us;
    return hourly__add(answer->hourly, answer->name, &taken, err);
}

/* What the whole answer is of. */
static jb_rc take_meta(const struct grid__answer *answer, const json_t *meta,
                       int64_t *ret_length_us, struct jb_error *err)
{
    struct jb_hourly_about *const about = hourly__about(answer->hourly);
    const char *const signal = grid__text(meta, "signal_type");
    const char *const units = grid__text(meta, "units");
    const json_t *const period = json_object_get(meta, "data_point_period_seconds");
    const int64_t period_s = json_is_integer(period) ? json_integer_value(period) : USUAL_S;

    if (strcmp(signal, "co2_moer") != 0 && strcmp(signal, "co2_aoer") != 0)
        return jb_fail(err, JB_E_INPUT, "ask with signal_type=co2_moer or co2_aoer",
                       "%s: meta.signal_type is neither", answer->name);
    if (strcmp(units, "lbs_co2_per_mwh") != 0)
        return jb_fail(err, JB_E_INPUT, "lbs_co2_per_mwh is what is known",
                       "%s: meta.units is another", answer->name);
    if (period_s < 1 || period_s > JB_US_PER_HOUR / JB_US_PER_S)
        return jb_fail(err, JB_E_INPUT, "up to an hour is taken",
                       "%s: meta.data_point_period_seconds is out of range", answer->name);
    about->signal = strcmp(signal, "co2_moer") == 0 ? JB_SIGNAL_MARGINAL : JB_SIGNAL_AVERAGE;
    jb_clean_copy(grid__text(meta, "region"), about->zone, sizeof about->zone);
    jb_clean_copy("direct", about->basis, sizeof about->basis);
    *ret_length_us = period_s * JB_US_PER_S;
    return JB_OK;
}

static jb_rc read_answer(const struct grid__answer *answer, struct jb_error *err)
{
    const json_t *const meta = json_object_get(answer->root, "meta");
    const json_t *const rows = json_object_get(answer->root, "data");
    const bool is_forecast = json_object_get(meta, "generated_at") != NULL;
    int64_t length_us = 0;

    jb_rc rc = take_meta(answer, meta, &length_us, err);
    for (size_t i = 0; rc == JB_OK && i < json_array_size(rows); i++)
        rc = take_row(answer, i + 1, json_array_get(rows, i), length_us, err);
    if (rc == JB_OK && is_forecast)
        hourly__about(answer->hourly)->n_forecast = jb_hourly_n_rows(answer->hourly);
    return rc;
}

const struct grid__provider grid__watttime = {"WattTime", is_mine, read_answer};
