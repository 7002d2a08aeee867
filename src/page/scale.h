/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An axis: which unit fits the greatest value, where round numbers lie, and how far along a value is. Doubles place marks on a
 * picture; no figure is made from them. Rule R-PAGE-04.
 */
#ifndef JB_PAGE_SCALE_H
#define JB_PAGE_SCALE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a value is, by the unit it is told in. */
enum jb_scale_kind {
    JB_SCALE_UJ,
    JB_SCALE_UW,
    JB_SCALE_NS,
    JB_SCALE_UGCO2E,
    JB_SCALE_COUNT,
    JB_SCALE_NANO, /* a bare number x 1e9 */
};

#define JB_SCALE_TICKS 12
struct jb_tick {
    double value;
    char label[24];
};
struct jb_scale {
    double min, max;  /* in the unit of the kind */
    const char *unit; /* of the labels: "kWh"; "" for bare numbers */
    size_t n_ticks;
    struct jb_tick ticks[JB_SCALE_TICKS];
};

/* An axis over min .. max with about `n` round numbers, n < JB_SCALE_TICKS; widened to them where `is_widened`. */
void jb_scale_make(struct jb_scale *scale, enum jb_scale_kind kind, int64_t min, int64_t max,
                   size_t n, bool is_widened);
/* From `from` at its begin to `to` at its end; what lies outside is put to the nearer end. */
int32_t jb_scale_place(const struct jb_scale *scale, double value, int32_t from, int32_t to);

#endif
