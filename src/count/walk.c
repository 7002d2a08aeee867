/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The walk: node by node in the order of the file, values found by name, the operator asked what comes out and what work
 * it is, the work written into a journal. A node is bounded in what it may cost, and so is the file: nothing it says makes
 * the walk run long. R-COUNT-04 to -09.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "count/count_int.h"
#include "count/walk_int.h"

/* --- the journal ------------------------------------------------------------------------------------------------- */

jb_rc jb_walk__grow(void **list, size_t n, size_t *capacity, size_t size, struct jb_error *err)
{
    if (n < *capacity)
        return JB_OK;
    const size_t wanted = *capacity ? *capacity * 2 : 256;
    void *const more = reallocarray(*list, wanted, size);
    if (!more)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for the nodes of the model");
    *list = more;
    *capacity = wanted;
    return JB_OK;
}

jb_rc jb_walk__charge(struct jb_walk *walk, size_t n, struct jb_error *err)
{
    if (n > (size_t)(JB_WALK_STEPS_MAX - walk->n_steps))
        return jb_fail(err, JB_E_RANGE, "the file is damaged, or made to keep its reader busy",
                       "the model grows beyond %d steps once its functions are put in their places",
                       JB_WALK_STEPS_MAX);
    walk->n_steps += (int64_t)n;
    return JB_OK;
}

jb_rc jb_walk__deeper(struct jb_walk *walk, const struct jb_onnx_node *node, struct jb_error *err)
{
    if (walk->depth >= JB_WALK_DEPTH_MAX) {
        const char *const name = jb_count_text(walk->arena, node->op_type);
        return jb_fail(err, JB_E_RANGE, "the file is no model that anybody made; export it again",
                       "operator '%s' lies %d graphs deep", name ? name : "?", JB_WALK_DEPTH_MAX);
    }
    walk->depth++;
    return JB_OK;
}

void jb_walk__note(struct jb_walk *walk, enum jb_walk_note note, struct jb_span name)
{
    if (walk->noted[note].n++ == 0)
        walk->noted[note].first = name;
}

struct jb_walk_mark jb_walk__mark(const struct jb_walk *walk)
{
    struct jb_walk_mark mark = {.n_entries = walk->n_entries, .n_uses = walk->n_uses};
    memcpy(mark.noted, walk->noted, sizeof mark.noted);
    return mark;
}

void jb_walk__drop(struct jb_walk *walk, const struct jb_walk_mark *mark)
{
    walk->n_entries = mark->n_entries;
    walk->n_uses = mark->n_uses;
    memcpy(walk->noted, mark->noted, sizeof mark->noted);
}

/* --- names of layers --------------------------------------------------------------------------------------------- */

#define LAYER_BYTES_MAX 256

static void add_clean(struct jb_buf *out, struct jb_span text)
{
    for (size_t i = 0; i < text.len && i < 200; i++) {
        const char c = (char)text.at[i];
        jb_buf_add_u8(out, (uint8_t)(c < ' ' || c == 127 ? '?' : c));
    }
}

/* "/layer1/conv2", or where it has none "Conv_12". */
static void add_name(struct jb_buf *out, const struct jb_onnx_node *node, size_t index)
{
    if (node->name.len > 0) {
        add_clean(out, node->name);
        return;
    }
    add_clean(out, node->op_type);
    jb_buf_addf(out, "_%zu", index);
}

void jb_walk__layer(const struct jb_place *place, const struct jb_onnx_node *node, size_t index,
                    struct jb_buf *out)
{
    const struct jb_place *places[JB_WALK_DEPTH_MAX + 1];
    size_t n = 0;
    for (; place && n <= JB_WALK_DEPTH_MAX; place = place->outer)
        places[n++] = place;
    /* What lies behind is cut off wherever a name is kept. */
    while (n-- > 0 && out->len < LAYER_BYTES_MAX) {
        add_name(out, places[n]->node, places[n]->index);
        if (out->len > 0 && node->name.len > 0 && node->name.at[0] == '/' && n == 0)
            continue;
        jb_buf_add_u8(out, '/');
    }
    add_name(out, node, index);
}

