/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Matrix products: Gemm, MatMul and their quantised, fused and packed kin, each from its operands' sizes to its output and its
 * multiply-adds: rows x inner size x columns, as often as the batch has it. Values are never looked at, so a zero or a
 * masked element is multiplied as any. R-COUNT-10, R-COUNT-11.
 */
#include "count/op_dense_int.h"

#include <string.h>

/* --- sizes and costs -------------------------------------------------------------------------------------------- */

bool dense__has_input(const struct jb_op_call *call, size_t input)
{
    if (input < call->n_in && call->in[input])
        return true;
    return input < call->node->n_inputs && call->node->inputs[input].len > 0;
}

int64_t dense__type(const struct jb_op_call *call, size_t input)
{
    return input < call->n_in && call->in[input] ? call->in[input]->type : 0;
}

struct jb_dim dense__size(const struct jb_value *value, int64_t i)
{
    size_t at = 0;

    if (!value || !value->is_ranked || !jb_op_axis(i, value->n_dims, &at))
        return jb_dim_unknown();
    return value->dims[at];
}

struct jb_dim dense__product(struct jb_dims *dims, const struct jb_dim *sizes, size_t n)
{
    struct jb_dim product = jb_dim_number(1);

    for (size_t i = 0; i < n; i++)
        product = jb_dim_mul(dims, product, sizes[i]);
    return product;
}

struct jb_dim dense__times(struct jb_dims *dims, struct jb_dim a, int64_t n)
{
    return n == 1 ? a : jb_dim_mul(dims, a, jb_dim_number(n));
}

struct jb_dim dense__same(struct jb_dims *dims, struct jb_dim a, struct jb_dim b)
{
    (void)dims;
    if (a.kind == JB_DIM_NUMBER && b.kind == JB_DIM_NUMBER)
        return a.n == b.n ? a : jb_dim_unknown();
    if (a.kind == JB_DIM_NUMBER || b.kind == JB_DIM_UNKNOWN)
        return a;
    return b.kind == JB_DIM_NUMBER || a.kind == JB_DIM_UNKNOWN ? b : a;
}

int64_t dense__activation_cost(const struct jb_op_call *call, const char *attribute)
{
    /* Names that are no operator's, and operators whose cost depends on their attributes; the gated ones multiply as well. */
    static const struct {
        const char *text;
        int64_t cost;
    } named[] = {
        {"relu", 1},     {"RELU", 1},   {"tanh", 1},      {"sigmoid", 4}, {"silu", 5},
        {"swish", 5},    {"swiglu", 6}, {"gelu", 5},      {"GELU", 5},    {"Gelu", 5},
        {"FastGelu", 8}, {"geglu", 6},  {"FAST_GELU", 8},
    };
    const struct jb_span text = jb_onnx_attribute_text(jb_op_attribute(call, attribute));
    char name[32];

    if (text.len == 0 || jb_span_is(text, "none") || jb_span_is(text, "identity"))
        return 0;
    for (size_t i = 0; i < JB_ARRAY_LEN(named); i++) {
        if (jb_span_is(text, named[i].text))
            return named[i].cost;
    }
    if (text.len >= sizeof name)
        return 1;
    memcpy(name, text.at, text.len);
    name[text.len] = '\0';
    const struct jb_op *op = jb_op_find(jb_span_of(""), jb_span_of(name));
    if (!op)
        op = jb_op_find(jb_span_of(OP_DOMAIN_MS), jb_span_of(name));
    return op && op->per_element > 0 ? op->per_element : 1;
}

void dense__set_macs(struct jb_op_call *call, struct jb_dim macs, struct jb_dim flops)
{
    if (macs.kind == JB_DIM_UNKNOWN)
        jb_op_not_counted(call, OP_WHY_SIZES);
    else
        jb_op_work_dense(call, macs, flops);
}

void dense__set_elementwise(struct jb_op_call *call, struct jb_dim flops)
{
    if (flops.kind == JB_DIM_UNKNOWN) {
        jb_op_not_counted(call, OP_WHY_SIZES);
        return;
    }
    call->work.kind = JB_WORK_ELEMENTWISE;
    call->work.flops = flops;
}

/* --- what is computed beside a product -------------------------------------------------------------------------- */

enum out_type { OUT_AS_A, OUT_INT32, OUT_AS_INPUT, OUT_FLOAT_OR_INPUT, OUT_BY_DTYPE };

