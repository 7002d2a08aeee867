/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arithmetic on integers that are known one by one: the sizes which a graph takes from a Shape, computes with and feeds to
 * a Reshape or a Slice. From the integers of the inputs to those of output 0, element by element with broadcasting. Where one
 * element cannot be told, that element is unknown and the others stay (R-COUNT-03). Floating-point sizes are followed only
 * as long as they are whole.
 */
#include "count/op_more_int.h"

#include "base/num.h"

bool op__numbers(const struct jb_dim *sizes, size_t n, int64_t *ret_sizes, int64_t *ret_elements)
{
    int64_t elements = 1;

    if (n > JB_ONNX_DIMS_MAX)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (sizes[i].kind != JB_DIM_NUMBER || sizes[i].n < 0 || sizes[i].n > JB_VALUE_INTS_MAX)
            return false;
        ret_sizes[i] = sizes[i].n;
        elements *= sizes[i].n;
        if (elements > JB_VALUE_INTS_MAX)
            return false;
    }
    *ret_elements = elements;
    return true;
}

/* The integers of `value` for an output of `sizes`, at base + sum of index x stride; UNKNOWN for what lies outside. */
static void take_affine(const struct jb_value *value, const int64_t *sizes, size_t n_dims,
                        int64_t n, int64_t base, const int64_t *strides, struct jb_dim *ret)
{
    int64_t index[JB_ONNX_DIMS_MAX] = {0};

    for (int64_t i = 0; i < n; i++) {
        int64_t at = base;
        for (size_t k = 0; k < n_dims; k++)
            at += index[k] * strides[k];
        ret[i] = at >= 0 && at < (int64_t)value->n_ints ? value->ints[at] : jb_dim_unknown();
        for (size_t k = n_dims; k-- > 0;) {
            if (++index[k] < sizes[k])
                break;
            index[k] = 0;
        }
    }
}

static struct jb_dim *room(struct jb_op_call *call, int64_t n)
{
    return jb_arena_get(call->arena, (size_t)(n > 0 ? n : 1), sizeof(struct jb_dim));
}

static jb_rc no_memory(struct jb_error *err)
{
    return jb_fail(err, JB_E_NOMEM, NULL, "no memory left to follow the sizes of a model");
}

jb_rc op__ints_affine(struct jb_op_call *call, size_t output, size_t input, int64_t base,
                      const int64_t *strides, struct jb_error *err)
{
    const struct jb_value *const value = op__in(call, input);
    int64_t sizes[JB_ONNX_DIMS_MAX];
    int64_t n;
    struct jb_dim *ints;

    if (!value || !value->has_ints || output >= call->n_out || !call->out[output].is_ranked ||
        !op__numbers(call->out[output].dims, call->out[output].n_dims, sizes, &n))
        return JB_OK;
    ints = room(call, n);
    if (!ints)
        return no_memory(err);
    take_affine(value, sizes, call->out[output].n_dims, n, base, strides, ints);
    return jb_op_set_ints(call, output, ints, (size_t)n, err);
}

jb_rc op__ints_copy(struct jb_op_call *call, size_t output, size_t input, struct jb_error *err)
{
    const struct jb_value *const value = op__in(call, input);
    int64_t sizes[JB_ONNX_DIMS_MAX];
    int64_t n;

    if (!value || !value->has_ints || output >= call->n_out || !call->out[output].is_ranked ||
        !op__numbers(call->out[output].dims, call->out[output].n_dims, sizes, &n) ||
        n != (int64_t)value->n_ints)
        return JB_OK;
    return jb_op_set_ints(call, output, value->ints, value->n_ints, err);
}

static struct jb_dim truth(bool is_true)
{
    return jb_dim_number(is_true ? 1 : 0);
}

static struct jb_dim divided(struct jb_dims *dims, struct jb_dim a, struct jb_dim b, bool is_real)
{
    struct jb_dim quotient;

    if (jb_dim_is(b, 0) || (jb_dim_is(b, -1) && jb_dim_is(a, INT64_MIN)))
        return jb_dim_unknown();
    if (a.kind == JB_DIM_NUMBER && b.kind == JB_DIM_NUMBER)
        return is_real && a.n % b.n != 0 ? jb_dim_unknown() : jb_dim_number(a.n / b.n);
    quotient = jb_dim_div_floor(dims, a, b);
    if (is_real && !jb_dim_equal(jb_dim_mul(dims, quotient, b), a))
        return jb_dim_unknown();
    return quotient;
}

/* The sign of the divisor, as of Python (fmod = 0); sizes are not negative, so the other kind is the same for them. */
static struct jb_dim modulo(struct jb_dims *dims, struct jb_dim a, struct jb_dim b)
{
    if (jb_dim_is(b, 0))
        return jb_dim_unknown();
    if (jb_dim_is(b, 1) || jb_dim_is(b, -1))
        return jb_dim_number(0);
    if (a.kind == JB_DIM_NUMBER && b.kind == JB_DIM_NUMBER) {
        const int64_t rest = a.n % b.n;
        return jb_dim_number(rest != 0 && (rest < 0) != (b.n < 0) ? rest + b.n : rest);
    }
    return jb_dim_sub(dims, a, jb_dim_mul(dims, b, jb_dim_div_floor(dims, a, b)));
}

