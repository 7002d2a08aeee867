/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What belongs to no family: classical learning of ai.onnx.ml, texts, random numbers, sorting, and operators whose work the data
 * decide. Linear models and kernels are dense and have multiply-adds: rows x coefficients. What nobody can tell beforehand is
 * listed with its reason. R-COUNT-05, R-COUNT-10.
 */
#include "count/op_more_int.h"

#define MS "com.microsoft"
#define ML "ai.onnx.ml"

#define WHY_RANDOM "what a random number costs depends on the generator"
#define WHY_SORT   "comparisons of a sort depend on the data and the algorithm"
#define WHY_TREE   "which branches of a tree are taken depends on the data"
#define WHY_BOXES  "how many boxes are compared depends on the data"
#define WHY_TEXT   "work on texts depends on the data"
#define WHY_IMAGE  "decoding depends on the data"
#define WHY_LOOP   "how many tokens are generated depends on the data"
#define WHY_WINDOW "the windows that count depend on the data"

/* --- the data decide --------------------------------------------------------------------------------------------- */

static jb_rc top_k(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    const struct jb_value *const k = op__in(call, 1);
    struct jb_dim sizes[JB_ONNX_DIMS_MAX];
    size_t axis;
    jb_rc rc;

    jb_op_not_counted(call, WHY_SORT);
    op__set_type(call, 0, op__type(call, 0));
    op__set_type(call, 1, JB_ONNX_INT64);
    if (!x || x->n_dims > JB_ONNX_DIMS_MAX ||
        !jb_op_axis(jb_op_int(call, "axis", -1), x->n_dims, &axis))
        return JB_OK;
    for (size_t i = 0; i < x->n_dims; i++)
        sizes[i] = x->dims[i];
    if (jb_op_attribute(call, "k").message.len > 0)
        sizes[axis] = jb_dim_number(jb_op_int(call, "k", 0));
    else
        sizes[axis] = k && k->has_ints && k->n_ints == 1 ? k->ints[0] : op__fresh(call, "k");
    if (sizes[axis].kind == JB_DIM_UNKNOWN)
        sizes[axis] = op__fresh(call, "k");
    rc = jb_op_set(call, 0, x->type, sizes, x->n_dims, err);
    return rc ? rc : jb_op_set(call, 1, JB_ONNX_INT64, sizes, x->n_dims, err);
}

/* Y, indices, inverse indices, counts. */
static jb_rc unique(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    const bool has_axis = jb_op_attribute(call, "axis").message.len > 0;
    const struct jb_dim count = op__fresh(call, "count");
    struct jb_dim sizes[JB_ONNX_DIMS_MAX] = {count};
    struct jb_dim all = op__elements_in(call, 0);
    size_t axis = 0;
    size_t n = 1;
    jb_rc rc;

    jb_op_not_counted(call, WHY_SORT);
    if (has_axis) {
        if (!x || x->n_dims > JB_ONNX_DIMS_MAX ||
            !jb_op_axis(jb_op_int(call, "axis", 0), x->n_dims, &axis))
            return JB_OK;
        n = x->n_dims;
        for (size_t i = 0; i < n; i++)
            sizes[i] = i == axis ? count : x->dims[i];
        all = x->dims[axis];
    }
    rc = jb_op_set(call, 0, op__type(call, 0), sizes, n, err);
    for (size_t i = 1; !rc && i < 4; i++)
        rc = jb_op_set(call, i, JB_ONNX_INT64, i == 2 ? &all : &count, 1, err);
    return rc;
}

static jb_rc non_max_suppression(struct jb_op_call *call, struct jb_error *err)
{
    struct jb_dim sizes[2] = {op__fresh(call, "count"), jb_dim_number(3)};

    jb_op_not_counted(call, WHY_BOXES);
    return jb_op_set(call, 0, JB_ONNX_INT64, sizes, 2, err);
}

/* --- one input, listed: the shape stays --------------------------------------------------------------------------- */

