/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One operator called by hand, without a model around it: inputs by their sizes, attributes as a node has them, and what came out
 * as texts.
 *
 *     struct op_rig r;
 *     rig_begin(&r, "", "Conv", 17);
 *     rig_in(&r, OM_FLOAT, "n,3,224,224");      (numbers, names, "?"; NULL: absent; "*": there, and nothing is known of it)
 *     rig_in_ints(&r, "7,7");                   (a vector of known values)
 *     om_attr_ints(&r.node, "strides", "2,2");
 *     rig_run(&r, 1);                           (outputs)
 *     is_str(rig_shape(&r, 0), "n,64,112,112", "...");
 *     is_str(rig_macs(&r), "118013952*n", "...");
 *     rig_end(&r);
 */
#ifndef JB_TESTS_OP_RIG_H
#define JB_TESTS_OP_RIG_H

#include "count/op_int.h"
#include "onnx_make.h"
#include "tap.h"

#define RIG_MAX 24

struct op_rig {
    struct om node;
    const char *domain, *name;
    int64_t opset;
    struct jb_arena *arena;
    struct jb_dims *dims;
    size_t n_in;
    struct jb_value in[RIG_MAX], out[RIG_MAX];
    const struct jb_value *at[RIG_MAX];
    bool is_named[RIG_MAX];
    struct jb_op_call call;
    struct jb_buf texts[4];
    size_t n_texts;
};

OM__UNUSED static void rig_begin(struct op_rig *r, const char *domain, const char *name,
                                 int64_t opset)
{
    memset(r, 0, sizeof *r);
    r->domain = domain;
    r->name = name;
    r->opset = opset;
    om_begin(&r->node);
    om_node(&r->node, name, "", "");
    if (jb_arena_new((size_t)1 << 24, &r->arena, NULL) || jb_dims_new(&r->dims, NULL))
        bail_out("no memory");
    for (size_t i = 0; i < sizeof r->texts / sizeof *r->texts; i++)
        r->texts[i] = (struct jb_buf)JB_BUF(4096);
}

OM__UNUSED static void rig_end(struct op_rig *r)
{
    om_release(&r->node);
    jb_arena_free(r->arena);
    jb_dims_free(r->dims);
    for (size_t i = 0; i < sizeof r->texts / sizeof *r->texts; i++)
        jb_buf_release(&r->texts[i]);
}

OM__UNUSED static size_t rig__sizes(struct op_rig *r, const char *text, const struct jb_dim **ret)
{
    struct jb_dim *const sizes = jb_arena_get(r->arena, 32, sizeof *sizes);
    struct jb_span part;
    size_t n = 0;

    while (om__part(&text, &part)) {
        int64_t number = 0;
        if (om__number(part, &number))
            sizes[n++] = jb_dim_number(number);
        else if (jb_span_is(part, "?"))
            sizes[n++] = jb_dim_unknown();
        else
            sizes[n++] = jb_dim_symbol(r->dims, (const char *)part.at, part.len);
    }
    *ret = sizes;
    return n;
}

OM__UNUSED static void rig_in(struct op_rig *r, int64_t type, const char *sizes)
{
    struct jb_value *const value = &r->in[r->n_in];

    r->is_named[r->n_in] = sizes != NULL;
    if (sizes && strcmp(sizes, "*") != 0) {
        *value = (struct jb_value){.type = type, .is_ranked = true};
        value->n_dims = rig__sizes(r, sizes, &value->dims);
        r->at[r->n_in] = value;
    }
    r->n_in++;
}

OM__UNUSED static void rig_in_ints(struct op_rig *r, const char *values)
{
    struct jb_value *const value = &r->in[r->n_in];
    struct jb_dim *const size = jb_arena_get(r->arena, 1, sizeof *size);

    *value = (struct jb_value){.type = OM_INT64, .is_ranked = true, .has_ints = true, .n_dims = 1};
    value->n_ints = rig__sizes(r, values, &value->ints);
    *size = jb_dim_number((int64_t)value->n_ints);
    value->dims = size;
    r->is_named[r->n_in] = true;
    r->at[r->n_in++] = value;
}

OM__UNUSED static void rig_run(struct op_rig *r, size_t n_out)
{
    struct jb_error err;
    struct jb_onnx_graph graph;
    struct jb_onnx_node *const node = jb_arena_get(r->arena, 1, sizeof *node);
    struct jb_span *const names = jb_arena_get(r->arena, RIG_MAX, sizeof *names);

    if (jb_onnx_read_graph(om_graph(&r->node), r->arena, &graph, &err) || graph.n_nodes != 1)
        bail_out("the node is not read: %s", err.message);
    *node = graph.nodes[0];
    for (size_t i = 0; i < r->n_in; i++)
        names[i] = jb_span_of(r->is_named[i] ? "x" : "");
    node->n_inputs = r->n_in;
    node->inputs = names;
    const struct jb_op *const op = jb_op_find(jb_span_of(r->domain), jb_span_of(r->name));
    if (!op)
        bail_out("no operator %s", r->name);
    r->call = (struct jb_op_call){.dims = r->dims,
                                  .arena = r->arena,
                                  .node = node,
                                  .opset = r->opset,
                                  .op = op,
                                  .n_in = r->n_in,
                                  .n_out = n_out,
                                  .in = r->at,
                                  .out = r->out};
    if (op->run(&r->call, &err))
        bail_out("%s failed: %s", r->name, err.message);
}

OM__UNUSED static struct jb_buf *rig__text(struct op_rig *r)
{
    struct jb_buf *const text = &r->texts[r->n_texts++ % (sizeof r->texts / sizeof *r->texts)];

    jb_buf_clear(text);
    return text;
}

/* "1,64,112,112"; "none" where the output is not known in rank. Texts stay for four calls. */
OM__UNUSED static const char *rig_shape(struct op_rig *r, size_t output)
{
    struct jb_buf *const text = rig__text(r);

    if (!r->out[output].is_ranked)
        return "none";
    for (size_t i = 0; i < r->out[output].n_dims; i++) {
        jb_buf_add_text(text, i > 0 ? "," : "");
        jb_dim_print(r->dims, r->out[output].dims[i], text);
    }
    return jb_buf_text(text);
}

/* Multiply-adds, or what else the work is: "elementwise", "none", "not counted". */
OM__UNUSED static const char *rig_macs(struct op_rig *r)
{
    static const char *const kinds[] = {"none", "elementwise", NULL, "not counted"};
    struct jb_buf *const text = rig__text(r);

    if (kinds[r->call.work.kind])
        return kinds[r->call.work.kind];
    jb_dim_print(r->dims, r->call.work.macs, text);
    return jb_buf_text(text);
}

/* Elementwise operations. */
OM__UNUSED static const char *rig_flops(struct op_rig *r)
{
    struct jb_buf *const text = rig__text(r);

    jb_dim_print(r->dims, r->call.work.flops, text);
    return jb_buf_text(text);
}

#endif
