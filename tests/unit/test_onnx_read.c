/* SPDX-License-Identifier: Apache-2.0 */
#include "base/compiler.h"
#include "count/onnx_int.h"
#include "onnx_make.h"
#include "tap.h"

static struct jb_error err;

static struct jb_arena *arena_new(void)
{
    struct jb_arena *arena = NULL;

    if (jb_arena_new((size_t)64 << 20, &arena, NULL) < 0)
        bail_out("no memory");
    return arena;
}

static jb_rc read_bytes(struct jb_span bytes, struct jb_arena *arena, struct jb_onnx_model *model)
{
    err = (struct jb_error){0};
    return jb_onnx_read(bytes, arena, model, &err);
}

static void make(struct om *m)
{
    struct om function;

    om_begin(m);
    om_input(m, "x", OM_FLOAT, "batch,3,224,224");
    om_weight(m, "w", OM_FLOAT, "64,3,7,7");
    om_node(m, "Conv", "x,w", "y");
    om_attr_ints(m, "pads", "3,3,3,3");
    om_node(m, "MyRelu", "y", "z");
    om_node_domain(m, "mine");
    om_output(m, "z", OM_FLOAT, NULL);
    om_opset(m, "ai.onnx", 17);
    om_opset(m, "mine", 1);
    om_begin_function(&function);
    om_node(&function, "Relu", "a", "b");
    om_attr_ref(&function, "alpha", 1, "slope");
    om_opset(&function, "", 18);
    om_function(m, "mine", "MyRelu", "a", "b", "slope", &function);
    om_text_field(&m->outer, 2, "pytorch");
    om_text_field(&m->outer, 3, "2.1.0");
    om_text_field(&m->outer, 99, "a field of the future");
}

static void whole(void)
{
    JB_AUTO(jb_arena_free_auto) struct jb_arena *arena = arena_new();
    struct jb_onnx_model model = {0};
    struct om m;

    make(&m);
    is_i64(read_bytes(om_model(&m), arena, &model), JB_OK, "a model is read");
    is_i64(model.ir_version, 10, "its version");
    ok(jb_span_is(model.producer, "pytorch") && jb_span_is(model.producer_version, "2.1.0"),
       "its producer");
    ok(model.n_opsets == 2 && model.opsets[0].domain.len == 0 && model.opsets[0].version == 17 &&
           jb_span_is(model.opsets[1].domain, "mine") && model.opsets[1].version == 1,
       "operator sets, ai.onnx as the empty domain");
    ok(model.graph.n_nodes == 2 && model.graph.n_initializers == 1 && model.graph.n_inputs == 1 &&
           model.graph.n_outputs == 1 && model.graph.n_values == 0,
       "the graph's members");
    ok(jb_span_is(model.graph.nodes[0].op_type, "Conv") &&
           jb_span_is(model.graph.nodes[1].domain, "mine"),
       "nodes in their order");
    ok(!model.has_training_info && model.n_external_bytes == 0, "no training, no other files");
    const struct jb_onnx_function *const function = model.functions;
    ok(model.n_functions == 1 && jb_span_is(function->name, "MyRelu") &&
           jb_span_is(function->domain, "mine") && function->n_inputs == 1 &&
           jb_span_is(function->inputs[0], "a") && function->n_outputs == 1 &&
           jb_span_is(function->outputs[0], "b") && function->n_attributes == 1 &&
           jb_span_is(function->attributes[0], "slope"),
       "a function with its names");
    ok(function->n_nodes == 1 && jb_span_is(function->nodes[0].op_type, "Relu") &&
           function->n_opsets == 1 && function->opsets[0].version == 18,
       "its nodes and operator sets");
    om_release(&m);
}

static void tolerated(void)
{
    JB_AUTO(jb_arena_free_auto) struct jb_arena *arena = arena_new();
    struct jb_onnx_model model = {0};
    struct om m;

    om_begin(&m);
    m.ir_version = -1;
    om_node(&m, "Relu", "x", "y");
    ok(read_bytes(om_model(&m), arena, &model) == JB_OK && model.ir_version == 0,
       "a model without its version is read");
    om_release(&m);
    om_begin(&m);
    m.ir_version = 99;
    om_opset(&m, "", 99);
    ok(read_bytes(om_model(&m), arena, &model) == JB_OK && model.ir_version == 99 &&
           model.opsets[0].version == 99 && model.graph.n_nodes == 0,
       "one of a version to come too, and one without nodes");
    om_text_field(&m.outer, 20, "");
    ok(read_bytes(om_model(&m), arena, &model) == JB_OK && model.has_training_info,
       "that it has a training graph is told");
    om_release(&m);
}

