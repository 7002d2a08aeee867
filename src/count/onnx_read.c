/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes of an ONNX file to struct jb_onnx_model: ModelProto, its operator sets and functions. What is not a model is refused
 * with a word on what it is. Weights are passed over, not read: only the pages that describe them are touched.
 */
#include "base/compiler.h"
#include "base/num.h"
#include "count/onnx_reading_int.h"

enum { MODEL_IR_VERSION = 1, MODEL_PRODUCER, MODEL_PRODUCER_VERSION };
enum { MODEL_GRAPH = 7, MODEL_OPSET = 8, MODEL_TRAINING = 20, MODEL_FUNCTION = 25 };
enum { OPSET_DOMAIN = 1, OPSET_VERSION = 2 };
enum { FUNCTION_NAME = 1, FUNCTION_INPUT = 4, FUNCTION_OUTPUT, FUNCTION_ATTRIBUTE, FUNCTION_NODE };
enum { FUNCTION_OPSET = 9, FUNCTION_DOMAIN = 10, FUNCTION_DEFAULT = 11, FUNCTION_OVERLOAD = 13 };

jb_rc onnx__broken(const struct jb_onnx_reading *reading, const uint8_t *at, const char *field,
                   const char *what)
{
    const ptrdiff_t offset = at && reading->start ? at - reading->start : 0;

    return jb_fail(reading->err, JB_E_INPUT,
                   "the file is damaged or cut short: export it again, or fetch it again",
                   "field '%s' at byte %td %s", field, offset, what);
}

struct jb_span onnx__domain(struct jb_span domain)
{
    return jb_span_is(domain, "ai.onnx") ? (struct jb_span){0} : domain;
}

static jb_rc read_opset(const struct jb_onnx_reading *reading, struct jb_span message,
                        struct jb_onnx_opset *ret)
{
    struct jb_onnx_opset opset = {0};
    struct jb_wire wire = jb_wire_over(message);
    struct jb_wire_field field;

    while (jb_wire_next(&wire, &field)) {
        if (jb_wire_is(&field, OPSET_DOMAIN, JB_WIRE_BYTES))
            opset.domain = onnx__domain(field.bytes);
        else if (jb_wire_is(&field, OPSET_VERSION, JB_WIRE_VARINT))
            opset.version = (int64_t)field.value;
    }
    *ret = opset;
    return onnx__end(reading, &wire, "opset_import");
}

/* --- functions -------------------------------------------------------------------------------------------------- */

struct filling {
    struct jb_onnx_function
        room; /* how many there are; a mapped file may change while it is read */
    struct jb_span *inputs, *outputs, *attributes, *defaults;
    struct jb_onnx_node *nodes;
    struct jb_onnx_opset *opsets;
};

static jb_rc count_members(const struct jb_onnx_reading *reading, struct jb_span message,
                           struct jb_onnx_function *function)
{
    struct jb_wire wire = jb_wire_over(message);
    struct jb_wire_field field;

    while (jb_wire_next(&wire, &field)) {
        if (field.type != JB_WIRE_BYTES)
            continue;
        switch (field.number) {
        case FUNCTION_NAME: function->name = field.bytes; break;
        case FUNCTION_DOMAIN: function->domain = onnx__domain(field.bytes); break;
        case FUNCTION_OVERLOAD: function->overload = field.bytes; break;
        case FUNCTION_INPUT: function->n_inputs++; break;
        case FUNCTION_OUTPUT: function->n_outputs++; break;
        case FUNCTION_ATTRIBUTE: function->n_attributes++; break;
        case FUNCTION_DEFAULT: function->n_defaults++; break;
        case FUNCTION_NODE: function->n_nodes++; break;
        case FUNCTION_OPSET: function->n_opsets++; break;
        default: break;
        }
    }
    return onnx__end(reading, &wire, "function");
}

static jb_rc make_room(const struct jb_onnx_reading *reading, struct filling *fill)
{
    struct jb_onnx_function *const function = &fill->room;
    jb_rc rc = ONNX__ARRAY(reading, function->n_inputs, &fill->inputs);

    if (rc == JB_OK)
        rc = ONNX__ARRAY(reading, function->n_outputs, &fill->outputs);
    if (rc == JB_OK)
        rc = ONNX__ARRAY(reading, function->n_attributes, &fill->attributes);
    if (rc == JB_OK)
        rc = ONNX__ARRAY(reading, function->n_defaults, &fill->defaults);
    if (rc == JB_OK)
        rc = ONNX__ARRAY(reading, function->n_nodes, &fill->nodes);
    if (rc == JB_OK)
        rc = ONNX__ARRAY(reading, function->n_opsets, &fill->opsets);
    function->inputs = fill->inputs;
    function->outputs = fill->outputs;
    function->attributes = fill->attributes;
    function->defaults = fill->defaults;
    function->nodes = fill->nodes;
    function->opsets = fill->opsets;
    return rc;
}

static void put(struct jb_span bytes, struct jb_span *list, size_t n, size_t *n_put)
{
    if (*n_put < n)
        list[(*n_put)++] = bytes;
}

static jb_rc read_function(const struct jb_onnx_reading *reading, struct jb_span message,
                           struct jb_onnx_function *ret)
{
    struct filling fill = {0};
    struct jb_onnx_function *const room = &fill.room;
    struct jb_onnx_function filled = {0};
    jb_rc rc = count_members(reading, message, room);

