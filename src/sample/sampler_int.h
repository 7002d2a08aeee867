/* SPDX-License-Identifier: Apache-2.0 */
/* What the two halves of the sampler share: opening epochs, telling coverage, adding to the count. */
#ifndef JB_SAMPLE_SAMPLER_INT_H
#define JB_SAMPLE_SAMPLER_INT_H

#include "sample/sampler.h"

typedef unsigned __int128 jb_u128;

/* uW x ns = 1e-15 J. */
#define JB_UW_NS_PER_UJ INT64_C(1000000000)

/* A number that is not negative, widened for a product. */
static inline jb_u128 jb_wide(int64_t value)
{
    return (uint64_t)value;
}

/* Ends the epoch and opens the next one at `raw` and `mono_ns`; the time between is unobserved for `gap`. */
void jb_sampler_open_gap(const struct jb_channel *channel, struct jb_cumulative *state,
                         int64_t mono_ns, uint64_t raw, enum jb_gap gap);

/* Adds to the count; JB_GAP_RANGE if that took a new epoch, begun at the last reading, so that nothing is lost. */
enum jb_gap jb_sampler_add_count(const struct jb_channel *channel, struct jb_cumulative *state,
                                 uint64_t delta);

/* The reading is the last good one now, and the time up to it belongs to `covered` (a coverage of *state). */
void jb_sampler_take(struct jb_cumulative *state, const struct jb_reading *reading,
                     int64_t *covered);

/* sampler_model.c: the second and later readings of an epoch, for power and for busy time. */
enum jb_gap jb_sampler_feed_gauge(const struct jb_channel *channel, struct jb_cumulative *state,
                                  const struct jb_reading *reading);
enum jb_gap jb_sampler_feed_busy(const struct jb_channel *channel, struct jb_cumulative *state,
                                 const struct jb_reading *reading);
/* A gauge's raw value as power; INT64_MAX where it does not fit. */
int64_t jb_sampler_gauge_uw(const struct jb_channel *channel, uint64_t raw);

#endif
