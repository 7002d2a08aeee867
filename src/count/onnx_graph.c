/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GraphProto, NodeProto and ValueInfoProto to arrays of spans. Each message is walked twice, once to count and once to fill, so
 * that memory is what the file holds; a mapped file may change in between, so the second walk minds what the first one
 * found. Attributes are not entered: a subgraph costs nothing until an operator asks for it.
 */
#include "base/compiler.h"
#include "count/onnx_reading_int.h"

/* A type within a type: sequences of sequences. What is deeper is none of ours. */
#define TYPE_DEPTH_MAX 16

enum { NODE_INPUT = 1, NODE_OUTPUT, NODE_NAME, NODE_OP_TYPE, NODE_ATTRIBUTE };
enum { NODE_DOMAIN = 7, NODE_OVERLOAD = 8 };
enum { GRAPH_NODE = 1, GRAPH_NAME = 2, GRAPH_INITIALIZER = 5, GRAPH_INPUT = 11, GRAPH_OUTPUT = 12 };
enum { GRAPH_VALUE_INFO = 13, GRAPH_SPARSE_INITIALIZER = 15 };
enum { VALUE_NAME = 1, VALUE_TYPE = 2 };
enum { TYPE_TENSOR = 1, TYPE_SEQUENCE = 4, TYPE_SPARSE_TENSOR = 8, TYPE_OPTIONAL = 9 };
enum { TENSOR_TYPE_ELEMENT = 1, TENSOR_TYPE_SHAPE = 2, ELEMENT_TYPE = 1 };
enum { SHAPE_DIM = 1, DIM_VALUE = 1, DIM_PARAM = 2 };

/* --- nodes ------------------------------------------------------------------------------------------------------ */

jb_rc onnx__read_node(const struct jb_onnx_reading *reading, struct jb_span message,
                      struct jb_onnx_node *ret)
{
    struct jb_onnx_node node = {0};
    struct jb_span *inputs = NULL;
    struct jb_span *outputs = NULL;
    struct jb_span *attributes = NULL;
    struct jb_wire wire = jb_wire_over(message);
    struct jb_wire_field field;

    while (jb_wire_next(&wire, &field)) {
        if (field.type != JB_WIRE_BYTES)
            continue;
        switch (field.number) {
        case NODE_INPUT: node.n_inputs++; break;
        case NODE_OUTPUT: node.n_outputs++; break;
        case NODE_ATTRIBUTE: node.n_attributes++; break;
        case NODE_NAME: node.name = field.bytes; break;
        case NODE_OP_TYPE: node.op_type = field.bytes; break;
        case NODE_DOMAIN: node.domain = onnx__domain(field.bytes); break;
        case NODE_OVERLOAD: node.overload = field.bytes; break;
        default: break;
        }
    }
    jb_rc rc = onnx__end(reading, &wire, "node");
    if (rc == JB_OK)
        rc = ONNX__ARRAY(reading, node.n_inputs, &inputs);
    if (rc == JB_OK)
        rc = ONNX__ARRAY(reading, node.n_outputs, &outputs);
    if (rc == JB_OK)
        rc = ONNX__ARRAY(reading, node.n_attributes, &attributes);
    if (rc != JB_OK)
        return rc;
    node.inputs = inputs;
    node.outputs = outputs;
    node.attributes = attributes;
    wire = jb_wire_over(message);
    for (size_t i = 0, o = 0, a = 0; jb_wire_next(&wire, &field);) {
        if (jb_wire_is(&field, NODE_INPUT, JB_WIRE_BYTES) && i < node.n_inputs)
            inputs[i++] = field.bytes;
        else if (jb_wire_is(&field, NODE_OUTPUT, JB_WIRE_BYTES) && o < node.n_outputs)
            outputs[o++] = field.bytes;
        else if (jb_wire_is(&field, NODE_ATTRIBUTE, JB_WIRE_BYTES) && a < node.n_attributes)
            attributes[a++] = field.bytes;
    }
    *ret = node;
    return JB_OK;
}

/* --- declared types --------------------------------------------------------------------------------------------- */

static jb_rc read_dim(const struct jb_onnx_reading *reading, struct jb_span message,
                      struct jb_onnx_dim *ret)
{
    struct jb_onnx_dim dim = {0};
    struct jb_wire wire = jb_wire_over(message);
    struct jb_wire_field field;

    /* One of the two; where a file has both, the later. */
    while (jb_wire_next(&wire, &field)) {
        if (jb_wire_is(&field, DIM_VALUE, JB_WIRE_VARINT)) {
            dim = (struct jb_onnx_dim){0};
            dim.is_number = (int64_t)field.value >= 0;
            dim.n = dim.is_number ? (int64_t)field.value : 0;
        } else if (jb_wire_is(&field, DIM_PARAM, JB_WIRE_BYTES)) {
            dim = (struct jb_onnx_dim){.param = field.bytes};
        }
    }
    *ret = dim;
    return onnx__end(reading, &wire, "type.shape.dim");
}

