/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers of smart plugs to power and energy. Shelly Gen1: W and W min; Gen2 and later: W and Wh; Tasmota: W and kWh. Must
 * not take a plug's power factor, voltage or daily sum for either. Rules R-SENSOR-82, R-SENSOR-84, R-SENSOR-85.
 */
#include <string.h>

#include "sensor/meter_answer.h"
#include "sensor/meter_json.h"

#define SCALE_MICRO 6
#define SCALE_MILLI 3
#define SCALE_KWH   5

static jb_rc take_members(const json_t *power, const json_t *energy, unsigned energy_scale,
                          struct plug_answer *ret)
{
    struct plug_answer answer = {0};

    answer.has_power = meter_json__decimal(power, SCALE_MICRO, &answer.power_uw) == JB_OK;
    answer.has_energy = meter_json__decimal(energy, energy_scale, &answer.energy) == JB_OK;
    if (!answer.has_power && !answer.has_energy)
        return JB_E_AGAIN;
    *ret = answer;
    return JB_OK;
}

jb_rc shelly__generation(const char *text, size_t len, int *ret)
{
    json_t *const root = meter_json__object(text, len);
    jb_rc rc = JB_E_INPUT;

    /* "gen" came with the second; the first says "type": "SHPLG-S". */
    if (json_is_integer(json_object_get(root, "gen"))) {
        *ret = json_integer_value(json_object_get(root, "gen")) >= 2 ? 2 : 1;
        rc = JB_OK;
    } else if (json_is_string(json_object_get(root, "type")) &&
               json_is_string(json_object_get(root, "mac"))) {
        *ret = 1;
        rc = JB_OK;
    }
    json_decref(root);
    return rc;
}

jb_rc shelly__parse_gen1(const char *text, size_t len, struct plug_answer *ret)
{
    json_t *const root = meter_json__object(text, len);
    const json_t *const is_valid = json_object_get(root, "is_valid");
    jb_rc rc = JB_E_AGAIN;

    /*
     * Where the meter says itself that it does not hold, it does not. A relay without a meter (Shelly 1) shows the power
     * that its owner typed in, and no count.
     */
    if (root && (!is_valid || json_is_true(is_valid)) && json_object_get(root, "total"))
        rc = take_members(json_object_get(root, "power"), json_object_get(root, "total"), 0, ret);
    json_decref(root);
    return rc;
}

/* "errors": ["power_meter_failure"] and the like stand beside a value that no longer moves. */
static bool has_errors(const json_t *root)
{
    return json_array_size(json_object_get(root, "errors")) > 0;
}

jb_rc shelly__parse_gen2(const char *text, size_t len, struct plug_answer *ret)
{
    json_t *const root = meter_json__object(text, len);
    jb_rc rc = JB_E_AGAIN;

    if (root && !has_errors(root))
        rc = take_members(json_object_get(root, "apower"),
                          json_object_get(json_object_get(root, "aenergy"), "total"), SCALE_MILLI,
                          ret);
    json_decref(root);
    return rc;
}

/* A device with several outlets gives an array, one with a single meter a number. */
static const json_t *of_outlet(const json_t *value, size_t outlet)
{
    if (json_is_array(value))
        return json_array_get(value, outlet);
    return outlet == 0 ? value : NULL;
}

jb_rc tasmota__parse(const char *text, size_t len, size_t outlet, struct plug_answer *ret)
{
    json_t *const root = meter_json__object(text, len);
    const json_t *const energy = json_object_get(json_object_get(root, "StatusSNS"), "ENERGY");
    jb_rc rc = JB_E_AGAIN;

    const json_t *const power = json_object_get(energy, "Power");
    const json_t *total = json_object_get(energy, "Total");
    /* By default (SetOption129 0) a device with several outlets counts them in one sum, which is no outlet's. */
    if (json_is_array(power) && !json_is_array(total))
        total = NULL;
    if (energy)
        rc = take_members(of_outlet(power, outlet), of_outlet(total, outlet), SCALE_KWH, ret);
    json_decref(root);
    return rc;
}
