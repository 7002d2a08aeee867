/* SPDX-License-Identifier: Apache-2.0 */
/* Points and a line to characters or SVG. Doubles place marks on a picture; no figure is made from them. */
#include "report/plot.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"

#define COLUMNS_MAX 100
#define COLUMNS     64
#define LABEL       9
#define ROWS_MAX    40
#define SVG_WIDTH   720
#define SVG_HEIGHT  320
#define SVG_LEFT    80
#define SVG_TOP     40
#define SVG_BOTTOM  50
#define SVG_RIGHT   20

struct range {
    double min, max;
};

static struct range widened(double min, double max)
{
    if (max <= min)
        max = min + 1;
    const double margin = (max - min) / 30;

    return (struct range){min - margin, max + margin};
}

static struct range range_x(const struct jb_plot *plot)
{
    double min = 0, max = 0;

    for (size_t i = 0; i < plot->n; i++) {
        const double x = (double)plot->points[i].x;
        min = i == 0 || x < min ? x : min;
        max = i == 0 || x > max ? x : max;
    }
    return widened(min, max);
}

static double line_at(const struct jb_plot *plot, double x)
{
    return (double)plot->offset + (double)plot->slope_ppm / 1e6 * x;
}

static struct range range_y(const struct jb_plot *plot)
{
    double min = 0, max = 0;

    for (size_t i = 0; i < plot->n; i++) {
        const double y = (double)plot->points[i].y;
        min = i == 0 || y < min ? y : min;
        max = i == 0 || y > max ? y : max;
    }
    return widened(min, max);
}

/* 0 to n - 1, or -1 outside. */
static int place(const struct range *range, double value, int n)
{
    const double at = (value - range->min) / (range->max - range->min) * n;

    return at >= 0 && at < n ? (int)at : -1;
}

static const char *power(double uw, char *buf, size_t size)
{
    return jb_format_power((int64_t)uw, buf, size);
}

struct grid {
    int rows, columns;
    char cells[ROWS_MAX][COLUMNS_MAX];
};

static void draw(const struct jb_plot *plot, const struct range *x, const struct range *y,
                 struct grid *grid)
{
    memset(grid->cells, ' ', sizeof grid->cells);
    for (int column = 0; plot->has_line && column < grid->columns; column++) {
        const double at = x->min + (x->max - x->min) * (column + 0.5) / grid->columns;
        const int row = place(y, line_at(plot, at), grid->rows);
        if (row >= 0)
            grid->cells[row][column] = '-';
    }
    for (size_t i = 0; i < plot->n; i++) {
        const int column = place(x, (double)plot->points[i].x, grid->columns);
        const int row = place(y, (double)plot->points[i].y, grid->rows);
        if (row < 0 || column < 0)
            continue;
        char *const cell = &grid->cells[row][column];
        if (plot->points[i].is_left_out)
            *cell = 'x';
        else if (*cell != 'x')
            *cell = *cell == 'o' || *cell == '@' ? '@' : 'o'; /* several on one place */
    }
}

void jb_plot_text(const struct jb_plot *plot, int rows, const struct jb_style *style,
                  struct jb_buf *out)
{
    const struct range x = range_x(plot), y = range_y(plot);
    struct grid grid = {.rows = rows < ROWS_MAX ? rows : ROWS_MAX, .columns = COLUMNS};
    char low[32], high[32];

    if (style->width > LABEL + 20 && style->width - LABEL - 3 < COLUMNS)
        grid.columns = style->width - LABEL - 3;
    draw(plot, &x, &y, &grid);
    jb_buf_addf(out, "%s\n", plot->title);
    for (int row = grid.rows - 1; row >= 0; row--) {
        char label[32] = "";
        if (row == grid.rows - 1 || row == 0 || row == grid.rows / 2)
            (void)power(y.min + (y.max - y.min) * (row + 0.5) / grid.rows, label, sizeof label);
        int len = grid.columns;
        while (len > 0 && grid.cells[row][len - 1] == ' ')
            len--;
        jb_buf_addf(out, "%*s |%.*s\n", LABEL, label, len, grid.cells[row]);
    }
    jb_buf_addf(out, "%*s +", LABEL, "");
    for (int column = 0; column < grid.columns; column++)
        jb_buf_add_u8(out, '-');
    (void)power(x.min, low, sizeof low);
    (void)power(x.max, high, sizeof high);
    const int gap =
        grid.columns - (int)strlen(low) - (int)strlen(high) - (int)strlen(plot->x_title);
    jb_buf_addf(out, "\n%*s  %s%*s%s%*s%s\n", LABEL, "", low, gap > 0 ? gap / 2 : 1, "",
                plot->x_title, gap > 0 ? gap - gap / 2 : 1, "", high);
}

