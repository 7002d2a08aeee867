/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ONNX models made by hand, byte by byte from the numbers of onnx.proto and not by our reader, for tests of what is counted.
 *
 *     struct om m;
 *     om_begin(&m);
 *     om_input(&m, "x", OM_FLOAT, "batch,3,224,224");       (numbers, names, "?" for unknown; NULL: no shape; "": a scalar)
 *     om_weight(&m, "w", OM_FLOAT, "64,3,7,7");             (sizes only: no bytes of weights)
 *     om_node(&m, "Clip", "x,,w", "y");                     (",,": an input that is absent)
 *     om_attr_ints(&m, "pads", "3,3,3,3");                  (of the node before)
 *     om_output(&m, "y", OM_FLOAT, NULL);
 *     om_opset(&m, "", 17);
 *     struct jb_span bytes = om_model(&m);                  (owned by m)
 *     om_release(&m);
 *
 * A subgraph is an `om` of its own, given to om_attr_graph, which releases it; a function one that was begun by om_begin_function,
 * given to om_function.
 */
#ifndef JB_TESTS_ONNX_MAKE_H
#define JB_TESTS_ONNX_MAKE_H

#include "base/buf.h"
#include "count/span_int.h"

#define OM__UNUSED __attribute__((unused))
#define OM__MAX    ((size_t)64 << 20)

enum { OM_FLOAT = 1, OM_UINT8 = 2, OM_INT8 = 3, OM_INT32 = 6, OM_INT64 = 7, OM_STRING = 8 };
enum { OM_BOOL = 9, OM_FLOAT16 = 10, OM_DOUBLE = 11, OM_BFLOAT16 = 16, OM_INT4 = 22 };

struct om {
    struct jb_buf body;  /* fields of the graph or function */
    struct jb_buf node;  /* the node that is open; closed by whatever comes next */
    struct jb_buf outer; /* fields of the model: functions, operator sets */
    struct jb_buf model; /* as om_model gave it */
    unsigned node_field; /* 1 in a graph, 7 in a function */
    int64_t ir_version;  /* 10; -1: leave it out */
    bool is_open, has_opset;
};

/* --- fields ----------------------------------------------------------------------------------------------------- */

OM__UNUSED static void om_int_field(struct jb_buf *buf, unsigned number, int64_t value)
{
    jb_buf_add_uvarint(buf, number << 3);
    jb_buf_add_uvarint(buf, (uint64_t)value);
}

OM__UNUSED static void om_bytes_field(struct jb_buf *buf, unsigned number, const void *bytes,
                                      size_t len)
{
    jb_buf_add_uvarint(buf, number << 3 | 2);
    jb_buf_add_uvarint(buf, len);
    jb_buf_add(buf, bytes, len);
}

OM__UNUSED static void om_text_field(struct jb_buf *buf, unsigned number, const char *text)
{
    om_bytes_field(buf, number, text, strlen(text));
}

/* Adds `inner` as a message and releases it. */
OM__UNUSED static void om_message_field(struct jb_buf *buf, unsigned number, struct jb_buf *inner)
{
    om_bytes_field(buf, number, inner->bytes, inner->len);
    jb_buf_release(inner);
}

OM__UNUSED static void om_float_field(struct jb_buf *buf, unsigned number, float value)
{
    uint32_t bits = 0;

    memcpy(&bits, &value, sizeof bits);
    jb_buf_add_uvarint(buf, number << 3 | 5);
    jb_buf_add_u32(buf, bits);
}

/* The next part of "a,,c"; false after the last. A comma at the end adds none. */
OM__UNUSED static bool om__part(const char **list, struct jb_span *ret)
{
    if (!*list || (*list)[0] == '\0')
        return false;
    const size_t len = strcspn(*list, ",");
    *ret = (struct jb_span){.at = (const uint8_t *)*list, .len = len};
    *list = (*list)[len] == ',' ? *list + len + 1 : NULL;
    return true;
}

