/* SPDX-License-Identifier: Apache-2.0 */
#include "base/compiler.h"
#include "count/onnx_int.h"
#include "onnx_make.h"
#include "tap.h"

static struct jb_error err;
static struct jb_arena *arena;

static jb_rc read_graph(struct om *m, struct jb_onnx_graph *graph)
{
    err = (struct jb_error){0};
    return jb_onnx_read_graph(om_graph(m), arena, graph, &err);
}

static void nodes(void)
{
    struct jb_onnx_graph graph = {0};
    struct om m;

    om_begin(&m);
    om_text_field(&m.body, 2, "main");
    om_node(&m, "Clip", "x,,high", "y,mask");
    om_node_name(&m, "/clip");
    om_node_domain(&m, "ai.onnx");
    om_text_field(&m.node, 8, "v2");
    om_attr_int(&m, "one", 1);
    om_attr_int(&m, "two", 2);
    om_node(&m, "MyOp", "", "");
    om_node_domain(&m, "com.microsoft");
    is_i64(read_graph(&m, &graph), JB_OK, "a graph");
    ok(jb_span_is(graph.name, "main") && graph.n_nodes == 2, "with two nodes");
    const struct jb_onnx_node *const node = graph.nodes;
    ok(jb_span_is(node->name, "/clip") && jb_span_is(node->op_type, "Clip") &&
           node->domain.len == 0 && jb_span_is(node->overload, "v2"),
       "names of the first; ai.onnx is the empty domain");
    ok(node->n_inputs == 3 && jb_span_is(node->inputs[0], "x") && node->inputs[1].len == 0 &&
           jb_span_is(node->inputs[2], "high"),
       "an absent input keeps its place");
    ok(node->n_outputs == 2 && jb_span_is(node->outputs[1], "mask") && node->n_attributes == 2,
       "outputs and attributes");
    ok(node[1].n_inputs == 0 && node[1].n_outputs == 0 && node[1].n_attributes == 0 &&
           jb_span_is(node[1].domain, "com.microsoft"),
       "a node without anything");
    om_release(&m);
}

static void declared(void)
{
    struct jb_onnx_graph graph = {0};
    struct om m;

    om_begin(&m);
    om_input(&m, "x", OM_FLOAT, "batch,3,?,-1,0");
    om_input(&m, "scalar", OM_INT64, "");
    om_output(&m, "y", OM_FLOAT16, NULL);
    om_value(&m, "middle", OM_BOOL, "7");
    om_value_info(&m, 13, "list", OM_FLOAT, "n,2", true);
    is_i64(read_graph(&m, &graph), JB_OK, "declared values");
    const struct jb_onnx_value_info *const x = &graph.inputs[0];
    ok(graph.n_inputs == 2 && graph.n_outputs == 1 && graph.n_values == 2, "each in its list");
    ok(jb_span_is(x->name, "x") && x->kind == JB_ONNX_VALUE_TENSOR && x->type == JB_ONNX_FLOAT &&
           x->has_shape && x->n_dims == 5,
       "a tensor of five dimensions");
    ok(!x->dims[0].is_number && jb_span_is(x->dims[0].param, "batch"), "one by name");
    ok(x->dims[1].is_number && x->dims[1].n == 3, "one by number");
    ok(!x->dims[2].is_number && x->dims[2].param.len == 0, "one unknown");
    ok(!x->dims[3].is_number && x->dims[3].param.len == 0, "-1 is unknown too");
    ok(x->dims[4].is_number && x->dims[4].n == 0, "and 0 is a number");
    ok(graph.inputs[1].has_shape && graph.inputs[1].n_dims == 0, "a scalar has a shape");
    ok(!graph.outputs[0].has_shape && graph.outputs[0].type == JB_ONNX_FLOAT16,
       "what has no shape has a type");
    ok(graph.values[1].kind == JB_ONNX_VALUE_SEQUENCE && graph.values[1].n_dims == 2 &&
           jb_span_is(graph.values[1].dims[0].param, "n"),
       "a sequence tells of its elements");
    om_release(&m);
}

