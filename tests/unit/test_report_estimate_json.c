/* SPDX-License-Identifier: Apache-2.0 */
/* An estimate as JSON: whole integers, null for what is not known, text of others made whole. docs/format/estimate.md. */
#include <jansson.h>

#include "report/report_estimate.h"
#include "tap.h"

static json_t *dump(const struct jb_estimate_told *told)
{
    JB_AUTO(jb_buf_release) struct jb_buf out = JB_BUF(65536);
    struct jb_error err = {0};

    if (jb_report_estimate_json(told, &out, &err) < 0)
        bail_out("%s", err.message);
    json_t *const object = json_loads(jb_buf_text(&out), 0, NULL);
    if (!object)
        bail_out("not JSON: %s", jb_buf_text(&out));
    return object;
}

static int64_t number(const json_t *object, const char *key, const char *inner)
{
    return json_integer_value(json_object_get(json_object_get(object, key), inner));
}

int main(void)
{
    static struct jb_estimate estimate = {.is_computable = true,
                                          .method = JB_METHOD_B,
                                          .energy_uj = {true, true, 1, INT64_MAX - 1, INT64_MAX},
                                          .n_parts = 1,
                                          .n_doubts = 1,
                                          .n_choices = 1,
                                          .n_readings = 1,
                                          .n_notes = 1};
    static struct jb_estimate_told told = {.estimate = &estimate, .n_inputs = 3};

    estimate.parts[0] =
        (struct jb_estimate_part){.device = JB_DEVICE_GPU, .basis = "bad \xff byte"};
    (void)snprintf(estimate.notes[0], JB_NOTE, "note");
    told.inputs[0] = (struct jb_told_input){.name = "duration",
                                            .unit = "ns",
                                            .has_quantity = true,
                                            .quantity = {JB_KNOWN_RANGE, false, 1, 2, 3}};
    told.inputs[1] = (struct jb_told_input){.name = "pue",
                                            .unit = "milli",
                                            .has_quantity = true,
                                            .quantity = {.known = JB_KNOWN_WITHHELD}};
    told.inputs[2] = (struct jb_told_input){.name = "place", .text = "NL"};
    json_t *const object = dump(&told);
    is_i64(number(object, "energy_uj", "best"), INT64_MAX - 1, "integers are whole");
    ok(json_is_true(json_object_get(json_object_get(object, "energy_uj"), "is_hard_bound")),
       "a hard bound says so");
    ok(json_is_null(json_object_get(object, "facility_uj")) &&
           json_is_null(json_object_get(object, "location_ugco2e")) &&
           json_is_null(json_object_get(object, "run_id")) &&
           json_is_null(json_object_get(object, "why_not")),
       "what is not known is null");
    const json_t *const inputs = json_object_get(object, "inputs");
    is_i64(number(inputs, "duration_ns", "high"), 3, "a range with its unit in the name");
    is_str(json_string_value(json_object_get(json_object_get(inputs, "pue_milli"), "known")),
           "withheld", "what is withheld has no number");
    ok(!json_object_get(json_object_get(inputs, "pue_milli"), "best"), "not even 0");
    is_str(json_string_value(json_object_get(inputs, "place")), "NL", "a name");
    const json_t *const part = json_array_get(json_object_get(object, "parts"), 0);
    is_str(json_string_value(json_object_get(part, "basis")), "bad ? byte", "text is cleaned");
    ok(json_is_null(json_object_get(part, "energy_uj")), "a part without a figure is null");
    is_i64((int64_t)json_array_size(json_object_get(object, "doubts")), 1, "doubts");
    is_i64((int64_t)json_array_size(json_object_get(object, "choices")), 1, "choices");
    is_i64((int64_t)json_array_size(json_object_get(object, "readings")), 1, "readings");
    is_i64((int64_t)json_array_size(json_object_get(object, "notes")), 1, "notes");
    json_decref(object);
    return done_testing();
}
