/* SPDX-License-Identifier: Apache-2.0 */
/* config.json to facts: the names that several libraries give, and what is absent stays unknown. R-COUNT-22. */
#include "count/tensors_int.h"

#include "tap.h"

static struct jb_model_facts read_text(const char *json)
{
    struct jb_model_facts facts;
    struct jb_error err = {0};

    if (jb_model_config_read(jb_span_of(json), &facts, &err) < 0)
        bail_out("%s: %s", json, err.message);
    return facts;
}

static void test_names(void)
{
    struct jb_model_facts f = read_text("{\"n_embd\":768,\"n_head\":12,\"n_layer\":12,"
                                        "\"architectures\":[\"GPT2LMHeadModel\"]}");
    ok(f.hidden == 768 && f.n_heads == 12 && f.n_layers == 12, "GPT-2's own names are known");
    ok(f.is_tied == 1 && f.has_head, "a head that nobody speaks of is tied, as is their default");
    is_str(f.architecture, "GPT2LMHeadModel", "the architecture is told");
    ok(f.n_experts == -1 && f.window == -1 && f.key_width == -1, "what is absent is unknown");
    f = read_text("{\"tie_word_embeddings\":false,\"architectures\":[\"BertModel\"]}");
    ok(f.is_tied == 0 && !f.has_head, "a bare encoder has no head");
    f = read_text("{\"hidden_size\":\"768\",\"num_attention_heads\":-1,\"head_dim\":null}");
    ok(f.hidden == -1 && f.n_heads == -1 && f.key_width == -1, "no number is no fact");
    f = read_text("{\"qk_nope_head_dim\":128,\"qk_rope_head_dim\":64,\"v_head_dim\":128}");
    ok(f.key_width == 192 && f.value_width == 128, "a key of two parts is as wide as both");
    f = read_text("{\"text_config\":{\"hidden_size\":64},\"vision_config\":{\"hidden_size\":32}}");
    ok(f.hidden == 64 && f.is_part, "of text and vision the text's");
}

static void test_windows(void)
{
    struct jb_model_facts f = read_text("{\"sliding_window\":4096}");
    ok(f.window == 4096 && f.is_window_everywhere, "a window of no told layer is of all");
    f = read_text("{\"sliding_window\":4096,\"use_sliding_window\":false}");
    is_i64(f.window, -1, "one that is not used is none");
    f = read_text("{\"sliding_window\":512,\"sliding_window_pattern\":6}");
    ok(f.is_window_layer[0] && f.is_window_layer[4] && !f.is_window_layer[5] &&
           !f.is_window_layer[11],
       "each sixth layer sees all");
    f = read_text(
        "{\"sliding_window\":8,\"layer_types\":[\"full_attention\",\"sliding_attention\"]}");
    ok(!f.is_window_layer[0] && f.is_window_layer[1] && !f.is_window_layer[2],
       "layers by their types");
}

static void test_refused(void)
{
    struct jb_model_facts facts;
    struct jb_error err = {0};

    ok(jb_model_config_read(jb_span_of("{\"a\":"), &facts, &err) == JB_E_INPUT &&
           strstr(err.message, "line 1"),
       "what is no JSON is refused with its line");
    is_i64(jb_model_config_read(jb_span_of("[]"), &facts, &err), JB_E_INPUT,
           "as is JSON of another kind");
}

int main(void)
{
    test_names();
    test_windows();
    test_refused();
    return done_testing();
}
