/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The walk through a graph: names to values, scopes within scopes, functions inlined, and a journal of the work met. The
 * journal can be cut back to a mark, so that a branch may be tried. R-COUNT-05, R-COUNT-09.
 */
#ifndef JB_COUNT_WALK_INT_H
#define JB_COUNT_WALK_INT_H

#include "count/count.h"
#include "count/op_index_int.h"

#define JB_WALK_DEPTH_MAX 64
#define JB_WALK_STEPS_MAX \
    4000000                   /* nodes and what hangs on them, functions inlined, branches tried */
#define JB_WALK_LOOKED_UP   8 /* attributes or operator sets passed over in a step */
#define JB_WALK_ENTRIES_MAX 500000 /* nodes in the journal */

/* What a tensor of the file serves as: bits. R-COUNT-08. */
enum jb_weight_role {
    JB_ROLE_FACTOR = 1,     /* of a matrix product or convolution */
    JB_ROLE_TABLE = 2,      /* looked up by integers */
    JB_ROLE_OTHER = 4,      /* added, multiplied: biases, scales of a norm */
    JB_ROLE_STATISTIC = 8,  /* running mean and variance */
    JB_ROLE_SCALE = 16,     /* describes how numbers are stored or resized: not trained */
    JB_ROLE_QUANTISED = 32, /* integers that stand for weights */
    JB_ROLE_PART = 64       /* cut into parts: gates of a recurrent cell put in another order */
};

#define JB_WALK_TRAITS_MAX 80

/* A tensor of the file that may be a parameter: an initializer, or what a Constant holds. */
struct jb_weight {
    const struct jb_onnx_tensor *tensor;
    unsigned roles;
    bool is_constant_node, is_cut;
    int64_t n_uses;    /* by nodes that are counted */
    int64_t n_numbers; /* it stands for: more than its elements where they are packed */
    int64_t n_active;  /* of them a token meets; n_numbers but for experts */
    size_t last_entry; /* that used it */
    struct jb_weight *next;
};

/* A value by its name. */
struct jb_slot {
    uint64_t hash;
    struct jb_span name;
    struct jb_value value;
    struct jb_weight
        *weight; /* what it is, where it is a tensor of the file moved or cast at most */
    const struct jb_onnx_value_info *declared;
    int64_t read_by; /* number of the node that read it last */
    bool is_set;
};

struct jb_scope {
    const struct jb_scope *outer; /* names seen from within; NULL: the model or a function */
    struct jb_slot **slots;
    size_t n, capacity; /* capacity: a power of two, or 0 */
};

/* A function being called: where its attributes and operator sets come from. */
struct jb_frame {
    const struct jb_frame *caller; /* NULL: the model's own graph */
    const struct jb_onnx_node *node;
    const struct jb_onnx_function *function;
    const struct jb_onnx_opset *opsets;
    size_t n_opsets;
    size_t n_steps; /* of jb_walk__charge, for what a node looks up here and in the callers */
};

/* The nodes that a graph lies in, outermost last. */
struct jb_place {
    const struct jb_place *outer;
    const struct jb_onnx_node *node;
    size_t index;
};

/* One node as the journal has it. Sizes are `times` over already. */
struct jb_entry {
    const struct jb_onnx_node *node;
    const struct jb_place *place; /* NULL: the main graph */
    uint32_t index;
    enum jb_work_kind kind;
    bool is_missed, is_compute;
    const char *why; /* is_missed */
    int64_t type;    /* multiplied or computed in */
    int64_t n_parameters;
    struct jb_dim macs, flops, bytes;
};

/* A weight met by a node. */
struct jb_use {
    struct jb_weight *weight;
    unsigned role;
    size_t entry;
};

enum jb_walk_note {
    JB_NOTE_DECLARED,
    JB_NOTE_NO_VALUE,
    JB_NOTE_ZERO,
    JB_NOTE_OPSET,
    JB_NOTE_BRANCH,
    JB_NOTE_LOOP_SYMBOL,
    JB_NOTE_LOOP_EARLY,
    JB_NOTE_LOOP_SHAPE,
    JB_NOTE_SPARSE,
    JB_NOTE_BYTES,
    JB_NOTES,
};
struct jb_walk_noted {
    int64_t n;
    struct jb_span first;
};