static jb_rc read_shape(const struct jb_onnx_reading *reading, struct jb_span message,
                        struct jb_onnx_value_info *info)
{
    const size_t n = jb_wire_count(message, SHAPE_DIM, JB_WIRE_BYTES);
    struct jb_onnx_dim *dims = NULL;
    struct jb_wire wire = jb_wire_over(message);
    struct jb_wire_field field;

    if (n > JB_ONNX_DIMS_MAX)
        return jb_fail(reading->err, JB_E_RANGE, NULL,
                       "a shape at byte %td has %zu dimensions, more than %d",
                       message.at - reading->start, n, JB_ONNX_DIMS_MAX);
    jb_rc rc = ONNX__ARRAY(reading, n, &dims);
    info->has_shape = true;
    info->n_dims = n;
    info->dims = dims;
    for (size_t i = 0; rc == JB_OK && i < n && jb_wire_next(&wire, &field);) {
        if (jb_wire_is(&field, SHAPE_DIM, JB_WIRE_BYTES))
            rc = read_dim(reading, field.bytes, &dims[i++]);
    }
    return rc < 0 ? rc : onnx__end(reading, &wire, "type.shape");
}

static jb_rc read_tensor_type(const struct jb_onnx_reading *reading, struct jb_span message,
                              struct jb_onnx_value_info *info)
{
    struct jb_wire wire = jb_wire_over(message);
    struct jb_wire_field field;
    jb_rc rc = JB_OK;

    while (rc == JB_OK && jb_wire_next(&wire, &field)) {
        if (jb_wire_is(&field, TENSOR_TYPE_ELEMENT, JB_WIRE_VARINT))
            info->type = (int64_t)field.value;
        else if (jb_wire_is(&field, TENSOR_TYPE_SHAPE, JB_WIRE_BYTES))
            rc = read_shape(reading, field.bytes, info);
    }
    return rc < 0 ? rc : onnx__end(reading, &wire, "type.tensor_type");
}

/* A TypeProto says one thing. Sequences and optionals are entered until a tensor is met. */
static jb_rc read_type(const struct jb_onnx_reading *reading, struct jb_span message,
                       struct jb_onnx_value_info *info)
{
    bool is_sequence = false;

    for (int depth = 0; depth < TYPE_DEPTH_MAX; depth++) {
        struct jb_wire wire = jb_wire_over(message);
        struct jb_wire_field field;
        struct jb_wire_field said = {0};
        while (jb_wire_next(&wire, &field)) {
            if (field.type == JB_WIRE_BYTES && field.number >= TYPE_TENSOR &&
                field.number <= TYPE_OPTIONAL && field.number != 6)
                said = field;
        }
        const jb_rc rc = onnx__end(reading, &wire, "type");
        if (rc < 0 || said.number == 0)
            return rc;
        info->kind = JB_ONNX_VALUE_OTHER;
        if (said.number == TYPE_TENSOR || said.number == TYPE_SPARSE_TENSOR) {
            info->kind = is_sequence ? JB_ONNX_VALUE_SEQUENCE : JB_ONNX_VALUE_TENSOR;
            return read_tensor_type(reading, said.bytes, info);
        }
        if (said.number == TYPE_SEQUENCE ? is_sequence : said.number != TYPE_OPTIONAL)
            return JB_OK;
        is_sequence = is_sequence || said.number == TYPE_SEQUENCE;
        wire = jb_wire_over(said.bytes);
        message = (struct jb_span){0};
        while (jb_wire_next(&wire, &field)) {
            if (jb_wire_is(&field, ELEMENT_TYPE, JB_WIRE_BYTES))
                message = field.bytes;
        }
        const jb_rc ended = onnx__end(reading, &wire, "type.sequence_type");
        if (ended < 0)
            return ended;
    }
    return JB_OK;
}

jb_rc onnx__read_value_info(const struct jb_onnx_reading *reading, struct jb_span message,
                            struct jb_onnx_value_info *ret)
{
    struct jb_onnx_value_info info = {0};
    struct jb_wire wire = jb_wire_over(message);
    struct jb_wire_field field;
    jb_rc rc = JB_OK;

    while (rc == JB_OK && jb_wire_next(&wire, &field)) {
        if (jb_wire_is(&field, VALUE_NAME, JB_WIRE_BYTES))
            info.name = field.bytes;
        else if (jb_wire_is(&field, VALUE_TYPE, JB_WIRE_BYTES))
            rc = read_type(reading, field.bytes, &info);
    }
    if (rc == JB_OK)
        rc = onnx__end(reading, &wire, "value_info");
    if (rc == JB_OK)
        *ret = info;
    return rc;
}

