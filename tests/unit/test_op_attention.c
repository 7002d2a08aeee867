/* SPDX-License-Identifier: Apache-2.0 */
/*
 * op_attention.c: batch x heads x queries x keys x (key size + value size), by hand; a score is scaled (1) and goes through softmax
 * (5). R-COUNT-01, R-COUNT-10.
 */
#include "op_rig.h"

static void attention(void)
{
    struct op_rig r;

    /* 2 x 8 x 4 x 6 x (16 + 32) */
    rig_begin(&r, "", "Attention", 23);
    rig_in(&r, OM_FLOAT, "2,8,4,16");
    rig_in(&r, OM_FLOAT, "2,8,6,16");
    rig_in(&r, OM_FLOAT, "2,8,6,32");
    rig_run(&r, 1);
    is_str(rig_shape(&r, 0), "2,8,4,32", "four dimensions: shape");
    is_str(rig_macs(&r), "18432", "four dimensions: multiply-adds");
    is_str(rig_flops(&r), "2304", "384 scores, scaled and through softmax");
    rig_end(&r);

    /* 9 query heads share 3: 2 x 9 x 4 x 6 x (8 + 10) */
    rig_begin(&r, "", "Attention", 23);
    rig_in(&r, OM_FLOAT, "2,4,72");
    rig_in(&r, OM_FLOAT, "2,6,24");
    rig_in(&r, OM_FLOAT, "2,6,30");
    om_attr_int(&r.node, "q_num_heads", 9);
    om_attr_int(&r.node, "kv_num_heads", 3);
    rig_run(&r, 4);
    is_str(rig_shape(&r, 0), "2,4,90", "grouped heads in three dimensions: shape");
    is_str(rig_macs(&r), "7776", "each query head meets keys, shared or not");
    is_str(rig_shape(&r, 1), "2,3,6,8", "keys that are handed on");
    is_str(rig_shape(&r, 3), "2,9,4,6", "scores that are handed out");
    rig_end(&r);

    /* past 12 + 6 keys: 2 x 3 x 4 x 18 x 16; mask, causal: two sums more of 432 scores */
    rig_begin(&r, "", "Attention", 24);
    rig_in(&r, OM_FLOAT, "2,3,4,8");
    rig_in(&r, OM_FLOAT, "2,3,6,8");
    rig_in(&r, OM_FLOAT, "2,3,6,8");
    rig_in(&r, OM_FLOAT, "4,18");
    rig_in(&r, OM_FLOAT, "2,3,12,8");
    rig_in(&r, OM_FLOAT, "2,3,12,8");
    om_attr_int(&r.node, "is_causal", 1);
    om_attr_float(&r.node, "softcap", 2.0F);
    rig_run(&r, 3);
    is_str(rig_shape(&r, 2), "2,3,18,8", "past values and new ones");
    is_str(rig_macs(&r), "6912", "past keys are met; a causal mask takes nothing away");
    is_str(rig_flops(&r), "4752", "432 scores of 6, a mask, a causal mask and a cap of 3");
    rig_end(&r);

    /* GPT-2 small, one layer: 12 heads of 64 */
    rig_begin(&r, "", "Attention", 23);
    rig_in(&r, OM_FLOAT, "b,12,s,64");
    rig_in(&r, OM_FLOAT, "b,12,s,64");
    rig_in(&r, OM_FLOAT, "b,12,s,64");
    rig_run(&r, 1);
    is_str(rig_macs(&r), "1536*b*s^2", "over open sizes");
    rig_end(&r);

    rig_begin(&r, "", "Attention", 23);
    rig_in(&r, OM_FLOAT, "2,4,72");
    rig_in(&r, OM_FLOAT, "2,6,24");
    rig_in(&r, OM_FLOAT, "2,6,30");
    rig_run(&r, 1);
    is_str(rig_macs(&r), "not counted", "three dimensions without a number of heads: not counted");
    rig_end(&r);

    rig_begin(&r, "ai.onnx.preview", "FlexAttention", 1);
    rig_in(&r, OM_FLOAT, "2,9,4,16");
    rig_in(&r, OM_FLOAT, "2,3,6,16");
    rig_in(&r, OM_FLOAT, "2,3,6,16");
    rig_run(&r, 1);
    is_str(rig_shape(&r, 0), "2,9,4,16", "FlexAttention: shape");
    is_str(rig_macs(&r), "13824", "FlexAttention: 2 x 9 x 4 x 6 x 32");
    rig_end(&r);
}

/* 2 key heads of 8 x 4 states, 4 query heads, 3 x 5 tokens. */
static void linear(void)
{
    static const struct {
        const char *rule;
        bool is_gated;
        const char *macs, *flops;
    } rows[] = {
        /* 32 x (2 added + 4 read) x 15; the output of 4 x 4 scaled */
        {"linear", false, "2880", "240"},
        /* states of 2 x 32 multiplied by 2 gates raised: 15 x (16 + 64 + 2) */
        {"gated", true, "2880", "1230"},
        /* 32 x (2 added + 2 read before + 4 read) x 15; corrections of 2 x 4 subtracted and weighted */
        {"delta", false, "3840", "480"},
        {"gated_delta", true, "3840", "1470"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct op_rig r;
        rig_begin(&r, "", "LinearAttention", 27);
        rig_in(&r, OM_FLOAT, "3,5,32");
        rig_in(&r, OM_FLOAT, "3,5,16");
        rig_in(&r, OM_FLOAT, "3,5,8");
        rig_in(&r, OM_FLOAT, NULL);
        rig_in(&r, OM_FLOAT, rows[i].is_gated ? "3,5,2" : NULL);
        om_attr_int(&r.node, "q_num_heads", 4);
        om_attr_int(&r.node, "kv_num_heads", 2);
        om_attr_text(&r.node, "update_rule", rows[i].rule);
        rig_run(&r, 2);
        is_str(rig_shape(&r, 0), "3,5,16", "LinearAttention, %s: shape", rows[i].rule);
        is_str(rig_shape(&r, 1), "3,2,8,4", "LinearAttention, %s: state", rows[i].rule);
        is_str(rig_macs(&r), rows[i].macs, "LinearAttention, %s: multiply-adds", rows[i].rule);
        is_str(rig_flops(&r), rows[i].flops, "LinearAttention, %s: elementwise", rows[i].rule);
        rig_end(&r);
    }
}

static void rotary(void)
{
    struct op_rig r;

    rig_begin(&r, "", "RotaryEmbedding", 23);
    rig_in(&r, OM_FLOAT, "n,4,s,8");
    rig_run(&r, 1);
    is_str(rig_shape(&r, 0), "n,4,s,8", "rotated: as it was");
    is_str(rig_flops(&r), "96*n*s", "two products and a sum for each element");
    rig_end(&r);

    rig_begin(&r, "com.microsoft", "RotaryEmbedding", 1);
    rig_in(&r, OM_FLOAT, "2,3,32");
    om_attr_int(&r.node, "num_heads", 4);
    om_attr_int(&r.node, "rotary_embedding_dim", 2);
    rig_run(&r, 1);
    is_str(rig_flops(&r), "144", "only 2 of each head's 8: 6 x 4 x 2 x 3");
    rig_end(&r);
}

int main(void)
{
    attention();
    linear();
    rotary();
    return done_testing();
}