struct jb_walk_mark {
    size_t n_entries, n_uses;
    struct jb_walk_noted noted[JB_NOTES];
};

struct jb_walk {
    const struct jb_onnx_model *model;
    struct jb_arena *arena;
    struct jb_dims *dims;
    struct jb_op_index ops;
    const struct jb_onnx_function **functions; /* by hash */
    size_t n_function_slots;                   /* a power of two, or 0 */
    uint64_t seed;                             /* of hashes: no file is made against it */

    const struct jb_frame *frame;
    struct jb_scope *scope;
    struct jb_scope outermost; /* of the main graph */
    const struct jb_place *place;
    struct jb_dim times;
    size_t index; /* of the node being walked */
    unsigned depth;
    int64_t n_steps, n_read; /* n_read: numbers of nodes for jb_slot.read_by */

    struct jb_entry *entries;
    size_t n_entries, entries_capacity;
    struct jb_use *uses;
    size_t n_uses, uses_capacity;
    struct jb_weight **weights; /* by their place in the file */
    size_t n_weights, weights_capacity;
    struct jb_weight *first_weight, *last_weight; /* as met */
    const struct jb_op *trait_ops[JB_WALK_TRAITS_MAX];
    struct jb_walk_noted noted[JB_NOTES];
};

/* --- walk.c ------------------------------------------------------------------------------------------------------ */

/* Walks the model's graph. Release with jb_walk__release whether or not it fails; the model outlives it. */
JB_MUST_USE jb_rc jb_walk__run(struct jb_walk *walk, const struct jb_onnx_model *model,
                               struct jb_arena *arena, struct jb_dims *dims, struct jb_error *err);
void jb_walk__release(struct jb_walk *walk);
JB_MUST_USE jb_rc jb_walk__nodes(struct jb_walk *walk, const struct jb_onnx_node *nodes,
                                 size_t n_nodes, struct jb_error *err);
/* JB_E_RANGE: the file makes too much of itself. */
JB_MUST_USE jb_rc jb_walk__charge(struct jb_walk *walk, size_t n, struct jb_error *err);
JB_MUST_USE jb_rc jb_walk__deeper(struct jb_walk *walk, const struct jb_onnx_node *node,
                                  struct jb_error *err);
void jb_walk__note(struct jb_walk *walk, enum jb_walk_note note, struct jb_span name);
struct jb_walk_mark jb_walk__mark(const struct jb_walk *walk);
void jb_walk__drop(struct jb_walk *walk, const struct jb_walk_mark *mark);
/* Room for one more in a list of the walk. */
JB_MUST_USE jb_rc jb_walk__grow(void **list, size_t n, size_t *capacity, size_t size,
                                struct jb_error *err);
/* The name of a node as a layer: its own, or operator and place. */
void jb_walk__layer(const struct jb_place *place, const struct jb_onnx_node *node, size_t index,
                    struct jb_buf *out);

/* --- walk_scope.c ------------------------------------------------------------------------------------------------ */

JB_MUST_USE jb_rc jb_scope__open(struct jb_walk *walk, const struct jb_scope *outer, size_t n_names,
                                 struct jb_scope *ret, struct jb_error *err);
/* The slot of that name in this scope, made where there is none; NULL: no memory. */
struct jb_slot *jb_scope__slot(struct jb_walk *walk, struct jb_scope *scope, struct jb_span name);
/* The value of that name, here or in a scope around; NULL: none. */
struct jb_slot *jb_scope__find(const struct jb_walk *walk, const struct jb_scope *scope,
                               struct jb_span name);
uint64_t jb_walk__hash(uint64_t seed, struct jb_span text);
/* What the file declares fills in what is not known of a value; a contradiction is noted. */
JB_MUST_USE jb_rc jb_walk__declare(struct jb_walk *walk, struct jb_slot *slot,
                                   const struct jb_onnx_value_info *declared, struct jb_error *err);
