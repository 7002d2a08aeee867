/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Carbon, cost and equivalents of an estimate, with the sources of their factors. Must never assume a place: without one
 * there is no figure of carbon.
 */
#include "cli/estimate_beside.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "carbon/carbon.h"
#include "case/work_fields.h"

#define KWH_UJ INT64_C(3600000000000)

static const char *unit_of(const struct jb_quantity_form *form)
{
    static const struct {
        const struct jb_quantity_form *form;
        const char *unit;
    } units[] = {
        {&jb_form_duration_ns, "ns"},    {&jb_form_power_mw, "mw"},   {&jb_form_memory_mib, "mib"},
        {&jb_form_count_milli, "milli"}, {&jb_form_share_ppm, "ppm"}, {&jb_form_pue_milli, "milli"},
    };

    for (size_t i = 0; i < JB_ARRAY_LEN(units); i++)
        if (units[i].form == form)
            return units[i].unit;
    return "";
}

void jb_beside_inputs(const struct jb_work *work, struct jb_estimate_told *told)
{
    told->n_inputs = 0;
    for (const struct jb_yaml_field *field = jb_work_fields; field->key; field++) {
        struct jb_told_input input = {.has_quantity = field->take == jb_take_quantity};
        char text[512];
        if (!jb_work_field_text(field, work, text, sizeof text)[0] ||
            told->n_inputs == JB_TOLD_INPUTS_MAX)
            continue;
        (void)snprintf(input.name, sizeof input.name, "%s", field->key);
        (void)snprintf(input.text, sizeof input.text, "%s", text);
        if (input.has_quantity) {
            memcpy(&input.quantity, (const char *)work + field->offset, sizeof input.quantity);
            (void)snprintf(input.unit, sizeof input.unit, "%s", unit_of(field->more));
        }
        told->inputs[told->n_inputs++] = input;
    }
}

void jb_beside_total(struct jb_estimate_told *told)
{
    const struct jb_figure *const facility = &told->estimate->facility_uj;

    told->total_uj = told->estimate->energy_uj;
    if (!told->total_uj.is_known || !facility->is_known)
        return;
    told->total_uj.low = jb_add_sat_i64(told->total_uj.low, facility->low);
    told->total_uj.best = jb_add_sat_i64(told->total_uj.best, facility->best);
    told->total_uj.high = jb_add_sat_i64(told->total_uj.high, facility->high);
}

static void add_note(struct jb_estimate_told *told, const char *text)
{
    if (told->n_notes < JB_ARRAY_LEN(told->notes))
        (void)snprintf(told->notes[told->n_notes++], JB_NOTE, "%s", text);
}

void jb_beside_missing(const struct jb_work *work, struct jb_estimate_told *told)
{
    const bool has_hardware = work->accelerator.known == JB_KNOWN_VALUE ||
                              work->processor.known == JB_KNOWN_VALUE ||
                              work->instance.known == JB_KNOWN_VALUE;
    const bool has_time =
        work->duration_ns.known == JB_KNOWN_VALUE || work->duration_ns.known == JB_KNOWN_RANGE;

    if (told->estimate->is_computable)
        return;
    if (!has_hardware)
        add_note(told, "the name of the board (nvidia-smi -L) or processor (lscpu), or the type of "
                       "instance on the bill, would allow it; so would a stated power");
    if (!has_time)
        add_note(told, "the run time would allow it, also as a range or bound: first and last line "
                       "of a log, the scheduler's record, the hours on the bill");
}

static struct jb_factor *next_factor(struct jb_estimate_told *told)
{
    return told->n_factors < JB_ARRAY_LEN(told->factors) ? &told->factors[told->n_factors++] : NULL;
}

static void take_pue(const struct jb_region *region, struct jb_work *work,
                     struct jb_estimate_told *told)
{
    const struct jb_span *const span = &region->pue_milli;
    struct jb_factor *const factor = next_factor(told);
    char text[JB_QUANTITY_TEXT];

    work->pue_milli =
        (struct jb_quantity){.known = span->low < span->high ? JB_KNOWN_RANGE : JB_KNOWN_VALUE,
                             .is_best_told = span->low < span->high,
                             .low = span->low,
                             .best = span->best,
                             .high = span->high};
    if (!factor)
        return;
    (void)snprintf(factor->name, sizeof factor->name, "PUE of the region");
    (void)snprintf(factor->value, sizeof factor->value, "%s",
                   jb_quantity_format(&work->pue_milli, &jb_form_pue_milli, text, sizeof text));
    (void)snprintf(factor->source, sizeof factor->source, "%s", region->source);
    (void)snprintf(factor->edition, sizeof factor->edition, "%s", jb_catalogue_edition());
}

