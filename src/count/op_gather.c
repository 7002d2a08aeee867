/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operators that look up elements by index, or put them in places by index: shapes from data and indices. No arithmetic,
 * but one operation per element where a scatter adds, multiplies or compares (R-COUNT-12).
 */
#include "count/op_more_int.h"

/* data of one axis, indices that are numbers: the integers they point to. */
static jb_rc gather_ints(struct jb_op_call *call, const struct jb_value *data,
                         const struct jb_value *indices, struct jb_error *err)
{
    struct jb_dim *ints;

    if (!data->has_ints || !indices->has_ints || data->n_dims != 1)
        return JB_OK;
    ints = jb_arena_get(call->arena, indices->n_ints + 1, sizeof *ints);
    if (!ints)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory left to follow the sizes of a model");
    for (size_t i = 0; i < indices->n_ints; i++) {
        const struct jb_dim at = indices->ints[i];
        size_t place;
        ints[i] = at.kind == JB_DIM_NUMBER && jb_op_axis(at.n, data->n_ints, &place)
                      ? data->ints[place]
                      : jb_dim_unknown();
    }
    return jb_op_set_ints(call, 0, ints, indices->n_ints, err);
}

jb_rc op__gather(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const data = jb_op_ranked(call, 0);
    const struct jb_value *const indices = jb_op_ranked(call, 1);
    struct jb_dim sizes[JB_ONNX_DIMS_MAX];
    size_t axis;
    size_t n = 0;
    jb_rc rc;

    op__set_type(call, 0, op__type(call, 0));
    if (!data || !indices || data->n_dims + indices->n_dims > JB_ONNX_DIMS_MAX ||
        !jb_op_axis(jb_op_int(call, "axis", 0), data->n_dims, &axis))
        return JB_OK;
    for (size_t i = 0; i < axis; i++)
        sizes[n++] = data->dims[i];
    for (size_t i = 0; i < indices->n_dims; i++)
        sizes[n++] = indices->dims[i];
    for (size_t i = axis + 1; i < data->n_dims; i++)
        sizes[n++] = data->dims[i];
    rc = jb_op_set(call, 0, data->type, sizes, n, err);
    return rc ? rc : gather_ints(call, data, indices, err);
}

jb_rc op__gather_elements(struct jb_op_call *call, struct jb_error *err)
{
    return op__set_as(call, 0, 1, op__type(call, 0), err);
}

/* indices [b.., i.., k] into data [b.., k.., rest..]: [b.., i.., rest..]. */
jb_rc op__gather_nd(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const data = jb_op_ranked(call, 0);
    const struct jb_value *const indices = jb_op_ranked(call, 1);
    const int64_t n_batch = jb_op_int(call, "batch_dims", 0);
    struct jb_dim sizes[JB_ONNX_DIMS_MAX];
    int64_t n_key;
    size_t n = 0;

    op__set_type(call, 0, op__type(call, 0));
    if (!data || !indices || indices->n_dims == 0 ||
        data->n_dims + indices->n_dims > JB_ONNX_DIMS_MAX ||
        indices->dims[indices->n_dims - 1].kind != JB_DIM_NUMBER)
        return JB_OK;
    n_key = indices->dims[indices->n_dims - 1].n;
    if (n_batch < 0 || n_key < 0 || n_batch > (int64_t)data->n_dims ||
        n_key > (int64_t)data->n_dims - n_batch)
        return JB_OK;
    for (size_t i = 0; i + 1 < indices->n_dims; i++)
        sizes[n++] = indices->dims[i];
    for (size_t i = (size_t)(n_batch + n_key); i < data->n_dims; i++)
        sizes[n++] = data->dims[i];
    return jb_op_set(call, 0, data->type, sizes, n, err);
}

/* detail: the input with the updates. */
jb_rc op__scatter(struct jb_op_call *call, struct jb_error *err)
{
    static const char *const combining[] = {"add", "mul", "min", "max"};
    const jb_rc rc = op__set_as(call, 0, 0, 0, err);

    if (rc)
        return rc;
    for (size_t i = 0; i < JB_ARRAY_LEN(combining); i++) {
        if (jb_op_text_is(call, "reduction", combining[i]))
            op__work(call, 1, op__elements_in(call, (size_t)call->op->detail), 0, jb_dim_number(0));
    }
    return JB_OK;
}

/* ai.onnx.ml: columns of the last axis. */
jb_rc op__array_feature(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    const struct jb_value *const columns = jb_op_ranked(call, 1);
    struct jb_dim sizes[JB_ONNX_DIMS_MAX];
    size_t n = 0;

    op__set_type(call, 0, op__type(call, 0));
    if (!x || !columns || x->n_dims == 0 || x->n_dims > JB_ONNX_DIMS_MAX)
        return JB_OK;
    if (x->n_dims == 1)
        sizes[n++] = jb_dim_number(1);
    for (size_t i = 0; i + 1 < x->n_dims; i++)
        sizes[n++] = x->dims[i];
    sizes[n++] = jb_value_elements(call->dims, columns);
    return jb_op_set(call, 0, x->type, sizes, n, err);
}
