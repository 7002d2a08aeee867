/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attention of com.microsoft: with the projections of its input, of queries, keys and values given apart or packed into one, with
 * keys and values of the past. Keys that a shared buffer has room for count as if they were there, and what packing left out
 * counts as padded: sizes decide, not values. R-COUNT-01, R-COUNT-10, R-COUNT-11.
 */
#include "count/op_dense_int.h"

/* Where the operands of a row stand; -1: it has none. */
struct form {
    int weight, n_weights, bias, mask, added, past;
    int past_lengths; /* an input that is there where past keys lie in a shared buffer */
    int type_of;      /* whose type the output has */
};

static const struct form forms[] = {
    [OP_MS_ATTENTION] = {1, 1, 2, 3, 5, 4, 6, 0},
    [OP_MS_QATTENTION] = {1, 1, 2, 5, -1, 8, -1, 3},
    [OP_MS_QORDERED] = {5, 3, 11, 17, 19, 18, -1, 0},
    [OP_MS_DECODER_SELF] = {1, 1, 2, 3, 5, 4, -1, 0},
    [OP_MS_PACKED] = {1, 1, 2, -1, 5, -1, -1, 0},
    [OP_MS_PACKED_HEADS] = {-1, 0, 3, -1, 6, -1, -1, 0},
    [OP_MS_HEADS] = {-1, 0, 3, 4, 5, 6, 8, 0},
    [OP_MS_DECODER_HEADS] = {-1, 0, 10, 3, 4, 5, -1, 0},
};

static bool has(const struct jb_op_call *call, int input)
{
    return input >= 0 && dense__has_input(call, (size_t)input);
}

static int64_t n_added(const struct jb_op_call *call, const struct form *form)
{
    return (has(call, form->mask) ? 1 : 0) + (has(call, form->added) ? 1 : 0) +
           (jb_op_int(call, "unidirectional", 0) != 0 ? 1 : 0);
}

/* Past keys and values lie in a buffer that this node's are written into: its length is that of all keys. */
static bool is_buffer_shared(const struct jb_op_call *call, const struct form *form)
{
    return jb_op_int(call, "past_present_share_buffer", 0) != 0 || has(call, form->past_lengths);
}

static struct jb_dim all_keys(struct jb_op_call *call, const struct form *form, struct jb_dim fresh)
{
    if (!has(call, form->past))
        return fresh;
    const struct jb_value *const past = jb_op_ranked(call, (size_t)form->past);
    const struct jb_dim length = dense__size(past, -2);
    return is_buffer_shared(call, form) ? length : jb_dim_add(call->dims, length, fresh);
}

static struct jb_dim number_of_heads(const struct jb_op_call *call, const char *attribute)
{
    const int64_t heads = jb_op_int(call, attribute, 0);

    return heads > 0 ? jb_dim_number(heads) : jb_dim_unknown();
}

/* --- with projections: Attention, QAttention, QOrderedAttention, DecoderMaskedSelfAttention, PackedAttention ----------- */

struct projected {
    struct jb_dim q, k, v; /* sizes of all heads together */
};

static struct projected read_projected(struct jb_op_call *call, const struct form *form)
{
    struct jb_dims *dims = call->dims;
    struct projected it;
    int64_t sizes[3];

    if (form->n_weights == 3) {
        it.q = dense__size(jb_op_ranked(call, (size_t)form->weight), 1);
        it.k = dense__size(jb_op_ranked(call, (size_t)form->weight + 1), 1);
        it.v = dense__size(jb_op_ranked(call, (size_t)form->weight + 2), 1);
        return it;
    }
    if (jb_op_ints(call, "qkv_hidden_sizes", sizes, 3) == 3)
        return (struct projected){jb_dim_number(sizes[0]), jb_dim_number(sizes[1]),
                                  jb_dim_number(sizes[2])};
    const struct jb_dim all = dense__size(jb_op_ranked(call, (size_t)form->weight), 1);
    it.q = jb_dim_div_floor(dims, all, jb_dim_number(3));
    it.k = it.q;
    it.v = it.q;
    return it;
}

/* Work of `tokens` rows projected, then [batch, queries] x keys in heads. */
static void set_projected_work(struct jb_op_call *call, const struct form *form,
                               const struct projected *it, struct jb_dim tokens, struct jb_dim in,
                               struct op_heads *heads)
{
    struct jb_dims *dims = call->dims;
    const struct jb_dim columns = jb_dim_add(dims, it->q, jb_dim_add(dims, it->k, it->v));
    const struct jb_dim projected = jb_dim_mul(dims, tokens, columns);

