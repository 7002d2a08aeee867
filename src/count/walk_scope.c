/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names to values. What the file declares of a value only fills in what the walk could not tell: a size that was computed
 * stands, and a file that says otherwise is noted. R-COUNT-03.
 */
#include <string.h>

#include "count/walk_int.h"

uint64_t jb_walk__hash(uint64_t seed, struct jb_span text)
{
    uint64_t hash = seed ^ text.len;
    size_t i = 0;
    for (; i + 8 <= text.len; i += 8) {
        uint64_t word;
        memcpy(&word, text.at + i, sizeof word);
        hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 29;
    }
    uint64_t rest = 0;
    if (i < text.len)
        memcpy(&rest, text.at + i, text.len - i);
    hash = (hash ^ rest) * UINT64_C(0x9e3779b97f4a7c15);
    /* The last characters reach only the upper bits so far, and tables are indexed by the lower ones. */
    hash = (hash ^ (hash >> 32)) * UINT64_C(0xd6e8feb86659fd93);
    return hash ^ (hash >> 32);
}

size_t jb_scope__n_names(const struct jb_onnx_graph *graph)
{
    size_t n = graph->n_initializers + graph->n_inputs + graph->n_outputs + graph->n_values;
    for (size_t i = 0; i < graph->n_nodes; i++)
        n += graph->nodes[i].n_outputs;
    return n;
}

jb_rc jb_scope__open(struct jb_walk *walk, const struct jb_scope *outer, size_t n_names,
                     struct jb_scope *ret, struct jb_error *err)
{
    size_t capacity = 8;
    while (capacity < n_names * 2)
        capacity *= 2;
    *ret = (struct jb_scope){.outer = outer, .capacity = capacity};
    ret->slots = jb_arena_get(walk->arena, capacity, sizeof(struct jb_slot *));
    return ret->slots ? JB_OK : jb_arena_fail(walk->arena, err);
}

struct jb_slot *jb_scope__slot(struct jb_walk *walk, struct jb_scope *scope, struct jb_span name)
{
    const uint64_t hash = jb_walk__hash(walk->seed, name);
    size_t at = hash & (scope->capacity - 1);
    for (; scope->slots[at]; at = (at + 1) & (scope->capacity - 1)) {
        struct jb_slot *const slot = scope->slots[at];
        if (slot->hash == hash && jb_span_equal(slot->name, name))
            return slot;
    }
    if (scope->n + 1 >= scope->capacity)
        return NULL; /* cannot be: the scope was made for all names of its graph */
    struct jb_slot *const slot = jb_arena_get(walk->arena, 1, sizeof *slot);
    if (slot) {
        slot->hash = hash;
        slot->name = name;
        scope->slots[at] = slot;
        scope->n++;
    }
    return slot;
}

struct jb_slot *jb_scope__find(const struct jb_walk *walk, const struct jb_scope *scope,
                               struct jb_span name)
{
    const uint64_t hash = jb_walk__hash(walk->seed, name);
    for (; scope; scope = scope->outer) {
        for (size_t at = hash & (scope->capacity - 1); scope->slots[at];
             at = (at + 1) & (scope->capacity - 1)) {
            struct jb_slot *const slot = scope->slots[at];
            if (slot->is_set && slot->hash == hash && jb_span_equal(slot->name, name))
                return slot;
        }
    }
    return NULL;
}

/* --- what the file declares -------------------------------------------------------------------------------------- */

static struct jb_dim declared_size(struct jb_walk *walk, const struct jb_onnx_dim *dim)
{
    if (dim->is_number)
        return dim->n >= 0 ? jb_dim_number(dim->n) : jb_dim_unknown();
    if (dim->param.len > 0)
        return jb_dim_symbol(walk->dims, (const char *)dim->param.at, dim->param.len);
    return jb_dim_unknown();
}

