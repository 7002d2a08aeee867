/* SPDX-License-Identifier: Apache-2.0 */
/* Points and a line in characters: every point is there, in its place. Rule R-PAGE-08. */
#include "page/chart.h"
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
    const struct jb_chart_point points[] = {{.x = 0, .y = 0},
                                            {.x = 50000000, .y = 50000000},
                                            {.x = 100000000, .y = 100000000},
                                            {.x = 0, .y = 100000000, .is_left_out = true}};
    const struct jb_chart_points plot = {.title = "a <b> & \"c\"",
                                         .x_title = "parts",
                                         .points = points,
                                         .n = 4,
                                         .has_line = true,
                                         .slope_ppm = 1000000};
    struct jb_buf text = JB_BUF(65536);

    jb_chart_points_text(&plot, 11, 0, &text);
    is_i64((int64_t)count(jb_buf_text(&text), "o"), 3, "three points are shown");
    is_i64((int64_t)count(jb_buf_text(&text), "x"), 1, "and one that was left out");
    ok(strchr(row(jb_buf_text(&text), 1), 'x') < strchr(row(jb_buf_text(&text), 1), 'o'),
       "on the top row the one at no load is left of the one at full load");
    ok(count(row(jb_buf_text(&text), 6), "50.0 W") >= 1, "the axis shows the middle of its range");
    ok(count(jb_buf_text(&text), "-") > 60, "the line and the axis are drawn");

    const struct jb_chart_points one = {.title = "", .x_title = "", .points = points, .n = 1};
    jb_buf_clear(&text);
    jb_chart_points_text(&one, 5, 0, &text);
    is_i64((int64_t)count(jb_buf_text(&text), "o"), 1, "a single point has a picture too");
    jb_buf_release(&text);
    return done_testing();
}
