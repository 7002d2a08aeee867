/* SPDX-License-Identifier: Apache-2.0 */
/* Normalisations, softmax, losses, dropout: shapes and operations as the standard and R-COUNT-12 have them, worked out by hand. */
#include "op_case.h"

static const struct op_case cases[] = {
    {"BatchNormalization", 15, "f:2,3,4|f:3|f:3|f:3|f:3", "", "1:2,3,4", "102", NULL},
    {"BatchNormalization", 15, "f:2,3,4|f:3|f:3|f:3|f:3", "training_mode:i=1", "1:2,3,4|1:3|1:3",
     "222", NULL},
    {"LayerNormalization", 17, "f:2,3,4|f:4|f:4", "", "1:2,3,4|1:2,3,1|1:2,3,1", "198", NULL},
    {"LayerNormalization", 17, "f:2,3,4|f:3,4|", "axis:i=1", "1:2,3,4|1:2,1,1", "154", NULL},
    {"RMSNormalization", 23, "f:2,4|f:4", "", "1:2,4", "40", NULL},
    {"SimplifiedLayerNormalization", 1, "f:2,4|f:4", "", "1:2,4|1:2,1", "40", NULL},
    {"InstanceNormalization", 6, "f:2,3,4,5|f:3|f:3", "", "1:2,3,4,5", "870", NULL},
    {"GroupNormalization", 21, "f:2,4,5|f:4|f:4", "num_groups:i=2", "1:2,4,5", "300", NULL},
    {"LpNormalization", 1, "f:2,5", "axis:i=1;p:i=2", "1:2,5", "32", NULL},
    {"LpNormalization", 1, "f:2,5", "axis:i=1;p:i=1", "1:2,5", "30", NULL},
    {"MeanVarianceNormalization", 13, "f:2,3,4,5", "", "1:2,3,4,5", "618", NULL},
    {"LRN", 13, "f:2,3", "size:i=3", "1:2,3", "42", NULL},
    {"com.microsoft:SkipLayerNormalization", 1, "f:1,2,4|f:1,2,4|f:4|f:4|f:4", "",
     "1:1,2,4|1:1,2,1|1:1,2,1|1:1,2,4", "82", NULL},
    {"com.microsoft:SkipSimplifiedLayerNormalization", 1, "f:1,2,4|f:1,2,4|f:4", "", "1:1,2,4",
     "48", NULL},
    {"com.microsoft:EmbedLayerNormalization", 1, "l:2,3|l:2,3|f:9,4|f:5,4|f:2,4|f:4|f:4", "",
     "1:2,3,4|6:2", "246", NULL},
    {"com.microsoft:GroupNorm", 1, "f:2,3,3,4|f:4|f:4", "groups:i=2;activation:i=1", "1:2,3,3,4",
     "884", NULL},
    {"Softmax", 13, "f:b,12,s,s", "", "1:b,12,s,s", "60*b*s^2", NULL},
    {"LogSoftmax", 13, "f:2,3,4", "axis:i=1", "1:2,3,4", "128", NULL},
    {"LogSoftmax", 11, "f:2,3,4", "axis:i=1", "1:2,3,4", "122", NULL},
    {"NegativeLogLikelihoodLoss", 13, "f:3,5,2|l:3,2", "reduction:t=none", "1:3,2", "6", NULL},
    {"NegativeLogLikelihoodLoss", 13, "f:3,5|l:3|f:5", "", "1:", "12", NULL},
    {"SoftmaxCrossEntropyLoss", 13, "f:3,5|l:3", "", "1:|1:3,5", "84", NULL},
    {"Dropout", 13, "f:8", "", "1:8|9:8", "", NULL},
    {"Dropout", 13, "f:8|f:|s=1", "", "1:8", "24", NULL},
    {"Dropout", 7, "f:8", "", "1:8|1:8", "", NULL},
    {"com.microsoft:BiasDropout", 1, "f:8|f:8|f:8", "", "1:8|9:8", "16", NULL},
};

int main(void)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(cases); i++)
        op_case_run(&cases[i]);
    return done_testing();
}
