/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is used of cairo 1.16 and pango 1.50, as function pointers got by name when a PDF is asked for: no header and no link of them,
 * so that the executable needs neither. Values of their enumerations are part of their stable interface. Rule R-PAGE-13.
 */
#ifndef JB_PAGE_CAIRO_ABI_H
#define JB_PAGE_CAIRO_ABI_H

#include "base/error.h"

#define CAIRO_ABI_SUCCESS              0
#define CAIRO_ABI_METADATA_TITLE       0
#define CAIRO_ABI_METADATA_CREATOR     4
#define CAIRO_ABI_METADATA_CREATE_DATE 5
#define CAIRO_ABI_LINE_JOIN_ROUND      1
#define PANGO_ABI_SCALE                1024
#define PANGO_ABI_WEIGHT_NORMAL        400
#define PANGO_ABI_WEIGHT_BOLD          700
#define PANGO_ABI_ALIGN_RIGHT          2
#define PANGO_ABI_WRAP_WORD_CHAR       2

typedef int (*cairo_abi_write_fn)(void *closure, const unsigned char *bytes, unsigned len);

struct cairo_api {
    void *(*pdf_surface)(cairo_abi_write_fn write, void *closure, double width, double height);
    void (*pdf_metadata)(void *surface, int which, const char *text);
    void (*surface_finish)(void *surface);
    void (*surface_destroy)(void *surface);
    int (*surface_status)(void *surface);
    void *(*create)(void *surface);
    void (*destroy)(void *cr);
    int (*status)(void *cr);
    void (*save)(void *cr);
    void (*restore)(void *cr);
    void (*translate)(void *cr, double x, double y);
    void (*scale)(void *cr, double x, double y);
    void (*set_rgba)(void *cr, double r, double g, double b, double a);
    void (*set_line_width)(void *cr, double width);
    void (*set_line_join)(void *cr, int join);
    void (*set_dash)(void *cr, const double *dashes, int n, double offset);
    void (*move_to)(void *cr, double x, double y);
    void (*line_to)(void *cr, double x, double y);
    void (*close_path)(void *cr);
    void (*new_path)(void *cr);
    void (*rectangle)(void *cr, double x, double y, double width, double height);
    void (*arc)(void *cr, double x, double y, double radius, double from, double to);
    void (*fill)(void *cr);
    void (*stroke)(void *cr);
    void (*show_page)(void *cr);
    void *(*layout)(void *cr);
    void (*show_layout)(void *cr, void *layout);
    void *(*font_new)(void);
    void (*font_free)(void *font);
    void (*font_family)(void *font, const char *family);
    void (*font_weight)(void *font, int weight);
    void (*font_size)(void *font, double size);
    void (*layout_font)(void *layout, const void *font);
    void (*layout_text)(void *layout, const char *text, int len);
    void (*layout_width)(void *layout, int width);
    void (*layout_wrap)(void *layout, int wrap);
    void (*layout_align)(void *layout, int align);
    void (*layout_size)(void *layout, int *ret_width, int *ret_height);
    int (*layout_baseline)(void *layout);
    int (*layout_unknown)(void *layout);
    void (*unref)(void *object);
};

/* The libraries stay loaded: they keep caches of their own. JB_E_UNAVAILABLE, the hint names the packages. */
JB_MUST_USE jb_rc page__cairo_load(struct cairo_api *ret, struct jb_error *err);

#endif
