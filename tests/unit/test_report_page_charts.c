/* SPDX-License-Identifier: Apache-2.0 */
/* Charts of a report: segments of a part are its devices, and power is added up only where every posted meter saw it. */
#include "chart_rig.h"
#include "report/report_page_int.h"
#include "report_page_rig.h"
#include "tap.h"

static void test_bars(void)
{
    struct jb_inventory inventory;
    struct jb_document document;

    rig_inventory(&inventory);
    jb_document_init(&document, "", "", 0);
    report__page_bars(&document, &inventory, JB_LAYER_MEASURED);
    is_i64((int64_t)document.n_blocks, 2, "parts by device, and devices");
    const struct jb_picture *const wide = &document.pictures[1];
    ok(rig_text(wide, "search") && rig_text(wide, "300 Wh (270 .. 330 Wh)") &&
           rig_text(wide, "evaluation"),
       "parts have their names and figures");
    ok(rig_text(wide, jb_device_name(JB_DEVICE_GPU)) &&
           !rig_text(wide, jb_device_name(JB_DEVICE_DRAM)),
       "a device that used nothing is not in the legend");
    ok(rig_text(&document.pictures[3], "300 Wh (150 .. 600 Wh)") != NULL,
       "devices have their bands");
    ok(strstr(jb_picture_string(wide, wide->description),
              "search: 300 Wh (270 .. 330 Wh); evaluation"),
       "the description has the figures in words");
    jb_document_release(&document);
}

static void test_power(void)
{
    struct jb_power_slice a[] = {{1, 1, 100000000, 90000000, 110000000},
                                 {1, 1, 200000000, 190000000, 210000000},
                                 {1, 1, 200000000, 190000000, 210000000}},
                          b[] = {{1, 1, 50000000, 40000000, 60000000},
                                 {0, 0, -1, -1, -1},
                                 {1, 1, 50000000, 40000000, 60000000}};
    struct jb_power_channel channels[] = {
        {.name = "a", .role = JB_ROLE_POST, .slices = a},
        {.name = "b", .role = JB_ROLE_POST, .slices = b},
        {.name = "all", .role = JB_ROLE_CHECK, .slices = a},
    };
    const struct jb_power_course course = {
        .duration_ns = 30, .slice_ns = 10, .n_slices = 3, .n_channels = 3, .channels = channels};
    struct jb_document document;

    jb_document_init(&document, "", "", 0);
    report__page_power(&document, &course);
    const struct jb_picture *const wide = &document.pictures[1];
    const char *const words = jb_picture_string(wide, wide->description);
    ok(strstr(words, "of which 2 were seen") != NULL, "a slice that one meter missed is not seen");
    ok(strstr(words, "from 150 W to 250 W") != NULL,
       "100 + 50 W and 200 + 50 W; a check is not added");
    jb_document_release(&document);
}

static void test_epochs(void)
{
    struct jb_metric_point points[] = {
        {.name = "epoch 0", .is_epoch = true, .run_uj = RIG_WH, .nano = {500000000}},
        {.name = "step 50", .run_uj = RIG_WH * 3 / 2, .nano = {600000000}},
        {.name = "epoch 1", .is_epoch = true, .run_uj = 2 * RIG_WH, .nano = {700000000}},
    };
    struct jb_metric_course course = {
        .n_metrics = 1, .names = {"accuracy"}, .n_points = 3, .points = points};
    struct jb_document document;

    jb_document_init(&document, "", "", 0);
    report__page_epochs(&document, &course);
    const struct jb_picture *const wide = &document.pictures[1];
    ok(rig_text(wide, "accuracy") && rig_text(wide, "energy used up to then, Wh") &&
           rig_text(wide, "epoch"),
       "a panel for the metric, one for the energy, over epochs");
    const struct jb_shape *const line = rig_shape(wide, JB_SHAPE_LINES, JB_INK_A, 0);
    ok(line && line->n == 2, "where there are epochs, steps are left out");
    ok(rig_text(wide, "0") != NULL, "epochs have the numbers they were marked with");
    jb_document_release(&document);
    course.names[0][0] = '\0';
    points[0].is_epoch = points[2].is_epoch = false;
    (void)snprintf(points[0].name, sizeof points[0].name, "begin");
    jb_document_init(&document, "", "", 0);
    report__page_epochs(&document, &course);
    ok(rig_text(&document.pictures[1], "mark, in order") != NULL,
       "marks without numbers are counted");
    jb_document_release(&document);
}

int main(void)
{
    test_bars();
    test_power();
    test_epochs();
    return done_testing();
}
