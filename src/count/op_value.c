/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operators that make values out of nothing or out of a shape: constants, ranges, Shape and Size, random numbers. Small
 * integers are kept one by one, so that a shape may be computed from them. Random numbers are listed as not counted: their
 * cost is the generator's. R-COUNT-03, R-COUNT-05.
 */
#include "count/op_more_int.h"
#include "count/wire_int.h"

enum { ATTRIBUTE_SPARSE = 22, SPARSE_VALUES = 1, SPARSE_DIMS = 3 };

#define WHY_RANDOM "what a random number costs depends on the generator"

static jb_rc set_tensor(struct jb_op_call *call, struct jb_span message, struct jb_error *err)
{
    struct jb_onnx_tensor tensor;
    struct jb_dim sizes[JB_ONNX_DIMS_MAX];
    int64_t *numbers;
    struct jb_dim *ints;
    size_t n = 0;
    jb_rc rc = jb_onnx_read_tensor(message, call->arena, &tensor, err);

    if (rc)
        return rc;
    for (size_t i = 0; i < tensor.n_dims && i < JB_ONNX_DIMS_MAX; i++)
        sizes[i] = jb_dim_number(tensor.dims[i]);
    rc = jb_op_set(call, 0, tensor.type, sizes, tensor.n_dims, err);
    if (rc || tensor.n_elements > JB_VALUE_INTS_MAX)
        return rc;
    numbers = jb_arena_get(call->arena, (size_t)tensor.n_elements + 1, sizeof *numbers);
    ints = jb_arena_get(call->arena, (size_t)tensor.n_elements + 1, sizeof *ints);
    if (!numbers || !ints)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory left to follow the sizes of a model");
    if (jb_onnx_tensor_ints(&tensor, numbers, JB_VALUE_INTS_MAX, &n)) {
        for (size_t i = 0; i < n; i++)
            ints[i] = jb_dim_number(numbers[i]);
        return jb_op_set_ints(call, 0, ints, n, err);
    }
    jb_value_set_reals(&call->out[0], &tensor, call->arena);
    return JB_OK;
}

/* SparseTensorProto: the type is that of its values, the sizes its own. */
static jb_rc set_sparse(struct jb_op_call *call, struct jb_span message, struct jb_error *err)
{
    struct jb_wire wire = jb_wire_over(message);
    struct jb_wire_field field;
    struct jb_onnx_tensor tensor = {0};
    struct jb_dim sizes[JB_ONNX_DIMS_MAX];
    size_t n = 0;

    while (jb_wire_next(&wire, &field)) {
        if (jb_wire_is(&field, SPARSE_VALUES, JB_WIRE_BYTES)) {
            const jb_rc rc = jb_onnx_read_tensor(field.bytes, call->arena, &tensor, err);
            if (rc)
                return rc;
        } else if (field.number == SPARSE_DIMS) {
            struct jb_wire_numbers numbers = jb_wire_numbers(&field, JB_WIRE_VARINT);
            uint64_t size;
            while (n < JB_ONNX_DIMS_MAX && jb_wire_numbers_next(&numbers, &size))
                sizes[n++] = jb_dim_number((int64_t)(size & INT64_MAX));
        }
    }
    return jb_op_set(call, 0, tensor.type, sizes, n, err);
}

/* value_int, value_ints: integers known one by one. */
static jb_rc set_integers(struct jb_op_call *call, bool is_scalar, struct jb_error *err)
{
    const struct jb_onnx_attribute attribute = jb_op_attribute(call, "value_ints");
    struct jb_dim size = jb_dim_number(1);
    struct jb_dim *ints;
    int64_t *numbers;
    size_t n = 1;
    jb_rc rc;

    if (!is_scalar)
        jb_onnx_attribute_ints(attribute, NULL, 0, &n);
    size = jb_dim_number((int64_t)n);
    rc = jb_op_set(call, 0, JB_ONNX_INT64, &size, is_scalar ? 0 : 1, err);
    if (rc || n > JB_VALUE_INTS_MAX)
        return rc;
    numbers = jb_arena_get(call->arena, n + 1, sizeof *numbers);
    ints = jb_arena_get(call->arena, n + 1, sizeof *ints);
    if (!numbers || !ints)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory left to follow the sizes of a model");
    numbers[0] = jb_op_int(call, "value_int", 0);
    if (!is_scalar)
        jb_onnx_attribute_ints(attribute, numbers, n, &n);
    for (size_t i = 0; i < n; i++)
        ints[i] = jb_dim_number(numbers[i]);
    return jb_op_set_ints(call, 0, ints, n, err);
}

static bool has(const struct jb_op_call *call, const char *name)
{
    return jb_op_attribute(call, name).message.len > 0;
}

