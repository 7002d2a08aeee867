/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attention of the ONNX standard: scaled dot products over the full square of queries and keys (past ones too), whatever is
 * masked; linear attention; rotary embeddings. The table has the com.microsoft kin as well. R-COUNT-01, R-COUNT-10.
 */
#include "count/op_dense_int.h"

/* --- what all scaled dot products share -------------------------------------------------------------------------- */

void dense__set_heads(struct jb_op_call *call, const struct op_heads *heads,
                      struct jb_dim projections)
{
    struct jb_dims *dims = call->dims;
    struct jb_dim scores = jb_dim_mul(dims, heads->batch, heads->heads);

    scores = jb_dim_mul(dims, scores, jb_dim_mul(dims, heads->queries, heads->keys));
    /* A score is scaled, what masks and biases it is added, then softmax. */
    const int64_t each =
        1 + heads->n_added + (heads->softcap != 0 ? 2 + OP_TANH_COST : 0) + OP_SOFTMAX_COST;
    const struct jb_dim met = jb_dim_add(dims, heads->key_size, heads->value_size);
    const struct jb_dim macs = jb_dim_add(dims, jb_dim_mul(dims, scores, met), projections);

    dense__set_macs(call, macs, jb_dim_add(dims, dense__times(dims, scores, each), heads->flops));
}

/* --- Attention, FlexAttention ------------------------------------------------------------------------------------ */

/* An operand [batch, heads, length, size], or [batch, length, heads x size] with its heads as an attribute. */
struct operand {
    struct jb_dim batch, heads, length, size;
};

static bool read_operand(const struct jb_op_call *call, size_t input, const char *attribute,
                         struct operand *ret)
{
    const struct jb_value *const value = jb_op_ranked(call, input);
    const int64_t heads = jb_op_int(call, attribute, 0);

    if (!value)
        return false;
    ret->batch = value->n_dims > 0 ? value->dims[0] : jb_dim_unknown();
    if (value->n_dims == 4) {
        ret->heads = value->dims[1];
        ret->length = value->dims[2];
        ret->size = value->dims[3];
        return true;
    }
    if (value->n_dims != 3 || heads < 1)
        return false;
    ret->heads = jb_dim_number(heads);
    ret->length = value->dims[1];
    ret->size = jb_dim_div_floor(call->dims, value->dims[2], jb_dim_number(heads));
    return true;
}

static jb_rc set_attention_outputs(struct jb_op_call *call, const struct operand *q,
                                   const struct operand *k, const struct operand *v,
                                   struct jb_dim total, struct jb_error *err)
{
    const bool is_flat = jb_op_ranked(call, 0)->n_dims == 3;
    const int64_t type_v = dense__type(call, 2);
    const struct jb_dim flat[3] = {q->batch, q->length, jb_dim_mul(call->dims, q->heads, v->size)};
    const struct jb_dim y[4] = {q->batch, q->heads, q->length, v->size};
    const struct jb_dim key[4] = {q->batch, k->heads, total, k->size};
    const struct jb_dim value[4] = {q->batch, v->heads, total, v->size};
    const struct jb_dim scores[4] = {q->batch, q->heads, q->length, total};
    jb_rc rc = jb_op_set(call, 0, dense__type(call, 0), is_flat ? flat : y, is_flat ? 3 : 4, err);

    if (rc == JB_OK)
        rc = jb_op_set(call, 1, dense__type(call, 1), key, 4, err);
    if (rc == JB_OK)
        rc = jb_op_set(call, 2, type_v, value, 4, err);
    return rc == JB_OK ? jb_op_set(call, 3, dense__type(call, 0), scores, 4, err) : rc;
}

