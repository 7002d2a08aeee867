/* SPDX-License-Identifier: Apache-2.0 */
/* Carbon, cost and equivalents of an estimate are those of its total, by hand. R-CARBON-10. */
#include "base/num.h"
#include "case/work_fields.h"
#include "cli/estimate_beside.h"
#include "tap.h"

#define KWH INT64_C(3600000000000)

static struct jb_estimate estimate;
static struct jb_estimate_told told;

static void fill(void)
{
    estimate = (struct jb_estimate){.is_computable = true,
                                    .energy_uj = {true, false, 60 * KWH, 100 * KWH, 300 * KWH},
                                    .facility_uj = {true, false, 30 * KWH, 50 * KWH, 150 * KWH}};
    told = (struct jb_estimate_told){.estimate = &estimate};
    jb_beside_total(&told);
}

static void test_total(void)
{
    fill();
    ok(told.total_uj.low == 90 * KWH && told.total_uj.best == 150 * KWH &&
           told.total_uj.high == 450 * KWH,
       "the facility's part is in the total");
    estimate.facility_uj.is_known = false;
    jb_beside_total(&told);
    is_i64(told.total_uj.best, 100 * KWH, "where it is known");
    estimate.energy_uj.is_known = false;
    jb_beside_total(&told);
    ok(!told.total_uj.is_known, "and there is no total of nothing");
}

static void test_carbon_and_cost(void)
{
    struct jb_work work = {.year = 0};
    struct jb_grid_intensity grid;
    struct jb_error err = {0};

    fill();
    ok(jb_beside_carbon(&work, &told, &err) == JB_OK && !told.location_ugco2e.is_known,
       "no place, no carbon");
    work.place = (struct jb_answer){JB_KNOWN_VALUE, "Netherlands"};
    if (jb_catalogue_find_grid("NL", 0, NULL, &grid, &err) < 0 ||
        jb_beside_carbon(&work, &told, &err) < 0)
        bail_out("%s", err.message);
    is_str(told.place, "NL", "a place becomes its zone");
    /* kWh x mg/kWh x 1000 = ug */
    is_i64(told.location_ugco2e.best, 150 * grid.best_mg_per_kwh * 1000, "energy x intensity");
    is_i64((int64_t)told.n_factors, 1, "with its factor");
    ok(strstr(told.factors[0].source, "Netherlands"), "and source: %s", told.factors[0].source);
    work.place = (struct jb_answer){JB_KNOWN_VALUE, "Atlantis"};
    is_i64(jb_beside_carbon(&work, &told, &err), JB_E_INPUT, "a place that is none is refused");
    ok(jb_beside_cost(-1, "", &told, &err) == JB_OK && !told.cost_micro.is_known,
       "no tariff, no cost");
    ok(jb_beside_cost(250000, "EUR", &told, &err) == JB_OK, "a tariff");
    is_i64(told.cost_micro.best, 37500000, "150 kWh at 0.25 are 37.50");
}

static struct jb_work work_at(const char *place)
{
    struct jb_work work = {.place = {.known = JB_KNOWN_VALUE}};

    (void)snprintf(work.place.text, sizeof work.place.text, "%s", place);
    return work;
}

/* R-EST-34 */
static void test_region(void)
{
    struct jb_region region;
    struct jb_error err = {0};
    struct jb_work work = work_at("NL");

    fill();
    ok(jb_beside_region(&work, &told, &err) == JB_OK && told.n_notes == 0, "a zone stays a zone");
    is_str(work.place.text, "NL", "as it is");
    ok(work.pue_milli.known == JB_KNOWN_UNKNOWN, "without a PUE");
    work = work_at("gcp/europe-west4");
    if (jb_catalogue_find_region("gcp", "europe-west4", 0, &region, &err) < 0)
        bail_out("%s", err.message);
    ok(jb_beside_region(&work, &told, &err) == JB_OK, "a region is taken %s", err.message);
    is_str(work.place.text, "NL", "Eemshaven lies in the Netherlands");
    is_i64(work.pue_milli.best, region.pue_milli.best, "with the region's PUE");
    ok(told.n_factors == 1 && strstr(told.factors[0].name, "PUE"),
       "which stands among the factors");
    ok(told.n_notes == 1 && strstr(told.notes[0], "europe-west4"), "and the region in a note");
    work = work_at("gcp/europe-west4");
    work.pue_milli.known = JB_KNOWN_WITHHELD;
    ok(jb_beside_region(&work, &told, &err) == JB_OK && work.pue_milli.known == JB_KNOWN_WITHHELD,
       "what is withheld stays so");
    work = work_at("gcp/europe-west4");
    work.pue_milli = (struct jb_quantity){JB_KNOWN_VALUE, false, 1500, 1500, 1500};
    ok(jb_beside_region(&work, &told, &err) == JB_OK && work.pue_milli.best == 1500,
       "and what is told stays too");
    work = work_at("aws/nowhere");
    is_i64(jb_beside_region(&work, &told, &err), JB_E_INPUT, "a region that is none is refused");
    work = work_at("Nowhereland");
    is_i64(jb_beside_region(&work, &told, &err), JB_E_INPUT, "so is a place");
}

