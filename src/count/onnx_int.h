/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An ONNX file as it lies in memory, taken apart but not understood: every text and every tensor is a span of the mapped
 * bytes, attributes are looked up when an operator asks, weights are never touched. Wire numbers: onnx.proto, IR 3 to 14.
 */
#ifndef JB_COUNT_ONNX_INT_H
#define JB_COUNT_ONNX_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "count/span_int.h"

/* TensorProto.DataType; any other number may stand in a file and is kept as it is. */
enum jb_onnx_type {
    JB_ONNX_UNDEFINED = 0,
    JB_ONNX_FLOAT = 1,
    JB_ONNX_UINT8 = 2,
    JB_ONNX_INT8 = 3,
    JB_ONNX_UINT16 = 4,
    JB_ONNX_INT16 = 5,
    JB_ONNX_INT32 = 6,
    JB_ONNX_INT64 = 7,
    JB_ONNX_STRING = 8,
    JB_ONNX_BOOL = 9,
    JB_ONNX_FLOAT16 = 10,
    JB_ONNX_DOUBLE = 11,
    JB_ONNX_UINT32 = 12,
    JB_ONNX_UINT64 = 13,
    JB_ONNX_COMPLEX64 = 14,
    JB_ONNX_COMPLEX128 = 15,
    JB_ONNX_BFLOAT16 = 16,
    JB_ONNX_FLOAT8E4M3FN = 17,
    JB_ONNX_FLOAT8E4M3FNUZ = 18,
    JB_ONNX_FLOAT8E5M2 = 19,
    JB_ONNX_FLOAT8E5M2FNUZ = 20,
    JB_ONNX_UINT4 = 21,
    JB_ONNX_INT4 = 22,
    JB_ONNX_FLOAT4E2M1 = 23,
    JB_ONNX_FLOAT8E8M0 = 24,
    JB_ONNX_UINT2 = 25,
    JB_ONNX_INT2 = 26,
    JB_ONNX_TYPES,
};
const char *jb_onnx_type_name(
    int64_t type); /* "float32", "bfloat16", "int4" ...; "type 99" is the caller's to say: NULL */
int64_t jb_onnx_type_bits(int64_t type); /* 32, 16, 4 ...; 0: strings and unknown types */

#define JB_ONNX_DIMS_MAX 64 /* of one tensor; more is refused */

/* The newest that were known when this was written. A file of a newer one is read all the same, and the user is told. */
#define JB_ONNX_IR_MAX    14
#define JB_ONNX_OPSET_MAX 28

/* TensorProto without its bytes. */
struct jb_onnx_tensor {
    struct jb_span name;
    int64_t type;
    size_t n_dims;
    const int64_t *dims;    /* in the model's arena; >= 0 */
    int64_t n_elements;     /* their product, checked; 1 for a scalar */
    int64_t n_bytes;        /* by dims and type, whole bytes; 0 of strings and unknown types */
    struct jb_span raw;     /* raw_data, not read; empty where the values are elsewhere */
    struct jb_span message; /* all of it (sparse: its values), for jb_onnx_tensor_ints */
    bool is_external;
    struct jb_span
        location; /* external: file beside the model, checked to be relative and within */
    int64_t external_offset, external_length; /* -1 not told */
    bool is_sparse; /* sparse_initializer: dims are of the whole, n_stored of what is kept */
    int64_t n_stored;
};

/* ValueInfoProto of a tensor: what the file declares of a value. An optional is told as what it may hold. */
struct jb_onnx_dim {
    bool is_number; /* dim_value, not negative: exporters write -1 for what they do not know */
    int64_t n;
    struct jb_span param; /* dim_param; empty where neither was told */
};
enum jb_onnx_value_kind {
    JB_ONNX_VALUE_NONE,
    JB_ONNX_VALUE_TENSOR,
    JB_ONNX_VALUE_SEQUENCE,
    JB_ONNX_VALUE_OTHER
};
struct jb_onnx_value_info {
    struct jb_span name;
    enum jb_onnx_value_kind kind;
    int64_t type; /* of elements */
    bool has_shape;
    size_t n_dims;
    const struct jb_onnx_dim *dims;
};

struct jb_onnx_node {
    struct jb_span name, op_type, domain, overload; /* domain "ai.onnx" is read as "" */
    size_t n_inputs, n_outputs;
    const struct jb_span *inputs, *outputs; /* empty: an optional one that is absent */
    size_t n_attributes;
    const struct jb_span *attributes; /* AttributeProto messages, to be looked up by name below */
};

struct jb_onnx_graph {
    struct jb_span name;
    size_t n_nodes, n_initializers, n_inputs, n_outputs, n_values;
    const struct jb_onnx_node *nodes;
    const struct jb_onnx_tensor *initializers;                  /* sparse ones too */
    const struct jb_onnx_value_info *inputs, *outputs, *values; /* values: value_info */
};

