/* SPDX-License-Identifier: Apache-2.0 */
/* Classical learning, texts, sorting: shapes and operations as the standard and R-COUNT-12 have them, worked out by hand. */
#include "op_case.h"

static const struct op_case cases[] = {
    {"TopK", 11, "f:2,9|i=4", "", "1:2,4|7:2,4", "-", NULL},
    {"TopK", 1, "f:2,9", "k:i=3;axis:i=0", "1:3,9|7:3,9", "-", NULL},
    {"TopK", 11, "f:2,9|?", "", "1:2,N.k|7:2,N.k", "-", NULL},
    {"Unique", 11, "f:6", "", "1:N.count|7:N.count|7:6|7:N.count", "-", NULL},
    {"Unique", 11, "f:4,3", "axis:i=0", "1:N.count,3|7:N.count|7:4|7:N.count", "-", NULL},
    {"NonMaxSuppression", 11, "f:1,6,4|f:1,1,6", "", "7:N.count,3", "-", NULL},
    {"Det", 11, "f:5,3,3", "", "1:5", "75", NULL},
    {"Bernoulli", 15, "f:4", "dtype:i=9", "9:4", "-", NULL},
    {"StringConcat", 20, "t:2,1|t:3", "", "8:2,3", "", NULL},
    {"StringSplit", 20, "t:2", "", "8:2,N.words|7:2", "", NULL},
    {"StringNormalizer", 10, "t:1,4", "stopwords:s=monday", "8:1,N.count", "", NULL},
    {"TfIdfVectorizer", 9, "l:2,6", "ngram_indexes:l=0,3,6", "1:2,7", "-", NULL},
    {"ImageDecoder", 20, "u:99", "", "2:N.height,N.width,3", "-", NULL},
    {"ai.onnx.ml:LinearClassifier", 1, "f:10,4",
     "coefficients:r=1,2,3,4,5,6,7,8,9,10,11,12;intercepts:r=1,2,3;classlabels_ints:l=0,1,2",
     "7:10|1:10,3", "120 macs", NULL},
    {"ai.onnx.ml:LinearRegressor", 1, "f:10,4", "coefficients:r=1,2,3,4;intercepts:r=1", "1:10,1",
     "40 macs", NULL},
    {"ai.onnx.ml:SVMRegressor", 1, "f:10,2", "support_vectors:r=1,2,3,4;coefficients:r=1,2",
     "1:10,1", "60 macs", NULL},
    {"ai.onnx.ml:TreeEnsembleClassifier", 3, "f:10,4", "classlabels_strings:s=a,b", "8:10|1:10,2",
     "-", NULL},
    {"ai.onnx.ml:TreeEnsemble", 5, "f:10,4", "n_targets:i=2", "1:10,2", "-", NULL},
    {"ai.onnx.ml:Scaler", 1, "l:3,4", "", "1:3,4", "24", NULL},
    {"ai.onnx.ml:LabelEncoder", 2, "t:3", "values_int64s:l=1,2", "7:3", "", NULL},
    {"ai.onnx.ml:OneHotEncoder", 1, "l:3", "cats_int64s:l=1,2", "1:3,2", "", NULL},
    {"ai.onnx.ml:FeatureVectorizer", 1, "f:3,4|f:3,2", "inputdimensions:l=4,2", "1:3,6", "", NULL},
    {"com.microsoft:Inverse", 1, "f:2,3,3", "", "1:2,3,3", "54 macs", NULL},
    {"com.microsoft:BeamSearch", 1, "l:2,3", "", "0", "-", NULL},
};

int main(void)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(cases); i++)
        op_case_run(&cases[i]);
    return done_testing();
}