static void test_equivalents(void)
{
    struct jb_equivalent fridge = {.key = "fridge",
                                   .micro_per_unit = {200000000, 240000000, 300000000, 3}};
    struct jb_equivalent flight = {
        .key = "flight", .is_carbon = true, .micro_per_unit = {500000000, 500000000, 500000000, 1}};

    fill();
    jb_beside_equivalent(&flight, &told);
    is_i64((int64_t)told.n_equivalents, 0, "without carbon there are no flights");
    jb_beside_equivalent(&fridge, &told);
    is_i64(told.equivalents[0].n_milli.best, 625, "150 kWh are 0.625 of 240 kWh");
    is_i64(told.equivalents[0].n_milli.low, 300, "at least 90 of 300");
    is_i64(told.equivalents[0].n_milli.high, 2250, "at most 450 of 200");
    told.location_ugco2e =
        (struct jb_figure){true, false, 0, INT64_C(1000000000000), INT64_C(1000000000000)};
    jb_beside_equivalent(&flight, &told);
    is_i64(told.equivalents[1].n_milli.best, 2000, "1000 kg are two of 500 kg");
    is_i64(told.equivalents[1].n_milli.low, 0, "or none");
    flight.micro_per_unit.n_rows = 0;
    jb_beside_equivalent(&flight, &told);
    is_i64((int64_t)told.n_equivalents, 2, "one without a figure is left out");
    told.n_equivalents = 0;
    jb_beside_equivalents(&told);
    bool has_fridge = false, has_carbon = false;
    for (size_t i = 0; i < told.n_equivalents; i++) {
        has_fridge = has_fridge || strcmp(told.equivalents[i].key, "fridge_year") == 0;
        has_carbon = has_carbon || told.equivalents[i].is_carbon;
    }
    ok(has_fridge && has_carbon, "the shipped ones have refrigerators, flights and cars");
}

static void test_inputs_and_missing(void)
{
    struct jb_work work = {.year = 2020, .duration_ns = {JB_KNOWN_WITHHELD, false, 0, 0, 0}};

    fill();
    jb_beside_inputs(&work, &told);
    is_i64((int64_t)told.n_inputs, 2, "what was said");
    is_str(told.inputs[0].name, "duration", "a name");
    is_str(told.inputs[0].unit, "ns", "its unit");
    is_str(told.inputs[0].text, "withheld", "what it is");
    is_str(told.inputs[1].text, "2020", "a year");
    jb_beside_missing(&work, &told);
    is_i64((int64_t)told.n_notes, 0, "nothing is missing of what is computable");
    estimate.is_computable = false;
    jb_beside_missing(&work, &told);
    is_i64((int64_t)told.n_notes, 2, "hardware and time are");
    ok(strstr(told.notes[0], "nvidia-smi -L") && strstr(told.notes[1], "run time"), "by name");
    work.processor.known = JB_KNOWN_VALUE;
    told.n_notes = 0;
    jb_beside_missing(&work, &told);
    ok(told.n_notes == 1 && strstr(told.notes[0], "run time"), "the time alone");
}

int main(void)
{
    test_total();
    test_carbon_and_cost();
    test_region();
    test_equivalents();
    test_inputs_and_missing();
    return done_testing();
}
