/* SPDX-License-Identifier: Apache-2.0 */
/* The list of shapes of a picture, and the table of inks. Knows nothing of what is drawn. Rules R-PAGE-01, R-PAGE-02. */
#include "page/picture.h"

#include <string.h>

#include "base/clean.h"

#define SHAPES_MAX ((size_t)1 << 17)
#define POINTS_MAX ((size_t)1 << 20)
#define TEXTS_MAX  ((size_t)1 << 22)
#define TEXT_MAX   1024

/*
 * R-PAGE-02: A to E alternate between blue and yellow, which all eyes with two kinds of cones or three can tell apart, and
 * grow lighter. tests/unit/test_picture.c computes both.
 */
static const struct {
    uint32_t light, dark;
} inks[JB_N_INKS] = {
    [JB_INK_TEXT] = {0x1b1f24, 0xe8eaed},  [JB_INK_FAINT] = {0x5b626b, 0xa5acb5},
    [JB_INK_PAPER] = {0xffffff, 0x15191e}, [JB_INK_A] = {0x123f7c, 0x3d6cbd},
    [JB_INK_B] = {0xb4500f, 0xd97a35},     [JB_INK_C] = {0x55a2d6, 0x74bdeb},
    [JB_INK_D] = {0xe9b949, 0xf3d06a},     [JB_INK_E] = {0xdcdcd4, 0xf1f1ea},
    [JB_INK_GRID] = {0xd8dce0, 0x353b43},  [JB_INK_DARK] = {0x000000, 0x000000},
    [JB_INK_LIGHT] = {0xffffff, 0xffffff},
};

uint32_t jb_ink_rgb(enum jb_ink ink, bool is_dark)
{
    return is_dark ? inks[ink].dark : inks[ink].light;
}

static size_t add_string(struct jb_picture *picture, const char *text)
{
    const size_t at = picture->texts.len;
    char clean[TEXT_MAX];

    jb_clean_copy(text, clean, sizeof clean);
    jb_buf_add(&picture->texts, clean, strlen(clean) + 1);
    if (picture->texts.failed < 0)
        picture->failed = picture->texts.failed;
    return at;
}

void jb_picture_init(struct jb_picture *picture, const char *title, const char *description)
{
    *picture = (struct jb_picture){.texts = JB_BUF(TEXTS_MAX)};
    picture->title = add_string(picture, title);
    picture->description = add_string(picture, description);
}

void jb_picture_release(struct jb_picture *picture)
{
    free(picture->shapes);
    free(picture->points);
    jb_buf_release(&picture->texts);
    *picture = (struct jb_picture){0};
}

/* Room for n more; false, and the picture has failed, where there is none. */
static bool make_room(struct jb_picture *picture, void **list, size_t *max, size_t used, size_t n,
                      size_t size, size_t limit)
{
    if (picture->failed < 0)
        return false;
    if (n > limit || used > limit - n) {
        picture->failed = JB_E_RANGE;
        return false;
    }
    if (used + n <= *max)
        return true;
    size_t more = *max < 64 ? 64 : *max * 2;
    while (more < used + n)
        more *= 2;
    void *const bigger = realloc(*list, more * size);
    if (!bigger) {
        picture->failed = JB_E_NOMEM;
        return false;
    }
    *list = bigger;
    *max = more;
    return true;
}

static void add_shape(struct jb_picture *picture, const struct jb_shape *shape,
                      const struct jb_point *points, size_t n)
{
    void *shapes = picture->shapes, *all = picture->points;

    if (!make_room(picture, &shapes, &picture->max_shapes, picture->n_shapes, 1, sizeof *shape,
                   SHAPES_MAX))
        return;
    picture->shapes = shapes;
    if (!make_room(picture, &all, &picture->max_points, picture->n_points, n, sizeof *points,
                   POINTS_MAX))
        return;
    picture->points = all;
    if (n > 0)
        memcpy(&picture->points[picture->n_points], points, n * sizeof *points);
    picture->shapes[picture->n_shapes] = *shape;
    picture->shapes[picture->n_shapes].at = picture->n_points;
    picture->shapes[picture->n_shapes].n = n;
    picture->n_shapes++;
    picture->n_points += n;
}

void jb_picture_lines(struct jb_picture *picture, enum jb_ink ink, int32_t width, bool is_dashed,
                      const struct jb_point *points, size_t n)
{
    add_shape(picture,
              &(struct jb_shape){
                  .kind = JB_SHAPE_LINES, .ink = ink, .size = width, .is_special = is_dashed},
              points, n);
}

void jb_picture_line(struct jb_picture *picture, enum jb_ink ink, int32_t width,
                     struct jb_point from, struct jb_point to)
{
    jb_picture_lines(picture, ink, width, false, (struct jb_point[]){from, to}, 2);
}

