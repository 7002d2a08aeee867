/* SPDX-License-Identifier: Apache-2.0 */
/* Plans as JSON (docs/format/plan.md): integers with the unit in the name, null for what is not known. */
#include <jansson.h>
#include <stdlib.h>

#include "base/clean.h"
#include "base/num.h"
#include "cli/plan_tell.h"

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
    return json_pack("{s:I, s:I, s:I}", "low", (json_int_t)value->low, "best",
                     (json_int_t)value->best, "high", (json_int_t)value->high);
}

static json_t *start(const struct jb_plan_start *one)
{
    char time[32];

    return json_pack("{s:s, s:I, s:o}", "start",
                     jb_format_utc(one->utc_us, false, time, sizeof time), "mean_mg_per_kwh",
                     (json_int_t)one->mean_mg_per_kwh, "ugco2e", figure(&one->mass_ugco2e));
}

static json_t *hours(const struct jb_plan_told *told, const struct jb_plan_cell *cell)
{
    if (!cell->has_hours)
        return json_null();
    const struct jb_hourly_about *const about =
        jb_hourly_about(told->wish->places[cell->place].hourly);
    const bool is_any = cell->hours.n_starts > 0;
    return json_pack("{s:o, s:o, s:s, s:s, s:I, s:I, s:I, s:o, s:o, s:o}", "provider",
                     text_of(about->provider), "zone", text_of(about->zone), "signal",
                     jb_signal_name(about->signal), "basis", about->basis, "n_estimated",
                     (json_int_t)about->n_estimated, "n_forecast", (json_int_t)about->n_forecast,
                     "n_starts", (json_int_t)cell->hours.n_starts, "first",
                     is_any ? start(&cell->hours.first) : json_null(), "best",
                     is_any ? start(&cell->hours.best) : json_null(), "worst",
                     is_any ? start(&cell->hours.worst) : json_null());
}

static json_t *notes(const struct jb_plan *plan)
{
    json_t *const list = json_array();

    for (size_t i = 0; i < plan->n_notes; i++)
        (void)json_array_append_new(list, text_of(plan->notes[i]));
    return list;
}

static json_t *factors(const struct jb_plan *plan)
{
    json_t *const list = json_array();

    for (size_t i = 0; i < plan->n_factors; i++) {
        const struct jb_factor *const factor = &plan->factors[i];
        (void)json_array_append_new(
            list, json_pack("{s:o, s:o, s:o}", "name", text_of(factor->name), "value",
                            text_of(factor->value), "source", text_of(factor->source)));
    }
    return list;
}

static json_t *retraining(const struct jb_plan_cell *cell, int64_t n)
{
    const struct jb_figure energy = jb_plan_sum(&cell->plan.facility_mj, n);
    const struct jb_figure mass = jb_plan_sum(&cell->plan.location_ugco2e, n); /* R-PLAN-24 */
    const struct jb_figure cost = jb_plan_sum(&cell->plan.cost_micro, n);

    return json_pack("{s:I, s:o, s:o, s:o}", "n_trainings", (json_int_t)n, "facility_mj",
                     figure(&energy), "ugco2e", figure(&mass), "cost_micro", figure(&cost));
}

static json_t *one_plan(const struct jb_plan_told *told, const struct jb_plan_cell *cell)
{
    const struct jb_plan *const plan = &cell->plan;
    const bool is_again = told->wish->every_ns > 0 && plan->is_computable;
    json_t *const object = json_pack(
        "{s:o, s:o, s:b}", "hardware",
        text_of(plan->hardware[0] ? plan->hardware : told->wish->hardware[cell->hardware].name),
        "place", text_of(told->wish->places[cell->place].name), "is_computable",
        (int)plan->is_computable);

    if (!plan->is_computable) {
        (void)json_object_set_new(object, "why_not", text_of(plan->why_not));
        return object;
    }
    const struct {
        const char *key;
        json_t *value;
    } members[] = {
        {"basis", text_of(plan->basis)},
        {"n_reference_runs", json_integer(plan->n_reference_runs)},
        {"n_reference_sources", json_integer(plan->n_reference_sources)},
        {"peak_gflops", json_integer(plan->peak_gflops)},
        {"peak_type", text_of(plan->peak_type)},
        {"utilisation_ppm", figure(&plan->utilisation_ppm)},
        {"wall_us", figure(&plan->wall_us)},
        {"device_us", figure(&plan->device_us)},
        {"energy_mj", figure(&plan->energy_mj)},
        {"facility_mj", figure(&plan->facility_mj)},
        {"location_ugco2e", figure(&plan->location_ugco2e)},
        {"cost_micro", figure(&plan->cost_micro)},
        {"power_uw", json_integer(plan->power_uw)},
        {"hours", hours(told, cell)},
        {"per_year", is_again ? retraining(cell, told->n_per_year) : json_null()},
        {"per_life", is_again ? retraining(cell, told->n_per_life) : json_null()},
        {"notes", notes(plan)},
        {"factors", factors(plan)},
    };
    for (size_t i = 0; i < JB_ARRAY_LEN(members); i++)
        (void)json_object_set_new(object, members[i].key, members[i].value);
    return object;
}

static json_t *choices(const struct jb_plan_told *told)
{
    json_t *const object = json_object();

    for (int aim = 0; aim < JB_PLAN_AIMS; aim++) {
        const struct jb_plan_choice *const choice = &told->choices[aim];
        (void)json_object_set_new(object, jb_plan_aim_name((enum jb_plan_aim)aim),
                                  choice->is_known
                                      ? json_pack("{s:I, s:I, s:I, s:I}", "plan",
                                                  (json_int_t)choice->chosen + 1, "n_compared",
                                                  (json_int_t)choice->n_compared, "n_alike",
                                                  (json_int_t)choice->n_alike, "n_within_band",
                                                  (json_int_t)choice->n_within)
                                      : json_null());
    }
    return object;
}

jb_rc jb_plan_tell_json(const struct jb_plan_told *told, struct jb_buf *out, struct jb_error *err)
{
    const struct jb_compute *const compute = &told->wish->order.compute;
    char flop[48];
    json_t *const plans = json_array();

    for (size_t i = 0; i < told->n_cells; i++)
        (void)json_array_append_new(plans, one_plan(told, &told->cells[i]));
    json_t *const root = json_pack(
        "{s:s, s:s, s:o, s:o, s:I, s:s, s:o, s:o, s:s}", "training_flop",
        jb_format_i128(compute->training_flop, flop, sizeof flop), "flop_method",
        jb_flop_method_name(compute->method), "work", text_of(told->wish->work), "doubt",
        told->wish->doubt[0] ? text_of(told->wish->doubt) : json_null(), "millipfsd",
        (json_int_t)jb_flop_to_millipfsd(compute->training_flop), "currency",
        told->wish->order.currency, "plans", plans, "choices", choices(told), "run", told->run_id);
    char *const text = root ? json_dumps(root, JSON_INDENT(2)) : NULL;
    json_decref(root);
    if (!text)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the plans");
    jb_buf_addf(out, "%s\n", text);
    free(text);
    return JB_OK;
}
