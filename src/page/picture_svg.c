/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A picture as SVG, by itself or within a page. Writes no script, no address of elsewhere but the name space of SVG in a file by
 * itself, and foreign text as text alone. Rules R-PAGE-01, R-PAGE-03.
 */
#include <string.h>

#include "base/clean.h"
#include "page/picture.h"

#define SVG_STYLE "\nsvg{font-family:sans-serif;stroke-linejoin:round}\n"

static const char *const anchors[] = {"", " text-anchor=\"middle\"", " text-anchor=\"end\""};

void jb_add_markup(struct jb_buf *out, const char *text)
{
    for (size_t left = strlen(text), n; left > 0; left -= n, text += n) {
        n = jb_clean_character(text, left);
        if (n == 0) {
            jb_buf_add_u8(out, '?');
            n = 1;
        } else if (n == 1 && strchr("<>&\"'", *text)) {
            jb_buf_addf(out, "&#%d;", *text);
        } else {
            jb_buf_add(out, text, n);
        }
    }
}

/* A point after another is told by how far it lies from it: shorter. */
static void add_path(const struct jb_picture *picture, const struct jb_shape *shape,
                     struct jb_buf *out)
{
    const struct jb_point *const points = &picture->points[shape->at];

    jb_buf_addf(out, "M%d %dl", points[0].x, points[0].y);
    for (size_t i = 1; i < shape->n; i++)
        jb_buf_addf(out, "%s%d %d", i == 1 ? "" : " ", points[i].x - points[i - 1].x,
                    points[i].y - points[i - 1].y);
}

static void add_lines(const struct jb_picture *picture, const struct jb_shape *shape,
                      struct jb_buf *out)
{
    if (shape->n < 2)
        return;
    jb_buf_addf(out, "<path class=\"s%d\" stroke-width=\"%d\"%s d=\"", shape->ink, shape->size,
                shape->is_special ? " stroke-dasharray=\"60 40\"" : "");
    add_path(picture, shape, out);
    jb_buf_add_text(out, "\"/>\n");
}

static void add_area(const struct jb_picture *picture, const struct jb_shape *shape,
                     struct jb_buf *out)
{
    if (shape->n < 3)
        return;
    jb_buf_addf(out, "<path class=\"f%d\"%s d=\"", shape->ink,
                shape->is_special ? " fill-opacity=\".35\"" : "");
    add_path(picture, shape, out);
    jb_buf_add_text(out, "z\"/>\n");
}

static void add_rect(const struct jb_picture *picture, const struct jb_shape *shape,
                     struct jb_buf *out)
{
    const struct jb_point *const points = &picture->points[shape->at];

    jb_buf_addf(out, "<rect class=\"f%d\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>\n",
                shape->ink, points[0].x, points[0].y, points[1].x, points[1].y);
}

static void add_dot(const struct jb_picture *picture, const struct jb_shape *shape,
                    struct jb_buf *out)
{
    const struct jb_point at = picture->points[shape->at];

    jb_buf_addf(out, "<circle class=\"%c%d\"%s cx=\"%d\" cy=\"%d\" r=\"%d\"/>\n",
                shape->is_special ? 's' : 'f', shape->ink,
                shape->is_special ? " stroke-width=\"15\"" : "", at.x, at.y, shape->size);
}

static void add_text(const struct jb_picture *picture, const struct jb_shape *shape,
                     struct jb_buf *out)
{
    const struct jb_point at = picture->points[shape->at];

    jb_buf_addf(out, "<text class=\"f%d\"%s font-size=\"%d\"%s x=\"%d\" y=\"%d\">", shape->ink,
                anchors[shape->anchor], shape->size,
                shape->is_special ? " font-weight=\"bold\"" : "", at.x, at.y);
    jb_add_markup(out, jb_picture_string(picture, shape->text));
    jb_buf_add_text(out, "</text>\n");
}

static void add_open(const struct jb_picture *picture, const struct jb_shape *shape,
                     struct jb_buf *out)
{
    jb_buf_add_text(out, "<g><title>");
    jb_add_markup(out, jb_picture_string(picture, shape->text));
    jb_buf_add_text(out, "</title>\n");
}

static void add_close(const struct jb_picture *picture, const struct jb_shape *shape,
                      struct jb_buf *out)
{
    (void)picture;
    (void)shape;
    jb_buf_add_text(out, "</g>\n");
}

typedef void (*add_fn)(const struct jb_picture *picture, const struct jb_shape *shape,
                       struct jb_buf *out);
static const add_fn adders[] = {
    [JB_SHAPE_LINES] = add_lines, [JB_SHAPE_AREA] = add_area, [JB_SHAPE_RECT] = add_rect,
    [JB_SHAPE_DOT] = add_dot,     [JB_SHAPE_TEXT] = add_text, [JB_SHAPE_OPEN] = add_open,
    [JB_SHAPE_CLOSE] = add_close,
};

static void add_colours(struct jb_buf *out, bool is_dark)
{
    for (int ink = 0; ink < JB_N_INKS; ink++)
        jb_buf_addf(out, "--k%d:#%06x;", ink, (unsigned)jb_ink_rgb((enum jb_ink)ink, is_dark));
}

void jb_picture_inks(struct jb_buf *out)
{
    jb_buf_add_text(out, ":root{");
    add_colours(out, false);
    jb_buf_add_text(out, "}\n@media screen and (prefers-color-scheme:dark){:root{");
    add_colours(out, true);
    jb_buf_add_text(out, "}}\n");
    for (int ink = 0; ink < JB_N_INKS; ink++)
        jb_buf_addf(out, ".f%d{fill:var(--k%d)}.s%d{fill:none;stroke:var(--k%d)}", ink, ink, ink,
                    ink);
    jb_buf_add_text(out, SVG_STYLE);
}

/* Colours by themselves, for viewers that know no variables; always on white. */
static void add_file_style(struct jb_buf *out)
{
    jb_buf_add_text(out, "<style>");
    for (int ink = 0; ink < JB_N_INKS; ink++) {
        const unsigned rgb = jb_ink_rgb((enum jb_ink)ink, false);
        jb_buf_addf(out, ".f%d{fill:#%06x}.s%d{fill:none;stroke:#%06x}", ink, rgb, ink, rgb);
    }
    jb_buf_addf(out, SVG_STYLE "</style>\n<rect class=\"f%d\" width=\"100%%\" height=\"100%%\"/>\n",
                JB_INK_PAPER);
}

void jb_picture_svg(const struct jb_picture *picture, enum jb_svg_place place, int number,
                    const char *class_name, struct jb_buf *out)
{
    jb_buf_addf(out, "<svg%s viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\" ",
                place == JB_SVG_FILE ? " xmlns=\"http://www.w3.org/2000/svg\"" : "", picture->width,
                picture->height, picture->width / JB_PX, picture->height / JB_PX);
    if (class_name[0] != '\0')
        jb_buf_addf(out, "class=\"%s\" ", class_name);
    jb_buf_addf(out, "aria-labelledby=\"t%d d%d\">\n<title id=\"t%d\">", number, number, number);
    jb_add_markup(out, jb_picture_string(picture, picture->title));
    jb_buf_addf(out, "</title>\n<desc id=\"d%d\">", number);
    jb_add_markup(out, jb_picture_string(picture, picture->description));
    jb_buf_add_text(out, "</desc>\n");
    if (place == JB_SVG_FILE)
        add_file_style(out);
    for (size_t i = 0; i < picture->n_shapes; i++)
        adders[picture->shapes[i].kind](picture, &picture->shapes[i], out);
    jb_buf_add_text(out, "</svg>\n");
}
