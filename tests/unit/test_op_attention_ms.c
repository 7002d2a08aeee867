/* SPDX-License-Identifier: Apache-2.0 */
/* op_attention_ms.c: projections and scaled dot products of com.microsoft, by hand. R-COUNT-10, R-COUNT-11. */
#include "op_rig.h"

#define MS "com.microsoft"

/* BERT-base at 128 tokens: 128 x 768 x 2304 + 12 x 128 x 128 x (64 + 64) */
static void with_projections(void)
{
    struct op_rig r;

    rig_begin(&r, MS, "Attention", 1);
    rig_in(&r, OM_FLOAT, "1,128,768");
    rig_in(&r, OM_FLOAT, "768,2304");
    rig_in(&r, OM_FLOAT, "2304");
    om_attr_int(&r.node, "num_heads", 12);
    rig_run(&r, 2);
    is_str(rig_shape(&r, 0), "1,128,768", "Attention: shape");
    is_str(rig_shape(&r, 1), "2,1,12,128,64", "Attention: keys and values handed on");
    is_str(rig_macs(&r), "251658240", "Attention: projections and products");
    /* 12 x 128 x 128 scores of 6, 128 x 2304 biases */
    is_str(rig_flops(&r), "1474560", "Attention: softmax and biases");
    rig_end(&r);

    /* values of another size: 2 x 4 x (8 + 8 + 12) x 10 + 2 x 2 x 4 x (4 + 4) x (4 + 6) */
    rig_begin(&r, MS, "Attention", 1);
    rig_in(&r, OM_FLOAT, "2,4,10");
    rig_in(&r, OM_FLOAT, "10,28");
    rig_in(&r, OM_FLOAT, NULL);
    rig_in(&r, OM_INT32, NULL);
    rig_in(&r, OM_FLOAT, "2,2,2,4,4");
    om_attr_int(&r.node, "num_heads", 2);
    om_attr_ints(&r.node, "qkv_hidden_sizes", "8,8,12");
    rig_run(&r, 1);
    is_str(rig_shape(&r, 0), "2,4,12", "Attention with values of their own size: shape");
    is_str(rig_macs(&r), "3520", "Attention with the past: 4 keys more");
    rig_end(&r);

    rig_begin(&r, MS, "QAttention", 1);
    rig_in(&r, OM_UINT8, "1,128,768");
    rig_in(&r, OM_INT8, "768,2304");
    rig_in(&r, OM_FLOAT, "2304");
    rig_in(&r, OM_FLOAT, "");
    om_attr_int(&r.node, "num_heads", 12);
    rig_run(&r, 1);
    is_str(rig_macs(&r), "251658240", "QAttention: as many");
    is_i64(r.out[0].type, OM_FLOAT, "QAttention: floats come out");
    rig_end(&r);

    /* 10 tokens x 8 x 24 + 2 x 2 x 6 x 6 x 8, padded to 2 x 6 */
    rig_begin(&r, MS, "PackedAttention", 1);
    rig_in(&r, OM_FLOAT, "10,8");
    rig_in(&r, OM_FLOAT, "8,24");
    rig_in(&r, OM_FLOAT, "24");
    rig_in(&r, OM_INT32, "2,6");
    rig_in(&r, OM_INT32, "3");
    om_attr_int(&r.node, "num_heads", 2);
    rig_run(&r, 1);
    is_str(rig_shape(&r, 0), "10,8", "PackedAttention: shape");
    is_str(rig_macs(&r), "3072", "PackedAttention: projected as packed, scored as padded");
    rig_end(&r);
}