/* --- a node ------------------------------------------------------------------------------------------------------ */

#define FEW_INPUTS  16
#define FEW_OUTPUTS 4

/* What a node is walked with: arrays of its own where it is an ordinary one. */
struct step {
    struct jb_slot **slots; /* n_inputs; NULL: absent or unheard of */
    const struct jb_value **in;
    struct jb_value *out;
    struct jb_weight **passed; /* n_outputs: the weight an output is */
    struct jb_slot *few_slots[FEW_INPUTS];
    const struct jb_value *few_in[FEW_INPUTS];
    struct jb_value few_out[FEW_OUTPUTS];
    struct jb_weight *few_passed[FEW_OUTPUTS];
};

static jb_rc begin_step(struct jb_walk *walk, const struct jb_onnx_node *node, struct step *step,
                        struct jb_error *err)
{
    step->slots = step->few_slots;
    step->in = step->few_in;
    step->out = step->few_out;
    step->passed = step->few_passed;
    if (node->n_inputs > FEW_INPUTS) {
        step->slots = jb_arena_get(walk->arena, node->n_inputs, sizeof *step->slots);
        step->in = jb_arena_get(walk->arena, node->n_inputs, sizeof *step->in);
    }
    if (node->n_outputs > FEW_OUTPUTS) {
        step->out = jb_arena_get(walk->arena, node->n_outputs, sizeof *step->out);
        step->passed = jb_arena_get(walk->arena, node->n_outputs, sizeof *step->passed);
    } else {
        memset(step->few_out, 0, sizeof step->few_out);
        memset(step->few_passed, 0, sizeof step->few_passed);
    }
    if (!step->slots || !step->in || !step->out || !step->passed)
        return jb_arena_fail(walk->arena, err);
    for (size_t i = 0; i < node->n_inputs; i++) {
        step->slots[i] = NULL;
        step->in[i] = NULL;
        if (node->inputs[i].len == 0)
            continue;
        step->slots[i] = jb_scope__find(walk, walk->scope, node->inputs[i]);
        if (!step->slots[i]) {
            jb_walk__note(walk, JB_NOTE_NO_VALUE, node->inputs[i]);
            continue;
        }
        const struct jb_value *const value = &step->slots[i]->value;
        if (value->type != 0 || value->is_ranked || value->is_sequence)
            step->in[i] = value;
    }
    return JB_OK;
}

/* Outputs are constant where all inputs are; a random number that nothing feeds is taken for one. */
static void set_flags(const struct jb_onnx_node *node, bool has_graphs, struct step *step)
{
    bool is_constant = !has_graphs, is_parameter = !has_graphs && node->n_inputs > 0;
    for (size_t i = 0; i < node->n_inputs; i++) {
        const bool is_absent = node->inputs[i].len == 0;
        is_constant &= is_absent || (step->slots[i] && step->slots[i]->value.is_constant);
        is_parameter &= is_absent || (step->slots[i] && step->slots[i]->value.is_parameter);
    }
    for (size_t i = 0; i < node->n_outputs; i++) {
        step->out[i].is_constant = is_constant;
        step->out[i].is_parameter = is_parameter;
    }
}

static jb_rc set_outputs(struct jb_walk *walk, const struct jb_onnx_node *node, struct step *step,
                         struct jb_error *err)
{
    for (size_t i = 0; i < node->n_outputs; i++) {
        if (node->outputs[i].len == 0)
            continue;
        struct jb_slot *const slot = jb_scope__slot(walk, walk->scope, node->outputs[i]);
        if (!slot)
            return jb_arena_fail(walk->arena, err);
        slot->value = step->out[i];
        slot->weight = step->passed[i];
        slot->is_set = true;
        const jb_rc rc = jb_walk__declare(walk, slot, slot->declared, err);
        if (rc)
            return rc;
        step->out[i] = slot->value;
    }
    return JB_OK;
}

