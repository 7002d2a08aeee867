/* SPDX-License-Identifier: Apache-2.0 */
/* Equivalents with their spans, in the units of the sources. R-CAT-19. */
#include "catalogue/catalogue.h"

#include "tap.h"

static struct jb_equivalent find(const char *key)
{
    for (size_t i = 0; i < jb_catalogue_n_equivalents(); i++) {
        const struct jb_equivalent one = jb_catalogue_equivalent_at(i);
        if (strcmp(one.key, key) == 0)
            return one;
    }
    bail_out("no equivalent '%s'", key);
    return (struct jb_equivalent){0};
}

int main(void)
{
    const struct jb_equivalent fridge = find("fridge_year");
    is_i64(fridge.micro_per_unit.best, 240000000, "a refrigerator takes 240 kWh a year");
    is_i64(fridge.micro_per_unit.low, 109500000, "0.3 kWh a day at least");
    is_i64(fridge.micro_per_unit.high, 292000000, "0.8 kWh a day at most");
    is_i64(fridge.micro_per_unit.n_rows, 3, "three rows stand behind it");
    is_str(fridge.unit_name, "refrigerator, one year", "its name is that of the best row");
    ok(!fridge.is_carbon && fridge.year == 2021, "it is an energy, of 2021");
    ok(strstr(fridge.source, "thesis") && strstr(fridge.source, "Caruna"),
       "both sources are named");

    const struct jb_equivalent freezer = find("fridge_freezer_year");
    is_i64(freezer.micro_per_unit.best, 438000000, "without a best row the middle stands for it");
    is_str(freezer.unit_name, "fridge-freezer, one year", "and the name loses its '(low)'");
    is_i64(freezer.year, 0, "no year is not a year");

    const struct jb_equivalent flight = find("flight_ny_sf_roundtrip");
    ok(flight.is_carbon && flight.micro_per_unit.best == 899930000,
       "New York to San Francisco and back: 1,984 lb, not 984");
    is_i64(find("smartphone_charge_2024").micro_per_unit.best, 12370,
           "a small unit keeps its digits");

    for (size_t i = 0; i < jb_catalogue_n_equivalents(); i++) {
        const struct jb_equivalent one = jb_catalogue_equivalent_at(i);
        const struct jb_span *const span = &one.micro_per_unit;
        ok(one.key[0] && one.unit_name[0] && one.source[0] && span->low > 0 &&
               span->low <= span->best && span->best <= span->high,
           "%s is whole", one.key);
        for (size_t k = 0; k < i; k++)
            if (strcmp(jb_catalogue_equivalent_at(k).key, one.key) == 0)
                ok(false, "%s is there once", one.key);
    }
    return done_testing();
}
