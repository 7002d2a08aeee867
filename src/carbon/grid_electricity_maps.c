/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Electricity Maps v3 and v4: history, past-range, forecast, latest. Every field but the time may be absent; rows without an
 * intensity are left out. R-CARBON-21.
 */
#include <string.h>

#include "base/clean.h"
#include "base/clock.h"
#include "carbon/carbon_int.h"

#define MG_PER_G 1000.0

/* v3 says "history", v4 "data", a forecast "forecast"; "latest" is one row itself. */
static const json_t *rows_of(const json_t *root, bool *ret_is_forecast)
{
    static const char *const keys[] = {"history", "data", "forecast"};

    for (size_t i = 0; i < JB_ARRAY_LEN(keys); i++) {
        const json_t *const rows = json_object_get(root, keys[i]);
        *ret_is_forecast = i == 2;
        if (json_is_array(rows))
            return rows;
    }
    *ret_is_forecast = false;
    return NULL;
}

static bool is_mine(const json_t *root)
{
    return json_is_string(json_object_get(root, "zone"));
}

/* Microseconds of a row; 0: a granularity that is not for this. */
static int64_t length_of(const json_t *root, const json_t *row)
{
    static const struct {
        const char *name;
        int64_t us;
    } lengths[] = {
        {"", JB_US_PER_HOUR},
        {"hourly", JB_US_PER_HOUR},
        {"15_minutes", JB_US_PER_HOUR / 4},
        {"5_minutes", JB_US_PER_HOUR / 12},
    };
    const char *name = grid__text(row, "temporalGranularity");

    if (!*name)
        name = grid__text(root, "temporalGranularity");
    for (size_t i = 0; i < JB_ARRAY_LEN(lengths); i++)
        if (strcmp(lengths[i].name, name) == 0)
            return lengths[i].us;
    return 0;
}

/* The basis is one for all rows. */
static jb_rc take_basis(const struct grid__answer *answer, size_t i, const json_t *row,
                        struct jb_error *err)
{
    struct jb_hourly_about *const about = hourly__about(answer->hourly);
    const char *basis = grid__text(row, "emissionFactorType");

    if (!*basis)
        basis = grid__text(answer->root, "emissionFactorType");
    if (about->basis[0] && *basis && strcmp(about->basis, basis) != 0)
        return grid__fail(answer, i, "another emissionFactorType than the rows before",
                          "ask for one of lifecycle and direct", err);
    if (*basis)
        jb_clean_copy(basis, about->basis, sizeof about->basis);
    return JB_OK;
}

static jb_rc take_row(const struct grid__answer *answer, size_t i, const json_t *row,
                      bool is_forecast, struct jb_error *err)
{
    struct jb_hourly_about *const about = hourly__about(answer->hourly);
    const json_t *const figure = json_object_get(row, "carbonIntensity");
    struct hourly__row taken = {.at = i};

    if (!figure || json_is_null(figure))
        return JB_OK;
    const int64_t length_us = length_of(answer->root, row);
    if (length_us == 0)
        return grid__fail(answer, i, "not by the hour or less",
                          "ask with temporalGranularity=hourly", err);
    if (!grid__time(json_object_get(row, "datetime"), &taken.start_utc_us))
        return grid__fail(answer, i, "'datetime' is not a time in UTC",
                          "save the answer as it came", err);
    if (!grid__mg(figure, MG_PER_G, &taken.mg_per_kwh))
        return grid__fail(answer, i, "'carbonIntensity' is no intensity",
                          "gram CO2e per kWh lie between 0 and 10000", err);
    /* "latest" may be told in the middle of its hour. */
    taken.start_utc_us -= (taken.start_utc_us % length_us + length_us) % length_us;
    taken.end_utc_us = taken.start_utc_us + length_us;
    const jb_rc rc = take_basis(answer, i, row, err);
    if (rc < 0)
        return rc;
    about->n_estimated += json_is_true(json_object_get(row, "isEstimated"));
    about->n_forecast += is_forecast;
    return hourly__add(answer->hourly, answer->name, &taken, err);
}

static jb_rc read_answer(const struct grid__answer *answer, struct jb_error *err)
{
    struct jb_hourly_about *const about = hourly__about(answer->hourly);
    bool is_forecast = false;
    const json_t *const rows = rows_of(answer->root, &is_forecast);

    jb_clean_copy(grid__text(answer->root, "zone"), about->zone, sizeof about->zone);
    if (!rows)
        return take_row(answer, 1, answer->root, false, err);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const jb_rc rc = take_row(answer, i + 1, json_array_get(rows, i), is_forecast, err);
        if (rc < 0)
            return rc;
    }
    return JB_OK;
}

const struct grid__provider grid__electricity_maps = {"Electricity Maps", is_mine, read_answer};
