/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Half-widths and how they add up (R-BAND-01 to -06): linear within a correlation key, quadrature across keys, always
 * rounded outward. A best figure is never moved here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "account/account_int.h"

#define PPM INT64_C(1000000)

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

struct jb_half jb_account_device_half(const struct jb_interval *interval, int64_t amount_uj)
{
    const int64_t energy_uj = interval->energy_uj;
    struct jb_half half = {0, 0};

    if (amount_uj <= 0)
        return half;
    half.low_uj =
        jb_muldiv_sat_i64(amount_uj, larger(interval->accuracy_low_ppm, 0), PPM, JB_ROUND_CEIL);
    half.high_uj =
        jb_muldiv_sat_i64(amount_uj, larger(interval->accuracy_high_ppm, 0), PPM, JB_ROUND_CEIL);
    /* Both are the same doubt in two forms: the wider one counts. high_uj 0 means that no band in uJ was given. */
    if (energy_uj > 0 && interval->high_uj >= energy_uj && interval->low_uj <= energy_uj) {
        const int64_t below_uj = energy_uj - larger(interval->low_uj, 0);
        const int64_t above_uj = interval->high_uj - energy_uj;
        half.low_uj =
            larger(half.low_uj, jb_muldiv_sat_i64(below_uj, amount_uj, energy_uj, JB_ROUND_CEIL));
        half.high_uj =
            larger(half.high_uj, jb_muldiv_sat_i64(above_uj, amount_uj, energy_uj, JB_ROUND_CEIL));
    }
    return half;
}

/* Half-widths of one cause, and the text that says which cause it is. */
struct component {
    char key[JB_HOST_NAME + JB_CHANNEL_ID + 8];
    struct jb_half half;
};

struct components {
    size_t n, size;
    struct component *list;
};

static void components_release(struct components *components)
{
    free(components->list);
}

static jb_rc add_component(struct components *components, const char *key, struct jb_half half,
                           struct jb_error *err)
{
    jb_rc rc;

    if (half.low_uj <= 0 && half.high_uj <= 0)
        return JB_OK;
    for (size_t i = 0; i < components->n; i++) {
        struct jb_half *const sum = &components->list[i].half;
        if (strcmp(components->list[i].key, key) != 0)
            continue;
        sum->low_uj = jb_add_sat_i64(sum->low_uj, half.low_uj);
        sum->high_uj = jb_add_sat_i64(sum->high_uj, half.high_uj);
        return JB_OK;
    }
    rc = jb_account_grow(&components->list, &components->size, components->n,
                         (size_t)4 * JB_ACCOUNT_LINES_MAX, sizeof components->list[0],
                         "causes of doubt", err);
    if (rc < 0)
        return rc;
    struct component *const added = &components->list[components->n++];
    (void)snprintf(added->key, sizeof added->key, "%s", key);
    added->half = half;
    return JB_OK;
}

/* R-BAND-03: what attribution leaves open of this amount. */
static struct jb_half share_half(const struct jb_account_row *row, enum jb_amount amount)
{
    const struct jb_half none = {0, 0};

    switch (amount) {
    case JB_AMOUNT_RUN:
    case JB_AMOUNT_RESERVED: return row->share;
    case JB_AMOUNT_ABOVE_IDLE: return row->idle;
    case JB_AMOUNT_ALL:
        /* All of the meter is what the meter says, whoever used it. */
        return row->amount_uj[JB_AMOUNT_ALL] == row->amount_uj[JB_AMOUNT_TOTAL] ? none : row->share;
    default: return none;
    }
}

/* R-BAND-01 to -04 of one row. */
static jb_rc add_row(struct components *components, const struct jb_account_row *row,
                     enum jb_amount amount, struct jb_error *err)
{
    const struct jb_account_line *const line = &row->line;
    char key[sizeof components->list[0].key];
    jb_rc rc;

