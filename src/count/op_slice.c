/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operators that cut, join, repeat and pad: sizes along axes, and the integers known one by one along with them. A slice by
 * a symbol is taken to lie within what it is cut from: R-COUNT-13. No arithmetic.
 */
#include "count/op_more_int.h"

/* "To the end" as exporters write it: the largest of 32 or 64 bits. */
#define SLICE_END INT32_MAX

/* An index as the standard counts it: from the end where negative, within 0..size (low..high). */
static struct jb_dim place(struct jb_op_call *call, struct jb_dim at, struct jb_dim size,
                           int64_t low, int64_t below)
{
    if (at.kind == JB_DIM_NUMBER && size.kind == JB_DIM_NUMBER) {
        const int64_t from_start = at.n < 0 && at.n >= INT64_MIN / 2 ? at.n + size.n : at.n;
        const int64_t high = size.n + below;
        return jb_dim_number(from_start < low ? low : from_start > high ? high : from_start);
    }
    if (at.kind != JB_DIM_NUMBER)
        return at;
    if (at.n >= SLICE_END)
        return jb_dim_add(call->dims, size, jb_dim_number(below));
    if (at.n <= -SLICE_END)
        return jb_dim_number(low);
    return at.n < 0 ? jb_dim_add(call->dims, size, at) : at;
}

struct cut {
    struct jb_dim start, end;
    int64_t step;
};

/* How many elements a cut leaves; *ret_first the first of them. */
static struct jb_dim cut_size(struct jb_op_call *call, const struct cut *cut, struct jb_dim size,
                              struct jb_dim *ret_first)
{
    struct jb_dims *const dims = call->dims;
    struct jb_dim first, end, length;

    if (cut->step > 0) {
        first = place(call, cut->start, size, 0, 0);
        end = place(call, cut->end, size, 0, 0);
        length = jb_dim_sub(dims, end, first);
    } else {
        first = place(call, cut->start, size, 0, -1);
        end = place(call, cut->end, size, -1, -1);
        length = jb_dim_sub(dims, first, end);
    }
    *ret_first = first;
    if (length.kind == JB_DIM_NUMBER && length.n <= 0)
        return jb_dim_number(0);
    if (cut->step == 1 || cut->step == -1)
        return length;
    if (cut->step == INT64_MIN)
        return jb_dim_number(1);
    return jb_dim_div_ceil(dims, length, jb_dim_number(cut->step < 0 ? -cut->step : cut->step));
}

/* Starts, ends, axes, steps: attributes before opset 10, inputs since. false: not known which axes are cut. */
static bool read_cuts(struct jb_op_call *call, struct cut *cuts, int64_t *axes, size_t *ret_n)
{
    int64_t starts[JB_ONNX_DIMS_MAX];
    int64_t ends[JB_ONNX_DIMS_MAX];
    int64_t steps[JB_ONNX_DIMS_MAX];
    const struct jb_value *const from = op__in(call, 1);
    const struct jb_value *const to = op__in(call, 2);
    size_t n = jb_op_ints(call, "starts", starts, JB_ONNX_DIMS_MAX);
    const bool is_attribute = n > 0;
    size_t n_axes = jb_op_ints(call, "axes", axes, JB_ONNX_DIMS_MAX);
    size_t n_steps = 0;

    if (is_attribute) {
        if (n > JB_ONNX_DIMS_MAX || jb_op_ints(call, "ends", ends, JB_ONNX_DIMS_MAX) != n)
            return false;
    } else {
        n_axes = 0;
        n = from && from->has_ints ? from->n_ints
            : from && from->is_ranked && from->n_dims == 1 && from->dims[0].kind == JB_DIM_NUMBER
                ? (size_t)from->dims[0].n
                : 0;
        if (n == 0 || n > JB_ONNX_DIMS_MAX ||
            (op__is_given(call, 3) && !jb_op_in_ints(call, 3, axes, JB_ONNX_DIMS_MAX, &n_axes)) ||
            (op__is_given(call, 4) && !jb_op_in_ints(call, 4, steps, JB_ONNX_DIMS_MAX, &n_steps)))
            return false;
    }
    if ((n_axes != 0 && n_axes != n) || (n_steps != 0 && n_steps != n))
        return false;
    for (size_t i = 0; i < n; i++) {
        cuts[i].start = is_attribute     ? jb_dim_number(starts[i])
                        : from->has_ints ? from->ints[i]
                                         : jb_dim_unknown();
        cuts[i].end = is_attribute                            ? jb_dim_number(ends[i])
                      : to && to->has_ints && to->n_ints == n ? to->ints[i]
                                                              : jb_dim_unknown();
        cuts[i].step = n_steps ? steps[i] : 1;
        axes[i] = n_axes ? axes[i] : (int64_t)i;
        if (cuts[i].step == 0)
            return false;
    }
    *ret_n = n;
    return true;
}

