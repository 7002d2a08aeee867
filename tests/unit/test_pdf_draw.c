/* SPDX-License-Identifier: Apache-2.0 */
/* A picture in a PDF: text stands where it was drawn (R-PAGE-01), by poppler's own measure. */
#include <ctype.h>

#include "page/pdf.h"
#include "page_rig.h"
#include "tap.h"

int main(void)
{
    struct jb_document document;
    struct jb_picture picture;
    struct jb_buf out = JB_BUF(1 << 20);
    char text[8192] = "";

    jb_picture_init(&picture, "", "");
    picture.width = picture.height = 2000;
    jb_picture_text(&picture, JB_INK_TEXT, JB_ANCHOR_START, 200, false, (struct jb_point){0, 1000},
                    "Here");
    jb_picture_text(&picture, JB_INK_TEXT, JB_ANCHOR_END, 200, false, (struct jb_point){2000, 2000},
                    "There");
    jb_picture_lines(&picture, JB_INK_A, 10, true, (struct jb_point[]){{0, 0}, {9, 9}}, 2);
    jb_picture_area(&picture, JB_INK_B, true, (struct jb_point[]){{0, 0}, {9, 9}, {0, 9}}, 3);
    jb_picture_dot(&picture, JB_INK_C, 5, true, (struct jb_point){5, 5});
    jb_picture_dot(&picture, JB_INK_C, 5, false, (struct jb_point){5, 5});
    jb_document_init(&document, "t", "", 0);
    jb_document_picture(&document, &picture, NULL);
    if (jb_document_pdf(&document, false, &out, NULL, NULL) < 0 ||
        rig_ask((const char *const[]){"pdftotext", "-bbox", "FILE", "-", NULL}, out.bytes, out.len,
                text, sizeof text) == -1) {
        skip("no cairo, pango, font or poppler");
    } else {
        /* <word xMin="48.000000" yMin="..." xMax="..." yMax="...">Here</word> */
        const char *const here = strstr(text, "xMin=\"48.0"), *const there =
                                                                  strstr(text, ">There<");
        ok(here && strstr(here, ">Here<"), "text begins at the margin: 48 points");
        const char *at = there;
        while (at && at > text && strncmp(at, "xMax=\"", 6) != 0)
            at--;
        /* 2000 units are 200 pixels, 150 points; 48 + 150 = 198. */
        ok(at && (strncmp(at, "xMax=\"198.", 10) == 0 || strncmp(at, "xMax=\"197.9", 11) == 0),
           "text set to the end ends there");
    }
    jb_document_release(&document);
    jb_buf_release(&out);
    return done_testing();
}
