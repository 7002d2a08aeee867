/* SPDX-License-Identifier: Apache-2.0 */
/* Known models from their shapes: parameters and multiply-adds as their papers and pen and paper have them. R-COUNT-22 to -28. */
#include "weights_rig.h"

static const char *text_of(const struct rig *rig, struct jb_dim dim, struct jb_buf *buf)
{
    jb_buf_clear(buf);
    jb_dim_print(rig->dims, dim, buf);
    return jb_buf_text(buf);
}

/* 12 x (768 x 2304 + 768 x 768 + 2 x 768 x 3072) + 50257 x 768 = 84,934,656 + 38,597,376 a token; 12 x 2 x 768 a pair. */
static void test_gpt2(void)
{
    JB_AUTO(jb_buf_release) struct jb_buf buf = JB_BUF(4096);
    struct rig rig;

    rig_begin(&rig);
    RIG_MODEL(&rig, rig_gpt2, 12, 0);
    rig.facts.is_told = rig.facts.has_head = true;
    rig.facts.is_tied = 1;
    rig.facts.hidden = 768;
    rig.facts.n_heads = 12;
    rig_count(&rig);
    is_i64(rig.count.n_parameters, 124439808, "GPT-2 small has 124,439,808 parameters");
    is_i64(rig.count.n_buffers, 12 * 1024 * 1024, "its masks are none");
    is_i64(rig.count.n_tied, 38597376, "its head is the table of words");
    is_i64(rig.count.n_embedding, 38597376 + 786432, "tables of words and of positions");
    is_str(text_of(&rig, rig.count.macs, &buf), "123532032*batch*seq + 18432*batch*seq^2",
           "its multiply-adds are a polynomial");
    is_str(text_of(&rig, rig.count.flops, &buf), "247064064*batch*seq + 36864*batch*seq^2",
           "and the operations twice that");
    const struct jb_count_row *const layer =
        rig_row(rig.count.by_layer, rig.count.n_by_layer, "h.10");
    ok(layer &&
           strcmp(text_of(&rig, layer->macs, &buf), "7077888*batch*seq + 1536*batch*seq^2") == 0,
       "a layer's share is a twelfth of what is no head");
    is_i64(layer ? layer->n_parameters : 0, 7087872, "with 7,087,872 parameters");
    is_str(rig.count.by_layer[2].name, "h.0", "layers stand in the order of their numbers");
    is_str(rig.count.by_layer[4].name, "h.2", "2 before 10");
    rig_end(&rig);
}

static void test_llama(void)
{
    struct rig rig;

    rig_begin(&rig);
    RIG_MODEL(&rig, rig_llama, 32, 0);
    rig.facts.is_told = rig.facts.has_head = true;
    rig.facts.is_tied = 0;
    rig.facts.hidden = 4096;
    rig.facts.n_heads = 32;
    rig_bind(&rig, "batch", 1);
    rig_bind(&rig, "seq", 4096);
    rig_count(&rig);
    is_i64(rig.count.n_parameters, 6738415616, "Llama 2 7B has 6,738,415,616 parameters");
    is_i64(rig.count.n_active, 6738415616, "and a token meets them all");
    is_i64(rig.count.n_buffers, 32 * 64, "frequencies are none");
    is_i64(rig.count.parameter_bytes, 2 * 6738415616, "two bytes each");
    /* (32 x (4 x 4096^2 + 3 x 4096 x 11008) + 32000 x 4096) x 4096 + 32 x 2 x 4096 x 4096^2 */
    is_i64(rig.count.macs.n, 6607077376 * 4096 + 262144LL * 4096 * 4096,
           "its multiply-adds are a number once batch and seq are bound");
    is_i64(rig.count.tokens.n, 4096, "of 4,096 tokens");
    ok(rig.count.n_missed == 1 && strcmp(rig.count.missed[0].name, "elementwise operations") == 0,
       "elementwise operations alone are missed");
    rig_end(&rig);
}

