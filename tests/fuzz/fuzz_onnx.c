/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as an ONNX file: taken apart or refused with a word, in memory that its size bounds; what is given out lies within
 * the bytes; every attribute, subgraph and small tensor can be asked for.
 */
#include "base/compiler.h"
#include "count/onnx_int.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DEPTH_MAX      6
#define BYTES_PER_BYTE 100
#define BYTES_ANYWAY   4096
#define INTS_MAX       64

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void within(struct jb_span whole, struct jb_span part)
{
    must(part.len <= whole.len);
    if (part.len > 0)
        must(part.at >= whole.at && (size_t)(part.at - whole.at) <= whole.len - part.len);
}

static void check_rc(jb_rc rc, const struct jb_error *err)
{
    must(rc == JB_OK || ((rc == JB_E_INPUT || rc == JB_E_RANGE) && err->message[0] != '\0'));
}

static struct jb_arena *arena_for(struct jb_span bytes)
{
    struct jb_arena *arena = NULL;

    if (jb_arena_new(bytes.len * BYTES_PER_BYTE + BYTES_ANYWAY, &arena, NULL) < 0)
        abort();
    return arena;
}

static void try_tensor(struct jb_span whole, const struct jb_onnx_tensor *tensor)
{
    int64_t ints[INTS_MAX];
    size_t n = 0;

    within(whole, tensor->name);
    within(whole, tensor->raw);
    within(whole, tensor->location);
    must(tensor->n_dims <= JB_ONNX_DIMS_MAX && tensor->n_elements >= 0 && tensor->n_bytes >= 0);
    for (size_t i = 0; i < tensor->n_dims; i++)
        must(tensor->dims[i] >= 0);
    must(!tensor->is_external || tensor->location.len > 0);
    must(!tensor->is_sparse || tensor->n_stored <= tensor->n_elements);
    if (jb_onnx_tensor_ints(tensor, ints, INTS_MAX, &n))
        must(n <= INTS_MAX && n == (size_t)tensor->n_elements);
}

static void try_graph_message(struct jb_span message, int depth);

static void try_attribute(struct jb_span whole, struct jb_onnx_attribute attribute, int depth)
{
    struct jb_error err = {0};
    int64_t ints[INTS_MAX];
    size_t n = 0;

    within(whole, attribute.ref);
    within(whole, jb_onnx_attribute_text(attribute));
    (void)jb_onnx_attribute_int(attribute, -1);
    (void)jb_onnx_attribute_float(attribute, 0.5);
    jb_onnx_attribute_ints(attribute, ints, INTS_MAX, &n);
    must(n <= attribute.message.len);
    const struct jb_span message = jb_onnx_attribute_tensor(attribute);
    within(whole, message);
    if (message.len > 0) {
        JB_AUTO(jb_arena_free_auto) struct jb_arena *arena = arena_for(message);
        struct jb_onnx_tensor tensor;
        const jb_rc rc = jb_onnx_read_tensor(message, arena, &tensor, &err);
        check_rc(rc, &err);
        if (rc == JB_OK)
            try_tensor(whole, &tensor);
    }
    const struct jb_span graph = jb_onnx_attribute_graph(attribute);
    within(whole, graph);
    if (graph.len > 0 && depth < DEPTH_MAX)
        try_graph_message(graph, depth + 1);
}

static void try_nodes(struct jb_span whole, const struct jb_onnx_node *nodes, size_t n, int depth)
{
    for (size_t i = 0; i < n; i++) {
        const struct jb_onnx_node *const node = &nodes[i];
        within(whole, node->name);
        within(whole, node->op_type);
        within(whole, node->domain);
        must(!jb_span_is(node->domain, "ai.onnx"));
        for (size_t k = 0; k < node->n_inputs; k++)
            within(whole, node->inputs[k]);
        for (size_t k = 0; k < node->n_outputs; k++)
            within(whole, node->outputs[k]);
        for (size_t k = 0; k < node->n_attributes; k++) {
            struct jb_span name;
            const struct jb_onnx_attribute attribute = jb_onnx_attribute_at(node, k, &name);
            within(whole, name);
            try_attribute(whole, attribute, depth);
        }
        (void)jb_onnx_attribute(node, "axis");
    }
}

static void try_values(struct jb_span whole, const struct jb_onnx_value_info *infos, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        within(whole, infos[i].name);
        must(infos[i].n_dims <= JB_ONNX_DIMS_MAX);
        for (size_t k = 0; k < infos[i].n_dims; k++) {
            within(whole, infos[i].dims[k].param);
            must(infos[i].dims[k].n >= 0);
        }
    }
}

static void try_graph(struct jb_span whole, const struct jb_onnx_graph *graph, int depth)
{
    within(whole, graph->name);
    try_nodes(whole, graph->nodes, graph->n_nodes, depth);
    for (size_t i = 0; i < graph->n_initializers; i++)
        try_tensor(whole, &graph->initializers[i]);
    try_values(whole, graph->inputs, graph->n_inputs);
    try_values(whole, graph->outputs, graph->n_outputs);
    try_values(whole, graph->values, graph->n_values);
}

static void try_graph_message(struct jb_span message, int depth)
{
    JB_AUTO(jb_arena_free_auto) struct jb_arena *arena = arena_for(message);
    struct jb_onnx_graph graph;
    struct jb_error err = {0};
    const jb_rc rc = jb_onnx_read_graph(message, arena, &graph, &err);

    check_rc(rc, &err);
    if (rc == JB_OK)
        try_graph(message, &graph, depth);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct jb_span bytes = {.at = data, .len = size};
    JB_AUTO(jb_arena_free_auto) struct jb_arena *arena = arena_for(bytes);
    struct jb_onnx_model model;
    struct jb_error err = {0};
    const jb_rc rc = jb_onnx_read(bytes, arena, &model, &err);

    check_rc(rc, &err);
    /* The ceiling is generous: nothing that was read may have met it. */
    must(rc != JB_E_RANGE || strstr(err.message, "dimensions"));
    if (rc < 0)
        return 0;
    must(model.n_external_bytes >= 0);
    try_graph(bytes, &model.graph, 0);
    for (size_t i = 0; i < model.n_functions; i++) {
        const struct jb_onnx_function *const function = &model.functions[i];
        within(bytes, function->name);
        try_nodes(bytes, function->nodes, function->n_nodes, 0);
        for (size_t k = 0; k < function->n_defaults; k++) {
            struct jb_span name;
            try_attribute(bytes, jb_onnx_attribute_of(function->defaults[k], &name), 0);
        }
    }
    return 0;
}
