/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Points on two axes with a fitted line, or with the frontier of those that nothing beats, joined by steps. A label is drawn where
 * it covers no other label; the table beside the picture has them all. Rule R-PAGE-08.
 */
#include <stdlib.h>
#include <string.h>

#include "page/chart.h"
#include "page/chart_int.h"

#define PLOT_HEIGHT (260 * JB_PX)
#define LABELS_MAX  24
#define BOXES_MAX   280 /* labels and the first dots */
#define LABEL_WIDTH (150 * JB_PX)

struct box {
    int32_t left, right, top, bottom;
};

struct labels {
    size_t n_labels, n;
    struct box boxes[BOXES_MAX];
};

static bool is_free(const struct labels *labels, const struct box *box)
{
    for (size_t i = 0; i < labels->n; i++) {
        const struct box *const other = &labels->boxes[i];
        if (box->left < other->right && other->left < box->right && box->top < other->bottom &&
            other->top < box->bottom)
            return false;
    }
    return true;
}

/* Beside its point where nothing else is: a point of the frontier has no other above it on the left, and the steps leave it room
 * below on the right. Not at all where there is no room. */
static void add_label(struct jb_picture *picture, const struct chart_frame *frame,
                      struct labels *labels, struct jb_point at, bool is_frontier, const char *text)
{
    static const struct {
        int32_t x, y; /* in half heights of a line */
        enum jb_anchor anchor;
    } places[] = {{-1, -1, JB_ANCHOR_END}, {1, 2, JB_ANCHOR_START}, {1, -2, JB_ANCHOR_START},
                  {-1, 2, JB_ANCHOR_END},  {1, 0, JB_ANCHOR_START}, {-1, 0, JB_ANCHOR_END}};
    const int32_t half = 7 * JB_PX;
    char cut[64];

    if (labels->n_labels == LABELS_MAX || labels->n == BOXES_MAX)
        return;
    (void)jb_picture_cut(text, CHART_SMALL, LABEL_WIDTH, cut, sizeof cut);
    const int32_t width = jb_picture_text_width(cut, CHART_SMALL, is_frontier);
    for (size_t i = is_frontier ? 0 : 1; i < (is_frontier ? 4 : JB_ARRAY_LEN(places)); i++) {
        const int32_t x = at.x + places[i].x * half, y = at.y + places[i].y * half;
        const int32_t left = places[i].anchor == JB_ANCHOR_START ? x : x - width;
        const struct box box = {left, left + width, y - half, y + half};
        if (box.left < frame->left || box.right > picture->width || box.top < frame->top - half ||
            box.bottom > frame->bottom || !is_free(labels, &box))
            continue;
        labels->boxes[labels->n++] = box;
        labels->n_labels++;
        jb_picture_text(picture, JB_INK_TEXT, places[i].anchor, CHART_SMALL, is_frontier,
                        (struct jb_point){x, y + 4 * JB_PX}, cut);
        return;
    }
}

static int by_x(const void *a, const void *b)
{
    const struct jb_chart_point *const left = *(const struct jb_chart_point *const *)a,
                                       *const right = *(const struct jb_chart_point *const *)b;

    if (left->x != right->x)
        return left->x < right->x ? -1 : 1;
    return (left->y > right->y) - (left->y < right->y);
}

struct plot {
    struct jb_scale x, y;
    struct chart_frame frame;
};

static struct jb_point place(const struct plot *plot, double x, double y)
{
    return (struct jb_point){jb_scale_place(&plot->x, x, plot->frame.left, plot->frame.right),
                             jb_scale_place(&plot->y, y, plot->frame.bottom, plot->frame.top)};
}

/* Across, then up: between two of the frontier only what the first gave is known. */
static jb_rc add_frontier(struct jb_picture *picture, const struct jb_chart_points *chart,
                          const struct plot *plot)
{
    JB_AUTO(jb_free_auto) const struct jb_chart_point **on = calloc(chart->n + 1, sizeof *on);
    JB_AUTO(jb_free_auto) struct jb_point *steps = calloc(chart->n * 2 + 1, sizeof *steps);
    size_t n_on = 0, n = 0;

    if (!on || !steps)
        return JB_E_NOMEM;
    for (size_t i = 0; i < chart->n; i++)
        if (chart->points[i].is_frontier)
            on[n_on++] = &chart->points[i];
    if (n_on < 2)
        return JB_OK;
    qsort(on, n_on, sizeof *on, by_x);
    for (size_t i = 0; i < n_on; i++) {
        const struct jb_point at = place(plot, (double)on[i]->x, (double)on[i]->y);
        if (i > 0) {
            steps[n] = (struct jb_point){at.x, steps[n - 1].y};
            n++;
        }
        steps[n++] = at;
    }
    jb_picture_lines(picture, JB_INK_B, 20, false, steps, n);
    return JB_OK;
}