static struct jb_dim power(struct jb_dims *dims, struct jb_dim a, struct jb_dim b)
{
    struct jb_dim product = jb_dim_number(1);

    if (b.kind != JB_DIM_NUMBER || b.n < 0 || b.n > 62)
        return jb_dim_unknown();
    for (int64_t i = 0; i < b.n; i++)
        product = jb_dim_mul(dims, product, a);
    return product;
}

static struct jb_dim compared(enum op__arith arith, struct jb_dim a, struct jb_dim b)
{
    const bool are_numbers = a.kind == JB_DIM_NUMBER && b.kind == JB_DIM_NUMBER;

    if (arith == ARITH_EQUAL) {
        if (jb_dim_equal(a, b))
            return truth(true);
        if (are_numbers)
            return truth(false);
        /* A size is never negative: graphs ask whether it is -1. */
        if ((a.kind == JB_DIM_POLY && b.kind == JB_DIM_NUMBER && b.n < 0) ||
            (b.kind == JB_DIM_POLY && a.kind == JB_DIM_NUMBER && a.n < 0))
            return truth(false);
        return jb_dim_unknown();
    }
    if (!are_numbers)
        return jb_dim_unknown();
    switch (arith) {
    case ARITH_LESS: return truth(a.n < b.n);
    case ARITH_LESS_EQUAL: return truth(a.n <= b.n);
    case ARITH_GREATER: return truth(a.n > b.n);
    case ARITH_GREATER_EQUAL: return truth(a.n >= b.n);
    case ARITH_AND: return truth(a.n != 0 && b.n != 0);
    case ARITH_OR: return truth(a.n != 0 || b.n != 0);
    case ARITH_XOR: return truth((a.n != 0) != (b.n != 0));
    default: return jb_dim_unknown();
    }
}

static struct jb_dim combined(struct jb_dims *dims, enum op__arith arith, struct jb_dim a,
                              struct jb_dim b, bool is_real)
{
    if (a.kind == JB_DIM_UNKNOWN || b.kind == JB_DIM_UNKNOWN)
        return jb_dim_unknown();
    switch (arith) {
    case ARITH_ADD:
    case ARITH_MEAN: return jb_dim_add(dims, a, b);
    case ARITH_SUB: return jb_dim_sub(dims, a, b);
    case ARITH_MUL: return jb_dim_mul(dims, a, b);
    case ARITH_DIV: return divided(dims, a, b, is_real);
    case ARITH_MOD: return modulo(dims, a, b);
    case ARITH_MIN: return jb_dim_min(dims, a, b);
    case ARITH_MAX: return jb_dim_max(dims, a, b);
    case ARITH_POW: return power(dims, a, b);
    default: return compared(arith, a, b);
    }
}

static bool is_real_type(int64_t type)
{
    return type == JB_ONNX_FLOAT || type == JB_ONNX_DOUBLE || type == JB_ONNX_FLOAT16 ||
           type == JB_ONNX_BFLOAT16;
}

/* Row-major strides of an input within an output of n_out dims: 0 where it is repeated. */
static bool broadcast_strides(const struct jb_value *value, size_t n_out, int64_t *strides)
{
    int64_t sizes[JB_ONNX_DIMS_MAX];
    int64_t n;
    int64_t stride = 1;

    if (value->n_dims > n_out || !op__numbers(value->dims, value->n_dims, sizes, &n) ||
        n != (int64_t)value->n_ints)
        return false;
    for (size_t k = 0; k < n_out; k++)
        strides[k] = 0;
    for (size_t k = value->n_dims; k-- > 0;) {
        strides[n_out - value->n_dims + k] = sizes[k] == 1 ? 0 : stride;
        stride *= sizes[k];
    }
    return true;
}

/* Integers of an input as the output has its elements. */
static jb_rc spread(struct jb_op_call *call, size_t input, const int64_t *sizes, int64_t n,
                    struct jb_dim **ret, struct jb_error *err)
{
    const struct jb_value *const value = op__in(call, input);
    int64_t strides[JB_ONNX_DIMS_MAX];

    *ret = NULL;
    if (!value || !value->has_ints || !value->is_ranked ||
        !broadcast_strides(value, call->out[0].n_dims, strides))
        return JB_OK;
    *ret = room(call, n);
    if (!*ret)
        return no_memory(err);
    take_affine(value, sizes, call->out[0].n_dims, n, 0, strides, *ret);
    return JB_OK;
}

static bool out_numbers(const struct jb_op_call *call, int64_t *sizes, int64_t *ret_n)
{
    return call->n_out > 0 && call->out[0].is_ranked &&
           op__numbers(call->out[0].dims, call->out[0].n_dims, sizes, ret_n);
}

