/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Normalisations, softmax, losses, dropout: shapes of all outputs, and the operations of the formula in the standard, so
 * many per element and so many per statistic (mean, variance, norm). R-COUNT-12; the table is in docs/method/counting.md.
 */
#include "count/op_more_int.h"

/* Product of sizes [from, to) of an input; UNKNOWN where it is not ranked. */
static struct jb_dim product_of(struct jb_op_call *call, size_t input, size_t from, size_t to)
{
    const struct jb_value *const x = jb_op_ranked(call, input);

    if (!x || to > x->n_dims || from > to)
        return jb_dim_unknown();
    return op__product(call->dims, x->dims + from, to - from);
}

jb_rc op__batch_norm(struct jb_op_call *call, struct jb_error *err)
{
    const bool is_training =
        call->opset >= 14
            ? jb_op_int(call, "training_mode", 0) != 0
            : call->opset < 7 && jb_op_int(call, "is_test", 0) == 0 && call->n_out > 1;
    jb_rc rc = op__set_as(call, 0, 0, 0, err);

    for (size_t i = 1; !rc && i < call->n_out; i++)
        rc = op__set_as(call, i, 3, 0, err);
    if (rc)
        return rc;
    /* Training: mean 1 and variance 3 for each element; for each channel 2 divisions and 3 operations for each of the
     * two running statistics. Both: normalised, scaled and moved by 4; root of the variance and epsilon. */
    op__work(call, is_training ? 8 : 4, op__elements_in(call, 0), is_training ? 10 : 2,
             op__elements_in(call, 1));
    return JB_OK;
}

/* Rows: the sizes before `axis`. The statistics keep the rank, with 1 for what is normalised over. */
static jb_rc set_statistics(struct jb_op_call *call, size_t axis, size_t first, size_t last,
                            struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    const int64_t stash = jb_op_int(call, "stash_type", JB_ONNX_FLOAT);
    struct jb_dim sizes[JB_ONNX_DIMS_MAX];

    if (!x || x->n_dims > JB_ONNX_DIMS_MAX) {
        for (size_t i = first; i <= last; i++)
            op__set_type(call, i, stash);
        return JB_OK;
    }
    for (size_t i = 0; i < x->n_dims; i++)
        sizes[i] = i < axis ? x->dims[i] : jb_dim_number(1);
    for (size_t i = first; i <= last; i++) {
        const jb_rc rc = jb_op_set(call, i, stash, sizes, x->n_dims, err);
        if (rc)
            return rc;
    }
    return JB_OK;
}

/* The axis from which on a row is normalised; rank 0 where nothing is known. */
static bool row_axis(const struct jb_op_call *call, size_t *ret_axis)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    return x && jb_op_axis(jb_op_int(call, "axis", -1), x->n_dims, ret_axis);
}

/* Mean, difference, square, sum, division, scale: 6, and 1 for a bias; per row 5 (two means, epsilon, root, inverse). */
jb_rc op__layer_norm(struct jb_op_call *call, struct jb_error *err)
{
    size_t axis = 0;
    const bool is_known = row_axis(call, &axis);
    jb_rc rc = op__set_as(call, 0, 0, 0, err);

    if (!rc)
        rc = set_statistics(call, axis, 1, 2, err);
    if (rc)
        return rc;
    op__work(call, op__is_given(call, 2) ? 7 : 6, op__elements_in(call, 0), 5,
             is_known ? product_of(call, 0, 0, axis) : jb_dim_unknown());
    return JB_OK;
}

/* Square, sum, division, scale: 4; per row 4 (mean, epsilon, root, inverse). */
jb_rc op__rms_norm(struct jb_op_call *call, struct jb_error *err)
{
    size_t axis = 0;
    const bool is_known = row_axis(call, &axis);
    jb_rc rc = op__set_as(call, 0, 0, 0, err);

    if (!rc)
        rc = set_statistics(call, axis, 1, 1, err);
    if (rc)
        return rc;
    op__work(call, 4, op__elements_in(call, 0), 4,
             is_known ? product_of(call, 0, 0, axis) : jb_dim_unknown());
    return JB_OK;
}

