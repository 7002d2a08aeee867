/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the operators that keep no multiply-adds share: functions named in the tables of op_elementwise.c, op_shape.c and
 * op_other.c that lie in files of their own, and helpers for shapes and for integers known one by one.
 */
#ifndef JB_COUNT_OP_MORE_INT_H
#define JB_COUNT_OP_MORE_INT_H

#include "count/op_int.h"

typedef jb_rc op__run(struct jb_op_call *call, struct jb_error *err);

/* --- op_more.c: helpers ------------------------------------------------------------------------------------------ */

/* Input is named by the node, whether or not anything is known of it. */
bool op__is_given(const struct jb_op_call *call, size_t input);
/* Input, or NULL. */
const struct jb_value *op__in(const struct jb_op_call *call, size_t input);
int64_t op__type(const struct jb_op_call *call, size_t input);
/* A size that only the data decide, or that nobody can follow: a symbol "node.text", so that counting goes on. */
struct jb_dim op__fresh(struct jb_op_call *call, const char *text);
struct jb_dim op__fresh_at(struct jb_op_call *call, size_t axis);
/* Elements of input / output; UNKNOWN where not ranked or absent. */
struct jb_dim op__elements_in(struct jb_op_call *call, size_t input);
struct jb_dim op__elements_out(struct jb_op_call *call, size_t output);
/* Product of sizes. */
struct jb_dim op__product(struct jb_dims *dims, const struct jb_dim *sizes, size_t n);
/* ELEMENTWISE of a x n + b x m operations. */
void op__work(struct jb_op_call *call, int64_t a, struct jb_dim n, int64_t b, struct jb_dim m);
/* ELEMENTWISE of the table's operations per element of output 0; nothing where the table says 0. */
void op__work_out(struct jb_op_call *call);
/* Output `output` is unknown but for its type. */
void op__set_type(struct jb_op_call *call, size_t output, int64_t type);
/* An output like an input, of another type if `type` is not 0; only the type where the input is not ranked. */
JB_MUST_USE jb_rc op__set_as(struct jb_op_call *call, size_t output, size_t input, int64_t type,
                             struct jb_error *err);
/* Axes from the attribute, or from input `input` where that is given: false if they cannot be told. *ret_n 0: none given. */
bool op__axes(const struct jb_op_call *call, const char *attribute, size_t input, size_t rank,
              size_t *axes, size_t *ret_n);
/* Work by table (op__work_out) and output 0 like input 0. */
op__run op__like, op__like_bool;

/* --- op_ints.c: integers known one by one ------------------------------------------------------------------------ */

enum op__arith {
    ARITH_NONE,
    ARITH_COPY,
    ARITH_NEG,
    ARITH_ABS,
    ARITH_NOT,
    ARITH_SIGN,
    ARITH_ADD,
    ARITH_SUB,
    ARITH_MUL,
    ARITH_DIV,
    ARITH_MOD,
    ARITH_MIN,
    ARITH_MAX,
    ARITH_POW,
    ARITH_EQUAL,
    ARITH_LESS,
    ARITH_LESS_EQUAL,
    ARITH_GREATER,
    ARITH_GREATER_EQUAL,
    ARITH_AND,
    ARITH_OR,
    ARITH_XOR,
    ARITH_MEAN,
};

/* Sizes as numbers, at most JB_VALUE_INTS_MAX elements in all; false else. */
bool op__numbers(const struct jb_dim *sizes, size_t n, int64_t *ret_sizes, int64_t *ret_elements);
/* Output 0 has its shape; its integers are those of `input` at base + sum of index x stride. */
JB_MUST_USE jb_rc op__ints_affine(struct jb_op_call *call, size_t output, size_t input,
                                  int64_t base, const int64_t *strides, struct jb_error *err);
/* Output has its shape; its integers are those of `input` in the same order. */
JB_MUST_USE jb_rc op__ints_copy(struct jb_op_call *call, size_t output, size_t input,
                                struct jb_error *err);
/* Output 0 has its shape; integers of inputs [0, n_in) broadcast and taken together one after the other. */
JB_MUST_USE jb_rc op__ints_fold(struct jb_op_call *call, enum op__arith arith,
                                struct jb_error *err);
JB_MUST_USE jb_rc op__ints_unary(struct jb_op_call *call, enum op__arith arith,
                                 struct jb_error *err);
JB_MUST_USE jb_rc op__ints_where(struct jb_op_call *call, struct jb_error *err);
/* Reduced over all: output 0 has one element. */
JB_MUST_USE jb_rc op__ints_reduce(struct jb_op_call *call, enum op__arith arith,
                                  struct jb_error *err);

/* --- op_reals.c: the few numbers that are no integers, and lists in attributes -------------------------------------- */

/* Of an attribute FLOATS: up to max; how many there are in all. Of STRINGS: how many. */
size_t op__floats(const struct jb_op_call *call, const char *name, double *reals, size_t max);
size_t op__n_strings(const struct jb_op_call *call, const char *name);
/* Output 0 has these numbers, and integers where they are whole. */
JB_MUST_USE jb_rc op__set_reals(struct jb_op_call *call, const double *reals, size_t n,
                                struct jb_error *err);
/* Numbers of an input, by its reals or integers; 0: not all are known, or there are more than max. */
size_t op__reals(const struct jb_op_call *call, size_t input, double *reals, size_t max);
/* Elements of a Range whose bounds are no integers; UNKNOWN. */
struct jb_dim op__range_of_reals(const struct jb_op_call *call);

/* --- families in files of their own ------------------------------------------------------------------------------ */

/* op_norm.c */
op__run op__batch_norm, op__layer_norm, op__rms_norm, op__instance_norm, op__group_norm,
    op__lp_norm, op__mean_variance, op__lrn, op__skip_layer_norm, op__embed_layer_norm,
    op__group_norm_ms, op__softmax, op__log_softmax, op__cross_entropy, op__nll, op__dropout,
    op__bias_dropout;
/* op_reduce.c */
op__run op__reduce, op__arg_max, op__reduce_integer;
/* op_quantise.c */
op__run op__quantise, op__dequantise, op__dynamic_quantise, op__qlinear_unary, op__qlinear_binary,
    op__qlinear_concat, op__qlinear_where, op__qlinear_reduce, op__gather_block_quantised;
/* op_value.c */
op__run op__constant, op__constant_of_shape, op__range, op__eye_like, op__one_hot, op__random,
    op__random_like, op__multinomial, op__shape, op__size;
/* op_slice.c */
op__run op__slice, op__split, op__concat, op__pad, op__center_crop_pad, op__tile, op__expand,
    op__compress;
/* op_gather.c */
op__run op__gather, op__gather_elements, op__gather_nd, op__scatter, op__array_feature;
/* op_resize.c */
op__run op__resize, op__upsample, op__depth_to_space, op__space_to_depth, op__affine_grid,
    op__crop_and_resize;

#endif
