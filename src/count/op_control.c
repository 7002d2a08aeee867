/* SPDX-License-Identifier: Apache-2.0 */
/*
 * If, Loop, Scan and SequenceMap: their graphs are walked with the sizes that come in, and count as often as they run. How often
 * is a number where the file tells it, else a symbol that can be bound. R-COUNT-09.
 */
#include <string.h>

#include "base/buf.h"
#include "count/dim_int.h"
#include "count/op_control_int.h"
#include "count/walk_int.h"

static struct jb_value *values(struct jb_op_call *call, size_t n)
{
    return jb_arena_get(call->arena, n + 1, sizeof(struct jb_value));
}

/* A symbol that belongs to this node: "/decoder/Loop_3.trips". */
static struct jb_dim symbol_of(struct jb_op_call *call, const char *what, size_t a, size_t b)
{
    JB_AUTO(jb_buf_release) struct jb_buf name = JB_BUF(JB_DIM_NAME_MAX);
    jb_walk__layer(call->walk->place, call->node, call->walk->index, &name);
    jb_buf_addf(&name, ".%s", what);
    if (a > 0)
        jb_buf_addf(&name, "%zu.%zu", a - 1, b);
    if (name.failed)
        return jb_dim_unknown();
    return jb_dim_symbol(call->dims, name.bytes, name.len);
}

/* A single value known as a number or a symbol: *ret. */
static bool known(const struct jb_op_call *call, size_t input, struct jb_dim *ret)
{
    const struct jb_value *const value = input < call->n_in ? call->in[input] : NULL;
    if (!value || !value->has_ints || value->n_ints != 1 || value->ints[0].kind == JB_DIM_UNKNOWN)
        return false;
    *ret = value->ints[0];
    return true;
}

static bool is_given(const struct jb_op_call *call, size_t input)
{
    return input < call->n_in && call->node->inputs[input].len > 0;
}

static struct jb_span called(const struct jb_op_call *call)
{
    return call->node->name.len > 0 ? call->node->name : call->node->op_type;
}

/* --- If ---------------------------------------------------------------------------------------------------------- */

static jb_rc walk_branch(struct jb_op_call *call, bool is_then, bool is_probe,
                         struct jb_value *outputs, struct jb_op_work *ret, struct jb_error *err)
{
    return jb_walk_subgraph(call, is_then ? "then_branch" : "else_branch", NULL, 0,
                            jb_dim_number(1), is_probe, outputs, call->n_out, ret, err);
}

/* The branch of more multiply-adds; of more operations where they are equal. */
static bool is_more(const struct jb_op_work *a, const struct jb_op_work *b)
{
    const double macs = jb_dim__magnitude(a->macs) - jb_dim__magnitude(b->macs);
    return macs != 0 ? macs > 0 : jb_dim__magnitude(a->flops) > jb_dim__magnitude(b->flops);
}

static jb_rc run_if(struct jb_op_call *call, struct jb_error *err)
{
    struct jb_value *const then_values = values(call, call->n_out);
    struct jb_value *const else_values = values(call, call->n_out);
    struct jb_op_work then_work, else_work;
    struct jb_dim condition;

    if (!then_values || !else_values)
        return jb_arena_fail(call->arena, err);
    if (known(call, 0, &condition) && condition.kind == JB_DIM_NUMBER) {
        const jb_rc rc = walk_branch(call, condition.n != 0, false, then_values, &then_work, err);
        memcpy(call->out, then_values, call->n_out * sizeof *then_values);
        return rc;
    }
    const struct jb_walk_mark mark = jb_walk__mark(call->walk);
    jb_rc rc = walk_branch(call, false, true, else_values, &else_work, err);
    if (!rc)
        rc = walk_branch(call, true, false, then_values, &then_work, err);
    if (rc)
        return rc;
    const bool is_else = is_more(&else_work, &then_work);
    if (is_else) {
        jb_walk__drop(call->walk, &mark);
        rc = walk_branch(call, false, false, else_values, &else_work, err);
    }
    if (is_else || is_more(&then_work, &else_work))
        jb_walk__note(call->walk, JB_NOTE_BRANCH, called(call));
    memcpy(call->out, is_else ? else_values : then_values, call->n_out * sizeof *then_values);
    return rc;
}

/* --- bodies that run again ------------------------------------------------------------------------------------------ */

/* One body and what goes round in it. */
struct body {
    const char *attribute;
    struct jb_dim times;
    struct jb_value *inputs; /* n_before, then n_carried, then others */
    size_t n_inputs;
    size_t n_before, n_carried;
    struct jb_value *outputs; /* n_ahead, then n_carried, then others */
    size_t n_outputs, n_ahead;
};

