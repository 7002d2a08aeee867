/* SPDX-License-Identifier: Apache-2.0 */
/* What a picture holds, for tests of charts. */
#ifndef JB_TESTS_CHART_RIG_H
#define JB_TESTS_CHART_RIG_H

#include <string.h>

#include "page/picture.h"

/* The n-th shape of this kind and ink, from 0; NULL: no such. */
static inline const struct jb_shape *rig_shape(const struct jb_picture *picture,
                                               enum jb_shape_kind kind, enum jb_ink ink, size_t n)
{
    for (size_t i = 0; i < picture->n_shapes; i++)
        if (picture->shapes[i].kind == kind && picture->shapes[i].ink == ink && n-- == 0)
            return &picture->shapes[i];
    return NULL;
}

static inline const struct jb_shape *rig_text(const struct jb_picture *picture, const char *text)
{
    for (size_t i = 0; i < picture->n_shapes; i++)
        if (picture->shapes[i].kind == JB_SHAPE_TEXT &&
            strcmp(jb_picture_string(picture, picture->shapes[i].text), text) == 0)
            return &picture->shapes[i];
    return NULL;
}

static inline struct jb_point rig_point(const struct jb_picture *picture,
                                        const struct jb_shape *shape, size_t n)
{
    return shape && n < shape->n ? picture->points[shape->at + n] : (struct jb_point){-1, -1};
}

/* Every point lies in the picture, and so does the estimated width of every text. */
static inline bool rig_is_inside(const struct jb_picture *picture)
{
    for (size_t i = 0; i < picture->n_shapes; i++) {
        const struct jb_shape *const shape = &picture->shapes[i];
        for (size_t k = 0; k < shape->n; k++) {
            const struct jb_point at = picture->points[shape->at + k];
            if (at.x < 0 || at.y < 0 || at.x > picture->width || at.y > picture->height)
                return false;
        }
        if (shape->kind != JB_SHAPE_TEXT)
            continue;
        const int32_t x = picture->points[shape->at].x,
                      width = jb_picture_text_width(jb_picture_string(picture, shape->text),
                                                    shape->size, shape->is_special);
        const int32_t left = shape->anchor == JB_ANCHOR_START ? x
                             : shape->anchor == JB_ANCHOR_END ? x - width
                                                              : x - width / 2;
        if (left < 0 || left + width > picture->width + 2 * JB_PX)
            return false;
    }
    return true;
}

#endif
