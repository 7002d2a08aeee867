/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bars with bands: name and figure above, the bar below them, so that no name has to be cut to fit a telephone. The band is a line
 * from low to high over the bar; segments are parted by gaps, and named in a legend in their order. Rule R-PAGE-05.
 */
#include <inttypes.h>
#include <string.h>

#include "page/chart.h"
#include "page/chart_int.h"

#define ROW        (42 * JB_PX) /* one name and one bar */
#define BAR_TOP    (19 * JB_PX)
#define BAR_HEIGHT (14 * JB_PX)
#define SWATCH     (11 * JB_PX)
#define GAP        (1 * JB_PX)
#define CAP        (4 * JB_PX)

/* Swatches and names, wrapped; returns where it ends. */
static int32_t add_legend(struct jb_picture *picture, const struct jb_chart_bars *chart, int32_t y)
{
    int32_t x = 0, line = 0;

    for (int i = 0; i < JB_CHART_SEGMENTS; i++) {
        if (!chart->segments[i])
            continue;
        const int32_t width =
            SWATCH + 5 * JB_PX + jb_picture_text_width(chart->segments[i], CHART_FONT, false);
        if (x > 0 && x + width > picture->width) {
            x = 0;
            line += 18 * JB_PX;
        }
        jb_picture_rect(picture, JB_INK_TEXT, x, y + line, SWATCH, SWATCH);
        jb_picture_rect(picture, (enum jb_ink)(JB_INK_A + i), x + 5, y + line + 5, SWATCH - 10,
                        SWATCH - 10);
        jb_picture_text(picture, JB_INK_TEXT, JB_ANCHOR_START, CHART_FONT, false,
                        (struct jb_point){x + SWATCH + 5 * JB_PX, y + line + SWATCH - 5},
                        chart->segments[i]);
        x += width + 12 * JB_PX;
    }
    return x > 0 ? y + line + 22 * JB_PX : y;
}

/* The parts of one bar from left to right; what rounding leaves stays with the last. */
static void add_segments(struct jb_picture *picture, const struct jb_chart_bar *bar,
                         const struct jb_scale *x, int32_t y)
{
    const int32_t end = jb_scale_place(x, (double)bar->best, 0, picture->width);
    double sum = 0;
    int32_t at = 0;

    /* An outline in the colour of text: the lightest inks have an edge on white paper. */
    jb_picture_rect(picture, JB_INK_TEXT, 0, y, end > 2 * GAP ? end : 2 * GAP, BAR_HEIGHT);
    for (int i = 0; i < JB_CHART_SEGMENTS; i++) {
        if (bar->segments[i] <= 0)
            continue;
        sum += (double)bar->segments[i];
        const int32_t to = jb_scale_place(x, sum, 0, picture->width);
        const int32_t from = at == 0 ? 5 : at + GAP;
        if (to - 5 > from)
            jb_picture_rect(picture, (enum jb_ink)(JB_INK_A + i), from, y + 5,
                            (to < end ? to : end - 5) - from, BAR_HEIGHT - 10);
        at = to;
    }
    if (sum <= 0 && end > 10)
        jb_picture_rect(picture, JB_INK_A, 5, y + 5, end - 10, BAR_HEIGHT - 10);
}

static void add_line(struct jb_picture *picture, enum jb_ink ink, int32_t width, int32_t x1,
                     int32_t y1, int32_t x2, int32_t y2)
{
    jb_picture_line(picture, ink, width, (struct jb_point){x1, y1}, (struct jb_point){x2, y2});
}

/* Twice: a broad line of paper below the line, so that it is seen on dark and on light. */
static void add_band(struct jb_picture *picture, const struct jb_chart_bar *bar,
                     const struct jb_scale *x, int32_t y)
{
    const int32_t low = jb_scale_place(x, (double)bar->low, 0, picture->width),
                  high = jb_scale_place(x, (double)bar->high, 0, picture->width),
                  middle = y + BAR_HEIGHT / 2;

    if (bar->low >= bar->high)
        return;
    for (int pass = 0; pass < 2; pass++) {
        const enum jb_ink ink = pass == 0 ? JB_INK_PAPER : JB_INK_TEXT;
        const int32_t width = pass == 0 ? 4 * JB_PX : 15;
        add_line(picture, ink, width, low, middle, high, middle);
        add_line(picture, ink, width, low, middle - CAP, low, middle + CAP);
        add_line(picture, ink, width, high, middle - CAP, high, middle + CAP);
    }
}

static void add_bar(struct jb_picture *picture, const struct jb_chart_bar *bar,
                    const struct jb_scale *x, int32_t y)
{
    const int32_t value_width = jb_picture_text_width(bar->value, CHART_FONT, false);
    char label[128];

    (void)jb_picture_cut(bar->label, CHART_FONT, picture->width - value_width - 10 * JB_PX, label,
                         sizeof label);
    jb_picture_open(picture, bar->label);
    jb_picture_text(picture, JB_INK_TEXT, JB_ANCHOR_START, CHART_FONT, true,
                    (struct jb_point){0, y + 13 * JB_PX}, label);
    jb_picture_text(picture, bar->is_known ? JB_INK_TEXT : JB_INK_FAINT, JB_ANCHOR_END, CHART_FONT,
                    false, (struct jb_point){picture->width, y + 13 * JB_PX}, bar->value);
    jb_picture_rect(picture, JB_INK_GRID, 0, y + BAR_TOP + BAR_HEIGHT, picture->width, 5);
    if (bar->is_known) {
        add_segments(picture, bar, x, y + BAR_TOP);
        add_band(picture, bar, x, y + BAR_TOP);
    }
    jb_picture_close(picture);
}

void jb_chart_bars(const struct jb_chart_bars *chart, int width_px, struct jb_picture *ret)
{
    struct jb_scale x;
    int64_t greatest = 0;

    jb_picture_init(ret, chart->title, chart->description);
    ret->width = width_px * JB_PX;
    for (size_t i = 0; i < chart->n_bars; i++)
        if (chart->bars[i].is_known)
            for (int which = 0; which < 2; which++) {
                const int64_t end = which == 0 ? chart->bars[i].best : chart->bars[i].high;
                greatest = end > greatest ? end : greatest;
            }
    jb_scale_make(&x, chart->kind, 0, greatest, 5, false);
    int32_t y = chart__title(ret, chart->title);
    y = add_legend(ret, chart, y);
    for (size_t i = 0; i < chart->n_bars; i++, y += ROW)
        add_bar(ret, &chart->bars[i], &x, y);
    ret->height = y;
}
