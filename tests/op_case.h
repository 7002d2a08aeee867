/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One operator told in a line, run by itself, and what came out told in a line: tests of shapes, known integers and
 * elementwise work are tables of such lines. Inputs are parted by '|':
 *   "f:2,n,4" a float input; "l:3" an int64 input; "b: u: q:" bool, uint8, int8; "i=0,-1" int64 values in one axis; "s=5" a
 *   scalar; "r=1,0.5" floats; "?" given but unknown; "" absent. Attributes: "axis:i=1;perm:l=2,0;mode:t=linear;p:f=0.5".
 * Outputs: "1:2,n,4|7:3" type number and sizes; "1:" a scalar; "1" not ranked; "0" nothing. Integers of output 0: "2,n".
 */
#ifndef JB_TESTS_OP_CASE_H
#define JB_TESTS_OP_CASE_H

#include "base/num.h"
#include "count/op_int.h"
#include "onnx_make.h"
#include "tap.h"

struct op_case {
    const char *op; /* "com.microsoft:Gelu" with its domain */
    int64_t opset;
    const char *inputs, *attributes;
    const char *outputs;
    const char *flops; /* "" none; "-" not counted; "12 macs" are multiply-adds */
    const char *ints;  /* NULL: not looked at; "": none */
};

#define OP_CASE_MAX 16

struct op_case_rig {
    struct om model;
    struct jb_arena *arena;
    struct jb_dims *dims;
    struct jb_value values[OP_CASE_MAX];
    const struct jb_value *in[OP_CASE_MAX];
    struct jb_value out[OP_CASE_MAX];
    size_t n_in, n_out;
    struct jb_onnx_model read;
};

static const char *op_case__copy(const char *from, size_t len, char *to, size_t size)
{
    (void)snprintf(to, size, "%.*s", (int)len, from);
    return to;
}

/* "-0.25" as it stands in these tables. */
static double op_case__real(const char *text)
{
    const bool is_negative = *text == '-';
    double value = 0;
    double unit = 1;
    bool is_fraction = false;

    for (text += is_negative; (*text >= '0' && *text <= '9') || *text == '.'; text++) {
        if (*text == '.') {
            is_fraction = true;
        } else {
            unit = is_fraction ? unit / 10 : unit;
            value = is_fraction ? value + unit * (*text - '0') : value * 10 + (*text - '0');
        }
    }
    return is_negative ? -value : value;
}

static int64_t op_case__type(char letter)
{
    return letter == 'f'   ? OM_FLOAT
           : letter == 'l' ? OM_INT64
           : letter == 'b' ? OM_BOOL
           : letter == 'u' ? OM_UINT8
           : letter == 'q' ? OM_INT8
           : letter == 't' ? OM_STRING
                           : OM_INT32;
}

static void op_case__sizes(struct op_case_rig *rig, const char *text, struct jb_value *value)
{
    struct jb_dim *const dims = jb_arena_get(rig->arena, OP_CASE_MAX, sizeof *dims);

    value->is_ranked = true;
    value->dims = dims;
    while (dims && *text) {
        const size_t len = strcspn(text, ",");
        int64_t n;
        dims[value->n_dims++] = jb_parse_i64(text, len, true, &n) == JB_OK
                                    ? jb_dim_number(n)
                                    : jb_dim_symbol(rig->dims, text, len);
        text += len + (text[len] == ',' ? 1 : 0);
    }
}

static void op_case__ints(struct op_case_rig *rig, const char *text, bool is_scalar,
                          struct jb_value *value)
{
    struct jb_value list = {0};
    struct jb_dim *const size = jb_arena_get(rig->arena, 1, sizeof *size);

    op_case__sizes(rig, text, &list);
    *size = jb_dim_number((int64_t)list.n_dims);
    *value = (struct jb_value){.type = OM_INT64, .is_ranked = true, .n_dims = is_scalar ? 0 : 1};
    value->dims = size;
    value->has_ints = true;
    value->n_ints = list.n_dims;
    value->ints = list.dims;
}

