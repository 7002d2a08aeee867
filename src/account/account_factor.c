/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Energy to what the data centre adds (R-PUE-01 to -04), to CO2e and cost (R-CARBON-10 to -13). A factor that nobody
 * gave is a band and a note, never a guess.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "account/account_int.h"
#include "base/clock.h"
#include "carbon/carbon.h"
#include "catalogue/catalogue.h"

#define PUE_ONE_MILLI INT64_C(1000)

void jb_account_factor(struct jb_account *account, const char *name, const char *value,
                       const char *source, const char *edition)
{
    struct jb_factor *const factor = &account->factors[account->n_factors++];
    (void)snprintf(factor->name, sizeof factor->name, "%s", name);
    (void)snprintf(factor->value, sizeof factor->value, "%s", value);
    (void)snprintf(factor->source, sizeof factor->source, "%s", source);
    (void)snprintf(factor->edition, sizeof factor->edition, "%s", edition);
}

/* R-PUE-03: a meter at the wall already holds what PUE would add around it. What a paper tells of a node is IT energy
 * (R-REBUILT-04): only the facility's own figure holds the facility. */
static const struct jb_account_row *wall_meter(const struct jb_account_builder *builder)
{
    for (size_t i = 0; i < builder->n_rows; i++) {
        const struct jb_account_row *const row = &builder->rows[i];
        const bool is_wall =
            row->line.scope == JB_SCOPE_FACILITY ||
            (row->line.scope == JB_SCOPE_NODE && builder->run.layer == JB_LAYER_MEASURED);
        if (!row->is_unposted && is_wall && row->line.role == JB_ROLE_POST)
            return row;
        if (!row->is_unposted && row->line.scope == JB_SCOPE_FACILITY &&
            row->line.role == JB_ROLE_PARENT)
            return row;
    }
    return NULL;
}

/* energy x (pue - 1), rounded outward. */
static jb_rc overhead(int64_t energy_uj, int64_t pue_milli, enum jb_round round, int64_t *ret_uj)
{
    return jb_muldiv_i64(energy_uj, pue_milli - PUE_ONE_MILLI, PUE_ONE_MILLI, round, ret_uj);
}

static jb_rc given_pue(const struct jb_account_builder *builder, struct jb_account *account,
                       struct jb_error *err)
{
    const int64_t pue_milli = builder->run.pue_milli;
    struct jb_figure *const facility = &account->facility_uj;
    const struct jb_figure *const energy = &account->energy_uj;
    char value[32];

    (void)jb_format_decimal(pue_milli, 3, value, sizeof value);
    if (pue_milli < PUE_ONE_MILLI) {
        jb_account_note(
            account,
            "PUE %s was given and not used: a data centre cannot draw less than what is in it",
            value);
        return JB_OK;
    }
    if (overhead(energy->low, pue_milli, JB_ROUND_FLOOR, &facility->low) < 0 ||
        overhead(energy->best, pue_milli, JB_ROUND_NEAREST, &facility->best) < 0 ||
        overhead(energy->high, pue_milli, JB_ROUND_CEIL, &facility->high) < 0)
        return jb_fail(err, JB_E_RANGE, NULL,
                       "PUE %s makes more energy than 64 bits of microjoule hold", value);
    /* What was told is told to the microjoule; the band is that of the energy. */
    if (builder->has_told_facility && builder->told_pue_milli == pue_milli) {
        facility->best = builder->told_facility_uj;
        facility->low = facility->low < facility->best ? facility->low : facility->best;
        facility->high = facility->high > facility->best ? facility->high : facility->best;
    }
    facility->is_known = true;
    account->is_facility_posted = true;
    jb_account_factor(account, "PUE", value, "given for the run", "");
    jb_account_note(account,
                    "PUE %s is an average over a year, and its share of this run an estimate; "
                    "the facility line is apart from the headline",
                    value);
    return JB_OK;
}

static jb_rc default_pue(struct jb_account *account)
{
    struct jb_figure *const facility = &account->facility_uj;
    const struct jb_figure *const energy = &account->energy_uj;
    struct jb_catalogue_band band;
    char best[32];
    char high[32];

    jb_catalogue_default_pue_milli(&band);
    facility->low = 0;
    facility->best =
        jb_muldiv_sat_i64(energy->best, band.best - PUE_ONE_MILLI, PUE_ONE_MILLI, JB_ROUND_NEAREST);
    facility->high =
        jb_muldiv_sat_i64(energy->high, band.high - PUE_ONE_MILLI, PUE_ONE_MILLI, JB_ROUND_CEIL);
    facility->is_known = true;
    (void)jb_format_decimal(band.best, 3, best, sizeof best);
    (void)jb_format_decimal(band.high, 3, high, sizeof high);
    jb_account_factor(account, "PUE, default", best, band.source, jb_catalogue_edition());
    jb_account_note(
        account,
        "no PUE was given: what cooling and power supply of a data centre add is a band only "
        "(default %s, up to %s) and is in no other figure",
        best, high);
    return JB_OK;
}

