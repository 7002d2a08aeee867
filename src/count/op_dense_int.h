/* SPDX-License-Identifier: Apache-2.0 */
/* What the dense operators share: sizes multiplied, costs of what is fused to them, and windows that slide. R-COUNT-10, -11. */
#ifndef JB_COUNT_OP_DENSE_INT_H
#define JB_COUNT_OP_DENSE_INT_H

#include "count/op_int.h"

#define OP_DOMAIN_MS "com.microsoft"

/* Why work is not counted. */
#define OP_WHY_SIZES  "the sizes of its inputs are not known"
#define OP_WHY_MISFIT "its attributes do not fit the sizes of its inputs"

/* --- sizes and costs: op_dense.c -------------------------------------------------------------------------------- */

/* The node names this input, whether or not something is known of it. */
bool dense__has_input(const struct jb_op_call *call, size_t input);
/* Type of an input; 0: not known. */
int64_t dense__type(const struct jb_op_call *call, size_t input);
/* Size i of a value; from the end where i is negative; UNKNOWN where it has none or nothing is known of it. */
struct jb_dim dense__size(const struct jb_value *value, int64_t i);
struct jb_dim dense__product(struct jb_dims *dims, const struct jb_dim *sizes, size_t n);
struct jb_dim dense__times(struct jb_dims *dims, struct jb_dim a, int64_t n);
/* Two sizes that must be one: the number where one of them is a number; UNKNOWN where two numbers differ. */
struct jb_dim dense__same(struct jb_dims *dims, struct jb_dim a, struct jb_dim b);
/* Operations per element of an activation that is named by an attribute ("Relu", "silu"), as its own operator counts; 0: none. */
int64_t dense__activation_cost(const struct jb_op_call *call, const char *attribute);
/* DENSE or ELEMENTWISE work; NOT_COUNTED where it came out UNKNOWN. */
void dense__set_macs(struct jb_op_call *call, struct jb_dim macs, struct jb_dim flops);
void dense__set_elementwise(struct jb_op_call *call, struct jb_dim flops);

/* What these cost as operators of their own (R-COUNT-12). */
#define OP_SOFTMAX_COST 5
#define OP_SIGMOID_COST 4
#define OP_TANH_COST    1
/* Rescaling a sum of integer products to the output's scale, as QuantizeLinear: scaled, rounded, moved, kept in bounds. */
#define OP_RESCALE_COST 5
/* DynamicQuantizeLinear: minimum, maximum, and QuantizeLinear. */
#define OP_DYNAMIC_QUANTISE_COST 7

/* --- einsum: op_einsum.c ---------------------------------------------------------------------------------------- */
jb_rc dense__einsum(struct jb_op_call *call, struct jb_error *err);

/* --- windows: op_window.c --------------------------------------------------------------------------------------- */

enum op_pad { OP_PAD_GIVEN, OP_PAD_VALID, OP_PAD_SAME };
struct op_window {
    size_t n; /* spatial dimensions */
    enum op_pad pad;
    bool is_ceil;
    struct jb_dim kernel[JB_ONNX_DIMS_MAX];
    int64_t stride[JB_ONNX_DIMS_MAX], dilation[JB_ONNX_DIMS_MAX];
    int64_t pads[JB_ONNX_DIMS_MAX]; /* begin and end together, of each dimension */
    int64_t begin[JB_ONNX_DIMS_MAX];
};
/*
 * kernel_shape, strides, dilations, pads, auto_pad and ceil_mode of the node; `weight` (may be NULL) gives the kernel from its size 2
 * on where there is no kernel_shape. False where they do not fit n dimensions, or the kernel is not told.
 */
bool dense__window_read(const struct jb_op_call *call, size_t n, const struct jb_value *weight,
                        struct op_window *ret);
/* pads as a node gives them, all begins then all ends. */
void dense__window_set_pads(struct op_window *window, const int64_t *pads);
/* Positions of the window along dimension i of an input of size `in`. */
struct jb_dim dense__window_out(struct jb_dims *dims, const struct op_window *window, size_t i,
                                struct jb_dim in);
/* Size that a transposed window spreads `in` positions over. */
struct jb_dim dense__window_spread(struct jb_dims *dims, const struct op_window *window, size_t i,
                                   struct jb_dim in, int64_t output_padding);
/* Product of the kernel's sizes. */
struct jb_dim dense__window_area(struct jb_dims *dims, const struct op_window *window);

/* --- pools, samples and regions, rows of jb_ops_conv: op_pool.c, op_sample.c --------------------------------------- */
enum op_pool { OP_POOL_AVERAGE, OP_POOL_MAX, OP_POOL_LP };
#define OP_POOL_KIND      3 /* mask of `detail` */
#define OP_CHANNELS_LAST  4
#define OP_POOL_HAS_SCALE 8 /* quantised: the sum is rescaled */
jb_rc dense__pool(struct jb_op_call *call, struct jb_error *err);
jb_rc dense__pool_global(struct jb_op_call *call, struct jb_error *err);
jb_rc dense__max_unpool(struct jb_op_call *call, struct jb_error *err);
jb_rc dense__grid_sample(struct jb_op_call *call, struct jb_error *err);
jb_rc dense__roi_align(struct jb_op_call *call, struct jb_error *err);
jb_rc dense__max_roi_pool(struct jb_op_call *call, struct jb_error *err);
jb_rc dense__col2im(struct jb_op_call *call, struct jb_error *err);

/* --- attention, rows of jb_ops_attention: op_attention_ms.c, op_moe.c ------------------------------------------------ */

/* Scaled dot products of queries with keys and of their softmax with values. */
struct op_heads {
    struct jb_dim batch, heads, queries, keys, key_size, value_size;
    int64_t n_added;     /* masks and biases added to each score */
    int64_t softcap;     /* 1: scores are capped: divided, tanh, multiplied */
    struct jb_dim flops; /* beside: biases, rotation */
};
/* Sets the work; macs of projections before it are added. */
void dense__set_heads(struct jb_op_call *call, const struct op_heads *heads,
                      struct jb_dim projections);
/* Rows of the functions below. */
enum op_ms {
    OP_MS_ATTENTION,
    OP_MS_QATTENTION,
    OP_MS_QORDERED,
    OP_MS_DECODER_SELF,
    OP_MS_PACKED,
    OP_MS_PACKED_HEADS,
    OP_MS_HEADS,
    OP_MS_DECODER_HEADS,
    OP_MS_SPARSE,
    OP_MS_PAGED,
    OP_MS_LONGFORMER,
    OP_MS_DECODER,
    OP_MS_MOE,
    OP_MS_QMOE,
};
jb_rc dense__ms_attention(struct jb_op_call *call, struct jb_error *err);
jb_rc dense__ms_multi_head(struct jb_op_call *call, struct jb_error *err);
jb_rc dense__ms_grouped(struct jb_op_call *call, struct jb_error *err);
jb_rc dense__ms_packed(struct jb_op_call *call, struct jb_error *err);
jb_rc dense__ms_by_content(struct jb_op_call *call, struct jb_error *err);
jb_rc dense__moe(struct jb_op_call *call, struct jb_error *err);

#endif