jb_rc op__instance_norm(struct jb_op_call *call, struct jb_error *err)
{
    const jb_rc rc = op__set_as(call, 0, 0, 0, err);

    if (rc)
        return rc;
    op__work(call, 7, op__elements_in(call, 0), 5, product_of(call, 0, 0, 2));
    return JB_OK;
}

jb_rc op__group_norm(struct jb_op_call *call, struct jb_error *err)
{
    const jb_rc rc = op__set_as(call, 0, 0, 0, err);

    if (rc)
        return rc;
    op__work(call, 7, op__elements_in(call, 0), 5,
             jb_dim_mul(call->dims, product_of(call, 0, 0, 1),
                        jb_dim_number(jb_op_int(call, "num_groups", 1))));
    return JB_OK;
}

/* com.microsoft: X, gamma, beta; SkipGroupNorm: and skip, bias, and their sum as output 1. activation 1: x x sigmoid(x). */
jb_rc op__group_norm_ms(struct jb_op_call *call, struct jb_error *err)
{
    const int64_t n_skip = call->op->detail == 1 ? (op__is_given(call, 4) ? 2 : 1) : 0;
    const int64_t n_activation = jb_op_int(call, "activation", 0) == 1 ? 5 : 0;
    jb_rc rc = op__set_as(call, 0, 0, 0, err);

    if (!rc)
        rc = op__set_as(call, 1, 0, 0, err);
    if (rc)
        return rc;
    op__work(call, 7 + n_skip + n_activation, op__elements_in(call, 0), 5,
             jb_dim_mul(call->dims, product_of(call, 0, 0, 1),
                        jb_dim_number(jb_op_int(call, "groups", 1))));
    return JB_OK;
}

/* A norm of order 1 (absolute value, sum, division) or 2 (square, sum, division, and a root per row). */
jb_rc op__lp_norm(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    struct jb_dim rows = jb_dim_unknown();
    size_t axis;
    const jb_rc rc = op__set_as(call, 0, 0, 0, err);

    if (rc)
        return rc;
    if (x && jb_op_axis(jb_op_int(call, "axis", -1), x->n_dims, &axis))
        rows = jb_dim_mul(call->dims, product_of(call, 0, 0, axis),
                          product_of(call, 0, axis + 1, x->n_dims));
    op__work(call, 3, op__elements_in(call, 0), jb_op_int(call, "p", 2) == 2 ? 1 : 0, rows);
    return JB_OK;
}

/* Sum, square, sum, difference, division: 5; per statistic 6 (two means, square, difference, root, epsilon). */
jb_rc op__mean_variance(struct jb_op_call *call, struct jb_error *err)
{
    static const int64_t usual[] = {0, 2, 3};
    const struct jb_value *const x = jb_op_ranked(call, 0);
    int64_t axes[JB_ONNX_DIMS_MAX];
    size_t n = jb_op_ints(call, "axes", axes, JB_ONNX_DIMS_MAX);
    struct jb_dim rows = jb_dim_number(1);
    bool is_over[JB_ONNX_DIMS_MAX] = {false};
    const jb_rc rc = op__set_as(call, 0, 0, 0, err);

    if (rc)
        return rc;
    if (n == 0) {
        n = JB_ARRAY_LEN(usual);
        for (size_t i = 0; i < n; i++)
            axes[i] = usual[i];
    }
    for (size_t i = 0; x && i < n && i < JB_ONNX_DIMS_MAX; i++) {
        size_t axis;
        if (jb_op_axis(axes[i], x->n_dims, &axis) && axis < JB_ONNX_DIMS_MAX)
            is_over[axis] = true;
    }
    for (size_t i = 0; x && i < x->n_dims && i < JB_ONNX_DIMS_MAX; i++)
        rows = is_over[i] ? rows : jb_dim_mul(call->dims, rows, x->dims[i]);
    op__work(call, 5, op__elements_in(call, 0), 6, x ? rows : jb_dim_unknown());
    return JB_OK;
}

