/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pools: sums, maxima and norms of a sliding window or of a whole plane. They are elementwise work: an average of K values is
 * K - 1 sums and a division, a maximum K - 1 comparisons, a norm K absolute values, K powers, K - 1 sums and a root.
 * Padding is not skipped. R-COUNT-10, R-COUNT-12.
 */
#include "count/op_dense_int.h"

/* Operations of one window of `area` values. */
static struct jb_dim window_cost(struct jb_dims *dims, int64_t detail, struct jb_dim area)
{
    struct jb_dim cost = area;

    if ((detail & OP_POOL_KIND) == OP_POOL_MAX)
        cost = jb_dim_sub(dims, area, jb_dim_number(1));
    else if ((detail & OP_POOL_KIND) == OP_POOL_LP)
        cost = dense__times(dims, area, 3);
    if ((detail & OP_POOL_HAS_SCALE) != 0)
        cost = jb_dim_add(dims, cost, jb_dim_number(OP_RESCALE_COST));
    return cost;
}

static bool is_channels_last(const struct jb_op_call *call)
{
    return (call->op->detail & OP_CHANNELS_LAST) != 0 || jb_op_int(call, "channels_last", 0) != 0;
}

jb_rc dense__pool(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    const size_t space = is_channels_last(call) ? 1 : 2;
    struct jb_dims *dims = call->dims;
    struct jb_dim out[JB_ONNX_DIMS_MAX];
    struct op_window window;

    if (!x) {
        jb_op_not_counted(call, OP_WHY_SIZES);
        return JB_OK;
    }
    if (x->n_dims < 3 || !dense__window_read(call, x->n_dims - 2, NULL, &window)) {
        jb_op_not_counted(call, OP_WHY_MISFIT);
        return JB_OK;
    }
    for (size_t i = 0; i < x->n_dims; i++)
        out[i] = i >= space && i < space + window.n
                     ? dense__window_out(dims, &window, i - space, x->dims[i])
                     : x->dims[i];
    const struct jb_dim cost =
        window_cost(dims, call->op->detail, dense__window_area(dims, &window));
    dense__set_elementwise(call, jb_dim_mul(dims, dense__product(dims, out, x->n_dims), cost));
    const jb_rc rc = jb_op_set(call, 0, x->type, out, x->n_dims, err);
    if (rc != JB_OK)
        return rc;
    return jb_op_set(call, 1, JB_ONNX_INT64, out, x->n_dims, err);
}

jb_rc dense__pool_global(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    const size_t space = is_channels_last(call) ? 1 : 2;
    struct jb_dims *dims = call->dims;
    struct jb_dim out[JB_ONNX_DIMS_MAX];

    if (!x) {
        jb_op_not_counted(call, OP_WHY_SIZES);
        return JB_OK;
    }
    if (x->n_dims < 2) {
        jb_op_not_counted(call, OP_WHY_MISFIT);
        return JB_OK;
    }
    const size_t n = x->n_dims - 2;
    for (size_t i = 0; i < x->n_dims; i++)
        out[i] = i >= space && i < space + n ? jb_dim_number(1) : x->dims[i];
    const struct jb_dim cost =
        window_cost(dims, call->op->detail, dense__product(dims, x->dims + space, n));
    dense__set_elementwise(call, jb_dim_mul(dims, dense__product(dims, out, x->n_dims), cost));
    return jb_op_set(call, 0, x->type, out, x->n_dims, err);
}

/* Moves values to where their maxima came from: no arithmetic. */
jb_rc dense__max_unpool(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    struct jb_dim out[JB_ONNX_DIMS_MAX];
    int64_t shape[JB_ONNX_DIMS_MAX];
    struct op_window window;
    size_t n = 0;

    if (!x)
        return JB_OK;
    if (dense__has_input(call, 2)) {
        const bool is_known = jb_op_in_ints(call, 2, shape, JB_ONNX_DIMS_MAX, &n);
        for (size_t i = 0; i < x->n_dims; i++)
            out[i] = is_known && n == x->n_dims && shape[i] >= 0 ? jb_dim_number(shape[i])
                                                                 : jb_dim_unknown();
        return jb_op_set(call, 0, x->type, out, x->n_dims, err);
    }
    if (x->n_dims < 3 || !dense__window_read(call, x->n_dims - 2, NULL, &window))
        return JB_OK;
    out[0] = x->dims[0];
    out[1] = x->dims[1];
    for (size_t i = 0; i < window.n; i++)
        out[i + 2] = dense__window_spread(call->dims, &window, i, x->dims[i + 2], 0);
    return jb_op_set(call, 0, x->type, out, x->n_dims, err);
}
