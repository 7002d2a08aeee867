/* SPDX-License-Identifier: Apache-2.0 */
/* op_conv.c: convolutions. Multiply-adds are elements of the weight x batch x positions, written out beside. R-COUNT-10. */
#include "op_rig.h"

struct row {
    const char *what, *name, *x, *w;
    const char *kernel, *strides, *pads, *dilations, *auto_pad;
    int64_t group;
    const char *output_padding, *output_shape;
    const char *shape, *macs;
};

static const struct row rows[] = {
    /* 64 x 3 x 7 x 7 weights x 112 x 112 positions */
    {.what = "the first convolution of ResNet-50",
     .name = "Conv",
     .x = "1,3,224,224",
     .w = "64,3,7,7",
     .kernel = "7,7",
     .strides = "2,2",
     .pads = "3,3,3,3",
     .shape = "1,64,112,112",
     .macs = "118013952"},
    {.what = "the kernel is the weight's where no attribute tells it",
     .name = "Conv",
     .x = "1,3,224,224",
     .w = "64,3,7,7",
     .strides = "2,2",
     .pads = "3,3,3,3",
     .shape = "1,64,112,112",
     .macs = "118013952"},
    {.what = "over an open batch",
     .name = "Conv",
     .x = "n,3,224,224",
     .w = "64,3,7,7",
     .strides = "2,2",
     .pads = "3,3,3,3",
     .shape = "n,64,112,112",
     .macs = "118013952*n"},
    /* 32 x 1 x 3 x 3 x 112 x 112 */
    {.what = "depthwise",
     .name = "Conv",
     .x = "1,32,112,112",
     .w = "32,1,3,3",
     .pads = "1,1,1,1",
     .group = 32,
     .shape = "1,32,112,112",
     .macs = "3612672"},
    /* 8 x 2 x 3 x 3 x 5 x 5 */
    {.what = "in two groups",
     .name = "Conv",
     .x = "1,4,7,7",
     .w = "8,2,3,3",
     .group = 2,
     .shape = "1,8,5,5",
     .macs = "3600"},
    /* dilation 2: the kernel reaches 5; 10 - 5 + 1 = 6 */
    {.what = "dilated",
     .name = "Conv",
     .x = "1,1,10,10",
     .w = "1,1,3,3",
     .dilations = "2,2",
     .shape = "1,1,6,6",
     .macs = "324"},
    /* ceil(7 / 2) = 4, whatever the kernel */
    {.what = "SAME_UPPER of an odd size",
     .name = "Conv",
     .x = "1,1,7,5",
     .w = "1,1,4,4",
     .strides = "2,2",
     .auto_pad = "SAME_UPPER",
     .shape = "1,1,4,3",
     .macs = "192"},
    {.what = "SAME_LOWER is as many",
     .name = "Conv",
     .x = "1,1,7,5",
     .w = "1,1,4,4",
     .strides = "2,2",
     .auto_pad = "SAME_LOWER",
     .shape = "1,1,4,3",
     .macs = "192"},
    {.what = "VALID has no padding",
     .name = "Conv",
     .x = "1,1,7,7",
     .w = "1,1,3,3",
     .strides = "2,2",
     .auto_pad = "VALID",
     .shape = "1,1,3,3",
     .macs = "81"},
    /* 80 x 3 weights, 3000 positions: Whisper's first */
    {.what = "in one dimension",
     .name = "Conv",
     .x = "1,80,3000",
     .w = "384,80,3",
     .pads = "1,1",
     .shape = "1,384,3000",
     .macs = "276480000"},
    /* 2 x 1 x 27 weights, 2 x 3 x 4 positions */
    {.what = "in three dimensions",
     .name = "Conv",
     .x = "1,1,4,5,6",
     .w = "2,1,3,3,3",
     .shape = "1,2,2,3,4",
     .macs = "1296"},
    {.what =
         "padding of each side by itself: (5 + 1 + 2 - 3) / 2 + 1 = 3, (5 + 0 + 0 - 3) / 2 + 1 = 2",
     .name = "Conv",
     .x = "1,1,5,5",
     .w = "1,1,3,3",
     .strides = "2,2",
     .pads = "1,0,2,0",
     .shape = "1,1,3,2",
     .macs = "54"},
    {.what = "an open height with stride 1 stays a polynomial",
     .name = "Conv",
     .x = "1,3,h,8",
     .w = "4,3,3,3",
     .pads = "1,1,1,1",
     .shape = "1,4,h,8",
     .macs = "864*h"},
    {.what = "a kernel of one with stride 2 of an even size",
     .name = "Conv",
     .x = "2,16,14,14",
     .w = "32,16,1,1",
     .strides = "2,2",
     .shape = "2,32,7,7",
     .macs = "50176"},
    {.what = "integers",
     .name = "ConvInteger",
     .x = "1,1,3,3",
     .w = "1,1,2,2",
     .shape = "1,1,2,2",
     .macs = "16"},
    /* transposed: every input position meets 1 x 2 x 3 x 3 weights: 9 x 18; (3 - 1) x 1 + 3 = 5 */
    {.what = "transposed",
     .name = "ConvTranspose",
     .x = "1,1,3,3",
     .w = "1,2,3,3",
     .shape = "1,2,5,5",
     .macs = "162"},
    /* (3 - 1) x 3 + 1 + 3 - 0 = 10, (3 - 1) x 2 + 1 + 3 = 8 */
    {.what = "transposed with output padding",
     .name = "ConvTranspose",
     .x = "1,1,3,3",
     .w = "1,2,3,3",
     .strides = "3,2",
     .output_padding = "1,1",
     .shape = "1,2,10,8",
     .macs = "162"},
    {.what = "transposed to a given shape",
     .name = "ConvTranspose",
     .x = "1,1,3,3",
     .w = "1,2,3,3",
     .strides = "3,2",
     .output_shape = "10,8",
     .shape = "1,2,10,8",
     .macs = "162"},
    {.what = "transposed, SAME_UPPER: as many times the stride",
     .name = "ConvTranspose",
     .x = "1,1,3,3",
     .w = "1,2,3,3",
     .strides = "2,2",
     .auto_pad = "SAME_UPPER",
     .shape = "1,2,6,6",
     .macs = "162"},
    {.what = "transposed with padding: (3 - 1) x 3 + 3 - 1 - 1 = 7, (3 - 1) x 2 + 3 - 2 - 2 = 3",
     .name = "ConvTranspose",
     .x = "1,1,3,3",
     .w = "1,2,3,3",
     .strides = "3,2",
     .pads = "1,2,1,2",
     .shape = "1,2,7,3",
     .macs = "162"},
    {.what = "transposed in groups: 2 x 3 channels out; 4 x 3 x 2 weights x 5 positions",
     .name = "ConvTranspose",
     .x = "1,4,5",
     .w = "4,3,2",
     .group = 2,
     .strides = "2",
     .shape = "1,6,10",
     .macs = "120"},
    {.what = "transposed and dilated: (3 - 1) + 2 x 1 + 1 = 5",
     .name = "ConvTranspose",
     .x = "1,1,3,3",
     .w = "1,1,2,2",
     .dilations = "2,2",
     .shape = "1,1,5,5",
     .macs = "36"},
    {.what = "transposed over an open size",
     .name = "ConvTranspose",
     .x = "n,8,h,w",
     .w = "8,4,2,2",
     .strides = "2,2",
     .shape = "n,4,2*h,2*w",
     .macs = "128*n*h*w"},
};