OM__UNUSED static bool om__number(struct jb_span part, int64_t *ret)
{
    const bool is_negative = part.len > 1 && part.at[0] == '-';
    int64_t n = 0;

    for (size_t i = is_negative ? 1 : 0; i < part.len; i++) {
        if (part.at[i] < '0' || part.at[i] > '9')
            return false;
        n = n * 10 + (part.at[i] - '0');
    }
    *ret = is_negative ? -n : n;
    return part.len > 0;
}

/* --- the graph -------------------------------------------------------------------------------------------------- */

OM__UNUSED static void om_begin(struct om *m)
{
    *m = (struct om){.body = JB_BUF(OM__MAX),
                     .node = JB_BUF(OM__MAX),
                     .outer = JB_BUF(OM__MAX),
                     .model = JB_BUF(OM__MAX),
                     .node_field = 1,
                     .ir_version = 10};
}

OM__UNUSED static void om_begin_function(struct om *m)
{
    om_begin(m);
    m->node_field = 7;
}

OM__UNUSED static void om_release(struct om *m)
{
    jb_buf_release(&m->body);
    jb_buf_release(&m->node);
    jb_buf_release(&m->outer);
    jb_buf_release(&m->model);
}

OM__UNUSED static void om__close(struct om *m)
{
    if (m->is_open)
        om_bytes_field(&m->body, m->node_field, m->node.bytes, m->node.len);
    jb_buf_clear(&m->node);
    m->is_open = false;
}

/* ValueInfoProto: a tensor, or with `is_sequence` a sequence of such. */
OM__UNUSED static void om_value_info(struct om *m, unsigned field, const char *name, int64_t type,
                                     const char *dims, bool is_sequence)
{
    struct jb_buf tensor = JB_BUF(OM__MAX);
    struct jb_buf whole = JB_BUF(OM__MAX);
    struct jb_buf info = JB_BUF(OM__MAX);

    om__close(m);
    om_int_field(&tensor, 1, type);
    if (dims) {
        struct jb_buf shape = JB_BUF(OM__MAX);
        struct jb_span part;
        while (om__part(&dims, &part)) {
            struct jb_buf dim = JB_BUF(OM__MAX);
            int64_t n = 0;
            if (om__number(part, &n))
                om_int_field(&dim, 1, n);
            else if (part.len != 1 || part.at[0] != '?')
                om_bytes_field(&dim, 2, part.at, part.len);
            om_message_field(&shape, 1, &dim);
        }
        om_message_field(&tensor, 2, &shape);
    }
    om_message_field(&whole, 1, &tensor);
    if (is_sequence) {
        struct jb_buf element = JB_BUF(OM__MAX);
        om_message_field(&element, 1, &whole);
        whole = JB_BUF(OM__MAX);
        om_message_field(&whole, 4, &element);
    }
    om_text_field(&info, 1, name);
    om_message_field(&info, 2, &whole);
    om_message_field(&m->body, field, &info);
}

OM__UNUSED static void om_input(struct om *m, const char *name, int64_t type, const char *dims)
{
    om_value_info(m, 11, name, type, dims, false);
}

OM__UNUSED static void om_output(struct om *m, const char *name, int64_t type, const char *dims)
{
    om_value_info(m, 12, name, type, dims, false);
}

/* value_info: what the file declares of a value in between */
OM__UNUSED static void om_value(struct om *m, const char *name, int64_t type, const char *dims)
{
    om_value_info(m, 13, name, type, dims, false);
}

/* --- tensors ---------------------------------------------------------------------------------------------------- */

/* TensorProto with sizes and without values. */
OM__UNUSED static void om_tensor(struct jb_buf *buf, const char *name, int64_t type,
                                 const char *dims)
{
    struct jb_span part;
    int64_t n = 0;

    while (om__part(&dims, &part)) {
        if (!om__number(part, &n))
            abort();
        om_int_field(buf, 1, n);
    }
    om_int_field(buf, 2, type);
    om_text_field(buf, 8, name);
}

OM__UNUSED static void om_weight(struct om *m, const char *name, int64_t type, const char *dims)
{
    struct jb_buf tensor = JB_BUF(OM__MAX);

    om__close(m);
    om_tensor(&tensor, name, type, dims);
    om_message_field(&m->body, 5, &tensor);
}