static void test_check_by_2n(void)
{
    struct rig rig;

    rig_begin(&rig);
    RIG_MODEL(&rig, rig_llama, 32, 0);
    rig.facts.hidden = 4096;
    rig.facts.n_heads = 32;
    rig_bind(&rig, "batch", 1);
    rig_bind(&rig, "seq", 1);
    rig_count(&rig);
    /* Per token, forward: 2 N of all but the embeddings; within a part in a thousand. */
    const int64_t twice = 2 * (rig.count.n_parameters - rig.count.n_embedding);
    ok(rig.count.flops.n > twice * 999 / 1000 && rig.count.flops.n < twice * 1001 / 1000,
       "2 x multiply-adds of a token is 2 N");
    rig_end(&rig);
}

static void test_mixtral(void)
{
    struct rig rig;

    rig_begin(&rig);
    RIG_MODEL(&rig, rig_mixtral, 32, 8);
    rig.facts.is_told = rig.facts.has_head = true;
    rig.facts.hidden = 4096;
    rig.facts.n_heads = 32;
    rig.facts.n_experts = 8;
    rig.facts.n_experts_used = 2;
    rig_bind(&rig, "batch", 1);
    rig_bind(&rig, "seq", 1);
    rig_count(&rig);
    is_i64(rig.count.n_parameters, 46702792704, "Mixtral 8x7B has 46,702,792,704 parameters");
    is_i64(rig.count.n_active, 12879925248, "a token meets 12,879,925,248");
    /* 32 x (2 x 4096^2 + 2 x 1024 x 4096 + 8 x 4096 + 2 x 3 x 4096 x 14336 + 2 x 4096) + 32000 x 4096 */
    is_i64(rig.count.macs.n, 12748587008 + 262144, "and two experts' multiply-adds");
    const struct jb_count_row *const row = rig_row(rig.count.by_op, rig.count.n_by_op, "expert");
    is_i64(row ? row->macs.n : 0, 32LL * 352321536, "which are listed by themselves");
    rig_end(&rig);
}

static void test_experts_untold(void)
{
    struct rig rig;

    rig_begin(&rig);
    RIG_MODEL(&rig, rig_mixtral, 2, 8);
    rig_count(&rig);
    is_i64(rig.count.n_active, -1, "without a config nobody knows how many experts a token meets");
    bool is_missed = false;
    for (size_t i = 0; i < rig.count.n_missed; i++)
        is_missed = is_missed || (strcmp(rig.count.missed[i].name, "experts") == 0 &&
                                  rig.count.missed[i].is_compute && rig.count.missed[i].n == 48);
    ok(is_missed, "their work is listed as missed");
    rig_end(&rig);
}

/* 10,871,635,968 of matrices + 301,989,888 of scores + 589,824 of the pooler at 128 tokens. */
static void test_bert(void)
{
    struct rig rig;

    rig_begin(&rig);
    RIG_MODEL(&rig, rig_bert, 12, 0);
    rig.facts.is_told = true;
    rig.facts.hidden = 768;
    rig.facts.n_heads = 12;
    rig_bind(&rig, "batch", 1);
    rig_bind(&rig, "seq", 128);
    rig_count(&rig);
    is_i64(rig.count.n_parameters, 109482240, "BERT base has 109,482,240 parameters");
    is_i64(rig.count.macs.n, 11174215680, "and 11,174,215,680 multiply-adds at 128 tokens");
    is_i64(rig.count.n_tied, 0, "an encoder has no head");
    rig_end(&rig);
}

static void test_bert_without_config(void)
{
    struct rig rig;

    rig_begin(&rig);
    RIG_MODEL(&rig, rig_bert, 12, 0);
    rig_bind(&rig, "batch", 1);
    rig_bind(&rig, "seq", 128);
    rig_count(&rig);
    is_i64(rig.count.macs.n, 11174215680, "queries alone tell the width of the heads together");
    ok(rig.count.n_notes == 1 && strstr(rig.count.notes[0], "config.json"),
       "that there was no config is said");
    rig_end(&rig);
}

