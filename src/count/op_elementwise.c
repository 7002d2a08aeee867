/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operators that do so many operations for each element: arithmetic, comparison, logic, activations, normalisation,
 * softmax, reductions, quantisation. From the shapes of the inputs to those of the outputs and to the secondary figure; none
 * has multiply-adds. The number beside a name is the operations per element of output 0, or of input 0 where the function
 * says so: R-COUNT-12 and its table in docs/method/counting.md.
 */
#include "count/op_more_int.h"

#define MS    "com.microsoft"
#define TRAIN "ai.onnx.preview.training"

static jb_rc unary(struct jb_op_call *call, struct jb_error *err)
{
    const jb_rc rc = op__like(call, err);
    return rc ? rc : op__ints_unary(call, (enum op__arith)call->op->detail, err);
}

/* Output 0 by broadcasting inputs [0, n); before opset 7 the first input alone has its shape. */
static jb_rc set_broadcast(struct jb_op_call *call, size_t from, size_t to, int64_t type,
                           struct jb_error *err)
{
    struct jb_dim sizes[JB_ONNX_DIMS_MAX];
    size_t n;

    if (call->op->domain[0] == '\0' && call->opset > 0 && call->opset < 7)
        return op__set_as(call, 0, from, type, err);
    if (!jb_op_broadcast(call, from, to, sizes, &n)) {
        op__set_type(call, 0, type);
        return JB_OK;
    }
    return jb_op_set(call, 0, type, sizes, n, err);
}

static jb_rc binary(struct jb_op_call *call, struct jb_error *err)
{
    const int64_t type = op__type(call, 0) != 0 ? op__type(call, 0) : op__type(call, 1);
    const jb_rc rc = set_broadcast(call, 0, call->n_in, type, err);

    if (rc)
        return rc;
    op__work_out(call);
    return op__ints_fold(call, (enum op__arith)call->op->detail, err);
}

static jb_rc compare(struct jb_op_call *call, struct jb_error *err)
{
    const jb_rc rc = set_broadcast(call, 0, call->n_in, JB_ONNX_BOOL, err);

    if (rc)
        return rc;
    op__work_out(call);
    return op__ints_fold(call, (enum op__arith)call->op->detail, err);
}

/* Sum, Mean, Max, Min of n inputs: n - 1 operations per element, and one more for the division of Mean. */
static jb_rc variadic(struct jb_op_call *call, struct jb_error *err)
{
    const enum op__arith arith = (enum op__arith)call->op->detail;
    const int64_t n = (int64_t)call->n_in - 1 + (arith == ARITH_MEAN ? 1 : 0);
    const jb_rc rc = set_broadcast(call, 0, call->n_in, op__type(call, 0), err);

    if (rc)
        return rc;
    if (n > 0)
        op__work(call, n, op__elements_out(call, 0), 0, jb_dim_number(0));
    return op__ints_fold(call, arith, err);
}

static jb_rc where(struct jb_op_call *call, struct jb_error *err)
{
    const int64_t type = op__type(call, 1) != 0 ? op__type(call, 1) : op__type(call, 2);
    const jb_rc rc = set_broadcast(call, 0, call->n_in, type, err);
    return rc ? rc : op__ints_where(call, err);
}

/* One comparison for each bound. */
static jb_rc clip(struct jb_op_call *call, struct jb_error *err)
{
    const bool is_attribute = call->op->domain[0] == '\0' && call->opset > 0 && call->opset < 11;
    const int64_t n =
        is_attribute ? 2 : (op__is_given(call, 1) ? 1 : 0) + (op__is_given(call, 2) ? 1 : 0);
    const jb_rc rc = op__set_as(call, 0, 0, 0, err);

    if (rc)
        return rc;
    if (n > 0)
        op__work(call, n, op__elements_out(call, 0), 0, jb_dim_number(0));
    return JB_OK;
}

/* GELU by the error function, or by the hyperbolic tangent; a bias is one addition more. */
static jb_rc gelu(struct jb_op_call *call, struct jb_error *err)
{
    const bool is_tanh = call->op->detail == 1 || jb_op_text_is(call, "approximate", "tanh");
    const int64_t n = (is_tanh ? 8 : 5) + (op__is_given(call, 1) ? 1 : 0);
    const jb_rc rc = op__set_as(call, 0, 0, 0, err);

    if (rc)
        return rc;
    op__work(call, n, op__elements_out(call, 0), 0, jb_dim_number(0));
    return JB_OK;
}