static const char *const reasons[] = {WHY_RANDOM, WHY_TEXT, WHY_LOOP, WHY_WINDOW};
enum { RANDOM, TEXT, LOOP, WINDOW };

/* detail: the reason. */
static jb_rc listed_like(struct jb_op_call *call, struct jb_error *err)
{
    jb_op_not_counted(call, reasons[call->op->detail]);
    return op__set_as(call, 0, 0, jb_op_int(call, "dtype", 0), err);
}

static jb_rc listed(struct jb_op_call *call, struct jb_error *err)
{
    (void)err;
    jb_op_not_counted(call, reasons[call->op->detail]);
    return JB_OK;
}

/* A determinant by elimination: n(n-1)/2 divisions, n(n-1)(2n-1)/3 for the rest, n-1 products. [.., n, n] to [..]. */
static jb_rc determinant(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    struct jb_dims *const dims = call->dims;
    jb_rc rc;

    op__set_type(call, 0, op__type(call, 0));
    if (!x || x->n_dims < 2)
        return JB_OK;
    const struct jb_dim n = x->dims[x->n_dims - 1];
    const struct jb_dim less = jb_dim_sub(dims, n, jb_dim_number(1));
    const struct jb_dim pairs = jb_dim_mul(dims, n, less);
    const struct jb_dim rest =
        jb_dim_mul(dims, pairs, jb_dim_sub(dims, jb_dim_add(dims, n, n), jb_dim_number(1)));
    struct jb_dim work = jb_dim_div_floor(dims, pairs, jb_dim_number(2));

    work = jb_dim_add(dims, work, jb_dim_div_floor(dims, rest, jb_dim_number(3)));
    work = jb_dim_add(dims, work, less);
    rc = jb_op_set(call, 0, x->type, x->dims, x->n_dims - 2, err);
    if (rc)
        return rc;
    op__work(call, 1, jb_dim_mul(dims, work, op__elements_out(call, 0)), 0, jb_dim_number(0));
    return JB_OK;
}

/* n^3 multiply-adds by Gauss-Jordan elimination: [.., n, n]. */
static jb_rc inverse(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    struct jb_dim macs = jb_dim_unknown();

    if (x && x->n_dims >= 2)
        macs = jb_dim_mul(call->dims, op__elements_in(call, 0), x->dims[x->n_dims - 1]);
    jb_op_work_dense(call, macs, jb_dim_number(0));
    return op__set_as(call, 0, 0, 0, err);
}

/* --- texts -------------------------------------------------------------------------------------------------------- */

static jb_rc string_concat(struct jb_op_call *call, struct jb_error *err)
{
    struct jb_dim sizes[JB_ONNX_DIMS_MAX];
    size_t n;

    op__set_type(call, 0, JB_ONNX_STRING);
    return jb_op_broadcast(call, 0, call->n_in, sizes, &n)
               ? jb_op_set(call, 0, JB_ONNX_STRING, sizes, n, err)
               : JB_OK;
}

/* Words of each text along one axis more, and how many. */
static jb_rc string_split(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    struct jb_dim sizes[JB_ONNX_DIMS_MAX];
    jb_rc rc;

    op__set_type(call, 0, JB_ONNX_STRING);
    op__set_type(call, 1, JB_ONNX_INT64);
    if (!x || x->n_dims + 1 > JB_ONNX_DIMS_MAX)
        return JB_OK;
    for (size_t i = 0; i < x->n_dims; i++)
        sizes[i] = x->dims[i];
    sizes[x->n_dims] = op__fresh(call, "words");
    rc = jb_op_set(call, 0, JB_ONNX_STRING, sizes, x->n_dims + 1, err);
    return rc ? rc : jb_op_set(call, 1, JB_ONNX_INT64, sizes, x->n_dims, err);
}

