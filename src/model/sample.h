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
    JB_GAP_RESET,    /* the counter went back without a plausible wrap: reset or driver reload */
    JB_GAP_TOO_LONG, /* so much time between good reads that the counter may have wrapped twice */
    JB_GAP_TOO_MUCH, /* the difference would mean more power than the part can draw */
    JB_GAP_SUSPEND,
    JB_GAP_GONE,       /* the device vanished */
    JB_GAP_UNREADABLE, /* permission lost or errors until the end */
    JB_GAP_HANDOVER, /* another process took over a count that only the first one could continue */
    JB_GAP_RANGE,    /* the cumulative count left 64 bits: a new epoch, no energy lost */
    JB_GAP_STALE,    /* a gauge that gave nothing for too long to hold its last value */
    JB_GAP_SILENT,   /* a meter that was asked and did not answer until the end */
};
const char *jb_gap_name(enum jb_gap gap);
int jb_gap_from_name(const char *name);

/*
 * Cumulative state of a channel after a reading; plain data, stored in the spool as it is, enough for another process
 * to go on from. Energy counts from the start of its epoch and is differenced only inside one epoch (R-ENERGY-02).
 * Coverage, gap energy and tallies run over all epochs and never fall, so that the difference of any two states,
 * whatever lies between them, is the coverage and the gap energy between; the four coverages together are the whole
 * time (R-GAP-03).
 */
struct jb_cumulative {
    int64_t mono_ns; /* of the last good reading; the energy is known up to here */
    uint64_t raw;    /* that reading */
    uint64_t count; /* since the epoch began: raw units for counters, nJ for gauges and busy time */
    int64_t low_uj,
        high_uj; /* since the epoch began: busy time: integrals of the curve's low and high; gauges: the energy less and
                  * plus what lies between readings (R-ENERGY-10); the device's accuracy is not in here; counters: 0 */
    int64_t counter_ns;      /* coverage over all epochs: seen by counter, */
    int64_t gauge_ns;        /* by gauge, or by busy time through the model, */
    int64_t interpolated_ns; /* bridged over failed reads of a gauge or model, */
    int64_t unobserved_ns;   /* and in gaps */
    int64_t gap_best_uj,
        gap_high_uj; /* over all epochs: what gaps may have held; low is 0; never posted */
    uint32_t
        epoch; /* grows by one at each break; counts of different epochs are never subtracted */
    uint32_t n_failed; /* failed reads so far, all epochs; torn or impossible values among them */
    uint32_t n_gaps;   /* stretches of unobserved time so far, all epochs (JB_GAP_RANGE is none) */
    uint8_t last_gap;  /* enum jb_gap of the latest */
    uint8_t is_open;   /* has at least one good reading in this epoch */
    uint8_t break_gap; /* enum jb_gap of a break announced, not yet followed by a good reading */
    uint8_t
        held_gap; /* enum jb_gap that the reading held back would mean; JB_GAP_NONE: none is held */
    uint32_t
        rest; /* of count, in 1/2000000 nJ; of low_uj and high_uj, in 1/1000000000 uJ: nothing is rounded away */
    uint32_t low_rest, high_rest;
    uint8_t is_started; /* covered_ns is set */
    uint8_t is_bridged; /* reads failed since the last good one */
    uint8_t pad[2];
    int64_t begin_ns; /* where the epoch began, with count 0 */
    uint64_t begin_raw;
    int64_t
        covered_ns; /* the coverages are told up to here; past mono_ns after jb_sampler_end_unread */
    int64_t moved_ns;  /* of the reading at which a counter was last seen to change */
    int64_t level_ppb; /* busy time: utilisation smoothed over the steps of a coarse source */
    int64_t held_ns;   /* a reading that does not fit, kept until the next one decides (R-GAP-02) */
    uint64_t held_raw;
    int64_t mean_uw; /* mean power of the epoch before this one; -1 unknown */
    int64_t
        period_ns; /* what the caller means to read it at, set by the caller after jb_sampler_begin; 0 unsaid */
};

#endif