/* int64 values as raw_data; dims "" for a scalar. */
OM__UNUSED static void om_ints_tensor(struct jb_buf *buf, const char *name, const char *dims,
                                      const char *values)
{
    struct jb_buf raw = JB_BUF(OM__MAX);
    struct jb_span part;
    int64_t n = 0;

    om_tensor(buf, name, OM_INT64, dims);
    while (om__part(&values, &part)) {
        if (!om__number(part, &n))
            abort();
        jb_buf_add_u64(&raw, (uint64_t)n);
    }
    om_message_field(buf, 9, &raw);
}

/* An initializer of int64: om_ints(&m, "shape", "2", "0,-1"). */
OM__UNUSED static void om_ints(struct om *m, const char *name, const char *dims, const char *values)
{
    struct jb_buf tensor = JB_BUF(OM__MAX);

    om__close(m);
    om_ints_tensor(&tensor, name, dims, values);
    om_message_field(&m->body, 5, &tensor);
}

/* An initializer of float32 with values: of scales, ratios, limits. */
OM__UNUSED static void om_floats(struct om *m, const char *name, const char *dims,
                                 const float *values, size_t n)
{
    struct jb_buf tensor = JB_BUF(OM__MAX);
    struct jb_buf raw = JB_BUF(OM__MAX);

    om__close(m);
    om_tensor(&tensor, name, OM_FLOAT, dims);
    for (size_t i = 0; i < n; i++) {
        uint32_t bits = 0;
        memcpy(&bits, &values[i], sizeof bits);
        jb_buf_add_u32(&raw, bits);
    }
    om_message_field(&tensor, 9, &raw);
    om_message_field(&m->body, 5, &tensor);
}

/* --- nodes and their attributes --------------------------------------------------------------------------------- */

OM__UNUSED static void om_node(struct om *m, const char *op_type, const char *inputs,
                               const char *outputs)
{
    struct jb_span part;

    om__close(m);
    m->is_open = true;
    while (om__part(&inputs, &part))
        om_bytes_field(&m->node, 1, part.at, part.len);
    while (om__part(&outputs, &part))
        om_bytes_field(&m->node, 2, part.at, part.len);
    om_text_field(&m->node, 4, op_type);
}

OM__UNUSED static void om_node_name(struct om *m, const char *name)
{
    om_text_field(&m->node, 3, name);
}

OM__UNUSED static void om_node_domain(struct om *m, const char *domain)
{
    om_text_field(&m->node, 7, domain);
}

OM__UNUSED static struct jb_buf om__attribute(const char *name, int64_t type)
{
    struct jb_buf attribute = JB_BUF(OM__MAX);

    om_text_field(&attribute, 1, name);
    om_int_field(&attribute, 20, type);
    return attribute;
}

OM__UNUSED static void om_attr_int(struct om *m, const char *name, int64_t value)
{
    struct jb_buf attribute = om__attribute(name, 2);

    om_int_field(&attribute, 3, value);
    om_message_field(&m->node, 5, &attribute);
}

OM__UNUSED static void om_attr_float(struct om *m, const char *name, float value)
{
    struct jb_buf attribute = om__attribute(name, 1);

    om_float_field(&attribute, 2, value);
    om_message_field(&m->node, 5, &attribute);
}

OM__UNUSED static void om_attr_text(struct om *m, const char *name, const char *text)
{
    struct jb_buf attribute = om__attribute(name, 3);

    om_text_field(&attribute, 4, text);
    om_message_field(&m->node, 5, &attribute);
}

OM__UNUSED static void om_attr_ints(struct om *m, const char *name, const char *values)
{
    struct jb_buf attribute = om__attribute(name, 7);
    struct jb_span part;
    int64_t n = 0;

    while (om__part(&values, &part)) {
        if (!om__number(part, &n))
            abort();
        om_int_field(&attribute, 8, n);
    }
    om_message_field(&m->node, 5, &attribute);
}

/* A list of texts: "tanh,relu". */
OM__UNUSED static void om_attr_texts(struct om *m, const char *name, const char *texts)
{
    struct jb_buf attribute = om__attribute(name, 8);
    struct jb_span part;

    while (om__part(&texts, &part))
        om_bytes_field(&attribute, 9, part.at, part.len);
    om_message_field(&m->node, 5, &attribute);
}

