/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A picture: lines, areas, dots and text in tenths of a pixel, y downwards, each in an ink that a writer turns into a colour. Drawn
 * once, written as SVG (here) or into a PDF (page/pdf.h). Like a jb_buf it stays failed once an addition failed: check
 * `failed` at the end. R-PAGE-01, R-PAGE-02: docs/method/pages.md.
 */
#ifndef JB_PAGE_PICTURE_H
#define JB_PAGE_PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

#define JB_PX 10 /* units of one pixel */

/* R-PAGE-02: inks for areas go from dark to light, so that they differ in grey too; the first two are for text and lines. */
enum jb_ink {
    JB_INK_TEXT,
    JB_INK_FAINT, /* axes, notes */
    JB_INK_PAPER, /* the background */
    JB_INK_A,
    JB_INK_B,
    JB_INK_C,
    JB_INK_D,
    JB_INK_E,
    JB_INK_GRID,
    JB_INK_DARK, /* black and white in any theme: what machines read */
    JB_INK_LIGHT,
};
#define JB_N_INKS 11
/* 0xRRGGBB. */
uint32_t jb_ink_rgb(enum jb_ink ink, bool is_dark);

enum jb_anchor {
    JB_ANCHOR_START,
    JB_ANCHOR_MIDDLE,
    JB_ANCHOR_END,
};

enum jb_shape_kind {
    JB_SHAPE_LINES, /* stroked */
    JB_SHAPE_AREA,  /* filled */
    JB_SHAPE_RECT,  /* filled; two points: corner, size */
    JB_SHAPE_DOT,   /* one point; `size` is the radius */
    JB_SHAPE_TEXT,  /* one point: of the base line; `size` of the font */
    JB_SHAPE_OPEN,  /* a group with a name, which a reader may show beside the pointer */
    JB_SHAPE_CLOSE,
};

struct jb_point {
    int32_t x, y;
};

struct jb_shape {
    enum jb_shape_kind kind;
    enum jb_ink ink;
    enum jb_anchor anchor;
    int32_t size;    /* width of a line, radius, size of a font */
    bool is_special; /* lines: dashed; area: half transparent; dot: hollow; text: bold */
    size_t at, n;    /* of `points`; of a text: where it begins in `texts` */
    size_t text;
};

struct jb_picture {
    int32_t width, height;
    size_t title, description; /* in texts */
    size_t n_shapes, n_points, max_shapes, max_points;
    struct jb_shape *shapes;
    struct jb_point *points;
    struct jb_buf texts; /* NUL-terminated, one after another, clean */
    jb_rc failed;
};

/* The title names it, the description says in words what can be seen, for those who do not see it. */
void jb_picture_init(struct jb_picture *picture, const char *title, const char *description);
void jb_picture_release(struct jb_picture *picture);

void jb_picture_line(struct jb_picture *picture, enum jb_ink ink, int32_t width,
                     struct jb_point from, struct jb_point to);
void jb_picture_lines(struct jb_picture *picture, enum jb_ink ink, int32_t width, bool is_dashed,
                      const struct jb_point *points, size_t n);
void jb_picture_area(struct jb_picture *picture, enum jb_ink ink, bool is_half,
                     const struct jb_point *points, size_t n);
void jb_picture_rect(struct jb_picture *picture, enum jb_ink ink, int32_t x, int32_t y,
                     int32_t width, int32_t height);
void jb_picture_dot(struct jb_picture *picture, enum jb_ink ink, int32_t radius, bool is_hollow,
                    struct jb_point at);
void jb_picture_text(struct jb_picture *picture, enum jb_ink ink, enum jb_anchor anchor,
                     int32_t size, bool is_bold, struct jb_point at, const char *text);
void jb_picture_open(struct jb_picture *picture, const char *name);
void jb_picture_close(struct jb_picture *picture);

/* The other below what is there, `gap` apart; as wide as the wider one. */
void jb_picture_append(struct jb_picture *picture, const struct jb_picture *other, int32_t gap);

const char *jb_picture_string(const struct jb_picture *picture, size_t at);

/* Text may be cut to `width`, at a whole character and ended by "..."; size > 4. An estimate by the character, for sans-serif fonts,
 * rather too wide than too narrow. Returns buf. */
int32_t jb_picture_text_width(const char *text, int32_t size, bool is_bold);
const char *jb_picture_cut(const char *text, int32_t size, int32_t width, char *buf,
                           size_t buf_size);

/* Where an SVG stands. */
enum jb_svg_place {
    JB_SVG_FILE,   /* by itself: with name space, inks and a white background */
    JB_SVG_INLINE, /* in a page that has jb_picture_inks in its style */
};
/* `number` tells the pictures of a page apart; `class_name` may be "". */
void jb_picture_svg(const struct jb_picture *picture, enum jb_svg_place place, int number,
                    const char *class_name, struct jb_buf *out);
/* Rules of CSS for the classes of the inks; once in a page. */
void jb_picture_inks(struct jb_buf *out);

/* Text as it may stand between tags and in quoted attributes of HTML and XML: < > & " ' as references, what is not clean as '?'. */
void jb_add_markup(struct jb_buf *out, const char *text);

#endif
