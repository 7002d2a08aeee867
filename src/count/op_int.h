/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One operator: from what is known of its inputs to what is known of its outputs, and the work it is. An operator is one
 * row of a table op_<family>.c and mostly one shared function. R-COUNT-10: docs/method/counting.md.
 */
#ifndef JB_COUNT_OP_INT_H
#define JB_COUNT_OP_INT_H

#include "count/dim.h"
#include "count/onnx_int.h"

/* What is known of a value while a graph is walked. */
struct jb_value {
    int64_t type;      /* enum jb_onnx_type; 0 unknown */
    bool is_ranked;    /* dims are known in number */
    bool is_sequence;  /* of tensors; dims are those of an element where all agree */
    bool is_parameter; /* an initializer, or made of initializers alone */
    bool is_constant;  /* its size and content do not depend on the model's inputs */
    size_t n_dims;
    const struct jb_dim *dims; /* arena */
    size_t
        n_ints; /* has_ints: elements whose values are known, row by row: shapes on their way to a Reshape */
    bool has_ints;
    const struct jb_dim *ints; /* arena */
    struct jb_dim n_items;     /* of a sequence */
    size_t n_reals;            /* constants that are not all whole: scales of a Resize */
    const double *reals;       /* arena */
};
#define JB_VALUE_INTS_MAX \
    4096 /* values known one by one; of larger tensors only the shape is followed */
#define JB_VALUE_REALS_MAX 64

/* The numbers of a small tensor of floats into value->reals, if it is one; for initializers and constants whose values are
 * no integers. op_reals.c */
void jb_value_set_reals(struct jb_value *value, const struct jb_onnx_tensor *tensor,
                        struct jb_arena *arena);

enum jb_work_kind {
    JB_WORK_NONE,        /* moves, reshapes, reads: no arithmetic */
    JB_WORK_ELEMENTWISE, /* so many operations per element: secondary figure only */
    JB_WORK_DENSE,       /* multiply-adds: primary figure */
    JB_WORK_NOT_COUNTED, /* it computes, and nobody can say how much: listed with the reason */
};

struct jb_op_work {
    enum jb_work_kind kind;
    struct jb_dim macs; /* DENSE */
    struct jb_dim
        flops;       /* elementwise operations beside the multiply-adds (bias, activation, norm) */
    const char *why; /* NOT_COUNTED; a constant text */
    int64_t
        compute_type; /* type multiplied in, where it is not that of the first input (quantised); 0: the first input's */
};

struct jb_walk; /* the walk this operator is part of: scopes, functions, totals */

struct jb_op_call {
    struct jb_walk *walk;
    struct jb_dims *dims;
    struct jb_arena *arena;
    const struct jb_onnx_node *node;
    int64_t opset; /* of the node's domain, as the model (or function) imports it */
    const struct jb_op *op;
    size_t n_in, n_out;
    const struct jb_value *const *in; /* NULL: absent, or nothing is known of it */
    struct jb_value *out;             /* all unknown at first; an operator sets what it can tell */
    struct jb_op_work work;           /* NONE at first */
};

struct jb_op {
    const char *domain; /* "" for ai.onnx */
    const char *name;
    /* Never fails for lack of knowledge: then outputs stay unknown. JB_E_INPUT only for what no valid model says. */
    jb_rc (*run)(struct jb_op_call *call, struct jb_error *err);
    int64_t
        per_element; /* of elementwise and reduction functions: operations per element (R-COUNT-12) */
    int64_t detail; /* for functions shared by several rows */
};

/* Tables of families, each sorted by nobody: op.c makes one index. A NULL name ends a table. */
extern const struct jb_op jb_ops_elementwise
    []; /* op_elementwise.c: unary, binary, compare, cast, activation, norm, softmax, reductions, quantise */
extern const struct jb_op jb_ops_shape
    []; /* op_shape.c: Reshape, Transpose, Concat, Slice, Gather, Shape, Range, Resize ... */
extern const struct jb_op
    jb_ops_dense[]; /* op_dense.c: Gemm, MatMul, Einsum and their quantised and fused kin */