jb_rc op__constant(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_span tensor = jb_onnx_attribute_tensor(jb_op_attribute(call, "value"));
    double reals[JB_ONNX_DIMS_MAX];
    struct jb_dim size;
    size_t n;

    if (tensor.len > 0)
        return set_tensor(call, tensor, err);
    if (has(call, "value_int") || has(call, "value_ints"))
        return set_integers(call, has(call, "value_int"), err);
    if (has(call, "value_float") || has(call, "value_floats")) {
        const bool is_scalar = has(call, "value_float");
        jb_rc rc;
        reals[0] = jb_op_float(call, "value_float", 0);
        n = is_scalar ? 1 : op__floats(call, "value_floats", reals, JB_ARRAY_LEN(reals));
        size = jb_dim_number((int64_t)n);
        rc = jb_op_set(call, 0, JB_ONNX_FLOAT, &size, is_scalar ? 0 : 1, err);
        return rc || n > JB_ARRAY_LEN(reals) ? rc : op__set_reals(call, reals, n, err);
    }
    if (has(call, "value_string") || has(call, "value_strings")) {
        size = jb_dim_number((int64_t)op__n_strings(call, "value_strings"));
        return jb_op_set(call, 0, JB_ONNX_STRING, &size, has(call, "value_string") ? 0 : 1, err);
    }
    if (has(call, "sparse_value")) {
        struct jb_wire wire = jb_wire_over(jb_op_attribute(call, "sparse_value").message);
        struct jb_wire_field field;
        while (jb_wire_next(&wire, &field)) {
            if (jb_wire_is(&field, ATTRIBUTE_SPARSE, JB_WIRE_BYTES))
                return set_sparse(call, field.bytes, err);
        }
    }
    return JB_OK;
}

/* Sizes from the integers of `input`, or by its length alone; false where not even that is known. */
static bool sizes_from(struct jb_op_call *call, size_t input, struct jb_dim *sizes, size_t *ret_n)
{
    const struct jb_value *const shape = jb_op_ranked(call, input);

    if (!shape || shape->n_dims != 1 || shape->dims[0].kind != JB_DIM_NUMBER ||
        shape->dims[0].n < 0 || shape->dims[0].n > JB_ONNX_DIMS_MAX)
        return false;
    *ret_n = (size_t)shape->dims[0].n;
    for (size_t i = 0; i < *ret_n; i++) {
        sizes[i] = shape->has_ints && i < shape->n_ints ? shape->ints[i] : jb_dim_unknown();
        if (sizes[i].kind == JB_DIM_UNKNOWN)
            sizes[i] = op__fresh_at(call, i);
    }
    return true;
}

jb_rc op__constant_of_shape(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_span message = jb_onnx_attribute_tensor(jb_op_attribute(call, "value"));
    struct jb_onnx_tensor tensor = {.type = JB_ONNX_FLOAT};
    struct jb_dim sizes[JB_ONNX_DIMS_MAX];
    int64_t numbers[JB_ONNX_DIMS_MAX];
    struct jb_dim *ints;
    int64_t value = 0;
    int64_t n_elements;
    size_t n_value = 1;
    size_t n;
    jb_rc rc;

    if (message.len > 0) {
        rc = jb_onnx_read_tensor(message, call->arena, &tensor, err);
        if (rc)
            return rc;
    }
    op__set_type(call, 0, tensor.type);
    if (!sizes_from(call, 0, sizes, &n))
        return JB_OK;
    rc = jb_op_set(call, 0, tensor.type, sizes, n, err);
    if (rc || !op__numbers(sizes, n, numbers, &n_elements) ||
        (message.len > 0 && (!jb_onnx_tensor_ints(&tensor, &value, 1, &n_value) || n_value != 1)))
        return rc;
    ints = jb_arena_get(call->arena, (size_t)n_elements + 1, sizeof *ints);
    if (!ints)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory left to follow the sizes of a model");
    for (int64_t i = 0; i < n_elements; i++)
        ints[i] = jb_dim_number(value);
    return jb_op_set_ints(call, 0, ints, (size_t)n_elements, err);
}

/* start, limit, delta: ceiling of (limit - start) / delta, not below 0. A product and a sum for each. */
jb_rc op__range(struct jb_op_call *call, struct jb_error *err)
{
    struct jb_dim told[3];
    struct jb_dim size;
    struct jb_dim *ints;
    bool is_known = true;
    jb_rc rc;

    for (size_t i = 0; i < 3; i++) {
        const struct jb_value *const value = op__in(call, i);
        const bool has_one = value && value->has_ints && value->n_ints == 1;
        told[i] = has_one ? value->ints[0] : jb_dim_unknown();
        if (i == 2 && !op__is_given(call, 2))
            told[i] = jb_dim_number(1);
        is_known = is_known && told[i].kind != JB_DIM_UNKNOWN;
    }
    size = is_known && !jb_dim_is(told[2], 0)
               ? jb_dim_div_ceil(call->dims, jb_dim_sub(call->dims, told[1], told[0]), told[2])
               : jb_dim_unknown();
    if (size.kind == JB_DIM_UNKNOWN)
        size = op__range_of_reals(call);
    if (size.kind == JB_DIM_NUMBER && size.n < 0)
        size = jb_dim_number(0);
    if (size.kind == JB_DIM_UNKNOWN)
        size = op__fresh(call, "count");
    rc = jb_op_set(call, 0, op__type(call, 0), &size, 1, err);
    if (rc)
        return rc;
    op__work_out(call);
    if (!is_known || size.kind != JB_DIM_NUMBER || size.n > JB_VALUE_INTS_MAX)
        return JB_OK;
    ints = jb_arena_get(call->arena, (size_t)size.n + 1, sizeof *ints);
    if (!ints)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory left to follow the sizes of a model");
    for (int64_t i = 0; i < size.n; i++)
        ints[i] =
            jb_dim_add(call->dims, told[0], jb_dim_mul(call->dims, told[2], jb_dim_number(i)));
    return jb_op_set_ints(call, 0, ints, (size_t)size.n, err);
}