static void attributes(struct op_rig *r, const struct row *row)
{
    const struct {
        const char *name, *values;
    } lists[] = {
        {"kernel_shape", row->kernel},
        {"strides", row->strides},
        {"pads", row->pads},
        {"dilations", row->dilations},
        {"output_padding", row->output_padding},
        {"output_shape", row->output_shape},
    };

    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        if (lists[i].values)
            om_attr_ints(&r->node, lists[i].name, lists[i].values);
    }
    if (row->auto_pad)
        om_attr_text(&r->node, "auto_pad", row->auto_pad);
    if (row->group > 0)
        om_attr_int(&r->node, "group", row->group);
}

static void convolutions(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct op_rig r;
        rig_begin(&r, "", rows[i].name, 11);
        rig_in(&r, OM_FLOAT, rows[i].x);
        rig_in(&r, OM_FLOAT, rows[i].w);
        attributes(&r, &rows[i]);
        rig_run(&r, 1);
        is_str(rig_shape(&r, 0), rows[i].shape, "%s: shape", rows[i].what);
        is_str(rig_macs(&r), rows[i].macs, "%s: multiply-adds", rows[i].what);
        rig_end(&r);
    }
}

static void beside(void)
{
    struct op_rig r;

    rig_begin(&r, "", "Conv", 22);
    rig_in(&r, OM_FLOAT, "n,1,5,5");
    rig_in(&r, OM_FLOAT, "2,1,3,3");
    rig_in(&r, OM_FLOAT, "2");
    rig_run(&r, 1);
    is_str(rig_flops(&r), "18*n", "a bias is one sum for each of 2 x 3 x 3 outputs");
    rig_end(&r);

    rig_begin(&r, "com.microsoft", "FusedConv", 1);
    rig_in(&r, OM_FLOAT, "1,1,5,5");
    rig_in(&r, OM_FLOAT, "2,1,3,3");
    rig_in(&r, OM_FLOAT, "2");
    rig_in(&r, OM_FLOAT, "1,2,3,3");
    om_attr_text(&r.node, "activation", "Relu");
    rig_run(&r, 1);
    is_str(rig_flops(&r), "54", "a fused one: bias, sum and Relu for each of 18 outputs");
    is_str(rig_macs(&r), "162", "a fused one: 18 weights x 9 positions");
    rig_end(&r);

    /* 18 weights x 9 positions; 1 channel x 9 taps x 9 positions sampled by 4 products, 3 sums and the mask */
    rig_begin(&r, "", "DeformConv", 19);
    rig_in(&r, OM_FLOAT, "1,1,5,5");
    rig_in(&r, OM_FLOAT, "2,1,3,3");
    rig_in(&r, OM_FLOAT, "1,18,3,3");
    rig_in(&r, OM_FLOAT, NULL);
    rig_in(&r, OM_FLOAT, "1,9,3,3");
    rig_run(&r, 1);
    is_str(rig_shape(&r, 0), "1,2,3,3", "a deformable one: shape");
    is_str(rig_macs(&r), "162", "a deformable one: dense products as a plain one");
    is_str(rig_flops(&r), "648", "a deformable one: 81 samples of 8 operations");
    rig_end(&r);
}