static jb_rc cast(struct jb_op_call *call, struct jb_error *err)
{
    static const struct {
        const char *name;
        int64_t type;
    } old_names[] = {
        {"FLOAT", JB_ONNX_FLOAT},  {"DOUBLE", JB_ONNX_DOUBLE},   {"INT64", JB_ONNX_INT64},
        {"INT32", JB_ONNX_INT32},  {"FLOAT16", JB_ONNX_FLOAT16}, {"BOOL", JB_ONNX_BOOL},
        {"UINT8", JB_ONNX_UINT8},  {"INT8", JB_ONNX_INT8},       {"UINT16", JB_ONNX_UINT16},
        {"INT16", JB_ONNX_INT16},  {"UINT32", JB_ONNX_UINT32},   {"UINT64", JB_ONNX_UINT64},
        {"STRING", JB_ONNX_STRING}};
    int64_t type = jb_op_int(call, "to", 0);
    jb_rc rc;

    /* Before opset 6 the type was a word. */
    for (size_t i = 0; type == 0 && i < JB_ARRAY_LEN(old_names); i++) {
        if (jb_op_text_is(call, "to", old_names[i].name))
            type = old_names[i].type;
    }
    if (call->op->detail == 1)
        type = op__type(call, 1);
    rc = op__set_as(call, 0, 0, type, err);
    if (rc)
        return rc;
    if (type == 0)
        op__set_type(call, 0, 0);
    return type == JB_ONNX_BOOL || type == JB_ONNX_STRING || call->op->detail == 2
               ? JB_OK
               : op__ints_copy(call, 0, 0, err);
}

/* Gates: the output is the half of the input's last axis (one input), or like both inputs. */
static jb_rc split_gate(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    struct jb_dim sizes[JB_ONNX_DIMS_MAX];
    jb_rc rc;

    if (!x || x->n_dims == 0 || x->n_dims > JB_ONNX_DIMS_MAX) {
        op__set_type(call, 0, op__type(call, 0));
        op__work_out(call);
        return JB_OK;
    }
    for (size_t i = 0; i < x->n_dims; i++)
        sizes[i] = x->dims[i];
    sizes[x->n_dims - 1] = jb_dim_div_floor(call->dims, sizes[x->n_dims - 1], jb_dim_number(2));
    rc = jb_op_set(call, 0, x->type, sizes, x->n_dims, err);
    if (rc)
        return rc;
    op__work_out(call);
    return JB_OK;
}

/* Optimisers: R, T, then the parameters, their gradients and their states; `detail` states of each. Outputs are the new
 * parameters and the new states, in the order of the inputs without the gradients. */
static jb_rc optimiser(struct jb_op_call *call, struct jb_error *err)
{
    const size_t n_kinds = 2 + (size_t)call->op->detail;
    const size_t n = call->n_in > 2 ? (call->n_in - 2) / n_kinds : 0;
    struct jb_dim elements = jb_dim_number(0);

    for (size_t i = 0; i < call->n_out; i++) {
        const size_t input = 2 + (i < n ? i : i + n);
        const jb_rc rc = op__set_as(call, i, input, 0, err);
        if (rc)
            return rc;
    }
    for (size_t i = 0; i < n; i++)
        elements = jb_dim_add(call->dims, elements, op__elements_in(call, 2 + i));
    op__work(call, call->op->per_element, elements, 0, jb_dim_number(0));
    return JB_OK;
}

static jb_rc gradient(struct jb_op_call *call, struct jb_error *err)
{
    (void)err;
    jb_op_not_counted(call, "the backward pass of a part of the graph; training work counts it");
    return JB_OK;
}

