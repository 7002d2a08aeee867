/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sampling by a grid or by regions: each output element is put together from neighbours between which it lies. With n spatial
 * dimensions a linear sample is 2^n products and 2^n - 1 sums, a cubic one 4^n and 4^n - 1; the weights of the neighbours, shared by
 * all channels, are not counted. R-COUNT-10, R-COUNT-12.
 */
#include "count/op_dense_int.h"

static int64_t sample_cost(const struct jb_op_call *call, size_t n)
{
    const size_t bits = n < 16 ? n : 16;

    if (jb_op_text_is(call, "mode", "nearest"))
        return 0;
    if (jb_op_text_is(call, "mode", "cubic") || jb_op_text_is(call, "mode", "bicubic"))
        return 2 * ((int64_t)1 << (2 * bits)) - 1;
    return 2 * ((int64_t)1 << bits) - 1;
}

/* X [N, C, sizes] by a grid [N, sizes out, n]. */
jb_rc dense__grid_sample(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0), *const grid = jb_op_ranked(call, 1);
    struct jb_dim out[JB_ONNX_DIMS_MAX];

    if (!x || !grid) {
        jb_op_not_counted(call, OP_WHY_SIZES);
        return JB_OK;
    }
    if (x->n_dims < 3 || grid->n_dims != x->n_dims) {
        jb_op_not_counted(call, OP_WHY_MISFIT);
        return JB_OK;
    }
    out[0] = dense__same(call->dims, x->dims[0], grid->dims[0]);
    out[1] = x->dims[1];
    for (size_t i = 2; i < x->n_dims; i++)
        out[i] = grid->dims[i - 1];
    const int64_t cost = sample_cost(call, x->n_dims - 2);
    if (cost > 0)
        dense__set_elementwise(
            call, dense__times(call->dims, dense__product(call->dims, out, x->n_dims), cost));
    return jb_op_set(call, 0, x->type, out, x->n_dims, err);
}

/* One plane of `height` x `width` per region and channel. */
static jb_rc set_regions(struct jb_op_call *call, struct jb_dim height, struct jb_dim width,
                         struct jb_dim *ret_elements, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0), *const regions = jb_op_ranked(call, 1);
    const struct jb_dim out[4] = {dense__size(regions, 0), dense__size(x, 1), height, width};

    *ret_elements = dense__product(call->dims, out, 4);
    return jb_op_set(call, 0, dense__type(call, 0), out, 4, err);
}

static struct jb_dim attribute_size(const struct jb_op_call *call, const char *name)
{
    const int64_t size = jb_op_int(call, name, 1);

    return size >= 0 ? jb_dim_number(size) : jb_dim_unknown();
}

/* s x s samples between four neighbours, then their average or maximum. */
jb_rc dense__roi_align(struct jb_op_call *call, struct jb_error *err)
{
    const int64_t ratio = jb_op_int(call, "sampling_ratio", 0);
    const bool is_max = jb_op_text_is(call, "mode", "max");
    struct jb_dim elements;
    const jb_rc rc = set_regions(call, attribute_size(call, "output_height"),
                                 attribute_size(call, "output_width"), &elements, err);

    if (rc != JB_OK)
        return rc;
    if (ratio <= 0 || ratio > 1024) {
        jb_op_not_counted(call, "how many samples it takes depends on the regions' sizes");
        return JB_OK;
    }
    const int64_t n_samples = ratio * ratio;
    dense__set_elementwise(
        call,
        dense__times(call->dims, elements, 7 * n_samples + (is_max ? n_samples - 1 : n_samples)));
    return JB_OK;
}

jb_rc dense__max_roi_pool(struct jb_op_call *call, struct jb_error *err)
{
    int64_t shape[2] = {-1, -1};
    const size_t n = jb_op_ints(call, "pooled_shape", shape, 2);
    const bool is_known = n == 2 && shape[0] >= 0 && shape[1] >= 0;
    struct jb_dim elements;

    jb_op_not_counted(call, "how many values it compares depends on the regions' sizes");
    return set_regions(call, is_known ? jb_dim_number(shape[0]) : jb_dim_unknown(),
                       is_known ? jb_dim_number(shape[1]) : jb_dim_unknown(), &elements, err);
}

/* Columns [N, C x block, L] added up to an image [N, C, sizes]: each element of the input is added once. */
jb_rc dense__col2im(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    const struct jb_value *const shape = jb_op_ranked(call, 1);
    struct jb_dims *dims = call->dims;
    int64_t image[JB_ONNX_DIMS_MAX], block[JB_ONNX_DIMS_MAX];
    struct jb_dim out[JB_ONNX_DIMS_MAX], area = jb_dim_unknown();
    size_t n = 0, n_block = 0;

    dense__set_elementwise(call, jb_value_elements(dims, x));
    const bool is_known = jb_op_in_ints(call, 1, image, JB_ONNX_DIMS_MAX - 2, &n);
    if (!is_known) {
        const struct jb_dim rank = dense__size(shape, 0);
        if (rank.kind != JB_DIM_NUMBER || rank.n < 0 || rank.n > JB_ONNX_DIMS_MAX - 2)
            return JB_OK;
        n = (size_t)rank.n;
    }
    if (jb_op_in_ints(call, 2, block, JB_ONNX_DIMS_MAX, &n_block)) {
        area = jb_dim_number(1);
        for (size_t i = 0; i < n_block; i++)
            area = jb_dim_mul(dims, area, jb_dim_number(block[i]));
    }
    out[0] = dense__size(x, 0);
    out[1] = jb_dim_div_floor(dims, dense__size(x, 1), area);
    for (size_t i = 0; i < n; i++)
        out[i + 2] = is_known && image[i] >= 0 ? jb_dim_number(image[i]) : jb_dim_unknown();
    return jb_op_set(call, 0, dense__type(call, 0), out, n + 2, err);
}
