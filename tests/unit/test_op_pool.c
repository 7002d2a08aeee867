/* SPDX-License-Identifier: Apache-2.0 */
/* op_pool.c: pools. Positions x what one window costs, by hand. R-COUNT-10, R-COUNT-12. */
#include "op_rig.h"

struct row {
    const char *what, *domain, *name, *x, *kernel, *strides, *pads, *dilations, *auto_pad;
    int64_t ceil_mode;
    const char *shape, *flops;
};

static const struct row rows[] = {
    /* 64 x 56 x 56 windows of 9 values: 8 comparisons each */
    {.what = "ResNet-50's maximum",
     .name = "MaxPool",
     .x = "1,64,112,112",
     .kernel = "3,3",
     .strides = "2,2",
     .pads = "1,1,1,1",
     .shape = "1,64,56,56",
     .flops = "1605632"},
    {.what = "an average is its sums and a division",
     .name = "AveragePool",
     .x = "n,2,4,4",
     .kernel = "2,2",
     .strides = "2,2",
     .shape = "n,2,2,2",
     .flops = "32*n"},
    {.what = "a norm: absolute values, powers, sums, a root",
     .name = "LpPool",
     .x = "1,1,4",
     .kernel = "2",
     .shape = "1,1,3",
     .flops = "18"},
    {.what = "ceil_mode: (4 - 3) / 2 rounds up",
     .name = "MaxPool",
     .x = "1,1,4,4",
     .kernel = "3,3",
     .strides = "2,2",
     .ceil_mode = 1,
     .shape = "1,1,2,2",
     .flops = "32"},
    {.what = "floor: (4 - 3) / 2 rounds down",
     .name = "MaxPool",
     .x = "1,1,4,4",
     .kernel = "3,3",
     .strides = "2,2",
     .shape = "1,1,1,1",
     .flops = "8"},
    /* (2 + 2 - 1) / 3 rounds up to 1: a second window would start at 3 - 1 = 2, behind the input: left out */
    {.what = "ceil_mode: no window begins behind the input",
     .name = "AveragePool",
     .x = "1,1,2",
     .kernel = "1",
     .strides = "3",
     .pads = "1,1",
     .ceil_mode = 1,
     .shape = "1,1,1",
     .flops = "1"},
    {.what = "dilated: the window reaches 3",
     .name = "MaxPool",
     .x = "1,1,4,4",
     .kernel = "2,2",
     .dilations = "2,2",
     .shape = "1,1,2,2",
     .flops = "12"},
    {.what = "SAME_UPPER",
     .name = "MaxPool",
     .x = "1,1,5,5",
     .kernel = "3,3",
     .strides = "2,2",
     .auto_pad = "SAME_UPPER",
     .shape = "1,1,3,3",
     .flops = "72"},
    {.what = "channels last",
     .domain = "com.microsoft",
     .name = "NhwcMaxPool",
     .x = "1,4,4,8",
     .kernel = "2,2",
     .strides = "2,2",
     .shape = "1,2,2,8",
     .flops = "96"},
    {.what = "an average of the plane",
     .name = "GlobalAveragePool",
     .x = "n,2048,7,7",
     .shape = "n,2048,1,1",
     .flops = "100352*n"},
    {.what = "a maximum of the plane",
     .name = "GlobalMaxPool",
     .x = "1,3,5,5",
     .shape = "1,3,1,1",
     .flops = "72"},
    {.what = "an average over open sizes",
     .name = "GlobalAveragePool",
     .x = "n,3,h,w",
     .shape = "n,3,1,1",
     .flops = "3*n*h*w"},
    /* 2 x 2 windows of 4 values and 5 operations of rescaling */
    {.what = "quantised",
     .domain = "com.microsoft",
     .name = "QLinearAveragePool",
     .x = "1,1,4,4",
     .kernel = "2,2",
     .strides = "2,2",
     .shape = "1,1,2,2",
     .flops = "36"},
};

static void attribute(struct op_rig *r, const char *name, const char *values)
{
    if (values)
        om_attr_ints(&r->node, name, values);
}

static void unpool(void)
{
    struct op_rig r;

    rig_begin(&r, "", "MaxUnpool", 11);
    rig_in(&r, OM_FLOAT, "1,1,2,2");
    rig_in(&r, OM_INT64, "1,1,2,2");
    om_attr_ints(&r.node, "kernel_shape", "2,2");
    om_attr_ints(&r.node, "strides", "2,2");
    rig_run(&r, 1);
    is_str(rig_shape(&r, 0), "1,1,4,4", "MaxUnpool: (2 - 1) x 2 + 2");
    is_str(rig_macs(&r), "none", "MaxUnpool moves and computes nothing");
    rig_end(&r);

    rig_begin(&r, "", "MaxUnpool", 11);
    rig_in(&r, OM_FLOAT, "1,1,2,2");
    rig_in(&r, OM_INT64, "1,1,2,2");
    rig_in_ints(&r, "1,1,5,5");
    om_attr_ints(&r.node, "kernel_shape", "2,2");
    rig_run(&r, 1);
    is_str(rig_shape(&r, 0), "1,1,5,5", "MaxUnpool to a given shape");
    rig_end(&r);
}

int main(void)
{
    struct op_rig r;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *const row = &rows[i];
        rig_begin(&r, row->domain ? row->domain : "", row->name, 19);
        rig_in(&r, OM_FLOAT, row->x);
        attribute(&r, "kernel_shape", row->kernel);
        attribute(&r, "strides", row->strides);
        attribute(&r, "pads", row->pads);
        attribute(&r, "dilations", row->dilations);
        if (row->auto_pad)
            om_attr_text(&r.node, "auto_pad", row->auto_pad);
        om_attr_int(&r.node, "ceil_mode", row->ceil_mode);
        rig_run(&r, 2);
        is_str(rig_shape(&r, 0), row->shape, "%s: shape", row->what);
        is_str(rig_macs(&r), "elementwise", "%s: no multiply-adds", row->what);
        is_str(rig_flops(&r), row->flops, "%s: operations", row->what);
        rig_end(&r);
    }
    rig_begin(&r, "", "MaxPool", 12);
    rig_in(&r, OM_FLOAT, "1,1,4,4");
    om_attr_ints(&r.node, "kernel_shape", "2,2");
    rig_run(&r, 2);
    is_str(rig_shape(&r, 1), "1,1,3,3", "indices are as many as maxima");
    is_i64(r.out[1].type, OM_INT64, "indices are int64");
    rig_end(&r);

    rig_begin(&r, "", "MaxPool", 12);
    rig_in(&r, OM_FLOAT, "1,1,4,4");
    rig_run(&r, 1);
    is_str(rig_macs(&r), "not counted", "without a kernel: not counted");
    rig_end(&r);
    unpool();
    return done_testing();
}
