/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Windows that slide over an input: kernel, stride, dilation and padding of a convolution or pool as its node gives them, and
 * the number of positions they come to. Sizes may be open; attributes are numbers. It never guesses padding. R-COUNT-10.
 */
#include "count/op_dense_int.h"

#include "base/num.h"

/* Beyond this no window of any model goes; it keeps what is computed from attributes far from overflow. */
#define ATTRIBUTE_MAX ((int64_t)1 << 40)

static bool read_list(const struct jb_op_call *call, const char *name, size_t n, int64_t otherwise,
                      int64_t min, int64_t *list)
{
    const size_t n_given = jb_op_ints(call, name, list, n);

    if (n_given == 0) {
        for (size_t i = 0; i < n; i++)
            list[i] = otherwise;
        return true;
    }
    if (n_given != n)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (list[i] < min || list[i] > ATTRIBUTE_MAX)
            return false;
    }
    return true;
}

static bool read_kernel(const struct jb_op_call *call, const struct jb_value *weight,
                        struct op_window *window)
{
    int64_t kernel[JB_ONNX_DIMS_MAX];
    const size_t n = jb_op_ints(call, "kernel_shape", kernel, window->n);

    if (n == 0 && weight && weight->n_dims == window->n + 2) {
        for (size_t i = 0; i < window->n; i++)
            window->kernel[i] = weight->dims[i + 2];
        return true;
    }
    if (n != window->n)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (kernel[i] < 1 || kernel[i] > ATTRIBUTE_MAX)
            return false;
        window->kernel[i] = jb_dim_number(kernel[i]);
    }
    return true;
}

void dense__window_set_pads(struct op_window *window, const int64_t *pads)
{
    for (size_t i = 0; i < window->n; i++) {
        window->begin[i] = pads[i];
        window->pads[i] = jb_add_sat_i64(pads[i], pads[i + window->n]);
    }
}

bool dense__window_read(const struct jb_op_call *call, size_t n, const struct jb_value *weight,
                        struct op_window *ret)
{
    int64_t pads[2 * JB_ONNX_DIMS_MAX];

    *ret = (struct op_window){.n = n, .is_ceil = jb_op_int(call, "ceil_mode", 0) != 0};
    if (n > JB_ONNX_DIMS_MAX || !read_kernel(call, weight, ret) ||
        !read_list(call, "strides", n, 1, 1, ret->stride) ||
        !read_list(call, "dilations", n, 1, 1, ret->dilation) ||
        !read_list(call, "pads", 2 * n, 0, -ATTRIBUTE_MAX, pads))
        return false;
    if (jb_op_text_is(call, "auto_pad", "SAME_UPPER") ||
        jb_op_text_is(call, "auto_pad", "SAME_LOWER"))
        ret->pad = OP_PAD_SAME;
    else if (jb_op_text_is(call, "auto_pad", "VALID"))
        ret->pad = OP_PAD_VALID;
    else
        dense__window_set_pads(ret, pads);
    return true;
}

/* dilation x (kernel - 1) + 1: how far the window reaches. */
static struct jb_dim reach(struct jb_dims *dims, const struct op_window *window, size_t i)
{
    const struct jb_dim gaps = jb_dim_sub(dims, window->kernel[i], jb_dim_number(1));

    return jb_dim_add(dims, dense__times(dims, gaps, window->dilation[i]), jb_dim_number(1));
}

static struct jb_dim not_negative(struct jb_dim size)
{
    return size.kind == JB_DIM_NUMBER && size.n < 0 ? jb_dim_unknown() : size;
}

struct jb_dim dense__window_out(struct jb_dims *dims, const struct op_window *window, size_t i,
                                struct jb_dim in)
{
    const struct jb_dim stride = jb_dim_number(window->stride[i]);

    if (window->pad == OP_PAD_SAME)
        return jb_dim_div_ceil(dims, in, stride);
    const struct jb_dim padded = jb_dim_add(dims, in, jb_dim_number(window->pads[i]));
    const struct jb_dim room = jb_dim_sub(dims, padded, reach(dims, window, i));
    if (!window->is_ceil || window->pad == OP_PAD_VALID)
        return not_negative(
            jb_dim_add(dims, jb_dim_div_floor(dims, room, stride), jb_dim_number(1)));

    const struct jb_dim all =
        jb_dim_add(dims, jb_dim_div_ceil(dims, room, stride), jb_dim_number(1));
    /* A last window that would start in the padding behind the input is left out: it starts before in + begin. */
    const struct jb_dim start = jb_dim_add(dims, in, jb_dim_number(window->begin[i]));
    const struct jb_dim end = jb_dim_add(dims, room, stride);
    const struct jb_dim behind = jb_dim_sub(dims, end, start);
    if (behind.kind == JB_DIM_NUMBER && behind.n <= 0)
        return not_negative(all);
    return not_negative(jb_dim_min(dims, all, jb_dim_div_ceil(dims, start, stride)));
}

struct jb_dim dense__window_spread(struct jb_dims *dims, const struct op_window *window, size_t i,
                                   struct jb_dim in, int64_t output_padding)
{
    if (window->pad == OP_PAD_SAME)
        return dense__times(dims, in, window->stride[i]);
    const struct jb_dim steps = jb_dim_sub(dims, in, jb_dim_number(1));
    struct jb_dim out = dense__times(dims, steps, window->stride[i]);

    out = jb_dim_add(dims, out, reach(dims, window, i));
    out = jb_dim_add(dims, out, jb_dim_number(output_padding));
    return not_negative(jb_dim_sub(dims, out, jb_dim_number(window->pads[i])));
}

struct jb_dim dense__window_area(struct jb_dims *dims, const struct op_window *window)
{
    return dense__product(dims, window->kernel, window->n);
}
