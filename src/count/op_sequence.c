/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sequences and optionals: of a sequence the number of items is followed, and the sizes that all of them share. They move
 * values and compute nothing. R-COUNT-05.
 */
#include "count/op_control_int.h"
#include "count/walk_int.h"

jb_rc op__agree(struct jb_op_call *call, const struct jb_value *a, const struct jb_value *b,
                struct jb_value *ret, struct jb_error *err)
{
    struct jb_value both = *a;
    both.has_ints = false;
    both.is_ranked = a->is_ranked && b->is_ranked && a->n_dims == b->n_dims;
    both.type = a->type != 0 ? a->type : b->type;
    if (both.is_ranked) {
        struct jb_dim *const dims = jb_arena_get(call->arena, a->n_dims + 1, sizeof *dims);
        if (!dims)
            return jb_arena_fail(call->arena, err);
        for (size_t i = 0; i < a->n_dims; i++)
            dims[i] = jb_dim_equal(a->dims[i], b->dims[i]) ? a->dims[i] : jb_dim_unknown();
        both.dims = dims;
    }
    *ret = both;
    return JB_OK;
}

static const struct jb_value *input(const struct jb_op_call *call, size_t i)
{
    return i < call->n_in ? call->in[i] : NULL;
}

static void set_sequence(struct jb_op_call *call, struct jb_value item, struct jb_dim n_items)
{
    if (call->n_out == 0)
        return;
    item.is_sequence = true;
    item.has_ints = false;
    item.n_items = n_items;
    call->out[0] = item;
}

jb_rc op__sequence_construct(struct jb_op_call *call, struct jb_error *err)
{
    struct jb_value item = {0};
    for (size_t i = 0; i < call->n_in; i++) {
        const struct jb_value *const in = input(call, i);
        const struct jb_value none = {0};
        const jb_rc rc = i == 0 ? JB_OK : op__agree(call, &item, in ? in : &none, &item, err);
        if (rc)
            return rc;
        if (i == 0 && in)
            item = *in;
    }
    set_sequence(call, item, jb_dim_number((int64_t)call->n_in));
    return JB_OK;
}

jb_rc op__sequence_empty(struct jb_op_call *call, struct jb_error *err)
{
    (void)err;
    set_sequence(call, (struct jb_value){.type = jb_op_int(call, "dtype", JB_ONNX_FLOAT)},
                 jb_dim_number(0));
    return JB_OK;
}

jb_rc op__sequence_insert(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const sequence = input(call, 0), *const tensor = input(call, 1);
    if (!sequence || !tensor)
        return JB_OK;
    struct jb_value item = *tensor;
    if (!jb_dim_is(sequence->n_items, 0)) {
        const jb_rc rc = op__agree(call, sequence, tensor, &item, err);
        if (rc)
            return rc;
    }
    set_sequence(call, item, jb_dim_add(call->dims, sequence->n_items, jb_dim_number(1)));
    return JB_OK;
}

jb_rc op__sequence_erase(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const sequence = input(call, 0);
    (void)err;
    if (sequence)
        set_sequence(call, *sequence, jb_dim_sub(call->dims, sequence->n_items, jb_dim_number(1)));
    return JB_OK;
}

jb_rc op__sequence_at(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const sequence = input(call, 0);
    const jb_rc rc = jb_op_set_like(call, 0, sequence, err);
    if (!rc && call->n_out > 0)
        call->out[0].is_sequence = false;
    return rc;
}

jb_rc op__sequence_length(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const sequence = input(call, 0);
    const jb_rc rc = jb_op_set(call, 0, JB_ONNX_INT64, NULL, 0, err);
    if (rc || !sequence || sequence->n_items.kind == JB_DIM_UNKNOWN)
        return rc;
    return jb_op_set_ints(call, 0, &sequence->n_items, 1, err);
}

/* Items all of one size, where the split is even or told by one number that goes; else that size is not known. */
jb_rc op__split_to_sequence(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const in = jb_op_ranked(call, 0);
    const bool has_split = call->n_in > 1 && call->node->inputs[1].len > 0;
    struct jb_dim sizes[JB_ONNX_DIMS_MAX], n_items = jb_dim_unknown();
    int64_t split[JB_VALUE_INTS_MAX];
    size_t axis, n_split = 0, rank = 0;

    if (!in || in->n_dims > JB_ONNX_DIMS_MAX ||
        !jb_op_axis(jb_op_int(call, "axis", 0), in->n_dims, &axis))
        return JB_OK;
    const struct jb_dim whole = in->dims[axis];
    struct jb_dim part = has_split ? jb_dim_unknown() : jb_dim_number(1);
    if (!has_split)
        n_items = whole;
    if (has_split && jb_op_in_ints(call, 1, split, JB_VALUE_INTS_MAX, &n_split) && n_split > 0) {
        const bool is_scalar = call->in[1]->n_dims == 0;
        bool is_even = true;
        for (size_t i = 1; i < n_split; i++)
            is_even &= split[i] == split[0];
        n_items = is_scalar ? jb_dim_div_ceil(call->dims, whole, jb_dim_number(split[0]))
                            : jb_dim_number((int64_t)n_split);
        if (is_scalar)
            is_even = jb_dim_equal(whole, jb_dim_mul(call->dims, n_items, jb_dim_number(split[0])));
        if (is_even)
            part = jb_dim_number(split[0]);
    }
    for (size_t i = 0; i < in->n_dims; i++) {
        if (i == axis && !has_split && jb_op_int(call, "keepdims", 1) == 0)
            continue;
        sizes[rank++] = i == axis ? part : in->dims[i];
    }
    const jb_rc rc = jb_op_set(call, 0, in->type, sizes, rank, err);
    if (!rc && call->n_out > 0)
        set_sequence(call, call->out[0], n_items);
    return rc;
}

jb_rc op__concat_from_sequence(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const in = jb_op_ranked(call, 0);
    const bool is_new = jb_op_int(call, "new_axis", 0) != 0;
    struct jb_dim sizes[JB_ONNX_DIMS_MAX];
    size_t axis, rank = 0;

    if (!in || in->n_dims >= JB_ONNX_DIMS_MAX ||
        !jb_op_axis(jb_op_int(call, "axis", 0), in->n_dims + is_new, &axis))
        return JB_OK;
    for (size_t i = 0; i < in->n_dims + is_new; i++) {
        if (is_new && i == axis)
            sizes[i] = in->n_items;
        else if (i == axis)
            sizes[i] = jb_dim_mul(call->dims, in->dims[rank++], in->n_items);
        else
            sizes[i] = in->dims[rank++];
    }
    return jb_op_set(call, 0, in->type, sizes, in->n_dims + is_new, err);
}

/* An optional is followed as what it may hold. */
jb_rc op__optional(struct jb_op_call *call, struct jb_error *err)
{
    return jb_op_set_like(call, 0, input(call, 0), err);
}

jb_rc op__optional_has(struct jb_op_call *call, struct jb_error *err)
{
    return jb_op_set(call, 0, JB_ONNX_BOOL, NULL, 0, err);
}
