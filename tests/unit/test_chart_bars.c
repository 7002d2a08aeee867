/* SPDX-License-Identifier: Apache-2.0 */
/* Bars: lengths in proportion, the band over them, segments that fill them, and no bar where nothing is known (R-PAGE-05). */
#include "chart_rig.h"
#include "page/chart.h"
#include "tap.h"

#define KWH INT64_C(3600000000000)

int main(void)
{
    const struct jb_chart_bar bars[] = {
        {"training", "8 kWh", true, 6 * KWH, 8 * KWH, 10 * KWH, {4 * KWH, 2 * KWH, 0, 0, 2 * KWH}},
        {"a very long name of a stage that does not fit beside its figure on a telephone",
         "4 kWh (3 to 5 kWh)",
         true,
         3 * KWH,
         4 * KWH,
         5 * KWH,
         {0}},
        {"inference", "not known", false, 0, 0, 0, {0}},
    };
    const struct jb_chart_bars chart = {.title = "energy by stage",
                                        .description = "training 8 kWh",
                                        .kind = JB_SCALE_UJ,
                                        .segments = {"GPU", "CPU", NULL, NULL, "other"},
                                        .n_bars = 3,
                                        .bars = bars};
    struct jb_picture picture;

    jb_chart_bars(&chart, JB_CHART_NARROW, &picture);
    is_i64(picture.failed, JB_OK, "drawn");
    ok(rig_is_inside(&picture), "all of it lies in 330 pixels");
    /* 10 kWh is the whole width, 3300 units: 8 kWh is 2640. Swatches of the legend are ink TEXT too, 3 of them. */
    is_i64(rig_point(&picture, rig_shape(&picture, JB_SHAPE_RECT, JB_INK_TEXT, 3), 1).x, 2640,
           "8 of 10 kWh is four fifths of the width");
    is_i64(rig_point(&picture, rig_shape(&picture, JB_SHAPE_RECT, JB_INK_TEXT, 4), 1).x, 1320,
           "4 of 10 kWh two fifths");
    ok(!rig_shape(&picture, JB_SHAPE_RECT, JB_INK_TEXT, 5), "what is not known has no bar");
    ok(rig_text(&picture, "not known") != NULL, "and says so");
    const struct jb_shape *const gpu = rig_shape(&picture, JB_SHAPE_RECT, JB_INK_A, 1),
                                 *const cpu = rig_shape(&picture, JB_SHAPE_RECT, JB_INK_B, 1),
                                 *const other = rig_shape(&picture, JB_SHAPE_RECT, JB_INK_E, 1);
    ok(gpu && cpu && other, "three segments");
    is_i64(rig_point(&picture, gpu, 0).x + rig_point(&picture, gpu, 1).x, 1320,
           "GPU ends at 4 kWh");
    is_i64(rig_point(&picture, cpu, 0).x, 1320 + JB_PX, "CPU begins after it, with a gap");
    is_i64(rig_point(&picture, cpu, 0).x + rig_point(&picture, cpu, 1).x, 1980,
           "and ends at 6 kWh");
    is_i64(rig_point(&picture, other, 0).x + rig_point(&picture, other, 1).x, 2635,
           "the last fills the bar");
    const struct jb_shape *const band = rig_shape(&picture, JB_SHAPE_LINES, JB_INK_TEXT, 0);
    ok(rig_point(&picture, band, 0).x == 1980 && rig_point(&picture, band, 1).x == 3300,
       "the band is from 6 to 10 kWh");
    ok(!rig_text(&picture, bars[1].label) && rig_text(&picture, "4 kWh (3 to 5 kWh)"),
       "a long name is cut, its figure never");
    jb_picture_release(&picture);

    jb_chart_bars(&(struct jb_chart_bars){.title = "", .description = "", .kind = JB_SCALE_UJ}, 720,
                  &picture);
    ok(picture.failed == JB_OK && rig_is_inside(&picture), "no bars: an empty picture");
    jb_picture_release(&picture);
    return done_testing();
}