extern const struct jb_op jb_ops_conv[]; /* op_conv.c: convolutions, pools, grid sampling, ROI */
extern const struct jb_op jb_ops_recurrent[]; /* op_recurrent.c: RNN, GRU, LSTM */
extern const struct jb_op jb_ops_attention
    []; /* op_attention.c: Attention and its com.microsoft kin, rotary embeddings, MoE */
extern const struct jb_op jb_ops_signal[];  /* op_signal.c: DFT, STFT, windows, mel */
extern const struct jb_op jb_ops_control[]; /* op_control.c: If, Loop, Scan, sequences, optionals */
extern const struct jb_op jb_ops_other
    []; /* op_other.c: ai.onnx.ml, ai.onnx.preview.training, text, random, NMS, TopK ... */

/* NULL: not known. */
const struct jb_op *jb_op_find(struct jb_span domain, struct jb_span name);

/* --- what operators share: op_common.c -------------------------------------------------------------------------- */

/* Attributes of the call's node; a reference is followed to the calling function's attributes (walk). */
struct jb_onnx_attribute jb_op_attribute(const struct jb_op_call *call, const char *name);
int64_t jb_op_int(const struct jb_op_call *call, const char *name, int64_t otherwise);
double jb_op_float(const struct jb_op_call *call, const char *name, double otherwise);
/* "SAME_UPPER" and the like; false where absent or other */
bool jb_op_text_is(const struct jb_op_call *call, const char *name, const char *text);
/* `ints` filled with up to max; how many there are in all; 0: absent. */
size_t jb_op_ints(const struct jb_op_call *call, const char *name, int64_t *ints, size_t max);
/* An input's known integer values as numbers (axes, pads, ...): false unless all of them are numbers. */
bool jb_op_in_ints(const struct jb_op_call *call, size_t input, int64_t *ints, size_t max,
                   size_t *ret_n);

/* in[i] where it is there and ranked, else NULL. */
const struct jb_value *jb_op_ranked(const struct jb_op_call *call, size_t input);
/* Product of all sizes; UNKNOWN if not ranked. */
struct jb_dim jb_value_elements(struct jb_dims *dims, const struct jb_value *value);
/* axis of -rank..rank-1 to 0..rank-1; false outside. */
bool jb_op_axis(int64_t axis, size_t rank, size_t *ret_axis);
/* Sets an output. `sizes` are copied. JB_E_NOMEM. An output the node does not have: nothing happens. */
JB_MUST_USE jb_rc jb_op_set(struct jb_op_call *call, size_t output, int64_t type,
                            const struct jb_dim *sizes, size_t n, struct jb_error *err);
/* As an input is (type and shape; not its integers). */
JB_MUST_USE jb_rc jb_op_set_like(struct jb_op_call *call, size_t output,
                                 const struct jb_value *value, struct jb_error *err);
/* Known integer values of an output whose shape is set; copied; nothing if more than JB_VALUE_INTS_MAX. */
JB_MUST_USE jb_rc jb_op_set_ints(struct jb_op_call *call, size_t output, const struct jb_dim *ints,
                                 size_t n, struct jb_error *err);
/* Shape of inputs [from, to) broadcast together into `sizes` (JB_ONNX_DIMS_MAX); false where one is not ranked. */
bool jb_op_broadcast(struct jb_op_call *call, size_t from, size_t to, struct jb_dim *sizes,
                     size_t *ret_n);
/* work = ELEMENTWISE of per_element x elements of output 0. */
void jb_op_work_elementwise(struct jb_op_call *call, struct jb_dim elements);
void jb_op_work_dense(struct jb_op_call *call, struct jb_dim macs, struct jb_dim flops);
void jb_op_not_counted(struct jb_op_call *call, const char *why);

/* --- for op_control.c and functions: walk.c --------------------------------------------------------------------- */

/*
 * Walks a subgraph of this node: its inputs are given by position, names of the outer graphs are seen from within; the work it
 * does is entered `times` over. outputs: n_out values (arena), in the order of the graph's outputs. is_probe: the work is not
 * entered (a branch that is compared first).
 */
JB_MUST_USE jb_rc jb_walk_subgraph(struct jb_op_call *call, const char *attribute,
                                   const struct jb_value *inputs, size_t n_inputs,
                                   struct jb_dim times, bool is_probe, struct jb_value *outputs,
                                   size_t n_outputs, struct jb_op_work *ret_total,
                                   struct jb_error *err);

#endif