    if (line->correlation[0])
        (void)snprintf(key, sizeof key, "device %s", line->correlation);
    else
        (void)snprintf(key, sizeof key, "device %s/%s", line->host, line->channel);
    rc = add_component(components, key, row->device[amount], err);
    if (rc < 0)
        return rc;
    (void)snprintf(key, sizeof key, "share %s", line->host);
    rc = add_component(components, key, share_half(row, amount), err);
    if (rc < 0)
        return rc;
    (void)snprintf(key, sizeof key, "begin %s/%s", line->host, line->channel);
    rc = add_component(components, key, (struct jb_half){row->first_edge_uj, row->first_edge_uj},
                       err);
    if (rc < 0)
        return rc;
    (void)snprintf(key, sizeof key, "end %s/%s", line->host, line->channel);
    return add_component(components, key, (struct jb_half){row->last_edge_uj, row->last_edge_uj},
                         err);
}

/* A figure over all rows is of the cover; a view also has the run's part of what parents read above it. */
static bool counts(const struct jb_account_row *row, enum jb_amount amount)
{
    const bool is_view = amount == JB_AMOUNT_RESERVED || amount == JB_AMOUNT_ALL;

    return !row->is_unposted &&
           (row->line.role == JB_ROLE_POST || (is_view && row->line.role == JB_ROLE_PARENT));
}

jb_rc jb_account_figure(const struct jb_account_builder *builder, enum jb_amount amount,
                        const struct jb_account_row *only, struct jb_figure *ret_figure,
                        struct jb_error *err)
{
    JB_AUTO(components_release) struct components components = {0};
    struct jb_figure figure = {0};
    struct jb_half half = {0, 0};
    int64_t gap_uj = 0;

    for (size_t i = 0; i < builder->n_rows; i++) {
        const struct jb_account_row *const row = &builder->rows[i];
        if (only ? row != only : !counts(row, amount))
            continue;
        jb_rc rc = jb_add_i64(figure.best, row->amount_uj[amount], &figure.best);
        if (rc < 0)
            return jb_fail(err, rc, NULL, "the sum of run '%s' does not fit 64 bits of microjoule",
                           builder->run.id);
        rc = add_row(&components, row, amount, err);
        if (rc < 0)
            return rc;
        /* What a parent's gap may have held is that of its parts. */
        if (only || row->line.role == JB_ROLE_POST)
            gap_uj = jb_add_sat_i64(gap_uj, larger(row->line.gap_high_uj, 0));
        figure.is_known = true;
    }
    for (size_t i = 0; i < components.n; i++) {
        half.low_uj = jb_hypot_i64(half.low_uj, components.list[i].half.low_uj);
        half.high_uj = jb_hypot_i64(half.high_uj, components.list[i].half.high_uj);
    }
    /* R-BAND-06: gaps are in no best and no low, and wholly in the high. */
    figure.low = larger(jb_add_sat_i64(figure.best, -half.low_uj), 0);
    figure.high = jb_add_sat_i64(jb_add_sat_i64(figure.best, half.high_uj), gap_uj);
    *ret_figure = figure;
    return JB_OK;
}

void jb_account_told_band(struct jb_account_builder *builder, int64_t below_uj, int64_t above_uj)
{
    struct jb_half *const told = &builder->told_band;

    told->low_uj = jb_add_sat_i64(told->low_uj, larger(below_uj, 0));
    told->high_uj = jb_add_sat_i64(told->high_uj, larger(above_uj, 0));
}

void jb_account_widen(const struct jb_account_builder *builder, struct jb_figure *figure)
{
    const int64_t low_uj = larger(jb_add_sat_i64(figure->best, -builder->told_band.low_uj), 0);
    const int64_t high_uj = jb_add_sat_i64(figure->best, builder->told_band.high_uj);

    if (low_uj < figure->low)
        figure->low = low_uj;
    figure->high = larger(figure->high, high_uj);
}