/* Names of a graph before its nodes: weights, declared values. */
JB_MUST_USE jb_rc jb_scope__enter_graph(struct jb_walk *walk, struct jb_scope *scope,
                                        const struct jb_onnx_graph *graph, struct jb_error *err);
/* Inputs of the main graph: their open sizes become symbols. */
JB_MUST_USE jb_rc jb_scope__enter_inputs(struct jb_walk *walk, struct jb_scope *scope,
                                         const struct jb_onnx_graph *graph, struct jb_error *err);
/* How many names a graph has at most. */
size_t jb_scope__n_names(const struct jb_onnx_graph *graph);

/* --- walk_weight.c ----------------------------------------------------------------------------------------------- */

struct jb_trait; /* what is special about the inputs of an operator; NULL: nothing */
void jb_walk__index_traits(struct jb_walk *walk);
const struct jb_trait *jb_walk__trait(const struct jb_walk *walk, const struct jb_op *op);
/* A node that moves nothing: its output is its input seen in another way, or the work is in its graphs. */
bool jb_trait__is_view(const struct jb_trait *trait);
/* It has graphs in it, which see more than its inputs. */
bool jb_trait__has_graphs(const struct jb_trait *trait);
/* The input is looked up in: as much is read as comes out. */
bool jb_trait__is_lookup(const struct jb_trait *trait, size_t input);
/* The weight of that tensor: the one there is, or a new one. */
JB_MUST_USE jb_rc jb_walk__new_weight(struct jb_walk *walk, const struct jb_onnx_tensor *tensor,
                                      bool is_constant_node, struct jb_weight **ret,
                                      struct jb_error *err);
/* Weights among the inputs of a node: used by `entry`, or handed on to output 0. `slots` NULL: absent. */
JB_MUST_USE jb_rc jb_walk__weights(struct jb_walk *walk, const struct jb_op_call *call,
                                   const struct jb_trait *trait, struct jb_slot *const *slots,
                                   size_t entry, struct jb_weight **ret_passed,
                                   struct jb_error *err);
bool jb_weight__is_float(int64_t type);
/* Whether what it served as makes it a parameter. */
bool jb_weight__is_parameter(const struct jb_weight *weight);

/* --- walk_function.c --------------------------------------------------------------------------------------------- */

JB_MUST_USE jb_rc jb_walk__index_functions(struct jb_walk *walk, struct jb_error *err);
const struct jb_onnx_function *jb_walk__function(const struct jb_walk *walk,
                                                 const struct jb_onnx_node *node);
/* Walks the body; outputs as values and weights, n_outputs of the node. */
JB_MUST_USE jb_rc jb_walk__inline(struct jb_walk *walk, const struct jb_onnx_node *node,
                                  size_t index, const struct jb_onnx_function *function,
                                  struct jb_slot *const *inputs, struct jb_value *outputs,
                                  struct jb_weight **weights, struct jb_error *err);
/* An attribute of a node in the current frame, references followed to the callers. */
struct jb_onnx_attribute jb_walk__attribute(const struct jb_walk *walk,
                                            const struct jb_onnx_node *node, const char *name);
/* Version of the operator set of a domain in the current frame; 1 and a note where it is not imported. */
int64_t jb_walk__opset(struct jb_walk *walk, struct jb_span domain);

/* --- totals.c ---------------------------------------------------------------------------------------------------- */

/* The journal added up. */
JB_MUST_USE jb_rc jb_walk__totals(struct jb_walk *walk, struct jb_count *ret, struct jb_error *err);
/* Multiply-adds and operations of entries [first, end). */
struct jb_op_work jb_walk__since(struct jb_walk *walk, size_t first, size_t end);

/* --- onnx_digest.c ----------------------------------------------------------------------------------------------- */

void jb_onnx__digest(const struct jb_onnx_model *model, char *ret_hex, size_t size);

#endif
