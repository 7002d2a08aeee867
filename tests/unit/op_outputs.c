/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Model files to what is known of their outputs, a line each: for tests/onnx/compare.py. Nodes are run one after the other by
 * the operators' table alone; graphs within nodes are not walked here.
 *     op_outputs FILE...      prints: name TAB outputs ("1:2,3|7") TAB kinds of work of the nodes ("Add=elementwise+...")
 */
#include "base/buf.h"
#include "base/compiler.h"
#include "count/op_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MAX 4096
#define FILE_MAX  ((size_t)64 << 20)

struct bench {
    struct jb_arena *arena;
    struct jb_dims *dims;
    struct jb_onnx_model model;
    size_t n;
    struct jb_span names[NAMES_MAX];
    struct jb_value values[NAMES_MAX];
    struct jb_buf kinds;
    int64_t numbers[JB_VALUE_INTS_MAX];
};

static const struct jb_value *find(const struct bench *bench, struct jb_span name)
{
    for (size_t i = bench->n; i-- > 0 && name.len > 0;) {
        if (jb_span_equal(bench->names[i], name))
            return &bench->values[i];
    }
    return NULL;
}

static void enter(struct bench *bench, struct jb_span name, const struct jb_value *value)
{
    if (bench->n < NAMES_MAX && name.len > 0) {
        bench->names[bench->n] = name;
        bench->values[bench->n++] = *value;
    }
}

static void enter_input(struct bench *bench, const struct jb_onnx_value_info *info)
{
    struct jb_value value = {.type = info->type,
                             .is_sequence = info->kind == JB_ONNX_VALUE_SEQUENCE};
    struct jb_dim *const dims = jb_arena_get(bench->arena, info->n_dims + 1, sizeof *dims);

    for (size_t i = 0; dims && i < info->n_dims; i++)
        dims[i] = info->dims[i].is_number ? jb_dim_number(info->dims[i].n) : jb_dim_unknown();
    value.is_ranked = info->has_shape && dims;
    value.n_dims = info->n_dims;
    value.dims = dims;
    value.n_items = jb_dim_unknown();
    enter(bench, info->name, &value);
}

static void enter_weight(struct bench *bench, const struct jb_onnx_tensor *tensor)
{
    struct jb_value value = {.type = tensor->type, .is_ranked = true, .n_dims = tensor->n_dims};
    struct jb_dim *const dims = jb_arena_get(bench->arena, tensor->n_dims + 1, sizeof *dims);
    struct jb_dim *const ints = jb_arena_get(bench->arena, JB_VALUE_INTS_MAX, sizeof *ints);

    if (!dims || !ints)
        return;
    for (size_t i = 0; i < tensor->n_dims; i++)
        dims[i] = jb_dim_number(tensor->dims[i]);
    value.dims = dims;
    if (jb_onnx_tensor_ints(tensor, bench->numbers, JB_VALUE_INTS_MAX, &value.n_ints)) {
        for (size_t i = 0; i < value.n_ints; i++)
            ints[i] = jb_dim_number(bench->numbers[i]);
        value.has_ints = true;
        value.ints = ints;
    } else {
        jb_value_set_reals(&value, tensor, bench->arena);
    }
    enter(bench, tensor->name, &value);
}

static int64_t opset_of(const struct bench *bench, struct jb_span domain)
{
    for (size_t i = 0; i < bench->model.n_opsets; i++) {
        if (jb_span_equal(bench->model.opsets[i].domain, domain))
            return bench->model.opsets[i].version;
    }
    return 1;
}

static bool has_graph(const struct jb_onnx_node *node)
{
    struct jb_span name;

    for (size_t i = 0; i < node->n_attributes; i++) {
        if (jb_onnx_attribute_graph(jb_onnx_attribute_at(node, i, &name)).len > 0)
            return true;
    }
    return false;
}

