/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AttributeProto, looked up by name when an operator asks and read no further than that. Bytes that are broken inside an
 * attribute are as if it were not there: the node's own reading has said that its borders are sound.
 */
#include "base/compiler.h"
#include "count/onnx_reading_int.h"

enum { ATTRIBUTE_NAME = 1, ATTRIBUTE_FLOAT, ATTRIBUTE_INT, ATTRIBUTE_TEXT, ATTRIBUTE_TENSOR };
enum { ATTRIBUTE_GRAPH = 6, ATTRIBUTE_INTS = 8, ATTRIBUTE_TYPE = 20, ATTRIBUTE_REF = 21 };
enum { TYPE_FLOAT = 1, TYPE_INT = 2 };

struct jb_onnx_attribute jb_onnx_attribute_of(struct jb_span message, struct jb_span *ret_name)
{
    struct jb_onnx_attribute attribute = {.message = message};
    struct jb_span name = {0};
    struct jb_wire wire = jb_wire_over(message);
    struct jb_wire_field field;

    while (jb_wire_next(&wire, &field)) {
        if (jb_wire_is(&field, ATTRIBUTE_NAME, JB_WIRE_BYTES))
            name = field.bytes;
        else if (jb_wire_is(&field, ATTRIBUTE_TYPE, JB_WIRE_VARINT))
            attribute.type = (int64_t)field.value;
        else if (jb_wire_is(&field, ATTRIBUTE_REF, JB_WIRE_BYTES))
            attribute.ref = field.bytes;
    }
    *ret_name = name;
    return attribute;
}

struct jb_onnx_attribute jb_onnx_attribute_at(const struct jb_onnx_node *node, size_t i,
                                              struct jb_span *ret_name)
{
    return jb_onnx_attribute_of(node->attributes[i], ret_name);
}

/* The last field of that number and type, as protobuf has it. False: none. */
static bool find(struct jb_span message, uint32_t number, enum jb_wire_type type,
                 struct jb_wire_field *ret)
{
    struct jb_wire wire = jb_wire_over(message);
    struct jb_wire_field field;
    bool is_found = false;

    while (jb_wire_next(&wire, &field)) {
        if (jb_wire_is(&field, number, type)) {
            *ret = field;
            is_found = true;
        }
    }
    return is_found;
}

struct jb_onnx_attribute jb_onnx_attribute(const struct jb_onnx_node *node, const char *name)
{
    for (size_t i = 0; i < node->n_attributes; i++) {
        struct jb_wire wire = jb_wire_over(node->attributes[i]);
        struct jb_wire_field field;
        struct jb_span found = {0};
        /* The name stands first in what every writer makes. */
        if (jb_wire_next(&wire, &field) && jb_wire_is(&field, ATTRIBUTE_NAME, JB_WIRE_BYTES) &&
            !jb_span_is(field.bytes, name))
            continue;
        const struct jb_onnx_attribute attribute =
            jb_onnx_attribute_of(node->attributes[i], &found);
        if (jb_span_is(found, name))
            return attribute;
    }
    return (struct jb_onnx_attribute){0};
}

int64_t jb_onnx_attribute_int(struct jb_onnx_attribute attribute, int64_t otherwise)
{
    struct jb_wire_field field;

    if (find(attribute.message, ATTRIBUTE_INT, JB_WIRE_VARINT, &field))
        return (int64_t)field.value;
    return attribute.type == TYPE_INT && attribute.ref.len == 0 ? 0 : otherwise;
}

double jb_onnx_attribute_float(struct jb_onnx_attribute attribute, double otherwise)
{
    struct jb_wire_field field;

    if (find(attribute.message, ATTRIBUTE_FLOAT, JB_WIRE_FIXED32, &field)) {
        const uint32_t bits = (uint32_t)field.value;
        float value = 0;
        memcpy(&value, &bits, sizeof value);
        return (double)value;
    }
    return attribute.type == TYPE_FLOAT && attribute.ref.len == 0 ? 0 : otherwise;
}

static struct jb_span bytes_of(struct jb_onnx_attribute attribute, uint32_t number)
{
    struct jb_wire_field field;

    return find(attribute.message, number, JB_WIRE_BYTES, &field) ? field.bytes
                                                                  : (struct jb_span){0};
}

struct jb_span jb_onnx_attribute_text(struct jb_onnx_attribute attribute)
{
    return bytes_of(attribute, ATTRIBUTE_TEXT);
}

struct jb_span jb_onnx_attribute_tensor(struct jb_onnx_attribute attribute)
{
    return bytes_of(attribute, ATTRIBUTE_TENSOR);
}

struct jb_span jb_onnx_attribute_graph(struct jb_onnx_attribute attribute)
{
    return bytes_of(attribute, ATTRIBUTE_GRAPH);
}

void jb_onnx_attribute_ints(struct jb_onnx_attribute attribute, int64_t *ints, size_t max,
                            size_t *ret_n)
{
    struct jb_wire wire = jb_wire_over(attribute.message);
    struct jb_wire_field field;
    size_t n = 0;

    while (jb_wire_next(&wire, &field)) {
        if (field.number != ATTRIBUTE_INTS)
            continue;
        struct jb_wire_numbers numbers = jb_wire_numbers(&field, JB_WIRE_VARINT);
        for (uint64_t value = 0; jb_wire_numbers_next(&numbers, &value); n++) {
            if (n < max)
                ints[n] = (int64_t)value;
        }
    }
    *ret_n = n;
}
