/* SPDX-License-Identifier: Apache-2.0 */
/* op_sample.c: samples between neighbours, regions, columns to images. R-COUNT-10, R-COUNT-12. */
#include "op_rig.h"

static void grids(void)
{
    static const struct {
        const char *x, *grid, *mode, *shape, *work, *flops;
    } rows[] = {
        /* 4 products and 3 sums for each of 3 x 10 x 12 */
        {"1,3,5,6", "1,10,12,2", "bilinear", "1,3,10,12", "elementwise", "2520"},
        {"n,3,5,6", "n,10,12,2", "linear", "n,3,10,12", "elementwise", "2520*n"},
        {"1,3,5,6", "1,10,12,2", "nearest", "1,3,10,12", "none", "?"},
        /* 16 products and 15 sums */
        {"1,1,5,6", "1,2,2,2", "cubic", "1,1,2,2", "elementwise", "124"},
        /* 8 products and 7 sums */
        {"1,1,4,5,6", "1,2,2,2,3", "linear", "1,1,2,2,2", "elementwise", "120"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct op_rig r;
        rig_begin(&r, "", "GridSample", 20);
        rig_in(&r, OM_FLOAT, rows[i].x);
        rig_in(&r, OM_FLOAT, rows[i].grid);
        om_attr_text(&r.node, "mode", rows[i].mode);
        rig_run(&r, 1);
        is_str(rig_shape(&r, 0), rows[i].shape, "GridSample %s: shape", rows[i].mode);
        is_str(rig_macs(&r), rows[i].work, "GridSample %s: no multiply-adds", rows[i].mode);
        is_str(rig_flops(&r), rows[i].flops, "GridSample %s: operations", rows[i].mode);
        rig_end(&r);
    }
}

static void regions(void)
{
    struct op_rig r;

    /* 4 samples of 7 operations, 3 sums and a division: 32 for each of 5 x 2 x 3 x 3 */
    rig_begin(&r, "", "RoiAlign", 16);
    rig_in(&r, OM_FLOAT, "1,2,8,8");
    rig_in(&r, OM_FLOAT, "5,4");
    rig_in(&r, OM_INT64, "5");
    om_attr_int(&r.node, "output_height", 3);
    om_attr_int(&r.node, "output_width", 3);
    om_attr_int(&r.node, "sampling_ratio", 2);
    rig_run(&r, 1);
    is_str(rig_shape(&r, 0), "5,2,3,3", "RoiAlign: one plane per region");
    is_str(rig_flops(&r), "2880", "RoiAlign: samples and their average");
    rig_end(&r);

    rig_begin(&r, "", "RoiAlign", 16);
    rig_in(&r, OM_FLOAT, "1,2,8,8");
    rig_in(&r, OM_FLOAT, "rois,4");
    rig_in(&r, OM_INT64, "rois");
    rig_run(&r, 1);
    is_str(rig_shape(&r, 0), "rois,2,1,1", "RoiAlign: sizes of one where nothing is told");
    is_str(rig_macs(&r), "not counted", "RoiAlign: samples by the regions' size are not counted");
    rig_end(&r);

    rig_begin(&r, "", "MaxRoiPool", 1);
    rig_in(&r, OM_FLOAT, "1,2,8,8");
    rig_in(&r, OM_FLOAT, "5,5");
    om_attr_ints(&r.node, "pooled_shape", "2,3");
    rig_run(&r, 1);
    is_str(rig_shape(&r, 0), "5,2,2,3", "MaxRoiPool: shape");
    is_str(rig_macs(&r), "not counted", "MaxRoiPool: not counted");
    rig_end(&r);
}

/* 1 x 5 x 5 image of blocks of 1 x 5: 5 x 5 columns */
static void columns(void)
{
    struct op_rig r;

    rig_begin(&r, "", "Col2Im", 18);
    rig_in(&r, OM_FLOAT, "1,5,5");
    rig_in_ints(&r, "5,5");
    rig_in_ints(&r, "1,5");
    rig_run(&r, 1);
    is_str(rig_shape(&r, 0), "1,1,5,5", "Col2Im: shape");
    is_str(rig_flops(&r), "25", "Col2Im: each element is added once");
    rig_end(&r);

    rig_begin(&r, "", "Col2Im", 18);
    rig_in(&r, OM_FLOAT, "1,5,5");
    rig_in(&r, OM_INT64, "2");
    rig_in(&r, OM_INT64, "2");
    rig_run(&r, 1);
    is_str(rig_shape(&r, 0), "1,?,?,?", "Col2Im: the rank is known where the values are not");
    rig_end(&r);
}

int main(void)
{
    grids();
    regions();
    columns();
    return done_testing();
}