/* A size that one run changes for the next becomes a symbol: nothing else is true of all runs. */
static bool widen(struct jb_op_call *call, struct jb_value *carried, const struct jb_value *after,
                  size_t i, jb_rc *ret, struct jb_error *err)
{
    if (carried->type == 0)
        carried->type = after->type;
    if (!carried->is_ranked)
        return false;
    if (!after->is_ranked || after->n_dims != carried->n_dims) {
        carried->is_ranked = false;
        return true;
    }
    bool has_changed = false;
    for (size_t d = 0; d < carried->n_dims; d++)
        has_changed |= !jb_dim_equal(carried->dims[d], after->dims[d]);
    if (!has_changed)
        return false;
    struct jb_dim *const dims = jb_arena_get(call->arena, carried->n_dims + 1, sizeof *dims);
    if (!dims) {
        *ret = jb_arena_fail(call->arena, err);
        return false;
    }
    for (size_t d = 0; d < carried->n_dims; d++)
        dims[d] = jb_dim_equal(carried->dims[d], after->dims[d])
                      ? carried->dims[d]
                      : symbol_of(call, "size", i + 1, d);
    carried->dims = dims;
    return true;
}

/* Walks the body; again where what goes round came back with other sizes. */
static jb_rc walk_body(struct jb_op_call *call, struct body *body, struct jb_error *err)
{
    const struct jb_walk_mark mark = jb_walk__mark(call->walk);
    for (int round = 0;; round++) {
        struct jb_op_work work;
        jb_rc rc = jb_walk_subgraph(call, body->attribute, body->inputs, body->n_inputs,
                                    body->times, false, body->outputs, body->n_outputs, &work, err);
        bool has_changed = false;
        for (size_t i = 0; !rc && i < body->n_carried; i++)
            has_changed |= widen(call, &body->inputs[body->n_before + i],
                                 &body->outputs[body->n_ahead + i], i, &rc, err);
        if (rc || !has_changed || round == 2)
            return rc;
        jb_walk__drop(call->walk, &mark);
        jb_walk__note(call->walk, JB_NOTE_LOOP_SHAPE, called(call));
    }
}

/* A value that every run sees anew: sizes stay, what it holds does not. */
static struct jb_value changing(const struct jb_value *value)
{
    struct jb_value ret = value ? *value : (struct jb_value){0};
    ret.has_ints = false;
    ret.is_constant = false;
    ret.is_parameter = false;
    return ret;
}

/* `value` with one size more at `axis`. */
static jb_rc set_stacked(struct jb_op_call *call, size_t output, const struct jb_value *value,
                         int64_t axis, struct jb_dim times, struct jb_error *err)
{
    struct jb_dim sizes[JB_ONNX_DIMS_MAX];
    size_t at, n = 0;
    if (!value->is_ranked || value->n_dims >= JB_ONNX_DIMS_MAX ||
        !jb_op_axis(axis, value->n_dims + 1, &at)) {
        if (output < call->n_out)
            call->out[output].type = value->type;
        return JB_OK;
    }
    for (size_t i = 0; i <= value->n_dims; i++)
        sizes[i] = i == at ? times : value->dims[n++];
    return jb_op_set(call, output, value->type, sizes, value->n_dims + 1, err);
}

/* --- Loop -------------------------------------------------------------------------------------------------------- */

static struct jb_dim trips_of_loop(struct jb_op_call *call, bool *ret_is_limit)
{
    struct jb_dim trips, condition;
    *ret_is_limit = false;
    if (known(call, 1, &condition) && jb_dim_is(condition, 0))
        return jb_dim_number(0);
    /* Exporters write the largest integer for "until the condition ends it". */
    if (known(call, 0, &trips) && !(trips.kind == JB_DIM_NUMBER && trips.n >= INT32_MAX)) {
        *ret_is_limit = true;
        return jb_dim_max(call->dims, trips, jb_dim_number(0));
    }
    jb_walk__note(call->walk, JB_NOTE_LOOP_SYMBOL, called(call));
    return symbol_of(call, "trips", 0, 0);
}