/* Where a row's operands stand among its inputs. */
struct form {
    int a, b, bias, added; /* -1: none */
    enum out_type out;
    int type_of;            /* OUT_AS_INPUT, OUT_FLOAT_OR_INPUT: whose */
    int64_t per_out;        /* operations per output element that it always does */
    int64_t per_left;       /* ... per element of A */
    const char *activation; /* attribute that names it */
    bool is_typed_by_b;     /* what is multiplied has the type of B */
};

enum form_id {
    FORM_PLAIN,
    FORM_INTEGER,
    FORM_QLINEAR,
    FORM_ACTIVATED,
    FORM_TO_FLOAT,
    FORM_DYNAMIC,
    FORM_FAST_GELU,
    FORM_ORDERED,
    FORM_GEMM,
    FORM_GEMM_ACTIVATED,
    FORM_QGEMM,
    FORM_GEMM_FLOAT8,
};

static const struct form forms[] = {
    [FORM_PLAIN] = {0, 1, -1, -1, OUT_AS_A, 0, 0, 0, NULL, false},
    [FORM_INTEGER] = {0, 1, -1, -1, OUT_INT32, 0, 0, 0, NULL, false},
    [FORM_QLINEAR] = {0, 3, -1, -1, OUT_AS_INPUT, 7, OP_RESCALE_COST, 0, NULL, false},
    [FORM_ACTIVATED] = {0, 1, -1, -1, OUT_AS_A, 0, 0, 0, "activation", false},
    [FORM_TO_FLOAT] = {0, 1, 6, -1, OUT_AS_INPUT, 2, 1, 0, NULL, false},
    [FORM_DYNAMIC] = {0, 1, 4, -1, OUT_AS_A, 0, 1, OP_DYNAMIC_QUANTISE_COST, NULL, true},
    [FORM_FAST_GELU] = {0, 1, 2, -1, OUT_AS_A, 0, 8, 0, NULL, false},
    [FORM_ORDERED] = {0, 2, 5, 6, OUT_AS_A, 0, OP_RESCALE_COST, 0, NULL, false},
    [FORM_GEMM] = {0, 1, 2, -1, OUT_AS_A, 0, 0, 0, NULL, false},
    [FORM_GEMM_ACTIVATED] = {0, 1, 2, -1, OUT_AS_A, 0, 0, 0, "activation", false},
    [FORM_QGEMM] = {0, 3, 6, -1, OUT_FLOAT_OR_INPUT, 8, OP_RESCALE_COST, 0, NULL, false},
    [FORM_GEMM_FLOAT8] = {0, 1, 2, -1, OUT_BY_DTYPE, 0, 0, 0, "activation", false},
};

static const struct jb_value *operand(const struct jb_op_call *call, int input)
{
    return input >= 0 ? jb_op_ranked(call, (size_t)input) : NULL;
}

static int64_t type_out(const struct jb_op_call *call, const struct form *form)
{
    const int64_t otherwise = dense__type(call, (size_t)form->a);
    int64_t type = 0;

    switch (form->out) {
    case OUT_INT32: return JB_ONNX_INT32;
    case OUT_AS_INPUT:
        type = dense__type(call, (size_t)form->type_of);
        return type != 0 ? type : otherwise;
    case OUT_FLOAT_OR_INPUT:
        if (!dense__has_input(call, (size_t)form->type_of - 1))
            return JB_ONNX_FLOAT;
        type = dense__type(call, (size_t)form->type_of);
        return type != 0 ? type : otherwise;
    case OUT_BY_DTYPE: return jb_op_int(call, "dtype", JB_ONNX_FLOAT);
    case OUT_AS_A: break;
    }
    return otherwise;
}

/* Operations per output element beside the products. */
static int64_t per_out(const struct jb_op_call *call, const struct form *form)
{
    int64_t n = form->per_out;

    if (form->bias >= 0 && dense__has_input(call, (size_t)form->bias))
        n++;
    if (form->added >= 0 && dense__has_input(call, (size_t)form->added))
        n++;
    if (form->activation)
        n += dense__activation_cost(call, form->activation);
    if (jb_op_float(call, "alpha", 1.0) != 1.0)
        n++;
    return n;
}

static void set_product_work(struct jb_op_call *call, const struct form *form, struct jb_dim macs,
                             struct jb_dim out_elements)
{
    struct jb_dims *dims = call->dims;
    struct jb_dim flops = dense__times(dims, out_elements, per_out(call, form));

    if (form->per_left > 0) {
        const struct jb_dim left = jb_value_elements(dims, operand(call, form->a));
        flops = jb_dim_add(dims, flops, dense__times(dims, left, form->per_left));
    }
    dense__set_macs(call, macs, flops);
    if (form->is_typed_by_b)
        call->work.compute_type = dense__type(call, (size_t)form->b);
}

