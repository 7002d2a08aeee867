/* SPDX-License-Identifier: Apache-2.0 */
/* What a run's account says of the boards in it: how their energy came to be shared. Rule R-USE-07. */
#ifndef JB_PIPELINE_BOARD_NOTES_H
#define JB_PIPELINE_BOARD_NOTES_H

#include <stddef.h>

#include "base/error.h"
#include "model/channel.h"
#include "pipeline/run_track.h"
#include "pipeline/segment.h"

/* Of run `run` of a segment that is whole. */
JB_MUST_USE jb_rc jb_board_notes(struct jb_track_table *tracks, const struct jb_segment *segment,
                                 size_t run, const struct jb_channel *channels, size_t n_channels,
                                 struct jb_error *err);

#endif
