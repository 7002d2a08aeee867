/* SPDX-License-Identifier: Apache-2.0 */
/* What looks up and scatters: shapes and operations as the standard and R-COUNT-12 have them, worked out by hand. */
#include "op_case.h"

static const struct op_case cases[] = {
    {"Gather", 13, "f:30522,768|l:b,s", "", "1:b,s,768", "", NULL},
    {"Gather", 13, "f:3,4,5|l:", "axis:i=1", "1:3,5", "", NULL},
    {"Gather", 13, "i=2,n,4|s=-2", "", "7:", "", "n"},
    {"Gather", 13, "i=2,n,4|i=2,0,3", "", "7:3", "", "4,2,?"},
    {"GatherElements", 13, "f:3,4|l:2,4", "", "1:2,4", "", NULL},
    {"GatherND", 13, "f:2,3,4|l:5,2", "", "1:5,4", "", NULL},
    {"GatherND", 13, "f:2,3,4|l:2,6,1", "batch_dims:i=1", "1:2,6,4", "", NULL},
    {"ScatterElements", 18, "f:3,4|l:1,4|f:1,4", "reduction:t=add", "1:3,4", "4", NULL},
    {"ScatterND", 13, "f:8|l:4,1|f:4", "", "1:8", "", NULL},
    {"TensorScatter", 24, "f:2,9,4|f:2,3,4|l:2", "", "1:2,9,4", "", NULL},
    {"ai.onnx.ml:ArrayFeatureExtractor", 1, "f:3,4|l:1,2", "", "1:3,2", "", NULL},
    {"ai.onnx.ml:ArrayFeatureExtractor", 1, "f:7|l:2", "", "1:1,2", "", NULL},
};

int main(void)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(cases); i++)
        op_case_run(&cases[i]);
    return done_testing();
}
