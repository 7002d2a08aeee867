/* SPDX-License-Identifier: Apache-2.0 */
/* Text and pictures onto a page of a PDF. Knows nothing of where blocks of a document stand. Rules R-PAGE-01, R-PAGE-12. */
#include <math.h>
#include <string.h>

#include "page/pdf_int.h"

void pdf__colour(const struct pdf *pdf, enum jb_ink ink, double alpha)
{
    const uint32_t rgb = jb_ink_rgb(ink, false);

    pdf->api->set_rgba(pdf->cr, (double)(rgb >> 16 & 0xff) / 255, (double)(rgb >> 8 & 0xff) / 255,
                       (double)(rgb & 0xff) / 255, alpha);
}

double pdf__text(const struct pdf *pdf, const struct pdf_pen *pen, double x, double y,
                 bool is_shown, const char *text, double *ret_width)
{
    const struct cairo_api *const api = pdf->api;
    int width, height;

    api->font_size(pdf->font, pen->size * PANGO_ABI_SCALE);
    api->font_weight(pdf->font, pen->is_bold ? PANGO_ABI_WEIGHT_BOLD : PANGO_ABI_WEIGHT_NORMAL);
    api->layout_font(pdf->layout, pdf->font);
    api->layout_width(pdf->layout, pen->width > 0 ? (int)(pen->width * PANGO_ABI_SCALE) : -1);
    api->layout_align(pdf->layout,
                      pen->width > 0 && pen->align == PDF_RIGHT ? PANGO_ABI_ALIGN_RIGHT : 0);
    api->layout_text(pdf->layout, text, (int)strlen(text));
    api->layout_size(pdf->layout, &width, &height);
    if (ret_width)
        *ret_width = (double)width / PANGO_ABI_SCALE;
    if (pdf->is_painting && is_shown) {
        if (pen->width <= 0 && pen->align != PDF_LEFT)
            x -= (double)width / PANGO_ABI_SCALE / (pen->align == PDF_MIDDLE ? 2 : 1);
        pdf__colour(pdf, pen->ink, 1);
        api->move_to(pdf->cr, x, y);
        api->show_layout(pdf->cr, pdf->layout);
    }
    return (double)height / PANGO_ABI_SCALE;
}

static void draw_path(const struct pdf *pdf, const struct jb_picture *picture,
                      const struct jb_shape *shape)
{
    static const double dashes[] = {60, 40};
    const struct cairo_api *const api = pdf->api;

    for (size_t i = 0; i < shape->n; i++) {
        const struct jb_point at = picture->points[shape->at + i];
        if (i == 0)
            api->move_to(pdf->cr, at.x, at.y);
        else
            api->line_to(pdf->cr, at.x, at.y);
    }
    if (shape->kind == JB_SHAPE_AREA) {
        pdf__colour(pdf, shape->ink, shape->is_special ? 0.35 : 1);
        api->close_path(pdf->cr);
        api->fill(pdf->cr);
        return;
    }
    pdf__colour(pdf, shape->ink, 1);
    api->set_line_width(pdf->cr, shape->size);
    api->set_dash(pdf->cr, dashes, shape->is_special ? 2 : 0, 0);
    api->stroke(pdf->cr);
}

static void draw_rect(const struct pdf *pdf, const struct jb_picture *picture,
                      const struct jb_shape *shape)
{
    const struct jb_point *const at = &picture->points[shape->at];

    pdf__colour(pdf, shape->ink, 1);
    pdf->api->rectangle(pdf->cr, at[0].x, at[0].y, at[1].x, at[1].y);
    pdf->api->fill(pdf->cr);
}

static void draw_dot(const struct pdf *pdf, const struct jb_picture *picture,
                     const struct jb_shape *shape)
{
    const struct jb_point at = picture->points[shape->at];

    pdf__colour(pdf, shape->ink, 1);
    pdf->api->new_path(pdf->cr);
    pdf->api->arc(pdf->cr, at.x, at.y, shape->size, 0, 2 * M_PI);
    if (shape->is_special) {
        pdf->api->set_line_width(pdf->cr, 15);
        pdf->api->set_dash(pdf->cr, NULL, 0, 0);
        pdf->api->stroke(pdf->cr);
    } else {
        pdf->api->fill(pdf->cr);
    }
}

/* A picture places text by its base line, pango by its top. */
static void draw_text(const struct pdf *pdf, const struct jb_picture *picture,
                      const struct jb_shape *shape)
{
    static const enum pdf_align aligns[] = {PDF_LEFT, PDF_MIDDLE, PDF_RIGHT};
    const struct jb_point at = picture->points[shape->at];
    const char *const text = jb_picture_string(picture, shape->text);
    const struct pdf_pen pen = {.size = shape->size,
                                .is_bold = shape->is_special,
                                .ink = shape->ink,
                                .align = aligns[shape->anchor]};

    (void)pdf__text(pdf, &pen, 0, 0, false, text, NULL);
    const double base = (double)pdf->api->layout_baseline(pdf->layout) / PANGO_ABI_SCALE;
    (void)pdf__text(pdf, &pen, at.x, at.y - base, true, text, NULL);
}

static void draw_nothing(const struct pdf *pdf, const struct jb_picture *picture,
                         const struct jb_shape *shape)
{
    (void)pdf;
    (void)picture;
    (void)shape;
}

typedef void (*draw_fn)(const struct pdf *pdf, const struct jb_picture *picture,
                        const struct jb_shape *shape);
static const draw_fn drawers[] = {
    [JB_SHAPE_LINES] = draw_path,    [JB_SHAPE_AREA] = draw_path, [JB_SHAPE_RECT] = draw_rect,
    [JB_SHAPE_DOT] = draw_dot,       [JB_SHAPE_TEXT] = draw_text, [JB_SHAPE_OPEN] = draw_nothing,
    [JB_SHAPE_CLOSE] = draw_nothing,
};

void pdf__picture(const struct pdf *pdf, const struct jb_picture *picture, double x, double y,
                  double scale)
{
    if (!pdf->is_painting)
        return;
    pdf->api->save(pdf->cr);
    pdf->api->translate(pdf->cr, x, y);
    pdf->api->scale(pdf->cr, scale, scale);
    pdf->api->set_line_join(pdf->cr, CAIRO_ABI_LINE_JOIN_ROUND);
    for (size_t i = 0; i < picture->n_shapes; i++)
        drawers[picture->shapes[i].kind](pdf, picture, &picture->shapes[i]);
    pdf->api->restore(pdf->cr);
}