/* [C] or [1, C]; words that are dropped make the last axis shorter. */
static jb_rc string_normalise(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    struct jb_dim sizes[2];

    op__set_type(call, 0, JB_ONNX_STRING);
    if (!x || x->n_dims == 0 || x->n_dims > 2)
        return JB_OK;
    sizes[0] = x->dims[0];
    sizes[x->n_dims - 1] =
        op__n_strings(call, "stopwords") > 0 ? op__fresh(call, "count") : x->dims[x->n_dims - 1];
    return jb_op_set(call, 0, JB_ONNX_STRING, sizes, x->n_dims, err);
}

/* Counts of n-grams: [C] to [columns], [N, C] to [N, columns]; columns is the largest index and one. */
static jb_rc tf_idf(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    struct jb_dim sizes[2];
    int64_t *indexes;
    int64_t largest = -1;
    size_t n = jb_op_ints(call, "ngram_indexes", NULL, 0);

    jb_op_not_counted(call, WHY_TEXT);
    op__set_type(call, 0, JB_ONNX_FLOAT);
    if (!x || x->n_dims == 0 || x->n_dims > 2)
        return JB_OK;
    indexes = jb_arena_get(call->arena, n + 1, sizeof *indexes);
    if (!indexes)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory left to follow the sizes of a model");
    n = jb_op_ints(call, "ngram_indexes", indexes, n);
    for (size_t i = 0; i < n; i++)
        largest = indexes[i] > largest ? indexes[i] : largest;
    sizes[0] = x->dims[0];
    sizes[x->n_dims - 1] = largest < INT64_MAX ? jb_dim_number(largest + 1) : jb_dim_unknown();
    return jb_op_set(call, 0, JB_ONNX_FLOAT, sizes, x->n_dims, err);
}

static jb_rc image_decoder(struct jb_op_call *call, struct jb_error *err)
{
    struct jb_dim sizes[3];

    jb_op_not_counted(call, WHY_IMAGE);
    sizes[0] = op__fresh(call, "height");
    sizes[1] = op__fresh(call, "width");
    sizes[2] = jb_dim_number(jb_op_text_is(call, "pixel_format", "Grayscale") ? 1 : 3);
    return jb_op_set(call, 0, JB_ONNX_UINT8, sizes, 3, err);
}

/* --- ai.onnx.ml --------------------------------------------------------------------------------------------------- */

/* Rows of [N, features] or [features]. */
static struct jb_dim rows_of(struct jb_op_call *call)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);

    if (!x || x->n_dims == 0)
        return jb_dim_unknown();
    return x->n_dims == 1 ? jb_dim_number(1) : x->dims[0];
}

/* Labels of a classifier: how many, and of which type. */
static size_t labels_of(const struct jb_op_call *call, int64_t *ret_type)
{
    static const char *const of_ints[] = {"classlabels_ints", "classlabels_int64s"};
    const size_t n_texts = op__n_strings(call, "classlabels_strings");
    size_t n = 0;

    *ret_type = n_texts > 0 ? JB_ONNX_STRING : JB_ONNX_INT64;
    for (size_t i = 0; n_texts == 0 && n == 0 && i < JB_ARRAY_LEN(of_ints); i++)
        n = jb_op_ints(call, of_ints[i], NULL, 0);
    return n_texts > 0 ? n_texts : n;
}

/* label [N] and scores [N, classes]. */
static jb_rc set_classes(struct jb_op_call *call, struct jb_error *err)
{
    struct jb_dim sizes[2] = {rows_of(call), jb_dim_unknown()};
    int64_t type;
    const size_t n = labels_of(call, &type);
    jb_rc rc;

    sizes[1] = n > 0 ? jb_dim_number((int64_t)n) : op__fresh(call, "classes");
    rc = jb_op_set(call, 0, type, sizes, 1, err);
    return rc ? rc : jb_op_set(call, 1, JB_ONNX_FLOAT, sizes, 2, err);
}

static jb_rc set_targets(struct jb_op_call *call, const char *name, int64_t type,
                         struct jb_error *err)
{
    const struct jb_dim sizes[2] = {rows_of(call), jb_dim_number(jb_op_int(call, name, 1))};
    return jb_op_set(call, 0, type, sizes, 2, err);
}