static jb_rc run_loop(struct jb_op_call *call, struct jb_error *err)
{
    static const struct jb_dim yes = {.kind = JB_DIM_NUMBER, .n = 1};
    const size_t n_carried = call->n_in > 2 ? call->n_in - 2 : 0;
    const size_t n_outputs = 1 + (call->n_out > n_carried ? call->n_out : n_carried);
    struct jb_dim condition;
    bool is_limit;

    struct body body = {.attribute = "body",
                        .inputs = values(call, 2 + n_carried),
                        .n_inputs = 2 + n_carried,
                        .n_before = 2,
                        .n_carried = n_carried,
                        .outputs = values(call, n_outputs),
                        .n_outputs = n_outputs,
                        .n_ahead = 1};
    if (!body.inputs || !body.outputs)
        return jb_arena_fail(call->arena, err);
    body.times = trips_of_loop(call, &is_limit);
    body.inputs[0] = (struct jb_value){.type = JB_ONNX_INT64, .is_ranked = true};
    body.inputs[1] = (struct jb_value){.type = JB_ONNX_BOOL, .is_ranked = true};
    if (!is_given(call, 1) || (known(call, 1, &condition) && jb_dim_is(condition, 1))) {
        body.inputs[1].has_ints = true;
        body.inputs[1].n_ints = 1;
        body.inputs[1].ints = &yes;
    }
    for (size_t i = 0; i < n_carried; i++)
        body.inputs[2 + i] = changing(call->in[2 + i]);
    jb_rc rc = walk_body(call, &body, err);
    const struct jb_value *const again = &body.outputs[0];
    if (is_limit && !(again->has_ints && again->n_ints == 1 && jb_dim_is(again->ints[0], 1)))
        jb_walk__note(call->walk, JB_NOTE_LOOP_EARLY, called(call));
    for (size_t i = 0; !rc && i < call->n_out; i++) {
        if (i >= n_carried)
            rc = set_stacked(call, i, &body.outputs[1 + i], 0, body.times, err);
        else
            call->out[i] =
                changing(body.inputs[2 + i].is_ranked ? &body.inputs[2 + i] : &body.outputs[1 + i]);
    }
    return rc;
}

/* --- Scan -------------------------------------------------------------------------------------------------------- */

/* The i-th of a list of axes; 0 where the node has none. */
static int64_t axis_of(const struct jb_op_call *call, const char *name, size_t i)
{
    int64_t axes[256];
    const size_t n = jb_op_ints(call, name, axes, JB_ARRAY_LEN(axes));
    return i < n && i < JB_ARRAY_LEN(axes) ? axes[i] : 0;
}

/* `value` without the size at `axis`; *ret_size is that size. */
static jb_rc slice(struct jb_op_call *call, const struct jb_value *value, int64_t axis,
                   struct jb_value *ret, struct jb_dim *ret_size, struct jb_error *err)
{
    size_t at, n = 0;
    *ret = changing(value);
    if (!ret->is_ranked || !jb_op_axis(axis, ret->n_dims, &at)) {
        ret->is_ranked = false;
        return JB_OK;
    }
    struct jb_dim *const dims = jb_arena_get(call->arena, ret->n_dims, sizeof *dims);
    if (!dims)
        return jb_arena_fail(call->arena, err);
    for (size_t i = 0; i < ret->n_dims; i++) {
        if (i != at)
            dims[n++] = ret->dims[i];
    }
    *ret_size = ret->dims[at];
    ret->dims = dims;
    ret->n_dims = n;
    return JB_OK;
}

/* Up to operator set 8 a Scan has lengths before its inputs and a batch before all sizes. */
static jb_rc scan_inputs(struct jb_op_call *call, struct body *body, size_t first,
                         struct jb_dim *ret_length, struct jb_dim *ret_batch, struct jb_error *err)
{
    const bool has_batch = first > 0;
    for (size_t i = 0; i < body->n_inputs; i++) {
        struct jb_value value = changing(first + i < call->n_in ? call->in[first + i] : NULL);
        jb_rc rc = has_batch ? slice(call, &value, 0, &value, ret_batch, err) : JB_OK;
        if (!rc && i >= body->n_carried) {
            const int64_t axis =
                has_batch ? 0 : axis_of(call, "scan_input_axes", i - body->n_carried);
            rc = slice(call, &value, axis, &value, ret_length, err);
        }
        if (rc)
            return rc;
        body->inputs[i] = value;
    }
    return JB_OK;
}

