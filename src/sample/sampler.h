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

/* A fresh state: epoch 0, nothing read; period_ns, where it differs from the default, is the caller's to set. */
void jb_sampler_begin(struct jb_cumulative *state);

/*
 * A reading. Updates *state: energy, coverage; or, where the rules say so, notes a gap and opens the next epoch, whose
 * begin_ns and begin_raw say where. Returns the gap noted, JB_GAP_NONE normally; whoever needs the last state of an
 * epoch copies *state before feeding. Cheap: no allocation.
 * state->mono_ns tells whether the reading was taken: it was not where it is not later than the last one (ignored),
 * where its value is impossible (counted as a failed read), and where it does not fit the last one: then it is held
 * back, and the next reading decides between a torn read (nothing is lost) and a gap (R-GAP-02).
 */
enum jb_gap jb_sampler_feed(const struct jb_channel *channel, struct jb_cumulative *state,
                            const struct jb_reading *reading);

/* A read that failed at mono_ns: counted; costs time resolution only, if a good one follows in the same epoch. */
void jb_sampler_feed_failure(const struct jb_channel *channel, struct jb_cumulative *state,
                             int64_t mono_ns);

/*
 * A known break between the last reading and the next one (suspend, device gone, handover): the next good reading
 * opens a new epoch, and the time between is unobserved for `gap`.
 */
void jb_sampler_break(struct jb_cumulative *state, enum jb_gap gap);

/*
 * At the end, or at a cut where no good reading could be had (state->mono_ns < mono_ns): the time from the last
 * coverage to mono_ns is unobserved for `gap`, or for what a reading held back means. The epoch goes on: a good reading
 * that still comes brings the counter's energy, and its coverage starts at mono_ns (R-GAP-05). Before any reading it
 * says when the time to be covered began.
 */
void jb_sampler_end_unread(const struct jb_channel *channel, struct jb_cumulative *state,
                           int64_t mono_ns, enum jb_gap gap);

/*
 * A cut at mono_ns, of a channel whose latest reading is older than the cut because it is not read in step with it, and in
 * order: for one renewal (its own, or what the caller means to read it at) after that reading, and `slack_ns`, a gauge's
 * value is held, and counts as interpolated; a counter counts as seen, for what it misses there is in the band of its
 * edge (R-GAP-07). True if that reaches the cut; what is left is the caller's to end or to leave.
 */
bool jb_sampler_carry(const struct jb_channel *channel, struct jb_cumulative *state,
                      int64_t mono_ns, int64_t slack_ns);

/*
 * The longest time this channel may go unread: a quarter of its shortest wrap at max_power_uw, INT64_MAX if it does
 * not wrap; and the sampling period it deserves by default (1 s for counters, 100 ms for gauges, less if wraps need
 * it). R-RATE-01.
 */
int64_t jb_sampler_longest_ns(const struct jb_channel *channel);
int64_t jb_sampler_default_period_ns(const struct jb_channel *channel);

/* Modelled power of the whole machine (n_threads times the curve) at a utilisation in ppm of its CPU time, beyond
 * 1000000 taken as that; which: 0 low, 1 best, 2 high. R-MODEL-01. */
int64_t jb_sampler_curve_uw(const struct jb_power_curve *curve, int64_t utilisation_ppm, int which);

#endif
