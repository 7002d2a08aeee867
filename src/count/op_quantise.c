/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Quantisation and the quantised elementwise operators of com.microsoft, which count as the plain ones they stand for with
 * what it takes to leave the integers and to come back: out (difference, factor) 2, in (division, rounding, zero point, two
 * bounds) 5. R-COUNT-11, R-COUNT-12. None has multiply-adds.
 */
#include "count/op_more_int.h"

jb_rc op__quantise(struct jb_op_call *call, struct jb_error *err)
{
    int64_t type = op__type(call, 2);
    jb_rc rc;

    if (type == 0)
        type = jb_op_int(call, "output_dtype", 0);
    if (type == 0)
        type = JB_ONNX_UINT8;
    rc = op__set_as(call, 0, 0, type, err);
    if (rc)
        return rc;
    op__work(call, op__is_given(call, 2) ? 5 : 4, op__elements_in(call, 0), 0, jb_dim_number(0));
    return JB_OK;
}

jb_rc op__dequantise(struct jb_op_call *call, struct jb_error *err)
{
    int64_t type = jb_op_int(call, "output_dtype", 0);
    jb_rc rc;

    if (type == 0)
        type = op__type(call, 1) != 0 ? op__type(call, 1) : JB_ONNX_FLOAT;
    rc = op__set_as(call, 0, 0, type, err);
    if (rc)
        return rc;
    op__work(call, op__is_given(call, 2) ? 2 : 1, op__elements_in(call, 0), 0, jb_dim_number(0));
    return JB_OK;
}

/* Largest and smallest of all (2), then quantised (5). */
jb_rc op__dynamic_quantise(struct jb_op_call *call, struct jb_error *err)
{
    jb_rc rc = op__set_as(call, 0, 0, JB_ONNX_UINT8, err);

    if (!rc)
        rc = jb_op_set(call, 1, JB_ONNX_FLOAT, NULL, 0, err);
    if (!rc)
        rc = jb_op_set(call, 2, JB_ONNX_UINT8, NULL, 0, err);
    if (rc)
        return rc;
    op__work(call, call->op->per_element, op__elements_in(call, 0), 0, jb_dim_number(0));
    return JB_OK;
}

jb_rc op__qlinear_unary(struct jb_op_call *call, struct jb_error *err)
{
    return op__like(call, err);
}

/* Sizes of two inputs that do not lie side by side, broadcast together. */
static bool broadcast_two(struct jb_op_call *call, const struct jb_value *a,
                          const struct jb_value *b, struct jb_dim *sizes, size_t *ret_n)
{
    size_t n;

    if (!a || !b || a->n_dims > JB_ONNX_DIMS_MAX || b->n_dims > JB_ONNX_DIMS_MAX)
        return false;
    n = a->n_dims > b->n_dims ? a->n_dims : b->n_dims;
    for (size_t i = 1; i <= n; i++) {
        const struct jb_dim of_a = i <= a->n_dims ? a->dims[a->n_dims - i] : jb_dim_number(1);
        const struct jb_dim of_b = i <= b->n_dims ? b->dims[b->n_dims - i] : jb_dim_number(1);
        sizes[n - i] = jb_dim_broadcast(call->dims, of_a, of_b);
    }
    *ret_n = n;
    return true;
}

/* detail: the second factor's input. MulInteger keeps what comes out, 32 bits wide. */
jb_rc op__qlinear_binary(struct jb_op_call *call, struct jb_error *err)
{
    const int64_t type = call->op->detail == 2 ? JB_ONNX_INT32 : op__type(call, 0);
    struct jb_dim sizes[JB_ONNX_DIMS_MAX];
    size_t n;
    jb_rc rc = JB_OK;

    op__set_type(call, 0, type);
    if (broadcast_two(call, jb_op_ranked(call, 0), jb_op_ranked(call, (size_t)call->op->detail),
                      sizes, &n))
        rc = jb_op_set(call, 0, type, sizes, n, err);
    if (rc)
        return rc;
    op__work_out(call);
    return JB_OK;
}

