/* SPDX-License-Identifier: Apache-2.0 */
/* Round numbers on an axis. Rule R-PAGE-04. */
#include "page/scale.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/compiler.h"
#include "base/num.h"

struct unit {
    const char *name;
    double factor;
};
#define UNITS_MAX 6
/* Smallest first; a unit is taken from 1 of it upwards, J as far as 3600 and s and min as far as people read them. */
static const struct {
    struct unit units[UNITS_MAX];
    double until[UNITS_MAX]; /* in the unit; 0: no bound */
} kinds[] = {
    [JB_SCALE_UJ] = {{{"mJ", 1e3}, {"J", 1e6}, {"Wh", 3.6e9}, {"kWh", 3.6e12}, {"MWh", 3.6e15}},
                     {1000, 3600, 1000, 1000, 0}},
    [JB_SCALE_UW] = {{{"mW", 1e3}, {"W", 1e6}, {"kW", 1e9}, {"MW", 1e12}}, {1000, 1000, 1000, 0}},
    [JB_SCALE_NS] = {{{"ms", 1e6}, {"s", 1e9}, {"min", 6e10}, {"h", 3.6e12}, {"days", 8.64e13}},
                     {1000, 120, 120, 96, 0}},
    [JB_SCALE_UGCO2E] = {{{"mg", 1e3}, {"g", 1e6}, {"kg", 1e9}, {"t", 1e12}},
                         {1000, 1000, 1000, 0}},
    [JB_SCALE_COUNT] = {{{"", 1}}, {0}},
    [JB_SCALE_NANO] = {{{"", 1e9}}, {0}},
};

static const struct unit *unit_for(enum jb_scale_kind kind, double greatest)
{
    size_t i = 0;

    while (kinds[kind].until[i] > 0 &&
           greatest >= kinds[kind].until[i] * kinds[kind].units[i].factor)
        i++;
    return &kinds[kind].units[i];
}

/* digit x 10^exponent written out. */
static void write_label(int64_t digits, int exponent, struct jb_tick *tick)
{
    if (digits == 0)
        exponent = 0;
    if (exponent < 0 && exponent >= -JB_DECIMAL_SCALE_MAX) {
        (void)jb_format_decimal(digits, (unsigned)-exponent, tick->label, sizeof tick->label);
        return;
    }
    for (; exponent > 0 && exponent <= 4; exponent--)
        digits *= 10;
    if (exponent == 0)
        (void)snprintf(tick->label, sizeof tick->label, "%" PRId64, digits);
    else
        (void)snprintf(tick->label, sizeof tick->label, "%" PRId64 "e%d", digits, exponent);
}

/* 1, 2 or 5 x 10^n at or above `least`. */
static double round_step(double least, int64_t *ret_digit, int *ret_exponent)
{
    int exponent = (int)floor(log10(least));
    const double power = pow(10, exponent), part = least / power;
    int64_t digit = part <= 1.0000001 ? 1 : part <= 2.0000001 ? 2 : part <= 5.0000001 ? 5 : 10;

    if (digit == 10) {
        digit = 1;
        exponent++;
    }
    *ret_digit = digit;
    *ret_exponent = exponent;
    return (double)digit * pow(10, exponent);
}

void jb_scale_make(struct jb_scale *scale, enum jb_scale_kind kind, int64_t min, int64_t max,
                   size_t n, bool is_widened)
{
    const double low = (double)min, high = max > min ? (double)max : low + 1;
    const struct unit *const unit = unit_for(kind, fabs(low) > fabs(high) ? fabs(low) : fabs(high));
    int64_t digit;
    int exponent;
    double least = (high - low) / unit->factor / (double)(n > 0 ? n : 1);

    if (kind == JB_SCALE_COUNT && least < 1)
        least = 1; /* half an epoch is none */
    const double step = round_step(least, &digit, &exponent);
    int64_t first = (int64_t)ceil(low / unit->factor / step - 1e-9),
            last = (int64_t)floor(high / unit->factor / step + 1e-9);
    *scale = (struct jb_scale){.min = low, .max = high, .unit = unit->name};
    if (is_widened) {
        first = (int64_t)floor(low / unit->factor / step + 1e-9);
        last = (int64_t)ceil(high / unit->factor / step - 1e-9);
        scale->min = (double)first * step * unit->factor;
        scale->max = (double)last * step * unit->factor;
    }
    for (int64_t i = first; i <= last && scale->n_ticks < JB_SCALE_TICKS; i++) {
        struct jb_tick *const tick = &scale->ticks[scale->n_ticks++];
        tick->value = (double)i * step * unit->factor;
        write_label(i * digit, exponent, tick);
    }
}

int32_t jb_scale_place(const struct jb_scale *scale, double value, int32_t from, int32_t to)
{
    double part = (value - scale->min) / (scale->max - scale->min);

    part = part < 0 ? 0 : part > 1 ? 1 : part;
    return from + (int32_t)lround(part * (to - from));
}
