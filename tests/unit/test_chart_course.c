/* SPDX-License-Identifier: Apache-2.0 */
/* Courses: the ribbon, the mean, the break where nothing was seen (R-PAGE-06); panels over one axis (R-PAGE-07). */
#include "chart_rig.h"
#include "page/chart.h"
#include "tap.h"

#define W INT64_C(1000000)
#define S INT64_C(1000000000)

static void test_course(void)
{
    const struct jb_chart_slice slices[] = {
        {50 * W, 100 * W, 200 * W}, {100 * W, 200 * W, 400 * W}, {0, -1, 0}, {0, 0, 0}};
    const struct jb_chart_course chart = {.title = "power",
                                          .description = "d",
                                          .y_title = "power",
                                          .kind = JB_SCALE_UW,
                                          .slice_ns = 10 * S,
                                          .duration_ns = 40 * S,
                                          .n_slices = 4,
                                          .slices = slices};
    struct jb_picture picture;

    jb_chart_course(&chart, JB_CHART_WIDE, &picture);
    ok(picture.failed == JB_OK && rig_is_inside(&picture), "drawn, within 720 pixels");
    const struct jb_shape *const ribbon = rig_shape(&picture, JB_SHAPE_AREA, JB_INK_C, 1),
                                 *const mean = rig_shape(&picture, JB_SHAPE_LINES, JB_INK_A, 0);
    ok(ribbon && ribbon->n == 4 && mean && mean->n == 2, "a ribbon and a mean over two slices");
    /* 400 W is the top of the axis: the field is 1900 units high. */
    const int32_t top = rig_point(&picture, ribbon, 1).y, bottom = top + 1900;
    is_i64(rig_point(&picture, ribbon, 0).y, bottom - 950, "200 W is half way up");
    is_i64(rig_point(&picture, ribbon, 3).y, bottom - 238,
           "50 W an eighth, 237.5 rounded away from the base");
    is_i64(rig_point(&picture, mean, 0).y, bottom - 475, "the mean of 100 W a quarter");
    const struct jb_shape *const unseen = rig_shape(&picture, JB_SHAPE_RECT, JB_INK_B, 0);
    const int32_t left = rig_point(&picture, mean, 0).x,
                  step = rig_point(&picture, mean, 1).x - left;
    ok(unseen && abs(rig_point(&picture, unseen, 0).x - (left + step * 3 / 2)) <= 2 &&
           abs(rig_point(&picture, unseen, 1).x - step) <= 2,
       "the third slice stands as not seen, from 20 to 30 s");
    ok(rig_shape(&picture, JB_SHAPE_DOT, JB_INK_A, 0) != NULL,
       "a slice by itself is a dot, and zero is a value");
    ok(rig_text(&picture, "not seen") && rig_text(&picture, "power, W"), "named");
    jb_picture_release(&picture);
    jb_chart_course(&chart, JB_CHART_NARROW, &picture);
    ok(picture.failed == JB_OK && rig_is_inside(&picture), "and within 330");
    jb_picture_release(&picture);
}

static void test_panels(void)
{
    const int64_t x[] = {1, 2, 3, 4};
    const int64_t accuracy[] = {500000000, INT64_MIN, 700000000, 900000000};
    const int64_t energy[] = {1000 * W, 2000 * W, 3000 * W, 3500 * W};
    const struct jb_chart_panels chart = {.title = "epochs",
                                          .description = "d",
                                          .x_title = "epoch",
                                          .x_kind = JB_SCALE_COUNT,
                                          .n = 4,
                                          .x = x,
                                          .n_panels = 2,
                                          .panels = {{"accuracy", JB_SCALE_NANO, accuracy, false},
                                                     {"energy used", JB_SCALE_UJ, energy, true}}};
    struct jb_picture picture;

    jb_chart_panels(&chart, JB_CHART_NARROW, &picture);
    ok(picture.failed == JB_OK && rig_is_inside(&picture), "panels within 330 pixels");
    const struct jb_shape *const upper = rig_shape(&picture, JB_SHAPE_LINES, JB_INK_A, 0),
                                 *const lower = rig_shape(&picture, JB_SHAPE_LINES, JB_INK_A, 1);
    ok(upper && upper->n == 3 && lower && lower->n == 4,
       "an epoch without the metric has no point");
    is_i64(rig_point(&picture, upper, 1).x, rig_point(&picture, lower, 2).x,
           "one epoch is at one place in all panels");
    ok(rig_point(&picture, upper, 0).y > rig_point(&picture, upper, 2).y, "better is higher");
    ok(rig_text(&picture, "accuracy") && rig_text(&picture, "energy used, J") &&
           rig_text(&picture, "epoch"),
       "each axis has its name and unit");
    jb_picture_release(&picture);
}

int main(void)
{
    test_course();
    test_panels();
    return done_testing();
}