jb_rc op__slice(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    struct cut cuts[JB_ONNX_DIMS_MAX];
    int64_t axes[JB_ONNX_DIMS_MAX];
    int64_t firsts[JB_ONNX_DIMS_MAX] = {0};
    int64_t steps[JB_ONNX_DIMS_MAX];
    int64_t numbers[JB_ONNX_DIMS_MAX];
    struct jb_dim sizes[JB_ONNX_DIMS_MAX];
    bool is_placed = true;
    int64_t stride = 1;
    int64_t base = 0;
    int64_t n_elements;
    size_t n = 0;
    jb_rc rc;

    op__set_type(call, 0, op__type(call, 0));
    if (!x || x->n_dims > JB_ONNX_DIMS_MAX)
        return JB_OK;
    for (size_t i = 0; i < x->n_dims; i++) {
        sizes[i] = x->dims[i];
        steps[i] = 1;
    }
    if (!read_cuts(call, cuts, axes, &n)) {
        for (size_t i = 0; i < x->n_dims; i++)
            sizes[i] = jb_dim_unknown();
        return jb_op_set(call, 0, x->type, sizes, x->n_dims, err);
    }
    for (size_t i = 0; i < n; i++) {
        struct jb_dim first;
        size_t axis;
        if (!jb_op_axis(axes[i], x->n_dims, &axis))
            return JB_OK;
        sizes[axis] = cut_size(call, &cuts[i], x->dims[axis], &first);
        if (sizes[axis].kind == JB_DIM_UNKNOWN)
            sizes[axis] = op__fresh_at(call, axis);
        is_placed = is_placed && first.kind == JB_DIM_NUMBER;
        firsts[axis] = first.n;
        steps[axis] = cuts[i].step;
    }
    rc = jb_op_set(call, 0, x->type, sizes, x->n_dims, err);
    if (rc || !x->has_ints || !is_placed || !op__numbers(x->dims, x->n_dims, numbers, &n_elements))
        return rc;
    for (size_t i = x->n_dims; i-- > 0;) {
        base += firsts[i] * stride;
        /* A step beyond the tensor takes one element, whatever it is. */
        steps[i] =
            steps[i] > JB_VALUE_INTS_MAX || steps[i] < -JB_VALUE_INTS_MAX ? 0 : steps[i] * stride;
        stride *= numbers[i];
    }
    return op__ints_affine(call, 0, 0, base, steps, err);
}

/* Sizes of the parts: attribute, input 1, or even (the last smaller: opset 18's num_outputs). */
static void part_sizes(struct jb_op_call *call, struct jb_dim size, struct jb_dim *parts)
{
    const struct jb_value *const told = call->opset == 1 ? NULL : op__in(call, 1);
    int64_t ints[JB_ONNX_DIMS_MAX];
    const size_t n = jb_op_ints(call, "split", ints, JB_ONNX_DIMS_MAX);
    const int64_t n_out = (int64_t)call->n_out;
    struct jb_dim even;

    for (size_t i = 0; i < call->n_out; i++)
        parts[i] = jb_dim_unknown();
    if (n > 0 || op__is_given(call, 1)) {
        for (size_t i = 0; i < call->n_out; i++) {
            if (n > 0 && n == call->n_out && i < JB_ONNX_DIMS_MAX)
                parts[i] = jb_dim_number(ints[i]);
            else if (n == 0 && told && told->has_ints && told->n_ints == call->n_out)
                parts[i] = told->ints[i];
        }
        return;
    }
    even = jb_dim_div_ceil(call->dims, size, jb_dim_number(n_out));
    for (size_t i = 0; i < call->n_out; i++)
        parts[i] = even;
    if (size.kind == JB_DIM_NUMBER && even.kind == JB_DIM_NUMBER && n_out > 0) {
        int64_t left = size.n;
        for (size_t i = 0; i < call->n_out; i++) {
            parts[i] = jb_dim_number(left < even.n ? left : even.n);
            left -= parts[i].n;
        }
    }
}

