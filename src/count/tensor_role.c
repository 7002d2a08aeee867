/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tensor's name to the part it plays. Names are those that PyTorch, transformers, timm and llama.cpp give; a part of a
 * name counts as a whole word between dots. What no row knows is a matrix that every token goes through. R-COUNT-23.
 */
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "count/tensors_int.h"

enum mark {
    MARK_NONE,
    MARK_TOKEN_TABLE,
    MARK_EMBEDDING,
    MARK_HEAD,
    MARK_HEAD_FIRST, /* only as the first word */
    MARK_ONCE,
    MARK_ONCE_FIRST,
    MARK_PATCH,
    MARK_SHORT_CONV,
    MARK_BUFFER,
    MARK_OTHER,
    MARK_QUERY,
    MARK_FUSED_QUERY,
    MARK_KEY_OR_VALUE,
    MARK_CROSS,
    MARK_CROSS_QUERY,
    MARK_CROSS_KEY,
    MARK_ENCODER,
    MARK_DECODER,
    MARK_EXPERTS,
    MARK_EXPERT_STACK,
    MARK_RECURRENT,
    MARK_ADAPTER,
};

static const struct {
    const char *word;
    enum mark mark;
} words[] = {
    {"embed_tokens", MARK_TOKEN_TABLE},
    {"wte", MARK_TOKEN_TABLE},
    {"word_embeddings", MARK_TOKEN_TABLE},
    {"embed_in", MARK_TOKEN_TABLE},
    {"tok_embeddings", MARK_TOKEN_TABLE},
    {"token_embedding", MARK_TOKEN_TABLE},
    {"token_embd", MARK_TOKEN_TABLE},
    {"shared", MARK_TOKEN_TABLE},
    {"wpe", MARK_EMBEDDING},
    {"position_embeddings", MARK_EMBEDDING},
    {"position_embedding", MARK_EMBEDDING},
    {"token_type_embeddings", MARK_EMBEDDING},
    {"embed_positions", MARK_EMBEDDING},
    {"embed_tokens_per_layer", MARK_EMBEDDING},
    {"per_layer_token_embd", MARK_EMBEDDING},
    {"position_embd", MARK_EMBEDDING},
    {"token_types", MARK_EMBEDDING},
    {"relative_attention_bias", MARK_EMBEDDING},
    {"attn_rel_b", MARK_EMBEDDING},
    {"pos_embed", MARK_EMBEDDING},
    {"lm_head", MARK_HEAD},
    {"embed_out", MARK_HEAD},
    {"predictions", MARK_NONE},
    {"output", MARK_HEAD_FIRST},
    {"pooler", MARK_ONCE},
    {"classifier", MARK_ONCE},
    {"pre_classifier", MARK_ONCE},
    {"classification_head", MARK_ONCE},
    {"seq_relationship", MARK_ONCE},
    {"score", MARK_ONCE_FIRST},
    {"head", MARK_ONCE_FIRST},
    {"cls", MARK_NONE},
    {"patch_embeddings", MARK_PATCH},
    {"patch_embedding", MARK_PATCH},
    {"patch_embed", MARK_PATCH},
    {"patch_embd", MARK_PATCH},
    {"conv1d", MARK_SHORT_CONV},
    {"ssm_conv1d", MARK_SHORT_CONV},
    {"inv_freq", MARK_BUFFER},
    {"running_mean", MARK_BUFFER},
    {"running_var", MARK_BUFFER},
    {"num_batches_tracked", MARK_BUFFER},
    {"position_ids", MARK_BUFFER},
    {"masked_bias", MARK_BUFFER},
    {"rope_freqs", MARK_BUFFER},
    {"rope_factors_long", MARK_BUFFER},
    {"rope_factors_short", MARK_BUFFER},
    {"relative_position_index", MARK_BUFFER},
    {"attn_mask", MARK_BUFFER},
    {"e_score_correction_bias", MARK_BUFFER},
    {"vision_tower", MARK_OTHER},
    {"vision_model", MARK_OTHER},
    {"visual", MARK_OTHER},
    {"visual_projection", MARK_OTHER},
    {"multi_modal_projector", MARK_OTHER},
    {"mm_projector", MARK_OTHER},
    {"audio_tower", MARK_OTHER},
    {"q_proj", MARK_QUERY},
    {"query", MARK_QUERY},
    {"q", MARK_QUERY},
    {"q_lin", MARK_QUERY},
    {"wq", MARK_QUERY},
    {"attn_q", MARK_QUERY},
    {"q_b_proj", MARK_QUERY},
    {"attn_q_b", MARK_QUERY},
    {"c_attn", MARK_FUSED_QUERY},
    {"qkv", MARK_FUSED_QUERY},
    {"qkv_proj", MARK_FUSED_QUERY},
    {"query_key_value", MARK_FUSED_QUERY},
    {"Wqkv", MARK_FUSED_QUERY},
    {"attn_qkv", MARK_FUSED_QUERY},
    {"in_proj_weight", MARK_FUSED_QUERY},
    {"k", MARK_KEY_OR_VALUE},
    {"v", MARK_KEY_OR_VALUE},
    {"k_proj", MARK_KEY_OR_VALUE},
    {"v_proj", MARK_KEY_OR_VALUE},
    {"key", MARK_KEY_OR_VALUE},
    {"value", MARK_KEY_OR_VALUE},
    {"EncDecAttention", MARK_CROSS},
    {"encoder_attn", MARK_CROSS},
    {"crossattention", MARK_CROSS},
    {"cross_attn_q", MARK_CROSS_QUERY},
    {"cross_attn_k", MARK_CROSS_KEY},
    {"cross_attn_v", MARK_CROSS_KEY},
    {"cross_attn_rel_b", MARK_EMBEDDING},
    {"encoder", MARK_ENCODER},
    {"enc", MARK_ENCODER},
    {"decoder", MARK_DECODER},
    {"dec", MARK_DECODER},
    {"experts", MARK_EXPERTS},
    {"ffn_gate_exps", MARK_EXPERT_STACK},
    {"ffn_up_exps", MARK_EXPERT_STACK},
    {"ffn_down_exps", MARK_EXPERT_STACK},
    {"ffn_gate_up_exps", MARK_EXPERT_STACK},
    {"A_log", MARK_RECURRENT},
    {"ssm_a", MARK_RECURRENT},
    {"time_decay", MARK_RECURRENT},
    {"time_mix_decay", MARK_RECURRENT},
    {"lora_A", MARK_ADAPTER},
    {"lora_B", MARK_ADAPTER},
    {"lora_embedding_A", MARK_ADAPTER},
    {"lora_embedding_B", MARK_ADAPTER},
    {"lora_a", MARK_ADAPTER},
    {"lora_b", MARK_ADAPTER},
};

