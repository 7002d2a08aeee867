/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operations and parameters of a model file: ONNX by walking its graph, safetensors and GGUF by their tensors and a
 * formula of the transformer. Pure but for reading the file; weights are not read. R-COUNT-01 to -12: docs/method/counting.md.
 */
#ifndef JB_COUNT_COUNT_H
#define JB_COUNT_COUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "count/dim.h"

enum jb_count_format { JB_COUNT_ONNX, JB_COUNT_SAFETENSORS, JB_COUNT_GGUF, JB_COUNT_FORMATS };
const char *jb_count_format_name(enum jb_count_format format);

/* Figures of one operator type, one layer (node) or one type of number. Names are printable and live with the count. */
struct jb_count_row {
    const char *name; /* "Conv", "/layer1/conv2", "float16" */
    const char *
        detail; /* of a layer: its operator; of an operator: its domain where it is not ai.onnx; "" none */
    int64_t n; /* nodes, each as often as the graph has it, not as often as it runs */
    struct jb_dim macs, flops; /* forward; flops = 2 x macs + elementwise */
    struct jb_dim bytes;       /* moved: inputs, weights and outputs each once (R-COUNT-06) */
    int64_t n_parameters;      /* of the weights used first here */
};

struct jb_count_missed {
    const char *name, *why; /* operator type (domain before it), reason */
    int64_t n;
    bool
        is_compute; /* its arithmetic is missing from the figures; false: only its shape is not known */
};

struct jb_count {
    enum jb_count_format format;
    const char *producer;      /* "pytorch 2.1", architecture of a GGUF; "" none */
    int64_t ir_version, opset; /* ONNX; 0 else */
    int64_t n_nodes;           /* as walked, functions inlined */
    bool has_operations;       /* false: parameters only (safetensors without a formula) */
    const char *
        formula; /* where operations are by a formula and not by walking a graph: its rule; "" walked */
    struct jb_dim macs, flops, bytes; /* one forward pass at the sizes given */
    struct jb_dim
        examples;         /* of one pass: the batch (R-COUNT-07); UNKNOWN where it cannot be told */
    struct jb_dim tokens; /* of one pass: examples x sequence; UNKNOWN for what has none */
    int64_t n_parameters; /* each once */
    int64_t n_trainable;  /* floating-point weights but running statistics (R-COUNT-08) */
    int64_t n_embedding;  /* of lookup tables */
    int64_t n_tied;       /* elements that serve in more than one place: counted once above */
    int64_t n_active;     /* parameters one token meets: fewer in a mixture of experts */
    /* Rows + columns of the matrices that every token meets, summed: low-rank adapters of rank r beside all of them have
     * r times as many parameters. 0: not known. */
    int64_t adapter_width;
    int64_t parameter_bytes; /* as stored */
    int64_t
        n_buffers; /* other stored elements: statistics, tables of shapes, masks; not parameters */
    size_t n_by_op, n_by_layer, n_by_type, n_missed, n_notes, n_open;
    const struct jb_count_row *by_op;    /* most macs, then flops, first */
    const struct jb_count_row *by_layer; /* in the order of the graph; those with work or weights */
    const struct jb_count_row *by_type;  /* of the numbers multiplied */
    const struct jb_count_missed *missed;
    const char *const *notes;
    struct jb_dims *dims; /* owned: prints the polynomials */
    char digest[65]; /* SHA-256 of what describes the model (graph without weights, headers), hex */
    void *owned;
};

struct jb_count_binding {
    char name[64];
    int64_t value;
};
#define JB_COUNT_BINDINGS_MAX 64
struct jb_count_order {
    const char *path;
    size_t n_bindings;
    struct jb_count_binding bindings[JB_COUNT_BINDINGS_MAX];
};

/* JB_E_INPUT names file, offset and field; JB_E_NOT_FOUND, JB_E_PERMISSION of files. Frees with jb_count_release. */
JB_MUST_USE jb_rc jb_count_file(const struct jb_count_order *order, struct jb_count *ret,
                                struct jb_error *err);
void jb_count_release(struct jb_count *count);

#endif