/* --- MatMul ----------------------------------------------------------------------------------------------------- */

/* An operand as a batch of matrices; a vector is a matrix of one row (left) or column (right) that the output loses. */
struct matrix {
    struct jb_dim batch[JB_ONNX_DIMS_MAX], rows, columns;
    size_t n_batch;
    bool is_vector;
};

static void matrix_of(const struct jb_value *value, bool is_left, bool is_transposed,
                      bool is_batch_transposed, struct matrix *ret)
{
    const size_t n = value->n_dims;
    const struct jb_dim *sizes = value->dims;

    *ret = (struct matrix){.is_vector = n == 1};
    if (n == 1) {
        ret->rows = is_left ? jb_dim_number(1) : sizes[0];
        ret->columns = is_left ? sizes[0] : jb_dim_number(1);
        return;
    }
    ret->n_batch = n - 2;
    /* transBatch: the first size changes place with the batch: [rows, batch..., columns]. */
    for (size_t i = 0; i < ret->n_batch; i++)
        ret->batch[i] = sizes[is_batch_transposed ? i + 1 : i];
    ret->rows = sizes[is_batch_transposed ? 0 : n - 2];
    ret->columns = sizes[n - 1];
    if (is_transposed) {
        const struct jb_dim rows = ret->rows;
        ret->rows = ret->columns;
        ret->columns = rows;
    }
}

/* Batches of the two broadcast together, the last sizes first to meet. */
static size_t broadcast_batch(struct jb_dims *dims, const struct matrix *a, const struct matrix *b,
                              struct jb_dim *sizes)
{
    const struct matrix *const longer = a->n_batch >= b->n_batch ? a : b;
    const struct matrix *const shorter = longer == a ? b : a;
    const size_t ahead = longer->n_batch - shorter->n_batch;

    for (size_t i = 0; i < longer->n_batch; i++) {
        sizes[i] = longer->batch[i];
        if (i >= ahead)
            sizes[i] = jb_dim_broadcast(dims, a->batch[i - (longer == a ? 0 : ahead)],
                                        b->batch[i - (longer == a ? ahead : 0)]);
    }
    return longer->n_batch;
}

static jb_rc matmul(struct jb_op_call *call, struct jb_error *err)
{
    const struct form *const form = &forms[call->op->detail];
    const struct jb_value *const left = operand(call, form->a), *const right =
                                                                    operand(call, form->b);
    struct jb_dims *dims = call->dims;
    struct jb_dim out[JB_ONNX_DIMS_MAX];
    struct matrix a, b;

    if (!left || !right) {
        jb_op_not_counted(call, OP_WHY_SIZES);
        return JB_OK;
    }
    if (left->n_dims == 0 || right->n_dims == 0) {
        jb_op_not_counted(call, OP_WHY_MISFIT);
        return JB_OK;
    }
    matrix_of(left, true, jb_op_int(call, "transA", 0) != 0, jb_op_int(call, "transBatchA", 0) != 0,
              &a);
    matrix_of(right, false, jb_op_int(call, "transB", 0) != 0,
              jb_op_int(call, "transBatchB", 0) != 0, &b);

    size_t n = broadcast_batch(dims, &a, &b, out);
    const struct jb_dim batch = dense__product(dims, out, n);
    const struct jb_dim inner = dense__same(dims, a.columns, b.rows);
    const struct jb_dim elements = jb_dim_mul(dims, batch, jb_dim_mul(dims, a.rows, b.columns));
    if (!a.is_vector)
        out[n++] = a.rows;
    if (!b.is_vector)
        out[n++] = b.columns;
    set_product_work(call, form, jb_dim_mul(dims, elements, inner), elements);
    return jb_op_set(call, 0, type_out(call, form), out, n, err);
}

/* --- Gemm ------------------------------------------------------------------------------------------------------- */

