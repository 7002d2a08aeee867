/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of meters as people draw it: what lies in what, what posts, where the rest goes, what is only compared. */
#ifndef JB_REPORT_TREE_H
#define JB_REPORT_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "model/channel.h"
#include "report/report.h"

/* One line of it, in the order of drawing. */
struct jb_tree_line {
    size_t channel; /* place in the channels given */
    char branch[4 * 2 * 16 +
                8]; /* what is drawn before the id; deeper levels share the last place */
    char meaning[JB_CHANNEL_ID + 48]; /* what the book does with it */
};

/*
 * Fills ret_lines (room for n) with every channel once: below its parent, a compared one after the parts that count,
 * its branch marked '~'. Whatever the parents say, circles too. Returns n.
 */
size_t jb_tree_draw(const struct jb_channel *channels, size_t n, bool is_utf8,
                    struct jb_tree_line *ret_lines);

#endif
