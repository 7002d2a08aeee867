/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What operators share: their attributes, the sizes of their inputs, and setting what is known of an output. Nothing here
 * fails for lack of knowledge. R-COUNT-04, R-COUNT-10.
 */
#include <string.h>

#include "count/walk_int.h"

/* --- attributes -------------------------------------------------------------------------------------------------- */

struct jb_onnx_attribute jb_op_attribute(const struct jb_op_call *call, const char *name)
{
    return jb_walk__attribute(call->walk, call->node, name);
}

int64_t jb_op_int(const struct jb_op_call *call, const char *name, int64_t otherwise)
{
    return jb_onnx_attribute_int(jb_op_attribute(call, name), otherwise);
}

double jb_op_float(const struct jb_op_call *call, const char *name, double otherwise)
{
    return jb_onnx_attribute_float(jb_op_attribute(call, name), otherwise);
}

bool jb_op_text_is(const struct jb_op_call *call, const char *name, const char *text)
{
    return jb_span_is(jb_onnx_attribute_text(jb_op_attribute(call, name)), text);
}

size_t jb_op_ints(const struct jb_op_call *call, const char *name, int64_t *ints, size_t max)
{
    size_t n = 0;
    jb_onnx_attribute_ints(jb_op_attribute(call, name), ints, max, &n);
    return n;
}

/* --- inputs ------------------------------------------------------------------------------------------------------ */

bool jb_op_in_ints(const struct jb_op_call *call, size_t input, int64_t *ints, size_t max,
                   size_t *ret_n)
{
    if (input >= call->n_in || !call->in[input] || !call->in[input]->has_ints)
        return false;
    const struct jb_value *const value = call->in[input];
    if (value->n_ints > max)
        return false;
    for (size_t i = 0; i < value->n_ints; i++) {
        if (value->ints[i].kind != JB_DIM_NUMBER)
            return false;
        ints[i] = value->ints[i].n;
    }
    *ret_n = value->n_ints;
    return true;
}

const struct jb_value *jb_op_ranked(const struct jb_op_call *call, size_t input)
{
    if (input >= call->n_in || !call->in[input] || !call->in[input]->is_ranked)
        return NULL;
    return call->in[input];
}

struct jb_dim jb_value_elements(struct jb_dims *dims, const struct jb_value *value)
{
    if (!value || !value->is_ranked)
        return jb_dim_unknown();
    struct jb_dim product = jb_dim_number(1);
    for (size_t i = 0; i < value->n_dims; i++)
        product = jb_dim_mul(dims, product, value->dims[i]);
    return product;
}

bool jb_op_axis(int64_t axis, size_t rank, size_t *ret_axis)
{
    const int64_t n = (int64_t)rank;
    if (axis < -n || axis >= n)
        return false;
    *ret_axis = (size_t)(axis < 0 ? axis + n : axis);
    return true;
}

bool jb_op_broadcast(struct jb_op_call *call, size_t from, size_t to, struct jb_dim *sizes,
                     size_t *ret_n)
{
    size_t rank = 0;
    for (size_t i = from; i < to; i++) {
        const struct jb_value *const value = jb_op_ranked(call, i);
        if (!value || value->n_dims > JB_ONNX_DIMS_MAX)
            return false;
        rank = value->n_dims > rank ? value->n_dims : rank;
    }
    for (size_t axis = 0; axis < rank; axis++)
        sizes[axis] = jb_dim_number(1);
    for (size_t i = from; i < to; i++) {
        const struct jb_value *const value = call->in[i];
        const size_t before = rank - value->n_dims; /* sizes meet from the last one on */
        for (size_t axis = 0; axis < value->n_dims; axis++)
            sizes[before + axis] =
                jb_dim_broadcast(call->dims, sizes[before + axis], value->dims[axis]);
    }
    *ret_n = rank;
    return true;
}

/* --- outputs ----------------------------------------------------------------------------------------------------- */

/* A copy that lives as long as the count; n = 0: none is needed. */
static jb_rc keep(struct jb_op_call *call, const struct jb_dim *sizes, size_t n,
                  const struct jb_dim **ret, struct jb_error *err)
{
    *ret = NULL;
    if (n == 0)
        return JB_OK;
    struct jb_dim *const kept = jb_arena_get(call->arena, n, sizeof *kept);
    if (!kept)
        return jb_arena_fail(call->arena, err);
    memcpy(kept, sizes, n * sizeof *kept);
    *ret = kept;
    return JB_OK;
}

jb_rc jb_op_set(struct jb_op_call *call, size_t output, int64_t type, const struct jb_dim *sizes,
                size_t n, struct jb_error *err)
{
    const struct jb_dim *kept;
    if (output >= call->n_out)
        return JB_OK;
    const jb_rc rc = keep(call, sizes, n, &kept, err);
    if (rc)
        return rc;
    struct jb_value *const out = &call->out[output];
    out->type = type;
    out->is_ranked = true;
    out->n_dims = n;
    out->dims = kept;
    return JB_OK;
}

jb_rc jb_op_set_like(struct jb_op_call *call, size_t output, const struct jb_value *value,
                     struct jb_error *err)
{
    (void)err;
    if (output >= call->n_out || !value)
        return JB_OK;
    struct jb_value *const out = &call->out[output];
    out->type = value->type;
    out->is_ranked = value->is_ranked;
    out->is_sequence = value->is_sequence;
    out->n_dims = value->n_dims;
    out->dims = value->dims; /* never changed once made */
    out->n_items = value->n_items;
    return JB_OK;
}

jb_rc jb_op_set_ints(struct jb_op_call *call, size_t output, const struct jb_dim *ints, size_t n,
                     struct jb_error *err)
{
    const struct jb_dim *kept;
    if (output >= call->n_out || n > JB_VALUE_INTS_MAX)
        return JB_OK;
    const jb_rc rc = keep(call, ints, n, &kept, err);
    if (rc)
        return rc;
    call->out[output].has_ints = true;
    call->out[output].n_ints = n;
    call->out[output].ints = kept;
    return JB_OK;
}

/* --- work -------------------------------------------------------------------------------------------------------- */

void jb_op_work_elementwise(struct jb_op_call *call, struct jb_dim elements)
{
    call->work.kind = JB_WORK_ELEMENTWISE;
    call->work.flops = jb_dim_mul(call->dims, elements, jb_dim_number(call->op->per_element));
}

void jb_op_work_dense(struct jb_op_call *call, struct jb_dim macs, struct jb_dim flops)
{
    call->work.kind = JB_WORK_DENSE;
    call->work.macs = macs;
    call->work.flops = flops;
}

void jb_op_not_counted(struct jb_op_call *call, const char *why)
{
    call->work.kind = JB_WORK_NOT_COUNTED;
    call->work.why = why;
}
