/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fourier transforms, windows, mel filters: elementwise work by formula. A transform of n values is 5 n ceil(log2 n) operations, as
 * fast ones are, half of it for a real signal of which one side is kept is not taken off; it is never dense work. R-COUNT-10.
 */
#include "count/op_dense_int.h"

/* Operations of a transform of `n` values; UNKNOWN where n is open: a logarithm is no polynomial. */
static struct jb_dim transform_cost(struct jb_dims *dims, struct jb_dim n)
{
    int64_t log = 0;

    if (n.kind != JB_DIM_NUMBER || n.n < 1)
        return jb_dim_unknown();
    while (log < 62 && ((int64_t)1 << log) < n.n)
        log++;
    return dense__times(dims, n, 5 * log);
}

static void set_transforms(struct jb_op_call *call, struct jb_dim n_transforms, struct jb_dim each)
{
    if (each.kind == JB_DIM_UNKNOWN)
        jb_op_not_counted(call, "the length of its transform is open, and its logarithm with it");
    else
        dense__set_elementwise(call, jb_dim_mul(call->dims, n_transforms, each));
}

/* Values kept of a transform of n. */
static struct jb_dim kept(struct jb_dims *dims, struct jb_dim n, bool is_onesided)
{
    if (!is_onesided)
        return n;
    return jb_dim_add(dims, jb_dim_div_floor(dims, n, jb_dim_number(2)), jb_dim_number(1));
}

/* A size that an input gives as its one value, a number or a symbol. */
static struct jb_dim input_size(const struct jb_op_call *call, size_t input)
{
    const struct jb_value *const value = input < call->n_in ? call->in[input] : NULL;

    if (!value || !value->has_ints || value->n_ints != 1 ||
        (value->ints[0].kind == JB_DIM_NUMBER && value->ints[0].n < 0))
        return jb_dim_unknown();
    return value->ints[0];
}

/* The axis of a DFT: an attribute until 19, an input from 20 on. */
static bool transform_axis(const struct jb_op_call *call, size_t rank, size_t *ret)
{
    int64_t axis = call->opset >= 20 ? -2 : jb_op_int(call, "axis", 1);
    size_t n = 1;

    if (call->opset >= 20 && dense__has_input(call, 2) &&
        (!jb_op_in_ints(call, 2, &axis, 1, &n) || n != 1))
        return false;
    return jb_op_axis(axis, rank, ret);
}

static jb_rc dft(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    const bool is_onesided = jb_op_int(call, "onesided", 0) != 0;
    const bool is_inverse = jb_op_int(call, "inverse", 0) != 0;
    struct jb_dims *dims = call->dims;
    struct jb_dim out[JB_ONNX_DIMS_MAX], n_transforms = jb_dim_number(1);
    size_t axis = 0;

    if (!x || x->n_dims < 2 || !transform_axis(call, x->n_dims, &axis)) {
        jb_op_not_counted(call, OP_WHY_SIZES);
        return JB_OK;
    }
    struct jb_dim n = x->dims[axis];
    if (dense__has_input(call, 1))
        n = input_size(call, 1);
    else if (is_onesided && is_inverse) /* half a spectrum comes in, a real signal out */
        n = dense__times(dims, jb_dim_sub(dims, n, jb_dim_number(1)), 2);
    for (size_t i = 0; i < x->n_dims; i++) {
        out[i] = x->dims[i];
        if (i != axis && i + 1 < x->n_dims)
            n_transforms = jb_dim_mul(dims, n_transforms, x->dims[i]);
    }
    out[axis] = kept(dims, n, is_onesided && !is_inverse);
    out[x->n_dims - 1] = jb_dim_number(is_onesided && is_inverse ? 1 : 2);
    set_transforms(call, n_transforms, transform_cost(dims, n));
    return jb_op_set(call, 0, x->type, out, x->n_dims, err);
}