static void op_case__reals(struct op_case_rig *rig, const char *text, struct jb_value *value)
{
    float reals[OP_CASE_MAX];
    size_t n = 0;
    struct jb_dim *const size = jb_arena_get(rig->arena, 1, sizeof *size);

    while (*text && n < OP_CASE_MAX) {
        const size_t len = strcspn(text, ",");
        reals[n++] = (float)op_case__real(text);
        text += len + (text[len] == ',' ? 1 : 0);
    }
    double *const kept = jb_arena_get(rig->arena, n + 1, sizeof *kept);
    for (size_t i = 0; kept && i < n; i++)
        kept[i] = (double)reals[i];
    *size = jb_dim_number((int64_t)n);
    *value = (struct jb_value){.type = OM_FLOAT, .is_ranked = true, .n_dims = 1, .dims = size};
    value->n_reals = n;
    value->reals = kept;
}

/* Values of the inputs, and their names for the node: "0,,2". */
static void op_case__inputs(struct op_case_rig *rig, const char *text, char *names, size_t size)
{
    bool goes_on = *text != '\0';
    char part[128];

    names[0] = '\0';
    while (goes_on && rig->n_in < OP_CASE_MAX) {
        struct jb_value *const value = &rig->values[rig->n_in];
        const size_t len = strcspn(text, "|");
        const size_t at = strlen(names);
        (void)op_case__copy(text, len, part, sizeof part);
        rig->in[rig->n_in] = len == 0 || part[0] == '?' ? NULL : value;
        if (len > 0)
            (void)snprintf(names + at, size - at, "x%zu,", rig->n_in);
        else
            (void)snprintf(names + at, size - at, ",");
        if (len > 1 && part[1] == ':') {
            value->type = op_case__type(part[0]);
            op_case__sizes(rig, part + 2, value);
        } else if (part[0] == 'r' && len > 0) {
            op_case__reals(rig, part + 2, value);
        } else if (len > 0 && part[0] != '?') {
            op_case__ints(rig, part + 2, part[0] == 's', value);
        }
        rig->n_in++;
        goes_on = text[len] == '|';
        text += len + 1;
    }
    /* om_node takes a comma at the end for none. */
    if (strlen(names) > 0 && rig->in[rig->n_in - 1] == NULL && names[strlen(names) - 1] != ',')
        bail_out("names");
}

static void op_case__attributes(struct om *m, const char *text)
{
    char name[64];
    char value[256];

    while (*text) {
        const size_t n_name = strcspn(text, ":");
        const char kind = text[n_name + 1];
        const char *const from = text + n_name + 3;
        const size_t n_value = strcspn(from, ";");
        int64_t n = 0;
        (void)op_case__copy(text, n_name, name, sizeof name);
        (void)op_case__copy(from, n_value, value, sizeof value);
        if (kind == 'i' && jb_parse_i64(value, n_value, true, &n) == JB_OK)
            om_attr_int(m, name, n);
        else if (kind == 'f')
            om_attr_float(m, name, (float)op_case__real(value));
        else if (kind == 't')
            om_attr_text(m, name, value);
        else if (kind == 's')
            om_attr_texts(m, name, value);
        else if (kind == 'l')
            om_attr_ints(m, name, value);
        else if (kind == 'r') {
            struct jb_buf attribute = om__attribute(name, 6);
            for (const char *at = value; *at; at += strcspn(at, ",") + (strchr(at, ',') ? 1 : 0)) {
                om_float_field(&attribute, 7, (float)op_case__real(at));
            }
            om_message_field(&m->node, 5, &attribute);
        } else
            bail_out("attribute");
        text = from + n_value + (from[n_value] == ';' ? 1 : 0);
    }
}