struct jb_onnx_opset {
    struct jb_span domain;
    int64_t version;
};

struct jb_onnx_function {
    struct jb_span domain, name, overload;
    size_t n_inputs, n_outputs, n_attributes, n_nodes, n_opsets, n_defaults;
    const struct jb_span *inputs, *outputs, *attributes;
    const struct jb_onnx_node *nodes;
    const struct jb_onnx_opset *opsets;
    const struct jb_span *defaults; /* AttributeProto messages of attribute_proto */
};

struct jb_arena;
struct jb_onnx_model {
    struct jb_arena *arena;
    int64_t ir_version;
    struct jb_span producer, producer_version;
    size_t n_opsets, n_functions;
    const struct jb_onnx_opset *opsets;
    const struct jb_onnx_function *functions;
    struct jb_onnx_graph graph;
    bool has_training_info;
    int64_t n_external_bytes; /* of the main graph's weights kept in other files, by dims */
};

/*
 * Takes apart `bytes`, which stay borrowed by the model. JB_E_INPUT with the byte's offset and the field's name, or saying what
 * the file is instead of a model; JB_E_RANGE over a limit. Takes at most about 100 bytes of arena per byte of the file without its
 * weights, and a few passes over it. Subgraphs are read when asked for. The arena is the caller's and outlives the model.
 */
JB_MUST_USE jb_rc jb_onnx_read(struct jb_span bytes, struct jb_arena *arena,
                               struct jb_onnx_model *ret_model, struct jb_error *err);

/* A GraphProto or TensorProto found in an attribute; offsets in errors are then within it. */
JB_MUST_USE jb_rc jb_onnx_read_graph(struct jb_span message, struct jb_arena *arena,
                                     struct jb_onnx_graph *ret, struct jb_error *err);
JB_MUST_USE jb_rc jb_onnx_read_tensor(struct jb_span message, struct jb_arena *arena,
                                      struct jb_onnx_tensor *ret, struct jb_error *err);

/* --- attributes, found by name in a node ------------------------------------------------------------------------ */

/* AttributeProto as found; `message` empty: the node has none of that name. */
struct jb_onnx_attribute {
    struct jb_span message;
    int64_t
        type; /* 1 FLOAT 2 INT 3 STRING 4 TENSOR 5 GRAPH 6 FLOATS 7 INTS 8 STRINGS ...; 0: told by what is there */
    struct jb_span
        ref; /* ref_attr_name: inside a function, the caller's attribute of that name is meant */
};
struct jb_onnx_attribute jb_onnx_attribute(const struct jb_onnx_node *node, const char *name);
/* The i-th of the node; i < n_attributes. */
struct jb_onnx_attribute jb_onnx_attribute_at(const struct jb_onnx_node *node, size_t i,
                                              struct jb_span *ret_name);
/* An AttributeProto message that is known already (defaults of a function). */
struct jb_onnx_attribute jb_onnx_attribute_of(struct jb_span message, struct jb_span *ret_name);
/* What is there of an attribute of that type but without its field is 0 or empty: so writers of proto3 leave out a zero. */
int64_t jb_onnx_attribute_int(struct jb_onnx_attribute attribute, int64_t otherwise);
double jb_onnx_attribute_float(struct jb_onnx_attribute attribute, double otherwise);
struct jb_span jb_onnx_attribute_text(struct jb_onnx_attribute attribute); /* empty: none */
struct jb_span jb_onnx_attribute_tensor(
    struct jb_onnx_attribute attribute); /* TensorProto message */
struct jb_span jb_onnx_attribute_graph(struct jb_onnx_attribute attribute); /* GraphProto message */
/* Up to `max` of ints, packed or not; *ret_n is how many there are in all. */
void jb_onnx_attribute_ints(struct jb_onnx_attribute attribute, int64_t *ints, size_t max,
                            size_t *ret_n);

/* Weights in other files, beside the model at `model_path`: looked at by name and size, never opened. */
struct jb_onnx_external {
    size_t n_files, n_missing,
        n_elsewhere; /* elsewhere: a link that leads out of the folder, not followed */
    struct jb_span missing, elsewhere; /* the first of each */
};
/* JB_E_INPUT: a file is there and shorter than the model says. */
JB_MUST_USE jb_rc jb_onnx_external_check(const struct jb_onnx_model *model, const char *model_path,
                                         struct jb_onnx_external *ret, struct jb_error *err);

/* The values of a small integer tensor (any integer type or bool; raw or typed fields), for shape arithmetic: false where it has none such,
 * is external, or has more than `max`. Floats are truncated only where they are whole numbers, else false. */
bool jb_onnx_tensor_ints(const struct jb_onnx_tensor *tensor, int64_t *ints, size_t max,
                         size_t *ret_n);

#endif
