/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Integer arithmetic that cannot overflow silently, shares that sum exactly, and numbers as text, independent of
 * the locale. Rules R-NUM-01 (checked), R-NUM-02 (rounding is named), R-NUM-03 (largest remainder).
 */
#ifndef JB_BASE_NUM_H
#define JB_BASE_NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum jb_round {
    JB_ROUND_FLOOR,   /* toward minus infinity */
    JB_ROUND_CEIL,    /* toward plus infinity */
    JB_ROUND_NEAREST, /* half away from zero */
};

/* *ret = a op b; JB_E_RANGE (ret untouched) where the result does not fit. */
JB_MUST_USE jb_rc jb_add_i64(int64_t a, int64_t b, int64_t *ret);
JB_MUST_USE jb_rc jb_sub_i64(int64_t a, int64_t b, int64_t *ret);
JB_MUST_USE jb_rc jb_mul_i64(int64_t a, int64_t b, int64_t *ret);

/* *ret = a * num / den with a 128-bit product; den > 0, else JB_E_RANGE. */
JB_MUST_USE jb_rc jb_muldiv_i64(int64_t a, int64_t num, int64_t den, enum jb_round round,
                                int64_t *ret);

/* The same for an unsigned count, as counters give them. */
JB_MUST_USE jb_rc jb_muldiv_u64(uint64_t a, uint64_t num, uint64_t den, enum jb_round round,
                                int64_t *ret);

/* Saturating forms for band edges and coverage, where the end of the scale is an honest answer. */
int64_t jb_add_sat_i64(int64_t a, int64_t b);
int64_t jb_muldiv_sat_i64(int64_t a, int64_t num, int64_t den, enum jb_round round);

/* sqrt(a * a + b * b) rounded up to a whole number: quadrature of two half-widths, both >= 0; saturates. */
int64_t jb_hypot_i64(int64_t a, int64_t b);

/*
 * R-NUM-03: divides `total` (any sign) into n shares in proportion to weights[i] >= 0 so that the shares sum to
 * `total` exactly: floors first, then one unit each to the largest remainders, ties to the lower index. All weights
 * zero, n == 0 with total != 0, or a negative weight: JB_E_RANGE, ret untouched. Weights may be any int64; the sum
 * may exceed int64. n <= JB_SPLIT_MAX.
 */
#define JB_SPLIT_MAX 4096
JB_MUST_USE jb_rc jb_split_i64(int64_t total, const int64_t *weights, size_t n,
                               int64_t *ret_shares);

/* Decimal digits only, optional leading '-', whole text consumed (trailing newline and blanks allowed if
 * `allow_trailing_space`; a '-' for jb_parse_i64 only). JB_E_INPUT on anything else, JB_E_RANGE on overflow. */
JB_MUST_USE jb_rc jb_parse_i64(const char *text, size_t len, bool allow_trailing_space,
                               int64_t *ret);
JB_MUST_USE jb_rc jb_parse_u64(const char *text, size_t len, bool allow_trailing_space,
                               uint64_t *ret);

#define JB_DECIMAL_SCALE_MAX 18

/* Scale is the number of decimals kept, at most JB_DECIMAL_SCALE_MAX. "12.5" with scale 3 gives 12500; also "1e3", "-0.25". More digits than the scale holds are rounded to nearest.
 * JB_E_INPUT where it is not a number ("nan", "inf", "", "1,5", "+1" are not), JB_E_RANGE where it does not fit. */
JB_MUST_USE jb_rc jb_parse_decimal(const char *text, size_t len, unsigned scale, int64_t *ret);

/* 12500 with scale 3 gives "12.5" (trailing zeros cut), size >= 32; returns buf. */
const char *jb_format_decimal(int64_t value, unsigned scale, char *buf, size_t size);

/* A unit by its name, and how many of the smallest unit it is. */
struct jb_unit {
    const char *name; /* "": a bare number is taken, as so many of this unit */
    int64_t factor;
};

/* "1.5 kW" with the table's {"kW", 1000000000} gives 1500000000, rounded to nearest; blanks may stand before the unit.
 * Not negative. JB_E_INPUT where number or unit is none, JB_E_RANGE where it does not fit. */
JB_MUST_USE jb_rc jb_parse_quantity(const char *text, const struct jb_unit *units, size_t n_units,
                                    int64_t *ret);

/* Three significant digits with a unit that fits, as people read: energy in J below 1 kJ, else Wh, kWh, MWh, GWh;
 * power in mW, W, kW, MW; mass of CO2e in mg, g, kg, t; time in ms, s, "2 min 05 s", "1 h 02 min"; returns buf. Where
 * the text does not fit (32 bytes always do), buf holds "". */
const char *jb_format_energy(int64_t energy_uj, char *buf, size_t size);
const char *jb_format_power(int64_t power_uw, char *buf, size_t size);
const char *jb_format_co2e(int64_t mass_ugco2e, char *buf, size_t size);
const char *jb_format_duration(int64_t duration_ns, char *buf, size_t size);

/* "2026-11-23T06:41:56Z" or with microseconds; size >= 32; returns buf. Parse accepts exactly these two and a blank
 * for the T; UTC only (the Z is required), no 60th second; JB_E_INPUT on anything else. */
const char *jb_format_utc(int64_t utc_us, bool with_us, char *buf, size_t size);
int64_t jb_utc_year(int64_t utc_us); /* 0: not one of four digits */
JB_MUST_USE jb_rc jb_parse_utc(const char *text, size_t len, int64_t *ret_utc_us);

#endif
