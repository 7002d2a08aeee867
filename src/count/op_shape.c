/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operators that arrange elements anew and compute nothing: from shapes, and from integers known one by one, to shapes and
 * integers. No arithmetic but where the table or the function says so. What lies in families of its own: op_value.c,
 * op_slice.c, op_gather.c, op_resize.c. R-COUNT-03, R-COUNT-13.
 */
#include "count/op_more_int.h"

#include <stdio.h>
#include <string.h>

#define MS "com.microsoft"

static jb_rc identity(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = op__in(call, 0);
    jb_rc rc;

    /* Sequences pass through too. */
    if (x && x->is_sequence && call->n_out > 0) {
        call->out[0] = *x;
        return JB_OK;
    }
    rc = op__set_as(call, 0, 0, 0, err);
    return rc ? rc : op__ints_copy(call, 0, 0, err);
}

static jb_rc transpose(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    int64_t perm[JB_ONNX_DIMS_MAX];
    int64_t of_input[JB_ONNX_DIMS_MAX];
    int64_t strides[JB_ONNX_DIMS_MAX];
    int64_t numbers[JB_ONNX_DIMS_MAX];
    struct jb_dim sizes[JB_ONNX_DIMS_MAX];
    int64_t stride = 1;
    int64_t n_elements;
    jb_rc rc;
    size_t n;

    op__set_type(call, 0, op__type(call, 0));
    if (!x || x->n_dims > JB_ONNX_DIMS_MAX)
        return JB_OK;
    n = jb_op_ints(call, "perm", perm, JB_ONNX_DIMS_MAX);
    for (size_t i = 0; n == 0 && i < x->n_dims; i++)
        perm[i] = (int64_t)(x->n_dims - 1 - i);
    if (n != 0 && n != x->n_dims)
        return JB_OK;
    for (size_t i = 0; i < x->n_dims; i++) {
        size_t axis;
        if (!jb_op_axis(perm[i], x->n_dims, &axis))
            return JB_OK;
        perm[i] = (int64_t)axis;
        sizes[i] = x->dims[axis];
    }
    rc = jb_op_set(call, 0, x->type, sizes, x->n_dims, err);
    if (rc || !x->has_ints || !op__numbers(x->dims, x->n_dims, numbers, &n_elements))
        return rc;
    for (size_t i = x->n_dims; i-- > 0;) {
        of_input[i] = stride;
        stride *= numbers[i];
    }
    for (size_t i = 0; i < x->n_dims; i++)
        strides[i] = of_input[perm[i]];
    return op__ints_affine(call, 0, 0, 0, strides, err);
}

/* The shape that is asked for: input 1, before opset 5 an attribute. false: nothing of it is known but perhaps its length. */
static bool wanted_shape(struct jb_op_call *call, struct jb_dim *wanted, size_t *ret_n)
{
    const struct jb_value *const shape = op__in(call, 1);
    int64_t told[JB_ONNX_DIMS_MAX];
    size_t n = jb_op_ints(call, "shape", told, JB_ONNX_DIMS_MAX);

    if (n > JB_ONNX_DIMS_MAX)
        return false;
    for (size_t i = 0; i < n; i++)
        wanted[i] = jb_dim_number(told[i]);
    if (n > 0 || call->n_in < 2) {
        *ret_n = n;
        return true;
    }
    if (shape && shape->has_ints) {
        if (shape->n_ints > JB_ONNX_DIMS_MAX)
            return false;
        for (size_t i = 0; i < shape->n_ints; i++)
            wanted[i] = shape->ints[i];
        *ret_n = shape->n_ints;
        return true;
    }
    if (shape && shape->is_ranked && shape->n_dims == 1 && shape->dims[0].kind == JB_DIM_NUMBER &&
        shape->dims[0].n >= 0 && shape->dims[0].n <= JB_ONNX_DIMS_MAX) {
        *ret_n = (size_t)shape->dims[0].n;
        for (size_t i = 0; i < *ret_n; i++)
            wanted[i] = jb_dim_unknown();
        return true;
    }
    return false;
}

/* All elements of x over all sizes but the open one. Sizes found on both sides go first: what is left divides evenly more
 * often. */