jb_rc jb_account_facility(const struct jb_account_builder *builder, struct jb_account *account,
                          struct jb_error *err)
{
    const struct jb_account_row *const wall = wall_meter(builder);

    if (!account->energy_uj.is_known)
        return JB_OK;
    if (wall) {
        jb_account_note(account, "no PUE is applied: '%s' %s%s", wall->line.channel,
                        builder->run.layer == JB_LAYER_MEASURED ? "measures at the wall"
                                                                : "is of the whole facility",
                        builder->run.pue_milli >= 0 ? ", and the PUE given was not used" : "");
        return JB_OK;
    }
    return builder->run.pue_milli >= 0 ? given_pue(builder, account, err) : default_pue(account);
}

/* Grid intensity of the run's place; the world where it is unknown, which is said. */
static jb_rc grid_of(const struct jb_run *run, struct jb_account *account,
                     struct jb_grid_intensity *ret_grid, struct jb_error *err)
{
    const int64_t year = run->start_utc_us > 0 ? jb_utc_year(run->start_utc_us) : 0;
    struct jb_error why = {0};
    jb_rc rc;

    rc = jb_catalogue_find_grid(run->place, year, NULL, ret_grid, &why);
    if (rc == JB_E_INPUT || rc == JB_E_NOT_FOUND) {
        jb_account_note(account,
                        "place '%s' has no grid intensity here (%s): the band spans the world",
                        run->place, why.hint[0] ? why.hint : why.message);
        return jb_catalogue_find_grid(NULL, year, NULL, ret_grid, err);
    }
    if (rc < 0)
        return jb_fail(err, rc, why.hint, "%s", why.message);
    if (ret_grid->is_unknown_place)
        jb_account_note(account,
                        "the place is unknown: the carbon band spans the grids of the world; "
                        "give it with --place, for example --place NL");
    if (ret_grid->is_other_year && ret_grid->year > 0)
        jb_account_note(account,
                        "grid intensity of %s is that of %" PRId64 ", the nearest year there is",
                        ret_grid->name, ret_grid->year);
    return JB_OK;
}

/* "253.31 (201.4 .. 290) gCO2e/kWh" of mg; size >= 64. */
static const char *format_intensity(const struct jb_grid_intensity *grid, char *buf, size_t size)
{
    char low[32];
    char best[32];
    char high[32];

    (void)snprintf(buf, size, "%s (%s .. %s) gCO2e/kWh",
                   jb_format_decimal(grid->best_mg_per_kwh, 3, best, sizeof best),
                   jb_format_decimal(grid->low_mg_per_kwh, 3, low, sizeof low),
                   jb_format_decimal(grid->high_mg_per_kwh, 3, high, sizeof high));
    return buf;
}

/* R-CARBON-10: what emits is the IT energy, and with it the facility's where a PUE was given. */
static struct jb_figure emitting_energy(const struct jb_account *account)
{
    struct jb_figure sum = account->energy_uj;

    if (account->is_facility_posted) {
        sum.low = jb_add_sat_i64(sum.low, account->facility_uj.low);
        sum.best = jb_add_sat_i64(sum.best, account->facility_uj.best);
        sum.high = jb_add_sat_i64(sum.high, account->facility_uj.high);
    }
    return sum;
}

/* R-CARBON-11: the energy over the hours in which it was used, its band in the same proportion; sums are exact. */
static jb_rc slices_of(const struct jb_account_builder *builder, const struct jb_figure *energy,
                       struct jb_energy_slice **ret_slices, size_t *ret_n, struct jb_error *err)
{
    const size_t n = builder->n_hours;
    int64_t weights[JB_SPLIT_MAX];
    int64_t low_uj[JB_SPLIT_MAX];
    int64_t best_uj[JB_SPLIT_MAX];
    int64_t high_uj[JB_SPLIT_MAX];
    bool has_weight = false;

    for (size_t i = 0; i < n; i++) {
        weights[i] = builder->hours[i].run_uj > 0 ? builder->hours[i].run_uj : 0;
        has_weight = has_weight || weights[i] > 0;
    }
    if (!has_weight)
        weights[0] = 1;
    if (jb_split_i64(energy->best, weights, n, best_uj) < 0 ||
        jb_split_i64(energy->best - energy->low, weights, n, low_uj) < 0 ||
        jb_split_i64(energy->high - energy->best, weights, n, high_uj) < 0)
        return jb_fail(err, JB_E_RANGE, NULL, "cannot share the run's energy over its hours");
    struct jb_energy_slice *const slices = calloc(n > 0 ? n : 1, sizeof slices[0]);
    if (!slices)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for %zu hours", n);
    for (size_t i = 0; i < n; i++) {
        const int64_t below_uj = low_uj[i] < best_uj[i] ? low_uj[i] : best_uj[i];
        slices[i] = (struct jb_energy_slice){
            .start_utc_us = builder->hours[i].start_utc_us,
            .end_utc_us = builder->hours[i].start_utc_us + JB_US_PER_HOUR,
            .low_uj = best_uj[i] - below_uj,
            .best_uj = best_uj[i],
            .high_uj = jb_add_sat_i64(best_uj[i], high_uj[i]),
        };
    }
    *ret_slices = slices;
    *ret_n = n;
    return JB_OK;
}