static void run_node(struct bench *bench, const struct jb_onnx_node *node)
{
    static const char *const kinds[] = {"none", "elementwise", "dense", "listed"};
    const struct jb_op *const op = jb_op_find(node->domain, node->op_type);
    const struct jb_value **const in =
        jb_arena_get(bench->arena, node->n_inputs + 1, sizeof(void *));
    struct jb_value *const out =
        jb_arena_get(bench->arena, node->n_outputs + 1, sizeof(struct jb_value));
    struct jb_error err = {0};
    struct jb_op_call call = {.dims = bench->dims, .arena = bench->arena, .node = node};
    const char *kind = "unknown";

    if (!in || !out)
        return;
    for (size_t i = 0; i < node->n_inputs; i++)
        in[i] = find(bench, node->inputs[i]);
    call.opset = opset_of(bench, node->domain);
    call.op = op;
    call.n_in = node->n_inputs;
    call.n_out = node->n_outputs;
    call.in = in;
    call.out = out;
    if (op && has_graph(node)) {
        kind = "graph";
    } else if (op) {
        const jb_rc rc = op->run(&call, &err);
        kind = rc ? "failed" : kinds[call.work.kind];
        if (!rc && call.work.kind == JB_WORK_ELEMENTWISE && call.work.flops.kind == JB_DIM_UNKNOWN)
            kind = "unsized";
        if (!rc && call.work.kind == JB_WORK_DENSE && call.work.macs.kind == JB_DIM_UNKNOWN)
            kind = "unsized";
    }
    for (size_t i = 0; i < node->n_outputs; i++)
        enter(bench, node->outputs[i], &out[i]);
    jb_buf_addf(&bench->kinds, "%s%.*s%s%.*s=%s", bench->kinds.len > 0 ? "+" : "",
                (int)node->domain.len, (const char *)node->domain.at,
                node->domain.len > 0 ? ":" : "", (int)node->op_type.len,
                (const char *)node->op_type.at, kind);
}

static void print_outputs(const struct bench *bench, const char *path)
{
    JB_AUTO(jb_buf_release) struct jb_buf line = JB_BUF(65536);

    for (size_t i = 0; i < bench->model.graph.n_outputs; i++) {
        const struct jb_value *const value = find(bench, bench->model.graph.outputs[i].name);
        jb_buf_add_text(&line, i > 0 ? "|" : "");
        if (!value) {
            jb_buf_add_text(&line, "0");
            continue;
        }
        jb_buf_addf(&line, "%" PRId64 "%s%s", value->type, value->is_sequence ? "s" : "",
                    value->is_ranked ? ":" : "");
        for (size_t k = 0; value->is_ranked && k < value->n_dims; k++) {
            jb_buf_add_text(&line, k > 0 ? "," : "");
            jb_dim_print(bench->dims, value->dims[k], &line);
        }
    }
    printf("%s\t%s\t%s\n", path, jb_buf_text(&line),
           bench->kinds.len > 0 ? jb_buf_text(&bench->kinds) : "");
}

static bool one_file(const char *path)
{
    struct bench *const bench = calloc(1, sizeof *bench);
    JB_AUTO(jb_free_auto) uint8_t *bytes = malloc(FILE_MAX);
    FILE *const file = fopen(path, "rbe");
    struct jb_error err = {0};
    size_t len;
    bool is_read = false;

    if (!bench || !bytes || !file)
        abort();
    len = fread(bytes, 1, FILE_MAX, file);
    (void)fclose(file);
    bench->kinds = JB_BUF(1 << 20);
    if (jb_arena_new((size_t)256 << 20, &bench->arena, NULL) == JB_OK &&
        jb_dims_new(&bench->dims, NULL) == JB_OK)
        is_read =
            jb_onnx_read((struct jb_span){bytes, len}, bench->arena, &bench->model, &err) == JB_OK;
    if (!is_read)
        printf("%s\tunread: %s\t\n", path, err.message);
    for (size_t i = 0; is_read && i < bench->model.graph.n_inputs; i++)
        enter_input(bench, &bench->model.graph.inputs[i]);
    for (size_t i = 0; is_read && i < bench->model.graph.n_initializers; i++)
        enter_weight(bench, &bench->model.graph.initializers[i]);
    for (size_t i = 0; is_read && i < bench->model.graph.n_nodes; i++)
        run_node(bench, &bench->model.graph.nodes[i]);
    if (is_read)
        print_outputs(bench, path);
    jb_dims_free(bench->dims);
    jb_arena_free(bench->arena);
    jb_buf_release(&bench->kinds);
    free(bench);
    return is_read;
}

int main(int argc, char **argv)
{
    bool are_read = true;

    for (int i = 1; i < argc; i++)
        are_read = one_file(argv[i]) && are_read;
    return are_read ? 0 : 1;
}
