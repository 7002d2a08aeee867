/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TensorProto and SparseTensorProto to a name, a type and sizes. The numbers of a weight are never read; those of a small tensor
 * are, when shape arithmetic asks. Products of sizes are checked, and a location outside the model's folder is refused.
 */
#include "base/compiler.h"
#include "base/num.h"
#include "count/onnx_reading_int.h"

enum { TENSOR_DIMS = 1, TENSOR_TYPE = 2, TENSOR_FLOATS = 4, TENSOR_INTS = 5, TENSOR_LONGS = 7 };
enum { TENSOR_NAME = 8, TENSOR_RAW = 9, TENSOR_DOUBLES = 10, TENSOR_UNSIGNED = 11 };
enum { TENSOR_EXTERNAL = 13, TENSOR_LOCATION = 14, LOCATION_EXTERNAL = 1 };
enum { ENTRY_KEY = 1, ENTRY_VALUE = 2 };
enum { SPARSE_VALUES = 1, SPARSE_DIMS = 3 };

/* --- types ------------------------------------------------------------------------------------------------------ */

enum number_kind { NO_NUMBER, SIGNED, UNSIGNED, BINARY_FLOAT, BRAIN_FLOAT };
struct type {
    const char *name;
    int bits;
    enum number_kind kind; /* as far as values are read */
    uint32_t field;        /* where they are if not in raw_data */
    enum jb_wire_type wire;
};
static const struct type types[JB_ONNX_TYPES] = {
    [JB_ONNX_FLOAT] = {"float32", 32, BINARY_FLOAT, TENSOR_FLOATS, JB_WIRE_FIXED32},
    [JB_ONNX_UINT8] = {"uint8", 8, UNSIGNED, TENSOR_INTS, JB_WIRE_VARINT},
    [JB_ONNX_INT8] = {"int8", 8, SIGNED, TENSOR_INTS, JB_WIRE_VARINT},
    [JB_ONNX_UINT16] = {"uint16", 16, UNSIGNED, TENSOR_INTS, JB_WIRE_VARINT},
    [JB_ONNX_INT16] = {"int16", 16, SIGNED, TENSOR_INTS, JB_WIRE_VARINT},
    [JB_ONNX_INT32] = {"int32", 32, SIGNED, TENSOR_INTS, JB_WIRE_VARINT},
    [JB_ONNX_INT64] = {"int64", 64, SIGNED, TENSOR_LONGS, JB_WIRE_VARINT},
    [JB_ONNX_STRING] = {"string", 0, NO_NUMBER, 0, JB_WIRE_VARINT},
    [JB_ONNX_BOOL] = {"bool", 8, UNSIGNED, TENSOR_INTS, JB_WIRE_VARINT},
    [JB_ONNX_FLOAT16] = {"float16", 16, BINARY_FLOAT, TENSOR_INTS, JB_WIRE_VARINT},
    [JB_ONNX_DOUBLE] = {"float64", 64, BINARY_FLOAT, TENSOR_DOUBLES, JB_WIRE_FIXED64},
    [JB_ONNX_UINT32] = {"uint32", 32, UNSIGNED, TENSOR_UNSIGNED, JB_WIRE_VARINT},
    [JB_ONNX_UINT64] = {"uint64", 64, UNSIGNED, TENSOR_UNSIGNED, JB_WIRE_VARINT},
    [JB_ONNX_COMPLEX64] = {"complex64", 64, NO_NUMBER, 0, JB_WIRE_VARINT},
    [JB_ONNX_COMPLEX128] = {"complex128", 128, NO_NUMBER, 0, JB_WIRE_VARINT},
    [JB_ONNX_BFLOAT16] = {"bfloat16", 16, BRAIN_FLOAT, TENSOR_INTS, JB_WIRE_VARINT},
    [JB_ONNX_FLOAT8E4M3FN] = {"float8e4m3fn", 8, NO_NUMBER, 0, JB_WIRE_VARINT},
    [JB_ONNX_FLOAT8E4M3FNUZ] = {"float8e4m3fnuz", 8, NO_NUMBER, 0, JB_WIRE_VARINT},
    [JB_ONNX_FLOAT8E5M2] = {"float8e5m2", 8, NO_NUMBER, 0, JB_WIRE_VARINT},
    [JB_ONNX_FLOAT8E5M2FNUZ] = {"float8e5m2fnuz", 8, NO_NUMBER, 0, JB_WIRE_VARINT},
    [JB_ONNX_UINT4] = {"uint4", 4, UNSIGNED, TENSOR_INTS, JB_WIRE_VARINT},
    [JB_ONNX_INT4] = {"int4", 4, SIGNED, TENSOR_INTS, JB_WIRE_VARINT},
    [JB_ONNX_FLOAT4E2M1] = {"float4e2m1", 4, NO_NUMBER, 0, JB_WIRE_VARINT},
    [JB_ONNX_FLOAT8E8M0] = {"float8e8m0", 8, NO_NUMBER, 0, JB_WIRE_VARINT},
    [JB_ONNX_UINT2] = {"uint2", 2, UNSIGNED, TENSOR_INTS, JB_WIRE_VARINT},
    [JB_ONNX_INT2] = {"int2", 2, SIGNED, TENSOR_INTS, JB_WIRE_VARINT},
};

