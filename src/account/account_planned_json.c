/* SPDX-License-Identifier: Apache-2.0 */
/* A plan as JSON and back, and beside its run (docs/format/account.md). What was planned is what was told, digit by digit. */
#include <string.h>

#include "account/account.h"
#include "account/json_int.h"
#include "base/num.h"

static const char *method_of_flop(int value)
{
    return jb_flop_method_name((enum jb_flop_method)value);
}

#define PLANNED(field, kind) JB_JSON(struct jb_planned, field, kind)
static const struct jb_json_member planned_members[] = {
    PLANNED(hardware, JB_JSON_TEXT),
    PLANNED(place, JB_JSON_TEXT),
    PLANNED(work, JB_JSON_TEXT),
    PLANNED(basis, JB_JSON_TEXT),
    PLANNED(catalogue, JB_JSON_TEXT),
    PLANNED(currency, JB_JSON_TEXT),
    PLANNED(peak_type, JB_JSON_TEXT),
    PLANNED(peak_gflops, JB_JSON_I64),
    {
        .name = "flop_method",
        .type = JB_JSON_WORD,
        .offset = offsetof(struct jb_planned, flop_method),
        .word_name = method_of_flop,
        .word_value = jb_flop_method_from_name,
    },
    PLANNED(training_flop, JB_JSON_KNOWN_I128),
    PLANNED(flop_low_ppm, JB_JSON_I64),
    PLANNED(flop_high_ppm, JB_JSON_I64),
    PLANNED(start_utc_us, JB_JSON_I64),
    PLANNED(has_pue, JB_JSON_BOOL),
    PLANNED(has_price, JB_JSON_BOOL),
    PLANNED(is_carbon_by_hour, JB_JSON_BOOL),
    PLANNED(utilisation_ppm, JB_JSON_FIGURE),
    PLANNED(device_us, JB_JSON_FIGURE),
    PLANNED(wall_us, JB_JSON_FIGURE),
    PLANNED(energy_mj, JB_JSON_FIGURE),
    PLANNED(facility_mj, JB_JSON_FIGURE),
    PLANNED(location_ugco2e, JB_JSON_FIGURE),
    PLANNED(cost_micro, JB_JSON_FIGURE),
};

jb_rc jb_planned_to_json(const struct jb_planned *planned, char **ret_json, struct jb_error *err)
{
    return jb_json_dump(jb_json_put(planned, planned_members, JB_ARRAY_LEN(planned_members)),
                        ret_json, err);
}

static bool is_in_order(const struct jb_figure *figure)
{
    return !figure->is_known ||
           (figure->low >= 0 && figure->low <= figure->best && figure->best <= figure->high);
}

/* Books are merged, and may be made by anybody: what is compared must not be beyond what a plan can be. */
static bool is_possible(const struct jb_planned *planned)
{
    static const int64_t ppm_max = 100000000;
    const struct jb_figure *const figures[] = {
        &planned->utilisation_ppm, &planned->device_us,  &planned->wall_us,    &planned->energy_mj,
        &planned->location_ugco2e, &planned->cost_micro, &planned->facility_mj};

    for (size_t i = 0; i < JB_ARRAY_LEN(figures); i++)
        if (!is_in_order(figures[i]))
            return false;
    return planned->training_flop <= JB_FLOP_MAX && planned->flop_low_ppm >= 0 &&
           planned->flop_low_ppm <= ppm_max && planned->flop_high_ppm >= 0 &&
           planned->flop_high_ppm <= ppm_max;
}

jb_rc jb_planned_from_json(const char *json, struct jb_planned *ret_planned, struct jb_error *err)
{
    JB_AUTO(jb_json_auto) json_t *object = NULL;
    struct jb_planned planned = {.training_flop = -1};
    jb_rc rc = jb_json_load(json, &object, err);

    if (rc == JB_OK)
        rc = jb_json_take(object, planned_members, JB_ARRAY_LEN(planned_members), &planned, err);
    if (rc < 0)
        return rc;
    if (!is_possible(&planned))
        return jb_fail(err, JB_E_INPUT, "`joulebook balance` tells whether the book is sound",
                       "a plan of the book is not what it should be");
    *ret_planned = planned;
    return JB_OK;
}

