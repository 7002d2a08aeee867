/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Multiplies energy with a factor of its place and hour, and with a tariff. It must never average an intensity over a
 * run, nor take an hour that the file does not have for one that it has. R-CARBON-01 to R-CARBON-03, R-CARBON-06,
 * R-COST-01.
 */
#include "carbon/carbon.h"

#include "base/clock.h"
#include "base/num.h"
#include "carbon/carbon_int.h"

#define UJ_PER_KWH   INT64_C(3600000000000)
#define UJ_MG_PER_UG (UJ_PER_KWH / 1000) /* uJ x mg/kWh that make one ug */

/* Sums of uJ x mg/kWh, exact: rounded only at the end. */
struct sums {
    __int128 best;                    /* energy x intensity */
    __int128 energy_low, energy_high; /* half-widths by energy: linear, one cause */
    __int128 factor_low, factor_high; /* half-widths by the factor: linear, one cause */
};

static void add_part(struct sums *sums, const struct jb_energy_slice *energy,
                     const struct jb_carbon_factor *factor)
{
    const __int128 best_mg = factor->best_mg_per_kwh, best_uj = energy->best_uj;
    sums->best += best_uj * best_mg;
    sums->energy_low += (energy->best_uj - energy->low_uj) * best_mg;
    sums->energy_high += (energy->high_uj - energy->best_uj) * best_mg;
    sums->factor_low += best_uj * (factor->best_mg_per_kwh - factor->low_mg_per_kwh);
    sums->factor_high += best_uj * (factor->high_mg_per_kwh - factor->best_mg_per_kwh);
}

/* `value` / `per` for value >= 0; false where the result does not fit. */
static bool divide(__int128 value, int64_t per, enum jb_round round, int64_t *ret)
{
    const __int128 add = round == JB_ROUND_CEIL ? per - 1 : round == JB_ROUND_NEAREST ? per / 2 : 0;
    const __int128 result = (value + add) / per;
    if (result > INT64_MAX)
        return false;
    *ret = (int64_t)result;
    return true;
}

/* R-CARBON-02: quadrature of the two causes, outward; the low edge ends at zero. */
static bool finish(const struct sums *sums, int64_t per, struct jb_figure *ret)
{
    struct jb_figure figure = {.is_known = true};
    int64_t floor_best, ceil_best, by_energy, by_factor;

    if (!divide(sums->best, per, JB_ROUND_NEAREST, &figure.best) ||
        !divide(sums->best, per, JB_ROUND_FLOOR, &floor_best) ||
        !divide(sums->best, per, JB_ROUND_CEIL, &ceil_best) ||
        !divide(sums->energy_low, per, JB_ROUND_CEIL, &by_energy) ||
        !divide(sums->factor_low, per, JB_ROUND_CEIL, &by_factor))
        return false;
    const int64_t below = jb_hypot_i64(by_energy, by_factor);
    figure.low = below < floor_best ? floor_best - below : 0;

    if (!divide(sums->energy_high, per, JB_ROUND_CEIL, &by_energy) ||
        !divide(sums->factor_high, per, JB_ROUND_CEIL, &by_factor) ||
        jb_add_i64(ceil_best, jb_hypot_i64(by_energy, by_factor), &figure.high) < 0)
        return false;
    *ret = figure;
    return true;
}

static bool is_ordered(int64_t low, int64_t best, int64_t high)
{
    return low >= 0 && low <= best && best <= high;
}

static jb_rc check_factor(const struct jb_carbon_factor *factor, struct jb_error *err)
{
    if (is_ordered(factor->low_mg_per_kwh, factor->best_mg_per_kwh, factor->high_mg_per_kwh))
        return JB_OK;
    return jb_fail(err, JB_E_RANGE, "low, best and high must be in this order and not negative",
                   "carbon intensity %lld / %lld / %lld mg/kWh is no band",
                   (long long)factor->low_mg_per_kwh, (long long)factor->best_mg_per_kwh,
                   (long long)factor->high_mg_per_kwh);
}

static jb_rc check_slice(const struct jb_energy_slice *slice, struct jb_error *err)
{
    int64_t duration_us = 0;
    if (slice->end_utc_us < slice->start_utc_us ||
        jb_sub_i64(slice->end_utc_us, slice->start_utc_us, &duration_us) < 0)
        return jb_fail(err, JB_E_RANGE, NULL, "a stretch of energy ends before it starts");
    if (!is_ordered(slice->low_uj, slice->best_uj, slice->high_uj))
        return jb_fail(err, JB_E_RANGE, "low, best and high must be in this order and not negative",
                       "energy %lld / %lld / %lld uJ is no band", (long long)slice->low_uj,
                       (long long)slice->best_uj, (long long)slice->high_uj);
    return JB_OK;
}

/* --- by the hour (R-CARBON-03) ---------------------------------------------------------------------------------- */

/* The share of `total` up to `at` of `whole`, floored: differences of it add up to the total exactly. */
static int64_t up_to(int64_t total, int64_t at_us, int64_t whole_us)
{
    return jb_muldiv_sat_i64(total, at_us, whole_us, JB_ROUND_FLOOR);
}