    if (rc == JB_OK)
        rc = make_room(reading, &fill);
    struct jb_wire wire = jb_wire_over(message);
    struct jb_wire_field field;
    while (rc == JB_OK && jb_wire_next(&wire, &field)) {
        if (field.type != JB_WIRE_BYTES)
            continue;
        if (field.number == FUNCTION_INPUT)
            put(field.bytes, fill.inputs, room->n_inputs, &filled.n_inputs);
        else if (field.number == FUNCTION_OUTPUT)
            put(field.bytes, fill.outputs, room->n_outputs, &filled.n_outputs);
        else if (field.number == FUNCTION_ATTRIBUTE)
            put(field.bytes, fill.attributes, room->n_attributes, &filled.n_attributes);
        else if (field.number == FUNCTION_DEFAULT)
            put(field.bytes, fill.defaults, room->n_defaults, &filled.n_defaults);
        else if (field.number == FUNCTION_NODE && filled.n_nodes < room->n_nodes)
            rc = onnx__read_node(reading, field.bytes, &fill.nodes[filled.n_nodes++]);
        else if (field.number == FUNCTION_OPSET && filled.n_opsets < room->n_opsets)
            rc = read_opset(reading, field.bytes, &fill.opsets[filled.n_opsets++]);
    }
    if (rc == JB_OK)
        *ret = *room;
    return rc;
}

/* --- the model -------------------------------------------------------------------------------------------------- */

/* First pass: everything that is no message, and how many of those there are. */
static jb_rc read_head(const struct jb_onnx_reading *reading, struct jb_span bytes,
                       struct jb_onnx_model *model, struct jb_span *ret_graph, size_t *ret_n_graphs)
{
    struct jb_wire wire = jb_wire_over(bytes);
    struct jb_wire_field field;

    while (jb_wire_next(&wire, &field)) {
        if (jb_wire_is(&field, MODEL_IR_VERSION, JB_WIRE_VARINT))
            model->ir_version = (int64_t)field.value;
        if (field.type != JB_WIRE_BYTES)
            continue;
        switch (field.number) {
        case MODEL_PRODUCER: model->producer = field.bytes; break;
        case MODEL_PRODUCER_VERSION: model->producer_version = field.bytes; break;
        case MODEL_GRAPH:
            *ret_graph = field.bytes;
            ++*ret_n_graphs;
            break;
        case MODEL_OPSET: model->n_opsets++; break;
        case MODEL_FUNCTION: model->n_functions++; break;
        case MODEL_TRAINING: model->has_training_info = true; break;
        default: break;
        }
    }
    return onnx__end(reading, &wire, "model");
}

static jb_rc refuse(const struct jb_onnx_reading *reading, struct jb_span bytes)
{
    const char *hint = NULL;
    const char *const like = onnx__looks_like(bytes, &hint);

    if (bytes.len == 0)
        return jb_fail(reading->err, JB_E_INPUT, "export the model again", "the file is empty");
    if (like)
        return jb_fail(reading->err, JB_E_INPUT, hint, "not an ONNX model: it looks like %s", like);
    return jb_fail(reading->err, JB_E_INPUT,
                   "export the model with torch.onnx.export, or fetch it again",
                   "not an ONNX model: there is no graph in it");
}

static jb_rc read_messages(const struct jb_onnx_reading *reading, struct jb_span bytes,
                           struct jb_onnx_model *model)
{
    struct jb_onnx_opset *opsets = NULL;
    struct jb_onnx_function *functions = NULL;
    jb_rc rc = ONNX__ARRAY(reading, model->n_opsets, &opsets);

    if (rc == JB_OK)
        rc = ONNX__ARRAY(reading, model->n_functions, &functions);
    model->opsets = opsets;
    model->functions = functions;
    struct jb_wire wire = jb_wire_over(bytes);
    struct jb_wire_field field;
    for (size_t o = 0, f = 0; rc == JB_OK && jb_wire_next(&wire, &field);) {
        if (jb_wire_is(&field, MODEL_OPSET, JB_WIRE_BYTES) && o < model->n_opsets)
            rc = read_opset(reading, field.bytes, &opsets[o++]);
        else if (jb_wire_is(&field, MODEL_FUNCTION, JB_WIRE_BYTES) && f < model->n_functions)
            rc = read_function(reading, field.bytes, &functions[f++]);
    }
    return rc;
}

static jb_rc sum_external(const struct jb_onnx_reading *reading, struct jb_onnx_model *model)
{
    const struct jb_onnx_graph *const graph = &model->graph;

    for (size_t i = 0; i < graph->n_initializers; i++) {
        const struct jb_onnx_tensor *const tensor = &graph->initializers[i];
        if (tensor->is_external &&
            jb_add_i64(model->n_external_bytes, tensor->n_bytes, &model->n_external_bytes) < 0)
            return onnx__broken(reading, tensor->message.at, "initializer.dims",
                                "makes more bytes of weights than can be");
    }
    return JB_OK;
}

jb_rc jb_onnx_read(struct jb_span bytes, struct jb_arena *arena, struct jb_onnx_model *ret_model,
                   struct jb_error *err)
{
    const struct jb_onnx_reading reading = {.start = bytes.at, .arena = arena, .err = err};
    struct jb_onnx_model model = {.arena = arena};
    struct jb_span graph = {0};
    size_t n_graphs = 0;
    jb_rc rc = read_head(&reading, bytes, &model, &graph, &n_graphs);

    if (n_graphs == 0 && (rc == JB_OK || onnx__looks_like(bytes, &(const char *){NULL})))
        return refuse(&reading, bytes);
    /* Other readers would merge them; no exporter writes two, and half a graph is not counted in silence. */
    if (rc == JB_OK && n_graphs > 1)
        rc = onnx__broken(&reading, graph.at, "graph", "is there twice");
    if (rc == JB_OK)
        rc = read_messages(&reading, bytes, &model);
    if (rc == JB_OK)
        rc = onnx__read_graph(&reading, graph, &model.graph);
    if (rc == JB_OK)
        rc = sum_external(&reading, &model);
    if (rc == JB_OK)
        *ret_model = model;
    return rc;
}
