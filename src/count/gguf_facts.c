/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of a GGUF's metadata to the facts a formula needs. What is told layer by layer and differs stays unknown. R-COUNT-21. */
#include <string.h>

#include "count/gguf_int.h"

static const struct {
    const char *key;
    size_t at;
} keys[] = {
    {"block_count", offsetof(struct jb_model_facts, n_layers)},
    {"decoder_block_count", offsetof(struct jb_model_facts, n_decoder_layers)},
    {"embedding_length", offsetof(struct jb_model_facts, hidden)},
    {"attention.head_count", offsetof(struct jb_model_facts, n_heads)},
    {"attention.key_length", offsetof(struct jb_model_facts, key_width)},
    {"attention.value_length", offsetof(struct jb_model_facts, value_width)},
    {"attention.key_length_mla", offsetof(struct jb_model_facts, latent_key_width)},
    {"attention.value_length_mla", offsetof(struct jb_model_facts, latent_value_width)},
    {"expert_count", offsetof(struct jb_model_facts, n_experts)},
    {"expert_used_count", offsetof(struct jb_model_facts, n_experts_used)},
    {"attention.sliding_window", offsetof(struct jb_model_facts, window)},
    {"vocab_size", offsetof(struct jb_model_facts, vocabulary)},
};

/* Models whose last layer is no score over the vocabulary. */
static const char *const encoders[] = {
    "bert",     "nomic-bert",  "nomic-bert-moe", "jina-bert-v2", "jina-bert-v3",
    "neo-bert", "modern-bert", "eurobert",       "t5encoder",    "clip",
};

void gguf__fact(struct jb_span key, const struct gguf_value *value, struct jb_model_facts *facts)
{
    if (jb_span_is(key, "attention.sliding_window_pattern") && value->is_list) {
        facts->has_window_layers = true;
        for (size_t i = 0; i < value->n && i < JB_FACTS_LAYERS; i++)
            facts->is_window_layer[i] = value->values[i] != 0;
        return;
    }
    if (jb_span_is(key, "attention.causal") && value->is_number && !value->is_list) {
        facts->has_head = facts->has_head && value->number != 0;
        return;
    }
    if (!value->is_number)
        return;
    for (size_t i = 0; i < JB_ARRAY_LEN(keys); i++)
        if (jb_span_is(key, keys[i].key) && value->number >= 0)
            memcpy((char *)facts + keys[i].at, &value->number, sizeof value->number);
}

void gguf__facts_end(struct jb_model_facts *facts)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(encoders); i++)
        if (strcmp(facts->architecture, encoders[i]) == 0)
            facts->has_head = false;
    facts->is_encoder_decoder = strcmp(facts->architecture, "t5") == 0;
    facts->is_tied = 2;
    if (facts->latent_key_width > 0)
        facts->key_width = facts->latent_key_width;
    if (facts->latent_value_width > 0)
        facts->value_width = facts->latent_value_width;
    if (facts->window == 0)
        facts->window = -1;
    if (facts->n_experts == 0)
        facts->n_experts = facts->n_experts_used = -1;
    if (facts->is_encoder_decoder && facts->n_decoder_layers < 0)
        facts->n_decoder_layers = facts->n_layers;
    facts->n_decoder_heads = facts->n_heads;
}