/* Text between tags: what is not plain is written as a reference. */
static void add_svg_text(struct jb_buf *out, int x, int y, const char *anchor, const char *text)
{
    jb_buf_addf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">", x, y, anchor);
    for (const char *at = text; *at; at++) {
        if (strchr("<>&\"'", *at))
            jb_buf_addf(out, "&#%d;", *at);
        else
            jb_buf_add_u8(out, (uint8_t)*at);
    }
    jb_buf_add_text(out, "</text>\n");
}

static double along(const struct range *range, double value, double from, double to)
{
    return from + (value - range->min) / (range->max - range->min) * (to - from);
}

static void add_axis(const struct range *x, const struct range *y, int top, struct jb_buf *out)
{
    const int bottom = top + SVG_HEIGHT - SVG_BOTTOM, right = SVG_WIDTH - SVG_RIGHT;
    char label[32];

    jb_buf_addf(out, "<path class=\"axis\" d=\"M%d %dV%dH%d\"/>\n", SVG_LEFT, top + SVG_TOP, bottom,
                right);
    for (int i = 0; i <= 4; i++) {
        const double xv = x->min + (x->max - x->min) * i / 4,
                     yv = y->min + (y->max - y->min) * i / 4;
        add_svg_text(out, (int)along(x, xv, SVG_LEFT, right), bottom + 18,
                     i == 4 ? "end" : "middle", power(xv, label, sizeof label));
        add_svg_text(out, SVG_LEFT - 6, (int)along(y, yv, bottom, top + SVG_TOP) + 4, "end",
                     power(yv, label, sizeof label));
    }
}

static void add_plot(const struct jb_plot *plot, int top, struct jb_buf *out)
{
    const struct range x = range_x(plot), y = range_y(plot);
    const int bottom = top + SVG_HEIGHT - SVG_BOTTOM, right = SVG_WIDTH - SVG_RIGHT;

    add_svg_text(out, SVG_LEFT, top + 24, "start", plot->title);
    add_axis(&x, &y, top, out);
    if (plot->has_line)
        jb_buf_addf(out, "<path class=\"line\" d=\"M%d %.1fL%d %.1f\"/>\n", SVG_LEFT,
                    along(&y, line_at(plot, x.min), bottom, top + SVG_TOP), right,
                    along(&y, line_at(plot, x.max), bottom, top + SVG_TOP));
    for (size_t i = 0; i < plot->n; i++)
        jb_buf_addf(out, "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>\n",
                    plot->points[i].is_left_out ? "out" : "in",
                    along(&x, (double)plot->points[i].x, SVG_LEFT, right),
                    along(&y, (double)plot->points[i].y, bottom, top + SVG_TOP));
    add_svg_text(out, (SVG_LEFT + right) / 2, bottom + 38, "middle", plot->x_title);
}

void jb_plot_svg(const struct jb_plot *plots, size_t n_plots, struct jb_buf *out)
{
    const int height = SVG_HEIGHT * (int)n_plots;

    jb_buf_addf(out,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
                "height=\"%d\">\n"
                "<style>text{font:12px sans-serif}.axis{fill:none;stroke:#444}"
                ".line{fill:none;stroke:#0a6;stroke-width:2}.in{fill:#246;fill-opacity:.6}"
                ".out{fill:none;stroke:#c33}</style>\n"
                "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
                SVG_WIDTH, height, SVG_WIDTH, height);
    for (size_t i = 0; i < n_plots; i++)
        add_plot(&plots[i], SVG_HEIGHT * (int)i, out);
    jb_buf_add_text(out, "</svg>\n");
}