static void apart(void)
{
    struct op_rig r;

    /* b x 2 x 4 x 6 x (4 + 4); biases of q 4 x 8, k and v 6 x 16; scores 48 of 6 */
    rig_begin(&r, MS, "MultiHeadAttention", 1);
    rig_in(&r, OM_FLOAT, "b,4,8");
    rig_in(&r, OM_FLOAT, "b,6,8");
    rig_in(&r, OM_FLOAT, "b,6,8");
    rig_in(&r, OM_FLOAT, "24");
    om_attr_int(&r.node, "num_heads", 2);
    rig_run(&r, 3);
    is_str(rig_shape(&r, 0), "b,4,8", "MultiHeadAttention: shape");
    is_str(rig_macs(&r), "384*b", "MultiHeadAttention: products");
    is_str(rig_flops(&r), "416*b", "MultiHeadAttention: softmax and biases");
    rig_end(&r);

    /* keys as [batch, heads, length, size]: all of 7; nothing of the past is added */
    rig_begin(&r, MS, "MultiHeadAttention", 1);
    rig_in(&r, OM_FLOAT, "1,4,8");
    rig_in(&r, OM_FLOAT, "1,2,7,4");
    rig_in(&r, OM_FLOAT, "1,2,7,4");
    om_attr_int(&r.node, "num_heads", 2);
    rig_run(&r, 1);
    is_str(rig_macs(&r), "448", "keys of another model's state: 2 x 4 x 7 x 8");
    rig_end(&r);

    rig_begin(&r, MS, "MultiHeadAttention", 1);
    rig_in(&r, OM_FLOAT, "1,4,2,3,5");
    om_attr_int(&r.node, "num_heads", 2);
    rig_run(&r, 1);
    is_str(rig_shape(&r, 0), "1,4,10", "packed in five dimensions: shape");
    is_str(rig_macs(&r), "320", "packed in five dimensions: 2 x 4 x 4 x 10");
    rig_end(&r);

    /* one query, past of 9 and itself */
    rig_begin(&r, MS, "DecoderMaskedMultiHeadAttention", 1);
    rig_in(&r, OM_FLOAT, "1,1,8");
    rig_in(&r, OM_FLOAT, "1,1,8");
    rig_in(&r, OM_FLOAT, "1,1,8");
    rig_in(&r, OM_INT32, NULL);
    rig_in(&r, OM_FLOAT, NULL);
    rig_in(&r, OM_FLOAT, "1,2,9,4");
    rig_in(&r, OM_FLOAT, "1,2,9,4");
    om_attr_int(&r.node, "num_heads", 2);
    rig_run(&r, 2);
    is_str(rig_macs(&r), "160", "a decoder's step: 2 x 1 x 10 x 8");
    is_str(rig_shape(&r, 1), "1,2,10,4", "a decoder's step: ten keys are kept");
    rig_end(&r);
}

static void grouped(void)
{
    struct op_rig r;

    /* 32 query heads over 8, 128 each, 5 tokens, 11 before: b x 32 x 5 x 16 x 256 */
    rig_begin(&r, MS, "GroupQueryAttention", 1);
    rig_in(&r, OM_FLOAT16, "b,5,4096");
    rig_in(&r, OM_FLOAT16, "b,5,1024");
    rig_in(&r, OM_FLOAT16, "b,5,1024");
    rig_in(&r, OM_FLOAT16, "b,8,11,128");
    rig_in(&r, OM_FLOAT16, "b,8,11,128");
    om_attr_int(&r.node, "num_heads", 32);
    om_attr_int(&r.node, "kv_num_heads", 8);
    rig_run(&r, 2);
    is_str(rig_shape(&r, 0), "b,5,4096", "GroupQueryAttention: shape");
    is_str(rig_shape(&r, 1), "b,8,16,128", "GroupQueryAttention: keys");
    is_str(rig_macs(&r), "655360*b", "GroupQueryAttention: products");
    rig_end(&r);

    /* packed: 4 + 2 x 2 heads of 8 in a row of 64; keys told: 7; rotated: 1 x 3 x 8 x 6 heads x 3 */
    rig_begin(&r, MS, "GroupQueryAttention", 1);
    rig_in(&r, OM_FLOAT16, "1,3,64");
    rig_in(&r, OM_FLOAT16, NULL);
    rig_in(&r, OM_FLOAT16, NULL);
    rig_in(&r, OM_FLOAT16, "1,2,2048,8");
    rig_in(&r, OM_FLOAT16, "1,2,2048,8");
    rig_in(&r, OM_INT32, "1");
    rig_in_ints(&r, "7");
    om_attr_int(&r.node, "num_heads", 4);
    om_attr_int(&r.node, "kv_num_heads", 2);
    om_attr_int(&r.node, "do_rotary", 1);
    rig_run(&r, 1);
    is_str(rig_shape(&r, 0), "1,3,32", "packed in one row: shape");
    is_str(rig_macs(&r), "1344",
           "4 x 3 x 7 x 16: as many keys as are told, not as the buffer holds");
    is_str(rig_flops(&r), "1020", "84 scores of 7, 144 elements rotated by 3");
    rig_end(&r);
}

static void by_content(void)
{
    static const char *const names[] = {"SparseAttention", "PagedAttention", "LongformerAttention",
                                        "QOrderedLongformerAttention", "DecoderAttention"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct op_rig r;
        rig_begin(&r, MS, names[i], 1);
        rig_in(&r, OM_FLOAT16, "1,3,32");
        rig_in(&r, OM_FLOAT16, "1,3,32");
        rig_run(&r, 1);
        is_str(rig_macs(&r), "not counted", "%s: what it meets is in its data", names[i]);
        is_str(rig_shape(&r, 0), "1,3,32", "%s: its shape is known", names[i]);
        rig_end(&r);
    }
}

int main(void)
{
    with_projections();
    apart();
    grouped();
    by_content();
    return done_testing();
}