static void other_layouts(void)
{
    struct op_rig r;

    rig_begin(&r, "com.microsoft", "NhwcConv", 1);
    rig_in(&r, OM_FLOAT16, "1,224,224,3");
    rig_in(&r, OM_FLOAT16, "64,3,7,7");
    om_attr_ints(&r.node, "kernel_shape", "7,7");
    om_attr_ints(&r.node, "strides", "2,2");
    om_attr_ints(&r.node, "pads", "3,3,3,3");
    rig_run(&r, 1);
    is_str(rig_shape(&r, 0), "1,112,112,64", "channels last: shape");
    is_str(rig_macs(&r), "118013952", "channels last: the same products");
    rig_end(&r);

    rig_begin(&r, "", "QLinearConv", 10);
    rig_in(&r, OM_UINT8, "1,1,7,7");
    rig_in(&r, OM_FLOAT, "");
    rig_in(&r, OM_UINT8, "");
    rig_in(&r, OM_INT8, "1,1,1,1");
    rig_in(&r, OM_FLOAT, "1");
    rig_in(&r, OM_INT8, "1");
    rig_in(&r, OM_FLOAT, "");
    rig_in(&r, OM_INT8, "");
    rig_in(&r, OM_INT32, "1");
    rig_run(&r, 1);
    is_str(rig_shape(&r, 0), "1,1,7,7", "QLinearConv: shape");
    is_str(rig_macs(&r), "49", "QLinearConv: multiply-adds");
    is_i64(r.out[0].type, OM_INT8, "QLinearConv: the output has its zero point's type");
    is_str(rig_flops(&r), "294", "QLinearConv: the bias and 5 operations of rescaling each");
    rig_end(&r);

    rig_begin(&r, "com.microsoft", "ConvTransposeWithDynamicPads", 1);
    rig_in(&r, OM_FLOAT, "1,1,3,3");
    rig_in(&r, OM_FLOAT, "1,2,3,3");
    rig_in_ints(&r, "1,2,1,2");
    om_attr_ints(&r.node, "strides", "3,2");
    rig_run(&r, 1);
    is_str(rig_shape(&r, 0), "1,2,7,3", "pads as an input");
    rig_end(&r);

    rig_begin(&r, "com.microsoft", "ConvTransposeWithDynamicPads", 1);
    rig_in(&r, OM_FLOAT, "1,1,3,3");
    rig_in(&r, OM_FLOAT, "1,2,3,3");
    rig_in(&r, OM_INT64, "4");
    rig_run(&r, 1);
    is_str(rig_shape(&r, 0), "1,2,?,?", "pads that nobody knows leave the size open");
    is_str(rig_macs(&r), "162", "but not the products");
    rig_end(&r);

    /* each of 2 x 6 x L outputs is a sum over 4 taps */
    rig_begin(&r, "", "CausalConvWithState", 27);
    rig_in(&r, OM_FLOAT, "2,6,L");
    rig_in(&r, OM_FLOAT, "6,1,4");
    rig_run(&r, 2);
    is_str(rig_macs(&r), "48*L", "causal and depthwise");
    is_str(rig_shape(&r, 1), "2,6,3", "causal: what is kept of the past");
    rig_end(&r);
}