/* 196 x 3 x 16 x 16 x 768 + 197 x 84,934,656 + 197^2 x 18,432 + 768,000. */
static void test_vit(void)
{
    JB_AUTO(jb_buf_release) struct jb_buf buf = JB_BUF(4096);
    struct rig rig;

    rig_begin(&rig);
    RIG_MODEL(&rig, rig_vit, 12, 0);
    rig.facts.is_told = true;
    rig.facts.hidden = 768;
    rig.facts.n_heads = 12;
    rig.facts.image_size = 224;
    rig.facts.patch_size = 16;
    rig_count(&rig);
    is_i64(rig.count.n_parameters, 86567656, "ViT-B/16 has 86,567,656 parameters");
    is_str(text_of(&rig, rig.count.macs, &buf), "17563828224*batch",
           "and 17,563,828,224 multiply-adds an image");
    ok(rig.count.tokens.kind == JB_DIM_UNKNOWN, "an image has no sequence of tokens");
    rig.facts.image_size = -1;
    rig_count(&rig);
    ok(!rig.count.has_operations && rig.count.n_notes == 1,
       "without the size of the image there is no count, and it says why");
    rig_end(&rig);
}

static void test_window(void)
{
    JB_AUTO(jb_buf_release) struct jb_buf buf = JB_BUF(4096);
    struct rig rig;

    rig_begin(&rig);
    RIG_MODEL(&rig, rig_llama, 2, 0);
    rig.facts.is_told = true;
    rig.facts.hidden = 4096;
    rig.facts.n_heads = 32;
    rig.facts.window = 1024;
    rig.facts.has_window_layers = true;
    rig.facts.is_window_layer[1] = true;
    rig_bind(&rig, "batch", 1);
    rig_bind(&rig, "seq", 2048);
    rig_count(&rig);
    const struct jb_count_row *const row =
        rig_row(rig.count.by_op, rig.count.n_by_op, "attention scores");
    is_i64(row ? row->macs.n : 0, 8192LL * 2048 * (2048 + 1024),
           "a layer with a window sees no further than that");
    rig_end(&rig);
}

static void test_encoder_decoder(void)
{
    JB_AUTO(jb_buf_release) struct jb_buf buf = JB_BUF(4096);
    static const struct rig_tensor t5[] = {
        {"shared.weight", {32, 8}},
        {"encoder.block.%d.layer.0.SelfAttention.q.weight", {16, 8}},
        {"encoder.block.%d.layer.0.SelfAttention.k.weight", {16, 8}},
        {"encoder.block.%d.layer.1.DenseReluDense.wi.weight", {10, 8}},
        {"decoder.block.%d.layer.0.SelfAttention.q.weight", {16, 8}},
        {"decoder.block.%d.layer.1.EncDecAttention.q.weight", {16, 8}},
        {"decoder.block.%d.layer.1.EncDecAttention.k.weight", {16, 8}},
    };
    struct rig rig;

    rig_begin(&rig);
    RIG_MODEL(&rig, t5, 2, 0);
    rig.facts.is_told = rig.facts.is_encoder_decoder = rig.facts.has_head = true;
    rig.facts.is_tied = 1;
    rig.facts.n_heads = rig.facts.n_decoder_heads = 2;
    rig.facts.key_width = 8;
    rig_count(&rig);
    /* The source: 2 x (128 + 128 + 80 + 128 of crossing keys); the target: 2 x (128 + 128) + head 256; scores 2 x 2 x 16. */
    is_str(text_of(&rig, rig.count.macs, &buf),
           "928*batch*seq + 768*batch*target_seq + 64*batch*seq^2 + 64*batch*seq*target_seq + "
           "64*batch*target_seq^2",
           "source, target and what passes between them count each for itself");
    rig_end(&rig);
}