static const struct type *type_of(int64_t type)
{
    return type > JB_ONNX_UNDEFINED && type < JB_ONNX_TYPES ? &types[type] : NULL;
}

const char *jb_onnx_type_name(int64_t type)
{
    return type_of(type) ? type_of(type)->name : NULL;
}

int64_t jb_onnx_type_bits(int64_t type)
{
    return type_of(type) ? type_of(type)->bits : 0;
}

/* --- weights in other files ------------------------------------------------------------------------------------- */

/* A relative path that does not climb: what a model may name without reaching for the user's other files. */
static bool is_within(struct jb_span location)
{
    const char *const text = (const char *)location.at;
    size_t start = 0;

    if (location.len == 0 || text[0] == '/' || memchr(text, '\0', location.len))
        return false;
    for (size_t i = 0; i <= location.len; i++) {
        if (i < location.len && text[i] != '/')
            continue;
        if (i - start == 2 && text[start] == '.' && text[start + 1] == '.')
            return false;
        start = i + 1;
    }
    return true;
}

static jb_rc read_entry(const struct jb_onnx_reading *reading, struct jb_span message,
                        struct jb_onnx_tensor *tensor)
{
    struct jb_span key = {0};
    struct jb_span value = {0};
    struct jb_wire wire = jb_wire_over(message);
    struct jb_wire_field field;

    while (jb_wire_next(&wire, &field)) {
        if (jb_wire_is(&field, ENTRY_KEY, JB_WIRE_BYTES))
            key = field.bytes;
        else if (jb_wire_is(&field, ENTRY_VALUE, JB_WIRE_BYTES))
            value = field.bytes;
    }
    const jb_rc rc = onnx__end(reading, &wire, "tensor.external_data");
    if (rc < 0)
        return rc;
    if (jb_span_is(key, "location")) {
        tensor->location = value;
        return JB_OK;
    }
    const bool is_offset = jb_span_is(key, "offset");
    if (!is_offset && !jb_span_is(key, "length"))
        return JB_OK;
    int64_t *const ret = is_offset ? &tensor->external_offset : &tensor->external_length;
    if (jb_parse_i64((const char *)value.at, value.len, true, ret) < 0 || *ret < 0)
        return onnx__broken(reading, message.at, "tensor.external_data",
                            is_offset ? "has an offset that is no number of bytes"
                                      : "has a length that is no number of bytes");
    return JB_OK;
}

static jb_rc read_location(const struct jb_onnx_reading *reading, struct jb_onnx_tensor *tensor)
{
    struct jb_wire wire = jb_wire_over(tensor->message);
    struct jb_wire_field field;
    jb_rc rc = JB_OK;

    while (rc == JB_OK && jb_wire_next(&wire, &field)) {
        if (jb_wire_is(&field, TENSOR_EXTERNAL, JB_WIRE_BYTES))
            rc = read_entry(reading, field.bytes, tensor);
    }
    if (rc < 0)
        return rc;
    if (!is_within(tensor->location))
        return onnx__broken(reading, tensor->message.at, "tensor.external_data",
                            "names no file in the model's own folder");
    return JB_OK;
}

/* --- sizes ------------------------------------------------------------------------------------------------------ */

struct sizes {
    int64_t dims[JB_ONNX_DIMS_MAX];
    size_t n;
};

static jb_rc add_dims(const struct jb_onnx_reading *reading, const struct jb_wire_field *field,
                      const uint8_t *at, struct sizes *sizes)
{
    struct jb_wire_numbers numbers = jb_wire_numbers(field, JB_WIRE_VARINT);
    uint64_t value = 0;

    while (jb_wire_numbers_next(&numbers, &value)) {
        if ((int64_t)value < 0)
            return onnx__broken(reading, at, "tensor.dims", "is negative");
        if (sizes->n == JB_ONNX_DIMS_MAX)
            return jb_fail(reading->err, JB_E_RANGE, NULL,
                           "a tensor at byte %td has more than %d dimensions", at - reading->start,
                           JB_ONNX_DIMS_MAX);
        sizes->dims[sizes->n++] = (int64_t)value;
    }
    if (jb_wire_numbers_has_failed(&numbers))
        return onnx__broken(reading, at, "tensor.dims", "cannot be read");
    return JB_OK;
}

