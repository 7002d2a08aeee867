/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Carbon Intensity API of Great Britain: half hours, what was observed where it is known, else the forecast; national or of
 * one region (forecasts only). Direct emissions of generation. R-CARBON-22.
 */
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "carbon/carbon_int.h"

#define MG_PER_G 1000.0

/* {data: [...]}; a region's: {data: {shortname, data: [...]}} or {data: [{shortname, data: [...]}]}. */
static const json_t *region_of(const json_t *root)
{
    const json_t *data = json_object_get(root, "data");

    if (json_is_array(data) && json_array_size(data) == 1)
        data = json_array_get(data, 0);
    return json_is_array(json_object_get(data, "data")) ? data : NULL;
}

static const json_t *rows_of(const json_t *root)
{
    const json_t *const region = region_of(root);

    return json_object_get(region ? region : root, "data");
}

static bool is_mine(const json_t *root)
{
    const json_t *const first = json_array_get(rows_of(root), 0);

    return json_object_get(first, "from") && json_object_get(first, "intensity");
}

static jb_rc take_row(const struct grid__answer *answer, size_t i, const json_t *row,
                      struct jb_error *err)
{
    const json_t *const intensity = json_object_get(row, "intensity");
    const json_t *figure = json_object_get(intensity, "actual");
    struct hourly__row taken = {.at = i};
    const bool is_forecast = !json_is_number(figure);

    if (is_forecast)
        figure = json_object_get(intensity, "forecast");
    if (!figure || json_is_null(figure))
        return JB_OK;
    if (!grid__time(json_object_get(row, "from"), &taken.start_utc_us) ||
        !grid__time(json_object_get(row, "to"), &taken.end_utc_us) ||
        taken.end_utc_us <= taken.start_utc_us ||
        taken.end_utc_us - taken.start_utc_us > JB_US_PER_HOUR)
        return grid__fail(answer, i, "'from' and 'to' are no half hour in UTC",
                          "save the answer as it came", err);
    if (!grid__mg(figure, MG_PER_G, &taken.mg_per_kwh))
        return grid__fail(answer, i, "'intensity' is none",
                          "gram CO2e per kWh lie between 0 and 10000", err);
    hourly__about(answer->hourly)->n_forecast += is_forecast;
    return hourly__add(answer->hourly, answer->name, &taken, err);
}

static jb_rc read_answer(const struct grid__answer *answer, struct jb_error *err)
{
    struct jb_hourly_about *const about = hourly__about(answer->hourly);
    const json_t *const region = region_of(answer->root);
    const json_t *const rows = rows_of(answer->root);
    const char *const name = region ? grid__text(region, "shortname") : "";

    jb_clean_copy(*name ? name : "GB", about->zone, sizeof about->zone);
    jb_clean_copy("direct", about->basis, sizeof about->basis);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const jb_rc rc = take_row(answer, i + 1, json_array_get(rows, i), err);
        if (rc < 0)
            return rc;
    }
    return JB_OK;
}

const struct grid__provider grid__gb = {"GB Carbon Intensity", is_mine, read_answer};
