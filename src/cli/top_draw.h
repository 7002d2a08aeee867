/* SPDX-License-Identifier: Apache-2.0 */
/* What is going on now, as rows of text for a screen of a given size. Pure; no terminal is touched. */
#ifndef JB_CLI_TOP_DRAW_H
#define JB_CLI_TOP_DRAW_H

#include <stdbool.h>
#include <stddef.h>

#include "pipeline/live.h"

#define JB_TOP_ROW_BYTES 1024
#define JB_TOP_ROWS_MAX  512

enum jb_top_look {
    JB_TOP_PLAIN,
    JB_TOP_TITLE, /* of a section */
    JB_TOP_GRAPH,
    JB_TOP_WARNING,
    JB_TOP_QUIET, /* hints */
};

struct jb_top_row {
    enum jb_top_look look;
    char text[JB_TOP_ROW_BYTES];
};

struct jb_top {
    size_t n;
    struct jb_top_row rows[JB_TOP_ROWS_MAX + 1]; /* of which n are shown */
};

struct jb_top_size {
    int width; /* columns; rows are cut to it */
    bool is_utf8;
};

/* `refusals` as jb_live_refusal gives them. */
void jb_top_draw(const struct jb_live *live, const struct jb_sensor_refusal *const *refusals,
                 size_t n_refusals, const char *host, const struct jb_top_size *size,
                 struct jb_top *ret);

#endif
