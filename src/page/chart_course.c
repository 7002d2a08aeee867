/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values over time and over a count: a ribbon from least to greatest with the mean in it, and panels of lines. Where nothing is
 * known there is a break, never a line across. Rules R-PAGE-06, R-PAGE-07.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "page/chart.h"
#include "page/chart_int.h"

#define PLOT_HEIGHT  (190 * JB_PX)
#define PANEL_HEIGHT (120 * JB_PX)
#define BELOW        (40 * JB_PX) /* labels and title of an axis */

int32_t chart__title(struct jb_picture *picture, const char *title)
{
    char cut[160];

    if (title[0] == '\0')
        return 5 * JB_PX;
    jb_picture_text(picture, JB_INK_TEXT, JB_ANCHOR_START, CHART_TITLE, true,
                    (struct jb_point){0, 16 * JB_PX},
                    jb_picture_cut(title, CHART_TITLE, picture->width * 10 / 11, cut, sizeof cut));
    return 30 * JB_PX;
}

const char *chart__axis_title(const char *title, const char *unit, char *buf, size_t size)
{
    (void)snprintf(buf, size, "%s%s%s", title, unit[0] != '\0' ? ", " : "", unit);
    return buf;
}

int32_t chart__label_room(const struct jb_scale *y)
{
    int32_t room = 0;

    for (size_t i = 0; i < y->n_ticks; i++) {
        const int32_t width = jb_picture_text_width(y->ticks[i].label, CHART_SMALL, false);
        room = width > room ? width : room;
    }
    return room + 8 * JB_PX;
}

void chart__axes(struct jb_picture *picture, const struct chart_frame *frame,
                 const struct jb_scale *x, const struct jb_scale *y)
{
    for (size_t i = 0; i < y->n_ticks; i++) {
        const int32_t at = jb_scale_place(y, y->ticks[i].value, frame->bottom, frame->top);
        jb_picture_line(picture, JB_INK_GRID, JB_PX, (struct jb_point){frame->left, at},
                        (struct jb_point){frame->right, at});
        jb_picture_text(picture, JB_INK_FAINT, JB_ANCHOR_END, CHART_SMALL, false,
                        (struct jb_point){frame->left - 6 * JB_PX, at + 4 * JB_PX},
                        y->ticks[i].label);
    }
    jb_picture_line(picture, JB_INK_FAINT, JB_PX, (struct jb_point){frame->left, frame->bottom},
                    (struct jb_point){frame->right, frame->bottom});
    for (size_t i = 0; x && i < x->n_ticks; i++) {
        const int32_t at = jb_scale_place(x, x->ticks[i].value, frame->left, frame->right);
        const int32_t half = jb_picture_text_width(x->ticks[i].label, CHART_SMALL, false) / 2;
        jb_picture_line(picture, JB_INK_FAINT, JB_PX, (struct jb_point){at, frame->bottom},
                        (struct jb_point){at, frame->bottom + 4 * JB_PX});
        jb_picture_text(picture, JB_INK_FAINT,
                        at + half > picture->width ? JB_ANCHOR_END : JB_ANCHOR_MIDDLE, CHART_SMALL,
                        false,
                        (struct jb_point){at + half > picture->width ? picture->width : at,
                                          frame->bottom + 17 * JB_PX},
                        x->ticks[i].label);
    }
}

static void add_axis_titles(struct jb_picture *picture, const struct chart_frame *frame,
                            const char *x_title, const struct jb_scale *x, const char *y_title,
                            const struct jb_scale *y)
{
    char text[160];

    if (x)
        jb_picture_text(picture, JB_INK_FAINT, JB_ANCHOR_END, CHART_SMALL, false,
                        (struct jb_point){frame->right, frame->bottom + 33 * JB_PX},
                        chart__axis_title(x_title, x->unit, text, sizeof text));
    jb_picture_text(picture, JB_INK_FAINT, JB_ANCHOR_START, CHART_SMALL, false,
                    (struct jb_point){0, frame->top - 8 * JB_PX},
                    chart__axis_title(y_title, y->unit, text, sizeof text));
}