static jb_rc gemm(struct jb_op_call *call, struct jb_error *err)
{
    const struct form *const form = &forms[call->op->detail];
    const struct jb_value *const a = operand(call, form->a), *const b = operand(call, form->b);
    const struct jb_value *const c = operand(call, form->bias);
    const bool is_a_transposed = jb_op_int(call, "transA", 0) != 0;
    const bool is_b_transposed = jb_op_int(call, "transB", 0) != 0;
    struct jb_dims *dims = call->dims;

    if ((a && a->n_dims != 2) || (b && b->n_dims != 2)) {
        jb_op_not_counted(call, OP_WHY_MISFIT);
        return JB_OK;
    }
    const struct jb_dim out[2] = {dense__size(a, is_a_transposed ? 1 : 0),
                                  dense__size(b, is_b_transposed ? 0 : 1)};
    const struct jb_dim inner = a && b ? dense__same(dims, dense__size(a, is_a_transposed ? 0 : 1),
                                                     dense__size(b, is_b_transposed ? 1 : 0))
                                       : jb_dim_unknown();
    const struct jb_dim elements = dense__product(dims, out, 2);
    set_product_work(call, form, jb_dim_mul(dims, elements, inner), elements);
    if (call->work.kind == JB_WORK_DENSE && c && jb_op_float(call, "beta", 1.0) != 1.0)
        call->work.flops = jb_dim_add(dims, call->work.flops, jb_value_elements(dims, c));
    return jb_op_set(call, 0, type_out(call, form), out, 2, err);
}

/* --- weights packed into blocks: the node or another input tells their sizes -------------------------------------- */

enum packed { PACKED_ATTRIBUTES, PACKED_BY_SHAPE_INPUT, PACKED_ROWS, PACKED_MLP };

static struct jb_dim attribute_size(const struct jb_op_call *call, const char *name)
{
    const int64_t n = jb_op_int(call, name, -1);

    return n >= 0 ? jb_dim_number(n) : jb_dim_unknown();
}

static struct jb_dim packed_columns(const struct jb_op_call *call)
{
    int64_t shape[2];
    size_t n = 0;

    switch (call->op->detail) {
    case PACKED_BY_SHAPE_INPUT:
        if (jb_op_in_ints(call, 2, shape, 2, &n) && n == 2 && shape[1] >= 0)
            return jb_dim_number(shape[1]);
        return jb_dim_unknown();
    case PACKED_ROWS: return dense__size(jb_op_ranked(call, 1), 0);
    default: return attribute_size(call, "N");
    }
}

/* Sets output `output` to A's shape with `columns` for its last size; ret: A's rows, all leading sizes multiplied. */
static jb_rc set_projected(struct jb_op_call *call, size_t output, const struct jb_value *a,
                           struct jb_dim columns, struct jb_error *err)
{
    struct jb_dim out[JB_ONNX_DIMS_MAX];

    for (size_t i = 0; i + 1 < a->n_dims; i++)
        out[i] = a->dims[i];
    out[a->n_dims - 1] = columns;
    return jb_op_set(call, output, a->type, out, a->n_dims, err);
}

/* A [..., K] times a packed weight of K x N that is unpacked first: zero point and scale, two operations a weight. */
static jb_rc matmul_packed(struct jb_op_call *call, struct jb_error *err)
{
    const bool is_mlp = call->op->detail == PACKED_MLP;
    const struct jb_value *const a = jb_op_ranked(call, 0);
    struct jb_dims *dims = call->dims;

    if (!a || a->n_dims == 0) {
        jb_op_not_counted(call, OP_WHY_SIZES);
        return JB_OK;
    }
    const struct jb_dim columns = packed_columns(call), inner = dense__size(a, -1);
    const struct jb_dim rows = dense__product(dims, a->dims, a->n_dims - 1);
    const struct jb_dim elements = jb_dim_mul(dims, rows, columns);
    const struct jb_dim weights = jb_dim_mul(dims, inner, columns);
    const size_t bias = call->op->detail == PACKED_ATTRIBUTES ? 5
                        : call->op->detail == PACKED_ROWS     ? call->n_in
                                                              : 0;
    int64_t n_out = bias > 0 && dense__has_input(call, bias) ? 1 : 0;
    int64_t n_products = 1;

    if (is_mlp) { /* two projections of the same input, one activated, the two multiplied */
        n_products = 2;
        n_out = dense__activation_cost(call, "activation") + 1 +
                (dense__has_input(call, 5) ? 1 : 0) + (dense__has_input(call, 8) ? 1 : 0);
    }
    struct jb_dim flops = dense__times(dims, weights, 2 * n_products);
    flops = jb_dim_add(dims, flops, dense__times(dims, elements, n_out));
    dense__set_macs(call, dense__times(dims, jb_dim_mul(dims, rows, weights), n_products), flops);
    return set_projected(call, 0, a, columns, err);
}

