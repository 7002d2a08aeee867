/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one channel is known to have consumed since its epoch began. Everything is cumulative, so any two of them
 * give the energy between without rounding twice (R-ENERGY-02: the count is converted, then differenced).
 */
#ifndef JB_MODEL_SAMPLE_H
#define JB_MODEL_SAMPLE_H

#include <stdint.h>

/* Why time of a channel is unobserved, or an epoch ended. Words in jb_gap_name stand in the book. */
enum jb_gap {
	JB_GAP_NONE,
	JB_GAP_RESET, /* the counter went back without a plausible wrap: reset or driver reload */
	JB_GAP_TOO_LONG, /* so much time between good reads that the counter may have wrapped twice */
	JB_GAP_TOO_MUCH, /* the difference would mean more power than the part can draw */
	JB_GAP_SUSPEND,
	JB_GAP_GONE, /* the device vanished */
	JB_GAP_UNREADABLE, /* permission lost or errors until the end */
	JB_GAP_HANDOVER, /* another process took over a count that only the first one could continue */
	JB_GAP_RANGE, /* the cumulative count left 64 bits: a new epoch, no energy lost */
	JB_GAP_STALE, /* a gauge that gave nothing for too long to hold its last value */
};
const char *jb_gap_name(enum jb_gap gap);
int jb_gap_from_name(const char *name);

/* Cumulative state of a channel after a reading; plain data, stored in the spool as it is. */
struct jb_cumulative {
	int64_t mono_ns; /* of the last good reading; the energy is known up to here */
	uint64_t raw; /* that reading */
	uint64_t count; /* since the epoch began: raw units for counters, nJ for gauges and busy time */
	int64_t low_uj, high_uj; /* gauges and busy time: cumulative band of the model; 0 for counters */
	int64_t counter_ns; /* coverage since the epoch began: seen by counter, */
	int64_t gauge_ns; /* by gauge, */
	int64_t interpolated_ns; /* bridged over failed reads of a gauge or model, */
	int64_t unobserved_ns; /* and in gaps */
	int64_t gap_best_uj, gap_high_uj; /* cumulative, what gaps may have held; low is 0; never posted */
	uint32_t epoch; /* grows by one at each break; counts of different epochs are never subtracted */
	uint32_t n_failed; /* failed reads so far, all epochs */
	uint32_t n_gaps; /* so far, all epochs */
	uint8_t last_gap; /* enum jb_gap of the latest */
	uint8_t is_open; /* has at least one good reading in this epoch */
	uint8_t pad[2];
};

#endif
