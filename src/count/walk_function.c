/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions of the model: found by domain, name and overload, and walked where they are called, with the caller's values
 * and attributes and the function's own operator sets. A function that calls itself is refused. R-COUNT-09.
 */
#include "base/clean.h"
#include "count/count_int.h"
#include "count/walk_int.h"

static uint64_t hash_function(const struct jb_walk *walk, struct jb_span domain,
                              struct jb_span name, struct jb_span overload)
{
    return jb_walk__hash(jb_walk__hash(jb_walk__hash(walk->seed, domain), name), overload);
}

jb_rc jb_walk__index_functions(struct jb_walk *walk, struct jb_error *err)
{
    const struct jb_onnx_model *const model = walk->model;
    size_t capacity = 8;

    if (model->n_functions == 0)
        return JB_OK;
    while (capacity < model->n_functions * 2)
        capacity *= 2;
    walk->functions = jb_arena_get(walk->arena, capacity, sizeof *walk->functions);
    if (!walk->functions)
        return jb_arena_fail(walk->arena, err);
    walk->n_function_slots = capacity;
    for (size_t i = 0; i < model->n_functions; i++) {
        const struct jb_onnx_function *const function = &model->functions[i];
        size_t at = hash_function(walk, function->domain, function->name, function->overload) &
                    (capacity - 1);
        while (walk->functions[at])
            at = (at + 1) & (capacity - 1);
        walk->functions[at] = function;
    }
    return JB_OK;
}

const struct jb_onnx_function *jb_walk__function(const struct jb_walk *walk,
                                                 const struct jb_onnx_node *node)
{
    if (walk->n_function_slots == 0)
        return NULL;
    const size_t mask = walk->n_function_slots - 1;
    for (size_t at = hash_function(walk, node->domain, node->op_type, node->overload) & mask;
         walk->functions[at]; at = (at + 1) & mask) {
        const struct jb_onnx_function *const function = walk->functions[at];
        if (jb_span_equal(function->name, node->op_type) &&
            jb_span_equal(function->domain, node->domain) &&
            jb_span_equal(function->overload, node->overload))
            return function;
    }
    return NULL;
}

int64_t jb_walk__opset(struct jb_walk *walk, struct jb_span domain)
{
    const struct jb_frame *const frame = walk->frame;
    for (size_t i = 0; i < frame->n_opsets; i++) {
        if (jb_span_equal(frame->opsets[i].domain, domain))
            return frame->opsets[i].version;
    }
    jb_walk__note(walk, JB_NOTE_OPSET, domain.len > 0 ? domain : jb_span_of("ai.onnx"));
    return 1;
}

/* --- attributes -------------------------------------------------------------------------------------------------- */

static struct jb_onnx_attribute attribute_named(const struct jb_onnx_node *node,
                                                struct jb_span name)
{
    for (size_t i = 0; i < node->n_attributes; i++) {
        struct jb_span own;
        const struct jb_onnx_attribute attribute = jb_onnx_attribute_at(node, i, &own);
        if (jb_span_equal(own, name))
            return attribute;
    }
    return (struct jb_onnx_attribute){0};
}

static struct jb_onnx_attribute default_named(const struct jb_onnx_function *function,
                                              struct jb_span name)
{
    for (size_t i = 0; i < function->n_defaults; i++) {
        struct jb_span own;
        const struct jb_onnx_attribute attribute =
            jb_onnx_attribute_of(function->defaults[i], &own);
        if (jb_span_equal(own, name))
            return attribute;
    }
    return (struct jb_onnx_attribute){0};
}

struct jb_onnx_attribute jb_walk__attribute(const struct jb_walk *walk,
                                            const struct jb_onnx_node *node, const char *name)
{
    struct jb_onnx_attribute attribute = jb_onnx_attribute(node, name);
    const struct jb_frame *frame = walk ? walk->frame : NULL;

    while (attribute.ref.len > 0) {
        if (!frame || !frame->function)
            return (struct jb_onnx_attribute){0};
        const struct jb_span ref = attribute.ref;
        attribute = attribute_named(frame->node, ref);
        if (attribute.message.len == 0) {
            attribute = default_named(frame->function, ref);
            return attribute.ref.len > 0 ? (struct jb_onnx_attribute){0} : attribute;
        }
        frame = frame->caller;
    }
    return attribute;
}

