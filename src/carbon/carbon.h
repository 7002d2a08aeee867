/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Energy x place x time -> CO2e, and energy x tariff -> cost. Rules R-CARBON-01 to R-CARBON-06, R-COST-01
 * (docs/method/catalogue.md). Pure functions; safe from any thread.
 *
 * Intensities are milligram CO2e per kWh, masses microgram, energies microjoule. 1 kWh = 3.6e12 uJ, so
 * ug = uJ x (mg/kWh) / 3.6e9. Best figures are rounded once, at the end, to nearest; band edges outward. Energy and
 * factor have different causes of error: their half-widths are added in quadrature (R-CARBON-02); slices of one run
 * share both causes, so within each they add linearly. Nothing is ever averaged over the run.
 */
#ifndef JB_CARBON_CARBON_H
#define JB_CARBON_CARBON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/account.h"

/* mg CO2e per kWh, 0 <= low <= best <= high. From jb_grid_intensity, or a factor given: all three the same. */
struct jb_carbon_factor {
    int64_t low_mg_per_kwh, best_mg_per_kwh, high_mg_per_kwh;
};

/* Energy of one stretch of time, 0 <= low <= best <= high. start == end is an instant. */
struct jb_energy_slice {
    int64_t start_utc_us, end_utc_us;
    int64_t low_uj, best_uj, high_uj;
};

/* Intensities by time, opaque. */
struct jb_hourly;

struct jb_carbon {
    struct jb_figure mass_ugco2e; /* is_known true; is_hard_bound false */
    int64_t covered_us;           /* time of the slices inside hours of the file */
    int64_t uncovered_us;         /* time outside: charged with the annual factor */
    int64_t uncovered_uj;         /* energy of that time */
    const char *note;             /* NULL, or that some or all hours are not in the file */
};

/*
 * R-CARBON-01, R-CARBON-03: location-based emissions of the slices. `hourly` NULL: every slice by `annual`. Else each
 * hour that the file has is charged with that hour's figure, cut at the hour by time; the rest falls back on `annual`
 * and is reported. The same function with the market factor as `annual` and no file gives the market-based figure
 * (R-CARBON-06), which stands beside the location-based one and never replaces it.
 * JB_E_RANGE: a slice that ends before it starts, a negative or unordered figure, or a result beyond 64 bits.
 */
JB_MUST_USE jb_rc jb_carbon_of_slices(const struct jb_energy_slice *slices, size_t n_slices,
                                      const struct jb_carbon_factor *annual,
                                      const struct jb_hourly *hourly, struct jb_carbon *ret_carbon,
                                      struct jb_error *err);

/* The same for energy whose time does not matter: an annual or a market factor. */
JB_MUST_USE jb_rc jb_carbon_of_energy(const struct jb_figure *energy_uj,
                                      const struct jb_carbon_factor *factor,
                                      struct jb_figure *ret_mass_ugco2e, struct jb_error *err);

/* R-COST-01: micro-units of currency; the tariff is micro-units per kWh and exact. JB_E_RANGE as above. */
JB_MUST_USE jb_rc jb_cost_of_energy(const struct jb_figure *energy_uj, int64_t tariff_micro_per_kwh,
                                    struct jb_figure *ret_cost_micro, struct jb_error *err);

/* --- intensity by the hour (R-CARBON-04), or by the half hour and less (R-CARBON-20) ------------------------------ */

#define JB_HOURLY_BYTES_MAX (16 * 1024 * 1024)
#define JB_HOURLY_ROWS_MAX  200000 /* 22 years of hours */
#define JB_HOURLY_MG_MAX \
    INT64_C(10000000) /* 10 kg per kWh: nothing on a grid emits that; the unit is wrong */

/* Average intensities say what was emitted; marginal ones what one kWh more or less would change. Never one for the other. */
enum jb_signal { JB_SIGNAL_AVERAGE, JB_SIGNAL_MARGINAL };
const char *jb_signal_name(enum jb_signal signal); /* "average", "marginal" */

/* What a series is of; "" and 0 where nothing was told. */
struct jb_hourly_about {
    char provider[32]; /* "Electricity Maps"; "": a CSV file */
    char zone[64];     /* as the provider names it */
    char basis[16];    /* "lifecycle", "direct" */
    enum jb_signal signal;
    size_t n_estimated;               /* rows that the provider marks as estimated */
    size_t n_forecast;                /* rows of a forecast */
    int64_t start_utc_us, end_utc_us; /* of the first and the last row; there may be gaps between */
};

/*
 * Reads CSV text: the header `utc_hour_start,gco2e_per_kwh`, then one row per hour, in any order,
 * `2026-11-23T06:00:00Z,253.31`. Empty lines and lines that begin with '#' are skipped; CRLF is taken. Or, where the text begins with
 * '{', an answer of a grid's API as it was saved (carbon_int.h has the table). Errors name
 * `name` and the line or row: JB_E_INPUT for a missing header, a time that is not the start of a UTC hour, a time given
 * twice, a figure that is negative, not a number or beyond JB_HOURLY_MG_MAX; JB_E_RANGE for a file too large.
 * The caller frees.
 */
JB_MUST_USE jb_rc jb_hourly_parse(const char *name, const void *bytes, size_t len,
                                  struct jb_hourly **ret_hourly, struct jb_error *err);
/* The same from a file, to choose a time by: of either signal. */
JB_MUST_USE jb_rc jb_hourly_read_signal(const char *path, struct jb_hourly **ret_hourly,
                                        struct jb_error *err);
/* The same from a file, to account with: JB_E_INPUT also for marginal intensities. */
JB_MUST_USE jb_rc jb_hourly_read(const char *path, struct jb_hourly **ret_hourly,
                                 struct jb_error *err);
void jb_hourly_free(struct jb_hourly *hourly);
JB_AUTO_POINTER(struct jb_hourly, jb_hourly_free)

size_t jb_hourly_n_rows(const struct jb_hourly *hourly);
const struct jb_hourly_about *jb_hourly_about(const struct jb_hourly *hourly);
/* The figure of the row that contains `utc_us`. False: the series does not have it. */
bool jb_hourly_at(const struct jb_hourly *hourly, int64_t utc_us, int64_t *ret_mg_per_kwh);
/* When that row ends. False as above. */
bool jb_hourly_end_at(const struct jb_hourly *hourly, int64_t utc_us, int64_t *ret_end_utc_us);
/* The start of the first row that begins after `utc_us`; INT64_MAX if there is none. */
int64_t jb_hourly_next_start(const struct jb_hourly *hourly, int64_t utc_us);
/* Whether the rows cover [start, end) without a gap. */
bool jb_hourly_covers(const struct jb_hourly *hourly, int64_t start_utc_us, int64_t end_utc_us);

#endif
