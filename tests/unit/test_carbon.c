/* SPDX-License-Identifier: Apache-2.0 */
/* Energy x place x time, exact to the microgram; nothing averaged, nothing missing silently. R-CARBON-01 to 03, 06, R-COST-01. */
#include "carbon/carbon.h"

#include "base/clock.h"
#include "base/num.h"
#include "tap.h"

#define KWH_UJ INT64_C(3600000000000)
#define HOUR   JB_US_PER_HOUR
/* 2026-11-23T06:00:00Z: 20780 days and 6 hours after 1970. */
#define SIX (INT64_C(20780) * 24 * HOUR + 6 * HOUR)

static struct jb_energy_slice slice(int64_t start_us, int64_t end_us, int64_t uj)
{
    return (struct jb_energy_slice){start_us, end_us, uj, uj, uj};
}

static struct jb_carbon_factor factor(int64_t low, int64_t best, int64_t high)
{
    return (struct jb_carbon_factor){low, best, high};
}

static struct jb_hourly *hours(const char *rows)
{
    char text[4096];
    struct jb_hourly *hourly = NULL;
    struct jb_error err = {0};
    (void)snprintf(text, sizeof text, "utc_hour_start,gco2e_per_kwh\n%s", rows);
    if (jb_hourly_parse("test", text, strlen(text), &hourly, &err) < 0)
        bail_out("%s", err.message);
    return hourly;
}

static void test_product(void)
{
    const struct jb_figure energy = {
        .is_known = true, .low = KWH_UJ, .best = KWH_UJ, .high = KWH_UJ};
    struct jb_figure mass = {0};

    struct jb_carbon_factor f = factor(253310, 253310, 253310);
    ok(jb_carbon_of_energy(&energy, &f, &mass, NULL) == JB_OK, "a product is made");
    ok(mass.is_known && mass.best == 253310000 && mass.low == mass.best && mass.high == mass.best,
       "1 kWh at 253.31 g/kWh is 253.31 g, without a band where neither side has one");

    /* 1 uJ at 1 mg/kWh is 1 / 3.6e9 ug: best 0, and the edges outward. */
    const struct jb_figure tiny = {.is_known = true, .low = 1, .best = 1, .high = 1};
    f = factor(1, 1, 1);
    ok(jb_carbon_of_energy(&tiny, &f, &mass, NULL) == JB_OK && mass.low == 0 && mass.best == 0 &&
           mass.high == 1,
       "best is rounded to nearest, the edges outward");
    const struct jb_figure half = {
        .is_known = true, .low = 1800000000, .best = 1800000000, .high = 1800000000};
    ok(jb_carbon_of_energy(&half, &f, &mass, NULL) == JB_OK && mass.best == 1,
       "half a microgram is rounded away from zero");

    /* Energy 10 -3 +3 kWh, factor 1000 -400 +400 mg: half-widths 3000 and 4000 mg, together 5000 mg. */
    const struct jb_figure wide = {
        .is_known = true, .low = 7 * KWH_UJ, .best = 10 * KWH_UJ, .high = 13 * KWH_UJ};
    f = factor(600, 1000, 1400);
    ok(jb_carbon_of_energy(&wide, &f, &mass, NULL) == JB_OK && mass.best == 10000000 &&
           mass.low == 5000000 && mass.high == 15000000,
       "independent half-widths of 3 and 4 g make 5 g");
    f = factor(0, 1000, 100000);
    ok(jb_carbon_of_energy(&wide, &f, &mass, NULL) == JB_OK && mass.low == 0,
       "the low edge ends at zero");

    const struct jb_figure absent = {.is_known = false};
    mass.is_known = true;
    ok(jb_carbon_of_energy(&absent, &f, &mass, NULL) == JB_OK && !mass.is_known,
       "absent energy makes no mass, not zero");
}