jb_rc jb_beside_region(struct jb_work *work, struct jb_estimate_told *told, struct jb_error *err)
{
    struct jb_grid_intensity grid;
    struct jb_region region;
    struct jb_error why = {.code = JB_OK}, why_grid = {.code = JB_OK};
    char note[JB_NOTE];

    if (work->place.known != JB_KNOWN_VALUE ||
        jb_catalogue_find_grid(work->place.text, work->year, NULL, &grid, &why_grid) == JB_OK)
        return JB_OK;
    const jb_rc rc = jb_catalogue_find_region(NULL, work->place.text, work->year, &region, &why);
    if (rc < 0) {
        const bool is_path = strchr(work->place.text, '/') != NULL;
        const struct jb_error *const tell = is_path ? &why : &why_grid;
        return jb_fail(err, tell->code, tell->hint, "%s", tell->message);
    }
    (void)snprintf(note, sizeof note, "place '%s' is region %s of %s%s%s%s", work->place.text,
                   region.region, region.provider, region.zone[0] ? ", zone " : "", region.zone,
                   region.zone[0] ? "" : ", whose grid is not known: no carbon is told");
    add_note(told, note);
    if (work->pue_milli.known == JB_KNOWN_UNKNOWN && region.pue_milli.n_rows > 0 &&
        region.pue_milli.low >= 1000)
        take_pue(&region, work, told);
    if (!region.zone[0])
        work->place = (struct jb_answer){.known = JB_KNOWN_UNKNOWN};
    else
        (void)snprintf(work->place.text, sizeof work->place.text, "%s", region.zone);
    return JB_OK;
}

static void add_grid(const struct jb_grid_intensity *grid, struct jb_estimate_told *told)
{
    struct jb_factor *const factor = next_factor(told);
    char low[32], best[32], high[32];

    if (!factor)
        return;
    (void)snprintf(factor->name, sizeof factor->name, "grid intensity");
    (void)snprintf(factor->value, sizeof factor->value, "%s (%s .. %s) gCO2e/kWh",
                   jb_format_decimal(grid->best_mg_per_kwh / 100, 1, best, sizeof best),
                   jb_format_decimal(grid->low_mg_per_kwh / 100, 1, low, sizeof low),
                   jb_format_decimal(grid->high_mg_per_kwh / 100, 1, high, sizeof high));
    (void)snprintf(factor->source, sizeof factor->source, "%s, %" PRId64 ", %s: %.160s", grid->name,
                   grid->year,
                   strcmp(grid->method, "unknown") == 0 ? "method not told" : grid->method,
                   grid->source);
    (void)snprintf(factor->edition, sizeof factor->edition, "%s", jb_catalogue_edition());
    if (grid->is_other_year && grid->year > 0 && told->n_notes < JB_ARRAY_LEN(told->notes))
        (void)snprintf(told->notes[told->n_notes++], JB_NOTE,
                       "grid intensity of %s is that of %" PRId64 ", the nearest year there is",
                       grid->name, grid->year);
}

jb_rc jb_beside_carbon(const struct jb_work *work, struct jb_estimate_told *told,
                       struct jb_error *err)
{
    struct jb_grid_intensity grid;
    struct jb_carbon_factor annual;

    if (work->place.known != JB_KNOWN_VALUE)
        return JB_OK;
    jb_rc rc = jb_catalogue_find_grid(work->place.text, work->year, NULL, &grid, err);
    if (rc < 0)
        return rc;
    (void)snprintf(told->place, sizeof told->place, "%s", grid.zone);
    add_grid(&grid, told);
    annual =
        (struct jb_carbon_factor){grid.low_mg_per_kwh, grid.best_mg_per_kwh, grid.high_mg_per_kwh};
    if (!told->total_uj.is_known)
        return JB_OK;
    return jb_carbon_of_energy(&told->total_uj, &annual, &told->location_ugco2e, err);
}

jb_rc jb_beside_cost(int64_t tariff_micro_per_kwh, const char *currency,
                     struct jb_estimate_told *told, struct jb_error *err)
{
    char number[32];

