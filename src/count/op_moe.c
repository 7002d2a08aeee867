/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mixtures of experts of com.microsoft: each token meets the weights of k experts, however many there are. Quantised weights are packed,
 * so their sizes are read back from the input's and from the bits of a weight. R-COUNT-10, R-COUNT-11.
 */
#include "count/op_dense_int.h"

struct experts {
    struct jb_dim tokens, hidden, inner; /* inner: of the activation's output */
    struct jb_dim first, second, third;  /* weights of one expert */
    int64_t k;
};

static struct jb_dim weights(struct jb_op_call *call, const struct jb_value *value)
{
    return jb_dim_mul(call->dims, dense__size(value, 1), dense__size(value, 2));
}

static void read_plain(struct jb_op_call *call, struct experts *it)
{
    const struct jb_value *const fc2 = jb_op_ranked(call, 4);

    it->first = weights(call, jb_op_ranked(call, 2));
    it->second = weights(call, fc2);
    it->third = dense__has_input(call, 6) ? weights(call, jb_op_ranked(call, 6)) : jb_dim_number(0);
    /* fc2 is [experts, hidden, inner] or, in older files, [experts, inner, hidden]. */
    const struct jb_dim rows = dense__size(fc2, 1), columns = dense__size(fc2, 2);
    it->inner =
        jb_dim_equal(columns, it->hidden) && !jb_dim_equal(rows, it->hidden) ? rows : columns;
}

/* Rows are whole, the last size is packed: fc1 [experts, rows, hidden packed], fc2 [experts, hidden, inner packed]. */
static void read_packed(struct jb_op_call *call, struct experts *it)
{
    const int64_t bits = jb_op_int(call, "expert_weight_bits", 4);
    const int64_t bits2 = jb_op_int(call, "fc2_expert_weight_bits", bits);
    struct jb_dims *dims = call->dims;

    it->inner = jb_dim_unknown();
    if (bits2 > 0 && bits2 <= 8)
        it->inner =
            jb_dim_div_floor(dims, dense__times(dims, dense__size(jb_op_ranked(call, 5), 2), 8),
                             jb_dim_number(bits2));
    it->first = jb_dim_mul(dims, dense__size(jb_op_ranked(call, 2), 1), it->hidden);
    it->second = jb_dim_mul(dims, it->hidden, it->inner);
    it->third = dense__has_input(call, 8) ? it->second : jb_dim_number(0);
}

/*
 * Beside the products, per token: the router's softmax over all experts; per expert met: biases, the activation, a gate
 * multiplied where there is one, and the weighted sum of the experts' outputs.
 */
static struct jb_dim beside(struct jb_op_call *call, const struct experts *it, bool is_packed)
{
    const size_t biases[2][3] = {{3, 5, 7}, {4, 7, 10}};
    struct jb_dims *dims = call->dims;
    int64_t per_inner = dense__activation_cost(call, "activation_type") +
                        (dense__has_input(call, is_packed ? 8 : 6) ? 1 : 0);
    int64_t per_hidden = 2;

    if (dense__has_input(call, biases[is_packed][0]))
        per_inner++;
    if (dense__has_input(call, biases[is_packed][2]))
        per_inner++;
    if (dense__has_input(call, biases[is_packed][1]))
        per_hidden++;
    struct jb_dim each = dense__times(dims, it->inner, per_inner);
    each = jb_dim_add(dims, each, dense__times(dims, it->hidden, per_hidden));
    each = dense__times(dims, each, it->k);
    const struct jb_dim n_experts = dense__size(jb_op_ranked(call, 1), -1);
    if (n_experts.kind != JB_DIM_UNKNOWN)
        each = jb_dim_add(dims, each, dense__times(dims, n_experts, OP_SOFTMAX_COST));
    return jb_dim_mul(dims, it->tokens, each);
}

jb_rc dense__moe(struct jb_op_call *call, struct jb_error *err)
{
    const bool is_packed = call->op->detail == OP_MS_QMOE;
    const struct jb_value *const x = jb_op_ranked(call, 0);
    struct jb_dims *dims = call->dims;
    struct experts it = {.k = jb_op_int(call, "k", 1)};

    if (!x || x->n_dims < 2 || it.k < 1) {
        jb_op_not_counted(call, OP_WHY_SIZES);
        return JB_OK;
    }
    it.tokens = dense__product(dims, x->dims, x->n_dims - 1);
    it.hidden = dense__size(x, -1);
    if (is_packed)
        read_packed(call, &it);
    else
        read_plain(call, &it);
    struct jb_dim met = jb_dim_add(dims, it.first, jb_dim_add(dims, it.second, it.third));
    met = dense__times(dims, met, it.k);
    dense__set_macs(call, jb_dim_mul(dims, it.tokens, met), beside(call, &it, is_packed));
    return jb_op_set_like(call, 0, x, err);
}
