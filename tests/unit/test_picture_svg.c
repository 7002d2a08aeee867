/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes to SVG: each in its place, foreign text as text (R-PAGE-03), nothing that a page would fetch or run. */
#include "page/picture.h"
#include "tap.h"

static bool has(const struct jb_buf *out, const char *part)
{
    return strstr(jb_buf_text(out), part) != NULL;
}

int main(void)
{
    struct jb_picture picture;
    struct jb_buf out = JB_BUF(65536);

    jb_picture_init(&picture, "</title><script>alert(1)</script>", "\"x\" & 'y'");
    picture.width = 7200;
    picture.height = 100;
    jb_picture_lines(&picture, JB_INK_A, 12, true,
                     (struct jb_point[]){{10, 20}, {15, 18}, {15, 30}}, 3);
    jb_picture_area(&picture, JB_INK_B, true, (struct jb_point[]){{0, 0}, {5, 0}, {5, 5}}, 3);
    jb_picture_rect(&picture, JB_INK_C, 1, 2, 3, 4);
    jb_picture_open(&picture, "<g>");
    jb_picture_dot(&picture, JB_INK_D, 30, true, (struct jb_point){7, 8});
    jb_picture_close(&picture);
    jb_picture_text(&picture, JB_INK_TEXT, JB_ANCHOR_END, 120, true, (struct jb_point){9, 9},
                    "<b onload=\"x\">\xff\xc3\xa4");
    jb_picture_svg(&picture, JB_SVG_INLINE, 7, "wide", &out);
    ok(has(&out, "stroke-dasharray") && has(&out, "d=\"M10 20l5 -2 0 12\""),
       "a line goes on from where it was");
    ok(has(&out, "class=\"f4\" fill-opacity=\".35\" d=\"M0 0l5 0 0 5z\""), "an area is closed");
    ok(has(&out, "<rect class=\"f5\" x=\"1\" y=\"2\" width=\"3\" height=\"4\"/>"), "a rectangle");
    ok(has(&out, "<g><title>&#60;g&#62;</title>\n<circle class=\"s6\""),
       "a group has its name, a hollow dot a stroke");
    ok(has(&out, "&#60;b onload=&#34;x&#34;&#62;?\xc3\xa4</text>"), "foreign text stays text");
    ok(has(&out, "<title id=\"t7\">&#60;/title&#62;&#60;script&#62;") && !has(&out, "<script"),
       "nor does a title end before its end");
    ok(has(&out, "<desc id=\"d7\">&#34;x&#34; &#38; &#39;y&#39;</desc>"), "a description in words");
    ok(has(&out, "role=\"img\"") && has(&out, "aria-labelledby=\"t7 d7\""),
       "readers are told both");
    ok(has(&out, "width=\"720\" height=\"10\"") && has(&out, "viewBox=\"0 0 7200 100\""),
       "tenths of a pixel");
    ok(!has(&out, "http"), "inline: no address at all");
    jb_buf_clear(&out);
    jb_picture_svg(&picture, JB_SVG_FILE, 1, "", &out);
    ok(has(&out, "xmlns=\"http://www.w3.org/2000/svg\"") && has(&out, ".f0{fill:#1b1f24}"),
       "a file has its name space and its inks");
    jb_buf_clear(&out);
    jb_picture_inks(&out);
    ok(has(&out, "prefers-color-scheme:dark") && has(&out, "media screen"),
       "a page has inks for the dark, on screens alone");
    jb_picture_release(&picture);
    jb_buf_release(&out);
    return done_testing();
}