/* rows x coefficients; an intercept is one addition. detail 1: a classifier. */
static jb_rc linear(struct jb_op_call *call, struct jb_error *err)
{
    struct jb_dims *const dims = call->dims;
    const struct jb_dim rows = rows_of(call);
    const size_t n = op__floats(call, "coefficients", NULL, 0);
    const size_t n_more = op__floats(call, "intercepts", NULL, 0);

    jb_op_work_dense(call, jb_dim_mul(dims, rows, jb_dim_number((int64_t)n)),
                     jb_dim_mul(dims, rows, jb_dim_number((int64_t)n_more)));
    return call->op->detail == 1 ? set_classes(call, err)
                                 : set_targets(call, "targets", JB_ONNX_FLOAT, err);
}

/* Each row meets each support vector once (dense), and the kernel's values their coefficients (dense). */
static jb_rc support_vectors(struct jb_op_call *call, struct jb_error *err)
{
    struct jb_dims *const dims = call->dims;
    const struct jb_dim rows = rows_of(call);
    const size_t n =
        op__floats(call, "support_vectors", NULL, 0) + op__floats(call, "coefficients", NULL, 0);

    jb_op_work_dense(call, jb_dim_mul(dims, rows, jb_dim_number((int64_t)n)), jb_dim_number(0));
    if (call->op->detail == 1)
        return set_classes(call, err);
    return set_targets(call, "targets", JB_ONNX_FLOAT, err);
}

/* detail 1: a classifier; 2: TreeEnsemble, of the input's type. */
static jb_rc trees(struct jb_op_call *call, struct jb_error *err)
{
    jb_op_not_counted(call, WHY_TREE);
    if (call->op->detail == 1)
        return set_classes(call, err);
    return set_targets(call, "n_targets", call->op->detail == 2 ? op__type(call, 0) : JB_ONNX_FLOAT,
                       err);
}

static jb_rc like_float(struct jb_op_call *call, struct jb_error *err)
{
    const jb_rc rc = op__set_as(call, 0, 0, JB_ONNX_FLOAT, err);

    if (rc)
        return rc;
    op__work_out(call);
    return JB_OK;
}

/* Keys to values: the type is that of the values' list. */
static jb_rc label_encoder(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_span tensor = jb_onnx_attribute_tensor(jb_op_attribute(call, "values_tensor"));
    struct jb_onnx_tensor values = {0};
    int64_t type = op__type(call, 0) == JB_ONNX_STRING ? JB_ONNX_INT64 : JB_ONNX_STRING;

    if (tensor.len > 0) {
        const jb_rc rc = jb_onnx_read_tensor(tensor, call->arena, &values, err);
        if (rc)
            return rc;
        type = values.type;
    } else if (jb_op_ints(call, "values_int64s", NULL, 0) > 0) {
        type = JB_ONNX_INT64;
    } else if (op__floats(call, "values_floats", NULL, 0) > 0) {
        type = JB_ONNX_FLOAT;
    } else if (op__n_strings(call, "values_strings") > 0) {
        type = JB_ONNX_STRING;
    }
    return op__set_as(call, 0, 0, type, err);
}

/* A last axis more: one place per category. */
static jb_rc one_hot_encoder(struct jb_op_call *call, struct jb_error *err)
{
    const struct jb_value *const x = jb_op_ranked(call, 0);
    const size_t n = jb_op_ints(call, "cats_int64s", NULL, 0) + op__n_strings(call, "cats_strings");
    struct jb_dim sizes[JB_ONNX_DIMS_MAX];

    op__set_type(call, 0, JB_ONNX_FLOAT);
    if (!x || x->n_dims + 1 > JB_ONNX_DIMS_MAX)
        return JB_OK;
    for (size_t i = 0; i < x->n_dims; i++)
        sizes[i] = x->dims[i];
    sizes[x->n_dims] = jb_dim_number((int64_t)n);
    return jb_op_set(call, 0, JB_ONNX_FLOAT, sizes, x->n_dims + 1, err);
}

