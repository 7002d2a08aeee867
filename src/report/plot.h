/* SPDX-License-Identifier: Apache-2.0 */
/* Points and a line as a picture: in characters for a terminal, or SVG. Pure functions into a buffer. */
#ifndef JB_REPORT_PLOT_H
#define JB_REPORT_PLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "report/report.h"

struct jb_plot_point {
    int64_t x, y;
    bool is_left_out; /* shown apart: 'x' or a hollow dot */
};

/* Axes run over all points; values are shown as powers (uW). */
struct jb_plot {
    const char *title, *x_title;
    const struct jb_plot_point *points;
    size_t n;
    bool has_line;
    int64_t offset, slope_ppm; /* of the line: y = offset + slope x */
};

void jb_plot_text(const struct jb_plot *plot, int rows, const struct jb_style *style,
                  struct jb_buf *out);
/* One picture of several plots, one below the other; self-contained. */
void jb_plot_svg(const struct jb_plot *plots, size_t n_plots, struct jb_buf *out);

#endif
