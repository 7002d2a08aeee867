/* SPDX-License-Identifier: Apache-2.0 */
/* A tensor's name to its part: names as published models have them. R-COUNT-23. */
#include "count/tensors_int.h"

#include "tap.h"

static struct jb_tensor_role role(const char *name, size_t n_dims)
{
    struct jb_tensor_role ret;

    jb_tensor_role(name, n_dims, &ret);
    return ret;
}

int main(void)
{
    ok(role("model.embed_tokens.weight", 2).is_token_table, "a table of tokens");
    is_i64(role("output.weight", 2).part, JB_PART_HEAD, "a GGUF's output is the head");
    is_i64(role("encoder.layer.0.output.dense.weight", 2).part, JB_PART_LINEAR,
           "an output within a layer is none");
    is_i64(role("cls.predictions.decoder.weight", 2).part, JB_PART_HEAD, "BERT's decoder is");
    is_i64(role("bert.pooler.dense.weight", 2).part, JB_PART_ONCE, "a pooler is met once");
    is_i64(role("h.0.attn.bias", 4).part, JB_PART_BUFFER, "GPT-2's mask is a buffer");
    is_i64(role("h.0.attn.c_attn.bias", 1).part, JB_PART_LINEAR, "its biases are not");
    ok(!role("h.0.attn.c_attn.bias", 1).is_weight, "but no matrices");
    const struct jb_tensor_role expert =
        role("model.layers.31.block_sparse_moe.experts.7.w2.weight", 2);
    ok(expert.is_expert && expert.expert == 7 && expert.block == 31 && !expert.is_expert_stack,
       "an expert has its number and its layer's");
    is_str(expert.layer, "model.layers.31", "and the layer's name");
    ok(role("blk.3.ffn_up_exps.weight", 3).is_expert_stack, "a GGUF has all in one");
    ok(!role("model.layers.0.mlp.shared_experts.up_proj.weight", 2).is_expert,
       "a shared expert is met by all");
    ok(role("blk.0.attn_q.weight", 2).is_query_alone, "queries that stand alone");
    ok(role("h.0.attn.c_attn.weight", 2).is_query &&
           !role("h.0.attn.c_attn.weight", 2).is_query_alone,
       "and those with keys and values");
    const struct jb_tensor_role cross = role("decoder.block.0.layer.1.EncDecAttention.k.weight", 2);
    ok(cross.is_decoder && cross.is_cross && cross.is_key_or_value, "keys of the other side");
    is_i64(role("vision_tower.encoder.layers.0.mlp.fc1.weight", 2).part, JB_PART_OTHER,
           "vision beside text is another part");
    is_str(role("lm_head.weight", 2).layer, "lm_head", "without a block: all but the last word");
    is_i64(role("lm_head.weight", 2).block, -1, "and no number");
    return done_testing();
}
