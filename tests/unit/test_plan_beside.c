/* SPDX-License-Identifier: Apache-2.0 */
/* Facility, carbon and cost of a figure that is given. R-PLAN-09. */
#include "plan/plan_int.h"

#include "tap.h"

#define KWH_MJ INT64_C(3600000000)

static struct jb_plan plan_of(int64_t kwh)
{
    return (struct jb_plan){
        .is_computable = true,
        .energy_mj = {.is_known = true,
                      .low = kwh * KWH_MJ,
                      .best = kwh * KWH_MJ,
                      .high = kwh * KWH_MJ},
        .device_us = {.is_known = true, .low = KWH_MJ, .best = 2 * KWH_MJ, .high = 3 * KWH_MJ},
    };
}

static void beside(const struct jb_plan_order *order, struct jb_plan *plan)
{
    struct jb_error err = {0};
    if (plan__beside(order, plan, &err) < 0)
        bail_out("%s", err.message);
}

int main(void)
{
    struct jb_plan_order order = {.tariff_micro_per_kwh = -1,
                                  .price_micro_per_device_hour = -1,
                                  .place = {JB_KNOWN_VALUE, "NL"}};
    struct jb_grid_intensity grid;
    struct jb_error err = {0};
    struct jb_plan plan = plan_of(1000);

    if (jb_catalogue_find_grid("NL", 0, NULL, &grid, &err) < 0)
        bail_out("%s", err.message);
    beside(&order, &plan);
    is_i64(plan.location_ugco2e.best, grid.best_mg_per_kwh * 1000 * 1000,
           "1000 kWh by the grid's intensity, to the microgram");
    is_i64(plan.location_ugco2e.high, grid.high_mg_per_kwh * 1000 * 1000, "at its high end too");
    ok(!plan.cost_micro.is_known, "no tariff and no price, no cost");

    plan = plan_of(1000000000); /* 1 TWh: beyond the microjoules of 64 bits */
    beside(&order, &plan);
    is_i64(plan.location_ugco2e.best, grid.best_mg_per_kwh * INT64_C(1000000000) * 1000,
           "a TWh has its carbon as exactly");

    plan = plan_of(10);
    order.pue_milli = (struct jb_quantity){JB_KNOWN_RANGE, true, 1100, 1200, 1500};
    order.price_micro_per_device_hour = 5000000;
    beside(&order, &plan);
    is_i64(plan.facility_mj.low, 11 * KWH_MJ, "a range of PUE: low");
    is_i64(plan.facility_mj.best, 12 * KWH_MJ, "best");
    is_i64(plan.facility_mj.high, 15 * KWH_MJ, "and high");
    is_i64(plan.cost_micro.low, 5000000, "a price without a tariff: hours alone, low");
    is_i64(plan.cost_micro.high, 15000000, "and high");
    order.tariff_micro_per_kwh = 200000;
    plan = plan_of(10);
    beside(&order, &plan);
    is_i64(plan.cost_micro.best, 10000000 + 2400000, "with a tariff, of the facility's energy");
    return done_testing();
}