jb_rc op__ints_fold(struct jb_op_call *call, enum op__arith arith, struct jb_error *err)
{
    const bool is_real = is_real_type(op__type(call, 0));
    int64_t sizes[JB_ONNX_DIMS_MAX];
    int64_t n;
    struct jb_dim *sum = NULL;

    if (arith == ARITH_NONE)
        return JB_OK;
    /* Most calls end here: weights and activations have no integers, and cost nothing. */
    for (size_t i = 0; i < call->n_in; i++) {
        if (!call->in[i] || !call->in[i]->has_ints)
            return JB_OK;
    }
    if (!out_numbers(call, sizes, &n))
        return JB_OK;
    for (size_t i = 0; i < call->n_in; i++) {
        struct jb_dim *next;
        const jb_rc rc = spread(call, i, sizes, n, &next, err);
        if (rc || !next)
            return rc;
        for (int64_t k = 0; sum && k < n; k++)
            sum[k] = combined(call->dims, arith, sum[k], next[k], is_real);
        if (!sum)
            sum = next;
    }
    if (!sum)
        return JB_OK;
    for (int64_t k = 0; arith == ARITH_MEAN && k < n; k++)
        sum[k] = divided(call->dims, sum[k], jb_dim_number((int64_t)call->n_in), true);
    return jb_op_set_ints(call, 0, sum, (size_t)n, err);
}

static struct jb_dim changed(struct jb_dims *dims, enum op__arith arith, struct jb_dim a)
{
    if (a.kind == JB_DIM_UNKNOWN || arith == ARITH_COPY)
        return a;
    if (arith == ARITH_NEG)
        return jb_dim_sub(dims, jb_dim_number(0), a);
    /* A polynomial is of sizes, and those are not negative. */
    if (arith == ARITH_ABS && a.kind != JB_DIM_NUMBER)
        return a;
    if (arith == ARITH_ABS)
        return a.n < 0 ? jb_dim_sub(dims, jb_dim_number(0), a) : a;
    if (a.kind != JB_DIM_NUMBER)
        return jb_dim_unknown();
    return arith == ARITH_NOT ? truth(a.n == 0) : jb_dim_number((a.n > 0) - (a.n < 0));
}

jb_rc op__ints_unary(struct jb_op_call *call, enum op__arith arith, struct jb_error *err)
{
    const struct jb_value *const value = op__in(call, 0);
    struct jb_dim *ints;

    if (arith == ARITH_COPY)
        return op__ints_copy(call, 0, 0, err);
    if (arith == ARITH_NONE || !value || !value->has_ints)
        return JB_OK;
    ints = room(call, (int64_t)value->n_ints);
    if (!ints)
        return no_memory(err);
    for (size_t i = 0; i < value->n_ints; i++)
        ints[i] = changed(call->dims, arith, value->ints[i]);
    return jb_op_set_ints(call, 0, ints, value->n_ints, err);
}

jb_rc op__ints_where(struct jb_op_call *call, struct jb_error *err)
{
    struct jb_dim *ints[3];
    int64_t sizes[JB_ONNX_DIMS_MAX];
    int64_t n;

    for (size_t i = 0; i < 3; i++) {
        if (i >= call->n_in || !call->in[i] || !call->in[i]->has_ints)
            return JB_OK;
    }
    if (!out_numbers(call, sizes, &n))
        return JB_OK;
    for (size_t i = 0; i < 3; i++) {
        const jb_rc rc = spread(call, i, sizes, n, &ints[i], err);
        if (rc || !ints[i])
            return rc;
    }
    for (int64_t k = 0; k < n; k++) {
        if (ints[0][k].kind == JB_DIM_NUMBER)
            ints[0][k] = ints[0][k].n != 0 ? ints[1][k] : ints[2][k];
        else
            ints[0][k] = jb_dim_equal(ints[1][k], ints[2][k]) ? ints[1][k] : jb_dim_unknown();
    }
    return jb_op_set_ints(call, 0, ints[0], (size_t)n, err);
}

jb_rc op__ints_reduce(struct jb_op_call *call, enum op__arith arith, struct jb_error *err)
{
    const struct jb_value *const value = op__in(call, 0);
    struct jb_dim sum;

    if (!value || !value->has_ints || value->n_ints == 0 || arith == ARITH_NONE ||
        call->n_out == 0 || !call->out[0].is_ranked ||
        !jb_dim_is(jb_value_elements(call->dims, &call->out[0]), 1))
        return JB_OK;
    sum = value->ints[0];
    for (size_t i = 1; i < value->n_ints; i++)
        sum = combined(call->dims, arith, sum, value->ints[i], false);
    if (arith == ARITH_MEAN)
        sum = divided(call->dims, sum, jb_dim_number((int64_t)value->n_ints), true);
    return jb_op_set_ints(call, 0, &sum, 1, err);
}