const struct jb_op jb_ops_elementwise[] = {
    {"", "Abs", unary, 1, ARITH_ABS},
    {"", "Neg", unary, 1, ARITH_NEG},
    {"", "Floor", unary, 1, ARITH_COPY},
    {"", "Ceil", unary, 1, ARITH_COPY},
    {"", "Round", unary, 1, ARITH_COPY},
    {"", "Not", unary, 1, ARITH_NOT},
    {"", "Sign", unary, 1, ARITH_SIGN},
    {"", "Acos", op__like, 1, 0},
    {"", "Acosh", op__like, 1, 0},
    {"", "Asin", op__like, 1, 0},
    {"", "Asinh", op__like, 1, 0},
    {"", "Atan", op__like, 1, 0},
    {"", "Atanh", op__like, 1, 0},
    {"", "Cos", op__like, 1, 0},
    {"", "Cosh", op__like, 1, 0},
    {"", "Sin", op__like, 1, 0},
    {"", "Sinh", op__like, 1, 0},
    {"", "Tan", op__like, 1, 0},
    {"", "Tanh", op__like, 1, 0},
    {"", "Erf", op__like, 1, 0},
    {"", "Exp", op__like, 1, 0},
    {"", "Log", op__like, 1, 0},
    {"", "Sqrt", op__like, 1, 0},
    {"", "Reciprocal", op__like, 1, 0},
    {"", "BitwiseNot", op__like, 1, 0},
    {"", "IsInf", op__like_bool, 1, 0},
    {"", "IsNaN", op__like_bool, 1, 0},

    {"", "Add", binary, 1, ARITH_ADD},
    {"", "Sub", binary, 1, ARITH_SUB},
    {"", "Mul", binary, 1, ARITH_MUL},
    {"", "Div", binary, 1, ARITH_DIV},
    {"", "Mod", binary, 1, ARITH_MOD},
    {"", "Pow", binary, 1, ARITH_POW},
    {"", "BitShift", binary, 1, 0},
    {"", "BitwiseAnd", binary, 1, 0},
    {"", "BitwiseOr", binary, 1, 0},
    {"", "BitwiseXor", binary, 1, 0},
    {"", "And", compare, 1, ARITH_AND},
    {"", "Or", compare, 1, ARITH_OR},
    {"", "Xor", compare, 1, ARITH_XOR},
    {"", "Equal", compare, 1, ARITH_EQUAL},
    {"", "Less", compare, 1, ARITH_LESS},
    {"", "LessOrEqual", compare, 1, ARITH_LESS_EQUAL},
    {"", "Greater", compare, 1, ARITH_GREATER},
    {"", "GreaterOrEqual", compare, 1, ARITH_GREATER_EQUAL},
    {"", "Sum", variadic, 0, ARITH_ADD},
    {"", "Mean", variadic, 0, ARITH_MEAN},
    {"", "Max", variadic, 0, ARITH_MAX},
    {"", "Min", variadic, 0, ARITH_MIN},
    {"", "Where", where, 0, 0},
    {"", "Clip", clip, 0, 0},
    {"", "Cast", cast, 0, 0},
    {"", "CastLike", cast, 0, 1},
    {"", "BitCast", cast, 0, 2},

    {"", "Relu", op__like, 1, 0},
    {"", "LeakyRelu", op__like, 2, 0},
    {"", "PRelu", op__like, 2, 0},
    {"", "ThresholdedRelu", op__like, 1, 0},
    {"", "Elu", op__like, 4, 0},
    {"", "Selu", op__like, 5, 0},
    {"", "Celu", op__like, 7, 0},
    {"", "Sigmoid", op__like, 4, 0},
    {"", "HardSigmoid", op__like, 4, 0},
    {"", "HardSwish", op__like, 5, 0},
    {"", "Swish", op__like, 6, 0},
    {"", "Softplus", op__like, 3, 0},
    {"", "Softsign", op__like, 3, 0},
    {"", "Mish", op__like, 5, 0},
    {"", "Shrink", op__like, 3, 0},
    {"", "Gelu", gelu, 0, 0},
    {"", "SwiGLU", binary, 7, 0},
    {"", "Affine", op__like, 2, 0},
    {"", "Scale", op__like, 1, 0},
    {"", "ScaledTanh", op__like, 3, 0},
    {"", "ParametricSoftplus", op__like, 5, 0},
    {"", "ImageScaler", op__like, 2, 0},
    {MS, "Gelu", gelu, 0, 0},
    {MS, "FastGelu", gelu, 0, 1},
    {MS, "BiasGelu", gelu, 0, 0},
    {MS, "QuickGelu", op__like, 6, 0},
    {MS, "BiasSplitGelu", split_gate, 8, 0},
    {MS, "BiasAdd", op__like, 2, 0},

    {"", "Softmax", op__softmax, 5, 0},
    {"", "LogSoftmax", op__log_softmax, 5, 0},
    {"", "Hardmax", op__like, 1, 0},
    {MS, "BiasSoftmax", op__softmax, 6, 0},
    {"", "SoftmaxCrossEntropyLoss", op__cross_entropy, 0, 0},
    {"", "NegativeLogLikelihoodLoss", op__nll, 0, 0},
    {"", "Dropout", op__dropout, 3, 0},
    {MS, "BiasDropout", op__bias_dropout, 3, 0},
    {MS, "BitmaskDropout", op__dropout, 3, 0},
    {MS, "BitmaskBiasDropout", op__bias_dropout, 3, 0},

    {"", "BatchNormalization", op__batch_norm, 0, 0},
    {"", "LayerNormalization", op__layer_norm, 0, 0},
    {"", "RMSNormalization", op__rms_norm, 0, 0},
    {"", "SimplifiedLayerNormalization", op__rms_norm, 0, 0},
    {"", "InstanceNormalization", op__instance_norm, 0, 0},
    {"", "GroupNormalization", op__group_norm, 0, 0},
    {"", "LpNormalization", op__lp_norm, 0, 0},
    {"", "MeanVarianceNormalization", op__mean_variance, 0, 0},
    {"", "LRN", op__lrn, 0, 0},
    {MS, "LayerNormalization", op__layer_norm, 0, 0},
    {MS, "SimplifiedLayerNormalization", op__rms_norm, 0, 0},
    {MS, "RMSNormalization", op__rms_norm, 0, 0},
    {MS, "SkipLayerNormalization", op__skip_layer_norm, 0, 0},
    {MS, "SkipSimplifiedLayerNormalization", op__skip_layer_norm, 0, 1},
    {MS, "EmbedLayerNormalization", op__embed_layer_norm, 0, 0},
    {MS, "GroupNorm", op__group_norm_ms, 0, 0},
    {MS, "SkipGroupNorm", op__group_norm_ms, 0, 1},

    {"", "ReduceSum", op__reduce, 1, ARITH_ADD},
    {"", "ReduceMax", op__reduce, 1, ARITH_MAX},
    {"", "ReduceMin", op__reduce, 1, ARITH_MIN},
    {"", "ReduceProd", op__reduce, 1, ARITH_MUL},
    {"", "ReduceMean", op__reduce, 1, ARITH_MEAN},
    {"", "ReduceL1", op__reduce, 2, 0},
    {"", "ReduceL2", op__reduce, 2, -1},
    {"", "ReduceLogSum", op__reduce, 1, -1},
    {"", "ReduceLogSumExp", op__reduce, 2, -1},
    {"", "ReduceSumSquare", op__reduce, 2, 0},
    {MS, "ReduceSumInteger", op__reduce_integer, 1, 0},
    {"", "ArgMax", op__arg_max, 1, 0},
    {"", "ArgMin", op__arg_max, 1, 0},
    {"", "CumSum", op__like, 1, 0},
    {"", "CumProd", op__like, 1, 0},

    {"", "QuantizeLinear", op__quantise, 0, 0},
    {"", "DequantizeLinear", op__dequantise, 0, 0},
    {"", "DynamicQuantizeLinear", op__dynamic_quantise, 7, 0},
    {MS, "QuantizeLinear", op__quantise, 0, 0},
    {MS, "DequantizeLinear", op__dequantise, 0, 0},
    {MS, "QLinearAdd", op__qlinear_binary, 10, 3},
    {MS, "QLinearMul", op__qlinear_binary, 10, 3},
    {MS, "QLinearSigmoid", op__qlinear_unary, 11, 0},
    {MS, "QLinearLeakyRelu", op__qlinear_unary, 9, 0},
    {MS, "QLinearSoftmax", op__qlinear_unary, 12, 0},
    {MS, "QLinearConcat", op__qlinear_concat, 7, 0},
    {MS, "QLinearWhere", op__qlinear_where, 7, 0},
    {MS, "QLinearReduceMean", op__qlinear_reduce, 8, 0},
    {MS, "GatherBlockQuantized", op__gather_block_quantised, 2, 0},
    {MS, "MulInteger", op__qlinear_binary, 3, 2},

    {TRAIN, "Adagrad", optimiser, 7, 1},
    {TRAIN, "Adam", optimiser, 14, 2},
    {TRAIN, "Momentum", optimiser, 6, 1},
    {TRAIN, "Gradient", gradient, 0, 0},
    {NULL, NULL, NULL, 0, 0},
};