/* Features of several inputs side by side. */
static jb_rc feature_vectoriser(struct jb_op_call *call, struct jb_error *err)
{
    int64_t told[JB_ONNX_DIMS_MAX];
    const size_t n = jb_op_ints(call, "inputdimensions", told, JB_ONNX_DIMS_MAX);
    struct jb_dim sizes[2] = {rows_of(call), jb_dim_number(0)};

    if (n > JB_ONNX_DIMS_MAX)
        return JB_OK;
    for (size_t i = 0; i < n; i++)
        sizes[1] = jb_dim_add(call->dims, sizes[1], jb_dim_number(told[i]));
    return jb_op_set(call, 0, JB_ONNX_FLOAT, sizes, 2, err);
}

/* Maps and their likes: nothing is computed, and the shape is not a tensor's. */
static jb_rc nothing(struct jb_op_call *call, struct jb_error *err)
{
    (void)call;
    (void)err;
    return JB_OK;
}

const struct jb_op jb_ops_other[] = {
    {"", "TopK", top_k, 0, 0},
    {"", "Unique", unique, 0, 0},
    {"", "NonMaxSuppression", non_max_suppression, 0, 0},
    {"", "Det", determinant, 0, 0},
    {"", "RandomNormal", op__random, 0, 0},
    {"", "RandomUniform", op__random, 0, 0},
    {"", "RandomNormalLike", op__random_like, 0, 0},
    {"", "RandomUniformLike", op__random_like, 0, 0},
    {"", "Bernoulli", listed_like, 0, RANDOM},
    {"", "Multinomial", op__multinomial, 0, 0},
    {"", "StringConcat", string_concat, 0, 0},
    {"", "StringSplit", string_split, 0, 0},
    {"", "StringNormalizer", string_normalise, 0, 0},
    {"", "RegexFullMatch", op__like_bool, 0, 0},
    {"", "TfIdfVectorizer", tf_idf, 0, 0},
    {"", "ImageDecoder", image_decoder, 0, 0},

    {ML, "LinearClassifier", linear, 0, 1},
    {ML, "LinearRegressor", linear, 0, 0},
    {ML, "SVMClassifier", support_vectors, 0, 1},
    {ML, "SVMRegressor", support_vectors, 0, 0},
    {ML, "TreeEnsembleClassifier", trees, 0, 1},
    {ML, "TreeEnsembleRegressor", trees, 0, 0},
    {ML, "TreeEnsemble", trees, 0, 2},
    {ML, "Scaler", like_float, 2, 0},
    {ML, "Normalizer", like_float, 3, 0},
    {ML, "Binarizer", op__like, 1, 0},
    {ML, "Imputer", op__like, 1, 0},
    {ML, "LabelEncoder", label_encoder, 0, 0},
    {ML, "CategoryMapper", label_encoder, 0, 0},
    {ML, "OneHotEncoder", one_hot_encoder, 0, 0},
    {ML, "FeatureVectorizer", feature_vectoriser, 0, 0},
    {ML, "ArrayFeatureExtractor", op__array_feature, 0, 0},
    {ML, "CastMap", nothing, 0, 0},
    {ML, "DictVectorizer", nothing, 0, 0},
    {ML, "ZipMap", nothing, 0, 0},

    {MS, "Unique", unique, 0, 0},
    {MS, "Inverse", inverse, 0, 0},
    {MS, "SampleOp", op__like, 0, 0},
    {MS, "NGramRepeatBlock", listed_like, 0, WINDOW},
    {MS, "Tokenizer", listed, 0, TEXT},
    {MS, "MurmurHash3", listed_like, 0, TEXT},
    {MS, "BeamSearch", listed, 0, LOOP},
    {MS, "GreedySearch", listed, 0, LOOP},
    {MS, "Sampling", listed, 0, LOOP},
    {MS, "WhisperBeamSearch", listed, 0, LOOP},
    {MS, "BifurcationDetector", listed, 0, TEXT},
    {MS, "DynamicTimeWarping", listed, 0, WINDOW},
    {NULL, NULL, NULL, 0, 0},
};