/* --- calls ------------------------------------------------------------------------------------------------------- */

static jb_rc check_recursion(const struct jb_walk *walk, const struct jb_onnx_function *function,
                             struct jb_error *err)
{
    for (const struct jb_frame *frame = walk->frame; frame; frame = frame->caller) {
        if (frame->function == function) {
            const char *const name = jb_count_text(walk->arena, function->name);
            return jb_fail(err, JB_E_INPUT, "the file is no valid model; export it again",
                           "function '%s' calls itself", name ? name : "?");
        }
    }
    return JB_OK;
}

static jb_rc enter_arguments(struct jb_walk *walk, struct jb_scope *scope,
                             const struct jb_onnx_node *node,
                             const struct jb_onnx_function *function, struct jb_slot *const *inputs,
                             struct jb_error *err)
{
    for (size_t i = 0; i < function->n_inputs && i < node->n_inputs; i++) {
        if (!inputs[i])
            continue;
        struct jb_slot *const slot = jb_scope__slot(walk, scope, function->inputs[i]);
        if (!slot)
            return jb_arena_fail(walk->arena, err);
        slot->value = inputs[i]->value;
        slot->weight = inputs[i]->weight;
        slot->is_set = true;
    }
    return JB_OK;
}

static jb_rc walk_body(struct jb_walk *walk, struct jb_scope *scope,
                       const struct jb_onnx_node *node, const struct jb_onnx_function *function,
                       struct jb_slot *const *inputs, struct jb_error *err)
{
    size_t n_names = function->n_inputs;
    for (size_t i = 0; i < function->n_nodes; i++)
        n_names += function->nodes[i].n_outputs;
    jb_rc rc = jb_walk__charge(walk, n_names / 4, err);
    if (!rc)
        rc = jb_scope__open(walk, NULL, n_names, scope, err);
    if (!rc)
        rc = enter_arguments(walk, scope, node, function, inputs, err);
    if (!rc) {
        walk->scope = scope;
        rc = jb_walk__nodes(walk, function->nodes, function->n_nodes, err);
    }
    return rc;
}

jb_rc jb_walk__inline(struct jb_walk *walk, const struct jb_onnx_node *node, size_t index,
                      const struct jb_onnx_function *function, struct jb_slot *const *inputs,
                      struct jb_value *outputs, struct jb_weight **weights, struct jb_error *err)
{
    jb_rc rc = check_recursion(walk, function, err);
    if (!rc)
        rc = jb_walk__deeper(walk, node, err);
    if (rc)
        return rc;
    struct jb_place *const place = jb_arena_get(walk->arena, 1, sizeof *place);
    if (!place)
        return jb_arena_fail(walk->arena, err);
    *place = (struct jb_place){.outer = walk->place, .node = node, .index = index};
    const struct jb_frame frame = {
        .caller = walk->frame,
        .node = node,
        .function = function,
        .opsets = function->opsets,
        .n_opsets = function->n_opsets,
        .n_steps =
            walk->frame->n_steps +
            (function->n_opsets + function->n_defaults + node->n_attributes) / JB_WALK_LOOKED_UP};
    struct jb_scope scope;
    struct jb_scope *const scope_before = walk->scope;
    walk->frame = &frame;
    walk->place = place;
    rc = walk_body(walk, &scope, node, function, inputs, err);
    for (size_t i = 0; !rc && i < node->n_outputs && i < function->n_outputs; i++) {
        const struct jb_slot *const slot = jb_scope__find(walk, &scope, function->outputs[i]);
        if (slot) {
            outputs[i] = slot->value;
            weights[i] = slot->weight;
        }
    }
    walk->frame = frame.caller;
    walk->place = place->outer;
    walk->scope = scope_before;
    walk->depth--;
    return rc;
}
