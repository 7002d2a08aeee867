/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Charts: figures to a picture of a given width, in a layout that holds from 300 pixels upwards. What is not known has no
 * bar and no line, and says so. The words of the description carry the figures. R-PAGE-04 to R-PAGE-08: docs/method/pages.md.
 */
#ifndef JB_PAGE_CHART_H
#define JB_PAGE_CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "page/picture.h"
#include "page/scale.h"

/* Widths that pages use, in pixels: one for a telephone, one for a screen and paper. */
#define JB_CHART_NARROW 330
#define JB_CHART_WIDE   720

/* --- bars with bands, each of segments that sum to it: R-PAGE-05 --------------------------------------------------------- */

#define JB_CHART_SEGMENTS 5 /* inks JB_INK_A to _E */
struct jb_chart_bar {
    const char *label, *value; /* "training", "12.3 kWh (11.0 to 14.1 kWh)" */
    bool is_known;             /* else no bar, and `value` says why */
    int64_t low, best, high;
    int64_t segments[JB_CHART_SEGMENTS]; /* all 0: one bar in ink A */
};
struct jb_chart_bars {
    const char *title, *description;
    enum jb_scale_kind kind;
    const char *segments[JB_CHART_SEGMENTS]; /* names; NULL: not in any bar */
    size_t n_bars;
    const struct jb_chart_bar *bars;
};
void jb_chart_bars(const struct jb_chart_bars *chart, int width_px, struct jb_picture *ret);

/* --- a value over time as mean within least and greatest: R-PAGE-06 ------------------------------------------------------ */

struct jb_chart_slice {
    int64_t min, mean, max; /* mean -1: nothing is known of it */
};
struct jb_chart_course {
    const char *title, *description, *y_title;
    enum jb_scale_kind kind;
    int64_t slice_ns, duration_ns;
    size_t n_slices;
    const struct jb_chart_slice *slices;
};
void jb_chart_course(const struct jb_chart_course *chart, int width_px, struct jb_picture *ret);

/* --- lines over a count, one panel below the other: R-PAGE-07 ------------------------------------------------------------- */

struct jb_chart_panel {
    const char *title;
    enum jb_scale_kind kind;
    const int64_t *values; /* INT64_MIN: none here */
    bool is_from_zero;
};
#define JB_CHART_PANELS 5
struct jb_chart_panels {
    const char *title, *description, *x_title;
    enum jb_scale_kind x_kind;
    size_t n; /* of x and of each panel's values; x does not fall */
    const int64_t *x;
    size_t n_panels;
    struct jb_chart_panel panels[JB_CHART_PANELS];
};
void jb_chart_panels(const struct jb_chart_panels *chart, int width_px, struct jb_picture *ret);

/* --- points, and a line or a frontier: R-PAGE-08 --------------------------------------------------------------------------- */

struct jb_chart_point {
    int64_t x, y;
    const char *label; /* "" or NULL: none; drawn where there is room */
    bool is_left_out;  /* hollow */
    bool is_frontier;  /* on the frontier: larger, joined to its neighbours by steps */
};
struct jb_chart_points {
    const char *title, *description, *x_title, *y_title;
    enum jb_scale_kind x_kind, y_kind;
    size_t n;
    const struct jb_chart_point *points;
    bool has_line;
    int64_t offset, slope_ppm; /* y = offset + slope x */
};
void jb_chart_points(const struct jb_chart_points *chart, int width_px, struct jb_picture *ret);
/* The same in characters, both axes as powers, without labels and frontier; `width` columns, 0: as many as are usual. */
void jb_chart_points_text(const struct jb_chart_points *chart, int rows, int width,
                          struct jb_buf *out);

#endif
