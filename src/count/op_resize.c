/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Images made larger or smaller, pixels moved between depth and space, grids: sizes by scale or as told, and what
 * interpolation computes. Of each output element: 2^d weights for linear, 4^d for cubic interpolation over d axes that change,
 * multiplied and summed; finding the weights is not counted. R-COUNT-12.
 */
#include <math.h>

#include "count/op_more_int.h"

/* floor(size x scale): exact for numbers as the standard has it (32-bit), for symbols where the scale or its inverse is
 * whole. */
static struct jb_dim scaled(struct jb_op_call *call, struct jb_dim size, double scale, size_t axis)
{
    const double inverse = scale > 0 ? 1 / scale : 0;

    if (!(scale > 0) || scale > 1e9 || size.kind == JB_DIM_UNKNOWN)
        return op__fresh_at(call, axis);
    if (size.kind == JB_DIM_NUMBER) {
        const double grown = floor((double)((float)size.n * (float)scale));
        return fabs(grown) < 9e15 ? jb_dim_number((int64_t)grown) : jb_dim_unknown();
    }
    if (floor(scale) == scale)
        return jb_dim_mul(call->dims, size, jb_dim_number((int64_t)scale));
    if (floor(inverse) == inverse && inverse < 1e9)
        return jb_dim_div_floor(call->dims, size, jb_dim_number((int64_t)inverse));
    return op__fresh_at(call, axis);
}

/* What one output element takes: d axes change size. */
static void interpolation_work(struct jb_op_call *call, const struct jb_value *x)
{
    const bool is_cubic =
        jb_op_text_is(call, "mode", "cubic") || jb_op_text_is(call, "mode", "bicubic");
    const bool is_linear = jb_op_text_is(call, "mode", "linear") ||
                           jb_op_text_is(call, "mode", "bilinear") ||
                           jb_op_text_is(call, "mode", "trilinear");
    const struct jb_value *const y = &call->out[0];
    int64_t n_taps = 1;

    if (!is_cubic && !is_linear)
        return;
    if (jb_op_int(call, "antialias", 0) != 0) {
        jb_op_not_counted(call, "the width of an antialiasing filter is the implementation's");
        return;
    }
    for (size_t i = 0; y->is_ranked && i < y->n_dims && i < x->n_dims && n_taps < 1024; i++) {
        if (!jb_dim_equal(x->dims[i], y->dims[i]))
            n_taps *= is_cubic ? 4 : 2;
    }
    if (n_taps > 1)
        op__work(call, 2 * n_taps - 1, op__elements_out(call, 0), 0, jb_dim_number(0));
}

/* keep_aspect_ratio_policy: one scale for all axes, the smallest or the largest; sizes that are numbers only. */
static bool keep_aspect(struct jb_op_call *call, const struct jb_value *x, const size_t *axes,
                        const struct jb_value *wanted, struct jb_dim *sizes)
{
    const bool is_larger = jb_op_text_is(call, "keep_aspect_ratio_policy", "not_smaller");
    double scale = is_larger ? 0 : HUGE_VAL;

    if (!is_larger && !jb_op_text_is(call, "keep_aspect_ratio_policy", "not_larger"))
        return false;
    for (size_t i = 0; i < wanted->n_ints; i++) {
        const struct jb_dim own = x->dims[axes[i]];
        if (own.kind != JB_DIM_NUMBER || own.n <= 0 || wanted->ints[i].kind != JB_DIM_NUMBER)
            return false;
        const double one = (double)wanted->ints[i].n / (double)own.n;
        scale = is_larger ? fmax(scale, one) : fmin(scale, one);
    }
    for (size_t i = 0; i < wanted->n_ints; i++) {
        const double grown = floor((double)x->dims[axes[i]].n * scale + 0.5);
        sizes[axes[i]] = fabs(grown) < 9e15 ? jb_dim_number((int64_t)grown) : jb_dim_unknown();
    }
    return true;
}

/* X, roi, scales, sizes; opset 10: X, scales. */
jb_rc op__resize(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    const size_t at_scales = call->opset == 10 ? 1 : 2;
    const struct jb_value *const wanted = op__is_given(call, 3) ? op__in(call, 3) : NULL;
    struct jb_dim sizes[JB_ONNX_DIMS_MAX];
    double scales[JB_ONNX_DIMS_MAX];
    size_t axes[JB_ONNX_DIMS_MAX];
    size_t n_axes = 0;
    size_t n_scales;
    jb_rc rc;

    op__set_type(call, 0, op__type(call, 0));
    if (!x || x->n_dims > JB_ONNX_DIMS_MAX ||
        !op__axes(call, "axes", call->n_in, x->n_dims, axes, &n_axes))
        return JB_OK;
    for (size_t i = 0; n_axes == 0 && i < x->n_dims; i++)
        axes[i] = i;
    n_axes = n_axes == 0 ? x->n_dims : n_axes;
    for (size_t i = 0; i < x->n_dims; i++)
        sizes[i] = x->dims[i];
    n_scales = op__reals(call, at_scales, scales, JB_ONNX_DIMS_MAX);
    if (wanted && wanted->has_ints && wanted->n_ints == n_axes) {
        if (!keep_aspect(call, x, axes, wanted, sizes)) {
            for (size_t i = 0; i < n_axes; i++)
                sizes[axes[i]] = wanted->ints[i].kind == JB_DIM_UNKNOWN
                                     ? op__fresh_at(call, axes[i])
                                     : wanted->ints[i];
        }
    } else {
        for (size_t i = 0; i < n_axes; i++)
            sizes[axes[i]] =
                scaled(call, x->dims[axes[i]], n_scales == n_axes ? scales[i] : 0, axes[i]);
    }
    rc = jb_op_set(call, 0, x->type, sizes, x->n_dims, err);
    if (rc)
        return rc;
    interpolation_work(call, x);
    return JB_OK;
}

