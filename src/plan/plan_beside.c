/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the building adds, what the grid emits and what it costs (R-PLAN-09). It must never assume a place, a PUE or a price:
 * where none is told, the figure is unknown, or the computers' alone with a note.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "carbon/carbon.h"
#include "plan/plan_int.h"

#define MILLI   INT64_C(1000)
#define KWH_MJ  INT64_C(3600000000)
#define HOUR_US INT64_C(3600000000)

/* --- place ----------------------------------------------------------------------------------------------------------- */

struct site {
    char zone[128]; /* "" unknown */
    struct jb_quantity pue_milli;
};

static void take_pue(const struct jb_region *region, struct site *site, struct jb_plan *plan)
{
    const struct jb_span *const span = &region->pue_milli;
    char text[32];

    site->pue_milli = (struct jb_quantity){span->low < span->high ? JB_KNOWN_RANGE : JB_KNOWN_VALUE,
                                           true, span->low, span->best, span->high};
    plan__factor(plan, "PUE of the region", region->source, "%s",
                 jb_format_decimal(span->best, 3, text, sizeof text));
}

/* A zone of the grid, or a region of a cloud that lies in one (R-EST-34). */
static jb_rc read_site(const struct jb_plan_order *order, struct site *ret_site,
                       struct jb_plan *plan, struct jb_error *err)
{
    struct site site = {.pue_milli = order->pue_milli};
    struct jb_error why_grid = {.code = JB_OK}, why = {.code = JB_OK};
    struct jb_grid_intensity grid;
    struct jb_region region;

    if (order->place.known == JB_KNOWN_VALUE &&
        jb_catalogue_find_grid(order->place.text, order->year, NULL, &grid, &why_grid) == JB_OK) {
        (void)snprintf(site.zone, sizeof site.zone, "%s", order->place.text);
    } else if (order->place.known == JB_KNOWN_VALUE) {
        const jb_rc rc =
            jb_catalogue_find_region(NULL, order->place.text, order->year, &region, &why);
        if (rc < 0) {
            const struct jb_error *const tell = strchr(order->place.text, '/') ? &why : &why_grid;
            return jb_fail(err, tell->code, tell->hint, "%s", tell->message);
        }
        plan__note(plan, "place '%s' is region %s of %s%s%s%s", order->place.text, region.region,
                   region.provider, region.zone[0] ? ", zone " : "", region.zone,
                   region.zone[0] ? "" : ", whose grid is not known: no carbon is told");
        (void)snprintf(site.zone, sizeof site.zone, "%s", region.zone);
        if (site.pue_milli.known == JB_KNOWN_UNKNOWN && region.pue_milli.n_rows > 0 &&
            region.pue_milli.low >= MILLI)
            take_pue(&region, &site, plan);
    }
    *ret_site = site;
    return JB_OK;
}

/* --- facility ---------------------------------------------------------------------------------------------------------- */

static void add_facility(const struct site *site, struct jb_plan *plan)
{
    const struct jb_quantity *const pue = &site->pue_milli;

    plan->facility_mj = plan->energy_mj;
    plan->pue_milli = *pue;
    if (pue->known != JB_KNOWN_VALUE && pue->known != JB_KNOWN_RANGE) {
        plan__note(plan, "no PUE is told: energy, carbon and cost are of the computers alone, "
                         "without what the building adds");
        return;
    }
    plan->facility_mj.low = jb_muldiv_sat_i64(plan->energy_mj.low, pue->low, MILLI, JB_ROUND_FLOOR);
    plan->facility_mj.best =
        jb_muldiv_sat_i64(plan->energy_mj.best, pue->best, MILLI, JB_ROUND_NEAREST);
    plan->facility_mj.high =
        jb_muldiv_sat_i64(plan->energy_mj.high, pue->high, MILLI, JB_ROUND_CEIL);
}

/* --- carbon -------------------------------------------------------------------------------------------------------------- */