/* signal [batch, length, 1 or 2], a window on every frame. */
static jb_rc stft(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    const bool is_onesided = jb_op_int(call, "onesided", 1) != 0;
    struct jb_dims *dims = call->dims;
    const struct jb_dim step = input_size(call, 1);
    const struct jb_dim n =
        dense__has_input(call, 3) ? input_size(call, 3) : dense__size(jb_op_ranked(call, 2), 0);

    if (!x || x->n_dims < 2) {
        jb_op_not_counted(call, OP_WHY_SIZES);
        return JB_OK;
    }
    struct jb_dim frames = jb_dim_div_floor(dims, jb_dim_sub(dims, x->dims[1], n), step);
    frames = jb_dim_add(dims, frames, jb_dim_number(1));
    struct jb_dim each = transform_cost(dims, n);
    if (dense__has_input(call, 2))
        each = jb_dim_add(dims, each, n);
    const struct jb_dim out[4] = {x->dims[0], frames, kept(dims, n, is_onesided), jb_dim_number(2)};
    set_transforms(call, jb_dim_mul(dims, x->dims[0], frames), each);
    return jb_op_set(call, 0, x->type, out, 4, err);
}

/* com.microsoft Rfft, Irfft: over the last signal_ndim dimensions; the last size of a spectrum is 2. */
static jb_rc rfft(struct jb_op_call *call, struct jb_error *err)
{
    const bool is_inverse = call->op->detail != 0;
    const struct jb_value *const x = jb_op_ranked(call, 0);
    const int64_t n_signal = jb_op_int(call, "signal_ndim", 1);
    struct jb_dims *dims = call->dims;
    struct jb_dim out[JB_ONNX_DIMS_MAX];

    if (!x || n_signal < 1 || x->n_dims < (size_t)n_signal + (is_inverse ? 1 : 0) ||
        x->n_dims + 1 > JB_ONNX_DIMS_MAX) {
        jb_op_not_counted(call, OP_WHY_SIZES);
        return JB_OK;
    }
    const size_t n = is_inverse ? x->n_dims - 1 : x->n_dims;
    for (size_t i = 0; i < n; i++)
        out[i] = x->dims[i];
    if (is_inverse)
        out[n - 1] = dense__times(dims, jb_dim_sub(dims, out[n - 1], jb_dim_number(1)), 2);
    const size_t first = n - (size_t)n_signal;
    const struct jb_dim length = dense__product(dims, out + first, (size_t)n_signal);
    set_transforms(call, dense__product(dims, out, first), transform_cost(dims, length));
    if (is_inverse)
        return jb_op_set(call, 0, x->type, out, n, err);
    out[n - 1] = kept(dims, out[n - 1], true);
    out[n] = jb_dim_number(2);
    return jb_op_set(call, 0, x->type, out, n + 1, err);
}

/* Per value: the angle (2), its cosine, scaled and subtracted; Blackman has a second cosine of twice the angle. */
static jb_rc window(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_dim size = input_size(call, 0);

    if (size.kind == JB_DIM_UNKNOWN)
        jb_op_not_counted(call, "its length is not known");
    else
        jb_op_work_elementwise(call, size);
    return jb_op_set(call, 0, jb_op_int(call, "output_datatype", JB_ONNX_FLOAT), &size, 1, err);
}

/* The slopes of a triangle: a difference and a division for each value. */
static jb_rc mel(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_dim out[2] = {kept(call->dims, input_size(call, 1), true), input_size(call, 0)};
    const struct jb_dim elements = dense__product(call->dims, out, 2);

    if (elements.kind == JB_DIM_UNKNOWN)
        jb_op_not_counted(call, "its size is not known");
    else
        jb_op_work_elementwise(call, elements);
    return jb_op_set(call, 0, jb_op_int(call, "output_datatype", JB_ONNX_FLOAT), out, 2, err);
}

const struct jb_op jb_ops_signal[] = {
    {"", "DFT", dft, 0, 0},
    {"", "STFT", stft, 0, 0},
    {"", "MelWeightMatrix", mel, 2, 0},
    {"", "HannWindow", window, 5, 0},
    {"", "HammingWindow", window, 5, 0},
    {"", "BlackmanWindow", window, 9, 0},
    {OP_DOMAIN_MS, "Rfft", rfft, 0, 0},
    {OP_DOMAIN_MS, "Irfft", rfft, 0, 1},
    {NULL, NULL, NULL, 0, 0},
};