jb_rc op__eye_like(struct jb_op_call *call, struct jb_error *err)
{
    return op__set_as(call, 0, 0, jb_op_int(call, "dtype", 0), err);
}

/* indices, depth, values: one axis more, of the depth. */
jb_rc op__one_hot(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const indices = jb_op_ranked(call, 0);
    const struct jb_value *const depth = op__in(call, 1);
    struct jb_dim sizes[JB_ONNX_DIMS_MAX];
    size_t axis;
    size_t from = 0;

    op__set_type(call, 0, op__type(call, 2));
    if (!indices || indices->n_dims + 1 > JB_ONNX_DIMS_MAX ||
        !jb_op_axis(jb_op_int(call, "axis", -1), indices->n_dims + 1, &axis))
        return JB_OK;
    for (size_t i = 0; i <= indices->n_dims; i++) {
        if (i != axis)
            sizes[i] = indices->dims[from++];
        else
            sizes[i] = depth && depth->has_ints && depth->n_ints == 1 ? depth->ints[0]
                                                                      : op__fresh(call, "depth");
    }
    return jb_op_set(call, 0, op__type(call, 2), sizes, indices->n_dims + 1, err);
}

/* From opset 15 of the axes [start, end). */
jb_rc op__shape(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    struct jb_dim size;
    int64_t from, to, rank;
    jb_rc rc;

    op__set_type(call, 0, JB_ONNX_INT64);
    if (!x) {
        size = jb_dim_unknown();
        return jb_op_set(call, 0, JB_ONNX_INT64, &size, 1, err);
    }
    rank = (int64_t)x->n_dims;
    from = jb_op_int(call, "start", 0);
    to = jb_op_int(call, "end", rank);
    from = from < -rank ? 0 : from < 0 ? from + rank : from > rank ? rank : from;
    to = to < -rank ? 0 : to < 0 ? to + rank : to > rank ? rank : to;
    to = to < from ? from : to;
    size = jb_dim_number(to - from);
    rc = jb_op_set(call, 0, JB_ONNX_INT64, &size, 1, err);
    if (rc || to == from)
        return rc;
    return jb_op_set_ints(call, 0, x->dims + from, (size_t)(to - from), err);
}

jb_rc op__size(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_dim elements = op__elements_in(call, 0);
    const jb_rc rc = jb_op_set(call, 0, JB_ONNX_INT64, NULL, 0, err);

    if (rc || elements.kind == JB_DIM_UNKNOWN)
        return rc;
    return jb_op_set_ints(call, 0, &elements, 1, err);
}

jb_rc op__random(struct jb_op_call *call, struct jb_error *err)
{
    int64_t told[JB_ONNX_DIMS_MAX];
    struct jb_dim sizes[JB_ONNX_DIMS_MAX];
    const int64_t type = jb_op_int(call, "dtype", JB_ONNX_FLOAT);
    const size_t n = jb_op_ints(call, "shape", told, JB_ONNX_DIMS_MAX);

    jb_op_not_counted(call, WHY_RANDOM);
    if (n > JB_ONNX_DIMS_MAX)
        return JB_OK;
    for (size_t i = 0; i < n; i++)
        sizes[i] = jb_dim_number(told[i]);
    return jb_op_set(call, 0, type, sizes, n, err);
}

jb_rc op__random_like(struct jb_op_call *call, struct jb_error *err)
{
    jb_op_not_counted(call, WHY_RANDOM);
    return op__set_as(call, 0, 0, jb_op_int(call, "dtype", 0), err);
}

jb_rc op__multinomial(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    const int64_t type = jb_op_int(call, "dtype", JB_ONNX_INT32);
    struct jb_dim sizes[2];

    jb_op_not_counted(call, WHY_RANDOM);
    op__set_type(call, 0, type);
    if (!x || x->n_dims != 2)
        return JB_OK;
    sizes[0] = x->dims[0];
    sizes[1] = jb_dim_number(jb_op_int(call, "sample_size", 1));
    return jb_op_set(call, 0, type, sizes, 2, err);
}
