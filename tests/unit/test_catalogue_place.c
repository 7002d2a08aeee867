/* SPDX-License-Identifier: Apache-2.0 */
/* A place to its carbon intensity, with the spread of the sources, and never a place nobody named. R-CAT-09, 10. */
#include "catalogue/catalogue.h"

#include "tap.h"

static struct jb_grid_intensity find(const char *place, int64_t year, const char *method)
{
    struct jb_grid_intensity grid = {0};
    struct jb_error err = {0};
    if (jb_catalogue_find_grid(place, year, method, &grid, &err) < 0)
        bail_out("'%s' is not found: %s", place ? place : "(none)", err.message);
    return grid;
}

static void test_known(void)
{
    /* Netherlands: EEA 2020 318, Green Algorithms 2020 374.34, OWID 2023 267.62 twice, OWID 2024 253.31. */
    const struct jb_grid_intensity nl = find("NL", 0, NULL);
    is_str(nl.name, "Netherlands", "a code finds its country");
    is_i64(nl.best_mg_per_kwh, 253310, "the best figure is the newest over the life cycle");
    ok(nl.year == 2024 && strcmp(nl.method, "lifecycle") == 0 && nl.n_sources == 5,
       "it is of 2024, among five sources");
    is_i64(nl.low_mg_per_kwh, 253310, "the low end is the least of the sources");
    is_i64(nl.high_mg_per_kwh, 374340, "the high end is the greatest of the sources");
    ok(!nl.is_unknown_place && !nl.is_other_year && strstr(nl.source, "Our World in Data"),
       "the source is named");

    static const char *const spellings[] = {"nl", "NLD", "nld", "Netherlands", "NETHERLANDS"};
    for (size_t i = 0; i < JB_ARRAY_LEN(spellings); i++)
        is_str(find(spellings[i], 0, NULL).zone, "NL", "'%s' is NL", spellings[i]);
    is_str(find("california", 0, NULL).zone, "US-CA", "a state is found by name");
    is_i64(find("us-ca", 0, NULL).best_mg_per_kwh, 216430, "and by code: 216.43 g/kWh of 2020");
    is_str(find("GE", 0, NULL).name, "Georgia", "a code is taken before a name of several");
}

static void test_year_and_method(void)
{
    is_i64(find("NL", 2023, NULL).best_mg_per_kwh, 267620,
           "a year asked for is taken where the table has it");
    const struct jb_grid_intensity early = find("NL", 1995, NULL), late = find("NL", 2026, NULL);
    ok(early.is_other_year && early.year == 2023,
       "an older year falls back on the nearest, and says so");
    ok(late.is_other_year && late.year == 2024,
       "a later year falls back on the newest, and says so");
    const struct jb_grid_intensity direct = find("NL", 0, "direct");
    ok(direct.best_mg_per_kwh == 318000 && direct.low_mg_per_kwh == 318000 &&
           direct.high_mg_per_kwh == 318000 && direct.n_sources == 1,
       "a method asked for leaves the others out of the band");
    is_str(direct.method, "direct", "and is named");
    /* Taiwan has one undated figure, 509, beside 635.65 of 2024 and 642.38 of 2023. */
    const struct jb_grid_intensity taiwan = find("TW", 0, NULL);
    ok(taiwan.best_mg_per_kwh == 635650 && taiwan.low_mg_per_kwh == 509000 &&
           taiwan.high_mg_per_kwh == 642380,
       "a figure without a year is never best, but in the band");

    struct jb_error err = {0};
    struct jb_grid_intensity grid = {.year = -7};
    is_i64(jb_catalogue_find_grid("AF", 0, "direct", &grid, &err), JB_E_NOT_FOUND,
           "a method the place lacks is not found");
    is_i64(grid.year, -7, "a failure leaves the output alone");
    ok(strstr(err.message, "'AF'") && strstr(err.message, "'direct'"),
       "the error names place and method");
}