jb_rc op__split(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    struct jb_dim sizes[JB_ONNX_DIMS_MAX];
    const int64_t one = 1;
    struct jb_dim *parts;
    int64_t from = 0;
    size_t axis;

    for (size_t i = 0; i < call->n_out; i++)
        op__set_type(call, i, op__type(call, 0));
    if (!x || x->n_dims > JB_ONNX_DIMS_MAX || call->n_out == 0 ||
        !jb_op_axis(jb_op_int(call, "axis", 0), x->n_dims, &axis))
        return JB_OK;
    parts = jb_arena_get(call->arena, call->n_out, sizeof *parts);
    if (!parts)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory left to follow the sizes of a model");
    part_sizes(call, x->dims[axis], parts);
    for (size_t i = 0; i < x->n_dims; i++)
        sizes[i] = x->dims[i];
    for (size_t i = 0; i < call->n_out; i++) {
        jb_rc rc;
        sizes[axis] = parts[i].kind == JB_DIM_UNKNOWN ? op__fresh_at(call, i) : parts[i];
        rc = jb_op_set(call, i, x->type, sizes, x->n_dims, err);
        if (!rc && x->n_dims == 1 && from >= 0)
            rc = op__ints_affine(call, i, 0, from, &one, err);
        if (rc)
            return rc;
        from = from >= 0 && parts[i].kind == JB_DIM_NUMBER && parts[i].n >= 0 &&
                       parts[i].n <= JB_VALUE_INTS_MAX && from <= JB_VALUE_INTS_MAX
                   ? from + parts[i].n
                   : -1;
    }
    return JB_OK;
}

/* Integers of rank-1 inputs one after the other; those of an input that is not known are unknown, in their number. */
static jb_rc join_ints(struct jb_op_call *call, struct jb_error *err)
{
    struct jb_dim *ints;
    int64_t n;
    size_t at = 0;

    if (call->out[0].n_dims != 1 || call->out[0].dims[0].kind != JB_DIM_NUMBER)
        return JB_OK;
    n = call->out[0].dims[0].n;
    if (n < 0 || n > JB_ONNX_DIMS_MAX * 2)
        return JB_OK;
    ints = jb_arena_get(call->arena, (size_t)n + 1, sizeof *ints);
    if (!ints)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory left to follow the sizes of a model");
    for (size_t i = 0; i < call->n_in; i++) {
        const struct jb_value *const part = call->in[i];
        const int64_t n_part = part->dims[0].n;
        for (int64_t k = 0; k < n_part && at < (size_t)n; k++) {
            ints[at++] =
                part->has_ints && (size_t)k < part->n_ints ? part->ints[k] : jb_dim_unknown();
        }
    }
    return at == (size_t)n ? jb_op_set_ints(call, 0, ints, at, err) : JB_OK;
}

jb_rc op__concat(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *first = NULL;
    struct jb_dim sizes[JB_ONNX_DIMS_MAX];
    struct jb_dim sum = jb_dim_number(0);
    bool has_all = true;
    size_t axis;
    jb_rc rc;

    op__set_type(call, 0, op__type(call, 0));
    for (size_t i = 0; i < call->n_in && !first; i++)
        first = jb_op_ranked(call, i);
    if (!first || first->n_dims > JB_ONNX_DIMS_MAX ||
        !jb_op_axis(jb_op_int(call, "axis", 1), first->n_dims, &axis))
        return JB_OK;
    for (size_t i = 0; i < first->n_dims; i++)
        sizes[i] = first->dims[i];
    for (size_t i = 0; i < call->n_in; i++) {
        const struct jb_value *const part = jb_op_ranked(call, i);
        if (!part || part->n_dims != first->n_dims) {
            has_all = false;
            continue;
        }
        sum = jb_dim_add(call->dims, sum, part->dims[axis]);
        /* The others must agree with the first; one that is a number says more. */
        for (size_t k = 0; k < first->n_dims; k++) {
            if (k != axis && sizes[k].kind != JB_DIM_NUMBER &&
                part->dims[k].kind != JB_DIM_UNKNOWN &&
                (sizes[k].kind == JB_DIM_UNKNOWN || part->dims[k].kind == JB_DIM_NUMBER))
                sizes[k] = part->dims[k];
        }
    }
    sizes[axis] = has_all ? sum : op__fresh_at(call, axis);
    rc = jb_op_set(call, 0, first->type, sizes, first->n_dims, err);
    return rc || !has_all ? rc : join_ints(call, err);
}