static struct jb_dim rest_of(struct jb_op_call *call, const struct jb_value *x,
                             const struct jb_dim *sizes, size_t n, size_t open)
{
    struct jb_dim top = jb_dim_number(1);
    struct jb_dim bottom = jb_dim_number(1);
    bool is_used[JB_ONNX_DIMS_MAX] = {false};

    for (size_t i = 0; i < n; i++) {
        bool is_found = i == open;
        for (size_t k = 0; !is_found && k < x->n_dims; k++) {
            if (!is_used[k] && jb_dim_equal(x->dims[k], sizes[i]) && !jb_dim_is(sizes[i], 0))
                is_found = is_used[k] = true;
        }
        if (!is_found)
            bottom = jb_dim_mul(call->dims, bottom, sizes[i]);
    }
    for (size_t k = 0; k < x->n_dims; k++) {
        if (!is_used[k])
            top = jb_dim_mul(call->dims, top, x->dims[k]);
    }
    if (jb_dim_is(bottom, 0))
        return jb_dim_number(0);
    return jb_dim_div_floor(call->dims, top, bottom);
}

static jb_rc reshape(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    const bool keeps_zero = jb_op_int(call, "allowzero", 0) != 0;
    struct jb_dim sizes[JB_ONNX_DIMS_MAX];
    size_t open = JB_ONNX_DIMS_MAX;
    size_t n_unknown = 0;
    size_t n;
    jb_rc rc;

    op__set_type(call, 0, op__type(call, 0));
    if (!wanted_shape(call, sizes, &n))
        return JB_OK;
    for (size_t i = 0; i < n; i++) {
        if (jb_dim_is(sizes[i], 0) && !keeps_zero)
            sizes[i] = x && i < x->n_dims ? x->dims[i] : jb_dim_unknown();
        if (jb_dim_is(sizes[i], -1))
            open = i;
        else if (sizes[i].kind == JB_DIM_UNKNOWN)
            n_unknown++;
    }
    /* One size that is not known follows from the others like a -1. */
    for (size_t i = 0; open == JB_ONNX_DIMS_MAX && n_unknown == 1 && i < n; i++) {
        if (sizes[i].kind == JB_DIM_UNKNOWN) {
            open = i;
            n_unknown = 0;
        }
    }
    for (size_t i = 0; i < n; i++) {
        if (i != open && sizes[i].kind == JB_DIM_UNKNOWN)
            sizes[i] = op__fresh_at(call, i);
    }
    if (open < JB_ONNX_DIMS_MAX)
        sizes[open] = x ? rest_of(call, x, sizes, n, open) : jb_dim_unknown();
    if (open < JB_ONNX_DIMS_MAX && sizes[open].kind == JB_DIM_UNKNOWN)
        sizes[open] = op__fresh_at(call, open);
    rc = jb_op_set(call, 0, op__type(call, 0), sizes, n, err);
    return rc ? rc : op__ints_copy(call, 0, 0, err);
}

static jb_rc flatten(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    struct jb_dim sizes[2];
    int64_t axis;
    jb_rc rc;

    op__set_type(call, 0, op__type(call, 0));
    if (!x)
        return JB_OK;
    axis = jb_op_int(call, "axis", 1);
    if (axis < 0)
        axis += (int64_t)x->n_dims;
    if (axis < 0 || axis > (int64_t)x->n_dims)
        return JB_OK;
    sizes[0] = op__product(call->dims, x->dims, (size_t)axis);
    sizes[1] = op__product(call->dims, x->dims + axis, x->n_dims - (size_t)axis);
    rc = jb_op_set(call, 0, x->type, sizes, 2, err);
    return rc ? rc : op__ints_copy(call, 0, 0, err);
}

static jb_rc squeeze(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    struct jb_dim sizes[JB_ONNX_DIMS_MAX];
    bool goes[JB_ONNX_DIMS_MAX] = {false};
    size_t axes[JB_ONNX_DIMS_MAX];
    size_t n_axes;
    size_t n = 0;
    jb_rc rc;

    op__set_type(call, 0, op__type(call, 0));
    if (!x || x->n_dims > JB_ONNX_DIMS_MAX || !op__axes(call, "axes", 1, x->n_dims, axes, &n_axes))
        return JB_OK;
    for (size_t i = 0; i < n_axes; i++)
        goes[axes[i]] = true;
    for (size_t i = 0; i < x->n_dims; i++) {
        if (n_axes == 0 ? !jb_dim_is(x->dims[i], 1) : !goes[i])
            sizes[n++] = x->dims[i];
    }
    rc = jb_op_set(call, 0, x->type, sizes, n, err);
    return rc ? rc : op__ints_copy(call, 0, 0, err);
}