static enum mark mark_of(const char *word, size_t len)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(words); i++)
        if (words[i].word[0] == *word && strncmp(words[i].word, word, len) == 0 &&
            words[i].word[len] == '\0')
            return words[i].mark;
    return MARK_NONE;
}

static void set_part(struct jb_tensor_role *role, enum jb_tensor_part part)
{
    /* The first word that tells it holds: a head's own sub-modules are of the head. */
    if (role->part == JB_PART_LINEAR)
        role->part = part;
}

static void set_query(struct jb_tensor_role *role, bool is_alone)
{
    role->is_query = true;
    role->is_query_alone = is_alone;
}

static void apply(enum mark mark, bool is_first, struct jb_tensor_role *role)
{
    switch (mark) {
    case MARK_NONE: break;
    case MARK_TOKEN_TABLE:
        role->is_token_table = role->part == JB_PART_LINEAR;
        set_part(role, JB_PART_EMBEDDING);
        break;
    case MARK_EMBEDDING: set_part(role, JB_PART_EMBEDDING); break;
    case MARK_HEAD: set_part(role, JB_PART_HEAD); break;
    case MARK_HEAD_FIRST:
        if (is_first)
            set_part(role, JB_PART_HEAD);
        break;
    case MARK_ONCE: set_part(role, JB_PART_ONCE); break;
    case MARK_ONCE_FIRST:
        if (is_first)
            set_part(role, JB_PART_ONCE);
        break;
    case MARK_PATCH: set_part(role, JB_PART_PATCH); break;
    case MARK_SHORT_CONV: set_part(role, JB_PART_SHORT_CONV); break;
    case MARK_BUFFER: role->part = JB_PART_BUFFER; break;
    case MARK_OTHER: role->part = JB_PART_OTHER; break;
    case MARK_QUERY: set_query(role, true); break;
    case MARK_FUSED_QUERY: set_query(role, false); break;
    case MARK_KEY_OR_VALUE: role->is_key_or_value = true; break;
    case MARK_CROSS: role->is_cross = true; break;
    case MARK_CROSS_QUERY:
        role->is_cross = true;
        set_query(role, true);
        break;
    case MARK_CROSS_KEY: role->is_cross = role->is_key_or_value = true; break;
    case MARK_ENCODER: role->is_encoder = true; break;
    case MARK_DECODER: role->is_decoder = true; break;
    case MARK_EXPERTS: role->is_expert = true; break;
    case MARK_EXPERT_STACK: role->is_expert = role->is_expert_stack = true; break;
    case MARK_RECURRENT: role->is_recurrent = true; break;
    case MARK_ADAPTER: role->is_adapter = true; break;
    }
}