static void test_refused(void)
{
    const struct jb_figure energy = {.is_known = true, .low = 1, .best = 1, .high = 1};
    const struct jb_figure negative = {.is_known = true, .low = -1, .best = 1, .high = 1};
    const struct jb_figure unordered = {.is_known = true, .low = 3, .best = 2, .high = 3};
    struct jb_figure mass = {.best = -7};
    struct jb_carbon carbon = {.covered_us = -7};
    struct jb_carbon_factor f = factor(1, 1, 1), wrong = factor(2, 1, 3);

    is_i64(jb_carbon_of_energy(&negative, &f, &mass, NULL), JB_E_RANGE,
           "negative energy is refused");
    is_i64(jb_carbon_of_energy(&unordered, &f, &mass, NULL), JB_E_RANGE,
           "an unordered band is refused");
    is_i64(jb_carbon_of_energy(&energy, &wrong, &mass, NULL), JB_E_RANGE,
           "an unordered factor is refused");
    is_i64(mass.best, -7, "a refusal leaves the output alone");

    const struct jb_energy_slice backward = slice(HOUR, 0, 1);
    is_i64(jb_carbon_of_slices(&backward, 1, &f, NULL, &carbon, NULL), JB_E_RANGE,
           "time that runs backward is refused");
    const struct jb_energy_slice endless = slice(INT64_MIN, INT64_MAX, 1);
    is_i64(jb_carbon_of_slices(&endless, 1, &f, NULL, &carbon, NULL), JB_E_RANGE,
           "more time than 64 bits hold is refused");

    struct jb_energy_slice huge[400];
    for (size_t i = 0; i < JB_ARRAY_LEN(huge); i++)
        huge[i] = slice(0, HOUR, INT64_MAX);
    f = factor(JB_HOURLY_MG_MAX, JB_HOURLY_MG_MAX, JB_HOURLY_MG_MAX);
    /* 400 x 9.2e18 uJ x 1e7 mg / 3.6e9 = 1.02e19 ug, beyond 9.2e18; 300 slices are 7.7e18. */
    is_i64(jb_carbon_of_slices(huge, 400, &f, NULL, &carbon, NULL), JB_E_RANGE,
           "a mass beyond 64 bits is refused");
    is_i64(carbon.covered_us, -7, "and leaves the output alone");
    is_i64(jb_carbon_of_slices(huge, 300, &f, NULL, &carbon, NULL), JB_OK,
           "one that fits is not, though its parts exceed 64 bits");
}

static void test_hourly(void)
{
    JB_AUTO(jb_hourly_free_auto)
    struct jb_hourly *hourly = hours("2026-11-23T06:00:00Z,100\n2026-11-23T07:00:00Z,200\n");
    const struct jb_carbon_factor annual = factor(400000, 400000, 500000);
    struct jb_carbon carbon = {0};

    /* 2 kWh from 06:30 to 08:30: 0.5 at 100 g, 1 at 200 g, 0.5 not covered at 400 g: 50 + 200 + 200 = 450 g. */
    const struct jb_energy_slice run = slice(SIX + HOUR / 2, SIX + HOUR / 2 + 2 * HOUR, 2 * KWH_UJ);
    ok(jb_carbon_of_slices(&run, 1, &annual, hourly, &carbon, NULL) == JB_OK,
       "an hourly file is applied");
    is_i64(carbon.mass_ugco2e.best, 450000000,
           "each hour is charged with its own figure, the rest with the annual one");
    is_i64(carbon.covered_us, HOUR + HOUR / 2, "an hour and a half is covered");
    is_i64(carbon.uncovered_us, HOUR / 2, "half an hour is not");
    is_i64(carbon.uncovered_uj, KWH_UJ / 2, "and its energy is told");
    ok(carbon.note && strstr(carbon.note, "does not cover"), "a note says so");
    /* The annual factor's own +100 g applies to the uncovered 0.5 kWh only. */
    is_i64(carbon.mass_ugco2e.high, 500000000, "the annual band is on the uncovered part only");

    const struct jb_energy_slice inside[] = {slice(SIX, SIX + HOUR, 3 * KWH_UJ),
                                             slice(SIX + HOUR, SIX + 2 * HOUR, KWH_UJ)};
    ok(jb_carbon_of_slices(inside, 2, &annual, hourly, &carbon, NULL) == JB_OK &&
           carbon.mass_ugco2e.best == 500000000,
       "3 kWh at 100 g and 1 kWh at 200 g are 500 g, not 4 kWh at the mean of 150 g");
    ok(carbon.uncovered_us == 0 && !carbon.note, "full coverage has no note");

    const struct jb_energy_slice instant = slice(SIX + HOUR, SIX + HOUR, KWH_UJ);
    ok(jb_carbon_of_slices(&instant, 1, &annual, hourly, &carbon, NULL) == JB_OK &&
           carbon.mass_ugco2e.best == 200000000,
       "an instant on the hour belongs to the hour that begins");
    const struct jb_energy_slice outside = slice(0, HOUR, KWH_UJ);
    ok(jb_carbon_of_slices(&outside, 1, &annual, hourly, &carbon, NULL) == JB_OK &&
           carbon.covered_us == 0 && carbon.mass_ugco2e.best == 400000000 && carbon.note &&
           strstr(carbon.note, "none"),
       "a file of another time is said to cover nothing");
    const struct jb_energy_slice age =
        slice(-INT64_C(4000000000000000000), INT64_C(4000000000000000000), KWH_UJ);
    ok(jb_carbon_of_slices(&age, 1, &annual, hourly, &carbon, NULL) == JB_OK &&
           carbon.covered_us == 2 * HOUR,
       "a stretch of 250000 years is cut without stepping through it");
    ok(jb_carbon_of_slices(NULL, 0, &annual, hourly, &carbon, NULL) == JB_OK &&
           carbon.mass_ugco2e.best == 0 && !carbon.note,
       "nothing emits nothing");
}