static jb_rc unsqueeze(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    struct jb_dim sizes[JB_ONNX_DIMS_MAX];
    bool is_new[JB_ONNX_DIMS_MAX] = {false};
    int64_t told[JB_ONNX_DIMS_MAX];
    size_t from = 0;
    size_t n;
    jb_rc rc;

    op__set_type(call, 0, op__type(call, 0));
    n = jb_op_ints(call, "axes", told, JB_ONNX_DIMS_MAX);
    if (n == 0 && call->op->detail == 1) {
        told[0] = jb_op_int(call, "axis", 0);
        n = 1;
    }
    if (!x || (n == 0 && !jb_op_in_ints(call, 1, told, JB_ONNX_DIMS_MAX, &n)) ||
        n > JB_ONNX_DIMS_MAX || x->n_dims + n > JB_ONNX_DIMS_MAX)
        return JB_OK;
    for (size_t i = 0; i < n; i++) {
        size_t axis;
        if (!jb_op_axis(told[i], x->n_dims + n, &axis) || is_new[axis])
            return JB_OK;
        is_new[axis] = true;
    }
    for (size_t i = 0; i < x->n_dims + n; i++)
        sizes[i] = is_new[i] ? jb_dim_number(1) : x->dims[from++];
    rc = jb_op_set(call, 0, x->type, sizes, x->n_dims + n, err);
    return rc ? rc : op__ints_copy(call, 0, 0, err);
}

/* com.microsoft ExpandDims: the axis is input 1. */
static jb_rc expand_dims(struct jb_op_call *call, struct jb_error *err)
{
    return unsqueeze(call, err);
}

/* Elements move within the shape of input 0. */
static jb_rc moved(struct jb_op_call *call, struct jb_error *err)
{
    return op__set_as(call, 0, 0, 0, err);
}

/* True for the elements that are not 0: one comparison each. The number of them is what the data decide. */
static jb_rc non_zero(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    struct jb_dim sizes[2];
    jb_rc rc;

    op__set_type(call, 0, JB_ONNX_INT64);
    if (!x)
        return JB_OK;
    sizes[0] = jb_dim_number((int64_t)x->n_dims);
    sizes[1] = op__fresh(call, "count");
    rc = jb_op_set(call, 0, JB_ONNX_INT64, sizes, 2, err);
    if (rc)
        return rc;
    op__work(call, 1, op__elements_in(call, 0), 0, jb_dim_number(0));
    return JB_OK;
}

const struct jb_op jb_ops_shape[] = {
    {"", "Identity", identity, 0, 0},
    {"", "Transpose", transpose, 0, 0},
    {"", "Reshape", reshape, 0, 0},
    {"", "Flatten", flatten, 0, 0},
    {"", "Squeeze", squeeze, 0, 0},
    {"", "Unsqueeze", unsqueeze, 0, 0},
    {"", "Trilu", moved, 0, 0},
    {"", "ReverseSequence", moved, 0, 0},
    {"", "NonZero", non_zero, 0, 0},
    {MS, "ExpandDims", expand_dims, 0, 0},
    {MS, "Trilu", moved, 0, 0},

    {"", "Constant", op__constant, 0, 0},
    {"", "ConstantOfShape", op__constant_of_shape, 0, 0},
    {"", "ConstantFill", op__constant_of_shape, 0, 0},
    {"", "Range", op__range, 2, 0},
    {MS, "Range", op__range, 2, 0},
    {"", "EyeLike", op__eye_like, 0, 0},
    {"", "OneHot", op__one_hot, 0, 0},
    {"", "Shape", op__shape, 0, 0},
    {"", "Size", op__size, 0, 0},

    {"", "Slice", op__slice, 0, 0},
    {"", "Split", op__split, 0, 0},
    {"", "Concat", op__concat, 0, 0},
    {"", "Pad", op__pad, 0, 0},
    {MS, "Pad", op__pad, 0, 0},
    {"", "CenterCropPad", op__center_crop_pad, 0, 0},
    {"", "Tile", op__tile, 0, 0},
    {"", "Expand", op__expand, 0, 0},
    {"", "Compress", op__compress, 0, 0},

    {"", "Gather", op__gather, 0, 0},
    {"", "GatherElements", op__gather_elements, 0, 0},
    {"", "GatherND", op__gather_nd, 0, 0},
    {MS, "GatherND", op__gather_nd, 0, 0},
    {"", "Scatter", op__scatter, 0, 2},
    {"", "ScatterElements", op__scatter, 0, 2},
    {"", "ScatterND", op__scatter, 0, 2},
    {"", "TensorScatter", op__scatter, 0, 1},

    {"", "Resize", op__resize, 0, 0},
    {"", "Upsample", op__upsample, 0, 0},
    {"", "DepthToSpace", op__depth_to_space, 0, 0},
    {"", "SpaceToDepth", op__space_to_depth, 0, 0},
    {"", "AffineGrid", op__affine_grid, 0, 0},
    {MS, "CropAndResize", op__crop_and_resize, 0, 0},
    {NULL, NULL, NULL, 0, 0},
};