static bool number_of(const char *word, size_t len, int64_t *ret)
{
    return len > 0 && len < 9 && word[0] != '-' && jb_parse_i64(word, len, false, ret) == JB_OK;
}

/* What ends so is a matrix or a stack of them: not a bias, a scale, a state. */
static bool is_weight(const char *last, size_t n_dims)
{
    const size_t len = strlen(last);
    static const char *const stacks[] = {"gate_up_proj", "down_proj", "w1", "w2", "w3", "proj"};

    if (strcmp(last, "weight") == 0 || (len > 7 && strcmp(last + len - 7, "_weight") == 0))
        return true;
    for (size_t i = 0; i < JB_ARRAY_LEN(stacks); i++)
        if (n_dims >= 2 && strcmp(last, stacks[i]) == 0)
            return true;
    return false;
}

static void set_layer(const char *name, size_t len, struct jb_tensor_role *role)
{
    (void)snprintf(role->layer, sizeof role->layer, "%.*s", (int)(len < 90 ? len : 90), name);
}

static void walk_words(const char *name, struct jb_tensor_role *role, const char **ret_last)
{
    const char *word = name;
    bool was_expert = false;

    for (;;) {
        const size_t len = strcspn(word, ".");
        int64_t number;
        if (number_of(word, len, &number)) {
            if (was_expert)
                role->expert = number;
            else if (role->block < 0) {
                role->block = number;
                set_layer(name, (size_t)(word - name) + len, role);
            }
        } else
            apply(mark_of(word, len), word == name, role);
        was_expert = len == 7 && memcmp(word, "experts", 7) == 0;
        *ret_last = word;
        if (word[len] == '\0')
            break;
        word += len + 1;
    }
}

void jb_tensor_role(const char *name, size_t n_dims, struct jb_tensor_role *ret)
{
    struct jb_tensor_role role = {.expert = -1, .block = -1};
    const char *last = name;

    walk_words(name, &role, &last);
    if (role.block < 0)
        set_layer(name, last > name ? (size_t)(last - name - 1) : strlen(name), &role);
    /* BERT: the decoder of its predictions is the head over the vocabulary, and no side of two. */
    if (strstr(name, "predictions.decoder."))
        role.part = JB_PART_HEAD;
    if (strncmp(name, "cls.", 4) == 0 && !strstr(name, "predictions") && !strchr(name + 4, '.'))
        role.part = JB_PART_ONCE;
    role.is_class_token = strcmp(last, "cls_token") == 0 || strcmp(last, "class_embedding") == 0 ||
                          strcmp(last, "dist_token") == 0 ||
                          strcmp(last, "distillation_token") == 0;
    role.is_hierarchical =
        strstr(name, "downsample") || strstr(name, "relative_position_bias_table");
    /* GPT-2 keeps its causal mask under the name of a bias. */
    if (n_dims == 4 && strcmp(last, "bias") == 0)
        role.part = JB_PART_BUFFER;
    role.is_weight = is_weight(last, n_dims) || role.is_adapter;
    role.is_query = role.is_query && role.is_weight && n_dims == 2 && !role.is_adapter;
    role.is_expert_stack =
        role.is_expert && (role.is_expert_stack || (role.expert < 0 && n_dims >= 3));
    *ret = role;
}