/* --- the graph -------------------------------------------------------------------------------------------------- */

struct filling {
    struct jb_onnx_graph room, filled; /* how many there are, and were read so far */
    struct jb_onnx_node *nodes;
    struct jb_onnx_tensor *initializers;
    struct jb_onnx_value_info *inputs, *outputs, *values;
};

static jb_rc count_members(const struct jb_onnx_reading *reading, struct jb_span message,
                           struct jb_onnx_graph *graph)
{
    struct jb_wire wire = jb_wire_over(message);
    struct jb_wire_field field;

    while (jb_wire_next(&wire, &field)) {
        if (field.type != JB_WIRE_BYTES)
            continue;
        switch (field.number) {
        case GRAPH_NODE: graph->n_nodes++; break;
        case GRAPH_NAME: graph->name = field.bytes; break;
        case GRAPH_INITIALIZER:
        case GRAPH_SPARSE_INITIALIZER: graph->n_initializers++; break;
        case GRAPH_INPUT: graph->n_inputs++; break;
        case GRAPH_OUTPUT: graph->n_outputs++; break;
        case GRAPH_VALUE_INFO: graph->n_values++; break;
        default: break;
        }
    }
    return onnx__end(reading, &wire, "graph");
}

static jb_rc make_room(const struct jb_onnx_reading *reading, struct filling *fill)
{
    struct jb_onnx_graph *const graph = &fill->room;
    jb_rc rc = ONNX__ARRAY(reading, graph->n_nodes, &fill->nodes);

    if (rc == JB_OK)
        rc = ONNX__ARRAY(reading, graph->n_initializers, &fill->initializers);
    if (rc == JB_OK)
        rc = ONNX__ARRAY(reading, graph->n_inputs, &fill->inputs);
    if (rc == JB_OK)
        rc = ONNX__ARRAY(reading, graph->n_outputs, &fill->outputs);
    if (rc == JB_OK)
        rc = ONNX__ARRAY(reading, graph->n_values, &fill->values);
    graph->nodes = fill->nodes;
    graph->initializers = fill->initializers;
    graph->inputs = fill->inputs;
    graph->outputs = fill->outputs;
    graph->values = fill->values;
    return rc;
}

static jb_rc read_member(const struct jb_onnx_reading *reading, const struct jb_wire_field *field,
                         struct filling *fill)
{
    const struct jb_onnx_graph *const room = &fill->room;
    struct jb_onnx_graph *const filled = &fill->filled;

    switch (field->number) {
    case GRAPH_NODE:
        return filled->n_nodes < room->n_nodes
                   ? onnx__read_node(reading, field->bytes, &fill->nodes[filled->n_nodes++])
                   : JB_OK;
    case GRAPH_INITIALIZER:
    case GRAPH_SPARSE_INITIALIZER:
        if (filled->n_initializers == room->n_initializers)
            return JB_OK;
        struct jb_onnx_tensor *const tensor = &fill->initializers[filled->n_initializers++];
        return field->number == GRAPH_INITIALIZER
                   ? onnx__read_tensor(reading, field->bytes, tensor)
                   : onnx__read_sparse(reading, field->bytes, tensor);
    case GRAPH_INPUT:
        return filled->n_inputs < room->n_inputs
                   ? onnx__read_value_info(reading, field->bytes, &fill->inputs[filled->n_inputs++])
                   : JB_OK;
    case GRAPH_OUTPUT:
        return filled->n_outputs < room->n_outputs
                   ? onnx__read_value_info(reading, field->bytes,
                                           &fill->outputs[filled->n_outputs++])
                   : JB_OK;
    case GRAPH_VALUE_INFO:
        return filled->n_values < room->n_values
                   ? onnx__read_value_info(reading, field->bytes, &fill->values[filled->n_values++])
                   : JB_OK;
    default: return JB_OK;
    }
}

jb_rc onnx__read_graph(const struct jb_onnx_reading *reading, struct jb_span message,
                       struct jb_onnx_graph *ret)
{
    struct filling fill = {0};
    jb_rc rc = count_members(reading, message, &fill.room);

    if (rc == JB_OK)
        rc = make_room(reading, &fill);
    struct jb_wire wire = jb_wire_over(message);
    struct jb_wire_field field;
    while (rc == JB_OK && jb_wire_next(&wire, &field)) {
        if (field.type == JB_WIRE_BYTES)
            rc = read_member(reading, &field, &fill);
    }
    if (rc == JB_OK)
        *ret = fill.room;
    return rc;
}

jb_rc jb_onnx_read_graph(struct jb_span message, struct jb_arena *arena, struct jb_onnx_graph *ret,
                         struct jb_error *err)
{
    const struct jb_onnx_reading reading = {.start = message.at, .arena = arena, .err = err};

    return onnx__read_graph(&reading, message, ret);
}
