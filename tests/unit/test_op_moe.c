/* SPDX-License-Identifier: Apache-2.0 */
/* op_moe.c: tokens x k x the weights of one expert, by hand. R-COUNT-10, R-COUNT-11. */
#include "op_rig.h"

int main(void)
{
    struct op_rig r;

    /* a token meets 2 of 8 experts: 2 x (16 x 32 + 32 x 16); router 8 x 5; per expert 32 of relu, 2 x 16 summed up */
    rig_begin(&r, "com.microsoft", "MoE", 1);
    rig_in(&r, OM_FLOAT, "n,16");
    rig_in(&r, OM_FLOAT, "n,8");
    rig_in(&r, OM_FLOAT, "8,32,16");
    rig_in(&r, OM_FLOAT, NULL);
    rig_in(&r, OM_FLOAT, "8,16,32");
    om_attr_int(&r.node, "k", 2);
    om_attr_text(&r.node, "activation_type", "relu");
    rig_run(&r, 1);
    is_str(rig_shape(&r, 0), "n,16", "MoE: as its input");
    is_str(rig_macs(&r), "2048*n", "MoE: the experts met, not all of them");
    is_str(rig_flops(&r), "168*n", "MoE: router, activation and the weighted sum");
    rig_end(&r);

    /* gated by a third weight: 3 x 16 x 32 of one expert */
    rig_begin(&r, "com.microsoft", "MoE", 1);
    rig_in(&r, OM_FLOAT, "b,s,16");
    rig_in(&r, OM_FLOAT, "t,8");
    rig_in(&r, OM_FLOAT, "8,32,16");
    rig_in(&r, OM_FLOAT, NULL);
    rig_in(&r, OM_FLOAT, "8,16,32");
    rig_in(&r, OM_FLOAT, NULL);
    rig_in(&r, OM_FLOAT, "8,32,16");
    rig_run(&r, 1);
    is_str(rig_macs(&r), "1536*b*s", "MoE with a gate, one expert a token");
    rig_end(&r);

    /* 4 bits: hidden 16 packed to 8, inner 32 to 16; swiglu joins gate and up in 64 rows: 64 x 16 + 16 x 32 */
    rig_begin(&r, "com.microsoft", "QMoE", 1);
    rig_in(&r, OM_FLOAT16, "n,16");
    rig_in(&r, OM_FLOAT16, "n,8");
    rig_in(&r, OM_UINT8, "8,64,8");
    rig_in(&r, OM_FLOAT16, "8,64");
    rig_in(&r, OM_FLOAT16, NULL);
    rig_in(&r, OM_UINT8, "8,16,16");
    om_attr_int(&r.node, "expert_weight_bits", 4);
    rig_run(&r, 1);
    is_str(rig_macs(&r), "1536*n", "QMoE: packed weights count unpacked");
    rig_end(&r);

    rig_begin(&r, "com.microsoft", "MoE", 1);
    rig_in(&r, OM_FLOAT, "*");
    rig_run(&r, 1);
    is_str(rig_macs(&r), "not counted", "MoE of an unknown input: not counted");
    rig_end(&r);
    return done_testing();
}