static uint64_t next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Where every hour has the same figure, cutting must not change the sum by a single microgram. */
static void test_cuts(void)
{
    char rows[4096] = "";
    for (int i = 0; i < 48; i++) {
        char row[64], time[32];
        (void)snprintf(row, sizeof row, "%s,321.987\n",
                       jb_format_utc(SIX + i * HOUR, false, time, sizeof time));
        memcpy(rows + strlen(rows), row, strlen(row) + 1);
    }
    JB_AUTO(jb_hourly_free_auto) struct jb_hourly *hourly = hours(rows);
    const struct jb_carbon_factor same = factor(321987, 321987, 321987),
                                  other = factor(0, 1, 999999999);
    uint64_t state = 88172645463325252;
    int64_t n_different = 0;

    for (int i = 0; i < 20000; i++) {
        const int64_t start = SIX + (int64_t)(next(&state) % (40 * (uint64_t)HOUR));
        const int64_t end = start + (int64_t)(next(&state) % (8 * (uint64_t)HOUR));
        struct jb_energy_slice run =
            slice(start, end, (int64_t)(next(&state) % (uint64_t)(50 * KWH_UJ)));
        run.low_uj -= (int64_t)(next(&state) % (uint64_t)(run.low_uj + 1));
        run.high_uj += (int64_t)(next(&state) % (uint64_t)KWH_UJ);
        struct jb_carbon whole, cut;
        if (jb_carbon_of_slices(&run, 1, &same, NULL, &whole, NULL) < 0 ||
            jb_carbon_of_slices(&run, 1, &other, hourly, &cut, NULL) < 0)
            bail_out("a random slice was refused");
        n_different += whole.mass_ugco2e.best != cut.mass_ugco2e.best ||
                       whole.mass_ugco2e.low != cut.mass_ugco2e.low ||
                       whole.mass_ugco2e.high != cut.mass_ugco2e.high ||
                       cut.covered_us != end - start;
    }
    is_i64(n_different, 0, "20000 random stretches cut at the hours sum to the whole, exactly");
}

static void test_cost(void)
{
    const struct jb_figure energy = {
        .is_known = true, .low = KWH_UJ, .best = 2 * KWH_UJ, .high = 4 * KWH_UJ};
    struct jb_figure cost = {0};
    ok(jb_cost_of_energy(&energy, 250000, &cost, NULL) == JB_OK && cost.low == 250000 &&
           cost.best == 500000 && cost.high == 1000000,
       "2 kWh, between 1 and 4, at 0.25 cost 0.50, between 0.25 and 1.00");
    const struct jb_figure joule = {
        .is_known = true, .low = 1000000, .best = 1000000, .high = 1000000};
    /* 1 J at 0.36 per kWh is 1e-7: 0.1 micro-units. */
    ok(jb_cost_of_energy(&joule, 360000, &cost, NULL) == JB_OK && cost.low == 0 && cost.best == 0 &&
           cost.high == 1,
       "a cost below the unit is rounded, its edges outward");
    is_i64(jb_cost_of_energy(&energy, -1, &cost, NULL), JB_E_RANGE, "a negative tariff is refused");
}

int main(void)
{
    test_product();
    test_refused();
    test_hourly();
    test_cuts();
    test_cost();
    return done_testing();
}