/* A product with a zero in it is zero, however large the rest. */
static jb_rc product(const struct sizes *sizes, int64_t *ret)
{
    int64_t n = 1;
    jb_rc rc = JB_OK;

    for (size_t i = 0; i < sizes->n; i++) {
        if (sizes->dims[i] == 0) {
            *ret = 0;
            return JB_OK;
        }
        if (rc == JB_OK)
            rc = jb_mul_i64(n, sizes->dims[i], &n);
    }
    if (rc == JB_OK)
        *ret = n;
    return rc;
}

static jb_rc set_sizes(const struct jb_onnx_reading *reading, const struct sizes *sizes,
                       struct jb_onnx_tensor *tensor)
{
    int64_t *dims = NULL;
    const jb_rc rc = ONNX__ARRAY(reading, sizes->n, &dims);

    if (rc < 0)
        return rc;
    if (sizes->n > 0)
        memcpy(dims, sizes->dims, sizes->n * sizeof *dims);
    tensor->n_dims = sizes->n;
    tensor->dims = dims;
    if (product(sizes, &tensor->n_elements) < 0 ||
        jb_muldiv_i64(tensor->n_elements, jb_onnx_type_bits(tensor->type), 8, JB_ROUND_CEIL,
                      &tensor->n_bytes) < 0)
        return onnx__broken(reading, tensor->message.at, "tensor.dims",
                            "makes more elements than can be");
    return JB_OK;
}

jb_rc onnx__read_tensor(const struct jb_onnx_reading *reading, struct jb_span message,
                        struct jb_onnx_tensor *ret)
{
    struct jb_onnx_tensor tensor = {
        .message = message, .external_offset = -1, .external_length = -1};
    struct sizes sizes = {.n = 0};
    struct jb_wire wire = jb_wire_over(message);
    struct jb_wire_field field;
    jb_rc rc = JB_OK;

    while (rc == JB_OK && jb_wire_next(&wire, &field)) {
        if (field.number == TENSOR_DIMS)
            rc = add_dims(reading, &field, wire.field, &sizes);
        else if (jb_wire_is(&field, TENSOR_TYPE, JB_WIRE_VARINT))
            tensor.type = (int64_t)field.value;
        else if (jb_wire_is(&field, TENSOR_NAME, JB_WIRE_BYTES))
            tensor.name = field.bytes;
        else if (jb_wire_is(&field, TENSOR_RAW, JB_WIRE_BYTES))
            tensor.raw = field.bytes;
        else if (jb_wire_is(&field, TENSOR_LOCATION, JB_WIRE_VARINT))
            tensor.is_external = field.value == LOCATION_EXTERNAL;
    }
    if (rc == JB_OK)
        rc = onnx__end(reading, &wire, "tensor");
    if (rc == JB_OK)
        rc = set_sizes(reading, &sizes, &tensor);
    if (rc == JB_OK && tensor.is_external)
        rc = read_location(reading, &tensor);
    if (rc == JB_OK)
        *ret = tensor;
    return rc;
}

jb_rc onnx__read_sparse(const struct jb_onnx_reading *reading, struct jb_span message,
                        struct jb_onnx_tensor *ret)
{
    struct jb_onnx_tensor tensor = {.message = message};
    struct jb_span values = {0};
    struct sizes sizes = {.n = 0};
    struct jb_wire wire = jb_wire_over(message);
    struct jb_wire_field field;
    jb_rc rc = JB_OK;

    while (rc == JB_OK && jb_wire_next(&wire, &field)) {
        if (field.number == SPARSE_DIMS)
            rc = add_dims(reading, &field, wire.field, &sizes);
        else if (jb_wire_is(&field, SPARSE_VALUES, JB_WIRE_BYTES))
            values = field.bytes;
    }
    if (rc == JB_OK)
        rc = onnx__end(reading, &wire, "sparse_initializer");
    if (rc == JB_OK)
        rc = onnx__read_tensor(reading, values, &tensor);
    if (rc < 0)
        return rc;
    tensor.is_sparse = true;
    tensor.n_stored = tensor.n_elements;
    rc = set_sizes(reading, &sizes, &tensor);
    if (rc == JB_OK && tensor.n_stored > tensor.n_elements)
        rc = onnx__broken(reading, message.at, "sparse_initializer",
                          "stores more values than it has places");
    if (rc == JB_OK)
        *ret = tensor;
    return rc;
}

jb_rc jb_onnx_read_tensor(struct jb_span message, struct jb_arena *arena,
                          struct jb_onnx_tensor *ret, struct jb_error *err)
{
    const struct jb_onnx_reading reading = {.start = message.at, .arena = arena, .err = err};

    return onnx__read_tensor(&reading, message, ret);
}