static jb_rc run_scan(struct jb_op_call *call, struct jb_error *err)
{
    const bool has_batch = call->opset < 9;
    const size_t first = has_batch ? 1 : 0;
    const size_t n_in = call->n_in > first ? call->n_in - first : 0;
    const int64_t n_scanned = jb_op_int(call, "num_scan_inputs", 1);
    struct jb_dim length = jb_dim_unknown(), batch = jb_dim_number(1);

    if (n_scanned < 1 || (uint64_t)n_scanned > n_in)
        return jb_fail(err, JB_E_INPUT, "the file is no valid model; export it again",
                       "operator 'Scan' has %zu inputs and scans %lld of them", n_in,
                       (long long)n_scanned);
    struct body body = {.attribute = "body",
                        .inputs = values(call, n_in),
                        .n_inputs = n_in,
                        .n_carried = n_in - (size_t)n_scanned,
                        .outputs = values(call, call->n_out + n_in),
                        .n_outputs = call->n_out + n_in};
    if (!body.inputs || !body.outputs)
        return jb_arena_fail(call->arena, err);
    jb_rc rc = scan_inputs(call, &body, first, &length, &batch, err);
    if (rc)
        return rc;
    if (length.kind == JB_DIM_UNKNOWN) {
        jb_walk__note(call->walk, JB_NOTE_LOOP_SYMBOL, called(call));
        length = symbol_of(call, "trips", 0, 0);
    }
    body.times = jb_dim_mul(call->dims, length, batch);
    rc = walk_body(call, &body, err);
    for (size_t i = 0; !rc && i < call->n_out; i++) {
        struct jb_value value = changing(i < body.n_carried ? &body.inputs[i] : &body.outputs[i]);
        if (i >= body.n_carried) {
            const int64_t axis =
                has_batch ? 0 : axis_of(call, "scan_output_axes", i - body.n_carried);
            rc = set_stacked(call, i, &value, axis, length, err);
            value = call->out[i];
        }
        if (!rc && has_batch)
            rc = set_stacked(call, i, &value, 0, batch, err);
        else if (i < body.n_carried)
            call->out[i] = value;
    }
    return rc;
}

/* --- SequenceMap ------------------------------------------------------------------------------------------------- */

static jb_rc run_sequence_map(struct jb_op_call *call, struct jb_error *err)
{
    struct jb_dim n_items = jb_dim_unknown();
    struct body body = {.attribute = "body",
                        .inputs = values(call, call->n_in),
                        .n_inputs = call->n_in,
                        .outputs = values(call, call->n_out),
                        .n_outputs = call->n_out};
    if (!body.inputs || !body.outputs)
        return jb_arena_fail(call->arena, err);
    for (size_t i = 0; i < call->n_in; i++) {
        body.inputs[i] = changing(call->in[i]);
        if (i == 0 && body.inputs[i].is_sequence)
            n_items = body.inputs[i].n_items;
        body.inputs[i].is_sequence = false;
    }
    if (n_items.kind == JB_DIM_UNKNOWN) {
        jb_walk__note(call->walk, JB_NOTE_LOOP_SYMBOL, called(call));
        n_items = symbol_of(call, "items", 0, 0);
    }
    body.times = n_items;
    const jb_rc rc = walk_body(call, &body, err);
    for (size_t i = 0; !rc && i < call->n_out; i++) {
        call->out[i] = changing(&body.outputs[i]);
        call->out[i].is_sequence = true;
        call->out[i].n_items = n_items;
    }
    return rc;
}

/* A decoder in a graph of its own that runs until the text ends. */
static jb_rc run_search(struct jb_op_call *call, struct jb_error *err)
{
    (void)err;
    jb_op_not_counted(call, "it runs its decoder for each token until the text ends");
    return JB_OK;
}

const struct jb_op jb_ops_control[] = {
    {"", "If", run_if, 0, 0},
    {"", "Loop", run_loop, 0, 0},
    {"", "Scan", run_scan, 0, 0},
    {"", "SequenceMap", run_sequence_map, 0, 0},
    {"", "SequenceConstruct", op__sequence_construct, 0, 0},
    {"", "SequenceEmpty", op__sequence_empty, 0, 0},
    {"", "SequenceInsert", op__sequence_insert, 0, 0},
    {"", "SequenceErase", op__sequence_erase, 0, 0},
    {"", "SequenceAt", op__sequence_at, 0, 0},
    {"", "SequenceLength", op__sequence_length, 0, 0},
    {"", "SplitToSequence", op__split_to_sequence, 0, 0},
    {"", "ConcatFromSequence", op__concat_from_sequence, 0, 0},
    {"", "Optional", op__optional, 0, 0},
    {"", "OptionalGetElement", op__optional, 0, 0},
    {"", "OptionalHasElement", op__optional_has, 0, 0},
    {"com.microsoft", "BeamSearch", run_search, 0, 0},
    {"com.microsoft", "GreedySearch", run_search, 0, 0},
    {"com.microsoft", "Sampling", run_search, 0, 0},
    {"com.microsoft", "WhisperBeamSearch", run_search, 0, 0},
    {.name = NULL},
};