    heads->heads = number_of_heads(call, "num_heads");
    heads->key_size = jb_dim_div_floor(dims, it->q, heads->heads);
    heads->value_size = jb_dim_div_floor(dims, it->v, heads->heads);
    heads->n_added = n_added(call, form);
    heads->flops = has(call, form->bias) ? projected : jb_dim_number(0);
    if (jb_op_int(call, "do_rotary", 0) != 0) {
        const struct jb_dim rotated = jb_dim_mul(dims, tokens, jb_dim_add(dims, it->q, it->k));
        heads->flops = jb_dim_add(dims, heads->flops, dense__times(dims, rotated, 3));
    }
    dense__set_heads(call, heads, jb_dim_mul(dims, projected, in));
}

jb_rc dense__ms_attention(struct jb_op_call *call, struct jb_error *err)
{
    const struct form *const form = &forms[call->op->detail];
    const struct jb_value *const x = jb_op_ranked(call, 0);
    struct jb_dims *dims = call->dims;

    if (!x || x->n_dims != 3) {
        jb_op_not_counted(call, OP_WHY_SIZES);
        return JB_OK;
    }
    const struct projected it = read_projected(call, form);
    struct op_heads heads = {
        .batch = x->dims[0], .queries = x->dims[1], .keys = all_keys(call, form, x->dims[1])};
    set_projected_work(call, form, &it, jb_dim_mul(dims, x->dims[0], x->dims[1]), x->dims[2],
                       &heads);

    const int64_t type = dense__type(call, (size_t)form->type_of);
    const struct jb_dim out[3] = {x->dims[0], x->dims[1], it.v};
    const struct jb_dim present[5] = {jb_dim_number(2), x->dims[0], heads.heads, heads.keys,
                                      heads.key_size};
    const jb_rc rc = jb_op_set(call, 0, type, out, 3, err);
    return rc == JB_OK ? jb_op_set(call, 1, type, present, 5, err) : rc;
}

/* Tokens without their padding in one row; token_offset has the sizes of batch and sequence as padded. */
jb_rc dense__ms_packed(struct jb_op_call *call, struct jb_error *err)
{
    const bool is_projecting = call->op->detail == OP_MS_PACKED;
    const struct form *const form = &forms[call->op->detail];
    const struct jb_value *const x = jb_op_ranked(call, 0);
    const struct jb_value *const offsets = jb_op_ranked(call, is_projecting ? 3 : 4);
    struct jb_dims *dims = call->dims;
    struct jb_dim size_v;

    if (!x || x->n_dims < 2) {
        jb_op_not_counted(call, OP_WHY_SIZES);
        return JB_OK;
    }
    struct op_heads heads = {.batch = dense__size(offsets, 0),
                             .queries = dense__size(offsets, 1),
                             .keys = dense__size(offsets, 1)};
    if (is_projecting) {
        const struct projected it = read_projected(call, form);
        size_v = it.v;
        set_projected_work(call, form, &it, x->dims[0], x->dims[1], &heads);
    } else {
        const bool is_one = x->n_dims == 4; /* [tokens, heads, 3, size] */
        const struct jb_dim size_q = is_one ? jb_dim_mul(dims, x->dims[1], x->dims[3]) : x->dims[1];
        size_v = is_one ? size_q : dense__size(jb_op_ranked(call, 2), 1);
        heads.heads = number_of_heads(call, "num_heads");
        heads.key_size = jb_dim_div_floor(dims, size_q, heads.heads);
        heads.value_size = jb_dim_div_floor(dims, size_v, heads.heads);
        heads.n_added = n_added(call, form);
        heads.flops = jb_dim_number(0);
        if (has(call, form->bias))
            heads.flops = jb_dim_mul(dims, x->dims[0],
                                     jb_dim_add(dims, dense__times(dims, size_q, 2), size_v));
        dense__set_heads(call, &heads, jb_dim_number(0));
    }
    const struct jb_dim out[2] = {x->dims[0], size_v};
    return jb_op_set(call, 0, x->type, out, 2, err);
}

/* --- queries, keys and values apart or packed: MultiHeadAttention, DecoderMaskedMultiHeadAttention ------------------------- */