void jb_picture_area(struct jb_picture *picture, enum jb_ink ink, bool is_half,
                     const struct jb_point *points, size_t n)
{
    add_shape(picture, &(struct jb_shape){.kind = JB_SHAPE_AREA, .ink = ink, .is_special = is_half},
              points, n);
}

void jb_picture_rect(struct jb_picture *picture, enum jb_ink ink, int32_t x, int32_t y,
                     int32_t width, int32_t height)
{
    add_shape(picture, &(struct jb_shape){.kind = JB_SHAPE_RECT, .ink = ink},
              (struct jb_point[]){{x, y}, {width, height}}, 2);
}

void jb_picture_dot(struct jb_picture *picture, enum jb_ink ink, int32_t radius, bool is_hollow,
                    struct jb_point at)
{
    add_shape(picture,
              &(struct jb_shape){
                  .kind = JB_SHAPE_DOT, .ink = ink, .size = radius, .is_special = is_hollow},
              &at, 1);
}

void jb_picture_text(struct jb_picture *picture, enum jb_ink ink, enum jb_anchor anchor,
                     int32_t size, bool is_bold, struct jb_point at, const char *text)
{
    add_shape(picture,
              &(struct jb_shape){.kind = JB_SHAPE_TEXT,
                                 .ink = ink,
                                 .anchor = anchor,
                                 .size = size,
                                 .is_special = is_bold,
                                 .text = add_string(picture, text)},
              &at, 1);
}

void jb_picture_open(struct jb_picture *picture, const char *name)
{
    add_shape(picture, &(struct jb_shape){.kind = JB_SHAPE_OPEN, .text = add_string(picture, name)},
              NULL, 0);
}

void jb_picture_close(struct jb_picture *picture)
{
    add_shape(picture, &(struct jb_shape){.kind = JB_SHAPE_CLOSE}, NULL, 0);
}

void jb_picture_append(struct jb_picture *picture, const struct jb_picture *other, int32_t gap)
{
    const int32_t down = picture->height + gap;

    for (size_t i = 0; i < other->n_shapes && picture->failed == JB_OK; i++) {
        struct jb_shape shape = other->shapes[i];
        const size_t at = picture->n_points;
        if (shape.kind == JB_SHAPE_TEXT || shape.kind == JB_SHAPE_OPEN)
            shape.text = add_string(picture, jb_picture_string(other, shape.text));
        add_shape(picture, &shape, other->points ? &other->points[shape.at] : NULL, shape.n);
        const size_t n_moved = shape.kind == JB_SHAPE_RECT ? 1 : shape.n;
        for (size_t k = 0; k < n_moved && picture->failed == JB_OK; k++)
            picture->points[at + k].y += down;
    }
    if (other->failed < 0)
        picture->failed = other->failed;
    picture->width = other->width > picture->width ? other->width : picture->width;
    picture->height = down + other->height;
}

const char *jb_picture_string(const struct jb_picture *picture, size_t at)
{
    return at < picture->texts.len ? picture->texts.bytes + at : "";
}

/* Hundredths of the font's size that a character is wide, as DejaVu Sans has it, the widest usual one. */
static int32_t advance(unsigned char c)
{
    if (c >= 0x80)
        return 75; /* of the first byte of a longer character; the others take none */
    if (strchr("fijlrtI.,:;'|!()[]/ -", c))
        return 40;
    if (strchr("mwMW%@", c))
        return 98;
    return c >= 'A' && c <= 'Z' ? 72 : 64;
}

int32_t jb_picture_text_width(const char *text, int32_t size, bool is_bold)
{
    int64_t hundredths = 0;

    for (const char *at = text; *at && hundredths < INT32_MAX; at++)
        if (((unsigned char)*at & 0xc0) != 0x80)
            hundredths += advance((unsigned char)*at);
    const int64_t width = hundredths * size * (is_bold ? 11 : 10) / 1000;
    return width < INT32_MAX ? (int32_t)width : INT32_MAX;
}

const char *jb_picture_cut(const char *text, int32_t size, int32_t width, char *buf,
                           size_t buf_size)
{
    jb_clean_copy(text, buf, buf_size);
    size_t len = strlen(buf);
    while (len > 0 && jb_picture_text_width(buf, size, false) > width) {
        /* Its last character goes, and what stands for it takes three bytes that were there. */
        if (len > 3 && memcmp(buf + len - 3, "...", 3) == 0)
            len -= 3;
        while (len > 0 && ((unsigned char)buf[len - 1] & 0xc0) == 0x80)
            len--;
        len -= len > 0;
        if (len == 0 || len + 4 > buf_size)
            break;
        memcpy(buf + len, "...", 4);
        len += 3;
    }
    if (len == 0)
        buf[0] = '\0';
    return buf;
}