/* --- bytes ------------------------------------------------------------------------------------------------------- */

/* By type and size; UNKNOWN where either is. */
static struct jb_dim bytes_of(struct jb_dims *dims, const struct jb_value *value)
{
    const int64_t bits = value ? jb_onnx_type_bits(value->type) : 0;
    const struct jb_dim elements = jb_value_elements(dims, value);
    if (bits == 0 || (value && value->is_sequence))
        return jb_dim_unknown();
    if (bits % 8 == 0)
        return jb_dim_mul(dims, elements, jb_dim_number(bits / 8));
    return jb_dim_div_ceil(dims, jb_dim_mul(dims, elements, jb_dim_number(bits)), jb_dim_number(8));
}

static bool is_read_before(const struct jb_walk *walk, struct jb_slot *slot)
{
    const bool is_before = slot && slot->read_by == walk->n_read;
    if (slot)
        slot->read_by = walk->n_read;
    return is_before;
}

/* R-COUNT-06: inputs and outputs once each; of what is looked up in, as much as comes out. */
static struct jb_dim bytes_moved(struct jb_walk *walk, const struct jb_op_call *call,
                                 const struct jb_trait *trait, struct jb_slot *const *slots)
{
    const struct jb_onnx_node *const node = call->node;
    struct jb_dim sum = jb_dim_number(0);

    if (jb_trait__is_view(trait))
        return sum;
    walk->n_read++;
    for (size_t i = 0; i < call->n_in; i++) {
        if (node->inputs[i].len == 0 || is_read_before(walk, slots[i]))
            continue;
        const bool is_lookup = call->n_out > 0 && jb_trait__is_lookup(trait, i);
        sum = jb_dim_add(call->dims, sum,
                         bytes_of(call->dims, is_lookup ? &call->out[0] : call->in[i]));
    }
    for (size_t i = 0; i < call->n_out; i++) {
        if (node->outputs[i].len > 0)
            sum = jb_dim_add(call->dims, sum, bytes_of(call->dims, &call->out[i]));
    }
    return sum;
}

/* --- entries ----------------------------------------------------------------------------------------------------- */

static jb_rc new_entry(struct jb_walk *walk, const struct jb_onnx_node *node, size_t index,
                       struct jb_entry **ret, struct jb_error *err)
{
    if (walk->n_entries >= JB_WALK_ENTRIES_MAX)
        return jb_fail(err, JB_E_RANGE, "the file is damaged, or made to keep its reader busy",
                       "the model has more than %d nodes", JB_WALK_ENTRIES_MAX);
    const jb_rc rc = jb_walk__grow((void **)&walk->entries, walk->n_entries,
                                   &walk->entries_capacity, sizeof *walk->entries, err);
    if (rc)
        return rc;
    struct jb_entry *const entry = &walk->entries[walk->n_entries++];
    *entry = (struct jb_entry){.node = node,
                               .place = walk->place,
                               .index = (uint32_t)index,
                               .macs = jb_dim_number(0),
                               .flops = jb_dim_number(0),
                               .bytes = jb_dim_number(0)};
    *ret = entry;
    return JB_OK;
}

static void miss(struct jb_entry *entry, const char *why, bool is_compute)
{
    entry->is_missed = true;
    entry->is_compute = is_compute;
    entry->why = why;
}

/* The type it is multiplied or computed in. */
static int64_t type_of(const struct jb_op_call *call)
{
    if (call->work.compute_type != 0)
        return call->work.compute_type;
    if (call->n_in > 0 && call->in[0] && call->in[0]->type != 0)
        return call->in[0]->type;
    return call->n_out > 0 ? call->out[0].type : 0;
}

/* R-COUNT-02, R-COUNT-05: work as the operator told it, so many times over. */
static void fill_entry(struct jb_walk *walk, const struct jb_op_call *call,
                       const struct jb_trait *trait, struct jb_slot *const *slots,
                       struct jb_entry *entry)
{
    struct jb_dims *const dims = walk->dims;
    const struct jb_op_work *const work = &call->work;
    struct jb_dim macs = jb_dim_number(0), flops = jb_dim_number(0);

