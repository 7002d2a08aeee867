/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reductions: from a shape and axes to the shape that is left, and so many operations per element that is read. Axes are an
 * attribute before opset 18 (ReduceSum: 13) and an input since; both are looked for, in that order. R-COUNT-12.
 */
#include "count/op_more_int.h"

/* The output's sizes: `is_over` axes become 1 or go. */
static size_t left_over(const struct jb_value *x, const bool *is_over, bool keeps,
                        struct jb_dim *sizes)
{
    size_t n = 0;

    for (size_t i = 0; i < x->n_dims; i++) {
        if (!is_over[i])
            sizes[n++] = x->dims[i];
        else if (keeps)
            sizes[n++] = jb_dim_number(1);
    }
    return n;
}

/* Axes told nowhere known: the rank stays if it is kept, the sizes cannot be told. */
static jb_rc set_reduced_blindly(struct jb_op_call *call, const struct jb_value *x, bool keeps,
                                 struct jb_error *err)
{
    struct jb_dim sizes[JB_ONNX_DIMS_MAX];

    op__set_type(call, 0, op__type(call, 0));
    if (!x || !keeps || x->n_dims > JB_ONNX_DIMS_MAX)
        return JB_OK;
    for (size_t i = 0; i < x->n_dims; i++)
        sizes[i] = jb_dim_unknown();
    return jb_op_set(call, 0, x->type, sizes, x->n_dims, err);
}

static jb_rc reduce_over(struct jb_op_call *call, size_t axes_input, int64_t type,
                         struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    const bool keeps = jb_op_int(call, "keepdims", 1) != 0;
    const bool is_noop = jb_op_int(call, "noop_with_empty_axes", 0) != 0;
    bool is_over[JB_ONNX_DIMS_MAX] = {false};
    struct jb_dim sizes[JB_ONNX_DIMS_MAX];
    size_t axes[JB_ONNX_DIMS_MAX];
    size_t n;

    if (!x || x->n_dims > JB_ONNX_DIMS_MAX ||
        !op__axes(call, "axes", axes_input, x->n_dims, axes, &n))
        return set_reduced_blindly(call, x, keeps, err);
    for (size_t i = 0; i < n; i++)
        is_over[axes[i]] = true;
    for (size_t i = 0; n == 0 && !is_noop && i < x->n_dims; i++)
        is_over[i] = true;
    return jb_op_set(call, 0, type != 0 ? type : x->type, sizes,
                     left_over(x, is_over, keeps, sizes), err);
}

/* detail: an arithmetic that is followed for integers, or -1: one operation more per element that comes out. */
jb_rc op__reduce(struct jb_op_call *call, struct jb_error *err)
{
    const bool has_last = call->op->detail == -1 || call->op->detail == ARITH_MEAN;
    const jb_rc rc = reduce_over(call, 1, 0, err);

    if (rc)
        return rc;
    op__work(call, call->op->per_element, op__elements_in(call, 0), has_last ? 1 : 0,
             op__elements_out(call, 0));
    return call->op->detail > 0 ? op__ints_reduce(call, (enum op__arith)call->op->detail, err)
                                : JB_OK;
}

jb_rc op__reduce_integer(struct jb_op_call *call, struct jb_error *err)
{
    const jb_rc rc = reduce_over(call, 1, JB_ONNX_INT32, err);

    if (rc)
        return rc;
    op__work(call, call->op->per_element, op__elements_in(call, 0), 0, jb_dim_number(0));
    return JB_OK;
}

jb_rc op__arg_max(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    bool is_over[JB_ONNX_DIMS_MAX] = {false};
    struct jb_dim sizes[JB_ONNX_DIMS_MAX];
    size_t axis;
    jb_rc rc = JB_OK;

    op__set_type(call, 0, JB_ONNX_INT64);
    if (x && x->n_dims <= JB_ONNX_DIMS_MAX &&
        jb_op_axis(jb_op_int(call, "axis", 0), x->n_dims, &axis)) {
        is_over[axis] = true;
        rc = jb_op_set(call, 0, JB_ONNX_INT64, sizes,
                       left_over(x, is_over, jb_op_int(call, "keepdims", 1) != 0, sizes), err);
    }
    if (rc)
        return rc;
    op__work(call, call->op->per_element, op__elements_in(call, 0), 0, jb_dim_number(0));
    return JB_OK;
}
