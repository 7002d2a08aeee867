/* SPDX-License-Identifier: Apache-2.0 */
#include "base/compiler.h"
#include "count/onnx_int.h"
#include "onnx_make.h"
#include "tap.h"

static struct jb_arena *arena;

static const struct jb_onnx_node *read_node(struct om *m)
{
    static struct jb_onnx_graph graph;

    if (jb_onnx_read_graph(om_graph(m), arena, &graph, NULL) < 0 || graph.n_nodes == 0)
        bail_out("no node");
    return graph.nodes;
}

static void kinds(void)
{
    struct jb_onnx_tensor tensor = {0};
    struct jb_onnx_graph branch = {0};
    struct om sub;
    struct om m;
    int64_t ints[4] = {0};
    size_t n = 0;

    om_begin(&sub);
    om_node(&sub, "Relu", "a", "b");
    om_begin(&m);
    om_node(&m, "Everything", "x", "y");
    om_attr_int(&m, "axis", -1);
    om_attr_float(&m, "alpha", 0.25F);
    om_attr_text(&m, "mode", "nearest");
    om_attr_ints(&m, "pads", "1,-2,3");
    om_attr_ints_tensor(&m, "value", "2", "7,-8");
    om_attr_graph(&m, "body", &sub);
    om_attr_ref(&m, "from", 2, "caller");
    const struct jb_onnx_node *const node = read_node(&m);

    is_i64((int64_t)node->n_attributes, 7, "seven attributes");
    is_i64(jb_onnx_attribute_int(jb_onnx_attribute(node, "axis"), 5), -1, "an integer");
    ok(jb_onnx_attribute_float(jb_onnx_attribute(node, "alpha"), 5) == 0.25, "a number");
    ok(jb_span_is(jb_onnx_attribute_text(jb_onnx_attribute(node, "mode")), "nearest"), "a text");
    jb_onnx_attribute_ints(jb_onnx_attribute(node, "pads"), ints, 4, &n);
    ok(n == 3 && ints[0] == 1 && ints[1] == -2 && ints[2] == 3, "integers");
    ints[1] = 77;
    jb_onnx_attribute_ints(jb_onnx_attribute(node, "pads"), ints, 1, &n);
    ok(n == 3 && ints[1] == 77, "as many as there is room for, and how many there are");
    ok(jb_onnx_read_tensor(jb_onnx_attribute_tensor(jb_onnx_attribute(node, "value")), arena,
                           &tensor, NULL) == JB_OK &&
           jb_onnx_tensor_ints(&tensor, ints, 4, &n) && n == 2 && ints[0] == 7 && ints[1] == -8,
       "a tensor");
    ok(jb_onnx_read_graph(jb_onnx_attribute_graph(jb_onnx_attribute(node, "body")), arena, &branch,
                          NULL) == JB_OK &&
           branch.n_nodes == 1 && jb_span_is(branch.nodes[0].op_type, "Relu"),
       "a graph");
    const struct jb_onnx_attribute from = jb_onnx_attribute(node, "from");
    ok(jb_span_is(from.ref, "caller") && from.type == 2, "a reference to the caller's");
    is_i64(jb_onnx_attribute_int(from, 5), 5, "which has no value of its own");
    om_release(&m);
}

static void absent(void)
{
    struct om m;
    int64_t ints[2] = {0};
    size_t n = 9;

    om_begin(&m);
    om_node(&m, "Softmax", "x", "y");
    om_attr_text(&m, "mode", "a");
    om_attr_ints(&m, "empty", "");
    const struct jb_onnx_node *const node = read_node(&m);
    const struct jb_onnx_attribute none = jb_onnx_attribute(node, "axis");

    ok(none.message.len == 0 && jb_onnx_attribute_int(none, -1) == -1 &&
           jb_onnx_attribute_float(none, 0.5) == 0.5 && jb_onnx_attribute_text(none).len == 0 &&
           jb_onnx_attribute_tensor(none).len == 0 && jb_onnx_attribute_graph(none).len == 0,
       "what is not there gives what else was said");
    jb_onnx_attribute_ints(none, ints, 2, &n);
    is_i64((int64_t)n, 0, "and no integers");
    ok(jb_onnx_attribute(node, "mod").message.len == 0 &&
           jb_onnx_attribute(node, "modes").message.len == 0,
       "names are compared whole");
    is_i64(jb_onnx_attribute_int(jb_onnx_attribute(node, "mode"), 3), 3, "a text is no integer");
    om_release(&m);
}

/* As other writers have it: packed, without a type, the name last, and zero left out (proto3). */
static void other_writers(void)
{
    struct jb_buf packed = JB_BUF(OM__MAX);
    struct jb_buf zero = JB_BUF(OM__MAX);
    struct jb_buf old = JB_BUF(OM__MAX);
    struct jb_span name = {0};
    struct om m;
    int64_t ints[4] = {0};
    size_t n = 0;

    om_begin(&m);
    om_node(&m, "X", "", "");
    om_bytes_field(&packed, 8, "\x03\x80\x01", 3);
    om_int_field(&packed, 20, 7);
    om_text_field(&packed, 1, "ints");
    om_message_field(&m.node, 5, &packed);
    om_text_field(&zero, 1, "zero");
    om_int_field(&zero, 20, 2);
    om_message_field(&m.node, 5, &zero);
    om_text_field(&old, 1, "old");
    om_int_field(&old, 3, 4);
    om_message_field(&m.node, 5, &old);
    const struct jb_onnx_node *const node = read_node(&m);
    jb_onnx_attribute_ints(jb_onnx_attribute(node, "ints"), ints, 4, &n);
    ok(n == 2 && ints[0] == 3 && ints[1] == 128, "packed integers, and the name behind them");
    is_i64(jb_onnx_attribute_int(jb_onnx_attribute(node, "zero"), 7), 0,
           "an integer that was left out is 0");
    const struct jb_onnx_attribute third = jb_onnx_attribute_at(node, 2, &name);
    ok(jb_span_is(name, "old") && third.type == 0 && jb_onnx_attribute_int(third, 7) == 4,
       "one without a type has its value");
    om_release(&m);
}

static void broken(void)
{
    /* name "a", then a field that reaches past the end */
    static const uint8_t bytes[] = {0x0a, 1, 'a', 0x42, 9, 1};
    struct jb_span name = {0};
    int64_t ints[2];
    size_t n = 9;
    const struct jb_onnx_attribute attribute =
        jb_onnx_attribute_of((struct jb_span){.at = bytes, .len = sizeof bytes}, &name);

    ok(jb_span_is(name, "a"), "an attribute that is cut short has its name");
    jb_onnx_attribute_ints(attribute, ints, 2, &n);
    is_i64((int64_t)n, 0, "and no values");
}

int main(void)
{
    if (jb_arena_new((size_t)64 << 20, &arena, NULL) < 0)
        bail_out("no memory");
    kinds();
    absent();
    other_writers();
    broken();
    jb_arena_free(arena);
    return done_testing();
}