static jb_rc attention(struct jb_op_call *call, struct jb_error *err)
{
    struct jb_dims *dims = call->dims;
    struct operand q, k, v;

    if (!read_operand(call, 0, "q_num_heads", &q) || !read_operand(call, 1, "kv_num_heads", &k) ||
        !read_operand(call, 2, "kv_num_heads", &v)) {
        jb_op_not_counted(call, OP_WHY_SIZES);
        return JB_OK;
    }
    struct jb_dim total = k.length;
    if (dense__has_input(call, 4))
        total = jb_dim_add(dims, total, dense__size(jb_op_ranked(call, 4), 2));
    const struct op_heads heads = {
        .batch = q.batch,
        .heads = q.heads,
        .queries = q.length,
        .keys = total,
        .key_size = dense__same(dims, q.size, k.size),
        .value_size = v.size,
        .n_added =
            (dense__has_input(call, 3) ? 1 : 0) + (jb_op_int(call, "is_causal", 0) != 0 ? 1 : 0),
        .softcap = jb_op_float(call, "softcap", 0.0) != 0.0 ? 1 : 0,
        .flops = jb_dim_number(0),
    };
    dense__set_heads(call, &heads, jb_dim_number(0));
    return set_attention_outputs(call, &q, &k, &v, total, err);
}

/* --- LinearAttention --------------------------------------------------------------------------------------------- */

/*
 * A state of key size x value size per key head: each token adds the product of its key and value to it, and each query head
 * reads it. A delta rule reads it once more before, to correct what it adds; a gate multiplies it.
 */
static jb_rc linear_attention(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const q = jb_op_ranked(call, 0), *const v = jb_op_ranked(call, 2);
    const int64_t n_q = jb_op_int(call, "q_num_heads", 0),
                  n_kv = jb_op_int(call, "kv_num_heads", 0);
    const bool is_delta = jb_op_text_is(call, "update_rule", "delta") ||
                          jb_op_text_is(call, "update_rule", "gated_delta") ||
                          jb_op_attribute(call, "update_rule").message.len == 0;
    const bool is_gated = dense__has_input(call, 4);
    struct jb_dims *dims = call->dims;

    if (!q || !v || q->n_dims != 3 || v->n_dims != 3 || n_q < 1 || n_kv < 1) {
        jb_op_not_counted(call, OP_WHY_SIZES);
        return JB_OK;
    }
    const struct jb_dim key = jb_dim_div_floor(dims, q->dims[2], jb_dim_number(n_q));
    const struct jb_dim value = jb_dim_div_floor(dims, v->dims[2], jb_dim_number(n_kv));
    const struct jb_dim tokens = jb_dim_mul(dims, q->dims[0], q->dims[1]);
    const struct jb_dim state = jb_dim_mul(dims, key, value);
    const int64_t n_read = n_q > n_kv ? n_q : n_kv;
    const struct jb_dim each = dense__times(dims, state, n_kv * (is_delta ? 2 : 1) + n_read);
    /* Per token: the output scaled; the correction subtracted and weighted; the gate raised and multiplied. */
    struct jb_dim flops = dense__times(dims, value, n_read + (is_delta ? 2 * n_kv : 0));
    if (is_gated)
        flops = jb_dim_add(dims, flops, dense__times(dims, state, n_kv));
    flops = jb_dim_mul(dims, flops, tokens);
    if (is_gated)
        flops = jb_dim_add(dims, flops, jb_value_elements(dims, jb_op_ranked(call, 4)));
    dense__set_macs(call, jb_dim_mul(dims, tokens, each), flops);

    const struct jb_dim out[3] = {q->dims[0], q->dims[1], dense__times(dims, value, n_read)};
    const struct jb_dim kept[4] = {q->dims[0], jb_dim_number(n_kv), key, value};
    const jb_rc rc = jb_op_set(call, 0, q->type, out, 3, err);
    if (rc != JB_OK)
        return rc;
    if (jb_op_ranked(call, 3))
        return jb_op_set_like(call, 1, call->in[3], err);
    return jb_op_set(call, 1, q->type, kept, 4, err);
}

/* --- rotary embeddings -------------------------------------------------------------------------------------------- */