/* --- beside the run ------------------------------------------------------------------------------------------------- */

static const char *const row_names[JB_BESIDE_ROWS] = {
    [JB_BESIDE_ENERGY_UJ] = "energy_uj",
    [JB_BESIDE_WALL_US] = "wall_us",
    [JB_BESIDE_DEVICE_US] = "device_us",
    [JB_BESIDE_FLOP] = "training_flop",
    [JB_BESIDE_UTILISATION_PPM] = "utilisation_ppm",
    [JB_BESIDE_UGCO2E] = "location_ugco2e",
    [JB_BESIDE_COST_MICRO] = "cost_micro",
};

/* Operations do not fit a JSON integer: digits, as elsewhere in the account. */
static json_t *put_number(enum jb_beside_row row, jb_i128 value)
{
    char digits[48];

    if (row == JB_BESIDE_FLOP)
        return json_string(jb_format_i128(value, digits, sizeof digits));
    return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

static json_t *put_row(enum jb_beside_row name, const struct jb_beside *row)
{
    const bool is_compared = row->is_planned && row->is_measured && !row->why_not;
    json_t *const object = json_object();
    const struct {
        const char *key;
        json_t *value;
    } members[] = {
        {"low", row->is_planned ? put_number(name, row->low) : json_null()},
        {"best", row->is_planned ? put_number(name, row->best) : json_null()},
        {"high", row->is_planned ? put_number(name, row->high) : json_null()},
        {"measured", row->is_measured ? put_number(name, row->measured) : json_null()},
        {"is_inside", is_compared ? json_boolean(row->is_inside) : json_null()},
        {"factor_ppm",
         is_compared && row->factor_ppm >= 0 ? json_integer(row->factor_ppm) : json_null()},
        {"why_not", row->why_not ? json_string(row->why_not) : json_null()},
    };
    bool is_whole = object != NULL;

    for (size_t i = 0; i < JB_ARRAY_LEN(members); i++)
        is_whole = json_object_set_new(object, members[i].key, members[i].value) == 0 && is_whole;
    if (is_whole)
        return object;
    json_decref(object);
    return NULL;
}

static json_t *put_rows(const struct jb_account_planned *planned)
{
    json_t *const object = json_object();
    bool is_whole = object != NULL;

    for (int i = 0; i < JB_BESIDE_ROWS; i++) {
        const struct jb_beside *const row = &planned->rows[i];
        if (row->is_planned || row->is_measured)
            is_whole = json_object_set_new(object, row_names[i],
                                           put_row((enum jb_beside_row)i, row)) == 0 &&
                       is_whole;
    }
    if (is_whole)
        return object;
    json_decref(object);
    return NULL;
}

json_t *jb_account_planned_put(const struct jb_account_planned *planned)
{
    const bool has_plan = planned->why_not[0] == '\0';
    json_t *const object = json_object();
    const struct {
        const char *key;
        json_t *value;
    } members[] = {
        {"id", jb_json_text(planned->plan_id)},
        {"is_itself", json_boolean(planned->is_itself)},
        {"why_not", has_plan ? json_null() : jb_json_text(planned->why_not)},
        {"plan", has_plan
                     ? jb_json_put(&planned->plan, planned_members, JB_ARRAY_LEN(planned_members))
                     : json_null()},
        {"rows", has_plan ? put_rows(planned) : json_null()},
    };
    bool is_whole = object != NULL;

    for (size_t i = 0; i < JB_ARRAY_LEN(members); i++)
        is_whole = json_object_set_new(object, members[i].key, members[i].value) == 0 && is_whole;
    if (is_whole)
        return object;
    json_decref(object);
    return NULL;
}