    if (tariff_micro_per_kwh < 0)
        return JB_OK;
    (void)snprintf(told->currency, sizeof told->currency, "%s", currency);
    struct jb_factor *const factor = next_factor(told);
    if (factor) {
        (void)snprintf(factor->name, sizeof factor->name, "tariff");
        (void)snprintf(factor->value, sizeof factor->value, "%s %s/kWh",
                       jb_format_decimal(tariff_micro_per_kwh, 6, number, sizeof number), currency);
        (void)snprintf(factor->source, sizeof factor->source, "stated");
    }
    if (!told->total_uj.is_known)
        return JB_OK;
    return jb_cost_of_energy(&told->total_uj, tariff_micro_per_kwh, &told->cost_micro, err);
}

/* So many milli of a unit: uJ by 1e-6 kWh, or ug by 1e-6 kg. A unit without a figure never comes here. */
static int64_t n_milli_of(int64_t value, int64_t micro_per_unit, bool is_carbon,
                          enum jb_round round)
{
    /* 1e-6 kg are 1000 ug; 1e-6 kWh are 3.6e6 uJ. */
    const int64_t per_micro = is_carbon ? 1000 : KWH_UJ / 1000000;

    return jb_muldiv_sat_i64(value, 1000, jb_muldiv_sat_i64(micro_per_unit, per_micro, 1, round),
                             round);
}

bool jb_beside_count(const struct jb_equivalent *equivalent, const struct jb_figure *figure,
                     struct jb_figure *ret_n_milli)
{
    const struct jb_span *const unit = &equivalent->micro_per_unit;
    const bool is_carbon = equivalent->is_carbon;

    if (!figure->is_known || unit->n_rows == 0 || unit->low <= 0)
        return false;
    *ret_n_milli = (struct jb_figure){
        .is_known = true,
        .low = n_milli_of(figure->low, unit->high, is_carbon, JB_ROUND_FLOOR),
        .best = n_milli_of(figure->best, unit->best, is_carbon, JB_ROUND_NEAREST),
        .high = n_milli_of(figure->high, unit->low, is_carbon, JB_ROUND_CEIL)};
    return true;
}

void jb_beside_equivalent(const struct jb_equivalent *equivalent, struct jb_estimate_told *told)
{
    struct jb_figure n_milli;

    if (told->n_equivalents == JB_TOLD_EQUIVALENTS_MAX ||
        !jb_beside_count(
            equivalent, equivalent->is_carbon ? &told->location_ugco2e : &told->total_uj, &n_milli))
        return;
    struct jb_told_equivalent *const one = &told->equivalents[told->n_equivalents++];
    *one = (struct jb_told_equivalent){.is_carbon = equivalent->is_carbon, .n_milli = n_milli};
    (void)snprintf(one->key, sizeof one->key, "%s", equivalent->key);
    (void)snprintf(one->name, sizeof one->name, "%s", equivalent->unit_name);
    (void)snprintf(one->source, sizeof one->source, "%s", equivalent->source);
}

static const char *const keys[JB_BESIDE_USUAL] = {"fridge_year",       "eu_household_year",
                                                  "flight_km_economy", "flight_ny_sf_roundtrip",
                                                  "car_km_register",   "car_lifetime"};

bool jb_beside_is_usual(const struct jb_equivalent *equivalent)
{
    for (size_t k = 0; k < JB_ARRAY_LEN(keys); k++)
        if (strcmp(equivalent->key, keys[k]) == 0)
            return true;
    return false;
}

size_t jb_beside_usual(struct jb_equivalent ret[JB_BESIDE_USUAL])
{
    const size_t n = jb_catalogue_n_equivalents();
    size_t n_found = 0;

    for (size_t k = 0; k < JB_BESIDE_USUAL; k++)
        for (size_t i = 0; i < n; i++) {
            const struct jb_equivalent equivalent = jb_catalogue_equivalent_at(i);
            if (strcmp(equivalent.key, keys[k]) != 0)
                continue;
            ret[n_found++] = equivalent;
            break;
        }
    return n_found;
}

void jb_beside_equivalents(struct jb_estimate_told *told)
{
    struct jb_equivalent found[JB_BESIDE_USUAL];
    const size_t n = jb_beside_usual(found);

    for (size_t k = 0; k < n; k++)
        jb_beside_equivalent(&found[k], told);
    if (!told->location_ugco2e.is_known && told->total_uj.is_known)
        add_note(told, "flights and cars are equivalents of carbon: give --place to have them");
}
