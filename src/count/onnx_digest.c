/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a model is, as a digest: operators, their wiring and attributes, sizes and types of weights, and no weight itself. Names of
 * nodes, texts for people and where weights are kept are left out. R-COUNT-14.
 */
#include "base/hash.h"
#include "count/walk_int.h"

#define LARGE_BYTES \
    ((size_t)64 * 1024) /* of an attribute: what is beyond is told by its length alone */

struct describing {
    struct jb_hasher hasher;
    size_t n;
    uint8_t bytes[8192];
};

static void flush(struct describing *out)
{
    jb_hasher_add(&out->hasher, out->bytes, out->n);
    out->n = 0;
}

static void add(struct describing *out, const void *bytes, size_t len)
{
    if (len > sizeof out->bytes - out->n)
        flush(out);
    if (len > sizeof out->bytes) {
        jb_hasher_add(&out->hasher, bytes, len);
        return;
    }
    if (len > 0)
        memcpy(out->bytes + out->n, bytes, len);
    out->n += len;
}

/* Seven bits to a byte, the lowest first, the eighth where more follow: most numbers are lengths of names. */
static void add_number(struct describing *out, int64_t number)
{
    uint8_t bytes[10];
    size_t n = 0;
    uint64_t rest = (uint64_t)number;
    for (; rest >= 0x80; rest >>= 7)
        bytes[n++] = (uint8_t)(rest | 0x80);
    bytes[n++] = (uint8_t)rest;
    add(out, bytes, n);
}

static void add_span(struct describing *out, struct jb_span span)
{
    add_number(out, (int64_t)span.len);
    add(out, span.at, span.len < LARGE_BYTES ? span.len : LARGE_BYTES);
}

static void add_spans(struct describing *out, const struct jb_span *spans, size_t n)
{
    add_number(out, (int64_t)n);
    for (size_t i = 0; i < n; i++)
        add_span(out, spans[i]);
}

static void add_nodes(struct describing *out, const struct jb_onnx_node *nodes, size_t n)
{
    add_number(out, (int64_t)n);
    for (size_t i = 0; i < n; i++) {
        add_span(out, nodes[i].domain);
        add_span(out, nodes[i].op_type);
        add_span(out, nodes[i].overload);
        add_spans(out, nodes[i].inputs, nodes[i].n_inputs);
        add_spans(out, nodes[i].outputs, nodes[i].n_outputs);
        add_spans(out, nodes[i].attributes, nodes[i].n_attributes);
    }
}

static void add_opsets(struct describing *out, const struct jb_onnx_opset *opsets, size_t n)
{
    add_number(out, (int64_t)n);
    for (size_t i = 0; i < n; i++) {
        add_span(out, opsets[i].domain);
        add_number(out, opsets[i].version);
    }
}

static void add_values(struct describing *out, const struct jb_onnx_value_info *values, size_t n)
{
    add_number(out, (int64_t)n);
    for (size_t i = 0; i < n; i++) {
        add_span(out, values[i].name);
        add_number(out, values[i].type);
        add_number(out, values[i].has_shape ? (int64_t)values[i].n_dims : -1);
        for (size_t d = 0; values[i].has_shape && d < values[i].n_dims; d++) {
            add_number(out, values[i].dims[d].is_number ? values[i].dims[d].n : -1);
            add_span(out, values[i].dims[d].param);
        }
    }
}

static void add_initializers(struct describing *out, const struct jb_onnx_tensor *tensors, size_t n)
{
    add_number(out, (int64_t)n);
    for (size_t i = 0; i < n; i++) {
        add_span(out, tensors[i].name);
        add_number(out, tensors[i].type);
        add_number(out, (int64_t)tensors[i].n_dims);
        for (size_t d = 0; d < tensors[i].n_dims; d++)
            add_number(out, tensors[i].dims[d]);
        add_number(out, tensors[i].is_sparse ? tensors[i].n_stored : -1);
    }
}

void jb_onnx__digest(const struct jb_onnx_model *model, char *ret_hex, size_t size)
{
    static const char what[] = "joulebook onnx 1";
    struct describing out = {.n = 0};
    const struct jb_onnx_graph *const graph = &model->graph;

    jb_hasher_begin(&out.hasher);
    add(&out, what, sizeof what);
    add_opsets(&out, model->opsets, model->n_opsets);
    add_values(&out, graph->inputs, graph->n_inputs);
    add_values(&out, graph->outputs, graph->n_outputs);
    add_initializers(&out, graph->initializers, graph->n_initializers);
    add_nodes(&out, graph->nodes, graph->n_nodes);
    add_number(&out, (int64_t)model->n_functions);
    for (size_t i = 0; i < model->n_functions; i++) {
        const struct jb_onnx_function *const function = &model->functions[i];
        add_span(&out, function->domain);
        add_span(&out, function->name);
        add_span(&out, function->overload);
        add_spans(&out, function->inputs, function->n_inputs);
        add_spans(&out, function->outputs, function->n_outputs);
        add_spans(&out, function->defaults, function->n_defaults);
        add_opsets(&out, function->opsets, function->n_opsets);
        add_nodes(&out, function->nodes, function->n_nodes);
    }
    flush(&out);
    const struct jb_hash hash = jb_hasher_end(&out.hasher);
    (void)jb_hex(hash.bytes, sizeof hash.bytes, ret_hex, size);
}