/* A tensor of int64 values, as Constant and ConstantOfShape have it. */
OM__UNUSED static void om_attr_ints_tensor(struct om *m, const char *name, const char *dims,
                                           const char *values)
{
    struct jb_buf attribute = om__attribute(name, 4);
    struct jb_buf tensor = JB_BUF(OM__MAX);

    om_ints_tensor(&tensor, "", dims, values);
    om_message_field(&attribute, 5, &tensor);
    om_message_field(&m->node, 5, &attribute);
}

/* A tensor of sizes without values. */
OM__UNUSED static void om_attr_tensor(struct om *m, const char *name, int64_t type,
                                      const char *dims)
{
    struct jb_buf attribute = om__attribute(name, 4);
    struct jb_buf tensor = JB_BUF(OM__MAX);

    om_tensor(&tensor, "", type, dims);
    om_message_field(&attribute, 5, &tensor);
    om_message_field(&m->node, 5, &attribute);
}

/* A subgraph; `sub` is released. */
OM__UNUSED static void om_attr_graph(struct om *m, const char *name, struct om *sub)
{
    struct jb_buf attribute = om__attribute(name, 5);

    om__close(sub);
    om_text_field(&sub->body, 2, name);
    om_message_field(&attribute, 6, &sub->body);
    om_message_field(&m->node, 5, &attribute);
    om_release(sub);
}

/* Inside a function: the value of the caller's attribute `of`. */
OM__UNUSED static void om_attr_ref(struct om *m, const char *name, int64_t type, const char *of)
{
    struct jb_buf attribute = om__attribute(name, type);

    om_text_field(&attribute, 21, of);
    om_message_field(&m->node, 5, &attribute);
}

/* --- the model -------------------------------------------------------------------------------------------------- */

/* An operator set of the model; of a function where `m` is one. Without any, om_model adds ai.onnx 17. */
OM__UNUSED static void om_opset(struct om *m, const char *domain, int64_t version)
{
    struct jb_buf opset = JB_BUF(OM__MAX);

    om__close(m);
    om_text_field(&opset, 1, domain);
    om_int_field(&opset, 2, version);
    if (m->node_field == 1)
        om_message_field(&m->outer, 8, &opset);
    else
        om_message_field(&m->body, 9, &opset);
    m->has_opset = true;
}

/* `function` is released; its nodes and operator sets were added before. */
OM__UNUSED static void om_function(struct om *m, const char *domain, const char *name,
                                   const char *inputs, const char *outputs, const char *attributes,
                                   struct om *function)
{
    struct jb_span part;

    om__close(function);
    om_text_field(&function->body, 1, name);
    om_text_field(&function->body, 10, domain);
    while (om__part(&inputs, &part))
        om_bytes_field(&function->body, 4, part.at, part.len);
    while (om__part(&outputs, &part))
        om_bytes_field(&function->body, 5, part.at, part.len);
    while (om__part(&attributes, &part))
        om_bytes_field(&function->body, 6, part.at, part.len);
    om_message_field(&m->outer, 25, &function->body);
    om_release(function);
}

/* The bytes of a GraphProto, owned by m. */
OM__UNUSED static struct jb_span om_graph(struct om *m)
{
    om__close(m);
    return (struct jb_span){.at = (const uint8_t *)jb_buf_text(&m->body), .len = m->body.len};
}

/* The bytes of the whole file, owned by m. */
OM__UNUSED static struct jb_span om_model(struct om *m)
{
    om__close(m);
    if (!m->has_opset)
        om_opset(m, "", 17);
    jb_buf_clear(&m->model);
    if (m->ir_version >= 0)
        om_int_field(&m->model, 1, m->ir_version);
    om_bytes_field(&m->model, 7, m->body.bytes, m->body.len);
    jb_buf_add(&m->model, m->outer.bytes, m->outer.len);
    if (m->model.failed || m->body.failed || m->outer.failed)
        abort();
    return (struct jb_span){.at = (const uint8_t *)m->model.bytes, .len = m->model.len};
}

#endif
