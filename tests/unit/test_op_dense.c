/* SPDX-License-Identifier: Apache-2.0 */
/* op_dense.c: matrix products. Each figure is rows x inner x columns x batch, written out beside it. R-COUNT-10, R-COUNT-11. */
#include "op_rig.h"

struct row {
    const char *what, *domain, *name, *a, *b;
    const char *attributes; /* "transA transB transBatchA" ... each set to 1 */
    const char *shape, *macs;
};

static const struct row rows[] = {
    {"two matrices: 2 x 3 x 4", "", "MatMul", "2,3", "3,4", "", "2,4", "24"},
    {"a vector on the left loses its row", "", "MatMul", "3", "3,4", "", "4", "12"},
    {"a vector on the right loses its column", "", "MatMul", "2,3", "3", "", "2", "6"},
    {"two vectors give a scalar", "", "MatMul", "3", "3", "", "", "3"},
    {"a vector meets each matrix of a batch", "", "MatMul", "5,2,3", "3", "", "5,2", "30"},
    {"batches broadcast: 7 x 5 x 2 x 3 x 4", "", "MatMul", "7,1,2,3", "5,3,4", "", "7,5,2,4",
     "840"},
    {"the longer batch on the right", "", "MatMul", "2,3", "6,3,4", "", "6,2,4", "144"},
    {"open sizes stay open: 768 x 3072 each", "", "MatMul", "batch,seq,768", "768,3072", "",
     "batch,seq,3072", "2359296*batch*seq"},
    {"scores of attention: seq^2 x 64 x 12", "", "MatMul", "b,12,s,64", "b,12,64,s", "", "b,12,s,s",
     "768*b*s^2"},
    {"an inner size known on one side", "", "MatMul", "2,k", "3,4", "", "2,4", "24"},
    {"integers come out as int32", "", "MatMulInteger", "2,3", "3,4", "", "2,4", "24"},
    {"fused: the right one transposed", "com.microsoft", "FusedMatMul", "5,2,3", "5,4,3", "transB",
     "5,2,4", "120"},
    {"fused: the left one transposed", "com.microsoft", "FusedMatMul", "5,3,2", "5,3,4", "transA",
     "5,2,4", "120"},
    {"fused: the left batch behind its rows", "com.microsoft", "FusedMatMul", "2,5,3", "5,3,4",
     "transBatchA", "5,2,4", "120"},
    {"the older name of it", "com.microsoft", "TransposeMatMul", "2,3", "4,3", "transB", "2,4",
     "24"},
    {"Gemm: 2 x 3 x 4", "", "Gemm", "2,3", "3,4", "", "2,4", "24"},
    {"Gemm, the left one transposed", "", "Gemm", "3,2", "3,4", "transA", "2,4", "24"},
    {"Gemm, both transposed", "", "Gemm", "3,2", "4,3", "transA transB", "2,4", "24"},
    {"BERT's pooler over an open batch", "", "Gemm", "n,768", "768,768", "transB", "n,768",
     "589824*n"},
};

static void set_flags(struct op_rig *r, const char *flags)
{
    char name[32];

    while (*flags != '\0') {
        const size_t len = strcspn(flags, " ");
        memcpy(name, flags, len);
        name[len] = '\0';
        om_attr_int(&r->node, name, 1);
        flags += len + (flags[len] == ' ' ? 1 : 0);
    }
}

static void products(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct op_rig r;
        rig_begin(&r, rows[i].domain, rows[i].name, 17);
        rig_in(&r, OM_FLOAT, rows[i].a);
        rig_in(&r, OM_FLOAT, rows[i].b);
        set_flags(&r, rows[i].attributes);
        rig_run(&r, 1);
        is_str(rig_shape(&r, 0), rows[i].shape, "%s: shape", rows[i].what);
        is_str(rig_macs(&r), rows[i].macs, "%s: multiply-adds", rows[i].what);
        rig_end(&r);
    }
}

