/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Helpers of the operators without multiply-adds: what is known of an input, sizes nobody can follow, work per element.
 * They never guess a size: what cannot be told is a symbol with a name (R-COUNT-03) or stays unknown (R-COUNT-05).
 */
#include "count/op_more_int.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"

bool op__is_given(const struct jb_op_call *call, size_t input)
{
    return input < call->n_in && call->node->inputs[input].len > 0;
}

const struct jb_value *op__in(const struct jb_op_call *call, size_t input)
{
    return input < call->n_in ? call->in[input] : NULL;
}

int64_t op__type(const struct jb_op_call *call, size_t input)
{
    const struct jb_value *const value = op__in(call, input);
    return value ? value->type : JB_ONNX_UNDEFINED;
}

struct jb_dim op__fresh(struct jb_op_call *call, const char *text)
{
    struct jb_span name = call->node->name;
    char symbol[128];
    size_t len;

    for (size_t i = 0; name.len == 0 && i < call->node->n_outputs; i++)
        name = call->node->outputs[i];
    if (name.len == 0)
        name = call->node->op_type;
    /* The end of a long path tells more than its beginning. */
    len = name.len < sizeof symbol - 32 ? name.len : sizeof symbol - 32;
    if (len > 0)
        memcpy(symbol, name.at + (name.len - len), len);
    (void)snprintf(symbol + len, sizeof symbol - len, ".%s", text);
    return jb_dim_symbol(call->dims, symbol, strlen(symbol));
}

struct jb_dim op__fresh_at(struct jb_op_call *call, size_t axis)
{
    char text[24];

    (void)snprintf(text, sizeof text, "%zu", axis);
    return op__fresh(call, text);
}

struct jb_dim op__elements_in(struct jb_op_call *call, size_t input)
{
    const struct jb_value *const value = jb_op_ranked(call, input);
    return value ? jb_value_elements(call->dims, value) : jb_dim_unknown();
}

struct jb_dim op__elements_out(struct jb_op_call *call, size_t output)
{
    return output < call->n_out && call->out[output].is_ranked
               ? jb_value_elements(call->dims, &call->out[output])
               : jb_dim_unknown();
}

struct jb_dim op__product(struct jb_dims *dims, const struct jb_dim *sizes, size_t n)
{
    struct jb_dim product = jb_dim_number(1);

    for (size_t i = 0; i < n; i++)
        product = jb_dim_mul(dims, product, sizes[i]);
    return product;
}

void op__work(struct jb_op_call *call, int64_t a, struct jb_dim n, int64_t b, struct jb_dim m)
{
    struct jb_dims *const dims = call->dims;

    call->work.kind = JB_WORK_ELEMENTWISE;
    call->work.flops = jb_dim_mul(dims, jb_dim_number(a), n);
    if (b > 0)
        call->work.flops =
            jb_dim_add(dims, call->work.flops, jb_dim_mul(dims, jb_dim_number(b), m));
}

void op__work_out(struct jb_op_call *call)
{
    if (call->op->per_element > 0)
        op__work(call, call->op->per_element, op__elements_out(call, 0), 0, jb_dim_number(0));
}

void op__set_type(struct jb_op_call *call, size_t output, int64_t type)
{
    if (output < call->n_out)
        call->out[output].type = type;
}

jb_rc op__set_as(struct jb_op_call *call, size_t output, size_t input, int64_t type,
                 struct jb_error *err)
{
    const struct jb_value *const value = op__in(call, input);

    if (value && value->is_ranked)
        return jb_op_set(call, output, type != 0 ? type : value->type, value->dims, value->n_dims,
                         err);
    op__set_type(call, output, type != 0 ? type : op__type(call, input));
    return JB_OK;
}

bool op__axes(const struct jb_op_call *call, const char *attribute, size_t input, size_t rank,
              size_t *axes, size_t *ret_n)
{
    int64_t told[JB_ONNX_DIMS_MAX];
    size_t n = jb_op_ints(call, attribute, told, JB_ONNX_DIMS_MAX);

    if (n == 0 && op__is_given(call, input) &&
        !jb_op_in_ints(call, input, told, JB_ONNX_DIMS_MAX, &n))
        return false;
    if (n > JB_ONNX_DIMS_MAX)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!jb_op_axis(told[i], rank, &axes[i]))
            return false;
    }
    *ret_n = n;
    return true;
}

jb_rc op__like(struct jb_op_call *call, struct jb_error *err)
{
    const jb_rc rc = op__set_as(call, 0, 0, 0, err);

    if (rc)
        return rc;
    op__work_out(call);
    return JB_OK;
}

jb_rc op__like_bool(struct jb_op_call *call, struct jb_error *err)
{
    const jb_rc rc = op__set_as(call, 0, 0, JB_ONNX_BOOL, err);

    if (rc)
        return rc;
    op__work_out(call);
    return JB_OK;
}
