/* SPDX-License-Identifier: Apache-2.0 */
/* An estimate as JSON (docs/format/estimate.md): integers with the unit in the name, null for what is not known. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clean.h"
#include "report/report_estimate.h"

/* Text of others is cleaned before, as jansson takes whole UTF-8 only. */
static json_t *text_of(const char *text)
{
    char clean[512];

    jb_clean_copy(text, clean, sizeof clean);
    return json_string(clean);
}

static json_t *figure(const struct jb_figure *value)
{
    if (!value->is_known)
        return json_null();
    return json_pack("{s:I, s:I, s:I, s:b}", "low", (json_int_t)value->low, "best",
                     (json_int_t)value->best, "high", (json_int_t)value->high, "is_hard_bound",
                     (int)value->is_hard_bound);
}

static json_t *input(const struct jb_told_input *one)
{
    const struct jb_quantity *const quantity = &one->quantity;

    if (!one->has_quantity)
        return text_of(one->text);
    if (quantity->known != JB_KNOWN_VALUE && quantity->known != JB_KNOWN_RANGE)
        return json_pack("{s:s}", "known", jb_known_name(quantity->known));
    return json_pack("{s:s, s:I, s:I, s:I, s:b}", "known", jb_known_name(quantity->known), "low",
                     (json_int_t)quantity->low, "best", (json_int_t)quantity->best, "high",
                     (json_int_t)quantity->high, "is_best_told",
                     (int)(quantity->is_best_told || quantity->known == JB_KNOWN_VALUE));
}

static json_t *inputs(const struct jb_estimate_told *told)
{
    json_t *const object = json_object();

    for (size_t i = 0; i < told->n_inputs; i++) {
        const struct jb_told_input *const one = &told->inputs[i];
        char name[sizeof one->name + sizeof one->unit];
        (void)snprintf(name, sizeof name, "%s%s%s", one->name, one->unit[0] ? "_" : "", one->unit);
        (void)json_object_set_new(object, name, input(one));
    }
    return object;
}

static json_t *parts(const struct jb_estimate *estimate)
{
    json_t *const list = json_array();

    for (size_t i = 0; i < estimate->n_parts; i++) {
        const struct jb_estimate_part *const part = &estimate->parts[i];
        (void)json_array_append_new(
            list,
            json_pack("{s:s, s:s, s:s, s:o, s:o}", "device", jb_device_name(part->device), "scope",
                      jb_scope_name(part->scope), "origin", jb_origin_name(part->origin),
                      "energy_uj", figure(&part->energy_uj), "basis", text_of(part->basis)));
    }
    return list;
}

static json_t *doubts(const struct jb_estimate *estimate)
{
    json_t *const list = json_array();

    for (size_t i = 0; i < estimate->n_doubts; i++) {
        const struct jb_estimate_doubt *const doubt = &estimate->doubts[i];
        (void)json_array_append_new(
            list, json_pack("{s:o, s:s, s:I, s:I, s:o}", "name", text_of(doubt->name), "known",
                            jb_known_name(doubt->known), "low_uj", (json_int_t)doubt->low_uj,
                            "high_uj", (json_int_t)doubt->high_uj, "step", text_of(doubt->step)));
    }
    return list;
}

static json_t *choices(const struct jb_estimate *estimate)
{
    json_t *const list = json_array();

    for (size_t i = 0; i < estimate->n_choices; i++) {
        const struct jb_estimate_choice *const choice = &estimate->choices[i];
        (void)json_array_append_new(
            list,
            json_pack("{s:s, s:o, s:b, s:b, s:o}", "method", jb_method_name(choice->method),
                      "formula", text_of(choice->formula), "is_possible", (int)choice->is_possible,
                      "is_chosen", (int)choice->is_chosen, "why", text_of(choice->why)));
    }
    return list;
}

static json_t *readings(const struct jb_estimate *estimate)
{
    json_t *const list = json_array();

    for (size_t i = 0; i < estimate->n_readings; i++) {
        const struct jb_estimate_reading *const reading = &estimate->readings[i];
        (void)json_array_append_new(
            list, json_pack("{s:o, s:o, s:o}", "name", text_of(reading->name), "formula",
                            text_of(reading->formula), "energy_uj", figure(&reading->energy_uj)));
    }
    return list;
}

static json_t *equivalents(const struct jb_estimate_told *told)
{
    json_t *const list = json_array();

    for (size_t i = 0; i < told->n_equivalents; i++) {
        const struct jb_told_equivalent *const one = &told->equivalents[i];
        (void)json_array_append_new(
            list, json_pack("{s:o, s:o, s:s, s:o, s:o}", "key", text_of(one->key), "name",
                            text_of(one->name), "of", one->is_carbon ? "carbon" : "energy",
                            "n_milli", figure(&one->n_milli), "source", text_of(one->source)));
    }
    return list;
}

static void add_factor(json_t *list, const struct jb_factor *one)
{
    (void)json_array_append_new(list,
                                json_pack("{s:o, s:o, s:o, s:o}", "name", text_of(one->name),
                                          "value", text_of(one->value), "source",
                                          text_of(one->source), "edition", text_of(one->edition)));
}

static json_t *factors(const struct jb_estimate_told *told)
{
    json_t *const list = json_array();

    for (size_t i = 0; i < told->estimate->n_factors; i++)
        add_factor(list, &told->estimate->factors[i]);
    for (size_t i = 0; i < told->n_factors; i++)
        add_factor(list, &told->factors[i]);
    return list;
}

static json_t *notes(const struct jb_estimate_told *told)
{
    json_t *const list = json_array();

    for (size_t i = 0; i < told->estimate->n_notes; i++)
        (void)json_array_append_new(list, text_of(told->estimate->notes[i]));
    for (size_t i = 0; i < told->n_notes; i++)
        (void)json_array_append_new(list, text_of(told->notes[i]));
    return list;
}

jb_rc jb_report_estimate_json(const struct jb_estimate_told *told, struct jb_buf *out,
                              struct jb_error *err)
{
    const struct jb_estimate *const estimate = told->estimate;
    json_t *const head = json_pack(
        "{s:b, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "is_computable",
        (int)estimate->is_computable, "method", jb_method_name(estimate->method), "why_not",
        estimate->is_computable ? json_null() : text_of(estimate->why_not), "energy_uj",
        figure(&estimate->energy_uj), "facility_uj", figure(&estimate->facility_uj), "total_uj",
        figure(&told->total_uj), "device_ns", figure(&estimate->device_ns), "location_ugco2e",
        figure(&told->location_ugco2e), "cost_micro", figure(&told->cost_micro), "currency",
        told->currency[0] ? text_of(told->currency) : json_null(), "place",
        told->place[0] ? text_of(told->place) : json_null());
    json_t *const lists =
        json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "inputs", inputs(told), "parts",
                  parts(estimate), "doubts", doubts(estimate), "choices", choices(estimate),
                  "readings", readings(estimate), "equivalents", equivalents(told), "factors",
                  factors(told), "notes", notes(told));
    JB_AUTO(jb_free_auto) char *text = NULL;

    if (head && lists && json_object_update(head, lists) == 0 &&
        json_object_set_new(head, "power_uw",
                            estimate->power_uw > 0 ? json_integer(estimate->power_uw)
                                                   : json_null()) == 0 &&
        json_object_set_new(head, "run_id",
                            told->run_id[0] ? text_of(told->run_id) : json_null()) == 0)
        text = json_dumps(head, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(head);
    json_decref(lists);
    if (!text)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the estimate");
    jb_buf_addf(out, "%s\n", text);
    return JB_OK;
}
