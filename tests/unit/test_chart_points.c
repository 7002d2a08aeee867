/* SPDX-License-Identifier: Apache-2.0 */
/* Points: places in proportion, the frontier by steps, labels that cover no other (R-PAGE-08). */
#include "chart_rig.h"
#include "page/chart.h"
#include "tap.h"

#define W INT64_C(1000000)

static void test_frontier(void)
{
    const struct jb_chart_point points[] = {
        {.x = 100 * W, .y = 900000000, .label = "c", .is_frontier = true},
        {.x = 0, .y = 500000000, .label = "a", .is_frontier = true},
        {.x = 50 * W, .y = 800000000, .label = "b", .is_frontier = true},
        {.x = 80 * W, .y = 600000000, .label = "beaten"},
        {.x = 80 * W,
         .y = 600000000,
         .label = "the same again, and a name too long for any place in it"},
    };
    const struct jb_chart_points chart = {.title = "accuracy over energy",
                                          .description = "d",
                                          .x_title = "energy",
                                          .y_title = "accuracy",
                                          .x_kind = JB_SCALE_UJ,
                                          .y_kind = JB_SCALE_NANO,
                                          .n = 5,
                                          .points = points};
    struct jb_picture picture;

    jb_chart_points(&chart, JB_CHART_WIDE, &picture);
    ok(picture.failed == JB_OK && rig_is_inside(&picture), "drawn, within 720 pixels");
    const struct jb_shape *const steps = rig_shape(&picture, JB_SHAPE_LINES, JB_INK_B, 0);
    ok(steps && steps->n == 5, "three on the frontier: four steps");
    const struct jb_point a = rig_point(&picture, steps, 0), b = rig_point(&picture, steps, 2),
                          c = rig_point(&picture, steps, 4);
    ok(rig_point(&picture, steps, 1).x == b.x && rig_point(&picture, steps, 1).y == a.y,
       "across first, then up");
    ok(a.x < b.x && b.x < c.x && a.y > b.y && b.y > c.y,
       "in the order of energy, whatever order they came in");
    is_i64(2 * b.x - a.x - c.x, 0, "half the energy is half way");
    is_i64((a.y - b.y) - 3 * (b.y - c.y), 0, "0.3 is three times 0.1");
    ok(rig_text(&picture, "a") && rig_text(&picture, "b") && rig_text(&picture, "c"),
       "the frontier is labelled");
    jb_picture_release(&picture);
    jb_chart_points(&chart, JB_CHART_NARROW, &picture);
    ok(picture.failed == JB_OK && rig_is_inside(&picture), "and within 330");
    jb_picture_release(&picture);
}

static void test_fit(void)
{
    const struct jb_chart_point points[] = {{.x = 0, .y = 0},
                                            {.x = 100 * W, .y = 100 * W},
                                            {.x = 50 * W, .y = 50 * W, .is_left_out = true}};
    const struct jb_chart_points chart = {.title = "fit",
                                          .description = "",
                                          .x_title = "parts",
                                          .y_title = "node",
                                          .x_kind = JB_SCALE_UW,
                                          .y_kind = JB_SCALE_UW,
                                          .n = 3,
                                          .points = points,
                                          .has_line = true,
                                          .slope_ppm = 2000000};
    struct jb_picture picture;

    jb_chart_points(&chart, JB_CHART_WIDE, &picture);
    const struct jb_shape *const line = rig_shape(&picture, JB_SHAPE_LINES, JB_INK_B, 0);
    const struct jb_shape *const zero = rig_shape(&picture, JB_SHAPE_DOT, JB_INK_C, 0),
                                 *const full = rig_shape(&picture, JB_SHAPE_DOT, JB_INK_C, 1),
                                 *const out = rig_shape(&picture, JB_SHAPE_DOT, JB_INK_B, 0);
    ok(zero && full && out && out->is_special, "two points, and a hollow one that was left out");
    ok(line && rig_point(&picture, line, 0).x == rig_point(&picture, zero, 0).x &&
           rig_point(&picture, line, 0).y == rig_point(&picture, zero, 0).y,
       "y = 2 x begins at the origin");
    const int32_t half = 2 * (rig_point(&picture, line, 1).x - rig_point(&picture, zero, 0).x),
                  whole = rig_point(&picture, full, 0).x - rig_point(&picture, zero, 0).x;
    ok(line && rig_point(&picture, line, 1).y == rig_point(&picture, full, 0).y &&
           abs(half - whole) <= 1,
       "and leaves by the top half way");
    jb_picture_release(&picture);
}

int main(void)
{
    test_frontier();
    test_fit();
    return done_testing();
}
