/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The few floating-point numbers that decide a shape: scales of a Resize, bounds of a Range. Kept beside the integers known
 * one by one, of constants only, and never computed with in the graph. Also attributes that are lists of numbers or texts.
 */
#include <math.h>

#include "count/op_more_int.h"
#include "count/wire_int.h"

enum { ATTRIBUTE_FLOATS = 7, ATTRIBUTE_STRINGS = 9, TENSOR_FLOATS = 4, TENSOR_DOUBLES = 10 };

static double real_of(uint64_t bits, bool is_double)
{
    const uint32_t low = (uint32_t)bits;
    double wide;
    float narrow;

    memcpy(&wide, &bits, sizeof wide);
    memcpy(&narrow, &low, sizeof narrow);
    return is_double ? wide : (double)narrow;
}

/* Numbers of field `number` of a message, up to max; how many there are in all. */
static size_t read_field(struct jb_span message, uint32_t number, bool is_double, double *reals,
                         size_t max)
{
    struct jb_wire wire = jb_wire_over(message);
    struct jb_wire_field field;
    size_t n = 0;

    while (jb_wire_next(&wire, &field)) {
        if (field.number != number)
            continue;
        struct jb_wire_numbers numbers =
            jb_wire_numbers(&field, is_double ? JB_WIRE_FIXED64 : JB_WIRE_FIXED32);
        for (uint64_t bits = 0; jb_wire_numbers_next(&numbers, &bits); n++) {
            if (n < max)
                reals[n] = real_of(bits, is_double);
        }
    }
    return n;
}

size_t op__floats(const struct jb_op_call *call, const char *name, double *reals, size_t max)
{
    return read_field(jb_op_attribute(call, name).message, ATTRIBUTE_FLOATS, false, reals, max);
}

size_t op__n_strings(const struct jb_op_call *call, const char *name)
{
    return jb_wire_count(jb_op_attribute(call, name).message, ATTRIBUTE_STRINGS, JB_WIRE_BYTES);
}

static size_t read_raw(struct jb_span raw, bool is_double, double *reals, size_t max)
{
    const size_t width = is_double ? 8 : 4;
    const size_t n = raw.len / width;

    for (size_t i = 0; i < n && i < max; i++) {
        uint64_t bits = 0;
        for (size_t k = 0; k < width; k++)
            bits |= (uint64_t)raw.at[i * width + k] << (8 * k);
        reals[i] = real_of(bits, is_double);
    }
    return n;
}

void jb_value_set_reals(struct jb_value *value, const struct jb_onnx_tensor *tensor,
                        struct jb_arena *arena)
{
    const bool is_double = tensor->type == JB_ONNX_DOUBLE;
    double reals[JB_VALUE_REALS_MAX];
    double *kept;
    size_t n;

    if ((tensor->type != JB_ONNX_FLOAT && !is_double) || tensor->is_external || tensor->is_sparse ||
        tensor->n_elements <= 0 || tensor->n_elements > JB_VALUE_REALS_MAX)
        return;
    n = tensor->raw.len > 0
            ? read_raw(tensor->raw, is_double, reals, JB_VALUE_REALS_MAX)
            : read_field(tensor->message, is_double ? TENSOR_DOUBLES : TENSOR_FLOATS, is_double,
                         reals, JB_VALUE_REALS_MAX);
    if (n != (size_t)tensor->n_elements)
        return;
    /* Without memory they stay unknown, as most are. */
    kept = jb_arena_get(arena, n, sizeof *kept);
    if (!kept)
        return;
    memcpy(kept, reals, n * sizeof *kept);
    value->n_reals = n;
    value->reals = kept;
}

jb_rc op__set_reals(struct jb_op_call *call, const double *reals, size_t n, struct jb_error *err)
{
    struct jb_dim ints[JB_VALUE_REALS_MAX];
    double *kept;

    if (n == 0 || n > JB_VALUE_REALS_MAX || call->n_out == 0)
        return JB_OK;
    for (size_t i = 0; i < n; i++)
        ints[i] = fabs(reals[i]) < 9e15 && floor(reals[i]) == reals[i]
                      ? jb_dim_number((int64_t)reals[i])
                      : jb_dim_unknown();
    kept = jb_arena_get(call->arena, n, sizeof *kept);
    if (!kept)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory left to follow the sizes of a model");
    memcpy(kept, reals, n * sizeof *kept);
    call->out[0].n_reals = n;
    call->out[0].reals = kept;
    return jb_op_set_ints(call, 0, ints, n, err);
}

size_t op__reals(const struct jb_op_call *call, size_t input, double *reals, size_t max)
{
    const struct jb_value *const value = op__in(call, input);
    int64_t ints[JB_VALUE_REALS_MAX];
    size_t n;

    if (value && value->n_reals > 0 && value->n_reals <= max) {
        memcpy(reals, value->reals, value->n_reals * sizeof *reals);
        return value->n_reals;
    }
    if (!jb_op_in_ints(call, input, ints, max < JB_VALUE_REALS_MAX ? max : JB_VALUE_REALS_MAX, &n))
        return 0;
    for (size_t i = 0; i < n; i++)
        reals[i] = (double)ints[i];
    return n;
}

struct jb_dim op__range_of_reals(const struct jb_op_call *call)
{
    double told[3];

    for (size_t i = 0; i < 3; i++) {
        if (op__reals(call, i, &told[i], 1) != 1)
            return jb_dim_unknown();
    }
    const double size = told[2] != 0 ? ceil((told[1] - told[0]) / told[2]) : 0;
    if (!(size < 9e15))
        return jb_dim_unknown();
    return jb_dim_number(size > 0 ? (int64_t)size : 0);
}
