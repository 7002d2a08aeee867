/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Readings to cumulative energy: wraps, gaps, failed reads, integration of power. One channel, no clock, no I/O:
 * a pure function of the readings it is fed, so a test can feed it years. Rules R-ENERGY-01..., R-GAP-01...
 */
#ifndef JB_SAMPLE_SAMPLER_H
#define JB_SAMPLE_SAMPLER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "model/channel.h"
#include "model/reading.h"
#include "model/sample.h"

/* How cumulative counts of this channel become uJ: raw unit for counters, nJ (1/1000) for gauges and busy time. */
int64_t jb_sampler_count_to_uj(const struct jb_channel *channel, uint64_t count);

/* A fresh state: epoch 0, nothing read. */
void jb_sampler_begin(struct jb_cumulative *state);

/*
 * A good reading. Updates *state: energy, coverage; or, where the rules say so, notes a gap and opens the next epoch
 * at this reading. Returns the gap noted, JB_GAP_NONE normally. Cheap: no allocation, no division but the checks.
 * A reading not later than the last one is ignored.
 */
enum jb_gap jb_sampler_feed(const struct jb_channel *channel, struct jb_cumulative *state,
			    const struct jb_reading *reading);

/* A read that failed at mono_ns: counted; costs time resolution only, if a good one follows in the same epoch. */
void jb_sampler_feed_failure(const struct jb_channel *channel, struct jb_cumulative *state, int64_t mono_ns);

/*
 * A known break between the last reading and the next one (suspend, device gone, handover): the next good reading
 * opens a new epoch, and the time between is unobserved for `gap`.
 */
void jb_sampler_break(struct jb_cumulative *state, enum jb_gap gap);

/* At the end, or at a cut where no good reading could be had at mono_ns: the time since the last one is unobserved. */
void jb_sampler_end_unread(const struct jb_channel *channel, struct jb_cumulative *state, int64_t mono_ns,
			   enum jb_gap gap);

/*
 * The longest time this channel may go unread: a quarter of its shortest wrap at max_power_uw, INT64_MAX if it does
 * not wrap; and the sampling period it deserves by default (1 s for counters, 100 ms for gauges, less if wraps need
 * it). R-RATE-01.
 */
int64_t jb_sampler_longest_ns(const struct jb_channel *channel);
int64_t jb_sampler_default_period_ns(const struct jb_channel *channel);

/* Modelled power at a utilisation in ppm of the machine's CPU time, which: 0 low, 1 best, 2 high. R-MODEL-01. */
int64_t jb_sampler_curve_uw(const struct jb_power_curve *curve, int64_t utilisation_ppm, int which);

#endif