/* Whether the declared sizes say something that the known ones do not. */
static bool says_more(const struct jb_value *value, const struct jb_onnx_value_info *declared)
{
    if (!declared->has_shape || declared->n_dims > JB_ONNX_DIMS_MAX)
        return false;
    if (!value->is_ranked)
        return true;
    for (size_t i = 0; i < value->n_dims && value->n_dims == declared->n_dims; i++) {
        if (value->dims[i].kind == JB_DIM_UNKNOWN)
            return true;
    }
    return false;
}

static bool contradicts(const struct jb_value *value, const struct jb_onnx_value_info *declared)
{
    if (!value->is_ranked || !declared->has_shape)
        return false;
    if (value->n_dims != declared->n_dims)
        return true;
    for (size_t i = 0; i < value->n_dims; i++) {
        if (value->dims[i].kind == JB_DIM_NUMBER && declared->dims[i].is_number &&
            declared->dims[i].n >= 0 && declared->dims[i].n != value->dims[i].n)
            return true;
    }
    return false;
}

jb_rc jb_walk__declare(struct jb_walk *walk, struct jb_slot *slot,
                       const struct jb_onnx_value_info *declared, struct jb_error *err)
{
    struct jb_value *const value = &slot->value;
    if (!declared || declared->kind == JB_ONNX_VALUE_NONE || declared->kind == JB_ONNX_VALUE_OTHER)
        return JB_OK;
    if (value->type == 0)
        value->type = declared->type;
    if (contradicts(value, declared))
        jb_walk__note(walk, JB_NOTE_DECLARED, slot->name);
    if (declared->kind == JB_ONNX_VALUE_SEQUENCE && !value->is_ranked)
        value->is_sequence = true;
    if (!says_more(value, declared))
        return JB_OK;
    struct jb_dim *const dims = jb_arena_get(walk->arena, declared->n_dims + 1, sizeof *dims);
    if (!dims)
        return jb_arena_fail(walk->arena, err);
    for (size_t i = 0; i < declared->n_dims; i++) {
        const bool is_known = value->is_ranked && value->dims[i].kind != JB_DIM_UNKNOWN;
        dims[i] = is_known ? value->dims[i] : declared_size(walk, &declared->dims[i]);
    }
    value->is_ranked = true;
    value->n_dims = declared->n_dims;
    value->dims = dims;
    return JB_OK;
}

/* --- names of a graph -------------------------------------------------------------------------------------------- */

/* Values of small tensors of whole numbers: shapes on their way. */
static jb_rc follow_ints(struct jb_walk *walk, const struct jb_onnx_tensor *tensor,
                         struct jb_value *value, struct jb_error *err)
{
    int64_t ints[JB_VALUE_INTS_MAX];
    const bool is_float = jb_weight__is_float(tensor->type);
    size_t n = 0;

    if (tensor->n_elements > (is_float ? 64 : JB_VALUE_INTS_MAX) || tensor->is_sparse ||
        !jb_onnx_tensor_ints(tensor, ints, JB_VALUE_INTS_MAX, &n)) {
        jb_value_set_reals(value, tensor, walk->arena);
        return JB_OK;
    }
    struct jb_dim *const kept = jb_arena_get(walk->arena, n + 1, sizeof *kept);
    if (!kept)
        return jb_arena_fail(walk->arena, err);
    for (size_t i = 0; i < n; i++)
        kept[i] = jb_dim_number(ints[i]);
    value->has_ints = true;
    value->n_ints = n;
    value->ints = kept;
    return JB_OK;
}

static jb_rc enter_initializer(struct jb_walk *walk, struct jb_scope *scope,
                               const struct jb_onnx_tensor *tensor, struct jb_error *err)
{
    struct jb_slot *const slot = jb_scope__slot(walk, scope, tensor->name);
    struct jb_dim *const dims = jb_arena_get(walk->arena, tensor->n_dims + 1, sizeof *dims);
    if (!slot || !dims)
        return jb_arena_fail(walk->arena, err);
    for (size_t i = 0; i < tensor->n_dims; i++)
        dims[i] = jb_dim_number(tensor->dims[i]);
    slot->is_set = true;
    slot->value = (struct jb_value){.type = tensor->type,
                                    .is_ranked = true,
                                    .is_parameter = true,
                                    .is_constant = true,
                                    .n_dims = tensor->n_dims,
                                    .dims = dims};
    const jb_rc rc = jb_walk__new_weight(walk, tensor, false, &slot->weight, err);
    if (rc)
        return rc;
    if (tensor->is_sparse)
        jb_walk__note(walk, JB_NOTE_SPARSE, tensor->name);
    return follow_ints(walk, tensor, &slot->value, err);
}