/* The part of y = offset + slope x that lies in the field. */
static void add_fit(struct jb_picture *picture, const struct jb_chart_points *chart,
                    const struct plot *plot)
{
    const double slope = (double)chart->slope_ppm / 1e6, offset = (double)chart->offset;
    double from = plot->x.min, to = plot->x.max;

    if (slope != 0) { /* cut where it leaves by the top or the bottom */
        const double a = (plot->y.min - offset) / slope, b = (plot->y.max - offset) / slope;
        from = (a < b ? a : b) > from ? (a < b ? a : b) : from;
        to = (a < b ? b : a) < to ? (a < b ? b : a) : to;
    }
    if (from < to)
        jb_picture_line(picture, JB_INK_B, 20, place(plot, from, offset + slope * from),
                        place(plot, to, offset + slope * to));
}

static void add_points(struct jb_picture *picture, const struct jb_chart_points *chart,
                       const struct plot *plot)
{
    struct labels labels = {0};

    for (size_t i = 0; i < chart->n; i++) {
        const struct jb_chart_point *const point = &chart->points[i];
        const struct jb_point at = place(plot, (double)point->x, (double)point->y);
        if (point->label && point->label[0] != '\0')
            jb_picture_open(picture, point->label);
        jb_picture_dot(picture,
                       point->is_left_out   ? JB_INK_B
                       : point->is_frontier ? JB_INK_A
                                            : JB_INK_C,
                       point->is_frontier ? 50 : 32, point->is_left_out, at);
        if (point->label && point->label[0] != '\0')
            jb_picture_close(picture);
    }
    for (size_t i = 0; i < chart->n && labels.n < BOXES_MAX - LABELS_MAX; i++) {
        const struct jb_point at =
            place(plot, (double)chart->points[i].x, (double)chart->points[i].y);
        labels.boxes[labels.n++] = (struct box){at.x - 40, at.x + 40, at.y - 40, at.y + 40};
    }
    /* Those of the frontier choose their place first. */
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < chart->n; i++) {
            const struct jb_chart_point *const point = &chart->points[i];
            if (point->is_frontier == (pass == 0) && point->label && point->label[0] != '\0')
                add_label(picture, &plot->frame, &labels,
                          place(plot, (double)point->x, (double)point->y), point->is_frontier,
                          point->label);
        }
}

/* Least and greatest of x or y, with a margin for whole dots. */
static void make_scale(const struct jb_chart_points *chart, bool is_x, size_t n_ticks,
                       struct jb_scale *ret)
{
    int64_t min = 0, max = 0;

    for (size_t i = 0; i < chart->n; i++) {
        const int64_t value = is_x ? chart->points[i].x : chart->points[i].y;
        min = i == 0 || value < min ? value : min;
        max = i == 0 || value > max ? value : max;
    }
    jb_scale_make(ret, is_x ? chart->x_kind : chart->y_kind, min, max, n_ticks, true);
}

void jb_chart_points(const struct jb_chart_points *chart, int width_px, struct jb_picture *ret)
{
    struct plot plot;
    char text[160];

    jb_picture_init(ret, chart->title, chart->description);
    ret->width = width_px * JB_PX;
    make_scale(chart, true, width_px < 500 ? 4 : 8, &plot.x);
    make_scale(chart, false, 5, &plot.y);
    const int32_t top = chart__title(ret, chart->title) + 22 * JB_PX;
    plot.frame = (struct chart_frame){.left = chart__label_room(&plot.y),
                                      .right = ret->width - 8 * JB_PX,
                                      .top = top,
                                      .bottom = top + PLOT_HEIGHT};
    ret->height = plot.frame.bottom + 40 * JB_PX;
    chart__axes(ret, &plot.frame, &plot.x, &plot.y);
    jb_picture_text(ret, JB_INK_FAINT, JB_ANCHOR_START, CHART_SMALL, false,
                    (struct jb_point){0, top - 8 * JB_PX},
                    chart__axis_title(chart->y_title, plot.y.unit, text, sizeof text));
    jb_picture_text(ret, JB_INK_FAINT, JB_ANCHOR_END, CHART_SMALL, false,
                    (struct jb_point){plot.frame.right, plot.frame.bottom + 33 * JB_PX},
                    chart__axis_title(chart->x_title, plot.x.unit, text, sizeof text));
    if (chart->has_line)
        add_fit(ret, chart, &plot);
    if (add_frontier(ret, chart, &plot) < 0)
        ret->failed = JB_E_NOMEM;
    add_points(ret, chart, &plot);
}