/* Sizes of keys and values; false where they are not known. */
static bool read_keys(struct jb_op_call *call, const struct jb_value *q, struct op_heads *heads)
{
    const struct jb_value *const k = jb_op_ranked(call, 1), *const v = jb_op_ranked(call, 2);
    struct jb_dims *dims = call->dims;

    heads->keys = q->dims[1];
    if (q->n_dims == 5) { /* [batch, length, heads, 3, size] */
        heads->key_size = q->dims[4];
        heads->value_size = q->dims[4];
        return true;
    }
    heads->key_size = jb_dim_div_floor(dims, q->dims[2], heads->heads);
    heads->value_size = heads->key_size;
    if (!dense__has_input(call, 1)) { /* queries, keys and values in one row of 3 x heads x size */
        heads->key_size = jb_dim_div_floor(dims, heads->key_size, jb_dim_number(3));
        heads->value_size = heads->key_size;
        return true;
    }
    if (!k || (k->n_dims != 3 && k->n_dims != 4 && k->n_dims != 5))
        return false;
    heads->keys = k->dims[k->n_dims == 4 ? 2 : 1]; /* 4: [batch, heads, length, size] */
    if (v && v->n_dims == 4)
        heads->value_size = v->dims[3];
    else if (v && v->n_dims == 3)
        heads->value_size = jb_dim_div_floor(dims, v->dims[2], heads->heads);
    return true;
}

jb_rc dense__ms_multi_head(struct jb_op_call *call, struct jb_error *err)
{
    const struct form *const form = &forms[call->op->detail];
    const struct jb_value *const q = jb_op_ranked(call, 0), *const k = jb_op_ranked(call, 1);
    struct jb_dims *dims = call->dims;

    if (!q || (q->n_dims != 3 && q->n_dims != 5)) {
        jb_op_not_counted(call, OP_WHY_SIZES);
        return JB_OK;
    }
    struct op_heads heads = {.batch = q->dims[0],
                             .heads = number_of_heads(call, "num_heads"),
                             .queries = q->dims[1],
                             .n_added = n_added(call, form),
                             .flops = jb_dim_number(0)};
    if (!read_keys(call, q, &heads)) {
        jb_op_not_counted(call, OP_WHY_SIZES);
        return JB_OK;
    }
    const struct jb_dim fresh = heads.keys;
    if (!k || k->n_dims != 4) /* keys as [batch, heads, length, size] are all there are */
        heads.keys = all_keys(call, form, fresh);
    if (has(call, form->bias)) {
        const struct jb_dim q_rows = jb_dim_mul(dims, heads.queries, heads.key_size);
        const struct jb_dim k_rows =
            jb_dim_mul(dims, fresh, jb_dim_add(dims, heads.key_size, heads.value_size));
        heads.flops = jb_dim_mul(dims, jb_dim_mul(dims, heads.batch, heads.heads),
                                 jb_dim_add(dims, q_rows, k_rows));
    }
    dense__set_heads(call, &heads, jb_dim_number(0));

    const struct jb_dim out[3] = {heads.batch, heads.queries,
                                  jb_dim_mul(dims, heads.heads, heads.value_size)};
    const struct jb_dim key[4] = {heads.batch, heads.heads, heads.keys, heads.key_size};
    const struct jb_dim value[4] = {heads.batch, heads.heads, heads.keys, heads.value_size};
    const struct jb_dim scores[4] = {heads.batch, heads.heads, heads.queries, heads.keys};
    jb_rc rc = jb_op_set(call, 0, q->type, out, 3, err);
    if (rc == JB_OK)
        rc = jb_op_set(call, 1, q->type, key, 4, err);
    if (rc == JB_OK)
        rc = jb_op_set(call, 2, q->type, value, 4, err);
    return rc == JB_OK ? jb_op_set(call, 3, q->type, scores, 4, err) : rc;
}

/* --- GroupQueryAttention --------------------------------------------------------------------------------------------- */

/* All keys: told as a value (input 6) where that is known, else the past ones and the new. */
static struct jb_dim grouped_keys(struct jb_op_call *call, struct jb_dim fresh)
{
    const struct jb_value *const told = call->n_in > 6 ? call->in[6] : NULL;

    if (told && told->has_ints && told->n_ints == 1 &&
        (told->ints[0].kind != JB_DIM_NUMBER || told->ints[0].n > 0) &&
        told->ints[0].kind != JB_DIM_UNKNOWN)
        return told->ints[0];
    if (!dense__has_input(call, 3))
        return fresh;
    return jb_dim_add(call->dims, dense__size(jb_op_ranked(call, 3), 2), fresh);
}