/* Pads by attribute ("pads"; "paddings" of opset 1) or input 1: begins of all axes, then ends. */
static bool read_pads(struct jb_op_call *call, struct jb_dim *pads, size_t max, size_t *ret_n)
{
    const struct jb_value *const told = op__in(call, 1);
    int64_t ints[JB_ONNX_DIMS_MAX * 2];
    size_t n = jb_op_ints(call, "pads", ints, JB_ARRAY_LEN(ints));

    if (n == 0)
        n = jb_op_ints(call, "paddings", ints, JB_ARRAY_LEN(ints));
    if (n > max)
        return false;
    for (size_t i = 0; i < n; i++)
        pads[i] = jb_dim_number(ints[i]);
    if (n == 0 && told && told->has_ints && told->n_ints <= max) {
        n = told->n_ints;
        for (size_t i = 0; i < n; i++)
            pads[i] = told->ints[i];
    }
    *ret_n = n;
    return n > 0;
}

jb_rc op__pad(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    struct jb_dim pads[JB_ONNX_DIMS_MAX * 2];
    struct jb_dim sizes[JB_ONNX_DIMS_MAX];
    int64_t axes[JB_ONNX_DIMS_MAX];
    size_t n_axes = 0;
    size_t n_pads;

    op__set_type(call, 0, op__type(call, 0));
    if (!x || x->n_dims > JB_ONNX_DIMS_MAX)
        return JB_OK;
    for (size_t i = 0; i < x->n_dims; i++)
        sizes[i] = x->dims[i];
    if (!read_pads(call, pads, JB_ARRAY_LEN(pads), &n_pads) ||
        (op__is_given(call, 3) && !jb_op_in_ints(call, 3, axes, JB_ONNX_DIMS_MAX, &n_axes)) ||
        n_pads != 2 * (n_axes > 0 ? n_axes : x->n_dims)) {
        for (size_t i = 0; i < x->n_dims; i++)
            sizes[i] = op__fresh_at(call, i);
        return jb_op_set(call, 0, x->type, sizes, x->n_dims, err);
    }
    for (size_t i = 0; i < n_pads / 2; i++) {
        size_t axis;
        if (!jb_op_axis(n_axes > 0 ? axes[i] : (int64_t)i, x->n_dims, &axis))
            return JB_OK;
        sizes[axis] = jb_dim_add(call->dims, sizes[axis],
                                 jb_dim_add(call->dims, pads[i], pads[i + n_pads / 2]));
        if (sizes[axis].kind == JB_DIM_UNKNOWN)
            sizes[axis] = op__fresh_at(call, axis);
    }
    return jb_op_set(call, 0, x->type, sizes, x->n_dims, err);
}

jb_rc op__center_crop_pad(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    const struct jb_value *const shape = op__in(call, 1);
    struct jb_dim sizes[JB_ONNX_DIMS_MAX];
    int64_t axes[JB_ONNX_DIMS_MAX];
    size_t n_axes;

    op__set_type(call, 0, op__type(call, 0));
    if (!x || x->n_dims > JB_ONNX_DIMS_MAX)
        return JB_OK;
    n_axes = jb_op_ints(call, "axes", axes, JB_ONNX_DIMS_MAX);
    for (size_t i = 0; n_axes == 0 && i < x->n_dims; i++)
        axes[i] = (int64_t)i;
    n_axes = n_axes == 0 ? x->n_dims : n_axes;
    for (size_t i = 0; i < x->n_dims; i++)
        sizes[i] = x->dims[i];
    for (size_t i = 0; i < n_axes && i < JB_ONNX_DIMS_MAX; i++) {
        size_t axis;
        if (!jb_op_axis(axes[i], x->n_dims, &axis))
            return JB_OK;
        sizes[axis] = shape && shape->has_ints && i < shape->n_ints ? shape->ints[i]
                                                                    : op__fresh_at(call, axis);
    }
    return jb_op_set(call, 0, x->type, sizes, x->n_dims, err);
}