/* Slices from `first` that are known and lie together: ribbon, then mean. */
static size_t add_stretch(struct jb_picture *picture, const struct jb_chart_course *chart,
                          const struct chart_frame *frame, const struct jb_scale *x,
                          const struct jb_scale *y, size_t first, struct jb_point *room)
{
    size_t end = first, n = 0;

    while (end < chart->n_slices && chart->slices[end].mean >= 0)
        end++;
    for (size_t i = first; i < end; i++) {
        const double middle = ((double)i + 0.5) * (double)chart->slice_ns;
        room[n++] = (struct jb_point){
            jb_scale_place(x, middle, frame->left, frame->right),
            jb_scale_place(y, (double)chart->slices[i].max, frame->bottom, frame->top)};
    }
    for (size_t i = end; i-- > first;) {
        room[n] =
            (struct jb_point){room[i - first].x, jb_scale_place(y, (double)chart->slices[i].min,
                                                                frame->bottom, frame->top)};
        n++;
    }
    jb_picture_area(picture, JB_INK_C, true, room, n);
    for (size_t i = first; i < end; i++)
        room[i - first].y =
            jb_scale_place(y, (double)chart->slices[i].mean, frame->bottom, frame->top);
    if (end - first == 1)
        jb_picture_dot(picture, JB_INK_A, 15, false, room[0]);
    else
        jb_picture_lines(picture, JB_INK_A, 12, false, room, end - first);
    return end;
}

/* Slices in which nothing was seen stand on the base line as a bar of their own. */
static size_t add_unseen(struct jb_picture *picture, const struct jb_chart_course *chart,
                         const struct chart_frame *frame, const struct jb_scale *x, size_t first)
{
    size_t end = first;

    while (end < chart->n_slices && chart->slices[end].mean < 0)
        end++;
    const int32_t from =
        jb_scale_place(x, (double)first * (double)chart->slice_ns, frame->left, frame->right);
    const int32_t to =
        jb_scale_place(x, (double)end * (double)chart->slice_ns, frame->left, frame->right);
    jb_picture_open(picture, "not seen");
    jb_picture_rect(picture, JB_INK_B, from, frame->bottom - 3 * JB_PX,
                    to - from > 5 ? to - from : 5, 3 * JB_PX);
    jb_picture_close(picture);
    return end;
}

static void add_key(struct jb_picture *picture, int32_t y, bool has_gap)
{
    int32_t x = 0;
    const struct {
        const char *name;
        enum jb_ink ink;
        int32_t height;
    } keys[] = {
        {"mean", JB_INK_A, 20}, {"least to greatest", JB_INK_C, 80}, {"not seen", JB_INK_B, 30}};

    for (size_t i = 0; i < (has_gap ? 3 : 2); i++) {
        const int32_t top = y - 4 * JB_PX - keys[i].height / 2, bottom = top + keys[i].height;
        jb_picture_area(picture, keys[i].ink, keys[i].ink == JB_INK_C,
                        (struct jb_point[]){
                            {x, top}, {x + 16 * JB_PX, top}, {x + 16 * JB_PX, bottom}, {x, bottom}},
                        4);
        jb_picture_text(picture, JB_INK_TEXT, JB_ANCHOR_START, CHART_SMALL, false,
                        (struct jb_point){x + 20 * JB_PX, y}, keys[i].name);
        x += 32 * JB_PX + jb_picture_text_width(keys[i].name, CHART_SMALL, false);
    }
}

void jb_chart_course(const struct jb_chart_course *chart, int width_px, struct jb_picture *ret)
{
    struct jb_scale x, y;
    int64_t greatest = 0;
    bool has_gap = false;
    struct jb_point *const room = calloc(chart->n_slices * 2 + 1, sizeof *room);

    jb_picture_init(ret, chart->title, chart->description);
    ret->width = width_px * JB_PX;
    if (!room)
        ret->failed = JB_E_NOMEM;
    for (size_t i = 0; i < chart->n_slices; i++) {
        greatest = chart->slices[i].max > greatest ? chart->slices[i].max : greatest;
        has_gap = has_gap || chart->slices[i].mean < 0;
    }
    jb_scale_make(&y, chart->kind, 0, greatest, 4, true);
    jb_scale_make(&x, JB_SCALE_NS, 0, chart->duration_ns, width_px < 500 ? 4 : 8, false);
    const int32_t top = chart__title(ret, chart->title);
    const struct chart_frame frame = {.left = chart__label_room(&y),
                                      .right = ret->width - 4 * JB_PX,
                                      .top = top + 40 * JB_PX,
                                      .bottom = top + 40 * JB_PX + PLOT_HEIGHT};
    ret->height = frame.bottom + BELOW;
    add_key(ret, top + 8 * JB_PX, has_gap);
    chart__axes(ret, &frame, &x, &y);
    add_axis_titles(ret, &frame, "time since the begin", &x, chart->y_title, &y);
    for (size_t i = 0; i < chart->n_slices && room;)
        i = chart->slices[i].mean >= 0 ? add_stretch(ret, chart, &frame, &x, &y, i, room)
                                       : add_unseen(ret, chart, &frame, &x, i);
    free(room);
}