static struct jb_energy_slice cut(const struct jb_energy_slice *slice, int64_t from_us,
                                  int64_t to_us)
{
    const int64_t whole_us = slice->end_utc_us - slice->start_utc_us;
    const int64_t from = from_us - slice->start_utc_us, to = to_us - slice->start_utc_us;
    struct jb_energy_slice part = *slice;

    part.start_utc_us = from_us;
    part.end_utc_us = to_us;
    if (whole_us > 0) {
        /* The three parts are cut apart: energy to best, and the half-widths, so that the order survives the floor. */
        const int64_t below = slice->best_uj - slice->low_uj,
                      above = slice->high_uj - slice->best_uj;
        part.best_uj = up_to(slice->best_uj, to, whole_us) - up_to(slice->best_uj, from, whole_us);
        part.low_uj = part.best_uj - (up_to(below, to, whole_us) - up_to(below, from, whole_us));
        part.high_uj = part.best_uj + (up_to(above, to, whole_us) - up_to(above, from, whole_us));
    }
    return part;
}

static void add_slice(const struct jb_energy_slice *slice, const struct jb_carbon_factor *annual,
                      const struct jb_hourly *hourly, struct sums *sums, struct jb_carbon *carbon)
{
    int64_t at_us = slice->start_utc_us;
    do {
        int64_t mg = 0;
        const bool is_covered = jb_hourly_at(hourly, at_us, &mg);
        int64_t to_us = jb_hourly_next_start(hourly, at_us);
        if (is_covered)
            (void)jb_hourly_end_at(hourly, at_us, &to_us);
        if (to_us > slice->end_utc_us)
            to_us = slice->end_utc_us;
        const struct jb_energy_slice part = cut(slice, at_us, to_us);
        if (is_covered) {
            add_part(sums, &part, &(struct jb_carbon_factor){mg, mg, mg});
            carbon->covered_us = jb_add_sat_i64(carbon->covered_us, to_us - at_us);
        } else {
            add_part(sums, &part, annual);
            carbon->uncovered_us = jb_add_sat_i64(carbon->uncovered_us, to_us - at_us);
            carbon->uncovered_uj = jb_add_sat_i64(carbon->uncovered_uj, part.best_uj);
        }
        at_us = to_us;
    } while (at_us < slice->end_utc_us);
}

jb_rc jb_carbon_of_slices(const struct jb_energy_slice *slices, size_t n_slices,
                          const struct jb_carbon_factor *annual, const struct jb_hourly *hourly,
                          struct jb_carbon *ret_carbon, struct jb_error *err)
{
    struct sums sums = {0};
    struct jb_carbon carbon = {0};

    jb_rc rc = check_factor(annual, err);
    for (size_t i = 0; rc >= 0 && i < n_slices; i++) {
        rc = check_slice(&slices[i], err);
        if (rc < 0)
            break;
        if (hourly)
            add_slice(&slices[i], annual, hourly, &sums, &carbon);
        else
            add_part(&sums, &slices[i], annual);
    }
    if (rc < 0)
        return rc;
    if (!finish(&sums, UJ_MG_PER_UG, &carbon.mass_ugco2e))
        return jb_fail(err, JB_E_RANGE, "account for a shorter time",
                       "emissions exceed 9.2 million tonnes");
    if (carbon.uncovered_us > 0 || carbon.uncovered_uj > 0)
        carbon.note =
            carbon.covered_us > 0
                ? "the file of hourly intensity does not cover the whole time; the rest is charged "
                  "with the annual figure"
                : "the file of hourly intensity covers none of the time; all is charged with the "
                  "annual figure";
    *ret_carbon = carbon;
    return JB_OK;
}

/* --- without time ---------------------------------------------------------------------------------------------- */

static jb_rc of_figure(const struct jb_figure *energy_uj, const struct jb_carbon_factor *factor,
                       int64_t per, struct jb_figure *ret, struct jb_error *err)
{
    const struct jb_energy_slice slice = {
        .low_uj = energy_uj->low, .best_uj = energy_uj->best, .high_uj = energy_uj->high};
    struct jb_figure figure = {.is_known = false};
    struct sums sums = {0};

    if (!energy_uj->is_known) { /* absent is not zero */
        *ret = figure;
        return JB_OK;
    }
    const jb_rc rc = check_slice(&slice, err);
    if (rc < 0)
        return rc;
    add_part(&sums, &slice, factor);
    if (!finish(&sums, per, &figure))
        return jb_fail(err, JB_E_RANGE, "account for a shorter time",
                       "the product does not fit 64 bits");
    *ret = figure;
    return JB_OK;
}

jb_rc jb_carbon_of_energy(const struct jb_figure *energy_uj, const struct jb_carbon_factor *factor,
                          struct jb_figure *ret_mass_ugco2e, struct jb_error *err)
{
    const jb_rc rc = check_factor(factor, err);
    return rc < 0 ? rc : of_figure(energy_uj, factor, UJ_MG_PER_UG, ret_mass_ugco2e, err);
}

jb_rc jb_cost_of_energy(const struct jb_figure *energy_uj, int64_t tariff_micro_per_kwh,
                        struct jb_figure *ret_cost_micro, struct jb_error *err)
{
    const struct jb_carbon_factor tariff = {tariff_micro_per_kwh, tariff_micro_per_kwh,
                                            tariff_micro_per_kwh};
    if (tariff_micro_per_kwh < 0)
        return jb_fail(err, JB_E_RANGE, "give a tariff such as 0.25", "the tariff is negative");
    return of_figure(energy_uj, &tariff, UJ_PER_KWH, ret_cost_micro, err);
}
