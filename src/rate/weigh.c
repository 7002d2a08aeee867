/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Quantiles of references that come in studies: many runs of one source say less than as many sources (R-RATING-09 to -11). Must
 * never let a study outweigh another by its number of rows alone.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rate/rate_int.h"

#define Z_90 1.6448536269514722

static int by_source(const void *a, const void *b)
{
    return strcmp(((const struct rate__point *)a)->source, ((const struct rate__point *)b)->source);
}

static int by_value(const void *a, const void *b)
{
    const struct rate__point *const x = a, *const y = b;

    if (x->log_value != y->log_value)
        return x->log_value < y->log_value ? -1 : 1;
    return strcmp(x->source, y->source);
}

size_t rate__weigh(struct rate__point *points, size_t n, double *ret_effective)
{
    size_t n_sources = 0;
    double total = 0, square = 0;

    *ret_effective = 0;
    if (n == 0)
        return 0;
    qsort(points, n, sizeof points[0], by_source);
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from; to < n && strcmp(points[to].source, points[from].source) == 0;)
            to++;
        const double n_of = (double)(to - from), weight = 1 / (n_of + 1);
        for (size_t i = from; i < to; i++)
            points[i].weight = weight;
        total += n_of * weight;
        /* Half of the variance lies between sources, half within them, as the weights assume too. */
        square += (n_of * weight * n_of * weight + n_of * weight * weight) / 2;
        n_sources++;
    }
    qsort(points, n, sizeof points[0], by_value);
    *ret_effective = total * total / square;
    return n_sources;
}

static double total_of(const struct rate__point *points, size_t n)
{
    double total = 0;

    for (size_t i = 0; i < n; i++)
        total += points[i].weight;
    return total;
}

double rate__quantile(const struct rate__point *points, size_t n, double share)
{
    const double total = total_of(points, n);
    double sum = 0, before = 0;

    for (size_t i = 0; i < n; i++) {
        const double at = (sum + points[i].weight / 2) / total;
        if (share <= at && i == 0)
            return points[0].log_value;
        if (share <= at) {
            const double part = (share - before) / (at - before);
            return points[i - 1].log_value * (1 - part) + points[i].log_value * part;
        }
        sum += points[i].weight;
        before = at;
    }
    return points[n - 1].log_value;
}

double rate__share_below(const struct rate__point *points, size_t n, double log_value)
{
    const double total = total_of(points, n);
    double sum = 0, before = 0;

    if (log_value < points[0].log_value)
        return 0;
    for (size_t i = 0; i < n; i++) {
        const double at = (sum + points[i].weight / 2) / total;
        if (log_value < points[i].log_value) {
            const double below = points[i - 1].log_value;
            return before + (at - before) * (log_value - below) / (points[i].log_value - below);
        }
        double tied = 0;
        for (size_t k = i; k < n && points[k].log_value == log_value; k++)
            tied += points[k].weight;
        if (tied > 0)
            return (sum + tied / 2) / total;
        before = at;
        sum += points[i].weight;
    }
    return 1;
}

void rate__interval(double share, double effective, double *ret_low, double *ret_high)
{
    const double z2 = Z_90 * Z_90 / effective;
    const double middle = (share + z2 / 2) / (1 + z2);
    const double half =
        Z_90 / (1 + z2) * sqrt(share * (1 - share) / effective + z2 / effective / 4);

    *ret_low = fmax(0, middle - half);
    *ret_high = fmin(1, middle + half);
}