static void range_of(const struct jb_chart_panel *panel, size_t n, int64_t *ret_min,
                     int64_t *ret_max)
{
    bool is_first = true;

    *ret_min = *ret_max = 0;
    for (size_t i = 0; i < n; i++) {
        const int64_t value = panel->values[i];
        if (value == INT64_MIN)
            continue;
        *ret_min = is_first || value < *ret_min ? value : *ret_min;
        *ret_max = is_first || value > *ret_max ? value : *ret_max;
        is_first = false;
    }
    if (panel->is_from_zero && *ret_min > 0)
        *ret_min = 0;
}

static void add_panel(struct jb_picture *picture, const struct jb_chart_panels *chart,
                      const struct jb_chart_panel *panel, const struct chart_frame *frame,
                      const struct jb_scale *x, const struct jb_scale *y, struct jb_point *room)
{
    size_t n = 0;

    for (size_t i = 0; i <= chart->n; i++) {
        if (i < chart->n && panel->values[i] != INT64_MIN) {
            room[n++] = (struct jb_point){
                jb_scale_place(x, (double)chart->x[i], frame->left, frame->right),
                jb_scale_place(y, (double)panel->values[i], frame->bottom, frame->top)};
        } else if (i == chart->n) {
            if (n > 1)
                jb_picture_lines(picture, JB_INK_A, 15, false, room, n);
            for (size_t k = 0; k < n && n <= 60; k++)
                jb_picture_dot(picture, JB_INK_A, 25, false, room[k]);
        }
    }
}

void jb_chart_panels(const struct jb_chart_panels *chart, int width_px, struct jb_picture *ret)
{
    struct jb_scale x, ys[JB_CHART_PANELS];
    struct jb_point *const room = calloc(chart->n + 1, sizeof *room);
    int32_t left = 0;

    jb_picture_init(ret, chart->title, chart->description);
    ret->width = width_px * JB_PX;
    if (!room)
        ret->failed = JB_E_NOMEM;
    jb_scale_make(&x, chart->x_kind, chart->n > 0 ? chart->x[0] : 0,
                  chart->n > 0 ? chart->x[chart->n - 1] : 1, width_px < 500 ? 4 : 8, false);
    for (size_t i = 0; i < chart->n_panels; i++) {
        int64_t min, max;
        range_of(&chart->panels[i], chart->n, &min, &max);
        jb_scale_make(&ys[i], chart->panels[i].kind, min, max, 3, true);
        const int32_t label_room = chart__label_room(&ys[i]);
        left = label_room > left ? label_room : left;
    }
    int32_t top = chart__title(ret, chart->title);
    for (size_t i = 0; i < chart->n_panels; i++) {
        const struct jb_scale *const below = i + 1 == chart->n_panels ? &x : NULL;
        const struct chart_frame frame = {.left = left,
                                          .right = ret->width - 6 * JB_PX,
                                          .top = top + 22 * JB_PX,
                                          .bottom = top + 22 * JB_PX + PANEL_HEIGHT};
        chart__axes(ret, &frame, below, &ys[i]);
        add_axis_titles(ret, &frame, chart->x_title, below, chart->panels[i].title, &ys[i]);
        if (room)
            add_panel(ret, chart, &chart->panels[i], &frame, &x, &ys[i], room);
        top = frame.bottom + 14 * JB_PX;
    }
    ret->height = top + BELOW - 14 * JB_PX;
    free(room);
}
