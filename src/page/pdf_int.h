/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the PDF writer share: where it stands on which page, and its pen. Lengths in points, 72 to the inch. */
#ifndef JB_PAGE_PDF_INT_H
#define JB_PAGE_PDF_INT_H

#include "page/cairo_abi.h"
#include "page/document.h"

struct pdf {
    const struct cairo_api *api;
    const struct jb_document *document;
    void *surface, *cr, *layout, *font;
    bool is_painting; /* the first pass only counts pages */
    double y;
    size_t page, n_pages;
};

enum pdf_align {
    PDF_LEFT,
    PDF_MIDDLE,
    PDF_RIGHT,
};
struct pdf_pen {
    double size; /* of the font */
    bool is_bold;
    enum jb_ink ink;
    enum pdf_align align;
    double width; /* wrapped to it; <= 0: one line, placed by `align` at x */
};

/* In this process; jb_document_pdf calls it in a child. */
jb_rc pdf__write(const struct jb_document *document, struct jb_buf *out, size_t *ret_n_pages,
                 struct jb_error *err);
void pdf__colour(const struct pdf *pdf, enum jb_ink ink, double alpha);
/* Text at x and y (of its top); returns its height. Only measured where not painting or not `is_shown`. */
double pdf__text(const struct pdf *pdf, const struct pdf_pen *pen, double x, double y,
                 bool is_shown, const char *text, double *ret_width);
void pdf__picture(const struct pdf *pdf, const struct jb_picture *picture, double x, double y,
                  double scale);

#endif