static jb_rc enter_declared(struct jb_walk *walk, struct jb_scope *scope,
                            const struct jb_onnx_value_info *values, size_t n, struct jb_error *err)
{
    for (size_t i = 0; i < n; i++) {
        if (values[i].name.len == 0)
            continue;
        struct jb_slot *const slot = jb_scope__slot(walk, scope, values[i].name);
        if (!slot)
            return jb_arena_fail(walk->arena, err);
        if (!slot->declared)
            slot->declared = &values[i];
    }
    return JB_OK;
}

jb_rc jb_scope__enter_graph(struct jb_walk *walk, struct jb_scope *scope,
                            const struct jb_onnx_graph *graph, struct jb_error *err)
{
    for (size_t i = 0; i < graph->n_initializers; i++) {
        const jb_rc rc = enter_initializer(walk, scope, &graph->initializers[i], err);
        if (rc)
            return rc;
    }
    const jb_rc rc = enter_declared(walk, scope, graph->values, graph->n_values, err);
    return rc ? rc : enter_declared(walk, scope, graph->outputs, graph->n_outputs, err);
}

/* An open size of an input: its name, or else "input.0". */
static struct jb_dim input_size(struct jb_walk *walk, const struct jb_onnx_value_info *input,
                                size_t axis)
{
    const struct jb_onnx_dim *const dim = &input->dims[axis];
    const bool is_zero = dim->is_number && dim->n == 0;
    struct jb_dim size = is_zero ? jb_dim_unknown() : declared_size(walk, dim);
    if (is_zero) /* old exporters wrote 0 for "any": a model without work is none that was meant */
        jb_walk__note(walk, JB_NOTE_ZERO, input->name);
    if (size.kind == JB_DIM_UNKNOWN && input->name.len <= 128) {
        char name[192];
        const int len = snprintf(name, sizeof name, "%.*s.%zu", (int)input->name.len,
                                 (const char *)input->name.at, axis);
        size = jb_dim_symbol(walk->dims, name, (size_t)len);
    }
    return size;
}

jb_rc jb_scope__enter_inputs(struct jb_walk *walk, struct jb_scope *scope,
                             const struct jb_onnx_graph *graph, struct jb_error *err)
{
    for (size_t i = 0; i < graph->n_inputs; i++) {
        const struct jb_onnx_value_info *const input = &graph->inputs[i];
        struct jb_slot *const slot = jb_scope__slot(walk, scope, input->name);
        if (!slot)
            return jb_arena_fail(walk->arena, err);
        if (slot->is_set)
            continue; /* an initializer that is listed as an input, as files before IR 4 do */
        struct jb_dim *const dims = jb_arena_get(walk->arena, input->n_dims + 1, sizeof *dims);
        if (!dims)
            return jb_arena_fail(walk->arena, err);
        for (size_t axis = 0; axis < input->n_dims; axis++)
            dims[axis] = input_size(walk, input, axis);
        slot->is_set = true;
        slot->value = (struct jb_value){.type = input->type,
                                        .is_ranked = input->has_shape,
                                        .is_sequence = input->kind == JB_ONNX_VALUE_SEQUENCE,
                                        .n_dims = input->has_shape ? input->n_dims : 0,
                                        .dims = dims};
        if (slot->value.is_sequence) {
            char name[192];
            const int len = snprintf(name, sizeof name, "%.*s.items",
                                     (int)(input->name.len < 128 ? input->name.len : 128),
                                     (const char *)input->name.at);
            slot->value.n_items = jb_dim_symbol(walk->dims, name, (size_t)len);
        }
    }
    return JB_OK;
}