/* Repeats of each axis; opset 1: how often, and along which axis. */
jb_rc op__tile(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    const struct jb_value *const repeats = op__in(call, 1);
    const bool is_old = call->opset > 0 && call->opset < 6;
    struct jb_dim sizes[JB_ONNX_DIMS_MAX];
    int64_t old_axis = -1;
    size_t n;

    op__set_type(call, 0, op__type(call, 0));
    if (!x || x->n_dims > JB_ONNX_DIMS_MAX || (is_old && !jb_op_in_ints(call, 2, &old_axis, 1, &n)))
        return JB_OK;
    for (size_t i = 0; i < x->n_dims; i++) {
        const size_t from = is_old ? 0 : i;
        sizes[i] = x->dims[i];
        if (is_old && old_axis != (int64_t)i)
            continue;
        sizes[i] = repeats && repeats->has_ints && from < repeats->n_ints
                       ? jb_dim_mul(call->dims, sizes[i], repeats->ints[from])
                       : op__fresh_at(call, i);
    }
    return jb_op_set(call, 0, x->type, sizes, x->n_dims, err);
}

jb_rc op__expand(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    const struct jb_value *const shape = op__in(call, 1);
    struct jb_dim sizes[JB_ONNX_DIMS_MAX];
    int64_t strides[JB_ONNX_DIMS_MAX] = {0};
    int64_t numbers[JB_ONNX_DIMS_MAX];
    int64_t stride = 1;
    int64_t n_elements;
    size_t n_shape;
    size_t n;
    jb_rc rc;

    op__set_type(call, 0, op__type(call, 0));
    if (!x || !shape || !shape->is_ranked || shape->n_dims != 1 ||
        shape->dims[0].kind != JB_DIM_NUMBER || shape->dims[0].n < 0 ||
        shape->dims[0].n > JB_ONNX_DIMS_MAX || x->n_dims > JB_ONNX_DIMS_MAX)
        return JB_OK;
    n_shape = (size_t)shape->dims[0].n;
    n = n_shape > x->n_dims ? n_shape : x->n_dims;
    for (size_t i = 1; i <= n; i++) {
        const struct jb_dim own = i <= x->n_dims ? x->dims[x->n_dims - i] : jb_dim_number(1);
        struct jb_dim wanted = i <= n_shape ? jb_dim_unknown() : jb_dim_number(1);
        if (i <= n_shape && shape->has_ints && shape->n_ints == n_shape)
            wanted = shape->ints[n_shape - i];
        /* Not allowed, but written: -1 leaves the size. */
        if (jb_dim_is(wanted, -1))
            wanted = jb_dim_number(1);
        if (wanted.kind == JB_DIM_UNKNOWN)
            wanted = jb_dim_is(own, 1) ? op__fresh_at(call, n - i) : own;
        sizes[n - i] = jb_dim_broadcast(call->dims, own, wanted);
    }
    rc = jb_op_set(call, 0, x->type, sizes, n, err);
    if (rc || !x->has_ints || !op__numbers(x->dims, x->n_dims, numbers, &n_elements))
        return rc;
    for (size_t i = x->n_dims; i-- > 0;) {
        strides[n - x->n_dims + i] = numbers[i] == 1 ? 0 : stride;
        stride *= numbers[i];
    }
    return op__ints_affine(call, 0, 0, 0, strides, err);
}

/* What stays is what the data decide. */
jb_rc op__compress(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    const bool has_axis = jb_op_attribute(call, "axis").message.len > 0;
    struct jb_dim sizes[JB_ONNX_DIMS_MAX];
    size_t axis;

    op__set_type(call, 0, op__type(call, 0));
    if (!has_axis) {
        sizes[0] = op__fresh(call, "count");
        return jb_op_set(call, 0, op__type(call, 0), sizes, 1, err);
    }
    if (!x || x->n_dims > JB_ONNX_DIMS_MAX ||
        !jb_op_axis(jb_op_int(call, "axis", 0), x->n_dims, &axis))
        return JB_OK;
    for (size_t i = 0; i < x->n_dims; i++)
        sizes[i] = x->dims[i];
    sizes[axis] = op__fresh(call, "count");
    return jb_op_set(call, 0, x->type, sizes, x->n_dims, err);
}