jb_rc dense__ms_grouped(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const q = jb_op_ranked(call, 0);
    const int64_t n_kv = jb_op_int(call, "kv_num_heads", 0);
    const int64_t n_q = jb_op_int(call, "num_heads", 0);
    const bool is_packed = !dense__has_input(call, 1);
    struct jb_dims *dims = call->dims;

    if (!q || q->n_dims != 3 || n_q < 1 || n_kv < 1 || n_q > INT32_MAX || n_kv > INT32_MAX) {
        jb_op_not_counted(call, OP_WHY_SIZES);
        return JB_OK;
    }
    const struct jb_dim size =
        jb_dim_div_floor(dims, q->dims[2], jb_dim_number(is_packed ? n_q + 2 * n_kv : n_q));
    const struct jb_dim fresh = is_packed ? q->dims[1] : dense__size(jb_op_ranked(call, 1), 1);
    const struct op_heads heads = {
        .batch = q->dims[0],
        .heads = jb_dim_number(n_q),
        .queries = q->dims[1],
        .keys = grouped_keys(call, fresh),
        .key_size = size,
        .value_size = size,
        .n_added = 1 + (dense__has_input(call, 10) ? 1 : 0), /* it is causal */
        .softcap = jb_op_float(call, "softcap", 0.0) != 0.0 ? 1 : 0,
        .flops = jb_op_int(call, "do_rotary", 0) == 0
                     ? jb_dim_number(0)
                     : dense__times(
                           dims, jb_dim_mul(dims, jb_dim_mul(dims, q->dims[0], q->dims[1]), size),
                           3 * (n_q + n_kv)),
    };
    dense__set_heads(call, &heads, jb_dim_number(0));

    const int64_t type_kept = dense__type(call, 3) != 0 ? dense__type(call, 3) : q->type;
    const struct jb_dim out[3] = {q->dims[0], q->dims[1], dense__times(dims, size, n_q)};
    const struct jb_dim kept[4] = {q->dims[0], jb_dim_number(n_kv), heads.keys, size};
    jb_rc rc = jb_op_set(call, 0, q->type, out, 3, err);
    if (rc == JB_OK)
        rc = jb_op_set(call, 1, type_kept, kept, 4, err);
    return rc == JB_OK ? jb_op_set(call, 2, type_kept, kept, 4, err) : rc;
}

/* --- which keys are met is in the data ---------------------------------------------------------------------------------- */

jb_rc dense__ms_by_content(struct jb_op_call *call, struct jb_error *err)
{
    static const char *const why[] = {
        [OP_MS_SPARSE] = "which blocks of keys it meets is in the values of its mask",
        [OP_MS_PAGED] = "how many keys each sequence has is in the values of its inputs",
        [OP_MS_LONGFORMER] = "which tokens attend to all others is in the values of its inputs",
        [OP_MS_DECODER] = "whether it attends to itself is in the values of its inputs",
    };
    const struct jb_value *const q = jb_op_ranked(call, 0);
    const bool has_keys = dense__has_input(call, 1);
    struct jb_dim out[JB_ONNX_DIMS_MAX];

    jb_op_not_counted(call, why[call->op->detail]);
    if (!q || q->n_dims < 2)
        return JB_OK;
    for (size_t i = 0; i < q->n_dims; i++)
        out[i] = q->dims[i];
    if (!has_keys && (call->op->detail == OP_MS_SPARSE || call->op->detail == OP_MS_PAGED)) {
        /* Heads of queries out of those of queries, keys and values packed in one row. */
        const int64_t n_q = jb_op_int(call, "num_heads", 0),
                      n_kv = jb_op_int(call, "kv_num_heads", 0);
        if (n_q < 1 || n_kv < 1 || n_q > INT32_MAX || n_kv > INT32_MAX)
            return JB_OK;
        const struct jb_dim size =
            jb_dim_div_floor(call->dims, out[q->n_dims - 1], jb_dim_number(n_q + 2 * n_kv));
        out[q->n_dims - 1] = dense__times(call->dims, size, n_q);
    }
    jb_rc rc = jb_op_set(call, 0, q->type, out, q->n_dims, err);
    if (rc == JB_OK && (call->op->detail == OP_MS_SPARSE || call->op->detail == OP_MS_PAGED)) {
        rc = jb_op_set_like(call, 1, jb_op_ranked(call, 3), err); /* buffers written in place */
        if (rc == JB_OK)
            rc = jb_op_set_like(call, 2, jb_op_ranked(call, 4), err);
    }
    return rc;
}