    entry->kind = work->kind;
    entry->type = type_of(call);
    if (work->kind == JB_WORK_NOT_COUNTED)
        miss(entry, work->why ? work->why : "nobody can say how much it computes", true);
    if (work->kind == JB_WORK_DENSE) {
        macs = work->macs;
        flops = jb_dim_add(dims, work->flops, jb_dim_mul(dims, macs, jb_dim_number(2)));
    }
    if (work->kind == JB_WORK_ELEMENTWISE)
        flops = work->flops;
    macs = jb_dim_mul(dims, macs, walk->times);
    flops = jb_dim_mul(dims, flops, walk->times);
    if (macs.kind == JB_DIM_UNKNOWN || flops.kind == JB_DIM_UNKNOWN) {
        miss(entry, "the sizes of its inputs are not known", true);
        if (macs.kind != JB_DIM_UNKNOWN)
            flops = jb_dim_mul(dims, macs, jb_dim_number(2));
    }
    if (work->kind == JB_WORK_NONE && call->n_out > 0 && call->node->outputs[0].len > 0 &&
        !call->out[0].is_ranked && !call->out[0].is_sequence)
        miss(entry, "the size of what comes out is not known", false);
    entry->macs = macs.kind == JB_DIM_UNKNOWN ? jb_dim_number(0) : macs;
    entry->flops = flops.kind == JB_DIM_UNKNOWN ? jb_dim_number(0) : flops;
    entry->bytes = jb_dim_mul(dims, bytes_moved(walk, call, trait, slots), walk->times);
}

/* --- walking ----------------------------------------------------------------------------------------------------- */

/* A Constant of floating-point numbers may be a weight. */
static jb_rc note_constant(struct jb_walk *walk, const struct jb_op_call *call, struct step *step,
                           struct jb_error *err)
{
    if (call->n_out != 1 || !jb_span_is(call->node->op_type, "Constant") ||
        call->node->domain.len > 0 || !call->out[0].is_ranked || call->out[0].n_dims == 0)
        return JB_OK;
    const struct jb_span message =
        jb_onnx_attribute_tensor(jb_walk__attribute(walk, call->node, "value"));
    if (message.len == 0)
        return JB_OK;
    /* The same tensor in a function that is called again is one weight. */
    struct jb_onnx_tensor *const tensor = jb_arena_get(walk->arena, 1, sizeof *tensor);
    if (!tensor)
        return jb_arena_fail(walk->arena, err);
    const jb_rc rc = jb_onnx_read_tensor(message, walk->arena, tensor, err);
    return rc ? rc : jb_walk__new_weight(walk, tensor, true, &step->passed[0], err);
}

static jb_rc walk_operator(struct jb_walk *walk, const struct jb_onnx_node *node, size_t index,
                           const struct jb_op *op, struct step *step, struct jb_error *err)
{
    struct jb_op_call call = {.walk = walk,
                              .dims = walk->dims,
                              .arena = walk->arena,
                              .node = node,
                              .opset = jb_walk__opset(walk, node->domain),
                              .op = op,
                              .n_in = node->n_inputs,
                              .n_out = node->n_outputs,
                              .in = step->in,
                              .out = step->out};
    /* A node with a subgraph stands before the nodes within it. */
    struct jb_entry *entry;
    const size_t at = walk->n_entries;
    jb_rc rc = new_entry(walk, node, index, &entry, err);
    walk->index = index;
    if (!rc)
        rc = op->run(&call, err);
    if (rc)
        return rc;
    const struct jb_trait *const trait = jb_walk__trait(walk, op);
    set_flags(node, jb_trait__has_graphs(trait), step);
    rc = note_constant(walk, &call, step, err);
    struct jb_weight *passed = NULL;
    if (!rc)
        rc = jb_walk__weights(walk, &call, trait, step->slots, at, &passed, err);
    if (passed)
        step->passed[0] = passed;
    if (!rc)
        rc = set_outputs(walk, node, step, err);
    if (!rc)
        fill_entry(walk, &call, trait, step->slots, &walk->entries[at]);
    return rc;
}