/* alpha: 8 outputs; the bias: 8 sums; beta: the 4 elements of C. */
static void gemm_beside(void)
{
    struct op_rig r;

    rig_begin(&r, "", "Gemm", 13);
    rig_in(&r, OM_FLOAT, "2,3");
    rig_in(&r, OM_FLOAT, "3,4");
    rig_in(&r, OM_FLOAT, "4");
    om_attr_float(&r.node, "alpha", 0.5F);
    om_attr_float(&r.node, "beta", 2.0F);
    rig_run(&r, 1);
    is_str(rig_flops(&r), "20", "alpha, beta and the bias are elementwise");
    rig_end(&r);

    rig_begin(&r, "", "Gemm", 13);
    rig_in(&r, OM_FLOAT, "2,3");
    rig_in(&r, OM_FLOAT, "3,4");
    rig_in(&r, OM_FLOAT, NULL);
    rig_run(&r, 1);
    is_str(rig_flops(&r), "0", "without a bias there is nothing beside");
    rig_end(&r);

    rig_begin(&r, "com.microsoft", "FusedGemm", 1);
    rig_in(&r, OM_FLOAT, "2,3");
    rig_in(&r, OM_FLOAT, "3,4");
    rig_in(&r, OM_FLOAT, "4");
    om_attr_text(&r.node, "activation", "Relu");
    rig_run(&r, 1);
    is_str(rig_flops(&r), "16", "a fused Relu counts as Relu does: one of each output");
    rig_end(&r);
}

static void quantised(void)
{
    struct op_rig r;

    rig_begin(&r, "", "QLinearMatMul", 21);
    rig_in(&r, OM_UINT8, "n,2,3");
    rig_in(&r, OM_FLOAT, "");
    rig_in(&r, OM_UINT8, "");
    rig_in(&r, OM_INT8, "3,4");
    rig_in(&r, OM_FLOAT, "");
    rig_in(&r, OM_INT8, "");
    rig_in(&r, OM_FLOAT, "");
    rig_in(&r, OM_INT8, "");
    rig_run(&r, 1);
    is_str(rig_shape(&r, 0), "n,2,4", "QLinearMatMul: shape");
    is_str(rig_macs(&r), "24*n", "QLinearMatMul: its operands stand apart");
    is_i64(r.out[0].type, OM_INT8, "QLinearMatMul: the output has its zero point's type");
    is_str(rig_flops(&r), "40*n", "QLinearMatMul: 8 outputs rescaled by 5 operations");
    rig_end(&r);

    rig_begin(&r, "com.microsoft", "DynamicQuantizeMatMul", 1);
    rig_in(&r, OM_FLOAT, "2,3");
    rig_in(&r, OM_INT8, "3,4");
    rig_in(&r, OM_FLOAT, "4");
    rig_in(&r, OM_INT8, NULL);
    rig_in(&r, OM_FLOAT, "4");
    rig_run(&r, 1);
    is_str(rig_macs(&r), "24", "DynamicQuantizeMatMul: multiply-adds");
    is_i64(r.call.work.compute_type, OM_INT8, "DynamicQuantizeMatMul: bytes are multiplied");
    is_i64(r.out[0].type, OM_FLOAT, "DynamicQuantizeMatMul: floats come out");
    is_str(rig_flops(&r), "58", "6 inputs quantised by 7 operations, 8 outputs scaled and moved");
    rig_end(&r);

    rig_begin(&r, "com.microsoft", "QGemm", 1);
    rig_in(&r, OM_UINT8, "2,3");
    rig_in(&r, OM_FLOAT, "");
    rig_in(&r, OM_UINT8, "");
    rig_in(&r, OM_INT8, "4,3");
    rig_in(&r, OM_FLOAT, "");
    rig_in(&r, OM_INT8, "");
    om_attr_int(&r.node, "transB", 1);
    rig_run(&r, 1);
    is_str(rig_macs(&r), "24", "QGemm: multiply-adds");
    is_i64(r.out[0].type, OM_FLOAT, "QGemm: floats where there is no scale of the output");
    rig_end(&r);
}