/* Each rotated element is two products and a sum; with rotary_embedding_dim only so many of each head are. */
static jb_rc rotary(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    const int64_t rotated = jb_op_int(call, "rotary_embedding_dim", 0);
    const int64_t heads = jb_op_int(call, "num_heads", 0);
    struct jb_dims *dims = call->dims;
    struct jb_dim n = jb_value_elements(dims, x);

    if (x && rotated > 0) {
        struct jb_dim size = dense__size(x, -1);
        if (x->n_dims == 3)
            size =
                heads > 0 ? jb_dim_div_floor(dims, size, jb_dim_number(heads)) : jb_dim_unknown();
        n = dense__times(dims, jb_dim_div_floor(dims, n, size), rotated);
    }
    dense__set_elementwise(call, dense__times(dims, n, 3));
    return jb_op_set_like(call, 0, x, err);
}

/* com.microsoft GemmaRotaryEmbedding: sine and cosine of the embedding, q and k rotated by them. */
static jb_rc rotary_gemma(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const q = jb_op_ranked(call, 1), *const k = jb_op_ranked(call, 3);
    struct jb_dims *dims = call->dims;
    const struct jb_dim both =
        jb_dim_add(dims, jb_value_elements(dims, q), jb_value_elements(dims, k));
    const struct jb_dim angles = jb_value_elements(dims, jb_op_ranked(call, 0));

    dense__set_elementwise(
        call, jb_dim_add(dims, dense__times(dims, both, 3), dense__times(dims, angles, 2)));
    const jb_rc rc = jb_op_set_like(call, 0, q, err);
    return rc == JB_OK ? jb_op_set_like(call, 1, k, err) : rc;
}

const struct jb_op jb_ops_attention[] = {
    {"", "Attention", attention, 0, 0},
    {"ai.onnx.preview", "FlexAttention", attention, 0, 0},
    {"", "LinearAttention", linear_attention, 0, 0},
    {"", "RotaryEmbedding", rotary, 0, 0},
    {OP_DOMAIN_MS, "LinearAttention", linear_attention, 0, 0},
    {OP_DOMAIN_MS, "RotaryEmbedding", rotary, 0, 0},
    {OP_DOMAIN_MS, "MRotaryEmbedding", rotary, 0, 0},
    {OP_DOMAIN_MS, "GemmaRotaryEmbedding", rotary_gemma, 0, 0},
    {OP_DOMAIN_MS, "Attention", dense__ms_attention, 0, OP_MS_ATTENTION},
    {OP_DOMAIN_MS, "QAttention", dense__ms_attention, 0, OP_MS_QATTENTION},
    {OP_DOMAIN_MS, "QOrderedAttention", dense__ms_attention, 0, OP_MS_QORDERED},
    {OP_DOMAIN_MS, "DecoderMaskedSelfAttention", dense__ms_attention, 0, OP_MS_DECODER_SELF},
    {OP_DOMAIN_MS, "PackedAttention", dense__ms_packed, 0, OP_MS_PACKED},
    {OP_DOMAIN_MS, "PackedMultiHeadAttention", dense__ms_packed, 0, OP_MS_PACKED_HEADS},
    {OP_DOMAIN_MS, "MultiHeadAttention", dense__ms_multi_head, 0, OP_MS_HEADS},
    {OP_DOMAIN_MS, "DecoderMaskedMultiHeadAttention", dense__ms_multi_head, 0, OP_MS_DECODER_HEADS},
    {OP_DOMAIN_MS, "GroupQueryAttention", dense__ms_grouped, 0, 0},
    {OP_DOMAIN_MS, "SparseAttention", dense__ms_by_content, 0, OP_MS_SPARSE},
    {OP_DOMAIN_MS, "PagedAttention", dense__ms_by_content, 0, OP_MS_PAGED},
    {OP_DOMAIN_MS, "LongformerAttention", dense__ms_by_content, 0, OP_MS_LONGFORMER},
    {OP_DOMAIN_MS, "QOrderedLongformerAttention", dense__ms_by_content, 0, OP_MS_LONGFORMER},
    {OP_DOMAIN_MS, "DecoderAttention", dense__ms_by_content, 0, OP_MS_DECODER},
    {OP_DOMAIN_MS, "MoE", dense__moe, 0, OP_MS_MOE},
    {OP_DOMAIN_MS, "QMoE", dense__moe, 0, OP_MS_QMOE},
    {NULL, NULL, NULL, 0, 0},
};