static void test_unknown(void)
{
    static const char *const unknown[] = {NULL, "", "unknown", "World"};
    for (size_t i = 0; i < JB_ARRAY_LEN(unknown); i++) {
        const struct jb_grid_intensity world = find(unknown[i], 0, NULL);
        ok(world.is_unknown_place, "place %s is flagged as unknown",
           unknown[i] ? unknown[i] : "(none)");
        is_i64(world.best_mg_per_kwh, 475000, "its best is the world's average, 475 g");
        is_i64(world.low_mg_per_kwh, 20000,
               "its low end is the cleanest country, Lesotho with 20 g");
        is_i64(world.high_mg_per_kwh, 1306300,
               "its high end is the dirtiest, Turkmenistan with 1306.3 g");
    }
}

static void test_refused(void)
{
    static const struct {
        const char *place;
        const char *hint;
    } typos[] = {
        {"Netherland", "Netherlands (NL)"},
        {"germny", "Germany (DE)"},
        {"US-C", "US-CA"},
        {"korea", "South Korea (KR)"},
        {"Unted States", "United States (US)"},
    };
    for (size_t i = 0; i < JB_ARRAY_LEN(typos); i++) {
        struct jb_grid_intensity grid = {.year = -7};
        struct jb_error err = {0};
        is_i64(jb_catalogue_find_grid(typos[i].place, 0, NULL, &grid, &err), JB_E_INPUT,
               "'%s' is refused, not guessed", typos[i].place);
        ok(strstr(err.message, typos[i].place) && strstr(err.hint, typos[i].hint),
           "the hint offers %s", typos[i].hint);
        is_i64(grid.year, -7, "the output is left alone");
    }
    struct jb_grid_intensity grid;
    struct jb_error err = {0};
    is_i64(jb_catalogue_find_grid("georgia", 0, NULL, &grid, &err), JB_E_INPUT,
           "the name of a country and a state is refused");
    ok(strstr(err.hint, "(GE)") && strstr(err.hint, "(US-GA)"), "the hint gives both codes");
    is_i64(jb_catalogue_find_grid("Atlantis City", 0, NULL, &grid, &err), JB_E_INPUT,
           "a place far from all is refused");
    ok(strstr(err.hint, "catalogue grid_intensity"), "the hint says where to look");
    char long_name[5000];
    memset(long_name, 'n', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    is_i64(jb_catalogue_find_grid(long_name, 0, NULL, &grid, &err), JB_E_INPUT,
           "a name of 5 kB is refused without harm");
}

static jb_rc look_up(void *context, const struct jb_catalogue_cell *cells, size_t n)
{
    int64_t *const n_bad = context;
    const struct jb_grid_intensity grid = find(cells[0].text, 0, NULL);
    (void)n;
    if (strcmp(cells[0].text, "WORLD") != 0 && strcmp(grid.zone, cells[0].text) != 0)
        ++*n_bad;
    if (grid.low_mg_per_kwh <= 0 || grid.low_mg_per_kwh > grid.best_mg_per_kwh ||
        grid.best_mg_per_kwh > grid.high_mg_per_kwh || grid.n_sources < 1)
        ++*n_bad;
    return JB_OK;
}

static void test_country(void)
{
    struct jb_catalogue_country country = {NULL, NULL};

    ok(jb_catalogue_country("nl", &country) && strcmp(country.alpha3, "NLD") == 0 &&
           strcmp(country.name, "Netherlands") == 0,
       "the country of a zone");
    ok(jb_catalogue_country("US-CA", &country) && strcmp(country.alpha3, "USA") == 0 &&
           strcmp(country.name, "United States") == 0,
       "and of a part of one");
    ok(!jb_catalogue_country("", &country) && !jb_catalogue_country("WORLD", &country) &&
           !jb_catalogue_country("lab 2", &country) && strcmp(country.alpha3, "USA") == 0,
       "what lies in no one country has none");
}

int main(void)
{
    int64_t n_bad = 0;
    size_t n = 0;

    test_known();
    test_year_and_method();
    test_unknown();
    test_refused();
    test_country();
    ok(jb_catalogue_list("grid_intensity", NULL, look_up, &n_bad, &n, NULL) == JB_OK &&
           n_bad == 0 && n > 0,
       "every zone is found by its code and gives an ordered band");
    return done_testing();
}
