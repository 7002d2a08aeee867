/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Models by their tensors, made by hand from what their papers and configurations print: names and shapes as they are
 * published, no weights. One list serves the tests of both formats and of the formula.
 */
#ifndef JB_TESTS_WEIGHTS_RIG_H
#define JB_TESTS_WEIGHTS_RIG_H

#include <stdio.h>

#include "count/tensors_int.h"

#include "tap.h"

struct rig_tensor {
    const char *name; /* "%d" is the number of the layer, "%e" of the expert */
    int64_t dims[4];  /* 0 ends them */
};

struct rig {
    struct jb_arena *arena;
    struct jb_tensors tensors;
    struct jb_model_facts facts;
    struct jb_weights weights;
    struct jb_dims *dims;
    struct jb_count count;
};

static const struct jb_tensor_type rig_half = {"float16", true, 1, 16};
TAP__UNUSED static const struct jb_tensor_type rig_int32 = {"int32", false, 1, 32};
TAP__UNUSED static const struct jb_tensor_type rig_uint8 = {"uint8", false, 1, 8};

TAP__UNUSED static void rig_begin(struct rig *rig)
{
    struct jb_error err;

    *rig = (struct rig){.facts = JB_MODEL_FACTS_UNKNOWN};
    if (jb_arena_new(JB_TENSORS_BYTES, &rig->arena, &err) < 0 || jb_dims_new(&rig->dims, &err) < 0)
        bail_out("no memory");
    rig->tensors.arena = rig->arena;
}

TAP__UNUSED static void rig_add(struct rig *rig, const char *name,
                                const struct jb_tensor_type *type, const int64_t dims[4])
{
    struct jb_error err;
    size_t n = 0;

    while (n < 4 && dims[n] > 0)
        n++;
    if (jb_tensors_add(&rig->tensors, jb_span_of(name), type, dims, n, &err) < 0)
        bail_out("%s: %s", name, err.message);
}

/* Text before "%d" or "%e", the number, text after it. */
TAP__UNUSED static void rig_name(const char *name, int layer, int expert, char *buf, size_t size)
{
    size_t len = 0;

    for (; *name && len + 12 < size; name++) {
        if (name[0] == '%' && (name[1] == 'd' || name[1] == 'e')) {
            len += (size_t)snprintf(buf + len, size - len, "%d", name[1] == 'd' ? layer : expert);
            name++;
        } else
            buf[len++] = *name;
    }
    buf[len] = '\0';
}

/* What names a layer is there once per layer, what names an expert once per expert as well. */
TAP__UNUSED static void rig_model(struct rig *rig, const struct rig_tensor *list, size_t n,
                                  int n_layers, int n_experts)
{
    for (size_t i = 0; i < n; i++) {
        const int layers = strstr(list[i].name, "%d") ? n_layers : 1;
        const int experts = strstr(list[i].name, "%e") ? n_experts : 1;
        for (int layer = 0; layer < layers; layer++)
            for (int expert = 0; expert < experts; expert++) {
                char name[128];
                rig_name(list[i].name, layer, expert, name, sizeof name);
                rig_add(rig, name, &rig_half, list[i].dims);
            }
    }
}

TAP__UNUSED static void rig_bind(struct rig *rig, const char *name, int64_t value)
{
    struct jb_error err;

    if (jb_dims_bind(rig->dims, name, strlen(name), value, &err) < 0)
        bail_out("%s", err.message);
}

TAP__UNUSED static void rig_count(struct rig *rig)
{
    struct jb_error err = {0};

    if (jb_tensors_sort(&rig->tensors, &err) < 0 ||
        jb_weights_count(&rig->tensors, &rig->facts, &rig->weights, &err) < 0 ||
        jb_weights_sizes(&rig->weights, &rig->facts, rig->dims, &rig->count, &err) < 0)
        bail_out("%s", err.message);
}

