/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.json, as Hugging Face's transformers write it, to the facts a formula needs. The same fact has several names; the
 * first that is there counts. What is not told stays unknown. R-COUNT-22.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "count/tensors_int.h"

#define CONFIG_MAX_BYTES ((size_t)4 * 1024 * 1024)
#define NAMES_MAX        6

static const struct {
    size_t at;
    const char *names[NAMES_MAX];
} fields[] = {
    {offsetof(struct jb_model_facts, n_layers),
     {"num_hidden_layers", "n_layer", "n_layers", "num_layers", "encoder_layers"}},
    {offsetof(struct jb_model_facts, n_decoder_layers), {"num_decoder_layers", "decoder_layers"}},
    {offsetof(struct jb_model_facts, hidden), {"hidden_size", "n_embd", "d_model", "dim"}},
    {offsetof(struct jb_model_facts, n_heads),
     {"num_attention_heads", "n_head", "n_heads", "num_heads", "encoder_attention_heads"}},
    {offsetof(struct jb_model_facts, n_decoder_heads), {"decoder_attention_heads"}},
    {offsetof(struct jb_model_facts, key_width), {"head_dim", "d_kv"}},
    {offsetof(struct jb_model_facts, value_width), {"v_head_dim"}},
    {offsetof(struct jb_model_facts, n_experts),
     {"num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts"}},
    {offsetof(struct jb_model_facts, n_experts_used),
     {"num_experts_per_tok", "num_experts_per_token", "moe_topk", "moe_top_k"}},
    {offsetof(struct jb_model_facts, window), {"sliding_window", "attention_window_size"}},
    {offsetof(struct jb_model_facts, image_size), {"image_size"}},
    {offsetof(struct jb_model_facts, patch_size), {"patch_size"}},
    {offsetof(struct jb_model_facts, vocabulary), {"vocab_size"}},
};

static void json_free(json_t **json)
{
    json_decref(*json);
}

/* A whole number above 0, or a list of the same ones ([224, 224]). */
static bool size_of(const json_t *value, int64_t *ret)
{
    const json_t *const first = json_is_array(value) ? json_array_get(value, 0) : value;

    if (!json_is_integer(first) || json_integer_value(first) <= 0)
        return false;
    for (size_t i = 1; i < json_array_size(value); i++)
        if (!json_equal(json_array_get(value, i), first))
            return false;
    *ret = json_integer_value(first);
    return true;
}

static void read_fields(const json_t *config, struct jb_model_facts *facts)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(fields); i++) {
        int64_t number;
        for (size_t j = 0; j < NAMES_MAX && fields[i].names[j]; j++)
            if (size_of(json_object_get(config, fields[i].names[j]), &number)) {
                memcpy((char *)facts + fields[i].at, &number, sizeof number);
                break;
            }
    }
}

/* DeepSeek's latent attention: a key has a part with a position and one without. */
static void read_key_width(const json_t *config, struct jb_model_facts *facts)
{
    int64_t plain, turned;

    if (size_of(json_object_get(config, "qk_nope_head_dim"), &plain) &&
        size_of(json_object_get(config, "qk_rope_head_dim"), &turned) && plain < 1 << 20 &&
        turned < 1 << 20)
        facts->key_width = plain + turned;
}

/* Layer types where they are listed; else each n-th layer sees all, as Gemma has it; else every layer has the window. */
static void read_window(const json_t *config, struct jb_model_facts *facts)
{
    const json_t *const layers = json_object_get(config, "layer_types");
    int64_t every;

    if (json_is_false(json_object_get(config, "use_sliding_window")))
        facts->window = -1;
    if (facts->window < 0)
        return;
    if (json_is_array(layers)) {
        facts->has_window_layers = true;
        for (size_t i = 0; i < json_array_size(layers) && i < JB_FACTS_LAYERS; i++) {
            const char *const type = json_string_value(json_array_get(layers, i));
            facts->is_window_layer[i] = type && strcmp(type, "sliding_attention") == 0;
        }
    } else if (size_of(json_object_get(config, "sliding_window_pattern"), &every)) {
        facts->has_window_layers = true;
        for (int64_t i = 0; i < JB_FACTS_LAYERS; i++)
            facts->is_window_layer[i] = (i + 1) % every != 0;
    } else
        facts->is_window_everywhere = true;
}

/* transformers leave out what is the default, and tied is theirs. */
static void read_head(const json_t *root, struct jb_model_facts *facts)
{
    static const char *const heads[] = {"ForCausalLM", "LMHead", "ForConditionalGeneration",
                                        "ForMaskedLM", "ForPreTraining"};
    const json_t *const tied = json_object_get(root, "tie_word_embeddings");
    const char *const name =
        json_string_value(json_array_get(json_object_get(root, "architectures"), 0));

    facts->is_tied = tied ? json_is_true(tied) : 1;
    if (!name)
        return;
    jb_clean_copy(name, facts->architecture, sizeof facts->architecture);
    for (size_t i = 0; i < JB_ARRAY_LEN(heads); i++)
        facts->has_head = facts->has_head || strstr(name, heads[i]);
}

jb_rc jb_model_config_read(struct jb_span text, struct jb_model_facts *ret, struct jb_error *err)
{
    struct jb_model_facts facts = JB_MODEL_FACTS_UNKNOWN;
    json_error_t where;

    if (text.len > CONFIG_MAX_BYTES)
        return jb_fail(err, JB_E_RANGE, NULL, "config.json has %zu bytes", text.len);
    JB_AUTO(json_free)
    json_t *root = json_loadb(text.len ? (const char *)text.at : "", text.len, 0, &where);
    if (!json_is_object(root))
        return jb_fail(err, JB_E_INPUT, "mend it or take it away from beside the weights",
                       "config.json is no JSON object: line %d: %s", root ? 1 : where.line,
                       root ? "another value" : where.text);
    const json_t *const part = json_object_get(root, "text_config");
    const json_t *const config = json_is_object(part) ? part : root;
    facts.is_told = true;
    facts.is_part = json_is_object(part) || json_is_object(json_object_get(root, "vision_config"));
    read_fields(config, &facts);
    read_key_width(config, &facts);
    read_window(config, &facts);
    read_head(root, &facts);
    facts.is_encoder_decoder = json_is_true(json_object_get(root, "is_encoder_decoder"));
    if (facts.is_encoder_decoder && facts.n_decoder_layers < 0)
        facts.n_decoder_layers = facts.n_layers;
    if (facts.n_decoder_heads < 0)
        facts.n_decoder_heads = facts.n_heads;
    *ret = facts;
    return JB_OK;
}