/* condition, then x and y with scale and zero point each. */
jb_rc op__qlinear_where(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const condition = jb_op_ranked(call, 0);
    struct jb_dim sizes[JB_ONNX_DIMS_MAX];
    struct jb_value both = {.is_ranked = true, .dims = sizes};
    struct jb_dim all[JB_ONNX_DIMS_MAX];
    size_t n;
    jb_rc rc = JB_OK;

    op__set_type(call, 0, op__type(call, 1));
    if (broadcast_two(call, jb_op_ranked(call, 1), jb_op_ranked(call, 4), sizes, &both.n_dims) &&
        broadcast_two(call, &both, condition, all, &n))
        rc = jb_op_set(call, 0, op__type(call, 1), all, n, err);
    if (rc)
        return rc;
    op__work_out(call);
    return JB_OK;
}

/* Y_scale, Y_zero_point, then tensor, scale, zero point of each. */
jb_rc op__qlinear_concat(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const first = jb_op_ranked(call, 2);
    struct jb_dim sizes[JB_ONNX_DIMS_MAX];
    size_t axis;
    jb_rc rc;

    op__set_type(call, 0, op__type(call, 2));
    if (first && first->n_dims <= JB_ONNX_DIMS_MAX &&
        jb_op_axis(jb_op_int(call, "axis", 1), first->n_dims, &axis)) {
        for (size_t i = 0; i < first->n_dims; i++)
            sizes[i] = first->dims[i];
        for (size_t i = 5; i < call->n_in; i += 3) {
            const struct jb_value *const next = jb_op_ranked(call, i);
            sizes[axis] = next && next->n_dims == first->n_dims
                              ? jb_dim_add(call->dims, sizes[axis], next->dims[axis])
                              : jb_dim_unknown();
        }
        rc = jb_op_set(call, 0, first->type, sizes, first->n_dims, err);
        if (rc)
            return rc;
    }
    op__work_out(call);
    return JB_OK;
}

/* Out of the integers and summed (3 per element that is read), divided and back (6 per element that comes out: the table
 * counts what is read with the rest). */
jb_rc op__qlinear_reduce(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    const bool keeps = jb_op_int(call, "keepdims", 1) != 0;
    bool is_over[JB_ONNX_DIMS_MAX] = {false};
    struct jb_dim sizes[JB_ONNX_DIMS_MAX];
    size_t axes[JB_ONNX_DIMS_MAX];
    size_t n_axes = 0;
    size_t n = 0;
    jb_rc rc;

    op__set_type(call, 0, op__type(call, 0));
    if (x && x->n_dims <= JB_ONNX_DIMS_MAX &&
        op__axes(call, "axes", call->n_in, x->n_dims, axes, &n_axes)) {
        for (size_t i = 0; i < n_axes; i++)
            is_over[axes[i]] = true;
        for (size_t i = 0; i < x->n_dims; i++) {
            if (!is_over[i] && n_axes > 0)
                sizes[n++] = x->dims[i];
            else if (keeps)
                sizes[n++] = jb_dim_number(1);
        }
        rc = jb_op_set(call, 0, x->type, sizes, n, err);
        if (rc)
            return rc;
    }
    op__work(call, 3, op__elements_in(call, 0), 6, op__elements_out(call, 0));
    return JB_OK;
}

/* Rows of a table in blocks: data, indices, scales, zero points. The output has the type of the scales. */
jb_rc op__gather_block_quantised(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const data = jb_op_ranked(call, 0);
    const struct jb_value *const indices = jb_op_ranked(call, 1);
    const int64_t bits = jb_op_int(call, "bits", 4);
    struct jb_dim sizes[JB_ONNX_DIMS_MAX];
    size_t axis;
    size_t n = 0;
    jb_rc rc;

    op__set_type(call, 0, op__type(call, 2));
    if (data && indices && data->n_dims + indices->n_dims <= JB_ONNX_DIMS_MAX &&
        jb_op_axis(jb_op_int(call, "gather_axis", 0), data->n_dims, &axis)) {
        for (size_t i = 0; i < axis; i++)
            sizes[n++] = data->dims[i];
        for (size_t i = 0; i < indices->n_dims; i++)
            sizes[n++] = indices->dims[i];
        for (size_t i = axis + 1; i < data->n_dims; i++)
            sizes[n++] = data->dims[i];
        /* 8-bit storage of 4-bit numbers: two in a byte along the last axis. */
        if (data->type == JB_ONNX_UINT8 && bits > 0 && bits < 8 && axis + 1 < data->n_dims)
            sizes[n - 1] = jb_dim_mul(call->dims, sizes[n - 1], jb_dim_number(8 / bits));
        rc = jb_op_set(call, 0, op__type(call, 2), sizes, n, err);
        if (rc)
            return rc;
    }
    op__work_out(call);
    return JB_OK;
}