TAP__UNUSED static const struct jb_count_row *rig_row(const struct jb_count_row *rows, size_t n,
                                                      const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

TAP__UNUSED static void rig_end(struct rig *rig)
{
    jb_dims_free(rig->dims);
    jb_arena_free(rig->arena);
}

#define RIG_MODEL(rig, list, n_layers, n_experts) \
    rig_model(rig, list, sizeof(list) / sizeof((list)[0]), n_layers, n_experts)

/* GPT-2 small as OpenAI published it: 12 layers, width 768, 50,257 words, 1,024 positions, masks kept as biases. */
TAP__UNUSED static const struct rig_tensor rig_gpt2[] = {
    {"wte.weight", {50257, 768}},
    {"wpe.weight", {1024, 768}},
    {"h.%d.ln_1.weight", {768}},
    {"h.%d.ln_1.bias", {768}},
    {"h.%d.attn.bias", {1, 1, 1024, 1024}},
    {"h.%d.attn.c_attn.weight", {768, 2304}},
    {"h.%d.attn.c_attn.bias", {2304}},
    {"h.%d.attn.c_proj.weight", {768, 768}},
    {"h.%d.attn.c_proj.bias", {768}},
    {"h.%d.ln_2.weight", {768}},
    {"h.%d.ln_2.bias", {768}},
    {"h.%d.mlp.c_fc.weight", {768, 3072}},
    {"h.%d.mlp.c_fc.bias", {3072}},
    {"h.%d.mlp.c_proj.weight", {3072, 768}},
    {"h.%d.mlp.c_proj.bias", {768}},
    {"ln_f.weight", {768}},
    {"ln_f.bias", {768}},
};

/* Llama 2 7B: 32 layers, width 4,096, inner width 11,008, 32,000 words. */
TAP__UNUSED static const struct rig_tensor rig_llama[] = {
    {"model.embed_tokens.weight", {32000, 4096}},
    {"model.layers.%d.input_layernorm.weight", {4096}},
    {"model.layers.%d.self_attn.q_proj.weight", {4096, 4096}},
    {"model.layers.%d.self_attn.k_proj.weight", {4096, 4096}},
    {"model.layers.%d.self_attn.v_proj.weight", {4096, 4096}},
    {"model.layers.%d.self_attn.o_proj.weight", {4096, 4096}},
    {"model.layers.%d.self_attn.rotary_emb.inv_freq", {64}},
    {"model.layers.%d.post_attention_layernorm.weight", {4096}},
    {"model.layers.%d.mlp.gate_proj.weight", {11008, 4096}},
    {"model.layers.%d.mlp.up_proj.weight", {11008, 4096}},
    {"model.layers.%d.mlp.down_proj.weight", {4096, 11008}},
    {"model.norm.weight", {4096}},
    {"lm_head.weight", {32000, 4096}},
};

/* Mixtral 8x7B: 32 layers, width 4,096, 8 heads of keys, 8 experts of 14,336, two of which a token meets. */
TAP__UNUSED static const struct rig_tensor rig_mixtral[] = {
    {"model.embed_tokens.weight", {32000, 4096}},
    {"model.layers.%d.input_layernorm.weight", {4096}},
    {"model.layers.%d.self_attn.q_proj.weight", {4096, 4096}},
    {"model.layers.%d.self_attn.k_proj.weight", {1024, 4096}},
    {"model.layers.%d.self_attn.v_proj.weight", {1024, 4096}},
    {"model.layers.%d.self_attn.o_proj.weight", {4096, 4096}},
    {"model.layers.%d.post_attention_layernorm.weight", {4096}},
    {"model.layers.%d.block_sparse_moe.gate.weight", {8, 4096}},
    {"model.layers.%d.block_sparse_moe.experts.%e.w1.weight", {14336, 4096}},
    {"model.layers.%d.block_sparse_moe.experts.%e.w2.weight", {4096, 14336}},
    {"model.layers.%d.block_sparse_moe.experts.%e.w3.weight", {14336, 4096}},
    {"model.norm.weight", {4096}},
    {"lm_head.weight", {32000, 4096}},
};

/* BERT base uncased, without a head: 12 layers, width 768, 30,522 words, 512 positions, 2 kinds of sentence. */
TAP__UNUSED static const struct rig_tensor rig_bert[] = {
    {"embeddings.word_embeddings.weight", {30522, 768}},
    {"embeddings.position_embeddings.weight", {512, 768}},
    {"embeddings.token_type_embeddings.weight", {2, 768}},
    {"embeddings.LayerNorm.weight", {768}},
    {"embeddings.LayerNorm.bias", {768}},
    {"encoder.layer.%d.attention.self.query.weight", {768, 768}},
    {"encoder.layer.%d.attention.self.query.bias", {768}},
    {"encoder.layer.%d.attention.self.key.weight", {768, 768}},
    {"encoder.layer.%d.attention.self.key.bias", {768}},
    {"encoder.layer.%d.attention.self.value.weight", {768, 768}},
    {"encoder.layer.%d.attention.self.value.bias", {768}},
    {"encoder.layer.%d.attention.output.dense.weight", {768, 768}},
    {"encoder.layer.%d.attention.output.dense.bias", {768}},
    {"encoder.layer.%d.attention.output.LayerNorm.weight", {768}},
    {"encoder.layer.%d.attention.output.LayerNorm.bias", {768}},
    {"encoder.layer.%d.intermediate.dense.weight", {3072, 768}},
    {"encoder.layer.%d.intermediate.dense.bias", {3072}},
    {"encoder.layer.%d.output.dense.weight", {768, 3072}},
    {"encoder.layer.%d.output.dense.bias", {768}},
    {"encoder.layer.%d.output.LayerNorm.weight", {768}},
    {"encoder.layer.%d.output.LayerNorm.bias", {768}},
    {"pooler.dense.weight", {768, 768}},
    {"pooler.dense.bias", {768}},
};

/* ViT-B/16 of 224 x 224 with 1,000 classes: 196 patches and a class token. */
TAP__UNUSED static const struct rig_tensor rig_vit[] = {
    {"vit.embeddings.cls_token", {1, 1, 768}},
    {"vit.embeddings.position_embeddings", {1, 197, 768}},
    {"vit.embeddings.patch_embeddings.projection.weight", {768, 3, 16, 16}},
    {"vit.embeddings.patch_embeddings.projection.bias", {768}},
    {"vit.encoder.layer.%d.attention.attention.query.weight", {768, 768}},
    {"vit.encoder.layer.%d.attention.attention.query.bias", {768}},
    {"vit.encoder.layer.%d.attention.attention.key.weight", {768, 768}},
    {"vit.encoder.layer.%d.attention.attention.key.bias", {768}},
    {"vit.encoder.layer.%d.attention.attention.value.weight", {768, 768}},
    {"vit.encoder.layer.%d.attention.attention.value.bias", {768}},
    {"vit.encoder.layer.%d.attention.output.dense.weight", {768, 768}},
    {"vit.encoder.layer.%d.attention.output.dense.bias", {768}},
    {"vit.encoder.layer.%d.intermediate.dense.weight", {3072, 768}},
    {"vit.encoder.layer.%d.intermediate.dense.bias", {3072}},
    {"vit.encoder.layer.%d.output.dense.weight", {768, 3072}},
    {"vit.encoder.layer.%d.output.dense.bias", {768}},
    {"vit.encoder.layer.%d.layernorm_before.weight", {768}},
    {"vit.encoder.layer.%d.layernorm_before.bias", {768}},
    {"vit.encoder.layer.%d.layernorm_after.weight", {768}},
    {"vit.encoder.layer.%d.layernorm_after.bias", {768}},
    {"vit.layernorm.weight", {768}},
    {"vit.layernorm.bias", {768}},
    {"classifier.weight", {1000, 768}},
    {"classifier.bias", {1000}},
};

#endif
