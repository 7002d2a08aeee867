/* SPDX-License-Identifier: Apache-2.0 */
/* What charts share: the frame of a plot with its two axes. */
#ifndef JB_PAGE_CHART_INT_H
#define JB_PAGE_CHART_INT_H

#include "page/picture.h"
#include "page/scale.h"

#define CHART_FONT  (12 * JB_PX)
#define CHART_SMALL (11 * JB_PX)
#define CHART_TITLE (14 * JB_PX)

/* The field that values are drawn in. */
struct chart_frame {
    int32_t left, right, top, bottom;
};

/* Title of the picture at its top; returns where what follows may begin. */
int32_t chart__title(struct jb_picture *picture, const char *title);
/* "power, kW" of an axis; returns buf. */
const char *chart__axis_title(const char *title, const char *unit, char *buf, size_t size);
/* Room at the left that the labels of `y` need. */
int32_t chart__label_room(const struct jb_scale *y);
/* Lines of the grid, labels at the left of it; labels below only where x is given. */
void chart__axes(struct jb_picture *picture, const struct chart_frame *frame,
                 const struct jb_scale *x, const struct jb_scale *y);

#endif
