/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A segment's postings to the posting of the node that no meter read: by the calibration's line over the sum of the parts.
 * Pure. R-CAL-06, R-CAL-07.
 */
#ifndef JB_PIPELINE_CALIBRATED_H
#define JB_PIPELINE_CALIBRATED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "model/entry.h"
#include "pipeline/calibration.h"

/*
 * Whether the calibration stands in for the node's meter among these channels: none of them is a meter of the node, and
 * what nothing else contains is what it was made with. Then these become its children, modelled ones too. Otherwise `note`
 * says why, or "" if there is nothing to say (a meter reads the node, or there is no calibration).
 */
bool jb_calibrated_adopt(const struct jb_calibration *calibration, struct jb_channel *channels,
                         size_t n, char *note, size_t note_size);

struct jb_calibrated {
    const struct jb_calibration *calibration;
    struct jb_interval whole; /* sums of the parts */
    size_t n_parts;
    int64_t modelled_uj; /* posted by models of what no meter reads: inside the node as well */
    size_t n_runs;
    struct jb_line runs[JB_SUBJECTS_MAX];
};

void jb_calibrated_begin(struct jb_calibrated *calibrated,
                         const struct jb_calibration *calibration);

/* Each posted interval of the segment with its lines. */
void jb_calibrated_add(struct jb_calibrated *calibrated, const struct jb_interval *interval,
                       const struct jb_line *lines, size_t n_lines);

/*
 * The node's interval and lines (JB_ENTRY_LINES_MAX), and by what in words; *ret_is_there false if a part was not read at
 * all, and `note` says so.
 */
JB_MUST_USE jb_rc jb_calibrated_interval(const struct jb_calibrated *calibrated, bool *ret_is_there,
                                         struct jb_interval *ret_interval,
                                         struct jb_line *ret_lines, size_t *ret_n_lines, char *note,
                                         size_t note_size, struct jb_error *err);

#endif