static void op_case__print(struct op_case_rig *rig, const struct jb_dim *dims, size_t n,
                           struct jb_buf *out)
{
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            jb_buf_add_text(out, ",");
        jb_dim_print(rig->dims, dims[i], out);
    }
}

static void op_case__check(struct op_case_rig *rig, const struct op_case *c,
                           const struct jb_op_call *call)
{
    JB_AUTO(jb_buf_release) struct jb_buf outputs = JB_BUF(4096);
    JB_AUTO(jb_buf_release) struct jb_buf work = JB_BUF(4096);
    JB_AUTO(jb_buf_release) struct jb_buf ints = JB_BUF(65536);

    for (size_t i = 0; i < rig->n_out; i++) {
        jb_buf_addf(&outputs, "%s%" PRId64 "%s", i > 0 ? "|" : "", rig->out[i].type,
                    rig->out[i].is_ranked ? ":" : "");
        if (rig->out[i].is_ranked)
            op_case__print(rig, rig->out[i].dims, rig->out[i].n_dims, &outputs);
    }
    is_str(jb_buf_text(&outputs), c->outputs, "%s %" PRId64 " (%s) [%s]: its outputs", c->op,
           c->opset, c->inputs, c->attributes);
    if (call->work.kind == JB_WORK_NOT_COUNTED)
        jb_buf_add_text(&work, call->work.why ? "-" : "without a reason");
    else if (call->work.kind == JB_WORK_DENSE) {
        jb_dim_print(rig->dims, call->work.macs, &work);
        jb_buf_add_text(&work, " macs");
    } else if (call->work.kind == JB_WORK_ELEMENTWISE)
        jb_dim_print(rig->dims, call->work.flops, &work);
    is_str(jb_buf_text(&work), c->flops, "%s: its operations", c->op);
    if (!c->ints)
        return;
    if (rig->out[0].has_ints)
        op_case__print(rig, rig->out[0].ints, rig->out[0].n_ints, &ints);
    is_str(jb_buf_text(&ints), c->ints, "%s: its integers", c->op);
}

static void op_case_run(const struct op_case *c)
{
    const char *const colon = strrchr(c->op, ':');
    struct op_case_rig *const rig = calloc(1, sizeof *rig);
    const struct jb_op *op;
    struct jb_error err = {0};
    char domain[64] = "";
    char names[256];

    if (!rig || jb_arena_new((size_t)16 << 20, &rig->arena, NULL) < 0 ||
        jb_dims_new(&rig->dims, NULL) < 0)
        bail_out("no memory");
    if (colon)
        (void)op_case__copy(c->op, (size_t)(colon - c->op), domain, sizeof domain);
    op = jb_op_find(jb_span_of(domain), jb_span_of(colon ? colon + 1 : c->op));
    rig->n_out = 1;
    for (const char *at = c->outputs; *at; at++)
        rig->n_out += *at == '|';
    op_case__inputs(rig, c->inputs, names, sizeof names);
    om_begin(&rig->model);
    om_node(&rig->model, colon ? colon + 1 : c->op, names, "y,y1,y2,y3");
    om_node_name(&rig->model, "N");
    op_case__attributes(&rig->model, c->attributes);
    if (!op || jb_onnx_read(om_model(&rig->model), rig->arena, &rig->read, &err) < 0) {
        ok(false, "%s is known and read: %s", c->op, err.message);
    } else {
        struct jb_op_call call = {.dims = rig->dims,
                                  .arena = rig->arena,
                                  .node = rig->read.graph.nodes,
                                  .opset = c->opset,
                                  .op = op,
                                  .n_in = rig->n_in,
                                  .n_out = rig->n_out,
                                  .in = rig->in,
                                  .out = rig->out};
        is_i64(op->run(&call, &err), JB_OK, "%s runs", c->op);
        op_case__check(rig, c, &call);
    }
    om_release(&rig->model);
    jb_dims_free(rig->dims);
    jb_arena_free(rig->arena);
    free(rig);
}

#endif