/* com.microsoft MatMulNBitsQkv: three projections of one input. */
static jb_rc matmul_qkv(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const a = jb_op_ranked(call, 0);
    const struct jb_dim q = attribute_size(call, "Nq"), kv = attribute_size(call, "Nkv");
    struct jb_dims *dims = call->dims;

    if (!a || a->n_dims == 0) {
        jb_op_not_counted(call, OP_WHY_SIZES);
        return JB_OK;
    }
    const struct jb_dim rows = dense__product(dims, a->dims, a->n_dims - 1);
    const struct jb_dim columns = jb_dim_add(dims, q, dense__times(dims, kv, 2));
    const struct jb_dim weights = jb_dim_mul(dims, dense__size(a, -1), columns);
    dense__set_macs(call, jb_dim_mul(dims, rows, weights), dense__times(dims, weights, 2));
    for (size_t i = 0; i < 3; i++) {
        const jb_rc rc = set_projected(call, i, a, i == 0 ? q : kv, err);
        if (rc != JB_OK)
            return rc;
    }
    return jb_op_set_like(call, 3, a, err);
}

/* --- what cannot be counted -------------------------------------------------------------------------------------- */

static jb_rc by_other_library(struct jb_op_call *call, struct jb_error *err)
{
    (void)err;
    jb_op_not_counted(call,
                      "it calls a PyTorch operator that the file names but does not describe");
    return JB_OK;
}

static jb_rc sparse_product(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const a = jb_op_ranked(call, 0), *const b = jb_op_ranked(call, 1);

    jb_op_not_counted(call, "how many values its sparse operand stores is not known");
    if (!a || !b || a->n_dims != 2 || b->n_dims != 2)
        return JB_OK;
    const struct jb_dim out[2] = {dense__size(a, jb_op_int(call, "transA", 0) != 0 ? 1 : 0),
                                  dense__size(b, jb_op_int(call, "transB", 0) != 0 ? 0 : 1)};
    return jb_op_set(call, 0, b->type, out, 2, err);
}

const struct jb_op jb_ops_dense[] = {
    {"", "MatMul", matmul, 0, FORM_PLAIN},
    {"", "MatMulInteger", matmul, 0, FORM_INTEGER},
    {"", "QLinearMatMul", matmul, 0, FORM_QLINEAR},
    {"", "Gemm", gemm, 0, FORM_GEMM},
    {"", "Einsum", dense__einsum, 0, 0},
    {OP_DOMAIN_MS, "MatMul", matmul, 0, FORM_PLAIN},
    {OP_DOMAIN_MS, "FusedMatMul", matmul, 0, FORM_PLAIN},
    {OP_DOMAIN_MS, "TransposeMatMul", matmul, 0, FORM_PLAIN},
    {OP_DOMAIN_MS, "FusedMatMulActivation", matmul, 0, FORM_ACTIVATED},
    {OP_DOMAIN_MS, "MatMulInteger16", matmul, 0, FORM_INTEGER},
    {OP_DOMAIN_MS, "MatMulIntegerToFloat", matmul, 0, FORM_TO_FLOAT},
    {OP_DOMAIN_MS, "DynamicQuantizeMatMul", matmul, 0, FORM_DYNAMIC},
    {OP_DOMAIN_MS, "QLinearMatMul", matmul, 0, FORM_QLINEAR},
    {OP_DOMAIN_MS, "GemmFastGelu", matmul, 0, FORM_FAST_GELU},
    {OP_DOMAIN_MS, "QOrderedMatMul", matmul, 0, FORM_ORDERED},
    {OP_DOMAIN_MS, "FusedGemm", gemm, 0, FORM_GEMM_ACTIVATED},
    {OP_DOMAIN_MS, "QGemm", gemm, 0, FORM_QGEMM},
    {OP_DOMAIN_MS, "GemmFloat8", gemm, 0, FORM_GEMM_FLOAT8},
    {OP_DOMAIN_MS, "MatMulNBits", matmul_packed, 0, PACKED_ATTRIBUTES},
    {OP_DOMAIN_MS, "MatMulBnb4", matmul_packed, 0, PACKED_ATTRIBUTES},
    {OP_DOMAIN_MS, "MatMulFpQ4", matmul_packed, 0, PACKED_BY_SHAPE_INPUT},
    {OP_DOMAIN_MS, "MatMulBlockQuantizedFp4Weight", matmul_packed, 0, PACKED_ROWS},
    {OP_DOMAIN_MS, "MatMulBlockQuantizedFp8Weight", matmul_packed, 0, PACKED_ROWS},
    {OP_DOMAIN_MS, "MatMulNBitsMlp", matmul_packed, 0, PACKED_MLP},
    {OP_DOMAIN_MS, "MatMulNBitsQkv", matmul_qkv, 0, 0},
    {OP_DOMAIN_MS, "SparseToDenseMatMul", sparse_product, 0, 0},
    {"org.pytorch.aten", "ATen", by_other_library, 0, 0},
    {NULL, NULL, NULL, 0, 0},
};