/* Square, size - 1 additions, factor, bias, power, division. */
jb_rc op__lrn(struct jb_op_call *call, struct jb_error *err)
{
    const int64_t size = jb_op_int(call, "size", 1);
    const jb_rc rc = op__set_as(call, 0, 0, 0, err);

    if (rc)
        return rc;
    op__work(call, 4 + (size > 1 && size < INT32_MAX ? size : 1), op__elements_in(call, 0), 0,
             jb_dim_number(0));
    return JB_OK;
}

/*
 * com.microsoft: input, skip, gamma, beta, bias -> output, mean, inverse deviation, sum. The simplified one has no beta, its
 * bias is input 3, and it is a root-mean-square norm.
 */
jb_rc op__skip_layer_norm(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    const bool is_simplified = call->op->detail == 1;
    const size_t axis = x && x->n_dims > 0 ? x->n_dims - 1 : 0;
    int64_t n = is_simplified ? 4 : 6;
    jb_rc rc = op__set_as(call, 0, 0, 0, err);

    if (!rc)
        rc = set_statistics(call, axis, 1, 2, err);
    if (!rc)
        rc = op__set_as(call, 3, 0, 0, err);
    if (rc)
        return rc;
    n += 1 + (op__is_given(call, 3) ? 1 : 0) + (op__is_given(call, 4) ? 1 : 0);
    op__work(call, n, op__elements_in(call, 0), is_simplified ? 4 : 5,
             product_of(call, 0, 0, axis));
    return JB_OK;
}

/* Tokens [batch, seq] looked up in word, position and segment tables [.., hidden], summed, normalised. */
jb_rc op__embed_layer_norm(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const ids = jb_op_ranked(call, 0);
    const struct jb_value *const words = jb_op_ranked(call, 2);
    struct jb_dim sizes[3];
    jb_rc rc;

    if (!ids || !words || ids->n_dims != 2 || words->n_dims != 2) {
        op__set_type(call, 0, op__type(call, 2));
        op__work(call, 1, jb_dim_unknown(), 0, jb_dim_number(0));
        return JB_OK;
    }
    sizes[0] = ids->dims[0];
    sizes[1] = ids->dims[1];
    sizes[2] = words->dims[1];
    rc = jb_op_set(call, 0, words->type, sizes, 3, err);
    if (!rc)
        rc = jb_op_set(call, 1, JB_ONNX_INT32, sizes, 1, err);
    if (!rc)
        rc = jb_op_set(call, 2, words->type, sizes, 3, err);
    if (rc)
        return rc;
    op__work(call, op__is_given(call, 4) ? 9 : 8, op__product(call->dims, sizes, 3), 5,
             op__product(call->dims, sizes, 2));
    return JB_OK;
}

/* Maximum, difference, exponential, sum, division. */
jb_rc op__softmax(struct jb_op_call *call, struct jb_error *err)
{
    return op__like(call, err);
}

/* Maximum, difference, exponential, sum, difference; a logarithm per row. */
jb_rc op__log_softmax(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    const bool is_flat = call->opset > 0 && call->opset < 13;
    struct jb_dim rows = jb_dim_unknown();
    size_t axis;
    const jb_rc rc = op__set_as(call, 0, 0, 0, err);

    if (rc)
        return rc;
    if (x && jb_op_axis(jb_op_int(call, "axis", is_flat ? 1 : -1), x->n_dims, &axis)) {
        rows = product_of(call, 0, 0, axis);
        if (!is_flat)
            rows = jb_dim_mul(call->dims, rows, product_of(call, 0, axis + 1, x->n_dims));
    }
    op__work(call, call->op->per_element, op__elements_in(call, 0), 1, rows);
    return JB_OK;
}