/* A model cut at every byte, each copy as long as it is: refused, or sound as far as it goes, never read past. */
static void cut_short(void)
{
    struct om m;
    size_t n_read = 0;
    size_t n_silent = 0;

    make(&m);
    const struct jb_span bytes = om_model(&m);
    for (size_t len = 0; len < bytes.len; len++) {
        JB_AUTO(jb_arena_free_auto) struct jb_arena *arena = arena_new();
        struct jb_onnx_model model = {0};
        uint8_t *const copy = malloc(len + 1);
        if (!copy)
            bail_out("no memory");
        memcpy(copy, bytes.at, len);
        const jb_rc rc = read_bytes((struct jb_span){.at = copy, .len = len}, arena, &model);
        n_read += rc == JB_OK;
        n_silent += rc < 0 && (err.message[0] == '\0' || err.code != JB_E_INPUT);
        free(copy);
    }
    /* Behind the graph stand six fields: cut between two of them it is a shorter model, and before the first, one without. */
    is_i64((int64_t)n_read, 6, "cut at a border of the model's own fields it is read");
    is_i64((int64_t)n_silent, 0, "and cut anywhere else it is refused with a word");
    om_release(&m);
}

static void refused(void)
{
    JB_AUTO(jb_arena_free_auto) struct jb_arena *arena = arena_new();
    struct jb_onnx_model model = {.ir_version = 7};
    struct om m;

    /* 0a: field 1; 04 12 ff 01 'x': a node whose output reaches past it. Byte 4 is where that field begins. */
    static const uint8_t node[] = {0x08, 0x08, 0x3a, 0x05, 0x0a, 0x03, 0x12, 0x09, 'x'};
    is_i64(read_bytes((struct jb_span){.at = node, .len = sizeof node}, arena, &model), JB_E_INPUT,
           "a node that reaches past its end");
    is_str(err.message, "field 'node' at byte 6 cannot be read", "is named with its byte");
    is_i64(model.ir_version, 7, "and nothing is written");
    om_begin(&m);
    om_bytes_field(&m.outer, 7, "", 0);
    is_i64(read_bytes(om_model(&m), arena, &model), JB_E_INPUT, "two graphs are refused");
    om_release(&m);
    is_i64(read_bytes((struct jb_span){0}, arena, &model), JB_E_INPUT, "no bytes are no model");
    is_str(err.message, "the file is empty", "and said so");
    is_i64(read_bytes(jb_span_of("hello\n"), arena, &model), JB_E_INPUT, "text is no model");
    is_str(err.message, "not an ONNX model: it looks like text", "and said so");
    static const uint8_t version[] = {0x08, 0x08};
    is_i64(read_bytes((struct jb_span){.at = version, .len = 2}, arena, &model), JB_E_INPUT,
           "a version alone is no model");
    is_str(err.message, "not an ONNX model: there is no graph in it", "and said so");
}

/* Nodes of two bytes cost the most memory for their size. */
static void memory(void)
{
    JB_AUTO(jb_arena_free_auto) struct jb_arena *arena = NULL;
    struct jb_onnx_model model = {0};
    struct om m;

    om_begin(&m);
    for (int i = 0; i < 10000; i++)
        om_text_field(&m.body, 5, ""); /* initializers of no bytes */
    const struct jb_span bytes = om_model(&m);
    if (jb_arena_new(bytes.len * 100, &arena, NULL) < 0)
        bail_out("no memory");
    ok(read_bytes(bytes, arena, &model) == JB_OK && model.graph.n_initializers == 10000,
       "a hostile file takes at most 100 bytes of memory for one of its own");
    JB_AUTO(jb_arena_free_auto) struct jb_arena *small = NULL;
    if (jb_arena_new(bytes.len, &small, NULL) < 0)
        bail_out("no memory");
    is_i64(read_bytes(bytes, small, &model), JB_E_RANGE, "and none over the ceiling");
    om_release(&m);
}

static void external(void)
{
    JB_AUTO(jb_arena_free_auto) struct jb_arena *arena = arena_new();
    struct jb_onnx_model model = {0};
    struct om m;

    om_begin(&m);
    for (int i = 0; i < 2; i++) {
        struct jb_buf tensor = JB_BUF(OM__MAX);
        struct jb_buf entry = JB_BUF(OM__MAX);
        om_tensor(&tensor, i == 0 ? "a" : "b", OM_FLOAT, "10,10");
        om_text_field(&entry, 1, "location");
        om_text_field(&entry, 2, "w.bin");
        om_message_field(&tensor, 13, &entry);
        om_int_field(&tensor, 14, 1);
        om_message_field(&m.body, 5, &tensor);
    }
    ok(read_bytes(om_model(&m), arena, &model) == JB_OK && model.n_external_bytes == 800,
       "weights in other files are summed: 2 x 100 x 4 bytes");
    om_release(&m);
}

int main(void)
{
    whole();
    tolerated();
    cut_short();
    refused();
    memory();
    external();
    return done_testing();
}
