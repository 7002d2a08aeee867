/* SPDX-License-Identifier: Apache-2.0 */
/* Points and a line as pictures: every point is there, in its place, and foreign text cannot break the SVG. */
#include "report/plot.h"
#include "tap.h"

static size_t count(const char *text, const char *part)
{
    size_t n = 0;

    for (const char *at = strstr(text, part); at; at = strstr(at + 1, part))
        n++;
    return n;
}

/* The line of the text's picture that begins after `n` newlines. */
static const char *row(const char *text, int n)
{
    for (; n > 0 && *text; text++)
        n -= *text == '\n';
    return text;
}

int main(void)
{
    const struct jb_style style = {0};
    const struct jb_plot_point points[] = {{0, 0, false},
                                           {50000000, 50000000, false},
                                           {100000000, 100000000, false},
                                           {0, 100000000, true}};
    const struct jb_plot plot = {.title = "a <b> & \"c\"",
                                 .x_title = "parts",
                                 .points = points,
                                 .n = 4,
                                 .has_line = true,
                                 .slope_ppm = 1000000};
    struct jb_buf text = JB_BUF(65536), svg = JB_BUF(65536);

    jb_plot_text(&plot, 11, &style, &text);
    is_i64((int64_t)count(jb_buf_text(&text), "o"), 3, "three points are shown");
    is_i64((int64_t)count(jb_buf_text(&text), "x"), 1, "and one that was left out");
    ok(strchr(row(jb_buf_text(&text), 1), 'x') < strchr(row(jb_buf_text(&text), 1), 'o'),
       "on the top row the one at no load is left of the one at full load");
    ok(count(row(jb_buf_text(&text), 6), "50.0 W") >= 1, "the axis shows the middle of its range");
    ok(count(jb_buf_text(&text), "-") > 60, "the line and the axis are drawn");

    jb_plot_svg(&plot, 1, &svg);
    is_i64((int64_t)count(jb_buf_text(&svg), "<circle class=\"in\""), 3, "SVG: three points");
    is_i64((int64_t)count(jb_buf_text(&svg), "<circle class=\"out\""), 1, "SVG: one left out");
    ok(count(jb_buf_text(&svg), "<b>") == 0 && count(jb_buf_text(&svg), "&#60;b&#62;") == 1,
       "SVG: a title's signs are written as references");
    ok(count(jb_buf_text(&svg), "</svg>") == 1, "SVG: it ends");

    const struct jb_plot one = {.title = "", .x_title = "", .points = points, .n = 1};
    jb_buf_clear(&text);
    jb_plot_text(&one, 5, &style, &text);
    is_i64((int64_t)count(jb_buf_text(&text), "o"), 1, "a single point has a picture too");
    jb_buf_release(&text);
    jb_buf_release(&svg);
    return done_testing();
}