static jb_rc by_the_hour(const struct jb_account_builder *builder, const struct jb_hourly *hourly,
                         const struct jb_figure *energy, const struct jb_carbon_factor *annual,
                         struct jb_account *account, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct jb_energy_slice *slices = NULL;
    struct jb_carbon carbon;
    char value[64];
    size_t n;
    jb_rc rc;

    rc = slices_of(builder, energy, &slices, &n, err);
    if (rc < 0)
        return rc;
    rc = jb_carbon_of_slices(slices, n, annual, hourly, &carbon, err);
    if (rc < 0)
        return rc;
    account->location_ugco2e = carbon.mass_ugco2e;
    (void)snprintf(value, sizeof value, "%zu hour%s of the run", n, n == 1 ? "" : "s");
    jb_account_factor(account, "grid intensity, hourly", value, "the hourly file of the run", "");
    if (carbon.note)
        jb_account_note(account, "hourly intensity: %s", carbon.note);
    return JB_OK;
}

static jb_rc location_based(const struct jb_account_builder *builder,
                            const struct jb_figure *energy, struct jb_account *account,
                            struct jb_error *err)
{
    JB_AUTO(jb_hourly_free_auto) struct jb_hourly *hourly = NULL;
    const struct jb_run *const run = &builder->run;
    struct jb_grid_intensity grid;
    struct jb_error why = {0};
    char value[128];
    char source[sizeof grid.name + sizeof grid.method + sizeof grid.source + 32];
    jb_rc rc;

    rc = grid_of(run, account, &grid, err);
    if (rc < 0)
        return rc;
    const struct jb_carbon_factor annual = {grid.low_mg_per_kwh, grid.best_mg_per_kwh,
                                            grid.high_mg_per_kwh};
    (void)snprintf(source, sizeof source, "%s, %" PRId64 ", %s: %s", grid.name, grid.year,
                   strcmp(grid.method, "unknown") == 0 ? "method not told" : grid.method,
                   grid.source);
    jb_account_factor(account, "grid intensity", format_intensity(&grid, value, sizeof value),
                      source, jb_catalogue_edition());
    if (run->hourly_file[0] && builder->n_hours > JB_SPLIT_MAX) {
        jb_account_note(account, "hourly intensity not used: the run has more than %d hours",
                        JB_SPLIT_MAX);
    } else if (run->hourly_file[0]) {
        if (jb_hourly_read(run->hourly_file, &hourly, &why) == JB_OK)
            return by_the_hour(builder, hourly, energy, &annual, account, err);
        /* An account is not lost for a file that has moved since; its path may have to be erased, so it is not told. */
        jb_account_note(account, "hourly intensity not used: the run's file cannot be read (%s)",
                        jb_rc_text(why.code));
    }
    return jb_carbon_of_energy(energy, &annual, &account->location_ugco2e, err);
}

/* R-CARBON-13 */
static jb_rc market_based(const struct jb_run *run, const struct jb_figure *energy,
                          struct jb_account *account, struct jb_error *err)
{
    const int64_t mg = run->market_mgco2e_per_kwh;
    const struct jb_carbon_factor factor = {mg, mg, mg};
    char text[32];
    char value[64];

    if (mg < 0)
        return JB_OK;
    (void)snprintf(value, sizeof value, "%s gCO2e/kWh",
                   jb_format_decimal(mg, 3, text, sizeof text));
    jb_account_factor(account, "market-based factor", value, "given for the run", "");
    return jb_carbon_of_energy(energy, &factor, &account->market_ugco2e, err);
}

static jb_rc cost(const struct jb_run *run, const struct jb_figure *energy,
                  struct jb_account *account, struct jb_error *err)
{
    char text[32];
    char value[64];

    if (run->tariff_micro_per_kwh < 0)
        return JB_OK;
    (void)snprintf(value, sizeof value, "%s %s/kWh",
                   jb_format_decimal(run->tariff_micro_per_kwh, 6, text, sizeof text),
                   run->currency);
    jb_account_factor(account, "tariff", value, "given for the run", "");
    return jb_cost_of_energy(energy, run->tariff_micro_per_kwh, &account->cost_micro, err);
}

jb_rc jb_account_carbon(const struct jb_account_builder *builder, struct jb_account *account,
                        struct jb_error *err)
{
    const struct jb_run *const run = &builder->run;
    const struct jb_figure energy = emitting_energy(account);
    jb_rc rc;

    if (!energy.is_known)
        return JB_OK;
    rc = location_based(builder, &energy, account, err);
    if (rc == JB_OK)
        rc = market_based(run, &energy, account, err);
    if (rc == JB_OK)
        rc = cost(run, &energy, account, err);
    if (rc < 0)
        return rc;
    jb_account_factor(account, "energy that emits and costs",
                      account->is_facility_posted ? "IT energy and facility energy" : "IT energy",
                      account->is_facility_posted ? "a PUE was given" : "no PUE is applied", "");
    return JB_OK;
}