/* Scales: input 1; opset 7 an attribute; opset 1 height_scale and width_scale. */
jb_rc op__upsample(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    struct jb_dim sizes[JB_ONNX_DIMS_MAX];
    double scales[JB_ONNX_DIMS_MAX];
    size_t n;
    jb_rc rc;

    op__set_type(call, 0, op__type(call, 0));
    if (!x || x->n_dims > JB_ONNX_DIMS_MAX)
        return JB_OK;
    n = op__floats(call, "scales", scales, JB_ONNX_DIMS_MAX);
    if (n == 0)
        n = op__reals(call, 1, scales, JB_ONNX_DIMS_MAX);
    if (n == 0 && x->n_dims == 4 && jb_op_attribute(call, "height_scale").message.len > 0) {
        n = 4;
        scales[0] = scales[1] = 1;
        scales[2] = jb_op_float(call, "height_scale", 1);
        scales[3] = jb_op_float(call, "width_scale", 1);
    }
    for (size_t i = 0; i < x->n_dims; i++)
        sizes[i] = scaled(call, x->dims[i], n == x->n_dims ? scales[i] : 0, i);
    rc = jb_op_set(call, 0, x->type, sizes, x->n_dims, err);
    if (rc)
        return rc;
    interpolation_work(call, x);
    return JB_OK;
}

/* [N, C, H, W] to [N, C / b^2, H b, W b]. */
jb_rc op__depth_to_space(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    const struct jb_dim block = jb_dim_number(jb_op_int(call, "blocksize", 1));
    struct jb_dims *const dims = call->dims;
    struct jb_dim sizes[4];

    op__set_type(call, 0, op__type(call, 0));
    if (!x || x->n_dims != 4)
        return JB_OK;
    sizes[0] = x->dims[0];
    sizes[1] = jb_dim_div_floor(dims, x->dims[1], jb_dim_mul(dims, block, block));
    sizes[2] = jb_dim_mul(dims, x->dims[2], block);
    sizes[3] = jb_dim_mul(dims, x->dims[3], block);
    return jb_op_set(call, 0, x->type, sizes, 4, err);
}

jb_rc op__space_to_depth(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    const struct jb_dim block = jb_dim_number(jb_op_int(call, "blocksize", 1));
    struct jb_dims *const dims = call->dims;
    struct jb_dim sizes[4];

    op__set_type(call, 0, op__type(call, 0));
    if (!x || x->n_dims != 4)
        return JB_OK;
    sizes[0] = x->dims[0];
    sizes[1] = jb_dim_mul(dims, x->dims[1], jb_dim_mul(dims, block, block));
    sizes[2] = jb_dim_div_floor(dims, x->dims[2], block);
    sizes[3] = jb_dim_div_floor(dims, x->dims[3], block);
    return jb_op_set(call, 0, x->type, sizes, 4, err);
}

/* theta [N, d, d + 1], size [N, C, (D,) H, W]: a grid [N, (D,) H, W, d]; each element d products and d sums. */
jb_rc op__affine_grid(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const size = op__in(call, 1);
    struct jb_dim sizes[5];
    size_t n;
    jb_rc rc;

    op__set_type(call, 0, op__type(call, 0));
    if (!size || !size->has_ints || (size->n_ints != 4 && size->n_ints != 5))
        return JB_OK;
    n = size->n_ints;
    sizes[0] = size->ints[0];
    for (size_t i = 2; i < n; i++)
        sizes[i - 1] = size->ints[i];
    sizes[n - 1] = jb_dim_number((int64_t)n - 2);
    rc = jb_op_set(call, 0, op__type(call, 0), sizes, n, err);
    if (rc)
        return rc;
    op__work(call, 2 * ((int64_t)n - 2), op__elements_out(call, 0), 0, jb_dim_number(0));
    return JB_OK;
}

/* com.microsoft: X [N, C, H, W], rois [R, 4], batch indices, crop_size [2]; bilinear 4 weights, 7 operations. */
jb_rc op__crop_and_resize(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    const struct jb_value *const rois = jb_op_ranked(call, 1);
    const struct jb_value *const crop = op__in(call, 3);
    struct jb_dim sizes[4];
    jb_rc rc;

    op__set_type(call, 0, op__type(call, 0));
    if (!x || x->n_dims != 4 || !rois || rois->n_dims != 2 || !crop || !crop->has_ints ||
        crop->n_ints != 2)
        return JB_OK;
    sizes[0] = rois->dims[0];
    sizes[1] = x->dims[1];
    sizes[2] = crop->ints[0];
    sizes[3] = crop->ints[1];
    rc = jb_op_set(call, 0, x->type, sizes, 4, err);
    if (rc || jb_op_text_is(call, "mode", "nearest"))
        return rc;
    op__work(call, 7, op__elements_out(call, 0), 0, jb_dim_number(0));
    return JB_OK;
}
