/* SPDX-License-Identifier: Apache-2.0 */
/* Points and a line in characters, for a terminal. Doubles place marks; no figure is made from them. Rule R-PAGE-08. */
#include "page/chart.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"

#define COLUMNS_MAX 100
#define COLUMNS     64
#define LABEL       9
#define ROWS_MAX    40

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

static struct range range_x(const struct jb_chart_points *plot)
{
    double min = 0, max = 0;

    for (size_t i = 0; i < plot->n; i++) {
        const double x = (double)plot->points[i].x;
        min = i == 0 || x < min ? x : min;
        max = i == 0 || x > max ? x : max;
    }
    return widened(min, max);
}

static double line_at(const struct jb_chart_points *plot, double x)
{
    return (double)plot->offset + (double)plot->slope_ppm / 1e6 * x;
}

static struct range range_y(const struct jb_chart_points *plot)
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

static void draw(const struct jb_chart_points *plot, const struct range *x, const struct range *y,
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

void jb_chart_points_text(const struct jb_chart_points *plot, int rows, int width,
                          struct jb_buf *out)
{
    const struct range x = range_x(plot), y = range_y(plot);
    struct grid grid = {.rows = rows < ROWS_MAX ? rows : ROWS_MAX, .columns = COLUMNS};
    char low[32], high[32];

    if (width > LABEL + 20 && width - LABEL - 3 < COLUMNS)
        grid.columns = width - LABEL - 3;
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