/* carbon/ takes microjoules: of what is beyond their scale, millijoules, and its micrograms are milligrams then. */
static jb_rc add_carbon(const char *zone, int64_t year, struct jb_plan *plan, struct jb_error *err)
{
    struct jb_grid_intensity grid;
    const int64_t times = plan->facility_mj.high > INT64_MAX / MILLI ? 1 : MILLI;
    struct jb_figure energy = plan->facility_mj, mass = {0};
    char low[32], best[32], high[32];
    jb_rc rc = jb_catalogue_find_grid(zone, year, NULL, &grid, err);

    if (rc < 0)
        return rc;
    const struct jb_carbon_factor factor = {grid.low_mg_per_kwh, grid.best_mg_per_kwh,
                                            grid.high_mg_per_kwh};
    energy.low *= times;
    energy.best *= times;
    energy.high *= times;
    rc = jb_carbon_of_energy(&energy, &factor, &mass, err);
    if (rc < 0)
        return rc;
    mass.low = jb_muldiv_sat_i64(mass.low, MILLI, times, JB_ROUND_FLOOR);
    mass.best = jb_muldiv_sat_i64(mass.best, MILLI, times, JB_ROUND_NEAREST);
    mass.high = jb_muldiv_sat_i64(mass.high, MILLI, times, JB_ROUND_CEIL);
    plan->location_ugco2e = mass;
    plan__factor(plan, "grid intensity", grid.source, "%s (%s .. %s) gCO2e/kWh, %s, %" PRId64,
                 jb_format_decimal(grid.best_mg_per_kwh / 100, 1, best, sizeof best),
                 jb_format_decimal(grid.low_mg_per_kwh / 100, 1, low, sizeof low),
                 jb_format_decimal(grid.high_mg_per_kwh / 100, 1, high, sizeof high), grid.name,
                 grid.year);
    if (grid.is_other_year && grid.year > 0)
        plan__note(plan, "grid intensity of %s is that of %" PRId64 ", the nearest year there is",
                   grid.name, grid.year);
    return JB_OK;
}

/* --- cost ---------------------------------------------------------------------------------------------------------------- */

static int64_t cost_of(int64_t mj, int64_t us, const struct jb_plan_order *order,
                       enum jb_round round)
{
    const int64_t energy = order->tariff_micro_per_kwh < 0
                               ? 0
                               : jb_muldiv_sat_i64(mj, order->tariff_micro_per_kwh, KWH_MJ, round);
    const int64_t rent =
        order->price_micro_per_device_hour < 0
            ? 0
            : jb_muldiv_sat_i64(us, order->price_micro_per_device_hour, HOUR_US, round);
    return jb_add_sat_i64(energy, rent);
}

/* Energy and hours follow from the same utilisation: their ends go together. */
static void add_cost(const struct jb_plan_order *order, struct jb_plan *plan)
{
    char text[32];

    if (order->tariff_micro_per_kwh < 0 && order->price_micro_per_device_hour < 0)
        return;
    plan->cost_micro = (struct jb_figure){
        .is_known = true,
        .low = cost_of(plan->facility_mj.low, plan->device_us.low, order, JB_ROUND_FLOOR),
        .best = cost_of(plan->facility_mj.best, plan->device_us.best, order, JB_ROUND_NEAREST),
        .high = cost_of(plan->facility_mj.high, plan->device_us.high, order, JB_ROUND_CEIL),
    };
    if (order->tariff_micro_per_kwh >= 0)
        plan__factor(plan, "tariff", "stated", "%s %s/kWh",
                     jb_format_decimal(order->tariff_micro_per_kwh, 6, text, sizeof text),
                     order->currency);
    if (order->price_micro_per_device_hour >= 0)
        plan__factor(plan, "price of a device", "stated", "%s %s/h",
                     jb_format_decimal(order->price_micro_per_device_hour, 6, text, sizeof text),
                     order->currency);
    if (order->tariff_micro_per_kwh >= 0 && order->price_micro_per_device_hour >= 0)
        plan__note(plan, "the cost is electricity and devices together: what is rented mostly has "
                         "its electricity in the price");
}

jb_rc plan__beside(const struct jb_plan_order *order, struct jb_plan *plan, struct jb_error *err)
{
    struct site site;
    const jb_rc rc = read_site(order, &site, plan, err);

    if (rc < 0 || !plan->is_computable)
        return rc;
    add_facility(&site, plan);
    add_cost(order, plan);
    return site.zone[0] != '\0' ? add_carbon(site.zone, order->year, plan, err) : JB_OK;
}