/* --- values of small tensors ------------------------------------------------------------------------------------ */

/* An IEEE number of 16, 32 or 64 bits that is whole and fits. */
static bool whole_float(const struct type *type, uint64_t bits, int64_t *ret)
{
    const bool is_brain = type->kind == BRAIN_FLOAT;
    const int n_bits = is_brain ? 32 : type->bits;
    const int n_fraction = n_bits == 64 ? 52 : n_bits == 32 ? 23 : 10;
    const int n_exponent = n_bits - 1 - n_fraction;
    const uint64_t whole = is_brain ? bits << 16 : bits;
    const int64_t exponent = (int64_t)(whole >> n_fraction) & ((INT64_C(1) << n_exponent) - 1);
    uint64_t fraction = whole & ((UINT64_C(1) << n_fraction) - 1);
    const int64_t shift = exponent - ((INT64_C(1) << (n_exponent - 1)) - 1) - n_fraction;

    if (exponent == 0 && fraction == 0) {
        *ret = 0;
        return true;
    }
    fraction |= UINT64_C(1) << n_fraction;
    /* Smaller than 1, or 2^63 and more: infinities and what is no number are among them. */
    if (exponent == 0 || shift < -n_fraction || shift + n_fraction > 62)
        return false;
    if (shift < 0 && (fraction & ((UINT64_C(1) << -shift) - 1)) != 0)
        return false;
    fraction = shift < 0 ? fraction >> -shift : fraction << shift;
    *ret = (whole >> (n_bits - 1)) & 1 ? -(int64_t)fraction : (int64_t)fraction;
    return true;
}

static bool to_int(const struct type *type, uint64_t bits, int64_t *ret)
{
    const uint64_t mask = type->bits == 64 ? UINT64_MAX : (UINT64_C(1) << type->bits) - 1;

    bits &= mask;
    switch (type->kind) {
    case SIGNED:
        *ret = (int64_t)((bits >> (type->bits - 1)) & 1 ? bits | ~mask : bits);
        return true;
    case UNSIGNED: *ret = (int64_t)bits; return *ret >= 0;
    case BINARY_FLOAT:
    case BRAIN_FLOAT: return whole_float(type, bits, ret);
    default: return false;
    }
}

/* `n` more elements out of one stored number: types under a byte lie several to a byte, the first lowest. */
static bool unpack(const struct type *type, uint64_t stored, int64_t *ints, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!to_int(type, stored >> (i * (unsigned)type->bits), &ints[i]))
            return false;
    }
    return true;
}

static bool ints_of_raw(const struct type *type, struct jb_span raw, int64_t *ints, size_t n)
{
    struct jb_cursor cursor = jb_cursor_over(raw.at, raw.len);
    const size_t n_bytes = type->bits < 8 ? 1 : (size_t)type->bits / 8;
    const size_t per_byte = type->bits < 8 ? 8 / (size_t)type->bits : 1;

    for (size_t i = 0; i < n; i += per_byte) {
        uint64_t bits = 0;
        for (size_t k = 0; k < n_bytes; k++)
            bits |= (uint64_t)jb_cursor_u8(&cursor) << (8 * k);
        if (cursor.failed || !unpack(type, bits, ints + i, n - i < per_byte ? n - i : per_byte))
            return false;
    }
    return true;
}

static bool ints_of_field(const struct type *type, struct jb_span message, int64_t *ints, size_t n)
{
    struct jb_wire wire = jb_wire_over(message);
    struct jb_wire_field field;
    const size_t per_number = type->bits < 8 ? 8 / (size_t)type->bits : 1;
    size_t n_read = 0;

    while (n_read < n && jb_wire_next(&wire, &field)) {
        if (field.number != type->field)
            continue;
        struct jb_wire_numbers numbers = jb_wire_numbers(&field, type->wire);
        for (uint64_t value = 0; n_read < n && jb_wire_numbers_next(&numbers, &value);) {
            const size_t n_here = n - n_read < per_number ? n - n_read : per_number;
            if (!unpack(type, value, ints + n_read, n_here))
                return false;
            n_read += n_here;
        }
    }
    return n_read == n;
}

bool jb_onnx_tensor_ints(const struct jb_onnx_tensor *tensor, int64_t *ints, size_t max,
                         size_t *ret_n)
{
    const struct type *const type = type_of(tensor->type);

    if (!type || type->kind == NO_NUMBER || tensor->is_external || tensor->is_sparse ||
        (uint64_t)tensor->n_elements > max)
        return false;
    const size_t n = (size_t)tensor->n_elements;
    if (tensor->raw.len > 0 ? !ints_of_raw(type, tensor->raw, ints, n)
                            : !ints_of_field(type, tensor->message, ints, n))
        return false;
    *ret_n = n;
    return true;
}
