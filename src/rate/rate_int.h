/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of src/rate share. */
#ifndef JB_RATE_RATE_INT_H
#define JB_RATE_RATE_INT_H

#include "rate/rate.h"

/* A reference within a class: the logarithm of its measure, its source (R-RATING-09). */
struct rate__point {
    double log_value;
    double weight;
    const char *source;
    const struct jb_rate_ref *ref;
};

/* R-RATING-09: each point of a source of n has 1 / (n + 1). Sorts the points by value. Returns the number of sources;
 * *ret_effective: as how many independent references they count (R-RATING-11). */
size_t rate__weigh(struct rate__point *points, size_t n, double *ret_effective);
/* R-RATING-10: of points by value, 0 <= share <= 1; n > 0. */
double rate__quantile(const struct rate__point *points, size_t n, double share);
/* The reverse: the share of the weight below, 0 before the least, 1 after the greatest. */
double rate__share_below(const struct rate__point *points, size_t n, double log_value);
/* 90 % interval of a share seen in `effective` draws (Wilson). */
void rate__interval(double share, double effective, double *ret_low, double *ret_high);

/* Ranks of one training (R-RATING-07); whether an earlier run of the inventory is of the same as run i. */
bool rate__is_one_training(const struct jb_inventory_run *a, const struct jb_inventory_run *b);
bool rate__is_joined(const struct jb_inventory *inventory, size_t i);

#endif