/* A packed matrix [in 64, out 48]: GPTQ with 4 bits and groups of 32, AWQ the same, halves of bitsandbytes. */
static void test_packs(void)
{
    struct rig rig;

    rig_begin(&rig);
    rig_add(&rig, "a.qweight", &rig_int32, (const int64_t[4]){8, 48});
    rig_add(&rig, "a.scales", &rig_half, (const int64_t[4]){2, 48});
    rig_add(&rig, "a.qzeros", &rig_int32, (const int64_t[4]){2, 6});
    rig_add(&rig, "a.g_idx", &rig_int32, (const int64_t[4]){64});
    rig_add(&rig, "b.qweight", &rig_int32, (const int64_t[4]){64, 6});
    rig_add(&rig, "b.scales", &rig_half, (const int64_t[4]){2, 48});
    rig_add(&rig, "b.qzeros", &rig_int32, (const int64_t[4]){2, 6});
    rig_add(&rig, "c.weight", &rig_uint8, (const int64_t[4]){1536, 1});
    rig_add(&rig, "c.weight.absmax", &rig_uint8, (const int64_t[4]){48});
    rig_add(&rig, "c.weight.quant_state.bitsandbytes__nf4", &rig_uint8, (const int64_t[4]){80});
    rig_count(&rig);
    is_i64(rig.count.n_parameters, 3 * 64 * 48, "packs of GPTQ, AWQ and bitsandbytes are unpacked");
    is_i64(rig.count.n_buffers, 0, "their scales are no buffers");
    is_i64(rig.count.parameter_bytes,
           (384 + 12 + 64) * 4 + 96 * 2 + (384 + 12) * 4 + 96 * 2 + 1536 + 48 + 80,
           "but bytes of the weights");
    rig_end(&rig);

    rig_begin(&rig);
    rig_add(&rig, "a.qweight", &rig_int32, (const int64_t[4]){8, 48});
    rig_count(&rig);
    ok(rig.count.n_parameters == 0 && rig.count.n_missed == 1 &&
           strcmp(rig.count.missed[0].name, "packed weights") == 0,
       "a pack without its scales is missed, not counted as it lies");
    rig_end(&rig);
}

static void test_adapter(void)
{
    struct rig rig;

    rig_begin(&rig);
    rig_add(&rig, "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight", &rig_half,
            (const int64_t[4]){8, 4096});
    rig_add(&rig, "base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight", &rig_half,
            (const int64_t[4]){4096, 8});
    rig_count(&rig);
    is_i64(rig.count.n_trainable, 65536, "an adapter's weights are trained");
    ok(!rig.count.has_operations && rig.count.n_notes > 0 && strstr(rig.count.notes[0], "adapter"),
       "operations are those of its model");
    rig_end(&rig);

    rig_begin(&rig);
    RIG_MODEL(&rig, rig_llama, 1, 0);
    rig_add(&rig, "model.layers.0.self_attn.q_proj.lora_A.weight", &rig_half,
            (const int64_t[4]){8, 4096});
    rig_count(&rig);
    is_i64(rig.count.n_trainable, 32768, "beside a model the adapter alone is trained");
    rig_end(&rig);
}

static void test_convolutions(void)
{
    struct rig rig;

    rig_begin(&rig);
    rig_add(&rig, "conv1.weight", &rig_half, (const int64_t[4]){64, 3, 7, 7});
    rig_add(&rig, "bn1.weight", &rig_half, (const int64_t[4]){64});
    rig_add(&rig, "bn1.running_mean", &rig_half, (const int64_t[4]){64});
    rig_count(&rig);
    ok(!rig.count.has_operations && rig.count.macs.kind == JB_DIM_UNKNOWN,
       "a network of convolutions has no count, not 0");
    is_i64(rig.count.n_parameters, 9472, "but parameters");
    is_i64(rig.count.n_buffers, 64, "without the running mean");
    rig_end(&rig);
}

int main(void)
{
    test_gpt2();
    test_llama();
    test_check_by_2n();
    test_mixtral();
    test_experts_untold();
    test_bert();
    test_bert_without_config();
    test_vit();
    test_window();
    test_encoder_decoder();
    test_packs();
    test_adapter();
    test_convolutions();
    return done_testing();
}