/* Weights as blocks of 4 bits: the node says how many rows and columns they are. */
static void packed(void)
{
    struct op_rig r;

    rig_begin(&r, "com.microsoft", "MatMulNBits", 1);
    rig_in(&r, OM_FLOAT16, "batch,seq,4096");
    rig_in(&r, OM_UINT8, "11008,128,16");
    rig_in(&r, OM_FLOAT16, "11008,128");
    om_attr_int(&r.node, "K", 4096);
    om_attr_int(&r.node, "N", 11008);
    om_attr_int(&r.node, "bits", 4);
    om_attr_int(&r.node, "block_size", 32);
    rig_run(&r, 1);
    is_str(rig_shape(&r, 0), "batch,seq,11008", "MatMulNBits: shape");
    is_str(rig_macs(&r), "45088768*batch*seq", "MatMulNBits: 4096 x 11008 a token");
    is_str(rig_flops(&r), "90177536", "MatMulNBits: each weight unpacked once, two operations");
    is_i64(r.call.work.compute_type, 0, "MatMulNBits: multiplied as the activations are");
    rig_end(&r);

    rig_begin(&r, "com.microsoft", "MatMulFpQ4", 1);
    rig_in(&r, OM_FLOAT, "2,64");
    rig_in(&r, OM_UINT8, "999");
    rig_in_ints(&r, "64,32");
    rig_run(&r, 1);
    is_str(rig_shape(&r, 0), "2,32", "MatMulFpQ4: the weight's shape is an input");
    is_str(rig_macs(&r), "4096", "MatMulFpQ4: 2 x 64 x 32");
    rig_end(&r);

    rig_begin(&r, "com.microsoft", "MatMulNBitsQkv", 1);
    rig_in(&r, OM_FLOAT16, "n,8");
    om_attr_int(&r.node, "Nq", 8);
    om_attr_int(&r.node, "Nkv", 2);
    rig_run(&r, 3);
    is_str(rig_macs(&r), "96*n", "MatMulNBitsQkv: 8 x (8 + 2 + 2)");
    is_str(rig_shape(&r, 2), "n,2", "MatMulNBitsQkv: values");
    rig_end(&r);
}

static void not_known(void)
{
    struct op_rig r;

    rig_begin(&r, "", "MatMul", 17);
    rig_in(&r, OM_FLOAT, "*");
    rig_in(&r, OM_FLOAT, "3,4");
    rig_run(&r, 1);
    is_str(rig_macs(&r), "not counted", "an operand of unknown rank: not counted");
    is_str(r.call.work.why, "the sizes of its inputs are not known", "and the reason is told");
    is_str(rig_shape(&r, 0), "none", "nor is the output guessed");
    rig_end(&r);

    rig_begin(&r, "", "MatMul", 17);
    rig_in(&r, OM_FLOAT, "?,3");
    rig_in(&r, OM_FLOAT, "3,4");
    rig_run(&r, 1);
    is_str(rig_macs(&r), "not counted", "a size that nobody says: not counted");
    is_str(rig_shape(&r, 0), "?,4", "what is known of the shape is kept");
    rig_end(&r);

    rig_begin(&r, "", "MatMul", 17);
    rig_in(&r, OM_FLOAT, "2,3");
    rig_in(&r, OM_FLOAT, "5,4");
    rig_run(&r, 1);
    is_str(rig_macs(&r), "not counted", "inner sizes that differ are no product");
    rig_end(&r);

    rig_begin(&r, "", "Gemm", 17);
    rig_in(&r, OM_FLOAT, "2,3,4");
    rig_in(&r, OM_FLOAT, "4,4");
    rig_run(&r, 1);
    is_str(rig_macs(&r), "not counted", "Gemm of what is no matrix: not counted");
    rig_end(&r);

    rig_begin(&r, "org.pytorch.aten", "ATen", 1);
    rig_in(&r, OM_FLOAT, "2,3");
    rig_run(&r, 1);
    is_str(rig_macs(&r), "not counted", "an operator of PyTorch is listed and not counted");
    rig_end(&r);
}

int main(void)
{
    products();
    gemm_beside();
    quantised();
    packed();
    not_known();
    return done_testing();
}