static jb_rc walk_unknown(struct jb_walk *walk, const struct jb_onnx_node *node, size_t index,
                          struct step *step, struct jb_error *err)
{
    struct jb_entry *entry;
    const jb_rc rc = new_entry(walk, node, index, &entry, err);
    if (rc)
        return rc;
    miss(entry, "the operator is not known", true);
    entry->kind = JB_WORK_NOT_COUNTED;
    return set_outputs(walk, node, step, err);
}

static jb_rc walk_node(struct jb_walk *walk, const struct jb_onnx_node *node, size_t index,
                       struct jb_error *err)
{
    struct step step;
    const size_t n =
        1 + (node->n_inputs + node->n_outputs + node->n_attributes) / 8 + walk->frame->n_steps;
    jb_rc rc = jb_walk__charge(walk, n, err);
    if (!rc)
        rc = begin_step(walk, node, &step, err);
    if (rc)
        return rc;
    const struct jb_op *const op = jb_op_index_find(&walk->ops, node->domain, node->op_type);
    if (op)
        return walk_operator(walk, node, index, op, &step, err);
    const struct jb_onnx_function *const function = jb_walk__function(walk, node);
    if (!function)
        return walk_unknown(walk, node, index, &step, err);
    rc = jb_walk__inline(walk, node, index, function, step.slots, step.out, step.passed, err);
    return rc ? rc : set_outputs(walk, node, &step, err);
}

jb_rc jb_walk__nodes(struct jb_walk *walk, const struct jb_onnx_node *nodes, size_t n_nodes,
                     struct jb_error *err)
{
    jb_rc rc = JB_OK;
    for (size_t i = 0; !rc && i < n_nodes; i++)
        rc = walk_node(walk, &nodes[i], i, err);
    return rc;
}

/* --- subgraphs --------------------------------------------------------------------------------------------------- */

/* Inputs of a subgraph by position; what the body declares of them fills in. */
static jb_rc enter_given(struct jb_walk *walk, struct jb_scope *scope,
                         const struct jb_onnx_graph *graph, const struct jb_value *inputs,
                         size_t n_inputs, struct jb_error *err)
{
    for (size_t i = 0; i < graph->n_inputs; i++) {
        struct jb_slot *const slot = jb_scope__slot(walk, scope, graph->inputs[i].name);
        if (!slot)
            return jb_arena_fail(walk->arena, err);
        slot->value = i < n_inputs ? inputs[i] : (struct jb_value){0};
        slot->is_set = true;
        const jb_rc rc = jb_walk__declare(walk, slot, &graph->inputs[i], err);
        if (rc)
            return rc;
    }
    return JB_OK;
}

static jb_rc walk_within(struct jb_walk *walk, struct jb_span message,
                         const struct jb_value *inputs, size_t n_inputs, struct jb_value *outputs,
                         size_t n_outputs, struct jb_error *err)
{
    struct jb_onnx_graph graph;
    struct jb_scope scope;
    /* A thousandth of its bytes, for they are read each time, and its names. */
    jb_rc rc = jb_walk__charge(walk, message.len / 1024, err);
    if (!rc)
        rc = jb_onnx_read_graph(message, walk->arena, &graph, err);
    if (rc)
        return rc;
    const size_t n_names = jb_scope__n_names(&graph);
    rc = jb_walk__charge(walk, n_names / 4, err);
    if (!rc)
        rc = jb_scope__open(walk, walk->scope, n_names, &scope, err);
    if (!rc)
        rc = jb_scope__enter_graph(walk, &scope, &graph, err);
    if (!rc)
        rc = enter_given(walk, &scope, &graph, inputs, n_inputs, err);
    if (rc)
        return rc;
    struct jb_scope *const before = walk->scope;
    walk->scope = &scope;
    rc = jb_walk__nodes(walk, graph.nodes, graph.n_nodes, err);
    for (size_t i = 0; !rc && i < n_outputs && i < graph.n_outputs; i++) {
        /* What lies outside may be an output too. */
        const struct jb_slot *const slot = jb_scope__find(walk, &scope, graph.outputs[i].name);
        if (slot)
            outputs[i] = slot->value;
    }
    walk->scope = before;
    return rc;
}