/* Scores [N, C, d...], labels [N, d...]: the loss of each label, or one number. */
static jb_rc set_loss(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const labels = jb_op_ranked(call, 1);

    if (!jb_op_text_is(call, "reduction", "none"))
        return jb_op_set(call, 0, op__type(call, 0), NULL, 0, err);
    if (labels)
        return jb_op_set(call, 0, op__type(call, 0), labels->dims, labels->n_dims, err);
    op__set_type(call, 0, op__type(call, 0));
    return JB_OK;
}

/* Negation and sum per label; with weights also their product and their sum. */
static int64_t per_label(const struct jb_op_call *call)
{
    const bool is_summed = !jb_op_text_is(call, "reduction", "none");
    const bool is_mean =
        is_summed && !jb_op_text_is(call, "reduction", "sum"); /* the default is mean */
    const bool has_weights = op__is_given(call, 2);

    return 1 + (is_summed ? 1 : 0) + (has_weights ? 1 : 0) + (has_weights && is_mean ? 1 : 0);
}

jb_rc op__nll(struct jb_op_call *call, struct jb_error *err)
{
    const jb_rc rc = set_loss(call, err);

    if (rc)
        return rc;
    op__work(call, per_label(call), op__elements_in(call, 1), 0, jb_dim_number(0));
    return JB_OK;
}

/* LogSoftmax over the classes (5 per score, a logarithm per label), then the loss. */
jb_rc op__cross_entropy(struct jb_op_call *call, struct jb_error *err)
{
    jb_rc rc = set_loss(call, err);

    if (!rc)
        rc = op__set_as(call, 1, 0, 0, err);
    if (rc)
        return rc;
    op__work(call, 5, op__elements_in(call, 0), 1 + per_label(call), op__elements_in(call, 1));
    return JB_OK;
}

/* Whether elements are dropped: never, unless the model says that it trains. */
static bool is_dropping(const struct jb_op_call *call, size_t input)
{
    int64_t is_training;
    size_t n;

    if (call->op->domain[0] == '\0' && call->opset > 0 && call->opset < 7)
        return jb_op_int(call, "is_test", 0) == 0 && call->opset < 7 && call->n_out > 1;
    return op__is_given(call, input) && jb_op_in_ints(call, input, &is_training, 1, &n) && n == 1 &&
           is_training != 0;
}

static void set_dropout_work(struct jb_op_call *call, size_t training_input, int64_t n_more)
{
    const int64_t n = n_more + (is_dropping(call, training_input) ? call->op->per_element : 0);

    if (n > 0)
        op__work(call, n, op__elements_in(call, 0), 0, jb_dim_number(0));
}

/* Training: comparison, mask, scale; making random numbers is not counted. The mask: bool, before opset 10 as the data. */
jb_rc op__dropout(struct jb_op_call *call, struct jb_error *err)
{
    const bool is_old = call->op->domain[0] == '\0' && call->opset > 0 && call->opset < 10;
    jb_rc rc = op__set_as(call, 0, 0, 0, err);

    if (!rc)
        rc = op__set_as(call, 1, 0, is_old ? 0 : JB_ONNX_BOOL, err);
    if (rc)
        return rc;
    set_dropout_work(call, 2, 0);
    return JB_OK;
}

/* com.microsoft: data, bias, residual, ratio, training. */
jb_rc op__bias_dropout(struct jb_op_call *call, struct jb_error *err)
{
    jb_rc rc = op__set_as(call, 0, 0, 0, err);

    if (!rc)
        rc = op__set_as(call, 1, 0, JB_ONNX_BOOL, err);
    if (rc)
        return rc;
    set_dropout_work(call, 4, op__is_given(call, 2) ? 2 : 1);
    return JB_OK;
}