/* TypeProto around TypeProto: `fields` from the innermost outwards. */
static struct jb_onnx_value_info nested(const unsigned *fields, size_t n)
{
    struct jb_buf type = JB_BUF(OM__MAX);
    struct jb_buf tensor = JB_BUF(OM__MAX);
    struct jb_buf info = JB_BUF(OM__MAX);
    struct jb_onnx_graph graph = {0};
    struct om m;

    om_int_field(&tensor, 1, OM_FLOAT);
    om_message_field(&type, 1, &tensor);
    for (size_t i = 0; i < n; i++) {
        struct jb_buf element = JB_BUF(OM__MAX);
        om_message_field(&element, 1, &type);
        type = JB_BUF(OM__MAX);
        om_message_field(&type, fields[i], &element);
    }
    om_begin(&m);
    om_message_field(&info, 2, &type);
    om_message_field(&m.body, 11, &info);
    const bool is_read = read_graph(&m, &graph) == JB_OK && graph.n_inputs == 1;
    om_release(&m);
    return is_read ? graph.inputs[0] : (struct jb_onnx_value_info){.type = -1};
}

static void types(void)
{
    unsigned deep[500];
    struct jb_onnx_value_info info = nested((const unsigned[]){9}, 1);

    ok(info.kind == JB_ONNX_VALUE_TENSOR && info.type == OM_FLOAT,
       "an optional tensor is told as a tensor");
    info = nested((const unsigned[]){4, 9}, 2);
    ok(info.kind == JB_ONNX_VALUE_SEQUENCE && info.type == OM_FLOAT, "an optional sequence as one");
    info = nested((const unsigned[]){4, 4}, 2);
    ok(info.kind == JB_ONNX_VALUE_OTHER, "a sequence of sequences is something else");
    info = nested((const unsigned[]){5}, 1);
    ok(info.kind == JB_ONNX_VALUE_OTHER, "and a map");
    for (size_t i = 0; i < JB_ARRAY_LEN(deep); i++)
        deep[i] = 9;
    info = nested(deep, JB_ARRAY_LEN(deep));
    ok(info.kind == JB_ONNX_VALUE_OTHER, "500 types in types end somewhere");
}

static void limits(void)
{
    struct jb_onnx_graph graph = {.n_nodes = 7};
    struct jb_buf dims = JB_BUF(OM__MAX);
    struct om m;

    om_begin(&m);
    for (int i = 0; i < 64; i++)
        jb_buf_add_text(&dims, "2,");
    om_input(&m, "x", OM_FLOAT, jb_buf_text(&dims));
    ok(read_graph(&m, &graph) == JB_OK && graph.inputs[0].n_dims == 64, "64 dimensions are read");
    jb_buf_add_text(&dims, "2");
    om_input(&m, "y", OM_FLOAT, jb_buf_text(&dims));
    graph.n_nodes = 7;
    is_i64(read_graph(&m, &graph), JB_E_RANGE, "65 are refused");
    is_i64((int64_t)graph.n_nodes, 7, "and nothing is written");
    jb_buf_release(&dims);
    om_release(&m);

    om_begin(&m);
    om_bytes_field(&m.body, 1, "\x12\x09", 2);
    is_i64(read_graph(&m, &graph), JB_E_INPUT, "a node whose output reaches past it");
    is_str(err.message, "field 'node' at byte 2 cannot be read", "is named");
    om_release(&m);
    om_begin(&m);
    om_bytes_field(&m.body, 11, "\x12\x04\x0a\x02\x12\x09", 6);
    is_i64(read_graph(&m, &graph), JB_E_INPUT, "a shape that reaches past its type");
    is_str(err.message, "field 'type.tensor_type' at byte 6 cannot be read", "is named");
    om_release(&m);
}

int main(void)
{
    if (jb_arena_new((size_t)64 << 20, &arena, NULL) < 0)
        bail_out("no memory");
    nodes();
    declared();
    types();
    limits();
    jb_arena_free(arena);
    return done_testing();
}