jb_rc jb_walk_subgraph(struct jb_op_call *call, const char *attribute,
                       const struct jb_value *inputs, size_t n_inputs, struct jb_dim times,
                       bool is_probe, struct jb_value *outputs, size_t n_outputs,
                       struct jb_op_work *ret_total, struct jb_error *err)
{
    struct jb_walk *const walk = call->walk;
    const struct jb_span message =
        jb_onnx_attribute_graph(jb_walk__attribute(walk, call->node, attribute));
    memset(outputs, 0, n_outputs * sizeof *outputs);
    if (message.len == 0) {
        const char *const name = jb_count_text(walk->arena, call->node->op_type);
        return jb_fail(err, JB_E_INPUT, "the file is no valid model; export it again",
                       "operator '%s' has no graph '%s'", name ? name : "?", attribute);
    }
    jb_rc rc = jb_walk__deeper(walk, call->node, err);
    if (rc)
        return rc;
    struct jb_place *const place = jb_arena_get(walk->arena, 1, sizeof *place);
    if (!place)
        return jb_arena_fail(walk->arena, err);
    const struct jb_walk_mark mark = jb_walk__mark(walk);
    const struct jb_dim times_before = walk->times;
    *place = (struct jb_place){.outer = walk->place, .node = call->node, .index = walk->index};
    walk->place = place;
    walk->times = jb_dim_mul(walk->dims, walk->times, times);
    rc = walk_within(walk, message, inputs, n_inputs, outputs, n_outputs, err);
    walk->times = times_before;
    walk->place = place->outer;
    walk->index = place->index;
    walk->depth--;
    if (rc)
        return rc;
    *ret_total = jb_walk__since(walk, mark.n_entries, walk->n_entries);
    if (is_probe)
        jb_walk__drop(walk, &mark);
    return JB_OK;
}

/* --- the model --------------------------------------------------------------------------------------------------- */

jb_rc jb_walk__run(struct jb_walk *walk, const struct jb_onnx_model *model, struct jb_arena *arena,
                   struct jb_dims *dims, struct jb_error *err)
{
    const struct jb_frame frame = {.opsets = model->opsets,
                                   .n_opsets = model->n_opsets,
                                   .n_steps = model->n_opsets / JB_WALK_LOOKED_UP};

    memset(walk, 0, sizeof *walk);
    walk->model = model;
    walk->arena = arena;
    walk->dims = dims;
    walk->times = jb_dim_number(1);
    jb_random(&walk->seed, sizeof walk->seed);
    jb_op_index_make(&walk->ops);
    jb_walk__index_traits(walk);
    jb_rc rc = jb_walk__index_functions(walk, err);
    if (!rc)
        rc = jb_scope__open(walk, NULL, jb_scope__n_names(&model->graph), &walk->outermost, err);
    if (!rc)
        rc = jb_scope__enter_graph(walk, &walk->outermost, &model->graph, err);
    if (!rc)
        rc = jb_scope__enter_inputs(walk, &walk->outermost, &model->graph, err);
    if (rc)
        return rc;
    walk->frame = &frame;
    walk->scope = &walk->outermost;
    rc = jb_walk__nodes(walk, model->graph.nodes, model->graph.n_nodes, err);
    walk->frame = NULL;
    walk->scope = NULL;
    return rc;
}

void jb_walk__release(struct jb_walk *walk)
{
    free(walk->entries);
    free(walk->uses);
    free(walk->weights);
    memset(walk, 0, sizeof *walk);
}
