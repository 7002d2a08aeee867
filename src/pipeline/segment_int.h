/* SPDX-License-Identifier: Apache-2.0 */
/* Who of a segment's runs uses, or could use, what one channel measures in one window (segment_use.c). */
#ifndef JB_PIPELINE_SEGMENT_INT_H
#define JB_PIPELINE_SEGMENT_INT_H

#include "attribute/attribute.h"
#include "pipeline/segment.h"
#include "spool/log.h"

struct segment_run_boards {
    uint64_t key;                                                       /* jb_use_key of its id */
    uint64_t unseen[JB_CHANNELS_MAX / 64], named[JB_CHANNELS_MAX / 64]; /* as in jb_frame_subject */
    bool is_doubtful; /* what the environment means */
    bool is_unmetered;
};

/* Bit i is run i's. */
struct segment_use {
    bool has_board; /* `board` is known */
    struct jb_board_window board;
    bool
        is_of_other_namespace; /* why its users are not matched (R-USE-03); else they ended unseen */
    uint64_t hidden;           /* cannot see it and is not on it */
    unsigned doubts;           /* enum jb_segment_doubt */
    uint64_t in;               /* it stands in this run's account (R-USE-04) */
    uint64_t reserves;         /* its environment names this very board */
};

bool segment__is_of_board(const struct jb_channel *channels, size_t n, size_t i);

/* Place of the channel whose driver says who uses the board that channel i is of; -1 if no one does. */
int segment__board_of(const struct jb_channel *channels, size_t n, size_t i,
                      const struct jb_uses *uses);

void segment__use(const struct jb_channel *channels, size_t n, size_t i,
                  const struct jb_frame *before, const struct jb_frame *after,
                  const struct segment_run_boards *runs, size_t n_runs, struct segment_use *ret);

#endif