static void misfits(void)
{
    struct op_rig r;

    rig_begin(&r, "", "Conv", 11);
    rig_in(&r, OM_FLOAT, "1,3,8,8");
    rig_in(&r, OM_FLOAT, "*");
    rig_run(&r, 1);
    is_str(rig_macs(&r), "not counted", "a weight of unknown rank: not counted");
    rig_end(&r);

    rig_begin(&r, "", "Conv", 11);
    rig_in(&r, OM_FLOAT, "1,3,8,8");
    rig_in(&r, OM_FLOAT, "4,3,3,3");
    om_attr_ints(&r.node, "strides", "0,1");
    rig_run(&r, 1);
    is_str(rig_macs(&r), "not counted", "a stride of zero: not counted, nothing divided");
    rig_end(&r);

    rig_begin(&r, "", "Conv", 11);
    rig_in(&r, OM_FLOAT, "1,3,8,8");
    rig_in(&r, OM_FLOAT, "4,3,3,3");
    om_attr_ints(&r.node, "pads", "1,1,1");
    rig_run(&r, 1);
    is_str(rig_macs(&r), "not counted", "three pads for two dimensions: not counted");
    is_str(r.call.work.why, "its attributes do not fit the sizes of its inputs", "and says so");
    rig_end(&r);

    rig_begin(&r, "", "Conv", 11);
    rig_in(&r, OM_FLOAT, "1,3,2,2");
    rig_in(&r, OM_FLOAT, "4,3,5,5");
    rig_run(&r, 1);
    is_str(rig_macs(&r), "not counted", "a kernel larger than its input: not counted");
    rig_end(&r);
}

int main(void)
{
    convolutions();
    beside();
    other_layouts();
    misfits();
    return done_testing();
}
